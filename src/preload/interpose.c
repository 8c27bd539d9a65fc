/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The C library's names in front of the C library: what concerns FastRPC nodes goes to nodes.c, the
 * rest is passed on. Programs that make system calls without the C library are not reached.
 */

/* These names are defined here as they are, and not as what the headers may make of them. */
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS
#undef _FORTIFY_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "heap.h"
#include "nodes.h"
#include "real.h"

#define PUBLIC __attribute__((visibility("default")))

/* What 32-bit programs are made to call whose time has 64 bits: other names, other results. */
#if UINTPTR_MAX == UINT32_MAX && __GLIBC_PREREQ(2, 34)
#define HAVE_WIDE_TIME 1
struct wide_time_stat;
int __stat64_time64(const char *path, struct wide_time_stat *result);
int __lstat64_time64(const char *path, struct wide_time_stat *result);
int __fstatat64_time64(int folder, const char *path, struct wide_time_stat *result, int flags);
int __ioctl_time64(int fd, unsigned long request, ...);
int __fcntl_time64(int fd, int cmd, ...);
#endif

/* glibc has two of each that differ in the width of offsets, and one that checks for a mode. */

static int answer(long res)
{
	if (res >= 0 || res < -4095)
		return (int)res;
	errno = (int)-res;
	return -1;
}

/* ---- open ---- */

static bool has_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

#define MODE_OF(flags, list) (has_mode(flags) ? va_arg(list, mode_t) : 0)

#define DEFINE_OPEN(name)                                            \
	PUBLIC int name(const char *path, int flags, ...)            \
	{                                                            \
		va_list list;                                        \
		mode_t mode;                                         \
                                                                     \
		va_start(list, flags);                               \
		mode = MODE_OF(flags, list);                         \
		va_end(list);                                        \
		if (frpc_nodes_know(path))                           \
			return answer(frpc_nodes_open(path, flags)); \
		return REAL(name)(path, flags, mode);                \
	}

#define DEFINE_OPENAT(name)                                           \
	PUBLIC int name(int folder, const char *path, int flags, ...) \
	{                                                             \
		va_list list;                                         \
		mode_t mode;                                          \
                                                                      \
		va_start(list, flags);                                \
		mode = MODE_OF(flags, list);                          \
		va_end(list);                                         \
		if (frpc_nodes_know(path))                            \
			return answer(frpc_nodes_open(path, flags));  \
		return REAL(name)(folder, path, flags, mode);         \
	}

DEFINE_OPEN(open)
DEFINE_OPENAT(openat)

DEFINE_OPEN(open64)
DEFINE_OPENAT(openat64)

/* What fortified programs call. */
#define DEFINE_OPEN_2(name)                                          \
	PUBLIC int name(const char *path, int flags);                \
	PUBLIC int name(const char *path, int flags)                 \
	{                                                            \
		if (frpc_nodes_know(path))                           \
			return answer(frpc_nodes_open(path, flags)); \
		return REAL(name)(path, flags);                      \
	}

#define DEFINE_OPENAT_2(name)                                        \
	PUBLIC int name(int folder, const char *path, int flags);    \
	PUBLIC int name(int folder, const char *path, int flags)     \
	{                                                            \
		if (frpc_nodes_know(path))                           \
			return answer(frpc_nodes_open(path, flags)); \
		return REAL(name)(folder, path, flags);              \
	}

DEFINE_OPEN_2(__open_2)
DEFINE_OPEN_2(__open64_2)
DEFINE_OPENAT_2(__openat_2)
DEFINE_OPENAT_2(__openat64_2)

/* ---- is it there? ---- */

PUBLIC int access(const char *path, int mode)
{
	return frpc_nodes_know(path) ? answer(frpc_nodes_look(path)) : REAL(access)(path, mode);
}

PUBLIC int faccessat(int folder, const char *path, int mode, int flags)
{
	return frpc_nodes_know(path) ? answer(frpc_nodes_look(path))
				     : REAL(faccessat)(folder, path, mode, flags);
}

/* A node looks like the character device that its descriptors are on. */
#define DEFINE_STAT(name, type)                                      \
	PUBLIC int name(const char *path, struct type *result)       \
	{                                                            \
		int res = 0;                                         \
                                                                     \
		if (frpc_nodes_know(path)) {                         \
			res = frpc_nodes_look(path);                 \
			path = "/dev/null";                          \
		}                                                    \
		return res ? answer(res) : REAL(name)(path, result); \
	}

#define DEFINE_XSTAT(name, type)                                              \
	PUBLIC int name(int version, const char *path, struct type *result);  \
	PUBLIC int name(int version, const char *path, struct type *result)   \
	{                                                                     \
		int res = 0;                                                  \
                                                                              \
		if (frpc_nodes_know(path)) {                                  \
			res = frpc_nodes_look(path);                          \
			path = "/dev/null";                                   \
		}                                                             \
		return res ? answer(res) : REAL(name)(version, path, result); \
	}

#define DEFINE_FSTATAT(name, type)                                                    \
	PUBLIC int name(int folder, const char *path, struct type *result, int flags) \
	{                                                                             \
		int res = 0;                                                          \
                                                                                      \
		if (frpc_nodes_know(path)) {                                          \
			res = frpc_nodes_look(path);                                  \
			path = "/dev/null";                                           \
		}                                                                     \
		return res ? answer(res) : REAL(name)(folder, path, result, flags);   \
	}

DEFINE_STAT(stat, stat)
DEFINE_STAT(lstat, stat)
DEFINE_FSTATAT(fstatat, stat)
DEFINE_STAT(stat64, stat64)
DEFINE_STAT(lstat64, stat64)
DEFINE_FSTATAT(fstatat64, stat64)
#ifdef HAVE_WIDE_TIME
DEFINE_STAT(__stat64_time64, wide_time_stat)
DEFINE_STAT(__lstat64_time64, wide_time_stat)
DEFINE_FSTATAT(__fstatat64_time64, wide_time_stat)
#endif
/* What programs that were linked with an older C library call. */
DEFINE_XSTAT(__xstat, stat)
DEFINE_XSTAT(__lxstat, stat)
DEFINE_XSTAT(__xstat64, stat64)
DEFINE_XSTAT(__lxstat64, stat64)

PUBLIC int statx(int folder, const char *path, int flags, unsigned int mask, struct statx *result)
{
	int res = 0;

	if (frpc_nodes_know(path)) {
		res = frpc_nodes_look(path);
		path = "/dev/null";
	}
	return res ? answer(res) : REAL(statx)(folder, path, flags, mask, result);
}

/* ---- open descriptors ---- */

/* The real one is asked only of what is no node. */
static int control(int (*real)(int, unsigned long, ...), int fd, unsigned long request, void *arg)
{
	uint32_t cmd = (uint32_t)request;
	int res, sync;

	if (frpc_nodes_have(fd))
		return answer(frpc_nodes_ioctl(fd, cmd, arg));
	res = real(fd, request, arg);
	if (res != -1 || errno != ENOTTY || cmd != (uint32_t)DMA_BUF_IOCTL_SYNC)
		return res;
	sync = frpc_heap_sync(fd, arg);
	return answer(sync);
}

#define DEFINE_IOCTL(name)                                    \
	PUBLIC int name(int fd, unsigned long request, ...)   \
	{                                                     \
		va_list list;                                 \
		void *arg;                                    \
                                                              \
		va_start(list, request);                      \
		arg = va_arg(list, void *);                   \
		va_end(list);                                 \
		return control(REAL(name), fd, request, arg); \
	}

DEFINE_IOCTL(ioctl)
#ifdef HAVE_WIDE_TIME
DEFINE_IOCTL(__ioctl_time64)
#endif

PUBLIC int close(int fd)
{
	frpc_nodes_forget(fd);
	return REAL(close)(fd);
}

static int copied(int fd, int copy)
{
	if (copy >= 0)
		frpc_nodes_copy(fd, copy);
	return copy;
}

/* What was open under that number is closed only if the copy was made. */
static int replaced(int fd, int copy)
{
	if (copy >= 0 && fd != copy)
		frpc_nodes_forget(copy);
	return copied(fd, copy);
}

PUBLIC int dup(int fd)
{
	return copied(fd, REAL(dup)(fd));
}

PUBLIC int dup2(int fd, int copy)
{
	return replaced(fd, REAL(dup2)(fd, copy));
}

PUBLIC int dup3(int fd, int copy, int flags)
{
	return replaced(fd, REAL(dup3)(fd, copy, flags));
}

#define DEFINE_FCNTL(name)                                                               \
	PUBLIC int name(int fd, int cmd, ...)                                            \
	{                                                                                \
		va_list list;                                                            \
		void *arg;                                                               \
		int res;                                                                 \
                                                                                         \
		va_start(list, cmd);                                                     \
		arg = va_arg(list, void *);                                              \
		va_end(list);                                                            \
		res = REAL(name)(fd, cmd, arg);                                          \
		return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC ? copied(fd, res) : res; \
	}

DEFINE_FCNTL(fcntl)
DEFINE_FCNTL(fcntl64)
#ifdef HAVE_WIDE_TIME
DEFINE_FCNTL(__fcntl_time64)
#endif

#if __GLIBC_PREREQ(2, 34)
PUBLIC int close_range(unsigned int first, unsigned int last, int flags)
{
	if (!(flags & (int)CLOSE_RANGE_CLOEXEC))
		frpc_nodes_forget_range(first, last);
	return REAL(close_range)(first, last, flags);
}

PUBLIC void closefrom(int first)
{
	frpc_nodes_forget_range(first < 0 ? 0 : (unsigned int)first, ~0u);
	REAL(closefrom)(first);
}
#endif
