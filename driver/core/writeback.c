// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state writeback: a flush, or a write that finds no room in the cache,
 * writes cached blocks back one by one, so that a rule can act before each.
 * Process context that may sleep; takes no lock of its own.
 */
#include "core.h"

/**
 * haltblk_writeback_due - must a command write blocks back first?
 * @cmd: about to move its data
 *
 * A flush writes back everything written before it. A write makes room.
 */
bool haltblk_writeback_due(struct haltblk_cmd *cmd)
{
	struct haltblk_cache *cache = &cmd->dev->cache;

	if (!cmd->dev->cached || cmd->flags & HALTBLK_CMD_F_CLEANED)
		return false;
	if (cmd->op == HALTBLK_OP_FLUSH)
		return READ_ONCE(cache->nr);
	return cmd->op == HALTBLK_OP_WRITE &&
	       !(cmd->dev->front->opf(cmd) &
		 (REQ_FUA | HALTBLK_COMPAT_REQ_ATOMIC)) &&
	       !haltblk_cache_fits(cache, cmd->sector << SECTOR_SHIFT,
				   (u64)cmd->nr_sectors << SECTOR_SHIFT);
}

/**
 * haltblk_writeback_begin - prepare to write back block by block
 * @cmd: haltblk_writeback_due() returned true
 */
void haltblk_writeback_begin(struct haltblk_cmd *cmd)
{
	cmd->clean_after = 0;
	cmd->clean_upto = U64_MAX;
	/* A flush covers what was written before it. */
	if (cmd->op == HALTBLK_OP_FLUSH)
		cmd->clean_upto = haltblk_cache_last(&cmd->dev->cache);
}

/**
 * haltblk_writeback_next - find the next block to write back
 * @cmd: haltblk_writeback_begin() was called
 *
 * Return: false if none is left; otherwise @cmd->extent is set.
 */
bool haltblk_writeback_next(struct haltblk_cmd *cmd)
{
	unsigned long index;

	if (!haltblk_writeback_due(cmd) ||
	    !haltblk_cache_next(&cmd->dev->cache, &cmd->clean_after,
				cmd->clean_upto, &index)) {
		cmd->flags |= HALTBLK_CMD_F_CLEANED;
		return false;
	}
	cmd->extent = (u64)index * HALTBLK_PAGE_SECTORS;
	cmd->extent_sectors = HALTBLK_PAGE_SECTORS;
	return true;
}

/**
 * haltblk_writeback_clean - write back the block that was found
 * @cmd: command that may sleep
 */
void haltblk_writeback_clean(struct haltblk_cmd *cmd)
{
	haltblk_cache_clean(&cmd->dev->cache,
			    cmd->extent / HALTBLK_PAGE_SECTORS);
	cond_resched();
}
