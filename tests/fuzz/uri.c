/* SPDX-License-Identifier: BSD-3-Clause */
/* URIs and module names, as the library and as the DSP reads them. */
#include "emulator/dsp/loader.h"
#include "lib/uri.h"
#include "reached.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct emu_module_name name;
	const char *why = NULL;
	struct frpc_uri uri;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (!frpc_uri_parse(text, &uri, &why)) {
		reached("library: a URI");
		if (uri.has_domain)
			reached("library: _dom");
		if (uri.has_session)
			reached("library: _session");
		if (uri.file < text || uri.file + uri.file_len > text + size ||
		    uri.symbol + uri.symbol_len > text + size || uri.domain > 7 || uri.session > 3)
			abort();
	} else {
		reached("library: refused");
		if (!why)
			abort();
	}
	if (!emu_module_name_parse(text, &name)) {
		reached(name.with_handle ? "DSP: handle style" : "DSP: old style");
		if (!name.file[0] || !name.symbol[0])
			abort();
	} else {
		reached("DSP: refused");
	}
	free(text);
	return 0;
}
