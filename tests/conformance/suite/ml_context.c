/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls under way: their ids, how many there can be, and responses of every kind. */
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "conf.h"

#define FEW  250u /* held at once, with room for the suite's own calls */
#define MOST 255u
#define SOME 64u

static uint32_t id_of(struct conf *conf, uint64_t ctx)
{
	return conf_version(conf) == CONF_73 ? ctx >> 8 & 0xff : ctx >> 4 & 0xff;
}

/* The row has answered it: checks what it returned. */
static void end_held(struct conf *conf, struct conf_held *held, long wanted)
{
	if (!held)
		return;
	conf_equal(conf, conf_end_answered(held), wanted);
}

static void the_id_lies_in_bits_11_to_4(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	conf_true(conf, id_of(conf, held->record.head.ctx) >= 1);
	conf_equal(conf, held->record.head.ctx >> 12, 0);
	conf_equal(conf, held->record.head.ctx & 15, FRPC_SMQ_PD_USER);
	conf_respond(conf, held->record.head.ctx, 7);
	end_held(conf, held, 7);
}

static void the_id_lies_in_bits_15_to_8(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	conf_true(conf, id_of(conf, held->record.head.ctx) >= 1);
	conf_equal(conf, held->record.head.ctx & 0xff, FRPC_SMQ_PD_USER);
	conf_true(conf, held->record.head.ctx >> 16);
	conf_respond(conf, held->record.head.ctx, 7);
	end_held(conf, held, 7);
}

static uint64_t ctx_of_a_call(struct conf *conf, struct conf_client *client)
{
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
	return conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record)
		       ? record.head.ctx
		       : 0;
}

static void ids_are_taken_cyclically(struct conf *conf)
{
	struct conf_client *client;
	uint32_t first, next;

	if (!conf_fresh(conf))
		return;
	client = conf_process(conf);
	first = id_of(conf, ctx_of_a_call(conf, client));
	/* Between the two lie the search for the first record and a new mark: two calls. */
	next = id_of(conf, ctx_of_a_call(conf, client));
	conf_equal(conf, (next + 255 - first) % 255, 3);
	for (uint32_t i = 0; i < 300; i++)
		conf_call(client, EMU_TESTMOD_KEEP, 0, 0, NULL);
	first = next;
	next = id_of(conf, ctx_of_a_call(conf, client));
	conf_equal(conf, (next + 255 - first) % 255, (300 + 3) % 255);
}

static void sequence_numbers_grow(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t first = ctx_of_a_call(conf, client) >> 16;

	conf_equal(conf, (ctx_of_a_call(conf, client) >> 16) - first, 3);
}

static void many_calls_are_under_way_at_once(struct conf *conf)
{
	struct conf_job *jobs;

	if (!conf_fresh(conf))
		return;
	jobs = calloc(FEW, sizeof(*jobs));
	if (!conf_true(conf, jobs))
		return;
	conf_hold_many(conf_process(conf), jobs, FEW);
	conf_end_many(conf, jobs, FEW);
	free(jobs);
}

/* All ids but one are taken; then one waits in the DSP for a message that never comes. */
static void the_table_is_full(struct conf *conf)
{
	static const struct emu_testmod_query never = {
		.after = UINT64_MAX, .handle = 1234567, .wait_ms = 1000};
	struct emu_testmod_record none;
	const struct conf_arg args[] = {conf_plain(&never, sizeof(never)),
					conf_plain(&none, sizeof(none)), conf_plain(NULL, 0)};
	const struct timespec pause = {.tv_nsec = 2000000};
	struct conf_job *jobs, waiting;
	struct conf_client *client;
	long res = 0;

	if (!conf_fresh(conf))
		return;
	client = conf_process(conf);
	jobs = calloc(MOST - 1, sizeof(*jobs));
	if (!conf_true(conf, jobs))
		return;
	conf_hold_many(conf_process(conf), jobs, MOST - 1);
	for (int tries = 0; tries < 10 && res != -ENOSPC; tries++) {
		conf_start_invoke(&waiting, client, EMU_TESTMOD_HANDLE,
				  FRPC_SC_MAKE(EMU_TESTMOD_FIND, 1, 2), args);
		do {
			/* The waiting call is to have the last id first. */
			nanosleep(&pause, NULL);
			res = conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL);
		} while (res != -ENOSPC && !atomic_load(&waiting.done));
		conf_join(&waiting);
	}
	conf_equal(conf, res, -ENOSPC);
	conf_end_many(conf, jobs, MOST - 1);
	free(jobs);
}

/* ---- responses ---- */

static void a_short_response_is_refused(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	struct frpc_smq_rsp rsp = {.retval = 3};

	if (!held)
		return;
	rsp.ctx = held->record.head.ctx;
	conf_equal(conf, conf_send(conf, &rsp, 12), -EINVAL);
	conf_equal(conf, conf_send(conf, &rsp, 15), -EINVAL);
	conf_equal(conf, conf_send(conf, &rsp, 8), -EINVAL);
	conf_true(conf, conf_is_pending(held));
	conf_equal(conf, conf_send(conf, &rsp, 16), 0);
	end_held(conf, held, 3);
}

static void a_longer_response_is_taken(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	unsigned char bytes[100] = {0};
	struct frpc_smq_rsp rsp = {.retval = 4};

	if (!held)
		return;
	rsp.ctx = held->record.head.ctx;
	memset(bytes, 0xff, sizeof(bytes));
	memcpy(bytes, &rsp, 12);
	conf_equal(conf, conf_send(conf, bytes, sizeof(bytes)), 0);
	end_held(conf, held, 4);
}

static void flags_mean_nothing(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	struct frpc_smq_rsp_v2 rsp = {.retval = 6, .flags = FRPC_SMQ_EARLY_RESPONSE, .version = 9};

	if (!held)
		return;
	rsp.ctx = held->record.head.ctx;
	conf_equal(conf, conf_send(conf, &rsp, sizeof(rsp)), 0);
	end_held(conf, held, 6);
}

static void an_unknown_context(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	uint64_t other;

	if (!held)
		return;
	/* An id far from all that are in use. */
	other = conf_version(conf) == CONF_73 ? held->record.head.ctx ^ 0x8000
					      : held->record.head.ctx ^ 0x800;
	conf_equal(conf, conf_respond(conf, other, 1), -ENOENT);
	conf_equal(conf, conf_respond(conf, 0, 1), -ENOENT);
	conf_true(conf, conf_is_pending(held));
	conf_respond(conf, held->record.head.ctx, 8);
	end_held(conf, held, 8);
}

static void a_second_answer_finds_nobody(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	uint64_t ctx;

	if (!held)
		return;
	ctx = held->record.head.ctx;
	conf_equal(conf, conf_respond(conf, ctx, 9), 0);
	conf_equal(conf, conf_join(&held->job), 9);
	free(held);
	conf_equal(conf, conf_respond(conf, ctx, 10), -ENOENT);
}

static void pd_bits_are_not_compared(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	conf_equal(conf, conf_respond(conf, held->record.head.ctx ^ 3, 11), 0);
	end_held(conf, held, 11);
}

static void upper_bits_are_not_compared(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	conf_equal(conf, conf_respond(conf, held->record.head.ctx | UINT64_C(1) << 40, 12), 0);
	end_held(conf, held, 12);
}

static void another_sequence_number_is_dropped(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	conf_equal(conf, conf_respond(conf, held->record.head.ctx + 0x10000, 13), -ENOENT);
	conf_true(conf, conf_is_pending(held));
	conf_respond(conf, held->record.head.ctx, 14);
	end_held(conf, held, 14);
}

/* Holds @jobs, SOME calls, whose ids lie around @wanted: calls that are answered lead there. */
static void hold_around(struct conf *conf, struct conf_job *jobs, uint32_t wanted)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = id_of(conf, ctx_of_a_call(conf, client));

	for (uint32_t left = (wanted + MOST - SOME / 2 - id) % MOST; left; left--)
		conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL);
	conf_hold_many(conf_process(conf), jobs, SOME);
}

/* How many of them ended with @status; the others with 0. */
static uint32_t end_some(struct conf *conf, struct conf_job *jobs, int32_t status)
{
	uint32_t count = 0;

	conf_let_go(conf, 0);
	for (uint32_t i = 0; i < SOME; i++) {
		long res = conf_join(&jobs[i]);

		count += res == status;
		conf_true(conf, !res || res == status);
	}
	return count;
}

static void a_notification_is_a_response_to_context_188(struct conf *conf)
{
	const struct frpc_smq_notif notif = {
		.ctx = FRPC_SMQ_NOTIF_CTX, .type = FRPC_SMQ_NOTIF_TYPE, .pid = 1, .status = 2};
	struct conf_job *jobs = calloc(SOME, sizeof(*jobs)); /* a 32-bit client's stack is short */
	int res = -ENOENT;

	if (!conf_true(conf, jobs))
		return;
	/* A call of the suite's own may have the id just then. */
	for (int tries = 0; tries < 5 && res == -ENOENT; tries++) {
		uint32_t answered;

		hold_around(conf, jobs, 188);
		res = conf_send(conf, &notif, sizeof(notif));
		answered = end_some(conf, jobs, FRPC_SMQ_NOTIF_TYPE);
		conf_equal(conf, answered, !res);
	}
	conf_equal(conf, res, 0);
	free(jobs);
}

#define ROW(id, sentence, fact, versions, run)                  \
	{                                                       \
		id, sentence, fact, CONF_TESTMOD, versions, run \
	}

static const struct conf_row rows[] = {
	ROW("ml.ctx.bits", "a context id is 1..255 in bits 11..4, PD type below, nothing above",
	    "abi B4", CONF_UNTIL_612, the_id_lies_in_bits_11_to_4),
	ROW("ml.ctx.bits-7.3", "a context id is 1..255 in bits 15..8, sequence number above",
	    "abi B4, F", CONF_73, the_id_lies_in_bits_15_to_8),
	ROW("ml.ctx.cyclic", "ids are given out cyclically", "rig 5", CONF_ALL,
	    ids_are_taken_cyclically),
	ROW("ml.ctx.sequence", "the sequence number counts the channel's calls", "abi B4", CONF_73,
	    sequence_numbers_grow),
	ROW("ml.ctx.many", "250 calls are under way at once", "abi B4", CONF_ALL,
	    many_calls_are_under_way_at_once),
	ROW("ml.ctx.full", "the 256th call under way on a channel is ENOSPC", "abi B4, rig 12",
	    CONF_ALL, the_table_is_full),
	ROW("ml.rsp.short", "a response of less than 16 bytes is EINVAL and answers nothing",
	    "abi B4, rig 15", CONF_ALL, a_short_response_is_refused),
	ROW("ml.rsp.long", "a longer response is taken by its first 16 bytes", "abi B4", CONF_ALL,
	    a_longer_response_is_taken),
	ROW("ml.rsp.flags", "flags and version of a downstream response mean nothing", "abi B4",
	    CONF_ALL, flags_mean_nothing),
	ROW("ml.rsp.unknown", "a response to an unknown context is ENOENT", "rig 15", CONF_ALL,
	    an_unknown_context),
	ROW("ml.rsp.second", "a second answer to a finished call is ENOENT", "rig 15", CONF_ALL,
	    a_second_answer_finds_nobody),
	ROW("ml.rsp.pd", "the PD type in a response is not compared", "abi B4", CONF_ALL,
	    pd_bits_are_not_compared),
	ROW("ml.rsp.upper", "only the 8 bits of the id are compared", "abi B4", CONF_UNTIL_612,
	    upper_bits_are_not_compared),
	ROW("ml.rsp.sequence", "a response with another sequence number is dropped", "abi B4",
	    CONF_73, another_sequence_number_is_dropped),
	ROW("ml.rsp.notif", "a PD notification is taken for an answer to context 188", "abi B4",
	    CONF_UNTIL_612, a_notification_is_a_response_to_context_188),
};

const struct conf_group conf_ml_context = {rows, sizeof(rows) / sizeof(*rows)};
