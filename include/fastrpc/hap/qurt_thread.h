/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads of a DSP process. Each is a host thread that knows its process; priorities (1 most
 * urgent, 255 least) order who gets mutexes and semaphores first, the host schedules as it likes. A
 * thread that waits in a QuRT function ends when its process does.
 */
#ifndef QURT_THREAD_H
#define QURT_THREAD_H

#include <stddef.h>
#include <string.h>

#include "qurt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned int qurt_thread_t;

#define QURT_MAX_NAME_LEN		       64
#define QURT_THREAD_ATTR_NAME_MAXLEN	       16
#define QURT_THREAD_ATTR_TCB_PARTITION_RAM     0
#define QURT_THREAD_ATTR_TCB_PARTITION_TCM     1
#define QURT_THREAD_ATTR_TCB_PARTITION_DEFAULT QURT_THREAD_ATTR_TCB_PARTITION_RAM
#define QURT_THREAD_ATTR_PRIORITY_DEFAULT      254
#define QURT_THREAD_ATTR_ASID_DEFAULT	       0
#define QURT_THREAD_ATTR_AFFINITY_DEFAULT      0xff
#define QURT_THREAD_ATTR_BUS_PRIO_DEFAULT      255
#define QURT_THREAD_ATTR_TIMETEST_ID_DEFAULT   (-2)
#define QURT_THREAD_ATTR_STID_DEFAULT	       0
#define QURT_THREAD_ATTR_CREATE_LEGACY	       0 /* can be joined while it runs */
#define QURT_THREAD_ATTR_CREATE_JOINABLE       1
#define QURT_THREAD_ATTR_CREATE_DETACHED       2

typedef struct _qurt_thread_attr {
	char name[QURT_THREAD_ATTR_NAME_MAXLEN];
	unsigned char tcb_partition;
	unsigned char stid;
	unsigned short priority;
	unsigned char autostack : 1;
	unsigned char reserved : 7;
	unsigned char bus_priority;
	unsigned short timetest_id;
	unsigned int stack_size;
	void *stack_addr;
	unsigned short detach_state;
} qurt_thread_attr_t;

static inline void qurt_thread_attr_init(qurt_thread_attr_t *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->priority = QURT_THREAD_ATTR_PRIORITY_DEFAULT;
	attr->bus_priority = QURT_THREAD_ATTR_BUS_PRIO_DEFAULT;
	attr->timetest_id = (unsigned short)QURT_THREAD_ATTR_TIMETEST_ID_DEFAULT;
	attr->detach_state = QURT_THREAD_ATTR_CREATE_LEGACY;
}

static inline void qurt_thread_attr_set_name(qurt_thread_attr_t *attr, const char *name)
{
	size_t length = strlen(name);

	if (length >= sizeof(attr->name))
		length = sizeof(attr->name) - 1;
	memset(attr->name, 0, sizeof(attr->name));
	memcpy(attr->name, name, length);
}

static inline void qurt_thread_attr_set_priority(qurt_thread_attr_t *attr, unsigned short priority)
{
	attr->priority = priority;
}

static inline void qurt_thread_attr_set_stack_size(qurt_thread_attr_t *attr, unsigned int size)
{
	attr->stack_size = size;
}

static inline void qurt_thread_attr_set_stack_addr(qurt_thread_attr_t *attr, void *address)
{
	attr->stack_addr = address;
}

static inline void qurt_thread_attr_set_detachstate(qurt_thread_attr_t *attr, unsigned short state)
{
	attr->detach_state = state;
}

static inline void qurt_thread_attr_set_bus_priority(qurt_thread_attr_t *attr,
						     unsigned short priority)
{
	attr->bus_priority = (unsigned char)priority;
}

static inline void qurt_thread_attr_set_timetest_id(qurt_thread_attr_t *attr, unsigned short id)
{
	attr->timetest_id = id;
}

/*
 * Starts @entrypoint(@arg). The stack at attr->stack_addr is left alone by the emulator, which
 * takes host memory of at least its size. QURT_EVAL: no stack size, or a priority that does not
 * exist or is beyond the process's ceiling; QURT_EMEM: too many threads.
 */
int qurt_thread_create(qurt_thread_t *thread_id, qurt_thread_attr_t *attr,
		       void (*entrypoint)(void *), void *arg) FRPC_DSP_SIDE(qurt_thread_create);
/* Ends the calling thread, which qurt_thread_create() has made. */
void qurt_thread_exit(int status) FRPC_DSP_SIDE(qurt_thread_exit);
/* Waits for its end. QURT_ENOTHREAD: there is none of that id, also when it has ended long ago. */
int qurt_thread_join(unsigned int tid, int *status) FRPC_DSP_SIDE(qurt_thread_join);
int qurt_thread_detach(qurt_thread_t tid) FRPC_DSP_SIDE(qurt_thread_detach);
qurt_thread_t qurt_thread_get_id(void) FRPC_DSP_SIDE(qurt_thread_get_id);
void qurt_thread_get_name(char *name, unsigned char max_len) FRPC_DSP_SIDE(qurt_thread_get_name);
int qurt_thread_get_priority(qurt_thread_t thread_id) FRPC_DSP_SIDE(qurt_thread_get_priority);
int qurt_thread_set_priority(qurt_thread_t thread_id, unsigned short newprio)
	FRPC_DSP_SIDE(qurt_thread_set_priority);
/*
 * Name and priority of a thread that runs, and what it was created with; stack_size is 0 if that
 * was not by qurt_thread_create(). QURT_ENOTHREAD.
 */
int qurt_thread_attr_get(qurt_thread_t thread_id, qurt_thread_attr_t *attr)
	FRPC_DSP_SIDE(qurt_thread_attr_get);
/* Sleeps @usec microseconds. */
void qurt_sleep(unsigned long usec) FRPC_DSP_SIDE(qurt_sleep);

typedef struct qurt_sysenv_max_hthreads {
	unsigned int max_hthreads;
} qurt_sysenv_max_hthreads_t;

int qurt_sysenv_get_max_hw_threads(qurt_sysenv_max_hthreads_t *mhwt)
	FRPC_DSP_SIDE(qurt_sysenv_get_max_hw_threads);

typedef struct qurt_arch_version {
	unsigned int arch_version; /* what the capability query answers: 0x68 for V68 */
} qurt_arch_version_t;

int qurt_sysenv_get_arch_version(qurt_arch_version_t *vers)
	FRPC_DSP_SIDE(qurt_sysenv_get_arch_version);

typedef struct qurt_sysenv_procname {
	unsigned int asid;
	char name[QURT_MAX_NAME_LEN];
} qurt_sysenv_procname_t;

/* The name of HAP_set_process_name(); asid is the number that qurt_process_get_id() returns. */
int qurt_sysenv_get_process_name(qurt_sysenv_procname_t *pname)
	FRPC_DSP_SIDE(qurt_sysenv_get_process_name);
int qurt_process_get_id(void) FRPC_DSP_SIDE(qurt_process_get_id);

#ifdef __cplusplus
}
#endif

#endif
