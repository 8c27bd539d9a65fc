/* SPDX-License-Identifier: BSD-3-Clause */
/* Names and sentences of error numbers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "AEEStdErr.h"
#include "fastrpc.h"
#include "transport/words.h"

struct status {
	int code;
	const char *name, *sentence;
};

#define STATUS(name, sentence)        \
	{                             \
		name, #name, sentence \
	}

/* Aliases come after the name they stand for: the first one found is told. */
static const struct status statuses[] = {
	STATUS(AEE_SUCCESS, "success"),
	STATUS(AEE_EUNKNOWN, "unknown error"),
	STATUS(AEE_EFAILED, "general failure"),
	STATUS(AEE_ENOMEMORY, "not enough memory"),
	STATUS(AEE_ECLASSNOTSUPPORT, "the class is not supported"),
	STATUS(AEE_EVERSIONNOTSUPPORT, "the version is not supported"),
	STATUS(AEE_EALREADYLOADED, "already loaded: too late to change"),
	STATUS(AEE_EUNABLETOLOAD, "unable to load the module"),
	STATUS(AEE_EUNABLETOUNLOAD, "unable to unload the module"),
	STATUS(AEE_EALARMPENDING, "an alarm is pending"),
	STATUS(AEE_EINVALIDTIME, "invalid time"),
	STATUS(AEE_EBADCLASS, "bad class object"),
	STATUS(AEE_EBADMETRIC, "bad metric"),
	STATUS(AEE_EEXPIRED, "a limit or a time has been exceeded"),
	STATUS(AEE_EBADSTATE, "bad state: the process or session is ending"),
	STATUS(AEE_EBADPARM, "bad parameter"),
	STATUS(AEE_ESCHEMENOTSUPPORTED, "the URL scheme is not supported"),
	STATUS(AEE_EBADITEM, "a value is out of range or corrupt"),
	STATUS(AEE_EINVALIDFORMAT, "invalid format"),
	STATUS(AEE_EINCOMPLETEITEM, "an item is incomplete"),
	STATUS(AEE_ENOPERSISTMEMORY, "not enough persistent memory"),
	STATUS(AEE_EUNSUPPORTED, "not supported"),
	STATUS(AEE_EPRIVLEVEL, "the privilege level is too low"),
	STATUS(AEE_ERESOURCENOTFOUND, "a resource was not found"),
	STATUS(AEE_EREENTERED, "re-entered without leave"),
	STATUS(AEE_EBADTASK, "called in the wrong task"),
	STATUS(AEE_EALLOCATED, "it was left allocated"),
	STATUS(AEE_EALREADY, "the operation is already in progress or done"),
	STATUS(AEE_EADSAUTHBAD, "authentication failed"),
	STATUS(AEE_ENEEDSERVICEPROG, "service programming is needed"),
	STATUS(AEE_EMEMPTR, "bad memory pointer"),
	STATUS(AEE_EHEAP, "the heap is corrupt"),
	STATUS(AEE_EIDLE, "the context is idle"),
	STATUS(AEE_EITEMBUSY, "the item is busy"),
	STATUS(AEE_EBADSID, "bad subscriber id"),
	STATUS(AEE_ENOTYPE, "no such type"),
	STATUS(AEE_ENEEDMORE, "more data is needed"),
	STATUS(AEE_EADSCAPS, "the capabilities do not match"),
	STATUS(AEE_EBADSHUTDOWN, "it was not shut down properly"),
	STATUS(AEE_EBUFFERTOOSMALL, "the buffer is too small"),
	STATUS(AEE_EACKPENDING, "an acknowledgement is pending"),
	STATUS(AEE_ENOTOWNER, "the caller is not the owner"),
	STATUS(AEE_EINVALIDITEM, "invalid item"),
	STATUS(AEE_ENOTALLOWED, "not allowed"),
	STATUS(AEE_EINVHANDLE, "the handle is not open"),
	STATUS(AEE_EBADHANDLE, "the handle is not open"),
	STATUS(AEE_EOUTOFHANDLES, "no more handles"),
	STATUS(AEE_ENOMORE, "no more items"),
	STATUS(AEE_ECPUEXCEPTION, "a CPU exception occurred"),
	STATUS(AEE_EREADONLY, "it is read-only"),
	STATUS(AEE_EINVALIDMSG, "invalid message"),
	STATUS(AEE_EINVALIDTHREAD, "invalid thread"),
	STATUS(AEE_EINVALIDPROCESS, "invalid process"),
	STATUS(AEE_EINVALIDFILENAME, "invalid file name"),
	STATUS(AEE_EINVALIDDIGESTSIZE, "invalid digest size"),
	STATUS(AEE_EINVALIDSEGS, "invalid segments"),
	STATUS(AEE_EINVALIDSIGNATURE, "invalid signature"),
	STATUS(AEE_EINVALIDDOMAIN, "invalid domain"),
	STATUS(AEE_EINVALIDFD, "invalid file descriptor"),
	STATUS(AEE_EINVALIDDEVICE, "invalid device"),
	STATUS(AEE_EINVALIDMODE, "invalid mode"),
	STATUS(AEE_EINVALIDPROCNAME, "invalid process name"),
	STATUS(AEE_ENOSUCHMOD, "no such module"),
	STATUS(AEE_ENOSUCHINSTANCE, "no such instance"),
	STATUS(AEE_ENOSUCHTHREAD, "no such thread"),
	STATUS(AEE_ENOSUCHPROCESS, "no such process"),
	STATUS(AEE_ENOSUCHSYMBOL, "no such symbol"),
	STATUS(AEE_ENOSUCHDEVICE, "no such device"),
	STATUS(AEE_ENOSUCHPROP, "no such property"),
	STATUS(AEE_ENOSUCHFILE, "no such file"),
	STATUS(AEE_ENOSUCHHANDLE, "no such handle"),
	STATUS(AEE_ENOSUCHSTREAM, "no such stream"),
	STATUS(AEE_ENOSUCHMAP, "no such map"),
	STATUS(AEE_ENOSUCHREGISTER, "no such register"),
	STATUS(AEE_ENOSUCHCLIENT, "no such client"),
	STATUS(AEE_EBADDOMAIN, "bad domain"),
	STATUS(AEE_EBADOFFSET, "bad offset"),
	STATUS(AEE_EBADSIZE, "bad size"),
	STATUS(AEE_EBADPERMS, "bad permissions"),
	STATUS(AEE_EBADFD, "bad file descriptor"),
	STATUS(AEE_EBADPID, "bad process id"),
	STATUS(AEE_EBADTID, "bad thread id"),
	STATUS(AEE_EBADELF, "not a library that this DSP can load"),
	STATUS(AEE_EBADASID, "bad address space id"),
	STATUS(AEE_EBADCONTEXT, "bad context"),
	STATUS(AEE_EBADMEMALIGN, "bad memory alignment"),
	STATUS(AEE_EIOCTL, "an ioctl failed"),
	STATUS(AEE_EFOPEN, "a file cannot be opened"),
	STATUS(AEE_EFGETS, "a line cannot be read"),
	STATUS(AEE_EFFLUSH, "a file cannot be flushed"),
	STATUS(AEE_EFCLOSE, "a file cannot be closed"),
	STATUS(AEE_EEOF, "end of file"),
	STATUS(AEE_EFREAD, "a file cannot be read"),
	STATUS(AEE_EFWRITE, "a file cannot be written"),
	STATUS(AEE_EFGETPOS, "a file position cannot be read"),
	STATUS(AEE_EFSETPOS, "a file position cannot be set"),
	STATUS(AEE_EFTELL, "a file position cannot be told"),
	STATUS(AEE_EFSEEK, "a file cannot be positioned"),
	STATUS(AEE_EFLEN, "a file length cannot be read"),
	STATUS(AEE_EGETENV, "an environment variable cannot be read"),
	STATUS(AEE_ESETENV, "an environment variable cannot be set"),
	STATUS(AEE_EMMAP, "memory cannot be mapped"),
	STATUS(AEE_EIONMAP, "ION memory cannot be mapped"),
	STATUS(AEE_EIONALLOC, "ION memory cannot be allocated"),
	STATUS(AEE_ENORPCMEMORY, "no memory for the remote call; AEE_ECONNRESET (connection reset: "
				 "the DSP or its process went down) is the same number"),
	STATUS(AEE_ENOROOTOFTRUST, "no root of trust"),
	STATUS(AEE_ENOTLOCKED, "it is not locked"),
	STATUS(AEE_ENOTINITIALIZED, "it is not initialised"),
	STATUS(AEE_EUNSUPPORTEDAPI, "the function is not supported"),
	STATUS(AEE_EUNPACK, "a message cannot be unpacked"),
	STATUS(AEE_EPOLL, "polling failed"),
	STATUS(AEE_EEVENTREAD, "an event cannot be read"),
	STATUS(AEE_EMAXBUFS, "too many buffers"),
	STATUS(AEE_EINVARGS, "invalid arguments"),
	STATUS(AEE_ECONNREFUSED, "the connection was refused"),
	STATUS(AEE_EUNSIGNEDMOD, "the module is not signed"),
	STATUS(AEE_EINVALIDHASH, "invalid hash"),
	STATUS(AEE_EBADVA, "bad virtual address"),
	STATUS(AEE_ENOSUCHJOB, "no such job"),
	STATUS(AEE_ENOSUCHGROUP, "no such group"),
	STATUS(AEE_EBADMAPREFCNT, "bad reference count of a map"),
	STATUS(AEE_EBADPAGECNT, "bad page count"),
	STATUS(AEE_EMAPALREADYPRESENT, "the map is already there"),
	STATUS(AEE_ENOFREESECTION, "no free section"),
	STATUS(AEE_U2GCLIENT_OPEN, "the guest client cannot be opened"),
	STATUS(AEE_ENOSESSION, "no such session"),
	STATUS(AEE_EGLINK_OFFSET, "first error number of the link (GLINK)"),
	STATUS(AEE_ESMD_OFFSET, "first error number of the link (SMD)"),
	STATUS(AEE_EGLINKBADPACKET, "the link (GLINK): bad packet"),
	STATUS(AEE_ESMDBADPACKET, "the link (SMD): bad packet"),
	STATUS(AEE_EGLINKALREADYOPEN, "the link (GLINK): already open"),
	STATUS(AEE_ESMDALREADYOPEN, "the link (SMD): already open"),
	STATUS(AEE_EGLINKOPENFAILED, "the link (GLINK): open failed"),
	STATUS(AEE_ESMDOPENFAILED, "the link (SMD): open failed"),
	STATUS(AEE_EGLINKWRITE, "the link (GLINK): write failed"),
	STATUS(AEE_EGLINKREGISTER, "the link (GLINK): registration failed"),
	STATUS(AEE_EDAL_OFFSET, "first error number of the device layer (DAL)"),
	STATUS(AEE_EDALDEVATTACH, "the device layer (DAL): a device cannot be attached"),
	STATUS(AEE_EDALINTREGISTER, "the device layer (DAL): an interrupt cannot be registered"),
	STATUS(AEE_EDALINTUNREGISTER,
	       "the device layer (DAL): an interrupt cannot be unregistered"),
	STATUS(AEE_EDALGETPROP, "the device layer (DAL): a property cannot be read"),
	STATUS(AEE_EDALGETVAL, "the device layer (DAL): a value cannot be read"),
	STATUS(AEE_EDCVSREQUEST, "a clock and voltage request failed"),
	STATUS(AEE_EQURT_OFFSET, "first error number of QuRT"),
	STATUS(AEE_EQURTREGIONCREATE, "QuRT: a region cannot be created"),
	STATUS(AEE_EQURTCACHECLEAN, "QuRT: the cache cannot be cleaned"),
	STATUS(AEE_EQURTREGIONGETATTR, "QuRT: a region attribute cannot be read"),
	STATUS(AEE_EQURTBADREGIONPERMS, "QuRT: bad region permissions"),
	STATUS(AEE_EQURTMEMPOOLADD, "QuRT: a memory pool cannot be extended"),
	STATUS(AEE_EQURTREGISTERDEV, "QuRT: a device cannot be registered"),
	STATUS(AEE_EQURTMEMPOOLCREATE, "QuRT: a memory pool cannot be created"),
	STATUS(AEE_EQURTGETVA, "QuRT: a virtual address cannot be read"),
	STATUS(AEE_EQURTREGIONDELETE, "QuRT: a region cannot be deleted"),
	STATUS(AEE_EQURTMEMPOOLATTACH, "QuRT: a memory pool cannot be attached"),
	STATUS(AEE_EQURTTHREADCREATE, "QuRT: a thread cannot be created"),
	STATUS(AEE_EQURTCOPYTOUSER, "QuRT: copy to the user failed"),
	STATUS(AEE_EQURTMEMMAPCREATE, "QuRT: a mapping cannot be created"),
	STATUS(AEE_EQURTINVHANDLE, "QuRT: invalid handle"),
	STATUS(AEE_EQURTBADASID, "QuRT: bad address space id"),
	STATUS(AEE_EQURTOPENFAILED, "QuRT: open failed"),
	STATUS(AEE_EQURTCOPYFROMUSER, "QuRT: copy from the user failed"),
	STATUS(AEE_EQURTLINELOCK, "QuRT: cache lines cannot be locked"),
	STATUS(AEE_EQURTQDIDEFMETHOD, "QuRT: the default QDI method failed"),
	STATUS(AEE_EQURTCREATEHANDLE, "QuRT: a handle cannot be created"),
	STATUS(AEE_EQURTWRITABLEMEM, "QuRT: memory is writable or is not, against the rules"),
	STATUS(AEE_EQURTTHREADCREATEDEF, "QuRT: a default thread cannot be created"),
	STATUS(AEE_EQURTLOOKUPVA, "QuRT: a virtual address was not found"),
	STATUS(AEE_EQURTLOOKUPPA, "QuRT: a physical address was not found"),
	STATUS(AEE_EQURTMIGRATESECURE, "QuRT: migration to secure memory failed"),
	STATUS(AEE_EQURTQDIOPEN, "QuRT: QDI cannot be opened"),
	STATUS(AEE_EQURTMAPREMOVE, "QuRT: a mapping cannot be removed"),
	STATUS(AEE_EQURTQDICLOSE, "QuRT: QDI cannot be closed"),
	STATUS(AEE_EQURTWAIT, "QuRT: a wait failed"),
	STATUS(AEE_EMMPM_OFFSET, "first error number of the power manager (MMPM)"),
	STATUS(AEE_EMMPMREQUEST, "the power manager (MMPM): a request failed"),
	STATUS(AEE_EMMPMRELEASE, "the power manager (MMPM): a release failed"),
	STATUS(AEE_EMMPMSETPARAM, "the power manager (MMPM): a parameter cannot be set"),
	STATUS(AEE_EMMPMREGISTER, "the power manager (MMPM): registration failed"),
	STATUS(AEE_EMMPMGETINFO, "the power manager (MMPM): information cannot be read"),
	STATUS(AEE_EMAX_MMPM_CLIENTS, "too many power clients"),
	STATUS(AEE_EDCVSREGISTER, "registration for clock and voltage scaling failed"),
	STATUS(AEE_PDRREGFAIL, "registration with the PD restart service failed"),
	STATUS(AEE_DEFAULT_PROCESS, "the default process"),
	STATUS(AEE_ENULLCONTEXT, "the context is null"),
	STATUS(AEE_EINVALIDJOB, "invalid job"),
	STATUS(AEE_EBUSY, "busy: try again"),
	STATUS(E_APPS_BUSY_RETRY_LATER, "the CPU is busy: try again later"),
	STATUS(E_HLOS_CAP_REACHED, "a limit of the CPU system is reached"),
	STATUS(E_DPOOL_CAP_REACHED, "a limit of the memory pool is reached"),
	STATUS(E_NO_MORE_FREE_SECTIONS, "no more free sections"),
	STATUS(AEE_ESTUBSKELVERMISMATCH, "stub and skel are of different interface versions"),
	STATUS(AEE_ERPC, "the remote call failed"),
	STATUS(AEE_EFILE, "a file operation failed"),
	STATUS(AEE_ENOSUCH, "no such thing: the process on the DSP may have been restarted"),
	STATUS(AEE_EINTERRUPTED, "interrupted by a signal"),
	STATUS(AEE_ECONNRESET, "connection reset: the DSP or its process went down"),
	STATUS(AEE_EWOULDBLOCK, "it would block"),
};

static const struct status *find(int code)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (statuses[i].code == code)
			return &statuses[i];
	return NULL;
}

static const struct status *find_dsp(int code)
{
	unsigned int offset = (unsigned int)code - DSP_AEE_EOFFSET;

	return offset && offset <= 0x3ff ? find((int)offset) : NULL;
}

const char *frpc_version(void)
{
	return FRPC_VERSION;
}

const char *frpc_strerror(int code)
{
	static _Thread_local char text[256];
	const struct status *status = find(code);
	char words[80];

	if (status) {
		snprintf(text, sizeof(text), "%s: %s", status->name, status->sentence);
	} else if ((status = find_dsp(code))) {
		snprintf(text, sizeof(text), "%s on the DSP (0x%08x): %s", status->name,
			 (unsigned int)code, status->sentence);
	} else if (code < 0 && code >= KERNEL_ERRNO_START) {
		snprintf(text, sizeof(text), "errno %d: %s", -code,
			 frpc_errno_words(-code, words, sizeof(words)));
	} else {
		snprintf(text, sizeof(text),
			 "0x%08x: no error of FastRPC: most likely what the module itself returned",
			 (unsigned int)code);
	}
	return text;
}
