/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "lib/listener.h"
#include "transport/words.h"

#define ERROR_TEXT 255u
#define LISTENER1_URI                                \
	"file:///libadsp_default_listener1_skel.so?" \
	"adsp_default_listener1_skel_handle_invoke&_modver=1.0&_dom="
#define LISTENER_NAME "adsp_default_listener"

/* remotectl's open. 0, -errno, or what the DSP answered. */
static int open_module(struct frpc_remote *remote, const char *name, uint32_t *ret_handle)
{
	struct {
		uint32_t name_len, text_len;
	} in = {(uint32_t)strlen(name) + 1, ERROR_TEXT};
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, 0};
	char text[ERROR_TEXT + 1] = "";
	const struct frpc_arg args[] = {
		frpc_arg_plain(&in, sizeof(in)),
		frpc_arg_plain(name, in.name_len),
		frpc_arg_plain(&out, sizeof(out)),
		frpc_arg_plain(text, ERROR_TEXT),
	};
	int32_t status = 0;
	int res = frpc_remote_invoke(remote, FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(0, 2, 2), args,
				     &status);

	if (res || status || out.error)
		return res ? res : status ? status : out.error;
	*ret_handle = out.handle;
	return 0;
}

/* Tells the DSP that whoever has no listener is to use ours: by the newer interface, or the older. */
static int introduce(struct frpc_remote *remote, uint32_t domain)
{
	char uri[sizeof(LISTENER1_URI) + 16];
	uint32_t handle = 0;
	int32_t status = 0;
	int res;

	snprintf(uri, sizeof(uri), "%s%s", LISTENER1_URI, frpc_domain_name(domain));
	res = open_module(remote, uri, &handle);
	if (!res) {
		res = frpc_remote_invoke(remote, handle, FRPC_SC_MAKE(2, 0, 0), NULL, &status);
	} else {
		res = open_module(remote, LISTENER_NAME, &handle);
		if (!res)
			res = frpc_remote_invoke(remote, handle, FRPC_SC_MAKE(0, 0, 0), NULL,
						 &status);
	}
	return res ? res : status;
}

/* How the listener ended; written on its thread, read when that is over. */
struct ending {
	bool lost, restarted;
};

static void nothing(void *owner)
{
	(void)owner; /* the remote outlives its listener: serve() waits for that */
}

static void lost(void *owner, bool restarted)
{
	*(struct ending *)owner = (struct ending){true, restarted};
}

static enum frpcd_end ended(const struct ending *ending, char *text, size_t textlen)
{
	if (ending->lost && !ending->restarted) {
		snprintf(text, textlen,
			 "the driver does not carry the listener's calls to the DSP any more");
		return FRPCD_REFUSED;
	}
	snprintf(text, textlen, "%s",
		 ending->lost ? "the DSP has gone down" : "the DSP has ended the conversation");
	return FRPCD_ENDED;
}

static enum frpcd_end failed(char *text, size_t textlen, const char *what, int res)
{
	char words[80];

	if (res < 0 && res > -4096)
		snprintf(text, textlen, "%s: %s", what,
			 frpc_errno_words(-res, words, sizeof(words)));
	else
		snprintf(text, textlen, "%s: the DSP answered 0x%x", what, (unsigned int)res);
	return FRPCD_REFUSED;
}

static enum frpcd_end attached(struct frpc_remote *remote, const struct frpcd_service *service,
			       void (*started)(void *context), void *context, char *text,
			       size_t textlen)
{
	struct frpc_device *device = remote->transport->device;
	struct ending ending = {.lost = false};
	const struct frpc_listener_config config = {
		.remote = remote,
		.effective = service->domain,
		.data_dir = device ? device->ops->data_dir(device) : NULL,
		.ref = nothing,
		.unref = nothing,
		.lost = lost,
		.owner = &ending,
	};
	struct frpc_listener *listener;
	int32_t status = 0;
	int res;

	/* Registered first, as the DSP expects it; its calls wait until the listener is there. */
	if (service->registers) {
		res = introduce(remote, service->domain);
		if (res)
			return failed(text, textlen, "it takes no default listener", res);
	}
	res = frpc_listener_start(&config, &listener, &status);
	if (res || status)
		return failed(text, textlen, "the listener cannot be started", res ? res : status);
	if (started)
		started(context);
	frpc_listener_wait(listener);
	return ended(&ending, text, textlen);
}

enum frpcd_end frpcd_serve(struct frpc_transport *transport, const struct frpcd_service *service,
			   void (*started)(void *context), void *context, char *text,
			   size_t textlen)
{
	struct frpc_open_report report = {.text = ""};
	struct frpc_remote *remote;
	enum frpcd_end end;
	int32_t status = 0;
	int res;

	res = transport->ops->open(transport, service->domain, 0, &report, &remote);
	if (res) {
		snprintf(text, textlen, "no device node could be opened (%s)", report.text);
		return res == -ENOENT || res == -ENODEV ? FRPCD_NO_NODE : FRPCD_REFUSED;
	}
	res = transport->ops->attach(remote, service->kind, &status);
	end = res || status ? failed(text, textlen, "cannot attach", res ? res : status)
			    : attached(remote, service, started, context, text, textlen);
	transport->ops->close(remote);
	return end;
}
