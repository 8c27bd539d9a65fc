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
    coverage: bool = False  # tells which lines of the driver ran, and lets its allocations fail

    @property
    def name(self):
        return f"{self.kind}-{self.version}" + ("-coverage" if self.coverage else "")

    @property
    def package(self):
        return f"linux-source-{self.version}"

    @property
    def tarball(self):
        return f"/usr/src/{self.package}.tar.xz"

    def config_text(self):
        """The options on top of tinyconfig."""
        text = ""
        names = ["common", self.kind]
        names += ["6.1"] if self.version == "6.1" else []
        names += ["coverage"] if self.coverage else []
        for name in names:
            with open(os.path.join(HERE, "config", name + ".config"), encoding="utf-8") as file:
                text += file.read()
        return text


def find(kind, version, coverage=False):
    if kind == "um":
        return Flavour("um", version, "linux", ("linux", "modules"))
    cross = "aarch64-linux-gnu-"
    words = (f"CROSS_COMPILE={cross}",)
    return Flavour(
        "arm64",
        version,
        "arch/arm64/boot/Image",
        ("Image", "modules"),
        # gcov for the driver's file, which stays as it is.
        words + (("GCOV_PROFILE_fastrpc.o=y",) if coverage else ()),
        cross,
        coverage,
    )


def every():
    plain = [find(kind, version) for kind in KINDS for version in VERSIONS]
    return plain + [find("arm64", "6.12", True)]
