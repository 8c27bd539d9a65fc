/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which side of FastRPC a source is compiled for. A native skel (-DFASTRPC_SKEL) lives in one
 * process with its app, and some functions exist on both sides under one name: in a skel
 * FRPC_DSP_SIDE(name) makes a declaration mean the emulated DSP's function, whatever the app
 * defines or links.
 */
#ifndef FASTRPC_DSP_SIDE_H
#define FASTRPC_DSP_SIDE_H

#if defined(FASTRPC_SKEL) && !defined(__hexagon__)
#define FRPC_DSP_TEXT_(text) #text
#define FRPC_DSP_TEXT(text)  FRPC_DSP_TEXT_(text)
#define FRPC_DSP_SIDE(name)  __asm__(FRPC_DSP_TEXT(__USER_LABEL_PREFIX__) "emu_dsp_" #name)
#else
#define FRPC_DSP_SIDE(name)
#endif

#endif
