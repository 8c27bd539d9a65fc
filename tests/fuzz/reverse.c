/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reverse calls from a hostile DSP: 8 bytes of module and scalars, then the packed arguments; calls
 * of one input follow each other, each behind its length, so that files and modules stay open between
 * them.
 */
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "lib/reverse.h"
#include "lib/services/services.h"
#include "reached.h"

static const char *const method_names[] = {
	"apps_std 0 fopen",   "apps_std 1",	  "apps_std 2",		"apps_std 3 fclose",
	"apps_std 4 fread",   "apps_std 5",	  "apps_std 6",		"apps_std 7",
	"apps_std 8 ftell",   "apps_std 9 fseek", "apps_std 10 flen",	"apps_std 11 rewind",
	"apps_std 12 feof",   "apps_std 13",	  "apps_std 14",	"apps_std 15",
	"apps_std 16 getenv", "apps_std 17",	  "apps_std 18",	"apps_std 19 open",
	"apps_std 20",	      "apps_std 21",	  "apps_std 22 exists", "apps_std 23",
	"apps_std 24",	      "apps_std 25",	  "apps_std 26",	"apps_std 27",
	"apps_std 28",	      "apps_std 29",	  "apps_std 30",	"apps_std 31 and more",
};

/* Modules of the app come after what is the library's own; here one of them can be loaded (module.c). */
#define FIRST_MODULE 0x100u

static void serve(struct frpc_services *services, const uint8_t *data, size_t size)
{
	struct frpc_reverse_call call;
	uint32_t handle, sc;
	void *copy;

	if (size < 8)
		return;
	memcpy(&handle, data, 4);
	memcpy(&sc, data + 4, 4);
	copy = malloc(size - 8 ? size - 8 : 1);
	if (!copy)
		return;
	memcpy(copy, data + 8, size - 8);
	if (!frpc_reverse_open(&call, handle, sc, copy, size - 8)) {
		reached(handle == 0   ? "apps_remotectl"
			: handle == 1 ? method_names[FRPC_SC_METHOD(sc)]
				      : "unknown module");
		if (!frpc_services_call(services, &call))
			reached(handle >= FIRST_MODULE ? "a module of the app, with success"
						       : "served with success");
	} else {
		reached("refused while unpacking");
	}
	frpc_reverse_close(&call);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frpc_services *services;
	const struct frpc_services_config config = {.domain = 3};
	size_t at = 0;

	setenv("DSP_LIBRARY_PATH", FUZZ_MODULES ";/etc", 1);
	if (frpc_services_new(&config, &services))
		return 0;
	while (size - at >= 2) {
		size_t len = data[at] | (size_t)data[at + 1] << 8;

		at += 2;
		if (len > size - at)
			len = size - at;
		serve(services, data + at, len);
		at += len;
	}
	frpc_services_free(services);
	return 0;
}
