/* SPDX-License-Identifier: BSD-3-Clause */
/* The router transport: packets, servers that come and go, and the driver of a trusted VM over it. */
#include "box.h"

#include <endian.h>

#include "emulator/link/qrtr.h"

/* Where the ends meet. On the kernel's router others may be about: there a service of one's own. */
static bool local = true;
static uint32_t instance = EMU_QRTR_INSTANCE(3, EMU_QRTR_SECURE_PD);

/* What an end was told and given. */
struct seen {
	sem_t state, data;
	_Atomic bool online;
	unsigned char bytes[256];
	size_t len;
};

static void on_state(void *context, bool online)
{
	struct seen *seen = context;

	seen->online = online;
	sem_post(&seen->state);
}

static int on_data(void *context, const void *bytes, size_t len)
{
	struct seen *seen = context;

	memcpy(seen->bytes, bytes, len);
	seen->len = len;
	sem_post(&seen->data);
	return 0;
}

struct pair {
	struct emu_qrtr_network *network;
	struct emu_end *client, *server;
	struct seen at_client, at_server;
};

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem))
		;
}

static void open_pair(struct pair *pair)
{
	*pair = (struct pair){0};
	sem_init(&pair->at_client.state, 0, 0);
	sem_init(&pair->at_client.data, 0, 0);
	sem_init(&pair->at_server.data, 0, 0);
	assert_int_equal(emu_qrtr_network_new(local, &pair->network), 0);
	assert_int_equal(emu_qrtr_client_new(pair->network, instance, on_state, &pair->at_client,
					     &pair->client),
			 0);
	assert_int_equal(emu_qrtr_server_new(pair->network, instance, &pair->server), 0);
}

static void close_pair(struct pair *pair)
{
	emu_end_connect(pair->client, NULL, NULL);
	emu_end_connect(pair->server, NULL, NULL);
	emu_end_free(pair->client);
	emu_end_free(pair->server);
	emu_qrtr_network_free(pair->network);
	sem_destroy(&pair->at_client.state);
	sem_destroy(&pair->at_client.data);
	sem_destroy(&pair->at_server.data);
}

static void come_online(struct pair *pair)
{
	emu_end_connect(pair->client, on_data, &pair->at_client);
	emu_end_connect(pair->server, on_data, &pair->at_server);
	wait_for(&pair->at_client.state);
	assert_true(pair->at_client.online);
}

static void instances_hold_channel_and_remote_domain(void **state)
{
	(void)state;
	assert_int_equal(EMU_QRTR_INSTANCE(3, EMU_QRTR_SECURE_PD), 0x003);
	assert_int_equal(EMU_QRTR_INSTANCE(3, EMU_QRTR_GUEST_OS), 0x103);
	assert_int_equal(EMU_QRTR_INSTANCE(0, EMU_QRTR_GUEST_OS), 0x100);
	assert_int_equal(sizeof(struct emu_qrtr_packet), 20);
}

static void sends_without_a_server_are_a_broken_pipe(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair);
	assert_int_equal(emu_end_send(pair.client, "x", 1), -EPIPE);
	emu_end_connect(pair.client, on_data, &pair.at_client);
	assert_int_equal(emu_end_send(pair.client, "x", 1), -EPIPE);
	assert_int_equal(emu_qrtr_client_wait(pair.client, 1), -ETIMEDOUT);
	close_pair(&pair);
}

static void a_server_is_found_whoever_comes_first(void **state)
{
	struct pair pair;

	(void)state;
	for (int server_first = 0; server_first < 2; server_first++) {
		open_pair(&pair);
		if (server_first)
			emu_end_connect(pair.server, on_data, &pair.at_server);
		come_online(&pair);
		assert_int_equal(emu_end_send(pair.client, "hello", 5), 0);
		wait_for(&pair.at_server.data);
		assert_int_equal(pair.at_server.len, 5);
		assert_memory_equal(pair.at_server.bytes, "hello", 5);
		close_pair(&pair);
	}
}

static void what_the_driver_receives_always_has_24_bytes(void **state)
{
	static const unsigned char zero[24];
	struct pair pair;

	(void)state;
	open_pair(&pair);
	come_online(&pair);
	assert_int_equal(emu_end_send(pair.client, "x", 1), 0);
	wait_for(&pair.at_server.data);
	assert_int_equal(emu_end_send(pair.server, "12345678", 8), 0);
	wait_for(&pair.at_client.data);
	assert_int_equal(pair.at_client.len, 24);
	assert_memory_equal(pair.at_client.bytes, "12345678", 8);
	assert_memory_equal(pair.at_client.bytes + 8, zero, 16);
	close_pair(&pair);
}

static void a_server_that_goes_takes_the_link_down(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair);
	come_online(&pair);
	emu_qrtr_server_set_up(pair.server, false);
	wait_for(&pair.at_client.state);
	assert_false(pair.at_client.online);
	assert_int_equal(emu_end_send(pair.client, "x", 1), -EPIPE);
	emu_qrtr_server_set_up(pair.server, true);
	wait_for(&pair.at_client.state);
	assert_true(pair.at_client.online);
	assert_int_equal(emu_end_send(pair.client, "x", 1), 0);
	close_pair(&pair);
}

/* Packets of another service, instance or server, short ones and unknown commands. */
static void other_control_packets_do_not_matter(void **state)
{
	struct emu_qrtr_socket *other;
	struct pair pair;

	(void)state;
	open_pair(&pair);
	come_online(&pair);
	assert_int_equal(emu_qrtr_socket_new(pair.network, &other), 0);
	for (uint32_t command = 0; command < 20; command++) {
		struct emu_qrtr_packet packet = {command, EMU_QRTR_SERVICE, instance + 0x100,
						 emu_qrtr_socket_address(other).node,
						 emu_qrtr_socket_address(other).port};

		assert_int_equal(emu_qrtr_socket_control(other, &packet), 0);
		packet.service++;
		packet.instance = instance;
		assert_int_equal(emu_qrtr_socket_control(other, &packet), 0);
	}
	/* A server of that name elsewhere that goes is not ours. */
	assert_int_equal(emu_qrtr_socket_control(other,
						 &(struct emu_qrtr_packet){EMU_QRTR_DEL_SERVER,
									   EMU_QRTR_SERVICE,
									   instance, 0, 0}),
			 0);
	assert_int_equal(emu_end_send(pair.client, "still", 5), 0);
	wait_for(&pair.at_server.data);
	assert_memory_equal(pair.at_server.bytes, "still", 5);
	emu_qrtr_socket_free(other);
	close_pair(&pair);
}

static void control_from_elsewhere_than_the_name_service_is_data(void **state)
{
	struct emu_qrtr_packet forged = {htole32(EMU_QRTR_DEL_SERVER), htole32(EMU_QRTR_SERVICE),
					 htole32(instance), 0, 0};
	struct pair pair;

	(void)state;
	open_pair(&pair);
	come_online(&pair);
	assert_int_equal(emu_end_send(pair.client, "x", 1), 0);
	wait_for(&pair.at_server.data);
	assert_int_equal(emu_end_send(pair.server, &forged, sizeof(forged)), 0);
	wait_for(&pair.at_client.data);
	assert_memory_equal(pair.at_client.bytes, &forged, sizeof(forged));
	assert_true(pair.at_client.online);
	close_pair(&pair);
}

/* ---- the same over the kernel's router, where it has one ---- */

static int use_router(void **state)
{
	struct emu_qrtr_network *network;

	local = false;
	instance = 0x80000000u | (uint32_t)getpid();
	assert_int_equal(emu_qrtr_network_new(false, &network), 0);
	if (emu_qrtr_network_is_local(network))
		local = true; /* the test says so */
	emu_qrtr_network_free(network);
	return box_setup_64(state);
}

static int leave_router(void **state)
{
	local = true;
	instance = EMU_QRTR_INSTANCE(3, EMU_QRTR_SECURE_PD);
	return box_teardown(state);
}

/* Without other control packets: the kernel's name service takes a BYE from anybody for its node's. */
static void the_kernels_router_carries_the_same_packets(void **state)
{
	if (local)
		skip(); /* this kernel has none */
	sends_without_a_server_are_a_broken_pipe(state);
	a_server_is_found_whoever_comes_first(state);
	what_the_driver_receives_always_has_24_bytes(state);
	a_server_that_goes_takes_the_link_down(state);
	control_from_elsewhere_than_the_name_service_is_data(state);
}

static void a_socket_on_the_kernels_router_has_an_address(void **state)
{
	struct emu_qrtr_network *network;
	struct emu_qrtr_socket *first, *second;

	(void)state;
	if (local)
		skip();
	assert_int_equal(emu_qrtr_network_new(false, &network), 0);
	assert_int_equal(emu_qrtr_socket_new(network, &first), 0);
	assert_int_equal(emu_qrtr_socket_new(network, &second), 0);
	assert_int_not_equal(emu_qrtr_socket_address(first).port, 0);
	assert_int_not_equal(emu_qrtr_socket_address(first).port,
			     emu_qrtr_socket_address(second).port);
	assert_int_equal(emu_qrtr_socket_address(first).node, emu_qrtr_socket_address(second).node);
	emu_qrtr_socket_free(first);
	emu_qrtr_socket_free(second);
	emu_qrtr_network_free(network);
}

/* Nothing of the kernel's is touched, whether it has a router or not. */
static void a_network_of_ones_own_is_local_in_any_case(void **state)
{
	struct emu_qrtr_network *network;

	(void)state;
	assert_int_equal(emu_qrtr_network_new(true, &network), 0);
	assert_true(emu_qrtr_network_is_local(network));
	emu_qrtr_network_free(network);
}

/* ---- the driver over it, with the DSP model at the other side ---- */

static void open_trusted(struct box *box, bool compat)
{
	char text[200] = "";

	box->compat = compat;
	if (frpc_emulator_new("link=qrtr,abi=downstream", &box->emulator, text, sizeof(text)))
		fail_msg("%s", text);
	box->low = mmap_low(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	assert_true(box_open(box, SECURE_NODE) >= 0);
}

static void close_trusted(struct box *box)
{
	box_close(box);
	frpc_emulator_free(box->emulator);
	munmap(box->low, PAGE);
	box->emulator = NULL;
}

static long attach_as(struct box *box, const char *name)
{
	strcpy((char *)box->low, name);
	return box_init(box, &(struct frpc_dn_init_attrs){
				     .init = {.flags = FRPC_DN_INIT_ATTACH,
					      .file = (uintptr_t)box->low,
					      .filelen = (uint32_t)strlen(name) + 1},
			     });
}

static void the_secure_pd_is_reached_and_the_guest_os_is_not_configured(void **state)
{
	struct box *box = *state;

	open_trusted(box, false);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(attach_as(box, "guestos"), -ECHRNG);
	assert_int_equal(frpc_emulator_processes(box->emulator, CDSP), 0);
	assert_int_equal(attach_as(box, "securepd"), 0);
	assert_int_equal(frpc_emulator_processes(box->emulator, CDSP), 1);
	close_trusted(box);
}

static void a_trusted_vm_has_no_32_bit_clients(void **state)
{
	struct box *box = *state;

	open_trusted(box, true);
	assert_int_equal(box_getinfo(box, CDSP, NULL), -ENOTTY);
	close_trusted(box);
}

static void a_lost_server_is_handled_like_a_restart(void **state)
{
	const struct box_arg none = {0};
	struct box *box = *state;
	struct frpc_dn_notif_rsp rsp = {0};
	struct frpc_dn_invoke2 invoke2 = {.req = FRPC_DN_INVOKE2_STATUS_NOTIF,
					  .invparam = (uintptr_t)&rsp,
					  .size = sizeof(rsp)};
	struct emu_end *server;

	open_trusted(box, false);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(attach_as(box, "securepd"), 0);
	server = emu_machine_dsp_end(box->emulator->machine, EMU_DOWNSTREAM, CDSP);
	emu_qrtr_server_set_up(server, false);
	/* Waits until the news has arrived. */
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_INVOKE2, &invoke2), 0);
	assert_int_equal(rsp.status, 4);
	while (box_invoke(box, 0x20, 0, &none) != -ECONNRESET)
		; /* the count follows the notification */
	emu_qrtr_server_set_up(server, true);
	/* The file is good again once it has asked its DSP anew. */
	assert_int_equal(attach_as(box, "securepd"), 0);
	close_trusted(box);
}

#define ROUTER(test) cmocka_unit_test_setup_teardown(test, use_router, leave_router)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_64(instances_hold_channel_and_remote_domain),		     /* A9.2 */
		BOX_64(sends_without_a_server_are_a_broken_pipe),		     /* A9.2 */
		BOX_64(a_server_is_found_whoever_comes_first),			     /* A9.2 */
		BOX_64(what_the_driver_receives_always_has_24_bytes),		     /* A9.2 */
		BOX_64(a_server_that_goes_takes_the_link_down),			     /* A9.2 */
		BOX_64(other_control_packets_do_not_matter),			     /* A9.2 */
		BOX_64(control_from_elsewhere_than_the_name_service_is_data),	     /* A9.2 */
		BOX_64(a_network_of_ones_own_is_local_in_any_case),		     /* steering */
		ROUTER(the_kernels_router_carries_the_same_packets),		     /* A9.2 */
		ROUTER(a_socket_on_the_kernels_router_has_an_address),		     /* A9.2 */
		BOX_64(the_secure_pd_is_reached_and_the_guest_os_is_not_configured), /* A9.2 */
		BOX_64(a_trusted_vm_has_no_32_bit_clients),			     /* A9.2 */
		BOX_64(a_lost_server_is_handled_like_a_restart),		     /* A9.2 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
