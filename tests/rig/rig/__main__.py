# SPDX-License-Identifier: BSD-3-Clause
"""python3 -m rig: builds and runs rigs. ./dev rig has seen to the packages."""

import argparse
import os
import signal
import sys

from . import coverage, flavour, guest, plans, selftest, table
from .kernel import Rig, RigError, say


def parse(words):
    parser = argparse.ArgumentParser(prog="./dev rig", description=__doc__)
    parser.add_argument("kind", nargs="?", choices=flavour.KINDS, help="which rig")
    parser.add_argument("--version", default="6.12", choices=flavour.VERSIONS)
    parser.add_argument("--list", action="store_true", help="one rig a line, then end")
    parser.add_argument("--table", action="store_true",
                        help="renew docs/conformance.md from the rigs' last runs, then end")
    parser.add_argument("--build-only", action="store_true", help="build what is missing, then end")
    parser.add_argument("--verbose", action="store_true", help="show all that the guest says")
    parser.add_argument("--coverage", action="store_true",
                        help="arm64: which lines of the driver run, its allocations failing too")
    parser.add_argument("--selftest", action="store_true", help="the rig's own failures instead")
    parser.add_argument("--only", default="", help="only runs whose name contains one of these words")
    parser.add_argument("--rows", default="", help="of the suite only rows whose id contains this")
    parser.add_argument("--cache", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--target", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--sysroot", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def list_rigs(cache):
    for each in flavour.every():
        rig = Rig(each, cache)
        state = "cached" if rig.is_cached() else "not cached" if rig.version else "not installed"
        print(f"{each.name:<12} {rig.version or '-':<24} {state}")


class CannotRun(Exception):
    """Nothing is wrong, but nothing can be tested here."""


class Tally:
    """TAP on standard output, counted."""

    def __init__(self):
        self.number = self.passed = self.skipped = self.failed = 0

    def say(self, good, words, skip="", details=()):
        self.number += 1
        self.passed += good and not skip
        self.skipped += bool(skip)
        self.failed += not good
        line = f"{'ok' if good else 'not ok'} {self.number} - {words}"
        print(line + (f" # SKIP {skip}" if skip else ""))
        for detail in details:
            print(f"#   {detail}")

    def end(self, where):
        print(f"1..{self.number}")
        print(f"# {self.passed} passed, {self.failed} failed, {self.skipped} skipped on {where}",
              flush=True)
        return not self.failed and self.passed > 0


def report(tally, listener, problem):
    """Every check of every run, and the guest's own end."""
    for run in listener.runs:
        for check in run.checks:
            tally.say(check.passed, f"{run.name}: {check.name}", check.skip)
        if run.problem or not run.checks:
            tally.say(not run.problem, f"{run.name}: {run.problem or 'ends with exit 0'}")
        if not run.passed:
            for line in run.lines[-60:]:
                print(f"#   {line}")
        if run.ending:
            print(f"# {run.name} took {run.seconds:.1f} s, {run.work:.1f} s of processor time")
    if listener.took:
        print(f"# guest took {listener.took}")
    if problem:
        tally.say(False, f"guest: {problem}", details=listener.kernel[-25:])


def compare(tally, listeners, build, cache, flav):
    """The emulator must answer every row as the driver has."""
    runs = [run for heard in listeners for run in heard.runs if run.name.startswith(table.RUN)]
    if not runs:
        return
    excuses = plans.EXCUSES.get(flav.kind, {}).get(table.RUN, {})
    driver = {}
    for run in runs:
        driver.update(table.verdicts_of(run))
        for skip in table.unfounded_skips(run, flav.kind, excuses):
            tally.say(False, f"left out without need: {skip}")
    emulator = table.verdicts_of(table.emulator_run(build, flav.version))
    table.store(cache, flav.name, listeners[0].release, driver)
    for difference in table.differences(emulator, driver):
        tally.say(False, f"emulator and driver differ: {difference}")


def hear(rig, all_plans, tally, echo):
    """The guests, from their boot to their end, reported."""
    heard = guest.boot_all(rig, all_plans, echo)
    for listener, problem in heard:
        if listener.may_not_trace():
            raise CannotRun("user-mode Linux may not trace processes here: the rig is left out")
        for run in listener.runs:
            run.excuse(plans.EXCUSES.get(rig.flavour.kind, {}).get(run.name, {}))
        report(tally, listener, problem)
        for skip in plans.unfounded_skips(listener):
            tally.say(False, f"left out without need: {skip}")
    return [listener for listener, _ in heard]


def run_rig(rig, options):
    rig.build()
    if options.build_only:
        return True
    tally = Tally()
    where = f"{rig.flavour.name}, {rig.flavour.package} {rig.version}"
    echo = (lambda line: print(f"| {line}", flush=True)) if options.verbose else lambda line: None
    if options.selftest:
        selftest.run(rig, options, tally, echo)
        return tally.end(where)
    listeners = hear(rig, plans.boots(rig, options), tally, echo)
    left_out = {**plans.LEFT_OUT, **plans.LEFT_OUT_OF.get(rig.flavour.kind, {})}
    for name, why in left_out.items():
        print(f"# left out: {name}: {why}")
    if not options.rows:
        compare(tally, listeners, options.build, options.cache, rig.flavour)
    if rig.flavour.coverage:
        coverage.judge(tally, rig, listeners, not (options.only or options.rows))
    return tally.end(f"{where}, kernel {listeners[0].release or 'none'}")


def main(words):
    options = parse(words)
    # An end from outside must not leave a guest behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.makedirs(options.cache, exist_ok=True)
    if options.list:
        list_rigs(options.cache)
        return 0
    if options.table:
        page = os.path.join(options.root, "docs/conformance.md")
        names = [each.name for each in flavour.every()]
        table.write_page(page, options.cache, options.build, names, flavour.VERSIONS)
        return 0
    if options.coverage and options.kind != "arm64":
        say("--coverage is for arm64")
        return 2
    if not options.kind:
        say("say which rig: um or arm64, or --list")
        return 2
    try:
        which = flavour.find(options.kind, options.version, options.coverage)
        return 0 if run_rig(Rig(which, options.cache, options.sysroot), options) else 1
    except CannotRun as reason:
        say(str(reason))
        return 77
    except RigError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
