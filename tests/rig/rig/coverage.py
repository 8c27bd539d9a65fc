# SPDX-License-Identifier: BSD-3-Clause
"""Which lines of the driver's file a guest's run has executed: gcov's counts, brought home."""

import json
import os
import re
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


MONITOR = "no secure monitor: nothing answers `qcom_scm`"
TREE = "the rig's device tree describes DSPs as they should be"
DEADLY = "the kernel dies of it: freed memory stays in a list, or a buffer is unmapped twice"

# Why lines are left out: function, text of the line, reason. The first that fits.
REASONS = (
    ("fastrpc_vmap", "", "nobody in the kernel maps such a buffer for itself"),
    ("fastrpc_exit", "", "the driver is a part of the kernel"),
    ("fastrpc_init", "", "at that time nothing can fail"),
    ("fastrpc_req_mmap", "err_assign|munmap_impl|return err", DEADLY),
    ("fastrpc_map_attach", "map_err|dma_buf_detach", DEADLY),
    ("fastrpc_map_dma_buf", "", "without an SMMU nothing can fail there"),
    ("fastrpc_get_args", "remote_heap", TREE),
    ("fastrpc_get_args", "bail", "the lengths have been added up from the same arguments"),
    ("fastrpc_cb_probe", "32-bit|return rc", "32 bits can always be had"),
    ("fastrpc_cb_probe", "", TREE),
    ("fastrpc_rpmsg_probe", "specified|Invalid Domain|return|rmem", TREE),
    ("fastrpc_rpmsg_probe", "error|misc_deregister|fdevice", "no failing allocation leads there"),
    ("fastrpc_rpmsg_remove", "list_del|remote_heap|buf_free", "no DSP goes down that still has any"),
    ("fastrpc_user_free", "ctx", "a pending call holds its file: none is left when the file goes"),
    ("fastrpc_dmabuf_alloc", "dma_buf_put|return", "a process that has no descriptor left"),
    ("fastrpc_(free_map|map_attach|req_mmap|init_create_static_process|rpmsg_probe)",
     "scm|vmid|VMID|perm|PERM|Failed to assign|err|heap|return|attr|phys|vmcount", MONITOR),
)


def reason_of(line):
    for function, text, reason in REASONS:
        if re.fullmatch(function, line.function) and re.search(text, line.text):
            return reason
    return "not known"


def store_path(cache):
    return os.path.join(cache, "coverage.json")


def judge(tally, rig, listeners, whole):
    """
    One check more: enough of the driver has run. What has not is listed, and kept for the page when
    @whole: nothing was left out of the run.
    """
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
    if not whole:
        return
    with open(store_path(rig.cache), "w", encoding="utf-8") as file:
        json.dump({"said": said, "release": listeners[0].release,
                   "left": [[line.function, line.number, reason_of(line)] for line in left]}, file)


def ranges(numbers):
    """[3, 4, 5, 9] as "3-5, 9"."""
    parts = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def page(cache):
    """What the last run with --coverage has left out, as a section; "" if there was none."""
    if not os.path.exists(store_path(cache)):
        return ""
    with open(store_path(cache), encoding="utf-8") as file:
        kept = json.load(file)
    found = {}
    for function, number, reason in kept["left"]:
        found.setdefault((reason, function), []).append(number)
    text = f"## How much of the driver runs\n\nOn {kept['release']}: {kept['said']}. The others:\n\n"
    text += "| why not | function | lines |\n| --- | --- | --- |\n"
    for (reason, function), numbers in sorted(found.items()):
        text += f"| {reason} | `{function}` | {ranges(numbers)} |\n"
    return text + "\n"
