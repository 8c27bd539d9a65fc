/* SPDX-License-Identifier: BSD-3-Clause */
/* The loopback device: finds the emulator's library and asks it for the device of its machine. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "device.h"

#ifdef __ANDROID__
#define EMULATOR_SONAME "libfastrpc-emulator.so"
#else
#define EMULATOR_SONAME "libfastrpc-emulator.so.0"
#endif

/* Tries the folder of this library first: an uninstalled build must not meet an installed emulator. */
static void *load(void)
{
	char path[PATH_MAX];
	const char *slash;
	Dl_info info;
	void *library;

	if (dladdr(frpc_device_os, &info) && info.dli_fname) {
		slash = strrchr(info.dli_fname, '/');
		if (slash && (size_t)(slash - info.dli_fname) + sizeof("/" EMULATOR_SONAME) <=
				     sizeof(path)) {
			memcpy(path, info.dli_fname, (size_t)(slash - info.dli_fname) + 1);
			strcpy(path + (slash - info.dli_fname) + 1, EMULATOR_SONAME);
			library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
			if (library)
				return library;
		}
	}
	return dlopen(EMULATOR_SONAME, RTLD_NOW | RTLD_LOCAL);
}

int frpc_device_loopback(struct frpc_device **ret_device, char *text, size_t textlen)
{
	/* Loaded once and kept: the emulator's threads may outlive any one machine. */
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static frpc_emulator_device_fn *entry;
	frpc_emulator_device_fn *found;
	void *library;

	*ret_device = NULL;
	pthread_mutex_lock(&lock);
	if (!entry) {
		library = load();
		if (library)
			entry = (frpc_emulator_device_fn *)dlsym(library,
								 FRPC_EMULATOR_DEVICE_SYMBOL);
		if (!entry && text && textlen)
			snprintf(text, textlen, "the emulator library cannot be loaded: %s",
				 dlerror());
	}
	found = entry;
	pthread_mutex_unlock(&lock);
	return found ? found(FRPC_DEVICE_VERSION, ret_device, text, textlen) : -ENOENT;
}
