/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Watches the attached device: settled counts, event records, the stack
 * behind a request.
 *
 * The driver gives whole records, as many as fit into a read. They are kept in
 * the handle and handed out one by one.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define QUIET_NSEC	20000000ULL	/* without a change */
#define LOOK_NSEC	1000000ULL	/* between two looks at the counts */
#define EVENTS_ROOM	65536		/* bytes of one read of records */

/* Only these counts must not change. */
static bool same_counts(const struct haltblk_stats *a,
			const struct haltblk_stats *b)
{
	return a->submitted == b->submitted && a->completed == b->completed &&
	       a->failed == b->failed && a->inflight == b->inflight &&
	       a->held == b->held;
}

static int not_settled(struct libhaltblk *h, const struct haltblk_stats *now,
		       uint64_t inflight, uint64_t held)
{
	bool reached = now->inflight == inflight && now->held == held;

	return hb_fail(h, -ETIME, "%llu in flight, %u held%s; expected %llu in flight, %llu held",
		       (unsigned long long)now->inflight, now->held,
		       reached ? ", but the counts keep changing" : "",
		       (unsigned long long)inflight, (unsigned long long)held);
}

/*
 * Quiet is counted from the end of the first look that found these counts to
 * the start of the last one.
 */
static int settle(struct libhaltblk *h, uint64_t inflight, uint64_t held,
		  uint64_t timeout_ns, struct haltblk_stats *now)
{
	uint64_t begin = 0, since = 0, look, seen;
	struct haltblk_stats last;
	bool first = true, reached;
	int r;

	for (;; first = false) {
		look = hb_sys->now();
		r = libhaltblk_stats(h, now, sizeof(*now));
		if (r < 0)
			return r;
		seen = hb_sys->now();
		if (first)
			begin = seen;
		if (first || !same_counts(now, &last))
			since = seen;
		last = *now;
		reached = now->inflight == inflight && now->held == held;
		if (reached && look >= since + QUIET_NSEC)
			return 0;
		if (reached ? since - begin > timeout_ns :
			      seen - begin >= timeout_ns)
			return not_settled(h, now, inflight, held);
		r = hb_sys->sleep(LOOK_NSEC);
		if (r < 0)
			return hb_fail(h, r, "interrupted by a signal");
	}
}

int libhaltblk_settle(struct libhaltblk *h, uint64_t inflight, uint64_t held,
		      uint64_t timeout_ns, struct haltblk_stats *stats,
		      size_t size)
{
	struct haltblk_stats now;
	int r;

	r = settle(h, inflight, held, timeout_ns, &now);
	if (stats && (!r || r == -ETIME)) {
		memset(stats, 0, size);
		memcpy(stats, &now, size < sizeof(now) ? size : sizeof(now));
	}
	return r;
}

int libhaltblk_backtrace(struct libhaltblk *h, uint64_t id, char *buf,
			 size_t len)
{
	struct haltblk_backtrace arg = { .id = id };
	char none[1];
	int r;

	hb_begin(h);
	if (!len)
		buf = none;
	buf[0] = '\0';
	arg.buf = (uintptr_t)buf;
	arg.len = len > INT_MAX ? INT_MAX : len ? (uint32_t)len : 1;
	r = hb_ioctl(h, HALTBLK_IOC_BACKTRACE, &arg.hdr, sizeof(arg));
	if (r == -ENOENT && !h->kernel_why[0])
		return hb_fail(h, r, "id %llu is not held; see haltblk held",
			       (unsigned long long)id);
	if (r == -ENODATA && !h->kernel_why[0])
		return hb_fail(h, r, "its submitter is unknown");
	if (r < 0)
		return r;
	if (len)
		buf[len - 1] = '\0';
	return arg.len ? (int)arg.len - 1 : 0;
}

/** hb_events_drop() - forget the records that were not handed out */
void hb_events_drop(struct libhaltblk *h)
{
	free(h->events);
	h->events = NULL;
	h->events_at = 0;
	h->events_end = 0;
}

int libhaltblk_watch(struct libhaltblk *h, uint32_t what, uint32_t room)
{
	struct haltblk_watch arg = { .what = what, .room = room };
	int r;

	hb_begin(h);
	r = hb_ioctl(h, HALTBLK_IOC_WATCH, &arg.hdr, sizeof(arg));
	if (r == -EBUSY && !h->kernel_why[0])
		return hb_fail(h, r, "the session records events already");
	if (r >= 0)
		h->watching = what;
	if (r >= 0 && !what)
		hb_events_drop(h);
	return r < 0 ? r : 0;
}

/* Wait for records and read them; 1, 0 if none will come, or an error. */
static int read_more(struct libhaltblk *h, uint64_t timeout_ns)
{
	uint64_t ms = timeout_ns / 1000000 + !!(timeout_ns % 1000000);
	ssize_t n;
	int r;

	if (!h->events)
		h->events = malloc(EVENTS_ROOM);
	if (!h->events)
		return hb_fail(h, -ENOMEM, "out of memory");
	r = hb_sys->poll(h->fd, ms > INT_MAX ? -1 : (int)ms);
	if (!r)
		return hb_fail(h, -ETIME, "no event in time");
	n = r < 0 ? r : hb_sys->read(h->fd, h->events, EVENTS_ROOM);
	if (n < 0)
		return hb_fail(h, (int)n, "%s", n == -EINTR ?
			       "interrupted by a signal" : strerror((int)-n));
	h->events_at = 0;
	h->events_end = (size_t)n;
	return n > 0;
}

int libhaltblk_read_event(struct libhaltblk *h, struct haltblk_event *event,
			  size_t size, uint64_t timeout_ns)
{
	size_t left, len;
	uint32_t bytes = 0;
	int r = 1;

	hb_begin(h);
	if (h->fd < 0)
		return hb_fail(h, -EBADF, "no session is open");
	/* A session that records nothing would wait in vain. */
	if (h->events_at == h->events_end)
		r = h->watching ? read_more(h, timeout_ns) : 0;
	if (r <= 0)
		return r;
	left = h->events_end - h->events_at;
	if (left >= sizeof(bytes))
		memcpy(&bytes, h->events + h->events_at, sizeof(bytes));
	if (bytes < sizeof(bytes) || bytes > left) {
		h->events_at = h->events_end;
		return hb_fail(h, -EPROTO, "a record of %u bytes with %zu left of a read",
			       bytes, left);
	}
	len = bytes < size ? bytes : size;
	memset(event, 0, size);
	memcpy(event, h->events + h->events_at, len);
	h->events_at += bytes;
	return 1;
}
