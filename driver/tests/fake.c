// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fake front, and fakes for other parts of the driver that the suites for
 * states, gate and rules do without: modes, submitters, and the workqueues made
 * at module load.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "fake.h"
#include "faults.h"
#include "store_io.h"

#define FAKE_SECTORS	4096

struct workqueue_struct *haltblk_wq;
struct workqueue_struct *haltblk_free_wq;
struct workqueue_struct *haltblk_slow_wq;

static struct fake *fake_of(const struct haltblk_cmd *cmd)
{
	return container_of(cmd->dev, struct fake, dev);
}

/* --- the front ------------------------------------------------------------ */

static void fake_end(struct haltblk_cmd *cmd)
{
	struct fake *f = fake_of(cmd);
	unsigned long flags;
	struct fake_end end = {
		.cmd = cmd,
		.status = cmd->status,
		.sector = cmd->sector,
		.in_worker = current->flags & PF_WQ_WORKER,
		.was_held = cmd->flags & HALTBLK_CMD_F_WAS_HELD,
	};

	haltblk_cmd_forget(cmd);
	spin_lock_irqsave(&f->lock, flags);
	if (!WARN_ON_ONCE(f->nr_ends == FAKE_ENDS))
		f->ends[f->nr_ends++] = end;
	wake_up_all(&f->wait);
	spin_unlock_irqrestore(&f->lock, flags);
}

/* The caller's command also serves as the parked one. */
static struct haltblk_cmd *fake_park(struct haltblk_cmd *cmd, bool hold)
{
	if (fake_of(cmd)->no_memory)
		return NULL;
	fake_of(cmd)->parks++;
	cmd->flags &= ~HALTBLK_CMD_F_STACK;
	return cmd;
}

static void fake_hand_back(struct haltblk_cmd *cmd)
{
	fake_of(cmd)->backs++;
	haltblk_cmd_forget(cmd);
}

static blk_opf_t fake_opf(const struct haltblk_cmd *cmd)
{
	return container_of(cmd, struct fake_rq, cmd)->opf;
}

static const struct haltblk_front fake_front = {
	.opf		= fake_opf,
	.park		= fake_park,
	.end		= fake_end,
	.hand_back	= fake_hand_back,
};

/* --- who submits ---------------------------------------------------------- */

void haltblk_submitter_start(void)
{
}

void haltblk_submitter_stop(void)
{
}

void haltblk_submitter_disarm(struct haltblk_gate *gate)
{
}

void haltblk_submitter_identify(struct haltblk_cmd *cmd)
{
	struct fake *f = fake_of(cmd);

	if (cmd->flags & HALTBLK_CMD_F_SUBMITTER)
		return;
	cmd->flags |= HALTBLK_CMD_F_SUBMITTER;
	f->identified++;
	strscpy(cmd->comm, f->comm, sizeof(cmd->comm));
}

/* --- a device ------------------------------------------------------------- */

/* What has an effect on the media. */
static const struct haltblk_feature * const fake_features[] = {
	&haltblk_memory_feature, &haltblk_cache_feature, &haltblk_erase_feature,
};

/**
 * fake_options - apply a device's options, as power on does
 * @f: device whose options may have changed
 */
void fake_options(struct fake *f)
{
	struct haltblk_device *dev = &f->dev;
	unsigned int i;

	dev->plain = true;
	for (i = 0; i < ARRAY_SIZE(fake_features); i++)
		if (fake_features[i]->on(&dev->cfg))
			fake_features[i]->start(dev);
}

/**
 * fake_cached - give a device a volatile cache
 * @f: device
 * @limit: most blocks that fit, 0 for no limit
 */
void fake_cached(struct fake *f, unsigned long limit)
{
	f->dev.cfg.cache = 1;
	fake_options(f);
	f->dev.cache.limit = limit;
}

/**
 * fake_init - set up a suite's test: a powered device that keeps data
 * @test: test; its priv is set to the device
 */
int fake_init(struct kunit *test)
{
	struct haltblk_device *dev;
	struct fake *f;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	haltblk_wq = alloc_workqueue("haltblk_test", WQ_UNBOUND, 0);
	haltblk_free_wq = alloc_workqueue("haltblk_test_free", WQ_UNBOUND, 0);
	haltblk_slow_wq = alloc_workqueue("haltblk_test_slow", WQ_UNBOUND, 0);
	if (!f || !haltblk_wq || !haltblk_free_wq || !haltblk_slow_wq)
		return -ENOMEM;
	init_waitqueue_head(&f->wait);
	spin_lock_init(&f->lock);
	strscpy(f->comm, "submitter", sizeof(f->comm));
	dev = &f->dev;
	strscpy(dev->name, "fake", sizeof(dev->name));
	dev->front = &fake_front;
	haltblk_config_init(&dev->cfg);
	dev->cfg.size = FAKE_SECTORS >> (20 - SECTOR_SHIFT);
	dev->cfg.memory_backed = 1;
	dev->cfg.discard = 1;
	haltblk_gate_init(&dev->gate, haltblk_cmd_go_on);
	haltblk_memory_feature.init(dev);
	haltblk_cache_feature.init(dev);
	fake_options(f);
	f->queue.dev = dev;
	dev->queues = &f->queue;
	dev->nr_queues = 1;
	haltblk_gate_open(&dev->gate);
	test->priv = f;
	return 0;
}

/**
 * fake_exit - end a suite's test: power off and remove the device
 * @test: test
 */
void fake_exit(struct kunit *test)
{
	struct fake *f = test->priv;

	faults_arm(0);
	if (f) {
		haltblk_breaks_shut(&f->dev.gate, true, true);
		flush_workqueue(haltblk_wq);
		haltblk_gate_destroy(&f->dev.gate);
		haltblk_key_exit();
		haltblk_cache_feature.destroy(&f->dev);
		haltblk_memory_feature.destroy(&f->dev);
		haltblk_pages_exit();
	}
	if (haltblk_slow_wq)
		destroy_workqueue(haltblk_slow_wq);
	if (haltblk_free_wq)
		destroy_workqueue(haltblk_free_wq);
	if (haltblk_wq)
		destroy_workqueue(haltblk_wq);
}

/* --- requests ------------------------------------------------------------- */

/**
 * fake_rq - make a request without submitting it
 * @test: test
 * @opf: operation and flags
 * @sector: first sector
 * @nr_sectors: length
 * @byte: byte that fills its memory
 *
 * It may sleep and is not on a submitter's stack. Callers may change cmd.flags.
 */
struct fake_rq *fake_rq(struct kunit *test, blk_opf_t opf, u64 sector,
			u32 nr_sectors, u8 byte)
{
	struct fake *f = test->priv;
	enum haltblk_op op = haltblk_blk_op(opf);
	struct haltblk_cmd *cmd;
	struct fake_rq *rq;
	unsigned int len = 0;
	unsigned int i, n;

	if (op == HALTBLK_OP_READ || op == HALTBLK_OP_WRITE)
		len = nr_sectors << SECTOR_SHIFT;
	rq = kunit_kzalloc(test, sizeof(*rq), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rq);
	rq->opf = opf;
	bio_init(&rq->bio, NULL, rq->bvec, FAKE_PAGES, opf);
	rq->bio.bi_iter.bi_sector = sector;
	for (i = 0; len; i++, len -= n) {
		n = min_t(unsigned int, len, PAGE_SIZE);
		KUNIT_ASSERT_LT(test, i, FAKE_PAGES);
		rq->data[i] = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, rq->data[i]);
		memset(rq->data[i], byte, PAGE_SIZE);
		__bio_add_page(&rq->bio, virt_to_page(rq->data[i]), n,
			       offset_in_page(rq->data[i]));
	}
	cmd = &rq->cmd;
	cmd->dev = &f->dev;
	cmd->queue = &f->queue;
	cmd->bio = &rq->bio;
	cmd->op = op;
	cmd->step = HALTBLK_STEP_SUBMIT;
	cmd->flags = HALTBLK_CMD_F_SLEEP;
	cmd->sector = sector;
	cmd->nr_sectors = nr_sectors;
	return rq;
}

/**
 * fake_go - submit a request, or go on with it at its step
 * @rq: request that the caller owns
 */
void fake_go(struct fake_rq *rq)
{
	haltblk_cmd_advance(&rq->cmd);
}

/**
 * fake_submit - make and submit a request
 * @test: test
 * @opf: operation and flags
 * @sector: first sector
 * @nr_sectors: length
 * @byte: byte that fills its memory
 */
struct fake_rq *fake_submit(struct kunit *test, blk_opf_t opf, u64 sector,
			    u32 nr_sectors, u8 byte)
{
	struct fake_rq *rq = fake_rq(test, opf, sector, nr_sectors, byte);

	fake_go(rq);
	return rq;
}

/**
 * fake_ended - wait until a number of requests have ended
 * @test: test
 * @nr: number of requests
 *
 * Return: true if exactly that many have ended in all.
 */
bool fake_ended(struct kunit *test, unsigned int nr)
{
	struct fake *f = test->priv;

	wait_event_timeout(f->wait, READ_ONCE(f->nr_ends) >= nr, 60 * HZ);
	return READ_ONCE(f->nr_ends) == nr;
}

/**
 * fake_status - get the status of a request that has ended
 * @f: device
 * @rq: request
 */
blk_status_t fake_status(struct fake *f, const struct fake_rq *rq)
{
	unsigned int i;

	for (i = 0; i < f->nr_ends; i++)
		if (f->ends[i].cmd == &rq->cmd)
			return f->ends[i].status;
	return (__force blk_status_t)0xff;
}

/**
 * fake_fill - write whole pages, and forget the ended requests
 * @test: test
 * @page: first page
 * @pages: number of pages
 * @byte: byte to write
 */
void fake_fill(struct kunit *test, u64 page, u32 pages, u8 byte)
{
	struct fake *f = test->priv;

	f->nr_ends = 0;
	fake_submit(test, REQ_OP_WRITE, page * PAGE_SECTORS,
		    pages * PAGE_SECTORS, byte);
	KUNIT_ASSERT_TRUE(test, fake_ended(test, 1));
	f->nr_ends = 0;
}

/**
 * fake_pages - get the number of stored pages
 * @f: device
 */
long fake_pages(struct fake *f)
{
	return atomic_long_read(&f->dev.store.nr_pages);
}

/**
 * fake_holds - does a request's memory contain only one byte value?
 * @rq: request with data
 * @byte: byte
 */
bool fake_holds(const struct fake_rq *rq, u8 byte)
{
	unsigned int len = rq->cmd.nr_sectors << SECTOR_SHIFT;
	unsigned int i, n;

	for (i = 0; len; i++, len -= n) {
		n = min_t(unsigned int, len, PAGE_SIZE);
		if (memchr_inv(rq->data[i], byte, n))
			return false;
	}
	return true;
}

/**
 * fake_stored - does all of a range read as one byte value?
 * @f: device
 * @sector: first sector
 * @nr_sectors: length
 * @byte: byte
 */
bool fake_stored(struct fake *f, u64 sector, u32 nr_sectors, u8 byte)
{
	u8 buf[SECTOR_SIZE];

	for (; nr_sectors; nr_sectors--, sector++) {
		store_io_read(&f->dev.store, sector << SECTOR_SHIFT, buf,
			      sizeof(buf));
		if (memchr_inv(buf, byte, sizeof(buf)))
			return false;
	}
	return true;
}

/* --- rules ---------------------------------------------------------------- */

/**
 * fake_rule - make a rule for all requests, for ever
 * @tag: its tag
 * @event: its state, enum haltblk_event_id
 * @action: enum haltblk_action
 * @arg: argument of the action
 */
struct haltblk_rule fake_rule(const char *tag, u32 event, u32 action, u64 arg)
{
	struct haltblk_rule spec = {
		.hdr.size = sizeof(spec),
		.event = event,
		.action = action,
		.arg = arg,
	};

	strscpy(spec.tag, tag, sizeof(spec.tag));
	return spec;
}

/**
 * fake_arm - arm a legal rule
 * @test: test
 * @spec: rule
 */
void fake_arm(struct kunit *test, const struct haltblk_rule *spec)
{
	struct fake *f = test->priv;
	char why[HALTBLK_WHY_LEN] = "";

	KUNIT_ASSERT_EQ_MSG(test, 0,
			    haltblk_breaks_arm(&f->dev, spec, NULL, why),
			    "%s: %s", spec->tag, why);
}

/**
 * fake_break - arm a rule for all requests, for ever
 * @test: test
 * @tag: its tag
 * @event: its state, enum haltblk_event_id
 * @action: enum haltblk_action
 * @arg: argument of the action
 */
void fake_break(struct kunit *test, const char *tag, u32 event, u32 action,
		u64 arg)
{
	struct haltblk_rule spec = fake_rule(tag, event, action, arg);

	fake_arm(test, &spec);
}

/**
 * fake_hits - get the hits of the first rule with a tag
 * @f: device
 * @tag: tag of the rule
 */
u64 fake_hits(struct fake *f, const char *tag)
{
	struct haltblk_rule_state *rule;

	list_for_each_entry(rule, &f->dev.gate.rules, node)
		if (!strcmp(rule->spec.tag, tag))
			return atomic64_read(&rule->hits);
	return U64_MAX;
}

/**
 * fake_resume - release held requests
 * @f: device
 * @tag: tag under which they are held, or NULL for all
 *
 * Return: how many were released.
 */
unsigned int fake_resume(struct fake *f, const char *tag)
{
	const struct haltblk_verdict go_on = { };

	return haltblk_release_tag(&f->dev.gate, tag, go_on);
}

/**
 * fake_remove - remove rules and release what they hold
 * @f: device
 * @tag: tag of the rules, or NULL for all
 *
 * Return: how many were released.
 */
u32 fake_remove(struct fake *f, const char *tag)
{
	const struct haltblk_verdict go_on = { };
	u32 removed, released;

	haltblk_breaks_remove(&f->dev.gate, tag, NULL, go_on, &removed,
			      &released);
	return released;
}
