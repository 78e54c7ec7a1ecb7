/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HALTBLK_STORE_IO_H
#define HALTBLK_STORE_IO_H

#include "media/store.h"

/* store_io.c */
int store_io_write(struct haltblk_store *store, u64 pos, const void *buf,
		   size_t len, gfp_t gfp);
void store_io_read(struct haltblk_store *store, u64 pos, void *buf, size_t len);

/* store.c */
unsigned int store_test_remove_batch(struct haltblk_store *store,
				     struct xa_state *xas, unsigned long first,
				     unsigned long last, struct list_head *gone);

#endif /* HALTBLK_STORE_IO_H */
