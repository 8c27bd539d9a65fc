/* SPDX-License-Identifier: BSD-3-Clause */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "AEEStdErr.h"
#include "config.h"
#include "context.h"
#include "error.h"
#include "library.h"
#include "module.h"
#include "notify.h"
#include "remote.h"
#include "session.h"
#include "settings.h"

#define MEMORY_LEAST (3u << 20)
#define MEMORY_MOST  (200u << 20)
#define URI_EXTRA    30u

/* Of the DSP's threads for calls. */
#define PRIORITY_USUAL 0xc0u
#define STACK_USUAL    (16u << 10)

static int bad(const char *what, const char *why)
{
	return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0, "%s: %s", what, why);
}

static int unsupported(const char *what, uint32_t req)
{
	return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
			 "%s: request %u is not supported", what, req);
}

/* A domain of settings: -1 means all. FRPC_DOMAINS + 1: none such. */
static uint32_t settings_domain(int domain)
{
	uint32_t effective;

	if (domain == -1)
		return FRPC_DOMAINS;
	return frpc_effective_domain(domain, &effective) ? FRPC_DOMAINS + 1 : effective & 7;
}

static int change(const char *what, int domain,
		  bool (*fn)(struct frpc_session_settings *, const void *), const void *context)
{
	uint32_t which = settings_domain(domain);
	int res;

	if (which > FRPC_DOMAINS)
		return bad(what, "no such domain");
	res = frpc_settings_change(which, fn, context);
	if (res == AEE_EALREADYLOADED)
		return frpc_fail(
			res, FRPC_ORIGIN_LIBRARY, 0,
			"%s: a session of the domain is open already; ask before the first open",
			what);
	return res ? bad(what, "a value is out of range") : AEE_SUCCESS;
}

static bool set_unsigned(struct frpc_session_settings *settings, const void *context)
{
	const struct remote_rpc_control_unsigned_module *request = context;

	settings->unsigned_pd = request->enable != 0;
	return true;
}

static int control_unsigned(void *data)
{
	const struct remote_rpc_control_unsigned_module *request = data;

	return change("unsigned module", request->domain, set_unsigned, request);
}

static bool set_dump(struct frpc_session_settings *settings, const void *context)
{
	const struct remote_rpc_control_pd_dump *request = context;

	settings->pd_dump = request->enable != 0;
	return true;
}

static int control_dump(void *data)
{
	const struct remote_rpc_control_pd_dump *request = data;

	return change("PD dump", request->domain, set_dump, request);
}

static bool set_memory(struct frpc_session_settings *settings, const void *context)
{
	const struct remote_rpc_pd_initmem_size *request = context;

	settings->memory = request->pd_initmem_size;
	return request->pd_initmem_size >= MEMORY_LEAST && request->pd_initmem_size <= MEMORY_MOST;
}

static int control_memory(void *data)
{
	const struct remote_rpc_pd_initmem_size *request = data;

	return change("initial memory", request->domain, set_memory, request);
}

static bool set_thread(struct frpc_session_settings *settings, const void *context)
{
	const struct remote_rpc_thread_params *request = context;

	if ((request->prio != -1 && (request->prio < 1 || request->prio > 255)) ||
	    (request->stack_size != -1 &&
	     (request->stack_size < 16 << 10 || request->stack_size > 8 << 20)))
		return false;
	settings->thread_set = true;
	settings->thread_priority = request->prio == -1 ? PRIORITY_USUAL : (uint32_t)request->prio;
	settings->thread_stack =
		request->stack_size == -1 ? STACK_USUAL : (uint32_t)request->stack_size;
	return true;
}

static int control_thread(void *data)
{
	const struct remote_rpc_thread_params *request = data;

	return change("thread parameters", request->domain, set_thread, request);
}

/* By so much more urgent (negative) than threads usually are. */
static bool set_relative(struct frpc_session_settings *settings, const void *context)
{
	const struct remote_rpc_relative_thread_priority *request = context;
	int64_t priority = (int64_t)PRIORITY_USUAL + request->relative_thread_priority;

	if (priority < 1 || priority > 255)
		return false;
	if (!settings->thread_set)
		settings->thread_stack = STACK_USUAL;
	settings->thread_set = true;
	settings->thread_priority = (uint32_t)priority;
	return true;
}

static int control_relative(void *data)
{
	const struct remote_rpc_relative_thread_priority *request = data;

	return change("relative thread priority", request->domain, set_relative, request);
}

static int control_close(void *data)
{
	const struct remote_rpc_session_close *request = data;
	uint32_t effective;

	if (frpc_effective_domain(request->domain, &effective))
		return bad("session close", "no such domain");
	return frpc_module_close_all(effective);
}

static int control_notify(void *data)
{
	const remote_rpc_notif_register_t *request = data;
	uint32_t effective;

	if (frpc_effective_domain(request->domain, &effective))
		return bad("status notifications", "no such domain");
	if (!request->notifier_fn)
		return bad("status notifications", "the callback is NULL");
	return frpc_notify_register(effective, request->notifier_fn, request->context);
}

/* The open session of @domain, as one of its users. */
static int open_session(const char *what, int domain, struct frpc_session **ret_session)
{
	uint32_t effective;

	if (frpc_effective_domain(domain, &effective))
		return bad(what, "no such domain");
	if (!frpc_session_open_existing(effective, ret_session))
		return frpc_fail(AEE_ENOSESSION, FRPC_ORIGIN_LIBRARY, 0,
				 "%s: no session of domain %u is open", what, effective);
	return AEE_SUCCESS;
}

static int control_kill(void *data)
{
	const struct remote_rpc_process_clean_params *request = data;
	struct frpc_session *session;
	struct frpc_notify *notify;
	struct frpc_remote *remote;
	int res;

	res = open_session("process kill", request->domain, &session);
	if (res)
		return res;
	remote = frpc_session_remote(session);
	if (!remote->transport->ops->kill) {
		res = frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0,
				"process kill: this kernel driver has none");
	} else {
		notify = frpc_notify_kill_begin(session);
		res = remote->transport->ops->kill(remote);
		frpc_notify_kill_end(notify, !res);
		if (res)
			res = frpc_fail_driver(res, "process kill failed");
		else
			frpc_session_died(session, AEE_ENOSUCH);
	}
	frpc_session_close(session);
	return res;
}

static int control_exception(void *data)
{
	const remote_rpc_process_exception *request = data;
	struct frpc_session *session;
	int res;

	res = open_session("process exception", request->domain, &session);
	if (res)
		return res;
	res = frpc_session_exception(session);
	frpc_session_close(session);
	return res;
}

static int control_type(void *data)
{
	struct remote_process_type *request = data;
	struct frpc_session_settings settings;
	uint32_t effective;

	if (frpc_effective_domain(request->domain, &effective))
		return bad("process type", "no such domain");
	frpc_settings_get(effective & 7, &settings);
	request->process_type = settings.unsigned_pd ? PROCESS_TYPE_UNSIGNED : PROCESS_TYPE_SIGNED;
	return AEE_SUCCESS;
}

/* A domain by name: @len counts with or without the NUL. */
static int named_domain(const char *what, const char *name, uint32_t len, uint32_t *ret_domain)
{
	if (!name)
		return bad(what, "the domain's name is NULL");
	len = (uint32_t)strnlen(name, len);
	return frpc_domain_by_name(name, len, ret_domain) ? bad(what, "no such domain")
							  : AEE_SUCCESS;
}

static int control_reserve(void *data)
{
	remote_rpc_reserve_new_session_t *request = data;
	uint32_t domain, session;
	int res;

	res = named_domain("new session", request->domain_name, request->domain_name_len, &domain);
	if (!res && request->session_name_len && !request->session_name)
		res = bad("new session", "the session's name is NULL");
	if (res)
		return res;
	res = frpc_session_reserve(domain, &session);
	if (res)
		return frpc_fail(res, FRPC_ORIGIN_LIBRARY, 0, "all %u sessions of %s are in use",
				 FRPC_SESSIONS, frpc_domain_name(domain));
	request->session_id = session;
	request->effective_domain_id = domain + session * FRPC_DOMAINS;
	return AEE_SUCCESS;
}

static int control_effective(void *data)
{
	remote_rpc_effective_domain_id_t *request = data;
	uint32_t domain;
	int res;

	res = named_domain("effective domain", request->domain_name, request->domain_name_len,
			   &domain);
	if (!res && request->session_id >= FRPC_SESSIONS)
		res = bad("effective domain", "no such session");
	if (!res)
		request->effective_domain_id = domain + request->session_id * FRPC_DOMAINS;
	return res;
}

static int control_uri(void *data)
{
	remote_rpc_get_uri_t *request = data;
	uint32_t domain, module_len;
	char extra[URI_EXTRA];
	int res, len;

	res = named_domain("URI", request->domain_name, request->domain_name_len, &domain);
	if (res)
		return res;
	if (request->session_id >= FRPC_SESSIONS)
		return bad("URI", "no such session");
	if (!request->module_uri || !request->uri)
		return bad("URI", "the module's URI or the buffer is NULL");
	module_len = (uint32_t)strnlen(request->module_uri, request->module_uri_len);
	len = snprintf(extra, sizeof(extra), "&_dom=%s&_session=%u", frpc_domain_name(domain),
		       request->session_id);
	if (request->uri_len <= module_len)
		return bad("URI", "the buffer is not longer than the module's URI");
	if ((uint64_t)module_len + (uint32_t)len + 1 > request->uri_len)
		return frpc_fail(AEE_EBADSIZE, FRPC_ORIGIN_LIBRARY, 0,
				 "URI: it needs %u bytes, the buffer has %u",
				 module_len + (uint32_t)len + 1, request->uri_len);
	memmove(request->uri, request->module_uri, module_len);
	memcpy(request->uri + module_len, extra, (size_t)len + 1);
	return AEE_SUCCESS;
}

static int control_context_create(void *data)
{
	fastrpc_context_create *request = data;

	return frpc_context_create(request->effec_domain_ids, request->num_domain_ids,
				   request->flags, &request->ctx);
}

static int control_context_destroy(void *data)
{
	const fastrpc_context_destroy *request = data;

	return frpc_context_destroy(request->ctx, request->flags);
}

static const struct {
	uint32_t req;
	uint32_t size;
	int (*fn)(void *data);
} session_requests[] = {
	{FASTRPC_THREAD_PARAMS, sizeof(struct remote_rpc_thread_params), control_thread},
	{FASTRPC_RELATIVE_THREAD_PRIORITY, sizeof(struct remote_rpc_relative_thread_priority),
	 control_relative},
	{DSPRPC_CONTROL_UNSIGNED_MODULE, sizeof(struct remote_rpc_control_unsigned_module),
	 control_unsigned},
	{FASTRPC_REMOTE_PROCESS_KILL, sizeof(struct remote_rpc_process_clean_params), control_kill},
	{FASTRPC_REMOTE_PROCESS_EXCEPTION, sizeof(remote_rpc_process_exception), control_exception},
	{FASTRPC_REGISTER_STATUS_NOTIFICATIONS, sizeof(remote_rpc_notif_register_t),
	 control_notify},
	{FASTRPC_SESSION_CLOSE, sizeof(struct remote_rpc_session_close), control_close},
	{FASTRPC_CONTROL_PD_DUMP, sizeof(struct remote_rpc_control_pd_dump), control_dump},
	{FASTRPC_REMOTE_PROCESS_TYPE, sizeof(struct remote_process_type), control_type},
	{FASTRPC_PD_INITMEM_SIZE, sizeof(struct remote_rpc_pd_initmem_size), control_memory},
	{FASTRPC_RESERVE_NEW_SESSION, sizeof(remote_rpc_reserve_new_session_t), control_reserve},
	{FASTRPC_GET_EFFECTIVE_DOMAIN_ID, sizeof(remote_rpc_effective_domain_id_t),
	 control_effective},
	{FASTRPC_GET_URI, sizeof(remote_rpc_get_uri_t), control_uri},
	{FASTRPC_CONTEXT_CREATE, sizeof(fastrpc_context_create), control_context_create},
	{FASTRPC_CONTEXT_DESTROY, sizeof(fastrpc_context_destroy), control_context_destroy},
};

int frpc_control_session(uint32_t req, void *data, uint32_t datalen)
{
	for (size_t i = 0; i < sizeof(session_requests) / sizeof(*session_requests); i++) {
		if (session_requests[i].req != req)
			continue;
		if (!data || datalen != session_requests[i].size)
			return bad("remote_session_control",
				   "data is NULL or not of the request's size");
		return session_requests[i].fn(data);
	}
	return unsupported("remote_session_control", req);
}

int frpc_control_capability(uint32_t domain, uint32_t attribute, uint32_t *ret_value)
{
	struct frpc_transport *transport;
	int32_t status = 0;
	int res;

	if (!ret_value || !frpc_domain_name(domain))
		return bad("DSP information", "no such domain, or nowhere to write to");
	res = frpc_transport_get(&transport);
	if (res)
		return res;
	*ret_value = 0;
	res = transport->ops->get_info(transport, NULL, domain, attribute, ret_value, &status);
	frpc_transport_put(transport);
	if (attribute == DOMAIN_SUPPORT) {
		/* No driver knows: it is there if its node can be opened. */
		*ret_value = !res || res == -EACCES;
		return AEE_SUCCESS;
	}
	if (res)
		return frpc_fail_driver(res, "attribute %u of %s cannot be asked for", attribute,
					frpc_domain_name(domain));
	if (status)
		return frpc_fail(status, FRPC_ORIGIN_DSP, 0, "%s does not tell attribute %u (0x%x)",
				 frpc_domain_name(domain), attribute, (unsigned int)status);
	return AEE_SUCCESS;
}

static int control_info(void *data, uint32_t datalen)
{
	struct remote_dsp_capability *request = data;

	if (!data || datalen != sizeof(*request))
		return bad("DSP information", "data is NULL or not of the request's size");
	return frpc_control_capability(request->domain, request->attribute_ID,
				       &request->capability);
}

static int control_latency(uint32_t effective, const void *data, uint32_t datalen)
{
	const struct remote_rpc_control_latency *request = data;
	struct frpc_session *session;
	int res;

	if (!data || datalen != sizeof(*request))
		return bad("latency", "data is NULL or not of the request's size");
	res = open_session("latency", (int)effective, &session);
	if (res)
		return res;
	res = frpc_qos_set(session, request->enable, request->latency);
	frpc_session_close(session);
	return res;
}

static int control_wakelock(const void *data, uint32_t datalen)
{
	const struct remote_rpc_control_wakelock *request = data;

	if (!data || datalen != sizeof(*request))
		return bad("wakelock", "data is NULL or not of the request's size");
	return frpc_wakelock(request->enable);
}

int frpc_control_dsp(uint32_t req, void *data, uint32_t datalen)
{
	remote_rpc_get_domain_t *domain = data;

	switch (req) {
	case DSPRPC_CONTROL_LATENCY:
		return control_latency(frpc_default_domain(), data, datalen);
	case DSPRPC_CONTROL_WAKELOCK:
		return control_wakelock(data, datalen);
	case DSPRPC_GET_DSP_INFO:
		return control_info(data, datalen);
	case DSPRPC_GET_DOMAIN:
		if (!data || datalen != sizeof(*domain))
			return bad("domain", "data is NULL or not of the request's size");
		domain->domain = (int)frpc_default_domain();
		return AEE_SUCCESS;
	default:
		return unsupported("remote_handle_control", req);
	}
}

int frpc_control_handle(uint64_t handle, uint32_t req, void *data, uint32_t datalen)
{
	remote_rpc_get_domain_t *domain = data;
	uint32_t effective;
	int res;

	res = frpc_module_domain(handle, &effective);
	if (res)
		return res;
	if (req == DSPRPC_CONTROL_LATENCY)
		return control_latency(effective, data, datalen);
	if (req == DSPRPC_CONTROL_WAKELOCK)
		return control_wakelock(data, datalen);
	if (req != DSPRPC_GET_DOMAIN)
		return unsupported("remote_handle64_control", req);
	if (!data || datalen != sizeof(*domain))
		return bad("domain", "data is NULL or not of the request's size");
	domain->domain = (int)effective;
	return AEE_SUCCESS;
}
