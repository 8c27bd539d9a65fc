/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The conformance suite: what a FastRPC driver does, one row a behaviour, on any device. A row
 * talks raw ioctls and knows nothing of who answers them: the emulator or a kernel. What it needs
 * of the DSP it asks of the DSP model's test module (emulator/dsp/testmod/protocol.h).
 *
 * This program needs a C library with threads and nothing else, so that it runs in any guest.
 */
#ifndef CONF_H
#define CONF_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

#include "emulator/dsp/testmod/protocol.h"

struct conf;

/* The device: results are the kernel's, -errno for -4095..-1, anything else as it is. */
struct conf_device {
	int (*open)(const char *path);
	/* @narrow: as a 32-bit client's, in its layouts. */
	long (*ioctl)(int file, uint32_t cmd, uintptr_t arg, bool narrow);
	long (*close)(int file);
	/* Turns the driver's clock forward, so that a time-out costs no time. NULL: it cannot. */
	void (*advance)(uint64_t nanoseconds);
	/* A new dma-buf that is not of the driver (the downstream one makes none): an fd, -errno. */
	int (*dmabuf)(size_t len);
	/*
	 * A number of the present life of the DSP @domain, 0 while it is down or coming up. For a
	 * driver whose nodes may not be opened before it is up. NULL: they may.
	 */
	uint64_t (*life)(const char *domain);
	/*
	 * From here on a machine of the row's own, which differs from the suite's in @words; NULL: the
	 * suite's again. NULL: it cannot. No file of the old one may be open.
	 */
	bool (*machine)(const char *words);
};

/* Opens the device; @machine: words for the emulator, or NULL. NULL, and why on stderr. */
const struct conf_device *conf_device_os(void);
const struct conf_device *conf_device_emulator(const char *machine);
void conf_device_emulator_free(void);

enum conf_version {
	CONF_61 = 1 << 0,
	CONF_612 = 1 << 1,
	CONF_73 = 1 << 2,
	CONF_DOWNSTREAM = 1 << 3, /* the other driver, whatever its kernel */
	CONF_ALL = CONF_61 | CONF_612 | CONF_73,
	CONF_SINCE_612 = CONF_612 | CONF_73,
	CONF_UNTIL_612 = CONF_61 | CONF_612,
};

/* What a row needs of the device: the closed list of reasons to skip. */
enum conf_need {
	CONF_TESTMOD = 1 << 0,	/* the DSP offers the test module */
	CONF_SMMU = 1 << 1,	/* addresses of a context bank: an SMMU is there */
	CONF_CPUS = 1 << 2,	/* more than one CPU */
	CONF_HEAP = 1 << 3,	/* dma-buf heaps */
	CONF_RESTART = 1 << 4,	/* the DSP can be taken down and up */
	CONF_SURVIVES = 1 << 5, /* a real kernel crashes: only the emulator refuses */
	CONF_SLOW = 1 << 6,	/* waits for the driver's 10 s, unless its clock can be turned */
	CONF_POLL = 1 << 7,	/* a DSP that can poll (7.3) */
	CONF_MACHINE = 1 << 8,	/* a machine that is built otherwise than the suite's */
	CONF_WIDE = 1 << 9,	/* what only 64-bit clients have */
	CONF_NARROW = 1 << 10,	/* what only 32-bit clients have */
	CONF_MONITOR = 1 << 11, /* who assigns memory to a DSP's VM */
	CONF_SIGNALS = 1 << 12, /* handlers run at once: not with ThreadSanitizer */
};

struct conf_row {
	const char *id;
	const char *sentence;
	const char *fact; /* where the behaviour is written down */
	unsigned int needs, versions;
	void (*run)(struct conf *conf);
};

struct conf_group {
	const struct conf_row *rows;
	size_t count;
};

/* The mainline driver's rows, by object. */
extern const struct conf_group conf_ml_open, conf_ml_create, conf_ml_invoke, conf_ml_pack;
extern const struct conf_group conf_ml_map, conf_ml_memory, conf_ml_context, conf_ml_signal;
extern const struct conf_group conf_ml_alloc, conf_ml_heap, conf_ml_restart;
/* The downstream driver's. */
extern const struct conf_group conf_dn_session, conf_dn_invoke, conf_dn_memory, conf_dn_init;
extern const struct conf_group conf_dn_sess_info, conf_dn_forms, conf_dn_pack, conf_dn_handles;
extern const struct conf_group conf_dn_maps, conf_dn_async, conf_dn_notif, conf_dn_headers;
extern const struct conf_group conf_dn_response, conf_dn_control, conf_dn_signal, conf_dn_narrow;
extern const struct conf_group conf_dn_interrupt, conf_dn_restart, conf_dn_cache;

/* ---- what a row says ---- */

/* Records a failure of the running row unless they are equal. True: they are. */
bool conf_equal_at(struct conf *conf, int line, const char *what, long long got, long long want);
bool conf_true_at(struct conf *conf, int line, const char *what, bool got);
#define conf_equal(conf, got, want) \
	conf_equal_at(conf, __LINE__, #got, (long long)(got), (long long)(want))
#define conf_true(conf, got) conf_true_at(conf, __LINE__, #got, got)
/* Two ranges of bytes are the same. */
bool conf_bytes(struct conf *conf, const void *got, const void *want, size_t len);

/* ---- clients: open files. They and their buffers go when the row ends ---- */

struct conf_client {
	int file;      /* -errno: the open failed */
	uint32_t bank; /* its context bank, once somebody asked */
	bool wide;     /* a 64-bit client, whatever the rows are */
	struct conf *conf;
};

/*
 * Opens a node by its label, "" for the suite's own ("cdsp-secure"). Downstream: "" or "plain", and
 * no DSP is chosen yet.
 */
struct conf_client *conf_open(struct conf *conf, const char *label);
/* And makes a user process on it. A failure is one of the row. */
struct conf_client *conf_process(struct conf *conf);
/* Downstream: chooses the DSP. 0 (with or without an SMMU), or GETINFO's error. */
long conf_choose(struct conf_client *client, uint32_t channel);
long conf_close(struct conf_client *client);
/* A 32-bit client's is written in its own layout (narrow.c). */
long conf_ioctl(struct conf_client *client, uint32_t cmd, void *arg);
/* As it stands. */
long conf_raw_ioctl(struct conf_client *client, uint32_t cmd, void *arg);
long conf_attach(struct conf_client *client);
/* Creates a process from a shell of @len bytes. */
long conf_create(struct conf_client *client, uint32_t len, uint32_t attrs);

/* A dma-buf from the driver (downstream: from a heap), mapped here. @bytes NULL: there is none. */
struct conf_buffer {
	int fd;
	unsigned char *bytes;
	size_t len;
};
struct conf_buffer conf_alloc(struct conf_client *client, size_t len);
/* The same from elsewhere than the driver: a dma-buf heap. */
struct conf_buffer conf_heap_alloc(struct conf *conf, size_t len);
/* Unmaps and closes it before the row ends. */
void conf_drop(struct conf *conf, struct conf_buffer *buffer);
/* Zeroed pages that the row's clients can name, until the row ends. */
void *conf_room(struct conf *conf, size_t len);
/* A copy of @bytes behind which nothing can be read. */
void *conf_at_the_end(struct conf *conf, const void *bytes, size_t len);
/* A page that nobody can touch, and one that can only be read. */
void *conf_no_page(struct conf *conf);
void *conf_read_only_page(struct conf *conf);
/* @request in memory that can only be read: its answer cannot be written. */
void *conf_read_only_copy(struct conf *conf, const void *request, size_t len);

struct conf_arg {
	const void *ptr;
	uint64_t len;
	int32_t fd;	/* -1: none */
	uint32_t attrs; /* mainline's */
};
#define CONF_MAX_ARGS 512u

static inline struct conf_arg conf_plain(const void *ptr, uint64_t len)
{
	return (struct conf_arg){ptr, len, -1, 0};
}

/* INVOKE (downstream INVOKE_FD); as many arguments as @sc counts, at most CONF_MAX_ARGS. */
long conf_invoke(struct conf_client *client, uint32_t handle, uint32_t sc,
		 const struct conf_arg *args);
/* The same to the test module, which every process can call. */
long conf_call(struct conf_client *client, uint32_t method, uint32_t ins, uint32_t outs,
	       const struct conf_arg *args);

/* ---- calls that wait: made by a thread of their own ---- */

/* A call as either driver's command takes it. */
struct conf_packed {
	union {
		struct frpc_ml_invoke ml;
		struct frpc_dn_invoke_fd dn;
	} request;
	struct frpc_ml_invoke_args ml_args[CONF_MAX_ARGS];
	struct frpc_dn_arg dn_args[CONF_MAX_ARGS];
	int32_t fds[CONF_MAX_ARGS];
};

struct conf_job {
	struct conf_client *client;
	uint32_t cmd;
	void *arg; /* NULL with cmd 0: close */
	long result;
	pthread_t thread;
	_Atomic int done;
	_Atomic pid_t tid;
	struct conf_packed packed;
};

void conf_start(struct conf_job *job, struct conf_client *client, uint32_t cmd, void *arg);
void conf_start_invoke(struct conf_job *job, struct conf_client *client, uint32_t handle,
		       uint32_t sc, const struct conf_arg *args);
long conf_join(struct conf_job *job);
/* Joins, turning the driver's clock meanwhile if that can be done. */
long conf_join_timed_out(struct conf_job *job);

/* Interrupts @job's thread until its call has returned: with a handler that restarts nothing. */
void conf_interrupt(struct conf_job *job);

/* ---- the observer: a process of its own, by which the test module is steered ---- */

/* NULL (and the row has failed) if it cannot be had. Kept over rows; new after a restart. */
struct conf_client *conf_observer(struct conf *conf);
/* Restarts the DSP and waits until it is back, with a new observer. False: it cannot. */
bool conf_restart(struct conf *conf);
/* Forgets it: it is of a DSP that is no more. */
void conf_observer_lost(struct conf *conf);

/* Now: records after this are of what happens from here on. */
uint64_t conf_mark(struct conf *conf);

struct conf_record {
	struct emu_testmod_record head;
	unsigned char payload[EMU_TESTMOD_PAYLOAD_MAX];
};

/*
 * The newest message after @mark with that handle and method (EMU_TESTMOD_ANY), waited for until it
 * comes. False, and the row has failed: there is none. @record may be NULL.
 */
bool conf_find(struct conf *conf, uint64_t mark, uint32_t handle, uint32_t method,
	       struct conf_record *record);
/* How many there are, without waiting. */
uint32_t conf_count(struct conf *conf, uint64_t mark, uint32_t handle, uint32_t method);
/* The next @count messages with that handle and method are held, or answered @status. */
void conf_hold(struct conf *conf, uint32_t handle, uint32_t method, uint32_t count);
void conf_answer(struct conf *conf, uint32_t handle, uint32_t method, int32_t status);
/* The next of them is held too, with @word written to its poll word. */
void conf_poll_word(struct conf *conf, uint32_t handle, uint32_t method, uint32_t word);
/* Forgets all rules. */
void conf_clear(struct conf *conf);
/* Answers every held call. */
void conf_let_go(struct conf *conf, int32_t status);
/* Sends a response byte for byte, or the short one of a context: what the driver said to it. */
int conf_send(struct conf *conf, const void *bytes, size_t len);
int conf_respond(struct conf *conf, uint64_t ctx, int32_t status);
/* The context bank of @client: from its messages. */
uint32_t conf_bank(struct conf_client *client);

/* A call that the DSP holds back. */
struct conf_held {
	struct conf_client *client;
	struct conf_job job;
	struct conf_record record;
};
/* NULL: it is not under way, and the row has failed. */
struct conf_held *conf_hold_call(struct conf *conf, struct conf_client *client, uint32_t method,
				 uint32_t ins, uint32_t outs, const struct conf_arg *args);
/* One without arguments, of the row's own client. */
struct conf_held *conf_hold_status(struct conf *conf);
bool conf_is_pending(const struct conf_held *held);
/* Its result. If it is held still, it is answered @status. Frees it. */
long conf_end_held(struct conf_held *held, int32_t status);
/*
 * The same, of one that has been answered: a real driver lets a second answer change the result of a
 * call whose thread has not run yet, so that is waited for. -1000: the answer was none.
 */
long conf_end_answered(struct conf_held *held);
/* Starts @count calls of @client that are all held, and waits until the DSP has them. */
void conf_hold_many(struct conf_client *client, struct conf_job *jobs, uint32_t count);
/* Answers them all, and checks that each returned that. */
void conf_end_many(struct conf *conf, struct conf_job *jobs, uint32_t count);

/* Makes a call of ECHO's shape with these arguments and gives its record. */
bool conf_packed(struct conf *conf, uint32_t ins, uint32_t outs, const struct conf_arg *args,
		 struct conf_record *record);
/* Is argument @index at @wanted in the metadata buffer? */
void conf_lies_at(struct conf *conf, const struct conf_record *record, uint32_t index,
		  uint64_t wanted);
/* Rows that both drivers have: the first of the facts' vectors, in @room; a method that fails. */
void conf_three_small_buffers(struct conf *conf, unsigned char *room, uint64_t first);
void conf_outputs_with_an_error(struct conf *conf);

/* Parts of a call's metadata in a record, n = number of its scalars. NULL: the record is short. */
const union frpc_smq_arg *conf_record_args(const struct conf_record *record);
const struct frpc_smq_list *conf_record_list(const struct conf_record *record);
const struct frpc_smq_page *conf_record_pages(const struct conf_record *record);
/* Where buffer argument @index lies in the payload, if it was copied there: *ret_at. */
bool conf_record_place(struct conf *conf, const struct conf_record *record, uint32_t index,
		       uint64_t *ret_at);

/* Whatever machine the row runs on: it may be another one from here on. False: the row failed. */
bool conf_on(struct conf *conf, const char *words);
/* A channel with all its ids: of an emulator that is made for it; elsewhere the caller sees to it. */
bool conf_fresh(struct conf *conf);

/* The suite's own settings. */
/* The rows are a 32-bit client's. */
bool conf_narrow(const struct conf *conf);
/* What an unreadable request is for most of the commands: downstream's 32-bit entry lost the errno. */
long conf_fault(const struct conf *conf);
enum conf_version conf_version(const struct conf *conf);
const char *conf_domain(const struct conf *conf);
const struct conf_device *conf_device(const struct conf *conf);
/* What the DSP calls the client: the value of the pid field, by version. */
uint32_t conf_client_id(struct conf_client *client);

#endif
