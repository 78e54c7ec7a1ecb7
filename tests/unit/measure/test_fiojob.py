# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Job files: ours, and any other that fio reads."""
import subprocess

import pytest

from measure import fiojob, shell

needs_fio = pytest.mark.skipif(not shell.which("fio"), reason="fio is not installed")


def test_which_of_ours_write(jobs):
    assert sorted(n for n, j in jobs.items() if j.writes) == [
        "file-server", "mixed", "random-write", "sequential-write", "trim", "verify", "zoned"]


def test_of_ours_only_verify_is_for_one_job(jobs):
    assert [n for n, j in jobs.items() if not j.several] == ["verify"]


def test_of_several_sections_the_last_is_run(jobs):
    assert jobs["contention"].section == "all-cpus"


def test_time_and_number_of_jobs_are_replaced(jobs):
    text = jobs["random-read"].adapted(0.5, 0, 3)
    assert ["runtime=500ms\n" in text, "numjobs=3\n" in text, "ramp_time" in text] == [True, True, False]


def test_nothing_is_added_that_the_file_does_not_say(jobs):
    assert jobs["verify"].adapted(1, 1, 4) == jobs["verify"].text


OTHER = """# comment
  ; another
 [global] ; with one behind it
\tioengine = null # and here
timeout =9
ramp_time= 3
;numjobs=7
size=1m
[first]
rw=write
numjobs=5
[global]
bs=8k
 [the job]
 rw=randread ; never write
\tnumjobs = 3
include more.inc
[the job]
numjobs=4
bs=1k
"""


@pytest.fixture
def other(files):
    files("more.inc", "iodepth=2\n  runtime= 8s\n")
    return fiojob.JobFile(files("other.fio", OTHER))


def test_another_file_the_last_section_is_run(other):
    assert other.section == "the job"


def test_each_section_has_the_global_options_before_it(other):
    assert other.options() == [
        {"ioengine": "null", "runtime": "8s", "ramp_time": "3", "size": "1m", "bs": "8k", "rw": "randread",
         "numjobs": "3", "iodepth": "2"},
        {"ioengine": "null", "runtime": "9", "ramp_time": "3", "size": "1m", "bs": "1k", "numjobs": "4"}]


def test_a_comment_or_a_section_that_is_not_run_writes_nothing(other):
    assert other.writes is False


def test_numjobs_with_blanks_around_it(other):
    assert other.several is True


def test_options_are_replaced_however_they_are_written(other):
    text = other.adapted(0.25, 2, 6)
    assert [text.count(w) for w in ("\nruntime=250ms\n", "\nramp_time=2000ms\n", "\nnumjobs=6\n",
                                    "timeout", "8s", "include")] == [2, 1, 3, 0, 0, 0]


def test_a_comment_stays_a_comment(other):
    assert "\n;numjobs=7\n" in other.adapted(0.25, 2, 6)


def test_options_are_left_out_and_added(other):
    text = other.adapted(1, 0, 1, ["number_ios=5"], ("runtime", "numjobs"))
    assert [w in text for w in ("runtime", "timeout", "ramp_time", "\nnumjobs")] + [
        text.count("\nnumber_ios=5\n")] == [False] * 4 + [2]


@needs_fio
def test_fio_reads_the_same(other, files):
    path = files("copy", other.adapted(0.25, 2, 6))
    shown = subprocess.run(["fio", "--showcmd", "--section=the job", path], capture_output=True, text=True,
                           check=False).stdout
    assert [w.split() for w in shown.split("--name=the job")] == [
        ["fio", "--ioengine=", "null", "--runtime=250ms", "--ramp_time=2000ms", "--size=1m", "--ioengine=", "null",
         "--runtime=250ms", "--ramp_time=2000ms", "--size=1m", "--bs=8k"],
        ["--rw=randread", "--numjobs=6", "--iodepth=2", "--runtime=250ms"], ["--numjobs=6", "--bs=1k"]]


@pytest.mark.parametrize("text", [
    pytest.param("[c]\n;numjobs=2\n#numjobs=2\nrw=read;numjobs=2\n", id="in a comment"),
    pytest.param("[a]\nnumjobs=2\n[b]\nrw=read\n", id="in a section that is not run"),
])
def test_numjobs_that_does_not_count(files, text):
    assert fiojob.JobFile(files("a.fio", text)).several is False


def test_a_file_without_a_section_is_refused(files):
    with pytest.raises(ValueError, match=r"^not a job file of fio's: it has no \[section\] of a job$"):
        fiojob.JobFile(files("e.fio", "[global]\nrw=read\n"))


def test_a_file_that_is_no_text_is_refused():
    with pytest.raises(ValueError):
        fiojob.JobFile("/bin/true")


def test_a_file_that_includes_itself_is_refused(files, tmp_path):
    with pytest.raises(ValueError, match="includes itself"):
        fiojob.JobFile(files("f.fio", f"[f]\ninclude {tmp_path}/f.fio\n"))


def test_a_file_that_includes_a_missing_one_is_refused(files, tmp_path):
    with pytest.raises(FileNotFoundError) as e:
        fiojob.JobFile(files("g.fio", "[g]\ninclude none\n"))
    assert e.value.filename == f"{tmp_path}/none"


# A device whose contents are to be kept.

@pytest.fixture
def job(files):
    """A job file with one section of that one line."""
    def make(line):
        return fiojob.JobFile(files("a.fio", "[global]\nfilename=${DEV}\nioengine=psync\nbs=4k\nsize=64k\n"
                                             f"[a]\n{line}\n"))
    return make


@pytest.mark.parametrize("line, writes", [
    ("rw=randwrite", True), ("  rw=randwrite", True), ("rw =randwrite", True), ("\treadwrite = rw", True),
    ("rw= trim", True), ("rw=randread", False), ("; rw=write", False)])
def test_the_text_of_a_job_shows_whether_it_writes(job, line, writes):
    assert job(line).writes is writes


@needs_fio
@pytest.mark.parametrize("line, readonly, wanted", [
    pytest.param("rw=${HOW}", True, ("left out: it would overwrite the device: --overwrite allows it", True),
                 id="fio refuses what the text hides"),
    pytest.param("rw=${HOW}", False, ("", False), id="and writes where that is allowed"),
    pytest.param("rw=read", True, ("", True), id="a job that reads is run")])
def test_a_device_to_keep(job, tmp_path, monkeypatch, line, readonly, wanted):
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(65536))
    monkeypatch.setenv("HOW", "write")
    try:
        fiojob.run(job(line), str(disk), str(tmp_path), 1, 0, 1, readonly=readonly)
        said = ""
    except shell.Failed as e:
        said = str(e)
    assert (said, not any(disk.read_bytes())) == wanted
