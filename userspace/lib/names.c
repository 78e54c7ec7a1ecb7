/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The words of the kernel interface and their numbers, both ways: the rows of
 * haltblk_words.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

/**
 * struct word - a row of haltblk_words.h; its number is its index
 * @word: as users write it
 * @arg: what follows "word="; of a status, the errno a process sees
 */
struct word {
	const char *word;
	const char *arg;
};

#define HALTBLK_X(name, nr, word, offered, arg, text) [nr] = { word, arg },
static const struct word events[] = { HALTBLK_EVENTS(HALTBLK_X) };
static const struct word ops[] = { HALTBLK_OPS(HALTBLK_X) };
static const struct word actions[] = { HALTBLK_ACTIONS(HALTBLK_X) };
static const struct word statuses[] = { HALTBLK_STATUSES(HALTBLK_X) };
static const struct word rq_flags[] = { HALTBLK_RQ_FLAGS(HALTBLK_X) };
static const struct word whats[] = { HALTBLK_WHATS(HALTBLK_X) };
static const struct word keys[] = { HALTBLK_KEYS(HALTBLK_X) };
#undef HALTBLK_X

/*
 * Other names of statuses: errnos with two names, and the name that
 * RESV_CONFLICT had before Linux 6.5.
 */
static const struct {
	const char *word;
	enum haltblk_status status;
} status_aliases[] = {
	{ "NEXUS", HALTBLK_STATUS_RESV_CONFLICT },
	{ "ENOTSUP", HALTBLK_STATUS_NOTSUPP },
	{ "EWOULDBLOCK", HALTBLK_STATUS_AGAIN },
};

/* Statuses of the block layer that cannot end a request here. */
static const struct {
	const char *word;
	const char *why;
} status_refusals[] = {
	{ "EBUSY", "asks the block layer to try again and never reaches a process; action=busy does that" },
	{ "DEV_RESOURCE", "asks the block layer to try again and never reaches a process; action=busy does that" },
	{ "EREMCHG", "is device mapper's own and never reaches a process" },
	{ "DM_REQUEUE", "is device mapper's own and never reaches a process" },
};

#define LIST(words) words, HB_ARRAY_SIZE(words)
static const struct {
	const struct word *words;
	unsigned int nr;
	const char *kind;
	uint32_t offered;	/* by any driver of this version */
} lists[] = {
	[LIBHALTBLK_EVENTS] = { LIST(events), "event", HALTBLK_OFFERED_EVENTS },
	[LIBHALTBLK_OPS] = { LIST(ops), "op", HALTBLK_OFFERED_OPS },
	[LIBHALTBLK_ACTIONS] = { LIST(actions), "action",
				 HALTBLK_OFFERED_ACTIONS },
	[LIBHALTBLK_STATUSES] = { LIST(statuses), "status",
				  HALTBLK_OFFERED_STATUSES },
	[LIBHALTBLK_RQ_FLAGS] = { LIST(rq_flags), "flag",
				  HALTBLK_OFFERED_RQ_FLAGS },
	[LIBHALTBLK_WHATS] = { LIST(whats), "kind of event", ~0U },
	[LIBHALTBLK_KEYS] = { LIST(keys), "key", HALTBLK_OFFERED_KEYS },
};

const char *libhaltblk_word(enum libhaltblk_words which, unsigned int number)
{
	if ((unsigned int)which >= HB_ARRAY_SIZE(lists) ||
	    number >= lists[which].nr)
		return NULL;
	return lists[which].words[number].word;
}

/** hb_action_arg() - what follows an action's word and '=', "" for nothing */
const char *hb_action_arg(unsigned int action)
{
	return action < HB_ARRAY_SIZE(actions) ? actions[action].arg : "";
}

/*
 * The words that the session's driver takes; if it cannot be asked, those that
 * any driver of this version takes.
 */
static uint32_t offered(struct libhaltblk *h, enum libhaltblk_words which)
{
	struct haltblk_query q = { .hdr.size = sizeof(q) };

	if (!h || h->fd < 0 ||
	    hb_sys->ioctl(h->fd, HALTBLK_IOC_QUERY, &q) < 0 || !q.abi)
		return lists[which].offered;
	switch (which) {
	case LIBHALTBLK_EVENTS:
		return q.events;
	case LIBHALTBLK_OPS:
		return q.ops;
	case LIBHALTBLK_ACTIONS:
		return q.actions;
	case LIBHALTBLK_STATUSES:
		return q.statuses;
	case LIBHALTBLK_KEYS:
		return q.keys;
	default:
		return lists[which].offered;
	}
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
		if (same(lists[which].words[i].word, word, len))
			return (int)i;
	if (which != LIBHALTBLK_STATUSES || !len)
		return -EINVAL;
	for (i = 0; i < HB_ARRAY_SIZE(statuses); i++)
		if (same(statuses[i].arg, word, len))
			return (int)i;
	for (i = 0; i < HB_ARRAY_SIZE(status_aliases); i++)
		if (same(status_aliases[i].word, word, len))
			return (int)status_aliases[i].status;
	return -EINVAL;
}

/**
 * hb_all_words() - the words that a rule can use, ", " between them
 * @h: handle; with a session, those that its driver takes
 * @which: list
 * @args: with what follows a word, as "delay=USEC"
 * @buf: room
 * @size: bytes of @buf
 */
void hb_all_words(struct libhaltblk *h, enum libhaltblk_words which, bool args,
		  char *buf, size_t size)
{
	uint32_t bits = offered(h, which);
	const struct word *w;
	struct hb_text t;
	unsigned int i;

	hb_text_start(&t, buf, size);
	for (i = 0; i < lists[which].nr; i++) {
		if (!(bits & (1U << i)))
			continue;
		w = &lists[which].words[i];
		hb_text_add(&t, "%s%s", t.len ? ", " : "", w->word);
		if (args && *w->arg)
			hb_text_add(&t, "=%s", w->arg);
	}
}

/**
 * hb_status_refusal() - why a word is not a status
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
		return "is not an errno that a block status stands for";
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
	hb_all_words(h, which, false, all, sizeof(all));
	if (which == LIBHALTBLK_STATUSES)
		return hb_fail(h, r, "'%s' %s; use one of %s", word,
			       hb_status_refusal(word), all);
	return hb_fail(h, r, "unknown %s '%s'; use one of %s",
		       lists[which].kind, word, all);
}
