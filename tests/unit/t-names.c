/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Words and numbers of events, ops, actions, statuses and request flags.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "tap.h"

static void both_ways(enum libhaltblk_words which, const char *const *words,
		      int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		tap_str(libhaltblk_word(which, (unsigned int)i), words[i],
			"%d is %s", i, words[i]);
		tap_int(libhaltblk_number(NULL, which, words[i]), i,
			"%s is %d", words[i], i);
	}
	tap_str(libhaltblk_word(which, (unsigned int)nr), NULL,
		"there is no %d", nr);
}

/* Written out again: the words are a contract, the numbers are ABI. */
static void all_words(void)
{
	static const char *const events[] = { "submit", "media", "complete",
		"timeout", "writeback", "unmap" };
	static const char *const ops[] = { "read", "write", "flush", "discard",
		"secure_erase", "write_zeroes", "zone_append", "zone_reset",
		"zone_open", "zone_close", "zone_finish" };
	static const char *const actions[] = { "hold", "delay", "fail", "drop",
		"torn", "corrupt", "busy", "crash", "count" };
	static const char *const statuses[] = { "OK", "NOTSUPP", "TIMEOUT",
		"NOSPC", "TRANSPORT", "TARGET", "RESV_CONFLICT", "MEDIUM",
		"PROTECTION", "RESOURCE", "IOERR", "AGAIN", "OFFLINE",
		"ZONE_OPEN_RESOURCE", "ZONE_ACTIVE_RESOURCE",
		"DURATION_LIMIT", "INVAL" };
	static const char *const flags[] = { "fua", "sync", "meta", "prio",
		"rahead", "nowait", "polled", "nounmap" };
	static const char *const whats[] = { "submitted", "held", "released",
		"acted", "timed_out", "completed", "failed", "lost" };
	static const char *const keys[] = { "op", "sector", "hctx", "cpu",
		"pid", "comm", "flags", "state", "set_state", "chance" };

	both_ways(LIBHALTBLK_EVENTS, events, HALTBLK_EVENT_NR);
	both_ways(LIBHALTBLK_OPS, ops, HALTBLK_OP_NR);
	both_ways(LIBHALTBLK_ACTIONS, actions, HALTBLK_ACTION_NR);
	both_ways(LIBHALTBLK_STATUSES, statuses, HALTBLK_STATUS_NR);
	both_ways(LIBHALTBLK_RQ_FLAGS, flags, 8);
	both_ways(LIBHALTBLK_WHATS, whats, HALTBLK_WHAT_NR);
	both_ways(LIBHALTBLK_KEYS, keys, 10);
}

/* The block layer's table of errnos, blk_status_to_errno(). */
static void errnos(void)
{
	static const struct {
		const char *word;
		int status;
	} table[] = {
		{ "EOPNOTSUPP", HALTBLK_STATUS_NOTSUPP },
		{ "ETIMEDOUT", HALTBLK_STATUS_TIMEOUT },
		{ "ENOSPC", HALTBLK_STATUS_NOSPC },
		{ "ENOLINK", HALTBLK_STATUS_TRANSPORT },
		{ "EREMOTEIO", HALTBLK_STATUS_TARGET },
		{ "EBADE", HALTBLK_STATUS_RESV_CONFLICT },
		{ "NEXUS", HALTBLK_STATUS_RESV_CONFLICT },
		{ "ENODATA", HALTBLK_STATUS_MEDIUM },
		{ "EILSEQ", HALTBLK_STATUS_PROTECTION },
		{ "ENOMEM", HALTBLK_STATUS_RESOURCE },
		{ "EIO", HALTBLK_STATUS_IOERR },
		{ "EAGAIN", HALTBLK_STATUS_AGAIN },
		{ "ENODEV", HALTBLK_STATUS_OFFLINE },
		{ "ETOOMANYREFS", HALTBLK_STATUS_ZONE_OPEN_RESOURCE },
		{ "EOVERFLOW", HALTBLK_STATUS_ZONE_ACTIVE_RESOURCE },
		{ "ETIME", HALTBLK_STATUS_DURATION_LIMIT },
		{ "EINVAL", HALTBLK_STATUS_INVAL },
	};
	size_t i;

	for (i = 0; i < HB_ARRAY_SIZE(table); i++)
		tap_int(libhaltblk_number(NULL, LIBHALTBLK_STATUSES,
					  table[i].word),
			table[i].status, "%s", table[i].word);
}

static void refused(struct libhaltblk *h, enum libhaltblk_words which,
		    const char *word, const char *why)
{
	tap_int(libhaltblk_number(h, which, word), -EINVAL, "'%s' is refused",
		word);
	tap_str(libhaltblk_why(h), why, "'%s': the reason", word);
}

#define EVENTS "submit, media, complete, timeout, writeback, unmap"
#define STATUSES "OK, NOTSUPP, TIMEOUT, NOSPC, TRANSPORT, TARGET, RESV_CONFLICT, MEDIUM, PROTECTION, RESOURCE, IOERR, AGAIN, OFFLINE, ZONE_OPEN_RESOURCE, ZONE_ACTIVE_RESOURCE"

static void refusals(struct libhaltblk *h)
{
	refused(h, LIBHALTBLK_EVENTS, "submitted",
		"unknown event 'submitted'; use one of " EVENTS);
	refused(h, LIBHALTBLK_EVENTS, "sub",
		"unknown event 'sub'; use one of " EVENTS);
	refused(h, LIBHALTBLK_EVENTS, "",
		"unknown event ''; use one of " EVENTS);
	refused(h, LIBHALTBLK_EVENTS, "Submit",
		"unknown event 'Submit'; use one of " EVENTS);
	refused(h, LIBHALTBLK_ACTIONS, "freeze",
		"unknown action 'freeze'; use one of hold, delay, fail, drop, torn, corrupt, busy, crash, count");
	refused(h, LIBHALTBLK_RQ_FLAGS, "urgent",
		"unknown flag 'urgent'; use one of fua, sync, meta, prio, rahead, nowait, polled");
	refused(h, LIBHALTBLK_STATUSES, "EBUSY",
		"'EBUSY' asks the block layer to try again and never reaches a process; action=busy does that; use one of " STATUSES);
	refused(h, LIBHALTBLK_STATUSES, "DM_REQUEUE",
		"'DM_REQUEUE' is device mapper's own and never reaches a process; use one of " STATUSES);
	refused(h, LIBHALTBLK_STATUSES, "ENOENT",
		"'ENOENT' is not an errno that a block status stands for; use one of " STATUSES);
	refused(h, LIBHALTBLK_STATUSES, "BAD",
		"'BAD' is not a status; use one of " STATUSES);
	tap_int(libhaltblk_number(h, (enum libhaltblk_words)7, "x"), -EINVAL,
		"no such list");
	tap_str(libhaltblk_word((enum libhaltblk_words)7, 0), NULL,
		"no such list, no word");
	libhaltblk_number(h, LIBHALTBLK_EVENTS, "media");
	tap_str(libhaltblk_why(h), "", "success clears the reason");
}

/* With a session, the driver's own words; it may be older or newer. */
static void driver_words(struct libhaltblk *h)
{
	fake_load();
	fake.query.abi = HALTBLK_ABI_VERSION;
	fake.query.actions = 1U << HALTBLK_ACTION_HOLD |
			     1U << HALTBLK_ACTION_CRASH;
	fake.query.statuses = 1U << HALTBLK_STATUS_OK |
			      1U << HALTBLK_STATUS_INVAL;
	tap_int(libhaltblk_open(h), 0, "open");
	refused(h, LIBHALTBLK_ACTIONS, "freeze",
		"unknown action 'freeze'; use one of hold, crash");
	refused(h, LIBHALTBLK_STATUSES, "BAD",
		"'BAD' is not a status; use one of OK, INVAL");
	refused(h, LIBHALTBLK_RQ_FLAGS, "urgent",
		"unknown flag 'urgent'; use one of fua, sync, meta, prio, rahead, nowait, polled");
	libhaltblk_close(h);
}

int main(void)
{
	struct libhaltblk *h;

	fake_reset();
	libhaltblk_new(&h);
	all_words();
	errnos();
	refusals(h);
	driver_words(h);
	libhaltblk_free(h);
	return tap_done();
}
