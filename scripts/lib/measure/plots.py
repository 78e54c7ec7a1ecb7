"""Plots, as SVG and as PNG. One gnuplot draws them all, because it starts slowly in a guest."""
import os
import re

from . import plan, shell, summary
from .plan import LOCK_MODELS

# Readable on a telephone too, which draws it at 0.8 of this size.
WIDTH = 440
STYLE = """\
set datafile separator "\\t"
set encoding utf8
unset key
set border 3 lc rgb '#888888'
set grid xtics lc rgb '#dddddd' lt 1
set xtics nomirror textcolor rgb '#222222'
set ytics nomirror scale 0 textcolor rgb '#222222' noenhanced
set title font ',13' textcolor rgb '#222222' noenhanced
set style fill solid 0.9 noborder
"""


def safe(name):
    return re.sub(r"[^\w.-]+", "-", name)


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


class Plot:
    def __init__(self, name, title, alt, body, height):
        self.name, self.title, self.alt, self.body, self.height = name, title, alt, body, height

    def script(self, out):
        """Both formats from one body."""
        text = ""
        for terminal, file in (
                (f"svg size {WIDTH},{self.height} dynamic background '#ffffff' font 'sans-serif,13'", "svg"),
                (f"pngcairo size {2 * WIDTH},{2 * self.height} fontscale 2 linewidth 2 pointscale 2 "
                 "font 'sans,9'", "png")):
            text += f"reset\n{STYLE}set terminal {terminal}\n"
            text += f"set output {quoted(os.path.join(out, self.name + '.' + file))}\n"
            text += f"set title {quoted(self.title)}\n{self.body}\nunset output\n"
        return text


def block(name, rows):
    return f"${name} << END\n" + "\n".join("\t".join(str(c) for c in r) for r in rows) + "\nEND\n"


def rgb(color):
    return int(color[1:], 16)


def height(rows):
    return 84 + 26 * rows


def iops_bars(job, found):
    """A bar for each case, with its spread as a whisker and the figure beside it."""
    rows = [(-i, r["label"], r["iops"], r["iops_min"], r["iops_max"], rgb(summary.color(r)),
             f"{r['iops']:,.0f}") for i, r in enumerate(found)]
    most = max(r["iops_max"] for r in found)
    body = block("d", rows) + f"""\
set xrange [0:{most * 1.22:g}]
set yrange [{-len(rows) + 0.4}:0.6]
set xlabel 'IOPS: median; the line is the least to the most' textcolor rgb '#555555'
set format x '%.0s%c'
plot $d using (0):1:(0):3:($1-0.36):($1+0.36):6:yticlabels(2) with boxxyerror lc rgb variable, \\
     '' using 3:1:4:5 with xerrorbars pt 0 lw 1.5 lc rgb '#222222', \\
     '' using 5:1:7 with labels left offset 0.8,0 textcolor rgb '#222222' noenhanced"""
    alt = "; ".join(f"{r['label']} {r['iops']:,.0f}" for r in found)
    return Plot(f"iops-{safe(job)}", f"{job}: I/O a second", alt, body, height(len(rows)))


def time_said(us):
    """In the usual unit."""
    for unit, size in (("s", 1e6), ("ms", 1e3), ("us", 1)):
        if us >= size or unit == "us":
            return f"{us / size:g} {unit}"


def time_ticks(low, high):
    """Ticks of a logarithmic axis: few enough not to touch, and more than one."""
    for steps in ((1, 2, 5), (1, 3), (1,)):
        at = [round(s * 10.0 ** e, 6) for e in range(-1, 9) for s in steps if low <= s * 10.0 ** e <= high]
        if len(at) <= 6:
            break
    return ", ".join(f"{quoted(time_said(t))} {t:g}" for t in at)


def latency(job, found):
    """50th, 95th, 99th and 99.9th percentile on one line, logarithmic."""
    found = [r for r in found if r["p50_us"]]
    if not found:
        return None
    rows = [(-i, r["label"], *(max(r[p] or r["p50_us"], 0.1) for p in ("p50_us", "p95_us", "p99_us", "p999_us")),
             rgb(summary.color(r))) for i, r in enumerate(found)]
    low, high = min(r[2] for r in rows), max(r[5] for r in rows)
    body = block("d", rows) + f"""\
set logscale x
set xrange [{low / 1.5:g}:{high * 1.5:g}]
set yrange [{-len(rows) + 0.4}:0.6]
set xlabel 'done within: \u25cf 50 %  \u25cb 95 %  \u25a0 99 %  \u25a1 99.9 %' textcolor rgb '#555555'
set xtics ({time_ticks(low / 1.5, high * 1.5)})
plot $d using 3:1:($6-$3):(0):7:yticlabels(2) with vectors nohead lw 2 lc rgb variable, \\
     '' using 3:1:7 with points pt 7 ps 0.9 lc rgb variable, \\
     '' using 4:1:7 with points pt 6 ps 0.7 lc rgb variable, \\
     '' using 5:1:7 with points pt 5 ps 0.8 lc rgb variable, \\
     '' using 6:1:7 with points pt 4 ps 0.7 lc rgb variable"""
    alt = "; ".join(f"{r['label']} half within {r['p50_us']:g} us, 99% within {r['p99_us'] or 0:g} us"
                    for r in found)
    return Plot(f"latency-{safe(job)}", f"{job}: latency", alt, body, height(len(rows)))


def by_jobs(name, title, unit, found, value, low=None, high=None):
    """A line for each series over the number of jobs."""
    series = list(dict.fromkeys(r["series"] for r in found))
    body, parts, top = "", [], 0
    for i, s in enumerate(series):
        mine = sorted((r for r in found if r["series"] == s and value(r) is not None),
                      key=lambda r: r["numjobs"])
        if not mine:
            continue
        rows = [(r["numjobs"], value(r), low(r) if low else value(r), high(r) if high else value(r))
                for r in mine]
        top = max([top, *(r[3] for r in rows)])
        color = summary.color(mine[0])
        # Two series of one color (queues, modes) differ in dash and point.
        same = sum(summary.color(next(r for r in found if r["series"] == t)) == color
                   for t in series[:i])
        body += block(f"d{i}", rows)
        parts.append(f"$d{i} using 1:2:3:4 with yerrorlines lw 2 pt {7 + 2 * same} ps 0.7 "
                     f"dt {1 + same} lc rgb '{color}' title {quoted(s)}")
    if not parts:
        return None
    numbers = sorted({r["numjobs"] for r in found})
    body += f"""\
set key outside top center horizontal noenhanced textcolor rgb '#222222'
unset grid
set grid ytics lc rgb '#dddddd' lt 1
set xtics ({', '.join(str(n) for n in numbers)})
set xrange [{numbers[0] - 0.3}:{numbers[-1] + 0.3}]
set yrange [0:{top * 1.1 or 1:g}]
set format y '%.10g'
set xlabel 'jobs at once' textcolor rgb '#555555'
set ylabel {quoted(unit)} textcolor rgb '#555555'
plot {', '.join(parts)}"""
    if unit == "IOPS":
        body = body.replace("set format y '%.10g'", "set format y '%.0s%c'")
    alt = "; ".join(f"{r['series']}, {r['numjobs']} jobs: {value(r):g}" for r in found
                    if value(r) is not None)
    return Plot(name, title, alt, body, 360)


def times_by_jobs(name, title, found, value_us):
    """by_jobs() of a time, in a unit that suits the longest."""
    most = max((v for v in map(value_us, found) if v is not None), default=0)
    unit, size = next((u for u in (("seconds", 1e6), ("milliseconds", 1e3), ("microseconds", 1)) if most >= u[1]),
                      ("nanoseconds", 1e-3))
    return by_jobs(name, title, unit, found, lambda r: None if value_us(r) is None else value_us(r) / size)


def lock_plots(job, found):
    """Throughput and waiting over the number of jobs, a line for each lock model."""
    from .outputs import contended_part, wait_us  # figures as in the table
    found = sorted(found, key=lambda r: LOCK_MODELS.index(r["lock_model"]))
    job_ = safe(job)
    plots = [by_jobs(f"locks-iops-{job_}", f"{job}: throughput", "IOPS", found, lambda r: r["iops"],
                     lambda r: r["iops_min"], lambda r: r["iops_max"])]
    if any(r["contended"] is not None for r in found):
        plots += [
            by_jobs(f"locks-contended-{job_}", f"{job}: contended acquisitions of the driver's lock",
                    "% of all", found,
                    lambda r: None if contended_part(r) is None else 100 * contended_part(r)),
            times_by_jobs(f"locks-wait-{job_}", f"{job}: how long a contended acquisition waits",
                          [r for r in found if wait_us(r)], wait_us),
            times_by_jobs(f"locks-waiting-{job_}", f"{job}: waiting by acquisition of the driver's lock", found,
                          lambda r: None if r["wait_ns"] is None else r["wait_ns"] / max(r["acquisitions"], 1) / 1000),
        ]
    return [p for p in plots if p]


def timeline(case_label, requests):
    """Requests by hardware queue, from the top in the order in which they came."""
    queues = sorted({-1 if r["hctx"] is None else r["hctx"] for r in requests})
    rows, labels, y = [], [], 0
    for q in queues:
        mine = [r for r in requests if (-1 if r["hctx"] is None else r["hctx"]) == q]
        labels.append((y + len(mine) / 2, "bio" if q < 0 else f"hctx {q}"))
        for r in mine:
            first = r["submitted"] if r["queued"] is None else r["queued"]
            held = r["held"] if r["held"] is not None else r["end"]
            released = r["released"] if r["released"] is not None else held
            rows.append((-y, first, r["submitted"], held, released, r["end"]))
            y += 1
        y += 3
    # The held request would press the rest to the edge: the axis ends soon after the others do.
    free = [r["end"] for r in requests if r["held"] is None] or [r[5] for r in rows]
    end = max(free) * 1.2
    rows = [[r[0], *(min(v, end * 1.1) / 1000 for v in r[1:])] for r in rows]
    longest = max(((r["released"] or r["end"]) - r["held"] for r in requests if r["held"] is not None),
                  default=0)
    note = f", one held {longest / 1000:,.0f} ms" if longest else ""
    ticks = ", ".join(f"{quoted(text)} {-at:g}" for at, text in labels)
    body = block("d", rows) + f"""\
set xrange [0:{end / 1000:g}]
set yrange [{-y}:2]
set ytics ({ticks})
set xlabel 'milliseconds' textcolor rgb '#555555'
set key outside top center horizontal textcolor rgb '#222222'
plot $d using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb '#b9c2cc' title 'queued', \\
     '' using 3:1:($4-$3):(0) with vectors nohead lw 2.5 lc rgb '#3b6ea5' title 'dispatched', \\
     '' using 4:1:($5-$4):(0) with vectors nohead lw 3 lc rgb '#c0392b' title 'held', \\
     '' using 5:1:($6-$5):(0) with vectors nohead lw 2.5 lc rgb '#3b6ea5' notitle, \\
     '' using 6:1 with points pt 7 ps 0.3 lc rgb '#222222' title 'completed'"""
    held = sum(r["held"] is not None for r in requests)
    alt = f"{len(requests)} requests on {len(queues)} hardware queues, {held} of them held"
    return Plot(f"timeline-{safe(case_label)}", f"{case_label}: requests{note}", alt, body,
                min(120 + 4 * y, 700))


def all_of(found, store, cases):
    """All plots for which there is something to draw."""
    by_key, called = {c.key: c for c in cases}, plan.names(cases)
    plots = []
    for job in dict.fromkeys(r["job"] for r in found):
        mine = [r for r in found if r["job"] == job]
        several = len({r["numjobs"] for r in mine}) > 1
        if len({r["lock_model"] for r in mine}) > 1:
            plots += lock_plots(job, mine)
        elif several:
            plots.append(by_jobs(f"jobs-{safe(job)}", f"{job}: throughput by number of jobs", "IOPS",
                                 mine, lambda r: r["iops"], lambda r: r["iops_min"],
                                 lambda r: r["iops_max"]))
        plots += [iops_bars(job, mine), latency(job, mine)]
    for s in store.of("timeline"):
        if s["case"] in by_key:
            c = by_key[s["case"]]
            plots.append(timeline(f"{c.job}, {called[c][1]}", s["requests"]))
    return [p for p in plots if p]


def draw(plots, out):
    """Raises shell.Failed."""
    path = os.path.join(out, "plots.gnuplot")
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(p.script(out) for p in plots))
    shell.run(["gnuplot", path], timeout=600, shown="gnuplot plots.gnuplot")
