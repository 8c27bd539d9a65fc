/* SPDX-License-Identifier: BSD-3-Clause */
/* What the running of rows keeps for them; for the suite's own files. */
#ifndef CONF_RUN_H
#define CONF_RUN_H

#include "conf.h"

/* Places for the row's clients and buffers, given back when it ends. Never NULL. */
struct conf_client *conf_client_slot(struct conf *conf);
struct conf_buffer *conf_buffer_slot(struct conf *conf);
void conf_buffer_forget(struct conf *conf, const struct conf_buffer *buffer);
/* Rules have been given to the test module: they are cleared when the row ends. */
void conf_rules_set(struct conf *conf);

#endif
