/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The list of commands, in the order in which help prints them. Each is
 * described by hbc_cmd_NAME, beside its code.
 */
#ifndef HBC_COMMANDS_H
#define HBC_COMMANDS_H

#include "cli.h"

/* COMMAND(name); help prints an empty line for each GAP. */
#define HBC_COMMANDS(COMMAND, GAP)					\
	/* device/ */							\
	COMMAND(create) COMMAND(clone) COMMAND(destroy) COMMAND(list)	\
	COMMAND(show) COMMAND(set)					\
	GAP								\
	/* gate/ */							\
	COMMAND(break) COMMAND(wait) COMMAND(resume) COMMAND(step)	\
	COMMAND(settle) COMMAND(remove)					\
	GAP								\
	COMMAND(held) COMMAND(rules) COMMAND(backtrace) COMMAND(events)	\
	GAP								\
	/* scenario/ */							\
	COMMAND(run) COMMAND(io)					\
	GAP								\
	/* range/ */							\
	COMMAND(discard) COMMAND(zeroout) COMMAND(secdiscard)		\
	GAP								\
	COMMAND(limits)							\
	GAP								\
	/* crash/ */							\
	COMMAND(crash) COMMAND(pending)

#define HBC_DECLARE(name) extern const struct hbc_command hbc_cmd_##name;
HBC_COMMANDS(HBC_DECLARE, )
#undef HBC_DECLARE

#endif /* HBC_COMMANDS_H */
