/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands that both dialects have, apart from their checks and layouts. */
#ifndef EMU_KERNEL_COMMANDS_H
#define EMU_KERNEL_COMMANDS_H

#include "context.h"

/* What a process is created from. */
struct emu_create_request {
	uint64_t file; /* shell, in the caller's memory */
	uint32_t filelen;
	int32_t filefd;
	uint32_t attrs, siglen;
	uint64_t memory; /* bytes of initial memory */
	bool map_shell;
	bool keep_shell;   /* mainline keeps it mapped until close */
	long refusal;	   /* downstream: what is said once the shell has been mapped; 0: nothing */
	int32_t shared_fd; /* downstream: parameters for the process; size 0: none */
	uint32_t shared_size;
};

long emu_create_process(struct emu_file *file, const struct frpc_task *task,
			const struct emu_create_request *request);
long emu_attach_process(struct emu_file *file, const struct frpc_task *task, uint32_t pd);
/* The same, telling the command's name too. */
long emu_attach_by_name(struct emu_file *file, const struct frpc_task *task, uint32_t pd);

/* Donates @size bytes of the driver's memory. @limit_error as the dialect says it. */
long emu_donate_pages(struct emu_file *file, const struct frpc_task *task, uint32_t flags,
		      uint64_t size, uint64_t *ret_address);
/* Takes donated pages back. *ret_found: there were such pages. */
long emu_take_pages_back(struct emu_file *file, const struct frpc_task *task, uint64_t address,
			 uint64_t size, bool *ret_found);

struct emu_announce {
	int32_t fd, offset;
	uint32_t flags;
	uint64_t vaddr, page_address, page_size;
};

/* Methods 10 and 11: tells the DSP of a map, or that it goes. */
long emu_announce_map(struct emu_file *file, const struct frpc_task *task, struct emu_map *map,
		      const struct emu_announce *announce, uint64_t *ret_address);
/* Method 10 for other memory: @announce has its page_address. */
long emu_announce(struct emu_file *file, const struct frpc_task *task,
		  const struct emu_announce *announce, uint64_t *ret_address);
long emu_revoke_map(struct emu_file *file, const struct frpc_task *task, const struct emu_map *map,
		    uint64_t length);
/* Methods 4 and 5, for @address of the driver's or a dma-buf's memory. */
long emu_call_mmap(struct emu_file *file, const struct frpc_task *task, uint32_t flags,
		   uint64_t vaddr, uint64_t address, uint64_t size, uint64_t *ret_address);
long emu_call_munmap(struct emu_file *file, const struct frpc_task *task, uint64_t address,
		     uint64_t size);

/* Fills @channel's cache with what the DSP of @file answers. The DSP's result. */
long emu_query_capabilities(struct emu_file *file, const struct frpc_task *task,
			    struct emu_channel *channel);

#endif
