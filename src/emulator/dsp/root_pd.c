/* SPDX-License-Identifier: BSD-3-Clause */
/* The root PD: what the driver itself asks of a DSP. Handle 1 makes and ends processes and maps. */
#include <stdlib.h>
#include <string.h>

#include "root_pd.h"
#include "worker.h"

static int32_t start(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
		     uint32_t pid, uint32_t attrs)
{
	uint32_t bank = emu_address_bank(message->page_addr);

	return emu_subsystem_add_process(subsystem, bank, pid, attrs) ? EMU_DSP_ENOMEMORY : 0;
}

static int32_t create(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
		      const struct emu_call *call)
{
	struct frpc_smq_create *in = emu_call_buffer(call, 0, sizeof(*in));

	/* Arguments: struct, command name, shell image, pages of the initial memory. */
	if (!emu_call_shape(call, 4, 0) || !in || in->namelen > call->args[1].buf.nLen ||
	    (in->filelen && in->filelen > call->args[2].buf.nLen) ||
	    (uint64_t)in->pageslen * sizeof(struct frpc_smq_page) > call->args[3].buf.nLen)
		return EMU_DSP_EBADPARM;
	return start(subsystem, message, (uint32_t)in->pgid, (uint32_t)in->attrs);
}

static int32_t attach(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
		      const struct emu_call *call)
{
	uint32_t *pid = emu_call_buffer(call, 0, sizeof(*pid));

	return pid ? start(subsystem, message, *pid, 0) : EMU_DSP_EBADPARM;
}

static int32_t attach_by_name(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
			      const struct emu_call *call)
{
	struct frpc_smq_attach_name *in = emu_call_buffer(call, 0, sizeof(*in));

	if (!emu_call_shape(call, 2, 0) || !in || in->namelen > call->args[1].buf.nLen)
		return EMU_DSP_EBADPARM;
	return start(subsystem, message, in->pgid, 0);
}

/* The audio PD: there already, and now with a client and, the first time, with a heap. */
static int32_t create_static(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
			     const struct emu_call *call)
{
	struct frpc_smq_create_static *in = emu_call_buffer(call, 0, sizeof(*in));

	if (!emu_call_shape(call, 3, 0) || !in || in->namelen > call->args[1].buf.nLen ||
	    (uint64_t)in->pageslen * sizeof(struct frpc_smq_page) > call->args[2].buf.nLen)
		return EMU_DSP_EBADPARM;
	return start(subsystem, message, (uint32_t)in->pgid, 0);
}

/* Unlocks XPU protected memory that has been unmapped: the answer is a key for the driver. */
static int32_t unlock_heap(const struct emu_call *call)
{
	uint8_t *key = emu_call_buffer(call, 1, sizeof(*key));

	if (!emu_call_shape(call, 1, 1) || !emu_call_buffer(call, 0, sizeof(int32_t)) || !key)
		return EMU_DSP_EBADPARM;
	*key = 0;
	return 0;
}

static int32_t release(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
		       const struct emu_call *call)
{
	uint32_t *pid = emu_call_buffer(call, 0, sizeof(*pid));

	if (!pid)
		return EMU_DSP_EBADPARM;
	/* Sent for every file that is closed, also one that never had a process. */
	emu_subsystem_end_process(subsystem, emu_address_bank(message->page_addr), *pid);
	return 0;
}

/*
 * Donated pages and announced maps need no work here: the process maps what it is given when it
 * uses it. The address is the one under which the memory was announced.
 */
static int32_t map(const struct emu_call *call, uint32_t buffers, size_t in_size)
{
	struct frpc_smq_page *page = emu_call_buffer(call, 1, sizeof(*page));
	uint64_t *address = emu_call_buffer(call, buffers, sizeof(*address));

	if (!emu_call_shape(call, buffers, 1) || !emu_call_buffer(call, 0, in_size) || !page ||
	    !address)
		return EMU_DSP_EBADPARM;
	*address = page->addr & UINT32_MAX;
	return 0;
}

static int32_t unmap(const struct emu_call *call, size_t in_size)
{
	return emu_call_shape(call, 1, 0) && emu_call_buffer(call, 0, in_size) ? 0
									       : EMU_DSP_EBADPARM;
}

static int32_t process_group_call(struct emu_subsystem *subsystem,
				  const struct frpc_smq_msg *message, const struct emu_call *call)
{
	switch (FRPC_SC_METHOD(call->sc)) {
	case FRPC_SC_METHOD(FRPC_SC_ATTACH):
		return attach(subsystem, message, call);
	case FRPC_SC_METHOD(FRPC_SC_RELEASE):
		return release(subsystem, message, call);
	case FRPC_SC_METHOD(FRPC_SC_CREATE):
	case FRPC_SC_METHOD(FRPC_SC_CREATE_ATTR):
		return create(subsystem, message, call);
	case FRPC_SC_METHOD(FRPC_SC_ATTACH_NAME):
		return attach_by_name(subsystem, message, call);
	case FRPC_SC_METHOD(FRPC_SC_CREATE_STATIC):
		return create_static(subsystem, message, call);
	case FRPC_SC_METHOD(FRPC_SC_HEAP_UNMAP):
		return unlock_heap(call);
	case FRPC_SC_METHOD(FRPC_SC_MMAP):
		return map(call, 2, sizeof(struct frpc_smq_mmap));
	case FRPC_SC_METHOD(FRPC_SC_MEM_MAP):
		return map(call, 3, sizeof(struct frpc_smq_mem_map));
	case FRPC_SC_METHOD(FRPC_SC_MUNMAP):
		return unmap(call, sizeof(struct frpc_smq_munmap));
	case FRPC_SC_METHOD(FRPC_SC_MEM_UNMAP):
		return unmap(call, sizeof(struct frpc_smq_mem_unmap));
	default:
		return EMU_DSP_EUNSUPPORTED;
	}
}

static int32_t utilities_call(struct emu_subsystem *subsystem, const struct emu_call *call)
{
	uint32_t *count = emu_call_buffer(call, 0, sizeof(*count));
	const uint32_t *attributes = emu_subsystem_attributes(subsystem);
	uint32_t *values;

	switch (FRPC_SC_METHOD(call->sc)) {
	case FRPC_SC_METHOD(FRPC_SC_CAPABILITIES):
		values = emu_call_buffer(call, 1, sizeof(*values));
		if (!emu_call_shape(call, 1, 1) || !count || !values ||
		    *count >= EMU_DSP_ATTRIBUTES ||
		    *count > call->args[1].buf.nLen / sizeof(*values))
			return EMU_DSP_EBADPARM;
		memcpy(values, attributes + 1, *count * sizeof(*values));
		return 0;
	case FRPC_SC_METHOD(FRPC_SC_CPU_INFO):
		return emu_call_buffer(call, 0, sizeof(uint64_t)) ? 0 : EMU_DSP_EBADPARM;
	default:
		return EMU_DSP_EUNSUPPORTED;
	}
}

int32_t emu_root_pd_call(struct emu_subsystem *subsystem, struct emu_engine *engine,
			 const struct frpc_smq_msg *message)
{
	struct emu_call call;
	int32_t res;

	if (!engine)
		return EMU_DSP_ENOMEMORY;
	res = emu_call_open(&call, engine, message);
	if (res)
		return res;
	res = message->handle == FRPC_HANDLE_PROCESS_GROUP
		      ? process_group_call(subsystem, message, &call)
		      : utilities_call(subsystem, &call);
	emu_call_close(&call, engine);
	return res;
}
