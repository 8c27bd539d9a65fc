// SPDX-License-Identifier: GPL-2.0
/*
 * An SMMU that translates nothing by itself: it remembers, for each stream, which pages the driver
 * has mapped, so that a DSP sees those at those addresses and no others.
 */
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/xarray.h>

#include "rig.h"

#define STREAMS 256

struct rig_domain {
	struct iommu_domain domain;
	struct xarray pages; /* by iova >> PAGE_SHIFT: the page's number, as a value */
};

static DEFINE_SPINLOCK(streams_lock);
static struct rig_domain *streams[STREAMS];
static struct iommu_device rig_iommu;
static struct platform_device *rig_iommu_pdev;

static struct rig_domain *to_rig(struct iommu_domain *domain)
{
	return container_of(domain, struct rig_domain, domain);
}

bool rig_smmu_translate(u32 stream, u64 iova, unsigned long *ret_pfn)
{
	unsigned long flags;
	void *page = NULL;

	spin_lock_irqsave(&streams_lock, flags);
	if (stream < STREAMS && streams[stream])
		page = xa_load(&streams[stream]->pages, iova >> PAGE_SHIFT);
	spin_unlock_irqrestore(&streams_lock, flags);
	if (!page)
		return false;
	*ret_pfn = xa_to_value(page);
	return true;
}

static int attach_dev(struct iommu_domain *domain, struct device *dev)
{
	struct iommu_fwspec *fwspec = dev_iommu_fwspec_get(dev);
	unsigned long flags;

	spin_lock_irqsave(&streams_lock, flags);
	for (unsigned int i = 0; i < fwspec->num_ids; i++)
		streams[fwspec->ids[i]] = to_rig(domain);
	spin_unlock_irqrestore(&streams_lock, flags);
	return 0;
}

static size_t unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t size,
			  size_t count, struct iommu_iotlb_gather *gather)
{
	for (size_t i = 0; i < count; i++)
		xa_erase(&to_rig(domain)->pages, (iova >> PAGE_SHIFT) + i);
	return size * count;
}

static int map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
		     size_t size, size_t count, int prot, gfp_t gfp, size_t *mapped)
{
	for (size_t i = 0; i < count; i++) {
		void *entry = xa_mk_value((paddr >> PAGE_SHIFT) + i);

		if (xa_is_err(
			    xa_store(&to_rig(domain)->pages, (iova >> PAGE_SHIFT) + i, entry, gfp)))
			return -ENOMEM;
		*mapped += size;
	}
	return 0;
}

static phys_addr_t iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	void *page = xa_load(&to_rig(domain)->pages, iova >> PAGE_SHIFT);

	return page ? PFN_PHYS(xa_to_value(page)) | offset_in_page(iova) : 0;
}

static void free_domain(struct iommu_domain *domain)
{
	struct rig_domain *rig = to_rig(domain);
	unsigned long flags;

	spin_lock_irqsave(&streams_lock, flags);
	for (unsigned int i = 0; i < STREAMS; i++)
		if (streams[i] == rig)
			streams[i] = NULL;
	spin_unlock_irqrestore(&streams_lock, flags);
	xa_destroy(&rig->pages);
	kfree(rig);
}

static struct iommu_domain *alloc_domain(unsigned int type)
{
	struct rig_domain *rig;

	if (type != IOMMU_DOMAIN_DMA && type != IOMMU_DOMAIN_UNMANAGED)
		return NULL;
	rig = kzalloc(sizeof(*rig), GFP_KERNEL);
	if (!rig)
		return NULL;
	xa_init_flags(&rig->pages, XA_FLAGS_LOCK_IRQ);
	rig->domain.geometry.aperture_end = DMA_BIT_MASK(32);
	rig->domain.geometry.force_aperture = true;
	return &rig->domain;
}

static struct iommu_device *probe_device(struct device *dev)
{
	return dev_iommu_fwspec_get(dev) ? &rig_iommu : ERR_PTR(-ENODEV);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
static int of_xlate(struct device *dev, const struct of_phandle_args *args)
#else
static int of_xlate(struct device *dev, struct of_phandle_args *args)
#endif
{
	u32 stream = args->args[0];

	return stream < STREAMS ? iommu_fwspec_add_ids(dev, &stream, 1) : -EINVAL;
}

static const struct iommu_ops smmu_ops = {
	.domain_alloc = alloc_domain,
	.probe_device = probe_device,
	.device_group = generic_device_group,
	.of_xlate = of_xlate,
	.pgsize_bitmap = SZ_4K,
	.owner = THIS_MODULE,
	.default_domain_ops =
		&(const struct iommu_domain_ops){
			.attach_dev = attach_dev,
			.map_pages = map_pages,
			.unmap_pages = unmap_pages,
			.iova_to_phys = iova_to_phys,
			.free = free_domain,
		},
};

/* Without its node the DSPs see all memory. */
int rig_smmu_init(void)
{
	struct device_node *of_node = of_find_compatible_node(NULL, NULL, "libfastrpc,smmu");
	int res;

	if (!of_node)
		return 0;
	rig_iommu_pdev = of_find_device_by_node(of_node);
	of_node_put(of_node);
	if (!rig_iommu_pdev)
		return -ENODEV;
	/* The kernel links a device's SMMU in sysfs, and does not ask whether it is there. */
	res = iommu_device_sysfs_add(&rig_iommu, &rig_iommu_pdev->dev, NULL, "frpc-smmu");
	if (res)
		goto put_device;
	res = iommu_device_register(&rig_iommu, &smmu_ops, &rig_iommu_pdev->dev);
	if (res)
		goto remove_sysfs;
	return 0;

remove_sysfs:
	iommu_device_sysfs_remove(&rig_iommu);
put_device:
	platform_device_put(rig_iommu_pdev);
	return res;
}

void rig_smmu_exit(void)
{
	if (!rig_iommu_pdev)
		return;
	iommu_device_unregister(&rig_iommu);
	iommu_device_sysfs_remove(&rig_iommu);
	platform_device_put(rig_iommu_pdev);
}
