/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Builds a rule from words. A row of keys[] is one KEY=: its parser, and the
 * end of the sentence that says what it takes.
 *
 * A word with a meaning is accepted and left to the driver, even if the loaded
 * driver cannot do it yet. Only words without a meaning are refused here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/**
 * struct libhaltblk_rule - a rule in the making
 * @h: handle for reasons
 * @uapi: what will be sent
 * @seen: one bit for each row of keys[] that was added
 * @count_given: count= was added; else the action decides its default
 */
struct libhaltblk_rule {
	struct libhaltblk *h;
	struct haltblk_rule uapi;
	uint32_t seen;
	bool count_given;
};

/* Room for what is wrong with one word. */
#define HB_WRONG_LEN	384

struct key {
	uint32_t bit;		/* HALTBLK_KEY_*, or 0 */
	const char *name;	/* where it has no bit */
	/*
	 * Returns 0, or an error with a text in @wrong: -EINVAL if the caller
	 * should add what the key takes, -EDOM if the text says so already.
	 */
	int (*parse)(struct libhaltblk_rule *rule, const char *value,
		     char *wrong);
	const char *takes;
	/* Which words to list after @takes. */
	enum libhaltblk_words words;
	bool lists;
};

static const char *key_name(const struct key *key)
{
	if (key->name)
		return key->name;
	return libhaltblk_word(LIBHALTBLK_KEYS,
			       (unsigned int)__builtin_ctz(key->bit));
}

static int wrong_is(char *wrong, const char *fmt, ...) HB_PRINTF(2, 3);

static int wrong_is(char *wrong, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(wrong, HB_WRONG_LEN, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* A number that ends where @text ends, from @min to @max. */
static int whole_number(const char *text, uint64_t min, uint64_t max,
			uint64_t *value, char *wrong)
{
	const char *end;
	int r;

	r = hb_parse_number(text, &end, value);
	if (r == -EINVAL || *end)
		return wrong_is(wrong, "'%s' is not a number", text);
	if (r || *value > max)
		return wrong_is(wrong, "%s is too large, at most %llu", text,
				(unsigned long long)max);
	if (*value < min)
		return wrong_is(wrong, "%s is too small, at least %llu", text,
				(unsigned long long)min);
	return 0;
}

static int number32(const char *text, uint32_t min, uint32_t max,
		    uint32_t *value, char *wrong)
{
	uint64_t v = 0;
	int r = whole_number(text, min, max, &v, wrong);

	*value = (uint32_t)v;
	return r;
}

/* A comma list of words as bits. */
static int word_list(enum libhaltblk_words which, const char *text,
		     uint32_t allowed, uint32_t *bits, char *wrong)
{
	const char *word = text, *end;
	int nr;

	for (;; word = end + 1) {
		end = word + strcspn(word, ",");
		if (end == word)
			return wrong_is(wrong, "the list has an empty word");
		nr = hb_lookup(which, word, (size_t)(end - word));
		if (nr < 0 || !(allowed & (1U << nr)))
			return wrong_is(wrong, "unknown word '%.*s'",
					(int)(end - word), word);
		*bits |= 1U << nr;
		if (!*end)
			return 0;
	}
}

static int parse_op(struct libhaltblk_rule *rule, const char *value,
		    char *wrong)
{
	return word_list(LIBHALTBLK_OPS, value, ~0U, &rule->uapi.ops, wrong);
}

static int parse_flags(struct libhaltblk_rule *rule, const char *value,
		       char *wrong)
{
	return word_list(LIBHALTBLK_RQ_FLAGS, value,
			 HALTBLK_OFFERED_RQ_FLAGS,
			 &rule->uapi.rq_flags, wrong);
}

/* A, A+N or A-B with B included. */
static int parse_sector(struct libhaltblk_rule *rule, const char *value,
			char *wrong)
{
	uint64_t first, nr = 1, last;
	const char *end;
	int r;

	r = hb_parse_number(value, &end, &first);
	if (r == -EINVAL || (*end && *end != '+' && *end != '-'))
		return wrong_is(wrong, "'%s' is not a range", value);
	if (r)
		return wrong_is(wrong, "the first sector is too large");
	if (*end == '+') {
		r = whole_number(end + 1, 1, UINT64_MAX, &nr, wrong);
	} else if (*end == '-') {
		r = whole_number(end + 1, 0, UINT64_MAX, &last, wrong);
		if (!r && last < first)
			return wrong_is(wrong, "the range ends before it begins");
		nr = last - first + 1;
	}
	if (r)
		return r;
	if (!nr || nr > UINT64_MAX - first)
		return wrong_is(wrong, "the range ends past the largest sector number");
	rule->uapi.sector = first;
	rule->uapi.nr_sectors = nr;
	return 0;
}

static int parse_hctx(struct libhaltblk_rule *rule, const char *value,
		      char *wrong)
{
	return number32(value, 0, INT32_MAX, &rule->uapi.hctx, wrong);
}

static int parse_cpu(struct libhaltblk_rule *rule, const char *value,
		     char *wrong)
{
	return number32(value, 0, INT32_MAX, &rule->uapi.cpu, wrong);
}

static int parse_pid(struct libhaltblk_rule *rule, const char *value,
		     char *wrong)
{
	bool not = value[0] == '!';
	uint32_t pid;
	int r;

	r = number32(value + not, 1, INT32_MAX, &pid, wrong);
	rule->uapi.pid = (int32_t)pid;
	if (!r && not)
		rule->uapi.hdr.flags |= HALTBLK_RULE_F_NOT_PID;
	return r;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' ^ 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "\xNN" stands for, or -1 for any other text. */
static int escaped_byte(const char *s)
{
	if (s[0] != '\\' || s[1] != 'x' || hex_digit(s[2]) < 0 ||
	    hex_digit(s[3]) < 0)
		return -1;
	return hex_digit(s[2]) << 4 | hex_digit(s[3]);
}

static int parse_comm(struct libhaltblk_rule *rule, const char *value,
		      char *wrong)
{
	bool not = value[0] == '!';
	const char *p = value += not;
	size_t len = 0;
	int byte;

	if (!*value)
		return wrong_is(wrong, "no name after the '!'");
	for (; *p; len++) {
		byte = escaped_byte(p);
		if (!byte)
			return wrong_is(wrong, "a name cannot have a NUL byte");
		if (len == HALTBLK_COMM_LEN - 1)
			return wrong_is(wrong, "the kernel keeps only %d bytes of a name: '%.*s'",
					HALTBLK_COMM_LEN - 1, (int)(p - value),
					value);
		rule->uapi.comm[len] = byte < 0 ? *p : (char)byte;
		p += byte < 0 ? 1 : 4;
	}
	if (not)
		rule->uapi.hdr.flags |= HALTBLK_RULE_F_NOT_COMM;
	return 0;
}

static int parse_state(struct libhaltblk_rule *rule, const char *value,
		       char *wrong)
{
	return number32(value, 1, UINT32_MAX, &rule->uapi.state, wrong);
}

static int parse_set_state(struct libhaltblk_rule *rule, const char *value,
			   char *wrong)
{
	return number32(value, 1, UINT32_MAX, &rule->uapi.set_state, wrong);
}

static int parse_skip(struct libhaltblk_rule *rule, const char *value,
		      char *wrong)
{
	uint64_t skip;
	int r = whole_number(value, 0, UINT64_MAX, &skip, wrong);

	rule->uapi.skip = skip;
	return r;
}

static int parse_count(struct libhaltblk_rule *rule, const char *value,
		       char *wrong)
{
	uint64_t count;
	int r = whole_number(value, 0, UINT64_MAX, &count, wrong);

	rule->uapi.count = count;
	rule->count_given = true;
	return r;
}

static int parse_chance(struct libhaltblk_rule *rule, const char *value,
			char *wrong)
{
	if (strncmp(value, "1/", 2))
		return wrong_is(wrong, "'%s' does not begin with 1/", value);
	return number32(value + 2, 1, UINT32_MAX, &rule->uapi.chance, wrong);
}

static int parse_status(struct libhaltblk *h, const char *word,
			uint64_t *status, char *wrong)
{
	char all[256];
	int nr = hb_lookup(LIBHALTBLK_STATUSES, word, strlen(word));

	if (nr <= HALTBLK_STATUS_OK) {
		hb_all_words(h, LIBHALTBLK_STATUSES, false, all, sizeof(all));
		wrong_is(wrong, "'%s' %s; fail= takes %s", word,
			 nr < 0 ? hb_status_refusal(word) : "is not a failure",
			 all + strlen("OK, "));
		return -EDOM;
	}
	*status = (uint64_t)nr;
	return 0;
}

static int parse_action(struct libhaltblk_rule *rule, const char *value,
			char *wrong)
{
	size_t len = strcspn(value, "=");
	const char *arg = value + len + !!value[len];
	uint64_t number = 0;
	bool wants;
	int nr, r = 0;

	nr = hb_lookup(LIBHALTBLK_ACTIONS, value, len);
	if (nr < 0)
		return wrong_is(wrong, "unknown action '%.*s'", (int)len,
				value);
	wants = *hb_action_arg((unsigned int)nr);
	if (wants && !*arg)
		return wrong_is(wrong, "'%.*s' needs a value", (int)len, value);
	if (!wants && value[len])
		return wrong_is(wrong, "'%.*s' takes no value", (int)len,
				value);
	if (nr == HALTBLK_ACTION_FAIL)
		r = parse_status(rule->h, arg, &number, wrong);
	else if (nr == HALTBLK_ACTION_CORRUPT)
		r = whole_number(arg, 1, UINT64_MAX, &number, wrong);
	else if (wants)
		r = whole_number(arg, 0, UINT64_MAX, &number, wrong);
	rule->uapi.action = (uint32_t)nr;
	rule->uapi.arg = number;
	return r;
}

static int parse_owner(struct libhaltblk_rule *rule, const char *value,
		       char *wrong)
{
	if (!strcmp(value, "session"))
		libhaltblk_rule_session(rule, 1);
	else if (!strcmp(value, "device"))
		libhaltblk_rule_session(rule, 0);
	else
		return wrong_is(wrong, "unknown owner '%s'", value);
	return 0;
}

static const struct key keys[] = {
	{ .bit = HALTBLK_KEY_OPS, .parse = parse_op,
	  .takes = "a comma list of ", .words = LIBHALTBLK_OPS, .lists = true },
	{ .bit = HALTBLK_KEY_SECTOR, .parse = parse_sector,
	  .takes = "A, A+N or A-B (B included), in sectors of 512 bytes" },
	{ .bit = HALTBLK_KEY_HCTX, .parse = parse_hctx,
	  .takes = "the number of a hardware queue, from 0" },
	{ .bit = HALTBLK_KEY_CPU, .parse = parse_cpu,
	  .takes = "the number of a processor, from 0" },
	{ .bit = HALTBLK_KEY_PID, .parse = parse_pid,
	  .takes = "a process id, from 1, or !N for any other" },
	{ .bit = HALTBLK_KEY_COMM, .parse = parse_comm,
	  .takes = "the name of a process, up to 15 bytes (any of them as \\xNN), or !NAME for any other" },
	{ .bit = HALTBLK_KEY_FLAGS, .parse = parse_flags,
	  .takes = "a comma list of ", .words = LIBHALTBLK_RQ_FLAGS,
	  .lists = true },
	{ .bit = HALTBLK_KEY_STATE, .parse = parse_state,
	  .takes = "a device state, from 1" },
	{ .bit = HALTBLK_KEY_SET_STATE, .parse = parse_set_state,
	  .takes = "a device state, from 1" },
	{ .name = "skip", .parse = parse_skip,
	  .takes = "how many matches to let pass, from 0" },
	{ .name = "count", .parse = parse_count,
	  .takes = "how many matches to act on; 0 for ever" },
	{ .bit = HALTBLK_KEY_CHANCE, .parse = parse_chance,
	  .takes = "1/N with N from 1" },
	{ .name = "action", .parse = parse_action, .takes = "one of ",
	  .words = LIBHALTBLK_ACTIONS, .lists = true },
	{ .name = "owner", .parse = parse_owner, .takes = "device or session" },
};

int libhaltblk_rule_new(struct libhaltblk *h, struct libhaltblk_rule **rule)
{
	hb_begin(h);
	*rule = calloc(1, sizeof(**rule));
	if (!*rule)
		return hb_fail(h, -ENOMEM, "out of memory");
	(*rule)->h = h;
	libhaltblk_rule_session(*rule, 1);
	return 0;
}

void libhaltblk_rule_free(struct libhaltblk_rule *rule)
{
	free(rule);
}

int libhaltblk_rule_event(struct libhaltblk_rule *rule, const char *event)
{
	int nr = libhaltblk_number(rule->h, LIBHALTBLK_EVENTS, event);

	if (nr < 0)
		return nr;
	rule->uapi.event = (uint32_t)nr;
	return 0;
}

int libhaltblk_rule_tag(struct libhaltblk_rule *rule, const char *tag)
{
	hb_begin(rule->h);
	return hb_tag(rule->h, tag, rule->uapi.tag);
}

void libhaltblk_rule_session(struct libhaltblk_rule *rule, int session)
{
	if (session)
		rule->uapi.hdr.flags |= HALTBLK_RULE_F_SESSION;
	else
		rule->uapi.hdr.flags &= ~HALTBLK_RULE_F_SESSION;
}

static int unknown_key(struct libhaltblk *h, const char *word, size_t len)
{
	char all[256];
	struct hb_text t;
	size_t i;

	hb_text_start(&t, all, sizeof(all));
	for (i = 0; i < HB_ARRAY_SIZE(keys); i++)
		hb_text_add(&t, "%s%s", i ? ", " : "", key_name(&keys[i]));
	if (!word[len])
		return hb_fail(h, -EINVAL, "'%s' is not KEY=VALUE; the keys are %s",
			       word, all);
	return hb_fail(h, -EINVAL, "%s: unknown key '%.*s'; the keys are %s",
		       word, (int)len, word, all);
}

int libhaltblk_rule_add(struct libhaltblk_rule *rule, const char *word)
{
	struct libhaltblk_rule next = *rule;
	char wrong[HB_WRONG_LEN] = "no value", all[256] = "";
	size_t len = strcspn(word, "="), i;
	const struct key *key;
	int r = -EINVAL;

	hb_begin(rule->h);
	for (i = 0; i < HB_ARRAY_SIZE(keys); i++)
		if (strlen(key_name(&keys[i])) == len &&
		    !memcmp(key_name(&keys[i]), word, len))
			break;
	if (i == HB_ARRAY_SIZE(keys) || !word[len])
		return unknown_key(rule->h, word, len);
	key = &keys[i];
	if (rule->seen & (1U << i))
		return hb_fail(rule->h, r, "%s: %s= is given twice; give it once",
			       word, key_name(key));
	if (word[len + 1])
		r = key->parse(&next, word + len + 1, wrong);
	if (r == -EDOM)
		return hb_fail(rule->h, -EINVAL, "%s: %s", word, wrong);
	if (r) {
		if (key->lists)
			hb_all_words(rule->h, key->words, true, all,
				     sizeof(all));
		return hb_fail(rule->h, r, "%s: %s; %s= takes %s%s", word,
			       wrong, key_name(key), key->takes, all);
	}
	next.uapi.keys |= key->bit;
	next.seen |= 1U << i;
	*rule = next;
	return 0;
}

const struct haltblk_rule *libhaltblk_rule_get(struct libhaltblk_rule *rule)
{
	if (!rule->count_given)
		rule->uapi.count =
			rule->uapi.action == HALTBLK_ACTION_COUNT ? 0 : 1;
	return &rule->uapi;
}
