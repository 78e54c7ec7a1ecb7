// SPDX-License-Identifier: GPL-2.0-only
/*
 * The submitters of requests.
 *
 * blk-mq often runs queue_rq in another context than the submitter's (a
 * scheduler, a plug flushed from schedule(), a requeue). So a probe on the
 * block layer's tracepoint block_getrq notes the submitter when the request is
 * allocated, where it is certain. When a rule asks, the note is found by the
 * bio.
 *
 * The probes are registered only while a device has a rule that can act. They
 * note only bios that meet the other conditions of one of that device's rules.
 *
 * A note must never be taken for another bio at the same address. While its
 * device is armed, every bio that enters a request passes a probe: it gets a
 * request (block_getrq) or is merged into one (block_bio_backmerge,
 * block_bio_frontmerge; discards are not merged, since our requests have one
 * range). The probe replaces or drops a note of the same address. While the
 * device is disarmed the probes ignore it, so a note is valid only in the armed
 * period (@period) in which it was made. A change of rules does not end the
 * period, so requests that wait in a scheduler keep their notes.
 *
 * A look-up also drops the note it finds, and if there are too many notes, the
 * oldest are dropped.
 *
 * With PREEMPT_RT spin locks and the allocator may sleep, which a probe that
 * runs with preemption off must not do. On such kernels no probe is registered.
 *
 * Any context but interrupt handlers. One lock, a leaf, never held for more
 * than HALTBLK_SUBMITTER_BATCH notes.
 */
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/tracepoint.h>

#include "haltblk.h"

/* More than the requests that a test would hold. */
#define HALTBLK_SUBMITTER_MAX	16384

/* Most notes to look at in one critical section. */
#define HALTBLK_SUBMITTER_BATCH	256

/**
 * struct haltblk_note - the submitter of a bio that became a request
 * @hash: in haltblk_submitter_notes, by @bio
 * @age: in haltblk_submitter_ages, oldest first
 * @flush: in haltblk_submitter_flushes, or empty
 * @data: the bio is more than a flush
 * @bio: address of the bio, never dereferenced
 * @sector: first sector of the bio
 * @op: operation of the bio
 * @gate: gate of its device
 * @period: the armed period of the device in which it was made
 * @pid: the submitting process, a reference
 * @stack: its stack, if a rule could hold the request; else NULL
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
/* Notes of bios that ask for a flush, which arrives as a separate request. */
static LIST_HEAD(haltblk_submitter_flushes);
static unsigned int haltblk_submitter_nr;
/* Operations of the disks whose requests are noted. */
static const struct block_device_operations *haltblk_submitter_fops;
static bool haltblk_submitter_on;

/* A note can be done without: leave the reserves to reclaim. */
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

/* Save the current stack, if there is memory for it. */
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

/* An io_uring worker counts as the process for which it works. */
static struct task_struct *haltblk_submitter_task(void)
{
	return current->flags & PF_IO_WORKER ? current->group_leader : current;
}

/* Drop an older note with the address of a bio that needs none. */
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

/* Add a note, and drop an older one with the same address. */
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

/*
 * Make a note of a bio, without the submitter. NULL: no memory; then no note
 * has the bio's address either.
 */
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

/* Could a rule act on such a request? Sets @holds if one could hold it. */
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

/* Not inline, so that the probe need not save registers for it. */
static noinline void haltblk_submitter_look(struct haltblk_gate *gate,
					    const struct bio *bio, u64 period)
{
	bool wanted = false, flush = false, holds = false;

	if (bio->bi_opf & REQ_PREFLUSH)
		flush = haltblk_submitter_wants(gate, HALTBLK_OP_FLUSH, 0, 0,
						&holds);
	/* An empty flush has no sectors to look at. */
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

/* Probe of block_getrq; while registered, it sees all requests of all disks. */
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
	/* Most match no rule, and no note can have their address. */
	if (bio->bi_opf & REQ_PREFLUSH ||
	    haltblk_gate_minds(&dev->gate, haltblk_blk_op(bio->bi_opf)) ||
	    READ_ONCE(haltblk_submitter_nr))
		haltblk_submitter_look(&dev->gate, bio, period);
}

/*
 * Probe of a merge. A request's submitter is the process that allocated it, not
 * one whose bio was merged into it.
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
	/* Merges first: only the last, block_getrq, makes notes. */
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

/* Unregister the first @nr probes. */
static void haltblk_submitter_unregister(int nr)
{
	while (nr--)
		tracepoint_probe_unregister(haltblk_submitter_probes[nr].tp,
					    haltblk_submitter_probes[nr].probe,
					    NULL);
	tracepoint_synchronize_unregister();
}

/**
 * haltblk_submitter_init - set the disks whose requests are noted, at load
 * @fops: operations of blk-mq disks; disk->private_data is a struct
 *	haltblk_device
 */
void haltblk_submitter_init(const struct block_device_operations *fops)
{
	haltblk_submitter_fops = fops;
}

/**
 * haltblk_submitter_start - start to note submitters
 *
 * May sleep. Without the tracepoints a submitter is known only if the request
 * arrives in its context.
 */
void haltblk_submitter_start(void)
{
	int i;

	if (haltblk_submitter_on)
		return;
	if (!HALTBLK_COMPAT_PROBES_LOCK) {
		pr_info_once("probes cannot take locks on this PREEMPT_RT kernel: the submitters of requests that wait in a scheduler are unknown\n");
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

/* Drop the notes of one device, or all notes if @gate is NULL. */
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
			/* Look at each note once, and keep their order. */
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
 * haltblk_submitter_stop - stop noting submitters, and drop all notes
 *
 * May sleep.
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
 * haltblk_submitter_disarm - end a device's armed period
 * @gate: gate of the device, no longer armed; its rules_lock held
 *
 * May sleep. A probe that still saw the device armed makes a note with the old
 * period, which look-ups ignore.
 */
void haltblk_submitter_disarm(struct haltblk_gate *gate)
{
	static atomic64_t periods = ATOMIC64_INIT(0);

	lockdep_assert_held(&gate->rules_lock);
	/* Unique, even if a gate gets the address of a freed one. */
	smp_store_release(&gate->period, atomic64_inc_return(&periods));
	haltblk_submitter_forget(gate);
}

/* Is a note valid for requests of a device? */
static bool haltblk_submitter_valid(const struct haltblk_note *note,
				    const struct haltblk_gate *gate)
{
	return note->gate == gate && note->period == READ_ONCE(gate->period);
}

/* Find the note of a request: merging may have put another bio first. */
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
 * The flush machinery sends one request without a bio for all bios that wait
 * for a flush. If one waits, its submitter is the flush's. If several wait, the
 * submitter is unknown, and so is that of the next flush.
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
		/* Keep the note for the write that follows its flush. */
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
 * When the request comes again, perhaps no rule looks at it, and references in
 * its PDU would never be dropped.
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

/* Is this the context of the request's submitter? */
static bool haltblk_submitter_is_current(const struct haltblk_cmd *cmd)
{
	struct request *rq;

	/*
	 * A bio on its submitter's stack; for buffered writes the submitter is
	 * the flusher. A worker or a releaser goes on with a parked bio.
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
 * haltblk_submitter_identify - fill in a command's pid, comm and stack, if
 * known
 * @cmd: still in the context that handed it to the driver
 *
 * Call this before the command leaves that context. Later calls change nothing.
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
