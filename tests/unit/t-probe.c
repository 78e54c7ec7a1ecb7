/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * limits --probe: what a read returned, as numbers and in words.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "range/probe.h"
#include "run.h"
#include "tap.h"

static void bytes(void)
{
	unsigned int zeroes = 0, same = 0;
	uint64_t at;

	for (at = 0; at < 1 << 16; at++) {
		zeroes += !hbc_probe_byte(at);
		/* As from a device that swaps sectors or pages. */
		same += hbc_probe_byte(at) == hbc_probe_byte(at + 512) ||
			hbc_probe_byte(at) == hbc_probe_byte(at + 4096);
	}
	tap_int(zeroes, 0, "what is written has no zeroes");
	tap_int(same, 0, "and is another a sector or a page on");
}

static void words(uint64_t zero, uint64_t old, uint64_t other, bool changed,
		  int err, const char *want)
{
	const struct hbc_probe probe = {
		.err = err,
		.reads = { zero, old, other, changed },
	};
	char text[160];

	hbc_probe_text(&probe, text, sizeof(text));
	tap_str(text, want, "%s", want);
}

static void counts(void)
{
	struct hbc_reads reads = { 0 };
	unsigned char buf[4];

	buf[0] = 0;
	buf[1] = hbc_probe_byte(1001);
	buf[2] = (unsigned char)(hbc_probe_byte(1002) + 1);
	buf[3] = hbc_probe_byte(1003);
	if (!buf[2])
		buf[2] = 1;
	hbc_probe_count(&reads, 1000, buf, sizeof(buf));
	tap_ok(reads.zero == 1 && reads.old == 2 && reads.other == 1,
	       "each byte is counted once");
	words(512, 0, 0, false, 0, "reads zeroes");
	words(0, 512, 0, false, 0, "reads old data");
	words(0, 0, 512, false, 0, "reads other data");
	words(256, 256, 0, false, 0,
	      "reads partly zeroes: 256 zero, 256 old, 0 other");
	words(256, 0, 256, false, 0,
	      "reads other data: 256 zero, 0 old, 256 other");
	words(512, 0, 0, true, 0,
	      "reads unstable: 512 zero, 0 old, 0 other");
	words(0, 0, 0, false, -EOPNOTSUPP, "fails: Operation not supported");
}

static void usage(void)
{
	run_is("limits sda --probe", 2, "",
	       "haltblk: limits: --probe: name the range to destroy with --offset and --length: see haltblk limits --help\n");
	run_is("limits sda --probe --offset 0", 2, "",
	       "haltblk: limits: --probe: name the range to destroy with --offset and --length: see haltblk limits --help\n");
	run_is("limits sda --length 4K", 2, "",
	       "haltblk: limits: --offset, --length and --force need --probe: see haltblk limits --help\n");
	fake_open_error("/dev/sda", -EBUSY);
	run_is("limits sda --probe --offset 0 --length 4K", 1, "",
	       "haltblk: sda: limits: probe: /dev/sda is in use: mounted or opened exclusively; the kernel does not say by whom; end that, or ask to share it (--force)\n");
	run_is("limits nix --probe --offset 0 --length 4K", 3, "",
	       "haltblk: nix: limits: probe: no such device: there is no /dev/nix\n");
}

int main(void)
{
	fake_load();
	fake_blkdev("/dev/sda", 0x800, 1 << 20, 4096);
	bytes();
	counts();
	usage();
	return tap_done();
}
