/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The C library's functions behind those that this library puts in front of them: what the next
 * object in the order of symbols has.
 */
#ifndef FRPC_PRELOAD_REAL_H
#define FRPC_PRELOAD_REAL_H

#include <dlfcn.h>

/* A pointer to the next @name, looked up once; NULL where there is none. */
#define REAL(name)                                                                                \
	({                                                                                        \
		static __typeof__(&(name)) real_cached;                                           \
		__typeof__(&(name)) real_found = __atomic_load_n(&real_cached, __ATOMIC_RELAXED); \
                                                                                                  \
		if (!real_found) {                                                                \
			real_found = (__typeof__(&(name)))dlsym(RTLD_NEXT, #name);                \
			__atomic_store_n(&real_cached, real_found, __ATOMIC_RELAXED);             \
		}                                                                                 \
		real_found;                                                                       \
	})

#endif
