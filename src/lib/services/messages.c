/* SPDX-License-Identifier: BSD-3-Clause */
#include "messages.h"

#include "../hap_debug.h"
#include "../log.h"
#include "AEEStdErr.h"
#include "args.h"
#include "log_record.h"
#include "transport/transport.h"

/* What a DSP writes may be anything: nothing that steers a terminal is passed on. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' && *text != '\t' && *text != '\n')
			*text = '?';
}

static void take(uint32_t domain, const struct frpc_log_record *record)
{
	char text[sizeof(record->text) + 1] = "", file[sizeof(record->file) + 1] = "";
	size_t len;

	memcpy(text, record->text, sizeof(record->text));
	memcpy(file, record->file, sizeof(record->file));
	make_printable(text);
	make_printable(file);
	len = strlen(text);
	while (len && text[len - 1] == '\n')
		text[--len] = 0;
	frpc_log(frpc_hap_log_level(record->level), "%s: %s:%u: %s: %s", frpc_domain_name(domain),
		 *file ? file : "-", record->line, frpc_hap_level_name(record->level), text);
}

int frpc_messages_call(uint32_t domain, const struct frpc_reverse_call *call)
{
	const unsigned char *bytes;
	struct frpc_log_record record;
	size_t len;

	if (FRPC_SC_METHOD(call->sc) != 0)
		return AEE_EUNSUPPORTED;
	if (!frpc_args_shape(call, 2, 0, 4, 0) ||
	    frpc_args_u32(call, 0) != call->args[1].buf.nLen ||
	    call->args[1].buf.nLen % sizeof(record))
		return AEE_EBADPARM;
	bytes = call->args[1].buf.pv;
	len = call->args[1].buf.nLen;
	for (size_t at = 0; at < len; at += sizeof(record)) {
		memcpy(&record, bytes + at, sizeof(record));
		take(domain, &record);
	}
	return AEE_SUCCESS;
}
