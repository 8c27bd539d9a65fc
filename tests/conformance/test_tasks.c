/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many tasks at once, over each dialect: what is left when they are killed in a call and close in any
 * order, and what a restart of the DSP says to all who wait. The DSP's test module holds their calls.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

#include "emulator.h"
#include "remote.h"
#include "emulator/dsp/testmod/protocol.h"
#include "support/emulated.h"
#include "support/raw_client.h"

#define DOMAINS	     4u
#define CDSP	     3u
#define TASKS	     100u
#define ROUND	     50u /* at a time: a DSP has 14 context banks, one of them for the observer */
#define WAITERS	     64u
#define BUFFER_BYTES 8192u
#define SEED	     4711u

#define SC_STATUS FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 1, 0)

static struct frpc_emulator *machine;
static bool mainline;
static _Atomic long refused;		     /* what kept a task from its call */
static struct raw_client observers[DOMAINS]; /* a process on each DSP, which asks its test module */

static long machine_ioctl(void *context, int file, uint32_t cmd, uintptr_t arg)
{
	return frpc_emulator_ioctl(context, file, cmd, arg, false);
}

static int open_node(uint32_t domain)
{
	static const char *const names[DOMAINS] = {"adsp", "mdsp", "sdsp", "cdsp"};
	char path[40];
	int file;

	if (!mainline)
		return frpc_emulator_open(machine, "/dev/adsprpc-smd-secure", O_RDONLY);
	snprintf(path, sizeof(path), "/dev/fastrpc-%s-secure", names[domain]);
	file = frpc_emulator_open(machine, path, O_RDONLY);
	if (file != -ENOENT)
		return file;
	snprintf(path, sizeof(path), "/dev/fastrpc-%s", names[domain]);
	return frpc_emulator_open(machine, path, O_RDONLY);
}

/* With a process on @domain. 0, or what refused it. */
static long begin(struct raw_client *client, uint32_t domain)
{
	long res = 0;

	*client = (struct raw_client){machine_ioctl, machine, mainline, open_node(domain)};
	if (client->file < 0)
		return client->file;
	if (!mainline)
		res = raw_ioctl(client, FRPC_DN_IOCTL_GETINFO, &domain);
	return res < 0 ? res : raw_create(client);
}

static long ask(uint32_t domain, uint32_t method, const void *in, uint64_t len)
{
	const struct raw_arg arg = raw_plain(in, len);

	return raw_invoke(&observers[domain], EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(method, 1, 0), &arg);
}

/* STATUS calls on @domain that have been held since it started. */
static uint32_t held(uint32_t domain)
{
	const struct emu_testmod_query query = {0, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS,
						EMU_TESTMOD_ANY, 0};
	struct emu_testmod_record record = {0};
	char payload[8];
	const struct raw_arg args[] = {
		raw_plain(&query, sizeof(query)),
		raw_plain(&record, sizeof(record)),
		raw_plain(payload, sizeof(payload)),
	};

	assert_int_equal(raw_invoke(&observers[domain], EMU_TESTMOD_HANDLE,
				    FRPC_SC_MAKE(EMU_TESTMOD_FIND, 1, 2), args),
			 0);
	return record.count;
}

static struct frpc_emulator_state state_now(void)
{
	struct frpc_emulator_state state;

	frpc_emulator_get_state(machine, &state);
	return state;
}

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* Until @calls are under way. The test module is asked last: it keeps a record of its own calls, too. */
static void await(uint32_t calls, uint32_t messages)
{
	while (state_now().calls < calls && !atomic_load(&refused))
		pause_a_little();
	assert_int_equal(atomic_load(&refused), 0);
	while (held(0) + held(1) + held(2) + held(3) < messages)
		pause_a_little();
}

static void start(bool over_mainline)
{
	const struct emu_testmod_rule hold = {EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS,
					      EMU_TESTMOD_ANY,	  EMU_TESTMOD_HOLD,
					      UINT32_MAX,	  0};
	char text[200] = "";

	mainline = over_mainline;
	if (frpc_emulator_new(mainline ? "abi=mainline,testmod=on,domains=adsp+mdsp+sdsp+cdsp"
				       : "abi=downstream,secure-banks=0,testmod=on,domains=adsp+"
					 "mdsp+sdsp+cdsp",
			      &machine, text, sizeof(text)))
		fail_msg("%s", text);
	for (uint32_t domain = 0; domain < DOMAINS; domain++) {
		assert_int_equal(begin(&observers[domain], domain), 0);
		assert_int_equal(ask(domain, EMU_TESTMOD_RULE, &hold, sizeof(hold)), 0);
	}
}

static void assert_back_at(const struct frpc_emulator_state *before)
{
	const struct frpc_emulator_state now = state_now();

	assert_memory_equal(&now, before, sizeof(now));
	assert_int_equal(frpc_emulator_heap_lent(machine), 0);
}

static void stop(void)
{
	for (uint32_t domain = 0; domain < DOMAINS; domain++)
		frpc_emulator_close(machine, observers[domain].file);
	assert_back_at(&(struct frpc_emulator_state){0});
	for (uint32_t domain = 0; domain < DOMAINS; domain++)
		assert_int_equal(frpc_emulator_processes(machine, domain), 0);
	frpc_emulator_free(machine);
}

/* ---- tasks that are killed ---- */

struct task {
	uint32_t domain;
	bool closes; /* by itself, as soon as it has been killed */
	struct raw_client client;
	pthread_t thread;
	_Atomic bool returned;
	long begun, mapped, called;
};

static long map_buffer(const struct raw_client *client, int fd, void *bytes)
{
	struct frpc_ml_mem_map ml = {.fd = fd,
				     .flags = FASTRPC_MAP_FD,
				     .vaddrin = (uintptr_t)bytes,
				     .length = BUFFER_BYTES};
	struct frpc_dn_mem_map dn = {.fd = fd,
				     .flags = FASTRPC_MAP_FD,
				     .vaddrin = (uintptr_t)bytes,
				     .length = BUFFER_BYTES};

	return client->mainline ? raw_ioctl(client, FRPC_ML_IOCTL_MEM_MAP, &ml)
				: raw_ioctl(client, FRPC_DN_IOCTL_MEM_MAP, &dn);
}

/* Opens, maps, makes a signal where there are any, calls, and is killed in the call. */
static void *live(void *arg)
{
	struct task *task = arg;
	struct frpc_dn_dspsignal_create signal = {.signal_id = 7};
	int32_t status = 1;
	const struct raw_arg in = raw_plain(&status, sizeof(status));
	int fd = memfd_create("buffer", MFD_CLOEXEC);
	void *bytes;

	task->begun = begin(&task->client, task->domain);
	if (fd < 0 || ftruncate(fd, BUFFER_BYTES) || task->begun) {
		atomic_store(&refused, task->begun);
		return NULL;
	}
	bytes = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	task->mapped = map_buffer(&task->client, fd, bytes);
	if (!mainline && !task->mapped)
		task->mapped = raw_ioctl(&task->client, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, &signal);
	task->called = raw_invoke(&task->client, EMU_TESTMOD_HANDLE, SC_STATUS, &in);
	task->returned = true;
	munmap(bytes, BUFFER_BYTES);
	close(fd);
	if (task->closes)
		frpc_emulator_close(machine, task->client.file);
	return NULL;
}

static void do_nothing(int number)
{
	(void)number;
}

static void shuffle(uint32_t *order, uint32_t count, unsigned int *seed)
{
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	for (uint32_t i = count - 1; i > 0; i--) {
		uint32_t other = (uint32_t)rand_r(seed) % (i + 1), kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

static void kill_task(struct task *task)
{
	while (!task->returned) {
		assert_int_equal(pthread_kill(task->thread, SIGUSR1), 0);
		pause_a_little();
	}
}

static void run_round(struct task *tasks, unsigned int *seed, uint32_t before)
{
	const int32_t late = 0;
	uint32_t order[ROUND];
	const struct frpc_emulator_state at_first = state_now();
	struct frpc_emulator_state state;

	for (uint32_t i = 0; i < ROUND; i++) {
		tasks[i] = (struct task){.domain = i % DOMAINS, .closes = i % 3 == 0};
		assert_int_equal(pthread_create(&tasks[i].thread, NULL, live, &tasks[i]), 0);
	}
	await(ROUND, before + ROUND);
	state = state_now();
	assert_int_equal(state.files, at_first.files + ROUND);
	assert_int_equal(state.calls, ROUND);
	assert_true(state.maps >= at_first.maps + ROUND);
	assert_int_equal(state.signals, mainline ? 0 : ROUND);
	shuffle(order, ROUND, seed);
	for (uint32_t i = 0; i < ROUND; i++)
		kill_task(&tasks[order[i]]);
	/* Late answers, to tasks that are gone and to some that are not yet. */
	for (uint32_t domain = 0; domain < DOMAINS; domain++)
		assert_int_equal(ask(domain, EMU_TESTMOD_LET_GO, &late, sizeof(late)), 0);
	shuffle(order, ROUND, seed);
	for (uint32_t i = 0; i < ROUND; i++) {
		struct task *task = &tasks[order[i]];

		pthread_join(task->thread, NULL);
		assert_int_equal(task->begun, 0);
		assert_int_equal(task->mapped, 0);
		assert_int_equal(task->called, -EINTR);
		if (!task->closes)
			assert_int_equal(frpc_emulator_close(machine, task->client.file), 0);
	}
	assert_back_at(&at_first);
}

static void a_hundred_tasks(bool over_mainline)
{
	static struct task tasks[ROUND];
	struct sigaction action = {.sa_handler = do_nothing};
	unsigned int seed = SEED;

	if (!threads_survive_signals()) {
		print_message("left out: a thread loses its variables to a signal here\n");
		skip();
	}
	sigaction(SIGUSR1, &action, NULL);
	start(over_mainline);
	for (uint32_t done = 0; done < TASKS; done += ROUND)
		run_round(tasks, &seed, done);
	stop();
}

static void a_hundred_tasks_killed_in_a_call_that_close_in_any_order_leave_nothing_mainline(
	void **state)
{
	(void)state;
	a_hundred_tasks(true);
}

static void a_hundred_tasks_killed_in_a_call_that_close_in_any_order_leave_nothing_downstream(
	void **state)
{
	(void)state;
	a_hundred_tasks(false);
}

/* ---- a restart amid their calls ---- */

struct waiter {
	const struct raw_client *client;
	pthread_t thread;
	_Atomic bool returned;
	long called;
};

static void *wait_in_call(void *arg)
{
	struct waiter *waiter = arg;
	int32_t status = 1;
	const struct raw_arg in = raw_plain(&status, sizeof(status));

	waiter->called = raw_invoke(waiter->client, EMU_TESTMOD_HANDLE, SC_STATUS, &in);
	waiter->returned = true;
	return NULL;
}

static void a_restart_amid_calls(bool over_mainline, long expected)
{
	static struct waiter waiters[WAITERS];
	struct raw_client client;

	start(over_mainline);
	assert_int_equal(begin(&client, CDSP), 0);
	for (uint32_t i = 0; i < WAITERS; i++) {
		waiters[i] = (struct waiter){.client = &client};
		assert_int_equal(
			pthread_create(&waiters[i].thread, NULL, wait_in_call, &waiters[i]), 0);
	}
	await(WAITERS, WAITERS);
	for (int step = FRPC_EMULATOR_SHUTDOWN_BEGINS; step < FRPC_EMULATOR_POWERUP_ENDS; step++)
		assert_int_equal(frpc_emulator_restart_step(machine, CDSP,
							    (enum frpc_emulator_restart_step)step),
				 0);
	/* The power-up has not been reported, and is not before all have returned. */
	for (uint32_t i = 0; i < WAITERS; i++) {
		pthread_join(waiters[i].thread, NULL);
		assert_int_equal(waiters[i].called, expected);
	}
	assert_int_equal(frpc_emulator_restart_step(machine, CDSP, FRPC_EMULATOR_POWERUP_ENDS), 0);
	frpc_emulator_close(machine, client.file);
	stop();
}

static void a_restart_amid_64_calls_wakes_each_before_the_power_up_is_reported_mainline(
	void **state)
{
	(void)state;
	a_restart_amid_calls(true, -EPIPE);
}

static void a_restart_amid_64_calls_wakes_each_before_the_power_up_is_reported_downstream(
	void **state)
{
	(void)state;
	a_restart_amid_calls(false, -ECONNRESET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_hundred_tasks_killed_in_a_call_that_close_in_any_order_leave_nothing_mainline), /* B3 */
		cmocka_unit_test(
			a_hundred_tasks_killed_in_a_call_that_close_in_any_order_leave_nothing_downstream), /* A4.5 */
		cmocka_unit_test(
			a_restart_amid_64_calls_wakes_each_before_the_power_up_is_reported_mainline), /* B3 */
		cmocka_unit_test(
			a_restart_amid_64_calls_wakes_each_before_the_power_up_is_reported_downstream), /* A4.6 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
