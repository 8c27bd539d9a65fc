/* SPDX-License-Identifier: BSD-3-Clause */
/* Values that each thread of a process has for itself, by keys. */
#ifndef QURT_TLS_H
#define QURT_TLS_H

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define QURT_ETLSAVAIL 23 /* there are no more keys */
#define QURT_ETLSENTRY 24 /* no such key */

/*
 * A key whose value is NULL in every thread. @destructor (optional) gets what a thread of
 * qurt_thread_create() has when it ends, if that is not NULL. QURT_ETLSAVAIL: 128 a process.
 */
int qurt_tls_create_key(int *key, void (*destructor)(void *)) FRPC_DSP_SIDE(qurt_tls_create_key);
/* QURT_ETLSENTRY. */
int qurt_tls_set_specific(int key, const void *value) FRPC_DSP_SIDE(qurt_tls_set_specific);
/* NULL: nothing was set, or there is no such key. */
void *qurt_tls_get_specific(int key) FRPC_DSP_SIDE(qurt_tls_get_specific);
/* No destructor is called for what threads have. QURT_ETLSENTRY. */
int qurt_tls_delete_key(int key) FRPC_DSP_SIDE(qurt_tls_delete_key);

#ifdef __cplusplus
}
#endif

#endif
