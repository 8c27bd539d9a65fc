/* SPDX-License-Identifier: BSD-3-Clause */
/* The device that breaks: answers system calls itself, as its list of rules says. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_wrap.h"
#include "errnos.h"

#define MOST_RULES 16u

struct rule {
	char what[32];
	long answer;
	unsigned long first, last; /* which times, counted from 1 */
	_Atomic unsigned long seen;
};

struct fault_device {
	struct frpc_wrapper wrapper;
	struct rule rules[MOST_RULES];
	unsigned int count;
};

/* Counts the occasion at every rule that it fits; the first rule whose turn it is answers. */
static bool strikes(struct fault_device *fault, const char *name,
		    const struct frpc_command *command, long *ret_answer)
{
	bool struck = false;

	for (unsigned int i = 0; i < fault->count; i++) {
		struct rule *rule = &fault->rules[i];
		unsigned long time;

		if (command ? !frpc_command_has_name(command, rule->what)
			    : strcmp(name, rule->what) != 0)
			continue;
		time = atomic_fetch_add(&rule->seen, 1) + 1;
		if (!struck && time >= rule->first && time <= rule->last) {
			*ret_answer = rule->answer;
			struck = true;
		}
	}
	return struck;
}

static int fault_open(struct frpc_device *device, const struct frpc_task *task, const char *path,
		      int flags)
{
	long answer = 0;

	if (strikes((struct fault_device *)device, "open", NULL, &answer))
		return (int)answer;
	return frpc_wrap_open(device, task, path, flags);
}

static long fault_ioctl(struct frpc_device *device, const struct frpc_task *task, int file,
			uint32_t cmd, uintptr_t arg)
{
	struct fault_device *fault = (struct fault_device *)device;
	const struct frpc_command *command = frpc_wrap_command(&fault->wrapper, file, cmd);
	long answer = 0;

	if (command && strikes(fault, command->name, command, &answer))
		return answer;
	return frpc_wrap_ioctl(device, task, file, cmd, arg);
}

static void fault_free(struct frpc_device *device)
{
	struct fault_device *fault = (struct fault_device *)device;

	fault->wrapper.inner->ops->free(fault->wrapper.inner);
	free(fault);
}

static const struct frpc_device_ops fault_ops = {
	.name = "fault",
	.version = FRPC_DEVICE_VERSION,
	.open = fault_open,
	.ioctl = fault_ioctl,
	.mmap = frpc_wrap_mmap,
	.poll = frpc_wrap_poll,
	.close = frpc_wrap_close,
	.data_dir = frpc_wrap_data_dir,
	.free = fault_free,
};

/* An errno's name becomes -errno; a number is what the ioctl returns. */
static bool parse_answer(const char *text, bool open, long *ret_answer)
{
	int error = frpc_errno_number(text);
	char *end;

	*ret_answer = -error;
	if (error || open)
		return error != 0;
	*ret_answer = (int32_t)strtoul(text, &end, 0);
	return *text && !*end;
}

static bool parse_times(const char *text, struct rule *rule)
{
	char *end;

	rule->first = strtoul(text, &end, 10);
	rule->last = *end == '+' ? (unsigned long)-1 : rule->first;
	return rule->first && end != text && (!*end || !strcmp(end, "+"));
}

/* WHAT=ANSWER[@N[+]] */
static bool parse_rule(char *text, struct rule *rule)
{
	char *answer = strchr(text, '='), *times;

	if (!answer)
		return false;
	*answer++ = 0;
	times = strchr(answer, '@');
	if (times)
		*times++ = 0;
	rule->first = 1;
	rule->last = (unsigned long)-1;
	if (strlen(text) >= sizeof(rule->what) || (times && !parse_times(times, rule)))
		return false;
	strcpy(rule->what, text);
	return (!strcmp(text, "open") || frpc_command_is_name(text)) &&
	       parse_answer(answer, !strcmp(text, "open"), &rule->answer);
}

static int parse(struct fault_device *fault, const char *spec, char *text, size_t textlen)
{
	char *copy = strdup(spec), *save = NULL, *one, shown[48];
	int res = 0;

	if (!copy)
		return -ENOMEM;
	for (one = strtok_r(copy, ",", &save); one && !res; one = strtok_r(NULL, ",", &save)) {
		snprintf(shown, sizeof(shown), "%s", one);
		if (fault->count == MOST_RULES || !parse_rule(one, &fault->rules[fault->count++])) {
			snprintf(text, textlen,
				 "fault=%s: \"%s\" is no rule, or there are more than %u; write "
				 "open=ERRNO or IOCTL=ERRNO, like invoke=EPIPE@3 (only the third) "
				 "or mem_map=ENOMEM@2+ (from the second on)",
				 spec, shown, MOST_RULES);
			res = -EINVAL;
		}
	}
	free(copy);
	return res;
}

int frpc_device_fault(const char *spec, struct frpc_device *inner, struct frpc_device **ret_device,
		      char *text, size_t textlen)
{
	struct fault_device *fault = calloc(1, sizeof(*fault));
	int res = fault ? parse(fault, spec, text, textlen) : -ENOMEM;

	if (res) {
		free(fault);
		inner->ops->free(inner);
		return res;
	}
	fault->wrapper.device.ops = &fault_ops;
	fault->wrapper.inner = inner;
	*ret_device = &fault->wrapper.device;
	return 0;
}
