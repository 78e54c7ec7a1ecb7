/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * show: all there is to know about one device.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/**
 * struct state - what was fetched; each list may be NULL
 */
struct state {
	struct libhaltblk_table *config;
	struct libhaltblk_table *hctx;
	struct libhaltblk_table *rules;
	struct libhaltblk_table *held;
	struct libhaltblk_table *locks;
	struct haltblk_stats stats;
};

static void release(struct state *s)
{
	libhaltblk_table_free(s->config);
	libhaltblk_table_free(s->hctx);
	libhaltblk_table_free(s->rules);
	libhaltblk_table_free(s->held);
	libhaltblk_table_free(s->locks);
}

static int fetch(struct libhaltblk *h, struct state *s)
{
	int r = libhaltblk_config(h, &s->config);

	if (r >= 0)
		r = libhaltblk_stats(h, &s->stats, sizeof(s->stats));
	if (r >= 0)
		r = libhaltblk_hctx_stats(h, &s->hctx);
	if (r >= 0)
		r = libhaltblk_rules(h, &s->rules);
	if (r >= 0)
		r = libhaltblk_held(h, &s->held);
	if (r >= 0)
		r = libhaltblk_locks(h, &s->locks);
	/* A driver without lock_model has no locks to list. */
	return r == -ENOTTY ? 0 : r;
}

/* The device's list of bad blocks; NULL if it has none or no directory. */
static FILE *bad_open(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/kernel/config/haltblk/%s/badblocks",
		 name);
	return fopen(path, "re");
}

static bool bad_next(FILE *f, uint64_t *sector, uint64_t *nr_sectors)
{
	return fscanf(f, "%" SCNu64 " %" SCNu64, sector, nr_sectors) == 2;
}

/* A value, as a number if it is one. */
static struct json_object *value_json(const char *value)
{
	char *end;
	int64_t n;

	if (strspn(value, "-0123456789") == strlen(value) && *value) {
		n = strtoll(value, &end, 10);
		if (!*end)
			return json_object_new_int64(n);
	}
	return json_object_new_string(value);
}

static void add(struct json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_uint64(n));
}

static struct json_object *config_json(const struct libhaltblk_table *table)
{
	struct json_object *o = json_object_new_object();
	const struct haltblk_config_entry *e;
	size_t i;

	for (i = 0; (e = libhaltblk_config_at(table, i)); i++)
		json_object_object_add(o, e->name, value_json(e->value));
	return o;
}

static struct json_object *hctx_json(const struct libhaltblk_table *table)
{
	struct json_object *array = json_object_new_array(), *o;
	const struct haltblk_hctx_stats *e;
	size_t i;

	for (i = 0; (e = libhaltblk_hctx_stats_at(table, i)); i++) {
		o = json_object_new_object();
		json_object_object_add(o, "hctx", e->hctx < 0 ? NULL :
				       json_object_new_int(e->hctx));
		add(o, "inflight", e->submitted - e->completed);
		add(o, "held", e->held);
		add(o, "submitted", e->submitted);
		add(o, "completed", e->completed);
		add(o, "failed", e->failed);
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *locks_json(const struct libhaltblk_table *table)
{
	struct json_object *array = json_object_new_array(), *o;
	const struct haltblk_lock_stats *e;
	size_t i;

	for (i = 0; (e = libhaltblk_lock_at(table, i)); i++) {
		o = json_object_new_object();
		json_object_object_add(o, "name",
				       json_object_new_string(e->name));
		json_object_object_add(o, "hctx", e->hctx < 0 ? NULL :
				       json_object_new_int(e->hctx));
		add(o, "acquisitions", e->acquisitions);
		add(o, "contended", e->contended);
		add(o, "wait_ns", e->wait_ns);
		add(o, "hold_ns", e->hold_ns);
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *bad_json(const char *name)
{
	struct json_object *array = json_object_new_array(), *o;
	uint64_t sector, nr_sectors;
	FILE *f = bad_open(name);

	while (f && bad_next(f, &sector, &nr_sectors)) {
		o = json_object_new_object();
		add(o, "sector", sector);
		add(o, "sectors", nr_sectors);
		json_object_array_add(array, o);
	}
	if (f)
		fclose(f);
	return array;
}

static struct json_object *state_json(const struct state *s, const char *name)
{
	struct json_object *o = json_object_new_object();
	struct json_object *stats = json_object_new_object();

	add(stats, "inflight", s->stats.inflight);
	add(stats, "held", s->stats.held);
	add(stats, "submitted", s->stats.submitted);
	add(stats, "completed", s->stats.completed);
	add(stats, "failed", s->stats.failed);
	add(stats, "stored_pages", s->stats.stored_pages);
	add(stats, "cached_blocks", s->stats.cached_blocks);
	add(stats, "shared_pages", s->stats.shared_pages);
	json_object_object_add(stats, "hctx", hctx_json(s->hctx));
	json_object_object_add(o, "name", json_object_new_string(name));
	json_object_object_add(o, "config", config_json(s->config));
	json_object_object_add(o, "stats", stats);
	json_object_object_add(o, "rules", hbc_rules_json(s->rules, false));
	json_object_object_add(o, "held", hbc_held_json(s->held));
	json_object_object_add(o, "locks", locks_json(s->locks));
	json_object_object_add(o, "badblocks", bad_json(name));
	return o;
}

static void stats_row(struct hbc_columns *c, uint64_t inflight, uint64_t held,
		      uint64_t submitted, uint64_t completed, uint64_t failed)
{
	hbc_columns_add(c, "%" PRIu64, inflight);
	hbc_columns_add(c, "%" PRIu64, held);
	hbc_columns_add(c, "%" PRIu64, submitted);
	hbc_columns_add(c, "%" PRIu64, completed);
	hbc_columns_add(c, "%" PRIu64, failed);
}

static void stats_print(const struct state *s)
{
	static const char *const heads[] = {
		"hctx", "inflight", "held", "submitted", "completed", "failed",
	};
	struct hbc_columns *c = hbc_columns_new(HBC_ARRAY_SIZE(heads));
	const struct haltblk_hctx_stats *e;
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(heads); i++)
		hbc_columns_add(c, "%s", heads[i]);
	hbc_columns_add(c, "all");
	stats_row(c, s->stats.inflight, s->stats.held, s->stats.submitted,
		  s->stats.completed, s->stats.failed);
	for (i = 0; (e = libhaltblk_hctx_stats_at(s->hctx, i)); i++) {
		if (e->hctx < 0)
			continue;
		hbc_columns_add(c, "%d", e->hctx);
		stats_row(c, e->submitted - e->completed, e->held,
			  e->submitted, e->completed, e->failed);
	}
	hbc_columns_print(c);
}

static void locks_print(const struct libhaltblk_table *table)
{
	static const char *const heads[] = {
		"name", "hctx", "acquisitions", "contended", "wait_ns",
		"hold_ns",
	};
	struct hbc_columns *c = hbc_columns_new(HBC_ARRAY_SIZE(heads));
	const struct haltblk_lock_stats *e;
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(heads); i++)
		hbc_columns_add(c, "%s", heads[i]);
	for (i = 0; (e = libhaltblk_lock_at(table, i)); i++) {
		hbc_columns_add(c, "%s", e->name);
		if (e->hctx < 0)
			hbc_columns_add(c, "-");
		else
			hbc_columns_add(c, "%d", e->hctx);
		hbc_columns_add(c, "%" PRIu64, (uint64_t)e->acquisitions);
		hbc_columns_add(c, "%" PRIu64, (uint64_t)e->contended);
		hbc_columns_add(c, "%" PRIu64, (uint64_t)e->wait_ns);
		hbc_columns_add(c, "%" PRIu64, (uint64_t)e->hold_ns);
	}
	hbc_columns_print(c);
}

/* Most devices have none. */
static void bad_print(const char *name)
{
	struct hbc_columns *c = NULL;
	uint64_t sector, nr_sectors;
	FILE *f = bad_open(name);

	while (f && bad_next(f, &sector, &nr_sectors)) {
		if (!c) {
			printf("\nbad blocks\n\n");
			c = hbc_columns_new(2);
			hbc_columns_add(c, "sector");
			hbc_columns_add(c, "sectors");
		}
		hbc_columns_add(c, "%" PRIu64, sector);
		hbc_columns_add(c, "%" PRIu64, nr_sectors);
	}
	if (c)
		hbc_columns_print(c);
	if (f)
		fclose(f);
}

static void state_print(const struct state *s, const char *name)
{
	const struct haltblk_config_entry *e;
	size_t i;

	printf("config\n\n");
	for (i = 0; (e = libhaltblk_config_at(s->config, i)); i++)
		printf("%s=%s\n", e->name, e->value);
	printf("\nstats\n\n");
	stats_print(s);
	printf("\nrules\n\n");
	hbc_rules_print(s->rules, false);
	printf("\nheld\n\n");
	hbc_held_print(s->held);
	/* Most devices have none. */
	if (libhaltblk_lock_at(s->locks, 0)) {
		printf("\nlocks\n\n");
		locks_print(s->locks);
	}
	bad_print(name);
}

static int cmd_show(const struct hbc_command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct hbc_option options[] = {
		{ .name = "json", .flag = &json,
		  .help = "an object with config, stats, rules, held, locks and badblocks" },
		{ 0 },
	};
	char name[HALTBLK_NAME_LEN];
	struct state state = { 0 };
	struct libhaltblk *h;
	int status, r;

	status = hbc_begin_session(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_device_name(h, argv[0], name);
	if (!r)
		r = fetch(h, &state);
	if (r < 0)
		status = hbc_fail(h, hbc_base(argv[0]), "show", r);
	else if (json)
		status = hbc_print_json(state_json(&state, name));
	else
		state_print(&state, name);
	release(&state);
	hbc_end(h);
	return status == HBC_GO_ON ? HBC_OK : status;
}

const struct hbc_command hbc_cmd_show = {
	.name = "show",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.summary = "show a device: options, counts, rules, held requests",
	.help = "",
	.fn = cmd_show,
};
