"""The options of compare-schedulers and lock-contention, and the way from them to a report."""
import argparse
import errno
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from types import SimpleNamespace

from . import devices, engine, guest, machine, outputs, plan, plots, report, shell, stats, store, summary
from . import fiojob

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
JOBS = os.path.join(TOP, "fio-jobs")


class Problems:
    """Prints a problem at once and keeps it for the report. The rest goes on."""

    def __init__(self, prog):
        self.prog, self.found, self.fatal, self.before = prog, [], False, lambda: None

    def __call__(self, what_on, what, why, fatal=True):
        self.before()
        print(f"{self.prog}: {what_on}: {what}: {why}", file=sys.stderr)
        entry = {"object": what_on, "what": what, "why": why}
        if entry not in self.found:
            self.found.append(entry)
        self.fatal = self.fatal or fatal

    def note(self, text):
        self.before()
        print(f"{self.prog}: {text}", file=sys.stderr)


def words(text):
    found = list(dict.fromkeys(w.strip() for w in text.split(",") if w.strip()))
    if not found:
        raise argparse.ArgumentTypeError(f"'{text}': takes names, with commas between")
    return found


def numbers(text):
    """1,2,cpus"""
    try:
        found = [machine.cpus() if w in ("cpus", "all") else int(w) for w in text.split(",") if w]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError(f"'{text}': takes numbers from 1, or 'cpus', with commas between")
    return list(dict.fromkeys(found))


def some_of(known):
    def parse(text):
        found = words(text)
        for w in found:
            if w not in known:
                raise argparse.ArgumentTypeError(f"'{w}': is none of {', '.join(known)}")
        return found
    return parse


def seconds(text):
    try:
        if 0 <= float(text) < 1e6:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{text}': takes seconds, 0 or more and less than 1000000")


class Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog):
        super().__init__(prog, max_help_position=26, width=100)


def parser(tool):
    p = argparse.ArgumentParser(prog=tool.prog, description=tool.about, formatter_class=Formatter,
                                usage="%(prog)s [OPTION]... [KEY=VALUE]...", allow_abbrev=False)
    p.error = lambda message: sys.exit(usage(tool.prog, message))
    add = p.add_argument
    add("device_options", nargs="*", metavar="KEY=VALUE",
        help=f"options of the haltblk devices it makes ({' '.join(tool.device_options)})")
    add("--guest", metavar="KERNEL", help="do everything in a throw-away guest with this kernel: 6.12, 6.1, uml "
        "(scripts/kernel --list)")
    add("--cpus", type=int, metavar="N", help="CPUs of the guest (4)")
    add("--icount", action="store_true", help="give the guest one CPU whose clock counts instructions: figures "
        "repeat even on a busy host, but are of the CPU's work alone")
    add("--one-thread", action="store_true", help="let the guest's CPUs take turns on one of the host's: the "
        "host stops none in a lock while others go on, so that contention repeats on a busy host; throughput says nothing then")
    add("--quick", action="store_true", help="fewer cases of 1 s each: took " + tool.quick_took
        + " in a guest with 4 CPUs emulated on 2 busy ones")
    add("--device", action="append", default=[], metavar="DEV", help="measure this block device, no "
        "haltblk devices; repeatable")
    add("--overwrite", action="store_true", help="allow jobs to overwrite the --device: without this only "
        "jobs that read are run")
    add("--out", metavar="DIR", help=f"where results go (out/{tool.prog}; in a guest its $VM_OUT). Runs that are "
        "there are not made again, so that a killed session goes on")
    add("--fresh", action="store_true", help="first throw away the runs in DIR")
    add("--jobs", type=words, metavar="JOB,...", help="names from fio-jobs/, or paths of job files "
        f"({','.join(tool.jobs)})")
    add("--schedulers", type=words, metavar="S,...", help=f"I/O schedulers ({','.join(tool.schedulers)})")
    add("--modes", type=some_of(list(plan.MODES)), metavar="M,...",
        help=f"of haltblk devices: mq, bio ({','.join(tool.modes)})")
    add("--queues", type=numbers, metavar="N,...", help=f"hardware queues ({tool.queues})")
    add("--lock-models", type=some_of(plan.LOCK_MODELS), metavar="L,...",
        help=f"of haltblk devices: none, hctx, split, shared ({','.join(tool.lock_models)})")
    add("--numjobs", type=numbers, metavar="N,...", help=f"jobs at once ({tool.numjobs})")
    add("--runtime", type=seconds, metavar="S", help="how long a run lasts (5; with --quick 1)")
    add("--warmup", type=seconds, metavar="S", help="how long it runs before that, uncounted (1; with --quick 0)")
    add("--repeats", type=int, metavar="N", help="runs of each case (5; with --quick 3)")
    add("--seed", type=int, default=1, metavar="N", help="for the order of runs (1)")
    add("--budget", type=seconds, metavar="S", help="after this time begin only the first run of a case, and "
        f"{engine.LOOKING} s later only the first closer look (no limit; with --quick 170)")
    add("--lock-sources", action=argparse.BooleanOptionalAction,
        help="add all other locks of the kernel, by class and call site; default: "
        + ("yes" if tool.lock_sources else "no"))
    add("--perf", action="store_true", help="add the hottest kernel symbols")
    add("--trace", action="store_true", help="add a timeline of requests by hardware queue")
    add("--baseline", metavar="FILE", help="compare with another run's results.json")
    add("--report", metavar="DIR", help="measure nothing: make the report and plots anew from the runs in DIR")
    add("--quiet", action="store_true", help="show no progress")
    add("--title", help=argparse.SUPPRESS)
    add("--transcript", help=argparse.SUPPRESS)
    add("--no-report", action="store_true", help=argparse.SUPPRESS)
    return p


def usage(prog, message):
    print(f"{prog}: {message} (see {prog} --help)", file=sys.stderr)
    return 2


def fill_in(args, tool):
    """Sets options that were not given; --quick changes the defaults."""
    args.schedulers_named = args.schedulers is not None
    args.lock_sources_named = args.lock_sources is not None
    if not args.lock_sources_named:
        args.lock_sources = tool.lock_sources
    quick = tool.quick if args.quick else {}
    for name in ("jobs", "schedulers", "modes", "lock_models"):
        if getattr(args, name) is None:
            setattr(args, name, quick.get(name, getattr(tool, name)))
    for name in ("queues", "numjobs"):
        if getattr(args, name) is None:
            setattr(args, name, numbers(quick.get(name, getattr(tool, name))))
    for name, value in (("runtime", 5.0), ("warmup", 1.0), ("repeats", 5), ("budget", 0.0)):
        if getattr(args, name) is None:
            setattr(args, name, quick.get(name, value))
    args.cpus = args.cpus or (1 if args.icount else 4)
    args.device_options = tool.device_options + args.device_options
    args.out = args.out or os.environ.get("VM_OUT") or os.path.join(TOP, "out", tool.prog)
    args.prog = tool.prog
    args.command = os.environ.get("MEASURE_COMMAND") or \
        " ".join(shlex.quote(w) for w in ["scripts/" + tool.prog, *sys.argv[1:]])


def known_jobs(names):
    """{name: JobFile} of these names. Raises ValueError if one is no job file."""
    found = {}
    for name in names:
        path = name if "/" in name else os.path.join(JOBS, name + ".fio")
        try:
            job = fiojob.JobFile(path)
        except OSError as e:
            if e.filename != path:
                raise ValueError(f"{name}: {e.filename}, which it includes: {e.strerror}") from None
            raise ValueError(f"{name}: {e.strerror}; takes the path of a job file or one of " + ", ".join(
                sorted(f.removesuffix(".fio") for f in os.listdir(JOBS) if f.endswith(".fio")))) from None
        except ValueError as e:
            raise ValueError(f"{name}: {e}") from None
        if job.name in found:
            raise ValueError(f"{name}: another job is named {job.name}: rename one of the files")
        found[job.name] = job
    return found


def allowed(args, problem):
    """The jobs that may be run."""
    found = {}
    for job in args.known.values():
        if args.device and job.writes and not args.overwrite:
            problem(job.name, "left out", fiojob.Overwrites.WHY, fatal=False)
        else:
            found[job.name] = job
    return found


def usable_devices(args, problem):
    good = []
    for d in dict.fromkeys(args.device):
        try:
            devices.check_free(d)
            good.append(d)
        except shell.Failed as e:
            problem(d, "left out", e.why)
    return good


def cannot_start(args):
    """Why nothing can be measured, or ""."""
    if not shell.which("fio"):
        return "fio is not installed: scripts/deps bench, or apt-get install fio"
    hint = (f"scripts/{args.prog} --guest 6.12 does everything in a throw-away guest, and --device DEV "
            "measures a device of yours")
    if os.geteuid():
        return f"only root may do this here. {hint}"
    if args.device:
        return ""
    if not shell.which("haltblk"):
        os.environ["PATH"] += os.pathsep + os.path.join(TOP, "userspace")
    if not shell.which("haltblk"):
        return f"the command haltblk is not built (make -C userspace). {hint}"
    if not os.path.isdir("/sys/kernel/config/haltblk"):
        return f"the driver is not loaded (modprobe haltblk). {hint}"
    return ""


def settings(args, jobs, found):
    """The options that must not change when a session continues."""
    import hashlib
    digest = hashlib.sha256("".join(j.text for j in jobs.values()).encode()).hexdigest()[:12]
    return {"kernel": os.uname().release, "cpus": machine.cpus(), "clock": machine.clock(), "runtime": args.runtime,
            "warmup": args.warmup, "seed": args.seed, "device options": " ".join(args.device_options),
            "job files": digest, "driver": machine.read("/sys/module/haltblk/srcversion"),
            "cases": hashlib.sha256("\n".join(c.key for c in found).encode()).hexdigest()[:12]}


def meta_of(args, tool, jobs, started):
    return {"tool": tool.prog, "title": args.title or tool.title, **machine.facts(TOP),
            "command": args.command, "started": started, "ended": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "options": {"device": args.device_options if not args.device else args.device,
                        "runtime": args.runtime, "warmup": args.warmup, "repeats": args.repeats,
                        "seed": args.seed, "quick": args.quick, "budget": args.budget},
            "commands": list(shell.commands), "job_files": {n: j.text for n, j in jobs.items()}}


def render(args, meta, cases, kept, problem):
    """Writes all files but the samples. Returns the entries."""
    found = summary.runs(cases, kept.samples)
    summary.compare(found)
    pairs = None
    if args.baseline:
        pairs = summary.against_baseline(found, args.reference)
    drawn = []
    if found and not args.no_report:
        drawn = plots.all_of(found, kept, cases)
        try:
            plots.draw(drawn, kept.out)
        except shell.Failed as e:
            problem("plots", e.what, e.why + (": apt-get install gnuplot-nox" if "not installed" in e.why else ""),
                    fatal=False)
        except OSError as e:
            problem("plots", "not drawn", e.strerror)
    kept.replace("results.json", outputs.to_json(meta, found, kept, problem.found))
    kept.replace("results.csv", outputs.to_csv(found))
    if not args.no_report:
        before = ""
        if args.transcript:
            with open(args.transcript, encoding="utf-8", errors="replace") as f:
                before = "<h2>Frozen, looked at, released</h2><pre>" + report.e(f.read()) + "</pre>"
        kept.replace("report.html", report.page(
            meta, found, problem.found, kept, cases, drawn, kept.out, pairs,
            os.path.relpath(args.baseline) if args.baseline else "",
            summary.unlike(meta, args.reference) if args.baseline else [], before))
    if pairs is not None and not args.no_report:
        print(f"against {args.baseline}:")
        for line in summary.unlike(meta, args.reference):
            print(f"  not alike: {line}")
        if not pairs:
            print("  no run of that file is of one of these cases")
        for run, other, part in pairs:
            print(f"  {run['job']}, {run['label']}: {other['iops']:,.0f} -> {run['iops']:,.0f} IOPS, "
                  f"difference: {stats.said(part)}")
    return found


def again(args, problem):
    """--report: from the runs in a directory."""
    path = os.path.join(args.out, "results.json")
    try:
        old = outputs.from_json(path)
        kept = store.Store.of_results(args.out, old, problem)
    except (OSError, ValueError, store.Refused) as e:
        problem(path, "no report", getattr(e, "strerror", None) or str(e))
        return 1
    if args.report and not old["runs"]:
        problem(path, "no report", "it has no runs")
        return 1
    for p in old["problems"]:
        if p["object"] != "plots":
            problem.found.append(p)
    if args.title:
        old["title"] = args.title
    cases = [plan.Case.of_key(r["case"]) for r in old["runs"]]
    meta = {k: v for k, v in old.items() if k not in ("runs", "problems", "locks", "perf", "timelines", "schema")}
    if not render(args, meta, cases, kept, problem):
        return 1
    if not kept.broken:
        print(f"report: {os.path.join(args.out, 'report.html')}")
    return int(problem.fatal)


def measure(args, tool, problem):
    started = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    jobs = allowed(args, problem)
    named = bool(args.device)
    args.device = usable_devices(args, problem)
    found = [] if named and not args.device else plan.cases(
        args.device, args.modes, args.schedulers, args.queues, args.lock_models,
        {n: j.several for n, j in jobs.items()}, args.numjobs, args.quick)
    if not found:
        problem.note("nothing to measure")
        return 1
    if not args.device:
        devices.clear_leftovers()
        try:
            devices.Made(args.device_options).try_out()
        except devices.Unknown as e:
            return usage(tool.prog, str(e))
        except shell.Failed as e:
            why = re.sub(r"^haltblk: measure-\S+ create: ", "", e.why)
            if why.startswith(tuple(args.device_options)):
                return usage(tool.prog, why)
            problem.note(f"no device can be made: {why}; nothing is measured")
            return 1
    guest.resume_here(args.out)
    try:
        kept = store.Store(args.out, settings(args, jobs, found), args.fresh, problem)
    except store.Refused as e:
        problem.note(f"{args.out}: {e}")
        return 1
    except OSError as e:
        problem.note(f"{args.out}: {e.strerror}: give another --out")
        return 1
    stopped = 0
    with tempfile.TemporaryDirectory(prefix="measure-") as tmp:
        try:
            engine.Engine(args, found, jobs, kept, problem, tmp).run()
        except Stopped as e:
            stopped = e.signal
            problem.note("stopped; the same command goes on from here")
    results = render(args, meta_of(args, tool, jobs, started), found, kept, problem)
    if results:
        print("\n" + outputs.table(results))
    if not args.no_report and not kept.broken:
        print(f"report: {os.path.join(args.out, 'report.html')}")
    return 128 + stopped if stopped else int(problem.fatal or not results)


class Stopped(Exception):
    def __init__(self, number):
        super().__init__(number)
        self.signal = number


def on_signal(number, _frame):
    # Only once: clearing up takes a moment, and another signal would not help.
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, signal.SIG_IGN)
    raise Stopped(number)


def without(argv, *names):
    """A command line without these options."""
    kept, skip = [], False
    for w in argv:
        if skip:
            skip = False
        elif w in names:
            skip = True
        elif not w.startswith(tuple(n + "=" for n in names)):
            kept.append(w)
    return kept


def in_guest(args, tool, problem):
    if subprocess.run([os.path.join(TOP, "scripts/kernel"), "--print", "arch", args.guest], check=False,
                      capture_output=True).returncode == 2:
        return usage(tool.prog, f"--guest {args.guest}: no such kernel: scripts/kernel --list shows them")
    inner = without(sys.argv[1:], "--guest", "--cpus", "--out", "--baseline", "--jobs")
    inner = [w for w in inner if w not in ("--fresh", "--icount", "--one-thread")] + ["--no-report"]
    # Make the report here, because an emulated machine would take long for its plots.
    try:
        status = guest.run(TOP, os.path.join("scripts", tool.prog), args, inner)
    except OSError as e:
        room = "make room there and the same command goes on, or " if e.errno == errno.ENOSPC else ""
        problem.note(f"{args.out}: {e.strerror} ({e.filename or args.out}): {room}give another --out")
        return 1
    if status == 2:
        return status  # it has said why, and has measured nothing
    if os.path.exists(os.path.join(args.out, "results.json")):
        args.no_report = False
        return again(args, problem) or status
    log = os.path.join(args.out, "kernel.log")
    problem.note(f"the guest left no results (status {status})" + (f"; its log: {log}" if os.path.exists(log) else ""))
    return status or 1


def misused(args):
    """The mistake in the command line, or ""."""
    for w in args.device_options:
        if "=" not in w:
            return f"{w}: neither an option nor KEY=VALUE"
    for name in ("repeats", "cpus"):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            return f"--{name} {getattr(args, name)}: takes a number from 1"
    if args.runtime == 0:
        return "--runtime 0: takes seconds, more than 0"
    if args.icount and (not args.guest or args.guest.startswith("uml") or args.cpus not in (None, 1)):
        return "--icount is for a --guest with one CPU that is emulated, which uml is not"
    if args.one_thread and (not args.guest or args.guest.startswith("uml") or args.icount or args.cpus == 1):
        return "--one-thread is for a --guest with several CPUs that are emulated; not for uml, not with --icount"
    if args.cpus and not args.guest:
        return "--cpus is for a --guest"
    if args.device:
        given = [*args.device_options, *(f"--{n.replace('_', '-')}" for n in ("modes", "queues", "lock_models")
                                         if getattr(args, n) is not None)]
        if args.guest:
            return "--device: a guest does not see this machine's devices"
        if given:
            return f"{given[0]} is for haltblk devices that are made here, not for a --device"
    return ""


def main(**tool):
    tool = SimpleNamespace(**tool)
    args = parser(tool).parse_intermixed_args()
    why = misused(args)
    if why:
        return usage(tool.prog, why)
    fill_in(args, tool)
    try:
        args.known = {} if args.report else known_jobs(args.jobs)
    except (ValueError, OSError) as e:
        return usage(tool.prog, f"--jobs {e}")
    for option in ("out", "report"):
        path = getattr(args, option)
        if path and os.path.exists(path) and not os.path.isdir(path):
            return usage(tool.prog, f"--{option} {path}: exists and is no directory")
    problem = Problems(tool.prog)
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, on_signal)
    if args.baseline:
        try:
            args.reference = outputs.from_json(args.baseline)
        except (OSError, ValueError) as e:
            problem(args.baseline, "cannot be compared with", getattr(e, "strerror", None) or str(e))
            return 1
    try:
        if args.report:
            args.out = args.report
            return again(args, problem)
        if args.guest:
            return in_guest(args, tool, problem)
        why = cannot_start(args)
        if why:
            problem.note(why)
            return 1
        return measure(args, tool, problem)
    except Stopped as e:
        problem.note("stopped; the same command goes on from here")
        return 128 + e.signal
