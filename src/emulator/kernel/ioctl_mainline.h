/* SPDX-License-Identifier: BSD-3-Clause */
/* The mainline driver's commands, one file an object. Called with the file's map_lock held. */
#ifndef EMU_KERNEL_IOCTL_MAINLINE_H
#define EMU_KERNEL_IOCTL_MAINLINE_H

#include <fastrpc/abi/smq.h>

#include "commands.h"

/* ml_init.c */
long emu_ml_init_create(struct emu_file *file, const struct frpc_task *task, uint64_t arg);
long emu_ml_init_create_static(struct emu_file *file, const struct frpc_task *task, uint64_t arg);

/* ml_memory.c */
long emu_ml_mmap(struct emu_file *file, const struct frpc_task *task, uint64_t arg);
long emu_ml_munmap(struct emu_file *file, const struct frpc_task *task, uint64_t arg);
long emu_ml_mem_map(struct emu_file *file, const struct frpc_task *task, uint64_t arg);
long emu_ml_mem_unmap(struct emu_file *file, const struct frpc_task *task, uint64_t arg);

/*
 * Memory of the channel instead of a context bank's, from ml_heap.c: its addresses carry no bank.
 * 0 or -ENOMEM.
 */
int emu_ml_heap_get(struct emu_channel *channel, uint64_t size, struct emu_buffer **ret_buffer);
void emu_ml_heap_put(struct emu_channel *channel, struct emu_buffer *buffer);
/*
 * Where the channel's remote heap is, made with @size bytes when first asked for. It may be gone at any
 * time: a create that fails or a restart drops it. 0 or -ENOMEM.
 */
int emu_ml_heap_static(struct emu_channel *channel, uint64_t size, struct frpc_smq_page *ret_page);
/* A create that had the heap has failed: nobody is on it for that. */
void emu_ml_heap_leave_static(struct emu_file *file);
void emu_ml_heap_drop_static(struct emu_channel *channel);

/* INVOKE, and the second downstream generation's MULTIMODE_INVOKE; @arg is the caller's struct. */
long emu_ml_invoke(struct emu_file *file, const struct frpc_task *task, uint64_t arg);
long emu_ml_multimode(struct emu_file *file, const struct frpc_task *task, uint64_t arg);

#endif
