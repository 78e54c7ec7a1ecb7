/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A "$ command" line: /bin/sh in a process group of its own, with the device's
 * path in DEV. What it prints goes where messages go.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

static void child(const struct hbc_run *run, const char *command, int out,
		  pid_t parent)
{
	char path[HALTBLK_NAME_LEN + 8];
	int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	/* A scenario killed with SIGKILL leaves no command of its own behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	snprintf(path, sizeof(path), "/dev/%s", run->device);
	setenv("DEV", path, 1);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/** hbc_run_print() - what is in a file, as messages; the file is closed */
void hbc_run_print(int out)
{
	FILE *f = fdopen(out, "r");
	char line[4096] = "\n";

	if (!f) {
		close(out);
		return;
	}
	rewind(f);
	while (fgets(line, sizeof(line), f))
		fputs(line, hbc_message_file());
	if (!strchr(line, '\n'))
		fputc('\n', hbc_message_file());
	fclose(f);
}

/* Its wait status; -ETIME or -EINTR, and it is killed. */
static int wait_child(const struct hbc_run *run, pid_t pid, int *status)
{
	const struct timespec nap = { .tv_nsec = 2000000 };
	uint64_t begin = hbc_now();
	int r = 0;

	while (!waitpid(pid, status, WNOHANG)) {
		if (hbc_run_stopped)
			r = -EINTR;
		else if (hbc_now() - begin >= run->timeout_ns)
			r = -ETIME;
		if (r) {
			kill(-pid, SIGKILL);
			break;
		}
		nanosleep(&nap, NULL);
	}
	return r;
}

/** hbc_run_shell() - run a shell command; an exit status */
int hbc_run_shell(struct hbc_run *run, const char *command)
{
	int out = memfd_create("output", MFD_CLOEXEC), status = 0, r;
	pid_t pid, parent = getpid();

	fflush(NULL);
	pid = out < 0 ? -1 : fork();
	if (!pid)
		child(run, command, out, parent);
	if (pid < 0) {
		hbc_error("$", "cannot run it: %s", strerror(errno));
		return HBC_FAILED;
	}
	setpgid(pid, pid);
	r = wait_child(run, pid, &status);
	hbc_run_print(out);
	if (r) {
		hbc_error("$", "%s; killed", r == -ETIME ? "timed out" :
							   "interrupted");
		return r == -ETIME ? HBC_TIMEOUT : HBC_FAILED;
	}
	if (WIFSIGNALED(status))
		hbc_error("$", "ended by signal %d, expected status 0",
			  WTERMSIG(status));
	else if (WEXITSTATUS(status))
		hbc_error("$", "status %d, expected 0", WEXITSTATUS(status));
	return status ? HBC_FAILED : HBC_OK;
}
