/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracing device. It runs in the caller's own process and reads what the dialect's code points
 * it to, so nothing here can be a bad address.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

#include "device_wrap.h"
#include "errnos.h"
#include "own_abi.h"
#include "words.h"

#define SHOWN_ARGS 8u

struct trace_device {
	struct frpc_wrapper wrapper;
	int fd;
	bool own_fd;
	uint64_t start_ns;
};

/* A line under way. Written in one piece, so that lines of several threads do not mix. */
struct line {
	char text[1024];
	size_t len;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - 1 - line->len; /* one for the end of the line */
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line->text + line->len, room, format, args);
	va_end(args);
	if (len > 0)
		line->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void begin(const struct trace_device *trace, const struct frpc_task *task, struct line *line)
{
	uint64_t ns = now_ns() - trace->start_ns;

	line->len = 0;
	add(line, "%llu.%06llu %d ", (unsigned long long)(ns / 1000000000u),
	    (unsigned long long)(ns / 1000u % 1000000u), (int)task->tid);
}

static void end(const struct trace_device *trace, struct line *line)
{
	int saved = errno;
	ssize_t written;

	line->text[line->len++] = '\n';
	/* A full disk must not hurt the program that is watched. */
	written = write(trace->fd, line->text, line->len);
	(void)written;
	errno = saved;
}

static void add_result(struct line *line, long res)
{
	const char *name = res < 0 && res >= -FRPC_MAX_ERRNO ? frpc_errno_name((int)-res) : NULL;

	if (name)
		add(line, " = -%s", name);
	else if (res < -FRPC_MAX_ERRNO || res > 0)
		add(line, " = %ld (0x%x)", res, (uint32_t)res);
	else
		add(line, " = %ld", res);
}

static void add_fields(struct line *line, const struct frpc_command *command, uintptr_t arg,
		       bool out)
{
	if (command->value && !out)
		add(line, " %lu", (unsigned long)arg);
	if (command->value || !arg)
		return;
	for (const struct frpc_field *field = command->fields; field->name; field++) {
		const unsigned char *at = (const unsigned char *)arg + field->offset;
		uint32_t word;
		uint64_t wide;

		if (field->out != out)
			continue;
		memcpy(&word, at, sizeof(word));
		if (field->form == FRPC_FIELD_INT) {
			add(line, " %s=%d", field->name, (int32_t)word);
		} else if (field->form == FRPC_FIELD_HEX) {
			add(line, " %s=0x%x", field->name, word);
		} else {
			memcpy(&wide, at, sizeof(wide));
			add(line, " %s=0x%llx", field->name, (unsigned long long)wide);
		}
	}
}

/* Argument @i of a call, in either dialect's arrays. */
static void read_arg(const struct frpc_command *command, uintptr_t arg, uint32_t i,
		     struct frpc_ml_invoke_args *ret_arg)
{
	const FRPC_OWN_DN(invoke_fd) *downstream = (const void *)arg;
	const struct frpc_ml_invoke *mainline = (const void *)arg;
	const FRPC_OWN_DN(arg) * pra;

	if (command->args == FRPC_ARGS_MAINLINE) {
		*ret_arg = ((const struct frpc_ml_invoke_args *)(uintptr_t)mainline->args)[i];
		return;
	}
	pra = (const FRPC_OWN_DN(arg) *)(uintptr_t)downstream->inv.pra;
	*ret_arg = (struct frpc_ml_invoke_args){.ptr = pra[i].pv, .length = pra[i].len, .fd = -1};
	if (command->cmd != FRPC_OWN_DN_IOCTL(INVOKE) && downstream->fds)
		ret_arg->fd = ((const int32_t *)(uintptr_t)downstream->fds)[i];
}

static void add_args(struct line *line, const struct frpc_command *command, uintptr_t arg)
{
	/* Handle and scalars stand first in every kind of call. */
	uint32_t sc = ((const struct frpc_dn_invoke *)arg)->sc, count = FRPC_SC_LENGTH(sc);

	add(line, " method=%u", FRPC_SC_METHOD(sc));
	for (uint32_t i = 0; i < count; i++) {
		const char *kind = i < FRPC_SC_INBUFS(sc)			  ? "in"
				   : i < FRPC_SC_BUFS(sc)			  ? "out"
				   : i < FRPC_SC_BUFS(sc) + FRPC_SC_INHANDLES(sc) ? "inh"
										  : "outh";
		struct frpc_ml_invoke_args one;

		if (i == SHOWN_ARGS) {
			add(line, " ... %u more", count - i);
			return;
		}
		read_arg(command, arg, i, &one);
		add(line, " %s[%llu", kind, (unsigned long long)one.length);
		if (one.fd != -1)
			add(line, " fd %d", one.fd);
		add(line, "]");
	}
}

static int trace_open(struct frpc_device *device, const struct frpc_task *task, const char *path,
		      int flags)
{
	struct trace_device *trace = (struct trace_device *)device;
	int file = frpc_wrap_open(device, task, path, flags);
	struct line line;

	begin(trace, task, &line);
	add(&line, "open %s", path);
	add_result(&line, file);
	end(trace, &line);
	return file;
}

static void add_command(struct line *line, const struct frpc_command *command, int file,
			uint32_t cmd)
{
	add(line, "ioctl %d ", file);
	if (command)
		add(line, "%s", command->name);
	else
		add(line, "0x%08x", cmd);
}

static long trace_ioctl(struct frpc_device *device, const struct frpc_task *task, int file,
			uint32_t cmd, uintptr_t arg)
{
	struct trace_device *trace = (struct trace_device *)device;
	const struct frpc_command *command = frpc_wrap_command(&trace->wrapper, file, cmd);
	struct line line;
	uint64_t before;
	long res;

	begin(trace, task, &line);
	add_command(&line, command, file, cmd);
	if (command)
		add_fields(&line, command, arg, false);
	if (command && command->args)
		add_args(&line, command, arg);
	end(trace, &line);
	before = now_ns();
	res = frpc_wrap_ioctl(device, task, file, cmd, arg);
	before = now_ns() - before;
	begin(trace, task, &line);
	add_command(&line, command, file, cmd);
	add_result(&line, res);
	if (command && !res)
		add_fields(&line, command, arg, true);
	add(&line, " (%llu us)", (unsigned long long)(before / 1000u));
	end(trace, &line);
	return res;
}

static int trace_close(struct frpc_device *device, const struct frpc_task *task, int file)
{
	struct trace_device *trace = (struct trace_device *)device;
	struct line line;
	int res;

	begin(trace, task, &line);
	add(&line, "close %d", file);
	res = frpc_wrap_close(device, task, file);
	add_result(&line, res);
	end(trace, &line);
	return res;
}

static void trace_free(struct frpc_device *device)
{
	struct trace_device *trace = (struct trace_device *)device;

	trace->wrapper.inner->ops->free(trace->wrapper.inner);
	if (trace->own_fd)
		close(trace->fd);
	free(trace);
}

static const struct frpc_device_ops trace_ops = {
	.name = "trace",
	.version = FRPC_DEVICE_VERSION,
	.open = trace_open,
	.ioctl = trace_ioctl,
	.mmap = frpc_wrap_mmap,
	.poll = frpc_wrap_poll,
	.close = trace_close,
	.data_dir = frpc_wrap_data_dir,
	.free = trace_free,
};

int frpc_device_trace(const char *path, struct frpc_device *inner, struct frpc_device **ret_device,
		      char *text, size_t textlen)
{
	struct trace_device *trace = calloc(1, sizeof(*trace));
	char words[80];
	int res = -ENOMEM;

	if (!trace)
		goto fail;
	trace->own_fd = strcmp(path, "-") != 0;
	trace->fd = trace->own_fd ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
				  : STDERR_FILENO;
	if (trace->fd < 0) {
		res = -errno;
		goto fail;
	}
	trace->wrapper.device.ops = &trace_ops;
	trace->wrapper.inner = inner;
	trace->start_ns = now_ns();
	*ret_device = &trace->wrapper.device;
	return 0;
fail:
	snprintf(text, textlen, "trace=%s: %s", path, frpc_errno_words(-res, words, sizeof(words)));
	free(trace);
	inner->ops->free(inner);
	return res;
}
