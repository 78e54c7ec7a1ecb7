// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbinstant: numbered writes in a known order, to see whether a clone has one
 * instant of a device.
 *
 *   hbinstant write DEVICE BLOCKS     until its stdin ends; then prints how many
 *   hbinstant check DEVICE BLOCKS     what is there?
 *
 * Write n goes to a block that depends on n, in a scattered order, and begins
 * after write n - 1 has ended. So if write n is in a clone, so is every write
 * before it, unless a later one went to the same block. The last write may be in
 * flight.
 *
 * check prints "instant N" and exits with 0 if the device has the writes up to N
 * and no later one; else it says which block is wrong and exits with 1.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK	4096u
#define WORDS	(BLOCK / sizeof(uint64_t))
#define STEP	7919u		/* a prime, so that it reaches every block */

static uint64_t *buf;
static int fd;

static int die(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t block_of(uint64_t n, uint64_t blocks)
{
	return n * STEP % blocks;
}

static int stdin_ended(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static int write_all(uint64_t blocks)
{
	uint64_t n = 0, i;

	do {
		n++;
		for (i = 0; i < WORDS; i++)
			buf[i] = n;
		if (pwrite(fd, buf, BLOCK,
			   (off_t)(block_of(n, blocks) * BLOCK)) != BLOCK)
			die("write");
	} while (!stdin_ended());
	printf("%llu\n", (unsigned long long)n);
	return 0;
}

/* Read a block, all of which must be of one write. */
static uint64_t look(uint64_t block)
{
	uint64_t i;

	if (pread(fd, buf, BLOCK, (off_t)(block * BLOCK)) != BLOCK)
		die("read");
	for (i = 1; i < WORDS; i++)
		if (buf[i] != buf[0]) {
			printf("block %llu is torn\n",
			       (unsigned long long)block);
			exit(1);
		}
	return buf[0];
}

static int check(uint64_t blocks)
{
	uint64_t *found = calloc(blocks, sizeof(*found));
	uint64_t *want = calloc(blocks, sizeof(*want));
	uint64_t most = 0, n, b;

	if (!found || !want)
		die("memory");
	for (b = 0; b < blocks; b++) {
		found[b] = look(b);
		if (found[b] > most)
			most = found[b];
	}
	for (n = 1; n <= most; n++)
		want[block_of(n, blocks)] = n;
	for (b = 0; b < blocks; b++) {
		if (found[b] == want[b])
			continue;
		printf("block %llu has write %llu, not %llu, but there is write %llu\n",
		       (unsigned long long)b, (unsigned long long)found[b],
		       (unsigned long long)want[b], (unsigned long long)most);
		return 1;
	}
	printf("instant %llu\n", (unsigned long long)most);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t blocks = argc == 4 ? strtoull(argv[3], NULL, 0) : 0;
	int writes = argc == 4 && !strcmp(argv[1], "write");

	if (!blocks || blocks % STEP == 0 ||
	    (!writes && strcmp(argv[1], "check"))) {
		fprintf(stderr, "usage: hbinstant write|check DEVICE BLOCKS\n");
		return 2;
	}
	fd = open(argv[2], (writes ? O_WRONLY : O_RDONLY) | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || posix_memalign((void **)&buf, BLOCK, BLOCK))
		die(argv[2]);
	return writes ? write_all(blocks) : check(blocks);
}
