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

/* How often a waiter looks at its word before it sleeps: ten microseconds or 150, by what a CPU makes of a pause. */
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

/* How many spins of this thread, one after the other, have been in vain. */
extern _Thread_local uint32_t emu_spins_in_vain;

#define EMU_MOST_HALVINGS 4u
#define EMU_VAIN_ROUND	  16u

/* A sleep that ends that soon was hardly worth it: to look on was right, and is so the next time. */
#define EMU_SHORT_SLEEP_NS UINT64_C(200000)

/*
 * How often to look before sleeping. On a machine whose CPUs have others to run, who is waited for does
 * not get on while we look, and may want the very CPU: each spin in vain halves the next one. One of a
 * round is made in full, to notice that the machine is idle again.
 */
static inline uint32_t emu_spins_worth(void)
{
	uint32_t vain = emu_spins_in_vain;

	if (vain % EMU_VAIN_ROUND == EMU_VAIN_ROUND - 1)
		return EMU_SPINS;
	return EMU_SPINS >> (vain < EMU_MOST_HALVINGS ? vain : EMU_MOST_HALVINGS);
}

/* After a spin in vain: who was waited for came @ns later. */
static inline void emu_spins_slept(uint64_t ns)
{
	if (ns < EMU_SHORT_SLEEP_NS)
		emu_spins_in_vain = 0;
}

/* Looks at *@word while it is @value, and @more times than usual. True if it changed. */
static inline int emu_spin_longer(_Atomic uint32_t *word, uint32_t value, uint32_t more)
{
	int changed = 0;

	if (atomic_fetch_add_explicit(&emu_spinners, 1, memory_order_relaxed) < emu_spinners_max) {
		uint32_t times = emu_spins_worth() + more;

		for (uint32_t i = 0; i < times && !changed; i++) {
			changed = atomic_load_explicit(word, memory_order_acquire) != value;
			emu_cpu_relax();
		}
		emu_spins_in_vain = changed ? 0 : emu_spins_in_vain + 1;
	}
	atomic_fetch_sub_explicit(&emu_spinners, 1, memory_order_relaxed);
	return changed || atomic_load_explicit(word, memory_order_acquire) != value;
}

static inline int emu_spin(_Atomic uint32_t *word, uint32_t value)
{
	return emu_spin_longer(word, value, 0);
}

static inline uint64_t emu_futex_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Sleeps while *@word == @value; @timeout relative, NULL = for ever. 0, -EAGAIN, -EINTR, -ETIMEDOUT. */
static inline int emu_futex_wait(_Atomic uint32_t *word, uint32_t value,
				 const struct timespec *timeout)
{
	uint64_t began = emu_futex_now();
	long res = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout, NULL, 0);

	if (!res)
		emu_spins_slept(emu_futex_now() - began);
	return res < 0 ? -errno : 0;
}

static inline void emu_futex_wake(_Atomic uint32_t *word, int count)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
	errno = saved;
}

#endif
