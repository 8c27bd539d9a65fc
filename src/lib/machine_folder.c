/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files are YAML of one shape, and read as that and nothing more:
 *   machines:
 *     Name of the board:
 *       DSP_LIBRARY_PATH: folder below the base
 */
#include "machine_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

#define KEY	   "DSP_LIBRARY_PATH"
#define LONGEST	   512
#define MODEL_FILE "/sys/firmware/devicetree/base/model"

/* A line without what surrounds it: indentation, list dashes, quotes, a comment, the end. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t-");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = 0;
	if (len > 1 && (*text == '"' || *text == '\'') && text[len - 1] == *text) {
		text[len - 1] = 0;
		text++;
	}
	return text;
}

/* "value # words": a number sign begins a comment where a blank stands before it. */
static void cut_comment(char *text)
{
	for (char *at = strchr(text, '#'); at; at = strchr(at + 1, '#'))
		if (at == text || at[-1] == ' ' || at[-1] == '\t') {
			*at = 0;
			return;
		}
}

/* Splits "key: value". A key in quotes may hold colons. NULL: there is no colon. */
static char *split(char *line, char **ret_value)
{
	char *begin = line + strspn(line, " \t-"), *colon;

	if (*begin == '"' || *begin == '\'') {
		char *close = strchr(begin + 1, *begin);

		colon = close ? strchr(close, ':') : NULL;
	} else {
		colon = strstr(begin, ": ");
		if (!colon) {
			colon = strrchr(begin, ':');
			if (colon && colon[1 + strspn(colon + 1, " \t\r\n")])
				colon = NULL;
		}
	}
	if (!colon)
		return NULL;
	*colon = 0;
	cut_comment(colon + 1);
	*ret_value = trim(colon + 1);
	return trim(line);
}

/* The folder that the file gives @model. False: none. */
static bool read_one(const char *path, const char *model, char *value, size_t room)
{
	FILE *file = fopen(path, "re");
	bool ours = false, found = false;
	char line[LONGEST], *key, *text;

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (line[strspn(line, " \t")] == '#')
			continue;
		key = split(line, &text);
		if (!key)
			continue;
		if (ours && !strcmp(key, KEY))
			found = (size_t)snprintf(value, room, "%s", text) < room && *text;
		else if (!*text)
			ours = !strcmp(key, model);
	}
	fclose(file);
	return found;
}

static int is_config(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

int frpc_machine_folder_find(const char *base, const char *model, char *folder, size_t room)
{
	char path[PATH_MAX], value[LONGEST] = "";
	struct dirent **entries = NULL;
	bool found = false;
	int count;

	snprintf(path, sizeof(path), "%s/conf.d", base);
	count = scandir(path, &entries, is_config, alphasort);
	for (int i = 0; i < count; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/conf.d/%s", base, entries[i]->d_name) <
		    sizeof(path))
			found |= read_one(path, model, value, sizeof(value));
		free(entries[i]);
	}
	free(entries);
	if (!found)
		return -ENOENT;
	if ((size_t)snprintf(folder, room, "%s%s%s", *value == '/' ? "" : base,
			     *value == '/' ? "" : "/", value) >= room)
		return -ENAMETOOLONG;
	return 0;
}

static char machine_folder[PATH_MAX];

static void look_up(void)
{
	static const char *const bases[] = {"/usr/share/hexagon-dsp", "/usr/share/qcom"};
	const char *name = frpc_getenv("MACHINE_NAME");
	char model[LONGEST] = "";
	int fd;

	if (name && *name) {
		snprintf(model, sizeof(model), "%s", name);
	} else {
		fd = open(MODEL_FILE, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return;
		if (read(fd, model, sizeof(model) - 1) <= 0)
			model[0] = 0;
		close(fd);
	}
	for (size_t i = 0; *model && i < sizeof(bases) / sizeof(*bases); i++)
		if (!frpc_machine_folder_find(bases[i], model, machine_folder,
					      sizeof(machine_folder)))
			return;
	machine_folder[0] = 0;
}

const char *frpc_machine_folder(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, look_up);
	return *machine_folder ? machine_folder : NULL;
}
