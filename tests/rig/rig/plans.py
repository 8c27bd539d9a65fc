# SPDX-License-Identifier: BSD-3-Clause
"""What a guest is told to do (tests/rig/guest/plan.h): which programs, in which surroundings."""

import json
import os
import subprocess
from dataclasses import dataclass, field

from . import board, coverage, table
from .kernel import RigError

# What fails in a guest because of what it is: by kind, run and check. The list is closed.
PIECES = "no SMMU: the driver gets no more than 4 MiB in one piece"
EXCUSES = {
    "um": {
        "test_calls": {"every_size_of_payload_is_echoed": PIECES},
        "conformance": {"ml.create.longest": PIECES},
    },
}

# Tests of the mainline dialect that say nothing about a real driver, and why: by name, or by what
# the DSP would have to be like.
LEFT_OUT = {
    "test_maps": "counts what the emulator holds",
    "engine=process": "a DSP behind the rig's node makes no children yet",
}

# Tests that restart a DSP. The driver frees memory of files that are open then through devices that
# are gone: harmless as long as addresses are not translated, the end of the kernel if they are.
RESTARTING = ("test_restart", "test_async", "test_notify", "test_daemon", "test_storm")

# Where the guest's boards are taken down and up (tests/support/dsp.h).
BOARDS = "/sys/bus/platform/drivers/frpc-rig"

# The dma-buf heap whose buffers are in one piece: the module's (module/heap.c), the contiguous area's.
IN_ONE_PIECE = {"um": "rig", "arm64": "reserved"}

TEST_SECONDS = 600
CONFORMANCE_SECONDS = 900
FAULTS_SECONDS = 900


@dataclass
class Plan:
    """The steps, and how long each run may take."""

    build: str  # the programs' folder
    translated: bool = False  # the DSPs' memory is behind an SMMU
    steps: list = field(default_factory=list)
    limits: dict = field(default_factory=dict)

    @property
    def text(self):
        return "".join(" ".join(step) + "\n" for step in self.steps)

    def add(self, *words):
        for word in words:
            if not word or any(c.isspace() for c in word):
                raise RigError(f"a plan cannot hold this word: {word!r}")
        self.steps.append(words)

    def run(self, name, seconds, *command):
        self.limits[name] = seconds
        self.add("run", name, str(seconds), *command)

    def begin(self, name, *command):
        """A test beside the next steps, up to await_()."""
        self.add("begin", name, *command)

    def await_(self, name, seconds):
        self.limits[name] = seconds
        self.add("await", name, str(seconds))


@dataclass(frozen=True)
class Test:
    """A program of the build, as meson knows it."""

    name: str
    command: tuple
    env: tuple
    dsp_words: str = ""  # what the DSP is to be like (FRPC_EMULATOR's words)


def integration_tests(build):
    """The library's tests that run over the mainline dialect, on the kernel's nodes instead."""
    done = subprocess.run(
        ["meson", "introspect", "--tests", build], check=True, capture_output=True, text=True
    )
    found = []
    for entry in json.loads(done.stdout):
        env = dict(entry["env"])
        if env.get("FRPC_TRANSPORT") != "mainline@emulator":
            continue
        env["FRPC_TRANSPORT"] = "mainline"
        env["FRPC_BRIEF"] = "1"
        env["FRPC_RIG_BOARDS"] = BOARDS
        words = env.pop("FRPC_EMULATOR", "")
        # A phone has its shells among its DSP libraries; the emulator brings them.
        env["DSP_LIBRARY_PATH"] += ";" + os.path.join(build, "src/fastrpc-emulator")
        name = entry["name"].removesuffix(" mainline").replace(" ", "_")
        if name in LEFT_OUT or words in LEFT_OUT:
            continue
        if words.startswith("domains="):
            words = ""  # the guest has its DSPs
        found.append(Test(name, tuple(entry["cmd"]), tuple(sorted(env.items())), words))
    return sorted(found, key=lambda test: test.dsp_words)


def begin(rig, build, root, translated=False):
    """Everything up to the first DSP: the folders and the module."""
    plan = Plan(build, translated)
    if rig.flavour.kind == "um":
        for path in dict.fromkeys((root, build, rig.folder)):
            plan.add("share", path)
    plan.add("module", rig.module)
    if not translated:
        # Without an SMMU only dma-bufs in one piece are what the DSP sees.
        plan.add("link", IN_ONE_PIECE[rig.flavour.kind], "/dev/dma_heap/system")
    return plan


def add_dsp(plan, label, words=""):
    """A process that plays a DSP; instead of the one that has played it so far."""
    program = os.path.join(plan.build, "src/fastrpc-dsp/fastrpc-dsp")
    words = "testmod=on" + ("," + words if words else "")
    plan.add("dsp", label, program, f"/dev/frpc-rig-{label}", label, words)


def add_dsps(plan, rig):
    """A process for every DSP."""
    for label in board.domains_of(rig.flavour.version):
        plan.add("wait", f"/dev/frpc-rig-{label}")
        add_dsp(plan, label)
        plan.add("wait", f"/dev/fastrpc-{label}-secure")


def add_tests(plan, tests):
    plan.add("env", "CMOCKA_MESSAGE_OUTPUT=TAP")
    words = ""
    for test in tests:
        if test.dsp_words != words:
            words = test.dsp_words
            add_dsp(plan, "cdsp", words)
        for key, value in test.env:
            plan.add("env", f"{key}={value}")
        plan.run(test.name, TEST_SECONDS, *test.command)
    if words:
        add_dsp(plan, "cdsp")


def suite(plan, rig, *words):
    """The suite before the real driver. What this guest lacks is said; the list is closed."""
    if not plan.translated:
        words += ("--without", "smmu")
    return (table.program(plan.build), "--device", "os", "--dialect", "mainline",
            "--version", rig.flavour.version, *words)


def add_conformance(plan, rig, name, *words):
    """Some rows of the suite."""
    plan.run(name, CONFORMANCE_SECONDS, *suite(plan, rig, *words))


def add_long_conformance(plan, rig, *words):
    """Most of the suite; the rows that wait for the driver's ten seconds run beside the others."""
    slow = table.RUN + "-slow"
    # On another DSP: what one row has a DSP hold back must not meet another's calls.
    plan.begin(slow, *suite(plan, rig, "--needing", "slow", "--domain", "sdsp"))
    add_conformance(plan, rig, table.RUN, "--except", table.FRESH, "--not-needing", "slow", *words)
    plan.await_(slow, CONFORMANCE_SECONDS)


def add_fresh(plan, rig):
    """The rows that need a channel with all its ids."""
    # A call that was never answered keeps its id for as long as the channel lives.
    plan.add("restart", "cdsp")
    plan.add("wait", "/dev/fastrpc-cdsp-secure")
    add_conformance(plan, rig, table.RUN + "-fresh", "--only", table.FRESH)


def one_boot(rig, options):
    """All in one guest, whose DSPs see all memory."""
    plan = begin(rig, options.target, options.root)
    add_dsps(plan, rig)
    add_tests(plan, tests_wanted(options))
    if options.rows:
        add_conformance(plan, rig, table.RUN, "--only", options.rows)
    elif wanted(options, table.RUN):
        add_long_conformance(plan, rig)
        add_fresh(plan, rig)
    return [plan]


def two_boots(rig, options):
    """What meets an SMMU, and what restarts a DSP."""
    behind, before = begin(rig, options.target, options.root, True), begin(
        rig, options.target, options.root
    )
    tests = tests_wanted(options)
    for plan in (behind, before):
        add_dsps(plan, rig)
        restarting = plan is before
        add_tests(plan, [test for test in tests if (test.name in RESTARTING) == restarting])
    if options.rows:
        add_conformance(behind, rig, table.RUN, "--only", options.rows, "--not-needing", "restart")
        add_conformance(before, rig, table.RUN + "-restart", "--only", options.rows,
                        "--needing", "restart")
    elif wanted(options, table.RUN):
        add_long_conformance(behind, rig, "--not-needing", "restart")
        add_conformance(before, rig, table.RUN + "-restart", "--needing", "restart")
        add_fresh(before, rig)
    if rig.flavour.coverage:
        if wanted(options, "faults"):
            # A restart behind an SMMU would be the kernel's end.
            add_faults(behind, rig, "faults-smmu", "INVOKE with")
            add_faults(before, rig, "faults")
        for plan in (behind, before):
            plan.add("report", coverage.REPORT, coverage.counts_path(rig))
    return [behind, before]


def wanted(options, name):
    return any(word in name for word in options.only.split(","))


def tests_wanted(options):
    return [test for test in integration_tests(options.target) if wanted(options, test.name)]


def boots(rig, options):
    """A plan for each guest of a run."""
    return (one_boot if rig.flavour.kind == "um" else two_boots)(rig, options)


def add_faults(plan, rig, name, *which):
    """The driver's allocations fail, one by one."""
    plan.run(name, FAULTS_SECONDS, rig.faults, *which)
