/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * break: arms a rule. If the session owns the rule, the command stays until it
 * is told to end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "commands.h"
#include "sector.h"

/* Add a condition, in which sectors may have a name; 0 or an exit status. */
static int add_word(struct libhaltblk *h, struct libhaltblk_rule *rule,
		    const char *device, const char *word)
{
	char disk[HALTBLK_NAME_LEN], text[512];
	int r = 0;

	if (!strncmp(word, "sector=", 7) && strchr(word, ':')) {
		r = libhaltblk_device_name(h, device, disk);
		if (r)
			return hbc_fail(h, hbc_base(device), "break", r);
		r = hbc_sector(disk, word, text, sizeof(text));
	}
	if (r < 0) {
		hbc_error(hbc_base(device), "break: %s: %s", word, text);
		return HBC_FAILED;
	}
	if (!libhaltblk_rule_add(rule, r ? text : word))
		return HBC_OK;
	hbc_fail(h, hbc_base(device), "break", -EINVAL);
	return HBC_USAGE;
}

/* Build a rule from words; an exit status, or HBC_GO_ON. */
static int build_rule(struct libhaltblk *h, int argc, char **argv,
		      struct libhaltblk_rule **rule)
{
	int status = HBC_OK, i, r;

	r = libhaltblk_rule_new(h, rule);
	if (r)
		return hbc_fail(h, hbc_base(argv[0]), "break", r);
	libhaltblk_rule_session(*rule, hbc_is_lent());
	r = libhaltblk_rule_event(*rule, argv[1]);
	if (!r)
		r = libhaltblk_rule_tag(*rule, argv[2]);
	if (r) {
		hbc_fail(h, hbc_base(argv[0]), "break", r);
		status = HBC_USAGE;
	}
	for (i = 3; !status && i < argc; i++)
		status = add_word(h, *rule, argv[0], argv[i]);
	if (!status)
		return HBC_GO_ON;
	libhaltblk_rule_free(*rule);
	return status;
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

	status = hbc_parse(cmd, options, &argc, &argv);
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

static const char break_help[] =
"EVENT is the state that a request is caught in, TAG the name of the rule:\n"
"\n"
"  EVENT             @EVENT@\n"
"\n"
"A request must meet every condition:\n"
"\n"
"  op=OP,...         @OP@\n"
"  sector=A A+N A-B  overlaps these sectors of 512 bytes, B included\n"
"  sector=NAME       the same by name, looked up now, in bytes (KiB, MiB, ...):\n"
"                    file:PATH:OFFSET+LENGTH, of a file on the device;\n"
"                    part:N:OFFSET+LENGTH, of partition N;\n"
"                    md:ARRAY:OFFSET+LENGTH, of the device's data as a member\n"
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

const struct hbc_command hbc_cmd_break = {
	.name = "break",
	.args = "DEV EVENT TAG [KEY=VALUE ...]",
	.min = 3,
	.max = -1,
	.summary = "arm a rule that holds requests, or does something else to them",
	.help = break_help,
	.fn = cmd_break,
};
