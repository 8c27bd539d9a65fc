# SPDX-License-Identifier: BSD-3-Clause
"""What the rig says of a guest that went wrong. No guest is needed."""

import os
import sys
import time
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from rig import flavour, guest, plans  # noqa: E402
from rig.kernel import Rig  # noqa: E402
from rig.verdict import Listener, judge_guest  # noqa: E402


def heard(*lines, kernel=()):
    listener = Listener()
    for line in lines:
        listener.hear(line)
    for line in kernel:
        listener.hear_kernel(line)
    return listener


UP = "@rig up 6.12.1 x86_64"
START = "@rig start calls"
COUNTS = "@rig counters cdsp sent {} answered {} refused {}"


class Verdicts(unittest.TestCase):
    def test_a_test_that_passes_passes(self):
        listener = heard(UP, START, "1..2", "ok 1 - a", "ok 2 - b # SKIP no SMMU",
                         "@rig end calls exit 0", "@rig done")
        self.assertEqual(judge_guest(listener, 0), "")
        run = listener.runs[0]
        self.assertTrue(run.passed)
        self.assertEqual([(c.name, c.skip) for c in run.checks], [("a", ""), ("b", "no SMMU")])

    def test_a_line_that_is_not_ok_fails(self):
        listener = heard(UP, START, "not ok 1 - a", "@rig end calls exit 1", "@rig done")
        self.assertFalse(listener.runs[0].passed)
        self.assertEqual(listener.runs[0].problem, "")

    def test_a_bad_exit_fails_though_every_line_is_ok(self):
        listener = heard(UP, START, "ok 1 - a", "@rig end calls exit 1", "@rig done")
        self.assertEqual(listener.runs[0].problem, "exit 1")

    def test_a_silent_dsp_is_named(self):
        listener = heard(UP, START, COUNTS.format(5, 3, 0), "@rig end calls timeout 0", "@rig done")
        self.assertIn("silent DSP: cdsp owes 2", listener.runs[0].problem)

    def test_answers_that_the_driver_refused_are_named(self):
        listener = heard(UP, START, COUNTS.format(5, 3, 2), "@rig end calls timeout 0", "@rig done")
        self.assertIn("wrong DSP answers", listener.runs[0].problem)

    def test_a_test_that_hangs_by_itself_is_not_the_dsps_fault(self):
        listener = heard(UP, START, COUNTS.format(5, 5, 0), "@rig end calls timeout 0", "@rig done")
        self.assertIn("the test hangs", listener.runs[0].problem)

    def test_a_test_that_is_only_slow_is_not_the_dsps_fault(self):
        listener = heard(UP, START, COUNTS.format(5, 3, 0), COUNTS.format(9, 7, 0),
                         "@rig end calls timeout 0", "@rig done")
        self.assertIn("too slow", listener.runs[0].problem)

    def test_what_a_guest_cannot_help_is_skipped_with_its_reason(self):
        listener = heard(UP, START, "not ok 1 - big one", "@rig end calls exit 1", "@rig done")
        listener.runs[0].excuse({"big": "no SMMU"})
        self.assertTrue(listener.runs[0].passed)
        self.assertEqual(listener.runs[0].checks[0].skip, "no SMMU")

    def test_cmocka_says_skip_in_its_own_way(self):
        listener = heard(UP, START, "not ok 1 # SKIP a_name", "@rig end calls exit 0", "@rig done")
        self.assertTrue(listener.runs[0].passed)

    def test_a_crash_is_named(self):
        listener = heard(UP, START, "@rig end calls signal 11", "@rig done")
        self.assertEqual(listener.runs[0].problem, "killed by signal 11")

    def test_a_dead_dsp_is_named_and_ends_the_rest(self):
        listener = heard(UP, START, "@rig dsp-died cdsp signal 6", "@rig end calls timeout 0",
                         "@rig start more", "@rig end more no-dsp 0", "@rig done")
        self.assertIn("the DSP died (cdsp signal 6)", listener.runs[0].problem)
        self.assertIn("not run", listener.runs[1].problem)

    def test_an_oops_is_told_with_its_words_and_the_test_it_hit(self):
        listener = heard(UP, START, kernel=["[1.0] Kernel panic - not syncing: Segfault"])
        problem = judge_guest(listener, 0)
        self.assertIn("kernel died during calls: Kernel panic - not syncing: Segfault", problem)
        self.assertFalse(listener.runs[0].passed)

    def test_a_hang_is_told_with_the_test_it_hit(self):
        self.assertIn("the guest hangs during calls", judge_guest(heard(UP, START), 90))

    def test_a_guest_that_ends_early_fails(self):
        self.assertEqual(judge_guest(heard(UP), 0), "the guest ended early")
        self.assertEqual(judge_guest(heard(), 0), "the guest did not come up")

    def test_a_host_that_forbids_tracing_is_no_failure_of_the_driver(self):
        self.assertTrue(heard("check_ptrace : ptrace: Operation not permitted").may_not_trace())
        self.assertFalse(heard("ptrace...OK", "Linux version 6.12").may_not_trace())

    def test_a_step_that_failed_fails_the_guest(self):
        listener = heard(UP, "@rig trouble /x.ko: No such file", "@rig done")
        self.assertEqual(judge_guest(listener, 0), "/x.ko: No such file")

    def test_the_processor_time_of_a_run_is_what_the_guest_used_meanwhile(self):
        listener = Listener(work=iter((1.0, 4.5, 9.0, 9.25)).__next__)
        for line in (UP, START, "@rig end calls exit 0", "@rig start maps", "@rig end maps exit 0"):
            listener.hear(line)
        self.assertEqual([run.work for run in listener.runs], [3.5, 0.25])

    def test_a_session_has_used_what_its_processes_have(self):
        while time.process_time() < 0.1:
            pass
        self.assertGreater(guest.work_of(os.getsid(0)), 0)
        self.assertEqual(guest.work_of(-1), 0)

    def test_a_check_that_skips_itself_without_need_is_named(self):
        known = next(iter(plans.SKIP_THEMSELVES))
        listener = heard(UP, START, f"not ok 1 # SKIP {known}", "not ok 2 # SKIP unheard_of",
                         "@rig end calls exit 0")
        self.assertEqual(plans.unfounded_skips(listener), ["calls: unheard_of"])

    def test_the_suites_skips_are_judged_elsewhere(self):
        listener = heard(UP, "@rig start conformance", "ok 1 - ml.x # SKIP no SMMU",
                         "@rig end conformance exit 0")
        self.assertEqual(plans.unfounded_skips(listener), [])


class Plans(unittest.TestCase):
    def plans_of(self, kind, only="", rows=""):
        tests = [plans.Test(name, ("/p",), ()) for name in ("test_calls", "test_queue", "test_restart")]
        options = types.SimpleNamespace(target="/b", root="/r", kind=kind.kind, only=only, rows=rows)
        with mock.patch.object(plans, "integration_tests", lambda build: tests):
            return plans.boots(Rig(kind, "/cache"), options)

    def test_every_kind_of_rig_has_a_plan(self):
        for kind in flavour.every():
            made = self.plans_of(kind)
            names = [name for plan in made for name in plan.limits]
            self.assertEqual(len(names), len(set(names)), "nothing is done twice")
            for name in ("test_calls", "test_queue", "test_restart", "conformance"):
                self.assertIn(name, names)
            self.assertEqual(kind.coverage, "faults-smmu" in names)

    def test_a_guest_with_nothing_to_do_is_not_booted(self):
        self.assertEqual(len(self.plans_of(flavour.find("um", "6.12"), only="test_queue")), 1)

    def test_what_restarts_a_dsp_is_not_done_behind_an_smmu(self):
        for plan in self.plans_of(flavour.find("arm64", "6.12", True)):
            self.assertFalse(plan.translated and "test_restart" in plan.limits)


if __name__ == "__main__":
    unittest.main()
