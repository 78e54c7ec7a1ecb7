// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * A set of sectors: a sorted array, searched by halves.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crash_cover.h"

/* Index of the first range that ends at @sector or later. */
static size_t find(const struct hb_cover *c, uint64_t sector)
{
	size_t low = 0, high = c->nr, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (c->ranges[mid].end < sector)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int hb_cover_add(struct hb_cover *c, uint64_t start, uint64_t end)
{
	size_t first = find(c, start), past = first;
	struct hb_cover_range *grown;

	while (past < c->nr && c->ranges[past].start <= end) {
		if (c->ranges[past].start < start)
			start = c->ranges[past].start;
		if (c->ranges[past].end > end)
			end = c->ranges[past].end;
		past++;
	}
	if (first == past && c->nr == c->room) {
		grown = realloc(c->ranges, (2 * c->room + 16) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		c->ranges = grown;
		c->room = 2 * c->room + 16;
	}
	memmove(&c->ranges[first + 1], &c->ranges[past],
		(c->nr - past) * sizeof(*c->ranges));
	c->nr += first + 1;
	c->nr -= past;
	c->ranges[first] = (struct hb_cover_range){ start, end };
	return 0;
}

bool hb_cover_has(const struct hb_cover *c, uint64_t start, uint64_t end)
{
	size_t i = find(c, end);

	return i < c->nr && c->ranges[i].start <= start;
}

void hb_cover_free(struct hb_cover *c)
{
	free(c->ranges);
}
