/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Breakpoints of a device: its rules, what they hold, and every way off.
 */
#ifndef HALTBLK_GATE_H
#define HALTBLK_GATE_H

#include <linux/jump_label.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "cmd.h"
#include "rules.h"
#include "wq.h"

struct haltblk_device;
struct haltblk_watcher;

/**
 * struct haltblk_tag - a tag that some rule has or had
 * @node: in the gate's list
 * @name: the tag
 * @rules: listed rules that have it
 * @held: requests held under it
 * @gone_hits: hits of its removed rules
 *
 * The gate keeps a tag after its rules are gone, so that a tag is unknown only
 * if no rule ever had it. The gate's @lock protects all fields.
 */
struct haltblk_tag {
	struct list_head node;
	char name[HALTBLK_TAG_LEN];
	unsigned int rules;
	unsigned int held;
	u64 gone_hits;
};

/**
 * struct haltblk_verdict - what released commands do next
 * @fail: end with @status; otherwise go on to the next step
 * @status: block status
 */
struct haltblk_verdict {
	bool fail;
	blk_status_t status;
};

typedef void haltblk_gate_go_on_t(struct haltblk_cmd *cmd,
				  const struct haltblk_verdict *verdict);

/**
 * struct haltblk_gate - breakpoints of a device
 * @go_on: called to let a held or delayed command go on
 * @armed: a rule can act, or a session watches; every submission reads it
 *	without a lock once the driver-wide static key is on
 * @key_user: this gate is counted as a user of the static key; rules_lock
 * @events: a bit for each state that @set has rules for; read without a lock
 * @ops: a bit for each operation that a rule in @set can match; likewise
 * @set: what submissions look up; RCU
 * @period: number of the current armed period, new each time @armed is cleared;
 *	written under rules_lock; see submitter.c
 * @rules_lock: protects changes of @set and, together with @lock, of @rules
 * @rules: all listed rules, in order of arming; changed under both locks, read
 *	under either
 * @nr_rules: length of @rules; likewise
 * @dead: removed rules that @set may still contain; rules_lock
 * @lock: protects the fields below unless they say otherwise; taken with
 *	interrupts off
 * @open: requests may be held (false before power on, during its partition
 *	scan and from the start of power off)
 * @gone: the device is being removed
 * @state: the device's state for rules with state= and set_state=, as in
 *	blkdebug; from 1
 * @watchers: struct haltblk_watcher; watch_lock
 * @watch_lock: protects @watchers, their rings, @seq and @next_id; a leaf,
 *	irq-safe
 * @seq: number of the last event record; watch_lock
 * @held: held struct haltblk_cmd, oldest first
 * @ids: the same commands by id
 * @nr_held: length of @held
 * @nr_delayed: commands that action=delay keeps waiting
 * @nr_kept: commands ever held or delayed
 * @next_id: id of the next command that needs one; watch_lock
 * @tags: struct haltblk_tag
 * @nr_tags: length of @tags
 * @wait: woken when @held, a rule or @gone changes, and by event records
 * @update: updates @armed and the key after a rule has spent its count or the
 *	last kept command has gone
 */
struct haltblk_gate {
	haltblk_gate_go_on_t *go_on;
	bool armed;
	bool key_user;
	u32 events;
	u32 ops;
	struct haltblk_ruleset __rcu *set;
	u64 period;
	struct mutex rules_lock;
	struct list_head rules;
	unsigned int nr_rules;
	struct list_head dead;
	spinlock_t lock;
	bool open;
	bool gone;
	atomic_t state;
	struct list_head watchers;
	spinlock_t watch_lock;
	u64 seq;
	struct list_head held;
	struct rb_root ids;
	unsigned int nr_held;
	unsigned int nr_delayed;
	u64 nr_kept;
	u64 next_id;
	struct list_head tags;
	unsigned int nr_tags;
	wait_queue_head_t wait;
	struct work_struct update;
};

/**
 * struct haltblk_owner - the owner of a session's rules
 * @dev: the session's device; set with the first rule
 * @opener: the process that opened the session, a reference
 * @kept: requests that its rules hold or delay; the gate's lock
 * @look: checks whether @opener is being killed; queued while its rules hold or
 *	delay something
 * @stuck: @opener was being killed at the last check
 */
struct haltblk_owner {
	struct haltblk_device *dev;
	struct pid *opener;
	unsigned int kept;
	struct delayed_work look;
	bool stuck;
};

/**
 * haltblk_gate_minds - can any rule match this operation?
 * @gate: gate
 * @op: operation
 *
 * Spares most requests of an armed device the look at its rules.
 */
static inline bool haltblk_gate_minds(const struct haltblk_gate *gate,
				      enum haltblk_op op)
{
	return READ_ONCE(gate->ops) & BIT(op);
}

extern bool haltblk_gate_asleep;

/**
 * haltblk_gate_may_keep - may a rule hold or delay a command?
 * @gate: its lock held
 * @rule: of the gate
 */
static inline bool
haltblk_gate_may_keep(const struct haltblk_gate *gate,
		      const struct haltblk_rule_state *rule)
{
	return gate->open && !rule->dead && !READ_ONCE(haltblk_gate_asleep);
}

/**
 * haltblk_gate_nr_kept - commands that a rule holds or delays
 * @gate: gate
 */
static inline unsigned int haltblk_gate_nr_kept(const struct haltblk_gate *gate)
{
	return READ_ONCE(gate->nr_held) + READ_ONCE(gate->nr_delayed);
}

/*
 * Most commands to take or look up in one critical section of the gate's lock,
 * which disables interrupts.
 */
#define HALTBLK_GATE_BATCH	128

/* key.c */
DECLARE_STATIC_KEY_FALSE(haltblk_gate_key);
void haltblk_key_init(struct haltblk_gate *gate);
void haltblk_key_set_armed(struct haltblk_gate *gate);
int haltblk_key_wait_ready(struct haltblk_gate *gate);
void haltblk_key_exit(void);

/* gate.c */
void haltblk_gate_init(struct haltblk_gate *gate, haltblk_gate_go_on_t *go_on);
void haltblk_gate_destroy(struct haltblk_gate *gate);
struct haltblk_cmd *haltblk_gate_find(struct haltblk_gate *gate, u64 id);
void haltblk_gate_keep(struct haltblk_cmd *cmd,
		       struct haltblk_rule_state *rule);
void haltblk_gate_unkeep(struct haltblk_cmd *cmd);
bool haltblk_gate_hold(struct haltblk_cmd *cmd, struct haltblk_rule_state *rule,
		       enum haltblk_event_id event);
void haltblk_gate_take(struct haltblk_gate *gate, struct haltblk_cmd *cmd,
		       struct list_head *taken);
unsigned int haltblk_gate_let_go(struct list_head *taken,
				 struct haltblk_verdict verdict);
int haltblk_gate_backtrace(struct haltblk_gate *gate, u64 id,
			   struct haltblk_stack *stack);
void haltblk_gate_open(struct haltblk_gate *gate);
void haltblk_gate_sleep(bool asleep);
void haltblk_gate_refuse(struct haltblk_gate *gate, bool gone);

/* delay.c */
bool haltblk_delay_start(struct haltblk_cmd *cmd,
			 struct haltblk_rule_state *rule);
void haltblk_delay_undo(struct haltblk_cmd *cmd, struct list_head *taken);
unsigned int haltblk_delay_take(struct haltblk_rule_state *rule,
				unsigned int most, struct list_head *taken);

/* release.c */
void haltblk_release_take_rules(struct haltblk_gate *gate,
				struct list_head *rules,
				struct list_head *taken);
unsigned int haltblk_release_tag(struct haltblk_gate *gate, const char *tag,
				 struct haltblk_verdict verdict);
int haltblk_release_ids(struct haltblk_gate *gate, const u64 *ids, u32 nr,
			const char *tag, struct haltblk_verdict verdict,
			u64 *odd);
unsigned int haltblk_release_ops(struct haltblk_gate *gate, u32 ops,
				 struct haltblk_verdict verdict);
int haltblk_release_step(struct haltblk_gate *gate, u64 id, u32 *event);
bool haltblk_release_time_out(struct haltblk_gate *gate,
			      struct haltblk_cmd *cmd, bool fire);

/* breaks.c */
int haltblk_breaks_arm(struct haltblk_device *dev,
		       const struct haltblk_rule *spec,
		       struct haltblk_owner *owner,
		       char *why);
int haltblk_breaks_recheck(struct haltblk_device *dev);
void haltblk_breaks_remove(struct haltblk_gate *gate, const char *tag,
			   const struct haltblk_owner *owner,
			   struct haltblk_verdict verdict,
			   u32 *removed, u32 *released);
void haltblk_breaks_shut(struct haltblk_gate *gate, bool gone, bool fail);
struct haltblk_tag *haltblk_breaks_tag(struct haltblk_gate *gate,
				       const char *name);

/* owner.c */
void haltblk_owner_init(struct haltblk_owner *owner);
void haltblk_owner_exit(struct haltblk_owner *owner);

/* events.c */
struct haltblk_watcher *haltblk_events_watch(struct haltblk_gate *gate,
					     u32 what, u32 room);
void haltblk_events_unwatch(struct haltblk_watcher *w);
bool haltblk_events_ready(struct haltblk_watcher *w);
unsigned int haltblk_events_get(struct haltblk_watcher *w,
				struct haltblk_event *out, unsigned int nr);
void haltblk_events_record(struct haltblk_cmd *cmd, enum haltblk_what what,
			   const struct haltblk_rule_state *rule, u32 event);

/**
 * haltblk_events_on - does a session watch?
 * @gate: gate
 */
static inline bool haltblk_events_on(const struct haltblk_gate *gate)
{
	return READ_ONCE(gate->watchers.next) != &gate->watchers;
}

/* submitter.c */
void haltblk_submitter_init(const struct block_device_operations *fops);
void haltblk_submitter_start(void);
void haltblk_submitter_stop(void);
void haltblk_submitter_disarm(struct haltblk_gate *gate);
void haltblk_submitter_identify(struct haltblk_cmd *cmd);
void haltblk_submitter_note_again(struct haltblk_cmd *cmd);

/* How often to check the owner of a rule that holds something. */
#define HALTBLK_OWNER_LOOK	(HZ / 20 ?: 1)

/**
 * haltblk_owner_watch - start checking an owner whose rules hold something
 * @owner: owner
 *
 * Any context.
 */
static inline void haltblk_owner_watch(struct haltblk_owner *owner)
{
	queue_delayed_work(haltblk_wq, &owner->look, HALTBLK_OWNER_LOOK);
}

#endif /* HALTBLK_GATE_H */
