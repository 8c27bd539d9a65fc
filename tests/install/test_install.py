#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A third party builds an app and skels against what `meson install` has installed, and runs them.

usage: test_install.py BUILD_DIR SOURCES PKG_CONFIG CC... [-- SANITIZER_FLAG...]

Nothing of the source or build tree is on any path: only installed headers and pkg-config files at
compile time, only the installed libraries at run time. TAP on standard output.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

WARNINGS = ["-g", "-O1", "-std=c11", "-Wall", "-Wextra", "-Werror"]
TRANSPORTS = ["emulator", "mainline@emulator", "downstream@emulator"]


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


class ThirdParty:
    def __init__(self, build, sources, pkg_config, compiler, sanitizers, folder):
        self.build, self.sources = build, pathlib.Path(sources)
        self.pkg_config, self.compiler, self.sanitizers = pkg_config, compiler, sanitizers
        self.root = pathlib.Path(folder) / "root"
        self.out = pathlib.Path(folder) / "program"
        self.out.mkdir()
        self.prefix = self.root / "usr"

    def run(self, command, environment=None, expect=0, **options):
        env = {key: value for key, value in os.environ.items()
               if not key.startswith(("FRPC_", "LD_LIBRARY_PATH", "DSP_", "ADSP_"))}
        env.update(environment or {})
        run = subprocess.run([str(part) for part in command], env=env, capture_output=True,
                             text=True, check=False, errors="replace", **options)
        if expect is not None and run.returncode != expect:
            raise Failed(f"{shlex.join(map(str, command))}: exit status {run.returncode}\n"
                         f"{run.stdout}{run.stderr}")
        return run

    def install(self):
        self.run(["meson", "install", "-C", self.build, "--no-rebuild", "--quiet",
                  "--destdir", self.root])
        libraries = list(self.prefix.rglob("libfastrpc.so.0"))
        if not libraries:
            raise Failed("libfastrpc.so.0 is not installed")
        self.libdir = libraries[0].parent

    def flags(self, package, *what):
        """What pkg-config says, as if the files had been installed under our prefix."""
        return shlex.split(self.run(
            [*self.pkg_config, f"--define-variable=prefix={self.prefix}", *what, package],
            {"PKG_CONFIG_PATH": str(self.libdir / "pkgconfig")}).stdout)

    def compile(self, target, sources, flags):
        self.run([*self.compiler, *self.sanitizers, *WARNINGS, "-o", self.out / target,
                  *[self.sources / source for source in sources], *flags])

    def compile_all(self):
        self.compile("mixer", ["mixer_app.c", "mixer_stub.c"],
                     self.flags("fastrpc", "--cflags", "--libs"))
        self.compile("libmixer_skel.so", ["mixer_skel.c", "mixer_imp.c"],
                     self.flags("fastrpc-skel", "--cflags", "--libs"))
        # No pkg-config file of ours: a compiler, -shared, and two headers.
        self.compile("libplain_skel.so", ["plain_skel.c"],
                     ["-shared", "-fPIC", f"-I{self.prefix / 'include' / 'fastrpc'}"])
        self.compile("machine_test", ["machine_test.c"],
                     self.flags("fastrpc-emulator", "--cflags", "--libs"))
        self.compile("node_app", ["node_app.c"], ["-D_GNU_SOURCE"])

    def environment(self, transport):
        return {"LD_LIBRARY_PATH": str(self.libdir), "FRPC_TRANSPORT": transport,
                "DSP_LIBRARY_PATH": str(self.out)}

    def line_of(self, marker):
        for number, line in enumerate((self.sources / "mixer_imp.c").read_text().splitlines(), 1):
            if f"/* {marker} */" in line:
                return number
        raise Failed(f"mixer_imp.c has no /* {marker} */")

    # --- the tests ------------------------------------------------------------------------------

    def everything_is_installed_and_compiles_with_pkg_config_alone(self):
        self.install()
        self.compile_all()
        cflags = self.flags("fastrpc", "--cflags")
        if f"-I{self.prefix}/include/fastrpc" not in cflags:
            raise Failed(f'#include "remote.h" would not work with {cflags}')
        skel = self.flags("fastrpc-skel", "--cflags", "--libs")
        if any(flag.startswith("-lfastrpc") for flag in skel):
            raise Failed(f"a skel must not link the CPU's library: {skel}")

    def every_header_for_skels_is_installed_and_compiles_alone(self):
        there = {path.name for path in (self.prefix / "include/fastrpc/hap").glob("*.h")}
        wanted = {path.name
                  for path in (self.sources.parents[2] / "include/fastrpc/hap").glob("*.h")}
        if there != wanted:
            raise Failed(f"not installed: {sorted(wanted - there)}")
        for name in sorted(wanted):
            self.run([*self.compiler, *WARNINGS, "-fsyntax-only", "-xc",
                      *self.flags("fastrpc-skel", "--cflags"), "-"], input=f'#include "{name}"\n')

    def the_examples_compile_and_run_as_their_readme_says(self):
        examples = self.sources.parents[2] / "examples"
        as_is = ["-std=gnu11"]  # a compiler that nobody tells which C
        for target, sources, package in (
                ("calculator", ["calculator_app.c", "calculator_stub.c"], "fastrpc"),
                ("libcalculator_skel.so", ["calculator_skel.c", "calculator_imp.c"],
                 "fastrpc-skel")):
            self.compile(target, [examples / "calculator" / source for source in sources],
                         as_is + self.flags(package, "--cflags", "--libs"))
        self.compile("kernel_driver", [examples / "kernel_driver/kernel_driver.c"],
                     as_is + self.flags("fastrpc-emulator", "--cflags", "--libs"))
        for program in ("calculator", "kernel_driver"):
            self.run([self.out / program], self.environment("emulator"))

    def app_runs(self, transport):
        run = self.run([self.out / "mixer"], self.environment(transport))
        if "not ok" in run.stdout or run.stdout.count("ok - ") < 9:
            raise Failed(run.stdout + run.stderr)
        return run.stdout

    def a_test_can_steer_its_machine_with_pkg_config_fastrpc_emulator(self):
        for transport in TRANSPORTS[1:]:
            self.run([self.out / "machine_test"], self.environment(transport))

    def preloaded(self, transport):
        """For a program that opens the nodes itself. A sanitizer's runtime has to come first."""
        libraries = [self.libdir / "libfastrpc-preload.so"]
        for flag in self.sanitizers:
            runtime = {"address": "libasan.so", "thread": "libtsan.so"}[
                flag.removeprefix("-fsanitize=").split(",")[0]]
            libraries.insert(0, self.run([*self.compiler, f"-print-file-name={runtime}"])
                             .stdout.strip())
        return {"LD_PRELOAD": ":".join(map(str, libraries)), "FRPC_TRANSPORT": transport,
                "DSP_LIBRARY_PATH": f"{self.out};{self.libdir / 'fastrpc-emulator'}"}

    def preload_works(self, run):
        if "not ok" in run.stdout or run.stdout.count("ok - ") < 4:
            raise Failed(run.stdout + run.stderr)

    def a_program_that_opens_the_nodes_itself_meets_the_preloaded_emulator(self):
        for dialect in ("mainline", "downstream"):
            self.preload_works(self.run([self.out / "node_app", dialect], self.preloaded("")))

    def a_library_that_opens_the_nodes_itself_meets_the_preloaded_emulator(self):
        for transport in ("auto", "mainline", "downstream"):
            environment = self.preloaded(transport)
            environment["LD_LIBRARY_PATH"] = str(self.libdir)
            self.preload_works(self.run([self.out / "mixer"], environment))

    def fastrpc_emu_runs_and_traces_a_program_that_opens_the_nodes_itself(self):
        if self.sanitizers:
            raise Skipped("fastrpc-emu does not preload a sanitizer's runtime")
        emu = [self.prefix / "bin" / "fastrpc-emu"]
        environment = {"LD_LIBRARY_PATH": str(self.libdir)}
        self.preload_works(self.run([*emu, "run", "-p", self.out / "node_app", "mainline"],
                                    environment))
        trace = self.out / "trace"
        self.run([*emu, "trace", "-p", "-o", trace, self.out / "node_app", "downstream"],
                 environment)
        if "open /dev/adsprpc-smd" not in trace.read_text():
            raise Failed(f"no node was opened:\n{trace.read_text()}")
        run = self.run([*emu, "run", "-p", "-m", "domains=moon", self.out / "node_app",
                        "mainline"], environment, expect=None)
        if run.returncode == 0 or run.stderr.count("domains=moon; possible: adsp") != 1:
            raise Failed(f"a bad machine is not said once:\n{run.stderr}")

    def gdb_stops_at_a_source_line_of_a_skel(self):
        if self.sanitizers:
            raise Skipped("a sanitizer's own tracing keeps gdb out")
        if not shutil.which("gdb"):
            raise Skipped("gdb is not installed")
        probe = self.run(["gdb", "-nx", "-batch", "-ex", "run", "/bin/true"], expect=None)
        if "exited normally" not in probe.stdout:
            raise Skipped("gdb may not run a program here")
        line = self.line_of("breakpoint")
        run = self.run(
            ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off",
             "-ex", "set breakpoint pending on", "-ex", f"break mixer_imp.c:{line}",
             "-ex", "run", "-ex", "info args", "-ex", "backtrace 3", "-ex", "kill",
             self.out / "mixer"],
            self.environment("emulator"), expect=None, timeout=120)
        for part in (rf"hit Breakpoint 1.*mixer_blend.*mixer_imp\.c:{line}",
                     r"/\* breakpoint \*/", "factor = 7", r"skel_blend .*mixer_skel\.c:\d+"):
            if not re.search(part, run.stdout, flags=re.S):
                raise Failed(f"gdb did not show {part}:\n{run.stdout}{run.stderr}")

    def a_sanitizer_names_the_skels_file_and_line(self):
        if not any("address" in flag for flag in self.sanitizers):
            raise Skipped("for the asan variant")
        line = self.line_of("overflow")
        run = self.run([self.out / "mixer", "overflow"], self.environment("emulator"), expect=None)
        if run.returncode == 0 or "heap-buffer-overflow" not in run.stderr:
            raise Failed(f"no report of the overflow:\n{run.stderr}")
        if not re.search(rf"mixer_overflow .*mixer_imp\.c:{line}", run.stderr):
            raise Failed(f"mixer_imp.c:{line} is not in the report:\n{run.stderr}")

    def a_sanitized_skel_of_a_plain_app_is_stopped_in_its_own_process(self):
        if self.sanitizers:
            raise Skipped("app and emulator are sanitized themselves")
        folder = self.out / "sanitized"
        folder.mkdir()
        built = self.run([*self.compiler, "-fsanitize=address", *WARNINGS, "-o",
                          folder / "libmixer_skel.so",
                          *[self.sources / source for source in ("mixer_skel.c", "mixer_imp.c")],
                          *self.flags("fastrpc-skel", "--cflags", "--libs")], expect=None)
        if built.returncode:
            raise Skipped("this compiler has no AddressSanitizer")
        environment = {**self.environment("emulator"), "DSP_LIBRARY_PATH": str(folder),
                       "FRPC_EMULATOR": "engine=process"}
        run = self.run([self.out / "mixer", "overflow"], environment, expect=None)
        if not re.search(rf"mixer_overflow .*mixer_imp\.c:{self.line_of('overflow')}", run.stderr):
            raise Failed(f"no report of the overflow:\n{run.stdout}{run.stderr}")
        if run.returncode < 0:
            raise Failed(f"the app ended by signal {-run.returncode}")

    def the_skels_sources_compile_for_hexagon_unchanged(self):
        if self.sanitizers:
            raise Skipped("the same without sanitizers")
        clang = shutil.which("clang")
        targets = self.run([clang, "--print-targets"], expect=None).stdout if clang else ""
        if "hexagon" not in targets:
            raise Skipped("no clang with Hexagon here")
        cflags = self.flags("fastrpc-skel", "--cflags")
        for source in ("mixer_skel.c", "mixer_imp.c", "plain_skel.c"):
            built = self.out / f"{source}.o"
            self.run([clang, "--target=hexagon", "-mcpu=hexagonv68", "-O2", *WARNINGS, "-c",
                      "-o", built, self.sources / source, *cflags])
            header = built.read_bytes()[:20]
            # 32 bits, little-endian, machine 164.
            if header[:6] != b"\x7fELF\x01\x01" or header[18:20] != b"\xa4\0":
                raise Failed(f"{source}: no object for Hexagon: {header!r}")


def main():
    if os.environ.get("MESON_EXE_WRAPPER"):
        # Neither its pkg-config nor a run-time folder of another machine's libraries is set up here.
        print("1..0 # SKIP programs of another machine are compiled by its own cross files")
        return False
    build, sources, pkg_config = sys.argv[1:4]
    rest = sys.argv[4:]
    split = rest.index("--") if "--" in rest else len(rest)
    number, failed = 0, False

    def step(name, test, *arguments):
        nonlocal number, failed
        number += 1
        try:
            test(*arguments)
            print(f"ok {number} - {name}")
        except Skipped as why:
            print(f"ok {number} - {name} # SKIP {why}")
        except Failed as why:
            failed = True
            print(f"not ok {number} - {name}")
            print(f"{name}: {why}", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="fastrpc-install-") as folder:
        party = ThirdParty(build, sources, [pkg_config], rest[:split], rest[split + 1:], folder)
        step("everything is installed and compiles with pkg-config alone",
             party.everything_is_installed_and_compiles_with_pkg_config_alone)
        if not failed:
            step("every header for skels is installed and compiles alone",
                 party.every_header_for_skels_is_installed_and_compiles_alone)
        for transport in TRANSPORTS if not failed else []:
            step(f"the app calls its skels over {transport}", party.app_runs, transport)
        for test in ("the_examples_compile_and_run_as_their_readme_says",
                     "a_test_can_steer_its_machine_with_pkg_config_fastrpc_emulator",
                     "a_program_that_opens_the_nodes_itself_meets_the_preloaded_emulator",
                     "a_library_that_opens_the_nodes_itself_meets_the_preloaded_emulator",
                     "fastrpc_emu_runs_and_traces_a_program_that_opens_the_nodes_itself",
                     "gdb_stops_at_a_source_line_of_a_skel",
                     "a_sanitizer_names_the_skels_file_and_line",
                     "a_sanitized_skel_of_a_plain_app_is_stopped_in_its_own_process",
                     "the_skels_sources_compile_for_hexagon_unchanged"):
            if not failed:
                step(test.replace("_", " "), getattr(party, test))
    print(f"1..{number}")
    return failed


sys.exit(main())
