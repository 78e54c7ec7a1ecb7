// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbrelease DEVICE: reads ids from stdin, one on each line, releases each request
 * and answers "released ID" or "ID: REASON". This is for tests that release
 * hundreds, where starting a program for each would take most of the time.
 *
 * hbrelease DEVICE TAG: releases what is held under TAG, whenever three requests
 * are, or after 3 ms, until TAG is removed. Prints how many it released.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libhaltblk.h"

static int release_all(struct libhaltblk *h, const char *tag)
{
	long released = 0;
	int ret = 0;

	while (ret >= 0) {
		ret = libhaltblk_wait(h, tag, 3, 3000000, NULL, 0);
		if (ret >= 0 || ret == -ETIME)
			ret = libhaltblk_resume(h, tag, LIBHALTBLK_GO_ON);
		if (ret > 0)
			released += ret;
	}
	printf("%ld released\n", released);
	if (ret == -ECANCELED)
		return 0;
	fprintf(stderr, "hbrelease: %s: %s\n", tag, libhaltblk_why(h));
	return 1;
}

int main(int argc, char **argv)
{
	struct libhaltblk *h;
	char line[64];
	int ret;

	if (argc != 2 && argc != 3)
		return 2;
	ret = libhaltblk_new(&h);
	if (!ret)
		ret = libhaltblk_open(h);
	if (!ret)
		ret = libhaltblk_attach(h, argv[1]);
	if (ret) {
		fprintf(stderr, "hbrelease: %s: %s\n", argv[1], strerror(-ret));
		return 1;
	}
	if (argc == 3) {
		ret = release_all(h, argv[2]);
		libhaltblk_free(h);
		return ret;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		uint64_t id = strtoull(line, NULL, 10);

		ret = libhaltblk_resume_ids(h, NULL, &id, 1, LIBHALTBLK_GO_ON);
		if (ret == 1)
			printf("released %" PRIu64 "\n", id);
		else
			printf("%" PRIu64 ": %s\n", id, libhaltblk_why(h));
	}
	libhaltblk_free(h);
	return 0;
}
