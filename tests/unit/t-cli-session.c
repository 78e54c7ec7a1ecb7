/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * break with owner=session stays until its stdin ends or a signal asks it to
 * stop, prints the tag once the rule is armed, and ends well. Each case is a
 * process of its own; the fake system's memory is shared with it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "fake.h"
#include "tap.h"

static int to_child, from_child;

static pid_t start(void)
{
	char *argv[] = { (char *)"haltblk", (char *)"break", (char *)"hb0",
			 (char *)"media", (char *)"K",
			 (char *)"owner=session", NULL };
	int in[2], out[2];
	pid_t pid;

	if (pipe(in) || pipe(out))
		abort();
	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		_exit(hbc_main(6, argv));
	}
	close(in[0]);
	close(out[1]);
	to_child = in[1];
	from_child = out[0];
	return pid;
}

/* Waits until the rule is armed, and for nothing else. */
static void armed(const char *how)
{
	char line[8] = "";

	tap_int(read(from_child, line, sizeof(line) - 1), 2,
		"%s: it prints a line", how);
	tap_str(line, "K\n", "%s: the tag", how);
	tap_int(fake.calls[2], 1, "%s: the rule is armed by then", how);
	fake.calls[2] = 0;
}

static void ended(pid_t pid, const char *how)
{
	int status = -1;

	waitpid(pid, &status, 0);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status),
	       "%s: exit status 0, got 0x%x", how, status);
	close(from_child);
}

static void by_signal(int sig, const char *how)
{
	pid_t pid = start();

	armed(how);
	if (write(to_child, "what is typed does not end it\n", 30) != 30)
		abort();
	kill(pid, sig);
	ended(pid, how);
	close(to_child);
}

static void by_end(void)
{
	pid_t pid = start();

	armed("end of stdin");
	if (write(to_child, "x", 1) != 1)
		abort();
	close(to_child);
	ended(pid, "end of stdin");
}

int main(void)
{
	fake_load();
	alarm(30);	/* a hang is a failure */
	by_end();
	by_signal(SIGINT, "SIGINT");
	by_signal(SIGTERM, "SIGTERM");
	by_signal(SIGHUP, "SIGHUP");
	return tap_done();
}
