/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * discard, zeroout, secdiscard, on any block device.
 *
 * The ioctl waits in the kernel, where no signal reaches it, for as long as a
 * rule holds the request. It runs in a child, so that the command itself can
 * always be killed; neither has a session open. The child leaves its result in
 * shared memory, and the parent reports it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "explain.h"
#include "range.h"

/**
 * struct shared - the child's result
 * @err: 0 or a negative errno
 * @range: with what was done of it
 * @why: of an error
 */
struct shared {
	int err;
	struct libhaltblk_range range;
	char why[2048];
};

/**
 * struct job - one command
 * @cmd: its row of the table
 * @h: handle
 * @device: as it was given
 * @range: what is asked for
 * @explain: say why it failed
 * @trace: and where in the kernel
 * @verbose: say what was done
 * @quiet: no progress
 * @json: print an object
 * @began: when the child began, CLOCK_MONOTONIC ns
 * @tracing: the tracer, while it is on
 * @shared: the child's result
 */
struct job {
	const struct hbc_command *cmd;
	struct libhaltblk *h;
	const char *device;
	struct libhaltblk_range range;
	bool explain, trace, verbose, quiet, json;
	uint64_t began;
	struct hbc_trace *tracing;
	struct shared *shared;
};

static volatile sig_atomic_t stopped;

static void on_signal(int nr)
{
	stopped = nr;
}

static const char *object(const struct job *job)
{
	return hbc_base(job->device);
}

static void tell_progress(const struct libhaltblk_range *range)
{
	struct shared *shared = range->ctx;

	shared->range.length = range->length;
	shared->range.done = range->done;
}

/* Begins at a byte from @go; end of file means that the parent has died. */
static void child(const struct job *job, pid_t parent, int go)
{
	struct shared *shared = job->shared;
	struct libhaltblk_range range = job->range;
	char byte;

	/* Killing the command should end what can be ended. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || read(go, &byte, 1) != 1)
		_exit(1);
	range.progress = tell_progress;
	range.ctx = shared;
	shared->err = libhaltblk_range(job->h, job->device, &range);
	shared->range = range;
	snprintf(shared->why, sizeof(shared->why), "%s",
		 libhaltblk_why(job->h));
	_exit(0);
}

static void print_progress(const struct job *job)
{
	uint64_t done = job->shared->range.done;
	uint64_t total = job->shared->range.length;
	double s = (double)(hbc_now() - job->began) / HBC_NSEC;

	if (done)
		hbc_error(object(job), "%s: %llu of %llu bytes, %llu%%, after %.0f s",
			  job->cmd->name, (unsigned long long)done,
			  (unsigned long long)total,
			  (unsigned long long)(done / (total / 100 + 1)), s);
	else
		hbc_error(object(job), "%s: waiting for the first ioctl after %.0f s%s",
			  job->cmd->name, s, job->range.step ? "" :
			  "; --step does it in pieces");
}

/* Switch the trace off, however the command ends. */
static void end_by_signal(struct job *job)
{
	hbc_trace_stop(job->tracing);
	signal(stopped, SIG_DFL);
	raise(stopped);
}

/* Until the child has gone, which closes its end of @alive. */
static void watch(struct job *job, int alive)
{
	struct pollfd fd = { .fd = alive };
	bool tell = !job->quiet && (job->verbose || isatty(STDERR_FILENO));
	int r;

	do {
		r = poll(&fd, 1, tell ? 1000 : -1);
		if (stopped)
			end_by_signal(job);
		if (!r)
			print_progress(job);
	} while (r <= 0);
}

static void start_trace(struct job *job, pid_t pid)
{
	char why[512];

	if (!job->trace)
		return;
	hbc_signals_catch(NULL, on_signal);
	if (hbc_trace_start(&job->tracing, pid, why, sizeof(why)))
		hbc_error(object(job), "%s: trace: %s", job->cmd->name, why);
	if (stopped)
		end_by_signal(job);
}

/* Returns an exit status, or HBC_GO_ON when the child has left its result. */
static int run_child(struct job *job)
{
	int go[2], alive[2], status;
	pid_t parent = getpid(), pid, r;

	if (pipe2(go, O_CLOEXEC) || pipe2(alive, O_CLOEXEC))
		goto failed;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		goto failed;
	if (!pid) {
		close(go[1]);
		close(alive[0]);
		child(job, parent, go[0]);
	}
	close(go[0]);
	close(alive[1]);
	start_trace(job, pid);
	job->began = hbc_now();
	if (write(go[1], "", 1) == 1)
		watch(job, alive[0]);
	do
		r = waitpid(pid, &status, 0);
	while (r < 0 && errno == EINTR);
	hbc_trace_stop(job->tracing);
	close(go[1]);
	close(alive[0]);
	if (r == pid && WIFEXITED(status) && !WEXITSTATUS(status))
		return HBC_GO_ON;
	if (r == pid && WIFSIGNALED(status))
		hbc_error(object(job), "%s: killed by signal %d",
			  job->cmd->name, WTERMSIG(status));
	else
		hbc_error(object(job), "%s: its child process failed",
			  job->cmd->name);
	return HBC_FAILED;
failed:
	hbc_error(object(job), "%s: cannot start a child process: %s", job->cmd->name,
		  strerror(errno));
	return HBC_FAILED;
}

static void explain_kept(const struct job *job, const struct hbc_shape *shape,
			 uint64_t whole)
{
	uint64_t length = job->shared->range.length;

	if (whole == length)
		return;
	hbc_error(object(job), "%s: explain: discard_granularity is %llu bytes and discard_alignment %llu: %llu of %llu bytes are whole granules; the rest may keep its data, which is not an error",
		  job->cmd->name, (unsigned long long)shape->granularity,
		  (unsigned long long)shape->alignment,
		  (unsigned long long)whole, (unsigned long long)length);
}

static void explain(const struct job *job, struct json_object *all)
{
	const struct shared *shared = job->shared;
	struct hbc_verdict verdict;
	struct hbc_shape shape;
	uint64_t whole;

	hbc_shape_get(job->h, job->device, &shape);
	if (!shared->err) {
		if (job->range.op != LIBHALTBLK_DISCARD || !shape.granularity)
			return;
		whole = hbc_whole_granules(&shape, shared->range.offset,
					   shared->range.length);
		json_object_object_add(all, "whole_granules",
				       json_object_new_uint64(whole));
		explain_kept(job, &shape, whole);
		return;
	}
	hbc_explain(&shape, &shared->range, shared->err, shared->why,
		    &verdict);
	hbc_verdict_print(object(job), job->cmd->name, &verdict);
	json_object_object_add(all, "explanation",
			       hbc_verdict_json(&verdict));
	if (!job->tracing)
		return;
	hbc_trace_find(job->tracing, -shared->err);
	hbc_trace_print(job->tracing, object(job), job->cmd->name);
	json_object_object_add(all, "trace", hbc_trace_json(job->tracing));
}

static struct json_object *report(const struct job *job, uint64_t took)
{
	const struct libhaltblk_range *range = &job->shared->range;
	struct json_object *all = json_object_new_object();
	int err = -job->shared->err;
	const char *name = err ? strerrorname_np(err) : "ok";

	json_object_object_add(all, "device",
			       json_object_new_string(object(job)));
	json_object_object_add(all, "operation",
			       json_object_new_string(job->cmd->name));
	json_object_object_add(all, "offset",
			       json_object_new_uint64(range->offset));
	json_object_object_add(all, "length",
			       range->length == LIBHALTBLK_TO_END ? NULL :
			       json_object_new_uint64(range->length));
	json_object_object_add(all, "step",
			       json_object_new_uint64(range->step));
	json_object_object_add(all, "done",
			       json_object_new_uint64(range->done));
	json_object_object_add(all, "elapsed_us",
			       json_object_new_uint64(took / 1000));
	json_object_object_add(all, "result",
			       json_object_new_string(name ? name : "?"));
	json_object_object_add(all, "why",
			       json_object_new_string(job->shared->why));
	return all;
}

static int run(struct job *job)
{
	struct shared *shared = job->shared;
	struct json_object *all;
	int status;

	shared->range = job->range;
	status = run_child(job);
	if (status != HBC_GO_ON)
		goto out;
	all = report(job, hbc_now() - job->began);
	status = hbc_exit_status(shared->err);
	if (shared->err)
		hbc_error(object(job), "%s: %s", job->cmd->name, shared->why);
	if (shared->err && shared->range.done)
		hbc_error(object(job), "%s: the first %llu bytes of the range were done",
			  job->cmd->name,
			  (unsigned long long)shared->range.done);
	if (job->explain && status != HBC_NONE)
		explain(job, all);
	if (job->json) {
		hbc_print_json(all);
		return status;
	}
	json_object_put(all);
	if (job->verbose && !shared->err)
		printf("%s: %s: %llu bytes from offset %llu\n", object(job),
		       job->cmd->name, (unsigned long long)shared->range.done,
		       (unsigned long long)shared->range.offset);
out:
	return status;
}

static int parse_size(struct libhaltblk *h, const struct hbc_command *cmd,
		      const char *option, const char *text, uint64_t *bytes)
{
	if (!text || !libhaltblk_parse_size(h, text, bytes))
		return HBC_GO_ON;
	return hbc_usage(cmd, "%s: %s", option, libhaltblk_why(h));
}

int hbc_range_sizes(struct libhaltblk *h, const struct hbc_command *cmd,
		    const char *offset, const char *length, const char *step,
		    struct libhaltblk_range *range)
{
	int status = parse_size(h, cmd, "--offset", offset, &range->offset);

	if (status == HBC_GO_ON)
		status = parse_size(h, cmd, "--length", length, &range->length);
	if (status == HBC_GO_ON)
		status = parse_size(h, cmd, "--step", step, &range->step);
	if (status == HBC_GO_ON && step && !range->step)
		return hbc_usage(cmd, "--step: 0 bytes at a time would never end");
	return status;
}

static int range_command(const struct hbc_command *cmd, int argc, char **argv,
			 enum libhaltblk_range_op op)
{
	const char *offset = NULL, *length = NULL, *step = NULL, *how = NULL;
	struct job job = {
		.cmd = cmd,
		.range = { .op = op, .length = LIBHALTBLK_TO_END },
	};
	bool force = false;
	const struct hbc_option options[] = {
		{ .name = "o,offset", .value = &offset, .arg = "B",
		  .help = "first byte (0)" },
		{ .name = "l,length", .value = &length, .arg = "B",
		  .help = "bytes (up to the end of the device)" },
		{ .name = "p,step", .value = &step, .arg = "B",
		  .help = "bytes of one ioctl (all)" },
		{ .name = "f,force", .flag = &force,
		  .help = "even if the device is in use or has partitions" },
		{ .name = "explain", .flag = &job.explain, .value = &how, .arg = "trace",
		  .help = "on failure, say which limit was broken, or with =trace also where in the kernel" },
		{ .name = "v,verbose", .flag = &job.verbose,
		  .help = "say what was done, and show progress each second" },
		{ .name = "q,quiet", .flag = &job.quiet,
		  .help = "do not show progress on a terminal" },
		{ .name = "json", .flag = &job.json,
		  .help = "print what was done as an object" },
		{ 0 },
	};
	int status;

	status = hbc_begin(cmd, options, &argc, &argv, &job.h);
	if (status != HBC_GO_ON)
		return status;
	if (how && strcmp(how, "trace")) {
		status = hbc_usage(cmd, "--explain=%s: takes trace, or nothing",
				   how);
		goto out;
	}
	job.device = argv[0];
	job.trace = how;
	job.range.flags = (force ? LIBHALTBLK_SHARED : 0) |
			  (how ? LIBHALTBLK_UNCHECKED : 0);
	job.shared = mmap(NULL, sizeof(*job.shared), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job.shared == MAP_FAILED) {
		status = hbc_no_memory();
		goto out;
	}
	status = hbc_range_sizes(job.h, cmd, offset, length, step, &job.range);
	if (status == HBC_GO_ON)
		status = run(&job);
	hbc_trace_free(job.tracing);
	munmap(job.shared, sizeof(*job.shared));
out:
	libhaltblk_free(job.h);
	return status;
}

static const char range_help[] =
"The data of the blocks is lost.\n"
"B counts bytes and takes K, M, G, T (or KiB ...) for powers of 1024, KB, MB ...\n"
"for powers of 1000. All must be multiples of the logical block size. DEV is any\n"
"block device. Without --force it must not be mounted, open exclusively, part of\n"
"another device, or a disk with partitions.\n";

static int cmd_discard(const struct hbc_command *cmd, int argc, char **argv)
{
	return range_command(cmd, argc, argv, LIBHALTBLK_DISCARD);
}

const struct hbc_command hbc_cmd_discard = {
	.name = "discard",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.any_disk = true,
	.summary = "discard blocks (BLKDISCARD)",
	.help = range_help,
	.fn = cmd_discard,
};

static int cmd_zeroout(const struct hbc_command *cmd, int argc, char **argv)
{
	return range_command(cmd, argc, argv, LIBHALTBLK_ZEROOUT);
}

const struct hbc_command hbc_cmd_zeroout = {
	.name = "zeroout",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.any_disk = true,
	.summary = "fill blocks with zeroes (BLKZEROOUT)",
	.help = range_help,
	.fn = cmd_zeroout,
};

static int cmd_secdiscard(const struct hbc_command *cmd, int argc, char **argv)
{
	return range_command(cmd, argc, argv, LIBHALTBLK_SECDISCARD);
}

const struct hbc_command hbc_cmd_secdiscard = {
	.name = "secdiscard",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.any_disk = true,
	.summary = "discard blocks and every copy of them (BLKSECDISCARD)",
	.help = range_help,
	.fn = cmd_secdiscard,
};
