#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Headers, exported symbols, src/lib/unsupported.c and the documents say the same.

usage: test_surface.py SOURCE_ROOT LIBFASTRPC LIBFASTRPC_EMULATOR PROBE DROP_IN...

TAP on standard output. What differs is named, with the file to change.
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys

AEE_EUNSUPPORTED = 0x14
# What runs programs of another machine, if that is what these are.
WRAPPER = shlex.split(os.environ.get("MESON_EXE_WRAPPER", ""))
EMULATOR_HEADERS = {"emulator.h", "emulator_driver.h"}
# What the emulator exports for skels begins with this (fastrpc/dsp_side.h).
DSP_SIDE = "emu_dsp_"
# What our libraries ask each other for, no API.
EMULATOR_ENTRY = "frpc_emulator_device"
DROP_IN_ENTRIES = re.compile(r"frpc_entries_[0-9_]+$")
# Requests that no struct goes with: reserved numbers, which every caller gets refused.
RESERVED = re.compile(r"RESERVED")
# Files and folders of the project as the documents name them.
PATH = re.compile(r"(?<![\w./-])(?:src|tests|include|docs|examples|\.ci)/[\w./*-]+")


# Names of a domain's type that clients spell in two ways; one row has both.
SPELT_TWICE = re.compile(r"FASTRPC_(ALL_DOMAINS|NSP|LPASS|SDSP|MODEM|HPASS)$")
# How a row of features.md says what is answered.
ERROR = re.compile(r"AEE_\w+|0x[0-9a-f]+")


def code_of(path, skels=True):
    """The text of a C file without comments, preprocessor lines and, if not @skels, what only skels see."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    if not skels:
        text = re.sub(r"^#ifdef FASTRPC_SKEL\n.*?^#endif\n", "", text, flags=re.S | re.M)
    text = re.sub(r"\\\n", " ", text)
    return re.sub(r"^\s*#.*$", "", text, flags=re.M)


def declared(path):
    """Functions that a header declares without defining them."""
    text = re.sub(r'extern "C" \{', " ", code_of(path, skels=False))
    while re.search(r"\{[^{}]*\}", text):
        text = re.sub(r"\{[^{}]*\}", " BODY ", text)
    names = set()
    for statement in text.split(";"):
        statement = statement.split("BODY")[-1]  # an inline function ends without a semicolon
        if "typedef" in statement or "=" in statement:
            continue
        found = re.search(r"\b([A-Za-z_]\w*)\s*\(", statement)
        if found and found.group(1) != "__attribute__":
            names.add(found.group(1))
    return names


def inline_functions(path):
    return set(re.findall(r"static inline [^;{]*?\b(\w+)\(", code_of(path)))


def enumerators(path):
    """The names in all enumerations of a header."""
    bodies = re.findall(r"\benum\s*\w*\s*\{(.*?)\}", code_of(path), flags=re.S)
    return {name for body in bodies for name in re.findall(r"^\s*(\w+)", body, flags=re.M)}


def exported(library):
    """Names with their versions, if they have any, and without our libraries' own understanding."""
    out = subprocess.run(["nm", "-D", "--defined-only", "--with-symbol-versions", library],
                         check=True, capture_output=True, text=True).stdout
    names = {line.split()[-1] for line in out.splitlines() if line.split()[-2] != "A"}
    return {name for name in names - {EMULATOR_ENTRY} if not DROP_IN_ENTRIES.match(name)}


def expected_exports(path):
    must, may = set(), set()
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line.startswith("? "):
            may.add(line[2:])
        elif line and not line.startswith("#"):
            must.add(line)
    return must, may


def rows(features, heading):
    """The tables between @heading and the next heading of its level or above: lists of cells."""
    level = len(heading.split(" ")[0])
    text = features.split("\n" + heading + "\n", 1)[1]
    text = re.split(r"\n#{1,%d} " % level, text, maxsplit=1)[0]
    table = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `"):
            table.append(cells)
    return table


def names_in(cell):
    return re.findall(r"`(\w+)`", cell)


def nowhere(cells):
    """Is this row's feature not built at all?"""
    return all(re.match(r"no\b", cell) for cell in cells)


class Surface:
    def __init__(self, root, library, emulator, probe, *drop_ins):
        self.root = pathlib.Path(root)
        self.headers = self.root / "include" / "fastrpc"
        self.library, self.emulator, self.probe = library, emulator, probe
        self.drop_ins = drop_ins
        self.features = (self.root / "docs" / "features.md").read_text(encoding="utf-8")
        self.problems = []

    def same(self, what, ours, theirs, where):
        for name in sorted(ours - theirs):
            self.problems.append(f"{name}: {what}, but not {where}")

    def library_headers(self):
        """Headers whose functions libfastrpc.so has: all but the emulator's and the skels'."""
        return [path for path in self.headers.glob("*.h") if path.name not in EMULATOR_HEADERS]

    def declared_in_library(self):
        return set().union(*map(declared, self.library_headers()))

    def functions_of_features(self):
        found = {}
        for cells in rows(self.features, "## Functions"):
            for name in names_in(cells[0]):
                if name in found:
                    self.problems.append(f"{name}: twice in docs/features.md")
                found[name] = cells
        return found

    def the_exported_symbols_are_exactly_the_list_and_unversioned(self):
        must, may = expected_exports(self.root / "tests" / "abi" / "exports.txt")
        names = exported(self.library)
        self.same("exported", names, must | may, "in tests/abi/exports.txt")
        self.same("in tests/abi/exports.txt", must, names, "exported (src/lib/libfastrpc.map)")

    def every_drop_in_exports_the_same_names_without_ours(self):
        names = {name for name in exported(self.library) if not name.startswith("frpc_")}
        for drop_in in self.drop_ins:
            own = exported(drop_in)
            self.same(f"exported by {drop_in}", own, names, "by libfastrpc.so")
            self.same("exported by libfastrpc.so", names, own, f"by {drop_in}")

    def every_function_of_the_headers_is_exported_and_the_other_way_round(self):
        names, heads = exported(self.library), self.declared_in_library()
        self.same("declared", heads, names, "exported (src/lib/libfastrpc.map)")
        # What a skel logs with is declared for both sides in a header of the DSP's folder.
        for path in (self.headers / "hap").glob("*.h"):
            heads |= declared(path)
        self.same("exported", names, heads, "declared in include/fastrpc")

    def every_function_of_emulator_h_is_exported_and_the_other_way_round(self):
        names = {name for name in exported(self.emulator) if not name.startswith(DSP_SIDE)}
        heads = set().union(*(declared(self.headers / name) for name in EMULATOR_HEADERS))
        self.same("declared", heads, names, "exported by libfastrpc-emulator.so")
        self.same("exported", names, heads, "declared in emulator*.h")

    def every_function_of_the_dsp_is_exported_to_skels_and_the_other_way_round(self):
        names = {name for name in exported(self.emulator) if name.startswith(DSP_SIDE)}
        heads = set()
        for path in self.headers.rglob("*.h"):
            heads |= {DSP_SIDE + name
                      for name in re.findall(r"\bFRPC_DSP_SIDE\((\w+)\)", code_of(path))}
        self.same("declared", heads, names, "exported by libfastrpc-emulator.so")
        self.same("exported", names, heads, "declared with FRPC_DSP_SIDE()")

    def every_function_has_a_row_in_features_md(self):
        heads = self.declared_in_library()
        for path in self.library_headers():
            heads |= inline_functions(path) - {"get_domain"}
        rows_there = set(self.functions_of_features())
        self.same("declared", heads, rows_there, "in docs/features.md")
        self.same("in docs/features.md", rows_there, heads, "declared")

    def every_request_flag_and_attribute_has_a_row_in_features_md(self):
        wanted = set()
        for name, flags in (
                ("remote.h", r"#define (FASTRPC_ATTR_\w+|REMOTE_MODE_\w+)"),
                ("rpcmem.h", r"#define (RPCMEM_(?!H\b)\w+|ION_\w+)"),
                ("dspqueue.h", None)):
            wanted |= enumerators(self.headers / name)
            text = (self.headers / name).read_text(encoding="utf-8")
            wanted |= set(re.findall(flags, text)) if flags else set()
        wanted = {name for name in wanted - {"FASTRPC_ATTR_NONE"}
                  if not RESERVED.search(name) and not SPELT_TWICE.match(name)}
        there = set()
        for heading in ("## Requests", "## Flags", "## Values", "## DSP attributes"):
            for cells in rows(self.features, heading):
                there |= set(names_in(cells[0]))
        self.same("in a header", wanted, there, "in docs/features.md")

    def what_features_md_says_no_to_has_its_error(self):
        """A cell that says no, or another one of its row, tells which."""
        for heading in ("## Functions", "## Requests", "## Flags", "## Values",
                        "## DSP attributes", "## Commands"):
            for cells in rows(self.features, heading):
                refusals = [cell for cell in cells[1:-1] if re.match(r"no\b", cell)]
                if refusals and not any(ERROR.search(cell) for cell in refusals):
                    self.problems.append(f"{cells[0]}: no, but with which error?")
        if "accepted and ignored" in self.features:
            self.problems.append("docs/features.md: something is accepted and ignored")

    def every_function_of_the_dsp_has_a_place_in_features_md(self):
        wanted, there = set(), set()
        for path in self.headers.rglob("*.h"):
            wanted |= set(re.findall(r"\bFRPC_DSP_SIDE\((\w+)\)", code_of(path)))
        for cells in rows(self.features, "## What a skel finds on the emulated DSP"):
            there |= set(names_in(cells[1]))
        there |= {name for name in self.functions_of_features() if name.startswith("dspqueue_")}
        self.same("declared for skels", wanted, there, "in docs/features.md")
        self.same("in docs/features.md", there - {"dspqueue_create", "dspqueue_export",
                                                  "dspqueue_request"},
                  wanted, "declared for skels")

    def every_function_of_the_machine_has_a_row_in_features_md(self):
        wanted = set().union(*(declared(self.headers / name) for name in EMULATOR_HEADERS))
        there = set()
        for cells in rows(self.features, "## The machine of a test"):
            there |= set(names_in(cells[0]))
        self.same("declared", wanted, there, "in docs/features.md")
        self.same("in docs/features.md", there, wanted, "declared")

    def what_features_md_calls_not_built_is_unsupported_c(self):
        unsupported = set(re.findall(r'return unsupported\("(\w+)"\)',
                                     (self.root / "src/lib/unsupported.c").read_text("utf-8")))
        not_built = {name for name, cells in self.functions_of_features().items()
                     if nowhere(cells[1:4])}
        self.same("in src/lib/unsupported.c", unsupported, not_built,
                  "marked no, no, no in docs/features.md")
        self.same("marked no, no, no in docs/features.md", not_built, unsupported,
                  "in src/lib/unsupported.c")

    def run_probe(self, arguments):
        out = subprocess.run([*WRAPPER, self.probe, *arguments], check=True, capture_output=True, text=True)
        return {line.split()[0]: int(line.split()[1]) for line in out.stdout.splitlines()}

    def what_is_not_built_answers_unsupported(self):
        calls = {f"call={name}": name for name, cells in self.functions_of_features().items()
                 if nowhere(cells[1:4])}
        for argument, result in self.run_probe(calls).items():
            if result != AEE_EUNSUPPORTED:
                self.problems.append(f"{argument}: answers 0x{result & 0xffffffff:x}")

    def requests_answer_unsupported_exactly_where_features_md_says_no(self):
        requests = []  # (way, cells)
        for way, heading in (
                ("session", "### remote_session_control"),
                ("handle", "### remote_handle_control (no handle) and remote_handle64_control")):
            requests += [(way, cells) for cells in rows(self.features, heading)]
        results = self.run_probe([f"{way}={cells[1]}" for way, cells in requests])
        for way, cells in requests:
            wanted, result = nowhere(cells[2:5]), results[f"{way}={cells[1]}"]
            if (result == AEE_EUNSUPPORTED) != wanted:
                self.problems.append(f"{cells[0]}: docs/features.md says "
                                     f"{'no' if wanted else 'yes'}; it answers {result}")

    def every_row_of_features_md_names_what_proves_it(self):
        for line in self.features.split("\n## Functions\n", 1)[1].splitlines():
            proof = line.strip().strip("|").split("|")[-1]
            if line.startswith("| `") and not re.search(r"\btest_\w+|frpcd|\./dev \w+", proof):
                self.problems.append(f"no test: {line[:100]}")

    def every_key_of_the_machine_has_a_row_in_emulator_md(self):
        code = code_of(self.root / "src" / "emulator" / "machine_spec.c")
        keys = set(re.findall(r'\{"([a-z-]+)", set_\w+\}', code))
        text = (self.root / "docs" / "emulator.md").read_text(encoding="utf-8")
        there = set()
        for cells in rows(text, "## The machine: FRPC_EMULATOR"):
            there |= set(re.findall(r"`([a-z-]+)`", cells[0]))
        self.same("in machine_spec.c", keys, there, "in docs/emulator.md")
        self.same("in docs/emulator.md", there - {"attr"}, keys, "in machine_spec.c")

    def every_test_that_the_documents_name_exists(self):
        there = {path.stem for path in (self.root / "tests").rglob("*") if path.is_file()}
        there |= set(re.findall(r"'(test_\w+)'", "".join(
            path.read_text("utf-8") for path in (self.root / "tests").rglob("meson.build"))))
        for path in [self.root / "README.md", *sorted((self.root / "docs").glob("*.md"))]:
            if path.is_file():
                for name in set(re.findall(r"\btest_\w+", path.read_text(encoding="utf-8"))):
                    if name not in there:
                        self.problems.append(f"{name}: named in {path.name}, but not in tests/")

    def documents(self):
        return [self.root / "README.md", *sorted((self.root / "docs").glob("*.md")),
                *sorted((self.root / "examples").rglob("*.md"))]

    def every_path_that_the_documents_name_exists(self):
        for page in self.documents():
            text = page.read_text(encoding="utf-8")
            for name in set(PATH.findall(text)):
                if not list(self.root.glob(name.rstrip("/."))):
                    self.problems.append(f"{name}: named in {page.name}, but not there")
            for name in set(re.findall(r"\]\(([^)#:]+)[)#]", text)):
                if not (page.parent / name).exists():
                    self.problems.append(f"{name}: {page.name} leads there, but it is not there")

    def every_page_that_the_sources_name_exists(self):
        for folder in ("src", "include", "tests", "examples"):
            for path in (self.root / folder).rglob("*.[ch]"):
                for name in set(re.findall(r"\bdocs/\w+\.md", path.read_text(encoding="utf-8"))):
                    if not (self.root / name).exists():
                        self.problems.append(f"{name}: named in {path.relative_to(self.root)}")

    def every_folder_of_the_sources_has_a_row_in_design_md(self):
        source = self.root / "src"
        there = {str(path.parent.relative_to(self.root)) for path in source.rglob("*.[ch]")}
        there |= {str(path.parent.relative_to(self.root)) for path in source.glob("*/meson.build")}
        text = (self.root / "docs" / "design.md").read_text(encoding="utf-8")
        named = {cells[0].strip("`") for cells in rows(text, "## The rooms")}
        self.same("in src", there, named, "in docs/design.md")
        self.same("in docs/design.md", named, there, "in src")

    def every_variable_that_is_read_is_in_the_documents(self):
        pages = "".join(page.read_text(encoding="utf-8") for page in self.documents())
        for path in (self.root / "src").rglob("*.c"):
            for name in re.findall(r'getenv\("(\w+)"\)', path.read_text(encoding="utf-8")):
                if not re.search(rf"\b{name}\b", pages):
                    self.problems.append(f"{name}: read in {path.name}, but in no document")

    def every_verb_of_dev_that_the_documents_name_exists(self):
        verbs = set(re.findall(r"^(\w+)\) ", (self.root / "dev").read_text("utf-8"), flags=re.M))
        for page in self.documents():
            named = set(re.findall(r"\./dev (\w+)", page.read_text(encoding="utf-8")))
            self.same(f"in {page.name}", {f"./dev {verb}" for verb in named},
                      {f"./dev {verb}" for verb in verbs}, "a verb of it")

    def every_sentence_that_testing_md_names_is_a_test(self):
        code = "".join(path.read_text("utf-8") for path in (self.root / "tests").rglob("*.c"))
        sentences = set(re.findall(r"\b(\w+)\(\s*void \*\*state\)", code))
        text = (self.root / "docs" / "testing.md").read_text(encoding="utf-8")
        named = {name for name in re.findall(r"`(\w+)`", text) if name.count("_") > 3}
        self.same("named in docs/testing.md", named, sentences, "a test")


def main():
    tests = [name for name in vars(Surface) if re.match(r"(the|every|what|requests)_", name)]
    failed = False
    print(f"1..{len(tests)}")
    for number, name in enumerate(tests, 1):
        surface = Surface(*sys.argv[1:])
        getattr(surface, name)()
        print(f"{'not ok' if surface.problems else 'ok'} {number} - {name.replace('_', ' ')}")
        for problem in surface.problems:
            print(problem, file=sys.stderr)
        failed |= bool(surface.problems)
    return failed


sys.exit(main())
