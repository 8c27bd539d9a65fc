# SPDX-License-Identifier: BSD-3-Clause
"""What rigs there are: how each one's kernel is configured, built and found."""

import os
from dataclasses import dataclass

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSIONS = ("6.12", "6.1")
KINDS = ("um", "arm64")


@dataclass(frozen=True)
class Flavour:
    """One rig: a kind of guest and a kernel version."""

    kind: str  # also the kernel's word for the architecture
    version: str
    image: str  # in the build tree
    targets: tuple
    make_words: tuple = ()
    cross: str = ""  # before the names of the tools

    @property
    def name(self):
        return f"{self.kind}-{self.version}"

    @property
    def package(self):
        return f"linux-source-{self.version}"

    @property
    def tarball(self):
        return f"/usr/src/{self.package}.tar.xz"

    def config_text(self):
        """The options on top of tinyconfig."""
        text = ""
        for name in ("common", self.kind) + (("6.1",) if self.version == "6.1" else ()):
            with open(os.path.join(HERE, "config", name + ".config"), encoding="utf-8") as file:
                text += file.read()
        return text


def find(kind, version):
    if kind == "um":
        return Flavour("um", version, "linux", ("linux", "modules"))
    cross = "aarch64-linux-gnu-"
    return Flavour(
        "arm64",
        version,
        "arch/arm64/boot/Image",
        ("Image", "modules"),
        # gcov for the driver's file, which stays as it is.
        (f"CROSS_COMPILE={cross}", "GCOV_PROFILE_fastrpc.o=y"),
        cross,
    )


def every():
    return [find(kind, version) for kind in KINDS for version in VERSIONS]
