/* SPDX-License-Identifier: BSD-3-Clause */
/* Nodes, opening and closing, and commands that the driver does not know. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "conf.h"

#define MOST_SESSIONS 16u /* more than a channel has */

static void both_nodes_of_a_compute_dsp_open(struct conf *conf)
{
	struct conf_client *secure = conf_open(conf, "cdsp-secure");
	struct conf_client *plain = conf_open(conf, "cdsp");

	conf_true(conf, secure->file >= 0);
	conf_true(conf, plain->file >= 0);
	conf_equal(conf, conf_close(secure), 0);
	conf_equal(conf, conf_close(plain), 0);
}

static void a_node_of_no_dsp_is_not_there(struct conf *conf)
{
	conf_equal(conf, conf_open(conf, "nodsp")->file, -ENOENT);
}

static void gdsps_have_both_nodes(struct conf *conf)
{
	conf_true(conf, conf_open(conf, "gdsp0")->file >= 0);
	conf_true(conf, conf_open(conf, "gdsp0-secure")->file >= 0);
	conf_true(conf, conf_open(conf, "gdsp1-secure")->file >= 0);
}

static void gdsps_are_not_known(struct conf *conf)
{
	conf_equal(conf, conf_open(conf, "gdsp0")->file, -ENOENT);
	conf_equal(conf, conf_open(conf, "gdsp0-secure")->file, -ENOENT);
}

static void cdsp1_is_not_known(struct conf *conf)
{
	conf_equal(conf, conf_open(conf, "cdsp1")->file, -ENOENT);
	conf_equal(conf, conf_open(conf, "cdsp1-secure")->file, -ENOENT);
}

static void a_session_is_taken_at_open(struct conf *conf)
{
	uint32_t opened = 0;
	int last = 0;

	while (opened < MOST_SESSIONS && last >= 0) {
		last = conf_open(conf, "cdsp-secure")->file;
		opened += last >= 0;
	}
	conf_equal(conf, last, -EBUSY);
	conf_true(conf, opened > 0 && opened <= 14);
}

static void a_closed_session_can_be_taken_again(struct conf *conf)
{
	struct conf_client *last = NULL, *client;
	uint32_t opened = 0;

	do {
		client = conf_open(conf, "cdsp-secure");
		if (client->file >= 0)
			last = client;
	} while (client->file >= 0 && ++opened < MOST_SESSIONS);
	if (!conf_true(conf, last))
		return;
	conf_equal(conf, conf_close(last), 0);
	conf_true(conf, conf_open(conf, "cdsp")->file >= 0);
}

static void close_sends_release_even_without_a_process(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint32_t bank = conf_bank(client), id = conf_client_id(client);
	uint64_t mark = conf_mark(conf), at;
	struct conf_record record;

	conf_equal(conf, conf_close(client), 0);
	if (!conf_find(conf, mark, FRPC_HANDLE_PROCESS_GROUP, 1, &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_RELEASE);
	conf_equal(conf, record.head.pid, 0);
	conf_equal(conf, record.head.page_addr >> 32, bank);
	if (conf_record_place(conf, &record, 0, &at))
		conf_equal(conf, *(const uint32_t *)(record.payload + at), id);
}

static void release_comes_once_for_a_file(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);

	conf_close(client);
	conf_equal(conf, conf_count(conf, mark, FRPC_HANDLE_PROCESS_GROUP, 1), 1);
}

static void close_succeeds_whatever_the_dsp_says(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_answer(conf, FRPC_HANDLE_PROCESS_GROUP, 1, (int32_t)0x8000040d);
	conf_equal(conf, conf_close(client), 0);
}

static void close_waits_ten_seconds_for_a_silent_dsp(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_job job;

	conf_hold(conf, FRPC_HANDLE_PROCESS_GROUP, 1, 1);
	conf_start(&job, client, 0, NULL);
	conf_equal(conf, conf_join_timed_out(&job), 0);
}

static void the_other_files_of_a_process_live_on(struct conf *conf)
{
	struct conf_client *first = conf_process(conf), *second = conf_process(conf);
	int32_t status = 0;
	const struct conf_arg arg = conf_plain(&status, sizeof(status));

	conf_equal(conf, conf_close(first), 0);
	conf_equal(conf, conf_call(second, EMU_TESTMOD_STATUS, 1, 0, &arg), 0);
}

static void unknown(struct conf *conf, uint32_t cmd)
{
	unsigned char room[64] = {0};

	conf_equal(conf, conf_ioctl(conf_open(conf, ""), cmd, room), -ENOTTY);
}

static void free_dma_buff_is_in_no_driver(struct conf *conf)
{
	unknown(conf, FRPC_ML_IOCTL_FREE_DMA_BUFF);
}

static void an_unknown_number_is_refused(struct conf *conf)
{
	unknown(conf, _IOWR('R', 99, uint64_t));
}

static void another_magic_is_refused(struct conf *conf)
{
	unknown(conf, _IOWR('Q', 3, struct frpc_ml_invoke));
}

static void a_known_number_with_another_size_is_refused(struct conf *conf)
{
	unknown(conf, _IOWR('R', 3, uint64_t));
	unknown(conf, _IOWR('R', 13, uint64_t));
}

static void a_known_number_with_another_direction_is_refused(struct conf *conf)
{
	unknown(conf, _IOW('R', 3, struct frpc_ml_invoke));
}

static void downstream_numbers_are_refused(struct conf *conf)
{
	unknown(conf, _IOWR('R', 8, uint32_t));
	unknown(conf, _IOWR('R', 18, uint64_t[2]));
}

static void set_option_is_not_there_before_7_3(struct conf *conf)
{
	unknown(conf, FRPC_ML_IOCTL_SET_OPTION);
}

static const struct conf_row rows[] = {
	{"ml.open.both-nodes", "a DSP with unsigned PDs has a secure and a plain node", "abi B1", 0,
	 CONF_ALL, both_nodes_of_a_compute_dsp_open},
	{"ml.open.no-node", "a DSP that is not there has no node", "abi B1", 0, CONF_ALL,
	 a_node_of_no_dsp_is_not_there},
	{"ml.open.gdsp", "labels that begin with gdsp are known, with both nodes", "abi B1", 0,
	 CONF_73, gdsps_have_both_nodes},
	{"ml.open.no-gdsp", "gdsp is no label yet", "abi B1", 0, CONF_UNTIL_612,
	 gdsps_are_not_known},
	{"ml.open.no-cdsp1", "cdsp1 is no label yet", "abi B1", 0, CONF_61, cdsp1_is_not_known},
	{"ml.open.busy", "a session is taken at open; without a free one EBUSY", "abi B1, rig 12",
	 0, CONF_ALL, a_session_is_taken_at_open},
	{"ml.open.again", "close gives the session back", "abi B1", 0, CONF_ALL,
	 a_closed_session_can_be_taken_again},
	{"ml.close.release",
	 "close of a file without process sends release, header pid 0, with "
	 "the client's id",
	 "abi B3, rig 13", CONF_TESTMOD, CONF_ALL, close_sends_release_even_without_a_process},
	{"ml.close.once", "close sends release once", "abi B3", CONF_TESTMOD, CONF_ALL,
	 release_comes_once_for_a_file},
	{"ml.close.status", "close succeeds when the DSP refuses the release", "abi B3",
	 CONF_TESTMOD, CONF_ALL, close_succeeds_whatever_the_dsp_says},
	{"ml.close.silent", "close returns 0 when a silent DSP's 10 s have passed",
	 "abi B3, rig 13", CONF_TESTMOD | CONF_SLOW, CONF_ALL,
	 close_waits_ten_seconds_for_a_silent_dsp},
	{"ml.close.others", "closing one file leaves the same process's other files alive",
	 "rig 13", CONF_TESTMOD, CONF_ALL, the_other_files_of_a_process_live_on},
	{"ml.ioctl.free-dma-buff", "FREE_DMA_BUFF is ENOTTY", "abi B2, rig 16", 0, CONF_ALL,
	 free_dma_buff_is_in_no_driver},
	{"ml.ioctl.unknown", "an unknown number is ENOTTY", "abi B2", 0, CONF_ALL,
	 an_unknown_number_is_refused},
	{"ml.ioctl.magic", "another magic is ENOTTY", "abi B2", 0, CONF_ALL,
	 another_magic_is_refused},
	{"ml.ioctl.size", "a command with another size is ENOTTY", "abi B2", 0, CONF_ALL,
	 a_known_number_with_another_size_is_refused},
	{"ml.ioctl.direction", "a command with another direction is ENOTTY", "abi B2", 0, CONF_ALL,
	 a_known_number_with_another_direction_is_refused},
	{"ml.ioctl.downstream", "commands of the downstream driver alone are ENOTTY", "abi E", 0,
	 CONF_ALL, downstream_numbers_are_refused},
	{"ml.ioctl.no-option", "SET_OPTION is ENOTTY", "abi B2, B7", 0, CONF_UNTIL_612,
	 set_option_is_not_there_before_7_3},
};

const struct conf_group conf_ml_open = {rows, sizeof(rows) / sizeof(*rows)};
