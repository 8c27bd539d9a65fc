/* SPDX-License-Identifier: BSD-3-Clause */
#include "elf_image.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

#define HOST_DATA	(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)
#define MACHINE_HEXAGON 164 /* EM_QDSP6; musl's elf.h has it not */
#define HOST_CLASS	(sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

static int refuse(char *text, size_t textlen, const char *why)
{
	snprintf(text, textlen, "%s", why);
	return -ENOEXEC;
}

static bool inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

/* The program headers of @image, whose own header has been read: NULL if they are not all there. */
static const ElfW(Phdr) * find_segments(const void *image, size_t size, const ElfW(Ehdr) * header)
{
	if (!header->e_phnum || header->e_phentsize != sizeof(ElfW(Phdr)) ||
	    header->e_phoff % sizeof(ElfW(Addr)) ||
	    !inside(header->e_phoff, (uint64_t)header->e_phnum * sizeof(ElfW(Phdr)), size))
		return NULL;
	return (const ElfW(Phdr) *)((const unsigned char *)image + header->e_phoff);
}

static int check_segments(const void *image, size_t size, const ElfW(Ehdr) * header, char *text,
			  size_t textlen)
{
	const ElfW(Phdr) *segments = find_segments(image, size, header);
	bool loads = false, dynamic = false;

	if (!header->e_phnum)
		return refuse(text, textlen, "no program headers: not a shared object");
	if (!segments)
		return refuse(text, textlen, "file truncated in its program headers");
	for (size_t i = 0; i < header->e_phnum; i++) {
		const ElfW(Phdr) *segment = &segments[i];

		if (segment->p_type != PT_LOAD && segment->p_type != PT_DYNAMIC)
			continue;
		if (!inside(segment->p_offset, segment->p_filesz, size))
			return refuse(text, textlen, "file truncated: a segment ends after it");
		if (segment->p_filesz > segment->p_memsz ||
		    segment->p_vaddr + segment->p_memsz < segment->p_vaddr)
			return refuse(text, textlen, "a segment's sizes contradict each other");
		loads |= segment->p_type == PT_LOAD;
		dynamic |= segment->p_type == PT_DYNAMIC;
	}
	if (!loads || !dynamic)
		return refuse(text, textlen, "nothing to load or to link: not a shared object");
	return 0;
}

/* Of machines that a skel is likely to be built for by mistake. */
static const char *machine_name(uint16_t machine)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		{EM_386, "i386"},	 {EM_ARM, "ARM"},      {EM_X86_64, "x86-64"},
		{EM_AARCH64, "AArch64"}, {EM_RISCV, "RISC-V"}, {MACHINE_HEXAGON, "Hexagon"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return "another machine";
}

/* The machine stands at the same place in the headers of both classes. */
static int check_machine(const void *image, size_t size, char *text, size_t textlen)
{
	const unsigned char *bytes = image;
	uint16_t machine = 0;

	if (size >= offsetof(ElfW(Ehdr), e_machine) + sizeof(machine))
		memcpy(&machine, bytes + offsetof(ElfW(Ehdr), e_machine), sizeof(machine));
	if (bytes[EI_CLASS] != ELFCLASS32 && bytes[EI_CLASS] != ELFCLASS64)
		return refuse(text, textlen, "invalid ELF header: neither 32 nor 64 bits wide");
	if (bytes[EI_DATA] != HOST_DATA)
		return refuse(text, textlen, "wrong ELF byte order for this engine");
	if (!machine)
		return refuse(text, textlen, "invalid ELF header: file truncated");
	if (machine == HOST_MACHINE && bytes[EI_CLASS] == HOST_CLASS)
		return 0;
	snprintf(text, textlen,
		 "wrong ELF machine %u, class %u: it was built for %s, %u bits; this engine runs "
		 "libraries of the host (%s, %u bits)",
		 machine, bytes[EI_CLASS], machine_name(machine),
		 bytes[EI_CLASS] == ELFCLASS64 ? 64u : 32u, machine_name(HOST_MACHINE),
		 HOST_CLASS == ELFCLASS64 ? 64u : 32u);
	return -ENOEXEC;
}

int emu_elf_check(const void *image, size_t size, char *text, size_t textlen)
{
	ElfW(Ehdr) header;
	int res;

	if (size < EI_NIDENT || memcmp(image, ELFMAG, SELFMAG))
		return refuse(text, textlen, "invalid ELF header: not an ELF file");
	res = check_machine(image, size, text, textlen);
	if (res)
		return res;
	if (size < sizeof(header))
		return refuse(text, textlen, "invalid ELF header: file truncated");
	memcpy(&header, image, sizeof(header));
	if (header.e_type != ET_DYN)
		return refuse(text, textlen, "not a shared object");
	return check_segments(image, size, &header, text, textlen);
}

/* The dynamic entries in @image, which has passed emu_elf_check(), or NULL. */
static ElfW(Dyn) * find_dynamic(void *image, size_t size, size_t *ret_count)
{
	const ElfW(Ehdr) *header = image;
	const ElfW(Phdr) *segments = NULL;
	ElfW(Dyn) *entries = NULL;

	if (size >= sizeof(*header))
		segments = find_segments(image, size, header);
	for (size_t i = 0; segments && i < header->e_phnum; i++) {
		const ElfW(Phdr) *segment = &segments[i];

		if (segment->p_type != PT_DYNAMIC ||
		    !inside(segment->p_offset, segment->p_filesz, size) ||
		    segment->p_offset % sizeof(ElfW(Addr)))
			continue;
		entries = (ElfW(Dyn) *)((unsigned char *)image + segment->p_offset);
		*ret_count = segment->p_filesz / sizeof(*entries);
	}
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
