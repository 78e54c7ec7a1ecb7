/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The words of the kernel interface and their numbers: lists that the library
 * shares with the driver, and one table for both directions.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "haltblk_words.h"
#include "private.h"

#define WORDS(name, list, nr)						\
	static const char *const name[nr] = {				\
		list(HALTBLK_WORDS_ELEMENT)				\
	};								\
	_Static_assert(HALTBLK_NR_WORDS(list) == (nr),			\
		       "every number has a word")

WORDS(events, HALTBLK_EVENT_WORDS, HALTBLK_EVENT_NR);
WORDS(ops, HALTBLK_OP_WORDS, HALTBLK_OP_NR);
WORDS(actions, HALTBLK_ACTION_WORDS, HALTBLK_ACTION_NR);
WORDS(statuses, HALTBLK_STATUS_WORDS, HALTBLK_STATUS_NR);
WORDS(whats, HALTBLK_WHAT_WORDS, HALTBLK_WHAT_NR);

static const char *const rq_flags[] = {
	"fua", "sync", "meta", "prio", "rahead", "nowait", "polled", "nounmap",
};

_Static_assert(HALTBLK_RQ_ALL == (1U << HB_ARRAY_SIZE(rq_flags)) - 1,
	       "every request flag has a word");

/*
 * Other names of statuses: what the block layer's error table turns each into
 * for a process (blk_status_to_errno), and the name NEXUS had before 6.5.
 */
static const struct {
	const char *word;
	enum haltblk_status status;
} status_aliases[] = {
	{ "NEXUS", HALTBLK_STATUS_RESV_CONFLICT },
	{ "EOPNOTSUPP", HALTBLK_STATUS_NOTSUPP },
	{ "ENOTSUP", HALTBLK_STATUS_NOTSUPP },
	{ "ETIMEDOUT", HALTBLK_STATUS_TIMEOUT },
	{ "ENOSPC", HALTBLK_STATUS_NOSPC },
	{ "ENOLINK", HALTBLK_STATUS_TRANSPORT },
	{ "EREMOTEIO", HALTBLK_STATUS_TARGET },
	{ "EBADE", HALTBLK_STATUS_RESV_CONFLICT },
	{ "ENODATA", HALTBLK_STATUS_MEDIUM },
	{ "EILSEQ", HALTBLK_STATUS_PROTECTION },
	{ "ENOMEM", HALTBLK_STATUS_RESOURCE },
	{ "EIO", HALTBLK_STATUS_IOERR },
	{ "EAGAIN", HALTBLK_STATUS_AGAIN },
	{ "EWOULDBLOCK", HALTBLK_STATUS_AGAIN },
	{ "ENODEV", HALTBLK_STATUS_OFFLINE },
	{ "ETOOMANYREFS", HALTBLK_STATUS_ZONE_OPEN_RESOURCE },
	{ "EOVERFLOW", HALTBLK_STATUS_ZONE_ACTIVE_RESOURCE },
	{ "ETIME", HALTBLK_STATUS_DURATION_LIMIT },
	{ "EINVAL", HALTBLK_STATUS_INVAL },
};

/* Statuses of the block layer that a request cannot be ended with here. */
static const struct {
	const char *word;
	const char *why;
} status_refusals[] = {
	{ "EBUSY", "asks the block layer to try again and never reaches a process; action=busy does that" },
	{ "DEV_RESOURCE", "asks the block layer to try again and never reaches a process; action=busy does that" },
	{ "EREMCHG", "is device mapper's own and never reaches a process" },
	{ "DM_REQUEUE", "is device mapper's own and never reaches a process" },
};

static const struct {
	const char *const *words;
	unsigned int nr;
	const char *kind;
} lists[] = {
	[LIBHALTBLK_EVENTS] = { events, HALTBLK_EVENT_NR, "event" },
	[LIBHALTBLK_OPS] = { ops, HALTBLK_OP_NR, "op" },
	[LIBHALTBLK_ACTIONS] = { actions, HALTBLK_ACTION_NR, "action" },
	[LIBHALTBLK_STATUSES] = { statuses, HALTBLK_STATUS_NR, "status" },
	[LIBHALTBLK_RQ_FLAGS] = { rq_flags, HB_ARRAY_SIZE(rq_flags), "flag" },
	[LIBHALTBLK_WHATS] = { whats, HALTBLK_WHAT_NR, "kind of event" },
};

const char *libhaltblk_word(enum libhaltblk_words which, unsigned int number)
{
	if ((unsigned int)which >= HB_ARRAY_SIZE(lists) ||
	    number >= lists[which].nr)
		return NULL;
	return lists[which].words[number];
}

static bool same(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !memcmp(word, s, len);
}

/**
 * hb_lookup() - the number of a word that need not be terminated
 * @which: list
 * @word: word
 * @len: its length
 *
 * Return: number, or -EINVAL.
 */
int hb_lookup(enum libhaltblk_words which, const char *word, size_t len)
{
	unsigned int i;

	for (i = 0; i < lists[which].nr; i++)
		if (same(lists[which].words[i], word, len))
			return (int)i;
	if (which != LIBHALTBLK_STATUSES)
		return -EINVAL;
	for (i = 0; i < HB_ARRAY_SIZE(status_aliases); i++)
		if (same(status_aliases[i].word, word, len))
			return (int)status_aliases[i].status;
	return -EINVAL;
}

/** hb_all_words() - the words of a list, ", " between them */
void hb_all_words(enum libhaltblk_words which, char *buf, size_t size)
{
	struct hb_text t;
	unsigned int i;

	hb_text_start(&t, buf, size);
	for (i = 0; i < lists[which].nr; i++)
		hb_text_add(&t, "%s%s", i ? ", " : "", lists[which].words[i]);
}

/**
 * hb_status_refusal() - why a word is no status
 * @word: word that hb_lookup() did not find
 *
 * Return: the end of a sentence that begins with the word.
 */
const char *hb_status_refusal(const char *word)
{
	size_t i;

	for (i = 0; i < HB_ARRAY_SIZE(status_refusals); i++)
		if (!strcmp(status_refusals[i].word, word))
			return status_refusals[i].why;
	if (word[0] == 'E')
		return "is not an errno with a block status of its own";
	return "is not a status";
}

int libhaltblk_number(struct libhaltblk *h, enum libhaltblk_words which,
		      const char *word)
{
	char all[256];
	int r;

	hb_begin(h);
	if ((unsigned int)which >= HB_ARRAY_SIZE(lists))
		return hb_fail(h, -EINVAL, "no list of words %d", (int)which);
	r = hb_lookup(which, word, strlen(word));
	if (r >= 0)
		return r;
	hb_all_words(which, all, sizeof(all));
	if (which == LIBHALTBLK_STATUSES)
		return hb_fail(h, r, "'%s' %s; use one of %s", word,
			       hb_status_refusal(word), all);
	return hb_fail(h, r, "unknown %s '%s'; use one of %s",
		       lists[which].kind, word, all);
}
