/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls that the drivers make themselves, as the DSP receives them, for clients of both bitnesses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>

#include "rig.h"

#define PAGE 4096u

static struct rig rig;
static int fd;
static uint8_t *image; /* where the client has mapped fd */

static void start(enum emu_dialect dialect, bool compat)
{
	rig_start(&rig, dialect, compat);
	rig_open(&rig);
	fd = memfd_create("driver-calls", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	image = rig_reserve(0, 4 * PAGE, compat);
	assert_true(mmap(image, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) !=
		    MAP_FAILED);
}

static void stop(void)
{
	munmap(image, 4 * PAGE);
	rig_close(&rig);
	rig_stop(&rig);
	close(fd);
}

static const struct rig_record *last(uint32_t handle, uint32_t sc)
{
	const struct rig_record *record = &rig.records[rig.record_count - 1];

	assert_true(rig.record_count > 0);
	assert_int_equal(record->message.handle, handle);
	assert_int_equal(record->message.sc, sc);
	return record;
}

static void create_downstream(int32_t attrs)
{
	const struct frpc_dn_init_attrs wide = {
		.init = {.flags = FRPC_DN_INIT_CREATE,
			 .file = (uintptr_t)image,
			 .filelen = 100,
			 .filefd = fd,
			 .memfd = -1},
		.attrs = attrs,
	};
	const struct frpc_dn32_init_attrs narrow = {
		.init = {.flags = FRPC_DN_INIT_CREATE,
			 .file = (uint32_t)(uintptr_t)image,
			 .filelen = 100,
			 .filefd = fd,
			 .memfd = -1},
		.attrs = attrs,
	};

	if (rig.compat)
		assert_int_equal(
			rig_ioctl(&rig, FRPC_DN32_IOCTL_INIT_ATTRS, &narrow, sizeof(narrow)), 0);
	else
		assert_int_equal(rig_ioctl(&rig, FRPC_DN_IOCTL_INIT_ATTRS, &wide, sizeof(wide)), 0);
}

static void check_create_downstream(bool compat)
{
	const struct rig_record *record;

	start(EMU_DOWNSTREAM, compat);
	create_downstream(FRPC_PROC_ATTR_UNSIGNED);
	/* Six arguments are prepared, four of them counted. */
	record = last(1, 0x07040000);
	assert_int_equal(record->message.pid, 0);
	assert_int_equal(record->message.ctx, 0x20001);
	assert_int_equal(rig_arg(record, 0).buf.len, 24);
	assert_int_equal(rig_arg(record, 2).buf.len, 100);
	stop();
}

static void downstream_creates_a_process_with_four_in_buffers(void **state)
{
	(void)state;
	check_create_downstream(false);
	check_create_downstream(true);
}

static void check_maps_downstream(bool compat)
{
	struct frpc_dn_mmap wide = {.flags = FRPC_DN_MMAP_ADD_PAGES, .size = 2 * PAGE};
	struct frpc_dn32_mmap_64 narrow = {.flags = FRPC_DN_MMAP_ADD_PAGES, .size = 2 * PAGE};
	struct frpc_dn_munmap wide_unmap = {.size = 2 * PAGE};
	struct frpc_dn32_munmap_64 narrow_unmap = {.size = 2 * PAGE};
	const struct rig_record *record;

	start(EMU_DOWNSTREAM, compat);
	create_downstream(0);
	last(1, 0x06040000);
	wide.fd = narrow.fd = -1;
	assert_int_equal(compat ? rig_ioctl(&rig, FRPC_DN32_IOCTL_MMAP_64, &narrow, sizeof(narrow))
				: rig_ioctl(&rig, FRPC_DN_IOCTL_MMAP_64, &wide, sizeof(wide)),
			 0);
	record = last(1, 0x04020100);
	assert_int_equal(rig_arg(record, 0).buf.len, 24);
	assert_int_equal(rig_arg(record, 1).buf.len, 16);
	assert_int_equal(rig_arg(record, 2).buf.len, 8);
	/* The stub answered 0: where the pages are, as far as the driver knows. */
	assert_int_equal(compat ? rig_ioctl(&rig, FRPC_DN32_IOCTL_MUNMAP_64, &narrow_unmap,
					    sizeof(narrow_unmap))
				: rig_ioctl(&rig, FRPC_DN_IOCTL_MUNMAP_64, &wide_unmap,
					    sizeof(wide_unmap)),
			 0);
	record = last(1, 0x05010000);
	assert_int_equal(rig_arg(record, 0).buf.len, 24);
	stop();
}

static void downstream_donates_pages_and_takes_them_back(void **state)
{
	(void)state;
	check_maps_downstream(false);
	check_maps_downstream(true);
}

static void mainline_says_the_same_with_its_own_commands(void **state)
{
	struct frpc_ml_init_create create = {.attrs = FRPC_PROC_ATTR_UNSIGNED};
	struct frpc_ml_req_mmap map = {.flags = FRPC_ML_MMAP_ADD_PAGES, .size = PAGE};
	struct frpc_ml_req_munmap unmap = {.size = PAGE};
	struct frpc_ml_mem_map mem_map = {.length = PAGE};
	struct frpc_ml_mem_unmap mem_unmap = {0};
	const struct rig_record *record;

	(void)state;
	for (int compat = 0; compat < 2; compat++) {
		start(EMU_MAINLINE, compat);
		assert_int_equal(rig_ioctl(&rig, FRPC_ML_IOCTL_INIT_ATTACH, NULL, 0), 0);
		record = last(1, 0x00010000);
		assert_int_equal(rig_arg(record, 0).buf.len, 4);
		assert_int_equal(
			rig_ioctl(&rig, FRPC_ML_IOCTL_INIT_CREATE, &create, sizeof(create)), 0);
		last(1, 0x07040000);
		assert_int_equal(rig_ioctl(&rig, FRPC_ML_IOCTL_MMAP, &map, sizeof(map)), 0);
		last(1, 0x04020100);
		assert_int_equal(rig_ioctl(&rig, FRPC_ML_IOCTL_MUNMAP, &unmap, sizeof(unmap)), 0);
		last(1, 0x05010000);
		mem_map.fd = fd;
		assert_int_equal(rig_ioctl(&rig, FRPC_ML_IOCTL_MEM_MAP, &mem_map, sizeof(mem_map)),
				 0);
		record = last(1, 0x0a030100);
		assert_int_equal(rig_arg(record, 0).buf.len, 32);
		assert_int_equal(rig_arg(record, 2).buf.len, 0);
		mem_unmap.fd = fd;
		rig_ioctl(&rig, FRPC_ML_IOCTL_MEM_UNMAP, &mem_unmap, sizeof(mem_unmap));
		stop();
	}
}

/* A buffer of @buf_fd at @bytes; the call's page entry tells which memory the DSP got. */
static long call_with(int buf_fd, const void *bytes)
{
	const struct emu_user_arg arg = {(uintptr_t)bytes, 64, buf_fd, 0};

	return rig_invoke(&rig, FRPC_SC_MAKE(2, 1, 0), &arg, RIG_FDS);
}

static int32_t keep_ino(struct rig *of, const struct rig_record *record)
{
	struct emu_backing backing;

	assert_int_equal(emu_memory_resolve(emu_driver_memory(of->driver, of->dialect, 3),
					    rig_page(record, 0).addr, 64, false, &backing),
			 0);
	*(uint64_t *)of->context = backing.ino;
	return 0;
}

static void the_fd_decides_what_a_dsp_sees_not_the_address_it_came_with(void **state)
{
	uint64_t ino[4] = {0};

	(void)state;
	for (int dialect = 0; dialect < EMU_DIALECTS; dialect++) {
		int other = memfd_create("other", MFD_CLOEXEC);
		uint8_t *bytes;

		start(dialect, false);
		assert_int_equal(ftruncate(other, 4 * PAGE), 0);
		bytes = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		assert_true(bytes != MAP_FAILED);
		rig.method = keep_ino;
		rig.context = &ino[0];
		assert_int_equal(call_with(fd, bytes), 0);
		rig.context = &ino[1];
		assert_int_equal(call_with(fd, bytes), 0);
		/* Another fd with the first one's address. */
		rig.context = &ino[2];
		assert_int_equal(call_with(other, bytes), 0);
		assert_int_equal(ino[0], ino[1]);
		assert_int_not_equal(ino[0], ino[2]);
		/* And one that is closed. */
		close(other);
		rig.method = NULL;
		assert_int_equal(call_with(other, bytes),
				 dialect == EMU_MAINLINE ? -EINVAL : -EBADFD);
		munmap(bytes, PAGE);
		stop();
	}
}

/* Ends the use of the fd that it is being told of, twice, and answers what the test wants. */
static int32_t list_the_fd(struct rig *of, const struct rig_record *record)
{
	const uint64_t list[] = {(uint64_t)fd, (uint64_t)fd};

	memcpy(record->live + FRPC_SMQ_FDS_AT(FRPC_SC_LENGTH(record->message.sc)), list,
	       sizeof(list));
	return *(int32_t *)of->context;
}

static void a_dsp_that_lists_an_fd_while_it_is_told_of_it_takes_it_from_nobody(void **state)
{
	struct frpc_ml_mem_map map = {.length = PAGE};
	struct frpc_ml_init_create create = {.filelen = 100};
	int32_t answers[] = {-5, 0, -5, 0};
	struct emu_driver_state held;

	(void)state;
	start(EMU_MAINLINE, false);
	map.fd = create.filefd = fd;
	create.file = (uintptr_t)image;
	rig.own = list_the_fd;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		rig.context = &answers[i];
		assert_int_equal(rig_ioctl(&rig, FRPC_ML_IOCTL_MEM_MAP, &map, sizeof(map)),
				 answers[i]);
		assert_int_equal(rig_ioctl(&rig, FRPC_ML_IOCTL_INIT_CREATE, &create,
					   sizeof(create)),
				 answers[i]);
	}
	/* What was listed is mapped no more: its last reference was the DSP's to drop. */
	emu_driver_get_state(rig.driver, &held);
	assert_int_equal(held.maps, 0);
	rig.own = NULL;
	stop();
}

/* qemu-user and some containers have no such call; its substitute needs a descriptor. */
static bool memory_is_read_without_a_descriptor(void)
{
	uint32_t from = 1, to = 0;
	struct iovec remote = {&from, sizeof(from)}, local = {&to, sizeof(to)};

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == sizeof(to);
}

static void mainlines_allocator_has_einval_for_a_client_without_a_free_descriptor(void **state)
{
	struct frpc_ml_alloc_dma_buf alloc = {.fd = -1, .size = PAGE};
	struct rlimit limit, none;
	long res;

	(void)state;
	if (!memory_is_read_without_a_descriptor()) {
		print_message("left out: there is no process_vm_readv() here\n");
		skip();
	}
	start(EMU_MAINLINE, false);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 4; /* the rig has more of them open */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	res = rig_ioctl(&rig, FRPC_ML_IOCTL_ALLOC_DMA_BUFF, &alloc, sizeof(alloc));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(res, -EINVAL);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(downstream_creates_a_process_with_four_in_buffers),
		cmocka_unit_test(downstream_donates_pages_and_takes_them_back),
		cmocka_unit_test(mainline_says_the_same_with_its_own_commands),
		cmocka_unit_test(
			a_dsp_that_lists_an_fd_while_it_is_told_of_it_takes_it_from_nobody),
		cmocka_unit_test(
			mainlines_allocator_has_einval_for_a_client_without_a_free_descriptor),
		cmocka_unit_test(the_fd_decides_what_a_dsp_sees_not_the_address_it_came_with),
	};

	return cmocka_run_group_tests_name("driver calls", tests, NULL, NULL);
}
