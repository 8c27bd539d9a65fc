/* SPDX-License-Identifier: BSD-3-Clause */
/* INVOKE: how arguments are packed, what comes back, and what is refused. */
#include <stdlib.h>
#include <unistd.h>

#include "conf.h"

static void in_comes_back_as_out(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	unsigned char in[1000], out[1000] = {0};

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 31);
	conf_equal(conf,
		   conf_call(client, EMU_TESTMOD_ECHO, 1, 1,
			     (struct conf_arg[]){conf_plain(in, sizeof(in)),
						 conf_plain(out, sizeof(out))}),
		   0);
	conf_bytes(conf, out, in, sizeof(in));
}

static void status_is(struct conf *conf, int32_t status, long result)
{
	const struct conf_arg arg = conf_plain(&status, sizeof(status));

	conf_equal(conf, conf_call(conf_observer(conf), EMU_TESTMOD_STATUS, 1, 0, &arg), result);
}

static void a_positive_status_is_the_result(struct conf *conf)
{
	status_is(conf, 39, 39);
}

static void a_dsp_error_is_the_result(struct conf *conf)
{
	status_is(conf, (int32_t)0x80000414, (int32_t)0x80000414);
}

static void a_small_negative_status_looks_like_an_errno(struct conf *conf)
{
	status_is(conf, -1, -EPERM);
	status_is(conf, -4, -EINTR);
}

static void handle_1_is_the_drivers(struct conf *conf)
{
	conf_equal(conf,
		   conf_invoke(conf_observer(conf), FRPC_HANDLE_PROCESS_GROUP,
			       FRPC_SC_MAKE(0, 0, 0), NULL),
		   -EPERM);
}

static void handle_2_is_passed_through(struct conf *conf)
{
	uint32_t count = 255, values[255] = {0};
	uint64_t mark = conf_mark(conf);

	conf_equal(conf,
		   conf_invoke(conf_observer(conf), FRPC_HANDLE_DSP_UTILITIES, FRPC_SC_CAPABILITIES,
			       (struct conf_arg[]){conf_plain(&count, 4),
						   conf_plain(values, sizeof(values))}),
		   0);
	conf_equal(conf, conf_count(conf, mark, FRPC_HANDLE_DSP_UTILITIES, 0), 1);
}

static void a_call_without_arguments_has_metadata(struct conf *conf)
{
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	conf_equal(conf, conf_call(conf_observer(conf), EMU_TESTMOD_ECHO, 0, 0, NULL), 0);
	if (!conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record))
		return;
	conf_true(conf, record.head.page_addr & UINT32_MAX);
	conf_equal(conf, record.head.page_size, 4096);
	conf_equal(conf, record.head.page_addr % 4096, 0);
}

static void the_message_names_its_caller(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf);
	struct conf_record record;
	struct conf_job job;

	conf_start_invoke(&job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 0),
			  NULL);
	conf_equal(conf, conf_join(&job), 0);
	if (!conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record))
		return;
	conf_equal(conf, record.head.pid, id);
	conf_equal(conf, record.head.tid, job.tid);
	conf_equal(conf, record.head.ctx & FRPC_SMQ_PD_MASK, FRPC_SMQ_PD_USER);
}

static void an_unreadable_request(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INVOKE, NULL), -EFAULT);
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INVOKE, conf_no_page(conf)), -EFAULT);
}

static void an_unreadable_argument_array(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct frpc_ml_invoke invoke = {EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(0, 1, 0),
					(uintptr_t)conf_no_page(conf)};

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INVOKE, &invoke), -EFAULT);
}

static void an_unreadable_input(struct conf *conf)
{
	struct conf_client *observer = conf_observer(conf);
	const struct conf_arg arg = conf_plain(conf_no_page(conf), 64);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_call(observer, EMU_TESTMOD_ECHO, 1, 0, &arg), -EFAULT);
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO), 0);
}

static void an_unwritable_output_fails_after_the_call(struct conf *conf)
{
	struct conf_client *observer = conf_observer(conf);
	const struct conf_arg arg = conf_plain(conf_read_only_page(conf), 64);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_call(observer, EMU_TESTMOD_ECHO, 0, 1, &arg), -EFAULT);
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO), 1);
}

static const struct conf_row rows[] = {
	{"ml.invoke.echo", "in buffers reach the DSP and out buffers come back", "abi B3",
	 CONF_TESTMOD, CONF_ALL, in_comes_back_as_out},
	{"ml.invoke.status-positive", "a positive DSP result is the ioctl's result", "rig 8",
	 CONF_TESTMOD, CONF_ALL, a_positive_status_is_the_result},
	{"ml.invoke.status-dsp", "0x80000414 is the ioctl's result, negative but no errno", "rig 8",
	 CONF_TESTMOD, CONF_ALL, a_dsp_error_is_the_result},
	{"ml.invoke.status-errno", "a DSP result of -1..-4095 looks like an errno", "rig 8",
	 CONF_TESTMOD, CONF_ALL, a_small_negative_status_looks_like_an_errno},
	{"ml.invoke.out-with-error", "out buffers are copied back when the result is an error",
	 "rig 9", CONF_TESTMOD, CONF_ALL, conf_outputs_with_an_error},
	{"ml.invoke.handle-1", "handle 1 is EPERM", "abi B3, rig 10", CONF_TESTMOD, CONF_ALL,
	 handle_1_is_the_drivers},
	{"ml.invoke.handle-2", "handle 2 is passed to the DSP", "abi B3, rig 10", CONF_TESTMOD,
	 CONF_ALL, handle_2_is_passed_through},
	{"ml.invoke.no-args", "a call without arguments carries a page of metadata", "rig 4",
	 CONF_TESTMOD, CONF_ALL, a_call_without_arguments_has_metadata},
	{"ml.invoke.caller", "the message names client, thread and PD type", "abi B4, rig 5",
	 CONF_TESTMOD, CONF_ALL, the_message_names_its_caller},
	{"ml.invoke.fault", "an unreadable request is EFAULT", "abi B3", 0, CONF_ALL,
	 an_unreadable_request},
	{"ml.invoke.fault-args", "an unreadable argument array is EFAULT", "abi B3", 0, CONF_ALL,
	 an_unreadable_argument_array},
	{"ml.invoke.fault-in", "an unreadable in buffer is EFAULT before the DSP hears of it",
	 "abi B3, rig 16", CONF_TESTMOD, CONF_ALL, an_unreadable_input},
	{"ml.invoke.fault-out", "an unwritable out buffer is EFAULT after the DSP has run it",
	 "rig 16", CONF_TESTMOD, CONF_ALL, an_unwritable_output_fails_after_the_call},
};

const struct conf_group conf_ml_invoke = {rows, sizeof(rows) / sizeof(*rows)};
