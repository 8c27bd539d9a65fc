/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DSP that answers wrongly, so that the rig can be seen to notice: "wrong_dsp NODE status" fails
 * every call with 39, "stranger" answers calls that nobody made, "silence" answers none, "death" ends
 * with exit 3.
 */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <fcntl.h>

#define CTX_AT 8 /* in a message: after pid and tid */

struct response {
	uint64_t ctx;
	int32_t retval, reserved;
};

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDWR) : -1;
	unsigned char message[256];

	if (fd < 0)
		return 2;
	if (!strcmp(argv[2], "death"))
		return 3;
	while (!strcmp(argv[2], "silence"))
		pause();
	while (read(fd, message, sizeof(message)) >= CTX_AT + 8) {
		struct response response = {.retval = 39};

		if (!strcmp(argv[2], "status"))
			memcpy(&response.ctx, message + CTX_AT, sizeof(response.ctx));
		else
			response.ctx = 0xff0;
		if (write(fd, &response, sizeof(response)) < 0)
			continue; /* refused, as it should be */
	}
	return 0;
}
