/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A machine: the driver, its DSPs and what connects them. The only place that knows both sides.
 */
#ifndef EMU_MACHINE_H
#define EMU_MACHINE_H

#include "../transport/device.h"
#include "clock.h"
#include "dsp/subsystem.h"
#include "kernel/driver.h"
#include "machine_spec.h"

struct emu_machine;

/*
 * Builds a machine from @spec, the value of FRPC_EMULATOR (NULL or "" = default): "key=value,..."
 * or the path of an INI-like file of such lines. Keys (sets are joined with +, "none" is empty):
 *   domains=adsp+cdsp    abi=downstream|mainline|both    version=6.1|6.12|7.3 (mainline)
 *   engine=native|process               arch=N
 *   program=PATH         what runs a DSP process with engine=process
 *   link=rpmsg|qrtr|qrtr-local    qrtr: downstream as in a trusted VM, CDSP alone, over the
 *                        kernel's router, or over one of its own where there is none
 *   multimode=on         mainline nodes as of the second downstream generation
 *   banks=N              context banks of each DSP, 0..14; downstream 0 means no SMMU
 *   secure-banks=N, shared-banks=N    how many of them, counted from the end (downstream)
 *   pd-types=7+7+3       PD type of each bank in order (downstream)
 *   secure=adsp+cdsp     DSPs that are for the secure nodes
 *   assign=cdsp          DSPs whose VM must be given access to each buffer (downstream)
 *   heap=BYTES           memory reserved for static PDs, 0: none (downstream)
 *   limit=BYTES          a buffer of the downstream driver is smaller
 *   sessions=N           session ids of SESS_INFO (downstream)
 *   gids=N+N             groups whose processes are privileged (downstream)
 *   attrN=VALUE          what the DSPs answer to capability N
 *   report=FILE          "-" = standard error
 *   testmod=on           each DSP offers dsp/testmod/protocol.h: for the conformance suite only
 * Known words that are not built yet (engine=hexagon, ...) give -EOPNOTSUPP, unknown
 * ones -EINVAL; @text says what is wrong and what is possible.
 */
int emu_machine_new(const char *spec, struct emu_machine **ret_machine, char *text, size_t textlen);
struct emu_machine *emu_machine_ref(struct emu_machine *machine);
/* The last one closes files left open, ends the DSPs and writes the report. Takes NULL. */
void emu_machine_unref(struct emu_machine *machine);

/* What a DSP of @domain is like in a machine of @spec, wherever it runs. */
void emu_machine_describe_dsp(const struct emu_machine_spec *spec, enum emu_dialect dialect,
			      uint32_t domain, struct emu_subsystem_config *config);

/* The folder of the emulator's own files: beside the library, in the build tree as when installed. */
void emu_data_dir(char *dir, size_t len);

/* A device on @machine; holds a reference to it until its free(). */
int emu_machine_device(struct emu_machine *machine, struct frpc_device **ret_device);

/*
 * One step of a restart of @domain's DSP, in both dialects; they must come in order. 0; -ENODEV: no
 * such domain; -EINVAL: not its turn.
 */
int emu_machine_restart_step(struct emu_machine *machine, uint32_t domain,
			     enum emu_restart_step step);

/* See emu_driver_rpmsg_probe(); the link follows. */
int emu_machine_rpmsg_probe(struct emu_machine *machine, const char *channel, const char *label,
			    const char *node);
int emu_machine_rpmsg_remove(struct emu_machine *machine, const char *label, const char *node);

/* The parts, for tests. NULL: no such domain. Borrowed. */
struct emu_subsystem *emu_machine_subsystem(struct emu_machine *machine, enum emu_dialect dialect,
					    uint32_t domain);
/* The tap (link/tap.h) on the driver's end of that DSP's link. */
struct emu_end *emu_machine_tap(struct emu_machine *machine, enum emu_dialect dialect,
				uint32_t domain);
/* The DSP's end of it: a test that connects there has taken the DSP's place. */
struct emu_end *emu_machine_dsp_end(struct emu_machine *machine, enum emu_dialect dialect,
				    uint32_t domain);
struct emu_driver *emu_machine_driver(struct emu_machine *machine);
struct emu_clock *emu_machine_clock(struct emu_machine *machine);
struct emu_stats *emu_machine_stats(struct emu_machine *machine);

/*
 * The default machine of this process, built from the environment when first asked for and kept
 * while anybody holds it. The caller gets a reference. After fork() the child gets a new one.
 */
int emu_machine_default(struct emu_machine **ret_machine, char *text, size_t textlen);

#endif
