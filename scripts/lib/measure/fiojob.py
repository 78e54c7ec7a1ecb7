"""fio's job files: what one is like, how it is run, what came out."""
import json
import os
import re
import subprocess

from . import shell


class JobFile:
    """fio-jobs/NAME.fio, or a path of the user's own."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path).removesuffix(".fio")
        with open(path, encoding="utf-8") as f:
            self.text = f.read()

    @property
    def several(self):
        """A file that says numjobs= may be run with another number."""
        return bool(re.search(r"^numjobs=", self.text, re.M))

    @property
    def writes(self):
        """As far as the text tells: a variable or an include may hide it. What keeps a device from
        being written to is readonly, below."""
        return bool(re.search(r"^[ \t]*(rw|readwrite)[ \t]*=.*(write|trim|rw)", self.text, re.M))

    @property
    def section(self):
        """Of several sections the last one."""
        return re.findall(r"^\[([^]]+)\]", self.text, re.M)[-1]

    def adapted(self, runtime, warmup, numjobs):
        """The same job for another time and number. What the file does not say is not added."""
        text = self.text
        # Half a second is 0 to fio, and that is for ever: milliseconds.
        for key, value in (("runtime", f"{runtime * 1000:.0f}ms"),
                           ("ramp_time", f"{warmup * 1000:.0f}ms"), ("numjobs", numjobs)):
            text = re.sub(rf"^{key}=.*", f"{key}={value}", text, flags=re.M)
        return re.sub(r"^ramp_time=0ms\n", "", text, flags=re.M)


class Overwrites(shell.Failed):
    """The job writes where that is not allowed."""

    WHY = "it would overwrite the device: --overwrite allows it"

    def __init__(self):
        super().__init__("left out", self.WHY)


def run(job, device, tmp, runtime, warmup, numjobs, readonly=False):
    """Runs it; returns figures. Raises shell.Failed. readonly: fio itself refuses a job that
    writes, however that is written in its file."""
    path, out = os.path.join(tmp, job.name + ".fio"), os.path.join(tmp, "fio.json")
    with open(path, "w", encoding="utf-8") as f:
        f.write(job.adapted(runtime, warmup, numjobs))
    if os.path.exists(out):
        os.unlink(out)
    options = ["--readonly"] if readonly else []
    command = ["fio", *options, "--output-format=json", "--output=" + out, "--eta=never",
               "--section=" + job.section, path]
    # Loading from a slow disk, or an emulated guest, takes what it takes: this is for hangs.
    try:
        shell.run(command, env={"DEV": device}, timeout=120 + 10 * (runtime + warmup),
                  shown=" ".join(["DEV=... fio", *options, "--output-format=json",
                                  f"--section={job.section}", job.path]))
    except shell.Failed as e:
        if readonly and "fio is in read-only mode" in e.output:
            raise Overwrites from None
        raise
    return figures(out)


def figures(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    try:
        jobs = json.loads(text[text.index("{"):])["jobs"]
    except (ValueError, KeyError):
        raise shell.Failed("fio", "printed no JSON: " + shell.last_line(text)) from None
    for j in jobs:
        if j["error"]:
            raise shell.Failed("fio", os.strerror(j["error"]))
    parts = [j[d] for j in jobs for d in ("read", "write", "trim") if j[d]["total_ios"]]
    if not parts:
        raise shell.Failed("fio", "no I/O was done")

    def percentile(q):
        # Of reads and writes the slower: what is waited for.
        found = [p["clat_ns"]["percentile"][q] for p in parts if "percentile" in p["clat_ns"]]
        return round(max(found) / 1000, 1) if found else None

    return {
        "iops": round(sum(p["iops"] for p in parts), 1),
        "mib_s": round(sum(p["bw_bytes"] for p in parts) / (1 << 20), 2),
        "p50_us": percentile("50.000000"),
        "p95_us": percentile("95.000000"),
        "p99_us": percentile("99.000000"),
        "p999_us": percentile("99.900000"),
    }


def version():
    try:
        return subprocess.run(["fio", "--version"], capture_output=True, text=True,
                              check=False).stdout.strip()
    except OSError:
        return ""
