// SPDX-License-Identifier: GPL-2.0-only
/* Copy bytes to and from a store, as data.c does for bios. */
#include <linux/gfp.h>
#include <linux/string.h>

#include "uapi/haltblk.h"
#include "store_io.h"

/* The length of the part of [pos, pos + len) in the page of pos. */
static size_t store_io_chunk(u64 pos, size_t len)
{
	return min_t(size_t, len, PAGE_SIZE - offset_in_page(pos));
}

static int store_io_write_page(struct haltblk_store *store, u64 pos,
			       const void *buf, size_t len, gfp_t gfp)
{
	struct page *page, *old, *fresh = NULL;

again:
	rcu_read_lock();
	page = haltblk_store_find(store, pos >> PAGE_SHIFT);
	if (page) {
		if (!haltblk_store_write_begin(page)) {
			rcu_read_unlock();
			page = alloc_page(gfp);
			if (page && !haltblk_share_own(store, pos >> PAGE_SHIFT,
						       page))
				__free_page(page);
			if (page)
				goto again;
			if (fresh)
				__free_page(fresh);
			return -ENOMEM;
		}
		memcpy(page_address(page) + offset_in_page(pos), buf, len);
		haltblk_store_write_end(page);
		haltblk_store_revive(store, page, pos >> PAGE_SHIFT);
		rcu_read_unlock();
		if (fresh)
			__free_page(fresh);
		return 0;
	}
	rcu_read_unlock();
	if (!fresh) {
		fresh = alloc_page(gfp | __GFP_ZERO);
		if (!fresh)
			return -ENOMEM;
		memcpy(page_address(fresh) + offset_in_page(pos), buf, len);
	}
	old = haltblk_store_publish(store, pos, len, fresh, gfp);
	if (!old)
		return 0;
	if (!IS_ERR(old))
		goto again;
	__free_page(fresh);
	return PTR_ERR(old);
}

/**
 * store_io_write - write bytes
 * @store: the store
 * @pos: first byte
 * @buf: bytes to write
 * @len: number of bytes
 * @gfp: how to allocate
 *
 * Return: 0, or -ENOMEM when a part may have been written.
 */
int store_io_write(struct haltblk_store *store, u64 pos, const void *buf,
		   size_t len, gfp_t gfp)
{
	while (len) {
		size_t chunk = store_io_chunk(pos, len);
		int err = store_io_write_page(store, pos, buf, chunk, gfp);

		if (err)
			return err;
		pos += chunk;
		buf += chunk;
		len -= chunk;
	}
	return 0;
}

/**
 * store_io_read - read bytes
 * @store: the store
 * @pos: first byte
 * @buf: buffer
 * @len: number of bytes
 */
void store_io_read(struct haltblk_store *store, u64 pos, void *buf, size_t len)
{
	while (len) {
		size_t chunk = store_io_chunk(pos, len);
		struct page *page;
		unsigned long seq;
		bool poison;

		rcu_read_lock();
		page = haltblk_store_find(store, pos >> PAGE_SHIFT);
		if (page) {
			do {
				seq = haltblk_store_read_begin(page);
				memcpy(buf, page_address(page) +
				       offset_in_page(pos), chunk);
			} while (haltblk_store_read_retry(page, seq));
		} else {
			chunk = haltblk_discarded_read(store, pos, chunk,
						       &poison);
			memset(buf, poison ? HALTBLK_POISON : 0, chunk);
		}
		rcu_read_unlock();
		pos += chunk;
		buf += chunk;
		len -= chunk;
	}
}
