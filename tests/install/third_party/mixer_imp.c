/* SPDX-License-Identifier: BSD-3-Clause */
/* What the third party's module does on the DSP. */
#include "mixer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <AEEStdErr.h>

struct mixer {
	char uri[100];
};

int mixer_open(const char *uri, remote_handle64 *h)
{
	struct mixer *mixer = calloc(1, sizeof(*mixer));

	if (!mixer)
		return AEE_ENOMEMORY;
	snprintf(mixer->uri, sizeof(mixer->uri), "%s", uri);
	*h = (remote_handle64)(uintptr_t)mixer;
	return AEE_SUCCESS;
}

int mixer_close(remote_handle64 h)
{
	free((struct mixer *)(uintptr_t)h);
	return AEE_SUCCESS;
}

AEEResult mixer_blend(remote_handle64 _h, const int32 *a, int aLen, const unsigned char *b,
		      int bLen, int32 factor, const char *name, int32 *product, int productLen,
		      char *greeting, int greetingLen, int64 *total)
{
	const struct mixer *mixer = (const struct mixer *)(uintptr_t)_h;

	if (productLen != aLen)
		return AEE_EBADPARM;
	*total = 0; /* breakpoint */
	for (int i = 0; i < aLen; i++) {
		product[i] = a[i] * factor;
		*total += a[i];
	}
	for (int i = 0; i < bLen; i++)
		*total += b[i];
	snprintf(greeting, (size_t)greetingLen, "%s, %s", name,
		 strstr(mixer->uri, "libmixer_skel.so") ? "hello" : "who are you");
	return AEE_SUCCESS;
}

AEEResult mixer_lengths(remote_handle64 _h, const unsigned char *a, int aLen,
			const unsigned char *b, int bLen, unsigned char *c, int cLen, int64 *bytes)
{
	(void)_h;
	*bytes = aLen * 1000000 + bLen * 1000 + cLen;
	for (int i = 0; i < cLen; i++)
		c[i] = (unsigned char)((i < aLen ? a[i] : 0) + (i < bLen ? b[i] : 0));
	return AEE_SUCCESS;
}

AEEResult mixer_overlap(remote_handle64 _h, const unsigned char *a, int aLen,
			const unsigned char *b, int bLen, unsigned char *marks, int marksLen,
			int64 *total)
{
	int64 sum = 0;

	(void)_h;
	/* Everything is read before anything is written: the buffers may share their bytes. */
	for (int i = 0; i < aLen; i++)
		sum += a[i];
	for (int i = 0; i < bLen; i++)
		sum += b[i] * 1000;
	memset(marks, 0x5a, (size_t)marksLen);
	*total = sum;
	return AEE_SUCCESS;
}

AEEResult mixer_handles(remote_handle64 _h, int first, uint32 firstOffset, uint32 firstLen, int32 x,
			int result, uint32 resultOffset, uint32 resultLen, int second,
			uint32 secondOffset, uint32 secondLen, int32 *seen, int seenLen)
{
	const int32 all[] = {first,
			     (int32)firstOffset,
			     (int32)firstLen,
			     x,
			     result,
			     (int32)resultOffset,
			     (int32)resultLen,
			     second,
			     (int32)secondOffset,
			     (int32)secondLen};

	(void)_h;
	if (seenLen != (int)(sizeof(all) / sizeof(*all)))
		return AEE_EBADPARM;
	memcpy(seen, all, sizeof(all));
	return AEE_SUCCESS;
}

AEEResult mixer_many(remote_handle64 _h, const mixer_piece *pieces, int piecesLen,
		     mixer_piece *reversed, int reversedLen, int64 *total)
{
	(void)_h;
	*total = 0;
	for (int i = 0; i < piecesLen; i++)
		for (int k = 0; k < pieces[i].dataLen; k++)
			*total += pieces[i].data[k];
	for (int i = 0; i < reversedLen; i++) {
		const mixer_piece *from = &pieces[piecesLen - 1 - i];

		if (i >= piecesLen || reversed[i].dataLen != from->dataLen)
			return AEE_EBADPARM;
		if (from->dataLen)
			memcpy(reversed[i].data, from->data, (size_t)from->dataLen);
	}
	return AEE_SUCCESS;
}

AEEResult mixer_fail(remote_handle64 _h)
{
	(void)_h;
	return AEE_EBADPARM;
}

AEEResult mixer_overflow(remote_handle64 _h, int32 count)
{
	unsigned char *bytes = malloc((size_t)count);

	(void)_h;
	if (!bytes)
		return AEE_ENOMEMORY;
	for (int i = 0; i <= count; i++)
		((volatile unsigned char *)bytes)[i] = (unsigned char)i; /* overflow */
	free(bytes);
	return AEE_SUCCESS;
}

AEEResult mixer_distant(remote_handle64 _h, int32 a, const int32 *b, int bLen, int32 *c)
{
	(void)_h;
	*c = a;
	for (int i = 0; i < bLen; i++)
		*c += b[i];
	return AEE_SUCCESS;
}
