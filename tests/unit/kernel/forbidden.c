/* SPDX-License-Identifier: BSD-3-Clause */
/* A process that may not use process_vm_readv() and process_vm_writev(): these stand before libc's. */
#include <errno.h>
#include <sys/uio.h>

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long locals,
			 const struct iovec *remote, unsigned long remotes, unsigned long flags)
{
	(void)pid, (void)local, (void)locals, (void)remote, (void)remotes, (void)flags;
	errno = EPERM;
	return -1;
}

ssize_t process_vm_writev(pid_t pid, const struct iovec *local, unsigned long locals,
			  const struct iovec *remote, unsigned long remotes, unsigned long flags)
{
	return process_vm_readv(pid, local, locals, remote, remotes, flags);
}
