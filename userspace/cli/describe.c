/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The commands, the words of rules and the values of options, as data: the
 * completions are made from it. --commands goes through the same rows as
 * --help.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* The command that is being described; NULL: --help prints. */
static struct json_object *describing;

static void add_string(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static void add_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

/*
 * The positional arguments of a usage line: "DEV {TAG | --id ID | --all}" is
 * DEV and TAG. KEY=VALUE is a condition of a rule after an EVENT, else an
 * option of a device.
 */
static struct json_object *arguments(const struct hbc_command *cmd)
{
	struct json_object *list = json_object_new_array(), *arg = NULL;
	bool rule = false, optional;
	char word[32];
	const char *p;
	size_t len;

	for (p = cmd->args; *p; p += len) {
		p += strspn(p, " ");
		optional = *p == '[' || *p == '{';
		p += strspn(p, "[{");
		len = strcspn(p, " ]}");
		if (*p == '|' || *p == '-')
			break;
		if (!strncmp(p, "...", 3)) {
			if (arg)
				add_bool(arg, "many", true);
		} else if (len && len < sizeof(word)) {
			snprintf(word, sizeof(word), "%.*s", (int)len, p);
			rule |= !strcmp(word, "EVENT");
			if (!strcmp(word, "KEY=VALUE"))
				strcpy(word, rule ? "KEY" : "OPTION");
			/* Only these two take the name of a new device. */
			if (!strcmp(word, "NAME") &&
			    strcmp(cmd->name, "create") &&
			    strcmp(cmd->name, "clone"))
				strcpy(word, "DEV");
			arg = json_object_new_object();
			add_string(arg, "kind", word);
			add_bool(arg, "optional", optional);
			add_bool(arg, "many", false);
			if (!strcmp(word, "DEV"))
				add_bool(arg, "any_disk", cmd->any_disk);
			json_object_array_add(list, arg);
		}
		len += strspn(p + len, "]}");
	}
	return list;
}

/**
 * hbc_describe() - take a command's rows for --commands
 * @cmd: command
 * @o: its options
 *
 * Return: whether they were asked for; else --help is to print them.
 */
bool hbc_describe(const struct hbc_command *cmd, const struct hbc_option *o)
{
	struct json_object *list, *option;
	char letter[2] = "";

	if (!describing)
		return false;
	add_string(describing, "name", cmd->name);
	add_string(describing, "summary", cmd->summary);
	json_object_object_add(describing, "arguments", arguments(cmd));
	list = json_object_new_array();
	for (; o->name; o++) {
		option = json_object_new_object();
		letter[0] = hbc_short_name(o);
		add_string(option, "name", hbc_long_name(o));
		add_string(option, "short", letter);
		add_string(option, "arg", o->value && o->arg ? o->arg : "");
		add_bool(option, "optional_arg", o->value && o->flag);
		add_string(option, "text", o->help);
		json_object_array_add(list, option);
	}
	json_object_object_add(describing, "options", list);
	return true;
}

struct word {
	unsigned int nr;
	const char *word;
	bool offered;
	const char *arg;
	const char *text;
};

#define HALTBLK_X(name, nr, word, offered, arg, text)			\
	{ nr, word, offered, arg, text },
static const struct word events[] = { HALTBLK_EVENTS(HALTBLK_X) { 0 } };
static const struct word ops[] = { HALTBLK_OPS(HALTBLK_X) { 0 } };
static const struct word actions[] = { HALTBLK_ACTIONS(HALTBLK_X) { 0 } };
static const struct word statuses[] = { HALTBLK_STATUSES(HALTBLK_X) { 0 } };
static const struct word flags[] = { HALTBLK_RQ_FLAGS(HALTBLK_X) { 0 } };
static const struct word keys[] = { HALTBLK_KEYS(HALTBLK_X)
	/* Those of the command; they have no bit. */
	{ ~0U, "skip", true, "N", "lets the first N matches pass" },
	{ ~0U, "count", true, "N", "acts on N matches; 0: for ever" },
	{ ~0U, "action", true, "ACTION", "what it does" },
	{ ~0U, "owner", true, "device|session", "how long it stays" },
	{ 0 }
};
#undef HALTBLK_X

static const struct {
	const char *kind;
	const struct word *words;
	size_t mask;		/* offset in struct haltblk_query, or 0 */
} kinds[] = {
	{ "EVENT", events, offsetof(struct haltblk_query, events) },
	{ "OP", ops, offsetof(struct haltblk_query, ops) },
	{ "ACTION", actions, offsetof(struct haltblk_query, actions) },
	{ "STATUS", statuses, offsetof(struct haltblk_query, statuses) },
	{ "FLAG", flags, 0 },
	{ "KEY", keys, offsetof(struct haltblk_query, keys) },
};

/*
 * Options of a device whose values can be listed: for completions only, because
 * the driver checks them. A unit test compares them with the driver's table.
 */
static const struct {
	const char *name;
	const char *values;	/* with '|' between */
} option_values[] = {
	{ "power", "0|1" },
	{ "queue_mode", "0|2" },
	{ "use_per_node_hctx", "0|1" },
	{ "no_sched", "0|1" },
	{ "blocking", "0|1" },
	{ "shared_tags", "0|1" },
	{ "shared_tag_bitmap", "0|1" },
	{ "irqmode", "0|1|2" },
	{ "virt_boundary", "0|1" },
	{ "rotational", "0|1" },
	{ "memory_backed", "0|1" },
	{ "pi_type", "0|1|2|3" },
	{ "pi_guard", "crc|ip" },
	{ "badblocks_once", "0|1" },
	{ "badblocks_partial_io", "0|1" },
	{ "cache", "none|volatile" },
	{ "fua", "0|1" },
	{ "discard", "0|1" },
	{ "write_zeroes", "0|1" },
	{ "zone_full", "0|1" },
	{ "zoned", "0|1" },
	{ "secure_erase", "0|1" },
	{ "discard_reads", "zeroes|stale|poison" },
	{ "hold_timeout", "wait|fire" },
	{ "on_remove", "fail|resume" },
	{ "lock_model", "none|hctx|split|shared" },
};

#define HELP_COLUMN	20

/**
 * hbc_print_text() - print a help text, with the words of the interface
 * @text: where "@KIND@" stands, as @OP@, its words are listed
 *
 * A list goes on in the column in which the words of a table begin.
 */
void hbc_print_text(const char *text)
{
	const char *between;
	const struct word *w;
	size_t column = 0, len, i;

	for (; *text; text++) {
		for (i = 0; *text == '@' && i < HBC_ARRAY_SIZE(kinds); i++) {
			len = strlen(kinds[i].kind);
			if (!strncmp(text + 1, kinds[i].kind, len) &&
			    text[len + 1] == '@')
				break;
		}
		if (*text != '@' || i == HBC_ARRAY_SIZE(kinds)) {
			putchar(*text);
			column = *text == '\n' ? 0 : column + 1;
			continue;
		}
		text += len + 1;
		between = "";
		for (w = kinds[i].words; w->word; w++) {
			if (!w->offered)
				continue;
			len = strlen(w->word) + strlen(w->arg) + 2;
			if (column + len > 79) {
				printf("\n%*s", HELP_COLUMN, "");
				column = HELP_COLUMN;
				between = "";
			}
			column += (size_t)printf("%s%s%s%s", between, w->word,
						 *w->arg ? "=" : "", w->arg);
			between = " ";
		}
	}
}

static struct json_object *words_json(const struct word *w)
{
	struct json_object *list = json_object_new_array(), *o;

	for (; w->word; w++) {
		if (!w->offered)
			continue;
		o = json_object_new_object();
		add_string(o, "word", w->word);
		add_string(o, "arg", w->arg);
		add_string(o, "text", w->text);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *values_json(void)
{
	struct json_object *all = json_object_new_object(), *list;
	const char *p;
	size_t i, len;

	for (i = 0; i < HBC_ARRAY_SIZE(option_values); i++) {
		list = json_object_new_array();
		for (p = option_values[i].values; *p; p += len + !!p[len]) {
			len = strcspn(p, "|");
			json_object_array_add(list,
				json_object_new_string_len(p, (int)len));
		}
		json_object_object_add(all, option_values[i].name, list);
	}
	return all;
}

/**
 * hbc_commands() - print every command with its arguments and options
 *
 * The words are those of this version, not of the loaded driver: the same on
 * every machine.
 */
int hbc_commands(void)
{
	struct json_object *all = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *words = json_object_new_object();
	char *argv[] = { NULL, (char *)"--help", NULL };
	const struct hbc_command *cmd;
	size_t i;

	for (i = 0; (cmd = hbc_command_at(i)); i++) {
		describing = json_object_new_object();
		argv[0] = (char *)cmd->name;
		cmd->fn(cmd, 2, argv);
		json_object_array_add(list, describing);
	}
	describing = NULL;
	for (i = 0; i < HBC_ARRAY_SIZE(kinds); i++)
		json_object_object_add(words, kinds[i].kind,
				       words_json(kinds[i].words));
	add_string(all, "version", libhaltblk_version());
	json_object_object_add(all, "commands", list);
	json_object_object_add(all, "words", words);
	json_object_object_add(all, "option_values", values_json());
	return hbc_print_json(all);
}

/**
 * hbc_words() - print the words of a kind that a rule can use, a line each
 * @kind: EVENT, OP, ACTION, STATUS, FLAG or KEY
 *
 * Those that the loaded driver takes; if it cannot be asked, those of this
 * version. "=" follows a word that takes a value.
 */
int hbc_words(const char *kind)
{
	struct haltblk_query q = { 0 };
	struct libhaltblk *h;
	const struct word *w;
	uint32_t mask = 0;
	bool asked;
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			break;
	if (i == HBC_ARRAY_SIZE(kinds)) {
		hbc_error(kind, "no kind of words: takes EVENT, OP, ACTION, STATUS, FLAG or KEY");
		return HBC_USAGE;
	}
	if (hbc_handle(&h) != HBC_GO_ON)
		return HBC_FAILED;
	asked = kinds[i].mask && !libhaltblk_open(h) &&
		!libhaltblk_query(h, &q, sizeof(q));
	if (asked)
		memcpy(&mask, (char *)&q + kinds[i].mask, sizeof(mask));
	libhaltblk_free(h);
	for (w = kinds[i].words; w->word; w++)
		if (asked && w->nr < 32 ? mask >> w->nr & 1 : w->offered)
			printf("%s%s\n", w->word,
			       *w->arg && strcmp(kind, "STATUS") ? "=" : "");
	return HBC_OK;
}
