/* SPDX-License-Identifier: BSD-3-Clause */
#include "qos.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "error.h"
#include "remote.h"
#include "remotectl.h"
#include "session.h"

#define MOST_POLLING_US 10000u
#define SYSTEM_VOTES	"/dev/cpu_dma_latency" /* a vote lasts as long as it is open */

#define MODE_DRIVER_VOTE 1u
#define MODE_ADAPTIVE	 2u
#define MODE_POLL	 4u

static int cannot(const char *what, const char *why)
{
	return frpc_fail(AEE_EUNSUPPORTED, FRPC_ORIGIN_LIBRARY, 0, "latency: %s: %s", what, why);
}

static void end_vote(struct frpc_qos *qos)
{
	if (qos->vote >= 0)
		close(qos->vote);
	qos->vote = -1;
}

/* Where the driver passes no votes on, the system takes them itself. */
static int vote_with_system(struct frpc_qos *qos, uint32_t latency_us)
{
	int32_t value = latency_us > INT32_MAX ? INT32_MAX : (int32_t)latency_us;
	int fd = open(SYSTEM_VOTES, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, &value, sizeof(value)) != sizeof(value)) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return frpc_fail(error == EACCES || error == EPERM ? AEE_EBADPERMS
								   : AEE_EUNSUPPORTED,
				 FRPC_ORIGIN_LIBRARY, error,
				 "latency: this driver takes no votes, and %s cannot be written",
				 SYSTEM_VOTES);
	}
	end_vote(qos);
	qos->vote = fd;
	return AEE_SUCCESS;
}

static int vote(struct frpc_session *session, struct frpc_qos *qos, uint32_t latency_us)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	int res = -EOPNOTSUPP;

	if (remote->transport->ops->latency)
		res = remote->transport->ops->latency(remote, true, latency_us);
	if (res == -EOPNOTSUPP || res == -ENOTTY)
		return vote_with_system(qos, latency_us);
	if (res)
		return frpc_fail_driver(res, "latency: the driver takes no vote of %u us",
					latency_us);
	qos->modes |= MODE_DRIVER_VOTE;
	return AEE_SUCCESS;
}

static int set_adaptive(struct frpc_session *session, struct frpc_qos *qos, bool on)
{
	int res = frpc_remotectl_set_adaptive(session, on);

	if (res == (int)(DSP_AEE_EOFFSET + AEE_EUNSUPPORTED))
		return cannot("adaptive", "the DSP knows no such mode");
	if (!res)
		qos->modes = on ? qos->modes | MODE_ADAPTIVE : qos->modes & ~MODE_ADAPTIVE;
	return res;
}

static int poll_on_dsp(struct frpc_session *session, bool on, uint32_t timeout_us)
{
	const uint32_t in[2] = {on, timeout_us};
	const struct frpc_arg arg = frpc_arg_plain(in, sizeof(in));
	int32_t status = 0;
	int res = frpc_remote_invoke(frpc_session_remote(session), FRPC_HANDLE_CURRENT_PROCESS1,
				     FRPC_SC_MAKE(9, 1, 0), &arg, &status);

	if (res)
		return frpc_fail_driver(res, "latency: the DSP cannot be told of polling");
	if (status == (int32_t)(DSP_AEE_EOFFSET + AEE_EUNSUPPORTED))
		return cannot("polling", "the DSP knows no such mode");
	if (status)
		return frpc_fail(status, FRPC_ORIGIN_DSP, 0,
				 "latency: the DSP refuses to be polled (0x%x)",
				 (unsigned int)status);
	return AEE_SUCCESS;
}

/* Both ends: the DSP marks what it has done, the driver looks for that before it sleeps. */
static int set_polling(struct frpc_session *session, struct frpc_qos *qos, bool on,
		       uint32_t timeout_us)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	int res;

	if (timeout_us > MOST_POLLING_US)
		return frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				 "latency: polling for %u us, of at most %u", timeout_us,
				 MOST_POLLING_US);
	if (!remote->transport->ops->poll)
		return cannot("polling", "this kernel driver does not poll");
	res = poll_on_dsp(session, on, timeout_us);
	if (res)
		return res;
	res = remote->transport->ops->poll(remote, on, timeout_us);
	if (res) {
		if (on)
			poll_on_dsp(session, false, 0);
		return res == -EOPNOTSUPP || res == -EPERM
			       ? cannot("polling", "the driver does not poll for this DSP")
			       : frpc_fail_driver(res, "latency: the driver refuses to poll");
	}
	qos->modes = on ? qos->modes | MODE_POLL : qos->modes & ~MODE_POLL;
	return AEE_SUCCESS;
}

/* All of it: the first failure is told, the rest is undone all the same. */
static int disable(struct frpc_session *session, struct frpc_qos *qos)
{
	struct frpc_remote *remote = frpc_session_remote(session);
	int res = AEE_SUCCESS, one;

	end_vote(qos);
	if (qos->modes & MODE_DRIVER_VOTE) {
		one = remote->transport->ops->latency(remote, false, 0);
		if (one)
			res = frpc_fail_driver(one, "latency: the driver keeps the vote");
		qos->modes &= ~MODE_DRIVER_VOTE;
	}
	if (qos->modes & MODE_ADAPTIVE) {
		one = set_adaptive(session, qos, false);
		res = res ? res : one;
	}
	if (qos->modes & MODE_POLL) {
		one = set_polling(session, qos, false, 0);
		res = res ? res : one;
	}
	return res;
}

int frpc_qos_set(struct frpc_session *session, uint32_t enable, uint32_t latency_us)
{
	struct frpc_qos *qos = &frpc_session_parts(session)->qos;
	int res;

	pthread_mutex_lock(&qos->lock);
	switch (enable) {
	case RPC_DISABLE_QOS:
		res = disable(session, qos);
		break;
	case RPC_PM_QOS:
		res = vote(session, qos, latency_us);
		break;
	case RPC_ADAPTIVE_QOS:
		res = set_adaptive(session, qos, true);
		break;
	case RPC_POLL_QOS:
		res = set_polling(session, qos, true, latency_us);
		break;
	default:
		res = frpc_fail(AEE_EBADPARM, FRPC_ORIGIN_LIBRARY, 0,
				"latency: there is no kind %u", enable);
		break;
	}
	pthread_mutex_unlock(&qos->lock);
	return res;
}

void frpc_qos_init(struct frpc_qos *qos)
{
	*qos = (struct frpc_qos){.vote = -1};
	pthread_mutex_init(&qos->lock, NULL);
}

void frpc_qos_destroy(struct frpc_qos *qos)
{
	pthread_mutex_destroy(&qos->lock);
}

void frpc_qos_end(struct frpc_qos *qos)
{
	end_vote(qos);
	qos->modes = 0;
}

int frpc_wakelock(uint32_t enable)
{
	const char *path = enable ? "/sys/power/wake_lock" : "/sys/power/wake_unlock";
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;
	char name[40];

	snprintf(name, sizeof(name), "fastrpc-%d", (int)getpid());
	if (fd < 0 || write(fd, name, strlen(name)) < 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	if (!error)
		return AEE_SUCCESS;
	return frpc_fail(error == EACCES || error == EPERM ? AEE_EBADPERMS
			 : error == EINVAL		   ? AEE_EBADSTATE
							   : AEE_EUNSUPPORTED,
			 FRPC_ORIGIN_LIBRARY, error, "wakelock: %s cannot be written (errno %d)%s",
			 path, error, error == ENOENT ? ": this system has no wakelocks" : "");
}
