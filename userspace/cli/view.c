/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Held requests and rules, as tables for people and as JSON: for held, rules
 * and show; and commands that do nothing but print such a list.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Every byte may become \xNN. */
#define COMM_ROOM	(4 * HALTBLK_COMM_LEN + 1)

static const char *word(enum libhaltblk_words which, unsigned int nr)
{
	const char *text = libhaltblk_word(which, nr);

	return text ? text : "?";
}

/**
 * hbc_bits_json() - a word for each bit that is set
 * @which: its words
 * @bits: bits
 */
struct json_object *hbc_bits_json(enum libhaltblk_words which, uint32_t bits)
{
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; i < 32; i++)
		if (bits & (1U << i))
			json_object_array_add(array,
				json_object_new_string(word(which, i)));
	return array;
}

static void add_string(struct json_object *o, const char *key, const char *s)
{
	json_object_object_add(o, key, json_object_new_string(s));
}

static void add_number(struct json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_uint64(n));
}

static void add_comm(struct json_object *o, const char *key, const char *comm)
{
	json_object_object_add(o, key, hbc_name_json(comm, HALTBLK_COMM_LEN));
}

static struct json_object *one_held(const struct haltblk_held *held)
{
	struct json_object *o = json_object_new_object();

	add_number(o, "id", held->id);
	add_string(o, "tag", held->tag);
	add_string(o, "event", word(LIBHALTBLK_EVENTS, held->event));
	add_string(o, "op", word(LIBHALTBLK_OPS, held->op));
	add_number(o, "sector", held->sector);
	add_number(o, "sectors", held->sectors);
	json_object_object_add(o, "flags", hbc_bits_json(LIBHALTBLK_RQ_FLAGS,
						     held->rq_flags));
	/* A NULL value is JSON's null, which means unknown. */
	json_object_object_add(o, "hctx", held->hctx < 0 ? NULL :
			       json_object_new_int(held->hctx));
	add_number(o, "cpu", held->cpu);
	json_object_object_add(o, "pid", held->pid <= 0 ? NULL :
			       json_object_new_int(held->pid));
	if (held->comm[0])
		add_comm(o, "comm", held->comm);
	else
		json_object_object_add(o, "comm", NULL);
	add_number(o, "age_us", held->age_ns / 1000);
	return o;
}

struct json_object *hbc_held_json(const struct libhaltblk_table *held)
{
	struct json_object *array = json_object_new_array();
	const struct haltblk_held *entry;
	size_t i;

	for (i = 0; (entry = libhaltblk_held_at(held, i)); i++)
		json_object_array_add(array, one_held(entry));
	return array;
}

static void add_heads(struct hbc_columns *c, const char *const *heads,
		      size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		hbc_columns_add(c, "%s", heads[i]);
}

void hbc_held_print(const struct libhaltblk_table *held)
{
	static const char *const heads[] = {
		"id", "tag", "event", "op", "sector", "sectors", "flags",
		"hctx", "cpu", "pid", "comm", "age_us",
	};
	struct hbc_columns *c = hbc_columns_new(HBC_ARRAY_SIZE(heads));
	char flags[128], comm[COMM_ROOM];
	const struct haltblk_held *h;
	size_t i;

	add_heads(c, heads, HBC_ARRAY_SIZE(heads));
	for (i = 0; (h = libhaltblk_held_at(held, i)); i++) {
		libhaltblk_rq_flags_text(h->rq_flags, flags, sizeof(flags));
		hbc_clean(comm, sizeof(comm), h->comm, sizeof(h->comm));
		hbc_columns_add(c, "%" PRIu64, (uint64_t)h->id);
		hbc_columns_add(c, "%s", h->tag);
		hbc_columns_add(c, "%s", word(LIBHALTBLK_EVENTS, h->event));
		hbc_columns_add(c, "%s", word(LIBHALTBLK_OPS, h->op));
		hbc_columns_add(c, "%" PRIu64, (uint64_t)h->sector);
		hbc_columns_add(c, "%" PRIu64, (uint64_t)h->sectors);
		hbc_columns_add(c, "%s", flags);
		hbc_columns_add(c, h->hctx < 0 ? "-" : "%d", h->hctx);
		hbc_columns_add(c, "%u", h->cpu);
		hbc_columns_add(c, h->pid <= 0 ? "-" : "%d", h->pid);
		hbc_columns_add(c, "%s", comm);
		hbc_columns_add(c, "%" PRIu64, (uint64_t)h->age_ns / 1000);
	}
	hbc_columns_print(c);
}

/* The conditions in use, named as break takes them. */
static void add_conditions(struct json_object *o, const struct haltblk_rule *r)
{
	bool not_pid = r->hdr.flags & HALTBLK_RULE_F_NOT_PID;
	bool not_comm = r->hdr.flags & HALTBLK_RULE_F_NOT_COMM;

	if (r->keys & HALTBLK_KEY_OPS)
		json_object_object_add(o, "op",
				       hbc_bits_json(LIBHALTBLK_OPS, r->ops));
	if (r->keys & HALTBLK_KEY_SECTOR) {
		add_number(o, "sector", r->sector);
		add_number(o, "sectors", r->nr_sectors);
	}
	if (r->keys & HALTBLK_KEY_HCTX)
		add_number(o, "hctx", r->hctx);
	if (r->keys & HALTBLK_KEY_CPU)
		add_number(o, "cpu", r->cpu);
	if (r->keys & HALTBLK_KEY_PID)
		json_object_object_add(o, not_pid ? "not_pid" : "pid",
				       json_object_new_int(r->pid));
	if (r->keys & HALTBLK_KEY_COMM)
		add_comm(o, not_comm ? "not_comm" : "comm", r->comm);
	if (r->keys & HALTBLK_KEY_FLAGS)
		json_object_object_add(o, "flags",
				       hbc_bits_json(LIBHALTBLK_RQ_FLAGS,
						 r->rq_flags));
	if (r->keys & HALTBLK_KEY_STATE)
		add_number(o, "state", r->state);
	if (r->keys & HALTBLK_KEY_SET_STATE)
		add_number(o, "set_state", r->set_state);
	if (r->keys & HALTBLK_KEY_CHANCE)
		add_number(o, "chance", r->chance);
}

static struct json_object *one_rule(const struct haltblk_rule *rule)
{
	struct json_object *o = json_object_new_object();
	char action[64];

	libhaltblk_action_text(rule, action, sizeof(action));
	add_string(o, "tag", rule->tag);
	add_string(o, "event", word(LIBHALTBLK_EVENTS, rule->event));
	add_string(o, "action", action);
	add_number(o, "matches", rule->matches);
	add_number(o, "hits", rule->hits);
	add_number(o, "held", rule->held);
	json_object_object_add(o, "armed",
			       json_object_new_boolean(rule->armed));
	add_number(o, "skip", rule->skip);
	add_number(o, "count", rule->count);
	add_string(o, "owner", rule->hdr.flags & HALTBLK_RULE_F_SESSION ?
		   "session" : "device");
	add_conditions(o, rule);
	return o;
}

struct json_object *hbc_rules_json(const struct libhaltblk_table *rules,
				   bool unhit)
{
	struct json_object *array = json_object_new_array();
	const struct haltblk_rule *rule;
	size_t i;

	for (i = 0; (rule = libhaltblk_rule_at(rules, i)); i++)
		if (!unhit || !rule->hits)
			json_object_array_add(array, one_rule(rule));
	return array;
}

void hbc_rules_print(const struct libhaltblk_table *rules, bool unhit)
{
	static const char *const heads[] = {
		"tag", "event", "action", "matches", "hits", "held", "armed",
		"conditions",
	};
	struct hbc_columns *c = hbc_columns_new(HBC_ARRAY_SIZE(heads));
	char action[64], conditions[512];
	const struct haltblk_rule *rule;
	size_t i;

	add_heads(c, heads, HBC_ARRAY_SIZE(heads));
	for (i = 0; (rule = libhaltblk_rule_at(rules, i)); i++) {
		if (unhit && rule->hits)
			continue;
		libhaltblk_action_text(rule, action, sizeof(action));
		libhaltblk_rule_text(rule, conditions, sizeof(conditions));
		hbc_columns_add(c, "%s", rule->tag);
		hbc_columns_add(c, "%s", word(LIBHALTBLK_EVENTS, rule->event));
		hbc_columns_add(c, "%s", action);
		hbc_columns_add(c, "%" PRIu64, (uint64_t)rule->matches);
		hbc_columns_add(c, "%" PRIu64, (uint64_t)rule->hits);
		hbc_columns_add(c, "%u", rule->held);
		hbc_columns_add(c, "%s", rule->armed ? "yes" : "no");
		hbc_columns_add(c, "%s", conditions);
	}
	hbc_columns_print(c);
}

/**
 * hbc_list() - a command that prints one of a device's lists, or --json
 * @cmd: command whose only argument is the device
 * @argc: as cmd->fn gets it
 * @argv: likewise
 * @list: how it gets and prints it
 *
 * Return: exit status.
 */
int hbc_list(const struct hbc_command *cmd, int argc, char **argv,
	     const struct hbc_list *list)
{
	bool json = false;
	const struct hbc_option options[] = {
		{ .name = "json", .flag = &json,
		  .help = "an array of objects; what is unknown is null" },
		{ 0 },
	};
	struct libhaltblk_table *table;
	struct libhaltblk *h;
	int status, r;

	status = hbc_begin_session(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	r = list->get(h, &table);
	if (r < 0)
		status = hbc_fail(h, hbc_base(argv[0]), cmd->name, r);
	else if (json)
		status = hbc_print_json(list->json(table));
	else
		list->print(table);
	libhaltblk_table_free(table);
	hbc_end(h);
	return status == HBC_GO_ON ? HBC_OK : status;
}
