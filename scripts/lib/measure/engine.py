"""Runs the missing cases in order, and saves the results."""
import os
import subprocess
import time

from . import devices, fiojob, observe, plan, shell
from .progress import Progress

# Seconds to start fio, change a scheduler and read the figures: an estimate until runs have been timed.
OVERHEAD = 2
# Closer looks may take this many seconds after --budget.
LOOKING = 45
# Kinds of closer looks, and the option that asks for each.
LOOKS = {"locks": "--lock-sources", "perf": "--perf", "timeline": "--trace"}


class Engine:
    def __init__(self, options, found, jobs, store, problem, tmp):
        self.o, self.cases, self.jobs = options, found, jobs
        self.store, self.problem, self.tmp = store, problem, tmp
        self.names = {c: label for c, (_, label) in plan.names(found).items()}
        self.made = devices.Made(options.device_options)
        self.bad = {}  # case key: no run of it is tried again
        # A closer look may fail if the user did not ask for it.
        self.asked = {k for k in LOOKS if k != "locks" or options.lock_sources_named}
        self.missing = set()  # schedulers, lock models, jobs, kinds of looks
        self.restore = {}  # device: the scheduler it had

    def run(self):
        todo = [(r, c) for r, c in plan.rounds(self.cases, self.o.repeats, self.o.seed)
                if not self.store.has("run", c.key, r)]
        watched = self.observed()
        total = self.o.repeats * len(self.cases) + len(watched)
        guess = self.o.runtime + self.o.warmup + OVERHEAD
        if len(todo) < self.o.repeats * len(self.cases):
            self.problem.note(f"{self.o.repeats * len(self.cases) - len(todo)} of {total} runs are "
                              f"in {self.store.out} already")
        progress = Progress(len(todo) + len(watched), guess, self.o.quiet)
        self.problem.before = progress.clear
        try:
            for repeat, case in todo:
                if repeat and self.o.budget and progress.elapsed() > self.o.budget:
                    self.problem("time", f"repeat {repeat + 1} of {self.o.repeats} and later ones "
                                 "were not all run", f"--budget {self.o.budget:g} s is over",
                                 fatal=False)
                    break
                progress.show(f"{case.job}, {self.names[case]}")
                self.one(case, repeat)
                progress.step()
            progress.total = progress.done + len(watched)
            for nr, (kind, case) in enumerate(watched):
                if nr and self.o.budget and progress.elapsed() > self.o.budget + LOOKING:
                    self.problem("time", f"{len(watched) - nr} of {len(watched)} closer looks (locks, perf, timeline) "
                                 "were not taken", f"--budget {self.o.budget:g} s has been over for {LOOKING} s",
                                 fatal=False)
                    break
                progress.show(f"{kind}: {case.job}, {self.names[case]}")
                self.watch(kind, case)
                progress.step()
            progress.end("done")
        finally:
            self.close()

    def close(self):
        for path, name in self.restore.items():
            try:
                devices.set_scheduler(path, name)
            except (shell.Failed, OSError):
                pass
        self.made.destroy_all()

    def usable(self, case):
        return case.key not in self.bad and (case.device, case.scheduler) not in self.missing \
            and ("lock", case.mode, case.lock_model) not in self.missing \
            and ("job", case.job) not in self.missing

    def prepare(self, case):
        """The device, set up for the case. None if that fails; the problem is reported."""
        if not self.usable(case):
            return None
        try:
            if case.device:
                devices.check_free(case.device)
                path = case.device
                self.restore.setdefault(path, devices.schedulers(path)[1])
            else:
                try:
                    path = self.made.path(case)
                except shell.Failed as e:
                    if case.lock_model != "none":
                        self.missing.add(("lock", case.mode, case.lock_model))
                        self.problem(f"lock model {case.lock_model}", "no device with it", e.why)
                        return None
                    raise
            if case.mode != "bio":
                devices.set_scheduler(path, case.scheduler)
            return path
        except shell.Failed as e:
            if e.what == case.scheduler:
                # Another device may accept it; all devices that are made here are alike.
                self.missing.add((case.device, case.scheduler))
                named = (case.device, f"{e.what} left out") if case.device else (e.what, "left out")
                self.problem(*named, e.why, fatal=self.o.schedulers_named)
            else:
                self.fail(case, e)
        except (OSError, subprocess.SubprocessError) as e:
            self.fail(case, shell.failed(e, case.job))
        return None

    def fail(self, case, e):
        if isinstance(e, fiojob.Overwrites):
            self.missing.add(("job", case.job))
            self.problem(case.job, e.what, e.why, fatal=False)
            return
        self.bad[case.key] = True
        self.problem(f"{case.job}, {self.names[case]}", e.what, e.why)

    def fio(self, case, path):
        job = self.jobs[case.job]
        return fiojob.run(job, path, self.tmp, self.o.runtime, self.o.warmup, case.numjobs,
                          readonly=bool(case.device) and not self.o.overwrite)

    def one(self, case, repeat):
        path = self.prepare(case)
        if not path:
            return
        sample = {"kind": "run", "case": case.key, "repeat": repeat, "time": int(time.time())}
        before = observe.counters(case, path)
        try:
            sample.update(self.fio(case, path))
        except shell.ERRORS as e:
            self.fail(case, shell.failed(e, self.tmp))
            return
        sample["locks"] = observe.lock_delta(before, observe.counters(case, path))
        self.store.add(sample)

    def observed(self):
        """(kind, case) of extra runs for a closer look, which give no other figures."""
        most = max((c.numjobs for c in self.cases), default=1)
        kinds = [k for k, wanted in zip(LOOKS, (self.o.lock_sources, self.o.perf, self.o.trace)) if wanted]
        first = self.cases[0].job if self.cases else ""
        found = []
        # Take all looks at a case before the next case, so that a budget leaves out cases, not kinds.
        for c in self.cases:
            for kind in kinds:
                # The most jobs, and the first of several job files, are enough.
                wanted = c.numjobs == most or not self.jobs[c.job].several
                if wanted and c.job == first and not self.store.has(kind, c.key) \
                        and not (kind == "timeline" and c.device):
                    found.append((kind, c))
        return found

    def watch(self, kind, case):
        if kind in self.missing:
            return
        path = self.prepare(case)
        if not path:
            return
        dir_ = os.path.join(self.tmp, "watch")
        look = {"locks": observe.locks, "perf": observe.perf, "timeline": observe.timeline}[kind]
        try:
            os.makedirs(dir_, exist_ok=True)
            sample = look(self.jobs[case.job], case, path, dir_, lambda: self.fio(case, path))
        except shell.ERRORS as error:
            e = shell.failed(error, dir_)
            # If a tool or a part of the kernel is missing, it is missing for all cases.
            if e.why.startswith(("not installed", "records nothing here")):
                self.missing.add(kind)
                self.problem(LOOKS[kind], e.what, e.why, fatal=kind in self.asked)
            else:
                self.problem(f"{kind} of {self.names[case]}", e.what, e.why, fatal=kind in self.asked)
            return
        self.store.add({"kind": kind, "case": case.key, "repeat": 0, **sample})
