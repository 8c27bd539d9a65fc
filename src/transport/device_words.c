/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of FRPC_TRANSPORT that put a device in front of another. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_wrap.h"

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

const char *frpc_device_last_word(const char *spec)
{
	while (spec && find_wrapper(spec)) {
		spec = strchr(spec, ':');
		spec = spec ? spec + 1 : NULL;
	}
	return spec;
}

static int wrap(const struct wrapper_word *wrapper, const char *value, size_t length,
		struct frpc_device *inner, struct frpc_device **ret_device, char *text,
		size_t textlen)
{
	char *copy = strndup(value, length);
	int res;

	if (!copy) {
		inner->ops->free(inner);
		return -ENOMEM;
	}
	res = wrapper->make(copy, inner, ret_device, text, textlen);
	free(copy);
	return res;
}

int frpc_device_wrap(const char *spec, struct frpc_device *inner, struct frpc_device **ret_device,
		     char *text, size_t textlen)
{
	const struct wrapper_word *wrapper = find_wrapper(spec);
	const char *value, *rest;
	int res;

	*ret_device = inner;
	if (!wrapper)
		return 0;
	value = spec + strlen(wrapper->word);
	rest = strchr(value, ':');
	if (!rest || rest == value) {
		snprintf(text, textlen, "FRPC_TRANSPORT=%s: write %sVALUE:TRANSPORT", spec,
			 wrapper->word);
		inner->ops->free(inner);
		return -EINVAL;
	}
	/* The outermost comes first. */
	res = frpc_device_wrap(rest + 1, inner, &inner, text, textlen);
	return res ? res
		   : wrap(wrapper, value, (size_t)(rest - value), inner, ret_device, text, textlen);
}
