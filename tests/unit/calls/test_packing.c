/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random argument lists: what the DSP receives is compared, byte by byte, with what the independent
 * model (model.c) says it must receive, and what the client gets back with what the DSP wrote.
 * Copied buffers never overlap mapped ones: what drivers do then serves nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <fastrpc/abi/downstream.h>

#include "model.h"
#include "rig.h"

/* In each bitness. Sanitizers look at the same code on fewer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LISTS 500
#else
#define LISTS 2000
#endif
#define SEED	   UINT64_C(0x9e3779b97f4a7c15)
#define PAGE	   4096u
#define REGION_LEN 0x400000u
#define ARENA_LEN  (12u * PAGE)
#define OTHER_LEN  (4u * PAGE)
#define BUFS	   5
#define BAD_FD	   9999
#define GUARD_LEN  0x1000u

/* The client's memory, what is in it, and what has to be in it. */
struct world {
	uint8_t *region, *arena, *other;
	struct {
		int fd;
		uint64_t size;
		uint8_t *bytes;	  /* all of it, for the test alone */
		uint8_t *shadow;  /* what it has to hold */
		uint8_t *mapped;  /* where the client has it, or NULL */
		uint64_t visible; /* bytes there */
	} bufs[BUFS];
	uint8_t arena_shadow[ARENA_LEN], other_shadow[OTHER_LEN];
	struct model_client client;
};

struct list {
	uint64_t seed;
	enum rig_form form;
	uint32_t sc, ins, outs, count;
	struct emu_user_arg args[MODEL_MAX_ARGS];
	struct model_arg model_args[MODEL_MAX_ARGS];
	uint64_t addresses[MODEL_MAX_ARGS + 2];
	uint64_t iovas[MODEL_MAX_ARGS + 2];
	struct model_call call;
	struct model_result expected;
	int32_t status;
	struct world *world;
	bool answered;
};

static uint64_t state_of_random;

static uint64_t any(uint64_t below)
{
	state_of_random ^= state_of_random << 13;
	state_of_random ^= state_of_random >> 7;
	state_of_random ^= state_of_random << 17;
	return below ? (state_of_random >> 11) % below : state_of_random;
}

static bool chance(uint64_t percent)
{
	return any(100) < percent;
}

static void add_area(struct world *world, const uint8_t *start, uint64_t len)
{
	int i = world->client.area_count++;

	world->client.areas[i].start = (uintptr_t)start;
	world->client.areas[i].end = (uintptr_t)start + len;
}

/* A dma-buf of @pages, of which the client has mapped what follows @skip pages, if anywhere. */
static void make_buf(struct world *world, int i, uint64_t pages, int64_t at, uint64_t skip)
{
	uint64_t size = pages * PAGE;
	int fd = memfd_create("packing", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	world->bufs[i].fd = fd;
	world->bufs[i].size = size;
	world->bufs[i].bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	world->bufs[i].shadow = malloc(size);
	for (uint64_t k = 0; k < size; k++)
		world->bufs[i].bytes[k] = (uint8_t)any(256);
	memcpy(world->bufs[i].shadow, world->bufs[i].bytes, size);
	if (at >= 0) {
		world->bufs[i].visible = size - skip * PAGE;
		world->bufs[i].mapped =
			mmap(world->region + at, world->bufs[i].visible, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_FIXED, fd, (off_t)(skip * PAGE));
		add_area(world, world->bufs[i].mapped, world->bufs[i].visible);
	}
}

static void world_start(struct world *world, bool compat)
{
	memset(world, 0, sizeof(*world));
	world->region = rig_reserve(0, REGION_LEN, compat);
	world->arena = world->region + 0x10000;
	world->other = world->region + 0x40000;
	assert_int_equal(mprotect(world->arena, ARENA_LEN, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(mprotect(world->other, OTHER_LEN, PROT_READ | PROT_WRITE), 0);
	for (uint32_t i = 0; i < ARENA_LEN; i++)
		world->arena[i] = (uint8_t)any(256);
	memcpy(world->arena_shadow, world->arena, ARENA_LEN);
	memcpy(world->other_shadow, world->other, OTHER_LEN);
	add_area(world, world->arena, ARENA_LEN);
	add_area(world, world->other, OTHER_LEN);
	make_buf(world, 0, 4, 0x100000, 0);
	make_buf(world, 1, 8, 0x140000, 1);
	make_buf(world, 2, 8, 0x180000, 0);
	make_buf(world, 3, 4, -1, 0);
	make_buf(world, 4, 1, 0x1c0000, 0);
	/* Downstream fd 0 is one like any other; mainline takes it for none. */
	assert_int_equal(dup2(world->bufs[3].fd, 0), 0);
	close(world->bufs[3].fd);
	world->bufs[3].fd = 0;
	for (int i = 0; i < BUFS; i++) {
		world->client.bufs[i].fd = world->bufs[i].fd;
		world->client.bufs[i].size = world->bufs[i].size;
	}
	world->client.buf_count = BUFS;
}

static void world_stop(struct world *world)
{
	munmap(world->region, REGION_LEN);
	for (int i = 0; i < BUFS; i++) {
		munmap(world->bufs[i].bytes, world->bufs[i].size);
		free(world->bufs[i].shadow);
		if (world->bufs[i].fd)
			close(world->bufs[i].fd);
	}
	/* Not left free: the next descriptor made would be 0. */
	assert_int_equal(dup2(2, 0), 0);
}

static void check_world(const struct world *world)
{
	assert_memory_equal(world->arena, world->arena_shadow, ARENA_LEN);
	assert_memory_equal(world->other, world->other_shadow, OTHER_LEN);
	for (int i = 0; i < BUFS; i++)
		assert_memory_equal(world->bufs[i].bytes, world->bufs[i].shadow,
				    world->bufs[i].size);
}

static uint64_t any_len(uint64_t most)
{
	uint64_t len = chance(12)   ? 0
		       : chance(50) ? 1 + any(64)
		       : chance(70) ? 1 + any(700)
		       : chance(80) ? 1 + any(3000)
				    : 1 + any(20000);

	return len < most ? len : most;
}

/* Anywhere in the arena, or in some relation to an earlier buffer. */
static void make_copied(struct list *list, uint32_t i)
{
	uint64_t start = (uintptr_t)list->world->arena, end = start + ARENA_LEN;
	const struct emu_user_arg *near = i ? &list->args[any(i)] : NULL;
	struct emu_user_arg *arg = &list->args[i];

	arg->fd = list->call.dialect == MODEL_MAINLINE && chance(50) ? 0 : -1;
	arg->ptr = start + any(ARENA_LEN);
	if (near && near->ptr >= start && near->ptr < end && chance(60)) {
		switch (any(5)) {
		case 0:
			arg->ptr = near->ptr;
			break;
		case 1:
			arg->ptr = near->ptr + any(near->len + 1);
			break;
		case 2:
			arg->ptr = near->ptr + near->len;
			break;
		case 3:
			arg->ptr = near->ptr -
				   any(near->ptr - start < 300 ? near->ptr - start + 1 : 300);
			break;
		default:
			*arg = (struct emu_user_arg){near->ptr, near->len, arg->fd, 0};
			return;
		}
	}
	if (arg->ptr > end)
		arg->ptr = end;
	arg->len = any_len(end - arg->ptr);
}

static void make_mapped(struct list *list, uint32_t i)
{
	static const uint32_t attrs[] = {0, 0, 0, 0x2, 0x4, 0x8, 0x20, 0x40, 0x60};
	struct world *world = list->world;
	struct emu_user_arg *arg = &list->args[i];
	bool downstream = list->call.dialect == MODEL_DOWNSTREAM;
	uint64_t n = any(BUFS);

	if (n == 3)
		n = 2;
	arg->fd = world->bufs[n].fd;
	arg->attr = attrs[any(sizeof(attrs) / sizeof(*attrs))];
	if (downstream && list->form == RIG_ATTRS && chance(25)) {
		/* The buffer has no user mapping: the address means nothing but its low bits. */
		arg->fd = world->bufs[any(BUFS)].fd;
		arg->attr |= FRPC_DN_ATTR_NOVA;
		arg->ptr = any(3) ? any(PAGE) : 0;
		arg->len = any_len(PAGE - arg->ptr);
	} else if (chance(6)) {
		/* Memory that has nothing to do with the fd: the drivers do not see it. */
		arg->ptr = (uintptr_t)world->other + any(OTHER_LEN);
		arg->len = any_len((uintptr_t)world->other + OTHER_LEN - arg->ptr);
		if (arg->len > PAGE)
			arg->len = PAGE;
	} else {
		arg->ptr = (uintptr_t)world->bufs[n].mapped + any(world->bufs[n].visible);
		arg->len = any_len((uintptr_t)world->bufs[n].mapped + world->bufs[n].visible -
				   arg->ptr);
	}
}

static void make_handle(struct list *list, uint32_t i, bool compat)
{
	struct emu_user_arg *arg = &list->args[i];

	arg->fd = chance(20) ? -1 : list->world->bufs[any(BUFS)].fd;
	arg->ptr = any(compat ? UINT32_MAX : UINT64_C(1) << 40);
	arg->len = chance(10) ? 0 : any(PAGE);
	arg->attr = 0;
}

/* At most one thing that the driver has to refuse. */
static void spoil(struct list *list)
{
	bool fds = list->call.dialect == MODEL_MAINLINE || list->form != RIG_PLAIN;
	uint32_t bufs = list->ins + list->outs, i;

	if (!bufs)
		return;
	i = (uint32_t)any(bufs);
	switch (fds ? any(3) : 2) {
	case 0:
		list->args[i].fd = BAD_FD;
		break;
	case 1:
		list->args[i].fd = list->world->bufs[4].fd;
		list->args[i].ptr = (uintptr_t)list->world->bufs[4].mapped + 100;
		list->args[i].len = PAGE + 1;
		break;
	default:
		list->args[i].fd = -1;
		list->args[i].ptr = (uintptr_t)list->world->other + OTHER_LEN - 10;
		list->args[i].len = 20 + any(GUARD_LEN);
		list->args[i].len = i < list->ins ? list->args[i].len : 0;
	}
}

static void make_list(struct list *list, bool compat)
{
	bool large = chance(2);
	uint32_t handles;

	list->form = any(3);
	list->ins = (uint32_t)any(large ? 200 : 6);
	list->outs = (uint32_t)any(large ? 200 : 6);
	handles = chance(40) ? (uint32_t)any(large ? 15 : 4) : 0;
	list->sc = FRPC_SC_MAKEX(2 + any(29), list->ins, list->outs, handles, 0) | (uint32_t)any(8)
											   << 29;
	if (chance(50))
		list->sc = (list->sc & ~0xffu) | handles;
	list->count = list->ins + list->outs + handles;
	for (uint32_t i = 0; i < list->count; i++) {
		list->args[i].attr = 0;
		if (i >= list->ins + list->outs)
			make_handle(list, i, compat);
		else if (chance(list->form == RIG_PLAIN && list->call.dialect == MODEL_DOWNSTREAM
					? 0
					: 30))
			make_mapped(list, i);
		else
			make_copied(list, i);
	}
	if (chance(4))
		spoil(list);
	list->status = chance(10) ? (int32_t)any(UINT32_MAX) : 0;
	if (list->status < 0 && list->status >= -FRPC_MAX_ERRNO)
		list->status = 39;
}

static void ask_model(struct list *list)
{
	uint32_t made;

	for (uint32_t k = 0; k < MODEL_MAX_ARGS; k++)
		list->addresses[k] = (uint64_t)RIG_BANK << 32 | (0x10000000 + k * 0x100000);
	for (uint32_t i = 0; i < list->count; i++)
		list->model_args[i] = (struct model_arg){list->args[i].ptr, list->args[i].len,
							 list->args[i].fd, list->args[i].attr};
	list->call.ins = list->ins;
	list->call.outs = list->outs;
	list->call.handles = list->count - list->ins - list->outs;
	list->call.args = list->model_args;
	list->call.fds = list->form != RIG_PLAIN;
	list->call.attrs = list->form == RIG_ATTRS;
	list->call.client = &list->world->client;
	list->call.map_addresses = list->addresses;
	list->call.meta_address = UINT64_C(0x580000000) + any(256) * PAGE;
	list->call.copy_address = UINT64_C(0x590000000) + any(256) * PAGE;
	list->call.driver_base = EMU_KERNEL_BASE;
	model_pack(&list->call, &list->expected);
	made = (uint32_t)list->expected.maps_made;
	for (uint32_t k = 0; k < made; k++)
		list->iovas[k] = list->addresses[k] & UINT32_MAX;
	list->iovas[made] = list->call.meta_address & UINT32_MAX;
	list->iovas[made + 1] = list->call.copy_address & UINT32_MAX;
}

/* What the DSP sees of a mapped output, or NULL if the driver let the client pass a wrong address. */
static uint8_t *find_mapped(struct rig *rig, struct list *list, uint32_t i)
{
	const struct model_result *expected = &list->expected;
	struct emu_backing backing;
	struct stat st;

	if (emu_memory_resolve(emu_driver_memory(rig->driver, rig->dialect, 3),
			       expected->devices[i], list->args[i].len, false, &backing))
		return NULL;
	assert_int_equal(fstat(list->args[i].fd, &st), 0);
	assert_int_equal(backing.ino, st.st_ino);
	assert_int_equal(backing.offset, expected->buf_offsets[i]);
	return list->world->bufs[expected->buf_of[i]].bytes + backing.offset;
}

/* The DSP writes an output where its metadata say it is; the model's memory gets the same. */
static void write_output(struct rig *rig, struct list *list, const struct rig_record *record,
			 uint8_t *copies, uint32_t i)
{
	struct model_result *expected = &list->expected;
	uint64_t len = list->args[i].len, at = rig_device(record, i);
	uint8_t *to, *shadow = expected->places[i];

	if (!len)
		return;
	assert_int_equal(at, expected->devices[i]);
	if (!shadow) {
		to = find_mapped(rig, list, i);
		shadow = list->world->bufs[expected->buf_of[i]].shadow + expected->buf_offsets[i];
	} else {
		to = copies ? copies + (at - list->call.copy_address)
			    : record->live + (at - list->call.meta_address);
	}
	for (uint64_t k = 0; to && k < len; k += 1 + any(60))
		to[k] = shadow[k] = (uint8_t)any(256);
}

/* Copies are there to the last byte when the message is. */
static int32_t answer(struct rig *rig, const struct rig_record *record)
{
	struct list *list = rig->context;
	const struct model_result *expected = &list->expected;
	uint8_t *copies = NULL;

	list->answered = true;
	assert_int_equal(record->message.page_addr, list->call.meta_address);
	assert_int_equal(record->message.page_size, expected->page_size);
	assert_int_equal(record->message.sc, list->sc);
	assert_int_equal(record->message.handle, RIG_HANDLE);
	assert_memory_equal(record->meta, expected->meta.bytes, expected->meta.len);
	if (expected->copy.bytes) {
		copies = rig_view(rig, list->call.copy_address, expected->copy.len);
		assert_memory_equal(copies, expected->copy.bytes, expected->copy.len);
	}
	for (uint32_t i = list->ins; i < list->ins + list->outs; i++)
		write_output(rig, list, record, copies, i);
	if (copies)
		rig_unview(copies, expected->copy.len);
	return list->status;
}

/* What the client has to find in its outputs, in the order in which the driver copies them. */
static void expect_outputs(struct list *list)
{
	struct world *world = list->world;

	for (uint32_t i = list->ins; i < list->ins + list->outs; i++)
		if (list->expected.places[i])
			memcpy(world->arena_shadow + (list->args[i].ptr - (uintptr_t)world->arena),
			       list->expected.places[i], list->args[i].len);
}

static void run_list(struct rig *rig, struct list *list)
{
	long res;

	list->answered = false;
	rig->context = list;
	rig_open(rig);
	emu_smmu_fix_next(rig->smmu, list->iovas, (uint32_t)list->expected.maps_made + 2);
	res = rig_invoke(rig, list->sc, list->args, list->form);
	emu_smmu_fix_next(rig->smmu, NULL, 0);
	if (list->expected.error) {
		assert_int_equal(res, list->expected.error);
		assert_false(list->answered);
	} else {
		assert_int_equal(res, list->status);
		assert_true(list->answered);
		expect_outputs(list);
	}
	rig_close(rig);
	rig_forget(rig);
	check_world(list->world);
}

/* cmocka leaves the test at the first failure: the seed has to be known before. */
static struct list *running;

static int print_seed(void **state)
{
	(void)state;
	if (!running)
		return 0;
	print_error("list with seed %#llx: %u in, %u out, %u in all, form %u, expected %d\n",
		    (unsigned long long)running->seed, running->ins, running->outs, running->count,
		    running->form, running->expected.error);
	for (uint32_t i = 0; i < running->count; i++)
		print_error("  %u: ptr %#llx len %llu fd %d attr %#x\n", i,
			    (unsigned long long)running->args[i].ptr,
			    (unsigned long long)running->args[i].len, running->args[i].fd,
			    running->args[i].attr);
	free(running);
	running = NULL;
	return 0;
}

static void compare_lists(enum emu_dialect dialect, bool compat, enum emu_version version)
{
	struct list *list = calloc(1, sizeof(*list));
	static struct world world;
	struct rig rig;
	uint32_t sent = 0;

	state_of_random = SEED;
	world_start(&world, compat);
	rig_start_version(&rig, dialect, compat, version);
	rig.method = answer;
	running = list;
	list->world = &world;
	list->call.version = version == EMU_ML_6_1   ? MODEL_6_1
			     : version == EMU_ML_7_3 ? MODEL_7_3
						     : MODEL_6_12;
	list->call.dialect = dialect == EMU_MAINLINE ? MODEL_MAINLINE : MODEL_DOWNSTREAM;
	for (int i = 0; i < LISTS; i++) {
		list->seed = SEED + (uint64_t)i * 0x10001;
		state_of_random = list->seed;
		for (int k = 0; k < 8; k++)
			any(0);
		make_list(list, compat);
		ask_model(list);
		run_list(&rig, list);
		sent += list->answered;
		model_free(&list->expected);
	}
	/* Lists that are refused prove little. */
	assert_true(sent > LISTS * 8 / 10);
	running = NULL;
	free(list);
	rig_stop(&rig);
	world_stop(&world);
}

static void downstream_packs_random_lists_of_a_64_bit_client_as_the_model_does(void **state)
{
	(void)state;
	compare_lists(EMU_DOWNSTREAM, false, EMU_ML_6_12);
}

static void downstream_packs_random_lists_of_a_32_bit_client_as_the_model_does(void **state)
{
	(void)state;
	compare_lists(EMU_DOWNSTREAM, true, EMU_ML_6_12);
}

static void mainline_packs_random_lists_of_a_64_bit_client_as_the_model_does(void **state)
{
	(void)state;
	compare_lists(EMU_MAINLINE, false, EMU_ML_6_12);
}

static void mainline_packs_random_lists_of_a_32_bit_client_as_the_model_does(void **state)
{
	(void)state;
	compare_lists(EMU_MAINLINE, true, EMU_ML_6_12);
}

static void mainline_packs_random_lists_in_its_other_versions_as_the_model_does(void **state)
{
	(void)state;
	compare_lists(EMU_MAINLINE, false, EMU_ML_6_1);
	compare_lists(EMU_MAINLINE, false, EMU_ML_7_3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			mainline_packs_random_lists_in_its_other_versions_as_the_model_does,
			print_seed),
		cmocka_unit_test_teardown(
			downstream_packs_random_lists_of_a_64_bit_client_as_the_model_does,
			print_seed),
		cmocka_unit_test_teardown(
			downstream_packs_random_lists_of_a_32_bit_client_as_the_model_does,
			print_seed),
		cmocka_unit_test_teardown(
			mainline_packs_random_lists_of_a_64_bit_client_as_the_model_does,
			print_seed),
		cmocka_unit_test_teardown(
			mainline_packs_random_lists_of_a_32_bit_client_as_the_model_does,
			print_seed),
	};

	return cmocka_run_group_tests_name("packing", tests, NULL, NULL);
}
