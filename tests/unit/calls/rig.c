/* SPDX-License-Identifier: BSD-3-Clause */
#include "rig.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>

#include "../../support/low_mem.h"

#define STRUCTURES_SIZE 65536u
#define ARGUMENT_SIZE	64u

static int receive(void *context, const void *bytes, size_t len)
{
	struct rig *rig = context;
	struct rig_record *record = &rig->records[rig->record_count];
	struct frpc_smq_rsp rsp = {0};

	assert_int_equal(len, sizeof(record->message));
	assert_true(rig->record_count < RIG_MAX_RECORDS);
	rig->record_count++;
	memcpy(&record->message, bytes, len);
	record->live = rig_view(rig, record->message.page_addr, record->message.page_size);
	record->meta = malloc(record->message.page_size);
	memcpy(record->meta, record->live, record->message.page_size);
	rsp.ctx = record->message.ctx;
	if (rig->method && record->message.handle != FRPC_HANDLE_PROCESS_GROUP)
		rsp.retval = rig->method(rig, record);
	if (rig->own && record->message.handle == FRPC_HANDLE_PROCESS_GROUP)
		rsp.retval = rig->own(rig, record);
	rig_unview(record->live, record->message.page_size);
	record->live = NULL;
	if (rig->unanswered && record->message.handle == RIG_HANDLE) {
		rig->unanswered--;
		return 0;
	}
	return emu_end_send(rig->dsp_end, &rsp, sizeof(rsp));
}

void rig_start(struct rig *rig, enum emu_dialect dialect, bool compat)
{
	rig_start_version(rig, dialect, compat, EMU_ML_6_12);
}

void rig_start_version(struct rig *rig, enum emu_dialect dialect, bool compat,
		       enum emu_version version)
{
	struct emu_driver_config config = {0};

	memset(rig, 0, sizeof(*rig));
	rig->dialect = dialect;
	rig->compat = compat;
	rig->file = -1;
	rig->task = (struct frpc_task){.tgid = getpid(), .tid = getpid(), .compat = compat};
	rig->structures = rig_reserve(0, STRUCTURES_SIZE, true);
	assert_int_equal(mprotect(rig->structures, STRUCTURES_SIZE, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(emu_clock_new(&rig->clock), 0);
	assert_int_equal(emu_rpmsg_new(&rig->driver_end, &rig->dsp_end), 0);
	config.clock = rig->clock;
	config.stats = &rig->stats;
	config.channels[dialect][3] = (struct emu_channel_config){
		.present = true,
		.unsigned_ok = true,
		.version = version,
		.end = rig->driver_end,
		.bank_count = 1,
		.banks[0].id = RIG_BANK,
	};
	assert_int_equal(emu_driver_new(&config, &rig->driver), 0);
	rig->smmu = emu_driver_channel(rig->driver, dialect, 3)->smmu;
	emu_end_connect(rig->dsp_end, receive, rig);
}

void rig_stop(struct rig *rig)
{
	emu_end_connect(rig->dsp_end, NULL, NULL);
	emu_driver_free(rig->driver);
	emu_end_free(rig->driver_end);
	emu_end_free(rig->dsp_end);
	emu_clock_free(rig->clock);
	munmap(rig->structures, STRUCTURES_SIZE);
	rig_forget(rig);
}

void rig_open(struct rig *rig)
{
	const char *node =
		rig->dialect == EMU_MAINLINE ? "/dev/fastrpc-cdsp" : "/dev/adsprpc-smd-secure";
	uint32_t domain = 3;

	rig->file = emu_driver_open(rig->driver, &rig->task, node, O_RDONLY);
	assert_true(rig->file >= 0);
	if (rig->dialect == EMU_DOWNSTREAM)
		assert_int_equal(rig_ioctl(rig, FRPC_DN_IOCTL_GETINFO, &domain, sizeof(domain)), 0);
}

void rig_close(struct rig *rig)
{
	assert_int_equal(emu_driver_close(rig->driver, &rig->task, rig->file), 0);
	rig->file = -1;
	assert_int_equal(emu_smmu_count(rig->smmu), 0);
}

void rig_forget(struct rig *rig)
{
	for (int i = 0; i < rig->record_count; i++)
		free(rig->records[i].meta);
	rig->record_count = 0;
}

/* What the client passes lies together, aligned as its compiler would align it. */
static uint64_t pass(struct rig *rig, const void *bytes, size_t len)
{
	uint8_t *at = rig->structures + rig->used;

	assert_true(rig->used + len <= STRUCTURES_SIZE);
	if (bytes)
		memcpy(at, bytes, len);
	rig->used += (len + 7) & ~(size_t)7;
	return (uintptr_t)at;
}

long rig_ioctl(struct rig *rig, uint32_t cmd, const void *arg, size_t len)
{
	uint64_t address;

	if (!len)
		return emu_driver_ioctl(rig->driver, &rig->task, rig->file, cmd, (uintptr_t)arg);
	rig->used = 0;
	address = pass(rig, arg, len);
	return emu_driver_ioctl(rig->driver, &rig->task, rig->file, cmd, (uintptr_t)address);
}

const void *rig_argument(struct rig *rig)
{
	return rig->structures;
}

static long invoke_mainline(struct rig *rig, uint32_t sc, const struct emu_user_arg *args)
{
	struct frpc_ml_invoke invoke = {RIG_HANDLE, sc, 0};
	uint32_t n = FRPC_SC_LENGTH(sc);
	struct frpc_ml_invoke_args *passed = calloc(n + 1, sizeof(*passed));

	for (uint32_t i = 0; i < n; i++)
		passed[i] = (struct frpc_ml_invoke_args){args[i].ptr, args[i].len, args[i].fd,
							 args[i].attr};
	rig->used = ARGUMENT_SIZE;
	invoke.args = pass(rig, passed, n * sizeof(*passed));
	free(passed);
	memcpy(rig->structures, &invoke, sizeof(invoke));
	return rig_ioctl(rig, FRPC_ML_IOCTL_INVOKE, &invoke, sizeof(invoke));
}

/* The array of arguments, and those of fds and attributes. */
static void pass_arrays(struct rig *rig, uint32_t n, const struct emu_user_arg *args,
			struct frpc_dn_invoke_attrs *invoke)
{
	struct frpc_dn_arg *wide = calloc(n + 1, sizeof(*wide));
	struct frpc_dn32_arg *narrow = calloc(n + 1, sizeof(*narrow));
	uint32_t *attrs = calloc(n + 1, sizeof(*attrs));
	int32_t *fds = calloc(n + 1, sizeof(*fds));

	for (uint32_t i = 0; i < n; i++) {
		wide[i] = (struct frpc_dn_arg){args[i].ptr, args[i].len};
		narrow[i] = (struct frpc_dn32_arg){(uint32_t)args[i].ptr, (uint32_t)args[i].len};
		fds[i] = args[i].fd;
		attrs[i] = args[i].attr;
	}
	rig->used = ARGUMENT_SIZE;
	invoke->inv.pra = rig->compat ? pass(rig, narrow, n * sizeof(*narrow))
				      : pass(rig, wide, n * sizeof(*wide));
	invoke->fds = pass(rig, fds, n * sizeof(*fds));
	invoke->attrs = pass(rig, attrs, n * sizeof(*attrs));
	free(wide);
	free(narrow);
	free(attrs);
	free(fds);
}

static long invoke_downstream(struct rig *rig, uint32_t sc, const struct emu_user_arg *args,
			      enum rig_form form)
{
	static const uint32_t wide[] = {FRPC_DN_IOCTL_INVOKE, FRPC_DN_IOCTL_INVOKE_FD,
					FRPC_DN_IOCTL_INVOKE_ATTRS};
	static const uint32_t narrow[] = {FRPC_DN32_IOCTL_INVOKE, FRPC_DN32_IOCTL_INVOKE_FD,
					  FRPC_DN32_IOCTL_INVOKE_ATTRS};
	struct frpc_dn_invoke_attrs invoke = {{RIG_HANDLE, sc, 0}, 0, 0};
	struct frpc_dn32_invoke_attrs small;

	pass_arrays(rig, FRPC_SC_LENGTH(sc), args, &invoke);
	if (!rig->compat)
		return rig_ioctl(rig, wide[form], &invoke, sizeof(invoke));
	small = (struct frpc_dn32_invoke_attrs){{RIG_HANDLE, sc, (uint32_t)invoke.inv.pra},
						(uint32_t)invoke.fds,
						(uint32_t)invoke.attrs};
	return rig_ioctl(rig, narrow[form], &small, sizeof(small));
}

long rig_invoke(struct rig *rig, uint32_t sc, const struct emu_user_arg *args, enum rig_form form)
{
	return rig->dialect == EMU_MAINLINE ? invoke_mainline(rig, sc, args)
					    : invoke_downstream(rig, sc, args, form);
}

uint8_t *rig_reserve(uint64_t wish, size_t len, bool low)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uint8_t *place = MAP_FAILED;

	if (wish && wish + len - 1 <= UINTPTR_MAX)
		place = mmap_at(wish, len, PROT_NONE, flags, -1);
	if (place == MAP_FAILED)
		place = low ? mmap_low(len, PROT_NONE, flags, -1)
			    : mmap(NULL, len, PROT_NONE, flags, -1, 0);
	assert_true(place != MAP_FAILED);
	return place;
}

uint8_t *rig_view(struct rig *rig, uint64_t address, uint64_t len)
{
	struct emu_memory *memory = emu_driver_memory(rig->driver, rig->dialect, 3);
	struct emu_backing backing;
	uint64_t skew;
	uint8_t *view;

	assert_int_equal(emu_memory_resolve(memory, address, len, true, &backing), 0);
	skew = backing.offset & 4095;
	view = mmap(NULL, len + skew, PROT_READ | PROT_WRITE, MAP_SHARED, backing.fd,
		    (off_t)(backing.offset - skew));
	assert_true(view != MAP_FAILED);
	close(backing.fd);
	return view + skew;
}

void rig_unview(uint8_t *view, uint64_t len)
{
	uint64_t skew = (uintptr_t)view & 4095;

	munmap(view - skew, len + skew);
}

union frpc_smq_arg rig_arg(const struct rig_record *record, uint32_t i)
{
	union frpc_smq_arg arg;

	memcpy(&arg, record->meta + 16 * i, sizeof(arg));
	return arg;
}

struct frpc_smq_page rig_page(const struct rig_record *record, uint32_t i)
{
	struct frpc_smq_page page;

	memcpy(&page, record->meta + 24 * FRPC_SC_LENGTH(record->message.sc) + 16 * i,
	       sizeof(page));
	return page;
}

uint64_t rig_device(const struct rig_record *record, uint32_t i)
{
	return rig_page(record, i).addr + (rig_arg(record, i).buf.pv & 4095);
}

void rig_fetch(struct rig *rig, const struct rig_record *record, uint32_t i, void *to, size_t len)
{
	uint8_t *view;

	assert_int_equal(rig_arg(record, i).buf.len, len);
	view = rig_view(rig, rig_device(record, i), len);
	memcpy(to, view, len);
	rig_unview(view, len);
}
