/* SPDX-License-Identifier: BSD-3-Clause */
#include "command.h"

#include <string.h>

#include "AEEStdErr.h"
#include "config.h"
#include "error.h"
#include "handle.h"
#include "session.h"
#include "uri.h"

#define GET_EVENT "geteventfd"

static const struct {
	const char *command;
	enum frpc_pd_kind kind;
} sessions[] = {
	{"attachguestos", FRPC_PD_ROOT},
	{"createstaticpd:rootpd", FRPC_PD_ROOT},
	{"createstaticpd:sensorspd", FRPC_PD_SENSORS},
	{"createstaticpd:audiopd", FRPC_PD_AUDIO},
	{"attachuserpd", FRPC_PD_USER},
};

/* Is that what @command says in front of its domain? */
static bool is(const char *command, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(command, word, len) && (!command[len] || command[len] == '&');
}

static int find_domain(const char *command, uint32_t *ret_effective)
{
	const char *why = NULL;
	struct frpc_uri uri;

	if (frpc_uri_parse_pairs(command + strcspn(command, "&"), &uri, &why))
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0, "%.80s: %s", command, why);
	*ret_effective =
		uri.has_domain ? uri.domain + uri.session * FRPC_DOMAINS : frpc_default_domain();
	return AEE_SUCCESS;
}

static int hold_session(uint32_t effective, enum frpc_pd_kind kind, bool wide, uint64_t *ret_handle)
{
	struct frpc_session *session;
	int res;

	res = frpc_session_attach(effective, kind, &session);
	if (res)
		return res;
	if (!frpc_handle_add(session, FRPC_HANDLE_OF_SESSION, wide, ret_handle))
		return AEE_SUCCESS;
	frpc_session_close(session);
	return frpc_fail(AEE_EOUTOFHANDLES, FRPC_ORIGIN_LIBRARY, 0, "no more handles");
}

static int get_event(uint32_t effective, uint64_t *ret_handle)
{
	struct frpc_session *session;
	int fd;

	if (!frpc_session_open_existing(effective, &session))
		return frpc_fail(AEE_ENOSESSION, FRPC_ORIGIN_LIBRARY, 0,
				 GET_EVENT ": no session of domain %u is open", effective);
	fd = frpc_session_event(session);
	frpc_session_close(session);
	if (fd < 0)
		return frpc_fail(frpc_code_from_errno(fd), FRPC_ORIGIN_LIBRARY, fd,
				 GET_EVENT ": no event descriptor can be made");
	*ret_handle = (uint64_t)fd;
	return AEE_SUCCESS;
}

int frpc_command_open(const char *command, bool wide, uint64_t *ret_handle)
{
	uint32_t effective = 0;
	int res;

	res = find_domain(command, &effective);
	if (res)
		return res;
	if (is(command, GET_EVENT))
		return get_event(effective, ret_handle);
	for (size_t i = 0; i < sizeof(sessions) / sizeof(*sessions); i++)
		if (is(command, sessions[i].command))
			return hold_session(effective, sessions[i].kind, wide, ret_handle);
	return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
			 "the library has no command %.80s", command);
}
