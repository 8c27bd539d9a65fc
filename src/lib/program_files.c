/* SPDX-License-Identifier: BSD-3-Clause */
#include "program_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fastrpc/abi/smq.h>

#include "HAP_debug.h"
#include "config.h"
#include "debug_config.h"
#include "log.h"
#include "path.h"
#include "transport/transport.h"

#define CONFIG_BYTES 4095u

#define SET_LOGGING_PARAMS  4u
#define SET_LOGGING_PARAMS2 8u
#define DSP_EUNSUPPORTED    ((int32_t)0x80000414)

int frpc_farf_parse(const char *text, struct frpc_farf *ret_farf)
{
	char *end;

	memset(ret_farf, 0, sizeof(*ret_farf));
	errno = 0;
	ret_farf->mask = strtoull(text, &end, 16);
	if (end == text || errno || strchr(text, '-'))
		return -EINVAL;
	for (text = end; *text == ',' || *text == ' '; text += strcspn(text, ", \t\r\n")) {
		size_t len;

		text += strspn(text, ", \t");
		len = strcspn(text, ", \t\r\n");
		if (!len)
			break;
		if (ret_farf->count == FRPC_FARF_FILES || len >= sizeof(ret_farf->names[0]))
			return -EINVAL;
		memcpy(ret_farf->names[ret_farf->count++], text, len);
	}
	text += strspn(text, " \t\r\n");
	return *text ? -EINVAL : 0;
}

/* What the program was started as, without folders. */
static bool program_name(char *name, size_t room)
{
	char command[512] = "", *slash;
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, command, sizeof(command) - 1);
	close(fd);
	if (got <= 0)
		return false;
	slash = strrchr(command, '/');
	return (size_t)snprintf(name, room, "%s", slash ? slash + 1 : command) < room && *name;
}

static void file_names(const char *ending, struct frpc_farf_names *names)
{
	char program[256];

	*names = (struct frpc_farf_names){.by_program = ""};
	if (program_name(program, sizeof(program)))
		snprintf(names->by_program, sizeof(names->by_program), "%s.%s", program, ending);
	snprintf(names->by_process, sizeof(names->by_process), "%d.%s", (int)getpid(), ending);
}

void frpc_farf_names(struct frpc_farf_names *ret_names)
{
	file_names("farf", ret_names);
}

/* Closes @fd. */
static bool read_text(int fd, char *text, size_t room)
{
	ssize_t got;

	do
		got = read(fd, text, room - 1);
	while (got < 0 && errno == EINTR);
	close(fd);
	if (got < 0)
		return false;
	text[got] = 0;
	return true;
}

/* Where @fd's file lies; @name is what it is called, for where the system does not tell. */
static void path_of(int fd, const char *name, char *path, size_t room)
{
	char link[40];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, room - 1);
	if (len > 0)
		path[len] = 0;
	else
		snprintf(path, room, "%s", name);
}

/*
 * Reads the program's file with that ending, by its name or by its process id. False: it has none.
 * @path, if not NULL, gets where it lies.
 */
static bool read_file(uint32_t domain, const char *ending, char *text, size_t room, char *path,
		      size_t path_room)
{
	struct frpc_farf_names names;
	int fd;

	file_names(ending, &names);
	if ((!*names.by_program || frpc_path_open(domain, names.by_program, NULL, &fd, NULL, 0)) &&
	    frpc_path_open(domain, names.by_process, NULL, &fd, NULL, 0))
		return false;
	if (path)
		path_of(fd, ending, path, path_room);
	return read_text(fd, text, room);
}

bool frpc_farf_read(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return read_text(fd, text, FRPC_FARF_BYTES + 1);
	close(fd);
	return false;
}

/* A line cut in two could mean another thing. */
static void cut_last_line(const char *path, char *text)
{
	static _Atomic int warned;
	char *last = strrchr(text, '\n');

	frpc_warn_once(&warned, "%s: only the lines among its first %u bytes are read", path,
		       CONFIG_BYTES);
	*(last ? last : text) = 0;
}

/* The bits of FASTRPC_PROCESS_ATTRS. */
static uint32_t attributes_of_environment(void)
{
	static _Atomic int warned;
	const char *word = frpc_getenv("FASTRPC_PROCESS_ATTRS");
	unsigned long long bits;
	char *end;

	if (!word || !*word)
		return 0;
	errno = 0;
	bits = strtoull(word, &end, 0);
	if (end != word && !*end && !errno && bits <= UINT32_MAX && !strchr(word, '-'))
		return (uint32_t)bits;
	frpc_warn_once(&warned,
		       "FASTRPC_PROCESS_ATTRS=%.40s changes nothing: it is not a number "
		       "of 32 bits",
		       word);
	return 0;
}

uint32_t frpc_debug_attributes(uint32_t domain)
{
	char text[CONFIG_BYTES + 2], path[512];
	uint32_t attributes = 0;

	if (read_file(domain, "debugconfig", text, sizeof(text), path, sizeof(path))) {
		if (strlen(text) > CONFIG_BYTES)
			cut_last_line(path, text);
		attributes = frpc_debug_config_parse(path, text);
	}
	return attributes | attributes_of_environment();
}

/* The mask as 32 bits, or as the 16 that an older DSP takes. */
static int set_logging(struct frpc_remote *remote, uint32_t method, const struct frpc_farf *farf,
		       int32_t *ret_status)
{
	struct frpc_arg args[2 + FRPC_FARF_FILES];
	uint32_t lengths[FRPC_FARF_FILES];
	struct {
		uint32_t mask, count;
	} in = {(uint32_t)farf->mask, farf->count};
	const struct frpc_call call = {
		.handle = FRPC_HANDLE_CURRENT_PROCESS1,
		.sc = FRPC_SC_MAKE(method, 2 + farf->count, 0),
		.args = args,
	};

	if (method == SET_LOGGING_PARAMS)
		in.mask &= UINT16_MAX;
	args[0] = frpc_arg_plain(&in, sizeof(in));
	args[1] = frpc_arg_plain(lengths, farf->count * sizeof(*lengths));
	for (uint32_t i = 0; i < farf->count; i++) {
		lengths[i] = (uint32_t)strlen(farf->names[i]) + 1;
		args[2 + i] = frpc_arg_plain(farf->names[i], lengths[i]);
	}
	return remote->transport->ops->invoke(remote, &call, ret_status);
}

void frpc_farf_send(struct frpc_remote *remote, uint32_t domain)
{
	char text[FRPC_FARF_BYTES + 1];

	if (read_file(domain, "farf", text, sizeof(text), NULL, 0))
		frpc_farf_apply(remote, domain, text);
}

void frpc_farf_apply(struct frpc_remote *remote, uint32_t domain, const char *text)
{
	static _Atomic int warned;
	const char *names[FRPC_FARF_FILES];
	struct frpc_farf farf = {.mask = 0};
	int32_t status = 0;
	int res;

	if (text && frpc_farf_parse(text, &farf)) {
		frpc_warn_once(&warned,
			       "a .farf file is neither a hexadecimal mask nor one with "
			       "source files behind it: %.40s",
			       text);
		return;
	}
	for (uint32_t i = 0; i < farf.count; i++)
		names[i] = farf.names[i];
	HAP_setFARFRuntimeLoggingParams((uint32_t)(farf.mask >> 32), names,
					(unsigned short)farf.count);
	res = set_logging(remote, SET_LOGGING_PARAMS2, &farf, &status);
	if (!res && status == DSP_EUNSUPPORTED)
		res = set_logging(remote, SET_LOGGING_PARAMS, &farf, &status);
	if (res || status)
		frpc_log(FRPC_LOG_INFO, "%s does not take the mask of a .farf file (%d, 0x%x)",
			 frpc_domain_name(domain), res, (unsigned int)status);
}
