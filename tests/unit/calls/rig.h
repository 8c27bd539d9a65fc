/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver model between a client and a DSP that a test plays both of: the client's structures
 * in either bitness, and at the link's end a DSP that keeps what it was sent and answers at once.
 */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fastrpc/abi/smq.h>

#include "emulator/kernel/file.h"

#define RIG_BANK	5u
#define RIG_HANDLE	5000u
#define RIG_MAX_RECORDS 64

struct rig;

/* A message the DSP received, with the metadata as it lay there before the answer. */
struct rig_record {
	struct frpc_smq_msg message;
	uint8_t *meta; /* message.page_size bytes */
	uint8_t *live; /* the same, as it lies there; only while the method runs */
};

struct rig {
	enum emu_dialect dialect;
	bool compat; /* a 32-bit client */
	struct emu_driver *driver;
	struct emu_clock *clock;
	struct emu_stats stats;
	struct emu_end *driver_end, *dsp_end;
	struct emu_smmu *smmu;
	struct frpc_task task;
	int file;
	uint8_t *structures; /* where the client keeps what it passes */
	size_t used;
	struct rig_record records[RIG_MAX_RECORDS];
	int record_count;
	/* What a user's call does at the DSP, on the records' last. NULL: nothing. */
	int32_t (*method)(struct rig *rig, const struct rig_record *record);
	/* The same for the driver's own calls. */
	int32_t (*own)(struct rig *rig, const struct rig_record *record);
	void *context;
	uint32_t unanswered; /* so many of the user's next calls get no answer */
};

/* A driver with one DSP (the CDSP) of one bank, and no open file. Mainline is 6.12 or @version. */
void rig_start(struct rig *rig, enum emu_dialect dialect, bool compat);
void rig_start_version(struct rig *rig, enum emu_dialect dialect, bool compat,
		       enum emu_version version);
void rig_stop(struct rig *rig);

/* Opens the node and chooses the domain. */
void rig_open(struct rig *rig);
/* Closes it: nothing may stay mapped. */
void rig_close(struct rig *rig);
void rig_forget(struct rig *rig);

/* An argument as struct emu_user_arg has it; which arrays the client passes downstream. */
enum rig_form {
	RIG_PLAIN,
	RIG_FDS,
	RIG_ATTRS,
};

long rig_invoke(struct rig *rig, uint32_t sc, const struct emu_user_arg *args, enum rig_form form);
long rig_ioctl(struct rig *rig, uint32_t cmd, const void *arg, size_t len);
/* The argument of the last rig_ioctl(), as the driver left it. */
const void *rig_argument(struct rig *rig);

/* The client's memory at @address of @len bytes, placed where both bitnesses reach it. */
uint8_t *rig_reserve(uint64_t wish, size_t len, bool low);

/* The DSP's view of @len bytes at a device address; rig_unview() when done. */
uint8_t *rig_view(struct rig *rig, uint64_t address, uint64_t len);
void rig_unview(uint8_t *view, uint64_t len);

/* The parts of a metadata block. */
union frpc_smq_arg rig_arg(const struct rig_record *record, uint32_t i);
struct frpc_smq_page rig_page(const struct rig_record *record, uint32_t i);
/* Device address of the first byte of buffer @i, as a DSP computes it. */
uint64_t rig_device(const struct rig_record *record, uint32_t i);
/* Copies @len bytes of in-buffer @i, as the DSP sees them, to @to. */
void rig_fetch(struct rig *rig, const struct rig_record *record, uint32_t i, void *to, size_t len);

#endif
