/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ioctls of both dialects as data: what tracer and fault injector know of them. Layouts and
 * numbers are those that this program uses, a 64-bit or a 32-bit one (mainline's are the same).
 */
#ifndef FRPC_TRANSPORT_COMMANDS_H
#define FRPC_TRANSPORT_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frpc_field_form {
	FRPC_FIELD_INT,	 /* 32 bits, decimal */
	FRPC_FIELD_HEX,	 /* 32 bits */
	FRPC_FIELD_WIDE, /* 64 bits, hexadecimal */
};

struct frpc_field {
	const char *name; /* NULL ends the list */
	uint16_t offset;
	uint8_t form; /* enum frpc_field_form */
	bool out;     /* written by the driver */
};

/* How the arguments of a call are passed. */
enum frpc_command_args {
	FRPC_ARGS_NONE,	      /* no call */
	FRPC_ARGS_MAINLINE,   /* one array: pointer, length, fd, attributes */
	FRPC_ARGS_DOWNSTREAM, /* pointer and length; fds and attributes apart */
};

#define FRPC_COMMAND_FIELDS 11

struct frpc_command {
	uint32_t cmd;
	uint8_t args; /* enum frpc_command_args */
	bool value;   /* the argument is the value itself */
	const char *name;
	struct frpc_field fields[FRPC_COMMAND_FIELDS];
};

enum frpc_command_table {
	FRPC_COMMANDS_UNKNOWN,
	FRPC_COMMANDS_MAINLINE,
	FRPC_COMMANDS_DOWNSTREAM,
};

/* Whose commands a node's path means. */
enum frpc_command_table frpc_commands_of(const char *path);
/* The command, or NULL. */
const struct frpc_command *frpc_command_find(enum frpc_command_table table, uint32_t cmd);
/* Is there a command of that name (any case) in either table? "invoke" means every kind of call. */
bool frpc_command_is_name(const char *name);
bool frpc_command_has_name(const struct frpc_command *command, const char *name);

#endif
