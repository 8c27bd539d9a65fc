/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What generated skels ask of handle arguments. They declare it themselves: remote.h brings this
 * along, so that a declaration behind it means the emulated DSP's function, too.
 */
#ifndef ADSP_MMAP_H
#define ADSP_MMAP_H

#include <stdint.h>

#include "dsp_side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The length of the buffer that was passed as @fd. AEE_EBADPARM: there is none. */
int adsp_mmap_fd_getinfo(int fd, uint32_t *len) FRPC_DSP_SIDE(adsp_mmap_fd_getinfo);
/* AEE_EUNSUPPORTED on the emulator: HAP_mmap_get() and HAP_mmap_put() count references there. */
int adsp_addref_mmap(void *address, int length, uint32_t flags) FRPC_DSP_SIDE(adsp_addref_mmap);
int adsp_release_mmap(void *address, int length) FRPC_DSP_SIDE(adsp_release_mmap);

#ifdef __cplusplus
}
#endif

#endif
