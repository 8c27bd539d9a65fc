/* SPDX-License-Identifier: BSD-3-Clause */
/* A reverse call as a DSP packs it: the in buffers with their bytes, then the lengths of the out buffers. */
#ifndef TEST_REVERSE_REQUEST_H
#define TEST_REVERSE_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct request {
	_Alignas(8) unsigned char bytes[8192];
	size_t len;
};

static inline void add_length(struct request *request, uint32_t length)
{
	memcpy(request->bytes + request->len, &length, sizeof(length));
	request->len += sizeof(length);
}

static inline void add_in(struct request *request, const void *bytes, uint32_t length)
{
	add_length(request, length);
	if (!length)
		return;
	request->len = (request->len + 7) & ~(size_t)7;
	memcpy(request->bytes + request->len, bytes, length);
	request->len += length;
}

#endif
