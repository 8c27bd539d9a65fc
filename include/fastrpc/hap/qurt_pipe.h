/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pipes: queues of 64-bit words, first in first out, of a fixed length; sending waits for room and
 * receiving for a word, the most urgent waiter first.
 */
#ifndef QURT_PIPE_H
#define QURT_PIPE_H

#include <stdlib.h>

#include "qurt_mutex.h"
#include "qurt_sem.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long long int qurt_pipe_data_t;

/* Opaque. */
typedef struct {
	qurt_mutex_t lock;
	qurt_sem_t room, words;
	unsigned int size, send, receive;
	qurt_pipe_data_t *data;
	unsigned int owned; /* by qurt_pipe_create() */
} qurt_pipe_t;

typedef struct {
	qurt_pipe_data_t *buffer; /* of elements words, the caller's */
	unsigned int elements;
	unsigned char mem_partition;
} qurt_pipe_attr_t;

static inline void qurt_pipe_attr_init(qurt_pipe_attr_t *attr)
{
	attr->buffer = NULL;
	attr->elements = 0;
	attr->mem_partition = 0;
}

static inline void qurt_pipe_attr_set_buffer(qurt_pipe_attr_t *attr, qurt_pipe_data_t *buffer)
{
	attr->buffer = buffer;
}

static inline void qurt_pipe_attr_set_elements(qurt_pipe_attr_t *attr, unsigned int elements)
{
	attr->elements = elements;
}

static inline void qurt_pipe_attr_set_buffer_partition(qurt_pipe_attr_t *attr,
						       unsigned char mem_partition)
{
	attr->mem_partition = mem_partition;
}

/* QURT_EVAL: no buffer, no elements, or more than 65535. */
static inline int qurt_pipe_init(qurt_pipe_t *pipe, qurt_pipe_attr_t *attr)
{
	if (!pipe || !attr || !attr->buffer || !attr->elements || attr->elements > 0xffff)
		return QURT_EVAL;
	qurt_mutex_init(&pipe->lock);
	qurt_sem_init_val(&pipe->room, (unsigned short)attr->elements);
	qurt_sem_init_val(&pipe->words, 0);
	pipe->size = attr->elements;
	pipe->send = pipe->receive = 0;
	pipe->data = attr->buffer;
	pipe->owned = 0;
	return QURT_EOK;
}

/* The same with memory of its own, for qurt_pipe_delete(). QURT_EMEM. */
static inline int qurt_pipe_create(qurt_pipe_t **pipe, qurt_pipe_attr_t *attr)
{
	qurt_pipe_attr_t own;
	qurt_pipe_t *made;

	if (!pipe || !attr || !attr->elements || attr->elements > 0xffff)
		return QURT_EVAL;
	made = (qurt_pipe_t *)malloc(sizeof(*made) + attr->elements * sizeof(*attr->buffer));
	if (!made)
		return QURT_EMEM;
	own = *attr;
	if (!own.buffer)
		own.buffer = (qurt_pipe_data_t *)(made + 1);
	qurt_pipe_init(made, &own);
	made->owned = 1;
	*pipe = made;
	return QURT_EOK;
}

static inline void qurt_pipe_destroy(qurt_pipe_t *pipe)
{
	qurt_sem_destroy(&pipe->words);
	qurt_sem_destroy(&pipe->room);
	qurt_mutex_destroy(&pipe->lock);
}

static inline void qurt_pipe_delete(qurt_pipe_t *pipe)
{
	qurt_pipe_destroy(pipe);
	if (pipe->owned)
		free(pipe);
}

/* Once there is room for it, or for its like. */
static inline void qurt_pipe_put_(qurt_pipe_t *pipe, qurt_pipe_data_t data)
{
	qurt_mutex_lock(&pipe->lock);
	pipe->data[pipe->send] = data;
	pipe->send = (pipe->send + 1) % pipe->size;
	qurt_mutex_unlock(&pipe->lock);
	qurt_sem_add(&pipe->words, 1);
}

static inline qurt_pipe_data_t qurt_pipe_take_(qurt_pipe_t *pipe)
{
	qurt_pipe_data_t data;

	qurt_mutex_lock(&pipe->lock);
	data = pipe->data[pipe->receive];
	pipe->receive = (pipe->receive + 1) % pipe->size;
	qurt_mutex_unlock(&pipe->lock);
	qurt_sem_add(&pipe->room, 1);
	return data;
}

static inline void qurt_pipe_send(qurt_pipe_t *pipe, qurt_pipe_data_t data)
{
	qurt_sem_down(&pipe->room);
	qurt_pipe_put_(pipe, data);
}

static inline qurt_pipe_data_t qurt_pipe_receive(qurt_pipe_t *pipe)
{
	qurt_sem_down(&pipe->words);
	return qurt_pipe_take_(pipe);
}

/* QURT_EFATAL: it is full. */
static inline int qurt_pipe_try_send(qurt_pipe_t *pipe, qurt_pipe_data_t data)
{
	if (qurt_sem_try_down(&pipe->room) != QURT_EOK)
		return QURT_EFATAL;
	qurt_pipe_put_(pipe, data);
	return QURT_EOK;
}

/* *@success is 0, or QURT_EFATAL: it is empty, and the result means nothing. */
static inline qurt_pipe_data_t qurt_pipe_try_receive(qurt_pipe_t *pipe, int *success)
{
	*success = qurt_sem_try_down(&pipe->words) == QURT_EOK ? QURT_EOK : QURT_EFATAL;
	return *success == QURT_EOK ? qurt_pipe_take_(pipe) : 0;
}

static inline int qurt_pipe_is_empty(qurt_pipe_t *pipe)
{
	int empty;

	qurt_mutex_lock(&pipe->lock);
	empty = __atomic_load_n(&pipe->words.count, __ATOMIC_ACQUIRE) == 0;
	qurt_mutex_unlock(&pipe->lock);
	return empty;
}

#ifdef __cplusplus
}
#endif

#endif
