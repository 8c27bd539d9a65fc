/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A framework with FastRPC code of its own: it opens the nodes and a dma-buf heap itself, knows no
 * library, and declares what it needs of both drivers' interfaces. usage: node_app mainline|downstream
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL_SIZE	4096u
#define UNSIGNED	8u /* what the plain node of the mainline driver asks for */
#define CURRENT_PROCESS 4u
#define GET_ASID	0x05000100u /* method 5, one output */

struct heap_alloc {
	uint64_t length;
	uint32_t fd, fd_flags;
	uint64_t heap_flags;
};

struct call {
	uint32_t handle, scalars;
	uint64_t arguments;
};

struct ml_argument {
	uint64_t address, length;
	int32_t fd;
	uint32_t attributes;
};

struct ml_create {
	uint32_t length;
	int32_t fd;
	uint32_t attributes, signature;
	uint64_t shell;
};

struct dn_argument {
	void *address;
	size_t length;
};

/* The older interface has addresses as wide as its client's. */
struct dn_call {
	uint32_t handle, scalars;
	struct dn_argument *arguments;
};

struct dn_create {
	uint32_t flags;
	uintptr_t shell;
	uint32_t length;
	int32_t fd;
	uintptr_t memory;
	uint32_t memory_length;
	int32_t memory_fd;
};

#define HEAP_ALLOC   _IOWR('H', 0, struct heap_alloc)
#define BUFFER_SYNC  _IOW('b', 0, uint64_t)
#define MAIN_INVOKE  _IOWR('R', 3, struct call)
#define MAIN_CREATE  _IOWR('R', 5, struct ml_create)
#define DOWN_INVOKE  _IOWR('R', 1, struct dn_call)
#define DOWN_CREATE  _IOWR('R', 6, struct dn_create)
#define DOWN_GETINFO _IOWR('R', 8, uint32_t)

#define EXPECT(condition)                                                                   \
	do {                                                                                \
		if (!(condition)) {                                                         \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, \
				strerror(errno));                                           \
			return 1;                                                           \
		}                                                                           \
	} while (0)

static int mainline;
static const char *node;

/* A shell in a dma-buf. */
static int make_buffer(void **ret_bytes)
{
	struct heap_alloc alloc = {.length = SHELL_SIZE, .fd_flags = O_RDWR | O_CLOEXEC};
	int heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC);

	if (heap < 0 || ioctl(heap, HEAP_ALLOC, &alloc) || close(heap))
		return -1;
	*ret_bytes = mmap(NULL, SHELL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, (int)alloc.fd, 0);
	return *ret_bytes == MAP_FAILED ? -1 : (int)alloc.fd;
}

static int create(int file, void *shell, int fd)
{
	struct ml_create ml = {SHELL_SIZE, fd, UNSIGNED, 0, (uintptr_t)shell};
	struct dn_create dn = {1, (uintptr_t)shell, SHELL_SIZE, fd, 0, 0, -1};
	uint32_t domain = 3;

	if (mainline)
		return ioctl(file, MAIN_CREATE, &ml);
	return ioctl(file, DOWN_GETINFO, &domain) ? -1 : ioctl(file, DOWN_CREATE, &dn);
}

/* Which address space of the DSP is ours? */
static int ask_asid(int file, uint32_t *ret_asid)
{
	struct ml_argument ml = {(uintptr_t)ret_asid, sizeof(*ret_asid), -1, 0};
	struct dn_argument dn = {ret_asid, sizeof(*ret_asid)};
	struct call ml_call = {CURRENT_PROCESS, GET_ASID, (uintptr_t)&ml};
	struct dn_call dn_call = {CURRENT_PROCESS, GET_ASID, &dn};

	return mainline ? ioctl(file, MAIN_INVOKE, &ml_call) : ioctl(file, DOWN_INVOKE, &dn_call);
}

static int a_process_is_made_and_asked(void)
{
	uint32_t asids[2] = {0, 0};
	uint64_t sync = 1;
	int files[2];

	for (int i = 0; i < 2; i++) {
		void *shell;
		int fd = make_buffer(&shell);

		EXPECT(fd >= 0);
		EXPECT(!ioctl(fd, BUFFER_SYNC, &sync));
		files[i] = open(node, O_RDWR | O_NONBLOCK);
		EXPECT(files[i] >= 0);
		EXPECT(!create(files[i], shell, fd));
		EXPECT(!munmap(shell, SHELL_SIZE) && !close(fd));
		EXPECT(!ask_asid(files[i], &asids[i]));
	}
	EXPECT(asids[0] && asids[1] && asids[0] != asids[1]);
	EXPECT(!close(files[0]));
	EXPECT(!ask_asid(files[1], &asids[0]) && asids[0] == asids[1]);
	EXPECT(!close(files[1]));
	EXPECT(ask_asid(files[1], &asids[0]) == -1 && errno == EBADF);
	return 0;
}

static int a_descriptor_is_one_like_any_other(void)
{
	int file = openat(AT_FDCWD, node, O_RDWR | O_CLOEXEC), copies[3];
	struct pollfd ready = {.fd = file, .events = POLLIN | POLLOUT};
	void *shell;
	int fd = make_buffer(&shell);
	uint32_t asid;

	EXPECT(file >= 0 && fcntl(file, F_GETFD) == FD_CLOEXEC);
	EXPECT(poll(&ready, 1, 0) == 1 && ready.revents == (POLLIN | POLLOUT));
	EXPECT(mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0) == MAP_FAILED && errno == ENODEV);
	EXPECT(ioctl(file, _IO('R', 99)) == -1 && errno == ENOTTY);
	EXPECT(fd >= 0 && !create(file, shell, fd) && !ask_asid(file, &asid));
	/* A copy that cannot be made takes nothing's place. */
	EXPECT(dup2(1000, file) == -1 && errno == EBADF && !ask_asid(file, &asid));
	/* It is the same file under other numbers, until the last of them is closed. */
	copies[0] = dup(file);
	copies[1] = fcntl(file, F_DUPFD_CLOEXEC, 100);
	copies[2] = dup2(file, 200);
	EXPECT(copies[0] >= 0 && copies[1] >= 100 && copies[2] == 200);
	EXPECT(!close(file));
	for (int i = 0; i < 3; i++) {
		EXPECT(!ask_asid(copies[i], &asid));
		EXPECT(!close(copies[i]));
		EXPECT(ask_asid(copies[i], &asid) == -1 && errno == EBADF);
	}
	EXPECT(!close(fd));
	return 0;
}

static int only_what_the_machine_has_is_there(void)
{
	const char *missing = mainline ? "/dev/fastrpc-gdsp9" : "/dev/adsprpc-smd-thirdly";
	int file;

	EXPECT(!access(node, F_OK) && access(missing, F_OK) && errno == ENOENT);
	file = open(missing, O_RDWR);
	EXPECT(file == -1 && errno == ENOENT);
	file = open("/dev/zero", O_RDONLY);
	EXPECT(file >= 0 && !close(file));
	return 0;
}

static int a_forked_child_has_to_open_its_own(void)
{
	int file = open(node, O_RDWR), status;
	void *shell;
	int fd = make_buffer(&shell);
	uint32_t asid;
	pid_t child;

	EXPECT(file >= 0 && fd >= 0 && !create(file, shell, fd));
	child = fork();
	if (!child) {
		int own = open(node, O_RDWR);

		if (ask_asid(file, &asid) != -1 || errno != ENODEV || own < 0)
			_exit(1);
		close(file);
		_exit(create(own, shell, fd) || ask_asid(own, &asid) ? 2 : 0);
	}
	EXPECT(waitpid(child, &status, 0) == child && !status);
	EXPECT(!ask_asid(file, &asid) && !close(file));
	EXPECT(!munmap(shell, SHELL_SIZE) && !close(fd));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} tests[] = {
	{"a process is made and asked", a_process_is_made_and_asked},
	{"a descriptor is one like any other", a_descriptor_is_one_like_any_other},
	{"only what the machine has is there", only_what_the_machine_has_is_there},
	{"a forked child has to open its own", a_forked_child_has_to_open_its_own},
};

int main(int argc, char **argv)
{
	int failed = 0;

	mainline = argc > 1 && !strcmp(argv[1], "mainline");
	node = mainline ? "/dev/fastrpc-cdsp" : "/dev/adsprpc-smd";
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		int where = tests[i].run();

		printf("%s - %s\n", where ? "not ok" : "ok", tests[i].name);
		failed += where != 0;
	}
	return failed;
}
