/* SPDX-License-Identifier: BSD-3-Clause */
/* A driver of the emulator in front of a DSP that answers at once, on the caller's thread. */
#ifndef FUZZ_DSP_STUB_H
#define FUZZ_DSP_STUB_H

#include <stdlib.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "emulator/kernel/driver.h"

struct stub {
	struct emu_driver *driver;
	struct emu_clock *clock;
	struct emu_stats stats;
	struct emu_end *driver_end, *dsp_end;
	enum emu_dialect dialect;
	/* Called for each message, before the right answer is given. */
	void (*meddle)(struct stub *stub, const struct frpc_smq_msg *message);
	int32_t retval;
};

static int stub_receive(void *context, const void *bytes, size_t len)
{
	struct stub *stub = context;
	struct frpc_smq_msg message;
	struct frpc_smq_rsp rsp = {0};

	if (len == 8) /* a signal */
		return 0;
	if (len != sizeof(message))
		abort();
	memcpy(&message, bytes, sizeof(message));
	if (stub->meddle)
		stub->meddle(stub, &message);
	rsp.ctx = message.ctx;
	rsp.retval = message.handle == FRPC_HANDLE_PROCESS_GROUP ? 0 : stub->retval;
	emu_end_send(stub->dsp_end, &rsp, sizeof(rsp));
	return 0;
}

/* Writes one attribute into the answer to the capability call @message. */
static inline void stub_write_attribute(struct stub *stub, const struct frpc_smq_msg *message,
					uint32_t attribute, uint32_t value)
{
	struct emu_memory *memory = emu_driver_memory(stub->driver, stub->dialect, 3);
	struct emu_backing backing;
	union frpc_smq_arg arg;
	struct frpc_smq_page page;

	if (message->sc != FRPC_SC_CAPABILITIES ||
	    emu_memory_resolve(memory, message->page_addr, message->page_size, true, &backing))
		return;
	if (pread(backing.fd, &arg, sizeof(arg), (off_t)(backing.offset + sizeof(arg))) < 0 ||
	    pread(backing.fd, &page, sizeof(page),
		  (off_t)(backing.offset + FRPC_SMQ_PAGES_AT(2) + sizeof(page))) < 0)
		abort();
	close(backing.fd);
	if (emu_memory_resolve(memory, page.addr + (arg.buf.pv & 4095), 255 * 4, true, &backing) ||
	    pwrite(backing.fd, &value, sizeof(value),
		   (off_t)(backing.offset + (attribute - 1) * 4)) < 0)
		abort();
	close(backing.fd);
}

static inline void stub_start(struct stub *stub, enum emu_dialect dialect)
{
	static struct emu_driver_config config;
	struct emu_channel_config *channel = &config.channels[dialect][3];

	memset(&config, 0, sizeof(config));
	stub->dialect = dialect;
	if (emu_clock_new(&stub->clock) || emu_rpmsg_new(&stub->driver_end, &stub->dsp_end))
		abort();
	config.clock = stub->clock;
	config.stats = &stub->stats;
	*channel = (struct emu_channel_config){
		.present = true, .unsigned_ok = true, .end = stub->driver_end, .bank_count = 3};
	for (uint32_t i = 0; i < 3; i++)
		channel->banks[i].id = i + 1;
	if (emu_driver_new(&config, &stub->driver))
		abort();
	emu_end_connect(stub->dsp_end, stub_receive, stub);
}

static inline void stub_stop(struct stub *stub)
{
	struct frpc_task task = {.tgid = getpid(), .tid = getpid()};

	stub->meddle = NULL;
	emu_driver_close_all(stub->driver, &task);
	emu_end_connect(stub->dsp_end, NULL, NULL);
	emu_driver_free(stub->driver);
	emu_end_free(stub->driver_end);
	emu_end_free(stub->dsp_end);
	emu_clock_free(stub->clock);
}

#endif
