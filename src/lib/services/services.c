/* SPDX-License-Identifier: BSD-3-Clause */
/* apps_remotectl: gives the other services and the app's modules numbers; calls reach them by these. */
#include "services.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

#include "../log.h"
#include "AEEStdErr.h"
#include "app_modules.h"
#include "args.h"
#include "memory.h"
#include "messages.h"
#include "transport/transport.h"
#include "std.h"

struct frpc_services {
	struct frpc_services_config config;
	struct frpc_std *std;
	struct frpc_apps_mem *memory;
	struct frpc_app_modules *modules;
};

static int call_std(struct frpc_services *services, struct frpc_reverse_call *call)
{
	return frpc_std_call(services->std, call);
}

static int call_memory(struct frpc_services *services, struct frpc_reverse_call *call)
{
	/* Without a session there is nothing to map into. */
	return services->memory ? frpc_apps_mem_call(services->memory, call) : AEE_EUNSUPPORTED;
}

static int call_messages(struct frpc_services *services, struct frpc_reverse_call *call)
{
	return frpc_messages_call(services->config.domain, call);
}

static int call_remotectl(struct frpc_services *services, struct frpc_reverse_call *call);

/* The number of an interface is its place here; that of remotectl is given. */
static const struct {
	const char *name;
	int (*call)(struct frpc_services *services, struct frpc_reverse_call *call);
} interfaces[] = {
	{"apps_remotectl", call_remotectl},
	{"apps_std", call_std},
	{"apps_mem", call_memory},
	{"adspmsgd_apps", call_messages},
};

#define INTERFACES (uint32_t)(sizeof(interfaces) / sizeof(*interfaces))
static_assert(sizeof(interfaces) / sizeof(*interfaces) <= FRPC_APP_MODULES_FIRST,
	      "the app's modules have other numbers");

int frpc_services_new(const struct frpc_services_config *config,
		      struct frpc_services **ret_services)
{
	struct frpc_services *services = calloc(1, sizeof(*services));
	int res;

	if (!services)
		return -ENOMEM;
	services->config = *config;
	res = frpc_std_new(config->domain, config->data_dir,
			   config->remote ? config->remote->transport : NULL, &services->std);
	if (!res && config->remote)
		res = frpc_apps_mem_new(config->remote, &services->memory);
	if (!res)
		res = frpc_app_modules_new(config->domain, &services->modules);
	if (res) {
		frpc_services_free(services);
		return res;
	}
	*ret_services = services;
	return 0;
}

void frpc_services_free(struct frpc_services *services)
{
	if (!services)
		return;
	frpc_services_end(services);
	frpc_apps_mem_free(services->memory);
	frpc_std_free(services->std);
	free(services);
}

void frpc_services_end(struct frpc_services *services)
{
	frpc_app_modules_free(services->modules);
	services->modules = NULL;
}

void frpc_services_tried(struct frpc_services *services, char *text, size_t textlen)
{
	frpc_std_tried(services->std, text, textlen);
}

/* The number of an interface of ours; 0: it is none. */
static uint32_t interface_by_name(const char *name)
{
	for (uint32_t i = 1; i < INTERFACES; i++)
		if (!strcmp(name, interfaces[i].name))
			return i;
	return 0;
}

/* open: the error goes beside the handle, its words behind both; the call itself succeeds. */
static int remotectl_open(struct frpc_services *services, const struct frpc_reverse_call *call)
{
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, AEE_SUCCESS};
	char words[1024] = "";
	const char *name = frpc_args_string(call, 1);

	if (!frpc_args_shape(call, 2, 2, 8, sizeof(out)) || !name)
		return AEE_EBADPARM;
	out.handle = interface_by_name(name);
	if (!out.handle)
		out.error = frpc_app_modules_open(services->modules, name, &out.handle, words,
						  sizeof(words));
	if (out.error)
		frpc_log(FRPC_LOG_DEBUG, "the DSP cannot open \"%.200s\" here: %s (0x%x)", name,
			 words, (unsigned int)out.error);
	frpc_args_put(call, 0, &out, sizeof(out));
	frpc_args_put_text(call, 1, words);
	return AEE_SUCCESS;
}

static int remotectl_close(struct frpc_services *services, const struct frpc_reverse_call *call)
{
	uint32_t handle;
	int32_t error = AEE_SUCCESS;

	if (!frpc_args_shape(call, 1, 2, 8, sizeof(error)))
		return AEE_EBADPARM;
	handle = frpc_args_u32(call, 0);
	/* Ours are there for the session's life: closing one changes nothing. */
	if (!handle || handle >= INTERFACES)
		error = frpc_app_modules_close(services->modules, handle);
	frpc_args_put(call, 0, &error, sizeof(error));
	return AEE_SUCCESS;
}

static int call_remotectl(struct frpc_services *services, struct frpc_reverse_call *call)
{
	switch (FRPC_SC_METHOD(call->sc)) {
	case 0:
		return remotectl_open(services, call);
	case 1:
		return remotectl_close(services, call);
	default:
		return AEE_EUNSUPPORTED;
	}
}

int frpc_services_call(struct frpc_services *services, struct frpc_reverse_call *call)
{
	if (call->handle >= INTERFACES)
		return frpc_app_modules_call(services->modules, call);
	return interfaces[call->handle].call(services, call);
}
