/* SPDX-License-Identifier: BSD-3-Clause */
/* The interface of mixer.idl, in the shape in which an IDL compiler writes it. */
#ifndef _MIXER_H
#define _MIXER_H

#include <AEEStdDef.h>
#include <remote.h>

#ifndef __QAIC_HEADER
#define __QAIC_HEADER(ff) ff
#endif
#ifndef __QAIC_HEADER_EXPORT
#define __QAIC_HEADER_EXPORT
#endif
#ifndef __QAIC_HEADER_ATTRIBUTE
#define __QAIC_HEADER_ATTRIBUTE
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mixer_piece {
	unsigned char *data;
	int dataLen;
} mixer_piece;

#define mixer_URI "file:///libmixer_skel.so?mixer_skel_handle_invoke&_modver=1.0"

__QAIC_HEADER_EXPORT int __QAIC_HEADER(mixer_open)(const char *uri,
						   remote_handle64 *h) __QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT int __QAIC_HEADER(mixer_close)(remote_handle64 h) __QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT AEEResult __QAIC_HEADER(mixer_blend)(remote_handle64 _h, const int32 *a,
							  int aLen, const unsigned char *b,
							  int bLen, int32 factor, const char *name,
							  int32 *product, int productLen,
							  char *greeting, int greetingLen,
							  int64 *total) __QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT AEEResult __QAIC_HEADER(mixer_lengths)(remote_handle64 _h,
							    const unsigned char *a, int aLen,
							    const unsigned char *b, int bLen,
							    unsigned char *c, int cLen,
							    int64 *bytes) __QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT AEEResult __QAIC_HEADER(mixer_overlap)(remote_handle64 _h,
							    const unsigned char *a, int aLen,
							    const unsigned char *b, int bLen,
							    unsigned char *marks, int marksLen,
							    int64 *total) __QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT AEEResult __QAIC_HEADER(mixer_handles)(
	remote_handle64 _h, int first, uint32 firstOffset, uint32 firstLen, int32 x, int result,
	uint32 resultOffset, uint32 resultLen, int second, uint32 secondOffset, uint32 secondLen,
	int32 *seen, int seenLen) __QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT AEEResult __QAIC_HEADER(mixer_many)(remote_handle64 _h,
							 const mixer_piece *pieces, int piecesLen,
							 mixer_piece *reversed, int reversedLen,
							 int64 *total) __QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT AEEResult __QAIC_HEADER(mixer_fail)(remote_handle64 _h)
	__QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT AEEResult __QAIC_HEADER(mixer_overflow)(remote_handle64 _h,
							     int32 count) __QAIC_HEADER_ATTRIBUTE;
__QAIC_HEADER_EXPORT AEEResult __QAIC_HEADER(mixer_distant)(remote_handle64 _h, int32 a,
							    const int32 *b, int bLen,
							    int32 *c) __QAIC_HEADER_ATTRIBUTE;

#ifdef __cplusplus
}
#endif

#endif
