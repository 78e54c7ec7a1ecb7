#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# The parts of scripts/lib/measure that need no device: cases and their order, when figures differ,
# job files, what a killed session leaves.
# Run by make -C userspace check, which sets HB_SRC.
top=$(cd "${HB_SRC:?}/.." && pwd)
cd "$top/scripts/lib" || exit
exec python3 -B - "$top" <<'PYTHON'
import errno, json, os, re, subprocess, sys, tempfile
from types import SimpleNamespace
from measure import devices, engine, fiojob, observe, outputs, plan, report, shell, stats, store, summary

top, nr, failed = sys.argv[1], 0, 0

def check(name, got, wanted):
    global nr, failed
    nr += 1
    print(f"{'ok' if got == wanted else 'not ok'} {nr} - {name}")
    if got != wanted:
        failed = 1
        print(f"# expected {wanted!r}\n# got      {got!r}")

# Differences
check("ranges that overlap: no difference", stats.difference([10, 12, 14], [13, 15, 17]), 0.0)
check("ranges that touch: no difference", stats.difference([10, 13], [13, 15]), 0.0)
check("ranges apart: that of the medians", stats.difference([20, 21, 22], [10, 10, 11]), 1.1)
check("one value: not known", stats.difference([10], [20]), None)
check("not known is not none", (stats.said(None), stats.said(0.0)), ("unknown (one run)", "none"))
check("equals apart by chance: one in", [stats.by_chance(n) for n in (2, 3, 5)], [3, 10, 126])
check("spread", stats.spread([9, 10, 12]), 0.3)
check("spread of one", stats.spread([9]), None)

# Cases
def keys(**kw):
    all_ = dict(devices=[], modes=["mq", "bio"], schedulers=["none", "bfq"], queues=[1, 4],
                lock_models=["none"], jobs={"a": True, "b": False}, numjobs=[1, 2])
    return plan.cases(**{**all_, **kw})

check("schedulers x queues, bio once, b by one job", len(keys()), (2 * 2 + 1) * 2 + (2 * 2 + 1))
check("quick: fewer queues only without a scheduler", len(keys(quick=True)), (3 + 1) * 2 + (3 + 1))
check("bio mode has no lock for each hardware queue",
      len(keys(modes=["bio"], lock_models=plan.LOCK_MODELS, jobs={"b": False})), 3)
check("a device that is there: schedulers only", len(keys(devices=["/dev/x"], jobs={"b": False})), 2)
cases = keys()
check("a key names one case", len({c.key for c in cases}), len(cases))
check("and gives it back", [plan.Case.of_key(c.key) for c in cases], cases)
locks = keys(modes=["mq"], schedulers=["none"], queues=[4], lock_models=["none", "shared"], numjobs=[1, 2])
check("names: only what differs", sorted(set(plan.names(locks).values())),
      [("lock shared", "lock shared"), ("lock shared", "lock shared \u00d72"),
       ("no lock", "no lock"), ("no lock", "no lock \u00d72")])
order = list(plan.rounds(cases, 3, 7))
check("each round has every case", [sorted(c.key for r, c in order if r == n) for n in range(3)],
      [sorted(c.key for c in cases)] * 3)
check("the same seed, the same order", list(plan.rounds(cases, 3, 7)), order)
check("another seed, another", list(plan.rounds(cases, 3, 8)) == order, False)
check("rounds differ", [c for r, c in order if r == 0] == [c for r, c in order if r == 1], False)

# Job files
jobs = {f[:-4]: fiojob.JobFile(os.path.join(top, "fio-jobs", f))
        for f in os.listdir(os.path.join(top, "fio-jobs")) if f.endswith(".fio")}
check("which write", sorted(n for n, j in jobs.items() if j.writes),
      ["file-server", "mixed", "random-write", "sequential-write", "trim", "verify", "zoned"])
check("only verify is for one job", [n for n, j in jobs.items() if not j.several], ["verify"])
check("the last section of several", jobs["contention"].section, "all-cpus")
text = jobs["random-read"].adapted(0.5, 0, 3)
check("time and number are replaced", ["runtime=500ms\n" in text, "numjobs=3\n" in text,
                                       "ramp_time" in text], [True, True, False])
check("what verify does not say is not added", jobs["verify"].adapted(1, 1, 4), jobs["verify"].text)

# Job files as fio reads them
def job_file(dir_, name, text):
    path = os.path.join(dir_, name)
    with open(path, "w") as f:
        f.write(text)
    return path

def raised(work, *a):
    try:
        return work(*a)
    except (OSError, ValueError) as e:
        return f"{type(e).__name__}: {e}"

OTHER = """# comment
  ; another
 [global] ; with one behind it
\tioengine = null # and here
timeout =9
ramp_time= 3
;numjobs=7
size=1m
[first]
rw=write
numjobs=5
[global]
bs=8k
 [the job]
 rw=randread ; never write
\tnumjobs = 3
include more.inc
[the job]
numjobs=4
bs=1k
"""
with tempfile.TemporaryDirectory() as dir_:
    job_file(dir_, "more.inc", "iodepth=2\n  runtime= 8s\n")
    job = fiojob.JobFile(job_file(dir_, "other.fio", OTHER))
    check("sections: the last is run", job.section, "the job")
    check("options: with what is global before it, of each of its name", job.options(), [
        {"ioengine": "null", "runtime": "8s", "ramp_time": "3", "size": "1m", "bs": "8k", "rw": "randread",
         "numjobs": "3", "iodepth": "2"},
        {"ioengine": "null", "runtime": "9", "ramp_time": "3", "size": "1m", "bs": "1k", "numjobs": "4"}])
    check("a comment that writes and a section that is not run", job.writes, False)
    check("numjobs in blanks", job.several, True)
    text = job.adapted(0.25, 2, 6)
    check("each is replaced, however it is written", [text.count(w) for w in (
        "\nruntime=250ms\n", "\nramp_time=2000ms\n", "\nnumjobs=6\n", "timeout", "8s", "include")], [2, 1, 3, 0, 0, 0])
    check("what is a comment stays one", "\n;numjobs=7\n" in text, True)
    text = job.adapted(1, 0, 1, ["number_ios=5"], ("runtime", "numjobs"))
    check("left out and added", [w in text for w in ("runtime", "timeout", "ramp_time", "\nnumjobs")] + [
        text.count("\nnumber_ios=5\n")], [False] * 4 + [2])
    if shell.which("fio"):
        # What it makes of it is what we do.
        fio = subprocess.run(["fio", "--showcmd", "--section=the job", job_file(dir_, "copy", job.adapted(0.25, 2, 6))],
                             capture_output=True, text=True).stdout
        check("fio reads the same", [w.split() for w in fio.split("--name=the job")], [
            ["fio", "--ioengine=", "null", "--runtime=250ms", "--ramp_time=2000ms", "--size=1m", "--ioengine=", "null",
             "--runtime=250ms", "--ramp_time=2000ms", "--size=1m", "--bs=8k"],
            ["--rw=randread", "--numjobs=6", "--iodepth=2", "--runtime=250ms"], ["--numjobs=6", "--bs=1k"]])
    else:
        nr += 1
        print(f"ok {nr} - fio reads the same # SKIP fio is not installed")
    check("a comment is no numjobs", fiojob.JobFile(job_file(dir_, "c.fio", "[c]\n;numjobs=2\n#numjobs=2\nrw=read;numjobs=2\n")).several, False)
    check("numjobs of a section that is not run", fiojob.JobFile(job_file(dir_, "d.fio", "[a]\nnumjobs=2\n[b]\nrw=read\n")).several, False)
    check("no section", raised(fiojob.JobFile, job_file(dir_, "e.fio", "[global]\nrw=read\n")),
          "ValueError: not a job file of fio's: it has no [section] of a job")
    check("no text", raised(fiojob.JobFile, "/bin/true").split(":")[0], "ValueError")
    check("includes itself", raised(fiojob.JobFile, job_file(dir_, "f.fio", f"[f]\ninclude {dir_}/f.fio\n")).split(": ")[1][-15:],
          "includes itself")
    check("includes what is not there", raised(fiojob.JobFile, job_file(dir_, "g.fio", "[g]\ninclude none\n")),
          f"FileNotFoundError: [Errno 2] No such file or directory: '{dir_}/none'")

# A device whose contents are not to be overwritten
def job_of(dir_, name, line):
    path = os.path.join(dir_, name + ".fio")
    with open(path, "w") as f:
        f.write("[global]\nfilename=${DEV}\nioengine=psync\nbs=4k\nsize=64k\n[%s]\n%s\n" % (name, line))
    return fiojob.JobFile(path)

with tempfile.TemporaryDirectory() as tmp:
    plain = [job_of(tmp, "a", line).writes for line in (
        "rw=randwrite", "  rw=randwrite", "rw =randwrite", "\treadwrite = rw", "rw= trim", "rw=randread", "; rw=write")]
    check("a job that writes is known by its text", plain, [True] * 5 + [False] * 2)
    disk, hidden = os.path.join(tmp, "disk"), job_of(tmp, "b", "rw=${HOW}")
    os.environ["HOW"] = "write"
    def ran(job, **kw):
        with open(disk, "wb") as f:
            f.truncate(65536)
        try:
            fiojob.run(job, disk, tmp, 1, 0, 1, **kw)
            said = ""
        except shell.Failed as e:
            said = str(e)
        with open(disk, "rb") as f:
            return said, not any(f.read())
    if shell.which("fio"):
        check("what the text hides, fio refuses", ran(hidden, readonly=True),
              ("left out: it would overwrite the device: --overwrite allows it", True))
        check("and does where that is allowed", ran(hidden), ("", False))
        check("what reads is run", ran(job_of(tmp, "c", "rw=read"), readonly=True), ("", True))
    else:
        nr += 1
        print(f"ok {nr} - what the text hides # SKIP fio is not installed")

# A run that fails: said, and the rest goes on. Two devices, of which one takes no scheduler.
def session(schedulers, fio, look=None):
    said, real = [], (devices.check_free, devices.schedulers, devices.set_scheduler, fiojob.run, observe.perf)
    def no_scheduler(path, name):
        if (path, name) == ("/dev/x", "bfq"):
            raise shell.Failed(name, "not for this one")
    def problem(*a, **kw):
        said.append(": ".join(a))
    problem.note = lambda text: None
    o = SimpleNamespace(device_options=[], repeats=2, seed=1, runtime=1, warmup=0, budget=0, quiet=True, overwrite=False,
                        schedulers_named=True, lock_sources=False, lock_sources_named=False, perf=bool(look), trace=False)
    devices.check_free = lambda path: None
    devices.schedulers = lambda path: (["none"], "none")
    devices.set_scheduler, fiojob.run, observe.perf = no_scheduler, fio, look
    found = keys(devices=["/dev/x", "/dev/y"], schedulers=schedulers, jobs={"a": True}, numjobs=[1])
    try:
        with tempfile.TemporaryDirectory() as out:
            kept = store.Store(out, {}, False, problem)
            engine.Engine(o, found, {"a": jobs["mixed"]}, kept, problem, out).run()
            return sorted(f"{s['case'].split('|')[0]} {s['case'].split('|')[2]}" for s in kept.of("run")), sorted(set(said))
    finally:
        devices.check_free, devices.schedulers, devices.set_scheduler, fiojob.run, observe.perf = real

def fails_on_x(error):
    def run(_job, device, *a, **kw):
        if device == "/dev/x":
            raise error
        return {"iops": 1.0}
    return run

check("a scheduler that one device does not take is measured on the other", session(
    ["none", "bfq"], lambda *a, **kw: {"iops": 1.0}),
    (["/dev/x none"] * 2 + ["/dev/y bfq"] * 2 + ["/dev/y none"] * 2, ["/dev/x: bfq left out: not for this one"]))
for error, wanted in (
        (OSError(errno.ENOSPC, "No space left on device", "/t/a.fio"),
         "/t/a.fio: No space left on device: make room there, or set TMPDIR to another place"),
        (subprocess.SubprocessError("it could not be started"), "it could not be started"),
        (shell.Failed("fio", "no I/O was done"), "fio: no I/O was done")):
    got = session(["none"], fails_on_x(error))
    check(f"{type(error).__name__} in a run: the other device is measured", got[0], ["/dev/y none"] * 2)
    check(f"{type(error).__name__} in a run: said", [len(got[1]), wanted in got[1][0]], [1, True])
def cannot(*_):
    raise OSError(errno.EMFILE, "Too many open files")
got = session(["none"], lambda *a, **kw: {"iops": 1.0}, cannot)
check("a look that fails: all is measured", got[0], ["/dev/x none"] * 2 + ["/dev/y none"] * 2)
check("a look that fails: said for each", [w.split(":")[0] for w in got[1]], ["perf of x", "perf of y"])
with subprocess.Popen(["sleep", "100"]) as p:
    try:
        shell.end(p, 0.05)
        ended = ""
    except shell.Failed as e:
        ended = str(e)
check("a program that does not end is killed", (ended, p.returncode), ("sleep: no end after 0.05 s", -9))

# The driver's own locks: what their counters rose by, a line for each lock; unknown is not none
def lock(n, hctx):
    return {"name": "l", "hctx": hctx, **{c: n for c in observe.COUNTS}}
check("counters", [r["contended"] for r in observe.lock_delta([lock(1, 0), lock(2, 1)], [lock(5, 0), lock(7, 1)])], [9])
check("counters: none, and unknown", (observe.lock_delta([], []), observe.lock_delta(None, []), observe.lock_delta([], None)),
      ([], None, None))

# And the same beside what the kernel counts of them
own = [{"lock": "haltblk_lock_shared", "acquisitions": 100, "contended": 40, "wait_ns": 3e6, "hold_ns": 1}]
one = {"class": "haltblk_lock_shared", "site": None, "owner": "driver", "acquisitions": 90, "contended": 30, "wait_ns": 2e6}
other = {**one, "class": "&hctx->lock", "owner": "block"}
at = {**one, "class": "spinlock", "site": "haltblk_lockmodel_pass+0x1", "acquisitions": None, "wait_ns": None}
def by_both(source, reason, *locks):
    return report.by_both([{"case": "c", "own": own, "source": source, "reason": reason, "locks": list(locks)}], {"c": "C"})
for name, args, wanted in (
        ("lock_stat", ("lock_stat", None, other, one), ["C", "100", "40", "3.0", "lock_stat", "90", "30", "2.0"]),
        ("a source that does not count all", ("contention", "how long was waited: no", at), ["-", "30", "-"]),
        ("seen by nobody, and looked at", ("contention", None), ["-", "0", "0.0"]),
        ("not looked at is not zero", ("contention", "spinlocks show nothing; do this"), ["-", "-", "-"])):
    row = re.findall("<td[^>]*>([^<]*)", by_both(*args).split("<tbody>")[1])
    check(f"locks by both: {name}", row[-len(wanted):], wanted)
check("locks by both: nothing to look at", by_both(None, "nothing to look at"), "")
check("locks by both: what to know of the source", ("lock_stat is one for debugging" in by_both("lock_stat", None, one),
      "second that waits" in by_both("contention", None, at)), (True, True))

# What perf prints
printed = """# Overhead|Symbol
    60.00%|[k] pv_native_safe_halt|-
    30.00%|[k] blk_mq_submit_bio|-
     8.00%|[k] _raw_spin_lock
     2.00%|[.] main
"""
check("hot symbols: the kernel's, of the time it is not idle", observe.hot(printed), [
    {"symbol": "blk_mq_submit_bio", "percent": 78.9}, {"symbol": "_raw_spin_lock", "percent": 21.1}])
check("no sample: none", observe.hot("# Overhead|Symbol\n"), [])

# What was measured, kept
with tempfile.TemporaryDirectory() as out:
    said = []
    def fresh(settings, anew=False):
        return store.Store(out, settings, anew, lambda *a: said.append(a))
    s = fresh({"runtime": 1})
    run = {"kind": "run", "case": cases[0].key, "repeat": 0, "iops": 10.0}
    s.add(run)
    with open(s.path, "a") as f:
        f.write('{"kind": "run", "ca')
    s = fresh({"runtime": 1})
    check("a line that was cut off is dropped", s.samples, [run])
    s.add({**run, "repeat": 1, "iops": 12.0})
    check("and the next is whole", len(fresh({"runtime": 1}).samples), 2)
    try:
        fresh({"runtime": 2})
        refused = ""
    except store.Refused as e:
        refused = str(e)
    check("other settings are refused by name", "runtime: 1, now 2" in refused, True)
    found = summary.runs(cases, s.samples)
    summary.compare(found)
    check("an entry is the median", (found[0]["iops"], found[0]["repeats"]), (11.0, 2))
    check("no counters: not known", found[0]["contended"], None)
    check("csv: unknown is empty", outputs.to_csv(found).splitlines()[1].endswith(",,,"), True)
    check("and thrown away when asked", fresh({"runtime": 2}, True).samples, [])
    check("nothing went wrong", said, [])

# A report anew: it reads. What it cannot read it leaves as it is.
def script(*words):
    p = subprocess.run([os.path.join(top, "scripts/compare-schedulers"), *words], capture_output=True, text=True)
    return p.returncode, p.stderr.strip()

def content(out):
    return {n: open(os.path.join(out, n), errors="replace").read() for n in sorted(os.listdir(out))}

meta = {"title": "T", "kernel": "K", "started": "", "command": "", "driver": "", "fio": "", "commands": [], "job_files": {},
        "machine": {"cpu": "C", "cpus": 1, "memory_mib": 1, "virtual": "real hardware"},
        "options": {"device": [], "runtime": 1, "warmup": 0, "repeats": 1, "seed": 1}}
with tempfile.TemporaryDirectory() as out:
    path, line = os.path.join(out, "results.json"), json.dumps({**run, "iops": 10.0}) + "\n"
    def has(text, samples=None):
        for n in os.listdir(out):
            os.unlink(os.path.join(out, n))
        for n, t in (("results.json", text), ("samples.jsonl", samples)):
            if t is not None:
                with open(os.path.join(out, n), "w") as f:
                    f.write(t)
    kept = store.Store.of_results(out, {"runs": []}, None)
    kept.samples = [json.loads(line)]
    found = summary.runs(cases, kept.samples)
    summary.compare(found)
    ours = outputs.to_json(meta, found, kept, [])
    two = ours.replace('"samples": [', '"samples": [{"iops": 9.0},')
    timeline = ours.replace('"timelines": []', '"timelines": [{}]')
    for name, text, samples, why in (
            ("no samples", ours, None, "samples.jsonl, from which a report is made, is not there or has no run"),
            ("a header only", ours, '{"settings": {}}\n', "is not there or has no run"),
            ("fewer samples", two, '{"settings": {}}\n' + line, "lacks runs that results.json has"),
            ("no timeline", timeline, '{"settings": {}}\n' + line, "lacks runs that results.json has"),
            ("no results", None, line, "No such file or directory"),
            ("nothing measured", outputs.to_json(meta, [], kept, []), line, "it has no runs"),
            ("another's", '{"runs": []}', line, "not a results.json of compare-schedulers or lock-contention"),
            ("a list", '[]', line, "not a results.json"), ("no JSON", 'x', line, "not a results.json")):
        has(text, samples)
        before = content(out)
        status, said = script("--report", out)
        check(f"report, {name}: refused", (status, why in said, said.count("\n")), (1, True, 0))
        check(f"report, {name}: nothing is changed", content(out), before)
    has(ours, '{"settings": {}}\n' + line)
    status, said = script("--report", out)
    check("report: made anew", (status, os.path.exists(os.path.join(out, "report.html"))), (0, True))
    check("report: of the same runs", [json.loads(content(out)["results.json"])["runs"], content(out)["samples.jsonl"]],
          [json.loads(ours)["runs"], '{"settings": {}}\n' + line])
    has('{"runs": [{}]}')
    status, said = script("--baseline", path, "--out", os.path.join(out, "new"))
    check("a baseline of another kind is refused at once", (status, said),
          (1, f"compare-schedulers: {path}: cannot be compared with: not a results.json of compare-schedulers or lock-contention"))
    check("and nothing is begun", os.listdir(out), ["results.json"])

# Against a reference
def entry(scheduler, iops, lock="none"):
    case = plan.Case("", "mq", scheduler, 4, lock, "a", 1)
    return summary.entry(case, [{"iops": i} for i in iops], ("", f"{scheduler} {lock}"))

found = [entry("none", [10, 11]), entry("bfq", [5, 6]), entry("none", [9, 10.5], "shared")]
summary.compare(found)
check("a scheduler against none", (found[1]["against"], round(found[1]["difference"], 2)), ("none none", -0.48))
check("a lock model against none; within the spread", found[2]["difference"], 0.0)
check("baseline: the same file", [p for _, _, p in summary.against_baseline(found, json.loads(
    json.dumps({"runs": found})))], [0.0] * 3)
check("baseline: all else alike", summary.unlike(meta, meta), [])
check("baseline: another kernel, another runtime", summary.unlike(meta, {**meta, "kernel": "L", "options": {**meta["options"], "runtime": 2}}),
      ["kernel: L then, K now", "runtime: 2 then, 1 now"])

# Wrong words: status 2, what is wrong, and nothing is made.
with tempfile.TemporaryDirectory() as dir_:
    out = os.path.join(dir_, "out")
    for words, why in (
            (["--jobs", "nonsense"], "--jobs nonsense: No such file or directory; takes the path of a job file or one of contention,"),
            (["--jobs", "random-read,/bin/true"], "--jobs /bin/true: not a job file of fio's"),
            (["--jobs", ","], "',': takes names"), (["--modes", "mq,x"], "'x': is none of mq, bio"),
            (["--runtime", "-1"], "'-1': takes seconds"), (["--runtime", "inf"], "'inf': takes seconds"),
            (["--runtime", "0"], "--runtime 0: takes seconds, more than 0"), (["--numjobs", "0"], "'0': takes numbers from 1"),
            (["--repeats", "0"], "--repeats 0: takes a number from 1"), (["nonsense"], "nonsense: neither an option nor KEY=VALUE"),
            (["--lock-models", "foo"], "'foo': is none of none, hctx, split, shared"), (["--queues", "0"], "'0': takes numbers from 1"),
            (["--jobs", os.path.join(top, "README.md")], "has no [section] of a job"),
            *((["--icount", *guest], "is for a --guest with one CPU") for guest in (
                [], ["--guest", "uml"], ["--guest", "6.12", "--cpus", "2"])),
            (["--one-thread"], "--one-thread is for a --guest with several CPUs"),
            (["--one-thread", "--guest", "6.12", "--cpus", "1"], "--one-thread is for a --guest with several CPUs"),
            (["--cpus", "2"], "--cpus is for a --guest"), (["--nonsense"], "unrecognized arguments: --nonsense"),
            (["--guest", "uml", "--device", "/dev/null"], "a guest does not see this machine's devices"),
            (["--device", "/dev/null", "size=1"], "size=1 is for haltblk devices that are made here"),
            (["--device", "/dev/null", "--queues", "1"], "--queues is for haltblk devices that are made here"),
            (["--guest", "nonsense"], "--guest nonsense: no such kernel")):
        status, said = script(*words, "--out", out)
        check(f"{' '.join(words)}: refused", (status, why in said, said.count("\n")), (2, True, 0))
        check(f"{' '.join(words)}: nothing is made", os.listdir(dir_), [])
    status, said = script("--guest", "uml", "--out", job_file(dir_, "file", ""))
    check("--out FILE: refused", (status, "/file: is there and no directory" in said), (2, True))
    status, said = script("--device", job_file(dir_, "none", ""), "--jobs", "random-read", "--out", out)
    check("a device that is none: left out, and nothing is left to do", (status, "none: left out: not a block device" in said,
          "nothing to measure" in said, os.path.exists(out)), (1, True, True, False))
    # Without fio there is no measuring, and it is said how to get it.
    os.mkdir(os.path.join(dir_, "bin"))
    os.symlink(sys.executable, os.path.join(dir_, "bin", "python3"))
    os.environ["PATH"], path = os.path.join(dir_, "bin"), os.environ["PATH"]
    status, said = script("--out", out)
    os.environ["PATH"] = path
    check("no fio: said, and what to do", (status, "fio is not installed: " in said, "apt-get install fio" in said), (1, True, True))
print(f"1..{nr}")
sys.exit(failed)
PYTHON
