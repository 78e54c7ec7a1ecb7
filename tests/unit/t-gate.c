/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Arm, remove, wait, release: what is sent, what comes back, what each error
 * says.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "tap.h"

static struct libhaltblk *h;

static void arm(void)
{
	const struct haltblk_rule *sent = FAKE_ARG(haltblk_rule, 2);
	struct libhaltblk_rule *rule;

	libhaltblk_rule_new(h, &rule);
	tap_int(libhaltblk_break(h, rule), -EINVAL, "a rule without a tag");
	tap_str(libhaltblk_why(h), "the rule has no tag", "without a tag: the reason");
	tap_int(fake.calls[2], 0, "without a tag: the driver is not asked");
	libhaltblk_rule_event(rule, "media");
	libhaltblk_rule_tag(rule, "K");
	libhaltblk_rule_add(rule, "sector=8+8");
	libhaltblk_rule_add(rule, "action=fail=NOSPC");
	tap_int(libhaltblk_break(h, rule), 0, "break");
	tap_int(sent->hdr.size, sizeof(*sent), "break: size");
	tap_int(sent->hdr.flags, HALTBLK_RULE_F_SESSION, "break: owner");
	tap_str(sent->tag, "K", "break: tag");
	tap_int(sent->event, HALTBLK_EVENT_MEDIA, "break: event");
	tap_int((long long)sent->sector, 8, "break: sector");
	tap_int((long long)sent->count, 1, "break: count");
	tap_int((long long)sent->arg, HALTBLK_STATUS_NOSPC, "break: status");
	tap_int(sent->reserved, 0, "break: reserved");
	tap_int((long long)sent->matches, 0, "break: out fields are 0");
	fake.err[2] = -EINVAL;
	fake.why[2] = "sector 8+8 ends past the device's 8 sectors";
	tap_int(libhaltblk_break(h, rule), -EINVAL, "break refused");
	tap_str(libhaltblk_why(h), fake.why[2], "the kernel's sentence");
	fake.err[2] = -ENOSPC;
	fake.why[2] = NULL;
	tap_int(libhaltblk_break(h, rule), -ENOSPC, "too many rules");
	tap_str(libhaltblk_why(h), "the device lists 1000 rules already; remove some",
		"too many rules: the reason");
	fake.err[2] = 0;
	fake.why[2] = "op=flush: a warning";
	tap_int(libhaltblk_break(h, rule), 0, "armed, with a warning");
	tap_str(libhaltblk_why(h), "op=flush: a warning", "the warning");
	fake.why[2] = NULL;
	tap_int(libhaltblk_break(h, rule), 0, "armed, without one");
	tap_str(libhaltblk_why(h), "", "nothing to say");
	libhaltblk_rule_free(rule);
}

static void removal(void)
{
	const struct haltblk_remove *sent = FAKE_ARG(haltblk_remove, 3);
	unsigned int removed = 0;

	fake.remove.removed = 2;
	fake.remove.released = 5;
	tap_int(libhaltblk_remove(h, "K", &removed), 5, "remove by tag");
	tap_int(removed, 2, "remove: rules");
	tap_str(sent->tag, "K", "remove: tag");
	tap_int(sent->hdr.flags, 0, "remove: no flag");
	tap_int(libhaltblk_remove(h, NULL, NULL), 5, "remove all");
	tap_int(sent->hdr.flags, HALTBLK_REMOVE_F_ALL, "remove all: flag");
	tap_str(sent->tag, "", "remove all: no tag");
	tap_int(libhaltblk_remove(h, "a b", NULL), -EINVAL, "remove: bad tag");
	fake.err[3] = -ENOENT;
	tap_int(libhaltblk_remove(h, "Z", NULL), -ENOENT, "remove: unknown tag");
	tap_str(libhaltblk_why(h), "no rule ever had the tag 'Z'; see haltblk rules",
		"remove: unknown tag: the reason");
	fake.err[3] = 0;
}

static void waiting(void)
{
	const struct haltblk_wait *sent = FAKE_ARG(haltblk_wait, 4);
	struct haltblk_wait w;

	fake.wait.held = 3;
	fake.wait.hits = 4;
	fake.wait.matches = 5;
	fake.wait.armed = 1;
	tap_int(libhaltblk_wait(h, "K", 3, 250000000, &w, sizeof(w)), 0, "wait");
	tap_str(sent->tag, "K", "wait: tag");
	tap_int(sent->count, 3, "wait: count");
	tap_int((long long)sent->timeout_ns, 250000000, "wait: timeout");
	tap_int(w.held, 3, "wait: held");
	tap_int((long long)w.hits, 4, "wait: hits");
	tap_int((long long)w.matches, 5, "wait: matches");
	tap_int(w.armed, 1, "wait: armed");
	tap_int(libhaltblk_wait(h, "K", 1, LIBHALTBLK_FOREVER, NULL, 0), 0,
		"wait without a structure");
	tap_ok(sent->timeout_ns == UINT64_MAX, "for ever");
	fake.err[4] = -ETIME;
	fake.wait.held = 1;
	tap_int(libhaltblk_wait(h, "K", 3, 0, &w, sizeof(w)), -ETIME,
		"wait: timed out");
	tap_int(w.held, 1, "wait: timed out: held is told");
	fake.err[4] = -ECANCELED;
	tap_int(libhaltblk_wait(h, "K", 3, 0, &w, sizeof(w)), -ECANCELED,
		"wait: rules gone");
	fake.err[4] = -EINTR;
	tap_int(libhaltblk_wait(h, "K", 3, 0, &w, sizeof(w)), -EINTR,
		"wait: signal");
	fake.err[4] = -ENOENT;
	tap_int(libhaltblk_wait(h, "Z", 3, 0, &w, sizeof(w)), -ENOENT,
		"wait: unknown tag");
	tap_str(libhaltblk_why(h), "no rule ever had the tag 'Z'; see haltblk rules",
		"wait: unknown tag: the reason");
	fake.err[4] = 0;
	tap_int(libhaltblk_wait(h, "", 1, 0, &w, sizeof(w)), -EINVAL,
		"wait: no tag");
	tap_int(libhaltblk_wait(h, "K", 1, 0, &w, 4), -EINVAL,
		"wait: structure far too short");
}

static void release(void)
{
	const struct haltblk_resume *sent = FAKE_ARG(haltblk_resume, 5);

	fake.released = 6;
	tap_int(libhaltblk_resume(h, "K", LIBHALTBLK_GO_ON), 6, "resume a tag");
	tap_int(sent->hdr.flags, HALTBLK_RESUME_F_TAG, "resume a tag: flag");
	tap_str(sent->tag, "K", "resume a tag: tag");
	tap_int(sent->status, 0, "resume a tag: no status");
	tap_int(libhaltblk_resume(h, NULL, HALTBLK_STATUS_MEDIUM), 6,
		"resume all with a status");
	tap_int(sent->hdr.flags,
		HALTBLK_RESUME_F_ALL | HALTBLK_RESUME_F_STATUS,
		"resume all: flags");
	tap_int(sent->status, HALTBLK_STATUS_MEDIUM, "resume all: status");
	tap_int(libhaltblk_resume(h, "K", HALTBLK_STATUS_OK), 6, "as OK");
	tap_ok(sent->hdr.flags & HALTBLK_RESUME_F_STATUS,
	       "OK is a status, too");
	fake.err[5] = -ENOENT;
	tap_int(libhaltblk_resume(h, "Z", LIBHALTBLK_GO_ON), -ENOENT,
		"resume: unknown tag");
	tap_str(libhaltblk_why(h), "no rule ever had the tag 'Z'; see haltblk rules",
		"resume: unknown tag: the reason");
	fake.err[5] = 0;
}

static void release_ids(void)
{
	const struct haltblk_resume *sent = FAKE_ARG(haltblk_resume, 5);
	const uint64_t ids[] = { 30, 10, 20 };

	fake.released = 3;
	tap_int(libhaltblk_resume_ids(h, NULL, ids, 3, LIBHALTBLK_GO_ON), 3,
		"resume ids");
	tap_int(sent->hdr.flags, HALTBLK_RESUME_F_IDS, "resume ids: flag");
	tap_int(sent->nr_ids, 3, "resume ids: how many");
	tap_ok(fake.ids[0] == 30 && fake.ids[1] == 10 && fake.ids[2] == 20,
	       "resume ids: in the order given");
	tap_str(sent->tag, "", "resume ids: no tag");
	libhaltblk_resume_ids(h, "K", ids, 3, HALTBLK_STATUS_IOERR);
	tap_str(sent->tag, "K", "resume ids under a tag");
	tap_int(sent->hdr.flags, HALTBLK_RESUME_F_IDS | HALTBLK_RESUME_F_STATUS,
		"resume ids with a status");
	fake.err[5] = -ENOENT;
	tap_int(libhaltblk_resume_ids(h, "K", ids, 3, LIBHALTBLK_GO_ON),
		-ENOENT, "resume ids: not held");
	tap_str(libhaltblk_why(h), "an id is not held under K; nothing was released; see haltblk held",
		"resume ids: not held: the reason");
	fake.why[5] = "id 20 is not held";
	libhaltblk_resume_ids(h, "K", ids, 3, LIBHALTBLK_GO_ON);
	tap_str(libhaltblk_why(h), "id 20 is not held", "the kernel's sentence");
}

int main(void)
{
	fake_load();
	libhaltblk_new(&h);
	libhaltblk_open(h);
	libhaltblk_attach(h, "hb0");
	arm();
	removal();
	waiting();
	release();
	release_ids();
	libhaltblk_free(h);
	tap_int(fake_open_fds(), 0, "nothing stays open");
	return tap_done();
}
