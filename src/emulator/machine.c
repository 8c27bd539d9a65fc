/* SPDX-License-Identifier: BSD-3-Clause */
#include "machine.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "dsp/child.h"
#include "link/qrtr.h"
#include "link/tap.h"
#include "machine_spec.h"
#include "report.h"

#define DOMAIN_CDSP  3u
#define DOMAIN_CDSP1 4u
#define POLLING_ARCH 69u /* the oldest SoC on the mainline driver's list of those that can poll */
#define ROUTER_MS    10000u

/* What a DSP's test module asks to restart it. */
struct restarter {
	struct emu_machine *machine;
	uint32_t domain;
};

struct emu_machine {
	_Atomic int refs;
	struct emu_machine_spec spec;
	struct emu_clock *clock;
	struct emu_stats stats;
	struct emu_driver *driver;
	pthread_mutex_t router_lock;			 /* driver, while it is made */
	struct emu_qrtr_network *network;		 /* where links go over the router */
	struct emu_end *taps[EMU_DIALECTS][EMU_DOMAINS]; /* what the driver sees of the next ones */
	struct emu_end *driver_ends[EMU_DIALECTS][EMU_DOMAINS];
	struct emu_end *dsp_ends[EMU_DIALECTS][EMU_DOMAINS];
	struct emu_subsystem *subsystems[EMU_DIALECTS][EMU_DOMAINS];
	struct restarter restarters[EMU_DOMAINS];
	pthread_mutex_t restart_lock;
	enum emu_restart_step next_step[EMU_DOMAINS];
};

/* The machine that the environment describes. */
static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;
static struct emu_machine *default_machine;

/* Labels that the mainline driver does not know have no node. */
static bool knows_label(const struct emu_machine_spec *spec, uint32_t domain)
{
	if (domain > DOMAIN_CDSP1)
		return spec->version >= EMU_ML_7_3;
	return domain < DOMAIN_CDSP1 || spec->version >= EMU_ML_6_12;
}

/* A downstream CDSP1 has no context bank in any device tree. */
static bool has_domain(const struct emu_machine_spec *spec, enum emu_dialect dialect,
		       uint32_t domain)
{
	return spec->dialects[dialect] && spec->domains[domain] &&
	       !(dialect == EMU_MAINLINE && !knows_label(spec, domain)) &&
	       !(dialect == EMU_DOWNSTREAM && domain > DOMAIN_CDSP) &&
	       !(dialect == EMU_DOWNSTREAM && spec->qrtr && domain != DOMAIN_CDSP);
}

/* Secure banks stand last, shared ones before them, where there are any. */
static void describe_banks(const struct emu_machine_spec *spec, enum emu_dialect dialect,
			   struct emu_channel_config *config)
{
	bool downstream = dialect == EMU_DOWNSTREAM;
	uint32_t secure = 0, shared = downstream ? spec->shared_banks : 0;

	if (downstream && spec->secure_banks_said)
		secure = spec->secure_banks;
	else if (downstream && spec->banks > 4)
		secure = 2;
	config->bank_count = spec->banks;
	for (uint32_t i = 0; i < spec->banks; i++) {
		uint32_t from_end = spec->banks - 1 - i;

		config->banks[i] = (struct emu_bank_config){
			.id = i + 1,
			.secure = from_end < secure,
			.shared = from_end >= secure && from_end - secure < shared,
			.pd_type = downstream ? spec->pd_types[i] : 0,
		};
	}
}

static void describe_channel(const struct emu_machine_spec *spec, enum emu_dialect dialect,
			     uint32_t domain, struct emu_channel_config *config)
{
	/* Downstream supports unsigned processes on CDSP alone, whatever CDSP1 may be. */
	bool compute = dialect == EMU_MAINLINE ? domain >= DOMAIN_CDSP : domain == DOMAIN_CDSP;

	config->secure = dialect == EMU_MAINLINE || !compute;
	if (spec->secure_said)
		config->secure = spec->secure[domain];
	config->unsigned_ok = compute;
	config->version = spec->version;
	config->multimode = spec->multimode;
	config->poll_capable = spec->arch >= POLLING_ARCH;
	config->assign = dialect == EMU_DOWNSTREAM && spec->assign[domain];
	config->incoherent = dialect == EMU_DOWNSTREAM && spec->incoherent;
}

static void describe_driver(const struct emu_machine_spec *spec, struct emu_driver_config *config)
{
	config->heap_size = spec->heap;
	config->buffer_limit = spec->limit;
	config->max_sessions = spec->sessions;
	config->latency_us = spec->latency_us;
	config->trusted_vm = spec->qrtr;
	config->gid_count = spec->gid_count;
	for (uint32_t i = 0; i < spec->gid_count; i++)
		config->gids[i] = spec->gids[i];
}

void emu_machine_describe_dsp(const struct emu_machine_spec *spec, enum emu_dialect dialect,
			      uint32_t domain, struct emu_subsystem_config *config)
{
	bool compute = domain >= DOMAIN_CDSP, downstream = dialect == EMU_DOWNSTREAM;

	memset(config, 0, sizeof(*config));
	config->domain = domain;
	config->name = emu_domain_names[domain];
	config->test_module = spec->test_module;
	config->queue_version = spec->queue_version;
	config->attributes[1] = compute;	       /* unsigned PDs */
	config->attributes[3] = compute ? 4 : 0;       /* HVX units of 128 bytes */
	config->attributes[4] = compute ? 4 << 20 : 0; /* VTCM page */
	config->attributes[5] = compute;	       /* VTCM count */
	config->program = spec->processes ? spec->program : NULL;
	config->extended = downstream;
	config->long_responses =
		downstream && spec->qrtr;	       /* the driver's buffer has no other size */
	config->poll_word = !downstream && spec->version >= EMU_ML_7_3;
	config->attributes[9] = downstream && compute; /* asynchronous jobs */
	config->attributes[10] = downstream ? 3 : 0;   /* status notifications, v2 */
	config->attributes[130] = downstream;	       /* driver signals */
	config->attributes[128] = downstream ? 2 : 0;  /* performance counters, v2 */
	config->attributes[6] = spec->arch / 10 * 16 + spec->arch % 10; /* "0x68" for v68 */
	for (uint32_t id = 0; id < EMU_MAX_ATTRIBUTES; id++)
		if (spec->attribute_said[id])
			config->attributes[id] = spec->attributes[id];
}

static bool is_over_router(const struct emu_machine_spec *spec, enum emu_dialect dialect)
{
	return spec->qrtr && dialect == EMU_DOWNSTREAM;
}

/* The server of CDSP's secure PD, the only one that is configured, has come or gone. */
static void router_state(void *context, bool online)
{
	struct emu_machine *machine = context;
	struct emu_driver *driver;

	pthread_mutex_lock(&machine->router_lock);
	driver = machine->driver;
	pthread_mutex_unlock(&machine->router_lock);
	if (driver) /* else it is being made, and will be told */
		emu_driver_qrtr_state(driver, DOMAIN_CDSP, online);
}

static int make_link(struct emu_machine *machine, enum emu_dialect dialect, uint32_t domain)
{
	struct emu_end **driver = &machine->driver_ends[dialect][domain];
	struct emu_end **dsp = &machine->dsp_ends[dialect][domain];
	uint32_t instance = EMU_QRTR_INSTANCE(domain, EMU_QRTR_SECURE_PD);
	int res;

	if (!is_over_router(&machine->spec, dialect))
		return emu_rpmsg_new(driver, dsp);
	res = emu_qrtr_network_new(machine->spec.qrtr_local, &machine->network);
	if (!res)
		res = emu_qrtr_client_new(machine->network, instance, router_state, machine,
					  driver);
	if (!res)
		res = emu_qrtr_server_new(machine->network, instance, dsp);
	return res;
}

static void set_link(struct emu_machine *machine, enum emu_dialect dialect, uint32_t domain,
		     bool up)
{
	if (is_over_router(&machine->spec, dialect))
		emu_qrtr_server_set_up(machine->dsp_ends[dialect][domain], up);
	else
		emu_rpmsg_set_up(machine->driver_ends[dialect][domain], up);
}

/* A machine is handed out with its links up. */
static int wait_for_router(struct emu_machine *machine)
{
	struct emu_end *end = machine->driver_ends[EMU_DOWNSTREAM][DOMAIN_CDSP];

	int res;

	if (!machine->network || !end)
		return 0;
	res = emu_qrtr_client_wait(end, ROUTER_MS);
	if (!res)
		emu_driver_qrtr_state(machine->driver, DOMAIN_CDSP, true);
	return res;
}

static int make_links(struct emu_machine *machine, struct emu_driver_config *config)
{
	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++) {
			struct emu_channel_config *channel = &config->channels[dialect][domain];

			describe_channel(&machine->spec, dialect, domain, channel);
			channel->present = has_domain(&machine->spec, dialect, domain);
			if (!channel->present)
				continue;
			channel->qrtr = is_over_router(&machine->spec, dialect);
			if (make_link(machine, dialect, domain))
				return -ENOMEM;
			if (emu_tap_new(machine->driver_ends[dialect][domain], machine->clock,
					&machine->taps[dialect][domain]))
				return -ENOMEM;
			describe_banks(&machine->spec, dialect, channel);
			channel->end = machine->taps[dialect][domain];
		}
	return 0;
}

static void *run_restart(void *arg)
{
	struct restarter *restarter = arg;
	struct emu_machine *machine = restarter->machine;

	for (int step = EMU_RESTART_SHUTDOWN_BEGINS; step <= EMU_RESTART_POWERUP_ENDS; step++)
		emu_machine_restart_step(machine, restarter->domain, (enum emu_restart_step)step);
	emu_machine_unref(machine);
	return NULL;
}

/* Called by a thread of the DSP that is to go down: another one does it. */
static int start_restart(void *context)
{
	struct restarter *restarter = context;
	pthread_attr_t attr;
	pthread_t thread;
	int res;

	emu_machine_ref(restarter->machine);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	res = pthread_create(&thread, &attr, run_restart, restarter);
	pthread_attr_destroy(&attr);
	if (res)
		emu_machine_unref(restarter->machine);
	return -res;
}

static int make_dsps(struct emu_machine *machine)
{
	struct emu_subsystem_config config;
	int res = 0;

	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS && !res; domain++) {
			if (!machine->dsp_ends[dialect][domain])
				continue;
			emu_machine_describe_dsp(&machine->spec, dialect, domain, &config);
			machine->restarters[domain] = (struct restarter){machine, domain};
			config.restart = start_restart;
			config.restart_context = &machine->restarters[domain];
			res = emu_subsystem_new(&config, machine->dsp_ends[dialect][domain],
						emu_driver_memory(machine->driver, dialect, domain),
						&machine->stats,
						&machine->subsystems[dialect][domain]);
		}
	return res;
}

/* The link is down between the first step and the last, and what ran on the DSP is gone. */
static void restart_one(struct emu_machine *machine, enum emu_dialect dialect, uint32_t domain,
			enum emu_restart_step step)
{
	struct emu_subsystem *subsystem = machine->subsystems[dialect][domain];

	if (step == EMU_RESTART_POWERUP_ENDS) {
		emu_subsystem_boot(subsystem);
		set_link(machine, dialect, domain, true);
	}
	emu_driver_restart(machine->driver, dialect, domain, step);
	if (step == EMU_RESTART_SHUTDOWN_BEGINS) {
		set_link(machine, dialect, domain, false);
		emu_subsystem_crash(subsystem);
	}
}

int emu_machine_restart_step(struct emu_machine *machine, uint32_t domain,
			     enum emu_restart_step step)
{
	int res = -ENODEV;

	if (domain >= EMU_DOMAINS)
		return -ENODEV;
	pthread_mutex_lock(&machine->restart_lock);
	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++) {
		if (!machine->subsystems[dialect][domain])
			continue;
		res = step == machine->next_step[domain] ? 0 : -EINVAL;
		if (!res)
			restart_one(machine, dialect, domain, step);
	}
	if (!res)
		machine->next_step[domain] =
			step == EMU_RESTART_POWERUP_ENDS ? EMU_RESTART_SHUTDOWN_BEGINS : step + 1;
	pthread_mutex_unlock(&machine->restart_lock);
	return res;
}

/* Closing waits for a DSP that is going down. */
static void finish_restarts(struct emu_machine *machine)
{
	for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++)
		while (machine->next_step[domain] != EMU_RESTART_SHUTDOWN_BEGINS)
			emu_machine_restart_step(machine, domain, machine->next_step[domain]);
}

static void destroy(struct emu_machine *machine)
{
	struct frpc_task task = {.tgid = getpid(), .tid = getpid()};

	finish_restarts(machine);

	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++)
			if (machine->subsystems[dialect][domain])
				emu_subsystem_set_faults(machine->subsystems[dialect][domain], 0);
	if (machine->driver)
		emu_driver_close_all(machine->driver, &task);
	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++)
			emu_subsystem_free(machine->subsystems[dialect][domain]);
	emu_driver_free(machine->driver);
	for (unsigned int dialect = 0; dialect < EMU_DIALECTS; dialect++)
		for (uint32_t domain = 0; domain < EMU_DOMAINS; domain++) {
			emu_end_free(machine->taps[dialect][domain]);
			emu_end_free(machine->driver_ends[dialect][domain]);
			emu_end_free(machine->dsp_ends[dialect][domain]);
		}
	emu_qrtr_network_free(machine->network);
	emu_clock_free(machine->clock);
	if (machine->spec.report[0])
		emu_report_write(machine->spec.report, &machine->stats);
	pthread_mutex_destroy(&machine->router_lock);
	pthread_mutex_destroy(&machine->restart_lock);
	free(machine);
}

/* The one beside the library, unless the description names another. */
static int find_program(struct emu_machine_spec *spec, char *text, size_t textlen)
{
	char dir[PATH_MAX - 32] = "";

	if (!spec->processes)
		return 0;
	if (!spec->program[0]) {
		emu_data_dir(dir, sizeof(dir));
		snprintf(spec->program, sizeof(spec->program), "%s/" EMU_CHILD_PROGRAM, dir);
	}
	if (!access(spec->program, X_OK))
		return 0;
	if (text && textlen)
		snprintf(text, textlen, "FRPC_EMULATOR: engine=process needs the program %.200s",
			 spec->program);
	return -ENOENT;
}

int emu_machine_new(const char *spec, struct emu_machine **ret_machine, char *text, size_t textlen)
{
	struct emu_machine *machine = calloc(1, sizeof(*machine));
	struct emu_driver_config *config = calloc(1, sizeof(*config));
	struct emu_driver *driver;
	int res = -ENOMEM;

	if (!machine || !config)
		goto fail;
	atomic_init(&machine->refs, 1);
	pthread_mutex_init(&machine->restart_lock, NULL);
	pthread_mutex_init(&machine->router_lock, NULL);
	res = emu_machine_spec_parse(spec, &machine->spec, text, textlen);
	if (res)
		goto fail;
	res = find_program(&machine->spec, text, textlen);
	if (res)
		goto fail;
	res = emu_clock_new(&machine->clock);
	if (!res)
		res = make_links(machine, config);
	if (!res) {
		config->clock = machine->clock;
		config->stats = &machine->stats;
		describe_driver(&machine->spec, config);
		res = emu_driver_new(config, &driver);
	}
	if (!res) {
		pthread_mutex_lock(&machine->router_lock);
		machine->driver = driver;
		pthread_mutex_unlock(&machine->router_lock);
	}
	if (!res)
		res = make_dsps(machine);
	if (!res)
		res = wait_for_router(machine);
	if (res) {
		machine->spec.report[0] = 0;
		destroy(machine);
		machine = NULL;
		goto fail;
	}
	free(config);
	*ret_machine = machine;
	return 0;
fail:
	free(config);
	free(machine);
	return res;
}

struct emu_machine *emu_machine_ref(struct emu_machine *machine)
{
	atomic_fetch_add(&machine->refs, 1);
	return machine;
}

void emu_machine_unref(struct emu_machine *machine)
{
	bool last;

	if (!machine)
		return;
	/* The default machine must not be handed out between its last unref and its end. */
	pthread_mutex_lock(&default_lock);
	last = atomic_fetch_sub(&machine->refs, 1) == 1;
	if (last && machine == default_machine)
		default_machine = NULL;
	pthread_mutex_unlock(&default_lock);
	if (last)
		destroy(machine);
}

/* In the child no thread of the machine exists: it is left as it is, and a new one made when asked. */
static void forget_default(void)
{
	pthread_mutex_init(&default_lock, NULL);
	default_machine = NULL;
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, forget_default);
}

int emu_machine_default(struct emu_machine **ret_machine, char *text, size_t textlen)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int res = 0;

	pthread_once(&once, watch_forks);
	pthread_mutex_lock(&default_lock);
	if (default_machine)
		emu_machine_ref(default_machine);
	else
		res = emu_machine_new(getauxval(AT_SECURE) ? NULL : getenv("FRPC_EMULATOR"),
				      &default_machine, text, textlen);
	*ret_machine = default_machine;
	pthread_mutex_unlock(&default_lock);
	return res;
}

struct emu_subsystem *emu_machine_subsystem(struct emu_machine *machine, enum emu_dialect dialect,
					    uint32_t domain)
{
	return domain < EMU_DOMAINS ? machine->subsystems[dialect][domain] : NULL;
}

int emu_machine_rpmsg_probe(struct emu_machine *machine, const char *channel, const char *label,
			    const char *node)
{
	int domain = emu_driver_rpmsg_match(machine->driver, channel, label, node);

	if (domain < 0)
		return domain;
	/* Who has waited for the probe sends at once. */
	set_link(machine, EMU_DOWNSTREAM, (uint32_t)domain, true);
	return emu_driver_rpmsg_probe(machine->driver, channel, label, node);
}

int emu_machine_rpmsg_remove(struct emu_machine *machine, const char *label, const char *node)
{
	int domain = emu_driver_rpmsg_remove(machine->driver, label, node);

	if (domain >= 0)
		set_link(machine, EMU_DOWNSTREAM, (uint32_t)domain, false);
	return domain;
}

struct emu_end *emu_machine_tap(struct emu_machine *machine, enum emu_dialect dialect,
				uint32_t domain)
{
	return domain < EMU_DOMAINS ? machine->taps[dialect][domain] : NULL;
}

struct emu_end *emu_machine_dsp_end(struct emu_machine *machine, enum emu_dialect dialect,
				    uint32_t domain)
{
	return domain < EMU_DOMAINS ? machine->dsp_ends[dialect][domain] : NULL;
}

struct emu_driver *emu_machine_driver(struct emu_machine *machine)
{
	return machine->driver;
}

struct emu_clock *emu_machine_clock(struct emu_machine *machine)
{
	return machine->clock;
}

struct emu_stats *emu_machine_stats(struct emu_machine *machine)
{
	return &machine->stats;
}
