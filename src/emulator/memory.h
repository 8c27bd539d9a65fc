/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory seam: (context bank, device address, length) to bytes. The driver's SMMU model stands
 * on one side, the DSP on the other. A device address carries the bank id in bits 35..32, as in
 * messages. Access outside what the driver has mapped is -EFAULT.
 */
#ifndef EMU_MEMORY_H
#define EMU_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Real shared memory behind a range of device addresses. */
struct emu_backing {
	uint64_t dev, ino;  /* identity of the memory: equal for every mapping of one buffer */
	uint64_t offset;    /* of the range's first byte in it */
	uint64_t size;	    /* of the whole buffer */
	uint64_t fd_offset; /* of the buffer's first byte in the file of @fd */
	int fd;		    /* -1 unless asked for; then the caller's to close, unless @passing */
	/*
	 * Behind a real driver nobody says when a buffer goes: the addresses may mean other memory as
	 * soon as the call has been answered. Such a backing has no identity, and is not kept mapped.
	 * Its @fd stays the memory's own: as many calls pass as there are, each with several.
	 */
	bool passing;
};

struct emu_memory;

struct emu_memory_ops {
	/*
	 * Finds what backs @address .. @address + @length - 1, which must lie in one mapping. With
	 * @want_fd the backing comes with a descriptor of its own. Any thread. 0 or -EFAULT, -EMFILE.
	 * Where only mapping it tells whether the DSP may see it, mmap() of @fd fails with EFAULT.
	 */
	int (*resolve)(struct emu_memory *memory, uint64_t address, uint64_t length, bool want_fd,
		       struct emu_backing *ret_backing);
	void (*free)(struct emu_memory *memory);
};

struct emu_memory {
	const struct emu_memory_ops *ops;
};

static inline int emu_memory_resolve(struct emu_memory *memory, uint64_t address, uint64_t length,
				     bool want_fd, struct emu_backing *ret_backing)
{
	return memory->ops->resolve(memory, address, length, want_fd, ret_backing);
}

/* Takes NULL. */
static inline void emu_memory_free(struct emu_memory *memory)
{
	if (memory)
		memory->ops->free(memory);
}

/* The bank id in a device address. */
static inline uint32_t emu_address_bank(uint64_t address)
{
	return (uint32_t)(address >> 32);
}

#endif
