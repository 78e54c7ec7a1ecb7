/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The fake system's files, log and clock. The control device is in
 * fake_ioctl.c, the driver's part of configfs in fake_configfs.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake.h"
#include "fake_private.h"

#define NODES	256
#define FDS	32
#define FD_BASE	1000

struct fake_system *fake_state;

static struct fake_node nodes[NODES];
static char kmsg[64][400];
static int nr_kmsg;

static struct {
	struct fake_node *node;
	size_t pos;
} fds[FDS];

struct fake_node *fake_find(const char *path)
{
	int i;

	for (i = 0; i < NODES; i++)
		if (nodes[i].path[0] && !strcmp(nodes[i].path, path))
			return &nodes[i];
	return NULL;
}

static struct fake_node *add_node(const char *path, mode_t mode)
{
	struct fake_node *node = fake_find(path);
	int i;

	for (i = 0; !node && i < NODES; i++)
		if (!nodes[i].path[0])
			node = &nodes[i];
	if (!node)
		abort();
	memset(node, 0, sizeof(*node));
	snprintf(node->path, sizeof(node->path), "%s", path);
	node->mode = mode;
	return node;
}

void fake_file(const char *path, const char *text, mode_t mode)
{
	struct fake_node *node = add_node(path, S_IFREG | mode);

	snprintf(node->text, sizeof(node->text), "%s", text);
}

void fake_dir(const char *path, dev_t dev)
{
	add_node(path, S_IFDIR | 0755)->dev = dev;
}

void fake_blkdev(const char *path, dev_t rdev, uint64_t size, int block)
{
	struct fake_node *node = add_node(path, S_IFBLK | 0600);

	node->rdev = rdev;
	node->size = size;
	node->block = block;
}

void fake_remove_file(const char *path)
{
	struct fake_node *node = fake_find(path);

	if (node)
		node->path[0] = '\0';
}

void fake_remove_tree(const char *path)
{
	size_t len = strlen(path);
	int i;

	for (i = 0; i < NODES; i++)
		if (!strncmp(nodes[i].path, path, len) &&
		    (!nodes[i].path[len] || nodes[i].path[len] == '/'))
			nodes[i].path[0] = '\0';
}

bool fake_exists(const char *path)
{
	return fake_find(path);
}

void fake_open_error(const char *path, int err)
{
	struct fake_node *node = fake_find(path);

	if (!node)
		node = add_node(path, S_IFCHR | 0600);
	node->open_err = err;
}

void fake_kmsg(const char *text)
{
	snprintf(kmsg[nr_kmsg], sizeof(kmsg[0]),
		 "4,%d,1000,-;%s\n SUBSYSTEM=none\n", nr_kmsg, text);
	nr_kmsg++;
}

void fake_note(const char *fmt, ...)
{
	size_t len = strlen(fake.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake.log + len, sizeof(fake.log) - len, fmt, ap);
	va_end(ap);
}

int fake_open_fds(void)
{
	int nr = 0, i;

	for (i = 0; i < FDS; i++)
		nr += !!fds[i].node;
	return nr;
}

static int fake_open(const char *path, int flags)
{
	struct fake_node *node = fake_find(path);
	int i;

	if (!node)
		return -ENOENT;
	if (node->open_err)
		return node->open_err;
	if (S_ISREG(node->mode) && (flags & O_ACCMODE) != O_RDONLY &&
	    !(node->mode & 0222))
		return -EACCES;
	fake.open_flags = flags;
	for (i = 0; fds[i].node; i++)
		if (i + 1 == FDS)
			abort();
	fds[i].node = node;
	fds[i].pos = 0;
	return FD_BASE + i;
}

static void fake_close(int fd)
{
	if (fd < FD_BASE || fd >= FD_BASE + FDS || !fds[fd - FD_BASE].node)
		abort();
	fds[fd - FD_BASE].node = NULL;
}

/* Whole records, as many as fit; one longer than the known type ends in 0xee. */
static ssize_t read_events(char *buf, size_t len)
{
	size_t size = fake.event_size, done = 0;
	size_t known = sizeof(fake.events[0]);

	while (fake.nr_events && done + size <= len) {
		fake.events[0].size = (uint32_t)size;
		memset(buf + done, 0xee, size);
		memcpy(buf + done, &fake.events[0], size < known ? size : known);
		memmove(&fake.events[0], &fake.events[1],
			--fake.nr_events * known);
		done += size;
	}
	return (ssize_t)done;
}

static ssize_t fake_read(int fd, void *buf, size_t len)
{
	size_t *pos = &fds[fd - FD_BASE].pos;
	struct fake_node *node = fds[fd - FD_BASE].node;
	const char *text = node->text + *pos;

	if (!strcmp(node->path, HB_CONTROL))
		return read_events(buf, len);
	if (!strcmp(node->path, "/dev/kmsg")) {
		if (*pos >= (size_t)nr_kmsg)
			return -EAGAIN;
		text = kmsg[(*pos)++];
	} else {
		*pos += strlen(text);
	}
	if (strlen(text) < len)
		len = strlen(text);
	memcpy(buf, text, len);
	return (ssize_t)len;
}

static ssize_t fake_write(int fd, const void *buf, size_t len)
{
	struct fake_node *node = fds[fd - FD_BASE].node;
	char text[sizeof(node->text)];
	int r;

	snprintf(text, sizeof(text), "%.*s", (int)len, (const char *)buf);
	fake_note("%s=%.*s;", strrchr(node->path, '/') + 1,
		  (int)strcspn(text, "\n"), text);
	r = fake_configfs_write(node, text);
	if (r)
		return r;
	memcpy(node->text, text, sizeof(text));
	return (ssize_t)len;
}

static int fake_seek_end(int fd)
{
	fds[fd - FD_BASE].pos = (size_t)nr_kmsg;
	return 0;
}

static int fake_ioctl(int fd, unsigned long nr, void *arg)
{
	struct fake_node *node;

	if (fd < FD_BASE || fd >= FD_BASE + FDS || !fds[fd - FD_BASE].node)
		abort();
	node = fds[fd - FD_BASE].node;
	if (S_ISBLK(node->mode))
		return fake_blkdev_ioctl(node, nr, arg);
	return fake_control_ioctl(nr, arg);
}

static int fake_mkdir(const char *path, mode_t mode)
{
	(void)mode;
	if (fake_find(path))
		return -EEXIST;
	fake_note("mkdir %s;", strrchr(path, '/') + 1);
	fake_dir(path, 2);
	fake_configfs_mkdir(path);
	return 0;
}

static int fake_rmdir(const char *path)
{
	struct fake_node *node = fake_find(path);

	if (!node)
		return -ENOENT;
	if (node->open_err)
		return node->open_err;
	fake_note("rmdir %s;", strrchr(path, '/') + 1);
	fake_configfs_rmdir(path);
	fake_remove_tree(path);
	return 0;
}

static int fake_stat(const char *path, struct stat *st)
{
	struct fake_node *node = fake_find(path);

	memset(st, 0, sizeof(*st));
	if (!node)
		return -ENOENT;
	st->st_mode = node->mode;
	st->st_dev = node->dev;
	st->st_rdev = node->rdev;
	return 0;
}

/* In the order they were made. */
static int fake_list(const char *path,
		     void (*each)(void *ctx, const char *name), void *ctx)
{
	size_t len = strlen(path);
	int i;

	if (!fake_find(path))
		return -ENOENT;
	for (i = 0; i < NODES; i++)
		if (!strncmp(nodes[i].path, path, len) &&
		    nodes[i].path[len] == '/' &&
		    !strchr(nodes[i].path + len + 1, '/'))
			each(ctx, nodes[i].path + len + 1);
	return 0;
}

static int fake_mount(const char *type, const char *path)
{
	fake_note("mount %s;", type);
	if (fake.mount_err)
		return fake.mount_err;
	fake_dir(path, 2);
	fake_dir(HB_SUBSYSTEM, 2);
	return 0;
}

static int fake_listens(const char *path, int type)
{
	(void)type;
	return fake_find(path) ? 0 : -ENOENT;
}

static int fake_watch(const char *dir)
{
	return fake_find(dir) ? fake_open(dir, O_RDONLY) : -ENOENT;
}

static int fake_poll(int fd, int timeout_ms)
{
	if (fd >= 0 && fake.nr_events)
		return 1;
	if (fake.on_poll) {
		fake.on_poll();
		return fd >= 0;
	}
	fake.now += (uint64_t)timeout_ms * 1000000;
	return 0;
}

static uint64_t fake_now(void)
{
	return fake.now;
}

static int fake_sleep(uint64_t ns)
{
	fake.now += ns;
	if (fake.on_sleep)
		fake.on_sleep();
	return 0;
}

static const struct hb_transport fake_transport = {
	.open = fake_open,
	.close = fake_close,
	.read = fake_read,
	.write = fake_write,
	.seek_end = fake_seek_end,
	.ioctl = fake_ioctl,
	.mkdir = fake_mkdir,
	.rmdir = fake_rmdir,
	.stat = fake_stat,
	.list = fake_list,
	.mount = fake_mount,
	.listens = fake_listens,
	.watch = fake_watch,
	.poll = fake_poll,
	.now = fake_now,
	.sleep = fake_sleep,
};

void fake_reset(void)
{
	if (!fake_state)
		fake_state = mmap(NULL, sizeof(*fake_state),
				  PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fake_state == MAP_FAILED)
		abort();
	memset(fake_state, 0, sizeof(*fake_state));
	memset(nodes, 0, sizeof(nodes));
	memset(fds, 0, sizeof(fds));
	nr_kmsg = 0;
	fake.now = 5000 * HB_NSEC;
	fake.entry_cut = SIZE_MAX;
	fake.node_at_power = true;
	fake.event_size = sizeof(fake.events[0]);
	fake.backtrace = "";
	hb_sys = &fake_transport;
	fake_dir("/dev", 1);
	fake_dir(HB_CONFIGFS "/..", 1);
	fake_dir(HB_CONFIGFS, 1);
}

void fake_load(void)
{
	fake_reset();
	fake_file("/dev/kmsg", "", 0600);
	fake_file(HB_CONTROL, "", 0600);
	fake_dir(HB_CONFIGFS, 2);
	fake_dir(HB_SUBSYSTEM, 2);
	strcpy(fake.devices[0].name, "hb0");
	fake.devices[0].flags = HALTBLK_DEV_F_POWERED;
	fake.nr_devices = 1;
}
