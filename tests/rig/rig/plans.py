# SPDX-License-Identifier: BSD-3-Clause
"""What a guest is told to do (tests/rig/guest/plan.h): which programs, in which surroundings."""

import json
import os
import subprocess
from dataclasses import dataclass, field

from . import board, coverage, table, verdict
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
    "test_shortage": "takes memory from the emulator, which is in its own process there",
    "version=7.3": "the guests' drivers are older, and none of them polls",
    "test_escapes_old_kernel": "a kernel without openat2(): the guest's has it and filters no calls",
    "test_files_old_kernel": "a kernel without openat2(): the guest's has it and filters no calls",
}

# The same for one kind of guest.
LEFT_OUT_OF = {
    "arm64": {
        "test_storm": "with two CPUs the driver dies of it: it calls on a channel that goes down",
    },
}

# Single checks that skip themselves before a real driver, and why. The list is closed, too.
MODEL = "what only the emulator tells, or only an emulated DSP can be told to do"
DOWNSTREAM = "the downstream driver's alone"
SKIP_THEMSELVES = {
    "a_static_buffer_is_mapped_on_every_session_while_it_is_registered": MODEL,
    "a_dsp_that_never_ends_its_listener_does_not_keep_the_closer": MODEL,
    "a_silent_dsp_keeps_no_closer_and_may_answer_late": MODEL,
    "a_queues_memory_stays_until_the_dsp_has_let_it_go": MODEL,
    "a_queues_number_is_free_again_once_the_dsp_has_answered_late": MODEL,
    "a_domain_that_is_not_there_cannot_be_restarted": MODEL,
    "a_dsp_that_computes_nothing_does_not_pass_for_one_that_works": MODEL,
    "a_process_that_is_found_dead_is_replaced": MODEL,
    "without_a_device_node_the_open_tells_how_to_run_on_the_emulator": "the guest has nodes",
    "a_domain_that_is_not_there_is_told_apart_from_a_failure": "the guest has every DSP",
    "the_daemon_of_the_audio_pd_serves_again_after_that_or_its_dsp_restarted":
        "the guest's DSPs have no audio PD",
    "each_pd_has_its_command_and_a_domain_of_its_own": "the guest's DSPs have no audio PD",
    "an_unreadable_skel_is_named_with_the_reason":
        "seteuid() interrupts the listener, whose reverse call the driver then loses",
    "a_buffer_of_three_gigabytes_is_as_long_as_it_was_asked_for":
        "the guest has less memory, and a heap takes it at once",
    "up_and_exit_are_told_of_each_session": DOWNSTREAM,
    "a_kill_is_told_also_to_who_was_busy_with_another_notification": DOWNSTREAM,
    "a_restart_just_before_the_process_was_made_is_not_its_end": DOWNSTREAM,
}

# Tests that restart a DSP. The driver frees memory of files that are open then through devices that
# are gone: harmless as long as addresses are not translated, the end of the kernel if they are.
RESTARTING = ("test_restart", "test_async", "test_notify", "test_daemon", "test_storm")

# Half of the work: a guest of its own does these at the same time as the others.
SECOND_HALF = ("test_contexts", "test_queue", "test_queue_first_kind", "test_threads")

# The downstream driver's sockets, which need no driver but the router of the guest's kernel.
ROUTER = ("test_qrtr", "tests/conformance/memory/memory_test_qrtr")

# Where the guest's boards are taken down and up (tests/support/dsp.h).
BOARDS = "/sys/bus/platform/drivers/frpc-rig"

# The dma-buf heap whose buffers are in one piece: the module's (module/heap.c), the contiguous area's.
IN_ONE_PIECE = {"um": "rig", "arm64": "reserved"}

TEST_SECONDS = 600
CONFORMANCE_SECONDS = 900
SLOW = table.RUN + "-slow"
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
        if name in LEFT_OUT or any(word in LEFT_OUT for word in words.split(",")):
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


def begin_slow(plan, rig):
    """The rows that wait for the driver's ten seconds run beside all others, up to await_slow()."""
    # On a DSP that no test uses: what one row has a DSP hold back must not meet another's calls.
    plan.begin(SLOW, *suite(plan, rig, "--needing", "slow", "--domain", "mdsp"))


def await_slow(plan):
    plan.await_(SLOW, CONFORMANCE_SECONDS)


def add_long_conformance(plan, rig, *words):
    """Most of the suite."""
    add_conformance(plan, rig, table.RUN, "--except", table.FRESH, "--not-needing", "slow", *words)


def add_router(plan):
    name, program = ROUTER
    plan.run(name, TEST_SECONDS, os.path.join(plan.build, program))


def add_fresh(plan, rig):
    """The rows that need a channel with all its ids."""
    # A call that was never answered keeps its id for as long as the channel lives.
    plan.add("restart", "cdsp")
    plan.add("wait", "/dev/fastrpc-cdsp-secure")
    add_conformance(plan, rig, table.RUN + "-fresh", "--only", table.FRESH)


def guest_of(rig, options, tests, translated=False, slow=False):
    """The plan of a guest that does @tests; beside the slow rows of the suite if @slow."""
    plan = begin(rig, options.target, options.root, translated)
    add_dsps(plan, rig)
    if slow:
        begin_slow(plan, rig)
    add_tests(plan, tests)
    return plan


def halves(tests):
    """@tests for two guests, with as much to do for each of them."""
    return ([test for test in tests if test.name not in SECOND_HALF],
            [test for test in tests if test.name in SECOND_HALF])


def whole_suite(options):
    return wanted(options, table.RUN) and not options.rows


def two_guests(rig, options):
    """Two guests whose DSPs see all memory."""
    one, other = halves(tests_wanted(options))
    first = guest_of(rig, options, one, slow=whole_suite(options))
    second = guest_of(rig, options, other)
    if wanted(options, ROUTER[0]):
        add_router(second)
    if options.rows:
        add_conformance(first, rig, table.RUN, "--only", options.rows)
    elif whole_suite(options):
        add_long_conformance(second, rig)
        await_slow(first)
        add_fresh(first, rig)
    return at_work((first, second))


def three_guests(rig, options):
    """Two that meet an SMMU, and one that restarts DSPs."""
    tests = tests_wanted(options)
    one, other = halves([test for test in tests if test.name not in RESTARTING])
    behind = guest_of(rig, options, one, True, whole_suite(options))
    second = guest_of(rig, options, other, True)
    before = guest_of(rig, options, [test for test in tests if test.name in RESTARTING])
    if options.rows:
        add_conformance(behind, rig, table.RUN, "--only", options.rows, "--not-needing", "restart")
        add_conformance(before, rig, table.RUN + "-restart", "--only", options.rows,
                        "--needing", "restart")
    elif whole_suite(options):
        add_long_conformance(second, rig, "--not-needing", "restart")
        await_slow(behind)
        add_conformance(before, rig, table.RUN + "-restart", "--needing", "restart")
        add_fresh(before, rig)
    if wanted(options, ROUTER[0]):
        add_router(before)
    if rig.flavour.coverage and wanted(options, "faults"):
        # A restart behind an SMMU would be the kernel's end.
        add_faults(behind, rig, "faults-smmu", "INVOKE")
        add_faults(before, rig, "faults")
    found = at_work((behind, second, before))
    if rig.flavour.coverage:
        for plan in found:
            plan.add("report", coverage.REPORT, coverage.counts_path(rig))
    return found


def at_work(plans):
    """Those that have something to do; one at least."""
    return [plan for plan in plans if plan.limits] or [plans[0]]


def wanted(options, name):
    return any(word in name for word in options.only.split(","))


def tests_wanted(options):
    left_out = LEFT_OUT_OF.get(options.kind, {})
    return [test for test in integration_tests(options.target)
            if wanted(options, test.name) and test.name not in left_out]


def boots(rig, options):
    """A plan for each guest of a run."""
    return (two_guests if rig.flavour.kind == "um" else three_guests)(rig, options)


def add_faults(plan, rig, name, *which):
    """The driver's allocations fail, one by one."""
    plan.run(name, FAULTS_SECONDS, rig.faults, *which)


def unfounded_skips(listener):
    """Checks of the library's tests that left themselves out, and are not known to have to."""
    return [f"{run.name}: {check.name}" for run in listener.runs
            if not run.name.startswith(table.RUN) for check in run.checks
            if check.skip == verdict.OWN_SKIP and check.name not in SKIP_THEMSELVES]
