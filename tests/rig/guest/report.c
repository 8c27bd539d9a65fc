/* SPDX-License-Identifier: BSD-3-Clause */
#include "report.h"

#include <errno.h>
#include <stdio.h>

#define LINE_BYTES 57 /* 76 letters */

/* Four letters for up to three bytes. */
static void encode(const unsigned char *bytes, size_t len, char *letters)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int word = (unsigned int)bytes[0] << 16;

	word |= len > 1 ? (unsigned int)bytes[1] << 8 : 0;
	word |= len > 2 ? bytes[2] : 0;
	for (size_t i = 0; i < 4; i++)
		letters[i] = i > len ? '=' : alphabet[word >> (18 - 6 * i) & 63];
}

int report_file(const char *name, const char *path)
{
	unsigned char bytes[LINE_BYTES];
	char letters[LINE_BYTES / 3 * 4 + 1];
	FILE *file = fopen(path, "re");
	size_t len;
	int res;

	if (!file)
		return -errno;
	while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0) {
		size_t count = 0;

		for (size_t at = 0; at < len; at += 3, count += 4)
			encode(bytes + at, len - at, letters + count);
		letters[count] = 0;
		printf("@rig file %s %s\n", name, letters);
	}
	res = ferror(file) ? -EIO : 0;
	fclose(file);
	fflush(stdout);
	return res;
}
