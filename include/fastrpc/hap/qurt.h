/* SPDX-License-Identifier: BSD-3-Clause */
/* All of QuRT that the emulator has. */
#ifndef QURT_H
#define QURT_H

#include "qurt_allsignal.h"
#include "qurt_anysignal.h"
#include "qurt_barrier.h"
#include "qurt_cond.h"
#include "qurt_cycles.h"
#include "qurt_error.h"
#include "qurt_futex.h"
#include "qurt_hmx.h"
#include "qurt_hvx.h"
#include "qurt_memory.h"
#include "qurt_mutex.h"
#include "qurt_pimutex.h"
#include "qurt_pipe.h"
#include "qurt_rmutex.h"
#include "qurt_sem.h"
#include "qurt_signal.h"
#include "qurt_thread.h"
#include "qurt_timer.h"
#include "qurt_tls.h"

#endif
