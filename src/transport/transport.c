/* SPDX-License-Identifier: BSD-3-Clause */
/* What FRPC_TRANSPORT names, and the parts that transports share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_wrap.h"
#include "dialect.h"
#include "transport.h"
#include "words.h"

const char *frpc_domain_name(uint32_t domain)
{
	static const char *const names[FRPC_DOMAINS] = {"adsp",	 "mdsp",  "sdsp", "cdsp",
							"cdsp1", "gdsp0", "gdsp1"};

	return domain < FRPC_DOMAINS ? names[domain] : NULL;
}

struct spec_word {
	const char *word;
	bool emulator;
	int (*make)(struct frpc_device *device, struct frpc_transport **ret_transport);
};

static const struct spec_word spec_words[] = {
	{"auto", false, frpc_transport_auto_new},
	{"mainline", false, frpc_transport_mainline_new},
	{"downstream", false, frpc_transport_downstream_new},
	{"emulator", true, frpc_transport_auto_new},
	{"mainline@emulator", true, frpc_transport_mainline_new},
	{"downstream@emulator", true, frpc_transport_downstream_new},
};

struct wrapper_word {
	const char *word;
	int (*make)(const char *value, struct frpc_device *inner, struct frpc_device **ret_device,
		    char *text, size_t textlen);
};

static const struct wrapper_word wrapper_words[] = {
	{"trace=", frpc_device_trace},
	{"fault=", frpc_device_fault},
};

static const struct wrapper_word *find_wrapper(const char *spec)
{
	for (size_t i = 0; i < sizeof(wrapper_words) / sizeof(*wrapper_words); i++)
		if (!strncmp(spec, wrapper_words[i].word, strlen(wrapper_words[i].word)))
			return &wrapper_words[i];
	return NULL;
}

static const struct spec_word *find_spec(const char *spec, char *text, size_t textlen)
{
	for (size_t i = 0; i < sizeof(spec_words) / sizeof(*spec_words); i++)
		if (!strcmp(spec, spec_words[i].word))
			return &spec_words[i];
	snprintf(text, textlen,
		 "FRPC_TRANSPORT=%s: not a transport; there are auto, mainline, downstream, "
		 "emulator, mainline@emulator, downstream@emulator, with trace=FILE: or "
		 "fault=SPEC: in front",
		 spec);
	return NULL;
}

/* Makes the device that @spec ends with, and before it, outermost first, what its words say. */
static int make_device(const char *spec, const struct spec_word **ret_word,
		       struct frpc_device **ret_device, char *text, size_t textlen)
{
	const struct wrapper_word *wrapper = find_wrapper(spec);
	const char *value, *rest;
	struct frpc_device *inner;
	char *copy;
	int res;

	if (!wrapper) {
		*ret_word = find_spec(spec, text, textlen);
		*ret_device = frpc_device_os();
		if (!*ret_word)
			return -EINVAL;
		return (*ret_word)->emulator ? frpc_device_loopback(ret_device, text, textlen) : 0;
	}
	value = spec + strlen(wrapper->word);
	rest = strchr(value, ':');
	if (!rest || rest == value) {
		snprintf(text, textlen, "FRPC_TRANSPORT=%s: write %sVALUE:TRANSPORT", spec,
			 wrapper->word);
		return -EINVAL;
	}
	res = make_device(rest + 1, ret_word, &inner, text, textlen);
	if (res)
		return res;
	copy = strndup(value, (size_t)(rest - value));
	if (!copy) {
		inner->ops->free(inner);
		return -ENOMEM;
	}
	res = wrapper->make(copy, inner, ret_device, text, textlen);
	free(copy);
	return res;
}

int frpc_transport_new(const char *spec, struct frpc_transport **ret_transport, char *text,
		       size_t textlen)
{
	const struct spec_word *word;
	struct frpc_device *device;
	int res;

	*ret_transport = NULL;
	res = make_device(spec && *spec ? spec : "auto", &word, &device, text, textlen);
	return res ? res : word->make(device, ret_transport);
}

int frpc_device_try_open(struct frpc_device *device, const char *path, int flags,
			 struct frpc_open_report *report)
{
	struct frpc_task task;
	size_t used;
	char words[80];
	int file;

	frpc_task_current(&task);
	file = device->ops->open(device, &task, path, flags);
	if (file >= 0 || !report)
		return file;
	used = strlen(report->text);
	snprintf(report->text + used, sizeof(report->text) - used, "%s%s: %s", used ? "; " : "",
		 path, frpc_errno_words(-file, words, sizeof(words)));
	return file;
}

void frpc_file_init(struct frpc_file *file, struct frpc_device *device, int number)
{
	file->device = device;
	file->number = number;
	atomic_init(&file->refs, 1);
}

void frpc_file_close(struct frpc_file *file)
{
	struct frpc_task task;

	frpc_task_current(&task);
	file->device->ops->close(file->device, &task, file->number);
}

long frpc_file_ioctl(struct frpc_file *file, uint32_t cmd, void *arg)
{
	struct frpc_task task;

	frpc_task_current(&task);
	task.known_area = file->device->known_area;
	return file->device->ops->ioctl(file->device, &task, file->number, cmd, (uintptr_t)arg);
}
