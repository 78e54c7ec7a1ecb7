# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""The driver's folders and files depend on each other in one direction only.

Reads the sources, so it needs no kernel. A header belongs to the file of the same name: what its
inline functions call counts as called by that file.
"""
import os
import re
import shutil

import pytest

DRIVER = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../../driver"))
# Highest first, as driver/README.md draws them. Each may use what stands below it.
ORDER = ["control", "device", "front", "core", "gate", "media"]

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
COMMENT = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", re.S)
# A function's head at the start of a line, its body's brace at the start of another.
FUNCTION = re.compile(r"^(?!static\b|typedef\b|#|\s|\})[\w\s*]*?\b(haltblk_\w+)\([^;{}]*\)\s*\n\{", re.M)
VARIABLE = re.compile(r"^(?!static\b|extern\b|typedef\b|#|\s|\}|DECLARE)[\w\s*]*?[\s*(](haltblk_\w+)"
                      r"(?:\[\w*\])?\)?\s*(?:=|;|__\w+)", re.M)


def sources(driver):
    """{path below driver/: its text}, without tests, probes and uapi."""
    found = {}
    for folder, dirs, files in os.walk(driver):
        dirs[:] = [d for d in dirs if d not in ("tests", "probes", "uapi")]
        for name in files:
            if re.search(r"(?<!\.mod)\.[ch]$", name) and name != "compat_gen.h":
                path = os.path.relpath(os.path.join(folder, name), driver)
                with open(os.path.join(driver, path), encoding="utf-8") as f:
                    found[path] = f.read()
    return found


def folder_edges(driver):
    """{folder: folders whose headers its files include}."""
    edges = {}
    for path, text in sources(driver).items():
        here = os.path.dirname(path)
        for name in INCLUDE.findall(text):
            there = os.path.dirname(name)
            # An include without a folder is of this one, or of the top, which serves all.
            if here and there in ORDER and there != here:
                edges.setdefault(here, set()).add(there)
    return edges


def file_edges(driver):
    """{file without suffix: {file that defines what it uses: names}}."""
    texts = {path: COMMENT.sub(" ", text) for path, text in sources(driver).items()}
    owner = {}
    for path, text in texts.items():
        if path.endswith(".c"):
            for name in FUNCTION.findall(text) + VARIABLE.findall(text):
                owner[name] = path[:-2]
    edges = {}
    for path, text in texts.items():
        here = path[:-2]
        if path.endswith(".h"):
            # Only bodies call; the rest declares.
            text = " ".join(re.findall(r"^\{.*?^\}", text, re.M | re.S))
        for name in set(re.findall(r"\bhaltblk_\w+", text)):
            if name in owner and owner[name] != here:
                edges.setdefault(here, {}).setdefault(owner[name], set()).add(name)
    return edges


def between_folders(edges):
    found = {}
    for here, theirs in edges.items():
        for there in theirs:
            a, b = os.path.dirname(here), os.path.dirname(there)
            if a and b and a != b:
                found.setdefault(a, set()).add(b)
    return found


def circles(edges):
    """Each strongly connected set of more than one node, sorted (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for there in edges.get(node, ()):
            if there not in index:
                visit(there)
                low[node] = min(low[node], low[there])
            elif there in stack:
                low[node] = min(low[node], index[there])
        if low[node] == index[node]:
            part = []
            while True:
                part.append(stack.pop())
                if part[-1] == node:
                    break
            if len(part) > 1:
                found.append(sorted(part))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def upward(edges):
    """Edges between folders that go against ORDER."""
    return [f"{a} -> {b}" for a in edges for b in edges[a] if ORDER.index(b) < ORDER.index(a)]


def test_every_folder_is_known():
    assert {os.path.dirname(p) for p in sources(DRIVER)} - {""} == set(ORDER)


def test_folders_include_downwards():
    assert upward(folder_edges(DRIVER)) == []


def test_folders_call_downwards():
    assert upward(between_folders(file_edges(DRIVER))) == []


def test_files_do_not_call_in_a_circle():
    edges = file_edges(DRIVER)
    assert len(edges) > 20
    assert circles(edges) == []


def test_nobody_calls_main():
    assert [here for here, theirs in file_edges(DRIVER).items() if "main" in theirs] == []


@pytest.fixture
def copy(tmp_path):
    """A copy of the driver that a test may spoil."""
    return shutil.copytree(DRIVER, tmp_path / "driver", ignore=shutil.ignore_patterns("*.o", "*.ko", ".*"))


def append(copy, path, text):
    with open(copy / path, "a", encoding="utf-8") as f:
        f.write(text)


def test_an_include_upwards_is_seen(copy):
    append(copy, "media/store.c", '#include "gate/gate.h"\n')
    assert upward(folder_edges(copy)) == ["media -> gate"]


def test_a_call_upwards_is_seen(copy):
    append(copy, "media/store.c", "void f(void)\n{\n\thaltblk_gate_open(NULL);\n}\n")
    assert upward(between_folders(file_edges(copy))) == ["media -> gate"]


def test_a_circle_of_calls_is_seen(copy):
    append(copy, "media/discarded.c", "void f(void)\n{\n\thaltblk_store_erase(NULL, 0, 0, 0);\n}\n")
    assert ["media/discarded", "media/store"] in circles(file_edges(copy))


def test_a_circle_through_an_inline_function_is_seen(copy):
    append(copy, "media/store.h", "static inline void f(void)\n{\n\thaltblk_cache_init(NULL, NULL);\n}\n")
    assert any({"media/cache", "media/store"} <= set(part) for part in circles(file_edges(copy)))
