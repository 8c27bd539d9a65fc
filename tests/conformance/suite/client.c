/* SPDX-License-Identifier: BSD-3-Clause */
/* Open files, their buffers, and calls that threads of their own make. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

#define DOWNSTREAM_CDSP 3u

struct conf_client *conf_open(struct conf *conf, const char *label)
{
	struct conf_client *client = conf_client_slot(conf);
	char path[64];

	if (conf_version(conf) == CONF_DOWNSTREAM)
		snprintf(path, sizeof(path), "/dev/adsprpc-smd%s", *label ? "" : "-secure");
	else if (*label)
		snprintf(path, sizeof(path), "/dev/fastrpc-%s", label);
	else
		snprintf(path, sizeof(path), "/dev/fastrpc-%s-secure", conf_domain(conf));
	client->conf = conf;
	client->bank = 0;
	client->wide = false;
	client->file = conf_device(conf)->open(path);
	return client;
}

long conf_choose(struct conf_client *client, uint32_t channel)
{
	return conf_ioctl(client, FRPC_DN_IOCTL_GETINFO, &channel);
}

long conf_close(struct conf_client *client)
{
	long res = client->file < 0 ? -EBADF : conf_device(client->conf)->close(client->file);

	client->file = -EBADF;
	return res;
}

long conf_ioctl(struct conf_client *client, uint32_t cmd, void *arg)
{
	bool narrow = client->conf->narrow && !client->wide;

	if (client->file < 0)
		return -EBADF;
	if (narrow && conf_version(client->conf) == CONF_DOWNSTREAM)
		return conf_narrow_ioctl(client, cmd, arg);
	return conf_device(client->conf)->ioctl(client->file, cmd, (uintptr_t)arg, narrow);
}

long conf_raw_ioctl(struct conf_client *client, uint32_t cmd, void *arg)
{
	return client->file < 0
		       ? -EBADF
		       : conf_device(client->conf)
				 ->ioctl(client->file, cmd, (uintptr_t)arg, client->conf->narrow);
}

long conf_attach(struct conf_client *client)
{
	return conf_ioctl(client, FRPC_ML_IOCTL_INIT_ATTACH, NULL);
}

static long create_downstream(struct conf_client *client, const struct conf_buffer *shell,
			      uint32_t attrs)
{
	struct frpc_dn_init_attrs create = {
		.init = {.flags = FRPC_DN_INIT_CREATE,
			 .file = (uintptr_t)shell->bytes,
			 .filelen = (uint32_t)shell->len,
			 .filefd = shell->fd,
			 .memfd = -1},
		.attrs = (int32_t)attrs,
	};

	return conf_ioctl(client, FRPC_DN_IOCTL_INIT_ATTRS, &create);
}

long conf_create(struct conf_client *client, uint32_t len, uint32_t attrs)
{
	struct conf_buffer shell = conf_alloc(client, len);
	struct frpc_ml_init_create create = {
		.filelen = len,
		.filefd = shell.fd,
		.attrs = attrs,
		.file = (uintptr_t)shell.bytes,
	};

	if (!shell.bytes)
		return -ENOMEM;
	if (conf_version(client->conf) == CONF_DOWNSTREAM)
		return create_downstream(client, &shell, attrs);
	return conf_ioctl(client, FRPC_ML_IOCTL_INIT_CREATE, &create);
}

struct conf_client *conf_process(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	if (!conf_true(conf, client->file >= 0))
		return client;
	if (conf_version(conf) == CONF_DOWNSTREAM)
		conf_equal(conf, conf_choose(client, DOWNSTREAM_CDSP), 0);
	conf_equal(conf, conf_create(client, 4096, 0), 0);
	return client;
}

/* Maps @len bytes of the dma-buf @fd, which is the row's from now on. */
static struct conf_buffer adopt(struct conf *conf, int fd, size_t len)
{
	struct conf_buffer none = {.fd = -1}, *buffer;
	void *bytes;

	if (!conf_true(conf, fd >= 0))
		return none;
	bytes = conf_low_pages(conf, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	if (!conf_true(conf, bytes != MAP_FAILED)) {
		close(fd);
		return none;
	}
	buffer = conf_buffer_slot(conf);
	*buffer = (struct conf_buffer){fd, bytes, len};
	return *buffer;
}

struct conf_buffer conf_heap_alloc(struct conf *conf, size_t len)
{
	return adopt(conf, conf_device(conf)->dmabuf(len), len);
}

struct conf_buffer conf_alloc(struct conf_client *client, size_t len)
{
	/* Whole pages: the last one of another size could not be mapped (dma-buf's own check). */
	struct frpc_ml_alloc_dma_buf alloc = {.fd = -1, .size = (len + 4095) & ~(size_t)4095};

	if (conf_version(client->conf) == CONF_DOWNSTREAM)
		return conf_heap_alloc(client->conf, len);
	conf_equal(client->conf, conf_ioctl(client, FRPC_ML_IOCTL_ALLOC_DMA_BUFF, &alloc), 0);
	return adopt(client->conf, alloc.fd, len);
}

void conf_drop(struct conf *conf, struct conf_buffer *buffer)
{
	if (!buffer->bytes)
		return;
	conf_buffer_forget(conf, buffer);
	munmap(buffer->bytes, buffer->len);
	if (buffer->fd >= 0)
		close(buffer->fd);
	*buffer = (struct conf_buffer){.fd = -1};
}

static void *pages(struct conf *conf, size_t len, int prot)
{
	void *bytes = conf_low_pages(conf, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (!conf_true(conf, bytes != MAP_FAILED))
		return NULL;
	*conf_buffer_slot(conf) = (struct conf_buffer){-1, bytes, len};
	return bytes;
}

static void *special_page(struct conf *conf, int prot)
{
	return pages(conf, 65536, prot);
}

void *conf_room(struct conf *conf, size_t len)
{
	return pages(conf, (len + 4095) & ~(size_t)4095, PROT_READ | PROT_WRITE);
}

void *conf_at_the_end(struct conf *conf, const void *bytes, size_t len)
{
	unsigned char *room = conf_room(conf, 8192);

	if (!room)
		return NULL;
	mprotect(room + 4096, 4096, PROT_NONE);
	return memcpy(room + 4096 - len, bytes, len);
}

void *conf_no_page(struct conf *conf)
{
	return special_page(conf, PROT_NONE);
}

void *conf_read_only_page(struct conf *conf)
{
	return special_page(conf, PROT_READ);
}

void *conf_read_only_copy(struct conf *conf, const void *request, size_t len)
{
	void *page = special_page(conf, PROT_READ | PROT_WRITE);

	if (page) {
		memcpy(page, request, len);
		mprotect(page, 65536, PROT_READ);
	}
	return page;
}

/* Writes the call as the driver's command takes it. The command. */
static uint32_t pack(struct conf *conf, struct conf_packed *packed, uint32_t handle, uint32_t sc,
		     const struct conf_arg *args)
{
	bool downstream = conf_version(conf) == CONF_DOWNSTREAM;

	for (uint32_t i = 0; i < FRPC_SC_LENGTH(sc) && i < CONF_MAX_ARGS; i++) {
		packed->ml_args[i] = (struct frpc_ml_invoke_args){
			.ptr = (uintptr_t)args[i].ptr,
			.length = args[i].len,
			.fd = args[i].fd,
			.attr = args[i].attrs,
		};
		packed->dn_args[i] = (struct frpc_dn_arg){(uintptr_t)args[i].ptr, args[i].len};
		packed->fds[i] = args[i].fd;
	}
	if (downstream)
		packed->request.dn = (struct frpc_dn_invoke_fd){
			{handle, sc, (uintptr_t)packed->dn_args}, (uintptr_t)packed->fds};
	else
		packed->request.ml =
			(struct frpc_ml_invoke){handle, sc, (uintptr_t)packed->ml_args};
	return downstream ? FRPC_DN_IOCTL_INVOKE_FD : FRPC_ML_IOCTL_INVOKE;
}

long conf_invoke(struct conf_client *client, uint32_t handle, uint32_t sc,
		 const struct conf_arg *args)
{
	struct conf_packed packed;
	uint32_t cmd = pack(client->conf, &packed, handle, sc, args);

	return conf_ioctl(client, cmd, &packed.request);
}

long conf_call(struct conf_client *client, uint32_t method, uint32_t ins, uint32_t outs,
	       const struct conf_arg *args)
{
	return conf_invoke(client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(method, ins, outs), args);
}

static void *run_job(void *arg)
{
	struct conf_job *job = arg;

	atomic_store(&job->tid, (pid_t)syscall(SYS_gettid));
	job->result =
		job->cmd ? conf_ioctl(job->client, job->cmd, job->arg) : conf_close(job->client);
	atomic_store(&job->done, 1);
	return NULL;
}

void conf_start(struct conf_job *job, struct conf_client *client, uint32_t cmd, void *arg)
{
	pthread_attr_t attr;

	job->client = client;
	job->cmd = cmd;
	job->arg = arg;
	job->result = -ECHILD;
	atomic_store(&job->done, 0);
	atomic_store(&job->tid, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	if (pthread_create(&job->thread, &attr, run_job, job)) {
		conf_true(client->conf, false);
		atomic_store(&job->done, 2); /* nothing to join */
	}
	pthread_attr_destroy(&attr);
}

void conf_start_invoke(struct conf_job *job, struct conf_client *client, uint32_t handle,
		       uint32_t sc, const struct conf_arg *args)
{
	uint32_t cmd = pack(client->conf, &job->packed, handle, sc, args);

	conf_start(job, client, cmd, &job->packed.request);
}

static void nothing(int number)
{
	(void)number;
}

void conf_interrupt(struct conf_job *job)
{
	const struct sigaction action = {.sa_handler = nothing};
	const struct timespec pause = {.tv_nsec = 3000000};
	struct sigaction old;

	sigaction(SIGUSR1, &action, &old);
	/* Again and again: the wait may begin only after the first one. */
	while (!atomic_load(&job->done)) {
		pthread_kill(job->thread, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	sigaction(SIGUSR1, &old, NULL);
}

long conf_join(struct conf_job *job)
{
	if (atomic_load(&job->done) != 2)
		pthread_join(job->thread, NULL);
	return job->result;
}

long conf_join_timed_out(struct conf_job *job)
{
	const struct timespec pause = {.tv_nsec = 2000000};

	/* Again and again: the wait may begin only after the first turn. */
	while (conf_device(job->client->conf)->advance && !atomic_load(&job->done)) {
		conf_device(job->client->conf)->advance(UINT64_C(10000000001));
		nanosleep(&pause, NULL);
	}
	return conf_join(job);
}
