# SPDX-License-Identifier: BSD-3-Clause
"""Boots a rig's guest, listens to it, and stops it when it has nothing to say any more."""

import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time

from .verdict import Listener, judge_guest

# Beyond what a test may take: booting; and after a test that was stopped, its silent burial.
PATIENCE = 60


def uml_folder(cache):
    """Where user-mode Linux may keep its memory: shared memory that can be executed, or the disk."""
    shm = "/dev/shm"
    try:
        if shutil.disk_usage(shm).free > 700 << 20 and not os.statvfs(shm).f_flag & os.ST_NOEXEC:
            return shm
    except OSError:
        pass
    return cache


def um_command(rig, plan):
    return [
        rig.image,
        "mem=512M",
        f"dtb={rig.dtb}",
        "root=/dev/root",
        "rootfstype=hostfs",
        "ro",
        f"init={rig.init}",
        "con=null",
        "ssl=null",
        "con0=null,fd:1",
        "con1=null,fd:2",
        "console=tty1",
        "loglevel=7",
        "panic=-1",
        "oops=panic",
        f"RIG_PLAN={plan}",
        "RIG_HOST_ROOT=1",
        "RIG_OUTPUT=/dev/tty0",
    ]


class Watch:
    """How long the guest may stay silent now."""

    def __init__(self, limits, patience):
        self.limits = limits  # seconds by the name of a run
        self.patience = self.allowed = patience
        self.last = time.monotonic()

    def heard(self, listener):
        self.last = time.monotonic()
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


def boot(rig, plan, echo, patience=PATIENCE):
    """Runs @plan (see plans.py) in a guest of @rig. Returns (listener, what is wrong with it)."""
    listener = Listener()
    with tempfile.TemporaryDirectory(dir=rig.cache, prefix="run-") as folder:
        path = os.path.join(folder, "plan")
        with open(path, "w", encoding="utf-8") as file:
            file.write(plan.text)
        process = subprocess.Popen(
            um_command(rig, path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=dict(os.environ, TMPDIR=uml_folder(rig.cache)),
        )
        try:
            stopped = pump(process, listener, Watch(plan.limits, patience), echo)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
    return listener, judge_guest(listener, stopped)
