// SPDX-License-Identifier: GPL-2.0
/* The device-tree node around a DSP's. Unbinding it takes the DSP down: a subsystem restart. */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "rig.h"

struct rig_board {
	struct rig_dsp *dsp;
	struct device *dev;
};

static void close_board(void *context)
{
	struct rig_board *board = context;

	/* Nor can a response be on its way into the driver any more when it is removed. */
	rig_node_halt(board->dsp);
	rig_channel_close(board->dsp, board->dev);
	rig_node_unregister(board->dsp);
	rig_dsp_put(board->dsp);
}

static int open_board(struct rig_board *board, struct device_node *of_node)
{
	const char *label;
	int res;

	res = of_property_read_string(of_node, "label", &label);
	if (res)
		return res;
	board->dsp = rig_dsp_new(label);
	if (!board->dsp)
		return -ENOMEM;
	board->dsp->translated = !of_property_read_u32(of_node, "libfastrpc,first-stream",
						       &board->dsp->first_stream);
	res = rig_node_register(board->dsp, board->dev);
	if (res)
		goto put_dsp;
	res = rig_channel_open(board->dsp, board->dev, of_node);
	if (res)
		goto unregister_node;
	return devm_add_action_or_reset(board->dev, close_board, board);

unregister_node:
	rig_node_halt(board->dsp);
	rig_node_unregister(board->dsp);
put_dsp:
	rig_dsp_put(board->dsp);
	return res;
}

static int board_probe(struct platform_device *pdev)
{
	struct device_node *child = of_get_compatible_child(pdev->dev.of_node, "qcom,fastrpc");
	struct rig_board *board = devm_kzalloc(&pdev->dev, sizeof(*board), GFP_KERNEL);
	int res = -ENOMEM;

	if (!child)
		return -ENODEV;
	if (board) {
		board->dev = &pdev->dev;
		res = open_board(board, child);
	}
	of_node_put(child);
	return res;
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
	int res = rig_heap_init();

	if (res)
		return res;
	res = rig_smmu_init();
	if (res)
		goto exit_heap;
	res = platform_driver_register(&board_driver);
	if (!res)
		return 0;
	rig_smmu_exit();
exit_heap:
	rig_heap_exit();
	return res;
}
module_init(rig_init);

static void __exit rig_exit(void)
{
	platform_driver_unregister(&board_driver);
	rig_smmu_exit();
	rig_heap_exit();
}
module_exit(rig_exit);

MODULE_DESCRIPTION("libfastrpc's test rig: DSPs that are processes");
MODULE_LICENSE("GPL");
