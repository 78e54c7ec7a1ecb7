/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A set of sectors, as ascending ranges that neither overlap nor touch.
 */
#ifndef HB_CRASH_COVER_H
#define HB_CRASH_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hb_cover_range {
	uint64_t start;
	uint64_t end;
};

struct hb_cover {
	struct hb_cover_range *ranges;
	size_t nr;
	size_t room;
};

/* Adds sectors from @start to before @end; 0 or -ENOMEM. */
int hb_cover_add(struct hb_cover *c, uint64_t start, uint64_t end);

/* Whether all sectors from @start to before @end are in the set. */
bool hb_cover_has(const struct hb_cover *c, uint64_t start, uint64_t end);

void hb_cover_free(struct hb_cover *c);

#endif /* HB_CRASH_COVER_H */
