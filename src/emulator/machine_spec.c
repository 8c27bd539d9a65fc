/* SPDX-License-Identifier: BSD-3-Clause */
#include "machine_spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const emu_domain_names[EMU_DOMAINS] = {"adsp", "mdsp", "sdsp", "cdsp", "cdsp1"};

struct why {
	char *text;
	size_t len;
};

static int refuse(const struct why *why, int error, const char *key, const char *value,
		  const char *possible)
{
	if (why->text && why->len)
		snprintf(why->text, why->len, "FRPC_EMULATOR: %s=%s%s; possible: %s", key, value,
			 error == -EOPNOTSUPP ? " is not built yet" : "", possible);
	return error;
}

static int set_domains(struct emu_machine_spec *spec, char *value, const struct why *why)
{
	char *rest = NULL;

	memset(spec->domains, 0, sizeof(spec->domains));
	for (char *name = strtok_r(value, "+", &rest); name; name = strtok_r(NULL, "+", &rest)) {
		uint32_t domain = 0;

		while (domain < EMU_DOMAINS && strcmp(name, emu_domain_names[domain]))
			domain++;
		if (domain == EMU_DOMAINS)
			return refuse(why, -EINVAL, "domains", name,
				      "adsp, mdsp, sdsp, cdsp, cdsp1, joined with +");
		spec->domains[domain] = true;
	}
	return 0;
}

static int set_abi(struct emu_machine_spec *spec, const char *value, const struct why *why)
{
	bool both = !strcmp(value, "both");

	spec->dialects[EMU_DOWNSTREAM] = both || !strcmp(value, "downstream");
	spec->dialects[EMU_MAINLINE] = both || !strcmp(value, "mainline");
	if (!spec->dialects[EMU_DOWNSTREAM] && !spec->dialects[EMU_MAINLINE])
		return refuse(why, -EINVAL, "abi", value, "downstream, mainline, both");
	return 0;
}

static int set_number(const char *key, const char *value, uint32_t least, uint32_t most,
		      uint32_t *ret_number, const struct why *why)
{
	char *end, range[40];
	unsigned long number = strtoul(value, &end, 10);

	if (*end || end == value || number < least || number > most) {
		snprintf(range, sizeof(range), "%u to %u", least, most);
		return refuse(why, -EINVAL, key, value, range);
	}
	*ret_number = (uint32_t)number;
	return 0;
}

static int set(struct emu_machine_spec *spec, const char *key, char *value, const struct why *why)
{
	if (!strcmp(key, "domains"))
		return set_domains(spec, value, why);
	if (!strcmp(key, "abi"))
		return set_abi(spec, value, why);
	if (!strcmp(key, "banks"))
		return set_number(key, value, 1, EMU_MAX_BANKS, &spec->banks, why);
	if (!strcmp(key, "arch"))
		return set_number(key, value, 60, 99, &spec->arch, why);
	if (!strcmp(key, "testmod")) {
		spec->test_module = !strcmp(value, "on");
		return spec->test_module || !strcmp(value, "off")
			       ? 0
			       : refuse(why, -EINVAL, key, value, "on, off");
	}
	if (!strcmp(key, "report")) {
		if ((size_t)snprintf(spec->report, sizeof(spec->report), "%s", value) >=
		    sizeof(spec->report))
			return refuse(why, -EINVAL, key, "...", "a shorter path");
		return 0;
	}
	if (!strcmp(key, "version")) {
		if (!strcmp(value, "6.12"))
			return 0;
		return refuse(why,
			      strcmp(value, "6.1") && strcmp(value, "7.3") ? -EINVAL : -EOPNOTSUPP,
			      key, value, "6.12");
	}
	if (!strcmp(key, "engine")) {
		if (!strcmp(value, "native"))
			return 0;
		return refuse(why,
			      strcmp(value, "process") && strcmp(value, "hexagon") ? -EINVAL
										   : -EOPNOTSUPP,
			      key, value, "native");
	}
	return refuse(why, -EINVAL, key, value,
		      "the keys domains, abi, version, engine, banks, arch, report, testmod");
}

/* One "key=value"; blanks around either and empty entries do not matter. */
static int set_entry(struct emu_machine_spec *spec, char *entry, const struct why *why)
{
	char *equals, *end;

	entry += strspn(entry, " \t\r\n");
	end = entry + strlen(entry);
	while (end > entry && strchr(" \t\r\n", end[-1]))
		*--end = 0;
	if (!*entry || *entry == '#' || *entry == ';' || *entry == '[')
		return 0;
	equals = strchr(entry, '=');
	if (!equals)
		return refuse(why, -EINVAL, entry, "", "KEY=VALUE");
	*equals++ = 0;
	while (equals[0] == ' ')
		equals++;
	for (end = equals - 1; end > entry && (!end[-1] || end[-1] == ' '); end--)
		end[-1] = 0;
	return set(spec, entry, equals, why);
}

static int parse_file(const char *path, struct emu_machine_spec *spec, const struct why *why)
{
	char line[PATH_MAX + 64];
	FILE *file = fopen(path, "re");
	int res = 0;

	if (!file) {
		res = -errno;
		if (why->text && why->len)
			snprintf(why->text, why->len,
				 "FRPC_EMULATOR: the machine file %s cannot be read (errno %d)",
				 path, -res);
		return res;
	}
	while (!res && fgets(line, sizeof(line), file))
		res = set_entry(spec, line, why);
	fclose(file);
	return res;
}

int emu_machine_spec_parse(const char *text, struct emu_machine_spec *spec, char *why,
			   size_t whylen)
{
	const struct why words = {why, whylen};
	char *copy, *rest = NULL;
	int res = 0;

	memset(spec, 0, sizeof(*spec));
	for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++)
		spec->domains[domain] = true;
	spec->dialects[EMU_DOWNSTREAM] = spec->dialects[EMU_MAINLINE] = true;
	spec->banks = EMU_MAX_BANKS;
	spec->arch = 68;
	if (!text || !*text)
		return 0;
	if (!strchr(text, '='))
		return parse_file(text, spec, &words);
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	for (char *entry = strtok_r(copy, ",", &rest); entry && !res;
	     entry = strtok_r(NULL, ",", &rest))
		res = set_entry(spec, entry, &words);
	free(copy);
	return res;
}
