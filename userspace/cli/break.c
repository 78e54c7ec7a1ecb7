/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * break, wait, resume, remove: the commands that change what is held; step and
 * settle are in step.c. None of them opens the block device.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cli.h"

/* Build a rule from words; an exit status, or HBC_GO_ON. */
static int build_rule(struct libhaltblk *h, int argc, char **argv,
		      struct libhaltblk_rule **rule)
{
	int i, r;

	r = libhaltblk_rule_new(h, rule);
	if (r)
		return hbc_fail(h, hbc_base(argv[0]), "break", r);
	libhaltblk_rule_session(*rule, hbc_is_lent());
	r = libhaltblk_rule_event(*rule, argv[1]);
	if (!r)
		r = libhaltblk_rule_tag(*rule, argv[2]);
	for (i = 3; !r && i < argc; i++)
		r = libhaltblk_rule_add(*rule, argv[i]);
	if (!r)
		return HBC_GO_ON;
	hbc_fail(h, hbc_base(argv[0]), "break", r);
	libhaltblk_rule_free(*rule);
	return HBC_USAGE;
}

/*
 * A descriptor for the signals that ask the command to end. An ignored signal
 * is left out, because blocking it would bring it back. SIGTTIN is blocked so
 * that reading the terminal from the background is an error and does not stop
 * the process.
 */
static int exit_signals(sigset_t *old)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t blocked, wanted;
	size_t i;

	sigemptyset(&wanted);
	for (i = 0; i < HBC_ARRAY_SIZE(signals); i++)
		if (!hbc_signal_is_ignored(signals[i]))
			sigaddset(&wanted, signals[i]);
	blocked = wanted;
	sigaddset(&blocked, SIGTTIN);
	sigprocmask(SIG_BLOCK, &blocked, old);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* As a shell makes it for a background command of a script. */
static bool stdin_is_null(void)
{
	struct stat st;

	return !fstat(STDIN_FILENO, &st) && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(1, 3);
}

/* The process is in the background, so what is typed is for another one. */
static bool stdin_is_others(void)
{
	pid_t foreground = tcgetpgrp(STDIN_FILENO);

	return foreground >= 0 && foreground != getpgrp();
}

/* No event says that the process came to the foreground: look now and then. */
#define FOREGROUND_MS	500

/*
 * Until stdin is at its end, or a signal asks to stop. /dev/null never ends, and
 * a terminal is read only in the foreground.
 */
static void wait_for_end(int sigfd)
{
	struct pollfd p[] = {
		{ .fd = sigfd, .events = POLLIN }, { .events = POLLIN },
	};
	bool null = stdin_is_null(), others;
	struct signalfd_siginfo info;
	char unused[512];
	ssize_t n;

	for (;;) {
		others = stdin_is_others();
		p[1].fd = null || others ? -1 : STDIN_FILENO;
		if (poll(p, HBC_ARRAY_SIZE(p), others ? FOREGROUND_MS : -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (p[0].revents) {
			/* Read it, so that unblocking does not deliver it. */
			if (read(sigfd, &info, sizeof(info)) < 0)
				continue;
			return;
		}
		if (p[1].fd < 0 || !p[1].revents)
			continue;
		n = read(STDIN_FILENO, unused, sizeof(unused));
		if (!n || (n < 0 && errno != EINTR && errno != EAGAIN &&
			   !stdin_is_others()))
			return;
	}
}

/* The rule is armed, and the driver knows that nothing will match it. */
static void warn(const struct libhaltblk *h, const char *device, const char *tag)
{
	if (*libhaltblk_why(h))
		hbc_error(hbc_base(device), "break %s: warning: %s", tag,
			  libhaltblk_why(h));
}

/* Arm a rule that lives as long as this process wants it. */
static int arm_in_session(struct libhaltblk *h, struct libhaltblk_rule *rule,
			  const char *device, const char *tag)
{
	sigset_t old;
	int sigfd = exit_signals(&old);
	int r = libhaltblk_break(h, rule);

	if (!r) {
		warn(h, device, tag);
		puts(tag);
		fflush(stdout);
		wait_for_end(sigfd);
	}
	if (sigfd >= 0)
		close(sigfd);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

static int arm(struct libhaltblk *h, struct libhaltblk_rule *rule,
	       const char *device, const char *tag)
{
	char what[64];
	int status, r;

	status = hbc_attach(h, device);
	if (status != HBC_GO_ON)
		return status;
	if (!hbc_is_lent() &&
	    libhaltblk_rule_get(rule)->hdr.flags & HALTBLK_RULE_F_SESSION) {
		r = arm_in_session(h, rule, device, tag);
	} else {
		r = libhaltblk_break(h, rule);
		if (!r)
			warn(h, device, tag);
	}
	snprintf(what, sizeof(what), "break %s", tag);
	return r ? hbc_fail(h, hbc_base(device), what, r) : HBC_OK;
}

static int cmd_break(const struct hbc_command *cmd, int argc, char **argv)
{
	const struct hbc_option options[] = { { 0 } };
	struct libhaltblk_rule *rule;
	struct libhaltblk *h;
	int status;

	status = hbc_parse(cmd, options, 3, -1, &argc, &argv);
	if (status == HBC_GO_ON)
		status = hbc_is_lent() ? hbc_session(argv[0], &h) :
					 hbc_handle(&h);
	if (status != HBC_GO_ON)
		return status;
	status = build_rule(h, argc, argv, &rule);
	if (status == HBC_GO_ON) {
		status = arm(h, rule, argv[0], argv[2]);
		libhaltblk_rule_free(rule);
	}
	hbc_end(h);
	return status;
}

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
	const struct hbc_option options[] = {
		{ "count", NULL, &count_text, "N", "wait for N held requests (1)" },
		{ "timeout", NULL, &seconds, "S", "give up after S seconds, fractions allowed (60); 0 looks once" },
		{ 0 },
	};
	struct libhaltblk *h;
	uint64_t count, ns;
	int status;

	status = hbc_parse(cmd, options, 2, 2, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	status = hbc_take_number(cmd, "--count", count_text, 1, UINT32_MAX,
				 &count);
	if (status == HBC_GO_ON)
		status = hbc_take_seconds(cmd, seconds, &ns);
	if (status == HBC_GO_ON)
		status = hbc_session(argv[0], &h);
	if (status != HBC_GO_ON)
		return status;
	status = wait_for(h, hbc_base(argv[0]), argv[1], (uint32_t)count, ns,
			  seconds);
	hbc_end(h);
	return status;
}

/**
 * struct release - what resume was asked for
 * @tag: tag or NULL
 * @all: --all
 * @id_text: value of --id, or NULL
 * @order: value of --order, or NULL
 * @status: LIBHALTBLK_GO_ON, or the status to end with
 * @ids: from @id_text or @order
 * @nr_ids: how many
 */
struct release {
	const char *tag;
	bool all;
	const char *id_text;
	const char *order;
	int status;
	uint64_t *ids;
	unsigned int nr_ids;
};

/* A comma list of ids, none twice. */
static int parse_ids(const struct hbc_command *cmd, const char *option,
		     const char *text, struct release *want)
{
	char *copy = strdup(text), *rest = copy, *word;
	uint64_t *more;
	int status = HBC_GO_ON, r;
	unsigned int i;

	if (!copy)
		return hbc_no_memory();
	while (status == HBC_GO_ON && (word = strsep(&rest, ","))) {
		more = reallocarray(want->ids, want->nr_ids + 1,
				    sizeof(*more));
		if (!more) {
			status = hbc_no_memory();
			break;
		}
		want->ids = more;
		r = hbc_number(word, 0, UINT64_MAX, &more[want->nr_ids]);
		if (r) {
			status = hbc_usage(cmd, "%s %s: '%s' is %s; an id takes 0 to %llu",
					   option, text, word,
					   hbc_number_why(r),
					   (unsigned long long)UINT64_MAX);
			break;
		}
		for (i = 0; i < want->nr_ids; i++)
			if (more[i] == more[want->nr_ids])
				status = hbc_usage(cmd, "%s %s: %s is listed twice",
						   option, text, word);
		want->nr_ids++;
	}
	free(copy);
	return status;
}

static int check_release(const struct hbc_command *cmd, struct release *want,
			 const char *status_text)
{
	struct libhaltblk *h;
	int status;

	/* --order alone means --id. */
	if (want->order && !want->tag && !want->all && !want->id_text) {
		want->id_text = want->order;
		want->order = NULL;
	}
	if (!!want->tag + want->all + !!want->id_text != 1)
		return hbc_usage(cmd, "give one of TAG, --id and --all");
	if (want->order && want->id_text)
		return hbc_usage(cmd, "--order goes with TAG or --all; --id takes a list itself");
	want->status = LIBHALTBLK_GO_ON;
	if (status_text) {
		status = hbc_handle(&h);
		if (status != HBC_GO_ON)
			return status;
		want->status = libhaltblk_number(h, LIBHALTBLK_STATUSES,
						 status_text);
		if (want->status < 0)
			hbc_fail(h, cmd->name, "--status", want->status);
		libhaltblk_free(h);
		if (want->status < 0)
			return HBC_USAGE;
	}
	if (want->id_text)
		return parse_ids(cmd, "--id", want->id_text, want);
	if (want->order)
		return parse_ids(cmd, "--order", want->order, want);
	return HBC_GO_ON;
}

static int release(const struct release *want, const char *device)
{
	struct libhaltblk *h;
	char what[64];
	int status, r;

	status = hbc_session(device, &h);
	if (status != HBC_GO_ON)
		return status;
	if (want->nr_ids)
		r = libhaltblk_resume_ids(h, want->tag, want->ids,
					  want->nr_ids, want->status);
	else
		r = libhaltblk_resume(h, want->tag, want->status);
	snprintf(what, sizeof(what), "resume %s",
		 want->tag ? want->tag : want->all ? "--all" : "--id");
	status = r < 0 ? hbc_fail(h, hbc_base(device), what, r) : HBC_OK;
	hbc_end(h);
	return status;
}

static int cmd_resume(const struct hbc_command *cmd, int argc, char **argv)
{
	struct release want = { 0 };
	const char *status_text = NULL;
	const struct hbc_option options[] = {
		{ "id", NULL, &want.id_text, "ID[,ID...]", "these requests, in this order" },
		{ "all", &want.all, NULL, NULL, "all that are held" },
		{ "order", NULL, &want.order, "ID,ID,...", "only these of TAG or of all, in this order" },
		{ "status", NULL, &status_text, "STATUS", "end them with STATUS instead of letting them go on" },
		{ 0 },
	};
	int status;

	status = hbc_parse(cmd, options, 1, 2, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	want.tag = argc > 1 ? argv[1] : NULL;
	status = check_release(cmd, &want, status_text);
	if (status == HBC_GO_ON)
		status = release(&want, argv[0]);
	free(want.ids);
	return status;
}

static int cmd_remove(const struct hbc_command *cmd, int argc, char **argv)
{
	bool all = false;
	const struct hbc_option options[] = {
		{ "all", &all, NULL, NULL, "every rule" },
		{ 0 },
	};
	struct libhaltblk *h;
	const char *tag;
	char what[64];
	int status, r;

	status = hbc_parse(cmd, options, 1, 2, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	tag = argc > 1 ? argv[1] : NULL;
	if (!!tag + all != 1)
		return hbc_usage(cmd, "give one of TAG and --all");
	status = hbc_session(argv[0], &h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_remove(h, tag, NULL);
	snprintf(what, sizeof(what), "remove %s", tag ? tag : "--all");
	status = r < 0 ? hbc_fail(h, hbc_base(argv[0]), what, r) : HBC_OK;
	hbc_end(h);
	return status;
}

static const char break_help[] =
"EVENT is the state that a request is caught in, TAG the name of the rule:\n"
"\n"
"  EVENT             @EVENT@\n"
"\n"
"A request must meet every condition:\n"
"\n"
"  op=OP,...         @OP@\n"
"  sector=A A+N A-B  overlaps these sectors of 512 bytes, B included\n"
"  hctx=N cpu=N      hardware queue; processor of the submitter\n"
"  pid=N pid=!N      the submitter is, or is not, this process\n"
"  comm=X comm=!X    the submitter's name is, or is not, X; \\xNN is a byte\n"
"  flags=FLAG,...    has all of @FLAG@\n"
"  state=N           the device is in state N (it begins in 1)\n"
"  skip=N            let N matches pass first\n"
"  count=N           act on N matches, then disarm (1); 0: for ever\n"
"  chance=1/N        act on one match in N, from the device's seed\n"
"\n"
"and then:\n"
"\n"
"  action=A          @ACTION@\n"
"                    (the first is the default)\n"
"  set_state=N       the device goes to state N\n"
"  owner=device      the rule stays until it is removed (default)\n"
"  owner=session     print TAG and stay until stdin ends (/dev/null never does)\n"
"                    or SIGINT, SIGTERM or SIGHUP comes; then the rule goes and\n"
"                    what it holds is released\n"
"\n"
"The driver refuses by name what it cannot do. haltblk rules shows the rule.\n";

const struct hbc_command hbc_break_commands[] = {
	{ "break", "DEV EVENT TAG [KEY=VALUE ...]",
	  "arm a rule that holds requests, or does something else to them",
	  break_help, cmd_break },
	{ "wait", "DEV TAG", "wait until requests are held under a tag",
	  "Exit status 4 after the timeout; the message says whether the rule is armed and\n"
	  "not hit, or how many are held. Exit status 1 if every rule of TAG is gone and too\n"
	  "few are held.\n", cmd_wait },
	{ "resume", "DEV {TAG | --id ID | --all}",
	  "release held requests",
	  "In the order they were held. STATUS is a block status (IOERR, NOSPC, MEDIUM,\n"
	  "TIMEOUT, ...) or the name of its errno (EIO, ...). Rules stay armed. If one\n"
	  "id is not held, nothing is released.\n", cmd_resume },
	{ "step", "DEV {TAG | --id ID}",
	  "release a held request to its next state, and hold it there",
	  "Takes the one request held under TAG, or the one with this id; it stays under\n"
	  "its tag. Prints the event where it is now held, or - if it has ended or is still\n"
	  "on its way.\n", hbc_step },
	{ "settle", "DEV --inflight N --held M",
	  "wait until exactly so many requests are in the driver",
	  "Proves that nothing more is coming: the driver has N requests, M of them held,\n"
	  "and no count of the device has changed for 20 ms. Exit status 4 after the\n"
	  "timeout; the message says the counts.\n", hbc_settle },
	{ "remove", "DEV {TAG | --all}",
	  "disarm rules and release what they hold", "", cmd_remove },
	{ 0 },
};
