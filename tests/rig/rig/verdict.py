# SPDX-License-Identifier: BSD-3-Clause
"""From what a guest said to verdicts: one for each test, and one for the guest."""

import base64
import re
import time
from dataclasses import dataclass, field

TAP = re.compile(r"^(not )?ok (\d+)(?: - | )?(.*)$")
# cmocka's way of saying it, the name being where others have the reason
CMOCKA_SKIP = re.compile(r"^not ok (\d+) # SKIP (\S+)$")
OWN_SKIP = "the test says so"
MARK = "@rig "
KERNEL_DEATH = re.compile(
    r"Kernel panic - not syncing.*|Unable to handle kernel .*|Internal error: .*|"
    r"BUG: .*|Oops: .*|Kernel mode fault .*"
)


@dataclass
class Check:
    """One line of a test: passed, skipped with a reason, or failed with one."""

    name: str
    passed: bool
    skip: str = ""
    why: str = ""


@dataclass
class Run:
    """One program that ran in the guest."""

    name: str
    checks: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    counters: dict = field(default_factory=dict)
    moving: bool = False  # answers still came in when its time was over
    ending: str = ""  # "exit 0", "signal 11", "timeout 0", "no-dsp 0", "" when the guest died in it
    problem: str = ""  # what failed beside or instead of the checks
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0.0  # how long it took
    work: float = 0.0  # the guest's processor time meanwhile

    def excuse(self, reasons):
        """Turns failures that this guest cannot help into skips; @reasons by the check's first word."""
        for check in self.checks:
            reason = reasons.get(check.name.split()[0]) if check.name else None
            if reason and not check.passed:
                check.passed, check.skip = True, reason

    @property
    def passed(self):
        return not self.problem and all(check.passed for check in self.checks)


class Listener:
    """Reads what the guest says, line by line. @work tells the processor time that it has used."""

    def __init__(self, work=lambda: 0.0):
        self.work = work
        self.begun = time.monotonic()
        self.took = ""  # from its start to its last word
        self.runs = []
        self.current = None
        self.release = ""
        self.done = False
        self.troubles = []
        self.deaths = []
        self.kernel = []
        self.early = []
        self.files = {}  # what the plan's reports gave, by name

    def hear(self, line):
        """One line of the guest's programs."""
        if line.startswith(MARK):
            self._mark(line[len(MARK):].split(" ", 1))
        elif self.current:
            self.current.lines.append(line)
            self._tap(line)
        elif not self.release:
            self.early.append(line)

    def hear_kernel(self, line):
        """One line of the guest's kernel log."""
        self.kernel.append(line)

    def kernel_death(self):
        """The line with which the kernel died, or ""."""
        for line in self.kernel:
            found = KERNEL_DEATH.search(line)
            if found:
                return found.group(0)
        return ""

    def may_not_trace(self):
        """User-mode Linux needs ptrace, which a container may forbid: nothing was tested then."""
        text = "\n".join(self.early + self.kernel)
        denied = "not permitted" in text or "Permission denied" in text
        return not self.release and "ptrace" in text and denied and "Linux version" not in text

    def _mark(self, words):
        what, rest = words[0], words[1] if len(words) > 1 else ""
        if what == "up":
            self.release = rest
        elif what == "done":
            self.done = True
            self.took = f"{time.monotonic() - self.begun:.1f} s, {self.work():.1f} s of processor time"
        elif what == "file":
            name, letters = rest.split()
            self.files[name] = self.files.get(name, b"") + base64.b64decode(letters)
        elif what == "trouble":
            self.troubles.append(rest)
        elif what == "dsp-died":
            self.deaths.append(rest)
        elif what == "start":
            self.current = Run(rest, work=-self.work())
            self.runs.append(self.current)
        elif what == "counters" and self.current:
            label, _, sent, _, answered, _, refused = rest.split()
            before = self.current.counters.get(label)
            self.current.moving |= bool(before) and int(answered) > before[1]
            self.current.counters[label] = (int(sent), int(answered), int(refused))
        elif what == "end" and self.current:
            self.current.ending = rest.split(" ", 1)[1]
            self.current.seconds = time.monotonic() - self.current.begun
            self.current.work += self.work()
            self._judge_end(self.current)
            self.current = None

    def _tap(self, line):
        found = CMOCKA_SKIP.match(line)
        if found:
            self.current.checks.append(Check(found.group(2), True, OWN_SKIP))
            return
        found = TAP.match(line)
        if not found:
            return
        words, mark, comment = found.group(3).partition("# SKIP")
        skip = comment.strip() or "no reason given" if mark else ""
        self.current.checks.append(Check(words.strip(), not found.group(1), skip))

    def _judge_end(self, run):
        kind, number = run.ending.split()
        owed = [
            f"{label} owes {sent - answered}"
            for label, (sent, answered, _) in run.counters.items()
            if sent > answered
        ]
        liars = [
            f"{label}: {refused}" for label, (_, _, refused) in run.counters.items() if refused
        ]
        if kind == "no-dsp":
            run.problem = "not run: the DSP has died before"
        elif self.deaths and kind == "timeout":
            run.problem = f"the DSP died ({'; '.join(self.deaths)})"
        elif kind == "timeout" and run.moving:
            run.problem = "too slow: calls still went to and fro when its time was over"
        elif kind == "timeout" and owed and liars:
            run.problem = (
                f"wrong DSP answers, which the driver refused ({', '.join(liars)}), "
                f"while {', '.join(owed)}; the test was stopped"
            )
        elif kind == "timeout" and owed:
            run.problem = f"silent DSP: {', '.join(owed)} answers; the test was stopped"
        elif kind == "timeout":
            run.problem = "the test hangs, and no answer of a DSP is missing; it was stopped"
        elif kind == "signal":
            run.problem = f"killed by signal {number}"
        elif number == "77" and not run.checks:
            run.checks.append(Check(run.name, True, "exit 77: cannot run here"))
        elif number != "0" and all(check.passed for check in run.checks):
            run.problem = f"exit {number}"


def judge_guest(listener, stopped):
    """What is wrong with the guest itself, or "". @stopped: the watchdog had to end it."""
    during = f" during {listener.current.name}" if listener.current else ""
    death = listener.kernel_death()
    problem = ""
    if death:
        problem = f"the guest's kernel died{during}: {death}"
    elif stopped:
        problem = f"the guest hangs{during}: nothing was heard of it for {stopped} s"
    elif not listener.release:
        problem = "the guest did not come up"
    elif not listener.done:
        problem = f"the guest ended early{during}"
    elif listener.troubles:
        problem = "; ".join(listener.troubles)
    if problem and listener.current and not listener.current.problem:
        listener.current.problem = problem
    return problem
