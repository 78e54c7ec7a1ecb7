/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Each allocation of a command fails once: the command then does its task, or
 * fails and says why. It never asks the driver for anything else, and never
 * prints a part as if it were the whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "fake.h"
#include "run.h"
#include "tap.h"

static char script[] = "/tmp/haltblk-memory-XXXXXX";

/**
 * struct trace - what a command did
 * @status: exit status
 * @out: what it printed
 * @calls: ioctls of each kind
 * @resume: the last RESUME
 * @rule: the last BREAK
 */
struct trace {
	int status;
	char out[sizeof(run_out)];
	int calls[FAKE_NR_IOCTLS];
	struct haltblk_resume resume;
	struct haltblk_rule rule;
};

static void devices(void)
{
	fake_load();
	fake.held[0] = (struct haltblk_held){ .id = 7, .tag = "K", .comm = "dd" };
	fake.nr_held = 1;
	fake.rules[0] = (struct haltblk_rule){ .tag = "K", .hits = 1 };
	fake.nr_rules = 1;
	fake.backtrace = "a\nb\n";
}

static void do_it(const char *words, struct trace *t)
{
	devices();
	t->status = run(words);
	memcpy(t->out, run_out, sizeof(t->out));
	memcpy(t->calls, fake.calls, sizeof(t->calls));
	t->resume = *FAKE_ARG(haltblk_resume, 5);
	t->rule = *FAKE_ARG(haltblk_rule, 2);
	/* These hold addresses. */
	t->resume.hdr.why = t->rule.hdr.why = 0;
	t->resume.ids = 0;
}

/* Every call was also made in the good run. */
static bool asks_the_same(const struct trace *t, const struct trace *good)
{
	int i;

	for (i = 0; i < FAKE_NR_IOCTLS; i++)
		if (t->calls[i] > good->calls[i])
			return false;
	if (t->calls[5] && memcmp(&t->resume, &good->resume, sizeof(t->resume)))
		return false;
	return !t->calls[2] || !memcmp(&t->rule, &good->rule, sizeof(t->rule));
}

static bool survives(const char *words, unsigned int nr,
		     const struct trace *good)
{
	static struct trace t;

	alloc_fail(nr);
	do_it(words, &t);
	alloc_fail(0);
	if (!asks_the_same(&t, good))
		return false;
	if (t.status == good->status && !strcmp(t.out, good->out))
		return true;
	return t.status > 0 &&
	       (strstr(run_err, "memory") || strstr(run_err, "allocate") ||
		strstr(t.out, "memory") || strstr(t.out, "allocate"));
}

static void each_fails(const char *words)
{
	static struct trace good;
	unsigned int total, nr, bad = 0;

	alloc_fail(0);
	do_it(words, &good);
	total = alloc_count();
	/* The first is run()'s own. */
	for (nr = 2; nr <= total && !bad; nr++)
		if (!survives(words, nr, &good))
			bad = nr;
	tap_int(good.status, 0, "%s: it works", words);
	tap_int(bad, 0, "%s: each of %u allocations may fail", words, total);
	if (bad)
		printf("# status %d, stdout: %.200s\n# stderr: %.200s\n",
		       run(words), run_out, run_err);
}

static void scenario(const char *text)
{
	FILE *f = fopen(script, "we");
	char words[64];

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
	snprintf(words, sizeof(words), "run %s hb0", script);
	each_fails(words);
}

int main(void)
{
	if (close(mkstemp(script)))
		abort();
	each_fails("break hb0 submit K op=read");
	each_fails("resume hb0 --id 5");
	each_fails("resume hb0 --id 5,6,7");
	each_fails("resume hb0 --order 3,1");
	each_fails("resume hb0 K --order 3,1");
	each_fails("resume hb0 K --status IOERR");
	each_fails("held hb0");
	each_fails("held hb0 --json");
	each_fails("rules hb0");
	each_fails("rules hb0 --json");
	each_fails("list");
	each_fails("show hb0");
	each_fails("step hb0 K");
	each_fails("backtrace hb0 --id 7");
	each_fails("create hb1 size=1");
	scenario("# nothing\n");
	scenario("break submit K op=read\nresume --id 5\nheld\nrules\n"
		 "expect held 1 K\n");
	scenario("$ echo a\n$ true\n");
	unlink(script);
	return tap_done();
}
