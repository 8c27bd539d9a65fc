/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the driver does when the kernel's allocations and copies fail: each operation is done again
 * and again, its first failing, then its second, until it passes unharmed (the kernel's fault
 * injection, /proc/self/fail-nth). Whatever fails must be told as an error or make no difference,
 * and the driver must serve the next process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/smq.h>

#define NODE "/dev/fastrpc-cdsp-secure"
/* A DSP that nobody else uses, of those with two nodes. */
#define OTHER "cdsp1"
#define BOARD "frpc-rig-" OTHER
#define LEN   16384u
/* More than any operation has; a kernel that never gets there would not end. */
#define MOST_FAULTS 2000

struct process {
	int file, shell, buffer;
	unsigned char *bytes; /* the buffer's, NULL: none */
};

static int nth = -1; /* the file by which a failure is ordered */
static int spared;   /* the failure that would end the kernel, 0: none */

static void arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	if (pwrite(nth, text, (size_t)len, 0) != len && n)
		perror("# fail-nth");
}

/* True: what was ordered has failed. */
static bool disarm(void)
{
	char text[16] = "";
	bool fired = pread(nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text);

	arm(0);
	return fired;
}

/* How many places, armed with more than there are, have been passed. */
static int passed(void)
{
	char text[16] = "";

	return pread(nth, text, sizeof(text) - 1, 0) > 0 ? MOST_FAULTS - atoi(text) : 0;
}

/* ---- what a process is made of ---- */

static int alloc(int file)
{
	struct frpc_ml_alloc_dma_buf request = {.fd = -1, .size = LEN};

	return ioctl(file, FRPC_ML_IOCTL_ALLOC_DMA_BUFF, &request) ? -errno : request.fd;
}

static int create(struct process *process)
{
	struct frpc_ml_init_create request = {.filelen = 4096, .filefd = process->shell};

	return ioctl(process->file, FRPC_ML_IOCTL_INIT_CREATE, &request);
}

/* As far as it succeeds. @bare: a file and its buffers, no process on the DSP. */
static void set_up(struct process *process, bool bare)
{
	*process = (struct process){.shell = -1, .buffer = -1};
	process->file = open(NODE, O_RDONLY | O_CLOEXEC);
	process->shell = alloc(process->file);
	process->buffer = alloc(process->file);
	if (!bare && create(process))
		printf("# no process: %s\n", strerror(errno));
	process->bytes = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, process->buffer, 0);
	if (process->bytes == MAP_FAILED)
		process->bytes = NULL;
}

static void tear_down(struct process *process)
{
	if (process->bytes)
		munmap(process->bytes, LEN);
	if (process->buffer >= 0)
		close(process->buffer);
	if (process->shell >= 0)
		close(process->shell);
	if (process->file >= 0)
		close(process->file);
}

/* ---- the operations: 0, or what ioctl() said ---- */

static int open_and_close(struct process *process)
{
	int file = open(NODE, O_RDONLY | O_CLOEXEC);

	(void)process;
	return file < 0 ? file : close(file);
}

static int attach(struct process *process)
{
	return ioctl(process->file, FRPC_ML_IOCTL_INIT_ATTACH, NULL);
}

static int create_static(struct process *process)
{
	static char name[] = "audiopd";
	struct frpc_ml_init_create_static request = {
		.namelen = sizeof(name), .memlen = 65536, .name = (uintptr_t)name};

	return ioctl(process->file, FRPC_ML_IOCTL_INIT_CREATE_STATIC, &request);
}

static int alloc_and_close(struct process *process)
{
	int fd = alloc(process->file);

	return fd < 0 ? -1 : close(fd);
}

/* remotectl's open of a name that nobody has: the answer is one, whatever it says. */
static int invoke_with(struct process *process, int fd)
{
	struct {
		uint32_t name_len, text_len;
	} in = {5, 64};
	struct {
		uint32_t handle;
		int32_t error;
	} out = {0, 0};
	char text[64];
	unsigned char *name = fd < 0 ? (unsigned char *)"none" : process->bytes;
	struct frpc_ml_invoke_args args[4] = {
		{(uintptr_t)&in, sizeof(in), -1, 0},
		{(uintptr_t)name, 5, fd, 0},
		{(uintptr_t)&out, sizeof(out), -1, 0},
		{(uintptr_t)text, sizeof(text), -1, 0},
	};
	struct frpc_ml_invoke request = {FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKE(0, 2, 2),
					 (uintptr_t)args};

	if (fd >= 0)
		memcpy(process->bytes, "none", 5);
	return ioctl(process->file, FRPC_ML_IOCTL_INVOKE, &request);
}

static int invoke(struct process *process)
{
	return invoke_with(process, -1);
}

static int invoke_in_place(struct process *process)
{
	return process->bytes ? invoke_with(process, process->buffer) : -1;
}

static int invoke_with_handle(struct process *process)
{
	struct frpc_ml_invoke_args arg = {0, LEN, process->buffer, 0};
	/* No method 30 of remotectl: a refusal, after the handle was mapped. */
	struct frpc_ml_invoke request = {FRPC_HANDLE_REMOTECTL, FRPC_SC_MAKEX(30, 0, 0, 1, 0),
					 (uintptr_t)&arg};
	int res = ioctl(process->file, FRPC_ML_IOCTL_INVOKE, &request);

	return res == -1 ? res : 0;
}

static int map_and_unmap(struct process *process, uint32_t flags)
{
	struct frpc_ml_req_mmap map = {.fd = -1, .flags = flags, .size = 8192};
	struct frpc_ml_req_munmap unmap = {.size = 8192};
	int res = ioctl(process->file, FRPC_ML_IOCTL_MMAP, &map);

	/*
	 * MMAP's last step tells the address. When that fails, the driver frees the memory and keeps it
	 * in its list: whatever walks the list next, close() at the latest, ends the kernel.
	 */
	if (!spared)
		spared = passed();
	if (res)
		return res;
	unmap.vaddrout = map.vaddrout;
	return ioctl(process->file, FRPC_ML_IOCTL_MUNMAP, &unmap);
}

static int map_pages(struct process *process)
{
	return map_and_unmap(process, FRPC_ML_MMAP_ADD_PAGES);
}

static int map_heap(struct process *process)
{
	return map_and_unmap(process, FRPC_ML_MMAP_REMOTE_HEAP);
}

static int announce_and_withdraw(struct process *process)
{
	struct frpc_ml_mem_map map = {.fd = process->buffer, .length = LEN};
	struct frpc_ml_mem_unmap unmap = {.fd = process->buffer, .length = LEN};
	int res = ioctl(process->file, FRPC_ML_IOCTL_MEM_MAP, &map);

	if (res)
		return res;
	unmap.vaddr = map.vaddrout;
	return ioctl(process->file, FRPC_ML_IOCTL_MEM_UNMAP, &unmap);
}

static int write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), res;

	if (fd < 0)
		return -1;
	res = write(fd, word, strlen(word)) < 0 ? -1 : 0;
	close(fd);
	return res;
}

static int bind_board(void)
{
	return write_word("/sys/bus/platform/drivers/frpc-rig/bind", BOARD);
}

static void unbind_board(void)
{
	write_word("/sys/bus/platform/drivers/frpc-rig/unbind", BOARD);
}

/* A restart: the driver's probe meets the failures. */
static int restart(struct process *process)
{
	(void)process;
	return bind_board();
}

/* A channel that has not asked its DSP yet. */
static void renew_board(void)
{
	unbind_board();
	bind_board();
}

static int ask_capability(struct process *process)
{
	struct frpc_ml_capability request = {.domain = 4, .attribute_id = 6};
	int file = open("/dev/fastrpc-" OTHER "-secure", O_RDONLY | O_CLOEXEC), res;

	(void)process;
	if (file < 0)
		return -1;
	res = ioctl(file, FRPC_ML_IOCTL_GET_DSP_INFO, &request);
	close(file);
	return res;
}

/* ---- doing them ---- */

static const struct operation {
	const char *name;
	int (*run)(struct process *process);
	void (*before)(void);
	bool bare;
} operations[] = {
	{"open and close", open_and_close, NULL, true},
	{"ATTACH", attach, NULL, true},
	{"CREATE", create, NULL, true},
	{"CREATE_STATIC", create_static, NULL, true},
	{"ALLOC_DMA_BUFF", alloc_and_close, NULL, true},
	{"INVOKE", invoke, NULL, false},
	{"INVOKE with a dma-buf", invoke_in_place, NULL, false},
	{"INVOKE with a handle", invoke_with_handle, NULL, false},
	{"MMAP and MUNMAP", map_pages, NULL, false},
	{"MMAP of the remote heap", map_heap, NULL, false},
	{"MEM_MAP and MEM_UNMAP", announce_and_withdraw, NULL, false},
	{"the driver's probe", restart, unbind_board, true},
	{"GET_DSP_INFO", ask_capability, renew_board, true},
};
#define OPERATIONS (sizeof(operations) / sizeof(*operations))

/* The operation once, its @n-th step failing. False: it has fewer. */
static bool run_once(const struct operation *operation, int n, bool *ret_good)
{
	struct process process;
	bool fired;
	int res;

	set_up(&process, operation->bare);
	if (operation->before)
		operation->before();
	errno = 0;
	arm(n);
	res = operation->run(&process);
	fired = disarm();
	if (res && !fired) {
		printf("# %s fails without a reason: %d, %s\n", operation->name, res,
		       strerror(errno));
		*ret_good = false;
	}
	tear_down(&process);
	return fired;
}

static bool run(const struct operation *operation, int *ret_places)
{
	struct process process;
	bool good = true;
	int n = 1;

	/* Unharmed, first. */
	spared = 0;
	run_once(operation, MOST_FAULTS, &good);
	while (n < MOST_FAULTS && good && (n == spared || run_once(operation, n, &good)))
		n++;
	*ret_places = n - 1 - !!spared;
	set_up(&process, false);
	if (invoke(&process)) {
		printf("# afterwards a call fails: %s\n", strerror(errno));
		good = false;
	}
	tear_down(&process);
	return good;
}

/* Failures that may sleep, too; none of the stack traces. */
static void open_knobs(void)
{
	static const char *const knobs[][2] = {
		{"failslab/ignore-gfp-wait", "N"},
		{"failslab/verbose", "0"},
		{"fail_page_alloc/ignore-gfp-wait", "N"},
		{"fail_page_alloc/verbose", "0"},
		{"fail_page_alloc/ignore-gfp-highmem", "N"},
		{"fail_page_alloc/min-order", "0"},
		{"fail_usercopy/verbose", "0"},
	};
	char path[96];

	for (size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s", knobs[i][0]);
		if (write_word(path, knobs[i][1]))
			printf("# %s: %s\n", path, strerror(errno));
	}
	nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	bool all_good = true;

	open_knobs();
	if (nth < 0) {
		printf("1..0 # SKIP this kernel injects no faults\n");
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < OPERATIONS; i++) {
		int places = 0;
		bool good;

		if (argc > 1 && !strstr(operations[i].name, argv[1]))
			continue;
		good = run(&operations[i], &places);
		all_good &= good;
		printf("%s %zu - %s fails well in %d places\n", good ? "ok" : "not ok", i + 1,
		       operations[i].name, places);
	}
	printf("1..%zu\n", OPERATIONS);
	return all_good ? 0 : 1;
}
