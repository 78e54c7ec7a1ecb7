# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""scripts/bench: raw figures, the limits, the table, and what the command refuses."""
import json
import os
import subprocess
import sys

import pytest

from measure import bench, limits, raw


def job(name, ios, ms, part="read"):
    """As fio's JSON has it."""
    job_ = {"jobname": name, "read": {"total_ios": 0, "runtime": 0, "iops": 0.0},
            "write": {"total_ios": 0, "runtime": 0, "iops": 0.0}}
    job_[part].update(total_ios=ios, runtime=ms, iops=ios * 1000 / ms if ms else 0.0)
    return job_


def fio(*jobs):
    return "= fio note: a word before it " + json.dumps({"jobs": jobs})


def scale(case, device, cpus, iops):
    return f"= scale {case} {device} {cpus} " + json.dumps({"jobs": [job("scale", iops, 1000)]})


RAW = ["  what it is doing", "= kernel 6.12.1", fio(job("read@null_blk", 1000, 5), job("over@brd", 2000, 10, "write")),
       "= clock 4800500 10001000 "]


def figures(*lines):
    return raw.read(lines)[1]


# Raw figures

def test_the_kernel_is_named():
    assert raw.read(RAW)[0] == "6.12.1"


def test_time_is_divided_by_the_number_of_ios():
    assert figures(*RAW) == {("read", "null_blk"): 4801, ("over", "brd"): 5001}


@pytest.mark.parametrize("value, wanted", [(0.5, 1), (1.5, 2), (2.4999, 2), (2.5, 3)])
def test_a_half_is_rounded_up(value, wanted):
    assert raw.whole(value) == wanted


def test_the_least_of_several_discards_counts():
    assert figures("= discard d 700", "= discard d 650", "= discard d 800")["discard", "d"] == 650


def test_cpu_time_is_in_whole_microseconds():
    assert figures("= discard-cpu d 9999", "= discard-cpu d 8999")["discard-cpu", "d"] == 8


def test_memory_is_in_bytes_for_each_4_kib():
    # 1 GiB took 1,060,000 KiB.
    assert figures("= memory d 500000 1560000 1024")["memory", "d"] == 4140


def test_holding_is_as_it_was_measured():
    assert figures("= wake unheld d 4321") == {("unheld", "d"): 4321}


def test_scaling_is_in_thousandths_of_one_job():
    assert figures(scale("randread", "d", 1, 1000), scale("randread", "d", 2, 1999), scale("randread", "d", 4, 3500)) == {
        ("scale2-randread", "d"): 1999, ("scale4-randread", "d"): 3500}


def test_the_last_figure_of_a_name_counts():
    again = [fio(job("read@null_blk", 1000, 5)), "= clock 5000000"]
    assert figures(*RAW, *again)["read", "null_blk"] == 5000


@pytest.mark.parametrize("lines, why", [
    pytest.param([RAW[2], "= clock 4800500"], "1 of 2 jobs were timed", id="a job was not timed"),
    pytest.param([fio(job("read@d", 1000, 50)), "= clock 4800500"], "read d: 4800500 ns, by fio 50 ms",
                 id="fio's clock is far away"),
    pytest.param(["= nonsense 1"], "nonsense: no such figure", id="an unknown figure"),
    pytest.param(["= discard d"], "= discard d: ValueError", id="no number"),
    pytest.param(["= fio none"], "= fio none: ValueError", id="no JSON"),
    pytest.param([scale("randread", "d", 2, 5)], "= scale randread d 2", id="nothing to scale from")])
def test_what_cannot_be_right_is_refused(lines, why):
    with pytest.raises(raw.Bad) as e:
        figures(*lines)
    assert why in str(e.value)


@pytest.mark.parametrize("case, unit", [
    ("read", "instructions per I/O"), ("seq128", "instructions per I/O"), ("discard", "us"), ("discard-cpu", "us"),
    ("memory", "bytes"), ("unheld", "instructions"), ("scale2-randread", "thousandths")])
def test_a_figure_has_a_unit(case, unit):
    assert raw.unit(case) == unit


# Limits

def verdict(mine, other):
    """Of blk-mq without data, which may cost 0.97 of null_blk."""
    return next(limits.judged({("read", "haltblk-mq"): mine, ("read", "null_blk"): other}))


def test_a_limit_that_is_just_met():
    row = verdict(970, 1000)
    assert (row["over"], row["most"], row["ratio"], limits.missed(row["over"])) == (0, 970, 0.97, "met")


def test_a_limit_that_is_missed():
    row = verdict(989, 1000)
    assert (round(row["over"], 3), limits.missed(row["over"])) == (0.02, "missed by 2.0%")


@pytest.mark.parametrize("mine, other", [(None, 1000), (970, None)])
def test_a_limit_without_a_figure_is_not_judged(mine, other):
    assert "over" not in verdict(mine, other)


@pytest.mark.parametrize("thousandths, wanted", [(1800, "met"), (1710, "missed by 5.0%")])
def test_two_cpus_do_at_least_so_much(thousandths, wanted):
    row = next(limits.judged_scaling({("scale2-randread", "haltblk-mq-mem"): thousandths}))
    assert limits.missed(row["over"]) == wanted


def test_limits_have_names_of_their_own():
    names = [row.name for row in limits.LIMITS]
    assert sorted(set(names)) == sorted(names)


# The table

def test_the_table_has_a_row_for_each_device():
    text = bench.Table(figures(*RAW), True).text()
    assert [line.split() for line in text.splitlines() if line.startswith(("null_blk", "brd"))] == [
        ["null_blk", "4801", "-", "-"], ["brd", "-", "-", "5001"]]


def test_the_table_leaves_out_what_was_not_measured():
    assert "bytes/4 KiB" not in bench.Table(figures(*RAW), True).text()


def test_the_table_shows_scaling_as_a_ratio():
    text = bench.Table(figures(scale("randread", "d", 1, 1000), scale("randread", "d", 2, 1990)), False).text()
    assert "x 1.99            -" in text


def test_the_table_shows_holding_as_a_multiple():
    text = bench.Table(figures("= wake unheld d 1000", "= wake resume-to-reader d 2500"), False).text()
    assert [line.split() for line in text.splitlines()][-1] == ["resume-to-reader", "2500", "x", "2.50"]


def test_the_farthest_figure_is_named():
    now = {("read", "a"): 101, ("read", "b"): 95, ("read", "c"): 1}
    assert bench.differences(now, {("read", "a"): 100, ("read", "b"): 100}, "abc") == \
        "2 figures beside those of commit abc; the farthest apart: read b, 100 then, 95 now: 5.00%"


def test_nothing_to_compare_is_said():
    assert bench.differences({("read", "a"): 1}, {}, "abc") == "0 figures beside those of commit abc"


# The command

@pytest.fixture
def run(top, tmp_path):
    """scripts/bench: its status, and all that it said."""
    def start(*words):
        p = subprocess.run([sys.executable, os.path.join(top, "scripts/bench"), *words], cwd=tmp_path, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return p.returncode, p.stdout
    return start


@pytest.fixture
def made(run, files, tmp_path):
    status, said = run("--quick", "--from", files("raw", "\n".join(RAW) + "\n"), "--out", "out")
    return status, said, json.loads((tmp_path / "out/results.json").read_text()), (tmp_path / "out/table.txt").read_text()


def test_from_makes_results(made):
    status, _, results, _ = made
    assert (status, results["kernel"], results["figures"]) == (0, "6.12.1", [
        {"case": "read", "device": "null_blk", "value": 4801, "unit": "instructions per I/O"},
        {"case": "over", "device": "brd", "value": 5001, "unit": "instructions per I/O"}])


def test_from_prints_the_table_that_it_leaves(made):
    _, said, _, table = made
    assert said == f"{table}\n{said.splitlines()[-1]}\n"


def test_compare_reads_an_older_results_json(run, files):
    # As it was before there were limits in it.
    before = files("before.json", json.dumps({"kernel": "6.12.1", "commit": "abc", "figures": [
        {"case": "read", "device": "null_blk", "value": 4800, "unit": "instructions per I/O"}]}))
    status, said = run("--from", files("raw", "\n".join(RAW) + "\n"), "--out", "out", "--compare", before)
    assert (status, "1 figures beside those of commit abc; the farthest apart: read null_blk, 4800 then, 4801 now: 0.02%"
            in said) == (0, True)


def test_results_can_replace_those_they_are_compared_with(run, made, files):
    status, said = run("--from", files("raw", "\n".join(RAW) + "\n"), "--out", "out", "--compare", "out/results.json")
    assert (status, ": 0.00%" in said) == (0, True)


@pytest.mark.parametrize("words, status, why", [
    pytest.param(["--compare", "none"], 2, "--compare: none: No such file or directory", id="compare, no file"),
    pytest.param(["--compare", "/etc/passwd"], 2, "not the results.json of a run", id="compare, another file"),
    pytest.param(["--cpus", "3"], 2, "invalid choice: 3", id="cpus"),
    pytest.param(["--nonsense"], 2, "unrecognized arguments: --nonsense", id="unknown"),
    pytest.param(["--from", "none"], 1, "none: No such file or directory", id="from, no file"),
    pytest.param(["--from", "/etc/passwd"], 1, "/etc/passwd: it has no figures of bench-guest's", id="from, another file")])
def test_refused(run, tmp_path, words, status, why):
    got, said = run(*words, "--out", str(tmp_path / "out"))
    assert (got, why in said, said.count("\n"), os.path.exists(tmp_path / "out")) == (status, True, 1, False)
