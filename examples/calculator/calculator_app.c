/* SPDX-License-Identifier: BSD-3-Clause */
/* An app that has its sums done by the DSP: calculator [-d DOMAIN] [-n COUNT] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "AEEStdErr.h"
#include "calculator.h"
#include "fastrpc.h"
#include "rpcmem.h"

#define TIMED_CALLS 2000

static int failures;

static void check(int ok, const char *what)
{
	if (!ok) {
		printf("  WRONG: %s\n", what);
		failures++;
	}
}

static int failed(const char *what, int code)
{
	printf("%s failed: %s\n  %s\n", what, frpc_strerror(code), frpc_last_error());
	failures++;
	return code;
}

static double microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void sum_and_max(remote_handle64 h, const int32 *numbers, int count)
{
	int64 sum = 0, expected = (int64)count * (count - 1) / 2;
	int32 max = 0;
	double begin;
	int res;

	res = calculator_sum(h, numbers, count, &sum);
	if (res) {
		failed("sum", res);
		return;
	}
	printf("sum of 0..%d         = %lld\n", count - 1, sum);
	check(sum == expected, "the sum");
	res = calculator_max(h, numbers, count, &max);
	if (res) {
		failed("max", res);
		return;
	}
	printf("max of 0..%d         = %d\n", count - 1, max);
	check(max == count - 1, "the maximum");
	begin = microseconds();
	for (int i = 0; i < TIMED_CALLS && !res; i++)
		res = calculator_max(h, numbers, 1, &max);
	check(!res, "a call among many");
	printf("time per call         = %.1f us (%d calls of max with one number)\n",
	       (microseconds() - begin) / TIMED_CALLS, TIMED_CALLS);
}

/* The same work on shared buffers: nothing is copied on the way. */
static void zero_copy(remote_handle64 h)
{
	const int count = 1 << 20;
	int32 *in = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, count * 4);
	int32 *out = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, count * 4);
	int res, right = 1;

	if (!in || !out) {
		failed("rpcmem_alloc", AEE_ENOMEMORY);
	} else {
		for (int i = 0; i < count; i++)
			in[i] = i;
		res = calculator_scale(h, in, count, 3, out, count);
		if (res)
			failed("scale", res);
		for (int i = 0; i < count && !res; i++)
			right &= out[i] == 3 * i;
		check(right, "the scaled numbers");
		printf("scale of %d numbers in rpcmem: last = %d\n", count, out[count - 1]);
	}
	rpcmem_free(in);
	rpcmem_free(out);
}

/* What a failing method looks like from here. */
static void failing_call(remote_handle64 h)
{
	int32 max;
	int res = calculator_max(h, NULL, 0, &max);

	printf("max of nothing        = 0x%x, as it should: %s\n", (unsigned int)res,
	       frpc_strerror(res));
	check(res == (int)(DSP_AEE_EOFFSET + AEE_EBADPARM), "the DSP's error");
}

int main(int argc, char **argv)
{
	const char *domain = "cdsp";
	int count = 1000, option, res;
	remote_handle64 h = 0;
	int32 *numbers;
	char uri[200];

	setvbuf(stdout, NULL, _IOLBF, 0); /* in order with what the emulator reports */
	while ((option = getopt(argc, argv, "d:n:")) != -1) {
		if (option == 'd') {
			domain = optarg;
		} else if (option == 'n' && atoi(optarg) > 0) {
			count = atoi(optarg);
		} else {
			fprintf(stderr, "usage: calculator [-d DOMAIN] [-n COUNT]\n");
			return 2;
		}
	}
	snprintf(uri, sizeof(uri), calculator_URI "&_dom=%s", domain);
	res = calculator_open(uri, &h);
	if (res) {
		failed("open", res);
		return 1;
	}
	printf("opened %s\n", uri);
	numbers = malloc((size_t)count * sizeof(*numbers));
	for (int i = 0; numbers && i < count; i++)
		numbers[i] = i;
	if (numbers)
		sum_and_max(h, numbers, count);
	free(numbers);
	zero_copy(h);
	failing_call(h);
	res = calculator_close(h);
	if (res)
		failed("close", res);
	printf(failures ? "FAILED\n" : "all right\n");
	fflush(stdout);
	return failures != 0;
}
