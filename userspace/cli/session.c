/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Handles and sessions: each command makes its own, unless a scenario lends it
 * one. Also what commands that fork need.
 */
#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>

#include "cli.h"

static struct libhaltblk *lent;

/** hbc_handle() - a handle without a session; an exit status, or HBC_GO_ON */
int hbc_handle(struct libhaltblk **h)
{
	return libhaltblk_new(h) ? hbc_no_memory() : HBC_GO_ON;
}

/** hbc_attach() - session on a device; an exit status, or HBC_GO_ON */
int hbc_attach(struct libhaltblk *h, const char *device)
{
	int r;

	if (h == lent)
		return HBC_GO_ON;
	r = libhaltblk_open(h);
	if (!r)
		r = libhaltblk_attach(h, device);
	return r ? hbc_fail(h, hbc_base(device), NULL, r) : HBC_GO_ON;
}

/**
 * hbc_lend() - let commands use this session instead of one of their own
 * @h: attached handle; NULL: they open their own again
 */
void hbc_lend(struct libhaltblk *h)
{
	lent = h;
}

/** hbc_is_lent() - whether commands use a session that is lent to them */
bool hbc_is_lent(void)
{
	return lent;
}

/** hbc_end() - free a handle, if it is not lent */
void hbc_end(struct libhaltblk *h)
{
	if (h != lent)
		libhaltblk_free(h);
}

/** hbc_session() - handle and session on a device; hbc_end() ends it */
int hbc_session(const char *device, struct libhaltblk **h)
{
	int status;

	*h = lent;
	if (lent)
		return HBC_GO_ON;
	status = hbc_handle(h);
	if (status != HBC_GO_ON)
		return status;
	status = hbc_attach(*h, device);
	if (status != HBC_GO_ON)
		libhaltblk_free(*h);
	return status;
}

/**
 * hbc_begin() - parse the words of a command, and make a handle
 * @cmd: command
 * @options: as hbc_parse() takes them
 * @argc: likewise
 * @argv: likewise
 * @h: out: the handle, without a session; libhaltblk_free() frees it
 *
 * Return: HBC_GO_ON, or an exit status.
 */
int hbc_begin(const struct hbc_command *cmd, const struct hbc_option *options,
	      int *argc, char ***argv, struct libhaltblk **h)
{
	int status = hbc_parse(cmd, options, argc, argv);

	return status == HBC_GO_ON ? hbc_handle(h) : status;
}

/**
 * hbc_begin_session() - hbc_begin(), with a session on the device
 * @cmd: command whose first argument is the device
 * @options: as hbc_parse() takes them
 * @argc: likewise
 * @argv: likewise
 * @h: out: the handle; hbc_end() ends it
 *
 * Return: HBC_GO_ON, or an exit status.
 */
int hbc_begin_session(const struct hbc_command *cmd,
		      const struct hbc_option *options, int *argc,
		      char ***argv, struct libhaltblk **h)
{
	int status = hbc_parse(cmd, options, argc, argv);

	return status == HBC_GO_ON ? hbc_session((*argv)[0], h) : status;
}

/** hbc_now() - CLOCK_MONOTONIC in nanoseconds */
uint64_t hbc_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * HBC_NSEC + (uint64_t)ts.tv_nsec;
}

static void close_between(int first, int last)
{
	if (first <= last)
		close_range((unsigned int)first, (unsigned int)last, 0);
}

/**
 * hbc_keep_only() - close all descriptors but the standard ones and two
 * @a: one of them, above the standard ones
 * @b: likewise; may be @a
 *
 * For a child that does not call exec: it must not keep its parent's session,
 * locks and pipes open.
 */
void hbc_keep_only(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	close_between(STDERR_FILENO + 1, low - 1);
	close_between(low + 1, high - 1);
	close_between(high + 1, INT32_MAX);
}
