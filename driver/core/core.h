/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The states of a request, and their order.
 */
#ifndef HALTBLK_CORE_H
#define HALTBLK_CORE_H

#include "haltblk.h"

/* pass.c */
struct haltblk_cmd *haltblk_pass_event(struct haltblk_cmd *cmd,
				       enum haltblk_event_id event);
struct haltblk_cmd *haltblk_pass_leave(struct haltblk_cmd *cmd, bool hold);
bool haltblk_pass_near(struct haltblk_gate *gate, enum haltblk_op op,
		       u64 sector, u32 nr_sectors);

/**
 * haltblk_pass_wants - must a request take the path on which rules see it?
 * @dev: device
 * @opf: operation and flags
 * @sector: first sector
 * @nr_sectors: length
 */
static __always_inline bool haltblk_pass_wants(struct haltblk_device *dev,
					       blk_opf_t opf, u64 sector,
					       u32 nr_sectors)
{
	return haltblk_gate_armed(dev) &&
	       haltblk_pass_near(&dev->gate, haltblk_blk_op(opf), sector,
				 nr_sectors);
}

/* cut.c */
bool haltblk_cut_begin(struct haltblk_device *dev);
void haltblk_cut_finish(struct haltblk_device *dev);
void haltblk_cut_undo(struct haltblk_device *dev);
bool haltblk_cut_now(struct haltblk_device *dev);
void haltblk_cut_shut(struct haltblk_device *dev);
bool haltblk_cut_settle(struct haltblk_device *dev);
int haltblk_cut_check(struct haltblk_device *dev, bool may_sleep);
void haltblk_cut_clear(struct haltblk_device *dev);

/**
 * haltblk_cut_done - has the device lost its power?
 * @dev: device
 */
static inline bool haltblk_cut_done(const struct haltblk_device *dev)
{
	return atomic_read(&dev->cut) & HALTBLK_CUT_DONE;
}

/* throttle.c */
bool haltblk_throttle_take(struct haltblk_device *dev, enum haltblk_op op,
			   u32 nr_sectors);

/* unmap.c */
bool haltblk_unmap_stops(const struct haltblk_cmd *cmd);
void haltblk_unmap_begin(struct haltblk_cmd *cmd);
bool haltblk_unmap_next(struct haltblk_cmd *cmd);
void haltblk_unmap_free(struct haltblk_cmd *cmd);

/* writeback.c */
bool haltblk_writeback_due(struct haltblk_cmd *cmd);
void haltblk_writeback_begin(struct haltblk_cmd *cmd);
bool haltblk_writeback_next(struct haltblk_cmd *cmd);
void haltblk_writeback_clean(struct haltblk_cmd *cmd);

/* inject.c */
bool haltblk_inject_hits(struct haltblk_device *dev, enum haltblk_fault_id id);
void haltblk_inject_changed(struct haltblk_device *dev);

/* cmd.c */
void haltblk_cmd_advance(struct haltblk_cmd *cmd);
void haltblk_cmd_go_on(struct haltblk_cmd *cmd,
		       const struct haltblk_verdict *verdict);
void haltblk_cmd_forget(struct haltblk_cmd *cmd);
void haltblk_cmd_work(struct work_struct *work);

#endif /* HALTBLK_CORE_H */
