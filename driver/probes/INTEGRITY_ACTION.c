// SPDX-License-Identifier: GPL-2.0-only
/* 7.0: what bio_integrity_prep() must do is found out before. */
#include <linux/blk-integrity.h>

void probe(struct bio *bio);
void probe(struct bio *bio)
{
	bio_integrity_prep(bio, bio_integrity_action(bio));
}
