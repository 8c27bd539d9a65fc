/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What calls cost on the emulator, beside what the same machine needs, in the same run, for a futex
 * ping-pong, the same memcpys and a direct call of the skel. bench [--json FILE] [--quick]
 */
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fastrpc.h"
#include "remote.h"
#include "rpcmem.h"
#include "support/testmod.h"

#define MIB	(1u << 20)
#define LARGEST (16u * MIB)
#define ROUNDS	15

static FILE *json;
static bool first_entry = true;
static int failures, quick;
static const char *transport;

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *rounds)
{
	qsort(rounds, ROUNDS, sizeof(*rounds), compare);
	return rounds[ROUNDS / 2];
}

/* What one of @count runs takes, in nanoseconds. */
static double round_ns(void (*fn)(void *), void *arg, int count)
{
	double begin = now_ns();

	for (int i = 0; i < count; i++)
		fn(arg);
	return (now_ns() - begin) / count;
}

/* The median of ROUNDS rounds of @count runs each, in nanoseconds per run. */
static double median_ns(void (*fn)(void *), void *arg, int count)
{
	double rounds[ROUNDS];

	fn(arg); /* warm */
	for (int round = 0; round < ROUNDS; round++)
		rounds[round] = round_ns(fn, arg, count);
	return median(rounds);
}

/* Two medians, of rounds that take turns: what slows the machine for a while slows both. */
static void medians_ns(void (*const fns[2])(void *), void *const args[2], int count,
		       double ret_ns[2])
{
	double rounds[2][ROUNDS];

	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < 2; i++) {
			fns[i](args[i]); /* warm */
			rounds[i][round] = round_ns(fns[i], args[i], count);
		}
	for (int i = 0; i < 2; i++)
		ret_ns[i] = median(rounds[i]);
}

/* A line of the table. @limit 0: no limit; else value/reference must be at most (least: at least) it. */
static void report(const char *what, double ns, const char *beside, double reference_ns,
		   double ratio, double limit, bool least)
{
	bool right = limit == 0 || (least ? ratio >= limit : ratio <= limit);

	printf("%-11s %-34s %12.0f ns  %-26s %12.0f ns  %6.2f%s\n", transport, what, ns, beside,
	       reference_ns, ratio,
	       limit == 0 ? ""
	       : right	  ? "  ok"
			  : "  MISSED");
	if (json) {
		fprintf(json,
			"%s\n  {\"transport\": \"%s\", \"what\": \"%s\", \"ns\": %.0f, \"beside\": "
			"\"%s\", \"beside_ns\": %.0f, \"ratio\": %.3f, \"limit\": %.2f, \"ok\": "
			"%s}",
			first_entry ? "" : ",", transport, what, ns, beside, reference_ns, ratio,
			limit, right ? "true" : "false");
		first_entry = false;
	}
	failures += !right;
}

/* ---- what to compare with ---- */

static _Atomic uint32_t ball;
static _Atomic int over;

static void futex_wait_while(uint32_t value)
{
	while (atomic_load(&ball) == value)
		syscall(SYS_futex, &ball, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void throw_ball(uint32_t value)
{
	atomic_store(&ball, value);
	syscall(SYS_futex, &ball, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *throw_back(void *arg)
{
	(void)arg;
	for (;;) {
		futex_wait_while(0);
		if (atomic_load(&over))
			return NULL;
		throw_ball(0);
	}
}

static void ping_pong(void *arg)
{
	(void)arg;
	throw_ball(1);
	futex_wait_while(1);
}

static double ping_pong_ns(void)
{
	pthread_t other;
	double ns;

	over = 0;
	ball = 0;
	pthread_create(&other, NULL, throw_back, NULL);
	ns = median_ns(ping_pong, NULL, 2000);
	over = 1;
	throw_ball(1);
	pthread_join(other, NULL);
	return ns;
}

/* The driver's own work on a copied echo: in, out, and zeroing where the driver zeroes. */
struct copies {
	unsigned char *user_in, *user_out, *shared;
	size_t len;
	bool zeroes, in, out;
};

static void copy(void *arg)
{
	const struct copies *c = arg;

	if (c->zeroes)
		memset(c->shared, 0, c->len);
	if (c->in)
		memcpy(c->shared, c->user_in, c->len);
	if (c->out)
		memcpy(c->user_out, c->shared, c->len);
	__asm__ volatile("" ::: "memory");
}

/* The same by somebody who has asked the kernel something before. */
static void ask_and_copy(void *arg)
{
	syscall(SYS_getppid);
	copy(arg);
}

/* ---- calls ---- */

struct call {
	remote_handle64 h;
	unsigned char *in, *out;
	size_t inlen, outlen;
};

static void empty_call(void *arg)
{
	failures += testmod_call0(((struct call *)arg)->h, TESTMOD_EMPTY) != 0;
}

/* Reads the first byte of the input and writes the last one of the output. */
static void ends_call(void *arg)
{
	const struct call *c = arg;

	failures += testmod_pass(c->h, TESTMOD_ENDS, c->in, c->inlen, c->out, c->outlen) != 0;
}

static int calls_for(size_t bytes)
{
	size_t count = 64u * MIB / (bytes + 16384);

	count = count > 2000 ? 2000 : count < 4 ? 4 : count;
	return quick ? (int)(count / 4 + 1) : (int)count;
}

static void bench_empty(struct call *call, double pong)
{
	double ns = median_ns(empty_call, call, 2000);

	report("empty call", ns, "futex ping-pong", pong, ns / pong, 1.5, false);
}

static void bench_copied_one(const struct call *call, struct copies *plain, double empty)
{
	void (*const fns[])(void *) = {ends_call, copy};
	char small[4] = {0}, what[64];
	struct call one = *call;
	void *const args[] = {&one, plain};
	double ns[2];

	one.inlen = plain->in ? plain->len : sizeof(small);
	one.outlen = plain->out ? plain->len : sizeof(small);
	if (plain->out)
		one.in = (unsigned char *)small;
	else
		one.out = (unsigned char *)small;
	medians_ns(fns, args, calls_for(plain->len), ns);
	snprintf(what, sizeof(what), "copied %s %zu bytes", plain->out ? "out" : "in", plain->len);
	if (plain->len >= MIB)
		report(what, ns[0], plain->zeroes ? "memset + memcpy" : "memcpy", ns[1],
		       ns[1] / ns[0], 0.7, true);
	else
		report(what, ns[0], "empty call", empty, ns[0] / empty, 0, false);
}

/* What one system call costs whoever copies: no driver model that asks the kernel can be faster. */
static void bench_asking(struct copies *plain)
{
	void (*const fns[])(void *) = {ask_and_copy, copy};
	void *const args[] = {plain, plain};
	double ns[2];

	medians_ns(fns, args, calls_for(plain->len), ns);
	report("a system call, and 1 MiB copied", ns[0], "memcpy", ns[1], ns[1] / ns[0], 0, true);
}

static void bench_copied(struct call *call, double empty)
{
	static const size_t sizes[] = {4, 4096, 65536, MIB, 4 * MIB, LARGEST};
	bool mainline = !strcmp(transport, "mainline");
	unsigned char *shared =
		mmap(NULL, LARGEST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct copies plain = {call->in, call->out, shared, MIB, false, true, false};

	bench_asking(&plain);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (int out = 0; out < 2; out++) {
			plain.len = sizes[i];
			/* Downstream keeps what is smaller than 8 MiB, as it is. */
			plain.zeroes = mainline || sizes[i] >= 8 * MIB;
			plain.in = !out;
			plain.out = out;
			bench_copied_one(call, &plain, empty);
		}
	munmap(shared, LARGEST);
}

/* The skel reads the first and writes the last byte of a buffer that is passed in place. */
static void touch_call(void *arg)
{
	const struct call *c = arg;

	failures += testmod_touch(c->h, c->out, c->outlen) != 0;
}

static void bench_zero_copy(const struct call *call, double empty)
{
	static const size_t sizes[] = {4096, MIB, LARGEST};
	unsigned char *in = rpcmem_alloc2(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, LARGEST);
	unsigned char *out = rpcmem_alloc2(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, LARGEST);
	char what[64];

	if (!in || !out) {
		failures++;
		return;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct call one = {call->h, in, out, sizes[i], sizes[i]};
		double ns;

		/* Side by side in time: machines change their pace. */
		empty = median_ns(empty_call, &one, 1000);
		ns = median_ns(touch_call, &one, 1000);
		snprintf(what, sizeof(what), "rpcmem, one buffer, %zu bytes", sizes[i]);
		report(what, ns, "empty call", empty, ns / empty, sizes[i] == LARGEST ? 1.5 : 0,
		       false);
		ns = median_ns(ends_call, &one, 1000);
		snprintf(what, sizeof(what), "rpcmem, in and out, %zu bytes", sizes[i]);
		report(what, ns, "empty call", empty, ns / empty, 0, false);
	}
	rpcmem_free(in);
	rpcmem_free(out);
}

struct worker {
	remote_handle64 h;
	int calls;
};

static void *call_many(void *arg)
{
	const struct worker *worker = arg;
	struct call call = {.h = worker->h};

	for (int i = 0; i < worker->calls; i++)
		empty_call(&call);
	return NULL;
}

static void bench_threads(remote_handle64 h, double empty)
{
	for (int threads = 1; threads <= 64; threads *= 4) {
		struct worker worker = {h, (quick ? 4000 : 20000) / threads};
		pthread_t ids[64];
		double begin, ns;
		char what[40];

		begin = now_ns();
		for (int i = 0; i < threads; i++)
			pthread_create(&ids[i], NULL, call_many, &worker);
		for (int i = 0; i < threads; i++)
			pthread_join(ids[i], NULL);
		ns = (now_ns() - begin) / (worker.calls * threads);
		snprintf(what, sizeof(what), "empty call, %d threads", threads);
		report(what, ns, "empty call, 1 thread", empty, ns / empty, 0, false);
	}
}

/* The library's tables with 2000 registered buffers and 200 open handles. */
struct crowd {
	void *buffers[2000];
	remote_handle64 handles[200];
};

static void crowd_in(struct crowd *crowd)
{
	for (int i = 0; i < 2000; i++) {
		crowd->buffers[i] = rpcmem_alloc(RPCMEM_HEAP_ID_SYSTEM, RPCMEM_DEFAULT_FLAGS, 4096);
		failures += !crowd->buffers[i];
	}
	for (int i = 0; i < 200; i++)
		failures += remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &crowd->handles[i]) != 0;
}

static void crowd_out(struct crowd *crowd)
{
	for (int i = 0; i < 200; i++)
		remote_handle64_close(crowd->handles[i]);
	for (int i = 0; i < 2000; i++)
		rpcmem_free(crowd->buffers[i]);
}

/* A call among them beside one without; rounds of the two take turns. */
static void bench_crowded(struct call *call)
{
	static struct crowd crowd;
	double alone[ROUNDS], crowded[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		ends_call(call); /* warm */
		alone[round] = round_ns(ends_call, call, 1000);
		crowd_in(&crowd);
		ends_call(call);
		crowded[round] = round_ns(ends_call, call, 1000);
		crowd_out(&crowd);
	}
	report("2000 buffers, 200 handles", median(crowded), "none of them", median(alone),
	       median(crowded) / median(alone), 1.3, false);
}

typedef int entry_fn(remote_handle64 h, uint32_t sc, remote_arg *pra);

struct direct {
	entry_fn *entry;
	remote_handle64 h;
};

static void direct_call(void *arg)
{
	const struct direct *direct = arg;

	failures += direct->entry(direct->h, REMOTE_SCALARS_MAKE(TESTMOD_EMPTY, 0, 0), NULL) != 0;
}

static void bench_direct(double empty)
{
	struct direct direct;
	char path[512];
	char uri[] = "uri";
	uint32_t len = 4;
	remote_arg args[3] = {{.buf = {&len, 4}}, {.buf = {uri, 4}}, {.h64 = 0}};
	void *library;
	double ns;

	snprintf(path, sizeof(path), "%s/libtestmod_skel.so", getenv("DSP_LIBRARY_PATH"));
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	direct.entry = library ? (entry_fn *)dlsym(library, "testmod_skel_handle_invoke") : NULL;
	if (!direct.entry ||
	    direct.entry(0, REMOTE_SCALARS_MAKEX(0, TESTMOD_OPEN, 2, 0, 0, 1), args)) {
		failures++;
		return;
	}
	direct.h = args[2].h64;
	ns = median_ns(direct_call, &direct, 100000);
	report("direct call of the skel", ns, "empty call", empty, ns / empty, 0, false);
	dlclose(library);
}

static void bench_dialect(const char *name)
{
	char spec[40];
	struct call call = {0};
	double pong, empty;

	transport = name;
	snprintf(spec, sizeof(spec), "%s@emulator", name);
	setenv("FRPC_TRANSPORT", spec, 1);
	if (remote_handle64_open(TESTMOD_URI "&_dom=cdsp", &call.h)) {
		fprintf(stderr, "open failed: %s\n", frpc_last_error());
		failures++;
		return;
	}
	call.in = malloc(LARGEST);
	call.out = malloc(LARGEST);
	memset(call.in, 1, LARGEST);
	memset(call.out, 2, LARGEST);
	call.inlen = call.outlen = 64;
	pong = ping_pong_ns();
	bench_empty(&call, pong);
	empty = median_ns(empty_call, &call, 2000);
	bench_direct(empty);
	bench_copied(&call, empty);
	bench_zero_copy(&call, empty);
	bench_threads(call.h, empty);
	bench_crowded(&call);
	remote_handle64_close(call.h);
	free(call.in);
	free(call.out);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--quick")) {
			quick = 1;
		} else if (!strcmp(argv[i], "--json") && i + 1 < argc) {
			json = fopen(argv[++i], "we");
		} else {
			fprintf(stderr, "usage: bench [--json FILE] [--quick]\n");
			return 2;
		}
	}
	if (json)
		fprintf(json, "[");
	printf("medians of %d rounds; the last column is a ratio: cost to what stands beside it, "
	       "or, for "
	       "copies of 1 MiB and more, rate to rate\n",
	       ROUNDS);
	bench_dialect("mainline");
	bench_dialect("downstream");
	if (json) {
		fprintf(json, "\n]\n");
		fclose(json);
	}
	if (failures)
		printf("%d limits missed or calls failed\n", failures);
	return failures != 0;
}
