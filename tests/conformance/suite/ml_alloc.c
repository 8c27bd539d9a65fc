/* SPDX-License-Identifier: BSD-3-Clause */
/* ALLOC_DMA_BUFF, GET_DSP_INFO, and SET_OPTION of 7.3. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"

#define UTILITIES  FRPC_HANDLE_DSP_UTILITIES
#define MDSP	   1u
#define CDSP	   3u
#define POLL_DONE  0xDECAFu
#define POLL_EARLY 0xABBCCDDEu

static long allocate(struct conf_client *client, uint64_t size, int32_t *ret_fd)
{
	struct frpc_ml_alloc_dma_buf request = {.fd = -7, .flags = 0xffffffff, .size = size};
	long res = conf_ioctl(client, FRPC_ML_IOCTL_ALLOC_DMA_BUFF, &request);

	*ret_fd = request.fd;
	conf_equal(client->conf, request.size, size);
	return res;
}

static void two_mappings_are_one_memory(struct conf *conf)
{
	struct conf_buffer buffer = conf_alloc(conf_open(conf, ""), 8192);
	unsigned char *again;

	if (!buffer.bytes)
		return;
	again = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd, 0);
	if (!conf_true(conf, again != MAP_FAILED))
		return;
	conf_equal(conf, again[5000], 0);
	buffer.bytes[5000] = 99;
	conf_equal(conf, again[5000], 99);
	munmap(again, 8192);
}

static void its_size_is_what_was_asked_for(struct conf *conf)
{
	int32_t fd;

	if (!conf_equal(conf, allocate(conf_open(conf, ""), 8192, &fd), 0))
		return;
	conf_equal(conf, lseek(fd, 0, SEEK_END), 8192);
	close(fd);
}

static void its_fd_survives_exec(struct conf *conf)
{
	int32_t fd;

	if (!conf_equal(conf, allocate(conf_open(conf, ""), 4096, &fd), 0))
		return;
	conf_equal(conf, fcntl(fd, F_GETFD), 0);
	close(fd);
}

static void it_outlives_the_file(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct conf_buffer buffer = conf_alloc(client, 4096);

	if (!buffer.bytes)
		return;
	memset(buffer.bytes, 0x42, 4096);
	conf_equal(conf, conf_close(client), 0);
	conf_equal(conf, buffer.bytes[4095], 0x42);
	/* And another file's DSP process can use it. */
	conf_equal(conf,
		   conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 1, 0,
			     (struct conf_arg[]){{buffer.bytes, 4096, buffer.fd}}),
		   0);
}

static void allocating_more_than_there_is(struct conf *conf)
{
	int32_t fd;

	conf_equal(conf, allocate(conf_open(conf, ""), UINT64_C(1) << 40, &fd), -ENOMEM);
}

static void allocating_with_a_bad_pointer(struct conf *conf)
{
	const struct frpc_ml_alloc_dma_buf request = {.size = 4096};
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_ALLOC_DMA_BUFF, conf_no_page(conf)),
		   -EFAULT);
	conf_equal(conf,
		   conf_ioctl(client, FRPC_ML_IOCTL_ALLOC_DMA_BUFF,
			      conf_read_only_copy(conf, &request, sizeof(request))),
		   -EFAULT);
}

/* ---- GET_DSP_INFO ---- */

static long info(struct conf_client *client, uint32_t domain, uint32_t attribute,
		 uint32_t *ret_value)
{
	struct frpc_ml_capability request = {
		.domain = domain, .attribute_id = attribute, .capability = 0xdead};
	long res = conf_ioctl(client, FRPC_ML_IOCTL_GET_DSP_INFO, &request);

	*ret_value = request.capability;
	return res;
}

static void array_element_i_is_attribute_i_plus_1(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t count = 255, values[255] = {0}, value;

	conf_equal(conf,
		   conf_invoke(client, UTILITIES, FRPC_SC_CAPABILITIES,
			       (struct conf_arg[]){conf_plain(&count, 4),
						   conf_plain(values, sizeof(values))}),
		   0);
	conf_true(conf, values[5]); /* the architecture: no DSP has none */
	for (uint32_t id = 1; id <= 8; id++) {
		conf_equal(conf, info(client, CDSP, id, &value), 0);
		conf_equal(conf, value, values[id - 1]);
	}
}

static void attribute_0_is_always_0(struct conf *conf)
{
	uint32_t value;

	conf_equal(conf, info(conf_process(conf), CDSP, 0, &value), 0);
	conf_equal(conf, value, 0);
}

static void there_are_256_attributes(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t value;

	conf_equal(conf, info(client, CDSP, 255, &value), 0);
	conf_equal(conf, info(client, CDSP, 256, &value), -EOVERFLOW);
	conf_equal(conf, info(client, CDSP, UINT32_MAX, &value), -EOVERFLOW);
}

static void domains_without_attributes(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t value, first = conf_version(conf) == CONF_61 ? 4 : 5;

	conf_equal(conf, info(client, MDSP, 6, &value), -ECHRNG);
	conf_equal(conf, info(client, first, 6, &value), -ECHRNG);
	conf_equal(conf, info(client, UINT32_MAX, 6, &value), -ECHRNG);
	conf_equal(conf, info(client, MDSP, 256, &value), -ECHRNG);
}

static void another_domain_is_answered_from_here(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t mine, other;

	conf_equal(conf, info(client, CDSP, 6, &mine), 0);
	conf_equal(conf, info(client, 0, 6, &other), 0);
	conf_equal(conf, other, mine);
}

static void the_domain_is_ignored_since_7_3(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint32_t mine, other;

	conf_equal(conf, info(client, CDSP, 6, &mine), 0);
	conf_equal(conf, info(client, UINT32_MAX, 6, &other), 0);
	conf_equal(conf, other, mine);
}

static void the_dsp_is_asked_once(struct conf *conf)
{
	struct conf_client *client = conf_process(conf), *other = conf_process(conf);
	uint32_t value;
	uint64_t mark;

	conf_equal(conf, info(client, CDSP, 6, &value), 0);
	mark = conf_mark(conf);
	conf_equal(conf, info(client, CDSP, 5, &value), 0);
	conf_equal(conf, info(other, CDSP, 6, &value), 0);
	conf_equal(conf, conf_count(conf, mark, UTILITIES, 0), 0);
}

static void info_with_a_bad_pointer(struct conf *conf)
{
	const struct frpc_ml_capability request = {.domain = CDSP, .attribute_id = 6};
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_ioctl(client, FRPC_ML_IOCTL_GET_DSP_INFO, conf_no_page(conf)),
		   -EFAULT);
	conf_equal(conf,
		   conf_ioctl(client, FRPC_ML_IOCTL_GET_DSP_INFO,
			      conf_read_only_copy(conf, &request, sizeof(request))),
		   -EFAULT);
}

/* ---- SET_OPTION ---- */

static long set_option(struct conf_client *client, uint32_t id, uint32_t value, int32_t reserved)
{
	struct frpc_ml_set_option request = {
		.request_id = id, .value = value, .reserved = {0, 0, 0, 0, 0, reserved}};

	return conf_ioctl(client, FRPC_ML_IOCTL_SET_OPTION, &request);
}

static void options_that_do_not_exist(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, set_option(client, 0, 1, 0), -EINVAL);
	conf_equal(conf, set_option(client, 2, 1, 0), -EINVAL);
	conf_equal(conf, set_option(client, 1, 2, 0), -EINVAL);
	conf_equal(conf, set_option(client, 1, 1, 1), -EINVAL);
}

static void an_option_with_a_bad_pointer(struct conf *conf)
{
	conf_equal(conf,
		   conf_ioctl(conf_process(conf), FRPC_ML_IOCTL_SET_OPTION, conf_no_page(conf)),
		   -EFAULT);
}

static void polling_can_be_switched(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, set_option(client, 1, 1, 0), 0);
	conf_equal(conf, set_option(client, 1, 0, 0), 0);
}

/* A call of @client whose poll word is set while its answer is held. */
static void start_polled(struct conf *conf, struct conf_client *client, uint32_t word,
			 struct conf_job *job, struct conf_record *record)
{
	uint64_t mark = conf_mark(conf);

	conf_poll_word(conf, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, word);
	conf_start_invoke(job, client, EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_STATUS, 0, 0),
			  NULL);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_STATUS, record);
}

static void the_poll_word_ends_a_call(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_record record;
	struct conf_job job;

	conf_equal(conf, set_option(client, 1, 1, 0), 0);
	start_polled(conf, client, POLL_DONE, &job, &record);
	conf_equal(conf, conf_join(&job), 0);
	/* The call is over: an answer finds nobody. */
	conf_equal(conf, conf_respond(conf, record.head.ctx, 5), -ENOENT);
}

static void not_ended_by(struct conf *conf, struct conf_client *client, uint32_t word)
{
	struct conf_record record;
	struct conf_job job;

	start_polled(conf, client, word, &job, &record);
	conf_equal(conf, conf_respond(conf, record.head.ctx, 5), 0);
	conf_equal(conf, conf_join(&job), 5);
}

static void the_early_word_is_not_known(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, set_option(client, 1, 1, 0), 0);
	not_ended_by(conf, client, POLL_EARLY);
}

static void without_the_option_nobody_polls(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	not_ended_by(conf, client, POLL_DONE);
	conf_equal(conf, set_option(client, 1, 1, 0), 0);
	conf_equal(conf, set_option(client, 1, 0, 0), 0);
	not_ended_by(conf, client, POLL_DONE);
}

#define ROW(id, sentence, fact, needs, versions, run)    \
	{                                                \
		id, sentence, fact, needs, versions, run \
	}

static const struct conf_row rows[] = {
	ROW("ml.alloc.memory", "ALLOC_DMA_BUFF gives zeroed shared memory that can be mapped",
	    "abi B3", 0, CONF_ALL, two_mappings_are_one_memory),
	ROW("ml.alloc.size", "its size is what was asked for, whatever the flags", "abi B2", 0,
	    CONF_ALL, its_size_is_what_was_asked_for),
	ROW("ml.alloc.cloexec", "its fd is not close-on-exec", "abi B3", 0, CONF_ALL,
	    its_fd_survives_exec),
	ROW("ml.alloc.outlives", "it lives until its fd and maps are gone, not as long as the file",
	    "abi B3", CONF_TESTMOD, CONF_ALL, it_outlives_the_file),
	ROW("ml.alloc.too-large", "more than there is: ENOMEM", "abi B3", 0, CONF_ALL,
	    allocating_more_than_there_is),
	ROW("ml.alloc.fault", "ALLOC_DMA_BUFF with a bad pointer is EFAULT", "abi B3", 0, CONF_ALL,
	    allocating_with_a_bad_pointer),
	ROW("ml.info.values", "attribute i + 1 is element i of the DSP's answer", "rig 6",
	    CONF_TESTMOD, CONF_ALL, array_element_i_is_attribute_i_plus_1),
	ROW("ml.info.zero", "attribute 0 is always 0", "abi B3, rig 6", CONF_TESTMOD, CONF_ALL,
	    attribute_0_is_always_0),
	ROW("ml.info.range", "attribute 255 is there, 256 is EOVERFLOW", "abi B3", CONF_TESTMOD,
	    CONF_ALL, there_are_256_attributes),
	ROW("ml.info.domains", "modem and unknown domains are ECHRNG, before the attribute is seen",
	    "abi B3", CONF_TESTMOD, CONF_UNTIL_612, domains_without_attributes),
	ROW("ml.info.other-domain", "another valid domain is answered from the file's channel",
	    "abi B3", CONF_TESTMOD, CONF_UNTIL_612, another_domain_is_answered_from_here),
	ROW("ml.info.any-domain", "the domain is ignored", "abi B7", CONF_TESTMOD, CONF_73,
	    the_domain_is_ignored_since_7_3),
	ROW("ml.info.once", "the DSP is asked once per channel", "abi B3, rig 6", CONF_TESTMOD,
	    CONF_ALL, the_dsp_is_asked_once),
	ROW("ml.info.fault", "GET_DSP_INFO with a bad pointer is EFAULT", "abi B3", CONF_TESTMOD,
	    CONF_ALL, info_with_a_bad_pointer),
	ROW("ml.option.bad", "SET_OPTION: unknown requests, values and reserved words are EINVAL",
	    "abi B3", CONF_TESTMOD, CONF_73, options_that_do_not_exist),
	ROW("ml.option.fault", "SET_OPTION with a bad pointer is EFAULT", "abi B3", CONF_TESTMOD,
	    CONF_73, an_option_with_a_bad_pointer),
	ROW("ml.option.poll", "SET_OPTION switches polling on and off", "abi B3, B6",
	    CONF_TESTMOD | CONF_POLL, CONF_73, polling_can_be_switched),
	ROW("ml.poll.done", "while polling is on, the poll word 0xDECAF ends a call with 0",
	    "abi B6", CONF_TESTMOD | CONF_POLL, CONF_73, the_poll_word_ends_a_call),
	ROW("ml.poll.early", "the downstream drivers' early word is not known", "abi B6",
	    CONF_TESTMOD | CONF_POLL, CONF_73, the_early_word_is_not_known),
	ROW("ml.poll.off", "without the option the poll word means nothing", "abi B6",
	    CONF_TESTMOD | CONF_POLL, CONF_73, without_the_option_nobody_polls),
};

const struct conf_group conf_ml_alloc = {rows, sizeof(rows) / sizeof(*rows)};
