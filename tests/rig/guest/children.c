/* SPDX-License-Identifier: BSD-3-Clause */
#include "children.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MOST_DSPS	5
#define MOST_BACKGROUND 4
/* A killed client's close() may wait ten seconds for a silent DSP. */
#define BURY_SECONDS 25

struct dsp {
	char name[16];
	pid_t pid; /* 0: it died */
};

/* A test that runs beside others. */
struct background {
	char name[32];
	pid_t pid;  /* 0: nobody */
	int output; /* a memfd */
	bool ended;
	int status;
};

static struct dsp dsps[MOST_DSPS];
static int dsp_count;
static struct background backgrounds[MOST_BACKGROUND];

void block_child_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* @output: where it writes, -1: as we do. */
static pid_t start(char **argv, int output)
{
	pid_t pid = fork();
	sigset_t none;

	if (pid)
		return pid;
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (output >= 0) {
		dup2(output, 1);
		dup2(output, 2);
	}
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* The one that has played the DSP so far makes room. */
static void stop_dsp(struct dsp *dsp)
{
	if (!dsp->pid)
		return;
	kill(-dsp->pid, SIGKILL);
	waitpid(dsp->pid, NULL, 0);
}

void start_dsp(const char *name, char **argv)
{
	for (int i = 0; i < dsp_count; i++)
		if (!strcmp(dsps[i].name, name)) {
			stop_dsp(&dsps[i]);
			dsps[i].pid = start(argv, -1);
			return;
		}
	if (dsp_count == MOST_DSPS) {
		printf("@rig trouble %s: more than %d DSPs\n", name, MOST_DSPS);
		return;
	}
	snprintf(dsps[dsp_count].name, sizeof(dsps[dsp_count].name), "%s", name);
	dsps[dsp_count++].pid = start(argv, -1);
}

static const char *ending(int status)
{
	return WIFSIGNALED(status) ? "signal" : "exit";
}

static int number(int status)
{
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static unsigned long long counter(const char *dsp, const char *what)
{
	unsigned long long value = 0;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/misc/frpc-rig-%s/%s", dsp, what);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%llu", &value) != 1)
		value = 0;
	fclose(file);
	return value;
}

static void tell_counters(void)
{
	for (int i = 0; i < dsp_count; i++)
		printf("@rig counters %s sent %llu answered %llu refused %llu\n", dsps[i].name,
		       counter(dsps[i].name, "sent"), counter(dsps[i].name, "answered"),
		       counter(dsps[i].name, "refused"));
}

/* The guest has little, and a driver that leaks takes it for good. */
static void tell_memory(void)
{
	struct sysinfo info;

	if (!sysinfo(&info))
		printf("@rig free %lu MiB\n",
		       (unsigned long)((uint64_t)info.freeram * info.mem_unit >> 20));
}

static void note_background(pid_t pid, int status)
{
	for (int i = 0; i < MOST_BACKGROUND; i++)
		if (backgrounds[i].pid == pid) {
			backgrounds[i].ended = true;
			backgrounds[i].status = status;
		}
}

/* Collects whoever ended. True: @test has. *ret_dsp_died is set when a DSP has. */
static bool collect(pid_t test, int *ret_status, bool *ret_dsp_died)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == test) {
			*ret_status = status;
			return true;
		}
		note_background(pid, status);
		for (int i = 0; i < dsp_count; i++)
			if (dsps[i].pid == pid) {
				dsps[i].pid = 0;
				*ret_dsp_died = true;
				printf("@rig dsp-died %s %s %d\n", dsps[i].name, ending(status),
				       number(status));
			}
	}
	return false;
}

/* True: @test has ended. It has not when the time is over or a DSP has died. */
static bool wait_for_end(pid_t test, unsigned int seconds, int *ret_status)
{
	struct timespec now, end, left;
	bool dsp_died = false;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		if (collect(test, ret_status, &dsp_died))
			return true;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (dsp_died || now.tv_sec >= end.tv_sec)
			return false;
		left = (struct timespec){.tv_sec = end.tv_sec - now.tv_sec};
		sigtimedwait(&set, NULL, &left);
	}
}

static bool any_dsp_dead(void)
{
	for (int i = 0; i < dsp_count; i++)
		if (!dsps[i].pid)
			return true;
	return false;
}

/* Tells how the test ended; one that has not is stopped. */
static void finish(const char *name, pid_t pid, bool ended, int status)
{
	tell_counters();
	tell_memory();
	if (!ended) {
		/* Again after a while: does anything still move? */
		sleep(2);
		tell_counters();
	}
	if (ended) {
		printf("@rig end %s %s %d\n", name, ending(status), number(status));
	} else if (pid > 0) {
		printf("@rig end %s timeout 0\n", name);
		fflush(stdout);
		kill(-pid, SIGKILL);
		if (!wait_for_end(pid, BURY_SECONDS, &status))
			printf("@rig trouble %s: does not die\n", name);
	} else {
		printf("@rig end %s exit 127\n", name);
	}
	fflush(stdout);
}

void run_test(const char *name, unsigned int seconds, char **argv)
{
	int status = 0;
	bool ended;
	pid_t pid;

	printf("@rig start %s\n", name);
	fflush(stdout);
	if (any_dsp_dead()) {
		printf("@rig end %s no-dsp 0\n", name);
		return;
	}
	pid = start(argv, -1);
	ended = pid > 0 && wait_for_end(pid, seconds, &status);
	finish(name, pid, ended, status);
}

static struct background *find_background(const char *name)
{
	for (int i = 0; i < MOST_BACKGROUND; i++)
		if (!strcmp(backgrounds[i].name, name))
			return &backgrounds[i];
	return NULL;
}

void begin_test(const char *name, char **argv)
{
	struct background *background = find_background("");

	if (!background) {
		printf("@rig trouble %s: more than %d beside others\n", name, MOST_BACKGROUND);
		return;
	}
	*background = (struct background){.output = memfd_create(name, MFD_CLOEXEC)};
	snprintf(background->name, sizeof(background->name), "%s", name);
	background->pid = start(argv, background->output);
}

static void show_output(struct background *background)
{
	char bytes[4096];
	ssize_t len;

	lseek(background->output, 0, SEEK_SET);
	while ((len = read(background->output, bytes, sizeof(bytes))) > 0)
		fwrite(bytes, 1, (size_t)len, stdout);
	close(background->output);
}

void await_test(const char *name, unsigned int seconds)
{
	struct background *background = find_background(name);

	if (!background || !background->pid) {
		printf("@rig trouble %s: was not begun\n", name);
		return;
	}
	printf("@rig start %s\n", name);
	fflush(stdout);
	if (!background->ended)
		background->ended = wait_for_end(background->pid, seconds, &background->status);
	show_output(background);
	finish(name, background->pid, background->ended, background->status);
	*background = (struct background){0};
}

void drain_output(void)
{
	tcdrain(1);
}
