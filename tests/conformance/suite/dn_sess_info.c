/* SPDX-License-Identifier: BSD-3-Clause */
/* The downstream driver: INVOKE2's SESS_INFO, and the session id that notifications carry. */
#include "dn.h"

static long sess_info(struct conf_client *client, uint32_t domain, uint32_t session,
		      uint32_t pd_type, struct frpc_dn_sess_info *ret_info)
{
	struct frpc_dn_sess_info info = {
		.domain_id = domain, .session_id = session, .pd_type = pd_type};
	long res = dn_invoke2(client, FRPC_DN_INVOKE2_SESS_INFO, &info, sizeof(info));

	if (ret_info)
		*ret_info = info;
	return res;
}

static void it_chooses_the_dsp(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");
	struct frpc_dn_sess_info info;

	conf_equal(conf, sess_info(client, DN_CDSP, 2, 7, &info), 0);
	conf_equal(conf, info.domain_id, 1); /* the answer of GETINFO */
	conf_equal(conf, info.session_id, 2);
	conf_equal(conf, info.pd_type, 7);
	conf_equal(conf, dn_create(client, 0, 0), 0);
}

static void it_is_instead_of_getinfo(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, sess_info(dn_chosen(conf), DN_CDSP, 0, 7, NULL), -EBADR);
	conf_equal(conf, sess_info(client, DN_CDSP, 0, 7, NULL), 0);
	conf_equal(conf, conf_choose(client, DN_CDSP), -EBADR);
}

static void pd_types_are_1_to_8(struct conf *conf)
{
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 0, NULL), -EBADR);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 9, NULL), -EBADR);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 1, NULL), 0);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 8, NULL), 0);
}

static void sessions_are_0_to_3(struct conf *conf)
{
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 4, 7, NULL), -EBADR);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 3, 7, NULL), 0);
}

static void the_device_tree_says_how_many_sessions(struct conf *conf)
{
	if (!conf_on(conf, "sessions=2"))
		return;
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 2, 7, NULL), -EBADR);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 1, 7, NULL), 0);
}

static void channels_have_their_range(struct conf *conf)
{
	conf_equal(conf, sess_info(conf_open(conf, ""), 5, 0, 7, NULL), -ECHRNG);
}

static void a_failed_one_counts(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, sess_info(client, DN_CDSP, 0, 0, NULL), -EBADR);
	conf_equal(conf, conf_choose(client, DN_CDSP), -EBADR);
}

static void sixteen_bytes(struct conf *conf)
{
	struct frpc_dn_sess_info info = {.domain_id = DN_CDSP, .pd_type = 7};
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_SESS_INFO, &info, sizeof(info) + 1),
		   -EBADE);
	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_SESS_INFO, &info, 0), 0);
}

static void an_unreadable_one(struct conf *conf)
{
	conf_equal(conf,
		   dn_invoke2(conf_open(conf, ""), FRPC_DN_INVOKE2_SESS_INFO, conf_no_page(conf),
			      16),
		   16);
}

static void pd_type_3_is_a_shared_bank(struct conf *conf)
{
	struct conf_client *client;

	if (!conf_on(conf, "banks=4,secure-banks=0,shared-banks=1"))
		return;
	client = conf_open(conf, "");
	conf_equal(conf, sess_info(client, DN_CDSP, 0, 3, NULL), 0);
	conf_equal(conf, dn_create(client, 0, 0), -EACCES);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 3, NULL), -EUSERS);
}

static void banks_of_a_pd_type(struct conf *conf)
{
	if (!conf_on(conf, "banks=3,secure-banks=0,pd-types=7+7+2"))
		return;
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 4, NULL), -EUSERS);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 2, NULL), 0);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 2, NULL), -EUSERS);
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 7, NULL), 0);
}

static void pd_types_of_no_bank_are_not_compared(struct conf *conf)
{
	conf_equal(conf, sess_info(conf_open(conf, ""), DN_CDSP, 0, 4, NULL), 0);
}

static void secure_channels_are_not_chosen_on_the_plain_node(struct conf *conf)
{
	conf_equal(conf, sess_info(conf_open(conf, "plain"), DN_ADSP, 0, 7, NULL), -EACCES);
	conf_equal(conf, sess_info(conf_open(conf, "plain"), DN_CDSP, 0, 7, NULL), 0);
}

/* The session that a notification says. */
static int32_t told_session(struct conf_client *client)
{
	struct frpc_dn_notif_rsp rsp = {.session = -1};
	uint32_t id = conf_client_id(client);

	dn_notify(client->conf, id, 1);
	conf_equal(client->conf, dn_notif(client, &rsp), 0);
	return rsp.session;
}

static void setmode(struct conf_client *client)
{
	conf_equal(client->conf,
		   conf_ioctl(client, FRPC_DN_IOCTL_SETMODE,
			      (void *)(uintptr_t)FRPC_DN_MODE_SESSION),
		   0);
}

static void the_session_is_told_with_notifications(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, sess_info(client, DN_CDSP, 3, 7, NULL), 0);
	conf_equal(conf, told_session(client), 3);
}

static void setmode_4_is_session_1(struct conf *conf)
{
	struct conf_client *client = conf_process(conf);

	conf_equal(conf, told_session(client), 0);
	setmode(client);
	conf_equal(conf, told_session(client), 1);
}

static void setmode_4_does_not_change_a_session(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, sess_info(client, DN_CDSP, 2, 7, NULL), 0);
	setmode(client);
	conf_equal(conf, told_session(client), 2);
}

static void not_for_narrow_clients(struct conf *conf)
{
	struct conf_client *client = conf_open(conf, "");

	conf_equal(conf, sess_info(client, DN_CDSP, 0, 7, NULL), -EPERM);
	conf_equal(conf, dn_invoke2(client, FRPC_DN_INVOKE2_PROC_SHAREDBUF_INFO, NULL, 8), -EPERM);
	conf_equal(conf, conf_choose(client, DN_CDSP), 0);
}

#define WIDE(id, sentence, fact, needs, run) DN_ROW(id, sentence, fact, CONF_WIDE | (needs), run)

static const struct conf_row rows[] = {
	WIDE("dn.sess.chooses", "SESS_INFO chooses the DSP, and answers as GETINFO", "abi A2.1",
	     CONF_SMMU, it_chooses_the_dsp),
	WIDE("dn.sess.once", "GETINFO or SESS_INFO, and once: then EBADR", "abi A2.2, A2.9", 0,
	     it_is_instead_of_getinfo),
	WIDE("dn.sess.pd-type", "PD types are 1 to 8, else EBADR", "abi A2.9", 0,
	     pd_types_are_1_to_8),
	WIDE("dn.sess.session", "session 4 of 4 is EBADR", "abi A2.9", 0, sessions_are_0_to_3),
	WIDE("dn.sess.max", "the device tree says how many sessions there are", "abi A2.9",
	     CONF_MACHINE, the_device_tree_says_how_many_sessions),
	WIDE("dn.sess.channel", "SESS_INFO of a channel above 4 is ECHRNG", "abi A2.9", 0,
	     channels_have_their_range),
	WIDE("dn.sess.failed", "a refused SESS_INFO counts as the choice", "abi A2.3", 0,
	     a_failed_one_counts),
	WIDE("dn.sess.size", "SESS_INFO: over 16 bytes EBADE, fewer do", "abi A2.9", 0,
	     sixteen_bytes),
	WIDE("dn.sess.fault", "an unreadable SESS_INFO returns 16", "abi A2.9", 0,
	     an_unreadable_one),
	WIDE("dn.sess.shared", "PD type 3 takes a shared bank", "abi A2.9", CONF_MACHINE,
	     pd_type_3_is_a_shared_bank),
	WIDE("dn.sess.banks", "banks of a PD type are for its sessions", "abi A8.1", CONF_MACHINE,
	     banks_of_a_pd_type),
	WIDE("dn.sess.no-types", "without PD types in the device tree any bank does", "abi A8.2", 0,
	     pd_types_of_no_bank_are_not_compared),
	WIDE("dn.sess.plain-node", "SESS_INFO of a secure channel is EACCES on the plain node",
	     "abi A1, A2.9", 0, secure_channels_are_not_chosen_on_the_plain_node),
	WIDE("dn.sess.told", "notifications carry SESS_INFO's session", "abi A11.1", 0,
	     the_session_is_told_with_notifications),
	DN_ROW("dn.setmode.session", "SETMODE 4 makes it session 1", "abi A2.3", 0,
	       setmode_4_is_session_1),
	WIDE("dn.setmode.sess-info", "SETMODE 4 does not change SESS_INFO's session", "abi A2.3", 0,
	     setmode_4_does_not_change_a_session),
	DN_ROW("dn.sess.narrow", "SESS_INFO and PROC_SHAREDBUF_INFO of a 32-bit client are EPERM",
	       "abi A12", CONF_NARROW, not_for_narrow_clients),
};

DN_ROWS(conf_dn_sess_info, rows);
