/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: words and their numbers, and sizes.
 */
#ifndef LIBHALTBLK_WORDS_H
#define LIBHALTBLK_WORDS_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

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
 * libhaltblk_word() - the word for a number
 * @which: list
 * @number: number in this list
 *
 * haltblk(1) explains the words; uapi/haltblk_words.h lists them with their
 * numbers. A few are reserved: no driver takes them in a rule yet.
 *
 * Return: The word; NULL if this library does not know the number, which may
 * come from a newer driver.
 *
 * See also: libhaltblk_number(), libhaltblk_query(),
 * libhaltblk_rq_flags_text()
 */
LIBHALTBLK_API const char *libhaltblk_word(enum libhaltblk_words which,
					   unsigned int number);

/**
 * libhaltblk_number() - the number of a word
 * @h: handle for the reason of a failure, or NULL
 * @which: list, as for libhaltblk_word()
 * @word: word; for a status also an errno, such as "EIO" for IOERR
 *
 * A status can also be given as the errno that a process sees: EOPNOTSUPP or
 * ENOTSUP for NOTSUPP, ETIMEDOUT for TIMEOUT, ENOSPC for NOSPC, ENOLINK for
 * TRANSPORT, EREMOTEIO for TARGET, EBADE for RESV_CONFLICT, ENODATA for MEDIUM,
 * EILSEQ for PROTECTION, ENOMEM for RESOURCE, EIO for IOERR, EAGAIN or
 * EWOULDBLOCK for AGAIN, ENODEV for OFFLINE, ETOOMANYREFS for
 * ZONE_OPEN_RESOURCE, EOVERFLOW for ZONE_ACTIVE_RESOURCE, ETIME for
 * DURATION_LIMIT, EINVAL for INVAL. NEXUS is an older name of RESV_CONFLICT.
 *
 * Return: A number, 0 or greater, or a negative errno.
 *
 * Errors:
 * -EINVAL: The list has no such word, or there is no such list. The reason
 *   names the words that a rule can use: those that the driver of the session
 *   takes, or, without a session, those that any driver of this version takes.
 *
 * See also: libhaltblk_parse_size(), libhaltblk_resume(), libhaltblk_word()
 */
LIBHALTBLK_API int libhaltblk_number(struct libhaltblk *h,
				     enum libhaltblk_words which,
				     const char *word);

/**
 * libhaltblk_parse_size() - read a size with a suffix
 * @h: handle for the reason of a failure, or NULL
 * @text: the size
 * @bytes: out; unchanged on an error
 *
 * @text is a number, decimal or hexadecimal with 0x. One of these suffixes, in
 * upper or lower case, may follow it:
 *
 * - K, M, G, T, P, E, or KiB, MiB and so on: powers of 1024
 * - KB, MB, GB, TB, PB, EB: powers of 1000
 *
 * Before a suffix, the number may have a decimal fraction, as in 1.5MiB. The
 * first nine digits of the fraction count, and the result is rounded down to
 * whole bytes.
 *
 * Return: 0, or a negative errno.
 *
 * Errors:
 * -EINVAL: @text is not a size, has an unknown suffix, or has a fraction
 *   without a suffix.
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

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_WORDS_H */
