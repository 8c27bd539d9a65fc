/* SPDX-License-Identifier: BSD-3-Clause */
/* What the processes of a DSP take in turn, as one of them that is hostile asks for it. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator/deadline.h"
#include "emulator/dsp/vtcm.h"

#define PAGE  4096u
#define TOTAL (4 * PAGE)
/* The least number of microseconds whose nanoseconds do not fit 64 bits: they would be 384 there. */
#define TOO_MANY_US (UINT64_MAX / 1000 + 1)

/* Two processes, which are no more than their addresses here. */
static char one, other;
static _Atomic bool ended;

static int set_up(void **state)
{
	struct emu_vtcm *vtcm;
	int res = emu_vtcm_new(TOTAL, 0, &vtcm);

	*state = vtcm;
	return res;
}

static int tear_down(void **state)
{
	emu_vtcm_free(*state);
	return 0;
}

static int take(struct emu_vtcm *vtcm, const void *owner, uint32_t size, uint32_t id,
		struct emu_vtcm_grant *grant)
{
	const struct emu_vtcm_request request = {.size = size, .least = size};

	return emu_vtcm_acquire(vtcm, owner, &request, id, 0, &ended, grant);
}

struct waiting {
	struct emu_vtcm *vtcm;
	uint64_t timeout_us;
	_Atomic bool done;
	int res;
};

static void *wait_for_all(void *arg)
{
	const struct emu_vtcm_request request = {.size = TOTAL, .least = TOTAL};
	struct waiting *waiting = arg;
	struct emu_vtcm_grant grant;

	waiting->res = emu_vtcm_acquire(waiting->vtcm, &other, &request, 0, waiting->timeout_us,
					&ended, &grant);
	atomic_store(&waiting->done, true);
	return NULL;
}

static void who_waits_longer_than_can_be_counted_gets_it_when_it_is_free(void **state)
{
	static const uint64_t timeouts[] = {TOO_MANY_US, UINT64_MAX};
	struct emu_vtcm *vtcm = *state;

	for (int i = 0; i < 2; i++) {
		struct waiting waiting = {.vtcm = vtcm, .timeout_us = timeouts[i]};
		struct emu_vtcm_grant grant;
		pthread_t thread;

		assert_int_equal(take(vtcm, &one, PAGE, 0, &grant), 0);
		assert_int_equal(pthread_create(&thread, NULL, wait_for_all, &waiting), 0);
		while (!atomic_load(&waiting.done) && !emu_vtcm_is_wanted(vtcm, &one, grant.id))
			usleep(1000);
		assert_int_equal(emu_vtcm_release(vtcm, &one, grant.id), 0);
		pthread_join(thread, NULL);
		assert_int_equal(waiting.res, 0);
		emu_vtcm_release_all(vtcm, &other);
	}
}

static void a_deadline_lies_ahead_however_far_off_it_is(void **state)
{
	const struct timespec now = emu_deadline_ns(0), ns = emu_deadline_ns(UINT64_MAX);
	const struct timespec us = emu_deadline_us(TOO_MANY_US), soon = emu_deadline_us(1500000);

	(void)state;
	assert_true(ns.tv_sec > now.tv_sec + 3600 && us.tv_sec > now.tv_sec + 3600);
	assert_true(soon.tv_sec > now.tv_sec);
	assert_true(ns.tv_nsec >= 0 && ns.tv_nsec < 1000000000);
}

static void one_that_takes_no_memory_stands_in_nobodys_way(void **state)
{
	const struct emu_vtcm_request alone = {.serialize = true};
	struct emu_vtcm_grant first, serial, all;
	struct emu_vtcm *vtcm = *state;

	assert_int_equal(take(vtcm, &one, PAGE, 0, &first), 0);
	assert_int_equal(emu_vtcm_acquire(vtcm, &other, &alone, 0, 0, &ended, &serial), 0);
	assert_int_equal(serial.size, 0);
	assert_null(serial.bytes);
	assert_int_equal(emu_vtcm_available(vtcm), TOTAL - PAGE);
	assert_int_equal(emu_vtcm_release(vtcm, &one, first.id), 0);
	assert_int_equal(emu_vtcm_available(vtcm), TOTAL);
	assert_int_equal(take(vtcm, &one, TOTAL, 0, &all), 0);
	emu_vtcm_release_all(vtcm, &one);
	emu_vtcm_release_all(vtcm, &other);
}

static void a_number_that_its_process_has_in_use_is_refused(void **state)
{
	struct emu_vtcm_grant grant, again;
	struct emu_vtcm *vtcm = *state;

	assert_int_equal(take(vtcm, &one, PAGE, 7, &grant), 0);
	assert_int_equal(grant.id, 7);
	assert_int_equal(take(vtcm, &one, PAGE, 7, &again), -EEXIST);
	/* Another process's numbers are its own affair. */
	assert_int_equal(take(vtcm, &other, PAGE, 7, &again), 0);
	assert_int_equal(emu_vtcm_release(vtcm, &one, 7), 0);
	assert_int_equal(emu_vtcm_release(vtcm, &one, 7), -ENOENT);
	assert_int_equal(emu_vtcm_available(vtcm), TOTAL - 2 * PAGE);
	assert_int_equal(emu_vtcm_release(vtcm, &other, 7), 0);
}

static void no_number_is_given_that_somebody_has(void **state)
{
	struct emu_vtcm_grant grant;
	struct emu_vtcm *vtcm = *state;
	uint32_t next = emu_vtcm_new_id(vtcm) + 1;

	assert_int_equal(take(vtcm, &one, PAGE, next, &grant), 0);
	assert_int_not_equal(emu_vtcm_new_id(vtcm), next);
	assert_int_equal(emu_vtcm_release(vtcm, &one, next), 0);
}

static void what_has_a_number_is_not_given_back_by_its_place(void **state)
{
	struct emu_vtcm_grant numbered, placed;
	struct emu_vtcm *vtcm = *state;

	assert_int_equal(take(vtcm, &one, PAGE, 7, &numbered), 0);
	assert_int_equal(take(vtcm, &one, PAGE, 0, &placed), 0);
	assert_int_equal(emu_vtcm_release_at(vtcm, &one, numbered.bytes), -ENOENT);
	assert_int_equal(emu_vtcm_release_at(vtcm, &other, placed.bytes), -ENOENT);
	assert_int_equal(emu_vtcm_release_at(vtcm, &one, placed.bytes), 0);
	assert_int_equal(emu_vtcm_release_at(vtcm, &one, placed.bytes), -ENOENT);
	assert_int_equal(emu_vtcm_release(vtcm, &one, 7), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_waits_longer_than_can_be_counted_gets_it_when_it_is_free),
		TEST(a_deadline_lies_ahead_however_far_off_it_is),
		TEST(one_that_takes_no_memory_stands_in_nobodys_way),
		TEST(a_number_that_its_process_has_in_use_is_refused),
		TEST(no_number_is_given_that_somebody_has),
		TEST(what_has_a_number_is_not_given_back_by_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
