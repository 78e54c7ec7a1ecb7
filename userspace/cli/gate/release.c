/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * resume and remove: release held requests, and disarm rules.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/**
 * struct release - what resume was asked for
 * @tag: tag or NULL
 * @all: --all
 * @id_text: value of --id, or NULL
 * @order: value of --order, or NULL
 * @status: LIBHALTBLK_GO_ON, or the status to end with
 * @ids: from @id_text or @order
 * @nr_ids: how many
 */
struct release {
	const char *tag;
	bool all;
	const char *id_text;
	const char *order;
	int status;
	uint64_t *ids;
	unsigned int nr_ids;
};

/* A comma list of ids, none twice. */
static int parse_ids(const struct hbc_command *cmd, const char *option,
		     const char *text, struct release *want)
{
	char *copy = strdup(text), *rest = copy, *word;
	uint64_t *more;
	int status = HBC_GO_ON, r;
	unsigned int i;

	if (!copy)
		return hbc_no_memory();
	while (status == HBC_GO_ON && (word = strsep(&rest, ","))) {
		more = reallocarray(want->ids, want->nr_ids + 1,
				    sizeof(*more));
		if (!more) {
			status = hbc_no_memory();
			break;
		}
		want->ids = more;
		r = hbc_number(word, 0, UINT64_MAX, &more[want->nr_ids]);
		if (r) {
			status = hbc_usage(cmd, "%s %s: '%s' is %s; an id takes 0 to %llu",
					   option, text, word,
					   hbc_number_why(r),
					   (unsigned long long)UINT64_MAX);
			break;
		}
		for (i = 0; i < want->nr_ids; i++)
			if (more[i] == more[want->nr_ids])
				status = hbc_usage(cmd, "%s %s: %s is listed twice",
						   option, text, word);
		want->nr_ids++;
	}
	free(copy);
	return status;
}

static int check_release(const struct hbc_command *cmd, struct release *want,
			 const char *status_text)
{
	struct libhaltblk *h;
	int status;

	/* --order alone means --id. */
	if (want->order && !want->tag && !want->all && !want->id_text) {
		want->id_text = want->order;
		want->order = NULL;
	}
	if (!!want->tag + want->all + !!want->id_text != 1)
		return hbc_usage(cmd, "give one of TAG, --id and --all");
	if (want->order && want->id_text)
		return hbc_usage(cmd, "--order goes with TAG or --all; --id takes a list itself");
	want->status = LIBHALTBLK_GO_ON;
	if (status_text) {
		status = hbc_handle(&h);
		if (status != HBC_GO_ON)
			return status;
		want->status = libhaltblk_number(h, LIBHALTBLK_STATUSES,
						 status_text);
		if (want->status < 0)
			hbc_fail(h, cmd->name, "--status", want->status);
		libhaltblk_free(h);
		if (want->status < 0)
			return HBC_USAGE;
	}
	if (want->id_text)
		return parse_ids(cmd, "--id", want->id_text, want);
	if (want->order)
		return parse_ids(cmd, "--order", want->order, want);
	return HBC_GO_ON;
}

static int release(const struct release *want, const char *device)
{
	struct libhaltblk *h;
	char what[64];
	int status, r;

	status = hbc_session(device, &h);
	if (status != HBC_GO_ON)
		return status;
	if (want->nr_ids)
		r = libhaltblk_resume_ids(h, want->tag, want->ids,
					  want->nr_ids, want->status);
	else
		r = libhaltblk_resume(h, want->tag, want->status);
	snprintf(what, sizeof(what), "resume %s",
		 want->tag ? want->tag : want->all ? "--all" : "--id");
	status = r < 0 ? hbc_fail(h, hbc_base(device), what, r) : HBC_OK;
	hbc_end(h);
	return status;
}

static int cmd_resume(const struct hbc_command *cmd, int argc, char **argv)
{
	struct release want = { 0 };
	const char *status_text = NULL;
	const struct hbc_option options[] = {
		{ .name = "id", .value = &want.id_text, .arg = "ID[,ID...]",
		  .help = "these requests, in this order" },
		{ .name = "all", .flag = &want.all,
		  .help = "all that are held" },
		{ .name = "order", .value = &want.order, .arg = "ID,ID,...",
		  .help = "only these of TAG or of all, in this order" },
		{ .name = "status", .value = &status_text, .arg = "STATUS",
		  .help = "end them with STATUS instead of letting them go on" },
		{ 0 },
	};
	int status;

	status = hbc_parse(cmd, options, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	want.tag = argc > 1 ? argv[1] : NULL;
	status = check_release(cmd, &want, status_text);
	if (status == HBC_GO_ON)
		status = release(&want, argv[0]);
	free(want.ids);
	return status;
}

const struct hbc_command hbc_cmd_resume = {
	.name = "resume",
	.args = "DEV {TAG | --id ID | --all}",
	.min = 1,
	.max = 2,
	.summary = "release held requests",
	.help =
	"In the order they were held. STATUS is a block status (IOERR, NOSPC, MEDIUM,\n"
	"TIMEOUT, ...) or the name of its errno (EIO, ...). Rules stay armed. If one\n"
	"id is not held, nothing is released.\n",
	.fn = cmd_resume,
};

static int cmd_remove(const struct hbc_command *cmd, int argc, char **argv)
{
	bool all = false;
	const struct hbc_option options[] = {
		{ .name = "all", .flag = &all,
		  .help = "every rule" },
		{ 0 },
	};
	struct libhaltblk *h;
	const char *tag;
	char what[64];
	int status, r;

	status = hbc_parse(cmd, options, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	tag = argc > 1 ? argv[1] : NULL;
	if (!!tag + all != 1)
		return hbc_usage(cmd, "give one of TAG and --all");
	status = hbc_session(argv[0], &h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_remove(h, tag, NULL);
	snprintf(what, sizeof(what), "remove %s", tag ? tag : "--all");
	status = r < 0 ? hbc_fail(h, hbc_base(argv[0]), what, r) : HBC_OK;
	hbc_end(h);
	return status;
}

const struct hbc_command hbc_cmd_remove = {
	.name = "remove",
	.args = "DEV {TAG | --all}",
	.min = 1,
	.max = 2,
	.summary = "disarm rules and release what they hold",
	.help = "",
	.fn = cmd_remove,
};
