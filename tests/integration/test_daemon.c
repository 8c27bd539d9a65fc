/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The daemon: it attaches to the root PD and offers its listener; a client that has
 * none gets its libraries through it; it notices when the DSP restarts, or the audio PD alone does.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <fastrpc/abi/smq.h>

#include "dsp.h"
#include "lib/buffer.h"
#include "tools/frpcd/serve.h"

#include "proxy.h"

#define ADSP	       0u
#define CDSP	       3u
#define UNABLE_TO_LOAD 0x80000406u
#define ERROR_TEXT     255u

#define AUDIO_PD "msm/adsp/audio_pd"

struct daemon {
	struct frpcd_service service;
	struct frpc_transport *transport;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool started;
	enum frpcd_end end;
	char text[700];
};

static struct frpc_transport *new_transport(void)
{
	struct frpc_transport *transport = NULL;
	char text[512] = "";

	if (frpc_transport_new(getenv("FRPC_TRANSPORT"), &transport, text, sizeof(text)))
		fail_msg("%s", text);
	return transport;
}

static void started(void *context)
{
	struct daemon *daemon = context;

	pthread_mutex_lock(&daemon->lock);
	daemon->started = true;
	pthread_cond_signal(&daemon->changed);
	pthread_mutex_unlock(&daemon->lock);
}

static void *run_daemon(void *arg)
{
	struct daemon *daemon = arg;

	daemon->end = frpcd_serve(daemon->transport, &daemon->service, started, daemon,
				  daemon->text, sizeof(daemon->text));
	started(daemon); /* if it failed: nobody waits for ever */
	return NULL;
}

static void start(struct daemon *daemon, uint32_t domain, enum frpc_attach_kind kind)
{
	*daemon = (struct daemon){.service = {domain, kind, true}};
	pthread_mutex_init(&daemon->lock, NULL);
	pthread_cond_init(&daemon->changed, NULL);
	daemon->transport = new_transport();
	assert_int_equal(pthread_create(&daemon->thread, NULL, run_daemon, daemon), 0);
	pthread_mutex_lock(&daemon->lock);
	while (!daemon->started)
		pthread_cond_wait(&daemon->changed, &daemon->lock);
	pthread_mutex_unlock(&daemon->lock);
	assert_string_equal(daemon->text, "");
}

static void join(struct daemon *daemon)
{
	pthread_join(daemon->thread, NULL);
	daemon->transport->ops->free(daemon->transport);
	pthread_cond_destroy(&daemon->changed);
	pthread_mutex_destroy(&daemon->lock);
}

/* A client that has a process of its own on the DSP, and no listener. */
static struct frpc_remote *new_client(struct frpc_transport *transport)
{
	struct frpc_process_params params = {.shell_len = 4096};
	struct frpc_buffer shell;
	struct frpc_open_report report = {.text = ""};
	struct frpc_remote *remote = NULL;
	int32_t status = -1;

	assert_int_equal(transport->ops->open(transport, CDSP, 0, &report, &remote), 0);
	assert_int_equal(frpc_buffer_alloc(transport, params.shell_len, &shell), 0);
	params.shell = shell.bytes;
	params.shell_fd = shell.fd;
	assert_int_equal(transport->ops->create(remote, &params, &status), 0);
	frpc_buffer_free(&shell);
	assert_int_equal(status, 0);
	return remote;
}

static uint32_t open_proxy(struct frpc_remote *remote)
{
	static const char uri[] = PROXY_URI "&_dom=cdsp";
	struct {
		uint32_t name_len, text_len;
	} in = {sizeof(uri), ERROR_TEXT};
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, 0};
	char text[ERROR_TEXT + 1] = "";
	const struct frpc_arg args[] = {
		{(uintptr_t)&in, sizeof(in), -1, 0},
		{(uintptr_t)uri, sizeof(uri), -1, 0},
		{(uintptr_t)&out, sizeof(out), -1, 0},
		{(uintptr_t)text, ERROR_TEXT, -1, 0},
	};
	const struct frpc_call call = {0, FRPC_SC_MAKE(0, 2, 2), args};
	int32_t status = -1;

	assert_int_equal(remote->transport->ops->invoke(remote, &call, &status), 0);
	assert_int_equal(status, 0);
	return (uint32_t)out.error;
}

static void a_client_without_a_listener_gets_its_libraries_through_the_daemon(void **state)
{
	struct frpc_transport *transport;
	struct frpc_emulator *emulator;
	struct frpc_remote *client;
	struct daemon daemon;

	(void)state;
	transport = new_transport();
	client = new_client(transport);
	assert_int_equal(dsps_hold(&emulator), 0);
	assert_int_equal(open_proxy(client), UNABLE_TO_LOAD);
	start(&daemon, CDSP, FRPC_ATTACH_ROOT);
	assert_int_equal(open_proxy(client), 0);
	assert_int_equal(dsp_restart(CDSP), 0);
	join(&daemon);
	assert_int_equal(daemon.end, FRPCD_ENDED);
	transport->ops->close(client);
	/* And again, after the restart. */
	client = new_client(transport);
	assert_int_equal(open_proxy(client), UNABLE_TO_LOAD);
	start(&daemon, CDSP, FRPC_ATTACH_ROOT);
	assert_int_equal(open_proxy(client), 0);
	assert_int_equal(dsp_restart(CDSP), 0);
	join(&daemon);
	transport->ops->close(client);
	transport->ops->free(transport);
	frpc_emulator_free(emulator);
}

static void a_domain_that_is_not_there_is_told_apart_from_a_failure(void **state)
{
	const struct frpcd_service service = {1, FRPC_ATTACH_ROOT, true};
	struct frpc_transport *transport;
	char text[700] = "";

	(void)state;
	if (strncmp(getenv("FRPC_TRANSPORT"), "mainline", 8))
		skip(); /* downstream one node is there for all, and waits for the DSP to come up */
	if (dsps_are_in_a_rig())
		skip(); /* which has them all */
	transport = new_transport();
	assert_int_equal(frpcd_serve(transport, &service, NULL, NULL, text, sizeof(text)),
			 FRPCD_NO_NODE);
	assert_non_null(strstr(text, "mdsp"));
	transport->ops->free(transport);
}

/* The listener's call has reached the DSP: only what is there is ended by a PD's restart. */
static void await_listener(struct frpc_emulator *emulator)
{
	static struct frpc_emulator_message messages[128];
	struct frpc_smq_msg message;
	bool there = false;

	while (!there) {
		int count = frpc_emulator_messages(emulator, false, ADSP, messages, 128);

		assert_true(count >= 0);
		for (int i = 0; i < count; i++) {
			if (messages[i].received || messages[i].length < sizeof(message))
				continue;
			memcpy(&message, messages[i].bytes, sizeof(message));
			there |= message.handle == FRPC_HANDLE_LISTENER1 &&
				 FRPC_SC_METHOD(message.sc) == 6;
		}
		usleep(1000);
	}
}

static void the_daemon_of_the_audio_pd_serves_again_after_that_or_its_dsp_restarted(void **state)
{
	struct frpc_emulator *emulator;
	struct daemon daemon;

	(void)state;
	if (dsps_are_in_a_rig())
		skip(); /* whose DSPs have no audio PD */
	assert_int_equal(dsps_hold(&emulator), 0);
	start(&daemon, ADSP, FRPC_ATTACH_AUDIO);
	/* Mainline's driver does not know of the PD's own restarts. */
	if (!strncmp(getenv("FRPC_TRANSPORT"), "downstream", 10)) {
		await_listener(emulator);
		assert_int_equal(frpc_emulator_set_static_pd(emulator, AUDIO_PD, false), 0);
		assert_int_equal(frpc_emulator_set_static_pd(emulator, AUDIO_PD, true), 0);
		join(&daemon);
		assert_int_equal(daemon.end, FRPCD_ENDED);
		start(&daemon, ADSP, FRPC_ATTACH_AUDIO);
	}
	assert_int_equal(dsp_restart(ADSP), 0);
	join(&daemon);
	assert_int_equal(daemon.end, FRPCD_ENDED);
	start(&daemon, ADSP, FRPC_ATTACH_AUDIO);
	assert_int_equal(dsp_restart(ADSP), 0);
	join(&daemon);
	frpc_emulator_free(emulator);
}

/* How a daemon ends whose calls fail as @fault says: put before the transport for as long. */
static enum frpcd_end serve_with(const char *fault, char *text, size_t textlen)
{
	const struct frpcd_service service = {CDSP, FRPC_ATTACH_ROOT, true};
	char *saved = strdup(getenv("FRPC_TRANSPORT")), words[200];
	struct frpc_transport *transport;
	enum frpcd_end end;

	snprintf(words, sizeof(words), "%s:%s", fault, saved);
	setenv("FRPC_TRANSPORT", words, 1);
	transport = new_transport();
	end = frpcd_serve(transport, &service, NULL, NULL, text, textlen);
	transport->ops->free(transport);
	setenv("FRPC_TRANSPORT", saved, 1);
	free(saved);
	return end;
}

/* Which call of the daemon's is the listener's first is found out: those before it end the start. */
static void a_daemon_whose_listener_the_driver_fails_says_so_and_can_serve_again(void **state)
{
	static const char *const down[] = {"EPIPE", "ECONNRESET", "ESHUTDOWN", "ENODEV"};
	char fault[100], text[700] = "";
	struct frpc_emulator *emulator;
	struct daemon daemon;
	int time = 0;

	(void)state;
	assert_int_equal(dsps_hold(&emulator), 0);
	while (!strstr(text, "listener's calls")) {
		assert_in_range(++time, 1, 7);
		snprintf(fault, sizeof(fault), "fault=invoke=EIO@%d,invoke=EIO@%d", time, time + 1);
		assert_int_equal(serve_with(fault, text, sizeof(text)), FRPCD_REFUSED);
	}
	for (size_t i = 0; i < sizeof(down) / sizeof(*down); i++) {
		snprintf(fault, sizeof(fault), "fault=invoke=%s@%d", down[i], time);
		assert_int_equal(serve_with(fault, text, sizeof(text)), FRPCD_ENDED);
		assert_string_equal(text, "the DSP has gone down");
	}
	start(&daemon, CDSP, FRPC_ATTACH_ROOT);
	assert_int_equal(dsp_restart(CDSP), 0);
	join(&daemon);
	assert_int_equal(daemon.end, FRPCD_ENDED);
	frpc_emulator_free(emulator);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_without_a_listener_gets_its_libraries_through_the_daemon),
		cmocka_unit_test(a_domain_that_is_not_there_is_told_apart_from_a_failure),
		cmocka_unit_test(
			the_daemon_of_the_audio_pd_serves_again_after_that_or_its_dsp_restarted),
		cmocka_unit_test(
			a_daemon_whose_listener_the_driver_fails_says_so_and_can_serve_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
