// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a request. haltblk_cmd_advance() is the only place that knows
 * their order; it moves a command on until it ends or is parked, and may be
 * called by a submitter, by a worker and by whoever releases a held command.
 * Process context; sleeps only if HALTBLK_CMD_F_SLEEP is set. Takes no locks.
 */
#include <linux/slab.h>

#include "haltblk.h"
#include "trace.h"

__diag_push();
__diag_ignore_all("-Woverride-init", "all others are none of ours");
const u8 haltblk_cmd_ops[HALTBLK_CMD_NR_OPS] = {
	[0 ... HALTBLK_CMD_NR_OPS - 1]		= HALTBLK_CMD_OP_NONE,
	[(__force u32)REQ_OP_READ]		= HALTBLK_OP_READ,
	[(__force u32)REQ_OP_WRITE]		= HALTBLK_OP_WRITE,
	[(__force u32)REQ_OP_FLUSH]		= HALTBLK_OP_FLUSH,
	[(__force u32)REQ_OP_DISCARD]		= HALTBLK_OP_DISCARD,
	[(__force u32)REQ_OP_SECURE_ERASE]	= HALTBLK_OP_SECURE_ERASE,
	[(__force u32)REQ_OP_WRITE_ZEROES]	= HALTBLK_OP_WRITE_ZEROES,
};
__diag_pop();

/* The block layer's status of each of ours; BLK_STS_OK where it has none. */
const blk_status_t haltblk_cmd_statuses[HALTBLK_STATUS_NR] = {
	[HALTBLK_STATUS_OK]		= BLK_STS_OK,
	[HALTBLK_STATUS_NOTSUPP]	= BLK_STS_NOTSUPP,
	[HALTBLK_STATUS_TIMEOUT]	= BLK_STS_TIMEOUT,
	[HALTBLK_STATUS_NOSPC]		= BLK_STS_NOSPC,
	[HALTBLK_STATUS_TRANSPORT]	= BLK_STS_TRANSPORT,
	[HALTBLK_STATUS_TARGET]		= BLK_STS_TARGET,
	[HALTBLK_STATUS_RESV_CONFLICT]	= HALTBLK_COMPAT_STS_RESV_CONFLICT,
	[HALTBLK_STATUS_MEDIUM]		= BLK_STS_MEDIUM,
	[HALTBLK_STATUS_PROTECTION]	= BLK_STS_PROTECTION,
	[HALTBLK_STATUS_RESOURCE]	= BLK_STS_RESOURCE,
	[HALTBLK_STATUS_IOERR]		= BLK_STS_IOERR,
	[HALTBLK_STATUS_AGAIN]		= BLK_STS_AGAIN,
	[HALTBLK_STATUS_OFFLINE]	= BLK_STS_OFFLINE,
	[HALTBLK_STATUS_ZONE_OPEN_RESOURCE] = BLK_STS_ZONE_OPEN_RESOURCE,
	[HALTBLK_STATUS_ZONE_ACTIVE_RESOURCE] = BLK_STS_ZONE_ACTIVE_RESOURCE,
	[HALTBLK_STATUS_DURATION_LIMIT]	= HALTBLK_COMPAT_STS_DURATION_LIMIT,
	[HALTBLK_STATUS_INVAL]		= HALTBLK_COMPAT_STS_INVAL,
};

/** haltblk_cmd_offered - a bit for each enum haltblk_status this kernel has */
u32 haltblk_cmd_offered(void)
{
	u32 i, offered = BIT(HALTBLK_STATUS_OK);

	for (i = 0; i < HALTBLK_STATUS_NR; i++)
		if (haltblk_cmd_statuses[i] != BLK_STS_OK)
			offered |= BIT(i);
	return offered;
}

static const struct {
	blk_opf_t opf;
	u32 flag;
} haltblk_cmd_flags[] = {
	{ REQ_FUA, HALTBLK_RQ_FUA },
	{ REQ_SYNC, HALTBLK_RQ_SYNC },
	{ REQ_META, HALTBLK_RQ_META },
	{ REQ_PRIO, HALTBLK_RQ_PRIO },
	{ REQ_RAHEAD, HALTBLK_RQ_RAHEAD },
	{ REQ_NOWAIT, HALTBLK_RQ_NOWAIT },
	{ REQ_POLLED, HALTBLK_RQ_POLLED },
};

static blk_opf_t haltblk_cmd_opf(const struct haltblk_cmd *cmd)
{
	return cmd->dev->front->opf(cmd);
}

/**
 * haltblk_cmd_rq_flags - HALTBLK_RQ_* of a command
 * @cmd: not ended
 */
u32 haltblk_cmd_rq_flags(const struct haltblk_cmd *cmd)
{
	blk_opf_t opf = haltblk_cmd_opf(cmd);
	u32 flags = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(haltblk_cmd_flags); i++)
		if (opf & haltblk_cmd_flags[i].opf)
			flags |= haltblk_cmd_flags[i].flag;
	/* The bit has another meaning in other operations. */
	if (cmd->op == HALTBLK_OP_WRITE_ZEROES && opf & REQ_NOUNMAP)
		flags |= HALTBLK_RQ_NOUNMAP;
	return flags;
}

/**
 * haltblk_cmd_forget - drop what a command knows of its submitter
 * @cmd: about to be gone for good
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
	if (cmd->step_rule)
		haltblk_breaks_put_rule(cmd->step_rule);
	cmd->step_rule = NULL;
	if (haltblk_events_on(&cmd->dev->gate))
		haltblk_events_record(cmd, cmd->status ? HALTBLK_WHAT_FAILED :
				      HALTBLK_WHAT_COMPLETED, NULL, 0);
	trace_haltblk_complete(cmd->dev->name, cmd->op, cmd->sector,
			       cmd->nr_sectors, cmd->status);
	cmd->dev->front->end(cmd);
}

/**
 * haltblk_cmd_fail - end a command with a status, wherever it is
 * @cmd: owned by the caller
 * @status: may be BLK_STS_OK
 */
void haltblk_cmd_fail(struct haltblk_cmd *cmd, blk_status_t status)
{
	cmd->status = status;
	haltblk_cmd_end(cmd);
}

#define HALTBLK_CMD_PAGE_SECTORS	(PAGE_SIZE >> SECTOR_SHIFT)

/* Does it free memory, and is there somebody to stop it doing so? */
static bool haltblk_cmd_stops_at_unmap(const struct haltblk_cmd *cmd)
{
	switch (cmd->op) {
	case HALTBLK_OP_WRITE_ZEROES:
		if (haltblk_cmd_opf(cmd) & REQ_NOUNMAP)
			return false;
		break;
	case HALTBLK_OP_DISCARD:
	case HALTBLK_OP_SECURE_ERASE:
		break;
	default:
		return false;
	}
	return cmd->flags & HALTBLK_CMD_F_STEP ||
	       (haltblk_gate_armed(cmd->dev) &&
		READ_ONCE(cmd->dev->gate.events) & BIT(HALTBLK_EVENT_UNMAP));
}

/*
 * Erase a part of a page at once. False: not now, for that would free the page,
 * which is then an extent.
 */
static bool haltblk_cmd_erase_part(struct haltblk_cmd *cmd, u64 sector, u64 end)
{
	u64 pos = sector << SECTOR_SHIFT;
	u64 len = (end - sector) << SECTOR_SHIFT;
	bool later = len && haltblk_store_part_frees(&cmd->dev->store, pos, len,
						     cmd->erase);

	/* A secure erase is also about what was discarded earlier. */
	haltblk_data_erase(cmd->dev, pos, later ? 0 : len, cmd->erase);
	return !later;
}

/*
 * Pages covered in part that stay are erased at once, and so is what has no
 * memory; the others go extent by extent.
 */
static void haltblk_cmd_begin_unmap(struct haltblk_cmd *cmd)
{
	u64 sector = cmd->sector, end, first, past;
	u32 nr_sectors = cmd->nr_sectors;

	cmd->erase = haltblk_discard_plan(&cmd->dev->discard, cmd->op, false,
					  &sector, &nr_sectors);
	end = sector + nr_sectors;
	first = round_up(sector, HALTBLK_CMD_PAGE_SECTORS);
	past = round_down(end, HALTBLK_CMD_PAGE_SECTORS);
	/* All of it in one page: a head, and nothing behind. */
	if (first > past)
		first = past = end;
	cmd->unmap = sector;
	cmd->unmap_past = end;
	if (haltblk_cmd_erase_part(cmd, sector, first))
		cmd->unmap = first;
	if (haltblk_cmd_erase_part(cmd, past, end))
		cmd->unmap_past = past;
	if (first < past && cmd->op != HALTBLK_OP_DISCARD)
		haltblk_discarded_unpoison(&cmd->dev->store,
					   first / HALTBLK_CMD_PAGE_SECTORS,
					   past / HALTBLK_CMD_PAGE_SECTORS - 1);
}

/* Up to there is nothing in the store; the media may have what the cache hides. */
static void haltblk_cmd_erase_gap(struct haltblk_cmd *cmd, u64 end)
{
	if (cmd->dev->cached)
		haltblk_cache_erase(&cmd->dev->cache,
				    cmd->unmap << SECTOR_SHIFT,
				    (end - cmd->unmap) << SECTOR_SHIFT,
				    cmd->erase);
}

/* The next extent of the command, if there is one. */
static bool haltblk_cmd_next_extent(struct haltblk_cmd *cmd)
{
	unsigned long index, nr;
	u64 end;

	if (cmd->unmap >= cmd->unmap_past)
		return false;
	index = cmd->unmap / HALTBLK_CMD_PAGE_SECTORS;
	nr = haltblk_store_extent(&cmd->dev->store, &index,
				  (cmd->unmap_past - 1) / HALTBLK_CMD_PAGE_SECTORS,
				  cmd->erase);
	if (!nr) {
		haltblk_cmd_erase_gap(cmd, cmd->unmap_past);
		return false;
	}
	/* What it has of the first and the last page may be a part. */
	end = (u64)(index + nr) * HALTBLK_CMD_PAGE_SECTORS;
	cmd->extent = max(cmd->unmap, (u64)index * HALTBLK_CMD_PAGE_SECTORS);
	cmd->extent_sectors = min(cmd->unmap_past, end) - cmd->extent;
	haltblk_cmd_erase_gap(cmd, cmd->extent);
	return true;
}

static void haltblk_cmd_free_extent(struct haltblk_cmd *cmd)
{
	haltblk_data_erase(cmd->dev, cmd->extent << SECTOR_SHIFT,
			   (u64)cmd->extent_sectors << SECTOR_SHIFT,
			   cmd->erase);
	cmd->unmap = cmd->extent + cmd->extent_sectors;
}

/* Are there blocks that a flush, or a write that finds no room, must write back? */
static bool haltblk_cmd_must_clean(struct haltblk_cmd *cmd)
{
	struct haltblk_cache *cache = &cmd->dev->cache;

	if (!cmd->dev->cached || cmd->flags & HALTBLK_CMD_F_CLEANED)
		return false;
	if (cmd->op == HALTBLK_OP_FLUSH)
		return READ_ONCE(cache->nr);
	return cmd->op == HALTBLK_OP_WRITE &&
	       !(haltblk_cmd_opf(cmd) &
		 (REQ_FUA | HALTBLK_COMPAT_REQ_ATOMIC)) &&
	       !haltblk_cache_fits(cache, cmd->sector << SECTOR_SHIFT,
				   (u64)cmd->nr_sectors << SECTOR_SHIFT);
}

static void haltblk_cmd_begin_clean(struct haltblk_cmd *cmd)
{
	cmd->clean_after = 0;
	cmd->clean_upto = U64_MAX;
	/* A flush is about what was written before it. */
	if (cmd->op == HALTBLK_OP_FLUSH)
		cmd->clean_upto = haltblk_cache_last(&cmd->dev->cache);
	cmd->step = HALTBLK_STEP_WRITEBACK;
}

/* The next block to write back, if there is one. */
static bool haltblk_cmd_next_block(struct haltblk_cmd *cmd)
{
	unsigned long index;

	if (!haltblk_cmd_must_clean(cmd) ||
	    !haltblk_cache_next(&cmd->dev->cache, &cmd->clean_after,
				cmd->clean_upto, &index)) {
		cmd->flags |= HALTBLK_CMD_F_CLEANED;
		return false;
	}
	cmd->extent = (u64)index * HALTBLK_CMD_PAGE_SECTORS;
	cmd->extent_sectors = HALTBLK_CMD_PAGE_SECTORS;
	return true;
}

/* It has to sleep. False: a worker goes on. */
static bool haltblk_cmd_sleep_later(struct haltblk_cmd *cmd)
{
	/* A bio on its submitter's stack is one that asked not to wait. */
	if (cmd->flags & HALTBLK_CMD_F_STACK) {
		cmd->status = BLK_STS_AGAIN;
		return true;
	}
	INIT_WORK(&cmd->work, haltblk_cmd_work);
	queue_work(haltblk_wq, &cmd->work);
	return false;
}

/* How many sectors reach the media: action=torn leaves no half of an atomic write. */
static u32 haltblk_cmd_kept(const struct haltblk_cmd *cmd)
{
	if (!(cmd->flags & HALTBLK_CMD_F_TORN) || cmd->torn >= cmd->nr_sectors)
		return cmd->nr_sectors;
	return haltblk_cmd_opf(cmd) & HALTBLK_COMPAT_REQ_ATOMIC ? 0 : cmd->torn;
}

/* Move data. False: a worker goes on. */
static bool haltblk_cmd_move(struct haltblk_cmd *cmd)
{
	int err;

	if (cmd->dev->plain || cmd->flags & HALTBLK_CMD_F_DROP)
		return true;
	if (unlikely(haltblk_cmd_must_clean(cmd))) {
		if (!(cmd->flags & HALTBLK_CMD_F_SLEEP))
			return haltblk_cmd_sleep_later(cmd);
		haltblk_cmd_begin_clean(cmd);
		return true;
	}
	if (cmd->op == HALTBLK_OP_FLUSH || !cmd->bio)
		return true;
	if (unlikely(haltblk_cmd_stops_at_unmap(cmd))) {
		if (!(cmd->flags & HALTBLK_CMD_F_SLEEP))
			return haltblk_cmd_sleep_later(cmd);
		haltblk_cmd_begin_unmap(cmd);
		cmd->step = HALTBLK_STEP_UNMAP;
		return true;
	}
	err = haltblk_data_move(cmd->dev, cmd->bio, haltblk_cmd_opf(cmd),
				cmd->sector, haltblk_cmd_kept(cmd),
				cmd->flags & HALTBLK_CMD_F_SLEEP);
	if (err == -EAGAIN)
		return haltblk_cmd_sleep_later(cmd);
	if (err)
		cmd->status = errno_to_blk_status(err);
	else if (cmd->corrupt)
		haltblk_cmd_damage(cmd);
	return true;
}

/**
 * haltblk_cmd_damage - invert the first bytes of what a command moved
 * @cmd: its data has moved; @cmd->corrupt is spent
 */
void haltblk_cmd_damage(struct haltblk_cmd *cmd)
{
	u64 most = (u64)haltblk_cmd_kept(cmd) << SECTOR_SHIFT;

	if (cmd->bio && !cmd->dev->plain)
		haltblk_data_damage(cmd->dev, cmd->bio, cmd->op, cmd->sector,
				    min_t(u64, cmd->corrupt, most));
	cmd->corrupt = 0;
}

/**
 * haltblk_cmd_advance - go on from where a command is
 * @cmd: owned by the caller, who gives it up
 */
void haltblk_cmd_advance(struct haltblk_cmd *cmd)
{
	for (;;) {
		/* Set before the gate: whoever releases goes on behind it. */
		switch (cmd->step++) {
		case HALTBLK_STEP_SUBMIT:
			/* No record: those who watch have no word for it. */
			if (cmd->op == HALTBLK_CMD_OP_NONE) {
				cmd->status = BLK_STS_NOTSUPP;
				cmd->step = HALTBLK_STEP_END;
				break;
			}
			/* One with an id was handed back, and said to be here. */
			if (haltblk_events_on(&cmd->dev->gate) && !cmd->id)
				haltblk_events_record(cmd,
						      HALTBLK_WHAT_SUBMITTED,
						      NULL, 0);
			if (!haltblk_pass_event(cmd, HALTBLK_EVENT_SUBMIT))
				return;
			break;
		case HALTBLK_STEP_MEDIA:
			if (!haltblk_pass_event(cmd, HALTBLK_EVENT_MEDIA))
				return;
			break;
		case HALTBLK_STEP_MOVE:
			if (!haltblk_cmd_move(cmd))
				return;
			break;
		case HALTBLK_STEP_COMPLETE:
			if (!haltblk_pass_event(cmd, HALTBLK_EVENT_COMPLETE))
				return;
			break;
		case HALTBLK_STEP_TIMEOUT:
			cmd->status = BLK_STS_TIMEOUT;
			cmd->step = HALTBLK_STEP_END;
			if (!haltblk_pass_event(cmd, HALTBLK_EVENT_TIMEOUT))
				return;
			break;
		case HALTBLK_STEP_UNMAP:
			if (!haltblk_cmd_next_extent(cmd))
				cmd->step = HALTBLK_STEP_COMPLETE;
			else if (!haltblk_pass_event(cmd, HALTBLK_EVENT_UNMAP))
				return;
			break;
		case HALTBLK_STEP_FREE:
			haltblk_cmd_free_extent(cmd);
			cmd->step = HALTBLK_STEP_UNMAP;
			break;
		case HALTBLK_STEP_WRITEBACK:
			if (!haltblk_cmd_next_block(cmd))
				cmd->step = HALTBLK_STEP_MOVE;
			else if (!haltblk_pass_event(cmd, HALTBLK_EVENT_WRITEBACK))
				return;
			break;
		case HALTBLK_STEP_CLEAN:
			haltblk_cache_clean(&cmd->dev->cache, cmd->extent /
					    HALTBLK_CMD_PAGE_SECTORS);
			cmd->step = HALTBLK_STEP_WRITEBACK;
			cond_resched();
			break;
		default:
			haltblk_cmd_end(cmd);
			return;
		}
	}
}

/**
 * haltblk_cmd_work - go on in a worker, which may sleep
 * @work: of a command
 */
void haltblk_cmd_work(struct work_struct *work)
{
	struct haltblk_cmd *cmd = container_of(work, struct haltblk_cmd, work);

	/* The step that could not be taken is taken again. */
	cmd->step = HALTBLK_STEP_MOVE;
	cmd->flags |= HALTBLK_CMD_F_SLEEP;
	haltblk_cmd_advance(cmd);
}
