/* SPDX-License-Identifier: BSD-3-Clause */
/* The root PD: what the driver itself asks of a DSP. Handle 1 makes and ends processes and maps. */
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>

#include "answers.h"
#include "root_pd.h"
#include "shared.h"
#include "worker.h"

static int32_t start(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
		     uint32_t pid, uint32_t attrs)
{
	uint32_t bank = emu_address_bank(message->page_addr);

	return emu_subsystem_add_process(subsystem, message->ctx, bank, pid, attrs)
		       ? EMU_DSP_ENOMEMORY
		       : 0;
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
	emu_subsystem_end_process(subsystem, message->ctx, emu_address_bank(message->page_addr),
				  *pid);
	return 0;
}

/* Memory for the process's heap: given for good, and never passed by address. */
static bool is_donation(uint32_t flags)
{
	return flags == FRPC_DN_MMAP_HEAP || flags == FRPC_DN_MMAP_REMOTE_HEAP ||
	       flags == FRPC_DN_MMAP_ADD_PAGES || flags == FRPC_DN_MMAP_ADD_PAGES_LLC;
}

/* Is it shown when the process asks for it by its fd? Else the CPU wants to know its address. */
static bool is_by_fd(int32_t fd, uint32_t flags)
{
	return fd >= 0 && (flags == FASTRPC_MAP_FD || flags == FASTRPC_MAP_FD_DELAYED ||
			   flags == FASTRPC_MAP_FD_NOMAP);
}

static int32_t map(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
		   const struct emu_call *call, uint32_t buffers, int32_t pid, int32_t fd,
		   uint32_t flags)
{
	struct frpc_smq_page *page = emu_call_buffer(call, 1, sizeof(*page)), copy;
	uint64_t *address = emu_call_buffer(call, buffers, sizeof(*address)), where;
	struct emu_process *process;
	int32_t res = 0;

	if (!emu_call_shape(call, buffers, 1) || !page || !address)
		return EMU_DSP_EBADPARM;
	copy = *page;
	where = copy.addr & UINT32_MAX;
	process = emu_subsystem_find_process(subsystem, emu_address_bank(message->page_addr),
					     (uint32_t)pid);
	if (process && (fd >= 0 || !is_donation(flags)))
		res = emu_shared_announce(process->shared, fd, copy.addr, copy.size,
					  !is_by_fd(fd, flags), &where);
	if (process)
		emu_process_unref(process);
	if (!res)
		*address = where;
	return res;
}

static int32_t unmap(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
		     const struct emu_call *call, int32_t pid, int32_t fd, uint64_t where)
{
	struct emu_process *process;
	int32_t res = 0;

	if (!emu_call_shape(call, 1, 0))
		return EMU_DSP_EBADPARM;
	process = emu_subsystem_find_process(subsystem, emu_address_bank(message->page_addr),
					     (uint32_t)pid);
	if (process) {
		res = emu_shared_withdraw(process->shared, fd, where);
		emu_process_unref(process);
	}
	return res;
}

/* The four commands about memory. */
static int32_t memory_call(struct emu_subsystem *subsystem, const struct frpc_smq_msg *message,
			   const struct emu_call *call)
{
	struct frpc_smq_mem_map *mem_map = emu_call_buffer(call, 0, sizeof(*mem_map));
	struct frpc_smq_mem_unmap *mem_unmap = emu_call_buffer(call, 0, sizeof(*mem_unmap));
	struct frpc_smq_mmap *mmap = emu_call_buffer(call, 0, sizeof(*mmap));
	struct frpc_smq_munmap *munmap = emu_call_buffer(call, 0, sizeof(*munmap));

	switch (FRPC_SC_METHOD(call->sc)) {
	case FRPC_SC_METHOD(FRPC_SC_MMAP):
		return mmap ? map(subsystem, message, call, 2, mmap->pid, -1, mmap->flags)
			    : EMU_DSP_EBADPARM;
	case FRPC_SC_METHOD(FRPC_SC_MEM_MAP):
		return mem_map ? map(subsystem, message, call, 3, mem_map->pid, mem_map->fd,
				     mem_map->flags)
			       : EMU_DSP_EBADPARM;
	case FRPC_SC_METHOD(FRPC_SC_MUNMAP):
		return munmap ? unmap(subsystem, message, call, munmap->pid, -1, munmap->vaddrout)
			      : EMU_DSP_EBADPARM;
	default:
		return mem_unmap ? unmap(subsystem, message, call, mem_unmap->pid, mem_unmap->fd,
					 mem_unmap->vaddrin)
				 : EMU_DSP_EBADPARM;
	}
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
	case FRPC_SC_METHOD(FRPC_SC_MEM_MAP):
	case FRPC_SC_METHOD(FRPC_SC_MUNMAP):
	case FRPC_SC_METHOD(FRPC_SC_MEM_UNMAP):
		return memory_call(subsystem, message, call);
	default:
		return EMU_DSP_EUNSUPPORTED;
	}
}

/* 1: the CPUs wake up in time for answers that are announced early. */
static int32_t take_cpu_info(struct emu_subsystem *subsystem, const struct emu_call *call)
{
	uint64_t *info = emu_call_buffer(call, 0, sizeof(*info));

	if (!emu_call_shape(call, 1, 0) || !info)
		return EMU_DSP_EBADPARM;
	emu_answers_set_early(emu_subsystem_answers(subsystem), *info == 1);
	return 0;
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
		return take_cpu_info(subsystem, call);
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
