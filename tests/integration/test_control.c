/* SPDX-License-Identifier: BSD-3-Clause */
/* The requests of remote_session_control() and remote_handle_control(), and the log sink. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "emulator.h"
#include "fastrpc.h"
#include "remote.h"
#include "support/leaks.h"
#include "support/testmod.h"

static struct resources before;

static int setup(void **state)
{
	(void)state;
	frpc_clear_last_error();
	before = resources_at_rest();
	return 0;
}

static int nothing_is_left(void **state)
{
	(void)state;
	return end_with_resources(&before);
}

static int session(uint32_t req, void *data, uint32_t len)
{
	return remote_session_control(req, data, len);
}

static void every_request_wants_exactly_its_struct(void **state)
{
	static const struct {
		uint32_t req, size;
	} requests[] = {
		{FASTRPC_THREAD_PARAMS, sizeof(struct remote_rpc_thread_params)},
		{DSPRPC_CONTROL_UNSIGNED_MODULE, sizeof(struct remote_rpc_control_unsigned_module)},
		{FASTRPC_RELATIVE_THREAD_PRIORITY,
		 sizeof(struct remote_rpc_relative_thread_priority)},
		{FASTRPC_SESSION_CLOSE, sizeof(struct remote_rpc_session_close)},
		{FASTRPC_CONTROL_PD_DUMP, sizeof(struct remote_rpc_control_pd_dump)},
		{FASTRPC_REMOTE_PROCESS_TYPE, sizeof(struct remote_process_type)},
		{FASTRPC_PD_INITMEM_SIZE, sizeof(struct remote_rpc_pd_initmem_size)},
		{FASTRPC_RESERVE_NEW_SESSION, sizeof(remote_rpc_reserve_new_session_t)},
		{FASTRPC_GET_EFFECTIVE_DOMAIN_ID, sizeof(remote_rpc_effective_domain_id_t)},
		{FASTRPC_GET_URI, sizeof(remote_rpc_get_uri_t)},
	};
	uint64_t data[16] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		uint32_t req = requests[i].req, size = requests[i].size;

		assert_int_equal(session(req, NULL, size), AEE_EBADPARM);
		assert_int_equal(session(req, data, size - 1), AEE_EBADPARM);
		assert_int_equal(session(req, data, size + 1), AEE_EBADPARM);
		assert_int_equal(session(req, data, 0), AEE_EBADPARM);
	}
	assert_int_equal(session(1000, data, 8), AEE_EUNSUPPORTED);
	assert_non_null(strstr(frpc_last_error(), "request 1000"));
}

static void an_effective_domain_is_domain_plus_eight_times_session(void **state)
{
	char name[] = "cdsp", nobody[] = "tdsp";

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		remote_rpc_effective_domain_id_t request = {
			.domain_name = name,
			.domain_name_len = 4,
			.session_id = i,
		};

		assert_int_equal(
			session(FASTRPC_GET_EFFECTIVE_DOMAIN_ID, &request, sizeof(request)), 0);
		assert_int_equal(request.effective_domain_id, CDSP_DOMAIN_ID + 8 * i);
		request.session_id = i + 4;
		assert_int_equal(session(FASTRPC_GET_EFFECTIVE_DOMAIN_ID, &request,
					 sizeof(request)),
				 AEE_EBADPARM);
		request.session_id = 0;
		request.domain_name = nobody;
		assert_int_equal(session(FASTRPC_GET_EFFECTIVE_DOMAIN_ID, &request,
					 sizeof(request)),
				 AEE_EBADPARM);
	}
}

static void a_relative_priority_has_a_range_and_comes_before_the_first_open(void **state)
{
	struct remote_rpc_relative_thread_priority request = {CDSP_DOMAIN_ID, -50};
	remote_handle64 h;

	(void)state;
	assert_int_equal(session(FASTRPC_RELATIVE_THREAD_PRIORITY, &request, sizeof(request)), 0);
	request.relative_thread_priority = -192;
	assert_int_equal(session(FASTRPC_RELATIVE_THREAD_PRIORITY, &request, sizeof(request)),
			 AEE_EBADPARM);
	request.relative_thread_priority = INT32_MAX;
	assert_int_equal(session(FASTRPC_RELATIVE_THREAD_PRIORITY, &request, sizeof(request)),
			 AEE_EBADPARM);
	request.relative_thread_priority = INT32_MIN;
	assert_int_equal(session(FASTRPC_RELATIVE_THREAD_PRIORITY, &request, sizeof(request)),
			 AEE_EBADPARM);
	/* The emulated DSP takes no such parameters: the session goes without. */
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	request.relative_thread_priority = 63;
	assert_int_equal(session(FASTRPC_RELATIVE_THREAD_PRIORITY, &request, sizeof(request)),
			 AEE_EALREADYLOADED);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(session(FASTRPC_RELATIVE_THREAD_PRIORITY, &request, sizeof(request)), 0);
}

static int vote(remote_handle64 h, uint32_t enable, uint32_t us)
{
	struct remote_rpc_control_latency request = {enable, us};

	return remote_handle64_control(h, DSPRPC_CONTROL_LATENCY, &request, sizeof(request));
}

static uint64_t votes_counted(struct frpc_emulator *machine)
{
	struct frpc_emulator_counters counters;

	frpc_emulator_get_counters(machine, &counters);
	return counters.latency_votes;
}

static void latency_is_voted_on_with_the_driver_or_the_system(void **state)
{
	struct remote_rpc_control_latency request = {RPC_PM_QOS, 100};
	bool downstream = strstr(getenv("FRPC_TRANSPORT"), "downstream");
	bool system = !access("/dev/cpu_dma_latency", W_OK);
	struct frpc_emulator *machine;
	uint64_t votes;
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle_control(DSPRPC_CONTROL_LATENCY, &request, sizeof(request)),
			 AEE_ENOSESSION);
	assert_int_equal(frpc_emulator_default(&machine, NULL, 0), 0);
	votes = votes_counted(machine);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(vote(h, RPC_DISABLE_QOS, 0), 0);
	assert_int_equal(vote(h, 4, 0), AEE_EBADPARM);
	assert_int_equal(remote_handle64_control(h, DSPRPC_CONTROL_LATENCY, &request,
						 sizeof(request) - 1),
			 AEE_EBADPARM);
	if (downstream) {
		assert_int_equal(vote(h, RPC_PM_QOS, 100), 0);
		assert_int_equal(votes_counted(machine), votes + 1);
		assert_int_equal(vote(h, RPC_DISABLE_QOS, 0), 0);
		assert_int_equal(votes_counted(machine), votes + 2);
		assert_int_equal(vote(h, RPC_DISABLE_QOS, 0), 0);
		assert_int_equal(votes_counted(machine), votes + 2);
		assert_int_equal(remote_handle_control(DSPRPC_CONTROL_LATENCY, &request,
						       sizeof(request)),
				 0);
	} else if (system) {
		struct resources without = resources_at_rest();

		/* A vote lasts as long as its file is open; the session's end withdraws it. */
		assert_int_equal(vote(h, RPC_PM_QOS, 100), 0);
		assert_int_equal(vote(h, RPC_PM_QOS, 200), 0);
		assert_int_equal(resources_now().fds, without.fds + 1);
		assert_int_equal(vote(h, RPC_DISABLE_QOS, 0), 0);
		assert_int_equal(resources_now().fds, without.fds);
		assert_int_equal(vote(h, RPC_PM_QOS, 100), 0);
	} else {
		int res = vote(h, RPC_PM_QOS, 100);

		assert_true(res == AEE_EUNSUPPORTED || res == AEE_EBADPERMS);
		assert_non_null(strstr(frpc_last_error(), "/dev/cpu_dma_latency"));
	}
	assert_int_equal(remote_handle64_close(h), 0);
	frpc_emulator_free(machine);
}

static void calls_are_polled_for_where_driver_and_dsp_do_and_refused_elsewhere(void **state)
{
	bool downstream = strstr(getenv("FRPC_TRANSPORT"), "downstream");
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(vote(h, RPC_POLL_QOS, 10001), AEE_EBADPARM);
	assert_int_equal(vote(h, RPC_POLL_QOS, 1000), downstream ? 0 : AEE_EUNSUPPORTED);
	for (int i = 0; i < 20; i++)
		assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	assert_int_equal(vote(h, RPC_ADAPTIVE_QOS, 0), AEE_EUNSUPPORTED);
	assert_non_null(strstr(frpc_last_error(), "the DSP knows no such mode"));
	assert_int_equal(vote(h, RPC_DISABLE_QOS, 0), 0);
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_wakelock_is_held_where_the_system_has_such(void **state)
{
	struct remote_rpc_control_wakelock request = {1};
	bool there = !access("/sys/power/wake_lock", W_OK);
	int res = remote_handle_control(DSPRPC_CONTROL_WAKELOCK, &request, sizeof(request));

	(void)state;
	if (there) {
		assert_int_equal(res, 0);
		request.enable = 0;
		assert_int_equal(remote_handle_control(DSPRPC_CONTROL_WAKELOCK, &request,
						       sizeof(request)),
				 0);
	} else {
		assert_true(res == AEE_EUNSUPPORTED || res == AEE_EBADPERMS);
		assert_non_null(strstr(frpc_last_error(), "/sys/power/wake_lock"));
	}
	assert_int_equal(remote_handle_control(DSPRPC_CONTROL_WAKELOCK, &request, 0), AEE_EBADPARM);
}

static int get_uri(char *uri, uint32_t len, uint32_t id)
{
	char name[] = "cdsp", module[] = TESTMOD_URI;
	remote_rpc_get_uri_t request = {
		.domain_name = name,
		.domain_name_len = sizeof(name),
		.session_id = id,
		.module_uri = module,
		.module_uri_len = sizeof(module),
		.uri = uri,
		.uri_len = len,
	};

	return session(FASTRPC_GET_URI, &request, sizeof(request));
}

static void a_uri_gets_its_domain_and_session_or_nothing(void **state)
{
	char uri[sizeof(TESTMOD_URI) + 30], expected[sizeof(uri)];
	size_t least;

	(void)state;
	snprintf(expected, sizeof(expected), "%s&_dom=cdsp&_session=2", TESTMOD_URI);
	least = strlen(expected) + 1;
	assert_int_equal(get_uri(uri, sizeof(uri), 2), 0);
	assert_string_equal(uri, expected);
	assert_int_equal(get_uri(uri, (uint32_t)least, 2), 0);
	/* Too short: nothing is written, not even in part. */
	memset(uri, 'x', sizeof(uri));
	assert_int_equal(get_uri(uri, (uint32_t)least - 1, 2), AEE_EBADSIZE);
	assert_int_equal(get_uri(uri, (uint32_t)strlen(TESTMOD_URI), 2), AEE_EBADPARM);
	assert_int_equal(get_uri(uri, sizeof(uri), 4), AEE_EBADPARM);
	for (size_t i = 0; i < sizeof(uri); i++)
		assert_int_equal(uri[i], 'x');
}

static void a_reserved_session_is_one_that_nobody_else_gets(void **state)
{
	char name[] = "mdsp", own[] = "mine";
	remote_rpc_reserve_new_session_t request = {
		.domain_name = name,
		.domain_name_len = sizeof(name),
		.session_name = own,
		.session_name_len = sizeof(own),
	};
	uint32_t seen = 0;
	int count = 0, res;

	(void)state;
	while (!(res = session(FASTRPC_RESERVE_NEW_SESSION, &request, sizeof(request)))) {
		assert_true(request.session_id < 4);
		assert_int_equal(request.effective_domain_id,
				 MDSP_DOMAIN_ID + 8 * request.session_id);
		assert_int_equal(seen & 1u << request.session_id, 0);
		seen |= 1u << request.session_id;
		assert_true(++count <= 4);
	}
	assert_true(count >= 3);
	assert_non_null(strstr(frpc_last_error(), "sessions of mdsp are in use"));
	assert_int_equal(res, AEE_ENOSESSION);
}

static void two_sessions_of_a_domain_are_two_processes(void **state)
{
	remote_rpc_get_domain_t domain = {0};
	remote_handle64 first, second;
	uint32_t count;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &first), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp&_session=1", &second), 0);
	assert_int_equal(testmod_count(first, &count), 0);
	assert_int_equal(testmod_count(first, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(testmod_count(second, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(
		remote_handle64_control(second, DSPRPC_GET_DOMAIN, &domain, sizeof(domain)), 0);
	assert_int_equal(domain.domain, CDSP_DOMAIN_ID + 8);
	assert_int_equal(remote_handle64_control(first, DSPRPC_GET_DOMAIN, &domain, sizeof(domain)),
			 0);
	assert_int_equal(domain.domain, CDSP_DOMAIN_ID);
	assert_int_equal(remote_handle64_close(first), 0);
	assert_int_equal(testmod_call0(second, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(second), 0);
}

static void what_a_process_is_made_with_is_said_before_it_is_there(void **state)
{
	struct remote_rpc_control_unsigned_module unsigned_module = {CDSP_DOMAIN_ID, 1};
	struct remote_process_type type = {.domain = CDSP_DOMAIN_ID};
	struct remote_rpc_pd_initmem_size memory = {CDSP_DOMAIN_ID, 4 << 20};
	remote_handle64 h;

	(void)state;
	assert_int_equal(session(FASTRPC_REMOTE_PROCESS_TYPE, &type, sizeof(type)), 0);
	assert_int_equal(type.process_type, PROCESS_TYPE_SIGNED);
	assert_int_equal(session(DSPRPC_CONTROL_UNSIGNED_MODULE, &unsigned_module,
				 sizeof(unsigned_module)),
			 0);
	assert_int_equal(session(FASTRPC_REMOTE_PROCESS_TYPE, &type, sizeof(type)), 0);
	assert_int_equal(type.process_type, PROCESS_TYPE_UNSIGNED);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	unsigned_module.enable = 0;
	assert_int_equal(session(DSPRPC_CONTROL_UNSIGNED_MODULE, &unsigned_module,
				 sizeof(unsigned_module)),
			 AEE_EALREADYLOADED);
	assert_non_null(strstr(frpc_last_error(), "before the first open"));
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(session(DSPRPC_CONTROL_UNSIGNED_MODULE, &unsigned_module,
				 sizeof(unsigned_module)),
			 0);
	memory.pd_initmem_size = (3 << 20) - 1;
	assert_int_equal(session(FASTRPC_PD_INITMEM_SIZE, &memory, sizeof(memory)), AEE_EBADPARM);
	memory.pd_initmem_size = (200 << 20) + 1;
	assert_int_equal(session(FASTRPC_PD_INITMEM_SIZE, &memory, sizeof(memory)), AEE_EBADPARM);
	memory.pd_initmem_size = 200 << 20;
	assert_int_equal(session(FASTRPC_PD_INITMEM_SIZE, &memory, sizeof(memory)), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	memory.pd_initmem_size = 3 << 20;
	assert_int_equal(session(FASTRPC_PD_INITMEM_SIZE, &memory, sizeof(memory)), 0);
}

static void thread_parameters_have_their_ranges(void **state)
{
	struct remote_rpc_thread_params params = {SDSP_DOMAIN_ID, 1, 16 << 10};

	(void)state;
	assert_int_equal(session(FASTRPC_THREAD_PARAMS, &params, sizeof(params)), 0);
	params = (struct remote_rpc_thread_params){SDSP_DOMAIN_ID, 255, 8 << 20};
	assert_int_equal(session(FASTRPC_THREAD_PARAMS, &params, sizeof(params)), 0);
	params = (struct remote_rpc_thread_params){SDSP_DOMAIN_ID, -1, -1};
	assert_int_equal(session(FASTRPC_THREAD_PARAMS, &params, sizeof(params)), 0);
	params = (struct remote_rpc_thread_params){SDSP_DOMAIN_ID, 256, -1};
	assert_int_equal(session(FASTRPC_THREAD_PARAMS, &params, sizeof(params)), AEE_EBADPARM);
	params = (struct remote_rpc_thread_params){SDSP_DOMAIN_ID, 0, -1};
	assert_int_equal(session(FASTRPC_THREAD_PARAMS, &params, sizeof(params)), AEE_EBADPARM);
	params = (struct remote_rpc_thread_params){SDSP_DOMAIN_ID, -1, (16 << 10) - 1};
	assert_int_equal(session(FASTRPC_THREAD_PARAMS, &params, sizeof(params)), AEE_EBADPARM);
	params = (struct remote_rpc_thread_params){99, -1, -1};
	assert_int_equal(session(FASTRPC_THREAD_PARAMS, &params, sizeof(params)), AEE_EBADPARM);
}

static void a_session_closes_with_its_handles_open_and_they_are_refused_then(void **state)
{
	struct remote_rpc_session_close request = {CDSP_DOMAIN_ID};
	remote_handle64 first, second;

	(void)state;
	assert_int_equal(session(FASTRPC_SESSION_CLOSE, &request, sizeof(request)), AEE_ENOSESSION);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &first), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &second), 0);
	assert_int_equal(session(FASTRPC_SESSION_CLOSE, &request, sizeof(request)), 0);
	assert_int_equal(testmod_call0(first, TESTMOD_EMPTY), AEE_EINVHANDLE);
	assert_int_equal(remote_handle64_close(first), AEE_EINVHANDLE);
	assert_int_equal(remote_handle64_close(second), AEE_EINVHANDLE);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &first), 0);
	assert_int_equal(testmod_call0(first, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(first), 0);
}

static void a_dsps_attributes_can_be_asked_for_without_a_session(void **state)
{
	struct remote_dsp_capability request = {CDSP_DOMAIN_ID, ARCH_VER, 0};
	uint32_t value = 0;

	(void)state;
	assert_int_equal(remote_handle_control(DSPRPC_GET_DSP_INFO, &request, sizeof(request)), 0);
	assert_int_equal(request.capability & 0xff, 0x68);
	assert_int_equal(fastrpc_get_cap(CDSP_DOMAIN_ID, ARCH_VER, &value), 0);
	assert_int_equal(value, request.capability);
	assert_int_equal(fastrpc_get_cap(CDSP_DOMAIN_ID, DOMAIN_SUPPORT, &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(fastrpc_get_cap(5, DOMAIN_SUPPORT, &value), 0);
	assert_int_equal(value, 0); /* gdsp0 is not on this machine */
	assert_int_equal(fastrpc_get_cap(CDSP_DOMAIN_ID, ARCH_VER, NULL), AEE_EBADPARM);
	assert_int_equal(fastrpc_get_cap(9, ARCH_VER, &value), AEE_EBADPARM);
	assert_int_equal(remote_handle_control(DSPRPC_GET_DSP_INFO, &request, 8), AEE_EBADPARM);
}

static void every_attribute_of_the_dsp_can_be_asked_for(void **state)
{
	bool downstream = strstr(getenv("FRPC_TRANSPORT"), "downstream");
	const uint32_t wanted[] = {
		[DOMAIN_SUPPORT] = 1,
		[UNSIGNED_PD_SUPPORT] = 1,
		[HVX_SUPPORT_128B] = 4,
		[VTCM_PAGE] = 4 << 20,
		[VTCM_COUNT] = 1,
		[ARCH_VER] = 0x68,
		[ASYNC_FASTRPC_SUPPORT] = downstream ? 1 : 0,
		[STATUS_NOTIFICATION_SUPPORT] = downstream ? 3 : 0,
		[MCID_MULTICAST] = 0,
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		uint32_t value = 77;

		assert_int_equal(fastrpc_get_cap(CDSP_DOMAIN_ID, i, &value), 0);
		if (value != wanted[i])
			fail_msg("attribute %u is %u, not %u", i, value, wanted[i]);
	}
}

static void the_default_domain_is_cdsp(void **state)
{
	remote_rpc_get_domain_t domain = {-1};

	(void)state;
	assert_int_equal(remote_handle_control(DSPRPC_GET_DOMAIN, &domain, sizeof(domain)), 0);
	assert_int_equal(domain.domain, CDSP_DOMAIN_ID);
	assert_int_equal(remote_handle64_control(12345, DSPRPC_GET_DOMAIN, &domain, sizeof(domain)),
			 AEE_EINVHANDLE);
}

struct sink {
	int calls, worst;
	char text[300];
};

static void take(void *context, int level, const char *text)
{
	struct sink *sink = context;

	sink->calls++;
	if (level > sink->worst)
		sink->worst = level;
	snprintf(sink->text, sizeof(sink->text), "%s", text);
}

static void a_sink_gets_failures_at_debug_and_nothing_when_all_goes_well(void **state)
{
	struct sink sink = {0};
	remote_handle64 h;

	(void)state;
	frpc_set_log(take, &sink, FRPC_LOG_WARNING);
	assert_int_equal(remote_handle64_open("nonsense", &h), AEE_EBADPARM);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(sink.calls, 0);
	frpc_set_log(take, &sink, FRPC_LOG_DEBUG);
	assert_int_equal(remote_handle64_open("nonsense", &h), AEE_EBADPARM);
	assert_int_equal(sink.calls, 1);
	assert_int_equal(sink.worst, FRPC_LOG_DEBUG);
	assert_string_equal(sink.text, frpc_last_error());
	frpc_set_log(NULL, NULL, 0);
	assert_int_equal(remote_handle64_open("nonsense", &h), AEE_EBADPARM);
	assert_int_equal(sink.calls, 1);
}

static void the_machines_domains_are_listed_all_or_by_type(void **state)
{
	fastrpc_domain domains[8];
	system_req_payload request = {.id = FASTRPC_GET_DOMAINS};
	int count;

	(void)state;
	assert_int_equal(remote_system_request(&request), 0); /* how many? */
	count = request.sys.num_domains;
	assert_true(count >= 1 && count <= 7);
	request.sys.domains = domains;
	request.sys.max_domains = count;
	memset(domains, 0xff, sizeof(domains));
	assert_int_equal(remote_system_request(&request), 0);
	assert_int_equal(request.sys.num_domains, count);
	for (int i = 0; i < count; i++) {
		assert_true(domains[i].id >= 0 && domains[i].id < 8);
		assert_true(i == 0 || domains[i].id > domains[i - 1].id);
		assert_int_not_equal(domains[i].status, 0);
	}
	assert_int_equal(domains[count].id, -1); /* not written */
	DOMAINS_LIST_FLAGS_SET_TYPE(request.sys.flags, LPASS);
	assert_int_equal(remote_system_request(&request), 0);
	assert_int_equal(request.sys.num_domains, 1);
	assert_int_equal(domains[0].id, ADSP_DOMAIN_ID);
	assert_string_equal(domains[0].name, "adsp");
	assert_int_equal(domains[0].type, FASTRPC_LPASS);
	/* Less room than there is need: what fits, and the number of all. */
	DOMAINS_LIST_FLAGS_SET_TYPE(request.sys.flags, ALL_DOMAINS);
	request.sys.max_domains = 1;
	memset(domains, 0xff, sizeof(domains));
	assert_int_equal(remote_system_request(&request), 0);
	assert_int_equal(request.sys.num_domains, count);
	assert_int_equal(domains[1].id, -1);
	request.sys.flags = 6;
	assert_int_equal(remote_system_request(&request), AEE_EBADPARM);
	request.sys.flags = 0x20;
	assert_int_equal(remote_system_request(&request), AEE_EBADPARM);
	request = (system_req_payload){.id = FASTRPC_GET_DOMAINS, .sys = {.max_domains = 1}};
	assert_int_equal(remote_system_request(&request), AEE_EBADPARM);
	request.id = 1;
	assert_int_equal(remote_system_request(&request), AEE_EUNSUPPORTED);
	assert_int_equal(remote_system_request(NULL), AEE_EBADPARM);
}

/* Sanitizers start threads of their own at the first use. */
static int warm_up(void **state)
{
	remote_handle64 h;

	(void)state;
	return remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h) || remote_handle64_close(h);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, nothing_is_left)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_request_wants_exactly_its_struct),
		TEST(an_effective_domain_is_domain_plus_eight_times_session),
		TEST(a_uri_gets_its_domain_and_session_or_nothing),
		TEST(a_reserved_session_is_one_that_nobody_else_gets),
		TEST(two_sessions_of_a_domain_are_two_processes),
		TEST(what_a_process_is_made_with_is_said_before_it_is_there),
		TEST(thread_parameters_have_their_ranges),
		TEST(a_relative_priority_has_a_range_and_comes_before_the_first_open),
		TEST(latency_is_voted_on_with_the_driver_or_the_system),
		TEST(calls_are_polled_for_where_driver_and_dsp_do_and_refused_elsewhere),
		TEST(a_wakelock_is_held_where_the_system_has_such),
		TEST(a_session_closes_with_its_handles_open_and_they_are_refused_then),
		TEST(a_dsps_attributes_can_be_asked_for_without_a_session),
		TEST(every_attribute_of_the_dsp_can_be_asked_for),
		TEST(the_default_domain_is_cdsp),
		TEST(the_machines_domains_are_listed_all_or_by_type),
		TEST(a_sink_gets_failures_at_debug_and_nothing_when_all_goes_well),
	};

	return cmocka_run_group_tests(tests, warm_up, NULL);
}
