/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Building and steering an emulated machine from a test (libfastrpc-emulator). Results are 0 or
 * -errno. Every function may be called from any thread; frpc_emulator_ioctl() blocks as the driver
 * does.
 */
#ifndef FASTRPC_EMULATOR_H
#define FASTRPC_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct frpc_emulator;

/*
 * A machine of one's own, from @spec: what FRPC_EMULATOR may hold ("abi=mainline,domains=cdsp"; NULL:
 * the default). -EINVAL or -EOPNOTSUPP, with words in @text (which may be NULL).
 */
int frpc_emulator_new(const char *spec, struct frpc_emulator **ret_emulator, char *text,
		      size_t textlen);
/* The machine that FRPC_TRANSPORT=emulator uses in this process; made if there is none. */
int frpc_emulator_default(struct frpc_emulator **ret_emulator, char *text, size_t textlen);
/* Gives the reference back; takes NULL. The machine ends with its last user. */
void frpc_emulator_free(struct frpc_emulator *emulator);

/* The device nodes: what open(), ioctl() and close() do on a phone. @compat: a 32-bit client's layouts. */
int frpc_emulator_open(struct frpc_emulator *emulator, const char *path, int flags);
long frpc_emulator_ioctl(struct frpc_emulator *emulator, int file, uint32_t cmd, uintptr_t arg,
			 bool compat);
int frpc_emulator_close(struct frpc_emulator *emulator, int file);

/* What the machine has counted since it was made. */
struct frpc_emulator_counters {
	uint64_t nodes_opened;
	uint64_t processes_created;
	uint64_t calls;
	uint64_t bytes_copied_in;
	uint64_t bytes_copied_out;
	uint64_t bytes_mapped;
	uint64_t module_calls;
	uint64_t modules_loaded;
	uint64_t reverse_calls;
	uint64_t skel_bytes_read;
};
void frpc_emulator_get_counters(struct frpc_emulator *emulator,
				struct frpc_emulator_counters *ret_counters);

/* How the DSP of @domain misbehaves: a set of bits; 0 puts it right and lets go what it held back. */
enum frpc_emulator_fault {
	FRPC_EMULATOR_SILENT = 1,	 /* answers nothing any more */
	FRPC_EMULATOR_KEEP_LISTENER = 2, /* never ends the listener's call */
};
int frpc_emulator_set_faults(struct frpc_emulator *emulator, uint32_t domain, uint32_t faults);

/* Processes alive on the DSP of @domain, of both dialects. */
uint32_t frpc_emulator_processes(struct frpc_emulator *emulator, uint32_t domain);

/* Turns the driver's clock forward: what waits with a time-out sees it pass. */
void frpc_emulator_advance_clock(struct frpc_emulator *emulator, uint64_t nanoseconds);

#ifdef __cplusplus
}
#endif

#endif
