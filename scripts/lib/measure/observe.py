"""Closer looks at a run: locks of the whole kernel, hot symbols, a timeline.

Each look is a separate run, because it takes time. No other figures come from it."""
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
# Keep this many locks besides those of the driver: the ones that were waited for most often.
MOST_LOCKS = 25
# The most requests that a plot can show.
MOST_REQUESTS = 120


def counters(case, path):
    """The counters of the driver's own locks: [] without a lock model, None if nothing counts."""
    if case.device:
        return None
    return [] if case.lock_model == "none" else devices.locks(path)


def lock_delta(before, after):
    """The growth of the counters of the driver's own locks, one entry for each lock."""
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
    """All locks, as lock-sources sees them while the job runs, and the driver's own counts."""
    def stop():
        shell.run([LOCK_SOURCES, "stop", dir_], timeout=300, shown="scripts/lib/lock-sources stop DIR")

    try:
        shell.run([LOCK_SOURCES, "start", dir_], timeout=300,
                  shown="scripts/lib/lock-sources start DIR")
        before = counters(case, path)
        fio()
        own = lock_delta(before, counters(case, path))
    except BaseException:
        # Switch it off, or it would slow down the next runs. Report only the first error.
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
    # Keep the driver's own locks even if nobody waited for them: that is worth knowing.
    return {**found, "own": own,
            "locks": [k for i, k in enumerate(found["locks"]) if (i < MOST_LOCKS and k["contended"]) or of_model(k)]}


def of_model(k):
    """Is it a lock of lock_model? Its class shows that, or, without a class, the function that takes it."""
    return k.get("owner") == "driver" and ((k.get("class") or "").startswith("haltblk_lock_")
                                           or (k.get("site") or "").startswith("haltblk_lockmodel_"))


def perf(_job, _case, _path, dir_, fio):
    """The kernel symbols with the most samples."""
    if not shell.which("perf"):
        raise shell.Failed("perf", "not installed: apt-get install linux-perf")
    data = os.path.join(dir_, "perf.data")
    control = [os.path.join(dir_, name) for name in ("control", "ack")]
    for path in [data, *control]:
        if os.path.exists(path):
            os.unlink(path)
    for path in control:
        os.mkfifo(path)
    # By a clock, because emulated CPUs have no counters. Only of the kernel, and without build ids: an
    # emulated guest would take half a minute to look those and the symbols of programs up.
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
    # If it ended by itself, its message says why: this kernel may have no perf events.
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
    """Waits until perf record says that it samples, which takes seconds in an emulated guest."""
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
    """The kernel symbols in the output of perf report, as fractions of the time when the kernel was not idle."""
    symbols = []
    for line in text.splitlines():
        m = re.match(r"\s*([\d.]+)%\s*\|\s*\[k\]\s+([^\s|]+)", line)
        # Leave out the idle CPU.
        if m and not re.search(r"safe_halt|default_idle|cpu_idle|cpuidle|mwait", m[2]):
            symbols.append({"symbol": m[2], "percent": float(m[1])})
    whole = sum(s["percent"] for s in symbols)
    for s in symbols:
        s["percent"] = round(100 * s["percent"] / whole, 1)
    return symbols[:20]


TRACING = "/sys/kernel/tracing"


class Queued:
    """When the block layer got the I/O of each request, by its own trace events and by sector.

    The driver's records begin only when a request reaches the driver."""

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
            pass  # this kernel has no such event: the timeline begins at dispatch
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
    """Some requests, from beginning to end; one of them is held meanwhile."""
    name = os.path.basename(path)
    command = ["haltblk", "events", name, "--follow", "--json"]
    shell.commands["haltblk events ... --follow --json"] = True
    events = os.path.join(dir_, "events")
    # Limit the number of requests, not the time.
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
    """Runs fio, with one request held until the device has nothing else to do."""
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
            pass  # others are stuck behind it: the timeline shows that
        finally:
            shell.run(["haltblk", "resume", name, "--all"], shown="haltblk resume ... --all")
        shell.end(fio, 120)


def requests(path, queued):
    """An entry for each request, with times in us since the first."""
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
