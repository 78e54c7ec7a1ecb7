/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Waits for a device's node, and until udev has finished with the device.
 *
 * This is not udevadm settle: that waits for every event in the queue, and
 * another device's may be stuck behind a request that someone holds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

#include "private.h"

#define UDEV_DATA	"/run/udev/data"

struct waiting {
	char path[64];		/* what is looked at */
	uint64_t since;		/* CLOCK_MONOTONIC ns */
	dev_t dev;
};

static bool node_is_there(struct waiting *w)
{
	struct stat st;

	if (hb_sys->stat(w->path, &st) || !S_ISBLK(st.st_mode))
		return false;
	w->dev = st.st_rdev;
	return true;
}

/*
 * udev writes a file about a device when it is done with its rules; the line
 * "I:" has the time (CLOCK_MONOTONIC, microseconds) it first did. An older one
 * is left over from an earlier device of that number.
 */
static bool udev_is_done(struct waiting *w)
{
	char text[8192];
	const char *line, *end;
	uint64_t usec;

	if (hb_read_file(w->path, text, sizeof(text)) < 0)
		return false;
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, "I:", 2) &&
		    !hb_parse_number(line + 2, &end, &usec))
			return usec >= w->since / 1000;
	}
	return false;
}

/* Wait until something is so, looking again when @dir changes. */
static int wait_until(const char *dir, bool (*is_so)(struct waiting *),
		      struct waiting *w, uint64_t deadline)
{
	uint64_t now, left_ms;
	char events[4096];
	int fd, r = 0;

	if (is_so(w))
		return 0;
	fd = hb_sys->watch(dir);
	while (!is_so(w)) {
		now = hb_sys->now();
		if (now >= deadline) {
			r = -ETIME;
			break;
		}
		left_ms = (deadline - now + 999999) / 1000000;
		/* If the directory cannot be watched, look at it now and then. */
		if (fd < 0 && left_ms > 20)
			left_ms = 20;
		if (left_ms > 60000)
			left_ms = 60000;
		if (hb_sys->poll(fd, (int)left_ms) > 0)
			hb_sys->read(fd, events, sizeof(events));
	}
	if (fd >= 0)
		hb_sys->close(fd);
	return r;
}

static bool udev_runs(void)
{
	return !hb_sys->listens("/run/udev/control", SOCK_SEQPACKET) ||
	       !hb_sys->listens("/run/udev/io.systemd.Udev", SOCK_STREAM);
}

int libhaltblk_wait_node(struct libhaltblk *h, const char *device,
			 uint64_t timeout_ns)
{
	struct waiting w = { .since = h->powered_at };
	uint64_t now = hb_sys->now(), deadline;
	char name[HALTBLK_NAME_LEN];
	int r;

	hb_begin(h);
	deadline = timeout_ns > UINT64_MAX - now ? UINT64_MAX :
						   now + timeout_ns;
	r = hb_device_name(h, device, name);
	if (r)
		return r;
	snprintf(w.path, sizeof(w.path), "/dev/%s", name);
	r = wait_until("/dev", node_is_there, &w, deadline);
	if (r)
		return hb_fail(h, r, "%s did not appear in time; check that /dev is a devtmpfs or managed by udev",
			       w.path);
	if (!udev_runs())
		return 0;
	snprintf(w.path, sizeof(w.path), UDEV_DATA "/b%u:%u", major(w.dev),
		 minor(w.dev));
	r = wait_until(UDEV_DATA, udev_is_done, &w, deadline);
	if (!r)
		return 0;
	hb_fail(h, r, "udev did not finish with the device in time");
	return 1;
}
