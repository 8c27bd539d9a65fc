/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue_multi.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "AEEStdErr.h"
#include "config.h"
#include "context.h"
#include "error.h"
#include "queue.h"
#include "queue_io.h"
#include "queue_table.h"

/* What members' packets are to those who wait. */
#define ARRIVAL FRPC_RESPONSE_PACKET

struct member {
	dspqueue_t queue;
	/* Of the packet that is being written, under write_lock. */
	struct dspqueue_buffer buffers[FRPC_RING_MAX_BUFFERS];
	struct frpc_ring_buffer records[FRPC_RING_MAX_BUFFERS];
};

struct frpc_queue_multi {
	_Atomic uint32_t refs; /* the name's and one for each member */
	dspqueue_t name;
	dspqueue_callback_t packet_callback, error_callback;
	void *callback_context;
	struct frpc_queue_wait wait; /* of readers: members post what arrives */
	_Atomic int error;	     /* what the first dead member died of */
	_Atomic bool closed;
	_Atomic uint32_t turn; /* the member that is read first */
	pthread_mutex_t call_lock;
	pthread_cond_t call_changed;
	bool ready;   /* the name is known: callbacks may come */
	bool calling; /* the app is in a callback */
	pthread_mutex_t write_lock;
	_Atomic uint32_t count; /* of members; grows while it is created */
	struct member members[];
};

static int fail(int code, const char *why)
{
	return frpc_fail(code, FRPC_ORIGIN_LIBRARY, 0, "dspqueue_request: %s", why);
}

static void unref(struct frpc_queue_multi *multi)
{
	if (atomic_fetch_sub(&multi->refs, 1) != 1)
		return;
	frpc_queue_wait_destroy(&multi->wait);
	pthread_mutex_destroy(&multi->call_lock);
	pthread_mutex_destroy(&multi->write_lock);
	pthread_cond_destroy(&multi->call_changed);
	free(multi);
}

static int state_code(struct frpc_queue_multi *multi)
{
	if (atomic_load(&multi->closed))
		return AEE_EINTERRUPTED;
	return atomic_load(&multi->error) ? AEE_EBADSTATE : AEE_SUCCESS;
}

/* ---- the members' callbacks ---- */

/* Members have a thread each; the app gets one callback at a time. False: it is closed, none. */
static bool begin_call(struct frpc_queue_multi *multi)
{
	bool may;

	pthread_mutex_lock(&multi->call_lock);
	while ((!multi->ready || multi->calling) && !atomic_load(&multi->closed))
		pthread_cond_wait(&multi->call_changed, &multi->call_lock);
	may = !atomic_load(&multi->closed);
	multi->calling |= may;
	pthread_mutex_unlock(&multi->call_lock);
	return may;
}

static void end_call(struct frpc_queue_multi *multi)
{
	pthread_mutex_lock(&multi->call_lock);
	multi->calling = false;
	pthread_cond_broadcast(&multi->call_changed);
	pthread_mutex_unlock(&multi->call_lock);
}

static void call(struct frpc_queue_multi *multi, dspqueue_callback_t callback, AEEResult error)
{
	if (!callback || !begin_call(multi))
		return;
	callback(multi->name, error, multi->callback_context);
	end_call(multi);
}

static void member_has_packets(dspqueue_t member, AEEResult error, void *context)
{
	struct frpc_queue_multi *multi = context;

	(void)member;
	frpc_queue_wait_post(&multi->wait, ARRIVAL);
	call(multi, multi->packet_callback, error);
}

/* The others die with it, so that nobody goes on waiting for them. */
static void member_died(dspqueue_t member, AEEResult error, void *context)
{
	struct frpc_queue_multi *multi = context;
	int none = 0;

	if (!atomic_compare_exchange_strong(&multi->error, &none, error))
		return;
	frpc_queue_wait_end(&multi->wait);
	for (uint32_t i = 0; i < multi->count; i++) {
		dspqueue_t other = multi->members[i].queue;
		struct frpc_queue_end *end =
			other == member ? NULL : frpc_queue_table_get(other, FRPC_QUEUE_SINGLE);

		if (!end)
			continue;
		frpc_queue_end_die(end, error);
		frpc_queue_table_put(other);
	}
	call(multi, multi->error_callback, error);
}

static void member_released(void *context)
{
	unref(context);
}

/* ---- create and close ---- */

static struct frpc_queue_multi *new_multi(const dspqueue_create_req *request, uint32_t count)
{
	struct frpc_queue_multi *multi =
		calloc(1, sizeof(*multi) + count * sizeof(multi->members[0]));

	if (!multi || frpc_queue_wait_init(&multi->wait)) {
		free(multi);
		return NULL;
	}
	atomic_init(&multi->refs, 1);
	multi->packet_callback = request->packet_callback;
	multi->error_callback = request->error_callback;
	multi->callback_context = request->callback_context;
	pthread_mutex_init(&multi->call_lock, NULL);
	pthread_mutex_init(&multi->write_lock, NULL);
	pthread_cond_init(&multi->call_changed, NULL);
	return multi;
}

/* From now on no callback begins and nobody waits. */
static void shut(struct frpc_queue_multi *multi)
{
	pthread_mutex_lock(&multi->call_lock);
	atomic_store(&multi->closed, true);
	pthread_cond_broadcast(&multi->call_changed);
	pthread_mutex_unlock(&multi->call_lock);
	frpc_queue_wait_end(&multi->wait);
}

static void close_members(struct frpc_queue_multi *multi)
{
	for (uint32_t i = atomic_load(&multi->count); i--;)
		frpc_queue_close(multi->members[i].queue, false);
}

static int open_member(struct frpc_queue_multi *multi, const dspqueue_create_req *request,
		       uint32_t domain)
{
	const struct frpc_queue_request member = {
		.effective = domain,
		.request_size = request->req_queue_size,
		.response_size = request->resp_queue_size,
		.packet_callback = member_has_packets,
		.error_callback = member_died,
		.callback_context = multi,
		.released = member_released,
	};
	uint32_t index = atomic_load(&multi->count);
	dspqueue_t queue;
	int res;

	atomic_fetch_add(&multi->refs, 1);
	res = frpc_queue_create(&member, &queue);
	if (res) {
		atomic_fetch_sub(&multi->refs, 1);
		return res;
	}
	multi->members[index].queue = queue;
	atomic_store(&multi->count, index + 1);
	/* Whoever dies tells those that are counted; who comes later looks. */
	if (atomic_load(&multi->error))
		return fail(atomic_load(&multi->error), "a DSP went down meanwhile");
	return AEE_SUCCESS;
}

static int open_members(struct frpc_queue_multi *multi, dspqueue_create_req *request,
			const uint32_t *domains, uint32_t count)
{
	int res = AEE_SUCCESS;

	for (uint32_t i = 0; i < count && !res; i++) {
		res = open_member(multi, request, domains[i]);
		if (!res && frpc_queue_export(multi->members[i].queue, &request->ids[i]))
			res = fail(AEE_EBADSTATE, "a queue is closed already");
	}
	if (!res && frpc_queue_table_add(multi, FRPC_QUEUE_MULTI, &multi->name))
		res = fail(AEE_ENOMORE, "there are too many queues");
	return res;
}

static int check_request(const dspqueue_create_req *request, uint32_t *ret_domains,
			 uint32_t *ret_count)
{
	int res = frpc_context_domains(request->ctx, ret_domains, ret_count);

	if (res)
		return res;
	if (request->flags)
		return fail(AEE_EBADPARM, "flags are not 0");
	if (request->priority)
		return fail(AEE_EUNSUPPORTED, "queues have no priority");
	if (!request->ids || request->num_ids < *ret_count)
		return fail(AEE_EBADPARM, "no room for an id of each domain");
	return AEE_SUCCESS;
}

int frpc_queue_multi_create(dspqueue_create_req *request)
{
	struct frpc_error_saved saved;
	struct frpc_queue_multi *multi;
	uint32_t domains[FRPC_EFFECTIVE], count;
	int res;

	res = check_request(request, domains, &count);
	if (res)
		return res;
	multi = new_multi(request, count);
	if (!multi)
		return fail(AEE_ENOMEMORY, "no memory");
	res = open_members(multi, request, domains, count);
	if (res) {
		frpc_error_save(&saved);
		shut(multi);
		close_members(multi);
		unref(multi);
		frpc_error_restore(&saved);
		return res;
	}
	request->queue = multi->name;
	pthread_mutex_lock(&multi->call_lock);
	multi->ready = true;
	pthread_cond_broadcast(&multi->call_changed);
	pthread_mutex_unlock(&multi->call_lock);
	return AEE_SUCCESS;
}

static bool is_imported(struct frpc_queue_multi *multi)
{
	for (uint32_t i = 0; i < multi->count; i++)
		if (frpc_queue_is_imported(multi->members[i].queue))
			return true;
	return false;
}

int frpc_queue_multi_close(dspqueue_t queue)
{
	struct frpc_queue_multi *multi = frpc_queue_table_get(queue, FRPC_QUEUE_MULTI);

	if (!multi)
		return AEE_EBADPARM;
	if (!frpc_queue_table_claim(queue)) {
		frpc_queue_table_put(queue);
		return AEE_EBADPARM;
	}
	if (is_imported(multi)) {
		frpc_queue_table_unclaim(queue);
		frpc_queue_table_put(queue);
		return AEE_EBADPARM;
	}
	frpc_queue_table_hide(queue);
	shut(multi);
	close_members(multi);
	frpc_queue_table_remove(queue);
	unref(multi);
	return AEE_SUCCESS;
}

/* ---- writing ---- */

/* The members' ends, as a user of each. False: they are being closed. */
static bool hold_ends(struct frpc_queue_multi *multi, struct frpc_queue_end **ends)
{
	for (uint32_t i = 0; i < multi->count; i++) {
		ends[i] = frpc_queue_table_get(multi->members[i].queue, FRPC_QUEUE_SINGLE);
		if (ends[i])
			continue;
		while (i--)
			frpc_queue_table_put(multi->members[i].queue);
		return false;
	}
	return true;
}

static void let_go(struct frpc_queue_multi *multi)
{
	for (uint32_t i = 0; i < multi->count; i++)
		frpc_queue_table_put(multi->members[i].queue);
}

static void unsend(struct frpc_queue_multi *multi, struct frpc_queue_end **ends,
		   const struct frpc_queue_packet *packet, uint32_t members)
{
	while (members--)
		frpc_queue_unsend_buffers(ends[members], multi->members[members].buffers,
					  packet->count);
}

/* Has every member take the buffers, or none. */
static int send_buffers(struct frpc_queue_multi *multi, struct frpc_queue_end **ends,
			const struct frpc_queue_packet *packet,
			const struct dspqueue_buffer *buffers)
{
	for (uint32_t i = 0; i < multi->count; i++) {
		struct member *member = &multi->members[i];
		int code;

		if (packet->count)
			memcpy(member->buffers, buffers, packet->count * sizeof(*buffers));
		code = frpc_queue_send_buffers(ends[i], member->buffers, packet->count,
					       member->records);
		if (code) {
			unsend(multi, ends, packet, i);
			return code;
		}
	}
	return AEE_SUCCESS;
}

/*
 * Writes to all of them, if all have room: nobody else writes to them, so that none has less a
 * moment later. AEE_EWOULDBLOCK: *ret_full has none.
 */
static int attempt_write(struct frpc_queue_multi *multi, struct frpc_queue_end **ends,
			 struct frpc_queue_packet *packet, const struct dspqueue_buffer *buffers,
			 uint32_t *ret_full)
{
	int code = send_buffers(multi, ends, packet, buffers);

	if (code)
		return code;
	for (uint32_t i = 0; i < multi->count && !code; i++) {
		code = frpc_queue_packet_room(ends[i], packet, FRPC_QUEUE_NO_WAIT);
		*ret_full = i;
	}
	if (code) {
		unsend(multi, ends, packet, multi->count);
		return code;
	}
	for (uint32_t i = 0; i < multi->count; i++) {
		int one;

		packet->records = multi->members[i].records;
		one = frpc_queue_packet_write(ends[i], packet, FRPC_QUEUE_NO_WAIT);
		if (one)
			frpc_queue_unsend_buffers(ends[i], multi->members[i].buffers,
						  packet->count);
		code = code ? code : one;
	}
	return code;
}

static int write_packet(struct frpc_queue_multi *multi, struct frpc_queue_packet *packet,
			const struct dspqueue_buffer *buffers, int64_t timeout_us)
{
	uint64_t deadline =
		timeout_us == FRPC_QUEUE_NO_WAIT ? 0 : frpc_deadline_ns((uint32_t)timeout_us);
	struct frpc_queue_end *ends[FRPC_EFFECTIVE];
	bool again;
	int code;

	if (!hold_ends(multi, ends))
		return AEE_EINTERRUPTED;
	do {
		uint32_t full = 0;

		code = state_code(multi);
		if (code)
			break;
		pthread_mutex_lock(&multi->write_lock);
		code = attempt_write(multi, ends, packet, buffers, &full);
		pthread_mutex_unlock(&multi->write_lock);
		again = code == AEE_EWOULDBLOCK && timeout_us != FRPC_QUEUE_NO_WAIT;
		if (again)
			code = frpc_queue_packet_room(ends[full], packet, frpc_left_us(deadline));
	} while (again && !code);
	let_go(multi);
	return code;
}

int frpc_queue_multi_write(dspqueue_t queue, uint32_t flags, uint32_t num_buffers,
			   const struct dspqueue_buffer *buffers, uint32_t message_length,
			   const uint8_t *message, int64_t timeout_us)
{
	struct frpc_queue_multi *multi = frpc_queue_table_get(queue, FRPC_QUEUE_MULTI);
	struct frpc_queue_packet packet;
	int code;

	if (!multi)
		return AEE_EBADPARM;
	code = frpc_queue_packet_init(&packet, flags, num_buffers, buffers, message_length,
				      message);
	if (!code)
		code = write_packet(multi, &packet, buffers, timeout_us);
	frpc_queue_table_put(queue);
	return code;
}

int frpc_queue_multi_early_wakeup(dspqueue_t queue, uint32_t delay_us, uint32_t flags)
{
	struct frpc_queue_multi *multi = frpc_queue_table_get(queue, FRPC_QUEUE_MULTI);
	struct frpc_queue_packet packet;
	int code;

	if (!multi)
		return AEE_EBADPARM;
	code = frpc_queue_packet_init_wakeup(&packet, &delay_us, flags);
	if (!code)
		code = write_packet(multi, &packet, NULL, FRPC_QUEUE_NO_WAIT);
	frpc_queue_table_put(queue);
	return code;
}

/* ---- reading ---- */

/* Where a read finds what it wants. */
struct place {
	const struct frpc_queue_want *want;
	uint32_t *flags, *buffers, *message;
};

/*
 * Takes from the first member that has something, beginning with the one whose turn it is: the one
 * after that of the last packet, and after a peek that one itself.
 */
static int attempt_read(struct frpc_queue_multi *multi, const struct place *place)
{
	uint32_t first = atomic_load(&multi->turn), at = first;
	int code = AEE_EWOULDBLOCK;

	for (uint32_t i = 0; i < multi->count && code == AEE_EWOULDBLOCK; i++) {
		at = (first + i) % multi->count;
		code = frpc_queue_read(multi->members[at].queue, place->want, place->flags,
				       place->buffers, place->message, FRPC_QUEUE_NO_WAIT);
	}
	if (code != AEE_EWOULDBLOCK)
		atomic_store(&multi->turn, (at + (!code && !place->want->peek)) % multi->count);
	return code;
}

static int read_packet(struct frpc_queue_multi *multi, const struct place *place,
		       int64_t timeout_us)
{
	bool blocking = timeout_us != FRPC_QUEUE_NO_WAIT;
	uint64_t deadline = blocking ? frpc_deadline_ns((uint32_t)timeout_us) : 0;
	int code, res = 0;

	if (blocking && multi->packet_callback)
		return AEE_EBADPARM;
	do {
		uint32_t token = frpc_queue_wait_token(&multi->wait, ARRIVAL);

		code = state_code(multi);
		if (!code)
			code = attempt_read(multi, place);
		if (code == AEE_EWOULDBLOCK && blocking)
			res = frpc_queue_wait_for(&multi->wait, ARRIVAL, token, deadline);
	} while (code == AEE_EWOULDBLOCK && blocking && !res);
	return res ? AEE_EEXPIRED : code;
}

int frpc_queue_multi_read(dspqueue_t queue, const struct frpc_queue_want *want, uint32_t *ret_flags,
			  uint32_t *ret_buffers, uint32_t *ret_message, int64_t timeout_us)
{
	const struct place place = {want, ret_flags, ret_buffers, ret_message};
	struct frpc_queue_multi *multi = frpc_queue_table_get(queue, FRPC_QUEUE_MULTI);
	int code;

	if (!multi)
		return AEE_EBADPARM;
	code = read_packet(multi, &place, timeout_us);
	frpc_queue_table_put(queue);
	return code;
}

/* ---- statistics ---- */

static uint64_t combine(enum dspqueue_stat stat, uint64_t so_far, uint64_t value)
{
	switch (stat) {
	case DSPQUEUE_STAT_WRITE_QUEUE_PACKETS:
	case DSPQUEUE_STAT_WRITE_QUEUE_BYTES:
		return value > so_far ? value : so_far;
	case DSPQUEUE_STAT_SIGNALING_PERF:
		return value < so_far ? value : so_far;
	default:
		return so_far + value;
	}
}

static int stat_of(struct frpc_queue_multi *multi, enum dspqueue_stat stat, uint64_t *ret_value)
{
	uint64_t all = stat == DSPQUEUE_STAT_SIGNALING_PERF ? UINT64_MAX : 0;
	int code = state_code(multi);

	for (uint32_t i = 0; i < multi->count && !code; i++) {
		uint64_t value = 0;

		code = frpc_queue_stat(multi->members[i].queue, stat, &value);
		all = combine(stat, all, value);
	}
	if (!code)
		*ret_value = all;
	return code;
}

int frpc_queue_multi_stat(dspqueue_t queue, enum dspqueue_stat stat, uint64_t *ret_value)
{
	struct frpc_queue_multi *multi =
		ret_value ? frpc_queue_table_get(queue, FRPC_QUEUE_MULTI) : NULL;
	int code;

	if (!multi)
		return AEE_EBADPARM;
	code = stat_of(multi, stat, ret_value);
	frpc_queue_table_put(queue);
	return code;
}
