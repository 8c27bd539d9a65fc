/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A board whose DSPs are processes of the guest. The unmodified fastrpc driver sees an rpmsg channel
 * for each DSP of the device tree; the process that plays the DSP sees a character device:
 *
 *   read()   one message of the driver, as it was sent; 0 once the channel is down
 *   write()  one response; fails with the error that the driver's callback returned
 *   poll()   readable: a message is there; hung up: the channel is down
 *   mmap()   at offset A: the memory that address A of a message means, as the DSP would see it
 */
#ifndef FRPC_RIG_H
#define FRPC_RIG_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/rpmsg.h>
#include <linux/wait.h>

#define RIG_LARGEST_MESSAGE 256

struct rig_message {
	struct list_head link;
	size_t len;
	u8 bytes[];
};

/* One DSP. Lives until the board has let go of it and the last file on its node is closed. */
struct rig_dsp {
	struct kref refs;
	const char *label;
	struct miscdevice node;
	char node_name[32];
	bool translated;  /* its memory is behind the SMMU */
	u32 first_stream; /* of the stream ids that its sessions have there, plus session id */
	struct rpmsg_device *rpdev; /* from opening the channel to closing it */

	struct mutex lock; /* everything below; held while the driver's callback runs */
	bool down, open;
	struct rpmsg_endpoint *ept;
	struct list_head messages;
	wait_queue_head_t wait;
	u64 sent, answered, refused; /* messages, responses, responses that the driver refused */
};

struct rig_dsp *rig_dsp_new(const char *label);
void rig_dsp_put(struct rig_dsp *dsp);

/* node.c: the DSP's side. */
int rig_node_register(struct rig_dsp *dsp, struct device *parent);
void rig_node_unregister(struct rig_dsp *dsp);
/* No message and no answer passes any more; returns when nobody plays the DSP. */
void rig_node_halt(struct rig_dsp *dsp);

/* channel.c: the driver's side. rig_channel_close() returns when the driver has let go. */
int rig_channel_open(struct rig_dsp *dsp, struct device *parent, struct device_node *of_node);
void rig_channel_close(struct rig_dsp *dsp, struct device *parent);

/* smmu.c: the page that @stream sees at @iova. False: none. */
#ifdef CONFIG_IOMMU_API
bool rig_smmu_translate(u32 stream, u64 iova, unsigned long *ret_pfn);
int rig_smmu_init(void);
void rig_smmu_exit(void);
#else
static inline bool rig_smmu_translate(u32 stream, u64 iova, unsigned long *ret_pfn)
{
	return false;
}

static inline int rig_smmu_init(void)
{
	return 0;
}

static inline void rig_smmu_exit(void)
{
}
#endif

/* heap.c: dma-bufs in one piece, on /dev/dma_heap/rig. */
#ifdef CONFIG_UML
int rig_heap_init(void);
void rig_heap_exit(void);
#else
static inline int rig_heap_init(void)
{
	return 0;
}

static inline void rig_heap_exit(void)
{
}
#endif

#endif
