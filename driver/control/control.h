/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by control.c (sessions and calls), call.c (the calls' structures),
 * keep.c (CRASH and CLONE), tables.c (tables that sessions list) and watch.c (records that they read).
 */
#ifndef HALTBLK_CONTROL_H
#define HALTBLK_CONTROL_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "haltblk.h"

struct file;
struct haltblk_device;
struct haltblk_watcher;
struct poll_table_struct;

/**
 * struct haltblk_session - an open of the control device
 * @dev: attached device, a reference; set once, by cmpxchg
 * @lock: protects @watcher and @entry_size; serializes readers
 * @watcher: the ring that read() empties, or NULL
 * @entry_size: size of a record as user space knows it
 * @owner: owner of the session's rules
 */
struct haltblk_session {
	struct haltblk_device *dev;
	struct mutex lock;
	struct haltblk_watcher *watcher;
	u32 entry_size;
	struct haltblk_owner owner;
};

/**
 * struct haltblk_call - an ioctl under way
 * @session: session of the file
 * @arg: the structure in user space
 * @size: size of the structure as the caller knows it
 * @dev: attached device
 * @why: reason of a refusal, or ""
 */
struct haltblk_call {
	struct haltblk_session *session;
	void __user *arg;
	u32 size;
	struct haltblk_device *dev;
	char why[HALTBLK_WHY_LEN];
};

/**
 * struct haltblk_gathered - a table in kernel memory
 * @buf: entries, to be freed with kvfree()
 * @nr: number of entries
 * @entry: size of an entry
 * @hdr: each entry begins with a struct haltblk_hdr, which gives its size
 */
struct haltblk_gathered {
	void *buf;
	u32 nr;
	size_t entry;
	bool hdr;
};

typedef int haltblk_gather_fn(struct haltblk_device *dev,
			      struct haltblk_gathered *g);

/* Largest size of a table entry or record that user space may ask for. */
#define HALTBLK_CALL_MAX_ENTRY	4096

/* call.c */
int haltblk_call_in(struct haltblk_call *call, void *buf, size_t len,
		    size_t least, u32 flags);
int haltblk_call_out(struct haltblk_call *call, const void *buf, size_t len);
void haltblk_call_tell(const struct haltblk_call *call);

/* haltblk_call_in() for the structure whose constants contain NAME. */
#define HALTBLK_CALL_IN(call, buf, NAME, flags)				\
	haltblk_call_in(call, buf, sizeof(*(buf)),			\
			HALTBLK_##NAME##_SIZE_0, flags)

/* watch.c */
int haltblk_watch_call(struct haltblk_call *call);
ssize_t haltblk_watch_read(struct file *file, char __user *buf, size_t len,
			   loff_t *pos);
__poll_t haltblk_watch_poll(struct file *file,
			    struct poll_table_struct *wait);

/* tables.c */
haltblk_gather_fn haltblk_tables_held;
haltblk_gather_fn haltblk_tables_rules;
haltblk_gather_fn haltblk_tables_hctx;
haltblk_gather_fn haltblk_tables_list;
haltblk_gather_fn haltblk_tables_config;
haltblk_gather_fn haltblk_tables_locks;
haltblk_gather_fn haltblk_tables_pending;
int haltblk_tables_answer(struct haltblk_call *call, haltblk_gather_fn *gather);
int haltblk_tables_stats(struct haltblk_call *call);

/* keep.c */
int haltblk_keep_crash(struct haltblk_call *call);
int haltblk_keep_clone(struct haltblk_call *call);

/* control.c */
int haltblk_control_init(void);
void haltblk_control_exit(void);

#endif /* HALTBLK_CONTROL_H */
