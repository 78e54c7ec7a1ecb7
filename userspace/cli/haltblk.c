/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The haltblk command: finds the command to run, and makes sure that its
 * output was written.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"

#define COMMAND(name) &hbc_cmd_##name,
#define GAP NULL,
static const struct hbc_command *const commands[] = {
	HBC_COMMANDS(COMMAND, GAP)
};

/** hbc_command_at() - command number @i; NULL past the last one */
const struct hbc_command *hbc_command_at(size_t i)
{
	size_t at;

	for (at = 0; at < HBC_ARRAY_SIZE(commands); at++)
		if (commands[at] && !i--)
			return commands[at];
	return NULL;
}

/** hbc_find() - a command by its word, or NULL */
const struct hbc_command *hbc_find(const char *name)
{
	const struct hbc_command *cmd;
	size_t i;

	for (i = 0; (cmd = hbc_command_at(i)); i++)
		if (!strcmp(cmd->name, name))
			return cmd;
	return NULL;
}

static void help(FILE *to)
{
	const struct hbc_command *cmd;
	size_t i;

	fprintf(to, "Usage: haltblk COMMAND [ARGUMENTS]\n"
		"Freeze, inspect and release the requests of a haltblk block device.\n\n");
	for (i = 0; i < HBC_ARRAY_SIZE(commands); i++) {
		cmd = commands[i];
		if (cmd)
			fprintf(to, "  %-12s%s\n", cmd->name, cmd->summary);
		else
			fputc('\n', to);
	}
	fprintf(to, "\n  %-12s%s\n\n", "help", "print this, or the help of a command");
	fprintf(to, "For more, see haltblk COMMAND --help and haltblk(1).\n"
		"DEV is the name of a device or a path to it: hb0, /dev/hb0 or a link.\n"
		"Exit status: 0 done, 1 failed, 2 usage, 3 no such device, tag or id,\n"
		"4 timed out.\n");
}

static int unknown(const char *name)
{
	hbc_error(name, "unknown command: see haltblk help");
	return HBC_USAGE;
}

static int run(int argc, char **argv)
{
	const struct hbc_command *cmd;
	char *to_help[] = { NULL, (char *)"--help", NULL };

	if (argc < 2) {
		help(stderr);
		return HBC_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("haltblk %s\n", libhaltblk_version());
		return HBC_OK;
	}
	if (!strcmp(argv[1], "--commands") && argc == 3 &&
	    !strcmp(argv[2], "--json"))
		return hbc_commands();
	if (!strcmp(argv[1], "--words") && argc == 3)
		return hbc_words(argv[2]);
	if (!strcmp(argv[1], "help") && argc > 2) {
		cmd = hbc_find(argv[2]);
		to_help[0] = argv[2];
		return cmd ? cmd->fn(cmd, 2, to_help) : unknown(argv[2]);
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h")) {
		help(stdout);
		return HBC_OK;
	}
	cmd = hbc_find(argv[1]);
	if (!cmd)
		return unknown(argv[1]);
	return cmd->fn(cmd, argc - 1, argv + 1);
}

int hbc_main(int argc, char **argv)
{
	int status = hbc_complete(run(argc, argv)), flushed = hbc_flush();

	return status ? status : flushed;
}
