/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: CONTROL's requests beyond the first steps (dn_session.c), and commands. */
#include "dn.h"

#define CPU_INFO 1u /* method of the DSP utilities */

static void latency_tells_the_dsp_once(struct conf *conf)
{
	struct conf_client *client;
	const uint64_t *word;
	struct conf_record record;
	uint64_t mark;

	if (!conf_on(conf, "latency=50"))
		return;
	client = conf_process(conf);
	mark = conf_mark(conf);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_LATENCY, 1, 0), 0);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_LATENCY, 0, 0), 0);
	conf_equal(conf, dn_control(conf_process(conf), FRPC_DN_CONTROL_LATENCY, 1, 0), 0);
	conf_equal(conf, conf_count(conf, mark, DN_UTILITIES, CPU_INFO), 1);
	if (conf_find(conf, mark, DN_UTILITIES, CPU_INFO, &record) &&
	    (word = dn_in(conf, &record, 0)))
		conf_equal(conf, *word, 1); /* CDSP wakes early */
}

static void a_refused_cpu_info_is_no_error(struct conf *conf)
{
	if (!conf_on(conf, "latency=50"))
		return;
	conf_answer(conf, DN_UTILITIES, CPU_INFO, 14);
	conf_equal(conf, dn_control(conf_process(conf), FRPC_DN_CONTROL_LATENCY, 1, 0), 0);
}

static void no_latency_in_the_device_tree(struct conf *conf)
{
	struct conf_client *client;

	if (!conf_on(conf, "latency=0"))
		return;
	client = conf_process(conf);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_LATENCY, 1, 100), -EINVAL);
}

static void only_kalloc_is_answered(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_dn_control wakelock = {.req = FRPC_DN_CONTROL_WAKELOCK, .wp_enable = 1};
	struct frpc_dn_control kalloc = {.req = FRPC_DN_CONTROL_KALLOC};

	conf_equal(conf,
		   conf_ioctl(client, FRPC_DN_IOCTL_CONTROL,
			      conf_read_only_copy(conf, &wakelock, sizeof(wakelock))),
		   0);
	conf_equal(conf,
		   conf_ioctl(client, FRPC_DN_IOCTL_CONTROL,
			      conf_read_only_copy(conf, &kalloc, sizeof(kalloc))),
		   -EFAULT);
}

static void the_wakelock_can_be_given_back(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_WAKELOCK, 1, 0), 0);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_WAKELOCK, 0, 0), 0);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_PM, 10, 0), -EACCES);
}

static void staying_awake_needs_a_dsp(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_WAKELOCK, 1, 0), 0);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_PM, 10, 0), -ECHRNG);
}

static void any_time_awake_is_taken(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_WAKELOCK, 1, 0), 0);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_PM, UINT32_MAX, 0), 0);
}

static void poll_mode_is_for_cdsp(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_choose(client, DN_ADSP), 0);
	conf_equal(conf, dn_create(client, 0, 0), 0);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_RPC_POLL, 1, 100), -EPERM);
}

static void poll_mode_needs_a_process(struct conf *conf)
{
	conf_equal(conf, dn_control(dn_chosen(conf), FRPC_DN_CONTROL_RPC_POLL, 1, 100), -EPERM);
}

static void cleaning_always_succeeds(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_answer(conf, DN_GROUP, DN_RELEASE, 39);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_DSPPROCESS_CLEAN, 0, 0), 0);
	conf_equal(conf, dn_control(conf_open(conf, ""), FRPC_DN_CONTROL_DSPPROCESS_CLEAN, 0, 0),
		   0);
}

/* ---- capabilities and commands ---- */

static void a_query_needs_a_dsp(struct conf *conf)
{
	uint32_t value;

	if (conf_on(conf, "arch=68"))
		conf_equal(conf, dn_info(conf_open(conf, ""), DN_SDSP, 6, &value), -EBADR);
}

static void what_is_cached_needs_no_dsp(struct conf *conf)
{
	uint32_t value, again;

	conf_equal(conf, dn_info(conf_process(conf), DN_CDSP, 6, &value), 0);
	conf_equal(conf, dn_info(conf_open(conf, ""), DN_CDSP, 6, &again), 0);
	conf_equal(conf, again, value);
}

static void the_files_dsp_answers_for_another(struct conf *conf)
{
	struct conf_client *client;
	uint32_t mine, other;

	if (!conf_on(conf, "arch=68"))
		return;
	client = conf_process(conf);
	conf_equal(conf, dn_info(client, DN_CDSP, 1, &mine), 0);
	conf_equal(conf, mine, 1); /* CDSP knows unsigned processes, SDSP does not */
	conf_equal(conf, dn_info(client, DN_SDSP, 1, &other), 0);
	conf_equal(conf, other, 1);
}

static void a_refused_query_is_asked_again(struct conf *conf)
{
	struct conf_client *client;
	uint32_t value;
	uint64_t mark;

	if (!conf_on(conf, "arch=68"))
		return;
	client = conf_process(conf);
	mark = conf_mark(conf);
	conf_answer(conf, DN_UTILITIES, 0, 14);
	conf_equal(conf, dn_info(client, DN_CDSP, 6, &value), 14);
	conf_equal(conf, dn_info(client, DN_CDSP, 6, &value), 0);
	conf_equal(conf, conf_count(conf, mark, DN_UTILITIES, 0), 2);
}

static void capability_message(struct conf *conf)
{
	struct conf_client *client;
	const uint32_t *count;
	struct conf_record record;
	uint32_t value;
	uint64_t mark;

	if (!conf_on(conf, "arch=68"))
		return;
	client = conf_process(conf);
	mark = conf_mark(conf);
	conf_equal(conf, dn_info(client, DN_CDSP, 6, &value), 0);
	conf_equal(conf, value, 0x68);
	if (!conf_find(conf, mark, DN_UTILITIES, 0, &record) || !(count = dn_in(conf, &record, 0)))
		return;
	conf_equal(conf, record.head.sc, 0x00010100);
	conf_equal(conf, *count, 255);
	conf_equal(conf, conf_record_args(&record)[1].buf.len, 255 * 4);
}

static void an_answer_that_cannot_be_written(struct conf *conf)
{
	const struct frpc_dn_capability request = {.domain = DN_CDSP, .attribute_id = 256};

	conf_equal(conf,
		   conf_ioctl(conf_process(conf), FRPC_DN_IOCTL_GET_DSP_INFO,
			      conf_read_only_copy(conf, &request, sizeof(request))),
		   -EFAULT);
}

static void numbers_are_commands_with_their_size(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	unsigned char room[64] = {0};

	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN_IOCTL_GETINFO ^ (4u << 16), room), -ENOTTY);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN_IOCTL_CONTROL ^ (1u << 16), room), -ENOTTY);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN_IOCTL_CONTROL & ~(1u << 30), room),
		   -ENOTTY);
}

static void numbers_9_and_16_are_no_commands(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	unsigned char room[64] = {0};

	for (uint32_t size = 4; size <= 64; size += 4) {
		conf_equal(conf, conf_raw_ioctl(client, 0xc0005200u | size << 16 | 9, room),
			   -ENOTTY);
		conf_equal(conf, conf_raw_ioctl(client, 0xc0005200u | size << 16 | 16, room),
			   -ENOTTY);
	}
}

static const struct conf_row rows[] = {
	DN_ROW("dn.control.latency", "LATENCY tells the DSP once that CPUs wake early",
	       "abi A2.6, A5.4", CONF_MACHINE, latency_tells_the_dsp_once),
	DN_ROW("dn.control.cpu-info", "what the DSP says to that does not matter", "abi A2.6",
	       CONF_MACHINE, a_refused_cpu_info_is_no_error),
	DN_ROW("dn.control.no-latency", "LATENCY without one in the device tree is EINVAL",
	       "abi A2.6", CONF_MACHINE, no_latency_in_the_device_tree),
	DN_ROW("dn.control.answer", "only KALLOC is copied back: then EFAULT", "abi A2.6", 0,
	       only_kalloc_is_answered),
	DN_ROW("dn.control.wakelock", "with the wakelock given back PM is EACCES", "abi A2.6", 0,
	       the_wakelock_can_be_given_back),
	DN_ROW("dn.control.pm-channel", "PM without a DSP is ECHRNG", "abi A2.6", 0,
	       staying_awake_needs_a_dsp),
	DN_ROW("dn.control.pm-clamp", "no time for PM is too long", "abi A2.6", 0,
	       any_time_awake_is_taken),
	DN_ROW("dn.control.poll-adsp", "poll mode of another DSP's process is EPERM", "abi A2.6", 0,
	       poll_mode_is_for_cdsp),
	DN_ROW("dn.control.poll-order", "poll mode before CREATE is EPERM", "abi A2.6", 0,
	       poll_mode_needs_a_process),
	DN_ROW("dn.control.clean-status", "a process clean returns 0 whatever the DSP says",
	       "abi A2.6", 0, cleaning_always_succeeds),
	DN_ROW("dn.info.order", "a query without a DSP is EBADR", "abi A2.7", CONF_MACHINE,
	       a_query_needs_a_dsp),
	DN_ROW("dn.info.cached", "what is cached needs no DSP", "abi A2.7", 0,
	       what_is_cached_needs_no_dsp),
	DN_ROW("dn.info.other", "the file's DSP answers for whatever domain is named", "abi A2.7",
	       CONF_MACHINE, the_files_dsp_answers_for_another),
	DN_ROW("dn.info.status", "a refused query returns the DSP's result, and is asked again",
	       "abi A2.7", CONF_MACHINE, a_refused_query_is_asked_again),
	DN_ROW("dn.info.message", "the query is for 255 words; word i is capability i + 1",
	       "abi A5.4", CONF_MACHINE, capability_message),
	DN_ROW("dn.info.fault-out", "a capability that cannot be written is EFAULT", "abi A2.0", 0,
	       an_answer_that_cannot_be_written),
	DN_ROW("dn.ioctl.size", "a command with another size or direction is ENOTTY", "abi A2", 0,
	       numbers_are_commands_with_their_size),
	DN_ROW("dn.ioctl.holes", "numbers 9 and 16 are ENOTTY in every size", "abi A2", 0,
	       numbers_9_and_16_are_no_commands),
};

DN_ROWS(conf_dn_control, rows);
