// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bio mode: the block layer passes bios straight to submit_bio(), without tags,
 * scheduler or time-outs.
 *
 * A bio that does not wait is served on its submitter's stack. One that a rule
 * holds or a timer ends gets a command of its own. Such commands are counted,
 * because neither a queue freeze nor del_gendisk() waits for them.
 *
 * With a volatile cache a bio with PREFLUSH or FUA takes up to three steps:
 * flush, write, flush. Each is a request; the last ends after the time of all.
 */
#include <linux/slab.h>

#include "core/core.h"
#include "core/short.h"
#include "front.h"

static struct kmem_cache *haltblk_bio_cache;

int haltblk_bio_init(void)
{
	haltblk_bio_cache = KMEM_CACHE(haltblk_cmd, SLAB_ACCOUNT);
	return haltblk_bio_cache ? 0 : -ENOMEM;
}

void haltblk_bio_exit(void)
{
	kmem_cache_destroy(haltblk_bio_cache);
}

/*
 * Parked commands for which there is always memory, so that write-back and swap
 * make progress. Held commands have a pool of their own: they may stay for
 * ever, and a delayed one must not wait for them.
 */
#define HALTBLK_BIO_RESERVE	16

/* Make a command outlive submit_bio(). Sleeps until there is memory. */
static struct haltblk_cmd *haltblk_bio_park(struct haltblk_cmd *cmd, bool hold)
{
	struct haltblk_device *dev = cmd->dev;
	gfp_t gfp = GFP_NOIO;
	struct haltblk_cmd *own;

	if (cmd->bio->bi_opf & REQ_NOWAIT)
		gfp = GFP_NOWAIT | __GFP_NOWARN;
	own = mempool_alloc(hold ? &dev->park_held : &dev->park_timed, gfp);
	if (!own)
		return NULL;
	*own = *cmd;
	own->flags &= ~HALTBLK_CMD_F_STACK;
	if (hold)
		own->flags |= HALTBLK_CMD_F_HELD_POOL;
	atomic_inc(&dev->parked);
	return own;
}

/* Free the memory of a parked command. */
static void haltblk_bio_unpark(struct haltblk_cmd *cmd)
{
	struct haltblk_device *dev = cmd->dev;

	mempool_free(cmd, cmd->flags & HALTBLK_CMD_F_HELD_POOL ?
		     &dev->park_held : &dev->park_timed);
}

/* The operation and flags of the step that a bio takes. */
static blk_opf_t haltblk_bio_opf(const struct haltblk_cmd *cmd)
{
	blk_opf_t opf = cmd->bio->bi_opf;

	if (!cmd->dev->flushes)
		return opf;
	if (cmd->op == HALTBLK_OP_FLUSH)
		return REQ_OP_FLUSH;
	opf &= ~REQ_PREFLUSH;
	return cmd->dev->cfg.fua ? opf : opf & ~REQ_FUA;
}

/* The steps that a bio takes. */
static u8 haltblk_bio_seq(const struct haltblk_device *dev,
			  const struct bio *bio)
{
	u8 seq = 0;

	if (!dev->flushes)
		return HALTBLK_SEQ_DATA;
	if (bio->bi_opf & REQ_PREFLUSH)
		seq |= HALTBLK_SEQ_PRE;
	/* A bio without data is only a flush. */
	if (bio_sectors(bio)) {
		seq |= HALTBLK_SEQ_DATA;
		if (bio->bi_opf & REQ_FUA && !dev->cfg.fua)
			seq |= HALTBLK_SEQ_POST;
	}
	return seq ?: HALTBLK_SEQ_PRE;
}

/* Begin the next step. */
static void haltblk_bio_begin(struct haltblk_cmd *cmd)
{
	u8 seq = cmd->seq & -cmd->seq;

	cmd->seq &= ~seq;
	if (seq == HALTBLK_SEQ_DATA) {
		cmd->op = haltblk_blk_op(cmd->bio->bi_opf);
		cmd->sector = cmd->bio->bi_iter.bi_sector;
		cmd->nr_sectors = bio_sectors(cmd->bio);
		if (!cmd->nr_sectors)
			haltblk_zoned_place(cmd);
	} else {
		cmd->op = HALTBLK_OP_FLUSH;
		cmd->sector = 0;
		cmd->nr_sectors = 0;
	}
	cmd->step = HALTBLK_STEP_SUBMIT;
	cmd->rule = NULL;
	cmd->id = 0;
	cmd->corrupt = 0;
	cmd->step_rule = NULL;
	this_cpu_inc(cmd->queue->counts->submitted);
	if (unlikely(cmd->dev->locks))
		haltblk_lockmodel_submit(cmd->dev, cmd->cpu);
}

static void haltblk_bio_count(struct haltblk_queue *queue, blk_status_t status)
{
	this_cpu_inc(queue->counts->completed);
	if (unlikely(status))
		this_cpu_inc(queue->counts->failed);
}

/* A step has ended; the next one begins as a request of its own. */
static void haltblk_bio_next(struct haltblk_cmd *cmd)
{
	if (unlikely(cmd->dev->locks))
		haltblk_lockmodel_complete(cmd->dev, cmd->cpu);
	haltblk_bio_count(cmd->queue, BLK_STS_OK);
	cmd->flags &= HALTBLK_CMD_F_BIO | HALTBLK_CMD_F_STACK |
		      HALTBLK_CMD_F_SLEEP | HALTBLK_CMD_F_ACCT |
		      HALTBLK_CMD_F_SUBMITTER | HALTBLK_CMD_F_HELD_POOL;
	haltblk_bio_begin(cmd);
	haltblk_cmd_advance(cmd);
}

static void haltblk_bio_finish(struct haltblk_cmd *cmd)
{
	bool parked = !(cmd->flags & HALTBLK_CMD_F_STACK);
	struct haltblk_device *dev = cmd->dev;
	struct bio *bio = cmd->bio;

	/* It may have waited for a timer. */
	if (unlikely(haltblk_cut_done(dev)))
		cmd->status = BLK_STS_IOERR;
	if (unlikely(dev->locks))
		haltblk_lockmodel_complete(dev, cmd->cpu);
	if (cmd->flags & HALTBLK_CMD_F_ACCT)
		bio_end_io_acct(bio, cmd->start);
	haltblk_bio_count(cmd->queue, cmd->status);
	/* It may have the error of a part that was split off. */
	if (cmd->status)
		bio->bi_status = cmd->status;
	if (cmd->status == BLK_STS_AGAIN)
		bio_set_flag(bio, BIO_QUIET);
	if (parked)
		haltblk_bio_unpark(cmd);
	bio_endio(bio);
	if (parked && atomic_dec_and_test(&dev->parked))
		complete(&dev->parked_gone);
}

static enum hrtimer_restart haltblk_bio_timer(struct hrtimer *timer)
{
	haltblk_bio_finish(container_of(timer, struct haltblk_cmd, timer));
	return HRTIMER_NORESTART;
}

static void haltblk_bio_end(struct haltblk_cmd *cmd)
{
	struct haltblk_cmd *own;

	if (cmd->dev->timed)
		cmd->due += haltblk_latency_of(cmd->dev, cmd->op);
	/* The next step has the same submitter. */
	if (cmd->seq && !cmd->status) {
		haltblk_bio_next(cmd);
		return;
	}
	haltblk_cmd_forget(cmd);
	own = cmd;
	/*
	 * A submitter that must not wait learns of AGAIN before submit_bio()
	 * returns. io_uring may take a later answer for a write of no bytes.
	 */
	if ((!cmd->due && cmd->dev->irqmode != HALTBLK_IRQ_TIMER) ||
	    cmd->flags & HALTBLK_CMD_F_WAS_HELD ||
	    cmd->status == BLK_STS_AGAIN)
		own = NULL;
	else if (cmd->flags & HALTBLK_CMD_F_STACK)
		own = haltblk_bio_park(cmd, false);
	/* Without memory to wait in, a bio ends early. */
	if (!own) {
		haltblk_bio_finish(cmd);
		return;
	}
	cmd = own;
	haltblk_compat_hrtimer_setup(&cmd->timer, haltblk_bio_timer);
	hrtimer_start(&cmd->timer, ns_to_ktime(cmd->due), HRTIMER_MODE_REL);
}

static void haltblk_bio_set_sector(struct haltblk_cmd *cmd)
{
	cmd->bio->bi_iter.bi_sector = cmd->sector;
}

const struct haltblk_front haltblk_bio_front = {
	.opf		= haltblk_bio_opf,
	.park		= haltblk_bio_park,
	.end		= haltblk_bio_end,
	.set_sector	= haltblk_bio_set_sector,
};

/* The way of a bio that may wait. */
static noinline void haltblk_bio_submit_slow(struct haltblk_queue *queue,
					     struct bio *bio)
{
	struct haltblk_cmd cmd;

	if (queue->dev->integrity.on && !haltblk_compat_integrity_prep(bio))
		return;
	cmd.dev = queue->dev;
	cmd.queue = queue;
	cmd.bio = bio;
	cmd.seq = haltblk_bio_seq(queue->dev, bio);
	cmd.flags = HALTBLK_CMD_F_BIO | HALTBLK_CMD_F_STACK;
	if (!(bio->bi_opf & REQ_NOWAIT))
		cmd.flags |= HALTBLK_CMD_F_SLEEP;
	cmd.kept = false;
	cmd.status = BLK_STS_OK;
	cmd.due = 0;
	cmd.cpu = raw_smp_processor_id();
	cmd.stack = NULL;
	cmd.pid = NULL;
	cmd.comm[0] = '\0';
	if (blk_queue_io_stat(bdev_get_queue(bio->bi_bdev))) {
		cmd.flags |= HALTBLK_CMD_F_ACCT;
		cmd.start = bio_start_io_acct(bio);
	}
	haltblk_bio_begin(&cmd);
	/* The next step may run in another context. */
	if (cmd.seq && haltblk_gate_armed(cmd.dev))
		haltblk_submitter_identify(&cmd);
	haltblk_cmd_advance(&cmd);
}

/* A bio on the short way. */
struct haltblk_bio_short {
	struct haltblk_queue *queue;
	struct bio *bio;
	bool locked;
	unsigned int cpu;
	bool acct;
	unsigned long start;
};

static __always_inline struct haltblk_short_view haltblk_bio_short_view(void *p)
{
	const struct haltblk_bio_short *s = p;

	return (struct haltblk_short_view) {
		.bio = s->bio,
		.opf = s->bio->bi_opf,
		.sector = s->bio->bi_iter.bi_sector,
		.nr_sectors = bio_sectors(s->bio),
		.may_sleep = !(s->bio->bi_opf & REQ_NOWAIT),
	};
}

static __always_inline bool haltblk_bio_short_begin(struct haltblk_device *dev,
						    void *p)
{
	struct haltblk_bio_short *s = p;

	this_cpu_inc(s->queue->counts->submitted);
	s->acct = blk_queue_io_stat(bdev_get_queue(s->bio->bi_bdev));
	if (s->acct)
		s->start = bio_start_io_acct(s->bio);
	if (s->locked)
		haltblk_lockmodel_submit(dev, s->cpu);
	return !dev->plain;
}

static __always_inline void haltblk_bio_short_end(void *p, blk_status_t status)
{
	struct haltblk_bio_short *s = p;
	struct bio *bio = s->bio;

	if (s->locked)
		haltblk_lockmodel_complete(s->queue->dev, s->cpu);
	if (s->acct)
		bio_end_io_acct(bio, s->start);
	haltblk_bio_count(s->queue, status);
	if (unlikely(status)) {
		bio->bi_status = status;
		if (status == BLK_STS_AGAIN)
			bio_set_flag(bio, BIO_QUIET);
	}
	bio_endio(bio);
}

static const struct haltblk_short_front haltblk_bio_short = {
	.view	= haltblk_bio_short_view,
	.begin	= haltblk_bio_short_begin,
	.end	= haltblk_bio_short_end,
};

/* The way of a bio that never waits. */
static __always_inline void haltblk_bio_serve(struct haltblk_device *dev,
					      struct haltblk_queue *queue,
					      struct bio *bio, bool locked)
{
	struct haltblk_bio_short s = {
		.queue = queue,
		.bio = bio,
		.locked = locked,
		.cpu = locked ? raw_smp_processor_id() : 0,
	};

	haltblk_short_serve(dev, &s, &haltblk_bio_short);
}

/* No rule minds the bio, but it may have more steps, wait, or take locks. */
static noinline void haltblk_bio_serve_slow(struct haltblk_device *dev,
					    struct haltblk_queue *queue,
					    struct bio *bio)
{
	u8 why = data_race(dev->by_cmd);

	/*
	 * The short way ends a bio that must not sleep but would have to. It
	 * would come back and spend its budget again, so a worker serves it.
	 */
	if (why && ((why & HALTBLK_BY_CMD_THROTTLE && !dev->plain &&
		     bio->bi_opf & REQ_NOWAIT) ||
		    !haltblk_short_may(dev, bio->bi_opf, bio->bi_iter.bi_sector,
				       bio_sectors(bio))))
		haltblk_bio_submit_slow(queue, bio);
	else
		haltblk_bio_serve(dev, queue, bio, dev->locks);
}

static void haltblk_bio_submit(struct bio *bio)
{
	struct haltblk_device *dev = bio->bi_bdev->bd_disk->private_data;
	struct haltblk_queue *queue = dev->queues;

	bio = bio_split_to_limits(bio);
	if (!bio)
		return;
	if (haltblk_pass_wants(dev, bio->bi_opf, bio->bi_iter.bi_sector,
			       bio_sectors(bio)))
		haltblk_bio_submit_slow(queue, bio);
	else if (unlikely(data_race(dev->slow_end)))
		haltblk_bio_serve_slow(dev, queue, bio);
	else
		haltblk_bio_serve(dev, queue, bio, false);
}

const struct block_device_operations haltblk_bio_fops = {
	.owner		= THIS_MODULE,
	.submit_bio	= haltblk_bio_submit,
	.report_zones	= haltblk_zoned_report_zones,
};

/* --- the feature: bios that outlive their submit_bio() -------------------- */

static int haltblk_bio_check(const struct haltblk_device *dev)
{
	int i;

	if (dev->cfg.queue_mode)
		return 0;
	for (i = 0; i < HALTBLK_NR_OPTIONS; i++) {
		if (!(haltblk_options[i].flags & HALTBLK_OPT_F_MQ) ||
		    dev->cfg.v[i] == haltblk_options[i].dflt)
			continue;
		pr_warn("%s: power=1: %s has no effect: bio mode has no %s; write %lld, or queue_mode=2\n",
			dev->name, haltblk_feature_text(dev, i).s,
			i == HALTBLK_ID_io_timeout_ms ? "time-outs" : "tags",
			haltblk_options[i].dflt);
		return -EINVAL;
	}
	return 0;
}

static bool haltblk_bio_on(const struct haltblk_config *cfg)
{
	return !cfg->queue_mode;
}

static int haltblk_bio_start(struct haltblk_device *dev)
{
	int err;

	err = mempool_init_slab_pool(&dev->park_held, HALTBLK_BIO_RESERVE,
				     haltblk_bio_cache);
	if (err)
		return err;
	err = mempool_init_slab_pool(&dev->park_timed, HALTBLK_BIO_RESERVE,
				     haltblk_bio_cache);
	if (err) {
		mempool_exit(&dev->park_held);
		return err;
	}
	atomic_set(&dev->parked, 1);
	reinit_completion(&dev->parked_gone);
	/* A timer ends bios after submit_bio() has returned. */
	if (dev->timed)
		haltblk_feature_by_cmd(dev, HALTBLK_BY_CMD_ALL);
	return 0;
}

/* Waits for parked bios; del_gendisk() does not. */
static void haltblk_bio_stop(struct haltblk_device *dev)
{
	if (!atomic_dec_and_test(&dev->parked))
		wait_for_completion(&dev->parked_gone);
	mempool_exit(&dev->park_timed);
	mempool_exit(&dev->park_held);
}

static void haltblk_bio_create(struct haltblk_device *dev)
{
	init_completion(&dev->parked_gone);
}

static void haltblk_bio_limits(const struct haltblk_device *dev,
			       struct haltblk_limits *lim)
{
	lim->bio = true;
	lim->synchronous = !dev->timed;
}

const struct haltblk_feature haltblk_bio_feature = {
	.init	= haltblk_bio_create,
	.check	= haltblk_bio_check,
	.on	= haltblk_bio_on,
	.start	= haltblk_bio_start,
	.stop	= haltblk_bio_stop,
	.limits	= haltblk_bio_limits,
};
