/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: nodes, choosing a DSP, creating a process, control, capabilities, close. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "conf.h"

#define ADSP	      0u
#define CDSP	      3u
#define NO_CHANNEL    5u
#define GROUP	      FRPC_HANDLE_PROCESS_GROUP
#define UTILITIES     FRPC_HANDLE_DSP_UTILITIES
#define ATTR_UNSIGNED 8u
#define SHELL_LIMIT   (2u << 20)

static struct conf_client *chosen(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_choose(client, CDSP), 0);
	return client;
}

static void a_dsp_is_chosen_once(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_choose(client, CDSP), 0);
	conf_equal(conf, conf_choose(client, CDSP), -EBADR);
}

static void a_failed_choice_counts_too(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_choose(client, NO_CHANNEL), -ECHRNG);
	conf_equal(conf, conf_choose(client, CDSP), -EBADR);
}

static void getinfo_says_that_there_is_an_smmu(struct conf *conf)
{
	uint32_t channel = CDSP;

	conf_equal(conf, conf_ioctl(conf_open(conf, ""), FRPC_DN_IOCTL_GETINFO, &channel), 0);
	conf_equal(conf, channel, 1);
}

static void secure_channels_are_not_for_the_plain_node(struct conf *conf)
{
	conf_equal(conf, conf_choose(conf_open(conf, "plain"), ADSP), -EACCES);
	conf_equal(conf, conf_choose(conf_open(conf, "plain"), CDSP), 0);
}

static void nothing_goes_without_a_dsp(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct frpc_dn_capability info = {.domain = CDSP, .attribute_id = 257};

	conf_equal(conf, conf_invoke(client, FRPC_HANDLE_REMOTECTL, 0, NULL), -EBADR);
	conf_equal(conf, conf_create(client, 4096, 0), -ECHRNG);
	/* The driver's own constants need none. */
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_GET_DSP_INFO, &info), 0);
	conf_equal(conf, info.capability, 1);
}

static void setmode_takes_the_value_itself(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	for (uintptr_t mode = 0; mode < 7; mode++)
		conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_SETMODE, (void *)mode),
			   mode <= 2 || mode == 4 ? 0 : -ENOTTY);
}

static void numbers_that_the_driver_does_not_know(struct conf *conf)
{
	struct conf_client *client = chosen(conf);
	unsigned char room[64] = {0};

	conf_equal(conf, conf_ioctl(client, _IOWR('R', 99, uint64_t), room), -ENOTTY);
	conf_equal(conf, conf_ioctl(client, _IOWR('Q', 1, struct frpc_dn_invoke), room), -ENOTTY);
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INIT_ATTACH, NULL), -ENOTTY);
}

/* ---- INIT ---- */

static void create_sends_four_buffers(struct conf *conf)
{
	struct conf_client *client = chosen(conf);
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf), at;
	const struct frpc_smq_create *create;
	struct conf_record record;

	conf_equal(conf, conf_create(client, 4096, 0), 0);
	if (!conf_find(conf, mark, GROUP, 6, &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_CREATE);
	conf_equal(conf, record.head.pid, 0);
	conf_equal(conf, record.head.ctx & 15, FRPC_SMQ_PD_USER);
	if (conf_record_place(conf, &record, 0, &at)) {
		create = (const void *)(record.payload + at);
		conf_equal(conf, create->pgid, (int32_t)id);
		conf_equal(conf, create->filelen, 4096);
		conf_equal(conf, create->pageslen, 1);
	}
	if (conf_record_place(conf, &record, 3, &at))
		conf_equal(conf, ((const struct frpc_smq_page *)(record.payload + at))->size,
			   3 << 20);
}

static void an_unsigned_process_gets_5_mib(struct conf *conf)
{
	struct conf_client *client = chosen(conf);
	uint64_t mark = conf_mark(conf), at;
	struct conf_record record;

	conf_equal(conf, conf_create(client, 4096, ATTR_UNSIGNED), 0);
	if (conf_find(conf, mark, GROUP, 7, &record) && conf_record_place(conf, &record, 3, &at))
		conf_equal(conf, ((const struct frpc_smq_page *)(record.payload + at))->size,
			   5 << 20);
}

static void a_file_has_one_process(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_create(client, 4096, 0), -EALREADY);
}

static void a_failed_create_may_be_tried_again(struct conf *conf)
{
	struct conf_client *client = chosen(conf);

	conf_answer(conf, GROUP, 6, (int32_t)0x80000406);
	conf_equal(conf, conf_create(client, 4096, 0), (int32_t)0x80000406);
	conf_equal(conf, conf_create(client, 4096, 0), 0);
}

static long init(struct conf_client *client, uint32_t flags, uint32_t filelen, uint32_t memlen)
{
	struct frpc_dn_init request = {
		.flags = flags, .filelen = filelen, .filefd = -1, .memlen = memlen, .memfd = -1};

	return conf_ioctl(client, FRPC_DN_IOCTL_INIT, &request);
}

static void init_checks_sizes_first(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, init(client, FRPC_DN_INIT_CREATE, SHELL_LIMIT, 0), -EFBIG);
	conf_equal(conf, init(client, FRPC_DN_INIT_CREATE, 0, (200u << 20) + 1), -EFBIG);
	conf_equal(conf, init(client, FRPC_DN_INIT_CREATE, 0, 0), -ECHRNG);
	client = chosen(conf);
	conf_equal(conf, init(client, FRPC_DN_INIT_CREATE, 0, 4096), -EINVAL);
	conf_equal(conf, init(client, 4, 0, 0), -ENOTTY);
	conf_equal(conf, init(client, UINT32_MAX, 0, 0), -ENOTTY);
}

static void attach_is_pd_0(struct conf *conf)
{
	struct conf_client *client = chosen(conf);
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf), at;
	struct conf_record record;

	conf_equal(conf, init(client, FRPC_DN_INIT_ATTACH, 0, 0), 0);
	if (!conf_find(conf, mark, GROUP, 0, &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_ATTACH);
	conf_equal(conf, record.head.ctx & 15, FRPC_SMQ_PD_ROOT);
	if (conf_record_place(conf, &record, 0, &at))
		conf_equal(conf, *(const uint32_t *)(record.payload + at), id);
}

static void attach_sensors_is_pd_2(struct conf *conf)
{
	struct conf_client *client = chosen(conf);
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	conf_equal(conf, init(client, FRPC_DN_INIT_ATTACH_SENSORS, 0, 0), 0);
	if (conf_find(conf, mark, GROUP, EMU_TESTMOD_ANY, &record))
		conf_equal(conf, record.head.ctx & 15, FRPC_SMQ_PD_SENSORS);
}

static void the_plain_node_creates_unsigned_processes(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "plain");

	conf_equal(conf, conf_choose(client, CDSP), 0);
	conf_equal(conf, init(client, FRPC_DN_INIT_ATTACH, 0, 0), -ECONNREFUSED);
	conf_equal(conf, conf_create(client, 4096, ATTR_UNSIGNED), 0);
}

/* ---- CONTROL ---- */

static long control(struct conf_client *client, uint32_t req, uint32_t enable, uint32_t latency)
{
	struct frpc_dn_control request = {.req = req, .lp = {enable, latency}};

	return conf_ioctl(client, FRPC_DN_IOCTL_CONTROL, &request);
}

static void control_knows_its_requests(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, control(client, 0, 0, 0), -EBADRQC);
	conf_equal(conf, control(client, 77, 0, 0), -EBADRQC);
	conf_equal(conf, control(client, FRPC_DN_CONTROL_LATENCY, 1, 100), 0);
}

static void kalloc_is_there(struct conf *conf)
{
	struct frpc_dn_control request = {.req = FRPC_DN_CONTROL_KALLOC};

	conf_equal(conf, conf_ioctl(conf_process(conf), FRPC_DN_IOCTL_CONTROL, &request), 0);
	conf_equal(conf, request.kalloc_support, 1);
}

static void staying_awake_needs_the_wakelock(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *plain = conf_open(conf, "plain");

	conf_equal(conf, control(client, FRPC_DN_CONTROL_PM, 10, 0), -EACCES);
	conf_equal(conf, control(client, FRPC_DN_CONTROL_WAKELOCK, 1, 0), 0);
	conf_equal(conf, control(client, FRPC_DN_CONTROL_PM, 10, 0), 0);
	conf_equal(conf, control(plain, FRPC_DN_CONTROL_WAKELOCK, 1, 0), -EPERM);
}

static void poll_mode_has_its_limits(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *attached = chosen(conf);

	conf_equal(conf, control(client, FRPC_DN_CONTROL_RPC_POLL, 1, 10001), -EBADMSG);
	conf_equal(conf, control(client, FRPC_DN_CONTROL_RPC_POLL, 1, 10000), 0);
	conf_equal(conf, init(attached, FRPC_DN_INIT_ATTACH, 0, 0), 0);
	conf_equal(conf, control(attached, FRPC_DN_CONTROL_RPC_POLL, 1, 100), -EPERM);
}

static void a_cleaned_file_is_shut_down(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, control(client, FRPC_DN_CONTROL_DSPPROCESS_CLEAN, 0, 0), 0);
	conf_equal(conf, conf_count(conf, mark, GROUP, 1), 1);
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), -ESHUTDOWN);
	conf_equal(conf, control(client, FRPC_DN_CONTROL_KALLOC, 0, 0), -ESHUTDOWN);
}

/* ---- GET_DSP_INFO ---- */

static long info(struct conf_client *client, uint32_t domain, uint32_t attribute,
		 uint32_t *ret_value)
{
	struct frpc_dn_capability request = {.domain = domain, .attribute_id = attribute};
	long res = conf_ioctl(client, FRPC_DN_IOCTL_GET_DSP_INFO, &request);

	*ret_value = request.capability;
	return res;
}

static void capabilities_have_their_range(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t value;

	conf_equal(conf, info(client, NO_CHANNEL, 6, &value), -ECHRNG);
	conf_equal(conf, info(client, CDSP, 260, &value), -EOVERFLOW);
	conf_equal(conf, info(client, CDSP, 0, &value), 0);
	conf_equal(conf, value, 0);
	conf_equal(conf, info(client, CDSP, 6, &value), 0);
	conf_true(conf, value);
	conf_equal(conf, info(client, 1, 6, &value), 0); /* the modem: zeros, without a call */
	conf_equal(conf, value, 0);
}

static void the_drivers_own_capabilities(struct conf *conf)
{
	static const uint32_t wanted[] = {2, 1, 1, 1};
	struct conf_client *client = conf_process(conf);
	uint32_t value;

	for (uint32_t i = 0; i < 4; i++) {
		conf_equal(conf, info(client, CDSP, 256 + i, &value), 0);
		conf_equal(conf, value, wanted[i]);
	}
}

static void the_dsp_is_asked_once(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t value;
	uint64_t mark;

	conf_equal(conf, info(client, CDSP, 6, &value), 0);
	mark = conf_mark(conf);
	conf_equal(conf, info(client, CDSP, 5, &value), 0);
	conf_equal(conf, conf_count(conf, mark, UTILITIES, 0), 0);
}

static void an_unreadable_question_is_out_of_range(struct conf *conf)
{
	conf_equal(conf,
		   conf_ioctl(conf_process(conf), FRPC_DN_IOCTL_GET_DSP_INFO, conf_no_page(conf)),
		   -ECHRNG);
}

static void bad_pointers(struct conf *conf)
{
	static const uint32_t cmds[] = {
		FRPC_DN_IOCTL_INVOKE,		FRPC_DN_IOCTL_INVOKE_FD,
		FRPC_DN_IOCTL_INVOKE_ATTRS,	FRPC_DN_IOCTL_INVOKE_CRC,
		FRPC_DN_IOCTL_INVOKE_PERF,	FRPC_DN_IOCTL_INIT,
		FRPC_DN_IOCTL_INIT_ATTRS,	FRPC_DN_IOCTL_MMAP,
		FRPC_DN_IOCTL_MUNMAP,		FRPC_DN_IOCTL_MMAP_64,
		FRPC_DN_IOCTL_MUNMAP_64,	FRPC_DN_IOCTL_MUNMAP_FD,
		FRPC_DN_IOCTL_MEM_MAP,		FRPC_DN_IOCTL_MEM_UNMAP,
		FRPC_DN_IOCTL_CONTROL,		FRPC_DN_IOCTL_INVOKE2,
		FRPC_DN_IOCTL_DSPSIGNAL_CREATE, FRPC_DN_IOCTL_DSPSIGNAL_WAIT,
	};
	struct conf_client *client = conf_process(conf);
	void *unreadable = conf_no_page(conf);

	for (size_t i = 0; i < sizeof(cmds) / sizeof(*cmds); i++)
		if (!conf_equal(conf, conf_ioctl(client, cmds[i], unreadable), -EFAULT))
			conf_equal(conf, cmds[i], 0); /* says which */
}

static void close_sends_release_with_the_client(struct conf *conf)
{
	struct conf_client *client = chosen(conf);
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	conf_equal(conf, conf_close(client), 0);
	if (!conf_find(conf, mark, GROUP, 1, &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_RELEASE);
	conf_equal(conf, record.head.pid, id);
}

static void client_ids_are_the_lowest_free(struct conf *conf)
{
	struct conf_client *first = conf_process(conf), *second = conf_process(conf), *third;
	uint32_t id = conf_client_id(first);

	conf_true(conf, id >= 1 && id <= 255);
	conf_true(conf, conf_client_id(second) != id);
	conf_equal(conf, conf_close(first), 0);
	third = conf_process(conf);
	conf_equal(conf, conf_client_id(third), id);
}

/* ---- driver signals ---- */

static void a_signal_is_made_once(struct conf *conf)
{
	struct frpc_dn_dspsignal_create create = {.signal_id = 5};
	struct conf_client *client = conf_process(conf);
	uint32_t id = 5, none = 6;

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, &create), 0);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, &create), -EBUSY);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_DESTROY, &id), 0);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_DESTROY, &id), -ENOENT);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_CANCEL_WAIT, &none), -ENOENT);
	create.signal_id = 1024;
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, &create), -EINVAL);
	id = 1024;
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_SIGNAL, &id), -EBADR);
}

static void a_signal_of_the_dsp_ends_the_wait(struct conf *conf)
{
	struct frpc_dn_dspsignal_create create = {.signal_id = 9};
	struct frpc_dn_dspsignal_wait wait = {.signal_id = 9, .timeout_usec = 0};
	struct conf_client *client = conf_process(conf);
	uint64_t signal = (uint64_t)conf_client_id(client) << 32 | 9;

	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_CREATE, &create), 0);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, &wait), -ETIMEDOUT);
	conf_equal(conf, conf_send(conf, &signal, sizeof(signal)), 0);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, &wait), 0);
	conf_equal(conf, conf_ioctl(client, FRPC_DN_IOCTL_DSPSIGNAL_WAIT, &wait), -ETIMEDOUT);
}

#define ROW(id, sentence, fact, needs, run)                     \
	{                                                       \
		id, sentence, fact, needs, CONF_DOWNSTREAM, run \
	}

static const struct conf_row rows[] = {
	ROW("dn.getinfo.once", "a file chooses its DSP once: then EBADR", "abi A2.3", 0,
	    a_dsp_is_chosen_once),
	ROW("dn.getinfo.failed", "a failed choice counts too", "abi A2.3", 0,
	    a_failed_choice_counts_too),
	ROW("dn.getinfo.smmu", "GETINFO says whether there is an SMMU", "abi A2.3", CONF_SMMU,
	    getinfo_says_that_there_is_an_smmu),
	ROW("dn.getinfo.plain-node", "a secure channel is EACCES on the plain node", "abi A1", 0,
	    secure_channels_are_not_for_the_plain_node),
	ROW("dn.order", "without a DSP calls are EBADR and INIT is ECHRNG", "abi A2.2", 0,
	    nothing_goes_without_a_dsp),
	ROW("dn.setmode", "SETMODE knows 0, 1, 2 and 4; its argument is the value", "abi A2.3", 0,
	    setmode_takes_the_value_itself),
	ROW("dn.ioctl.unknown", "unknown commands are ENOTTY", "abi A2", 0,
	    numbers_that_the_driver_does_not_know),
	ROW("dn.ioctl.fault", "every command with an unreadable argument is EFAULT", "abi A2.0",
	    CONF_TESTMOD | CONF_WIDE, bad_pointers),
	ROW("dn.create.message", "CREATE sends four buffers and 3 MiB of memory, PD 1", "abi A5.4",
	    CONF_TESTMOD, create_sends_four_buffers),
	ROW("dn.create.unsigned", "an unsigned process gets 5 MiB", "abi A2.5", CONF_TESTMOD,
	    an_unsigned_process_gets_5_mib),
	ROW("dn.create.once", "a second CREATE on a file is EALREADY", "abi A2.5", CONF_TESTMOD,
	    a_file_has_one_process),
	ROW("dn.create.again", "a CREATE that failed may be tried again", "abi A2.5", CONF_TESTMOD,
	    a_failed_create_may_be_tried_again),
	ROW("dn.init.checks", "INIT checks sizes, then the channel, then the rest", "abi A2.5", 0,
	    init_checks_sizes_first),
	ROW("dn.attach.message", "ATTACH sends method 0 with PD 0", "abi A5.4", CONF_TESTMOD,
	    attach_is_pd_0),
	ROW("dn.attach.sensors", "ATTACH_SENSORS is PD 2", "abi A2.5", CONF_TESTMOD,
	    attach_sensors_is_pd_2),
	ROW("dn.init.plain-node", "on the plain node only unsigned processes are created", "abi A1",
	    CONF_TESTMOD, the_plain_node_creates_unsigned_processes),
	ROW("dn.control.requests", "CONTROL refuses unknown requests with EBADRQC", "abi A2.6",
	    CONF_TESTMOD, control_knows_its_requests),
	ROW("dn.control.kalloc", "CONTROL says that the driver allocates", "abi A2.6", CONF_TESTMOD,
	    kalloc_is_there),
	ROW("dn.control.pm", "PM is EACCES without the wakelock, which is EPERM on the plain node",
	    "abi A2.6", CONF_TESTMOD, staying_awake_needs_the_wakelock),
	ROW("dn.control.poll", "poll mode: at most 10 ms, for created processes only", "abi A2.6",
	    CONF_TESTMOD, poll_mode_has_its_limits),
	ROW("dn.control.clean", "after a process clean the file answers ESHUTDOWN", "abi A2.6",
	    CONF_TESTMOD | CONF_WIDE, a_cleaned_file_is_shut_down),
	ROW("dn.info.range", "GET_DSP_INFO: ECHRNG, EOVERFLOW, and zeros for the modem", "abi A2.7",
	    CONF_TESTMOD, capabilities_have_their_range),
	ROW("dn.info.driver", "capabilities 256 to 259 are the driver's own", "abi A2.7",
	    CONF_TESTMOD, the_drivers_own_capabilities),
	ROW("dn.info.once", "the DSP is asked once", "abi A2.7", CONF_TESTMOD,
	    the_dsp_is_asked_once),
	ROW("dn.info.fault", "an unreadable GET_DSP_INFO is ECHRNG", "abi A2.0",
	    CONF_TESTMOD | CONF_WIDE, an_unreadable_question_is_out_of_range),
	ROW("dn.close.release", "close sends release; its header carries the client", "abi A5.4",
	    CONF_TESTMOD, close_sends_release_with_the_client),
	ROW("dn.client-id", "clients are called by the lowest free number of 1..255", "abi A2.3",
	    CONF_TESTMOD, client_ids_are_the_lowest_free),
	ROW("dn.signal.life", "a signal is made once and destroyed once", "abi A2.10", CONF_TESTMOD,
	    a_signal_is_made_once),
	ROW("dn.signal.wait", "a signal of the DSP ends one wait", "abi A2.10, A5.3", CONF_TESTMOD,
	    a_signal_of_the_dsp_ends_the_wait),
};

const struct conf_group conf_dn_session = {rows, sizeof(rows) / sizeof(*rows)};
