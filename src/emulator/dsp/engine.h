/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine seam: what runs a DSP process's code. One engine object is one process's address
 * space: it sees only what map() has shown it. Calls may come from any of the process's threads.
 */
#ifndef EMU_DSP_ENGINE_H
#define EMU_DSP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../memory.h"
#include "remote.h"

#define EMU_ENGINE_VERSION 1u

struct emu_engine;
struct emu_hap;
struct emu_module; /* a loaded library */
struct emu_pin;	   /* a mapped buffer, held in place */

struct emu_engine_ops {
	const char *name;
	uint32_t version; /* EMU_ENGINE_VERSION the table was written for */

	/*
	 * Loads a library from its @image, which stays the caller's. -ENOEXEC: no library for this
	 * engine; -ENOENT: something it needs is missing; -ENOMEM. @text says why, in the loader's words.
	 */
	int (*load)(struct emu_engine *engine, const void *image, size_t size, const char *name,
		    struct emu_module **ret_module, char *text, size_t textlen);
	/* 0, or -ENOENT with @text. */
	int (*symbol)(struct emu_module *module, const char *name, uintptr_t *ret_entry, char *text,
		      size_t textlen);
	/* int entry(remote_handle64, uint32_t, remote_arg *), or without the handle. Its result. */
	int32_t (*invoke)(struct emu_engine *engine, uintptr_t entry, bool with_handle, uint64_t h,
			  uint32_t sc, remote_arg *args);
	/* No call may be inside it. */
	void (*unload)(struct emu_engine *engine, struct emu_module *module);

	/*
	 * Shows the process @length bytes at device address @address and says where. The pin keeps
	 * them there until unmap(). -EFAULT: not mapped for this DSP; -ENOMEM.
	 */
	int (*map)(struct emu_engine *engine, uint64_t address, uint64_t length,
		   struct emu_pin **ret_pin, void **ret_bytes);
	void (*unmap)(struct emu_engine *engine, struct emu_pin *pin);

	/*
	 * Optional: what skels call (hap/) lives where they do, not here: the engine makes itself the
	 * remote of @hap, which is the DSP's side of it and outlives every call. Once, before load().
	 */
	void (*adopt)(struct emu_engine *engine, struct emu_hap *hap);
	/*
	 * Optional: true once what it ran has ended it. The result of an invoke() means nothing then.
	 */
	bool (*has_died)(struct emu_engine *engine);
	/* Ends everything that runs in it, as far as this engine can. */
	void (*kill)(struct emu_engine *engine);
	/* No thread may be inside it, every module unloaded, every pin gone. */
	void (*free)(struct emu_engine *engine);
};

struct emu_engine {
	const struct emu_engine_ops *ops;
};

/* The native engine: host libraries, loaded by the host's loader. @memory is borrowed. */
int emu_engine_native_new(struct emu_memory *memory, struct emu_engine **ret_engine);

/*
 * The process engine: the same libraries, in a process of the host's, which runs @program
 * (dsp_process.c). @memory is borrowed, @program copied.
 */
int emu_engine_process_new(struct emu_memory *memory, const char *program,
			   struct emu_engine **ret_engine);

/* A memfd with @image, marked so that a library's own names win in it. 0 or -ENOMEM. */
int emu_engine_copy_image(const void *image, size_t size, const char *name, int *ret_fd);

#endif
