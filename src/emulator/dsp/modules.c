/* SPDX-License-Identifier: BSD-3-Clause */
#include "modules.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builtin.h"
#include "hap/hap.h"
#include "queues.h"
#include "loader.h"
#include "process.h"

#define INDEX_BITS  12u
#define HANDLES	    (1u << INDEX_BITS)
#define GENERATIONS 0xfffffu

/* One library, shared by every handle that was opened on it. */
struct library {
	struct library *next;
	char file[256];
	struct emu_module *module;
	uint32_t refs;
};

/* One open handle. Kept until its last call has returned. */
struct opened {
	struct library *library; /* NULL: part of the DSP's image */
	emu_builtin_fn *builtin; /* then: its entry */
	uintptr_t entry;
	bool with_handle;
	uint64_t h; /* what the module's own open returned */
	uint32_t handle;
	uint32_t calls;
	bool closing;
	bool listener; /* adsp_default_listener, which is the DSP's own: no library */
};

struct emu_modules {
	struct emu_process *process;
	pthread_mutex_t load_lock; /* one open at a time: the second finds what the first loaded */
	pthread_mutex_t lock;	   /* everything below */
	struct library *libraries;
	struct opened *table[HANDLES];
	uint32_t generation;
	uint32_t next;	     /* where the search for a free entry begins */
	uint32_t std_handle; /* apps_std on the CPU; under load_lock */
};

int emu_modules_new(struct emu_process *process, struct emu_modules **ret_modules)
{
	struct emu_modules *modules = calloc(1, sizeof(*modules));

	if (!modules)
		return -ENOMEM;
	modules->process = process;
	pthread_mutex_init(&modules->load_lock, NULL);
	pthread_mutex_init(&modules->lock, NULL);
	*ret_modules = modules;
	return 0;
}

static void unload(struct emu_modules *modules, struct library *library)
{
	struct emu_engine *engine = modules->process->engine;

	engine->ops->unload(engine, library->module);
	free(library);
}

void emu_modules_free(struct emu_modules *modules)
{
	struct library *library;

	if (!modules)
		return;
	for (uint32_t i = 0; i < HANDLES; i++)
		free(modules->table[i]);
	while ((library = modules->libraries)) {
		modules->libraries = library->next;
		unload(modules, library);
	}
	pthread_mutex_destroy(&modules->load_lock);
	pthread_mutex_destroy(&modules->lock);
	free(modules);
}

/*
 * Drops one reference; the library goes with the last, or if threads of the skel may be inside it,
 * with the process. Called without the lock.
 */
/* Threads, timers or queues of the skel's own may call its code, whoever closes it. */
static bool is_at_work(const struct emu_process *process)
{
	return emu_hap_is_at_work(process->hap) || emu_queues_are_imported(process->queues);
}

static void put_library(struct emu_modules *modules, struct library *library)
{
	struct library **at;
	bool last;

	if (!library)
		return;
	pthread_mutex_lock(&modules->lock);
	last = --library->refs == 0 && !is_at_work(modules->process);
	if (last) {
		at = &modules->libraries;
		while (*at != library)
			at = &(*at)->next;
		*at = library->next;
	}
	pthread_mutex_unlock(&modules->lock);
	if (last)
		unload(modules, library);
}

static int32_t load_library(struct emu_modules *modules, const char *file,
			    struct library **ret_library, char *text, size_t textlen)
{
	struct emu_engine *engine = modules->process->engine;
	struct library *library;
	char words[256] = "";
	void *image;
	size_t size;
	int32_t result;
	int res;

	result = emu_loader_fetch(modules->process, file, &modules->std_handle, &image, &size, text,
				  textlen);
	if (result)
		return result;
	library = calloc(1, sizeof(*library));
	res = library ? engine->ops->load(engine, image, size, file, &library->module, words,
					  sizeof(words))
		      : -ENOMEM;
	free(image);
	if (res) {
		free(library);
		snprintf(text, textlen, "%s: %s", file, *words ? words : "no memory");
		return res == -ENOEXEC	? EMU_DSP_EBADELF
		       : res == -ENOENT ? EMU_DSP_EUNABLETOLOAD
					: EMU_DSP_ENOMEMORY;
	}
	snprintf(library->file, sizeof(library->file), "%s", file);
	library->refs = 1;
	pthread_mutex_lock(&modules->lock);
	library->next = modules->libraries;
	modules->libraries = library;
	pthread_mutex_unlock(&modules->lock);
	emu_count(&emu_subsystem_stats(modules->process->subsystem)->modules_loaded, 1);
	*ret_library = library;
	return 0;
}

static int32_t get_library(struct emu_modules *modules, const char *file,
			   struct library **ret_library, char *text, size_t textlen)
{
	struct library *library;

	pthread_mutex_lock(&modules->lock);
	library = modules->libraries;
	while (library && strcmp(library->file, file))
		library = library->next;
	if (library)
		library->refs++;
	pthread_mutex_unlock(&modules->lock);
	if (!library)
		return load_library(modules, file, ret_library, text, textlen);
	*ret_library = library;
	return 0;
}

static int enter(struct emu_modules *modules, struct opened *opened)
{
	int res = -ENOMEM;

	pthread_mutex_lock(&modules->lock);
	for (uint32_t i = 0; i < HANDLES && res; i++) {
		uint32_t index = (modules->next + i) % HANDLES;

		if (modules->table[index])
			continue;
		modules->next = index + 1;
		modules->generation = modules->generation % GENERATIONS + 1;
		opened->handle = modules->generation << INDEX_BITS | index;
		modules->table[index] = opened;
		res = 0;
	}
	pthread_mutex_unlock(&modules->lock);
	return res;
}

static int32_t invoke(struct emu_modules *modules, const struct opened *opened, uint32_t sc,
		      remote_arg *args)
{
	struct emu_engine *engine = modules->process->engine;

	if (opened->builtin)
		return opened->builtin(modules->process, opened->h, sc, args);
	return engine->ops->invoke(engine, opened->entry, opened->with_handle, opened->h, sc, args);
}

/* A handle-style module has an open of its own: method 0, the URI in, a handle out. */
static int32_t call_open(struct emu_modules *modules, struct opened *opened, const char *name)
{
	uint32_t len = (uint32_t)strlen(name) + 1;
	remote_arg args[3] = {
		{.buf = {&len, sizeof(len)}},
		{.buf = {(void *)(uintptr_t)name, len}},
		{.h64 = 0},
	};
	int32_t res;

	if (!opened->with_handle)
		return 0;
	res = invoke(modules, opened, FRPC_SC_MAKEX(0, 2, 0, 0, 1), args);
	opened->h = args[2].h64;
	return res;
}

static int32_t call_close(struct emu_modules *modules, const struct opened *opened)
{
	remote_arg arg = {.h64 = opened->h};

	if (!opened->with_handle)
		return 0;
	return invoke(modules, opened, FRPC_SC_MAKEX(1, 0, 0, 1, 0), &arg);
}

static int32_t open_on(struct emu_modules *modules, const struct emu_module_name *parts,
		       const char *name, struct library *library, uint32_t *ret_handle, char *text,
		       size_t textlen)
{
	struct emu_engine *engine = modules->process->engine;
	struct opened *opened = calloc(1, sizeof(*opened));
	char words[300];
	int32_t res;

	if (!opened)
		return EMU_DSP_ENOMEMORY;
	opened->library = library;
	opened->with_handle = parts->with_handle;
	opened->builtin = library ? NULL : emu_builtin_find(parts->file, parts->symbol);
	if (library && engine->ops->symbol(library->module, parts->symbol, &opened->entry, words,
					   sizeof(words))) {
		snprintf(text, textlen, "%s: %s", parts->file, words);
		free(opened);
		return EMU_DSP_ENOSUCHSYMBOL;
	}
	res = call_open(modules, opened, name);
	if (!res && enter(modules, opened)) {
		call_close(modules, opened);
		res = EMU_DSP_ENOMEMORY;
	}
	if (res) {
		snprintf(text, textlen, "%s: its open method answered 0x%x", parts->file,
			 (unsigned)res);
		free(opened);
		return res;
	}
	*ret_handle = opened->handle;
	return 0;
}

/* The DSP's own module by which a daemon offers its listener to whoever has none. */
static bool is_listener(const struct emu_module_name *parts)
{
	return !strcmp(parts->file, "libadsp_default_listener_skel.so") ||
	       !strcmp(parts->file, "libadsp_default_listener1_skel.so");
}

static int32_t open_listener(struct emu_modules *modules, const struct emu_module_name *parts,
			     uint32_t *ret_handle)
{
	struct opened *opened = calloc(1, sizeof(*opened));

	if (!opened)
		return EMU_DSP_ENOMEMORY;
	opened->listener = true;
	opened->with_handle = parts->with_handle;
	if (enter(modules, opened)) {
		free(opened);
		return EMU_DSP_ENOMEMORY;
	}
	*ret_handle = opened->handle;
	return 0;
}

/* Its one method: register. */
static int32_t call_listener(struct emu_modules *modules, const struct opened *opened,
			     const struct emu_call *call)
{
	if (FRPC_SC_METHOD(call->sc) != (opened->with_handle ? 2u : 0u))
		return EMU_DSP_EUNSUPPORTED;
	if (!emu_call_shape(call, 0, 0))
		return EMU_DSP_EBADPARM;
	emu_subsystem_set_default(modules->process->subsystem, modules->process);
	return 0;
}

int32_t emu_modules_open(struct emu_modules *modules, const char *name, uint32_t *ret_handle,
			 char *text, size_t textlen)
{
	struct emu_module_name parts;
	struct library *library = NULL;
	int32_t res;

	if (emu_module_name_parse(name, &parts)) {
		snprintf(text, textlen, "%.80s: neither a module's name nor file:///FILE?SYMBOL",
			 name);
		return EMU_DSP_EBADPARM;
	}
	if (is_listener(&parts))
		return open_listener(modules, &parts, ret_handle);
	if (!emu_builtin_find(parts.file, parts.symbol)) {
		pthread_mutex_lock(&modules->load_lock);
		res = get_library(modules, parts.file, &library, text, textlen);
		pthread_mutex_unlock(&modules->load_lock);
		if (res)
			return res;
	}
	res = open_on(modules, &parts, name, library, ret_handle, text, textlen);
	if (res)
		put_library(modules, library);
	return res;
}

static int32_t close_opened(struct emu_modules *modules, struct opened *opened)
{
	int32_t res = opened->listener ? 0 : call_close(modules, opened);

	if (!opened->listener)
		put_library(modules, opened->library);
	free(opened);
	return res;
}

/* The entry of @handle unless it is closing. With the lock held. */
static struct opened *lookup(struct emu_modules *modules, uint32_t handle)
{
	struct opened *opened = modules->table[handle & (HANDLES - 1)];

	return opened && opened->handle == handle && !opened->closing ? opened : NULL;
}

int32_t emu_modules_close(struct emu_modules *modules, uint32_t handle)
{
	struct opened *opened;
	bool busy = false;

	pthread_mutex_lock(&modules->lock);
	opened = lookup(modules, handle);
	if (opened) {
		busy = opened->calls > 0;
		opened->closing = true;
		if (!busy)
			modules->table[handle & (HANDLES - 1)] = NULL;
	}
	pthread_mutex_unlock(&modules->lock);
	if (!opened)
		return EMU_DSP_EINVHANDLE;
	/* While calls run on it, the last of them closes it. */
	return busy ? 0 : close_opened(modules, opened);
}

/* The skel gets arguments of its own: what it makes of them is nothing to go by afterwards. */
static int32_t invoke_with_copy(struct emu_modules *modules, const struct opened *opened,
				const struct emu_call *call)
{
	remote_arg few[EMU_CALL_INLINE_ARGS], *args = few;
	int32_t res;

	if (call->count > EMU_CALL_INLINE_ARGS)
		args = malloc(call->count * sizeof(*args));
	if (!args)
		return EMU_DSP_ENOMEMORY;
	memcpy(args, call->args, call->count * sizeof(*args));
	res = invoke(modules, opened, call->sc, args);
	if (args != few)
		free(args);
	return res;
}

int32_t emu_modules_call(struct emu_modules *modules, const struct emu_call *call)
{
	struct opened *opened;
	bool last;
	int32_t res;

	pthread_mutex_lock(&modules->lock);
	opened = lookup(modules, call->handle);
	if (opened)
		opened->calls++;
	pthread_mutex_unlock(&modules->lock);
	if (!opened)
		return EMU_DSP_EINVHANDLE;
	emu_count(&emu_subsystem_stats(modules->process->subsystem)->module_calls, 1);
	res = opened->listener ? call_listener(modules, opened, call)
			       : invoke_with_copy(modules, opened, call);
	pthread_mutex_lock(&modules->lock);
	last = --opened->calls == 0 && opened->closing;
	if (last)
		modules->table[opened->handle & (HANDLES - 1)] = NULL;
	pthread_mutex_unlock(&modules->lock);
	if (last)
		close_opened(modules, opened);
	return res;
}
