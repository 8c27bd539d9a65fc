/* SPDX-License-Identifier: BSD-3-Clause */
#include "hap_host.h"

#include <fastrpc/abi/downstream.h>

#include "listener.h"
#include "process.h"
#include "queues.h"
#include "shared.h"

static int32_t reverse_call(void *context, uint32_t handle, uint32_t sc,
			    const struct emu_reverse_buffer *buffers)
{
	struct emu_process *process = context;

	return emu_process_reverse_call(process, handle, sc, buffers);
}

static bool reverse_busy(void *context)
{
	struct emu_process *process = context;

	return emu_listener_is_busy(process->listener);
}

static int buffer_get(void *context, int fd, struct emu_hap_view *ret_view)
{
	struct emu_process *process = context;
	struct emu_shared_view view;
	int res = emu_shared_get(process->shared, fd, &view);

	if (!res)
		*ret_view = (struct emu_hap_view){view.bytes, view.length, view.address};
	return res;
}

static int buffer_put(void *context, int fd)
{
	struct emu_process *process = context;

	return emu_shared_put(process->shared, fd);
}

static int buffer_length(void *context, int fd, uint64_t *ret_length)
{
	struct emu_process *process = context;

	return emu_shared_length(process->shared, fd, ret_length);
}

static int queue_claim(void *context, uint64_t exported, struct emu_hap_queue *ret_queue)
{
	struct emu_process *process = context;

	return emu_queues_claim(process->queues, exported, ret_queue);
}

static void queue_release(void *context, uint64_t exported)
{
	struct emu_process *process = context;

	emu_queues_release(process->queues, exported);
}

static void queue_signal(void *context, uint64_t exported, enum frpc_queue_signal signal)
{
	struct emu_process *process = context;

	emu_queues_signal(process->queues, exported, signal);
}

static void thread_begins(void *context)
{
	struct emu_process *process = context;

	emu_process_ref(process);
	emu_subsystem_thread_begins(process->subsystem);
}

static void thread_ends(void *context)
{
	struct emu_process *process = context;
	struct emu_subsystem *subsystem = emu_subsystem_ref(process->subsystem);

	emu_process_unref(process);
	emu_subsystem_thread_ends(subsystem);
	emu_subsystem_unref(subsystem);
}

static void died(void *context)
{
	struct emu_process *process = context;

	emu_subsystem_exception(process->subsystem, process, 0);
}

static const struct emu_hap_host host = {
	.reverse_call = reverse_call,
	.reverse_busy = reverse_busy,
	.buffer_get = buffer_get,
	.buffer_put = buffer_put,
	.buffer_length = buffer_length,
	.queue_claim = queue_claim,
	.queue_release = queue_release,
	.queue_signal = queue_signal,
	.thread_begins = thread_begins,
	.thread_ends = thread_ends,
	.died = died,
};

int emu_hap_host_new(struct emu_process *process, struct emu_hap **ret_hap)
{
	const struct emu_hap_config config = {
		.host = &host,
		.context = process,
		.pid = process->pid,
		.is_unsigned = process->attrs & FRPC_PROC_ATTR_UNSIGNED,
		.attributes = emu_subsystem_attributes(process->subsystem),
		.vtcm = emu_subsystem_vtcm(process->subsystem),
	};

	return emu_hap_new(&config, ret_hap);
}
