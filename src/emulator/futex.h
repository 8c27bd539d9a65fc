/* SPDX-License-Identifier: BSD-3-Clause */
/* Sleeping on a word, without libc's wrappers: no cancellation point, and EINTR is visible. */
#ifndef EMU_FUTEX_H
#define EMU_FUTEX_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* How often a waiter looks at its word before it sleeps: some ten microseconds on current CPUs. */
#define EMU_SPINS 6000u

static inline void emu_cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
	__asm__ volatile("yield");
#endif
}

/* How many threads of this process spin now: with more of them than CPUs spinning only hinders. */
extern _Atomic int emu_spinners;
extern int emu_spinners_max;

/* Looks at *@word up to @times times, while it is @value. True if it changed. */
static inline int emu_spin_for(_Atomic uint32_t *word, uint32_t value, uint32_t times)
{
	int changed = 0;

	if (atomic_fetch_add_explicit(&emu_spinners, 1, memory_order_relaxed) < emu_spinners_max)
		for (uint32_t i = 0; i < times && !changed; i++) {
			changed = atomic_load_explicit(word, memory_order_acquire) != value;
			emu_cpu_relax();
		}
	atomic_fetch_sub_explicit(&emu_spinners, 1, memory_order_relaxed);
	return changed || atomic_load_explicit(word, memory_order_acquire) != value;
}

static inline int emu_spin(_Atomic uint32_t *word, uint32_t value)
{
	return emu_spin_for(word, value, EMU_SPINS);
}

/* Sleeps while *@word == @value; @timeout relative, NULL = for ever. 0, -EAGAIN, -EINTR, -ETIMEDOUT. */
static inline int emu_futex_wait(_Atomic uint32_t *word, uint32_t value,
				 const struct timespec *timeout)
{
	long res = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout, NULL, 0);

	return res < 0 ? -errno : 0;
}

static inline void emu_futex_wake(_Atomic uint32_t *word, int count)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
	errno = saved;
}

#endif
