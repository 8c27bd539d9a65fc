# SPDX-License-Identifier: BSD-3-Clause
"""python3 -m rig: builds and runs rigs. ./dev rig has seen to the packages."""

import argparse
import os
import sys

from . import flavour, guest, plans
from .kernel import Rig, RigError, say


def parse(words):
    parser = argparse.ArgumentParser(prog="./dev rig", description=__doc__)
    parser.add_argument("kind", nargs="?", choices=("um", "arm64"), help="which rig")
    parser.add_argument("--version", default="6.12", choices=flavour.VERSIONS)
    parser.add_argument("--list", action="store_true", help="one rig a line, then end")
    parser.add_argument("--build-only", action="store_true", help="build what is missing, then end")
    parser.add_argument("--verbose", action="store_true", help="show all that the guest says")
    parser.add_argument("--only", default="", help="only runs whose name contains this")
    parser.add_argument("--cache", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def list_rigs(cache):
    for each in flavour.every():
        rig = Rig(each, cache)
        state = "cached" if rig.is_cached() else "not cached" if rig.version else "not installed"
        print(f"{each.name:<12} {rig.version or '-':<24} {state}")


def report(listener, problem):
    """TAP of every check, then the counts. Returns whether all passed."""
    number = passed = skipped = failed = 0
    for run in listener.runs:
        checks = [(c.name, c.passed, c.skip) for c in run.checks]
        if run.problem or not checks:
            checks.append((run.problem or "ends with exit 0", not run.problem, ""))
        for name, good, skip in checks:
            number += 1
            words = f"{'ok' if good else 'not ok'} {number} - {run.name}: {name}"
            print(words + (f" # SKIP {skip}" if skip else ""))
            passed, skipped, failed = (
                passed + (good and not skip),
                skipped + bool(skip),
                failed + (not good),
            )
        if not run.passed:
            for line in run.lines[-40:]:
                print(f"#   {line}")
    if problem:
        number += 1
        failed += 1
        print(f"not ok {number} - guest: {problem}")
        for line in listener.kernel[-25:]:
            print(f"#   {line}")
    print(f"1..{number}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped on {listener.release or 'no kernel'}")
    return not failed and passed > 0


def run_rig(rig, options):
    rig.build()
    if options.build_only:
        return True
    plan = plans.begin(rig, options.build, options.root)
    tests = [t for t in plans.integration_tests(options.build) if options.only in t.name]
    plans.add_tests(plan, tests)
    echo = (lambda line: print(f"| {line}", flush=True)) if options.verbose else lambda line: None
    return report(*guest.boot(rig, plan, echo))


def main(words):
    options = parse(words)
    os.makedirs(options.cache, exist_ok=True)
    if options.list:
        list_rigs(options.cache)
        return 0
    if not options.kind:
        say("say which rig: um or arm64, or --list")
        return 2
    try:
        return 0 if run_rig(Rig(flavour.find(options.kind, options.version), options.cache),
                            options) else 1
    except RigError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
