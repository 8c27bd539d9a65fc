/* SPDX-License-Identifier: BSD-3-Clause */
/* The methods of the skel that uses the DSP's functions. Each takes two uint32 first. */
#ifndef HAP_METHODS_H
#define HAP_METHODS_H

#define HAP_URI "file:///libhap_skel.so?hap_skel_handle_invoke&_modver=1.0"

#define HAP_WAITERS 4

enum hap_method {
	HAP_METHOD_LOG = 2,  /* mask of runtime levels; all ones: leave it */
	HAP_METHOD_LOG_MANY, /* number of messages */
	HAP_METHOD_THREADS,
	HAP_METHOD_ORDER, /* in: priorities of the waiters; out: in which order they came */
	HAP_METHOD_SIGNALS,
	HAP_METHOD_TIMERS,
	HAP_METHOD_BY_FD,     /* fd, length */
	HAP_METHOD_AS_HANDLE, /* -, length; handle */
	HAP_METHOD_KEEP,      /* -, length; handle */
	HAP_METHOD_LET_GO,    /* -, length */
	HAP_METHOD_MEMORY,
	HAP_METHOD_ASK_FOR_MEMORY, /* length; out: two uint64, where the app sees it and its fd */
	HAP_METHOD_GIVE_BACK,	   /* fd */
	HAP_METHOD_COMPUTE,
	HAP_METHOD_CACHED,
	HAP_METHOD_MATRIX, /* 1: the DSP has a matrix unit */
	HAP_METHOD_HOLD,   /* takes all VTCM, until it is asked for it */
	HAP_METHOD_WANT,   /* takes some and gives it back; 1: more urgently than others */
	HAP_METHOD_ASKED,  /* gives up the context of HOLD; its result: how often it was asked */
	HAP_METHOD_VECTORS,
	HAP_METHOD_ITSELF,
	HAP_METHOD_USE_STACK, /* bytes; its result: the thread's priority */
	HAP_METHOD_PIPES,
	HAP_METHOD_OWN_VALUES,
	HAP_METHOD_LEAVE,
	HAP_METHOD_FOR_EVER,
	HAP_METHOD_NO_VECTORS,	 /* on a DSP without vector units */
	HAP_METHOD_LINES_LOCKED, /* its result: how much of the cache is locked, by anybody */
	HAP_METHOD_LEAVE_LINES,	 /* locked cache, left to the end of the process */
	HAP_METHOD_ODD,		 /* enum hap_oddity */
};

_Static_assert(HAP_METHOD_ODD <= 31, "a method has 5 bits");

/* What a skel should not do, or seldom does. */
enum hap_oddity {
	HAP_ODD_LATE_TIMER,
	HAP_ODD_NO_OBJECTS, /* nothing in their place */
	HAP_ODD_DESTRUCTOR, /* leaves a thread that has ended, but for one that waits for ever */
};

#endif
