/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * break with owner=session stays until its stdin ends or a signal asks it to
 * stop, prints the tag once the rule is armed, and ends cleanly. Each case is
 * a process of its own, which shares the fake system's memory.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "fake.h"
#include "tap.h"

static int to_child, from_child;

static int break_in_session(void)
{
	char *argv[] = { (char *)"haltblk", (char *)"break", (char *)"hb0",
			 (char *)"media", (char *)"K",
			 (char *)"owner=session", NULL };

	return hbc_main(6, argv);
}

static pid_t start(void)
{
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
		_exit(break_in_session());
	}
	close(in[0]);
	close(out[1]);
	to_child = in[1];
	from_child = out[0];
	return pid;
}

/* Waits only until the rule is armed. */
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

/* Whether a signal is in a mask of signals in /proc/PID/status. */
static bool has_signal(pid_t pid, const char *line, int sig)
{
	unsigned long long mask = 0;
	char path[64], text[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(text, sizeof(text), f))
		if (!strncmp(text, line, strlen(line)))
			mask = strtoull(text + strlen(line), NULL, 16);
	if (f)
		fclose(f);
	return mask >> (sig - 1) & 1;
}

/* As nohup(1) starts it. */
static void by_ignored_signal(void)
{
	pid_t pid;

	signal(SIGHUP, SIG_IGN);
	pid = start();
	signal(SIGHUP, SIG_DFL);
	armed("SIGHUP ignored");
	tap_ok(has_signal(pid, "SigIgn:", SIGHUP) &&
	       !has_signal(pid, "SigBlk:", SIGHUP),
	       "a signal that was ignored stays ignored");
	tap_ok(has_signal(pid, "SigBlk:", SIGTERM), "others are not");
	kill(pid, SIGHUP);
	kill(pid, SIGTERM);
	ended(pid, "SIGTERM, SIGHUP ignored");
	close(to_child);
}

/* A session on a terminal of its own, in which break runs in the background. */
static void shell_like(const char *tty, int out, int asked, int answer)
{
	int fd, status;
	char what;
	pid_t pid;

	setsid();
	fd = open(tty, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0))
		_exit(99);
	signal(SIGTTOU, SIG_IGN);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_DFL);
		dup2(fd, 0);
		dup2(out, 1);
		close(asked);
		_exit(break_in_session());
	}
	setpgid(pid, pid);
	close(out);
	while (read(asked, &what, 1) == 1) {
		if (what == 'f')
			tcsetpgrp(fd, pid);
		else
			kill(pid, SIGTERM);
		if (write(answer, "", 1) != 1)
			_exit(99);
	}
	waitpid(pid, &status, WUNTRACED);
	if (WIFSTOPPED(status))
		kill(pid, SIGKILL);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
}

/*
 * Text typed for the shell does not stop it. Then @what happens: 't' it gets
 * SIGTERM, 'f' it is brought to the foreground, where input can end.
 */
static void in_background(char what, const char *how)
{
	int out[2], ask[2], answer[2], keyboard, status = -1;
	pid_t pid;
	char byte;

	keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (keyboard < 0 || grantpt(keyboard) || unlockpt(keyboard)) {
		tap_ok(1, "%s # SKIP no terminals here", how);
		return;
	}
	if (pipe2(out, O_CLOEXEC) || pipe2(ask, O_CLOEXEC) ||
	    pipe2(answer, O_CLOEXEC))
		abort();
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(ask[1]);
		shell_like(ptsname(keyboard), out[1], ask[0], answer[1]);
	}
	close(out[1]);
	from_child = out[0];
	armed(how);
	if (write(keyboard, "typed\n", 6) != 6 || write(ask[1], &what, 1) != 1 ||
	    read(answer[0], &byte, 1) != 1 ||
	    write(keyboard, "\x04", 1) != 1)
		abort();
	close(ask[1]);
	waitpid(pid, &status, 0);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status),
	       "%s: exit status 0, got 0x%x", how, status);
	close(ask[0]);
	close(answer[0]);
	close(answer[1]);
	close(out[0]);
	close(keyboard);
}

int main(void)
{
	fake_load();
	alarm(30);	/* a hang is a failure */
	by_end();
	by_signal(SIGINT, "SIGINT");
	by_signal(SIGTERM, "SIGTERM");
	by_signal(SIGHUP, "SIGHUP");
	by_ignored_signal();
	in_background('t', "in the background, SIGTERM");
	in_background('f', "in the background, then in the foreground");
	return tap_done();
}
