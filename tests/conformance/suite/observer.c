/* SPDX-License-Identifier: BSD-3-Clause */
/* The test module, steered through a process of its own. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

/* Longer than anything takes that is going to happen at all. */
#define PATIENCE_MS 20000u

#define DOWNSTREAM_CDSP 3u

static long open_module(struct conf_client *client)
{
	static const char name[] = EMU_TESTMOD_NAME;
	struct {
		uint32_t name_len, text_len;
	} in = {sizeof(name), 64};
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, 0};
	char text[64];
	long res;

	res = conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(0, 2, 2),
			  (struct conf_arg[]){
				  conf_plain(&in, sizeof(in)),
				  conf_plain(name, sizeof(name)),
				  conf_plain(&out, sizeof(out)),
				  conf_plain(text, sizeof(text)),
			  });
	if (!res)
		res = out.error;
	return !res && out.handle != EMU_TESTMOD_HANDLE ? -EPROTO : res;
}

long conf_open_observer(struct conf *conf)
{
	size_t clients = conf->client_count, buffers = conf->buffer_count;
	struct conf_client *client = conf_open(conf, "");
	struct conf_buffer shell = {.fd = -1};
	long res = client->file < 0 ? client->file : 0;

	client->wide = true;
	if (!res && conf->version == CONF_DOWNSTREAM)
		res = conf_choose(client, DOWNSTREAM_CDSP);
	if (!res)
		res = conf_create(client, 4096, 0);
	if (!res)
		res = open_module(client);
	/* It outlives the row: what it used of the row's goes back at once. */
	if (conf->buffer_count > buffers)
		shell = conf->buffers[buffers];
	conf_drop(conf, &shell);
	conf->buffer_count = buffers;
	if (res)
		conf_close(client);
	conf->observer = *client;
	conf->client_count = clients;
	return res;
}

struct conf_client *conf_observer(struct conf *conf)
{
	if (!conf->observing && !conf_equal(conf, conf_open_observer(conf), 0))
		return NULL;
	conf->observing = true;
	return &conf->observer;
}

void conf_observer_lost(struct conf *conf)
{
	if (conf->observing)
		conf_close(&conf->observer);
	conf->observing = false;
}

#define TRIES	 12000u
#define PAUSE_NS 5000000

/* The DSP has come up since it was in its life @before. */
static bool is_up_again(struct conf *conf, uint64_t before)
{
	uint64_t now;

	if (!conf_device(conf)->life || conf_version(conf) == CONF_DOWNSTREAM)
		return true;
	now = conf_device(conf)->life(conf_domain(conf));
	return now && now != before;
}

bool conf_restart(struct conf *conf)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct conf_client *observer = conf_observer(conf);
	long res, gone = conf_version(conf) == CONF_DOWNSTREAM ? -ECONNRESET : -EPIPE;
	uint64_t before = conf_device(conf)->life ? conf_device(conf)->life(conf_domain(conf)) : 0;
	unsigned int tries = 0;

	if (!observer)
		return false;
	/* Its answer may be lost in what it asks for. */
	res = conf_call(observer, EMU_TESTMOD_RESTART, 0, 0, NULL);
	if (!conf_true(conf, !res || res == gone))
		return false;
	while (conf_call(observer, EMU_TESTMOD_ECHO, 0, 0, NULL) != gone && tries++ < TRIES)
		nanosleep(&pause, NULL);
	conf_observer_lost(conf);
	while (!is_up_again(conf, before) && tries++ < TRIES)
		nanosleep(&pause, NULL);
	while ((res = conf_open_observer(conf)) && tries++ < TRIES)
		nanosleep(&pause, NULL);
	conf->observing = !res;
	return conf_equal(conf, res, 0);
}

uint64_t conf_mark(struct conf *conf)
{
	struct emu_testmod_query query = {
		.handle = EMU_TESTMOD_ANY, .method = EMU_TESTMOD_ANY, .bank = EMU_TESTMOD_ANY};
	struct emu_testmod_record head = {0};
	struct conf_client *observer = conf_observer(conf);

	if (observer)
		conf_equal(conf,
			   conf_call(observer, EMU_TESTMOD_FIND, 1, 2,
				     (struct conf_arg[]){
					     conf_plain(&query, sizeof(query)),
					     conf_plain(&head, sizeof(head)),
					     conf_plain(NULL, 0),
				     }),
			   0);
	return head.number;
}

static bool query_records(struct conf *conf, const struct emu_testmod_query *query,
			  struct emu_testmod_record *head, void *payload, size_t room)
{
	struct conf_client *observer = conf_observer(conf);

	memset(head, 0, sizeof(*head));
	return observer && conf_equal(conf,
				      conf_call(observer, EMU_TESTMOD_FIND, 1, 2,
						(struct conf_arg[]){
							conf_plain(query, sizeof(*query)),
							conf_plain(head, sizeof(*head)),
							conf_plain(payload, room),
						}),
				      0);
}

bool conf_find(struct conf *conf, uint64_t mark, uint32_t handle, uint32_t method,
	       struct conf_record *record)
{
	const struct emu_testmod_query query = {mark, handle, method, EMU_TESTMOD_ANY, PATIENCE_MS};
	struct emu_testmod_record head;
	bool found;

	if (record)
		memset(record, 0, sizeof(*record));
	found = query_records(conf, &query, record ? &record->head : &head,
			      record ? record->payload : NULL,
			      record ? sizeof(record->payload) : 0);
	return found && conf_true(conf, record ? record->head.number : head.number);
}

uint32_t conf_count(struct conf *conf, uint64_t mark, uint32_t handle, uint32_t method)
{
	const struct emu_testmod_query query = {mark, handle, method, EMU_TESTMOD_ANY, 0};
	struct emu_testmod_record head;

	query_records(conf, &query, &head, NULL, 0);
	return head.count;
}

static void add_rule(struct conf *conf, const struct emu_testmod_rule *rule)
{
	struct conf_client *observer = conf_observer(conf);
	const struct conf_arg arg = conf_plain(rule, sizeof(*rule));

	conf_rules_set(conf);
	if (observer)
		conf_equal(conf, conf_call(observer, EMU_TESTMOD_RULE, 1, 0, &arg), 0);
}

void conf_hold(struct conf *conf, uint32_t handle, uint32_t method, uint32_t count)
{
	const struct emu_testmod_rule rule = {
		.handle = handle,
		.method = method,
		.bank = EMU_TESTMOD_ANY,
		.action = EMU_TESTMOD_HOLD,
		.count = count,
	};

	add_rule(conf, &rule);
}

void conf_answer(struct conf *conf, uint32_t handle, uint32_t method, int32_t status)
{
	const struct emu_testmod_rule rule = {
		.handle = handle,
		.method = method,
		.bank = EMU_TESTMOD_ANY,
		.action = EMU_TESTMOD_ANSWER,
		.count = 1,
		.status = status,
	};

	add_rule(conf, &rule);
}

void conf_poll_word(struct conf *conf, uint32_t handle, uint32_t method, uint32_t word)
{
	const struct emu_testmod_rule rule = {
		.handle = handle,
		.method = method,
		.bank = EMU_TESTMOD_ANY,
		.action = EMU_TESTMOD_POLL,
		.count = 1,
		.status = (int32_t)word,
	};

	add_rule(conf, &rule);
}

void conf_clear(struct conf *conf)
{
	struct conf_client *observer = conf_observer(conf);

	if (observer)
		conf_call(observer, EMU_TESTMOD_CLEAR, 0, 0, NULL);
}

void conf_let_go(struct conf *conf, int32_t status)
{
	struct conf_client *observer = conf_observer(conf);
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	const struct conf_arg arg = conf_plain(&status, sizeof(status));
	unsigned int tries = 0;
	long res;

	if (!observer)
		return;
	/* The driver frees a call's id a moment after its caller has returned, and may have no other. */
	while ((res = conf_call(observer, EMU_TESTMOD_LET_GO, 1, 0, &arg)) == -ENOSPC &&
	       tries++ < TRIES)
		nanosleep(&pause, NULL);
	conf_equal(conf, res, 0);
}

int conf_send(struct conf *conf, const void *bytes, size_t len)
{
	struct conf_client *observer = conf_observer(conf);
	int32_t said = -ENOTCONN;

	if (observer)
		conf_equal(conf,
			   conf_call(observer, EMU_TESTMOD_SEND, 1, 1,
				     (struct conf_arg[]){
					     conf_plain(bytes, len),
					     conf_plain(&said, sizeof(said)),
				     }),
			   0);
	return said;
}

int conf_respond(struct conf *conf, uint64_t ctx, int32_t status)
{
	const struct frpc_smq_rsp rsp = {.ctx = ctx, .retval = status};

	return conf_send(conf, &rsp, sizeof(rsp));
}

uint32_t conf_bank(struct conf_client *client)
{
	struct conf_record record;
	uint64_t mark = conf_mark(client->conf);

	/* No method of remotectl has this number: the DSP refuses it, which is all that is needed. */
	conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(31, 0, 0), NULL);
	if (!client->bank && conf_find(client->conf, mark, FRPC_HANDLE_REMOTECTL, 31, &record))
		client->bank = (uint32_t)(record.head.page_addr >> 32);
	return client->bank;
}

uint32_t conf_client_id(struct conf_client *client)
{
	struct conf_record record;
	uint64_t mark;

	if (conf_version(client->conf) & CONF_UNTIL_612)
		return (uint32_t)getpid();
	mark = conf_mark(client->conf);
	conf_invoke(client, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(31, 0, 0), NULL);
	if (!conf_find(client->conf, mark, FRPC_HANDLE_REMOTECTL, 31, &record))
		return 0;
	return record.head.pid;
}

static const void *part(const struct conf_record *record, uint64_t at, uint64_t len)
{
	uint64_t kept = record->head.payload_len;

	if (kept > sizeof(record->payload))
		kept = sizeof(record->payload);
	return at + len <= kept ? record->payload + at : NULL;
}

const union frpc_smq_arg *conf_record_args(const struct conf_record *record)
{
	uint64_t n = FRPC_SC_LENGTH(record->head.sc);

	return part(record, FRPC_SMQ_ARGS_AT(n), n * sizeof(union frpc_smq_arg));
}

const struct frpc_smq_list *conf_record_list(const struct conf_record *record)
{
	uint64_t n = FRPC_SC_LENGTH(record->head.sc);

	return part(record, FRPC_SMQ_LIST_AT(n), n * sizeof(struct frpc_smq_list));
}

const struct frpc_smq_page *conf_record_pages(const struct conf_record *record)
{
	uint64_t n = FRPC_SC_LENGTH(record->head.sc);

	return part(record, FRPC_SMQ_PAGES_AT(n), n * sizeof(struct frpc_smq_page));
}

bool conf_record_place(struct conf *conf, const struct conf_record *record, uint32_t index,
		       uint64_t *ret_at)
{
	const union frpc_smq_arg *args = conf_record_args(record);
	const struct frpc_smq_page *pages = conf_record_pages(record);
	uint64_t at;

	*ret_at = 0;
	if (!conf_true(conf, args && pages))
		return false;
	at = pages[index].addr + (args[index].buf.pv & 4095) - record->head.page_addr;
	if (!conf_true(conf, part(record, at, args[index].buf.len) != NULL))
		return false;
	*ret_at = at;
	return true;
}
