# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""A run that fails is reported, and the rest goes on."""
import errno
import subprocess
from types import SimpleNamespace

import pytest

from measure import devices, engine, fiojob, observe, shell, store


@pytest.fixture
def session(cases, jobs, tmp_path, monkeypatch):
    """Measures two devices, of which /dev/x takes no bfq. Returns the runs and what was said."""
    def run(schedulers, fio, look=None):
        said = []

        def no_scheduler(path, name):
            if (path, name) == ("/dev/x", "bfq"):
                raise shell.Failed(name, "not for this one")

        def problem(*words, **_):
            said.append(": ".join(words))

        problem.note = lambda text: None
        monkeypatch.setattr(devices, "check_free", lambda path: None)
        monkeypatch.setattr(devices, "schedulers", lambda path: (["none"], "none"))
        monkeypatch.setattr(devices, "set_scheduler", no_scheduler)
        monkeypatch.setattr(fiojob, "run", fio)
        monkeypatch.setattr(observe, "perf", look)
        options = SimpleNamespace(device_options=[], repeats=2, seed=1, runtime=1, warmup=0, budget=0, quiet=True,
                                  overwrite=False, schedulers_named=True, lock_sources=False,
                                  lock_sources_named=False, perf=bool(look), trace=False)
        found = cases(devices=["/dev/x", "/dev/y"], schedulers=schedulers, jobs={"a": True}, numjobs=[1])
        kept = store.Store(str(tmp_path), {}, False, problem)
        engine.Engine(options, found, {"a": jobs["mixed"]}, kept, problem, str(tmp_path)).run()
        runs = sorted(" ".join(s["case"].split("|")[i] for i in (0, 2)) for s in kept.of("run"))
        return runs, sorted(set(said))
    return run


def works(*_, **__):
    return {"iops": 1.0}


def test_a_scheduler_that_one_device_refuses_is_measured_on_the_other(session):
    assert session(["none", "bfq"], works) == (
        ["/dev/x none"] * 2 + ["/dev/y bfq"] * 2 + ["/dev/y none"] * 2,
        ["/dev/x: bfq left out: not for this one"])


@pytest.fixture(params=[
    pytest.param((OSError(errno.ENOSPC, "No space left on device", "/t/a.fio"),
                  "/t/a.fio: No space left on device: make room there, or set TMPDIR to another place"), id="OSError"),
    pytest.param((subprocess.SubprocessError("it could not be started"), "it could not be started"),
                 id="SubprocessError"),
    pytest.param((shell.Failed("fio", "no I/O was done"), "fio: no I/O was done"), id="Failed")])
def failed_run(request, session):
    """The runs, what was said, and what is to be in it, when /dev/x fails."""
    error, why = request.param

    def fails_on_x(_job, device, *_, **__):
        if device == "/dev/x":
            raise error
        return works()
    return (*session(["none"], fails_on_x), why)


def test_a_run_fails_and_the_other_device_is_measured(failed_run):
    assert failed_run[0] == ["/dev/y none"] * 2


def test_a_run_fails_and_it_is_said_once(failed_run):
    _, said, why = failed_run
    assert [len(said), why in said[0]] == [1, True]


@pytest.fixture
def failed_look(session):
    def cannot(*_):
        raise OSError(errno.EMFILE, "Too many open files")
    return session(["none"], works, cannot)


def test_a_look_fails_and_all_is_measured(failed_look):
    assert failed_look[0] == ["/dev/x none"] * 2 + ["/dev/y none"] * 2


def test_a_look_fails_and_it_is_said_for_each(failed_look):
    assert [w.split(":")[0] for w in failed_look[1]] == ["perf of x", "perf of y"]


def test_a_program_that_does_not_end_is_killed():
    with subprocess.Popen(["sleep", "100"]) as p:
        with pytest.raises(shell.Failed, match=r"^sleep: no end after 0.05 s$"):
            shell.end(p, 0.05)
    assert p.returncode == -9
