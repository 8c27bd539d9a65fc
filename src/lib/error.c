/* SPDX-License-Identifier: BSD-3-Clause */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "AEEStdErr.h"
#include "log.h"
#include "transport/words.h"

/* Plain memory of the thread: nothing to free when it ends or the library is unloaded. */
static _Thread_local struct frpc_error_saved last;

void frpc_error_save(struct frpc_error_saved *saved)
{
	*saved = last;
}

void frpc_error_restore(const struct frpc_error_saved *saved)
{
	last = *saved;
}

static int record(int code, enum frpc_origin origin, int error, const char *format, va_list list)
{
	last.code = code;
	last.origin = origin;
	last.error = abs(error);
	last.dsp_text[0] = 0;
	vsnprintf(last.text, sizeof(last.text), format, list);
	return code;
}

int frpc_fail(int code, enum frpc_origin origin, int error, const char *format, ...)
{
	int saved = errno;
	va_list list;

	va_start(list, format);
	record(code, origin, error, format, list);
	va_end(list);
	frpc_log(FRPC_LOG_DEBUG, "%s", last.text);
	errno = saved;
	return code;
}

int frpc_fail_driver(int error, const char *format, ...)
{
	int saved = errno, code = frpc_code_from_errno(error);
	char words[80];
	va_list list;
	size_t used;

	va_start(list, format);
	record(code, FRPC_ORIGIN_DRIVER, error, format, list);
	va_end(list);
	used = strlen(last.text);
	snprintf(last.text + used, sizeof(last.text) - used, ": the driver answered errno %d (%s)",
		 last.error, frpc_errno_words(last.error, words, sizeof(words)));
	frpc_log(FRPC_LOG_DEBUG, "%s", last.text);
	errno = saved;
	return code;
}

void frpc_fail_dsp_text(const char *text)
{
	snprintf(last.dsp_text, sizeof(last.dsp_text), "%s", text);
}

int frpc_code_from_errno(int error)
{
	switch (abs(error)) {
	case 0:
		return AEE_SUCCESS;
	case EINTR:
		return AEE_EINTERRUPTED;
	case EFAULT:
	case ECHRNG:
	case EBADFD:
	case EINVAL:
	case EBADF:
	case EBADE:
	case EBADR:
	case EOVERFLOW:
	case EHOSTDOWN:
	case EEXIST:
	case EBADMSG:
		return AEE_EBADPARM;
	case ENXIO:
	case ENODEV:
	case ENOKEY:
		return AEE_ENOSUCHDEVICE;
	case ENOBUFS:
	case ENOMEM:
		return AEE_ENOMEMORY;
	case ENOSR:
	case EDQUOT:
	case ETIMEDOUT:
	case EUSERS:
	case ESHUTDOWN:
	case ENOSPC: /* mainline's table of calls is full */
		return AEE_EEXPIRED;
	case ENOTCONN:
	case ECONNREFUSED:
		return AEE_ECONNREFUSED;
	case ECONNRESET:
	case EPIPE:
		return AEE_ECONNRESET;
	case EPROTONOSUPPORT:
	case EOPNOTSUPP:
		return AEE_EUNSUPPORTED;
	case EFBIG:
		return AEE_EFILE;
	case EACCES:
	case EPERM:
		return AEE_EBADPERMS;
	default: /* EIO, ETOOMANYREFS, EADDRNOTAVAIL, ENOTTY, EBADRQC, EBUSY, ENOENT and the rest */
		return AEE_ERPC;
	}
}

const char *frpc_last_error(void)
{
	return last.text;
}

int frpc_last_error_detail(struct frpc_error *ret_error)
{
	struct frpc_error now = {
		.size = sizeof(now),
		.code = last.code,
		.origin = last.origin,
		.error_number = last.error,
		.text = last.text,
		.dsp_text = last.dsp_text,
	};

	if (!ret_error || ret_error->size < sizeof(now))
		return AEE_EBADPARM;
	now.size = ret_error->size;
	memcpy(ret_error, &now, sizeof(now));
	return AEE_SUCCESS;
}

void frpc_clear_last_error(void)
{
	memset(&last, 0, sizeof(last));
}
