/* SPDX-License-Identifier: BSD-3-Clause */
/* What the mainline dialect asks of the kernel: each command's number and bytes, as the driver has them. */
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

static struct fake_device fake;
static struct frpc_transport *transport;
static struct frpc_remote *remote;

static int set_up(void **state)
{
	(void)state;
	fake_init(&fake);
	fake.nodes[0].path = "/dev/fastrpc-cdsp-secure";
	fake.nodes[0].result = 7;
	if (frpc_transport_mainline_new(&fake.device, &transport))
		return -1;
	return transport->ops->open(transport, 3, 0, NULL, &remote);
}

static int tear_down(void **state)
{
	(void)state;
	transport->ops->close(remote);
	assert_int_equal(fake.open_files, 0);
	transport->ops->free(transport);
	assert_int_equal(fake.frees, 1);
	return 0;
}

static void the_secure_node_is_opened_first_and_without_waiting(void **state)
{
	(void)state;
	assert_int_equal(fake.opens, 1);
	assert_string_equal(fake.opened[0], "/dev/fastrpc-cdsp-secure");
	assert_int_equal(fake.flags & O_NONBLOCK, O_NONBLOCK);
}

static void the_plain_node_follows_where_the_secure_one_is_missing_or_forbidden(void **state)
{
	static const int errors[] = {-ENOENT, -EACCES};
	struct frpc_open_report report = {""};
	struct frpc_remote *other;

	(void)state;
	for (int i = 0; i < 2; i++) {
		fake.nodes[1].path = "/dev/fastrpc-adsp-secure";
		fake.nodes[1].result = errors[i];
		fake.nodes[2].path = "/dev/fastrpc-adsp";
		fake.nodes[2].result = 9;
		assert_int_equal(transport->ops->open(transport, 0, 0, &report, &other), 0);
		assert_string_equal(fake.opened[fake.opens - 1], "/dev/fastrpc-adsp");
		transport->ops->close(other);
	}
	/* Any other failure is the answer. */
	fake.nodes[1].result = -EBUSY;
	assert_int_equal(transport->ops->open(transport, 0, 0, &report, &other), -EBUSY);
	fake.nodes[1].result = fake.nodes[2].result = -ENOENT;
	report.text[0] = 0;
	assert_int_equal(transport->ops->open(transport, 0, 0, &report, &other), -ENOENT);
	assert_non_null(strstr(report.text, "/dev/fastrpc-adsp-secure: "));
	assert_non_null(strstr(report.text, "; /dev/fastrpc-adsp: "));
	assert_int_equal(transport->ops->open(transport, 7, 0, &report, &other), -ENODEV);
}

static void processes_are_created_and_attached_by_their_commands(void **state)
{
	static const char shell[16];
	const struct frpc_process_params params = {.shell = shell,
						   .shell_len = 0x123456,
						   .shell_fd = 17,
						   .attrs = 0x88,
						   .siglen = 0x200,
						   .memlen = 99};
	const uint8_t expected[] = {W32(0x123456), W32(17), W32(0x88), W32(0x200),
				    W64((uintptr_t)shell)};
	int32_t status = -1;

	(void)state;
	assert_int_equal(transport->ops->create(remote, &params, &status), 0);
	assert_int_equal(status, 0);
	fake_expect(&fake, 0, 0xC0185205, expected, sizeof(expected));
	assert_int_equal(fake.ioctls[0].file, 7);
	assert_int_equal(transport->ops->attach(remote, FRPC_ATTACH_ROOT, &status), 0);
	fake_expect(&fake, 1, 0x00005204, NULL, 0);
	assert_int_equal(transport->ops->attach(remote, FRPC_ATTACH_SENSORS, &status), 0);
	fake_expect(&fake, 2, 0x00005208, NULL, 0);
}

static void the_audio_pd_is_created_by_its_name_where_the_driver_can(void **state)
{
	int32_t status = -1;
	uint64_t name;

	(void)state;
	assert_int_equal(transport->ops->attach(remote, FRPC_ATTACH_AUDIO, &status), 0);
	memcpy(&name, fake.ioctls[0].bytes + 8, 8);
	assert_string_equal((const char *)(uintptr_t)name, "audiopd");
	const uint8_t create[] = {W32(8), W32(3 << 20), W64(name)};
	fake_expect(&fake, 0, 0xC0105209, create, sizeof(create));
	fake.results[1] = -ENOTTY;
	assert_int_equal(transport->ops->attach(remote, FRPC_ATTACH_AUDIO, &status), -EOPNOTSUPP);
}

/* The array must be looked at while the command runs. */
static void keep_args(struct fake_device *device, uint32_t cmd, void *arg)
{
	uint64_t args;
	uint32_t sc;

	assert_int_equal(cmd, 0xC0105203);
	memcpy(&sc, (uint8_t *)arg + 4, 4);
	memcpy(&args, (uint8_t *)arg + 8, 8);
	memcpy(device->context, (void *)(uintptr_t)args,
	       24 * ((sc >> 16 & 0xff) + (sc >> 8 & 0xff) + (sc >> 4 & 0xf) + (sc & 0xf)));
}

static void a_call_carries_its_arguments_with_their_fds_and_no_attributes(void **state)
{
	const struct frpc_arg args[] = {
		{0x7f0011223344, 100, -1, 0},
		{0x7f0000001000, 200, 42, 0x66}, /* nothing that this driver must know */
		{0x30, 4096, 43, FRPC_ARG_NOVA},
	};
	const uint8_t head[] = {W32(0xabcd1234), W32(0x02010110)};
	const uint8_t expected[] = {
		W64(0x7f0011223344), W64(100),	W32(-1), W32(0),
		W64(0x7f0000001000), W64(200),	W32(42), W32(0),
		W64(0x30),	     W64(4096), W32(43), W32(0),
	};
	const struct frpc_call call = {0xabcd1234, 0x02010110, args};
	uint8_t seen[sizeof(expected)];
	int32_t status = -1;

	(void)state;
	fake.act = keep_args;
	fake.context = seen;
	assert_int_equal(transport->ops->invoke(remote, &call, &status), 0);
	assert_int_equal(fake.ioctls[0].cmd, 0xC0105203);
	assert_memory_equal(fake.ioctls[0].bytes, head, sizeof(head));
	assert_memory_equal(seen, expected, sizeof(expected));
}

static void a_call_that_demands_what_the_driver_lacks_is_not_made(void **state)
{
	static const uint32_t demands[] = {FRPC_ARG_KEEP_MAP, FRPC_ARG_NOMAP,
					   FRPC_ARG_NOVA | FRPC_ARG_NOMAP};
	int32_t status = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(demands) / sizeof(*demands); i++) {
		const struct frpc_arg args[] = {{0x7f0000001000, 200, 42, 0},
						{0x7f0000002000, 200, 43, demands[i]}};
		const struct frpc_call call = {5000, 0x02020000, args};

		assert_int_equal(transport->ops->invoke(remote, &call, &status), -EOPNOTSUPP);
	}
	assert_int_equal(fake.ioctl_count, 0);
	assert_null(transport->ops->kept_unmap);
}

static void a_call_may_have_as_many_arguments_as_a_scalars_word_can_count(void **state)
{
	static struct frpc_arg args[540];
	static uint8_t seen[540 * 24];
	const struct frpc_call call = {5000, 0x02ffffff, args};
	int32_t status = -1;

	(void)state;
	for (int i = 0; i < 540; i++)
		args[i] = (struct frpc_arg){(uint64_t)i << 12, (uint64_t)i, -1, 0};
	fake.act = keep_args;
	fake.context = seen;
	assert_int_equal(transport->ops->invoke(remote, &call, &status), 0);
	for (uint64_t i = 0; i < 540; i++) {
		const uint8_t expected[] = {W64(i << 12), W64(i), W32(-1), W32(0)};

		assert_memory_equal(seen + i * 24, expected, 24);
	}
}

static void an_interrupted_call_is_not_made_again(void **state)
{
	const struct frpc_call call = {5000, 0x02000000, NULL};
	int32_t status;

	(void)state;
	fake.results[0] = -EINTR;
	assert_int_equal(transport->ops->invoke(remote, &call, &status), -EINTR);
	assert_int_equal(fake.ioctl_count, 1);
}

static void a_dsps_status_is_told_from_an_errno(void **state)
{
	static const struct {
		long result;
		int error;
		int32_t status;
	} results[] = {
		{0, 0, 0},
		{39, 0, 39},
		{(int32_t)0x80000414, 0, (int32_t)0x80000414},
		{-4096, 0, -4096},
		{-4095, -4095, 0},
		{-1, -1, 0},
		{-EPIPE, -EPIPE, 0},
	};
	const struct frpc_call call = {5000, 0x02000000, NULL};

	(void)state;
	for (int i = 0; i < 7; i++) {
		int32_t status = -77;

		fake.results[i] = results[i].result;
		assert_int_equal(transport->ops->invoke(remote, &call, &status), results[i].error);
		assert_int_equal(status, results[i].status);
	}
}

static void set_address(struct fake_device *device, uint32_t cmd, void *arg)
{
	const uint64_t address = 0xe0001000;
	size_t at = cmd == 0xC0205206 ? 24 : 32;

	(void)device;
	if (cmd == 0xC0205206 || cmd == 0xC040520A)
		memcpy((uint8_t *)arg + at, &address, sizeof(address));
}

static void maps_are_made_and_taken_back_by_their_commands(void **state)
{
	const struct frpc_map_params params = {.fd = 5,
					       .offset = 0x40,
					       .flags = 0x1000,
					       .attrs = 9,
					       .vaddr = 0x7f1234567000,
					       .length = 0x123456789};
	const uint8_t mmap[] = {W32(5), W32(0x1000), W64(0x7f1234567000), W64(0x123456789), W64(0)};
	const uint8_t munmap[] = {W64(0xe0001000), W64(0x123456789)};
	const uint8_t mem_map[] = {W32(0),
				   W32(5),
				   W32(0x40),
				   W32(0x1000),
				   W64(0x7f1234567000),
				   W64(0x123456789),
				   W64(0),
				   W32(0),
				   W64(0),
				   W64(0),
				   W32(0)};
	const uint8_t mem_unmap[] = {W32(0), W32(5), W64(0xe0001000), W64(0x123456789),
				     W64(0), W64(0), W64(0)};
	uint64_t address = 0;
	int32_t status;

	(void)state;
	fake.act = set_address;
	assert_int_equal(transport->ops->mmap(remote, &params, &address, &status), 0);
	assert_int_equal(address, 0xe0001000);
	fake_expect(&fake, 0, 0xC0205206, mmap, sizeof(mmap));
	assert_int_equal(transport->ops->munmap(remote, 0xe0001000, 0x123456789, &status), 0);
	fake_expect(&fake, 1, 0xC0105207, munmap, sizeof(munmap));
	address = 0;
	assert_int_equal(transport->ops->mem_map(remote, &params, &address, &status), 0);
	assert_int_equal(address, 0xe0001000);
	fake_expect(&fake, 2, 0xC040520A, mem_map, sizeof(mem_map));
	assert_int_equal(transport->ops->mem_unmap(remote, 5, 0xe0001000, 0x123456789, &status), 0);
	fake_expect(&fake, 3, 0xC030520B, mem_unmap, sizeof(mem_unmap));
}

static void set_result_words(struct fake_device *device, uint32_t cmd, void *arg)
{
	const uint32_t fd = 55, capability = 0x1168;

	(void)device;
	if (cmd == 0xC0105201)
		memcpy(arg, &fd, sizeof(fd));
	if (cmd == 0xC01C520D)
		memcpy((uint8_t *)arg + 8, &capability, sizeof(capability));
}

static void memory_and_capabilities_are_asked_for_on_a_file_of_their_own(void **state)
{
	const uint8_t info[] = {W32(3), W32(6), W32(0), W64(0), W64(0)};
	uint32_t value = 0;
	int32_t status, fd = -1;

	(void)state;
	fake.act = set_result_words;
	assert_int_equal(transport->ops->alloc(transport, 0x12345, &fd), 0);
	assert_int_equal(fd, 55);
	assert_int_equal(fake.ioctls[0].cmd, 0xC0105201);
	assert_memory_equal(fake.ioctls[0].bytes + 8, ((uint8_t[]){W64(0x12345)}), 8);
	assert_int_equal(fake.open_files, 1);
	assert_int_equal(transport->ops->get_info(transport, NULL, 3, 6, &value, &status), 0);
	assert_int_equal(value, 0x1168);
	fake_expect(&fake, 1, 0xC01C520D, info, sizeof(info));
	assert_int_equal(fake.open_files, 1);
	/* On an open one none is opened. */
	assert_int_equal(transport->ops->get_info(transport, remote, 3, 6, &value, &status), 0);
	assert_int_equal(fake.opens, 3);
	/* A failure leaves nothing open. */
	fake.results[fake.next_result] = -ENOMEM;
	assert_int_equal(transport->ops->alloc(transport, 1, &fd), -ENOMEM);
	assert_int_equal(fake.open_files, 1);
}

/* Closing while a call runs: the number must not be free for others yet. */
static void close_it(struct fake_device *device, uint32_t cmd, void *arg)
{
	(void)cmd;
	(void)arg;
	transport->ops->close(device->context);
	assert_int_equal(device->closes, 0);
}

static void a_running_call_keeps_its_file_open(void **state)
{
	const struct frpc_call call = {5000, 0x02000000, NULL};
	int32_t status;

	(void)state;
	fake.act = close_it;
	fake.context = remote;
	assert_int_equal(transport->ops->invoke(remote, &call, &status), 0);
	assert_int_equal(fake.closes, 1);
	remote = NULL;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_secure_node_is_opened_first_and_without_waiting),
		TEST(the_plain_node_follows_where_the_secure_one_is_missing_or_forbidden),
		TEST(processes_are_created_and_attached_by_their_commands),
		TEST(the_audio_pd_is_created_by_its_name_where_the_driver_can),
		TEST(a_call_carries_its_arguments_with_their_fds_and_no_attributes),
		TEST(a_call_that_demands_what_the_driver_lacks_is_not_made),
		TEST(a_call_may_have_as_many_arguments_as_a_scalars_word_can_count),
		TEST(an_interrupted_call_is_not_made_again),
		TEST(a_dsps_status_is_told_from_an_errno),
		TEST(maps_are_made_and_taken_back_by_their_commands),
		TEST(memory_and_capabilities_are_asked_for_on_a_file_of_their_own),
		TEST(a_running_call_keeps_its_file_open),
	};

	return cmocka_run_group_tests_name("mainline", tests, NULL, NULL);
}
