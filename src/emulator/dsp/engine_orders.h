/* SPDX-License-Identifier: BSD-3-Clause */
/* What the DSP tells the HAP functions of a process that is one of the host's (struct emu_hap_remote). */
#ifndef EMU_DSP_ENGINE_ORDERS_H
#define EMU_DSP_ENGINE_ORDERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emu_engine_orders {
	pthread_mutex_t lock; /* everything below, and one order at a time */
	int fd;		      /* for orders, which are answered; -1: there is no process yet */
	_Atomic int events;   /* for queues, where nothing is, and no skel delays anything */
	/* What the CPU wants to be logged: the names of files, each with its NUL. */
	bool logging_set;
	uint32_t mask, count;
	char *names;
	size_t length;
	/* How the CPU wants the threads that serve calls; priority 0: it has not said. */
	uint32_t priority, stack_size;
};

void emu_engine_orders_init(struct emu_engine_orders *orders);
void emu_engine_orders_destroy(struct emu_engine_orders *orders);
/* The process is there: its sockets are these now. What it should know already it is told. */
int emu_engine_orders_open(struct emu_engine_orders *orders, int fd, int events);

/* As those of the HAP functions. Without a process nothing is flushed or at work. */
int emu_engine_orders_set_logging(struct emu_engine_orders *orders, uint32_t mask,
				  const char *const *files, uint32_t count);
int emu_engine_orders_set_call_threads(struct emu_engine_orders *orders, uint32_t priority,
				       uint32_t stack_size);
void emu_engine_orders_flush(struct emu_engine_orders *orders);
bool emu_engine_orders_is_at_work(struct emu_engine_orders *orders);
/* @kind: EMU_CHILD_QUEUE_*. */
void emu_engine_orders_tell_queue(struct emu_engine_orders *orders, uint32_t kind,
				  uint64_t exported, uint64_t value);

#endif
