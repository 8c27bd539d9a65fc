/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the drivers pack the arguments of one call, written a second time and for tests only: from
 * the description of the drivers, sharing no code and no header with src/. The caller says where
 * the driver's memory lies, so that every byte the DSP receives is known beforehand.
 */
#ifndef TEST_MODEL_H
#define TEST_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_MAX_ARGS	540
#define MODEL_MAX_BUFS	8
#define MODEL_MAX_AREAS 8

enum model_dialect {
	MODEL_DOWNSTREAM,
	MODEL_MAINLINE,
};

/* Of mainline. */
enum model_version {
	MODEL_6_12,
	MODEL_6_1,
	MODEL_7_3,
};

/* Buffer: address and bytes; handle: offset and bytes. */
struct model_arg {
	uint64_t ptr, len;
	int32_t fd;
	uint32_t attr;
};

/* The client: its dma-bufs and the mapped areas of its memory, which is this process's. */
struct model_client {
	struct {
		int32_t fd;
		uint64_t size;
	} bufs[MODEL_MAX_BUFS];
	int buf_count;
	struct {
		uint64_t start, end;
	} areas[MODEL_MAX_AREAS];
	int area_count;
};

struct model_call {
	enum model_dialect dialect;
	enum model_version version;
	uint32_t ins, outs, handles; /* in both directions */
	const struct model_arg *args;
	bool fds, attrs; /* downstream: were these arrays given? */
	const struct model_client *client;
	/* Device addresses: of maps in the order in which they are made, metadata, second buffer. */
	const uint64_t *map_addresses;
	uint64_t meta_address, copy_address;
	/* The driver's own address of the byte at device address a is driver_base + (a & 0xffffffff). */
	uint64_t driver_base;
};

/* A part of the driver's memory. bytes: calloc()ed, NULL if there is none. */
struct model_memory {
	uint8_t *bytes;
	uint64_t len; /* whole pages */
};

struct model_result {
	int error; /* of the ioctl, negative; nothing was sent then */
	uint64_t page_size;
	struct model_memory meta, copy;
	int maps_made;
	uint64_t meta_len, copy_len, total;
	/* Buffers: where the first byte is. NULL: mapped or empty. */
	uint8_t *places[MODEL_MAX_ARGS];
	/* And by its device address; mapped: which of the client's dma-bufs that is in. */
	uint64_t devices[MODEL_MAX_ARGS];
	int buf_of[MODEL_MAX_ARGS];
	uint64_t buf_offsets[MODEL_MAX_ARGS];
};

void model_pack(const struct model_call *call, struct model_result *result);
void model_free(struct model_result *result);

#endif
