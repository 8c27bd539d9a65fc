/* SPDX-License-Identifier: BSD-3-Clause */
#include "box.h"

#include <stdio.h>

/* The @len bytes at @address, as far as the SMMU lets the DSP see them. */
static int reach(struct box *box, uint32_t domain, uint64_t address, void *bytes, size_t len,
		 bool write_them)
{
	struct emu_backing backing;
	int res = emu_memory_resolve(box->memory[domain], address, len, true, &backing);

	if (res)
		return res;
	if (write_them)
		res = pwrite(backing.fd, bytes, len, (off_t)backing.offset) == (ssize_t)len;
	else
		res = pread(backing.fd, bytes, len, (off_t)backing.offset) == (ssize_t)len;
	close(backing.fd);
	return res ? 0 : -EIO;
}

static void keep_args(struct box *box, uint32_t domain, struct box_call *call)
{
	uint64_t n = FRPC_SC_LENGTH(call->message.sc), base = call->message.page_addr;

	for (uint32_t i = 0; i < n && i < ARGS_KEPT; i++) {
		uint64_t len;

		reach(box, domain, base + FRPC_SMQ_ARGS_AT(n) + 16 * i, &call->args[i].arg, 16,
		      false);
		reach(box, domain, base + FRPC_SMQ_LIST_AT(n) + 8 * i, &call->args[i].list, 8,
		      false);
		reach(box, domain, base + FRPC_SMQ_PAGES_AT(n) + 16 * i, &call->args[i].page, 16,
		      false);
		if (i >= FRPC_SC_BUFS(call->message.sc) || !call->args[i].arg.buf.len)
			continue;
		len = call->args[i].arg.buf.len < BYTES_KEPT ? call->args[i].arg.buf.len
							     : BYTES_KEPT;
		call->args[i].resolved =
			reach(box, domain,
			      call->args[i].page.addr + (call->args[i].arg.buf.pv & (PAGE - 1)),
			      call->args[i].bytes, len, false);
	}
}

/* What the root PD would say: an address for maps, capabilities of none. */
static void answer_driver(struct box *box, uint32_t domain, struct box_call *call)
{
	uint32_t sc = call->message.sc, at = FRPC_SC_INBUFS(sc);
	uint64_t address = box->next_address ? box->next_address : DSP_ADDRESS + box->count * MIB;

	if (sc != FRPC_SC_MMAP && sc != FRPC_SC_MEM_MAP)
		return;
	reach(box, domain, call->args[at].page.addr + (call->args[at].arg.buf.pv & (PAGE - 1)),
	      &address, sizeof(address), true);
	box->next_address = 0;
}

static void answer_capabilities(struct box *box, uint32_t domain, struct box_call *call)
{
	if (call->message.sc == FRPC_SC_CAPABILITIES)
		reach(box, domain,
		      call->args[1].page.addr + (call->args[1].arg.buf.pv & (PAGE - 1)),
		      &box->capabilities[1], 255 * 4, true);
}

static int receive(struct box *box, uint32_t domain, const void *bytes, size_t len)
{
	struct box_call *call = &box->calls[box->count % CALLS_KEPT];
	struct frpc_smq_rsp rsp = {0};

	if (len != sizeof(call->message))
		return -EINVAL;
	memset(call, 0, sizeof(*call));
	memcpy(&call->message, bytes, sizeof(call->message));
	keep_args(box, domain, call);
	if (call->message.handle == FRPC_HANDLE_PROCESS_GROUP) {
		rsp.retval = box->refuse[FRPC_SC_METHOD(call->message.sc)];
		box->refuse[FRPC_SC_METHOD(call->message.sc)] = 0;
		if (!rsp.retval)
			answer_driver(box, domain, call);
	} else if (call->message.handle == FRPC_HANDLE_DSP_UTILITIES) {
		answer_capabilities(box, domain, call);
	} else {
		uint64_t n = FRPC_SC_LENGTH(call->message.sc);

		for (uint32_t i = 0; i < box->fds_count; i++) {
			uint64_t fd = box->fds_listed[i];

			reach(box, domain, call->message.page_addr + FRPC_SMQ_FDS_AT(n) + 8 * i,
			      &fd, sizeof(fd), true);
		}
		if (box->during)
			box->during(box, call);
	}
	box->count++;
	if (box->hold && call->message.handle > FRPC_HANDLE_DSP_UTILITIES) {
		box->hold = false;
		box->held_ctx = call->message.ctx;
		sem_post(&box->held);
		return 0;
	}
	rsp.ctx = call->message.ctx;
	if (box->before && call->message.handle == FRPC_HANDLE_PROCESS_GROUP)
		box->before(box, call);
	emu_end_send(box->dsp[domain], &rsp, sizeof(rsp));
	return 0;
}

void box_answer(struct box *box, uint32_t domain)
{
	const struct frpc_smq_rsp rsp = {.ctx = box->held_ctx};

	emu_end_send(box->dsp[domain], &rsp, sizeof(rsp));
}

#define RECEIVE(domain)                                                           \
	static int receive_##domain(void *context, const void *bytes, size_t len) \
	{                                                                         \
		return receive(context, domain, bytes, len);                      \
	}
RECEIVE(0)
RECEIVE(1)
RECEIVE(2)
RECEIVE(3)
RECEIVE(4)

static emu_receive_fn *const receivers[5] = {receive_0, receive_1, receive_2, receive_3, receive_4};

void box_reconnect(struct box *box, uint32_t domain)
{
	emu_end_connect(box->dsp[domain], receivers[domain], box);
}

void box_start(struct box *box, const char *spec, bool compat)
{
	enum emu_dialect dialect =
		spec && strstr(spec, "abi=mainline") ? EMU_MAINLINE : EMU_DOWNSTREAM;
	char text[256] = "";

	memset(box, 0, sizeof(*box));
	box->compat = compat;
	box->file = -1;
	sem_init(&box->held, 0, 0);
	if (frpc_emulator_new(spec, &box->emulator, text, sizeof(text)))
		fail_msg("%s: %s", spec, text);
	box->low = mmap_low(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	assert_ptr_not_equal(box->low, MAP_FAILED);
	for (uint32_t domain = 0; domain < 5; domain++) {
		struct emu_machine *machine = box->emulator->machine;

		box->dsp[domain] = emu_machine_dsp_end(machine, dialect, domain);
		box->memory[domain] =
			emu_driver_memory(emu_machine_driver(machine), dialect, domain);
		if (box->dsp[domain])
			box_reconnect(box, domain);
	}
}

void box_stop(struct box *box)
{
	if (!box->emulator)
		return;
	box->during = NULL;
	box_close(box);
	for (uint32_t domain = 0; domain < 5; domain++)
		if (box->dsp[domain])
			emu_end_connect(box->dsp[domain], NULL, NULL);
	frpc_emulator_free(box->emulator);
	munmap(box->low, PAGE);
	sem_destroy(&box->held);
	box->emulator = NULL;
}

void box_forget(struct box *box)
{
	box->count = 0;
	memset(box->calls, 0, sizeof(box->calls));
}

const struct box_call *box_find(const struct box *box, uint32_t sc)
{
	for (uint32_t i = box->count; i; i--) {
		const struct box_call *call = &box->calls[(i - 1) % CALLS_KEPT];

		if (call->message.handle == FRPC_HANDLE_PROCESS_GROUP && call->message.sc == sc)
			return call;
	}
	return NULL;
}

uint32_t box_count(const struct box *box, uint32_t sc)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < box->count && i < CALLS_KEPT; i++)
		count += box->calls[i].message.handle == FRPC_HANDLE_PROCESS_GROUP &&
			 box->calls[i].message.sc == sc;
	return count;
}

long box_open(struct box *box, const char *node)
{
	box->file = frpc_emulator_open(box->emulator, node, O_RDONLY);
	return box->file;
}

void box_close(struct box *box)
{
	if (box->file >= 0)
		frpc_emulator_close(box->emulator, box->file);
	box->file = -1;
}

long box_ioctl(struct box *box, uint32_t cmd, void *arg)
{
	return frpc_emulator_ioctl(box->emulator, box->file, cmd, (uintptr_t)arg, box->compat);
}

long box_getinfo(struct box *box, uint32_t channel, uint32_t *ret_smmu)
{
	uint32_t word = channel;
	long res = box_ioctl(box, FRPC_DN_IOCTL_GETINFO, &word);

	if (ret_smmu)
		*ret_smmu = word;
	return res;
}

long box_sess_info(struct box *box, struct frpc_dn_sess_info *info)
{
	struct frpc_dn_invoke2 invoke2 = {
		.req = FRPC_DN_INVOKE2_SESS_INFO,
		.invparam = (uintptr_t)info,
		.size = sizeof(*info),
	};

	return frpc_emulator_ioctl(box->emulator, box->file, FRPC_DN_IOCTL_INVOKE2,
				   (uintptr_t)&invoke2, false);
}

long box_init(struct box *box, const struct frpc_dn_init_attrs *init)
{
	struct frpc_dn_init_attrs wide = *init;
	struct frpc_dn32_init_attrs narrow = {
		.init =
			{
				.flags = init->init.flags,
				.file = (uint32_t)init->init.file,
				.filelen = init->init.filelen,
				.filefd = init->init.filefd,
				.mem = (uint32_t)init->init.mem,
				.memlen = init->init.memlen,
				.memfd = init->init.memfd,
			},
		.attrs = init->attrs,
		.siglen = init->siglen,
	};

	return box->compat ? box_ioctl(box, FRPC_DN32_IOCTL_INIT_ATTRS, &narrow)
			   : box_ioctl(box, FRPC_DN_IOCTL_INIT_ATTRS, &wide);
}

long box_create(struct box *box, uint32_t attrs)
{
	struct box_buffer shell = box_buffer(PAGE);
	long res = box_init(box, &(struct frpc_dn_init_attrs){
					 .init = {.flags = FRPC_DN_INIT_CREATE,
						  .file = (uintptr_t)shell.bytes,
						  .filelen = PAGE,
						  .filefd = shell.fd,
						  .memfd = -1},
					 .attrs = (int32_t)attrs,
				 });

	box_drop(&shell);
	return res;
}

void box_ready(struct box *box, uint32_t channel, uint32_t attrs)
{
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, channel, NULL), 0);
	assert_int_equal(box_create(box, attrs), 0);
	box_forget(box);
}

long box_mmap(struct box *box, int fd, uint32_t flags, uint64_t va, uint64_t size, uint64_t *ret)
{
	struct frpc_dn_mmap wide = {fd, flags, va, size, 0};
	struct frpc_dn32_mmap_64 narrow = {
		.fd = fd, .flags = flags, .vaddrin = va, .size = (uint32_t)size};
	long res = box_ioctl(box, FRPC_DN_IOCTL_MMAP_64, box->compat ? (void *)&narrow : &wide);

	if (ret)
		*ret = box->compat ? narrow.vaddrout : wide.vaddrout;
	return res;
}

long box_munmap(struct box *box, uint64_t address, uint64_t size)
{
	struct frpc_dn_munmap wide = {address, size};
	struct frpc_dn32_munmap_64 narrow = {.vaddrout = address, .size = (uint32_t)size};

	return box_ioctl(box, FRPC_DN_IOCTL_MUNMAP_64, box->compat ? (void *)&narrow : &wide);
}

long box_mem_map(struct box *box, int fd, uint32_t flags, uint32_t attrs, uint64_t va, uint64_t len,
		 uint64_t *ret)
{
	struct frpc_dn_mem_map wide = {
		.fd = fd,
		.offset = 0x123,
		.flags = flags,
		.attrs = (int32_t)attrs,
		.vaddrin = va,
		.length = len,
	};
	struct frpc_dn32_mem_map narrow = {
		.fd = fd,
		.offset = 0x123,
		.flags = flags,
		.attrs = (int32_t)attrs,
		.vaddrin = (uint32_t)va,
		.length = (uint32_t)len,
	};
	long res = box_ioctl(box, FRPC_DN_IOCTL_MEM_MAP, box->compat ? (void *)&narrow : &wide);

	if (ret)
		*ret = box->compat ? narrow.vaddrout : wide.vaddrout;
	return res;
}

long box_mem_unmap(struct box *box, int fd, uint64_t address, uint64_t len)
{
	struct frpc_dn_mem_unmap wide = {.fd = fd, .vaddr = address, .length = len};
	struct frpc_dn32_mem_unmap narrow = {.fd = fd, .vaddr = address, .length = (uint32_t)len};

	return box_ioctl(box, FRPC_DN_IOCTL_MEM_UNMAP, box->compat ? (void *)&narrow : &wide);
}

long box_munmap_fd(struct box *box, int fd, uint64_t va, uint64_t len)
{
	struct frpc_dn_munmap_fd unmap = {.fd = fd, .va = va, .len = len};

	return box_ioctl(box, FRPC_DN_IOCTL_MUNMAP_FD, &unmap);
}

long box_invoke(struct box *box, uint32_t handle, uint32_t sc, const struct box_arg *args)
{
	uint32_t n = FRPC_SC_LENGTH(sc);
	struct {
		union {
			struct frpc_dn_arg wide[32];
			struct frpc_dn32_arg narrow[32];
		};
		int32_t fds[32];
		uint32_t attrs[32];
		struct frpc_dn_invoke_attrs wide_call;
		struct frpc_dn32_invoke_attrs narrow_call;
	} *low = (void *)box->low;

	assert_true(n <= 32 && sizeof(*low) <= PAGE);
	for (uint32_t i = 0; i < n; i++) {
		if (box->compat)
			low->narrow[i] =
				(struct frpc_dn32_arg){(uint32_t)args[i].pv, (uint32_t)args[i].len};
		else
			low->wide[i] = (struct frpc_dn_arg){args[i].pv, args[i].len};
		low->fds[i] = args[i].fd;
		low->attrs[i] = args[i].attr;
	}
	low->wide_call = (struct frpc_dn_invoke_attrs){
		{handle, sc, (uintptr_t)low->wide}, (uintptr_t)low->fds, (uintptr_t)low->attrs};
	low->narrow_call =
		(struct frpc_dn32_invoke_attrs){{handle, sc, (uint32_t)(uintptr_t)low->narrow},
						(uint32_t)(uintptr_t)low->fds,
						(uint32_t)(uintptr_t)low->attrs};
	return box->compat ? box_ioctl(box, FRPC_DN32_IOCTL_INVOKE_ATTRS, &low->narrow_call)
			   : box_ioctl(box, FRPC_DN_IOCTL_INVOKE_ATTRS, &low->wide_call);
}

bool box_sleeps(pid_t tid)
{
	char path[64], line[128] = "";
	const char *behind_name = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	file = fopen(path, "re");
	if (file && fgets(line, sizeof(line), file))
		behind_name = strrchr(line, ')');
	if (file)
		fclose(file);
	return behind_name && behind_name[1] && behind_name[2] == 'S';
}

struct box_buffer box_buffer(size_t size)
{
	struct box_buffer buffer = {.fd = memfd_create("box", MFD_CLOEXEC | MFD_ALLOW_SEALING),
				    .size = size};

	assert_true(buffer.fd >= 0);
	assert_int_equal(ftruncate(buffer.fd, (off_t)size), 0);
	buffer.bytes = mmap_low(size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd);
	assert_ptr_not_equal(buffer.bytes, MAP_FAILED);
	return buffer;
}

void box_drop(struct box_buffer *buffer)
{
	munmap(buffer->bytes, buffer->size);
	close(buffer->fd);
	buffer->fd = -1;
}

struct frpc_emulator_memory box_memory(struct box *box)
{
	struct frpc_emulator_memory memory;

	assert_int_equal(frpc_emulator_get_memory(box->emulator, box->file, &memory, NULL, 0), 0);
	return memory;
}

struct frpc_emulator_map box_map(struct box *box)
{
	struct frpc_emulator_memory memory;
	struct frpc_emulator_map map;

	assert_int_equal(frpc_emulator_get_memory(box->emulator, box->file, &memory, &map, 1), 0);
	assert_int_equal(memory.maps, 1);
	return map;
}

uint32_t box_maps(struct box *box)
{
	return box_memory(box).maps;
}

static int setup(void **state, bool compat)
{
	struct box *box = calloc(1, sizeof(*box));

	if (!box)
		return -1;
	box->compat = compat;
	*state = box;
	return 0;
}

int box_setup_64(void **state)
{
	return setup(state, false);
}

int box_setup_32(void **state)
{
	return setup(state, true);
}

int box_teardown(void **state)
{
	box_stop(*state);
	free(*state);
	return 0;
}
