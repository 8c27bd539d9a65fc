/* SPDX-License-Identifier: BSD-3-Clause */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

void plan_forget(struct plan_step *step)
{
	free(step->text);
	step->text = NULL;
}

int plan_next(FILE *file, struct plan_step *step)
{
	char *rest = NULL, *word;
	size_t room = 0, count = 0;

	step->text = NULL;
	do {
		if (getline(&step->text, &room, file) < 0) {
			plan_forget(step);
			return 0;
		}
		word = strtok_r(step->text, " \n", &rest);
	} while (!word || *word == '#');
	for (; word && count < PLAN_WORDS; word = strtok_r(NULL, " \n", &rest))
		step->words[count++] = word;
	step->words[count] = NULL;
	if (!word)
		return 1;
	plan_forget(step);
	return -1;
}
