/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: freeze block requests of a haltblk device at a named state.
 *
 * Conventions of every call:
 *  - it returns 0 or a positive number, or a negative errno; where it fails
 *    and has a handle, libhaltblk_why() says in a sentence what was refused,
 *    why, and what would do;
 *  - a device is named as "hb0" or "/dev/hb0", or by any path that leads to
 *    its node; a partition is none;
 *  - sectors are 512 bytes, lengths without a unit in their name are bytes;
 *  - a handle belongs to one thread at a time; different handles are
 *    independent of each other.
 *
 * Common errors: -ENOMEM; -EBADF no session is open; -ENXIO the driver is not
 * loaded; -EACCES or -EPERM the caller is not root; -ENODEV no such device, or
 * it is gone; -ENOTTY the loaded driver is older than the call; -EOVERFLOW a
 * list has more than 4194304 entries; for a structure given with its size
 * -EINVAL it is too short, -E2BIG it is longer than a page.
 *
 * Structures of haltblk.h that calls hand out only ever grow at their end, so
 * a program goes on reading the fields it was compiled with. They are reached
 * through accessors, never by pointer arithmetic over an array.
 *
 * A process whose own thread waits in the kernel for a held request cannot
 * close its session. Do I/O in another process than the one that will release
 * it, or let the rule's owner be the device.
 */
#ifndef LIBHALTBLK_H
#define LIBHALTBLK_H

#include <stddef.h>
#include <stdint.h>

#include <haltblk.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LIBHALTBLK_API __attribute__((visibility("default")))

struct libhaltblk;		/* a handle, with a session or without */
struct libhaltblk_rule;		/* a rule in the making */
struct libhaltblk_table;	/* a fetched list */
struct libhaltblk_limits;	/* the limits of a block device */

/* Handle and session: session.c */

/**
 * libhaltblk_version() - version of the library, "MAJOR.MINOR.PATCH"
 */
LIBHALTBLK_API const char *libhaltblk_version(void);

/**
 * libhaltblk_new() - make a handle
 * @h: out: the handle; NULL on an error
 *
 * A handle without a session serves for the calls on configuration, limits
 * and I/O.
 */
LIBHALTBLK_API int libhaltblk_new(struct libhaltblk **h);

/**
 * libhaltblk_free() - close the session, if there is one, and free the handle
 * @h: handle or NULL
 */
LIBHALTBLK_API void libhaltblk_free(struct libhaltblk *h);

/**
 * libhaltblk_why() - the reason of the last failure on this handle, or a warning
 * @h: handle
 *
 * Return: a sentence, valid until the next call on @h; "" when the last call
 * did not fail and warns of nothing.
 */
LIBHALTBLK_API const char *libhaltblk_why(const struct libhaltblk *h);

/**
 * libhaltblk_open() - open a session
 * @h: handle without a session
 *
 * Errors: -ENXIO the driver is not loaded, -EACCES/-EPERM not root, -EALREADY
 * a session is open.
 */
LIBHALTBLK_API int libhaltblk_open(struct libhaltblk *h);

/**
 * libhaltblk_close() - end the session
 * @h: handle; without a session nothing happens
 *
 * The session's own rules go and what they hold is released.
 */
LIBHALTBLK_API void libhaltblk_close(struct libhaltblk *h);

/**
 * libhaltblk_fd() - the session's file descriptor, for poll and the like
 * @h: handle
 *
 * Readable when there are events and libhaltblk_read_event() has handed out
 * those it had read before.
 *
 * Return: the descriptor (close-on-exec; do not close it), or -EBADF.
 */
LIBHALTBLK_API int libhaltblk_fd(const struct libhaltblk *h);

/**
 * libhaltblk_query() - what the loaded driver can do
 * @h: handle with a session
 * @query: out
 * @size: sizeof(*@query) as the caller knows it
 */
LIBHALTBLK_API int libhaltblk_query(struct libhaltblk *h,
				    struct haltblk_query *query, size_t size);

/**
 * libhaltblk_attach() - bind the session to a device
 * @h: handle with a session
 * @device: name
 *
 * Errors: -ENODEV no such device, -EBUSY the session is bound already.
 */
LIBHALTBLK_API int libhaltblk_attach(struct libhaltblk *h, const char *device);

/* Words: names.c */

/** enum libhaltblk_words - the lists of words that have numbers */
enum libhaltblk_words {
	LIBHALTBLK_EVENTS,	/* enum haltblk_event_id */
	LIBHALTBLK_OPS,		/* enum haltblk_op */
	LIBHALTBLK_ACTIONS,	/* enum haltblk_action */
	LIBHALTBLK_STATUSES,	/* enum haltblk_status */
	LIBHALTBLK_RQ_FLAGS,	/* bit numbers of HALTBLK_RQ_* */
	LIBHALTBLK_WHATS,	/* enum haltblk_what */
	LIBHALTBLK_KEYS,	/* bit numbers of HALTBLK_KEY_* */
};

/**
 * libhaltblk_word() - the word of a number
 * @which: list
 * @number: number in it
 *
 * Return: the word; NULL if this library knows none.
 */
LIBHALTBLK_API const char *libhaltblk_word(enum libhaltblk_words which,
					   unsigned int number);

/**
 * libhaltblk_number() - the number of a word
 * @h: handle for the reason, or NULL
 * @which: list
 * @word: word; for a status also the name of the errno that a process sees
 *	for it, as "EIO" for IOERR
 *
 * Return: number from 0; -EINVAL if there is none.
 */
LIBHALTBLK_API int libhaltblk_number(struct libhaltblk *h,
				     enum libhaltblk_words which,
				     const char *word);

/**
 * libhaltblk_parse_size() - a size in bytes with a suffix, as util-linux reads
 * @h: handle for the reason, or NULL
 * @text: number with K, M, G, T, P or E (powers of 1024; also KiB ...), or
 *	KB, MB ... (powers of 1000); a decimal fraction before a suffix is taken
 * @bytes: out
 *
 * Return: 0; -EINVAL not a size, -ERANGE 2^64 or more.
 */
LIBHALTBLK_API int libhaltblk_parse_size(struct libhaltblk *h,
					 const char *text, uint64_t *bytes);

/* Rules in the making: rule.c, rule_text.c */

/**
 * libhaltblk_rule_new() - begin a rule
 * @h: handle, which must outlive the rule
 * @rule: out: matches everything at every op, holds, once, owned by the
 *	session; event and tag are still missing
 */
LIBHALTBLK_API int libhaltblk_rule_new(struct libhaltblk *h,
				       struct libhaltblk_rule **rule);

/** libhaltblk_rule_free() - free a rule in the making; armed ones stay */
LIBHALTBLK_API void libhaltblk_rule_free(struct libhaltblk_rule *rule);

/**
 * libhaltblk_rule_event() - set the event
 * @rule: rule
 * @event: submit, media, complete, timeout, writeback or unmap
 *
 * Errors: -EINVAL.
 */
LIBHALTBLK_API int libhaltblk_rule_event(struct libhaltblk_rule *rule,
					 const char *event);

/**
 * libhaltblk_rule_tag() - set the tag
 * @rule: rule
 * @tag: 1 to 31 printable characters without blanks, '=' and ','
 *
 * Errors: -EINVAL.
 */
LIBHALTBLK_API int libhaltblk_rule_tag(struct libhaltblk_rule *rule,
				       const char *tag);

/**
 * libhaltblk_rule_session() - set the owner
 * @rule: rule
 * @session: not 0: the session; 0: the device
 */
LIBHALTBLK_API void libhaltblk_rule_session(struct libhaltblk_rule *rule,
					    int session);

/**
 * libhaltblk_rule_add() - add one condition, or set the action
 * @rule: rule
 * @word: KEY=VALUE with KEY one of
 *	op (comma list), sector (A, A+N or A-B with B included), hctx, cpu,
 *	pid (N or !N), comm (NAME or !NAME), flags (comma list), state,
 *	set_state, skip, count (0 for ever), chance (1/N), action (hold,
 *	delay=USEC, fail=STATUS, drop, torn=SECTORS, corrupt=BYTES, busy,
 *	count), owner (device or session)
 *
 * What a word can mean is checked here; what the driver can do with it, and
 * whether it fits the device, when the rule is armed.
 *
 * Errors: -EINVAL, also for a key that was added before.
 */
LIBHALTBLK_API int libhaltblk_rule_add(struct libhaltblk_rule *rule,
				       const char *word);

/**
 * libhaltblk_rule_get() - the rule as it would be armed
 * @rule: rule
 *
 * Return: valid until @rule is changed or freed.
 */
LIBHALTBLK_API const struct haltblk_rule *
libhaltblk_rule_get(struct libhaltblk_rule *rule);

/**
 * libhaltblk_action_text() - a rule's action as a word, "fail=IOERR"
 * @rule: rule
 * @buf: room for the text, always terminated
 * @len: bytes of @buf
 *
 * Return: length of the whole text, like snprintf.
 */
LIBHALTBLK_API int libhaltblk_action_text(const struct haltblk_rule *rule,
					  char *buf, size_t len);

/**
 * libhaltblk_rule_text() - a rule's conditions as words, blanks between them
 * @rule: rule
 * @buf: room for the text, always terminated; "" if it has none
 * @len: bytes of @buf
 *
 * Everything that libhaltblk_rule_add() takes but action=, and only where it
 * is not the default of the command.
 *
 * Return: length of the whole text, like snprintf.
 */
LIBHALTBLK_API int libhaltblk_rule_text(const struct haltblk_rule *rule,
					char *buf, size_t len);

/**
 * libhaltblk_rq_flags_text() - request flags as a comma list
 * @flags: HALTBLK_RQ_*
 * @buf: room for the text, always terminated; "" for no flag
 * @len: bytes of @buf
 *
 * Return: length of the whole text, like snprintf.
 */
LIBHALTBLK_API int libhaltblk_rq_flags_text(uint32_t flags, char *buf,
					    size_t len);

/* Breakpoints of the attached device: gate.c */

/**
 * libhaltblk_break() - arm a rule
 * @h: attached handle
 * @rule: rule with event and tag; it can be armed again or changed afterwards
 *
 * A rule that nothing can match while the device's options are what they are, as
 * one for flushes without a volatile cache, is armed; libhaltblk_why() says so.
 *
 * Errors: -EINVAL not legal for this driver, device or combination; -ENOSPC
 * HALTBLK_MAX_RULES rules are listed.
 */
LIBHALTBLK_API int libhaltblk_break(struct libhaltblk *h,
				    struct libhaltblk_rule *rule);

/**
 * libhaltblk_remove() - disarm rules and release what they hold, in order
 * @h: attached handle
 * @tag: their tag, or NULL for all rules
 * @removed: out: rules removed, or NULL
 *
 * Return: requests released. -ENOENT: no rule ever had @tag. -EINVAL: it cannot
 * be one.
 */
LIBHALTBLK_API int libhaltblk_remove(struct libhaltblk *h, const char *tag,
				     unsigned int *removed);

#define LIBHALTBLK_FOREVER UINT64_MAX

/**
 * libhaltblk_wait() - wait until requests are held
 * @h: attached handle
 * @tag: tag of their rules
 * @count: how many, from 1
 * @timeout_ns: how long, in nanoseconds; 0 looks once; LIBHALTBLK_FOREVER
 * @wait: out: matches, hits, held and armed; or NULL
 * @size: sizeof(*@wait) as the caller knows it
 *
 * Errors, with @wait filled in: -ETIME not in time, -ECANCELED too few are
 * held and every rule of @tag is gone, -EINTR a signal came. Without:
 * -ENOENT no rule ever had @tag, -EINVAL it cannot be one or @count is 0,
 * -ENODEV.
 */
LIBHALTBLK_API int libhaltblk_wait(struct libhaltblk *h, const char *tag,
				   unsigned int count, uint64_t timeout_ns,
				   struct haltblk_wait *wait, size_t size);

#define LIBHALTBLK_GO_ON (-1)

/**
 * libhaltblk_resume() - release held requests in the order they were held
 * @h: attached handle
 * @tag: those held under it, or NULL for all
 * @status: LIBHALTBLK_GO_ON, or the enum haltblk_status to end them with
 *
 * Return: requests released, also 0. -ENOENT: no rule ever had @tag. -EINVAL:
 * it cannot be one, or @status is none.
 */
LIBHALTBLK_API int libhaltblk_resume(struct libhaltblk *h, const char *tag,
				     int status);

/**
 * libhaltblk_resume_ids() - release held requests in a chosen order
 * @h: attached handle
 * @tag: tag they must all be held under, or NULL
 * @ids: their ids, no id twice
 * @nr_ids: 1 to 65536
 * @status: LIBHALTBLK_GO_ON, or the enum haltblk_status to end them with
 *
 * Return: requests released; none on an error. -ENOENT: one of them is not held.
 * -EINVAL: an id twice, too many or none; @tag cannot be one, @status is none.
 */
LIBHALTBLK_API int libhaltblk_resume_ids(struct libhaltblk *h, const char *tag,
					 const uint64_t *ids,
					 unsigned int nr_ids, int status);

/**
 * libhaltblk_step() - release a held request to its next state
 * @h: attached handle
 * @id: its id
 * @event: out: where it is held again, under the same tag: enum
 *	haltblk_event_id; or NULL
 *
 * Return: 1 held again; 0 it has ended, or is on its way and will be held.
 * -ENOENT: the id is not held.
 */
LIBHALTBLK_API int libhaltblk_step(struct libhaltblk *h, uint64_t id,
				   unsigned int *event);

/* What the device does: watch.c */

/**
 * libhaltblk_settle() - wait until exactly so many requests are in the driver
 * @h: attached handle
 * @inflight: requests the driver has, held ones included
 * @held: requests held
 * @timeout_ns: how long, in nanoseconds; LIBHALTBLK_FOREVER
 * @stats: out: the counts looked at last; or NULL
 * @size: sizeof(*@stats) as the caller knows it
 *
 * Returns when these counts are reached and no count of the device has changed
 * for 20 ms: nothing more is coming. A state that is reached in time gets its
 * 20 ms in any case.
 *
 * Errors: -ETIME, with @stats filled in; -EINTR a signal came.
 */
LIBHALTBLK_API int libhaltblk_settle(struct libhaltblk *h, uint64_t inflight,
				     uint64_t held, uint64_t timeout_ns,
				     struct haltblk_stats *stats, size_t size);

/**
 * libhaltblk_backtrace() - the kernel stack that submitted a held request
 * @h: attached handle
 * @id: its id
 * @buf: room for the text, always terminated: a line for each frame,
 *	innermost first
 * @len: bytes of @buf
 *
 * Return: length of the whole text, like snprintf. -ENOENT: the id is not
 * held. -ENODATA: its submitter is not known.
 */
LIBHALTBLK_API int libhaltblk_backtrace(struct libhaltblk *h, uint64_t id,
					char *buf, size_t len);

/**
 * libhaltblk_watch() - begin to record events, or stop
 * @h: attached handle
 * @what: one bit for each enum haltblk_what to record; 0 stops and forgets
 *	what was not read
 * @room: events that may wait to be read, 1 to 65536; 0 to stop
 *
 * Errors: -EBUSY the session records already, -EINVAL.
 */
LIBHALTBLK_API int libhaltblk_watch(struct libhaltblk *h, uint32_t what,
				    uint32_t room);

/**
 * libhaltblk_read_event() - the next event
 * @h: handle that records
 * @event: out
 * @size: sizeof(*@event) as the caller knows it
 * @timeout_ns: how long to wait for one, in nanoseconds, rounded up to
 *	milliseconds; 0 looks once; LIBHALTBLK_FOREVER
 *
 * Return: 1; 0 there will be none: the device is gone, or nothing is recorded.
 * -ETIME: none in time. -EINTR: a signal came. -EPROTO: no record has that size.
 */
LIBHALTBLK_API int libhaltblk_read_event(struct libhaltblk *h,
					 struct haltblk_event *event,
					 size_t size, uint64_t timeout_ns);

/* Lists: table.c */

/** libhaltblk_table_free() - free a list; @table may be NULL */
LIBHALTBLK_API void libhaltblk_table_free(struct libhaltblk_table *table);

/**
 * libhaltblk_held() - the held requests in the order they were held
 * @h: attached handle
 * @table: out: for libhaltblk_held_at(); NULL on an error
 *
 * Return: number of entries.
 */
LIBHALTBLK_API int libhaltblk_held(struct libhaltblk *h,
				   struct libhaltblk_table **table);

/** libhaltblk_rules() - the rules in the order they were armed */
LIBHALTBLK_API int libhaltblk_rules(struct libhaltblk *h,
				    struct libhaltblk_table **table);

/** libhaltblk_hctx_stats() - the counts of each hardware queue */
LIBHALTBLK_API int libhaltblk_hctx_stats(struct libhaltblk *h,
					 struct libhaltblk_table **table);

/** libhaltblk_list() - the devices; the handle need not be attached */
LIBHALTBLK_API int libhaltblk_list(struct libhaltblk *h,
				   struct libhaltblk_table **table);

/** libhaltblk_config() - the options of the attached device */
LIBHALTBLK_API int libhaltblk_config(struct libhaltblk *h,
				     struct libhaltblk_table **table);

/**
 * libhaltblk_locks() - what the locks of the option lock_model cost
 *
 * Empty with lock_model=none and without power; -ENOTTY: an older driver.
 */
LIBHALTBLK_API int libhaltblk_locks(struct libhaltblk *h,
				    struct libhaltblk_table **table);

/**
 * libhaltblk_held_at() - one entry of a list; the others likewise
 * @table: list of held requests
 * @i: from 0
 *
 * Return: valid while @table is; NULL past the end or for another kind of
 * list.
 */
LIBHALTBLK_API const struct haltblk_held *
libhaltblk_held_at(const struct libhaltblk_table *table, size_t i);
LIBHALTBLK_API const struct haltblk_rule *
libhaltblk_rule_at(const struct libhaltblk_table *table, size_t i);
LIBHALTBLK_API const struct haltblk_hctx_stats *
libhaltblk_hctx_stats_at(const struct libhaltblk_table *table, size_t i);
LIBHALTBLK_API const struct haltblk_list_entry *
libhaltblk_list_at(const struct libhaltblk_table *table, size_t i);
LIBHALTBLK_API const struct haltblk_config_entry *
libhaltblk_config_at(const struct libhaltblk_table *table, size_t i);
LIBHALTBLK_API const struct haltblk_lock_stats *
libhaltblk_lock_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_stats() - the counts of the attached device
 * @h: attached handle
 * @stats: out
 * @size: sizeof(*@stats) as the caller knows it
 */
LIBHALTBLK_API int libhaltblk_stats(struct libhaltblk *h,
				    struct haltblk_stats *stats, size_t size);

/* Devices through configfs: config.c, device.c, node.c. No session needed. */

/**
 * libhaltblk_device_name() - the name of a device that is given by a path
 * @h: handle
 * @device: NAME, /dev/NAME, or a path that leads to the node of the disk
 * @name: out
 *
 * NAME and /dev/NAME need not exist: a device without power has no node.
 *
 * Errors: -ENODEV it leads to nothing, or to a partition; the reason names the
 * disk and the first sector; -ENOTBLK it leads to something else.
 */
LIBHALTBLK_API int libhaltblk_device_name(struct libhaltblk *h,
					  const char *device,
					  char name[HALTBLK_NAME_LEN]);

/**
 * libhaltblk_new_name() - the name of a device that is to be made
 * @h: handle
 * @device: NAME or /dev/NAME
 * @name: out
 *
 * Errors: -EINVAL no device can have this name; it takes 1 to 31 printable
 * characters without blanks, '/' and '!'.
 */
LIBHALTBLK_API int libhaltblk_new_name(struct libhaltblk *h,
				       const char *device,
				       char name[HALTBLK_NAME_LEN]);

/**
 * libhaltblk_create() - make a device
 * @h: handle
 * @device: name, as libhaltblk_new_name() takes it
 * @options: KEY=VALUE words, written in this order, but power= last
 * @nr: how many
 *
 * Powers the device on unless power=0 is among them. If anything fails, the
 * device is gone again.
 *
 * Errors: -EEXIST; -ENOPROTOOPT an unknown option; -EINVAL a name that no
 * device can have, a value that the driver refuses, or a word that is not
 * KEY=VALUE.
 */
LIBHALTBLK_API int libhaltblk_create(struct libhaltblk *h, const char *device,
				     const char *const *options, size_t nr);

/**
 * libhaltblk_destroy() - power a device off and remove it
 * @h: handle
 * @device: name
 *
 * Errors: -ENODEV; -EPERM made at module load, so only unloading removes it.
 */
LIBHALTBLK_API int libhaltblk_destroy(struct libhaltblk *h, const char *device);

/**
 * libhaltblk_set() - set one option
 * @h: handle
 * @device: name
 * @option: KEY=VALUE
 *
 * Errors: -ENODEV; -EPERM made at module load; -ENOPROTOOPT an unknown
 * option; -EINVAL refused; -EBUSY not while the device is powered; -EEXIST
 * power=1 and another driver has a disk of that name.
 */
LIBHALTBLK_API int libhaltblk_set(struct libhaltblk *h, const char *device,
				  const char *option);

/**
 * libhaltblk_has_option() - whether a device has an option
 * @h: handle
 * @device: name
 * @option: KEY=VALUE or KEY
 *
 * Return: 0; -ENOPROTOOPT with a reason that lists those it has; -ENODEV.
 */
LIBHALTBLK_API int libhaltblk_has_option(struct libhaltblk *h,
					 const char *device,
					 const char *option);

/**
 * libhaltblk_power() - power a device on or off
 * @h: handle
 * @device: name
 * @on: 1 or 0
 *
 * Errors: -ENODEV; -EPERM made at module load; -EINVAL options do not go
 * together; -EEXIST another driver has a disk of that name.
 */
LIBHALTBLK_API int libhaltblk_power(struct libhaltblk *h, const char *device,
				    int on);

/**
 * libhaltblk_wait_node() - wait for a device's node
 * @h: handle, preferably the one that powered the device on
 * @device: name
 * @timeout_ns: how long, in nanoseconds
 *
 * Returns when /dev/NAME is a block device and udev, where it runs, has dealt
 * with it.
 *
 * Return: 0; 1 the node is there and udev has not dealt with it in time;
 * -ETIME no node.
 */
LIBHALTBLK_API int libhaltblk_wait_node(struct libhaltblk *h,
					const char *device,
					uint64_t timeout_ns);

/* Any block device: blkdev.c, limits.c. No session needed. */

#define LIBHALTBLK_SHARED	(1U << 0)	/* even if the device is in use */
#define LIBHALTBLK_UNCHECKED	(1U << 1)	/* let the kernel refuse the range */
#define LIBHALTBLK_TO_END	UINT64_MAX	/* length: up to the end */

enum libhaltblk_range_op {
	LIBHALTBLK_DISCARD,	/* BLKDISCARD */
	LIBHALTBLK_ZEROOUT,	/* BLKZEROOUT */
	LIBHALTBLK_SECDISCARD,	/* BLKSECDISCARD */
};

/**
 * struct libhaltblk_range - what is to be done to a range
 * @op: which of the three
 * @offset: first byte, a multiple of the logical block size
 * @length: bytes, likewise, or LIBHALTBLK_TO_END, which becomes a number
 * @step: bytes of one ioctl, likewise; 0: all with one
 * @flags: LIBHALTBLK_SHARED, LIBHALTBLK_UNCHECKED; the latter asks the kernel
 *	for any range but an empty one, for which some kernels drop the cache
 *	of the whole device
 * @progress: called after each step, or NULL
 * @ctx: the caller's
 * @done: out: bytes done
 */
struct libhaltblk_range {
	enum libhaltblk_range_op op;
	uint64_t offset;
	uint64_t length;
	uint64_t step;
	unsigned int flags;
	void (*progress)(const struct libhaltblk_range *range);
	void *ctx;
	uint64_t done;
};

/**
 * libhaltblk_range() - discard, zero-out or secure discard, in steps
 * @h: handle
 * @device: name or path of a block device
 * @range: what; @range->done tells how far it came, also on an error
 *
 * The device is held exclusively over all steps. The caller waits in the
 * kernel, unkillably, while the request is held.
 *
 * Errors: -ENODEV, -ENOTBLK no block device; -EBUSY in use, or a disk with
 * partitions; -EROFS; -EINVAL misaligned, empty or past the end; -EOPNOTSUPP;
 * whatever the request ended with.
 */
LIBHALTBLK_API int libhaltblk_range(struct libhaltblk *h, const char *device,
				    struct libhaltblk_range *range);

/**
 * libhaltblk_open_blkdev() - open a block device to write to it
 * @h: handle
 * @device: name or path
 * @flags: LIBHALTBLK_SHARED, or 0: exclusively, and no disk with partitions
 *
 * Return: a descriptor, or a negative errno: -EBUSY in use, and the reason says
 * by whom; -ENODEV, -ENOTBLK, -EACCES, -EROFS.
 */
LIBHALTBLK_API int libhaltblk_open_blkdev(struct libhaltblk *h,
					  const char *device,
					  unsigned int flags);

/**
 * libhaltblk_discard() - BLKDISCARD
 * @h: handle
 * @device: name or path of a block device
 * @offset: as in struct libhaltblk_range
 * @length: likewise
 * @flags: likewise
 *
 * libhaltblk_range() with one step.
 *
 * Errors: -ENODEV, -ENOTBLK no block device; -EBUSY in use; -EROFS; -EINVAL
 * misaligned, empty or past the end; -EOPNOTSUPP; whatever the request ended
 * with.
 */
LIBHALTBLK_API int libhaltblk_discard(struct libhaltblk *h, const char *device,
				      uint64_t offset, uint64_t length,
				      unsigned int flags);
/** libhaltblk_zeroout() - BLKZEROOUT, otherwise as libhaltblk_discard() */
LIBHALTBLK_API int libhaltblk_zeroout(struct libhaltblk *h, const char *device,
				      uint64_t offset, uint64_t length,
				      unsigned int flags);
/** libhaltblk_secdiscard() - BLKSECDISCARD, otherwise as libhaltblk_discard() */
LIBHALTBLK_API int libhaltblk_secdiscard(struct libhaltblk *h,
					 const char *device, uint64_t offset,
					 uint64_t length, unsigned int flags);

/**
 * struct libhaltblk_limit - one limit of a block device
 * @name: as the kernel calls it: a file in sysfs, an ioctl, an option of ours
 * @value: as the kernel gives it; NULL when it does not show it
 * @unit: "bytes", "sectors", "KiB" or ""
 * @source: "sysfs", "ioctl", "haltblk", or "" when not shown
 * @note: what the value means, or why there is none; ""
 */
struct libhaltblk_limit {
	const char *name;
	const char *value;
	const char *unit;
	const char *source;
	const char *note;
};

/**
 * libhaltblk_limits() - every limit of a block device
 * @h: handle; a session of its own is used for a haltblk device
 * @device: name or path of a block device or partition
 * @limits: out: NULL on an error
 *
 * Return: number of limits. -ENODEV, -ENOTBLK: no block device.
 */
LIBHALTBLK_API int libhaltblk_limits(struct libhaltblk *h, const char *device,
				     struct libhaltblk_limits **limits);

/** libhaltblk_limit_at() - one limit; NULL past the end */
LIBHALTBLK_API const struct libhaltblk_limit *
libhaltblk_limit_at(const struct libhaltblk_limits *limits, size_t i);

/** libhaltblk_limits_free() - free them; @limits may be NULL */
LIBHALTBLK_API void libhaltblk_limits_free(struct libhaltblk_limits *limits);

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_H */
