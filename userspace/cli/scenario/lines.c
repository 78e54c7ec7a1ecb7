/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Scripts of run and io as lines, and lines as words.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"

#define BLANKS " \t\r\n"

/* The mark that editors on Windows put before UTF-8. */
static const char mark[] = "\xef\xbb\xbf";

/**
 * hbc_lines_next() - the next line of a script
 * @lines: zero except for @file before the first call
 * @line: out: the line without its end, which may be CRLF, or missing at the
 *	end of the script; valid until the next call
 *
 * Return: 1; 0 at the end; -EILSEQ if the line has a NUL byte; another
 * negative errno.
 */
int hbc_lines_next(struct hbc_lines *lines, char **line)
{
	ssize_t len;

	errno = 0;
	len = getline(&lines->text, &lines->room, lines->file);
	if (len < 0)
		return feof(lines->file) && !ferror(lines->file) ? 0 :
		       errno ? -errno : -EIO;
	lines->nr++;
	*line = lines->text;
	if (memchr(*line, '\0', (size_t)len))
		return -EILSEQ;
	if (lines->nr == 1 && !strncmp(*line, mark, strlen(mark)))
		*line += strlen(mark);
	len = (ssize_t)strlen(*line);
	if (len && (*line)[len - 1] == '\n')
		len--;
	while (len && (*line)[len - 1] == '\r')
		len--;
	(*line)[len] = '\0';
	return 1;
}

/** hbc_lines_end() - free what hbc_lines_next() needed */
void hbc_lines_end(struct hbc_lines *lines)
{
	free(lines->text);
	lines->text = NULL;
}

/** hbc_lines_why() - what an error of hbc_lines_next() means */
const char *hbc_lines_why(int err)
{
	return err == -EILSEQ ?
	       "the line has a NUL byte; a script is plain text, in ASCII or UTF-8" :
	       strerror(-err);
}

static void put(char **to, char c)
{
	if (*to)
		*(*to)++ = c;
}

/* Between double quotes; a backslash counts only before what it can escape. */
static const char *skip_double(const char *p, char **to)
{
	for (; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1] && strchr("\"\\$`", p[1]))
			p++;
		put(to, *p);
	}
	return *p ? p + 1 : NULL;
}

static const char *skip_single(const char *p, char **to)
{
	for (; *p && *p != '\''; p++)
		put(to, *p);
	return *p ? p + 1 : NULL;
}

/*
 * Skip one word, quoted as in a shell, and copy its bytes to *to unless that
 * is NULL. Returns NULL if a quote is not closed or nothing follows a
 * backslash.
 */
static const char *skip_word(const char *p, char **to)
{
	while (p && *p && !strchr(BLANKS, *p)) {
		if (*p == '"') {
			p = skip_double(p + 1, to);
		} else if (*p == '\'') {
			p = skip_single(p + 1, to);
		} else {
			p += *p == '\\';
			if (!*p)
				return NULL;
			put(to, *p++);
		}
	}
	return p;
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, BLANKS);
}

/**
 * hbc_split() - words of a line, up to a # that begins a word
 * @line: line; modified, because quotes and backslashes are removed
 * @argv: out: words, the list ended by NULL
 * @most: entries of @argv
 *
 * Return: number of words; -E2BIG if there are too many; -EINVAL if a quote is
 * not closed or nothing follows a backslash.
 */
int hbc_split(char *line, char **argv, int most)
{
	const char *p = skip_blanks(line);
	char *to = line;
	int argc = 0;

	while (*p && *p != '#') {
		if (argc + 1 == most)
			return -E2BIG;
		argv[argc++] = to;
		p = skip_word(p, &to);
		if (!p)
			return -EINVAL;
		/* Skip blanks first: the NUL may overwrite one. */
		p = skip_blanks(p);
		*to++ = '\0';
	}
	argv[argc] = NULL;
	return argc;
}

/** hbc_split_why() - what an error of hbc_split() means */
const char *hbc_split_why(int err)
{
	switch (err) {
	case -E2BIG:
		return "too many words: a line takes at most 63";
	case -EINVAL:
		return "a quote is not closed, or nothing follows a backslash";
	default:
		return strerror(-err);
	}
}

/** hbc_line_length() - bytes of a line up to its comment or last word */
size_t hbc_line_length(const char *line)
{
	const char *p = skip_blanks(line), *end = p;
	char *nowhere = NULL;

	while (p && *p && *p != '#') {
		end = skip_word(p, &nowhere);
		p = end ? skip_blanks(end) : NULL;
	}
	return end ? (size_t)(end - line) : strlen(line);
}
