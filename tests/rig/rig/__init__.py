# SPDX-License-Identifier: BSD-3-Clause
"""The rig: the unmodified mainline fastrpc driver in a guest, our DSP behind it, our tests before it."""
