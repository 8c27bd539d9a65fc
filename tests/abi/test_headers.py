#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every public header compiles alone, as C11 and as C++17, for each ABI the compiler has.

usage: test_headers.py INCLUDE_DIR TEST_DIR CC... [-- CXX...]

TAP on standard output. A 32-bit ABI whose C library is not installed is skipped.
"""
import pathlib
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Werror", "-fsyntax-only"]
ABIS = {"as the compiler": [], "-m32": ["-m32"]}
# 64-bit integers aligned as 32-bit ARM aligns them.
ARM = ["-m32", "-malign-double"]


class Compiler:
    def __init__(self, command, language, standard):
        self.command, self.language, self.standard = command, language, standard

    def compile(self, text, flags):
        run = subprocess.run([*self.command, *WARNINGS, f"-std={self.standard}", *flags,
                              "-x", self.language, "-"], input=text, capture_output=True,
                             text=True, check=False)
        return None if run.returncode == 0 else run.stderr

    def knows(self, abi):
        return self.compile("#include <stdint.h>\n#include <stdlib.h>\n", abi) is None


class Headers:
    def __init__(self, include):
        self.folder = pathlib.Path(include) / "fastrpc"
        self.flags = [f"-I{include}", f"-I{self.folder}"]

    def names(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*.h"))

    def flags_of(self, name):
        """Headers of the DSP's side are for skels: compiled with pkg-config fastrpc-skel's flags."""
        skel = [f"-I{self.folder / 'hap'}", "-DFASTRPC_SKEL"] if name.startswith("hap/") else []
        return self.flags + skel

    def units(self):
        """What is compiled: each header alone and twice, then all that fit together."""
        for name in self.names():
            yield name, f'#include "{name}"\n' * 2 + "int unit;\n", self.flags_of(name)
        cpu = [name for name in self.names() if "/" not in name]
        together = "".join(f'#include "{name}"\n' for name in cpu)
        yield "all of the CPU's side", together, self.flags
        yield "all, for a skel", together, self.flags + ["-DFASTRPC_SKEL"]


def main():
    include, tests = sys.argv[1], pathlib.Path(sys.argv[2])
    rest = sys.argv[3:]
    split = rest.index("--") if "--" in rest else len(rest)
    compilers = [Compiler(rest[:split], "c", "c11")]
    if rest[split + 1:]:
        compilers.append(Compiler(rest[split + 1:], "c++", "c++17"))
    headers, number, failed = Headers(include), 0, False
    for compiler in compilers:
        for abi, flags in ABIS.items():
            units = list(headers.units())
            units.append(("signatures.c", (tests / "signatures.c").read_text(), headers.flags))
            if compiler.language == "c":
                layouts = (tests / "test_layouts.c").read_text()
                static = [*headers.flags, f"-I{tests}", "-DSTATIC_ONLY"]
                units.append(("layouts", layouts, static))
                if flags:
                    units.append(("layouts as on ARM", layouts, static + ARM))
            known = compiler.knows(flags)
            for name, text, own in units:
                number += 1
                what = f"{number} - {name} as {compiler.standard}, {abi}"
                problem = compiler.compile(text, own + flags) if known else None
                print(f"{'not ok' if problem else 'ok'} {what}"
                      f"{'' if known else ' # SKIP not installed'}")
                if problem:
                    failed = True
                    print(f"{what}:\n{problem}", file=sys.stderr)
    if len(compilers) == 1:
        number += 1
        print(f"ok {number} - C++ # SKIP there is no C++ compiler")
    print(f"1..{number}")
    return failed


sys.exit(main())
