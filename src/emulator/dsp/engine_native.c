/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The native engine: a skel is a host library, loaded from a copy of its own by the host's loader.
 * The copy is a memfd that stays open under /proc/<pid>/fd/N, where debuggers and sanitizers find
 * it. A thread inside a skel cannot be killed: its module stays until it returns.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf_image.h"
#include "engine.h"
#include "hap/hap.h"
#include "map_cache.h"

struct native_engine {
	struct emu_engine engine;
	struct emu_map_cache *cache;
};

struct emu_module {
	void *library;
	int fd;
};

static struct native_engine *to_native(struct emu_engine *engine)
{
	return (struct native_engine *)engine;
}

static int write_all(int fd, const unsigned char *bytes, size_t size)
{
	while (size) {
		ssize_t done = write(fd, bytes, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -ENOMEM;
		bytes += done;
		size -= (size_t)done;
	}
	return 0;
}

/* A copy of @image that no other process of a DSP shares, so that its globals are its own. */
int emu_engine_copy_image(const void *image, size_t size, const char *name, int *ret_fd)
{
	const char *file = strrchr(name, '/');
	unsigned char *copy = malloc(size);
	int fd, res = -ENOMEM;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, image, size);
	emu_elf_make_symbolic(copy, size);
	fd = memfd_create(file ? file + 1 : name, MFD_CLOEXEC);
	if (fd >= 0) {
		res = write_all(fd, copy, size);
		if (res)
			close(fd);
	}
	free(copy);
	*ret_fd = fd;
	return res;
}

/* A skel finds what the DSP offers it in this library, whoever has loaded it and how. */
static void offer_symbols(void)
{
	Dl_info info;

	/* Kept open: the symbols stay in the global scope. They have names that nobody else has. */
	if (dladdr((void *)offer_symbols, &info) && info.dli_fname)
		dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
}

static int native_load(struct emu_engine *engine, const void *image, size_t size, const char *name,
		       struct emu_module **ret_module, char *text, size_t textlen)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct emu_module *module;
	const char *words;
	char path[48];
	int res;

	(void)engine;
	pthread_once(&once, offer_symbols);
	res = emu_elf_check(image, size, text, textlen);
	if (res)
		return res;
	module = calloc(1, sizeof(*module));
	if (!module)
		return -ENOMEM;
	res = emu_engine_copy_image(image, size, name, &module->fd);
	if (res) {
		free(module);
		return res;
	}
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), module->fd);
	module->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module->library) {
		words = dlerror();
		/* The loader names the copy, which says nothing to the user. */
		if (words && !strncmp(words, path, strlen(path)))
			words += strlen(path) + 2 * (words[strlen(path)] == ':');
		snprintf(text, textlen, "%s", words ? words : "cannot be loaded");
		close(module->fd);
		free(module);
		return -ENOENT;
	}
	*ret_module = module;
	return 0;
}

static int native_symbol(struct emu_module *module, const char *name, uintptr_t *ret_entry,
			 char *text, size_t textlen)
{
	void *entry = dlsym(module->library, name);

	if (!entry) {
		snprintf(text, textlen, "undefined symbol: %s", name);
		return -ENOENT;
	}
	*ret_entry = (uintptr_t)entry;
	return 0;
}

static int32_t native_invoke(struct emu_engine *engine, uintptr_t entry, bool with_handle,
			     uint64_t h, uint32_t sc, remote_arg *args)
{
	(void)engine;
	return emu_hap_run(entry, with_handle, h, sc, args);
}

static void native_unload(struct emu_engine *engine, struct emu_module *module)
{
	(void)engine;
	dlclose(module->library);
	close(module->fd);
	free(module);
}

static int native_map(struct emu_engine *engine, uint64_t address, uint64_t length,
		      struct emu_pin **ret_pin, void **ret_bytes)
{
	return emu_map_cache_pin(to_native(engine)->cache, address, length, ret_pin, ret_bytes);
}

static void native_unmap(struct emu_engine *engine, struct emu_pin *pin)
{
	emu_map_cache_unpin(to_native(engine)->cache, pin);
}

static void native_kill(struct emu_engine *engine)
{
	(void)engine; /* threads of this process: nothing can end them but themselves */
}

static void native_free(struct emu_engine *engine)
{
	emu_map_cache_free(to_native(engine)->cache);
	free(engine);
}

static const struct emu_engine_ops native_ops = {
	.name = "native",
	.version = EMU_ENGINE_VERSION,
	.load = native_load,
	.symbol = native_symbol,
	.invoke = native_invoke,
	.unload = native_unload,
	.map = native_map,
	.unmap = native_unmap,
	.kill = native_kill,
	.free = native_free,
};

int emu_engine_native_new(struct emu_memory *memory, struct emu_engine **ret_engine)
{
	struct native_engine *native = calloc(1, sizeof(*native));
	int res;

	if (!native)
		return -ENOMEM;
	native->engine.ops = &native_ops;
	res = emu_map_cache_new(memory, &native->cache);
	if (res) {
		free(native);
		return res;
	}
	*ret_engine = &native->engine;
	return 0;
}
