# SPDX-License-Identifier: BSD-3-Clause
"""What rigs there are: how each one's kernel is configured, built and found."""

import os
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSIONS = ("6.12", "6.1")


@dataclass(frozen=True)
class Flavour:
    """One rig: a kind of guest and a kernel version."""

    kind: str  # "um" or "arm64"
    version: str  # "6.12", "6.1"
    arch: str  # the kernel's word for it
    image: str  # in the build tree
    targets: tuple
    make_words: tuple = field(default=())
    coverage: bool = False

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
        names = ["common", self.kind] + (["coverage"] if self.coverage else [])
        return "".join(
            open(os.path.join(HERE, "config", name + ".config"), encoding="utf-8").read()
            for name in names
        )


def find(kind, version="6.12", coverage=False):
    if version not in VERSIONS:
        raise ValueError(f"no kernel version {version}; there are {', '.join(VERSIONS)}")
    if kind == "um":
        return Flavour("um", version, "um", "linux", ("linux", "modules"), coverage=coverage)
    if kind == "arm64":
        return Flavour(
            "arm64",
            version,
            "arm64",
            "arch/arm64/boot/Image",
            ("Image", "modules"),
            ("CROSS_COMPILE=aarch64-linux-gnu-",),
            coverage,
        )
    raise ValueError(f"no rig {kind}; there are um, arm64")


def every():
    return [find(kind, version) for kind in ("um", "arm64") for version in VERSIONS]
