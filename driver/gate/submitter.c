// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who submitted a request: blk-mq often runs queue_rq in another context than
 * the submitter's (a scheduler, a plug flushed from schedule(), a requeue). So
 * the submitter is noted where it is certain, when the request is allocated,
 * by a probe on the block layer's tracepoint block_getrq, and found again by
 * the bio when a rule asks.
 *
 * The probes are registered only while some device has a rule that can act, and
 * note only what the other conditions of a rule of that device meet. A note
 * must never speak for another bio at the same address. While its device is
 * armed, every bio that enters a request passes a probe: it gets a request
 * (block_getrq) or is merged into one (block_bio_backmerge, ..._frontmerge;
 * discards are not merged, a request of ours has one range). There a note of
 * the same address is replaced or dropped. While the device is disarmed nothing
 * is seen, so notes count only in the armed period in which they were made
 * (@period). A change of rules does not end a period: requests that wait in a
 * scheduler keep their notes.
 *
 * A note also goes when it is looked up and, the oldest first, when there are
 * too many.
 *
 * With PREEMPT_RT, where a spin lock and the allocator may sleep, a probe that
 * runs with preemption off can do none of this, so none is registered.
 *
 * Any context but interrupt handlers; one lock, a leaf, never held for more
 * than HALTBLK_SUBMITTER_BATCH notes.
 */
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/tracepoint.h>

#include "haltblk.h"

/* More than the tags of a device that a test would hold requests of. */
#define HALTBLK_SUBMITTER_MAX	16384

/* Notes looked at under one hold of the lock. */
#define HALTBLK_SUBMITTER_BATCH	256

/**
 * struct haltblk_note - the submitter of a bio that became a request
 * @hash: by @bio
 * @age: in order of noting
 * @flush: in haltblk_submitter_flushes, or empty
 * @data: the bio is more than a flush
 * @bio: address only, never followed
 * @sector: where the bio starts
 * @op: operation of the bio
 * @gate: of its device
 * @period: the device's armed period it was made in
 * @pid: process, a reference
 * @stack: where it submitted, for a rule that holds; else NULL
 * @comm: its name
 */
struct haltblk_note {
	struct hlist_node hash;
	struct list_head age;
	struct list_head flush;
	const struct bio *bio;
	u64 sector;
	enum req_op op;
	const struct haltblk_gate *gate;
	u64 period;
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
/* Of the disks whose requests have notes. */
static const struct block_device_operations *haltblk_submitter_fops;
static bool haltblk_submitter_on;

/* Never from the reserves that reclaim needs: a note can be done without. */
#define HALTBLK_SUBMITTER_GFP	(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

static void haltblk_submitter_drop(struct haltblk_note *note)
{
	lockdep_assert_held(&haltblk_submitter_lock);
	hash_del(&note->hash);
	list_del(&note->age);
	list_del(&note->flush);
	WRITE_ONCE(haltblk_submitter_nr, haltblk_submitter_nr - 1);
	put_pid(note->pid);
	kfree(note->stack);
	kfree(note);
}

/* The stack of the running context, if there is memory for it. */
static struct haltblk_stack *haltblk_submitter_stack(void)
{
	struct haltblk_stack *stack;

	stack = kmalloc(sizeof(*stack), HALTBLK_SUBMITTER_GFP);
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

/* If a bio that is not noted has the address of one that was: drop the note. */
static void haltblk_submitter_reuse(const struct bio *bio)
{
	struct haltblk_note *old;
	unsigned long flags;

	if (!READ_ONCE(haltblk_submitter_nr))
		return;
	spin_lock_irqsave(&haltblk_submitter_lock, flags);
	old = haltblk_submitter_get(bio);
	if (old)
		haltblk_submitter_drop(old);
	spin_unlock_irqrestore(&haltblk_submitter_lock, flags);
}

/* Enter a note; it takes the place of one of the same address. */
static void haltblk_submitter_enter(struct haltblk_note *note, bool flush)
{
	struct haltblk_note *old;
	unsigned long flags;

	spin_lock_irqsave(&haltblk_submitter_lock, flags);
	old = haltblk_submitter_get(note->bio);
	if (!old && haltblk_submitter_nr >= HALTBLK_SUBMITTER_MAX)
		old = list_first_entry(&haltblk_submitter_ages,
				       struct haltblk_note, age);
	if (old)
		haltblk_submitter_drop(old);
	hash_add(haltblk_submitter_notes, &note->hash,
		 (unsigned long)note->bio);
	list_add_tail(&note->age, &haltblk_submitter_ages);
	INIT_LIST_HEAD(&note->flush);
	if (flush)
		list_add_tail(&note->flush, &haltblk_submitter_flushes);
	WRITE_ONCE(haltblk_submitter_nr, haltblk_submitter_nr + 1);
	spin_unlock_irqrestore(&haltblk_submitter_lock, flags);
}

/* A note of a bio, without the submitter, or NULL and no note of its address. */
static struct haltblk_note *
haltblk_submitter_alloc(struct haltblk_gate *gate, const struct bio *bio,
			u64 period)
{
	struct haltblk_note *note;

	note = kmalloc(sizeof(*note), HALTBLK_SUBMITTER_GFP);
	if (!note) {
		haltblk_submitter_reuse(bio);
		return NULL;
	}
	note->bio = bio;
	note->sector = bio->bi_iter.bi_sector;
	note->op = bio_op(bio);
	note->data = bio_sectors(bio);
	note->gate = gate;
	note->period = period;
	return note;
}

static void haltblk_submitter_note(struct haltblk_gate *gate,
				   const struct bio *bio, u64 period,
				   bool flush, bool holds)
{
	struct task_struct *task = haltblk_submitter_task();
	struct haltblk_note *note;

	note = haltblk_submitter_alloc(gate, bio, period);
	if (!note)
		return;
	note->pid = get_pid(task_tgid(task));
	get_task_comm(note->comm, task);
	note->stack = holds ? haltblk_submitter_stack() : NULL;
	haltblk_submitter_enter(note, flush);
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
					    const struct bio *bio, u64 period)
{
	bool wanted = false, flush = false, holds = false;

	if (bio->bi_opf & REQ_PREFLUSH)
		flush = haltblk_submitter_wants(gate, HALTBLK_OP_FLUSH, 0, 0,
						&holds);
	/* One that is nothing but a flush has no place. */
	if (bio_sectors(bio) || !(bio->bi_opf & REQ_PREFLUSH))
		wanted = haltblk_submitter_wants(gate,
						 haltblk_blk_op(bio->bi_opf),
						 bio->bi_iter.bi_sector,
						 bio_sectors(bio), &holds);
	if (wanted || flush)
		haltblk_submitter_note(gate, bio, period, flush, holds);
	else
		haltblk_submitter_reuse(bio);
}

/* Probe of block_getrq: every request of every disk while it is registered. */
static void haltblk_submitter_getrq(void *unused, struct bio *bio)
{
	struct gendisk *disk = bio->bi_bdev->bd_disk;
	struct haltblk_device *dev;
	u64 period;

	if (disk->fops != haltblk_submitter_fops)
		return;
	dev = disk->private_data;
	/* Pairs with haltblk_submitter_disarm(). */
	period = smp_load_acquire(&dev->gate.period);
	if (!haltblk_gate_armed(dev))
		return;
	/* Most are no rule's business, and no note can have their address. */
	if (bio->bi_opf & REQ_PREFLUSH ||
	    haltblk_gate_minds(&dev->gate, haltblk_blk_op(bio->bi_opf)) ||
	    READ_ONCE(haltblk_submitter_nr))
		haltblk_submitter_look(&dev->gate, bio, period);
}

/*
 * Probe of a merge. The request's submitter is who allocated it, not who added
 * to it.
 */
static void haltblk_submitter_merge(void *unused, struct bio *bio)
{
	if (bio->bi_bdev->bd_disk->fops == haltblk_submitter_fops)
		haltblk_submitter_reuse(bio);
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tp;
} haltblk_submitter_probes[] = {
	/* Merges first: there are no notes before there is the last one. */
	{ "block_bio_backmerge", haltblk_submitter_merge },
	{ "block_bio_frontmerge", haltblk_submitter_merge },
	{ "block_getrq", haltblk_submitter_getrq },
};

static void haltblk_submitter_find_tp(struct tracepoint *tp, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(haltblk_submitter_probes); i++)
		if (!strcmp(tp->name, haltblk_submitter_probes[i].name))
			haltblk_submitter_probes[i].tp = tp;
}

/* Take back the first so many probes. */
static void haltblk_submitter_unregister(int nr)
{
	while (nr--)
		tracepoint_probe_unregister(haltblk_submitter_probes[nr].tp,
					    haltblk_submitter_probes[nr].probe,
					    NULL);
	tracepoint_synchronize_unregister();
}

/**
 * haltblk_submitter_init - say whose requests are noted, at module load
 * @fops: of blk-mq disks; disk->private_data is a struct haltblk_device
 */
void haltblk_submitter_init(const struct block_device_operations *fops)
{
	haltblk_submitter_fops = fops;
}

/**
 * haltblk_submitter_start - note submitters from now on
 *
 * Sleeps. Without the tracepoints only those are known in whose context the
 * request arrives.
 */
void haltblk_submitter_start(void)
{
	int i;

	if (haltblk_submitter_on)
		return;
	if (!HALTBLK_COMPAT_PROBES_LOCK) {
		pr_info_once("this PREEMPT_RT kernel's tracepoints allow no locks: submitters of requests that wait in a scheduler are not known\n");
		return;
	}
	for_each_kernel_tracepoint(haltblk_submitter_find_tp, NULL);
	for (i = 0; i < ARRAY_SIZE(haltblk_submitter_probes); i++) {
		if (haltblk_submitter_probes[i].tp &&
		    !tracepoint_probe_register(haltblk_submitter_probes[i].tp,
					       haltblk_submitter_probes[i].probe,
					       NULL))
			continue;
		haltblk_submitter_unregister(i);
		return;
	}
	haltblk_submitter_on = true;
}

/* Drop all notes, or those of one device. */
static void haltblk_submitter_forget(const struct haltblk_gate *gate)
{
	unsigned int left = READ_ONCE(haltblk_submitter_nr);
	struct haltblk_note *note;
	unsigned int i;

	while (left) {
		spin_lock_irq(&haltblk_submitter_lock);
		for (i = 0; left && i < HALTBLK_SUBMITTER_BATCH; i++, left--) {
			note = list_first_entry_or_null(&haltblk_submitter_ages,
							struct haltblk_note,
							age);
			if (!note)
				break;
			/* Once around: the order of age stays. */
			if (!gate || note->gate == gate)
				haltblk_submitter_drop(note);
			else
				list_move_tail(&note->age,
					       &haltblk_submitter_ages);
		}
		if (list_empty(&haltblk_submitter_ages))
			left = 0;
		spin_unlock_irq(&haltblk_submitter_lock);
		cond_resched();
	}
}

/**
 * haltblk_submitter_stop - note nothing more and forget all
 *
 * Sleeps.
 */
void haltblk_submitter_stop(void)
{
	if (haltblk_submitter_on) {
		haltblk_submitter_unregister(ARRAY_SIZE(haltblk_submitter_probes));
		haltblk_submitter_on = false;
	}
	haltblk_submitter_forget(NULL);
}

/**
 * haltblk_submitter_disarm - a device's armed period is over
 * @gate: of the device, its armed just cleared; its rules_lock held
 *
 * Sleeps. A probe that still saw the device armed notes with the old period,
 * which no look-up takes.
 */
void haltblk_submitter_disarm(struct haltblk_gate *gate)
{
	static atomic64_t periods = ATOMIC64_INIT(0);

	lockdep_assert_held(&gate->rules_lock);
	/* Unique, so that a gate at the address of a freed one has its own. */
	smp_store_release(&gate->period, atomic64_inc_return(&periods));
	haltblk_submitter_forget(gate);
}

/* Does a note speak for requests of a device? */
static bool haltblk_submitter_valid(const struct haltblk_note *note,
				    const struct haltblk_gate *gate)
{
	return note->gate == gate && note->period == READ_ONCE(gate->period);
}

/* One of a request's bios has a note: merging changes which is first. */
static struct haltblk_note *
haltblk_submitter_of_bios(const struct haltblk_cmd *cmd)
{
	struct haltblk_note *note;
	const struct bio *bio;

	for (bio = cmd->bio; bio; bio = bio->bi_next) {
		note = haltblk_submitter_get(bio);
		if (note && haltblk_submitter_valid(note, &cmd->dev->gate) &&
		    note->sector == bio->bi_iter.bi_sector &&
		    note->op == bio_op(bio))
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
		if (!haltblk_submitter_valid(note, &cmd->dev->gate))
			continue;
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
					     HALTBLK_SUBMITTER_GFP);
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

/**
 * haltblk_submitter_note_again - note a known submitter before a requeue
 * @cmd: its request goes back to the block layer; its references are dropped
 *
 * The request may come again when no rule minds it, so nothing that must be put
 * may wait in its PDU.
 */
void haltblk_submitter_note_again(struct haltblk_cmd *cmd)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	struct haltblk_note *note = NULL;

	if (cmd->bio && cmd->pid)
		note = haltblk_submitter_alloc(gate, cmd->bio,
					       READ_ONCE(gate->period));
	if (note) {
		note->pid = cmd->pid;
		note->stack = cmd->stack;
		strscpy(note->comm, cmd->comm, sizeof(note->comm));
		haltblk_submitter_enter(note, false);
	} else {
		put_pid(cmd->pid);
		kfree(cmd->stack);
	}
	cmd->pid = NULL;
	cmd->stack = NULL;
}

/* Is the running context that of the request's submitter? */
static bool haltblk_submitter_is_current(const struct haltblk_cmd *cmd)
{
	struct request *rq;

	/*
	 * A bio on its submitter's stack. For a buffered write the submitter is
	 * the flusher. Once parked, a worker or a releaser goes on with it.
	 */
	if (cmd->flags & HALTBLK_CMD_F_BIO)
		return cmd->flags & HALTBLK_CMD_F_STACK;
	if (current->flags & PF_WQ_WORKER)
		return false;
	rq = blk_mq_rq_from_pdu((void *)cmd);
	return !haltblk_submitter_on && !rq->q->elevator &&
	       !(rq->rq_flags & (RQF_FLUSH_SEQ | RQF_DONTPREP));
}

/**
 * haltblk_submitter_identify - fill in a command's pid and comm, if known
 * @cmd: on its way in, in the context that hands it to the driver: whoever
 *	takes it out of that context calls this before; later calls change
 *	nothing
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
