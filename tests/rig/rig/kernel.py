# SPDX-License-Identifier: BSD-3-Clause
"""A rig's kernel, module, device tree and init: built once for each combination of what they come from."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys

from . import board, machine
from .flavour import HERE


INCLUDE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "include")


class RigError(Exception):
    """Something that the rig needs cannot be had; the text says what."""


def say(text):
    print(f"rig: {text}", file=sys.stderr, flush=True)


def output_of(*words):
    try:
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def run_group(words, **kwargs):
    """Runs @words; whoever ends us ends all that it has started, which would go on in our files."""
    process = subprocess.Popen(words, start_new_session=True, **kwargs)
    try:
        return process.wait()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def run_logged(words, log, what, **kwargs):
    """Runs @words with its output in the file @log; its end is shown when it fails."""
    with open(log, "a", encoding="utf-8") as out:
        code = run_group(words, stdout=out, stderr=subprocess.STDOUT, **kwargs)
    if code:
        with open(log, encoding="utf-8", errors="replace") as text:
            sys.stderr.writelines(text.readlines()[-30:])
        raise RigError(f"{what} failed; the log is {log}")


@contextlib.contextmanager
def locked(path):
    """Two that build the same thing: the second waits, and finds it done."""
    with open(path, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def digest_folder(path):
    parts = []
    for name in sorted(os.listdir(path)):
        with open(os.path.join(path, name), encoding="utf-8") as file:
            parts += [name, file.read()]
    return digest(*parts)


class Rig:
    """One built rig. Paths are valid after build()."""

    def __init__(self, flavour, cache, sysroot=""):
        self.flavour = flavour
        self.sysroot = sysroot  # libraries for a guest that does not see the host's
        self.cache = cache
        self.version = output_of("dpkg-query", "-W", "-f", "${Version}", flavour.package)
        self.compiler = f"{flavour.cross}gcc"
        self.key = digest(
            self.version, flavour.config_text(), output_of(self.compiler, "--version")
        )
        self.folder = os.path.join(cache, f"{flavour.name}-{self.key}")
        self.tree = os.path.join(self.folder, "build")
        self.image = os.path.join(self.folder, os.path.basename(flavour.image))
        self.module = os.path.join(self.folder, "frpc_rig.ko")
        self.init = os.path.join(self.folder, "init")
        self.faults = os.path.join(self.folder, "faults")
        self.wrong = os.path.join(self.folder, "wrong_dsp")
        self.dtb = os.path.join(self.folder, "rig.dtb")
        self.smmu_dtb = os.path.join(self.folder, "rig-smmu.dtb")  # user-mode Linux has none
        self.log = os.path.join(self.folder, "build.log")

    @property
    def source(self):
        return os.path.join(self.cache, f"{self.flavour.package}-{digest(self.version)}")

    def is_cached(self):
        return bool(self.version) and os.path.exists(self.image)

    def build(self):
        """Everything from nothing; what is there already is kept."""
        if not os.path.exists(self.flavour.tarball):
            raise RigError(f"the package {self.flavour.package} is not installed")
        os.makedirs(self.folder, exist_ok=True)
        with locked(self.folder + ".lock"):
            if not os.path.exists(self.image):
                self._unpack()
                self._build_kernel()
            self._build_rest()

    def _make(self, *words, what):
        jobs = f"-j{os.cpu_count() or 1}"
        run_logged(
            ["nice", "make", jobs, "-C", self.source, f"O={self.tree}"]
            + [f"ARCH={self.flavour.kind}", *self.flavour.make_words, *words],
            self.log,
            what,
            env=dict(os.environ, KBUILD_BUILD_TIMESTAMP="1970-01-01", KBUILD_BUILD_USER="rig",
                     KBUILD_BUILD_HOST="rig"),
        )

    def _unpack(self):
        with locked(self.source + ".lock"):
            self._unpack_locked()

    def _unpack_locked(self):
        if os.path.exists(self.source):
            return
        say(f"unpacking {self.flavour.tarball}")
        half = self.source + ".half"
        shutil.rmtree(half, ignore_errors=True)
        os.makedirs(half)
        run_logged(
            ["tar", "xf", self.flavour.tarball, "-C", half, "--strip-components=1"],
            self.log,
            "unpacking the kernel's source",
        )
        os.rename(half, self.source)

    def _configure(self):
        fragment = os.path.join(self.folder, "fragment")
        config = os.path.join(self.tree, ".config")
        done = os.path.join(self.folder, "configured")
        text = self.flavour.config_text()
        if os.path.exists(done):
            return
        with open(fragment, "w", encoding="utf-8") as file:
            file.write(text)
        self._make("tinyconfig", what="configuring the kernel")
        run_logged(
            ["scripts/kconfig/merge_config.sh", "-m", "-O", self.tree, config, fragment],
            self.log,
            "merging the configuration",
            cwd=self.source,
        )
        self._make("olddefconfig", what="configuring the kernel")
        with open(config, encoding="utf-8") as file:
            have = set(file.read().split("\n"))
        lost = [line for line in text.split("\n") if line.startswith("CONFIG_") and line not in have]
        if lost:
            raise RigError(f"this kernel does not take: {' '.join(lost)}")
        with open(done, "w", encoding="utf-8"):
            pass

    def _build_kernel(self):
        say(f"building {self.flavour.name} from {self.flavour.package} {self.version}")
        os.makedirs(self.tree, exist_ok=True)  # one that was cut short goes on where it was
        self._configure()
        self._make(*self.flavour.targets, what="building the kernel")
        half = self.image + ".half"
        shutil.copy2(os.path.join(self.tree, self.flavour.image), half)
        os.rename(half, self.image)

    def _build_rest(self):
        """What comes from our own files, which change more often than the kernel."""
        parts = [
            (self.module, digest_folder(os.path.join(HERE, "module")), self._build_module),
            (self.init, *self._program("guest")),
            (self.wrong, *self._program("wrong")),
            (self.faults, *self._program("faults")),
        ]
        for path, tree in self._trees():
            parts.append((path, digest(tree), lambda path, tree=tree: self._build_dtb(path, tree)))
        for path, now, build in parts:
            stamp = path + ".from"
            if os.path.exists(path) and os.path.exists(stamp):
                with open(stamp, encoding="utf-8") as file:
                    if file.read() == now:
                        continue
            build(path)
            with open(stamp, "w", encoding="utf-8") as file:
                file.write(now)

    def _build_module(self, _):
        say("building the module")
        copy = os.path.join(self.folder, "module")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(os.path.join(HERE, "module"), copy)
        self._make(f"M={copy}", "modules", what="building the module")
        shutil.copy2(os.path.join(copy, "frpc_rig.ko"), self.module)

    def _program(self, name):
        """What a static program of the folder @name depends on, and how it is built."""
        folder = os.path.join(HERE, name)
        sources = [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.endswith(".c")]

        def build(path):
            run_logged(
                [self.compiler, "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra"]
                + ["-Werror", "-static", "-I", INCLUDE, "-o", path, *sources],
                self.log,
                f"building {name}",
            )

        return digest_folder(folder), build

    @property
    def _dtc(self):
        return os.path.join(self.tree, "scripts/dtc/dtc")

    def _trees(self):
        """The device trees, as text, and where each belongs."""
        version = self.flavour.version
        if self.flavour.kind == "um":
            return [(self.dtb, board.tree_text(version))]
        own = os.path.join(self.folder, "machine.dtb")
        words = list(machine.QEMU)
        words[words.index("virt")] += f",dumpdtb={own}"
        run_logged(words, self.log, "asking QEMU for its device tree")
        text = output_of(self._dtc, "-q", "-I", "dtb", "-O", "dts", own)
        return [(self.dtb, board.extended_text(text, version, False)),
                (self.smmu_dtb, board.extended_text(text, version, True))]

    def _build_dtb(self, path, tree):
        text = path + ".dts"
        with open(text, "w", encoding="utf-8") as file:
            file.write(tree)
        run_logged(
            [self._dtc, "-q", "-I", "dts", "-O", "dtb"]
            + ["-o", path, text],
            self.log,
            "building the device tree",
        )
