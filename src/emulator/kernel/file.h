/* SPDX-License-Identifier: BSD-3-Clause */
/* An open device node: one client process on one DSP, with its calls, buffers and maps. */
#ifndef EMU_KERNEL_FILE_H
#define EMU_KERNEL_FILE_H

#include "args.h"
#include "channel.h"
#include "dspsignal.h"
#include "notif.h"
#include "heap.h"
#include "static_pd.h"

enum emu_create_state {
	EMU_CREATE_NONE,
	EMU_CREATE_RUNNING,
	EMU_CREATE_DONE,
};

/* Jobs whose answer has come: see async.h. */
struct emu_async {
	pthread_mutex_t lock;
	struct emu_context *done;
	_Atomic uint32_t events;
	_Atomic bool woken;
};

struct emu_file {
	struct emu_file *next; /* in the registry, under its lock */
	struct emu_driver *driver;
	enum emu_dialect dialect;
	bool secure_node;
	pid_t tgid;	  /* of the process that opened it */
	_Atomic int refs; /* the open number and each running command */

	/* Written once, when the domain is chosen (mainline: at open), before `chosen` is set. */
	_Atomic bool chosen;
	struct emu_channel *channel;
	int bank; /* index in the channel, -1: none, or a channel without SMMU */
	struct emu_buffers *buffers;
	struct emu_maps *maps;
	struct emu_args_source source;
	uint32_t client_id; /* what the DSP calls the process */

	_Atomic uint32_t restarts; /* the channel's; downstream: when the DSP was asked last */
	_Atomic bool profile;	   /* downstream: SETMODE 2 */
	_Atomic bool poll_on;	   /* downstream: CONTROL 7 */
	_Atomic uint32_t poll_us;
	_Atomic uint32_t latency_us; /* downstream: the vote; 0: none yet */
	_Atomic bool polls;	     /* mainline 7.3: SET_OPTION */
	_Atomic bool cleaned;	     /* CONTROL 6 */

	/* Downstream; each locks for itself. */
	struct emu_dspsignals signals;
	struct emu_notifs notifs;
	struct emu_async async;

	pthread_mutex_t lock;		 /* everything below */
	pthread_mutex_t map_lock;	 /* serialises the commands that change maps; taken first */
	struct emu_context *spare;	 /* contexts to use again */
	struct emu_context *interrupted; /* downstream: to be resumed; mainline: left until close */
	uint32_t active;		 /* calls from allocation to free */
	uint32_t pd;			 /* PD type in messages */
	bool choice_tried;		 /* downstream: GETINFO or SESS_INFO has been called */
	bool sess_info_used;
	bool untrusted;
	bool unsigned_pd;
	bool initialised;
	bool wakelock;
	bool shared_bank;
	int secure_bank;  /* downstream: index, -1: not needed yet; under the maps' lock */
	uint32_t pd_type; /* downstream: of SESS_INFO, where the device tree knows PD types */
	uint32_t session_id;
	struct emu_static_pd *static_pd; /* downstream: the one that this file serves, or NULL */
	enum emu_create_state create;
	struct emu_buffer *init_memory;
	struct emu_buffer *pages; /* donated with MMAP */
	struct frpc_emulator_device
		*bus_device; /* downstream: for other kernel drivers; see bus.h */
	bool guest_os;	   /* downstream, trusted VM: for a remote domain that is not configured */
	int32_t shared_fd; /* downstream: PROC_SHAREDBUF_INFO; size 0: not given */
	uint32_t shared_size;
	struct emu_buffer *lost_pages; /* mainline: a signal came in between */
};

int emu_file_new(struct emu_driver *driver, enum emu_dialect dialect, bool secure_node,
		 const struct frpc_task *task, struct emu_file **ret_file);
/*
 * Takes a context bank of @channel and gives the file its memory. 0, -EUSERS, -ENOMEM; -ENODEV: a
 * channel without banks on a machine without reserved memory.
 */
int emu_file_choose(struct emu_file *file, struct emu_channel *channel, uint32_t client_id);
/* Ends the process on the DSP and gives everything back. @task may be any thread. */
void emu_file_release(struct emu_file *file, const struct frpc_task *task);

/* Has it a DSP and a context bank? */
static inline bool emu_file_is_chosen(const struct emu_file *file)
{
	return atomic_load_explicit(&file->chosen, memory_order_acquire);
}

/*
 * Its DSP has been restarted since the file last asked it (downstream), or was opened (mainline).
 * The file must be chosen.
 */
static inline bool emu_file_is_stale(const struct emu_file *file)
{
	return atomic_load(&file->restarts) != atomic_load(&file->channel->restarts);
}

static inline uint32_t emu_file_bank_id(const struct emu_file *file)
{
	return file->bank < 0 ? 0 : file->channel->config->banks[file->bank].id;
}

/* Donated pages: the entry with that DSP address and size, off the list, or NULL. */
struct emu_buffer *emu_file_take_pages(struct emu_file *file, uint64_t dsp_address, uint64_t size);
void emu_file_add_pages(struct emu_file *file, struct emu_buffer *pages);

/* The driver's own objects, from driver.c. */
struct emu_clock *emu_driver_clock(struct emu_driver *driver);
struct emu_stats *emu_driver_stats(struct emu_driver *driver);
const struct emu_driver_config *emu_driver_get_config(struct emu_driver *driver);
struct emu_channel *emu_driver_channel(struct emu_driver *driver, enum emu_dialect dialect,
				       uint32_t domain);
/* Downstream client ids 1..255, unique in the system. 0: none free. */
uint32_t emu_driver_take_client(struct emu_driver *driver);
void emu_driver_return_client(struct emu_driver *driver, uint32_t client);

/* The dialects' commands. */
long emu_ioctl_mainline(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			uint64_t arg);
long emu_ioctl_downstream(struct emu_file *file, const struct frpc_task *task, uint32_t cmd,
			  uint64_t arg);

#endif
