/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Every word that a rule takes: its value, the text made of it, and what is
 * refused, with the exact reason.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "tap.h"

static struct libhaltblk *h;

/* A rule made of words separated by blanks. */
static struct libhaltblk_rule *make(const char *words)
{
	struct libhaltblk_rule *rule;
	char copy[512], *rest = copy, *word;

	libhaltblk_rule_new(h, &rule);
	libhaltblk_rule_session(rule, 0);
	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&rest, " ")))
		if (*word && libhaltblk_rule_add(rule, word))
			tap_ok(0, "'%s' is taken: %s", word,
			       libhaltblk_why(h));
	return rule;
}

static void field(const char *words, size_t offset, size_t size,
		  uint64_t want, uint32_t keys, uint32_t flags)
{
	struct libhaltblk_rule *rule = make(words);
	const struct haltblk_rule *r = libhaltblk_rule_get(rule);
	uint64_t got = 0;

	memcpy(&got, (const char *)r + offset, size);
	tap_ok(got == want, "%s: value %llu, got %llu", words,
	       (unsigned long long)want, (unsigned long long)got);
	tap_int(r->keys, keys, "%s: keys", words);
	tap_int(r->hdr.flags, flags, "%s: flags", words);
	libhaltblk_rule_free(rule);
}

#define FIELD(words, f, want, keys, flags) \
	field(words, offsetof(struct haltblk_rule, f), \
	      sizeof(((struct haltblk_rule *)0)->f), want, keys, flags)

static void values(void)
{
	FIELD("op=read", ops, 1, HALTBLK_KEY_OPS, 0);
	FIELD("op=write,flush", ops, 6, HALTBLK_KEY_OPS, 0);
	FIELD("op=read,write,flush,discard,secure_erase,write_zeroes,zone_append,zone_reset,zone_open,zone_close,zone_finish",
	      ops, 0x7ff, HALTBLK_KEY_OPS, 0);
	FIELD("sector=8", sector, 8, HALTBLK_KEY_SECTOR, 0);
	FIELD("sector=8", nr_sectors, 1, HALTBLK_KEY_SECTOR, 0);
	FIELD("sector=8+16", nr_sectors, 16, HALTBLK_KEY_SECTOR, 0);
	FIELD("sector=8-15", sector, 8, HALTBLK_KEY_SECTOR, 0);
	FIELD("sector=8-15", nr_sectors, 8, HALTBLK_KEY_SECTOR, 0);
	FIELD("sector=8-8", nr_sectors, 1, HALTBLK_KEY_SECTOR, 0);
	FIELD("sector=0x10+0x20", nr_sectors, 32, HALTBLK_KEY_SECTOR, 0);
	FIELD("sector=0-18446744073709551614", nr_sectors, UINT64_MAX,
	      HALTBLK_KEY_SECTOR, 0);
	FIELD("hctx=3", hctx, 3, HALTBLK_KEY_HCTX, 0);
	FIELD("hctx=0", hctx, 0, HALTBLK_KEY_HCTX, 0);
	FIELD("cpu=1", cpu, 1, HALTBLK_KEY_CPU, 0);
	FIELD("pid=77", pid, 77, HALTBLK_KEY_PID, 0);
	FIELD("pid=!77", pid, 77, HALTBLK_KEY_PID, HALTBLK_RULE_F_NOT_PID);
	FIELD("comm=!x", comm[0], 'x', HALTBLK_KEY_COMM,
	      HALTBLK_RULE_F_NOT_COMM);
	FIELD("flags=fua", rq_flags, HALTBLK_RQ_FUA, HALTBLK_KEY_FLAGS, 0);
	FIELD("flags=sync,polled", rq_flags, 0x42, HALTBLK_KEY_FLAGS, 0);
	FIELD("state=2", state, 2, HALTBLK_KEY_STATE, 0);
	FIELD("set_state=3", set_state, 3, HALTBLK_KEY_SET_STATE, 0);
	FIELD("skip=5", skip, 5, 0, 0);
	FIELD("count=7", count, 7, 0, 0);
	FIELD("count=0", count, 0, 0, 0);
	FIELD("", count, 1, 0, 0);
	FIELD("chance=1/100", chance, 100, HALTBLK_KEY_CHANCE, 0);
	FIELD("owner=session", action, 0, 0, HALTBLK_RULE_F_SESSION);
	FIELD("owner=device", action, 0, 0, 0);
}

static void actions(void)
{
	FIELD("action=hold", action, HALTBLK_ACTION_HOLD, 0, 0);
	FIELD("action=delay=100", action, HALTBLK_ACTION_DELAY, 0, 0);
	FIELD("action=delay=100", arg, 100, 0, 0);
	FIELD("action=fail=NOSPC", arg, HALTBLK_STATUS_NOSPC, 0, 0);
	FIELD("action=fail=EIO", arg, HALTBLK_STATUS_IOERR, 0, 0);
	FIELD("action=drop", action, HALTBLK_ACTION_DROP, 0, 0);
	FIELD("action=torn=0", action, HALTBLK_ACTION_TORN, 0, 0);
	FIELD("action=torn=3", arg, 3, 0, 0);
	FIELD("action=corrupt=4", arg, 4, 0, 0);
	FIELD("action=busy", action, HALTBLK_ACTION_BUSY, 0, 0);
	FIELD("action=crash", action, HALTBLK_ACTION_CRASH, 0, 0);
	FIELD("action=count", action, HALTBLK_ACTION_COUNT, 0, 0);
	FIELD("action=count", count, 0, 0, 0);
	FIELD("action=count count=4", count, 4, 0, 0);
	FIELD("count=1 action=count", count, 1, 0, 0);
}

/* The text of a rule is what it was made of. */
static void text_of(const char *words, const char *action, const char *want)
{
	struct libhaltblk_rule *rule = make(words);
	char buf[512];
	int len;

	len = libhaltblk_rule_text(libhaltblk_rule_get(rule), buf, sizeof(buf));
	tap_str(buf, want, "the text of '%s'", words);
	tap_int(len, (long long)strlen(want), "the length of '%s'", words);
	libhaltblk_action_text(libhaltblk_rule_get(rule), buf, sizeof(buf));
	tap_str(buf, action, "the action of '%s'", words);
	libhaltblk_rule_free(rule);
}

static void texts(void)
{
	const char *all = "op=read,zone_finish sector=8+8 hctx=1 cpu=2 pid=!3 comm=!dd flags=fua,sync state=4 set_state=5 skip=6 count=7 chance=1/8 owner=session";
	struct haltblk_rule odd = { .action = 99, .keys = HALTBLK_KEY_OPS,
				    .ops = 1U << 20, .count = 1 };
	char buf[64];

	text_of(all, "hold", all);
	text_of("", "hold", "");
	text_of("count=1 skip=0 owner=device", "hold", "");
	text_of("sector=5-9", "hold", "sector=5+5");
	text_of("count=0", "hold", "count=0");
	text_of("action=count", "count", "");
	text_of("action=count count=1", "count", "count=1");
	text_of("action=fail=EIO pid=4 comm=fio", "fail=IOERR",
		"pid=4 comm=fio");
	/* A name is one word, and comes back as it was. */
	text_of("comm=Web\\x20C\xc3\xa9\\x5c", "hold",
		"comm=Web\\x20C\\xc3\\xa9\\x5c");
	text_of("comm=!\\x21a\\b\\xfg", "hold", "comm=!\\x21a\\x5cb\\x5cxfg");
	text_of("action=delay=20", "delay=20", "");
	text_of("action=torn=2", "torn=2", "");
	text_of("action=corrupt=3", "corrupt=3", "");
	libhaltblk_action_text(&odd, buf, sizeof(buf));
	tap_str(buf, "action99", "an action of a newer driver");
	libhaltblk_rule_text(&odd, buf, sizeof(buf));
	tap_str(buf, "op=bit20", "an op of a newer driver");
	odd.action = HALTBLK_ACTION_FAIL;
	odd.arg = 200;
	libhaltblk_action_text(&odd, buf, sizeof(buf));
	tap_str(buf, "fail=200", "a status of a newer driver");
	tap_int(libhaltblk_rule_text(&odd, buf, 4), 8, "cut: whole length");
	tap_str(buf, "op=", "cut: terminated");
	tap_int(libhaltblk_rq_flags_text(HALTBLK_RQ_ALL, buf, sizeof(buf)), 47,
		"all flags: length");
	tap_str(buf, "fua,sync,meta,prio,rahead,nowait,polled,nounmap",
		"all flags");
	libhaltblk_rq_flags_text(0, buf, sizeof(buf));
	tap_str(buf, "", "no flag");
}

static void refused(const char *word, const char *why)
{
	struct libhaltblk_rule *rule;
	struct haltblk_rule before;

	libhaltblk_rule_new(h, &rule);
	before = *libhaltblk_rule_get(rule);
	tap_int(libhaltblk_rule_add(rule, word), -EINVAL, "'%s' is refused",
		word);
	tap_str(libhaltblk_why(h), why, "'%s': the reason", word);
	tap_ok(!memcmp(&before, libhaltblk_rule_get(rule), sizeof(before)),
	       "'%s': nothing changed", word);
	libhaltblk_rule_free(rule);
}

#define KEYS "op, sector, hctx, cpu, pid, comm, flags, state, set_state, skip, count, chance, action, owner"
#define OP_TAKES "op= takes a comma list of read, write, flush, discard, secure_erase, write_zeroes, zone_append, zone_reset, zone_open, zone_close, zone_finish"
#define SECTOR_TAKES "sector= takes A, A+N or A-B (B included), in sectors of 512 bytes"
#define PID_TAKES "pid= takes a process id, from 1, or !N for any other"
#define COMM_TAKES "comm= takes the name of a process, up to 15 bytes (any of them as \\xNN), or !NAME for any other"
#define FLAGS_TAKES "flags= takes a comma list of fua, sync, meta, prio, rahead, nowait, polled"
#define CHANCE_TAKES "chance= takes 1/N with N from 1"
#define FAIL_TAKES "fail= takes NOTSUPP, TIMEOUT, NOSPC, TRANSPORT, TARGET, RESV_CONFLICT, MEDIUM, PROTECTION, RESOURCE, IOERR, AGAIN, OFFLINE, ZONE_OPEN_RESOURCE, ZONE_ACTIVE_RESOURCE"
#define OWNER_TAKES "owner= takes device or session"

/* A reason that ends with the list of actions. */
static void refused_action(const char *word, const char *why)
{
	static const struct {
		const char *word;
		int offered;
		const char *arg;
	} actions[] = {
#define X(name, nr, word, offered, arg, text) { word, offered, arg },
		HALTBLK_ACTIONS(X)
#undef X
	};
	char all[512];
	size_t i;
	int n;

	n = snprintf(all, sizeof(all), "%s; action= takes one of ", why);
	for (i = 0; i < HB_ARRAY_SIZE(actions); i++)
		if (actions[i].offered)
			n += snprintf(all + n, sizeof(all) - (size_t)n,
				      "%s%s%s, ", actions[i].word,
				      actions[i].arg[0] ? "=" : "",
				      actions[i].arg);
	all[n - 2] = '\0';
	refused(word, all);
}

static void bad_words(void)
{
	refused("read", "'read' is not KEY=VALUE; the keys are " KEYS);
	refused("op", "'op' is not KEY=VALUE; the keys are " KEYS);
	refused("", "'' is not KEY=VALUE; the keys are " KEYS);
	refused("=1", "=1: unknown key ''; the keys are " KEYS);
	refused("ops=read", "ops=read: unknown key 'ops'; the keys are " KEYS);
	refused("o=read", "o=read: unknown key 'o'; the keys are " KEYS);
	refused("op=", "op=: no value; " OP_TAKES);
	refused("op=reed", "op=reed: unknown word 'reed'; " OP_TAKES);
	refused("op=read,", "op=read,: the list has an empty word; " OP_TAKES);
	refused("op=,read", "op=,read: the list has an empty word; " OP_TAKES);
	refused("op=read write",
		"op=read write: unknown word 'read write'; " OP_TAKES);
	refused("flags=urgent", "flags=urgent: unknown word 'urgent'; " FLAGS_TAKES);
	refused("flags=nounmap", "flags=nounmap: unknown word 'nounmap'; " FLAGS_TAKES);
	refused("owner=me", "owner=me: unknown owner 'me'; " OWNER_TAKES);
	refused("owner=", "owner=: no value; " OWNER_TAKES);
}

static void bad_sectors(void)
{
	refused("sector=", "sector=: no value; " SECTOR_TAKES);
	refused("sector=x", "sector=x: 'x' is not a range; " SECTOR_TAKES);
	refused("sector=-5", "sector=-5: '-5' is not a range; " SECTOR_TAKES);
	refused("sector=5*2", "sector=5*2: '5*2' is not a range; " SECTOR_TAKES);
	refused("sector=5+", "sector=5+: '' is not a number; " SECTOR_TAKES);
	refused("sector=5+x", "sector=5+x: 'x' is not a number; " SECTOR_TAKES);
	refused("sector=5+0", "sector=5+0: 0 is too small, at least 1; " SECTOR_TAKES);
	refused("sector=5-", "sector=5-: '' is not a number; " SECTOR_TAKES);
	refused("sector=5-4", "sector=5-4: the range ends before it begins; " SECTOR_TAKES);
	refused("sector=5-9x", "sector=5-9x: '9x' is not a number; " SECTOR_TAKES);
	refused("sector=0-18446744073709551615",
		"sector=0-18446744073709551615: the range ends past the largest sector number; " SECTOR_TAKES);
	refused("sector=2+18446744073709551615",
		"sector=2+18446744073709551615: the range ends past the largest sector number; " SECTOR_TAKES);
	refused("sector=18446744073709551616",
		"sector=18446744073709551616: the first sector is too large; " SECTOR_TAKES);
	refused("sector=1+18446744073709551616",
		"sector=1+18446744073709551616: 18446744073709551616 is too large, at most 18446744073709551615; " SECTOR_TAKES);
}

static void bad_numbers(void)
{
	refused("hctx=x", "hctx=x: 'x' is not a number; hctx= takes the number of a hardware queue, from 0");
	refused("hctx=-1", "hctx=-1: '-1' is not a number; hctx= takes the number of a hardware queue, from 0");
	refused("hctx=2147483648", "hctx=2147483648: 2147483648 is too large, at most 2147483647; hctx= takes the number of a hardware queue, from 0");
	refused("cpu=", "cpu=: no value; cpu= takes the number of a processor, from 0");
	refused("cpu=1k", "cpu=1k: '1k' is not a number; cpu= takes the number of a processor, from 0");
	refused("pid=0", "pid=0: 0 is too small, at least 1; " PID_TAKES);
	refused("pid=!", "pid=!: '' is not a number; " PID_TAKES);
	refused("pid=!x", "pid=!x: 'x' is not a number; " PID_TAKES);
	refused("pid=4294967297", "pid=4294967297: 4294967297 is too large, at most 2147483647; " PID_TAKES);
	refused("comm=!", "comm=!: no name after the '!'; " COMM_TAKES);
	refused("comm=a\\x00b", "comm=a\\x00b: a name cannot have a NUL byte; " COMM_TAKES);
	refused("comm=", "comm=: no value; " COMM_TAKES);
	refused("comm=a-name-of-16-byt", "comm=a-name-of-16-byt: the kernel keeps only 15 bytes of a name: 'a-name-of-16-by'; " COMM_TAKES);
	refused("state=0", "state=0: 0 is too small, at least 1; state= takes a device state, from 1");
	refused("set_state=0", "set_state=0: 0 is too small, at least 1; set_state= takes a device state, from 1");
	refused("skip=-1", "skip=-1: '-1' is not a number; skip= takes how many matches to let pass, from 0");
	refused("count=many", "count=many: 'many' is not a number; count= takes how many matches to act on; 0 for ever");
	refused("chance=10", "chance=10: '10' does not begin with 1/; " CHANCE_TAKES);
	refused("chance=1/0", "chance=1/0: 0 is too small, at least 1; " CHANCE_TAKES);
	refused("chance=1/", "chance=1/: '' is not a number; " CHANCE_TAKES);
	refused("chance=1/4294967296", "chance=1/4294967296: 4294967296 is too large, at most 4294967295; " CHANCE_TAKES);
}

static void bad_actions(void)
{
	refused_action("action=", "action=: no value");
	refused_action("action=freeze", "action=freeze: unknown action 'freeze'");
	refused_action("action=hold=1", "action=hold=1: 'hold' takes no value");
	refused_action("action=drop=", "action=drop=: 'drop' takes no value");
	refused_action("action=delay", "action=delay: 'delay' needs a value");
	refused_action("action=delay=", "action=delay=: 'delay' needs a value");
	refused_action("action=delay=1s", "action=delay=1s: '1s' is not a number");
	refused_action("action=torn=x", "action=torn=x: 'x' is not a number");
	refused_action("action=corrupt=0", "action=corrupt=0: 0 is too small, at least 1");
	refused_action("action=fail", "action=fail: 'fail' needs a value");
	refused("action=fail=OK", "action=fail=OK: 'OK' is not a failure; " FAIL_TAKES);
	refused("action=fail=BAD", "action=fail=BAD: 'BAD' is not a status; " FAIL_TAKES);
	refused("action=fail=EPERM", "action=fail=EPERM: 'EPERM' is not an errno that a block status stands for; " FAIL_TAKES);
	refused("action=fail=EBUSY", "action=fail=EBUSY: 'EBUSY' asks the block layer to try again and never reaches a process; action=busy does that; " FAIL_TAKES);
}

static void twice(void)
{
	struct libhaltblk_rule *rule = make("op=read");

	tap_int(libhaltblk_rule_add(rule, "op=write"), -EINVAL, "op= twice");
	tap_str(libhaltblk_why(h), "op=write: op= is given twice; give it once",
		"op= twice: the reason");
	tap_int(libhaltblk_rule_get(rule)->ops, 1, "the first one stays");
	libhaltblk_rule_free(rule);
}

static void tag(const char *text, const char *why)
{
	struct libhaltblk_rule *rule;

	libhaltblk_rule_new(h, &rule);
	tap_int(libhaltblk_rule_tag(rule, text), *why ? -EINVAL : 0,
		"tag '%s'", text);
	tap_str(libhaltblk_why(h), why, "tag '%s': the reason", text);
	tap_str(libhaltblk_rule_get(rule)->tag, *why ? "" : text,
		"tag '%s': in the rule", text);
	libhaltblk_rule_free(rule);
}

static void tags_and_events(void)
{
	struct libhaltblk_rule *rule;

	tag("K", "");
	tag("a/b:c!~", "");
	tag("1234567890123456789012345678901", "");
	tag("", "the tag is empty; it takes 1 to 31 characters");
	tag("12345678901234567890123456789012", "tag '12345678901234567890123456789012' has 32 characters; at most 31 are allowed");
	tag("a b", "tag 'a b': character 2 is not allowed; use printable ones without blanks, '=' and ','");
	tag("a=b", "tag 'a=b': character 2 is not allowed; use printable ones without blanks, '=' and ','");
	tag("a,", "tag 'a,': character 2 is not allowed; use printable ones without blanks, '=' and ','");
	tag("\x80", "tag '\x80': character 1 is not allowed; use printable ones without blanks, '=' and ','");
	libhaltblk_rule_new(h, &rule);
	tap_int(libhaltblk_rule_get(rule)->hdr.flags, HALTBLK_RULE_F_SESSION,
		"the library's default owner is the session");
	tap_int(libhaltblk_rule_event(rule, "unmap"), 0, "an event");
	tap_int(libhaltblk_rule_get(rule)->event, HALTBLK_EVENT_UNMAP,
		"is set");
	tap_int(libhaltblk_rule_event(rule, "end"), -EINVAL, "no event");
	tap_int(libhaltblk_rule_get(rule)->event, HALTBLK_EVENT_UNMAP,
		"does not change it");
	libhaltblk_rule_free(rule);
	libhaltblk_rule_free(NULL);
}

int main(void)
{
	fake_reset();
	libhaltblk_new(&h);
	values();
	actions();
	texts();
	bad_words();
	bad_sectors();
	bad_numbers();
	bad_actions();
	twice();
	tags_and_events();
	libhaltblk_free(h);
	return tap_done();
}
