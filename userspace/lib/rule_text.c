/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Turns a rule back into the words that libhaltblk_rule_add() takes.
 */
#include <string.h>

#include "private.h"

/* "key=" if a condition is in use, after a blank if something precedes. */
static bool begins(struct hb_text *t, const struct haltblk_rule *rule,
		   uint32_t key)
{
	if (!(rule->keys & key))
		return false;
	hb_text_add(t, "%s%s=", t->len ? " " : "",
		    libhaltblk_word(LIBHALTBLK_KEYS,
				    (unsigned int)__builtin_ctz(key)));
	return true;
}

static void add_bits(struct hb_text *t, enum libhaltblk_words which,
		     uint32_t bits)
{
	const char *comma = "";
	unsigned int i;

	for (i = 0; i < 32; i++) {
		const char *word;

		if (!(bits & (1U << i)))
			continue;
		word = libhaltblk_word(which, i);
		if (word)
			hb_text_add(t, "%s%s", comma, word);
		else
			hb_text_add(t, "%sbit%u", comma, i);
		comma = ",";
	}
}

int libhaltblk_rq_flags_text(uint32_t flags, char *buf, size_t len)
{
	struct hb_text t;

	hb_text_start(&t, buf, len);
	add_bits(&t, LIBHALTBLK_RQ_FLAGS, flags);
	return (int)t.len;
}

int libhaltblk_action_text(const struct haltblk_rule *rule, char *buf,
			   size_t len)
{
	const char *word = libhaltblk_word(LIBHALTBLK_ACTIONS, rule->action);
	const char *status;
	struct hb_text t;

	hb_text_start(&t, buf, len);
	if (!word) {
		hb_text_add(&t, "action%u", rule->action);
		return (int)t.len;
	}
	hb_text_add(&t, "%s", word);
	if (!*hb_action_arg(rule->action))
		return (int)t.len;
	status = rule->action == HALTBLK_ACTION_FAIL &&
		 rule->arg < HALTBLK_STATUS_NR ?
		libhaltblk_word(LIBHALTBLK_STATUSES, (unsigned int)rule->arg) :
		NULL;
	if (status)
		hb_text_add(&t, "=%s", status);
	else
		hb_text_add(&t, "=%llu", (unsigned long long)rule->arg);
	return (int)t.len;
}

/* Add a name as one word that libhaltblk_rule_add() accepts. */
static void add_name(struct hb_text *t, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len && name[i]; i++) {
		unsigned char c = (unsigned char)name[i];
		bool plain = c > ' ' && c < 0x7f && c != '\\' &&
			     (i || c != '!');

		hb_text_add(t, plain ? "%c" : "\\x%02x", c);
	}
}

static void add_submitter(struct hb_text *t, const struct haltblk_rule *rule)
{
	uint32_t flags = rule->hdr.flags;

	if (begins(t, rule, HALTBLK_KEY_PID))
		hb_text_add(t, "%s%d",
			    flags & HALTBLK_RULE_F_NOT_PID ? "!" : "",
			    rule->pid);
	if (begins(t, rule, HALTBLK_KEY_COMM)) {
		hb_text_add(t, "%s",
			    flags & HALTBLK_RULE_F_NOT_COMM ? "!" : "");
		add_name(t, rule->comm, HALTBLK_COMM_LEN);
	}
}

static void add_counts(struct hb_text *t, const struct haltblk_rule *rule)
{
	uint64_t count = rule->action == HALTBLK_ACTION_COUNT ? 0 : 1;

	if (rule->skip)
		hb_text_add(t, "%sskip=%llu", t->len ? " " : "",
			    (unsigned long long)rule->skip);
	if (rule->count != count)
		hb_text_add(t, "%scount=%llu", t->len ? " " : "",
			    (unsigned long long)rule->count);
}

int libhaltblk_rule_text(const struct haltblk_rule *rule, char *buf,
			 size_t len)
{
	struct hb_text t;

	hb_text_start(&t, buf, len);
	if (begins(&t, rule, HALTBLK_KEY_OPS))
		add_bits(&t, LIBHALTBLK_OPS, rule->ops);
	if (begins(&t, rule, HALTBLK_KEY_SECTOR))
		hb_text_add(&t, "%llu+%llu", (unsigned long long)rule->sector,
			    (unsigned long long)rule->nr_sectors);
	if (begins(&t, rule, HALTBLK_KEY_HCTX))
		hb_text_add(&t, "%u", rule->hctx);
	if (begins(&t, rule, HALTBLK_KEY_CPU))
		hb_text_add(&t, "%u", rule->cpu);
	add_submitter(&t, rule);
	if (begins(&t, rule, HALTBLK_KEY_FLAGS))
		add_bits(&t, LIBHALTBLK_RQ_FLAGS, rule->rq_flags);
	if (begins(&t, rule, HALTBLK_KEY_STATE))
		hb_text_add(&t, "%u", rule->state);
	if (begins(&t, rule, HALTBLK_KEY_SET_STATE))
		hb_text_add(&t, "%u", rule->set_state);
	add_counts(&t, rule);
	if (begins(&t, rule, HALTBLK_KEY_CHANCE))
		hb_text_add(&t, "1/%u", rule->chance);
	if (rule->hdr.flags & HALTBLK_RULE_F_SESSION)
		hb_text_add(&t, "%sowner=session", t.len ? " " : "");
	return (int)t.len;
}
