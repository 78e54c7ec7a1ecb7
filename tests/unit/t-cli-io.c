/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * io on a plain file: real I/O through io_uring, results, order, messages.
 * Requests that wait are tested with the driver.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "scenario/io.h"
#include "run.h"
#include "tap.h"

static char dir[] = "/tmp/haltblk-io-XXXXXX";
static char image[64], script[64];

/* haltblk io with a script; its output and status. */
static void io_is(const char *text, int status, const char *out,
		  const char *err)
{
	FILE *f = fopen(script, "we");
	char words[160];

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
	snprintf(words, sizeof(words), "io %s -f %s --timeout 20", image,
		 script);
	run_is(words, status, out, err);
}

static void good(void)
{
	io_is("", 0, "", "");
	io_is("# nothing\n\n", 0, "", "");
	io_is("write a 0 8KiB pattern=0xaa # both blocks\nreap a\n"
	      "write b 4k 4k pattern=17 fua\nreap b ok\n"
	      "read c 0 4096 pattern=170 vec=4\nreap c\n"
	      "read d 4096 4096 pattern=0x11\nreap d\n"
	      "flush e\nreap e\norder\ninflight\n", 0,
	      "a ok\nb ok\nc ok\nd ok\ne ok\na b c d e\n\n", "");
	io_is("write a 3 5 pattern=1\nreap a\nread a 3 5 pattern=1\nreap a\n",
	      0, "a ok\na ok\n", "");
	io_is("write a 0 4k\nreap a\nread b 0 4k pattern=0xcd\nreap b\n", 0,
	      "a ok\nb ok\n", "");
	io_is("help\n", 0, hbc_cmd_io.help, "");
	/* Lines after quit are not read. */
	io_is("read a 0 4k\nquit\nnonsense\n", 0, "", "");
}

#define AT "haltblk: %s: io: %s:%d: "

static const char *message(const char *fmt, int line, const char *text)
{
	static char buf[512];
	int n = snprintf(buf, sizeof(buf), fmt, image, script, line);

	snprintf(buf + n, sizeof(buf) - (size_t)n, "%s\n", text);
	return buf;
}

static void bad(void)
{
	io_is("read r 0 8k pattern=0xcd\nreap r bad\n", 0,
	      "r bad 4096 (0x11, expected 0xcd)\n", "");
	io_is("read r 0 8k pattern=0xcd\nreap r\n", 1,
	      "r bad 4096 (0x11, expected 0xcd)\n", "");
	io_is("read r 0 4k\nreap r EIO\n", 1, "r ok\n",
	      message(AT, 2, "r: ok, expected EIO"));
	io_is("read r 1020k 8k\nreap r short\n", 0, "r short 4096\n", "");
	io_is("secdiscard d 0 4k\nreap d EOPNOTSUPP\n", 0, "d EOPNOTSUPP\n", "");
	io_is("discard d 4k 4k\nreap d\nread r 4k 4k pattern=0\nreap r\n", 0,
	      "d ok\nr ok\n", "");
	io_is("secdiscard d 0 4k\n", 1, "",
	      message("haltblk: %s: io: ", 0, "d: not reaped: EOPNOTSUPP"));
	io_is("secdiscard d 0 4k\nquit\n", 1, "",
	      message("haltblk: %s: io: ", 0, "d: not reaped: EOPNOTSUPP"));
}

static void wrong(void)
{
	io_is("freeze\n", 2, "",
	      message(AT, 1, "freeze: unknown line: help lists the known ones"));
	io_is("\nread\n", 2, "",
	      message(AT, 2, "read needs a NAME of at most 31 characters without '='"));
	io_is("read a 0\n", 2, "",
	      message(AT, 1, "read takes NAME [FILE] OFFSET LENGTH"));
	io_is("read a x 1\n", 2, "",
	      message(AT, 1, "x: not an offset; use bytes, or a number with KiB, MiB, ..."));
	io_is("read a 0 0\n", 2, "",
	      message(AT, 1, "0: not a length; use bytes, or a number with KiB, MiB, ..."));
	io_is("read a 0 2G\n", 2, "",
	      message(AT, 1, "2G: too long; at most 1GiB"));
	io_is("read a 0 1 fua\n", 2, "",
	      message(AT, 1, "fua: unknown word; read takes pattern=BYTE, vec=N, buffered"));
	io_is("write a 0 1 pattern=256\n", 2, "",
	      message(AT, 1, "pattern=256: out of range, takes a byte from 0 to 0xff"));
	io_is("write a 0 8 vec=65\n", 2, "",
	      message(AT, 1, "vec=65: out of range, takes 1 to 64"));
	io_is("write a 0 8 vec=3\n", 2, "",
	      message(AT, 1, "length 8 cannot be divided into 3 equal segments"));
	io_is("flush a b\n", 2, "",
	      message(AT, 1, "b: flush takes NAME [FILE]"));
	io_is("discard a 0 4k fua\n", 2, "",
	      message(AT, 1, "fua: discard takes NAME [FILE] OFFSET LENGTH"));
	io_is("reap\n", 2, "", message(AT, 1, "reap takes NAME [RESULT]"));
	io_is("read r 0 4k\nreap r EOI\n", 2, "",
	      message(AT, 2, "EOI: not a result; use ok, bad, short or the name of an errno"));
	io_is("reap z\n", 3, "",
	      message(AT, 1, "z: no request has this name"));
}

/* Replaces liburing's function: the call of this number, from 1, fails. */
static int submit_fails, submit_calls;

int io_uring_submit(struct io_uring *ring)
{
	static int (*real)(struct io_uring *ring);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "io_uring_submit");
	return ++submit_calls == submit_fails ? -EAGAIN : real(ring);
}

static int submit_line(struct hbc_io *io, const char *text)
{
	char copy[64], *argv[8], why[128];
	struct hbc_io_request rq;
	int argc;

	snprintf(copy, sizeof(copy), "%s", text);
	argc = hbc_split(copy, argv, 8);
	if (hbc_io_parse(&rq, argc, argv, why, sizeof(why)))
		return -EINVAL;
	return hbc_io_submit(io, &rq, 600 * HBC_NSEC);
}

static void ended_is(struct hbc_io *io, const char *name, const char *want)
{
	struct hbc_io_entry *entry;
	char result[96] = "not known";

	if (!hbc_io_wait(io, name, 600 * HBC_NSEC, &entry))
		hbc_io_result(entry, result, sizeof(result));
	tap_str(result, want, "after a failed submission: %s", name);
}

/* A request that the kernel did not take is not submitted with a later one. */
static void one_not_submitted(const char *line)
{
	const uint64_t most = 600 * HBC_NSEC;
	struct hbc_io_entry *entry;
	struct hbc_io *io;
	uint64_t begin;

	submit_fails = 2;
	submit_calls = 0;
	if (hbc_io_start(image, false, &io))
		abort();
	tap_int(submit_line(io, "write a 0 4k pattern=1"), 0, "%s: one before",
		line);
	tap_int(submit_line(io, line), -EAGAIN, "%s: not submitted", line);
	tap_int(submit_line(io, "read c 0 4k pattern=1"), 0, "%s: one after",
		line);
	ended_is(io, "a", "ok");
	ended_is(io, "c", "ok");
	tap_int(submit_line(io, "read d 8k 4k pattern=0"), 0, "%s: another",
		line);
	ended_is(io, "d", "ok");
	tap_int(hbc_io_wait(io, "b", most, &entry), -ENOENT,
		"%s: it is not known", line);
	begin = hbc_now();
	hbc_io_stop(io, most);
	tap_ok(hbc_now() - begin < most, "%s: nothing is in flight", line);
	submit_fails = 0;
}

static void not_submitted(void)
{
	one_not_submitted("write b 8k 4k pattern=2");
	one_not_submitted("discard b 0 4k");
}

static void options(void)
{
	char words[160];

	run_is("io /nowhere/at/all", 3, "",
	       "haltblk: /nowhere/at/all: io: no such device\n");
	snprintf(words, sizeof(words), "io %s --buffered", image);
	run_is(words, 0, "", "");	/* an empty stdin */
	run_is("io x --timeout y", 2, "",
	       "haltblk: io: --timeout y: not a number, takes 0 to 18446744072 seconds: see haltblk io --help\n");
	run_is("io x -f /nowhere/at/all", 1, "",
	       "haltblk: /nowhere/at/all: io: cannot read the script: No such file or directory\n");
}

static bool have_io_uring(void)
{
	struct io_uring ring;

	if (io_uring_queue_init(2, &ring, 0))
		return false;
	io_uring_queue_exit(&ring);
	return true;
}

int main(void)
{
	int fd;

	if (!have_io_uring()) {
		printf("1..0 # SKIP no io_uring here\n");
		return 0;
	}
	if (!mkdtemp(dir))
		abort();
	snprintf(image, sizeof(image), "%s/image", dir);
	snprintf(script, sizeof(script), "%s/script", dir);
	fd = open(image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 1 << 20) || close(fd))
		abort();
	alarm(1200);	/* a hang is a failure */
	good();
	bad();
	wrong();
	not_submitted();
	options();
	unlink(image);
	unlink(script);
	rmdir(dir);
	return tap_done();
}
