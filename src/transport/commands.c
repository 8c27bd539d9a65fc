/* SPDX-License-Identifier: BSD-3-Clause */
#include "commands.h"

#include <string.h>
#include <strings.h>

#include <fastrpc/abi/mainline.h>

#include "own_abi.h"

#define FIELD(type, member, name, form, out)                         \
	{                                                            \
		name, offsetof(type, member), FRPC_FIELD_##form, out \
	}

/* An address or a size: as wide as the program's layout has it. */
#define NUMBER(type, member, name, out)                                                          \
	{                                                                                        \
		name, offsetof(type, member),                                                    \
			sizeof(((type *)0)->member) == 8 ? FRPC_FIELD_WIDE : FRPC_FIELD_HEX, out \
	}

static const struct frpc_command mainline[] = {
	{
		.cmd = FRPC_ML_IOCTL_INVOKE,
		.name = "INVOKE",
		.args = FRPC_ARGS_MAINLINE,
		.fields = {FIELD(struct frpc_ml_invoke, handle, "handle", HEX, false),
			   FIELD(struct frpc_ml_invoke, sc, "sc", HEX, false)},
	},
	{
		.cmd = FRPC_ML_IOCTL_INIT_ATTACH,
		.name = "INIT_ATTACH",
	},
	{
		.cmd = FRPC_ML_IOCTL_INIT_ATTACH_SNS,
		.name = "INIT_ATTACH_SNS",
	},
	{
		.cmd = FRPC_ML_IOCTL_INIT_CREATE,
		.name = "INIT_CREATE",
		.fields = {FIELD(struct frpc_ml_init_create, filelen, "filelen", INT, false),
			   FIELD(struct frpc_ml_init_create, filefd, "filefd", INT, false),
			   FIELD(struct frpc_ml_init_create, attrs, "attrs", HEX, false),
			   FIELD(struct frpc_ml_init_create, siglen, "siglen", INT, false)},
	},
	{
		.cmd = FRPC_ML_IOCTL_INIT_CREATE_STATIC,
		.name = "INIT_CREATE_STATIC",
		.fields = {FIELD(struct frpc_ml_init_create_static, namelen, "namelen", INT, false),
			   FIELD(struct frpc_ml_init_create_static, memlen, "memlen", INT, false)},
	},
	{
		.cmd = FRPC_ML_IOCTL_ALLOC_DMA_BUFF,
		.name = "ALLOC_DMA_BUFF",
		.fields = {FIELD(struct frpc_ml_alloc_dma_buf, size, "size", WIDE, false),
			   FIELD(struct frpc_ml_alloc_dma_buf, flags, "flags", HEX, false),
			   FIELD(struct frpc_ml_alloc_dma_buf, fd, "fd", INT, true)},
	},
	{
		.cmd = FRPC_ML_IOCTL_FREE_DMA_BUFF,
		.name = "FREE_DMA_BUFF",
	},
	{
		.cmd = FRPC_ML_IOCTL_MMAP,
		.name = "MMAP",
		.fields = {FIELD(struct frpc_ml_req_mmap, flags, "flags", HEX, false),
			   FIELD(struct frpc_ml_req_mmap, vaddrin, "vaddrin", WIDE, false),
			   FIELD(struct frpc_ml_req_mmap, size, "size", WIDE, false),
			   FIELD(struct frpc_ml_req_mmap, vaddrout, "vaddrout", WIDE, true)},
	},
	{
		.cmd = FRPC_ML_IOCTL_MUNMAP,
		.name = "MUNMAP",
		.fields = {FIELD(struct frpc_ml_req_munmap, vaddrout, "vaddrout", WIDE, false),
			   FIELD(struct frpc_ml_req_munmap, size, "size", WIDE, false)},
	},
	{
		.cmd = FRPC_ML_IOCTL_MEM_MAP,
		.name = "MEM_MAP",
		.fields = {FIELD(struct frpc_ml_mem_map, fd, "fd", INT, false),
			   FIELD(struct frpc_ml_mem_map, offset, "offset", INT, false),
			   FIELD(struct frpc_ml_mem_map, flags, "flags", HEX, false),
			   FIELD(struct frpc_ml_mem_map, vaddrin, "vaddrin", WIDE, false),
			   FIELD(struct frpc_ml_mem_map, length, "length", WIDE, false),
			   FIELD(struct frpc_ml_mem_map, attrs, "attrs", HEX, false),
			   FIELD(struct frpc_ml_mem_map, vaddrout, "vaddrout", WIDE, true)},
	},
	{
		.cmd = FRPC_ML_IOCTL_MEM_UNMAP,
		.name = "MEM_UNMAP",
		.fields = {FIELD(struct frpc_ml_mem_unmap, fd, "fd", INT, false),
			   FIELD(struct frpc_ml_mem_unmap, vaddr, "vaddr", WIDE, false),
			   FIELD(struct frpc_ml_mem_unmap, length, "length", WIDE, false)},
	},
	{
		.cmd = FRPC_ML_IOCTL_SET_OPTION,
		.name = "SET_OPTION",
		.fields = {FIELD(struct frpc_ml_set_option, request_id, "request_id", INT, false),
			   FIELD(struct frpc_ml_set_option, value, "value", HEX, false)},
	},
	{
		.cmd = FRPC_ML_IOCTL_GET_DSP_INFO,
		.name = "GET_DSP_INFO",
		.fields = {FIELD(struct frpc_ml_capability, domain, "domain", INT, false),
			   FIELD(struct frpc_ml_capability, attribute_id, "attribute_id", INT,
				 false),
			   FIELD(struct frpc_ml_capability, capability, "capability", HEX, true)},
	},
};

static const struct frpc_command downstream[] = {
	{
		.cmd = FRPC_OWN_DN_IOCTL(INVOKE),
		.name = "INVOKE",
		.args = FRPC_ARGS_DOWNSTREAM,
		.fields = {FIELD(FRPC_OWN_DN(invoke), handle, "handle", HEX, false),
			   FIELD(FRPC_OWN_DN(invoke), sc, "sc", HEX, false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(INVOKE_FD),
		.name = "INVOKE_FD",
		.args = FRPC_ARGS_DOWNSTREAM,
		.fields = {FIELD(FRPC_OWN_DN(invoke_fd), inv.handle, "handle", HEX, false),
			   FIELD(FRPC_OWN_DN(invoke_fd), inv.sc, "sc", HEX, false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(INVOKE_ATTRS),
		.name = "INVOKE_ATTRS",
		.args = FRPC_ARGS_DOWNSTREAM,
		.fields = {FIELD(FRPC_OWN_DN(invoke_attrs), inv.handle, "handle", HEX, false),
			   FIELD(FRPC_OWN_DN(invoke_attrs), inv.sc, "sc", HEX, false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(INVOKE_CRC),
		.name = "INVOKE_CRC",
		.args = FRPC_ARGS_DOWNSTREAM,
		.fields = {FIELD(FRPC_OWN_DN(invoke_crc), inv.handle, "handle", HEX, false),
			   FIELD(FRPC_OWN_DN(invoke_crc), inv.sc, "sc", HEX, false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(INVOKE_PERF),
		.name = "INVOKE_PERF",
		.args = FRPC_ARGS_DOWNSTREAM,
		.fields = {FIELD(FRPC_OWN_DN(invoke_perf), inv.handle, "handle", HEX, false),
			   FIELD(FRPC_OWN_DN(invoke_perf), inv.sc, "sc", HEX, false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(INVOKE2),
		.name = "INVOKE2",
		.fields = {FIELD(FRPC_OWN_DN(invoke2), req, "req", INT, false),
			   FIELD(FRPC_OWN_DN(invoke2), size, "size", INT, false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(INIT),
		.name = "INIT",
		.fields = {FIELD(FRPC_OWN_DN(init), flags, "flags", INT, false),
			   FIELD(FRPC_OWN_DN(init), filelen, "filelen", INT, false),
			   FIELD(FRPC_OWN_DN(init), filefd, "filefd", INT, false),
			   FIELD(FRPC_OWN_DN(init), memlen, "memlen", INT, false),
			   FIELD(FRPC_OWN_DN(init), memfd, "memfd", INT, false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(INIT_ATTRS),
		.name = "INIT_ATTRS",
		.fields = {FIELD(FRPC_OWN_DN(init_attrs), init.flags, "flags", INT, false),
			   FIELD(FRPC_OWN_DN(init_attrs), init.filelen, "filelen", INT, false),
			   FIELD(FRPC_OWN_DN(init_attrs), init.filefd, "filefd", INT, false),
			   FIELD(FRPC_OWN_DN(init_attrs), init.memlen, "memlen", INT, false),
			   FIELD(FRPC_OWN_DN(init_attrs), init.memfd, "memfd", INT, false),
			   FIELD(FRPC_OWN_DN(init_attrs), attrs, "attrs", HEX, false),
			   FIELD(FRPC_OWN_DN(init_attrs), siglen, "siglen", INT, false)},
	},
	{
		.cmd = FRPC_DN_IOCTL_SETMODE,
		.name = "SETMODE",
		.value = true,
	},
	{
		.cmd = FRPC_DN_IOCTL_GETINFO,
		.name = "GETINFO",
		.fields = {{"channel", 0, FRPC_FIELD_INT, false},
			   {"smmu", 0, FRPC_FIELD_INT, true}},
	},
	{
		.cmd = FRPC_DN_IOCTL_CONTROL,
		.name = "CONTROL",
		.fields = {FIELD(struct frpc_dn_control, req, "req", INT, false),
			   FIELD(struct frpc_dn_control, lp.enable, "enable", HEX, false),
			   FIELD(struct frpc_dn_control, lp.latency, "latency", INT, false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(MMAP),
		.name = "MMAP",
		.fields = {FIELD(FRPC_OWN_DN(mmap), fd, "fd", INT, false),
			   FIELD(FRPC_OWN_DN(mmap), flags, "flags", HEX, false),
			   NUMBER(FRPC_OWN_DN(mmap), vaddrin, "vaddrin", false),
			   NUMBER(FRPC_OWN_DN(mmap), size, "size", false),
			   NUMBER(FRPC_OWN_DN(mmap), vaddrout, "vaddrout", true)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(MUNMAP),
		.name = "MUNMAP",
		.fields = {NUMBER(FRPC_OWN_DN(munmap), vaddrout, "vaddrout", false),
			   NUMBER(FRPC_OWN_DN(munmap), size, "size", false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(MUNMAP_FD),
		.name = "MUNMAP_FD",
		.fields = {FIELD(FRPC_OWN_DN(munmap_fd), fd, "fd", INT, false),
			   FIELD(FRPC_OWN_DN(munmap_fd), flags, "flags", HEX, false),
			   NUMBER(FRPC_OWN_DN(munmap_fd), va, "va", false),
			   NUMBER(FRPC_OWN_DN(munmap_fd), len, "len", false)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(MMAP_64),
		.name = "MMAP_64",
		.fields = {FIELD(FRPC_OWN_DN_MMAP_64, fd, "fd", INT, false),
			   FIELD(FRPC_OWN_DN_MMAP_64, flags, "flags", HEX, false),
			   NUMBER(FRPC_OWN_DN_MMAP_64, vaddrin, "vaddrin", false),
			   NUMBER(FRPC_OWN_DN_MMAP_64, size, "size", false),
			   NUMBER(FRPC_OWN_DN_MMAP_64, vaddrout, "vaddrout", true)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(MUNMAP_64),
		.name = "MUNMAP_64",
		.fields = {NUMBER(FRPC_OWN_DN_MUNMAP_64, vaddrout, "vaddrout", false),
			   NUMBER(FRPC_OWN_DN_MUNMAP_64, size, "size", false)},
	},
	{
		.cmd = FRPC_DN_IOCTL_GET_DSP_INFO,
		.name = "GET_DSP_INFO",
		.fields = {FIELD(struct frpc_dn_capability, domain, "domain", INT, false),
			   FIELD(struct frpc_dn_capability, attribute_id, "attribute_id", INT,
				 false),
			   FIELD(struct frpc_dn_capability, capability, "capability", HEX, true)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(MEM_MAP),
		.name = "MEM_MAP",
		.fields = {FIELD(FRPC_OWN_DN(mem_map), fd, "fd", INT, false),
			   FIELD(FRPC_OWN_DN(mem_map), offset, "offset", INT, false),
			   FIELD(FRPC_OWN_DN(mem_map), flags, "flags", HEX, false),
			   FIELD(FRPC_OWN_DN(mem_map), attrs, "attrs", HEX, false),
			   NUMBER(FRPC_OWN_DN(mem_map), vaddrin, "vaddrin", false),
			   NUMBER(FRPC_OWN_DN(mem_map), length, "length", false),
			   NUMBER(FRPC_OWN_DN(mem_map), vaddrout, "vaddrout", true)},
	},
	{
		.cmd = FRPC_OWN_DN_IOCTL(MEM_UNMAP),
		.name = "MEM_UNMAP",
		.fields = {FIELD(FRPC_OWN_DN(mem_unmap), fd, "fd", INT, false),
			   NUMBER(FRPC_OWN_DN(mem_unmap), vaddr, "vaddr", false),
			   NUMBER(FRPC_OWN_DN(mem_unmap), length, "length", false)},
	},
	{
		.cmd = FRPC_DN_IOCTL_NOTIF_RSP,
		.name = "NOTIF_RSP",
		.fields = {FIELD(struct frpc_dn_notif_rsp, domain, "domain", INT, true),
			   FIELD(struct frpc_dn_notif_rsp, session, "session", INT, true),
			   FIELD(struct frpc_dn_notif_rsp, status, "status", INT, true)},
	},
	{
		.cmd = FRPC_DN_IOCTL_DSPSIGNAL_CREATE,
		.name = "DSPSIGNAL_CREATE",
		.fields = {FIELD(struct frpc_dn_dspsignal_create, signal_id, "signal_id", INT,
				 false),
			   FIELD(struct frpc_dn_dspsignal_create, flags, "flags", HEX, false)},
	},
	{
		.cmd = FRPC_DN_IOCTL_DSPSIGNAL_DESTROY,
		.name = "DSPSIGNAL_DESTROY",
		.fields = {{"signal_id", 0, FRPC_FIELD_INT, false}},
	},
	{
		.cmd = FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL,
		.name = "DSPSIGNAL_SIGNAL",
		.fields = {{"signal_id", 0, FRPC_FIELD_INT, false}},
	},
	{
		.cmd = FRPC_DN_IOCTL_DSPSIGNAL_WAIT,
		.name = "DSPSIGNAL_WAIT",
		.fields = {FIELD(struct frpc_dn_dspsignal_wait, signal_id, "signal_id", INT, false),
			   FIELD(struct frpc_dn_dspsignal_wait, timeout_usec, "timeout_usec", INT,
				 false)},
	},
	{
		.cmd = FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT,
		.name = "DSPSIGNAL_CANCEL_WAIT",
		.fields = {{"signal_id", 0, FRPC_FIELD_INT, false}},
	},
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct {
	const struct frpc_command *commands;
	size_t count;
} tables[] = {
	[FRPC_COMMANDS_UNKNOWN] = {NULL, 0},
	[FRPC_COMMANDS_MAINLINE] = {mainline, COUNT(mainline)},
	[FRPC_COMMANDS_DOWNSTREAM] = {downstream, COUNT(downstream)},
};

enum frpc_command_table frpc_commands_of(const char *path)
{
	if (!strncmp(path, "/dev/fastrpc-", 13))
		return FRPC_COMMANDS_MAINLINE;
	if (!strncmp(path, "/dev/adsprpc-smd", 16))
		return FRPC_COMMANDS_DOWNSTREAM;
	return FRPC_COMMANDS_UNKNOWN;
}

const struct frpc_command *frpc_command_find(enum frpc_command_table table, uint32_t cmd)
{
	for (size_t i = 0; i < tables[table].count; i++)
		if (tables[table].commands[i].cmd == cmd)
			return &tables[table].commands[i];
	return NULL;
}

bool frpc_command_has_name(const struct frpc_command *command, const char *name)
{
	return !strcasecmp(command->name, name) || (command->args && !strcasecmp(name, "invoke"));
}

bool frpc_command_is_name(const char *name)
{
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t].count; i++)
			if (frpc_command_has_name(&tables[t].commands[i], name))
				return true;
	return false;
}
