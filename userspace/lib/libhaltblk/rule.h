/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: rules that are being built, and rules as text.
 */
#ifndef LIBHALTBLK_RULE_H
#define LIBHALTBLK_RULE_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * libhaltblk_rule_new() - begin a rule
 * @h: handle, which must outlive the rule; it needs no session yet
 * @rule: out: the rule; NULL on an error
 *
 * Makes a rule that matches every request, holds the first one, and belongs to
 * the session. Set its event and its tag, add conditions with
 * libhaltblk_rule_add(), and arm it with libhaltblk_break().
 *
 * If a call on the rule fails, libhaltblk_why() of @h has the reason.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (memory):
 *
 * Notes: Until you set it, the event is submit. libhaltblk_break() refuses a
 * rule without a tag.
 *
 * See also: libhaltblk_break(), libhaltblk_rule_add(),
 * libhaltblk_rule_event(), libhaltblk_rule_free(), libhaltblk_rule_session(),
 * libhaltblk_rule_tag()
 */
LIBHALTBLK_API int libhaltblk_rule_new(struct libhaltblk *h,
				       struct libhaltblk_rule **rule);

/**
 * libhaltblk_rule_free() - free a rule that was built
 * @rule: rule or NULL
 *
 * Frees what libhaltblk_rule_new() made. Rules that were armed from it stay
 * armed; libhaltblk_remove() removes those.
 *
 * See also: libhaltblk_remove(), libhaltblk_rule_new()
 */
LIBHALTBLK_API void libhaltblk_rule_free(struct libhaltblk_rule *rule);

/**
 * libhaltblk_rule_event() - set the event of a rule
 * @rule: rule; unchanged on an error
 * @event: word for a state
 *
 * The event is the state in which the rule looks at requests, such as submit,
 * media and complete. haltblk(1) explains all of them.
 *
 * The driver checks whether it has the event when the rule is armed.
 * libhaltblk_query() tells earlier.
 *
 * Return: 0, or a negative errno.
 *
 * Errors:
 * -EINVAL: @event is not one of the words.
 *
 * See also: libhaltblk_break(), libhaltblk_query(), libhaltblk_rule_new()
 */
LIBHALTBLK_API int libhaltblk_rule_event(struct libhaltblk_rule *rule,
					 const char *event);

/**
 * libhaltblk_rule_tag() - set the tag of a rule
 * @rule: rule; unchanged on an error
 * @tag: 1 to 31 printable ASCII characters, without blanks, '=' and ','
 *
 * The tag is the name under which you wait for the rule's requests and release
 * them. Several rules may share a tag.
 *
 * Return: 0, or a negative errno.
 *
 * Errors:
 * -EINVAL: @tag is empty, too long, or has a character that is not allowed.
 *   The reason says which.
 *
 * See also: libhaltblk_remove(), libhaltblk_resume(), libhaltblk_rule_new(),
 * libhaltblk_wait()
 */
LIBHALTBLK_API int libhaltblk_rule_tag(struct libhaltblk_rule *rule,
				       const char *tag);

/**
 * libhaltblk_rule_session() - set the owner of a rule
 * @rule: rule
 * @session: 0: the device owns it; otherwise the session does, which is the
 *	default
 *
 * When a session ends, its rules are removed, and what they hold is released.
 * A rule of the device stays until it is removed or the device is powered off.
 *
 * libhaltblk_rule_add() does the same with owner=session and owner=device.
 *
 * See also: libhaltblk_close(), libhaltblk_rule_add(), libhaltblk_rule_new()
 */
LIBHALTBLK_API void libhaltblk_rule_session(struct libhaltblk_rule *rule,
					    int session);

/**
 * libhaltblk_rule_add() - add a condition to a rule, or set its action
 * @rule: rule; unchanged on an error
 * @word: KEY=VALUE, as haltblk break takes it
 *
 * A rule matches a request that meets all its conditions. Numbers are decimal,
 * or hexadecimal with 0x. The conditions are:
 *
 * - op=OP,...: the operation is one of these: read, write, flush, discard,
 *   secure_erase, write_zeroes, zone_append, zone_reset, zone_open, zone_close,
 *   zone_finish (the last five on a device with zones)
 * - sector=A, A+N, A-B: the request overlaps these sectors of 512 bytes, B
 *   included. They must not lie past the end of the device. A flush matches no
 *   range.
 * - hctx=N: it came in on this hardware queue, from 0; not in bio mode
 * - cpu=N: it was submitted on this processor, from 0
 * - pid=N, pid=!N: this process, from 1, did, or did not, submit it. The
 *   process must exist. A request whose submitter is unknown matches neither.
 * - comm=NAME, comm=!NAME: the submitter's name, 1 to 15 bytes, is, or is not,
 *   NAME. \xNN stands for the byte with this hexadecimal number; a name that
 *   begins with ! needs it. A request whose submitter is unknown matches
 *   neither.
 * - flags=FLAG,...: it has all of these flags: fua, sync, meta, prio, rahead,
 *   nowait, polled
 * - state=N: the device is in state N, 1 to 2147483647. It begins in state 1.
 * - chance=1/N: one match in N, 1 to 4294967295, chosen at random from the seed
 *   of the device
 *
 * These words say what happens then:
 *
 * - skip=N: let the first N matches pass (0)
 * - count=N: act on the next N matches; then the rule is spent. The default is
 *   1, but 0 with action=count. 0 means for ever.
 * - action=hold: hold the request until it is released; the default
 * - action=delay=USEC: hold it for 1 to 3600000000 microseconds
 * - action=fail=STATUS: end it with a block status other than OK, or the errno
 *   of one, as libhaltblk_number() takes it
 * - action=drop: report success, but do nothing; at submit, media and writeback
 * - action=torn=SECTORS: only its first 0 to 4294967295 sectors reach the
 *   media; for writes, at submit and media, with memory_backed=1
 * - action=corrupt=BYTES: damage 1 to 4294967295 bytes; for reads and writes,
 *   at submit, media and complete, with memory_backed=1
 * - action=crash: cut the power of the device, as libhaltblk_crash() does with
 *   HALTBLK_KEEP_FLUSHED; the request fails. Not with zoned=1
 * - action=busy: hand it back to the block layer once; at submit, not in bio
 *   mode
 * - action=count: only count it
 * - set_state=N: the device goes to state N, 1 to 2147483647
 * - owner=device, owner=session: who owns the rule; see
 *   libhaltblk_rule_session()
 *
 * This call checks the word itself. libhaltblk_break() checks whether the
 * driver can do it, and whether it fits the device.
 *
 * Return: 0, or a negative errno.
 *
 * Errors:
 * -EINVAL: @word is not KEY=VALUE, the key is unknown or was already added, or
 *   it does not take this value. The reason says what it takes.
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
 * Returns the structure that libhaltblk_break() would send to the driver.
 * haltblk.h describes its fields, at struct haltblk_rule. Those that the driver
 * fills in are 0.
 *
 * Return: A structure, never NULL, which is valid until @rule is changed or
 * freed.
 *
 * See also: libhaltblk_action_text(), libhaltblk_rule_new(),
 * libhaltblk_rule_text()
 */
LIBHALTBLK_API const struct haltblk_rule *
libhaltblk_rule_get(struct libhaltblk_rule *rule);

/**
 * libhaltblk_action_text() - the action of a rule as a word
 * @rule: rule, as libhaltblk_rule_at() or libhaltblk_rule_get() returns it
 * @buf: out: the word, always terminated; may be NULL if @len is 0
 * @len: bytes of @buf
 *
 * The word is what libhaltblk_rule_add() takes after action=, such as hold or
 * fail=IOERR. For an action that this library does not know it is action and
 * the number.
 *
 * Return: The length of the whole text without its NUL, as of snprintf(3). The
 * text was cut if this is @len or more.
 *
 * See also: libhaltblk_rule_at(), libhaltblk_rule_get(),
 * libhaltblk_rule_text()
 */
LIBHALTBLK_API int libhaltblk_action_text(const struct haltblk_rule *rule,
					  char *buf, size_t len);

/**
 * libhaltblk_rule_text() - the conditions of a rule as words
 * @rule: rule, as libhaltblk_rule_at() or libhaltblk_rule_get() returns it
 * @buf: out: the words, always terminated; may be NULL if @len is 0
 * @len: bytes of @buf
 *
 * Writes the words that libhaltblk_rule_add() takes, with blanks between them,
 * but not action=, and not what haltblk break would do without being told. The
 * event and the tag are not included. A rule without conditions gives an empty
 * string.
 *
 * Each word stays one word: in a name, blanks, backslashes, a ! at the
 * beginning and all bytes that are not printable ASCII become \xNN.
 *
 * Return: The length of the whole text without its NUL, as of snprintf(3). The
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
 * @buf: out: the list, always terminated; may be NULL if @len is 0
 * @len: bytes of @buf
 *
 * Writes the words for the bits in @flags, such as fua,sync. Without a bit the
 * string is empty. A bit that this library does not know becomes bit and its
 * number.
 *
 * Return: The length of the whole text without its NUL, as of snprintf(3). The
 * text was cut if this is @len or more.
 *
 * See also: libhaltblk_held(), libhaltblk_rule_text(), libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_rq_flags_text(uint32_t flags, char *buf,
					    size_t len);

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_RULE_H */
