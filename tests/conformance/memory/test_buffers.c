/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver's own buffers: header pages, cache, new ones; and donated pages. */
#include "box.h"

#define USER_HANDLE 0x20u

static void start(struct box *box)
{
	box_start(box, "domains=cdsp", box->compat);
	box_ready(box, CDSP, 0);
}

static struct frpc_emulator_counters counters(struct box *box)
{
	struct frpc_emulator_counters counted;

	frpc_emulator_get_counters(box->emulator, &counted);
	return counted;
}

/* A call whose copied in-buffer has @len bytes. */
static long pass(struct box *box, const void *bytes, size_t len)
{
	const struct box_arg arg = {(uintptr_t)bytes, len, -1, 0};

	return box_invoke(box, USER_HANDLE, FRPC_SC_MAKE(2, 1, 0), &arg);
}

static long invoke2(struct box *box, uint32_t req, void *param, uint32_t size)
{
	struct frpc_dn_invoke2 wide = {.req = req, .invparam = (uintptr_t)param, .size = size};
	struct frpc_dn32_invoke2 narrow = {
		.req = req, .invparam = (uint32_t)(uintptr_t)param, .size = size};

	return box->compat ? box_ioctl(box, FRPC_DN32_IOCTL_INVOKE2, &narrow)
			   : box_ioctl(box, FRPC_DN_IOCTL_INVOKE2, &wide);
}

static long optimize(struct box *box, uint32_t concurrency)
{
	memcpy(box->low, &concurrency, sizeof(concurrency));
	return invoke2(box, FRPC_DN_INVOKE2_KERNEL_OPTIMIZATIONS, box->low, sizeof(concurrency));
}

/* ---- header pages ---- */

static void header_pages_are_one_block_that_the_dsp_is_told_of(void **state)
{
	struct box *box = *state;
	struct frpc_smq_mem_map told;
	struct frpc_smq_page page;
	const struct box_call *call;

	start(box);
	assert_int_equal(optimize(box, 4), 0);
	call = box_find(box, FRPC_SC_MEM_MAP);
	assert_non_null(call);
	memcpy(&told, call->args[0].bytes, sizeof(told));
	memcpy(&page, call->args[1].bytes, sizeof(page));
	assert_int_equal(told.fd, -1);
	assert_int_equal(told.offset, 0);
	assert_int_equal(told.flags, FRPC_DN_MMAP_PERSIST_HDR);
	assert_int_equal(told.vaddrin, 0);
	assert_int_equal(page.size, 4 * PAGE);
	assert_int_equal(box_memory(box).headers, 4);
	assert_int_equal(box_memory(box).free_headers, 4);
	assert_int_equal(box_memory(box).maps, 0);
}

static void twenty_five_header_pages_are_the_most(void **state)
{
	struct box *box = *state;

	start(box);
	assert_int_equal(optimize(box, 26), 0);
	assert_int_equal(box_memory(box).headers, 25);
}

static void header_pages_are_set_up_once_and_not_for_nobody(void **state)
{
	struct box *box = *state;

	start(box);
	assert_int_equal(optimize(box, 0), 0);
	assert_int_equal(box_memory(box).headers, 0);
	assert_int_equal(optimize(box, 3), 0);
	assert_int_equal(optimize(box, 7), 0);
	assert_int_equal(box_memory(box).headers, 3);
	assert_int_equal(box_count(box, FRPC_SC_MEM_MAP), 1);
}

static void header_pages_that_the_dsp_refuses_are_undone(void **state)
{
	struct box *box = *state;

	start(box);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MEM_MAP)] = 0x27;
	assert_int_equal(optimize(box, 3), 0x27);
	assert_int_equal(box_memory(box).headers, 0);
	assert_int_equal(box_memory(box).heap_buffers, 0);
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_ALLOCATION, 0, 2);
	assert_int_equal(optimize(box, 3), -ENOBUFS);
	assert_int_equal(optimize(box, 3), 0);
	assert_int_equal(box_memory(box).headers, 3);
}

static void metadata_up_to_and_including_a_page_uses_a_header(void **state)
{
	struct box_arg args[32] = {{0}};
	struct frpc_emulator_counters before;
	struct box *box = *state;
	uint64_t block;

	start(box);
	for (int i = 0; i < 32; i++)
		args[i].fd = -1; /* 0 would be one */
	assert_int_equal(optimize(box, 1), 0);
	memcpy(&block, box_find(box, FRPC_SC_MEM_MAP)->args[1].bytes, sizeof(block));
	before = counters(box);
	assert_int_equal(box_invoke(box, USER_HANDLE, FRPC_SC_MAKE(2, 32, 0), args), 0);
	assert_int_equal(counters(box).buffers_persistent, before.buffers_persistent + 1);
	assert_int_equal(box->calls[box->count - 1].message.page_addr, block);
	assert_int_equal(box_memory(box).free_headers, 1);
	/* A driver call's metadata is no different. */
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL), 0);
	assert_int_equal(box_find(box, FRPC_SC_MMAP)->message.page_addr, block);
}

static void metadata_of_more_than_a_page_does_not(void **state)
{
	struct frpc_dn_arg wide[100] = {{0}};
	struct frpc_dn_invoke_fd call = {{USER_HANDLE, FRPC_SC_MAKE(2, 100, 0), (uintptr_t)wide},
					 0};
	struct frpc_emulator_counters before;
	struct box *box = *state;

	start(box);
	assert_int_equal(optimize(box, 1), 0);
	before = counters(box);
	/* 40 * 90 + 484 = 4084 fit, 40 * 91 + 484 = 4124 do not. */
	call.inv.sc = FRPC_SC_MAKE(2, 90, 0);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_INVOKE_FD, &call), 0);
	assert_int_equal(counters(box).buffers_persistent, before.buffers_persistent + 1);
	call.inv.sc = FRPC_SC_MAKE(2, 91, 0);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_INVOKE_FD, &call), 0);
	assert_int_equal(counters(box).buffers_persistent, before.buffers_persistent + 1);
}

static void when_no_header_is_free_a_call_takes_other_memory(void **state)
{
	const struct box_arg none = {0};
	struct box *box = *state;
	struct frpc_emulator_counters before;

	box_start(box, "domains=cdsp", box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(optimize(box, 1), 0);
	before = counters(box);
	/* The metadata of the create holds the page while the copies go elsewhere. */
	assert_int_equal(box_create(box, 0), 0);
	assert_int_equal(counters(box).buffers_persistent, before.buffers_persistent + 1);
	assert_int_equal(box_invoke(box, USER_HANDLE, 0, &none), 0);
	assert_int_equal(counters(box).buffers_persistent, before.buffers_persistent + 2);
	assert_int_equal(box_memory(box).free_headers, 1);
}

static void kernel_optimizations_want_one_word(void **state)
{
	struct box *box = *state;

	start(box);
	assert_int_equal(invoke2(box, FRPC_DN_INVOKE2_KERNEL_OPTIMIZATIONS, box->low, 8),
			 box->compat ? -EPERM : -EBADE);
	assert_int_equal(invoke2(box, FRPC_DN_INVOKE2_KERNEL_OPTIMIZATIONS, box->low, 0),
			 box->compat ? -EPERM : -EBADE);
	/* INVOKE2 answers the bytes it could not read, where the 32-bit entry says EPERM. */
	assert_int_equal(invoke2(box, FRPC_DN_INVOKE2_KERNEL_OPTIMIZATIONS, (void *)8, 4),
			 box->compat ? -EPERM : 4);
}

/* ---- the cache ---- */

static void buffers_of_a_call_are_cached_and_used_again(void **state)
{
	struct frpc_emulator_counters before;
	unsigned char *bytes = calloc(1, 5 * MIB);
	struct box *box = *state;

	start(box);
	before = counters(box);
	assert_int_equal(pass(box, bytes, 5 * PAGE), 0);
	assert_int_equal(pass(box, bytes, 5 * PAGE), 0);
	assert_int_equal(counters(box).buffers_new, before.buffers_new + 1);
	assert_int_equal(box_memory(box).metadata_buffers, 0);
	assert_int_equal(box_memory(box).copy_buffers, 0);
	free(bytes);
}

static void the_smallest_cached_buffer_that_is_large_enough_is_taken(void **state)
{
	unsigned char *bytes = calloc(1, MIB);
	struct frpc_emulator_counters before;
	struct box *box = *state;
	uint64_t address;

	start(box);
	assert_int_equal(pass(box, bytes, 8 * PAGE), 0);
	address = box->calls[box->count - 1].args[0].page.addr;
	assert_int_equal(pass(box, bytes, 64 * PAGE), 0);
	assert_true(box->calls[box->count - 1].args[0].page.addr != address);
	before = counters(box);
	assert_int_equal(pass(box, bytes, 7 * PAGE), 0);
	assert_int_equal(box->calls[box->count - 1].args[0].page.addr, address);
	assert_int_equal(counters(box).buffers_new, before.buffers_new);
	free(bytes);
}

static void buffers_of_8_mib_are_not_cached_and_smaller_ones_are(void **state)
{
	unsigned char *bytes =
		mmap_low(9 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct box *box = *state;
	uint64_t before;

	start(box);
	before = box_memory(box).cached_bytes;
	assert_int_equal(pass(box, bytes, 8 * MIB), 0);
	assert_int_equal(box_memory(box).cached_bytes, before);
	assert_int_equal(pass(box, bytes, 8 * MIB - PAGE), 0);
	assert_int_equal(box_memory(box).cached_bytes, before + 8 * MIB - PAGE);
	munmap(bytes, 9 * MIB);
}

struct caller {
	struct box *box;
	unsigned char *arena;
	long res;
};

/* An INVOKE of its own: box->low is everybody's. */
static void *call_once(void *arg)
{
	struct caller *caller = arg;
	struct frpc_dn_arg one = {(uintptr_t)caller->arena, 3 * PAGE};
	struct frpc_dn_invoke_fd call = {{USER_HANDLE, FRPC_SC_MAKE(2, 1, 0), (uintptr_t)&one}, 0};

	caller->res = box_ioctl(caller->box, FRPC_DN_IOCTL_INVOKE_FD, &call);
	return NULL;
}

static uint64_t waiting[40];
static uint32_t waiting_count;
static pthread_mutex_t waiting_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t waiting_sem;

/* Takes calls and answers none. */
static int collect(void *context, const void *bytes, size_t len)
{
	struct frpc_smq_msg message;

	(void)context;
	if (len != sizeof(message))
		return -EINVAL;
	memcpy(&message, bytes, sizeof(message));
	pthread_mutex_lock(&waiting_lock);
	waiting[waiting_count++] = message.ctx;
	pthread_mutex_unlock(&waiting_lock);
	sem_post(&waiting_sem);
	return 0;
}

static void at_most_33_buffers_are_cached(void **state)
{
	unsigned char *bytes = calloc(1, 3 * PAGE);
	struct caller callers[40];
	pthread_t threads[40];
	struct box *box = *state;

	start(box);
	sem_init(&waiting_sem, 0, 0);
	waiting_count = 0;
	emu_end_connect(box->dsp[CDSP], collect, NULL);
	/* 40 calls at a time have 80 buffers of metadata and copies. */
	for (int i = 0; i < 40; i++) {
		callers[i] = (struct caller){box, bytes, -1};
		assert_int_equal(pthread_create(&threads[i], NULL, call_once, &callers[i]), 0);
	}
	for (int i = 0; i < 40; i++)
		sem_wait(&waiting_sem);
	assert_int_equal(box_memory(box).metadata_buffers, 40);
	assert_int_equal(box_memory(box).copy_buffers, 40);
	for (int i = 0; i < 40; i++) {
		const struct frpc_smq_rsp rsp = {.ctx = waiting[i]};

		emu_end_send(box->dsp[CDSP], &rsp, sizeof(rsp));
	}
	for (int i = 0; i < 40; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(callers[i].res, 0);
	}
	assert_int_equal(box_memory(box).cached_buffers, 33);
	assert_int_equal(box_memory(box).metadata_buffers, 0);
	assert_int_equal(box_memory(box).copy_buffers, 0);
	box_reconnect(box, CDSP);
	sem_destroy(&waiting_sem);
	free(bytes);
}

static void a_failed_allocation_empties_the_cache_and_tries_again(void **state)
{
	unsigned char *bytes = calloc(1, MIB);
	struct box *box = *state;

	start(box);
	assert_int_equal(pass(box, bytes, 8 * PAGE), 0);
	assert_true(box_memory(box).cached_buffers >= 2);
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_ALLOCATION, 0, 1);
	assert_int_equal(pass(box, bytes, 100 * PAGE), 0);
	/* What there is now is this call's alone. */
	assert_int_equal(box_memory(box).cached_buffers, 2);
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_ALLOCATION, 0, 2);
	assert_int_equal(pass(box, bytes, 200 * PAGE), -ENOBUFS);
	assert_int_equal(pass(box, bytes, 200 * PAGE), 0);
	free(bytes);
}

static void copies_as_long_as_the_limit_are_a_fault(void **state)
{
	unsigned char *bytes =
		mmap_low(9 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct box *box = *state;

	box_start(box, "domains=cdsp,limit=8388608", box->compat);
	box_ready(box, CDSP, 0);
	assert_int_equal(pass(box, bytes, 8 * MIB), -EFAULT);
	assert_int_equal(pass(box, bytes, 8 * MIB - 1), 0);
	munmap(bytes, 9 * MIB);
}

/* ---- donated pages ---- */

static void donated_pages_are_the_drivers_memory(void **state)
{
	static const uint32_t flags[] = {FRPC_DN_MMAP_ADD_PAGES, FRPC_DN_MMAP_ADD_PAGES_LLC};
	struct box *box = *state;

	start(box);
	for (int i = 0; i < 2; i++) {
		struct frpc_smq_mmap told;
		struct frpc_smq_page page;
		uint64_t address;

		assert_int_equal(box_mmap(box, -1, flags[i], 0, 5 * PAGE, &address), 0);
		memcpy(&told, box_find(box, FRPC_SC_MMAP)->args[0].bytes, sizeof(told));
		memcpy(&page, box_find(box, FRPC_SC_MMAP)->args[1].bytes, sizeof(page));
		assert_int_equal(told.flags, flags[i]);
		assert_int_equal(told.vaddrin, 0);
		assert_int_equal(page.size, 5 * PAGE);
		assert_int_equal(page.addr >> 32, box_memory(box).bank);
		assert_int_equal(box_memory(box).heap_buffers, 1);
		assert_int_equal(box_memory(box).maps, 0);
		assert_int_equal(box_munmap(box, address, 4 * PAGE), -ETOOMANYREFS);
		assert_int_equal(box_munmap(box, address, 5 * PAGE), 0);
		assert_int_equal(box_memory(box).heap_buffers, 0);
		assert_int_equal(box_munmap(box, address, 5 * PAGE), -ETOOMANYREFS);
	}
}

static void donated_pages_have_no_address_and_a_size(void **state)
{
	struct box *box = *state;

	start(box);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0x1000, PAGE, NULL), -EINVAL);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, 0, NULL), -EFAULT);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, 0x78000000, NULL), -EFAULT);
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_ALLOCATION, 0, 2);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL), -ENOBUFS);
	assert_int_equal(box->count, 0);
}

static void donated_pages_that_the_dsp_refuses_are_freed(void **state)
{
	struct box *box = *state;
	uint64_t address;

	start(box);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MMAP)] = 2;
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL), 2);
	assert_int_equal(box_memory(box).heap_buffers, 0);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, &address), 0);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MUNMAP)] = 4;
	assert_int_equal(box_munmap(box, address, PAGE), 4);
	assert_int_equal(box_memory(box).heap_buffers, 1);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
}

static void an_unsigned_process_brings_its_own_pages(void **state)
{
	struct box_buffer buffer = box_buffer(PAGE);
	struct box *box = *state;
	uint64_t address;

	box_start(box, "domains=cdsp", box->compat);
	box_ready(box, CDSP, FRPC_PROC_ATTR_UNSIGNED);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL), -EBADFD);
	assert_int_equal(box_mmap(box, buffer.fd, FRPC_DN_MMAP_ADD_PAGES, (uintptr_t)buffer.bytes,
				  PAGE, &address),
			 0);
	assert_int_equal(box_map(box).flags, FRPC_DN_MMAP_ADD_PAGES);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
	box_drop(&buffer);
}

static void driver_memory_reaches_the_dsp_zeroed(void **state)
{
	struct box *box = *state;
	struct frpc_smq_page page;
	struct emu_backing backing;
	unsigned char bytes[64], zero[64] = {0};

	start(box);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL), 0);
	memcpy(&page, box_find(box, FRPC_SC_MMAP)->args[1].bytes, sizeof(page));
	assert_int_equal(emu_memory_resolve(box->memory[CDSP], page.addr, PAGE, true, &backing), 0);
	assert_int_equal(pread(backing.fd, bytes, sizeof(bytes), (off_t)backing.offset), 64);
	assert_memory_equal(bytes, zero, sizeof(bytes));
	close(backing.fd);
	/* Past its end there is nothing. */
	assert_int_equal(emu_memory_resolve(box->memory[CDSP], page.addr + PAGE, 1, false,
					    &backing),
			 -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_BOTH(header_pages_are_one_block_that_the_dsp_is_told_of),	  /* A7.2 */
		BOX_BOTH(twenty_five_header_pages_are_the_most),		  /* A7.2 */
		BOX_BOTH(header_pages_are_set_up_once_and_not_for_nobody),	  /* A7.2 */
		BOX_BOTH(header_pages_that_the_dsp_refuses_are_undone),		  /* A7.2 */
		BOX_BOTH(metadata_up_to_and_including_a_page_uses_a_header),	  /* A7.2 */
		BOX_64(metadata_of_more_than_a_page_does_not),			  /* A7.2 */
		BOX_BOTH(when_no_header_is_free_a_call_takes_other_memory),	  /* A7.2 */
		BOX_BOTH(kernel_optimizations_want_one_word),			  /* A2.9 */
		BOX_64(buffers_of_a_call_are_cached_and_used_again),		  /* A7.2 */
		BOX_64(the_smallest_cached_buffer_that_is_large_enough_is_taken), /* A7.2 */
		BOX_BOTH(buffers_of_8_mib_are_not_cached_and_smaller_ones_are),	  /* A7.2 */
		BOX_64(at_most_33_buffers_are_cached),				  /* A7.2, A14 */
		BOX_64(a_failed_allocation_empties_the_cache_and_tries_again),	  /* A7.1 */
		BOX_BOTH(copies_as_long_as_the_limit_are_a_fault),		  /* A7.1 */
		BOX_BOTH(donated_pages_are_the_drivers_memory),			  /* A2.8 */
		BOX_BOTH(donated_pages_have_no_address_and_a_size),		  /* A2.8 */
		BOX_BOTH(donated_pages_that_the_dsp_refuses_are_freed),		  /* A2.8 */
		BOX_BOTH(an_unsigned_process_brings_its_own_pages),		  /* A2.8 */
		BOX_BOTH(driver_memory_reaches_the_dsp_zeroed),			  /* A6.2, A6.3 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
