/* SPDX-License-Identifier: BSD-3-Clause */
/* HAP_power: votes are checked, kept for each client, and told again; no clock follows them. */
#define FASTRPC_SKEL 1

#include <stdlib.h>
#include <string.h>

#include "HAP_power.h"
#include "hap.h"

#define CORE_HZ	      1000000000u /* what HAP_perf counts by */
#define MOST_MIPS     (CORE_HZ / 1000000u * 4u)
#define MOST_BUS_BW   UINT64_C(30000000000)
#define BUS_BYTES     16u /* a cycle of the bus */
#define MEGA	      1000000u
#define LEAST_LATENCY 10u
#define MOST_LATENCY  65535u

struct client {
	struct client *next;
	const void *context;
	HAP_power_app_type_payload class;
	uint32_t mips;
	bool dcvs, hvx, hmx;
};

struct emu_hap_power {
	struct client *clients;
};

void emu_hap_power_free(struct emu_hap_power *power)
{
	struct client *client;

	if (!power)
		return;
	while ((client = power->clients)) {
		power->clients = client->next;
		free(client);
	}
	free(power);
}

/* The client, made if @make. NULL: none, or no memory. With the lock held. */
static struct client *client_of(struct emu_hap *hap, const void *context, bool make)
{
	struct client *client;

	if (!hap->power)
		hap->power = make ? calloc(1, sizeof(*hap->power)) : NULL;
	if (!hap->power)
		return NULL;
	for (client = hap->power->clients; client; client = client->next)
		if (client->context == context)
			return client;
	client = make ? calloc(1, sizeof(*client)) : NULL;
	if (client) {
		client->context = context;
		client->dcvs = true;
		client->next = hap->power->clients;
		hap->power->clients = client;
	}
	return client;
}

static bool is_corner(HAP_dcvs_voltage_corner_t corner)
{
	return (unsigned)corner <= HAP_DCVS_VCORNER_TURBO_PLUS || corner == HAP_DCVS_VCORNER_MAX;
}

static bool are_corners(const HAP_dcvs_params_t *params)
{
	return is_corner(params->target_corner) && is_corner(params->min_corner) &&
	       is_corner(params->max_corner) &&
	       (!params->max_corner || params->min_corner <= params->max_corner);
}

static bool is_latency(boolean set, uint32_t latency)
{
	return !set || (latency >= LEAST_LATENCY && latency <= MOST_LATENCY);
}

static int vote(const struct emu_hap *hap, struct client *client,
		const HAP_power_request_t *request)
{
	const HAP_power_mips_bw_payload *bw = &request->mips_bw;

	switch (request->type) {
	case HAP_power_set_mips_bw:
		if ((bw->set_mips && bw->mipsPerThread > bw->mipsTotal) ||
		    (bw->set_bus_bw && bw->busbwUsagePercentage > 100) ||
		    (bw->set_latency && bw->latency < 0))
			return HAP_POWER_ERR_INVALID_PARAM;
		if (bw->set_mips)
			client->mips = bw->mipsTotal;
		return 0;
	case HAP_power_set_HVX:
		if (!hap->config.attributes[3])
			return HAP_POWER_ERR_UNSUPPORTED_API;
		client->hvx = request->hvx.power_up;
		return 0;
	case HAP_power_set_HMX:
		if (!emu_hap_has_hmx(hap))
			return HAP_POWER_ERR_UNSUPPORTED_API;
		client->hmx = request->hmx.power_up;
		return 0;
	case HAP_power_set_apptype:
		client->class = request->apptype;
		return 0;
	case HAP_power_set_DCVS:
		client->dcvs = request->dcvs.dcvs_enable;
		return 0;
	case HAP_power_set_DCVS_v2:
		if (!is_latency(request->dcvs_v2.set_latency, request->dcvs_v2.latency) ||
		    (request->dcvs_v2.set_dcvs_params &&
		     !are_corners(&request->dcvs_v2.dcvs_params)))
			return HAP_POWER_ERR_INVALID_PARAM;
		client->dcvs = request->dcvs_v2.dcvs_enable;
		return 0;
	case HAP_power_set_DCVS_v3:
		if (!is_latency(request->dcvs_v3.set_latency, request->dcvs_v3.latency) ||
		    (request->dcvs_v3.set_core_params &&
		     !are_corners(&request->dcvs_v3.core_params)) ||
		    (request->dcvs_v3.set_bus_params && !are_corners(&request->dcvs_v3.bus_params)))
			return HAP_POWER_ERR_INVALID_PARAM;
		if (request->dcvs_v3.set_dcvs_enable)
			client->dcvs = request->dcvs_v3.dcvs_enable;
		return 0;
	default:
		return HAP_POWER_ERR_UNSUPPORTED_API;
	}
}

int HAP_power_set(void *context, HAP_power_request_t *request)
{
	struct emu_hap *hap = emu_hap_current();
	struct client *client;
	int res = HAP_POWER_ERR_UNKNOWN;

	if (!hap || !request)
		return HAP_POWER_ERR_INVALID_PARAM;
	pthread_mutex_lock(&hap->lock);
	client = client_of(hap, context, true);
	if (client)
		res = vote(hap, client, request);
	pthread_mutex_unlock(&hap->lock);
	return res;
}

static int answer(struct emu_hap *hap, const struct client *client, HAP_power_response_t *response)
{
	bool dcvs = true;
	uint64_t mips = 0;

	for (const struct client *c = hap->power ? hap->power->clients : NULL; c; c = c->next) {
		dcvs &= c->dcvs;
		mips += c->mips;
	}
	switch (response->type) {
	case HAP_power_get_max_mips:
		response->max_mips = MOST_MIPS;
		return 0;
	case HAP_power_get_max_bus_bw:
		response->max_bus_bw = MOST_BUS_BW;
		return 0;
	case HAP_power_get_client_class:
		response->client_class = client ? client->class : HAP_POWER_UNKNOWN_CLIENT_CLASS;
		return 0;
	case HAP_power_get_clk_Freq:
		response->clkFreqHz = CORE_HZ;
		return 0;
	case HAP_power_get_aggregateAVSMpps:
		response->clkMpps = mips > MOST_MIPS ? MOST_MIPS : (unsigned int)mips;
		return 0;
	case HAP_power_get_dcvsEnabled:
		response->dcvsEnabled = dcvs;
		return 0;
	default:
		return HAP_POWER_ERR_UNSUPPORTED_API;
	}
}

int HAP_power_get(void *context, HAP_power_response_t *response)
{
	struct emu_hap *hap = emu_hap_current();
	int res;

	if (!hap || !response)
		return HAP_POWER_ERR_INVALID_PARAM;
	pthread_mutex_lock(&hap->lock);
	res = answer(hap, client_of(hap, context, false), response);
	pthread_mutex_unlock(&hap->lock);
	return res;
}

int HAP_power_destroy_client(void *context)
{
	struct emu_hap *hap = emu_hap_current();
	struct client **at, *client = NULL;

	if (!hap)
		return HAP_POWER_ERR_INVALID_PARAM;
	pthread_mutex_lock(&hap->lock);
	if (hap->power) {
		at = &hap->power->clients;
		while (*at && (*at)->context != context)
			at = &(*at)->next;
		client = *at;
		if (client)
			*at = client->next;
	}
	pthread_mutex_unlock(&hap->lock);
	free(client);
	return client ? 0 : HAP_POWER_ERR_INVALID_PARAM;
}

/* ---- the older calls: votes of the process's default client ---- */

/* Votes for so much of either; 0: no vote. */
static int vote_for(uint64_t mips, uint64_t bytes_per_second, int latency)
{
	HAP_power_request_t request = {.type = HAP_power_set_mips_bw};

	request.mips_bw.set_mips = mips != 0;
	request.mips_bw.mipsTotal = mips < MOST_MIPS ? (unsigned int)mips : MOST_MIPS;
	request.mips_bw.mipsPerThread = request.mips_bw.mipsTotal / 4;
	request.mips_bw.set_bus_bw = bytes_per_second != 0;
	request.mips_bw.bwBytePerSec =
		bytes_per_second < MOST_BUS_BW ? bytes_per_second : MOST_BUS_BW;
	request.mips_bw.busbwUsagePercentage = 100;
	request.mips_bw.set_latency = latency != 0;
	request.mips_bw.latency = latency;
	return HAP_power_set(NULL, &request);
}

int HAP_power_request(int clock, int bus, int latency)
{
	if (clock < 0 || clock > 100 || bus < 0 || bus > 100 || latency < 0)
		return HAP_POWER_ERR_INVALID_PARAM;
	return vote_for((uint64_t)clock * MOST_MIPS / 100, (uint64_t)bus * MOST_BUS_BW / 100,
			latency);
}

int HAP_power_request_abs(int clock, int bus, int latency)
{
	if (clock < 0 || bus < 0 || latency < 0)
		return HAP_POWER_ERR_INVALID_PARAM;
	return vote_for((uint64_t)clock * (MOST_MIPS / (CORE_HZ / MEGA)),
			(uint64_t)bus * MEGA * BUS_BYTES, latency);
}

int HAP_power_get_max_speed(int *clock_max, int *bus_max)
{
	if (!clock_max || !bus_max)
		return HAP_POWER_ERR_INVALID_PARAM;
	*clock_max = CORE_HZ / MEGA;
	*bus_max = (int)(MOST_BUS_BW / BUS_BYTES / MEGA);
	return 0;
}

static int vote_hvx(boolean up)
{
	HAP_power_request_t request = {.type = HAP_power_set_HVX, .hvx = {up}};

	return HAP_power_set(NULL, &request);
}

int HVX_power_request(void)
{
	return vote_hvx(TRUE);
}

int HVX_power_release(void)
{
	return vote_hvx(FALSE);
}
