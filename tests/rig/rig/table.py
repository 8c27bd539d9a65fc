# SPDX-License-Identifier: BSD-3-Clause
"""The conformance suite's rows, side by side: the emulator's verdict and the real drivers'."""

import os
import subprocess
from dataclasses import dataclass

from .verdict import Listener, Run

RUN = "conformance"


@dataclass(frozen=True)
class Row:
    """One behaviour, as the suite lists it."""

    id: str
    fact: str
    versions: str
    needs: str
    sentence: str


def program(build):
    return os.path.join(build, "tests/conformance/suite/frpc-conformance")


def rows(build):
    done = subprocess.run([program(build), "--list"], check=True, capture_output=True, text=True)
    return [Row(*line.split("\t")) for line in done.stdout.splitlines()]


def verdicts_of(run):
    """{row id: "ok", "not ok" or "skip: why"} of a run of the suite."""
    found = {}
    for check in run.checks:
        words = check.name.split()
        if words:
            state = f"skip: {check.skip}" if check.skip else "ok" if check.passed else "not ok"
            found[words[0]] = state
    return found


def emulator_run(build, version):
    """The suite on the emulator, on this machine, as a Run."""
    listener = Listener()
    run = listener.current = Run(RUN)
    done = subprocess.run(
        [program(build), "--dialect", "mainline", "--version", version],
        check=False, capture_output=True, text=True, timeout=600,
    )
    for line in done.stdout.splitlines():
        listener.hear(line)
    return run


def differences(emulator, driver):
    """Rows on which both have a verdict, and not the same one."""
    found = []
    for row in sorted(set(emulator) | set(driver)):
        mine, real = emulator.get(row, "not run"), driver.get(row, "not run")
        if mine != real and not mine.startswith("skip") and not real.startswith("skip"):
            found.append(f"{row}: emulator {mine}, driver {real}")
    return found


def text(all_rows, columns):
    """The page: @columns is [(title, {row id: verdict})]."""
    titles = ["row", "fact"] + [title for title, _ in columns]
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    for row in all_rows:
        cells = [verdicts.get(row.id, "not run") for _, verdicts in columns]
        lines.append(f"| `{row.id}` {row.sentence} | {row.fact} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
