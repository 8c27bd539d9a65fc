/* SPDX-License-Identifier: BSD-3-Clause */
/* frpc-conformance: runs the rows one by one and says the result of each as TAP. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

/* A row that takes longer hangs: the driver's own patience is 10 s, and a busy machine slow. */
#define ROW_SECONDS 240u

#define STACK_BYTES (1u << 20)

static const struct conf_group *const groups[] = {
	&conf_dn_session,   &conf_dn_sess_info, &conf_dn_init,	  &conf_dn_control,
	&conf_dn_invoke,    &conf_dn_forms,	&conf_dn_pack,	  &conf_dn_cache,
	&conf_dn_handles,   &conf_dn_maps,	&conf_dn_memory,  &conf_dn_response,
	&conf_dn_interrupt, &conf_dn_async,	&conf_dn_notif,	  &conf_dn_headers,
	&conf_dn_signal,    &conf_dn_narrow,	&conf_dn_restart, &conf_ml_open,
	&conf_ml_create,    &conf_ml_invoke,	&conf_ml_pack,	  &conf_ml_map,
	&conf_ml_memory,    &conf_ml_alloc,	&conf_ml_context, &conf_ml_signal,
	&conf_ml_heap,	    &conf_ml_restart,
};

/* Why a row is skipped: this list is closed. */
static const struct {
	unsigned int need;
	const char *word, *reason;
} needs[] = {
	{CONF_TESTMOD, "testmod", "the DSP has no test module"},
	{CONF_SURVIVES, "survives", "a real kernel would crash"},
	{CONF_SMMU, "smmu", "no SMMU"},
	{CONF_CPUS, "cpus", "one CPU"},
	{CONF_HEAP, "heap", "no dma-buf heap"},
	{CONF_RESTART, "restart", "the DSP cannot be restarted"},
	{CONF_SLOW, "slow", "left out: waits for 10 s"},
	{CONF_POLL, "poll", "the DSP cannot poll"},
	{CONF_MACHINE, "machine", "this machine is as it is"},
	{CONF_WIDE, "wide", "not for 32-bit clients"},
	{CONF_NARROW, "narrow", "for 32-bit clients only"},
	{CONF_MONITOR, "monitor", "no secure monitor"},
	{CONF_SIGNALS, "signals", "signals are kept back from a thread that waits"},
};
#define NEEDS (sizeof(needs) / sizeof(*needs))

static const struct {
	enum conf_version version;
	const char *word;
} versions[] = {{CONF_61, "6.1"}, {CONF_612, "6.12"}, {CONF_73, "7.3"}, {CONF_DOWNSTREAM, "-"}};
#define VERSIONS (sizeof(versions) / sizeof(*versions))

enum conf_version conf_version(const struct conf *conf)
{
	return conf->version;
}

const char *conf_domain(const struct conf *conf)
{
	return conf->domain;
}

const struct conf_device *conf_device(const struct conf *conf)
{
	return conf->device;
}

bool conf_narrow(const struct conf *conf)
{
	return conf->narrow;
}

long conf_fault(const struct conf *conf)
{
	return conf->narrow && conf->version == CONF_DOWNSTREAM ? -EPERM : -EFAULT;
}

static bool fail(struct conf *conf, int line, const char *words)
{
	pthread_mutex_lock(&conf->lock);
	printf("# %s: line %d: %s\n", conf->row ? conf->row->id : "setup", line, words);
	conf->failed = true;
	pthread_mutex_unlock(&conf->lock);
	return false;
}

bool conf_equal_at(struct conf *conf, int line, const char *what, long long got, long long want)
{
	char words[512];

	if (got == want)
		return true;
	snprintf(words, sizeof(words), "%.300s is %lld (0x%llx), not %lld (0x%llx)", what, got,
		 (unsigned long long)got, want, (unsigned long long)want);
	for (char *at = words; *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	return fail(conf, line, words);
}

bool conf_true_at(struct conf *conf, int line, const char *what, bool got)
{
	return got || fail(conf, line, what);
}

bool conf_bytes(struct conf *conf, const void *got, const void *want, size_t len)
{
	const unsigned char *a = got, *b = want;
	size_t at = 0;

	while (at < len && a[at] == b[at])
		at++;
	return at == len || conf_equal_at(conf, (int)at, "byte (line is its index)", a[at], b[at]);
}

struct conf_client *conf_client_slot(struct conf *conf)
{
	if (conf->client_count == CONF_CLIENTS)
		abort();
	return &conf->clients[conf->client_count++];
}

struct conf_buffer *conf_buffer_slot(struct conf *conf)
{
	if (conf->buffer_count == CONF_BUFFERS)
		abort();
	return &conf->buffers[conf->buffer_count++];
}

void conf_buffer_forget(struct conf *conf, const struct conf_buffer *buffer)
{
	for (size_t i = 0; i < conf->buffer_count; i++)
		if (conf->buffers[i].bytes == buffer->bytes)
			conf->buffers[i] = (struct conf_buffer){.fd = -1};
}

void conf_rules_set(struct conf *conf)
{
	conf->rules = true;
}

/* ---- running ---- */

static void clean_up(struct conf *conf)
{
	if (conf->rules)
		conf_clear(conf);
	conf->rules = false;
	for (size_t i = 0; i < conf->client_count; i++)
		if (conf->clients[i].file >= 0)
			conf_close(&conf->clients[i]);
	conf->client_count = 0;
	for (size_t i = 0; i < conf->buffer_count; i++)
		if (conf->buffers[i].bytes) {
			munmap(conf->buffers[i].bytes, conf->buffers[i].len);
			if (conf->buffers[i].fd >= 0)
				close(conf->buffers[i].fd);
		}
	conf->buffer_count = 0;
	if (conf->elsewhere) {
		conf_observer_lost(conf);
		conf->device->machine(NULL);
	}
	conf->elsewhere = false;
}

bool conf_on(struct conf *conf, const char *words)
{
	conf_observer_lost(conf);
	conf->elsewhere = true;
	return conf_true(conf, conf->device->machine(words));
}

bool conf_fresh(struct conf *conf)
{
	return !conf->device->machine || conf_on(conf, "arch=73");
}

static const char *skip_reason(const struct conf *conf, const struct conf_row *row)
{
	if (!(row->versions & conf->version))
		return "not in this version";
	for (size_t i = 0; i < NEEDS; i++)
		if (row->needs & conf->lacking & needs[i].need)
			return needs[i].reason;
	return NULL;
}

static char hang_text[200];

/* The row's own text was made before: a handler may only write. */
static void report_hang(int signal_number)
{
	(void)signal_number;
	if (write(STDOUT_FILENO, hang_text, strlen(hang_text)) < 0)
		_exit(3);
	_exit(2);
}

static void *run_here(void *arg)
{
	struct conf *conf = arg;

	conf->row->run(conf);
	return NULL;
}

/* A 32-bit client's own variables are where it can name them. */
static void run_on_low_stack(struct conf *conf)
{
	void *stack = conf_low_pages(conf, STACK_BYTES, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1);
	pthread_attr_t attr;
	pthread_t thread;

	if (!conf_true(conf, stack != MAP_FAILED))
		return;
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, STACK_BYTES);
	if (conf_equal(conf, pthread_create(&thread, &attr, run_here, conf), 0))
		pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	munmap(stack, STACK_BYTES);
}

static bool run_row(struct conf *conf, const struct conf_row *row, unsigned int number)
{
	const char *reason = skip_reason(conf, row);

	if (reason) {
		printf("ok %u - %s %s # SKIP %s\n", number, row->id, row->sentence, reason);
		return true;
	}
	snprintf(hang_text, sizeof(hang_text), "not ok %u - %s # hangs\nBail out! a row hangs\n",
		 number, row->id);
	conf->row = row;
	conf->failed = false;
	fflush(stdout);
	alarm(ROW_SECONDS);
	if (conf->narrow)
		run_on_low_stack(conf);
	else
		row->run(conf);
	clean_up(conf);
	alarm(0);
	printf("%s %u - %s %s\n", conf->failed ? "not ok" : "ok", number, row->id, row->sentence);
	fflush(stdout);
	return !conf->failed;
}

struct filter {
	const char *only, *except;	   /* parts of ids; NULL: no such condition */
	unsigned int needing, not_needing; /* rows with, and without, one of these needs */
};

/* Rows of the other driver are no part of the run. */
static bool matches(const struct conf *conf, const struct conf_row *row,
		    const struct filter *filter)
{
	bool downstream = conf->version == CONF_DOWNSTREAM;

	return downstream == !!(row->versions & CONF_DOWNSTREAM) &&
	       (!filter->only || strstr(row->id, filter->only)) &&
	       !(filter->except && strstr(row->id, filter->except)) &&
	       (!filter->needing || row->needs & filter->needing) &&
	       !(row->needs & filter->not_needing);
}

static int run_all(struct conf *conf, const struct filter *filter)
{
	const struct sigaction hang = {.sa_handler = report_hang, .sa_flags = SA_RESTART};
	unsigned int count = 0, number = 0;
	bool good = true;

	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++)
		for (size_t i = 0; i < groups[g]->count; i++)
			count += matches(conf, &groups[g]->rows[i], filter);
	printf("1..%u\n", count);
	/* Not every signal() asks for restarts, and a row depends on what all handlers say. */
	sigaction(SIGALRM, &hang, NULL);
	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++)
		for (size_t i = 0; i < groups[g]->count; i++)
			if (matches(conf, &groups[g]->rows[i], filter))
				good &= run_row(conf, &groups[g]->rows[i], ++number);
	conf->row = NULL;
	conf_observer_lost(conf);
	return good ? 0 : 1;
}

/* One line a row, tabs between: id, fact, versions, needs, sentence. */
static int list_rows(const struct conf *conf, bool all)
{
	const struct filter every = {NULL, NULL, 0, 0};

	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++)
		for (size_t i = 0; i < groups[g]->count; i++) {
			const struct conf_row *row = &groups[g]->rows[i];
			const char *comma = "";

			if (!all && !matches(conf, row, &every))
				continue;
			printf("%s\t%s\t", row->id, row->fact);
			for (size_t v = 0; v < VERSIONS; v++)
				if (row->versions & versions[v].version) {
					printf("%s%s", comma, versions[v].word);
					comma = ",";
				}
			printf("\t");
			comma = "";
			for (size_t n = 0; n < NEEDS; n++)
				if (row->needs & needs[n].need) {
					printf("%s%s", comma, needs[n].word);
					comma = ",";
				}
			printf("%s\t%s\n", *comma ? "" : "-", row->sentence);
		}
	return 0;
}

static void usage(FILE *to)
{
	fprintf(to,
		"usage: frpc-conformance [OPTIONS]\n"
		"Rows of what a FastRPC driver does, one TAP line each.\n\n"
		"  --device emulator|os       who answers (emulator)\n"
		"  --dialect mainline|downstream    the driver's dialect (with --list also: all)\n"
		"  --version 6.1|6.12|7.3     the driver's version (emulator: 6.12; os: the "
		"kernel's)\n"
		"  --client 64|32             whose layouts and addresses (64)\n"
		"  --domain NAME              the DSP (cdsp); its secure node is used\n"
		"  --machine WORDS            added to the description of the emulated machine\n"
		"  --without WORD,...         what the device lacks:");
	for (size_t i = 0; i < NEEDS; i++)
		fprintf(to, " %s", needs[i].word);
	fprintf(to, "\n"
		    "  --only TEXT                rows whose id holds TEXT\n"
		    "  --except TEXT              no rows whose id holds TEXT\n"
		    "  --needing WORD,...         rows that need one of these of the device\n"
		    "  --not-needing WORD,...     rows that need none of them\n"
		    "  --list                     the rows: id, fact, versions, needs, sentence\n");
}

static bool set_version(struct conf *conf, const char *word)
{
	for (size_t i = 0; i < VERSIONS; i++)
		if (!strcmp(word, versions[i].word)) {
			conf->version = versions[i].version;
			return true;
		}
	return false;
}

/* A kernel says its version itself: the newest one described that is not newer. */
static void guess_version(struct conf *conf)
{
	struct utsname name;
	int major = 0, minor = 0;

	conf->version = CONF_612;
	if (uname(&name) || sscanf(name.release, "%d.%d", &major, &minor) != 2)
		return;
	if (major > 7 || (major == 7 && minor >= 3))
		conf->version = CONF_73;
	else if (major < 6 || (major == 6 && minor < 12))
		conf->version = CONF_61;
}

/* Adds the needs that @words name. */
static bool add_needs(char *words, unsigned int *needs_set)
{
	char *rest = NULL;

	for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		size_t i = 0;

		while (i < NEEDS && strcmp(word, needs[i].word))
			i++;
		if (i == NEEDS)
			return false;
		*needs_set |= needs[i].need;
	}
	return true;
}

struct options {
	const char *device, *dialect, *version, *machine;
	struct filter filter;
	bool list;
};

static const struct option known[] = {
	{"device", required_argument, NULL, 'd'},
	{"dialect", required_argument, NULL, 'a'},
	{"version", required_argument, NULL, 'v'},
	{"client", required_argument, NULL, 'c'},
	{"domain", required_argument, NULL, 'D'},
	{"machine", required_argument, NULL, 'm'},
	{"without", required_argument, NULL, 'w'},
	{"only", required_argument, NULL, 'o'},
	{"except", required_argument, NULL, 'x'},
	{"needing", required_argument, NULL, 'n'},
	{"not-needing", required_argument, NULL, 'N'},
	{"list", no_argument, NULL, 'l'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* False: there is no such option, or it cannot have that value. */
static bool take_option(int letter, char *value, struct conf *conf, struct options *options)
{
	switch (letter) {
	case 'd':
		options->device = value;
		return true;
	case 'a':
		options->dialect = value;
		return true;
	case 'v':
		options->version = value;
		return true;
	case 'c':
		conf->narrow = !strcmp(value, "32");
		return conf->narrow || !strcmp(value, "64");
	case 'D':
		conf->domain = value;
		return true;
	case 'm':
		options->machine = value;
		return true;
	case 'o':
		options->filter.only = value;
		return true;
	case 'x':
		options->filter.except = value;
		return true;
	case 'w':
		return add_needs(value, &conf->lacking);
	case 'n':
		return add_needs(value, &options->filter.needing);
	case 'N':
		return add_needs(value, &options->filter.not_needing);
	case 'l':
		options->list = true;
		return true;
	case 'h':
		usage(stdout);
		exit(0);
	default:
		return false;
	}
}

static int parse(int argc, char **argv, struct conf *conf, struct options *options)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "h", known, NULL)) >= 0)
		if (!take_option(letter, optarg, conf, options))
			return -EINVAL;
	if (!strcmp(options->dialect, "downstream"))
		conf->version = CONF_DOWNSTREAM;
	else if (strcmp(options->dialect, "mainline") &&
		 !(options->list && !strcmp(options->dialect, "all")))
		return -EINVAL;
	return optind < argc ? -EINVAL : 0;
}

static int open_device(struct conf *conf, const struct options *options)
{
	bool downstream = conf->version == CONF_DOWNSTREAM;

	if (!downstream)
		conf->version = CONF_612;
	if (!strcmp(options->device, "os")) {
		conf->device = conf_device_os();
		if (conf->narrow != (sizeof(void *) == 4)) {
			fprintf(stderr, "frpc-conformance: a kernel sees what this program is\n");
			return -EINVAL;
		}
		if (!downstream)
			guess_version(conf);
		conf->lacking |= CONF_SURVIVES;
		if (access("/sys/firmware/devicetree/base/firmware/scm", F_OK))
			conf->lacking |= CONF_MONITOR;
		if (access("/dev/dma_heap/system", F_OK))
			conf->lacking |= CONF_HEAP;
	}
	if (options->version && (downstream || !set_version(conf, options->version)))
		return -EINVAL;
	if (!strcmp(options->device, "emulator")) {
#ifdef CONF_WITH_EMULATOR
		char machine[512];

		snprintf(machine, sizeof(machine), "abi=%s,testmod=on,version=%s%s%s",
			 options->dialect, options->version ? options->version : "6.12",
			 options->machine ? "," : "", options->machine ? options->machine : "");
		conf->device = conf_device_emulator(machine);
#else
		fprintf(stderr, "frpc-conformance: built without the emulator\n");
#endif
	}
	if (conf->device && !conf->device->machine)
		conf->lacking |= CONF_MACHINE;
	conf->lacking |= conf->narrow ? CONF_WIDE : CONF_NARROW;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		conf->lacking |= CONF_CPUS;
	return conf->device ? 0 : -EINVAL;
}

/* A device without the test module still shows what needs none. */
static void look_for_module(struct conf *conf)
{
	if (conf->lacking & CONF_TESTMOD)
		return;
	if (conf_open_observer(conf))
		conf->lacking |= CONF_TESTMOD | CONF_RESTART;
	else
		conf->observing = true;
}

int main(int argc, char **argv)
{
	struct options options = {.device = "emulator", .dialect = "mainline"};
	static struct conf conf = {
		.domain = "cdsp", .version = CONF_612, .lock = PTHREAD_MUTEX_INITIALIZER};
	int res;

	if (parse(argc, argv, &conf, &options)) {
		usage(stderr);
		return 64;
	}
	if (options.list)
		return list_rows(&conf, !strcmp(options.dialect, "all"));
	if (open_device(&conf, &options)) {
		usage(stderr);
		return 64;
	}
	look_for_module(&conf);
	res = run_all(&conf, &options.filter);
#ifdef CONF_WITH_EMULATOR
	if (!strcmp(options.device, "emulator"))
		conf_device_emulator_free();
#endif
	return res;
}
