/* SPDX-License-Identifier: BSD-3-Clause */
/* Generated from calculator.idl (by hand, in the shape in which an IDL compiler does it). */
#ifndef CALCULATOR_H
#define CALCULATOR_H

#include "AEEStdDef.h"
#include "remote.h"

#define calculator_URI "file:///libcalculator_skel.so?calculator_skel_handle_invoke&_modver=1.0"

int calculator_open(const char *uri, remote_handle64 *h);
int calculator_close(remote_handle64 h);
int calculator_sum(remote_handle64 h, const int32 *vec, int vecLen, int64 *res);
int calculator_max(remote_handle64 h, const int32 *vec, int vecLen, int32 *res);
int calculator_scale(remote_handle64 h, const int32 *vec, int vecLen, int32 factor, int32 *result,
		     int resultLen);

#endif
