/* SPDX-License-Identifier: BSD-3-Clause */
#include "remotectl.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "bounded.h"
#include "config.h"
#include "error.h"
#include "log.h"
#include "session.h"
#include "settings.h"

#define ERROR_TEXT 255u
#define CLOSE_MS   5000u /* for a module's own close */

static const char *name_of(const struct frpc_session *session)
{
	return frpc_domain_name(frpc_session_effective(session) & 7);
}

/* Calls remotectl1, or remotectl where the DSP has only that. */
static int remotectl(struct frpc_session *session, uint32_t sc, const struct frpc_arg *args)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	int32_t status = 0;
	int res;

	res = frpc_remote_invoke(remote, FRPC_HANDLE_REMOTECTL1, sc + (2u << 24), args, &status);
	if (!res && status)
		res = frpc_remote_invoke(remote, FRPC_HANDLE_REMOTECTL, sc, args, &status);
	if (res) {
		if (frpc_session_lost(session, res))
			res = -ECONNRESET;
		return frpc_fail_driver(res, "%s cannot be asked for modules", name_of(session));
	}
	if (!status)
		return AEE_SUCCESS;
	frpc_session_is_gone(session, status);
	return frpc_fail(status, FRPC_ORIGIN_DSP, 0, "%s refused to be asked for modules (0x%x)",
			 name_of(session), (unsigned int)status);
}

/* Tells the DSP how its threads for our calls are to be. One that has no such threads goes without. */
int frpc_remotectl_send_thread_params(struct frpc_session *session)
{
	struct frpc_session_settings settings;
	int res;

	frpc_settings_get(frpc_session_effective(session) & 7, &settings);
	if (!settings.thread_set)
		return AEE_SUCCESS;
	uint32_t in[2] = {1, 2}; /* request, number of parameters */
	uint32_t params[2] = {settings.thread_priority, settings.thread_stack};
	const struct frpc_arg args[] = {frpc_arg_plain(in, sizeof(in)),
					frpc_arg_plain(params, sizeof(params))};

	res = remotectl(session, 0x03020000, args);
	if (res == (int)(DSP_AEE_EOFFSET + 0x14)) {
		frpc_log(FRPC_LOG_INFO, "%s: the DSP takes no thread parameters", name_of(session));
		res = AEE_SUCCESS;
	}
	return res;
}

int frpc_remotectl_set_adaptive(struct frpc_session *session, bool on)
{
	const uint32_t in[2] = {2, 1}, params[1] = {on};
	const struct frpc_arg args[] = {frpc_arg_plain(in, sizeof(in)),
					frpc_arg_plain(params, sizeof(params))};

	return remotectl(session, 0x03020000, args);
}

/* Where the DSP's own words say what is wrong, and not what to do. */
static const char *advice(int error, const char *words)
{
	if (error == (int)(DSP_AEE_EOFFSET + AEE_ENOSUCHSYMBOL))
		return "; the skel has no such function to call from outside: compare its name "
		       "with the URI's, and is it visible, and extern \"C\"?";
	if (error == (int)(DSP_AEE_EOFFSET + AEE_EUNABLETOLOAD) &&
	    strstr(words, "undefined symbol"))
		return "; the skel needs a function that this DSP does not have";
	if (error == (int)(DSP_AEE_EOFFSET + AEE_EBADELF))
		return "; a skel is built for the machine that runs it: the emulator's with "
		       "pkg-config fastrpc-skel, a phone's with a compiler for Hexagon";
	return "";
}

static int module_failed(struct frpc_session *session, const char *name, int error,
			 const char *words)
{
	char tried[1024] = "";

	if (error == (int)(DSP_AEE_EOFFSET + 6))
		frpc_session_tried(session, tried, sizeof(tried));
	frpc_fail(error, FRPC_ORIGIN_DSP, 0, "%s cannot open the module %.200s: %s (%s)%s%s%s",
		  name_of(session), name, words, frpc_strerror(error), advice(error, words),
		  *tried ? "; set DSP_LIBRARY_PATH to its folder; it was looked for at " : "",
		  tried);
	frpc_fail_dsp_text(words);
	return error;
}

int frpc_remotectl_open(struct frpc_session *session, const char *name, uint32_t *ret_handle)
{
	char words[ERROR_TEXT + 1] = "";
	struct {
		uint32_t name_len, words_len;
	} in = {(uint32_t)strlen(name) + 1, ERROR_TEXT};
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, 0};
	const struct frpc_arg args[] = {
		frpc_arg_plain(&in, sizeof(in)),
		frpc_arg_plain(name, in.name_len),
		frpc_arg_plain(&out, sizeof(out)),
		frpc_arg_plain(words, ERROR_TEXT),
	};
	int res;

	res = remotectl(session, 0x00020200, args);
	if (res)
		return res;
	if (out.error)
		return module_failed(session, name, out.error, words);
	*ret_handle = out.handle;
	return AEE_SUCCESS;
}

int frpc_remotectl_close(struct frpc_session *session, uint32_t handle)
{
	char words[ERROR_TEXT + 1] = "";
	struct {
		uint32_t handle, words_len;
	} in = {handle, ERROR_TEXT};
	int32_t error = 0;
	const struct frpc_arg args[] = {
		frpc_arg_plain(&in, sizeof(in)),
		frpc_arg_plain(&error, sizeof(error)),
		frpc_arg_plain(words, ERROR_TEXT),
	};
	int res;

	res = remotectl(session, 0x01010200, args);
	if (res || !error)
		return res;
	frpc_fail(error, FRPC_ORIGIN_DSP, 0, "%s: closing a module answered 0x%x %s",
		  name_of(session), (unsigned int)error, words);
	frpc_fail_dsp_text(words);
	return error;
}

/* Closing a module, by a thread that tells who waits for it how it went, unless he has left. */
struct closing {
	_Atomic int refs;
	struct frpc_session *session;
	uint32_t handle;
	int result;
	struct frpc_error_saved error;
};

static void ref_closing(void *arg)
{
	atomic_fetch_add(&((struct closing *)arg)->refs, 1);
}

static void unref_closing(void *arg)
{
	struct closing *closing = arg;

	if (atomic_fetch_sub(&closing->refs, 1) != 1)
		return;
	frpc_session_unref(closing->session);
	free(closing);
}

static void run_closing(void *arg)
{
	struct closing *closing = arg;

	closing->result = frpc_remotectl_close(closing->session, closing->handle);
	frpc_error_save(&closing->error);
}

static int close_failed(const struct frpc_session *session, int error)
{
	if (error == -ETIMEDOUT)
		return frpc_fail(
			AEE_EEXPIRED, FRPC_ORIGIN_DSP, ETIMEDOUT,
			"%s: the module's own close did not return within %u ms and is left "
			"behind; is the DSP down, or does the module wait for something?",
			name_of(session), CLOSE_MS);
	return frpc_fail(frpc_code_from_errno(error), FRPC_ORIGIN_LIBRARY, error,
			 "%s: no thread could be had to close the module", name_of(session));
}

int frpc_remotectl_close_bounded(struct frpc_session *session, uint32_t handle)
{
	struct closing *closing = calloc(1, sizeof(*closing));
	struct frpc_bounded_job job = {
		.fn = run_closing,
		.ref = ref_closing,
		.unref = unref_closing,
		.arg = closing,
		.timeout_ms = CLOSE_MS,
	};
	int res;

	if (!closing)
		return close_failed(session, -ENOMEM);
	atomic_init(&closing->refs, 1);
	closing->session = frpc_session_ref(session);
	closing->handle = handle;
	res = frpc_bounded_run(frpc_session_bounded(session), &job);
	if (res)
		res = close_failed(session, res);
	else if (closing->result) {
		res = closing->result;
		frpc_error_restore(&closing->error);
	}
	unref_closing(closing);
	return res;
}
