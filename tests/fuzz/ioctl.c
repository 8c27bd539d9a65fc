/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver's ioctl entry. First byte: dialect, bitness. Then steps: a byte that chooses the
 * command, two of the argument's length, the argument and what it points to (arena.h).
 */
#include <fcntl.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>

#include "arena.h"
#include "dsp_stub.h"
#include "reached.h"

struct command {
	const char *name;
	uint32_t cmd;
};

#define COMMAND(cmd)      \
	{                 \
#cmd, cmd \
	}

static const struct command mainline[] = {
	COMMAND(FRPC_ML_IOCTL_INVOKE),	     COMMAND(FRPC_ML_IOCTL_INIT_CREATE),
	COMMAND(FRPC_ML_IOCTL_INIT_ATTACH),  COMMAND(FRPC_ML_IOCTL_ALLOC_DMA_BUFF),
	COMMAND(FRPC_ML_IOCTL_MMAP),	     COMMAND(FRPC_ML_IOCTL_MUNMAP),
	COMMAND(FRPC_ML_IOCTL_MEM_MAP),	     COMMAND(FRPC_ML_IOCTL_MEM_UNMAP),
	COMMAND(FRPC_ML_IOCTL_GET_DSP_INFO),
};

static const struct command downstream[] = {
	COMMAND(FRPC_DN_IOCTL_INVOKE),
	COMMAND(FRPC_DN_IOCTL_INVOKE_FD),
	COMMAND(FRPC_DN_IOCTL_INVOKE_ATTRS),
	COMMAND(FRPC_DN_IOCTL_INIT),
	COMMAND(FRPC_DN_IOCTL_INIT_ATTRS),
	COMMAND(FRPC_DN_IOCTL_MMAP),
	COMMAND(FRPC_DN_IOCTL_MUNMAP),
	COMMAND(FRPC_DN_IOCTL_MMAP_64),
	COMMAND(FRPC_DN_IOCTL_MUNMAP_64),
	COMMAND(FRPC_DN_IOCTL_MEM_MAP),
	COMMAND(FRPC_DN_IOCTL_MEM_UNMAP),
	COMMAND(FRPC_DN_IOCTL_MUNMAP_FD),
	COMMAND(FRPC_DN_IOCTL_GETINFO),
	COMMAND(FRPC_DN_IOCTL_SETMODE),
	COMMAND(FRPC_DN_IOCTL_CONTROL),
	COMMAND(FRPC_DN_IOCTL_GET_DSP_INFO),
	COMMAND(FRPC_DN_IOCTL_INVOKE2),
	COMMAND(FRPC_DN_IOCTL_INVOKE_CRC),
	COMMAND(FRPC_DN_IOCTL_INVOKE_PERF),
	COMMAND(FRPC_DN_IOCTL_DSPSIGNAL_CREATE),
	COMMAND(FRPC_DN_IOCTL_DSPSIGNAL_DESTROY),
	COMMAND(FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL),
	COMMAND(FRPC_DN_IOCTL_DSPSIGNAL_WAIT),
	COMMAND(FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT),
};

static const struct command compat[] = {
	COMMAND(FRPC_DN32_IOCTL_INVOKE),       COMMAND(FRPC_DN32_IOCTL_INVOKE_FD),
	COMMAND(FRPC_DN32_IOCTL_INVOKE_ATTRS), COMMAND(FRPC_DN32_IOCTL_INIT),
	COMMAND(FRPC_DN32_IOCTL_INIT_ATTRS),   COMMAND(FRPC_DN32_IOCTL_MMAP),
	COMMAND(FRPC_DN32_IOCTL_MUNMAP),       COMMAND(FRPC_DN32_IOCTL_MMAP_64),
	COMMAND(FRPC_DN32_IOCTL_MUNMAP_64),    COMMAND(FRPC_DN32_IOCTL_MEM_MAP),
	COMMAND(FRPC_DN32_IOCTL_MEM_UNMAP),    COMMAND(FRPC_DN32_IOCTL_INVOKE2),
	COMMAND(FRPC_DN32_IOCTL_INVOKE_CRC),   COMMAND(FRPC_DN32_IOCTL_INVOKE_PERF),
};

static const struct command *choose(unsigned int kind, uint8_t byte_value)
{
	switch (kind) {
	case 0:
		return &mainline[byte_value % (sizeof(mainline) / sizeof(*mainline))];
	case 1:
		return &downstream[byte_value % (sizeof(downstream) / sizeof(*downstream))];
	default:
		return &compat[byte_value % (sizeof(compat) / sizeof(*compat))];
	}
}

/* The DSP says that it knows asynchronous jobs. */
static void answer_attributes(struct stub *stub, const struct frpc_smq_msg *message)
{
	if (message->handle == FRPC_HANDLE_DSP_UTILITIES)
		stub_write_attribute(stub, message, 9, 1);
}

static void teach_driver(struct stub *stub, const struct frpc_task *task, int file)
{
	struct frpc_dn_capability capability = {.domain = 3, .attribute_id = 9};

	stub->meddle = answer_attributes;
	emu_driver_ioctl(stub->driver, task, file, FRPC_DN_IOCTL_GET_DSP_INFO,
			 (uintptr_t)&capability);
	stub->meddle = NULL;
}

/* A new file of the driver, on the domain where there has to be one. */
static int open_file(struct stub *stub, const struct frpc_task *task)
{
	uint32_t domain = 3;
	int file;

	if (stub->dialect == EMU_MAINLINE)
		return emu_driver_open(stub->driver, task, "/dev/fastrpc-cdsp", O_RDONLY);
	file = emu_driver_open(stub->driver, task, "/dev/adsprpc-smd-secure", O_RDONLY);
	emu_driver_ioctl(stub->driver, task, file, FRPC_DN_IOCTL_GETINFO, (uintptr_t)&domain);
	teach_driver(stub, task, file);
	return file;
}

static bool jobs_done(struct stub *stub)
{
	struct emu_driver_state state;

	emu_driver_get_state(stub->driver, &state);
	return state.done_jobs > 0;
}

/* Nothing may wait for what never comes: there is one thing to read, and little time to wait. */
static void let_go(struct stub *stub, const struct frpc_task *task, int file, uint32_t cmd,
		   struct arena *arena)
{
	const struct frpc_smq_notif notif = {
		.ctx = FRPC_SMQ_NOTIF_CTX, .type = FRPC_SMQ_NOTIF_TYPE, .pid = 1};
	struct frpc_dn_control wake = {.req = FRPC_DN_CONTROL_ASYNC_WAKE};
	uint32_t req;

	if (cmd == FRPC_DN_IOCTL_DSPSIGNAL_WAIT)
		memset(arena->bytes + offsetof(struct frpc_dn_dspsignal_wait, timeout_usec), 0, 4);
	if (cmd != FRPC_DN_IOCTL_INVOKE2 && cmd != FRPC_DN32_IOCTL_INVOKE2)
		return;
	memcpy(&req, arena->bytes, sizeof(req));
	if (req == FRPC_DN_INVOKE2_STATUS_NOTIF)
		emu_end_send(stub->dsp_end, &notif, sizeof(notif));
	if (req == FRPC_DN_INVOKE2_ASYNC_RESPONSE && !jobs_done(stub))
		emu_driver_ioctl(stub->driver, task, file, FRPC_DN_IOCTL_CONTROL, (uintptr_t)&wake);
}

static void step(struct stub *stub, const struct frpc_task *task, int file,
		 const struct command *command, struct arena *arena, const uint8_t *data,
		 size_t size)
{
	long res;

	arena_fill(arena, data, size);
	stub->retval = size > 4 ? (int8_t)data[4] : 0;
	let_go(stub, task, file, command->cmd, arena);
	res = emu_driver_ioctl(stub->driver, task, file, command->cmd, (uintptr_t)arena->bytes);
	reached(command->name);
	if (!res)
		reached("a command with success");
	/* What it allocated for the caller is the caller's to close. */
	if (!res && stub->dialect == EMU_MAINLINE && command->cmd == FRPC_ML_IOCTL_ALLOC_DMA_BUFF) {
		struct frpc_ml_alloc_dma_buf alloc;

		memcpy(&alloc, arena->bytes, sizeof(alloc));
		close(alloc.fd);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct frpc_task task = {.tgid = getpid(), .tid = getpid()};
	struct stub stub = {0};
	unsigned int kind;
	size_t at = 1;
	int file;

	if (size < 4)
		return 0;
	arena_init(&arena);
	kind = data[0] % 3;
	task.compat = kind == 2;
	stub_start(&stub, kind ? EMU_DOWNSTREAM : EMU_MAINLINE);
	file = open_file(&stub, &task);
	if (kind == 2)
		task.compat = true;
	while (size - at >= 3) {
		const struct command *command = choose(kind, data[at]);
		size_t len = data[at + 1] | (size_t)data[at + 2] << 8;

		at += 3;
		if (len > size - at)
			len = size - at;
		step(&stub, &task, file, command, &arena, data + at, len);
		at += len;
	}
	stub_stop(&stub);
	return 0;
}
