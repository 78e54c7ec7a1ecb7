/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules: which one acts on a request in a state?
 *
 * PURE: needs no block layer; tests/rules_test.c runs it alone. Readers use a
 * ruleset under RCU, without a lock. Once published it does not change, except
 * for the counters and the "dead" mark of its rules.
 */
#ifndef HALTBLK_RULES_H
#define HALTBLK_RULES_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "uapi/haltblk.h"

/* The operations that pass through these states. */
#define HALTBLK_RULES_UNMAP_OPS	(BIT(HALTBLK_OP_DISCARD) |		\
				 BIT(HALTBLK_OP_SECURE_ERASE) |		\
				 BIT(HALTBLK_OP_WRITE_ZEROES))
#define HALTBLK_RULES_WRITEBACK_OPS	(BIT(HALTBLK_OP_FLUSH) |	\
					 BIT(HALTBLK_OP_WRITE))

/* The operations that only a zoned device gets. */
#define HALTBLK_RULES_ZONE_OPS	(BIT(HALTBLK_OP_ZONE_APPEND) |		\
				 BIT(HALTBLK_OP_ZONE_RESET) |		\
				 BIT(HALTBLK_OP_ZONE_OPEN) |		\
				 BIT(HALTBLK_OP_ZONE_CLOSE) |		\
				 BIT(HALTBLK_OP_ZONE_FINISH))

/* Longest action=delay: an hour, in microseconds. */
#define HALTBLK_RULES_MAX_DELAY	3600000000ULL

/* The word for each number, from uapi/haltblk_words.h. */
extern const char * const haltblk_event_names[HALTBLK_EVENT_NR];
extern const char * const haltblk_op_names[HALTBLK_OP_NR];
extern const char * const haltblk_action_names[HALTBLK_ACTION_NR];

struct haltblk_owner;
struct haltblk_tag;

/**
 * struct haltblk_rule_state - a rule as the driver keeps it
 * @spec: conditions and action as armed; out fields unused
 * @last: last sector of the range, U64_MAX without one
 * @seed: seed of the choice that chance= makes
 * @pid: the process that @spec.pid named, a referenced struct pid; only
 *	compared
 * @matches: requests that met all conditions while it was armed
 * @hits: requests it acted on
 * @ref: one reference for being listed, one while it acts on a command, one for
 *	each command that steps under it
 * @held: requests it holds; the gate's lock
 * @holding: those requests (struct haltblk_cmd by rule_node); the gate's lock
 * @delaying: requests it delays (struct haltblk_cmd by node); the gate's lock
 * @dead: removed; set under the gate's lock, read anywhere
 * @tag: tag record; the gate's lock
 * @owner: owner, if a session owns it, else NULL
 * @node: in the gate's list of rules, in order of arming, or of dead rules
 * @rcu: frees it after a grace period
 */
struct haltblk_rule_state {
	struct haltblk_rule spec;
	u64 last;
	u64 seed;
	void *pid;
	atomic64_t matches;
	atomic64_t hits;
	refcount_t ref;
	unsigned int held;
	struct list_head holding;
	struct list_head delaying;
	bool dead;
	struct haltblk_tag *tag;
	struct haltblk_owner *owner;
	struct list_head node;
	struct rcu_head rcu;
};

/* Most spans of a ruleset; they are searched before single rules. */
#define HALTBLK_RULES_SPANS	128

/**
 * struct haltblk_span - sectors that some rules ask for
 * @first: first sector
 * @last: last sector
 */
struct haltblk_span {
	u64 first;
	u64 last;
};

/**
 * struct haltblk_ruleset - rules of a device, ready for look-up
 * @rcu: frees it after a grace period
 * @nr: rules in @rule
 * @ops: for each state, all operations that its rules ask for
 * @first: for each state, index of its first rule in @rule
 * @end: for each state, one past the index of its last rule
 * @any_op: operations that any rule asks for
 * @wide_ops: operations that a rule asks for in any sector
 * @least: first sector in @span
 * @most: last sector in @span
 * @nr_spans: spans in @span
 * @span: all sectors that rules with a range ask for, as sorted spans that do
 *	not touch; if there would be too many, the last span covers the rest
 * @rule: sorted by state, then in order of arming
 */
struct haltblk_ruleset {
	struct rcu_head rcu;
	unsigned int nr;
	u32 ops[HALTBLK_EVENT_NR];
	u16 first[HALTBLK_EVENT_NR];
	u16 end[HALTBLK_EVENT_NR];
	u32 any_op;
	u32 wide_ops;
	u32 nr_spans;
	u64 least;
	u64 most;
	struct haltblk_span span[HALTBLK_RULES_SPANS];
	struct haltblk_rule_state *rule[];
};

/**
 * struct haltblk_subject - a request as rules see it
 * @op: enum haltblk_op
 * @sector: first sector
 * @nr_sectors: length, 0 for a flush
 * @hctx: hardware queue, -1 in bio mode
 * @cpu: the processor that submitted it
 * @rq_flags: HALTBLK_RQ_*
 * @again: action=busy has already handed it back once
 * @state: state of the device, which set_state= changes
 * @identify: sets @pid and @comm; called when a rule whose other conditions
 *	hold asks for the submitter, and NULL after that
 * @pid: the submitting process (a struct pid), NULL if unknown
 * @comm: its name, "" if unknown
 */
struct haltblk_subject {
	enum haltblk_op op;
	u64 sector;
	u64 nr_sectors;
	int hctx;
	unsigned int cpu;
	u32 rq_flags;
	bool again;
	atomic_t *state;
	void (*identify)(struct haltblk_subject *subject);
	const void *pid;
	const char *comm;
};

/**
 * struct haltblk_rule_limits - what a device allows its rules to ask for
 * @sectors: capacity
 * @bio_mode: it has no hardware queues
 * @nr_hctx: hardware queues
 * @nr_cpus: processors the system can have
 * @stores: it keeps data
 * @cached: it keeps data and has a volatile cache
 * @zoned: it has zones
 * @statuses: one bit for each enum haltblk_status a request can end with
 */
struct haltblk_rule_limits {
	u64 sectors;
	u32 statuses;
	bool bio_mode;
	bool stores;
	bool cached;
	bool zoned;
	unsigned int nr_hctx;
	unsigned int nr_cpus;
};

int haltblk_rules_check(const struct haltblk_rule *spec,
			const struct haltblk_rule_limits *lim,
			char *why, size_t len);
u32 haltblk_rules_action_ops(enum haltblk_action action);
void haltblk_rules_init(struct haltblk_rule_state *rule,
			const struct haltblk_rule *spec);
bool haltblk_rules_armed(const struct haltblk_rule_state *rule);
size_t haltblk_rules_size(unsigned int nr);
void haltblk_rules_build(struct haltblk_ruleset *set,
			 const struct list_head *rules);
void haltblk_rules_put(struct haltblk_rule_state *rule);
void haltblk_rules_undo(struct haltblk_rule_state *rule);
struct haltblk_rule_state *
haltblk_rules_eval(const struct haltblk_ruleset *set, unsigned int event,
		   struct haltblk_subject *subject);
bool haltblk_rules_in_span(const struct haltblk_ruleset *set, u64 sector,
			   u64 nr_sectors);
bool haltblk_rules_want(const struct haltblk_ruleset *set, enum haltblk_op op,
			u64 sector, u64 nr_sectors, bool *holds);

/**
 * haltblk_rules_near - could any rule match a request, in any state?
 * @set: under rcu_read_lock()
 * @op: of the request
 * @sector: first sector
 * @nr_sectors: length, 0 for a flush
 *
 * On a device with few rules most requests pay only for this. Counts nothing.
 */
static inline bool haltblk_rules_near(const struct haltblk_ruleset *set,
				      enum haltblk_op op, u64 sector,
				      u64 nr_sectors)
{
	if (!(set->any_op & BIT(op)))
		return false;
	if (set->wide_ops & BIT(op))
		return true;
	/* A flush has no sectors, so it matches no range. */
	if (!nr_sectors || sector > set->most ||
	    sector + nr_sectors <= set->least)
		return false;
	return haltblk_rules_in_span(set, sector, nr_sectors);
}

#endif /* HALTBLK_RULES_H */
