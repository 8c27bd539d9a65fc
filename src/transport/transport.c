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

/* @word is what @spec ends with, behind wrappers. */
static const struct spec_word *find_spec(const char *spec, const char *word, char *text,
					 size_t textlen)
{
	for (size_t i = 0; i < sizeof(spec_words) / sizeof(*spec_words); i++)
		if (!strcmp(word, spec_words[i].word))
			return &spec_words[i];
	snprintf(text, textlen,
		 "FRPC_TRANSPORT=%s: \"%s\" is not a transport; there are auto, mainline, "
		 "downstream, "
		 "emulator, mainline@emulator, downstream@emulator, with trace=FILE: or "
		 "fault=SPEC: in front",
		 spec, word);
	return NULL;
}

int frpc_transport_new(const char *spec, struct frpc_transport **ret_transport, char *text,
		       size_t textlen)
{
	const struct spec_word *word = NULL;
	struct frpc_device *device;
	const char *last;
	int res = 0;

	*ret_transport = NULL;
	if (!spec || !*spec)
		spec = "auto";
	last = frpc_device_last_word(spec);
	if (last) {
		word = find_spec(spec, last, text, textlen);
		if (!word)
			return -EINVAL;
	}
	/* Without a last word the wrappers say what is missing. */
	device = frpc_device_os();
	if (word && word->emulator)
		res = frpc_device_loopback(&device, text, textlen);
	if (!res)
		res = frpc_device_wrap(spec, device, &device, text, textlen);
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
