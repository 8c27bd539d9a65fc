/* SPDX-License-Identifier: BSD-3-Clause */
/* Which transport a word names, and how the one that finds out goes about it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_device.h"
#include "transport/dialect.h"

static struct fake_device fake;
static struct frpc_transport *transport;

static int set_up(void **state)
{
	(void)state;
	fake_init(&fake);
	return frpc_transport_auto_new(&fake.device, &transport);
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(fake.open_files, 0);
	transport->ops->free(transport);
	assert_int_equal(fake.frees, 1);
	return 0;
}

static void a_word_names_a_transport_and_nothing_else_does(void **state)
{
	static const char *const names[][2] = {
		{"auto", "auto"},
		{NULL, "auto"},
		{"", "auto"},
		{"mainline", "mainline"},
		{"downstream", "downstream"},
	};
	static const char *const wrong[] = {"Auto", "mainline ", "mainline@", "mainline@auto", "x"};
	struct frpc_transport *made;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(frpc_transport_new(names[i][0], &made, text, sizeof(text)), 0);
		assert_string_equal(made->ops->name, names[i][1]);
		assert_int_equal(made->ops->version, FRPC_TRANSPORT_VERSION);
		made->ops->free(made);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(frpc_transport_new(wrong[i], &made, text, sizeof(text)), -EINVAL);
		assert_null(made);
		assert_non_null(strstr(text, wrong[i]));
		assert_non_null(strstr(text, "mainline@emulator"));
	}
}

static void mainline_is_probed_first_then_downstream(void **state)
{
	struct frpc_open_report report = {""};
	struct frpc_remote *remote;

	(void)state;
	fake.nodes[0].path = "/dev/adsprpc-smd";
	fake.nodes[0].result = 5;
	assert_int_equal(transport->ops->open(transport, 3, 0, &report, &remote), 0);
	assert_int_equal(fake.opens, 4);
	assert_string_equal(fake.opened[0], "/dev/fastrpc-cdsp-secure");
	assert_string_equal(fake.opened[1], "/dev/fastrpc-cdsp");
	assert_string_equal(fake.opened[2], "/dev/adsprpc-smd-secure");
	assert_string_equal(fake.opened[3], "/dev/adsprpc-smd");
	/* It belongs to the dialect that opened it. */
	assert_string_equal(remote->transport->ops->name, "downstream");
	remote->transport->ops->close(remote);
	fake.nodes[1].path = "/dev/fastrpc-cdsp";
	fake.nodes[1].result = 6;
	assert_int_equal(transport->ops->open(transport, 3, 0, &report, &remote), 0);
	assert_string_equal(remote->transport->ops->name, "mainline");
	remote->transport->ops->close(remote);
}

static void a_node_that_refuses_ends_the_search(void **state)
{
	struct frpc_open_report report = {""};
	struct frpc_remote *remote;

	(void)state;
	fake.nodes[0].path = "/dev/fastrpc-cdsp";
	fake.nodes[0].result = -EACCES;
	fake.nodes[1].path = "/dev/adsprpc-smd-secure";
	fake.nodes[1].result = 5;
	assert_int_equal(transport->ops->open(transport, 3, 0, &report, &remote), -EACCES);
	assert_int_equal(fake.opens, 2);
}

static void without_any_node_all_of_them_are_named(void **state)
{
	static const char *const paths[] = {"/dev/fastrpc-cdsp-secure: ", "/dev/fastrpc-cdsp: ",
					    "/dev/adsprpc-smd-secure: ", "/dev/adsprpc-smd: "};
	struct frpc_open_report report = {""};
	struct frpc_remote *remote;
	uint32_t value;
	int32_t status;

	(void)state;
	assert_int_equal(transport->ops->open(transport, 3, 0, &report, &remote), -ENOENT);
	for (size_t i = 0; i < 4; i++)
		assert_non_null(strstr(report.text, paths[i]));
	assert_int_equal(transport->ops->get_info(transport, NULL, 3, 6, &value, &status), -ENOENT);
	assert_int_equal(transport->ops->alloc(transport, 4096, &status), -ENOENT);
}

static void a_report_that_is_full_stays_a_text(void **state)
{
	struct frpc_open_report report = {""};

	(void)state;
	for (int i = 0; i < FAKE_MAX; i++)
		assert_int_equal(frpc_device_try_open(&fake.device, "/dev/a-node-with-a-long-name",
						      0, &report),
				 -ENOENT);
	assert_int_equal(strlen(report.text), sizeof(report.text) - 1);
}

static void domains_have_their_names(void **state)
{
	static const char *const names[] = {"adsp",  "mdsp",  "sdsp", "cdsp",
					    "cdsp1", "gdsp0", "gdsp1"};

	(void)state;
	for (uint32_t i = 0; i < 7; i++)
		assert_string_equal(frpc_domain_name(i), names[i]);
	assert_null(frpc_domain_name(7));
	assert_null(frpc_domain_name(UINT32_MAX));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_word_names_a_transport_and_nothing_else_does),
		TEST(mainline_is_probed_first_then_downstream),
		TEST(a_node_that_refuses_ends_the_search),
		TEST(without_any_node_all_of_them_are_named),
		TEST(a_report_that_is_full_stays_a_text),
		TEST(domains_have_their_names),
	};

	return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
