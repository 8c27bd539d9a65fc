# SPDX-License-Identifier: BSD-3-Clause
"""The rig's own failures, made on purpose: each must end, and with the words that say which it was."""

import dataclasses

from . import guest, plans, table
from .kernel import Rig

SECONDS = 5  # a test's limit here
PATIENCE = 12  # the watchdog's


@dataclasses.dataclass(frozen=True)
class Case:
    """One failure: how it is made, and a part of what must be said of it."""

    name: str
    dsp: tuple  # words of the DSP's plan step after its name; "NODE" is replaced
    fail: str  # what the kernel is told to do, or ""
    said: str
    probe: str = ""  # a test of the library; else rows of the conformance suite


CASES = (
    Case("a silent DSP", ("WRONG", "NODE", "silence"), "", "silent DSP: cdsp owes"),
    Case("a DSP that dies", ("WRONG", "NODE", "death"), "", "the DSP died (cdsp exit 3)"),
    Case("a DSP that fails every call", ("WRONG", "NODE", "status"), "", "0x27 != 0", "test_fork"),
    Case("a DSP that answers what nobody asked", ("WRONG", "NODE", "stranger"), "",
         "wrong DSP answers, which the driver refused"),
    Case("a kernel that dies", (), "oops", "the guest's kernel died"),
    Case("a kernel that hangs", (), "hang", "the guest hangs"),
)


def plan_of(case, rig, build, root):
    plan = plans.begin(rig, build, root)
    plan.add("wait", "/dev/fastrpc-cdsp")
    if case.dsp:
        known = {"NODE": "/dev/frpc-rig-cdsp", "WRONG": rig.wrong}
        plan.add("dsp", "cdsp", *(known.get(word, word) for word in case.dsp))
    if case.fail:
        plan.add("fail", case.fail)
    if case.probe:
        plans.add_tests(plan, [t for t in plans.integration_tests(build) if t.name == case.probe])
    else:
        plan.run("probe", SECONDS, table.program(build), "--device", "os", "--only", "ml.create")
    return plan


def heard_of(listener, problem):
    """All that the rig says of a guest."""
    words = [problem] + [run.problem for run in listener.runs]
    for run in listener.runs:
        if not run.passed:
            words += run.lines
    return "\n".join(words)


def run(rig: Rig, options, tally, echo):
    for case in CASES:
        if options.only not in case.name:
            continue
        plan = plan_of(case, rig, options.target, options.root)
        listener, problem = guest.boot(rig, plan, echo, PATIENCE)
        said = heard_of(listener, problem)
        tally.say(case.said in said, f"selftest: {case.name} is told as such",
                  details=[] if case.said in said else said.splitlines() + listener.kernel[-20:])
