// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables that a session can list (held requests, rules, queues, devices,
 * options, locks) and the counts of a device. Each table is gathered in kernel
 * memory under the locks it needs, and then copied out entry by entry at the
 * size that user space knows. Process context, may sleep.
 */
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

#include "control.h"
#include "device/device.h"

/**
 * struct haltblk_tables_walk - a look at what a gate holds, a batch at a time
 * @gate: gate
 * @first: entries, in the order held
 * @next: behind the last entry that is filled
 * @known: behind the last entry that may still be held
 * @upto: leave out commands that are held since the walk began
 * @now: when it began, ns
 */
struct haltblk_tables_walk {
	struct haltblk_gate *gate;
	struct haltblk_held *first;
	struct haltblk_held *next;
	struct haltblk_held *known;
	u64 upto;
	u64 now;
};

static void haltblk_tables_fill(struct haltblk_held *h,
				const struct haltblk_cmd *cmd, u64 now)
{
	u32 nr_sectors;

	h->id = cmd->id;
	h->sector = haltblk_cmd_sector(cmd, cmd->event, &nr_sectors);
	h->sectors = nr_sectors;
	h->held_ns = cmd->held_ns;
	h->age_ns = now - cmd->held_ns;
	h->event = cmd->event;
	h->op = cmd->op;
	h->rq_flags = haltblk_blk_flags(cmd);
	h->hctx = cmd->queue->hctx;
	h->cpu = cmd->cpu;
	h->pid = pid_vnr(cmd->pid);
	strscpy(h->tag, cmd->rule->spec.tag, sizeof(h->tag));
	strscpy(h->comm, cmd->comm, sizeof(h->comm));
}

/*
 * Fill a batch of entries. The list may have changed since the last batch, so go
 * on behind the last listed command that is still held. Return: true if there
 * may be more.
 */
static bool haltblk_tables_walk(struct haltblk_tables_walk *w)
{
	unsigned int most = HALTBLK_GATE_BATCH;
	struct haltblk_gate *gate = w->gate;
	struct haltblk_cmd *cmd;

	lockdep_assert_held(&gate->lock);
	for (;; w->known--) {
		if (w->known == w->first) {
			cmd = list_entry(&gate->held, struct haltblk_cmd, node);
			break;
		}
		cmd = haltblk_gate_find(gate, w->known[-1].id);
		/* Later, the same command can be held again. */
		if (cmd && cmd->kept_nr <= w->upto)
			break;
		if (!--most)
			return true;
	}
	list_for_each_entry_continue(cmd, &gate->held, node) {
		if (cmd->kept_nr > w->upto)
			return false;
		if (!most--)
			return true;
		haltblk_tables_fill(w->next++, cmd, w->now);
		w->known = w->next;
	}
	return false;
}

int haltblk_tables_held(struct haltblk_device *dev, struct haltblk_gathered *g)
{
	struct haltblk_tables_walk w = { .gate = &dev->gate };
	u32 room;

again:
	room = READ_ONCE(dev->gate.nr_held) + 16;
	w.first = kvcalloc(room, sizeof(*w.first), GFP_KERNEL);
	if (!w.first)
		return -ENOMEM;
	w.next = w.first;
	w.known = w.first;
	spin_lock_irq(&dev->gate.lock);
	if (dev->gate.nr_held > room) {
		spin_unlock_irq(&dev->gate.lock);
		kvfree(w.first);
		goto again;
	}
	w.upto = dev->gate.nr_kept;
	w.now = ktime_get_ns();
	while (haltblk_tables_walk(&w)) {
		spin_unlock_irq(&dev->gate.lock);
		cond_resched();
		spin_lock_irq(&dev->gate.lock);
	}
	spin_unlock_irq(&dev->gate.lock);
	g->buf = w.first;
	g->entry = sizeof(*w.first);
	g->nr = w.next - w.first;
	return 0;
}

int haltblk_tables_rules(struct haltblk_device *dev, struct haltblk_gathered *g)
{
	struct haltblk_gate *gate = &dev->gate;
	struct haltblk_rule_state *rule;
	struct haltblk_rule *r;

	if (mutex_lock_killable(&gate->rules_lock))
		return -EINTR;
	r = kvcalloc(gate->nr_rules + 1, sizeof(*r), GFP_KERNEL);
	if (!r) {
		mutex_unlock(&gate->rules_lock);
		return -ENOMEM;
	}
	g->buf = r;
	g->entry = sizeof(*r);
	g->hdr = true;
	spin_lock_irq(&gate->lock);
	list_for_each_entry(rule, &gate->rules, node) {
		*r = rule->spec;
		r->hdr.why = 0;
		r->pid = pid_vnr(rule->pid);
		r->matches = atomic64_read(&rule->matches);
		r->hits = atomic64_read(&rule->hits);
		r->held = rule->held;
		r->armed = haltblk_rules_armed(rule);
		r++;
	}
	spin_unlock_irq(&gate->lock);
	mutex_unlock(&gate->rules_lock);
	g->nr = r - (struct haltblk_rule *)g->buf;
	return 0;
}

int haltblk_tables_hctx(struct haltblk_device *dev, struct haltblk_gathered *g)
{
	struct haltblk_hctx_stats *s;
	unsigned int i;

	/* Keeps the queues; see haltblk_power_free_queues(). */
	mutex_lock(&haltblk_devices_lock);
	g->nr = 0;
	while (g->nr < dev->nr_queues && dev->queues[g->nr].counts)
		g->nr++;
	s = kvcalloc(g->nr + 1, sizeof(*s), GFP_KERNEL);
	if (!s) {
		mutex_unlock(&haltblk_devices_lock);
		return -ENOMEM;
	}
	g->buf = s;
	g->entry = sizeof(*s);
	for (i = 0; i < g->nr; i++) {
		struct haltblk_counts sum = { };

		haltblk_device_sum(&dev->queues[i], &sum);
		s[i].submitted = sum.submitted;
		s[i].completed = sum.completed;
		s[i].failed = sum.failed;
		s[i].hctx = dev->queues[i].hctx;
	}
	spin_lock_irq(&dev->gate.lock);
	for (i = 0; i < g->nr; i++)
		s[i].held = dev->queues[i].nr_held;
	spin_unlock_irq(&dev->gate.lock);
	mutex_unlock(&haltblk_devices_lock);
	return 0;
}

/* A hardware queue that never existed has no counts and uses no lock. */
static bool haltblk_tables_lock_used(const struct haltblk_device *dev,
				     unsigned int i)
{
	return dev->cfg.lock_model != HALTBLK_LOCK_MODEL_HCTX ||
	       !dev->cfg.queue_mode || dev->queues[i].counts;
}

int haltblk_tables_locks(struct haltblk_device *dev, struct haltblk_gathered *g)
{
	struct haltblk_lock_stats *s;
	unsigned int i;

	/* Keeps the locks; see haltblk_lockmodel_stop(). */
	mutex_lock(&haltblk_lockmodel_mutex);
	s = kvcalloc(dev->nr_locks + 1, sizeof(*s), GFP_KERNEL);
	if (!s) {
		mutex_unlock(&haltblk_lockmodel_mutex);
		return -ENOMEM;
	}
	g->buf = s;
	g->entry = sizeof(*s);
	for (i = 0; i < dev->nr_locks && haltblk_tables_lock_used(dev, i);
	     i++, s++) {
		const struct haltblk_lock *l = &dev->locks[i];

		strscpy(s->name, haltblk_lockmodel_name(dev, i),
			sizeof(s->name));
		s->acquisitions = READ_ONCE(l->acquisitions);
		s->contended = READ_ONCE(l->contended);
		s->wait_ns = READ_ONCE(l->wait_ns);
		s->hold_ns = READ_ONCE(l->hold_ns);
		s->hctx = dev->cfg.lock_model == HALTBLK_LOCK_MODEL_HCTX ?
			  (int)i : -1;
	}
	g->nr = i;
	mutex_unlock(&haltblk_lockmodel_mutex);
	return 0;
}

static int haltblk_tables_cmp_order(const void *a, const void *b)
{
	const struct haltblk_pending *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

int haltblk_tables_pending(struct haltblk_device *dev,
			   struct haltblk_gathered *g)
{
	u32 room = READ_ONCE(dev->cache.nr) + 16;

	g->buf = kvcalloc(room, sizeof(struct haltblk_pending), GFP_KERNEL);
	if (!g->buf)
		return -ENOMEM;
	g->entry = sizeof(struct haltblk_pending);
	g->nr = haltblk_dirty_list(&dev->cache, g->buf, room);
	sort(g->buf, g->nr, g->entry, haltblk_tables_cmp_order, NULL);
	return 0;
}

int haltblk_tables_list(struct haltblk_device *unused,
			struct haltblk_gathered *g)
{
	struct haltblk_list_entry *e;
	struct haltblk_device *dev;

	mutex_lock(&haltblk_devices_lock);
	g->nr = 0;
	list_for_each_entry(dev, &haltblk_devices, node)
		g->nr++;
	e = kvcalloc(g->nr + 1, sizeof(*e), GFP_KERNEL);
	g->buf = e;
	g->entry = sizeof(*e);
	if (e) {
		list_for_each_entry(dev, &haltblk_devices, node) {
			strscpy(e->name, dev->name, sizeof(e->name));
			e->index = READ_ONCE(dev->index);
			if (haltblk_device_powered(dev))
				e->flags |= HALTBLK_DEV_F_POWERED;
			if (test_bit(HALTBLK_DEV_LOAD, &dev->flags))
				e->flags |= HALTBLK_DEV_F_LOAD;
			e++;
		}
	}
	mutex_unlock(&haltblk_devices_lock);
	return g->buf ? 0 : -ENOMEM;
}

int haltblk_tables_config(struct haltblk_device *dev,
			  struct haltblk_gathered *g)
{
	struct haltblk_config_entry *e;
	int i;

	/* The options, and power and index. */
	g->nr = HALTBLK_NR_OPTIONS + 2;
	e = kvcalloc(g->nr, sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	g->buf = e;
	g->entry = sizeof(*e);
	for (i = 0; i < HALTBLK_NR_OPTIONS; i++, e++) {
		strscpy(e->name, haltblk_options[i].name, sizeof(e->name));
		haltblk_device_show(dev, &haltblk_options[i], e->value,
				    sizeof(e->value));
	}
	strscpy(e->name, "power", sizeof(e->name));
	snprintf(e->value, sizeof(e->value), "%d", haltblk_device_powered(dev));
	e++;
	strscpy(e->name, "index", sizeof(e->name));
	snprintf(e->value, sizeof(e->value), "%d", READ_ONCE(dev->index));
	return 0;
}

static int haltblk_tables_put(const struct haltblk_table *t,
			      const struct haltblk_gathered *g)
{
	size_t len = min_t(size_t, t->entry_size, g->entry);
	u32 nr = min(t->nr, g->nr);
	char __user *to = u64_to_user_ptr(t->buf);
	struct haltblk_hdr *hdr;
	u32 i;

	for (i = 0; i < nr; i++, to += t->entry_size) {
		if (g->hdr) {
			hdr = g->buf + i * g->entry;
			hdr->size = t->entry_size;
		}
		if (copy_to_user(to, g->buf + i * g->entry, len) ||
		    clear_user(to + len, t->entry_size - len))
			return -EFAULT;
	}
	return 0;
}

int haltblk_tables_answer(struct haltblk_call *call, haltblk_gather_fn *gather)
{
	struct haltblk_gathered g = { };
	struct haltblk_table t;
	int err;

	err = HALTBLK_CALL_IN(call, &t, TABLE, 0);
	if (err)
		return err;
	if (t.nr && (!t.entry_size ||
		     t.entry_size > HALTBLK_CALL_MAX_ENTRY)) {
		snprintf(call->why, sizeof(call->why),
			 "entry_size: %u bytes, takes 1 to %d", t.entry_size,
			 HALTBLK_CALL_MAX_ENTRY);
		return -EINVAL;
	}
	err = gather(call->dev, &g);
	if (!err)
		err = haltblk_tables_put(&t, &g);
	kvfree(g.buf);
	if (err)
		return err;
	t.nr = g.nr;
	return haltblk_call_out(call, &t, sizeof(t));
}

int haltblk_tables_stats(struct haltblk_call *call)
{
	struct haltblk_device *dev = call->dev;
	struct haltblk_counts sum = { };
	struct haltblk_stats out = { };
	struct haltblk_stats in;
	unsigned int i;
	int err;

	err = HALTBLK_CALL_IN(call, &in, STATS, 0);
	if (err)
		return err;
	out.hdr = in.hdr;
	mutex_lock(&haltblk_devices_lock);
	for (i = 0; i < dev->nr_queues; i++)
		haltblk_device_sum(&dev->queues[i], &sum);
	if (dev->nr_queues && dev->cfg.queue_mode)
		out.nr_hctx = dev->set->nr_hw_queues;
	mutex_unlock(&haltblk_devices_lock);
	out.submitted = sum.submitted;
	out.completed = sum.completed;
	out.failed = sum.failed;
	out.inflight = sum.submitted - sum.completed;
	out.held = READ_ONCE(dev->gate.nr_held);
	haltblk_features_show(dev, &out);
	return haltblk_call_out(call, &out, sizeof(out));
}
