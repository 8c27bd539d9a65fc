/* SPDX-License-Identifier: BSD-3-Clause */
/* The reserved heap that static PDs live on: map flags 4 and 8, and the audio PD (downstream). */
#include "box.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#define AUDIO_PD "msm/adsp/audio_pd"

static void start(struct box *box, const char *spec)
{
	box_start(box, spec, box->compat);
	box_ready(box, ADSP, 0);
}

static void heap_flags_lend_reserved_memory_by_physical_address(void **state)
{
	static const uint32_t flags[] = {FRPC_DN_MMAP_HEAP, FRPC_DN_MMAP_REMOTE_HEAP};
	struct box *box = *state;
	uint64_t address;

	start(box, "heap=1048576");
	for (int i = 0; i < 2; i++) {
		struct frpc_smq_mmap told;
		struct frpc_smq_page page;

		assert_int_equal(box_mmap(box, 9999, flags[i], 0x5000, 3 * PAGE, &address), 0);
		memcpy(&told, box_find(box, FRPC_SC_MMAP)->args[0].bytes, sizeof(told));
		memcpy(&page, box_find(box, FRPC_SC_MMAP)->args[1].bytes, sizeof(page));
		assert_int_equal(told.flags, flags[i]);
		assert_int_equal(told.vaddrin, 0); /* the user's address means nothing */
		assert_int_equal(page.addr >> 32, 0);
		assert_int_equal(page.size, 3 * PAGE);
		assert_int_equal(frpc_emulator_heap_lent(box->emulator), 3 * PAGE);
		assert_int_equal(box_memory(box).maps, 0);
		assert_int_equal(box_munmap(box, address, 3 * PAGE), 0);
		assert_int_equal(frpc_emulator_heap_lent(box->emulator), 0);
		assert_int_equal(box_munmap(box, address, 3 * PAGE), -ETOOMANYREFS);
	}
}

static void only_flag_4_memory_is_unlocked_with_a_key(void **state)
{
	struct box *box = *state;
	uint64_t address;

	start(box, NULL);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_REMOTE_HEAP, 0, PAGE, &address), 0);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
	assert_int_equal(box_count(box, FRPC_SC_HEAP_UNMAP), 0);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_HEAP, 0, PAGE, &address), 0);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
	assert_int_equal(box_count(box, FRPC_SC_HEAP_UNMAP), 1);
	assert_int_equal(box_count(box, FRPC_SC_MUNMAP), 2);
	/* If it stays locked, it stays lent. */
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_HEAP, 0, PAGE, &address), 0);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_HEAP_UNMAP)] = 6;
	assert_int_equal(box_munmap(box, address, PAGE), 6);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), PAGE);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
}

static void the_pool_has_an_end(void **state)
{
	struct box *box = *state;

	start(box, "heap=1048576");
	assert_int_equal(box_mmap(box, -1, 8, 0, 0, NULL), -EFAULT);
	assert_int_equal(box_mmap(box, -1, 8, 0, 0x78000000, NULL), -EFAULT);
	assert_int_equal(box_mmap(box, -1, 8, 0, MIB + 1, NULL), -ENOBUFS);
	assert_int_equal(box_mmap(box, -1, 8, 0, MIB, NULL), 0);
	assert_int_equal(box_mmap(box, -1, 4, 0, PAGE, NULL), -ENOBUFS);
	assert_int_equal(box->count, 1);
}

static void a_machine_without_a_pool_lends_nothing(void **state)
{
	struct box *box = *state;

	start(box, "heap=0");
	assert_int_equal(box_mmap(box, -1, 4, 0, PAGE, NULL), -ENODEV);
	assert_int_equal(box_mmap(box, -1, 8, 0, PAGE, NULL), -ENODEV);
	assert_int_equal(box_mem_map(box, -1, 8, 0, 0, PAGE, NULL), -ENODEV);
}

static void an_unsigned_process_gets_no_remote_heap(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	box_ready(box, CDSP, FRPC_PROC_ATTR_UNSIGNED);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_REMOTE_HEAP, 0, PAGE, NULL), -EINVAL);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_HEAP, 0, PAGE, NULL), 0);
}

static void a_refusing_dsp_gets_no_heap(void **state)
{
	struct box *box = *state;

	start(box, NULL);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MMAP)] = 5;
	assert_int_equal(box_mmap(box, -1, 8, 0, PAGE, NULL), 5);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MEM_MAP)] = 6;
	assert_int_equal(box_mem_map(box, -1, 8, 0, 0, PAGE, NULL), 6);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), 0);
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_ALLOCATION, 0, 1);
	assert_int_equal(box_mmap(box, -1, 8, 0, PAGE, NULL), -ENOBUFS);
}

static void heap_blocks_are_the_systems_and_any_file_returns_them(void **state)
{
	struct box *box = *state;
	uint64_t address;

	start(box, NULL);
	assert_int_equal(box_mmap(box, -1, 8, 0, PAGE, &address), 0);
	box_close(box);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), PAGE);
	box_ready(box, ADSP, 0);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), 0);
}

static void the_same_heap_request_twice_gives_two_blocks(void **state)
{
	struct box *box = *state;
	uint64_t first, second;

	start(box, NULL);
	assert_int_equal(box_mmap(box, -1, 8, 0, PAGE, &first), 0);
	assert_int_equal(box_mmap(box, -1, 8, 0, PAGE, &second), 0);
	assert_true(first != second);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), 2 * PAGE);
}

static void mem_unmap_does_not_return_heap_memory(void **state)
{
	struct box *box = *state;
	uint64_t address;

	start(box, NULL);
	assert_int_equal(box_mem_map(box, 5, 8, 0, 0, PAGE, &address), 0);
	assert_int_equal(box_mem_unmap(box, 5, address, PAGE), -EBADMSG);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), PAGE);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
}

/* ---- the audio PD ---- */

static long init_static(struct box *box, const char *name, uint32_t memlen)
{
	strcpy((char *)box->low, name);
	return box_init(box, &(struct frpc_dn_init_attrs){
				     .init = {.flags = FRPC_DN_INIT_CREATE_STATIC,
					      .file = (uintptr_t)box->low,
					      .filelen = (uint32_t)strlen(name) + 1,
					      .memlen = memlen},
			     });
}

static void open_adsp(struct box *box)
{
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, ADSP, NULL), 0);
	box_forget(box);
}

static void the_audio_pd_is_given_a_heap_the_first_time(void **state)
{
	struct frpc_smq_create_static told;
	const struct box_call *call;
	struct frpc_smq_page page;
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	open_adsp(box);
	assert_int_equal(init_static(box, "audiopd", 2 * MIB), 0);
	call = box_find(box, FRPC_SC_CREATE_STATIC);
	assert_non_null(call);
	memcpy(&told, call->args[0].bytes, sizeof(told));
	memcpy(&page, call->args[2].bytes, sizeof(page));
	assert_int_equal(told.pgid, box_memory(box).client_id);
	assert_int_equal(told.namelen, 8);
	assert_int_equal(told.pageslen, 1);
	assert_string_equal((const char *)call->args[1].bytes, "audiopd");
	assert_int_equal(page.addr >> 32, 0);
	assert_int_equal(page.size, 2 * MIB);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), 2 * MIB);
	/* No unmap finds it. */
	assert_int_equal(box_munmap(box, 0, 2 * MIB), -ETOOMANYREFS);
	box_close(box);
	/* It keeps that for the life of the driver; the next client brings none. */
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), 2 * MIB);
	open_adsp(box);
	assert_int_equal(init_static(box, "audiopd", 2 * MIB), 0);
	call = box_find(box, FRPC_SC_CREATE_STATIC);
	memcpy(&told, call->args[0].bytes, sizeof(told));
	memcpy(&page, call->args[2].bytes, sizeof(page));
	assert_int_equal(told.pageslen, 0);
	assert_int_equal(page.addr, 0);
	assert_int_equal(call->args[2].arg.buf.len, 16);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), 2 * MIB);
}

static void other_static_names_are_accepted_and_nothing_is_sent(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	open_adsp(box);
	assert_int_equal(init_static(box, "nosuchpd", MIB), 0);
	assert_int_equal(box->count, 0);
	/* The file counts as initialised. */
	assert_int_equal(box_munmap(box, 0x1000, PAGE), -ETOOMANYREFS);
	box_close(box);
	open_adsp(box);
	assert_int_equal(box_init(box,
				  &(struct frpc_dn_init_attrs){
					  .init = {.flags = FRPC_DN_INIT_CREATE_STATIC}}),
			 0);
	assert_int_equal(box->count, 0);
}

static void the_audio_pds_memory_is_at_most_8_mib_and_on_the_adsp(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	open_adsp(box);
	assert_int_equal(init_static(box, "audiopd", 8 * MIB + 1), -EFBIG);
	assert_int_equal(init_static(box, "audiopd", 0), -EFAULT);
	assert_int_equal(init_static(box, "audiopd", 8 * MIB), 0);
	box_close(box);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, MDSP, NULL), 0);
	assert_int_equal(init_static(box, "audiopd", MIB), -EBADR);
}

static void an_audio_pd_that_is_down_is_not_connected(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	assert_int_equal(frpc_emulator_set_static_pd(box->emulator, "nonsense", false), -ENODEV);
	assert_int_equal(frpc_emulator_set_static_pd(box->emulator, AUDIO_PD, false), 0);
	open_adsp(box);
	assert_int_equal(init_static(box, "audiopd", MIB), -ENOTCONN);
	assert_int_equal(box->count, 0);
	assert_int_equal(frpc_emulator_set_static_pd(box->emulator, "audio_pdr_adsprpc", true), 0);
	assert_int_equal(init_static(box, "audiopd", MIB), 0);
}

struct rival {
	struct box *box;
	int file;
	pthread_t thread;
	_Atomic pid_t tid;
	atomic_bool over;
	long res;
};

static void *create_too(void *arg)
{
	struct rival *rival = arg;
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_CREATE_STATIC,
				    .file = (uintptr_t)rival->box->low,
				    .filelen = 8,
				    .memlen = 2 * MIB};

	atomic_store(&rival->tid, (pid_t)syscall(SYS_gettid));
	rival->res = frpc_emulator_ioctl(rival->box->emulator, rival->file, FRPC_DN_IOCTL_INIT,
					 (uintptr_t)&init, false);
	atomic_store(&rival->over, true);
	return NULL;
}

/* While the DSP has the first create in hand. */
static void let_the_rival_come(struct box *box, struct box_call *call)
{
	struct rival *rival = box->context;

	if (call->message.sc != FRPC_SC_CREATE_STATIC)
		return;
	box->before = NULL;
	assert_int_equal(pthread_create(&rival->thread, NULL, create_too, rival), 0);
	while (!atomic_load(&rival->tid) ||
	       (!atomic_load(&rival->over) && !box_sleeps(atomic_load(&rival->tid))))
		sched_yield();
}

static void of_two_clients_at_once_one_gives_the_audio_pd_a_heap(void **state)
{
	struct box *box = *state;
	struct rival rival = {.box = box};

	box_start(box, NULL, box->compat);
	open_adsp(box);
	rival.file = box->file;
	open_adsp(box);
	box->before = let_the_rival_come;
	box->context = &rival;
	assert_int_equal(init_static(box, "audiopd", 2 * MIB), 0);
	pthread_join(rival.thread, NULL);
	assert_int_equal(rival.res, 0);
	assert_int_equal(box_count(box, FRPC_SC_CREATE_STATIC), 2);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), 2 * MIB);
	frpc_emulator_close(box->emulator, rival.file);
}

static void a_refused_donation_stays_with_the_driver_for_the_next(void **state)
{
	struct box *box = *state;
	struct frpc_smq_page first, second;

	box_start(box, "heap=2097152", box->compat);
	open_adsp(box);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_CREATE_STATIC)] = 3;
	assert_int_equal(init_static(box, "audiopd", 2 * MIB), 3);
	memcpy(&first, box_find(box, FRPC_SC_CREATE_STATIC)->args[2].bytes, sizeof(first));
	/* Only a request of exactly that length finds it again; for others the pool is empty. */
	assert_int_equal(init_static(box, "audiopd", MIB), -ENOBUFS);
	assert_int_equal(init_static(box, "audiopd", 2 * MIB), 0);
	memcpy(&second, box_find(box, FRPC_SC_CREATE_STATIC)->args[2].bytes, sizeof(second));
	assert_int_equal(first.addr, second.addr);
}

static void after_a_restart_the_audio_pd_must_be_created_anew(void **state)
{
	const struct box_arg none = {0};
	struct box *box = *state;
	struct frpc_smq_create_static told;

	box_start(box, NULL, box->compat);
	open_adsp(box);
	assert_int_equal(init_static(box, "audiopd", MIB), 0);
	assert_int_equal(box_invoke(box, 0x20, 0, &none), 0);
	assert_int_equal(box_mmap(box, -1, 8, 0, PAGE, NULL), 0);
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), MIB + PAGE);
	frpc_emulator_set_static_pd(box->emulator, AUDIO_PD, false);
	frpc_emulator_set_static_pd(box->emulator, AUDIO_PD, true);
	assert_int_equal(box_invoke(box, 0x20, 0, &none), -ECONNRESET);
	box_close(box);
	open_adsp(box);
	assert_int_equal(init_static(box, "audiopd", MIB), 0);
	memcpy(&told, box_find(box, FRPC_SC_CREATE_STATIC)->args[0].bytes, sizeof(told));
	assert_int_equal(told.pageslen, 1);
	/* The old maps are released, the persistent block is the one in use again. */
	assert_int_equal(frpc_emulator_heap_lent(box->emulator), MIB);
	assert_int_equal(box_invoke(box, 0x20, 0, &none), 0);
}

struct call_thread {
	struct box *box;
	long res;
};

static void *call_static(void *arg)
{
	struct call_thread *call = arg;
	const struct box_arg none = {0};

	call->res = box_invoke(call->box, 0x20, 0, &none);
	return NULL;
}

static void a_call_waits_for_a_sensors_pd_that_is_down(void **state)
{
	struct box *box = *state;
	struct call_thread call = {box, -1};
	pthread_t thread;

	box_start(box, NULL, box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, SDSP, NULL), 0);
	assert_int_equal(box_init(box,
				  &(struct frpc_dn_init_attrs){
					  .init = {.flags = FRPC_DN_INIT_ATTACH_SENSORS}}),
			 0);
	frpc_emulator_set_static_pd(box->emulator, "msm/slpi/sensor_pd", false);
	assert_int_equal(pthread_create(&thread, NULL, call_static, &call), 0);
	frpc_emulator_set_static_pd(box->emulator, "msm/slpi/sensor_pd", true);
	pthread_join(thread, NULL);
	assert_int_equal(call.res, 0); /* sensors have nothing to lose */
	/* And taking leave never waits. */
	frpc_emulator_set_static_pd(box->emulator, "msm/slpi/sensor_pd", false);
	box_close(box);
}

static void a_call_under_way_ends_when_its_static_pd_goes_down(void **state)
{
	struct box *box = *state;
	struct call_thread call = {box, -1};
	pthread_t thread;

	box_start(box, NULL, box->compat);
	open_adsp(box);
	assert_int_equal(init_static(box, "audiopd", MIB), 0);
	box->hold = true;
	assert_int_equal(pthread_create(&thread, NULL, call_static, &call), 0);
	sem_wait(&box->held);
	frpc_emulator_set_static_pd(box->emulator, "msm/slpi/sensor_pd", false);
	frpc_emulator_set_static_pd(box->emulator, AUDIO_PD, false);
	pthread_join(thread, NULL);
	assert_int_equal(call.res, -ECONNRESET);
	/* What comes for it afterwards finds nobody. */
	box_answer(box, ADSP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_BOTH(heap_flags_lend_reserved_memory_by_physical_address),	 /* A2.8 */
		BOX_BOTH(only_flag_4_memory_is_unlocked_with_a_key),		 /* A2.8 */
		BOX_BOTH(the_pool_has_an_end),					 /* A7.4 */
		BOX_BOTH(a_machine_without_a_pool_lends_nothing),		 /* A7.4 */
		BOX_BOTH(an_unsigned_process_gets_no_remote_heap),		 /* A2.8 */
		BOX_BOTH(a_refusing_dsp_gets_no_heap),				 /* A2.8 */
		BOX_BOTH(heap_blocks_are_the_systems_and_any_file_returns_them), /* A7.3 */
		BOX_BOTH(the_same_heap_request_twice_gives_two_blocks),		 /* A7.3 */
		BOX_BOTH(mem_unmap_does_not_return_heap_memory),		 /* A7.3 */
		BOX_BOTH(the_audio_pd_is_given_a_heap_the_first_time),		 /* A2.5 */
		BOX_BOTH(other_static_names_are_accepted_and_nothing_is_sent),	 /* A2.5 */
		BOX_BOTH(the_audio_pds_memory_is_at_most_8_mib_and_on_the_adsp), /* A2.5 */
		BOX_BOTH(an_audio_pd_that_is_down_is_not_connected),		 /* A11.3 */
		BOX_64(of_two_clients_at_once_one_gives_the_audio_pd_a_heap),	 /* A2.2 */
		BOX_BOTH(a_refused_donation_stays_with_the_driver_for_the_next), /* A2.5 */
		BOX_BOTH(after_a_restart_the_audio_pd_must_be_created_anew),	 /* A11.3 */
		BOX_BOTH(a_call_waits_for_a_sensors_pd_that_is_down),		 /* A11.3 */
		BOX_BOTH(a_call_under_way_ends_when_its_static_pd_goes_down),	 /* A4.6 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
