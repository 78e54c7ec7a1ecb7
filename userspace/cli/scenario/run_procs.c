/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the processes of a started command do: whether they sleep, and where in
 * the kernel they wait.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run.h"

#define LOOK_NSEC	5000000		/* between two looks */
#define LOOKS		5		/* equal ones that count as sleep */
#define BUSY_NSEC	HBC_NSEC	/* then one that does not sleep runs */

/**
 * struct look - what the processes did at one moment
 * @awake: one of them was not asleep
 * @switches: how often they have been switched away from
 * @nr: threads
 * @found: one of them waits in the function
 * @function: to look for, or NULL
 * @stacks: out: all stacks, as messages, if not NULL
 */
struct look {
	bool awake;
	uint64_t switches;
	unsigned int nr;
	bool found;
	const char *function;
	FILE *stacks;
};

static FILE *open_proc(const char *dir, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return fopen(path, "re");
}

/* Process group and state; false if the process is gone. */
static bool read_stat(const char *dir, pid_t *group, char *state)
{
	char text[512], *p = NULL;
	FILE *f = open_proc(dir, "stat");
	size_t n;

	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	/* PID (NAME) STATE PARENT GROUP: there may be anything in the name. */
	p = strrchr(text, ')');
	return p && sscanf(p, ") %c %*d %d", state, group) == 2;
}

static uint64_t switches(const char *dir)
{
	FILE *f = open_proc(dir, "status");
	unsigned long long n;
	uint64_t sum = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*[a-z]_ctxt_switches: %llu", &n) == 1)
			sum += n;
	if (f)
		fclose(f);
	return sum;
}

/* Whether a line of a stack, "[<0>] NAME+0x12/0x34 [MODULE]", is of a function. */
static bool is_in(const char *line, const char *function)
{
	const char *name = strstr(line, "] ");
	size_t len = strlen(function);

	name = name ? name + 2 : line;
	return !strncmp(name, function, len) && strchr("+. \n", name[len]);
}

static void look_at_stack(struct look *look, const char *dir)
{
	FILE *f = open_proc(dir, "stack");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		look->found |= is_in(line, look->function);
		if (look->stacks)
			fprintf(look->stacks, "%s: %s", dir + strlen("/proc/"),
				line);
	}
	if (f)
		fclose(f);
}

static void look_at_thread(struct look *look, const char *dir)
{
	char state;
	pid_t group;

	if (!read_stat(dir, &group, &state) || state == 'Z' || state == 'X')
		return;
	look->nr++;
	look->awake |= state != 'S' && state != 'D' && state != 'I';
	look->switches += switches(dir);
	if (look->function)
		look_at_stack(look, dir);
}

static void look_at_process(struct look *look, const char *process)
{
	char dir[64];
	const struct dirent *e;
	DIR *tasks;

	snprintf(dir, sizeof(dir), "%s/task", process);
	tasks = opendir(dir);
	while (tasks && (e = readdir(tasks))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(dir, sizeof(dir), "%s/task/%.16s", process, e->d_name);
		look_at_thread(look, dir);
	}
	if (tasks)
		closedir(tasks);
}

/* All threads of the process group. */
static void look_at(struct look *look, pid_t wanted)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	char dir[32], state;
	pid_t group;

	while (proc && (e = readdir(proc))) {
		if (strspn(e->d_name, "0123456789") != strlen(e->d_name))
			continue;
		snprintf(dir, sizeof(dir), "/proc/%.16s", e->d_name);
		if (read_stat(dir, &group, &state) && group == wanted)
			look_at_process(look, dir);
	}
	if (proc)
		closedir(proc);
}

static void nap(void)
{
	const struct timespec ts = { .tv_nsec = LOOK_NSEC };

	nanosleep(&ts, NULL);
}

/* Does nothing else want to run, such as a thread that works for a command? */
static bool system_rests(void)
{
	FILE *f = fopen("/proc/loadavg", "re");
	unsigned int running;
	bool rests = f && fscanf(f, "%*s %*s %*s %u/", &running) == 1 &&
		     running <= 1;

	if (f)
		fclose(f);
	return rests;
}

/**
 * hbc_expect_rest() - give a request the time to end, if it can
 *
 * Looks until nothing in the system has wanted to run for a while, at most ten
 * seconds.
 *
 * Return: 1, or -EINTR.
 */
int hbc_expect_rest(void)
{
	uint64_t begin = hbc_now();
	unsigned int equal = 0;

	while (equal < LOOKS && hbc_now() - begin < 10 * BUSY_NSEC) {
		if (hbc_run_stopped)
			return -EINTR;
		nap();
		equal = system_rests() ? equal + 1 : 0;
	}
	return 1;
}

/**
 * hbc_expect_running() - give a command the time to end, if it can
 * @started: command
 * @settled: also wait until nothing in the system wants to run
 *
 * Looks until all of its processes have slept without a break for a while. One
 * that does not sleep is only looked at for a second, and a system that does
 * not rest for ten.
 *
 * Return: 1; 0 if it has no process any more; -EINTR.
 */
int hbc_expect_running(const struct hbc_started *started, bool settled)
{
	uint64_t patience = settled ? 10 * BUSY_NSEC : BUSY_NSEC;
	uint64_t begin = hbc_now(), last = 0;
	unsigned int equal = 0, last_nr = 0;

	for (;;) {
		struct look look = { 0 };

		if (hbc_run_stopped)
			return -EINTR;
		look_at(&look, started->pid);
		if (!look.nr)
			return 0;
		equal = !look.awake && look.switches == last &&
			look.nr == last_nr && (!settled || system_rests()) ?
			equal + 1 : 0;
		if (equal >= LOOKS || hbc_now() - begin >= patience)
			return 1;
		last = look.switches;
		last_nr = look.nr;
		nap();
	}
}

static int not_there(const struct hbc_started *started, const char *function)
{
	struct look look = {
		.function = function, .stacks = hbc_message_file(),
	};

	look_at(&look, started->pid);
	hbc_error("expect", "stack: %s: timed out: it does not wait in %s",
		  started->name, function);
	return HBC_TIMEOUT;
}

/** hbc_expect_stack() - NAME FUNCTION */
int hbc_expect_stack(struct hbc_run *run, const struct hbc_line *line)
{
	const char *name = line->args[0], *function = line->args[1];
	const struct hbc_started *started = hbc_started_find(run, name);
	uint64_t begin = hbc_now();

	if (!started) {
		hbc_error("expect", "stack: %s: no command has this name", name);
		return HBC_NONE;
	}
	for (;;) {
		bool late = hbc_now() - begin >= run->timeout_ns;
		struct look look = { .function = function };

		look_at(&look, started->pid);
		if (look.found)
			return HBC_OK;
		if (!look.nr) {
			hbc_error("expect", "stack: %s: it has ended", name);
			return HBC_FAILED;
		}
		if (hbc_run_stopped) {
			hbc_error("expect", "stack: %s: interrupted", name);
			return HBC_FAILED;
		}
		if (late)
			return not_there(started, function);
		nap();
	}
}
