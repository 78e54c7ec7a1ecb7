// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a request. Only haltblk_cmd_advance() knows their order. It
 * moves a command on until it ends or is parked. Submitters, workers and
 * releasers call it. Process context; sleeps only if HALTBLK_CMD_F_SLEEP is
 * set, and in bio mode when it first holds or delays a bio. Takes no locks.
 */
#include <linux/slab.h>

#include "core.h"
#include "media/media.h"
#include "trace.h"

static blk_opf_t haltblk_cmd_opf(const struct haltblk_cmd *cmd)
{
	return cmd->dev->front->opf(cmd);
}

/**
 * haltblk_cmd_forget - drop a command's references to its submitter
 * @cmd: command that is about to be freed or reused
 */
void haltblk_cmd_forget(struct haltblk_cmd *cmd)
{
	put_pid(cmd->pid);
	cmd->pid = NULL;
	kfree(cmd->stack);
	cmd->stack = NULL;
}

static void haltblk_cmd_end(struct haltblk_cmd *cmd)
{
	const struct haltblk_device *dev = cmd->dev;
	unsigned int i;

	if (unlikely(haltblk_cut_done(dev)))
		cmd->status = BLK_STS_IOERR;
	if (cmd->step_rule)
		haltblk_rules_put(cmd->step_rule);
	cmd->step_rule = NULL;
	if (haltblk_events_on(&cmd->dev->gate))
		haltblk_events_record(cmd, cmd->status ? HALTBLK_WHAT_FAILED :
				      HALTBLK_WHAT_COMPLETED, NULL, 0);
	trace_haltblk_complete(cmd->dev->name, cmd->op, cmd->sector,
			       cmd->nr_sectors, cmd->status);
	for_each_set_bit(i, &dev->hooked, HALTBLK_NR_FEATURES)
		if (dev->hooks[i]->end)
			dev->hooks[i]->end(cmd);
	dev->front->end(cmd);
}

/*
 * A command has to sleep. Return: false if a worker goes on with it.
 *
 * Rules may have acted on it already, so a worker takes a bio with REQ_NOWAIT,
 * too. If there is no memory for that, the bio ends at once: its submitter
 * sends it again, and no rule sees this end.
 */
static bool haltblk_cmd_sleep_later(struct haltblk_cmd *cmd)
{
	struct haltblk_cmd *own = cmd;

	if (cmd->flags & HALTBLK_CMD_F_STACK)
		own = haltblk_pass_leave(cmd, false);
	if (!own) {
		cmd->status = BLK_STS_AGAIN;
		cmd->step = HALTBLK_STEP_END;
		return true;
	}
	INIT_WORK(&own->work, haltblk_cmd_work);
	queue_work(haltblk_wq, &own->work);
	return false;
}

/* action=corrupt: invert the first bytes that a command moved. */
static void haltblk_cmd_damage(struct haltblk_cmd *cmd)
{
	u64 most = (u64)haltblk_cmd_kept(cmd) << SECTOR_SHIFT;

	if (cmd->bio && !cmd->dev->plain)
		haltblk_data_damage(cmd->dev, cmd->bio, cmd->op, cmd->sector,
				    min_t(u64, cmd->corrupt, most));
	cmd->corrupt = 0;
}

/*
 * Moving the data ended with an error, with 0, or with a positive value: done.
 * Return: false if a worker goes on.
 */
static bool haltblk_cmd_moved(struct haltblk_cmd *cmd, int err)
{
	if (err == -EAGAIN)
		return haltblk_cmd_sleep_later(cmd);
	if (err < 0)
		cmd->status = errno_to_blk_status(err);
	else if (cmd->corrupt)
		haltblk_cmd_damage(cmd);
	return true;
}

/*
 * Ask the features before the data moves, and again if the command has to wait.
 * Return: 0 to go on; 1 if a feature has done all that the request asks for;
 * -EAGAIN to ask again where it may sleep; or the error that it fails with.
 */
static int haltblk_cmd_move_features(struct haltblk_cmd *cmd)
{
	const struct haltblk_device *dev = cmd->dev;
	unsigned int i;
	int err;

	for_each_set_bit(i, &dev->hooked, HALTBLK_NR_FEATURES) {
		err = dev->hooks[i]->move ? dev->hooks[i]->move(cmd) : 0;
		if (err)
			return err;
	}
	return 0;
}

/* Does a command change the device's data? Unknown operations fail anyway. */
static bool haltblk_cmd_changes(const struct haltblk_cmd *cmd)
{
	return cmd->op != HALTBLK_OP_READ && cmd->op != HALTBLK_OP_FLUSH;
}

/* Tell the features that a request ends well without moving data. */
static void haltblk_cmd_drop_features(struct haltblk_cmd *cmd)
{
	const struct haltblk_device *dev = cmd->dev;
	unsigned int i;

	for_each_set_bit(i, &dev->hooked, HALTBLK_NR_FEATURES)
		if (dev->hooks[i]->drop)
			dev->hooks[i]->drop(cmd);
}

/* Move data. Return: false if a worker goes on. */
static bool haltblk_cmd_move(struct haltblk_cmd *cmd)
{
	int err;

	if (unlikely(atomic_read(&cmd->dev->cut))) {
		err = haltblk_cut_check(cmd->dev,
					cmd->flags & HALTBLK_CMD_F_SLEEP);
		if (err)
			return haltblk_cmd_moved(cmd, err);
	}
	if (cmd->flags & HALTBLK_CMD_F_DROP) {
		haltblk_cmd_drop_features(cmd);
		return true;
	}
	if (unlikely(READ_ONCE(cmd->dev->cloning)) && haltblk_cmd_changes(cmd)) {
		if (!(cmd->flags & HALTBLK_CMD_F_SLEEP))
			return haltblk_cmd_sleep_later(cmd);
		haltblk_clone_wait(cmd->dev);
	}
	err = haltblk_cmd_move_features(cmd);
	if (err)
		return haltblk_cmd_moved(cmd, err);
	if (cmd->dev->plain)
		return true;
	if (unlikely(haltblk_writeback_due(cmd))) {
		if (!(cmd->flags & HALTBLK_CMD_F_SLEEP))
			return haltblk_cmd_sleep_later(cmd);
		haltblk_writeback_begin(cmd);
		cmd->step = HALTBLK_STEP_WRITEBACK;
		return true;
	}
	if (cmd->op == HALTBLK_OP_FLUSH || !cmd->bio)
		return true;
	if (unlikely(haltblk_unmap_stops(cmd))) {
		if (!(cmd->flags & HALTBLK_CMD_F_SLEEP))
			return haltblk_cmd_sleep_later(cmd);
		haltblk_unmap_begin(cmd);
		cmd->step = HALTBLK_STEP_UNMAP;
		return true;
	}
	err = haltblk_data_move(cmd->dev, cmd->bio, haltblk_cmd_opf(cmd),
				cmd->sector, haltblk_cmd_kept(cmd),
				cmd->flags & HALTBLK_CMD_F_SLEEP);
	return haltblk_cmd_moved(cmd, err);
}

/* The request has reached the driver. */
static struct haltblk_cmd *haltblk_cmd_submit(struct haltblk_cmd *cmd)
{
	trace_haltblk_submit(cmd->dev->name, cmd->op, cmd->sector,
			     cmd->nr_sectors);
	cmd->admitted = 0;
	/* A request with an id was handed back, and is already recorded. */
	if (haltblk_events_on(&cmd->dev->gate) && !cmd->id)
		haltblk_events_record(cmd, HALTBLK_WHAT_SUBMITTED, NULL, 0);
	return haltblk_pass_event(cmd, HALTBLK_EVENT_SUBMIT);
}

/*
 * Let the features admit or refuse a request. Later steps may be retried, but
 * each feature is asked once for each request, so it may move a write pointer
 * or spend a budget here.
 *
 * A feature returns the command to go on with. To end it, the feature sets a
 * status and the step HALTBLK_STEP_END. To keep it for a while, the feature
 * returns NULL and passes the command to the gate's go_on() later; then the
 * next feature is asked. A command on its submitter's stack cannot be kept: the
 * front's park() gives it memory of its own.
 */
static struct haltblk_cmd *haltblk_cmd_admit(struct haltblk_cmd *cmd)
{
	const struct haltblk_feature *feature;
	unsigned int i;

	if (cmd->op == HALTBLK_BLK_OP_NONE) {
		cmd->status = BLK_STS_NOTSUPP;
		cmd->step = HALTBLK_STEP_END;
		return cmd;
	}
	for (;;) {
		i = find_next_bit(&cmd->dev->hooked, HALTBLK_NR_FEATURES,
				  cmd->admitted);
		if (i >= HALTBLK_NR_FEATURES)
			break;
		cmd->admitted = i + 1;
		feature = cmd->dev->hooks[i];
		if (!feature->admit)
			continue;
		/* If the feature keeps the command, it goes on from here. */
		cmd->step = HALTBLK_STEP_ADMIT;
		cmd = feature->admit(cmd);
		if (!cmd || cmd->step != HALTBLK_STEP_ADMIT)
			return cmd;
	}
	cmd->step = HALTBLK_STEP_MEDIA;
	return cmd;
}

/* The request's data has moved. */
static struct haltblk_cmd *haltblk_cmd_complete(struct haltblk_cmd *cmd)
{
	cmd = haltblk_pass_event(cmd, HALTBLK_EVENT_COMPLETE);
	if (cmd && unlikely(cmd->corrupt) && !cmd->status)
		haltblk_cmd_damage(cmd);
	return cmd;
}

/* blk-mq's time-out of the request has expired. */
static struct haltblk_cmd *haltblk_cmd_time_out(struct haltblk_cmd *cmd)
{
	cmd->status = BLK_STS_TIMEOUT;
	cmd->step = HALTBLK_STEP_END;
	return haltblk_pass_event(cmd, HALTBLK_EVENT_TIMEOUT);
}

static struct haltblk_cmd *haltblk_cmd_unmap(struct haltblk_cmd *cmd)
{
	if (haltblk_unmap_next(cmd))
		return haltblk_pass_event(cmd, HALTBLK_EVENT_UNMAP);
	cmd->step = HALTBLK_STEP_COMPLETE;
	return cmd;
}

static struct haltblk_cmd *haltblk_cmd_write_back(struct haltblk_cmd *cmd)
{
	if (haltblk_writeback_next(cmd))
		return haltblk_pass_event(cmd, HALTBLK_EVENT_WRITEBACK);
	cmd->step = HALTBLK_STEP_MOVE;
	return cmd;
}

/**
 * haltblk_cmd_advance - go on with a command at its current step
 * @cmd: owned by the caller, which gives it up
 */
void haltblk_cmd_advance(struct haltblk_cmd *cmd)
{
	while (cmd) {
		/* Advance it before the gate: a releaser goes on behind it. */
		switch (cmd->step++) {
		case HALTBLK_STEP_SUBMIT:
			cmd = haltblk_cmd_submit(cmd);
			break;
		case HALTBLK_STEP_ADMIT:
			cmd = haltblk_cmd_admit(cmd);
			break;
		case HALTBLK_STEP_MEDIA:
			cmd = haltblk_pass_event(cmd, HALTBLK_EVENT_MEDIA);
			break;
		case HALTBLK_STEP_MOVE:
			if (!haltblk_cmd_move(cmd))
				return;
			break;
		case HALTBLK_STEP_COMPLETE:
			cmd = haltblk_cmd_complete(cmd);
			break;
		case HALTBLK_STEP_TIMEOUT:
			cmd = haltblk_cmd_time_out(cmd);
			break;
		case HALTBLK_STEP_UNMAP:
			cmd = haltblk_cmd_unmap(cmd);
			break;
		case HALTBLK_STEP_FREE:
			haltblk_unmap_free(cmd);
			cmd->step = HALTBLK_STEP_UNMAP;
			break;
		case HALTBLK_STEP_WRITEBACK:
			cmd = haltblk_cmd_write_back(cmd);
			break;
		case HALTBLK_STEP_CLEAN:
			haltblk_writeback_clean(cmd);
			cmd->step = HALTBLK_STEP_WRITEBACK;
			break;
		default:
			haltblk_cmd_end(cmd);
			return;
		}
	}
}

/**
 * haltblk_cmd_go_on - go on with a command that was held or delayed
 * @cmd: owned by the caller, which gives it up
 * @verdict: go on, or end
 */
void haltblk_cmd_go_on(struct haltblk_cmd *cmd,
		       const struct haltblk_verdict *verdict)
{
	if (verdict->fail) {
		cmd->status = verdict->status;
		haltblk_cmd_end(cmd);
	} else {
		haltblk_cmd_advance(cmd);
	}
}

/**
 * haltblk_cmd_work - go on with a command in a worker, which may sleep
 * @work: the command's work
 */
void haltblk_cmd_work(struct work_struct *work)
{
	struct haltblk_cmd *cmd = container_of(work, struct haltblk_cmd, work);

	/* Repeat the step that had to sleep. */
	cmd->step = HALTBLK_STEP_MOVE;
	cmd->flags |= HALTBLK_CMD_F_SLEEP;
	haltblk_cmd_advance(cmd);
}
