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
		cmocka_unit_test(
			three_libraries_in_one_process_share_everything_but_their_default_domain),
		cmocka_unit_test(a_plain_name_opens_on_the_librarys_own_domain),
	};

	return cmocka_run_group_tests(tests, allow_many_descriptors, NULL);
}
