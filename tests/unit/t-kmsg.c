/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The command knows failures in the kernel log by the test runner's list.
 */
#include <stdio.h>
#include <string.h>

#include "scenario/run.h"
#include "tap.h"

int main(void)
{
	static const char *const failures[] = {
		"WARNING: CPU: 0 PID: 91 at mm/util.c:671 kvmalloc_node+0x9c/0xb0",
		"BUG: KASAN: slab-out-of-bounds in bad_kasan+0x4c/0x60",
		"Oops: 0002 [#1] PREEMPT SMP NOPTI",
		"INFO: task fio:91 blocked for more than 120 seconds.",
		"kernel BUG at block/blk-mq.c:2412!",
	};
	static const char *const others[] = {
		"", "EXT4-fs (hb0): mounted filesystem",
		"Page cache invalidation failure on direct I/O.  Possible data corruption due to collision with buffered I/O!",
		"DEBUG: x",
	};
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(failures); i++)
		tap_ok(hbc_log_is_failure(failures[i]), "a failure: %s",
		       failures[i]);
	for (i = 0; i < HBC_ARRAY_SIZE(others); i++)
		tap_ok(!hbc_log_is_failure(others[i]), "no failure: %s",
		       others[i]);
	return tap_done();
}
