/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * step, settle, backtrace and events in the library: what is sent, what comes
 * back, and when a wait ends.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "tap.h"

static struct libhaltblk *h;

static void steps(void)
{
	const struct haltblk_step *sent = FAKE_ARG(haltblk_step, 12);
	unsigned int event = 99;

	fake.step_event = HALTBLK_EVENT_COMPLETE;
	tap_int(libhaltblk_step(h, 7, &event), 1, "step: held again");
	tap_int((long long)sent->id, 7, "step: id");
	tap_int(event, HALTBLK_EVENT_COMPLETE, "step: where");
	tap_int(libhaltblk_step(h, 7, NULL), 1, "step: nobody asks where");
	fake.step_event = HALTBLK_EVENT_NR;
	event = 99;
	tap_int(libhaltblk_step(h, 7, &event), 0, "step: not held again");
	tap_int(event, 99, "step: then there is no event");
	fake.err[12] = -ENOENT;
	tap_int(libhaltblk_step(h, 8, &event), -ENOENT, "step: not held");
	tap_str(libhaltblk_why(h), "id 8 is not held; see haltblk held",
		"step: the reason");
	fake.err[12] = 0;
}

static int sleeps, change_at;

static void change_once(void)
{
	if (++sleeps == change_at)
		fake.stats.submitted++;
}

static void change_always(void)
{
	fake.stats.submitted++;
	fake.stats.completed++;
}

/* Milliseconds that settle took. */
static long long settle_ms(uint64_t inflight, uint64_t held, uint64_t ms,
			   int want, const char *how)
{
	uint64_t begin = fake.now;
	struct haltblk_stats stats;

	sleeps = 0;
	memset(&stats, 0xff, sizeof(stats));
	tap_int(libhaltblk_settle(h, inflight, held, ms * 1000000, &stats,
				  sizeof(stats)), want, "settle: %s", how);
	tap_ok(stats.inflight == fake.stats.inflight, "settle: %s: counts", how);
	return (long long)(fake.now - begin) / 1000000;
}

static void settles(void)
{
	fake.stats = (struct haltblk_stats){ .submitted = 3, .completed = 1,
					     .inflight = 2, .held = 1 };
	tap_int(settle_ms(2, 1, 1000, 0, "reached"), 20, "it takes 20 ms");
	tap_int(settle_ms(2, 1, 0, 0, "looked at once"), 20, "as well 20 ms");
	fake.on_sleep = change_once;
	change_at = 10;
	tap_int(settle_ms(2, 1, 1000, 0, "a change on the way"), 30,
		"20 ms more after a change");
	tap_int(settle_ms(2, 1, 5, -ETIME, "a change too late"), 10,
		"a change after the time ends it");
	fake.on_sleep = change_always;
	tap_int(settle_ms(2, 1, 100, -ETIME, "changes go on"), 101,
		"until the time is over");
	tap_str(libhaltblk_why(h), "2 in flight, 1 held, but the counts keep changing; expected 2 in flight, 1 held",
		"changes go on: the reason");
	fake.on_sleep = NULL;
	tap_int(settle_ms(2, 2, 50, -ETIME, "other counts"), 50,
		"until the time is over");
	tap_str(libhaltblk_why(h), "2 in flight, 1 held; expected 2 in flight, 2 held",
		"other counts: the reason");
	tap_int(libhaltblk_settle(h, 2, 1, 0, NULL, 0), 0, "no structure");
	fake.err[8] = -ENODEV;
	tap_int(libhaltblk_settle(h, 2, 1, 0, NULL, 0), -ENODEV, "no device");
	fake.err[8] = 0;
}

static void backtraces(void)
{
	char buf[16];

	fake.backtrace = "submit_bio+0x0/0x9\nvfs_read+0x1/0x2\n";
	tap_int(libhaltblk_backtrace(h, 7, buf, sizeof(buf)),
		(long long)strlen(fake.backtrace), "backtrace: its length");
	tap_str(buf, "submit_bio+0x0/", "backtrace: what fits");
	tap_int((long long)FAKE_ARG(haltblk_backtrace, 13)->id, 7,
		"backtrace: id");
	tap_int(libhaltblk_backtrace(h, 7, NULL, 0),
		(long long)strlen(fake.backtrace), "backtrace: only its length");
	fake.err[13] = -ENODATA;
	tap_int(libhaltblk_backtrace(h, 7, buf, sizeof(buf)), -ENODATA,
		"backtrace: not known");
	tap_str(buf, "", "backtrace: not known: terminated");
	tap_str(libhaltblk_why(h), "its submitter is unknown",
		"backtrace: not known: the reason");
	fake.err[13] = -ENOENT;
	tap_int(libhaltblk_backtrace(h, 7, buf, sizeof(buf)), -ENOENT,
		"backtrace: not held");
	fake.err[13] = 0;
}

static void put_events(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		fake.events[i] = (struct haltblk_event){
			.what = HALTBLK_WHAT_HELD, .seq = i, .tag = "K",
		};
	fake.nr_events = nr;
}

/* Three records in one read, from a driver with records of @size bytes. */
static void events_of(uint32_t size)
{
	struct {
		struct haltblk_event known;
		uint64_t newer[2];
	} e;
	unsigned int i;

	fake.event_size = size;
	put_events(3);
	for (i = 0; i < 3; i++) {
		memset(&e, 0xff, sizeof(e));
		tap_int(libhaltblk_read_event(h, &e.known, sizeof(e), 0), 1,
			"%u bytes: record %u", size, i);
		tap_int((long long)e.known.seq, i, "%u bytes: its number", size);
		tap_int(e.newer[1] != 0, size >= sizeof(e),
			"%u bytes: missing fields are zero", size);
	}
	tap_int(libhaltblk_read_event(h, &e.known, sizeof(e), 0), -ETIME,
		"%u bytes: no more", size);
}

static void events(void)
{
	struct haltblk_event e;
	uint64_t begin;

	tap_int(libhaltblk_watch(h, 3, 16), 0, "watch");
	tap_int(FAKE_ARG(haltblk_watch, 14)->what, 3, "watch: what");
	tap_int(FAKE_ARG(haltblk_watch, 14)->room, 16, "watch: room");
	events_of(sizeof(e));
	events_of(sizeof(e) + 16);
	events_of(sizeof(e) + 24);
	events_of(offsetof(struct haltblk_event, tag));
	begin = fake.now;
	tap_int(libhaltblk_read_event(h, &e, sizeof(e), 1500001), -ETIME,
		"none in time");
	tap_int((long long)(fake.now - begin), 2000000, "rounded up to 2 ms");
	fake.event_size = 2;
	put_events(1);
	tap_int(libhaltblk_read_event(h, &e, sizeof(e), 0), -EPROTO,
		"no record has 2 bytes");
	fake.event_size = sizeof(e);
	put_events(2);
	libhaltblk_read_event(h, &e, sizeof(e), 0);
	tap_int(libhaltblk_watch(h, 0, 0), 0, "watch nothing");
	tap_int(libhaltblk_read_event(h, &e, sizeof(e), LIBHALTBLK_FOREVER), 0,
		"what was not read is forgotten, and nothing is waited for");
	fake.err[14] = -EBUSY;
	tap_int(libhaltblk_watch(h, 1, 1), -EBUSY, "watch twice");
	tap_str(libhaltblk_why(h), "the session records events already",
		"watch twice: the reason");
}

static void readable(void)
{
}

static void end_of_events(void)
{
	struct haltblk_event e;

	fake.err[14] = 0;
	libhaltblk_watch(h, 1, 1);
	fake.on_poll = readable;	/* and there is nothing to read */
	tap_int(libhaltblk_read_event(h, &e, sizeof(e), 0), 0,
		"the device is gone");
	libhaltblk_close(h);
	tap_int(libhaltblk_read_event(h, &e, sizeof(e), 0), -EBADF,
		"no session");
}

int main(void)
{
	fake_load();
	libhaltblk_new(&h);
	libhaltblk_open(h);
	libhaltblk_attach(h, "hb0");
	steps();
	settles();
	backtraces();
	events();
	end_of_events();
	libhaltblk_free(h);
	tap_int(fake_open_fds(), 0, "nothing stays open");
	return tap_done();
}
