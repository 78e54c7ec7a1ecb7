/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The "expect" lines. A line waits while it can still come true, and fails at
 * once when it no longer can.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "run.h"

static const char *reason(int err)
{
	switch (err) {
	case -ENOENT:
		return "no request or command has this name";
	case -ETIME:
		return "timed out";
	case -EINTR:
		return "interrupted";
	case -EPIPE:
		return "the process that does the I/O is gone";
	default:
		return strerror(-err);
	}
}

static int failed(const char *what, int err)
{
	hbc_error("expect", "%s: %s", what, reason(err));
	return hbc_exit_status(err);
}

static int wait_name(struct hbc_run *run, const char *name,
		     struct hbc_io_entry **entry)
{
	int r = run->io ? hbc_io_wait(run->io, name, run->timeout_ns, entry) :
			  -ENOENT;

	if (!r)
		return HBC_OK;
	if (r == -ETIME)
		hbc_error("expect", "%s: timed out: still %s", name,
			  hbc_started_find(run, name) ? "running" : "in flight");
	else
		failed(name, r);
	return hbc_exit_status(r);
}

/* "0" and "ok" are the same; an errno is known by what the command said. */
static bool command_ended_so(const struct hbc_started *started,
			     const char *found, const char *expected)
{
	if (!strcmp(expected, "0"))
		expected = "ok";
	return hbc_io_is_result(found, expected) ||
	       (strcmp(found, "ok") && hbc_started_said(started, expected));
}

static int ended_so(struct hbc_run *run, const char *name, const char *expected)
{
	struct hbc_started *started = hbc_started_find(run, name);
	struct hbc_io_entry *entry;
	char found[96];
	int status = wait_name(run, name, &entry);

	if (started)
		hbc_started_print(started);
	if (status)
		return status;
	hbc_io_result(entry, found, sizeof(found));
	if (entry->request.op == HBC_IO_COMMAND && started ?
	    command_ended_so(started, found, expected) :
	    hbc_io_is_result(found, expected))
		return HBC_OK;
	hbc_error("expect", "%s: found %s, expected %s", name, found, expected);
	return HBC_FAILED;
}

/* It has not ended; or @settled, then it may have, if it does no more now. */
static int still_runs(struct hbc_run *run, const char *name, bool settled)
{
	const struct hbc_started *started = hbc_started_find(run, name);
	struct hbc_io_entry *entry;
	char found[96];
	int r = 1;

	if (started)
		r = hbc_expect_running(started, settled);
	else if (settled)
		r = hbc_expect_rest();
	if (r < 0)
		return failed(name, r);
	while (run->io && hbc_io_pump(run->io, 0) > 0)
		;
	entry = run->io ? hbc_io_find(run->io, name) : NULL;
	if (!entry)
		return failed(name, -ENOENT);
	/* No process is left, so its end is about to be reported. */
	if (!r && wait_name(run, name, &entry))
		return HBC_FAILED;
	if (!entry->order || settled)
		return HBC_OK;
	hbc_io_result(entry, found, sizeof(found));
	hbc_error("expect", "%s: found %s, expected running", name, found);
	return HBC_FAILED;
}

/** hbc_expect_result() - NAME ... RESULT */
int hbc_expect_result(struct hbc_run *run, const struct hbc_line *line)
{
	int status = HBC_OK, last = line->nr_args - 1, i;
	const char *word = line->args[last];
	bool settled = !strcmp(word, "settled");

	for (i = 0; !status && i < last; i++)
		status = settled || !strcmp(word, "running") ?
			 still_runs(run, line->args[i], settled) :
			 ended_so(run, line->args[i], word);
	return status;
}

int hbc_expect_check_result(const struct hbc_line *line)
{
	const char *word = line->args[line->nr_args - 1];
	uint64_t exit_status;

	if (hbc_io_can_end(word) || !strcmp(word, "running") ||
	    !strcmp(word, "settled") || !strcmp(word, "signal") ||
	    !hbc_number(word, 0, 255, &exit_status))
		return HBC_OK;
	hbc_error("expect", "%s: not a result, which is ok, bad, short, the name of an errno, running, settled, signal, or an exit status from 0 to 255",
		  word);
	return HBC_USAGE;
}

/* The names in @argv that completed, in the order of completion. */
static void list_order(struct hbc_run *run, int argc, char **argv, char *buf,
		       size_t size)
{
	const struct hbc_io_entry *e;
	size_t len = 0;
	unsigned int nr;
	int i;

	buf[0] = '\0';
	for (nr = 1; (e = hbc_io_ended(run->io, nr)); nr++)
		for (i = 0; i < argc; i++)
			if (hbc_io_find(run->io, argv[i]) == e &&
			    len < size)
				len += (size_t)snprintf(buf + len, size - len,
							" %s", argv[i]);
}

/** hbc_expect_order() - NAME NAME ... */
int hbc_expect_order(struct hbc_run *run, const struct hbc_line *line)
{
	struct hbc_io_entry *entry;
	unsigned int last = 0;
	bool right = true;
	char found[1024];
	int status, i;

	for (i = 0; i < line->nr_args; i++) {
		status = wait_name(run, line->args[i], &entry);
		if (status)
			return status;
		right &= entry->order > last;
		last = entry->order;
	}
	if (right)
		return HBC_OK;
	list_order(run, line->nr_args, line->args, found, sizeof(found));
	hbc_error("expect", "order: found%s, which is not the expected order",
		  found);
	return HBC_FAILED;
}

static bool is_among(const char *name, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return false;
}

/* The first request in flight that is not expected to be, or NULL. */
static const char *one_too_many(struct hbc_run *run, int argc, char **argv)
{
	const struct hbc_io_entry *e;
	size_t i;

	for (i = 0; (e = hbc_io_at(run->io, i)); i++)
		if (!e->order && !is_among(e->request.name, argc, argv))
			return e->request.name;
	return NULL;
}

/**
 * hbc_expect_inflight() - [NAME ...]
 *
 * Other requests may still complete; a completed one never comes back.
 */
int hbc_expect_inflight(struct hbc_run *run, const struct hbc_line *line)
{
	struct hbc_io_entry *entry;
	char **argv = line->args;
	int argc = line->nr_args;
	const char *other;
	int status, i, r;

	if (!run->io)
		return argc ? failed(argv[0], -ENOENT) : HBC_OK;
	while ((r = hbc_io_pump(run->io, 0)) > 0)
		;
	while (!r && (other = one_too_many(run, argc, argv))) {
		status = wait_name(run, other, &entry);
		if (status)
			return status;
	}
	while (!r && (r = hbc_io_pump(run->io, 0)) > 0)
		r = 0;
	if (r < 0)
		return failed("inflight", r);
	for (i = 0; i < argc; i++) {
		entry = hbc_io_find(run->io, argv[i]);
		if (!entry)
			return failed(argv[i], -ENOENT);
		if (!entry->order)
			continue;
		hbc_error("expect", "inflight: %s has completed, expected in flight",
			  argv[i]);
		return HBC_FAILED;
	}
	return HBC_OK;
}

/**
 * struct counted - a count to wait for
 * @h: session on the device
 * @argc: words after the kind
 * @argv: likewise
 * @want: the expected count
 * @only_grows: the count never shrinks, so a larger one fails at once
 */
struct counted {
	struct libhaltblk *h;
	int argc;
	char **argv;
	uint64_t want;
	bool only_grows;
	int (*count)(const struct counted *c, uint64_t *found);
};

/* held N [TAG [EVENT]] */
static int count_held(const struct counted *c, uint64_t *found)
{
	const char *tag = c->argc > 1 ? c->argv[1] : NULL;
	const char *event = c->argc > 2 ? c->argv[2] : NULL;
	const struct haltblk_held *e;
	struct libhaltblk_table *table;
	int r = libhaltblk_held(c->h, &table);
	const char *word;
	size_t i;

	if (r < 0)
		return r;
	*found = 0;
	for (i = 0; (e = libhaltblk_held_at(table, i)); i++) {
		word = libhaltblk_word(LIBHALTBLK_EVENTS, e->event);
		if ((!tag || !strcmp(tag, e->tag)) &&
		    (!event || (word && !strcmp(event, word))))
			++*found;
	}
	libhaltblk_table_free(table);
	return 0;
}

/* hits TAG N */
static int count_hits(const struct counted *c, uint64_t *found)
{
	const struct haltblk_rule *e;
	struct libhaltblk_table *table;
	bool any = false;
	size_t i;
	int r = libhaltblk_rules(c->h, &table);

	if (r < 0)
		return r;
	*found = 0;
	for (i = 0; (e = libhaltblk_rule_at(table, i)); i++) {
		if (strcmp(c->argv[0], e->tag))
			continue;
		*found += e->hits;
		any = true;
	}
	libhaltblk_table_free(table);
	return any ? 0 : -ENOENT;
}

static int counted(struct hbc_run *run, const struct counted *c,
		   const char *what)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	uint64_t begin = hbc_now(), found;
	bool late;
	int r;

	for (;;) {
		late = hbc_now() - begin >= run->timeout_ns;
		r = c->count(c, &found);
		if (r == -ENOENT) {
			hbc_error("expect", "%s %s: no rule has this tag", what,
				  c->argv[0]);
			return HBC_NONE;
		}
		if (r < 0)
			return hbc_fail(c->h, "expect", what, r);
		if (found == c->want)
			return HBC_OK;
		if (hbc_run_stopped)
			return failed(what, -EINTR);
		if (late || (c->only_grows && found > c->want))
			break;
		nanosleep(&nap, NULL);
	}
	hbc_error("expect", "%s: found %" PRIu64 ", expected %" PRIu64 "%s",
		  what, found, c->want, late ? ": timed out" : "");
	return late ? HBC_TIMEOUT : HBC_FAILED;
}

static int check_count(const char *kind, const char *text, uint64_t *count)
{
	int r = hbc_number(text, 0, UINT64_MAX, count);

	if (!r)
		return HBC_OK;
	hbc_error("expect", "%s: %s: %s, takes 0 to %" PRIu64, kind, text,
		  hbc_number_why(r), UINT64_MAX);
	return HBC_USAGE;
}

int hbc_expect_check_held(const struct hbc_line *line)
{
	uint64_t count;

	return check_count("held", line->args[0], &count);
}

/** hbc_expect_held() - N [TAG [EVENT]] */
int hbc_expect_held(struct hbc_run *run, const struct hbc_line *line)
{
	struct counted c = {
		.h = run->dev[line->dev].h, .argc = line->nr_args,
		.argv = line->args, .count = count_held,
	};
	int status = check_count("held", line->args[0], &c.want);

	return status ? status : counted(run, &c, "held");
}

int hbc_expect_check_hits(const struct hbc_line *line)
{
	uint64_t count;

	return check_count("hits", line->args[1], &count);
}

/** hbc_expect_hits() - TAG N */
int hbc_expect_hits(struct hbc_run *run, const struct hbc_line *line)
{
	struct counted c = {
		.h = run->dev[line->dev].h, .argc = line->nr_args,
		.argv = line->args, .count = count_hits,
		.only_grows = true,
	};
	int status = check_count("hits", line->args[1], &c.want);

	return status ? status : counted(run, &c, "hits");
}
