/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What remains after a power cut, as --keep of crash and clone says it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const char hbc_keep_help[] =
	"what remains of the writes that a power cut can lose: flushed or none (only what was flushed), all (what took effect), seed=N, ids=ID,..., drop=ID,... (these three need a record of requests, which no driver makes yet)";

static int read_ids(const struct hbc_command *cmd, const char *text,
		    struct hbc_keep *out)
{
	char *copy = strdup(text), *rest = copy, *word;
	uint64_t id;
	size_t nr = 0;
	int status = HBC_GO_ON, r;

	out->ids = calloc(HALTBLK_MAX_KEEP_IDS, sizeof(*out->ids));
	if (!copy || !out->ids)
		status = hbc_no_memory();
	while (status == HBC_GO_ON && (word = strsep(&rest, ","))) {
		r = hbc_number(word, 1, UINT64_MAX, &id);
		if (r)
			status = hbc_usage(cmd, "--keep: id %s: %s", word,
					   hbc_number_why(r));
		else if (nr == HALTBLK_MAX_KEEP_IDS)
			status = hbc_usage(cmd, "--keep: more than %d ids",
					   HALTBLK_MAX_KEEP_IDS);
		else
			out->ids[nr++].id = id;
	}
	free(copy);
	out->keep.ids = (uintptr_t)out->ids;
	out->keep.nr_ids = (uint32_t)nr;
	return status;
}

/**
 * hbc_keep_read() - read the value of --keep
 * @cmd: command, for messages
 * @text: value
 * @clone: it may be live
 * @out: set to it; hbc_keep_free() frees it, whatever this returns
 *
 * Returns HBC_GO_ON or an exit status.
 */
int hbc_keep_read(const struct hbc_command *cmd, const char *text, bool clone,
		  struct hbc_keep *out)
{
	int r;

	memset(out, 0, sizeof(*out));
	if (clone && !strcmp(text, "live")) {
		out->keep.how = HALTBLK_KEEP_LIVE;
		return HBC_GO_ON;
	}
	if (!strcmp(text, "flushed") || !strcmp(text, "none")) {
		out->keep.how = HALTBLK_KEEP_FLUSHED;
		return HBC_GO_ON;
	}
	if (!strcmp(text, "all")) {
		out->keep.how = HALTBLK_KEEP_ALL;
		return HBC_GO_ON;
	}
	if (!strncmp(text, "seed=", 5)) {
		uint64_t seed;

		out->keep.how = HALTBLK_KEEP_SEED;
		r = hbc_number(text + 5, 0, UINT64_MAX, &seed);
		if (r)
			return hbc_usage(cmd, "--keep=%s: %s", text,
					 hbc_number_why(r));
		out->keep.seed = seed;
		return HBC_GO_ON;
	}
	if (!strncmp(text, "ids=", 4)) {
		out->keep.how = HALTBLK_KEEP_IDS;
		return read_ids(cmd, text + 4, out);
	}
	if (!strncmp(text, "drop=", 5)) {
		out->keep.how = HALTBLK_KEEP_DROP;
		return read_ids(cmd, text + 5, out);
	}
	return hbc_usage(cmd, "--keep: %s: takes flushed, none, all,%s seed=N, ids=ID,... or drop=ID,...",
			 text, clone ? " live," : "");
}

/** hbc_keep_free() - free what hbc_keep_read() allocated */
void hbc_keep_free(struct hbc_keep *keep)
{
	free(keep->ids);
	keep->ids = NULL;
}
