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
 * Structures of haltblk.h that calls hand out only ever grow at their end, so
 * a program goes on reading the fields it was compiled with. They are reached
 * through accessors, never by pointer arithmetic over an array.
 *
 * A process whose own thread waits in the kernel for a held request cannot
 * close its session. Do I/O in another process than the one that will release
 * it, or let the rule's owner be the device.
 *
 * The manual pages of section 3 are made from the comments below. A comment has
 * a paragraph for what it does, and where they apply "Return:", "Errors:",
 * "Notes:", "Example:" and "See also:", in this order. "Errors (attached):"
 * stands for the errors of that name in this list:
 *
 * Errors of every call that needs root (root):
 * -ENXIO: The driver is not loaded.
 * -EACCES: The caller is not root.
 * -EPERM: The caller may not write there.
 *
 * Errors of calls on a device through configfs (configfs):
 * -ENXIO: The driver is not loaded.
 * -EACCES: The caller is not root.
 * -EPERM: The caller may not write there; or the device was made when the
 *   module was loaded: module parameters configure it, and only unloading
 *   removes it.
 * -ENODEV: There is no haltblk device of that name, or @device cannot be the
 *   name of one.
 *
 * Errors of calls that need a session (session):
 * -EBADF: No session is open on @h: libhaltblk_open() comes first.
 * -ENOTTY: The loaded driver is older than this library and does not know the
 *   call.
 *
 * Errors of calls that need a session with a device (attached):
 * -EBADF: No session is open on @h: libhaltblk_open() comes first.
 * -ENODEV: The session is not attached to a device: libhaltblk_attach() comes
 *   first. Or the device was removed.
 * -ENOTTY: The loaded driver is older than this library and does not know the
 *   call.
 *
 * Errors of calls that fetch a list (list):
 * -ENOMEM: There is not enough memory.
 * -EOVERFLOW: The driver lists more than 4194304 entries.
 *
 * Errors of calls that fill in a structure of a given size (sized):
 * -EINVAL: @size is smaller than the structure that the driver knows, or than
 *   its header.
 * -E2BIG: @size is larger than a page of memory.
 *
 * Errors of the discard family (range):
 * -ENODEV: There is no such device.
 * -ENOTBLK: It is not a block device.
 * -EBUSY: It is in use.
 * -EACCES: It may not be written.
 * -EPERM: It may not be written.
 * -EROFS: It is read-only.
 * -EINVAL: The range is empty, misaligned or past the end, or @flags has an
 *   unknown bit. The reason has the figures.
 * -EOPNOTSUPP: The device does not support it.
 *
 * Errors of calls that take memory (memory):
 * -ENOMEM: There is not enough memory.
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
 * libhaltblk_version() - version of the library
 *
 * Returns the version of the library that the program runs with. The version
 * of the driver's interface is another one: see libhaltblk_query().
 *
 * Return: A string of the form MAJOR.MINOR.PATCH.
 *
 * See also: libhaltblk_query()
 */
LIBHALTBLK_API const char *libhaltblk_version(void);

/**
 * libhaltblk_new() - make a handle
 * @h: out: the handle; NULL on an error
 *
 * Makes a handle and stores it in *@h. Most other calls take one.
 *
 * A handle has no session. It serves as it is for the calls on configuration,
 * limits and discard (libhaltblk_create(), libhaltblk_limits(),
 * libhaltblk_discard() and their kind); libhaltblk_open() begins a session on
 * it.
 *
 * A handle belongs to one thread at a time. Different handles are independent
 * of each other.
 *
 * Return: 0; or a negative errno, and *@h is NULL.
 *
 * Errors (memory):
 *
 * See also: libhaltblk_free(), libhaltblk_open(), libhaltblk_why()
 */
LIBHALTBLK_API int libhaltblk_new(struct libhaltblk **h);

/**
 * libhaltblk_free() - close the session and free a handle
 * @h: handle or NULL
 *
 * Frees @h, which may be NULL. If a session is open on it, that ends first, as
 * with libhaltblk_close(): the rules that it owns go, and what they hold is
 * released.
 *
 * Rules in the making and lists that were fetched with the handle are not
 * freed. A rule in the making must not be used any more, but can be freed with
 * libhaltblk_rule_free(); a list can be read, and is freed with
 * libhaltblk_table_free().
 *
 * See also: libhaltblk_close(), libhaltblk_new()
 */
LIBHALTBLK_API void libhaltblk_free(struct libhaltblk *h);

/**
 * libhaltblk_why() - reason of the last failure, or a warning
 * @h: handle
 *
 * Returns a sentence about the last call on @h: what it was refused, why, and
 * what would do. It is the driver's own sentence where that has one, with the
 * figure or the name that was wrong. It has no newline at its end.
 *
 * Return: A string, never NULL, that is valid until the next call on @h; the
 * empty string when the last call did not fail. After libhaltblk_break()
 * returned 0 it can be a warning.
 *
 * Notes: Calls that return no negative errno leave it as it is, and so does
 * libhaltblk_fd().
 *
 * Example:
 *
 *	int r = libhaltblk_open(h);
 *
 *	if (r)
 *		fprintf(stderr, "%s\n", libhaltblk_why(h));
 *
 * See also: libhaltblk_new()
 */
LIBHALTBLK_API const char *libhaltblk_why(const struct libhaltblk *h);

/**
 * libhaltblk_open() - open a session
 * @h: handle without a session
 *
 * Opens /dev/haltblk-control, which is a session with the driver. Before the
 * calls on a device's rules, requests and counts the session is bound to that
 * device with libhaltblk_attach().
 *
 * The descriptor of the session is close-on-exec. The session ends when its
 * last copy is closed: by libhaltblk_close(), by libhaltblk_free(), or when
 * the process ends, however it does. A copy that a child has after fork(2)
 * counts.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (root):
 * -EALREADY: A session is open on @h.
 * -ENFILE: HALTBLK_MAX_SESSIONS sessions (4096) are open, or as many files as
 *   the system allows.
 * -EACCES: The caller is not root, or the mode of the control device forbids
 *   it.
 * -EPERM: The caller lacks the capability CAP_SYS_ADMIN.
 *
 * Notes: A process with a thread that waits in the kernel for a held request
 * cannot close its session by ending, for the thread does not end. When such a
 * process is killed, the driver releases what its session holds, so that it
 * can end. Do I/O in another process than the one that will release it, or let
 * the rule's owner be the device (libhaltblk_rule_session()).
 *
 * Other errors of open(2) are passed on.
 *
 * See also: haltblk(1), libhaltblk_attach(), libhaltblk_close(),
 * libhaltblk_fd(), libhaltblk_query()
 */
LIBHALTBLK_API int libhaltblk_open(struct libhaltblk *h);

/**
 * libhaltblk_close() - end the session
 * @h: handle; without a session nothing happens
 *
 * Ends the session on @h. Rules that the session owns are removed, and what
 * they hold is released, in the order it was held. Events that were recorded
 * and not read are forgotten. Without a session nothing happens.
 *
 * The handle can be used on: another session can be opened on it.
 *
 * Notes: While another process has a copy of the descriptor, as after fork(2),
 * the session goes on there.
 *
 * See also: libhaltblk_free(), libhaltblk_open(), libhaltblk_rule_session()
 */
LIBHALTBLK_API void libhaltblk_close(struct libhaltblk *h);

/**
 * libhaltblk_fd() - file descriptor of the session
 * @h: handle
 *
 * Returns the session's descriptor, for poll(2) and the like. It belongs to
 * the handle: do not close it, and do not read it; libhaltblk_read_event()
 * does that.
 *
 * On a handle that records events (libhaltblk_watch()) poll(2) tells POLLIN
 * when the driver has events, and POLLHUP when the device was removed. On a
 * handle that is not attached it tells POLLERR.
 *
 * Return: The descriptor, which is close-on-exec, or a negative errno.
 *
 * Errors:
 * -EBADF: No session is open on @h.
 *
 * Notes: libhaltblk_read_event() takes several events from the driver at a
 * time and keeps those it has not handed out. Call it, with a timeout of 0,
 * until it returns -ETIME before the next poll(2).
 *
 * See also: poll(2), libhaltblk_open(), libhaltblk_read_event(),
 * libhaltblk_watch()
 */
LIBHALTBLK_API int libhaltblk_fd(const struct libhaltblk *h);

/**
 * libhaltblk_query() - what the loaded driver can do
 * @h: handle with a session
 * @query: out
 * @size: sizeof(*@query) as the caller knows it
 *
 * Asks the driver what it can do and fills in the first @size bytes of
 * *@query; give sizeof(struct haltblk_query). The session need not be
 * attached.
 *
 * - abi: version of the interface, HALTBLK_ABI_VERSION of the driver
 * - events: one bit for each enum haltblk_event_id that a rule can name
 * - ops: one bit for each enum haltblk_op
 * - actions: one bit for each enum haltblk_action
 * - keys: the HALTBLK_KEY_* bits of conditions that a rule can have
 * - statuses: one bit for each enum haltblk_status that a request can end with
 * - ioctls: one bit for each ioctl number
 *
 * Return: 0, or a negative errno.
 *
 * Errors (session, sized):
 *
 * Example:
 *
 *	struct haltblk_query q;
 *
 *	if (!libhaltblk_query(h, &q, sizeof(q)) &&
 *	    q.events & 1U << HALTBLK_EVENT_WRITEBACK)
 *		puts("this driver knows the event writeback");
 *
 * See also: libhaltblk_open(), libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_query(struct libhaltblk *h,
				    struct haltblk_query *query, size_t size);

/**
 * libhaltblk_attach() - bind the session to a device
 * @h: handle with a session
 * @device: name
 *
 * Binds the session on @h to the haltblk device @device, given as NAME,
 * /dev/NAME, or any path that leads to its node; a partition is refused. The
 * device need not be powered on. All calls on rules, held requests, counts,
 * events and options then speak of this device.
 *
 * A session is bound once. To speak to another device open a session on
 * another handle, or close this one first.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (session):
 * -ENODEV: There is no haltblk device of that name, or @device cannot be the
 *   name of one.
 * -EBUSY: The session is attached already.
 *
 * See also: libhaltblk_create(), libhaltblk_list(), libhaltblk_open()
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
 * libhaltblk_word() - word of a number
 * @which: list
 * @number: number in it
 *
 * Returns the word for @number in the list @which:
 *
 * - LIBHALTBLK_EVENTS: enum haltblk_event_id: submit, media, complete,
 *   timeout, writeback, unmap
 * - LIBHALTBLK_OPS: enum haltblk_op: read, write, flush, discard,
 *   secure_erase, write_zeroes, zone_append, zone_reset, zone_open,
 *   zone_close, zone_finish (no driver takes the last five in a rule yet)
 * - LIBHALTBLK_ACTIONS: enum haltblk_action: hold, delay, fail, drop, torn,
 *   corrupt, busy, crash (reserved), count
 * - LIBHALTBLK_STATUSES: enum haltblk_status: OK, NOTSUPP, TIMEOUT, NOSPC,
 *   TRANSPORT, TARGET, RESV_CONFLICT, MEDIUM, PROTECTION, RESOURCE, IOERR,
 *   AGAIN, OFFLINE, ZONE_OPEN_RESOURCE, ZONE_ACTIVE_RESOURCE, DURATION_LIMIT,
 *   INVAL
 * - LIBHALTBLK_RQ_FLAGS: numbers of the bits of HALTBLK_RQ_*: fua, sync, meta,
 *   prio, rahead, nowait, polled, nounmap
 * - LIBHALTBLK_WHATS: enum haltblk_what: submitted, held, released, acted,
 *   timed_out, completed, failed, lost
 * - LIBHALTBLK_KEYS: numbers of the bits of HALTBLK_KEY_*: op, sector, hctx,
 *   cpu, pid, comm, flags, state, set_state, chance
 *
 * Return: The word; NULL if this library knows none, as for what a newer
 * driver has.
 *
 * See also: libhaltblk_number(), libhaltblk_query(),
 * libhaltblk_rq_flags_text()
 */
LIBHALTBLK_API const char *libhaltblk_word(enum libhaltblk_words which,
					   unsigned int number);

/**
 * libhaltblk_number() - number of a word
 * @h: handle for the reason, or NULL
 * @which: list
 * @word: word; for a status also the name of the errno that a process sees for
 *	it, as "EIO" for IOERR
 *
 * Returns the number of @word in the list @which; libhaltblk_word() has the
 * lists. @h takes the reason of a failure and may be NULL.
 *
 * For a status the name of the errno that a process sees for it will do as
 * well: EOPNOTSUPP or ENOTSUP for NOTSUPP, ETIMEDOUT for TIMEOUT, ENOSPC for
 * NOSPC, ENOLINK for TRANSPORT, EREMOTEIO for TARGET, EBADE for RESV_CONFLICT,
 * ENODATA for MEDIUM, EILSEQ for PROTECTION, ENOMEM for RESOURCE, EIO for
 * IOERR, EAGAIN or EWOULDBLOCK for AGAIN, ENODEV for OFFLINE, ETOOMANYREFS for
 * ZONE_OPEN_RESOURCE, EOVERFLOW for ZONE_ACTIVE_RESOURCE, ETIME for
 * DURATION_LIMIT, EINVAL for INVAL. NEXUS is an older name of RESV_CONFLICT.
 *
 * Return: A number from 0, or a negative errno.
 *
 * Errors:
 * -EINVAL: The list has no such word, or there is no such list. The reason
 *   names the words that a rule can use: those that the driver of the session
 *   takes, or without a session those that any driver of this version takes.
 *
 * See also: libhaltblk_parse_size(), libhaltblk_resume(), libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_number(struct libhaltblk *h,
				     enum libhaltblk_words which,
				     const char *word);

/**
 * libhaltblk_parse_size() - read a size with a suffix
 * @h: handle for the reason, or NULL
 * @text: number with K, M, G, T, P or E (powers of 1024; also KiB ...), or KB,
 *	MB ... (powers of 1000); a decimal fraction before a suffix is taken
 * @bytes: out
 *
 * Reads @text as a size and stores it in *@bytes. The text is a number,
 * decimal or hexadecimal with 0x, and then nothing or one of
 *
 * - K, M, G, T, P, E, or KiB, MiB and so on: powers of 1024
 * - KB, MB, GB, TB, PB, EB: powers of 1000
 *
 * in upper or lower case. A decimal fraction may stand before a suffix, as in
 * 1.5MiB; its first nine digits count, and what is less than a byte is
 * dropped. @h takes the reason of a failure and may be NULL.
 *
 * Return: 0; or a negative errno, and *@bytes is unchanged.
 *
 * Errors:
 * -EINVAL: @text is not a size, has an unknown suffix, or a fraction without
 *   one.
 * -ERANGE: The size is 2^64 bytes or more.
 *
 * Example:
 *
 *	uint64_t length;
 *
 *	if (!libhaltblk_parse_size(h, "64KiB", &length))
 *		libhaltblk_discard(h, "hb0", 0, length, 0);
 *
 * See also: libhaltblk_discard(), libhaltblk_number()
 */
LIBHALTBLK_API int libhaltblk_parse_size(struct libhaltblk *h,
					 const char *text, uint64_t *bytes);

/* Rules in the making: rule.c, rule_text.c */

/**
 * libhaltblk_rule_new() - begin a rule
 * @h: handle, which must outlive the rule
 * @rule: out: matches everything at every op, holds, once, owned by the
 *	session; event and tag are still missing
 *
 * Makes a rule and stores it in *@rule. It matches every request of every
 * operation, holds the first one that it matches, and then is spent; the
 * session owns it. Set its event and its tag, add conditions with
 * libhaltblk_rule_add(), and arm it with libhaltblk_break().
 *
 * @h takes the reasons of failures of all calls on the rule, and must outlive
 * it. It needs no session until the rule is armed.
 *
 * Return: 0; or a negative errno, and *@rule is NULL.
 *
 * Errors (memory):
 *
 * Notes: A rule whose event was never set has the event submit.
 * libhaltblk_break() refuses one without a tag.
 *
 * See also: libhaltblk_break(), libhaltblk_rule_add(),
 * libhaltblk_rule_event(), libhaltblk_rule_free(), libhaltblk_rule_session(),
 * libhaltblk_rule_tag()
 */
LIBHALTBLK_API int libhaltblk_rule_new(struct libhaltblk *h,
				       struct libhaltblk_rule **rule);

/**
 * libhaltblk_rule_free() - free a rule in the making
 * @rule: rule
 *
 * Frees what libhaltblk_rule_new() made. @rule may be NULL. Rules that were
 * armed from it stay armed: libhaltblk_remove() removes those.
 *
 * See also: libhaltblk_remove(), libhaltblk_rule_new()
 */
LIBHALTBLK_API void libhaltblk_rule_free(struct libhaltblk_rule *rule);

/**
 * libhaltblk_rule_event() - set the event of a rule
 * @rule: rule
 * @event: submit, media, complete, timeout, writeback or unmap
 *
 * Sets the state at which the rule looks at requests:
 *
 * - submit: the driver has it; it has had no effect
 * - media: admitted; no data has moved yet
 * - complete: its data has moved and others can see it; the submitter has not
 *   been told
 * - timeout: the timeout handler of blk-mq has run for it; not in bio mode
 * - writeback: a cached block is about to leave the volatile cache for the
 *   media; with cache=volatile
 * - unmap: an extent is about to be freed by a discard, a secure erase or a
 *   write-zeroes; with memory_backed=1
 *
 * Whether the loaded driver has the event is seen when the rule is armed, and
 * by libhaltblk_query() before.
 *
 * Return: 0; or a negative errno, and the rule is unchanged.
 *
 * Errors:
 * -EINVAL: @event is none of these words.
 *
 * See also: libhaltblk_break(), libhaltblk_query(), libhaltblk_rule_new()
 */
LIBHALTBLK_API int libhaltblk_rule_event(struct libhaltblk_rule *rule,
					 const char *event);

/**
 * libhaltblk_rule_tag() - set the tag of a rule
 * @rule: rule
 * @tag: 1 to 31 printable characters without blanks, '=' and ','
 *
 * Sets the name under which the rule's requests are waited for and released: 1
 * to 31 printable ASCII characters without blanks, the equals sign and the
 * comma. Several rules may have one tag.
 *
 * Return: 0; or a negative errno, and the rule is unchanged.
 *
 * Errors:
 * -EINVAL: @tag is empty, too long, or has a character that is not allowed;
 *   the reason tells which.
 *
 * See also: libhaltblk_remove(), libhaltblk_resume(), libhaltblk_rule_new(),
 * libhaltblk_wait()
 */
LIBHALTBLK_API int libhaltblk_rule_tag(struct libhaltblk_rule *rule,
				       const char *tag);

/**
 * libhaltblk_rule_session() - set the owner of a rule
 * @rule: rule
 * @session: not 0: the session; 0: the device
 *
 * Sets who owns the rule once it is armed. If @session is not 0, the default,
 * the session does: when it ends the rule is removed, and what it holds is
 * released. If it is 0, the device does: the rule stays until it is removed or
 * the device is powered off.
 *
 * It does the same as owner=session and owner=device with
 * libhaltblk_rule_add().
 *
 * See also: libhaltblk_close(), libhaltblk_rule_add(), libhaltblk_rule_new()
 */
LIBHALTBLK_API void libhaltblk_rule_session(struct libhaltblk_rule *rule,
					    int session);

/**
 * libhaltblk_rule_add() - add a condition to a rule, or set its action
 * @rule: rule
 * @word: KEY=VALUE with KEY one of op (comma list), sector (A, A+N or A-B with
 *	B included), hctx, cpu, pid (N or !N), comm (NAME or !NAME), flags (comma
 *	list), state, set_state, skip, count (0 for ever), chance (1/N), action
 *	(hold, delay=USEC, fail=STATUS, drop, torn=SECTORS, corrupt=BYTES, busy,
 *	count), owner (device or session)
 *
 * Adds one @word of the form KEY=VALUE, as haltblk break takes it. A rule
 * matches a request that meets all its conditions. Numbers are decimal, or
 * hexadecimal with 0x.
 *
 * - op=OP,...: one of these operations: read, write, flush, discard,
 *   secure_erase, write_zeroes
 * - sector=A, A+N, A-B: overlaps these sectors of 512 bytes, B included; the
 *   end must not lie past the device's. A flush never does.
 * - hctx=N: came in on this hardware queue, from 0; not in bio mode
 * - cpu=N: was submitted on this processor, from 0
 * - pid=N, pid=!N: was, or was not, submitted by this process, from 1; there
 *   must be one. A request whose submitter is not known matches neither.
 * - comm=NAME, comm=!NAME: its submitter has, or does not have, this name of 1
 *   to 15 bytes. \xNN stands for the byte with that hexadecimal number; a ! at
 *   the beginning needs it. A request whose submitter is not known matches
 *   neither.
 * - flags=FLAG,...: has all of these flags: fua, sync, meta, prio, rahead,
 *   nowait, polled
 * - state=N: comes while the device is in state N, 1 to 2147483647; a device
 *   begins in state 1
 * - chance=1/N: is one in N matches, 1 to 4294967295, chosen by the seed of
 *   the device
 *
 * And then:
 *
 * - skip=N: let the first N matches pass; 0 is the default
 * - count=N: act on the next N matches, then be spent; 1 is the default, but 0
 *   with action=count; 0 is for ever
 * - action=hold: hold the request until it is released; the default
 * - action=delay=USEC: hold it for 1 to 3600000000 microseconds
 * - action=fail=STATUS: end it with a block status other than OK, or the name
 *   of its errno, as libhaltblk_number() takes it
 * - action=drop: say that it was done, and do nothing; at submit, media and
 *   writeback
 * - action=torn=SECTORS: let only its first 0 to 4294967295 sectors reach the
 *   media; writes, at submit and media, with memory_backed=1
 * - action=corrupt=BYTES: damage 1 to 4294967295 bytes; reads and writes, at
 *   submit, media and complete, with memory_backed=1
 * - action=busy: hand it back to the block layer once; at submit, not in bio
 *   mode
 * - action=count: only count
 * - set_state=N: and the device goes to state N, 1 to 2147483647
 * - owner=device, owner=session: who owns the rule: libhaltblk_rule_session()
 *
 * What a word can mean is checked here. Whether the driver can do it, and
 * whether it fits the device, is checked when the rule is armed.
 *
 * Return: 0; or a negative errno, and the rule is unchanged.
 *
 * Errors:
 * -EINVAL: @word is not KEY=VALUE, the key is unknown or was added before, or
 *   the value is not one that it takes. The reason says what it takes.
 *
 * Example:
 *
 *	struct libhaltblk_rule *rule;
 *
 *	if (!libhaltblk_rule_new(h, &rule)) {
 *		libhaltblk_rule_event(rule, "complete");
 *		libhaltblk_rule_tag(rule, "E");
 *		libhaltblk_rule_add(rule, "op=write");
 *		libhaltblk_rule_add(rule, "sector=8+8");
 *		libhaltblk_rule_add(rule, "count=0");
 *		if (libhaltblk_rule_add(rule, "action=fail=NOSPC") ||
 *		    libhaltblk_break(h, rule))
 *			fprintf(stderr, "%s\n", libhaltblk_why(h));
 *		libhaltblk_rule_free(rule);
 *	}
 *
 * See also: haltblk(1), libhaltblk_break(), libhaltblk_rule_get(),
 * libhaltblk_rule_new(), libhaltblk_rule_text()
 */
LIBHALTBLK_API int libhaltblk_rule_add(struct libhaltblk_rule *rule,
				       const char *word);

/**
 * libhaltblk_rule_get() - a rule as it would be armed
 * @rule: rule
 *
 * Returns the structure that libhaltblk_break() would send to the driver. Its
 * fields are described at struct haltblk_rule in haltblk.h; those that the
 * driver fills in are 0.
 *
 * Return: A structure, never NULL, that is valid until @rule is changed or
 * freed.
 *
 * See also: libhaltblk_action_text(), libhaltblk_rule_new(),
 * libhaltblk_rule_text()
 */
LIBHALTBLK_API const struct haltblk_rule *
libhaltblk_rule_get(struct libhaltblk_rule *rule);

/**
 * libhaltblk_action_text() - the action of a rule as a word
 * @rule: rule
 * @buf: room for the text, always terminated
 * @len: bytes of @buf
 *
 * Writes what @rule does into @buf, as hold or fail=IOERR: what
 * libhaltblk_rule_add() takes after action=. At most @len bytes are written,
 * with the NUL at the end; if @len is 0, none is, and @buf may be NULL. An
 * action that this library does not know prints as action and its number.
 *
 * Return: The length of the whole text without its NUL, as of snprintf(3): a
 * text was cut if this is @len or more.
 *
 * See also: libhaltblk_rule_at(), libhaltblk_rule_get(),
 * libhaltblk_rule_text()
 */
LIBHALTBLK_API int libhaltblk_action_text(const struct haltblk_rule *rule,
					  char *buf, size_t len);

/**
 * libhaltblk_rule_text() - the conditions of a rule as words
 * @rule: rule
 * @buf: room for the text, always terminated; "" if it has none
 * @len: bytes of @buf
 *
 * Writes the conditions of @rule into @buf, with blanks between them: the
 * words that libhaltblk_rule_add() takes, but for action=, and only those that
 * are not the default of haltblk break, whose rules the device owns. Event and
 * tag are not among them. A rule without conditions gives the empty string. In
 * a name, blanks, backslashes, a ! at the beginning and all bytes that are not
 * printable ASCII are written as \xNN, so that it is one word. At most @len
 * bytes are written, with the NUL at the end; if @len is 0, none is, and @buf
 * may be NULL.
 *
 * Return: The length of the whole text without its NUL, as of snprintf(3): a
 * text was cut if this is @len or more.
 *
 * Example:
 *
 *	const struct haltblk_rule *rule;
 *	struct libhaltblk_table *rules;
 *	char text[512];
 *	size_t i;
 *
 *	if (libhaltblk_rules(h, &rules) < 0)
 *		return 1;
 *	for (i = 0; (rule = libhaltblk_rule_at(rules, i)); i++) {
 *		libhaltblk_rule_text(rule, text, sizeof(text));
 *		printf("%s %s\n", rule->tag, text);
 *	}
 *	libhaltblk_table_free(rules);
 *
 * See also: libhaltblk_action_text(), libhaltblk_rq_flags_text(),
 * libhaltblk_rules()
 */
LIBHALTBLK_API int libhaltblk_rule_text(const struct haltblk_rule *rule,
					char *buf, size_t len);

/**
 * libhaltblk_rq_flags_text() - request flags as a comma list
 * @flags: HALTBLK_RQ_*
 * @buf: room for the text, always terminated; "" for no flag
 * @len: bytes of @buf
 *
 * Writes the words of the HALTBLK_RQ_* bits in @flags into @buf, as fua,sync;
 * the empty string if there is none. A bit that this library does not know
 * prints as bit and its number. At most @len bytes are written, with the NUL
 * at the end; if @len is 0, none is, and @buf may be NULL.
 *
 * Return: The length of the whole text without its NUL, as of snprintf(3): a
 * text was cut if this is @len or more.
 *
 * See also: libhaltblk_held(), libhaltblk_rule_text(), libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_rq_flags_text(uint32_t flags, char *buf,
					    size_t len);

/* Breakpoints of the attached device: gate.c */

/**
 * libhaltblk_break() - arm a rule
 * @h: attached handle
 * @rule: rule with event and tag; it can be armed again or changed afterwards
 *
 * Arms @rule on the device that @h is attached to. Once it returns 0, every
 * request that arrives is seen by the rule. Requests that the driver has
 * already are seen if they have not passed the rule's event.
 *
 * Rules are looked at in the order they were armed: the first one that matches
 * a request and is not spent acts on it. Those that only count always do. A
 * spent rule stays listed, with its counts, until it is removed.
 *
 * @rule can be changed, armed again, or freed afterwards. The device need not
 * be powered on; when it is powered off its rules are removed. The partition
 * scan of power on matches no rule.
 *
 * A rule that nothing can match while the options of the device are what they
 * are is armed, too: one for flushes on a device without a volatile cache, and
 * one at timeout with hold_timeout=wait. libhaltblk_why() then has the
 * warning.
 *
 * Return: 0, or a negative errno; then nothing was armed.
 *
 * Errors (session, memory):
 * -ENODEV: The session is not attached to a device, or its device was removed.
 * -EINVAL: The rule has no tag; or the driver refuses it: an event, operation
 *   or action that it does not offer, an action that is not legal at the
 *   event, for the operation or in the mode of the device, a range past the
 *   end, a hardware queue, processor or process that there is none of. The
 *   reason names it.
 * -ENOSPC: The device lists HALTBLK_MAX_RULES (1000) rules, spent ones
 *   included. Remove some.
 *
 * Example:
 *
 *	struct libhaltblk_rule *rule;
 *	int r;
 *
 *	r = libhaltblk_rule_new(h, &rule);
 *	if (r)
 *		return r;
 *	r = libhaltblk_rule_event(rule, "media");
 *	if (!r)
 *		r = libhaltblk_rule_tag(rule, "K");
 *	if (!r)
 *		r = libhaltblk_rule_add(rule, "op=write");
 *	if (!r)
 *		r = libhaltblk_break(h, rule);
 *	libhaltblk_rule_free(rule);
 *
 * See also: libhaltblk_remove(), libhaltblk_rule_add(), libhaltblk_rule_new(),
 * libhaltblk_rules(), libhaltblk_wait()
 */
LIBHALTBLK_API int libhaltblk_break(struct libhaltblk *h,
				    struct libhaltblk_rule *rule);

/**
 * libhaltblk_remove() - disarm rules and release what they hold
 * @h: attached handle
 * @tag: their tag, or NULL for all rules
 * @removed: out: rules removed, or NULL
 *
 * Removes the rules with @tag, or, if that is NULL, all rules of the device,
 * whoever owns them. What they hold is released in the order it was held, and
 * what waits in an action=delay of theirs goes on at once. When it returns,
 * nothing is held by them any more.
 *
 * The number of rules removed is stored in *@removed unless that is NULL.
 *
 * Return: The number of held requests that were released, also 0; or a
 * negative errno.
 *
 * Errors (attached):
 * -EINVAL: @tag cannot be a tag.
 * -ENOENT: No rule ever had @tag.
 *
 * Notes: A tag all of whose rules are gone is still known, and removing it
 * again returns 0. The driver remembers 4096 tags of a device and then forgets
 * one that has neither rules nor requests.
 *
 * See also: libhaltblk_break(), libhaltblk_resume(), libhaltblk_rules()
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
 * Waits until at least @count requests, from 1, are held under @tag at one
 * time. It returns at once if they are.
 *
 * @timeout_ns is in nanoseconds; 0 looks once, LIBHALTBLK_FOREVER waits
 * without end.
 *
 * Where it stands is stored in the first @size bytes of *@wait, unless that is
 * NULL; give sizeof(struct haltblk_wait):
 *
 * - matches: requests that met all conditions of the rules listed with the tag
 * - hits: requests that the rules that ever had the tag acted on
 * - held: requests held under the tag
 * - armed: rules of the tag that can still act
 *
 * Return: 0, or a negative errno.
 *
 * Errors (session, sized):
 * -ETIME: Fewer are held when the time is over. *@wait is filled in: armed not
 *   0 and hits 0 means that the I/O has not come, or that the conditions do
 *   not fit it.
 * -ECANCELED: Fewer are held, and every rule of @tag was removed. *@wait is
 *   filled in.
 * -EINTR: A signal came. *@wait is filled in.
 * -ENOENT: No rule ever had @tag.
 * -ENODEV: The session is not attached to a device, or its device was removed.
 * -EINVAL: @count is 0, @tag cannot be a tag, or @size is smaller than the
 *   structure that the driver knows, or than its header.
 *
 * Example:
 *
 *	struct haltblk_wait w;
 *	int r;
 *
 *	r = libhaltblk_wait(h, "K", 2, 5000000000, &w, sizeof(w));
 *	if (r == -ETIME)
 *		fprintf(stderr, "%u of 2 held after 5 s\n", w.held);
 *	else if (r)
 *		fprintf(stderr, "%s\n", libhaltblk_why(h));
 *
 * See also: libhaltblk_break(), libhaltblk_held(), libhaltblk_resume(),
 * libhaltblk_settle()
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
 * Releases what is held under @tag, or all that is held on the device if that
 * is NULL, the oldest first.
 *
 * With LIBHALTBLK_GO_ON as @status they go on to their next state, where
 * another rule may hold them again. With an enum haltblk_status they end so at
 * once instead, OK included, and do nothing that they have not done.
 *
 * Rules stay armed.
 *
 * Return: The number of requests released, also 0; or a negative errno.
 *
 * Errors (attached):
 * -EINVAL: @tag cannot be a tag, or @status is not a status.
 * -ENOENT: No rule ever had @tag.
 *
 * See also: libhaltblk_number(), libhaltblk_remove(), libhaltblk_resume_ids(),
 * libhaltblk_step(), libhaltblk_wait()
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
 * Releases the @nr_ids requests, 1 to 65536, whose ids are in @ids, in that
 * order. No id may be there twice. If @tag is not NULL, each must be held
 * under it. Either all are released or none.
 *
 * @status is as for libhaltblk_resume().
 *
 * Return: The number of requests released; or a negative errno, and none was.
 *
 * Errors (attached, memory):
 * -EINVAL: @nr_ids is out of range, an id is there twice, @tag cannot be a
 *   tag, or @status is not a status.
 * -ENOENT: One of them is not held, or not under @tag; or no rule ever had
 *   @tag. The reason names it.
 *
 * Example:
 *
 *	struct libhaltblk_table *held;
 *	uint64_t ids[2];
 *
 *	if (libhaltblk_held(h, &held) == 2) {
 *		ids[0] = libhaltblk_held_at(held, 1)->id;
 *		ids[1] = libhaltblk_held_at(held, 0)->id;
 *		libhaltblk_resume_ids(h, NULL, ids, 2, LIBHALTBLK_GO_ON);
 *	}
 *	libhaltblk_table_free(held);
 *
 * See also: libhaltblk_held(), libhaltblk_resume(), libhaltblk_step()
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
 * Releases the held request @id and has it held again at its next state, under
 * the same tag, whatever the rules say: from submit at media, from media at
 * complete, and for what frees extents from media at each unmap first. Where
 * it is held now is stored in *@event, an enum haltblk_event_id, unless @event
 * is NULL.
 *
 * It does not wait for a request that gets there later, as one that another
 * context completes; libhaltblk_wait() does.
 *
 * Return: 1 if it is held again. 0 if it has ended, or is on its way and will
 * be held; *@event is unchanged then. Or a negative errno.
 *
 * Errors (attached):
 * -ENOENT: The id is not held.
 *
 * See also: libhaltblk_held(), libhaltblk_resume(), libhaltblk_wait(),
 * libhaltblk_word()
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
 * Waits until the driver has exactly @inflight requests of the device, @held
 * of them held, and no count of the device has changed for 20 ms: proof that
 * nothing more is coming.
 *
 * @timeout_ns is in nanoseconds; LIBHALTBLK_FOREVER waits without end. A state
 * that is reached in time gets its 20 ms in any case, so that 0 looks for 20
 * ms if the state is there, and else once.
 *
 * The counts looked at last are stored in the first @size bytes of *@stats,
 * unless that is NULL; see libhaltblk_stats().
 *
 * Return: 0, or a negative errno.
 *
 * Errors (attached):
 * -ETIME: The state was not reached in time, or the counts went on changing.
 *   *@stats is filled in; the reason has the counts.
 * -EINTR: A signal came.
 *
 * Notes: Requests in a scheduler, in a plug, or waiting for a tag have not
 * reached the driver, and are not counted.
 *
 * See also: libhaltblk_stats(), libhaltblk_wait(), libhaltblk_watch()
 */
LIBHALTBLK_API int libhaltblk_settle(struct libhaltblk *h, uint64_t inflight,
				     uint64_t held, uint64_t timeout_ns,
				     struct haltblk_stats *stats, size_t size);

/**
 * libhaltblk_backtrace() - the kernel stack that submitted a held request
 * @h: attached handle
 * @id: its id
 * @buf: room for the text, always terminated: a line for each frame, innermost
 *	first
 * @len: bytes of @buf
 *
 * Writes the stack that submitted the held request @id into @buf, a line for
 * each frame, the innermost first, as function+0x12/0x34 [module]. At most
 * @len bytes are written, with the NUL at the end; if @len is 0, none is, and
 * @buf may be NULL.
 *
 * Stacks are kept only for requests that an armed, holding rule's range and
 * operations fitted when they were made.
 *
 * Return: The length of the whole text without its NUL, as of snprintf(3); or
 * a negative errno, and @buf has the empty string.
 *
 * Errors (attached, memory):
 * -ENOENT: The id is not held.
 * -ENODATA: It is not known where it was submitted.
 *
 * See also: haltblk(1), libhaltblk_held()
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
 * Begins to record what happens to the requests of the device. @what has one
 * bit, 1U << HALTBLK_WHAT_..., for each kind:
 *
 * - HALTBLK_WHAT_SUBMITTED: reached the driver
 * - HALTBLK_WHAT_HELD: held
 * - HALTBLK_WHAT_RELEASED: released
 * - HALTBLK_WHAT_ACTED: a rule that does not hold acted on it
 * - HALTBLK_WHAT_TIMED_OUT: the timeout handler of blk-mq ran for it
 * - HALTBLK_WHAT_COMPLETED: ended well
 * - HALTBLK_WHAT_FAILED: ended with another status
 *
 * @room, 1 to 65536, is how many may wait to be read. When there is no more
 * room, newer ones are lost, and a record HALTBLK_WHAT_LOST, which need not be
 * asked for, tells how many.
 *
 * With 0 for @what and @room it stops, and what was not read is forgotten.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (attached, memory):
 * -EINVAL: @what has an unknown bit, or @room is out of range, or only one of
 *   them is 0.
 * -EBUSY: The session records already: stop that first.
 * -ENOSPC: HALTBLK_MAX_WATCHERS sessions (64) record what happens to this
 *   device, and no more can.
 *
 * Notes: The partition scan of power on is not recorded, nor is a request that
 * came before recording began, unless it was held.
 *
 * See also: libhaltblk_fd(), libhaltblk_read_event(), libhaltblk_word()
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
 * Stores the next event in the first @size bytes of *@event; give
 * sizeof(struct haltblk_event). A shorter structure gets what fits, a longer
 * one is filled up with zeroes.
 *
 * @timeout_ns is how long to wait for one, in nanoseconds, rounded up to
 * milliseconds; 0 looks once, LIBHALTBLK_FOREVER waits without end.
 *
 * - what: enum haltblk_what; see libhaltblk_watch()
 * - seq: number of the event, counted for the device: a gap is what was lost
 *   or not asked for
 * - time_ns: CLOCK_MONOTONIC in nanoseconds
 * - id, op, sector, sectors, hctx: the request: its id, enum haltblk_op, place
 *   and length in sectors of 512 bytes, hardware queue (-1 in bio mode)
 * - @event, tag: held, released, acted: where, enum haltblk_event_id, and by
 *   which rule
 * - action: acted: enum haltblk_action
 * - status: failed: enum haltblk_status
 * - lost: lost: how many; all other fields but what, seq and time_ns mean
 *   nothing
 *
 * Return: 1; or 0 if there will be none, because the device was removed or
 * nothing is recorded; or a negative errno.
 *
 * Errors (session, memory):
 * -ETIME: There was none in time.
 * -EINTR: A signal came.
 * -EPROTO: The driver gave a record of an impossible size.
 *
 * Notes: Other errors of read(2) are passed on.
 *
 * Example:
 *
 *	struct haltblk_event e;
 *
 *	if (libhaltblk_watch(h, 1U << HALTBLK_WHAT_HELD |
 *				1U << HALTBLK_WHAT_RELEASED, 1024))
 *		return 1;
 *	while (libhaltblk_read_event(h, &e, sizeof(e), 1000000000) == 1)
 *		if (e.what == HALTBLK_WHAT_HELD)
 *			printf("held at %s\n",
 *			       libhaltblk_word(LIBHALTBLK_EVENTS, e.event));
 *
 * See also: libhaltblk_fd(), libhaltblk_watch(), libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_read_event(struct libhaltblk *h,
					 struct haltblk_event *event,
					 size_t size, uint64_t timeout_ns);

/* Lists: table.c */

/**
 * libhaltblk_table_free() - free a list
 * @table: out: the list, to be freed with libhaltblk_table_free(); NULL on an
 *	error
 *
 * Frees a list that libhaltblk_held(), libhaltblk_rules(),
 * libhaltblk_hctx_stats(), libhaltblk_list() or libhaltblk_config() fetched,
 * and its entries with it. @table may be NULL.
 *
 * See also: libhaltblk_config(), libhaltblk_hctx_stats(), libhaltblk_held(),
 * libhaltblk_list(), libhaltblk_rules()
 */
LIBHALTBLK_API void libhaltblk_table_free(struct libhaltblk_table *table);

/**
 * libhaltblk_held() - the held requests
 * @h: attached handle
 * @table: out: for libhaltblk_held_at(); NULL on an error
 *
 * Fetches the requests that are held on the device, in the order they were
 * held, and stores the list in *@table. The list is a copy: it does not change
 * with the device, and libhaltblk_table_free() frees it. libhaltblk_held_at()
 * gives one entry:
 *
 * - id: number of the request, unique on its device until the module goes
 * - tag, event: of the rule that holds it, and enum haltblk_event_id
 * - op, rq_flags: enum haltblk_op, HALTBLK_RQ_*
 * - sector, sectors: place and length in sectors of 512 bytes; at unmap of the
 *   extent that is about to be freed, at writeback of the block that is about
 *   to leave the cache; a flush has length 0
 * - held_ns, age_ns: CLOCK_MONOTONIC when it was held, and how long it has
 *   been, in nanoseconds
 * - hctx, cpu: hardware queue, -1 in bio mode; processor that submitted it to
 *   the driver
 * - pid, comm: process that submitted it and its name; 0 and the empty string
 *   where that is not known
 *
 * Return: The number of entries, also 0; or a negative errno, and *@table is
 * NULL.
 *
 * Errors (attached, list):
 *
 * Notes: Structures may grow at their end in newer drivers, so entries are
 * reached through libhaltblk_held_at(), never by pointer arithmetic.
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
 * See also: libhaltblk_resume_ids(), libhaltblk_rq_flags_text(),
 * libhaltblk_table_free(), libhaltblk_wait(), libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_held(struct libhaltblk *h,
				   struct libhaltblk_table **table);

/**
 * libhaltblk_rules() - the rules of a device
 * @h: attached handle
 * @table: out: the list, to be freed with libhaltblk_table_free(); NULL on an
 *	error
 *
 * Fetches the rules of the device, in the order they were armed, spent ones
 * included, and stores the list in *@table. The list is a copy: it does not
 * change with the device, and libhaltblk_table_free() frees it.
 * libhaltblk_rule_at() gives one entry:
 *
 * - matches: requests that met all conditions while it was armed
 * - hits: requests it acted on
 * - held: requests it holds now
 * - armed: 1 while it can act, 0 once it is spent
 *
 * The other fields are as they were armed; libhaltblk_action_text() and
 * libhaltblk_rule_text() turn them into words.
 *
 * Return: The number of entries, also 0; or a negative errno, and *@table is
 * NULL.
 *
 * Errors (attached, list):
 *
 * Notes: Structures may grow at their end in newer drivers, so entries are
 * reached through libhaltblk_rule_at(), never by pointer arithmetic.
 *
 * See also: libhaltblk_action_text(), libhaltblk_break(), libhaltblk_remove(),
 * libhaltblk_rule_text(), libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_rules(struct libhaltblk *h,
				    struct libhaltblk_table **table);

/**
 * libhaltblk_hctx_stats() - the counts of each hardware queue
 * @h: attached handle
 * @table: out: the list, to be freed with libhaltblk_table_free(); NULL on an
 *	error
 *
 * Fetches the counts of each hardware queue of the device, or the one entry of
 * bio mode, and stores the list in *@table. The list is a copy: it does not
 * change with the device, and libhaltblk_table_free() frees it.
 * libhaltblk_hctx_stats_at() gives one entry:
 *
 * - submitted: requests that reached the driver since power on
 * - completed: those it ended, with or without an error
 * - failed: those it ended with an error
 * - held: those held now
 * - hctx: number of the queue, -1 in bio mode
 *
 * A device without power has no queues.
 *
 * Return: The number of entries, also 0; or a negative errno, and *@table is
 * NULL.
 *
 * Errors (attached, list):
 *
 * Notes: Structures may grow at their end in newer drivers, so entries are
 * reached through libhaltblk_hctx_stats_at(), never by pointer arithmetic.
 *
 * See also: libhaltblk_stats(), libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_hctx_stats(struct libhaltblk *h,
					 struct libhaltblk_table **table);

/**
 * libhaltblk_list() - the haltblk devices
 * @h: attached handle
 * @table: out: the list, to be freed with libhaltblk_table_free(); NULL on an
 *	error
 *
 * Fetches the haltblk devices there are, those without power included, and
 * stores the list in *@table. The list is a copy: it does not change with the
 * device, and libhaltblk_table_free() frees it. libhaltblk_list_at() gives one
 * entry:
 *
 * - name: name of its disk
 * - index: its number; UINT32_MAX without power
 * - flags: HALTBLK_DEV_F_POWERED: it is powered on; HALTBLK_DEV_F_LOAD: it was
 *   made when the module was loaded
 *
 * The session need not be attached.
 *
 * Return: The number of entries, also 0; or a negative errno, and *@table is
 * NULL.
 *
 * Errors (session, list):
 *
 * Notes: Structures may grow at their end in newer drivers, so entries are
 * reached through libhaltblk_list_at(), never by pointer arithmetic.
 *
 * See also: libhaltblk_attach(), libhaltblk_create(), libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_list(struct libhaltblk *h,
				   struct libhaltblk_table **table);

/**
 * libhaltblk_config() - the options of a device
 * @h: attached handle
 * @table: out: the list, to be freed with libhaltblk_table_free(); NULL on an
 *	error
 *
 * Fetches the options of the device and stores the list in *@table. The list
 * is a copy: it does not change with the device, and libhaltblk_table_free()
 * frees it. libhaltblk_config_at() gives one entry:
 *
 * - name: name of the option, as of its configfs attribute
 * - value: its value, as the attribute reads, without a newline
 *
 * The last two are power and index.
 *
 * Return: The number of entries, also 0; or a negative errno, and *@table is
 * NULL.
 *
 * Errors (attached, list):
 *
 * Notes: Structures may grow at their end in newer drivers, so entries are
 * reached through libhaltblk_config_at(), never by pointer arithmetic.
 *
 * See also: haltblk(1), libhaltblk_has_option(), libhaltblk_set(),
 * libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_config(struct libhaltblk *h,
				     struct libhaltblk_table **table);

/**
 * libhaltblk_locks() - what the locks of lock_model cost
 * @h: attached handle
 * @table: out: the list, to be freed with libhaltblk_table_free(); NULL on an
 *	error
 *
 * Fetches the counts of each lock that the option lock_model gives the device,
 * and stores the list in *@table. The list is a copy: it does not change with
 * the device, and libhaltblk_table_free() frees it. libhaltblk_lock_at() gives
 * one entry:
 *
 * - name: haltblk_lock_hctx, haltblk_lock_submit, haltblk_lock_complete or
 *   haltblk_lock_shared, as /proc/lock_stat has it
 * - acquisitions: how often it was taken since power on
 * - contended: how often it was not free when it was asked for
 * - wait_ns: time spent waiting for it then
 * - hold_ns: time spent in it on behalf of lock_hold_nsec; 0 where that is 0
 * - hctx: haltblk_lock_hctx: number of the hardware queue, in bio mode of the
 *   share of the processors; else -1
 *
 * The list is empty with lock_model=none and without power. While requests are
 * under way the figures of one lock need not be of the same moment.
 *
 * Return: The number of entries, also 0; or a negative errno, and *@table is
 * NULL.
 *
 * Errors (attached, list):
 *
 * Notes: Structures may grow at their end in newer drivers, so entries are
 * reached through libhaltblk_lock_at(), never by pointer arithmetic.
 *
 * See also: libhaltblk_hctx_stats(), libhaltblk_table_free()
 */
LIBHALTBLK_API int libhaltblk_locks(struct libhaltblk *h,
				    struct libhaltblk_table **table);

/**
 * libhaltblk_held_at() - an entry of the list of libhaltblk_held()
 * @table: list
 * @i: number of the entry, from 0
 *
 * libhaltblk_held() tells what the fields mean.
 *
 * Return: The entry, valid until the list is freed; NULL past the end, for
 * another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_held(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_held *
libhaltblk_held_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_rule_at() - an entry of the list of libhaltblk_rules()
 * @table: list
 * @i: number of the entry, from 0
 *
 * libhaltblk_rules() tells what the fields mean.
 *
 * Return: The entry, valid until the list is freed; NULL past the end, for
 * another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_rules(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_rule *
libhaltblk_rule_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_hctx_stats_at() - an entry of the list of libhaltblk_hctx_stats()
 * @table: list
 * @i: number of the entry, from 0
 *
 * libhaltblk_hctx_stats() tells what the fields mean.
 *
 * Return: The entry, valid until the list is freed; NULL past the end, for
 * another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_hctx_stats(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_hctx_stats *
libhaltblk_hctx_stats_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_list_at() - an entry of the list of libhaltblk_list()
 * @table: list
 * @i: number of the entry, from 0
 *
 * libhaltblk_list() tells what the fields mean.
 *
 * Return: The entry, valid until the list is freed; NULL past the end, for
 * another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_list(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_list_entry *
libhaltblk_list_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_config_at() - an entry of the list of libhaltblk_config()
 * @table: list
 * @i: number of the entry, from 0
 *
 * libhaltblk_config() tells what the fields mean.
 *
 * Return: The entry, valid until the list is freed; NULL past the end, for
 * another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_config(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_config_entry *
libhaltblk_config_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_lock_at() - an entry of the list of libhaltblk_locks()
 * @table: list
 * @i: number of the entry, from 0
 *
 * libhaltblk_locks() tells what the fields mean.
 *
 * Return: The entry, valid until the list is freed; NULL past the end, for
 * another kind of list, and if @table is NULL.
 *
 * See also: libhaltblk_locks(), libhaltblk_table_free()
 */
LIBHALTBLK_API const struct haltblk_lock_stats *
libhaltblk_lock_at(const struct libhaltblk_table *table, size_t i);

/**
 * libhaltblk_stats() - the counts of a device
 * @h: attached handle
 * @stats: out
 * @size: sizeof(*@stats) as the caller knows it
 *
 * Stores the counts of the device in the first @size bytes of *@stats; give
 * sizeof(struct haltblk_stats):
 *
 * - submitted: requests that reached the driver since power on
 * - completed: those it ended, with or without an error
 * - failed: those it ended with an error
 * - inflight: submitted and not completed
 * - held: held now
 * - nr_hctx: hardware queues; 0 in bio mode and without power
 * - stored_pages: pages of memory that its data takes, with memory_backed=1
 * - cached_blocks: blocks of a page in the volatile cache, which power off
 *   would lose
 *
 * Return: 0, or a negative errno.
 *
 * Errors (attached, sized):
 *
 * Notes: The counts are not read at one moment. libhaltblk_settle() waits
 * until they do not change.
 *
 * See also: libhaltblk_hctx_stats(), libhaltblk_settle()
 */
LIBHALTBLK_API int libhaltblk_stats(struct libhaltblk *h,
				    struct haltblk_stats *stats, size_t size);

/* Devices through configfs: config.c, device.c, node.c. No session needed. */

/**
 * libhaltblk_device_name() - the name of a device
 * @h: handle
 * @device: NAME, /dev/NAME, or a path that leads to the node of the disk
 * @name: out
 *
 * Puts into @name the name of the disk that @device stands for. A path, such
 * as a link in /dev/disk/by-id, is followed to its node, and the node's number
 * to the disk. NAME and /dev/NAME need not exist, because a device without
 * power has no node. Every call that takes a @device does the same; a program
 * needs this one where the name matters, or where a link may go while it
 * works.
 *
 * A partition is refused: rules and lists count sectors from the start of the
 * disk. The reason names the disk and the partition's first sector.
 *
 * The driver is not asked, so the device need not be one of haltblk's.
 *
 * Return: 0, or a negative errno.
 *
 * Errors:
 * -ENODEV: @device leads to nothing, or to a partition.
 * -ENOTBLK: @device leads to something that is not a block device.
 *
 * See also: libhaltblk_attach(), libhaltblk_new_name()
 */
LIBHALTBLK_API int libhaltblk_device_name(struct libhaltblk *h,
					  const char *device,
					  char name[HALTBLK_NAME_LEN]);

/**
 * libhaltblk_new_name() - the name of a device that is to be made
 * @h: handle
 * @device: NAME or /dev/NAME
 * @name: out: the name without /dev/
 *
 * Checks a name for libhaltblk_create(): 1 to 31 printable characters without
 * blanks, slash and exclamation mark (of which the kernel would make a
 * directory in /dev), and neither . nor .. itself. The driver is not asked.
 *
 * Return: 0, or a negative errno.
 *
 * Errors:
 * -EINVAL: No device can have this name.
 *
 * See also: libhaltblk_create(), libhaltblk_device_name()
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
 * Makes a haltblk device through configfs. @device, NAME or /dev/NAME, is its
 * name; libhaltblk_new_name() says which will do. The @nr words KEY=VALUE in
 * @options are written in their order, and then it is powered on, unless
 * power=0 is among them. haltblk(1) has the options.
 *
 * If anything fails the device is gone again, and the reason quotes what the
 * driver logged about the option it refused. No session is needed. configfs is
 * mounted if it is not.
 *
 * When it returns, /dev/NAME may not be there yet: libhaltblk_wait_node()
 * waits for it.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (root):
 * -EEXIST: There is a haltblk device, or a disk of another driver, of that
 *   name.
 * -ENOPROTOOPT: The driver has no such option. The reason lists those it has.
 * -EINVAL: No device can have the name @device, a word is not KEY=VALUE, or
 *   the driver refuses a value, or values that do not go together.
 * -ENOMEM: There is not enough memory to power it on.
 *
 * Example:
 *
 *	const char *const options[] = { "size=64", "memory_backed=1" };
 *	int r;
 *
 *	r = libhaltblk_create(h, "hb0", options, 2);
 *	if (!r)
 *		r = libhaltblk_wait_node(h, "hb0", 10000000000);
 *	if (r < 0)
 *		fprintf(stderr, "%s\n", libhaltblk_why(h));
 *
 * See also: haltblk(1), libhaltblk_destroy(), libhaltblk_new_name(),
 * libhaltblk_power(), libhaltblk_set(), libhaltblk_wait_node()
 */
LIBHALTBLK_API int libhaltblk_create(struct libhaltblk *h, const char *device,
				     const char *const *options, size_t nr);

/**
 * libhaltblk_destroy() - power a device off and remove it
 * @h: handle
 * @device: name
 *
 * Powers @device off and removes it, and with it its data. Its rules go first,
 * and what is held ends with an I/O error (with on_remove=resume it goes on),
 * so that this does not wait for them. Data that the kernel has not written
 * yet is written through the driver before the disk goes.
 *
 * No session is needed. Sessions that are attached to the device are told that
 * it is gone.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (configfs):
 *
 * See also: libhaltblk_create(), libhaltblk_power()
 */
LIBHALTBLK_API int libhaltblk_destroy(struct libhaltblk *h, const char *device);

/**
 * libhaltblk_set() - set one option of a device
 * @h: handle
 * @device: name
 * @option: KEY=VALUE
 *
 * Writes one @option, KEY=VALUE, of @device. haltblk(1) has the options; those
 * not marked live need power=0 first. power=1 and power=0 power the device on
 * and off, as libhaltblk_power() does.
 *
 * The reason of a refusal quotes what the driver logged: option, value and
 * range. No session is needed.
 *
 * Return: 0, or a negative errno; then the option is unchanged.
 *
 * Errors (configfs, memory):
 * -ENOPROTOOPT: The device has no such option. The reason lists those it has.
 * -EINVAL: @option is not KEY=VALUE, the option only shows a value, or the
 *   driver refuses the value.
 * -EBUSY: The option cannot be changed while the device is powered.
 * -EEXIST: power=1: a disk of another driver has the name.
 *
 * See also: haltblk(1), libhaltblk_config(), libhaltblk_create(),
 * libhaltblk_has_option(), libhaltblk_power()
 */
LIBHALTBLK_API int libhaltblk_set(struct libhaltblk *h, const char *device,
				  const char *option);

/**
 * libhaltblk_has_option() - whether a device has an option
 * @h: handle
 * @device: name
 * @option: KEY=VALUE or KEY
 *
 * Tells whether @device has the option that @option, KEY or KEY=VALUE, names.
 * The value is not looked at. No session is needed.
 *
 * Return: 0 if it has; or a negative errno.
 *
 * Errors (configfs):
 * -ENOPROTOOPT: It has not. The reason lists those it has.
 *
 * See also: libhaltblk_config(), libhaltblk_set()
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
 * Adds the disk of @device if @on is not 0, and removes it if it is 0. Data of
 * a device with memory_backed=1 survives. Nothing happens if it is so already.
 * No session is needed.
 *
 * Power off removes the device's rules, and what is held ends with an I/O
 * error (with on_remove=resume it goes on) before anything waits for it.
 *
 * When power on returns, /dev/NAME may not be there yet:
 * libhaltblk_wait_node() waits for it.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (configfs, memory):
 * -EINVAL: Options do not go together; the reason says which.
 * -EEXIST: A disk of another driver has the name.
 *
 * See also: libhaltblk_create(), libhaltblk_set(), libhaltblk_wait_node()
 */
LIBHALTBLK_API int libhaltblk_power(struct libhaltblk *h, const char *device,
				    int on);

/**
 * libhaltblk_wait_node() - wait for the node of a device
 * @h: handle, preferably the one that powered the device on
 * @device: name
 * @timeout_ns: how long, in nanoseconds
 *
 * Waits until /dev/NAME of @device is a block device, and udev, where it runs,
 * has dealt with it. Give the handle that powered the device on: what udev
 * noted before that is of an earlier device.
 *
 * @timeout_ns is in nanoseconds; LIBHALTBLK_FOREVER waits without end. No
 * session is needed.
 *
 * Return: 0; 1 if the node is there and udev has not dealt with it in time; or
 * a negative errno.
 *
 * Errors:
 * -ETIME: The node did not appear in time.
 * -ENODEV: @device cannot be the name of a haltblk device.
 *
 * Notes: It does not wait for other devices' udev events, as udevadm settle
 * does: one of those may be stuck behind a held request.
 *
 * See also: libhaltblk_create(), libhaltblk_power()
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
 * libhaltblk_range() - discard, zero or securely discard blocks, in steps
 * @h: handle
 * @device: name or path of a block device
 * @range: what; @range->done tells how far it came, also on an error
 *
 * Makes the ioctl BLKDISCARD, BLKZEROOUT or BLKSECDISCARD, as op is
 * LIBHALTBLK_DISCARD, LIBHALTBLK_ZEROOUT or LIBHALTBLK_SECDISCARD, for each
 * step bytes of the range; once for all of it if step is 0. What the blocks
 * hold is lost.
 *
 * All are in bytes and multiples of the logical block size; LIBHALTBLK_TO_END
 * as length becomes what is left of the device. progress, if it is not NULL,
 * is called after each step; ctx is for it.
 *
 * The device is opened as by libhaltblk_open_blkdev(), to which
 * LIBHALTBLK_SHARED in flags is passed on, and stays open over all steps. With
 * LIBHALTBLK_UNCHECKED the kernel is asked for any range but an empty one.
 *
 * Return: 0, or a negative errno. done is how many bytes were done, on an
 * error too.
 *
 * Errors:
 * -ENODEV: There is no such device.
 * -ENOTBLK: It is not a block device.
 * -EBUSY: It is in use, or a disk with partitions; the reason says who uses
 *   it.
 * -EROFS: It is read-only.
 * -EINVAL: The range or the step is empty, misaligned or past the end, or
 *   flags or op is unknown. The reason has the figures.
 * -EOPNOTSUPP: The device does not support it.
 *
 * Notes: The caller waits in the kernel, where no signal reaches it, for as
 * long as a rule holds the request. Call it in another process than the one
 * that will release it.
 *
 * The errno that a request ended with is passed on, as -EIO.
 *
 * See also: libhaltblk_discard(), libhaltblk_limits(), haltblk-discard(7)
 */
LIBHALTBLK_API int libhaltblk_range(struct libhaltblk *h, const char *device,
				    struct libhaltblk_range *range);

/**
 * libhaltblk_open_blkdev() - open a block device to write to it
 * @h: handle
 * @device: name or path
 * @flags: LIBHALTBLK_SHARED, or 0: exclusively, and no disk with partitions
 *
 * Opens @device, a name below /dev or a path, for reading and writing:
 * exclusively, and no disk that has partitions, unless @flags is
 * LIBHALTBLK_SHARED. No session is needed.
 *
 * Return: A descriptor, which the caller closes, or a negative errno.
 *
 * Errors:
 * -ENODEV: There is no such device.
 * -ENOTBLK: It is not a block device.
 * -EBUSY: It is in use, or has partitions. The reason says who uses it:
 *   mounts, swap, devices built on it, processes that have it open. Some
 *   kernels let nobody write to what is mounted, shared or not.
 * -EACCES: It may not be written.
 * -EPERM: It may not be written.
 * -EROFS: It is read-only.
 * -EINVAL: @flags has an unknown bit.
 *
 * See also: libhaltblk_range()
 */
LIBHALTBLK_API int libhaltblk_open_blkdev(struct libhaltblk *h,
					  const char *device,
					  unsigned int flags);

/**
 * libhaltblk_discard() - discard blocks (BLKDISCARD)
 * @h: handle
 * @device: name or path of a block device
 * @offset: first byte, a multiple of the logical block size
 * @length: bytes, likewise, or LIBHALTBLK_TO_END
 * @flags: LIBHALTBLK_SHARED, LIBHALTBLK_UNCHECKED, or 0
 *
 * Makes the ioctl BLKDISCARD on any block device, given as a name below /dev or
 * a path. What the blocks hold is lost.
 *
 * LIBHALTBLK_TO_END as @length means up to the end of the device. With
 * LIBHALTBLK_UNCHECKED the kernel is asked for any range but an empty one.
 *
 * The device is opened exclusively, so that it must not be in use (mounted,
 * say), unless LIBHALTBLK_SHARED is in @flags. No session is needed.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (range):
 *
 * Notes: The caller waits in the kernel, where no signal reaches it, for as
 * long as a rule holds the request. Call it in another process than the one
 * that will release it.
 *
 * The errno that a request ended with is passed on, as -EIO.
 *
 * See also: libhaltblk_limits(), libhaltblk_parse_size(), libhaltblk_range(),
 * libhaltblk_secdiscard(), libhaltblk_zeroout(), blkdiscard(8)
 */
LIBHALTBLK_API int libhaltblk_discard(struct libhaltblk *h, const char *device,
				      uint64_t offset, uint64_t length,
				      unsigned int flags);

/**
 * libhaltblk_zeroout() - fill blocks with zeroes (BLKZEROOUT)
 * @h: handle
 * @device: name or path of a block device
 * @offset: first byte, a multiple of the logical block size
 * @length: bytes, likewise, or LIBHALTBLK_TO_END
 * @flags: LIBHALTBLK_SHARED, LIBHALTBLK_UNCHECKED, or 0
 *
 * Makes the ioctl BLKZEROOUT on any block device. What the blocks hold is lost;
 * the range reads as zeroes afterwards. Everything else is as with
 * libhaltblk_discard().
 *
 * Return: 0, or a negative errno.
 *
 * Errors (range):
 *
 * See also: libhaltblk_discard()
 */
LIBHALTBLK_API int libhaltblk_zeroout(struct libhaltblk *h, const char *device,
				      uint64_t offset, uint64_t length,
				      unsigned int flags);

/**
 * libhaltblk_secdiscard() - discard blocks and every copy of them (BLKSECDISCARD)
 * @h: handle
 * @device: name or path of a block device
 * @offset: first byte, a multiple of the logical block size
 * @length: bytes, likewise, or LIBHALTBLK_TO_END
 * @flags: LIBHALTBLK_SHARED, LIBHALTBLK_UNCHECKED, or 0
 *
 * Makes the ioctl BLKSECDISCARD on any block device. What the blocks hold is lost;
 * the range is erased, with every copy that the device holds. Everything else is as with
 * libhaltblk_discard().
 *
 * Return: 0, or a negative errno.
 *
 * Errors (range):
 *
 * See also: libhaltblk_discard()
 */
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
 * Reads every limit on size, alignment, discard, zeroing, secure erase and
 * zones of a block device or partition, given as a name below /dev or a path,
 * from sysfs and ioctls, and stores them in *@limits. For a haltblk device it
 * asks the driver for what the kernel does not show, with a session of its
 * own. libhaltblk_limit_at() gives one, struct libhaltblk_limit, whose members
 * are strings:
 *
 * - name: as the kernel calls it: a file in sysfs, an ioctl, or an option of
 *   ours
 * - value: as the kernel gives it; NULL where it does not show it
 * - unit: bytes, sectors (of 512 bytes), KiB, or the empty string
 * - source: sysfs, ioctl, haltblk, or the empty string where it is not shown
 * - note: what the value means, or why there is none; may be the empty string
 *
 * libhaltblk_limits_free() frees them.
 *
 * Return: The number of limits; or a negative errno, and *@limits is NULL.
 *
 * Errors (memory):
 * -ENODEV: There is no such device, or no driver is behind it.
 * -ENOTBLK: It is not a block device.
 *
 * Example:
 *
 *	const struct libhaltblk_limit *l;
 *	struct libhaltblk_limits *limits;
 *	size_t i;
 *
 *	if (libhaltblk_limits(h, "hb0", &limits) < 0)
 *		return 1;
 *	for (i = 0; (l = libhaltblk_limit_at(limits, i)); i++)
 *		printf("%s %s\n", l->name, l->value ? l->value : "-");
 *	libhaltblk_limits_free(limits);
 *
 * See also: haltblk(1), libhaltblk_discard()
 */
LIBHALTBLK_API int libhaltblk_limits(struct libhaltblk *h, const char *device,
				     struct libhaltblk_limits **limits);

/**
 * libhaltblk_limit_at() - an entry of the list of libhaltblk_limits()
 * @limits: list
 * @i: number of the entry, from 0
 *
 * libhaltblk_limits() tells what the members mean.
 *
 * Return: The entry, valid until the list is freed; NULL past the end, and if
 * @limits is NULL.
 *
 * See also: libhaltblk_limits(), libhaltblk_limits_free()
 */
LIBHALTBLK_API const struct libhaltblk_limit *
libhaltblk_limit_at(const struct libhaltblk_limits *limits, size_t i);

/**
 * libhaltblk_limits_free() - free the list of libhaltblk_limits()
 * @limits: list, may be NULL
 *
 * Frees the list and its entries.
 *
 * See also: libhaltblk_limits()
 */
LIBHALTBLK_API void libhaltblk_limits_free(struct libhaltblk_limits *limits);

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_H */
