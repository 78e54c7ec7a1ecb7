/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The output of the function-graph tracer, parsed into calls and returns.
 */
#include <errno.h>
#include <string.h>

#include "tap.h"
#include "range/tracefs.h"

static struct hbc_record record;

static void feed(const char *const *lines)
{
	char line[256];

	hbc_record_free(&record);
	tap_int(hbc_record_init(&record), 0, "an empty record");
	for (; *lines; lines++) {
		snprintf(line, sizeof(line), "%s\n", *lines);
		hbc_record_line(&record, line);
	}
}

static void call(int i, const char *name, int parent)
{
	tap_ok(i < record.nr_calls, "call %d is there", i);
	tap_str(record.calls[i].name, name, "call %d", i);
	tap_int(record.calls[i].parent, parent, "its caller");
}

static void a_failure(void)
{
	static const char *const lines[] = {
		"# tracer: function_graph", "#",
		"# CPU  DURATION                  FUNCTION CALLS",
		"# |     |   |                     |   |   |   |",
		" 0)               |  do_sys_open() {",
		" 0)   0.3 us      |    getname();",
		" 0)   1.3 us      |  }",
		" 0)               |  blkdev_ioctl() {",
		" 0)   0.3 us      |    blkdev_common_ioctl();",
		" 0)   1.1 us      |  }",
		" 1)               |  blkdev_ioctl() {",
		" 1)               |    blkdev_common_ioctl() {",
		" 1)   ==========> |",
		" 1)               |    sysvec_apic_timer_interrupt() {",
		" 1)   0.3 us      |      irq_enter_rcu();",
		" 1)   2.3 us      |    }",
		" 1)   <========== |",
		" 1)   0.3 us      |      __might_fault();",
		" 1)               |      blk_ioctl_discard.part.0() {",
		" 1)   0.3 us      |        hb_x [haltblk]();",
		" 1)   0.3 us      |      } /* blk_ioctl_discard.part.0 */",
		" 1)               |  /* blk_ioctl_discard_part_0: (blkdev_common_ioctl+0x10/0x20 <- blk_ioctl_discard.part.0) ret=-22 */",
		" 1)   1.1 us      |    }",
		" 1)               |  /* blkdev_common_ioctl: (blkdev_ioctl+0x10/0x20 <- blkdev_common_ioctl) ret=-22 */",
		" 1)   1.1 us      |  }",
		" 1)               |  /* blkdev_ioctl: (__x64_sys_ioctl+0x1/0x2 <- blkdev_ioctl) ret=-22 */",
		" 1)   0.2 us      |  fput();",
		" 1)   0.2 us      |  }",
		NULL
	};
	const struct hbc_return *first;

	feed(lines);
	tap_int(record.nr_calls, 5, "the calls of the last ioctl");
	call(0, "blkdev_ioctl", -1);
	call(1, "blkdev_common_ioctl", 0);
	call(2, "__might_fault", 1);
	call(3, "blk_ioctl_discard.part.0", 1);
	call(4, "hb_x", 3);
	tap_int(record.nr_returns, 3, "the returns");
	first = hbc_record_first(&record, -EINVAL);
	tap_str(first ? first->name : NULL, "blk_ioctl_discard.part.0",
		"the first one");
	tap_int(first ? hbc_record_find(&record, first) : -1, 3,
		"and its call");
	tap_ok(!hbc_record_first(&record, -EIO), "another errno");
}

static void odd_text(void)
{
	static const char *const lines[] = {
		"", "no bar", " 0)  |", " 0)  |  }", " 0)  |  /* nonsense */",
		" 0)  |  /* a: (b <- c) ret=5 */", " 0)  |  /* a: (b <- c", NULL
	};

	feed(lines);
	tap_int(record.nr_calls, 0, "no call");
	tap_int(record.nr_returns, 0, "no return");
	tap_int(record.open, -1, "nothing is open");
}

/* More calls than fit, and the ends of all of them. */
static void too_many(void)
{
	char line[64];
	int i;

	hbc_record_free(&record);
	hbc_record_init(&record);
	strcpy(line, "0) | blkdev_ioctl() {");
	hbc_record_line(&record, line);
	for (i = 0; i < 30000; i++) {
		strcpy(line, "0) | f() {");
		hbc_record_line(&record, line);
		strcpy(line, "0) | leaf();");
		hbc_record_line(&record, line);
		strcpy(line, "0) | }");
		hbc_record_line(&record, line);
	}
	tap_ok(record.nr_calls < 30000, "some were left out");
	tap_int(record.open, 0, "the first one goes on");
	strcpy(line, "0) | }");
	hbc_record_line(&record, line);
	tap_int(record.open, -1, "and ends");
}

int main(void)
{
	a_failure();
	odd_text();
	too_many();
	hbc_record_free(&record);
	return tap_done();
}
