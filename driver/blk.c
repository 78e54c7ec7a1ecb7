// SPDX-License-Identifier: GPL-2.0-only
/*
 * Our numbers for the block layer's operations, statuses and flags, whose own
 * numbers differ between kernels. Only tables: any context, no locks.
 */
#include "haltblk.h"

__diag_push();
__diag_ignore_all("-Woverride-init", "all others are none of ours");
const u8 haltblk_blk_ops[HALTBLK_BLK_NR_OPS] = {
	[0 ... HALTBLK_BLK_NR_OPS - 1]		= HALTBLK_BLK_OP_NONE,
	[(__force u32)REQ_OP_READ]		= HALTBLK_OP_READ,
	[(__force u32)REQ_OP_WRITE]		= HALTBLK_OP_WRITE,
	[(__force u32)REQ_OP_FLUSH]		= HALTBLK_OP_FLUSH,
	[(__force u32)REQ_OP_DISCARD]		= HALTBLK_OP_DISCARD,
	[(__force u32)REQ_OP_SECURE_ERASE]	= HALTBLK_OP_SECURE_ERASE,
	[(__force u32)REQ_OP_WRITE_ZEROES]	= HALTBLK_OP_WRITE_ZEROES,
	[(__force u32)REQ_OP_ZONE_APPEND]	= HALTBLK_OP_ZONE_APPEND,
	[(__force u32)REQ_OP_ZONE_RESET]	= HALTBLK_OP_ZONE_RESET,
	[(__force u32)REQ_OP_ZONE_RESET_ALL]	= HALTBLK_OP_ZONE_RESET,
	[(__force u32)REQ_OP_ZONE_OPEN]		= HALTBLK_OP_ZONE_OPEN,
	[(__force u32)REQ_OP_ZONE_CLOSE]	= HALTBLK_OP_ZONE_CLOSE,
	[(__force u32)REQ_OP_ZONE_FINISH]	= HALTBLK_OP_ZONE_FINISH,
};
__diag_pop();

/* The block layer's status for each of ours, BLK_STS_OK if it has none. */
const blk_status_t haltblk_blk_statuses[HALTBLK_STATUS_NR] = {
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

/** haltblk_blk_offered - get a bit for each enum haltblk_status that exists */
u32 haltblk_blk_offered(void)
{
	u32 i, offered = BIT(HALTBLK_STATUS_OK);

	for (i = 0; i < HALTBLK_STATUS_NR; i++)
		if (haltblk_blk_statuses[i] != BLK_STS_OK)
			offered |= BIT(i);
	return offered;
}

static const struct {
	blk_opf_t opf;
	u32 flag;
} haltblk_blk_flag_map[] = {
	{ REQ_FUA, HALTBLK_RQ_FUA },
	{ REQ_SYNC, HALTBLK_RQ_SYNC },
	{ REQ_META, HALTBLK_RQ_META },
	{ REQ_PRIO, HALTBLK_RQ_PRIO },
	{ REQ_RAHEAD, HALTBLK_RQ_RAHEAD },
	{ REQ_NOWAIT, HALTBLK_RQ_NOWAIT },
	{ REQ_POLLED, HALTBLK_RQ_POLLED },
};

/**
 * haltblk_blk_flags - get HALTBLK_RQ_* of a command
 * @cmd: command that has not ended
 */
u32 haltblk_blk_flags(const struct haltblk_cmd *cmd)
{
	blk_opf_t opf = cmd->dev->front->opf(cmd);
	u32 flags = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(haltblk_blk_flag_map); i++)
		if (opf & haltblk_blk_flag_map[i].opf)
			flags |= haltblk_blk_flag_map[i].flag;
	/* For other operations this bit has another meaning. */
	if (cmd->op == HALTBLK_OP_WRITE_ZEROES && opf & REQ_NOUNMAP)
		flags |= HALTBLK_RQ_NOUNMAP;
	return flags;
}
