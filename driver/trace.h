/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints haltblk:*. Operations and states are our numbers (uapi/haltblk.h)
 * and are printed by name (uapi/haltblk_words.h). At unmap and writeback the
 * sectors are those of the extent or block.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM haltblk

#if !defined(HALTBLK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define HALTBLK_TRACE_H

#include <linux/blkdev.h>
#include <linux/tracepoint.h>

#include "uapi/haltblk.h"

/*
 * Each list begins with a number that does not occur, because each of the other
 * elements begins with a comma.
 */
#define HALTBLK_TRACE_WORD(name, nr, word, offered, arg, text)		\
	, { nr, word }

#define haltblk_trace_op(op)						\
	__print_symbolic(op, { HALTBLK_EVENT_NONE, "?" }		\
			 HALTBLK_OPS(HALTBLK_TRACE_WORD))

#define haltblk_trace_event(event)					\
	__print_symbolic(event, { HALTBLK_EVENT_NONE, "?" }		\
			 HALTBLK_EVENTS(HALTBLK_TRACE_WORD))

TRACE_EVENT(haltblk_submit,
	TP_PROTO(const char *name, u32 op, u64 sector, u32 sectors),
	TP_ARGS(name, op, sector, sectors),
	TP_STRUCT__entry(
		__array(char, name, HALTBLK_NAME_LEN)
		__field(u32, op)
		__field(u64, sector)
		__field(u32, sectors)
	),
	TP_fast_assign(
		strscpy(__entry->name, name, HALTBLK_NAME_LEN);
		__entry->op = op;
		__entry->sector = sector;
		__entry->sectors = sectors;
	),
	TP_printk("%s %s %llu+%u", __entry->name,
		  haltblk_trace_op(__entry->op), __entry->sector,
		  __entry->sectors)
);

TRACE_EVENT(haltblk_complete,
	TP_PROTO(const char *name, u32 op, u64 sector, u32 sectors,
		 blk_status_t status),
	TP_ARGS(name, op, sector, sectors, status),
	TP_STRUCT__entry(
		__array(char, name, HALTBLK_NAME_LEN)
		__field(u32, op)
		__field(u64, sector)
		__field(u32, sectors)
		__field(int, error)
	),
	TP_fast_assign(
		strscpy(__entry->name, name, HALTBLK_NAME_LEN);
		__entry->op = op;
		__entry->sector = sector;
		__entry->sectors = sectors;
		__entry->error = blk_status_to_errno(status);
	),
	TP_printk("%s %s %llu+%u error %d", __entry->name,
		  haltblk_trace_op(__entry->op), __entry->sector,
		  __entry->sectors, __entry->error)
);

DECLARE_EVENT_CLASS(haltblk_gate,
	TP_PROTO(const char *name, const char *tag, u64 id, u32 event, u32 op,
		 u64 sector, u32 sectors),
	TP_ARGS(name, tag, id, event, op, sector, sectors),
	TP_STRUCT__entry(
		__array(char, name, HALTBLK_NAME_LEN)
		__array(char, tag, HALTBLK_TAG_LEN)
		__field(u64, id)
		__field(u32, event)
		__field(u32, op)
		__field(u64, sector)
		__field(u32, sectors)
	),
	TP_fast_assign(
		strscpy(__entry->name, name, HALTBLK_NAME_LEN);
		strscpy(__entry->tag, tag, HALTBLK_TAG_LEN);
		__entry->id = id;
		__entry->event = event;
		__entry->op = op;
		__entry->sector = sector;
		__entry->sectors = sectors;
	),
	TP_printk("%s %s id %llu %s %s %llu+%u", __entry->name,
		  __entry->tag, __entry->id,
		  haltblk_trace_event(__entry->event),
		  haltblk_trace_op(__entry->op), __entry->sector,
		  __entry->sectors)
);

DEFINE_EVENT(haltblk_gate, haltblk_held,
	TP_PROTO(const char *name, const char *tag, u64 id, u32 event, u32 op,
		 u64 sector, u32 sectors),
	TP_ARGS(name, tag, id, event, op, sector, sectors)
);

DEFINE_EVENT(haltblk_gate, haltblk_released,
	TP_PROTO(const char *name, const char *tag, u64 id, u32 event, u32 op,
		 u64 sector, u32 sectors),
	TP_ARGS(name, tag, id, event, op, sector, sectors)
);

#endif /* HALTBLK_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
