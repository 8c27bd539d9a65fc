// SPDX-License-Identifier: GPL-2.0
/* The device-tree node of the board: one DSP for each child. Unbinding it is a subsystem restart. */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "rig.h"

struct rig_slot {
	struct rig_dsp *dsp;
	struct device *board;
	u32 number;
};

static void close_slot(void *context)
{
	struct rig_slot *slot = context;

	rig_channel_close(slot->dsp, slot->board, slot->number);
	rig_node_unregister(slot->dsp);
	rig_dsp_put(slot->dsp);
}

static int open_slot(struct device *board, struct device_node *of_node, u32 number)
{
	struct rig_slot *slot = devm_kzalloc(board, sizeof(*slot), GFP_KERNEL);
	const char *label;
	int res;

	if (!slot)
		return -ENOMEM;
	res = of_property_read_string(of_node, "label", &label);
	if (res)
		return res;
	slot->board = board;
	slot->number = number;
	slot->dsp = rig_dsp_new(label);
	if (!slot->dsp)
		return -ENOMEM;
	slot->dsp->translated = of_property_read_bool(board->of_node, "#iommu-cells");
	of_property_read_u32(of_node, "libfastrpc,first-stream", &slot->dsp->first_stream);
	res = rig_node_register(slot->dsp, board);
	if (res)
		goto put_dsp;
	res = rig_channel_open(slot->dsp, board, of_node, number);
	if (res)
		goto unregister_node;
	return devm_add_action_or_reset(board, close_slot, slot);

unregister_node:
	rig_node_unregister(slot->dsp);
put_dsp:
	rig_dsp_put(slot->dsp);
	return res;
}

static int board_probe(struct platform_device *pdev)
{
	struct device_node *child;
	u32 number = 1;
	int res;

	for_each_child_of_node(pdev->dev.of_node, child) {
		if (!of_device_is_compatible(child, "qcom,fastrpc"))
			continue;
		res = open_slot(&pdev->dev, child, number++);
		if (res) {
			of_node_put(child);
			return res;
		}
	}
	return 0;
}

static const struct of_device_id board_match[] = {
	{.compatible = "libfastrpc,rig"},
	{},
};
MODULE_DEVICE_TABLE(of, board_match);

static struct platform_driver board_driver = {
	.probe = board_probe,
	.driver = {.name = "frpc-rig", .of_match_table = board_match},
};

/* Failures on demand, so that whoever watches the guest can be tested. */
static int set_failure(const char *value, const struct kernel_param *param)
{
	if (sysfs_streq(value, "oops")) {
		*(volatile int *)8 = 0;
		return 0;
	}
	if (sysfs_streq(value, "hang")) {
		local_irq_disable();
		for (;;)
			cpu_relax();
	}
	return -EINVAL;
}

static const struct kernel_param_ops failure_ops = {.set = set_failure};
module_param_cb(fail, &failure_ops, NULL, 0200);
MODULE_PARM_DESC(fail, "oops or hang: what the kernel does at once");

static int __init rig_init(void)
{
	int res = rig_smmu_init();

	if (res)
		return res;
	res = platform_driver_register(&board_driver);
	if (res)
		rig_smmu_exit();
	return res;
}
module_init(rig_init);

static void __exit rig_exit(void)
{
	platform_driver_unregister(&board_driver);
	rig_smmu_exit();
}
module_exit(rig_exit);

MODULE_DESCRIPTION("libfastrpc's test rig: DSPs that are processes");
MODULE_LICENSE("GPL");
