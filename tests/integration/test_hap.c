/* SPDX-License-Identifier: BSD-3-Clause */
/* A skel that uses what a DSP offers: HAP, QuRT and compute resources; and its messages on the CPU. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"

#include "hap_methods.h"
#include "testmod.h"

#define FARF_HIGH 1
#include "HAP_farf.h"

/* The app has these names too; the skel must not land here. */
void qurt_mutex_lock(void *lock);
int HAP_mmap_get(int fd, void **vaddr, uint64_t *paddr);
static _Atomic int landed_here;

void qurt_mutex_lock(void *lock)
{
	(void)lock;
	landed_here++;
}

int HAP_mmap_get(int fd, void **vaddr, uint64_t *paddr)
{
	(void)fd, (void)vaddr, (void)paddr;
	return ++landed_here;
}

static struct {
	pthread_mutex_t lock;
	char text[400][160];
	int level[400];
	int count;
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void take(void *context, int level, const char *text)
{
	(void)context;
	pthread_mutex_lock(&sink.lock);
	if (sink.count < 400 && strstr(text, "cdsp: ") == text) {
		sink.level[sink.count] = level;
		snprintf(sink.text[sink.count++], sizeof(sink.text[0]), "%s", text);
	}
	pthread_mutex_unlock(&sink.lock);
}

static remote_handle64 open_hap(void)
{
	remote_handle64 h = 0;

	if (remote_handle64_open(HAP_URI CDSP_DOMAIN, &h))
		fail_msg("%s", frpc_last_error());
	return h;
}

static int call(remote_handle64 h, uint32_t method, uint32_t one, uint32_t two)
{
	uint32_t in[2] = {one, two};
	remote_arg arg = {.buf = {in, sizeof(in)}};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(method, 1, 0), &arg);
}

static int call_with_handle(remote_handle64 h, uint32_t method, int fd, uint32_t length)
{
	uint32_t in[2] = {0, length};
	remote_arg args[2] = {{.buf = {in, sizeof(in)}}, {.dma = {fd, 0}}};

	return remote_handle64_invoke(h, REMOTE_SCALARS_MAKEX(0, method, 1, 0, 1, 0), args);
}

static int set_unsigned(int enable)
{
	struct remote_rpc_control_unsigned_module request = {CDSP_DOMAIN_ID, enable};

	return remote_session_control(DSPRPC_CONTROL_UNSIGNED_MODULE, &request, sizeof(request));
}

static void set_threads(int priority, int stack_size)
{
	struct remote_rpc_thread_params params = {CDSP_DOMAIN_ID, priority, stack_size};

	assert_int_equal(remote_session_control(FASTRPC_THREAD_PARAMS, &params, sizeof(params)), 0);
}

struct other_caller {
	remote_handle64 h;
	int priority;
};

static void *call_from_another_thread(void *arg)
{
	struct other_caller *caller = arg;

	caller->priority = call(caller->h, HAP_METHOD_USE_STACK, 3u << 20, 0);
	return NULL;
}

static void threads_that_serve_calls_have_the_priority_and_stack_that_were_asked_for(void **state)
{
	struct remote_rpc_relative_thread_priority less = {CDSP_DOMAIN_ID, 8};
	struct other_caller caller;
	remote_handle64 h;
	pthread_t thread;

	(void)state;
	h = open_hap();
	assert_int_equal(call(h, HAP_METHOD_USE_STACK, 1000, 0), 192); /* the usual */
	assert_int_equal(remote_handle64_close(h), 0);
	set_threads(100, 4 << 20);
	h = open_hap();
	assert_int_equal(call(h, HAP_METHOD_USE_STACK, 3u << 20, 0), 100);
	caller.h = h;
	assert_int_equal(pthread_create(&thread, NULL, call_from_another_thread, &caller), 0);
	pthread_join(thread, NULL);
	assert_int_equal(caller.priority, 100);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(
		remote_session_control(FASTRPC_RELATIVE_THREAD_PRIORITY, &less, sizeof(less)), 0);
	h = open_hap();
	assert_int_equal(call(h, HAP_METHOD_USE_STACK, 1000, 0), 200);
	assert_int_equal(remote_handle64_close(h), 0);
	set_threads(-1, -1);
}

static void an_unsigned_pd_has_no_thread_more_urgent_than_its_ceiling(void **state)
{
	remote_handle64 h;

	(void)state;
	set_threads(1, -1);
	assert_int_equal(set_unsigned(1), 0);
	h = open_hap();
	assert_int_equal(call(h, HAP_METHOD_USE_STACK, 1000, 0), 64);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(set_unsigned(0), 0);
	set_threads(-1, -1);
}

static void messages_are_with_the_app_when_the_call_returns(void **state)
{
	remote_handle64 h = open_hap();

	(void)state;
	frpc_set_log(take, NULL, FRPC_LOG_INFO);
	sink.count = 0;
	assert_int_equal(call(h, HAP_METHOD_LOG, 1u << 2, 0), 0); /* runtime: HIGH alone */
	assert_int_equal(sink.count, 4);
	assert_non_null(strstr(sink.text[0], "hap_skel.c:"));
	assert_non_null(strstr(sink.text[0], "LOW: low 1"));
	assert_non_null(strstr(sink.text[1], "ERROR: error two"));
	assert_int_equal(sink.level[1], FRPC_LOG_ERROR);
	assert_non_null(strstr(sink.text[2], "HIGH: always 3"));
	assert_non_null(strstr(sink.text[3], "HIGH: runtime high"));
	sink.count = 0;
	assert_int_equal(call(h, HAP_METHOD_LOG_MANY, 100, 0), 0);
	assert_int_equal(sink.count, 100);
	for (int i = 0; i < 100; i++) {
		char words[32];

		snprintf(words, sizeof(words), "number %d", i);
		assert_non_null(strstr(sink.text[i], words));
	}
	frpc_set_log(NULL, NULL, 0);
	assert_int_equal(call(h, HAP_METHOD_LOG_MANY, 10, 0), 0);
	assert_int_equal(sink.count, 100);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void the_apps_own_messages_go_to_its_sink(void **state)
{
	const char *files[] = {"elsewhere.c"};

	(void)state;
	FARF(HIGH, "to nobody");
	frpc_set_log(take, NULL, FRPC_LOG_INFO);
	sink.count = 0;
	HAP_debug("cdsp: no DSP in it", HAP_LEVEL_LOW, "x.c", 1);
	FARF(RUNTIME_HIGH, "cdsp: masked");
	assert_int_equal(HAP_setFARFRuntimeLoggingParams(1u << HAP_LEVEL_HIGH, files, 1), 0);
	FARF(RUNTIME_HIGH, "cdsp: masked by file");
	assert_int_equal(HAP_setFARFRuntimeLoggingParams(1, files, 0), 0);
	assert_int_equal(HAP_setFARFRuntimeLoggingParams(1, NULL, 1), AEE_EBADPARM);
	assert_false(HAP_log_data_packet(1, 0, NULL));
	frpc_set_log(NULL, NULL, 0);
	assert_int_equal(sink.count, 0); /* file and line stand before the text */
}

static void write_farf(const char *folder, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/test_hap.farf", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_farf_file_says_which_runtime_messages_come(void **state)
{
	char folder[] = "/tmp/frpc-hap-XXXXXX", list[600], path[128];
	const char *skels = getenv("DSP_LIBRARY_PATH");
	/* Messages of the skel in addition to the three that are always there. */
	static const struct {
		const char *text;
		int more;
	} files[] = {{"0x1f", 2}, {"4,hap_skel.c", 1}, {"1f,other.c", 0}, {"what?", 0}};

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(list, sizeof(list), "%s;%s", folder, skels);
	setenv("DSP_LIBRARY_PATH", list, 1);
	for (int i = 0; i < 4; i++) {
		remote_handle64 h;

		write_farf(folder, files[i].text);
		h = open_hap();
		frpc_set_log(take, NULL, FRPC_LOG_INFO);
		sink.count = 0;
		assert_int_equal(call(h, HAP_METHOD_LOG, UINT32_MAX, 0), 0);
		assert_int_equal(sink.count, 3 + files[i].more);
		frpc_set_log(NULL, NULL, 0);
		assert_int_equal(remote_handle64_close(h), 0);
	}
	snprintf(path, sizeof(path), "%s/test_hap.farf", folder);
	unlink(path);
	rmdir(folder);
	snprintf(list, sizeof(list), "%s", strchr(getenv("DSP_LIBRARY_PATH"), ';') + 1);
	setenv("DSP_LIBRARY_PATH", list, 1);
}

/* The skel's messages beyond the three that are always there, in one call. */
static int messages_more(remote_handle64 h)
{
	int count;

	frpc_set_log(take, NULL, FRPC_LOG_INFO);
	sink.count = 0;
	assert_int_equal(call(h, HAP_METHOD_LOG, UINT32_MAX, 0), 0);
	count = sink.count;
	frpc_set_log(NULL, NULL, 0);
	return count - 3;
}

/* The change is noticed on another thread: looks again for up to twenty seconds. */
static void become(remote_handle64 h, int more)
{
	for (int i = 0; i < 2000; i++) {
		if (messages_more(h) == more)
			return;
		usleep(10000);
	}
	fail_msg("%d more messages, not %d", messages_more(h), more);
}

static remote_handle64 second; /* the handle of session 1, or 0 */

static void a_changed_farf_file_is_taken_up_by_open_sessions(void **state)
{
	char folder[] = "/tmp/frpc-hap-XXXXXX", list[600], path[128], other[140];
	const char *skels = getenv("DSP_LIBRARY_PATH");
	remote_handle64 h;
	int watch = inotify_init1(IN_CLOEXEC);

	(void)state;
	if (watch < 0 && errno == ENOSYS)
		skip();		 /* a kernel that tells of no changes */
	assert_true(watch >= 0); /* the user's instances are used up: nobody is told of changes */
	close(watch);
	assert_non_null(mkdtemp(folder));
	snprintf(list, sizeof(list), "%s;%s", folder, skels);
	setenv("DSP_LIBRARY_PATH", list, 1);
	h = open_hap();
	assert_int_equal(remote_handle64_open(HAP_URI CDSP_DOMAIN "&_session=1", &second), 0);
	assert_int_equal(messages_more(h), 0);
	write_farf(folder, "0x1f");
	become(h, 2);
	become(second, 2);
	write_farf(folder, "4,hap_skel.c");
	become(h, 1);
	/* Nonsense changes nothing; what is put in its place by its name does. */
	write_farf(folder, "what?");
	snprintf(path, sizeof(path), "%s/test_hap.farf", folder);
	snprintf(other, sizeof(other), "%s.new", path);
	assert_int_equal(rename(path, other), 0);
	become(h, 0);
	write_farf(folder, "0x1f");
	become(h, 2);
	assert_int_equal(unlink(path), 0);
	become(h, 0);
	become(second, 0);
	/* The file of this process alone, by its number. */
	snprintf(path, sizeof(path), "%s/%d.farf", folder, (int)getpid());
	assert_int_equal(rename(other, path), 0);
	assert_int_equal(unlink(path), 0);
	snprintf(other, sizeof(other), "%s/%s", folder, "mine");
	FILE *file = fopen(other, "w");
	assert_non_null(file);
	fputs("1f", file);
	fclose(file);
	assert_int_equal(rename(other, path), 0);
	become(second, 2);
	assert_int_equal(unlink(path), 0);
	become(second, 0);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(remote_handle64_close(second), 0);
	second = 0;
	assert_int_equal(rmdir(folder), 0);
	snprintf(list, sizeof(list), "%s", strchr(getenv("DSP_LIBRARY_PATH"), ';') + 1);
	setenv("DSP_LIBRARY_PATH", list, 1);
}

/* What a test that has failed leaves open would have the others fail, too. */
static int close_sessions(void **state)
{
	struct remote_rpc_session_close request = {.domain = CDSP_DOMAIN_ID};

	(void)state;
	remote_session_control(FASTRPC_SESSION_CLOSE, &request, sizeof(request));
	if (second)
		remote_handle64_close(second);
	second = 0;
	return 0;
}

/* Runs one method in a signed and in an unsigned process. */
static void run_in_both(uint32_t method, uint32_t one, uint32_t two)
{
	for (int enable = 0; enable < 2; enable++) {
		remote_handle64 h;
		int res;

		assert_int_equal(set_unsigned(enable), 0);
		h = open_hap();
		res = call(h, method, one, two);
		if (res)
			fail_msg("method %u: line %d of hap_skel.c, unsigned %d", method, res,
				 enable);
		assert_int_equal(remote_handle64_close(h), 0);
	}
	assert_int_equal(landed_here, 0);
}

static void threads_mutexes_barriers_and_semaphores_work_together(void **state)
{
	(void)state;
	run_in_both(HAP_METHOD_THREADS, 0, 0);
}

static void a_mutex_goes_to_the_most_urgent_waiter_and_then_to_the_earliest(void **state)
{
	unsigned short priorities[HAP_WAITERS] = {200, 100, 150, 100};
	unsigned char order[HAP_WAITERS] = {0};
	const unsigned char wanted[HAP_WAITERS] = {1, 3, 2, 0};
	uint32_t in[2] = {0, 0};
	remote_arg args[3] = {
		{.buf = {in, sizeof(in)}},
		{.buf = {priorities, sizeof(priorities)}},
		{.buf = {order, sizeof(order)}},
	};
	remote_handle64 h = open_hap();

	(void)state;
	assert_int_equal(
		remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(HAP_METHOD_ORDER, 2, 1), args), 0);
	assert_memory_equal(order, wanted, sizeof(order));
	assert_int_equal(remote_handle64_close(h), 0);
}

static void signals_conditions_and_timers_wake_who_waits(void **state)
{
	(void)state;
	run_in_both(HAP_METHOD_SIGNALS, 0, 0);
	run_in_both(HAP_METHOD_TIMERS, 0, 0);
}

static void pipes_futexes_and_values_of_a_threads_own_work(void **state)
{
	(void)state;
	run_in_both(HAP_METHOD_PIPES, 0, 0);
	run_in_both(HAP_METHOD_OWN_VALUES, 0, 0);
}

static void a_skel_learns_about_memory_time_power_and_itself(void **state)
{
	(void)state;
	run_in_both(HAP_METHOD_MEMORY, 0, 0);
	run_in_both(HAP_METHOD_ITSELF, 0, 0);
}

/* Runs one method in a process of its own; its result. */
static int run_alone(const char *uri, uint32_t method)
{
	remote_handle64 h;
	int res;

	if (remote_handle64_open(uri, &h))
		fail_msg("%s", frpc_last_error());
	res = call(h, method, 0, 0);
	assert_int_equal(remote_handle64_close(h), 0);
	return res;
}

static void a_late_timer_makes_up_for_nothing(void **state)
{
	remote_handle64 h;

	(void)state;
	assert_int_equal(set_unsigned(0), 0);
	h = open_hap();
	assert_int_equal(call(h, HAP_METHOD_ODD, HAP_ODD_LATE_TIMER, 0), 0);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void an_object_that_is_none_is_refused(void **state)
{
	(void)state;
	run_in_both(HAP_METHOD_ODD, HAP_ODD_NO_OBJECTS, 0);
}

static void locked_cache_is_free_again_when_its_process_ends(void **state)
{
	remote_handle64 other;

	(void)state;
	assert_int_equal(set_unsigned(0), 0);
	/* Another process: the DSP stays up. */
	assert_int_equal(remote_handle64_open(HAP_URI CDSP_DOMAIN "&_session=1", &other), 0);
	assert_int_equal(call(other, HAP_METHOD_LINES_LOCKED, 0, 0), 0);
	assert_int_equal(run_alone(HAP_URI CDSP_DOMAIN, HAP_METHOD_LEAVE_LINES), 0);
	/* The process may end a little later than its session. */
	for (int i = 0; i < 1000 && call(other, HAP_METHOD_LINES_LOCKED, 0, 0); i++)
		usleep(10000);
	assert_int_equal(call(other, HAP_METHOD_LINES_LOCKED, 0, 0), 0);
	assert_int_equal(remote_handle64_close(other), 0);
}

static void a_dsp_without_vector_units_says_so(void **state)
{
	(void)state;
	assert_int_equal(run_alone(HAP_URI ADSP_DOMAIN, HAP_METHOD_NO_VECTORS), 0);
}

static void a_skel_that_needs_what_the_dsp_has_not_is_refused_with_the_symbols_name(void **state)
{
	const char *uri =
		"file:///libunmet_skel.so?unmet_skel_handle_invoke&_modver=1.0" CDSP_DOMAIN;
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle64_open(uri, &h), (int)0x80000406);
	assert_non_null(strstr(frpc_last_error(), "libunmet_skel.so"));
	assert_non_null(strstr(frpc_last_error(), "HAP_get_process_list"));
}

static void vtcm_and_vector_contexts_are_taken_in_turn(void **state)
{
	(void)state;
	run_in_both(HAP_METHOD_COMPUTE, 0, 0);
	run_in_both(HAP_METHOD_VECTORS, 0, 0);
}

static void a_cached_context_is_taken_and_given_back_and_keeps_its_place(void **state)
{
	(void)state;
	run_in_both(HAP_METHOD_CACHED, 0, 0);
}

static void the_matrix_unit_is_one_threads_at_a_time_where_there_is_one(void **state)
{
	fastrpc_capability depth = {CDSP_DOMAIN_ID, HMX_SUPPORT_DEPTH, 0};

	(void)state;
	assert_int_equal(remote_handle_control(DSPRPC_GET_DSP_INFO, &depth, sizeof(depth)), 0);
	run_in_both(HAP_METHOD_MATRIX, depth.capability, 0);
}

static void another_process_is_asked_for_what_it_holds_and_gives_it_back(void **state)
{
	remote_handle64 h = open_hap(), other;

	(void)state;
	assert_int_equal(remote_handle64_open(HAP_URI CDSP_DOMAIN "&_session=1", &other), 0);
	assert_int_equal(call(h, HAP_METHOD_HOLD, 0, 0), 0);
	assert_int_equal(call(other, HAP_METHOD_WANT, 0, 0), 0);
	assert_int_equal(call(other, HAP_METHOD_WANT, 1, 0), 0);
	assert_int_equal(call(h, HAP_METHOD_ASKED, 0, 0), 1);
	/* What a process leaves behind is free when it ends. */
	assert_int_equal(call(h, HAP_METHOD_HOLD, 0, 0), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_int_equal(call(other, HAP_METHOD_CACHED, 0, 0), 0);
	assert_int_equal(remote_handle64_close(other), 0);
}

static void a_mapped_buffer_is_found_by_its_fd(void **state)
{
	static const int flags[] = {FASTRPC_MAP_STATIC, FASTRPC_MAP_FD, FASTRPC_MAP_FD_DELAYED};
	remote_handle64 h = open_hap();
	unsigned char *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 8192);
	int fd = rpcmem_to_fd(buffer);

	(void)state;
	assert_non_null(buffer);
	for (int i = 0; i < 3; i++) {
		memset(buffer, 7, 8192);
		assert_int_equal(fastrpc_mmap(CDSP_DOMAIN_ID, fd, buffer, 0, 8192, flags[i]), 0);
		assert_int_equal(call(h, HAP_METHOD_BY_FD, (uint32_t)fd, 8192), 0);
		assert_int_equal(buffer[0], 8);
		assert_int_equal(buffer[8191], 8);
		assert_int_equal(fastrpc_munmap(CDSP_DOMAIN_ID, fd, buffer, 8192), 0);
		assert_int_not_equal(call(h, HAP_METHOD_BY_FD, (uint32_t)fd, 8192), 0);
	}
	assert_int_equal(landed_here, 0);
	rpcmem_free(buffer);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_buffer_passed_as_a_handle_is_mapped_by_the_skel(void **state)
{
	remote_handle64 h = open_hap();
	unsigned char *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 8192);
	int fd = rpcmem_to_fd(buffer);

	(void)state;
	assert_non_null(buffer);
	memset(buffer, 0x5a, 8192);
	assert_int_equal(remote_register_dma_handle(fd, 8192), 0);
	assert_int_equal(call_with_handle(h, HAP_METHOD_AS_HANDLE, fd, 8192), 0);
	assert_int_equal(buffer[0], 0xa5);
	assert_int_equal(buffer[8191], 0xa5);
	memset(buffer, 0x5a, 8192);
	assert_int_equal(call_with_handle(h, HAP_METHOD_KEEP, fd, 8192), 0);
	assert_int_equal(call(h, HAP_METHOD_LET_GO, 0, 8192), 0);
	assert_int_equal(remote_register_dma_handle(fd, 0), 0);
	rpcmem_free(buffer);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_skel_has_memory_made_for_it_that_its_app_sees_too(void **state)
{
	uint32_t in[2] = {70000, 0};
	uint64_t out[2];
	remote_arg args[2] = {{.buf = {in, sizeof(in)}}, {.buf = {out, sizeof(out)}}};
	remote_handle64 h = open_hap();

	(void)state;
	/* Given back once, and the second time left to the end of the process. */
	for (int i = 0; i < 2; i++) {
		const unsigned char *bytes;

		assert_int_equal(remote_handle64_invoke(
					 h, REMOTE_SCALARS_MAKE(HAP_METHOD_ASK_FOR_MEMORY, 1, 1),
					 args),
				 0);
		bytes = (const unsigned char *)(uintptr_t)out[0];
		assert_int_equal(bytes[0], 0x3c);
		assert_int_equal(bytes[69999], 0x3c);
		if (!i)
			assert_int_equal(call(h, HAP_METHOD_GIVE_BACK, (uint32_t)out[1], 0), 0);
	}
	assert_int_equal(remote_handle64_close(h), 0);
}

static void *call_for_ever(void *arg)
{
	return (void *)(intptr_t)call(*(remote_handle64 *)arg, HAP_METHOD_FOR_EVER, 0, 0);
}

static void a_closed_session_ends_threads_that_wait_in_the_skel(void **state)
{
	struct remote_rpc_session_close request = {.domain = CDSP_DOMAIN_ID};
	remote_handle64 h = open_hap();
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, call_for_ever, &h), 0);
	usleep(50000);
	assert_int_equal(remote_session_control(FASTRPC_SESSION_CLOSE, &request, sizeof(request)),
			 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_int_not_equal((int)(intptr_t)result, 0);
	h = open_hap();
	assert_int_equal(call(h, HAP_METHOD_LEAVE, 0, 0), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	h = open_hap(); /* and a new one finds everything free */
	assert_int_equal(call(h, HAP_METHOD_VECTORS, 0, 0), 0);
	assert_int_equal(remote_handle64_close(h), 0);
}

/* Is a copy of the skel loaded in this process? */
static bool is_loaded(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool loaded = false;
	char line[1024];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		loaded |= strstr(line, "/memfd:") && strstr(line, "hap_skel");
	fclose(maps);
	return loaded;
}

/* A process may end a little later than its session: looks for up to twenty seconds. */
static void assert_that_it_goes(void)
{
	for (int i = 0; i < 2000 && is_loaded(); i++)
		usleep(10000);
	assert_false(is_loaded());
}

static void nothing_stays_of_a_process_whose_thread_waits_in_a_destructor(void **state)
{
	remote_handle64 other, h;

	(void)state;
	/* Another process: the DSP stays up. */
	assert_int_equal(remote_handle64_open(TESTMOD_URI CDSP_DOMAIN "&_session=1", &other), 0);
	assert_that_it_goes(); /* what others have left */
	h = open_hap();
	assert_int_equal(call(h, HAP_METHOD_ODD, HAP_ODD_DESTRUCTOR, 0), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	assert_that_it_goes();
	assert_int_equal(remote_handle64_close(other), 0);
}

#define TEST(function) cmocka_unit_test_teardown(function, close_sessions)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_with_the_app_when_the_call_returns),
		TEST(a_farf_file_says_which_runtime_messages_come),
		TEST(a_changed_farf_file_is_taken_up_by_open_sessions),
		TEST(the_apps_own_messages_go_to_its_sink),
		TEST(threads_that_serve_calls_have_the_priority_and_stack_that_were_asked_for),
		TEST(an_unsigned_pd_has_no_thread_more_urgent_than_its_ceiling),
		TEST(threads_mutexes_barriers_and_semaphores_work_together),
		TEST(a_mutex_goes_to_the_most_urgent_waiter_and_then_to_the_earliest),
		TEST(signals_conditions_and_timers_wake_who_waits),
		TEST(pipes_futexes_and_values_of_a_threads_own_work),
		TEST(a_skel_learns_about_memory_time_power_and_itself),
		TEST(a_late_timer_makes_up_for_nothing),
		TEST(an_object_that_is_none_is_refused),
		TEST(locked_cache_is_free_again_when_its_process_ends),
		TEST(a_dsp_without_vector_units_says_so),
		TEST(a_skel_that_needs_what_the_dsp_has_not_is_refused_with_the_symbols_name),
		TEST(vtcm_and_vector_contexts_are_taken_in_turn),
		TEST(a_cached_context_is_taken_and_given_back_and_keeps_its_place),
		TEST(the_matrix_unit_is_one_threads_at_a_time_where_there_is_one),
		TEST(another_process_is_asked_for_what_it_holds_and_gives_it_back),
		TEST(a_mapped_buffer_is_found_by_its_fd),
		TEST(a_buffer_passed_as_a_handle_is_mapped_by_the_skel),
		TEST(a_skel_has_memory_made_for_it_that_its_app_sees_too),
		TEST(nothing_stays_of_a_process_whose_thread_waits_in_a_destructor),
		TEST(a_closed_session_ends_threads_that_wait_in_the_skel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
