// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules: is a user's rule legal? Touches only its arguments.
 */
#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "rules.h"

#define HALTBLK_X(name, nr, word, offered, arg, text) [nr] = word,
const char * const haltblk_event_names[HALTBLK_EVENT_NR] = {
	HALTBLK_EVENTS(HALTBLK_X)
};

const char * const haltblk_op_names[HALTBLK_OP_NR] = {
	HALTBLK_OPS(HALTBLK_X)
};

const char * const haltblk_action_names[HALTBLK_ACTION_NR] = {
	HALTBLK_ACTIONS(HALTBLK_X)
};
#undef HALTBLK_X

#define HALTBLK_X(name, nr, word, offered, arg, text) [nr] = word,
static const char * const haltblk_rules_key_names[] = {
	HALTBLK_KEYS(HALTBLK_X)
};

static const char * const haltblk_rules_rq_flag_names[] = {
	HALTBLK_RQ_FLAGS(HALTBLK_X)
};
#undef HALTBLK_X

/* Append the words of the bits in @mask to @why, after its first @n bytes. */
static void haltblk_rules_add_words(char *why, size_t len, int n,
				    const char * const *words,
				    unsigned long mask, const char *between)
{
	unsigned int i;

	for_each_set_bit(i, &mask, 32)
		n += scnprintf(why + n, len - n, "%s%s", words[i],
			       mask >> i > 1 ? between : "");
}

static int haltblk_rules_check_tag(const char *tag, char *why, size_t len)
{
	size_t n = strnlen(tag, HALTBLK_TAG_LEN);
	size_t i;

	if (!n || n == HALTBLK_TAG_LEN) {
		snprintf(why, len, "tag: takes 1 to %d characters",
			 HALTBLK_TAG_LEN - 1);
		return -EINVAL;
	}
	for (i = 0; i < n; i++) {
		if (isascii(tag[i]) && isgraph(tag[i]) &&
		    tag[i] != '=' && tag[i] != ',')
			continue;
		snprintf(why, len,
			 "tag: character %zu is a blank, '=', ',' or not printable",
			 i + 1);
		return -EINVAL;
	}
	return 0;
}

#define HALTBLK_RULES_WORDS(words)	(words), ARRAY_SIZE(words)

/* Refuse a number that this driver does not offer, and list those it does. */
static int haltblk_rules_not_offered(const char *kind, u32 nr,
				     const char * const *words, u32 nr_words,
				     u32 offered, char *why, size_t len)
{
	int n = scnprintf(why, len, "%s %u (%s): not offered by this driver, takes ",
			  kind, nr, nr < nr_words ? words[nr] : "unknown");

	haltblk_rules_add_words(why, len, n, words, offered, ", ");
	return -EINVAL;
}

static int haltblk_rules_check_words(const struct haltblk_rule *spec,
				     char *why, size_t len)
{
	unsigned long odd;

	if (spec->event >= HALTBLK_EVENT_NR ||
	    !(BIT(spec->event) & HALTBLK_OFFERED_EVENTS))
		return haltblk_rules_not_offered("event", spec->event,
				HALTBLK_RULES_WORDS(haltblk_event_names),
				HALTBLK_OFFERED_EVENTS, why, len);
	if (spec->action >= HALTBLK_ACTION_NR ||
	    !(BIT(spec->action) & HALTBLK_OFFERED_ACTIONS))
		return haltblk_rules_not_offered("action", spec->action,
				HALTBLK_RULES_WORDS(haltblk_action_names),
				HALTBLK_OFFERED_ACTIONS, why, len);
	odd = spec->keys & ~HALTBLK_OFFERED_KEYS;
	if (odd)
		return haltblk_rules_not_offered("key", __ffs(odd),
				HALTBLK_RULES_WORDS(haltblk_rules_key_names),
				HALTBLK_OFFERED_KEYS, why, len);
	odd = spec->ops & ~HALTBLK_OFFERED_OPS;
	if (odd)
		return haltblk_rules_not_offered("op", __ffs(odd),
				HALTBLK_RULES_WORDS(haltblk_op_names),
				HALTBLK_OFFERED_OPS, why, len);
	return 0;
}

/* Each field belongs to a key and must be 0 without that key. */
static int haltblk_rules_check_unused(const struct haltblk_rule *spec,
				      char *why, size_t len)
{
	static const char zero[HALTBLK_COMM_LEN];
	const char *odd = NULL;
	u32 keys = spec->keys;

	if (!(keys & HALTBLK_KEY_OPS) && spec->ops)
		odd = "ops";
	else if (!(keys & HALTBLK_KEY_SECTOR) &&
		 (spec->sector || spec->nr_sectors))
		odd = "sector";
	else if (!(keys & HALTBLK_KEY_HCTX) && spec->hctx)
		odd = "hctx";
	else if (!(keys & HALTBLK_KEY_CPU) && spec->cpu)
		odd = "cpu";
	else if (!(keys & HALTBLK_KEY_PID) &&
		 (spec->pid || spec->hdr.flags & HALTBLK_RULE_F_NOT_PID))
		odd = "pid";
	else if (!(keys & HALTBLK_KEY_COMM) &&
		 (memcmp(spec->comm, zero, sizeof(zero)) ||
		  spec->hdr.flags & HALTBLK_RULE_F_NOT_COMM))
		odd = "comm";
	else if (!(keys & HALTBLK_KEY_FLAGS) && spec->rq_flags)
		odd = "flags";
	else if (!(keys & HALTBLK_KEY_STATE) && spec->state)
		odd = "state";
	else if (!(keys & HALTBLK_KEY_SET_STATE) && spec->set_state)
		odd = "set_state";
	else if (!(keys & HALTBLK_KEY_CHANCE) && spec->chance)
		odd = "chance";
	else if (spec->reserved)
		odd = "reserved";
	if (!odd)
		return 0;
	snprintf(why, len, "%s: given without its key, must be 0", odd);
	return -EINVAL;
}

static int haltblk_rules_check_values(const struct haltblk_rule *spec,
				      const struct haltblk_rule_limits *lim,
				      char *why, size_t len)
{
	u64 end;
	int n;

	if (spec->keys & HALTBLK_KEY_OPS && !spec->ops) {
		snprintf(why, len, "op: names no operation");
		return -EINVAL;
	}
	/* One that is for others, too, can match. */
	if (spec->ops && !(spec->ops & ~HALTBLK_RULES_ZONE_OPS) &&
	    !lim->zoned) {
		snprintf(why, len, "op %s: the device has no zones; set zoned=1",
			 haltblk_op_names[__ffs(spec->ops)]);
		return -EINVAL;
	}
	if (spec->keys & HALTBLK_KEY_SECTOR) {
		if (!spec->nr_sectors) {
			snprintf(why, len, "sector: the range is empty");
			return -EINVAL;
		}
		if (check_add_overflow(spec->sector, spec->nr_sectors, &end) ||
		    end > lim->sectors) {
			snprintf(why, len,
				 "sector: %llu+%llu ends past the device, which has %llu sectors",
				 spec->sector, spec->nr_sectors, lim->sectors);
			return -EINVAL;
		}
		if (spec->ops == BIT(HALTBLK_OP_FLUSH) &&
		    spec->event != HALTBLK_EVENT_WRITEBACK) {
			snprintf(why, len,
				 "sector: a flush has no sectors and never matches a range");
			return -EINVAL;
		}
	}
	if (spec->keys & HALTBLK_KEY_HCTX) {
		if (lim->bio_mode) {
			snprintf(why, len,
				 "hctx: bio mode has no hardware queues");
			return -EINVAL;
		}
		if (spec->hctx >= lim->nr_hctx) {
			snprintf(why, len,
				 "hctx: no queue %u, the device has %u",
				 spec->hctx, lim->nr_hctx);
			return -EINVAL;
		}
	}
	if (spec->keys & HALTBLK_KEY_CPU && spec->cpu >= lim->nr_cpus) {
		snprintf(why, len, "cpu: no processor %u, the system can have %u",
			 spec->cpu, lim->nr_cpus);
		return -EINVAL;
	}
	if (spec->keys & HALTBLK_KEY_FLAGS &&
	    (!spec->rq_flags || spec->rq_flags & ~HALTBLK_OFFERED_RQ_FLAGS)) {
		n = scnprintf(why, len, "flags: 0x%x, takes ", spec->rq_flags);
		haltblk_rules_add_words(why, len, n,
					haltblk_rules_rq_flag_names,
					HALTBLK_OFFERED_RQ_FLAGS, ", ");
		return -EINVAL;
	}
	if ((spec->keys & HALTBLK_KEY_STATE && !spec->state) ||
	    (spec->keys & HALTBLK_KEY_SET_STATE && !spec->set_state) ||
	    spec->state > INT_MAX || spec->set_state > INT_MAX) {
		snprintf(why, len, "state, set_state: take 1 to %d", INT_MAX);
		return -EINVAL;
	}
	if (spec->keys & HALTBLK_KEY_CHANCE && !spec->chance) {
		snprintf(why, len, "chance: one in 0, takes 1 or more");
		return -EINVAL;
	}
	if (spec->keys & HALTBLK_KEY_PID && spec->pid <= 0) {
		snprintf(why, len, "pid: %d is not a process id", spec->pid);
		return -EINVAL;
	}
	if (spec->keys & HALTBLK_KEY_COMM &&
	    (!spec->comm[0] ||
	     strnlen(spec->comm, HALTBLK_COMM_LEN) == HALTBLK_COMM_LEN)) {
		snprintf(why, len, "comm: takes 1 to %d characters",
			 HALTBLK_COMM_LEN - 1);
		return -EINVAL;
	}
	return 0;
}

/*
 * Where each action is legal (states, operations, modes), and the range of its
 * argument.
 */
static const struct {
	u32 events;
	u32 ops;
	u64 least;
	u64 most;
	const char *takes;
	bool mq_only;
	bool stores;
} haltblk_rules_matrix[HALTBLK_ACTION_NR] = {
	[HALTBLK_ACTION_HOLD]	= { ~0U, ~0U },
	[HALTBLK_ACTION_COUNT]	= { ~0U, ~0U },
	[HALTBLK_ACTION_DELAY]	= { ~0U, ~0U, 1, HALTBLK_RULES_MAX_DELAY,
				    "microseconds, at most an hour" },
	[HALTBLK_ACTION_FAIL]	= { ~0U, ~0U, 1, HALTBLK_STATUS_NR - 1,
				    "a block status other than OK" },
	[HALTBLK_ACTION_DROP]	= { BIT(HALTBLK_EVENT_SUBMIT) |
				    BIT(HALTBLK_EVENT_MEDIA) |
				    BIT(HALTBLK_EVENT_WRITEBACK), ~0U },
	[HALTBLK_ACTION_TORN]	= { BIT(HALTBLK_EVENT_SUBMIT) |
				    BIT(HALTBLK_EVENT_MEDIA),
				    BIT(HALTBLK_OP_WRITE) |
				    BIT(HALTBLK_OP_ZONE_APPEND), 0, U32_MAX,
				    "sectors", false, true },
	[HALTBLK_ACTION_CORRUPT] = { BIT(HALTBLK_EVENT_SUBMIT) |
				     BIT(HALTBLK_EVENT_MEDIA) |
				     BIT(HALTBLK_EVENT_COMPLETE),
				     BIT(HALTBLK_OP_READ) |
				     BIT(HALTBLK_OP_WRITE) |
				     BIT(HALTBLK_OP_ZONE_APPEND), 1, U32_MAX,
				     "bytes", false, true },
	[HALTBLK_ACTION_BUSY]	= { BIT(HALTBLK_EVENT_SUBMIT), ~0U, 0, 0, NULL,
				    true },
	[HALTBLK_ACTION_CRASH]	= { ~0U, ~0U, 0, 0, NULL, false, true },
};

/**
 * haltblk_rules_action_ops - get the operations that an action can act on
 * @action: enum haltblk_action
 */
u32 haltblk_rules_action_ops(enum haltblk_action action)
{
	return haltblk_rules_matrix[action].ops;
}

/* Refuse an action in this state, and list the states in which it is legal. */
static int haltblk_rules_not_there(const struct haltblk_rule *spec, u32 events,
				   char *why, size_t len)
{
	int n = scnprintf(why, len, "action %s: not at %s, takes ",
			  haltblk_action_names[spec->action],
			  haltblk_event_names[spec->event]);

	haltblk_rules_add_words(why, len, n, haltblk_event_names, events, ", ");
	return -EINVAL;
}

/* Refuse operations, and list those that the event or action (@what) takes. */
static int haltblk_rules_not_for(const char *what, const char *word, u32 ops,
				 char *why, size_t len)
{
	int n = scnprintf(why, len, "%s %s: takes only op=", what, word);

	haltblk_rules_add_words(why, len, n, haltblk_op_names, ops, ",");
	return -EINVAL;
}

/* Does the device have what a state needs, and does it take the operations? */
static int haltblk_rules_check_event(const struct haltblk_rule *spec,
				     const struct haltblk_rule_limits *lim,
				     char *why, size_t len)
{
	u32 ops = ~0U;

	switch (spec->event) {
	case HALTBLK_EVENT_TIMEOUT:
		if (!lim->bio_mode)
			break;
		snprintf(why, len, "event timeout: bio mode has no time-outs");
		return -EINVAL;
	case HALTBLK_EVENT_UNMAP:
		ops = HALTBLK_RULES_UNMAP_OPS;
		if (lim->stores)
			break;
		snprintf(why, len,
			 "event unmap: the device stores no data; set memory_backed=1");
		return -EINVAL;
	case HALTBLK_EVENT_WRITEBACK:
		ops = HALTBLK_RULES_WRITEBACK_OPS;
		if (lim->cached)
			break;
		snprintf(why, len,
			 "event writeback: the device caches no data; set memory_backed=1 and cache=volatile or cache_size");
		return -EINVAL;
	default:
		break;
	}
	if (spec->keys & HALTBLK_KEY_OPS && spec->ops & ~ops)
		return haltblk_rules_not_for("event",
					     haltblk_event_names[spec->event],
					     ops, why, len);
	return 0;
}

static int haltblk_rules_check_action(const struct haltblk_rule *spec,
				      const struct haltblk_rule_limits *lim,
				      char *why, size_t len)
{
	const typeof(haltblk_rules_matrix[0]) *m =
		&haltblk_rules_matrix[spec->action];
	const char *name = haltblk_action_names[spec->action];

	if (!(m->events & BIT(spec->event)))
		return haltblk_rules_not_there(spec, m->events, why, len);
	if (m->mq_only && lim->bio_mode) {
		snprintf(why, len,
			 "action %s: bio mode has no block layer queue to hand it back to",
			 name);
		return -EINVAL;
	}
	if (m->stores && !lim->stores) {
		snprintf(why, len,
			 "action %s: the device stores no data; set memory_backed=1",
			 name);
		return -EINVAL;
	}
	if (spec->keys & HALTBLK_KEY_OPS && spec->ops & ~m->ops)
		return haltblk_rules_not_for("action", name, m->ops, why, len);
	if (spec->arg < m->least || spec->arg > m->most) {
		if (m->takes)
			snprintf(why, len, "action %s: %llu, takes %llu to %llu: %s",
				 name, spec->arg, m->least, m->most, m->takes);
		else
			snprintf(why, len, "action %s: takes no argument", name);
		return -EINVAL;
	}
	if (spec->action == HALTBLK_ACTION_CRASH && lim->zoned) {
		snprintf(why, len,
			 "action crash: the device has zones; set zoned=0");
		return -EINVAL;
	}
	if (spec->action == HALTBLK_ACTION_FAIL &&
	    !(BIT(spec->arg) & lim->statuses)) {
		snprintf(why, len,
			 "action fail: %llu: this kernel has no such block status",
			 spec->arg);
		return -EINVAL;
	}
	return 0;
}

/**
 * haltblk_rules_check - is a rule legal on a device?
 * @spec: the user's rule; hdr.size and hdr.why are ignored
 * @lim: the device's limits
 * @why: filled with the reason if the rule is not legal
 * @len: size of @why
 *
 * Return: 0 or -EINVAL.
 */
int haltblk_rules_check(const struct haltblk_rule *spec,
			const struct haltblk_rule_limits *lim,
			char *why, size_t len)
{
	const u32 flags = HALTBLK_RULE_F_SESSION | HALTBLK_RULE_F_NOT_PID |
			  HALTBLK_RULE_F_NOT_COMM;
	int err;

	if (spec->hdr.flags & ~flags) {
		snprintf(why, len, "flags: unknown bits 0x%x",
			 spec->hdr.flags & ~flags);
		return -EINVAL;
	}
	err = haltblk_rules_check_tag(spec->tag, why, len);
	if (!err)
		err = haltblk_rules_check_words(spec, why, len);
	if (!err)
		err = haltblk_rules_check_unused(spec, why, len);
	if (!err)
		err = haltblk_rules_check_values(spec, lim, why, len);
	if (!err)
		err = haltblk_rules_check_event(spec, lim, why, len);
	if (!err)
		err = haltblk_rules_check_action(spec, lim, why, len);
	return err;
}
