# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""pytest --tap prints TAP instead of pytest's own report, so that prove and tests/run count each test."""
import pytest


def pytest_addoption(parser):
    parser.addoption("--tap", action="store_true", help="print TAP")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    # After pytest's own report is there to be taken out.
    if config.getoption("--tap"):
        config.pluginmanager.unregister(name="terminalreporter")
        config.pluginmanager.register(Tap(), "tap")


def title(nodeid):
    """measure/test_stats.py::test_one_value[a-b] -> stats: one value [a-b]"""
    path, _, name = nodeid.partition("::")
    module = path.rpartition("/")[2].removeprefix("test_").removesuffix(".py")
    name, bracket, case = name.removeprefix("test_").partition("[")
    return f"{module}: {name.replace('_', ' ')}" + (f" [{case}" if bracket else "")


class Tap:
    """One point a test. A test that fails while cleaning up is still one point, and a failed one."""

    def __init__(self):
        self.nr, self.reports = 0, []

    def say(self, text):
        print(text, flush=True)

    def comment(self, text):
        for line in text.splitlines():
            self.say("# " + line)

    def pytest_collectreport(self, report):
        if report.failed:
            self.comment(str(report.longrepr))

    def pytest_internalerror(self, excrepr):
        self.comment(str(excrepr))

    def pytest_collection_finish(self, session):
        self.say(f"1..{len(session.items)}")

    def pytest_runtest_logreport(self, report):
        self.reports.append(report)
        if report.when == "teardown":
            self.point(report.nodeid, self.reports)
            self.reports = []

    def point(self, nodeid, reports):
        self.nr += 1
        failed = [r for r in reports if r.failed]
        skipped = [r for r in reports if r.skipped]
        why = f" # SKIP {skipped[0].longrepr[2].removeprefix('Skipped: ')}" if skipped and not failed else ""
        self.say(f"{'not ok' if failed else 'ok'} {self.nr} - {title(nodeid)}{why}")
        for report in failed:
            self.comment(report.longreprtext)
