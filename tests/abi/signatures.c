/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions of the device's headers, declared once more from the list of the interface. A
 * compiler refuses this file if one of ours differs. test_headers compiles it as C and as C++.
 */
#include "remote.h"
#include "rpcmem.h"
#if __has_include("dspqueue.h")
#include "dspqueue.h"
#define HAVE_DSPQUEUE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* remote.h */
int remote_handle_open(const char *name, remote_handle *ph);
int remote_handle64_open(const char *name, remote_handle64 *ph);
int remote_handle_invoke(remote_handle h, uint32_t dwScalars, remote_arg *pra);
int remote_handle64_invoke(remote_handle64 h, uint32_t dwScalars, remote_arg *pra);
int remote_handle_close(remote_handle h);
int remote_handle64_close(remote_handle64 h);
int remote_handle_control(uint32_t req, void *data, uint32_t datalen);
int remote_handle64_control(remote_handle64 h, uint32_t req, void *data, uint32_t datalen);
int remote_session_control(uint32_t req, void *data, uint32_t datalen);
int remote_handle_invoke_async(remote_handle h, fastrpc_async_descriptor_t *desc,
			       uint32_t dwScalars, remote_arg *pra);
int remote_handle64_invoke_async(remote_handle64 h, fastrpc_async_descriptor_t *desc,
				 uint32_t dwScalars, remote_arg *pra);
int fastrpc_async_get_status(fastrpc_async_jobid jobid, int timeout_us, int *result);
int fastrpc_release_async_job(fastrpc_async_jobid jobid);
int remote_mmap(int fd, uint32_t flags, uint32_t vaddrin, int size, uint32_t *vaddrout);
int remote_munmap(uint32_t vaddrout, int size);
int remote_mem_map(int domain, int fd, int flags, uint64_t virtAddr, size_t size,
		   uint64_t *remoteVirtAddr);
int remote_mem_unmap(int domain, uint64_t remoteVirtAddr, size_t size);
int remote_mmap64(int fd, uint32_t flags, uint64_t vaddrin, int64_t size, uint64_t *vaddrout);
int remote_munmap64(uint64_t vaddrout, int64_t size);
int fastrpc_mmap(int domain, int fd, void *addr, int offset, size_t length,
		 enum fastrpc_map_flags flags);
int fastrpc_munmap(int domain, int fd, void *addr, size_t length);
void remote_register_buf(void *buf, int size, int fd);
void remote_register_buf_attr(void *buf, int size, int fd, int attr);
void remote_register_buf_attr2(void *buf, size_t size, int fd, int attr);
int remote_register_dma_handle(int fd, uint32_t len);
int remote_register_dma_handle_attr(int fd, uint32_t len, uint32_t attr);
void *remote_register_fd(int fd, int size);
void *remote_register_fd2(int fd, size_t size);

/* rpcmem.h */
void rpcmem_init(void);
void rpcmem_deinit(void);
void *rpcmem_alloc(int heapid, uint32_t flags, int size);
void *rpcmem_alloc2(int heapid, uint32_t flags, size_t size);
void rpcmem_free(void *po);
int rpcmem_to_fd(void *po);

#ifdef HAVE_DSPQUEUE
/* dspqueue.h */
AEEResult dspqueue_create(int domain, uint32_t flags, uint32_t req_queue_size,
			  uint32_t resp_queue_size, dspqueue_callback_t packet_callback,
			  dspqueue_callback_t error_callback, void *callback_context,
			  dspqueue_t *queue);
AEEResult dspqueue_close(dspqueue_t queue);
AEEResult dspqueue_export(dspqueue_t queue, uint64_t *queue_id);
AEEResult dspqueue_import(uint64_t queue_id, dspqueue_callback_t packet_callback,
			  dspqueue_callback_t error_callback, void *callback_context,
			  dspqueue_t *queue);
int dspqueue_request(dspqueue_request_payload *req);
AEEResult dspqueue_write_noblock(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
				 struct dspqueue_buffer *buffers, uint32_t message_length,
				 const uint8_t *message);
AEEResult dspqueue_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
			 struct dspqueue_buffer *buffers, uint32_t message_length,
			 const uint8_t *message, uint32_t timeout_us);
AEEResult dspqueue_read_noblock(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
				uint32_t *num_buffers, struct dspqueue_buffer *buffers,
				uint32_t max_message_length, uint32_t *message_length,
				uint8_t *message);
AEEResult dspqueue_read(dspqueue_t queue, uint32_t *flags, uint32_t max_buffers,
			uint32_t *num_buffers, struct dspqueue_buffer *buffers,
			uint32_t max_message_length, uint32_t *message_length, uint8_t *message,
			uint32_t timeout_us);
AEEResult dspqueue_peek_noblock(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
				uint32_t *message_length);
AEEResult dspqueue_peek(dspqueue_t queue, uint32_t *flags, uint32_t *num_buffers,
			uint32_t *message_length, uint32_t timeout_us);
AEEResult dspqueue_write_early_wakeup_noblock(dspqueue_t queue, uint32_t wakeup_delay,
					      uint32_t packet_flags);
AEEResult dspqueue_get_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *value);
#endif

/* what clients use and those headers lack */
int remote_system_request(system_req_payload *request);
int fastrpc_get_cap(uint32_t domain, uint32_t attribute, uint32_t *capability);
int rpcmem_cache_flush(void *buffer, int size);
int rpcmem_cache_invalidate(void *buffer, int size);

#ifdef __cplusplus
}
#endif
