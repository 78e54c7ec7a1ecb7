/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * step, settle, backtrace, events: output, exit statuses, messages.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "run.h"
#include "tap.h"

static void steps(void)
{
	fake.step_event = HALTBLK_EVENT_UNMAP;
	run_is("step hb0 --id 7", 0, "unmap\n", "");
	run_json("step hb0 --id 7 --json", 0, "{\"id\":7,\"event\":\"unmap\"}",
		 "");
	run_is("step hb0 K", 3, "",
	       "haltblk: hb0: step K: 0 requests are held under it: see haltblk held\n");
	fake.held[0] = (struct haltblk_held){ .id = 12, .tag = "K" };
	fake.held[1] = (struct haltblk_held){ .id = 13, .tag = "L" };
	fake.held[2] = (struct haltblk_held){ .id = 14, .tag = "L" };
	fake.nr_held = 3;
	run_is("step hb0 K", 0, "unmap\n", "");
	tap_int((long long)FAKE_ARG(haltblk_step, 12)->id, 12, "by tag");
	run_is("step hb0 L", 1, "",
	       "haltblk: hb0: step L: 2 requests are held under it: give --id\n");
	fake.step_event = HALTBLK_EVENT_NR;
	run_is("step hb0 --id 7", 0, "-\n", "");
	run_json("step hb0 --id 7 --json", 0, "{\"id\":7,\"event\":null}", "");
	fake.err[12] = -ENOENT;
	run_is("step hb0 --id 7", 3, "",
	       "haltblk: hb0: step 7: id 7 is not held; see haltblk held\n");
}

static void settles(void)
{
	fake.stats = (struct haltblk_stats){ .inflight = 3, .held = 2 };
	run_is("settle hb0 --inflight 3 --held 2", 0, "", "");
	run_is("settle /dev/hb0 --inflight 3 --held 3 --timeout 0.5", 4, "",
	       "haltblk: hb0: settle: 3 in flight, 2 held; expected 3 in flight, 3 held\n");
}

static void backtraces(void)
{
	static char text[6001];

	fake.backtrace = "blk_mq_submit_bio+0x1/0x2\nvfs_read+0x3/0x4\n";
	run_is("backtrace hb0 --id 7", 0, fake.backtrace, "");
	run_is("backtrace hb0 --id 7 --json", 0,
	       "[\n  \"blk_mq_submit_bio+0x1/0x2\",\n  \"vfs_read+0x3/0x4\"\n]\n", "");
	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	fake.backtrace = text;
	run_is("backtrace hb0 --id 7", 0, text, "");
	fake.err[13] = -ENODATA;
	run_is("backtrace hb0 --id 7", 1, "",
	       "haltblk: hb0: backtrace 7: its submitter is unknown\n");
}

static void put_events(void)
{
	fake.events[0] = (struct haltblk_event){
		.what = HALTBLK_WHAT_HELD, .seq = 5, .time_ns = 1234999,
		.id = 7, .sector = 8, .sectors = 16, .op = HALTBLK_OP_WRITE,
		.event = HALTBLK_EVENT_MEDIA, .hctx = 1, .tag = "K",
	};
	fake.events[1] = (struct haltblk_event){
		.what = HALTBLK_WHAT_FAILED, .seq = 6, .time_ns = 2000000,
		.id = 7, .sector = 8, .sectors = 16, .op = HALTBLK_OP_WRITE,
		.status = HALTBLK_STATUS_NOSPC, .hctx = -1,
	};
	fake.events[2] = (struct haltblk_event){
		.what = HALTBLK_WHAT_LOST, .seq = 7, .time_ns = 3000000,
		.lost = 12,
	};
	fake.events[3] = (struct haltblk_event){
		.what = HALTBLK_WHAT_ACTED, .seq = 19, .time_ns = 4000000,
		.id = 9, .op = HALTBLK_OP_FLUSH, .event = HALTBLK_EVENT_SUBMIT,
		.action = HALTBLK_ACTION_DROP, .hctx = 0, .tag = "D",
	};
	fake.nr_events = 4;
}

#define HEAD "seq      time_us        what      id       op           event     tag      sector     sectors status        action  hctx\n"

static void events(void)
{
	fake.stats = (struct haltblk_stats){ .inflight = 1, .held = 1 };
	put_events();
	run_is("events hb0", 0, HEAD
	       "5        1234           held      7        write        media     K        8          16      -             -       1\n"
	       "6        2000           failed    7        write        -         -        8          16      NOSPC         -       -\n"
	       "7        3000           lost      12\n"
	       "19       4000           acted     9        flush        submit    D        0          0       -             drop    0\n",
	       "");
	tap_int(FAKE_ARG(haltblk_watch, 14)->what, 0x7f, "all but lost is asked for");
	put_events();
	run_is("events --json hb0", 0,
	       "{\"seq\":5,\"time_us\":1234,\"what\":\"held\",\"id\":7,\"op\":\"write\",\"event\":\"media\",\"tag\":\"K\",\"sector\":8,\"sectors\":16,\"status\":null,\"action\":null,\"hctx\":1}\n"
	       "{\"seq\":6,\"time_us\":2000,\"what\":\"failed\",\"id\":7,\"op\":\"write\",\"event\":null,\"tag\":null,\"sector\":8,\"sectors\":16,\"status\":\"NOSPC\",\"action\":null,\"hctx\":null}\n"
	       "{\"seq\":7,\"time_us\":3000,\"what\":\"lost\",\"lost\":12}\n"
	       "{\"seq\":19,\"time_us\":4000,\"what\":\"acted\",\"id\":9,\"op\":\"flush\",\"event\":\"submit\",\"tag\":\"D\",\"sector\":0,\"sectors\":0,\"status\":null,\"action\":\"drop\",\"hctx\":0}\n",
	       "");
	fake.err[14] = -EBUSY;
	run_is("events hb0", 1, "",
	       "haltblk: hb0: events: the session records events already\n");
	fake.err[14] = 0;
}

static int polls;

/* Readable, but there is no record: the device is gone. */
static void gone(void)
{
	polls++;
}

static void quiet(void)
{
	uint64_t begin = fake.now;

	fake.stats = (struct haltblk_stats){ .inflight = 1, .held = 1 };
	run_is("events hb0", 0, HEAD, "");
	tap_int((long long)(fake.now - begin) / 1000000, 100,
		"100 ms without an event, and all is held");
	fake.err[8] = -ENODEV;
	run_is("events hb0", 0, HEAD, "");
	fake.err[8] = 0;
	fake.on_poll = gone;
	run_is("events hb0 --follow", 0, HEAD, "");
	tap_int(polls, 1, "it ends with the device");
}

int main(void)
{
	fake_load();
	steps();
	settles();
	backtraces();
	events();
	quiet();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	return tap_done();
}
