# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Shared by the tests of scripts/lib/measure."""
import os
import subprocess
import sys

import pytest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
sys.path.insert(0, os.path.join(TOP, "scripts/lib"))

from measure import fiojob, plan  # noqa: E402 pylint: disable=wrong-import-position


@pytest.fixture(scope="session")
def top():
    return TOP


@pytest.fixture(scope="session")
def jobs():
    """Every job file that we ship, by its name."""
    path = os.path.join(TOP, "fio-jobs")
    return {f[:-4]: fiojob.JobFile(os.path.join(path, f)) for f in os.listdir(path) if f.endswith(".fio")}


@pytest.fixture(scope="session")
def cases():
    """plan.cases() with defaults for what the test leaves out."""
    def make(**kw):
        known = dict(devices=[], modes=["mq", "bio"], schedulers=["none", "bfq"], queues=[1, 4],
                     lock_models=["none"], jobs={"a": True, "b": False}, numjobs=[1, 2])
        return plan.cases(**{**known, **kw})
    return make


@pytest.fixture(scope="session")
def compare():
    """Runs compare-schedulers; returns its exit status and what it said on stderr."""
    def run(*words, env=None):
        p = subprocess.run([sys.executable, os.path.join(TOP, "scripts/compare-schedulers"), *words],
                           capture_output=True, text=True, check=False, env=env)
        return p.returncode, p.stderr.strip()
    return run


@pytest.fixture
def files(tmp_path):
    """Writes a file of that name and returns its path."""
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return str(path)
    return write
