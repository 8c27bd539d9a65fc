/* SPDX-License-Identifier: BSD-3-Clause */
/* The test vectors of both drivers' argument packing, through the driver model and its ioctls. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>

#include "emulator/kernel/context.h"

#include "model.h"
#include "rig.h"

#define META	   UINT64_C(0x580000000)
#define SECOND	   UINT64_C(0x590000000)
#define MAPPED	   UINT64_C(0x5a0000000)
#define CLIENT	   UINT64_C(0x7f0000000000)
#define CLIENT_LEN 0x110000u
#define PAGE	   4096u

/* Where one argument lies: from the start of the metadata, or of the second buffer. */
struct place {
	uint64_t at, page, size;
};

struct packing {
	uint64_t metalen, copylen, total, message_size;
	bool separate;
	struct place places[4];
};

struct vector {
	const char *name;
	uint32_t sc;
	struct {
		uint64_t ptr, len; /* from the start of the client's memory */
		bool mapped;
	} args[4];
	struct packing by[EMU_DIALECTS];
};

static const struct vector vectors[] = {
	{"three small buffers",
	 FRPC_SC_MAKE(2, 2, 1),
	 {{0x1000, 100, 0}, {0x2000, 200, 0}, {0x3000, 64, 0}},
	 {[EMU_DOWNSTREAM] = {604,
			      448,
			      1088,
			      4096,
			      false,
			      {{0x280, META, PAGE}, {0x300, META, PAGE}, {0x400, META, PAGE}}},
	  [EMU_MAINLINE] = {504,
			    0,
			    960,
			    4096,
			    false,
			    {{0x200, META, PAGE}, {0x280, META, PAGE}, {0x380, META, PAGE}}}}},
	{"output too large to stay inline",
	 FRPC_SC_MAKE(2, 1, 1),
	 {{0x1000, 100, 0}, {0x10000, 5000, 0}},
	 {[EMU_DOWNSTREAM] =
		  {564, 5128, 5128, 4096, true, {{0, SECOND, PAGE}, {0x80, SECOND, 2 * PAGE}}},
	  [EMU_MAINLINE] =
		  {464, 0, 5640, 8192, false, {{0x200, META, PAGE}, {0x280, META, 2 * PAGE}}}}},
	{"partial overlap",
	 FRPC_SC_MAKE(2, 1, 1),
	 {{0x1000, 256, 0}, {0x1080, 256, 0}},
	 {[EMU_DOWNSTREAM] =
		  {564, 384, 1024, 4096, false, {{0x280, META, PAGE}, {0x300, META, PAGE}}},
	  [EMU_MAINLINE] = {464, 0, 896, 4096, false, {{0x200, META, PAGE}, {0x280, META, PAGE}}}}},
	{"same buffer as input and output",
	 FRPC_SC_MAKE(2, 1, 1),
	 {{0x1000, 256, 0}, {0x1000, 256, 0}},
	 {[EMU_DOWNSTREAM] =
		  {564, 256, 896, 4096, false, {{0x280, META, PAGE}, {0x280, META, PAGE}}},
	  [EMU_MAINLINE] = {464, 0, 768, 4096, false, {{0x200, META, PAGE}, {0x200, META, PAGE}}}}},
	{"one contained in another, one fd mapped",
	 FRPC_SC_MAKEX(2, 3, 1, 1, 0),
	 {{0x1000, 300, 0}, {0x1064, 50, 0}, {0x100000, 8192, true}, {0x4000, 10, 0}},
	 {[EMU_DOWNSTREAM] = {684,
			      394,
			      1162,
			      4096,
			      false,
			      {{0x300, META, PAGE},
			       {0x364, META, PAGE},
			       {0, MAPPED, 2 * PAGE},
			       {0x480, META, PAGE}}},
	  [EMU_MAINLINE] = {584,
			    0,
			    1034,
			    4096,
			    false,
			    {{0x280, META, PAGE},
			     {0x2e4, META, PAGE},
			     {0, MAPPED, 2 * PAGE},
			     {0x400, META, PAGE}}}}},
	/* Where copies cease to fit behind the metadata. */
	{"copies that just fit downstream",
	 FRPC_SC_MAKE(2, 1, 0),
	 {{0x1000, 3456, 0}},
	 {[EMU_DOWNSTREAM] = {524, 3456, 4096, 4096, false, {{0x280, META, PAGE}}},
	  [EMU_MAINLINE] = {424, 0, 3968, 4096, false, {{0x200, META, PAGE}}}}},
	{"copies one byte too long downstream",
	 FRPC_SC_MAKE(2, 1, 0),
	 {{0x1000, 3457, 0}},
	 {[EMU_DOWNSTREAM] = {524, 3457, 3457, 4096, true, {{0, SECOND, PAGE}}},
	  [EMU_MAINLINE] = {424, 0, 3969, 4096, false, {{0x200, META, PAGE}}}}},
	{"copies that just fit a page on mainline",
	 FRPC_SC_MAKE(2, 1, 0),
	 {{0x1000, 3584, 0}},
	 {[EMU_DOWNSTREAM] = {524, 3584, 3584, 4096, true, {{0, SECOND, PAGE}}},
	  [EMU_MAINLINE] = {424, 0, 4096, 4096, false, {{0x200, META, PAGE}}}}},
	{"copies one byte too long for a page on mainline",
	 FRPC_SC_MAKE(2, 1, 0),
	 {{0x1000, 3585, 0}},
	 {[EMU_DOWNSTREAM] = {524, 3585, 3585, 4096, true, {{0, SECOND, PAGE}}},
	  [EMU_MAINLINE] = {424, 0, 4097, 8192, false, {{0x200, META, 2 * PAGE}}}}},
};

/* The client's memory: arguments at the vectors' offsets, a dma-buf where one is mapped. */
struct client {
	uint8_t *memory;
	int fd;
};

static void client_start(struct client *client, bool compat)
{
	client->memory = rig_reserve(compat ? 0 : CLIENT, CLIENT_LEN, compat);
	assert_int_equal(mprotect(client->memory, 0x20000, PROT_READ | PROT_WRITE), 0);
	client->fd = memfd_create("vector", MFD_CLOEXEC);
	assert_int_equal(ftruncate(client->fd, 2 * PAGE), 0);
	assert_true(mmap(client->memory + 0x100000, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, client->fd, 0) != MAP_FAILED);
	for (uint32_t i = 0; i < 0x20000; i++)
		client->memory[i] = (uint8_t)(i * 7 + i / 251);
}

static void client_stop(struct client *client)
{
	munmap(client->memory, CLIENT_LEN);
	close(client->fd);
}

static void fill_args(const struct vector *vector, const struct client *client,
		      struct emu_user_arg args[5])
{
	uint32_t bufs = FRPC_SC_BUFS(vector->sc);

	for (uint32_t i = 0; i < bufs; i++)
		args[i] = (struct emu_user_arg){(uintptr_t)client->memory + vector->args[i].ptr,
						vector->args[i].len,
						vector->args[i].mapped ? client->fd : -1, 0};
	if (FRPC_SC_LENGTH(vector->sc) > bufs)
		args[bufs] = (struct emu_user_arg){0x30, 0x1000, client->fd, 0};
}

/* The model that the random lists are compared with has to know the vectors, too. */
static void check_model(const struct vector *vector, const struct packing *packing,
			enum emu_dialect dialect, const struct client *client,
			const struct emu_user_arg *args)
{
	static struct model_result result;
	struct model_client known = {.bufs[0] = {client->fd, 2 * PAGE}, .buf_count = 1};
	const uint64_t map_addresses[] = {MAPPED, MAPPED + 0x10000000};
	struct model_arg model_args[5];
	struct model_call call = {
		.dialect = dialect == EMU_MAINLINE ? MODEL_MAINLINE : MODEL_DOWNSTREAM,
		.ins = FRPC_SC_INBUFS(vector->sc),
		.outs = FRPC_SC_OUTBUFS(vector->sc),
		.handles = FRPC_SC_LENGTH(vector->sc) - FRPC_SC_BUFS(vector->sc),
		.args = model_args,
		.fds = true,
		.client = &known,
		.map_addresses = map_addresses,
		.meta_address = META,
		.copy_address = SECOND,
	};

	known.areas[0].start = (uintptr_t)client->memory + 0x100000;
	known.areas[0].end = known.areas[0].start + 2 * PAGE;
	known.areas[1].start = (uintptr_t)client->memory;
	known.areas[1].end = known.areas[1].start + 0x20000;
	known.area_count = 2;
	for (uint32_t i = 0; i < FRPC_SC_LENGTH(vector->sc); i++)
		model_args[i] = (struct model_arg){args[i].ptr, args[i].len, args[i].fd, 0};
	model_pack(&call, &result);
	assert_int_equal(result.error, 0);
	assert_int_equal(result.meta_len, packing->metalen);
	assert_int_equal(result.copy_len, packing->copylen);
	assert_int_equal(result.total, packing->total);
	assert_int_equal(result.page_size, packing->message_size);
	for (uint32_t i = 0; i < FRPC_SC_BUFS(vector->sc); i++)
		assert_int_equal(result.devices[i],
				 packing->places[i].at + (args[i].fd >= 0     ? MAPPED
							  : packing->separate ? SECOND
									      : META));
	model_free(&result);
}

static void check_record(struct rig *rig, const struct vector *vector,
			 const struct packing *packing, const struct emu_user_arg *args)
{
	const struct rig_record *record = &rig->records[0];

	assert_int_equal(record->message.page_addr, META);
	assert_int_equal(record->message.page_size, packing->message_size);
	assert_int_equal(record->message.handle, RIG_HANDLE);
	assert_int_equal(record->message.sc, vector->sc);
	for (uint32_t i = 0; i < FRPC_SC_BUFS(vector->sc); i++) {
		const struct place *place = &packing->places[i];
		uint64_t base = args[i].fd >= 0 ? MAPPED : packing->separate ? SECOND : META;

		assert_int_equal(rig_page(record, i).addr, place->page);
		assert_int_equal(rig_page(record, i).size, place->size);
		assert_int_equal(rig_device(record, i), base + place->at);
		assert_int_equal(rig_arg(record, i).buf.len, args[i].len);
		/* A copied argument's pv is the driver's own address; a mapped one's the client's. */
		if (args[i].fd >= 0)
			assert_int_equal(rig_arg(record, i).buf.pv, args[i].ptr);
		else
			assert_int_equal(rig_arg(record, i).buf.pv >> 48, 0xffff);
	}
}

/* Reads the inputs where the metadata says they are, and compares. */
static int32_t read_inputs(struct rig *rig, const struct rig_record *record)
{
	const struct emu_user_arg *args = rig->context;
	uint8_t bytes[8192];

	for (uint32_t i = 0; i < FRPC_SC_INBUFS(record->message.sc); i++) {
		rig_fetch(rig, record, i, bytes, args[i].len);
		assert_memory_equal(bytes, (void *)(uintptr_t)args[i].ptr, args[i].len);
	}
	return 0;
}

static void check_vector(const struct vector *vector, enum emu_dialect dialect, bool compat)
{
	const struct packing *packing = &vector->by[dialect];
	/* The fifth vector's dma-buf has two maps: a buffer's and a handle's. */
	const uint64_t iovas[] = {MAPPED & UINT32_MAX, 0xb0000000, META & UINT32_MAX};
	const uint64_t plain_iovas[] = {META & UINT32_MAX, SECOND & UINT32_MAX};
	bool maps = FRPC_SC_INHANDLES(vector->sc) != 0;
	struct emu_user_arg args[5];
	struct client client;
	struct rig rig;

	print_message("           %s\n", vector->name);
	client_start(&client, compat);
	fill_args(vector, &client, args);
	check_model(vector, packing, dialect, &client, args);
	rig_start(&rig, dialect, compat);
	rig_open(&rig);
	rig.method = read_inputs;
	rig.context = args;
	emu_smmu_fix_next(rig.smmu, maps ? iovas : plain_iovas, maps ? 3 : packing->separate + 1);
	assert_int_equal(rig_invoke(&rig, vector->sc, args, RIG_FDS), 0);
	assert_int_equal(rig.record_count, 1);
	check_record(&rig, vector, packing, args);
	rig_close(&rig);
	rig_stop(&rig);
	client_stop(&client);
}

static void check_vectors(enum emu_dialect dialect, bool compat)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++)
		check_vector(&vectors[i], dialect, compat);
}

static void downstream_packs_the_vectors_of_a_64_bit_client(void **state)
{
	(void)state;
	check_vectors(EMU_DOWNSTREAM, false);
}

static void downstream_packs_the_vectors_of_a_32_bit_client(void **state)
{
	(void)state;
	check_vectors(EMU_DOWNSTREAM, true);
}

static void mainline_packs_the_vectors_of_a_64_bit_client(void **state)
{
	(void)state;
	check_vectors(EMU_MAINLINE, false);
}

static void mainline_packs_the_vectors_of_a_32_bit_client(void **state)
{
	(void)state;
	check_vectors(EMU_MAINLINE, true);
}

static const struct {
	uint32_t n, list, pages, fds, crc, poll, perf, downstream, mainline;
} offsets[] = {
	{0, 0, 0, 0, 128, 384, 388, 484, 384},	   {1, 16, 24, 40, 168, 424, 428, 524, 424},
	{2, 32, 48, 80, 208, 464, 468, 564, 464},  {3, 48, 72, 120, 248, 504, 508, 604, 504},
	{4, 64, 96, 160, 288, 544, 548, 644, 544}, {8, 128, 192, 320, 448, 704, 708, 804, 704},
};

static void the_parts_of_the_metadata_lie_at_fixed_offsets(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		uint32_t n = offsets[i].n;

		assert_int_equal(FRPC_SMQ_ARGS_AT(n), 0);
		assert_int_equal(FRPC_SMQ_LIST_AT(n), offsets[i].list);
		assert_int_equal(FRPC_SMQ_PAGES_AT(n), offsets[i].pages);
		assert_int_equal(FRPC_SMQ_FDS_AT(n), offsets[i].fds);
		assert_int_equal(FRPC_SMQ_CRC_AT(n), offsets[i].crc);
		assert_int_equal(FRPC_SMQ_POLL_AT(n), offsets[i].poll);
		assert_int_equal(FRPC_SMQ_COUNTERS_AT(n), offsets[i].perf);
		assert_int_equal(FRPC_SMQ_LEN_DOWNSTREAM(n), offsets[i].downstream);
		assert_int_equal(FRPC_SMQ_LEN_MAINLINE(n), offsets[i].mainline);
	}
}

/* Lists the fd of the first argument, a handle, where the vectors say that the list is. */
static int32_t list_the_handle(struct rig *rig, const struct rig_record *record)
{
	uint64_t fd = (uint64_t)(int64_t)rig_arg(record, 0).dma.fd;
	uint8_t *view = rig_view(rig, record->message.page_addr, PAGE);
	const uint32_t *fds_at = rig->context;

	memcpy(view + *fds_at, &fd, sizeof(fd));
	rig_unview(view, PAGE);
	return 0;
}

static bool is_mapped(struct rig *rig, const struct rig_record *record)
{
	struct emu_backing backing;

	return !emu_memory_resolve(emu_driver_memory(rig->driver, rig->dialect, 3),
				   rig_page(record, 0).addr, PAGE, false, &backing);
}

static void check_handles(enum emu_dialect dialect, bool compat)
{
	struct client client;
	struct rig rig;

	client_start(&client, compat);
	rig_start(&rig, dialect, compat);
	for (size_t i = 1; i < sizeof(offsets) / sizeof(*offsets); i++) {
		uint32_t n = offsets[i].n, sc = FRPC_SC_MAKEX(2, 0, 0, n, 0);
		struct emu_user_arg args[8];

		for (uint32_t k = 0; k < n; k++)
			args[k] = (struct emu_user_arg){0, 100, k ? -1 : client.fd, 0};
		rig_open(&rig);
		rig.context = (void *)(uintptr_t)&offsets[i].fds;
		rig.method = list_the_handle;
		assert_int_equal(rig_invoke(&rig, sc, args, RIG_FDS), 0);
		assert_false(is_mapped(&rig, &rig.records[0]));
		rig.method = NULL;
		assert_int_equal(rig_invoke(&rig, sc, args, RIG_FDS), 0);
		assert_true(is_mapped(&rig, &rig.records[1]));
		rig_close(&rig);
		rig_forget(&rig);
	}
	rig_stop(&rig);
	client_stop(&client);
}

static void both_drivers_let_go_of_a_handle_that_the_dsp_lists_and_of_no_other(void **state)
{
	(void)state;
	check_handles(EMU_DOWNSTREAM, false);
	check_handles(EMU_DOWNSTREAM, true);
	check_handles(EMU_MAINLINE, false);
	check_handles(EMU_MAINLINE, true);
}

static void scalars_words_are_those_of_the_drivers(void **state)
{
	(void)state;
	assert_int_equal(FRPC_SC_ATTACH, 0x00010000);
	assert_int_equal(FRPC_SC_RELEASE, 0x01010000);
	assert_int_equal(FRPC_SC_MMAP, 0x04020100);
	assert_int_equal(FRPC_SC_MUNMAP, 0x05010000);
	assert_int_equal(FRPC_SC_CREATE, 0x06040000);
	assert_int_equal(FRPC_SC_CREATE_ATTR, 0x07040000);
	assert_int_equal(FRPC_SC_CREATE_STATIC, 0x08030000);
	assert_int_equal(FRPC_SC_HEAP_UNMAP, 0x09010100);
	assert_int_equal(FRPC_SC_MEM_MAP, 0x0a030100);
	assert_int_equal(FRPC_SC_MEM_UNMAP, 0x0b010000);
	assert_int_equal(FRPC_SC_ATTACH_NAME, 0x0c020000);
	assert_int_equal(FRPC_SC_CAPABILITIES, 0x00010100);
	assert_int_equal(FRPC_SC_CPU_INFO, 0x01010000);
	assert_int_equal(FRPC_SC_MAKE(4, 2, 2), 0x04020200);
}

/* An entry of the table that a test holds without a call. */
static uint64_t enter(struct emu_channel *channel, struct emu_context *context, bool reserved)
{
	assert_int_equal(emu_channel_enter(channel, context, reserved), 0);
	return context->id;
}

static void context_ids_carry_job_and_index_downstream(void **state)
{
	static struct emu_context first, second, third;
	struct rig rig;
	struct emu_channel *channel;

	(void)state;
	rig_start(&rig, EMU_DOWNSTREAM, false);
	channel = emu_driver_channel(rig.driver, EMU_DOWNSTREAM, 3);
	assert_int_equal(enter(channel, &first, false) | FRPC_SMQ_PD_USER, 0x21181);
	/* The asynchronous bit aside. */
	assert_int_equal(enter(channel, &second, false) | FRPC_SMQ_PD_USER | 0x10, 0x311d1);
	assert_int_equal(enter(channel, &third, true) | FRPC_SMQ_PD_SENSORS, 0x40002);
	emu_channel_leave(channel, &first);
	emu_channel_leave(channel, &second);
	emu_channel_leave(channel, &third);
	rig_stop(&rig);
}

static void context_ids_go_round_on_mainline(void **state)
{
	static struct emu_context contexts[256];
	struct rig rig;
	struct emu_channel *channel;

	(void)state;
	rig_start(&rig, EMU_MAINLINE, false);
	channel = emu_driver_channel(rig.driver, EMU_MAINLINE, 3);
	assert_int_equal(enter(channel, &contexts[0], false) | FRPC_SMQ_PD_USER, 0x11);
	emu_channel_leave(channel, &contexts[0]);
	/* Not the lowest free one: 2 comes next, 1 last. */
	for (uint64_t id = 2; id <= 255; id++)
		assert_int_equal(enter(channel, &contexts[id], false), id << 4);
	assert_int_equal(enter(channel, &contexts[1], false), 0x10);
	assert_int_equal(emu_channel_enter(channel, &contexts[0], false), -ENOSPC);
	for (int i = 1; i < 256; i++)
		emu_channel_leave(channel, &contexts[i]);
	rig_stop(&rig);
}

static void the_pd_type_of_a_process_stands_in_its_context_ids(void **state)
{
	const struct frpc_dn_init sensors = {.flags = FRPC_DN_INIT_ATTACH_SENSORS};
	const struct frpc_ml_init_create create = {.attrs = FRPC_PROC_ATTR_UNSIGNED};
	struct rig rig;

	(void)state;
	rig_start(&rig, EMU_MAINLINE, false);
	rig_open(&rig);
	assert_int_equal(rig_invoke(&rig, FRPC_SC_MAKE(2, 0, 0), NULL, RIG_PLAIN), 0);
	assert_int_equal(rig.records[0].message.ctx, 0x10);
	assert_int_equal(rig_ioctl(&rig, FRPC_ML_IOCTL_INIT_CREATE, &create, sizeof(create)), 0);
	assert_int_equal(rig.records[1].message.sc, 0x07040000);
	assert_int_equal(rig.records[1].message.pid, 0);
	assert_int_equal(rig.records[1].message.ctx, 0x21);
	assert_int_equal(rig_invoke(&rig, FRPC_SC_MAKE(2, 0, 0), NULL, RIG_PLAIN), 0);
	assert_int_equal(rig.records[2].message.ctx, 0x31);
	assert_int_equal(rig.records[2].message.pid, getpid());
	rig_close(&rig);
	rig_stop(&rig);

	rig_start(&rig, EMU_DOWNSTREAM, false);
	rig_open(&rig);
	assert_int_equal(rig_ioctl(&rig, FRPC_DN_IOCTL_INIT, &sensors, sizeof(sensors)), 0);
	assert_int_equal(rig.records[0].message.ctx, 0x20002);
	assert_int_equal(rig_invoke(&rig, FRPC_SC_MAKE(2, 0, 0), NULL, RIG_PLAIN), 0);
	assert_int_equal(rig.records[1].message.ctx, 0x31182);
	assert_int_equal(rig.records[1].message.pid, 1);
	rig_close(&rig);
	assert_int_equal(rig.records[2].message.sc, 0x01010000);
	assert_int_equal(rig.records[2].message.pid, 1);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(downstream_packs_the_vectors_of_a_64_bit_client),
		cmocka_unit_test(downstream_packs_the_vectors_of_a_32_bit_client),
		cmocka_unit_test(mainline_packs_the_vectors_of_a_64_bit_client),
		cmocka_unit_test(mainline_packs_the_vectors_of_a_32_bit_client),
		cmocka_unit_test(the_parts_of_the_metadata_lie_at_fixed_offsets),
		cmocka_unit_test(
			both_drivers_let_go_of_a_handle_that_the_dsp_lists_and_of_no_other),
		cmocka_unit_test(scalars_words_are_those_of_the_drivers),
		cmocka_unit_test(context_ids_carry_job_and_index_downstream),
		cmocka_unit_test(context_ids_go_round_on_mainline),
		cmocka_unit_test(the_pd_type_of_a_process_stands_in_its_context_ids),
	};

	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
