// SPDX-License-Identifier: GPL-2.0-only
/* The pure part under test, compiled into the test module. */
#include "../media/store.c"
#include "store_io.h"

/* One batch of a removal, so that a test can do something before the next. */
unsigned int store_test_remove_batch(struct haltblk_store *store,
				     struct xa_state *xas, unsigned long first,
				     unsigned long last, struct list_head *gone)
{
	return haltblk_store_remove_batch(store, xas, first, last, false, gone);
}
