/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests of the downstream driver that rows of several files make, and what a DSP saw of them. */
#ifndef CONF_DN_H
#define CONF_DN_H

#include "conf.h"

#define DN_ADSP	     0u
#define DN_SDSP	     2u
#define DN_CDSP	     3u
#define DN_CDSP1     4u
#define DN_GROUP     FRPC_HANDLE_PROCESS_GROUP
#define DN_UTILITIES FRPC_HANDLE_DSP_UTILITIES
#define DN_LEN	     16384u /* of the buffers that rows map */
#define DN_PAGE	     4096u

/* Methods of the process group. */
enum dn_method {
	DN_ATTACH = 0,
	DN_RELEASE = 1,
	DN_MMAP = 4,
	DN_MUNMAP = 5,
	DN_CREATE = 6,
	DN_CREATE_ATTRS = 7,
	DN_CREATE_STATIC = 8,
	DN_HEAP_UNMAP = 9,
	DN_MEM_MAP = 10,
	DN_MEM_UNMAP = 11,
	DN_ATTACH_NAME = 12,
};

#define DN_EBADR 53 /* EBADR as result: a driver that forgot the sign */

/* A file that has chosen CDSP and has no process. */
struct conf_client *dn_chosen(struct conf *conf);
long dn_init(struct conf_client *client, uint32_t flags, uint32_t filelen, uint32_t memlen);
/* A process without a shell, of INIT_ATTRS. */
long dn_create(struct conf_client *client, uint32_t attrs, uint32_t memlen);
long dn_control(struct conf_client *client, uint32_t req, uint32_t first, uint32_t second);
long dn_info(struct conf_client *client, uint32_t domain, uint32_t attribute, uint32_t *ret_value);
long dn_invoke2(struct conf_client *client, uint32_t req, void *param, uint32_t size);
/* Takes the client's next notification: its status, or the error. */
long dn_notif(struct conf_client *client, struct frpc_dn_notif_rsp *ret_rsp);
/* A DSP's notification for @client, and a driver signal. */
void dn_notify(struct conf *conf, uint32_t client, uint32_t status);
void dn_signal(struct conf *conf, uint32_t client, uint32_t id);

/* @ret_address may be NULL. */
long dn_mmap(struct conf_client *client, const struct conf_buffer *buffer, uint32_t flags,
	     uint64_t size, uint64_t *ret_address);
long dn_munmap(struct conf_client *client, uint64_t address, uint64_t size);
long dn_mem_map(struct conf_client *client, const struct conf_buffer *buffer, uint32_t flags,
		uint32_t attrs, uint64_t *ret_address);
long dn_mem_unmap(struct conf_client *client, int32_t fd, uint64_t address, uint64_t len);
long dn_munmap_fd(struct conf_client *client, int32_t fd, const void *va, uint64_t len);

/* The fullest form of INVOKE. */
struct dn_call {
	uint32_t handle, sc;
	const struct conf_arg *args;
	const uint32_t *attrs; /* NULL: none */
	uint32_t *crc;
	uint64_t *perf_kernel, *perf_dsp;
};
long dn_invoke_perf(struct conf_client *client, const struct dn_call *call);

/* The context of a call that the DSP holds, as answers name it. */
uint64_t dn_ctx(const struct conf_held *held);

/* The bytes of a driver's call's in-buffer; NULL, and the row has failed. */
const void *dn_in(struct conf *conf, const struct conf_record *record, uint32_t index);

#define DN_ROWS(group, rows) const struct conf_group group = {rows, sizeof(rows) / sizeof(*(rows))}
#define DN_ROW(id, sentence, fact, needs, run)                                   \
	{                                                                        \
		id, sentence, fact, CONF_TESTMOD | (needs), CONF_DOWNSTREAM, run \
	}

#endif
