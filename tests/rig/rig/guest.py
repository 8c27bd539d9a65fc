# SPDX-License-Identifier: BSD-3-Clause
"""Boots a rig's guest, listens to it, and stops it when it has nothing to say any more."""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from . import machine
from .verdict import Listener, judge_guest

# Beyond what a test may take: booting; and after a test that was stopped, its silent burial.
PATIENCE = 60
# Until the guest's first word: an emulated one on a busy machine is slow to come up.
BOOTING = 240


class Watch:
    """How long the guest may stay silent now."""

    def __init__(self, limits, patience):
        self.limits = limits  # seconds by the name of a run
        self.patience = patience
        self.allowed = patience + BOOTING
        self.last = time.monotonic()

    def heard(self, listener):
        self.last = time.monotonic()
        if not listener.release:
            return
        current = listener.current
        self.allowed = self.patience + (self.limits.get(current.name, 0) if current else 0)

    def left(self):
        return max(0.0, self.last + self.allowed - time.monotonic())


def pump(process, listener, watch, echo):
    """Until both of the guest's voices have ended. Returns 0, or the seconds of silence."""
    voices = selectors.DefaultSelector()
    rests = {}
    for stream, hear in ((process.stdout, listener.hear), (process.stderr, listener.hear_kernel)):
        os.set_blocking(stream.fileno(), False)
        voices.register(stream, selectors.EVENT_READ, hear)
        rests[stream] = b""
    while voices.get_map():
        ready = voices.select(watch.left())
        if not ready:
            return watch.allowed
        for key, _ in ready:
            data = key.fileobj.read(65536)
            if not data:
                voices.unregister(key.fileobj)
                continue
            *lines, rests[key.fileobj] = (rests[key.fileobj] + data).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace").rstrip("\r")
                echo(text)
                key.data(text)
        watch.heard(listener)
    return 0


def work_of(session):
    """The processor seconds of all processes of @session, and of those of their children that ended."""
    ticks = 0
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                words = file.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(words[3]) == session:
            ticks += sum(map(int, words[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def end_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def boot(rig, plan, echo, patience=PATIENCE, running=None):
    """
    Runs @plan (see plans.py) in a guest of @rig. Returns (listener, what is wrong with it). The
    guest is in @running for as long as it is there.
    """
    with tempfile.TemporaryDirectory(dir=rig.cache, prefix="run-") as folder:
        command, env = machine.start(rig, plan, folder)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=env,
        )
        listener = Listener(lambda: work_of(process.pid))
        if running is not None:
            running.append(process)
        try:
            stopped = pump(process, listener, Watch(plan.limits, patience), echo)
        finally:
            end_group(process)
            process.wait()
            if running is not None:
                running.remove(process)
    return listener, judge_guest(listener, stopped)


def boot_all(rig, plans, echo):
    """A guest for each plan, at the same time. What boot() returns of each."""
    running = []
    with ThreadPoolExecutor(len(plans)) as pool:
        try:
            return list(pool.map(lambda plan: boot(rig, plan, echo, running=running), plans))
        except BaseException:
            for process in list(running):
                end_group(process)
            raise
