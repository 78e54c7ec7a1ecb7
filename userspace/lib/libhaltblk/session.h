/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: handles, and sessions with the driver.
 */
#ifndef LIBHALTBLK_SESSION_H
#define LIBHALTBLK_SESSION_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * libhaltblk_version() - version of the library
 *
 * Returns the version of the library that the program runs with. The driver's
 * interface has a version of its own: see libhaltblk_query().
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
 * Makes a handle, which most other calls take. It has no session yet. That is
 * enough to make and configure devices, to show limits, and to discard
 * (libhaltblk_create(), libhaltblk_limits(), libhaltblk_discard() and
 * similar calls). libhaltblk_open() opens a session on it.
 *
 * One thread at a time may use a handle. Different handles are independent.
 *
 * Return: 0, or a negative errno.
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
 * Closes the session, if there is one, as libhaltblk_close() does, and frees
 * the handle.
 *
 * Rules that are being built and fetched lists are not freed. Do not use such
 * a rule any more, except to free it with libhaltblk_rule_free(). A list can
 * still be read; free it with libhaltblk_table_free().
 *
 * See also: libhaltblk_close(), libhaltblk_new()
 */
LIBHALTBLK_API void libhaltblk_free(struct libhaltblk *h);

/**
 * libhaltblk_why() - reason of the last failure, or a warning
 * @h: handle
 *
 * Returns a sentence about the last call on @h: what was refused, why, and
 * what to do instead. If the driver gave a sentence, with the figure or the
 * name that was wrong, this is it. It does not end in a newline.
 *
 * Return: A string, never NULL, which is valid until the next call on @h. It
 * is empty if the last call did not fail. After libhaltblk_break() returned 0
 * it can be a warning.
 *
 * Notes: libhaltblk_fd(), and calls that cannot fail, leave the reason as it
 * is.
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
 * Opens a session with the driver, /dev/haltblk-control. To work with a
 * device's rules, requests and counts, attach the session to that device:
 * see libhaltblk_attach().
 *
 * The descriptor of the session is close-on-exec. The session ends when its
 * last copy is closed: by libhaltblk_close() or libhaltblk_free(), or when the
 * process ends for any reason. A child made with fork(2) has a copy.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (root):
 * -EALREADY: A session is already open on @h.
 * -ENFILE: HALTBLK_MAX_SESSIONS sessions (4096) are open, or as many files as
 *   the system allows.
 * -EACCES: The caller is not root, or the mode of the control device forbids
 *   it.
 * -EPERM: The caller lacks the capability CAP_SYS_ADMIN.
 *
 * Notes: Other errors of open(2) are passed on.
 *
 * A thread that waits in the kernel for a held request does not end, and
 * neither does its process, so its session stays open. If such a process is
 * killed, the driver releases what its session holds. Better, do the I/O in
 * another process than the one that releases it, or let the device own the
 * rule (libhaltblk_rule_session()).
 *
 * See also: haltblk(1), libhaltblk_attach(), libhaltblk_close(),
 * libhaltblk_fd(), libhaltblk_query()
 */
LIBHALTBLK_API int libhaltblk_open(struct libhaltblk *h);

/**
 * libhaltblk_close() - end the session
 * @h: handle, with or without a session
 *
 * Ends the session. Its rules are removed, and what they hold is released in
 * the order it was held. Recorded events that were not read are lost. Without
 * a session nothing happens.
 *
 * You can open another session on the handle.
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
 * Returns the descriptor of the session, for poll(2) and the like. The handle
 * owns it: do not close it, and do not read from it; call
 * libhaltblk_read_event() instead.
 *
 * While the session records events (libhaltblk_watch()), poll(2) reports
 * POLLIN when the driver has events, and POLLHUP when the device was removed.
 * While it is not attached to a device, poll(2) reports POLLERR.
 *
 * Return: The descriptor, which is close-on-exec, or a negative errno.
 *
 * Errors:
 * -EBADF: No session is open on @h.
 *
 * Notes: libhaltblk_read_event() reads several events at a time and keeps
 * those it has not returned yet. Before the next poll(2), call it with a
 * timeout of 0 until it returns -ETIME.
 *
 * See also: poll(2), libhaltblk_open(), libhaltblk_read_event(),
 * libhaltblk_watch()
 */
LIBHALTBLK_API int libhaltblk_fd(const struct libhaltblk *h);

/**
 * libhaltblk_query() - what the loaded driver can do
 * @h: handle with a session, which need not be attached
 * @query: out
 * @size: sizeof(struct haltblk_query)
 *
 * Fills in @query:
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
 * libhaltblk_attach() - attach the session to a device
 * @h: handle with a session
 * @device: NAME, /dev/NAME, or any path that leads to its node
 *
 * From now on, all calls about rules, held requests, counts, events and
 * options are about @device. It need not be powered on.
 *
 * A session can be attached only once. For another device, open a session on
 * another handle, or close this one first.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (session):
 * -ENODEV: No haltblk device has this name, or @device is a partition, or
 *   cannot be a name.
 * -EBUSY: The session is already attached.
 *
 * See also: libhaltblk_create(), libhaltblk_list(), libhaltblk_open()
 */
LIBHALTBLK_API int libhaltblk_attach(struct libhaltblk *h, const char *device);

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_SESSION_H */
