/* SPDX-License-Identifier: BSD-3-Clause */
#include "testmod.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../deadline.h"
#include "../process.h"

#define RECORDS 512u /* kept: more than a channel can have calls under way */
#define RULES	16u

struct record {
	uint64_t number; /* 0: empty */
	struct frpc_smq_msg message;
	unsigned char *payload;
	uint32_t payload_len;
	bool held;
};

struct emu_testmod {
	struct emu_subsystem *subsystem;
	struct emu_engine *engine; /* how it looks into calls that are not its own */
	pthread_mutex_t lock;	   /* everything below */
	pthread_cond_t arrived;
	struct record records[RECORDS];
	uint64_t last; /* number of the newest */
	struct emu_testmod_rule rules[RULES];
	bool stopped;
};

int emu_testmod_new(struct emu_subsystem *subsystem, struct emu_testmod **ret_testmod)
{
	struct emu_testmod *testmod = calloc(1, sizeof(*testmod));

	if (!testmod)
		return -ENOMEM;
	testmod->subsystem = subsystem;
	if (emu_engine_native_new(emu_subsystem_memory(subsystem), &testmod->engine)) {
		free(testmod);
		return -ENOMEM;
	}
	pthread_mutex_init(&testmod->lock, NULL);
	emu_cond_init(&testmod->arrived);
	*ret_testmod = testmod;
	return 0;
}

void emu_testmod_stop(struct emu_testmod *testmod)
{
	if (!testmod)
		return;
	pthread_mutex_lock(&testmod->lock);
	testmod->stopped = true;
	pthread_cond_broadcast(&testmod->arrived);
	pthread_mutex_unlock(&testmod->lock);
}

void emu_testmod_free(struct emu_testmod *testmod)
{
	if (!testmod)
		return;
	for (uint32_t i = 0; i < RECORDS; i++)
		free(testmod->records[i].payload);
	testmod->engine->ops->free(testmod->engine);
	pthread_cond_destroy(&testmod->arrived);
	pthread_mutex_destroy(&testmod->lock);
	free(testmod);
}

/* A copy of the memory that @message names, as far as it is kept. NULL: it cannot be seen. */
static unsigned char *copy_payload(struct emu_testmod *testmod, const struct frpc_smq_msg *message,
				   uint32_t *ret_len)
{
	uint64_t len = message->page_size;
	unsigned char *copy = NULL;
	struct emu_pin *pin;
	void *bytes;

	*ret_len = 0;
	if (len > EMU_TESTMOD_PAYLOAD_MAX)
		len = EMU_TESTMOD_PAYLOAD_MAX;
	if (!len ||
	    testmod->engine->ops->map(testmod->engine, message->page_addr, len, &pin, &bytes))
		return NULL;
	copy = malloc((size_t)len);
	if (copy) {
		memcpy(copy, bytes, (size_t)len);
		*ret_len = (uint32_t)len;
	}
	testmod->engine->ops->unmap(testmod->engine, pin);
	return copy;
}

static bool matches(const struct frpc_smq_msg *message, uint32_t handle, uint32_t method,
		    uint32_t bank)
{
	return (handle == EMU_TESTMOD_ANY || handle == message->handle) &&
	       (method == EMU_TESTMOD_ANY || method == FRPC_SC_METHOD(message->sc)) &&
	       (bank == EMU_TESTMOD_ANY || bank == emu_address_bank(message->page_addr));
}

/* The poll word lies behind the list of checksums. The client polls it from another mapping. */
static void write_poll_word(struct emu_testmod *testmod, const struct frpc_smq_msg *message,
			    uint32_t value)
{
	uint64_t at = FRPC_SMQ_POLL_AT(FRPC_SC_LENGTH(message->sc));
	struct emu_pin *pin;
	void *bytes;

	if (at + sizeof(value) > message->page_size ||
	    testmod->engine->ops->map(testmod->engine, message->page_addr + at, sizeof(value), &pin,
				      &bytes))
		return;
	__atomic_store_n((uint32_t *)bytes, value, __ATOMIC_RELEASE);
	testmod->engine->ops->unmap(testmod->engine, pin);
}

/* Uses a rule for @message up: its action, EMU_TESTMOD_ANY if there is none. */
static uint32_t apply_rule(struct emu_testmod *testmod, const struct frpc_smq_msg *message,
			   int32_t *ret_status)
{
	uint32_t action = EMU_TESTMOD_ANY;

	pthread_mutex_lock(&testmod->lock);
	for (uint32_t i = 0; i < RULES && action == EMU_TESTMOD_ANY; i++) {
		struct emu_testmod_rule *rule = &testmod->rules[i];

		if (!rule->count || !matches(message, rule->handle, rule->method, rule->bank))
			continue;
		rule->count--;
		action = rule->action;
		*ret_status = rule->status;
	}
	pthread_mutex_unlock(&testmod->lock);
	return action;
}

static void keep_record(struct emu_testmod *testmod, const struct frpc_smq_msg *message,
			unsigned char *payload, uint32_t payload_len, bool held)
{
	struct record *record;

	pthread_mutex_lock(&testmod->lock);
	record = &testmod->records[++testmod->last % RECORDS];
	free(record->payload);
	*record = (struct record){testmod->last, *message, payload, payload_len, held};
	pthread_cond_broadcast(&testmod->arrived);
	pthread_mutex_unlock(&testmod->lock);
}

bool emu_testmod_takes(struct emu_testmod *testmod, const struct frpc_smq_msg *message,
		       bool *ret_answer, int32_t *ret_status)
{
	unsigned char *payload;
	uint32_t payload_len, action;

	payload = copy_payload(testmod, message, &payload_len);
	action = apply_rule(testmod, message, ret_status);
	/* Who sees the record may rely on the word. */
	if (action == EMU_TESTMOD_POLL)
		write_poll_word(testmod, message, (uint32_t)*ret_status);
	keep_record(testmod, message, payload, payload_len,
		    action == EMU_TESTMOD_HOLD || action == EMU_TESTMOD_POLL);
	*ret_answer = action == EMU_TESTMOD_ANSWER;
	return action != EMU_TESTMOD_ANY;
}

void emu_testmod_signalled(struct emu_testmod *testmod, uint64_t signal)
{
	const struct frpc_smq_msg message = {
		.pid = (uint32_t)(signal >> 32),
		.ctx = (uint32_t)signal,
		.handle = EMU_TESTMOD_SIGNALS,
	};

	keep_record(testmod, &message, NULL, 0, false);
}

/* ---- methods ---- */

static int32_t echo(const struct emu_call *call)
{
	uint32_t ins = FRPC_SC_INBUFS(call->sc), outs = FRPC_SC_OUTBUFS(call->sc);

	for (uint32_t i = 0; i < ins && i < outs; i++) {
		size_t len = call->args[i].buf.nLen;

		if (len > call->args[ins + i].buf.nLen)
			len = call->args[ins + i].buf.nLen;
		if (len)
			memmove(call->args[ins + i].buf.pv, call->args[i].buf.pv, len);
	}
	return 0;
}

static int32_t fill(const struct emu_call *call)
{
	struct {
		uint32_t byte;
		int32_t result;
	} *in = emu_call_buffer(call, 0, sizeof(*in)), copy;
	uint32_t ins = FRPC_SC_INBUFS(call->sc);

	if (ins != 1 || !in)
		return EMU_DSP_EBADPARM;
	copy.byte = in->byte;
	copy.result = in->result;
	for (uint32_t i = ins; i < FRPC_SC_BUFS(call->sc); i++)
		if (call->args[i].buf.nLen)
			memset(call->args[i].buf.pv, (int)copy.byte, call->args[i].buf.nLen);
	return copy.result;
}

static int32_t add_rule(struct emu_testmod *testmod, const struct emu_call *call)
{
	struct emu_testmod_rule *in = emu_call_buffer(call, 0, sizeof(*in));
	int32_t res = EMU_DSP_ENOMEMORY;

	if (!emu_call_shape(call, 1, 0) || !in || in->action > EMU_TESTMOD_POLL)
		return EMU_DSP_EBADPARM;
	pthread_mutex_lock(&testmod->lock);
	for (uint32_t i = 0; i < RULES && res; i++)
		if (!testmod->rules[i].count) {
			testmod->rules[i] = *in;
			res = 0;
		}
	pthread_mutex_unlock(&testmod->lock);
	return res;
}

void emu_testmod_forget(struct emu_testmod *testmod)
{
	pthread_mutex_lock(&testmod->lock);
	memset(testmod->rules, 0, sizeof(testmod->rules));
	for (uint32_t i = 0; i < RECORDS; i++)
		testmod->records[i].held = false;
	pthread_mutex_unlock(&testmod->lock);
}

static int32_t clear_rules(struct emu_testmod *testmod)
{
	pthread_mutex_lock(&testmod->lock);
	memset(testmod->rules, 0, sizeof(testmod->rules));
	pthread_mutex_unlock(&testmod->lock);
	return 0;
}

/* The newest record that @query means, and how many there are. With the lock held. */
static const struct record *find(struct emu_testmod *testmod, const struct emu_testmod_query *query,
				 uint32_t *ret_count)
{
	const struct record *found = NULL;

	*ret_count = 0;
	for (uint32_t i = 0; i < RECORDS; i++) {
		const struct record *record = &testmod->records[i];

		if (record->number <= query->after ||
		    !matches(&record->message, query->handle, query->method, query->bank))
			continue;
		++*ret_count;
		if (!found || record->number > found->number)
			found = record;
	}
	return found;
}

static const struct record *wait_for(struct emu_testmod *testmod,
				     const struct emu_testmod_query *query, uint32_t *ret_count)
{
	const struct record *found;
	const struct timespec until = emu_deadline_ns(query->wait_ms * UINT64_C(1000000));

	for (;;) {
		found = find(testmod, query, ret_count);
		if (found || testmod->stopped || !query->wait_ms ||
		    pthread_cond_timedwait(&testmod->arrived, &testmod->lock, &until))
			return found;
	}
}

static int32_t find_record(struct emu_testmod *testmod, const struct emu_call *call)
{
	struct emu_testmod_query *in = emu_call_buffer(call, 0, sizeof(*in)), query;
	struct emu_testmod_record *out = emu_call_buffer(call, 1, sizeof(*out));
	const struct record *record;
	size_t room;

	if (!emu_call_shape(call, 1, 2) || !in || !out)
		return EMU_DSP_EBADPARM;
	query = *in;
	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&testmod->lock);
	record = wait_for(testmod, &query, &out->count);
	if (record) {
		out->number = record->number;
		out->payload_len = record->payload_len;
		memcpy(&out->pid, &record->message, sizeof(record->message));
		room = call->args[2].buf.nLen;
		if (room > record->payload_len)
			room = record->payload_len;
		if (room)
			memcpy(call->args[2].buf.pv, record->payload, room);
	}
	pthread_mutex_unlock(&testmod->lock);
	return 0;
}

/*
 * The call of @bytes, a whole response, has its answer. Another would end a real kernel, if a signal has
 * ended the call: the driver frees what is in its list still.
 */
static void forget_held(struct emu_testmod *testmod, const void *bytes, size_t len)
{
	struct frpc_smq_rsp rsp;

	if (len != sizeof(rsp))
		return;
	memcpy(&rsp, bytes, sizeof(rsp));
	pthread_mutex_lock(&testmod->lock);
	for (uint32_t i = 0; i < RECORDS; i++)
		if (testmod->records[i].message.ctx == rsp.ctx)
			testmod->records[i].held = false;
	pthread_mutex_unlock(&testmod->lock);
}

static int32_t send_bytes(struct emu_testmod *testmod, const struct emu_call *call)
{
	int32_t *result = emu_call_buffer(call, 1, sizeof(*result));

	if (!emu_call_shape(call, 1, 1) || !result)
		return EMU_DSP_EBADPARM;
	*result = emu_subsystem_send(testmod->subsystem, call->args[0].buf.pv,
				     call->args[0].buf.nLen);
	if (!*result)
		forget_held(testmod, call->args[0].buf.pv, call->args[0].buf.nLen);
	return 0;
}

static int32_t let_go(struct emu_testmod *testmod, const struct emu_call *call)
{
	int32_t *in = emu_call_buffer(call, 0, sizeof(*in)), answer;
	uint64_t ctx;

	if (!emu_call_shape(call, 1, 0) || !in)
		return EMU_DSP_EBADPARM;
	answer = *in;
	for (uint32_t i = 0; i < RECORDS; i++) {
		bool held;

		pthread_mutex_lock(&testmod->lock);
		held = testmod->records[i].held;
		testmod->records[i].held = false;
		ctx = testmod->records[i].message.ctx;
		pthread_mutex_unlock(&testmod->lock);
		if (held)
			emu_subsystem_respond(testmod->subsystem, ctx, answer);
	}
	return 0;
}

/* Touches device memory as a DSP process does: outside what is mapped for it that is a fault. */
static int32_t touch(struct emu_process *process, const struct emu_call *call, bool write)
{
	uint64_t *address = emu_call_buffer(call, 0, sizeof(*address));
	struct emu_engine *engine = process->engine;
	size_t len = call->count == 2 ? call->args[1].buf.nLen : 0;
	struct emu_pin *pin;
	void *bytes;

	if (!emu_call_shape(call, write ? 2 : 1, write ? 0 : 1) || !address || !len)
		return EMU_DSP_EBADPARM;
	if (engine->ops->map(engine, *address, len, &pin, &bytes))
		return EMU_DSP_EBADVA;
	memcpy(write ? bytes : call->args[1].buf.pv, write ? call->args[1].buf.pv : bytes, len);
	engine->ops->unmap(engine, pin);
	return 0;
}

/* What stands in the list when the call is answered, and nothing else. */
static int32_t list_fds(struct emu_call *call)
{
	size_t len = call->args[0].buf.nLen;

	if (FRPC_SC_INBUFS(call->sc) != 1 || len % 8 || len > FRPC_SMQ_MAX_FDS * 8)
		return EMU_DSP_EBADPARM;
	if (len)
		memcpy(call->fd_list, call->args[0].buf.pv, len);
	call->fd_list = NULL;
	return 0;
}

static int32_t status(const struct emu_call *call)
{
	int32_t *in = emu_call_buffer(call, 0, sizeof(*in));

	return in ? *in : EMU_DSP_EBADPARM;
}

int32_t emu_testmod_call(struct emu_testmod *testmod, struct emu_process *process,
			 struct emu_call *call)
{
	switch (FRPC_SC_METHOD(call->sc)) {
	case EMU_TESTMOD_STATUS:
		return status(call);
	case EMU_TESTMOD_ECHO:
		return echo(call);
	case EMU_TESTMOD_FILL:
		return fill(call);
	case EMU_TESTMOD_RULE:
		return add_rule(testmod, call);
	case EMU_TESTMOD_CLEAR:
		return clear_rules(testmod);
	case EMU_TESTMOD_FIND:
		return find_record(testmod, call);
	case EMU_TESTMOD_SEND:
		return send_bytes(testmod, call);
	case EMU_TESTMOD_READ:
		return touch(process, call, false);
	case EMU_TESTMOD_WRITE:
		return touch(process, call, true);
	case EMU_TESTMOD_LIST_FDS:
		return list_fds(call);
	case EMU_TESTMOD_KEEP:
		call->fd_list = NULL;
		return 0;
	case EMU_TESTMOD_LET_GO:
		return let_go(testmod, call);
	case EMU_TESTMOD_RESTART:
		return emu_subsystem_restart(testmod->subsystem);
	default:
		return EMU_DSP_EUNSUPPORTED;
	}
}
