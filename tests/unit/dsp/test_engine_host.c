/* SPDX-License-Identifier: BSD-3-Clause */
/* What a DSP's process on the host asks of the DSP, asked by one that is hostile. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulator/dsp/child.h"
#include "emulator/dsp/child_io.h"
#include "emulator/dsp/engine_host.h"

#define PAGE 4096u

static uint32_t attributes[EMU_DSP_ATTRIBUTES];
static _Atomic int threads;
static _Atomic int gone_count;

static int32_t reverse_call(void *context, uint32_t handle, uint32_t sc,
			    const struct emu_reverse_buffer *buffers)
{
	(void)context, (void)handle, (void)sc, (void)buffers;
	return 0;
}

static bool reverse_busy(void *context)
{
	(void)context;
	return false;
}

static void thread_begins(void *context)
{
	(void)context;
	atomic_fetch_add(&threads, 1);
}

static void thread_ends(void *context)
{
	(void)context;
	atomic_fetch_sub(&threads, 1);
}

static void gone(void *context)
{
	(void)context;
	atomic_fetch_add(&gone_count, 1);
}

static const struct emu_hap_host ops = {
	.reverse_call = reverse_call,
	.reverse_busy = reverse_busy,
	.thread_begins = thread_begins,
	.thread_ends = thread_ends,
};

/* A DSP with one process, and the child's ends of its sockets. */
struct fixture {
	struct emu_vtcm *vtcm;
	struct emu_hap *hap;
	struct emu_engine_host *host;
	int to_host, channel;
};

/* The other end of a new channel; -1: none. */
static int open_channel(int to_host)
{
	const char nothing = 0;
	int ends[2];
	bool sent;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	sent = emu_child_send(to_host, &nothing, sizeof(nothing), ends[1]);
	close(ends[1]);
	assert_true(sent);
	return ends[0];
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct emu_hap_config config = {.host = &ops, .attributes = attributes};
	struct emu_child_config told;

	assert_int_equal(emu_vtcm_new(4 * PAGE, 4, &fixture.vtcm), 0);
	config.vtcm = fixture.vtcm;
	assert_int_equal(emu_hap_new(&config, &fixture.hap), 0);
	assert_int_equal(
		emu_engine_host_new(fixture.hap, gone, NULL, &fixture.host, &fixture.to_host), 0);
	assert_int_equal(recv(fixture.to_host, &told, sizeof(told), 0), sizeof(told));
	fixture.channel = open_channel(fixture.to_host);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	close(f->channel);
	close(f->to_host);
	while (atomic_load(&threads))
		usleep(1000);
	assert_int_equal(atomic_exchange(&gone_count, 0), 1);
	emu_engine_host_free(f->host);
	emu_hap_free(f->hap);
	emu_vtcm_free(f->vtcm);
	return 0;
}

/* Asks, and is answered. */
static int ask(struct fixture *f, struct emu_host_call *call)
{
	assert_true(emu_child_write(f->channel, call, sizeof(*call)));
	assert_true(emu_child_read(f->channel, call, sizeof(*call)));
	assert_int_equal(call->bytes, 0);
	return call->res;
}

/* For @size bytes of vector memory under the number 9. */
static struct emu_host_call request_of(uint64_t size)
{
	return (struct emu_host_call){
		.kind = EMU_HOST_VTCM_ACQUIRE,
		.number = 9,
		.value = {[EMU_VTCM_SIZE] = size, [EMU_VTCM_LEAST] = size},
	};
}

static void a_value_that_does_not_fit_is_refused_and_not_cut(void **state)
{
	static const enum emu_host_vtcm which[] = {EMU_VTCM_SIZE, EMU_VTCM_LEAST,
						   EMU_VTCM_PRIORITY};
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		struct emu_host_call call = request_of(PAGE);

		call.value[which[i]] |= UINT64_C(1) << 32;
		assert_int_equal(ask(f, &call), -EINVAL);
		assert_int_equal(emu_vtcm_available(f->vtcm), 4 * PAGE);
	}
	struct emu_host_call call = request_of(PAGE);

	assert_int_equal(ask(f, &call), 0);
	assert_int_equal(call.number, 9);
	assert_int_equal(call.value[1], PAGE);
}

static void a_least_size_beyond_the_size_is_refused(void **state)
{
	struct emu_host_call call = request_of(PAGE);
	struct fixture *f = *state;

	call.value[EMU_VTCM_LEAST] = 2 * PAGE;
	assert_int_equal(ask(f, &call), -EINVAL);
}

/* By its place it could be given back, and the function for it would stay. */
static void who_wants_to_be_asked_for_it_gives_it_a_number(void **state)
{
	struct emu_host_call call = request_of(PAGE), release = {.kind = EMU_HOST_VTCM_RELEASE_AT};
	struct fixture *f = *state;

	call.value[EMU_VTCM_RELEASE] = 1;
	call.number = 0;
	assert_int_equal(ask(f, &call), -EINVAL);
	call = request_of(PAGE);
	call.value[EMU_VTCM_RELEASE] = 1;
	assert_int_equal(ask(f, &call), 0);
	release.value[0] = call.value[0];
	assert_int_equal(ask(f, &release), -ENOENT);
	release = (struct emu_host_call){.kind = EMU_HOST_VTCM_RELEASE, .number = 9};
	assert_int_equal(ask(f, &release), 0);
	assert_int_equal(emu_vtcm_available(f->vtcm), 4 * PAGE);
}

static void nothing_is_given_back_that_was_not_taken(void **state)
{
	static const uint32_t kinds[] = {EMU_HOST_VTCM_RELEASE, EMU_HOST_VTCM_RELEASE_AT,
					 EMU_HOST_HVX_GIVE, EMU_HOST_HMX_GIVE, EMU_HOST_CACHE_GIVE};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct emu_host_call call = {.kind = kinds[i], .number = 1};

		assert_true(ask(f, &call) < 0);
	}
	assert_int_equal(emu_vtcm_cache_available(f->vtcm), emu_vtcm_cache_total(f->vtcm));
	assert_int_equal(emu_vtcm_take_hvx(f->vtcm, 0, false, &f->hap->ended), 4);
	emu_vtcm_give_hvx(f->vtcm, 4);
}

/* The channel is closed, and the others serve on. */
static void a_call_to_the_cpu_that_is_nonsense_ends_its_channel_alone(void **state)
{
	static const struct {
		uint32_t sc;
		uint64_t bytes;
		uint32_t lengths[2];
	} calls[] = {
		{0x00010100, 4, {0, 0}},		   /* a length is missing */
		{0x00010000, 4, {1, 0}},		   /* bytes are missing */
		{0x00010000, 8, {0, 0}},		   /* too many bytes */
		{0x00000010, 0, {0, 0}},		   /* a handle */
		{0x00000200, 8, {UINT32_MAX, UINT32_MAX}}, /* more than anybody has */
		{0x00000000, (uint64_t)EMU_HOST_BYTES_MOST + 1, {0, 0}},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		struct emu_host_call call = {.kind = EMU_HOST_REVERSE, .bytes = calls[i].bytes};
		int channel = open_channel(f->to_host);
		char got;

		call.value[0] = calls[i].sc;
		assert_true(emu_child_write(channel, &call, sizeof(call)));
		if (calls[i].bytes <= sizeof(calls[i].lengths))
			assert_true(
				emu_child_write(channel, calls[i].lengths, (size_t)calls[i].bytes));
		assert_false(emu_child_read(channel, &got, sizeof(got)));
		close(channel);
	}
	struct emu_host_call call = request_of(PAGE);

	assert_int_equal(ask(f, &call), 0);
}

/* Each is a thread of the app's and a descriptor. */
static void a_process_has_so_many_channels_and_no_more(void **state)
{
	struct emu_host_call call = {.kind = EMU_HOST_CACHE_AVAILABLE};
	struct fixture *f = *state;
	const char nothing = 0;
	int first, last;
	char got;

	/* All but one are the test's own end of it. */
	first = open_channel(f->to_host);
	for (uint32_t i = 2; i < EMU_ENGINE_HOST_CHANNELS; i++)
		assert_true(emu_child_send(f->to_host, &nothing, sizeof(nothing), first));
	last = open_channel(f->to_host);
	assert_false(emu_child_read(last, &got, sizeof(got)));
	assert_int_equal(ask(f, &call), 0);
	/* One that ends makes room for another. */
	shutdown(first, SHUT_RDWR);
	close(first);
	close(last);
	do {
		last = open_channel(f->to_host);
		call = (struct emu_host_call){.kind = EMU_HOST_CACHE_AVAILABLE};
		if (emu_child_write(last, &call, sizeof(call)) &&
		    emu_child_read(last, &call, sizeof(call)))
			break;
		close(last);
	} while (true);
	close(last);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_value_that_does_not_fit_is_refused_and_not_cut),
		TEST(a_least_size_beyond_the_size_is_refused),
		TEST(who_wants_to_be_asked_for_it_gives_it_a_number),
		TEST(nothing_is_given_back_that_was_not_taken),
		TEST(a_call_to_the_cpu_that_is_nonsense_ends_its_channel_alone),
		TEST(a_process_has_so_many_channels_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
