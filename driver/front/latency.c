// SPDX-License-Identifier: GPL-2.0-only
/*
 * latency_<operation>_nsec: how long requests take after their data has moved.
 * A timer ends them, as with irqmode=2, whose completion_nsec counts for the
 * operations without a latency.
 *
 * The options change only while the device has no power, under its lock. Then
 * requests read them without one.
 */
#include <linux/slab.h>

#include "front.h"

/* Latencies of a new device, set by the module parameters. */
struct haltblk_latency haltblk_latency_defaults[HALTBLK_OP_NR];

static bool haltblk_latency_own(const struct haltblk_device *dev)
{
	return dev->latency != haltblk_latency_defaults;
}

/**
 * haltblk_latency_set - change the latency of an operation
 * @dev: device without power; its lock is held
 * @op: enum haltblk_op
 * @value: latency
 *
 * Return: 0 or -ENOMEM.
 */
int haltblk_latency_set(struct haltblk_device *dev, enum haltblk_op op,
			const struct haltblk_latency *value)
{
	struct haltblk_latency *own = dev->latency;

	lockdep_assert_held(&dev->lock);
	if (!haltblk_latency_own(dev)) {
		own = kmemdup(haltblk_latency_defaults,
			      sizeof(haltblk_latency_defaults), GFP_NOIO);
		if (!own)
			return -ENOMEM;
		dev->latency = own;
	}
	own[op] = *value;
	return 0;
}

/**
 * haltblk_latency_of - decide how long a request takes from now on
 * @dev: live, @timed
 * @op: enum haltblk_op of the request
 *
 * Return: ns; 0: it ends as irqmode says.
 */
u64 haltblk_latency_of(struct haltblk_device *dev, unsigned int op)
{
	const struct haltblk_latency *l;
	u64 nr = 0;

	if (op < HALTBLK_OP_NR && dev->latency[op].kind) {
		l = &dev->latency[op];
		if (l->kind != HALTBLK_LATENCY_FIXED)
			nr = atomic64_inc_return(&dev->latency_drawn[op]);
		return haltblk_latency_draw(l, dev->latency_seed[op], nr);
	}
	return dev->irqmode == HALTBLK_IRQ_TIMER ? dev->cfg.completion_nsec : 0;
}

static void haltblk_latency_create(struct haltblk_device *dev)
{
	dev->latency = haltblk_latency_defaults;
}

static void haltblk_latency_destroy(struct haltblk_device *dev)
{
	if (haltblk_latency_own(dev))
		kfree(dev->latency);
}

/* Each power on begins the sequences of the seed anew. */
static int haltblk_latency_start(struct haltblk_device *dev)
{
	int op;

	dev->timed = dev->irqmode == HALTBLK_IRQ_TIMER;
	for (op = 0; op < HALTBLK_OP_NR; op++) {
		if (dev->latency[op].kind)
			dev->timed = true;
		dev->latency_seed[op] = haltblk_random(dev->cfg.seed, op);
		atomic64_set(&dev->latency_drawn[op], 0);
	}
	if (dev->timed && dev->cfg.queue_mode)
		dev->slow_end = true;
	return 0;
}

const struct haltblk_feature haltblk_latency_feature = {
	.init		= haltblk_latency_create,
	.destroy	= haltblk_latency_destroy,
	.start		= haltblk_latency_start,
};
