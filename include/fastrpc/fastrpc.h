/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libfastrpc adds to Qualcomm's interface: its version, words for errors, a log sink. Every
 * function may be called from any thread and never blocks on a DSP.
 */
#ifndef FASTRPC_H
#define FASTRPC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0". Static. */
const char *frpc_version(void);

/*
 * Name and sentence of @code: an AEE number, one with a DSP's offset, or a negative errno. Numbers
 * that mean both an AEE error and a positive errno read as the AEE error. Never NULL; valid until
 * the thread's next call of this function.
 */
const char *frpc_strerror(int code);

/* Where a call failed. */
enum frpc_origin {
	FRPC_ORIGIN_NONE = 0,	 /* nothing has failed */
	FRPC_ORIGIN_LIBRARY = 1, /* here: arguments, files, memory */
	FRPC_ORIGIN_DRIVER = 2,	 /* the kernel driver refused: see error_number */
	FRPC_ORIGIN_DSP = 3,	 /* the DSP answered with an error */
};

/* The calling thread's last failure. Set @size before the call, so that the struct may grow. */
struct frpc_error {
	size_t size;	      /* sizeof(struct frpc_error) */
	int code;	      /* what the function returned */
	int origin;	      /* enum frpc_origin */
	int error_number;     /* the driver's or libc's errno, 0 if none */
	const char *text;     /* "" if nothing has failed; valid until this thread's next failure */
	const char *dsp_text; /* the DSP loader's own words, or "" */
};

/*
 * The calling thread's last failure in words, "" if none: what failed, where, and what to do. Valid
 * until this thread's next failure. Not cleared by success.
 */
const char *frpc_last_error(void);
/* The same in parts. 0, or AEE_EBADPARM: NULL, or a size that no version had. */
int frpc_last_error_detail(struct frpc_error *ret_error);
/* Forgets the calling thread's last failure. */
void frpc_clear_last_error(void);

/*
 * Lets DSP processes of this program read files beneath @folder, and with @may_write not 0 also
 * make, change and remove them there. Without it they read the folders of the search path and
 * nothing else. From now on, until the program ends. 0, or AEE_ENOSUCHFILE, AEE_EBADPARM (no
 * folder), AEE_ENOMEMORY (64 are allowed already).
 */
int frpc_allow_folder(const char *folder, int may_write);

enum frpc_log_level {
	FRPC_LOG_ERROR = 0,
	FRPC_LOG_WARNING = 1,
	FRPC_LOG_INFO = 2,  /* also what DSP modules log (their errors: FRPC_LOG_ERROR) */
	FRPC_LOG_DEBUG = 3, /* every failing call */
};

/* @text is valid during the call only. May be called from several threads at once. */
typedef void frpc_log_fn(void *context, int level, const char *text);

/*
 * Sends messages up to @level to @fn; NULL: to nobody, as in the beginning. The library itself
 * never prints. Returns when no other thread is in the old @fn any more (do not call it from a
 * sink).
 */
void frpc_set_log(frpc_log_fn *fn, void *context, int level);

#ifdef __cplusplus
}
#endif

#endif
