// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbrelease DEVICE: releases held requests one by one, the id of each on a line
 * of stdin, and answers each with "released ID" or "ID: why not". For tests that
 * release hundreds: starting a program for each takes most of the time there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libhaltblk.h"

int main(int argc, char **argv)
{
	struct libhaltblk *h;
	char line[64];
	int ret;

	if (argc != 2)
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
