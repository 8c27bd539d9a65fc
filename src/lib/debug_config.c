/* SPDX-License-Identifier: BSD-3-Clause */
#include "debug_config.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* Keys and where their values go among the process attributes. */
static const struct {
	const char *key;
	unsigned int shift, bits;
} keys[] = {
	{"pddump", 7, 1},	   {"perfkernel", 9, 1},	 {"perfdsp", 10, 1},
	{"logiregion", 11, 1},	   {"qtftracing", 12, 1},	 {"callerlevel", 13, 3},
	{"uafenabled", 16, 1},	   {"logPackets", 18, 1},	 {"leak_detect", 19, 2},
	{"num_call_stack", 21, 3}, {"sysmonreservedbit", 30, 1},
};

/* Keys that such files hold for a device's library; what they change there is described nowhere. */
static const char *const without_effect[] = {
	"rpctimeout",	"collectRuntimeFARF", "collectUserspaceRuntimeFARF",
	"debuglogging", "errcodes",	      "setdmabufname",
};

/* "key = value", in place. */
struct line {
	const char *key, *value;
	size_t key_len, value_len;
};

static bool is_key(const struct line *line, const char *key)
{
	return strlen(key) == line->key_len && !memcmp(key, line->key, line->key_len);
}

static bool number_of(const struct line *line, uint64_t *ret_number)
{
	char value[24], *end;

	if (line->value_len >= sizeof(value))
		return false;
	snprintf(value, sizeof(value), "%.*s", (int)line->value_len, line->value);
	errno = 0;
	*ret_number = strtoull(value, &end, 0);
	end += strspn(end, " \t\r");
	return end != value && !errno && !*end && !strchr(value, '-') &&
	       value[strspn(value, " \t\r")];
}

/* NULL, or why the line changes nothing. */
static const char *take_line(const struct line *line, uint32_t *attributes)
{
	uint64_t number;

	for (size_t i = 0; i < sizeof(without_effect) / sizeof(*without_effect); i++)
		if (is_key(line, without_effect[i]))
			return "this library does not act on the key";
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (!is_key(line, keys[i].key))
			continue;
		if (!number_of(line, &number) || number >> keys[i].bits)
			return "the value is not a number in the key's range";
		*attributes &= ~(((UINT32_C(1) << keys[i].bits) - 1) << keys[i].shift);
		*attributes |= (uint32_t)number << keys[i].shift;
		return NULL;
	}
	return line->value ? "there is no such key" : "it is not KEY=NUMBER";
}

static uint32_t hash(uint32_t seed, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		seed = (seed ^ (unsigned char)bytes[i]) * UINT32_C(16777619); /* FNV-1a */
	return seed;
}

/* True once for each key of each file: the file is read again whenever a session opens. */
static bool is_new(const char *file, const struct line *line)
{
	static _Atomic uint32_t told[256];
	uint32_t mark = hash(UINT32_C(2166136261), file, strlen(file) + 1);

	mark = hash(mark, line->key, line->key_len);
	if (!mark)
		mark = 1;
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
		uint32_t seen = 0;

		if (atomic_compare_exchange_strong(&told[i], &seen, mark))
			return true;
		if (seen == mark)
			return false;
	}
	return true; /* the list is full: better once more than not at all */
}

static struct line split(const char *text, size_t len)
{
	const char *sign = memchr(text, '=', len);
	struct line line = {.key = text, .key_len = sign ? (size_t)(sign - text) : len};

	if (sign) {
		line.value = sign + 1;
		line.value_len = len - line.key_len - 1;
	}
	while (line.key_len && strchr(" \t\r", text[line.key_len - 1]))
		line.key_len--;
	return line;
}

uint32_t frpc_debug_config_parse(const char *file, const char *text)
{
	uint32_t attributes = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		size_t begin = strspn(text, " \t\r");
		const char *why = NULL;
		struct line line;

		if (begin < len && text[begin] != '#') {
			line = split(text + begin, len - begin);
			why = take_line(&line, &attributes);
		}
		if (why && is_new(file, &line))
			frpc_log(FRPC_LOG_WARNING, "%s: the line '%.*s' changes nothing: %s", file,
				 (int)(len - begin < 80 ? len - begin : 80), text + begin, why);
		text += len + (text[len] == '\n');
	}
	return attributes;
}
