/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sparse store: a device's data, a page at a time, in an xarray.
 *
 *   index  0    1    2    3    4 ...      a slot is empty (reads as zero), or
 *        [pg] [  ] [pg] [po] [st]    pg   a page; its page->private is a
 *                                         sequence count
 *                                    po   a value with a bit for each 512 bytes
 *                                         that read as poison; no memory
 *                                    st   a page marked stale: it reads as
 *                                         before, but counts as discarded
 *
 * - Look-up is under RCU. Insertion and removal take the array's own lock. No
 *   lock covers the device or a request.
 * - Writers of a page use its sequence count (odd while a writer is at work),
 *   and readers retry as with a seqlock. So no reader sees half a sector, no
 *   matter how many segments of memory the sector is spread over.
 * - Removed pages are freed in bulk after a grace period.
 * - The eraser of a page's last piece, as the page's writer, removes the page
 *   and ends its count. A writer that comes too late looks the index up again,
 *   so that no write beside that piece is lost.
 * - A page's writer takes no lock, because it must not sleep and a lock of
 *   PREEMPT_RT may. So the array's lock comes before a page's count.
 * - Marks and values, and their counts, change only under the array's lock.
 *   Readers and writers of a page look for neither. A stale page is read and
 *   written like any other; if the store has any stale page, the writer then
 *   clears the mark. A value is not a page, so it is seen where holes are.
 * - Several stores can share a page (share.c). Its count then has a value that
 *   stays odd, and its bytes never change again. Readers copy it as it is. A
 *   writer that meets it first puts a copy of its own in the page's place.
 *
 * PURE: knows pages and bytes, but no bios or requests; tests/store_test.c runs
 * it alone. Data moves in process context, with preemption disabled for at most
 * one page. haltblk_store_erase() may sleep.
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
 * @nr_stale: stale pages in @pages; written under the lock of @pages
 * @nr_shared: pages in @pages that other stores share, or shared once
 * @shares: @pages has or had shared pages; not reset
 * @poisons: @pages may have values; set before the first value, and not reset
 *	while the store has data
 * @wq: runs @free_work
 * @free_lock: protects @free_next, @free_busy and @free_wiped
 * @free_next: pages removed since the current grace period began
 * @free_now: pages that wait for it; owned by @free_work while @free_busy
 * @free_busy: @free_work is queued
 * @free_wiped: secure erases that wait for @free_work; while there are any, it
 *	overwrites pages before it frees them
 * @free_work: frees @free_now after a grace period
 */
struct haltblk_store {
	struct xarray pages;
	atomic_long_t nr_pages;
	unsigned long nr_stale;
	atomic_long_t nr_shared;
	bool shares;
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
	HALTBLK_ERASE_FREE,	/* free whole pages, zero parts of pages */
	HALTBLK_ERASE_KEEP,	/* zero them; free and allocate nothing */
	HALTBLK_ERASE_SECURE,	/* as FREE, and overwrite the freed pages */
	HALTBLK_ERASE_STALE,	/* mark whole pages stale, keep their data */
	HALTBLK_ERASE_POISON,	/* as FREE, but stored data becomes poison */
};

/* Entries of the array to look at before offering the CPU to others. */
#define HALTBLK_STORE_BATCH	256

/* Mark on pages whose data was discarded. */
#define HALTBLK_STORE_STALE	XA_MARK_0

/*
 * Sequence count of a page that was removed for good: odd, as if a writer never
 * ended, but nobody waits for it. Writes do not make a count reach this value
 * (with 32 bits, one in 2^31 writes to a page does, while it is under way).
 */
#define HALTBLK_STORE_DEAD	ULONG_MAX

/*
 * Sequence count of a page that several stores share, or shared once: odd as
 * well, and larger than that of any other page but a removed one.
 */
#define HALTBLK_STORE_SHARED	(ULONG_MAX - 2)

/*
 * Bytes for each bit of a value, which has BITS_PER_LONG - 1 bits. A test
 * builds the driver with the number for larger pages.
 */
#ifndef HALTBLK_STORE_UNIT
#define HALTBLK_STORE_UNIT	(PAGE_SIZE > 8192 ? PAGE_SIZE / 16 : 512UL)
#endif

/* Most pages that have an index. A test uses the number for 32 bits. */
#ifndef HALTBLK_STORE_PAGES
#define HALTBLK_STORE_PAGES	ULONG_MAX
#endif

#define HALTBLK_STORE_MIB						\
	((unsigned long)HALTBLK_STORE_PAGES >> (20 - PAGE_SHIFT))

/* The value for a page that is all poison. */
#define HALTBLK_STORE_POISON						\
	xa_mk_value((1UL << PAGE_SIZE / HALTBLK_STORE_UNIT) - 1)

bool haltblk_store_write_wait(struct page *page);
unsigned long haltblk_store_read_wait(struct page *page);
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
 * haltblk_store_run - cut the first piece off a range
 * @pos: first byte
 * @len: number of bytes
 *
 * Return: the number of bytes from @pos on that are a part of one page (less
 * than PAGE_SIZE) or whole pages. 0 if @len is 0.
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
 * @n: length of the piece; less than PAGE_SIZE for a part of a page
 * @pos: first byte of the range, then of each piece
 * @len: length of the range, then from @pos to its end
 */
#define haltblk_store_for_each_run(n, pos, len)				\
	for (; ((n) = haltblk_store_run(pos, len)); (pos) += (n), (len) -= (n))

/* extent.c */
unsigned long haltblk_store_extent(struct haltblk_store *store,
				   unsigned long *index, unsigned long last,
				   enum haltblk_erase how);
bool haltblk_store_part_frees(struct haltblk_store *store, u64 pos,
			      unsigned int len, enum haltblk_erase how);

/* retire.c */
void haltblk_retire_init(struct haltblk_store *store);
void haltblk_retire_pages(struct haltblk_store *store, struct list_head *pages);
void haltblk_retire_drain(struct haltblk_store *store, bool wipe);
void haltblk_retire_free(struct list_head *pages);
void haltblk_retire_shred(struct list_head *pages);

/* share.c */
int haltblk_share_prepare(struct haltblk_store *store,
			  struct haltblk_store *to);
int haltblk_share_all(struct haltblk_store *store, struct haltblk_store *to);
void haltblk_share_finish(struct haltblk_store *to);
void haltblk_share_drop(struct haltblk_store *store, struct page *page,
			struct list_head *gone);
bool haltblk_share_replace(struct haltblk_store *store, unsigned long index,
			   struct page *copy, struct list_head *gone);
bool haltblk_share_own(struct haltblk_store *store, unsigned long index,
		       struct page *copy);
void haltblk_share_own_erase(struct haltblk_store *store, unsigned long index,
			     bool shred);

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
 * haltblk_store_find - find the page at an index
 * @store: under rcu_read_lock(), which also keeps the page
 * @index: byte position >> PAGE_SHIFT
 *
 * Return: the page, or NULL for a hole and for poison.
 */
static inline struct page *haltblk_store_find(struct haltblk_store *store,
					      unsigned long index)
{
	/*
	 * xa_load() would enter RCU a second time. Unlike xas_load(), this need
	 * not support entries with several indices, so it is short enough to be
	 * inline, which halves the cost of a read besides the copy.
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
		/* A pointer to a page and NULL have these bits clear. */
		if (likely(!((unsigned long)entry & 3)))
			return entry;
	} while (xa_is_retry(entry));
	return NULL;
}

/**
 * haltblk_store_revive - a page was written: it is not stale any more
 * @store: under rcu_read_lock()
 * @page: from haltblk_store_find(), written since
 * @index: index at which it was found
 */
static inline void haltblk_store_revive(struct haltblk_store *store,
					struct page *page, unsigned long index)
{
	if (unlikely(READ_ONCE(store->nr_stale)))
		haltblk_discarded_revive(store, page, index);
}

/**
 * haltblk_store_write_begin - become the only writer of a page
 * @page: from haltblk_store_find()
 *
 * Spins while another writer is at work, and disables preemption. Take no lock
 * until haltblk_store_write_end().
 *
 * Return: false if the page was removed for good, or if it is shared. Then the
 * caller is not its writer, calls haltblk_share_own(), and looks the index up
 * again.
 */
static inline bool haltblk_store_write_begin(struct page *page)
{
	unsigned long seq;

	preempt_disable();
	seq = READ_ONCE(page->private);
	if ((unlikely(seq & 1) ||
	     unlikely(!try_cmpxchg_acquire(&page->private, &seq, seq + 1))) &&
	    !haltblk_store_write_wait(page))
		return false;
	/* A reader that sees new bytes also sees the odd count. */
	smp_wmb();
	return true;
}

/**
 * haltblk_store_write_end - let readers and the next writer in
 * @page: page of haltblk_store_write_begin()
 */
static inline void haltblk_store_write_end(struct page *page)
{
	smp_store_release(&page->private, page->private + 1);
	preempt_enable();
}

/**
 * haltblk_store_write_die - stop being the writer of a page that was removed
 * @page: page of haltblk_store_write_begin(); its contents no longer change
 */
static inline void haltblk_store_write_die(struct page *page)
{
	smp_store_release(&page->private, HALTBLK_STORE_DEAD);
	preempt_enable();
}

/**
 * haltblk_store_write_share - stop being the writer of a page that is shared now
 * @page: page of haltblk_store_write_begin(); its contents no longer change
 */
static inline void haltblk_store_write_share(struct page *page)
{
	smp_store_release(&page->private, HALTBLK_STORE_SHARED);
	preempt_enable();
}

/**
 * haltblk_store_read_begin - start to copy a page
 * @page: from haltblk_store_find()
 *
 * A page that was removed for good reads the same as what replaced it, and a
 * shared page does not change.
 *
 * Return: cookie for haltblk_store_read_retry().
 */
static inline unsigned long haltblk_store_read_begin(struct page *page)
{
	unsigned long seq = smp_load_acquire(&page->private);

	return likely(!(seq & 1)) ? seq : haltblk_store_read_wait(page);
}

/**
 * haltblk_store_read_retry - did a writer change the page during the copy?
 * @page: page that was copied
 * @seq: cookie of haltblk_store_read_begin()
 *
 * Return: true if the page must be copied again.
 */
static inline bool haltblk_store_read_retry(struct page *page,
					    unsigned long seq)
{
	smp_rmb();
	return unlikely(READ_ONCE(page->private) != seq);
}

#endif /* HALTBLK_STORE_H */
