/* SPDX-License-Identifier: BSD-3-Clause */
/* A module's URI, by its grammar: file:///LIBRARY?ENTRY[&KEY[=VALUE]]... */
#ifndef FRPC_LIB_URI_H
#define FRPC_LIB_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frpc_uri {
	const char *file, *symbol; /* point into the text */
	size_t file_len, symbol_len;
	bool handle_style; /* _modver=1.0 */
	bool has_domain, has_session;
	uint32_t domain, session;
};

/*
 * Takes @text apart. 0, or -EINVAL with *@ret_why saying what is wrong (static): no file://, no
 * library, no entry, unknown _dom, _session that is no number of 0..3, a key given twice.
 */
int frpc_uri_parse(const char *text, struct frpc_uri *uri, const char **ret_why);
/* The same for what follows library and entry: "&KEY=VALUE...", or nothing. */
int frpc_uri_parse_pairs(const char *text, struct frpc_uri *uri, const char **ret_why);

#endif
