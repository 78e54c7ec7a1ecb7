"""From samples to results: an entry for each case, differences in words. No I/O."""
from . import stats
from .plan import LOCK_MODELS, MODES, SCHEDULERS, names

FIGURES = ("iops", "mib_s", "p50_us", "p95_us", "p99_us", "p999_us")
LOCK_COUNTS = ("acquisitions", "contended", "wait_ns", "hold_ns")


def runs(cases, samples):
    """One entry for each case that ran, in the order of the cases."""
    by_case = {}
    for s in samples:
        if s["kind"] == "run":
            by_case.setdefault(s["case"], []).append(s)
    called = names(cases)
    return [entry(c, by_case[c.key], called[c]) for c in cases if c.key in by_case]


def entry(case, samples, called):
    iops = [s["iops"] for s in samples]
    run = {
        "case": case.key,
        "device": case.device or "haltblk",
        "scheduler": case.scheduler,
        "queue_mode": MODES.get(case.mode),
        "submit_queues": case.queues or None,
        "lock_model": case.lock_model,
        "job": case.job,
        "numjobs": case.numjobs,
        "series": called[0],
        "label": called[1],
        "repeats": len(samples),
    }
    for name in FIGURES:
        values = [s[name] for s in samples if s.get(name) is not None]
        run[name] = round(stats.median(values), 2) if values else None
    part = stats.spread(iops)
    run["spread"] = None if part is None else round(part, 4)
    run["iops_min"], run["iops_max"] = min(iops), max(iops)
    for name in ("p50_us", "p99_us"):
        values = [s[name] for s in samples if s.get(name) is not None]
        run[name + "_min"], run[name + "_max"] = (min(values), max(values)) if values else (None, None)
    run.update(own_locks(samples))
    run["samples"] = [{n: s.get(n) for n in FIGURES} for s in samples]
    return run


def own_locks(samples):
    """Medians of the growth of the lock model's own counters in a run. None without counters."""
    counted = [s["locks"] for s in samples if s.get("locks") is not None]
    found = {}
    for name in LOCK_COUNTS:
        values = [sum(e[name] for e in locks) for locks in counted]
        found[name] = round(stats.median(values)) if values else None
    found["locks"] = counted[-1] if counted else None
    return found


def iops_of(run):
    return [s["iops"] for s in run["samples"]]


def compare(found):
    """Adds to each entry how it differs from its reference: the same case without a scheduler, or without
    a lock of the driver's. For these it is the one with the most queues."""
    for run in found:
        ref = reference(run, found)
        run["against"] = ref["label"] if ref else None
        run["difference"] = stats.difference(iops_of(run), iops_of(ref)) if ref else None


def reference(run, found):
    same = [r for r in found if r["job"] == run["job"] and r["numjobs"] == run["numjobs"]
            and r["device"] == run["device"] and r is not run]

    def first(**want):
        return next((r for r in same if all(r[k] == v for k, v in want.items())), None)

    if run["lock_model"] != "none":
        return first(lock_model="none", queue_mode=run["queue_mode"], scheduler=run["scheduler"],
                     submit_queues=run["submit_queues"])
    if run["scheduler"] != "none":
        return first(scheduler="none", queue_mode=run["queue_mode"], lock_model="none",
                     submit_queues=run["submit_queues"])
    most = max([r["submit_queues"] or 0 for r in same if r["queue_mode"] == 2], default=0)
    if run["queue_mode"] == 0 or (run["submit_queues"] or 0) < most:
        return first(scheduler="none", queue_mode=2, lock_model="none", submit_queues=most)
    return None


def findings(found):
    """A sentence or two for each job."""
    said = []
    for job, numjobs in dict.fromkeys((r["job"], r["numjobs"]) for r in found):
        group = [r for r in found if (r["job"], r["numjobs"]) == (job, numjobs)]
        times = f", {numjobs} jobs" if numjobs != 1 else ""
        words = []
        for against in dict.fromkeys(r["against"] for r in group if r["against"]):
            named_ = next(r["series"] for r in group if r["label"] == against)
            words.append(f"IOPS against {named_}: " + "; ".join(
                f"{r['series']}: {stats.said(r['difference']).replace('none', 'no difference')}"
                for r in group if r["against"] == against))
        locks = [f"{r['series']}: {r['contended'] / r['acquisitions']:.1%}"
                 for r in group if r["contended"] is not None and r["acquisitions"]]
        if locks:
            words.append("acquisitions that had to wait: " + ", ".join(locks))
        best = max(group, key=lambda r: r["iops"])
        rivals = [r["series"] for r in group if r is not best
                  and stats.difference(iops_of(best), iops_of(r)) in (0.0, None)]
        if len(group) > 1:
            head = f"most IOPS: {best['series']} ({best['iops']:,.0f})"
            if rivals:
                head += ", which cannot be told from " + ", ".join(rivals)
            said.append((job + times, head + ".", words))
        else:
            said.append((job + times, f"{best['series']}: {best['iops']:,.0f} IOPS.", words))
    return said


def against_baseline(found, baseline):
    """(entry, their entry, difference) for cases that both have."""
    def key(r):
        return tuple(r.get(k) for k in ("device", "scheduler", "queue_mode", "submit_queues",
                                        "lock_model", "job", "numjobs"))
    theirs = {key(r): r for r in baseline.get("runs", [])}
    pairs = []
    for run in found:
        other = theirs.get(key(run))
        if other:
            part = stats.difference(iops_of(run), iops_of(other))
            run["baseline"] = {"iops": other["iops"], "difference": part}
            pairs.append((run, other, part))
    return pairs


def unlike(meta, baseline):
    """Other differences between two results, which may be the cause."""
    def facts(m):
        o = m["options"]
        return {"kernel": m["kernel"], **{k: m["machine"].get(k) for k in ("cpu", "cpus", "virtual")},
                "driver": m.get("driver"), "fio": m.get("fio"), "runtime": o.get("runtime"),
                "warm-up": o.get("warmup"), "device": " ".join(o.get("device") or [])}
    now, then = facts(meta), facts(baseline)
    return [f"{k}: {then[k]} then, {now[k]} now" for k in now if now[k] != then[k]]


def color(run):
    """A scheduler or lock model has the same color in every plot."""
    schedulers = dict(zip(SCHEDULERS, ("#3b6ea5", "#d1793c", "#5d9b5d", "#9a5b9a")))
    models = dict(zip(LOCK_MODELS, ("#3b6ea5", "#5d9b5d", "#c9a227", "#b5403a")))
    if run["lock_model"] != "none":
        return models[run["lock_model"]]
    if run["queue_mode"] == 0:
        return "#777777"
    return schedulers.get(run["scheduler"], "#444444")
