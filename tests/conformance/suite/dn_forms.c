/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: the forms of INVOKE, their arrays, CRCs and counters. */
#include <unistd.h>

#include "dn.h"

#define FILL_SC	 FRPC_SC_MAKE(EMU_TESTMOD_FILL, 1, 1)
#define EMPTY_SC FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 0)

static struct conf_client *process_with(struct conf *conf, uint32_t attrs)
{
	struct conf_client *client = dn_chosen(conf);

	conf_equal(conf, dn_create(client, attrs, 0), 0);
	return client;
}

/* An echo of 100 bytes by @cmd, which reads as much of @request as its form has. */
static void echo_by(struct conf *conf, uint32_t cmd, struct frpc_dn_invoke_perf *request)
{
	unsigned char in[100], out[100] = {0};
	struct frpc_dn_arg args[2] = {{(uintptr_t)in, 100}, {(uintptr_t)out, 100}};

	memset(in, (int)(cmd & 0x7f) + 1, sizeof(in));
	request->inv = (struct frpc_dn_invoke){
		EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 1, 1), (uintptr_t)args};
	conf_equal(conf, conf_ioctl(conf_process(conf), cmd, request), 0);
	conf_bytes(conf, out, in, sizeof(in));
}

static void the_plain_form(struct conf *conf)
{
	/* What the others have behind it would be no memory. */
	struct frpc_dn_invoke_perf request = {.fds = 8, .attrs = 8, .crc = 8};

	echo_by(conf, FRPC_DN_IOCTL_INVOKE, &request);
}

static void no_fds(struct conf *conf)
{
	struct frpc_dn_invoke_perf request = {.attrs = 8, .crc = 8};

	echo_by(conf, FRPC_DN_IOCTL_INVOKE_FD, &request);
}

static void no_attrs(struct conf *conf)
{
	struct frpc_dn_invoke_perf request = {.crc = 8};

	echo_by(conf, FRPC_DN_IOCTL_INVOKE_ATTRS, &request);
}

static void no_crc(struct conf *conf)
{
	struct frpc_dn_invoke_perf request = {.perf_kernel = 8, .perf_dsp = 8};

	echo_by(conf, FRPC_DN_IOCTL_INVOKE_CRC, &request);
}

static void no_counters(struct conf *conf)
{
	struct frpc_dn_invoke_perf request = {0};

	echo_by(conf, FRPC_DN_IOCTL_INVOKE_PERF, &request);
}

static long cut_off(struct conf *conf, struct conf_client *client, uint32_t cmd)
{
	const struct frpc_dn_invoke_perf request = {.inv = {EMU_TESTMOD_HANDLE, EMPTY_SC, 0}};
	char *at = conf_at_the_end(conf, &request, FRPC_ABI_SIZE(cmd));

	conf_equal(conf, conf_ioctl(client, cmd, at), 0);
	memmove(at + 1, &request, FRPC_ABI_SIZE(cmd) - 1);
	return conf_ioctl(client, cmd, at + 1);
}

static void each_form_is_read_to_its_end(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, cut_off(conf, client, FRPC_DN_IOCTL_INVOKE), -EFAULT);
	conf_equal(conf, cut_off(conf, client, FRPC_DN_IOCTL_INVOKE_FD), -EFAULT);
	conf_equal(conf, cut_off(conf, client, FRPC_DN_IOCTL_INVOKE_ATTRS), -EFAULT);
	conf_equal(conf, cut_off(conf, client, FRPC_DN_IOCTL_INVOKE_CRC), -EFAULT);
	conf_equal(conf, cut_off(conf, client, FRPC_DN_IOCTL_INVOKE_PERF), -EFAULT);
}

/* ---- arrays ---- */

static long with_arrays(struct conf_client *client, const void *pra, const void *fds,
			const void *attrs)
{
	struct frpc_dn_invoke_attrs request = {
		.inv = {EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 1, 0), (uintptr_t)pra},
		.fds = (uintptr_t)fds,
		.attrs = (uintptr_t)attrs,
	};

	return conf_ioctl(client, FRPC_DN_IOCTL_INVOKE_ATTRS, &request);
}

static void arguments_that_cannot_be_read(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);

	conf_equal(conf, with_arrays(client, conf_no_page(conf), NULL, NULL), conf_fault(conf));
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO), 0);
}

static void no_array_of_arguments(struct conf *conf)
{
	conf_equal(conf, with_arrays(conf_process(conf), NULL, NULL, NULL), conf_fault(conf));
}

static void fds_that_cannot_be_read(struct conf *conf)
{
	char byte = 0;
	struct frpc_dn_arg arg = {(uintptr_t)&byte, 1};

	conf_equal(conf, with_arrays(conf_process(conf), &arg, conf_no_page(conf), NULL), -EFAULT);
}

static void attrs_that_cannot_be_read(struct conf *conf)
{
	char byte = 0;
	struct frpc_dn_arg arg = {(uintptr_t)&byte, 1};

	conf_equal(conf, with_arrays(conf_process(conf), &arg, NULL, conf_no_page(conf)), -EFAULT);
}

static void arrays_of_no_arguments_are_not_read(struct conf *conf)
{
	uintptr_t nowhere = (uintptr_t)conf_no_page(conf);
	struct frpc_dn_invoke_attrs request = {
		.inv = {EMU_TESTMOD_HANDLE, EMPTY_SC, nowhere}, .fds = nowhere, .attrs = nowhere};

	conf_equal(conf, conf_ioctl(conf_process(conf), FRPC_DN_IOCTL_INVOKE_ATTRS, &request), 0);
}

static void an_array_that_is_too_short(struct conf *conf)
{
	char bytes[2] = {0};
	const struct frpc_dn_arg arg = {(uintptr_t)bytes, 1};
	struct frpc_dn_invoke request = {EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 2, 0),
					 (uintptr_t)conf_at_the_end(conf, &arg, sizeof(arg))};

	conf_equal(conf, conf_ioctl(conf_process(conf), FRPC_DN_IOCTL_INVOKE, &request), -EFAULT);
}

static void five_hundred_and_ten_buffers(struct conf *conf)
{
	static struct conf_arg args[510];
	uint32_t *room = conf_room(conf, sizeof(uint32_t) * 510);

	if (!room)
		return;
	for (uint32_t i = 0; i < 510; i++) {
		room[i] = i < 255 ? i * 7 + 1 : 0;
		args[i] = conf_plain(&room[i], sizeof(*room));
	}
	conf_equal(conf, conf_call(conf_process(conf), EMU_TESTMOD_ECHO, 255, 255, args), 0);
	conf_bytes(conf, room + 255, room, 255 * sizeof(*room));
}

static void the_method_and_its_attribute_are_passed_on(struct conf *conf)
{
	uint32_t sc = EMPTY_SC | 5u << 29;
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	conf_invoke(conf_process(conf), EMU_TESTMOD_HANDLE, sc, NULL);
	if (conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_ECHO, &record))
		conf_equal(conf, record.head.sc, sc);
}

/* ---- CRCs ---- */

static uint32_t crc_of(const void *bytes, size_t len)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len; i++)
		for (int bit = 7; bit >= 0; bit--) {
			uint32_t in = ((const unsigned char *)bytes)[i] >> bit & 1;

			crc = (crc >> 31 ^ in) ? crc << 1 ^ 0x04c11db7u : crc << 1;
		}
	return crc;
}

struct fill {
	uint32_t byte;
	int32_t result;
	unsigned char out[64];
};

/* A call that fills an out-buffer, and says @result. */
static long fill(struct conf_client *client, struct fill *fill, struct dn_call *call)
{
	const struct conf_arg args[] = {conf_plain(fill, 8), conf_plain(fill->out, 64)};

	call->handle = EMU_TESTMOD_HANDLE;
	call->sc = FILL_SC;
	call->args = args;
	return dn_invoke_perf(client, call);
}

static void crcs_of_each_buffer(struct conf *conf)
{
	struct fill bytes = {.byte = 0x31};
	uint32_t crcs[64];
	struct dn_call call = {.crc = crcs};

	memset(crcs, 0xaa, sizeof(crcs));
	conf_equal(conf, crc_of("123456789", 9), 0x89a1897f);
	conf_equal(conf, fill(process_with(conf, FRPC_PROC_ATTR_CRC), &bytes, &call), 0);
	conf_equal(conf, crcs[0], crc_of(&bytes, 8));
	conf_equal(conf, crcs[1], crc_of(bytes.out, 64));
}

static void sixty_four_words_and_no_more(struct conf *conf)
{
	struct fill bytes = {.byte = 1};
	uint32_t crcs[65];
	struct dn_call call = {.crc = crcs};

	memset(crcs, 0xaa, sizeof(crcs));
	conf_equal(conf, fill(process_with(conf, FRPC_PROC_ATTR_CRC), &bytes, &call), 0);
	for (uint32_t i = 2; i < 64; i++)
		conf_equal(conf, crcs[i], 0);
	conf_equal(conf, crcs[64], 0xaaaaaaaa);
}

static void crcs_only_for_who_asked(struct conf *conf)
{
	struct fill bytes = {.byte = 1};
	uint32_t crcs[64] = {5, 5};
	struct dn_call call = {.crc = crcs};

	conf_equal(conf, fill(conf_process(conf), &bytes, &call), 0);
	conf_equal(conf, crcs[0], 0);
	conf_equal(conf, crcs[1], 0);
}

static void crcs_that_cannot_be_written(struct conf *conf)
{
	struct fill bytes = {.byte = 2};
	struct dn_call call = {.crc = conf_read_only_page(conf)};

	conf_equal(conf, fill(conf_process(conf), &bytes, &call), -EFAULT);
	conf_equal(conf, bytes.out[63], 2); /* outputs come first */
}

static void crcs_of_a_call_that_failed(struct conf *conf)
{
	struct fill bytes = {.byte = 3, .result = 14};
	uint32_t crcs[64] = {0};
	struct dn_call call = {.crc = crcs};

	conf_equal(conf, fill(process_with(conf, FRPC_PROC_ATTR_CRC), &bytes, &call), 14);
	conf_equal(conf, crcs[1], crc_of(bytes.out, 64));
}

/* ---- counters ---- */

static void the_dsps_counters(struct conf *conf)
{
	struct fill bytes = {.byte = 4};
	uint64_t counters[13];
	struct dn_call call = {.perf_dsp = counters};

	memset(counters, 0xaa, sizeof(counters));
	conf_equal(conf, fill(process_with(conf, FRPC_PROC_ATTR_DSP_COUNTERS), &bytes, &call), 0);
	conf_equal(conf, counters[0], 1);
	conf_true(conf, counters[4] < 60000000); /* microseconds in the method */
	conf_equal(conf, counters[12], (long long)UINT64_C(0xaaaaaaaaaaaaaaaa));
}

static void the_dsps_counters_that_cannot_be_written(struct conf *conf)
{
	struct fill bytes = {.byte = 5};
	struct dn_call call = {.perf_dsp = conf_read_only_page(conf)};

	conf_equal(conf, fill(conf_process(conf), &bytes, &call), 0);
}

static struct conf_client *profiled(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf,
		   conf_ioctl(client, FRPC_DN_IOCTL_SETMODE,
			      (void *)(uintptr_t)FRPC_DN_MODE_PROFILE),
		   0);
	return client;
}

static void the_drivers_counters_without_profile_mode(struct conf *conf)
{
	struct fill bytes = {.byte = 6};
	uint64_t counters[10] = {77};
	struct dn_call call = {.perf_kernel = counters};

	conf_equal(conf, fill(conf_process(conf), &bytes, &call), 0);
	conf_equal(conf, counters[0], 77);
}

static void the_drivers_counters(struct conf *conf)
{
	struct fill bytes = {.byte = 7};
	uint64_t counters[11];
	struct dn_call call = {.perf_kernel = counters};

	memset(counters, 0xaa, sizeof(counters));
	conf_equal(conf, fill(profiled(conf), &bytes, &call), 0);
	conf_equal(conf, counters[0], 1);			   /* this call only */
	conf_true(conf, counters[8] >= counters[4] + counters[5]); /* all: send, get args, ... */
	conf_equal(conf, counters[9], getpid());
	conf_equal(conf, counters[10], (long long)UINT64_C(0xaaaaaaaaaaaaaaaa));
}

static void low_handles_have_no_counters(struct conf *conf)
{
	uint64_t counters[10] = {77};
	struct dn_call call = {.handle = FRPC_HANDLE_REMOTECTL,
			       .sc = FRPC_SC_MAKE(31, 0, 0),
			       .perf_kernel = counters};

	dn_invoke_perf(profiled(conf), &call);
	conf_equal(conf, counters[0], 77);
}

static void profile_mode_is_for_good(struct conf *conf)
{
	struct conf_client *client = profiled(conf);
	struct fill bytes = {.byte = 8};
	uint64_t counters[10] = {77};
	struct dn_call call = {.perf_kernel = counters};

	conf_equal(conf,
		   conf_ioctl(client, FRPC_DN_IOCTL_SETMODE,
			      (void *)(uintptr_t)FRPC_DN_MODE_PARALLEL),
		   0);
	conf_equal(conf, fill(client, &bytes, &call), 0);
	conf_equal(conf, counters[0], 1);
}

static const struct conf_row rows[] = {
	DN_ROW("dn.form.plain", "INVOKE reads 16 bytes, and no fds", "abi A2.1", 0, the_plain_form),
	DN_ROW("dn.form.fd", "INVOKE_FD without fds copies its buffers", "abi A2.4", 0, no_fds),
	DN_ROW("dn.form.attrs", "INVOKE_ATTRS needs neither fds nor attrs", "abi A2.1", 0,
	       no_attrs),
	DN_ROW("dn.form.crc", "INVOKE_CRC needs no list of CRCs", "abi A2.1", 0, no_crc),
	DN_ROW("dn.form.perf", "INVOKE_PERF needs no counters", "abi A2.1", 0, no_counters),
	DN_ROW("dn.form.cut", "each form is EFAULT when a byte of it cannot be read", "abi A2.0",
	       CONF_WIDE, each_form_is_read_to_its_end),
	DN_ROW("dn.array.fault", "arguments that cannot be read send nothing", "abi A2.4, A12", 0,
	       arguments_that_cannot_be_read),
	DN_ROW("dn.array.null", "no array for an argument is a fault", "abi A2.4, A12", 0,
	       no_array_of_arguments),
	DN_ROW("dn.array.fds-fault", "fds that cannot be read are EFAULT", "abi A2.4", 0,
	       fds_that_cannot_be_read),
	DN_ROW("dn.array.attrs-fault", "attrs that cannot be read are EFAULT", "abi A2.4", 0,
	       attrs_that_cannot_be_read),
	DN_ROW("dn.array.none", "a call without arguments reads no array", "abi A2.4", 0,
	       arrays_of_no_arguments_are_not_read),
	DN_ROW("dn.array.short", "an array with fewer entries than the scalars word is EFAULT",
	       "abi A2.4", CONF_WIDE, an_array_that_is_too_short),
	DN_ROW("dn.array.most", "255 buffers go in and 255 come out", "abi A3.1", 0,
	       five_hundred_and_ten_buffers),
	DN_ROW("dn.invoke.attribute", "bits 31 to 24 of the scalars word are passed on", "abi A3.1",
	       0, the_method_and_its_attribute_are_passed_on),
	DN_ROW("dn.crc.values", "entry i is the CRC of buffer i, inputs then outputs", "abi A6.6",
	       0, crcs_of_each_buffer),
	DN_ROW("dn.crc.words", "64 words are written, those of no buffer 0", "abi A6.5", 0,
	       sixty_four_words_and_no_more),
	DN_ROW("dn.crc.attribute", "without the process attribute there are no CRCs",
	       "abi A2.5, A6.6", 0, crcs_only_for_who_asked),
	DN_ROW("dn.crc.fault", "CRCs that cannot be written are EFAULT, behind the outputs",
	       "abi A6.5", 0, crcs_that_cannot_be_written),
	DN_ROW("dn.crc.with-error", "a call that failed delivers CRCs", "abi A2.4", 0,
	       crcs_of_a_call_that_failed),
	DN_ROW("dn.perf.dsp", "the DSP's 12 counters: one call, its microseconds", "abi A6.6", 0,
	       the_dsps_counters),
	DN_ROW("dn.perf.dsp-fault", "a DSP's counters that cannot be written are no error",
	       "abi A6.5", 0, the_dsps_counters_that_cannot_be_written),
	DN_ROW("dn.perf.off", "without profile mode the driver counts nothing", "abi A6.6", 0,
	       the_drivers_counters_without_profile_mode),
	DN_ROW("dn.perf.kernel", "the driver's 10 counters: one call, nanoseconds, tgid",
	       "abi A6.6", 0, the_drivers_counters),
	DN_ROW("dn.perf.low-handle", "handles up to 20 are not counted", "abi A5.5, A6.6", 0,
	       low_handles_have_no_counters),
	DN_ROW("dn.perf.for-good", "profile mode cannot be left", "abi A2.3", 0,
	       profile_mode_is_for_good),
};

DN_ROWS(conf_dn_forms, rows);
