// SPDX-License-Identifier: GPL-2.0-only
/*
 * blk-mq: requests in, completions out.
 *
 * queue_rq and queue_rqs run in process context and must not sleep unless the
 * device has blocking=1. On the short way a request's PDU stays untouched,
 * unless the request waits for memory, for a softirq or for a timer.
 */
#include <linux/slab.h>

#include "core/core.h"
#include "core/short.h"
#include "front.h"

/**
 * struct haltblk_batch - requests of one plug that end together
 * @iob: the block layer's batch
 * @first: request that was added first; NULL if none was
 */
struct haltblk_batch {
	struct io_comp_batch iob;
	struct request *first;
};

static struct haltblk_queue *haltblk_mq_queue(const struct request *rq)
{
	return rq->mq_hctx->driver_data;
}

static __always_inline void haltblk_mq_count(struct haltblk_queue *queue,
					     blk_status_t status)
{
	this_cpu_inc(queue->counts->completed);
	if (unlikely(status))
		this_cpu_inc(queue->counts->failed);
}

/* End a request that is not in a batch; also blk_mq_ops.complete. */
static void haltblk_mq_finish(struct request *rq)
{
	struct haltblk_cmd *cmd = blk_mq_rq_to_pdu(rq);
	struct haltblk_queue *queue = haltblk_mq_queue(rq);
	blk_status_t status = cmd->status;

	/* It may have waited for a timer or a softirq. */
	if (unlikely(haltblk_cut_done(queue->dev)))
		status = BLK_STS_IOERR;
	if (unlikely(queue->dev->locks))
		haltblk_lockmodel_complete(queue->dev, queue->index);
	haltblk_mq_count(queue, status);
	blk_mq_end_request(rq, status);
}

static enum hrtimer_restart haltblk_mq_timer(struct hrtimer *timer)
{
	struct haltblk_cmd *cmd = container_of(timer, struct haltblk_cmd,
					       timer);

	haltblk_mq_finish(blk_mq_rq_from_pdu(cmd));
	return HRTIMER_NORESTART;
}

/* Polling ends it, but not before @ns. The list is in the order they are due. */
static void haltblk_mq_poll_later(struct request *rq, u64 ns)
{
	struct haltblk_queue *queue = haltblk_mq_queue(rq);
	struct haltblk_cmd *cmd = blk_mq_rq_to_pdu(rq), *other;
	struct request *pos;

	cmd->due = queue->dev->timed ? ktime_get_ns() + ns : 0;
	spin_lock(&queue->poll_lock);
	list_for_each_entry_reverse(pos, &queue->poll_list, queuelist) {
		other = blk_mq_rq_to_pdu(pos);
		if (other->due <= cmd->due)
			break;
	}
	list_add(&rq->queuelist, &pos->queuelist);
	spin_unlock(&queue->poll_lock);
}

/*
 * Complete later: when polled, by softirq or by a timer. Return: false if the
 * caller must complete the request now; the lock model has had its turn.
 */
static noinline bool haltblk_mq_complete_later(struct request *rq,
					       blk_status_t status)
{
	struct haltblk_cmd *cmd = blk_mq_rq_to_pdu(rq);
	struct haltblk_queue *queue = haltblk_mq_queue(rq);
	u8 irqmode = queue->dev->irqmode;
	u64 ns = 0;

	cmd->status = status;
	if (queue->dev->timed)
		ns = haltblk_latency_of(queue->dev,
					haltblk_blk_op(rq->cmd_flags));
	if (rq->mq_hctx->type == HCTX_TYPE_POLL) {
		haltblk_mq_poll_later(rq, ns);
		return true;
	}
	if (ns || irqmode == HALTBLK_IRQ_TIMER) {
		haltblk_compat_hrtimer_setup(&cmd->timer, haltblk_mq_timer);
		hrtimer_start(&cmd->timer, ns_to_ktime(ns), HRTIMER_MODE_REL);
		return true;
	}
	if (irqmode == HALTBLK_IRQ_INLINE) {
		if (queue->dev->locks)
			haltblk_lockmodel_complete(queue->dev, queue->index);
		return false;
	}
	blk_mq_complete_request(rq);
	return true;
}

static __always_inline void haltblk_mq_complete(struct request *rq,
						struct haltblk_queue *queue,
						blk_status_t status,
						struct haltblk_batch *batch)
{
	if ((queue->dev->slow_end || unlikely(rq->cmd_flags & REQ_POLLED)) &&
	    haltblk_mq_complete_later(rq, status))
		return;
	haltblk_mq_count(queue, status);
	if (!batch || !blk_mq_add_to_batch(rq, &batch->iob,
					   status != BLK_STS_OK,
					   blk_mq_end_request_batch))
		blk_mq_end_request(rq, status);
	else if (!batch->first)
		batch->first = rq;
}

static blk_opf_t haltblk_mq_opf(const struct haltblk_cmd *cmd)
{
	return blk_mq_rq_from_pdu((void *)cmd)->cmd_flags;
}

/*
 * A request that was held ends at once, whatever irqmode says, so that requests
 * end in the order in which they are released.
 */
static void haltblk_mq_end(struct haltblk_cmd *cmd)
{
	struct request *rq = blk_mq_rq_from_pdu(cmd);

	haltblk_cmd_forget(cmd);
	if (cmd->flags & HALTBLK_CMD_F_WAS_HELD)
		haltblk_mq_finish(rq);
	else
		haltblk_mq_complete(rq, cmd->queue, cmd->status, NULL);
}

/*
 * The mark makes this happen once. The request keeps its id, so that watchers
 * know it again. Until it comes back it does not count as in flight.
 */
static void haltblk_mq_hand_back(struct haltblk_cmd *cmd)
{
	struct request *rq = blk_mq_rq_from_pdu(cmd);

	rq->rq_flags |= RQF_DONTPREP;
	haltblk_submitter_note_again(cmd);
	this_cpu_dec(cmd->queue->counts->submitted);
	blk_mq_requeue_request(rq, true);
}

static void haltblk_mq_set_sector(struct haltblk_cmd *cmd)
{
	blk_mq_rq_from_pdu(cmd)->__sector = cmd->sector;
}

const struct haltblk_front haltblk_mq_front = {
	.opf		= haltblk_mq_opf,
	.set_sector	= haltblk_mq_set_sector,
	.end		= haltblk_mq_end,
	.hand_back	= haltblk_mq_hand_back,
};

static struct haltblk_cmd *haltblk_mq_init_cmd(struct request *rq,
					       struct haltblk_queue *queue)
{
	struct haltblk_cmd *cmd = blk_mq_rq_to_pdu(rq);

	cmd->dev = queue->dev;
	cmd->queue = queue;
	cmd->bio = rq->bio;
	cmd->op = haltblk_blk_op(rq->cmd_flags);
	cmd->step = HALTBLK_STEP_SUBMIT;
	cmd->flags = queue->dev->blocking ? HALTBLK_CMD_F_SLEEP : 0;
	if (rq->rq_flags & RQF_DONTPREP)
		cmd->flags |= HALTBLK_CMD_F_AGAIN;
	else
		cmd->id = 0;
	cmd->status = BLK_STS_OK;
	cmd->sector = blk_rq_pos(rq);
	cmd->nr_sectors = blk_rq_sectors(rq);
	if (!cmd->nr_sectors)
		haltblk_zoned_place(cmd);
	cmd->rule = NULL;
	cmd->cpu = blk_mq_rq_cpu(rq);
	cmd->corrupt = 0;
	cmd->step_rule = NULL;
	cmd->stack = NULL;
	cmd->pid = NULL;
	cmd->comm[0] = '\0';
	return cmd;
}

/* Memory is short or the operation may take long: a worker moves the data. */
static noinline void haltblk_mq_defer(struct request *rq,
				      struct haltblk_queue *queue)
{
	struct haltblk_cmd *cmd = haltblk_mq_init_cmd(rq, queue);

	INIT_WORK(&cmd->work, haltblk_cmd_work);
	queue_work(haltblk_wq, &cmd->work);
}

/* A request on the short way. */
struct haltblk_mq_short {
	struct request *rq;
	struct haltblk_queue *queue;
	struct haltblk_batch *batch;
};

static __always_inline struct haltblk_short_view haltblk_mq_short_view(void *p)
{
	const struct haltblk_mq_short *s = p;

	return (struct haltblk_short_view) {
		.bio = s->rq->bio,
		.opf = s->rq->cmd_flags,
		.sector = blk_rq_pos(s->rq),
		.nr_sectors = blk_rq_sectors(s->rq),
		.may_sleep = s->queue->dev->blocking,
	};
}

static __always_inline bool haltblk_mq_short_begin(struct haltblk_device *dev,
						   void *p)
{
	const struct haltblk_mq_short *s = p;

	this_cpu_inc(s->queue->counts->submitted);
	if (dev->bare)
		return false;
	if (unlikely(dev->locks)) {
		haltblk_lockmodel_submit(dev, s->queue->index);
		if (dev->plain)
			return false;
	}
	return s->rq->bio;
}

static __always_inline void haltblk_mq_short_end(void *p, blk_status_t status)
{
	const struct haltblk_mq_short *s = p;

	haltblk_mq_complete(s->rq, s->queue, status, s->batch);
}

static __always_inline void haltblk_mq_short_defer(void *p)
{
	const struct haltblk_mq_short *s = p;

	haltblk_mq_defer(s->rq, s->queue);
}

static const struct haltblk_short_front haltblk_mq_short = {
	.view	= haltblk_mq_short_view,
	.begin	= haltblk_mq_short_begin,
	.end	= haltblk_mq_short_end,
	.defer	= haltblk_mq_short_defer,
};

/* The way on which rules see a request. */
static void haltblk_mq_issue_cmd(struct request *rq,
				 struct haltblk_queue *queue)
{
	struct haltblk_cmd *cmd = haltblk_mq_init_cmd(rq, queue);

	this_cpu_inc(queue->counts->submitted);
	if (queue->dev->locks)
		haltblk_lockmodel_submit(queue->dev, queue->index);
	/* One submitter's flush must not be taken for the next one's. */
	if (cmd->op == HALTBLK_OP_FLUSH && haltblk_gate_armed(cmd->dev))
		haltblk_submitter_identify(cmd);
	haltblk_cmd_advance(cmd);
}

/* A rule minds the request, or a feature has hooks. */
static noinline void haltblk_mq_issue_slow(struct request *rq,
					   struct haltblk_batch *batch)
{
	struct haltblk_mq_short s = {
		.rq = rq, .queue = haltblk_mq_queue(rq), .batch = batch,
	};
	struct haltblk_device *dev = s.queue->dev;

	if (dev->by_cmd &&
	    !haltblk_pass_wants(dev, rq->cmd_flags, blk_rq_pos(rq),
				blk_rq_sectors(rq)) &&
	    haltblk_short_may(dev, rq->cmd_flags, blk_rq_pos(rq),
			      blk_rq_sectors(rq)))
		haltblk_short_serve(dev, &s, &haltblk_mq_short);
	else
		haltblk_mq_issue_cmd(rq, s.queue);
}

static __always_inline void haltblk_mq_issue(struct request *rq,
					     struct haltblk_batch *batch)
{
	struct haltblk_mq_short s = {
		.rq = rq, .queue = haltblk_mq_queue(rq), .batch = batch,
	};
	struct haltblk_device *dev = s.queue->dev;

	haltblk_compat_start_request(rq);
	if (haltblk_pass_wants(dev, rq->cmd_flags, blk_rq_pos(rq),
			       blk_rq_sectors(rq)) ||
	    unlikely(data_race(dev->by_cmd)))
		haltblk_mq_issue_slow(rq, batch);
	else
		haltblk_short_serve(dev, &s, &haltblk_mq_short);
}

static blk_status_t haltblk_mq_queue_rq(struct blk_mq_hw_ctx *hctx,
					const struct blk_mq_queue_data *bd)
{
	haltblk_mq_issue(bd->rq, NULL);
	return BLK_STS_OK;
}

/*
 * The requests of one plug. They end as one batch, in the order of submission.
 */
static void haltblk_mq_queue_rqs(haltblk_rq_list_t *list)
{
	struct haltblk_batch batch = { };
	struct haltblk_device *dev;
	struct request *rq;

	haltblk_compat_order_plug(list);
	while ((rq = rq_list_pop(list))) {
		dev = haltblk_mq_queue(rq)->dev;
		/* Ended requests must not wait while another one sleeps. */
		haltblk_mq_issue(rq, dev->blocking ? NULL : &batch);
	}
	if (!batch.first)
		return;
	haltblk_compat_order_batch(&batch.iob, batch.first);
	batch.iob.complete(&batch.iob);
}

/*
 * Polled requests moved their data when they were queued. Polling ends them.
 */
static int haltblk_mq_poll(struct blk_mq_hw_ctx *hctx,
			   struct io_comp_batch *iob)
{
	struct haltblk_queue *queue = hctx->driver_data;
	struct request *rq, *next;
	struct haltblk_cmd *cmd;
	LIST_HEAD(list);
	int nr = 0;

	spin_lock(&queue->poll_lock);
	list_for_each_entry_safe(rq, next, &queue->poll_list, queuelist) {
		/* The list is in the order in which requests are due. */
		cmd = blk_mq_rq_to_pdu(rq);
		if (cmd->due && cmd->due > ktime_get_ns())
			break;
		blk_mq_set_request_complete(rq);
		list_move_tail(&rq->queuelist, &list);
	}
	spin_unlock(&queue->poll_lock);

	while ((rq = list_first_entry_or_null(&list, struct request,
					      queuelist))) {
		list_del_init(&rq->queuelist);
		cmd = blk_mq_rq_to_pdu(rq);
		if (unlikely(haltblk_cut_done(queue->dev)))
			cmd->status = BLK_STS_IOERR;
		if (unlikely(queue->dev->locks))
			haltblk_lockmodel_complete(queue->dev, queue->index);
		haltblk_mq_count(queue, cmd->status);
		if (!blk_mq_add_to_batch(rq, iob, cmd->status != BLK_STS_OK,
					 blk_mq_end_request_batch))
			blk_mq_end_request(rq, cmd->status);
		nr++;
	}
	return nr;
}

/* timeout_inject: a request that nothing else would end. */
static bool haltblk_mq_found(struct haltblk_cmd *cmd)
{
	const struct haltblk_verdict fail = {
		.fail = true,
		.status = BLK_STS_TIMEOUT,
	};

	if (!smp_load_acquire(&cmd->lost))
		return false;
	cmd->lost = false;
	cmd->flags |= HALTBLK_CMD_F_WAS_HELD;
	haltblk_cmd_go_on(cmd, &fail);
	return true;
}

/*
 * A request is late. If it is held or delayed, its timer starts again, or with
 * hold_timeout=fire it passes the state timeout and fails. If nobody polls for
 * it, it ends here, since its data has moved.
 */
static enum blk_eh_timer_return haltblk_mq_timeout(struct request *rq)
{
	struct haltblk_queue *queue = haltblk_mq_queue(rq);
	struct request *pos;
	bool found = false;

	if (haltblk_release_time_out(&queue->dev->gate, blk_mq_rq_to_pdu(rq),
				  READ_ONCE(queue->dev->cfg.hold_timeout)))
		return BLK_EH_DONE;
	if (haltblk_mq_found(blk_mq_rq_to_pdu(rq)))
		return BLK_EH_DONE;
	if (rq->mq_hctx->type != HCTX_TYPE_POLL)
		return BLK_EH_RESET_TIMER;
	spin_lock(&queue->poll_lock);
	list_for_each_entry(pos, &queue->poll_list, queuelist) {
		if (pos != rq)
			continue;
		list_del_init(&rq->queuelist);
		found = true;
		break;
	}
	spin_unlock(&queue->poll_lock);
	if (!found)
		return BLK_EH_RESET_TIMER;
	haltblk_mq_finish(rq);
	return BLK_EH_DONE;
}

const struct blk_mq_ops haltblk_mq_ops = {
	.queue_rq	= haltblk_mq_queue_rq,
	.queue_rqs	= haltblk_mq_queue_rqs,
	.complete	= haltblk_mq_finish,
	.timeout	= haltblk_mq_timeout,
	.poll		= haltblk_mq_poll,
	.init_hctx	= haltblk_tags_init_hctx,
	.map_queues	= haltblk_tags_map_queues,
};

const struct block_device_operations haltblk_mq_fops = {
	.owner		= THIS_MODULE,
	.report_zones	= haltblk_zoned_report_zones,
};
