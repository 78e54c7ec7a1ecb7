"""--guest: runs the script in a throw-away guest."""
import fcntl
import glob
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

from . import shell

# Seconds to end the guest of a killed script and to save its measurements.
ENDING = 60


def alone(out):
    """A file descriptor that keeps others out of a directory; None if another run is at work there.
    The guest inherits it, which keeps others out even if the guest outlives the script."""
    fd = os.open(os.path.join(out, ".lock"), os.O_CREAT | os.O_RDWR, 0o644)
    for _ in range(ENDING * 10):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        except BlockingIOError:
            time.sleep(0.1)
    os.close(fd)
    return None


def collect(out):
    """Saves the measurements of guests whose session was killed. Files only grow, so take the longest."""
    mine = os.path.join(out, "samples.jsonl")
    for path in glob.glob(os.path.join(out, ".guest", "*", "out", "samples.jsonl")):
        if not os.path.exists(mine) or os.path.getsize(path) > os.path.getsize(mine):
            shutil.copy(path, mine)
    shutil.rmtree(os.path.join(out, ".guest"), ignore_errors=True)


def run(top, script, args, words):
    """Runs script with words in a guest, with results in args.out. Returns the exit status."""
    out = os.path.abspath(args.out)
    os.makedirs(out, exist_ok=True)
    lock = alone(out)
    if lock is None:
        print(f"{args.prog}: {args.out}: another run is at work there: wait for its end, or give another --out",
              file=sys.stderr)
        return 1
    collect(out)
    if args.fresh and os.path.exists(os.path.join(out, "samples.jsonl")):
        os.unlink(os.path.join(out, "samples.jsonl"))
    # Inside the repository, which the guest sees. A killed run may have left one.
    stage = os.path.join(top, "out", ".resume-" + hashlib.sha256(out.encode()).hexdigest()[:12])
    shutil.rmtree(stage, ignore_errors=True)
    os.makedirs(stage)
    try:
        old = os.path.join(out, "samples.jsonl")
        if os.path.exists(old):
            shutil.copy(old, stage)
        jobs = []
        for given, job in zip(args.jobs, args.known.values()):
            if "/" in given:
                given = os.path.join(stage, job.name + ".fio")
                with open(given, "w", encoding="utf-8") as f:
                    f.write(job.text)
            jobs.append(given)
        if subprocess.run(["make", "-s", "-C", os.path.join(top, "userspace")], check=False).returncode:
            print(f"{args.prog}: userspace: does not build (above)", file=sys.stderr)
            return 1
        # The guest's directory is inside ours, so its measurements are found even if everything is killed.
        os.makedirs(os.path.join(out, ".guest"))
        command = [os.path.join(top, "scripts/vm"), "-q", "-k", args.guest, "--cpus", str(args.cpus),
                   "--mem", "3G", "--timeout", "604800", "--insmod", "--out", out,
                   "--log", os.path.join(out, "kernel.log"),
                   "--env", "HALTBLK_TTY=" + ("1" if sys.stderr.isatty() else "0"),
                   "--env", "MEASURE_RESUME=" + stage, "--env", "MEASURE_COMMAND=" + args.command,
                   "--env", "MEASURE_OUT=" + args.out,
                   "--", script, *words, "--jobs", ",".join(jobs)]
        if args.icount:
            command[4:4] = ["--icount", "--env", "MEASURE_CLOCK=instructions"]
        if args.one_thread:
            command[4:4] = ["--one-thread", "--env", "MEASURE_CLOCK=turns"]
        if not args.guest.startswith("uml"):
            # With the hypervisor bit in CPUID, waits for the kernel's locks cannot be traced.
            command[4:4] = ["--cpu-flags", "-hypervisor"]
        sys.stderr.write(f"{args.prog}: starting a guest with kernel {args.guest} and {args.cpus} CPUs ...\n")
        with subprocess.Popen(command, env={**os.environ, "TMPDIR": os.path.join(out, ".guest")}, pass_fds=[lock],
                              preexec_fn=lambda: shell.die_with_us(signal.SIGTERM)) as vm:
            try:
                status = vm.wait()
            except BaseException:
                # On SIGTERM it ends its guest and saves the measurements; on SIGKILL it could do neither.
                vm.terminate()
                vm.wait()
                collect(out)
                raise
        collect(out)
        return status
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def resume_here(out):
    """In the guest: takes over what was measured before."""
    stage = os.environ.get("MEASURE_RESUME")
    if stage and os.path.exists(os.path.join(stage, "samples.jsonl")):
        os.makedirs(out, exist_ok=True)
        shutil.copy(os.path.join(stage, "samples.jsonl"), out)
