/* SPDX-License-Identifier: BSD-3-Clause */
/* The processes that init starts: those that play DSPs, and the tests. */
#ifndef RIG_CHILDREN_H
#define RIG_CHILDREN_H

/* Before any child: their ends are waited for, never caught. */
void block_child_signals(void);

/*
 * Starts @argv as the DSP @name, whose earlier process is ended. Its death ends the test that runs:
 * "@rig dsp-died NAME ...".
 */
void start_dsp(const char *name, char **argv);

/*
 * Runs @argv for @seconds at most, then kills it and all it started. Says "@rig start NAME", each
 * DSP's counters, then "@rig end NAME exit N", "... signal N", "... timeout 0" or, when a DSP is
 * dead and nothing can be run, "... no-dsp 0".
 */
void run_test(const char *name, unsigned int seconds, char **argv);

/*
 * Begins @argv beside whatever runs next; what it writes is kept. The second waits @seconds at most,
 * and tells all of it as run_test() does.
 */
void begin_test(const char *name, char **argv);
void await_test(const char *name, unsigned int seconds);

/* Until all that was written has left the guest. */
void drain_output(void);

#endif
