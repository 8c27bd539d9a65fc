/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A skel as one writes it for the device: it logs, makes threads, locks, maps and measures with the
 * DSP's own functions, and checks by itself what they do. A method that finds something wrong returns
 * the line.
 */
#include <string.h>

#define FARF_LOW 1
#include "AEEStdErr.h"
#include "HAP_compute_res.h"
#include "HAP_farf.h"
#include "HAP_mem.h"
#include "HAP_perf.h"
#include "HAP_power.h"
#include "HAP_ps.h"
#include "HAP_vtcm_mgr.h"
#include "qurt.h"
#include "remote.h"
#include "sysmon_cachelock.h"

#include "hap_methods.h"

#define CHECK(condition)                 \
	do {                             \
		if (!(condition))        \
			return __LINE__; \
	} while (0)

#define STACK (16 * 1024)

int hap_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

/* As the device's header for the performance monitor declares them; never called here. */
void __attribute__((weak)) __HAP_register_pmu_group(void);
void __attribute__((weak)) __HAP_register_pmu_event(void);

static int start(qurt_thread_t *thread, const char *name, unsigned short priority,
		 void (*entry)(void *), void *arg)
{
	qurt_thread_attr_t attr;

	qurt_thread_attr_init(&attr);
	qurt_thread_attr_set_name(&attr, name);
	qurt_thread_attr_set_stack_size(&attr, STACK);
	qurt_thread_attr_set_priority(&attr, priority);
	qurt_thread_attr_set_detachstate(&attr, QURT_THREAD_ATTR_CREATE_JOINABLE);
	return qurt_thread_create(thread, &attr, entry, arg);
}

/* ---- messages ---- */

static int log_all(uint32_t mask)
{
	const char *files[] = {"hap_skel.c"};

	if (mask != UINT32_MAX) /* else as the CPU has set it */
		CHECK(!HAP_setFARFRuntimeLoggingParams(mask, files, 1));
	FARF(LOW, "low %d", 1);
	FARF(MEDIUM, "never compiled in");
	FARF(ERROR, "error %s", "two");
	FARF(ALWAYS, "always %llu", 3ULL);
	FARF(RUNTIME_LOW, "runtime low");
	FARF(RUNTIME_HIGH, "runtime high");
	return 0;
}

static int log_many(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		FARF(ALWAYS, "number %u", i);
	return 0;
}

/* ---- threads ---- */

#define THREADS 8
#define ROUNDS	200

static struct {
	qurt_mutex_t mutex;
	qurt_barrier_t barrier;
	qurt_sem_t sem;
	int counter, at_barrier, wrong;
} shared;

static void work(void *arg)
{
	int status = (int)(intptr_t)arg;

	qurt_sem_down(&shared.sem);
	for (int i = 0; i < ROUNDS; i++) {
		qurt_mutex_lock(&shared.mutex);
		qurt_mutex_lock(&shared.mutex); /* it is recursive */
		shared.counter++;
		qurt_mutex_unlock(&shared.mutex);
		qurt_mutex_unlock(&shared.mutex);
	}
	qurt_mutex_lock(&shared.mutex);
	shared.at_barrier++;
	qurt_mutex_unlock(&shared.mutex);
	qurt_barrier_wait(&shared.barrier);
	qurt_mutex_lock(&shared.mutex);
	shared.wrong += shared.at_barrier != THREADS;
	qurt_mutex_unlock(&shared.mutex);
	if (status % 2)
		qurt_thread_exit(status);
}

static int run_threads(void)
{
	qurt_thread_t threads[THREADS];
	qurt_thread_attr_t attr;
	int status = -1;

	memset(&shared, 0, sizeof(shared));
	qurt_mutex_init(&shared.mutex);
	qurt_sem_init_val(&shared.sem, 0);
	CHECK(qurt_barrier_init(&shared.barrier, 0) == QURT_EVAL);
	CHECK(qurt_barrier_init(&shared.barrier, THREADS) == QURT_EOK);
	for (int i = 0; i < THREADS; i++)
		CHECK(!start(&threads[i], "worker", 100, work, (void *)(intptr_t)i));
	CHECK(qurt_thread_get_priority(threads[0]) == 100);
	CHECK(!qurt_thread_set_priority(threads[0], 120));
	CHECK(!qurt_thread_attr_get(threads[0], &attr) && !strcmp(attr.name, "worker"));
	CHECK(attr.priority == 120 && attr.stack_size == STACK);
	CHECK(attr.detach_state == QURT_THREAD_ATTR_CREATE_JOINABLE);
	CHECK(!qurt_thread_attr_get(qurt_thread_get_id(), &attr) && attr.priority == 192);
	CHECK(qurt_thread_attr_get(threads[0] + 1000, &attr) == QURT_ENOTHREAD);
	CHECK(qurt_sem_try_down(&shared.sem) != QURT_EOK);
	CHECK(!qurt_sem_add(&shared.sem, THREADS));
	for (int i = 0; i < THREADS; i++) {
		CHECK(!qurt_thread_join(threads[i], &status));
		CHECK(status == (i % 2 ? i : 0));
	}
	CHECK(qurt_thread_join(threads[0], &status) == QURT_ENOTHREAD);
	CHECK(shared.counter == THREADS * ROUNDS && !shared.wrong);
	qurt_barrier_destroy(&shared.barrier);
	qurt_sem_destroy(&shared.sem);
	qurt_mutex_destroy(&shared.mutex);
	return 0;
}

/* ---- who gets a mutex first ---- */

static struct {
	qurt_mutex_t mutex;
	unsigned char order[HAP_WAITERS];
	int count;
} queue = {.mutex = QURT_MUTEX_INIT};

static void wait_in_queue(void *arg)
{
	qurt_mutex_lock(&queue.mutex);
	queue.order[queue.count++] = (unsigned char)(uintptr_t)arg;
	qurt_mutex_unlock(&queue.mutex);
}

/* Waits until that many threads wait for the mutex, which we hold. */
static void wait_for_waiters(unsigned int count)
{
	while (__atomic_load_n(&queue.mutex.wait_count, __ATOMIC_ACQUIRE) < count)
		qurt_sleep(1000);
}

static int order_of_waiters(const unsigned short *priorities, unsigned char *order)
{
	qurt_thread_t threads[HAP_WAITERS];
	int status;

	queue.count = 0;
	qurt_mutex_lock(&queue.mutex);
	CHECK(!qurt_mutex_try_lock(&queue.mutex));
	qurt_mutex_unlock(&queue.mutex);
	for (unsigned int i = 0; i < HAP_WAITERS; i++) {
		CHECK(!start(&threads[i], "waiter", priorities[i], wait_in_queue,
			     (void *)(uintptr_t)i));
		wait_for_waiters(i + 1); /* so that it is known who came first */
	}
	qurt_mutex_unlock(&queue.mutex);
	for (unsigned int i = 0; i < HAP_WAITERS; i++)
		CHECK(!qurt_thread_join(threads[i], &status));
	memcpy(order, queue.order, sizeof(queue.order));
	return 0;
}

/* ---- signals, conditions, timers ---- */

static struct {
	qurt_signal_t there, back;
	qurt_mutex_t mutex;
	qurt_cond_t cond;
	int value;
} pair;

static void answer(void *arg)
{
	(void)arg;
	qurt_signal_wait(&pair.there, 1 | 2, QURT_SIGNAL_ATTR_WAIT_ALL);
	qurt_signal_clear(&pair.there, 1 | 2);
	qurt_signal_set(&pair.back, 4);
	qurt_mutex_lock(&pair.mutex);
	while (!pair.value)
		qurt_cond_wait(&pair.cond, &pair.mutex);
	pair.value = 2;
	qurt_cond_signal(&pair.cond);
	qurt_mutex_unlock(&pair.mutex);
}

#define BIT(n) (1ULL << (n))

static struct {
	qurt_signal_64_t there, back;
	uint64_t any; /* what the other one that waits has seen */
} wide;

static void wait_for_any(void *arg)
{
	(void)arg;
	wide.any = qurt_signal_64_wait(&wide.there, BIT(62) | BIT(63), QURT_SIGNAL_ATTR_WAIT_ANY);
}

static void answer_widely(void *arg)
{
	(void)arg;
	if (qurt_signal_64_wait(&wide.there, BIT(63) | 1, QURT_SIGNAL_ATTR_WAIT_ALL) !=
	    (BIT(63) | BIT(32) | 1))
		qurt_thread_exit(1);
	qurt_signal_64_clear(&wide.there, BIT(63));
	qurt_signal_64_set(&wide.back, BIT(40));
}

/* The bits that somebody waits for. */
static uint64_t waited_for(void)
{
	return __atomic_load_n(&wide.there.waiting, __ATOMIC_ACQUIRE);
}

static void await_waiters(uint64_t bits)
{
	while (waited_for() != bits)
		qurt_sleep(1000);
}

static int wide_signals(void)
{
	qurt_thread_t all, any;
	int status;

	memset(&wide, 0xff, sizeof(wide)); /* memory as one finds it */
	qurt_signal_64_init(&wide.there);
	qurt_signal_64_init(&wide.back);
	CHECK(!qurt_signal_64_get(&wide.there));
	CHECK(!start(&any, "any", 90, wait_for_any, NULL));
	await_waiters(BIT(62) | BIT(63));
	CHECK(!start(&all, "widely", 90, answer_widely, NULL));
	await_waiters(BIT(62) | BIT(63) | 1);
	/* Neither wakes for what it does not wait for, nor for a part of what it wants all of. */
	qurt_signal_64_set(&wide.there, BIT(32));
	CHECK(qurt_signal_64_wait(&wide.there, ~0ULL, QURT_SIGNAL_ATTR_WAIT_ANY) == BIT(32));
	qurt_signal_64_set(&wide.there, 1);
	CHECK(waited_for() == (BIT(62) | BIT(63) | 1));
	/* Both wake, and see what there was then. */
	qurt_signal_64_set(&wide.there, BIT(63));
	qurt_signal_64_clear(&wide.there, BIT(32));
	CHECK(qurt_signal_64_wait(&wide.back, ~0ULL << 33, QURT_SIGNAL_ATTR_WAIT_ANY) == BIT(40));
	CHECK(!qurt_thread_join(all, &status) && !status);
	CHECK(!qurt_thread_join(any, &status) && wide.any == (BIT(63) | BIT(32) | 1));
	CHECK(qurt_signal_64_get(&wide.there) == 1);
	qurt_signal_64_set(&wide.there, BIT(33));
	CHECK(qurt_signal_64_get(&wide.there) == (BIT(33) | 1));
	qurt_signal_64_destroy(&wide.there);
	qurt_signal_64_destroy(&wide.back);
	return 0;
}

static int signals(void)
{
	qurt_thread_t thread;
	unsigned int set = 0;
	int status;

	qurt_signal_init(&pair.there);
	qurt_anysignal_init(&pair.back);
	qurt_mutex_init(&pair.mutex);
	qurt_cond_init(&pair.cond);
	pair.value = 0;
	CHECK(!start(&thread, "answers", 90, answer, NULL));
	CHECK(qurt_anysignal_set(&pair.there, 1) == 0);
	CHECK(qurt_anysignal_wait_timed(&pair.back, 4, &set, 1000) == QURT_ETIMEDOUT);
	qurt_signal_set(&pair.there, 2);
	CHECK(qurt_anysignal_wait(&pair.back, 4 | 8) == 4);
	CHECK(qurt_anysignal_clear(&pair.back, 4) == 4 && !qurt_signal_get(&pair.back));
	qurt_mutex_lock(&pair.mutex);
	pair.value = 1;
	qurt_cond_broadcast(&pair.cond);
	while (pair.value != 2)
		qurt_cond_wait(&pair.cond, &pair.mutex);
	qurt_mutex_unlock(&pair.mutex);
	CHECK(!qurt_thread_join(thread, &status));
	qurt_signal_destroy(&pair.there);
	qurt_anysignal_destroy(&pair.back);
	qurt_cond_destroy(&pair.cond);
	return wide_signals();
}

/* One that is stopped, looked at, and started again. */
static int stopped_timer(void)
{
	qurt_timer_duration_t duration, remaining;
	qurt_timer_attr_t attr;
	qurt_anysignal_t signal;
	qurt_timer_type_t type;
	qurt_timer_t timer;

	qurt_anysignal_init(&signal);
	qurt_timer_attr_init(&attr);
	qurt_timer_attr_set_duration(&attr, 3000000000);
	CHECK(!qurt_timer_create(&timer, &attr, &signal, 1));
	CHECK(!qurt_timer_get_attr(timer, &attr));
	qurt_timer_attr_get_duration(&attr, &duration);
	qurt_timer_attr_get_remaining(&attr, &remaining);
	qurt_timer_attr_get_type(&attr, &type);
	CHECK(duration == 3000000000 && remaining && remaining <= duration);
	CHECK(type == QURT_TIMER_ONESHOT);
	CHECK(!qurt_timer_stop(timer) && !qurt_timer_get_attr(timer, &attr) && !attr.remaining);
	CHECK(!qurt_timer_restart(timer, 1000));
	CHECK(qurt_anysignal_wait(&signal, 1) == 1);
	CHECK(!qurt_timer_delete(timer));
	CHECK(qurt_timer_stop(timer) == QURT_EVAL &&
	      qurt_timer_get_attr(timer, &attr) == QURT_EVAL);
	return 0;
}

static int timers(void)
{
	qurt_timer_attr_t attr;
	qurt_anysignal_t signal;
	qurt_timer_t once, often;

	qurt_anysignal_init(&signal);
	qurt_timer_attr_init(&attr);
	qurt_timer_attr_set_duration(&attr, 2000);
	if (HAP_get_thread_priority_ceiling() != 1) {
		CHECK(qurt_timer_create(&once, &attr, &signal, 1) == QURT_ENOTALLOWED);
		return 0;
	}
	CHECK(!qurt_timer_create(&once, &attr, &signal, 1));
	qurt_timer_attr_set_type(&attr, QURT_TIMER_PERIODIC);
	CHECK(!qurt_timer_create(&often, &attr, &signal, 2));
	CHECK(qurt_anysignal_wait(&signal, 1) & 1);
	qurt_anysignal_clear(&signal, 1);
	for (int i = 0; i < 3; i++) {
		qurt_anysignal_wait(&signal, 2);
		qurt_anysignal_clear(&signal, 2);
	}
	CHECK(!(qurt_anysignal_get(&signal) & 1));
	CHECK(!qurt_timer_delete(once) && !qurt_timer_delete(often));
	CHECK(qurt_timer_delete(often) == QURT_EVAL);
	attr.duration = 1;
	CHECK(qurt_timer_create(&once, &attr, &signal, 1) == QURT_EVAL);
	return stopped_timer();
}

#define LATE_US 50000u

/* A periodic one whose first time is long past: what it has missed it has missed. */
static int late_timer(void)
{
	qurt_timer_attr_t attr;
	qurt_anysignal_t signal;
	qurt_timer_t timer;
	uint64_t begun;

	qurt_anysignal_init(&signal);
	qurt_timer_attr_init(&attr);
	qurt_timer_attr_set_duration(&attr, LATE_US);
	qurt_timer_attr_set_type(&attr, QURT_TIMER_PERIODIC);
	qurt_timer_attr_set_expiry(&attr, 1);
	begun = HAP_perf_get_time_us();
	CHECK(!qurt_timer_create(&timer, &attr, &signal, 1));
	for (int i = 0; i < 5; i++) {
		qurt_anysignal_wait(&signal, 1);
		qurt_anysignal_clear(&signal, 1);
	}
	/* Once at once, and then when its time comes: five times are three periods and more. */
	CHECK(HAP_perf_get_time_us() - begun >= 3 * LATE_US);
	CHECK(!qurt_timer_delete(timer));
	return 0;
}

/* ---- nothing, in the place of something ---- */

static int no_objects(void)
{
	unsigned int set = 1;

	CHECK(qurt_sem_add(NULL, 1) == QURT_EVAL && qurt_sem_down(NULL) == QURT_EINVALID);
	CHECK(qurt_sem_try_down(NULL) == QURT_EFATAL);
	CHECK(qurt_sem_down_timed(NULL, 1000) == QURT_EINVALID);
	CHECK(qurt_barrier_destroy(NULL) == QURT_EVAL && qurt_barrier_wait(NULL) == QURT_EINVALID);
	CHECK(qurt_mutex_try_lock(NULL) == QURT_EFATAL);
	CHECK(qurt_mutex_lock_timed(NULL, 1000) == QURT_EVAL);
	CHECK(qurt_futex_wait(NULL, 0) == QURT_EVAL && !qurt_futex_wake(NULL, 1));
	CHECK(qurt_signal_wait_timed(NULL, 1, QURT_SIGNAL_ATTR_WAIT_ANY, &set, 1000) == QURT_EVAL);
	return 0;
}

/* ---- pipes, futexes, values of a thread's own ---- */

#define WORDS 500

static qurt_pipe_t *there_pipe, *back_pipe;

static void double_words(void *arg)
{
	(void)arg;
	for (int i = 0; i < WORDS; i++)
		qurt_pipe_send(back_pipe, qurt_pipe_receive(there_pipe) * 2);
}

static int pipes(void)
{
	qurt_pipe_data_t words[3];
	qurt_pipe_attr_t attr;
	qurt_thread_t thread;
	qurt_pipe_t own;
	int status, success;

	qurt_pipe_attr_init(&attr);
	CHECK(qurt_pipe_create(&there_pipe, &attr) == QURT_EVAL);
	qurt_pipe_attr_set_elements(&attr, 3);
	CHECK(qurt_pipe_init(&own, &attr) == QURT_EVAL);
	CHECK(!qurt_pipe_create(&there_pipe, &attr) && !qurt_pipe_create(&back_pipe, &attr));
	qurt_pipe_attr_set_buffer(&attr, words);
	CHECK(!qurt_pipe_init(&own, &attr) && qurt_pipe_is_empty(&own));
	for (unsigned int i = 0; i < 3; i++)
		CHECK(!qurt_pipe_try_send(&own, i));
	CHECK(qurt_pipe_try_send(&own, 3) == QURT_EFATAL && !qurt_pipe_is_empty(&own));
	for (unsigned int i = 0; i < 3; i++)
		CHECK(qurt_pipe_try_receive(&own, &success) == i && success == QURT_EOK);
	qurt_pipe_try_receive(&own, &success);
	CHECK(success == QURT_EFATAL);
	qurt_pipe_destroy(&own);
	CHECK(!start(&thread, "doubles", 90, double_words, NULL));
	for (unsigned int sent = 0, got = 0; got < WORDS;) {
		if (sent < WORDS && !qurt_pipe_try_send(there_pipe, sent)) {
			sent++;
			continue;
		}
		CHECK(qurt_pipe_receive(back_pipe) == 2 * got);
		got++;
	}
	CHECK(!qurt_thread_join(thread, &status));
	qurt_pipe_delete(there_pipe);
	qurt_pipe_delete(back_pipe);
	return 0;
}

static struct {
	int key, word, asleep, destroyed;
	qurt_rmutex2_t mutex;
	qurt_cond_t cond;
} own_values;

static void destroy_value(void *value)
{
	__atomic_fetch_add(&own_values.destroyed, *(int *)value, __ATOMIC_RELAXED);
}

static void have_a_value(void *arg)
{
	int *value = arg;

	if (qurt_tls_get_specific(own_values.key) || qurt_tls_set_specific(own_values.key, value))
		qurt_thread_exit(1);
	__atomic_fetch_add(&own_values.asleep, 1, __ATOMIC_RELAXED);
	while (!__atomic_load_n(&own_values.word, __ATOMIC_ACQUIRE))
		qurt_futex_wait(&own_values.word, 0);
	qurt_rmutex2_lock(&own_values.mutex);
	while (__atomic_load_n(&own_values.word, __ATOMIC_ACQUIRE) < 2)
		qurt_cond_wait2(&own_values.cond, &own_values.mutex);
	qurt_rmutex2_unlock(&own_values.mutex);
	qurt_thread_exit(qurt_tls_get_specific(own_values.key) == value ? 0 : 2);
}

static int own_values_and_futexes(void)
{
	qurt_sysenv_procname_t name;
	qurt_arch_version_t version;
	qurt_thread_t threads[3];
	int values[3] = {1, 10, 100}, status = -1, second;

	memset(&own_values, 0, sizeof(own_values));
	qurt_rmutex2_init(&own_values.mutex);
	qurt_cond_init(&own_values.cond);
	CHECK(!qurt_tls_create_key(&own_values.key, destroy_value));
	CHECK(!qurt_tls_create_key(&second, NULL) && second != own_values.key);
	CHECK(!qurt_tls_set_specific(own_values.key, &status) && !qurt_tls_get_specific(second));
	CHECK(qurt_futex_wait(&own_values.word, 1) == QURT_EFAILED);
	for (int i = 0; i < 3; i++)
		CHECK(!start(&threads[i], "own", 100, have_a_value, &values[i]));
	while (__atomic_load_n(&own_values.asleep, __ATOMIC_RELAXED) < 3)
		qurt_sleep(1000);
	__atomic_store_n(&own_values.word, 1, __ATOMIC_RELEASE);
	CHECK(qurt_futex_wake(&own_values.word, 8) <= 3);
	qurt_rmutex2_lock(&own_values.mutex);
	__atomic_store_n(&own_values.word, 2, __ATOMIC_RELEASE);
	qurt_cond_broadcast(&own_values.cond);
	qurt_rmutex2_unlock(&own_values.mutex);
	for (int i = 0; i < 3; i++)
		CHECK(!qurt_thread_join(threads[i], &status) && !status);
	CHECK(own_values.destroyed == 111);
	CHECK(qurt_tls_get_specific(own_values.key) == &status);
	CHECK(!qurt_tls_delete_key(own_values.key) && !qurt_tls_delete_key(second));
	CHECK(qurt_tls_delete_key(second) == QURT_ETLSENTRY && !qurt_tls_get_specific(second));
	CHECK(qurt_tls_set_specific(own_values.key, &status) == QURT_ETLSENTRY);
	CHECK(!qurt_tls_create_key(&second, NULL) && !qurt_tls_get_specific(second));
	CHECK(!qurt_tls_delete_key(second));
	CHECK(!HAP_set_process_name("own") && !qurt_sysenv_get_process_name(&name));
	CHECK(!strcmp(name.name, "own") && (int)name.asid == qurt_process_get_id());
	CHECK(!qurt_sysenv_get_arch_version(&version) && version.arch_version);
	qurt_cond_destroy(&own_values.cond);
	qurt_rmutex2_destroy(&own_values.mutex);
	return 0;
}

/* ---- memory ---- */

/* What HAP_mmap() has mapped stays until HAP_munmap(). */
static int not_ours_to_put(int fd, uint32_t length)
{
	hap_mem_request_payload_t cut = {.id = REQUEST_MAP, .map = {.len = BIT(32) + 4096}};
	unsigned char *bytes = HAP_mmap2(NULL, length, HAP_PROT_READ, 0, fd, 0);

	CHECK(bytes != (void *)-1);
	CHECK(HAP_mmap_put(fd) == (int)AEE_ENOSUCHMAP);
	CHECK(!HAP_mmap_get(fd, NULL, NULL) && !HAP_mmap_put(fd));
	CHECK(HAP_mmap_put(fd) == (int)AEE_ENOSUCHMAP && bytes[0] == 8);
	CHECK(!HAP_munmap2(bytes, length));
	cut.map.fd = fd;
	CHECK(HAP_mem_request(&cut) == (int)AEE_EBADPARM); /* also where a size has 32 bits */
	return 0;
}

static int buffer_by_fd(int fd, uint32_t length)
{
	void *bytes = NULL, *again = NULL;
	uint64_t address = 0;

	CHECK(HAP_mmap_get(fd + 1000, &bytes, NULL) == (int)AEE_ENOSUCHMAP);
	CHECK(!HAP_mmap_get(fd, &bytes, &address) && bytes && address);
	CHECK(!HAP_mmap_get(fd, &again, NULL) && again == bytes);
	CHECK(*(unsigned char *)bytes == 7);
	memset(bytes, 8, length);
	CHECK(!HAP_mmap_put(fd) && !HAP_mmap_put(fd));
	CHECK(HAP_mmap_put(fd) == (int)AEE_ENOSUCHMAP);
	return not_ours_to_put(fd, length);
}

static int buffer_as_handle(int fd, uint32_t length)
{
	unsigned char *bytes;
	uint32_t known = 0;

	CHECK(!adsp_mmap_fd_getinfo(fd, &known) && known == length);
	CHECK(HAP_mmap(NULL, (int)length * 2, HAP_PROT_READ, 0, fd, 0) == (void *)-1);
	CHECK(HAP_mmap(NULL, (int)length, HAP_PROT_EXEC, 0, fd, 0) == (void *)-1);
	bytes = HAP_mmap(NULL, (int)length, HAP_PROT_READ | HAP_PROT_WRITE, 0, fd, 0);
	CHECK(bytes != (void *)-1);
	CHECK((uintptr_t)bytes + length <= UINT32_MAX);
	for (uint32_t i = 0; i < length; i++)
		bytes[i] ^= 0xff;
	CHECK(HAP_munmap(bytes, (int)length - 1) == (int)AEE_EBADPARM);
	CHECK(!HAP_munmap(bytes, (int)length));
	CHECK(HAP_munmap(bytes, (int)length) == (int)AEE_EBADPARM);
	return 0;
}

/* What one call maps and the next one finds still there. */
static unsigned char *kept;

static int keep(int fd, uint32_t length)
{
	kept = HAP_mmap2(NULL, length, HAP_PROT_READ, 0, fd, 0);
	CHECK(kept != (void *)-1);
	return 0;
}

static int let_go(uint32_t length)
{
	CHECK(kept && kept[0] == 0x5a && kept[length - 1] == 0x5a);
	CHECK(!HAP_munmap2(kept, length));
	return 0;
}

/* Lines of the cache: of the DSP's, or of the skel's own memory. */
static int cache(void)
{
	static unsigned char own[4096] __attribute__((aligned(128)));
	int total = HAP_query_total_cachelock();
	const qurt_size_t huge = (qurt_size_t)BIT(32);
	uintptr_t at = (uintptr_t)own;
	void *locked;

	if (HAP_get_thread_priority_ceiling() != 1) { /* unsigned processes have none */
		CHECK(!HAP_cache_lock(4096, NULL));
		CHECK(HAP_cache_lock_addr(at, sizeof(own)) == (int)AEE_EUNSUPPORTED);
		CHECK(qurt_mem_l2cache_line_lock(at, sizeof(own)) == QURT_ENOTALLOWED);
		return 0;
	}
	locked = HAP_cache_lock(4096, NULL);
	CHECK(locked && HAP_query_avail_cachelock() <= total - 4096);
	CHECK(HAP_cache_unlock_addr((uintptr_t)locked, 4096) == (int)AEE_EBADPARM);
	CHECK(!HAP_cache_unlock(locked) && HAP_cache_unlock(locked) == (int)AEE_EBADPARM);
	CHECK(!HAP_cache_lock((unsigned int)total + 1, NULL));
	CHECK(HAP_cache_lock_addr(at + 1, 128) == (int)AEE_EBADPARM);
	CHECK(HAP_cache_lock_addr(at, 100) == (int)AEE_EBADPARM);
	CHECK(HAP_cache_lock_addr(at, 0) == (int)AEE_EBADPARM);
	CHECK(HAP_cache_lock_addr(0, 128) == (int)AEE_EBADPARM);
	CHECK(HAP_cache_lock_addr(at, (unsigned int)total + 128) == (int)AEE_ENOMEMORY);
	CHECK(!HAP_cache_lock_addr(at, sizeof(own)));
	CHECK(HAP_query_avail_cachelock() == total - (int)sizeof(own));
	CHECK(HAP_cache_unlock(own) == (int)AEE_EBADPARM);
	CHECK(HAP_cache_unlock_addr(at, 128) == (int)AEE_EBADPARM);
	CHECK(HAP_cache_unlock_addr(at + 128, sizeof(own)) == (int)AEE_EBADPARM);
	memset(own, 7, sizeof(own));
	CHECK(!HAP_cache_unlock_addr(at, sizeof(own)) && own[0] == 7);
	CHECK(HAP_cache_unlock_addr(at, sizeof(own)) == (int)AEE_EBADPARM);
	CHECK(qurt_mem_l2cache_line_lock(at, 100) == QURT_EVAL);
	/* A size whose lower 32 bits are 0. */
	CHECK(sizeof(huge) == 4 || qurt_mem_l2cache_line_lock(at, huge) == QURT_EMEM);
	CHECK(qurt_mem_l2cache_line_unlock(at, huge) == QURT_EVAL);
	CHECK(!qurt_mem_l2cache_line_lock(at, 256) && HAP_query_avail_cachelock() == total - 256);
	CHECK(!qurt_mem_l2cache_line_unlock(at, 256) && HAP_query_avail_cachelock() == total);
	CHECK(qurt_mem_l2cache_line_unlock(at, 256) == QURT_EVAL);
	return 0;
}

/* For the process's end, which gives them back. */
static int leave_lines(void)
{
	static unsigned char own[1024] __attribute__((aligned(128)));

	CHECK(!HAP_cache_lock_addr((uintptr_t)own, sizeof(own)) && HAP_cache_lock(4096, NULL));
	CHECK(HAP_query_avail_cachelock() == HAP_query_total_cachelock() - 5 * 1024);
	return 0;
}

static int memory(void)
{
	hap_mem_request_payload_t request = {.id = REQUEST_RESERVE_VA};
	hap_mem_request_payload_t into = {.id = REQUEST_MAP, .map = {.len = 4096, .fd = 10000}};
	struct HAP_mem_stats stats;
	void *bytes = NULL;

	CHECK(!HAP_malloc(100, &bytes) && bytes);
	CHECK(!HAP_free(bytes));
	CHECK(!HAP_mem_set_grow_size(1 << 20, 4 << 20));
	CHECK(HAP_mem_set_grow_size(2, 1) == (int)AEE_EBADPARM);
	CHECK(!HAP_mem_get_stats(&stats) && stats.min_grow_bytes == 1 << 20);
	request.reserve.len = 3 << 20;
	CHECK(!HAP_mem_request(&request) && request.reserve.va);
	into.map.addr = request.reserve.va;
	CHECK(HAP_mem_request(&into) == (int)AEE_EUNSUPPORTED && !into.map.dsp_va);
	into.map.addr = 0;
	CHECK(HAP_mem_request(&into) == (int)AEE_EBADPARM && !into.map.dsp_va);
	request = (hap_mem_request_payload_t){.id = REQUEST_UNRESERVE_VA,
					      .unreserve = {request.reserve.va, 1 << 20}};
	CHECK(HAP_mem_request(&request) == (int)AEE_EBADPARM); /* not all of it */
	request.unreserve.len = 3 << 20;
	CHECK(!HAP_mem_request(&request));
	CHECK(HAP_mem_request(&request) == (int)AEE_EBADPARM);
	request.id = REQUEST_MEM_MARKER;
	CHECK(HAP_mem_request(&request) == (int)AEE_EUNSUPPORTED);
	request.id = REQUEST_MEM_LOG_BLOCKS;
	CHECK(HAP_mem_request(&request) == (int)AEE_EUNSUPPORTED);
	CHECK(HAP_mem_set_heap_thresholds(1, 2) == (int)AEE_EUNSUPPORTED);
	CHECK(HAP_mem_get_heap_info(&stats) == (int)AEE_EUNSUPPORTED);
	CHECK(adsp_addref_mmap(&stats, 1, 0) == (int)AEE_EUNSUPPORTED);
	CHECK(adsp_release_mmap(&stats, 1) == (int)AEE_EUNSUPPORTED);
	return cache();
}

/* A buffer that the CPU makes for us: where the app sees it, and its fd. */
static int ask_for_memory(uint32_t length, uint64_t *at)
{
	unsigned char *bytes = NULL;
	int fd = -1;

	CHECK(HAP_apps_mem_request(0, 0, &fd, at) == (int)AEE_EBADPARM);
	CHECK(HAP_apps_mem_request(length, 0, NULL, at) == (int)AEE_EBADPARM);
	CHECK(HAP_apps_mem_request(length, 0, &fd, NULL) == (int)AEE_EBADPARM);
	CHECK(HAP_apps_mem_request((size_t)INT32_MAX + 1, 0, &fd, at) == (int)AEE_EBADPARM);
	CHECK(HAP_apps_mem_release(1000) == (int)AEE_ENOSUCHMAP);
	CHECK(!HAP_apps_mem_request(length, 0, &fd, at) && fd >= 0 && *at);
	CHECK(!HAP_mmap_get(fd, (void **)&bytes, NULL) && bytes);
	memset(bytes, 0x3c, length);
	CHECK(!HAP_mmap_put(fd));
	CHECK(HAP_apps_mem_release(fd + 1000) == (int)AEE_ENOSUCHMAP);
	at[1] = (uint64_t)fd;
	return 0;
}

static int give_memory_back(int fd)
{
	void *bytes;

	CHECK(!HAP_apps_mem_release(fd));
	CHECK(HAP_apps_mem_release(fd) == (int)AEE_ENOSUCHMAP);
	CHECK(HAP_mmap_get(fd, &bytes, NULL) == (int)AEE_ENOSUCHMAP);
	return 0;
}

/* ---- compute resources ---- */

#define PATIENT 20000000 /* microseconds, where it comes */

static int asked;

static int on_release(unsigned int context_id, void *client_context)
{
	asked++;
	return HAP_compute_res_release(context_id) + (client_context != &asked);
}

static int compute(void)
{
	unsigned int total = 0, available = 0, first, second, size = 0;
	compute_res_attr_t attr, other;
	void *bytes = NULL;

	CHECK(!HAP_compute_res_query_VTCM(0, &total, NULL, &available, NULL));
	CHECK(total >= 1 << 20 && available == total);
	memset(&attr, 0, sizeof(attr));
	CHECK(!HAP_compute_res_acquire(&attr, 0)); /* never initialised */
	CHECK(!HAP_compute_res_attr_init(&attr) && !HAP_compute_res_attr_init(&other));
	CHECK(!HAP_compute_res_attr_set_vtcm_param(&attr, total + 1, 1));
	CHECK(!HAP_compute_res_acquire(&attr, 1000000)); /* more than there is: at once */
	CHECK(!HAP_compute_res_attr_set_vtcm_param_v2(&attr, total, 0, 1 << 20));
	CHECK(!HAP_compute_res_attr_set_serialize(&attr, 1));
	first = HAP_compute_res_acquire(&attr, 1000);
	CHECK(first);
	CHECK(!HAP_compute_res_attr_get_vtcm_ptr_v2(&attr, &bytes, &size) && size == total);
	memset(bytes, 0xa5, size);
	CHECK(HAP_compute_res_attr_get_vtcm_ptr(&attr) == bytes);
	CHECK(HAP_release_VTCM(bytes) == (int)AEE_EBADPARM); /* it has a context */
	CHECK(!HAP_compute_res_attr_set_vtcm_param(&other, 4096, 1));
	CHECK(!HAP_compute_res_acquire(&other, 2000)); /* nothing left, in time */
	CHECK(!HAP_request_VTCM(4096, 0));
	CHECK(!HAP_compute_res_check_release_request(first));
	CHECK(!HAP_compute_res_release(first));
	CHECK(HAP_compute_res_release(first) == (int)AEE_EBADPARM);
	/* One that gives back what a more urgent thread wants. */
	CHECK(!HAP_compute_res_attr_set_release_callback(&attr, on_release, &asked));
	first = HAP_compute_res_acquire(&attr, 1000);
	CHECK(first && !qurt_thread_set_priority(qurt_thread_get_id(), 80));
	asked = 0;
	second = HAP_compute_res_acquire(&other, 1000000);
	CHECK(second && asked == 1 && !HAP_compute_res_release(second));
	bytes = HAP_request_VTCM(8192, 1);
	CHECK(bytes && !HAP_release_VTCM(bytes) && HAP_release_VTCM(bytes) != 0);
	CHECK(!qurt_thread_set_priority(qurt_thread_get_id(), 192));
	return 0;
}

/* A context that is taken again and again, and one that wants the same. */
static int cached(void)
{
	unsigned int total = 0, id, other_id, size = 0, again;
	compute_res_attr_t attr, other;
	unsigned char *bytes = NULL;

	CHECK(!HAP_compute_res_query_VTCM(0, &total, NULL, NULL, NULL));
	CHECK(!HAP_compute_res_attr_init(&attr) && !HAP_compute_res_attr_init(&other));
	CHECK(!HAP_compute_res_attr_set_cache_mode(&attr, 1));
	CHECK(!HAP_compute_res_attr_set_vtcm_param_v2(&attr, total + 4096, 0, total + 4096));
	CHECK(!HAP_compute_res_acquire(&attr, 1000));
	CHECK(!HAP_compute_res_attr_set_vtcm_param_v2(&attr, total, 0, total));
	id = HAP_compute_res_acquire(&attr, 1000);
	CHECK(id);
	CHECK(!HAP_compute_res_attr_get_vtcm_ptr_v2(&attr, (void **)&bytes, &size));
	CHECK(bytes && size == total && (uintptr_t)bytes + size <= UINT32_MAX);
	/* It holds nothing yet: others get everything. */
	CHECK(HAP_compute_res_release_cached(id) == (int)AEE_EBADSTATE);
	CHECK(!HAP_compute_res_attr_set_vtcm_param(&other, total, 1));
	other_id = HAP_compute_res_acquire(&other, PATIENT);
	CHECK(other_id && other_id != id);
	CHECK(HAP_compute_res_acquire_cached(other_id, 0) == (int)AEE_EBADPARM);
	CHECK(HAP_compute_res_release_cached(other_id) == (int)AEE_EBADPARM);
	CHECK(HAP_compute_res_acquire_cached(id, 1000) == (int)AEE_EEXPIRED);
	CHECK(!HAP_compute_res_release(other_id));
	for (int i = 0; i < 3; i++) {
		CHECK(!HAP_compute_res_acquire_cached(id, PATIENT));
		CHECK(HAP_compute_res_acquire_cached(id, 1000) == (int)AEE_EBADSTATE);
		CHECK(bytes[0] != 0xa5 && bytes[size - 1] != 0xa5);
		memset(bytes, 0xa5, size);
		CHECK(!HAP_compute_res_acquire(&other, 1000));
		CHECK(!HAP_compute_res_release_cached(id));
	}
	CHECK(!HAP_compute_res_query_VTCM(0, NULL, NULL, &again, NULL) && again == total);
	CHECK(!HAP_compute_res_acquire_cached(id, PATIENT));
	CHECK(!HAP_compute_res_release(id)); /* also while it holds */
	CHECK(HAP_compute_res_acquire_cached(id, 0) == (int)AEE_EBADPARM);
	CHECK(HAP_compute_res_release(id) == (int)AEE_EBADPARM);
	other_id = HAP_compute_res_acquire(&other, PATIENT);
	CHECK(other_id && !HAP_compute_res_release(other_id));
	return 0;
}

static struct {
	unsigned int context;
	int inside, most, wrong;
} matrix;

/* As long as one thread has the unit no other one has. */
static void use_matrix(void *arg)
{
	(void)arg;
	for (int i = 0; i < 100; i++) {
		int inside;

		if (i % 2 ? HAP_compute_res_hmx_lock(matrix.context) : qurt_hmx_lock())
			__atomic_fetch_add(&matrix.wrong, 1, __ATOMIC_RELAXED);
		inside = __atomic_add_fetch(&matrix.inside, 1, __ATOMIC_RELAXED);
		if (inside > 1)
			__atomic_fetch_add(&matrix.most, 1, __ATOMIC_RELAXED);
		__atomic_fetch_sub(&matrix.inside, 1, __ATOMIC_RELAXED);
		if (i % 2 ? HAP_compute_res_hmx_unlock(matrix.context) : qurt_hmx_unlock())
			__atomic_fetch_add(&matrix.wrong, 1, __ATOMIC_RELAXED);
	}
	if (qurt_hmx_lock()) /* and ends with it */
		__atomic_fetch_add(&matrix.wrong, 1, __ATOMIC_RELAXED);
}

static void try_matrix(void *arg)
{
	(void)arg;
	qurt_thread_exit(qurt_hmx_try_lock());
}

static int no_matrix(void)
{
	compute_res_attr_t attr;

	CHECK(!HAP_compute_res_attr_init(&attr));
	CHECK(HAP_compute_res_attr_set_hmx_param(&attr, 1) == (int)HAP_COMPUTE_RES_NOT_SUPPORTED);
	CHECK(!HAP_compute_res_attr_set_hmx_param(&attr, 0));
	CHECK(HAP_compute_res_hmx_lock(1) == (int)HAP_COMPUTE_RES_NOT_SUPPORTED);
	CHECK(HAP_compute_res_hmx_unlock(1) == (int)HAP_COMPUTE_RES_NOT_SUPPORTED);
	CHECK(qurt_hmx_lock() == QURT_EFATAL && qurt_hmx_try_lock() == QURT_EFATAL);
	CHECK(qurt_hmx_unlock() == QURT_EFAILED);
	return 0;
}

static int use_matrix_unit(void)
{
	unsigned int id, without;
	compute_res_attr_t attr, plain;
	qurt_thread_t threads[4];
	int status;

	CHECK(!HAP_compute_res_attr_init(&attr) && !HAP_compute_res_attr_init(&plain));
	CHECK(!HAP_compute_res_attr_set_hmx_param(&attr, 1));
	CHECK(!HAP_compute_res_attr_set_cache_mode(&attr, 1));
	id = HAP_compute_res_acquire(&attr, 1000);
	CHECK(id && HAP_compute_res_hmx_lock(id) == (int)AEE_EBADPARM); /* it holds nothing */
	CHECK(!HAP_compute_res_attr_set_vtcm_param(&plain, 4096, 0));
	without = HAP_compute_res_acquire(&plain, PATIENT);
	CHECK(without && HAP_compute_res_hmx_lock(without) == (int)AEE_EBADPARM);
	CHECK(!HAP_compute_res_release(without));
	CHECK(!HAP_compute_res_acquire_cached(id, PATIENT));
	CHECK(!HAP_compute_res_attr_set_cache_mode(&attr, 0));
	CHECK(!HAP_compute_res_acquire(&attr, 1000)); /* one context at a time */
	CHECK(HAP_compute_res_hmx_unlock(id) == (int)AEE_EBADSTATE);
	CHECK(!HAP_compute_res_hmx_lock(id) && !HAP_compute_res_hmx_lock(id));
	CHECK(qurt_hmx_try_lock() == QURT_EFAILED && qurt_hmx_unlock() == QURT_EFAILED);
	CHECK(!start(&threads[0], "tries", 100, try_matrix, NULL));
	CHECK(!qurt_thread_join(threads[0], &status) && status == QURT_EFAILED);
	CHECK(!HAP_compute_res_hmx_unlock(id) && !HAP_compute_res_hmx_unlock(id));
	memset(&matrix, 0, sizeof(matrix));
	matrix.context = id;
	for (int i = 0; i < 4; i++)
		CHECK(!start(&threads[i], "matrix", 100, use_matrix, NULL));
	for (int i = 0; i < 4; i++)
		CHECK(!qurt_thread_join(threads[i], &status));
	CHECK(!matrix.wrong && !matrix.most);
	CHECK(!qurt_hmx_try_lock() && !qurt_hmx_unlock());
	CHECK(!HAP_compute_res_release(id));
	return 0;
}

static struct {
	unsigned int context;
	int asked;
	qurt_mutex_t mutex;
} held = {.mutex = QURT_MUTEX_INIT};

static int give_up(unsigned int context_id, void *client_context)
{
	qurt_mutex_lock(&held.mutex);
	held.asked += client_context == &held && context_id == held.context;
	qurt_mutex_unlock(&held.mutex);
	return HAP_compute_res_release_cached(context_id);
}

static int hold(void)
{
	compute_res_attr_t attr;
	unsigned int total;

	CHECK(!HAP_compute_res_query_VTCM(0, &total, NULL, NULL, NULL));
	CHECK(!HAP_compute_res_attr_init(&attr) && !HAP_compute_res_attr_set_cache_mode(&attr, 1));
	CHECK(!HAP_compute_res_attr_set_vtcm_param(&attr, total, 0));
	CHECK(!HAP_compute_res_attr_set_release_callback(&attr, give_up, &held));
	held.context = HAP_compute_res_acquire(&attr, 1000);
	CHECK(held.context && !HAP_compute_res_acquire_cached(held.context, PATIENT));
	return 0;
}

static int want(unsigned int urgently)
{
	compute_res_attr_t attr;
	unsigned int id;

	CHECK(!HAP_compute_res_attr_init(&attr));
	CHECK(!HAP_compute_res_attr_set_vtcm_param(&attr, 4096, 0));
	CHECK(!qurt_thread_set_priority(qurt_thread_get_id(), urgently ? 100 : 192));
	id = HAP_compute_res_acquire(&attr, urgently ? PATIENT : 2000);
	CHECK(!qurt_thread_set_priority(qurt_thread_get_id(), 192));
	CHECK(!id == !urgently);
	return id ? HAP_compute_res_release(id) : 0;
}

static int how_often_asked(void)
{
	CHECK(!HAP_compute_res_release(held.context));
	return held.asked;
}

static void take_hvx(void *arg)
{
	qurt_signal_t *signals = arg;

	if (!qurt_hvx_lock(QURT_HVX_MODE_128B))
		qurt_signal_set(&signals[0], 1u << (unsigned int)(qurt_hvx_get_mode()));
	qurt_signal_wait(&signals[1], 1, QURT_SIGNAL_ATTR_WAIT_ANY);
	/* Ends without unlocking: the context comes back all the same. */
}

static int vectors(void)
{
	int units = qurt_hvx_get_units() >> 8, status;
	qurt_signal_t signals[2];
	qurt_thread_t thread;

	CHECK(units == 4);
	CHECK(qurt_hvx_get_mode() == -1 && qurt_hvx_unlock() == QURT_EFAILED);
	CHECK(!qurt_hvx_lock(QURT_HVX_MODE_128B) && !qurt_hvx_lock(QURT_HVX_MODE_128B));
	CHECK(qurt_hvx_lock(QURT_HVX_MODE_64B) == QURT_ENOTALLOWED);
	CHECK(!qurt_hvx_unlock() && qurt_hvx_get_mode() == QURT_HVX_MODE_128B);
	CHECK(!qurt_hvx_unlock() && qurt_hvx_get_mode() == -1);
	qurt_signal_init(&signals[0]);
	qurt_signal_init(&signals[1]);
	CHECK(!start(&thread, "vectors", 100, take_hvx, signals));
	qurt_signal_wait(&signals[0], 1u << QURT_HVX_MODE_128B, QURT_SIGNAL_ATTR_WAIT_ANY);
	CHECK(qurt_hvx_reserve(units) == -1 && qurt_hvx_reserve(units - 1) == units - 1);
	CHECK(!qurt_hvx_cancel_reserve());
	qurt_signal_set(&signals[1], 1);
	CHECK(!qurt_thread_join(thread, &status));
	CHECK(qurt_hvx_reserve(0) == units && !qurt_hvx_try_lock(QURT_HVX_MODE_128B));
	CHECK(!qurt_hvx_unlock() && !qurt_hvx_cancel_reserve());
	return 0;
}

/* ---- the rest ---- */

/* The sum of all votes. */
static unsigned int votes(void)
{
	HAP_power_response_t mips = {.type = HAP_power_get_aggregateAVSMpps};

	return HAP_power_get(NULL, &mips) ? 0 : mips.clkMpps;
}

static int older_power(void)
{
	HAP_power_response_t most = {.type = HAP_power_get_max_mips};
	HAP_power_response_t bandwidth = {.type = HAP_power_get_max_bus_bw};
	int clock = 0, bus = 0;

	CHECK(!HAP_power_get(NULL, &most) && !HAP_power_get(NULL, &bandwidth));
	CHECK(!HAP_power_get_max_speed(&clock, &bus) && clock > 0 && bus > 0);
	CHECK(most.max_mips % (unsigned int)clock == 0);
	CHECK(bandwidth.max_bus_bw % (unsigned int)bus == 0);
	CHECK(HAP_power_get_max_speed(NULL, &bus) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_get_max_speed(&clock, NULL) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_request(101, 0, 0) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_request(0, 101, 0) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_request(-1, 0, 0) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_request(0, -1, 0) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_request(0, 0, -1) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_request_abs(-1, 0, 0) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_request_abs(0, -1, 0) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(HAP_power_request_abs(0, 0, -1) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(!votes()); /* what is refused is no vote */
	CHECK(!HAP_power_request(50, 50, 100) && votes() == most.max_mips / 2);
	CHECK(!HAP_power_request(100, 0, 0) && votes() == most.max_mips);
	CHECK(!HAP_power_request(0, 100, 0) && votes() == most.max_mips); /* 0: no vote */
	CHECK(!HAP_power_request_abs(clock / 2, bus, 0) && votes() == most.max_mips / 2);
	/* More than there is, also where the sum has more than 32 bits. */
	CHECK(!HAP_power_request_abs(1 << 30, bus, 0) && votes() == most.max_mips);
	CHECK(!HVX_power_request() && !HVX_power_release());
	CHECK(!HAP_power_destroy(NULL) && !votes());
	return 0;
}

/* On a DSP that has none: adsp's. */
static int no_vectors(void)
{
	CHECK(HVX_power_request() == HAP_POWER_ERR_UNSUPPORTED_API);
	CHECK(HVX_power_release() == HAP_POWER_ERR_UNSUPPORTED_API);
	CHECK(qurt_hvx_get_units() == -1 && qurt_hvx_reserve(1) == -1);
	return 0;
}

/* Uses @bytes of its stack; the priority of the thread that it runs on. */
static int use_stack(uint32_t bytes)
{
	volatile unsigned char *room = __builtin_alloca(bytes);

	for (uint32_t at = 0; at < bytes; at += 512)
		room[at] = 1;
	return qurt_thread_get_priority(qurt_thread_get_id());
}

static int about_itself(void)
{
	HAP_get_userpd_params_req_t request = {.req_id = HAP_USERPD_PID};
	HAP_power_request_t vote = {.type = HAP_power_set_DCVS_v2};
	HAP_power_response_t answer_ = {.type = HAP_power_get_client_class};
	uint64_t cycles = HAP_perf_get_pcycles(), count = HAP_perf_get_qtimer_count();
	qurt_sysenv_max_hthreads_t threads = {0};
	int client;

	CHECK(!HAP_get_userpd_params(&request) && request.pid > 0);
	CHECK(HAP_get_pd_type() == 7 && !HAP_set_process_name("hap"));
	CHECK(!qurt_sysenv_get_max_hw_threads(&threads) && threads.max_hthreads);
	CHECK(!HAP_timer_sleep(1000));
	CHECK(HAP_perf_get_pcycles() - cycles >= 1000000);
	CHECK(HAP_perf_qtimer_count_to_us(HAP_perf_get_qtimer_count() - count) >= 999);
	CHECK(HAP_perf_qtimer_count_to_us(192) == 10 && HAP_perf_get_time_us());
	CHECK(!HAP_power_set(&client,
			     &(HAP_power_request_t){.type = HAP_power_set_apptype,
						    .apptype = HAP_POWER_COMPUTE_CLIENT_CLASS}));
	CHECK(!HAP_power_get(&client, &answer_) &&
	      answer_.client_class == HAP_POWER_COMPUTE_CLIENT_CLASS);
	vote.dcvs_v2.set_latency = TRUE;
	vote.dcvs_v2.latency = 1;
	CHECK(HAP_power_set(&client, &vote) == HAP_POWER_ERR_INVALID_PARAM);
	vote.dcvs_v2.latency = 100;
	CHECK(!HAP_power_set(&client, &vote));
	vote.type = HAP_power_set_vapss;
	CHECK(HAP_power_set(&client, &vote) == HAP_POWER_ERR_UNSUPPORTED_API);
	CHECK(!HAP_power_destroy_client(&client));
	CHECK(HAP_power_destroy_client(&client) == HAP_POWER_ERR_INVALID_PARAM);
	CHECK(AEE_EBADPARM == 0x8000040eu);
	CHECK(HAP_debug_ptrace(HAP_DEBUG_TRACEME, 0, NULL, NULL) == (int)AEE_EUNSUPPORTED);
	CHECK(HAP_send_early_signal(qurt_thread_get_id(), 100) == (int)AEE_EUNSUPPORTED);
	/* The device's header answers in the monitor's stead where the DSP has none. */
	CHECK(!__HAP_register_pmu_group && !__HAP_register_pmu_event);
	return older_power();
}

/* Threads that outlive the call, and the module's handle. */
static int leave_threads(void)
{
	static qurt_signal_t other[2];
	qurt_thread_t thread;

	qurt_signal_init(&other[0]);
	qurt_signal_init(&other[1]);
	for (int i = 0; i < THREADS; i++)
		CHECK(!start(&thread, "left", 100, take_hvx, other));
	qurt_signal_wait(&other[0], 1u << QURT_HVX_MODE_128B, QURT_SIGNAL_ATTR_WAIT_ANY);
	return 0;
}

static struct {
	int key;
	qurt_signal_t begun, never;
} last_words;

static void never_end(void *value)
{
	(void)value;
	qurt_signal_set(&last_words.begun, 1);
	qurt_signal_wait(&last_words.never, 1, QURT_SIGNAL_ATTR_WAIT_ANY);
}

static void have_last_words(void *arg)
{
	qurt_tls_set_specific(last_words.key, arg);
}

/* A thread that has ended, but for what is to be destroyed with it. */
static int leave_destructor(void)
{
	qurt_thread_t thread;

	qurt_signal_init(&last_words.begun);
	qurt_signal_init(&last_words.never);
	CHECK(!qurt_tls_create_key(&last_words.key, never_end));
	CHECK(!start(&thread, "last words", 100, have_last_words, &last_words));
	qurt_signal_wait(&last_words.begun, 1, QURT_SIGNAL_ATTR_WAIT_ANY);
	return 0;
}

/* Never: only the end of the process ends it. */
static int wait_for_ever(void)
{
	static qurt_signal_t never;
	static qurt_thread_t thread;
	static qurt_signal_t other[2];

	qurt_signal_init(&never);
	qurt_signal_init(&other[0]);
	qurt_signal_init(&other[1]);
	CHECK(!start(&thread, "for ever", 100, take_hvx, other));
	qurt_signal_wait(&never, 1, QURT_SIGNAL_ATTR_WAIT_ANY);
	return __LINE__;
}

static int run(uint32_t method, const uint32_t *in, remote_arg *pra)
{
	switch (method) {
	case HAP_METHOD_LOG:
		return log_all(in[0]);
	case HAP_METHOD_LOG_MANY:
		return log_many(in[0]);
	case HAP_METHOD_THREADS:
		return run_threads();
	case HAP_METHOD_ORDER:
		return order_of_waiters(pra[1].buf.pv, pra[2].buf.pv);
	case HAP_METHOD_SIGNALS:
		return signals();
	case HAP_METHOD_TIMERS:
		return timers();
	case HAP_METHOD_PIPES:
		return pipes();
	case HAP_METHOD_OWN_VALUES:
		return own_values_and_futexes();
	case HAP_METHOD_BY_FD:
		return buffer_by_fd((int)in[0], in[1]);
	case HAP_METHOD_AS_HANDLE:
		return buffer_as_handle(pra[1].dma.fd, in[1]);
	case HAP_METHOD_KEEP:
		return keep(pra[1].dma.fd, in[1]);
	case HAP_METHOD_LET_GO:
		return let_go(in[1]);
	case HAP_METHOD_MEMORY:
		return memory();
	case HAP_METHOD_ASK_FOR_MEMORY:
		return ask_for_memory(in[0], pra[1].buf.pv);
	case HAP_METHOD_GIVE_BACK:
		return give_memory_back((int)in[0]);
	case HAP_METHOD_COMPUTE:
		return compute();
	case HAP_METHOD_CACHED:
		return cached();
	case HAP_METHOD_MATRIX:
		return in[0] ? use_matrix_unit() : no_matrix();
	case HAP_METHOD_HOLD:
		return hold();
	case HAP_METHOD_WANT:
		return want(in[0]);
	case HAP_METHOD_ASKED:
		return how_often_asked();
	case HAP_METHOD_VECTORS:
		return vectors();
	case HAP_METHOD_NO_VECTORS:
		return no_vectors();
	case HAP_METHOD_ODD:
		return in[0] == HAP_ODD_LATE_TIMER   ? late_timer()
		       : in[0] == HAP_ODD_NO_OBJECTS ? no_objects()
						     : leave_destructor();
	case HAP_METHOD_LEAVE_LINES:
		return leave_lines();
	case HAP_METHOD_LINES_LOCKED:
		return HAP_query_total_cachelock() - HAP_query_avail_cachelock();
	case HAP_METHOD_USE_STACK:
		return use_stack(in[0]);
	case HAP_METHOD_ITSELF:
		return about_itself();
	case HAP_METHOD_LEAVE:
		return leave_threads();
	case HAP_METHOD_FOR_EVER:
		return wait_for_ever();
	default:
		return AEE_EUNSUPPORTED;
	}
}

int hap_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	uint32_t method = REMOTE_SCALARS_METHOD(sc);

	(void)h;
	switch (method) {
	case 0:
		pra[2].h64 = 1;
		return 0;
	case 1:
		return 0;
	default:
		return pra[0].buf.nLen >= 8 ? run(method, pra[0].buf.pv, pra) : (int)AEE_EBADPARM;
	}
}
