/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The limits of a block device: each row of the two tables below is a file in
 * sysfs or an ioctl. Nothing is computed; what the kernel says is passed on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/blkzoned.h>
#include <linux/fs.h>

#include "blkdev.h"

#define NOT_SHOWN	"not shown by this kernel for this device"
#define VALUE_LEN	256

/* Directories below /sys/dev/block/MAJOR:MINOR/ */
enum where {
	HERE,		/* of the device or partition itself */
	QUEUE,		/* of the disk */
};

static const struct {
	const char *name;
	enum where where;
	const char *unit;
	const char *note;
} files[] = {
	{ "size", HERE, "sectors", "" },
	{ "start", HERE, "sectors", "partitions only" },
	{ "ro", HERE, "", "1: read-only" },
	{ "alignment_offset", HERE, "bytes", "from the start to the first physical block" },
	{ "discard_alignment", HERE, "bytes", "from the start to the first granule" },
	{ "logical_block_size", QUEUE, "bytes", "" },
	{ "physical_block_size", QUEUE, "bytes", "" },
	{ "minimum_io_size", QUEUE, "bytes", "" },
	{ "optimal_io_size", QUEUE, "bytes", "0: none" },
	{ "dma_alignment", QUEUE, "bytes", "mask for the address of a buffer" },
	{ "discard_granularity", QUEUE, "bytes", "0: no discard" },
	{ "discard_max_bytes", QUEUE, "bytes", "of one request; 0: no discard" },
	{ "discard_max_hw_bytes", QUEUE, "bytes", "what the driver can do in one request" },
	{ "max_discard_segments", QUEUE, "", "ranges in one request" },
	{ "discard_zeroes_data", QUEUE, "", "always 0 since Linux 4.12" },
	{ "write_zeroes_max_bytes", QUEUE, "bytes", "of one request; 0: zeroes are written as data" },
	{ "write_zeroes_unmap_max_bytes", QUEUE, "bytes", "0: zeroing does not free space" },
	{ "write_zeroes_unmap_max_hw_bytes", QUEUE, "bytes", "what the driver can do in one request" },
	{ "write_same_max_bytes", QUEUE, "bytes", "always 0 since Linux 5.18" },
	{ "max_sectors_kb", QUEUE, "KiB", "of one read or write" },
	{ "max_hw_sectors_kb", QUEUE, "KiB", "what the driver can do in one read or write" },
	{ "chunk_sectors", QUEUE, "sectors", "no request crosses a multiple of it; 0: none" },
	{ "max_segments", QUEUE, "", "pieces of memory in one request" },
	{ "max_segment_size", QUEUE, "bytes", "" },
	{ "max_integrity_segments", QUEUE, "", "" },
	{ "virt_boundary_mask", QUEUE, "bytes", "memory may have gaps only at multiples of it plus 1" },
	{ "atomic_write_max_bytes", QUEUE, "bytes", "0: no atomic writes" },
	{ "atomic_write_unit_min_bytes", QUEUE, "bytes", "" },
	{ "atomic_write_unit_max_bytes", QUEUE, "bytes", "" },
	{ "atomic_write_boundary_bytes", QUEUE, "bytes", "no atomic write crosses a multiple of it; 0: none" },
	{ "write_cache", QUEUE, "", "" },
	{ "fua", QUEUE, "", "1: a write can be made durable by itself" },
	{ "rotational", QUEUE, "", "" },
	{ "nr_requests", QUEUE, "", "" },
	{ "zoned", QUEUE, "", "" },
	{ "nr_zones", QUEUE, "", "" },
	{ "zone_append_max_bytes", QUEUE, "bytes", "of one request; 0: no zone append" },
	{ "zone_write_granularity", QUEUE, "bytes", "0: not zoned" },
	{ "max_open_zones", QUEUE, "", "0: no limit" },
	{ "max_active_zones", QUEUE, "", "0: no limit" },
};

enum type { U64, U32, INT, U16, LONG };

static const struct {
	const char *name;
	unsigned long nr;
	enum type type;
	const char *unit;
	const char *note;
} ioctls[] = {
	{ "BLKGETSIZE64", BLKGETSIZE64, U64, "bytes", "" },
	{ "BLKSSZGET", BLKSSZGET, INT, "bytes", "logical block size" },
	{ "BLKPBSZGET", BLKPBSZGET, U32, "bytes", "physical block size" },
	{ "BLKIOMIN", BLKIOMIN, U32, "bytes", "minimum_io_size" },
	{ "BLKIOOPT", BLKIOOPT, U32, "bytes", "optimal_io_size" },
	{ "BLKALIGNOFF", BLKALIGNOFF, INT, "bytes", "alignment_offset; -1: misaligned" },
	{ "BLKDISCARDZEROES", BLKDISCARDZEROES, U32, "", "always 0 since Linux 4.12: what a read returns after a discard is not promised; BLKZEROOUT zeroes" },
	{ "BLKSECTGET", BLKSECTGET, U16, "sectors", "of one read or write; shows at most 65535" },
	{ "BLKROTATIONAL", BLKROTATIONAL, U16, "", "" },
	{ "BLKROGET", BLKROGET, INT, "", "1: read-only" },
	{ "BLKRAGET", BLKRAGET, LONG, "sectors", "read-ahead" },
	{ "BLKGETZONESZ", BLKGETZONESZ, U32, "sectors", "size of a zone; 0: not zoned" },
	{ "BLKGETNRZONES", BLKGETNRZONES, U32, "", "zones; 0: not zoned" },
};

/* Options of our own devices for what the kernel does not show. */
static const struct {
	const char *name;
	const char *unit;
} options[] = {
	{ "secure_erase", "" },
	{ "max_secure_erase_sectors", "sectors" },
};

#define NR_LIMITS (HB_ARRAY_SIZE(files) + HB_ARRAY_SIZE(ioctls) + \
		   HB_ARRAY_SIZE(options))

/**
 * struct libhaltblk_limits - limits found
 * @nr: how many
 * @limits: them
 * @values: their values, as text
 */
struct libhaltblk_limits {
	size_t nr;
	struct libhaltblk_limit limits[NR_LIMITS];
	char values[NR_LIMITS][VALUE_LEN];
};

static char *next_value(struct libhaltblk_limits *all)
{
	return all->values[all->nr];
}

static void add(struct libhaltblk_limits *all, bool shown, const char *name,
		const char *unit, const char *source, const char *note)
{
	all->limits[all->nr] = (struct libhaltblk_limit){
		.name = name,
		.value = shown ? all->values[all->nr] : NULL,
		.unit = unit,
		.source = shown ? source : "",
		.note = note,
	};
	all->nr++;
}

static void read_files(struct libhaltblk_limits *all, const char *base,
		       const char *disk)
{
	char path[128];
	size_t i;

	for (i = 0; i < HB_ARRAY_SIZE(files); i++) {
		bool shown;

		if (files[i].where == HERE)
			snprintf(path, sizeof(path), "%s/%s", base,
				 files[i].name);
		else
			snprintf(path, sizeof(path), "%s/queue/%s", disk,
				 files[i].name);
		shown = hb_read_file(path, next_value(all), VALUE_LEN) >= 0;
		if (!shown && !strcmp(files[i].name, "start"))
			continue;	/* not a partition */
		add(all, shown, files[i].name, files[i].unit, "sysfs",
		    shown ? files[i].note : NOT_SHOWN);
	}
}

static int read_ioctl(int fd, unsigned long nr, enum type type, char *text)
{
	union {
		uint64_t u64;
		uint32_t u32;
		int i;
		unsigned short u16;
		long l;
	} v = { 0 };
	int r;

	if (fd < 0)
		return fd;
	r = hb_sys->ioctl(fd, nr, &v);
	if (r < 0)
		return r;
	switch (type) {
	case U64:
		snprintf(text, VALUE_LEN, "%llu", (unsigned long long)v.u64);
		break;
	case U32:
		snprintf(text, VALUE_LEN, "%u", v.u32);
		break;
	case INT:
		snprintf(text, VALUE_LEN, "%d", v.i);
		break;
	case U16:
		snprintf(text, VALUE_LEN, "%u", v.u16);
		break;
	case LONG:
		snprintf(text, VALUE_LEN, "%ld", v.l);
		break;
	}
	return 0;
}

static void read_ioctls(struct libhaltblk_limits *all, const char *path)
{
	int fd = hb_sys->open(path, O_RDONLY | O_NONBLOCK);
	size_t i;
	int r;

	for (i = 0; i < HB_ARRAY_SIZE(ioctls); i++) {
		const char *note = ioctls[i].note;

		r = read_ioctl(fd, ioctls[i].nr, ioctls[i].type,
			       next_value(all));
		if (r == -EACCES || r == -EPERM)
			note = "not asked: no permission to open the device";
		else if (r < 0)
			note = NOT_SHOWN;
		add(all, !r, ioctls[i].name, ioctls[i].unit, "ioctl", note);
	}
	if (fd >= 0)
		hb_sys->close(fd);
}

static struct libhaltblk_table *own_config(struct libhaltblk *h,
					   const char *disk)
{
	struct libhaltblk_table *table = NULL;
	char name[HALTBLK_NAME_LEN];

	if (hb_disk_name(disk, name) || libhaltblk_open(h))
		return NULL;
	if (!libhaltblk_attach(h, name))
		libhaltblk_config(h, &table);
	libhaltblk_close(h);
	return table;
}

static void read_options(struct libhaltblk_limits *all, const char *disk)
{
	const struct haltblk_config_entry *entry;
	struct libhaltblk h = { .fd = -1 };
	struct libhaltblk_table *table = own_config(&h, disk);
	const char *note = table ?
		"not shown by the kernel, nor by this haltblk driver" :
		"not shown by the kernel for any device; haltblk shows it for its own";
	size_t i, j;

	for (i = 0; i < HB_ARRAY_SIZE(options); i++) {
		const char *name = options[i].name;
		bool shown = false;

		for (j = 0; (entry = libhaltblk_config_at(table, j)); j++) {
			if (strcmp(entry->name, name))
				continue;
			snprintf(next_value(all), VALUE_LEN, "%s",
				 entry->value);
			shown = true;
		}
		if (!shown && !options[i].unit[0])
			continue;
		add(all, shown, name, options[i].unit, "haltblk",
		    shown ? "" : note);
	}
	libhaltblk_table_free(table);
}

int libhaltblk_limits(struct libhaltblk *h, const char *device,
		      struct libhaltblk_limits **limits)
{
	char path[HB_PATH_LEN], base[HB_SYSFS_LEN], disk[80];
	struct stat st, unused;
	int r;

	*limits = NULL;
	hb_begin(h);
	r = hb_blkdev_path(h, device, path, &st);
	if (r)
		return r;
	hb_sysfs_base(st.st_rdev, base);
	if (hb_sys->stat(base, &unused))
		return hb_fail(h, -ENODEV, "no driver serves %s", path);
	snprintf(disk, sizeof(disk), "%s/partition", base);
	r = hb_sys->stat(disk, &unused);
	snprintf(disk, sizeof(disk), "%s%s", base, r ? "" : "/..");
	*limits = calloc(1, sizeof(**limits));
	if (!*limits)
		return hb_fail(h, -ENOMEM, "out of memory");
	read_files(*limits, base, disk);
	read_ioctls(*limits, path);
	read_options(*limits, disk);
	return (int)(*limits)->nr;
}

const struct libhaltblk_limit *
libhaltblk_limit_at(const struct libhaltblk_limits *limits, size_t i)
{
	return limits && i < limits->nr ? &limits->limits[i] : NULL;
}

void libhaltblk_limits_free(struct libhaltblk_limits *limits)
{
	free(limits);
}
