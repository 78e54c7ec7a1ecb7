/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The real system behind struct hb_transport: thin wrappers that turn errno
 * into return values. No policy here.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "private.h"

static int real_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void real_close(int fd)
{
	close(fd);
}

static ssize_t real_read(int fd, void *buf, size_t len)
{
	ssize_t n = read(fd, buf, len);

	return n < 0 ? -errno : n;
}

static ssize_t real_write(int fd, const void *buf, size_t len)
{
	ssize_t n = write(fd, buf, len);

	return n < 0 ? -errno : n;
}

static int real_seek_end(int fd)
{
	return lseek(fd, 0, SEEK_END) < 0 ? -errno : 0;
}

static int real_ioctl(int fd, unsigned long nr, void *arg)
{
	int r = ioctl(fd, nr, arg);

	return r < 0 ? -errno : r;
}

static int real_mkdir(const char *path, mode_t mode)
{
	return mkdir(path, mode) ? -errno : 0;
}

static int real_rmdir(const char *path)
{
	return rmdir(path) ? -errno : 0;
}

static int real_stat(const char *path, struct stat *st)
{
	return stat(path, st) ? -errno : 0;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int real_list(const char *path,
		     void (*each)(void *ctx, const char *name), void *ctx)
{
	struct dirent **list;
	int nr, i;

	nr = scandir(path, &list, not_hidden, alphasort);
	if (nr < 0)
		return -errno;
	for (i = 0; i < nr; i++) {
		each(ctx, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return 0;
}

static int real_mount(const char *type, const char *path)
{
	return mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) ?
		       -errno : 0;
}

static int real_listens(const char *path, int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, r;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
	close(fd);
	return r;
}

static int real_watch(const char *dir)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int r;

	if (fd < 0)
		return -errno;
	if (inotify_add_watch(fd, dir, IN_CREATE | IN_MOVED_TO | IN_ATTRIB |
			      IN_CLOSE_WRITE) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

static int real_poll(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int r = poll(&p, 1, timeout_ms);

	return r < 0 ? -errno : r;
}

static uint64_t real_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * HB_NSEC + (uint64_t)ts.tv_nsec;
}

static int real_sleep(uint64_t ns)
{
	struct timespec ts = {
		.tv_sec = (time_t)(ns / HB_NSEC),
		.tv_nsec = (long)(ns % HB_NSEC),
	};

	return -clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

const struct hb_transport hb_real = {
	.open = real_open,
	.close = real_close,
	.read = real_read,
	.write = real_write,
	.seek_end = real_seek_end,
	.ioctl = real_ioctl,
	.mkdir = real_mkdir,
	.rmdir = real_rmdir,
	.stat = real_stat,
	.list = real_list,
	.mount = real_mount,
	.listens = real_listens,
	.watch = real_watch,
	.poll = real_poll,
	.now = real_now,
	.sleep = real_sleep,
};

const struct hb_transport *hb_sys = &hb_real;
