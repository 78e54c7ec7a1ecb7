/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Who uses a block device: mounts, swap, devices built on it, partitions, and
 * processes that have it open. Looked up only to word a refusal: the kernel's
 * exclusive open is what decides.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "blkdev.h"

#define TABLE_LEN	(256 * 1024)	/* of mountinfo, of swaps */
#define MOST_DISKS	17		/* a disk and its partitions */
#define MOST_NAMED	8		/* of each kind of user */

/**
 * struct users - the users found so far
 * @disks: the device, and its partitions if it is a disk
 * @nr_disks: how many
 * @base: of the device in sysfs
 * @pid: directory in /proc that is being looked at
 * @dir: directory that is being listed
 * @nr: of the kind that is being looked for
 * @text: who, with commas between
 */
struct users {
	dev_t disks[MOST_DISKS];
	unsigned int nr_disks;
	const char *base;
	const char *pid;
	char dir[128];
	unsigned int nr;
	struct hb_text *text;
};

static void note(struct users *u, const char *what, const char *who)
{
	if (u->nr++ >= MOST_NAMED)
		return;
	hb_text_add(u->text, "%s%s %s", u->text->len ? ", " : "", what, who);
}

static bool is_ours(const struct users *u, dev_t dev)
{
	unsigned int i;

	for (i = 0; i < u->nr_disks; i++)
		if (u->disks[i] == dev)
			return true;
	return false;
}

/* A whole file in /proc, which gives a page at a time. */
static char *read_table(const char *path)
{
	size_t len = 0;
	char *text;
	ssize_t n;
	int fd;

	fd = hb_sys->open(path, O_RDONLY);
	if (fd < 0)
		return NULL;
	text = malloc(TABLE_LEN);
	while (text && len < TABLE_LEN - 1) {
		n = hb_sys->read(fd, text + len, TABLE_LEN - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	hb_sys->close(fd);
	if (text)
		text[len] = '\0';
	return text;
}

/* Blanks and backslashes in a path are written as octal numbers there. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && isdigit((unsigned char)s[1]) &&
		    isdigit((unsigned char)s[2]) &&
		    isdigit((unsigned char)s[3])) {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 +
				       s[3] - '0');
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static bool is_our_node(const struct users *u, char *path)
{
	struct stat st;

	unescape(path);
	return path[0] == '/' && !hb_sys->stat(path, &st) &&
	       S_ISBLK(st.st_mode) && is_ours(u, st.st_rdev);
}

/*
 * ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS... - TYPE SOURCE OPTIONS. Some
 * file systems show a number of their own; their source shows the device.
 */
static void look_at_mount(struct users *u, char *line)
{
	char *word[5], *rest = line, *tail = strstr(line, " - ");
	unsigned int ma, mi, i;
	bool ours;

	if (!tail)
		return;
	*tail = '\0';
	tail += 3;
	for (i = 0; i < 5; i++) {
		word[i] = strsep(&rest, " ");
		if (!word[i])
			return;
	}
	ours = sscanf(word[2], "%u:%u", &ma, &mi) == 2 &&
	       is_ours(u, makedev(ma, mi));
	strsep(&tail, " ");
	rest = strsep(&tail, " ");
	if (!ours && !(rest && is_our_node(u, rest)))
		return;
	unescape(word[4]);
	note(u, "mounted on", word[4]);
}

static void look_at_swap(struct users *u, char *line)
{
	char *path = strsep(&line, " \t");

	if (is_our_node(u, path))
		note(u, "swap space on", path);
}

static void each_line(struct users *u, const char *path,
		      void (*look)(struct users *u, char *line))
{
	char *text = read_table(path), *rest = text, *line;

	u->nr = 0;
	while ((line = strsep(&rest, "\n")))
		look(u, line);
	free(text);
}

static void add_holder(void *ctx, const char *name)
{
	note(ctx, "a part of", name);
}

/* Whether an entry of a disk's directory is one of its partitions. */
static bool is_partition(const struct users *u, const char *name)
{
	struct stat st;
	char path[320];

	snprintf(path, sizeof(path), "%s/%s/partition", u->base, name);
	return !hb_sys->stat(path, &st);
}

static void add_partition_holders(void *ctx, const char *name)
{
	struct users *u = ctx;
	char path[320];

	if (!is_partition(u, name))
		return;
	snprintf(path, sizeof(path), "%s/%s/holders", u->base, name);
	hb_sys->list(path, add_holder, u);
}

static void find_holders(struct users *u)
{
	u->nr = 0;
	snprintf(u->dir, sizeof(u->dir), "%s/holders", u->base);
	hb_sys->list(u->dir, add_holder, u);
	hb_sys->list(u->base, add_partition_holders, u);
}

static void look_at_fd(void *ctx, const char *name)
{
	struct users *u = ctx;
	char path[192], comm[64], who[128];
	struct stat st;

	if (!u->pid)
		return;
	snprintf(path, sizeof(path), "%s/%.20s", u->dir, name);
	if (hb_sys->stat(path, &st) || !S_ISBLK(st.st_mode) ||
	    !is_ours(u, st.st_rdev))
		return;
	snprintf(path, sizeof(path), "/proc/%.20s/comm", u->pid);
	if (hb_read_file(path, comm, sizeof(comm)) < 0)
		strcpy(comm, "?");
	snprintf(who, sizeof(who), "%.20s (%s)", u->pid, comm);
	note(u, "open in process", who);
	u->pid = NULL;		/* once is enough */
}

static void look_at_process(void *ctx, const char *name)
{
	struct users *u = ctx;

	if (!isdigit((unsigned char)*name) ||
	    strtol(name, NULL, 10) == (long)getpid())
		return;
	u->pid = name;
	snprintf(u->dir, sizeof(u->dir), "/proc/%.20s/fd", name);
	hb_sys->list(u->dir, look_at_fd, u);
}

static void add_partition_dev(void *ctx, const char *name)
{
	struct users *u = ctx;
	unsigned int ma, mi;
	char path[320], dev[32];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s/partition", u->base, name);
	if (u->nr_disks == MOST_DISKS || hb_sys->stat(path, &st))
		return;
	snprintf(path, sizeof(path), "%s/%s/dev", u->base, name);
	if (hb_read_file(path, dev, sizeof(dev)) > 0 &&
	    sscanf(dev, "%u:%u", &ma, &mi) == 2)
		u->disks[u->nr_disks++] = makedev(ma, mi);
}

/**
 * hb_users() - say who uses a device or, if it is a disk, a partition of it
 * @rdev: device
 * @text: out: "mounted on /mnt, a part of md0"; empty when nobody is known
 */
void hb_users(dev_t rdev, struct hb_text *text)
{
	struct users u = { .disks = { rdev }, .nr_disks = 1, .text = text };
	char base[HB_SYSFS_LEN];

	hb_sysfs_base(rdev, base);
	u.base = base;
	hb_sys->list(base, add_partition_dev, &u);
	each_line(&u, "/proc/self/mountinfo", look_at_mount);
	each_line(&u, "/proc/swaps", look_at_swap);
	find_holders(&u);
	/* A mount has it open, too: look at processes only if none was found. */
	if (text->len)
		return;
	u.nr = 0;
	hb_sys->list("/proc", look_at_process, &u);
}

static void add_partition(void *ctx, const char *name)
{
	struct users *u = ctx;

	if (is_partition(u, name) && u->nr++ < MOST_NAMED)
		hb_text_add(u->text, "%s%s", u->text->len ? ", " : "", name);
}

/**
 * hb_partitions() - the partitions of a disk
 * @rdev: device
 * @text: out: their names; empty for a disk without partitions, and for a
 *	partition
 *
 * Return: 0, or a negative errno if they cannot be listed.
 */
int hb_partitions(dev_t rdev, struct hb_text *text)
{
	struct users u = { .text = text };
	char base[HB_SYSFS_LEN];
	int r;

	hb_sysfs_base(rdev, base);
	u.base = base;
	r = hb_sys->list(base, add_partition, &u);
	return r == -ENOENT ? 0 : r;
}
