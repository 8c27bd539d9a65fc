/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ioctl interface of the mainline Linux driver (drivers/misc/fastrpc.c, version 6.12), nodes
 * /dev/fastrpc-<domain> and /dev/fastrpc-<domain>-secure. One layout for 64-bit and 32-bit (ARM)
 * clients. Names carry our prefix so that this header can stand beside the kernel's own.
 * Source of the numbers: docs/abi.md.
 */
#ifndef FASTRPC_ABI_MAINLINE_H
#define FASTRPC_ABI_MAINLINE_H

#include "types.h"

struct frpc_ml_invoke_args {
	frpc_abi_u64 ptr;    /* user address; for a handle: the offset */
	frpc_abi_u64 length; /* bytes; for a handle: the length */
	int32_t fd;	     /* dma-buf; 0 and -1 both mean none */
	uint32_t attr;	     /* FRPC_ML_ATTR_SECUREMAP */
};

struct frpc_ml_invoke {
	uint32_t handle;
	uint32_t sc;
	frpc_abi_u64 args; /* address of frpc_ml_invoke_args[] */
};

struct frpc_ml_init_create {
	uint32_t filelen;
	int32_t filefd;
	uint32_t attrs;
	uint32_t siglen;
	frpc_abi_u64 file;
};

struct frpc_ml_init_create_static {
	uint32_t namelen;
	uint32_t memlen;
	frpc_abi_u64 name;
};

struct frpc_ml_alloc_dma_buf {
	int32_t fd; /* out */
	uint32_t flags;
	frpc_abi_u64 size;
};

struct frpc_ml_req_mmap {
	int32_t fd; /* ignored */
	uint32_t flags;
	frpc_abi_u64 vaddrin;
	frpc_abi_u64 size;
	frpc_abi_u64 vaddrout; /* out */
};

struct frpc_ml_req_munmap {
	frpc_abi_u64 vaddrout;
	frpc_abi_u64 size;
};

struct frpc_ml_mem_map {
	int32_t version;
	int32_t fd;
	int32_t offset;
	uint32_t flags;
	frpc_abi_u64 vaddrin;
	frpc_abi_u64 length;
	frpc_abi_u64 vaddrout; /* out */
	int32_t attrs;
	int32_t reserved[4];
};

struct frpc_ml_mem_unmap {
	int32_t version; /* the kernel's header spells it "vesion" */
	int32_t fd;
	frpc_abi_u64 vaddr;
	frpc_abi_u64 length;
	int32_t reserved[5];
};

struct frpc_ml_capability {
	uint32_t domain;
	uint32_t attribute_id;
	uint32_t capability; /* out */
	uint32_t reserved[4];
};

struct frpc_ml_set_option {
	uint32_t request_id;
	uint32_t value;
	int32_t reserved[6];
};

#define FRPC_ML_IOCTL_ALLOC_DMA_BUFF	 FRPC_ABI_IOWR(1, struct frpc_ml_alloc_dma_buf)
#define FRPC_ML_IOCTL_FREE_DMA_BUFF	 FRPC_ABI_IOWR(2, uint32_t) /* no driver handles it */
#define FRPC_ML_IOCTL_INVOKE		 FRPC_ABI_IOWR(3, struct frpc_ml_invoke)
#define FRPC_ML_IOCTL_INIT_ATTACH	 FRPC_ABI_IO(4)
#define FRPC_ML_IOCTL_INIT_CREATE	 FRPC_ABI_IOWR(5, struct frpc_ml_init_create)
#define FRPC_ML_IOCTL_MMAP		 FRPC_ABI_IOWR(6, struct frpc_ml_req_mmap)
#define FRPC_ML_IOCTL_MUNMAP		 FRPC_ABI_IOWR(7, struct frpc_ml_req_munmap)
#define FRPC_ML_IOCTL_INIT_ATTACH_SNS	 FRPC_ABI_IO(8)
#define FRPC_ML_IOCTL_INIT_CREATE_STATIC FRPC_ABI_IOWR(9, struct frpc_ml_init_create_static)
#define FRPC_ML_IOCTL_MEM_MAP		 FRPC_ABI_IOWR(10, struct frpc_ml_mem_map)
#define FRPC_ML_IOCTL_MEM_UNMAP		 FRPC_ABI_IOWR(11, struct frpc_ml_mem_unmap)
#define FRPC_ML_IOCTL_SET_OPTION	 FRPC_ABI_IOWR(12, struct frpc_ml_set_option) /* 7.3 */
#define FRPC_ML_IOCTL_GET_DSP_INFO	 FRPC_ABI_IOWR(13, struct frpc_ml_capability)

#define FRPC_ML_ATTR_SECUREMAP	 0x1u
#define FRPC_ML_MMAP_ADD_PAGES	 0x1000u
#define FRPC_ML_MMAP_REMOTE_HEAP 8u

static_assert(sizeof(struct frpc_ml_invoke_args) == 24, "mainline: invoke_args");
static_assert(offsetof(struct frpc_ml_invoke_args, fd) == 16, "mainline: invoke_args.fd");
static_assert(sizeof(struct frpc_ml_invoke) == 16, "mainline: invoke");
static_assert(sizeof(struct frpc_ml_init_create) == 24, "mainline: init_create");
static_assert(offsetof(struct frpc_ml_init_create, file) == 16, "mainline: init_create.file");
static_assert(sizeof(struct frpc_ml_init_create_static) == 16, "mainline: init_create_static");
static_assert(sizeof(struct frpc_ml_alloc_dma_buf) == 16, "mainline: alloc_dma_buf");
static_assert(sizeof(struct frpc_ml_req_mmap) == 32, "mainline: req_mmap");
static_assert(sizeof(struct frpc_ml_req_munmap) == 16, "mainline: req_munmap");
static_assert(sizeof(struct frpc_ml_mem_map) == 64, "mainline: mem_map");
static_assert(offsetof(struct frpc_ml_mem_map, vaddrout) == 32, "mainline: mem_map.vaddrout");
static_assert(sizeof(struct frpc_ml_mem_unmap) == 48, "mainline: mem_unmap");
static_assert(sizeof(struct frpc_ml_capability) == 28, "mainline: capability");
static_assert(sizeof(struct frpc_ml_set_option) == 32, "mainline: set_option");
static_assert(FRPC_ML_IOCTL_ALLOC_DMA_BUFF == 0xC0105201u, "mainline: ALLOC_DMA_BUFF");
static_assert(FRPC_ML_IOCTL_INVOKE == 0xC0105203u, "mainline: INVOKE");
static_assert(FRPC_ML_IOCTL_INIT_ATTACH == 0x00005204u, "mainline: INIT_ATTACH");
static_assert(FRPC_ML_IOCTL_INIT_CREATE == 0xC0185205u, "mainline: INIT_CREATE");
static_assert(FRPC_ML_IOCTL_MMAP == 0xC0205206u, "mainline: MMAP");
static_assert(FRPC_ML_IOCTL_MUNMAP == 0xC0105207u, "mainline: MUNMAP");
static_assert(FRPC_ML_IOCTL_MEM_MAP == 0xC040520Au, "mainline: MEM_MAP");
static_assert(FRPC_ML_IOCTL_MEM_UNMAP == 0xC030520Bu, "mainline: MEM_UNMAP");
static_assert(FRPC_ML_IOCTL_SET_OPTION == 0xC020520Cu, "mainline: SET_OPTION");
static_assert(FRPC_ML_IOCTL_GET_DSP_INFO == 0xC01C520Du, "mainline: GET_DSP_INFO");

#endif
