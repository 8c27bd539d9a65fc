/* SPDX-License-Identifier: BSD-3-Clause */
/* The one type that i386 compilers would lay out differently from every kernel FastRPC runs on. */
#ifndef FASTRPC_ABI_TYPES_H
#define FASTRPC_ABI_TYPES_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* i386 aligns 64-bit integers to 4; ARM and every LP64 machine to 8. */
typedef uint64_t frpc_abi_u64 __attribute__((aligned(8)));

/* _IOC() by hand: the numbers must not depend on the machine that compiles this. */
#define FRPC_ABI_IOC(dir, nr, size) \
	(((uint32_t)(dir) << 30) | ((uint32_t)(size) << 16) | ((uint32_t)'R' << 8) | (uint32_t)(nr))
#define FRPC_ABI_IO(nr)		FRPC_ABI_IOC(0, nr, 0)
#define FRPC_ABI_IOWR(nr, type) FRPC_ABI_IOC(3, nr, sizeof(type))
#define FRPC_ABI_NR(cmd)	((uint32_t)(cmd)&0xffu)
#define FRPC_ABI_SIZE(cmd)	(((uint32_t)(cmd) >> 16) & 0x3fffu)

#endif
