"""Runs that are looked at closely: locks of the whole kernel, hot symbols, a timeline.

They are runs of their own, because looking costs: no figure comes from them."""
import json
import os
import re
import select
import signal
import subprocess

from . import devices, shell, sources

LOCK_SOURCES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                            "lock-sources")
COUNTS = ("acquisitions", "contended", "wait_ns", "hold_ns")
# So many locks other than the driver's are kept: those that were waited for most often.
MOST_LOCKS = 25
# Requests in a timeline: what a plot can show.
MOST_REQUESTS = 120


def counters(case, path):
    """Those of the driver's own locks: [] without a lock model, None where nothing counts."""
    if case.device:
        return None
    return [] if case.lock_model == "none" else devices.locks(path)


def lock_delta(before, after):
    """What the counters of the driver's own locks rose by, one entry for each lock."""
    if before is None or after is None:
        return None
    old = {(e["name"], e.get("hctx")): e for e in before}
    total = {}
    for e in after:
        was = old.get((e["name"], e.get("hctx")), {})
        into = total.setdefault(e["name"], {"lock": e["name"], **{c: 0 for c in COUNTS}})
        for c in COUNTS:
            into[c] += (e.get(c) or 0) - (was.get(c) or 0)
    return list(total.values())


def locks(_job, case, path, dir_, fio):
    """What lock-sources sees of every lock while the job runs, and what the driver counts then."""
    def stop():
        shell.run([LOCK_SOURCES, "stop", dir_], timeout=300, shown="scripts/lib/lock-sources stop DIR")

    try:
        shell.run([LOCK_SOURCES, "start", dir_], timeout=300,
                  shown="scripts/lib/lock-sources start DIR")
        before = counters(case, path)
        fio()
        own = lock_delta(before, counters(case, path))
    except BaseException:
        # What it switched on, even half, would slow all that follows; what went wrong came before.
        try:
            stop()
        except shell.Failed:
            pass
        raise
    stop()
    found = sources.read(dir_)
    for k in found["locks"]:
        # A wait that ended before it began: the clock was changed meanwhile.
        if (k["wait_ns"] or 0) >= 1 << 62:
            k["wait_ns"] = None
    # The driver's own are kept even if nobody waited for them: that is worth knowing.
    return {**found, "own": own,
            "locks": [k for i, k in enumerate(found["locks"]) if (i < MOST_LOCKS and k["contended"]) or of_model(k)]}


def of_model(k):
    """Is it a lock of lock_model? By its class or, without one, by who takes it."""
    return k.get("owner") == "driver" and ((k.get("class") or "").startswith("haltblk_lock_")
                                           or (k.get("site") or "").startswith("haltblk_lockmodel_"))


def perf(_job, _case, _path, dir_, fio):
    """The kernel symbols that most samples fall on."""
    if not shell.which("perf"):
        raise shell.Failed("perf", "not installed: apt-get install linux-perf")
    data = os.path.join(dir_, "perf.data")
    control = [os.path.join(dir_, name) for name in ("control", "ack")]
    for path in [data, *control]:
        if os.path.exists(path):
            os.unlink(path)
    for path in control:
        os.mkfifo(path)
    # A clock: emulated CPUs have no counters. Of the kernel only, and without build ids: looking
    # those up, and the symbols of programs, takes an emulated guest half a minute.
    command = ["perf", "record", "-q", "-e", "cpu-clock:k", "-a", "-B", "-N", "-D", "-1",
               "--control=fifo:" + ",".join(control), "-o", data]
    shell.commands["perf record -q -e cpu-clock:k -a -B -N -o FILE"] = True
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, preexec_fn=shell.die_with_us) as p:
        try:
            if begun(p, control):
                fio()
        finally:
            p.send_signal(signal.SIGINT)
            err = shell.end(p, 300)
    # Ended before it was told to, it has said why: a kernel without perf events, say.
    if not os.path.exists(data) or not os.path.getsize(data):
        why = re.search(r".*syscall returned.*", err)
        raise shell.Failed("perf", "records nothing here: " + (why[0] if why else shell.last_line(err)))
    text = shell.run(["perf", "report", "-i", data, "--stdio", "-g", "none", "--no-children",
                      "--sort", "symbol", "-t", "|", "--percent-limit", "0.01"], timeout=600,
                     shown="perf report --stdio --no-children --sort symbol -i FILE")
    symbols = hot(text)
    if not symbols:
        raise shell.Failed("perf", "no sample in the kernel: " + shell.last_line(err + text))
    return {"symbols": symbols}


def begun(process, control):
    """Has perf record said that it samples? It takes seconds to get there in an emulated guest."""
    ctl, ack = (os.open(path, os.O_RDWR | os.O_NONBLOCK) for path in control)
    try:
        os.write(ctl, b"enable\n")
        for _ in range(600):
            if select.select([ack], [], [], 0.2)[0]:
                return True
            if process.poll() is not None:
                return False
        return False
    finally:
        os.close(ctl)
        os.close(ack)


def hot(text):
    """What perf report printed: symbols of the kernel, of the time it was not idle."""
    symbols = []
    for line in text.splitlines():
        m = re.match(r"\s*([\d.]+)%\s*\|\s*\[k\]\s+([^\s|]+)", line)
        # An idle CPU is no cost.
        if m and not re.search(r"safe_halt|default_idle|cpu_idle|cpuidle|mwait", m[2]):
            symbols.append({"symbol": m[2], "percent": float(m[1])})
    whole = sum(s["percent"] for s in symbols)
    for s in symbols:
        s["percent"] = round(100 * s["percent"] / whole, 1)
    return symbols[:20]


TRACING = "/sys/kernel/tracing"


class Queued:
    """When the block layer was given what became a request: its own trace events, by sector.

    The driver's records begin when a request reaches the driver."""

    def __init__(self, path):
        number = os.stat(path).st_rdev
        self.dev = (os.major(number) << 20) | os.minor(number)
        self.dir = os.path.join(TRACING, "instances", f"measure-{os.getpid()}")
        self.on = False

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="ascii") as f:
            f.write(text)

    def __enter__(self):
        try:
            os.mkdir(self.dir)
            self.write("trace_clock", "mono")
            self.write("events/block/block_bio_queue/filter", f"dev == {self.dev}")
            self.write("events/block/block_bio_queue/enable", "1")
            self.on = True
        except OSError:
            pass  # this kernel has none: the timeline begins at dispatch
        return self

    def __exit__(self, *_):
        try:
            self.write("events/block/block_bio_queue/enable", "0")
        except OSError:
            pass
        try:
            os.rmdir(self.dir)
        except OSError:
            pass

    def times(self):
        """{sector: [time_us ...]}"""
        found = {}
        if self.on:
            with open(os.path.join(self.dir, "trace"), encoding="utf-8", errors="replace") as f:
                for m in re.finditer(r" (\d+\.\d+): block_bio_queue: \S+ \S+ (\d+) \+", f.read()):
                    found.setdefault(int(m[2]), []).append(float(m[1]) * 1e6)
        return found


def timeline(job, _case, path, dir_, _fio):
    """A few requests from their way in to their end, one of them held meanwhile."""
    name = os.path.basename(path)
    command = ["haltblk", "events", name, "--follow", "--json"]
    shell.commands["haltblk events ... --follow --json"] = True
    events = os.path.join(dir_, "events")
    # Some requests, not some seconds.
    text = job.adapted(1, 0, 1, more=[f"number_ios={MOST_REQUESTS}"], without=("time_based", "runtime", "numjobs"))
    file = os.path.join(dir_, "timeline.fio")
    with open(file, "w", encoding="utf-8") as f:
        f.write(text)
    shell.run(["haltblk", "break", name, "media", "TIMELINE", f"skip={MOST_REQUESTS // 4}"],
              shown=f"haltblk break ... media TIMELINE skip={MOST_REQUESTS // 4}")
    try:
        with open(events, "w", encoding="utf-8") as out, Queued(path) as queued, \
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                 preexec_fn=shell.die_with_us) as watcher:
            try:
                watched(name, file, path, job)
            finally:
                watcher.send_signal(signal.SIGINT)
                shell.end(watcher, 60)
            times = queued.times()
    finally:
        shell.run(["haltblk", "remove", name, "TIMELINE"], shown="haltblk remove ... TIMELINE")
    return {"requests": requests(events, times)}


def watched(name, file, path, job):
    """fio with one request held until the device has nothing else left to do."""
    env = {**os.environ, "DEV": path}
    with subprocess.Popen(["fio", "--section=" + job.section, "--output=/dev/null", file], env=env,
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          preexec_fn=shell.die_with_us) as fio:
        try:
            shell.run(["haltblk", "wait", name, "TIMELINE", "--timeout", "60"],
                      shown="haltblk wait ... TIMELINE")
            shell.run(["haltblk", "settle", name, "--inflight", "1", "--held", "1", "--timeout", "20"],
                      shown="haltblk settle ... --inflight 1 --held 1")
        except shell.Failed:
            pass  # more than one is stuck behind it: that is seen, too
        finally:
            shell.run(["haltblk", "resume", name, "--all"], shown="haltblk resume ... --all")
        shell.end(fio, 120)


def requests(path, queued):
    """One entry for each request: times in us from the first."""
    found = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            try:
                e = json.loads(line)
            except ValueError:
                continue
            if e["what"] == "lost":
                continue
            r = found.setdefault(e["id"], {"hctx": e["hctx"], "op": e["op"], "held": None,
                                           "released": None, "sector": e["sector"]})
            r[e["what"]] = e["time_us"]
    whole = [r for r in found.values() if "submitted" in r and ("completed" in r or "failed" in r)]
    for r in whole:
        r["end"] = r.pop("completed", None) or r.pop("failed", None)
        before = [t for t in queued.get(r["sector"], []) if t <= r["submitted"] + 1]
        r["queued"] = round(max(before)) if before else None
    whole = sorted(whole, key=lambda r: r["queued"] or r["submitted"])[:MOST_REQUESTS]
    if not whole:
        raise shell.Failed("haltblk events", "no request was seen whole")
    start = min(r["queued"] or r["submitted"] for r in whole)
    for r in whole:
        for k in ("queued", "submitted", "held", "released", "end"):
            if r.get(k) is not None:
                r[k] -= start
    return whole
