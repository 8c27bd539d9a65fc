/* SPDX-License-Identifier: BSD-3-Clause */
#include "process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fastrpc/abi/downstream.h>

#include "answers.h"
#include "hap_host.h"
#include "listener.h"
#include "modules.h"
#include "queues.h"
#include "testmod/testmod.h"
#include "shared.h"

#define FIRST_MODULE_HANDLE 20u
/* set_param (wire 3.1): its request, and the ranges of what it asks for. */
#define THREAD_PARAMETERS 1u
#define LEAST_URGENT	  255u
#define LEAST_STACK	  (16u << 10)
#define MOST_STACK	  (8u << 20)
#define HINT_US		  100u /* what is said of every method that is announced beforehand */

static int make_engine(struct emu_subsystem *subsystem, struct emu_engine **ret_engine)
{
	const char *program = emu_subsystem_program(subsystem);
	struct emu_memory *memory = emu_subsystem_memory(subsystem);

	return program ? emu_engine_process_new(memory, program, ret_engine)
		       : emu_engine_native_new(memory, ret_engine);
}

int emu_process_new(struct emu_subsystem *subsystem, uint32_t bank, uint32_t pid, uint32_t attrs,
		    struct emu_process **ret_process)
{
	struct emu_process *process = calloc(1, sizeof(*process));
	int res = -ENOMEM;

	if (!process)
		return -ENOMEM;
	process->subsystem = emu_subsystem_ref(subsystem);
	process->bank = bank;
	process->pid = pid;
	process->attrs = attrs;
	atomic_init(&process->refs, 1);
	res = make_engine(subsystem, &process->engine);
	if (!res)
		res = emu_listener_new(subsystem, &process->listener);
	if (!res)
		res = emu_shared_new(process->engine, &process->shared);
	if (!res)
		res = emu_hap_host_new(process, &process->hap);
	if (!res && process->engine->ops->adopt)
		process->engine->ops->adopt(process->engine, process->hap);
	if (!res)
		res = emu_queues_new(process, &process->queues);
	if (!res)
		res = emu_modules_new(process, &process->modules);
	if (res) {
		emu_process_unref(process);
		return res;
	}
	*ret_process = process;
	return 0;
}

struct emu_process *emu_process_ref(struct emu_process *process)
{
	atomic_fetch_add_explicit(&process->refs, 1, memory_order_relaxed);
	return process;
}

void emu_process_unref(struct emu_process *process)
{
	if (atomic_fetch_sub_explicit(&process->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (process->hap) {
		emu_hap_give_back(process->hap);
		emu_hap_queues_free(process->hap);
	}
	emu_queues_free(process->queues);
	emu_modules_free(process->modules);
	emu_hap_free(process->hap);
	emu_shared_free(process->shared);
	emu_listener_free(process->listener);
	if (process->engine)
		process->engine->ops->free(process->engine);
	emu_subsystem_unref(process->subsystem);
	free(process);
}

void emu_process_end(struct emu_process *process)
{
	atomic_store(&process->ended, true);
	emu_listener_end(process->listener);
	emu_hap_end(process->hap);
	emu_queues_end(process->queues);
	process->engine->ops->kill(process->engine);
}

/* What remotectl answers: the module's error beside a call that succeeded, and words. */
struct remotectl_open_out {
	uint32_t handle;
	int32_t error;
};

static void write_words(const struct emu_call *call, uint32_t index, const char *words)
{
	char *to = emu_call_buffer(call, index, 1);
	size_t room = to ? call->args[index].buf.nLen : 0, len = strlen(words);

	if (!room)
		return;
	if (len >= room)
		len = room - 1;
	memcpy(to, words, len);
	to[len] = 0;
}

/* A copy of the string that fills buffer @index: the caller's memory may change under us. AEE. */
static int32_t copy_string(const struct emu_call *call, uint32_t index, char **ret_copy)
{
	const char *given = emu_call_buffer(call, index, 1);
	size_t len = given ? call->args[index].buf.nLen : 0;
	char *copy;

	if (!given)
		return EMU_DSP_EBADPARM;
	copy = malloc(len);
	if (!copy)
		return EMU_DSP_ENOMEMORY;
	memcpy(copy, given, len);
	if (copy[len - 1]) {
		free(copy);
		return EMU_DSP_EBADPARM;
	}
	*ret_copy = copy;
	return 0;
}

static int32_t remotectl_open(struct emu_process *process, const struct emu_call *call)
{
	struct remotectl_open_out *out = emu_call_buffer(call, 2, sizeof(*out));
	uint32_t *in = emu_call_buffer(call, 0, 8);
	char words[600] = "", *copy;
	int32_t res;

	if (!emu_call_shape(call, 2, 2) || !in || !out || in[0] != call->args[1].buf.nLen)
		return EMU_DSP_EBADPARM;
	res = copy_string(call, 1, &copy);
	if (res)
		return res;
	out->handle = 0;
	if (emu_subsystem_testmod(process->subsystem) && !strcmp(copy, EMU_TESTMOD_NAME)) {
		out->handle = EMU_TESTMOD_HANDLE;
		out->error = 0;
		free(copy);
		return 0;
	}
	out->error = emu_modules_open(process->modules, copy, &out->handle, words, sizeof(words));
	write_words(call, 3, words);
	free(copy);
	return 0;
}

static int32_t remotectl_close(struct emu_process *process, const struct emu_call *call)
{
	uint32_t *in = emu_call_buffer(call, 0, 8);
	int32_t *out = emu_call_buffer(call, 1, sizeof(*out));

	if (!emu_call_shape(call, 1, 2) || !in || !out)
		return EMU_DSP_EBADPARM;
	*out = emu_subsystem_testmod(process->subsystem) && in[0] == EMU_TESTMOD_HANDLE
		       ? 0
		       : emu_modules_close(process->modules, in[0]);
	write_words(call, 2, *out == EMU_DSP_EINVHANDLE ? "no such handle" : "");
	return 0;
}

/* How the threads are that serve calls: the only parameters known here. */
static int32_t set_param(struct emu_process *process, const struct emu_call *call)
{
	struct {
		uint32_t request, count;
	} in;
	struct {
		uint32_t priority, stack_size;
	} threads;
	const void *given = emu_call_buffer(call, 0, sizeof(in));
	const void *params = emu_call_buffer(call, 1, sizeof(threads));

	if (!emu_call_shape(call, 2, 0) || !given)
		return EMU_DSP_EBADPARM;
	memcpy(&in, given, sizeof(in)); /* the caller's memory may change under us */
	if (in.request != THREAD_PARAMETERS)
		return EMU_DSP_EUNSUPPORTED;
	if (in.count != 2 || !params)
		return EMU_DSP_EBADPARM;
	memcpy(&threads, params, sizeof(threads));
	if (!threads.priority || threads.priority > LEAST_URGENT ||
	    threads.stack_size < LEAST_STACK || threads.stack_size > MOST_STACK)
		return EMU_DSP_EBADPARM;
	return emu_hap_set_call_threads(process->hap, threads.priority, threads.stack_size)
		       ? EMU_DSP_ENOMEMORY
		       : 0;
}

/* remotectl, methods numbered as on handle 0. */
static int32_t remotectl_call(struct emu_process *process, uint32_t method,
			      const struct emu_call *call)
{
	switch (method) {
	case 0:
		return remotectl_open(process, call);
	case 1:
		return remotectl_close(process, call);
	case 3:
		return set_param(process, call);
	default: /* grow_heap: host threads have no such heap */
		return EMU_DSP_EUNSUPPORTED;
	}
}

/* A mask of @mask_size bytes, the number of files, their lengths, and their names. */
static int32_t set_logging(struct emu_process *process, const struct emu_call *call,
			   size_t mask_size)
{
	unsigned char *in = emu_call_buffer(call, 0, 8);
	char *files[256];
	uint32_t mask = 0, count, copied = 0;
	int32_t res = 0;

	if (!in || FRPC_SC_OUTBUFS(call->sc) || FRPC_SC_INBUFS(call->sc) < 2)
		return EMU_DSP_EBADPARM;
	memcpy(&mask, in, mask_size);
	memcpy(&count, in + 4, sizeof(count));
	if (count != FRPC_SC_INBUFS(call->sc) - 2 || count > 253)
		return EMU_DSP_EBADPARM;
	while (copied < count && !(res = copy_string(call, 2 + copied, &files[copied])))
		copied++;
	if (!res)
		res = emu_hap_set_logging(process->hap, mask, (const char *const *)files, count)
			      ? EMU_DSP_ENOMEMORY
			      : 0;
	while (copied)
		free(files[--copied]);
	return res;
}

/* Whether the CPU polls for the end of its calls. How long it does is its own affair. */
static int32_t set_poll_mode(struct emu_process *process, const struct emu_call *call)
{
	struct {
		uint32_t enable, timeout;
	} *in = emu_call_buffer(call, 0, sizeof(*in));

	if (!emu_subsystem_has_poll_word(process->subsystem))
		return EMU_DSP_EUNSUPPORTED;
	if (!emu_call_shape(call, 1, 0) || !in)
		return EMU_DSP_EBADPARM;
	atomic_store(&process->polled, in->enable != 0);
	return 0;
}

/* adsp_current_process1, numbered as on handle 4. */
static int32_t current_process_call(struct emu_process *process, uint32_t method,
				    const struct emu_call *call)
{
	uint32_t *asid;

	switch (method) {
	case 2: /* exit */
		emu_hap_flush(process->hap);
		emu_answers_notify(emu_subsystem_answers(process->subsystem), process->pid,
				   EMU_DSP_PD_EXIT);
		emu_process_end(process);
		return 0;
	case 3: /* thread_exit: the worker ends by itself when it is idle */
		return 0;
	case 7: /* exception: answered there already, as are the other calls */
		emu_subsystem_exception(process->subsystem, process, call->ctx);
		return EMU_DSP_EBADSTATE;
	case 10: /* enable_notifications */
		emu_answers_notify(emu_subsystem_answers(process->subsystem), process->pid,
				   EMU_DSP_PD_UP);
		return 0;
	case 9: /* poll_mode */
		return set_poll_mode(process, call);
	case 4: /* set_logging_params */
		return set_logging(process, call, sizeof(uint16_t));
	case 8: /* set_logging_params2 */
		return set_logging(process, call, sizeof(uint32_t));
	case 5: /* getASID */
		asid = emu_call_buffer(call, 0, sizeof(*asid));
		if (!emu_call_shape(call, 0, 1) || !asid)
			return EMU_DSP_EBADPARM;
		*asid = process->bank;
		return 0;
	default:
		return EMU_DSP_EUNSUPPORTED;
	}
}

static int32_t static_call(struct emu_process *process, const struct emu_call *call)
{
	uint32_t method = FRPC_SC_METHOD(call->sc), handle = call->handle;
	bool modern = emu_subsystem_is_modern(process->subsystem);

	if (!modern && handle != FRPC_HANDLE_REMOTECTL && handle != FRPC_HANDLE_LISTENER)
		return EMU_DSP_ENOSUCHMOD;
	switch (handle) {
	case FRPC_HANDLE_REMOTECTL:
		return remotectl_call(process, method, call);
	case FRPC_HANDLE_REMOTECTL1:
		return remotectl_call(process, method - 2, call);
	case FRPC_HANDLE_LISTENER:
		return emu_listener_call(process->listener, method, call);
	case FRPC_HANDLE_LISTENER1:
		return emu_listener_call(process->listener, method - 2, call);
	case FRPC_HANDLE_CURRENT_PROCESS1:
		return current_process_call(process, method, call);
	case FRPC_HANDLE_ADSPMSGD1:
	case FRPC_HANDLE_PERF:
	case FRPC_HANDLE_PERF1:
		return EMU_DSP_EUNSUPPORTED;
	default:
		return EMU_DSP_ENOSUCHMOD;
	}
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* What was asked for when the process was created: before the driver learns of the answer. */
static void fill_lists(struct emu_process *process, const struct emu_call *call, uint64_t opened_us,
		       uint64_t began_us)
{
	uint64_t counters[FRPC_SMQ_MAX_COUNTERS] = {
		[EMU_CALL_INVOKES] = 1,
		[EMU_CALL_MAP_PAGES] = began_us - opened_us,
		[EMU_CALL_MODULE] = now_us() - began_us,
	};

	if (process->attrs & FRPC_PROC_ATTR_CRC)
		emu_call_write_crcs(call);
	if (process->attrs & FRPC_PROC_ATTR_DSP_COUNTERS &&
	    emu_subsystem_is_extended(process->subsystem))
		emu_call_write_counters(call, counters);
}

static bool has_died(struct emu_process *process)
{
	const struct emu_engine_ops *ops = process->engine->ops;

	return ops->has_died && ops->has_died(process->engine);
}

/* As if it had asked for it with handle 4: its other calls are answered, the driver is told. */
static int32_t raise_exception(struct emu_process *process, const struct frpc_smq_msg *message)
{
	emu_subsystem_exception(process->subsystem, process, message->ctx);
	return EMU_DSP_EBADSTATE;
}

int32_t emu_process_reverse_call(struct emu_process *process, uint32_t handle, uint32_t sc,
				 const struct emu_reverse_buffer *buffers)
{
	int32_t res = emu_reverse_call(process->listener, handle, sc, buffers);
	struct emu_process *other;

	if (res != EMU_DSP_ERPC)
		return res;
	other = emu_subsystem_get_default(process->subsystem);
	if (!other)
		return res;
	if (other != process)
		res = emu_reverse_call(other->listener, handle, sc, buffers);
	emu_process_unref(other);
	return res;
}

static int32_t module_call(struct emu_process *process, struct emu_call *call)
{
	struct emu_testmod *testmod = emu_subsystem_testmod(process->subsystem);
	int32_t res = emu_shared_call_begins(process->shared, call);

	if (!res)
		res = testmod && call->handle == EMU_TESTMOD_HANDLE
			      ? emu_testmod_call(testmod, process, call)
			      : emu_modules_call(process->modules, call);
	emu_shared_call_ends(process->shared, call);
	return res;
}

/*
 * What the driver may learn before the answer, once the outputs and lists are there: the result of a
 * module's call, if this DSP announces it, and that it is over, for those who poll. True: announced.
 */
static bool finish_early(struct emu_process *process, const struct emu_call *call, int32_t res)
{
	bool polled = atomic_load(&process->polled), announced;

	if (call->handle < FIRST_MODULE_HANDLE || atomic_load(&process->ended))
		return false;
	announced = !polled &&
		    emu_answers_announce(emu_subsystem_answers(process->subsystem), call->ctx, res);
	if (announced)
		emu_call_write_poll_word(call, FRPC_SMQ_POLL_EARLY);
	else if (polled && !res)
		emu_call_write_poll_word(call, FRPC_SMQ_POLL_DONE);
	return announced;
}

static void hint(struct emu_process *process, const struct emu_call *call)
{
	struct emu_answers *answers = emu_subsystem_answers(process->subsystem);

	if (emu_answers_have_fault(answers, EMU_DSP_USER_EARLY))
		emu_answers_hint(answers, call->ctx, HINT_US);
}

int32_t emu_process_call(struct emu_process *process, const struct frpc_smq_msg *message,
			 bool *ret_announced)
{
	uint64_t opened_us, began_us;
	struct emu_call call;
	int32_t res;
	bool died;

	if (atomic_load(&process->ended))
		return EMU_DSP_EBADSTATE;
	opened_us = process->attrs & FRPC_PROC_ATTR_DSP_COUNTERS ? now_us() : 0;
	res = emu_call_open(&call, process->engine, message);
	if (res)
		return res;
	began_us = process->attrs & FRPC_PROC_ATTR_DSP_COUNTERS ? now_us() : 0;
	if (call.handle < FIRST_MODULE_HANDLE) {
		res = static_call(process, &call);
	} else {
		hint(process, &call);
		res = module_call(process, &call);
	}
	if (process->attrs & (FRPC_PROC_ATTR_CRC | FRPC_PROC_ATTR_DSP_COUNTERS))
		fill_lists(process, &call, opened_us, began_us);
	died = has_died(process);
	*ret_announced = !died && finish_early(process, &call, res);
	emu_call_close(&call, process->engine);
	return died ? raise_exception(process, message) : res;
}
