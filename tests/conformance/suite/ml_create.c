/* SPDX-License-Identifier: BSD-3-Clause */
/* INIT_ATTACH, INIT_ATTACH_SNS, INIT_CREATE, INIT_CREATE_STATIC. */
#include <sys/prctl.h>
#include <unistd.h>

#include "conf.h"

#define SHELL_LIMIT	    (2u << 20)
#define ATTR_UNSIGNED	    8u
#define METHOD(sc)	    FRPC_SC_METHOD(sc)
#define GROUP		    FRPC_HANDLE_PROCESS_GROUP
#define PD_OF(record)	    ((record).head.ctx & FRPC_SMQ_PD_MASK)
#define DSP_NO_SUCH_PROCESS ((long)(int32_t)0x8000040d)

static void attach_tells_the_dsp_the_client(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf), at;
	struct conf_record record;

	conf_equal(conf, conf_attach(client), 0);
	if (!conf_find(conf, mark, GROUP, METHOD(FRPC_SC_ATTACH), &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_ATTACH);
	conf_equal(conf, record.head.pid, 0);
	conf_equal(conf, PD_OF(record), FRPC_SMQ_PD_ROOT);
	if (conf_record_place(conf, &record, 0, &at)) {
		conf_equal(conf, conf_record_args(&record)[0].buf.len, 4);
		conf_equal(conf, *(const uint32_t *)(record.payload + at), id);
	}
}

static void attach_may_be_repeated(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_attach(client), 0);
	conf_equal(conf, conf_attach(client), 0);
}

static void attach_is_allowed_on_the_plain_node(struct conf *conf)
{
	conf_equal(conf, conf_attach(conf_open(conf, "cdsp")), 0);
}

static void attach_returns_what_the_dsp_says(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_answer(conf, GROUP, METHOD(FRPC_SC_ATTACH), 39);
	conf_equal(conf, conf_attach(client), 39);
}

static void attach_times_out(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct conf_job job;

	conf_hold(conf, GROUP, METHOD(FRPC_SC_ATTACH), 1);
	conf_start(&job, client, FRPC_ML_IOCTL_INIT_ATTACH, NULL);
	conf_equal(conf, conf_join_timed_out(&job), -ETIMEDOUT);
}

static void invoke_works_before_any_init(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	/* The driver lets it through; the DSP does not know the process. */
	conf_equal(conf, conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL), DSP_NO_SUCH_PROCESS);
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record))
		conf_equal(conf, PD_OF(record), FRPC_SMQ_PD_ROOT);
}

static void create_sends_four_buffers(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf), at;
	const struct frpc_smq_create *create;
	const struct frpc_smq_page *memory;
	struct conf_record record;
	char comm[16] = "";

	prctl(PR_GET_NAME, comm);
	conf_equal(conf, conf_create(client, 4096, 0), 0);
	if (!conf_find(conf, mark, GROUP, METHOD(FRPC_SC_CREATE), &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_CREATE);
	conf_equal(conf, record.head.pid, 0);
	conf_equal(conf, PD_OF(record), FRPC_SMQ_PD_USER);
	if (conf_record_place(conf, &record, 0, &at)) {
		create = (const void *)(record.payload + at);
		conf_equal(conf, create->pgid, (int32_t)id);
		conf_equal(conf, create->namelen, strlen(comm) + 1);
		conf_equal(conf, create->filelen, 4096);
		conf_equal(conf, create->pageslen, 1);
		conf_equal(conf, create->attrs, 0);
		conf_equal(conf, create->siglen, 0);
	}
	if (conf_record_place(conf, &record, 1, &at))
		conf_bytes(conf, record.payload + at, comm, strlen(comm) + 1);
	if (conf_record_place(conf, &record, 3, &at)) {
		memory = (const void *)(record.payload + at);
		conf_equal(conf, memory->size, 2 << 20);
		conf_equal(conf, memory->addr >> 32, record.head.page_addr >> 32);
	}
}

static void create_with_attributes_is_method_7(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint64_t mark = conf_mark(conf), at;
	struct conf_record record;

	conf_equal(conf, conf_create(client, 4096, 0x123458), 0);
	if (!conf_find(conf, mark, GROUP, METHOD(FRPC_SC_CREATE_ATTR), &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_CREATE_ATTR);
	if (conf_record_place(conf, &record, 0, &at))
		conf_equal(conf, ((const struct frpc_smq_create *)(record.payload + at))->attrs,
			   0x123458);
}

static void initial_memory_follows_the_shell(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint64_t mark = conf_mark(conf), at;
	struct conf_record record;

	/* 4 x 700000 = 2.67 MiB: three whole ones. */
	conf_equal(conf, conf_create(client, 700000, 0), 0);
	if (conf_find(conf, mark, GROUP, METHOD(FRPC_SC_CREATE), &record) &&
	    conf_record_place(conf, &record, 3, &at))
		conf_equal(conf, ((const struct frpc_smq_page *)(record.payload + at))->size,
			   3 << 20);
}

static long create_raw(struct conf_client *client, uint32_t filelen, int fd, void *file)
{
	struct frpc_ml_init_create create = {
		.filelen = filelen, .filefd = fd, .file = (uintptr_t)file};

	return conf_ioctl(client, FRPC_ML_IOCTL_INIT_CREATE, &create);
}

static void a_shell_over_the_limit_is_refused(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct conf_buffer shell = conf_alloc(client, SHELL_LIMIT + 4096);

	conf_equal(conf, create_raw(client, SHELL_LIMIT + 1, shell.fd, shell.bytes), -EINVAL);
}

static void a_shell_at_the_limit_is_taken(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_create(client, SHELL_LIMIT, 0), 0);
}

static void a_shell_fd_that_is_not_open_is_refused(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, create_raw(client, 4096, 987, NULL), -EBADF);
	conf_equal(conf, create_raw(client, 4096, -1, NULL), -EBADF);
}

static void a_shell_fd_that_is_no_dma_buf_is_refused(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	int ends[2];

	if (!conf_equal(conf, pipe(ends), 0))
		return;
	conf_equal(conf, create_raw(client, 4096, ends[0], NULL), -EINVAL);
	close(ends[0]);
	close(ends[1]);
}

static void create_on_the_plain_node_needs_unsigned(struct conf *conf)
{
	conf_equal(conf, conf_create(conf_open(conf, "cdsp"), 4096, 0), -ECONNREFUSED);
	conf_equal(conf, conf_create(conf_open(conf, "cdsp"), 4096, 0x10), -ECONNREFUSED);
	conf_equal(conf, conf_create(conf_open(conf, "cdsp"), 4096, ATTR_UNSIGNED), 0);
}

static void the_node_is_judged_before_the_shell(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "cdsp");

	conf_equal(conf, create_raw(client, SHELL_LIMIT + 1, 987, NULL), -ECONNREFUSED);
}

static void create_with_an_unreadable_argument(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INIT_CREATE, NULL), -EFAULT);
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INIT_CREATE, conf_no_page(conf)),
		   -EFAULT);
}

static void create_returns_what_the_dsp_says(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_answer(conf, GROUP, METHOD(FRPC_SC_CREATE), (int32_t)0x80000406);
	conf_equal(conf, conf_create(client, 4096, 0), (int32_t)0x80000406);
	/* And the file can still have a process. */
	conf_equal(conf, conf_create(client, 4096, 0), 0);
}

static void create_times_out(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct conf_buffer shell = conf_alloc(client, 4096);
	struct frpc_ml_init_create create = {
		.filelen = 4096, .filefd = shell.fd, .file = (uintptr_t)shell.bytes};
	struct conf_job job;

	conf_hold(conf, GROUP, METHOD(FRPC_SC_CREATE), 1);
	conf_start(&job, client, FRPC_ML_IOCTL_INIT_CREATE, &create);
	conf_equal(conf, conf_join_timed_out(&job), -ETIMEDOUT);
}

static void create_without_a_shell(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint64_t mark = conf_mark(conf);
	struct conf_record record;

	conf_equal(conf, create_raw(client, 0, 0, NULL), 0);
	if (conf_find(conf, mark, GROUP, METHOD(FRPC_SC_CREATE), &record) &&
	    conf_true(conf, conf_record_list(&record)))
		conf_equal(conf, conf_record_list(&record)[2].num, 0);
}

static void a_shell_in_plain_memory_is_refused(struct conf *conf)
{
	unsigned char shell[4096] = {0};

	conf_equal(conf, create_raw(conf_open(conf, ""), sizeof(shell), 0, shell), -EFAULT);
}

static void the_dsp_sees_the_shell_in_place(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, ""), *observer = conf_observer(conf);
	struct conf_buffer shell = conf_alloc(client, 8192);
	uint64_t mark = conf_mark(conf), address;
	unsigned char seen[64], wanted[64];
	struct conf_record record;

	if (!shell.bytes || !observer)
		return;
	for (size_t i = 0; i < sizeof(wanted); i++)
		shell.bytes[i] = wanted[i] = (unsigned char)(i * 7 + 1);
	conf_equal(conf, create_raw(client, 8192, shell.fd, shell.bytes), 0);
	if (!conf_find(conf, mark, GROUP, METHOD(FRPC_SC_CREATE), &record) ||
	    !conf_true(conf, conf_record_pages(&record)))
		return;
	conf_equal(conf, conf_record_args(&record)[2].buf.pv, (uintptr_t)shell.bytes);
	address = conf_record_pages(&record)[2].addr;
	conf_equal(conf,
		   conf_call(observer, EMU_TESTMOD_READ, 1, 1,
			     (struct conf_arg[]){conf_plain(&address, 8),
						 conf_plain(seen, sizeof(seen))}),
		   0);
	conf_bytes(conf, seen, wanted, sizeof(seen));
}

/* ---- INIT_ATTACH_SNS ---- */

static void attach_sns_is_pd_2(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf), at;
	struct conf_record record;

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INIT_ATTACH_SNS, NULL), 0);
	if (!conf_find(conf, mark, GROUP, METHOD(FRPC_SC_ATTACH), &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_ATTACH);
	conf_equal(conf, record.head.pid, 0);
	conf_equal(conf, PD_OF(record), FRPC_SMQ_PD_SENSORS);
	if (conf_record_place(conf, &record, 0, &at))
		conf_equal(conf, *(const uint32_t *)(record.payload + at), id);
	mark = conf_mark(conf);
	conf_call(client, EMU_TESTMOD_ECHO, 0, 0, NULL);
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record))
		conf_equal(conf, PD_OF(record), FRPC_SMQ_PD_SENSORS);
}

static void attach_sns_is_allowed_on_the_plain_node(struct conf *conf)
{
	conf_equal(conf, conf_ioctl(conf_open(conf, "cdsp"), FRPC_ML_IOCTL_INIT_ATTACH_SNS, NULL),
		   0);
}

static void attach_sns_may_be_repeated_and_followed_by_attach(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INIT_ATTACH_SNS, NULL), 0);
	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INIT_ATTACH_SNS, NULL), 0);
	conf_equal(conf, conf_attach(client), 0);
}

/* ---- INIT_CREATE_STATIC ---- */

static long create_static(struct conf_client *client, const void *name, uint32_t namelen,
			  uint32_t memlen)
{
	struct frpc_ml_init_create_static create = {
		.namelen = namelen, .memlen = memlen, .name = (uintptr_t)name};

	return conf_ioctl(client, FRPC_ML_IOCTL_INIT_CREATE_STATIC, &create);
}

static void create_static_sends_name_and_heap(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	uint32_t id = conf_client_id(client);
	uint64_t mark = conf_mark(conf), at;
	const struct frpc_smq_create_static *create;
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, create_static(client, "audiopd", 8, 1 << 20), 0);
	if (!conf_find(conf, mark, GROUP, METHOD(FRPC_SC_CREATE_STATIC), &record))
		return;
	conf_equal(conf, record.head.sc, FRPC_SC_CREATE_STATIC);
	conf_equal(conf, record.head.pid, 0);
	conf_equal(conf, PD_OF(record), FRPC_SMQ_PD_USER);
	if (conf_record_place(conf, &record, 0, &at)) {
		create = (const void *)(record.payload + at);
		conf_equal(conf, conf_record_args(&record)[0].buf.len, sizeof(*create));
		conf_equal(conf, create->pgid, (int32_t)id);
		conf_equal(conf, create->namelen, 8);
		conf_equal(conf, create->pageslen, 0);
	}
	if (conf_record_place(conf, &record, 1, &at))
		conf_bytes(conf, record.payload + at, "audiopd", 8);
	if (conf_record_place(conf, &record, 2, &at)) {
		page = (const void *)(record.payload + at);
		conf_true(conf, page->addr & UINT32_MAX);
		conf_equal(conf, page->addr >> 32, 0);
		conf_true(conf, page->size);
	}
}

static struct frpc_smq_page heap_of(struct conf *conf, uint32_t memlen)
{
	struct frpc_smq_page page = {0};
	uint64_t mark = conf_mark(conf), at;
	struct conf_record record;

	conf_equal(conf, create_static(conf_open(conf, ""), "audiopd", 8, memlen), 0);
	if (conf_find(conf, mark, GROUP, METHOD(FRPC_SC_CREATE_STATIC), &record) &&
	    conf_record_place(conf, &record, 2, &at))
		memcpy(&page, record.payload + at, sizeof(page));
	return page;
}

static void the_remote_heap_is_made_once(struct conf *conf)
{
	struct frpc_smq_page first = heap_of(conf, 1 << 20), second = heap_of(conf, 2 << 20);

	conf_equal(conf, second.addr, first.addr);
	conf_equal(conf, second.size, first.size);
}

static void a_name_has_at_most_128_bytes(struct conf *conf)
{
	char name[129];

	memset(name, 'n', sizeof(name));
	conf_equal(conf, create_static(conf_open(conf, ""), name, 129, 1 << 20), -EINVAL);
	conf_equal(conf, create_static(conf_open(conf, ""), name, UINT32_MAX, 1 << 20), -EINVAL);
	conf_equal(conf, create_static(conf_open(conf, ""), name, 128, 1 << 20), 0);
}

static void create_static_with_a_bad_pointer(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_INIT_CREATE_STATIC, conf_no_page(conf)),
		   -EFAULT);
	conf_equal(conf, create_static(client, conf_no_page(conf), 8, 1 << 20), -EFAULT);
}

static void create_static_is_allowed_on_the_plain_node(struct conf *conf)
{
	conf_equal(conf, create_static(conf_open(conf, "cdsp"), "anything", 9, 1 << 20), 0);
}

static void create_static_is_not_there_in_6_1(struct conf *conf)
{
	conf_equal(conf, create_static(conf_open(conf, ""), "audiopd", 8, 1 << 20), -ENOTTY);
}

static const struct conf_row rows[] = {
	{"ml.attach.message", "ATTACH sends method 0 with the client's id, PD 0, header pid 0",
	 "abi B3, A5.4", CONF_TESTMOD, CONF_ALL, attach_tells_the_dsp_the_client},
	{"ml.attach.again", "ATTACH may be repeated", "abi B3", CONF_TESTMOD, CONF_ALL,
	 attach_may_be_repeated},
	{"ml.attach.plain-node", "ATTACH is allowed on the plain node", "abi B1, rig 10",
	 CONF_TESTMOD, CONF_ALL, attach_is_allowed_on_the_plain_node},
	{"ml.attach.status", "ATTACH returns the DSP's result as it is", "abi B3", CONF_TESTMOD,
	 CONF_ALL, attach_returns_what_the_dsp_says},
	{"ml.attach.silent", "ATTACH is ETIMEDOUT after 10 s without an answer", "abi B3, rig 13",
	 CONF_TESTMOD | CONF_SLOW, CONF_ALL, attach_times_out},
	{"ml.create.no-init", "INVOKE before any INIT reaches the DSP, with PD 0", "rig 10",
	 CONF_TESTMOD, CONF_ALL, invoke_works_before_any_init},
	{"ml.create.message", "CREATE sends struct, command name, shell and 2 MiB of memory, PD 1",
	 "abi B3, A5.4, rig 6", CONF_TESTMOD, CONF_ALL, create_sends_four_buffers},
	{"ml.create.attrs", "CREATE with attributes is method 7 and passes them unmodified",
	 "abi B3", CONF_TESTMOD, CONF_ALL, create_with_attributes_is_method_7},
	{"ml.create.memory", "initial memory is four times the shell, in whole MiB", "abi B3",
	 CONF_TESTMOD, CONF_ALL, initial_memory_follows_the_shell},
	{"ml.create.too-long", "a shell of more than 2 MiB is EINVAL", "abi B3", 0, CONF_ALL,
	 a_shell_over_the_limit_is_refused},
	{"ml.create.longest", "a shell of 2 MiB is taken", "abi B3", CONF_TESTMOD, CONF_ALL,
	 a_shell_at_the_limit_is_taken},
	{"ml.create.bad-fd", "a shell fd that is not open is EBADF", "abi B3, rig 20", 0, CONF_ALL,
	 a_shell_fd_that_is_not_open_is_refused},
	{"ml.create.no-dma-buf", "a shell fd that is no dma-buf is EINVAL", "abi B3", 0, CONF_ALL,
	 a_shell_fd_that_is_no_dma_buf_is_refused},
	{"ml.create.plain-node", "CREATE on the plain node without attribute bit 3 is ECONNREFUSED",
	 "abi B1", CONF_TESTMOD, CONF_ALL, create_on_the_plain_node_needs_unsigned},
	{"ml.create.node-first", "the node is judged before the shell's length", "abi B3", 0,
	 CONF_ALL, the_node_is_judged_before_the_shell},
	{"ml.create.fault", "CREATE with an unreadable argument is EFAULT", "abi B3", 0, CONF_ALL,
	 create_with_an_unreadable_argument},
	{"ml.create.status", "CREATE returns the DSP's result, and may be tried again", "abi B3",
	 CONF_TESTMOD, CONF_ALL, create_returns_what_the_dsp_says},
	{"ml.create.silent", "CREATE is ETIMEDOUT after 10 s without an answer", "abi B3",
	 CONF_TESTMOD | CONF_SLOW, CONF_ALL, create_times_out},
	{"ml.create.no-shell", "CREATE with length 0 sends an empty shell", "abi B3", CONF_TESTMOD,
	 CONF_ALL, create_without_a_shell},
	{"ml.create.user-shell", "a shell in plain memory is refused", "rig 20", CONF_SURVIVES,
	 CONF_ALL, a_shell_in_plain_memory_is_refused},
	{"ml.create.in-place", "the DSP sees the shell's dma-buf itself, pv is the user's address",
	 "rig 1", CONF_TESTMOD, CONF_ALL, the_dsp_sees_the_shell_in_place},
	{"ml.sns.message", "ATTACH_SNS sends method 0 with PD 2, and calls carry it too", "abi B3",
	 CONF_TESTMOD, CONF_ALL, attach_sns_is_pd_2},
	{"ml.sns.plain-node", "ATTACH_SNS is allowed on the plain node", "abi B1", CONF_TESTMOD,
	 CONF_ALL, attach_sns_is_allowed_on_the_plain_node},
	{"ml.sns.again", "ATTACH_SNS may be repeated and followed by ATTACH", "abi B3",
	 CONF_TESTMOD, CONF_ALL, attach_sns_may_be_repeated_and_followed_by_attach},
	{"ml.static.message",
	 "CREATE_STATIC sends struct, name and the heap's page, which has no "
	 "bank; pageslen 0",
	 "abi B3", CONF_TESTMOD, CONF_SINCE_612, create_static_sends_name_and_heap},
	{"ml.static.heap", "the remote heap is made once per channel", "abi B3", CONF_TESTMOD,
	 CONF_SINCE_612, the_remote_heap_is_made_once},
	{"ml.static.name", "a name of 128 bytes is taken, one of 129 is EINVAL", "abi B3",
	 CONF_TESTMOD, CONF_SINCE_612, a_name_has_at_most_128_bytes},
	{"ml.static.fault", "CREATE_STATIC with an unreadable argument or name is EFAULT", "abi B3",
	 0, CONF_SINCE_612, create_static_with_a_bad_pointer},
	{"ml.static.plain-node", "CREATE_STATIC takes any name, also on the plain node",
	 "abi B1, B3", CONF_TESTMOD, CONF_SINCE_612, create_static_is_allowed_on_the_plain_node},
	{"ml.static.6.1", "CREATE_STATIC is ENOTTY", "abi B7", 0, CONF_61,
	 create_static_is_not_there_in_6_1},
};

const struct conf_group conf_ml_create = {rows, sizeof(rows) / sizeof(*rows)};
