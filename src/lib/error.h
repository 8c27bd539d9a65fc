/* SPDX-License-Identifier: BSD-3-Clause */
/* How a failure is reported: a code for the caller, and for his thread the whole story. */
#ifndef FRPC_LIB_ERROR_H
#define FRPC_LIB_ERROR_H

#include "fastrpc.h"

/*
 * Records the calling thread's last failure, logs it at debug level, and returns @code. @error: a
 * positive or negative errno, or 0. errno is left as it was.
 */
int frpc_fail(int code, enum frpc_origin origin, int error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds the DSP loader's own words to the record just made. */
void frpc_fail_dsp_text(const char *text);

/* Keeps a record over a clean-up that may fail in its turn. */
struct frpc_error_saved {
	int code, origin, error;
	char text[2048];
	char dsp_text[512];
};
void frpc_error_save(struct frpc_error_saved *saved);
void frpc_error_restore(const struct frpc_error_saved *saved);

/* The AEE number for a positive or negative errno of the driver (docs/errors.md). */
int frpc_code_from_errno(int error);

/* A driver's refusal: code from @error; the text ends with the errno in words. */
int frpc_fail_driver(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
