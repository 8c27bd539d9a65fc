/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver's clock: CLOCK_MONOTONIC and what tests have turned it forward. */
#include "clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "futex.h"

/* One waiter with a deadline, on its thread's stack. */
struct waiter {
	struct waiter *next, *prev;
	_Atomic uint32_t *word;
};

struct emu_clock {
	_Atomic uint64_t turned_ns;
	pthread_mutex_t lock; /* the list */
	struct waiter waiters;
};

int emu_clock_new(struct emu_clock **ret_clock)
{
	struct emu_clock *clock = calloc(1, sizeof(*clock));

	if (!clock)
		return -ENOMEM;
	pthread_mutex_init(&clock->lock, NULL);
	clock->waiters.next = clock->waiters.prev = &clock->waiters;
	*ret_clock = clock;
	return 0;
}

void emu_clock_free(struct emu_clock *clock)
{
	if (!clock)
		return;
	pthread_mutex_destroy(&clock->lock);
	free(clock);
}

uint64_t emu_clock_now_ns(struct emu_clock *clock)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec +
	       atomic_load(&clock->turned_ns);
}

void emu_clock_advance(struct emu_clock *clock, uint64_t ns)
{
	atomic_fetch_add(&clock->turned_ns, ns);
	pthread_mutex_lock(&clock->lock);
	for (struct waiter *w = clock->waiters.next; w != &clock->waiters; w = w->next)
		emu_futex_wake(w->word, INT_MAX);
	pthread_mutex_unlock(&clock->lock);
}

static void enlist(struct emu_clock *clock, struct waiter *waiter)
{
	pthread_mutex_lock(&clock->lock);
	waiter->prev = &clock->waiters;
	waiter->next = clock->waiters.next;
	waiter->next->prev = waiter;
	clock->waiters.next = waiter;
	pthread_mutex_unlock(&clock->lock);
}

static void delist(struct emu_clock *clock, struct waiter *waiter)
{
	pthread_mutex_lock(&clock->lock);
	waiter->prev->next = waiter->next;
	waiter->next->prev = waiter->prev;
	pthread_mutex_unlock(&clock->lock);
}

/* Raised by what a thread does itself: not what wakes a waiter. */
static bool is_own_fault(int number)
{
	return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL ||
	       number == SIGTRAP || number == SIGABRT || number == SIGSYS;
}

/*
 * What the handler that has just run says of its system call. Which one it was nobody tells: where
 * handlers differ it is -EINTR, which callers must cope with in any case. Without any it was the C
 * library's own (setuid() in another thread), which hides them: 0, the wait goes on.
 */
static int ask_handlers(void)
{
	struct sigaction action;
	sigset_t blocked;
	int res = 0;

	sigemptyset(&blocked);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	for (int number = 1; number <= SIGRTMAX && res != -EINTR; number++) {
		if (is_own_fault(number) || sigismember(&blocked, number) ||
		    sigaction(number, NULL, &action) || action.sa_handler == SIG_DFL ||
		    action.sa_handler == SIG_IGN)
			continue;
		res = action.sa_flags & SA_RESTART ? -ERESTART : -EINTR;
	}
	return res;
}

/* Sleeps in slices: a wake by advance() between the look at the clock and the sleep must not be lost. */
static int wait_until(struct emu_clock *clock, _Atomic uint32_t *word, uint32_t value,
		      uint64_t deadline_ns, enum emu_interruption interruption)
{
	const uint64_t slice = 50000000;
	struct waiter waiter = {.word = word};
	int res = 0;

	enlist(clock, &waiter);
	while (atomic_load_explicit(word, memory_order_acquire) == value) {
		uint64_t now = emu_clock_now_ns(clock), left;
		struct timespec timeout;

		if (now >= deadline_ns) {
			res = -ETIMEDOUT;
			break;
		}
		left = deadline_ns - now;
		if (left > slice)
			left = slice;
		timeout = (struct timespec){.tv_nsec = (long)left};
		if (emu_futex_wait(word, value, &timeout) == -EINTR && interruption)
			res = interruption == EMU_RESTARTABLE ? ask_handlers() : -EINTR;
		if (res)
			break;
	}
	delist(clock, &waiter);
	return res;
}

/* With a time-out the kernel tells of every handler; without one it restarts the wait by itself. */
static int wait_restartable(_Atomic uint32_t *word, uint32_t value)
{
	const struct timespec hour = {.tv_sec = 3600};
	int res = 0;

	while (!res && atomic_load_explicit(word, memory_order_acquire) == value)
		if (emu_futex_wait(word, value, &hour) == -EINTR)
			res = ask_handlers();
	return res;
}

int emu_clock_wait(struct emu_clock *clock, _Atomic uint32_t *word, uint32_t value,
		   uint64_t deadline_ns, enum emu_interruption interruption)
{
	if (emu_spin(word, value))
		return 0;
	if (interruption == EMU_RESTARTABLE && deadline_ns == EMU_FOREVER)
		return wait_restartable(word, value);
	if (deadline_ns != EMU_FOREVER)
		return wait_until(clock, word, value, deadline_ns, interruption);
	while (atomic_load_explicit(word, memory_order_acquire) == value)
		if (emu_futex_wait(word, value, NULL) == -EINTR && interruption)
			return -EINTR;
	return 0;
}

void emu_clock_wake(struct emu_clock *clock, _Atomic uint32_t *word)
{
	(void)clock;
	emu_futex_wake(word, INT_MAX);
}
