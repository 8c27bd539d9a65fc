#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the tables of docs/driver.md from the driver's command tables, the tests and the rows of
frpc-conformance, or (--check) fails when the page differs: one row per behaviour, the fact it comes
from, the test that shows it. Fails, too, where two rows of the suite say the same, and where the page
names a test or a row that there is not."""
import argparse
import fnmatch
import os
import pathlib
import re
import shlex
import subprocess
import sys

# What runs programs of another machine, if that is what these are.
WRAPPER = shlex.split(os.environ.get("MESON_EXE_WRAPPER", ""))

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "driver.md"
TESTS = ROOT / "tests" / "conformance"
ENTRY = ROOT / "src" / "emulator" / "kernel" / "compat.c"
PARTS = [
    ("downstream/test_contexts.c", "Calls and their contexts"),
    ("downstream/test_forms.c", "The forms of INVOKE"),
    ("downstream/test_responses.c", "What a DSP sends"),
    ("downstream/test_early.c", "Answers that the DSP model announces"),
    ("downstream/test_jobs.c", "Asynchronous jobs"),
    ("downstream/test_signals.c", "DSP signals"),
    ("downstream/test_notifications.c", "Status notifications"),
    ("downstream/test_restart.c", "Restarts and dying processes"),
    ("downstream/test_control.c", "CONTROL, SETMODE, GET_DSP_INFO, unknown commands"),
    ("downstream/test_narrow.c", "32-bit clients"),
    ("memory/test_nodes.c", "Nodes, channels, sessions, context banks"),
    ("memory/test_init.c", "INIT"),
    ("memory/test_maps.c", "Maps"),
    ("memory/test_mainline_maps.c", "Mainline maps under a hostile DSP"),
    ("memory/test_buffers.c", "The driver's own buffers"),
    ("memory/test_heap.c", "The remote heap and static processes"),
    ("memory/test_bus.c", "Other kernel drivers, and the rpmsg bus"),
    ("memory/test_qrtr.c", "The router"),
    ("memory/test_observe.c", "Looking at a machine; the second generation"),
    ("memory/test_secure.c", "Secure maps of the mainline driver"),
    ("test_tasks.c", "Many tasks, over both drivers"),
]
# The sections of the facts: of abi.md, of the rig's observations.
SECTION = r"(?:A(?:[1-9]|1[0-4])(?:\.\d+)?|B[1-7]|C|E|F|rig (?:1?\d|20))"
FACT = re.compile(r"(?:abi )?%s(?:, %s)*" % (SECTION, SECTION))
# How a test file lists a test; behind it stands its fact.
LISTED = re.compile(
    r"(?:TEST|ROUTER|BOX_(?:BOTH|64|32)|cmocka_unit_test)\(\s*(\w+)\s*\),(?:\s*/\* (.*?) \*/)?"
)


def commands():
    text = ENTRY.read_text()
    tables = {}
    for table in ("native", "compat"):
        body = re.search(table + r"_commands\[\] = \{(.*?)\n\};", text, re.S).group(1)
        tables[table] = {
            re.sub(r"FRPC_DN(32)?_IOCTL_", "", name): handler
            for name, handler in re.findall(r"\{(\w+), \w+, (\w+)\}", body)
        }
    yield "| command | 64-bit clients | 32-bit clients |"
    yield "|---|---|---|"
    for name in sorted(tables["native"]):
        yield "| %s | `%s` | %s |" % (
            name,
            tables["native"][name],
            "`%s`" % tables["compat"][name] if name in tables["compat"] else "ENOTTY",
        )


def behaviours(path, title):
    text = (TESTS / path).read_text()
    yield ""
    yield "### %s" % title
    yield ""
    yield "All in `tests/conformance/%s`; the test is named as the row says." % path
    yield ""
    yield "| behaviour | fact |"
    yield "|---|---|"
    for test, fact in LISTED.findall(text[text.index("CMUnitTest"):]):
        if not fact:
            sys.exit("%s: no fact beside %s" % (path, test))
        yield "| %s | %s |" % (test.replace("_", " "), fact)


def suite_rows(program, dialect):
    done = subprocess.run(
        [*WRAPPER, program, "--list", "--dialect", dialect],
        check=True, capture_output=True, text=True
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


def twice(words):
    seen = set()
    return sorted({word for word in words if word in seen or seen.add(word)})


def functions_of_rows():
    """The function of each row, as FILE:NAME."""
    functions = []
    for path in sorted((TESTS / "suite").glob("??_*.c")):
        for body in re.findall(r"conf_row \w+\[\] = \{\n(.*?)\n\};", path.read_text(), re.S):
            body = re.sub(r'"[^"]*"', "", body)
            functions += [path.name + ":" + name for name in re.findall(r"(\w+)\s*[)}],(?:\n|$)", body)]
    return functions


def check_rows(program):
    """Each row cites its fact, and none says or does what another does."""
    rows = suite_rows(program, "mainline") + suite_rows(program, "downstream")
    for column, name in ((0, "id"), (4, "sentence")):
        same = twice(row[0].split(".")[0] + " " + row[column] for row in rows)
        if same:
            sys.exit("rows with the same %s: %s" % (name, ", ".join(same)))
    for row in rows:
        if not FACT.fullmatch(row[1]):
            sys.exit("%s cites no fact: %s" % (row[0], row[1]))
    functions = functions_of_rows()
    if len(functions) != len(rows):
        sys.exit("%d rows, but %d of them found in the sources" % (len(rows), len(functions)))
    same = twice(functions)
    if same:
        sys.exit("functions that are several rows: %s" % ", ".join(same))


def check_parts(text, program):
    """Every test and row that the table of parts names is there; NAME* stands for all of that name."""
    sources = "".join(path.read_text() for path in sorted((ROOT / "tests").rglob("*.c")))
    names = set(re.findall(r"\bvoid\s+(\w+)\(", sources))
    names |= {row[0] for dialect in ("mainline", "downstream") for row in suite_rows(program, dialect)}
    part = text.split("## What shows each part\n")[1].split("\n## ")[0]
    for line in part.splitlines():
        for name in re.findall(r"`([\w.*-]+)`", line) if line.startswith("| ") else []:
            if not any(fnmatch.fnmatchcase(known, name) for known in names):
                sys.exit("docs/driver.md: %s is neither a test nor a row" % name)


def clients(needs):
    if "wide" in needs:
        return "64"
    return "32" if "narrow" in needs else "64, 32"


def conformance(program):
    rows = suite_rows(program, "downstream")
    both = sum(clients(row[3]) == "64, 32" for row in rows)
    yield ""
    yield "### Rows of frpc-conformance"
    yield ""
    yield "%d rows, by raw ioctls on any device (`tests/conformance/suite/dn_*.c`); %d of them as a" % (
        len(rows), both)
    yield "64-bit and as a 32-bit client (`--client 32`), the others are of one width."
    yield ""
    yield "| row | behaviour | fact | clients |"
    yield "|---|---|---|---|"
    for row, fact, _, needs, sentence in rows:
        yield "| `%s` | %s | %s | %s |" % (row, sentence, fact, clients(needs))


def tables(program):
    yield from commands()
    for path, title in PARTS:
        yield from behaviours(path, title)
    yield from conformance(program)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the page differs")
    parser.add_argument("program", help="frpc-conformance, as it was built")
    options = parser.parse_args()
    check_rows(options.program)
    text = PAGE.read_text()
    check_parts(text, options.program)
    begin, end = "<!-- tables -->\n", "<!-- end of tables -->\n"
    first, rest = text.split(begin)
    last = rest.split(end)[1]
    wanted = first + begin + "\n".join(tables(options.program)) + "\n" + end + last
    if options.check:
        if wanted != text:
            sys.exit("docs/driver.md is not what driver_md.py writes: run it")
        return
    PAGE.write_text(wanted)


main()
