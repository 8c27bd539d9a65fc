/* SPDX-License-Identifier: BSD-3-Clause */
/* A dma-buf: a real one, or a memfd. Counted; its own descriptor keeps the memory alive. */
#ifndef EMU_KERNEL_DMABUF_H
#define EMU_KERNEL_DMABUF_H

#include <stdatomic.h>
#include <stdint.h>

#include "../../transport/device.h"

/* No allocator of a phone has more than this in one piece. */
#define EMU_DMABUF_LIMIT UINT64_C(0xffffffff)

struct emu_dmabuf {
	_Atomic int refs;
	int fd;
	uint64_t dev, ino;
	uint64_t size;
};

/* 0 with a reference; -EBADF: not open; -EINVAL: no dma-buf; -EMFILE, -ENOMEM. */
int emu_dmabuf_get(const struct frpc_task *task, int32_t fd, struct emu_dmabuf **ret_dmabuf);
/* New zeroed memory of @size bytes. 0, -ENOMEM, -EMFILE. */
int emu_dmabuf_new(const char *name, uint64_t size, struct emu_dmabuf **ret_dmabuf);
/* Is the caller's @fd this very buffer? */
bool emu_dmabuf_is(const struct emu_dmabuf *dmabuf, const struct frpc_task *task, int32_t fd);

static inline struct emu_dmabuf *emu_dmabuf_ref(struct emu_dmabuf *dmabuf)
{
	atomic_fetch_add_explicit(&dmabuf->refs, 1, memory_order_relaxed);
	return dmabuf;
}

/* Takes NULL. */
void emu_dmabuf_put(struct emu_dmabuf *dmabuf);

#endif
