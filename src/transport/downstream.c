/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream dialect: one pair of nodes for every DSP, fds and attributes in arrays of their own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "dialect.h"

/* A signal interrupts a call, the same command resumes it. Bounded: a DSP may answer -EINTR itself. */
#define RESUMES 64u

struct downstream_remote {
	struct frpc_remote remote;
	struct frpc_file file;
};

static struct downstream_remote *to_downstream(struct frpc_remote *remote)
{
	return (struct downstream_remote *)remote;
}

static void put_remote(struct downstream_remote *downstream)
{
	if (frpc_file_put(&downstream->file))
		free(downstream);
}

/* A 32-bit program speaks the driver's 32-bit layouts, on a 64-bit kernel as on a 32-bit one. */
static long issue(struct frpc_file *file, uint32_t cmd, void *arg)
{
	return sizeof(void *) == 4 ? frpc_narrow_ioctl(file, cmd, arg)
				   : frpc_file_ioctl(file, cmd, arg);
}

/* Runs one command on @remote; the file stays open until it has returned. */
static int run(struct frpc_remote *remote, uint32_t cmd, void *arg, int32_t *ret_status)
{
	struct downstream_remote *downstream = to_downstream(remote);
	int32_t status = 0;
	int res;

	frpc_file_get(&downstream->file);
	res = frpc_result_split(issue(&downstream->file, cmd, arg), &status);
	put_remote(downstream);
	*ret_status = status;
	return res;
}

/* Chooses the domain on an open file: the newer request first, which takes a session number too. */
static int choose_domain(struct frpc_file *file, uint32_t domain, uint32_t session)
{
	struct frpc_dn_sess_info info = {
		.domain_id = domain, .session_id = session, .pd_type = 7, /* a user PD */
	};
	struct frpc_dn_invoke2 request = {
		.req = FRPC_DN_INVOKE2_SESS_INFO,
		.invparam = (uintptr_t)&info,
		.size = sizeof(info),
	};
	uint32_t channel = domain;
	long res;

	res = issue(file, FRPC_DN_IOCTL_INVOKE2, &request);
	if (res != -ENOTTY && res != -EPERM)
		return res < 0 ? (int)res : 0;
	if (session > 1)
		return -EUSERS; /* a driver this old tells only two sessions apart */
	res = issue(file, FRPC_DN_IOCTL_GETINFO, &channel);
	if (res < 0)
		return (int)res;
	if (session)
		res = issue(file, FRPC_DN_IOCTL_SETMODE, (void *)(uintptr_t)4);
	return res < 0 ? (int)res : 0;
}

static int downstream_open(struct frpc_transport *transport, uint32_t domain, uint32_t session,
			   struct frpc_open_report *report, struct frpc_remote **ret_remote)
{
	struct downstream_remote *downstream;
	int number, res;

	downstream = calloc(1, sizeof(*downstream));
	if (!downstream)
		return -ENOMEM;
	number = frpc_device_try_open(transport->device, "/dev/adsprpc-smd-secure",
				      O_RDONLY | O_NONBLOCK, report);
	if (number == -ENOENT || number == -EACCES)
		number = frpc_device_try_open(transport->device, "/dev/adsprpc-smd",
					      O_RDONLY | O_NONBLOCK, report);
	if (number < 0) {
		free(downstream);
		return number;
	}
	downstream->remote.transport = transport;
	frpc_file_init(&downstream->file, transport->device, number);
	res = choose_domain(&downstream->file, domain, session);
	if (res) {
		put_remote(downstream);
		return res;
	}
	*ret_remote = &downstream->remote;
	return 0;
}

static int downstream_create(struct frpc_remote *remote, const struct frpc_process_params *params,
			     int32_t *ret_status)
{
	struct frpc_dn_init_attrs create = {
		.init =
			{
				.flags = FRPC_DN_INIT_CREATE,
				.file = (uintptr_t)params->shell,
				.filelen = params->shell_len,
				.filefd = params->shell_fd,
				.mem = 0,
				.memlen = params->memlen,
				.memfd = -1,
			},
		.attrs = (int32_t)params->attrs,
		.siglen = params->siglen,
	};

	return run(remote, FRPC_DN_IOCTL_INIT_ATTRS, &create, ret_status);
}

static int downstream_attach(struct frpc_remote *remote, enum frpc_attach_kind kind,
			     int32_t *ret_status)
{
	struct frpc_dn_init init = {
		.flags = kind == FRPC_ATTACH_SENSORS ? FRPC_DN_INIT_ATTACH_SENSORS
						     : FRPC_DN_INIT_ATTACH,
		.filefd = -1,
		.memfd = -1,
	};

	if (kind == FRPC_ATTACH_AUDIO) {
		init.flags = FRPC_DN_INIT_CREATE_STATIC;
		init.file = (uintptr_t)FRPC_AUDIO_PD;
		init.filelen = sizeof(FRPC_AUDIO_PD);
		init.memlen = FRPC_AUDIO_PD_HEAP;
	}
	return run(remote, FRPC_DN_IOCTL_INIT, &init, ret_status);
}

/* A command and the arrays it points to, side by side: one look of the driver finds them all. */
struct call_block {
	struct frpc_dn_invoke_attrs invoke;
	struct frpc_dn_arg args[FRPC_STACK_ARGS];
	int32_t fds[FRPC_STACK_ARGS];
	uint32_t attrs[FRPC_STACK_ARGS];
};

/* The arguments in the driver's arrays. The oldest command that says it all. */
static inline uint32_t convert_args(const struct frpc_arg *from, uint32_t count,
				    struct frpc_dn_arg *args, int32_t *fds, uint32_t *attrs)
{
	uint32_t any_attr = 0;
	int32_t all_fds = -1; /* -1: none has one */

	for (uint32_t i = 0; i < count; i++) {
		args[i].pv = from[i].ptr;
		args[i].len = from[i].length;
		fds[i] = from[i].fd;
		attrs[i] = from[i].attr;
		any_attr |= attrs[i];
		all_fds &= fds[i];
	}
	if (any_attr)
		return FRPC_DN_IOCTL_INVOKE_ATTRS;
	return all_fds == -1 ? FRPC_DN_IOCTL_INVOKE : FRPC_DN_IOCTL_INVOKE_FD;
}

static inline int invoke_block(struct frpc_remote *remote, const struct frpc_call *call,
			       uint32_t count, struct frpc_dn_invoke_attrs *invoke,
			       struct frpc_dn_arg *args, int32_t *fds, uint32_t *attrs,
			       int32_t *ret_status)
{
	uint32_t cmd = convert_args(call->args, count, args, fds, attrs);
	unsigned int tries = 0;
	int res;

	*invoke = (struct frpc_dn_invoke_attrs){
		.inv = {.handle = call->handle, .sc = call->sc, .pra = (uintptr_t)args},
		.fds = (uintptr_t)fds,
		.attrs = (uintptr_t)attrs,
	};
	/* Each command's struct is the beginning of the next one's. */
	do
		res = run(remote, cmd, invoke, ret_status);
	while (res == -EINTR && ++tries < RESUMES);
	return res;
}

/* More arguments than the stack has room for. */
static int invoke_large(struct frpc_remote *remote, const struct frpc_call *call, uint32_t count,
			int32_t *ret_status)
{
	struct frpc_dn_arg *args =
		malloc(count * (sizeof(*args) + sizeof(int32_t) + sizeof(uint32_t)));
	struct frpc_dn_invoke_attrs invoke;
	int32_t *fds = (int32_t *)(args + count);
	int res;

	if (!args)
		return -ENOMEM;
	res = invoke_block(remote, call, count, &invoke, args, fds, (uint32_t *)(fds + count),
			   ret_status);
	free(args);
	return res;
}

static int downstream_invoke(struct frpc_remote *remote, const struct frpc_call *call,
			     int32_t *ret_status)
{
	uint32_t count = frpc_argument_count(call->sc);
	struct call_block block;

	if (count > FRPC_STACK_ARGS)
		return invoke_large(remote, call, count, ret_status);
	return invoke_block(remote, call, count, &block.invoke, block.args, block.fds, block.attrs,
			    ret_status);
}

static int downstream_mmap(struct frpc_remote *remote, const struct frpc_map_params *params,
			   uint64_t *ret_address, int32_t *ret_status)
{
	struct frpc_dn_mmap map = {
		.fd = params->fd,
		.flags = params->flags,
		.vaddrin = params->vaddr,
		.size = params->length,
	};
	int res = run(remote, FRPC_DN_IOCTL_MMAP_64, &map, ret_status);

	*ret_address = map.vaddrout;
	return res;
}

static int downstream_munmap(struct frpc_remote *remote, uint64_t address, uint64_t length,
			     int32_t *ret_status)
{
	struct frpc_dn_munmap unmap = {.vaddrout = address, .size = length};

	return run(remote, FRPC_DN_IOCTL_MUNMAP_64, &unmap, ret_status);
}

static int downstream_mem_map(struct frpc_remote *remote, const struct frpc_map_params *params,
			      uint64_t *ret_address, int32_t *ret_status)
{
	struct frpc_dn_mem_map map = {
		.fd = params->fd,
		.offset = params->offset,
		.flags = params->flags,
		.attrs = (int32_t)params->attrs,
		.vaddrin = params->vaddr,
		.length = params->length,
	};
	int res = run(remote, FRPC_DN_IOCTL_MEM_MAP, &map, ret_status);

	*ret_address = map.vaddrout;
	return res;
}

static int downstream_mem_unmap(struct frpc_remote *remote, int32_t fd, uint64_t address,
				uint64_t length, int32_t *ret_status)
{
	struct frpc_dn_mem_unmap unmap = {.fd = fd, .vaddr = address, .length = length};

	return run(remote, FRPC_DN_IOCTL_MEM_UNMAP, &unmap, ret_status);
}

/* A 32-bit client's driver does not have the command: there such a map ends with the session. */
static int downstream_kept_unmap(struct frpc_remote *remote, int32_t fd, uint64_t vaddr,
				 uint64_t length)
{
	struct frpc_dn_munmap_fd unmap = {.fd = fd, .va = vaddr, .len = length};
	int32_t status;

	return run(remote, FRPC_DN_IOCTL_MUNMAP_FD, &unmap, &status);
}

static int downstream_get_info(struct frpc_transport *transport, struct frpc_remote *remote,
			       uint32_t domain, uint32_t attribute, uint32_t *ret_value,
			       int32_t *ret_status)
{
	struct frpc_dn_capability capability = {.domain = domain, .attribute_id = attribute};
	struct frpc_remote *own = NULL;
	int res;

	if (!remote) {
		res = downstream_open(transport, domain, 0, NULL, &own);
		if (res)
			return res;
		remote = own;
	}
	res = run(remote, FRPC_DN_IOCTL_GET_DSP_INFO, &capability, ret_status);
	*ret_value = capability.capability;
	if (own)
		put_remote(to_downstream(own));
	return res;
}

static int downstream_latency(struct frpc_remote *remote, bool enable, uint32_t latency_us)
{
	struct frpc_dn_control control = {
		.req = FRPC_DN_CONTROL_LATENCY,
		.lp = {.enable = enable, .latency = latency_us},
	};
	int32_t status;

	return run(remote, FRPC_DN_IOCTL_CONTROL, &control, &status);
}

static int downstream_poll(struct frpc_remote *remote, bool enable, uint32_t timeout_us)
{
	struct frpc_dn_control control = {
		.req = FRPC_DN_CONTROL_RPC_POLL,
		.lp = {.enable = enable, .latency = timeout_us},
	};
	int32_t status;
	int res = run(remote, FRPC_DN_IOCTL_CONTROL, &control, &status);

	return res == -EBADRQC || res == -ENOTTY ? -EOPNOTSUPP : res; /* an older driver */
}

/* Requests of INVOKE2: a driver that does not know one says so. */
static int run_invoke2(struct frpc_remote *remote, uint32_t req, void *param, uint32_t size)
{
	struct frpc_dn_invoke2 request = {
		.req = req,
		.invparam = (uintptr_t)param,
		.size = size,
	};
	int32_t status = 0;
	int res = run(remote, FRPC_DN_IOCTL_INVOKE2, &request, &status);

	if (res)
		return res == -ENOTTY ? -EOPNOTSUPP : res;
	return status ? -EFAULT : 0; /* bytes that could not be copied */
}

static int submit_arrays(struct frpc_remote *remote, const struct frpc_call *call, uint64_t job,
			 struct frpc_dn_arg *args, int32_t *fds, uint32_t *attrs)
{
	struct frpc_dn_async_job async = {.isasyncjob = 1, .jobid = job};
	struct frpc_dn_invoke_async_no_perf request = {
		.inv = {.handle = call->handle, .sc = call->sc, .pra = (uintptr_t)args},
		.fds = (uintptr_t)fds,
		.attrs = (uintptr_t)attrs,
		.job = (uintptr_t)&async,
	};

	convert_args(call->args, frpc_argument_count(call->sc), args, fds, attrs);
	return run_invoke2(remote, FRPC_DN_INVOKE2_ASYNC, &request, sizeof(request));
}

static int downstream_submit(struct frpc_remote *remote, const struct frpc_call *call, uint64_t job)
{
	uint32_t count = frpc_argument_count(call->sc);
	struct call_block block;
	struct frpc_dn_arg *args;
	int32_t *fds;
	int res;

	if (count <= FRPC_STACK_ARGS)
		return submit_arrays(remote, call, job, block.args, block.fds, block.attrs);
	args = malloc(count * (sizeof(*args) + sizeof(int32_t) + sizeof(uint32_t)));
	if (!args)
		return -ENOMEM;
	fds = (int32_t *)(args + count);
	res = submit_arrays(remote, call, job, args, fds, (uint32_t *)(fds + count));
	free(args);
	return res;
}

static int downstream_async_response(struct frpc_remote *remote, uint64_t *ret_job,
				     int32_t *ret_result)
{
	struct frpc_dn_async_response response = {0};
	int res = run_invoke2(remote, FRPC_DN_INVOKE2_ASYNC_RESPONSE, &response, sizeof(response));

	*ret_job = response.jobid;
	*ret_result = response.result;
	return res;
}

static int control(struct frpc_remote *remote, uint32_t req)
{
	struct frpc_dn_control request = {.req = req};
	int32_t status;

	return run(remote, FRPC_DN_IOCTL_CONTROL, &request, &status);
}

static int downstream_async_wake(struct frpc_remote *remote)
{
	return control(remote, FRPC_DN_CONTROL_ASYNC_WAKE);
}

static int downstream_notification(struct frpc_remote *remote, uint32_t *ret_status)
{
	struct frpc_dn_notif_rsp rsp = {0};
	int res = run_invoke2(remote, FRPC_DN_INVOKE2_STATUS_NOTIF, &rsp, sizeof(rsp));

	*ret_status = rsp.status;
	return res;
}

static int downstream_notification_wake(struct frpc_remote *remote)
{
	return control(remote, FRPC_DN_CONTROL_NOTIF_WAKE);
}

static int downstream_kill(struct frpc_remote *remote)
{
	return control(remote, FRPC_DN_CONTROL_DSPPROCESS_CLEAN);
}

/* A command without an answer of the DSP's; a driver that does not know it has no signals. */
static int run_signal(struct frpc_remote *remote, uint32_t cmd, void *arg)
{
	int32_t status;
	int res = run(remote, cmd, arg, &status);

	return res == -ENOTTY ? -EOPNOTSUPP : res;
}

static int downstream_signal_create(struct frpc_remote *remote, uint32_t signal)
{
	struct frpc_dn_dspsignal_create create = {.signal_id = signal};

	return run_signal(remote, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, &create);
}

static int downstream_signal_destroy(struct frpc_remote *remote, uint32_t signal)
{
	return run_signal(remote, FRPC_DN_IOCTL_DSPSIGNAL_DESTROY, &signal);
}

static int downstream_signal_send(struct frpc_remote *remote, uint32_t signal)
{
	return run_signal(remote, FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL, &signal);
}

static int downstream_signal_wait(struct frpc_remote *remote, uint32_t signal, uint32_t timeout_us)
{
	struct frpc_dn_dspsignal_wait wait = {.signal_id = signal, .timeout_usec = timeout_us};

	return run_signal(remote, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, &wait);
}

static int downstream_signal_cancel(struct frpc_remote *remote, uint32_t signal)
{
	return run_signal(remote, FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT, &signal);
}

static void downstream_close(struct frpc_remote *remote)
{
	if (remote)
		put_remote(to_downstream(remote));
}

static void downstream_free(struct frpc_transport *transport)
{
	transport->device->ops->free(transport->device);
	free(transport);
}

static struct frpc_transport_ops downstream_ops = {
	.name = "downstream",
	.version = FRPC_TRANSPORT_VERSION,
	.open = downstream_open,
	.create = downstream_create,
	.attach = downstream_attach,
	.invoke = downstream_invoke,
	.mmap = downstream_mmap,
	.munmap = downstream_munmap,
	.mem_map = downstream_mem_map,
	.mem_unmap = downstream_mem_unmap,
	.kept_unmap = downstream_kept_unmap,
	.alloc = NULL, /* this driver has no allocator: dma-buf heaps do it */
	.get_info = downstream_get_info,
	.latency = downstream_latency,
	.poll = downstream_poll,
	.submit = downstream_submit,
	.async_response = downstream_async_response,
	.async_wake = downstream_async_wake,
	.notification = downstream_notification,
	.notification_wake = downstream_notification_wake,
	.kill = downstream_kill,
	.signal_create = downstream_signal_create,
	.signal_destroy = downstream_signal_destroy,
	.signal_send = downstream_signal_send,
	.signal_wait = downstream_signal_wait,
	.signal_cancel = downstream_signal_cancel,
	.close = downstream_close,
	.free = downstream_free,
};

int frpc_transport_downstream_new(struct frpc_device *device, struct frpc_transport **ret_transport)
{
	struct frpc_transport *transport = calloc(1, sizeof(*transport));

	if (!transport) {
		device->ops->free(device);
		return -ENOMEM;
	}
	transport->ops = &downstream_ops;
	transport->device = device;
	*ret_transport = transport;
	return 0;
}
