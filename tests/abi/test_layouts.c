/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The public structs have the layout that programs built for the device expect. test_headers
 * compiles this file with STATIC_ONLY for every 32-bit ABI that the compiler knows.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "AEEStdDef.h"
#include "remote.h"
#if __has_include("dspqueue.h")
#include "dspqueue.h"
#define HAVE_DSPQUEUE
#endif

#if UINTPTR_MAX > UINT32_MAX
#define PICK(lp64, i386, arm) (lp64)
#else
/* What the compiler does with a 64-bit integer behind a byte tells i386 from ARM. */
struct probe {
	char byte;
	uint64_t number;
};
#define PICK(lp64, i386, arm) (offsetof(struct probe, number) == 4 ? (i386) : (arm))
#endif

#define SIZE(type, lp64, i386, arm) \
	static_assert(sizeof(type) == PICK(lp64, i386, arm), "size of " #type);
#define AT(type, member, lp64, i386, arm)                              \
	static_assert(offsetof(type, member) == PICK(lp64, i386, arm), \
		      "place of " #type "." #member);
#include "layouts.h"
#undef SIZE
#undef AT

#ifndef STATIC_ONLY
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fact {
	const char *text;
	size_t ours, expected;
};

#define SIZE(type, lp64, i386, arm) {"sizeof " #type, sizeof(type), PICK(lp64, i386, arm)},
#define AT(type, member, lp64, i386, arm) \
	{#type "." #member, offsetof(type, member), PICK(lp64, i386, arm)},
static const struct fact facts[] = {
#include "layouts.h"
};

static void every_struct_has_the_layout_of_the_device(void **state)
{
	(void)state;
	assert_true(sizeof(facts) / sizeof(*facts) >= 130);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		if (facts[i].ours != facts[i].expected)
			fail_msg("%s: %zu, not %zu", facts[i].text, facts[i].ours,
				 facts[i].expected);
}

/* The typedefs of generated code are these very types, so that they print and overload alike. */
static void the_integer_names_of_generated_code_are_the_compilers_types(void **state)
{
	(void)state;
	assert_true(_Generic((uint32)0, unsigned int : 1, default : 0));
	assert_true(_Generic((int32)0, int : 1, default : 0));
	assert_true(_Generic((uint64)0, unsigned long long : 1, default : 0));
	assert_true(_Generic((int64)0, long long : 1, default : 0));
	assert_true(_Generic((uint16)0, unsigned short : 1, default : 0));
	assert_true(_Generic((uint8)0, unsigned char : 1, default : 0));
	assert_true(_Generic((AECHAR)0, uint16_t : 1, default : 0));
	assert_true(_Generic((remote_handle)0, uint32_t : 1, default : 0));
	assert_true(_Generic((remote_handle64)0, uint64_t : 1, default : 0));
	assert_true(_Generic((AEEResult)0, int : 1, default : 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_struct_has_the_layout_of_the_device),
		cmocka_unit_test(the_integer_names_of_generated_code_are_the_compilers_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
