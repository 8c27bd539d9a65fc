/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a dma-buf is beyond its bytes: which virtual machines may access it, and whether it is one
 * block of physical memory. A memfd is the caller's alone and one block, unless a test says else.
 */
#ifndef EMU_KERNEL_TRAITS_H
#define EMU_KERNEL_TRAITS_H

#include "dmabuf.h"
#include "inject.h"

/* Bits, as in emulator.h. */
#define EMU_BUFFER_SECURE	(1u << 0) /* the caller's VM is not its exclusive owner */
#define EMU_BUFFER_SCATTERED	(1u << 1) /* more than one block */
#define EMU_BUFFER_UNQUERIED	(1u << 2) /* asking for its owners fails */
#define EMU_BUFFER_UNASSIGNABLE (1u << 3) /* the hypervisor refuses to hand it over */
#define EMU_BUFFER_ASSIGNED	(1u << 4) /* observed: a DSP's VM may access it too */
#define EMU_BUFFER_SETTABLE	0xfu

struct emu_traits;

/* @inject is borrowed. 0 or -ENOMEM. */
int emu_traits_new(struct emu_inject *inject, struct emu_traits **ret_traits);
/* Takes NULL. */
void emu_traits_free(struct emu_traits *traits);

/* Any thread. Keeps the buffer alive while it has bits set. 0 or -ENOMEM. */
int emu_traits_set(struct emu_traits *traits, struct emu_dmabuf *dmabuf, uint32_t bits);
uint32_t emu_traits_get(struct emu_traits *traits, const struct emu_dmabuf *dmabuf);

/*
 * Lets a DSP's VM access the buffer, or takes that back; counted. 0, -EADDRNOTAVAIL refused,
 * -ENOMEM.
 */
int emu_traits_assign(struct emu_traits *traits, struct emu_dmabuf *dmabuf);
void emu_traits_unassign(struct emu_traits *traits, const struct emu_dmabuf *dmabuf);

#endif
