/* SPDX-License-Identifier: BSD-3-Clause */
#include "app_modules.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "../folders.h"
#include "../path.h"
#include "../uri.h"
#include "AEEStdErr.h"

#define MODULES	    64u
#define INDEX_BITS  8u
#define GENERATIONS 0xffffffu

#define OPEN_METHOD  0u
#define CLOSE_METHOD 1u

/* The entry of a skel, of either style. */
union entry {
	void *address;
	int (*older)(uint32_t sc, remote_arg *args);
	int (*with_handle)(remote_handle64 h, uint32_t sc, remote_arg *args);
};

struct module {
	char *name; /* as the DSP has opened it; NULL: nothing is open here */
	void *library;
	union entry entry;
	bool handle_style;
	uint64_t h; /* what its own open has stored */
	uint32_t refs;
	uint32_t generation; /* of the handle; a stale one has another */
};

struct frpc_app_modules {
	uint32_t domain;
	struct module table[MODULES];
};

/* What a name means. */
struct parts {
	char file[NAME_MAX + 1], symbol[256];
	bool handle_style;
};

int frpc_app_modules_new(uint32_t domain, struct frpc_app_modules **ret_modules)
{
	struct frpc_app_modules *modules = calloc(1, sizeof(*modules));

	if (!modules)
		return -ENOMEM;
	modules->domain = domain;
	*ret_modules = modules;
	return 0;
}

/* ---- names ---- */

static int split_uri(const char *name, struct parts *parts, const char **ret_why)
{
	struct frpc_uri uri;

	*ret_why = "a part of it is too long";
	if (frpc_uri_parse(name, &uri, ret_why) || uri.file_len >= sizeof(parts->file) ||
	    uri.symbol_len >= sizeof(parts->symbol))
		return AEE_EBADPARM;
	memcpy(parts->file, uri.file, uri.file_len);
	memcpy(parts->symbol, uri.symbol, uri.symbol_len);
	parts->file[uri.file_len] = parts->symbol[uri.symbol_len] = 0;
	parts->handle_style = uri.handle_style;
	return AEE_SUCCESS;
}

static int split_plain(const char *name, struct parts *parts, const char **ret_why)
{
	int file = snprintf(parts->file, sizeof(parts->file), "lib%s_skel.so", name);
	int symbol = snprintf(parts->symbol, sizeof(parts->symbol), "%s_skel_invoke", name);

	parts->handle_style = false;
	*ret_why = "it is too long";
	return (size_t)file < sizeof(parts->file) && (size_t)symbol < sizeof(parts->symbol)
		       ? AEE_SUCCESS
		       : AEE_EBADPARM;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), endlen = strlen(end);

	return len > endlen && !strcmp(text + len - endlen, end);
}

/* Nothing but a skel's entry is called, and with the arguments that it takes. */
static bool is_entry(const struct parts *parts)
{
	return ends_with(parts->symbol,
			 parts->handle_style ? "_skel_handle_invoke" : "_skel_invoke");
}

static int take_apart(const char *name, struct parts *parts, char *words, size_t wordslen)
{
	const char *why = "";
	int res = strncmp(name, "file:", 5) ? split_plain(name, parts, &why)
					    : split_uri(name, parts, &why);

	if (!res && (!*parts->file || strchr(parts->file, '/'))) {
		why = "its library is no plain file name";
		res = AEE_EBADPARM;
	}
	if (!res && !is_entry(parts)) {
		why = "its entry is named neither NAME_skel_invoke nor, with _modver=1.0, "
		      "NAME_skel_handle_invoke";
		res = AEE_EBADPARM;
	}
	if (res)
		snprintf(words, wordslen, "no module's name: %s", why);
	return res;
}

/* ---- libraries ---- */

/* The path of a file, as far as it lies beneath a folder that the DSP may change. */
static int is_beneath(void *context, const char *folder)
{
	char *real = realpath(folder, NULL);
	const char *path = context;
	size_t len = real ? strlen(real) : 0;
	bool beneath = real && !strncmp(real, path, len) && (len == 1 || path[len] == '/');

	free(real);
	return beneath;
}

/* Loads the file that is open as @fd. */
static void *load_file(int fd, char *words, size_t wordslen)
{
	char link[32], path[PATH_MAX];
	void *library;
	ssize_t len;

	/* By its own name: debuggers and sanitizers look for its source from there. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0) {
		snprintf(words, wordslen, "%s cannot be read", link);
		return NULL;
	}
	path[len] = 0;
	if (frpc_folders_each(true, is_beneath, path)) {
		snprintf(words, wordslen, "%s lies where the DSP may write: it is not loaded",
			 path);
		return NULL;
	}
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		snprintf(words, wordslen, "%s", dlerror());
	return library;
}

/* Looking for one library under up to two names. */
struct search {
	uint32_t domain;
	char tried[1024]; /* paths */
	char *words;	  /* what is wrong with one that is there */
	size_t wordslen;
	bool absent;
};

static void *load(struct search *search, const char *file)
{
	size_t used = strlen(search->tried);
	void *library;
	int fd, res;

	if (used && used + 3 < sizeof(search->tried)) {
		strcpy(search->tried + used, ", ");
		used += 2;
	}
	res = frpc_path_open(search->domain, file, NULL, &fd, search->tried + used,
			     sizeof(search->tried) - used);
	if (!res) {
		search->absent = false;
		library = load_file(fd, search->words, search->wordslen);
		close(fd);
		return library;
	}
	/* What the app has loaded itself needs no path. */
	library = dlopen(file,
			 RTLD_NOW | RTLD_LOCAL | (frpc_folders_are_unconfined() ? 0 : RTLD_NOLOAD));
	search->absent = res == -ENOENT;
	return library;
}

static void *find_library(uint32_t domain, const char *file, char *words, size_t wordslen)
{
	struct search search = {.domain = domain, .words = words, .wordslen = wordslen};
	char second[NAME_MAX + 8];
	void *library;

	library = load(&search, file);
	if (!library && search.absent && ends_with(file, ".so")) {
		snprintf(second, sizeof(second), "%.*s_system.so", (int)strlen(file) - 3, file);
		library = load(&search, second);
	}
	if (!library && !*words)
		snprintf(words, wordslen, "no library %s; it was looked for at %s", file,
			 search.tried);
	return library;
}

/* ---- modules ---- */

static int invoke(const struct module *module, uint32_t sc, remote_arg *args)
{
	return module->handle_style ? module->entry.with_handle(module->h, sc, args)
				    : module->entry.older(sc, args);
}

/* A handle-style module has an open of its own: the URI in, a handle out. */
static int call_open(struct module *module)
{
	uint32_t len = (uint32_t)strlen(module->name) + 1;
	remote_arg args[3] = {
		{.buf = {&len, sizeof(len)}},
		{.buf = {module->name, len}},
		{.h64 = 0},
	};
	int res;

	if (!module->handle_style)
		return AEE_SUCCESS;
	res = invoke(module, FRPC_SC_MAKEX(OPEN_METHOD, 2, 0, 0, 1), args);
	module->h = args[2].h64;
	return res;
}

static int call_close(const struct module *module)
{
	remote_arg arg = {.h64 = module->h};

	return module->handle_style ? invoke(module, FRPC_SC_MAKEX(CLOSE_METHOD, 0, 0, 1, 0), &arg)
				    : AEE_SUCCESS;
}

static void forget(struct module *module)
{
	if (module->library)
		dlclose(module->library);
	free(module->name);
	*module = (struct module){.generation = module->generation};
}

static int fill(struct frpc_app_modules *modules, struct module *module, const char *name,
		char *words, size_t wordslen)
{
	struct parts parts;
	int res;

	res = take_apart(name, &parts, words, wordslen);
	if (res)
		return res;
	module->name = strdup(name);
	if (!module->name)
		return AEE_ENOMEMORY;
	module->handle_style = parts.handle_style;
	module->library = find_library(modules->domain, parts.file, words, wordslen);
	if (!module->library)
		return AEE_EINVHANDLE;
	module->entry.address = dlsym(module->library, parts.symbol);
	if (!module->entry.address) {
		snprintf(words, wordslen, "%s", dlerror());
		return AEE_ENOSUCHSYMBOL;
	}
	res = call_open(module);
	if (res)
		snprintf(words, wordslen, "%s: its open answered 0x%x", parts.file,
			 (unsigned int)res);
	return res;
}

/* What is open as @name, or else a free place, or else NULL. */
static struct module *find_place(struct frpc_app_modules *modules, const char *name)
{
	struct module *place = NULL;

	for (uint32_t i = 0; i < MODULES; i++) {
		struct module *module = &modules->table[i];

		if (module->name && !strcmp(module->name, name))
			return module;
		if (!module->name && !place)
			place = module;
	}
	return place;
}

static uint32_t handle_of(const struct frpc_app_modules *modules, const struct module *module)
{
	return module->generation << INDEX_BITS | (uint32_t)(module - modules->table);
}

int frpc_app_modules_open(struct frpc_app_modules *modules, const char *name, uint32_t *ret_handle,
			  char *words, size_t wordslen)
{
	struct module *module = find_place(modules, name);
	int res = AEE_SUCCESS;

	if (!module) {
		snprintf(words, wordslen, "%u modules are open", MODULES);
		return AEE_EOUTOFHANDLES;
	}
	if (!module->name) {
		res = fill(modules, module, name, words, wordslen);
		module->generation = module->generation % GENERATIONS + 1;
	}
	if (res) {
		forget(module);
		return res;
	}
	module->refs++;
	*ret_handle = handle_of(modules, module);
	return AEE_SUCCESS;
}

static struct module *find(struct frpc_app_modules *modules, uint32_t handle)
{
	uint32_t index = handle & ((1u << INDEX_BITS) - 1);
	struct module *module = index < MODULES ? &modules->table[index] : NULL;

	return module && module->name && handle == handle_of(modules, module) ? module : NULL;
}

int frpc_app_modules_close(struct frpc_app_modules *modules, uint32_t handle)
{
	struct module *module = find(modules, handle);
	int res;

	if (!module)
		return AEE_EINVHANDLE;
	if (--module->refs)
		return AEE_SUCCESS;
	res = call_close(module);
	forget(module);
	return res;
}

int frpc_app_modules_call(struct frpc_app_modules *modules, struct frpc_reverse_call *call)
{
	const struct module *module = find(modules, call->handle);

	if (!module)
		return AEE_ENOSUCHMOD;
	/* Opening and closing is ours. */
	if (module->handle_style && FRPC_SC_METHOD(call->sc) <= CLOSE_METHOD)
		return AEE_EBADPARM;
	return invoke(module, call->sc, call->args);
}

void frpc_app_modules_free(struct frpc_app_modules *modules)
{
	if (!modules)
		return;
	for (uint32_t i = 0; i < MODULES; i++) {
		struct module *module = &modules->table[i];

		if (!module->name)
			continue;
		call_close(module);
		forget(module);
	}
	free(modules);
}
