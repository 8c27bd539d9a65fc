/* SPDX-License-Identifier: BSD-3-Clause */
/* A module of the app that a DSP calls: its methods, and where it tells what happens to it. */
#ifndef APPMOD_H
#define APPMOD_H

#define APPMOD_URI "file:///libappmod_skel.so?appmod_skel_handle_invoke&_modver=1.0"

/* A file that "open", "close", "unload" and "misused" are appended to, if the variable is set. */
#define APPMOD_DIARY "APPMOD_DIARY"
/* The app's, found by name: what APPMOD_BACK is to do. */
#define APPMOD_HOOK "appmod_hook"
typedef int appmod_hook_fn(void);

enum appmod_method {
	APPMOD_ECHO = 2,   /* in buffer i goes to out buffer i; lengths must be the same */
	APPMOD_FAIL = 3,   /* in i32: the result */
	APPMOD_BACK = 4,   /* the result of the app's hook */
	APPMOD_HANDLE = 5, /* out u64: what its own open has stored */
};

#endif
