# SPDX-License-Identifier: BSD-3-Clause
"""The device tree of the board: what the fastrpc driver finds its DSPs and their sessions by."""

SESSIONS = 14  # the most that the driver takes for one DSP


def domains_of(version):
    """6.1 does not know the label cdsp1, and would refuse the node."""
    return ["adsp", "mdsp", "sdsp", "cdsp"] + ([] if version == "6.1" else ["cdsp1"])


def dsp_text(label, translated, first_stream):
    """One DSP: a board of its own, so that it can go down and come up alone."""
    text = f'\tfrpc-rig-{label} {{\n\t\tcompatible = "libfastrpc,rig";\n\t\tdsp {{\n'
    text += f'\t\t\tcompatible = "qcom,fastrpc";\n\t\t\tlabel = "{label}";\n'
    if translated:
        text += f"\t\t\tlibfastrpc,first-stream = <{first_stream}>;\n"
    text += "\t\t\t#address-cells = <1>;\n\t\t\t#size-cells = <0>;\n"
    # Sessions are handed out in the order of these nodes.
    for number in range(1, SESSIONS + 1):
        iommus = f"iommus = <&frpc_smmu {first_stream + number}>; " if translated else ""
        text += (
            f'\t\t\tcompute-cb@{number} {{ compatible = "qcom,fastrpc-compute-cb"; '
            f"reg = <{number}>; {iommus}dma-coherent; }};\n"
        )
    return text + "\t\t};\n\t};\n"


def nodes_text(version, translated):
    """Our nodes, to stand in a root node."""
    text = ""
    if translated:
        text = '\tfrpc_smmu: frpc-smmu {\n\t\tcompatible = "libfastrpc,smmu";\n'
        text += "\t\t#iommu-cells = <1>;\n\t};\n"
    for index, label in enumerate(domains_of(version)):
        text += dsp_text(label, translated, index * 16)
    return text


def tree_text(version):
    """A whole tree, for a machine that has none of its own."""
    return (
        "/dts-v1/;\n/ {\n\t#address-cells = <2>;\n\t#size-cells = <2>;\n"
        '\tcompatible = "libfastrpc,rig-machine";\n' + nodes_text(version, False) + "};\n"
    )


def extended_text(machine_tree, version, translated):
    """The tree of a machine, as text, with our nodes at the end of its root."""
    head, end, _ = machine_tree.rpartition("};")
    return head + nodes_text(version, translated) + end + "\n"
