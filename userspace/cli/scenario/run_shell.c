/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Shell commands: /bin/sh in a process group of its own, with the devices' paths
 * in its environment, and this process in RUN_PID. The output goes where
 * messages go.
 *
 * A keeper process stands between the scenario and each shell. It becomes the
 * parent of whatever the command leaves behind, however that detaches itself
 * (see PR_SET_CHILD_SUBREAPER). A keeper polls a pipe whose other end only the
 * scenario has. When the scenario ends, killed or not, the pipe closes, and
 * the keeper kills its children and exits.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

/* The only device is DEV; one with a name is DEV_NAME, too. */
static void set_environment(const struct hbc_run *run)
{
	char name[HBC_RUN_DEVICE + 8], path[HBC_IO_PATH];
	size_t i;

	unsetenv("DEV");
	for (i = 0; i < run->nr_devs; i++) {
		hbc_device_path(&run->dev[i], path);
		snprintf(name, sizeof(name), "DEV_%s", run->dev[i].name);
		if (*run->dev[i].name)
			setenv(name, path, 1);
		if (run->nr_devs == 1)
			setenv("DEV", path, 1);
	}
	snprintf(name, sizeof(name), "%d", run->pid);
	setenv("RUN_PID", name, 1);
}

/* The scenario's own descriptors close on exec; these three do not. */
static _Noreturn void run_shell(const struct hbc_run *run,
				const struct hbc_shell *shell, pid_t keeper)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(127);
	set_environment(run);
	dup2(shell->null, STDIN_FILENO);
	dup2(shell->out, STDOUT_FILENO);
	dup2(shell->out, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", shell->command, (char *)NULL);
	_exit(127);
}

/* Parent of a process; 0 if it is gone. */
static pid_t parent_of(const char *pid)
{
	char path[64], text[512], *p;
	pid_t parent = 0;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	/* PID (NAME) STATE PARENT: there may be anything in the name. */
	p = strrchr(text, ')');
	if (p && strlen(p) > 4)
		parent = (pid_t)strtol(p + 4, NULL, 10);
	return parent;
}

/* No child is reaped meanwhile, so no pid is reused. */
static void kill_children(void)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	pid_t self = getpid();

	while (dir && (e = readdir(dir)))
		if (strspn(e->d_name, "0123456789") == strlen(e->d_name) &&
		    parent_of(e->d_name) == self)
			kill((pid_t)strtol(e->d_name, NULL, 10), SIGKILL);
	if (dir)
		closedir(dir);
}

/* A child that dies leaves its own children to this process. */
static _Noreturn void kill_all(void)
{
	do
		kill_children();
	while (wait(NULL) >= 0 || errno == EINTR);
	_exit(0);
}

/* Report the shell's end; exit when no child is left. */
static void reap(pid_t shell, int report)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == shell && write(report, &status, sizeof(status)) < 0)
			kill_all();
	if (pid < 0)
		_exit(0);
}

static _Noreturn void keep(const struct hbc_run *run, const struct hbc_shell *shell)
{
	struct pollfd p[2] = {
		{ .fd = run->life[0], .events = POLLIN }, { .events = POLLIN },
	};
	struct signalfd_siginfo info;
	pid_t keeper = getpid(), pid;
	sigset_t all, old;

	/* Signals to the scenario's process group are for the scenario. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	setpgid(0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (!pid) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		run_shell(run, shell, keeper);
	}
	dup2(shell->null, STDIN_FILENO);
	dup2(shell->null, STDOUT_FILENO);
	dup2(shell->null, STDERR_FILENO);
	hbc_keep_only(run->life[0], shell->report[1]);
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	p[1].fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	/* Whoever learns the number finds the group, even if the shell is slow. */
	if (pid > 0)
		setpgid(pid, pid);
	if (pid < 0 || write(shell->report[1], &pid, sizeof(pid)) < 0)
		kill_all();
	while (p[1].fd >= 0) {
		reap(pid, shell->report[1]);
		if (poll(p, HBC_ARRAY_SIZE(p), -1) < 0 || p[0].revents)
			break;
		while (read(p[1].fd, &info, sizeof(info)) > 0)
			;
	}
	kill_all();
}

/** hbc_run_print() - print a file's text as messages */
void hbc_run_print(int out)
{
	int copy = fcntl(out, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	FILE *f = copy < 0 ? NULL : fdopen(copy, "r");
	char line[4096] = "\n";

	if (!f) {
		hbc_error("output", "cannot read it back: %s", strerror(errno));
		if (copy >= 0)
			close(copy);
		return;
	}
	rewind(f);
	while (fgets(line, sizeof(line), f))
		fputs(line, hbc_message_file());
	if (!strchr(line, '\n'))
		fputc('\n', hbc_message_file());
	fclose(f);
}

/* The shell's wait status; -ETIME, -EINTR, -ECHILD: the keeper was killed. */
static int wait_shell(const struct hbc_run *run, int report, int *status)
{
	struct pollfd p = { .fd = report, .events = POLLIN };
	uint64_t begin = hbc_now(), past, ms;
	int r;

	for (;;) {
		if (hbc_run_stopped)
			return -EINTR;
		past = hbc_now() - begin;
		if (past >= run->timeout_ns)
			return -ETIME;
		ms = (run->timeout_ns - past) / 1000000 + 1;
		r = poll(&p, 1, ms > INT32_MAX ? -1 : (int)ms);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r > 0)
			return read(report, status, sizeof(*status)) ==
				       sizeof(*status) ? 0 : -ECHILD;
	}
}

/* Forget the keepers that have exited. */
static void forget_keepers(struct hbc_run *run)
{
	size_t i = 0;

	while (i < run->nr_keepers) {
		if (waitpid(run->keeper[i], NULL, WNOHANG))
			run->keeper[i] = run->keeper[--run->nr_keepers];
		else
			i++;
	}
}

static int start_keeper(struct hbc_run *run, const struct hbc_shell *shell)
{
	pid_t pid, *more;

	forget_keepers(run);
	if (run->life[0] < 0 && pipe2(run->life, O_CLOEXEC))
		return -errno;
	more = reallocarray(run->keeper, run->nr_keepers + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	run->keeper = more;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(run->life[1]);
		keep(run, shell);
	}
	if (pid < 0)
		return -errno;
	run->keeper[run->nr_keepers++] = pid;
	return 0;
}

static int open_shell(struct hbc_shell *shell, const char *command)
{
	shell->command = command;
	shell->report[0] = shell->report[1] = -1;
	shell->out = memfd_create("output", MFD_CLOEXEC);
	shell->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (shell->out < 0 || shell->null < 0 || pipe2(shell->report, O_CLOEXEC))
		return -errno;
	return 0;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/**
 * hbc_shell_start() - start a shell command
 * @run: scenario
 * @shell: out; hbc_shell_close() closes it, whatever is returned
 * @command: text for the shell
 *
 * Return: 0, or a negative errno.
 */
int hbc_shell_start(struct hbc_run *run, struct hbc_shell *shell,
		    const char *command)
{
	int r = open_shell(shell, command);

	if (!r)
		r = start_keeper(run, shell);
	close_one(&shell->null);
	close_one(&shell->report[1]);
	if (!r && read(shell->report[0], &shell->pid, sizeof(shell->pid)) !=
		  sizeof(shell->pid))
		r = -ECHILD;
	return r;
}

/** hbc_shell_close() - close what hbc_shell_start() opened */
void hbc_shell_close(struct hbc_shell *shell)
{
	close_one(&shell->report[0]);
	close_one(&shell->out);
}

static int say_ended(int status)
{
	if (WIFSIGNALED(status))
		hbc_error("$", "ended by signal %d, expected status 0",
			  WTERMSIG(status));
	else if (WEXITSTATUS(status))
		hbc_error("$", "status %d, expected 0", WEXITSTATUS(status));
	return status ? HBC_FAILED : HBC_OK;
}

static int say_failed(int err)
{
	if (err == -ETIME)
		hbc_error("$", "timed out; killed");
	else if (err == -EINTR)
		hbc_error("$", "interrupted; killed");
	else
		hbc_error("$", "cannot run the command: %s", strerror(-err));
	return err == -ETIME ? HBC_TIMEOUT : HBC_FAILED;
}

/** hbc_run_shell() - run a shell command; an exit status */
int hbc_run_shell(struct hbc_run *run, const struct hbc_line *line)
{
	struct hbc_shell shell;
	int status = 0, r;

	r = hbc_shell_start(run, &shell, line->shell);
	if (!r)
		r = wait_shell(run, shell.report[0], &status);
	/* It failed, so the scenario ends. */
	if (r)
		hbc_run_kill_shells(run);
	if (shell.out >= 0)
		hbc_run_print(shell.out);
	hbc_shell_close(&shell);
	return r ? say_failed(r) : say_ended(status);
}

/** hbc_run_check_shell() - check that a command is not too long to run */
int hbc_run_check_shell(const struct hbc_line *line)
{
	/* MAX_ARG_STRLEN of the kernel, with the NUL. */
	size_t most = 32 * (size_t)sysconf(_SC_PAGESIZE) - 1;
	size_t len = strlen(line->shell);

	if (len <= most)
		return HBC_OK;
	hbc_error("$", "the command has %zu bytes, the kernel allows %zu; put it into a file",
		  len, most);
	return HBC_USAGE;
}

/** hbc_run_kill_shells() - kill all that the shells have left; do not wait */
void hbc_run_kill_shells(struct hbc_run *run)
{
	close_one(&run->life[1]);
	close_one(&run->life[0]);
}

/**
 * hbc_run_end_shells() - kill all that the shells have left, and wait
 * @run: scenario
 * @timeout_ns: how long to wait for one that the kernel does not let end
 *
 * Return: whether all are gone.
 */
bool hbc_run_end_shells(struct hbc_run *run, uint64_t timeout_ns)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	uint64_t begin = hbc_now();

	hbc_run_kill_shells(run);
	for (;;) {
		forget_keepers(run);
		if (!run->nr_keepers || hbc_now() - begin >= timeout_ns)
			return !run->nr_keepers;
		nanosleep(&nap, NULL);
	}
}
