"""Turns the raw figures of bench-guest into figures: {(case, device): value}. No I/O.

A line begins with "= "; scripts/lib/bench-guest describes each. Other lines are ignored."""
import math

from .fiojob import json_of

# fio's clock is in milliseconds, and may be this far from ours.
CLOCKS_APART_MS = 10

UNITS = {"discard": "us", "discard-cpu": "us", "memory": "bytes", "unheld": "instructions",
         "resume-to-reader": "instructions", "hit-to-waiter": "instructions"}


def unit(case):
    if case.startswith("scale"):
        return "thousandths"
    return UNITS.get(case, "instructions per I/O")


class Bad(ValueError):
    """A line that bench-guest does not print, or an impossible figure."""


def whole(value):
    """The nearest whole number; halves are rounded up."""
    return math.floor(value + 0.5)


def per_io(jobs, took):
    """((case, device), ns per I/O) of each job; took: the nanoseconds of each."""
    if len(took) != len(jobs):
        raise Bad(f"{len(took)} of {len(jobs)} jobs were timed")
    for job, ns in zip(jobs, took):
        case, _, device = job["jobname"].partition("@")
        for part in (job["read"], job["write"]):
            if not part["total_ios"]:
                continue
            if abs(ns / 1e6 - part["runtime"]) > CLOCKS_APART_MS:
                raise Bad(f"{case} {device}: {ns} ns, by fio {part['runtime']} ms")
            yield (case, device), whole(ns / part["total_ios"])


class Reader:
    def __init__(self):
        self.kernel = ""
        self.figures = {}
        self.jobs = []  # fio's jobs, until the line with their times comes
        self.alone = {}  # (case, device): IOPS of one job

    def line(self, text):
        if not text.startswith("= "):
            return
        kind, _, rest = text[2:].partition(" ")
        read = getattr(self, "read_" + kind.replace("-", "_"), None)
        if not read:
            raise Bad(f"{kind}: no such figure")
        try:
            read(rest.strip())
        except (ValueError, KeyError, IndexError, TypeError) as e:
            raise e if isinstance(e, Bad) else Bad(f"{text[:60]}: {e!r}") from None

    def least(self, case, device, value):
        self.figures[case, device] = min(value, self.figures.get((case, device), value))

    def read_kernel(self, rest):
        self.kernel = rest

    def read_fio(self, rest):
        self.jobs = json_of(rest)["jobs"]

    def read_clock(self, rest):
        self.figures.update(per_io(self.jobs, [int(w) for w in rest.split()]))

    def read_discard(self, rest):
        device, us = rest.split()
        self.least("discard", device, int(us))

    def read_discard_cpu(self, rest):
        device, ns = rest.split()
        self.least("discard-cpu", device, int(ns) // 1000)

    def read_memory(self, rest):
        device, *numbers = rest.split()
        before, after, mib = map(int, numbers)
        # KiB over MiB of 4 KiB pages: bytes a page.
        self.figures["memory", device] = (after - before) * 4 // mib

    def read_wake(self, rest):
        case, device, ns = rest.split()
        self.figures[case, device] = int(ns)

    def read_scale(self, rest):
        case, device, cpus, text = rest.split(maxsplit=3)
        job = json_of(text)["jobs"][0]
        iops = whole(job["read"]["iops"] + job["write"]["iops"])
        if int(cpus) == 1:
            self.alone[case, device] = iops
        else:
            self.figures[f"scale{cpus}-{case}", device] = iops * 1000 // self.alone[case, device]


def read(lines):
    """(kernel, figures). Raises Bad."""
    reader = Reader()
    for line in lines:
        reader.line(line.rstrip("\r\n"))
    return reader.kernel, reader.figures
