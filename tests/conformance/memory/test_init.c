/* SPDX-License-Identifier: BSD-3-Clause */
/* INIT and INIT_ATTRS: attach, create, sensors; sizes, attributes and refusals (downstream). */
#include "box.h"

static void choose(struct box *box, const char *spec, uint32_t channel)
{
	box_start(box, spec, box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, channel, NULL), 0);
	box_forget(box);
}

static long init(struct box *box, uint32_t flags, uint32_t filelen, uint32_t memlen, uint32_t attrs)
{
	return box_init(box, &(struct frpc_dn_init_attrs){
				     .init = {.flags = flags,
					      .filelen = filelen,
					      .filefd = -1,
					      .memlen = memlen},
				     .attrs = (int32_t)attrs,
			     });
}

static struct frpc_smq_create told(const struct box *box, uint32_t sc)
{
	const struct box_call *call = box_find(box, sc);
	struct frpc_smq_create create;

	assert_non_null(call);
	memcpy(&create, call->args[0].bytes, sizeof(create));
	return create;
}

static void init_needs_a_dsp(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(init(box, FRPC_DN_INIT_CREATE, 0, 0, 0), -ECHRNG);
	assert_int_equal(init(box, FRPC_DN_INIT_ATTACH, 0, 0, 0), -ECHRNG);
}

static void shell_and_memory_have_limits(void **state)
{
	struct box *box = *state;

	choose(box, NULL, CDSP);
	for (uint32_t flags = 0; flags <= 3; flags++) {
		assert_int_equal(init(box, flags, 2097152, 0, 0), -EFBIG);
		assert_int_equal(init(box, flags, 0, 200u * 1048576u + 1, 0), -EFBIG);
	}
	assert_int_equal(init(box, FRPC_DN_INIT_CREATE, 0, 1, 0), -EINVAL);
	assert_int_equal(init(box, FRPC_DN_INIT_CREATE, 0, 3 * 1048576 - 1, 0), -EINVAL);
	assert_int_equal(box->count, 0);
	assert_int_equal(init(box, FRPC_DN_INIT_CREATE, 0, 3 * 1048576, 0), 0);
}

static void unknown_init_flags_are_no_command(void **state)
{
	struct box *box = *state;

	choose(box, NULL, CDSP);
	assert_int_equal(init(box, 4, 0, 0, 0), -ENOTTY);
	assert_int_equal(init(box, UINT32_MAX, 0, 0, 0), -ENOTTY);
}

static void attach_sends_the_client_id_as_root(void **state)
{
	struct box *box = *state;
	const struct box_call *call;
	uint32_t id;

	choose(box, NULL, ADSP);
	assert_int_equal(init(box, FRPC_DN_INIT_ATTACH, 0, 0, 0), 0);
	call = box_find(box, FRPC_SC_ATTACH);
	assert_non_null(call);
	memcpy(&id, call->args[0].bytes, sizeof(id));
	assert_int_equal(id, box_memory(box).client_id);
	assert_int_equal(call->message.pid, 0);
	assert_int_equal(call->message.ctx & FRPC_SMQ_PD_MASK, FRPC_SMQ_PD_ROOT);
}

static void sensors_attach_with_their_own_pd_type(void **state)
{
	struct box *box = *state;

	choose(box, NULL, SDSP);
	assert_int_equal(init(box, FRPC_DN_INIT_ATTACH_SENSORS, 0, 0, 0), 0);
	assert_non_null(box_find(box, FRPC_SC_ATTACH));
	assert_int_equal(box_find(box, FRPC_SC_ATTACH)->message.ctx & FRPC_SMQ_PD_MASK,
			 FRPC_SMQ_PD_SENSORS);
}

/* Capability 134 is believed once somebody has asked for capabilities. */
static void sensors_attach_by_name_where_the_dsp_wants_it(void **state)
{
	struct frpc_dn_capability capability = {.domain = SDSP, .attribute_id = 134};
	struct box *box = *state;
	const struct box_call *call;
	struct frpc_smq_attach_name attach;

	choose(box, NULL, SDSP);
	box->capabilities[134] = 1;
	assert_int_equal(box_ioctl(box, FRPC_DN_IOCTL_GET_DSP_INFO, &capability), 0);
	assert_int_equal(capability.capability, 1);
	assert_int_equal(init(box, FRPC_DN_INIT_ATTACH_SENSORS, 0, 0, 0), 0);
	call = box_find(box, FRPC_SC_ATTACH_NAME);
	assert_non_null(call);
	memcpy(&attach, call->args[0].bytes, sizeof(attach));
	assert_int_equal(attach.pgid, box_memory(box).client_id);
	assert_int_equal(attach.namelen, strlen((const char *)call->args[1].bytes) + 1);
	assert_int_equal(call->message.ctx & FRPC_SMQ_PD_MASK, FRPC_SMQ_PD_SENSORS);
}

static void attributes_decide_between_the_two_creates(void **state)
{
	struct box *box = *state;

	choose(box, NULL, ADSP);
	assert_int_equal(box_create(box, 0), 0);
	assert_int_equal(told(box, FRPC_SC_CREATE).attrs, 0);
	box_close(box);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, ADSP, NULL), 0);
	assert_int_equal(box_create(box, FRPC_PROC_ATTR_DEBUG), 0);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).attrs, FRPC_PROC_ATTR_DEBUG);
}

static void a_create_has_four_in_buffers(void **state)
{
	struct box_buffer shell = box_buffer(3 * PAGE);
	struct box *box = *state;
	const struct box_call *call;
	struct frpc_smq_page page;

	choose(box, NULL, CDSP);
	assert_int_equal(box_init(box,
				  &(struct frpc_dn_init_attrs){
					  .init = {.flags = FRPC_DN_INIT_CREATE,
						   .file = (uintptr_t)shell.bytes,
						   .filelen = 2 * PAGE + 5,
						   .filefd = shell.fd},
					  .attrs = 2,
					  .siglen = 77,
				  }),
			 0);
	call = box_find(box, FRPC_SC_CREATE_ATTR);
	assert_non_null(call);
	assert_int_equal(call->message.ctx & FRPC_SMQ_PD_MASK, FRPC_SMQ_PD_USER);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).pgid, box_memory(box).client_id);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).namelen,
			 strlen((const char *)call->args[1].bytes) + 1);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).filelen, 2 * PAGE + 5);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).pageslen, 1);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).siglen, 77);
	assert_int_equal(call->args[2].arg.buf.len, 2 * PAGE + 5);
	assert_int_equal(call->args[3].arg.buf.len, 16);
	memcpy(&page, call->args[3].bytes, sizeof(page));
	assert_int_equal(page.size, 3 * MIB);
	assert_int_equal(box_memory(box).init_buffers, 1);
	/* The shell is mapped for the call alone. */
	assert_int_equal(box_maps(box), 0);
	box_drop(&shell);
}

static uint64_t initial_memory(struct box *box, size_t filelen, uint32_t memlen, uint32_t attrs)
{
	struct box_buffer shell = box_buffer(filelen);
	struct frpc_smq_page page;
	const struct box_call *call;

	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(box_init(box,
				  &(struct frpc_dn_init_attrs){
					  .init = {.flags = FRPC_DN_INIT_CREATE,
						   .file = (uintptr_t)shell.bytes,
						   .filelen = (uint32_t)filelen,
						   .filefd = shell.fd,
						   .memlen = memlen},
					  .attrs = (int32_t)attrs,
				  }),
			 0);
	call = box_find(box, attrs ? FRPC_SC_CREATE_ATTR : FRPC_SC_CREATE);
	memcpy(&page, call->args[3].bytes, sizeof(page));
	box_close(box);
	box_drop(&shell);
	return page.size;
}

static void initial_memory_is_what_was_asked_or_four_shells(void **state)
{
	struct box *box = *state;

	box_start(box, NULL, box->compat);
	assert_int_equal(initial_memory(box, PAGE, 0, 0), 3 * MIB);
	assert_int_equal(initial_memory(box, PAGE, 3 * MIB + 1, 0), 4 * MIB);
	assert_int_equal(initial_memory(box, PAGE, 16 * MIB, 0), 16 * MIB);
	assert_int_equal(initial_memory(box, MIB + 4096, 0, 0), 5 * MIB);
	assert_int_equal(initial_memory(box, 2 * MIB - 1, 0, 0), 8 * MIB);
	/* Unsigned: 5 MiB, whatever was asked. */
	assert_int_equal(initial_memory(box, PAGE, 16 * MIB, FRPC_PROC_ATTR_UNSIGNED), 5 * MIB);
}

static void a_process_is_created_once_but_may_be_tried_again(void **state)
{
	struct box *box = *state;

	choose(box, NULL, CDSP);
	box->refuse[FRPC_SC_METHOD(FRPC_SC_CREATE)] = (int32_t)0x80000414;
	assert_int_equal(box_create(box, 0), (int32_t)0x80000414);
	assert_int_equal(box_memory(box).init_buffers, 0);
	assert_int_equal(box_maps(box), 0);
	assert_int_equal(box_munmap(box, 0, PAGE), -EHOSTDOWN);
	assert_int_equal(box_create(box, 0), 0);
	assert_int_equal(box_create(box, 0), -EALREADY);
}

static void memory_of_the_callers_is_not_taken(void **state)
{
	struct box *box = *state;

	choose(box, NULL, CDSP);
	assert_int_equal(box_init(box,
				  &(struct frpc_dn_init_attrs){
					  .init = {.flags = FRPC_DN_INIT_CREATE, .mem = 4096}}),
			 -EINVAL);
}

static void the_shell_is_mapped_from_its_descriptor(void **state)
{
	struct box *box = *state;
	struct frpc_dn_init_attrs create = {.init = {.flags = FRPC_DN_INIT_CREATE,
						     .file = 0x1000,
						     .filelen = PAGE,
						     .filefd = 9999}};

	choose(box, NULL, CDSP);
	assert_int_equal(box_init(box, &create), -EBADFD);
	create.init.mem = 4096; /* and what is said of mem comes later */
	assert_int_equal(box_init(box, &create), -EBADFD);
	if (box->compat)
		return;
	create.init.mem = 0;
	create.init.file = UINT64_C(0xffff000000000000);
	assert_int_equal(box_init(box, &create), -EPERM);
	create.init.file = UINT64_MAX - 100;
	assert_int_equal(box_init(box, &create), -EPERM);
}

static void the_drivers_own_attributes_are_not_the_callers(void **state)
{
	struct box *box = *state;

	choose(box, NULL, CDSP);
	assert_int_equal(box_create(box, FRPC_PROC_ATTR_DEBUG | FRPC_PROC_ATTR_PRIVILEGED |
						 FRPC_PROC_ATTR_SYSTEM_UNSIGNED),
			 0);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).attrs, FRPC_PROC_ATTR_DEBUG);
	box_close(box);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(box_create(box, FRPC_PROC_ATTR_UNSIGNED), 0);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).attrs,
			 FRPC_PROC_ATTR_UNSIGNED | FRPC_PROC_ATTR_SYSTEM_UNSIGNED);
}

static long create_as(struct box *box, const gid_t *groups, size_t count)
{
	struct frpc_dn_init_attrs create = {.init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1}};
	struct frpc_task task = {
		.tgid = getpid(), .tid = getpid(), .groups = groups, .ngroups = count};

	return emu_driver_ioctl(emu_machine_driver(box->emulator->machine), &task, box->file,
				FRPC_DN_IOCTL_INIT_ATTRS, (uintptr_t)&create);
}

static void members_of_a_listed_group_are_privileged(void **state)
{
	static const gid_t member[] = {5, 2908}, stranger[] = {5, 6};
	struct box *box = *state;

	choose(box, "gids=4000000000+2908", CDSP);
	assert_int_equal(create_as(box, member, 2), 0);
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).attrs, FRPC_PROC_ATTR_PRIVILEGED);
	box_stop(box);
	choose(box, "gids=4000000000+2908", CDSP);
	assert_int_equal(create_as(box, stranger, 2), 0);
	assert_int_equal(told(box, FRPC_SC_CREATE).attrs, 0);
}

/* Another process opened the node for us: a broker. */
static void a_file_that_another_process_opened_is_for_unsigned_processes(void **state)
{
	struct box *box = *state;
	struct emu_driver *driver;
	struct frpc_task broker = {.tgid = getppid(), .tid = getppid()};

	box_start(box, NULL, box->compat);
	driver = emu_machine_driver(box->emulator->machine);
	box->file = emu_driver_open(driver, &broker, SECURE_NODE, O_RDONLY);
	assert_true(box->file >= 0);
	assert_int_equal(box_getinfo(box, CDSP, NULL), 0);
	assert_int_equal(box_create(box, 0), -ECONNREFUSED);
	assert_int_equal(box_create(box, FRPC_PROC_ATTR_UNSIGNED), 0);
	/* Not a system process's. */
	assert_int_equal(told(box, FRPC_SC_CREATE_ATTR).attrs, FRPC_PROC_ATTR_UNSIGNED);
}

static void an_untrusted_file_has_user_sessions_only(void **state)
{
	struct frpc_dn_sess_info info = {.domain_id = CDSP, .pd_type = 2};
	struct frpc_task broker = {.tgid = getppid(), .tid = getppid()};
	struct box *box = *state;

	box_start(box, NULL, false);
	box->file = emu_driver_open(emu_machine_driver(box->emulator->machine), &broker,
				    SECURE_NODE, O_RDONLY);
	assert_int_equal(box_sess_info(box, &info), -EBADR);
	box_close(box);
	info.pd_type = 7;
	box->file = emu_driver_open(emu_machine_driver(box->emulator->machine), &broker,
				    SECURE_NODE, O_RDONLY);
	assert_int_equal(box_sess_info(box, &info), 0);
}

static void failed_initial_memory_is_no_process(void **state)
{
	struct box *box = *state;

	choose(box, NULL, CDSP);
	frpc_emulator_fail(box->emulator, FRPC_EMULATOR_FAIL_ALLOCATION, 0, 2);
	assert_int_equal(init(box, FRPC_DN_INIT_CREATE, 0, 0, 0), -ENOBUFS);
	assert_int_equal(box->count, 0);
	assert_int_equal(init(box, FRPC_DN_INIT_CREATE, 0, 0, 0), 0);
}

static long share(struct box *box, int fd, int32_t size)
{
	struct frpc_dn_proc_sharedbuf info = {fd, size};
	struct frpc_dn_invoke2 invoke2 = {
		.req = FRPC_DN_INVOKE2_PROC_SHAREDBUF_INFO,
		.invparam = (uintptr_t)&info,
		.size = sizeof(info),
	};

	return box_ioctl(box, FRPC_DN_IOCTL_INVOKE2, &invoke2);
}

static void a_shared_buffer_is_the_second_page_of_a_create(void **state)
{
	struct box_buffer buffer = box_buffer(2 * PAGE);
	struct box *box = *state;
	struct frpc_smq_page pages[2];
	struct frpc_emulator_map map;

	choose(box, NULL, CDSP);
	assert_int_equal(share(box, buffer.fd, 2 * PAGE), 0);
	assert_int_equal(box_create(box, 0), 0);
	assert_int_equal(told(box, FRPC_SC_CREATE).pageslen, 2);
	memcpy(pages, box_find(box, FRPC_SC_CREATE)->args[3].bytes, sizeof(pages));
	map = box_map(box);
	assert_int_equal(pages[1].addr, map.address);
	assert_int_equal(pages[1].size, map.size);
	assert_true(map.of_process);
	/* It is the process's until close: no unmap finds it. */
	assert_int_equal(box_munmap(box, map.dsp_address, 2 * PAGE), -ETOOMANYREFS);
	assert_int_equal(box_mem_unmap(box, buffer.fd, map.dsp_address, 2 * PAGE), -ETOOMANYREFS);
	assert_int_equal(box_maps(box), 1);
	box_drop(&buffer);
}

static void a_bad_shared_buffer_means_no_process(void **state)
{
	struct box *box = *state;

	choose(box, NULL, CDSP);
	assert_int_equal(share(box, 9999, 4096), 0); /* only kept */
	assert_int_equal(box_create(box, 0), -EBADFD);
	assert_int_equal(box_memory(box).init_buffers, 0);
	assert_int_equal(share(box, -1, 4096), 0);
	assert_int_equal(box_create(box, 0), 0);
	assert_int_equal(told(box, FRPC_SC_CREATE).pageslen, 1);
}

static void attach_and_others_wait_for_the_link_and_create_does_not(void **state)
{
	struct box *box = *state;

	/* A DSP that is not there: its link never comes up. */
	box_start(box, "domains=cdsp", box->compat);
	assert_true(box_open(box, SECURE_NODE) >= 0);
	assert_int_equal(box_getinfo(box, ADSP, NULL), 0);
	assert_int_equal(init(box, FRPC_DN_INIT_CREATE, 0, 0, 0), -ECONNREFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_BOTH(init_needs_a_dsp),				    /* A2.5 */
		BOX_BOTH(shell_and_memory_have_limits),			    /* A2.5 */
		BOX_BOTH(unknown_init_flags_are_no_command),		    /* A2.5 */
		BOX_BOTH(attach_sends_the_client_id_as_root),		    /* A5.4 */
		BOX_BOTH(sensors_attach_with_their_own_pd_type),	    /* A2.5 */
		BOX_BOTH(sensors_attach_by_name_where_the_dsp_wants_it),    /* A5.4 */
		BOX_BOTH(attributes_decide_between_the_two_creates),	    /* A2.5, A5.4 */
		BOX_BOTH(a_create_has_four_in_buffers),			    /* A5.4 */
		BOX_BOTH(initial_memory_is_what_was_asked_or_four_shells),  /* A2.5 */
		BOX_BOTH(a_process_is_created_once_but_may_be_tried_again), /* A2.5 */
		BOX_BOTH(memory_of_the_callers_is_not_taken),		    /* A2.5 */
		BOX_BOTH(the_shell_is_mapped_from_its_descriptor),	    /* A2.5 */
		BOX_BOTH(the_drivers_own_attributes_are_not_the_callers),   /* A2.5 */
		BOX_64(members_of_a_listed_group_are_privileged),	    /* A2.5 */
		BOX_BOTH(a_file_that_another_process_opened_is_for_unsigned_processes), /* A1 */
		BOX_64(an_untrusted_file_has_user_sessions_only),		   /* A1, A2.9 */
		BOX_BOTH(failed_initial_memory_is_no_process),			   /* A2.5 */
		BOX_64(a_shared_buffer_is_the_second_page_of_a_create),		   /* A2.5, A5.4 */
		BOX_64(a_bad_shared_buffer_means_no_process),			   /* A2.5 */
		BOX_BOTH(attach_and_others_wait_for_the_link_and_create_does_not), /* A9.1 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
