/* SPDX-License-Identifier: BSD-3-Clause */
/* Every constant of the public headers has the number that programs built for the device have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "AEEStdDef.h"
#include "domain.h"
#include "remote.h"
#include "rpcmem.h"
#if __has_include("dspqueue.h")
#include "dspqueue.h"
#define HAVE_DSPQUEUE
#endif

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct number {
	const char *name;
	uint32_t ours, expected;
};

#define VALUE(name, value) {#name, (uint32_t)(name), (uint32_t)(value)},
#define TEXT(name, value)
static const struct number numbers[] = {
#include "constants.h"
};
#undef VALUE
#undef TEXT

struct text {
	const char *name, *ours, *expected;
};

#define VALUE(name, value)
#define TEXT(name, value) {#name, name, value},
static const struct text texts[] = {
#include "constants.h"
};

static void every_constant_has_its_number(void **state)
{
	(void)state;
	assert_true(COUNT(numbers) >= 115);
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (numbers[i].ours != numbers[i].expected)
			fail_msg("%s is %u, not %u", numbers[i].name, numbers[i].ours,
				 numbers[i].expected);
}

static void every_string_constant_has_its_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (strcmp(texts[i].ours, texts[i].expected))
			fail_msg("%s is %s", texts[i].name, texts[i].ours);
}

static void the_scalars_word_has_its_fields_where_drivers_look(void **state)
{
	uint32_t sc = REMOTE_SCALARS_MAKEX(5, 21, 171, 86, 9, 6);

	(void)state;
	assert_int_equal(sc, 5u << 29 | 21u << 24 | 171u << 16 | 86u << 8 | 9u << 4 | 6u);
	assert_int_equal(REMOTE_SCALARS_METHOD_ATTR(sc), 5);
	assert_int_equal(REMOTE_SCALARS_METHOD(sc), 21);
	assert_int_equal(REMOTE_SCALARS_INBUFS(sc), 171);
	assert_int_equal(REMOTE_SCALARS_OUTBUFS(sc), 86);
	assert_int_equal(REMOTE_SCALARS_INHANDLES(sc), 9);
	assert_int_equal(REMOTE_SCALARS_OUTHANDLES(sc), 6);
	assert_int_equal(REMOTE_SCALARS_LENGTH(sc), 171 + 86 + 9 + 6);
	assert_int_equal(REMOTE_SCALARS_MAKE(2, 3, 1), 0x02030100);
	/* What does not fit its field must not spill into the next one. */
	assert_int_equal(REMOTE_SCALARS_MAKEX(8, 32, 256, 256, 16, 16), 0);
}

static void the_table_of_domains_is_indexed_by_their_ids(void **state)
{
	static const char *const uris[] = {"&_dom=adsp", "&_dom=mdsp", "&_dom=sdsp", "&_dom=cdsp",
					   "&_dom=cdsp1"};

	(void)state;
	assert_int_equal(COUNT(supported_domains), COUNT(uris));
	for (int i = 0; i < (int)COUNT(uris); i++) {
		assert_int_equal(supported_domains[i].id, i);
		assert_string_equal(supported_domains[i].uri, uris[i]);
		assert_ptr_equal(get_domain(i), &supported_domains[i]);
	}
	assert_null(get_domain(-1));
	assert_null(get_domain((int)COUNT(uris)));
}

static void a_list_of_domains_is_asked_for_by_type_in_the_low_five_bits(void **state)
{
	uint64_t flags = UINT64_C(0xffffffffffffffff);

	(void)state;
	DOMAINS_LIST_FLAGS_SET_TYPE(flags, FASTRPC_LPASS);
	assert_true(flags == (UINT64_C(0xffffffffffffffe0) | 2));
}

/* Generated code puts these around its declarations; unless a program defines them, they vanish. */
static __QAIC_HEADER_EXPORT int __QAIC_HEADER(marked)(
	__QAIC_IN const char *text, __QAIC_IN_LEN(1) int len) __QAIC_HEADER_ATTRIBUTE;
static __QAIC_IMPL_EXPORT int __QAIC_IMPL(marked)(__QAIC_IN_CHAR const char *text,
						  int len) __QAIC_IMPL_ATTRIBUTE
{
	__QAIC_RETURN return text[0] + len + (int)sizeof(__QAIC_INT64PTR);
}

static void the_markers_of_generated_code_compile_to_nothing(void **state)
{
	(void)state;
	assert_int_equal(__QAIC_REMOTE(marked)("a", 1), 'a' + 1 + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_constant_has_its_number),
		cmocka_unit_test(every_string_constant_has_its_text),
		cmocka_unit_test(the_scalars_word_has_its_fields_where_drivers_look),
		cmocka_unit_test(the_table_of_domains_is_indexed_by_their_ids),
		cmocka_unit_test(a_list_of_domains_is_asked_for_by_type_in_the_low_five_bits),
		cmocka_unit_test(the_markers_of_generated_code_compile_to_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
