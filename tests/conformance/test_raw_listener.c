/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client with a listener of its own, without our library: it serves a skel from memory, under a
 * name that no file has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "emulator.h"
#include "support/raw_server.h"
#include "support/testmod.h"

#define FILE_NAME "a-name-that-no-file-has"
#define NAME	  "file:///" FILE_NAME "?testmod_skel_handle_invoke&_modver=1.0"

static long emulator_ioctl(void *context, int file, uint32_t cmd, uintptr_t arg)
{
	return frpc_emulator_ioctl(context, file, cmd, arg, false);
}

static void open_node(struct raw_client *client, struct frpc_emulator *emulator, bool mainline)
{
	uint32_t channel = CDSP_DOMAIN_ID;

	*client = (struct raw_client){
		.ioctl = emulator_ioctl, .context = emulator, .mainline = mainline};
	client->file = frpc_emulator_open(
		emulator, mainline ? "/dev/fastrpc-cdsp-secure" : "/dev/adsprpc-smd-secure",
		O_RDONLY);
	assert_true(client->file >= 0);
	if (!mainline)
		assert_int_equal(raw_ioctl(client, FRPC_DN_IOCTL_GETINFO, &channel), 0);
	assert_int_equal(raw_create(client), 0);
}

static void sum_through(const struct raw_client *client, uint32_t handle)
{
	int32_t vector[3] = {1, 2, 39};
	uint32_t count = 3;
	int64_t sum = 0;
	long res = raw_invoke(client, handle, FRPC_SC_MAKE(TESTMOD_SUM, 2, 1),
			      (struct raw_arg[]){
				      raw_plain(&count, 4),
				      raw_plain(vector, sizeof(vector)),
				      raw_plain(&sum, sizeof(sum)),
			      });

	assert_int_equal(res, 0);
	assert_int_equal(sum, 42);
}

static void serve_from_memory(bool mainline)
{
	struct frpc_emulator_counters counters;
	struct frpc_emulator *emulator;
	struct raw_server server;
	struct raw_client client;
	uint32_t handle;
	size_t size;

	assert_int_equal(frpc_emulator_new("domains=cdsp", &emulator, NULL, 0), 0);
	open_node(&client, emulator, mainline);
	assert_int_equal(raw_server_load(&server, &client, FILE_NAME), 0);
	size = server.image.size;
	assert_int_equal(raw_server_start(&server), 0);
	assert_int_equal(raw_module_open(&client, NAME, &handle), 0);
	sum_through(&client, handle);
	assert_int_equal(raw_module_close(&client, handle), 0);
	assert_int_equal(raw_invoke(&client, 4, 0x02000000, NULL), 0); /* exit */
	assert_int_equal(raw_server_join(&server), (int)0x8000040d);
	assert_null(server.problem);
	frpc_emulator_get_counters(emulator, &counters);
	assert_int_equal(counters.skel_bytes_read, size);
	assert_int_equal(counters.modules_loaded, 1);
	assert_int_equal(server.opened, 1);
	assert_int_equal(server.closed, 1);
	assert_int_equal(frpc_emulator_close(emulator, client.file), 0);
	assert_int_equal(frpc_emulator_processes(emulator, CDSP_DOMAIN_ID), 0);
	frpc_emulator_free(emulator);
}

static void a_skel_served_from_memory_loads_over_mainline(void **state)
{
	(void)state;
	serve_from_memory(true);
}

static void a_skel_served_from_memory_loads_over_downstream(void **state)
{
	(void)state;
	serve_from_memory(false);
}

static void a_module_open_without_a_listener_fails_instead_of_hanging(void **state)
{
	struct frpc_emulator *emulator;
	struct raw_client client;
	uint32_t handle;

	(void)state;
	assert_int_equal(frpc_emulator_new("domains=cdsp", &emulator, NULL, 0), 0);
	open_node(&client, emulator, true);
	assert_int_equal(raw_module_open(&client, NAME, &handle), (int)0x80000406);
	assert_int_equal(frpc_emulator_close(emulator, client.file), 0);
	frpc_emulator_free(emulator);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_skel_served_from_memory_loads_over_mainline),
		cmocka_unit_test(a_skel_served_from_memory_loads_over_downstream),
		cmocka_unit_test(a_module_open_without_a_listener_fails_instead_of_hanging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
