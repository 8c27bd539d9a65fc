/* SPDX-License-Identifier: BSD-3-Clause */
#include "attachments.h"

#include <errno.h>
#include <sys/stat.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/mainline.h>

#define PAGE UINT64_C(4096)

void emu_attachments_init(struct emu_attachments *attachments, const struct emu_maps_config *config)
{
	attachments->config = config;
	emu_idle_maps_init(&attachments->idle, config->smmu);
}

void emu_attachments_destroy(struct emu_attachments *attachments)
{
	emu_idle_maps_destroy(&attachments->idle);
}

static bool is_downstream(const struct emu_attachments *attachments)
{
	return attachments->config->dialect == EMU_DOWNSTREAM;
}

/* Which memory the caller's @fd is, as far as that can be told without opening it. */
static bool identify(const struct frpc_task *task, const struct emu_map_request *request,
		     uint64_t *ret_dev, uint64_t *ret_ino)
{
	struct stat st;

	/* Only who mapped a buffer himself knows that an address and his fd are the same memory. */
	if (request->area && request->area->ino && request->area->fd == request->fd) {
		*ret_dev = request->area->dev;
		*ret_ino = request->area->ino;
		return true;
	}
	if (task->tgid != frpc_own_pid() || fstat(request->fd, &st))
		return false;
	*ret_dev = st.st_dev;
	*ret_ino = st.st_ino;
	return true;
}

/* The idle device mapping of the very buffer that is asked for, in the file's own bank, or NULL. */
static struct emu_smmu_map *take_idle(struct emu_attachments *attachments,
				      const struct frpc_task *task,
				      const struct emu_map_request *request)
{
	uint64_t dev, ino;

	if (!attachments->idle.count || !identify(task, request, &dev, &ino))
		return NULL;
	return emu_idle_maps_take(&attachments->idle, dev, ino);
}

/* The drivers report the same troubles with different numbers. */
static int map_error(const struct emu_attachments *attachments, int res)
{
	if (!is_downstream(attachments))
		return res;
	return res == -ENOMEM ? -EFAULT : -EBADFD;
}

/* Which bank the buffer belongs into, and whether the driver can take it at all. */
static int choose_bank(struct emu_attachments *attachments, struct emu_map *map,
		       const struct emu_dmabuf *dmabuf, bool nomap, uint32_t *ret_bank)
{
	uint32_t traits = emu_traits_get(attachments->config->traits, dmabuf);

	*ret_bank = attachments->config->bank;
	if (!is_downstream(attachments)) {
		/* The DSP's VM reaches it by its physical address, which 6.1 does not send yet. */
		if (map->secure && !attachments->config->believing)
			*ret_bank = 0;
		return 0;
	}
	if (nomap) {
		*ret_bank = 0;
		return traits & EMU_BUFFER_SCATTERED ? -EFAULT : 0;
	}
	if (traits & EMU_BUFFER_UNQUERIED)
		return -EBADFD;
	map->secure = traits & EMU_BUFFER_SECURE;
	if (map->secure) {
		int res = attachments->config->secure_bank(attachments->config->context, ret_bank);

		if (res)
			return res;
	}
	return !*ret_bank && (traits & EMU_BUFFER_SCATTERED) ? -EFAULT : 0;
}

/* The DSP gets a copy of its own, which only cache maintenance brings up to date. */
static int shadow(struct emu_attachments *attachments, struct emu_smmu_map *smmu_map)
{
	struct emu_dmabuf *seen;
	int res = emu_shadows_get(attachments->config->shadows, smmu_map->dmabuf, &seen);

	if (res) {
		emu_smmu_unmap(attachments->config->smmu, smmu_map);
		return res;
	}
	emu_smmu_set_seen(attachments->config->smmu, smmu_map, seen);
	emu_dmabuf_put(seen);
	return 0;
}

static int map_dmabuf(struct emu_attachments *attachments, struct emu_map *map,
		      struct emu_dmabuf *dmabuf, uint32_t flags)
{
	bool nomap = is_downstream(attachments) && flags == EMU_MAP_NOMAP;
	uint32_t bank;
	int res;

	if (!dmabuf->size)
		return map_error(attachments, -EINVAL);
	res = choose_bank(attachments, map, dmabuf, nomap, &bank);
	if (res)
		return res;
	if (!nomap && emu_inject_fails(attachments->config->inject, EMU_INJECT_MAP))
		return map_error(attachments, -ENOMEM);
	res = emu_smmu_map(attachments->config->smmu, bank, dmabuf, &map->smmu_map);
	while (res == -ENOMEM && emu_idle_maps_drop_oldest(&attachments->idle))
		res = emu_smmu_map(attachments->config->smmu, bank, dmabuf, &map->smmu_map);
	if (!res && attachments->config->shadows)
		res = shadow(attachments, map->smmu_map);
	if (res)
		return map_error(attachments, res);
	/* Unmapped by flag 16: it has a physical address, which no DSP process can reach. */
	if (nomap)
		emu_smmu_show(attachments->config->smmu, map->smmu_map, false);
	return 0;
}

/* Mainline's attribute; downstream asks who owns the buffer. */
static bool is_secure(const struct emu_attachments *attachments,
		      const struct emu_map_request *request)
{
	return !is_downstream(attachments) && (request->attrs & FRPC_ML_ATTR_SECUREMAP);
}

static int attach(struct emu_attachments *attachments, const struct frpc_task *task,
		  const struct emu_map_request *request, struct emu_map *map)
{
	struct emu_dmabuf *dmabuf;
	int res = 0;

	map->secure = is_secure(attachments, request);
	if (!map->secure && (request->flags != EMU_MAP_NOMAP || !is_downstream(attachments))) {
		map->smmu_map = take_idle(attachments, task, request);
		if (map->smmu_map &&
		    !emu_traits_get(attachments->config->traits, map->smmu_map->dmabuf) &&
		    !emu_inject_fails(attachments->config->inject, EMU_INJECT_MAP))
			return 0;
		if (map->smmu_map) /* something about it has changed: as if seen for the first time */
			emu_smmu_unmap(attachments->config->smmu, map->smmu_map);
		map->smmu_map = NULL;
	}
	if (request->dmabuf)
		dmabuf = emu_dmabuf_ref(request->dmabuf);
	else
		res = emu_dmabuf_get(task, request->fd, &dmabuf);
	if (res)
		return is_downstream(attachments) && res != -ENOMEM ? -EBADFD : res;
	res = map_dmabuf(attachments, map, dmabuf, request->flags);
	emu_dmabuf_put(dmabuf);
	return res;
}

/* The size that the driver goes by, which depends on how the buffer was mapped. */
static uint64_t mapped_size(const struct emu_attachments *attachments, const struct emu_map *map,
			    const struct emu_map_request *request)
{
	uint64_t rounded = (request->len + PAGE - 1) & ~(PAGE - 1);

	if (!is_downstream(attachments))
		return attachments->config->believing ? request->len : map->smmu_map->size;
	if (request->flags == EMU_MAP_NOMAP)
		return request->len;
	if (emu_address_bank(map->smmu_map->address))
		return map->smmu_map->size;
	return rounded ? rounded : PAGE;
}

static int check_size(const struct emu_attachments *attachments, const struct emu_map *map,
		      const struct emu_map_request *request)
{
	if (!is_downstream(attachments))
		return request->len > map->smmu_map->dmabuf->size && !attachments->config->believing
			       ? -EINVAL
			       : 0;
	return map->size < request->len || map->size >= attachments->config->limit ? -EFAULT : 0;
}

int emu_attachments_attach(struct emu_attachments *attachments, const struct frpc_task *task,
			   const struct emu_map_request *request, struct emu_map *map)
{
	int res = attach(attachments, task, request, map);

	if (res)
		return res;
	map->size = mapped_size(attachments, map, request);
	res = check_size(attachments, map, request);
	if (!res && (is_secure(attachments, request) ||
		     (attachments->config->assign && request->flags != EMU_MAP_NOMAP))) {
		res = emu_traits_assign(attachments->config->traits, map->smmu_map->dmabuf);
		map->assigned = !res;
	}
	if (res) {
		emu_attachments_detach(attachments, map);
		return res;
	}
	map->address = map->smmu_map->address;
	return 0;
}

void emu_attachments_detach(struct emu_attachments *attachments, struct emu_map *map)
{
	const struct emu_maps_config *config = attachments->config;

	if (map->assigned)
		emu_traits_unassign(config->traits, map->smmu_map->dmabuf);
	map->assigned = false;
	/* Only plain mappings in the file's own bank are good for the next map of the buffer. */
	if (map->secure || !map->smmu_map->visible || !config->bank)
		emu_smmu_unmap(config->smmu, map->smmu_map);
	else
		emu_idle_maps_keep(&attachments->idle, map->smmu_map);
	map->smmu_map = NULL;
}
