# SPDX-License-Identifier: BSD-3-Clause
"""Which lines of the driver's file a guest's run has executed: gcov's counts, brought home."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from .kernel import RigError

GOAL = 85  # per cent
OBJECT = "drivers/misc/fastrpc"
SOURCE = OBJECT + ".c"
REPORT = "fastrpc.gcda"


def counts_path(rig):
    """Where the guest's kernel shows its counts: named after the build tree on this machine."""
    return f"/sys/kernel/debug/gcov{rig.tree}/{OBJECT}.gcda"


@dataclass(frozen=True)
class Line:
    """A line with code in it."""

    number: int
    function: str
    count: int
    text: str


def gcov_of(rig, gcda):
    """What gcov says of the counts @gcda, as JSON."""
    tool = f"{rig.flavour.cross}gcov"
    with tempfile.TemporaryDirectory(dir=rig.cache, prefix="gcov-") as folder:
        shutil.copy2(os.path.join(rig.tree, OBJECT + ".gcno"), folder)
        with open(os.path.join(folder, REPORT), "wb") as file:
            file.write(gcda)
        done = subprocess.run(
            [tool, "--json-format", "--stdout", os.path.join(folder, REPORT)],
            check=False, capture_output=True, text=True, cwd=rig.tree,
        )
    if done.returncode:
        raise RigError(f"{tool} failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


def lines_of(rig, reports):
    """The driver's lines with code, in order; @reports: the counts of each guest."""
    with open(os.path.join(rig.source, SOURCE), encoding="utf-8") as file:
        text = file.read().split("\n")
    counts = {}
    for each in (file for gcda in reports for file in gcov_of(rig, gcda)["files"]):
        if not each["file"].endswith(SOURCE):
            continue
        for line in each["lines"]:
            number = line["line_number"]
            before = counts.get(number, ("", 0))
            counts[number] = (line.get("function_name", before[0]), before[1] + line["count"])
    return [
        Line(number, name, count, text[number - 1].strip())
        for number, (name, count) in sorted(counts.items())
    ]


def share(lines):
    """Per cent of the lines that ran."""
    return 100 * sum(line.count > 0 for line in lines) / len(lines) if lines else 0.0


def judge(tally, rig, listeners):
    """One check more: enough of the driver has run. What has not is listed."""
    reports = [heard.files[REPORT] for heard in listeners if heard.files.get(REPORT)]
    if len(reports) < len(listeners):
        tally.say(False, "coverage: a guest has brought no counts")
    if not reports:
        return
    lines = lines_of(rig, reports)
    left = [line for line in lines if not line.count]
    details = [f"not run: {line.function} {line.number}: {line.text}" for line in left]
    said = f"{len(lines) - len(left)} of {len(lines)} lines of {SOURCE} ran, {share(lines):.1f} %"
    tally.say(share(lines) >= GOAL, f"coverage: {said}, at least {GOAL} %", details=details)
