/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Handle and session, and the one way that calls reach the driver: hb_ioctl()
 * sizes the structure, gives the kernel room for its reason, and turns a
 * failure into a sentence.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

const char *libhaltblk_version(void)
{
	return HALTBLK_VERSION;
}

/** hb_begin() - forget the last reason; every public call starts with it */
void hb_begin(struct libhaltblk *h)
{
	if (h)
		h->why[0] = '\0';
}

/** hb_fail() - note a reason, or a warning, (@h may be NULL) and return @err */
int hb_fail(struct libhaltblk *h, int err, const char *fmt, ...)
{
	va_list ap;

	if (!h)
		return err;
	va_start(ap, fmt);
	vsnprintf(h->why, sizeof(h->why), fmt, ap);
	va_end(ap);
	return err;
}

int libhaltblk_new(struct libhaltblk **h)
{
	*h = calloc(1, sizeof(**h));
	if (!*h)
		return -ENOMEM;
	(*h)->fd = -1;
	return 0;
}

void libhaltblk_close(struct libhaltblk *h)
{
	if (h->fd >= 0)
		hb_sys->close(h->fd);
	h->fd = -1;
	h->watching = false;
	hb_events_drop(h);
}

void libhaltblk_free(struct libhaltblk *h)
{
	if (!h)
		return;
	libhaltblk_close(h);
	free(h);
}

const char *libhaltblk_why(const struct libhaltblk *h)
{
	return h->why;
}

int libhaltblk_fd(const struct libhaltblk *h)
{
	return h->fd < 0 ? -EBADF : h->fd;
}

int libhaltblk_open(struct libhaltblk *h)
{
	int fd;

	hb_begin(h);
	if (h->fd >= 0)
		return hb_fail(h, -EALREADY, "a session is open on this handle already");
	fd = hb_sys->open(HB_CONTROL, O_RDWR);
	switch (fd) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return hb_fail(h, -ENXIO, "the haltblk driver is not loaded; load it with: modprobe haltblk");
	case -EACCES:
	case -EPERM:
		return hb_fail(h, fd, "only root may control haltblk devices; use sudo");
	case -ENFILE:
		return hb_fail(h, fd, "too many files, or %d sessions, are open; end some of the programs that have them",
			       HALTBLK_MAX_SESSIONS);
	}
	if (fd < 0)
		return hb_fail(h, fd, "cannot open %s: %s", HB_CONTROL,
			       strerror(-fd));
	h->fd = fd;
	return 0;
}

/* What an errno means when the kernel gave no reason of its own. */
static const char *ioctl_reason(int err)
{
	switch (err) {
	case -ENODEV:
		return "the device is gone; see haltblk list";
	case -ENOTTY:
		return "the loaded driver does not know this call; load the driver that came with this library";
	case -E2BIG:
		return "the loaded driver is older than this library and does not know this request; load the driver that came with this library";
	case -EINTR:
		return "interrupted by a signal";
	default:
		return strerror(-err);
	}
}

/**
 * hb_ioctl() - call the driver
 * @h: handle with a session
 * @nr: HALTBLK_IOC_*
 * @hdr: start of a structure that is filled in but for size and why
 * @size: its bytes
 *
 * On an error h->why is the kernel's sentence, or what the errno means;
 * h->kernel_why is "" in the second case, so that the caller can give a better
 * reason.
 */
int hb_ioctl(struct libhaltblk *h, unsigned long nr, struct haltblk_hdr *hdr,
	     size_t size)
{
	int r;

	h->kernel_why[0] = '\0';
	if (h->fd < 0)
		return hb_fail(h, -EBADF, "no session is open");
	hdr->size = (uint32_t)size;
	hdr->why = (uintptr_t)h->kernel_why;
	r = hb_sys->ioctl(h->fd, nr, hdr);
	h->kernel_why[sizeof(h->kernel_why) - 1] = '\0';
	hdr->why = 0;
	if (r >= 0)
		return r;
	return hb_fail(h, r, "%s",
		       h->kernel_why[0] ? h->kernel_why : ioctl_reason(r));
}

int libhaltblk_query(struct libhaltblk *h, struct haltblk_query *query,
		     size_t size)
{
	hb_begin(h);
	if (size < sizeof(query->hdr))
		return hb_fail(h, -EINVAL, "the structure has %zu bytes, too few for its header",
			       size);
	memset(query, 0, size);
	return hb_ioctl(h, HALTBLK_IOC_QUERY, &query->hdr, size);
}

/**
 * hb_tag() - check a tag
 * @h: handle for the reason
 * @tag: as the caller gave it
 * @buf: out: terminated and padded with zeroes
 *
 * Return: 0 or -EINVAL.
 */
int hb_tag(struct libhaltblk *h, const char *tag, char buf[HALTBLK_TAG_LEN])
{
	size_t len = strlen(tag), i;

	if (!len)
		return hb_fail(h, -EINVAL, "the tag is empty; it takes 1 to %d characters",
			       HALTBLK_TAG_LEN - 1);
	if (len >= HALTBLK_TAG_LEN)
		return hb_fail(h, -EINVAL, "tag '%s' has %zu characters; at most %d are allowed",
			       tag, len, HALTBLK_TAG_LEN - 1);
	for (i = 0; i < len; i++)
		if (tag[i] <= ' ' || tag[i] > '~' || tag[i] == '=' ||
		    tag[i] == ',')
			return hb_fail(h, -EINVAL, "tag '%s': character %zu is not allowed; use printable ones without blanks, '=' and ','",
				       tag, i + 1);
	memset(buf, 0, HALTBLK_TAG_LEN);
	memcpy(buf, tag, len);
	return 0;
}

int libhaltblk_attach(struct libhaltblk *h, const char *device)
{
	struct haltblk_attach arg = { 0 };
	int r;

	hb_begin(h);
	r = hb_device_name(h, device, arg.name);
	if (r)
		return r;
	r = hb_ioctl(h, HALTBLK_IOC_ATTACH, &arg.hdr, sizeof(arg));
	if (r == -ENODEV)
		return hb_no_such_device(h, device, arg.name, h->kernel_why);
	if (r == -EBUSY && !h->kernel_why[0])
		return hb_fail(h, r, "the session is attached to a device already");
	return r < 0 ? r : 0;
}
