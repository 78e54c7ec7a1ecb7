// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad blocks: ranges of sectors that the attribute badblocks lists, in the
 * kernel's own table. A request that touches one fails. Others pay for a look at
 * the table, and nothing on a device that has none. Bad blocks stay over power
 * off, and can change while the device is powered.
 *
 * haltblk_bad_mutex protects what writers change. Requests look the table up
 * under its own sequence lock, in process context.
 */
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "media.h"

static DEFINE_MUTEX(haltblk_bad_mutex);

/* At once into or out of the kernel's table, which counts in int on some. */
#define HALTBLK_BAD_MOST	(1ULL << 30)

/* The table is an array of 512 ranges of at most 512 sectors. */
#define HALTBLK_BAD_ROOM	((u64)MAX_BADBLOCKS * BB_MAX_LEN)

/* The longest sector number that an entry of it has room for. */
#define HALTBLK_BAD_SECTORS	(BB_OFFSET_MASK >> 9)

/* How much of a request its data reaches before it fails, sectors. */
static u32 haltblk_bad_before(const struct haltblk_cmd *cmd, u64 bad)
{
	const u64 block = cmd->dev->cfg.blocksize >> SECTOR_SHIFT;
	u32 nr = 0;

	bad = round_down(bad, block);
	/* An atomic write moves all of its data or none. */
	if (cmd->dev->cfg.badblocks_partial_io && bad > cmd->sector &&
	    !(cmd->dev->front->opf(cmd) & HALTBLK_COMPAT_REQ_ATOMIC))
		nr = bad - cmd->sector;
	if (cmd->flags & HALTBLK_CMD_F_TORN)
		nr = min(nr, cmd->torn);
	return nr;
}

/* As null_blk: every request for sectors, whether or not it moves data. */
#define HALTBLK_BAD_OPS							\
	(BIT(HALTBLK_OP_READ) | BIT(HALTBLK_OP_WRITE) |			\
	 BIT(HALTBLK_OP_DISCARD) | BIT(HALTBLK_OP_SECURE_ERASE) |	\
	 BIT(HALTBLK_OP_WRITE_ZEROES) | BIT(HALTBLK_OP_ZONE_APPEND))

/* The first bad range that a request touches. Return: false if there is none. */
static bool haltblk_bad_touches(struct haltblk_device *dev, enum haltblk_op op,
				u64 sector, u32 nr_sectors, sector_t *bad,
				sector_t *nr_bad)
{
	return HALTBLK_BAD_OPS & BIT(op) && nr_sectors &&
	       haltblk_compat_bad_check(&dev->bad, sector, nr_sectors, bad,
					nr_bad);
}

/*
 * How many ranges of a table begin before a sector? They are sorted. Mostly all
 * or none do.
 */
static __always_inline unsigned int
haltblk_bad_begin(const u64 *table, unsigned int nr, u64 past)
{
	unsigned int low = 1, mid;

	past <<= 9;
	if (!nr || (table[0] & BB_OFFSET_MASK) >= past)
		return 0;
	if ((table[nr - 1] & BB_OFFSET_MASK) < past)
		return nr;
	while (low < nr) {
		mid = (low + nr) / 2;
		if ((table[mid] & BB_OFFSET_MASK) < past)
			low = mid + 1;
		else
			nr = mid;
	}
	return low;
}

/**
 * haltblk_bad_near - does a request touch a bad block?
 * @dev: device that has or had some
 * @op: operation
 * @sector: first sector
 * @nr_sectors: length
 *
 * Every request of such a device asks this, so it searches the table itself,
 * which takes half as long as the kernel's function.
 */
bool haltblk_bad_near(struct haltblk_device *dev, enum haltblk_op op,
		      u64 sector, u32 nr_sectors)
{
	struct badblocks *bad = &dev->bad;
	unsigned int seq, i;
	bool near;
	u64 last;

	if (!(HALTBLK_BAD_OPS & BIT(op)))
		return false;
	do {
		seq = read_seqbegin(&bad->lock);
		i = haltblk_bad_begin(bad->page, READ_ONCE(bad->count),
				      sector + nr_sectors);
		near = false;
		if (i) {
			last = bad->page[i - 1];
			near = BB_OFFSET(last) + BB_LEN(last) > sector;
		}
	} while (read_seqretry(&bad->lock, seq));
	return near;
}

static int haltblk_bad_move_before(struct haltblk_cmd *cmd, u32 nr)
{
	struct haltblk_device *dev = cmd->dev;

	if (cmd->flags & HALTBLK_CMD_F_ZONED)
		return haltblk_zoned_write(cmd, nr);
	if (dev->plain || !cmd->bio)
		return 0;
	if (dev->integrity.on)
		return haltblk_integrity_move(cmd, nr);
	return haltblk_data_move(dev, cmd->bio, dev->front->opf(cmd),
				 cmd->sector, nr,
				 cmd->flags & HALTBLK_CMD_F_SLEEP);
}

static int haltblk_bad_move(struct haltblk_cmd *cmd)
{
	struct haltblk_device *dev = cmd->dev;
	sector_t bad, nr_bad;
	u32 nr;
	int err;

	if (!haltblk_bad_touches(dev, cmd->op, cmd->sector, cmd->nr_sectors,
				 &bad, &nr_bad))
		return 0;
	nr = haltblk_bad_before(cmd, bad);
	if (nr) {
		err = haltblk_bad_move_before(cmd, nr);
		if (err)
			return err;
	}
	if (dev->cfg.badblocks_once)
		badblocks_clear(&dev->bad, bad, nr_bad);
	return -EIO;
}

static int haltblk_bad_add(struct haltblk_device *dev, u64 first, u64 nr)
{
	unsigned int noio;
	int err = 0;

	lockdep_assert_held(&haltblk_bad_mutex);
	if (nr > HALTBLK_BAD_ROOM)
		return -EINVAL;
	if (!dev->bad.page) {
		/* Reclaim could wait for the device. */
		noio = memalloc_noio_save();
		err = badblocks_init(&dev->bad, 1);
		memalloc_noio_restore(noio);
	}
	if (err)
		return err;
	err = haltblk_compat_bad_set(&dev->bad, first, nr) ? 0 : -EINVAL;
	/* Even if it failed: a part may have found room. */
	if (dev->bad.count)
		haltblk_feature_hook(dev, HALTBLK_FEATURE_bad);
	return err;
}

static int haltblk_bad_remove(struct haltblk_device *dev, u64 first, u64 last)
{
	const u64 *table = dev->bad.page;
	int count = READ_ONCE(dev->bad.count);
	u64 part;

	lockdep_assert_held(&haltblk_bad_mutex);
	if (!count)
		return 0;
	/*
	 * All bad sectors lie between these two. Meanwhile requests only remove
	 * some, and leave what they moved down.
	 */
	first = max_t(u64, first, BB_OFFSET(table[0]));
	last = min_t(u64, last, BB_OFFSET(table[count - 1]) +
				BB_LEN(table[count - 1]) - 1);
	for (; first <= last; first += part) {
		part = min(last - first + 1, HALTBLK_BAD_MOST);
		if (!haltblk_compat_bad_clear(&dev->bad, first, part))
			return -EINVAL;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* null_blk's grammar: "+FIRST-LAST" adds these sectors, "-" removes them. */
static int haltblk_bad_parse(char *text, bool *add, u64 *first, u64 *last)
{
	char *dash;

	text = strstrip(text);
	if (*text != '+' && *text != '-')
		return -EINVAL;
	*add = *text++ == '+';
	dash = strchr(text, '-');
	if (!dash)
		return -EINVAL;
	*dash++ = '\0';
	if (kstrtoull(text, 0, first) || kstrtoull(dash, 0, last) ||
	    *first > *last)
		return -EINVAL;
	return 0;
}

/**
 * haltblk_bad_write - change the list
 * @dev: device, powered or not
 * @text: what to add or remove
 *
 * Return: 0; -EINVAL, after a line in the kernel log; -ENOMEM or -EINTR.
 */
int haltblk_bad_write(struct haltblk_device *dev, const char *text)
{
	char *copy = kstrdup(text, GFP_NOIO);
	u64 first, last;
	bool add;
	int err;

	if (!copy)
		return -ENOMEM;
	err = haltblk_bad_parse(copy, &add, &first, &last);
	kfree(copy);
	if (err) {
		pr_warn("%s: badblocks=%.*s: not a range, takes +FIRST-LAST or -FIRST-LAST, sectors\n",
			dev->name, (int)strcspn(text, "\n"), text);
		return err;
	}
	mutex_lock(&haltblk_bad_mutex);
	last = min_t(u64, last, HALTBLK_BAD_SECTORS);
	if (add)
		err = first > last ? -EINVAL :
			haltblk_bad_add(dev, first, last - first + 1);
	else
		err = haltblk_bad_remove(dev, first, last);
	mutex_unlock(&haltblk_bad_mutex);
	if (err == -EINVAL)
		pr_warn("%s: badblocks=%.*s: no room in the kernel's table, which takes %lu ranges of %d sectors at most\n",
			dev->name, (int)strcspn(text, "\n"), text,
			(unsigned long)MAX_BADBLOCKS, BB_MAX_LEN);
	return err;
}

/**
 * haltblk_bad_show - list the ranges, a line each: first sector and length
 * @dev: device, powered or not
 * @page: where to
 *
 * Return: number of bytes.
 */
ssize_t haltblk_bad_show(struct haltblk_device *dev, char *page)
{
	ssize_t len = 0;

	mutex_lock(&haltblk_bad_mutex);
	if (dev->bad.page)
		len = badblocks_show(&dev->bad, page, 0);
	mutex_unlock(&haltblk_bad_mutex);
	return len;
}

static bool haltblk_bad_wanted(const struct haltblk_device *dev)
{
	return READ_ONCE(dev->bad.count);
}

static void haltblk_bad_destroy(struct haltblk_device *dev)
{
	badblocks_exit(&dev->bad);
}

const struct haltblk_feature haltblk_bad_feature = {
	.destroy	= haltblk_bad_destroy,
	.move		= haltblk_bad_move,
	.wanted		= haltblk_bad_wanted,
	.by_cmd		= HALTBLK_BY_CMD_BAD,
};
