/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Qualcomm's functions as a table: what libfastrpc hands to the drop-in libraries. Reached by this
 * table and never by their own names: the app, its other libraries and the drop-ins all define those.
 *
 * PLAIN(result, name, parameters, arguments)   forwarded as it is
 * DOMAIN(result, name, parameters, arguments)  depends on the library's default domain
 * NOTHING(name, parameters, arguments)         forwarded, returns nothing
 * OWN(result, name, parameters, arguments)     written out in dropin.c
 */
#ifndef FRPC_DROPIN_ENTRIES_H
#define FRPC_DROPIN_ENTRIES_H

#include <stdarg.h>

#include "HAP_debug.h"
#include "dspqueue.h"
#include "remote.h"
#include "rpcmem.h"

/* clang-format off */
#define FRPC_ENTRY_LIST(PLAIN, DOMAIN, NOTHING, OWN)                                               \
	DOMAIN(int, remote_handle_open, (const char *name, remote_handle *ph), (name, ph))         \
	DOMAIN(int, remote_handle64_open, (const char *name, remote_handle64 *ph), (name, ph))     \
	OWN(int, remote_handle_invoke, (remote_handle h, uint32_t sc, remote_arg *pra), (h, sc, pra)) \
	OWN(int, remote_handle64_invoke, (remote_handle64 h, uint32_t sc, remote_arg *pra),        \
	    (h, sc, pra))                                                                          \
	PLAIN(int, remote_handle_close, (remote_handle h), (h))                                    \
	PLAIN(int, remote_handle64_close, (remote_handle64 h), (h))                                \
	DOMAIN(int, remote_handle_control, (uint32_t req, void *data, uint32_t len),               \
	       (req, data, len))                                                                   \
	DOMAIN(int, remote_handle64_control,                                                       \
	       (remote_handle64 h, uint32_t req, void *data, uint32_t len), (h, req, data, len))   \
	DOMAIN(int, remote_session_control, (uint32_t req, void *data, uint32_t len),              \
	       (req, data, len))                                                                   \
	DOMAIN(int, remote_handle_invoke_async,                                                    \
	       (remote_handle h, fastrpc_async_descriptor_t *desc, uint32_t sc, remote_arg *pra),  \
	       (h, desc, sc, pra))                                                                 \
	DOMAIN(int, remote_handle64_invoke_async,                                                  \
	       (remote_handle64 h, fastrpc_async_descriptor_t *desc, uint32_t sc, remote_arg *pra), \
	       (h, desc, sc, pra))                                                                 \
	PLAIN(int, fastrpc_async_get_status,                                                       \
	      (fastrpc_async_jobid jobid, int timeout_us, int *result), (jobid, timeout_us, result)) \
	PLAIN(int, fastrpc_release_async_job, (fastrpc_async_jobid jobid), (jobid))                \
	DOMAIN(int, fastrpc_mmap,                                                                  \
	       (int domain, int fd, void *addr, int offset, size_t length,                         \
		enum fastrpc_map_flags flags),                                                     \
	       (domain, fd, addr, offset, length, flags))                                          \
	DOMAIN(int, fastrpc_munmap, (int domain, int fd, void *addr, size_t length),               \
	       (domain, fd, addr, length))                                                         \
	DOMAIN(int, remote_mmap,                                                                   \
	       (int fd, uint32_t flags, uint32_t vaddrin, int size, uint32_t *vaddrout),           \
	       (fd, flags, vaddrin, size, vaddrout))                                               \
	DOMAIN(int, remote_munmap, (uint32_t vaddrout, int size), (vaddrout, size))                \
	DOMAIN(int, remote_mmap64,                                                                 \
	       (int fd, uint32_t flags, uint64_t vaddrin, int64_t size, uint64_t *vaddrout),       \
	       (fd, flags, vaddrin, size, vaddrout))                                               \
	DOMAIN(int, remote_munmap64, (uint64_t vaddrout, int64_t size), (vaddrout, size))          \
	DOMAIN(int, remote_mem_map,                                                                \
	       (int domain, int fd, int flags, uint64_t va, size_t size, uint64_t *remote_va),     \
	       (domain, fd, flags, va, size, remote_va))                                           \
	DOMAIN(int, remote_mem_unmap, (int domain, uint64_t remote_va, size_t size),               \
	       (domain, remote_va, size))                                                          \
	NOTHING(remote_register_buf, (void *buf, int size, int fd), (buf, size, fd))               \
	NOTHING(remote_register_buf_attr, (void *buf, int size, int fd, int attr),                 \
		(buf, size, fd, attr))                                                             \
	NOTHING(remote_register_buf_attr2, (void *buf, size_t size, int fd, int attr),             \
		(buf, size, fd, attr))                                                             \
	PLAIN(int, remote_register_dma_handle, (int fd, uint32_t len), (fd, len))                  \
	PLAIN(int, remote_register_dma_handle_attr, (int fd, uint32_t len, uint32_t attr),         \
	      (fd, len, attr))                                                                     \
	PLAIN(void *, remote_register_fd, (int fd, int size), (fd, size))                          \
	PLAIN(void *, remote_register_fd2, (int fd, size_t size), (fd, size))                      \
	DOMAIN(int, remote_set_mode, (uint32_t mode), (mode))                                      \
	DOMAIN(int, remote_system_request, (system_req_payload * request), (request))              \
	PLAIN(int, fastrpc_get_cap, (uint32_t domain, uint32_t attribute, uint32_t *capability),   \
	      (domain, attribute, capability))                                                     \
	DOMAIN(AEEResult, dspqueue_create,                                                         \
	       (int domain, uint32_t flags, uint32_t requests, uint32_t responses,                 \
		dspqueue_callback_t packets, dspqueue_callback_t errors, void *context,            \
		dspqueue_t *queue),                                                                \
	       (domain, flags, requests, responses, packets, errors, context, queue))              \
	PLAIN(AEEResult, dspqueue_close, (dspqueue_t queue), (queue))                              \
	PLAIN(AEEResult, dspqueue_export, (dspqueue_t queue, uint64_t *id), (queue, id))           \
	PLAIN(AEEResult, dspqueue_import,                                                          \
	      (uint64_t id, dspqueue_callback_t packets, dspqueue_callback_t errors,               \
	       void *context, dspqueue_t *queue),                                                  \
	      (id, packets, errors, context, queue))                                               \
	DOMAIN(int, dspqueue_request, (dspqueue_request_payload * request), (request))             \
	PLAIN(AEEResult, dspqueue_write_noblock,                                                   \
	      (dspqueue_t queue, uint32_t flags, uint32_t num, struct dspqueue_buffer *buffers,    \
	       uint32_t length, const uint8_t *message),                                           \
	      (queue, flags, num, buffers, length, message))                                       \
	PLAIN(AEEResult, dspqueue_write,                                                           \
	      (dspqueue_t queue, uint32_t flags, uint32_t num, struct dspqueue_buffer *buffers,    \
	       uint32_t length, const uint8_t *message, uint32_t timeout),                         \
	      (queue, flags, num, buffers, length, message, timeout))                              \
	PLAIN(AEEResult, dspqueue_read_noblock,                                                    \
	      (dspqueue_t queue, uint32_t *flags, uint32_t max, uint32_t *num,                     \
	       struct dspqueue_buffer *buffers, uint32_t room, uint32_t *length, uint8_t *message), \
	      (queue, flags, max, num, buffers, room, length, message))                            \
	PLAIN(AEEResult, dspqueue_read,                                                            \
	      (dspqueue_t queue, uint32_t *flags, uint32_t max, uint32_t *num,                     \
	       struct dspqueue_buffer *buffers, uint32_t room, uint32_t *length, uint8_t *message, \
	       uint32_t timeout),                                                                  \
	      (queue, flags, max, num, buffers, room, length, message, timeout))                   \
	PLAIN(AEEResult, dspqueue_peek_noblock,                                                    \
	      (dspqueue_t queue, uint32_t *flags, uint32_t *num, uint32_t *length),                \
	      (queue, flags, num, length))                                                         \
	PLAIN(AEEResult, dspqueue_peek,                                                            \
	      (dspqueue_t queue, uint32_t *flags, uint32_t *num, uint32_t *length,                 \
	       uint32_t timeout),                                                                  \
	      (queue, flags, num, length, timeout))                                                \
	PLAIN(AEEResult, dspqueue_write_early_wakeup_noblock,                                      \
	      (dspqueue_t queue, uint32_t delay, uint32_t flags), (queue, delay, flags))           \
	PLAIN(AEEResult, dspqueue_get_stat,                                                        \
	      (dspqueue_t queue, enum dspqueue_stat stat, uint64_t *value), (queue, stat, value))  \
	NOTHING(rpcmem_init, (void), ())                                                           \
	NOTHING(rpcmem_deinit, (void), ())                                                         \
	DOMAIN(void *, rpcmem_alloc, (int heap, uint32_t flags, int size), (heap, flags, size))    \
	DOMAIN(void *, rpcmem_alloc2, (int heap, uint32_t flags, size_t size), (heap, flags, size)) \
	NOTHING(rpcmem_free, (void *po), (po))                                                     \
	PLAIN(int, rpcmem_to_fd, (void *po), (po))                                                 \
	PLAIN(int, rpcmem_cache_flush, (void *buffer, int size), (buffer, size))                   \
	PLAIN(int, rpcmem_cache_invalidate, (void *buffer, int size), (buffer, size))              \
	NOTHING(HAP_debug, (const char *msg, int level, const char *file, int line),               \
		(msg, level, file, line))                                                          \
	PLAIN(int, HAP_setFARFRuntimeLoggingParams,                                                \
	      (unsigned int mask, const char *files[], unsigned short count), (mask, files, count)) \
	PLAIN(bool, HAP_log_data_packet,                                                           \
	      (unsigned short code, unsigned int len, unsigned char *data), (code, len, data))

#define FRPC_ENTRY_FIELD(result, name, parameters, arguments) result(*name) parameters;
#define FRPC_ENTRY_FIELD_NOTHING(name, parameters, arguments) void(*name) parameters;

struct frpc_entries {
	/* Sets the domain that -1 and plain names mean on the calling thread; returns the one before. */
	uint32_t (*default_domain_swap)(uint32_t domain);
	/* HAP_debug_v2() and HAP_debug_runtime() with the arguments as a list. */
	void (*hap_debug)(int level, const char *file, int line, const char *format, va_list list);
	void (*hap_debug_runtime)(int level, const char *file, int line, const char *format,
				  va_list list);
	FRPC_ENTRY_LIST(FRPC_ENTRY_FIELD, FRPC_ENTRY_FIELD, FRPC_ENTRY_FIELD_NOTHING, FRPC_ENTRY_FIELD)
};
/* clang-format on */

/* The symbol's name has the version: a drop-in of another version than libfastrpc fails to load. */
extern const struct frpc_entries FRPC_ENTRIES;

#endif
