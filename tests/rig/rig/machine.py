# SPDX-License-Identifier: BSD-3-Clause
"""The machine that each kind of guest runs on: how it is started, and what it can see."""

import os
import shutil

from .initramfs import Archive

# The same for its device tree as for its run.
QEMU = ("qemu-system-aarch64", "-M", "virt", "-cpu", "max", "-smp", "2", "-m", "1024",
        "-nodefaults", "-no-user-config", "-display", "none")
# The parts of a build that a guest may need: none of the unit tests.
BUILD_PARTS = ("src", "examples", "tests/support", "tests/integration", "tests/conformance/suite")
BUILD_FILES = ("tests/conformance/memory/memory_test_qrtr",)
# The C library is the cross compiler's; the others are in the sysroot.
LIBRARIES = ("/usr/aarch64-linux-gnu/lib", "{}/usr/lib/aarch64-linux-gnu",
             "{}/lib/aarch64-linux-gnu")
KERNEL_WORDS = ("loglevel=7", "panic=-1", "oops=panic")


def um_folder(cache):
    """Where user-mode Linux may keep its memory: shared memory that can be executed, or the disk."""
    shm = "/dev/shm"
    try:
        if shutil.disk_usage(shm).free > 700 << 20 and not os.statvfs(shm).f_flag & os.ST_NOEXEC:
            return shm
    except OSError:
        pass
    return cache


def um_start(rig, plan, folder):
    path = os.path.join(folder, "plan")
    with open(path, "w", encoding="utf-8") as file:
        file.write(plan.text)
    command = [
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
        *KERNEL_WORDS,
        f"RIG_PLAN={path}",
        "RIG_HOST_ROOT=1",
        "RIG_OUTPUT=/dev/tty0",
    ]
    return command, dict(os.environ, TMPDIR=um_folder(rig.cache))


def is_wanted(path):
    """Programs, libraries and data of a build, but not what they were made from."""
    return not path.endswith((".o", ".a", ".ninja", ".json", ".symbols"))


def add_build(archive, build):
    for part in BUILD_PARTS:
        for folder, inner, names in os.walk(os.path.join(build, part)):
            inner[:] = [name for name in inner if not name.endswith(".p")]
            for path in (os.path.join(folder, name) for name in names):
                if is_wanted(path):
                    archive.add(path)
    for name in BUILD_FILES:
        archive.add(os.path.join(build, name))


def add_libraries(archive, folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        # None of the sanitizers', which are larger than all others together.
        if ".so" in name and "san." not in name and os.path.isfile(path):
            archive.add(path, f"/lib/{name}")


def arm64_start(rig, plan, folder):
    archive = Archive()
    archive.add(rig.init, "/init")
    archive.add_bytes("/plan", plan.text.encode())
    for path in (rig.module, rig.wrong, rig.faults):
        archive.add(path)
    add_build(archive, plan.build)
    for libraries in (place.format(rig.sysroot) for place in LIBRARIES):
        if os.path.isdir(libraries):  # which of the sysroot's a package uses changes
            add_libraries(archive, libraries)
    initrd = os.path.join(folder, "initrd")
    with open(initrd, "wb") as file:
        file.write(archive.bytes())
    words = (*KERNEL_WORDS, "console=ttyAMA0", "RIG_OUTPUT=/dev/hvc0")
    command = [
        *QEMU,
        "-no-reboot",
        *("-kernel", rig.image),
        *("-initrd", initrd),
        *("-dtb", rig.smmu_dtb if plan.translated else rig.dtb),
        *("-append", " ".join(words)),
        # The kernel speaks on standard error, the programs on standard output.
        *("-chardev", "file,id=kernel,path=/dev/stderr", "-serial", "chardev:kernel"),
        *("-chardev", "file,id=programs,path=/dev/stdout"),
        *("-device", "virtio-serial-device", "-device", "virtconsole,chardev=programs"),
    ]
    return command, dict(os.environ)


def start(rig, plan, folder):
    """The command that runs @plan, and its environment; files go to @folder."""
    return {"um": um_start, "arm64": arm64_start}[rig.flavour.kind](rig, plan, folder)
