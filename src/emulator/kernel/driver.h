/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel driver: device nodes, open files, ioctls of both dialects. It has no threads of its
 * own: application threads enter through these functions, the link delivers responses.
 */
#ifndef EMU_KERNEL_DRIVER_H
#define EMU_KERNEL_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../transport/device.h"
#include "../clock.h"
#include "../link/link.h"
#include "../memory.h"
#include "../stats.h"

struct emu_bus;
struct emu_driver;
struct emu_heap;
struct emu_inject;
struct emu_shadows;
struct emu_static_pd;
struct emu_traits;

#define EMU_DOMAINS	7u /* adsp, mdsp, sdsp, cdsp, cdsp1, gdsp0, gdsp1 */
#define EMU_DN_CHANNELS 5u /* downstream knows the first ones */
#define EMU_MAX_BANKS	14u
#define EMU_PD_TYPES	8u /* downstream: 1 root .. 7 user, 8 guest OS */

/* Where the drivers' limits are if the configuration leaves them 0. */
#define EMU_BUFFER_LIMIT UINT64_C(0x78000000)
#define EMU_MAX_SESSIONS 4u
#define EMU_LATENCY_US	 300u
#define EMU_NO_LATENCY	 UINT32_MAX

enum emu_dialect {
	EMU_DOWNSTREAM,
	EMU_MAINLINE,
	EMU_DIALECTS,
};

/* The mainline driver's versions that differ in what a client or a DSP can see. */
enum emu_version {
	EMU_ML_6_1,
	EMU_ML_6_12,
	EMU_ML_7_3,
};

struct emu_bank_config {
	uint32_t id; /* stream id, 1..15; 0 = no SMMU */
	bool secure;
	bool shared;
	uint32_t pd_type; /* downstream: only for such PDs; 0: none said. See EMU_PD_TYPES */
};

struct emu_channel_config {
	bool present;		  /* else downstream still looks at the two flags */
	bool secure;		  /* downstream: secure channel; mainline: has no plain node */
	bool unsigned_ok;	  /* unsigned PDs supported: both nodes */
	enum emu_version version; /* mainline */
	bool multimode; /* mainline: as the second downstream generation, with MULTIMODE_INVOKE */
	bool poll_capable;   /* mainline 7.3: the SoC is on the driver's list */
	bool assign;	     /* downstream: buffers are assigned to the DSP's VM as well */
	bool incoherent;     /* downstream: banks are not, caches are maintained by the driver */
	struct emu_end *end; /* borrowed until emu_driver_free() */
	struct emu_bank_config banks[EMU_MAX_BANKS];
	bool qrtr;	     /* downstream: the link comes and goes by emu_driver_qrtr_state() */
	uint32_t bank_count; /* downstream: 0 means no SMMU, addresses are physical */
};

#define EMU_MAX_GIDS 8u

struct emu_driver_config {
	struct emu_channel_config channels[EMU_DIALECTS][EMU_DOMAINS];
	struct emu_clock *clock; /* borrowed */
	struct emu_stats *stats; /* borrowed */
	/* Downstream's device tree. */
	uint64_t heap_size;	  /* bytes reserved for static PDs; 0: no such device */
	uint64_t buffer_limit;	  /* a buffer or map is smaller */
	uint32_t max_sessions;	  /* of SESS_INFO */
	uint32_t latency_us;	  /* what CONTROL LATENCY votes; EMU_NO_LATENCY: no such vote */
	gid_t gids[EMU_MAX_GIDS]; /* whose members get privileged processes */
	uint32_t gid_count;
	/* The trusted VM's build: over the router, one remote domain, no 32-bit clients. */
	bool trusted_vm;
};

int emu_driver_new(const struct emu_driver_config *config, struct emu_driver **ret_driver);
/* Every file must have been closed. Takes NULL. */
void emu_driver_free(struct emu_driver *driver);

/* What the DSP of that channel may see; borrowed from the driver. */
struct emu_memory *emu_driver_memory(struct emu_driver *driver, enum emu_dialect dialect,
				     uint32_t domain);

/* What a test steers. Borrowed from the driver. */
struct emu_inject *emu_driver_inject(struct emu_driver *driver);
struct emu_traits *emu_driver_traits(struct emu_driver *driver);
struct emu_shadows *emu_driver_shadows(struct emu_driver *driver);
struct emu_heap *emu_driver_heap(struct emu_driver *driver);
struct emu_bus *emu_driver_bus(struct emu_driver *driver);
/* @name: enum emu_static_pd_name. */
struct emu_static_pd *emu_driver_static_pd(struct emu_driver *driver, unsigned int name);

/*
 * The rpmsg bus offers a channel, or takes it away: which DSP it is for says @label, and where that
 * is NULL the @node's name. The domain; -ENODEV: not our channel, or no such DSP here; -ECHRNG: a
 * label that the driver does not know.
 */
int emu_driver_rpmsg_match(struct emu_driver *driver, const char *channel, const char *label,
			   const char *node); /* which it would be */
int emu_driver_rpmsg_probe(struct emu_driver *driver, const char *channel, const char *label,
			   const char *node);
int emu_driver_rpmsg_remove(struct emu_driver *driver, const char *label, const char *node);

/* The server of @domain's link has come, or gone: that is handled like a restart. */
void emu_driver_qrtr_state(struct emu_driver *driver, uint32_t domain, bool online);

/* The device seam's open, ioctl and close: see transport/device.h. File numbers start at 0. */
int emu_driver_open(struct emu_driver *driver, const struct frpc_task *task, const char *path,
		    int flags);
long emu_driver_ioctl(struct emu_driver *driver, const struct frpc_task *task, int file,
		      uint32_t cmd, uintptr_t arg);
int emu_driver_close(struct emu_driver *driver, const struct frpc_task *task, int file);

/*
 * The DSP of a channel is restarted: the steps, in this order. The link goes down after the first
 * and comes up before the last.
 */
enum emu_restart_step {
	EMU_RESTART_SHUTDOWN_BEGINS,
	EMU_RESTART_SHUTDOWN_ENDS,
	EMU_RESTART_POWERUP_BEGINS,
	EMU_RESTART_POWERUP_ENDS,
};
void emu_driver_restart(struct emu_driver *driver, enum emu_dialect dialect, uint32_t domain,
			enum emu_restart_step step);
/* A static PD goes down, which ends its clients' calls, or comes up. */
void emu_driver_set_static_pd(struct emu_driver *driver, struct emu_static_pd *pd, bool up);

/* What it holds at this moment. */
struct emu_driver_state {
	uint32_t files, calls, done_jobs, notifications, signals, maps;
};
void emu_driver_get_state(struct emu_driver *driver, struct emu_driver_state *ret_state);
/* Calls @fn for the file @number, or for every open one (-1). The number of files, or -EBADF. */
struct emu_file;
int emu_driver_visit(struct emu_driver *driver, const struct frpc_task *task, int number,
		     void (*fn)(struct emu_file *file, int number, void *context), void *context);

/* Closes what is still open, as a kernel does when its processes are gone. */
void emu_driver_close_all(struct emu_driver *driver, const struct frpc_task *task);

#endif
