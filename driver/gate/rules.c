// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules: choosing the one that acts.
 *
 * haltblk_rules_eval() runs under rcu_read_lock() in any context and takes no
 * lock; the counters are atomic. Everything else runs in any context and
 * touches only its arguments. The caller of haltblk_rules_build() keeps its
 * list from changing.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "random.h"
#include "rules.h"

/**
 * haltblk_rules_init - make a rule from a user's specification
 * @rule: zeroed
 * @spec: passed haltblk_rules_check()
 */
void haltblk_rules_init(struct haltblk_rule_state *rule,
			const struct haltblk_rule *spec)
{
	const u32 ops = haltblk_rules_action_ops(spec->action);

	rule->spec = *spec;
	/* If its action is only for some operations, match only those. */
	if (ops != ~0U && !(spec->keys & HALTBLK_KEY_OPS)) {
		rule->spec.keys |= HALTBLK_KEY_OPS;
		rule->spec.ops = ops;
	}
	rule->last = U64_MAX;
	if (spec->keys & HALTBLK_KEY_SECTOR)
		rule->last = spec->sector + spec->nr_sectors - 1;
	refcount_set(&rule->ref, 1);
	INIT_LIST_HEAD(&rule->node);
	INIT_LIST_HEAD(&rule->holding);
	INIT_LIST_HEAD(&rule->delaying);
}

/**
 * haltblk_rules_armed - can a rule still act?
 * @rule: listed
 */
bool haltblk_rules_armed(const struct haltblk_rule_state *rule)
{
	if (READ_ONCE(rule->dead))
		return false;
	return !rule->spec.count ||
	       (u64)atomic64_read(&rule->hits) < rule->spec.count;
}

/**
 * haltblk_rules_size - size of a ruleset in bytes
 * @nr: number of rules in it
 */
size_t haltblk_rules_size(unsigned int nr)
{
	return struct_size((struct haltblk_ruleset *)NULL, rule, nr);
}

/*
 * Insert a range into the sorted spans, merged with those that it overlaps or
 * touches. Rules are few and seldom change, so insertion is fast enough.
 */
static void haltblk_rules_add_span(struct haltblk_ruleset *set, u64 first,
				   u64 last)
{
	struct haltblk_span *span = set->span;
	unsigned int from = 0, to;

	while (from < set->nr_spans && span[from].last < first &&
	       first - span[from].last > 1)
		from++;
	to = from;
	while (to < set->nr_spans &&
	       (last == U64_MAX || span[to].first <= last + 1)) {
		first = min(first, span[to].first);
		last = max(last, span[to].last);
		to++;
	}
	if (to == from && set->nr_spans == HALTBLK_RULES_SPANS) {
		/* No room: extend the last span to cover it. */
		from = min(from, HALTBLK_RULES_SPANS - 1U);
		first = min(first, span[from].first);
		last = max(last, span[set->nr_spans - 1].last);
		to = set->nr_spans;
	}
	memmove(&span[from + 1], &span[to],
		(set->nr_spans - to) * sizeof(*span));
	set->nr_spans = set->nr_spans - (to - from) + 1;
	span[from] = (struct haltblk_span) { first, last };
}

/* Operations that a rule can match in its state. */
static u32 haltblk_rules_ops(const struct haltblk_rule_state *rule)
{
	u32 ops = rule->spec.keys & HALTBLK_KEY_OPS ?
		  rule->spec.ops : BIT(HALTBLK_OP_NR) - 1;

	if (rule->spec.event == HALTBLK_EVENT_WRITEBACK)
		ops &= HALTBLK_RULES_WRITEBACK_OPS;
	else if (rule->spec.event == HALTBLK_EVENT_UNMAP)
		ops &= HALTBLK_RULES_UNMAP_OPS;
	return ops;
}

/**
 * haltblk_rules_build - fill a ruleset from the list of rules
 * @set: zeroed, haltblk_rules_size() bytes for at least this many rules
 * @rules: list of struct haltblk_rule_state, in order of arming; it must not
 *	change meanwhile
 */
void haltblk_rules_build(struct haltblk_ruleset *set,
			 const struct list_head *rules)
{
	struct haltblk_rule_state *rule;
	unsigned int event;
	u32 ops;

	for (event = 0; event < HALTBLK_EVENT_NR; event++) {
		set->first[event] = set->nr;
		list_for_each_entry(rule, rules, node) {
			if (rule->spec.event != event || rule->dead)
				continue;
			set->rule[set->nr++] = rule;
			ops = haltblk_rules_ops(rule);
			set->ops[event] |= ops;
			/* The sectors at writeback are not the request's. */
			if (!(rule->spec.keys & HALTBLK_KEY_SECTOR) ||
			    event == HALTBLK_EVENT_WRITEBACK)
				set->wide_ops |= ops;
			else
				haltblk_rules_add_span(set, rule->spec.sector,
						       rule->last);
		}
		set->end[event] = set->nr;
		set->any_op |= set->ops[event];
	}
	if (set->nr_spans) {
		set->least = set->span[0].first;
		set->most = set->span[set->nr_spans - 1].last;
	}
}

/**
 * haltblk_rules_in_span - could a rule with a range ask for these sectors?
 * @set: under rcu_read_lock()
 * @sector: first sector
 * @nr_sectors: length, not 0
 */
bool haltblk_rules_in_span(const struct haltblk_ruleset *set, u64 sector,
			   u64 nr_sectors)
{
	const struct haltblk_span *span = set->span;
	unsigned int low = 0, high = set->nr_spans;

	/* The first span that does not end before the request. */
	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (span[mid].last < sector)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->nr_spans && span[low].first < sector + nr_sectors;
}

/* Check the conditions that are decided before a bio becomes a request. */
static bool haltblk_rules_match_range(const struct haltblk_rule_state *rule,
				      enum haltblk_op op, u64 sector,
				      u64 nr_sectors)
{
	const struct haltblk_rule *spec = &rule->spec;

	if (spec->keys & HALTBLK_KEY_SECTOR) {
		/* A flush has no sectors, so it matches no range. */
		if (sector > rule->last || !nr_sectors ||
		    sector + nr_sectors <= spec->sector)
			return false;
	}
	return !(spec->keys & HALTBLK_KEY_OPS) || spec->ops & BIT(op);
}

/* An unknown submitter matches neither a value nor its exclusion. */
static bool haltblk_rules_match_submitter(const struct haltblk_rule_state *rule,
					  struct haltblk_subject *subject)
{
	const struct haltblk_rule *spec = &rule->spec;
	bool same;

	if (subject->identify) {
		subject->identify(subject);
		subject->identify = NULL;
	}
	if (spec->keys & HALTBLK_KEY_PID) {
		same = subject->pid == rule->pid;
		if (!subject->pid ||
		    same == !!(spec->hdr.flags & HALTBLK_RULE_F_NOT_PID))
			return false;
	}
	if (spec->keys & HALTBLK_KEY_COMM) {
		same = !strcmp(subject->comm, spec->comm);
		if (!subject->comm[0] ||
		    same == !!(spec->hdr.flags & HALTBLK_RULE_F_NOT_COMM))
			return false;
	}
	return true;
}

static bool haltblk_rules_match(const struct haltblk_rule_state *rule,
				struct haltblk_subject *subject, int state)
{
	const struct haltblk_rule *spec = &rule->spec;

	if (!haltblk_rules_match_range(rule, subject->op, subject->sector,
				       subject->nr_sectors))
		return false;
	if (spec->keys & HALTBLK_KEY_HCTX && subject->hctx != (int)spec->hctx)
		return false;
	if (spec->keys & HALTBLK_KEY_CPU && subject->cpu != spec->cpu)
		return false;
	if (spec->rq_flags & ~subject->rq_flags)
		return false;
	/* Only once for each request, or it would never be admitted. */
	if (spec->action == HALTBLK_ACTION_BUSY && subject->again)
		return false;
	if (spec->keys & HALTBLK_KEY_STATE && state != (int)spec->state)
		return false;
	return !(spec->keys & (HALTBLK_KEY_PID | HALTBLK_KEY_COMM)) ||
	       haltblk_rules_match_submitter(rule, subject);
}

/* Could a rule match a request with this bio, in the rule's state? */
static bool haltblk_rules_meets(const struct haltblk_rule_state *rule,
				enum haltblk_op op, u64 sector, u64 nr_sectors)
{
	/* Its range means blocks that are not known before writeback. */
	if (rule->spec.event == HALTBLK_EVENT_WRITEBACK)
		return haltblk_rules_ops(rule) & BIT(op);
	return haltblk_rules_match_range(rule, op, sector, nr_sectors);
}

/**
 * haltblk_rules_want - could a rule act on a request with this bio?
 * @set: under rcu_read_lock()
 * @op: operation of the bio
 * @sector: first sector
 * @nr_sectors: length
 * @holds: set to whether one of these rules holds
 *
 * Counts nothing. Conditions that cannot be decided yet count as met.
 */
bool haltblk_rules_want(const struct haltblk_ruleset *set, enum haltblk_op op,
			u64 sector, u64 nr_sectors, bool *holds)
{
	bool want = false;
	unsigned int i;

	*holds = false;
	for (i = 0; i < set->nr && !*holds; i++) {
		if (!haltblk_rules_meets(set->rule[i], op, sector, nr_sectors) ||
		    !haltblk_rules_armed(set->rule[i]))
			continue;
		want = true;
		*holds = set->rule[i]->spec.action == HALTBLK_ACTION_HOLD;
	}
	return want;
}

/*
 * chance=1/N: depends only on the seed and the number of the match, so that the
 * same seed chooses the same matches again.
 */
static bool haltblk_rules_chance(const struct haltblk_rule_state *rule,
				 u64 match)
{
	u32 rest;

	if (rule->spec.chance <= 1)
		return true;
	div_u64_rem(haltblk_random(rule->seed, match), rule->spec.chance,
		    &rest);
	return !rest;
}

/*
 * Count a match. Return: whether the rule acts on it. @taken: another rule
 * does.
 */
static bool haltblk_rules_claim(struct haltblk_rule_state *rule, bool taken)
{
	u64 match = atomic64_inc_return(&rule->matches);
	s64 hits;

	if (taken || match <= rule->spec.skip ||
	    !haltblk_rules_chance(rule, match))
		return false;
	if (!rule->spec.count) {
		atomic64_inc(&rule->hits);
		return true;
	}
	hits = atomic64_read(&rule->hits);
	do {
		if ((u64)hits >= rule->spec.count)
			return false;
	} while (!atomic64_try_cmpxchg(&rule->hits, &hits, hits + 1));
	return true;
}

/**
 * haltblk_rules_eval - find the rule that acts on a request in a state
 * @set: under rcu_read_lock()
 * @event: the state, enum haltblk_event_id
 * @subject: the request
 *
 * Each rule that is not spent and whose conditions hold counts the match. The
 * first of them to claim it, in order of arming, acts. Rules with action=count
 * never act; they count their hits even if another rule acts. state= compares
 * the device's state from before this call. Spent rules do not count, because
 * look-ups stop a moment after the last rule is spent.
 *
 * Return: the rule that acts, its hit counted, or NULL.
 */
struct haltblk_rule_state *
haltblk_rules_eval(const struct haltblk_ruleset *set, unsigned int event,
		   struct haltblk_subject *subject)
{
	struct haltblk_rule_state *chosen = NULL;
	int state = subject->state ? atomic_read(subject->state) : 1;
	unsigned int i;
	bool counts;

	if (!(set->ops[event] & BIT(subject->op)))
		return NULL;
	for (i = set->first[event]; i < set->end[event]; i++) {
		struct haltblk_rule_state *rule = set->rule[i];

		if (!haltblk_rules_match(rule, subject, state) ||
		    !haltblk_rules_armed(rule))
			continue;
		counts = rule->spec.action == HALTBLK_ACTION_COUNT;
		if (!haltblk_rules_claim(rule, chosen && !counts))
			continue;
		if (rule->spec.keys & HALTBLK_KEY_SET_STATE && subject->state)
			atomic_set(subject->state, rule->spec.set_state);
		if (!counts)
			chosen = rule;
	}
	return chosen;
}

/**
 * haltblk_rules_undo - take back a match and hit on which a rule could not act
 * @rule: from haltblk_rules_eval()
 *
 * A device state that the rule has set stays.
 */
void haltblk_rules_undo(struct haltblk_rule_state *rule)
{
	atomic64_dec(&rule->hits);
	atomic64_dec(&rule->matches);
}

static void haltblk_rules_free(struct rcu_head *rcu)
{
	struct haltblk_rule_state *rule = container_of(rcu,
					struct haltblk_rule_state, rcu);

	put_pid(rule->pid);
	kfree(rule);
}

/**
 * haltblk_rules_put - drop a reference to a rule
 * @rule: rule, which may be gone after this
 */
void haltblk_rules_put(struct haltblk_rule_state *rule)
{
	if (refcount_dec_and_test(&rule->ref))
		call_rcu(&rule->rcu, haltblk_rules_free);
}
