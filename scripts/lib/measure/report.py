"""report.html: one file with everything, including the plots."""
import base64
import os
from html import escape

from . import observe, outputs, plan, stats, summary
from .plots import WIDTH

STYLE = """
:root { color-scheme: light }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 3rem;
  color: #222; background: #fff }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem } h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem }
p, li { max-width: 46rem } .quiet { color: #666; font-size: .9rem }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem }
figure { margin: 0; border: 1px solid #ddd; border-radius: 4px; padding: .4rem; background: #fff }
img { width: 100%; height: auto; display: block }
.wide { overflow-x: auto; border: 1px solid #ddd; border-radius: 4px }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums }
.wide table { min-width: 100% }
th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #eee }
th { background: #f4f5f6; font-weight: 600 } tr:last-child td { border-bottom: 0 }
th.t, td.t { text-align: left }
pre { background: #f4f5f6; padding: .7rem .9rem; overflow-x: auto; font-size: .8rem; line-height: 1.45; border-radius: 4px }
.problem { border-left: 4px solid #b5403a; background: #fbf3f2; padding: .5rem .9rem; margin: 1rem 0 }
.problem ul { margin: .2rem 0; padding-left: 1.1rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 }
dt { color: #666 } dd { margin: 0; overflow-wrap: anywhere }
summary { cursor: pointer; font-weight: 600; margin: .5rem 0 }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } body { font-size: 15px } }
"""


def e(value):
    return escape(str(value))


def html_table(head, rows, text=()):
    """text: indices of the columns that hold words."""
    def line(tag, cells):
        return "<tr>" + "".join(f"<{tag}{' class=t' if i in text else ''}>{e(c)}</{tag}>"
                                for i, c in enumerate(cells)) + "</tr>"
    return ("<div class=wide><table><thead>" + line("th", head) + "</thead><tbody>"
            + "".join(line("td", r) for r in rows) + "</tbody></table></div>")


def figure(plot, out):
    try:
        with open(os.path.join(out, plot.name + ".svg"), "rb") as f:
            data = base64.b64encode(f.read()).decode()
    except OSError:
        return ""
    return (f'<figure><img src="data:image/svg+xml;base64,{data}" width={WIDTH} height={plot.height} '
            f'alt="{e(plot.title + ": " + plot.alt)}"></figure>')


def figures(plots, out, prefixes):
    found = [figure(p, out) for p in plots if p.name.startswith(prefixes)]
    found = [f for f in found if f]
    return "<div class=plots>" + "".join(found) + "</div>" if found else ""


def problem_box(problems):
    if not problems:
        return ""
    return ("<div class=problem><b>Not measured, or not as asked</b><ul>"
            + "".join(f"<li>{e(p['object'])}: {e(p['what'])}: {e(p['why'])}</li>" for p in problems)
            + "</ul></div>")


def findings(found):
    repeats = min(r["repeats"] for r in found)
    text = "<h2>What was found</h2><ul>"
    for name, head, words in summary.findings(found):
        text += f"<li><b>{e(name)}</b>: {e(head)}"
        if words:
            text += "".join(f"<br><span class=quiet>{e(w)}</span>" for w in words)
        text += "</li>"
    return text + ("</ul><p class=quiet>Figures are medians. The spread is the range from the least to the most "
                   "of all repeats. Where the ranges of two cases overlap, the difference is within the "
                   "spread and is reported as none."
                   + (f" With {repeats} repeats equals lie apart by chance in one comparison of "
                      f"{stats.by_chance(repeats)}." if repeats > 1 else "") + "</p>")


def own_locks(meta, found):
    """The lock model, from its own counters."""
    mine = [r for r in found if r["lock_model"] != "none"]
    if not mine:
        return ""
    text = "<h2>The driver's own locks</h2>"
    if all(r["contended"] is None for r in mine):
        return text + "<p>This driver has no counters for them: the counts are unknown, not zero.</p>"
    hold = [w for w in meta["options"]["device"] if w.startswith("lock_hold_nsec=")]
    text += ("<p>Counted by the lock model itself, which tries a lock first and then waits for it. "
             + (f"Each is held {e(hold[-1].split('=')[1])} ns longer than necessary, like the lock of a driver that "
                "writes to a device's registers under it. " if hold else "")
             + "Counts are from the last repeat, warm-up included; the table of all figures has medians.</p>")
    rows = []
    for r in mine:
        for lock in r["locks"] or []:
            part = lock["contended"] / lock["acquisitions"] if lock["acquisitions"] else 0
            rows.append([r["job"], r["series"], r["numjobs"], lock["lock"],
                         outputs.whole(lock["acquisitions"]), outputs.whole(lock["contended"]),
                         f"{part:.2%}", f"{lock['wait_ns'] / lock['contended'] / 1000:.1f}"
                         if lock["contended"] else "-", f"{lock['wait_ns'] / 1e6:.1f}"])
    return text + html_table(["job", "series", "jobs", "lock", "acquired", "contended",
                              "part", "us a wait", "ms waited"], rows, (0, 1, 3))


def by_both(samples, called):
    """Locks of the lock model in one run, as the driver and as the kernel counted them."""
    rows = []
    for s in samples:
        if not s.get("own") or not s["source"]:
            continue
        seen = [k for k in s["locks"] if observe.of_model(k)]
        # If there is a reason, they are unknown, not zero.
        hidden = not seen and any(not why.startswith("how long") for why in (s["reason"] or "how long").split("; "))

        def added(entries, name):
            values = [k[name] for k in entries]
            return None if None in values or (hidden and entries is seen) else sum(values)

        def ms(value):
            return "-" if value is None else f"{value / 1e6:.1f}"

        rows.append([called[s["case"]], *(outputs.whole(added(s["own"], n)) for n in ("acquisitions", "contended")),
                     ms(added(s["own"], "wait_ns")), s["source"],
                     outputs.whole(added(seen, "acquisitions")) if seen else "-",
                     outputs.whole(added(seen, "contended")), ms(added(seen, "wait_ns"))])
    if not rows:
        return ""
    text = ("<p>The driver's own locks in the same run, by its own counters and by the kernel's. The driver counts "
            "everyone who does not get a lock at once.")
    if any(r[4] == "contention" for r in rows):
        text += (" The kernel's tracepoints show a spinlock only from the second that waits for it on, and do not show "
                 "how often it is taken.")
    if any(r[4] == "lock_stat" for r in rows):
        text += (" A kernel with lock_stat is one for debugging and does much more work beside the locks: "
                 "compare its lines with each other, not with another kernel's.")
    return text + "</p>" + html_table(["", "driver: acquired", "contended", "ms waited", "kernel's source", "acquired",
                                       "contended", "ms waited"], rows, (0, 4))


def other_locks(store, called):
    """Every lock, by class and call site; or why nothing is known about them."""
    samples = [s for s in store.of("locks") if s["case"] in called]
    if not samples:
        return ""
    text = ("<h2>Every lock, by the kernel</h2><p>One extra run each. No other figure comes from it, because looking "
            "costs.</p>" + by_both(samples, called))
    silent = {}
    for s in samples:
        label = called[s["case"]]
        if s["locks"]:
            rows = [[k.get("class") or "?", k.get("owner") or "",
                     *(outputs.whole(k.get(n)) for n in ("acquisitions", "contended")),
                     f"{k['wait_ns'] / k['contended'] / 1000:.1f}"
                     if k.get("contended") and k.get("wait_ns") is not None else "-", k.get("site") or ""]
                    for k in s["locks"]]
            text += f"<h3>{e(label)}</h3><p class=quiet>From {e(s['source'])}"
            text += f": {e(s['reason'])}" if s["reason"] else ""
            text += ". &ldquo;-&rdquo;: this source does not count that.</p>"
            text += html_table(["class", "of", "acquired", "contended", "us a wait", "call site"],
                               rows, (0, 1, 5))
        else:
            silent.setdefault((s["source"], s["reason"]), []).append(label)
    for (source, reason), labels in silent.items():
        # Without a look they are unknown, not zero.
        if not source:
            why = f"there was nothing to look at, so nothing is known: {reason}"
        elif reason:
            why = f"{source} shows nothing, which does not mean zero: {reason}"
        else:
            why = f"{source} saw no wait"
        text += f"<p><b>{e('; '.join(labels))}</b>: {e(why)}.</p>"
    return text


def perf(store, called):
    samples = [s for s in store.of("perf") if s["case"] in called]
    if not samples:
        return ""
    text = ("<h2>Where the kernel's time goes</h2><p>The hottest symbols of one extra run each, as a "
            "part of all samples in the kernel while it was not idle (perf, cpu-clock).</p><div class=plots>")
    for s in samples:
        text += (f"<div><h3>{e(called[s['case']])}</h3>"
                 + html_table(["symbol", "%"], [[k["symbol"], f"{k['percent']:.1f}"]
                                                for k in s["symbols"][:12]], (0,)) + "</div>")
    return text + "</div>"


def timelines(store, plots, out):
    drawn = figures(plots, out, ("timeline-",))
    if not drawn:
        return ""
    queued = any(r["queued"] is not None for s in store.of("timeline") for r in s["requests"])
    return ("<h2>Requests by hardware queue</h2><p>The first requests of a run, one line each, in the order in "
            "which they came. One is held at <code>media</code> until the device has nothing else to do. From "
            "<code>haltblk events</code>; "
            + ("the time of queueing is from the kernel's <code>block_bio_queue</code>." if queued else
               "this kernel does not show when they were queued (no <code>block_bio_queue</code>).")
            + "</p>" + drawn)


def baseline(pairs, name, unlike):
    if pairs is None:
        return ""
    text = f"<h2>Against {e(name)}</h2>"
    if unlike:
        text += ("<p>The two runs also differ in this, which may be the cause of a difference:</p><ul>"
                 + "".join(f"<li>{e(u)}</li>" for u in unlike) + "</ul>")
    if not pairs:
        return text + "<p>No run of that file is of one of these cases.</p>"
    rows = [[r["job"], r["numjobs"], r["series"], outputs.whole(o["iops"]), outputs.whole(r["iops"]),
             stats.said(part)] for r, o, part in pairs]
    return text + html_table(["job", "jobs", "series", "IOPS then", "IOPS now", "difference"], rows, (0, 2))


def particulars(meta):
    m = meta["machine"]
    facts = [
        ("kernel", meta["kernel"]), ("machine", f"{m['cpu']}, {m['cpus']} CPUs, {m['memory_mib']} MiB"),
        ("is", m["virtual"]), ("driver", meta["driver"]), ("fio", meta["fio"]),
        ("device", " ".join(meta["options"]["device"])), ("runtime", f"{meta['options']['runtime']:g} s after "
         f"{meta['options']['warmup']:g} s warm-up"), ("repeats", meta["options"]["repeats"]),
        ("seed of the order", meta["options"]["seed"]), ("started", meta["started"]),
        ("command", meta["command"]),
    ]
    text = "<h2>How it was measured</h2><dl>"
    text += "".join(f"<dt>{e(k)}</dt><dd>{e(v)}</dd>" for k, v in facts if v) + "</dl>"
    text += "<details><summary>Commands</summary><pre>" + e("\n".join(meta["commands"])) + "</pre></details>"
    text += ("<p class=quiet>The values above and in the table replace a job file's runtime, ramp_time and "
             "numjobs.</p>")
    for name, body in meta["job_files"].items():
        text += f"<details><summary>{e(name)}.fio</summary><pre>{e(body)}</pre></details>"
    return text


def page(meta, found, problems, store, cases, plots, out, pairs=None, baseline_name="", unlike=(), before=""):
    label = {c.key: f"{c.job}, {called[1]}" for c, called in plan.names(cases).items()}
    title = meta["title"]
    head, rows = outputs.table_rows(found)
    m = meta["machine"]
    body = [
        f"<h1>{e(title)}</h1>",
        f"<p class=quiet>Linux {e(meta['kernel'])}, {m['cpus']} CPUs ({e(m['virtual'])}), "
        f"{e(meta['started'])}; {len(found)} configurations, {sum(r['repeats'] for r in found)} runs.</p>",
        problem_box(problems),
        before,
    ]
    if found:
        body.append(findings(found))
        if m["virtual"].endswith("counts instructions"):
            body.append("<p>Compare figures only with each other: a second is 1,000,000,000 instructions of the one CPU "
                        "here, and waiting takes no time. They show how much work each way takes, and nothing of "
                        "what several CPUs do to each other.</p>")
        elif m["virtual"].endswith("take turns"):
            body.append("<p>The CPUs of this guest took turns on one of the host's. Compare how often a lock was found "
                        "taken, and how long the waits for it were, but not throughput: together they are as fast as one.</p>")
        elif m["virtual"] != "real hardware":
            body.append("<p>Compare figures only with each other: this was a guest. An emulated CPU is slower than a real "
                        "one, and locks cost it more.</p>")
        locks = figures(plots, out, ("locks-",))
        if locks:
            body += ["<h2>Locks and jobs</h2>", locks]
        body.append(own_locks(meta, found))
        body.append(other_locks(store, label))
        bars = figures(plots, out, ("iops-", "latency-", "jobs-"))
        body.append("<h2>Throughput and latency</h2>" + (bars or "<p>There are no plots: see above.</p>"))
        body.append(timelines(store, plots, out))
        body.append(perf(store, label))
        body.append(baseline(pairs, baseline_name, unlike))
        body += ["<h2>All figures</h2>", html_table(head, rows, (0, 2))]
    body.append(particulars(meta))
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{e(title)}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{STYLE}</style></head>\n<body>\n" + "\n".join(b for b in body if b)
            + "\n</body></html>\n")
