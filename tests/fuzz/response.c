/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile DSP: while a call is under way it sends the driver whatever the input holds (with the
 * call's own context where the input asks for it), and writes into the metadata what it likes.
 */
#include <errno.h>
#include <fcntl.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>

#include "arena.h"
#include "dsp_stub.h"
#include "reached.h"

static const uint8_t *input;
static size_t input_left;

/* Writes the input's bytes over the lists behind the arguments. */
static void scribble(struct stub *stub, const struct frpc_smq_msg *message)
{
	struct emu_memory *memory = emu_driver_memory(stub->driver, stub->dialect, 3);
	struct emu_backing backing;
	uint64_t n = FRPC_SC_LENGTH(message->sc);
	size_t len = input_left < 128 ? input_left : 128;

	if (emu_memory_resolve(memory, message->page_addr, message->page_size, true, &backing))
		abort();
	if (len &&
	    pwrite(backing.fd, input, len, (off_t)(backing.offset + FRPC_SMQ_FDS_AT(n))) >= 0)
		reached("metadata written by the DSP");
	close(backing.fd);
}

static void meddle(struct stub *stub, const struct frpc_smq_msg *message)
{
	scribble(stub, message);
	while (input_left >= 2) {
		uint8_t datagram[256];
		size_t len = input[0];
		uint8_t how = input[1];

		input += 2;
		input_left -= 2;
		if (len > input_left)
			len = input_left;
		memcpy(datagram, input, len);
		input += len;
		input_left -= len;
		if ((how & 1) && len >= 8) {
			uint64_t ctx = message->ctx ^ (uint64_t)(how >> 2);

			memcpy(datagram, &ctx, 8);
		}
		if ((how & 2) && len >= 24)
			memcpy(datagram + 20, &(uint32_t){FRPC_SMQ_RSP_VERSION}, 4);
		switch (emu_end_send(stub->dsp_end, datagram, len)) {
		case 0:
			reached("a datagram was taken");
			break;
		case -EINVAL:
			reached("a datagram was malformed");
			break;
		case -ENOENT:
			reached("a datagram named no call");
			break;
		default:
			abort();
		}
	}
}

static void call_mainline(struct stub *stub, const struct frpc_task *task, struct arena *arena)
{
	unsigned char out[64];
	struct frpc_ml_invoke_args args[3] = {
		{(uintptr_t)arena->page + 16, 100, arena->fd, 0},
		{(uintptr_t)out, sizeof(out), -1, 0},
		{0, 4096, arena->fd, 0},
	};
	struct frpc_ml_invoke invoke = {5000, FRPC_SC_MAKEX(2, 1, 1, 1, 0), (uintptr_t)args};
	int file = emu_driver_open(stub->driver, task, "/dev/fastrpc-cdsp", O_RDONLY);

	for (int i = 0; i < 3 && input_left; i++)
		emu_driver_ioctl(stub->driver, task, file, FRPC_ML_IOCTL_INVOKE,
				 (uintptr_t)&invoke);
	reached("mainline");
}

/* The DSP says that it knows asynchronous jobs. */
static void answer_attributes(struct stub *stub, const struct frpc_smq_msg *message)
{
	if (message->handle == FRPC_HANDLE_DSP_UTILITIES)
		stub_write_attribute(stub, message, 9, 1);
}

/* A job that the DSP answers as it likes, and in the end rightly: then there is one to read. */
static void run_job(struct stub *stub, const struct frpc_task *task, int file,
		    const struct frpc_dn_invoke_fd *invoke)
{
	struct frpc_dn_async_job job = {.isasyncjob = 1, .jobid = 1};
	struct frpc_dn_invoke_async async = {
		.inv = invoke->inv, .fds = invoke->fds, .job = (uintptr_t)&job};
	struct frpc_dn_async_response response;
	struct frpc_dn_invoke2 invoke2 = {
		.req = FRPC_DN_INVOKE2_ASYNC, .invparam = (uintptr_t)&async, .size = sizeof(async)};
	struct emu_driver_state held;

	if (emu_driver_ioctl(stub->driver, task, file, FRPC_DN_IOCTL_INVOKE2, (uintptr_t)&invoke2))
		return;
	emu_driver_get_state(stub->driver, &held);
	if (held.done_jobs != 1)
		abort();
	invoke2 = (struct frpc_dn_invoke2){.req = FRPC_DN_INVOKE2_ASYNC_RESPONSE,
					   .invparam = (uintptr_t)&response,
					   .size = sizeof(response)};
	emu_driver_ioctl(stub->driver, task, file, FRPC_DN_IOCTL_INVOKE2, (uintptr_t)&invoke2);
	reached("a job was read");
}

static void call_downstream(struct stub *stub, const struct frpc_task *task, struct arena *arena)
{
	unsigned char out[64];
	struct frpc_dn_arg args[3] = {
		{(uintptr_t)arena->page + 16, 100},
		{(uintptr_t)out, sizeof(out)},
		{0, 4096},
	};
	int32_t fds[3] = {arena->fd, -1, arena->fd};
	struct frpc_dn_invoke_fd invoke = {{5000, FRPC_SC_MAKEX(2, 1, 1, 1, 0), (uintptr_t)args},
					   (uintptr_t)fds};
	uint32_t domain = 3;
	int file = emu_driver_open(stub->driver, task, "/dev/adsprpc-smd-secure", O_RDONLY);
	struct frpc_dn_capability capability = {.domain = 3, .attribute_id = 9};

	emu_driver_ioctl(stub->driver, task, file, FRPC_DN_IOCTL_GETINFO, (uintptr_t)&domain);
	stub->meddle = answer_attributes;
	emu_driver_ioctl(stub->driver, task, file, FRPC_DN_IOCTL_GET_DSP_INFO,
			 (uintptr_t)&capability);
	stub->meddle = meddle;
	for (int i = 0; i < 3 && input_left; i++)
		if (input[0] & 1)
			run_job(stub, task, file, &invoke);
		else
			emu_driver_ioctl(stub->driver, task, file, FRPC_DN_IOCTL_INVOKE_FD,
					 (uintptr_t)&invoke);
	reached("downstream");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct frpc_task task = {.tgid = getpid(), .tid = getpid()};
	struct stub stub = {.meddle = meddle};

	if (size < 2)
		return 0;
	arena_init(&arena);
	input = data + 1;
	input_left = size - 1;
	stub_start(&stub, data[0] & 1 ? EMU_DOWNSTREAM : EMU_MAINLINE);
	if (data[0] & 1)
		call_downstream(&stub, &task, &arena);
	else
		call_mainline(&stub, &task, &arena);
	stub_stop(&stub);
	return 0;
}
