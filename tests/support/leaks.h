/* SPDX-License-Identifier: BSD-3-Clause */
/* What a test must leave as it found it: descriptors, mappings and threads of this process. */
#ifndef TEST_LEAKS_H
#define TEST_LEAKS_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct resources {
	int fds;
	int threads;
	int shared_maps; /* mappings of memfds: buffers and skels */
};

static inline int count_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	int count = 0;

	if (!dir)
		return -1;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static inline int count_memfd_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024];
	int count = 0;

	if (!maps)
		return -1;
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "/memfd:"))
			count++;
	fclose(maps);
	return count;
}

static inline struct resources resources_now(void)
{
	return (struct resources){
		.fds = count_entries("/proc/self/fd"),
		.threads = count_entries("/proc/self/task"),
		.shared_maps = count_memfd_maps(),
	};
}

static inline int lesser(int one, int other)
{
	return one < other ? one : other;
}

/*
 * What is there when all that has been let go of is gone: the least of some looks. What a thread that is
 * still ending holds would hide as much of a leak.
 */
static inline struct resources resources_at_rest(void)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	struct resources least = resources_now(), now;

	for (int i = 0; i < 40; i++) {
		nanosleep(&pause, NULL);
		now = resources_now();
		least = (struct resources){
			.fds = lesser(least.fds, now.fds),
			.threads = lesser(least.threads, now.threads),
			.shared_maps = lesser(least.shared_maps, now.shared_maps),
		};
	}
	return least;
}

/*
 * True once nothing more is there than @before. Threads that were joined may still be listed for a
 * moment, so that it looks again for up to ten seconds.
 */
static inline int resources_are_back(const struct resources *before, char *text, size_t textlen)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	struct resources now = {0};

	for (int i = 0; i < 1000; i++) {
		now = resources_now();
		if (now.fds <= before->fds && now.threads <= before->threads &&
		    now.shared_maps <= before->shared_maps)
			return 1;
		nanosleep(&pause, NULL);
	}
	snprintf(text, textlen, "fds %d -> %d, threads %d -> %d, memfd mappings %d -> %d",
		 before->fds, now.fds, before->threads, now.threads, before->shared_maps,
		 now.shared_maps);
	return 0;
}

/* Fails the test unless they are. */
static inline void assert_resources_are_back(const struct resources *before)
{
	char text[200];

	if (!resources_are_back(before, text, sizeof(text)))
		fail_msg("%s", text);
}

/* The same for a teardown: its result. */
static inline int end_with_resources(const struct resources *before)
{
	char text[200];

	if (resources_are_back(before, text, sizeof(text)))
		return 0;
	print_error("left behind: %s\n", text);
	return -1;
}

#endif
