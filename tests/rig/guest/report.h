/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of the guest that the runner wants, as lines of text. */
#ifndef RIG_REPORT_H
#define RIG_REPORT_H

/* Says the bytes of the file @path in base64, as lines "@rig file NAME WORD". 0 or -errno. */
int report_file(const char *name, const char *path);

#endif
