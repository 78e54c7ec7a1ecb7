/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Scripts as lines, whatever editor wrote them, and lines as words, quoted as
 * in a shell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/io.h"
#include "tap.h"

/* Each line, then the result, 0 or an errno: "a|b|0". */
static void lines_are(const char *text, size_t len, const char *want,
		      const char *name)
{
	struct hbc_lines lines = { 0 };
	char got[256], *line;
	size_t used = 0;
	int r;

	lines.file = len ? fmemopen((char *)text, len, "r") :
			   fopen("/dev/null", "re");
	if (!lines.file)
		abort();
	while ((r = hbc_lines_next(&lines, &line)) > 0)
		used += (size_t)snprintf(got + used, sizeof(got) - used, "%s|",
					 line);
	snprintf(got + used, sizeof(got) - used, "%s",
		 r ? strerrorname_np(-r) : "0");
	hbc_lines_end(&lines);
	fclose(lines.file);
	tap_str(got, want, "lines: %s", name);
}

#define LINES(text, want, name) lines_are(text, sizeof(text) - 1, want, name)

static void lines(void)
{
	struct hbc_lines lines = { 0 };
	char *line, *text;
	size_t len;
	FILE *f;

	LINES("", "0", "an empty file");
	LINES("a\nb\n", "a|b|0", "plain");
	LINES("a\nb", "a|b|0", "no newline at the end");
	LINES("\r\na b\r\n\r\n", "|a b||0", "CRLF");
	LINES("a\r\r\nb\r", "a|b|0", "CRLF made of CRLF, and a bare CR at the end");
	LINES("\xef\xbb\xbf" "a\r\n\xef\xbb\xbf" "b\n", "a|\xef\xbb\xbf" "b|0",
	      "a byte order mark, at the beginning only");
	LINES("\xef\xbb\xbf", "|0", "a byte order mark and nothing else");
	LINES("\ta\tb \n", "\ta\tb |0", "blanks stay");
	LINES("a\nb\0c\nd\n", "a|EILSEQ", "a NUL byte");
	LINES("\0", "EILSEQ", "nothing but a NUL byte");
	LINES("\xff\xfe" "a\0\n\0", "EILSEQ", "UTF-16");

	f = open_memstream(&text, &len);
	if (!f)
		abort();
	fprintf(f, "%0200000d\nb\n", 0);
	fclose(f);
	lines.file = fmemopen(text, len, "r");
	tap_int(hbc_lines_next(&lines, &line), 1, "a long line");
	tap_int((long long)strlen(line), 200000, "a long line: its length");
	tap_int(hbc_lines_next(&lines, &line), 1, "a line after it");
	tap_str(line, "b", "a line after it: its text");
	tap_int((long long)lines.nr, 2, "a line after it: its number");
	hbc_lines_end(&lines);
	fclose(lines.file);
	free(text);
}

/* Words as "[a][b]", or an errno. */
static void words_are(const char *text, const char *want, size_t length)
{
	char *copy = strdup(text), *argv[5], got[256] = "";
	int argc, i;

	tap_int((long long)hbc_line_length(text), (long long)length,
		"length without comment: %s", text);
	argc = hbc_split(copy, argv, 5);
	for (i = 0; i < argc; i++) {
		strcat(got, "[");
		strcat(got, argv[i]);
		strcat(got, "]");
	}
	if (argc < 0)
		strcpy(got, strerrorname_np(-argc));
	else if (argv[argc])
		strcat(got, " not ended by NULL");
	tap_str(got, want, "words: %s", text);
	free(copy);
}

static void words(void)
{
	words_are("", "", 0);
	words_are(" \t", "", 2);
	words_are("a", "[a]", 1);
	words_are(" a\tb ", "[a][b]", 4);
	words_are("a#b # c", "[a#b]", 3);
	words_are("# c 'd", "", 0);
	words_are("a #'", "[a]", 1);
	words_are("'a b'  c", "[a b][c]", 8);
	words_are("comm=\"Web Content\" x", "[comm=Web Content][x]", 20);
	words_are("comm='a'\"b\"\\ c", "[comm=ab c]", 14);
	words_are("'' \"\"", "[][]", 5);
	words_are("'#' \\#", "[#][#]", 6);
	words_are("'a\\'b'c'", "[a\\bc]", 8);
	words_are("\"\\\"\\\\\\$\\`\\n\"", "[\"\\$`\\n]", 12);
	words_are("'\\x20' \\x20", "[\\x20][x20]", 11);
	words_are("'\"' \"'\"", "[\"][']", 7);
	words_are("a 'b", "EINVAL", 4);
	words_are("a \"b", "EINVAL", 4);
	words_are("a \\", "EINVAL", 3);
	words_are("1 2 3 4", "[1][2][3][4]", 7);
	words_are("1 2 3 4 5", "E2BIG", 9);
}

int main(void)
{
	lines();
	words();
	return tap_done();
}
