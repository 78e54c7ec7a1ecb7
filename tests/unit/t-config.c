/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Devices through configfs: the order of what is written, and that nothing is
 * left when something is refused.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "tap.h"

static struct libhaltblk *h;

#define HB1 HB_SUBSYSTEM "/hb1"
#define NOT_LOADED "the haltblk driver is not loaded; load it with: modprobe haltblk"
#define OPTIONS "badblocks, blocksize, index, power, queue_mode, size"

/* Words separated by blanks. */
static int create(const char *device, const char *words)
{
	const char *options[16];
	char copy[256], *rest = copy, *word;
	size_t nr = 0;

	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&rest, " ")))
		if (*word)
			options[nr++] = word;
	fake.log[0] = '\0';
	return libhaltblk_create(h, device, options, nr);
}

static void created(const char *words, const char *log)
{
	fake_load();
	tap_int(create("hb1", words), 0, "create with '%s'", words);
	tap_str(fake.log, log, "create with '%s': what was done", words);
	tap_ok(fake_exists(HB1), "create with '%s': it is there", words);
}

static void refused(const char *words, int err, const char *log,
		    const char *why)
{
	fake_load();
	tap_int(create("hb1", words), err, "create with '%s'", words);
	tap_str(libhaltblk_why(h), why, "create with '%s': the reason", words);
	tap_str(fake.log, log, "create with '%s': what was done", words);
	tap_ok(!fake_exists(HB1), "create with '%s': it is gone", words);
	tap_int(fake_open_fds(), 0, "create with '%s': all closed", words);
}

static void creation(void)
{
	created("", "mkdir hb1;power=1;");
	created("size=64 blocksize=4096",
		"mkdir hb1;size=64;blocksize=4096;power=1;");
	created("power=0 size=64", "mkdir hb1;size=64;");
	created("power=1 size=64", "mkdir hb1;size=64;power=1;");
	created("badblocks=", "mkdir hb1;badblocks=;power=1;");
	refused("size=64 blocksize=3000 queue_mode=2", -EINVAL,
		"mkdir hb1;size=64;blocksize=3000;power=0;rmdir hb1;",
		"blocksize=3000: must be a power of two from 512 to 4096");
	refused("queue_mode=1", -EINVAL,
		"mkdir hb1;queue_mode=1;power=0;rmdir hb1;",
		"queue_mode=1: refused by the driver; the kernel's log (dmesg) has the range");
	refused("size=64 colour=red", -ENOPROTOOPT,
		"mkdir hb1;power=0;rmdir hb1;",
		"unknown option 'colour'; the options are " OPTIONS);
	refused("../x=1", -ENOPROTOOPT, "mkdir hb1;power=0;rmdir hb1;",
		"../x=1: not the name of an option");
	refused("=1", -ENOPROTOOPT, "mkdir hb1;power=0;rmdir hb1;",
		"=1: not the name of an option");
	refused("size", -EINVAL, "mkdir hb1;power=0;rmdir hb1;",
		"'size' is not KEY=VALUE");
	refused("index=5", -EINVAL, "mkdir hb1;power=0;rmdir hb1;",
		"index=5: the option is read-only");
}

/* Suffixes; a plain number keeps the unit of the option. */
static void creation_sizes(void)
{
	created("size=16G blocksize=4K",
		"mkdir hb1;size=16384;blocksize=4096;power=1;");
	created("size=1TiB", "mkdir hb1;size=1048576;power=1;");
	created("size=2048k", "mkdir hb1;size=2;power=1;");
	created("size=0x10", "mkdir hb1;size=0x10;power=1;");
	created("badblocks=1K", "mkdir hb1;badblocks=1K;power=1;");
	refused("size=1536K", -EINVAL, "mkdir hb1;power=0;rmdir hb1;",
		"size=1536K: not a whole number of MiB");
	refused("size=16Q", -EINVAL, "mkdir hb1;power=0;rmdir hb1;",
		"size=16Q: unknown suffix 'Q'; use K, M, G, T, P or E, or none for MiB");
	refused("blocksize=4KB", -EINVAL, "mkdir hb1;power=0;rmdir hb1;",
		"blocksize=4KB: unknown suffix 'KB'; use K, M, G, T, P or E, or none for bytes");
	refused("size=16E", -ERANGE, "mkdir hb1;power=0;rmdir hb1;",
		"size=16E: too large");
	created("size=15E", "mkdir hb1;size=16492674416640;power=1;");
	refused("size=13M", -EINVAL, "mkdir hb1;size=13;power=0;rmdir hb1;",
		"size=13M: refused; the kernel's log says: haltblk: hb1: bad luck");
	refused("size=14M", -EINVAL, "mkdir hb1;size=14;power=0;rmdir hb1;",
		"size=14M: bad luck again");
}

static void creation_names(void)
{
	fake_load();
	tap_int(create("/dev/hb1", ""), 0, "create by path");
	tap_ok(fake_exists(HB1), "create by path: the name counts");
	tap_int(create("hb1", ""), -EEXIST, "create again");
	tap_str(libhaltblk_why(h), "a haltblk device of that name exists; destroy it first, or choose another name",
		"create again: the reason");
	tap_str(fake.log, "", "create again: nothing was done");
	tap_int(create("a/b", ""), -EINVAL, "a name with a slash");
	tap_int(create("12345678901234567890123456789012", ""), -EINVAL,
		"a name too long");
	tap_str(libhaltblk_why(h), "the name has 32 bytes; a haltblk device's name has at most 31",
		"a name too long: the reason");
}

/* A log line in an unknown form is quoted in full. */
static void other_words(void)
{
	fake_load();
	tap_int(create("hb1", "size=13"), -EINVAL, "logged in other words");
	tap_str(libhaltblk_why(h), "size=13: refused; the kernel's log says: haltblk: hb1: bad luck",
		"in other words: the reason");
	tap_int(create("hb1", "size=14"), -EINVAL, "logged without its name");
	tap_str(libhaltblk_why(h), "size=14: bad luck again",
		"without its name: the reason");
}

/* An older line is ignored. */
static void old_log(void)
{
	fake_load();
	fake_kmsg("haltblk: hb1: queue_mode=1: an old line");
	tap_int(create("hb1", "queue_mode=1"), -EINVAL, "refused without a line");
	tap_str(libhaltblk_why(h), "queue_mode=1: refused by the driver; the kernel's log (dmesg) has the range",
		"an old line is not quoted");
	fake_remove_file("/dev/kmsg");
	tap_int(create("hb1", "blocksize=3000"), -EINVAL, "no /dev/kmsg");
	tap_str(libhaltblk_why(h), "blocksize=3000: refused by the driver; the kernel's log (dmesg) has the range",
		"no /dev/kmsg: the reason");
}

static void subsystem(void)
{
	fake_reset();
	fake_remove_file(HB_CONFIGFS);
	tap_int(create("hb1", ""), -ENXIO, "no configfs");
	tap_str(libhaltblk_why(h), NOT_LOADED, "no configfs: the reason");
	fake_reset();
	fake_dir(HB_CONFIGFS, 2);
	tap_int(create("hb1", ""), -ENXIO, "mounted, not loaded");
	tap_str(libhaltblk_why(h), NOT_LOADED, "not loaded: the reason");
	tap_str(fake.log, "", "nothing is mounted twice");
	fake_reset();
	fake.mount_err = -EPERM;
	tap_int(create("hb1", ""), -EPERM, "not mounted, may not");
	tap_str(libhaltblk_why(h), "cannot mount configfs: Operation not permitted; as root: mount -t configfs none /sys/kernel/config",
		"may not mount: the reason");
	fake_reset();
	tap_int(create("hb1", ""), 0, "not mounted");
	tap_str(fake.log, "mount configfs;mkdir hb1;power=1;",
		"is mounted first");
}

static void setting(void)
{
	fake_load();
	create("hb1", "size=64");
	fake.log[0] = '\0';
	tap_int(libhaltblk_set(h, "hb1", "badblocks=+1-2"), 0, "set live");
	tap_str(fake.log, "badblocks=+1-2;", "set live: written");
	tap_int(libhaltblk_set(h, "hb1", "size=32"), -EBUSY, "set while powered");
	tap_str(libhaltblk_why(h), "size=32: cannot be changed while the device is powered; set power=0 first",
		"set while powered: the reason");
	tap_int(libhaltblk_power(h, "hb1", 0), 0, "power off");
	tap_ok(!fake_exists("/dev/hb1"), "the node is gone");
	tap_int(libhaltblk_set(h, "/dev/hb1", "size=32"), 0, "then it can be set");
	tap_int(libhaltblk_set(h, "hb1", "size"), -EINVAL, "no value");
	tap_str(libhaltblk_why(h), "'size' is not KEY=VALUE", "no value: the reason");
	tap_int(libhaltblk_set(h, "hb1", "colour=red"), -ENOPROTOOPT,
		"set an unknown option");
	tap_str(libhaltblk_why(h), "unknown option 'colour'; the options are " OPTIONS,
		"an unknown option: the reason");
	tap_int(libhaltblk_has_option(h, "hb1", "size"), 0, "has an option");
	tap_int(libhaltblk_has_option(h, "hb1", "sizes=1"), -ENOPROTOOPT,
		"has no such option");
	fake_open_error(HB1 "/size", -EACCES);
	tap_int(libhaltblk_set(h, "hb1", "size=1"), -EACCES, "an ordinary user");
	tap_str(libhaltblk_why(h), "only root may change haltblk devices; use sudo",
		"an ordinary user: the reason");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

static void destruction(void)
{
	fake_load();
	create("hb1", "");
	fake.log[0] = '\0';
	tap_int(libhaltblk_destroy(h, "/dev/hb1"), 0, "destroy");
	tap_str(fake.log, "power=0;rmdir hb1;", "destroy: power off first");
	tap_ok(!fake_exists(HB1), "destroy: gone");
	tap_int(libhaltblk_destroy(h, "hb1"), -ENODEV, "destroy again");
	tap_str(libhaltblk_why(h), "no such haltblk device; see haltblk list",
		"destroy again: the reason");
	fake.devices[0].flags |= HALTBLK_DEV_F_LOAD;
	tap_int(libhaltblk_destroy(h, "hb0"), -EPERM, "made at load");
	tap_str(libhaltblk_why(h), "it was made when the module was loaded; module parameters configure it, and only unloading removes it: rmmod haltblk",
		"made at load: the reason");
	tap_int(libhaltblk_set(h, "hb0", "size=1"), -EPERM, "nor can it be set");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

int main(void)
{
	fake_reset();
	libhaltblk_new(&h);
	creation();
	creation_sizes();
	creation_names();
	other_words();
	old_log();
	subsystem();
	setting();
	destruction();
	libhaltblk_free(h);
	return tap_done();
}
