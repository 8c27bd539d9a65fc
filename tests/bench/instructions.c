/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls over a device that answers at once, for callgrind to count the library's own work:
 * instructions DIALECT CALLS BUFFERS HANDLES. Prints how often a call passed the device seam.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

#include "fastrpc.h"
#include "lib/library.h"
#include "remote.h"
#include "transport/transport.h"

#define EACH 4096
#define URI  "file:///libnothing_skel.so?nothing_skel_handle_invoke&_modver=1.0&_dom=cdsp"

static bool downstream;
static _Atomic unsigned long passes;
static _Atomic uint32_t opened = 100;
static _Atomic bool listening;

/* ---- the device ---- */

static int open_node(struct frpc_device *device, const struct frpc_task *task, const char *path,
		     int flags)
{
	(void)device, (void)task, (void)path, (void)flags;
	return 1;
}

static bool is_call(uint32_t cmd)
{
	if (!downstream)
		return cmd == FRPC_ML_IOCTL_INVOKE;
	return cmd == FRPC_DN_IOCTL_INVOKE || cmd == FRPC_DN_IOCTL_INVOKE_FD ||
	       cmd == FRPC_DN_IOCTL_INVOKE_ATTRS;
}

/* Opening a module: the DSP's handle goes into the first output. */
static void answer_open_module(uintptr_t arg)
{
	uint64_t address;

	if (downstream) {
		const struct frpc_dn_invoke *call = (const void *)arg;

		address = ((const struct frpc_dn_arg *)(uintptr_t)call->pra)[2].pv;
	} else {
		const struct frpc_ml_invoke *call = (const void *)arg;

		address = ((const struct frpc_ml_invoke_args *)(uintptr_t)call->args)[2].ptr;
	}
	*(uint32_t *)(uintptr_t)address = opened++;
}

static long answer_ioctl(struct frpc_device *device, const struct frpc_task *task, int file,
			 uint32_t cmd, uintptr_t arg)
{
	/* Calls of both dialects begin with the handle and the scalars. */
	const uint32_t *call = (const uint32_t *)arg;

	(void)device, (void)task, (void)file;
	passes++;
	if (!is_call(cmd))
		return 0;
	if (call[0] == FRPC_HANDLE_LISTENER1 && FRPC_SC_METHOD(call[1]) == 6) {
		listening = true;
		for (;;)
			pause(); /* the listener's thread: it ends with the process */
	}
	if (call[0] == FRPC_HANDLE_REMOTECTL1 && FRPC_SC_METHOD(call[1]) == 2)
		answer_open_module(arg);
	return 0;
}

static int answer_close(struct frpc_device *device, const struct frpc_task *task, int file)
{
	(void)device, (void)task, (void)file;
	return 0;
}

static const char *answer_data_dir(struct frpc_device *device)
{
	(void)device;
	return getenv("SHELLS");
}

static void answer_free(struct frpc_device *device)
{
	(void)device;
}

static const struct frpc_device_ops ops = {
	.name = "at once",
	.version = FRPC_DEVICE_VERSION,
	.open = open_node,
	.ioctl = answer_ioctl,
	.close = answer_close,
	.data_dir = answer_data_dir,
	.free = answer_free,
};
static struct frpc_device device = {.ops = &ops};

static int make_transport(struct frpc_transport **ret_transport)
{
	return (downstream ? frpc_transport_downstream_new
			   : frpc_transport_mainline_new)(&device, ret_transport);
}

/* ---- the calls ---- */

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, frpc_last_error());
	return 1;
}

int main(int argc, char **argv)
{
	int calls, buffers, handles;
	remote_handle64 h, more;
	unsigned char *bytes;
	remote_arg args[2];
	unsigned long before;

	if (argc != 5)
		return 2;
	downstream = !strcmp(argv[1], "downstream");
	calls = atoi(argv[2]);
	buffers = atoi(argv[3]);
	handles = atoi(argv[4]);
	frpc_set_transport_factory(make_transport);
	if (remote_handle64_open(URI, &h))
		return fail("open");
	for (int i = 1; i < handles; i++)
		if (remote_handle64_open(URI, &more))
			return fail("open");
	bytes = mmap(NULL, (size_t)(buffers < 2 ? 2 : buffers) * EACH, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bytes == MAP_FAILED)
		return fail("memory");
	for (int i = 0; i < buffers; i++)
		remote_register_buf(bytes + (size_t)i * EACH, EACH, 1000 + i);
	args[0] = (remote_arg){.buf = {bytes, EACH}};
	args[1] = (remote_arg){.buf = {bytes + (size_t)(buffers - 1) * EACH, EACH}};
	while (!listening)
		usleep(1000);
	before = passes;
	for (int i = 0; i < calls; i++)
		if (remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(2, 1, 1), args))
			return fail("call");
	printf("passes %lu of %d\n", passes - before, calls);
	fflush(stdout);
	_exit(0);
}
