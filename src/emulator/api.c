/* SPDX-License-Identifier: BSD-3-Clause */
/* emulator.h: a machine in the hands of a test. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api.h"

static int wrap(struct emu_machine *machine, struct frpc_emulator **ret_emulator)
{
	struct frpc_emulator *emulator = calloc(1, sizeof(*emulator));

	if (!emulator) {
		emu_machine_unref(machine);
		return -ENOMEM;
	}
	emulator->machine = machine;
	*ret_emulator = emulator;
	return 0;
}

int frpc_emulator_new(const char *spec, struct frpc_emulator **ret_emulator, char *text,
		      size_t textlen)
{
	struct emu_machine *machine;
	int res;

	if (!ret_emulator)
		return -EINVAL;
	res = emu_machine_new(spec, &machine, text, textlen);
	return res ? res : wrap(machine, ret_emulator);
}

int frpc_emulator_default(struct frpc_emulator **ret_emulator, char *text, size_t textlen)
{
	struct emu_machine *machine;
	int res;

	if (!ret_emulator)
		return -EINVAL;
	res = emu_machine_default(&machine, text, textlen);
	return res ? res : wrap(machine, ret_emulator);
}

void frpc_emulator_free(struct frpc_emulator *emulator)
{
	if (!emulator)
		return;
	emu_machine_unref(emulator->machine);
	free(emulator);
}

struct frpc_task emu_api_task(bool compat)
{
	struct frpc_task task;

	frpc_task_current(&task);
	task.compat = compat;
	return task;
}

int frpc_emulator_open(struct frpc_emulator *emulator, const char *path, int flags)
{
	struct frpc_task task = emu_api_task(false);

	return emu_driver_open(emu_machine_driver(emulator->machine), &task, path, flags);
}

long frpc_emulator_ioctl(struct frpc_emulator *emulator, int file, uint32_t cmd, uintptr_t arg,
			 bool compat)
{
	struct frpc_task task = emu_api_task(compat);

	return emu_driver_ioctl(emu_machine_driver(emulator->machine), &task, file, cmd, arg);
}

int frpc_emulator_close(struct frpc_emulator *emulator, int file)
{
	struct frpc_task task = emu_api_task(false);

	return emu_driver_close(emu_machine_driver(emulator->machine), &task, file);
}

void frpc_emulator_get_counters(struct frpc_emulator *emulator,
				struct frpc_emulator_counters *ret_counters)
{
	const struct emu_stats *stats = emu_machine_stats(emulator->machine);

	*ret_counters = (struct frpc_emulator_counters){
		.nodes_opened = atomic_load(&stats->nodes_opened),
		.processes_created = atomic_load(&stats->processes_created),
		.calls = atomic_load(&stats->calls),
		.bytes_copied_in = atomic_load(&stats->bytes_copied_in),
		.bytes_copied_out = atomic_load(&stats->bytes_copied_out),
		.bytes_mapped = atomic_load(&stats->bytes_mapped),
		.module_calls = atomic_load(&stats->module_calls),
		.modules_loaded = atomic_load(&stats->modules_loaded),
		.reverse_calls = atomic_load(&stats->reverse_calls),
		.skel_bytes_read = atomic_load(&stats->skel_bytes_read),
		.stray_responses = atomic_load(&stats->stray_responses),
		.dsp_signals = atomic_load(&stats->dsp_signals),
		.latency_votes = atomic_load(&stats->latency_votes),
		.wake_events = atomic_load(&stats->wake_events),
		.wake_ms = atomic_load(&stats->wake_ms),
		.buffers_persistent = atomic_load(&stats->buffers_persistent),
		.buffers_cached = atomic_load(&stats->buffers_cached),
		.buffers_new = atomic_load(&stats->buffers_new),
	};
}

int frpc_emulator_set_faults(struct frpc_emulator *emulator, uint32_t domain, uint32_t faults)
{
	bool found = false;

	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++) {
		struct emu_subsystem *subsystem =
			emu_machine_subsystem(emulator->machine, dialect, domain);

		if (subsystem)
			emu_subsystem_set_faults(subsystem, faults);
		found |= subsystem != NULL;
	}
	return found ? 0 : -ENODEV;
}

int frpc_emulator_inject(struct frpc_emulator *emulator, enum frpc_emulator_dialect dialect,
			 uint32_t domain, const void *bytes, size_t len)
{
	struct emu_subsystem *subsystem = emu_machine_subsystem(
		emulator->machine,
		dialect == FRPC_EMULATOR_MAINLINE ? EMU_MAINLINE : EMU_DOWNSTREAM, domain);

	return subsystem ? emu_subsystem_send(subsystem, bytes, len) : -ENODEV;
}

int frpc_emulator_restart_step(struct frpc_emulator *emulator, uint32_t domain,
			       enum frpc_emulator_restart_step step)
{
	static_assert((int)FRPC_EMULATOR_POWERUP_ENDS == (int)EMU_RESTART_POWERUP_ENDS,
		      "the public steps are the driver's");

	return emu_machine_restart_step(emulator->machine, domain, (enum emu_restart_step)step);
}

int frpc_emulator_restart(struct frpc_emulator *emulator, uint32_t domain)
{
	int res = 0;

	for (int step = FRPC_EMULATOR_SHUTDOWN_BEGINS; step <= FRPC_EMULATOR_POWERUP_ENDS && !res;
	     step++)
		res = frpc_emulator_restart_step(emulator, domain,
						 (enum frpc_emulator_restart_step)step);
	return res;
}

int frpc_emulator_kill_processes(struct frpc_emulator *emulator, uint32_t domain, uint32_t client,
				 uint32_t status)
{
	int res = -ENODEV;

	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++) {
		struct emu_subsystem *subsystem =
			emu_machine_subsystem(emulator->machine, dialect, domain);
		int killed = subsystem ? emu_subsystem_kill(subsystem, client, status) : -ENODEV;

		if (res && killed != -ENODEV)
			res = killed;
	}
	return res;
}

void frpc_emulator_get_state(struct frpc_emulator *emulator, struct frpc_emulator_state *ret_state)
{
	struct emu_driver_state state;

	emu_driver_get_state(emu_machine_driver(emulator->machine), &state);
	*ret_state = (struct frpc_emulator_state){
		.files = state.files,
		.calls = state.calls,
		.done_jobs = state.done_jobs,
		.notifications = state.notifications,
		.signals = state.signals,
		.maps = state.maps,
	};
}

uint32_t frpc_emulator_processes(struct frpc_emulator *emulator, uint32_t domain)
{
	uint32_t count = 0;

	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++) {
		struct emu_subsystem *subsystem =
			emu_machine_subsystem(emulator->machine, dialect, domain);

		count += subsystem ? emu_subsystem_processes(subsystem) : 0;
	}
	return count;
}

void frpc_emulator_advance_clock(struct frpc_emulator *emulator, uint64_t nanoseconds)
{
	emu_clock_advance(emu_machine_clock(emulator->machine), nanoseconds);
}
