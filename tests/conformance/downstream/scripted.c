/* SPDX-License-Identifier: BSD-3-Clause */
#include "scripted.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "support/leaks.h"
#include "support/low_mem.h"

static struct resources before;

static struct frpc_task this_task(bool compat)
{
	return (struct frpc_task){
		.tgid = getpid(), .tid = (pid_t)syscall(SYS_gettid), .compat = compat};
}

/* ---- the DSP ---- */

static void answer_capabilities(struct scripted *dsp, const struct frpc_smq_msg *message)
{
	union frpc_smq_arg arg;
	struct frpc_smq_page page;

	scripted_read(dsp, message->page_addr + sizeof(arg), &arg, sizeof(arg));
	scripted_read(dsp, message->page_addr + FRPC_SMQ_PAGES_AT(2) + sizeof(page), &page,
		      sizeof(page));
	scripted_write(dsp, page.addr + (arg.buf.pv & 4095), dsp->attributes + 1,
		       255 * sizeof(uint32_t));
}

static int receive(void *context, const void *bytes, size_t len)
{
	struct scripted_end *end = context;
	struct scripted *dsp = end->dsp;
	struct frpc_smq_msg message;
	bool own;

	pthread_mutex_lock(&dsp->lock);
	if (len == 8 && dsp->signal_count < 16)
		memcpy(&dsp->signals[dsp->signal_count++], bytes, 8);
	pthread_cond_broadcast(&dsp->changed);
	pthread_mutex_unlock(&dsp->lock);
	if (len != sizeof(message))
		return 0;
	memcpy(&message, bytes, sizeof(message));
	own = message.handle == FRPC_HANDLE_PROCESS_GROUP ||
	      message.handle == FRPC_HANDLE_DSP_UTILITIES;
	if (dsp->script && dsp->script(dsp, &message))
		return 0;
	pthread_mutex_lock(&dsp->lock);
	if (own) {
		dsp->last_own = message;
		dsp->own_count++;
	}
	if ((!own || dsp->hold_all) && dsp->count < SCRIPTED_RECORDS)
		dsp->messages[dsp->count++] = message;
	pthread_cond_broadcast(&dsp->changed);
	pthread_mutex_unlock(&dsp->lock);
	if (!own || dsp->hold_all)
		return 0;
	if (message.handle == FRPC_HANDLE_DSP_UTILITIES && message.sc == FRPC_SC_CAPABILITIES)
		answer_capabilities(dsp, &message);
	return scripted_answer(dsp, message.ctx, 0);
}

/* Addresses carry their bank, and the banks of the domains differ. */
static uint32_t domain_of(uint64_t address)
{
	return address >> 32 > 7 ? ADSP : CDSP;
}

static void access_memory(struct scripted *dsp, uint64_t address, void *bytes, size_t len,
			  bool write)
{
	struct emu_memory *memory =
		emu_driver_memory(dsp->driver, EMU_DOWNSTREAM, domain_of(address));
	struct emu_backing backing;
	unsigned char *mapped;
	size_t skip;

	assert_int_equal(emu_memory_resolve(memory, address, len, true, &backing), 0);
	skip = backing.offset & 4095;
	mapped = mmap(NULL, len + skip, PROT_READ | PROT_WRITE, MAP_SHARED, backing.fd,
		      (off_t)(backing.offset - skip));
	assert_ptr_not_equal(mapped, MAP_FAILED);
	memcpy(write ? mapped + skip : bytes, write ? bytes : mapped + skip, len);
	munmap(mapped, len + skip);
	close(backing.fd);
}

void scripted_write(struct scripted *dsp, uint64_t address, const void *bytes, size_t len)
{
	access_memory(dsp, address, (void *)(uintptr_t)bytes, len, true);
}

void scripted_read(struct scripted *dsp, uint64_t address, void *bytes, size_t len)
{
	access_memory(dsp, address, bytes, len, false);
}

int scripted_send(struct scripted *dsp, uint32_t domain, const void *bytes, size_t len)
{
	return emu_end_send(dsp->ends[domain == ADSP].end, bytes, len);
}

/* Contexts say nothing of their domain: the one that knows it takes it. */
static int send_to_either(struct scripted *dsp, const void *bytes, size_t len)
{
	int res = scripted_send(dsp, CDSP, bytes, len);

	return res == -ENOENT ? scripted_send(dsp, ADSP, bytes, len) : res;
}

int scripted_answer(struct scripted *dsp, uint64_t ctx, int32_t retval)
{
	const struct frpc_smq_rsp rsp = {.ctx = ctx, .retval = retval};

	return send_to_either(dsp, &rsp, sizeof(rsp));
}

int scripted_answer_flags(struct scripted *dsp, uint64_t ctx, int32_t retval, uint32_t flags)
{
	const struct frpc_smq_rsp_v2 rsp = {
		.ctx = ctx, .retval = retval, .flags = flags, .version = FRPC_SMQ_RSP_VERSION};

	return send_to_either(dsp, &rsp, sizeof(rsp));
}

int scripted_notify(struct scripted *dsp, uint32_t client, uint32_t status)
{
	const struct frpc_smq_notif notif = {.ctx = FRPC_SMQ_NOTIF_CTX,
					     .type = FRPC_SMQ_NOTIF_TYPE,
					     .pid = client,
					     .status = status};

	return scripted_send(dsp, CDSP, &notif, sizeof(notif));
}

int scripted_signal(struct scripted *dsp, uint32_t domain, uint32_t client, uint32_t id)
{
	const uint64_t message = (uint64_t)client << 32 | id;

	return scripted_send(dsp, domain, &message, sizeof(message));
}

struct frpc_smq_msg scripted_await(struct scripted *dsp, uint32_t count)
{
	struct frpc_smq_msg message;

	pthread_mutex_lock(&dsp->lock);
	while (dsp->count < count)
		pthread_cond_wait(&dsp->changed, &dsp->lock);
	message = dsp->messages[count - 1];
	pthread_mutex_unlock(&dsp->lock);
	return message;
}

uint32_t scripted_count(struct scripted *dsp)
{
	uint32_t count;

	pthread_mutex_lock(&dsp->lock);
	count = dsp->count;
	pthread_mutex_unlock(&dsp->lock);
	return count;
}

/* ---- the machine ---- */

static void *return_at_once(void *arg)
{
	return arg;
}

int scripted_setup(void **state)
{
	struct emu_driver_config *config = calloc(1, sizeof(*config));
	struct scripted *dsp = calloc(1, sizeof(*dsp));
	pthread_t first;

	/* With its first thread a sanitizer may start one of its own. */
	assert_int_equal(pthread_create(&first, NULL, return_at_once, NULL), 0);
	pthread_join(first, NULL);
	before = resources_now();
	assert_non_null(config);
	assert_non_null(dsp);
	pthread_mutex_init(&dsp->lock, NULL);
	pthread_cond_init(&dsp->changed, NULL);
	dsp->attributes[9] = 1;
	assert_int_equal(emu_clock_new(&dsp->clock), 0);
	config->clock = dsp->clock;
	config->stats = &dsp->stats;
	for (uint32_t i = 0; i < 2; i++) {
		struct scripted_end *end = &dsp->ends[i];
		struct emu_channel_config *channel =
			&config->channels[EMU_DOWNSTREAM][i ? ADSP : CDSP];

		end->dsp = dsp;
		end->domain = i ? ADSP : CDSP;
		assert_int_equal(emu_rpmsg_new(&end->driver, &end->end), 0);
		channel->present = true;
		channel->secure = i == 1;
		channel->unsigned_ok = i == 0;
		channel->end = end->driver;
		channel->bank_count = i ? 7 : 7;
		for (uint32_t bank = 0; bank < channel->bank_count; bank++)
			channel->banks[bank].id = bank + 1 + i * 7;
	}
	assert_int_equal(emu_driver_new(config, &dsp->driver), 0);
	for (uint32_t i = 0; i < 2; i++)
		emu_end_connect(dsp->ends[i].end, receive, &dsp->ends[i]);
	free(config);
	*state = dsp;
	return 0;
}

static void assert_nothing_left(struct scripted *dsp)
{
	struct emu_driver_state state;

	emu_driver_get_state(dsp->driver, &state);
	assert_int_equal(state.files, 0);
	assert_int_equal(state.calls, 0);
	assert_int_equal(state.done_jobs, 0);
	assert_int_equal(state.notifications, 0);
	assert_int_equal(state.signals, 0);
	assert_int_equal(state.maps, 0);
}

int scripted_teardown(void **state)
{
	struct scripted *dsp = *state;

	assert_nothing_left(dsp);
	for (uint32_t i = 0; i < 2; i++)
		emu_end_connect(dsp->ends[i].end, NULL, NULL);
	emu_driver_free(dsp->driver);
	for (uint32_t i = 0; i < 2; i++) {
		emu_end_free(dsp->ends[i].driver);
		emu_end_free(dsp->ends[i].end);
	}
	emu_clock_free(dsp->clock);
	pthread_cond_destroy(&dsp->changed);
	pthread_mutex_destroy(&dsp->lock);
	free(dsp);
	assert_resources_are_back(&before);
	return 0;
}

int scripted_open(struct scripted *dsp, uint32_t domain)
{
	struct frpc_task task = this_task(false);
	int file = emu_driver_open(dsp->driver, &task, "/dev/adsprpc-smd-secure", O_RDONLY);

	assert_true(file >= 0);
	if (domain != UINT32_MAX)
		assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GETINFO, &domain), 0);
	return file;
}

int scripted_create(struct scripted *dsp, uint32_t domain)
{
	struct frpc_dn_init init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1, .memfd = -1};
	int file = scripted_open(dsp, domain);

	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INIT, &init), 0);
	return file;
}

void scripted_close(struct scripted *dsp, int file)
{
	struct frpc_task task = this_task(false);

	assert_int_equal(emu_driver_close(dsp->driver, &task, file), 0);
}

long scripted_ioctl(struct scripted *dsp, int file, uint32_t cmd, void *arg)
{
	struct frpc_task task = this_task(false);

	return emu_driver_ioctl(dsp->driver, &task, file, cmd, (uintptr_t)arg);
}

long scripted_ioctl32(struct scripted *dsp, int file, uint32_t cmd, void *arg)
{
	struct frpc_task task = this_task(true);

	return emu_driver_ioctl(dsp->driver, &task, file, cmd, (uintptr_t)arg);
}

void *scripted_low_page(void)
{
	/* What lies behind it is nobody's: else that may be a page of somebody else's. */
	unsigned char *page = mmap_low(2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	assert_ptr_not_equal(page, MAP_FAILED);
	assert_true((uint64_t)(uintptr_t)page <= UINT32_MAX);
	assert_int_equal(mprotect(page, 4096, PROT_READ | PROT_WRITE), 0);
	return page;
}

void scripted_free_low_page(void *page)
{
	munmap(page, 2 * 4096);
}

void scripted_restart_step(struct scripted *dsp, enum emu_restart_step step)
{
	if (step == EMU_RESTART_POWERUP_ENDS)
		emu_rpmsg_set_up(dsp->ends[0].end, true);
	emu_driver_restart(dsp->driver, EMU_DOWNSTREAM, CDSP, step);
	if (step == EMU_RESTART_SHUTDOWN_BEGINS)
		emu_rpmsg_set_up(dsp->ends[0].end, false);
}

void scripted_restart(struct scripted *dsp)
{
	for (int step = EMU_RESTART_SHUTDOWN_BEGINS; step <= EMU_RESTART_POWERUP_ENDS; step++)
		scripted_restart_step(dsp, (enum emu_restart_step)step);
}

void scripted_query(struct scripted *dsp, int file)
{
	struct frpc_dn_capability capability = {.domain = CDSP, .attribute_id = 9};

	assert_int_equal(scripted_ioctl(dsp, file, FRPC_DN_IOCTL_GET_DSP_INFO, &capability), 0);
	assert_int_equal(capability.capability, dsp->attributes[9]);
}

/* ---- threads ---- */

static void *run_pending(void *arg)
{
	struct pending *pending = arg;

	pending->tid = (pid_t)syscall(SYS_gettid);
	pending->result =
		pending->compat
			? scripted_ioctl32(pending->dsp, pending->file, pending->cmd, pending->arg)
			: scripted_ioctl(pending->dsp, pending->file, pending->cmd, pending->arg);
	pending->returned = true;
	return NULL;
}

void pending_start(struct pending *pending, struct scripted *dsp, int file, uint32_t cmd, void *arg)
{
	pending->dsp = dsp;
	pending->file = file;
	pending->cmd = cmd;
	pending->arg = arg;
	pending->returned = false;
	pending->tid = 0;
	assert_int_equal(pthread_create(&pending->thread, NULL, run_pending, pending), 0);
}

void pending_call(struct pending *pending, struct scripted *dsp, int file, uint32_t handle,
		  uint32_t sc)
{
	pending->room.invoke = (struct frpc_dn_invoke){.handle = handle, .sc = sc};
	pending->compat = false;
	pending_start(pending, dsp, file, FRPC_DN_IOCTL_INVOKE, &pending->room.invoke);
}

long pending_join(struct pending *pending)
{
	assert_int_equal(pthread_join(pending->thread, NULL), 0);
	return pending->result;
}

long pending_interrupt(struct pending *pending, int signal)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	while (!pending->returned) {
		assert_int_equal(pthread_kill(pending->thread, signal), 0);
		nanosleep(&pause, NULL);
	}
	return pending_join(pending);
}

long scripted_call(struct scripted *dsp, int file, uint32_t handle, uint32_t sc)
{
	struct frpc_dn_invoke invoke = {.handle = handle, .sc = sc};

	return scripted_ioctl(dsp, file, FRPC_DN_IOCTL_INVOKE, &invoke);
}

static void do_nothing(int signal)
{
	(void)signal;
}

void handle_signal(int signal, bool restart)
{
	struct sigaction action = {.sa_handler = do_nothing, .sa_flags = restart ? SA_RESTART : 0};

	assert_int_equal(sigaction(signal, &action, NULL), 0);
}
