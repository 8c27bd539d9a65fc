#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the tables of docs/driver.md from the driver's command tables and the tests, or (--check)
fails when the page differs: one row per behaviour, the fact it comes from, the test that shows it."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "driver.md"
TESTS = ROOT / "tests" / "conformance" / "downstream"
ENTRY = ROOT / "src" / "emulator" / "kernel" / "compat.c"
PARTS = [
    ("contexts", "Calls and their contexts"),
    ("forms", "The forms of INVOKE"),
    ("responses", "What a DSP sends"),
    ("jobs", "Asynchronous jobs"),
    ("signals", "DSP signals"),
    ("notifications", "Status notifications"),
    ("restart", "Restarts and dying processes"),
    ("control", "CONTROL, SETMODE, GET_DSP_INFO, unknown commands"),
    ("narrow", "32-bit clients"),
]


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


def behaviours(name, title):
    text = (TESTS / ("test_%s.c" % name)).read_text()
    yield ""
    yield "### %s" % title
    yield ""
    yield "All in `tests/conformance/downstream/test_%s.c`; the test is named as the row says." % name
    yield ""
    yield "| behaviour | fact |"
    yield "|---|---|"
    rows = re.findall(r"(?:TEST|cmocka_unit_test)\(\s*(\w+)\s*\),(?:\s*/\* (.*?) \*/)?", text)
    for test, fact in rows:
        if test == "name":
            continue
        if not fact:
            sys.exit("%s: no fact beside %s" % (name, test))
        yield "| %s | %s |" % (test.replace("_", " "), fact)


def tables():
    yield from commands()
    for name, title in PARTS:
        yield from behaviours(name, title)


def main():
    text = PAGE.read_text()
    begin, end = "<!-- tables -->\n", "<!-- end of tables -->\n"
    first, rest = text.split(begin)
    last = rest.split(end)[1]
    wanted = first + begin + "\n".join(tables()) + "\n" + end + last
    if "--check" in sys.argv:
        if wanted != text:
            sys.exit("docs/driver.md is not what driver_md.py writes: run it")
        return
    PAGE.write_text(wanted)


main()
