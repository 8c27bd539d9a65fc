/* SPDX-License-Identifier: BSD-3-Clause */
/* A skel that needs what a device's firmware has and the emulated DSP has not. */
#include "remote.h"

int HAP_get_process_list(void); /* nobody calls it: its shape does not matter */
int unmet_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra);

int unmet_skel_handle_invoke(remote_handle64 h, uint32_t sc, remote_arg *pra)
{
	(void)h, (void)sc, (void)pra;
	return HAP_get_process_list();
}
