/* SPDX-License-Identifier: BSD-3-Clause */
/* The basic types of FastRPC interfaces, and what code generated from IDL expects to find. */
#ifndef AEESTDDEF_H
#define AEESTDDEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t AEEUID;
typedef uint32_t AEEIID;
typedef uint32_t AEECLSID;
typedef uint32_t AEEPRIVID;
typedef uint16_t AECHAR;
typedef int AEEResult; /* 0 or a number of AEEStdErr.h */

#define MIN_AECHAR 0
#define MAX_AECHAR 65535

/* A 16-bit unit of a wide string on the wire. */
typedef uint16_t _wchar_t;

/* A string with its capacity, as old stubs pass it: dataLen in units; dataLenReq what it needed. */
struct _cstring_s {
	char *data;
	int dataLen;
	int dataLenReq;
};

struct _wstring_s {
	_wchar_t *data;
	int dataLen;
	int dataLenReq;
};

typedef struct _cstring_s _cstring_t;
typedef struct _wstring_s _wstring_t;

/* Types that generated stubs and skels name. Some programs bring their own. */
#ifndef _UINT32_DEFINED
#define _UINT32_DEFINED
typedef unsigned int uint32;
#endif
#ifndef _UINT16_DEFINED
#define _UINT16_DEFINED
typedef unsigned short uint16;
#endif
#ifndef _UINT8_DEFINED
#define _UINT8_DEFINED
typedef unsigned char uint8;
#endif
#ifndef _INT32_DEFINED
#define _INT32_DEFINED
typedef signed int int32;
#endif
#ifndef _INT16_DEFINED
#define _INT16_DEFINED
typedef signed short int16;
#endif
#ifndef _INT8_DEFINED
#define _INT8_DEFINED
typedef signed char int8;
#endif
#ifndef _INT64_DEFINED
#define _INT64_DEFINED
typedef signed long long int64;
#endif
#ifndef _UINT64_DEFINED
#define _UINT64_DEFINED
typedef unsigned long long uint64;
#endif
#ifndef _BYTE_DEFINED
#define _BYTE_DEFINED
typedef unsigned char byte;
#endif
#if !defined(_BOOLEAN_DEFINED) && !defined(boolean)
#define _BOOLEAN_DEFINED
typedef unsigned char boolean;
#endif

/* Markers in generated code; empty unless a program defines them first. */
#ifndef __QAIC_HEADER
#define __QAIC_HEADER(ff) ff
#endif
#ifndef __QAIC_HEADER_EXPORT
#define __QAIC_HEADER_EXPORT
#endif
#ifndef __QAIC_HEADER_ATTRIBUTE
#define __QAIC_HEADER_ATTRIBUTE
#endif
#ifndef __QAIC_IMPL
#define __QAIC_IMPL(ff) ff
#endif
#ifndef __QAIC_IMPL_EXPORT
#define __QAIC_IMPL_EXPORT
#endif
#ifndef __QAIC_IMPL_ATTRIBUTE
#define __QAIC_IMPL_ATTRIBUTE
#endif
#ifndef __QAIC_REMOTE
#define __QAIC_REMOTE(ff) ff
#endif
#ifndef __QAIC_REMOTE_EXPORT
#define __QAIC_REMOTE_EXPORT
#endif
#ifndef __QAIC_REMOTE_ATTRIBUTE
#define __QAIC_REMOTE_ATTRIBUTE
#endif
#ifndef __QAIC_RETURN
#define __QAIC_RETURN
#endif
#ifndef __QAIC_IN
#define __QAIC_IN
#endif
#ifndef __QAIC_IN_CHAR
#define __QAIC_IN_CHAR
#endif
#ifndef __QAIC_IN_LEN
#define __QAIC_IN_LEN(len)
#endif
#ifndef __QAIC_OUT
#define __QAIC_OUT
#endif
#ifndef __QAIC_INT64PTR
#define __QAIC_INT64PTR uint64_t
#endif

#ifdef __cplusplus
}
#endif

#endif
