/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * discard, zeroout, secdiscard, on any block device.
 *
 * The ioctl waits in the kernel, where no signal reaches it, for as long as a
 * rule holds the request. It runs in a child, so that the command itself can
 * always be killed; neither has a session open.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

typedef int (*range_fn)(struct libhaltblk *h, const char *device,
			uint64_t offset, uint64_t length, unsigned int flags);

/**
 * struct range - what was asked for
 */
struct range {
	const char *device;
	uint64_t offset;	/* bytes */
	uint64_t length;	/* bytes, or LIBHALTBLK_TO_END */
	unsigned int flags;	/* LIBHALTBLK_SHARED */
	range_fn fn;
};

static int child(struct libhaltblk *h, const struct range *range,
		 const char *what, pid_t parent)
{
	int r;

	/* Killing the command is to end what can be ended. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return HBC_FAILED;
	r = range->fn(h, range->device, range->offset, range->length,
		      range->flags);
	return r ? hbc_fail(h, hbc_base(range->device), what, r) : HBC_OK;
}

static int in_child(struct libhaltblk *h, const struct range *range,
		    const char *what)
{
	pid_t parent = getpid(), pid, done;
	int status;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		status = child(h, range, what, parent);
		fflush(NULL);
		_exit(status);
	}
	if (pid > 0) {
		do
			done = waitpid(pid, &status, 0);
		while (done < 0 && errno == EINTR);
		if (done == pid && WIFEXITED(status))
			return WEXITSTATUS(status);
		if (done == pid)
			hbc_error(hbc_base(range->device), "%s: killed by signal %d",
				  what, WTERMSIG(status));
		else
			pid = -1;
	}
	if (pid < 0)
		hbc_error(hbc_base(range->device), "%s: no child process: %s",
			  what, strerror(errno));
	return HBC_FAILED;
}

static int parse_size(struct libhaltblk *h, const struct hbc_command *cmd,
		      const char *option, const char *text, uint64_t *bytes)
{
	if (!libhaltblk_parse_size(h, text, bytes))
		return HBC_GO_ON;
	return hbc_usage(cmd, "%s: %s", option, libhaltblk_why(h));
}

static int range_command(const struct hbc_command *cmd, int argc, char **argv,
			 range_fn fn)
{
	const char *offset = "0", *length = NULL;
	bool force = false;
	const struct hbc_option options[] = {
		{ "offset", NULL, &offset, "B", "first byte (0)" },
		{ "length", NULL, &length, "B", "bytes (up to the end of the device)" },
		{ "force", &force, NULL, NULL, "even if the device is in use" },
		{ 0 },
	};
	struct range range = { .length = LIBHALTBLK_TO_END, .fn = fn };
	struct libhaltblk *h;
	int status;

	status = hbc_parse(cmd, options, 1, 1, &argc, &argv);
	if (status == HBC_GO_ON)
		status = hbc_handle(&h);
	if (status != HBC_GO_ON)
		return status;
	range.device = argv[0];
	range.flags = force ? LIBHALTBLK_SHARED : 0;
	status = parse_size(h, cmd, "--offset", offset, &range.offset);
	if (status == HBC_GO_ON && length)
		status = parse_size(h, cmd, "--length", length, &range.length);
	if (status == HBC_GO_ON)
		status = in_child(h, &range, cmd->name);
	libhaltblk_free(h);
	return status;
}

static int cmd_discard(const struct hbc_command *cmd, int argc, char **argv)
{
	return range_command(cmd, argc, argv, libhaltblk_discard);
}

static int cmd_zeroout(const struct hbc_command *cmd, int argc, char **argv)
{
	return range_command(cmd, argc, argv, libhaltblk_zeroout);
}

static int cmd_secdiscard(const struct hbc_command *cmd, int argc, char **argv)
{
	return range_command(cmd, argc, argv, libhaltblk_secdiscard);
}

#define SIZES \
	"B counts bytes and takes K, M, G, T (or KiB ...) for powers of 1024, KB, MB ...\n" \
	"for powers of 1000. Both must be multiples of the logical block size. DEV is\n" \
	"any block device; without --force it must not be in use.\n"

const struct hbc_command hbc_range_commands[] = {
	{ "discard", "DEV", "discard blocks (BLKDISCARD)",
	  "What the blocks hold is lost.\n" SIZES, cmd_discard },
	{ "zeroout", "DEV", "fill blocks with zeroes (BLKZEROOUT)",
	  "What the blocks hold is lost.\n" SIZES, cmd_zeroout },
	{ "secdiscard", "DEV", "discard blocks and every copy of them (BLKSECDISCARD)",
	  "What the blocks hold is lost.\n" SIZES, cmd_secdiscard },
	{ 0 },
};
