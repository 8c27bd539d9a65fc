/* SPDX-License-Identifier: BSD-3-Clause */
#include "answers.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <fastrpc/abi/smq.h>

/* An answer that a silent DSP has kept to itself. */
struct held {
	struct held *next;
	struct frpc_smq_rsp_v2 rsp;
};

struct emu_answers {
	struct emu_end *end;
	bool extended;	/* the driver knows flags, notifications, signals */
	bool long_form; /* and wants every answer with flags */
	_Atomic uint32_t faults;
	_Atomic bool early;
	pthread_rwlock_t link_lock; /* read: sending; write: closing */
	_Atomic bool closed;
	pthread_mutex_t lock; /* everything below */
	struct held *held, **held_last;
};

int emu_answers_new(const struct emu_subsystem_config *config, struct emu_end *end,
		    struct emu_answers **ret_answers)
{
	struct emu_answers *answers = calloc(1, sizeof(*answers));

	if (!answers)
		return -ENOMEM;
	answers->end = end;
	answers->extended = config->extended;
	answers->long_form = config->long_responses;
	answers->held_last = &answers->held;
	pthread_rwlock_init(&answers->link_lock, NULL);
	pthread_mutex_init(&answers->lock, NULL);
	*ret_answers = answers;
	return 0;
}

void emu_answers_free(struct emu_answers *answers)
{
	if (!answers)
		return;
	emu_answers_forget(answers);
	pthread_rwlock_destroy(&answers->link_lock);
	pthread_mutex_destroy(&answers->lock);
	free(answers);
}

int emu_answers_send(struct emu_answers *answers, const void *bytes, size_t len)
{
	int res = -ENODEV;

	pthread_rwlock_rdlock(&answers->link_lock);
	if (!atomic_load(&answers->closed))
		res = emu_end_send(answers->end, bytes, len);
	pthread_rwlock_unlock(&answers->link_lock);
	return res;
}

bool emu_answers_have_fault(struct emu_answers *answers, uint32_t fault)
{
	return atomic_load_explicit(&answers->faults, memory_order_relaxed) & fault;
}

/* Answers that no driver has asked for: for calls that there are not, and no answers at all. */
static void send_garbage(struct emu_answers *answers, const struct frpc_smq_rsp_v2 *rsp)
{
	unsigned char bytes[64];

	/* A mainline driver takes all but a few of these bits for its own. */
	for (unsigned int bit = 4; answers->extended && bit < 64; bit++) {
		struct frpc_smq_rsp wrong = {.ctx = rsp->ctx ^ UINT64_C(1) << bit, .retval = -1};

		emu_answers_send(answers, &wrong, sizeof(wrong));
	}
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t len = 0; len <= sizeof(bytes); len++)
		emu_answers_send(answers, bytes, len);
}

/* An answer without flags has a short form, which lacks what follows them. */
static void send_response(struct emu_answers *answers, const struct frpc_smq_rsp_v2 *rsp)
{
	const size_t short_form = sizeof(struct frpc_smq_rsp);
	bool with_flags =
		rsp->flags || answers->long_form || emu_answers_have_fault(answers, EMU_DSP_LONG);
	bool twice = emu_answers_have_fault(answers, EMU_DSP_DUPLICATE);

	if (emu_answers_have_fault(answers, EMU_DSP_TRUNCATE))
		emu_answers_send(answers, rsp, short_form - 4);
	if (emu_answers_have_fault(answers, EMU_DSP_HOSTILE))
		send_garbage(answers, rsp);
	for (int i = 0; i < (twice ? 2 : 1); i++)
		emu_answers_send(answers, rsp, with_flags ? sizeof(*rsp) : short_form);
}

static void hold(struct emu_answers *answers, const struct frpc_smq_rsp_v2 *rsp)
{
	struct held *held = calloc(1, sizeof(*held));

	if (!held)
		return;
	held->rsp = *rsp;
	pthread_mutex_lock(&answers->lock);
	*answers->held_last = held;
	answers->held_last = &held->next;
	pthread_mutex_unlock(&answers->lock);
}

static void answer(struct emu_answers *answers, uint64_t ctx, int32_t retval, uint32_t flags)
{
	const struct frpc_smq_rsp_v2 rsp = {
		.ctx = ctx,
		.retval = retval,
		.flags = flags,
		.version = FRPC_SMQ_RSP_VERSION,
	};

	if (emu_answers_have_fault(answers, EMU_DSP_SILENT))
		hold(answers, &rsp);
	else
		send_response(answers, &rsp);
}

void emu_answers_respond(struct emu_answers *answers, uint64_t ctx, int32_t retval)
{
	answer(answers, ctx, retval, FRPC_SMQ_NORMAL_RESPONSE);
}

void emu_answers_complete(struct emu_answers *answers, uint64_t ctx, int32_t retval)
{
	answer(answers, ctx, retval, FRPC_SMQ_COMPLETE_SIGNAL);
}

bool emu_answers_announce(struct emu_answers *answers, uint64_t ctx, int32_t retval)
{
	if (!answers->extended || emu_answers_have_fault(answers, EMU_DSP_SILENT) ||
	    !(atomic_load(&answers->early) || emu_answers_have_fault(answers, EMU_DSP_EARLY)))
		return false;
	answer(answers, ctx, retval, FRPC_SMQ_EARLY_RESPONSE);
	return true;
}

void emu_answers_hint(struct emu_answers *answers, uint64_t ctx, uint32_t us)
{
	const struct frpc_smq_rsp_v2 rsp = {
		.ctx = ctx,
		.flags = FRPC_SMQ_USER_EARLY_SIGNAL,
		.early_wake_time = us,
		.version = FRPC_SMQ_RSP_VERSION,
	};

	if (answers->extended && !emu_answers_have_fault(answers, EMU_DSP_SILENT))
		send_response(answers, &rsp);
}

void emu_answers_notify(struct emu_answers *answers, uint32_t pid, enum emu_dsp_status status)
{
	const struct frpc_smq_notif notif = {
		.ctx = FRPC_SMQ_NOTIF_CTX,
		.type = FRPC_SMQ_NOTIF_TYPE,
		.pid = pid,
		.status = status,
	};

	if (answers->extended)
		emu_answers_send(answers, &notif, sizeof(notif));
}

void emu_answers_signal(struct emu_answers *answers, uint32_t pid, uint32_t id)
{
	const uint64_t signal = (uint64_t)pid << 32 | id;

	if (!emu_answers_have_fault(answers, EMU_DSP_SILENT))
		emu_answers_send(answers, &signal, sizeof(signal));
}

static void let_go(struct emu_answers *answers, bool send)
{
	struct held *held, *next;

	pthread_mutex_lock(&answers->lock);
	held = answers->held;
	answers->held = NULL;
	answers->held_last = &answers->held;
	pthread_mutex_unlock(&answers->lock);
	for (; held; held = next) {
		next = held->next;
		if (send)
			send_response(answers, &held->rsp);
		free(held);
	}
}

void emu_answers_forget(struct emu_answers *answers)
{
	let_go(answers, false);
}

void emu_answers_set_early(struct emu_answers *answers, bool early)
{
	atomic_store(&answers->early, early);
}

uint32_t emu_answers_set_faults(struct emu_answers *answers, uint32_t faults)
{
	uint32_t old = atomic_exchange(&answers->faults, faults);

	if (old & ~faults & EMU_DSP_SILENT)
		let_go(answers, true);
	return old;
}

void emu_answers_close(struct emu_answers *answers)
{
	pthread_rwlock_wrlock(&answers->link_lock);
	atomic_store(&answers->closed, true);
	pthread_rwlock_unlock(&answers->link_lock);
}

bool emu_answers_are_closed(struct emu_answers *answers)
{
	return atomic_load(&answers->closed);
}
