# SPDX-License-Identifier: BSD-3-Clause
"""What a guest is told to do (tests/rig/guest/plan.h): which programs, in which surroundings."""

import json
import os
import subprocess
from dataclasses import dataclass, field

from . import board, table
from .kernel import RigError

# What fails in a guest because of what it is: by kind, run and check. The list is closed.
PIECES = "no SMMU: the driver gets no more than 4 MiB in one piece"
EXCUSES = {
    "um": {
        "test_calls": {"every_size_of_payload_is_echoed": PIECES},
        "conformance": {"ml.create.longest": PIECES},
    },
}

# Tests that count what the emulator did: there is nothing to count on a real driver.
LOOK_INSIDE = ("test_maps",)

TEST_SECONDS = 240
CONFORMANCE_SECONDS = 300


@dataclass
class Plan:
    """The steps, and how long each run may take."""

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


@dataclass(frozen=True)
class Test:
    """A program of the build, as meson knows it."""

    name: str
    command: tuple
    env: tuple


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
        # A phone has its shells among its DSP libraries; the emulator brings them.
        env["DSP_LIBRARY_PATH"] += ";" + os.path.join(build, "src/fastrpc-emulator")
        name = entry["name"].split()[0]
        if name in LOOK_INSIDE:
            continue
        found.append(Test(name, tuple(entry["cmd"]), tuple(sorted(env.items()))))
    return found


def begin(rig, build, root):
    """Everything up to the first DSP: the folders and the module."""
    plan = Plan()
    for path in dict.fromkeys((root, build, rig.folder)):
        plan.add("share", path)
    plan.add("module", rig.module)
    return plan


def add_dsps(plan, rig, build):
    """A process for every DSP."""
    program = os.path.join(build, "src/fastrpc-dsp/fastrpc-dsp")
    for label in board.domains_of(rig.flavour.version):
        plan.add("wait", f"/dev/frpc-rig-{label}")
        plan.add("dsp", label, program, f"/dev/frpc-rig-{label}", label, "testmod=on")
        plan.add("wait", f"/dev/fastrpc-{label}-secure")


def add_tests(plan, tests):
    plan.add("env", "CMOCKA_MESSAGE_OUTPUT=TAP")
    for test in tests:
        for key, value in test.env:
            plan.add("env", f"{key}={value}")
        plan.run(test.name, TEST_SECONDS, *test.command)


def add_conformance(plan, rig, build):
    """The suite before the real driver. What this guest lacks is said; the list is closed."""
    lacking = ["--without", "smmu"] if rig.flavour.kind == "um" else []
    command = (table.program(build), "--device", "os", "--dialect", "mainline",
               "--version", rig.flavour.version, *lacking)
    plan.run(table.RUN, CONFORMANCE_SECONDS, *command, "--except", table.FRESH)
    # A call that was never answered keeps its id for as long as the channel lives.
    plan.add("restart", "cdsp")
    plan.add("wait", "/dev/fastrpc-cdsp-secure")
    plan.run(table.RUN + "-fresh", CONFORMANCE_SECONDS, *command, "--only", table.FRESH)
