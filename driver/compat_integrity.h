/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels in the integrity metadata of bios. See compat.h.
 */
#ifndef HALTBLK_COMPAT_INTEGRITY_H
#define HALTBLK_COMPAT_INTEGRITY_H

#include <linux/blk-integrity.h>

#include "compat_gen.h"

/*
 * To 6.10 disks register a profile, which is in a module (t10-pi) that insmod
 * would not load. From 6.11 it is a part of the limits.
 */
#if defined(CONFIG_BLK_DEV_INTEGRITY) && defined(HALTBLK_HAVE_INTEGRITY_LIMITS)
#define HALTBLK_COMPAT_INTEGRITY	true
#else
#define HALTBLK_COMPAT_INTEGRITY	false
#endif

/**
 * haltblk_compat_integrity_prep - have the block layer generate or check tuples
 * @bio: bio of a bio driver, which need not have integrity metadata
 *
 * May sleep.
 *
 * Return: false if there is no memory, and the bio has ended.
 */
static inline bool haltblk_compat_integrity_prep(struct bio *bio)
{
#ifdef HALTBLK_HAVE_INTEGRITY_ACTION
	unsigned int action = bio_integrity_action(bio);

	if (action)
		bio_integrity_prep(bio, action);
	return true;
#else
	return bio_integrity_prep(bio);
#endif
}

/**
 * haltblk_compat_integrity_begin - go through the tuples of a bio
 * @bio: bio
 * @iter: set to the first one
 *
 * Return: false if it has none.
 */
static inline bool haltblk_compat_integrity_begin(struct bio *bio,
						  struct bvec_iter *iter)
{
#ifdef CONFIG_BLK_DEV_INTEGRITY
	if (!bio_integrity(bio))
		return false;
	*iter = bio_integrity(bio)->bip_iter;
	return true;
#else
	return false;
#endif
}

/* The piece of a page at this position. */
static inline struct bio_vec
haltblk_compat_integrity_vec(struct bio *bio, struct bvec_iter iter)
{
#ifdef CONFIG_BLK_DEV_INTEGRITY
	if (iter.bi_size)
		return bvec_iter_bvec(bio_integrity(bio)->bip_vec, iter);
#endif
	return (struct bio_vec) { };
}

static inline void haltblk_compat_integrity_advance(struct bio *bio,
						    struct bvec_iter *iter,
						    unsigned int bytes)
{
#ifdef CONFIG_BLK_DEV_INTEGRITY
	bvec_iter_advance(bio_integrity(bio)->bip_vec, iter, bytes);
#endif
}

#endif /* HALTBLK_COMPAT_INTEGRITY_H */
