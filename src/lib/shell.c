/* SPDX-License-Identifier: BSD-3-Clause */
#include "shell.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

#define LARGEST (2u << 20) /* the drivers take no larger one */

static int read_all(int fd, unsigned char *bytes, size_t len)
{
	while (len) {
		ssize_t done = read(fd, bytes, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		bytes += done;
		len -= (size_t)done;
	}
	return 0;
}

int frpc_shell_load(struct frpc_transport *transport, uint32_t domain, bool unsigned_pd,
		    const char *data_dir, struct frpc_shell *ret_shell, char *tried,
		    size_t triedlen)
{
	struct stat st;
	char name[48];
	int fd, res;

	memset(ret_shell, 0, sizeof(*ret_shell));
	snprintf(name, sizeof(name), "fastrpc_shell_%s%u", unsigned_pd ? "unsigned_" : "", domain);
	res = frpc_path_open(domain, name, data_dir, &fd, tried, triedlen);
	if (res)
		return res;
	res = fstat(fd, &st) ? -errno : 0;
	if (!res && (st.st_size <= 0 || (uint64_t)st.st_size >= LARGEST))
		res = -EFBIG;
	if (!res)
		res = frpc_buffer_alloc(transport, (uint64_t)st.st_size, &ret_shell->buffer);
	if (!res) {
		ret_shell->length = (uint32_t)st.st_size;
		res = read_all(fd, ret_shell->buffer.bytes, ret_shell->length);
		if (res)
			frpc_shell_free(ret_shell);
	}
	close(fd);
	return res;
}

void frpc_shell_free(struct frpc_shell *shell)
{
	frpc_buffer_free(&shell->buffer);
	shell->length = 0;
}
