/* SPDX-License-Identifier: BSD-3-Clause */
/* Failures that a test has ordered: the driver asks here before it takes what could run out. */
#ifndef EMU_KERNEL_INJECT_H
#define EMU_KERNEL_INJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What can fail, with the number that emulator.h gives it. */
enum emu_inject_point {
	EMU_INJECT_ALLOCATION, /* memory of the driver's own: metadata, copies, heaps */
	EMU_INJECT_MAP,	       /* a dma-buf into the SMMU */
	EMU_INJECT_ASSIGNMENT, /* memory to or from another VM */
	EMU_INJECT_POINTS,
};

/* All zero: nothing fails. */
struct emu_inject {
	/* Attempts still to be let through, and then to fail: two halves of one word. */
	_Atomic uint64_t orders[EMU_INJECT_POINTS];
};

/* Lets @skip attempts through, then fails @count. */
static inline void emu_inject_order(struct emu_inject *inject, enum emu_inject_point point,
				    uint32_t skip, uint32_t count)
{
	atomic_store(&inject->orders[point], (uint64_t)skip << 32 | count);
}

/* True: this attempt must fail. */
static inline bool emu_inject_fails(struct emu_inject *inject, enum emu_inject_point point)
{
	uint64_t old = atomic_load_explicit(&inject->orders[point], memory_order_relaxed), left;

	do {
		if (!(uint32_t)old)
			return false;
		left = old >> 32 ? old - (UINT64_C(1) << 32) : old - 1;
	} while (!atomic_compare_exchange_weak(&inject->orders[point], &old, left));
	return !(old >> 32);
}

#endif
