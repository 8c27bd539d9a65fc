/* SPDX-License-Identifier: BSD-3-Clause */
#include "uri.h"

#include <errno.h>
#include <string.h>

#include "config.h"

/* A piece of the text between separators. */
struct piece {
	const char *at;
	size_t len;
};

static bool is(const struct piece *piece, const char *word)
{
	return piece->len == strlen(word) && !memcmp(piece->at, word, piece->len);
}

static const char *set_domain(struct frpc_uri *uri, const struct piece *value)
{
	if (uri->has_domain)
		return "_dom is given twice";
	if (frpc_domain_by_name(value->at, value->len, &uri->domain))
		return "_dom is none of adsp, mdsp, sdsp, cdsp, cdsp1, gdsp0, gdsp1";
	uri->has_domain = true;
	return NULL;
}

static const char *set_session(struct frpc_uri *uri, const struct piece *value)
{
	if (uri->has_session)
		return "_session is given twice";
	if (value->len != 1 || value->at[0] < '0' || value->at[0] >= '0' + (int)FRPC_SESSIONS)
		return "_session is no number from 0 to 3";
	uri->session = (uint32_t)(value->at[0] - '0');
	uri->has_session = true;
	return NULL;
}

/* Keys that the library does not know are the DSP's business. */
static const char *take_pair(struct frpc_uri *uri, const struct piece *pair)
{
	const char *equals = memchr(pair->at, '=', pair->len);
	struct piece key = {pair->at, equals ? (size_t)(equals - pair->at) : pair->len};
	struct piece value = {equals ? equals + 1 : "", equals ? pair->len - key.len - 1 : 0};

	if (is(&key, "_dom"))
		return set_domain(uri, &value);
	if (is(&key, "_session"))
		return set_session(uri, &value);
	if (is(&key, "_modver"))
		uri->handle_style = is(&value, "1.0");
	return NULL;
}

static const char *take_pairs(struct frpc_uri *uri, const char *text)
{
	const char *why = NULL;

	while (*text == '&' && !why) {
		struct piece pair = {text + 1, strcspn(text + 1, "&")};

		why = take_pair(uri, &pair);
		text = pair.at + pair.len;
	}
	return why;
}

int frpc_uri_parse_pairs(const char *text, struct frpc_uri *uri, const char **ret_why)
{
	memset(uri, 0, sizeof(*uri));
	*ret_why = take_pairs(uri, text);
	return *ret_why ? -EINVAL : 0;
}

int frpc_uri_parse(const char *text, struct frpc_uri *uri, const char **ret_why)
{
	const char *why = NULL, *rest;

	memset(uri, 0, sizeof(*uri));
	if (strncmp(text, "file://", 7)) {
		*ret_why = "it does not begin with file://";
		return -EINVAL;
	}
	text += 7;
	text += *text == '/';
	uri->file = text;
	uri->file_len = strcspn(text, "?");
	rest = text + uri->file_len;
	if (!uri->file_len || !*rest) {
		*ret_why = "there is no LIBRARY?ENTRY in it";
		return -EINVAL;
	}
	uri->symbol = rest + 1;
	uri->symbol_len = strcspn(uri->symbol, "&");
	if (!uri->symbol_len)
		why = "there is no entry symbol after '?'";
	else
		why = take_pairs(uri, uri->symbol + uri->symbol_len);
	*ret_why = why;
	return why ? -EINVAL : 0;
}
