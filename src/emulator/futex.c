/* SPDX-License-Identifier: BSD-3-Clause */
/* How many may spin: as many threads as CPUs, none on a single one. */
#include "futex.h"

_Atomic int emu_spinners;
int emu_spinners_max;
_Thread_local uint32_t emu_spins_in_vain;

__attribute__((constructor)) static void count_cpus(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	emu_spinners_max = cpus > 1 ? (int)cpus : 0;
}
