/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Waiting for the node and for udev; the clock moves only while it waits.
 */
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "fake.h"
#include "tap.h"

#define DB "/run/udev/data/b252:7"

static struct libhaltblk *h;
static int polls;

static void power_on(bool node)
{
	const char *none = "";

	fake_load();
	polls = 0;
	fake.node_at_power = node;
	libhaltblk_create(h, "hb1", &none, 0);
}

static void node_appears(void)
{
	if (++polls == 3)
		fake_blkdev("/dev/hb1", makedev(252, 7), 1 << 20, 512);
}

static void node(void)
{
	uint64_t start;

	power_on(true);
	start = fake.now;
	tap_int(libhaltblk_wait_node(h, "hb1", HB_NSEC), 0, "node is there");
	tap_ok(fake.now == start, "no time passes");
	power_on(false);
	tap_int(libhaltblk_wait_node(h, "/dev/hb1", HB_NSEC), -ETIME, "no node");
	tap_str(libhaltblk_why(h), "/dev/hb1 did not appear in time; check that /dev is a devtmpfs or managed by udev",
		"no node: the reason");
	tap_ok(fake.now - start >= HB_NSEC && fake.now - start < 2 * HB_NSEC,
	       "no node: the time is waited for");
	power_on(false);
	fake.on_poll = node_appears;
	tap_int(libhaltblk_wait_node(h, "hb1", HB_NSEC), 0, "node appears");
	tap_int(polls, 3, "it was looked for on each change");
	power_on(false);
	fake_file("/dev/hb1", "", 0600);
	tap_int(libhaltblk_wait_node(h, "hb1", HB_NSEC), -ETIME,
		"a plain file is no node");
	power_on(false);
	fake_remove_file("/dev");
	fake.on_poll = node_appears;
	tap_int(libhaltblk_wait_node(h, "hb1", HB_NSEC), 0,
		"a directory that cannot be watched");
	tap_int(libhaltblk_wait_node(h, "a/b", HB_NSEC), -ENODEV, "a bad name");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

static void udev_writes(void)
{
	polls++;
	if (polls == 1)		/* left by an earlier device of that number */
		fake_file(DB, "S:disk/by-id/x\nI:4999999999\nE:ID=1\n", 0644);
	if (polls == 2)
		fake_file(DB, "E:ID=1\n", 0644);
	if (polls == 3)
		fake_file(DB, "S:disk/by-id/x\nI:5000000000\nE:ID=1\n", 0644);
}

static void udev(void)
{
	power_on(true);
	fake_file("/run/udev/control", "", 0600);
	fake_dir("/run/udev/data", 1);
	fake.on_poll = udev_writes;
	tap_int(libhaltblk_wait_node(h, "hb1", HB_NSEC), 0, "udev is done");
	tap_int(polls, 3, "an older file of that number does not count");
	power_on(true);
	fake_file("/run/udev/control", "", 0600);
	tap_int(libhaltblk_wait_node(h, "hb1", HB_NSEC), 1, "udev is stuck");
	tap_str(libhaltblk_why(h), "udev did not finish with the device in time",
		"udev is stuck: the reason");
	power_on(true);
	fake_file("/run/udev/io.systemd.Udev", "", 0600);
	fake_file(DB, "I:5000000001\n", 0644);
	tap_int(libhaltblk_wait_node(h, "hb1", HB_NSEC), 0,
		"udev with another socket");
	tap_int(libhaltblk_wait_node(h, "hb1", UINT64_MAX), 0, "for ever");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

int main(void)
{
	fake_reset();
	libhaltblk_new(&h);
	node();
	udev();
	libhaltblk_free(h);
	return tap_done();
}
