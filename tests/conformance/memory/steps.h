/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Overtakes a thread where another one could: before it locks a mutex and after it has unlocked one.
 * Each such moment of a thread is a step; a test tries them one by one, and so sees every order that a
 * scheduler would find by chance.
 */
#ifndef TEST_MEMORY_STEPS_H
#define TEST_MEMORY_STEPS_H

#include <stdbool.h>
#include <stdint.h>

typedef void steps_fn(void *context);

/*
 * The calling thread's step of that number, from 1, calls @fn once; 0: none does. Moments at which it
 * holds more than @most_held mutexes are no steps: @fn would wait for them.
 */
void steps_arm(uint32_t number, uint32_t most_held, steps_fn *fn, void *context);
/* The thread is left alone from now on. False: it had fewer steps. */
bool steps_disarm(void);

#endif
