/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The real system behind the table, as far as an ordinary user can try it: an
 * error is a negative errno, a directory is listed in alphabetical order, a
 * watch wakes up, sockets with and without a listener are distinguished.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "private.h"
#include "tap.h"

static const struct hb_transport *sys = &hb_real;
static char dir[64];

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

static void files(void)
{
	struct stat st;
	char buf[16];
	int fd, nr;

	put("b", "value\n");
	tap_int(sys->open(in_dir("none"), O_RDONLY), -ENOENT, "open: no file");
	fd = sys->open(in_dir("b"), O_RDWR);
	tap_ok(fd >= 0, "open");
	tap_ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "open: close-on-exec");
	tap_int(sys->read(fd, buf, sizeof(buf)), 6, "read");
	tap_int(sys->write(fd, "x", 1), 1, "write");
	tap_int(sys->seek_end(fd), 0, "seek");
	tap_int(sys->read(fd, buf, sizeof(buf)), 0, "read at the end");
	tap_int(sys->ioctl(fd, FIONREAD, &nr), 0, "ioctl");
	tap_int(sys->ioctl(fd, TIOCSTI, buf), -ENOTTY, "ioctl: not known");
	sys->close(fd);
	tap_int(sys->read(fd, buf, 1), -EBADF, "read: closed");
	tap_int(sys->write(fd, buf, 1), -EBADF, "write: closed");
	tap_int(sys->seek_end(fd), -EBADF, "seek: closed");
	tap_int(sys->stat(in_dir("b"), &st), 0, "stat");
	tap_int((long long)st.st_size, 7, "stat: size");
	tap_int(sys->stat(in_dir("none"), &st), -ENOENT, "stat: no file");
	tap_ok(hb_sys == &hb_real, "the real system is what is used");
}

static void add(void *ctx, const char *name)
{
	strcat(strcat(ctx, name), " ");
}

static void directories(void)
{
	char names[64] = "";

	put("c", "");
	put("a", "");
	put(".hidden", "");
	tap_int(sys->list(dir, add, names), 0, "list");
	tap_str(names, "a b c ", "list: by the alphabet, nothing hidden");
	tap_int(sys->list(in_dir("none"), add, names), -ENOENT, "list: none");
	tap_int(sys->mkdir(in_dir("d"), 0755), 0, "mkdir");
	tap_int(sys->mkdir(in_dir("d"), 0755), -EEXIST, "mkdir twice");
	tap_int(sys->rmdir(in_dir("d")), 0, "rmdir");
	tap_int(sys->rmdir(in_dir("d")), -ENOENT, "rmdir twice");
	tap_ok(sys->mount("no-such-type", dir) < 0, "mount: no such type");
}

static void watches(void)
{
	uint64_t start = sys->now();
	int fd = sys->watch(dir);
	char from[128];

	tap_ok(fd >= 0, "watch");
	tap_int(sys->poll(fd, 0), 0, "nothing happened yet");
	put("new", "");
	tap_int(sys->poll(fd, 10000), 1, "a file appeared");
	sys->close(fd);
	fd = sys->watch(dir);
	snprintf(from, sizeof(from), "%s", in_dir("new"));
	tap_int(rename(from, in_dir("newer")), 0, "rename");
	tap_int(sys->poll(fd, 10000), 1, "a file moved in, as udev does it");
	sys->close(fd);
	tap_int(sys->watch(in_dir("none")), -ENOENT, "watch: no directory");
	tap_int(sys->poll(-1, 1), 0, "no descriptor: time passes");
	tap_ok(sys->now() > start, "and the clock goes on");
	start = sys->now();
	tap_int(sys->sleep(2000000), 0, "sleep");
	tap_ok(sys->now() - start >= 2000000, "sleep: 2 ms at least");
}

static void sockets(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.64s/socket", dir);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		abort();
	tap_int(sys->listens(in_dir("socket"), SOCK_SEQPACKET), -ECONNREFUSED,
		"nobody listens");
	listen(fd, 1);
	tap_int(sys->listens(in_dir("socket"), SOCK_SEQPACKET), 0, "someone does");
	tap_int(sys->listens(in_dir("none"), SOCK_SEQPACKET), -ENOENT,
		"no socket");
	close(fd);
}

static void clean_up(void)
{
	static const char *const names[] = {
		"a", "b", "c", ".hidden", "new", "newer", "socket",
	};
	size_t i;

	for (i = 0; i < HB_ARRAY_SIZE(names); i++)
		unlink(in_dir(names[i]));
	tap_int(rmdir(dir), 0, "nothing else was made");
}

int main(void)
{
	snprintf(dir, sizeof(dir), "%s/haltblk-unit-XXXXXX",
		 getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 30 ?
		 getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(dir))
		return 1;
	files();
	directories();
	watches();
	sockets();
	clean_up();
	return tap_done();
}
