/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Sectors by name: sector=file:PATH:OFF+LEN and its like, as the sectors of a
 * disk that a rule takes. They are looked up when the rule is armed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sector.h"

#define SECTOR	512
#define EXTENTS	32

/**
 * struct place - a range on its way to the disk
 * @disk: name of the disk that the rule is for
 * @name: file, array or partition
 * @begin: first byte
 * @length: bytes
 * @why: out: what is wrong
 * @size: bytes of @why
 */
struct place {
	const char *disk;
	char *name;
	uint64_t begin;
	uint64_t length;
	char *why;
	size_t size;
};

static int wrong(struct place *p, const char *fmt, ...) HBC_PRINTF(2, 3);

static int wrong(struct place *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, p->size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* A number from a file of sysfs, in sectors; false if there is none. */
static bool read_sectors(uint64_t *n, const char *fmt, ...) HBC_PRINTF(2, 3);

static bool read_sectors(uint64_t *n, const char *fmt, ...)
{
	char path[512];
	va_list ap;
	bool found;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	f = fopen(path, "re");
	if (!f)
		return false;
	found = fscanf(f, "%" SCNu64, n) == 1;
	fclose(f);
	return found;
}

/* "OFF+LEN" after the last colon of the text; 0, -EINVAL. */
static int parse(struct place *p, char *text)
{
	char *range = strrchr(text, ':'), *plus;

	plus = range ? strchr(range, '+') : NULL;
	if (!plus || range == text)
		return wrong(p, "takes NAME:OFFSET+LENGTH");
	*range++ = *plus++ = '\0';
	p->name = text;
	if (libhaltblk_parse_size(NULL, range, &p->begin))
		return wrong(p, "%s: not an offset; use bytes, or a number with KiB, MiB, ...",
			     range);
	if (libhaltblk_parse_size(NULL, plus, &p->length) || !p->length)
		return wrong(p, "%s: not a length; use bytes, or a number with KiB, MiB, ...",
			     plus);
	return 0;
}

/* The name of a block device, without its folder, whatever path leads to it. */
static const char *base_name(const char *device, char path[4096])
{
	if (*device != '/' || !realpath(device, path))
		return device;
	return strrchr(path, '/') + 1;
}

/* A partition of the disk, by number, name or path. */
static int from_partition(struct place *p)
{
	char dir[64], entry[320], path[4096];
	const char *name = base_name(p->name, path);
	struct dirent *e;
	uint64_t start, nr;
	bool found = false;
	DIR *d;

	snprintf(dir, sizeof(dir), "/sys/block/%s", p->disk);
	d = opendir(dir);
	while (d && !found && (e = readdir(d))) {
		snprintf(entry, sizeof(entry), "%s/%s", dir, e->d_name);
		if (!read_sectors(&nr, "%s/partition", entry) ||
		    !read_sectors(&start, "%s/start", entry))
			continue;
		found = !strcmp(e->d_name, name) ||
			(name[strspn(name, "0123456789")] == '\0' &&
			 strtoull(name, NULL, 10) == nr);
	}
	if (d)
		closedir(d);
	if (!found)
		return wrong(p, "%s is not a partition of %s", p->name, p->disk);
	p->begin += start * SECTOR;
	return 0;
}

/* In the data of a member of an array. */
static int from_md(struct place *p)
{
	char path[4096];
	uint64_t start;

	if (!read_sectors(&start, "/sys/block/%s/md/dev-%s/offset",
			  base_name(p->name, path), p->disk))
		return wrong(p, "%s is not an array with %s as a member",
			     p->name, p->disk);
	p->begin += start * SECTOR;
	return 0;
}

/* Whether a device is the disk, or where on the disk its first byte is. */
static int add_start(struct place *p, dev_t dev)
{
	char link[64], path[4096], level[16] = "";
	uint64_t start;
	char *name;
	FILE *f;

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(dev),
		 minor(dev));
	if (!realpath(link, path))
		return wrong(p, "%s: its file system is not on one disk",
			     p->name);
	name = strrchr(path, '/') + 1;
	if (!strcmp(name, p->disk))
		return 0;
	if (read_sectors(&start, "%s/start", path)) {
		p->name = name;
		return from_partition(p);
	}
	snprintf(link, sizeof(link), "/sys/block/%s/md/level", name);
	f = fopen(link, "re");
	if (f && fscanf(f, "%15s", level) != 1)
		*level = '\0';
	if (f)
		fclose(f);
	if (!strcmp(level, "raid1") &&
	    read_sectors(&start, "%s/md/dev-%s/offset", path, p->disk)) {
		p->begin += start * SECTOR;
		return 0;
	}
	return wrong(p, "%s: its file system is on %s, whose blocks do not lie one to one on %s",
		     p->name, name, p->disk);
}

#define NOWHERE	(FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC |	\
		 FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_NOT_ALIGNED)

/* The one piece of the disk that the extents cover. */
static int from_extents(struct place *p, const struct fiemap *map)
{
	uint64_t end = p->begin + p->length, at = p->begin, begin = 0, next = 0;
	unsigned int i;

	for (i = 0; i < map->fm_mapped_extents; i++) {
		const struct fiemap_extent *e = &map->fm_extents[i];
		uint64_t past = at - e->fe_logical;

		if (e->fe_logical > at)
			break;
		if (e->fe_flags & NOWHERE)
			return wrong(p, "%s: byte %" PRIu64 " has no block yet; sync the file first",
				     p->name, at);
		if (i && e->fe_physical + past != next)
			return wrong(p, "%s: the range is in several pieces, and a rule takes one: end it at byte %" PRIu64,
				     p->name, at);
		if (!i)
			begin = e->fe_physical + past;
		at = e->fe_logical + e->fe_length;
		next = e->fe_physical + e->fe_length;
		if (at >= end)
			break;
	}
	if (at < end)
		return wrong(p, "%s: byte %" PRIu64 " has no block: a hole, or the end of the file",
			     p->name, at);
	p->begin = begin;
	return 0;
}

static int map_file(struct place *p, int fd)
{
	struct fiemap *map = calloc(1, sizeof(*map) +
				    EXTENTS * sizeof(map->fm_extents[0]));
	int r;

	if (!map)
		return wrong(p, "%s", strerror(ENOMEM));
	map->fm_start = p->begin;
	map->fm_length = p->length;
	map->fm_extent_count = EXTENTS;
	r = ioctl(fd, FS_IOC_FIEMAP, map) < 0 ?
	    wrong(p, "%s: cannot be mapped to blocks: %s", p->name,
		  strerror(errno)) : from_extents(p, map);
	free(map);
	return r;
}

static int from_file(struct place *p)
{
	int fd = open(p->name, O_RDONLY | O_CLOEXEC), r;
	struct stat st;

	if (fd < 0)
		return wrong(p, "%s: %s", p->name, strerror(errno));
	r = fstat(fd, &st) ? wrong(p, "%s: %s", p->name, strerror(errno)) :
			     map_file(p, fd);
	close(fd);
	return r ? r : add_start(p, st.st_dev);
}

static const struct {
	const char *prefix;
	int (*find)(struct place *p);
} kinds[] = {
	{ "sector=file:", from_file },
	{ "sector=md:", from_md },
	{ "sector=part:", from_partition },
};

/**
 * hbc_sector() - a condition with sectors by name, as one with numbers
 * @disk: name of the disk that the rule is for
 * @word: condition of a rule
 * @buf: out: the condition with numbers
 * @size: bytes of @buf; a message of this size, too, if it cannot be
 *
 * Return: 1; 0 if @word names no sectors; -EINVAL, with the reason in @buf.
 */
int hbc_sector(const char *disk, const char *word, char *buf, size_t size)
{
	struct place p = { .disk = disk, .why = buf, .size = size };
	uint64_t first, last;
	char *copy;
	size_t i;
	int r;

	for (i = 0; i < HBC_ARRAY_SIZE(kinds); i++)
		if (!strncmp(word, kinds[i].prefix, strlen(kinds[i].prefix)))
			break;
	if (i == HBC_ARRAY_SIZE(kinds))
		return 0;
	copy = strdup(word + strlen(kinds[i].prefix));
	if (!copy)
		return wrong(&p, "%s", strerror(ENOMEM));
	r = parse(&p, copy);
	if (!r)
		r = kinds[i].find(&p);
	free(copy);
	if (r)
		return r;
	first = p.begin / SECTOR;
	last = (p.begin + p.length - 1) / SECTOR;
	snprintf(buf, size, "sector=%" PRIu64 "+%" PRIu64, first,
		 last - first + 1);
	return 1;
}
