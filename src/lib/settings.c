/* SPDX-License-Identifier: BSD-3-Clause */
#include "settings.h"

#include <pthread.h>
#include <string.h>

#include "AEEStdErr.h"
#include "session.h"
#include "transport/transport.h"

static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	struct frpc_session_settings of[FRPC_DOMAINS];
} settings = {.once = PTHREAD_ONCE_INIT};

/* In a forked child, too: another thread may have held it. */
static void init_lock(void)
{
	pthread_mutex_init(&settings.lock, NULL);
}

static void set_up(void)
{
	init_lock();
	pthread_atfork(NULL, NULL, init_lock);
}

static int change_one(uint32_t domain,
		      bool (*change)(struct frpc_session_settings *settings, const void *context),
		      const void *context)
{
	struct frpc_session_settings changed;
	bool open = frpc_session_is_open(domain);
	int res = AEE_SUCCESS;

	pthread_mutex_lock(&settings.lock);
	changed = settings.of[domain];
	if (!change(&changed, context))
		res = AEE_EBADPARM;
	else if (open && memcmp(&changed, &settings.of[domain], sizeof(changed)))
		res = AEE_EALREADYLOADED;
	else
		settings.of[domain] = changed;
	pthread_mutex_unlock(&settings.lock);
	return res;
}

int frpc_settings_change(uint32_t domain,
			 bool (*change)(struct frpc_session_settings *settings,
					const void *context),
			 const void *context)
{
	uint32_t first = domain == FRPC_DOMAINS ? 0 : domain;
	uint32_t last = domain == FRPC_DOMAINS ? FRPC_DOMAINS : domain + 1;
	int res = AEE_SUCCESS;

	pthread_once(&settings.once, set_up);
	for (uint32_t i = first; i < last && !res; i++)
		res = change_one(i, change, context);
	return res;
}

void frpc_settings_get(uint32_t domain, struct frpc_session_settings *ret_settings)
{
	pthread_once(&settings.once, set_up);
	pthread_mutex_lock(&settings.lock);
	*ret_settings = settings.of[domain];
	pthread_mutex_unlock(&settings.lock);
}
