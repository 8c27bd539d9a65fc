/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/read_lock.h"

#define READERS 4
#define WRITERS 2
#define ROUNDS	300

static struct frpc_read_lock lock = FRPC_READ_LOCK_INITIALIZER;
static uint64_t first, second; /* always the same, under the lock */
static _Atomic int torn;
static _Atomic bool over;

static void *read_both(void *arg)
{
	(void)arg;
	while (!over) {
		frpc_read_lock(&lock);
		torn += first != second;
		frpc_read_unlock(&lock);
	}
	return NULL;
}

static void *write_both(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		frpc_write_lock(&lock);
		first++;
		sched_yield();
		second++;
		frpc_write_unlock(&lock);
	}
	return NULL;
}

static void readers_see_all_of_what_writers_do_or_nothing(void **state)
{
	pthread_t readers[READERS], writers[WRITERS];

	(void)state;
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_both, NULL), 0);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&writers[i], NULL, write_both, NULL), 0);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i], NULL);
	over = true;
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(torn, 0);
	assert_int_equal(first, WRITERS * ROUNDS);
	assert_int_equal(second, WRITERS * ROUNDS);
	assert_int_equal(lock.state, 0);
}

static void many_read_at_once(void **state)
{
	(void)state;
	frpc_read_lock(&lock);
	frpc_read_lock(&lock);
	assert_int_equal(lock.state, 2);
	frpc_read_unlock(&lock);
	frpc_read_unlock(&lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_see_all_of_what_writers_do_or_nothing),
		cmocka_unit_test(many_read_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
