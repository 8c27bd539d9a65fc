/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: what a DSP's answers do to the call that they name, and poll mode. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dn.h"

#define STATUS EMU_TESTMOD_STATUS

static void answer(struct conf *conf, uint64_t ctx, uint32_t flags, int32_t result)
{
	const struct frpc_smq_rsp_v2 rsp = {
		.ctx = ctx, .retval = result, .flags = flags, .version = FRPC_SMQ_RSP_VERSION};

	conf_send(conf, &rsp, sizeof(rsp));
}

static void still_waits(struct conf *conf, struct conf_held *held)
{
	conf_true(conf, conf_is_pending(held));
}

/* Whatever came before, a complete answer ends the call with its result. */
static void end_with(struct conf *conf, struct conf_held *held, int32_t result)
{
	answer(conf, dn_ctx(held), FRPC_SMQ_COMPLETE_SIGNAL, result);
	conf_equal(conf, conf_end_answered(held), result);
}

static void long_answers(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	answer(conf, dn_ctx(held), FRPC_SMQ_NORMAL_RESPONSE, 9);
	conf_equal(conf, conf_end_answered(held), 9);
}

static void answers_of_17_to_23_bytes(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	/* Read further, these would be an early response of no version. */
	struct frpc_smq_rsp_v2 rsp = {.retval = 8, .flags = FRPC_SMQ_EARLY_RESPONSE};

	if (!held)
		return;
	rsp.ctx = dn_ctx(held);
	conf_send(conf, &rsp, 23);
	conf_equal(conf, conf_end_answered(held), 8);
}

static void answers_of_more_than_24_bytes(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);
	struct {
		struct frpc_smq_rsp_v2 rsp;
		uint64_t more;
	} bytes = {{.retval = 7, .version = FRPC_SMQ_RSP_VERSION}, UINT64_MAX};

	if (!held)
		return;
	bytes.rsp.ctx = dn_ctx(held);
	conf_send(conf, &bytes, sizeof(bytes));
	conf_equal(conf, conf_end_answered(held), 7);
}

static void the_pd_type_is_cut_off(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	conf_respond(conf, dn_ctx(held) | 3, 6);
	conf_equal(conf, conf_end_answered(held), 6);
}

static void only_the_first_answer_counts(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_held *held = conf_hold_call(conf, client, STATUS, 0, 0, NULL);
	uint64_t ctx;

	if (!held)
		return;
	ctx = dn_ctx(held);
	conf_respond(conf, ctx, 5);
	conf_respond(conf, ctx, 6);
	conf_equal(conf, conf_end_answered(held), 5);
	conf_respond(conf, ctx, 7);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
}

/* True once its thread sleeps: what comes before that is seen by a caller who does not wait yet. */
static bool sleeps(const struct conf_held *held)
{
	char path[64], line[128] = "";
	const char *behind_name;
	bool asleep = false;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)atomic_load(&held->job.tid));
	for (int i = 0; i < 10000 && !asleep; i++) {
		FILE *file = fopen(path, "re");

		if (file && fgets(line, sizeof(line), file)) {
			behind_name = strrchr(line, ')');
			asleep = behind_name && behind_name[1] && behind_name[2] == 'S';
		}
		if (file)
			fclose(file);
		usleep(1000);
	}
	return asleep;
}

static void unknown_flags_wake_nobody(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	conf_true(conf, sleeps(held));
	answer(conf, dn_ctx(held), 77, 1);
	answer(conf, dn_ctx(held), FRPC_SMQ_POLL_MODE + 1, 1);
	still_waits(conf, held);
	end_with(conf, held, 4);
}

static void a_users_early_signal_completes_nothing(struct conf *conf)
{
	struct conf_held *held = conf_hold_status(conf);

	if (!held)
		return;
	answer(conf, dn_ctx(held), FRPC_SMQ_USER_EARLY_SIGNAL, 1);
	still_waits(conf, held);
	end_with(conf, held, 4);
}

/* A call for which the DSP writes @word into its poll word, and answers nothing. */
static struct conf_held *polled_call(struct conf *conf, struct conf_client *client, uint32_t word)
{
	struct conf_held *held = calloc(1, sizeof(*held));
	uint64_t mark = conf_mark(conf);

	if (!conf_true(conf, held))
		return NULL;
	held->client = client;
	conf_poll_word(conf, EMU_TESTMOD_HANDLE, STATUS, word);
	conf_start_invoke(&held->job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(STATUS, 0, 0), NULL);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, STATUS, &held->record);
	return held;
}

static void an_early_answer_with_its_word(struct conf *conf)
{
	struct conf_held *held = polled_call(conf, conf_process(conf), FRPC_SMQ_POLL_EARLY);

	if (!held)
		return;
	still_waits(conf, held);
	answer(conf, dn_ctx(held), FRPC_SMQ_EARLY_RESPONSE, 11);
	conf_equal(conf, conf_join(&held->job), 11);
	free(held);
}

static void the_done_word_is_success(struct conf *conf)
{
	struct conf_held *held = polled_call(conf, conf_process(conf), FRPC_SMQ_POLL_DONE);

	if (!held)
		return;
	answer(conf, dn_ctx(held), FRPC_SMQ_EARLY_RESPONSE, 11);
	conf_equal(conf, conf_join(&held->job), 0);
	free(held);
}

static void another_word_is_none(struct conf *conf)
{
	struct conf_held *held = polled_call(conf, conf_process(conf), 0x12345);

	if (!held)
		return;
	answer(conf, dn_ctx(held), FRPC_SMQ_EARLY_RESPONSE, 11);
	end_with(conf, held, 12);
}

/* ---- poll mode: CONTROL 7 ---- */

static struct conf_client *polling(struct conf *conf, uint32_t us)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_RPC_POLL, 1, us), 0);
	return client;
}

static void in_poll_mode_the_word_is_the_answer(struct conf *conf)
{
	struct conf_held *held = polled_call(conf, polling(conf, 10000), FRPC_SMQ_POLL_DONE);

	if (!held)
		return;
	conf_equal(conf, conf_join(&held->job), 0);
	free(held);
}

static void in_poll_mode_an_early_word_is_no_answer(struct conf *conf)
{
	struct conf_held *held = polled_call(conf, polling(conf, 100), FRPC_SMQ_POLL_EARLY);

	if (!held)
		return;
	still_waits(conf, held);
	conf_respond(conf, dn_ctx(held), 21);
	conf_equal(conf, conf_end_answered(held), 21);
}

static void after_its_time_a_message_is_waited_for(struct conf *conf)
{
	struct conf_held *held = conf_hold_call(conf, polling(conf, 1), STATUS, 0, 0, NULL);

	if (!held)
		return;
	conf_device(conf)->advance ? conf_device(conf)->advance(UINT64_C(1000000000)) : (void)0;
	conf_respond(conf, dn_ctx(held), 22);
	conf_equal(conf, conf_end_answered(held), 22);
}

static void poll_mode_ends(struct conf *conf)
{
	struct conf_client *client = polling(conf, 10000);
	struct conf_held *held;

	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_RPC_POLL, 0, 0), 0);
	held = polled_call(conf, client, FRPC_SMQ_POLL_DONE);
	if (!held)
		return;
	conf_interrupt(&held->job); /* it waits for a message, the word notwithstanding */
	conf_equal(conf, conf_join(&held->job), -EINTR);
	free(held);
}

static void a_message_after_the_word_is_dropped(struct conf *conf)
{
	struct conf_client *client = polling(conf, 10000);
	struct conf_held *held = polled_call(conf, client, FRPC_SMQ_POLL_DONE);
	uint64_t ctx;

	if (!held)
		return;
	ctx = dn_ctx(held);
	conf_equal(conf, conf_join(&held->job), 0);
	free(held);
	conf_respond(conf, ctx, 39);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.rsp.long", "a normal response of 24 bytes ends the call", "abi A5.2", 0,
	       long_answers),
	DN_ROW("dn.rsp.short", "a response of 23 bytes is the form of 16", "abi A5.2", 0,
	       answers_of_17_to_23_bytes),
	DN_ROW("dn.rsp.longer", "a response of more than 24 bytes is read to 24", "abi A5.2", 0,
	       answers_of_more_than_24_bytes),
	DN_ROW("dn.rsp.pd", "bits 1 and 0 of a response's id are not compared", "abi A4.2", 0,
	       the_pd_type_is_cut_off),
	DN_ROW("dn.rsp.first", "of two answers the first counts, late ones are dropped", "abi A5.2",
	       0, only_the_first_answer_counts),
	DN_ROW("dn.rsp.flags", "unknown flags wake nobody who waits", "abi A5.2", 0,
	       unknown_flags_wake_nobody),
	DN_ROW("dn.rsp.user-early", "a user's early signal completes nothing", "abi A5.2", 0,
	       a_users_early_signal_completes_nothing),
	DN_ROW("dn.rsp.early-word", "an early response with its poll word ends the call",
	       "abi A5.2", 0, an_early_answer_with_its_word),
	DN_ROW("dn.rsp.done-word", "with the word 0xDECAF the result is 0", "abi A5.2", 0,
	       the_done_word_is_success),
	DN_ROW("dn.rsp.other-word", "an early response with another word waits for the full one",
	       "abi A5.2", 0, another_word_is_none),
	DN_ROW("dn.poll.word", "in poll mode the done word ends the call, without a message",
	       "abi A11.4", 0, in_poll_mode_the_word_is_the_answer),
	DN_ROW("dn.poll.early", "in poll mode the early word ends nothing", "abi A11.4", 0,
	       in_poll_mode_an_early_word_is_no_answer),
	DN_ROW("dn.poll.timeout", "after its time a polling call waits for a message", "abi A11.4",
	       0, after_its_time_a_message_is_waited_for),
	DN_ROW("dn.poll.off", "poll mode switched off: the word ends nothing", "abi A2.6", 0,
	       poll_mode_ends),
	DN_ROW("dn.poll.late", "a message for a call that its word ended is dropped", "abi A11.4",
	       0, a_message_after_the_word_is_dropped),
};

DN_ROWS(conf_dn_response, rows);
