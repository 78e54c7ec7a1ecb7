// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moving data between bios and the store.
 *
 * Process context. Takes no lock of its own: it looks a page up under RCU and
 * copies it under its sequence count (store.h). It copies all segments that
 * fall into one page of the store in one go, so that no sector is torn, even if
 * its buffer is split.
 */
#include <linux/bio.h>
#include <linux/highmem.h>

#include "media.h"

/* A position in a chain of bios. */
struct haltblk_cursor {
	struct bio *bio;
	struct bvec_iter iter;
};

enum haltblk_dir {
	HALTBLK_TO_PAGE, HALTBLK_FROM_PAGE, HALTBLK_FROM_HOLE,
	HALTBLK_FROM_POISON,
};

/* Copy @len bytes at the cursor. Return: the cursor behind them. */
static __always_inline struct haltblk_cursor
haltblk_data_copy(struct haltblk_cursor cur, void *data, unsigned int len,
		  enum haltblk_dir dir)
{
	for (;;) {
		struct bio_vec bv = bio_iter_iovec(cur.bio, cur.iter);
		unsigned int n = min(bv.bv_len, len);
		void *buf = bvec_kmap_local(&bv);

		if (dir == HALTBLK_TO_PAGE) {
			/* User space may have written through a mapping. */
			flush_dcache_page(bv.bv_page);
			memcpy(data, buf, n);
		} else {
			if (dir == HALTBLK_FROM_PAGE)
				memcpy(buf, data, n);
			else
				memset(buf, dir == HALTBLK_FROM_POISON ?
					    HALTBLK_POISON : 0, n);
			flush_dcache_page(bv.bv_page);
		}
		kunmap_local(buf);

		bio_advance_iter_single(cur.bio, &cur.iter, n);
		if (!cur.iter.bi_size && cur.bio->bi_next) {
			cur.bio = cur.bio->bi_next;
			cur.iter = cur.bio->bi_iter;
		}
		len -= n;
		if (!len)
			return cur;
		data += n;
	}
}

static void haltblk_data_skip(struct haltblk_cursor *cur, unsigned int len)
{
	while (len) {
		unsigned int n = min(cur->iter.bi_size, len);

		bio_advance_iter(cur->bio, &cur->iter, n);
		if (!cur->iter.bi_size && cur->bio->bi_next) {
			cur->bio = cur->bio->bi_next;
			cur->iter = cur->bio->bi_iter;
		}
		len -= n;
	}
}

/*
 * Read where there is no page, on a device that poisons discarded data. Return:
 * false if there is a page by now.
 */
static noinline bool haltblk_data_read_poison(struct haltblk_store *store,
					      struct haltblk_cursor *cur,
					      u64 pos, unsigned int len)
{
	struct haltblk_cursor next = *cur;
	unsigned int n;
	bool poison;

	while (len) {
		n = haltblk_discarded_read(store, pos, len, &poison);
		if (!n)
			return false;
		if (poison)
			next = haltblk_data_copy(next, NULL, n,
						 HALTBLK_FROM_POISON);
		else
			next = haltblk_data_copy(next, NULL, n,
						 HALTBLK_FROM_HOLE);
		pos += n;
		len -= n;
	}
	*cur = next;
	return true;
}

static void haltblk_data_read(struct haltblk_store *store,
			      struct haltblk_cursor cur, u64 pos, u64 len)
{
	while (len) {
		unsigned int offset = offset_in_page(pos);
		unsigned int n = min_t(u64, len, PAGE_SIZE - offset);
		struct haltblk_cursor next;
		struct page *page;
		unsigned long seq;

		rcu_read_lock();
again:
		page = haltblk_store_find(store, pos >> PAGE_SHIFT);
		if (likely(page)) {
			do {
				seq = haltblk_store_read_begin(page);
				next = haltblk_data_copy(cur,
						page_address(page) + offset, n,
						HALTBLK_FROM_PAGE);
			} while (haltblk_store_read_retry(page, seq));
		} else if (unlikely(store->poisons)) {
			next = cur;
			if (!haltblk_data_read_poison(store, &next, pos, n))
				goto again;
		} else {
			next = haltblk_data_copy(cur, NULL, n,
						 HALTBLK_FROM_HOLE);
		}
		rcu_read_unlock();
		cur = next;
		pos += n;
		len -= n;
	}
}

/*
 * Make a page for a hole: fill it before it is published, and zero only the
 * part that is not written.
 */
static struct page *haltblk_data_fresh(struct haltblk_cursor cur,
				       unsigned int offset, unsigned int n,
				       gfp_t gfp)
{
	struct page *page = haltblk_pages_get(gfp);
	void *data;

	if (unlikely(!page))
		return NULL;
	data = page_address(page);
	if (n != PAGE_SIZE) {
		memset(data, 0, offset);
		memset(data + offset + n, 0, PAGE_SIZE - offset - n);
	}
	haltblk_data_copy(cur, data + offset, n, HALTBLK_TO_PAGE);
	return page;
}

static int haltblk_data_write(struct haltblk_store *store,
			      struct haltblk_cursor cur, u64 pos, u64 len,
			      gfp_t gfp)
{
	while (len) {
		unsigned int offset = offset_in_page(pos);
		unsigned int n = min_t(u64, len, PAGE_SIZE - offset);
		unsigned long index = pos >> PAGE_SHIFT;
		struct page *page, *fresh = NULL;
		struct haltblk_cursor next;

again:
		rcu_read_lock();
		page = haltblk_store_find(store, index);
		if (likely(page)) {
			if (unlikely(!haltblk_store_write_begin(page)))
				goto own;
			next = haltblk_data_copy(cur,
						 page_address(page) + offset, n,
						 HALTBLK_TO_PAGE);
			haltblk_store_write_end(page);
			haltblk_store_revive(store, page, index);
			rcu_read_unlock();
			if (unlikely(fresh))
				__free_page(fresh);
		} else {
			rcu_read_unlock();
			if (likely(!fresh))
				fresh = haltblk_data_fresh(cur, offset, n, gfp);
			if (unlikely(!fresh))
				return -ENOMEM;
			page = haltblk_store_publish(store, pos, n, fresh, gfp);
			if (unlikely(page)) {
				if (!IS_ERR(page))
					goto again;
				__free_page(fresh);
				return PTR_ERR(page);
			}
			next = cur;
			if (len > n)
				haltblk_data_skip(&next, n);
		}
		cur = next;
		pos += n;
		len -= n;
		continue;
own:
		rcu_read_unlock();
		if (haltblk_pages_own(store, index, gfp)) {
			if (fresh)
				__free_page(fresh);
			return -ENOMEM;
		}
		goto again;
	}
	return 0;
}

/* haltblk_data_write() for a device with a volatile cache. */
static int haltblk_data_write_cached(struct haltblk_cache *cache,
				     struct haltblk_cursor cur, u64 pos,
				     u64 len, bool fua, gfp_t gfp)
{
	while (len) {
		unsigned int offset = offset_in_page(pos);
		unsigned int n = min_t(u64, len, PAGE_SIZE - offset);
		unsigned long index = pos >> PAGE_SHIFT;
		enum haltblk_cache_how how = HALTBLK_CACHE_KEEP;
		struct haltblk_cache_write w;
		struct haltblk_cursor next;
		int err;

		if (fua)
			how = n == PAGE_SIZE ? HALTBLK_CACHE_REPLACE :
					       HALTBLK_CACHE_THROUGH;
		err = haltblk_cache_begin(cache, index, how, gfp, &w);
		if (err)
			return err;
		next = haltblk_data_copy(cur, page_address(w.page) + offset, n,
					 HALTBLK_TO_PAGE);
		haltblk_store_write_end(w.page);
		haltblk_store_revive(cache->store, w.page, index);
		if (w.old)
			haltblk_data_copy(cur, page_address(w.old) + offset, n,
					  HALTBLK_TO_PAGE);
		haltblk_cache_end(cache, index, how);
		cur = next;
		pos += n;
		len -= n;
	}
	return 0;
}

static int haltblk_data_write_any(struct haltblk_device *dev, struct bio *bio,
				  blk_opf_t opf, u64 pos, u64 len, gfp_t gfp)
{
	struct haltblk_cursor cur = { .bio = bio, .iter = bio->bi_iter };

	if (unlikely(dev->cached))
		return haltblk_data_write_cached(&dev->cache, cur, pos, len,
						 opf & REQ_FUA, gfp);
	return haltblk_data_write(&dev->store, cur, pos, len, gfp);
}

/*
 * An atomic write bypasses the cache, which would write it back block by block
 * and could tear it. A write to one page is never torn. One that crosses pages
 * must not run out of memory half way.
 */
static int haltblk_data_write_atomic(struct haltblk_device *dev,
				     struct bio *bio, blk_opf_t opf, u64 pos,
				     u64 len, gfp_t gfp)
{
	int err;

	opf |= REQ_FUA;
	if (offset_in_page(pos) + len <= PAGE_SIZE)
		return haltblk_data_write_any(dev, bio, opf, pos, len, gfp);
	if (!gfpflags_allow_blocking(gfp))
		return -ENOMEM;
	/* A clone has all of it or nothing. */
	down_read(&dev->media_sem);
	err = haltblk_data_write_any(dev, bio, opf, pos, len,
				     gfp | __GFP_NOFAIL);
	up_read(&dev->media_sem);
	return err;
}

/**
 * haltblk_data_move - carry out a request on the store
 * @dev: memory-backed device
 * @bio: first bio of the request
 * @opf: operation and flags of the request
 * @sector: first sector
 * @nr_sectors: length
 * @may_sleep: whether the caller may sleep
 *
 * Return: 0; -EAGAIN: call again from the start where it may sleep; -ENOMEM;
 * -EOPNOTSUPP.
 */
int haltblk_data_move(struct haltblk_device *dev, struct bio *bio,
		      blk_opf_t opf, u64 sector, u32 nr_sectors,
		      bool may_sleep)
{
	struct haltblk_store *store = &dev->store;
	u64 pos = sector << SECTOR_SHIFT;
	u64 len = (u64)nr_sectors << SECTOR_SHIFT;
	struct haltblk_cursor cur;
	gfp_t gfp;
	int err;

	switch (haltblk_blk_op(opf)) {
	case HALTBLK_OP_READ:
		cur.bio = bio;
		cur.iter = bio->bi_iter;
		haltblk_data_read(store, cur, pos, len);
		return 0;
	case HALTBLK_OP_WRITE:
		gfp = may_sleep ? GFP_NOIO : GFP_NOWAIT | __GFP_NOWARN;
		if (unlikely(opf & HALTBLK_COMPAT_REQ_ATOMIC))
			err = haltblk_data_write_atomic(dev, bio, opf, pos, len,
							gfp);
		else
			err = haltblk_data_write_any(dev, bio, opf, pos, len,
						     gfp);
		return err && !may_sleep ? -EAGAIN : err;
	case HALTBLK_OP_DISCARD:
	case HALTBLK_OP_WRITE_ZEROES:
	case HALTBLK_OP_SECURE_ERASE:
		break;
	case HALTBLK_OP_FLUSH:	/* core/writeback.c has done it */
		return 0;
	default:
		return -EOPNOTSUPP;
	}
	return haltblk_erase_request(dev, opf, sector, nr_sectors, may_sleep);
}

static void haltblk_data_invert(u8 *data, unsigned int len)
{
	while (len--)
		*data++ ^= 0xff;
}

/**
 * haltblk_data_fill - fill buffers of a read
 * @bio: its first bio
 * @skip: bytes to leave as they are
 * @bytes: how many to fill then
 * @value: with what
 */
void haltblk_data_fill(struct bio *bio, u32 skip, u32 bytes, u8 value)
{
	struct haltblk_cursor cur = { .bio = bio, .iter = bio->bi_iter };

	haltblk_data_skip(&cur, skip);
	while (bytes) {
		struct bio_vec bv = bio_iter_iovec(cur.bio, cur.iter);
		unsigned int n = min(bv.bv_len, bytes);
		void *buf = bvec_kmap_local(&bv);

		memset(buf, value, n);
		flush_dcache_page(bv.bv_page);
		kunmap_local(buf);
		haltblk_data_skip(&cur, n);
		bytes -= n;
	}
}

/* Damage the data that a read returned, in its buffers. */
static void haltblk_data_damage_buffer(struct bio *bio, u32 bytes)
{
	struct haltblk_cursor cur = { .bio = bio, .iter = bio->bi_iter };

	while (bytes) {
		struct bio_vec bv = bio_iter_iovec(cur.bio, cur.iter);
		unsigned int n = min(bv.bv_len, bytes);
		void *buf = bvec_kmap_local(&bv);

		haltblk_data_invert(buf, n);
		flush_dcache_page(bv.bv_page);
		kunmap_local(buf);
		haltblk_data_skip(&cur, n);
		bytes -= n;
	}
}

/*
 * Damage the data that a write stored. A hole stays a hole. A page can be shared
 * only if the device was cloned since; then it stays undamaged if there is no
 * memory for a copy.
 */
static void haltblk_data_damage_store(struct haltblk_store *store, u64 pos,
				      u32 bytes)
{
	while (bytes) {
		unsigned int offset = offset_in_page(pos);
		unsigned int n = min_t(u32, bytes, PAGE_SIZE - offset);
		struct page *page;

again:
		rcu_read_lock();
		page = haltblk_store_find(store, pos >> PAGE_SHIFT);
		if (page) {
			if (!haltblk_store_write_begin(page)) {
				rcu_read_unlock();
				if (haltblk_pages_own(store, pos >> PAGE_SHIFT,
						      GFP_ATOMIC | __GFP_NOWARN))
					goto next;
				goto again;
			}
			haltblk_data_invert(page_address(page) + offset, n);
			haltblk_store_write_end(page);
		}
		rcu_read_unlock();
next:
		pos += n;
		bytes -= n;
	}
}

/**
 * haltblk_data_damage - invert bytes of a request whose data has moved
 * @dev: memory-backed device
 * @bio: first bio of the request
 * @op: read damages the request's buffers, write damages the store
 * @sector: first sector
 * @bytes: how many, at most the length of the request
 */
void haltblk_data_damage(struct haltblk_device *dev, struct bio *bio,
			 enum haltblk_op op, u64 sector, u32 bytes)
{
	if (op == HALTBLK_OP_READ)
		haltblk_data_damage_buffer(bio, bytes);
	else if (op == HALTBLK_OP_WRITE || op == HALTBLK_OP_ZONE_APPEND)
		haltblk_data_damage_store(&dev->store, sector << SECTOR_SHIFT,
					  bytes);
}

/* --- the feature memory: data is kept ------------------------------------- */

static void haltblk_data_init(struct haltblk_device *dev)
{
	haltblk_store_init(&dev->store, haltblk_free_wq);
	init_rwsem(&dev->media_sem);
	init_waitqueue_head(&dev->cloned);
}

static void haltblk_data_destroy(struct haltblk_device *dev)
{
	haltblk_store_destroy(&dev->store);
}

/* Can the store keep the device's data, and what it already has? */
static int haltblk_data_check(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	/* Beyond that, two pages would have the same index. */
	if (cfg->memory_backed && cfg->size > HALTBLK_STORE_MIB) {
		pr_warn("%s: power=1: %s: this kernel can store at most %lu MiB; write less, or memory_backed=0\n",
			dev->name,
			haltblk_feature_text(dev, HALTBLK_ID_size).s,
			HALTBLK_STORE_MIB);
		return -EINVAL;
	}
	/* A smaller block could change a part of the bytes of a bit. */
	if (READ_ONCE(dev->store.poisons) &&
	    cfg->blocksize < HALTBLK_STORE_UNIT) {
		pr_warn("%s: power=1: %s: the device has poison (discard_reads=poison) in units of %lu bytes; write blocksize=%lu, or remove the device and create it again\n",
			dev->name,
			haltblk_feature_text(dev, HALTBLK_ID_blocksize).s,
			HALTBLK_STORE_UNIT, HALTBLK_STORE_UNIT);
		return -EINVAL;
	}
	return 0;
}

static bool haltblk_data_on(const struct haltblk_config *cfg)
{
	return cfg->memory_backed;
}

static int haltblk_data_start(struct haltblk_device *dev)
{
	dev->plain = false;
	dev->bare = false;
	return 0;
}

/* Data survives power off, so a device without power shows it as well. */
static void haltblk_data_show(const struct haltblk_device *dev,
			      struct haltblk_stats *out)
{
	out->stored_pages = atomic_long_read(&dev->store.nr_pages);
	out->shared_pages = atomic_long_read(&dev->store.nr_shared);
}

const struct haltblk_feature haltblk_memory_feature = {
	.init		= haltblk_data_init,
	.destroy	= haltblk_data_destroy,
	.check		= haltblk_data_check,
	.on		= haltblk_data_on,
	.start		= haltblk_data_start,
	.show		= haltblk_data_show,
};

/* --- the feature atomic: writes that cannot be torn ----------------------- */

static const struct haltblk_feature_option haltblk_data_atomic_options[] = {
	{ HALTBLK_ID_atomic_write_unit, .unit = 1 },
};

static bool haltblk_data_atomic_on(const struct haltblk_config *cfg)
{
	return cfg->atomic_write_unit;
}

static int haltblk_data_atomic_check(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	if (!cfg->atomic_write_unit)
		return 0;
	if (!HALTBLK_COMPAT_REQ_ATOMIC) {
		pr_warn("%s: power=1: atomic_write_unit=%lld: this kernel has no atomic writes; write 0\n",
			dev->name, cfg->atomic_write_unit);
		return -EINVAL;
	}
	/* The block layer would silently reduce the unit to max_sectors. */
	if (cfg->max_sectors &&
	    cfg->atomic_write_unit > cfg->max_sectors << SECTOR_SHIFT)
		return haltblk_feature_refuse(dev, HALTBLK_ID_atomic_write_unit,
					      "is more than a request of",
					      HALTBLK_ID_max_sectors);
	return 0;
}

static void haltblk_data_atomic_limits(const struct haltblk_device *dev,
				       struct haltblk_limits *lim)
{
	lim->atomic_unit = dev->cfg.atomic_write_unit;
}

const struct haltblk_feature haltblk_atomic_feature = {
	.options	= haltblk_data_atomic_options,
	.nr_options	= ARRAY_SIZE(haltblk_data_atomic_options),
	.check		= haltblk_data_atomic_check,
	.on		= haltblk_data_atomic_on,
	.limits		= haltblk_data_atomic_limits,
};
