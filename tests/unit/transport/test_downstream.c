/* SPDX-License-Identifier: BSD-3-Clause */
/* What the downstream dialect asks of the kernel: each command's number and bytes, as the driver has them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_device.h"
#include "transport/transport.h"

/* Little-endian words, as they lie in a command's argument. */
#define W32(x) (uint8_t)(x), (uint8_t)((x) >> 8), (uint8_t)((x) >> 16), (uint8_t)((x) >> 24)
#define W64(x) W32((uint64_t)(x)), W32((uint64_t)(x) >> 32)

#define GETINFO	     0xC0045208u
#define SETMODE	     0xC0045205u
#define INVOKE	     0xC0105201u
#define INVOKE_FD    0xC0185204u
#define INVOKE_ATTRS 0xC0205207u
#define INVOKE2	     0xC0185212u
#define MMAP_64	     0xC020520Eu
#define MEM_MAP	     0xC0405213u

static struct fake_device fake;
static struct frpc_transport *transport;
static struct frpc_remote *remote;

/* What the last invoke pointed to, and SESS_INFO's structure. */
static struct {
	uint8_t args[540 * 16], fds[540 * 4], attrs[540 * 4], sess_info[16];
} seen;

static void keep(uint8_t *to, const uint8_t *arg, size_t at, size_t len)
{
	uint64_t from;

	memcpy(&from, arg + at, 8);
	memcpy(to, (const void *)(uintptr_t)from, len);
}

static void look(struct fake_device *device, uint32_t cmd, void *arg)
{
	const uint64_t address = 0xe0001000;
	const uint32_t capability = 0x1168;
	uint32_t sc = 0, n;

	(void)device;
	if (cmd == INVOKE || cmd == INVOKE_FD || cmd == INVOKE_ATTRS)
		memcpy(&sc, (uint8_t *)arg + 4, 4);
	n = (sc >> 16 & 0xff) + (sc >> 8 & 0xff) + (sc >> 4 & 0xf) + (sc & 0xf);
	if (n)
		keep(seen.args, arg, 8, 16 * n);
	if (n && cmd != INVOKE)
		keep(seen.fds, arg, 16, 4 * n);
	if (n && cmd == INVOKE_ATTRS)
		keep(seen.attrs, arg, 24, 4 * n);
	if (cmd == INVOKE2)
		keep(seen.sess_info, arg, 8, 16);
	if (cmd == MMAP_64)
		memcpy((uint8_t *)arg + 24, &address, 8);
	if (cmd == MEM_MAP)
		memcpy((uint8_t *)arg + 40, &address, 8);
	if (cmd == 0xC00C5211)
		memcpy((uint8_t *)arg + 8, &capability, 4);
}

static int set_up(void **state)
{
	(void)state;
	fake_init(&fake);
	memset(&seen, 0, sizeof(seen));
	fake.act = look;
	fake.nodes[0].path = "/dev/adsprpc-smd-secure";
	fake.nodes[0].result = 7;
	return frpc_transport_downstream_new(&fake.device, &transport);
}

static int tear_down(void **state)
{
	(void)state;
	transport->ops->close(remote);
	remote = NULL;
	assert_int_equal(fake.open_files, 0);
	transport->ops->free(transport);
	assert_int_equal(fake.frees, 1);
	return 0;
}

/* An open file; what was asked to get it is forgotten. */
static void open_remote(void)
{
	assert_int_equal(transport->ops->open(transport, 3, 0, NULL, &remote), 0);
	fake.ioctl_count = fake.next_result = 0;
}

static void the_domain_is_chosen_with_its_session_where_the_driver_can(void **state)
{
	const uint8_t info[] = {W32(3), W32(2), W32(7), W32(0)};

	(void)state;
	assert_int_equal(transport->ops->open(transport, 3, 2, NULL, &remote), 0);
	assert_string_equal(fake.opened[0], "/dev/adsprpc-smd-secure");
	assert_int_equal(fake.flags & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fake.ioctl_count, 1);
	assert_int_equal(fake.ioctls[0].cmd, INVOKE2);
	assert_memory_equal(fake.ioctls[0].bytes, ((uint8_t[]){W32(6)}), 4);
	assert_memory_equal(fake.ioctls[0].bytes + 16, ((uint8_t[]){W32(16)}), 4);
	assert_memory_equal(seen.sess_info, info, sizeof(info));
}

static void an_older_driver_is_asked_with_getinfo_and_setmode(void **state)
{
	static const int refusals[] = {-ENOTTY, -EPERM};

	(void)state;
	for (int i = 0; i < 2; i++) {
		fake.ioctl_count = fake.next_result = 0;
		fake.results[0] = refusals[i];
		fake.results[1] = 1; /* it has an SMMU */
		assert_int_equal(transport->ops->open(transport, 2, 1, NULL, &remote), 0);
		assert_int_equal(fake.ioctl_count, 3);
		fake_expect(&fake, 1, GETINFO, ((uint8_t[]){W32(2)}), 4);
		/* SETMODE's argument is the value itself. */
		assert_int_equal(fake.ioctls[2].cmd, SETMODE);
		assert_int_equal(fake.ioctls[2].arg, 4);
		transport->ops->close(remote);
		remote = NULL;
	}
	fake.ioctl_count = fake.next_result = 0;
	assert_int_equal(transport->ops->open(transport, 2, 2, NULL, &remote), -EUSERS);
	assert_int_equal(fake.open_files, 0);
}

static void a_domain_that_is_refused_leaves_nothing_open(void **state)
{
	(void)state;
	fake.results[0] = -ENOTTY;
	fake.results[1] = -ECHRNG;
	assert_int_equal(transport->ops->open(transport, 4, 0, NULL, &remote), -ECHRNG);
	assert_int_equal(fake.open_files, 0);
	fake.results[2] = -EUSERS;
	assert_int_equal(transport->ops->open(transport, 3, 0, NULL, &remote), -EUSERS);
	assert_int_equal(fake.open_files, 0);
}

static void the_plain_node_follows_where_the_secure_one_is_missing_or_forbidden(void **state)
{
	struct frpc_open_report report = {""};

	(void)state;
	fake.nodes[0].result = -EACCES;
	fake.nodes[1].path = "/dev/adsprpc-smd";
	fake.nodes[1].result = 8;
	assert_int_equal(transport->ops->open(transport, 3, 0, &report, &remote), 0);
	assert_string_equal(fake.opened[1], "/dev/adsprpc-smd");
	transport->ops->close(remote);
	remote = NULL;
	fake.nodes[1].result = -EACCES;
	report.text[0] = 0;
	assert_int_equal(transport->ops->open(transport, 3, 0, &report, &remote), -EACCES);
	assert_non_null(strstr(report.text, "/dev/adsprpc-smd-secure: "));
	assert_non_null(strstr(report.text, "; /dev/adsprpc-smd: "));
}

static void processes_are_created_and_attached_by_init(void **state)
{
	static const char shell[16];
	const struct frpc_process_params params = {.shell = shell,
						   .shell_len = 0x123456,
						   .shell_fd = 17,
						   .attrs = 0x88,
						   .siglen = 0x200,
						   .memlen = 0x300000};
	const uint8_t create[] = {W32(1),    W32(0),	W64((uintptr_t)shell), W32(0x123456),
				  W32(17),   W64(0),	W32(0x300000),	       W32(-1),
				  W32(0x88), W32(0x200)};
	uint8_t attach[] = {W32(0), W32(0), W64(0), W32(0), W32(-1), W64(0), W32(0), W32(-1)};
	int32_t status = -1;

	(void)state;
	open_remote();
	assert_int_equal(transport->ops->create(remote, &params, &status), 0);
	fake_expect(&fake, 0, 0xC030520A, create, sizeof(create));
	assert_int_equal(transport->ops->attach(remote, FRPC_ATTACH_ROOT, &status), 0);
	fake_expect(&fake, 1, 0xC0285206, attach, sizeof(attach));
	attach[0] = 3;
	assert_int_equal(transport->ops->attach(remote, FRPC_ATTACH_SENSORS, &status), 0);
	fake_expect(&fake, 2, 0xC0285206, attach, sizeof(attach));
}

static void a_call_uses_the_oldest_command_that_can_say_it(void **state)
{
	struct frpc_arg args[] = {
		{0x7f0011223344, 100, -1, 0}, {0x7f0000001000, 200, -1, 0}, {0x30, 4096, -1, 0}};
	const uint8_t expected[] = {W64(0x7f0011223344), W64(100), W64(0x7f0000001000), W64(200),
				    W64(0x30),		 W64(4096)};
	const uint8_t head[] = {W32(0xabcd1234), W32(0x02010110)};
	const struct frpc_call call = {0xabcd1234, 0x02010110, args};
	int32_t status;

	(void)state;
	open_remote();
	assert_int_equal(transport->ops->invoke(remote, &call, &status), 0);
	assert_int_equal(fake.ioctls[0].cmd, INVOKE);
	assert_memory_equal(fake.ioctls[0].bytes, head, sizeof(head));
	assert_memory_equal(seen.args, expected, sizeof(expected));
	args[1].fd = 0; /* here a descriptor like any other */
	assert_int_equal(transport->ops->invoke(remote, &call, &status), 0);
	assert_int_equal(fake.ioctls[1].cmd, INVOKE_FD);
	assert_memory_equal(seen.fds, ((uint8_t[]){W32(-1), W32(0), W32(-1)}), 12);
	args[2].fd = 43;
	args[2].attr = FRPC_ARG_NOVA | FRPC_ARG_NOMAP;
	assert_int_equal(transport->ops->invoke(remote, &call, &status), 0);
	assert_int_equal(fake.ioctls[2].cmd, INVOKE_ATTRS);
	assert_memory_equal(fake.ioctls[2].bytes, head, sizeof(head));
	assert_memory_equal(seen.args, expected, sizeof(expected));
	assert_memory_equal(seen.fds, ((uint8_t[]){W32(-1), W32(0), W32(43)}), 12);
	assert_memory_equal(seen.attrs, ((uint8_t[]){W32(0), W32(0), W32(0x11)}), 12);
}

static void a_call_may_have_as_many_arguments_as_a_scalars_word_can_count(void **state)
{
	static struct frpc_arg args[540];
	const struct frpc_call call = {5000, 0x02ffffff, args};
	int32_t status = -1;

	(void)state;
	open_remote();
	for (int i = 0; i < 540; i++)
		args[i] = (struct frpc_arg){(uint64_t)i << 12, (uint64_t)i, i, FRPC_ARG_KEEP_MAP};
	assert_int_equal(transport->ops->invoke(remote, &call, &status), 0);
	for (uint64_t i = 0; i < 540; i++) {
		assert_memory_equal(seen.args + i * 16, ((uint8_t[]){W64(i << 12), W64(i)}), 16);
		assert_memory_equal(seen.fds + i * 4, ((uint8_t[]){W32(i)}), 4);
		assert_memory_equal(seen.attrs + i * 4, ((uint8_t[]){W32(8)}), 4);
	}
}

static void an_interrupted_call_is_resumed_but_not_for_ever(void **state)
{
	const struct frpc_call call = {5000, 0x02000000, NULL};
	int32_t status;

	(void)state;
	open_remote();
	fake.results[0] = fake.results[1] = -EINTR;
	fake.results[2] = 5;
	assert_int_equal(transport->ops->invoke(remote, &call, &status), 0);
	assert_int_equal(status, 5);
	assert_int_equal(fake.ioctl_count, 3);
	for (int i = 0; i < 3; i++)
		assert_memory_equal(fake.ioctls[i].bytes, fake.ioctls[0].bytes, 16);
}

static void maps_are_made_and_taken_back_by_their_commands(void **state)
{
	const struct frpc_map_params params = {.fd = 5,
					       .offset = 0x40,
					       .flags = 3,
					       .attrs = 9,
					       .vaddr = 0x7f1234567000,
					       .length = 0x123456789};
	const uint8_t mmap[] = {W32(5), W32(3), W64(0x7f1234567000), W64(0x123456789), W64(0)};
	const uint8_t munmap[] = {W64(0xe0001000), W64(0x123456789)};
	const uint8_t mem_map[] = {
		W32(0),		  W32(0), W32(5), W32(0x40), W32(3), W32(9), W64(0x7f1234567000),
		W64(0x123456789), W64(0), W64(0), W64(0)};
	const uint8_t mem_unmap[] = {W32(0),	      W32(0),		W32(5), W32(0),
				     W64(0xe0001000), W64(0x123456789), W64(0), W64(0)};
	const uint8_t kept_unmap[] = {W32(5), W32(0), W64(0x7f1234567000), W64(0x123456789)};
	uint64_t address = 0;
	int32_t status;

	(void)state;
	open_remote();
	assert_int_equal(transport->ops->mmap(remote, &params, &address, &status), 0);
	assert_int_equal(address, 0xe0001000);
	fake_expect(&fake, 0, MMAP_64, mmap, sizeof(mmap));
	assert_int_equal(transport->ops->munmap(remote, 0xe0001000, 0x123456789, &status), 0);
	fake_expect(&fake, 1, 0xC010520F, munmap, sizeof(munmap));
	address = 0;
	assert_int_equal(transport->ops->mem_map(remote, &params, &address, &status), 0);
	assert_int_equal(address, 0xe0001000);
	fake_expect(&fake, 2, MEM_MAP, mem_map, sizeof(mem_map));
	assert_int_equal(transport->ops->mem_unmap(remote, 5, 0xe0001000, 0x123456789, &status), 0);
	fake_expect(&fake, 3, 0xC0305214, mem_unmap, sizeof(mem_unmap));
	assert_int_equal(transport->ops->kept_unmap(remote, 5, 0x7f1234567000, 0x123456789), 0);
	fake_expect(&fake, 4, 0xC018520D, kept_unmap, sizeof(kept_unmap));
}

static void the_audio_pd_is_created_by_its_name_with_its_heap(void **state)
{
	int32_t status = -1;
	uint64_t name;

	(void)state;
	open_remote();
	assert_int_equal(transport->ops->attach(remote, FRPC_ATTACH_AUDIO, &status), 0);
	memcpy(&name, fake.ioctls[0].bytes + 8, 8);
	assert_string_equal((const char *)(uintptr_t)name, "audiopd");
	const uint8_t init[] = {W32(2),	 W32(0), W64(name),    W32(8),
				W32(-1), W64(0), W32(3 << 20), W32(-1)};
	fake_expect(&fake, 0, 0xC0285206, init, sizeof(init));
}

static void capabilities_and_latency_have_their_commands(void **state)
{
	uint32_t value = 0;
	int32_t status;

	(void)state;
	assert_null(transport->ops->alloc);
	assert_int_equal(transport->ops->get_info(transport, NULL, 3, 6, &value, &status), 0);
	assert_int_equal(value, 0x1168);
	assert_int_equal(fake.open_files, 0);
	open_remote();
	assert_int_equal(transport->ops->get_info(transport, remote, 3, 6, &value, &status), 0);
	fake_expect(&fake, 0, 0xC00C5211, ((uint8_t[]){W32(3), W32(6), W32(0)}), 12);
	assert_int_equal(transport->ops->latency(remote, true, 100), 0);
	fake_expect(&fake, 1, 0xC00C520C, ((uint8_t[]){W32(1), W32(1), W32(100)}), 12);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_domain_is_chosen_with_its_session_where_the_driver_can),
		TEST(an_older_driver_is_asked_with_getinfo_and_setmode),
		TEST(a_domain_that_is_refused_leaves_nothing_open),
		TEST(the_plain_node_follows_where_the_secure_one_is_missing_or_forbidden),
		TEST(processes_are_created_and_attached_by_init),
		TEST(the_audio_pd_is_created_by_its_name_with_its_heap),
		TEST(a_call_uses_the_oldest_command_that_can_say_it),
		TEST(a_call_may_have_as_many_arguments_as_a_scalars_word_can_count),
		TEST(an_interrupted_call_is_resumed_but_not_for_ever),
		TEST(maps_are_made_and_taken_back_by_their_commands),
		TEST(capabilities_and_latency_have_their_commands),
	};

	/* A 32-bit program's commands are test_narrow's. */
	if (sizeof(void *) == 4)
		return 77;
	return cmocka_run_group_tests_name("downstream", tests, NULL, NULL);
}
