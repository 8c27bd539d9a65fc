# SPDX-License-Identifier: BSD-3-Clause
"""The device tree of the board: what the fastrpc driver finds its DSPs and their sessions by."""

SESSIONS = 14  # the most that the driver takes for one DSP
NODE = "frpc-rig"


def domains_of(version):
    """6.1 does not know the label cdsp1, and would refuse the node."""
    return ["adsp", "mdsp", "sdsp", "cdsp"] + ([] if version == "6.1" else ["cdsp1"])


def session_text(number, stream, translated):
    """One context bank. Sessions are handed out in the order of these nodes."""
    iommus = f"iommus = <&frpc_smmu {stream}>; " if translated else ""
    return (
        f'\t\t\tcompute-cb@{number} {{ compatible = "qcom,fastrpc-compute-cb"; '
        f"reg = <{number}>; {iommus}dma-coherent; }};\n"
    )


def dsp_text(label, translated, first_stream):
    text = f'\t\tdsp-{label} {{\n\t\t\tcompatible = "qcom,fastrpc";\n\t\t\tlabel = "{label}";\n'
    if translated:
        text += f"\t\t\tlibfastrpc,first-stream = <{first_stream}>;\n"
    text += "\t\t\t#address-cells = <1>;\n\t\t\t#size-cells = <0>;\n"
    for number in range(1, SESSIONS + 1):
        text += session_text(number, first_stream + number, translated)
    return text + "\t\t};\n"


def node_text(version, translated):
    """The board's node, to stand in a root node."""
    text = f'\t{NODE} {{\n\t\tcompatible = "libfastrpc,rig";\n'
    if translated:
        text = "\tfrpc_smmu: " + text.lstrip() + "\t\t#iommu-cells = <1>;\n"
    for index, label in enumerate(domains_of(version)):
        text += dsp_text(label, translated, index * 16)
    return text + "\t};\n"


def tree_text(version):
    """A whole tree, for a machine that has none of its own."""
    return (
        "/dts-v1/;\n/ {\n\t#address-cells = <2>;\n\t#size-cells = <2>;\n"
        '\tcompatible = "libfastrpc,rig-machine";\n' + node_text(version, False) + "};\n"
    )
