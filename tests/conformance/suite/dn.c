/* SPDX-License-Identifier: BSD-3-Clause */
#include "dn.h"

#include <stdlib.h>

struct conf_client *dn_chosen(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_choose(client, DN_CDSP), 0);
	return client;
}

long dn_init(struct conf_client *client, uint32_t flags, uint32_t filelen, uint32_t memlen)
{
	struct frpc_dn_init request = {
		.flags = flags, .filelen = filelen, .filefd = -1, .memlen = memlen, .memfd = -1};

	return conf_ioctl(client, FRPC_DN_IOCTL_INIT, &request);
}

long dn_create(struct conf_client *client, uint32_t attrs, uint32_t memlen)
{
	struct frpc_dn_init_attrs request = {
		.init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1, .memlen = memlen, .memfd = -1},
		.attrs = (int32_t)attrs,
	};

	return conf_ioctl(client, FRPC_DN_IOCTL_INIT_ATTRS, &request);
}

long dn_control(struct conf_client *client, uint32_t req, uint32_t first, uint32_t second)
{
	struct frpc_dn_control request = {.req = req, .lp = {first, second}};

	return conf_ioctl(client, FRPC_DN_IOCTL_CONTROL, &request);
}

long dn_info(struct conf_client *client, uint32_t domain, uint32_t attribute, uint32_t *ret_value)
{
	struct frpc_dn_capability request = {.domain = domain, .attribute_id = attribute};
	long res = conf_ioctl(client, FRPC_DN_IOCTL_GET_DSP_INFO, &request);

	*ret_value = request.capability;
	return res;
}

long dn_invoke2(struct conf_client *client, uint32_t req, void *param, uint32_t size)
{
	struct frpc_dn_invoke2 request = {.req = req, .invparam = (uintptr_t)param, .size = size};

	return conf_ioctl(client, FRPC_DN_IOCTL_INVOKE2, &request);
}

long dn_notif(struct conf_client *client, struct frpc_dn_notif_rsp *ret_rsp)
{
	return dn_invoke2(client, FRPC_DN_INVOKE2_STATUS_NOTIF, ret_rsp, sizeof(*ret_rsp));
}

void dn_notify(struct conf *conf, uint32_t client, uint32_t status)
{
	const struct frpc_smq_notif notif = {.ctx = FRPC_SMQ_NOTIF_CTX,
					     .type = FRPC_SMQ_NOTIF_TYPE,
					     .pid = client,
					     .status = status};

	conf_send(conf, &notif, sizeof(notif));
}

void dn_signal(struct conf *conf, uint32_t client, uint32_t id)
{
	const uint64_t signal = (uint64_t)client << 32 | id;

	conf_send(conf, &signal, sizeof(signal));
}

long dn_mmap(struct conf_client *client, const struct conf_buffer *buffer, uint32_t flags,
	     uint64_t size, uint64_t *ret_address)
{
	struct frpc_dn_mmap request = {
		.fd = buffer ? buffer->fd : -1,
		.flags = flags,
		.vaddrin = buffer ? (uintptr_t)buffer->bytes : 0,
		.size = size,
	};
	long res = conf_ioctl(client, FRPC_DN_IOCTL_MMAP_64, &request);

	if (ret_address)
		*ret_address = request.vaddrout;
	return res;
}

long dn_munmap(struct conf_client *client, uint64_t address, uint64_t size)
{
	struct frpc_dn_munmap request = {.vaddrout = address, .size = size};

	return conf_ioctl(client, FRPC_DN_IOCTL_MUNMAP_64, &request);
}

long dn_mem_map(struct conf_client *client, const struct conf_buffer *buffer, uint32_t flags,
		uint32_t attrs, uint64_t *ret_address)
{
	struct frpc_dn_mem_map request = {
		.fd = buffer->fd,
		.flags = flags,
		.attrs = (int32_t)attrs,
		.vaddrin = (uintptr_t)buffer->bytes,
		.length = buffer->len,
	};
	long res = conf_ioctl(client, FRPC_DN_IOCTL_MEM_MAP, &request);

	if (ret_address)
		*ret_address = request.vaddrout;
	return res;
}

long dn_mem_unmap(struct conf_client *client, int32_t fd, uint64_t address, uint64_t len)
{
	struct frpc_dn_mem_unmap request = {.fd = fd, .vaddr = address, .length = len};

	return conf_ioctl(client, FRPC_DN_IOCTL_MEM_UNMAP, &request);
}

long dn_munmap_fd(struct conf_client *client, int32_t fd, const void *va, uint64_t len)
{
	struct frpc_dn_munmap_fd request = {.fd = fd, .va = (uintptr_t)va, .len = len};

	return conf_ioctl(client, FRPC_DN_IOCTL_MUNMAP_FD, &request);
}

long dn_invoke_perf(struct conf_client *client, const struct dn_call *call)
{
	struct frpc_dn_arg args[CONF_MAX_ARGS];
	int32_t fds[CONF_MAX_ARGS];
	struct frpc_dn_invoke_perf request = {
		.inv = {call->handle, call->sc, (uintptr_t)args},
		.fds = (uintptr_t)fds,
		.attrs = (uintptr_t)call->attrs,
		.crc = (uintptr_t)call->crc,
		.perf_kernel = (uintptr_t)call->perf_kernel,
		.perf_dsp = (uintptr_t)call->perf_dsp,
	};

	for (uint32_t i = 0; i < FRPC_SC_LENGTH(call->sc) && i < CONF_MAX_ARGS; i++) {
		args[i] = (struct frpc_dn_arg){(uintptr_t)call->args[i].ptr, call->args[i].len};
		fds[i] = call->args[i].fd;
	}
	return conf_ioctl(client, FRPC_DN_IOCTL_INVOKE_PERF, &request);
}

uint64_t dn_ctx(const struct conf_held *held)
{
	return held->record.head.ctx & ~UINT64_C(15);
}

const void *dn_in(struct conf *conf, const struct conf_record *record, uint32_t index)
{
	uint64_t at;

	return conf_record_place(conf, record, index, &at) ? record->payload + at : NULL;
}
