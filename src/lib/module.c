/* SPDX-License-Identifier: BSD-3-Clause */
#include "module.h"

#include <string.h>

#include "AEEStdErr.h"
#include "async.h"
#include "command.h"
#include "config.h"
#include "error.h"
#include "handle.h"
#include "invoke.h"
#include "remotectl.h"
#include "session.h"
#include "uri.h"

#define STATIC_HANDLES 0x100u

static int not_open(uint64_t handle)
{
	return frpc_fail(AEE_EINVHANDLE, FRPC_ORIGIN_LIBRARY, 0,
			 "handle 0x%llx is not open: closed, from before a fork, or never opened",
			 (unsigned long long)handle);
}

static int no_methods(uint64_t handle)
{
	return frpc_fail(AEE_EINVHANDLE, FRPC_ORIGIN_LIBRARY, 0,
			 "handle 0x%llx keeps a session open: it is no module's",
			 (unsigned long long)handle);
}

static int bad_name(const char *name, const char *why)
{
	return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
			 "\"%.200s\" is no module's URI: %s; it looks like "
			 "file:///libNAME_skel.so?NAME_skel_handle_invoke&_modver=1.0&_dom=cdsp",
			 name, why);
}

/* On which session a module of that name is to be opened. */
static int find_session(const char *name, bool wide, uint32_t *ret_effective)
{
	const char *why = NULL;
	struct frpc_uri uri;

	if (!*name)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "the module's name is empty");
	*ret_effective = frpc_default_domain();
	if (!wide && strncmp(name, "file:", 5))
		return AEE_SUCCESS; /* a plain name, on the default domain */
	if (frpc_uri_parse(name, &uri, &why))
		return bad_name(name, why);
	if (uri.has_domain)
		*ret_effective = uri.domain + uri.session * FRPC_DOMAINS;
	else if (wide)
		return bad_name(name, "it has no &_dom=DOMAIN");
	return AEE_SUCCESS;
}

/* Opens the module on the session that is there, or on a new one. */
static int open_once(uint32_t effective, const char *name, bool wide, uint64_t *ret_handle,
		     bool *ret_dead)
{
	struct frpc_session *session;
	uint32_t dsp_handle;
	int res;

	*ret_dead = false;
	res = frpc_session_open(effective, &session);
	if (res)
		return res;
	res = frpc_remotectl_open(session, name, &dsp_handle);
	if (!res && frpc_handle_add(session, dsp_handle, wide, ret_handle)) {
		frpc_remotectl_close_bounded(session, dsp_handle);
		res = frpc_fail(AEE_EOUTOFHANDLES, FRPC_ORIGIN_LIBRARY, 0, "no more handles");
	}
	if (res) {
		struct frpc_error_saved saved;

		/* How the session ends now is not what the user wants to hear of. */
		frpc_error_save(&saved);
		*ret_dead = frpc_session_is_dead(session);
		frpc_session_close(session);
		frpc_error_restore(&saved);
	}
	return res;
}

int frpc_module_open(const char *name, bool wide, uint64_t *ret_handle)
{
	uint32_t effective = 0;
	bool dead;
	int res;

	if (!name || !ret_handle)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0, "open: %s is NULL",
				 name ? "the handle's place" : "the module's name");
	if (!strncmp(name, ITRANSPORT_PREFIX, strlen(ITRANSPORT_PREFIX)))
		return frpc_command_open(name + strlen(ITRANSPORT_PREFIX), wide, ret_handle);
	res = find_session(name, wide, &effective);
	if (res)
		return res;
	res = open_once(effective, name, wide, ret_handle, &dead);
	/* That the session was dead is known only now: a new one takes its place. */
	if (res && dead)
		res = open_once(effective, name, wide, ret_handle, &dead);
	return res;
}

/* Handles that exist without being opened belong to the default domain's session, if it is open. */
static int invoke_static(uint32_t handle, uint32_t sc, const remote_arg *pra)
{
	struct frpc_session *session;
	int res;

	if (!frpc_session_open_existing(frpc_default_domain(), &session))
		return not_open(handle);
	res = frpc_invoke(session, handle, sc, pra);
	frpc_session_close(session);
	return res;
}

int frpc_module_invoke(uint64_t handle, bool wide, uint32_t sc, const remote_arg *pra)
{
	struct frpc_handle_ref ref;
	int res;

	if (frpc_handle_get(handle, wide, &ref)) {
		if (handle && handle < STATIC_HANDLES)
			return invoke_static((uint32_t)handle, sc, pra);
		return not_open(handle);
	}
	res = ref.dsp_handle == FRPC_HANDLE_OF_SESSION
		      ? no_methods(handle)
		      : frpc_invoke(ref.session, ref.dsp_handle, sc, pra);
	frpc_session_unref(ref.session);
	return res;
}

static int close_ref(struct frpc_handle_ref *ref)
{
	int res = AEE_SUCCESS, ended;

	if (ref->dsp_handle != FRPC_HANDLE_OF_SESSION && !frpc_session_is_dead(ref->session))
		res = frpc_remotectl_close_bounded(ref->session, ref->dsp_handle);
	if (frpc_session_is_dead(ref->session))
		res = AEE_SUCCESS; /* nothing is left to be closed there */
	ended = frpc_session_close(ref->session);
	frpc_session_unref(ref->session);
	return res ? res : ended;
}

int frpc_module_close(uint64_t handle, bool wide)
{
	struct frpc_handle_ref ref;

	if (frpc_handle_take(handle, wide, &ref))
		return not_open(handle);
	return close_ref(&ref);
}

int frpc_module_close_all(uint32_t effective)
{
	struct frpc_session *session;
	struct frpc_handle_ref ref;
	int res = AEE_SUCCESS, one;

	if (!frpc_session_open_existing(effective, &session))
		return frpc_fail(AEE_ENOSESSION, FRPC_ORIGIN_LIBRARY, 0,
				 "no session of domain %u is open", effective);
	while (!frpc_handle_take_any(session, &ref)) {
		one = close_ref(&ref);
		res = res ? res : one;
	}
	one = frpc_session_close(session);
	return res ? res : one;
}

int frpc_module_invoke_async(uint64_t handle, bool wide, fastrpc_async_descriptor_t *desc,
			     uint32_t sc, const remote_arg *pra)
{
	struct frpc_handle_ref ref;
	int res;

	if (frpc_handle_get(handle, wide, &ref))
		return not_open(handle);
	res = ref.dsp_handle == FRPC_HANDLE_OF_SESSION
		      ? no_methods(handle)
		      : frpc_async_submit(ref.session, ref.dsp_handle, desc, sc, pra);
	frpc_session_unref(ref.session);
	return res;
}

int frpc_module_domain(uint64_t handle, uint32_t *ret_effective)
{
	struct frpc_handle_ref ref;

	if (frpc_handle_get(handle, true, &ref))
		return not_open(handle);
	*ret_effective = frpc_session_effective(ref.session);
	frpc_session_unref(ref.session);
	return AEE_SUCCESS;
}
