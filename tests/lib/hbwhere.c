// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbwhere DEVICE WORD...: finds the pages of a device that begin with a WORD, and prints
 * each run of them: WORD SECTOR SECTORS. This shows where a file system or a stack of
 * devices has put data, whatever its format. Reads with O_DIRECT.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096
#define CHUNK (1 << 20)

/* The present run: pages [start, end) that begin with word. */
static const char *word;
static uint64_t start, end;

static const char *find(const char *page, char **words)
{
	for (; *words; words++)
		if (!memcmp(page, *words, strlen(*words)))
			return *words;
	return NULL;
}

static void next(uint64_t at, const char *found)
{
	if (found == word) {
		end = at + PAGE;
		return;
	}
	if (word)
		printf("%s %" PRIu64 " %" PRIu64 "\n", word, start / 512, (end - start) / 512);
	word = found;
	start = at;
	end = at + PAGE;
}

int main(int argc, char **argv)
{
	uint64_t at = 0;
	ssize_t n;
	void *buf;
	int fd;

	if (argc < 3)
		errx(2, "usage: hbwhere DEVICE WORD...");
	fd = open(argv[1], O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[1]);
	if (posix_memalign(&buf, PAGE, CHUNK))
		errx(1, "no memory");
	while ((n = read(fd, buf, CHUNK)) > 0)
		for (ssize_t i = 0; i + PAGE <= n; i += PAGE, at += PAGE)
			next(at, find((char *)buf + i, argv + 2));
	if (n < 0)
		err(1, "%s", argv[1]);
	next(at, NULL);
	return 0;
}
