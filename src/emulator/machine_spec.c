/* SPDX-License-Identifier: BSD-3-Clause */
#include "machine_spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../transport/words.h"

const char *const emu_domain_names[EMU_DOMAINS] = {"adsp",  "mdsp",  "sdsp", "cdsp",
						   "cdsp1", "gdsp0", "gdsp1"};

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

/* A set of domains, joined with +; "none" for the empty one. */
static int set_domains(bool domains[EMU_DOMAINS], const char *key, char *value,
		       const struct why *why)
{
	char *rest = NULL;

	memset(domains, 0, EMU_DOMAINS * sizeof(*domains));
	if (!strcmp(value, "none"))
		return 0;
	for (char *name = strtok_r(value, "+", &rest); name; name = strtok_r(NULL, "+", &rest)) {
		uint32_t domain = 0;

		while (domain < EMU_DOMAINS && strcmp(name, emu_domain_names[domain]))
			domain++;
		if (domain == EMU_DOMAINS)
			return refuse(why, -EINVAL, key, name,
				      "adsp, mdsp, sdsp, cdsp, cdsp1, gdsp0, gdsp1, joined with +");
		domains[domain] = true;
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
	unsigned long long number = strtoull(value, &end, 0);

	if (*end || end == value || *value == '-' || number < least || number > most) {
		snprintf(range, sizeof(range), "%u to %u", least, most);
		return refuse(why, -EINVAL, key, value, range);
	}
	*ret_number = (uint32_t)number;
	return 0;
}

/* A set of domains, "none" for the empty one. */
static int set_secure(struct emu_machine_spec *spec, const char *key, char *value,
		      const struct why *why)
{
	(void)key;
	spec->secure_said = true;
	return set_domains(spec->secure, "secure", value, why);
}

static int set_assign(struct emu_machine_spec *spec, const char *key, char *value,
		      const struct why *why)
{
	(void)key;
	return set_domains(spec->assign, "assign", value, why);
}

static int set_present(struct emu_machine_spec *spec, const char *key, char *value,
		       const struct why *why)
{
	(void)key;
	return set_domains(spec->domains, "domains", value, why);
}

static int set_banks(struct emu_machine_spec *spec, const char *key, char *value,
		     const struct why *why)
{
	return set_number(key, value, 0, EMU_MAX_BANKS, &spec->banks, why);
}

static int set_secure_banks(struct emu_machine_spec *spec, const char *key, char *value,
			    const struct why *why)
{
	spec->secure_banks_said = true;
	return set_number(key, value, 0, EMU_MAX_BANKS, &spec->secure_banks, why);
}

static int set_shared_banks(struct emu_machine_spec *spec, const char *key, char *value,
			    const struct why *why)
{
	return set_number(key, value, 0, EMU_MAX_BANKS, &spec->shared_banks, why);
}

/* "7+7+3": the PD type of each bank in order; 0 or nothing: none said. */
static int set_pd_types(struct emu_machine_spec *spec, const char *key, char *value,
			const struct why *why)
{
	char *rest = NULL;
	uint32_t i = 0;
	int res = 0;

	for (char *word = strtok_r(value, "+", &rest); word && !res;
	     word = strtok_r(NULL, "+", &rest)) {
		if (i == EMU_MAX_BANKS)
			return refuse(why, -EINVAL, key, word, "at most 14 banks");
		res = set_number(key, word, 0, EMU_PD_TYPES, &spec->pd_types[i++], why);
	}
	return res;
}

static int set_gids(struct emu_machine_spec *spec, const char *key, char *value,
		    const struct why *why)
{
	char *rest = NULL;
	int res = 0;

	spec->gid_count = 0;
	for (char *word = strtok_r(value, "+", &rest); word && !res;
	     word = strtok_r(NULL, "+", &rest)) {
		if (spec->gid_count == EMU_MAX_GIDS)
			return refuse(why, -EINVAL, key, word, "at most 8 groups");
		res = set_number(key, word, 0, UINT32_MAX, &spec->gids[spec->gid_count++], why);
	}
	return res;
}

static int set_heap(struct emu_machine_spec *spec, const char *key, char *value,
		    const struct why *why)
{
	return set_number(key, value, 0, UINT32_MAX, &spec->heap, why);
}

static int set_limit(struct emu_machine_spec *spec, const char *key, char *value,
		     const struct why *why)
{
	return set_number(key, value, 4096, UINT32_MAX, &spec->limit, why);
}

static int set_sessions(struct emu_machine_spec *spec, const char *key, char *value,
			const struct why *why)
{
	return set_number(key, value, 1, 64, &spec->sessions, why);
}

static int set_latency(struct emu_machine_spec *spec, const char *key, char *value,
		       const struct why *why)
{
	int res = set_number(key, value, 0, 1000000, &spec->latency_us, why);

	if (!res && !spec->latency_us)
		spec->latency_us = EMU_NO_LATENCY;
	return res;
}

static int set_arch(struct emu_machine_spec *spec, const char *key, char *value,
		    const struct why *why)
{
	return set_number(key, value, 60, 99, &spec->arch, why);
}

static int set_dspqueue(struct emu_machine_spec *spec, const char *key, char *value,
			const struct why *why)
{
	return set_number(key, value, 1, 2, &spec->queue_version, why);
}

static int set_report(struct emu_machine_spec *spec, const char *key, char *value,
		      const struct why *why)
{
	if ((size_t)snprintf(spec->report, sizeof(spec->report), "%s", value) >=
	    sizeof(spec->report))
		return refuse(why, -EINVAL, key, "...", "a shorter path");
	return 0;
}

static int set_version(struct emu_machine_spec *spec, const char *key, char *value,
		       const struct why *why)
{
	static const char *const versions[] = {"6.1", "6.12", "7.3"}; /* enum emu_version */

	for (uint32_t i = 0; i <= EMU_ML_7_3; i++)
		if (!strcmp(value, versions[i])) {
			spec->version = i;
			return 0;
		}
	return refuse(why, -EINVAL, key, value, "6.1, 6.12, 7.3");
}

static int set_engine(struct emu_machine_spec *spec, const char *key, char *value,
		      const struct why *why)
{
	spec->processes = !strcmp(value, "process");
	if (spec->processes || !strcmp(value, "native"))
		return 0;
	return refuse(why, strcmp(value, "hexagon") ? -EINVAL : -EOPNOTSUPP, key, value,
		      "native, process");
}

static int set_program(struct emu_machine_spec *spec, const char *key, char *value,
		       const struct why *why)
{
	if ((size_t)snprintf(spec->program, sizeof(spec->program), "%s", value) >=
	    sizeof(spec->program))
		return refuse(why, -EINVAL, key, "...", "a shorter path");
	return 0;
}

static int set_multimode(struct emu_machine_spec *spec, const char *key, char *value,
			 const struct why *why)
{
	spec->multimode = !strcmp(value, "on");
	return spec->multimode || !strcmp(value, "off")
		       ? 0
		       : refuse(why, -EINVAL, key, value, "on, off");
}

static int set_coherent(struct emu_machine_spec *spec, const char *key, char *value,
			const struct why *why)
{
	spec->incoherent = !strcmp(value, "off");
	return spec->incoherent || !strcmp(value, "on")
		       ? 0
		       : refuse(why, -EINVAL, key, value, "on, off");
}

static int set_link(struct emu_machine_spec *spec, const char *key, char *value,
		    const struct why *why)
{
	spec->qrtr_local = !strcmp(value, "qrtr-local");
	spec->qrtr = spec->qrtr_local || !strcmp(value, "qrtr");
	return spec->qrtr || !strcmp(value, "rpmsg")
		       ? 0
		       : refuse(why, -EINVAL, key, value, "rpmsg, qrtr, qrtr-local");
}

static int set_testmod(struct emu_machine_spec *spec, const char *key, char *value,
		       const struct why *why)
{
	spec->test_module = !strcmp(value, "on");
	return spec->test_module || !strcmp(value, "off")
		       ? 0
		       : refuse(why, -EINVAL, key, value, "on, off");
}

static int set_abi_key(struct emu_machine_spec *spec, const char *key, char *value,
		       const struct why *why)
{
	(void)key;
	return set_abi(spec, value, why);
}

static const struct {
	const char *key;
	int (*set)(struct emu_machine_spec *spec, const char *key, char *value,
		   const struct why *why);
} keys[] = {
	{"domains", set_present},
	{"abi", set_abi_key},
	{"version", set_version},
	{"engine", set_engine},
	{"program", set_program},
	{"link", set_link},
	{"multimode", set_multimode},
	{"banks", set_banks},
	{"secure-banks", set_secure_banks},
	{"shared-banks", set_shared_banks},
	{"pd-types", set_pd_types},
	{"secure", set_secure},
	{"assign", set_assign},
	{"coherent", set_coherent},
	{"heap", set_heap},
	{"limit", set_limit},
	{"sessions", set_sessions},
	{"latency", set_latency},
	{"gids", set_gids},
	{"arch", set_arch},
	{"dspqueue", set_dspqueue},
	{"report", set_report},
	{"testmod", set_testmod},
};

/* "attr9=1": what the DSPs answer to that capability. */
static int set_attribute(struct emu_machine_spec *spec, const char *key, const char *value,
			 const struct why *why)
{
	uint32_t id;
	int res;

	res = set_number("attr", key + 4, 1, EMU_MAX_ATTRIBUTES - 1, &id, why);
	if (res)
		return res;
	spec->attribute_said[id] = true;
	return set_number(key, value, 0, UINT32_MAX, &spec->attributes[id], why);
}

static int set(struct emu_machine_spec *spec, const char *key, char *value, const struct why *why)
{
	char possible[256] = "the keys attrN";

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(key, keys[i].key))
			return keys[i].set(spec, key, value, why);
	if (!strncmp(key, "attr", 4) && key[4])
		return set_attribute(spec, key, value, why);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		snprintf(possible + strlen(possible), sizeof(possible) - strlen(possible), ", %s",
			 keys[i].key);
	return refuse(why, -EINVAL, key, value, possible);
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
	char line[PATH_MAX + 64], words[80];
	FILE *file = fopen(path, "re");
	int res = 0;

	if (!file) {
		res = -errno;
		if (why->text && why->len)
			snprintf(why->text, why->len,
				 "FRPC_EMULATOR: the machine file %s cannot be read (%s); what is "
				 "no path has the form KEY=VALUE,KEY=VALUE,...",
				 path, frpc_errno_words(-res, words, sizeof(words)));
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
	spec->version = EMU_ML_6_12;
	spec->heap = 12u << 20;
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
