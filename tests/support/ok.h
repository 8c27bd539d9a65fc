/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls that a test takes for granted: one that fails ends the test with the library's own words. */
#ifndef TEST_OK_H
#define TEST_OK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fastrpc.h"
#include "remote.h"

#define OK(call)                                                                                 \
	do {                                                                                     \
		int ok_res = (call);                                                             \
		if (ok_res)                                                                      \
			fail_msg("%s: 0x%x %s", #call, (unsigned int)ok_res, frpc_last_error()); \
	} while (0)

/* The module @uri on a session of the CDSP. */
static inline remote_handle64 open_on_cdsp(const char *uri, int session)
{
	char full[200];
	remote_handle64 h;

	snprintf(full, sizeof(full), "%s&_dom=cdsp&_session=%d", uri, session);
	OK(remote_handle64_open(full, &h));
	return h;
}

#endif
