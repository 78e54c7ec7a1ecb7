/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * One write held twice: its data can be read while its submitter waits.
 * Make hb0 with memory_backed=1; cc chained.c $(pkg-config --cflags --libs haltblk)
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <libhaltblk.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(struct libhaltblk *h, int result)
{
	if (result < 0)	/* the session ends, and what it holds goes on */
		errx(1, "%s", libhaltblk_why(h));
}

static void arm(struct libhaltblk *h, const char *event, const char *tag)
{
	struct libhaltblk_rule *rule;

	check(h, libhaltblk_rule_new(h, &rule));
	check(h, libhaltblk_rule_event(rule, event));
	check(h, libhaltblk_rule_tag(rule, tag));
	check(h, libhaltblk_rule_add(rule, "op=write"));
	check(h, libhaltblk_break(h, rule));
	libhaltblk_rule_free(rule);
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "/dev/hb0";
	int fd = open(device, O_RDWR | O_DIRECT);
	static char buf[4096] __attribute__((aligned(4096)));
	struct libhaltblk *h;

	if (fd < 0 || libhaltblk_new(&h))
		err(1, "%s", device);
	check(h, libhaltblk_open(h));
	check(h, libhaltblk_attach(h, device));
	arm(h, "submit", "A");
	arm(h, "complete", "B");
	if (!fork()) {
		libhaltblk_close(h);	/* who waits must not hold the session */
		memset(buf, 0xaa, 4096);
		_exit(pwrite(fd, buf, 4096, 0) != 4096);
	}
	check(h, libhaltblk_wait(h, "A", 1, LIBHALTBLK_FOREVER, NULL, 0));
	check(h, libhaltblk_resume(h, "A", LIBHALTBLK_GO_ON));
	check(h, libhaltblk_wait(h, "B", 1, LIBHALTBLK_FOREVER, NULL, 0));
	if (pread(fd, buf, 4096, 0) != 4096 || waitpid(-1, NULL, WNOHANG))
		return 1;
	printf("data 0x%02x is there, its writer waits\n", buf[0] & 0xff);
	libhaltblk_free(h);	/* releases it */
	return wait(NULL) < 0;
}
