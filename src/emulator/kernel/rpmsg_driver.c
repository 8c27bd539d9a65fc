/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver on the rpmsg bus: which channel is which DSP's, and that it is up. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "../futex.h"
#include "channel.h"
#include "file.h"

#define CHANNEL_NAME "fastrpcglink-apps-dsp"

/* Labels of the device tree; a channel without one is known by its node's name. */
static const char *const labels[EMU_DN_CHANNELS] = {"adsp", "mdsp", "slpi", "cdsp", "cdsp1"};

static int find_channel(struct emu_driver *driver, const char *label, const char *node,
			struct emu_channel **ret_channel)
{
	const char *name = label ? label : node;

	for (uint32_t domain = 0; name && domain < EMU_DN_CHANNELS; domain++) {
		if (strcmp(name, labels[domain]))
			continue;
		*ret_channel = emu_driver_channel(driver, EMU_DOWNSTREAM, domain);
		return *ret_channel && (*ret_channel)->config->present ? 0 : -ENODEV;
	}
	return -ECHRNG;
}

static void set_up(struct emu_channel *channel, bool up)
{
	atomic_store(&channel->link_up, up);
	emu_futex_wake(&channel->link_up, INT_MAX);
}

int emu_driver_rpmsg_match(struct emu_driver *driver, const char *channel, const char *label,
			   const char *node)
{
	struct emu_channel *found;
	int res;

	if (!channel || strcmp(channel, CHANNEL_NAME))
		return -ENODEV;
	res = find_channel(driver, label, node, &found);
	return res ? res : (int)found->domain;
}

int emu_driver_rpmsg_probe(struct emu_driver *driver, const char *channel, const char *label,
			   const char *node)
{
	int domain = emu_driver_rpmsg_match(driver, channel, label, node);

	if (domain >= 0)
		set_up(emu_driver_channel(driver, EMU_DOWNSTREAM, (uint32_t)domain), true);
	return domain;
}

int emu_driver_rpmsg_remove(struct emu_driver *driver, const char *label, const char *node)
{
	struct emu_channel *found;
	int res = find_channel(driver, label, node, &found);

	if (res)
		return res;
	set_up(found, false);
	return (int)found->domain;
}
