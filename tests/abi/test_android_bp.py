#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Android.bp names the sources that meson builds libfastrpc of, and the same version.

usage: test_android_bp.py SOURCE_ROOT VERSION SOURCE...

TAP on standard output.
"""
import pathlib
import re
import sys


def main():
    root, version = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    sources = {str(pathlib.Path(name).resolve().relative_to(root)) for name in sys.argv[3:]}
    text = (root / "Android.bp").read_text(encoding="utf-8")
    named = {name for name in re.findall(r'"(src/[^"]+\.c)"', text) if "dropin.c" not in name}
    version_said = re.search(r'FRPC_VERSION=\\"([^"\\]+)', text).group(1)
    problems = [f"{name}: not in Android.bp" for name in sorted(sources - named)]
    problems += [f"{name}: in Android.bp only" for name in sorted(named - sources)]
    if version_said != version or f"frpc_entries_{version.replace('.', '_')}" not in text:
        problems.append(f"the version is {version}, not {version_said}")
    print("not ok" if problems else "ok", "1 - Android.bp builds what meson builds")
    for problem in problems:
        print("#", problem)
    print("1..1")
    return bool(problems)


sys.exit(main())
