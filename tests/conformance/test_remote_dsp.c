/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The DSP model in another process than the driver model: all that joins them is a socket with SMQ
 * messages and another one that stands for the memory seam.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "emulator/dsp/subsystem.h"
#include "emulator/kernel/driver.h"
#include "support/raw_server.h"
#include "support/testmod.h"

#define FILE_NAME "served-to-another-process"
#define NAME	  "file:///" FILE_NAME "?testmod_skel_handle_invoke&_modver=1.0"

struct question {
	uint64_t address, length;
	bool want_fd;
};

struct answer {
	int res;
	struct emu_backing backing;
};

/* ---- in the DSP's process: memory is what the other side says ---- */

struct far_memory {
	struct emu_memory memory;
	pthread_mutex_t lock;
	int socket;
};

static int receive_answer(int socket, struct answer *answer)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {answer, sizeof(*answer)};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *part;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof(*answer))
		return -EFAULT;
	answer->backing.fd = -1;
	part = CMSG_FIRSTHDR(&message);
	if (part && part->cmsg_type == SCM_RIGHTS)
		memcpy(&answer->backing.fd, CMSG_DATA(part), sizeof(int));
	return answer->res;
}

static int far_resolve(struct emu_memory *memory, uint64_t address, uint64_t length, bool want_fd,
		       struct emu_backing *ret_backing)
{
	struct far_memory *far = (struct far_memory *)memory;
	const struct question question = {address, length, want_fd};
	struct answer answer;
	int res = -EFAULT;

	pthread_mutex_lock(&far->lock);
	if (send(far->socket, &question, sizeof(question), MSG_NOSIGNAL) == sizeof(question))
		res = receive_answer(far->socket, &answer);
	pthread_mutex_unlock(&far->lock);
	if (!res)
		*ret_backing = answer.backing;
	return res;
}

static const struct emu_memory_ops far_ops = {.resolve = far_resolve};

static int run_dsp(int link, int memory, int ending_fd)
{
	const struct emu_subsystem_config config = {
		.domain = 3, .name = "cdsp", .attributes = {[6] = 0x68}};
	struct far_memory far = {.memory = {&far_ops}, .socket = memory};
	struct emu_subsystem *subsystem;
	struct emu_end *end;
	char end_byte;

	pthread_mutex_init(&far.lock, NULL);
	if (emu_socket_end_new(link, &end) ||
	    emu_subsystem_new(&config, end, &far.memory, NULL, &subsystem))
		return 1;
	while (read(ending_fd, &end_byte, 1) < 0 && errno == EINTR)
		;
	emu_subsystem_free(subsystem);
	emu_end_free(end);
	return 0;
}

/* ---- in the driver's process ---- */

struct keeper {
	struct emu_memory *memory;
	int socket;
};

static void send_answer(int socket, struct answer *answer)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {answer, sizeof(*answer)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	int fd = answer->backing.fd;

	if (!answer->res && fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	sendmsg(socket, &message, MSG_NOSIGNAL);
	if (!answer->res && fd >= 0)
		close(fd);
}

static void *keep_memory(void *arg)
{
	const struct keeper *keeper = arg;
	struct question question;

	while (recv(keeper->socket, &question, sizeof(question), 0) == sizeof(question)) {
		struct answer answer = {.backing = {.fd = -1}};

		answer.res = emu_memory_resolve(keeper->memory, question.address, question.length,
						question.want_fd, &answer.backing);
		send_answer(keeper->socket, &answer);
	}
	return NULL;
}

static long driver_ioctl(void *context, int file, uint32_t cmd, uintptr_t arg)
{
	struct frpc_task task = {.tgid = getpid(), .tid = (pid_t)syscall(SYS_gettid)};

	return emu_driver_ioctl(context, &task, file, cmd, arg);
}

static void use_module(const struct raw_client *client)
{
	unsigned char *shared;
	struct raw_server server;
	uint32_t handle, count = 4;
	int32_t vector[4] = {10, 20, 30, -18};
	int64_t sum = 0;
	int fd;

	assert_int_equal(raw_server_load(&server, client, FILE_NAME), 0);
	assert_int_equal(raw_server_start(&server), 0);
	assert_int_equal(raw_module_open(client, NAME, &handle), 0);
	assert_int_equal(raw_invoke(client, handle, FRPC_SC_MAKE(TESTMOD_SUM, 2, 1),
				    (struct raw_arg[]){
					    raw_plain(&count, 4),
					    raw_plain(vector, sizeof(vector)),
					    raw_plain(&sum, sizeof(sum)),
				    }),
			 0);
	assert_int_equal(sum, 42);
	/* A buffer in place: the other process writes into memory that this one sees. */
	fd = memfd_create("shared", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 65536), 0);
	shared = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	shared[0] = 99;
	assert_int_equal(raw_invoke(client, handle, FRPC_SC_MAKE(TESTMOD_TOUCH, 0, 1),
				    (struct raw_arg[]){{shared, 65536, fd}}),
			 0);
	assert_int_equal(shared[65535], 99);
	munmap(shared, 65536);
	close(fd);
	assert_int_equal(raw_module_close(client, handle), 0);
	assert_int_equal(raw_invoke(client, 4, 0x02000000, NULL), 0);
	assert_int_equal(raw_server_join(&server), (int)0x8000040d);
	assert_null(server.problem);
}

static int link_sockets[2], memory_sockets[2], ending[2];

static void drive(enum emu_dialect dialect, struct emu_driver_config *config, struct emu_end *end)
{
	struct frpc_task task = {.tgid = getpid(), .tid = getpid()};
	struct emu_channel_config *channel = &config->channels[dialect][3];
	struct raw_client client = {.ioctl = driver_ioctl, .mainline = dialect == EMU_MAINLINE};
	uint32_t cdsp = 3;
	struct emu_driver *driver;
	struct keeper keeper;
	pthread_t thread;

	*channel = (struct emu_channel_config){
		.present = true, .unsigned_ok = true, .end = end, .bank_count = 2};
	channel->banks[0].id = 1;
	channel->banks[1].id = 2;
	assert_int_equal(emu_driver_new(config, &driver), 0);
	keeper = (struct keeper){emu_driver_memory(driver, dialect, 3), memory_sockets[0]};
	assert_int_equal(pthread_create(&thread, NULL, keep_memory, &keeper), 0);
	client.context = driver;
	client.file =
		emu_driver_open(driver, &task,
				client.mainline ? "/dev/fastrpc-cdsp" : "/dev/adsprpc-smd-secure",
				O_RDONLY);
	assert_true(client.file >= 0);
	if (!client.mainline)
		assert_int_equal(raw_ioctl(&client, FRPC_DN_IOCTL_GETINFO, &cdsp), 0);
	assert_int_equal(raw_create(&client), 0);
	use_module(&client);
	assert_int_equal(emu_driver_close(driver, &task, client.file), 0);
	emu_driver_free(driver);
	shutdown(memory_sockets[0], SHUT_RDWR);
	pthread_join(thread, NULL);
	channel->present = false;
}

/* The DSP's process is made before there is any thread. */
static void run_both(enum emu_dialect dialect)
{
	static struct emu_driver_config config;
	static struct emu_stats stats;
	struct emu_end *end;
	int status = -1;
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link_sockets), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, memory_sockets), 0);
	assert_int_equal(pipe(ending), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		close(link_sockets[0]);
		close(memory_sockets[0]);
		close(ending[1]);
		_exit(run_dsp(link_sockets[1], memory_sockets[1], ending[0]));
	}
	close(link_sockets[1]);
	close(memory_sockets[1]);
	close(ending[0]);
	assert_int_equal(emu_clock_new(&config.clock), 0);
	config.stats = &stats;
	assert_int_equal(emu_socket_end_new(link_sockets[0], &end), 0);
	drive(dialect, &config, end);
	emu_end_free(end);
	emu_clock_free(config.clock);
	close(ending[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	close(memory_sockets[0]);
}

static void a_dsp_in_another_process_serves_the_mainline_driver(void **state)
{
	(void)state;
	run_both(EMU_MAINLINE);
}

static void a_dsp_in_another_process_serves_the_downstream_driver(void **state)
{
	(void)state;
	run_both(EMU_DOWNSTREAM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dsp_in_another_process_serves_the_mainline_driver),
		cmocka_unit_test(a_dsp_in_another_process_serves_the_downstream_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
