/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: lists that are fetched from the driver.
 */
#ifndef LIBHALTBLK_TABLE_H
#define LIBHALTBLK_TABLE_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * libhaltblk_table_free() - free a list
 * @table: list or NULL
 *
 * Frees a list that libhaltblk_held(), libhaltblk_rules(),
 * libhaltblk_hctx_stats(), libhaltblk_list(), libhaltblk_config(),
 * libhaltblk_locks() or libhaltblk_pending() returned, with its entries.
 *
 * See also: libhaltblk_config(), libhaltblk_hctx_stats(), libhaltblk_held(),
 * libhaltblk_list(), libhaltblk_locks(), libhaltblk_pending(),
 * libhaltblk_rules()
 */
LIBHALTBLK_API void libhaltblk_table_free(struct libhaltblk_table *table);

/**
 * libhaltblk_held() - the held requests
 * @h: attached handle
 * @table: out: the list; NULL on an error
 *
 * Fetches the requests that the device holds, in the order they were held. The
 * list is a copy; free it with libhaltblk_table_free(). libhaltblk_held_at()
 * returns its entries:
 *
 * - id: number of the request, unique on its device until the module is
 *   unloaded
 * - tag, event: tag of the rule that holds it, and enum haltblk_event_id
 * - op, rq_flags: enum haltblk_op, HALTBLK_RQ_*
 * - sector, sectors: first sector and length in sectors of 512 bytes. At unmap
 *   those of the extent that is about to be freed, at writeback those of the
 *   block that is about to leave the cache. A flush has length 0.
 * - held_ns, age_ns: when it was held, CLOCK_MONOTONIC, and for how long it has
 *   been, in nanoseconds
 * - hctx, cpu: hardware queue, -1 in bio mode; processor that submitted it to
 *   the driver
 * - pid, comm: process that submitted it, and its name; 0 and "" if unknown
 *
 * Return: The number of entries, or a negative errno.
 *
 * Errors (attached, list):
 *
 * Example:
 *
 *	const struct haltblk_held *e;
 *	struct libhaltblk_table *held;
 *	size_t i;
 *
 *	if (libhaltblk_held(h, &held) < 0)
 *		return 1;
 *	for (i = 0; (e = libhaltblk_held_at(held, i)); i++)
 *		printf("%" PRIu64 " %s %s\n", (uint64_t)e->id, e->tag,
 *		       libhaltblk_word(LIBHALTBLK_OPS, e->op));
 *	libhaltblk_table_free(held);
 *
 * See also: libhaltblk_held_at(), libhaltblk_resume_ids(),
 * libhaltblk_rq_flags_text(), libhaltblk_table_free(), libhaltblk_wait(),
 * libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_held(struct libhaltblk *h,
				   struct libhaltblk_table **table);

/**
 * libhaltblk_rules() - the rules of a device
 * @h: attached handle
 * @table: out: the list; NULL on an error
 *
 * Fetches the rules of the device in the order they were armed, including spent
 * ones. The list is a copy; free it with libhaltblk_table_free().
 * libhaltblk_rule_at() returns its entries:
 *
 * - matches: requests that met all conditions while the rule was armed
 * - hits: requests that it acted on
 * - held: requests that it holds now
 * - armed: 1 while it can act, 0 once it is spent
 *
 * The other fields are as they were armed. libhaltblk_action_text() and
 * libhaltblk_rule_text() turn them into words.
 *
 * Return: The number of entries, or a negative errno.
 *
 * Errors (attached, list):
 *
 * See also: libhaltblk_action_text(), libhaltblk_break(), libhaltblk_remove(),
 * libhaltblk_rule_at(), libhaltblk_rule_text(), libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_rules(struct libhaltblk *h,
				    struct libhaltblk_table **table);

/**
 * libhaltblk_hctx_stats() - the counts of each hardware queue
 * @h: attached handle
 * @table: out: the list; NULL on an error
 *
 * Fetches the counts of each hardware queue of the device. In bio mode the list
 * has one entry; without power it is empty. The list is a copy; free it with
 * libhaltblk_table_free(). libhaltblk_hctx_stats_at() returns its entries:
 *
 * - submitted: requests that have reached the driver since power on
 * - completed: requests that it has ended, with or without an error
 * - failed: requests that it has ended with an error
 * - held: requests held now
 * - hctx: number of the queue, -1 in bio mode
 *
 * Return: The number of entries, or a negative errno.
 *
 * Errors (attached, list):
 *
 * See also: libhaltblk_hctx_stats_at(), libhaltblk_stats(),
 * libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_hctx_stats(struct libhaltblk *h,
					 struct libhaltblk_table **table);

/**
 * libhaltblk_list() - the haltblk devices
 * @h: handle with a session, which need not be attached
 * @table: out: the list; NULL on an error
 *
 * Fetches the list of haltblk devices, including those without power. The list
 * is a copy; free it with libhaltblk_table_free(). libhaltblk_list_at() returns
 * its entries:
 *
 * - name: name of the disk
 * - index: its number; UINT32_MAX without power
 * - flags: HALTBLK_DEV_F_POWERED: it is powered on; HALTBLK_DEV_F_LOAD: it was
 *   made when the module was loaded
 *
 * Return: The number of entries, or a negative errno.
 *
 * Errors (session, list):
 *
 * See also: libhaltblk_attach(), libhaltblk_create(), libhaltblk_list_at(),
 * libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_list(struct libhaltblk *h,
				   struct libhaltblk_table **table);

/**
 * libhaltblk_config() - the options of a device
 * @h: attached handle
 * @table: out: the list; NULL on an error
 *
 * Fetches the options of the device. The list is a copy; free it with
 * libhaltblk_table_free(). libhaltblk_config_at() returns its entries:
 *
 * - name: name of the option, which is also that of its attribute in configfs
 * - value: its value as the attribute shows it, without a newline
 *
 * The last two are power and index.
 *
 * Return: The number of entries, or a negative errno.
 *
 * Errors (attached, list):
 *
 * See also: haltblk(1), libhaltblk_config_at(), libhaltblk_has_option(),
 * libhaltblk_set(), libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_config(struct libhaltblk *h,
				     struct libhaltblk_table **table);

/**
 * libhaltblk_locks() - what the locks of lock_model cost
 * @h: attached handle
 * @table: out: the list; NULL on an error
 *
 * Fetches the counts of each lock that the option lock_model gives the device.
 * With lock_model=none and without power the list is empty. It is a copy; free
 * it with libhaltblk_table_free(). libhaltblk_lock_at() returns its entries:
 *
 * - name: haltblk_lock_hctx, haltblk_lock_submit, haltblk_lock_complete or
 *   haltblk_lock_shared, as /proc/lock_stat has it
 * - acquisitions: how often the lock was taken since power on
 * - contended: how often it was not free when it was asked for
 * - wait_ns: time spent waiting for it, in nanoseconds
 * - hold_ns: time for which it was held longer because of lock_hold_nsec, in
 *   nanoseconds
 * - hctx: for haltblk_lock_hctx the number of the hardware queue, or, in bio
 *   mode, of the group of processors; otherwise -1
 *
 * Return: The number of entries, or a negative errno.
 *
 * Errors (attached, list):
 *
 * Notes: While requests are under way, the figures of a lock are not all read
 * at the same moment.
 *
 * See also: libhaltblk_hctx_stats(), libhaltblk_lock_at(),
 * libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_locks(struct libhaltblk *h,
				    struct libhaltblk_table **table);

/**
 * libhaltblk_pending() - what a power cut now could lose
 * @h: attached handle
 * @table: out: the list; NULL on an error
 *
 * Fetches the writes of the device that a power cut could lose, in the order in
 * which they took effect. The list is a copy; free it with
 * libhaltblk_table_free(). libhaltblk_pending_at() returns its entries:
 *
 * - id: number of the request, as libhaltblk_held() has it. 0: a block of the
 *   volatile cache, of which only sector, sectors and order are known
 * - op, flags: enum haltblk_op, HALTBLK_RQ_*
 * - sector, sectors: first sector and length in sectors of 512 bytes
 * - completed: 1 if its submitter has been told that it is done
 * - order: a number that ascends
 *
 * Return: The number of entries, or a negative errno.
 *
 * Errors (attached, list):
 *
 * See also: libhaltblk_clone_keep(), libhaltblk_crash(),
 * libhaltblk_pending_at(), libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_pending(struct libhaltblk *h,
				      struct libhaltblk_table **table);

/**
 * libhaltblk_pending_at() - an entry of the list of libhaltblk_pending()
 * @table: list or NULL
 * @i: number of the entry, from 0
 *
 * libhaltblk_pending() describes the fields.
 *
 * Return: The entry, which is valid until the list is freed. NULL past the end,
 * for another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_pending(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_pending *
libhaltblk_pending_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_held_at() - an entry of the list of libhaltblk_held()
 * @table: list or NULL
 * @i: number of the entry, from 0
 *
 * libhaltblk_held() describes the fields.
 *
 * Return: The entry, which is valid until the list is freed. NULL past the end,
 * for another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_held(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_held *
libhaltblk_held_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_rule_at() - an entry of the list of libhaltblk_rules()
 * @table: list or NULL
 * @i: number of the entry, from 0
 *
 * libhaltblk_rules() describes the fields.
 *
 * Return: The entry, which is valid until the list is freed. NULL past the end,
 * for another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_rules(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_rule *
libhaltblk_rule_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_hctx_stats_at() - an entry of the list of libhaltblk_hctx_stats()
 * @table: list or NULL
 * @i: number of the entry, from 0
 *
 * libhaltblk_hctx_stats() describes the fields.
 *
 * Return: The entry, which is valid until the list is freed. NULL past the end,
 * for another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_hctx_stats(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_hctx_stats *
libhaltblk_hctx_stats_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_list_at() - an entry of the list of libhaltblk_list()
 * @table: list or NULL
 * @i: number of the entry, from 0
 *
 * libhaltblk_list() describes the fields.
 *
 * Return: The entry, which is valid until the list is freed. NULL past the end,
 * for another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_list(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_list_entry *
libhaltblk_list_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_config_at() - an entry of the list of libhaltblk_config()
 * @table: list or NULL
 * @i: number of the entry, from 0
 *
 * libhaltblk_config() describes the fields.
 *
 * Return: The entry, which is valid until the list is freed. NULL past the end,
 * for another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_config(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_config_entry *
libhaltblk_config_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_lock_at() - an entry of the list of libhaltblk_locks()
 * @table: list or NULL
 * @i: number of the entry, from 0
 *
 * libhaltblk_locks() describes the fields.
 *
 * Return: The entry, which is valid until the list is freed. NULL past the end,
 * for another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_locks(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_lock_stats *
libhaltblk_lock_at(const struct libhaltblk_table *table, size_t i);

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_TABLE_H */
