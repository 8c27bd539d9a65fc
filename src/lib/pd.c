/* SPDX-License-Identifier: BSD-3-Clause */
#include "pd.h"

#include <errno.h>

#include <fastrpc/abi/downstream.h>
#include <fastrpc/abi/smq.h>

#include "AEEStdErr.h"
#include "error.h"
#include "log.h"
#include "program_files.h"
#include "settings.h"
#include "shell.h"

#define MEMORY_SIGNED (3u << 20)
#define DSP_EBADSTATE ((int32_t)0x8000040d)

const char *frpc_pd_domain_name(const struct frpc_pd *pd)
{
	return frpc_domain_name(pd->effective & 7);
}

const char *frpc_pd_data_dir(const struct frpc_pd *pd)
{
	struct frpc_device *device = pd->transport->device;

	return device ? device->ops->data_dir(device) : NULL;
}

int frpc_pd_fail_refused(const struct frpc_pd *pd, int32_t status, const char *what)
{
	return frpc_fail(status, FRPC_ORIGIN_DSP, 0, "no session on %s: the DSP refused %s (0x%x)",
			 frpc_pd_domain_name(pd), what, (unsigned int)status);
}

/* What to do about nodes that are not there, or not for us. */
static const char *node_advice(const struct frpc_pd *pd, int error)
{
	if (error == -EACCES || error == -EPERM)
		return "be a member of the node's group, or ask for an unsigned process "
		       "(DSPRPC_CONTROL_UNSIGNED_MODULE)";
	return frpc_pd_data_dir(pd) ? "the emulated machine has the domains that "
				      "FRPC_EMULATOR=domains=... names"
				    : "to run on the emulator set FRPC_TRANSPORT=emulator";
}

static int open_device(struct frpc_pd *pd)
{
	struct frpc_open_report report = {.text = ""};
	int res;

	res = pd->transport->ops->open(pd->transport, pd->effective & 7, pd->effective >> 3,
				       &report, &pd->remote);
	if (!res)
		return AEE_SUCCESS;
	if (report.text[0])
		return frpc_fail(res == -ENOENT ? AEE_ENOSUCHDEVICE : frpc_code_from_errno(res),
				 FRPC_ORIGIN_DRIVER, res,
				 "no session on %s: no device node could be opened (%s); %s",
				 frpc_pd_domain_name(pd), report.text, node_advice(pd, res));
	return frpc_fail_driver(res, "no session on %s: it cannot be chosen on its device node",
				frpc_pd_domain_name(pd));
}

/* MDSP needs no shell, SDSP may go without; the others cannot make a process from nothing. */
static int load_shell(const struct frpc_pd *pd, bool unsigned_pd, struct frpc_shell *shell)
{
	uint32_t domain = pd->effective & 7;
	char tried[1024] = "";
	int res;

	res = frpc_shell_load(pd->transport, domain, unsigned_pd, frpc_pd_data_dir(pd), shell,
			      tried, sizeof(tried));
	if (!res || (res == -ENOENT && (domain == 1 || domain == 2)))
		return AEE_SUCCESS;
	if (res == -ENOENT)
		return frpc_fail(
			AEE_ENOSUCHFILE, FRPC_ORIGIN_LIBRARY, ENOENT,
			"no session on %s: no shell file; tried %s; set DSP_LIBRARY_PATH to "
			"the folder that has it",
			frpc_pd_domain_name(pd), tried);
	return frpc_fail(frpc_code_from_errno(res), FRPC_ORIGIN_LIBRARY, res,
			 "no session on %s: the shell file cannot be read (errno %d)%s%s",
			 frpc_pd_domain_name(pd), -res, *tried ? "; tried " : "", tried);
}

static void set_params(const struct frpc_pd *pd, const struct frpc_session_settings *settings,
		       const struct frpc_shell *shell, struct frpc_process_params *ret_params)
{
	*ret_params = (struct frpc_process_params){
		.shell_fd = -1,
		.attrs = (settings->unsigned_pd ? FRPC_PROC_ATTR_UNSIGNED : 0) |
			 (settings->pd_dump ? FRPC_PROC_ATTR_PD_DUMP : 0) |
			 frpc_debug_attributes(pd->effective & 7),
		.memlen = settings->unsigned_pd ? 0
			  : settings->memory	? settings->memory
						: MEMORY_SIGNED,
	};
	if (shell->length) {
		ret_params->shell = shell->buffer.bytes;
		ret_params->shell_len = shell->length;
		ret_params->shell_fd = shell->buffer.fd;
	}
}

/* A driver has one errno for a DSP that is down and for a caller who may have no such process. */
static const char *process_advice(int error, bool unsigned_pd)
{
	if (error == -ECONNREFUSED)
		return unsigned_pd ? " (is the DSP up?)"
				   : " (is the DSP up, and may this program have a signed one? An "
				     "unsigned one is asked for with "
				     "DSPRPC_CONTROL_UNSIGNED_MODULE)";
	if ((error == -EACCES || error == -EPERM) && !unsigned_pd)
		return " (an unsigned one is asked for with DSPRPC_CONTROL_UNSIGNED_MODULE)";
	return "";
}

static int create_process(const struct frpc_pd *pd)
{
	struct frpc_process_params params;
	struct frpc_session_settings settings;
	struct frpc_shell shell;
	int32_t status = 0;
	int res;

	frpc_settings_get(pd->effective & 7, &settings);
	res = load_shell(pd, settings.unsigned_pd, &shell);
	if (res)
		return res;
	frpc_log(FRPC_LOG_DEBUG, "%s: %s process with a shell of %u bytes", frpc_pd_domain_name(pd),
		 settings.unsigned_pd ? "an unsigned" : "a signed", shell.length);
	set_params(pd, &settings, &shell, &params);
	res = pd->remote->transport->ops->create(pd->remote, &params, &status);
	frpc_shell_free(&shell);
	if (res)
		return frpc_fail_driver(res, "no session on %s: no %s process could be created%s",
					frpc_pd_domain_name(pd),
					settings.unsigned_pd ? "unsigned" : "signed",
					process_advice(res, settings.unsigned_pd));
	if (status)
		return frpc_pd_fail_refused(pd, status, "to create a process");
	return AEE_SUCCESS;
}

/* For daemons: the PD is there already, or is made for all. */
static int attach_process(const struct frpc_pd *pd)
{
	static const enum frpc_attach_kind kinds[] = {
		[FRPC_PD_ROOT] = FRPC_ATTACH_ROOT,
		[FRPC_PD_SENSORS] = FRPC_ATTACH_SENSORS,
		[FRPC_PD_AUDIO] = FRPC_ATTACH_AUDIO,
	};
	int32_t status = 0;
	int res = pd->remote->transport->ops->attach(pd->remote, kinds[pd->kind], &status);

	if (res)
		return frpc_fail_driver(res, "no session on %s: its PD cannot be attached to",
					frpc_pd_domain_name(pd));
	if (status)
		return frpc_pd_fail_refused(pd, status, "to attach us");
	return AEE_SUCCESS;
}

static int invoke(const struct frpc_pd *pd, uint32_t handle, uint32_t sc,
		  const struct frpc_arg *args, int32_t *ret_status)
{
	return frpc_remote_invoke(pd->remote, handle, sc, args, ret_status);
}

bool frpc_pd_means_gone(int32_t status)
{
	return status == AEE_ENOSUCH || status == DSP_EBADSTATE;
}

void frpc_pd_exit(const struct frpc_pd *pd)
{
	bool ended = false;

	/* Worth a second try: what is not ended keeps its file for ever. */
	for (int i = 0; i < 2 && !ended; i++) {
		int32_t status = 0;
		int res = invoke(pd, FRPC_HANDLE_CURRENT_PROCESS1, 2u << 24, NULL, &status);

		ended = res ? frpc_means_down(res) : !status || frpc_pd_means_gone(status);
	}
}

int frpc_pd_ask(const struct frpc_pd *pd, int32_t *ret_status)
{
	uint32_t asid;
	const struct frpc_arg arg = frpc_arg_plain(&asid, sizeof(asid));

	*ret_status = 0;
	return invoke(pd, FRPC_HANDLE_CURRENT_PROCESS1, 0x05000100, &arg, ret_status);
}

int frpc_pd_raise(const struct frpc_pd *pd)
{
	int32_t status = 0;
	int res;

	res = invoke(pd, FRPC_HANDLE_CURRENT_PROCESS1, 7u << 24, NULL, &status);
	if (res)
		return frpc_fail_driver(res, "%s: no exception could be raised",
					frpc_pd_domain_name(pd));
	/* A process that has raised it cannot say that all went well. */
	if (!frpc_pd_means_gone(status))
		return frpc_fail(status ? status : AEE_EFAILED, FRPC_ORIGIN_DSP, 0,
				 "%s: the DSP raised no exception (0x%x)", frpc_pd_domain_name(pd),
				 (unsigned int)status);
	return AEE_SUCCESS;
}

int frpc_pd_open(struct frpc_pd *pd)
{
	int res = open_device(pd);

	if (res)
		return res;
	return pd->kind == FRPC_PD_USER ? create_process(pd) : attach_process(pd);
}

void frpc_pd_close(struct frpc_pd *pd)
{
	if (pd->remote)
		pd->remote->transport->ops->close(pd->remote);
	pd->remote = NULL;
}
