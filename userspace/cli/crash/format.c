/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Bytes of a record: checksum, head, entries; whole reads and writes.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "format.h"

#define CRC32C		0x82f63b78U	/* reflected polynomial */

static uint32_t table[8][256];

static void make_table(void)
{
	uint32_t crc;
	int i, k;

	for (i = 255; i >= 0; i--) {
		crc = (uint32_t)i;
		for (k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C : 0);
		table[0][i] = crc;
	}
	for (i = 0; i < 256; i++)
		for (k = 1; k < 8; k++)
			table[k][i] = table[k - 1][i] >> 8 ^
				      table[0][table[k - 1][i] & 0xff];
}

/** hbc_crc32c() - CRC-32C of data; @crc: that of what stands before, or 0 */
uint32_t hbc_crc32c(uint32_t crc, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t word;

	if (!table[0][1])
		make_table();
	crc = ~crc;
	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&word, p, sizeof(word));
		word = le64toh(word) ^ crc;
		crc = table[7][word & 0xff] ^ table[6][word >> 8 & 0xff] ^
		      table[5][word >> 16 & 0xff] ^
		      table[4][word >> 24 & 0xff] ^
		      table[3][word >> 32 & 0xff] ^
		      table[2][word >> 40 & 0xff] ^
		      table[1][word >> 48 & 0xff] ^ table[0][word >> 56];
	}
	for (; len; len--, p++)
		crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
	return ~crc;
}

static unsigned char *put16(unsigned char *to, uint16_t n)
{
	n = htole16(n);
	memcpy(to, &n, sizeof(n));
	return to + sizeof(n);
}

static unsigned char *put32(unsigned char *to, uint32_t n)
{
	n = htole32(n);
	memcpy(to, &n, sizeof(n));
	return to + sizeof(n);
}

static unsigned char *put64(unsigned char *to, uint64_t n)
{
	n = htole64(n);
	memcpy(to, &n, sizeof(n));
	return to + sizeof(n);
}

static uint32_t get32(const unsigned char *from)
{
	uint32_t n;

	memcpy(&n, from, sizeof(n));
	return le32toh(n);
}

static uint64_t get64(const unsigned char *from)
{
	uint64_t n;

	memcpy(&n, from, sizeof(n));
	return le64toh(n);
}

/** hbc_rec_entry_size() - bytes of an entry with so much data */
uint32_t hbc_rec_entry_size(uint32_t data_len)
{
	return HBC_REC_ENTRY_SIZE + ((data_len + 7) & ~7U);
}

/** hbc_rec_encode() - the HBC_REC_ENTRY_SIZE bytes of an entry */
void hbc_rec_encode(unsigned char *to, const struct hbc_rec_entry *e)
{
	to = put32(to, hbc_rec_entry_size(e->data_len));
	to = put16(to, e->what);
	*to++ = e->dev;
	*to++ = e->op;
	to = put32(to, e->flags);
	to = put32(to, e->status);
	to = put64(to, e->seq);
	to = put64(to, e->time_ns);
	to = put64(to, e->request);
	to = put64(to, e->id);
	to = put64(to, e->sector);
	to = put32(to, e->sectors);
	put32(to, e->data_len);
}

/** hbc_rec_decode() - read an entry; its size field */
uint32_t hbc_rec_decode(struct hbc_rec_entry *e, const unsigned char *from)
{
	*e = (struct hbc_rec_entry){
		.what = (uint16_t)(from[4] | from[5] << 8),
		.dev = from[6],
		.op = from[7],
		.flags = get32(from + 8),
		.status = get32(from + 12),
		.seq = get64(from + 16),
		.time_ns = get64(from + 24),
		.request = get64(from + 32),
		.id = get64(from + 40),
		.sector = get64(from + 48),
		.sectors = get32(from + 56),
		.data_len = get32(from + 60),
	};
	return get32(from);
}

/*
 * magic, u32 version, u32 size of the head, u32 devices, u32 CRC of the head
 * with 0 in its place, the id in 32 bytes, 8 bytes of zero.
 */
void hbc_rec_head_encode(unsigned char *to, const char *id,
			 unsigned int nr_devices)
{
	memset(to, 0, HBC_REC_HEAD_SIZE);
	memcpy(to, HBC_REC_MAGIC, 8);
	put32(to + 8, HBC_REC_VERSION);
	put32(to + 12, HBC_REC_HEAD_SIZE);
	put32(to + 16, nr_devices);
	memcpy(to + 24, id, 32);
	put32(to + 20, hbc_crc32c(0, to, HBC_REC_HEAD_SIZE));
}

/** hbc_rec_head_check() - what is wrong with a head, or NULL */
const char *hbc_rec_head_check(const unsigned char *head, const char *id,
			       unsigned int nr_devices)
{
	unsigned char want[HBC_REC_HEAD_SIZE];

	if (memcmp(head, HBC_REC_MAGIC, 8))
		return "not the events of a record";
	if (get32(head + 8) > HBC_REC_VERSION)
		return "made by a newer haltblk; use that one";
	hbc_rec_head_encode(want, id, nr_devices);
	if (!memcmp(head, want, sizeof(want)))
		return NULL;
	memcpy(want, head, sizeof(want));
	memset(want + 20, 0, 4);
	if (hbc_crc32c(0, want, sizeof(want)) == get32(head + 20))
		return "from another record than info.json";
	return "altered: the checksum of its head is wrong";
}

/** hbc_read_at() - read all of it; 0, 1 at the end of the file, -errno */
int hbc_read_at(int fd, void *buf, size_t len, uint64_t offset)
{
	ssize_t n;

	while (len) {
		n = pread(fd, buf, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 1;
		buf = (char *)buf + n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/** hbc_write_at() - write all of it; 0 or -errno */
int hbc_write_at(int fd, const void *buf, size_t len, uint64_t offset)
{
	ssize_t n;

	while (len) {
		n = pwrite(fd, buf, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		buf = (const char *)buf + n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}
