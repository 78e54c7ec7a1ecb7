/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * create, clone, destroy, set: exit statuses, and what is left behind.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

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
	       "haltblk: hb1: create: /dev/hb1 did not appear in time; check that /dev is a devtmpfs or managed by udev\n");
	tap_ok(!fake_exists(HB1), "nothing is left");
	fake.node_at_power = true;
	fake_file("/run/udev/control", "", 0600);
	run_is("create hb1", 0, "/dev/hb1\n",
	       "haltblk: hb1: create: warning: udev did not finish with the device in time\n");
	fake_remove_file("/run/udev/control");
	run("destroy hb1");
	fake_file("/dev/hb1", "a file", 0600);
	run_is("create hb1", 1, "",
	       "haltblk: hb1: create: /dev/hb1 exists and is not a block device; remove it, or choose another name\n");
	tap_ok(!fake_exists(HB1), "nothing is left");
	fake_remove_file("/dev/hb1");
}

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	caught = sig;
}

static void interrupt(void)
{
	fake.on_poll = NULL;
	raise(SIGINT);
}

static void interrupted(void)
{
	signal(SIGINT, on_signal);
	fake.node_at_power = false;
	fake.on_poll = interrupt;
	run_is("create hb1", 1, "", "");
	tap_ok(!fake_exists(HB1), "a signal leaves nothing");
	tap_int(caught, SIGINT, "and does what it did before");
	signal(SIGINT, SIG_DFL);
	fake.node_at_power = true;
}

#define USE "; use printable characters without blanks, '/' and '!'\n"

/* Names that no device can have are refused before anything is made. */
static void names(void)
{
	char words[64];

	fake.log[0] = '\0';
	run_is("create a/b", 2, "",
	       "haltblk: a/b: create: character 2 of the name is '/'" USE);
	run_is("create /dev/a!b", 2, "",
	       "haltblk: a!b: create: character 2 of the name is '!', which the kernel turns into a directory in /dev" USE);
	run_is("create a\nb", 2, "",
	       "haltblk: a\\x0ab: create: character 2 of the name is 0x0a" USE);
	run_is("create hb1\x7f", 2, "",
	       "haltblk: hb1\\x7f: create: character 4 of the name is 0x7f" USE);
	run_is("create .", 2, "",
	       "haltblk: .: create: '.' is a directory; choose another name\n");
	run_is("create /dev/..", 2, "",
	       "haltblk: ..: create: '..' is a directory; choose another name\n");
	run_is("create /dev/", 2, "",
	       "haltblk: : create: the name is empty; it takes 1 to 31 characters\n");
	run_is("create 0123456789abcdef0123456789abcdef", 2, "",
	       "haltblk: 0123456789abcdef0123456789abcdef: create: the name has 32 bytes; a haltblk device's name has at most 31\n");
	tap_str(fake.log, "", "nothing was made");
	snprintf(words, sizeof(words), "create %s", "0123456789abcdef0123456789abcde");
	tap_int(run(words), 0, "31 bytes will do");
	run("destroy 0123456789abcdef0123456789abcde");
	fake_file(HB_SUBSYSTEM "/features", "size\n", 0444);
	run_is("create features", 1, "",
	       "haltblk: features: create: the driver has a file of that name, " HB_SUBSYSTEM "/features; choose another name\n");
	fake_open_error("/dev/null", 0);
	run_is("create null", 1, "",
	       "haltblk: null: create: /dev/null exists and is not a block device; choose another name\n");
	/* A name that an older driver accepted is shown in one piece. */
	strcpy(fake.devices[0].name, "a\nb c");
	run_is("list", 0, "name         index  power  made\n"
	       "a\\x0ab\\x20c  0      on     configfs\n", "");
	strcpy(fake.devices[0].name, "hb0");
}

/* A path that leads to the node is as good as the name; a partition is not. */
static void paths(void)
{
	const char *by_id = "/dev/disk/by-id/x";

	run("create hb1 size=64");
	fake_blkdev(by_id, makedev(252, 7), 1 << 20, 512);
	fake_blkdev("/dev/sda", makedev(8, 0), 1 << 20, 512);
	fake_blkdev("/dev/hb1p1", makedev(259, 3), 1 << 19, 512);
	fake_file("/etc/motd", "", 0644);
	fake_file("/sys/dev/block/252:7/uevent", "MAJOR=252\nDEVNAME=hb1\nX=\n", 0444);
	fake_file("/sys/dev/block/8:0/uevent", "DEVNAME=sda\n", 0444);
	fake_file("/sys/dev/block/259:3/partition", "1\n", 0444);
	fake_file("/sys/dev/block/259:3/start", "2048\n", 0444);
	fake_file("/sys/dev/block/259:3/size", "1024\n", 0444);
	fake_file("/sys/dev/block/259:3/../uevent", "DEVNAME=hb1\n", 0444);
	run_is("held /dev/sda/x", 3, "",
	       "haltblk: sda/x: no such device: there is no /dev/sda/x\n");
	run_is("held /etc/motd", 3, "",
	       "haltblk: /etc/motd: /etc/motd is not a block device\n");
	fake.attached[0] = '\0';
	strcpy(fake.devices[0].name, "hb1");
	tap_int(run("held /dev/disk/by-id/x"), 0, "held, by another path");
	tap_str(fake.attached, "hb1", "the device is found by its number");
	run("show /dev/disk/by-id/x --json");
	tap_has(run_out, "\"name\": \"hb1\"", "show tells the device's name");
	fake.log[0] = '\0';
	run_is("set /dev/disk/by-id/x power=0 size=32 power=1", 0, "", "");
	tap_str(fake.log, "power=0;size=32;power=1;", "set goes on without the link");
	strcpy(fake.devices[0].name, "hb0");
	run_is("held /dev/sda", 3, "",
	       "haltblk: sda: no such haltblk device; see haltblk list\n");
	fake_blkdev(by_id, makedev(8, 0), 1 << 20, 512);
	run_is("held /dev/disk/by-id/x", 3, "",
	       "haltblk: disk/by-id/x: it is the disk sda, which is not a haltblk device; see haltblk list\n");
#define PARTITION "it is a partition of hb1, with 1024 sectors from sector 2048 on; use hb1, and count sectors from the start of the disk\n"
	fake.log[0] = '\0';
	run_is("break /dev/hb1p1 submit K sector=8", 3, "",
	       "haltblk: hb1p1: " PARTITION);
	run_is("held hb1p1", 3, "", "haltblk: hb1p1: " PARTITION);
	run_is("set hb1p1 size=8", 3, "", "haltblk: hb1p1: set: " PARTITION);
	run_is("destroy /dev/hb1p1", 3, "",
	       "haltblk: hb1p1: destroy: " PARTITION);
	tap_str(fake.log, "", "nothing was done");
	fake_blkdev(by_id, makedev(252, 7), 1 << 20, 512);
	run_is("destroy /dev/disk/by-id/x", 0, "", "");
	tap_ok(!fake_exists(HB1), "destroyed by another path");
}

/* A device whose name could not be printed is not left behind. */
static void unheard(void)
{
	tap_int(run_full("create hb1"), 1, "create >/dev/full");
	tap_str(run_err, "haltblk: standard output: cannot write: No space left on device\n",
		"it is said once");
	tap_ok(!fake_exists(HB1), "nothing is left");
	tap_int(run_unread("create hb1"), 1, "create into a pipe without a reader");
	tap_str(run_err, "haltblk: standard output: cannot write: Broken pipe\n",
		"it is said once");
	tap_ok(!fake_exists(HB1), "nothing is left");
	tap_int(run_full("create hb1 power=0"), 0, "power=0 prints nothing");
	run("destroy hb1");
	tap_int(run_full("list"), 1, "list >/dev/full");
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
	       "haltblk: hb1: set: /dev/hb1 did not appear in time; check that /dev is a devtmpfs or managed by udev\n");
	tap_ok(fake_exists(HB1), "set does not remove a device");
	run_is("set hb7 size=1", 3, "",
	       "haltblk: hb7: set: no such haltblk device; see haltblk list\n");
}

#define CLONE	_IOC_NR(HALTBLK_IOC_CLONE)

static void clone_refused(int err, const char *why, int status,
			  const char *message)
{
	fake.err[CLONE] = err;
	fake.why[CLONE] = why;
	run_is("clone hb0 hb1", status, "", message);
	tap_ok(!fake_exists(HB1), "nothing is left");
	fake.err[CLONE] = 0;
	fake.why[CLONE] = NULL;
}

static void clones(void)
{
	const struct haltblk_clone *arg = (void *)fake.arg[CLONE];

	strcpy(fake.devices[fake.nr_devices++].name, "hb1");
	fake.log[0] = '\0';
	run_is("clone /dev/hb0 hb1 queue_mode=0", 0, "/dev/hb1\n", "");
	tap_str(fake.log, "mkdir hb1;queue_mode=0;power=1;", "made, then powered");
	tap_int(fake.calls[CLONE], 1, "cloned once");
	tap_str(fake.attached, "hb1", "in a session of the new device");
	tap_str(arg->source, "hb0", "by the other's name");
	tap_int(arg->hdr.flags, HALTBLK_CLONE_F_OPTIONS, "with its options");
	run_is("clone hb0 hb1", 1, "",
	       "haltblk: hb1: clone: a haltblk device of that name exists; destroy it first, or choose another name\n");
	tap_ok(fake_exists("/dev/hb1"), "the first one is not touched");
	run("destroy hb1");
	run_is("clone hb0 hb1 power=0", 0, "", "");
	tap_ok(!fake_exists("/dev/hb1"), "not powered");
	run("destroy hb1");
	fake.log[0] = '\0';
	run_is("clone hb0 hb1 size=64", 1, "",
	       "haltblk: hb1: clone: size=64: a clone has the size of its origin\n");
	run_is("clone hb0 a/b", 2, "",
	       "haltblk: a/b: clone: character 2 of the name is '/'" USE);
	tap_str(fake.log, "", "nothing was made");
	run_is("clone hb0 hb1 queue_mode=1", 1, "",
	       "haltblk: hb1: clone: queue_mode=1: refused by the driver; the kernel's log (dmesg) has the range\n");
	tap_ok(!fake_exists(HB1), "nothing is left");
	clone_refused(-EINVAL, "hb0: zoned=1: no", 1,
		      "haltblk: hb1: clone: hb0: zoned=1: no\n");
	clone_refused(-ENOMEM, NULL, 1,
		      "haltblk: hb1: clone: Cannot allocate memory\n");
	clone_refused(-ENXIO, "source hb0: no haltblk device of that name", 3,
		      "haltblk: hb0: clone: no such haltblk device; see haltblk list\n");
	fake.nr_devices--;
}

int main(void)
{
	fake_load();
	creates();
	clones();
	refusals();
	fake.node_at_power = true;
	interrupted();
	unheard();
	names();
	destroys();
	sets();
	run("destroy hb1");
	fake.node_at_power = true;
	paths();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	fake_reset();
	fake_dir(HB_CONFIGFS, 2);
	run_is("create hb1", 1, "",
	       "haltblk: hb1: create: the haltblk driver is not loaded; load it with: modprobe haltblk\n");
	return tap_done();
}
