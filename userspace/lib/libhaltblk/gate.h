/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: rules and held requests of the attached device.
 */
#ifndef LIBHALTBLK_GATE_H
#define LIBHALTBLK_GATE_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * libhaltblk_break() - arm a rule
 * @h: attached handle
 * @rule: rule with a tag; afterwards it can be changed, armed again, or freed
 *
 * Arms a copy of @rule on the device. When the call returns 0, the rule sees
 * every request that arrives, and those in the driver that have not passed its
 * event yet.
 *
 * Rules are tried in the order they were armed. The first one that matches a
 * request and is not spent acts on it; rules that only count always count. A
 * spent rule stays listed, with its counts, until it is removed.
 *
 * The device need not be powered on. Powering it off removes its rules. The
 * partition scan at power on matches no rule.
 *
 * A rule that can never match with the present options of the device is armed
 * too: one for flushes without a volatile cache, and one at timeout with
 * hold_timeout=wait. libhaltblk_why() then returns a warning.
 *
 * Return: 0, or a negative errno; then nothing was armed.
 *
 * Errors (attached, memory):
 * -EINVAL: The rule has no tag, or the driver refuses it. It may have an event,
 *   operation or action that the driver does not offer; an action that is not
 *   legal at the event, for the operation or in the mode of the device; a range
 *   past the end; or a hardware queue, processor or process that does not
 *   exist. The reason names it.
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
 * @tag: tag of the rules; NULL: all rules of the device
 * @removed: out: how many rules were removed; or NULL
 *
 * Removes the rules, whoever owns them. What they hold is released in the order
 * it was held, and what they delay goes on at once. When the call returns, they
 * hold nothing any more.
 *
 * Return: The number of held requests that were released, or a negative errno.
 *
 * Errors (attached):
 * -EINVAL: @tag cannot be a tag.
 * -ENOENT: No rule ever had this tag.
 *
 * Notes: The driver still knows a tag when all its rules are gone: removing it
 * again returns 0. It remembers 4096 tags of a device, and then forgets one
 * that has neither rules nor requests.
 *
 * See also: libhaltblk_break(), libhaltblk_resume(), libhaltblk_rules()
 */
LIBHALTBLK_API int libhaltblk_remove(struct libhaltblk *h, const char *tag,
				     unsigned int *removed);

/**
 * libhaltblk_wait() - wait until requests are held
 * @h: attached handle
 * @tag: tag of their rules
 * @count: how many, from 1
 * @timeout_ns: how long; 0 looks once; LIBHALTBLK_FOREVER
 * @wait: out: how it stands; or NULL
 * @size: sizeof(struct haltblk_wait)
 *
 * Waits until at least @count requests are held under @tag at the same time.
 * Fills in @wait, whether it succeeds or not:
 *
 * - matches: requests that met all conditions of the rules listed with the tag
 * - hits: requests on which rules with the tag, removed ones included, acted
 * - held: requests held under the tag
 * - armed: rules of the tag that can still act
 *
 * Return: 0, or a negative errno.
 *
 * Errors (attached):
 * -ETIME: Fewer requests were held when the time was over. If armed is not 0
 *   and hits is 0, the I/O has not come, or the conditions do not match it.
 * -ECANCELED: Fewer requests are held, and all rules of @tag were removed.
 * -EINTR: A signal came.
 * -ENOENT: No rule ever had this tag.
 * -EINVAL: @count is 0, @tag cannot be a tag, or @size is smaller than the
 *   header of the structure.
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

#define LIBHALTBLK_GO_ON (-1)	/* as a status: release, do not end */

/**
 * libhaltblk_resume() - release held requests in the order they were held
 * @h: attached handle
 * @tag: those held under this tag; NULL: all that the device holds
 * @status: LIBHALTBLK_GO_ON, or the enum haltblk_status to end them with
 *
 * With LIBHALTBLK_GO_ON, requests go on to their next state, where another rule
 * may hold them again. With a status, which may be OK, they end at once, and do
 * nothing that they have not done yet.
 *
 * Rules stay armed.
 *
 * Return: The number of requests that were released, or a negative errno.
 *
 * Errors (attached):
 * -EINVAL: @tag cannot be a tag, or @status is not a status.
 * -ENOENT: No rule ever had this tag.
 *
 * See also: libhaltblk_number(), libhaltblk_remove(), libhaltblk_resume_ids(),
 * libhaltblk_step(), libhaltblk_wait()
 */
LIBHALTBLK_API int libhaltblk_resume(struct libhaltblk *h, const char *tag,
				     int status);

/**
 * libhaltblk_resume_ids() - release held requests in a chosen order
 * @h: attached handle
 * @tag: tag under which all of them must be held; or NULL
 * @ids: their ids in this order, each only once
 * @nr_ids: how many, 1 to 65536
 * @status: LIBHALTBLK_GO_ON, or the enum haltblk_status to end them with
 *
 * Releases either all of these requests or none. @status is as for
 * libhaltblk_resume().
 *
 * Return: The number of requests that were released, or a negative errno.
 *
 * Errors (attached, memory):
 * -EINVAL: @nr_ids is out of range, an id is listed twice, @tag cannot be a
 *   tag, or @status is not a status.
 * -ENOENT: One of the requests is not held, or not under @tag; or no rule ever
 *   had this tag. The reason names it.
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
 * @id: id of the request
 * @event: out: where it is held again, an enum haltblk_event_id; or NULL.
 *	Unchanged unless the call returns 1
 *
 * Releases the request and holds it again at its next state, under the same
 * tag, whatever the rules say. From submit it goes to media; from media to
 * complete, but if it frees extents, to each unmap first.
 *
 * The call does not wait for a request that reaches the state later, for
 * example because another context completes it. libhaltblk_wait() does.
 *
 * Return: 1 if it is held again. 0 if it has ended, or is on its way and will
 * be held. Or a negative errno.
 *
 * Errors (attached):
 * -ENOENT: No held request has this id.
 *
 * See also: libhaltblk_held(), libhaltblk_resume(), libhaltblk_wait(),
 * libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_step(struct libhaltblk *h, uint64_t id,
				   unsigned int *event);

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_GATE_H */
