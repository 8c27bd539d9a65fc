/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The downstream driver's layouts and numbers as this program itself says them: a 32-bit program's
 * own, which narrow.c writes, or the 64-bit ones. Commands not named here have one form for both.
 */
#ifndef FRPC_TRANSPORT_OWN_ABI_H
#define FRPC_TRANSPORT_OWN_ABI_H

#include <stdint.h>

#include <fastrpc/abi/downstream.h>

#if UINTPTR_MAX == UINT32_MAX
#define FRPC_OWN_DN(type)      struct frpc_dn32_##type
#define FRPC_OWN_DN_MMAP_64    struct frpc_dn32_mmap_64
#define FRPC_OWN_DN_MUNMAP_64  struct frpc_dn32_munmap_64
#define FRPC_OWN_DN_IOCTL(cmd) FRPC_DN32_IOCTL_##cmd
#else
#define FRPC_OWN_DN(type)      struct frpc_dn_##type
#define FRPC_OWN_DN_MMAP_64    struct frpc_dn_mmap
#define FRPC_OWN_DN_MUNMAP_64  struct frpc_dn_munmap
#define FRPC_OWN_DN_IOCTL(cmd) FRPC_DN_IOCTL_##cmd
#endif

#endif
