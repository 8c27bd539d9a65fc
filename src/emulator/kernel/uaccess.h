/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * User access: the only way to a caller's memory. A bad address is -EFAULT, never a signal. All
 * ranges of a batch cross in one system call (per 64).
 *
 * What lies on the calling thread's own stack is there as long as it calls, and is copied directly.
 * Large ranges of this process's own anonymous memory are copied directly where the kernel can say
 * what they are (PROCMAP_QUERY, Linux 6.11): system calls copy at a third of that speed on some
 * machines. An app that unmaps such a buffer while its call copies it then gets the fault itself.
 */
#ifndef EMU_KERNEL_UACCESS_H
#define EMU_KERNEL_UACCESS_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../transport/device.h"

/* From this size on a direct copy is worth a question to the kernel. */
#define EMU_DIRECT_LEAST UINT64_C(65536)

struct emu_copy {
	void *kernel;
	uint64_t user;
	uint64_t len;
	bool direct; /* emu_user_is_direct() has just said so */
};

/*
 * May the @len bytes at @user be copied as plain memory? Worth asking ahead, while there is time: the
 * answer is as good as the caller's own word that the memory stays.
 */
bool emu_user_is_direct(const struct frpc_task *task, uint64_t user, uint64_t len, bool write);

/* 0 or -EFAULT; the kernel side holds whatever had been copied by then. */
int emu_user_read(const struct frpc_task *task, void *to, uint64_t from, uint64_t len);
int emu_user_write(const struct frpc_task *task, uint64_t to, const void *from, uint64_t len);
int emu_user_read_batch(const struct frpc_task *task, const struct emu_copy *copies, size_t count);
int emu_user_write_batch(const struct frpc_task *task, const struct emu_copy *copies, size_t count);

/* Counted by whoever runs a driver: what user access keeps open goes with the last. */
void emu_user_hold(void);
void emu_user_release(void);

/*
 * Memory around a command's argument, read in one system call: what the caller passes beside it
 * need not be fetched again.
 */
struct emu_window {
	uint64_t start;
	uint64_t len;
	unsigned char bytes[640];
};

/* Reads at least @least bytes at @from, and what follows as far as it goes. 0 or -EFAULT. */
int emu_window_open(struct emu_window *window, const struct frpc_task *task, uint64_t from,
		    uint64_t least);
/* The @len bytes at @from: out of the window, or from the caller. 0 or -EFAULT. */
int emu_window_read(const struct emu_window *window, const struct frpc_task *task, void *to,
		    uint64_t from, uint64_t len);

/*
 * The area that holds @address, if the caller's library knows it (then nobody need ask the kernel) or
 * the kernel tells it cheaply. False: it costs more than that.
 */
bool emu_user_quick_area(const struct frpc_task *task, uint64_t address,
			 struct frpc_area *ret_area);

/* Can the kernel tell areas apart cheaply? Then nobody needs to keep what it said. */
bool emu_user_area_is_cheap(const struct frpc_task *task);
/* The area that holds @address, as find_vma() answers: 0, or -EFAULT if none does. */
int emu_user_area(const struct frpc_task *task, uint64_t address, struct frpc_area *ret_area);
/* True while @area is still one area of the caller's memory. */
bool emu_user_area_valid(const struct frpc_task *task, const struct frpc_area *area);

/* Is the caller a member of @gid? */
bool emu_user_in_group(const struct frpc_task *task, gid_t gid);

/* The caller's command name, at most 15 characters. */
void emu_user_comm(const struct frpc_task *task, char comm[16]);

#endif
