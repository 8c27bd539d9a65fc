/* SPDX-License-Identifier: BSD-3-Clause */
/* What rows of both drivers do alike. */
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"

bool conf_packed(struct conf *conf, uint32_t ins, uint32_t outs, const struct conf_arg *args,
		 struct conf_record *record)
{
	struct conf_client *observer = conf_observer(conf);
	uint64_t mark = conf_mark(conf);

	return observer &&
	       conf_equal(conf, conf_call(observer, EMU_TESTMOD_ECHO, ins, outs, args), 0) &&
	       conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, record) &&
	       conf_true(conf, conf_record_args(record) && conf_record_list(record) &&
				       conf_record_pages(record));
}

void conf_lies_at(struct conf *conf, const struct conf_record *record, uint32_t index,
		  uint64_t wanted)
{
	uint64_t at;

	if (conf_record_place(conf, record, index, &at))
		conf_equal(conf, at, wanted);
}

void conf_three_small_buffers(struct conf *conf, unsigned char *room, uint64_t first)
{
	struct conf_record record;

	if (!room || !conf_packed(conf, 2, 1,
				  (struct conf_arg[]){conf_plain(room + 0x1000, 100),
						      conf_plain(room + 0x2000, 200),
						      conf_plain(room + 0x3000, 64)},
				  &record))
		return;
	conf_equal(conf, record.head.page_size, 0x1000);
	conf_lies_at(conf, &record, 0, first);
	conf_lies_at(conf, &record, 1, first + 0x80);
	conf_lies_at(conf, &record, 2, first + 0x180);
}

void conf_outputs_with_an_error(struct conf *conf)
{
	struct {
		uint32_t byte;
		int32_t result;
	} in = {0x5a, 14};
	unsigned char out[300] = {0}, wanted[300];

	memset(wanted, 0x5a, sizeof(wanted));
	conf_equal(conf,
		   conf_call(conf_observer(conf), EMU_TESTMOD_FILL, 1, 1,
			     (struct conf_arg[]){conf_plain(&in, sizeof(in)),
						 conf_plain(out, sizeof(out))}),
		   14);
	conf_bytes(conf, out, wanted, sizeof(out));
}

struct conf_held *conf_hold_call(struct conf *conf, struct conf_client *client, uint32_t method,
				 uint32_t ins, uint32_t outs, const struct conf_arg *args)
{
	struct conf_held *held = calloc(1, sizeof(*held));
	uint64_t mark = conf_mark(conf);

	if (!conf_true(conf, held))
		return NULL;
	held->client = client;
	conf_hold(conf, EMU_TESTMOD_HANDLE, method, 1);
	conf_start_invoke(&held->job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(method, ins, outs),
			  args);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, method, &held->record);
	return held;
}

struct conf_held *conf_hold_status(struct conf *conf)
{
	return conf_hold_call(conf, conf_process(conf), EMU_TESTMOD_STATUS, 0, 0, NULL);
}

bool conf_is_pending(const struct conf_held *held)
{
	return !atomic_load(&held->job.done);
}

long conf_end_held(struct conf_held *held, int32_t status)
{
	long res;

	conf_let_go(held->client->conf, status);
	res = conf_join(&held->job);
	free(held);
	return res;
}

long conf_end_answered(struct conf_held *held)
{
	for (int i = 0; i < 5000 && conf_is_pending(held); i++)
		usleep(1000);
	return conf_end_held(held, -1000);
}

void conf_hold_many(struct conf_client *client, struct conf_job *jobs, uint32_t count)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct conf *conf = client->conf;
	uint64_t mark = conf_mark(conf);

	conf_hold(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, count);
	for (uint32_t i = 0; i < count; i++)
		conf_start_invoke(&jobs[i], client, EMU_TESTMOD_HANDLE,
				  FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 0, 0), NULL);
	for (int i = 0; i < 20000; i++) {
		if (conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS) >= count)
			return;
		nanosleep(&pause, NULL);
	}
	conf_true(conf, false);
}

void conf_end_many(struct conf *conf, struct conf_job *jobs, uint32_t count)
{
	conf_let_go(conf, 5);
	for (uint32_t i = 0; i < count; i++)
		conf_equal(conf, conf_join(&jobs[i]), 5);
}
