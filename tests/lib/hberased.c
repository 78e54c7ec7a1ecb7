// SPDX-License-Identifier: GPL-2.0-only
/*
 * hberased: counts a pattern in memory. Looks from outside the driver, through
 * /proc/kcore.
 *
 *   hberased write DEVICE OFFSET LENGTH	writes the pattern, once every 512 bytes
 *   hberased count				prints how often it is in memory
 *
 * Only the device has the pattern in memory: it is made from two halves, and
 * every buffer that had it is overwritten.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK	(1UL << 20)

static const uint64_t halves[2][2] = {
	{ 0x8d5c2f16a0e3794bull, 0x31f7c90ad26e58b4ull },
	{ 0x5b09e3d7c4186fa2ull, 0xe62a9d4f70b3c815ull },
};

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	fputs("hberased: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void *get_buffer(void)
{
	void *buf;

	if (posix_memalign(&buf, 4096, CHUNK))
		die("no memory");
	return buf;
}

/* Keep the compiler from dropping it because nothing reads it afterwards. */
static void forget(void *buf)
{
	explicit_bzero(buf, CHUNK);
}

static uint64_t half(int i)
{
	return *(volatile const uint64_t *)&halves[0][i] ^
	       *(volatile const uint64_t *)&halves[1][i];
}

static void write_pattern(const char *device, uint64_t offset, uint64_t length)
{
	int fd = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	uint64_t *buf = get_buffer();

	if (fd < 0)
		die("%s: %s", device, strerror(errno));
	if (length > CHUNK)
		die("%llu: more than %lu", (unsigned long long)length, CHUNK);
	memset(buf, 0x11, length);
	for (uint64_t i = 0; i < length / 8; i += 64) {
		buf[i] = half(0);
		buf[i + 1] = half(1);
	}
	if (pwrite(fd, buf, length, offset) != (ssize_t)length)
		die("%s: %s", device, strerror(errno));
	forget(buf);
}

static unsigned long count_in(const uint64_t *buf, size_t words)
{
	unsigned long nr = 0;

	for (size_t i = 0; i + 1 < words; i += 2)
		if ((buf[i] ^ halves[0][0]) == halves[1][0] &&
		    (buf[i + 1] ^ halves[0][1]) == halves[1][1])
			nr++;
	return nr;
}

static unsigned long count_segment(int fd, const Elf64_Phdr *ph, uint64_t *buf)
{
	unsigned long nr = 0;
	uint64_t done = 0;

	while (done < ph->p_filesz) {
		size_t len = ph->p_filesz - done < CHUNK ? ph->p_filesz - done : CHUNK;
		ssize_t n = pread(fd, buf, len, ph->p_offset + done);

		/* A page that cannot be read belongs to no driver. */
		if (n <= 0)
			n = 4096;
		else
			nr += count_in(buf, n / 8);
		done += n;
	}
	return nr;
}

/* Do not count overlapping segments, like the kernel's text, twice. */
static bool is_memory(const Elf64_Phdr *ph, uint64_t least)
{
	return ph->p_type == PT_LOAD && ph->p_filesz >= least;
}

static unsigned long count_memory(bool print)
{
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	uint64_t *buf = get_buffer();
	Elf64_Phdr ph[256];
	Elf64_Ehdr eh;
	unsigned long nr = 0;

	if (fd < 0)
		die("/proc/kcore: %s", strerror(errno));
	if (pread(fd, &eh, sizeof(eh), 0) != sizeof(eh) || eh.e_phnum > 256 ||
	    pread(fd, ph, eh.e_phnum * sizeof(*ph), eh.e_phoff) != (ssize_t)(eh.e_phnum * sizeof(*ph)))
		die("/proc/kcore: not as expected");
	for (int i = 0; i < eh.e_phnum; i++) {
		if (print)
			fprintf(stderr, "%d: type %u at %llx phys %llx size %llx\n", i,
				ph[i].p_type, (unsigned long long)ph[i].p_vaddr,
				(unsigned long long)ph[i].p_paddr,
				(unsigned long long)ph[i].p_filesz);
		/* Memory has a physical address; a second mapping of it has none. */
		if (is_memory(&ph[i], 1) && ph[i].p_paddr != (Elf64_Addr)-1)
			nr += count_segment(fd, &ph[i], buf);
	}
	forget(buf);
	return nr;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "write"))
		write_pattern(argv[2], strtoull(argv[3], NULL, 0), strtoull(argv[4], NULL, 0));
	else if (argc >= 2 && !strcmp(argv[1], "count"))
		printf("%lu\n", count_memory(argc > 2));
	else
		die("usage: hberased write DEVICE OFFSET LENGTH | hberased count");
	return 0;
}
