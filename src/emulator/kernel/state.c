/* SPDX-License-Identifier: BSD-3-Clause */
/* What a driver holds, for tests and dumps. */
#include <string.h>

#include "async.h"
#include "registry.h"

static void add_file(struct emu_file *file, void *context)
{
	struct emu_driver_state *state = context;

	state->files++;
	state->done_jobs += emu_async_count(&file->async);
	state->notifications += emu_notifs_count(&file->notifs);
	state->signals += emu_dspsignals_count(&file->signals);
	if (emu_file_is_chosen(file))
		state->maps += emu_maps_count(file->maps);
}

void emu_driver_get_state(struct emu_driver *driver, struct emu_driver_state *ret_state)
{
	memset(ret_state, 0, sizeof(*ret_state));
	emu_registry_each(emu_driver_registry(driver), NULL, add_file, ret_state);
	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++) {
			struct emu_channel *channel = emu_driver_channel(driver, dialect, domain);

			ret_state->calls += channel ? emu_channel_calls(channel) : 0;
		}
}
