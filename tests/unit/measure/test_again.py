# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""--report and --baseline read results, and do not change those that they cannot read."""
import json
import os

import pytest

from measure import outputs, plan, store, summary

META = {"title": "T", "kernel": "K", "started": "", "command": "", "driver": "", "fio": "", "commands": [],
        "job_files": {}, "machine": {"cpu": "C", "cpus": 1, "memory_mib": 1, "virtual": "real hardware"},
        "options": {"device": [], "runtime": 1, "warmup": 0, "repeats": 1, "seed": 1}}
HEADER = '{"settings": {}}\n'
CASE = plan.Case("", "mq", "none", 1, "none", "a", 1)
LINE = json.dumps({"kind": "run", "case": CASE.key, "repeat": 0, "iops": 10.0}) + "\n"


def results(measured=True):
    """A results.json, as text."""
    kept = store.Store.of_results("/nonexistent", {"runs": []}, None)
    kept.samples = [json.loads(LINE)] if measured else []
    found = summary.runs([CASE], kept.samples)
    summary.compare(found)
    return outputs.to_json(META, found, kept, [])


def content(out):
    return {n: (out / n).read_text(errors="replace") for n in sorted(os.listdir(out))}


NOT_OURS = "not a results.json of compare-schedulers or lock-contention"
NOT_THERE = "samples.jsonl, from which a report is made, is not there or has no run"
FEWER = "lacks runs that results.json has"


@pytest.fixture(scope="module", params=[
    pytest.param((results(), None, NOT_THERE), id="no samples"),
    pytest.param((results(), HEADER, NOT_THERE), id="a header only"),
    pytest.param((results().replace('"samples": [', '"samples": [{"iops": 9.0},'), HEADER + LINE, FEWER),
                 id="fewer samples"),
    pytest.param((results().replace('"timelines": []', '"timelines": [{}]'), HEADER + LINE, FEWER), id="no timeline"),
    pytest.param((None, LINE, "No such file or directory"), id="no results"),
    pytest.param((results(False), LINE, "it has no runs"), id="nothing measured"),
    pytest.param(('{"runs": []}', LINE, NOT_OURS), id="another program's"),
    pytest.param(("[]", LINE, NOT_OURS), id="a list"),
    pytest.param(("x", LINE, NOT_OURS), id="no JSON")])
def refused(request, tmp_path_factory, compare):
    """What --report said of a directory that it cannot use, and the directory before and after."""
    text, samples, why = request.param
    out = tmp_path_factory.mktemp("out")
    for name, written in (("results.json", text), ("samples.jsonl", samples)):
        if written is not None:
            (out / name).write_text(written)
    before = content(out)
    return (*compare("--report", str(out)), why, before, content(out))


def test_a_report_is_refused(refused):
    status, said, why, _, _ = refused
    assert (status, why in said, said.count("\n")) == (1, True, 0)


def test_a_refused_report_changes_nothing(refused):
    assert refused[3] == refused[4]


@pytest.fixture(scope="module")
def made(tmp_path_factory, compare):
    out = tmp_path_factory.mktemp("out")
    (out / "results.json").write_text(results())
    (out / "samples.jsonl").write_text(HEADER + LINE)
    return out, compare("--report", str(out))[0]


def test_a_report_is_made_anew(made):
    out, status = made
    assert (status, (out / "report.html").exists()) == (0, True)


def test_the_report_is_of_the_same_runs(made):
    out, _ = made
    assert [json.loads((out / "results.json").read_text())["runs"], (out / "samples.jsonl").read_text()] == \
        [json.loads(results())["runs"], HEADER + LINE]


@pytest.fixture(scope="module")
def wrong_baseline(tmp_path_factory, compare):
    out = tmp_path_factory.mktemp("out")
    (out / "results.json").write_text('{"runs": [{}]}')
    return out, compare("--baseline", str(out / "results.json"), "--out", str(out / "new"))


def test_a_baseline_of_another_kind_is_refused_at_once(wrong_baseline):
    out, said = wrong_baseline
    assert said == (1, f"compare-schedulers: {out}/results.json: cannot be compared with: {NOT_OURS}")


def test_with_a_wrong_baseline_nothing_is_begun(wrong_baseline):
    assert os.listdir(wrong_baseline[0]) == ["results.json"]
