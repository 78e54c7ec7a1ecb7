/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * held and rules: the lists of a device.
 */
#include <stdio.h>

#include "commands.h"

static int cmd_held(const struct hbc_command *cmd, int argc, char **argv)
{
	static const struct hbc_list held = {
		libhaltblk_held, hbc_held_json, hbc_held_print,
	};

	return hbc_list(cmd, argc, argv, &held);
}

const struct hbc_command hbc_cmd_held = {
	.name = "held",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.summary = "list the requests that are held",
	.help =
	"In the order they were held. What is unknown prints -; age_us is in\n"
	"microseconds, sector and sectors are in units of 512 bytes.\n",
	.fn = cmd_held,
};

static size_t count_unhit(const struct libhaltblk_table *table)
{
	const struct haltblk_rule *rule;
	size_t nr = 0, i;

	for (i = 0; (rule = libhaltblk_rule_at(table, i)); i++)
		nr += !rule->hits;
	return nr;
}

static int cmd_rules(const struct hbc_command *cmd, int argc, char **argv)
{
	bool json = false, unhit = false;
	const struct hbc_option options[] = {
		{ .name = "json", .flag = &json,
		  .help = "an array of objects" },
		{ .name = "unhit", .flag = &unhit,
		  .help = "only rules that were never hit; exit status 1 if there is one" },
		{ 0 },
	};
	struct libhaltblk_table *table;
	struct libhaltblk *h;
	size_t never = 0;
	int status, r;

	status = hbc_begin_session(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_rules(h, &table);
	if (unhit)
		never = count_unhit(table);
	if (r < 0)
		status = hbc_fail(h, hbc_base(argv[0]), "rules", r);
	else if (json)
		status = hbc_print_json(hbc_rules_json(table, unhit));
	else
		hbc_rules_print(table, unhit);
	if (never) {
		hbc_error(hbc_base(argv[0]), "rules: %zu of %d never hit", never,
			  r);
		status = HBC_FAILED;
	}
	libhaltblk_table_free(table);
	hbc_end(h);
	return status == HBC_GO_ON ? HBC_OK : status;
}

const struct hbc_command hbc_cmd_rules = {
	.name = "rules",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.summary = "list the rules, including spent ones",
	.help =
	"matches counts the requests that met all conditions, hits those that the\n"
	"rule acted on. A rule stays listed until it is removed.\n",
	.fn = cmd_rules,
};
