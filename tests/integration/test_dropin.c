/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A framework that was written for the vendor's library: it declares the interface itself (nothing of
 * our headers), loads libcdsprpc.so by name and resolves every function with dlsym().
 */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

typedef union {
	struct {
		void *data;
		size_t size;
	} buffer;
	uint64_t handle;
} argument;

/* A piece of a shared buffer, in a packet. */
struct piece {
	uint32_t fd, size, offset, flags;
	uint64_t address;
};
typedef void packet_callback(void *queue, int error, void *context);

struct rpc {
	void *library;
	int (*open)(const char *, uint64_t *);
	int (*invoke)(uint64_t, uint32_t, argument *);
	int (*close)(uint64_t);
	int (*open_old)(const char *, uint32_t *);
	int (*invoke_old)(uint32_t, uint32_t, argument *);
	int (*close_old)(uint32_t);
	int (*control)(uint32_t, void *, uint32_t);
	int (*control64)(uint64_t, uint32_t, void *, uint32_t);
	int (*session_control)(uint32_t, void *, uint32_t);
	int (*map)(int, int, void *, int, size_t, int);
	int (*unmap)(int, int, void *, size_t);
	int (*map64)(int, uint32_t, uint64_t, int64_t, uint64_t *);
	int (*unmap64)(uint64_t, int64_t);
	int (*mem_map)(int, int, int, uint64_t, size_t, uint64_t *);
	int (*mem_unmap)(int, uint64_t, size_t);
	void (*register_buf)(void *, int, int);
	int (*register_dma)(int, uint32_t);
	void (*mem_init)(void);
	void (*mem_deinit)(void);
	void *(*alloc)(int, uint32_t, int);
	void *(*alloc2)(int, uint32_t, size_t);
	void (*free)(void *);
	int (*to_fd)(void *);
	int (*capability)(uint32_t, uint32_t, uint32_t *);
	int (*queue_create)(int, uint32_t, uint32_t, uint32_t, packet_callback *, packet_callback *,
			    void *, void **);
	int (*queue_close)(void *);
	int (*queue_export)(void *, uint64_t *);
	int (*queue_write)(void *, uint32_t, uint32_t, struct piece *, uint32_t, const uint8_t *,
			   uint32_t);
	int (*queue_write_now)(void *, uint32_t, uint32_t, struct piece *, uint32_t,
			       const uint8_t *);
	int (*queue_read)(void *, uint32_t *, uint32_t, uint32_t *, struct piece *, uint32_t,
			  uint32_t *, uint8_t *, uint32_t);
	int (*queue_read_now)(void *, uint32_t *, uint32_t, uint32_t *, struct piece *, uint32_t,
			      uint32_t *, uint8_t *);
	int (*queue_peek)(void *, uint32_t *, uint32_t *, uint32_t *, uint32_t);
};

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	{"remote_handle64_open", offsetof(struct rpc, open)},
	{"remote_handle64_invoke", offsetof(struct rpc, invoke)},
	{"remote_handle64_close", offsetof(struct rpc, close)},
	{"remote_handle_open", offsetof(struct rpc, open_old)},
	{"remote_handle_invoke", offsetof(struct rpc, invoke_old)},
	{"remote_handle_close", offsetof(struct rpc, close_old)},
	{"remote_handle_control", offsetof(struct rpc, control)},
	{"remote_handle64_control", offsetof(struct rpc, control64)},
	{"remote_session_control", offsetof(struct rpc, session_control)},
	{"fastrpc_mmap", offsetof(struct rpc, map)},
	{"fastrpc_munmap", offsetof(struct rpc, unmap)},
	{"remote_mmap64", offsetof(struct rpc, map64)},
	{"remote_munmap64", offsetof(struct rpc, unmap64)},
	{"remote_mem_map", offsetof(struct rpc, mem_map)},
	{"remote_mem_unmap", offsetof(struct rpc, mem_unmap)},
	{"remote_register_buf", offsetof(struct rpc, register_buf)},
	{"remote_register_dma_handle", offsetof(struct rpc, register_dma)},
	{"rpcmem_init", offsetof(struct rpc, mem_init)},
	{"rpcmem_deinit", offsetof(struct rpc, mem_deinit)},
	{"rpcmem_alloc", offsetof(struct rpc, alloc)},
	{"rpcmem_alloc2", offsetof(struct rpc, alloc2)},
	{"rpcmem_free", offsetof(struct rpc, free)},
	{"rpcmem_to_fd", offsetof(struct rpc, to_fd)},
	{"fastrpc_get_cap", offsetof(struct rpc, capability)},
	{"dspqueue_create", offsetof(struct rpc, queue_create)},
	{"dspqueue_close", offsetof(struct rpc, queue_close)},
	{"dspqueue_export", offsetof(struct rpc, queue_export)},
	{"dspqueue_write", offsetof(struct rpc, queue_write)},
	{"dspqueue_write_noblock", offsetof(struct rpc, queue_write_now)},
	{"dspqueue_read", offsetof(struct rpc, queue_read)},
	{"dspqueue_read_noblock", offsetof(struct rpc, queue_read_now)},
	{"dspqueue_peek", offsetof(struct rpc, queue_peek)},
};

/* The app has functions of the same names: inside the libraries nobody may land here. */
int remote_handle64_open(const char *name, uint64_t *handle);
int remote_handle64_invoke(uint64_t handle, uint32_t scalars, argument *arguments);
void *rpcmem_alloc2(int heap, uint32_t flags, size_t size);
void remote_register_buf_attr2(void *buffer, size_t size, int fd, int attributes);
static int landed_here;

int remote_handle64_open(const char *name, uint64_t *handle)
{
	(void)name, (void)handle;
	return ++landed_here;
}

int remote_handle64_invoke(uint64_t handle, uint32_t scalars, argument *arguments)
{
	(void)handle, (void)scalars, (void)arguments;
	return ++landed_here;
}

void *rpcmem_alloc2(int heap, uint32_t flags, size_t size)
{
	(void)heap, (void)flags, (void)size;
	landed_here++;
	return NULL;
}

void remote_register_buf_attr2(void *buffer, size_t size, int fd, int attributes)
{
	(void)buffer, (void)size, (void)fd, (void)attributes;
	landed_here++;
}

static void load(struct rpc *rpc, const char *name)
{
	rpc->library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!rpc->library)
		fail_msg("%s", dlerror());
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		void *function = dlsym(rpc->library, functions[i].name);

		if (!function)
			fail_msg("%s", dlerror());
		memcpy((char *)rpc + functions[i].offset, &function, sizeof(function));
	}
}

#define SCALARS(method, in, out) ((uint32_t)(method) << 24 | (uint32_t)(in) << 16 | (out) << 8)
#define METHOD_SUM		 3
#define METHOD_ECHO		 4
#define METHOD_COUNT		 6
#define HEAP			 25
#define URI(rest)		 "file:///libtestmod_skel.so?testmod_skel_handle_invoke&_modver=1.0" rest

static int64_t sum(const struct rpc *rpc, uint64_t handle)
{
	int32_t vector[3] = {40, -3, 5};
	uint32_t count = 3;
	int64_t result = 0;
	argument arguments[3] = {
		{.buffer = {&count, sizeof(count)}},
		{.buffer = {vector, sizeof(vector)}},
		{.buffer = {&result, sizeof(result)}},
	};

	assert_int_equal(rpc->invoke(handle, SCALARS(METHOD_SUM, 2, 1), arguments), 0);
	return result;
}

static uint32_t count(const struct rpc *rpc, uint64_t handle)
{
	uint32_t value = 0;
	argument out = {.buffer = {&value, sizeof(value)}};

	assert_int_equal(rpc->invoke(handle, SCALARS(METHOD_COUNT, 0, 1), &out), 0);
	return value;
}

static void an_app_with_declarations_of_its_own_runs_unchanged(void **state)
{
	struct {
		const char *domain;
		uint32_t domain_len;
		const char *session;
		uint32_t session_len;
		uint32_t effective, number;
	} request = {"cdsp", 4, "second", 6, 0, 0};
	struct {
		const char *domain;
		uint32_t domain_len, session;
		const char *module;
		uint32_t module_len;
		char *uri;
		uint32_t uri_len;
	} uri_request = {"cdsp", 4, 0, URI(""), sizeof(URI("")), NULL, 0};
	struct {
		int domain, enable;
	} unsigned_pd = {3, 1};
	struct {
		uint32_t domain, attribute, value;
	} info = {3, 6, 0};
	struct rpc rpc;
	uint64_t one = 0, two = 0;
	char uri[160];

	(void)state;
	load(&rpc, "libcdsprpc.so");
	assert_int_equal(rpc.session_control(2, &unsigned_pd, sizeof(unsigned_pd)), 0);
	assert_int_equal(rpc.control(2, &info, sizeof(info)), 0);
	assert_int_not_equal(info.value, 0);
	assert_int_equal(rpc.session_control(13, &request, sizeof(request)), 0);
	assert_int_equal(request.effective, 3 + 8 * request.number);
	uri_request.session = request.number;
	uri_request.uri = uri;
	uri_request.uri_len = sizeof(uri);
	assert_int_equal(rpc.session_control(15, &uri_request, sizeof(uri_request)), 0);
	assert_int_equal(rpc.open(URI("&_dom=cdsp"), &one), 0);
	assert_int_equal(rpc.open(uri, &two), 0);
	assert_int_equal(sum(&rpc, one), 42);
	assert_int_equal(sum(&rpc, two), 42);
	assert_int_equal(count(&rpc, one), 1);
	assert_int_equal(count(&rpc, one), 2);
	assert_int_equal(count(&rpc, two), 1); /* another process on the DSP */
	assert_int_equal(rpc.close(one), 0);
	assert_int_equal(sum(&rpc, two), 42);
	assert_int_equal(rpc.close(two), 0);
	assert_int_not_equal(rpc.close(two), 0);
	assert_int_equal(landed_here, 0);
	dlclose(rpc.library);
}

static void a_thousand_buffers_are_mapped_and_passed_in_place(void **state)
{
	enum {
		BUFFERS = 1000,
		BYTES = 4096,
		MAPPED = 100
	};
	static unsigned char *buffers[BUFFERS];
	struct rpc rpc;
	uint64_t handle = 0;

	(void)state;
	load(&rpc, "libcdsprpc.so");
	rpc.mem_init();
	assert_int_equal(rpc.open(URI("&_dom=cdsp"), &handle), 0);
	for (int i = 0; i < BUFFERS; i++) {
		buffers[i] = i % 2 ? rpc.alloc(HEAP, 1, BYTES) : rpc.alloc2(HEAP, 1, BYTES);
		assert_non_null(buffers[i]);
		assert_true(rpc.to_fd(buffers[i]) >= 0);
		memset(buffers[i], i, BYTES);
	}
	for (int i = 0; i < MAPPED; i++)
		/* At once, or when the DSP asks for it. */
		assert_int_equal(
			rpc.map(3, rpc.to_fd(buffers[i]), buffers[i], 0, BYTES, i % 2 ? 2 : 3), 0);
	for (int i = 0; i + 1 < BUFFERS; i += 100) {
		argument arguments[2] = {{.buffer = {buffers[i], BYTES}},
					 {.buffer = {buffers[i + 1], BYTES}}};

		assert_int_equal(rpc.invoke(handle, SCALARS(METHOD_ECHO, 1, 1), arguments), 0);
		assert_memory_equal(buffers[i], buffers[i + 1], BYTES);
	}
	for (int i = MAPPED - 1; i >= 0; i--)
		assert_int_equal(rpc.unmap(3, rpc.to_fd(buffers[i]), buffers[i], BYTES), 0);
	for (int i = 0; i < BUFFERS / 2; i++)
		rpc.free(buffers[i]);
	assert_int_equal(rpc.close(handle), 0);
	for (int i = BUFFERS / 2; i < BUFFERS; i++) /* also after the session */
		rpc.free(buffers[i]);
	rpc.mem_deinit();
	assert_int_equal(landed_here, 0);
	dlclose(rpc.library);
}

/* ---- packets, as a framework for neural networks sends them ---- */

#define QUEUE_URI	 "file:///libqueuetest_skel.so?queuetest_skel_handle_invoke&_modver=1.0"
#define QUEUE_ECHO	 2 /* methods of that skel */
#define QUEUE_STOP	 3
#define QUEUE_CDSP	 3
#define BUFFER_REF	 0x04
#define BUFFER_DEREF	 0x08
#define BUFFER_FLUSH	 0x10
#define BUFFER_FRESH	 0x80
#define TENSORS		 16
#define TENSOR_BYTES	 4096
#define WOULD_BLOCK	 516
#define EXPIRED		 0x0c
#define SECOND_US	 1000000
#define PATIENCE_SECONDS 120

/* Has the skel do @method with @queue. */
static void have(const struct rpc *rpc, uint64_t handle, uint32_t method, void *queue,
		 uint32_t in_thread)
{
	struct {
		uint64_t queue;
		uint32_t mode, count, timeout_us, pad;
	} in = {0, in_thread, 0, 0, 0};
	struct {
		int32_t code;
		uint32_t value;
	} out = {-1, 0};
	argument arguments[2] = {{.buffer = {&in, sizeof(in)}}, {.buffer = {&out, sizeof(out)}}};

	if (queue)
		assert_int_equal(rpc->queue_export(queue, &in.queue), 0);
	assert_int_equal(rpc->invoke(handle, SCALARS(method, 1, 1), arguments), 0);
	assert_int_equal(out.code, 0);
}

static void *new_queue(const struct rpc *rpc, int domain)
{
	void *queue = NULL;

	/* No callbacks: whoever wants packets reads them. */
	assert_int_equal(rpc->queue_create(domain, 0, 0x2000, 0x2000, NULL, NULL, NULL, &queue), 0);
	return queue;
}

/* One packet with a message and two tensors goes there and comes back with its buffers let go. */
static void send_and_receive(const struct rpc *rpc, void *queue, unsigned char **tensors,
			     uint32_t number)
{
	uint32_t flags = 0, pieces = 0, length = 0;
	uint8_t message[64], answer[64] = {0};
	struct piece piece[2], back[2];
	int res = EXPIRED;

	memset(message, (int)number, sizeof(message));
	for (uint32_t i = 0; i < 2; i++) {
		unsigned char *tensor = tensors[(number + i) % TENSORS];

		memset(tensor, (int)(number + i), TENSOR_BYTES);
		piece[i] = (struct piece){
			.fd = (uint32_t)rpc->to_fd(tensor),
			.size = TENSOR_BYTES,
			.flags = BUFFER_REF | BUFFER_FLUSH | BUFFER_FRESH,
		};
	}
	assert_int_equal(rpc->queue_write(queue, 0, 2, piece, sizeof(message), message, SECOND_US),
			 0);
	/* With a time-out, again and again, as somebody does who has other things to look after. */
	for (int i = 0; i < PATIENCE_SECONDS && res == EXPIRED; i++)
		res = rpc->queue_peek(queue, &flags, &pieces, &length, SECOND_US);
	assert_int_equal(res, 0);
	assert_int_equal(pieces, 2);
	assert_int_equal(length, sizeof(message));
	assert_int_equal(rpc->queue_read(queue, &flags, 2, &pieces, back, sizeof(answer), &length,
					 answer, SECOND_US),
			 0);
	assert_memory_equal(answer, message, sizeof(message));
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(back[i].fd, piece[i].fd);
		assert_int_equal(back[i].flags, BUFFER_DEREF);
		assert_int_equal(tensors[(number + i) % TENSORS][0], (number + i) ^ 0xff);
	}
}

static void packets_go_both_ways_without_callbacks_on_two_sessions(void **state)
{
	char second[] = QUEUE_URI "&_dom=cdsp&_session=1";
	unsigned char *tensors[2][TENSORS];
	uint64_t handles[2] = {0, 0};
	uint32_t length, pieces;
	uint8_t byte;
	void *queues[2];
	struct rpc rpc;

	(void)state;
	load(&rpc, "libcdsprpc.so");
	assert_int_equal(rpc.open(QUEUE_URI "&_dom=cdsp", &handles[0]), 0);
	assert_int_equal(rpc.open(second, &handles[1]), 0);
	for (int s = 0; s < 2; s++) {
		int domain = QUEUE_CDSP + 8 * s;

		queues[s] = new_queue(&rpc, domain);
		for (int i = 0; i < TENSORS; i++) {
			tensors[s][i] = rpc.alloc2(HEAP, 1, TENSOR_BYTES);
			assert_non_null(tensors[s][i]);
			assert_int_equal(rpc.map(domain, rpc.to_fd(tensors[s][i]), tensors[s][i], 0,
						 TENSOR_BYTES, i & 1 ? 2 : 3),
					 0);
		}
		assert_int_equal(rpc.queue_read_now(queues[s], NULL, 0, &pieces, NULL, 1, &length,
						    &byte),
				 WOULD_BLOCK);
		assert_int_equal(rpc.queue_read(queues[s], NULL, 0, &pieces, NULL, 1, &length,
						&byte, 1000),
				 EXPIRED);
		have(&rpc, handles[s], QUEUE_ECHO, queues[s], (uint32_t)s);
	}
	for (uint32_t number = 0; number < 100; number++)
		for (int s = 0; s < 2; s++)
			send_and_receive(&rpc, queues[s], tensors[s], number);
	/* Everything is closed in an order that nobody would think of. */
	for (int s = 0; s < 2; s++) {
		have(&rpc, handles[s], QUEUE_STOP, NULL, 0);
		assert_int_equal(rpc.close(handles[s]), 0);
		for (int i = 0; i < TENSORS; i += 2)
			assert_int_equal(rpc.unmap(QUEUE_CDSP + 8 * s, rpc.to_fd(tensors[s][i]),
						   tensors[s][i], TENSOR_BYTES),
					 0);
		assert_int_equal(rpc.queue_close(queues[s]), 0);
		for (int i = 1; i < TENSORS; i += 2)
			assert_int_equal(rpc.unmap(QUEUE_CDSP + 8 * s, rpc.to_fd(tensors[s][i]),
						   tensors[s][i], TENSOR_BYTES),
					 0);
		for (int i = 0; i < TENSORS; i++)
			rpc.free(tensors[s][i]);
	}
	assert_int_equal(landed_here, 0);
	dlclose(rpc.library);
}

static void three_libraries_in_one_process_share_everything_but_their_default_domain(void **state)
{
	static const struct {
		const char *name;
		int domain;
	} libraries[] = {{"libadsprpc.so.1", 0}, {"libsdsprpc.so.1", 2}, {"libcdsprpc.so.1", 3}};
	struct rpc rpc[3];
	uint64_t handle = 0;
	void *buffer;

	(void)state;
	for (int i = 0; i < 3; i++)
		load(&rpc[i], libraries[i].name);
	for (int i = 0; i < 3; i++) {
		int domain = -1;

		assert_int_equal(rpc[i].control(4, &domain, sizeof(domain)), 0);
		assert_int_equal(domain, libraries[i].domain);
	}
	/* Opened, called and closed each through another one. */
	assert_int_equal(rpc[0].open(URI("&_dom=cdsp"), &handle), 0);
	assert_int_equal(sum(&rpc[1], handle), 42);
	buffer = rpc[1].alloc2(HEAP, 1, 4096);
	assert_non_null(buffer);
	assert_true(rpc[2].to_fd(buffer) >= 0);
	rpc[0].free(buffer);
	assert_int_equal(rpc[2].to_fd(buffer), -1);
	assert_int_equal(rpc[2].close(handle), 0);
	assert_int_equal(rpc[0].close(handle), 0x2c);
	for (int i = 0; i < 3; i++)
		dlclose(rpc[i].library);
}

static void a_plain_name_opens_on_the_librarys_own_domain(void **state)
{
	struct rpc adsp, cdsp;
	uint32_t on_adsp = 0, on_cdsp = 0;
	uint64_t counter = 0;
	argument none = {.handle = 0};

	(void)state;
	load(&adsp, "libadsprpc.so");
	load(&cdsp, "libcdsprpc.so");
	assert_int_equal(adsp.open_old(URI(""), &on_adsp), 0);
	assert_int_equal(cdsp.open_old(URI(""), &on_cdsp), 0);
	assert_int_equal(adsp.invoke_old(on_adsp, SCALARS(2, 0, 0), &none), 0);
	/* A static handle is one on the domain of who calls: each has its process there. */
	assert_int_equal(adsp.invoke_old(7, SCALARS(5, 0, 0), &none), 0);
	assert_int_equal(cdsp.close_old(on_cdsp), 0);
	assert_int_equal(adsp.invoke_old(7, SCALARS(5, 0, 0), &none), 0);
	assert_int_equal(cdsp.invoke_old(7, SCALARS(5, 0, 0), &none), 0x2c);
	assert_int_equal(cdsp.open(URI("&_dom=adsp"), &counter), 0);
	assert_int_equal(count(&cdsp, counter), 1);
	assert_int_equal(cdsp.close(counter), 0);
	assert_int_equal(adsp.close_old(on_adsp), 0);
	dlclose(adsp.library);
	dlclose(cdsp.library);
}

/*
 * A thousand buffers are a thousand descriptors, and the emulator, in the same process, holds one
 * more for each that is mapped: beyond the 1024 that a shell gives.
 */
static int allow_many_descriptors(void **state)
{
	struct rlimit limit;

	(void)state;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -1;
	if (limit.rlim_cur < 4096)
		limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_app_with_declarations_of_its_own_runs_unchanged),
		cmocka_unit_test(a_thousand_buffers_are_mapped_and_passed_in_place),
		cmocka_unit_test(packets_go_both_ways_without_callbacks_on_two_sessions),
		cmocka_unit_test(
			three_libraries_in_one_process_share_everything_but_their_default_domain),
		cmocka_unit_test(a_plain_name_opens_on_the_librarys_own_domain),
	};

	return cmocka_run_group_tests(tests, allow_many_descriptors, NULL);
}
