// SPDX-License-Identifier: GPL-2.0-only
/*
 * PURE. The four numbers of fault injection, with the meaning that they have in
 * the kernel's own (Documentation/fault-injection). Any context.
 */
#include <linux/kernel.h>
#include <linux/math64.h>

#include "fault.h"
#include "random.h"

const char * const haltblk_fault_names[HALTBLK_NR_FAULTS] = {
#define X(_name, _dir, ...) [HALTBLK_FAULT_##_name] = _dir,
	HALTBLK_FAULT_KINDS(X)
#undef X
};

/* What a new device begins with: the module parameters. */
struct haltblk_fault haltblk_fault_defaults[HALTBLK_NR_FAULTS] = {
#define X(_name, ...) [HALTBLK_FAULT_##_name] = {			\
	.lock = __SPIN_LOCK_UNLOCKED(haltblk_fault_defaults[HALTBLK_FAULT_##_name].lock), \
	.interval = 1,							\
	.times = 1,							\
},
	HALTBLK_FAULT_KINDS(X)
#undef X
};

/**
 * haltblk_fault_parse - read "INTERVAL,PROBABILITY,SPACE,TIMES"
 * @fault: changed only on success
 * @text: text; nothing at all changes nothing
 *
 * Return: 0 or -EINVAL.
 */
int haltblk_fault_parse(struct haltblk_fault *fault, const char *text)
{
	unsigned long interval, probability;
	int space, times;
	char rest;

	if (!*text || *text == '\n')
		return 0;
	if (sscanf(text, "%lu,%lu,%d,%d%c", &interval, &probability, &space,
		   &times, &rest) != 4 || !interval || probability > 100 ||
	    space < 0 || times < -1)
		return -EINVAL;
	spin_lock_irq(&fault->lock);
	fault->interval = interval;
	fault->probability = probability;
	fault->space = space;
	fault->times = times;
	spin_unlock_irq(&fault->lock);
	return 0;
}

/*
 * A number below 100. It depends only on the seed and on how many were drawn
 * before, so that a run can be repeated.
 */
static u32 haltblk_fault_draw(struct haltblk_fault *fault, u64 seed)
{
	u32 rest;

	lockdep_assert_held(&fault->lock);
	div_u64_rem(haltblk_random(seed, ++fault->draws), 100, &rest);
	return rest;
}

static bool haltblk_fault_decide(struct haltblk_fault *fault, u64 seed)
{
	lockdep_assert_held(&fault->lock);
	if (!fault->probability || !fault->times)
		return false;
	if (fault->space > 1) {
		fault->space--;
		return false;
	}
	if (fault->interval > 1 && ++fault->count % fault->interval)
		return false;
	if (fault->probability <= haltblk_fault_draw(fault, seed))
		return false;
	if (fault->times > 0)
		fault->times--;
	return true;
}

/**
 * haltblk_fault_hits - does it fail this time?
 * @fault: fault
 * @seed: what @probability draws from
 */
bool haltblk_fault_hits(struct haltblk_fault *fault, u64 seed)
{
	unsigned long flags;
	bool hits;

	if (!READ_ONCE(fault->probability))
		return false;
	spin_lock_irqsave(&fault->lock, flags);
	hits = haltblk_fault_decide(fault, seed);
	spin_unlock_irqrestore(&fault->lock, flags);
	return hits;
}
