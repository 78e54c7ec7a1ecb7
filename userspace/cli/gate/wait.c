/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * wait and settle: wait until requests are held; prove that nothing more is
 * coming.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"

/* Say why a wait timed out. */
static void say_not_reached(const char *device, const char *tag,
			    const char *what, const struct haltblk_wait *w)
{
	const char *rule = w->armed ? "its rule still armed" : "its rule spent";

	if (w->held)
		hbc_error(device, "wait %s: %s: %u of %u held, %s: see haltblk held %s",
			  tag, what, w->held, w->count, rule, device);
	else if (w->hits)
		hbc_error(device, "wait %s: %s: none held, %" PRIu64 " hit and already released, %s: see haltblk rules %s",
			  tag, what, (uint64_t)w->hits, rule, device);
	else if (w->armed)
		hbc_error(device, "wait %s: %s: armed and not hit, %" PRIu64 " requests matched: start the I/O, or compare its conditions: haltblk rules %s",
			  tag, what, (uint64_t)w->matches, device);
	else
		hbc_error(device, "wait %s: %s: its rule is spent without a hit: see haltblk rules %s",
			  tag, what, device);
}

static void say_gone(const char *device, const char *tag,
		     const struct haltblk_wait *w)
{
	if (w->hits)
		hbc_error(device, "wait %s: all its rules were removed after %" PRIu64 " hit: arm one again: haltblk break",
			  tag, (uint64_t)w->hits);
	else
		hbc_error(device, "wait %s: all its rules were removed without a hit: arm one again: haltblk break",
			  tag);
}

static int wait_for(struct libhaltblk *h, const char *device, const char *tag,
		    uint32_t count, uint64_t ns, const char *seconds)
{
	struct haltblk_wait w;
	char what[96];
	int r;

	r = libhaltblk_wait(h, tag, count, ns, &w, sizeof(w));
	if (!r)
		return HBC_OK;
	if (r == -ETIME) {
		snprintf(what, sizeof(what), "timed out after %s s", seconds);
		say_not_reached(device, tag, what, &w);
		return HBC_TIMEOUT;
	}
	if (r == -ECANCELED) {
		say_gone(device, tag, &w);
		return HBC_FAILED;
	}
	snprintf(what, sizeof(what), "wait %s", tag);
	return hbc_fail(h, device, what, r);
}

static int cmd_wait(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *count_text = "1", *seconds = hbc_timeout;
	uint64_t count, ns;
	const struct hbc_option options[] = {
		{ .name = "count", .value = &count_text, .arg = "N",
		  .help = "wait for N held requests (1)",
		  .number = &count, .min = 1, .max = UINT32_MAX },
		{ .name = "timeout", .value = &seconds, .arg = "S",
		  .help = "give up after S seconds, fractions allowed (60); 0 looks once",
		  .ns = &ns },
		{ 0 },
	};
	struct libhaltblk *h;
	int status;

	status = hbc_begin_session(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	status = wait_for(h, hbc_base(argv[0]), argv[1], (uint32_t)count, ns,
			  seconds);
	hbc_end(h);
	return status;
}

const struct hbc_command hbc_cmd_wait = {
	.name = "wait",
	.args = "DEV TAG",
	.min = 2,
	.max = 2,
	.summary = "wait until requests are held under a tag",
	.help =
	"Exit status 4 after the timeout; the message says whether the rule is armed and\n"
	"not hit, or how many are held. Exit status 1 if every rule of TAG is gone and too\n"
	"few are held.\n",
	.fn = cmd_wait,
};

static int cmd_settle(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *inflight_text = NULL, *held_text = NULL;
	const char *seconds = hbc_timeout;
	uint64_t inflight, held, ns;
	const struct hbc_option options[] = {
		{ .name = "inflight", .value = &inflight_text, .arg = "N",
		  .help = "requests in the driver, held ones included",
		  .number = &inflight, .max = UINT64_MAX, .required = true },
		{ .name = "held", .value = &held_text, .arg = "M",
		  .help = "requests that are held",
		  .number = &held, .max = UINT64_MAX, .required = true },
		{ .name = "timeout", .value = &seconds, .arg = "S",
		  .help = "give up after S seconds, fractions allowed (60)",
		  .ns = &ns },
		{ 0 },
	};
	struct libhaltblk *h;
	int status, r;

	status = hbc_begin_session(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_settle(h, inflight, held, ns, NULL, 0);
	status = r ? hbc_fail(h, hbc_base(argv[0]), "settle", r) : HBC_OK;
	hbc_end(h);
	return status;
}

const struct hbc_command hbc_cmd_settle = {
	.name = "settle",
	.args = "DEV --inflight N --held M",
	.min = 1,
	.max = 1,
	.summary = "wait until exactly so many requests are in the driver",
	.help =
	"Proves that nothing more is coming: the driver has N requests, M of them held,\n"
	"and no count of the device has changed for 20 ms. Exit status 4 after the\n"
	"timeout; the message says the counts.\n",
	.fn = cmd_settle,
};
