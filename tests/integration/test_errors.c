/* SPDX-License-Identifier: BSD-3-Clause */
/* What goes wrong ends with the documented code and a text that helps; nothing is left behind. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "AEEStdErr.h"
#include "dspqueue.h"
#include "emulator.h"
#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/emulated.h"
#include "support/leaks.h"
#include "support/remove_tree.h"
#include "support/testmod.h"

#define URI(name) "file:///lib" name "_skel.so?" name "_skel_handle_invoke&_modver=1.0&_dom=cdsp"

static char folder[] = "/tmp/fastrpc-test-XXXXXX";
static struct resources before;

static int setup(void **state)
{
	(void)state;
	frpc_clear_last_error();
	before = resources_at_rest();
	return 0;
}

/* Ends of processes cross to the DSP and back: looks again for up to ten seconds. */
static bool no_process_is_left_on_the_dsps(void)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	struct frpc_emulator *emulator;
	uint32_t left = 0;

	if (frpc_emulator_default(&emulator, NULL, 0))
		return false;
	for (int i = 0; i < 1000; i++) {
		left = 0;
		for (uint32_t domain = 0; domain <= CDSP1_DOMAIN_ID; domain++)
			left += frpc_emulator_processes(emulator, domain);
		if (!left)
			break;
		nanosleep(&pause, NULL);
	}
	frpc_emulator_free(emulator);
	return !left;
}

static int nothing_is_left(void **state)
{
	(void)state;
	if (!no_process_is_left_on_the_dsps()) {
		print_error("left behind: a process on a DSP\n");
		return -1;
	}
	return end_with_resources(&before);
}

static void expect_text(const char *part)
{
	if (!strstr(frpc_last_error(), part))
		fail_msg("\"%s\" is not in \"%s\"", part, frpc_last_error());
}

static int open_uri(const char *uri)
{
	remote_handle64 h = 0x1234;
	int res = remote_handle64_open(uri, &h);

	if (!res) {
		remote_handle64_close(h);
		fail_msg("%s could be opened", uri);
	}
	assert_int_equal(h, 0x1234); /* written on success only */
	return res;
}

/* A copy of the test skel in the folder, changed by @change. */
static void make_skel(const char *name, void (*change)(unsigned char *image, size_t size))
{
	char path[300], from[300];
	unsigned char *image;
	struct stat st;
	int fd;

	snprintf(from, sizeof(from), "%s/libtestmod_skel.so", getenv("TESTMOD_FOLDER"));
	fd = open(from, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	image = malloc((size_t)st.st_size);
	assert_non_null(image);
	assert_int_equal(read(fd, image, (size_t)st.st_size), st.st_size);
	close(fd);
	change(image, (size_t)st.st_size);
	snprintf(path, sizeof(path), "%s/lib%s_skel.so", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, image, (size_t)st.st_size), st.st_size);
	close(fd);
	free(image);
}

static void leave_alone(unsigned char *image, size_t size)
{
	(void)image;
	(void)size;
}

static void for_hexagon(unsigned char *image, size_t size)
{
	uint16_t machine = EM_QDSP6;

	(void)size;
	memcpy(image + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof(machine));
}

static void a_missing_skel_is_named_with_every_path_tried(void **state)
{
	struct frpc_error error = {.size = sizeof(error)};
	char path[300];

	(void)state;
	assert_int_equal(open_uri(URI("nowhere")), (int)0x80000406);
	expect_text("libnowhere_skel.so");
	snprintf(path, sizeof(path), "%s/cdsp/libnowhere_skel.so", folder);
	expect_text(path);
	expect_text("/usr/lib/dsp/libnowhere_skel.so");
	expect_text("set DSP_LIBRARY_PATH");
	assert_int_equal(frpc_last_error_detail(&error), 0);
	assert_int_equal(error.code, (int)0x80000406);
	assert_int_equal(error.origin, FRPC_ORIGIN_DSP);
	assert_non_null(strstr(error.dsp_text, "libnowhere_skel.so"));
}

static void a_skel_without_the_entry_is_refused_with_the_symbols_name(void **state)
{
	(void)state;
	make_skel("noentry", leave_alone);
	assert_int_equal(open_uri(URI("noentry")), (int)0x80000442);
	expect_text("undefined symbol: noentry_skel_handle_invoke");
	expect_text("libnoentry_skel.so");
	expect_text("the skel has no such function to call from outside: compare its name");
}

/* What it needs of the DSP's C library gets a name that nobody has. */
static void need_what_nobody_has(unsigned char *image, size_t size)
{
	static const char name[] = "calloc";

	for (size_t i = 0; i + sizeof(name) <= size; i++)
		if (!memcmp(image + i, name, sizeof(name)))
			memcpy(image + i, "callok", sizeof(name));
}

static void a_skel_that_needs_what_the_dsp_lacks_is_refused_with_the_name_and_what_to_do(
	void **state)
{
	(void)state;
	make_skel("needy", need_what_nobody_has);
	assert_int_equal(open_uri(URI("needy")), (int)0x80000406);
	expect_text("libneedy_skel.so");
	expect_text("undefined symbol: callok");
	expect_text("the skel needs a function that this DSP does not have");
}

static void a_skel_for_another_machine_is_refused_as_bad_elf(void **state)
{
	(void)state;
	make_skel("hexagon", for_hexagon);
	assert_int_equal(open_uri(URI("hexagon")), (int)0x80000452);
	expect_text("built for Hexagon");
	expect_text("runs libraries of the host");
}

#ifdef __aarch64__
#define FOREIGN	     EM_X86_64
#define FOREIGN_NAME "x86-64"
#else
#define FOREIGN	     EM_AARCH64
#define FOREIGN_NAME "AArch64"
#endif

static void for_a_foreign_machine(unsigned char *image, size_t size)
{
	uint16_t machine = FOREIGN;

	(void)size;
	memcpy(image + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof(machine));
}

static void of_the_other_width(unsigned char *image, size_t size)
{
	(void)size;
	image[EI_CLASS] = image[EI_CLASS] == ELFCLASS32 ? ELFCLASS64 : ELFCLASS32;
}

static void a_skel_of_another_class_or_machine_is_refused_with_names_and_what_to_do(void **state)
{
	(void)state;
	make_skel("wide", of_the_other_width);
	assert_int_equal(open_uri(URI("wide")), (int)0x80000452);
	expect_text(sizeof(void *) == 8 ? ", 32 bits" : ", 64 bits");
	expect_text("a skel is built for the machine that runs it");
	expect_text("pkg-config fastrpc-skel");
	make_skel("foreign", for_a_foreign_machine);
	assert_int_equal(open_uri(URI("foreign")), (int)0x80000452);
	expect_text("built for " FOREIGN_NAME);
}

static void a_file_that_is_no_library_is_refused_as_bad_elf(void **state)
{
	char path[300];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/libtext_skel.so", folder);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs("no library\n", file);
	fclose(file);
	assert_int_equal(open_uri(URI("text")), (int)0x80000452);
	expect_text("not an ELF file");
}

static void a_folder_in_the_skels_place_is_named_with_the_reason(void **state)
{
	char path[300];

	(void)state;
	snprintf(path, sizeof(path), "%s/libfolder_skel.so", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(open_uri(URI("folder")), (int)0x80000406);
	expect_text("libfolder_skel.so (Is a directory)");
	rmdir(path);
}

#define NOBODY 65534

static void an_unreadable_skel_is_named_with_the_reason(void **state)
{
	remote_handle64 h;
	char path[300];
	int res;

	(void)state;
	/*
	 * seteuid() interrupts every thread, the listener too, whose call the real driver then sends
	 * a second time: the DSP's next reverse call answers the first one and is lost.
	 */
	if (!strcmp(getenv("FRPC_TRANSPORT"), "mainline"))
		skip();
	if (!threads_survive_signals()) {
		print_message("seteuid() signals all threads, which lose their memory here\n");
		skip();
	}
	make_skel("unreadable", leave_alone);
	snprintf(path, sizeof(path), "%s/libunreadable_skel.so", folder);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	/* Root may read what nobody may, so that root becomes nobody: with the session there already. */
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	if (!geteuid())
		assert_int_equal(seteuid(NOBODY), 0);
	res = open_uri(URI("unreadable"));
	if (!getuid())
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(res, (int)0x80000406);
	expect_text("libunreadable_skel.so (Permission denied)");
	assert_int_equal(remote_handle64_close(h), 0);
}

static void a_wrong_domain_or_session_is_refused(void **state)
{
	static const struct {
		const char *uri, *words;
	} bad[] = {
		{TESTMOD_URI, "it has no &_dom="},
		{TESTMOD_URI "&_dom=cdspX", "_dom is none of adsp, mdsp, sdsp, cdsp"},
		{TESTMOD_URI "&_dom=CDSP", "_dom is none of adsp, mdsp, sdsp, cdsp"},
		{TESTMOD_URI "&_dom=cdsp&_session=4", "from 0 to 3"},
		{TESTMOD_URI "&_dom=cdsp&_session=-1", "from 0 to 3"},
		{"testmod", "it looks like file:///lib"},
		{"", "empty"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(open_uri(bad[i].uri), AEE_EBADPARM);
		expect_text(bad[i].words);
	}
	/* A domain that exists, but not on this machine: as each dialect's driver tells it. */
	if (!strncmp(getenv("FRPC_TRANSPORT"), "mainline", 8)) {
		assert_int_equal(open_uri(TESTMOD_URI "&_dom=gdsp0"), AEE_ENOSUCHDEVICE);
		expect_text("/dev/fastrpc-gdsp0: No such file or directory");
		if (strstr(getenv("FRPC_TRANSPORT"), "@emulator"))
			expect_text("FRPC_EMULATOR=domains=");
	} else {
		assert_int_equal(open_uri(TESTMOD_URI "&_dom=gdsp0"), AEE_EBADPARM);
		expect_text("gdsp0: it cannot be chosen on its device node");
	}
}

static void null_arguments_are_refused(void **state)
{
	remote_handle64 h;
	remote_arg arg = {.buf = {NULL, 5}};

	(void)state;
	assert_int_equal(remote_handle64_open(NULL, &h), AEE_EBADPARM);
	expect_text("the module's name is NULL");
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", NULL), AEE_EBADPARM);
	expect_text("the handle's place is NULL");
	assert_int_equal(remote_handle_open(NULL, NULL), AEE_EBADPARM);
	assert_int_equal(remote_session_control(DSPRPC_CONTROL_UNSIGNED_MODULE, NULL, 0),
			 AEE_EBADPARM);
	assert_int_equal(remote_handle_control(DSPRPC_GET_DSP_INFO, NULL, 12), AEE_EBADPARM);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_SUM, 2, 1), NULL),
			 AEE_EBADPARM);
	expect_text("want 3 arguments, but pra is NULL");
	assert_int_equal(remote_handle64_invoke(h, REMOTE_SCALARS_MAKE(TESTMOD_RETURN, 1, 0), &arg),
			 AEE_EBADPARM);
	expect_text("argument 0: NULL with a length of 5 bytes");
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(NULL);
	assert_int_equal(rpcmem_to_fd(NULL), -1);
}

static void closed_stale_and_made_up_handles_are_refused_and_hurt_nobody(void **state)
{
	remote_handle64 first, second;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &first), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &second), 0);
	assert_int_equal(remote_handle64_close(first), 0);
	assert_int_equal(testmod_call0(first, TESTMOD_EMPTY), AEE_EINVHANDLE);
	expect_text("is not open");
	assert_int_equal(remote_handle64_close(first), AEE_EINVHANDLE);
	expect_text("is not open");
	for (remote_handle64 made_up = 0; made_up < 5000; made_up += 7)
		assert_int_equal(remote_handle64_close(made_up), AEE_EINVHANDLE);
	for (unsigned int bit = 0; bit < 64; bit++)
		assert_int_equal(remote_handle64_close(second ^ (UINT64_C(1) << bit)),
				 AEE_EINVHANDLE);
	assert_int_equal(remote_handle_close((remote_handle)second), AEE_EINVHANDLE);
	assert_int_equal(testmod_call0(0, TESTMOD_EMPTY), AEE_EINVHANDLE);
	assert_int_equal(testmod_call0(second, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(second), 0);
	assert_int_equal(testmod_call0(second, TESTMOD_EMPTY), AEE_EINVHANDLE);
}

static void a_length_beyond_an_rpcmem_buffer_is_refused(void **state)
{
	unsigned char *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 8192);
	unsigned char out[8193];
	remote_handle64 h;

	(void)state;
	assert_non_null(buffer);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, buffer, 8193, out, 8193), AEE_EBADPARM);
	expect_text("argument 0: 8193 bytes");
	expect_text("end beyond their registered buffer, which has 8192 bytes");
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, out, 8193, buffer, 8193), AEE_EBADPARM);
	expect_text("argument 1: 8193 bytes");
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, buffer, SIZE_MAX, out, 1), AEE_EBADPARM);
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, buffer + 4096, 4097, out, 4097),
			 AEE_EBADPARM);
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, buffer + 4096, 4096, out, 4096), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(buffer);
}

static void a_handle_argument_beyond_its_dma_buf_is_refused(void **state)
{
	void *buffer = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 8192);
	uint32_t sc = REMOTE_SCALARS_MAKEX(0, TESTMOD_EMPTY, 0, 0, 1, 0);
	remote_arg arg = {.dma = {rpcmem_to_fd(buffer), 8193}};
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(remote_handle64_invoke(h, sc, &arg), AEE_EBADPARM);
	expect_text("offset 8193 lies beyond fd");
	arg.dma.offset = 4096;
	assert_int_equal(remote_handle64_invoke(h, sc, &arg), 0);
	arg.dma.fd = 100000;
	assert_int_equal(remote_handle64_invoke(h, sc, &arg), AEE_EBADPARM);
	expect_text("remote_register_dma_handle");
	assert_int_equal(remote_handle64_close(h), 0);
	rpcmem_free(buffer);
}

static void a_bad_address_is_an_error_not_a_crash(void **state)
{
	char out[16];
	remote_handle64 h;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(testmod_pass(h, TESTMOD_ECHO, (void *)16, 16, out, 16), AEE_EBADPARM);
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(h), 0);
}

static void without_a_device_node_the_open_tells_how_to_run_on_the_emulator(void **state)
{
	char saved[64];

	(void)state;
	if (!access("/dev/fastrpc-cdsp", F_OK) || !access("/dev/adsprpc-smd", F_OK))
		skip(); /* this machine has a DSP */
	snprintf(saved, sizeof(saved), "%s", getenv("FRPC_TRANSPORT"));
	unsetenv("FRPC_TRANSPORT");
	assert_int_equal(open_uri(TESTMOD_URI "&_dom=cdsp"), AEE_ENOSUCHDEVICE);
	expect_text("/dev/fastrpc-cdsp-secure: No such file or directory");
	expect_text("/dev/fastrpc-cdsp: No such file or directory");
	expect_text("/dev/adsprpc-smd: No such file or directory");
	expect_text("FRPC_TRANSPORT=emulator");
	setenv("FRPC_TRANSPORT", "no-such-thing", 1);
	assert_int_equal(open_uri(TESTMOD_URI "&_dom=cdsp"), AEE_EBADPARM);
	expect_text("no-such-thing");
	setenv("FRPC_TRANSPORT", saved, 1);
}

static void a_bad_machine_description_is_refused_with_what_is_possible(void **state)
{
	struct frpc_emulator *emulator;
	char text[256] = "";

	(void)state;
	assert_int_equal(frpc_emulator_new("domains=tdsp", &emulator, text, sizeof(text)), -EINVAL);
	assert_non_null(strstr(text, "cdsp"));
	assert_int_equal(frpc_emulator_new("colour=blue", &emulator, text, sizeof(text)), -EINVAL);
	assert_int_equal(frpc_emulator_new("engine=hexagon", &emulator, text, sizeof(text)),
			 -EOPNOTSUPP);
	assert_int_equal(frpc_emulator_new("/no/such/file", &emulator, text, sizeof(text)),
			 -ENOENT);
	assert_non_null(strstr(text, "/no/such/file"));
	assert_non_null(strstr(text, "No such file or directory"));
	assert_non_null(strstr(text, "KEY=VALUE"));
}

static void a_dsp_that_never_ends_its_listener_does_not_keep_the_closer(void **state)
{
	struct frpc_emulator *emulator;
	remote_handle64 h;

	(void)state;
	if (!strstr(getenv("FRPC_TRANSPORT"), "@emulator"))
		skip(); /* a DSP that cannot be steered */
	assert_int_equal(frpc_emulator_default(&emulator, NULL, 0), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(
		frpc_emulator_set_faults(emulator, CDSP_DOMAIN_ID, FRPC_EMULATOR_KEEP_LISTENER), 0);
	assert_int_equal(remote_handle64_close(h), AEE_EEXPIRED);
	expect_text("its listener is left behind; is the DSP down?");
	/* A new session works beside the one that was left behind. */
	assert_int_equal(frpc_emulator_set_faults(emulator, CDSP_DOMAIN_ID, 0), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h), 0);
	assert_int_equal(testmod_call0(h, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(h), 0);
	frpc_emulator_free(emulator);
}

static void a_silent_dsp_keeps_no_closer_and_may_answer_late(void **state)
{
	struct frpc_emulator *emulator;
	remote_handle64 first, second;

	(void)state;
	if (!strstr(getenv("FRPC_TRANSPORT"), "@emulator"))
		skip(); /* a DSP that cannot be steered */
	assert_int_equal(frpc_emulator_default(&emulator, NULL, 0), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &first), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &second), 0);
	assert_int_equal(frpc_emulator_set_faults(emulator, CDSP_DOMAIN_ID, FRPC_EMULATOR_SILENT),
			 0);
	assert_int_equal(remote_handle64_close(first), AEE_EEXPIRED);
	expect_text("the module's own close did not return within 5000 ms");
	assert_int_equal(remote_handle64_close(second), AEE_EEXPIRED);
	expect_text("the session on cdsp was closed, but its DSP did not end it");
	assert_int_equal(remote_handle64_close(second), AEE_EINVHANDLE);
	/* What was left behind goes when the answers come at last (nothing_is_left). */
	assert_int_equal(frpc_emulator_set_faults(emulator, CDSP_DOMAIN_ID, 0), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &first), 0);
	assert_int_equal(testmod_call0(first, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(first), 0);
	frpc_emulator_free(emulator);
}

/* How much memory that was allocated for both sides is mapped here. */
static int count_shared_buffers(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024];
	int count = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		count += strstr(line, "/memfd:rpcmem") || strstr(line, "/memfd:fastrpc-dmabuf");
	fclose(maps);
	return count;
}

static void a_queues_memory_stays_until_the_dsp_has_let_it_go(void **state)
{
	struct frpc_emulator *emulator;
	dspqueue_t kept, closed, next;
	int buffers;

	(void)state;
	if (!strstr(getenv("FRPC_TRANSPORT"), "@emulator"))
		skip(); /* a DSP that cannot be steered */
	assert_int_equal(frpc_emulator_default(&emulator, NULL, 0), 0);
	assert_int_equal(dspqueue_create(3, 0, 4096, 4096, NULL, NULL, NULL, &kept), 0);
	assert_int_equal(dspqueue_create(3, 0, 4096, 4096, NULL, NULL, NULL, &closed), 0);
	buffers = count_shared_buffers();
	assert_int_equal(frpc_emulator_set_faults(emulator, CDSP_DOMAIN_ID, FRPC_EMULATOR_SILENT),
			 0);
	assert_int_equal(dspqueue_close(closed), 0);
	/* Else a new buffer in its place would be taken for it. */
	assert_int_equal(count_shared_buffers(), buffers);
	assert_int_equal(frpc_emulator_set_faults(emulator, CDSP_DOMAIN_ID, 0), 0);
	assert_int_equal(dspqueue_create(3, 0, 4096, 4096, NULL, NULL, NULL, &next), 0);
	assert_int_equal(dspqueue_close(next), 0);
	assert_int_equal(dspqueue_close(kept), 0);
	frpc_emulator_free(emulator);
}

/* The late answer comes on another thread: looks again for up to ten seconds. */
static int create_queue_patiently(dspqueue_t *ret_queue)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	int res = AEE_ENOMORE;

	for (int i = 0; i < 1000 && res == AEE_ENOMORE; i++) {
		res = dspqueue_create(3, 0, 16, 16, NULL, NULL, NULL, ret_queue);
		if (res == AEE_ENOMORE)
			nanosleep(&pause, NULL);
	}
	return res;
}

static void a_queues_number_is_free_again_once_the_dsp_has_answered_late(void **state)
{
	struct frpc_emulator *emulator;
	dspqueue_t queues[64];

	(void)state;
	if (!strstr(getenv("FRPC_TRANSPORT"), "@emulator"))
		skip(); /* a DSP that cannot be steered */
	assert_int_equal(frpc_emulator_default(&emulator, NULL, 0), 0);
	for (int i = 0; i < 64; i++)
		assert_int_equal(dspqueue_create(3, 0, 16, 16, NULL, NULL, NULL, &queues[i]), 0);
	assert_int_equal(frpc_emulator_set_faults(emulator, CDSP_DOMAIN_ID, FRPC_EMULATOR_SILENT),
			 0);
	assert_int_equal(dspqueue_close(queues[5]), 0);
	/* Nobody knows whether the DSP still has it. */
	assert_int_equal(dspqueue_create(3, 0, 16, 16, NULL, NULL, NULL, &queues[5]), AEE_ENOMORE);
	assert_int_equal(frpc_emulator_set_faults(emulator, CDSP_DOMAIN_ID, 0), 0);
	assert_int_equal(create_queue_patiently(&queues[5]), 0);
	for (int i = 0; i < 64; i++)
		assert_int_equal(dspqueue_close(queues[i]), 0);
	frpc_emulator_free(emulator);
}

static void a_module_whose_close_waits_keeps_neither_closer_nor_session(void **state)
{
	remote_handle64 held, other;

	(void)state;
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &held), 0);
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &other), 0);
	assert_int_equal(testmod_call0(held, TESTMOD_HOLD), 0);
	assert_int_equal(remote_handle64_close(held), AEE_EEXPIRED);
	expect_text("or does the module wait for something?");
	assert_int_equal(testmod_call0(held, TESTMOD_EMPTY), AEE_EINVHANDLE);
	/* Others open, call and close meanwhile. */
	assert_int_equal(remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &held), 0);
	assert_int_equal(testmod_call0(held, TESTMOD_EMPTY), 0);
	assert_int_equal(remote_handle64_close(held), 0);
	assert_int_equal(testmod_call0(other, TESTMOD_LET_GO), 0);
	assert_int_equal(remote_handle64_close(other), 0);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	char path[600], first[300];

	snprintf(path, sizeof(path), "%s;%s", folder, getenv("DSP_LIBRARY_PATH"));
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(getenv("DSP_LIBRARY_PATH"), ";"),
		 getenv("DSP_LIBRARY_PATH"));
	setenv("TESTMOD_FOLDER", first, 1);
	if (setenv("DSP_LIBRARY_PATH", path, 1))
		return -1;
	/* Once before anything is counted: sanitizers start threads of their own. */
	remote_handle64 h;

	return remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &h) || remote_handle64_close(h);
}

static int remove_folder(void **state)
{
	(void)state;
	return remove_tree(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, nothing_is_left)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_missing_skel_is_named_with_every_path_tried),
		TEST(a_skel_without_the_entry_is_refused_with_the_symbols_name),
		TEST(a_skel_that_needs_what_the_dsp_lacks_is_refused_with_the_name_and_what_to_do),
		TEST(a_skel_for_another_machine_is_refused_as_bad_elf),
		TEST(a_skel_of_another_class_or_machine_is_refused_with_names_and_what_to_do),
		TEST(a_file_that_is_no_library_is_refused_as_bad_elf),
		TEST(a_folder_in_the_skels_place_is_named_with_the_reason),
		TEST(an_unreadable_skel_is_named_with_the_reason),
		TEST(a_wrong_domain_or_session_is_refused),
		TEST(null_arguments_are_refused),
		TEST(closed_stale_and_made_up_handles_are_refused_and_hurt_nobody),
		TEST(a_length_beyond_an_rpcmem_buffer_is_refused),
		TEST(a_handle_argument_beyond_its_dma_buf_is_refused),
		TEST(a_bad_address_is_an_error_not_a_crash),
		TEST(without_a_device_node_the_open_tells_how_to_run_on_the_emulator),
		TEST(a_bad_machine_description_is_refused_with_what_is_possible),
		TEST(a_dsp_that_never_ends_its_listener_does_not_keep_the_closer),
		TEST(a_silent_dsp_keeps_no_closer_and_may_answer_late),
		TEST(a_queues_memory_stays_until_the_dsp_has_let_it_go),
		TEST(a_queues_number_is_free_again_once_the_dsp_has_answered_late),
		TEST(a_module_whose_close_waits_keeps_neither_closer_nor_session),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
