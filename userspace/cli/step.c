/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * step and settle: one request to its next state; proof that nothing more is
 * coming.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

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

int hbc_step(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *id_text = NULL;
	bool json = false;
	const struct hbc_option options[] = {
		{ "id", NULL, &id_text, "ID", "the request, as haltblk held shows it" },
		{ "json", &json, NULL, NULL, "an object with id and event; null for -" },
		{ 0 },
	};
	struct libhaltblk *h;
	uint64_t id;
	int status;

	status = hbc_parse(cmd, options, 1, 2, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	if (!!id_text + (argc > 1) != 1)
		return hbc_usage(cmd, "give one of TAG and --id");
	if (id_text)
		status = hbc_take_number(cmd, "--id", id_text, 0, UINT64_MAX,
					 &id);
	if (status == HBC_GO_ON)
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

static int settle(const char *device, uint64_t inflight, uint64_t held,
		  uint64_t ns)
{
	struct libhaltblk *h;
	int status, r;

	status = hbc_session(device, &h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_settle(h, inflight, held, ns, NULL, 0);
	status = r ? hbc_fail(h, hbc_base(device), "settle", r) : HBC_OK;
	hbc_end(h);
	return status;
}

int hbc_settle(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *inflight_text = NULL, *held_text = NULL;
	const char *seconds = hbc_timeout;
	const struct hbc_option options[] = {
		{ "inflight", NULL, &inflight_text, "N", "requests in the driver, held ones included" },
		{ "held", NULL, &held_text, "M", "requests that are held" },
		{ "timeout", NULL, &seconds, "S", "give up after S seconds, fractions allowed (60)" },
		{ 0 },
	};
	uint64_t inflight, held, ns;
	int status;

	status = hbc_parse(cmd, options, 1, 1, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	if (!inflight_text || !held_text)
		return hbc_usage(cmd, "give --inflight and --held");
	status = hbc_take_number(cmd, "--inflight", inflight_text, 0,
				 UINT64_MAX, &inflight);
	if (status == HBC_GO_ON)
		status = hbc_take_number(cmd, "--held", held_text, 0,
					 UINT64_MAX, &held);
	if (status == HBC_GO_ON)
		status = hbc_take_seconds(cmd, seconds, &ns);
	if (status != HBC_GO_ON)
		return status;
	return settle(argv[0], inflight, held, ns);
}
