// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * hbdiscard DEV: discards all of DEV and prints what the one call took, in microseconds.
 *
 * For measuring: blkdiscard looks for file systems first, and starting it costs as much as
 * a fast discard.
 *
 * Exit status: 0, or 1 with a message.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	uint64_t range[2] = { 0, 0 };
	double start, took;
	int fd;

	if (argc != 2)
		errx(1, "usage: hbdiscard DEV");
	fd = open(argv[1], O_RDWR | O_EXCL);
	if (fd < 0)
		err(1, "%s: open", argv[1]);
	if (ioctl(fd, BLKGETSIZE64, &range[1]))
		err(1, "%s: BLKGETSIZE64", argv[1]);
	start = now();
	if (ioctl(fd, BLKDISCARD, range))
		err(1, "%s: BLKDISCARD", argv[1]);
	took = now() - start;
	printf("%.0f\n", took);
	return 0;
}
