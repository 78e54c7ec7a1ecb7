"""--guest: the same in a throw-away guest, with one command."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile


def collect(out):
    """What guests of killed sessions had measured; the longest file wins, each only grows."""
    mine = os.path.join(out, "samples.jsonl")
    for path in glob.glob(os.path.join(out, ".guest", "*", "out", "samples.jsonl")):
        if not os.path.exists(mine) or os.path.getsize(path) > os.path.getsize(mine):
            shutil.copy(path, mine)
    shutil.rmtree(os.path.join(out, ".guest"), ignore_errors=True)


def run(top, script, args, words):
    """Runs script with words in a guest; what it leaves goes to args.out. Its exit status."""
    out = os.path.abspath(args.out)
    os.makedirs(out, exist_ok=True)
    collect(out)
    if args.fresh and os.path.exists(os.path.join(out, "samples.jsonl")):
        os.unlink(os.path.join(out, "samples.jsonl"))
    # The guest sees the repository, not every place of the host.
    stage = tempfile.mkdtemp(prefix=".resume-", dir=os.path.join(top, "out"))
    try:
        old = os.path.join(out, "samples.jsonl")
        if os.path.exists(old):
            shutil.copy(old, stage)
        if args.baseline:
            shutil.copy(args.baseline, os.path.join(stage, "baseline.json"))
        if subprocess.run(["make", "-s", "-C", os.path.join(top, "userspace")], check=False).returncode:
            print(f"{args.prog}: userspace: does not build (above)", file=sys.stderr)
            return 1
        # The guest's own directory in ours: what it measured is found even if all is killed.
        os.makedirs(os.path.join(out, ".guest"))
        command = [os.path.join(top, "scripts/vm"), "-q", "-k", args.guest, "--cpus", str(args.cpus),
                   "--mem", "3G", "--timeout", "604800", "--insmod", "--out", out,
                   "--log", os.path.join(out, "kernel.log"),
                   "--env", "HALTBLK_TTY=" + ("1" if sys.stderr.isatty() else "0"),
                   "--env", "MEASURE_RESUME=" + stage, "--env", "MEASURE_COMMAND=" + args.command,
                   "--", script, *words]
        if not args.guest.startswith("uml"):
            # Under a hypervisor's CPUID bit the kernel's locks tell nobody that they wait.
            command[4:4] = ["--cpu-flags", "-hypervisor"]
        sys.stderr.write(f"{args.prog}: starting a guest with kernel {args.guest} and {args.cpus} CPUs ...\n")
        with subprocess.Popen(command, env={**os.environ, "TMPDIR": os.path.join(out, ".guest")}) as vm:
            try:
                status = vm.wait()
            except BaseException:
                # It ends its guest and brings back what there is; killed, it would do neither.
                vm.terminate()
                vm.wait()
                collect(out)
                raise
        collect(out)
        return status
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def resume_here(out):
    """In the guest: what was measured before."""
    stage = os.environ.get("MEASURE_RESUME")
    if stage and os.path.exists(os.path.join(stage, "samples.jsonl")):
        os.makedirs(out, exist_ok=True)
        shutil.copy(os.path.join(stage, "samples.jsonl"), out)
