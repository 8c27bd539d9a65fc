/* SPDX-License-Identifier: BSD-3-Clause */
/* The same names as a skel sees them; compiled with FASTRPC_SKEL as pkg-config fastrpc-skel says. */
#include "errnames.h"

#include "AEEStdErr.h"

#define AEE(name, number)   (int)(name),
#define PLAIN(name, number) (int)(name),
const int dsp_numbers[] = {
#include "aee_names.h"
};
const size_t dsp_count = sizeof(dsp_numbers) / sizeof(*dsp_numbers);
