# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""The command's folders use what stands at the top of userspace/cli, and nothing of each other.

Only the list of commands, commands.h, knows what the folders have: the row hbc_cmd_NAME of each command.
"""
import os
import re
import shutil

import pytest

CLI = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../../userspace/cli"))
FOLDERS = {"crash", "device", "explore", "gate", "scenario", "range"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
COMMENT = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", re.S)
DEFINED = re.compile(r"^(?!static\b|extern\b|typedef\b|#|\s|\})[\w\s*]*?\b(hbc_\w+)(?:\([^;{}]*\)\s*\n\{|\s*=|;)", re.M)


def sources(cli):
    """{path below cli/: its text}"""
    found = {}
    for folder, _, files in os.walk(cli):
        for name in files:
            if re.search(r"\.[ch]$", name):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as f:
                    found[os.path.relpath(path, cli)] = f.read()
    return found


# Of the library, which has a part for the command alone, and what the Makefile generates.
OUTSIDE = {"libhaltblk.h", "crash_model.h", "kernel-reports.h"}


def wrong_includes(cli):
    """[file: header] of another folder; without a folder it is the file's own, or the top's."""
    texts = sources(cli)
    wrong = []
    for path, text in texts.items():
        here = os.path.dirname(path)
        for name in INCLUDE.findall(text):
            if os.path.dirname(name) or not {os.path.join(here, name), name} & (set(texts) | OUTSIDE):
                wrong.append(f"{path}: {name}")
    return wrong


def wrong_uses(cli):
    """[file: name] that another folder defines."""
    texts = {path: COMMENT.sub(" ", text) for path, text in sources(cli).items()}
    owner = {name: os.path.dirname(path) for path, text in texts.items() if path.endswith(".c")
             for name in DEFINED.findall(text)}
    assert len(owner) > 80
    return sorted(f"{path}: {name}" for path, text in texts.items() for name in set(re.findall(r"\bhbc_\w+", text))
                  if owner.get(name) and owner[name] != os.path.dirname(path))


def test_every_folder_is_known():
    assert {os.path.dirname(path) for path in sources(CLI)} - {""} == FOLDERS


def test_a_folder_includes_its_own_headers_and_those_of_the_top():
    assert wrong_includes(CLI) == []


def test_a_folder_uses_nothing_of_another():
    assert wrong_uses(CLI) == []


def test_every_row_is_in_the_list_of_commands():
    texts = sources(CLI)
    rows = {name for text in texts.values() for name in re.findall(r"^const struct hbc_command hbc_cmd_(\w+) = ", text, re.M)}
    assert rows == set(re.findall(r"\bCOMMAND\((?!name\))(\w+)\)", COMMENT.sub(" ", texts["commands.h"])))
    assert len(rows) > 20


@pytest.fixture
def copy(tmp_path):
    """A copy of the command's sources that a test may spoil."""
    return shutil.copytree(CLI, tmp_path / "cli")


def append(copy, path, text):
    with open(copy / path, "a", encoding="utf-8") as f:
        f.write(text)


def test_an_include_of_another_folder_is_seen(copy):
    append(copy, "device/show.c", '#include "range/explain.h"\n')
    assert wrong_includes(copy) == ["device/show.c: range/explain.h"]


def test_a_header_that_is_not_found_without_its_folder_is_seen(copy):
    append(copy, "columns.c", '#include "io.h"\n')
    assert wrong_includes(copy) == ["columns.c: io.h"]


def test_a_call_into_another_folder_is_seen(copy):
    append(copy, "range/range.c", "void f(void)\n{\n\thbc_run_own_clean();\n}\n")
    append(copy, "columns.c", "void f(void)\n{\n\thbc_run_own_clean();\n}\n")
    assert wrong_uses(copy) == ["columns.c: hbc_run_own_clean", "range/range.c: hbc_run_own_clean"]
