/* SPDX-License-Identifier: BSD-3-Clause */
/* The module of appmod.h, in handle style and, as "appmod", in the older one. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "AEEStdErr.h"
#include "appmod.h"
#include "remote.h"

int appmod_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);
int appmod_skel_invoke(uint32_t sc, remote_arg *pra);

static void note(const char *word)
{
	const char *path = getenv(APPMOD_DIARY);
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;

	if (fd < 0)
		return;
	if (write(fd, word, strlen(word)) < 0)
		abort();
	close(fd);
}

__attribute__((destructor)) static void unload(void)
{
	note("unload\n");
}

/* It is opened and closed by the same thread. */
static _Thread_local int opened_here;

static int misused(void)
{
	note("misused\n");
	return AEE_EBADPARM;
}

static int open_it(uint32_t sc, remote_arg *pra)
{
	const uint32_t *len = pra[0].buf.pv;
	const char *uri = pra[1].buf.pv;

	if (sc != REMOTE_SCALARS_MAKEX(0, 0, 2, 0, 0, 1) || *len != pra[1].buf.nLen ||
	    uri[*len - 1])
		return misused();
	if (strstr(uri, "refused"))
		return AEE_EBADSTATE;
	note("open\n");
	opened_here = 1;
	pra[2].h64 = 0x1234567890;
	return AEE_SUCCESS;
}

static int close_it(uint32_t sc, const remote_arg *pra)
{
	if (sc != REMOTE_SCALARS_MAKEX(0, 1, 0, 0, 1, 0) || pra[0].h64 != 0x1234567890)
		return misused();
	note(opened_here ? "close\n" : "close elsewhere\n");
	return AEE_SUCCESS;
}

static int echo(uint32_t sc, remote_arg *pra)
{
	uint32_t ins = REMOTE_SCALARS_INBUFS(sc);

	if (ins != REMOTE_SCALARS_OUTBUFS(sc))
		return AEE_EBADPARM;
	for (uint32_t i = 0; i < ins; i++) {
		if (pra[i].buf.nLen != pra[ins + i].buf.nLen)
			return AEE_EBADPARM;
		if (pra[i].buf.nLen)
			memcpy(pra[ins + i].buf.pv, pra[i].buf.pv, pra[i].buf.nLen);
	}
	return AEE_SUCCESS;
}

static int back(void)
{
	appmod_hook_fn *hook;
	void *address = dlsym(RTLD_DEFAULT, APPMOD_HOOK);

	if (!address)
		return AEE_ENOSUCHSYMBOL;
	memcpy(&hook, &address, sizeof(hook));
	return hook();
}

static int work(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	switch (REMOTE_SCALARS_METHOD(sc)) {
	case APPMOD_ECHO:
		return echo(sc, pra);
	case APPMOD_FAIL:
		return pra[0].buf.nLen >= 4 ? *(int32_t *)pra[0].buf.pv : AEE_EBADPARM;
	case APPMOD_BACK:
		return back();
	case APPMOD_HANDLE:
		if (pra[0].buf.nLen < sizeof(h))
			return AEE_EBADPARM;
		memcpy(pra[0].buf.pv, &h, sizeof(h));
		return AEE_SUCCESS;
	default:
		return AEE_EUNSUPPORTED;
	}
}

int appmod_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	switch (REMOTE_SCALARS_METHOD(sc)) {
	case 0:
		return open_it(sc, pra);
	case 1:
		return close_it(sc, pra);
	default:
		return work(h, sc, pra);
	}
}

int appmod_skel_invoke(uint32_t sc, remote_arg *pra)
{
	return work(0, sc, pra);
}
