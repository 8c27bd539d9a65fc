// SPDX-License-Identifier: GPL-2.0
/* The DSP's side: a character device that one process opens. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "rig.h"

static void free_messages(struct rig_dsp *dsp)
{
	struct rig_message *message, *next;

	list_for_each_entry_safe(message, next, &dsp->messages, link)
	{
		list_del(&message->link);
		kfree(message);
	}
}

static void free_dsp(struct kref *refs)
{
	struct rig_dsp *dsp = container_of(refs, struct rig_dsp, refs);

	free_messages(dsp);
	mutex_destroy(&dsp->lock);
	kfree(dsp);
}

struct rig_dsp *rig_dsp_new(const char *label)
{
	struct rig_dsp *dsp = kzalloc(sizeof(*dsp), GFP_KERNEL);

	if (!dsp)
		return NULL;
	kref_init(&dsp->refs);
	dsp->label = label;
	mutex_init(&dsp->lock);
	INIT_LIST_HEAD(&dsp->messages);
	init_waitqueue_head(&dsp->wait);
	return dsp;
}

void rig_dsp_put(struct rig_dsp *dsp)
{
	kref_put(&dsp->refs, free_dsp);
}

static int node_open(struct inode *inode, struct file *file)
{
	struct rig_dsp *dsp = container_of(file->private_data, struct rig_dsp, node);
	int res = 0;

	mutex_lock(&dsp->lock);
	if (dsp->down)
		res = -ENODEV; /* there is a new one in a moment */
	else if (dsp->open)
		res = -EBUSY;
	else
		dsp->open = true;
	mutex_unlock(&dsp->lock);
	if (res)
		return res;
	kref_get(&dsp->refs);
	file->private_data = dsp;
	return 0;
}

static int node_release(struct inode *inode, struct file *file)
{
	struct rig_dsp *dsp = file->private_data;

	mutex_lock(&dsp->lock);
	dsp->open = false;
	mutex_unlock(&dsp->lock);
	wake_up(&dsp->wait);
	rig_dsp_put(dsp);
	return 0;
}

static bool is_closed(struct rig_dsp *dsp)
{
	bool closed;

	mutex_lock(&dsp->lock);
	closed = !dsp->open;
	mutex_unlock(&dsp->lock);
	return closed;
}

/*
 * A DSP stands still before the driver frees the memory that it works on: whoever plays it lets go of
 * the node, and with it of all memory. A skel cannot be stopped: one that goes on is not waited for any longer.
 */
#define HALT_SECONDS 2

void rig_node_halt(struct rig_dsp *dsp)
{
	mutex_lock(&dsp->lock);
	dsp->down = true;
	mutex_unlock(&dsp->lock);
	wake_up(&dsp->wait);
	if (!wait_event_timeout(dsp->wait, is_closed(dsp), HALT_SECONDS * HZ))
		pr_info("frpc_rig: %s does not stand still\n", dsp->label);
}

static bool is_ready(struct rig_dsp *dsp)
{
	bool ready;

	mutex_lock(&dsp->lock);
	ready = dsp->down || !list_empty(&dsp->messages);
	mutex_unlock(&dsp->lock);
	return ready;
}

static ssize_t node_read(struct file *file, char __user *to, size_t room, loff_t *at)
{
	struct rig_dsp *dsp = file->private_data;
	struct rig_message *message;
	ssize_t res;

	do {
		if (!(file->f_flags & O_NONBLOCK) &&
		    wait_event_interruptible(dsp->wait, is_ready(dsp)))
			return -ERESTARTSYS;
		mutex_lock(&dsp->lock);
		message = dsp->down ? NULL
				    : list_first_entry_or_null(&dsp->messages, struct rig_message,
							       link);
		if (message && message->len <= room)
			list_del(&message->link);
		res = dsp->down ? 0 : message ? 1 : -EAGAIN;
		mutex_unlock(&dsp->lock);
	} while (res == -EAGAIN && !(file->f_flags & O_NONBLOCK));
	if (res <= 0)
		return res;
	if (message->len > room)
		return -EMSGSIZE;
	res = copy_to_user(to, message->bytes, message->len) ? -EFAULT : message->len;
	kfree(message);
	return res;
}

static ssize_t node_write(struct file *file, const char __user *from, size_t len, loff_t *at)
{
	struct rig_dsp *dsp = file->private_data;
	u8 bytes[RIG_LARGEST_MESSAGE];
	int res;

	if (len > sizeof(bytes))
		return -EMSGSIZE;
	if (copy_from_user(bytes, from, len))
		return -EFAULT;
	mutex_lock(&dsp->lock);
	if (dsp->down || !dsp->ept || !dsp->ept->cb) {
		mutex_unlock(&dsp->lock);
		return -ENODEV;
	}
	res = dsp->ept->cb(dsp->ept->rpdev, bytes, len, dsp->ept->priv, dsp->ept->addr);
	if (res)
		dsp->refused++;
	else
		dsp->answered++;
	mutex_unlock(&dsp->lock);
	return res ? res : len;
}

static __poll_t node_poll(struct file *file, poll_table *table)
{
	struct rig_dsp *dsp = file->private_data;
	__poll_t events = EPOLLOUT;

	poll_wait(file, &dsp->wait, table);
	mutex_lock(&dsp->lock);
	if (dsp->down)
		events |= EPOLLHUP | EPOLLIN;
	else if (!list_empty(&dsp->messages))
		events |= EPOLLIN;
	mutex_unlock(&dsp->lock);
	return events;
}

/* What the DSP would see there: through the SMMU, or else any memory of the machine. */
static bool find_page(struct rig_dsp *dsp, u64 address, unsigned long *ret_pfn)
{
	if (dsp->translated)
		return rig_smmu_translate(dsp->first_stream + (address >> 32), address & U32_MAX,
					  ret_pfn);
	*ret_pfn = (address & U32_MAX) >> PAGE_SHIFT;
	return pfn_valid(*ret_pfn);
}

static int node_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct rig_dsp *dsp = file->private_data;
	u64 address = (u64)vma->vm_pgoff << PAGE_SHIFT;
	unsigned long pfn;
	int res = 0;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	for (unsigned long at = vma->vm_start; at < vma->vm_end && !res; at += PAGE_SIZE) {
		if (!find_page(dsp, address, &pfn)) {
			pr_info("frpc_rig: %s: SMMU fault at 0x%llx\n", dsp->label, address);
			return -EFAULT;
		}
		res = remap_pfn_range(vma, at, pfn, PAGE_SIZE, vma->vm_page_prot);
		address += PAGE_SIZE;
	}
	return res;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.release = node_release,
	.read = node_read,
	.write = node_write,
	.poll = node_poll,
	.mmap = node_mmap,
	.llseek = noop_llseek,
};

#define COUNTER(name)                                                                              \
	static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *page)  \
	{                                                                                          \
		struct miscdevice *node = dev_get_drvdata(dev);                                    \
                                                                                                   \
		return sysfs_emit(page, "%llu\n", container_of(node, struct rig_dsp, node)->name); \
	}                                                                                          \
	static DEVICE_ATTR_RO(name)

COUNTER(sent);
COUNTER(answered);
COUNTER(refused);

static struct attribute *node_attrs[] = {
	&dev_attr_sent.attr,
	&dev_attr_answered.attr,
	&dev_attr_refused.attr,
	NULL,
};
ATTRIBUTE_GROUPS(node);

int rig_node_register(struct rig_dsp *dsp, struct device *parent)
{
	snprintf(dsp->node_name, sizeof(dsp->node_name), "frpc-rig-%s", dsp->label);
	dsp->node = (struct miscdevice){
		.minor = MISC_DYNAMIC_MINOR,
		.name = dsp->node_name,
		.fops = &node_fops,
		.parent = parent,
		.groups = node_groups,
	};
	return misc_register(&dsp->node);
}

void rig_node_unregister(struct rig_dsp *dsp)
{
	misc_deregister(&dsp->node);
}
