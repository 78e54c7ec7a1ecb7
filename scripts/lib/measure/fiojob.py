"""fio's job files: reading and running them, and their results."""
import json
import os
import re
import subprocess

from . import shell


# Other names of options.
ALIASES = {"timeout": "runtime", "readwrite": "rw"}


def bare(line):
    """The part of a line that fio reads, without blanks and comment."""
    return re.split("[;#]", line, maxsplit=1)[0].strip()


def option(line):
    """(key, value) in a line; None for a comment, a section or nothing."""
    word = bare(line)
    if not word or word.startswith("["):
        return None
    key, _, value = word.partition("=")
    return ALIASES.get(key.strip(), key.strip()), value.strip()


def lines_of(path, inside=()):
    """The lines of a job file and of the files it includes, because a copy is run in another directory."""
    found = []
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f.read().split("\n"):
            if not bare(line).startswith("include"):
                found.append(line)
                continue
            name = bare(line)[len("include "):]
            if not os.path.exists(name):
                name = os.path.join(os.path.dirname(path), name)
            if name in inside:
                raise ValueError(f"{name} includes itself")
            found += lines_of(name, (*inside, name))
    return found


class JobFile:
    """fio-jobs/NAME.fio, or a file of the user. Raises OSError, or ValueError if it is not a job file."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path).removesuffix(".fio")
        self.text = "\n".join(lines_of(path))
        names = [bare(w)[1:-1] for w in self.text.split("\n") if bare(w).startswith("[")]
        jobs = [n for n in names if not n.startswith("global")]
        if not jobs:
            raise ValueError("not a job file of fio's: it has no [section] of a job")
        # The last of several sections is run.
        self.section = jobs[-1]

    def options(self):
        """{key: value} of the section that is run, with the global ones; one for each section of that name."""
        found, here, common = [], {}, {}
        for line in self.text.split("\n"):
            if bare(line).startswith("["):
                name = bare(line)[1:-1]
                # Global options apply to the sections after them.
                here = common if name.startswith("global") else dict(common)
                if name == self.section:
                    found.append(here)
            elif option(line):
                key, value = option(line)
                here[key] = value
        return found

    @property
    def several(self):
        """May it be run by several jobs? Only if the file says numjobs=."""
        return any("numjobs" in o for o in self.options())

    @property
    def writes(self):
        """Does it write? A variable in the text may hide that; only run(readonly=True) protects a device."""
        return any(re.search("write|trim|rw", o.get("rw", "")) for o in self.options())

    def adapted(self, runtime, warmup, numjobs, more=(), without=()):
        """The job with another runtime and number of jobs, if the file has these options. Adds the lines
        in more to the section, and leaves out the options in without."""
        # In milliseconds, because fio reads half a second as 0, which means for ever.
        values = {"runtime": f"{runtime * 1000:.0f}ms", "ramp_time": f"{warmup * 1000:.0f}ms", "numjobs": numjobs}
        without, lines = {*without, *(() if warmup else ("ramp_time",))}, []
        for line in self.text.split("\n"):
            key = (option(line) or ("",))[0]
            if key not in without:
                lines.append(f"{key}={values[key]}" if key in values else line)
            if bare(line).startswith("[") and bare(line)[1:-1] == self.section:
                lines += more
        return "\n".join(lines)


class Overwrites(shell.Failed):
    """The job writes, and that is not allowed."""

    WHY = "it would overwrite the device: --overwrite allows it"

    def __init__(self):
        super().__init__("left out", self.WHY)


def run(job, device, tmp, runtime, warmup, numjobs, readonly=False):
    """Runs a job; returns figures. Raises shell.Failed. readonly: fio itself refuses a job that writes,
    however its file says so."""
    path, out = os.path.join(tmp, job.name + ".fio"), os.path.join(tmp, "fio.json")
    with open(path, "w", encoding="utf-8") as f:
        f.write(job.adapted(runtime, warmup, numjobs))
    if os.path.exists(out):
        os.unlink(out)
    options = ["--readonly"] if readonly else []
    command = ["fio", *options, "--output-format=json", "--output=" + out, "--eta=never",
               "--section=" + job.section, path]
    # Long enough for slow disks and emulated guests: this is for hangs.
    try:
        shell.run(command, env={"DEV": device}, timeout=120 + 10 * (runtime + warmup),
                  shown=" ".join(["DEV=... fio", *options, "--output-format=json",
                                  f"--section={job.section}", os.path.basename(job.path)]))
    except shell.Failed as e:
        if readonly and "fio is in read-only mode" in e.output:
            raise Overwrites from None
        raise
    return figures(out)


def json_of(text):
    """The JSON that fio printed, perhaps after notes. Raises ValueError."""
    return json.loads(text[text.index("{"):])


def figures(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    try:
        jobs = json_of(text)["jobs"]
    except (ValueError, KeyError):
        raise shell.Failed("fio", "printed no JSON: " + shell.last_line(text)) from None
    for j in jobs:
        if j["error"]:
            raise shell.Failed("fio", os.strerror(j["error"]))
    parts = [j[d] for j in jobs for d in ("read", "write", "trim") if j[d]["total_ios"]]
    if not parts:
        raise shell.Failed("fio", "no I/O was done")

    def percentile(q):
        # Those of the reads or of the writes, whichever are slower.
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
