"""Median, spread, and whether two figures differ."""
import math
import statistics


def median(values):
    return statistics.median(values)


def spread(values):
    """The range of the values, as a fraction of the median. None for one value."""
    middle = statistics.median(values)
    if len(values) < 2 or not middle:
        return None
    return (max(values) - min(values)) / middle


def difference(values, others):
    """How much the median of values exceeds that of others, as a fraction of the latter.

    0.0 if the ranges overlap, because a difference within the spread does not count. None if a list has
    only one value, which has no spread."""
    if len(values) < 2 or len(others) < 2 or not statistics.median(others):
        return None
    if min(values) <= max(others) and min(others) <= max(values):
        return 0.0
    return statistics.median(values) / statistics.median(others) - 1


def by_chance(repeats):
    """If nothing differs, the ranges are apart by chance in one of this many comparisons."""
    return math.comb(2 * repeats, repeats) // 2


def said(part):
    """A difference in words."""
    if part is None:
        return "unknown (one run)"
    if part == 0:
        return "none"
    return f"{part:+.0%}" if abs(part) >= 0.1 else f"{part:+.1%}"
