/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver's side of one DSP: its link end, context banks, capabilities, and the table by which
 * responses find the call they answer.
 */
#ifndef EMU_KERNEL_CHANNEL_H
#define EMU_KERNEL_CHANNEL_H

#include <pthread.h>

#include "driver.h"
#include "smmu.h"

#define EMU_DN_CONTEXTS	 1024u
#define EMU_DN_RESERVED	 70u /* entries for handles below 20 and for the driver's own calls */
#define EMU_ML_CONTEXTS	 256u
#define EMU_CAPABILITIES 256u

struct emu_buffer;
struct emu_buffers;
struct emu_context;
struct emu_file;

/* What a subsystem goes through when it is restarted. Downstream tells each step apart. */
enum emu_channel_state {
	EMU_CHANNEL_UP,
	EMU_CHANNEL_RESTARTING, /* from "before shutdown" */
	EMU_CHANNEL_DOWN,	/* from "after shutdown" */
};

struct emu_channel {
	struct emu_driver *driver;
	enum emu_dialect dialect;
	uint32_t domain;
	const struct emu_channel_config *config;
	struct emu_end *end;
	struct emu_smmu *smmu;
	_Atomic uint32_t link_up;  /* the rpmsg channel has been probed; waited for */
	_Atomic uint32_t state;	   /* enum emu_channel_state; waited for */
	_Atomic uint32_t restarts; /* files that saw another number are dead */
	pthread_mutex_t lock;	   /* everything below, and the answers of the calls in the table */
	bool bank_used[EMU_MAX_BANKS];
	struct emu_context *table[EMU_DN_CONTEXTS];
	uint64_t jobs;	  /* the last job number; mainline 7.3: sequence number */
	uint32_t last_id; /* mainline: the last id, allocated cyclically */
	/*
	 * Mainline: by index, the call that its caller has left (a signal, the driver's time limit)
	 * before its file was closed; id 0: none. It keeps its id, answered or not, until the channel
	 * goes down: call and file hold each other.
	 */
	struct emu_left_call {
		uint64_t id;
		bool answered;
	} left[EMU_ML_CONTEXTS];
	bool capabilities_known;
	uint32_t capabilities[EMU_CAPABILITIES];
	/* Mainline: what files of before a restart still answer. */
	bool old_capabilities_known;
	uint32_t old_capabilities[EMU_CAPABILITIES];
	bool cpu_info_sent;
	struct emu_buffers *heap;	/* mainline since 6.12; NULL: not needed yet */
	struct emu_buffer *remote_heap; /* of static PDs, kept for good; or NULL */
	uint32_t remote_heap_users;	/* static PDs that were made or are being made on it */
	_Atomic bool handles_unmapped;	/* cached attribute 129 */
};

int emu_channel_new(struct emu_driver *driver, enum emu_dialect dialect, uint32_t domain,
		    const struct emu_channel_config *config, struct emu_channel **ret_channel);
void emu_channel_free(struct emu_channel *channel);
/* Its remote heap, from ml_heap.c. */
void emu_channel_free_heap(struct emu_channel *channel);

struct emu_bank_request {
	bool secure, shared;
	uint32_t pd_type; /* 0: any */
};

/* The first free bank that fits: its index, or -EUSERS. *@ret_restarts: the channel's count then. */
int emu_channel_take_bank(struct emu_channel *channel, const struct emu_bank_request *request,
			  uint32_t *ret_restarts);
/* Takes -1. Mainline: unless the channel has been restarted since that count: it is another's then. */
void emu_channel_return_bank(struct emu_channel *channel, int bank, uint32_t restarts);
/* Does the device tree say PD types of any bank? */
bool emu_channel_has_pd_types(const struct emu_channel *channel);

/* Enters @context and gives it its id. 0; -ENOKEY (downstream), -ENOSPC (mainline): table full. */
int emu_channel_enter(struct emu_channel *channel, struct emu_context *context, bool reserved);
/* Afterwards no response finds it any more. */
void emu_channel_leave(struct emu_channel *channel, struct emu_context *context);
/* Takes every call of @file out of the table; mainline's keep their ids. The list, by next. */
struct emu_context *emu_channel_evict(struct emu_channel *channel, const struct emu_file *file);
/* Calls in the table. */
uint32_t emu_channel_calls(struct emu_channel *channel);

/*
 * Before a file asks the DSP for a process or its capabilities: takes the channel's restart count
 * over. With @wait until the link is up. 0, -ECONNREFUSED (down), -EINTR. From restart.c.
 */
int emu_channel_open(struct emu_file *file, bool wait);

/* What arrives from the DSP of @channel: an emu_receive_fn. From response.c. */
int emu_channel_receive(void *channel, const void *bytes, size_t len);

#endif
