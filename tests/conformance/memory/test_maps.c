/* SPDX-License-Identifier: BSD-3-Clause */
/* Maps of dma-bufs: making, finding, counting, removing (downstream). */
#include "box.h"

#define USER_HANDLE  0x20u
#define SC_IN_BUF    FRPC_SC_MAKE(2, 1, 0)
#define SC_IN_HANDLE FRPC_SC_MAKEX(2, 0, 0, 1, 0)

/* A 32-bit client's MEM_MAP always maps from address 0. */
static uint64_t va_of(const struct box *box, const struct box_buffer *buffer)
{
	return box->compat ? 0 : (uintptr_t)buffer->bytes;
}

static void start(struct box *box)
{
	box_start(box, "domains=cdsp", box->compat);
	box_ready(box, CDSP, 0);
}

static void without_a_process_there_are_no_maps(void **state)
{
	struct box *box = *state;

	box_start(box, "domains=cdsp", box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(box_mmap(box, 0, 0, 0, PAGE, NULL), -EHOSTDOWN);
	assert_int_equal(box_munmap(box, 0, PAGE), -EHOSTDOWN);
	/* The newer two forget the sign. */
	assert_int_equal(box_mem_map(box, 0, 0, 0, 0, PAGE, NULL), 53);
	assert_int_equal(box_mem_unmap(box, 0, 0, PAGE), 53);
	assert_int_equal(box_munmap_fd(box, 0, 0, PAGE), box->compat ? -ENOTTY : -EHOSTDOWN);
}

static void mem_map_tells_the_dsp_and_answers_its_address(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(3 * PAGE);
	struct frpc_smq_mem_map told;
	const struct box_call *call;
	struct frpc_emulator_map map;
	uint64_t address = 0;

	start(box);
	box->next_address = 0x80000000u;
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), 2 * PAGE, &address),
			 0);
	assert_int_equal(address, 0x80000000u);
	call = box_find(box, FRPC_SC_MEM_MAP);
	assert_non_null(call);
	assert_int_equal(call->message.pid, 0);
	memcpy(&told, call->args[0].bytes, sizeof(told));
	assert_int_equal(told.pid, box_memory(box).client_id);
	assert_int_equal(told.fd, buffer.fd);
	assert_int_equal(told.offset, 0x123);
	assert_int_equal(told.flags, 0);
	assert_int_equal(told.vaddrin, va_of(box, &buffer));
	assert_int_equal(told.num, 16);
	assert_int_equal(told.data_len, 0);
	assert_int_equal(call->args[2].arg.buf.len, 0);
	map = box_map(box);
	assert_memory_equal(call->args[1].bytes, &map.address, 8);
	assert_memory_equal(call->args[1].bytes + 8, &map.size, 8);
	assert_int_equal(map.size, 3 * PAGE); /* the whole dma-buf */
	assert_int_equal(map.len, 2 * PAGE);
	assert_int_equal(map.refs, 1);
	assert_int_equal(map.ctx_refs, 0);
	assert_int_equal(map.dma_handle_refs, 0);
	assert_int_equal(map.dsp_address, address);
	box_drop(&buffer);
}

static void mem_map_twice_is_refused_and_the_first_map_stays(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	uint64_t address;

	start(box);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), PAGE, &address), 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), PAGE, NULL),
			 -EEXIST);
	assert_int_equal(box_map(box).refs, 1);
	assert_int_equal(box_mem_unmap(box, buffer.fd, address, PAGE), 0);
	assert_int_equal(box_maps(box), 0);
	box_drop(&buffer);
}

static void every_map_flag_is_recorded_and_flag_16_as_3(void **state)
{
	static const uint32_t flags[] = {0, 1, 2, 3, 5, 16, 17};
	struct box *box = *state;

	start(box);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		struct box_buffer buffer = box_buffer(2 * PAGE);
		uint32_t kept = flags[i] == 16 ? 3 : flags[i];
		struct frpc_emulator_map map;
		uint64_t address;
		struct frpc_smq_mem_map told;

		assert_int_equal(box_mem_map(box, buffer.fd, flags[i], 0, va_of(box, &buffer), PAGE,
					     &address),
				 0);
		memcpy(&told, box_find(box, FRPC_SC_MEM_MAP)->args[0].bytes, sizeof(told));
		assert_int_equal(told.flags, flags[i]);
		map = box_map(box);
		assert_int_equal(map.flags, kept);
		/* Not mapped by the SMMU: a physical address, and no more than was asked for. */
		assert_int_equal(map.address >> 32, flags[i] == 16 ? 0 : box_memory(box).bank);
		assert_int_equal(map.size, flags[i] == 16 ? PAGE : 2 * PAGE);
		if (kept == 0 || kept == 2 || kept == 3) {
			assert_int_equal(box_mem_unmap(box, buffer.fd, address, PAGE), 0);
		} else {
			assert_int_equal(box_mem_unmap(box, buffer.fd, address, PAGE), -EBADMSG);
			assert_int_equal(box_maps(box), 1);
			assert_int_equal(box_munmap(box, address, PAGE), 0);
		}
		assert_int_equal(box_maps(box), 0);
		box_drop(&buffer);
	}
}

static void what_is_not_mapped_by_the_smmu_is_out_of_the_dsps_reach(void **state)
{
	struct emu_backing backing;
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	assert_int_equal(box_mem_map(box, buffer.fd, 16, 0, va_of(box, &buffer), PAGE, NULL), 0);
	assert_int_equal(emu_memory_resolve(box->memory[CDSP], box_map(box).address, 1, false,
					    &backing),
			 -EFAULT);
	box_drop(&buffer);
}

static void flag_16_needs_one_block_and_no_keep_map(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	assert_int_equal(box_mem_map(box, buffer.fd, 16, FRPC_DN_ATTR_KEEP_MAP, va_of(box, &buffer),
				     PAGE, NULL),
			 -EINVAL);
	assert_int_equal(frpc_emulator_set_buffer(box->emulator, buffer.fd,
						  FRPC_EMULATOR_BUFFER_SCATTERED),
			 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 16, 0, va_of(box, &buffer), PAGE, NULL),
			 -EFAULT);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), PAGE, NULL), 0);
	box_drop(&buffer);
}

static void without_an_smmu_a_map_is_one_block_of_the_pages_asked_for(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(4 * PAGE);
	uint64_t address;

	box_start(box, "domains=cdsp,banks=0", box->compat);
	box_ready(box, CDSP, 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), PAGE + 1, &address),
			 0);
	assert_int_equal(box_map(box).size, 2 * PAGE);
	assert_int_equal(box_mem_unmap(box, -1, address, PAGE + 1), 0);
	frpc_emulator_set_buffer(box->emulator, buffer.fd, FRPC_EMULATOR_BUFFER_SCATTERED);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), PAGE, NULL),
			 -EFAULT);
	box_drop(&buffer);
}

static void what_is_no_dma_buf_is_a_bad_descriptor(void **state)
{
	struct box *box = *state;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	start(box);
	for (uint32_t flags = 0; flags <= 16; flags += 16) {
		assert_int_equal(box_mem_map(box, file, flags, 0, 0, PAGE, NULL), -EBADFD);
		assert_int_equal(box_mem_map(box, -1, flags, 0, 0, PAGE, NULL), -EBADFD);
		assert_int_equal(box_mem_map(box, 9999, flags, 0, 0, PAGE, NULL), -EBADFD);
		assert_int_equal(box_mmap(box, 9999, flags, 0, PAGE, NULL), -EBADFD);
	}
	assert_int_equal(box->count, 0);
	close(file);
}

static void a_map_is_not_longer_than_its_buffer_nor_as_long_as_the_limit(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(4 * PAGE), large = box_buffer(8 * MIB);

	box_start(box, "domains=cdsp,limit=8388608", box->compat);
	box_ready(box, CDSP, 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, 4 * PAGE + 1, NULL), -EFAULT);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, 4 * PAGE, NULL), 0);
	assert_int_equal(box_mem_map(box, large.fd, 0, 0, 0, PAGE, NULL), -EFAULT);
	box_drop(&buffer);
	box_drop(&large);
}

static void a_failing_smmu_is_a_fault_and_leaves_nothing(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_MAP, 1, 2);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), PAGE, NULL), 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer) + 1, PAGE, NULL),
			 -EFAULT);
	assert_int_equal(box_mmap(box, buffer.fd, 2, va_of(box, &buffer) + 2, PAGE, NULL), -EFAULT);
	assert_int_equal(box_maps(box), 1);
	box_drop(&buffer);
}

static void a_refusing_dsp_means_no_map(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MEM_MAP)] = 0x0e;
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), PAGE, NULL), 0x0e);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MMAP)] = -5;
	assert_int_equal(box_mmap(box, buffer.fd, 2, (uintptr_t)buffer.bytes, PAGE, NULL), -5);
	assert_int_equal(box_maps(box), 0);
	box_drop(&buffer);
}

static void a_refused_unmap_puts_the_map_back(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	uint64_t address;

	start(box);
	assert_int_equal(box_mem_map(box, buffer.fd, 2, 0, va_of(box, &buffer), PAGE, &address), 0);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MEM_UNMAP)] = (int32_t)0x80000402;
	assert_int_equal(box_mem_unmap(box, buffer.fd, address, PAGE), (int32_t)0x80000402);
	assert_int_equal(box_map(box).refs, 1);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MUNMAP)] = 9;
	assert_int_equal(box_munmap(box, address, PAGE), 9);
	assert_int_equal(box_mem_unmap(box, buffer.fd, address, PAGE), 0);
	assert_int_equal(box_maps(box), 0);
	box_drop(&buffer);
}

static void an_unmap_names_address_length_and_if_it_wants_the_fd(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(2 * PAGE);
	struct frpc_smq_mem_unmap told;
	uint64_t address;

	start(box);
	assert_int_equal(box_mem_map(box, buffer.fd, 2, 0, va_of(box, &buffer), PAGE, &address), 0);
	assert_int_equal(box_mem_unmap(box, buffer.fd, address + 1, PAGE), -ETOOMANYREFS);
	assert_int_equal(box_mem_unmap(box, buffer.fd, address, 2 * PAGE), -ETOOMANYREFS);
	assert_int_equal(box_mem_unmap(box, buffer.fd + 1, address, PAGE), -ETOOMANYREFS);
	assert_int_equal(box_munmap(box, address, 2 * PAGE), -ETOOMANYREFS);
	assert_int_equal(box_count(box, FRPC_SC_MEM_UNMAP), 0);
	assert_int_equal(box_mem_unmap(box, -1, address, PAGE), 0);
	memcpy(&told, box_find(box, FRPC_SC_MEM_UNMAP)->args[0].bytes, sizeof(told));
	assert_int_equal(told.pid, box_memory(box).client_id);
	assert_int_equal(told.fd, buffer.fd);
	assert_int_equal(told.vaddrin, address);
	assert_int_equal(told.len, 2 * PAGE); /* the mapped size, not the user's */
	assert_int_equal(box_mem_unmap(box, -1, address, PAGE), -ETOOMANYREFS);
	box_drop(&buffer);
}

static void the_older_calls_map_and_unmap_a_dma_buf_too(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(2 * PAGE);
	const struct box_call *call;
	struct frpc_smq_mmap told;
	struct frpc_smq_munmap untold;
	uint64_t address;

	start(box);
	assert_int_equal(box_mmap(box, buffer.fd, 2, (uintptr_t)buffer.bytes, PAGE, &address), 0);
	call = box_find(box, FRPC_SC_MMAP);
	assert_non_null(call);
	memcpy(&told, call->args[0].bytes, sizeof(told));
	assert_int_equal(told.flags, 2);
	assert_int_equal(told.vaddrin, (uintptr_t)buffer.bytes);
	assert_int_equal(told.num, 16);
	assert_int_equal(box_map(box).dsp_address, address);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
	memcpy(&untold, box_find(box, FRPC_SC_MUNMAP)->args[0].bytes, sizeof(untold));
	assert_int_equal(untold.vaddrout, address);
	assert_int_equal(untold.size, 2 * PAGE);
	assert_int_equal(box_maps(box), 0);
	box_drop(&buffer);
}

static void a_buffer_mapped_twice_the_older_way_cannot_be_unmapped(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	uint64_t address;

	start(box);
	assert_int_equal(box_mmap(box, buffer.fd, 2, (uintptr_t)buffer.bytes, PAGE, &address), 0);
	assert_int_equal(box_mmap(box, buffer.fd, 2, (uintptr_t)buffer.bytes, PAGE, &address), 0);
	assert_int_equal(box_map(box).refs, 2);
	assert_int_equal(box_munmap(box, address, PAGE), -ETOOMANYREFS);
	box_drop(&buffer);
}

/* ---- calls ---- */

static long pass(struct box *box, const struct box_buffer *buffer, uint32_t attr)
{
	const struct box_arg arg = {(uintptr_t)buffer->bytes, PAGE, buffer->fd, attr};

	return box_invoke(box, USER_HANDLE, SC_IN_BUF, &arg);
}

static void see_call_refs(struct box *box, struct box_call *call)
{
	struct frpc_emulator_map map = box_map(box);

	(void)call;
	assert_int_equal(map.ctx_refs, 1);
	assert_int_equal(map.dma_handle_refs, 0);
}

static void a_call_maps_its_buffers_for_its_own_time(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	box->during = see_call_refs;
	assert_int_equal(pass(box, &buffer, 0), 0);
	assert_int_equal(box->count, 1);
	assert_int_equal(box_maps(box), 0);
	box_drop(&buffer);
}

struct passing {
	struct box *box;
	struct box_buffer *buffer;
	long res;
};

static void *pass_on_a_thread(void *arg)
{
	struct passing *passing = arg;

	passing->res = pass(passing->box, passing->buffer, 0);
	return NULL;
}

static void a_call_uses_the_map_that_is_there_and_protects_it(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	struct passing passing = {box, &buffer, -1};
	pthread_t thread;
	uint64_t address;

	start(box);
	assert_int_equal(box_mmap(box, buffer.fd, 2, (uintptr_t)buffer.bytes, PAGE, &address), 0);
	box->hold = true;
	assert_int_equal(pthread_create(&thread, NULL, pass_on_a_thread, &passing), 0);
	sem_wait(&box->held);
	assert_int_equal(box_map(box).ctx_refs, 1);
	assert_int_equal(box_map(box).refs, 2);
	assert_int_equal(box_munmap(box, address, PAGE), -ETOOMANYREFS);
	assert_int_equal(box_mem_unmap(box, -1, address, PAGE), -ETOOMANYREFS);
	box_answer(box, CDSP);
	pthread_join(thread, NULL);
	assert_int_equal(passing.res, 0);
	assert_int_equal(box_map(box).refs, 1);
	assert_int_equal(box_munmap(box, address, PAGE), 0);
	box_drop(&buffer);
}

static void a_kept_map_survives_the_call_until_munmap_fd(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	uint64_t va = (uintptr_t)buffer.bytes;

	start(box);
	assert_int_equal(pass(box, &buffer, FRPC_DN_ATTR_KEEP_MAP), 0);
	assert_int_equal(box_map(box).refs, 1);
	assert_int_equal(pass(box, &buffer, FRPC_DN_ATTR_KEEP_MAP), 0);
	assert_int_equal(box_map(box).refs, 1);
	assert_int_equal(box_munmap_fd(box, buffer.fd, va, PAGE + 1), -ENXIO);
	assert_int_equal(box_munmap_fd(box, buffer.fd, UINT64_MAX, PAGE), -EFAULT);
	assert_int_equal(box_munmap_fd(box, buffer.fd + 1, va, PAGE), -ENXIO);
	assert_int_equal(box_munmap_fd(box, buffer.fd, va + 8, 16), 0);
	assert_int_equal(box_maps(box), 0);
	assert_int_equal(box_munmap_fd(box, buffer.fd, va, PAGE), -ENXIO);
	box_drop(&buffer);
}

static void munmap_fd_of_a_map_that_is_used_otherwise_only_drops_the_keeping(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	uint64_t va = (uintptr_t)buffer.bytes;

	start(box);
	assert_int_equal(box_mem_map(box, buffer.fd, 2, FRPC_DN_ATTR_KEEP_MAP, va, PAGE, NULL), 0);
	assert_int_equal(box_map(box).refs, 2);
	assert_int_equal(box_munmap_fd(box, buffer.fd, va, PAGE), 0);
	assert_int_equal(box_map(box).refs, 1);
	assert_int_equal(box_map(box).attrs & FRPC_DN_ATTR_KEEP_MAP, 0);
	assert_int_equal(box_munmap_fd(box, buffer.fd, va, PAGE), 0);
	assert_int_equal(box_map(box).refs, 1);
	box_drop(&buffer);
}

static void attributes_are_those_of_the_call_that_made_the_map(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	assert_int_equal(pass(box, &buffer, FRPC_DN_ATTR_KEEP_MAP), 0);
	assert_int_equal(pass(box, &buffer, FRPC_DN_ATTR_NOVA), 0);
	assert_int_equal(box_map(box).attrs, FRPC_DN_ATTR_KEEP_MAP);
	box_drop(&buffer);
}

static void no_32_bit_client_unmaps_by_descriptor(void **state)
{
	struct frpc_dn32_munmap_fd unmap = {.fd = 3};
	struct box *box = *state;

	start(box);
	assert_int_equal(box_ioctl(box, FRPC_DN32_IOCTL_MUNMAP_FD, &unmap), -ENOTTY);
}

/* ---- handles ---- */

static long pass_handle(struct box *box, const struct box_buffer *buffer, uint32_t attr)
{
	const struct box_arg arg = {0x40, 0x80, buffer->fd, attr};

	return box_invoke(box, USER_HANDLE, SC_IN_HANDLE, &arg);
}

static void see_handle(struct box *box, struct box_call *call)
{
	struct frpc_emulator_map map = box_map(box);

	assert_int_equal(map.va, 0);
	assert_int_equal(map.len, 0);
	assert_int_equal(map.attrs, FRPC_DN_ATTR_NOVA);
	assert_int_equal(call->args[0].arg.dma.fd, map.fd);
	assert_int_equal(call->args[0].arg.dma.offset, 0x40);
	assert_int_equal(call->args[0].arg.dma.len, 0x80);
	assert_int_equal(call->args[0].page.addr, map.address);
	assert_int_equal(call->args[0].page.size, map.size);
}

static void a_handle_stays_mapped_until_the_dsp_lists_its_descriptor(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	box->during = see_handle;
	assert_int_equal(pass_handle(box, &buffer, 0), 0);
	assert_int_equal(box_map(box).dma_handle_refs, 1);
	assert_int_equal(pass_handle(box, &buffer, 0), 0);
	assert_int_equal(box_map(box).dma_handle_refs, 2);
	box->fds_listed[0] = (uint32_t)buffer.fd;
	box->fds_count = 1;
	assert_int_equal(pass_handle(box, &buffer, 0), 0);
	/* The uses are over; one reference is dropped, whatever their number was. */
	assert_int_equal(box_map(box).dma_handle_refs, 0);
	assert_int_equal(box_map(box).refs, 2);
	box_drop(&buffer);
}

static void a_single_use_listed_at_once_leaves_no_map(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	box->fds_listed[0] = (uint32_t)buffer.fd;
	box->fds_count = 1;
	assert_int_equal(pass_handle(box, &buffer, 0), 0);
	assert_int_equal(box_maps(box), 0);
	box_drop(&buffer);
}

static void a_handle_and_a_buffer_of_one_descriptor_are_two_maps(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	assert_int_equal(pass(box, &buffer, FRPC_DN_ATTR_KEEP_MAP), 0);
	assert_int_equal(pass_handle(box, &buffer, 0), 0);
	assert_int_equal(box_maps(box), 2);
	box_drop(&buffer);
}

static void a_nomap_handle_is_mapped_with_flag_16(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	assert_int_equal(pass_handle(box, &buffer, FRPC_DN_ATTR_NOMAP), 0);
	assert_int_equal(box_map(box).flags, 3);
	assert_int_equal(box_map(box).address >> 32, 0);
	box_drop(&buffer);
}

static void maps_are_all_gone_after_close_whatever_their_counts(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE), other = box_buffer(PAGE);
	char text[4096];

	start(box);
	assert_int_equal(pass(box, &buffer, FRPC_DN_ATTR_KEEP_MAP), 0);
	assert_int_equal(pass_handle(box, &other, 0), 0);
	assert_int_equal(box_mmap(box, buffer.fd, 3, (uintptr_t)buffer.bytes, PAGE, NULL), 0);
	box_close(box);
	assert_true(frpc_emulator_dump(box->emulator, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "banks 0 of 14 used, calls 0, device mappings 0"));
	box_drop(&buffer);
	box_drop(&other);
}

/* ---- secure buffers and ownership ---- */

static void a_secure_buffer_goes_through_the_secure_bank(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE), plain = box_buffer(PAGE);
	uint64_t address;

	box_start(box, "domains=cdsp,banks=4,secure-banks=1", box->compat);
	box_ready(box, CDSP, 0);
	assert_int_equal(box_memory(box).secure_bank, 0);
	frpc_emulator_set_buffer(box->emulator, buffer.fd, FRPC_EMULATOR_BUFFER_SECURE);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, va_of(box, &buffer), PAGE, &address), 0);
	assert_true(box_map(box).secure);
	assert_int_equal(box_map(box).address >> 32, 4);
	assert_int_equal(box_memory(box).secure_bank, 4);
	assert_int_equal(box_mem_unmap(box, -1, address, PAGE), 0);
	/* The bank stays until close. */
	assert_int_equal(box_memory(box).secure_bank, 4);
	assert_int_equal(box_mem_map(box, plain.fd, 0, 0, va_of(box, &plain), PAGE, &address), 0);
	assert_false(box_map(box).secure);
	assert_int_equal(box_map(box).address >> 32, 1);
	box_drop(&buffer);
	box_drop(&plain);
}

static void without_a_free_secure_bank_a_secure_buffer_is_refused(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	int first;

	box_start(box, "domains=cdsp,banks=4,secure-banks=1", box->compat);
	frpc_emulator_set_buffer(box->emulator, buffer.fd, FRPC_EMULATOR_BUFFER_SECURE);
	box_ready(box, CDSP, 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, NULL), 0);
	first = box->file;
	box_ready(box, CDSP, 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, NULL), -ENOSR);
	assert_int_equal(frpc_emulator_close(box->emulator, first), 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, NULL), 0);
	box_drop(&buffer);
}

static void with_pd_types_secure_buffers_want_a_bank_of_type_6(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	box_start(box, "domains=cdsp,banks=3,secure-banks=2,pd-types=7+7+6", box->compat);
	box_ready(box, CDSP, 0);
	frpc_emulator_set_buffer(box->emulator, buffer.fd, FRPC_EMULATOR_BUFFER_SECURE);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, NULL), 0);
	assert_int_equal(box_memory(box).secure_bank, 3);
	box_drop(&buffer);
}

static void a_buffer_whose_owners_are_unknown_is_a_bad_descriptor(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);

	start(box);
	frpc_emulator_set_buffer(box->emulator, buffer.fd, FRPC_EMULATOR_BUFFER_UNQUERIED);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, NULL), -EBADFD);
	box_drop(&buffer);
}

static void buffers_are_assigned_to_the_dsps_vm_while_they_are_mapped(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	uint64_t address;
	uint32_t bits;

	box_start(box, "domains=cdsp,assign=cdsp", box->compat);
	box_ready(box, CDSP, 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, &address), 0);
	assert_int_equal(frpc_emulator_get_buffer(box->emulator, buffer.fd, &bits), 0);
	assert_int_equal(bits, FRPC_EMULATOR_BUFFER_ASSIGNED);
	assert_true(box_map(box).assigned);
	assert_int_equal(box_mem_unmap(box, -1, address, PAGE), 0);
	assert_int_equal(frpc_emulator_get_buffer(box->emulator, buffer.fd, &bits), 0);
	assert_int_equal(bits, 0);
	frpc_emulator_set_buffer(box->emulator, buffer.fd, FRPC_EMULATOR_BUFFER_UNASSIGNABLE);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, NULL), -EADDRNOTAVAIL);
	frpc_emulator_set_buffer(box->emulator, buffer.fd, 0);
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_ASSIGNMENT, 0, 1);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, NULL), -EADDRNOTAVAIL);
	assert_int_equal(box_maps(box), 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 0, 0, 0, PAGE, NULL), 0);
	box_close(box);
	assert_int_equal(frpc_emulator_get_buffer(box->emulator, buffer.fd, &bits), 0);
	assert_int_equal(bits, 0);
	box_drop(&buffer);
}

static void a_32_bit_mem_map_maps_from_address_0_in_version_0(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	struct frpc_dn32_mem_map map = {.version = 1, .fd = buffer.fd, .length = PAGE};
	struct frpc_dn32_mem_unmap unmap = {.version = 1, .fd = buffer.fd, .length = PAGE};

	start(box);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_MEM_MAP, &map), -EINVAL);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_MEM_UNMAP, &unmap), -EINVAL);
	map.version = 0;
	map.vaddrin = (uint32_t)(uintptr_t)buffer.bytes;
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_MEM_MAP, &map), 0);
	assert_int_equal(box_map(box).va, 0);
	box_drop(&buffer);
}

static void the_oldest_map_calls_have_32_bit_addresses_for_32_bit_clients(void **state)
{
	struct box *box = *state;
	struct box_buffer buffer = box_buffer(PAGE);
	struct frpc_dn32_mmap map = {
		.fd = buffer.fd,
		.flags = 2,
		.vaddrin = (uint32_t)(uintptr_t)buffer.bytes,
		.size = PAGE,
		.vaddrout = 77,
	};
	struct frpc_dn32_munmap unmap = {.size = PAGE};

	start(box);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MMAP)] = 3;
	assert_int_equal(box_ioctl(box, FRPC_DN32_IOCTL_MMAP, &map), 3);
	assert_int_equal(map.vaddrout, 0); /* written on failure too */
	assert_int_equal(box_ioctl(box, FRPC_DN32_IOCTL_MMAP, &map), 0);
	assert_int_equal(box_map(box).dsp_address, map.vaddrout);
	unmap.vaddrout = map.vaddrout;
	assert_int_equal(box_ioctl(box, FRPC_DN32_IOCTL_MUNMAP, &unmap), 0);
	assert_int_equal(box_maps(box), 0);
	box_drop(&buffer);
}

static void unreadable_arguments_are_faults(void **state)
{
	static const uint32_t native[] = {FRPC_DN_IOCTL_MMAP,	  FRPC_DN_IOCTL_MUNMAP,
					  FRPC_DN_IOCTL_MMAP_64,  FRPC_DN_IOCTL_MUNMAP_64,
					  FRPC_DN_IOCTL_MEM_MAP,  FRPC_DN_IOCTL_MEM_UNMAP,
					  FRPC_DN_IOCTL_MUNMAP_FD};
	struct box *box = *state;

	start(box);
	for (size_t i = 0; i < sizeof(native) / sizeof(*native) && !box->compat; i++)
		assert_int_equal(box_ioctl(box, native[i], (void *)8), -EFAULT);
	if (!box->compat)
		return;
	/* The 32-bit entry forgot to name an error, except where it checks a version. */
	assert_int_equal(box_ioctl(box, FRPC_DN32_IOCTL_MMAP, (void *)8), -EPERM);
	assert_int_equal(box_ioctl(box, FRPC_DN32_IOCTL_MUNMAP, (void *)8), -EPERM);
	assert_int_equal(box_ioctl(box, FRPC_DN32_IOCTL_MMAP_64, (void *)8), -EPERM);
	assert_int_equal(box_ioctl(box, FRPC_DN32_IOCTL_MUNMAP_64, (void *)8), -EPERM);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_MEM_MAP, (void *)8), -EINVAL);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_MEM_UNMAP, (void *)8), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_BOTH(without_a_process_there_are_no_maps),				/* A2.8 */
		BOX_BOTH(mem_map_tells_the_dsp_and_answers_its_address),		/* A5.4 */
		BOX_BOTH(mem_map_twice_is_refused_and_the_first_map_stays),		/* A7.5 */
		BOX_BOTH(every_map_flag_is_recorded_and_flag_16_as_3),			/* A3.4 */
		BOX_BOTH(what_is_not_mapped_by_the_smmu_is_out_of_the_dsps_reach),	/* A3.4 */
		BOX_BOTH(flag_16_needs_one_block_and_no_keep_map),			/* A7.4 */
		BOX_BOTH(without_an_smmu_a_map_is_one_block_of_the_pages_asked_for),	/* A7.4 */
		BOX_BOTH(what_is_no_dma_buf_is_a_bad_descriptor),			/* A7.4 */
		BOX_BOTH(a_map_is_not_longer_than_its_buffer_nor_as_long_as_the_limit), /* A7.4 */
		BOX_64(a_failing_smmu_is_a_fault_and_leaves_nothing),			/* A7.4 */
		BOX_BOTH(a_refusing_dsp_means_no_map),					/* A2.8 */
		BOX_BOTH(a_refused_unmap_puts_the_map_back),				/* A7.5 */
		BOX_BOTH(an_unmap_names_address_length_and_if_it_wants_the_fd),		/* A5.4 */
		BOX_BOTH(the_older_calls_map_and_unmap_a_dma_buf_too),			/* A2.8 */
		BOX_BOTH(a_buffer_mapped_twice_the_older_way_cannot_be_unmapped), /* A7.3, A7.5 */
		BOX_BOTH(a_call_maps_its_buffers_for_its_own_time),		  /* A6.1 */
		BOX_BOTH(a_call_uses_the_map_that_is_there_and_protects_it),	  /* A7.5 */
		BOX_64(a_kept_map_survives_the_call_until_munmap_fd),		  /* A7.5 */
		BOX_64(munmap_fd_of_a_map_that_is_used_otherwise_only_drops_the_keeping), /* A7.5 */
		BOX_BOTH(attributes_are_those_of_the_call_that_made_the_map),		  /* A3.3 */
		BOX_32(no_32_bit_client_unmaps_by_descriptor),				  /* A12 */
		BOX_BOTH(a_handle_stays_mapped_until_the_dsp_lists_its_descriptor), /* A6.1, A6.5 */
		BOX_BOTH(a_single_use_listed_at_once_leaves_no_map),		    /* A6.5 */
		BOX_BOTH(a_handle_and_a_buffer_of_one_descriptor_are_two_maps),	    /* A7.3 */
		BOX_BOTH(a_nomap_handle_is_mapped_with_flag_16),		    /* A3.3 */
		BOX_BOTH(maps_are_all_gone_after_close_whatever_their_counts),	    /* A7.5 */
		BOX_BOTH(a_secure_buffer_goes_through_the_secure_bank),		    /* A8.1 */
		BOX_BOTH(without_a_free_secure_bank_a_secure_buffer_is_refused),    /* A7.4 */
		BOX_BOTH(with_pd_types_secure_buffers_want_a_bank_of_type_6),	    /* A8.1 */
		BOX_BOTH(a_buffer_whose_owners_are_unknown_is_a_bad_descriptor),    /* A7.4 */
		BOX_BOTH(buffers_are_assigned_to_the_dsps_vm_while_they_are_mapped),   /* A7.4 */
		BOX_32(a_32_bit_mem_map_maps_from_address_0_in_version_0),	       /* A12 */
		BOX_32(the_oldest_map_calls_have_32_bit_addresses_for_32_bit_clients), /* A12 */
		BOX_BOTH(unreadable_arguments_are_faults), /* A2.0, A12 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
