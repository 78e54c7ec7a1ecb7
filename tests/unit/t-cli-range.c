/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * discard, zeroout, secdiscard, limits. The I/O happens in a child, so what it
 * did is read from memory that both share.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <linux/fs.h>

#include "fake.h"
#include "run.h"
#include "tap.h"

static void done(const char *words, unsigned long nr, uint64_t offset,
		 uint64_t length)
{
	fake.blk_nr = 0;
	run_is(words, 0, "", "");
	tap_ok(fake.blk_nr == nr, "%s: the ioctl", words);
	tap_ok(fake.blk_range[0] == offset && fake.blk_range[1] == length,
	       "%s: the range", words);
}

static void ranges(void)
{
	done("discard sda", BLKDISCARD, 0, 1 << 20);
	tap_ok(fake.open_flags & O_EXCL, "exclusively");
	done("discard /dev/sda --offset 64KiB --length 8K", BLKDISCARD, 65536,
	     8192);
	done("zeroout sda --offset 0 --length 0.5M --force", BLKZEROOUT, 0,
	     1 << 19);
	tap_ok(!(fake.open_flags & O_EXCL), "--force: not exclusively");
	done("secdiscard sda --length 4096", BLKSECDISCARD, 0, 4096);
	tap_int(fake.calls[1], 0, "no session is opened");
}

static void failures(void)
{
	run_is("discard sda --offset 512", 1, "",
	       "haltblk: sda: discard: offset 512 is not a multiple of the logical block size, 4096 bytes\n");
	run_is("discard nix", 3, "",
	       "haltblk: nix: discard: no such device: there is no /dev/nix\n");
	run_is("zeroout /dev/plain", 3, "",
	       "haltblk: plain: zeroout: /dev/plain is not a block device\n");
	fake.blk_err = -EOPNOTSUPP;
	run_is("secdiscard sda", 1, "",
	       "haltblk: sda: secdiscard: the device does not support secure discard; see haltblk limits\n");
	fake.blk_err = -EIO;
	run_is("discard sda --length 4K", 1, "",
	       "haltblk: sda: discard: discard of 4096 bytes at 0: Input/output error\n");
	fake_open_error("/dev/sda", -EBUSY);
	run_is("discard sda", 1, "",
	       "haltblk: sda: discard: /dev/sda is in use (mounted, or opened exclusively); stop its user, or ask to share it (--force)\n");
	fake_open_error("/dev/sda", 0);
}

static void limits(void)
{
	fake_dir("/sys/dev/block/8:0", 3);
	fake_file("/sys/dev/block/8:0/queue/discard_granularity", "4096\n",
		  0444);
	fake_file("/sys/dev/block/8:0/queue/write_cache", "write back\n", 0444);
	tap_int(run("limits sda"), 0, "limits");
	tap_has(run_out, "limit ", "limits: a heading");
	tap_has(run_out, "\ndiscard_granularity ", "limits: a row");
	tap_has(run_out, "not shown by the kernel for any device, only by haltblk for its own\n",
		"limits: secure erase");
	tap_int(run("limits sda --json"), 0, "limits --json");
	run_compact();
	tap_has(run_out, "\"discard_granularity\":4096,", "a number");
	tap_has(run_out, "\"write_cache\":\"write back\",", "a word");
	tap_has(run_out, "\"BLKALIGNOFF\":-1,", "a negative number");
	tap_has(run_out, "\"discard_max_bytes\":null,", "not shown");
	tap_has(run_out, "\"max_secure_erase_sectors\":null", "not shown");
	run_is("limits nix", 3, "",
	       "haltblk: nix: limits: no such device: there is no /dev/nix\n");
}

int main(void)
{
	fake_load();
	fake_blkdev("/dev/sda", makedev(8, 0), 1 << 20, 4096);
	fake_file("/dev/plain", "", 0600);
	ranges();
	failures();
	limits();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	return tap_done();
}
