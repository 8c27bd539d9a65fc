/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: DSPSIGNAL beyond the first steps (dn_session.c). */
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "dn.h"

#define FOREVER UINT32_MAX

static long create(struct conf_client *client, uint32_t id)
{
	struct frpc_dn_dspsignal_create request = {.signal_id = id, .flags = 0xffffffff};

	return conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, &request);
}

static long destroy(struct conf_client *client, uint32_t id)
{
	return conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_DESTROY, &id);
}

static long cancel(struct conf_client *client, uint32_t id)
{
	return conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT, &id);
}

static long send_signal(struct conf_client *client, uint32_t id)
{
	return conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL, &id);
}

static long wait_for(struct conf_client *client, uint32_t id, uint32_t us)
{
	struct frpc_dn_dspsignal_wait request = {.signal_id = id, .timeout_usec = us};

	return conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, &request);
}

struct waiter {
	struct frpc_dn_dspsignal_wait request;
	struct conf_job job;
};

static void start_waiter(struct waiter *waiter, struct conf_client *client, uint32_t id,
			 uint32_t us)
{
	waiter->request = (struct frpc_dn_dspsignal_wait){id, us};
	conf_start(&waiter->job, client, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, &waiter->request);
}

static struct conf_client *with_signal(struct conf *conf, uint32_t id)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, create(client, id), 0);
	return client;
}

static void ids_end_at_1023(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, create(client, 1023), 0);
	conf_equal(conf, wait_for(client, 1024, 0), -EINVAL);
	conf_equal(conf, destroy(client, 1024), -EINVAL);
	conf_equal(conf, cancel(client, 1024), -EINVAL);
}

static void without_a_dsp(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, create(client, 1), -EBADR);
	conf_equal(conf, destroy(client, 1), -EBADR);
	conf_equal(conf, send_signal(client, 1), -EBADR);
	conf_equal(conf, wait_for(client, 1, 0), -EBADR);
	conf_equal(conf, cancel(client, 1), -EBADR);
}

static void unreadable(struct conf *conf)
{
	static const uint32_t cmds[] = {FRPC_DN_IOCTL_DSPSIGNAL_CREATE,
					FRPC_DN_IOCTL_DSPSIGNAL_DESTROY,
					FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL,
					FRPC_DN_IOCTL_DSPSIGNAL_WAIT,
					FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT};
	struct conf_client *client = conf_process(conf);
	void *nowhere = conf_no_page(conf);

	for (size_t i = 0; i < sizeof(cmds) / sizeof(*cmds); i++)
		conf_equal(conf, conf_ioctl(client, cmds[i], nowhere), -EFAULT);
}

static void what_was_never_made(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 256);

	conf_equal(conf, wait_for(client, 257, 0), -ENOENT); /* in a group that is there */
	conf_equal(conf, wait_for(client, 1, 0), -ENOENT);
	conf_equal(conf, destroy(client, 1), -ENOENT);
}

static void groups_are_made_as_needed(struct conf *conf)
{
	static const uint32_t ids[] = {0, 255, 256, 511, 512, 767, 768, 1023};
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client);

	for (size_t i = 0; i < 8; i++)
		conf_equal(conf, create(client, ids[i]), 0);
	for (size_t i = 0; i < 8; i++) {
		dn_signal(conf, id, ids[i]);
		conf_equal(conf, wait_for(client, ids[i], 0), 0);
	}
}

static void a_destroyed_one_can_be_made_again(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 7);

	dn_signal(conf, conf_client_id(client), 7);
	conf_equal(conf, destroy(client, 7), 0);
	conf_equal(conf, create(client, 7), 0);
	conf_equal(conf, wait_for(client, 7, 0), -ETIMEDOUT); /* and knows nothing of before */
}

static void a_signal_ends_a_wait_for_ever(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 3);
	uint32_t id = conf_client_id(client);
	struct waiter waiter;

	start_waiter(&waiter, client, 3, FOREVER);
	dn_signal(conf, id, 3);
	conf_equal(conf, conf_join(&waiter.job), 0);
}

static void a_wait_ends_with_its_time(struct conf *conf)
{
	struct waiter waiter;

	start_waiter(&waiter, with_signal(conf, 3), 3, 10000000);
	conf_equal(conf, conf_join_timed_out(&waiter.job), -ETIMEDOUT);
}

static void cancelling_wakes_all(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 3);
	struct waiter first, second;

	start_waiter(&first, client, 3, FOREVER);
	start_waiter(&second, client, 3, FOREVER);
	conf_equal(conf, cancel(client, 3), 0);
	conf_equal(conf, conf_join(&first.job), -EINTR);
	conf_equal(conf, conf_join(&second.job), -EINTR);
}

static void a_cancelled_one_stays_so(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 3);

	conf_equal(conf, cancel(client, 3), 0);
	dn_signal(conf, conf_client_id(client), 3);
	conf_equal(conf, wait_for(client, 3, FOREVER), -EINTR);
	conf_equal(conf, create(client, 3), -EBUSY);
	conf_equal(conf, destroy(client, 3), 0);
	conf_equal(conf, create(client, 3), 0);
	conf_equal(conf, wait_for(client, 3, 0), -ETIMEDOUT);
}

static void destroying_wakes_all(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 3);
	struct waiter waiter;

	start_waiter(&waiter, client, 3, FOREVER);
	/* Again and again: a wait that begins after it does not begin. */
	conf_equal(conf, destroy(client, 3), 0);
	conf_join(&waiter.job);
	conf_true(conf, waiter.job.result == -EINTR || waiter.job.result == -ENOENT);
}

static void a_signal_is_remembered_once(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 3);
	uint32_t id = conf_client_id(client);

	dn_signal(conf, id, 3);
	dn_signal(conf, id, 3);
	conf_equal(conf, wait_for(client, 3, 0), 0);
	conf_equal(conf, wait_for(client, 3, 0), -ETIMEDOUT);
}

static void another_clients_signal(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 3), *other = with_signal(conf, 3);

	dn_signal(conf, conf_client_id(other), 3);
	conf_equal(conf, wait_for(client, 3, 0), -ETIMEDOUT);
	conf_equal(conf, wait_for(other, 3, 0), 0);
}

static void another_channels_signal(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	/* The lowest free client id: the one that a file on this DSP had just now. */
	struct conf_client *here = conf_process(conf);
	uint32_t id = conf_client_id(here);

	conf_equal(conf, conf_close(here), 0);
	conf_equal(conf, conf_choose(client, DN_ADSP), 0);
	conf_equal(conf, create(client, 3), 0);
	dn_signal(conf, id, 3);
	conf_equal(conf, wait_for(client, 3, 0), -ETIMEDOUT);
}

static void an_id_above_1023_is_dropped(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 0);

	dn_signal(conf, conf_client_id(client), 1024);
	dn_signal(conf, conf_client_id(client), UINT32_MAX);
	conf_equal(conf, wait_for(client, 0, 0), -ETIMEDOUT);
}

static void a_signal_to_the_dsp(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t id = conf_client_id(client);
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, send_signal(client, 1023), 0); /* which does not exist here */
	if (!conf_find(conf, mark, EMU_TESTMOD_SIGNALS, EMU_TESTMOD_ANY, &record))
		return;
	conf_equal(conf, record.head.pid, id);
	conf_equal(conf, record.head.ctx, 1023);
}

static void a_handler_ends_the_wait(struct conf *conf)
{
	struct waiter waiter;

	start_waiter(&waiter, with_signal(conf, 3), 3, FOREVER);
	conf_interrupt(&waiter.job);
	conf_equal(conf, conf_join(&waiter.job), -EINTR);
}

static _Atomic int handled;

static void count(int number)
{
	(void)number;
	atomic_fetch_add(&handled, 1);
}

static void advance(struct conf *conf, uint64_t seconds)
{
	if (conf_device(conf)->advance)
		conf_device(conf)->advance(seconds * UINT64_C(1000000000));
}

static void a_restarting_handler_begins_the_time_anew(struct conf *conf)
{
	const struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
	const struct timespec pause = {.tv_nsec = 1000000};
	struct conf_client *client = with_signal(conf, 3);
	uint32_t id = conf_client_id(client);
	struct sigaction old;
	struct waiter waiter;

	sigaction(SIGUSR1, &action, &old);
	start_waiter(&waiter, client, 3, 60000000);
	advance(conf, 50);
	for (int i = 1; i <= 20 && !atomic_load(&waiter.job.done); i++) {
		pthread_kill(waiter.job.thread, SIGUSR1);
		while (atomic_load(&handled) < i && !atomic_load(&waiter.job.done))
			nanosleep(&pause, NULL);
	}
	advance(conf, 50);
	dn_signal(conf, id, 3);
	conf_equal(conf, conf_join(&waiter.job), 0);
	sigaction(SIGUSR1, &old, NULL);
	atomic_store(&handled, 0);
}

static void after_a_restart_nothing_is_sent(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	if (conf_restart(conf))
		conf_equal(conf, send_signal(client, 1), -ECONNRESET);
}

static void closing_ends_with_signals(struct conf *conf)
{
	struct conf_client *client = with_signal(conf, 3), *next;

	conf_equal(conf, conf_close(client), 0);
	next = conf_process(conf);
	conf_equal(conf, wait_for(next, 3, 0), -ENOENT);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.dspsignal.ids", "ids end at 1023: WAIT, DESTROY, CANCEL are EINVAL", "abi A2.10",
	       0, ids_end_at_1023),
	DN_ROW("dn.dspsignal.order", "without a DSP all five commands are EBADR", "abi A2.10", 0,
	       without_a_dsp),
	DN_ROW("dn.dspsignal.fault", "unreadable, all five commands are EFAULT", "abi A2.0, A12", 0,
	       unreadable),
	DN_ROW("dn.dspsignal.unknown", "what was never made is ENOENT", "abi A2.10", 0,
	       what_was_never_made),
	DN_ROW("dn.dspsignal.groups", "signals exist in each group of 256", "abi A2.10", 0,
	       groups_are_made_as_needed),
	DN_ROW("dn.dspsignal.again", "a destroyed signal can be made again, new", "abi A2.10", 0,
	       a_destroyed_one_can_be_made_again),
	DN_ROW("dn.dspsignal.forever", "a signal ends a wait without time", "abi A2.10", 0,
	       a_signal_ends_a_wait_for_ever),
	DN_ROW("dn.dspsignal.timeout", "a wait of 10 s ends with ETIMEDOUT", "abi A2.10", CONF_SLOW,
	       a_wait_ends_with_its_time),
	DN_ROW("dn.dspsignal.cancel", "CANCEL_WAIT ends all waits with EINTR", "abi A2.10", 0,
	       cancelling_wakes_all),
	DN_ROW("dn.dspsignal.cancelled", "a cancelled signal stays so until it is destroyed",
	       "abi A2.10, A5.3", 0, a_cancelled_one_stays_so),
	DN_ROW("dn.dspsignal.destroy", "DESTROY ends waits with EINTR", "abi A2.10", 0,
	       destroying_wakes_all),
	DN_ROW("dn.dspsignal.once", "signals before a wait are one", "abi A2.10", 0,
	       a_signal_is_remembered_once),
	DN_ROW("dn.dspsignal.client", "a signal is matched on its client", "abi A5.3", 0,
	       another_clients_signal),
	DN_ROW("dn.dspsignal.channel", "a signal is matched on its channel", "abi A5.3", 0,
	       another_channels_signal),
	DN_ROW("dn.dspsignal.dropped", "a DSP's signal above 1023 is dropped", "abi A5.3", 0,
	       an_id_above_1023_is_dropped),
	DN_ROW("dn.dspsignal.send", "SIGNAL sends client and id, which need not exist here",
	       "abi A2.10, A5.3", 0, a_signal_to_the_dsp),
	DN_ROW("dn.dspsignal.eintr", "a handler ends a wait without time with EINTR", "abi A2.10",
	       0, a_handler_ends_the_wait),
	DN_ROW("dn.dspsignal.sa-restart", "a handler with SA_RESTART begins a timed wait anew",
	       "abi A2.10, A4.4", CONF_SIGNALS, a_restarting_handler_begins_the_time_anew),
	DN_ROW("dn.dspsignal.restart", "after a restart SIGNAL is ECONNRESET", "abi A2.10",
	       CONF_RESTART, after_a_restart_nothing_is_sent),
	DN_ROW("dn.dspsignal.file", "signals are their file's", "abi A2.10", 0,
	       closing_ends_with_signals),
};

DN_ROWS(conf_dn_signal, rows);
