/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * events: what happens to requests, a line each, as it happens.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "commands.h"

#define QUIET_NSEC	100000000ULL
#define ROOM		65536	/* records that may wait in the driver */

static volatile sig_atomic_t asked_to_stop;

static void on_signal(int sig)
{
	(void)sig;
	asked_to_stop = 1;
}

static const char *word(enum libhaltblk_words which, unsigned int nr)
{
	const char *text = libhaltblk_word(which, nr);

	return text ? text : "?";
}

static bool has_rule(const struct haltblk_event *e)
{
	return e->what == HALTBLK_WHAT_HELD ||
	       e->what == HALTBLK_WHAT_RELEASED ||
	       e->what == HALTBLK_WHAT_ACTED;
}

static void add_word(struct json_object *o, const char *key, bool known,
		     enum libhaltblk_words which, unsigned int nr)
{
	json_object_object_add(o, key, known ?
			       json_object_new_string(word(which, nr)) : NULL);
}

static void add_number(struct json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_uint64(n));
}

/* One object on one line. */
static void print_json(const struct haltblk_event *e)
{
	struct json_object *o = json_object_new_object();
	const char *text;

	add_number(o, "seq", e->seq);
	add_number(o, "time_us", e->time_ns / 1000);
	add_word(o, "what", true, LIBHALTBLK_WHATS, e->what);
	if (e->what == HALTBLK_WHAT_LOST) {
		add_number(o, "lost", e->lost);
	} else {
		add_number(o, "id", e->id);
		add_word(o, "op", true, LIBHALTBLK_OPS, e->op);
		add_word(o, "event", has_rule(e), LIBHALTBLK_EVENTS, e->event);
		json_object_object_add(o, "tag", has_rule(e) ?
				       json_object_new_string(e->tag) : NULL);
		add_number(o, "sector", e->sector);
		add_number(o, "sectors", e->sectors);
		add_word(o, "status", e->what == HALTBLK_WHAT_FAILED,
			 LIBHALTBLK_STATUSES, e->status);
		add_word(o, "action", e->what == HALTBLK_WHAT_ACTED,
			 LIBHALTBLK_ACTIONS, e->action);
		json_object_object_add(o, "hctx", e->hctx < 0 ? NULL :
				       json_object_new_int(e->hctx));
	}
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		puts(text);
	else
		hbc_no_memory();
	json_object_put(o);
}

static void print_head(void)
{
	printf("%-8s %-14s %-9s %-8s %-12s %-9s %-8s %-10s %-7s %-13s %-7s %s\n",
	       "seq", "time_us", "what", "id", "op", "event", "tag", "sector",
	       "sectors", "status", "action", "hctx");
}

static void print_line(const struct haltblk_event *e)
{
	bool failed = e->what == HALTBLK_WHAT_FAILED;
	bool acted = e->what == HALTBLK_WHAT_ACTED;
	char hctx[16] = "-";

	printf("%-8" PRIu64 " %-14" PRIu64 " %-9s ", (uint64_t)e->seq,
	       (uint64_t)e->time_ns / 1000, word(LIBHALTBLK_WHATS, e->what));
	if (e->what == HALTBLK_WHAT_LOST) {
		printf("%" PRIu64 "\n", (uint64_t)e->lost);
		return;
	}
	if (e->hctx >= 0)
		snprintf(hctx, sizeof(hctx), "%d", e->hctx);
	printf("%-8" PRIu64 " %-12s %-9s %-8s %-10" PRIu64 " %-7" PRIu64 " %-13s %-7s %s\n",
	       (uint64_t)e->id, word(LIBHALTBLK_OPS, e->op),
	       has_rule(e) ? word(LIBHALTBLK_EVENTS, e->event) : "-",
	       has_rule(e) ? e->tag : "-", (uint64_t)e->sector,
	       (uint64_t)e->sectors,
	       failed ? word(LIBHALTBLK_STATUSES, e->status) : "-",
	       acted ? word(LIBHALTBLK_ACTIONS, e->action) : "-", hctx);
}

/* Whether everything in the driver is held; 1, 0 or an error. */
static int all_held(struct libhaltblk *h)
{
	struct haltblk_stats stats;
	int r = libhaltblk_stats(h, &stats, sizeof(stats));

	return r < 0 ? r : stats.inflight <= stats.held;
}

/* Until the device is gone, a signal comes, or no event does. */
static int print_events(struct libhaltblk *h, bool follow, bool json)
{
	struct haltblk_event e;
	int r;

	while (!asked_to_stop && !ferror(stdout)) {
		r = libhaltblk_read_event(h, &e, sizeof(e), 0);
		if (r == -ETIME) {
			fflush(stdout);
			r = libhaltblk_read_event(h, &e, sizeof(e),
						  QUIET_NSEC);
		}
		if (r == -ETIME && !follow) {
			r = all_held(h);
			if (r)
				return r < 0 && r != -ENODEV ? r : 0;
			continue;
		}
		if (r == -ETIME || r == -EINTR)
			continue;
		if (r <= 0)
			return r;
		if (json)
			print_json(&e);
		else
			print_line(&e);
	}
	return 0;
}

static void catch_signals(void)
{
	asked_to_stop = 0;
	hbc_signal_catch(SIGINT, on_signal);
	hbc_signal_catch(SIGTERM, on_signal);
}

static int cmd_events(const struct hbc_command *cmd, int argc, char **argv)
{
	bool follow = false, json = false;
	const struct hbc_option options[] = {
		{ .name = "follow", .flag = &follow,
		  .help = "go on until the device is gone, or SIGINT or SIGTERM" },
		{ .name = "json", .flag = &json,
		  .help = "print an object on a line for each; what does not apply is null" },
		{ 0 },
	};
	struct libhaltblk *h;
	int status, r;

	status = hbc_begin_session(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	catch_signals();
	r = libhaltblk_watch(h, (1U << HALTBLK_WHAT_LOST) - 1, ROOM);
	if (!r && !json) {
		print_head();
		fflush(stdout);
	}
	if (!r)
		r = print_events(h, follow, json);
	status = r < 0 ? hbc_fail(h, hbc_base(argv[0]), "events", r) : HBC_OK;
	hbc_end(h);
	return status;
}

const struct hbc_command hbc_cmd_events = {
	.name = "events",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.summary = "print what happens to requests, as it happens",
	.help =
	"A request is submitted, held, released, acted (on by a rule that does not hold),\n"
	"timed_out, completed or failed; lost counts the records that had no room.\n"
	"Without --follow it ends when no event came for 100 ms and every request in the\n"
	"driver is held. time_us is the time since the machine started, in microseconds;\n"
	"what does not apply prints -.\n",
	.fn = cmd_events,
};
