/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Parses the words of a line into a request.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"

static const char *const ops[HBC_IO_NR_OPS] = {
	[HBC_IO_READ] = "read",
	[HBC_IO_WRITE] = "write",
	[HBC_IO_FLUSH] = "flush",
	[HBC_IO_DISCARD] = "discard",
	[HBC_IO_ZEROOUT] = "zeroout",
	[HBC_IO_SECDISCARD] = "secdiscard",
};

static int find_op(const char *word)
{
	int i;

	for (i = 0; i < HBC_IO_NR_OPS; i++)
		if (!strcmp(ops[i], word))
			return i;
	return -EINVAL;
}

/** hbc_io_is_request() - whether a line that begins with it is a request */
bool hbc_io_is_request(const char *word)
{
	return find_op(word) >= 0;
}

/** hbc_io_word() - what a request is called */
const char *hbc_io_word(enum hbc_io_op op)
{
	return op < HBC_IO_NR_OPS ? ops[op] : "$";
}

static int wrong(char *why, size_t size, const char *fmt, ...)
	HBC_PRINTF(3, 4);

static int wrong(char *why, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* A byte, in any base of C. */
static int parse_pattern(struct hbc_io_request *rq, const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (end == text || *end)
		return -EINVAL;
	if (errno || value > 0xff || *text == '-')
		return -ERANGE;
	rq->pattern = (int)value;
	return 0;
}

/* pattern=, vec=, buffered and fua of reads and writes. */
static int parse_extra(struct hbc_io_request *rq, const char *word, char *why,
		       size_t size)
{
	uint64_t vec;
	int r;

	if (!strncmp(word, "pattern=", 8)) {
		r = parse_pattern(rq, word + 8);
		if (r)
			return wrong(why, size, "%s: %s, takes a byte from 0 to 0xff",
				     word, hbc_number_why(r));
	} else if (!strncmp(word, "vec=", 4)) {
		r = hbc_number(word + 4, 1, HBC_IO_VECS, &vec);
		if (r)
			return wrong(why, size, "%s: %s, takes 1 to %d", word,
				     hbc_number_why(r), HBC_IO_VECS);
		rq->vec = (unsigned int)vec;
	} else if (!strcmp(word, "buffered")) {
		rq->buffered = true;
	} else if (!strcmp(word, "fua") && rq->op == HBC_IO_WRITE) {
		rq->fua = true;
	} else {
		return wrong(why, size, "%s: unknown word; %s takes pattern=BYTE, vec=N, buffered%s",
			     word, ops[rq->op],
			     rq->op == HBC_IO_WRITE ? ", fua" : "");
	}
	return 0;
}

static int parse_range(struct hbc_io_request *rq, char **argv, char *why,
		       size_t size)
{
	if (libhaltblk_parse_size(NULL, argv[0], &rq->offset))
		return wrong(why, size, "%s: not an offset; use bytes, or a number with KiB, MiB, ...",
			     argv[0]);
	if (libhaltblk_parse_size(NULL, argv[1], &rq->length) || !rq->length)
		return wrong(why, size, "%s: not a length; use bytes, or a number with KiB, MiB, ...",
			     argv[1]);
	if (rq->op <= HBC_IO_WRITE && rq->length > 1U << 30)
		return wrong(why, size, "%s: too long; at most 1GiB", argv[1]);
	return 0;
}

/* A word in the place of the offset that begins with a slash is a file. */
static int parse_path(struct hbc_io_request *rq, int *argc, char ***argv,
		      char *why, size_t size)
{
	if (!*argc || ***argv != '/')
		return 0;
	if (strlen(**argv) >= sizeof(rq->path))
		return wrong(why, size, "%s: the path has more than %zu bytes",
			     **argv, sizeof(rq->path) - 1);
	strcpy(rq->path, **argv);
	--*argc;
	++*argv;
	return 0;
}

/**
 * hbc_io_parse() - OP NAME [FILE] [OFFSET LENGTH [WORD ...]]
 * @rq: out
 * @argc: words
 * @argv: the first is one that hbc_io_is_request() knows
 * @why: out: what is wrong
 * @size: bytes of @why
 *
 * Return: 0 or -EINVAL.
 */
int hbc_io_parse(struct hbc_io_request *rq, int argc, char **argv, char *why,
		 size_t size)
{
	const char *op = argv[0];
	int i, r;

	*rq = (struct hbc_io_request){ .pattern = -1, .vec = 1 };
	rq->op = (enum hbc_io_op)find_op(op);
	if (argc < 2 || strlen(argv[1]) >= sizeof(rq->name) ||
	    strchr(argv[1], '='))
		return wrong(why, size, "%s needs a NAME of at most %zu characters without '='",
			     op, sizeof(rq->name) - 1);
	strcpy(rq->name, argv[1]);
	argc -= 2;
	argv += 2;
	if (parse_path(rq, &argc, &argv, why, size))
		return -EINVAL;
	if (rq->op == HBC_IO_FLUSH)
		return !argc ? 0 : wrong(why, size, "%s: flush takes NAME [FILE]",
					 argv[0]);
	if (argc < 2)
		return wrong(why, size, "%s takes NAME [FILE] OFFSET LENGTH", op);
	r = parse_range(rq, argv, why, size);
	if (!r && argc > 2 && rq->op > HBC_IO_WRITE)
		r = wrong(why, size, "%s: %s takes NAME [FILE] OFFSET LENGTH",
			  argv[2], op);
	for (i = 2; !r && i < argc; i++)
		r = parse_extra(rq, argv[i], why, size);
	if (!r && rq->length % rq->vec)
		r = wrong(why, size, "length %llu cannot be divided into %u equal segments",
			  (unsigned long long)rq->length, rq->vec);
	return r;
}
