// SPDX-License-Identifier: GPL-2.0
/* The driver's side of a DSP: an rpmsg device with one endpoint. */
#include <linux/of.h>
#include <linux/slab.h>

#include <rpmsg_internal.h>

#include "rig.h"

#define CHANNEL_NAME "fastrpcglink-apps-dsp"
#define CHANNEL_ADDR 1

struct rig_rpdev {
	struct rpmsg_device rpdev;
	struct rig_dsp *dsp; /* one reference */
};

static struct rig_dsp *dsp_of(struct rpmsg_device *rpdev)
{
	return container_of(rpdev, struct rig_rpdev, rpdev)->dsp;
}

static void free_ept(struct kref *refs)
{
	kfree(container_of(refs, struct rpmsg_endpoint, refcount));
}

static void destroy_ept(struct rpmsg_endpoint *ept)
{
	struct rig_dsp *dsp = dsp_of(ept->rpdev);

	mutex_lock(&dsp->lock);
	if (dsp->ept == ept)
		dsp->ept = NULL;
	mutex_unlock(&dsp->lock);
	kref_put(&ept->refcount, free_ept);
}

static int send(struct rpmsg_endpoint *ept, void *data, int len)
{
	struct rig_dsp *dsp = dsp_of(ept->rpdev);
	struct rig_message *message;

	if (len < 0 || len > RIG_LARGEST_MESSAGE)
		return -EMSGSIZE;
	message = kmalloc(sizeof(*message) + len, GFP_KERNEL);
	if (!message)
		return -ENOMEM;
	message->len = len;
	memcpy(message->bytes, data, len);
	mutex_lock(&dsp->lock);
	if (dsp->down) {
		mutex_unlock(&dsp->lock);
		kfree(message);
		return -ENODEV;
	}
	list_add_tail(&message->link, &dsp->messages);
	dsp->sent++;
	mutex_unlock(&dsp->lock);
	wake_up_interruptible(&dsp->wait);
	return 0;
}

static const struct rpmsg_endpoint_ops ept_ops = {
	.destroy_ept = destroy_ept,
	.send = send,
	.trysend = send,
};

static struct rpmsg_endpoint *create_ept(struct rpmsg_device *rpdev, rpmsg_rx_cb_t cb, void *priv,
					 struct rpmsg_channel_info chinfo)
{
	struct rig_dsp *dsp = dsp_of(rpdev);
	struct rpmsg_endpoint *ept = kzalloc(sizeof(*ept), GFP_KERNEL);

	if (!ept)
		return NULL;
	kref_init(&ept->refcount);
	mutex_init(&ept->cb_lock);
	ept->rpdev = rpdev;
	ept->cb = cb;
	ept->priv = priv;
	ept->addr = chinfo.src;
	ept->ops = &ept_ops;
	mutex_lock(&dsp->lock);
	dsp->ept = ept;
	mutex_unlock(&dsp->lock);
	return ept;
}

static const struct rpmsg_device_ops rpdev_ops = {
	.create_ept = create_ept,
};

static void release_rpdev(struct device *dev)
{
	struct rig_rpdev *rig = container_of(dev, struct rig_rpdev, rpdev.dev);

	of_node_put(dev->of_node);
	rig_dsp_put(rig->dsp);
	kfree(rig);
}

int rig_channel_open(struct rig_dsp *dsp, struct device *parent, struct device_node *of_node)
{
	struct rig_rpdev *rig = kzalloc(sizeof(*rig), GFP_KERNEL);

	if (!rig)
		return -ENOMEM;
	kref_get(&dsp->refs);
	rig->dsp = dsp;
	rig->rpdev.ops = &rpdev_ops;
	rig->rpdev.src = rig->rpdev.dst = CHANNEL_ADDR;
	strscpy(rig->rpdev.id.name, CHANNEL_NAME, sizeof(rig->rpdev.id.name));
	rig->rpdev.dev.parent = parent;
	rig->rpdev.dev.of_node = of_node_get(of_node);
	rig->rpdev.dev.release = release_rpdev;
	dsp->rpdev = &rig->rpdev;
	return rpmsg_register_device(&rig->rpdev); /* has put the device when it fails */
}

/*
 * The driver removes its sessions' devices with the channel, and then uses them for the memory of files
 * that are open still. On a phone that goes well as long as nobody else gets the freed memory; here it
 * is never freed.
 */
static int keep_session(struct device *session, void *context)
{
	get_device(session);
	return 0;
}

void rig_channel_close(struct rig_dsp *dsp, struct device *parent)
{
	struct rpmsg_channel_info chinfo = {
		.name = CHANNEL_NAME, .src = CHANNEL_ADDR, .dst = CHANNEL_ADDR};

	device_for_each_child(&dsp->rpdev->dev, NULL, keep_session);
	rpmsg_unregister_device(parent, &chinfo);
}
