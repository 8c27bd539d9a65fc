/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands to the library, as daemons give them: names behind a prefix that attach to PDs of everybody's,
 * or tell when the DSP has gone.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "remote.h"

#include "support/dead_skels.h"
#include "support/dsp.h"
#include "support/testmod.h"

#define ADSP 0u
#define CDSP 3u
#define LISTENER                                     \
	"file:///libadsp_default_listener1_skel.so?" \
	"adsp_default_listener1_skel_handle_invoke&_modver=1.0"
#define COMMAND(x) ITRANSPORT_PREFIX x

static struct frpc_emulator *emulator;

static int event_of(const char *name)
{
	remote_handle fd = 0;
	int res = remote_handle_open(name, &fd);

	if (res)
		fail_msg("%s: %s", name, frpc_last_error());
	return (int)fd;
}

static void restart(uint32_t domain)
{
	assert_int_equal(dsp_restart(domain), 0);
}

/* Waits for the end that it announces. */
static void expect_event(int fd)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	uint64_t value = 0;

	assert_int_equal(poll(&polled, 1, 60000), 1);
	assert_int_equal(read(fd, &value, sizeof(value)), sizeof(value));
	assert_int_equal(value, 0xff);
}

static void register_listener(const char *uri)
{
	remote_handle64 listener;

	assert_int_equal(remote_handle64_open(uri, &listener), 0);
	assert_int_equal(remote_handle64_invoke(listener, REMOTE_SCALARS_MAKE(2, 0, 0), NULL), 0);
	assert_int_equal(remote_handle64_close(listener), 0);
}

/* ---- the tests ---- */

static void a_daemon_attaches_registers_and_is_told_when_the_dsp_goes(void **state)
{
	remote_handle attached, old = 0;

	(void)state;
	/* Again after the restart: in the same process, and before it has closed what it had. */
	for (int i = 0; i < 2; i++) {
		struct pollfd polled = {.events = POLLIN};

		assert_int_equal(remote_handle_open(COMMAND("attachguestos"), &attached), 0);
		if (i)
			assert_int_equal(remote_handle_close(old), 0);
		register_listener(LISTENER "&_dom=cdsp");
		polled.fd = event_of(COMMAND("geteventfd"));
		assert_int_equal(poll(&polled, 1, 0), 0);
		restart(CDSP);
		expect_event(polled.fd);
		old = attached;
	}
	assert_int_equal(remote_handle_close(old), 0);
}

static void each_pd_has_its_command_and_a_domain_of_its_own(void **state)
{
	static const char *const commands[] = {
		COMMAND("createstaticpd:rootpd&_dom=adsp"),
		COMMAND("createstaticpd:sensorspd&_dom=adsp"),
		COMMAND("createstaticpd:audiopd&_dom=adsp"),
	};

	(void)state;
	if (dsps_are_in_a_rig())
		skip(); /* whose DSPs have no audio PD */
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		remote_handle64 attached, other;
		int fd;

		if (remote_handle64_open(commands[i], &attached))
			fail_msg("%s: %s", commands[i], frpc_last_error());
		/* Who is there already cannot be somebody else. */
		for (size_t j = 0; j < sizeof(commands) / sizeof(*commands); j++)
			assert_int_equal(remote_handle64_open(commands[j], &other),
					 i == j ? 0 : AEE_EALREADYLOADED);
		assert_int_equal(remote_handle64_open(COMMAND("attachuserpd&_dom=adsp"), &other),
				 AEE_EALREADYLOADED);
		fd = event_of(COMMAND("geteventfd&_dom=adsp"));
		/* It stays attached without a handle, too. */
		remote_handle64_close(attached);
		assert_int_equal(remote_session_control(FASTRPC_SESSION_CLOSE,
							&(struct remote_rpc_session_close){ADSP},
							sizeof(struct remote_rpc_session_close)),
				 0);
		assert_int_equal(event_of(COMMAND("geteventfd&_dom=adsp")), fd);
		restart(ADSP);
		/* The next open finds out that it is gone, at the latest. */
		while (!remote_handle_open(COMMAND("geteventfd&_dom=adsp"), &(remote_handle){0}))
			usleep(1000);
	}
}

static void a_process_of_ones_own_is_held_open_without_a_module(void **state)
{
	remote_handle64 held, module;
	remote_rpc_get_domain_t domain;

	(void)state;
	assert_int_equal(remote_handle64_open(COMMAND("attachuserpd&_dom=cdsp&_session=1"), &held),
			 0);
	assert_int_equal(remote_handle64_control(held, DSPRPC_GET_DOMAIN, &domain, sizeof(domain)),
			 0);
	assert_int_equal(domain.domain, 11);
	/* No method of it reaches the DSP. */
	assert_int_equal(remote_handle64_invoke(held, REMOTE_SCALARS_MAKE(2, 0, 0), NULL),
			 AEE_EINVHANDLE);
	assert_non_null(strstr(frpc_last_error(), "no module's"));
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp&_session=1", &module), 0);
	assert_int_equal(remote_handle64_close(module), 0);
	event_of(COMMAND("geteventfd&_dom=cdsp&_session=1")); /* the session outlives its module */
	assert_int_equal(remote_handle64_close(held), 0);
	assert_int_equal(remote_handle64_close(held), AEE_EINVHANDLE);
	assert_int_equal(remote_handle64_open(COMMAND("geteventfd&_dom=cdsp&_session=1"), &held),
			 AEE_ENOSESSION);
}

static void what_is_no_command_is_refused(void **state)
{
	static const struct {
		const char *name;
		int code;
	} wrong[] = {
		{COMMAND(""), AEE_EUNSUPPORTED},
		{COMMAND("attachguestosx"), AEE_EUNSUPPORTED},
		{COMMAND("attachguesto"), AEE_EUNSUPPORTED},
		{COMMAND("createstaticpd:"), AEE_EUNSUPPORTED},
		{COMMAND("createstaticpd:securepd"), AEE_EUNSUPPORTED},
		{COMMAND("createstaticpd:oispd&_dom=adsp"), AEE_EUNSUPPORTED},
		{COMMAND("attachguestos&_dom=moon"), AEE_EBADPARM},
		{COMMAND("attachguestos&_dom=adsp&_session=4"), AEE_EBADPARM},
		{COMMAND("geteventfd"), AEE_ENOSESSION},
	};
	remote_handle64 wide = 77;
	remote_handle narrow = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(remote_handle64_open(wrong[i].name, &wide), wrong[i].code);
		assert_int_equal(remote_handle_open(wrong[i].name, &narrow), wrong[i].code);
	}
	assert_int_equal(wide, 77);
	assert_int_equal(narrow, 77);
}

static int setup(void **state)
{
	(void)state;
	return dsps_hold(&emulator);
}

static int teardown(void **state)
{
	(void)state;
	frpc_emulator_free(emulator);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_daemon_attaches_registers_and_is_told_when_the_dsp_goes),
		cmocka_unit_test(each_pd_has_its_command_and_a_domain_of_its_own),
		cmocka_unit_test(a_process_of_ones_own_is_held_open_without_a_module),
		cmocka_unit_test(what_is_no_command_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
