/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: status notifications. */
#include "dn.h"

#define EXIT	  1u
#define EXCEPTION 3u
#define RESTART	  4u

static void a_notification_names_channel_and_status(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_dn_notif_rsp rsp = {0};

	dn_notify(conf, conf_client_id(client), EXCEPTION);
	conf_equal(conf, dn_notif(client, &rsp), 0);
	conf_equal(conf, rsp.domain, DN_CDSP);
	conf_equal(conf, rsp.session, 0);
	conf_equal(conf, rsp.status, EXCEPTION);
}

static void the_first_is_read_first(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client);
	struct frpc_dn_notif_rsp rsp = {0};

	for (uint32_t status = 0; status < 100; status++)
		dn_notify(conf, id, status);
	for (uint32_t status = 0; status < 100; status++)
		if (!conf_equal(conf, dn_notif(client, &rsp), 0) ||
		    !conf_equal(conf, rsp.status, status))
			return;
}

struct reader {
	struct frpc_dn_notif_rsp rsp;
	struct frpc_dn_invoke2 request;
	struct conf_job job;
};

static void start_reader(struct reader *reader, struct conf_client *client)
{
	reader->rsp = (struct frpc_dn_notif_rsp){0};
	reader->request = (struct frpc_dn_invoke2){.req = FRPC_DN_INVOKE2_STATUS_NOTIF,
						   .invparam = (uintptr_t)&reader->rsp,
						   .size = sizeof(reader->rsp)};
	conf_start(&reader->job, client, FRPC_DN_IOCTL_INVOKE2, &reader->request);
}

static void a_reader_waits(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client);
	struct reader reader;

	start_reader(&reader, client);
	dn_notify(conf, id, EXIT);
	conf_equal(conf, conf_join(&reader.job), 0);
	conf_equal(conf, reader.rsp.status, EXIT);
}

static void another_clients_are_not_read(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *other = conf_process(conf);
	struct frpc_dn_notif_rsp rsp = {0};

	dn_notify(conf, conf_client_id(other), EXIT);
	dn_notify(conf, 250, EXIT); /* nobody's */
	dn_notify(conf, conf_client_id(client), EXCEPTION);
	conf_equal(conf, dn_notif(client, &rsp), 0);
	conf_equal(conf, rsp.status, EXCEPTION);
	conf_equal(conf, dn_notif(other, &rsp), 0);
	conf_equal(conf, rsp.status, EXIT);
}

static void malformed_ones_are_dropped(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_smq_notif notif = {.ctx = FRPC_SMQ_NOTIF_CTX,
				       .type = FRPC_SMQ_NOTIF_TYPE,
				       .pid = conf_client_id(client),
				       .status = EXIT};
	struct frpc_dn_notif_rsp rsp = {0};

	conf_send(conf, &notif, 16);
	conf_send(conf, &notif, 23);
	notif.type = FRPC_SMQ_NOTIF_TYPE + 1;
	conf_send(conf, &notif, sizeof(notif));
	dn_notify(conf, notif.pid, EXCEPTION);
	conf_equal(conf, dn_notif(client, &rsp), 0);
	conf_equal(conf, rsp.status, EXCEPTION);
}

static void a_size_over_12(struct conf *conf)
{
	struct frpc_dn_notif_rsp rsp;

	conf_equal(conf,
		   dn_invoke2(conf_process(conf), FRPC_DN_INVOKE2_STATUS_NOTIF, &rsp,
			      sizeof(rsp) + 1),
		   conf_narrow(conf) ? -EPERM : -EBADE);
}

/* A size below 12: 64-bit clients are answered all 12 bytes. */
static long read_smaller(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_dn_notif_rsp rsp;

	dn_notify(conf, conf_client_id(client), EXIT);
	return dn_invoke2(client, FRPC_DN_INVOKE2_STATUS_NOTIF, &rsp, 0);
}

static void a_smaller_size(struct conf *conf)
{
	conf_equal(conf, read_smaller(conf), 0);
}

static void a_narrow_clients_size_is_12(struct conf *conf)
{
	conf_equal(conf, read_smaller(conf), -EPERM);
}

static void a_notification_that_cannot_be_written(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	dn_notify(conf, conf_client_id(client), EXIT);
	conf_equal(conf, dn_notif(client, conf_read_only_page(conf)), 12);
}

static void waking_ends_all_reading(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client);
	struct frpc_dn_notif_rsp rsp;
	struct reader reader;

	start_reader(&reader, client);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_NOTIF_WAKE, 0, 0), 0);
	conf_equal(conf, conf_join(&reader.job), -EFAULT);
	dn_notify(conf, id, EXIT);
	conf_equal(conf, dn_notif(client, &rsp), -EFAULT);
}

static void a_handler_ends_the_reading(struct conf *conf)
{
	struct reader reader;

	start_reader(&reader, conf_process(conf));
	conf_interrupt(&reader.job);
	conf_equal(conf, conf_join(&reader.job), -EINTR);
}

static void reading_on_a_cleaned_file(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_dn_notif_rsp rsp;

	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_DSPPROCESS_CLEAN, 0, 0), 0);
	conf_equal(conf, dn_notif(client, &rsp), conf_narrow(conf) ? -EBADF : -ESHUTDOWN);
}

static void it_is_not_a_command_of_its_own(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct frpc_dn_notif_rsp rsp;

	dn_notify(conf, conf_client_id(client), EXIT);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_NOTIF_RSP, &rsp), -ENOTTY);
}

static void other_dsps_have_notifications_too(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct reader reader;

	conf_equal(conf, conf_choose(client, DN_ADSP), 0);
	start_reader(&reader, client);
	conf_interrupt(&reader.job); /* it waited: no gate refused it */
	conf_equal(conf, conf_join(&reader.job), -EINTR);
}

static void a_restart_is_told_to_every_file(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *chosen = dn_chosen(conf);
	struct frpc_dn_notif_rsp rsp = {0};

	if (!conf_restart(conf))
		return;
	conf_equal(conf, dn_notif(client, &rsp), 0);
	conf_equal(conf, rsp.status, RESTART);
	conf_equal(conf, dn_notif(chosen, &rsp), 0);
	conf_equal(conf, rsp.status, RESTART);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.notif.record", "a notification is channel, session and status", "abi A11.1", 0,
	       a_notification_names_channel_and_status),
	DN_ROW("dn.notif.order", "notifications are read in the order in which they came",
	       "abi A11.1", 0, the_first_is_read_first),
	DN_ROW("dn.notif.wait", "a reader waits for a notification", "abi A2.9", 0, a_reader_waits),
	DN_ROW("dn.notif.client", "a notification is its client's alone", "abi A11.1", 0,
	       another_clients_are_not_read),
	DN_ROW("dn.notif.malformed", "under 24 bytes or of another type it is dropped", "abi A5.2",
	       0, malformed_ones_are_dropped),
	DN_ROW("dn.notif.size", "more than 12 bytes are EBADE, EPERM for 32 bits", "abi A2.9, A12",
	       0, a_size_over_12),
	DN_ROW("dn.notif.smaller", "fewer than 12 bytes are taken", "abi A2.9", CONF_WIDE,
	       a_smaller_size),
	DN_ROW("dn.notif.narrow", "a 32-bit client's other size than 12 is EPERM", "abi A12",
	       CONF_NARROW, a_narrow_clients_size_is_12),
	DN_ROW("dn.notif.fault", "a notification that cannot be written returns 12", "abi A2.9", 0,
	       a_notification_that_cannot_be_written),
	DN_ROW("dn.notif.wake", "NOTIF_WAKE ends this reading and all later with EFAULT",
	       "abi A2.6", 0, waking_ends_all_reading),
	DN_ROW("dn.notif.eintr", "a handler ends waiting for a notification with EINTR", "abi A2.9",
	       0, a_handler_ends_the_reading),
	DN_ROW("dn.notif.cleaned", "reading on a cleaned file: ESHUTDOWN, EBADF for 32 bits",
	       "abi A2.0, A2.9", 0, reading_on_a_cleaned_file),
	DN_ROW("dn.notif.command", "NOTIF_RSP is ENOTTY", "abi A14", 0,
	       it_is_not_a_command_of_its_own),
	DN_ROW("dn.notif.channel", "notifications have no gate but a file", "abi A14", 0,
	       other_dsps_have_notifications_too),
	DN_ROW("dn.notif.restart", "a restart tells every file of the channel 4", "abi A4.6",
	       CONF_RESTART, a_restart_is_told_to_every_file),
};

DN_ROWS(conf_dn_notif, rows);
