/* SPDX-License-Identifier: BSD-3-Clause */
/* Images of skels, sound and broken: a small one made here, and a real library of this machine. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emulator/dsp/elf_image.h"

#define DYNS 6

/* As little as a shared object can be. */
struct image {
	ElfW(Ehdr) ehdr;
	ElfW(Phdr) phdrs[2];
	ElfW(Dyn) dyns[DYNS];
};

static void make_image(struct image *image)
{
	static ElfW(Ehdr) own;
	FILE *file = fopen("/proc/self/exe", "re");

	/* Machine, class and version are this program's. */
	assert_non_null(file);
	assert_int_equal(fread(&own, sizeof(own), 1, file), 1);
	fclose(file);
	memset(image, 0, sizeof(*image));
	image->ehdr = own;
	image->ehdr.e_type = ET_DYN;
	image->ehdr.e_phoff = offsetof(struct image, phdrs);
	image->ehdr.e_phnum = 2;
	image->ehdr.e_phentsize = sizeof(ElfW(Phdr));
	image->ehdr.e_shoff = image->ehdr.e_shnum = image->ehdr.e_shstrndx = 0;
	image->phdrs[0].p_type = PT_LOAD;
	image->phdrs[0].p_filesz = image->phdrs[0].p_memsz = sizeof(*image);
	image->phdrs[1].p_type = PT_DYNAMIC;
	image->phdrs[1].p_offset = offsetof(struct image, dyns);
	image->phdrs[1].p_filesz = image->phdrs[1].p_memsz = sizeof(image->dyns);
}

static void assert_refused(const void *image, size_t size, const char *part)
{
	char text[256] = "";

	assert_int_equal(emu_elf_check(image, size, text, sizeof(text)), -ENOEXEC);
	if (!strstr(text, part))
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void a_shared_object_of_this_machine_passes(void **state)
{
	struct image image;
	char text[256];

	(void)state;
	make_image(&image);
	assert_int_equal(emu_elf_check(&image, sizeof(image), text, sizeof(text)), 0);
}

static void what_is_no_shared_object_of_this_machine_is_refused_with_a_reason(void **state)
{
	struct image image;

	(void)state;
	assert_refused("", 0, "not an ELF");
	assert_refused("#!/bin/sh\nexit 0, or so\n", 24, "not an ELF");
	make_image(&image);
	image.ehdr.e_machine = EM_QDSP6;
	assert_refused(&image, sizeof(image), "Hexagon");
	make_image(&image);
	image.ehdr.e_machine = EM_S390;
	assert_refused(&image, sizeof(image), "wrong ELF machine 22");
	make_image(&image);
	image.ehdr.e_type = ET_REL;
	assert_refused(&image, sizeof(image), "not a shared object");
	make_image(&image);
	image.ehdr.e_phnum = 0;
	assert_refused(&image, sizeof(image), "not a shared object");
	make_image(&image);
	image.phdrs[1].p_type = PT_NOTE;
	assert_refused(&image, sizeof(image), "not a shared object");
	make_image(&image);
	image.phdrs[0].p_type = PT_NULL;
	assert_refused(&image, sizeof(image), "not a shared object");
}

static void segments_that_lie_about_themselves_are_refused(void **state)
{
	struct image image;

	(void)state;
	make_image(&image);
	image.phdrs[0].p_filesz++;
	image.phdrs[0].p_memsz++;
	assert_refused(&image, sizeof(image), "truncated");
	make_image(&image);
	image.phdrs[1].p_offset = (ElfW(Off)) - 8;
	assert_refused(&image, sizeof(image), "truncated");
	make_image(&image);
	image.phdrs[0].p_memsz = image.phdrs[0].p_filesz - 1;
	assert_refused(&image, sizeof(image), "contradict");
	make_image(&image);
	image.phdrs[0].p_vaddr = (ElfW(Addr)) - 16;
	assert_refused(&image, sizeof(image), "contradict");
}

static bool is_symbolic(const struct image *image)
{
	for (int i = 0; i < DYNS && image->dyns[i].d_tag != DT_NULL; i++)
		if (image->dyns[i].d_tag == DT_SYMBOLIC ||
		    (image->dyns[i].d_tag == DT_FLAGS && (image->dyns[i].d_un.d_val & DF_SYMBOLIC)))
			return true;
	return false;
}

static void set_dyns(struct image *image, const int64_t tags[DYNS])
{
	make_image(image);
	for (int i = 0; i < DYNS; i++)
		image->dyns[i].d_tag = (__typeof__(image->dyns[i].d_tag))tags[i];
}

static void a_mark_finds_its_place_without_moving_anything(void **state)
{
	static const int64_t tags[][DYNS] = {
		{DT_SONAME, DT_FLAGS, DT_HASH, DT_SYMTAB, DT_STRTAB, DT_NULL},
		{DT_SONAME, DT_SYMBOLIC, DT_HASH, DT_SYMTAB, DT_STRTAB, DT_NULL},
		{DT_SONAME, DT_HASH, DT_SYMTAB, DT_STRTAB, DT_NULL, DT_NULL},
		{DT_SONAME, DT_RELACOUNT, DT_HASH, DT_SYMTAB, DT_STRTAB, DT_NULL},
	};
	struct image image, before;

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		set_dyns(&image, tags[i]);
		assert_int_equal(emu_elf_make_symbolic(&image, sizeof(image)), 0);
		assert_true(is_symbolic(&image));
		/* The list still ends, and everything else in it is still there. */
		assert_int_equal(image.dyns[DYNS - 1].d_tag, DT_NULL);
		for (int k = 0; k < DYNS; k++)
			if (tags[i][k] != DT_RELACOUNT && tags[i][k] != DT_NULL)
				assert_int_equal(image.dyns[k].d_tag, tags[i][k]);
		before = image;
		assert_int_equal(emu_elf_make_symbolic(&image, sizeof(image)), 0);
		assert_memory_equal(&image, &before, sizeof(image));
	}
}

static void without_room_for_the_mark_the_image_stays_as_it_is(void **state)
{
	static const int64_t full[DYNS] = {DT_SONAME, DT_HASH,	DT_SYMTAB,
					   DT_STRTAB, DT_STRSZ, DT_NULL};
	struct image image, before;

	(void)state;
	set_dyns(&image, full);
	before = image;
	assert_int_equal(emu_elf_make_symbolic(&image, sizeof(image)), -ENOSPC);
	assert_memory_equal(&image, &before, sizeof(image));
	/* Entries without an end, too. */
	image.dyns[DYNS - 1].d_tag = DT_NEEDED;
	assert_int_equal(emu_elf_make_symbolic(&image, sizeof(image)), -ENOSPC);
}

static unsigned char *read_library(size_t *ret_size)
{
	Dl_info info;
	unsigned char *bytes;
	FILE *file;
	long size;

	assert_int_not_equal(dladdr((void *)(uintptr_t)_cmocka_run_group_tests, &info), 0);
	file = fopen(info.dli_fname, "re");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	bytes = malloc((size_t)size);
	assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
	fclose(file);
	*ret_size = (size_t)size;
	return bytes;
}

static void a_real_library_passes_whole_and_not_cut_within_its_segments(void **state)
{
	size_t size = 0, end = 0;
	unsigned char *bytes = read_library(&size), *cut;
	const ElfW(Ehdr) *ehdr = (const void *)bytes;
	const ElfW(Phdr) *phdrs = (const void *)(bytes + ehdr->e_phoff);
	char text[256];

	(void)state;
	assert_int_equal(emu_elf_check(bytes, size, text, sizeof(text)), 0);
	assert_int_equal(emu_elf_make_symbolic(bytes, size), 0);
	for (int i = 0; i < ehdr->e_phnum; i++)
		if (phdrs[i].p_type == PT_LOAD && phdrs[i].p_offset + phdrs[i].p_filesz > end)
			end = phdrs[i].p_offset + phdrs[i].p_filesz;
	/* Each in memory of its own, so that a sanitizer sees a byte read too far. */
	for (size_t len = 0; len < end; len += 1 + len / 3) {
		cut = malloc(len ? len : 1);
		memcpy(cut, bytes, len);
		assert_int_equal(emu_elf_check(cut, len, text, sizeof(text)), -ENOEXEC);
		emu_elf_make_symbolic(cut, len);
		free(cut);
	}
	free(bytes);
}

static void no_byte_of_the_headers_makes_it_read_or_write_outside(void **state)
{
	static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	struct image image, *copy;
	char text[256];

	(void)state;
	make_image(&image);
	for (size_t at = 0; at < sizeof(image); at++)
		for (size_t i = 0; i < sizeof(values); i++) {
			copy = malloc(sizeof(*copy));
			*copy = image;
			((unsigned char *)copy)[at] = values[i];
			if (!emu_elf_check(copy, sizeof(*copy), text, sizeof(text)))
				emu_elf_make_symbolic(copy, sizeof(*copy));
			free(copy);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_object_of_this_machine_passes),
		cmocka_unit_test(what_is_no_shared_object_of_this_machine_is_refused_with_a_reason),
		cmocka_unit_test(segments_that_lie_about_themselves_are_refused),
		cmocka_unit_test(a_mark_finds_its_place_without_moving_anything),
		cmocka_unit_test(without_room_for_the_mark_the_image_stays_as_it_is),
		cmocka_unit_test(a_real_library_passes_whole_and_not_cut_within_its_segments),
		cmocka_unit_test(no_byte_of_the_headers_makes_it_read_or_write_outside),
	};

	return cmocka_run_group_tests_name("elf image", tests, NULL, NULL);
}
