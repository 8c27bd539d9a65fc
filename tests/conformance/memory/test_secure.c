/* SPDX-License-Identifier: BSD-3-Clause */
/* Mainline's SECUREMAP: who may access a buffer while it is mapped, and what a refusal is. */
#include "box.h"

#include <fcntl.h>
#include <unistd.h>

#include <fastrpc/abi/mainline.h>

#include "emulator.h"
#include "emulator/dsp/testmod/protocol.h"

#define LEN 16384u

static struct frpc_emulator *emulator;
static int file, buffer;

static int setup(void **state)
{
	(void)state;
	assert_int_equal(
		frpc_emulator_new("abi=mainline,domains=cdsp,testmod=on", &emulator, NULL, 0), 0);
	file = frpc_emulator_open(emulator, "/dev/fastrpc-cdsp-secure", O_RDONLY);
	buffer = memfd_create("secure", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(file >= 0 && buffer >= 0);
	assert_int_equal(ftruncate(buffer, LEN), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	frpc_emulator_close(emulator, file);
	frpc_emulator_free(emulator);
	close(buffer);
	return 0;
}

static uint32_t bits(void)
{
	uint32_t found = 0;

	assert_int_equal(frpc_emulator_get_buffer(emulator, buffer, &found), 0);
	return found;
}

/* A handle of the buffer; its map stays when the call is over. */
static long pass(uint32_t attr)
{
	struct frpc_ml_invoke_args arg = {.length = LEN, .fd = buffer, .attr = attr};
	struct frpc_ml_invoke request = {
		EMU_TESTMOD_HANDLE, FRPC_SC_MAKEX(EMU_TESTMOD_KEEP, 0, 0, 1, 0), (uintptr_t)&arg};
	struct frpc_ml_init_create create = {.filefd = -1};

	frpc_emulator_ioctl(emulator, file, FRPC_ML_IOCTL_INIT_CREATE, (uintptr_t)&create, false);
	return frpc_emulator_ioctl(emulator, file, FRPC_ML_IOCTL_INVOKE, (uintptr_t)&request,
				   false);
}

static void a_secure_map_is_assigned_while_it_lasts(void **state)
{
	(void)state;
	assert_int_equal(pass(FRPC_ML_ATTR_SECUREMAP), 0);
	assert_int_equal(bits(), FRPC_EMULATOR_BUFFER_ASSIGNED);
	assert_int_equal(frpc_emulator_close(emulator, file), 0);
	assert_int_equal(bits(), 0);
	file = -1;
}

static void a_plain_map_is_not_assigned(void **state)
{
	(void)state;
	assert_int_equal(pass(0), 0);
	assert_int_equal(bits(), 0);
}

static void a_buffer_that_cannot_be_assigned_is_einval(void **state)
{
	(void)state;
	assert_int_equal(
		frpc_emulator_set_buffer(emulator, buffer, FRPC_EMULATOR_BUFFER_UNASSIGNABLE), 0);
	assert_int_equal(pass(FRPC_ML_ATTR_SECUREMAP), -EINVAL);
	assert_int_equal(pass(0), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_secure_map_is_assigned_while_it_lasts),	  /* B3 */
		TEST(a_plain_map_is_not_assigned),		  /* B3 */
		TEST(a_buffer_that_cannot_be_assigned_is_einval), /* B3 */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
