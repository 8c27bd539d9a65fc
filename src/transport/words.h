/* SPDX-License-Identifier: BSD-3-Clause */
/* An errno in words, safe in threads, with either of the two strerror_r() that C libraries have. */
#ifndef FRPC_TRANSPORT_WORDS_H
#define FRPC_TRANSPORT_WORDS_H

#include <string.h>

static inline const char *frpc_words_gnu(const char *words, const char *buffer)
{
	(void)buffer;
	return words;
}

static inline const char *frpc_words_posix(int res, const char *buffer)
{
	return res ? "unknown error" : buffer;
}

/* Words for @error (positive); @buffer, of @len bytes, may hold them. */
#define frpc_errno_words(error, buffer, len) \
	_Generic(strerror_r(error, buffer, len), char * : frpc_words_gnu, int : frpc_words_posix)(    \
		strerror_r(error, buffer, len), buffer)

#endif
