// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who submitted a request: blk-mq often runs queue_rq in another context than
 * the submitter's (a scheduler, a plug flushed from schedule(), a requeue). So
 * the submitter is noted where it is certain, when the request is allocated,
 * by a probe on the block layer's tracepoint block_getrq, and found again by
 * the bio when a rule asks.
 *
 * The probe is registered only while some device has a rule that can act, and
 * notes only what the other conditions of a rule of that device meet. A note
 * goes when it is looked up, when another takes its bio's address, when rules
 * change (an address could have been used again unnoticed) and, the oldest
 * first, when there are too many.
 *
 * Any context without interrupts' handlers; one lock, a leaf.
 */
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/tracepoint.h>

#include "haltblk.h"

/* More than the tags of a device that a test would hold requests of. */
#define HALTBLK_SUBMITTER_MAX	16384

/**
 * struct haltblk_note - the submitter of a bio that became a request
 * @hash: by @bio
 * @age: in order of noting
 * @flush: in haltblk_submitter_flushes, or empty
 * @data: the bio is more than a flush
 * @bio: address only, never followed
 * @gate: of its device
 * @pid: process, a reference
 * @stack: where it submitted, for a rule that holds; else NULL
 * @comm: its name
 */
struct haltblk_note {
	struct hlist_node hash;
	struct list_head age;
	struct list_head flush;
	const struct bio *bio;
	const struct haltblk_gate *gate;
	struct pid *pid;
	struct haltblk_stack *stack;
	bool data;
	char comm[HALTBLK_COMM_LEN];
};

static DEFINE_SPINLOCK(haltblk_submitter_lock);
static DEFINE_HASHTABLE(haltblk_submitter_notes, 10);
static LIST_HEAD(haltblk_submitter_ages);
/* Those of bios that ask for a flush, which comes as a request of its own. */
static LIST_HEAD(haltblk_submitter_flushes);
static unsigned int haltblk_submitter_nr;
static struct tracepoint *haltblk_submitter_tp;
static bool haltblk_submitter_on;

static void haltblk_submitter_drop(struct haltblk_note *note)
{
	lockdep_assert_held(&haltblk_submitter_lock);
	hash_del(&note->hash);
	list_del(&note->age);
	list_del(&note->flush);
	haltblk_submitter_nr--;
	put_pid(note->pid);
	kfree(note->stack);
	kfree(note);
}

/* The stack of the running context, if there is memory for it. */
static struct haltblk_stack *haltblk_submitter_stack(void)
{
	struct haltblk_stack *stack;

	stack = kmalloc(sizeof(*stack), GFP_NOWAIT | __GFP_NOWARN);
	if (stack)
		stack->nr = stack_trace_save(stack->at, HALTBLK_STACK_DEPTH, 1);
	return stack;
}

static struct haltblk_note *haltblk_submitter_get(const struct bio *bio)
{
	struct haltblk_note *note;

	lockdep_assert_held(&haltblk_submitter_lock);
	hash_for_each_possible(haltblk_submitter_notes, note, hash,
			       (unsigned long)bio)
		if (note->bio == bio)
			return note;
	return NULL;
}

/* io_uring's workers count as the process they work for. */
static struct task_struct *haltblk_submitter_task(void)
{
	return current->flags & PF_IO_WORKER ? current->group_leader : current;
}

/* A bio that is not noted has the address of one that was. */
static void haltblk_submitter_reuse(const struct bio *bio)
{
	struct haltblk_note *old;
	unsigned long flags;

	spin_lock_irqsave(&haltblk_submitter_lock, flags);
	old = haltblk_submitter_get(bio);
	if (old)
		haltblk_submitter_drop(old);
	spin_unlock_irqrestore(&haltblk_submitter_lock, flags);
}

static void haltblk_submitter_note(struct haltblk_gate *gate,
				   const struct bio *bio, bool flush,
				   bool holds)
{
	struct task_struct *task = haltblk_submitter_task();
	struct haltblk_note *note, *old;
	unsigned long flags;

	note = kmalloc(sizeof(*note), GFP_NOWAIT | __GFP_NOWARN);
	if (!note) {
		haltblk_submitter_reuse(bio);
		return;
	}
	note->bio = bio;
	note->data = bio_sectors(bio);
	note->gate = gate;
	note->pid = get_pid(task_tgid(task));
	get_task_comm(note->comm, task);
	note->stack = holds ? haltblk_submitter_stack() : NULL;

	spin_lock_irqsave(&haltblk_submitter_lock, flags);
	old = haltblk_submitter_get(bio);
	if (!old && haltblk_submitter_nr >= HALTBLK_SUBMITTER_MAX)
		old = list_first_entry(&haltblk_submitter_ages,
				       struct haltblk_note, age);
	if (old)
		haltblk_submitter_drop(old);
	hash_add(haltblk_submitter_notes, &note->hash, (unsigned long)bio);
	list_add_tail(&note->age, &haltblk_submitter_ages);
	INIT_LIST_HEAD(&note->flush);
	if (flush)
		list_add_tail(&note->flush, &haltblk_submitter_flushes);
	haltblk_submitter_nr++;
	spin_unlock_irqrestore(&haltblk_submitter_lock, flags);
}

/* Could a rule act on such a request? @holds is set if one holds it. */
static bool haltblk_submitter_wants(struct haltblk_gate *gate,
				    enum haltblk_op op, u64 sector,
				    u32 nr_sectors, bool *holds)
{
	struct haltblk_ruleset *set;
	bool wanted, hold = false;

	if (!haltblk_gate_minds(gate, op))
		return false;
	rcu_read_lock();
	set = rcu_dereference(gate->set);
	wanted = set && haltblk_rules_near(set, op, sector, nr_sectors) &&
		 haltblk_rules_want(set, op, sector, nr_sectors, &hold);
	rcu_read_unlock();
	*holds |= hold;
	return wanted;
}

/* Not inline: the probe keeps no registers for it. */
static noinline void haltblk_submitter_look(struct haltblk_gate *gate,
					    const struct bio *bio)
{
	bool wanted = false, flush = false, holds = false;

	if (bio->bi_opf & REQ_PREFLUSH)
		flush = haltblk_submitter_wants(gate, HALTBLK_OP_FLUSH, 0, 0,
						&holds);
	/* One that is nothing but a flush has no place. */
	if (bio_sectors(bio) || !(bio->bi_opf & REQ_PREFLUSH))
		wanted = haltblk_submitter_wants(gate,
						 haltblk_cmd_op(bio->bi_opf),
						 bio->bi_iter.bi_sector,
						 bio_sectors(bio), &holds);
	if (wanted || flush)
		haltblk_submitter_note(gate, bio, flush, holds);
	else if (READ_ONCE(haltblk_submitter_nr))
		haltblk_submitter_reuse(bio);
}

/* Probe of block_getrq: every request of every disk while it is registered. */
static void haltblk_submitter_getrq(void *unused, struct bio *bio)
{
	struct gendisk *disk = bio->bi_bdev->bd_disk;
	struct haltblk_device *dev;

	if (disk->fops != &haltblk_mq_fops)
		return;
	dev = disk->private_data;
	if (!haltblk_gate_armed(dev))
		return;
	/* Most are no rule's business, and no note can have their address. */
	if (bio->bi_opf & REQ_PREFLUSH ||
	    haltblk_gate_minds(&dev->gate, haltblk_cmd_op(bio->bi_opf)) ||
	    READ_ONCE(haltblk_submitter_nr))
		haltblk_submitter_look(&dev->gate, bio);
}

static void haltblk_submitter_find_tp(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, "block_getrq"))
		haltblk_submitter_tp = tp;
}

/**
 * haltblk_submitter_start - note submitters from now on
 *
 * Sleeps. Without the tracepoint only those are known in whose context the
 * request arrives.
 */
void haltblk_submitter_start(void)
{
	if (haltblk_submitter_on)
		return;
	for_each_kernel_tracepoint(haltblk_submitter_find_tp, NULL);
	if (!haltblk_submitter_tp ||
	    tracepoint_probe_register(haltblk_submitter_tp,
				      haltblk_submitter_getrq, NULL))
		return;
	haltblk_submitter_on = true;
}

/**
 * haltblk_submitter_stop - note nothing more and forget all
 *
 * Sleeps.
 */
void haltblk_submitter_stop(void)
{
	if (haltblk_submitter_on) {
		tracepoint_probe_unregister(haltblk_submitter_tp,
					    haltblk_submitter_getrq, NULL);
		tracepoint_synchronize_unregister();
		haltblk_submitter_on = false;
	}
	haltblk_submitter_forget(NULL);
}

/**
 * haltblk_submitter_forget - drop the notes of a device whose rules change
 * @gate: of the device, or NULL for all
 */
void haltblk_submitter_forget(const struct haltblk_gate *gate)
{
	struct haltblk_note *note, *next;

	spin_lock_irq(&haltblk_submitter_lock);
	list_for_each_entry_safe(note, next, &haltblk_submitter_ages, age)
		if (!gate || note->gate == gate)
			haltblk_submitter_drop(note);
	spin_unlock_irq(&haltblk_submitter_lock);
}

/* One of a request's bios has a note: merging changes which is first. */
static struct haltblk_note *
haltblk_submitter_of_bios(const struct haltblk_cmd *cmd)
{
	struct haltblk_note *note;
	const struct bio *bio;

	for (bio = cmd->bio; bio; bio = bio->bi_next) {
		note = haltblk_submitter_get(bio);
		if (note && note->gate == &cmd->dev->gate)
			return note;
	}
	return NULL;
}

/*
 * The flush machinery sends one request without a bio for all who wait for it.
 * Of one it is known who that is; of several, who come at the same time, it is
 * not, nor of whichever flush comes next.
 */
static struct haltblk_note *
haltblk_submitter_of_flush(const struct haltblk_cmd *cmd)
{
	struct haltblk_note *note, *next, *found = NULL;
	bool several = false;

	list_for_each_entry_safe(note, next, &haltblk_submitter_flushes, flush) {
		if (note->gate != &cmd->dev->gate)
			continue;
		list_del_init(&note->flush);
		several |= !!found;
		if (found && !found->data)
			haltblk_submitter_drop(found);
		found = note;
	}
	if (!several)
		return found;
	if (!found->data)
		haltblk_submitter_drop(found);
	return NULL;
}

static bool haltblk_submitter_take(struct haltblk_cmd *cmd)
{
	struct haltblk_note *note;
	unsigned long flags;

	spin_lock_irqsave(&haltblk_submitter_lock, flags);
	if (cmd->op == HALTBLK_OP_FLUSH && !cmd->bio)
		note = haltblk_submitter_of_flush(cmd);
	else
		note = haltblk_submitter_of_bios(cmd);
	if (note) {
		cmd->pid = get_pid(note->pid);
		strscpy(cmd->comm, note->comm, sizeof(cmd->comm));
		/* The write behind its flush has the same submitter. */
		if (!cmd->bio && note->data && note->stack) {
			cmd->stack = kmemdup(note->stack, sizeof(*note->stack),
					     GFP_NOWAIT | __GFP_NOWARN);
		} else {
			cmd->stack = note->stack;
			note->stack = NULL;
		}
		if (cmd->bio || !note->data)
			haltblk_submitter_drop(note);
	}
	spin_unlock_irqrestore(&haltblk_submitter_lock, flags);
	return note;
}

/* Is the running context that of the request's submitter? */
static bool haltblk_submitter_is_current(const struct haltblk_cmd *cmd)
{
	struct request *rq;

	/* For a buffered write that is the flusher. */
	if (cmd->flags & HALTBLK_CMD_F_BIO)
		return true;
	if (current->flags & PF_WQ_WORKER)
		return false;
	rq = blk_mq_rq_from_pdu((void *)cmd);
	return !haltblk_submitter_on && !rq->q->elevator &&
	       !(rq->rq_flags & RQF_FLUSH_SEQ);
}

/**
 * haltblk_submitter_identify - fill in a command's pid and comm, if known
 * @cmd: on its way in, in the context that hands it to the driver, the first
 *	time; later calls change nothing
 */
void haltblk_submitter_identify(struct haltblk_cmd *cmd)
{
	struct task_struct *task;

	if (cmd->flags & HALTBLK_CMD_F_SUBMITTER)
		return;
	cmd->flags |= HALTBLK_CMD_F_SUBMITTER;
	if (!(cmd->flags & HALTBLK_CMD_F_BIO) && haltblk_submitter_take(cmd))
		return;
	if (!haltblk_submitter_is_current(cmd))
		return;
	task = haltblk_submitter_task();
	cmd->pid = get_pid(task_tgid(task));
	get_task_comm(cmd->comm, task);
	cmd->stack = haltblk_submitter_stack();
}
