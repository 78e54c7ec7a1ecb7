/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Discard, zero-out, secure discard and limits of any block device.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <linux/fs.h>

#include "fake.h"
#include "tap.h"

#define END LIBHALTBLK_TO_END

static struct libhaltblk *h;

static void is_done(const char *what, int r, unsigned long nr, uint64_t offset,
		    uint64_t length)
{
	tap_int(r, 0, "%s", what);
	tap_str(libhaltblk_why(h), "", "%s: no reason", what);
	tap_ok(fake.blk_nr == nr, "%s: the ioctl", what);
	tap_ok(fake.blk_range[0] == offset && fake.blk_range[1] == length,
	       "%s: the range %llu+%llu, got %llu+%llu", what,
	       (unsigned long long)offset, (unsigned long long)length,
	       (unsigned long long)fake.blk_range[0],
	       (unsigned long long)fake.blk_range[1]);
}

static void ranges(void)
{
	is_done("discard of all", libhaltblk_discard(h, "sda", 0, END, 0),
		BLKDISCARD, 0, 1 << 20);
	tap_ok(fake.open_flags & O_EXCL, "it is opened exclusively");
	tap_int(fake.open_flags & O_ACCMODE, O_RDWR, "for writing");
	is_done("discard of some", libhaltblk_discard(h, "/dev/sda", 4096, 8192, 0),
		BLKDISCARD, 4096, 8192);
	is_done("up to the end", libhaltblk_zeroout(h, "sda", 8192, END, 0),
		BLKZEROOUT, 8192, (1 << 20) - 8192);
	is_done("the last block",
		libhaltblk_secdiscard(h, "sda", (1 << 20) - 4096, 4096,
				      LIBHALTBLK_SHARED),
		BLKSECDISCARD, (1 << 20) - 4096, 4096);
	tap_ok(!(fake.open_flags & O_EXCL), "shared: not exclusively");
}

static void refused(uint64_t offset, uint64_t length, const char *why)
{
	fake.blk_nr = 0;
	tap_int(libhaltblk_discard(h, "sda", offset, length, 0), -EINVAL,
		"discard of %llu+%llu", (unsigned long long)offset,
		(unsigned long long)length);
	tap_str(libhaltblk_why(h), why, "the reason");
	tap_ok(!fake.blk_nr, "the device is not asked");
}

static void bad_ranges(void)
{
	refused(512, 4096, "offset 512 is not a multiple of the logical block size, 4096 bytes");
	refused(0, 512, "length 512 is not a multiple of the logical block size, 4096 bytes");
	refused(0, 0, "length 0: nothing to do; give at least 4096 bytes");
	refused(1 << 20, 4096, "offset 1048576 is not inside the device, which has 1048576 bytes");
	refused(4096, 1 << 20, "the range ends at 1052672, past the end of the device at 1048576 bytes");
	refused((1 << 20) - 4096, 8192, "the range ends at 1052672, past the end of the device at 1048576 bytes");
	refused(8192, UINT64_MAX - 4095, "the range ends at 4096 plus 2^64, past the end of the device at 1048576 bytes");
}

static void fails(const char *device, int err, const char *why)
{
	tap_int(libhaltblk_discard(h, device, 0, END, 0), err, "discard of '%s'",
		device);
	tap_str(libhaltblk_why(h), why, "discard of '%s': the reason", device);
}

static void errors(void)
{
	fake_file("/dev/tty", "", 0600);
	fails("nix", -ENODEV, "no such device: there is no /dev/nix");
	fails("", -ENODEV, "not the name of a block device");
	fails("/dev/tty", -ENOTBLK, "/dev/tty is not a block device");
	fake.blk_err = -EOPNOTSUPP;
	fails("sda", -EOPNOTSUPP, "the device does not support discard; see haltblk limits");
	fake.blk_err = -EIO;
	fails("sda", -EIO, "discard of 1048576 bytes at 0: Input/output error");
	fake.blk_err = 0;
	tap_int(libhaltblk_discard(h, "sda", 0, END, 8), -EINVAL, "bad flags");
	fake_blkdev("/dev/empty", makedev(8, 32), 0, 512);
	fails("empty", -EINVAL, "offset 0 is not inside the device, which has 0 bytes");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

static void open_errors(void)
{
	static const struct {
		int err;
		const char *why;
	} table[] = {
		{ -EBUSY, "/dev/sda is in use: mounted or opened exclusively; the kernel does not say by whom; end that, or ask to share it (--force)" },
		{ -EACCES, "no permission to write /dev/sda: Permission denied; use sudo" },
		{ -EROFS, "/dev/sda is read-only" },
		{ -ENXIO, "cannot open /dev/sda: No such device or address" },
	};
	size_t i;

	for (i = 0; i < HB_ARRAY_SIZE(table); i++) {
		fake_open_error("/dev/sda", table[i].err);
		fails("sda", table[i].err, table[i].why);
	}
	fake_blkdev("/dev/sda", makedev(8, 0), 1 << 20, 4096);
}

static uint64_t progress[8];
static int nr_progress;

static void note_progress(const struct libhaltblk_range *range)
{
	if (nr_progress < 8)
		progress[nr_progress++] = range->done;
}

static int steps(uint64_t offset, uint64_t length, uint64_t step,
		 unsigned int flags, uint64_t *done)
{
	struct libhaltblk_range range = {
		.op = LIBHALTBLK_DISCARD,
		.offset = offset,
		.length = length,
		.step = step,
		.flags = flags,
		.progress = note_progress,
	};
	int r;

	nr_progress = 0;
	fake.blk_calls = 0;
	r = libhaltblk_range(h, "sda", &range);
	*done = range.done;
	return r;
}

static void in_steps(void)
{
	uint64_t done;

	is_done("all steps", steps(4096, 5 * 8192 + 4096, 8192, 0, &done),
		BLKDISCARD, 4096 + 5 * 8192, 4096);
	tap_int(fake.blk_calls, 6, "six ioctls, the last one shorter");
	tap_int(nr_progress, 6, "progress after each");
	tap_ok(progress[0] == 8192 && progress[5] == 5 * 8192 + 4096,
	       "which tells what is done");
	tap_int(steps(0, END, 6000, 0, &done), -EINVAL, "a step of 6000");
	tap_str(libhaltblk_why(h), "step 6000 is not a multiple of the logical block size, 4096 bytes",
		"a step of 6000: the reason");
	tap_int(fake.blk_calls, 0, "a step of 6000: the device is not asked");
	fake.blk_good = 2;
	fake.blk_err = -EIO;
	tap_int(steps(0, END, 8192, 0, &done), -EIO, "the third one fails");
	tap_int(done, 16384, "two were done");
	tap_int(fake.blk_calls, 3, "it is the last one");
	fake.blk_good = fake.blk_err = 0;
	is_done("unchecked", steps(512, 512, 0, LIBHALTBLK_UNCHECKED, &done),
		BLKDISCARD, 512, 512);
	tap_int(steps(0, 0, 0, LIBHALTBLK_UNCHECKED, &done), -EINVAL,
		"unchecked: an empty range is not asked for");
	tap_int(fake.blk_calls, 0, "unchecked: indeed");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

#define SYS "/sys/dev/block/8:0"

static void in_use_by(const char *who)
{
	char why[300];

	snprintf(why, sizeof(why), "/dev/sda is in use: %s; end that, or ask to share it (--force)",
		 who);
	fails("sda", -EBUSY, why);
}

static void users(void)
{
	fake_dir(SYS, 3);
	fake_dir(SYS "/holders", 3);
	fake_open_error("/dev/sda", -EBUSY);
	fake_dir("/proc", 4);
	fake_dir("/proc/17/fd", 4);
	fake_dir("/proc/17", 4);
	fake_file("/proc/17/comm", "mkfs\n", 0444);
	fake_blkdev("/proc/17/fd/3", makedev(8, 0), 0, 0);
	fake_blkdev("/proc/17/fd/4", makedev(8, 0), 0, 0);
	in_use_by("open in process 17 (mkfs)");
	fake_file("/proc/self/mountinfo",
		  "21 1 0:5 / /proc rw - proc proc rw\n"
		  "22 1 8:1 / /other rw - ext4 /dev/sdz1 rw\n"
		  "23 1 8:0 /sub /my\\040mnt rw,noatime shared:1 - ext4 /dev/sda rw\n",
		  0444);
	in_use_by("mounted on /my mnt");
	tap_int(libhaltblk_discard(h, "sda", 0, END, LIBHALTBLK_SHARED), -EBUSY,
		"a kernel that lets nobody write to what is mounted");
	tap_has(libhaltblk_why(h), "mounted on /my mnt; end that: on this kernel --force does not help",
		"it says so");
	/* A file system with a number of its own, known by its source. */
	fake_file("/proc/self/mountinfo",
		  "23 1 0:40 / /btrfs rw - btrfs /dev/sda rw\n", 0444);
	in_use_by("mounted on /btrfs");
	/* A partition of it. */
	fake_dir(SYS "/sda1", 3);
	fake_file(SYS "/sda1/partition", "1\n", 0444);
	fake_file(SYS "/sda1/dev", "8:1\n", 0444);
	fake_dir(SYS "/sda1/holders", 3);
	fake_dir(SYS "/sda1/holders/dm-3", 3);
	fake_file("/proc/self/mountinfo",
		  "22 1 8:1 / /part rw - ext4 /dev/sdz1 rw\n", 0444);
	fake_file("/proc/swaps", "Filename\tType\tSize\n/dev/sda\tpartition\t1\n",
		  0444);
	fake_dir(SYS "/holders/md0", 3);
	in_use_by("mounted on /part, swap space on /dev/sda, a part of md0, a part of dm-3");
	fake_open_error("/dev/sda", 0);
	fails("sda", -EBUSY, "/dev/sda has partitions (sda1); name one of them, remove them, or use --force");
	tap_int(fake_open_fds(), 0, "nothing stays open");
	tap_int(libhaltblk_discard(h, "sda", 0, END, LIBHALTBLK_SHARED), 0,
		"partitions, shared");
	fake_load();
	fake_blkdev("/dev/sda", makedev(8, 0), 1 << 20, 4096);
}

static void opened(void)
{
	int fd = libhaltblk_open_blkdev(h, "sda", 0);

	tap_ok(fd >= 0, "a device is opened");
	tap_ok(fake.open_flags & O_EXCL, "exclusively");
	hb_sys->close(fd);
	tap_int(libhaltblk_open_blkdev(h, "nix", 0), -ENODEV, "there is none");
	tap_int(libhaltblk_open_blkdev(h, "sda", LIBHALTBLK_UNCHECKED), -EINVAL,
		"a flag that means nothing here");
}

static const struct libhaltblk_limit *find(struct libhaltblk_limits *limits,
					   const char *name)
{
	const struct libhaltblk_limit *l;
	size_t i;

	for (i = 0; (l = libhaltblk_limit_at(limits, i)); i++)
		if (!strcmp(l->name, name))
			return l;
	return NULL;
}

static void limit(struct libhaltblk_limits *limits, const char *name,
		  const char *value, const char *source, const char *note)
{
	const struct libhaltblk_limit *l = find(limits, name);

	tap_ok(l != NULL, "%s is there", name);
	if (!l)
		return;
	tap_str(l->value, value, "%s: value", name);
	tap_str(l->source, source, "%s: source", name);
	if (note)
		tap_str(l->note, note, "%s: note", name);
}

#define NOT_SHOWN "not shown by this kernel for this device"

static void limits(void)
{
	struct libhaltblk_limits *all;
	int nr;

	fake_dir(SYS, 3);
	fake_file(SYS "/size", "2048\n", 0444);
	fake_file(SYS "/queue/discard_granularity", "4096\n", 0444);
	fake_file(SYS "/queue/zoned", "none\n", 0444);
	nr = libhaltblk_limits(h, "sda", &all);
	tap_ok(nr > 40, "limits");
	tap_ok(libhaltblk_limit_at(all, (size_t)nr - 1) &&
	       !libhaltblk_limit_at(all, (size_t)nr), "as many as it says");
	limit(all, "size", "2048", "sysfs", NULL);
	limit(all, "discard_granularity", "4096", "sysfs", "0: no discard");
	limit(all, "zoned", "none", "sysfs", NULL);
	limit(all, "discard_max_bytes", NULL, "", NOT_SHOWN);
	tap_ok(!find(all, "start"), "a disk has no start");
	limit(all, "BLKGETSIZE64", "1048576", "ioctl", NULL);
	limit(all, "BLKSSZGET", "4096", "ioctl", NULL);
	limit(all, "BLKALIGNOFF", "-1", "ioctl", NULL);
	limit(all, "BLKSECTGET", "2560", "ioctl", NULL);
	limit(all, "BLKDISCARDZEROES", NULL, "", NOT_SHOWN);
	limit(all, "max_secure_erase_sectors", NULL, "",
	      "not shown by the kernel for any device; haltblk shows it for its own");
	libhaltblk_limits_free(all);
	fake_open_error("/dev/sda", -EACCES);
	libhaltblk_limits(h, "sda", &all);
	limit(all, "BLKSSZGET", NULL, "", "not asked: no permission to open the device");
	limit(all, "size", "2048", "sysfs", NULL);
	libhaltblk_limits_free(all);
	fake_open_error("/dev/sda", -EPERM);
	libhaltblk_limits(h, "sda", &all);
	limit(all, "BLKSSZGET", NULL, "", "not asked: no permission to open the device");
	libhaltblk_limits_free(all);
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

static void own_limits(void)
{
	struct libhaltblk_limits *all;

	fake_blkdev("/dev/hb0p1", makedev(252, 1), 1 << 19, 512);
	fake_dir("/sys/dev/block/252:1", 3);
	fake_file("/sys/dev/block/252:1/partition", "1\n", 0444);
	fake_file("/sys/dev/block/252:1/start", "2048\n", 0444);
	fake_file("/sys/dev/block/252:1/../uevent",
		  "MAJOR=252\nMINOR=0\nDEVNAME=hb0\n", 0444);
	fake_file("/sys/dev/block/252:1/../queue/fua", "1\n", 0444);
	fake.nr_config = 4;
	strcpy(fake.config[0].name, "size");
	strcpy(fake.config[0].value, "64");
	strcpy(fake.config[1].name, "max_secure_erase_sectors");
	strcpy(fake.config[1].value, "128");
	strcpy(fake.config[2].name, "secure_erase");
	strcpy(fake.config[2].value, "1");
	strcpy(fake.config[3].name, "power");
	strcpy(fake.config[3].value, "0");
	libhaltblk_limits(h, "hb0p1", &all);
	limit(all, "start", "2048", "sysfs", "partitions only");
	limit(all, "fua", "1", "sysfs", NULL);
	limit(all, "max_secure_erase_sectors", "128", "haltblk", "");
	limit(all, "secure_erase", "1", "haltblk", "");
	tap_ok(!find(all, "power"), "no other option is among them");
	tap_str(fake.attached, "hb0", "the disk is asked, not the partition");
	libhaltblk_limits_free(all);
	fake.nr_config = 1;
	libhaltblk_limits(h, "hb0p1", &all);
	limit(all, "max_secure_erase_sectors", NULL, "",
	      "not shown by the kernel, nor by this haltblk driver");
	tap_ok(!find(all, "secure_erase"), "a driver without the option");
	libhaltblk_limits_free(all);
	libhaltblk_limits_free(NULL);
	tap_int(libhaltblk_limits(h, "nix", &all), -ENODEV, "no device");
	tap_ok(!all, "no limits");
	fake_blkdev("/dev/ghost", makedev(9, 9), 0, 0);
	tap_int(libhaltblk_limits(h, "ghost", &all), -ENODEV, "no driver");
	tap_str(libhaltblk_why(h), "no driver serves /dev/ghost",
		"no driver: the reason");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

int main(void)
{
	fake_load();
	fake_blkdev("/dev/sda", makedev(8, 0), 1 << 20, 4096);
	libhaltblk_new(&h);
	ranges();
	bad_ranges();
	errors();
	open_errors();
	in_steps();
	users();
	opened();
	limits();
	own_limits();
	libhaltblk_free(h);
	return tap_done();
}
