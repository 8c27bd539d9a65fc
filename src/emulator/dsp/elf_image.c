/* SPDX-License-Identifier: BSD-3-Clause */
#include "elf_image.h"

#include <errno.h>
#include <gelf.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#elif defined(__i386__)
#define HOST_MACHINE EM_386
#elif defined(__aarch64__)
#define HOST_MACHINE EM_AARCH64
#elif defined(__arm__)
#define HOST_MACHINE EM_ARM
#elif defined(__riscv)
#define HOST_MACHINE EM_RISCV
#else
#error "which ELF machine is this?"
#endif

#define HOST_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

static void set_up_libelf(void)
{
	elf_version(EV_CURRENT);
}

static Elf *open_image(const void *image, size_t size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_up_libelf);
	/* libelf reads through this pointer only, though its prototype does not say so. */
	return elf_memory((char *)(uintptr_t)image, size);
}

static int refuse(char *text, size_t textlen, const char *why)
{
	snprintf(text, textlen, "%s", why);
	return -ENOEXEC;
}

static bool inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

static int check_segments(Elf *elf, size_t size, char *text, size_t textlen)
{
	bool loads = false, dynamic = false;
	size_t count;

	if (elf_getphdrnum(elf, &count) || !count)
		return refuse(text, textlen, "no program headers: not a shared object");
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr phdr;

		if (!gelf_getphdr(elf, (int)i, &phdr))
			return refuse(text, textlen, "file truncated in its program headers");
		if (phdr.p_type != PT_LOAD && phdr.p_type != PT_DYNAMIC)
			continue;
		if (!inside(phdr.p_offset, phdr.p_filesz, size))
			return refuse(text, textlen, "file truncated: a segment ends after it");
		if (phdr.p_filesz > phdr.p_memsz || phdr.p_vaddr + phdr.p_memsz < phdr.p_vaddr)
			return refuse(text, textlen, "a segment's sizes contradict each other");
		loads |= phdr.p_type == PT_LOAD;
		dynamic |= phdr.p_type == PT_DYNAMIC;
	}
	if (!loads || !dynamic)
		return refuse(text, textlen, "nothing to load or to link: not a shared object");
	return 0;
}

int emu_elf_check(const void *image, size_t size, char *text, size_t textlen)
{
	Elf *elf = NULL;
	GElf_Ehdr ehdr;
	int res;

	if (size < EI_NIDENT || memcmp(image, ELFMAG, SELFMAG))
		return refuse(text, textlen, "invalid ELF header: not an ELF file");
	elf = open_image(image, size);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr)) {
		res = refuse(text, textlen, "invalid ELF header: file truncated");
	} else if (ehdr.e_machine != HOST_MACHINE || ehdr.e_ident[EI_CLASS] != HOST_CLASS) {
		snprintf(text, textlen,
			 "wrong ELF machine %u, class %u: this engine runs libraries of the host "
			 "(machine %u, class %u)%s",
			 ehdr.e_machine, ehdr.e_ident[EI_CLASS], HOST_MACHINE, (unsigned)HOST_CLASS,
			 ehdr.e_machine == EM_QDSP6 ? "; it was built for Hexagon" : "");
		res = -ENOEXEC;
	} else if (ehdr.e_type != ET_DYN) {
		res = refuse(text, textlen, "not a shared object");
	} else {
		res = check_segments(elf, size, text, textlen);
	}
	elf_end(elf);
	return res;
}

/* The dynamic entries in @image, or NULL. */
static ElfW(Dyn) * find_dynamic(void *image, size_t size, size_t *ret_count)
{
	ElfW(Dyn) *entries = NULL;
	Elf *elf = open_image(image, size);
	size_t count = 0;

	if (elf && !elf_getphdrnum(elf, &count))
		for (size_t i = 0; i < count; i++) {
			GElf_Phdr phdr;

			if (!gelf_getphdr(elf, (int)i, &phdr) || phdr.p_type != PT_DYNAMIC ||
			    !inside(phdr.p_offset, phdr.p_filesz, size) ||
			    phdr.p_offset % sizeof(ElfW(Addr)))
				continue;
			entries = (ElfW(Dyn) *)((unsigned char *)image + phdr.p_offset);
			*ret_count = phdr.p_filesz / sizeof(*entries);
		}
	elf_end(elf);
	return entries;
}

int emu_elf_make_symbolic(void *image, size_t size)
{
	ElfW(Dyn) * entries, *flags = NULL, *end = NULL, *hint = NULL;
	size_t count = 0;

	entries = find_dynamic(image, size, &count);
	if (!entries)
		return -ENOSPC;
	for (size_t i = 0; i < count && !end; i++) {
		switch (entries[i].d_tag) {
		case DT_SYMBOLIC:
			return 0;
		case DT_FLAGS:
			flags = &entries[i];
			break;
		case DT_RELACOUNT:
		case DT_RELCOUNT:
			hint = &entries[i]; /* tells the loader only what it can also see */
			break;
		case DT_NULL:
			end = &entries[i];
			break;
		default:
			break;
		}
	}
	if (flags) {
		flags->d_un.d_val |= DF_SYMBOLIC;
		return 0;
	}
	if (end && end + 1 < entries + count && end[1].d_tag == DT_NULL)
		hint = end;
	if (!hint)
		return -ENOSPC;
	hint->d_tag = DT_SYMBOLIC;
	hint->d_un.d_val = 0;
	return 0;
}
