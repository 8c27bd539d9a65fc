/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a fuzz target on every file of the folders named: how a corpus is replayed without a fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	FILE *file = fopen(path, "rbe");
	uint8_t *bytes;
	long size;

	if (!file)
		return 1;
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	bytes = malloc(size > 0 ? (size_t)size : 1);
	if (!bytes || size < 0 || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
		fclose(file);
		free(bytes);
		return 1;
	}
	fclose(file);
	LLVMFuzzerTestOneInput(bytes, (size_t)size);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	int inputs = 0;

	for (int i = 1; i < argc; i++) {
		struct dirent *entry;
		DIR *folder = opendir(argv[i]);

		while (folder && (entry = readdir(folder))) {
			char path[1024];

			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
			if (replay(path)) {
				fprintf(stderr, "%s cannot be read\n", path);
				return 1;
			}
			inputs++;
		}
		if (folder)
			closedir(folder);
	}
	printf("%d inputs replayed\n", inputs);
	return inputs ? 0 : 1;
}
