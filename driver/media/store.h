/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sparse store: a device's data, a page at a time, in an xarray.
 *
 *   index  0    1    2    3    4 ...      each slot: nothing (reads as zero),
 *        [pg] [  ] [pg] [po] [st]         one page, its page->private a
 *                                         sequence count, or
 *                                    po   a value, a bit for each 512 bytes
 *                                         that read as poison; no memory
 *                                    st   a page that is marked stale: it reads
 *                                         as ever, but counts as discarded
 *
 * - Look-up is under RCU; insertion and removal take the array's own lock. No
 *   lock covers the device or a request.
 * - A page is written under its sequence count (odd: a writer is at work) and
 *   read like under a seqlock, so that no sector is seen half written, however
 *   many segments of memory it is spread over.
 * - A page taken out is freed after a grace period, in bulk.
 * - The eraser of a page's last piece takes the page out, as its writer, and ends
 *   its count: a writer that comes too late looks the index up again, so that what
 *   others write beside that piece is not lost.
 * - A page's writer takes no lock, because it may not sleep and a lock of
 *   PREEMPT_RT may: the array's lock comes before a page's count.
 * - Marks and values, and what counts them, change under the array's lock only.
 *   Who reads or writes a page looks for neither: a stale page is read and
 *   written like any other, and only then, if there is any stale page at all,
 *   made a stored one again; a value is no page, so it is seen where holes are.
 * - Pages are reference counted.
 *
 * PURE: knows pages and bytes, no bio and no request; tests/store_test.c runs
 * it alone. Data moves in process context with preemption disabled for one
 * page at the most; haltblk_store_erase() may sleep.
 */
#ifndef HALTBLK_STORE_H
#define HALTBLK_STORE_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

/**
 * struct haltblk_store - data of one device
 * @pages: struct page by index; its own lock for changes, RCU for look-up
 * @nr_pages: pages in @pages that are not stale
 * @nr_stale: pages in @pages that are; written under @pages' lock
 * @poisons: @pages may have values; set before the first, never reset
 * @wq: runs @free_work
 * @free_lock: protects @free_next, @free_busy and @free_wiped
 * @free_next: pages taken out since the grace period under way began
 * @free_now: pages that wait for it; owned by @free_work while @free_busy
 * @free_busy: @free_work is queued
 * @free_wiped: secure erases that wait for @free_work: it overwrites first
 * @free_work: frees @free_now after a grace period
 */
struct haltblk_store {
	struct xarray pages;
	atomic_long_t nr_pages;
	unsigned long nr_stale;
	bool poisons;
	struct workqueue_struct *wq;
	spinlock_t free_lock;
	struct list_head free_next;
	struct list_head free_now;
	bool free_busy;
	unsigned int free_wiped;
	struct rcu_work free_work;
};

/* What haltblk_store_erase() does to the bytes of its range. */
enum haltblk_erase {
	HALTBLK_ERASE_FREE,	/* pages go, parts of those that stay are zeroed */
	HALTBLK_ERASE_KEEP,	/* zeroed, nothing is freed or allocated */
	HALTBLK_ERASE_SECURE,	/* overwritten, then as FREE */
	HALTBLK_ERASE_STALE,	/* whole pages become stale, nothing changes */
	HALTBLK_ERASE_POISON,	/* whole pages go; what was stored is poison */
};

/* Entries of the array looked at before the CPU is offered to others. */
#define HALTBLK_STORE_BATCH	256

/* Pages of the array that hold data which no longer counts. */
#define HALTBLK_STORE_STALE	XA_MARK_0

/*
 * A page's sequence count once it is out of the array for good: odd, as if a
 * writer never ended, but nobody waits for it. No count gets so far (on 32 bits
 * one in 2^31 writes to a page does, while it is being made).
 */
#define HALTBLK_STORE_DEAD	ULONG_MAX

/*
 * Bytes for each bit of a value; a value has BITS_PER_LONG - 1 bits. A test builds
 * the driver with the figure of a kernel with larger pages.
 */
#ifndef HALTBLK_STORE_UNIT
#define HALTBLK_STORE_UNIT	(PAGE_SIZE > 8192 ? PAGE_SIZE / 16 : 512UL)
#endif

/* Most pages that have an index; likewise with that of a 32-bit kernel. */
#ifndef HALTBLK_STORE_PAGES
#define HALTBLK_STORE_PAGES	ULONG_MAX
#endif

/* All of a page is poison. */
#define HALTBLK_STORE_POISON						\
	xa_mk_value((1UL << PAGE_SIZE / HALTBLK_STORE_UNIT) - 1)

void haltblk_store_init(struct haltblk_store *store,
			struct workqueue_struct *wq);
void haltblk_store_destroy(struct haltblk_store *store);
void haltblk_store_erase(struct haltblk_store *store, u64 pos, u64 len,
			 enum haltblk_erase how);
bool haltblk_store_erase_soon(struct haltblk_store *store, u64 pos, u64 len,
			      enum haltblk_erase how);
void haltblk_store_replace(struct haltblk_store *store, unsigned long index,
			   struct page *page);
struct page *haltblk_store_publish(struct haltblk_store *store, u64 pos,
				   size_t len, struct page *page, gfp_t gfp);
bool haltblk_store_rest_erased(const struct haltblk_store *store,
			       const void *data, unsigned int offset,
			       unsigned int len, enum haltblk_erase how);

/**
 * haltblk_store_run - how much of a range is of one kind
 * @pos: first byte
 * @len: bytes
 *
 * Return: how many bytes from @pos on are a part of one page (less than
 * PAGE_SIZE), or whole pages. 0 for none.
 */
static inline u64 haltblk_store_run(u64 pos, u64 len)
{
	unsigned int offset = offset_in_page(pos);

	if (offset || len < PAGE_SIZE)
		return min_t(u64, len, PAGE_SIZE - offset);
	return round_down(len, PAGE_SIZE);
}

/**
 * haltblk_store_for_each_run - cut a range at pages
 * @n: bytes of the piece: fewer than PAGE_SIZE for a part of a page
 * @pos: first byte of the range, then of each piece
 * @len: bytes of the range, then from @pos to its end
 */
#define haltblk_store_for_each_run(n, pos, len)				\
	for (; ((n) = haltblk_store_run(pos, len)); (pos) += (n), (len) -= (n))

/* extent.c */
unsigned long haltblk_store_extent(struct haltblk_store *store,
				   unsigned long *index, unsigned long last,
				   enum haltblk_erase how);
bool haltblk_store_part_frees(struct haltblk_store *store, u64 pos,
			      unsigned int len, enum haltblk_erase how);

/* discarded.c */
void haltblk_discarded_fill(struct page *page, const void *entry,
			    unsigned int offset, unsigned int len);
unsigned int haltblk_discarded_read(struct haltblk_store *store, u64 pos,
				    unsigned int len, bool *poison);
bool haltblk_discarded_clear(struct haltblk_store *store, u64 pos,
			     unsigned int len);
void haltblk_discarded_mark(struct haltblk_store *store, unsigned long index,
			    unsigned long last);
void haltblk_discarded_revive(struct haltblk_store *store, struct page *page,
			      unsigned long index);
void haltblk_discarded_unpoison(struct haltblk_store *store,
				unsigned long index, unsigned long last);

/**
 * haltblk_store_find - page at an index
 * @store: under rcu_read_lock(), the page stays as long as that
 * @index: byte position >> PAGE_SHIFT
 *
 * Return: the page, or NULL for a hole and for poison.
 */
static inline struct page *haltblk_store_find(struct haltblk_store *store,
					      unsigned long index)
{
	/*
	 * Not xa_load(), which enters RCU a second time, nor xas_load(): all
	 * entries here have one index, so the walk is short enough to be inline,
	 * and half of what a read pays besides the copy.
	 */
	const struct xarray *xa = &store->pages;
	const struct xa_node *node;
	void *entry;

	do {
		entry = xa_head(xa);
		if (!xa_is_node(entry)) {
			if (index)
				return NULL;
		} else if (index >> xa_to_node(entry)->shift > XA_CHUNK_MASK) {
			return NULL;
		}
		while (xa_is_node(entry)) {
			node = xa_to_node(entry);
			entry = xa_entry(xa, node, (index >> node->shift) &
						   XA_CHUNK_MASK);
		}
		/* A pointer to a page, and nothing, have these bits clear. */
		if (likely(!((unsigned long)entry & 3)))
			return entry;
	} while (xa_is_retry(entry));
	return NULL;
}

/**
 * haltblk_store_revive - a page was written: it counts again
 * @store: under rcu_read_lock()
 * @page: from haltblk_store_find(), written since
 * @index: where it was found
 */
static inline void haltblk_store_revive(struct haltblk_store *store,
					struct page *page, unsigned long index)
{
	if (unlikely(READ_ONCE(store->nr_stale)))
		haltblk_discarded_revive(store, page, index);
}

/**
 * haltblk_store_write_begin - be the one writer of a page
 * @page: from haltblk_store_find()
 *
 * Spins while another writer is at work; disables preemption. Take no lock before
 * haltblk_store_write_end().
 *
 * Return: false: the page was taken out for good, look it up again; there is
 * nothing to end.
 */
static inline bool haltblk_store_write_begin(struct page *page)
{
	unsigned long seq;

	preempt_disable();
	for (;;) {
		seq = READ_ONCE(page->private);
		if (likely(!(seq & 1)) &&
		    likely(try_cmpxchg_acquire(&page->private, &seq, seq + 1)))
			break;
		if (unlikely(seq == HALTBLK_STORE_DEAD)) {
			preempt_enable();
			return false;
		}
		cpu_relax();
	}
	/* A reader that sees new bytes sees the odd count. */
	smp_wmb();
	return true;
}

/**
 * haltblk_store_write_end - let readers and the next writer in
 * @page: of haltblk_store_write_begin()
 */
static inline void haltblk_store_write_end(struct page *page)
{
	smp_store_release(&page->private, page->private + 1);
	preempt_enable();
}

/**
 * haltblk_store_write_die - the same for a page that was taken out
 * @page: of haltblk_store_write_begin(); its bytes do not change any more
 */
static inline void haltblk_store_write_die(struct page *page)
{
	smp_store_release(&page->private, HALTBLK_STORE_DEAD);
	preempt_enable();
}

/**
 * haltblk_store_read_begin - start to copy a page
 * @page: from haltblk_store_find()
 *
 * Return: cookie for haltblk_store_read_retry(). A page that was taken out
 * meanwhile reads as what took its place.
 */
static inline unsigned long haltblk_store_read_begin(struct page *page)
{
	unsigned long seq;

	while (unlikely((seq = smp_load_acquire(&page->private)) & 1)) {
		if (seq == HALTBLK_STORE_DEAD)
			break;
		cpu_relax();
	}
	return seq;
}

/**
 * haltblk_store_read_retry - did a writer come between?
 * @page: what was copied
 * @seq: of haltblk_store_read_begin()
 *
 * Return: true if the copy must be made again.
 */
static inline bool haltblk_store_read_retry(struct page *page,
					    unsigned long seq)
{
	smp_rmb();
	return unlikely(READ_ONCE(page->private) != seq);
}

#endif /* HALTBLK_STORE_H */
