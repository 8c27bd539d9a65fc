/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: what is particular of a 32-bit client, in its own layouts. */
#include "dn.h"

static void numbers_of_the_other_width(struct conf *conf)
{
	static const uint32_t wide[] = {FRPC_DN_IOCTL_INVOKE,	    FRPC_DN_IOCTL_INVOKE_FD,
					FRPC_DN_IOCTL_INVOKE_ATTRS, FRPC_DN_IOCTL_INIT,
					FRPC_DN_IOCTL_INIT_ATTRS,   FRPC_DN_IOCTL_INVOKE_CRC,
					FRPC_DN_IOCTL_MMAP,	    FRPC_DN_IOCTL_MUNMAP,
					FRPC_DN_IOCTL_INVOKE2,	    FRPC_DN_IOCTL_MUNMAP_FD,
					FRPC_DN_IOCTL_INVOKE_PERF};
	struct conf_client *client = conf_process(conf);
	void *room = conf_room(conf, 4096);

	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		conf_equal(conf, conf_raw_ioctl(client, wide[i], room), -ENOTTY);
}

static void numbers_of_narrow_clients(struct conf *conf)
{
	static const uint32_t narrow[] = {FRPC_DN32_IOCTL_INVOKE,	FRPC_DN32_IOCTL_INVOKE_FD,
					  FRPC_DN32_IOCTL_INVOKE_ATTRS, FRPC_DN32_IOCTL_INIT,
					  FRPC_DN32_IOCTL_INIT_ATTRS,	FRPC_DN32_IOCTL_INVOKE_CRC,
					  FRPC_DN32_IOCTL_MMAP,		FRPC_DN32_IOCTL_MUNMAP,
					  FRPC_DN32_IOCTL_INVOKE2,	FRPC_DN32_IOCTL_MUNMAP_FD,
					  FRPC_DN32_IOCTL_INVOKE_PERF};
	struct conf_client *client = conf_process(conf);
	void *room = conf_room(conf, 4096);

	for (size_t i = 0; i < sizeof(narrow) / sizeof(*narrow); i++)
		conf_equal(conf, conf_raw_ioctl(client, narrow[i], room), -ENOTTY);
}

static void munmap_fd_was_forgotten(struct conf *conf)
{
	struct frpc_dn32_munmap_fd request = {.fd = -1};

	conf_equal(conf, conf_raw_ioctl(conf_process(conf), FRPC_DN32_IOCTL_MUNMAP_FD, &request),
		   -ENOTTY);
}

static void unreadable_is_eperm(struct conf *conf)
{
	static const uint32_t cmds[] = {FRPC_DN32_IOCTL_INIT,	 FRPC_DN32_IOCTL_INIT_ATTRS,
					FRPC_DN32_IOCTL_MMAP,	 FRPC_DN32_IOCTL_MUNMAP,
					FRPC_DN32_IOCTL_MMAP_64, FRPC_DN32_IOCTL_MUNMAP_64,
					FRPC_DN_IOCTL_CONTROL,	 FRPC_DN32_IOCTL_INVOKE2};
	struct conf_client *client = conf_process(conf);
	void *nowhere = conf_no_page(conf);

	for (size_t i = 0; i < sizeof(cmds) / sizeof(*cmds); i++)
		if (!conf_equal(conf, conf_raw_ioctl(client, cmds[i], nowhere), -EPERM))
			conf_equal(conf, cmds[i], 0); /* says which */
}

static void unreadable_is_efault(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN_IOCTL_GET_DSP_INFO, conf_no_page(conf)),
		   -EFAULT);
}

static void unreadable_is_einval(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_MEM_MAP, conf_no_page(conf)),
		   -EINVAL);
}

static void an_invoke_is_read_in_two_goes(struct conf *conf)
{
	const struct frpc_dn32_invoke request = {EMU_TESTMOD_HANDLE,
						 FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 0), 0};
	struct conf_client *client = conf_process(conf);
	char *at;

	at = conf_at_the_end(conf, &request, 8); /* up to the scalars word */
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_INVOKE, at), -EPERM);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_INVOKE, at + 4), -EFAULT);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_INVOKE, NULL), -EFAULT);
}

static uint32_t cut(const void *address)
{
	return (uint32_t)(uintptr_t)address;
}

static void arguments_come_before_the_handle(struct conf *conf)
{
	struct frpc_dn32_invoke request = {1, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 1, 0),
					   cut(conf_no_page(conf))};
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_INVOKE, &request), -EPERM);
	request.sc = FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 0, 0);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_INVOKE, &request), -EINVAL);
}

static void addresses_are_widened_without_sign(struct conf *conf)
{
	struct frpc_dn32_arg arg = {0xfffffff0u, 16};
	struct frpc_dn32_invoke request = {EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_KEEP, 0, 1),
					   cut(&arg)};
	struct conf_client *client = conf_process(conf);
	struct conf_record record;
	uint64_t mark = conf_mark(conf);

	/* It ends at 4 GiB, which is no wrap: the call is made, and fails when it is answered. */
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_INVOKE, &request), -EFAULT);
	conf_find(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_KEEP, &record);
	conf_equal(conf, conf_count(conf, mark, EMU_TESTMOD_HANDLE, EMU_TESTMOD_KEEP), 1);
}

static void arguments_are_8_bytes(struct conf *conf)
{
	unsigned char *room = conf_room(conf, 4096);
	struct frpc_dn32_arg args[2];
	struct frpc_dn32_invoke request = {EMU_TESTMOD_HANDLE, FRPC_SC_MAKE(EMU_TESTMOD_ECHO, 1, 1),
					   cut(args)};

	if (!room)
		return;
	memset(room, 0x66, 100);
	args[0] = (struct frpc_dn32_arg){cut(room), 100};
	args[1] = (struct frpc_dn32_arg){cut(room + 200), 100};
	conf_equal(conf, conf_raw_ioctl(conf_process(conf), FRPC_DN32_IOCTL_INVOKE, &request), 0);
	conf_bytes(conf, room + 200, room, 100);
}

/* ---- the four commands whose number is the 64-bit one ---- */

static void mmap_64_has_a_narrow_size(struct conf *conf)
{
	struct frpc_dn32_mmap_64 map = {
		.fd = -1, .flags = FRPC_DN_MMAP_ADD_PAGES, .size = 8192, .pad = UINT32_MAX};
	struct conf_client *client = conf_process(conf);
	uint64_t mark = conf_mark(conf);
	const struct frpc_smq_page *page;
	struct conf_record record;

	conf_equal(conf, FRPC_DN32_IOCTL_MMAP_64, FRPC_DN_IOCTL_MMAP_64);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN_IOCTL_MMAP_64, &map), 0);
	conf_true(conf, map.vaddrout);
	conf_equal(conf, map.pad, UINT32_MAX);
	if (conf_find(conf, mark, DN_GROUP, DN_MMAP, &record) && (page = dn_in(conf, &record, 1)))
		conf_equal(conf, page->size, 8192);
}

static void munmap_64_has_a_narrow_size(struct conf *conf)
{
	struct frpc_dn32_munmap_64 unmap = {.size = 4096, .pad = UINT32_MAX};
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, FRPC_DN32_IOCTL_MUNMAP_64, FRPC_DN_IOCTL_MUNMAP_64);
	conf_equal(conf, dn_mmap(client, NULL, FRPC_DN_MMAP_ADD_PAGES, 4096, &unmap.vaddrout), 0);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN_IOCTL_MUNMAP_64, &unmap), 0);
}

static void mem_map_has_its_length_at_28(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	struct frpc_dn32_mem_map map = {.fd = buffer.fd, .vaddrin = 4096, .length = DN_LEN};

	conf_equal(conf, FRPC_DN32_IOCTL_MEM_MAP, FRPC_DN_IOCTL_MEM_MAP);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN_IOCTL_MEM_MAP, &map), 0);
	conf_true(conf, map.vaddrout);
	conf_equal(conf, dn_mem_unmap(client, buffer.fd, map.vaddrout, DN_LEN), 0);
}

static void mem_unmap_has_a_narrow_length(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);
	struct conf_buffer buffer = conf_alloc(client, DN_LEN);
	struct frpc_dn32_mem_unmap unmap = {.fd = buffer.fd, .length = DN_LEN};

	conf_equal(conf, FRPC_DN32_IOCTL_MEM_UNMAP, FRPC_DN_IOCTL_MEM_UNMAP);
	unmap.reserved[0] = -1; /* the upper half of a 64-bit client's length */
	conf_equal(conf, dn_mem_map(client, &buffer, 0, 0, &unmap.vaddr), 0);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN_IOCTL_MEM_UNMAP, &unmap), 0);
}

static void a_failed_mmap_says_0(struct conf *conf)
{
	struct frpc_dn32_mmap map = {.fd = 987, .size = 4096, .vaddrout = 0x1234};
	struct frpc_dn32_mmap_64 map_64 = {.fd = 987, .size = 4096, .vaddrout = 0x1234};
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_MMAP, &map), -EBADFD);
	conf_equal(conf, map.vaddrout, 0);
	conf_equal(conf, conf_raw_ioctl(client, FRPC_DN32_IOCTL_MMAP_64, &map_64), -EBADFD);
	conf_equal(conf, map_64.vaddrout, 0);
}

static void a_failed_wide_mmap_says_nothing(struct conf *conf)
{
	struct frpc_dn_mmap map = {.fd = 987, .size = 4096, .vaddrout = 0x1234};

	conf_equal(conf, conf_ioctl(conf_process(conf), FRPC_DN_IOCTL_MMAP, &map), -EBADFD);
	conf_equal(conf, map.vaddrout, 0x1234);
}

static void a_cleaned_file_is_not_shut_down(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_DSPPROCESS_CLEAN, 0, 0), 0);
	conf_equal(conf, dn_control(client, FRPC_DN_CONTROL_KALLOC, 0, 0), 0);
}

#define ROW(id, sentence, run) DN_ROW("dn.narrow." id, sentence, "abi A12", CONF_NARROW, run)

static const struct conf_row rows[] = {
	ROW("wide-numbers", "64-bit clients' own numbers are ENOTTY", numbers_of_the_other_width),
	DN_ROW("dn.wide.narrow-numbers", "32-bit clients' own numbers are ENOTTY", "abi A2, A12",
	       CONF_WIDE, numbers_of_narrow_clients),
	ROW("munmap-fd", "MUNMAP_FD is ENOTTY", munmap_fd_was_forgotten),
	ROW("eperm", "most commands with an unreadable argument are EPERM", unreadable_is_eperm),
	ROW("info-fault", "an unreadable GET_DSP_INFO is EFAULT, not ECHRNG", unreadable_is_efault),
	ROW("mem-map-fault", "an unreadable MEM_MAP is EINVAL", unreadable_is_einval),
	ROW("invoke-fault", "INVOKE: EFAULT up to the scalars word, EPERM beyond",
	    an_invoke_is_read_in_two_goes),
	ROW("args-first", "arguments are read before the handle is looked at",
	    arguments_come_before_the_handle),
	ROW("unsigned", "addresses are widened without sign", addresses_are_widened_without_sign),
	ROW("args", "an argument is 8 bytes: address and length", arguments_are_8_bytes),
	ROW("mmap-64", "MMAP_64 has the same number and a size of 4 bytes",
	    mmap_64_has_a_narrow_size),
	ROW("munmap-64", "MUNMAP_64 has the same number and a size of 4 bytes",
	    munmap_64_has_a_narrow_size),
	ROW("mem-map", "MEM_MAP has the same number and its length at 28",
	    mem_map_has_its_length_at_28),
	ROW("mem-unmap", "MEM_UNMAP has the same number and a length of 4 bytes",
	    mem_unmap_has_a_narrow_length),
	ROW("mmap-failed", "a failed MMAP writes the address 0", a_failed_mmap_says_0),
	DN_ROW("dn.wide.mmap-failed", "a failed MMAP writes no address", "abi A2.8, A12", CONF_WIDE,
	       a_failed_wide_mmap_says_nothing),
	ROW("cleaned", "a cleaned file is not ESHUTDOWN", a_cleaned_file_is_not_shut_down),
};

DN_ROWS(conf_dn_narrow, rows);
