/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PURE. Random numbers that can be had again: each depends only on a seed and
 * on its number in the sequence. Any context, no locks, no state.
 */
#ifndef HALTBLK_RANDOM_H
#define HALTBLK_RANDOM_H

#include <linux/types.h>

/**
 * haltblk_random - get one number of a sequence
 * @seed: of the sequence
 * @nr: which number
 *
 * Return: any 64 bits.
 */
static inline u64 haltblk_random(u64 seed, u64 nr)
{
	u64 x = seed + nr * 0x9e3779b97f4a7c15ULL;

	/* Mix: every input bit affects every output bit. */
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
	return x ^ (x >> 32);
}

#endif /* HALTBLK_RANDOM_H */
