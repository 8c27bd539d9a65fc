/* SPDX-License-Identifier: BSD-3-Clause */
#include "loader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listener.h"
#include "process.h"
#include "service.h"

#define PIECE	65536u
#define LARGEST (UINT64_C(1) << 30)

/* Methods of apps_std and of apps_remotectl, with their scalars words. */
#define SC_FOPEN_WITH_ENV 0x13050100u
#define SC_FREAD	  0x04010200u
#define SC_FCLOSE	  0x03010000u
#define SC_FLEN		  0x0a010100u

static bool copy_part(char *to, size_t room, const char *from, size_t len)
{
	if (!len || len >= room)
		return false;
	memcpy(to, from, len);
	to[len] = 0;
	return true;
}

static int parse_plain(const char *text, struct emu_module_name *name)
{
	if (strpbrk(text, "/?&:") || !*text)
		return -EINVAL;
	if ((size_t)snprintf(name->file, sizeof(name->file), "lib%s_skel.so", text) >=
		    sizeof(name->file) ||
	    (size_t)snprintf(name->symbol, sizeof(name->symbol), "%s_skel_invoke", text) >=
		    sizeof(name->symbol))
		return -EINVAL;
	return 0;
}

int emu_module_name_parse(const char *text, struct emu_module_name *name)
{
	const char *query, *symbol_end, *key;

	memset(name, 0, sizeof(*name));
	if (strncmp(text, "file://", 7))
		return parse_plain(text, name);
	text += 7;
	text += *text == '/';
	query = strchr(text, '?');
	if (!query || !copy_part(name->file, sizeof(name->file), text, (size_t)(query - text)))
		return -EINVAL;
	query++;
	symbol_end = query + strcspn(query, "&");
	if (!copy_part(name->symbol, sizeof(name->symbol), query, (size_t)(symbol_end - query)))
		return -EINVAL;
	for (key = symbol_end; *key == '&'; key += strcspn(key, "&")) {
		key++;
		if (!strncmp(key, "_modver=1.0", 11) && (key[11] == '&' || !key[11]))
			name->with_handle = true;
	}
	return 0;
}

static int32_t reverse_call(void *process, uint32_t handle, uint32_t sc,
			    const struct emu_reverse_buffer *buffers)
{
	return emu_process_reverse_call(process, handle, sc, buffers);
}

static int32_t open_file(struct emu_process *process, uint32_t std, const char *file,
			 int32_t *ret_fd)
{
	char env[] = "ADSP_LIBRARY_PATH", delim[] = ";", mode[] = "r", name[256];
	struct {
		uint32_t env_len, delim_len, name_len, mode_len;
	} in = {sizeof(env), sizeof(delim), 0, sizeof(mode)};
	struct emu_reverse_buffer buffers[] = {
		{&in, sizeof(in)}, {env, sizeof(env)},	 {delim, sizeof(delim)},
		{name, 0},	   {mode, sizeof(mode)}, {ret_fd, sizeof(*ret_fd)},
	};

	snprintf(name, sizeof(name), "%s", file);
	in.name_len = (uint32_t)strlen(name) + 1;
	buffers[3].len = in.name_len;
	return emu_process_reverse_call(process, std, SC_FOPEN_WITH_ENV, buffers);
}

static int32_t file_length(struct emu_process *process, uint32_t std, int32_t fd,
			   uint64_t *ret_length)
{
	const struct emu_reverse_buffer buffers[] = {
		{&fd, sizeof(fd)},
		{ret_length, sizeof(*ret_length)},
	};

	return emu_process_reverse_call(process, std, SC_FLEN, buffers);
}

/* Reads @size bytes; the CPU may give fewer at a time. */
static int32_t read_file(struct emu_process *process, uint32_t std, int32_t fd,
			 unsigned char *bytes, uint64_t size)
{
	while (size) {
		uint32_t piece = size < PIECE ? (uint32_t)size : PIECE;
		struct {
			int32_t fd;
			uint32_t len;
		} in = {fd, piece};
		struct {
			int32_t read, eof;
		} out = {0, 0};
		const struct emu_reverse_buffer buffers[] = {
			{&in, sizeof(in)},
			{&out, sizeof(out)},
			{bytes, piece},
		};
		int32_t res = emu_process_reverse_call(process, std, SC_FREAD, buffers);

		if (res)
			return res;
		if (out.read <= 0 || (uint32_t)out.read > piece)
			return EMU_DSP_EBADELF; /* shorter than it said, or lies */
		bytes += out.read;
		size -= (uint32_t)out.read;
		emu_count(&emu_subsystem_stats(process->subsystem)->skel_bytes_read,
			  (uint64_t)out.read);
	}
	return 0;
}

static void close_file(struct emu_process *process, uint32_t std, int32_t fd)
{
	const struct emu_reverse_buffer buffer = {&fd, sizeof(fd)};

	emu_process_reverse_call(process, std, SC_FCLOSE, &buffer);
}

static int32_t fetch_open_file(struct emu_process *process, uint32_t std, int32_t fd,
			       const char *file, void **ret_image, size_t *ret_size, char *text,
			       size_t textlen)
{
	uint64_t length = 0;
	void *image;
	int32_t res;

	res = file_length(process, std, fd, &length);
	if (res || length > LARGEST) {
		snprintf(text, textlen, "%s: cannot get its length (0x%x)", file, (unsigned)res);
		return res ? EMU_DSP_EUNABLETOLOAD : EMU_DSP_EBADELF;
	}
	image = malloc(length ? (size_t)length : 1);
	if (!image) {
		snprintf(text, textlen, "%s: no memory for %llu bytes", file,
			 (unsigned long long)length);
		return EMU_DSP_ENOMEMORY;
	}
	res = read_file(process, std, fd, image, length);
	if (res) {
		snprintf(text, textlen, "%s: cannot be read (0x%x)", file, (unsigned)res);
		free(image);
		return res == EMU_DSP_EBADSTATE ? res : EMU_DSP_EUNABLETOLOAD;
	}
	*ret_image = image;
	*ret_size = (size_t)length;
	return 0;
}

int32_t emu_loader_fetch(struct emu_process *process, const char *file, uint32_t *std_handle,
			 void **ret_image, size_t *ret_size, char *text, size_t textlen)
{
	int32_t fd = 0, res = 0;

	if (!*std_handle)
		res = emu_service_open(reverse_call, process, "apps_std", std_handle);
	if (res) {
		snprintf(text, textlen, "%s: the CPU's file service cannot be reached (0x%x)", file,
			 (unsigned)res);
		return res == EMU_DSP_EBADSTATE ? res : EMU_DSP_EUNABLETOLOAD;
	}
	res = open_file(process, *std_handle, file, &fd);
	if (res) {
		snprintf(text, textlen, "cannot open shared object file: %s (CPU's error 0x%x)",
			 file, (unsigned)res);
		return res == EMU_DSP_EBADSTATE ? res : EMU_DSP_EUNABLETOLOAD;
	}
	res = fetch_open_file(process, *std_handle, fd, file, ret_image, ret_size, text, textlen);
	close_file(process, *std_handle, fd);
	return res;
}
