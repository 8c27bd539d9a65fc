/* SPDX-License-Identifier: BSD-3-Clause */
#include "errnos.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	int number;
	const char *name;
} names[] = {
	{EPERM, "EPERM"},
	{ENOENT, "ENOENT"},
	{EINTR, "EINTR"},
	{EIO, "EIO"},
	{ENXIO, "ENXIO"},
	{EBADF, "EBADF"},
	{EAGAIN, "EAGAIN"},
	{ENOMEM, "ENOMEM"},
	{EACCES, "EACCES"},
	{EFAULT, "EFAULT"},
	{EBUSY, "EBUSY"},
	{EEXIST, "EEXIST"},
	{ENODEV, "ENODEV"},
	{EINVAL, "EINVAL"},
	{EMFILE, "EMFILE"},
	{ENOTTY, "ENOTTY"},
	{EFBIG, "EFBIG"},
	{ENOSPC, "ENOSPC"},
	{EPIPE, "EPIPE"},
	{ECHRNG, "ECHRNG"},
	{EBADE, "EBADE"},
	{EBADR, "EBADR"},
	{EBADRQC, "EBADRQC"},
	{ENOSR, "ENOSR"},
	{EPROTO, "EPROTO"},
	{EBADMSG, "EBADMSG"},
	{EOVERFLOW, "EOVERFLOW"},
	{EBADFD, "EBADFD"},
	{EUSERS, "EUSERS"},
	{EPROTONOSUPPORT, "EPROTONOSUPPORT"},
	{EOPNOTSUPP, "EOPNOTSUPP"},
	{EADDRNOTAVAIL, "EADDRNOTAVAIL"},
	{ECONNRESET, "ECONNRESET"},
	{ENOBUFS, "ENOBUFS"},
	{ENOTCONN, "ENOTCONN"},
	{ESHUTDOWN, "ESHUTDOWN"},
	{ETOOMANYREFS, "ETOOMANYREFS"},
	{ETIMEDOUT, "ETIMEDOUT"},
	{ECONNREFUSED, "ECONNREFUSED"},
	{EHOSTDOWN, "EHOSTDOWN"},
	{EALREADY, "EALREADY"},
	{EDQUOT, "EDQUOT"},
	{ENOKEY, "ENOKEY"},
	{ESRCH, "ESRCH"},
};

const char *frpc_errno_name(int error)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].number == error)
			return names[i].name;
	return NULL;
}

int frpc_errno_number(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i].name, name))
			return names[i].number;
	return 0;
}
