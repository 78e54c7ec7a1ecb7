/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * step: moves one held request to its next state.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

/* The id of the one request held under a tag; HBC_GO_ON or an exit status. */
static int held_under(struct libhaltblk *h, const char *device,
		      const char *tag, uint64_t *id)
{
	const struct haltblk_held *held;
	struct libhaltblk_table *table;
	unsigned int nr = 0;
	size_t i;
	int r = libhaltblk_held(h, &table);

	if (r < 0)
		return hbc_fail(h, device, "step", r);
	for (i = 0; (held = libhaltblk_held_at(table, i)); i++) {
		if (strcmp(held->tag, tag))
			continue;
		*id = held->id;
		nr++;
	}
	libhaltblk_table_free(table);
	if (nr == 1)
		return HBC_GO_ON;
	hbc_error(device, "step %s: %u requests are held under it: %s", tag, nr,
		  nr ? "give --id" : "see haltblk held");
	return nr ? HBC_FAILED : HBC_NONE;
}

static int step(struct libhaltblk *h, const char *device, uint64_t id,
		bool json)
{
	const char *word = NULL;
	struct json_object *o;
	unsigned int event;
	char what[64];
	int r;

	r = libhaltblk_step(h, id, &event);
	if (r < 0) {
		snprintf(what, sizeof(what), "step %" PRIu64, id);
		return hbc_fail(h, device, what, r);
	}
	if (r)
		word = libhaltblk_word(LIBHALTBLK_EVENTS, event);
	if (!json) {
		puts(word ? word : "-");
		return HBC_OK;
	}
	o = json_object_new_object();
	json_object_object_add(o, "id", json_object_new_uint64(id));
	json_object_object_add(o, "event",
			       word ? json_object_new_string(word) : NULL);
	return hbc_print_json(o);
}

static int cmd_step(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *id_text = NULL;
	bool json = false;
	uint64_t id;
	const struct hbc_option options[] = {
		{ .name = "id", .value = &id_text, .arg = "ID",
		  .help = "the request, as haltblk held shows it",
		  .number = &id, .max = UINT64_MAX },
		{ .name = "json", .flag = &json,
		  .help = "an object with id and event; null for -" },
		{ 0 },
	};
	struct libhaltblk *h;
	int status;

	status = hbc_parse(cmd, options, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	if (!!id_text + (argc > 1) != 1)
		return hbc_usage(cmd, "give one of TAG and --id");
	status = hbc_session(argv[0], &h);
	if (status != HBC_GO_ON)
		return status;
	if (!id_text)
		status = held_under(h, hbc_base(argv[0]), argv[1], &id);
	if (status == HBC_GO_ON)
		status = step(h, hbc_base(argv[0]), id, json);
	hbc_end(h);
	return status;
}

const struct hbc_command hbc_cmd_step = {
	.name = "step",
	.args = "DEV {TAG | --id ID}",
	.min = 1,
	.max = 2,
	.summary = "release a held request to its next state, and hold it there",
	.help =
	"Takes the one request held under TAG, or the one with this id; it stays under\n"
	"its tag. Prints the event where it is now held, or - if it has ended or is still\n"
	"on its way.\n",
	.fn = cmd_step,
};
