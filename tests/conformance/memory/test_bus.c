/* SPDX-License-Identifier: BSD-3-Clause */
/* The interface for other kernel drivers, and the rpmsg bus (downstream). */
#include "box.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "emulator_driver.h"

/* A driver that counts what happens to it. */
struct client {
	struct frpc_emulator_driver driver;
	int probed, downs;
	struct frpc_emulator_device *device;
	long map_at_probe; /* what MAP_DMA said inside probe(), if asked to try */
	int probe_fd;
};

static int client_probe(struct frpc_emulator_device *device, void *context)
{
	struct client *client = context;
	struct frpc_emulator_map_dma map = {.fd = client->probe_fd, .size = PAGE};

	client->probed++;
	client->device = device;
	if (client->probe_fd >= 0)
		client->map_at_probe =
			frpc_emulator_driver_invoke(device, FRPC_EMULATOR_MAP_DMA, &map);
	return 0;
}

static int client_callback(struct frpc_emulator_device *device,
			   enum frpc_emulator_driver_status status, void *context)
{
	struct client *client = context;

	assert_ptr_equal(device, client->device);
	assert_int_equal(status, FRPC_EMULATOR_PROC_DOWN);
	client->downs++;
	return 0;
}

static void init_client(struct client *client, int handle)
{
	*client = (struct client){
		.driver = {.handle = handle,
			   .probe = client_probe,
			   .callback = client_callback,
			   .context = client},
		.probe_fd = -1,
	};
}

static void start(struct box *box, struct client *client)
{
	box_start(box, "domains=cdsp", box->compat);
	box_ready(box, CDSP, 0);
	init_client(client, (int)box_memory(box).client_id);
}

static void a_driver_gets_the_device_of_its_handle(void **state)
{
	struct box *box = *state;
	struct client client, other;
	char name[64];

	start(box, &client);
	init_client(&other, 99);
	assert_int_equal(frpc_emulator_driver_register(box->emulator, &client.driver), 0);
	assert_int_equal(frpc_emulator_driver_register(box->emulator, &other.driver), 0);
	assert_int_equal(client.probed, 1);
	assert_int_equal(other.probed, 0);
	snprintf(name, sizeof(name), "fastrpc-%d-%d-3", (int)getpid(), client.driver.handle);
	assert_string_equal(frpc_emulator_device_name(client.device), name);
	assert_int_equal(frpc_emulator_driver_register(box->emulator, &client.driver), -EEXIST);
	frpc_emulator_driver_unregister(box->emulator, &client.driver);
	assert_null(client.driver.device);
	assert_int_equal(frpc_emulator_driver_register(box->emulator, &client.driver), 0);
	assert_int_equal(client.probed, 2);
	box_close(box);
	frpc_emulator_driver_unregister(box->emulator, &client.driver);
	frpc_emulator_driver_unregister(box->emulator, &other.driver);
	frpc_emulator_driver_unregister(box->emulator, &other.driver);
}

static struct client waiting_client;
FRPC_EMULATOR_MODULE_DRIVER(waiting, waiting_client.driver)

static void a_device_that_comes_later_matches_and_can_be_used_in_probe(void **state)
{
	struct box_buffer buffer = box_buffer(PAGE);
	struct box *box = *state;

	box_start(box, "domains=cdsp", box->compat);
	init_client(&waiting_client, 1);
	waiting_client.probe_fd = buffer.fd;
	waiting_client.map_at_probe = -1;
	assert_int_equal(waiting_init(box->emulator), 0);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(waiting_client.probed, 0); /* no process, no device */
	assert_int_equal(box_create(box, 0), 0);
	assert_int_equal(waiting_client.probed, 1);
	assert_int_equal(waiting_client.map_at_probe, 0);
	box_close(box);
	waiting_exit(box->emulator);
	box_drop(&buffer);
}

static void map_dma_maps_with_flag_6_and_unmap_dma_undoes_it(void **state)
{
	struct box_buffer buffer = box_buffer(2 * PAGE), other = box_buffer(PAGE);
	struct frpc_emulator_map_dma map = {.fd = buffer.fd, .size = 2 * PAGE, .attrs = 0x20};
	struct frpc_emulator_unmap_dma unmap = {.fd = buffer.fd, .size = 2 * PAGE};
	struct box *box = *state;
	struct frpc_smq_munmap untold;
	struct client client;
	struct frpc_smq_mmap told;

	start(box, &client);
	assert_int_equal(frpc_emulator_driver_register(box->emulator, &client.driver), 0);
	assert_int_equal(frpc_emulator_driver_invoke(client.device, FRPC_EMULATOR_MAP_DMA, &map),
			 0);
	memcpy(&told, box_find(box, FRPC_SC_MMAP)->args[0].bytes, sizeof(told));
	assert_int_equal(told.flags, 6);
	assert_int_equal(told.vaddrin, 0);
	assert_int_equal(box_map(box).flags, 6);
	assert_int_equal(box_map(box).attrs, 0x20);
	assert_int_equal(box_map(box).dsp_address, map.v_dsp_addr);
	assert_int_not_equal(map.v_dsp_addr, 0);
	/* An unknown buffer is unmapped with success and without the DSP. */
	unmap.fd = other.fd;
	assert_int_equal(
		frpc_emulator_driver_invoke(client.device, FRPC_EMULATOR_UNMAP_DMA, &unmap), 0);
	assert_int_equal(box_count(box, FRPC_SC_MUNMAP), 0);
	unmap.fd = buffer.fd;
	box->refuse[FRPC_SC_METHOD(FRPC_SC_MUNMAP)] = 8;
	assert_int_equal(
		frpc_emulator_driver_invoke(client.device, FRPC_EMULATOR_UNMAP_DMA, &unmap), 8);
	assert_int_equal(box_maps(box), 1);
	assert_int_equal(
		frpc_emulator_driver_invoke(client.device, FRPC_EMULATOR_UNMAP_DMA, &unmap), 0);
	memcpy(&untold, box_find(box, FRPC_SC_MUNMAP)->args[0].bytes, sizeof(untold));
	assert_int_equal(untold.vaddrout, map.v_dsp_addr);
	assert_int_equal(box_maps(box), 0);
	box_close(box);
	frpc_emulator_driver_unregister(box->emulator, &client.driver);
	box_drop(&buffer);
	box_drop(&other);
}

static void bad_requests_of_a_driver_are_refused(void **state)
{
	struct frpc_emulator_map_dma map = {.fd = 9999, .size = PAGE};
	struct frpc_emulator_hlos_pid pid = {0};
	struct box *box = *state;
	struct client client;

	start(box, &client);
	assert_int_equal(frpc_emulator_driver_register(box->emulator, &client.driver), 0);
	assert_int_equal(frpc_emulator_driver_invoke(client.device, 0, &map), -ENOTTY);
	assert_int_equal(frpc_emulator_driver_invoke(client.device, 4, &map), -ENOTTY);
	assert_int_equal(frpc_emulator_driver_invoke(client.device, FRPC_EMULATOR_MAP_DMA, &map),
			 -EBADFD);
	assert_int_equal(frpc_emulator_driver_invoke(client.device, 1, NULL), -EINVAL);
	assert_int_equal(frpc_emulator_driver_invoke(NULL, 1, &map), -EINVAL);
	assert_int_equal(
		frpc_emulator_driver_invoke(client.device, FRPC_EMULATOR_GET_HLOS_PID, &pid), 0);
	assert_int_equal(pid.hlos_pid, getpid());
	box_close(box);
	frpc_emulator_driver_unregister(box->emulator, &client.driver);
}

static void a_closed_process_is_reported_and_its_device_answers_so(void **state)
{
	struct frpc_emulator_hlos_pid pid = {0};
	struct box *box = *state;
	struct client client;

	start(box, &client);
	assert_int_equal(frpc_emulator_driver_register(box->emulator, &client.driver), 0);
	box_close(box);
	assert_int_equal(client.downs, 1);
	assert_int_equal(frpc_emulator_driver_invoke(client.device, FRPC_EMULATOR_GET_HLOS_PID,
						     &pid),
			 -ESRCH);
	frpc_emulator_driver_unregister(box->emulator, &client.driver);
	/* The handle's next owner is another device. */
	assert_int_equal(frpc_emulator_driver_register(box->emulator, &client.driver), 0);
	assert_int_equal(client.probed, 1);
	box_ready(box, CDSP, 0);
	assert_int_equal(client.probed, 2);
	box_close(box);
	frpc_emulator_driver_unregister(box->emulator, &client.driver);
}

/* A client that somebody unregisters while one of its functions runs. */
struct leaver {
	struct client client;
	struct box *box;
	pthread_t thread;
	_Atomic pid_t tid;
	atomic_bool gone;
	bool gone_too_early;
};

static void *unregister(void *arg)
{
	struct leaver *leaver = arg;

	atomic_store(&leaver->tid, (pid_t)syscall(SYS_gettid));
	frpc_emulator_driver_unregister(leaver->box->emulator, &leaver->client.driver);
	atomic_store(&leaver->gone, true);
	return NULL;
}

/* Until the other thread has either returned or found that it has to wait. */
static void let_unregister(struct leaver *leaver)
{
	assert_int_equal(pthread_create(&leaver->thread, NULL, unregister, leaver), 0);
	while (!atomic_load(&leaver->tid) ||
	       (!atomic_load(&leaver->gone) && !box_sleeps(atomic_load(&leaver->tid))))
		usleep(1000);
	leaver->gone_too_early = atomic_load(&leaver->gone);
}

static int probe_and_leave(struct frpc_emulator_device *device, void *context)
{
	(void)device;
	let_unregister(context);
	return 0;
}

static int leave_when_down(struct frpc_emulator_device *device,
			   enum frpc_emulator_driver_status status, void *context)
{
	(void)device;
	(void)status;
	let_unregister(context);
	return 0;
}

static void expect_to_be_gone(struct leaver *leaver)
{
	pthread_join(leaver->thread, NULL);
	assert_false(leaver->gone_too_early);
	assert_true(atomic_load(&leaver->gone));
	assert_null(leaver->client.driver.device);
}

static void a_driver_is_not_unregistered_while_its_probe_runs(void **state)
{
	struct leaver leaver = {.box = *state};

	start(leaver.box, &leaver.client);
	leaver.client.driver.probe = probe_and_leave;
	leaver.client.driver.context = &leaver;
	assert_int_equal(frpc_emulator_driver_register(leaver.box->emulator, &leaver.client.driver),
			 0);
	expect_to_be_gone(&leaver);
}

static void a_driver_is_not_unregistered_while_it_is_told_of_an_end(void **state)
{
	struct leaver leaver = {.box = *state};

	start(leaver.box, &leaver.client);
	leaver.client.driver.callback = leave_when_down;
	leaver.client.driver.probe = NULL;
	leaver.client.driver.context = &leaver;
	assert_int_equal(frpc_emulator_driver_register(leaver.box->emulator, &leaver.client.driver),
			 0);
	box_close(leaver.box);
	expect_to_be_gone(&leaver);
}

/* ---- rpmsg ---- */

static void labels_say_which_dsp_a_channel_is_for(void **state)
{
	static const struct {
		const char *label, *node;
		int expected;
	} cases[] = {
		{"adsp", NULL, 0},	  {"mdsp", NULL, 1},	    {"slpi", NULL, 2},
		{"cdsp", NULL, 3},	  {"cdsp1", NULL, -ENODEV}, /* this machine has none */
		{NULL, "cdsp", 3},	  {"adsp", "cdsp", 0},	    {"sdsp", NULL, -ECHRNG},
		{"lpass", NULL, -ECHRNG}, {NULL, NULL, -ECHRNG},
	};
	static const char name[] = "fastrpcglink-apps-dsp";
	struct box *box = *state;

	box_start(box, "domains=adsp+mdsp+sdsp+cdsp", box->compat);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(frpc_emulator_rpmsg_probe(box->emulator, name, cases[i].label,
							   cases[i].node),
				 cases[i].expected);
	assert_int_equal(frpc_emulator_rpmsg_probe(box->emulator, "fastrpcsmd-apps-dsp", "cdsp",
						   NULL),
			 -ENODEV);
}

static void while_the_channel_is_down_calls_have_no_device(void **state)
{
	const struct box_arg none = {0};
	struct box *box = *state;

	box_start(box, "domains=cdsp", box->compat);
	box_ready(box, CDSP, 0);
	assert_int_equal(frpc_emulator_rpmsg_remove(box->emulator, "cdsp", NULL), CDSP);
	assert_int_equal(box_invoke(box, 0x20, 0, &none), -ENODEV);
	assert_int_equal(box_mmap(box, -1, FRPC_DN_MMAP_ADD_PAGES, 0, PAGE, NULL), -ENODEV);
	assert_int_equal(box_memory(box).heap_buffers, 0);
	assert_int_equal(frpc_emulator_rpmsg_probe(box->emulator, "fastrpcglink-apps-dsp", "cdsp",
						   NULL),
			 CDSP);
	assert_int_equal(box_invoke(box, 0x20, 0, &none), 0);
}

static void a_create_is_refused_while_the_channel_is_down(void **state)
{
	struct box *box = *state;

	box_start(box, "domains=cdsp", box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	frpc_emulator_rpmsg_remove(box->emulator, NULL, "cdsp");
	assert_int_equal(box_create(box, 0), -ECONNREFUSED);
	frpc_emulator_rpmsg_probe(box->emulator, "fastrpcglink-apps-dsp", "cdsp", NULL);
	assert_int_equal(box_create(box, 0), 0);
}

static void *attach(void *arg)
{
	struct box *box = arg;

	return (void *)(intptr_t)box_init(
		box, &(struct frpc_dn_init_attrs){.init = {.flags = FRPC_DN_INIT_ATTACH}});
}

static void an_attach_waits_until_the_channel_is_probed(void **state)
{
	struct box *box = *state;
	pthread_t thread;
	void *res;

	box_start(box, "domains=adsp", box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, ADSP, NULL), 0);
	frpc_emulator_rpmsg_remove(box->emulator, "adsp", NULL);
	assert_int_equal(pthread_create(&thread, NULL, attach, box), 0);
	frpc_emulator_rpmsg_probe(box->emulator, "fastrpcglink-apps-dsp", "adsp", NULL);
	pthread_join(thread, &res);
	assert_int_equal((intptr_t)res, 0);
	assert_int_equal(box_count(box, FRPC_SC_ATTACH), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_BOTH(a_driver_gets_the_device_of_its_handle),		      /* A10 */
		BOX_BOTH(a_device_that_comes_later_matches_and_can_be_used_in_probe), /* A10 */
		BOX_BOTH(map_dma_maps_with_flag_6_and_unmap_dma_undoes_it),	      /* A10 */
		BOX_64(bad_requests_of_a_driver_are_refused),			      /* A10 */
		BOX_64(a_closed_process_is_reported_and_its_device_answers_so),	      /* A10 */
		BOX_64(a_driver_is_not_unregistered_while_its_probe_runs),	      /* A10 */
		BOX_64(a_driver_is_not_unregistered_while_it_is_told_of_an_end),      /* A10 */
		BOX_64(labels_say_which_dsp_a_channel_is_for),			      /* A9.1 */
		BOX_BOTH(while_the_channel_is_down_calls_have_no_device),	      /* A9.1 */
		BOX_BOTH(a_create_is_refused_while_the_channel_is_down), /* A2.5, A9.1 */
		BOX_BOTH(an_attach_waits_until_the_channel_is_probed),	 /* A9.1 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
