// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event records: what happens to a device's requests, for sessions that watch.
 *
 * Each watcher has its own ring. Submissions, completions and releases fill it
 * in any context, and read() empties it. A record that finds no room is
 * counted, and a record at that position tells how many were lost. A watched
 * device counts as armed, so its requests go the way on which rules see them.
 * One lock for each device, a leaf, gives its records one order.
 */
#include <linux/slab.h>

#include "haltblk.h"

/**
 * struct haltblk_watcher - a session that records
 * @node: in the gate's list
 * @gate: gate of its device
 * @what: one bit for each enum haltblk_what it wants
 * @room: size of @ring
 * @first: index of the oldest record
 * @nr: records in @ring
 * @lost: records lost since the last one that found room
 * @lost_seq: number of the last lost record
 * @ring: records
 */
struct haltblk_watcher {
	struct list_head node;
	struct haltblk_gate *gate;
	u32 what;
	u32 room;
	u32 first;
	u32 nr;
	u64 lost;
	u64 lost_seq;
	struct haltblk_event ring[];
};

/* The number of watchers of a device. */
static unsigned int haltblk_events_nr(const struct haltblk_gate *gate)
{
	const struct haltblk_watcher *w;
	unsigned int nr = 0;

	lockdep_assert_held(&gate->rules_lock);
	list_for_each_entry(w, &gate->watchers, node)
		nr++;
	return nr;
}

/**
 * haltblk_events_watch - start to record
 * @gate: gate of a device that stays until haltblk_events_unwatch()
 * @what: one bit for each enum haltblk_what
 * @room: records that may wait to be read
 *
 * May sleep. Once this returns, every request that arrives is recorded.
 *
 * Return: the watcher, or ERR_PTR: -ENOMEM, -ENOSPC (there already are
 * HALTBLK_MAX_WATCHERS), -EINTR (killed).
 */
struct haltblk_watcher *haltblk_events_watch(struct haltblk_gate *gate,
					     u32 what, u32 room)
{
	struct haltblk_watcher *w;

	w = kvzalloc(struct_size(w, ring, room), GFP_KERNEL_ACCOUNT);
	if (!w)
		return ERR_PTR(-ENOMEM);
	w->gate = gate;
	w->what = what;
	w->room = room;
	if (mutex_lock_killable(&gate->rules_lock)) {
		kvfree(w);
		return ERR_PTR(-EINTR);
	}
	/* Bounded: one critical section puts each record into all rings. */
	if (haltblk_events_nr(gate) >= HALTBLK_MAX_WATCHERS) {
		mutex_unlock(&gate->rules_lock);
		kvfree(w);
		return ERR_PTR(-ENOSPC);
	}
	spin_lock_irq(&gate->watch_lock);
	list_add_tail(&w->node, &gate->watchers);
	spin_unlock_irq(&gate->watch_lock);
	haltblk_key_set_armed(gate);
	mutex_unlock(&gate->rules_lock);
	if (haltblk_key_wait_ready(gate)) {
		haltblk_events_unwatch(w);
		return ERR_PTR(-EINTR);
	}
	return w;
}

/**
 * haltblk_events_unwatch - stop recording
 * @w: watcher, freed
 */
void haltblk_events_unwatch(struct haltblk_watcher *w)
{
	struct haltblk_gate *gate = w->gate;

	mutex_lock(&gate->rules_lock);
	spin_lock_irq(&gate->watch_lock);
	list_del(&w->node);
	spin_unlock_irq(&gate->watch_lock);
	haltblk_key_set_armed(gate);
	mutex_unlock(&gate->rules_lock);
	kvfree(w);
}

static void haltblk_events_lost(const struct haltblk_watcher *w,
				struct haltblk_event *e)
{
	*e = (struct haltblk_event) {
		.size = sizeof(*e),
		.what = HALTBLK_WHAT_LOST,
		.seq = w->lost_seq,
		.time_ns = ktime_get_ns(),
		.lost = w->lost,
		.hctx = -1,
	};
}

static void haltblk_events_put(struct haltblk_watcher *w,
			       const struct haltblk_event *e)
{
	/* After a gap there must also be room for the record of the loss. */
	if (w->room - w->nr < 1 + !!w->lost) {
		w->lost++;
		w->lost_seq = e->seq;
		return;
	}
	if (w->lost) {
		haltblk_events_lost(w, &w->ring[(w->first + w->nr++) % w->room]);
		w->lost = 0;
	}
	w->ring[(w->first + w->nr++) % w->room] = *e;
}

static u32 haltblk_events_status(blk_status_t status)
{
	u32 i;

	for (i = 0; i < HALTBLK_STATUS_NR; i++)
		if (haltblk_blk_statuses[i] == status)
			return i;
	return HALTBLK_STATUS_IOERR;
}

/**
 * haltblk_events_record - record what happened to a request
 * @cmd: the request; gets an id if it has none
 * @what: what happened to it
 * @rule: the rule that did it, or NULL
 * @event: with a rule: its state, enum haltblk_event_id; in unmap and writeback
 *	the record has the sectors of the extent or of the block
 *
 * Any context; the gate's lock may be held. While the gate is shut, for example
 * during a partition scan, requests that arrive are not recorded.
 */
void haltblk_events_record(struct haltblk_cmd *cmd, enum haltblk_what what,
			   const struct haltblk_rule_state *rule, u32 event)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	struct haltblk_watcher *w;
	unsigned long flags;
	u32 nr_sectors;
	struct haltblk_event e = {
		.size = sizeof(e),
		.what = what,
		.op = cmd->op,
		.event = event,
		.hctx = cmd->queue->hctx,
	};

	if (what == HALTBLK_WHAT_SUBMITTED && !READ_ONCE(gate->open))
		return;
	/* Nobody watched when it arrived. */
	if (what != HALTBLK_WHAT_SUBMITTED && !cmd->id)
		return;
	e.sector = haltblk_cmd_sector(cmd, event, &nr_sectors);
	e.sectors = nr_sectors;
	if (rule) {
		e.action = rule->spec.action;
		strscpy(e.tag, rule->spec.tag, sizeof(e.tag));
	}
	if (what == HALTBLK_WHAT_FAILED)
		e.status = haltblk_events_status(cmd->status);

	spin_lock_irqsave(&gate->watch_lock, flags);
	if (!cmd->id)
		cmd->id = gate->next_id++;
	e.id = cmd->id;
	e.seq = ++gate->seq;
	e.time_ns = ktime_get_ns();
	list_for_each_entry(w, &gate->watchers, node)
		if (w->what & BIT(what))
			haltblk_events_put(w, &e);
	spin_unlock_irqrestore(&gate->watch_lock, flags);
	if (wq_has_sleeper(&gate->wait))
		wake_up_all(&gate->wait);
}

/**
 * haltblk_events_ready - is there a record to read?
 * @w: watcher
 */
bool haltblk_events_ready(struct haltblk_watcher *w)
{
	bool ready;

	spin_lock_irq(&w->gate->watch_lock);
	ready = w->nr || w->lost;
	spin_unlock_irq(&w->gate->watch_lock);
	return ready;
}

/**
 * haltblk_events_get - take records out of the ring
 * @w: watcher
 * @out: where to put them
 * @nr: how many fit in @out
 *
 * Return: how many there were.
 */
unsigned int haltblk_events_get(struct haltblk_watcher *w,
				struct haltblk_event *out, unsigned int nr)
{
	unsigned int got = 0;

	spin_lock_irq(&w->gate->watch_lock);
	while (got < nr && w->nr) {
		out[got++] = w->ring[w->first];
		w->first = (w->first + 1) % w->room;
		w->nr--;
	}
	if (got < nr && w->lost) {
		haltblk_events_lost(w, &out[got++]);
		w->lost = 0;
	}
	spin_unlock_irq(&w->gate->watch_lock);
	return got;
}
