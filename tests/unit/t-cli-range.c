/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * discard, zeroout, secdiscard, limits. The I/O happens in a child, so its
 * calls are read from shared memory.
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
	       "haltblk: sda: discard: /dev/sda is in use: mounted or opened exclusively; the kernel does not say by whom; end that, or ask to share it (--force)\n");
	fake_open_error("/dev/sda", 0);
}

static void steps(void)
{
	fake.blk_calls = 0;
	run_is("discard sda -o 4K -l 40K -p 8K -v -q", 0,
	       "sda: discard: 40960 bytes from offset 4096\n", "");
	tap_int(fake.blk_calls, 5, "five steps");
	run_is("discard sda --step 0", 2, "",
	       "haltblk: discard: --step: 0 bytes at a time would never end: see haltblk discard --help\n");
	fake.blk_calls = 0;
	fake.blk_good = 3;
	fake.blk_err = -EIO;
	run_is("discard sda --step 8K", 1, "",
	       "haltblk: sda: discard: discard of 8192 bytes at 24576: Input/output error\n"
	       "haltblk: sda: discard: the first 24576 bytes of the range were done\n");
	fake.blk_calls = 0;
	tap_int(run("zeroout sda --step 8K --json"), 1, "it fails, in JSON");
	run_compact();
	tap_has(run_out, "{\"device\":\"sda\",\"operation\":\"zeroout\",\"offset\":0,\"length\":1048576,\"step\":8192,\"done\":24576,\"elapsed_us\":",
		"JSON: what was done");
	tap_has(run_out, "\"result\":\"EIO\",\"why\":\"zero-out of", "JSON: why");
	fake.blk_good = fake.blk_err = 0;
	tap_int(run("discard sda --json"), 0, "it works, in JSON");
	run_compact();
	tap_has(run_out, "\"done\":1048576,", "JSON: all was done");
	tap_has(run_out, "\"result\":\"ok\",\"why\":\"\"}", "JSON: ok");
}

#define SYS "/sys/dev/block/8:0"

static void shape(void)
{
	fake_dir(SYS, 3);
	fake_file(SYS "/size", "2048\n", 0444);
	fake_file(SYS "/discard_alignment", "0\n", 0444);
	fake_file(SYS "/queue/logical_block_size", "4096\n", 0444);
	fake_file(SYS "/queue/discard_granularity", "16384\n", 0444);
	fake_file(SYS "/queue/discard_max_bytes", "0\n", 0444);
	fake_file(SYS "/queue/discard_max_hw_bytes", "65536\n", 0444);
}

static void explanations(void)
{
	shape();
	fake.blk_nr = 0;
	run_is("discard sda --offset 512 --length 8K --explain", 1, "",
	       "haltblk: sda: discard: offset 512 is not a multiple of the logical block size, 4096 bytes\n"
	       "haltblk: sda: discard: explain: logical_block_size is 4096 bytes, and offset 512 is 512 past a multiple of it\n"
	       "haltblk: sda: discard: explain: the nearest valid range is --offset 4096 --length 4096, inside the requested range\n");
	tap_ok(!fake.blk_nr, "the device is not asked");
	tap_int(run("discard sda --offset 512 --length 8K --explain --json"), 1,
		"explained in JSON");
	run_compact();
	tap_has(run_out, "\"explanation\":{\"broken\":[{\"limit\":\"logical_block_size\",\"value\":4096,\"figure\":\"offset\",\"got\":512,\"text\":",
		"JSON: the rule");
	tap_has(run_out, "\"nearest\":{\"offset\":4096,\"length\":4096,\"place\":\"inside\"}",
		"JSON: the nearest range");
	run_is("discard sda --offset 4K --length 32K --explain", 0, "",
	       "haltblk: sda: discard: explain: discard_granularity is 16384 bytes and discard_alignment 0: 16384 of 32768 bytes are whole granules; the rest may keep its data, which is not an error\n");
	run_is("discard sda --offset 16K --length 32K --explain", 0, "", "");
	fake.blk_err = -EOPNOTSUPP;
	run_is("discard sda --explain", 1, "",
	       "haltblk: sda: discard: the device does not support discard; see haltblk limits\n"
	       "haltblk: sda: discard: explain: discard_max_bytes is 0: discard was switched off; the driver can do 65536 bytes; write that to queue/discard_max_bytes (if the kernel refuses it, make the device again)\n");
	fake.blk_err = 0;
	run_is("discard nix --explain", 3, "",
	       "haltblk: nix: discard: no such device: there is no /dev/nix\n");
	run_is("discard sda --explain=why", 2, "",
	       "haltblk: discard: --explain=why: takes trace, or nothing: see haltblk discard --help\n");
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
	tap_has(run_out, "not shown by the kernel for any device; haltblk shows it for its own\n",
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
	fake.blk_err = 0;
	limits();
	steps();
	explanations();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	return tap_done();
}
