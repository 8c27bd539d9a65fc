/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: INIT and INIT_ATTRS beyond the first steps (dn_session.c), static processes. */
#include <unistd.h>

#include "dn.h"

#define MIB	   (1u << 20)
#define NO_SUCH_FD 987
#define REFUSAL	   ((int32_t)0x80000406)

/* What CREATE told: its struct, and the first page. False, and the row has failed. */
static bool created(struct conf *conf, uint64_t mark, uint32_t method,
		    struct frpc_smq_create *ret_create, struct frpc_smq_page ret_pages[2])
{
	const void *create, *pages;
	struct conf_record record;

	if (!conf_find(conf, mark, DN_GROUP, method, &record) ||
	    !(create = dn_in(conf, &record, 0)) || !(pages = dn_in(conf, &record, 3)))
		return false;
	memcpy(ret_create, create, sizeof(*ret_create));
	memcpy(ret_pages, pages, conf_record_args(&record)[3].buf.len >= 32 ? 32 : 16);
	return true;
}

/* The initial memory of a process from a shell of @filelen bytes. */
static uint64_t initial_memory(struct conf *conf, uint32_t filelen, uint32_t memlen)
{
	struct conf_client *client = dn_chosen(conf);
	struct conf_buffer shell = conf_alloc(client, filelen);
	struct frpc_dn_init request = {.flags = FRPC_DN_INIT_CREATE,
				       .file = (uintptr_t)shell.bytes,
				       .filelen = filelen,
				       .filefd = shell.fd,
				       .memlen = memlen,
				       .memfd = -1};
	struct frpc_smq_page pages[2] = {{0}};
	struct frpc_smq_create create;
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_INIT, &request), 0);
	created(conf, mark, DN_CREATE, &create, pages);
	return pages[0].size;
}

static void memory_is_what_was_asked_for_in_mib(struct conf *conf)
{
	conf_equal(conf, initial_memory(conf, 4096, 3 * MIB + 1), 4 * MIB);
}

static void memory_is_at_least_four_shells(struct conf *conf)
{
	conf_equal(conf, initial_memory(conf, MIB + 4096, 0), 5 * MIB);
}

static void memory_has_its_range(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);

	conf_equal(conf, dn_create(client, 0, 3 * MIB - 1), -EINVAL);
	conf_equal(conf, dn_create(client, 0, 200 * MIB), 0);
}

static void attributes_make_it_method_7(struct conf *conf)
{
	struct frpc_dn_init_attrs request = {
		.init = {.flags = FRPC_DN_INIT_CREATE, .filefd = -1, .memfd = -1},
		.attrs = FRPC_PROC_ATTR_DEBUG,
		.siglen = 77,
	};
	struct conf_client *client = dn_chosen(conf);
	struct frpc_smq_create create;
	struct frpc_smq_page pages[2];
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_INIT_ATTRS, &request), 0);
	if (!created(conf, mark, DN_CREATE_ATTRS, &create, pages))
		return;
	conf_equal(conf, create.attrs, FRPC_PROC_ATTR_DEBUG);
	conf_equal(conf, create.siglen, 77);
	conf_equal(conf, create.pageslen, 1);
}

static void no_attributes_make_it_method_6(struct conf *conf)
{
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, dn_create(dn_chosen(conf), 0, 0), 0);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_CREATE), 1);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_CREATE_ATTRS), 0);
}

static uint32_t told_attributes(struct conf *conf, uint32_t attrs)
{
	struct conf_client *client = dn_chosen(conf);
	struct frpc_smq_create create = {0};
	struct frpc_smq_page pages[2];
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, dn_create(client, attrs, 0), 0);
	created(conf, mark, DN_CREATE_ATTRS, &create, pages);
	return (uint32_t)create.attrs;
}

static void privileged_is_the_drivers_to_say(struct conf *conf)
{
	conf_equal(conf,
		   told_attributes(conf, FRPC_PROC_ATTR_DEBUG | FRPC_PROC_ATTR_PRIVILEGED |
						 FRPC_PROC_ATTR_SYSTEM_UNSIGNED),
		   FRPC_PROC_ATTR_DEBUG);
}

static void a_trusted_callers_unsigned_process_is_the_systems(struct conf *conf)
{
	conf_equal(conf, told_attributes(conf, FRPC_PROC_ATTR_UNSIGNED),
		   FRPC_PROC_ATTR_UNSIGNED | FRPC_PROC_ATTR_SYSTEM_UNSIGNED);
}

static void memory_of_the_callers_is_refused(struct conf *conf)
{
	struct frpc_dn_init request = {
		.flags = FRPC_DN_INIT_CREATE, .filefd = -1, .mem = 4096, .memfd = -1};

	conf_equal(conf, conf_ioctl(dn_chosen(conf), FRPC_DN_IOCTL_INIT, &request), -EINVAL);
}

static void a_shell_of_no_dma_buf(struct conf *conf)
{
	char *room = conf_room(conf, 4096);
	struct frpc_dn_init request = {.flags = FRPC_DN_INIT_CREATE,
				       .file = (uintptr_t)room,
				       .filelen = 4096,
				       .filefd = NO_SUCH_FD,
				       .memfd = -1};

	conf_equal(conf, conf_ioctl(dn_chosen(conf), FRPC_DN_IOCTL_INIT, &request), -EBADFD);
}

static void a_shell_at_a_kernels_address(struct conf *conf)
{
	struct frpc_dn_init request = {.flags = FRPC_DN_INIT_CREATE,
				       .file = UINT64_MAX - 100,
				       .filelen = 4096,
				       .filefd = -1,
				       .memfd = -1};

	conf_equal(conf, conf_ioctl(dn_chosen(conf), FRPC_DN_IOCTL_INIT, &request), -EPERM);
}

static void the_shell_is_mapped_while_it_is_created(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	struct conf_buffer shell = conf_alloc(client, DN_LEN);
	struct frpc_dn_init request = {.flags = FRPC_DN_INIT_CREATE,
				       .file = (uintptr_t)shell.bytes,
				       .filelen = 5000,
				       .filefd = shell.fd,
				       .memfd = -1};
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_INIT, &request), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_CREATE, &record) ||
	    !conf_true(conf, conf_record_args(&record) && conf_record_pages(&record)))
		return;
	conf_equal(conf, conf_record_args(&record)[2].buf.len, 5000);
	conf_equal(conf, conf_record_args(&record)[2].buf.pv, (uintptr_t)shell.bytes);
	conf_equal(conf, conf_record_pages(&record)[2].size, 8192);
}

static void the_shell_is_let_go(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	struct conf_buffer shell = conf_alloc(client, DN_LEN);
	struct frpc_dn_init request = {.flags = FRPC_DN_INIT_CREATE,
				       .file = (uintptr_t)shell.bytes,
				       .filelen = DN_LEN,
				       .filefd = shell.fd,
				       .memfd = -1};

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_INIT, &request), 0);
	conf_equal(conf, dn_munmap_fd(client, shell.fd, shell.bytes, DN_LEN), -ENXIO);
}

static void the_command_name_has_its_nul(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	struct conf_record record;
	uint64_t mark = conf_mark(conf), len;
	const char *name;

	conf_equal(conf, dn_create(client, 0, 0), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_CREATE, &record) ||
	    !(name = dn_in(conf, &record, 1)))
		return;
	len = conf_record_args(&record)[1].buf.len;
	if (conf_true(conf, len >= 2 && len <= 16))
		conf_equal(conf, strnlen(name, len), len - 1);
}

/* ---- the process's shared buffer ---- */

static long share(struct conf_client *client, int fd, int size)
{
	struct frpc_dn_sharedbuf_info info = {fd, size};

	return dn_invoke2(client, FRPC_DN_INVOKE2_PROC_SHAREDBUF_INFO, &info, sizeof(info));
}

static void a_shared_buffer_is_the_second_page(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	struct conf_buffer shared = conf_alloc(client, DN_LEN);
	struct frpc_smq_page pages[2] = {{0}};
	struct frpc_smq_create create = {0};
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, share(client, shared.fd, DN_LEN), 0);
	conf_equal(conf, dn_create(client, 0, 0), 0);
	if (!created(conf, mark, DN_CREATE, &create, pages))
		return;
	conf_equal(conf, create.pageslen, 2);
	conf_equal(conf, pages[1].size, DN_LEN);
}

static void no_shared_buffer(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	struct frpc_smq_page pages[2] = {{0}};
	struct frpc_smq_create create = {0};
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, share(client, -1, DN_LEN), 0);
	conf_equal(conf, dn_create(client, 0, 0), 0);
	if (created(conf, mark, DN_CREATE, &create, pages))
		conf_equal(conf, create.pageslen, 1);
}

static void a_shared_buffer_of_no_dma_buf(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);

	conf_equal(conf, share(client, NO_SUCH_FD, DN_LEN), 0);
	conf_equal(conf, dn_create(client, 0, 0), -EBADFD);
}

static void a_shared_buffers_size(struct conf *conf)
{
	struct frpc_dn_sharedbuf_info info = {-1, 0};
	struct conf_client *client = dn_chosen(conf);

	conf_equal(conf,
		   dn_invoke2(client, FRPC_DN_INVOKE2_PROC_SHAREDBUF_INFO, &info, sizeof(info) + 1),
		   -EBADE);
	conf_equal(conf,
		   dn_invoke2(client, FRPC_DN_INVOKE2_PROC_SHAREDBUF_INFO, conf_no_page(conf), 8),
		   8);
}

/* ---- attach, static processes ---- */

static void an_attached_file_counts_as_initialised(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);

	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH, 0, 0), 0);
	conf_equal(conf, dn_munmap(client, 0x10000, 4096), -ETOOMANYREFS);
}

static void a_refused_attach_leaves_it_without_process(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);

	conf_answer(conf, DN_GROUP, DN_ATTACH, REFUSAL);
	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH, 0, 0), REFUSAL);
	conf_equal(conf, dn_munmap(client, 0x10000, 4096), -EHOSTDOWN);
}

static void sensors_attach_by_name(struct conf *conf)
{
	const struct frpc_smq_attach_name *attach;
	struct conf_client *client;
	struct conf_record record;
	uint32_t value;
	uint64_t mark;

	if (!conf_on(conf, "attr134=1"))
		return;
	client = dn_chosen(conf);
	conf_equal(conf, dn_info(client, DN_CDSP, 134, &value), 0);
	mark = conf_mark(conf);
	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH_SENSORS, 0, 0), 0);
	if (!conf_find(conf, mark, DN_GROUP, DN_ATTACH_NAME, &record) ||
	    !(attach = dn_in(conf, &record, 0)))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_ATTACH_NAME);
	conf_equal(conf, attach->namelen, conf_record_args(&record)[1].buf.len);
}

static long create_static(struct conf_client *client, const char *name, uint32_t memlen)
{
	char *room = conf_room(client->conf, 4096);
	struct frpc_dn_init request = {.flags = FRPC_DN_INIT_CREATE_STATIC,
				       .file = (uintptr_t)room,
				       .filelen = name ? (uint32_t)strlen(name) + 1 : 0,
				       .filefd = -1,
				       .memlen = memlen,
				       .memfd = -1};

	if (room && name)
		memcpy(room, name, strlen(name) + 1);
	return conf_ioctl(client, FRPC_DN_IOCTL_INIT, &request);
}

static void another_static_process_is_not_sent(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, create_static(client, "sensorspd", 4096), 0);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_CREATE_STATIC), 0);
	conf_equal(conf, dn_munmap(client, 0x10000, 4096), -ETOOMANYREFS);
}

static void a_static_process_without_name_is_not_sent(struct conf *conf)
{
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, create_static(dn_chosen(conf), NULL, 4096), 0);
	conf_equal(conf, conf_count(conf, mark, DN_GROUP, DN_CREATE_STATIC), 0);
}

static void a_static_process_has_at_most_8_mib(struct conf *conf)
{
	struct conf_client *client = dn_chosen(conf);

	conf_equal(conf, create_static(client, "sensorspd", 8 * MIB + 1), -EFBIG);
	conf_equal(conf, create_static(client, "sensorspd", 8 * MIB), 0);
}

static void the_audio_process_is_adsps(struct conf *conf)
{
	conf_equal(conf, create_static(dn_chosen(conf), "audiopd", 4096), -EBADR);
}

static void the_audio_process_gets_reserved_memory(struct conf *conf)
{
	struct conf_client *client;

	if (!conf_on(conf, "heap=12582912"))
		return;
	client = conf_open(conf, "");
	conf_equal(conf, conf_choose(client, DN_ADSP), 0);
	conf_equal(conf, create_static(client, "audiopd", 65536), 0);
	if (!conf_on(conf, "heap=0"))
		return;
	client = conf_open(conf, "");
	conf_equal(conf, conf_choose(client, DN_ADSP), 0);
	conf_equal(conf, create_static(client, "audiopd", 65536), -ENODEV);
}

/* ---- nodes and banks ---- */

static void only_creates_on_the_plain_node(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "plain");

	conf_equal(conf, conf_choose(client, DN_CDSP), 0);
	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH_SENSORS, 0, 0), -ECONNREFUSED);
	conf_equal(conf, create_static(client, "audiopd", 4096), -ECONNREFUSED);
	conf_equal(conf, dn_create(client, 0, 0), 0);
}

static void a_secure_cdsp_is_nothing_for_the_plain_node(struct conf *conf)
{
	struct conf_client *client;

	if (!conf_on(conf, "secure=cdsp"))
		return;
	client = conf_open(conf, "plain");
	conf_equal(conf, conf_choose(client, DN_CDSP), 0);
	conf_equal(conf, dn_create(client, FRPC_PROC_ATTR_UNSIGNED, 0), -ECONNREFUSED);
	conf_equal(conf, dn_create(dn_chosen(conf), 0, 0), 0);
}

static void a_shared_bank_is_for_sensors(struct conf *conf)
{
	struct conf_client *client;

	if (!conf_on(conf, "banks=4,secure-banks=0,shared-banks=1"))
		return;
	client = conf_open(conf, "");
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_SMMU, 1, 0), 0);
	conf_equal(conf, conf_choose(client, DN_CDSP), 0);
	conf_equal(conf, dn_create(client, 0, 0), -EACCES);
	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH, 0, 0), -EACCES);
	conf_equal(conf, dn_init(client, FRPC_DN_INIT_ATTACH_SENSORS, 0, 0), 0);
}

static void a_narrow_client_cannot_ask_for_a_shared_bank(struct conf *conf)
{
	struct conf_client *client;

	if (!conf_on(conf, "banks=4,secure-banks=0,shared-banks=1"))
		return;
	client = conf_open(conf, "");
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_SMMU, 1, 0), 0);
	conf_equal(conf, conf_choose(client, DN_CDSP), 0);
	conf_equal(conf, dn_create(client, 0, 0), 0);
}

/* The suite's own process has a bank as well. */
static void a_session_needs_a_free_bank(struct conf *conf)
{
	struct conf_client *client, *other;

	if (!conf_on(conf, "banks=2,secure-banks=0"))
		return;
	conf_observer(conf);
	client = dn_chosen(conf);
	other = conf_open(conf, "");
	conf_equal(conf, conf_choose(other, DN_CDSP), -EUSERS);
	conf_equal(conf, conf_choose(conf_open(conf, ""), DN_ADSP), 0);
	conf_equal(conf, conf_close(client), 0);
	dn_chosen(conf);
}

static void no_smmu(struct conf *conf)
{
	uint32_t channel = DN_CDSP;

	if (!conf_on(conf, "banks=0"))
		return;
	conf_equal(conf, conf_ioctl(conf_open(conf, ""), FRPC_DN_IOCTL_GETINFO, &channel), 0);
	conf_equal(conf, channel, 0);
}

static void without_banks_and_memory(struct conf *conf)
{
	if (!conf_on(conf, "heap=0"))
		return;
	conf_equal(conf, conf_choose(conf_open(conf, ""), DN_CDSP1), -ENODEV);
	if (!conf_on(conf, "heap=12582912"))
		return;
	conf_equal(conf, conf_choose(conf_open(conf, ""), DN_CDSP1), 0);
}

static void there_are_255_clients(struct conf *conf)
{
	const struct conf_device *device = conf_device(conf);
	int files[256];
	uint32_t channel;

	if (!conf_on(conf, "banks=0"))
		return;
	for (int i = 0; i < 256; i++) {
		channel = DN_CDSP;
		files[i] = device->open("/dev/adsprpc-smd-secure");
		if (!conf_equal(conf,
				device->ioctl(files[i], FRPC_DN_IOCTL_GETINFO, (uintptr_t)&channel,
					      conf_narrow(conf)),
				i < 255 ? 0 : -EUSERS))
			conf_equal(conf, i, 0);
	}
	for (int i = 0; i < 256; i++)
		device->close(files[i]);
}

static void a_choice_that_cannot_be_read_or_answered(struct conf *conf)
{
	const uint32_t channel = DN_CDSP;

	conf_equal(conf, conf_ioctl(conf_open(conf, ""), FRPC_DN_IOCTL_GETINFO, conf_no_page(conf)),
		   -EFAULT);
	conf_equal(conf,
		   conf_ioctl(conf_open(conf, ""), FRPC_DN_IOCTL_GETINFO,
			      conf_read_only_copy(conf, &channel, sizeof(channel))),
		   -EFAULT);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.create.memlen", "memory is what was asked for, in whole MiB", "abi A2.5", 0,
	       memory_is_what_was_asked_for_in_mib),
	DN_ROW("dn.create.four-shells", "memory is at least four times the shell", "abi A2.5", 0,
	       memory_is_at_least_four_shells),
	DN_ROW("dn.create.range", "memory is 3 to 200 MiB, else EINVAL", "abi A2.5", 0,
	       memory_has_its_range),
	DN_ROW("dn.create.attrs", "attributes and signature length travel in method 7",
	       "abi A2.5, A5.4", 0, attributes_make_it_method_7),
	DN_ROW("dn.create.no-attrs", "INIT_ATTRS without attributes is method 6", "abi A2.5", 0,
	       no_attributes_make_it_method_6),
	DN_ROW("dn.create.driver-bits", "bits 6 and 17 of the attributes are not the caller's",
	       "abi A2.5", 0, privileged_is_the_drivers_to_say),
	DN_ROW("dn.create.system", "a trusted caller's unsigned process has bit 17", "abi A2.5", 0,
	       a_trusted_callers_unsigned_process_is_the_systems),
	DN_ROW("dn.create.mem", "memory of the caller's is EINVAL", "abi A2.5", 0,
	       memory_of_the_callers_is_refused),
	DN_ROW("dn.create.bad-fd", "a shell whose fd is no dma-buf is EBADFD", "abi A2.5, A7.4", 0,
	       a_shell_of_no_dma_buf),
	DN_ROW("dn.create.kernel-address", "a shell at a kernel's address is EPERM", "abi A2.5",
	       CONF_WIDE, a_shell_at_a_kernels_address),
	DN_ROW("dn.create.shell", "the shell is passed mapped, by its length", "abi A5.4, A6.2", 0,
	       the_shell_is_mapped_while_it_is_created),
	DN_ROW("dn.create.shell-goes", "the shell's map is released", "abi A2.5", CONF_WIDE,
	       the_shell_is_let_go),
	DN_ROW("dn.create.comm", "the command name is passed with its NUL", "abi A5.4", 0,
	       the_command_name_has_its_nul),
	DN_ROW("dn.sharedbuf.page", "a shared buffer is CREATE's second page", "abi A2.5, A5.4",
	       CONF_WIDE | CONF_SMMU, a_shared_buffer_is_the_second_page),
	DN_ROW("dn.sharedbuf.none", "a shared buffer of fd -1 is none", "abi A2.5", CONF_WIDE,
	       no_shared_buffer),
	DN_ROW("dn.sharedbuf.bad-fd", "a shared buffer of no dma-buf makes CREATE EBADFD",
	       "abi A2.5, A7.4", CONF_WIDE, a_shared_buffer_of_no_dma_buf),
	DN_ROW("dn.sharedbuf.size", "PROC_SHAREDBUF_INFO: over 8 bytes EBADE, unreadable 8",
	       "abi A2.9", CONF_WIDE, a_shared_buffers_size),
	DN_ROW("dn.attach.counts", "an attached file may map", "abi A2.5", 0,
	       an_attached_file_counts_as_initialised),
	DN_ROW("dn.attach.status", "a refused ATTACH returns the DSP's result, and nothing maps",
	       "abi A2.5, A2.8", 0, a_refused_attach_leaves_it_without_process),
	DN_ROW("dn.attach.name", "capability 134: sensors attach by name, method 12",
	       "abi A2.5, A5.4", CONF_MACHINE, sensors_attach_by_name),
	DN_ROW("dn.static.other", "a static process but audiopd: nothing is sent, and 0",
	       "abi A2.5", 0, another_static_process_is_not_sent),
	DN_ROW("dn.static.unnamed", "a static process without name: nothing is sent, and 0",
	       "abi A2.5", 0, a_static_process_without_name_is_not_sent),
	DN_ROW("dn.static.limit", "a static process's memory is at most 8 MiB, else EFBIG",
	       "abi A2.5", 0, a_static_process_has_at_most_8_mib),
	DN_ROW("dn.static.channel", "audiopd on another DSP than ADSP is EBADR", "abi A2.5", 0,
	       the_audio_process_is_adsps),
	DN_ROW("dn.static.heap", "audiopd gets reserved memory, without any ENODEV",
	       "abi A2.5, A7.4", CONF_MACHINE, the_audio_process_gets_reserved_memory),
	DN_ROW("dn.init.plain-static", "on the plain node static and sensors are ECONNREFUSED",
	       "abi A1", 0, only_creates_on_the_plain_node),
	DN_ROW("dn.init.secure-cdsp", "a secure CDSP refuses every INIT on the plain node",
	       "abi A1", CONF_MACHINE, a_secure_cdsp_is_nothing_for_the_plain_node),
	DN_ROW("dn.init.shared", "with a shared bank all but ATTACH_SENSORS is EACCES", "abi A2.5",
	       CONF_MACHINE | CONF_WIDE, a_shared_bank_is_for_sensors),
	DN_ROW("dn.init.not-shared", "a 32-bit client's CONTROL SMMU asks for nothing", "abi A12",
	       CONF_MACHINE | CONF_NARROW, a_narrow_client_cannot_ask_for_a_shared_bank),
	DN_ROW("dn.getinfo.banks", "without a free bank GETINFO is EUSERS, until one is closed",
	       "abi A2.3, A8.1", CONF_MACHINE, a_session_needs_a_free_bank),
	DN_ROW("dn.getinfo.no-smmu", "without banks GETINFO says 0", "abi A2.3, A8.1", CONF_MACHINE,
	       no_smmu),
	DN_ROW("dn.getinfo.cdsp1", "CDSP1 has no bank: ENODEV if there is no memory device",
	       "abi A1, A2.3, A8.1", CONF_MACHINE, without_banks_and_memory),
	DN_ROW("dn.getinfo.clients", "the 256th client is EUSERS", "abi A2.3", CONF_MACHINE,
	       there_are_255_clients),
	DN_ROW("dn.getinfo.fault", "GETINFO that cannot be read, or answered, is EFAULT",
	       "abi A2.0, A12", 0, a_choice_that_cannot_be_read_or_answered),
};

DN_ROWS(conf_dn_init, rows);
