/* SPDX-License-Identifier: BSD-3-Clause */
/* Each library defines every name of the linker map itself, and needs none of them from elsewhere. */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOST_NAMES 128

static struct {
	char name[MOST_NAMES][64];
	int count;
} names;

static const char *const libraries[] = {
	"libfastrpc.so.0",
	"libadsprpc.so.1",
	"libcdsprpc.so.1",
	"libsdsprpc.so.1",
};

static void read_names(const char *path)
{
	FILE *map = fopen(path, "r");
	char line[128], name[64];

	assert_non_null(map);
	while (fgets(line, sizeof(line), map)) {
		/* Names of ours are libfastrpc's alone. */
		if (sscanf(line, " %63[A-Za-z0-9_];", name) != 1 || !strncmp(name, "frpc_", 5) ||
		    !strchr(line, ';'))
			continue;
		assert_true(names.count < MOST_NAMES);
		strcpy(names.name[names.count++], name);
	}
	fclose(map);
	assert_true(names.count >= 38);
}

static void every_library_defines_every_name_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++) {
		void *library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);

		if (!library)
			fail_msg("%s", dlerror());
		for (int k = 0; k < names.count; k++) {
			void *address = dlsym(library, names.name[k]);
			Dl_info info;

			if (!address)
				fail_msg("%s lacks %s", libraries[i], names.name[k]);
			assert_int_not_equal(dladdr(address, &info), 0);
			if (!strstr(info.dli_fname, libraries[i]))
				fail_msg("%s of %s is in %s", names.name[k], libraries[i],
					 info.dli_fname);
		}
		dlclose(library);
	}
}

static uintptr_t entry_of(const struct link_map *map, ElfW(Sxword) tag)
{
	for (const ElfW(Dyn) *dyn = map->l_ld; dyn->d_tag != DT_NULL; dyn++)
		if (dyn->d_tag == tag)
			return dyn->d_un.d_ptr;
	return 0;
}

static bool is_public(const char *name)
{
	for (int i = 0; i < names.count; i++)
		if (!strcmp(names.name[i], name))
			return true;
	return false;
}

#if defined(__LP64__)
#define SYMBOL_OF ELF64_R_SYM
#else
#define SYMBOL_OF ELF32_R_SYM
#endif

/* @table has @bytes bytes of entries of @size, r_info the second word of each. */
static void check_relocations(const struct link_map *map, uintptr_t table, size_t bytes,
			      size_t size)
{
	const ElfW(Sym) *symbols = (const void *)entry_of(map, DT_SYMTAB);
	const char *strings = (const void *)entry_of(map, DT_STRTAB);

	for (size_t at = 0; at + size <= bytes; at += size) {
		const ElfW(Rel) *rel = (const void *)(table + at);
		const char *name = strings + symbols[SYMBOL_OF(rel->r_info)].st_name;

		if (SYMBOL_OF(rel->r_info) && is_public(name))
			fail_msg("%s would call %s of whoever defines it first", map->l_name, name);
	}
}

static void no_library_calls_a_public_name_through_the_loader(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++) {
		void *library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
		struct link_map *map = NULL;
		size_t size;

		assert_non_null(library);
		assert_int_equal(dlinfo(library, RTLD_DI_LINKMAP, &map), 0);
		size = entry_of(map, DT_PLTREL) == DT_RELA ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));
		check_relocations(map, entry_of(map, DT_JMPREL), entry_of(map, DT_PLTRELSZ), size);
		check_relocations(map, entry_of(map, DT_RELA), entry_of(map, DT_RELASZ),
				  sizeof(ElfW(Rela)));
		check_relocations(map, entry_of(map, DT_REL), entry_of(map, DT_RELSZ),
				  sizeof(ElfW(Rel)));
		dlclose(library);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_library_defines_every_name_itself),
		cmocka_unit_test(no_library_calls_a_public_name_through_the_loader),
	};

	read_names(argc > 1 ? argv[1] : "libfastrpc.map");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
