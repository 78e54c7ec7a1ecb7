/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * create, destroy, set: exit statuses, and what is left behind.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "run.h"
#include "tap.h"

#define HB1 HB_SUBSYSTEM "/hb1"

static void creates(void)
{
	run_is("create hb1 size=64 blocksize=4096", 0, "/dev/hb1\n", "");
	tap_ok(fake_exists("/dev/hb1"), "the node is there");
	run_is("create hb1", 1, "",
	       "haltblk: hb1: create: a haltblk device of that name exists; destroy it first, or choose another name\n");
	tap_ok(fake_exists("/dev/hb1"), "the first one is not touched");
	run_is("destroy hb1", 0, "", "");
	tap_ok(!fake_exists(HB1), "destroyed");
	run_is("create /dev/hb1", 0, "/dev/hb1\n", "");
	run_is("destroy /dev/hb1", 0, "", "");
	run_is("create hb1 power=0", 0, "", "");
	tap_ok(fake_exists(HB1) && !fake_exists("/dev/hb1"), "not powered");
	run_is("destroy hb1", 0, "", "");
}

static void refusals(void)
{
	run_is("create hb1 size=64 blocksize=3000", 1, "",
	       "haltblk: hb1: create: blocksize=3000: must be a power of two from 512 to 4096\n");
	tap_ok(!fake_exists(HB1), "nothing is left");
	run_is("create hb1 colour=red", 2, "",
	       "haltblk: hb1: create: unknown option 'colour'; the options are badblocks, blocksize, index, power, queue_mode, size\n");
	tap_ok(!fake_exists(HB1), "nothing is left");
	fake.node_at_power = false;
	run_is("create hb1", 4, "",
	       "haltblk: hb1: create: /dev/hb1 did not appear in time; is /dev a devtmpfs, or kept by udev?\n");
	tap_ok(!fake_exists(HB1), "nothing is left");
	fake.node_at_power = true;
	fake_file("/run/udev/control", "", 0600);
	run_is("create hb1", 0, "/dev/hb1\n",
	       "haltblk: hb1: create: warning: udev has not dealt with it in time\n");
	fake_remove_file("/run/udev/control");
	run("destroy hb1");
	fake_file("/dev/hb1", "a file", 0600);
	run_is("create hb1", 1, "",
	       "haltblk: hb1: create: /dev/hb1 is there and is no block device; remove it, or choose another name\n");
	tap_ok(!fake_exists(HB1), "nothing is left");
	fake_remove_file("/dev/hb1");
	run_is("create a/b", 2, "",
	       "haltblk: a/b: create: 'a/b' is not the name of a haltblk device; use NAME or /dev/NAME\n");
}

static void destroys(void)
{
	run_is("destroy hb7", 3, "",
	       "haltblk: hb7: destroy: no such haltblk device; see haltblk list\n");
	fake.devices[0].flags |= HALTBLK_DEV_F_LOAD;
	run_is("destroy hb0", 1, "",
	       "haltblk: hb0: destroy: it was made when the module was loaded; module parameters configure it, and only unloading removes it: rmmod haltblk\n");
}

static void sets(void)
{
	run("create hb1 size=64");
	fake.log[0] = '\0';
	run_is("set hb1 badblocks=+1-2", 0, "", "");
	tap_str(fake.log, "badblocks=+1-2;", "set writes");
	run_is("set hb1 badblocks=+3-4 colour=red", 2, "",
	       "haltblk: hb1: set: unknown option 'colour'; the options are badblocks, blocksize, index, power, queue_mode, size\n");
	tap_str(fake.log, "badblocks=+1-2;", "all words are checked first");
	run_is("set hb1 size=32", 1, "",
	       "haltblk: hb1: set: size=32: cannot be changed while the device is powered; set power=0 first\n");
	run_is("set hb1 power=0 size=32 power=1", 0, "", "");
	tap_ok(fake_exists("/dev/hb1"), "power=1 waits for the node");
	fake.node_at_power = false;
	run("set hb1 power=0");
	run_is("set hb1 power=1", 4, "",
	       "haltblk: hb1: set: /dev/hb1 did not appear in time; is /dev a devtmpfs, or kept by udev?\n");
	tap_ok(fake_exists(HB1), "set does not remove a device");
	run_is("set hb7 size=1", 3, "",
	       "haltblk: hb7: set: no such haltblk device; see haltblk list\n");
}

int main(void)
{
	fake_load();
	creates();
	refusals();
	destroys();
	sets();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	fake_reset();
	fake_dir(HB_CONFIGFS, 2);
	run_is("create hb1", 1, "",
	       "haltblk: hb1: create: the haltblk driver is not loaded; load it with: modprobe haltblk\n");
	return tap_done();
}
