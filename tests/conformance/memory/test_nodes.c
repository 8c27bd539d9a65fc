/* SPDX-License-Identifier: BSD-3-Clause */
/* Domains, nodes, who may open what, sessions and context banks; downstream, but for one test. */
#include "box.h"
#include "steps.h"

#include <fastrpc/abi/mainline.h>

static void expect_info(struct box *box, const char *node, uint32_t channel, long expected)
{
	assert_true(box_open(box, node) >= 0);
	assert_int_equal(box_getinfo(box, channel, NULL), expected);
	box_close(box);
}

static void the_open_node_is_for_the_compute_dsp_alone(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	expect_info(box, OPEN_NODE, ADSP, -EACCES);
	expect_info(box, OPEN_NODE, MDSP, -EACCES);
	expect_info(box, OPEN_NODE, SDSP, -EACCES);
	expect_info(box, OPEN_NODE, CDSP1, -EACCES);
	expect_info(box, OPEN_NODE, CDSP, 0);
	for (uint32_t channel = ADSP; channel <= CDSP; channel++)
		expect_info(box, SECURE_NODE, channel, 0);
}

static void channels_are_0_to_4(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	expect_info(box, SECURE_NODE, 5, -ECHRNG);
	expect_info(box, SECURE_NODE, UINT32_MAX, -ECHRNG);
}

static void secure_flags_come_from_the_device_tree(void **state)
{
	struct box *box = *state;

	box_start(box, "secure=mdsp", box->compat);
	expect_info(box, OPEN_NODE, ADSP, 0);
	expect_info(box, OPEN_NODE, MDSP, -EACCES);
}

static void a_secure_compute_dsp_refuses_init_on_the_open_node(void **state)
{
	struct box *box = *state;

	box_start(box, "secure=cdsp", box->compat);
	assert_true(box_open(box, OPEN_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0); /* unsigned PDs are supported */
	assert_int_equal(box_create(box, FRPC_PROC_ATTR_UNSIGNED), -ECONNREFUSED);
}

static void only_dynamic_processes_are_made_through_the_open_node(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	assert_true(box_open(box, OPEN_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	for (uint32_t flags = 0; flags <= 3; flags++)
		if (flags != FRPC_DN_INIT_CREATE)
			assert_int_equal(
				box_init(box,
					 &(struct frpc_dn_init_attrs){.init = {.flags = flags}}),
				-ECONNREFUSED);
	assert_int_equal(box_init(box, &(struct frpc_dn_init_attrs){.init = {.flags = 4}}),
			 -ENOTTY);
	assert_int_equal(box_create(box, 0), 0);
}

static void a_file_chooses_its_dsp_once_even_if_the_choice_failed(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, 17, NULL), -ECHRNG);
	assert_int_equal(box_getinfo(box, CDSP, NULL), -EBADR);
}

static void getinfo_says_whether_there_is_an_smmu(void **state)
{
	struct box *box = *state;
	uint32_t smmu = 7;

	box_start(box, NULL, box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, &smmu), 0);
	assert_int_equal(smmu, 1);
	box_stop(box);
	box_start(box, "banks=0", box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, &smmu), 0);
	assert_int_equal(smmu, 0);
}

static void without_banks_and_reserved_memory_there_is_no_device(void **state)
{
	struct box *box = *state;

	box_start(box, "banks=0,heap=0", box->compat);
	expect_info(box, SECURE_NODE, CDSP, -ENODEV);
}

static void banks_are_taken_in_order_and_given_back_at_close(void **state)
{
	struct box *box = *state;
	int files[3];

	box_start(box, "banks=3", box->compat);
	for (uint32_t i = 0; i < 3; i++) {
		assert_true(box_open(box, SECURE_NODE) >= 0);
		assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
		assert_int_equal(box_memory(box).bank, i + 1);
		files[i] = box->file;
	}
	expect_info(box, SECURE_NODE, CDSP, -EUSERS);
	expect_info(box, SECURE_NODE, ADSP, 0); /* each DSP has its own */
	assert_int_equal(frpc_emulator_close(box->emulator, files[1]), 0);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(box_memory(box).bank, 2);
	frpc_emulator_close(box->emulator, files[0]);
	frpc_emulator_close(box->emulator, files[2]);
}

static void fourteen_banks_are_the_most(void **state)
{
	struct box *box = *state;
	struct frpc_emulator *emulator;
	char text[200];

	box_start(box, "banks=14,secure-banks=0", box->compat);
	for (uint32_t i = 0; i < 14; i++) {
		assert_true(box_open(box, SECURE_NODE) >= 0);
		assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	}
	expect_info(box, SECURE_NODE, CDSP, -EUSERS);
	assert_int_equal(frpc_emulator_new("banks=15", &emulator, text, sizeof(text)), -EINVAL);
	for (int file = 0; file < 14; file++)
		frpc_emulator_close(box->emulator, file);
}

static void client_ids_are_1_to_255_for_all_dsps_together(void **state)
{
	struct box *box = *state;
	int files[255];
	uint32_t channel;

	/* More clients than banks: DSPs without an SMMU have no banks to run out of. */
	box_start(box, "banks=0", box->compat);
	for (int i = 0; i < 255; i++) {
		channel = (uint32_t)i % 4;
		assert_true(box_open(box, SECURE_NODE) >= 0);
		assert_int_equal(box_getinfo(box, channel, NULL), 0);
		assert_int_equal(box_memory(box).client_id, i + 1);
		files[i] = box->file;
	}
	expect_info(box, SECURE_NODE, CDSP, -EUSERS);
	for (int i = 0; i < 255; i++)
		frpc_emulator_close(box->emulator, files[i]);
	expect_info(box, SECURE_NODE, CDSP, 0);
}

static void addresses_carry_the_bank_in_bits_35_to_32(void **state)
{
	struct box *box = *state;
	const struct box_call *create;

	box_start(box, "banks=2", box->compat);
	box_ready(box, CDSP, 0);
	box_close(box);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	box_forget(box);
	assert_int_equal(box_create(box, 0), 0);
	create = box_find(box, FRPC_SC_CREATE);
	assert_non_null(create);
	assert_int_equal(create->message.page_addr >> 32, 1);
	assert_int_equal(create->args[0].page.addr >> 32, 1);
	assert_int_equal(create->args[2].page.addr >> 32, 1); /* the shell, a map */
}

static void addresses_without_an_smmu_are_plain(void **state)
{
	struct box *box = *state;
	const struct box_call *create;

	box_start(box, "banks=0", box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(box_create(box, 0), 0);
	create = box_find(box, FRPC_SC_CREATE);
	assert_non_null(create);
	assert_int_equal(create->message.page_addr >> 32, 0);
	assert_int_equal(create->args[2].page.addr >> 32, 0);
	assert_int_equal(create->args[0].resolved, 0);
}

static long sess_info(struct box *box, uint32_t channel, uint32_t session, uint32_t pd_type)
{
	struct frpc_dn_sess_info info = {channel, session, pd_type, 0};
	long res;

	assert_true(box_open(box, SECURE_NODE) >= 0);
	res = box_sess_info(box, &info);
	if (!res)
		assert_int_equal(info.domain_id, 1);
	return res;
}

static void session_info_checks_pd_type_and_session(void **state)
{
	struct box *box = *state;

	box_start(box, "sessions=2", false);
	assert_int_equal(sess_info(box, CDSP, 0, 0), -EBADR);
	box_close(box);
	assert_int_equal(sess_info(box, CDSP, 0, 9), -EBADR);
	assert_int_equal(box_getinfo(box, CDSP, NULL), -EBADR); /* the attempt counted */
	box_close(box);
	assert_int_equal(sess_info(box, CDSP, 2, 7), -EBADR);
	box_close(box);
	assert_int_equal(sess_info(box, 5, 0, 7), -ECHRNG);
	box_close(box);
	assert_int_equal(sess_info(box, CDSP, 1, 7), 0);
	box_close(box);
	for (uint32_t pd_type = 1; pd_type <= 8; pd_type++) {
		if (pd_type != 3)
			assert_int_equal(sess_info(box, CDSP, 0, pd_type), 0);
		box_close(box);
	}
}

static void four_sessions_are_the_default(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, false);
	assert_int_equal(sess_info(box, CDSP, 3, 7), 0);
	box_close(box);
	assert_int_equal(sess_info(box, CDSP, 4, 7), -EBADR);
}

static void pd_types_choose_the_bank_where_the_device_tree_has_them(void **state)
{
	struct box *box = *state;

	box_start(box, "banks=3,pd-types=2+7+5", false);
	assert_int_equal(sess_info(box, CDSP, 0, 7), 0);
	assert_int_equal(box_memory(box).bank, 2);
	box_close(box);
	assert_int_equal(sess_info(box, CDSP, 0, 5), 0);
	assert_int_equal(box_memory(box).bank, 3);
	box_close(box);
	assert_int_equal(sess_info(box, CDSP, 0, 4), -EUSERS);
	box_close(box);
	/* GETINFO names none and takes the first. */
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(box_memory(box).bank, 1);
}

static void sensors_sessions_and_control_ask_for_a_shared_bank(void **state)
{
	struct frpc_dn_control control = {.req = FRPC_DN_CONTROL_SMMU, .smmu_sharedcb = 1};
	struct box *box = *state;

	box_start(box, "banks=3,shared-banks=1", false);
	assert_int_equal(sess_info(box, ADSP, 0, 3), 0);
	assert_int_equal(box_memory(box).bank, 3);
	/* A shared bank is for the sensors alone. */
	assert_int_equal(box_create(box, 0), -EACCES);
	box_close(box);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_CONTROL, &control), 0);
	assert_int_equal(box_getinfo(box, ADSP, NULL), 0);
	assert_int_equal(box_memory(box).bank, 3);
}

static void a_32_bit_client_cannot_ask_for_a_shared_bank(void **state)
{
	struct frpc_dn_control control = {.req = FRPC_DN_CONTROL_SMMU, .smmu_sharedcb = 1};
	struct box *box = *state;

	box_start(box, "banks=3,shared-banks=1", true);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_CONTROL, &control), 0);
	assert_int_equal(box_getinfo(box, ADSP, NULL), 0);
	assert_int_equal(box_memory(box).bank, 1);
}

#define SESSIONS 14
#define GROUP	 1u /* a handle that is nobody's, which a dead file says first */

static int open_adsp(struct frpc_emulator *emulator)
{
	return frpc_emulator_open(emulator, "/dev/fastrpc-adsp-secure", O_RDONLY);
}

static int count_sessions(struct frpc_emulator *emulator)
{
	int files[32], count = 0;

	while (count < 32 && (files[count] = open_adsp(emulator)) >= 0)
		count++;
	for (int i = 0; i < count; i++)
		frpc_emulator_close(emulator, files[i]);
	return count;
}

static bool is_alive(struct frpc_emulator *emulator, int file)
{
	struct frpc_ml_invoke request = {.handle = GROUP};

	return frpc_emulator_ioctl(emulator, file, FRPC_ML_IOCTL_INVOKE, (uintptr_t)&request,
				   false) != -EPIPE;
}

/* A restart that stops at a step of its own until it is let go on. */
struct restart {
	struct frpc_emulator *emulator;
	uint32_t at;
	bool over; /* it had no such step */
	pthread_t thread;
	bool begun;
	sem_t stopped, go_on;
};

static void stop(void *context)
{
	struct restart *restart = context;

	sem_post(&restart->stopped);
	sem_wait(&restart->go_on);
}

static void *run_restart(void *arg)
{
	struct restart *restart = arg;

	steps_arm(restart->at, 0, stop, restart);
	frpc_emulator_restart(restart->emulator, ADSP);
	restart->over = !steps_disarm();
	if (restart->over)
		sem_post(&restart->stopped);
	return NULL;
}

static void begin_restart(void *context)
{
	struct restart *restart = context;

	restart->begun = !pthread_create(&restart->thread, NULL, run_restart, restart);
	if (restart->begun)
		sem_wait(&restart->stopped);
}

static void end_restart(struct restart *restart)
{
	if (restart->begun) {
		sem_post(&restart->go_on);
		pthread_join(restart->thread, NULL);
	}
	sem_destroy(&restart->stopped);
	sem_destroy(&restart->go_on);
}

static struct restart restart_at(struct frpc_emulator *emulator, uint32_t at)
{
	struct restart restart = {.emulator = emulator, .at = at};

	sem_init(&restart.stopped, 0, 0);
	sem_init(&restart.go_on, 0, 0);
	return restart;
}

/* False: an open has no step @number. *@ret_over: the restart was over before @at. */
static bool open_amid(struct frpc_emulator *emulator, uint32_t number, uint32_t at, bool *ret_over)
{
	struct restart restart = restart_at(emulator, at);
	bool done;
	int file;

	steps_arm(number, 0, begin_restart, &restart);
	file = open_adsp(emulator);
	done = steps_disarm();
	end_restart(&restart);
	if (file >= 0) {
		assert_int_equal(count_sessions(emulator), SESSIONS - is_alive(emulator, file));
		frpc_emulator_close(emulator, file);
	}
	assert_int_equal(count_sessions(emulator), SESSIONS);
	*ret_over = restart.over;
	return done;
}

/* The session may be another file's already: that one keeps it. */
static bool close_amid(struct frpc_emulator *emulator, uint32_t number, uint32_t at, bool *ret_over)
{
	struct restart restart = restart_at(emulator, at);
	int file = open_adsp(emulator), other;
	bool done;

	assert_true(file >= 0);
	steps_arm(number, 0, begin_restart, &restart);
	frpc_emulator_close(emulator, file);
	done = steps_disarm();
	end_restart(&restart);
	other = open_adsp(emulator);
	assert_int_equal(count_sessions(emulator), SESSIONS - 1);
	frpc_emulator_close(emulator, other);
	*ret_over = restart.over;
	return done;
}

static void try_all_orders(bool (*run)(struct frpc_emulator *emulator, uint32_t number, uint32_t at,
				       bool *ret_over))
{
	struct frpc_emulator *emulator;
	char text[200] = "";
	uint32_t number = 0;
	bool done, over;

	if (frpc_emulator_new("domains=adsp,abi=mainline", &emulator, text, sizeof(text)))
		fail_msg("%s", text);
	do {
		number++;
		over = false;
		done = true;
		for (uint32_t at = 1; done && !over; at++)
			done = run(emulator, number, at, &over);
	} while (done);
	assert_true(number > 4);
	frpc_emulator_free(emulator);
}

static void files_opened_amid_restarts_take_and_give_their_own_channels_sessions(void **state)
{
	(void)state;
	try_all_orders(open_amid);
	try_all_orders(close_amid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_64(files_opened_amid_restarts_take_and_give_their_own_channels_sessions), /* B1 */
		BOX_BOTH(the_open_node_is_for_the_compute_dsp_alone),		 /* A1 */
		BOX_BOTH(channels_are_0_to_4),					 /* A1 */
		BOX_BOTH(secure_flags_come_from_the_device_tree),		 /* A1 */
		BOX_BOTH(a_secure_compute_dsp_refuses_init_on_the_open_node),	 /* A1 */
		BOX_BOTH(only_dynamic_processes_are_made_through_the_open_node), /* A1 */
		BOX_BOTH(a_file_chooses_its_dsp_once_even_if_the_choice_failed), /* A2.3 */
		BOX_BOTH(getinfo_says_whether_there_is_an_smmu),		 /* A2.3 */
		BOX_BOTH(without_banks_and_reserved_memory_there_is_no_device),	 /* A8.1 */
		BOX_BOTH(banks_are_taken_in_order_and_given_back_at_close),	 /* A8.1 */
		BOX_BOTH(fourteen_banks_are_the_most),				 /* A8.1 */
		BOX_64(client_ids_are_1_to_255_for_all_dsps_together),		 /* A2.3 */
		BOX_BOTH(addresses_carry_the_bank_in_bits_35_to_32),		 /* A8.3 */
		BOX_BOTH(addresses_without_an_smmu_are_plain),			 /* A8.3 */
		BOX_64(session_info_checks_pd_type_and_session),		 /* A2.9 */
		BOX_64(four_sessions_are_the_default),				 /* A2.9 */
		BOX_64(pd_types_choose_the_bank_where_the_device_tree_has_them), /* A8.2 */
		BOX_64(sensors_sessions_and_control_ask_for_a_shared_bank),	 /* A2.9 */
		BOX_32(a_32_bit_client_cannot_ask_for_a_shared_bank),		 /* A12 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
