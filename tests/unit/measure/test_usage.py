# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""A wrong command line: status 2, one line that says what is wrong, and nothing is made."""
import os
import sys

import pytest

NO_ICOUNT = "is for a --guest with one CPU"
NO_TURNS = "--one-thread is for a --guest with several CPUs"
MADE_HERE = "is for haltblk devices that are made here"
WRONG = (
    ("--jobs nonsense", "--jobs nonsense: No such file or directory; takes the path of a job file or one of contention,"),
    ("--jobs random-read,/bin/true", "--jobs /bin/true: not a job file of fio's"),
    ("--jobs ,", "',': takes names"),
    ("--modes mq,x", "'x': is none of mq, bio"),
    ("--runtime -1", "'-1': takes seconds"),
    ("--runtime inf", "'inf': takes seconds"),
    ("--runtime 0", "--runtime 0: takes seconds, more than 0"),
    ("--numjobs 0", "'0': takes numbers from 1"),
    ("--repeats 0", "--repeats 0: takes a number from 1"),
    ("nonsense", "nonsense: neither an option nor KEY=VALUE"),
    ("--lock-models foo", "'foo': is none of none, hctx, split, shared"),
    ("--queues 0", "'0': takes numbers from 1"),
    ("--jobs /etc/passwd", "has no [section] of a job"),
    ("--icount", NO_ICOUNT),
    ("--icount --guest uml", NO_ICOUNT),
    ("--icount --guest 6.12 --cpus 2", NO_ICOUNT),
    ("--one-thread", NO_TURNS),
    ("--one-thread --guest 6.12 --cpus 1", NO_TURNS),
    ("--cpus 2", "--cpus is for a --guest"),
    ("--nonsense", "unrecognized arguments: --nonsense"),
    ("--guest uml --device /dev/null", "a guest does not see this machine's devices"),
    ("--device /dev/null size=1", f"size=1 {MADE_HERE}"),
    ("--device /dev/null --queues 1", f"--queues {MADE_HERE}"),
    ("--guest nonsense", "--guest nonsense: no such kernel"),
)


@pytest.fixture(scope="module", params=[pytest.param((words.split(), why), id=words) for words, why in WRONG])
def refused(request, tmp_path_factory, compare):
    """Exit status, words, why, and what is left in the directory."""
    words, why = request.param
    dir_ = tmp_path_factory.mktemp("usage")
    status, said = compare(*words, "--out", str(dir_ / "out"))
    return status, said, why, os.listdir(dir_)


def test_refused(refused):
    status, said, why, _ = refused
    assert (status, why in said, said.count("\n")) == (2, True, 0)


def test_nothing_is_made(refused):
    assert refused[3] == []


def test_a_file_as_directory_is_refused(compare, files):
    status, said = compare("--guest", "uml", "--out", files("file", ""))
    assert (status, "/file: exists and is no directory" in said) == (2, True)


def test_no_device_among_those_named(compare, files, tmp_path):
    out = tmp_path / "out"
    status, said = compare("--device", files("none", ""), "--jobs", "random-read", "--out", str(out))
    assert (status, "none: left out: not a block device" in said, "nothing to measure" in said, out.exists()) == \
        (1, True, True, False)


def test_without_fio_it_says_how_to_get_it(compare, tmp_path):
    (tmp_path / "python3").symlink_to(sys.executable)
    status, said = compare("--out", str(tmp_path / "out"), env={**os.environ, "PATH": str(tmp_path)})
    assert (status, "fio is not installed: " in said, "apt-get install fio" in said) == (1, True, True)
