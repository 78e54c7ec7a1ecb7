// SPDX-License-Identifier: GPL-2.0-only
/* A pure part of the driver, compiled into the test module. */
#include "../media/store.c"
#include "store_io.h"

/* Remove one batch, so that a test can act before the next. */
unsigned int store_test_remove_batch(struct haltblk_store *store,
				     struct xa_state *xas, unsigned long first,
				     unsigned long last, struct list_head *gone)
{
	return haltblk_store_remove_batch(store, xas, first, last, false, gone);
}
