/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: what happens to the requests of the attached device.
 */
#ifndef LIBHALTBLK_WATCH_H
#define LIBHALTBLK_WATCH_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * libhaltblk_stats() - the counts of a device
 * @h: attached handle
 * @stats: out
 * @size: sizeof(struct haltblk_stats)
 *
 * Fills in @stats:
 *
 * - submitted: requests that have reached the driver since power on
 * - completed: requests that it has ended, with or without an error
 * - failed: requests that it has ended with an error
 * - inflight: requests submitted and not completed
 * - held: requests held now
 * - nr_hctx: hardware queues; 0 in bio mode and without power
 * - stored_pages: pages of memory that the data takes, with memory_backed=1
 * - cached_blocks: blocks, each of a page, that are only in the volatile cache
 * - shared_pages: pages that clones share, or shared once and the device has
 *   not written since; see libhaltblk_clone()
 *
 * Return: 0, or a negative errno.
 *
 * Errors (attached, sized):
 *
 * Notes: The counts are not all read at the same moment. libhaltblk_settle()
 * waits until they stop changing.
 *
 * See also: libhaltblk_hctx_stats(), libhaltblk_settle()
 */
LIBHALTBLK_API int libhaltblk_stats(struct libhaltblk *h,
				    struct haltblk_stats *stats, size_t size);

/**
 * libhaltblk_settle() - wait until exactly so many requests are in the driver
 * @h: attached handle
 * @inflight: requests in the driver, held ones included
 * @held: held requests
 * @timeout_ns: how long; LIBHALTBLK_FOREVER
 * @stats: out: the last counts, also with -ETIME; see libhaltblk_stats(). Or
 *	NULL
 * @size: sizeof(struct haltblk_stats)
 *
 * Waits until the driver has exactly @inflight requests of the device, exactly
 * @held of them are held, and no count of the device has changed for 20 ms.
 * This proves that nothing more is coming.
 *
 * If the counts are right in time, the 20 ms are waited for even past the
 * timeout. With a timeout of 0, the counts must be right at the first look.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (attached):
 * -ETIME: The counts were not right in time, or kept changing. The reason has
 *   them.
 * -EINTR: A signal came.
 *
 * Notes: Requests in a scheduler, in a plug, or waiting for a tag have not
 * reached the driver and are not counted.
 *
 * See also: libhaltblk_stats(), libhaltblk_wait(), libhaltblk_watch()
 */
LIBHALTBLK_API int libhaltblk_settle(struct libhaltblk *h, uint64_t inflight,
				     uint64_t held, uint64_t timeout_ns,
				     struct haltblk_stats *stats, size_t size);

/**
 * libhaltblk_backtrace() - the kernel stack that submitted a held request
 * @h: attached handle
 * @id: id of the request
 * @buf: out: the text, always terminated, "" on an error; may be NULL if @len
 *	is 0
 * @len: bytes of @buf
 *
 * Writes a line for each frame, the innermost first, in the form
 * function+0x12/0x34 [module].
 *
 * The driver keeps a stack only if, when the request was made, a holding rule
 * was armed whose range and operations matched it.
 *
 * Return: The length of the whole text without its NUL, as of snprintf(3), or
 * a negative errno.
 *
 * Errors (attached, memory):
 * -ENOENT: No held request has this id.
 * -ENODATA: The driver does not know where it was submitted.
 *
 * See also: haltblk(1), libhaltblk_held()
 */
LIBHALTBLK_API int libhaltblk_backtrace(struct libhaltblk *h, uint64_t id,
					char *buf, size_t len);

/**
 * libhaltblk_watch() - start or stop recording events
 * @h: attached handle
 * @what: one bit, 1U << HALTBLK_WHAT_..., for each kind of event to record; 0
 *	stops
 * @room: how many events may wait to be read, 1 to 65536; 0 to stop
 *
 * Records what happens to the requests of the device:
 *
 * - HALTBLK_WHAT_SUBMITTED: a request reached the driver
 * - HALTBLK_WHAT_HELD: it is held
 * - HALTBLK_WHAT_RELEASED: it was released
 * - HALTBLK_WHAT_ACTED: a rule that does not hold acted on it
 * - HALTBLK_WHAT_TIMED_OUT: blk-mq's timeout handler ran for it
 * - HALTBLK_WHAT_COMPLETED: it ended without an error
 * - HALTBLK_WHAT_FAILED: it ended with an error
 *
 * If there is no more room, new events are lost. A record HALTBLK_WHAT_LOST,
 * which always comes unasked, says how many.
 *
 * When recording stops, events that were not read are lost.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (attached, memory):
 * -EINVAL: @what has an unknown bit, @room is out of range, or only one of them
 *   is 0.
 * -EBUSY: The session is already recording: stop that first.
 * -ENOSPC: HALTBLK_MAX_WATCHERS sessions (64) are already recording events of
 *   this device.
 *
 * Notes: The partition scan at power on is not recorded. Neither is a request
 * that came before recording started, unless it was held then.
 *
 * See also: libhaltblk_fd(), libhaltblk_read_event(), libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_watch(struct libhaltblk *h, uint32_t what,
				    uint32_t room);

/**
 * libhaltblk_read_event() - the next event
 * @h: handle that records events
 * @event: out
 * @size: sizeof(struct haltblk_event)
 * @timeout_ns: how long to wait for one, rounded up to milliseconds; 0 looks
 *	once; LIBHALTBLK_FOREVER
 *
 * Fills in @event:
 *
 * - what: enum haltblk_what; see libhaltblk_watch()
 * - seq: number of the event, counted for each device. A gap means events that
 *   were lost or not asked for.
 * - time_ns: CLOCK_MONOTONIC in nanoseconds
 * - id, op, sector, sectors, hctx: the request: id, enum haltblk_op, first
 *   sector and length in sectors of 512 bytes, hardware queue (-1 in bio mode)
 * - event, tag: for held, released and acted: the enum haltblk_event_id and the
 *   tag of the rule
 * - action: for acted: enum haltblk_action
 * - status: for failed: enum haltblk_status
 * - lost: for lost: how many events. Only what, seq and time_ns are valid then.
 *
 * A @size that is too small for the record cuts it off; a larger one is filled
 * up with zeroes.
 *
 * Return: 1; 0 if there will be no more, because the device was removed or
 * nothing is being recorded; or a negative errno.
 *
 * Errors (session, memory):
 * -ETIME: No event came in time.
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

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_WATCH_H */
