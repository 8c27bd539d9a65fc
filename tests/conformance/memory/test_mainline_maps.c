/* SPDX-License-Identifier: BSD-3-Clause */
/* Mainline maps that several commands and a DSP of ill will pull at from different sides. */
#include "box.h"

#include <fastrpc/abi/mainline.h>

#include "emulator/kernel/maps.h"

struct caller {
	struct box *box;
	struct box_buffer *buffer;
	pthread_t thread;
	long res;
	uint64_t address; /* of its buffer, as the DSP was told */
};

static void *make_call(void *arg)
{
	struct caller *caller = arg;
	struct frpc_ml_invoke_args in = {
		.ptr = (uintptr_t)caller->buffer->bytes, .length = PAGE, .fd = caller->buffer->fd};
	struct frpc_ml_invoke invoke = {
		.handle = 0x20, .sc = FRPC_SC_MAKE(0, 1, 0), .args = (uintptr_t)&in};

	caller->res = box_ioctl(caller->box, FRPC_ML_IOCTL_INVOKE, &invoke);
	return NULL;
}

static void note_address(struct box *box, struct box_call *call)
{
	struct caller *caller = box->context;

	caller->address = call->args[0].page.addr;
}

/* While the driver's unmapping waits for its answer, the call that made the map gets its own. */
static void end_the_call(struct box *box, struct box_call *call)
{
	struct caller *caller = box->context;

	if (call->message.sc != FRPC_SC_MEM_UNMAP)
		return;
	box_answer(box, ADSP);
	pthread_join(caller->thread, NULL);
}

static void unmap_during_a_call(struct box *box, int32_t refusal)
{
	struct box_buffer buffer = box_buffer(PAGE);
	struct caller caller = {.box = box, .buffer = &buffer, .res = -1};
	/* Never announced: address 0 finds it. */
	struct frpc_ml_mem_unmap unmap = {.fd = buffer.fd, .length = PAGE};

	box_start(box, "domains=adsp,abi=mainline", box->compat);
	assert_true(box_open(box, "/dev/fastrpc-adsp-secure") >= 0);
	box->hold = true;
	box->before = end_the_call;
	box->context = &caller;
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MEM_UNMAP)] = refusal;
	assert_int_equal(pthread_create(&caller.thread, NULL, make_call, &caller), 0);
	sem_wait(&box->held);
	assert_int_equal(box_maps(box), 1);
	assert_int_equal(box_ioctl(box, FRPC_ML_IOCTL_MEM_UNMAP, &unmap), refusal);
	assert_int_equal(caller.res, 0);
	assert_int_equal(box_maps(box), 0);
	box->before = NULL;
	/* Its memory is one buffer's again, and no other's. */
	assert_int_equal(pthread_create(&caller.thread, NULL, make_call, &caller), 0);
	pthread_join(caller.thread, NULL);
	assert_int_equal(caller.res, 0);
	box_close(box);
	box_drop(&buffer);
}

static void a_call_that_ends_while_its_buffer_is_unmapped_leaves_it_to_the_unmapping(void **state)
{
	unmap_during_a_call(*state, 0);
}

static void a_call_that_ends_while_its_buffer_is_not_unmapped_leaves_nothing(void **state)
{
	unmap_during_a_call(*state, 8);
}

/* While the DSP has the unmapping in hand. */
static void call_with_the_fd(struct box *box, struct box_call *call)
{
	struct caller *caller = box->context;

	if (call->message.sc != FRPC_SC_MEM_UNMAP)
		return;
	box->during = note_address;
	assert_int_equal(pthread_create(&caller->thread, NULL, make_call, caller), 0);
	pthread_join(caller->thread, NULL);
	box->during = NULL;
}

static void a_call_finds_a_map_that_is_just_being_unmapped(void **state)
{
	struct box_buffer buffer = box_buffer(PAGE);
	struct box *box = *state;
	struct caller caller = {.box = box, .buffer = &buffer, .res = -1};
	struct frpc_ml_mem_map map = {.fd = buffer.fd, .length = PAGE};
	struct frpc_ml_mem_unmap unmap = {.fd = buffer.fd, .length = PAGE};
	struct frpc_smq_page page;

	box_start(box, "domains=adsp,abi=mainline", box->compat);
	assert_true(box_open(box, "/dev/fastrpc-adsp-secure") >= 0);
	assert_int_equal(box_ioctl(box, FRPC_ML_IOCTL_MEM_MAP, &map), 0);
	box->before = call_with_the_fd;
	box->context = &caller;
	unmap.vaddr = map.vaddrout;
	assert_int_equal(box_ioctl(box, FRPC_ML_IOCTL_MEM_UNMAP, &unmap), 0);
	assert_int_equal(caller.res, 0);
	memcpy(&page, box_find(box, FRPC_SC_MEM_MAP)->args[1].bytes, sizeof(page));
	assert_int_equal(caller.address, page.addr);
	assert_int_equal(box_maps(box), 0);
	box->before = NULL;
	box_close(box);
	box_drop(&buffer);
}

static long create_static(struct box *box, int32_t refusal)
{
	struct frpc_ml_init_create_static init = {
		.name = (uintptr_t) "audiopd", .namelen = 8, .memlen = 2 * PAGE};

	assert_true(box_open(box, "/dev/fastrpc-adsp-secure") >= 0);
	box_forget(box);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_CREATE_STATIC)] = refusal;
	return box_ioctl(box, FRPC_ML_IOCTL_INIT_CREATE_STATIC, &init);
}

static bool can_reach(struct box *box, const struct frpc_smq_page *page)
{
	struct emu_backing backing;

	return !emu_memory_resolve(box->memory[ADSP], page->addr, page->size, false, &backing);
}

static struct frpc_smq_page heap_told(struct box *box)
{
	struct frpc_smq_page page;

	memcpy(&page, box_find(box, FRPC_SC_CREATE_STATIC)->args[2].bytes, sizeof(page));
	return page;
}

static void a_failed_create_leaves_the_heap_to_the_static_process_that_has_it(void **state)
{
	struct box *box = *state;
	struct frpc_smq_page first;

	box_start(box, "domains=adsp,abi=mainline", box->compat);
	/* Nobody's: it goes. */
	assert_int_equal(create_static(box, 5), 5);
	first = heap_told(box);
	assert_false(can_reach(box, &first));
	box_close(box);
	assert_int_equal(create_static(box, 0), 0);
	first = heap_told(box);
	box_close(box);
	assert_int_equal(create_static(box, 5), 5);
	assert_int_equal(heap_told(box).addr, first.addr);
	assert_true(can_reach(box, &first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_64(a_call_that_ends_while_its_buffer_is_unmapped_leaves_it_to_the_unmapping), /* B3 */
		BOX_64(a_call_that_ends_while_its_buffer_is_not_unmapped_leaves_nothing),  /* B3 */
		BOX_64(a_call_finds_a_map_that_is_just_being_unmapped),			   /* B3 */
		BOX_64(a_failed_create_leaves_the_heap_to_the_static_process_that_has_it), /* B3 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
