/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The kernel interface as the user side compiles it: sizes, offsets, numbers.
 * The driver asserts the same figures. A structure may only grow at its end;
 * then its size here changes and nothing else.
 */
#include <stddef.h>

#include "libhaltblk.h"
#include "tap.h"

/* A compile-time check, counted so that the output shows it. */
#define SAME(a, b) do { \
	_Static_assert((a) == (b), #a " is not " #b); \
	tap_int((long long)(a), (long long)(b), "%s", #a); \
} while (0)
#define SIZE(s, n)	SAME(sizeof(struct s), n)
#define AT(s, f, n)	SAME(offsetof(struct s, f), n)

static void sizes(void)
{
	SIZE(haltblk_hdr, 16);
	SIZE(haltblk_query, 48);
	SIZE(haltblk_attach, 48);
	SIZE(haltblk_rule, 176);
	SIZE(haltblk_remove, 56);
	SIZE(haltblk_wait, 88);
	SIZE(haltblk_resume, 72);
	SIZE(haltblk_held, 112);
	SIZE(haltblk_table, 32);
	SIZE(haltblk_list_entry, 40);
	SIZE(haltblk_config_entry, 64);
	SIZE(haltblk_hctx_stats, 32);
	SIZE(haltblk_lock_stats, 72);
	SIZE(haltblk_stats, 80);
	SIZE(haltblk_step, 32);
	SIZE(haltblk_backtrace, 40);
	SIZE(haltblk_event, 112);
	SIZE(haltblk_watch, 32);
	SIZE(haltblk_keep_id, 16);
	SIZE(haltblk_keep, 24);
	SIZE(haltblk_clone, 72);
	SIZE(haltblk_crash_device, 56);
	SIZE(haltblk_crash, 32);
	SIZE(haltblk_pending, 40);
	SIZE(haltblk_record, 40);
	SIZE(haltblk_record_entry, 64);
	SIZE(haltblk_mark, 288);
	SIZE(haltblk_patch_range, 32);
	SIZE(haltblk_patch, 32);
	SIZE(haltblk_extent, 16);
	SIZE(haltblk_extents, 40);
}

/* These never change: they are what the first programs were built with. */
static void first_sizes(void)
{
	SAME(HALTBLK_QUERY_SIZE_0, 48);
	SAME(HALTBLK_ATTACH_SIZE_0, 48);
	SAME(HALTBLK_RULE_SIZE_0, 176);
	SAME(HALTBLK_REMOVE_SIZE_0, 56);
	SAME(HALTBLK_WAIT_SIZE_0, 88);
	SAME(HALTBLK_RESUME_SIZE_0, 72);
	SAME(HALTBLK_TABLE_SIZE_0, 32);
	SAME(HALTBLK_STATS_SIZE_0, 72);
	SAME(HALTBLK_STEP_SIZE_0, 32);
	SAME(HALTBLK_BACKTRACE_SIZE_0, 40);
	SAME(HALTBLK_EVENT_SIZE_0, 112);
	SAME(HALTBLK_WATCH_SIZE_0, 24);
	SAME(HALTBLK_CLONE_SIZE_0, 48);
	SAME(HALTBLK_CRASH_DEVICE_SIZE_0, 56);
	SAME(HALTBLK_CRASH_SIZE_0, 32);
	SAME(HALTBLK_RECORD_SIZE_0, 40);
	SAME(HALTBLK_MARK_SIZE_0, 288);
	SAME(HALTBLK_PATCH_SIZE_0, 32);
	SAME(HALTBLK_EXTENTS_SIZE_0, 40);
}

static void offsets(void)
{
	AT(haltblk_hdr, size, 0);
	AT(haltblk_hdr, flags, 4);
	AT(haltblk_hdr, why, 8);
	AT(haltblk_query, abi, 16);
	AT(haltblk_query, ioctls, 40);
	AT(haltblk_attach, name, 16);
	AT(haltblk_rule, tag, 16);
	AT(haltblk_rule, event, 48);
	AT(haltblk_rule, ops, 60);
	AT(haltblk_rule, sector, 64);
	AT(haltblk_rule, hctx, 80);
	AT(haltblk_rule, comm, 96);
	AT(haltblk_rule, state, 112);
	AT(haltblk_rule, reserved, 124);
	AT(haltblk_rule, skip, 128);
	AT(haltblk_rule, arg, 144);
	AT(haltblk_rule, matches, 152);
	AT(haltblk_rule, held, 168);
	AT(haltblk_rule, armed, 172);
}

static void more_offsets(void)
{
	AT(haltblk_remove, tag, 16);
	AT(haltblk_remove, removed, 48);
	AT(haltblk_remove, released, 52);
	AT(haltblk_wait, count, 48);
	AT(haltblk_wait, timeout_ns, 56);
	AT(haltblk_wait, matches, 64);
	AT(haltblk_wait, held, 80);
	AT(haltblk_wait, armed, 84);
	AT(haltblk_resume, ids, 48);
	AT(haltblk_resume, nr_ids, 56);
	AT(haltblk_resume, status, 60);
	AT(haltblk_resume, released, 64);
	AT(haltblk_held, age_ns, 32);
	AT(haltblk_held, event, 40);
	AT(haltblk_held, pid, 60);
	AT(haltblk_held, tag, 64);
	AT(haltblk_held, comm, 96);
	AT(haltblk_table, buf, 16);
	AT(haltblk_table, nr, 24);
	AT(haltblk_table, entry_size, 28);
	AT(haltblk_list_entry, index, 32);
	AT(haltblk_config_entry, value, 32);
	AT(haltblk_hctx_stats, held, 24);
	AT(haltblk_hctx_stats, hctx, 28);
	AT(haltblk_lock_stats, acquisitions, 32);
	AT(haltblk_lock_stats, hold_ns, 56);
	AT(haltblk_lock_stats, hctx, 64);
	AT(haltblk_stats, inflight, 40);
	AT(haltblk_stats, held, 48);
	AT(haltblk_stats, stored_pages, 56);
	AT(haltblk_stats, cached_blocks, 64);
	AT(haltblk_stats, shared_pages, 72);
	AT(haltblk_step, event, 24);
	AT(haltblk_backtrace, len, 32);
	AT(haltblk_event, seq, 8);
	AT(haltblk_event, op, 56);
	AT(haltblk_event, tag, 80);
	AT(haltblk_watch, room, 20);
	AT(haltblk_watch, entry_size, 24);
	AT(haltblk_clone, source, 16);
}

static void crash_offsets(void)
{
	AT(haltblk_clone, keep, 48);
	AT(haltblk_keep, ids, 8);
	AT(haltblk_keep, seed, 16);
	AT(haltblk_crash_device, keep, 32);
	AT(haltblk_crash, device_size, 28);
	AT(haltblk_pending, sectors, 16);
	AT(haltblk_pending, op, 20);
	AT(haltblk_pending, flags, 24);
	AT(haltblk_pending, order, 32);
	AT(haltblk_record, names, 16);
	AT(haltblk_record, entry_size, 32);
	AT(haltblk_record_entry, what, 4);
	AT(haltblk_record_entry, flags, 8);
	AT(haltblk_record_entry, seq, 16);
	AT(haltblk_record_entry, sector, 48);
	AT(haltblk_record_entry, data_len, 60);
	AT(haltblk_mark, text, 32);
	AT(haltblk_patch, range_size, 28);
	AT(haltblk_patch_range, how, 24);
	AT(haltblk_extents, buf, 24);
	AT(haltblk_extents, nr, 32);
}

static void numbers(void)
{
	/* An ioctl's number has no size and no direction. */
	SAME(HALTBLK_IOC_QUERY, 0xb700);
	SAME(HALTBLK_IOC_ATTACH, 0xb701);
	SAME(HALTBLK_IOC_BREAK, 0xb702);
	SAME(HALTBLK_IOC_REMOVE, 0xb703);
	SAME(HALTBLK_IOC_WAIT, 0xb704);
	SAME(HALTBLK_IOC_RESUME, 0xb705);
	SAME(HALTBLK_IOC_HELD, 0xb706);
	SAME(HALTBLK_IOC_RULES, 0xb707);
	SAME(HALTBLK_IOC_STATS, 0xb708);
	SAME(HALTBLK_IOC_HCTX_STATS, 0xb709);
	SAME(HALTBLK_IOC_LIST, 0xb70a);
	SAME(HALTBLK_IOC_CONFIG, 0xb70b);
	SAME(HALTBLK_IOC_STEP, 0xb70c);
	SAME(HALTBLK_IOC_BACKTRACE, 0xb70d);
	SAME(HALTBLK_IOC_WATCH, 0xb70e);
	SAME(HALTBLK_IOC_LOCKS, 0xb70f);
	SAME(HALTBLK_IOC_CLONE, 0xb710);
	SAME(HALTBLK_IOC_CRASH, 0xb711);
	SAME(HALTBLK_IOC_PENDING, 0xb712);
	SAME(HALTBLK_IOC_RECORD, 0xb713);
	SAME(HALTBLK_IOC_MARK, 0xb714);
	SAME(HALTBLK_IOC_PATCH, 0xb715);
	SAME(HALTBLK_IOC_EXTENTS, 0xb716);
}

int main(void)
{
	sizes();
	first_sizes();
	offsets();
	more_offsets();
	crash_offsets();
	numbers();
	return tap_done();
}
