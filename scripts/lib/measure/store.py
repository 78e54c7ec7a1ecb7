"""Saves measurements in a directory, one line for each run. A killed session loses at most one run, and
the next session continues."""
import errno
import json
import os

# Lists in results.json, and the kind of sample in each.
PARTS = (("locks", "locks"), ("perf", "perf"), ("timelines", "timeline"))


class Refused(Exception):
    """why the directory cannot be used"""


class Store:
    def __init__(self, out, settings, fresh, problem):
        self.out, self.path = out, os.path.join(out, "samples.jsonl")
        self.problem = problem
        self.samples = []  # of kind "run", "locks", "perf", "timeline"
        self.broken = False
        os.makedirs(out, exist_ok=True)
        if fresh and os.path.exists(self.path):
            os.unlink(self.path)
        if os.path.exists(self.path):
            self.load(settings)
        if not self.samples:
            self.write(self.path, "w", json.dumps({"settings": settings}) + "\n")

    @classmethod
    def of_results(cls, out, old, problem):
        """The samples behind old, a results.json; read-only. Raises Refused if some are missing."""
        kept = cls.__new__(cls)
        kept.out, kept.path = out, os.path.join(out, "samples.jsonl")
        kept.problem, kept.samples, kept.broken = problem, [], False
        if os.path.exists(kept.path):
            with open(kept.path, encoding="utf-8", errors="replace") as f:
                kept.samples = [s for s in kept.records(f.read())[0] if isinstance(s, dict) and "kind" in s]
        wanted = [(r["case"], len(r["samples"])) for r in old["runs"]]
        if any(sum(s.get("case") == case for s in kept.of("run")) < n for case, n in wanted) \
                or any(len(old.get(name, [])) > len(kept.of(kind)) for name, kind in PARTS):
            raise Refused("samples.jsonl, from which a report is made, " + (
                "lacks runs that results.json has" if kept.samples else "is not there or has no run")
                + ": nothing is changed; put it back, or measure anew")
        return kept

    @staticmethod
    def records(text):
        """The complete lines of a text, and their length."""
        good, found = 0, []
        for line in text.split("\n")[:-1]:
            try:
                found.append(json.loads(line))
            except ValueError:
                break
            good += len(line.encode()) + 1
        return found, good

    def load(self, settings):
        with open(self.path, encoding="utf-8", errors="replace") as f:
            records, good = self.records(f.read())
        if not records:
            return
        theirs = records[0].get("settings", {})
        other = [k for k in settings if theirs.get(k) != settings[k]]
        if other and len(records) > 1:
            raise Refused(
                f"holds runs made otherwise ({', '.join(other)}: {theirs.get(other[0])}, now "
                f"{settings[other[0]]}): give another --out, or --fresh to measure anew")
        self.samples = [] if other else records[1:]
        os.truncate(self.path, good)

    def write(self, path, mode, text):
        """Reports a full disk once; the measurements stay in memory."""
        try:
            with open(path, mode, encoding="utf-8") as f:
                f.write(text)
                f.flush()
                os.fsync(f.fileno())
            return True
        except OSError as e:
            if not self.broken:
                why = e.strerror
                if e.errno == errno.ENOSPC:
                    why += ": make room there, or give another --out"
                # In a guest the directory has another name.
                self.problem(os.environ.get("MEASURE_OUT", self.out), "could not be written", why)
            self.broken = True
            return False

    def add(self, sample):
        self.samples.append(sample)
        self.write(self.path, "a", json.dumps(sample) + "\n")

    def replace(self, name, text):
        """Replaces a file completely, or leaves the old one."""
        tmp = os.path.join(self.out, f".{name}.tmp")
        if self.write(tmp, "w", text):
            os.replace(tmp, os.path.join(self.out, name))
        elif os.path.exists(tmp):
            os.unlink(tmp)

    def of(self, kind):
        return [s for s in self.samples if s["kind"] == kind]

    def has(self, kind, key, repeat=0):
        return any(s["kind"] == kind and s["case"] == key and s["repeat"] == repeat
                   for s in self.samples)
