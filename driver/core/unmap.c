// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state unmap: a discard, secure erase or write-zeroes frees memory extent
 * by extent, so that a rule can act before each. Process context that may
 * sleep; takes no lock of its own.
 */
#include "core.h"
#include "media/media.h"

/**
 * haltblk_unmap_stops - must a command free memory extent by extent?
 * @cmd: about to move its data
 *
 * Return: false if it frees no memory, or no rule can stop it there.
 */
bool haltblk_unmap_stops(const struct haltblk_cmd *cmd)
{
	switch (cmd->op) {
	case HALTBLK_OP_WRITE_ZEROES:
		if (cmd->dev->front->opf(cmd) & REQ_NOUNMAP)
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
 * Erase a part of a page at once. Return: false if that would free the page;
 * the part is then an extent.
 */
static bool haltblk_unmap_part(struct haltblk_cmd *cmd, u64 sector, u64 end)
{
	u64 pos = sector << SECTOR_SHIFT;
	u64 len = (end - sector) << SECTOR_SHIFT;
	bool later = len && haltblk_store_part_frees(&cmd->dev->store, pos, len,
						     cmd->erase);

	/* A secure erase also waits for pages that were discarded earlier. */
	haltblk_erase_range(cmd->dev, pos, later ? 0 : len, cmd->erase);
	return !later;
}

/**
 * haltblk_unmap_begin - prepare to free memory extent by extent
 * @cmd: haltblk_unmap_stops() returned true; may sleep
 *
 * Pages that the command covers in part are erased at once, unless that frees
 * them. So is poison that must read as zero, since it takes no memory. The rest
 * goes extent by extent.
 */
void haltblk_unmap_begin(struct haltblk_cmd *cmd)
{
	u64 sector = cmd->sector, end, first, past;
	u32 nr_sectors = cmd->nr_sectors;

	cmd->erase = haltblk_discard_plan(&cmd->dev->discard, cmd->op, false,
					  &sector, &nr_sectors);
	end = sector + nr_sectors;
	first = round_up(sector, HALTBLK_PAGE_SECTORS);
	past = round_down(end, HALTBLK_PAGE_SECTORS);
	/* All of it lies in one page: a head and no tail. */
	if (first > past)
		first = past = end;
	cmd->unmap = sector;
	cmd->unmap_past = end;
	if (haltblk_unmap_part(cmd, sector, first))
		cmd->unmap = first;
	if (haltblk_unmap_part(cmd, past, end))
		cmd->unmap_past = past;
	if (first < past && cmd->op != HALTBLK_OP_DISCARD)
		haltblk_discarded_unpoison(&cmd->dev->store,
					   first / HALTBLK_PAGE_SECTORS,
					   past / HALTBLK_PAGE_SECTORS - 1);
}

/*
 * The store has nothing up to @end, but the media may still have data that the
 * cache hides.
 */
static void haltblk_unmap_gap(struct haltblk_cmd *cmd, u64 end)
{
	if (cmd->dev->cached)
		haltblk_cache_erase(&cmd->dev->cache,
				    cmd->unmap << SECTOR_SHIFT,
				    (end - cmd->unmap) << SECTOR_SHIFT,
				    cmd->erase);
}

/**
 * haltblk_unmap_next - find the next extent to free
 * @cmd: haltblk_unmap_begin() was called
 *
 * Return: false if none is left; otherwise @cmd->extent is set.
 */
bool haltblk_unmap_next(struct haltblk_cmd *cmd)
{
	unsigned long index, nr;
	u64 end;

	if (cmd->unmap >= cmd->unmap_past)
		return false;
	index = cmd->unmap / HALTBLK_PAGE_SECTORS;
	nr = haltblk_store_extent(&cmd->dev->store, &index,
				  (cmd->unmap_past - 1) / HALTBLK_PAGE_SECTORS,
				  cmd->erase);
	if (!nr) {
		haltblk_unmap_gap(cmd, cmd->unmap_past);
		return false;
	}
	/* It may cover only a part of the first and the last page. */
	end = (u64)(index + nr) * HALTBLK_PAGE_SECTORS;
	cmd->extent = max(cmd->unmap, (u64)index * HALTBLK_PAGE_SECTORS);
	cmd->extent_sectors = min(cmd->unmap_past, end) - cmd->extent;
	haltblk_unmap_gap(cmd, cmd->extent);
	return true;
}

/**
 * haltblk_unmap_free - free the extent that was found
 * @cmd: command that may sleep
 */
void haltblk_unmap_free(struct haltblk_cmd *cmd)
{
	haltblk_erase_range(cmd->dev, cmd->extent << SECTOR_SHIFT,
			    (u64)cmd->extent_sectors << SECTOR_SHIFT,
			    cmd->erase);
	cmd->unmap = cmd->extent + cmd->extent_sectors;
}
