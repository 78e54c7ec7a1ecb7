/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * break, wait, resume, remove: what reaches the driver, exit statuses, and
 * messages.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "run.h"
#include "tap.h"

#define NOT_LOADED "the haltblk driver is not loaded; load it with: modprobe haltblk\n"

static void breaks(void)
{
	const struct haltblk_rule *sent = FAKE_ARG(haltblk_rule, 2);

	run_is("break hb0 submit K", 0, "", "");
	tap_int(sent->hdr.flags, 0, "the command's default owner is the device");
	tap_str(sent->tag, "K", "tag");
	tap_int((long long)sent->count, 1, "count");
	run_is("break /dev/hb0 complete L op=read,write sector=8-15 skip=2 count=0 action=delay=5",
	       0, "", "");
	tap_str(fake.attached, "hb0", "the device by its path");
	tap_int(sent->event, HALTBLK_EVENT_COMPLETE, "event");
	tap_int(sent->ops, 3, "ops");
	tap_int((long long)sent->nr_sectors, 8, "sectors");
	tap_int((long long)sent->skip, 2, "skip");
	tap_int((long long)sent->count, 0, "count");
	tap_int((long long)sent->arg, 5, "delay");
	run_is("break hb0 submit S owner=session", 0, "S\n", "");
	tap_int(sent->hdr.flags, HALTBLK_RULE_F_SESSION,
		"owner=session is sent, and ends with stdin");
	run_is("break hb9 submit K", 3, "",
	       "haltblk: hb9: no such haltblk device; see haltblk list\n");
	fake.err[1] = -ENODEV;
	fake.why[1] = "hb9: no haltblk device of that name";
	run_is("break hb9 submit K", 3, "",
	       "haltblk: hb9: no haltblk device of that name\n");
	fake.why[1] = "hb9x: someone else's name";
	run_is("break hb9 submit K", 3, "",
	       "haltblk: hb9: hb9x: someone else's name\n");
	fake.err[1] = 0;
	fake.err[2] = -EINVAL;
	fake.why[2] = "hb0: named with what was tried";
	run_is("break hb0 submit K", 1, "",
	       "haltblk: hb0: break K: hb0: named with what was tried\n");
	fake.why[2] = "action busy is not legal in bio mode; use hold, delay, fail";
	run_is("break hb0 submit K action=busy", 1, "",
	       "haltblk: hb0: break K: action busy is not legal in bio mode; use hold, delay, fail\n");
	run_is("break hb0 submit K owner=session", 1, "",
	       "haltblk: hb0: break K: action busy is not legal in bio mode; use hold, delay, fail\n");
	fake.err[2] = 0;
	fake.why[2] = "op=flush: nothing will come";
	run_is("break hb0 submit K op=flush", 0, "",
	       "haltblk: hb0: break K: warning: op=flush: nothing will come\n");
}

static void wait_out(uint32_t held, uint32_t armed, uint64_t hits,
		     uint64_t matches, int err)
{
	fake.wait.held = held;
	fake.wait.armed = armed;
	fake.wait.hits = hits;
	fake.wait.matches = matches;
	fake.err[4] = err;
}

static void timeouts(void)
{
	static const struct {
		const char *words;
		uint64_t ns;
	} table[] = {
		{ "wait hb0 K", 60 * HB_NSEC },
		{ "wait hb0 K --timeout 0", 0 },
		{ "wait hb0 K --timeout 2", 2 * HB_NSEC },
		{ "wait hb0 K --timeout 0.25", 250000000 },
		{ "wait hb0 K --timeout .5", 500000000 },
		{ "wait hb0 K --timeout 1.000000001", HB_NSEC + 1 },
		{ "wait hb0 K --timeout 1.0000000009", HB_NSEC },
	};
	size_t i;

	for (i = 0; i < HB_ARRAY_SIZE(table); i++) {
		run_is(table[i].words, 0, "", "");
		tap_ok(FAKE_ARG(haltblk_wait, 4)->timeout_ns == table[i].ns,
		       "%s: %llu ns", table[i].words,
		       (unsigned long long)table[i].ns);
	}
	run("wait hb0 K --count 3");
	tap_int(FAKE_ARG(haltblk_wait, 4)->count, 3, "--count");
	run("wait hb0 K");
	tap_int(FAKE_ARG(haltblk_wait, 4)->count, 1, "count is 1");
}

static void waits(void)
{
	timeouts();
	wait_out(0, 1, 0, 7, -ETIME);
	run_is("wait hb0 K --timeout 0.5", 4, "",
	       "haltblk: hb0: wait K: timed out after 0.5 s: armed and not hit, 7 requests matched: start the I/O, or compare its conditions: haltblk rules hb0\n");
	wait_out(1, 1, 1, 1, -ETIME);
	run_is("wait hb0 K --count 3", 4, "",
	       "haltblk: hb0: wait K: timed out after 60 s: 1 of 3 held, its rule still armed: see haltblk held hb0\n");
	wait_out(1, 0, 1, 1, -ETIME);
	run_is("wait hb0 K --count 3 --timeout 1", 4, "",
	       "haltblk: hb0: wait K: timed out after 1 s: 1 of 3 held, its rule spent: see haltblk held hb0\n");
	wait_out(0, 0, 2, 2, -ETIME);
	run_is("wait hb0 K --timeout 1", 4, "",
	       "haltblk: hb0: wait K: timed out after 1 s: none held, 2 hit and already released, its rule spent: see haltblk rules hb0\n");
	wait_out(0, 0, 0, 0, -ECANCELED);
	run_is("wait /dev/hb0 K", 1, "",
	       "haltblk: hb0: wait K: all its rules were removed without a hit: arm one again: haltblk break\n");
	wait_out(0, 0, 3, 3, -ECANCELED);
	run_is("wait /dev/hb0 K", 1, "",
	       "haltblk: hb0: wait K: all its rules were removed after 3 hit: arm one again: haltblk break\n");
	wait_out(0, 0, 0, 0, -ETIME);
	run_is("wait hb0 K --timeout 1", 4, "",
	       "haltblk: hb0: wait K: timed out after 1 s: its rule is spent without a hit: see haltblk rules hb0\n");
	wait_out(0, 0, 0, 0, -ENOENT);
	run_is("wait hb0 Z", 3, "",
	       "haltblk: hb0: wait Z: no rule ever had the tag 'Z'; see haltblk rules\n");
	wait_out(0, 0, 0, 0, -ENODEV);
	run_is("wait hb0 K", 3, "",
	       "haltblk: hb0: wait K: the device is gone; see haltblk list\n");
	wait_out(0, 0, 0, 0, -EINTR);
	run_is("wait hb0 K", 1, "",
	       "haltblk: hb0: wait K: interrupted by a signal\n");
	wait_out(0, 0, 0, 0, 0);
}

static void resumes(void)
{
	const struct haltblk_resume *sent = FAKE_ARG(haltblk_resume, 5);

	run_is("resume hb0 K", 0, "", "");
	tap_int(sent->hdr.flags, HALTBLK_RESUME_F_TAG, "by tag");
	run_is("resume hb0 --all --status ENOSPC", 0, "", "");
	tap_int(sent->hdr.flags,
		HALTBLK_RESUME_F_ALL | HALTBLK_RESUME_F_STATUS,
		"all with a status");
	tap_int(sent->status, HALTBLK_STATUS_NOSPC, "the status of an errno");
	run_is("resume hb0 --all --status OK", 0, "", "");
	tap_ok(sent->hdr.flags & HALTBLK_RESUME_F_STATUS && !sent->status,
	       "OK is a status, too");
	run_is("resume hb0 --id 42", 0, "", "");
	tap_int(sent->nr_ids, 1, "by id: one");
	tap_int((long long)fake.ids[0], 42, "by id: which");
	run_is("resume hb0 K --order 3,1,2", 0, "", "");
	tap_str(sent->tag, "K", "in an order: tag");
	tap_ok(sent->nr_ids == 3 && fake.ids[0] == 3 && fake.ids[1] == 1 &&
	       fake.ids[2] == 2, "in an order: ids");
	run_is("resume hb0 --all --order 3,1", 0, "", "");
	run_is("resume hb0 --order 3,1", 0, "", "");
	tap_str(sent->tag, "", "in an order of all: no tag");
	tap_int(sent->hdr.flags, HALTBLK_RESUME_F_IDS,
		"in an order of all: only the ids");
	fake.err[5] = -ENOENT;
	fake.why[5] = "id 42 is not held";
	run_is("resume hb0 --id 42", 3, "",
	       "haltblk: hb0: resume --id: id 42 is not held\n");
	fake.why[5] = NULL;
	run_is("resume hb0 Z", 3, "",
	       "haltblk: hb0: resume Z: no rule ever had the tag 'Z'; see haltblk rules\n");
	fake.err[5] = 0;
}

static void removes(void)
{
	run_is("remove hb0 K", 0, "", "");
	tap_str(FAKE_ARG(haltblk_remove, 3)->tag, "K", "by tag");
	run_is("remove hb0 --all", 0, "", "");
	tap_int(FAKE_ARG(haltblk_remove, 3)->hdr.flags, HALTBLK_REMOVE_F_ALL,
		"all");
	fake.err[3] = -ENOENT;
	run_is("remove hb0 Z", 3, "",
	       "haltblk: hb0: remove Z: no rule ever had the tag 'Z'; see haltblk rules\n");
}

static void not_loaded(void)
{
	fake_reset();
	run_is("wait hb0 K", 1, "", "haltblk: hb0: " NOT_LOADED);
	run_is("break hb0 media K", 1, "", "haltblk: hb0: " NOT_LOADED);
	run_is("resume hb0 K", 1, "", "haltblk: hb0: " NOT_LOADED);
	run_is("remove hb0 K", 1, "", "haltblk: hb0: " NOT_LOADED);
}

int main(void)
{
	fake_load();
	breaks();
	waits();
	resumes();
	removes();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	not_loaded();
	return tap_done();
}
