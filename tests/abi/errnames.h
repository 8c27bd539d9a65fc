/* SPDX-License-Identifier: BSD-3-Clause */
/* The numbers of the names in aee_names.h, in its order, as the DSP's side of AEEStdErr.h has them. */
#ifndef ERRNAMES_H
#define ERRNAMES_H

#include <stddef.h>

extern const int dsp_numbers[];
extern const size_t dsp_count;

#endif
