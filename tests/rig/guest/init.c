/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest's first process: makes a root to test in, then does what the plan says (plan.h). What
 * it has to tell the runner are lines that begin with "@rig".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "plan.h"
#include "report.h"

#define BOARD_DRIVER "/sys/bus/platform/drivers/frpc-rig/"
#define FAIL_KNOB    "/sys/module/frpc_rig/parameters/fail"

static void tell(const char *what, const char *about, const char *why)
{
	printf("@rig %s %s: %s\n", what, about, why);
	fflush(stdout);
}

static void make_folders(const char *path)
{
	char copy[4096];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *at = strchr(copy + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = 0;
		mkdir(copy, 0755);
		*at = '/';
	}
	mkdir(copy, 0755);
}

static void mount_at(const char *type, const char *path, unsigned long flags, const char *data)
{
	make_folders(path);
	if (mount(type, path, type, flags, data))
		tell("trouble", path, strerror(errno));
}

/* A host folder; where the host has a link ("/bin"), the same link. */
static void share(const char *root, const char *path, unsigned long flags)
{
	char to[4096], target[256];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	struct stat st;

	snprintf(to, sizeof(to), "%s%s", root, path);
	if (len > 0) {
		target[len] = 0;
		if (symlink(target, to))
			tell("trouble", to, strerror(errno));
	} else if (!stat(path, &st)) {
		mount_at("hostfs", to, flags, path);
	}
}

/* User-mode Linux starts on the host's root, which is not ours to write to. */
static void enter_new_root(FILE *plan)
{
	static const char *const host[] = {"/usr", "/bin", "/lib", "/lib64", "/etc", "/opt"};
	static const char root[] = "/mnt";
	struct plan_step step;

	mount_at("tmpfs", root, 0, NULL);
	for (size_t i = 0; i < sizeof(host) / sizeof(*host); i++)
		share(root, host[i], MS_RDONLY);
	mkdir("/mnt/tmp", 01777);
	while (plan_next(plan, &step) == 1) {
		if (!strcmp(step.words[0], "share") && step.words[1])
			share(root, step.words[1], MS_RDONLY);
		if (!strcmp(step.words[0], "results") && step.words[1])
			share(root, step.words[1], 0);
		plan_forget(&step);
	}
	rewind(plan);
	if (chroot(root) || chdir("/"))
		tell("trouble", root, strerror(errno));
}

static void mount_usual(void)
{
	mount_at("proc", "/proc", 0, NULL);
	mount_at("sysfs", "/sys", 0, NULL);
	mount_at("devtmpfs", "/dev", 0, NULL);
	mount_at("tmpfs", "/dev/shm", 0, NULL);
	mount_at("tmpfs", "/run", 0, NULL);
	/* Only kernels that count what runs have it. */
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	make_folders("/tmp");
}

/* Standard input from nowhere, both outputs to the runner. */
static void open_output(void)
{
	const char *path = getenv("RIG_OUTPUT");
	int nowhere = open("/dev/null", O_RDONLY),
	    out = open(path ? path : "/dev/console", O_WRONLY);

	if (nowhere >= 0)
		dup2(nowhere, 0);
	if (out >= 0) {
		dup2(out, 1);
		dup2(out, 2);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static void write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, word, strlen(word)) < 0)
		tell("trouble", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		tell("trouble", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void link_to(const char *target, const char *path)
{
	unlink(path);
	if (symlink(target, path))
		tell("trouble", path, strerror(errno));
}

static void wait_for(const char *path)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	struct stat st;

	for (int i = 0; i < 1000 && stat(path, &st); i++)
		nanosleep(&pause, NULL);
	if (stat(path, &st))
		tell("trouble", path, "does not appear");
}

static void restart(const char *dsp)
{
	char board[64];

	snprintf(board, sizeof(board), "frpc-rig-%s", dsp);
	write_word(BOARD_DRIVER "unbind", board);
	write_word(BOARD_DRIVER "bind", board);
}

static void report(const char *name, const char *path)
{
	int res = report_file(name, path);

	if (res)
		tell("trouble", path, strerror(-res));
}

static void do_step(char **words)
{
	const char *verb = words[0];

	if (!strcmp(verb, "env") && words[1])
		putenv(strdup(words[1]));
	else if (!strcmp(verb, "module") && words[1])
		load_module(words[1]);
	else if (!strcmp(verb, "link") && words[1] && words[2])
		link_to(words[1], words[2]);
	else if (!strcmp(verb, "wait") && words[1])
		wait_for(words[1]);
	else if (!strcmp(verb, "dsp") && words[1] && words[2])
		start_dsp(words[1], words + 2);
	else if (!strcmp(verb, "run") && words[1] && words[2] && words[3])
		run_test(words[1], (unsigned int)atoi(words[2]), words + 3);
	else if (!strcmp(verb, "begin") && words[1] && words[2])
		begin_test(words[1], words + 2);
	else if (!strcmp(verb, "await") && words[1] && words[2])
		await_test(words[1], (unsigned int)atoi(words[2]));
	else if (!strcmp(verb, "restart") && words[1])
		restart(words[1]);
	else if (!strcmp(verb, "report") && words[1] && words[2])
		report(words[1], words[2]);
	else if (!strcmp(verb, "fail") && words[1])
		write_word(FAIL_KNOB, words[1]);
	else if (strcmp(verb, "share") && strcmp(verb, "results"))
		tell("trouble", verb, "no such step");
}

static void follow(FILE *plan)
{
	struct plan_step step;
	int more;

	while ((more = plan_next(plan, &step)) == 1) {
		do_step(step.words);
		plan_forget(&step);
	}
	if (more < 0)
		tell("trouble", "plan", "a step has too many words");
}

int main(void)
{
	const char *path = getenv("RIG_PLAN");
	FILE *plan = fopen(path ? path : "/plan", "re"); /* the new root does not show it */
	struct utsname name;

	if (plan && getenv("RIG_HOST_ROOT"))
		enter_new_root(plan);
	mount_usual();
	open_output();
	uname(&name);
	printf("@rig up %s %s\n", name.release, name.machine);
	setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin", 1);
	setenv("HOME", "/tmp", 1);
	block_child_signals();
	if (plan)
		follow(plan);
	else
		tell("trouble", path ? path : "/plan", "cannot be read");
	printf("@rig done\n");
	fflush(stdout);
	drain_output();
	sync();
	reboot(LINUX_REBOOT_CMD_POWER_OFF);
	for (;;)
		pause();
}
