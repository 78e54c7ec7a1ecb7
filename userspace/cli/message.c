/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Messages, exit statuses, and whether all output was written.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static FILE *messages;
static bool out_of_memory;

/** hbc_messages_to() - where messages go; NULL: to stderr */
void hbc_messages_to(FILE *to)
{
	messages = to;
}

/** hbc_message_file() - where messages go */
FILE *hbc_message_file(void)
{
	return messages ? messages : stderr;
}

static void verror(const char *object, const char *fmt, va_list ap)
{
	fputs("haltblk: ", hbc_message_file());
	/* Control characters in a device's name must not break the line. */
	for (; *object; object++)
		fprintf(hbc_message_file(), (unsigned char)*object < ' ' ||
			*object == 0x7f ? "\\x%02x" : "%c",
			(unsigned char)*object);
	fputs(": ", hbc_message_file());
	vfprintf(hbc_message_file(), fmt, ap);
}

/** hbc_error() - a message: haltblk: OBJECT: what: why */
void hbc_error(const char *object, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verror(object, fmt, ap);
	va_end(ap);
	fputc('\n', hbc_message_file());
}

/** hbc_usage() - a message about the command line, which points to --help */
int hbc_usage(const struct hbc_command *cmd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verror(cmd->name, fmt, ap);
	va_end(ap);
	fprintf(hbc_message_file(), ": see haltblk %s --help\n", cmd->name);
	return HBC_USAGE;
}

/** hbc_no_memory() - say so; an exit status */
int hbc_no_memory(void)
{
	out_of_memory = true;
	fputs("haltblk: out of memory\n", hbc_message_file());
	return HBC_FAILED;
}

/**
 * hbc_complete() - make a status a failure if memory ran out
 * @status: of a command
 *
 * A list that could be printed only in part is a failure.
 */
int hbc_complete(int status)
{
	if (out_of_memory && status == HBC_OK)
		status = HBC_FAILED;
	out_of_memory = false;
	return status;
}

/** hbc_exit_status() - the exit status for a library call's result */
int hbc_exit_status(int err)
{
	switch (err) {
	case -ENODEV:
	case -ENOENT:
	case -ENOTBLK:
		return HBC_NONE;
	case -ETIME:
		return HBC_TIMEOUT;
	default:
		return err < 0 ? HBC_FAILED : HBC_OK;
	}
}

/**
 * hbc_fail() - say why a library call failed
 * @h: its handle
 * @object: device, usually
 * @what: what was tried, or NULL
 * @err: its result
 *
 * Return: exit status.
 */
int hbc_fail(const struct libhaltblk *h, const char *object, const char *what,
	     int err)
{
	const char *why = libhaltblk_why(h);
	size_t len = strlen(object);

	/* Some of the kernel's sentences begin with the object already. */
	if (!what && !strncmp(why, object, len) && !strncmp(why + len, ": ", 2))
		why += len + 2;
	hbc_error(object, "%s%s%s", what ? what : "", what ? ": " : "",
		  *why ? why : strerror(-err));
	return hbc_exit_status(err);
}

/** hbc_base() - a device's name without /dev/, for messages */
const char *hbc_base(const char *device)
{
	return strncmp(device, "/dev/", 5) ? device : device + 5;
}

/**
 * hbc_flush() - make sure that all output was written
 *
 * Return: HBC_OK; HBC_FAILED after a message, which is printed once.
 */
int hbc_flush(void)
{
	int err = 0;

	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		err = errno ? errno : EIO;
	if (!err)
		return HBC_OK;
	clearerr(stdout);
	hbc_error("standard output", "cannot write: %s", strerror(err));
	return HBC_FAILED;
}
