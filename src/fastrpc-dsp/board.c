/* SPDX-License-Identifier: BSD-3-Clause */
#include "board.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct frpc_dsp_board {
	char driver[PATH_MAX]; /* folder with the files unbind and bind */
	char device[NAME_MAX + 1];
};

int frpc_dsp_board_find(const char *path, struct frpc_dsp_board **ret_board)
{
	struct frpc_dsp_board *board = calloc(1, sizeof(*board));
	char link[PATH_MAX], device[PATH_MAX];
	const char *name = strrchr(path, '/');

	if (!board)
		return -ENOMEM;
	snprintf(link, sizeof(link), "/sys/class/misc/%.200s/device", name ? name + 1 : path);
	if (!realpath(link, device))
		goto fail;
	snprintf(board->device, sizeof(board->device), "%s", strrchr(device, '/') + 1);
	snprintf(link, sizeof(link), "/sys/class/misc/%.200s/device/driver",
		 name ? name + 1 : path);
	if (!realpath(link, board->driver))
		goto fail;
	*ret_board = board;
	return 0;
fail:
	free(board);
	return -errno;
}

void frpc_dsp_board_free(struct frpc_dsp_board *board)
{
	free(board);
}

static void tell_driver(const struct frpc_dsp_board *board, const char *what)
{
	char path[PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", board->driver, what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, board->device, strlen(board->device)) < 0)
		fprintf(stderr, "fastrpc-dsp: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void *restart(void *arg)
{
	/* The answer to the call that asked for it should be out first. */
	const struct timespec pause = {.tv_nsec = 20000000};

	nanosleep(&pause, NULL);
	tell_driver(arg, "unbind");
	tell_driver(arg, "bind");
	return NULL;
}

int frpc_dsp_board_restart(void *board)
{
	pthread_t thread;
	int res = pthread_create(&thread, NULL, restart, board);

	if (!res)
		pthread_detach(thread);
	return -res;
}
