"""scripts/bench: guests that measure the cost of an I/O, and a table that compares it with the limits."""
import argparse
import json
import os
import signal
import subprocess
import sys

from . import limits, machine, raw, shell
from .cli import TOP, Formatter, usage

# The guests, their options, and what they measure.
GUESTS = {
    "guard": ("cost", "measuring ...", ["--icount", "--mem", "2G"]),
    "cost": ("cost", "measuring cost ...", ["--icount", "--mem", "4G"]),
    "queues": ("queues", "measuring with room for four CPUs ...", ["--icount", "--possible", "4", "--mem", "4G"]),
    "scale": ("scale", "measuring scale ...", ["--mem", "3G"]),
}


class Failed(Exception):
    """why there is no result"""


def note(text):
    print(f"bench: {text}", file=sys.stderr)


# --- measuring ------------------------------------------------------------------------------

def run(*command, **how):
    if os.environ.get("V") == "1":
        print("+", *command, file=sys.stderr)
    if subprocess.run(command, check=False, **how).returncode:
        raise Failed(f"{os.path.basename(command[0])} failed (above)")


def prepare(kernel):
    run("scripts/deps", "build", "kernel", "vm", "bench")
    run("make", "-s", "-C", "userspace")
    run("make", "-s", "-C", "tests/lib", f"O={TOP}/out/tests")
    run("scripts/build-driver", kernel)


def guest(mode, args):
    """Measures in one guest, which reports its progress on stderr. Returns the lines that it printed."""
    name, what, options = GUESTS[mode]
    note(what)
    if mode == "scale":
        options = ["--cpus", str(args.cpus), *options]
    log, output = os.path.join(args.out, name + ".log"), os.path.join(args.out, name + ".out")
    command = ["scripts/vm", "-q", "-k", args.kernel, *options, "--timeout", "3000", "--log", log,
               "--", "scripts/lib/bench-guest", mode, args.only]
    if os.environ.get("V") == "1":
        print("+", *command, file=sys.stderr)
    lines = []
    with open(output, "w", encoding="utf-8") as kept, \
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                             preexec_fn=lambda: shell.die_with_us(signal.SIGTERM)) as vm:
        for line in vm.stdout:
            kept.write(line)
            lines.append(line)
            if line.startswith("  "):
                sys.stderr.write(line)
    if vm.returncode:
        raise Failed(f"the guest that measures {name} failed; its output and log: {output}, {log}")
    return lines


def measure(args):
    prepare(args.kernel)
    modes = ["guard"] if args.quick else ["cost", "queues"]
    if not args.quick and not args.no_scale:
        modes.append("scale")
    return [line for mode in modes for line in guest(mode, args)]


# --- results.json -----------------------------------------------------------------------------

def results(kernel, figures, commit):
    return {
        "kernel": kernel, "commit": commit,
        "figures": [{"case": case, "device": device, "value": value, "unit": raw.unit(case)}
                    for (case, device), value in figures.items()],
        "limits": [row for row in [*limits.judged(figures), *limits.judged_scaling(figures)] if "over" in row],
    }


def earlier(path):
    """The figures and the commit of a results.json. Raises ValueError."""
    try:
        with open(path, encoding="utf-8") as f:
            old = json.load(f)
        return {(e["case"], e["device"]): e["value"] for e in old["figures"]}, old["commit"]
    except OSError as e:
        raise ValueError(f"{path}: {e.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path}: not the results.json of a run") from None


# --- the table --------------------------------------------------------------------------------

def columns(head, rows, remark=""):
    """A table with headings and a remark after them; "" without rows."""
    if not rows:
        return ""
    lines = [f"{head[0]:<28} " + " ".join(f"{h:>12}" for h in head[1:]) + remark]
    for device, *values in rows:
        cells = ["-" if v is None else str(v) for v in values]
        lines.append(f"{device:<28} " + " ".join(f"{c:>12}" for c in cells))
    return "\n".join(lines)


class Table:
    def __init__(self, figures, quick):
        self.figures, self.quick = figures, quick

    def devices(self, *cases):
        """The devices that have a figure in one of the cases, in the order they were measured."""
        return list(dict.fromkeys(device for case, device in self.figures if case in cases))

    def rows(self, *cases):
        return [[device, *(self.figures.get((case, device)) for case in cases)] for device in self.devices(*cases)]

    def discards(self):
        rows = []
        for device in self.devices("discard"):
            us = [self.figures.get((case, device)) for case in ("discard", "discard-cpu")]
            rows.append([device, *("- us" if v is None else f"{v} us" for v in us), self.figures.get(("memory", device))])
        return columns(["device", "of 128 MiB" if self.quick else "discard 1 GiB", "CPU in all", "bytes/4 KiB"], rows)

    def wake(self):
        """Holding and releasing, in instructions and as a multiple of a read that is not held."""
        cases = ("unheld", "resume-to-reader", "hit-to-waiter")
        for device in self.devices("unheld"):
            unheld = self.figures["unheld", device]
            rows = [["  " + case, self.figures[case, device], f"x {self.figures[case, device] / unheld:.2f}"]
                    for case in cases if (case, device) in self.figures]
            yield columns([device, "instructions", "unheld"], rows, "   (4 KiB read, from call to return)")

    def scaling(self):
        for n in (2, 4, 8, 16):
            cases = [f"scale{n}-{rw}" for rw in ("randread", "randwrite")]
            rows = [[device, *(None if v is None else f"x {v / 1000:.2f}" for v in values)]
                    for device, *values in self.rows(*cases)]
            yield columns(["device", "random read", "random write"], rows, f"   (64 KiB, {n} CPUs over 1)")

    def text(self):
        parts = [
            columns(["device", "random read", "first write", "overwrite"], self.rows("read", "first", "over")),
            columns(["device", "64 KiB random", "128 KiB seq", "4 KiB polled"], self.rows("rand64", "seq128", "polled")),
            columns(["device", "into zones"], self.rows("zone")),
            self.discards(), *self.wake(), *self.scaling()]
        return "\n\n".join(["Instructions per 4 KiB I/O (fio and the system call included)", *filter(None, parts)])


def verdicts(figures):
    """A line for each limit."""
    lines = ["Against the limits", ""]
    for row in limits.judged(figures):
        lines.append(f"{row['name']:<42} " + (
            f"{row['figure']:>8}  x {row['ratio']:.3f} of {row['against']}, may be {row['limit']:.2f}: "
            f"{limits.missed(row['over'])}" if "over" in row else "not measured"))
    for row in limits.judged_scaling(figures):
        lines.append(f"{row['name']:<42} " + (
            f"x {row['figure']:.2f}, must be {row['least']:.2f}: {limits.missed(row['over'])}"
            if "over" in row else "not measured"))
    return "\n".join(lines)


def differences(figures, before, commit):
    """The figure that differs most from that of an earlier run."""
    both = [key for key in figures if before.get(key)]
    text = f"{len(both)} figures beside those of commit {commit}"
    if both:
        case, device = key = max(both, key=lambda k: abs(figures[k] / before[k] - 1))
        off = abs(figures[key] / before[key] - 1)
        text += f"; the farthest apart: {case} {device}, {before[key]} then, {figures[key]} now: {off:.2%}"
    return text


# --- the command ------------------------------------------------------------------------------

def parse(about):
    p = argparse.ArgumentParser(prog="bench", description=about, formatter_class=Formatter,
                                usage="scripts/bench [OPTION]...", allow_abbrev=False)
    p.error = lambda message: sys.exit(usage("bench", message))
    add = p.add_argument
    add("--only", metavar="REGEX", default=".", help="measure only devices that match; the table has their names")
    add("--quick", action="store_true", help="measure in a minute what tests/cost/limits does; no scaling")
    add("--no-scale", action="store_true", help="no scaling")
    add("--cpus", metavar="N", type=int, choices=(2, 4, 8, 16), default=2, help="scale up to 2, 4, 8 or 16 CPUs (2); "
        "more than this machine has tell only whether throughput breaks down")
    add("--kernel", metavar="NAME", default="6.12", help="measure on another kernel; the limits are for 6.12")
    add("--out", metavar="DIR", default=os.path.join(TOP, "out/bench"), help="leave the results there (out/bench)")
    add("--compare", metavar="FILE", help="name the figure that is farthest from an earlier results.json")
    add("--from", metavar="FILE", dest="raw", help="measure nothing: take the raw figures that bench-guest printed to FILE")
    args = p.parse_args()
    args.out = os.path.abspath(args.out)
    args.before = None
    if args.compare:
        try:
            # This run may be about to replace it.
            args.before = earlier(args.compare)
        except ValueError as e:
            p.error(f"--compare: {e}")
    if args.raw:
        args.raw = os.path.abspath(args.raw)
    return args


def clear(out):
    os.makedirs(out, exist_ok=True)
    logs = [f"{name}.{ext}" for name in ("cost", "queues", "scale") for ext in ("out", "log")]
    for name in ["results.json", "table.txt", *logs]:
        if os.path.exists(os.path.join(out, name)):
            os.unlink(os.path.join(out, name))


def work(args):
    if args.raw:
        with open(args.raw, encoding="utf-8", errors="replace") as f:
            lines = f.read().splitlines()
    else:
        clear(args.out)
        lines = measure(args)
    kernel, figures = raw.read(lines)
    if not figures:
        raise Failed(f"{args.raw}: it has no figures of bench-guest's" if args.raw else
                     f"--only: no device that is measured matches '{args.only}'")
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "results.json"), "w", encoding="utf-8") as f:
        json.dump(results(kernel, figures, machine.commit(TOP) or "unknown"), f, indent=2)
        f.write("\n")
    text = "\n" + Table(figures, args.quick).text() + "\n\n" + verdicts(figures) + "\n"
    if args.before:
        text += "\n" + differences(figures, *args.before) + "\n"
    with open(os.path.join(args.out, "table.txt"), "w", encoding="utf-8") as f:
        f.write(text)
    print(text + "\n" + os.path.join(args.out, "results.json").removeprefix(TOP + "/"))


def main(about):
    args = parse(about)
    os.chdir(TOP)
    # make sets these, and they would change the make of a kernel.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL"):
        os.environ.pop(name, None)
    try:
        work(args)
    except (Failed, raw.Bad) as e:
        note(e)
        return 1
    except OSError as e:
        note(f"{e.filename}: {e.strerror}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
