/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Lists fetched from the driver. A list may grow between two calls, so it is
 * fetched again with more room until all of it fits.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define FIRST_ROOM	64	/* entries */
#define MOST_ENTRIES	(1U << 22)

/**
 * struct libhaltblk_table - a fetched list
 * @nr: the ioctl that fetched it, which tells its kind
 * @entries: how many
 * @entry_size: bytes of one
 * @buf: the entries
 */
struct libhaltblk_table {
	unsigned long nr;
	size_t entries;
	size_t entry_size;
	char *buf;
};

void libhaltblk_table_free(struct libhaltblk_table *table)
{
	if (!table)
		return;
	free(table->buf);
	free(table);
}

/* One call with room for @room entries; returns how many there are. */
static int fetch_once(struct libhaltblk *h, struct libhaltblk_table *table,
		      uint32_t room)
{
	struct haltblk_table arg = { 0 };
	int r;

	free(table->buf);
	table->buf = calloc(room, table->entry_size);
	if (!table->buf)
		return hb_fail(h, -ENOMEM, "out of memory");
	arg.buf = (uintptr_t)table->buf;
	arg.nr = room;
	arg.entry_size = (uint32_t)table->entry_size;
	r = hb_ioctl(h, table->nr, &arg.hdr, sizeof(arg));
	if (r < 0)
		return r;
	if (arg.nr > MOST_ENTRIES)
		return hb_fail(h, -EOVERFLOW, "the driver lists %u entries, more than this library supports",
			       arg.nr);
	return (int)arg.nr;
}

static int fetch(struct libhaltblk *h, unsigned long nr, size_t entry_size,
		 struct libhaltblk_table **out)
{
	struct libhaltblk_table *table;
	uint32_t room = FIRST_ROOM;
	int r;

	*out = NULL;
	hb_begin(h);
	table = calloc(1, sizeof(*table));
	if (!table)
		return hb_fail(h, -ENOMEM, "out of memory");
	table->nr = nr;
	table->entry_size = entry_size;
	for (;;) {
		r = fetch_once(h, table, room);
		if (r < 0 || (uint32_t)r <= room)
			break;
		/* Half as many again: the list may still be growing. */
		room = (uint32_t)r + (uint32_t)r / 2;
	}
	if (r < 0) {
		libhaltblk_table_free(table);
		return r;
	}
	table->entries = (size_t)r;
	*out = table;
	return r;
}

int libhaltblk_held(struct libhaltblk *h, struct libhaltblk_table **table)
{
	return fetch(h, HALTBLK_IOC_HELD, sizeof(struct haltblk_held), table);
}

int libhaltblk_rules(struct libhaltblk *h, struct libhaltblk_table **table)
{
	return fetch(h, HALTBLK_IOC_RULES, sizeof(struct haltblk_rule), table);
}

int libhaltblk_hctx_stats(struct libhaltblk *h,
			  struct libhaltblk_table **table)
{
	return fetch(h, HALTBLK_IOC_HCTX_STATS,
		     sizeof(struct haltblk_hctx_stats), table);
}

int libhaltblk_list(struct libhaltblk *h, struct libhaltblk_table **table)
{
	return fetch(h, HALTBLK_IOC_LIST, sizeof(struct haltblk_list_entry),
		     table);
}

int libhaltblk_config(struct libhaltblk *h, struct libhaltblk_table **table)
{
	return fetch(h, HALTBLK_IOC_CONFIG,
		     sizeof(struct haltblk_config_entry), table);
}

int libhaltblk_locks(struct libhaltblk *h, struct libhaltblk_table **table)
{
	return fetch(h, HALTBLK_IOC_LOCKS, sizeof(struct haltblk_lock_stats),
		     table);
}

int libhaltblk_pending(struct libhaltblk *h, struct libhaltblk_table **table)
{
	return fetch(h, HALTBLK_IOC_PENDING, sizeof(struct haltblk_pending),
		     table);
}

static const void *entry(const struct libhaltblk_table *table,
			 unsigned long nr, size_t i)
{
	if (!table || table->nr != nr || i >= table->entries)
		return NULL;
	return table->buf + i * table->entry_size;
}

const struct haltblk_held *
libhaltblk_held_at(const struct libhaltblk_table *table, size_t i)
{
	return entry(table, HALTBLK_IOC_HELD, i);
}

const struct haltblk_rule *
libhaltblk_rule_at(const struct libhaltblk_table *table, size_t i)
{
	return entry(table, HALTBLK_IOC_RULES, i);
}

const struct haltblk_hctx_stats *
libhaltblk_hctx_stats_at(const struct libhaltblk_table *table, size_t i)
{
	return entry(table, HALTBLK_IOC_HCTX_STATS, i);
}

const struct haltblk_list_entry *
libhaltblk_list_at(const struct libhaltblk_table *table, size_t i)
{
	return entry(table, HALTBLK_IOC_LIST, i);
}

const struct haltblk_config_entry *
libhaltblk_config_at(const struct libhaltblk_table *table, size_t i)
{
	return entry(table, HALTBLK_IOC_CONFIG, i);
}

const struct haltblk_lock_stats *
libhaltblk_lock_at(const struct libhaltblk_table *table, size_t i)
{
	return entry(table, HALTBLK_IOC_LOCKS, i);
}

const struct haltblk_pending *
libhaltblk_pending_at(const struct libhaltblk_table *table, size_t i)
{
	return entry(table, HALTBLK_IOC_PENDING, i);
}

int libhaltblk_stats(struct libhaltblk *h, struct haltblk_stats *stats,
		     size_t size)
{
	hb_begin(h);
	if (size < sizeof(stats->hdr))
		return hb_fail(h, -EINVAL, "the structure has %zu bytes, too few for its header",
			       size);
	memset(stats, 0, size);
	return hb_ioctl(h, HALTBLK_IOC_STATS, &stats->hdr, size);
}
