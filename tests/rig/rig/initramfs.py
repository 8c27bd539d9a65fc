# SPDX-License-Identifier: BSD-3-Clause
"""The file system of a guest that cannot see the host's: an archive in cpio's "newc" form."""

import os
import stat


class Archive:
    """What is added appears in the guest at the same path, unless another is said."""

    def __init__(self):
        self.entries = {}  # guest path: (mode, bytes, device numbers)

    def add_bytes(self, path, data, mode=stat.S_IFREG | 0o755, device=(0, 0)):
        self._add_folders(os.path.dirname(path))
        self.entries[path] = (mode, data, device)

    def add(self, host, path=""):
        """A file, or a link as a link."""
        if os.path.islink(host):
            self.add_bytes(path or host, os.readlink(host).encode(), stat.S_IFLNK | 0o777)
            return
        with open(host, "rb") as file:
            self.add_bytes(path or host, file.read(),
                           stat.S_IFREG | stat.S_IMODE(os.stat(host).st_mode))

    def _add_folders(self, path):
        while path not in ("", "/"):
            self.entries.setdefault(path, (stat.S_IFDIR | 0o755, b"", (0, 0)))
            path = os.path.dirname(path)

    def bytes(self):
        parts = [
            _entry(number, path.lstrip("/"), *self.entries[path])
            for number, path in enumerate(sorted(self.entries), 1)
        ]
        return b"".join(parts) + _entry(0, "TRAILER!!!", 0, b"", (0, 0))


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


def _entry(number, name, mode, data, device):
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    head = "070701" + "".join(f"{value:08x}" for value in fields)
    return _padded(head.encode() + name.encode() + b"\0") + _padded(data)
