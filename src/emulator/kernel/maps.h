/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The dma-bufs that an open file has mapped for its DSP process. The caller serialises nothing:
 * every function locks for itself.
 */
#ifndef EMU_KERNEL_MAPS_H
#define EMU_KERNEL_MAPS_H

#include "driver.h"
#include "shadows.h"
#include "smmu.h"
#include "traits.h"
#include "uaccess.h"

struct emu_maps;

#define EMU_MAP_NOMAP \
	16u /* a flag of requests, downstream: physical, which no DSP process reaches */

/* Fields below the line are the owner's; read them only while holding a reference. */
struct emu_map {
	struct emu_map *next;
	int32_t fd;
	uint64_t va, len;     /* user range it was made for; 0, 0 for handles */
	uint64_t size;	      /* mapped size: the whole dma-buf, or what downstream says */
	uint64_t address;     /* device address of its first byte */
	uint64_t dsp_address; /* what the DSP called it, 0 if never announced */
	uint32_t attrs, flags;
	uint32_t refs, ctx_refs, handle_refs;
	uint32_t pins; /* commands that are at work with it: it stays whatever the DSP lists */
	bool shell;    /* of the process itself: not to be unmapped by the user */
	bool secure;   /* through the secure context bank; mainline: SECUREMAP */
	bool assigned; /* the DSP's VM has been given access */
	bool listed;
	/* ---- */
	struct emu_smmu_map *smmu_map;
};

/* What a reference is for. */
enum emu_map_use {
	EMU_MAP_HELD,	/* MMAP, MEM_MAP, the shell: pinned, see emu_maps_keep() */
	EMU_MAP_BUFFER, /* a buffer of a running call */
	EMU_MAP_HANDLE, /* a handle of a call, until the DSP lists its fd: pinned, see emu_maps_sent() */
};

struct emu_map_request {
	int32_t fd;
	uint64_t va, len;
	uint32_t attrs, flags;
	enum emu_map_use use;
	bool shell;		      /* it is of the process itself from now on */
	const struct frpc_area *area; /* that holds va, if the caller knows it */
	struct emu_dmabuf *dmabuf;    /* a kernel driver's: instead of fd, which is -1 then */
};

struct emu_maps_config {
	enum emu_dialect dialect;
	struct emu_smmu *smmu;
	uint32_t bank;	/* id of the file's context bank; 0: no SMMU */
	uint64_t limit; /* downstream: mapped sizes stay below it */
	/* Mainline before 6.12 believes the client: lengths are not checked, and are the maps' sizes. */
	bool believing;
	bool assign;		     /* downstream: buffers are assigned to the DSP's VM as well */
	struct emu_shadows *shadows; /* the bank is not coherent; or NULL */
	struct emu_traits *traits;
	struct emu_inject *inject;
	/* The id of the file's secure context bank, taken when first asked for. 0 or -ENOSR. */
	int (*secure_bank)(void *context, uint32_t *ret_bank);
	void *context;
};

/* The pointers in @config are borrowed. 0 or -ENOMEM. */
int emu_maps_new(const struct emu_maps_config *config, struct emu_maps **ret_maps);
/* Releases every map, whatever its counts. Takes NULL. */
void emu_maps_free(struct emu_maps *maps);

/*
 * Finds or makes the map of @request and takes a reference. Downstream: -EBADFD no dma-buf or its
 * owners unknown, -ENOSR no secure bank, -EINVAL flag 16 with KEEP_MAP, -EFAULT too short, scattered
 * where one block is needed, or no address, -EADDRNOTAVAIL not to be assigned, -ENOMEM. Mainline:
 * -EBADF, -EINVAL no dma-buf or longer than it, -ENOMEM.
 */
int emu_maps_get(struct emu_maps *maps, const struct frpc_task *task,
		 const struct emu_map_request *request, struct emu_map **ret_map);
/*
 * The command that got a map as EMU_MAP_HELD is done with it: keeps the reference for later, with
 * the address that the DSP gave (NULL: none), or drops it. What the DSP has listed meanwhile goes.
 * Both take a NULL map.
 */
void emu_maps_keep(struct emu_maps *maps, struct emu_map *map, const uint64_t *dsp_address);
void emu_maps_drop(struct emu_maps *maps, struct emu_map *map);
/*
 * The call that got a map as EMU_MAP_HANDLE is sent: from now on the map goes when the DSP lists it. Or
 * it is not sent: the reference is dropped. Both take a NULL map.
 */
void emu_maps_sent(struct emu_maps *maps, struct emu_map *map);
void emu_maps_drop_handle(struct emu_maps *maps, struct emu_map *map);
/* Gives a reference of that use back; a map without any is released. Takes NULL. */
void emu_maps_put(struct emu_maps *maps, struct emu_map *map, enum emu_map_use use);

/*
 * The page entry of @len bytes at @va in @map; @area (or NULL) as in the request. 0 or -EFAULT
 * (downstream: outside).
 */
int emu_maps_page(struct emu_maps *maps, const struct frpc_task *task, const struct emu_map *map,
		  const struct frpc_area *area, uint64_t va, uint64_t len, uint64_t *ret_address,
		  uint64_t *ret_size);

/*
 * Takes the map with that DSP address (and fd, if >= 0; and length, unless mainline) and pins it.
 * Downstream only if nothing uses it, and off the list. Mainline's is found still, also by calls, and
 * those that use it may end meanwhile. 0; -ENOENT none such.
 */
int emu_maps_detach(struct emu_maps *maps, int32_t fd, uint64_t dsp_address, uint64_t len,
		    struct emu_map **ret_map);
/* Puts it back, or releases it. */
void emu_maps_attach(struct emu_maps *maps, struct emu_map *map);
void emu_maps_release(struct emu_maps *maps, struct emu_map *map);

/* A kernel driver's map of that buffer and flag, or NULL; the caller serialises who may drop it. */
struct emu_map *emu_maps_find(struct emu_maps *maps, const struct emu_dmabuf *dmabuf,
			      uint32_t flags);

/* Mainline, what the DSP listed after a call: the oldest map of the fd loses a reference. */
void emu_maps_fd_done(struct emu_maps *maps, const struct frpc_task *task, int32_t fd);
/* Downstream, the same: drops the handle references of @fd. */
void emu_maps_handles_done(struct emu_maps *maps, int32_t fd);
/* MUNMAP_FD: 0, -ENXIO no such map. */
int emu_maps_drop_kept(struct emu_maps *maps, int32_t fd, uint64_t va, uint64_t len);

uint32_t emu_maps_count(struct emu_maps *maps);
/* Copies of the maps, the newest first; without their SMMU side. Their number, also beyond @most. */
uint32_t emu_maps_read(struct emu_maps *maps, struct emu_map *copies, uint32_t most);

#endif
