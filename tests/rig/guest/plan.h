/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the guest's init does, in order: a text file with one step a line, words separated by blanks.
 *
 *   share PATH                 user-mode Linux: the host's folder appears at the same place, read-only
 *   results PATH               the same, but writable
 *   env KEY=VALUE              for every program that follows
 *   module PATH                loads a kernel module
 *   link TARGET PATH           PATH leads to TARGET from now on
 *   wait PATH                  until it exists, five seconds at most
 *   dsp NAME PROGRAM WORDS...  starts the process that plays the DSP NAME, instead of an earlier one
 *   run NAME SECONDS PROGRAM WORDS...   runs a test and reports how it ended
 *   begin NAME PROGRAM WORDS...         begins a test beside the next steps
 *   await NAME SECONDS                  its end, reported as that of the others
 *   restart NAME               the DSP goes down and comes up again
 *   report NAME PATH           gives the runner the file's bytes under that name
 *   fail oops|hang             the guest's kernel does just that
 */
#ifndef RIG_PLAN_H
#define RIG_PLAN_H

#include <stdio.h>

#define PLAN_WORDS 64

struct plan_step {
	char *text;		     /* the words point into it */
	char *words[PLAN_WORDS + 1]; /* NULL after the last */
};

/* Reads the next step that is no comment. 1: *step is the caller's, 0: end of the file, -1: too long. */
int plan_next(FILE *file, struct plan_step *step);
void plan_forget(struct plan_step *step);

#endif
