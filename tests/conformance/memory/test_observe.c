/* SPDX-License-Identifier: BSD-3-Clause */
/* Looking at a machine and steering it: message log, snapshots, dump, ordered failures, keys. */
#include "box.h"
#include "steps.h"

#include <sys/prctl.h>

#include <fastrpc/abi/mainline.h>
#include <fastrpc/abi/second.h>

#include <stdio.h>

static void the_message_log_has_both_directions_in_order(void **state)
{
	struct frpc_emulator_message messages[8];
	struct box *box = *state;
	struct frpc_smq_msg sent;
	struct frpc_smq_rsp got;
	const struct box_arg none = {0};
	int count;

	box_start(box, "domains=cdsp", box->compat);
	box_ready(box, CDSP, 0);
	assert_int_equal(box_invoke(box, 0x77, 0x05000000, &none), 0);
	/* The oldest first: the create, its answer, the call. The answer comes while it is sent. */
	count = frpc_emulator_messages(box->emulator, false, CDSP, messages, 8);
	assert_int_equal(count, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(messages[i].received, i % 2);
		assert_int_equal(messages[i].length, i % 2 ? 16 : 40);
		assert_int_equal(messages[i].result, 0);
		assert_true(!i || messages[i].time_ns >= messages[i - 1].time_ns);
	}
	memcpy(&sent, messages[2].bytes, sizeof(sent));
	memcpy(&got, messages[3].bytes, sizeof(got));
	assert_int_equal(sent.handle, 0x77);
	assert_int_equal(sent.sc, 0x05000000);
	assert_int_equal(sent.pid, box_memory(box).client_id);
	assert_int_equal(sent.tid, getpid());
	assert_int_equal(got.ctx, sent.ctx);
	assert_int_equal(frpc_emulator_messages(box->emulator, false, ADSP, messages, 8), -ENODEV);
	assert_int_equal(frpc_emulator_messages(box->emulator, false, CDSP, messages, 1), 1);
	memcpy(&got, messages[0].bytes, sizeof(got));
	assert_int_equal(got.ctx, sent.ctx);
}

static void the_message_log_keeps_the_last_128(void **state)
{
	static struct frpc_emulator_message messages[200];
	const struct box_arg none = {0};
	struct box *box = *state;
	struct frpc_smq_msg sent;

	box_start(box, "domains=cdsp", box->compat);
	box_ready(box, CDSP, 0);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(box_invoke(box, 0x100 + i, 0, &none), 0);
	assert_int_equal(frpc_emulator_messages(box->emulator, false, CDSP, messages, 200), 128);
	memcpy(&sent, messages[126].bytes, sizeof(sent));
	assert_int_equal(sent.handle, 0x100 + 99);
	memcpy(&sent, messages[0].bytes, sizeof(sent));
	assert_int_equal(sent.handle, 0x100 + 36);
}

static void the_log_says_what_could_not_be_handled(void **state)
{
	struct frpc_emulator_message messages[4];
	struct box *box = *state;

	box_start(box, "domains=cdsp", box->compat);
	emu_end_send(box->dsp[CDSP], "short", 5);
	assert_int_equal(frpc_emulator_messages(box->emulator, false, CDSP, messages, 4), 1);
	assert_int_equal(messages[0].length, 5);
	assert_int_equal(messages[0].result, -EINVAL);
	assert_memory_equal(messages[0].bytes, "short", 5);
}

static void a_snapshot_wants_a_file_with_a_dsp(void **state)
{
	struct frpc_emulator_memory memory;
	struct box *box = *state;

	box_start(box, "domains=cdsp", box->compat);
	assert_int_equal(frpc_emulator_get_memory(box->emulator, 0, &memory, NULL, 0), -EBADF);
	assert_int_equal(frpc_emulator_get_memory(box->emulator, -1, &memory, NULL, 0), -EBADF);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(frpc_emulator_get_memory(box->emulator, box->file, &memory, NULL, 0),
			 -EBADR);
}

static void the_dump_names_files_as_debugfs_does(void **state)
{
	struct box_buffer buffer = box_buffer(PAGE);
	struct box *box = *state;
	char text[8192], name[64], small[8], comm[16];
	int size;

	box_start(box, "domains=cdsp,abi=downstream", box->compat);
	box_ready(box, CDSP, 0);
	assert_int_equal(box_mem_map(box, buffer.fd, 2, 0, 0, PAGE, NULL), 0);
	size = frpc_emulator_dump(box->emulator, text, sizeof(text));
	assert_int_equal(size, strlen(text));
	assert_int_equal(prctl(PR_GET_NAME, comm), 0);
	snprintf(name, sizeof(name), "%.10s_%d_%u_3", comm, (int)getpid(),
		 box_memory(box).client_id);
	assert_non_null(strstr(text, name));
	assert_non_null(strstr(text, "channel downstream 3: banks 1 of 14 used, calls 0"));
	assert_non_null(strstr(text, "static pd msm/adsp/audio_pd (audio_pdr_adsprpc): up"));
	assert_non_null(strstr(text, "refs 1 calls 0 handles 0"));
	assert_int_equal(frpc_emulator_dump(box->emulator, small, sizeof(small)), size);
	assert_int_equal(strlen(small), 7);
	assert_int_equal(frpc_emulator_dump(box->emulator, NULL, 0), size);
	box_drop(&buffer);
}

static void ordered_failures_come_after_those_let_through(void **state)
{
	struct box *box = *state;

	box_start(box, "domains=cdsp", box->compat);
	box_ready(box, CDSP, 0);
	/* Each attempt is made twice before it fails. */
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_ALLOCATION, 2, 4);
	for (int i = 0; i < 2; i++)
		assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL),
				 -ENOBUFS);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL), 0);
	assert_int_equal(frpc_emulator_fail(box->emulator, 3, 0, 1), -EINVAL);
}

static void buffers_are_described_by_what_they_are_not_by_number(void **state)
{
	struct box_buffer buffer = box_buffer(PAGE);
	int again = dup(buffer.fd), file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct box *box = *state;
	uint32_t bits;

	box_start(box, "domains=cdsp", box->compat);
	assert_int_equal(frpc_emulator_set_buffer(box->emulator, buffer.fd, 3), 0);
	assert_int_equal(frpc_emulator_get_buffer(box->emulator, again, &bits), 0);
	assert_int_equal(bits, 3);
	assert_int_equal(frpc_emulator_set_buffer(box->emulator, again, 0), 0);
	assert_int_equal(frpc_emulator_get_buffer(box->emulator, buffer.fd, &bits), 0);
	assert_int_equal(bits, 0);
	assert_int_equal(frpc_emulator_set_buffer(box->emulator, file, 1), -EINVAL);
	assert_int_equal(frpc_emulator_set_buffer(box->emulator, -1, 1), -EBADF);
	assert_int_equal(frpc_emulator_set_buffer(box->emulator, buffer.fd, 16), -EINVAL);
	close(again);
	close(file);
	box_drop(&buffer);
}

static void expect_spec(const char *spec, int expected, const char *words)
{
	struct frpc_emulator *emulator = NULL;
	char text[512] = "";

	assert_int_equal(frpc_emulator_new(spec, &emulator, text, sizeof(text)), expected);
	if (words)
		assert_non_null(strstr(text, words));
	frpc_emulator_free(emulator);
}

static void machine_keys_are_checked_and_say_what_is_possible(void **state)
{
	(void)state;
	expect_spec("banks=3,secure-banks=1,shared-banks=1,pd-types=7+0+6", 0, NULL);
	expect_spec("secure=none,assign=cdsp+adsp,heap=0,limit=0x100000,sessions=8,gids=1+2", 0,
		    NULL);
	expect_spec("attr9=1,attr129=0x1", 0, NULL);
	expect_spec("banks=15", -EINVAL, "0 to 14");
	expect_spec("banks=-1", -EINVAL, "0 to 14");
	expect_spec("secure=gdsp", -EINVAL, "adsp, mdsp, sdsp, cdsp, cdsp1");
	expect_spec("pd-types=9", -EINVAL, "0 to 8");
	expect_spec("pd-types=1+1+1+1+1+1+1+1+1+1+1+1+1+1+1", -EINVAL, "14 banks");
	expect_spec("gids=1+2+3+4+5+6+7+8+9", -EINVAL, "8 groups");
	expect_spec("attr0=1", -EINVAL, "1 to 255");
	expect_spec("attr256=1", -EINVAL, "1 to 255");
	expect_spec("heap=x", -EINVAL, "heap=x");
	expect_spec("nonsense=1", -EINVAL, "secure-banks");
}

static void capabilities_are_what_the_machine_says(void **state)
{
	struct frpc_dn_capability capability = {.domain = CDSP, .attribute_id = 77};
	struct box *box = *state;
	char text[200];

	assert_int_equal(frpc_emulator_new("attr77=4711", &box->emulator, text, sizeof(text)), 0);
	box->file = frpc_emulator_open(box->emulator, SECURE_NODE, O_RDONLY);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_GET_DSP_INFO, &capability), 0);
	assert_int_equal(capability.capability, 4711);
	frpc_emulator_close(box->emulator, box->file);
	frpc_emulator_free(box->emulator);
	box->emulator = NULL;
}

static long multimode(struct box *box, uint32_t req, void *param, uint64_t size)
{
	struct frpc_dn2_multimode command = {
		.req = req, .invparam = (uintptr_t)param, .size = size};

	return box_ioctl(box, FRPC_DN2_IOCTL_MULTIMODE_INVOKE, &command);
}

static void start_second(struct box *box, const char *spec)
{
	struct frpc_ml_init_create create = {.filefd = -1};
	char text[200];

	assert_int_equal(frpc_emulator_new(spec, &box->emulator, text, sizeof(text)), 0);
	box->file = frpc_emulator_open(box->emulator, "/dev/fastrpc-cdsp-secure", O_RDONLY);
	assert_true(box->file >= 0);
	assert_int_equal(box_ioctl(box, FRPC_ML_IOCTL_INIT_CREATE, &create), 0);
}

static void stop_second(struct box *box)
{
	frpc_emulator_close(box->emulator, box->file);
	frpc_emulator_free(box->emulator);
	box->emulator = NULL;
}

static void the_second_generation_calls_and_refuses_what_nobody_knows(void **state)
{
	struct frpc_dn2_invoke_enhanced call = {.inv = {.handle = 4711}};
	struct box *box = *state;

	start_second(box, "domains=cdsp,abi=mainline,multimode=on");
	/* It has gone to the DSP, where there is no such module. */
	assert_int_equal(multimode(box, FRPC_DN2_INVOKE, &call, sizeof(call)), (int)0x8000042c);
	assert_int_equal(multimode(box, FRPC_DN2_INVOKE_ENHANCED, &call, sizeof(call)),
			 (int)0x8000042c);
	call.perf_dsp = 8;
	assert_int_equal(multimode(box, FRPC_DN2_INVOKE, &call, sizeof(call)), -EOPNOTSUPP);
	assert_int_equal(multimode(box, FRPC_DN2_INVOKE, (void *)8, 56), -EFAULT);
	for (uint32_t req = FRPC_DN2_CONTROL; req <= FRPC_DN2_SESSIONINFO; req++)
		assert_int_equal(multimode(box, req, &call, 4), -EOPNOTSUPP);
	assert_int_equal(multimode(box, FRPC_DN2_DSPSIGNAL, &call, 13), -EINVAL);
	assert_int_equal(multimode(box, 0, &call, 4), -ENOTTY);
	assert_int_equal(multimode(box, 9, &call, 4), -ENOTTY);
	assert_int_equal(box_ioctl(box, FRPC_DN2_IOCTL_MULTIMODE_INVOKE, (void *)8), -EFAULT);
	stop_second(box);
}

static void other_nodes_do_not_know_the_second_generations_command(void **state)
{
	struct frpc_dn2_invoke_enhanced call = {.inv = {.handle = 4711}};
	struct box *box = *state;

	start_second(box, "domains=cdsp,abi=mainline");
	assert_int_equal(multimode(box, FRPC_DN2_INVOKE, &call, sizeof(call)), -ENOTTY);
	stop_second(box);
}

static bool dump_says(struct box *box, const char *what)
{
	static char text[16384];

	frpc_emulator_dump(box->emulator, text, sizeof(text));
	return strstr(text, what) != NULL;
}

static void pages_of_the_remote_heap_are_counted_there_until_their_file_is_closed(void **state)
{
	struct frpc_ml_req_mmap pages = {
		.fd = -1, .flags = FRPC_ML_MMAP_REMOTE_HEAP, .size = 2 * PAGE};
	struct box *box = *state;

	box_start(box, "domains=adsp,abi=mainline", box->compat);
	assert_true(box_open(box, "/dev/fastrpc-adsp-secure") >= 0);
	assert_int_equal(box_ioctl(box, FRPC_ML_IOCTL_MMAP, &pages), 0);
	assert_true(dump_says(box, "remote heap: 1 buffers"));
	assert_int_equal(box_memory(box).heap_buffers, 0);
	box_close(box);
	assert_true(dump_says(box, "remote heap: 0 buffers"));
}

struct watcher {
	struct box *box;
	uint32_t seen, strange;
};

/* What a snapshot says of a process's own memory, from the first on. */
static void watch(void *context)
{
	struct watcher *watcher = context;
	struct frpc_emulator_map maps[4];
	struct frpc_emulator_memory memory;

	assert_int_equal(frpc_emulator_get_memory(watcher->box->emulator, watcher->box->file,
						  &memory, maps, 4),
			 0);
	for (uint32_t i = 0; i < memory.maps && i < 4; i++) {
		watcher->seen++;
		watcher->strange += !maps[i].of_process;
	}
}

static void a_snapshot_amid_init_knows_the_process_s_own_memory(void **state)
{
	struct watcher watcher = {*state};
	bool done = true;

	box_start(watcher.box, "domains=cdsp,abi=downstream", false);
	for (uint32_t number = 1; done; number++) {
		assert_true(box_open(watcher.box, SECURE_NODE) >= 0);
		assert_int_equal(box_getinfo(watcher.box, CDSP, NULL), 0);
		/* Inside what keeps INITs of one file apart. */
		steps_arm(number, 1, watch, &watcher);
		assert_int_equal(box_create(watcher.box, 0), 0);
		done = steps_disarm();
		box_close(watcher.box);
	}
	assert_true(watcher.seen);
	assert_int_equal(watcher.strange, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_BOTH(the_message_log_has_both_directions_in_order),	     /* steering */
		BOX_64(the_message_log_keeps_the_last_128),		     /* steering */
		BOX_64(the_log_says_what_could_not_be_handled),		     /* steering */
		BOX_64(a_snapshot_wants_a_file_with_a_dsp),		     /* steering */
		BOX_64(the_dump_names_files_as_debugfs_does),		     /* A1 */
		BOX_64(a_snapshot_amid_init_knows_the_process_s_own_memory), /* steering */
		BOX_64(pages_of_the_remote_heap_are_counted_there_until_their_file_is_closed), /* B3 */
		BOX_64(ordered_failures_come_after_those_let_through),		   /* steering */
		BOX_64(buffers_are_described_by_what_they_are_not_by_number),	   /* steering */
		BOX_64(machine_keys_are_checked_and_say_what_is_possible),	   /* steering */
		BOX_BOTH(capabilities_are_what_the_machine_says),		   /* A2.7 */
		BOX_64(the_second_generation_calls_and_refuses_what_nobody_knows), /* C */
		BOX_64(other_nodes_do_not_know_the_second_generations_command),	   /* C */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
