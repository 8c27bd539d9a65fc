/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <fastrpc/abi/downstream.h>

#include "emulator/kernel/maps.h"

#define PAGE 4096u
#define BANK 5u

static struct emu_smmu *smmu;
static struct emu_traits *traits;
static struct emu_inject inject;
static struct emu_maps *maps;
static enum emu_dialect dialect_of_maps;
static struct emu_dmabuf *dmabuf;
static struct frpc_task task;

static void start(enum emu_dialect dialect)
{
	const struct emu_maps_config config = {
		.dialect = dialect,
		.smmu = smmu,
		.bank = BANK,
		.limit = UINT64_C(1) << 30,
		.traits = traits,
		.inject = &inject,
	};

	dialect_of_maps = dialect;
	task = (struct frpc_task){.tgid = getpid(), .tid = getpid()};
	assert_int_equal(emu_maps_new(&config, &maps), 0);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(emu_smmu_new(&smmu), 0);
	assert_int_equal(emu_traits_new(&inject, &traits), 0);
	return emu_dmabuf_new("maps", PAGE, &dmabuf);
}

static int tear_down(void **state)
{
	(void)state;
	emu_maps_free(maps);
	emu_dmabuf_put(dmabuf);
	emu_traits_free(traits);
	assert_int_equal(emu_smmu_count(smmu), 0);
	emu_smmu_free(smmu);
	return 0;
}

static struct emu_map *get_handle(void)
{
	const struct emu_map_request request = {
		.fd = dmabuf->fd,
		.len = dialect_of_maps == EMU_MAINLINE ? PAGE : 0,
		.attrs = FRPC_DN_ATTR_NOVA,
		.use = EMU_MAP_HANDLE,
	};
	struct emu_map *map = NULL;

	assert_int_equal(emu_maps_get(maps, &task, &request, &map), 0);
	return map;
}

static void list(void)
{
	if (dialect_of_maps == EMU_DOWNSTREAM)
		emu_maps_handles_done(maps, dmabuf->fd);
	else
		emu_maps_fd_done(maps, &task, dmabuf->fd);
}

/* Whatever the DSP lists after other calls. */
static void handles_stay_while_packed(enum emu_dialect dialect)
{
	struct emu_map *map;

	start(dialect);
	map = get_handle();
	list();
	assert_int_equal(emu_maps_count(maps), 1);
	emu_maps_drop_handle(maps, map); /* it could not be sent */
	assert_int_equal(emu_maps_count(maps), 0);
	map = get_handle();
	list();
	assert_int_equal(emu_maps_count(maps), 1);
	emu_maps_sent(maps, map);
	assert_int_equal(emu_maps_count(maps), 0);
	map = get_handle();
	emu_maps_sent(maps, map);
	assert_int_equal(emu_maps_count(maps), 1);
	list();
	assert_int_equal(emu_maps_count(maps), 0);
}

static void a_handles_map_stays_until_its_call_is_sent_downstream(void **state)
{
	(void)state;
	handles_stay_while_packed(EMU_DOWNSTREAM);
}

static void a_handles_map_stays_until_its_call_is_sent_mainline(void **state)
{
	(void)state;
	handles_stay_while_packed(EMU_MAINLINE);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_handles_map_stays_until_its_call_is_sent_downstream),
		TEST(a_handles_map_stays_until_its_call_is_sent_mainline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
