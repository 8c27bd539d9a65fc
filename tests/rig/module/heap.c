// SPDX-License-Identifier: GPL-2.0
/*
 * A dma-buf heap for a machine without SMMU and CMA: the kernel's own heap gathers single pages there,
 * but a driver message names a buffer by one address, and the DSP would work on whatever lies behind
 * the first page. Buffers of this heap are in one piece. Its node takes the ioctl of every heap.
 */
#include <linux/bitmap.h>
#include <linux/dma-buf.h>
#include <uapi/linux/dma-heap.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

#include "rig.h"

#define BLOCK_ORDER 10 /* the largest piece that the kernel gives */
#define POOL_BLOCKS 16u
#define MOST_BLOCKS 80u /* among which that many in a row are looked for */
#define BLOCK_PAGES (1ul << BLOCK_ORDER)
#define POOL_PAGES  (POOL_BLOCKS * BLOCK_PAGES)

static unsigned long pool_pfn; /* 0: there is no pool */
static DECLARE_BITMAP(pool_used, POOL_PAGES);
static DEFINE_MUTEX(pool_lock);

struct rig_buffer {
	unsigned long first, pages; /* in the pool */
};

static int compare(const void *a, const void *b)
{
	unsigned long left = *(const unsigned long *)a, right = *(const unsigned long *)b;

	return left < right ? -1 : left > right;
}

/* The index of the first of POOL_BLOCKS neighbours, or -1. */
static int find_row(const unsigned long *pfns, unsigned int count)
{
	unsigned int length = 1;

	for (unsigned int i = 1; i < count; i++) {
		length = pfns[i] == pfns[i - 1] + BLOCK_PAGES ? length + 1 : 1;
		if (length == POOL_BLOCKS)
			return (int)(i + 1 - POOL_BLOCKS);
	}
	return -1;
}

static int make_pool(void)
{
	unsigned long *pfns = kcalloc(MOST_BLOCKS, sizeof(*pfns), GFP_KERNEL);
	unsigned int count = 0;
	struct page *page;
	int row;

	if (!pfns)
		return -ENOMEM;
	while (count < MOST_BLOCKS && (page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, BLOCK_ORDER)))
		pfns[count++] = page_to_pfn(page);
	sort(pfns, count, sizeof(*pfns), compare, NULL);
	row = find_row(pfns, count);
	for (unsigned int i = 0; i < count; i++)
		if (row < 0 || (int)i < row || i >= row + POOL_BLOCKS)
			__free_pages(pfn_to_page(pfns[i]), BLOCK_ORDER);
	if (row >= 0)
		pool_pfn = pfns[row];
	kfree(pfns);
	return row < 0 ? -ENOMEM : 0;
}

static void free_pool(void)
{
	for (unsigned int i = 0; pool_pfn && i < POOL_BLOCKS; i++)
		__free_pages(pfn_to_page(pool_pfn + i * BLOCK_PAGES), BLOCK_ORDER);
}

static void free_buffer(struct rig_buffer *buffer)
{
	mutex_lock(&pool_lock);
	bitmap_clear(pool_used, buffer->first, buffer->pages);
	mutex_unlock(&pool_lock);
	kfree(buffer);
}

static struct rig_buffer *new_buffer(size_t len)
{
	struct rig_buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);

	if (!buffer)
		return NULL;
	buffer->pages = PAGE_ALIGN(len) >> PAGE_SHIFT;
	mutex_lock(&pool_lock);
	buffer->first = bitmap_find_next_zero_area(pool_used, POOL_PAGES, 0, buffer->pages, 0);
	if (buffer->first < POOL_PAGES)
		bitmap_set(pool_used, buffer->first, buffer->pages);
	mutex_unlock(&pool_lock);
	if (buffer->first >= POOL_PAGES) {
		kfree(buffer);
		return NULL;
	}
	memset(page_address(pfn_to_page(pool_pfn + buffer->first)), 0, buffer->pages << PAGE_SHIFT);
	return buffer;
}

static struct sg_table *map_buffer(struct dma_buf_attachment *attachment,
				   enum dma_data_direction direction)
{
	struct rig_buffer *buffer = attachment->dmabuf->priv;
	struct sg_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	int res;

	if (!table)
		return ERR_PTR(-ENOMEM);
	res = sg_alloc_table(table, 1, GFP_KERNEL);
	if (res)
		goto free_table;
	sg_set_page(table->sgl, pfn_to_page(pool_pfn + buffer->first), buffer->pages << PAGE_SHIFT,
		    0);
	res = dma_map_sgtable(attachment->dev, table, direction, 0);
	if (!res)
		return table;
	sg_free_table(table);
free_table:
	kfree(table);
	return ERR_PTR(res);
}

static void unmap_buffer(struct dma_buf_attachment *attachment, struct sg_table *table,
			 enum dma_data_direction direction)
{
	dma_unmap_sgtable(attachment->dev, table, direction, 0);
	sg_free_table(table);
	kfree(table);
}

static int mmap_buffer(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	struct rig_buffer *buffer = dmabuf->priv;

	return remap_pfn_range(vma, vma->vm_start, pool_pfn + buffer->first + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static void release_buffer(struct dma_buf *dmabuf)
{
	free_buffer(dmabuf->priv);
}

static const struct dma_buf_ops buffer_ops = {
	.map_dma_buf = map_buffer,
	.unmap_dma_buf = unmap_buffer,
	.mmap = mmap_buffer,
	.release = release_buffer,
};

static int export(size_t len, u32 flags)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct rig_buffer *buffer = new_buffer(len);
	struct dma_buf *dmabuf;
	int fd;

	if (!buffer)
		return -ENOMEM;
	info.ops = &buffer_ops;
	info.size = buffer->pages << PAGE_SHIFT;
	info.flags = flags;
	info.priv = buffer;
	dmabuf = dma_buf_export(&info);
	if (IS_ERR(dmabuf)) {
		free_buffer(buffer);
		return PTR_ERR(dmabuf);
	}
	fd = dma_buf_fd(dmabuf, flags);
	if (fd < 0)
		dma_buf_put(dmabuf);
	return fd;
}

static long heap_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct dma_heap_allocation_data data;
	int fd;

	if (cmd != DMA_HEAP_IOCTL_ALLOC)
		return -ENOTTY;
	if (copy_from_user(&data, (void __user *)arg, sizeof(data)))
		return -EFAULT;
	if (data.fd || data.heap_flags || data.fd_flags & ~(O_CLOEXEC | O_ACCMODE) || !data.len)
		return -EINVAL;
	if (data.len > POOL_PAGES << PAGE_SHIFT)
		return -ENOMEM;
	fd = export(data.len, data.fd_flags);
	if (fd < 0)
		return fd;
	data.fd = fd;
	return copy_to_user((void __user *)arg, &data, sizeof(data)) ? -EFAULT : 0;
}

static const struct file_operations heap_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = heap_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice heap = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "frpc-rig-heap",
	.nodename = "dma_heap/rig",
	.fops = &heap_fops,
};

int rig_heap_init(void)
{
	int res = make_pool();

	if (res)
		return res;
	res = misc_register(&heap);
	if (res)
		free_pool();
	return res;
}

void rig_heap_exit(void)
{
	misc_deregister(&heap);
	free_pool();
}

MODULE_IMPORT_NS(DMA_BUF);
