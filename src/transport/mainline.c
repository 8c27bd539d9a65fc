/* SPDX-License-Identifier: BSD-3-Clause */
/* The mainline dialect: one or two nodes a domain, arguments with their fds in one array. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

#include "dialect.h"

struct mainline_remote {
	struct frpc_remote remote;
	struct frpc_file file;
};

static struct mainline_remote *to_mainline(struct frpc_remote *remote)
{
	return (struct mainline_remote *)remote;
}

static void put_remote(struct mainline_remote *mainline)
{
	if (frpc_file_put(&mainline->file))
		free(mainline);
}

/* Runs one command on @remote; the file stays open until it has returned. */
static int run(struct frpc_remote *remote, uint32_t cmd, void *arg, int32_t *ret_status)
{
	struct mainline_remote *mainline = to_mainline(remote);
	int32_t status = 0;
	int res;

	frpc_file_get(&mainline->file);
	res = frpc_result_split(frpc_file_ioctl(&mainline->file, cmd, arg), &status);
	put_remote(mainline);
	*ret_status = status;
	return res;
}

/* The secure node first: where both exist, it serves signed and unsigned processes. */
static int open_node(struct frpc_device *device, uint32_t domain, struct frpc_open_report *report)
{
	const char *name = frpc_domain_name(domain);
	char path[64];
	int file;

	if (!name)
		return -ENODEV;
	snprintf(path, sizeof(path), "/dev/fastrpc-%s-secure", name);
	file = frpc_device_try_open(device, path, O_RDONLY | O_NONBLOCK, report);
	if (file != -ENOENT && file != -EACCES)
		return file;
	snprintf(path, sizeof(path), "/dev/fastrpc-%s", name);
	return frpc_device_try_open(device, path, O_RDONLY | O_NONBLOCK, report);
}

static int mainline_open(struct frpc_transport *transport, uint32_t domain, uint32_t session,
			 struct frpc_open_report *report, struct frpc_remote **ret_remote)
{
	struct mainline_remote *mainline;
	int file;

	(void)session; /* each open file is a session of its own */
	mainline = calloc(1, sizeof(*mainline));
	if (!mainline)
		return -ENOMEM;
	file = open_node(transport->device, domain, report);
	if (file < 0) {
		free(mainline);
		return file;
	}
	mainline->remote.transport = transport;
	frpc_file_init(&mainline->file, transport->device, file);
	*ret_remote = &mainline->remote;
	return 0;
}

static int mainline_create(struct frpc_remote *remote, const struct frpc_process_params *params,
			   int32_t *ret_status)
{
	struct frpc_ml_init_create create = {
		.filelen = params->shell_len,
		.filefd = params->shell_fd,
		.attrs = params->attrs,
		.siglen = params->siglen,
		.file = (uintptr_t)params->shell,
	};

	/* The driver takes the size of the initial memory from the shell alone. */
	return run(remote, FRPC_ML_IOCTL_INIT_CREATE, &create, ret_status);
}

static int create_audio(struct frpc_remote *remote, int32_t *ret_status)
{
	struct frpc_ml_init_create_static create = {
		.namelen = sizeof(FRPC_AUDIO_PD),
		.memlen = FRPC_AUDIO_PD_HEAP,
		.name = (uintptr_t)FRPC_AUDIO_PD,
	};
	int res = run(remote, FRPC_ML_IOCTL_INIT_CREATE_STATIC, &create, ret_status);

	return res == -ENOTTY ? -EOPNOTSUPP : res;
}

static int mainline_attach(struct frpc_remote *remote, enum frpc_attach_kind kind,
			   int32_t *ret_status)
{
	if (kind == FRPC_ATTACH_AUDIO)
		return create_audio(remote, ret_status);
	return run(remote,
		   kind == FRPC_ATTACH_SENSORS ? FRPC_ML_IOCTL_INIT_ATTACH_SNS
					       : FRPC_ML_IOCTL_INIT_ATTACH,
		   NULL, ret_status);
}

/* What the attributes ask for that this driver cannot do. Caches it leaves alone anyway. */
#define DEMANDS (FRPC_ARG_KEEP_MAP | FRPC_ARG_NOMAP)

static bool convert_args(const struct frpc_call *call, struct frpc_ml_invoke_args *args)
{
	uint32_t count = frpc_argument_count(call->sc), any_attr = 0;

	/* fd 0 would mean "none" here: the library never passes it (see rpcmem). */
	for (uint32_t i = 0; i < count; i++) {
		args[i] = (struct frpc_ml_invoke_args){
			.ptr = call->args[i].ptr,
			.length = call->args[i].length,
			.fd = call->args[i].fd,
			.attr = 0, /* NOVA, KEEP_MAP, NOMAP do not exist; 1 would be SECUREMAP */
		};
		any_attr |= call->args[i].attr;
	}
	return !(any_attr & DEMANDS);
}

static int mainline_invoke(struct frpc_remote *remote, const struct frpc_call *call,
			   int32_t *ret_status)
{
	/* Side by side, so that whoever reads the command has its arguments in the same cache lines. */
	struct {
		struct frpc_ml_invoke invoke;
		struct frpc_ml_invoke_args args[FRPC_STACK_ARGS];
	} stack;
	struct frpc_ml_invoke_args *args = stack.args;
	uint32_t count = frpc_argument_count(call->sc);
	int res;

	if (count > FRPC_STACK_ARGS) {
		args = calloc(count, sizeof(*args));
		if (!args)
			return -ENOMEM;
	}
	stack.invoke.handle = call->handle;
	stack.invoke.sc = call->sc;
	stack.invoke.args = (uintptr_t)args;
	/* No second try on EINTR: this driver would send the call again. */
	if (convert_args(call, args))
		res = run(remote, FRPC_ML_IOCTL_INVOKE, &stack.invoke, ret_status);
	else
		res = -EOPNOTSUPP;
	if (args != stack.args)
		free(args);
	return res;
}

static int mainline_mmap(struct frpc_remote *remote, const struct frpc_map_params *params,
			 uint64_t *ret_address, int32_t *ret_status)
{
	struct frpc_ml_req_mmap map = {
		.fd = params->fd,
		.flags = params->flags,
		.vaddrin = params->vaddr,
		.size = params->length,
	};
	int res = run(remote, FRPC_ML_IOCTL_MMAP, &map, ret_status);

	*ret_address = map.vaddrout;
	return res;
}

static int mainline_munmap(struct frpc_remote *remote, uint64_t address, uint64_t length,
			   int32_t *ret_status)
{
	struct frpc_ml_req_munmap unmap = {.vaddrout = address, .size = length};

	return run(remote, FRPC_ML_IOCTL_MUNMAP, &unmap, ret_status);
}

static int mainline_mem_map(struct frpc_remote *remote, const struct frpc_map_params *params,
			    uint64_t *ret_address, int32_t *ret_status)
{
	struct frpc_ml_mem_map map = {
		.fd = params->fd,
		.offset = params->offset,
		.flags = params->flags,
		.vaddrin = params->vaddr,
		.length = params->length,
	};
	int res = run(remote, FRPC_ML_IOCTL_MEM_MAP, &map, ret_status);

	*ret_address = map.vaddrout;
	return res;
}

static int mainline_mem_unmap(struct frpc_remote *remote, int32_t fd, uint64_t address,
			      uint64_t length, int32_t *ret_status)
{
	struct frpc_ml_mem_unmap unmap = {.fd = fd, .vaddr = address, .length = length};

	return run(remote, FRPC_ML_IOCTL_MEM_UNMAP, &unmap, ret_status);
}

/* Any domain's node allocates; the buffer lives on without it. */
static int mainline_alloc(struct frpc_transport *transport, uint64_t size, int32_t *ret_fd)
{
	static const uint32_t domains[] = {3, 0, 2, 1, 4};
	struct frpc_ml_alloc_dma_buf alloc = {.fd = -1, .flags = O_CLOEXEC, .size = size};
	struct frpc_file file;
	int number = -ENOENT;
	long res;

	for (size_t i = 0; i < sizeof(domains) / sizeof(*domains) && number < 0; i++)
		number = open_node(transport->device, domains[i], NULL);
	if (number < 0)
		return number;
	frpc_file_init(&file, transport->device, number);
	res = frpc_file_ioctl(&file, FRPC_ML_IOCTL_ALLOC_DMA_BUFF, &alloc);
	frpc_file_put(&file);
	if (res)
		return res < 0 ? (int)res : -EIO;
	*ret_fd = alloc.fd;
	return 0;
}

#define ASYNC_CALLS	     9u
#define STATUS_NOTIFICATIONS 10u

/* A DSP may well be able to: behind this driver nobody gets at it. */
static bool has_no_command(uint32_t attribute)
{
	return attribute == ASYNC_CALLS || attribute == STATUS_NOTIFICATIONS;
}

static int mainline_get_info(struct frpc_transport *transport, struct frpc_remote *remote,
			     uint32_t domain, uint32_t attribute, uint32_t *ret_value,
			     int32_t *ret_status)
{
	struct frpc_ml_capability capability = {.domain = domain, .attribute_id = attribute};
	struct frpc_remote *own = NULL;
	int res;

	if (!remote) {
		res = mainline_open(transport, domain, 0, NULL, &own);
		if (res)
			return res;
		remote = own;
	}
	res = run(remote, FRPC_ML_IOCTL_GET_DSP_INFO, &capability, ret_status);
	*ret_value = has_no_command(attribute) ? 0 : capability.capability;
	if (own)
		put_remote(to_mainline(own));
	return res;
}

#define OPTION_POLL 1u

/* The driver chooses for how long. */
static int mainline_poll(struct frpc_remote *remote, bool enable, uint32_t timeout_us)
{
	struct frpc_ml_set_option option = {.request_id = OPTION_POLL, .value = enable};
	int32_t status;
	int res = run(remote, FRPC_ML_IOCTL_SET_OPTION, &option, &status);

	(void)timeout_us;
	return res == -ENOTTY ? -EOPNOTSUPP : res; /* before 7.3 */
}

static void mainline_close(struct frpc_remote *remote)
{
	if (remote)
		put_remote(to_mainline(remote));
}

static void mainline_free(struct frpc_transport *transport)
{
	transport->device->ops->free(transport->device);
	free(transport);
}

static struct frpc_transport_ops mainline_ops = {
	.name = "mainline",
	.version = FRPC_TRANSPORT_VERSION,
	.open = mainline_open,
	.create = mainline_create,
	.attach = mainline_attach,
	.invoke = mainline_invoke,
	.mmap = mainline_mmap,
	.munmap = mainline_munmap,
	.mem_map = mainline_mem_map,
	.mem_unmap = mainline_mem_unmap,
	.alloc = mainline_alloc,
	.get_info = mainline_get_info,
	.poll = mainline_poll,
	.latency = NULL, /* the driver has no such command */
	.close = mainline_close,
	.free = mainline_free,
};

int frpc_transport_mainline_new(struct frpc_device *device, struct frpc_transport **ret_transport)
{
	struct frpc_transport *transport = calloc(1, sizeof(*transport));

	if (!transport) {
		device->ops->free(device);
		return -ENOMEM;
	}
	transport->ops = &mainline_ops;
	transport->device = device;
	*ret_transport = transport;
	return 0;
}
