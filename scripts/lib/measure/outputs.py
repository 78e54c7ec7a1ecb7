"""results.json, results.csv and the table on the terminal."""
import csv
import io
import json

from . import plan, stats

COLUMNS = ("device", "scheduler", "queue_mode", "submit_queues", "lock_model", "job", "numjobs",
           "repeats", "iops", "iops_min", "iops_max", "spread", "difference", "against", "mib_s",
           "p50_us", "p95_us", "p99_us", "p999_us", "acquisitions", "contended", "wait_ns", "hold_ns")


def to_json(meta, found, store, problems):
    return json.dumps({
        "schema": 1, **meta, "runs": found, "problems": problems,
        "locks": store.of("locks"), "perf": store.of("perf"), "timelines": store.of("timeline"),
    }, indent=1) + "\n"


def from_json(path):
    """A results.json. Raises OSError, and ValueError for another file."""
    try:
        with open(path, encoding="utf-8") as f:
            old = json.load(f)
        whole_ = old["schema"] == 1 and {"title", "kernel", "machine", "options", "commands", "job_files"} <= set(old) \
            and isinstance(old["machine"], dict) and isinstance(old["options"], dict) \
            and all({"object", "what", "why"} <= set(p) for p in old["problems"]) \
            and all(plan.Case.of_key(r["case"]) and [s["iops"] + r["iops"] for s in r["samples"]] for r in old["runs"])
    except (ValueError, KeyError, TypeError, AttributeError):
        whole_ = False
    if not whole_:
        raise ValueError("not a results.json of compare-schedulers or lock-contention")
    return old


def to_csv(found):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for run in found:
        writer.writerow(["" if run[c] is None else run[c] for c in COLUMNS])
    return text.getvalue()


def whole(value):
    return "-" if value is None else f"{value:,.0f}"


def percent(part):
    return "-" if part is None else f"{part:.1%}"


def contended_part(run):
    """Contended acquisitions of the driver's own locks, as a fraction of all."""
    if run["contended"] is None:
        return None
    return run["contended"] / run["acquisitions"] if run["acquisitions"] else 0.0


def wait_us(run):
    """How long one contended acquisition waited."""
    return run["wait_ns"] / run["contended"] / 1000 if run["contended"] else None


def table_rows(found):
    """(heading, ...), [(cell, ...)]; the lock columns only where a run has counters."""
    locks = any(r["contended"] is not None for r in found) \
        and any(r["lock_model"] != "none" for r in found)
    head = ["job", "jobs", "series", "IOPS", "spread", "difference", "MiB/s", "p50 us", "p99 us"]
    if locks:
        head += ["acquired", "contended", "part", "us a wait"]
    rows = []
    for r in found:
        row = [r["job"], str(r["numjobs"]), r["series"], whole(r["iops"]), percent(r["spread"]),
               stats.said(r["difference"]) if r["against"] else "",
               whole(r["mib_s"]), whole(r["p50_us"]), whole(r["p99_us"])]
        if locks:
            row += [whole(r["acquisitions"]), whole(r["contended"]),
                    "-" if contended_part(r) is None else f"{contended_part(r):.2%}",
                    "-" if wait_us(r) is None else f"{wait_us(r):.1f}"]
        rows.append(row)
    return head, rows


def table(found):
    head, rows = table_rows(found)
    widths = [max(len(str(line[i])) for line in [head, *rows]) for i in range(len(head))]
    lines = []
    for line in [head, *rows]:
        cells = [c.ljust(w) if i in (0, 2) else c.rjust(w)
                 for i, (c, w) in enumerate(zip(line, widths))]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)
