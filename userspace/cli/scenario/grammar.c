/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What a line of a scenario may be: one table, from which lines are parsed,
 * messages are made and the grammar is printed.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define COMMAND(name, takes)						\
	{ .words = name, .usage = name " [DEVICE:] " takes, .most = -1,	\
	  .device = true, .run = hbc_run_command }
#define REQUEST(name, takes)						\
	{ .words = name, .usage = name " [DEVICE:] " takes, .most = -1,	\
	  .device = true, .file = true, .check = hbc_run_check_request, .run = hbc_run_request }

/* The first row whose words a line begins with counts. */
static const struct hbc_kind kinds[] = {
	{ .words = "device", .usage = "device [NAME] [KEY=VALUE ...]", .most = -1,
	  .is_device = true },
	COMMAND("break", "EVENT TAG [KEY=VALUE ...]"),
	COMMAND("wait", "TAG [OPTION ...]"),
	COMMAND("resume", "[TAG] [OPTION ...]"),
	COMMAND("step", "[TAG] [OPTION ...]"),
	COMMAND("remove", "[TAG] [OPTION ...]"),
	COMMAND("settle", "OPTION ..."),
	{ .words = "set", .usage = "set [DEVICE:] KEY=VALUE ...", .most = -1,
	  .device = true, .run = hbc_run_set },
	COMMAND("held", "[OPTION ...]"),
	COMMAND("rules", "[OPTION ...]"),
	COMMAND("backtrace", "OPTION ..."),
	REQUEST("write", "NAME [FILE] OFFSET LENGTH [pattern=BYTE] [vec=N] [buffered] [fua]"),
	REQUEST("read", "NAME [FILE] OFFSET LENGTH [pattern=BYTE] [vec=N] [buffered]"),
	REQUEST("flush", "NAME [FILE]"),
	REQUEST("discard", "NAME [FILE] OFFSET LENGTH"),
	REQUEST("zeroout", "NAME [FILE] OFFSET LENGTH"),
	REQUEST("secdiscard", "NAME [FILE] OFFSET LENGTH"),
	{ .words = "expect order", .usage = "expect order NAME NAME ...",
	  .least = 2, .most = -1, .run = hbc_expect_order },
	{ .words = "expect inflight", .usage = "expect inflight [NAME ...]",
	  .most = -1, .run = hbc_expect_inflight },
	{ .words = "expect held", .usage = "expect [DEVICE:] held N [TAG [EVENT]]",
	  .device = true, .least = 1, .most = 3, .check = hbc_expect_check_held,
	  .run = hbc_expect_held },
	{ .words = "expect hits", .usage = "expect [DEVICE:] hits TAG N",
	  .device = true, .least = 2, .most = 2, .check = hbc_expect_check_hits,
	  .run = hbc_expect_hits },
	{ .words = "expect stack", .usage = "expect stack NAME FUNCTION",
	  .least = 2, .most = 2, .run = hbc_expect_stack },
	{ .words = "expect log", .usage = "expect log PATTERN",
	  .least = 1, .most = 1, .check = hbc_expect_check_log,
	  .run = hbc_expect_log },
	{ .words = "expect nolog", .usage = "expect nolog PATTERN",
	  .least = 1, .most = 1, .check = hbc_expect_check_log,
	  .run = hbc_expect_nolog },
	{ .words = "expect", .usage = "expect NAME ... RESULT",
	  .least = 2, .most = -1, .check = hbc_expect_check_result,
	  .run = hbc_expect_result },
	{ .words = "start", .usage = "start NAME $ COMMAND", .shell = true,
	  .named = true, .check = hbc_run_check_start, .run = hbc_run_start },
	{ .words = "finally", .usage = "finally $ COMMAND", .shell = true,
	  .is_finally = true, .check = hbc_run_check_shell,
	  .run = hbc_run_shell },
	{ .words = "$", .usage = "$ COMMAND", .shell = true,
	  .check = hbc_run_check_shell, .run = hbc_run_shell },
};

#define BLANKS " \t\r"

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, BLANKS);
}

/* How many words of a kind the words of a line begin with; 0: not all of them. */
static int begins_with(char **argv, const char *words)
{
	size_t len;
	int nr = 0;

	for (; *words; words += len + !!words[len]) {
		len = strcspn(words, " ");
		if (!argv[nr] || strlen(argv[nr]) != len ||
		    strncmp(argv[nr], words, len))
			return 0;
		nr++;
	}
	return nr;
}

/* The kind of a line whose end is the shell's, or NULL. */
static const struct hbc_kind *shell_kind(const char *text)
{
	size_t i, len = *text == '$' ? 1 : strcspn(text, " \t\r");

	for (i = 0; i < HBC_ARRAY_SIZE(kinds); i++)
		if (kinds[i].shell && strlen(kinds[i].words) == len &&
		    !strncmp(kinds[i].words, text, len))
			return &kinds[i];
	return NULL;
}

static int unknown(const char *word)
{
	hbc_error(word, "unknown line: see haltblk run --help");
	return HBC_USAGE;
}

/**
 * hbc_line_takes() - say what a line takes
 * @line: line
 *
 * Lines whose first word is the same are named together.
 *
 * Return: exit status.
 */
int hbc_line_takes(const struct hbc_line *line)
{
	char text[1024] = "";
	size_t len = strlen(line->argv[0]), used = 0, i;

	for (i = 0; i < HBC_ARRAY_SIZE(kinds); i++)
		if (!strncmp(kinds[i].words, line->argv[0], len) &&
		    strchr(" ", kinds[i].words[len]) && used < sizeof(text))
			used += (size_t)snprintf(text + used,
						 sizeof(text) - used, "%s%s",
						 used ? "; " : "",
						 kinds[i].usage);
	hbc_error(line->argv[0], "takes: %s", text);
	return HBC_USAGE;
}

/* Take "DEVICE:" out of the words; only devices with names can be named. */
static int take_device(const struct hbc_run *run, struct hbc_line *line)
{
	const char *word = line->argc > 1 ? line->argv[1] : "";
	size_t len = strlen(word);
	int nr;

	if (!len || word[len - 1] != ':' || !hbc_device_has_names(run))
		return HBC_OK;
	nr = hbc_device_find(run, word, len - 1);
	if (nr < 0) {
		hbc_error(line->argv[0], "%s no device line has this name",
			  word);
		return HBC_USAGE;
	}
	line->dev = (size_t)nr;
	line->has_dev = true;
	memmove(line->argv + 1, line->argv + 2,
		(size_t)line->argc-- * sizeof(*line->argv) -
		sizeof(*line->argv));
	return HBC_OK;
}

/* A line for one of several devices names it; no other line names one. */
static int check_device(const struct hbc_run *run, const struct hbc_line *line)
{
	bool file = line->kind->file && line->nr_args > 1 &&
		    line->args[1][0] == '/';

	if (line->has_dev && (file || !line->kind->device)) {
		hbc_error(line->argv[0], "%s: this line is not for a device: leave the name out",
			  run->dev[line->dev].name);
		return HBC_USAGE;
	}
	if (!line->has_dev && line->kind->device && !file && run->nr_devs > 1) {
		hbc_error(line->argv[0], "there are several devices: say which, as in: %s %s: ...",
			  line->argv[0], run->dev[0].name);
		return HBC_USAGE;
	}
	return HBC_OK;
}

/* The words of a line that is not a shell's. */
static int parse_words(const struct hbc_run *run, struct hbc_line *line)
{
	int argc = hbc_split(line->copy, line->argv, HBC_RUN_WORDS), nr = 0;
	int status;
	size_t i;

	if (argc < 0) {
		hbc_error("line", "%s", hbc_split_why(argc));
		return HBC_USAGE;
	}
	line->argc = argc;
	status = take_device(run, line);
	if (status)
		return status;
	for (i = 0; i < HBC_ARRAY_SIZE(kinds) && !nr; i++) {
		line->kind = &kinds[i];
		nr = kinds[i].shell ? 0 : begins_with(line->argv, kinds[i].words);
	}
	if (!nr)
		return unknown(line->argv[0]);
	line->args = line->argv + nr;
	line->nr_args = line->argc - nr;
	if (line->nr_args < line->kind->least ||
	    (line->kind->most >= 0 && line->nr_args > line->kind->most))
		return hbc_line_takes(line);
	return check_device(run, line);
}

/* WORD [NAME] $ COMMAND */
static int parse_shell(struct hbc_line *line)
{
	char *p = line->copy + strcspn(line->copy, "$");
	char *name = line->copy + strlen(line->kind->words);
	size_t len;

	/* Nothing but the name may stand between. */
	line->argv[0] = (char *)line->kind->words;
	name += strspn(name, BLANKS);
	len = line->kind->named ? strcspn(name, BLANKS "$") : 0;
	if (line->kind->words[0] == '$') {
		line->shell = line->copy + 1;
		return HBC_OK;
	}
	if (!*p || name + len + strspn(name + len, BLANKS) != p ||
	    (line->kind->named && !len))
		return hbc_line_takes(line);
	line->shell = p + 1;
	line->name = name;
	name[len] = '\0';
	return HBC_OK;
}

/**
 * hbc_line_parse() - parse a line
 * @run: scenario, which has the names of devices
 * @text: line
 * @line: out; hbc_line_free() frees it, whatever is returned
 *
 * Return: HBC_OK; HBC_GO_ON for a line without words; another status after a
 * message.
 */
int hbc_line_parse(const struct hbc_run *run, const char *text,
		   struct hbc_line *line)
{
	*line = (struct hbc_line){ 0 };
	text = skip_blanks(text);
	if (!*text || *text == '#')
		return HBC_GO_ON;
	line->copy = strdup(text);
	if (!line->copy)
		return hbc_no_memory();
	line->kind = shell_kind(line->copy);
	return line->kind ? parse_shell(line) : parse_words(run, line);
}

/** hbc_line_free() - free what hbc_line_parse() made */
void hbc_line_free(struct hbc_line *line)
{
	free(line->copy);
	line->copy = NULL;
}

/* The rest of the grammar: what the words of the usages consist of. */
static const char rest[] =
"name, device, tag, event, file, function, pattern, key, value, option, n, offset, length, byte, result = word ;\n"
"word     = ? characters, quoted as in a shell ? ;\n"
"blank    = \" \" | ? tab ? ;\n"
"comment  = \"#\", { character } ;\n"
"command  = { character } ;\n"
"newline  = [ ? CR ? ], ( ? LF ? | ? end of file ? ) ;\n"
"character = ? any byte but LF and NUL ? ;\n";

static void print_terms(const char *p, size_t len, const char *between);

/* KEY=VALUE, DEVICE:, NAME or word, of @len bytes. */
static void print_word(const char *p, size_t len)
{
	const char *equals = memchr(p, '=', len);
	bool colon = p[len - 1] == ':';
	size_t key = equals ? (size_t)(equals - p) : len - colon, i;

	if (isupper((unsigned char)*p)) {
		for (i = 0; i < key; i++)
			putchar(tolower((unsigned char)p[i]));
		if (equals || colon)
			printf(", \"%c\"", equals ? '=' : ':');
	} else {
		printf("\"%.*s%s\"", (int)key, p, equals ? "=" : "");
	}
	if (equals) {
		printf(", ");
		print_word(equals + 1, len - key - 1);
	}
}

/* Bytes up to the bracket that closes the one before @p. */
static size_t inside(const char *p)
{
	size_t len = 0;
	int depth = 1;

	for (; (depth += (p[len] == '[') - (p[len] == ']')); len++)
		;
	return len;
}

static bool is_repeated(const char *p, size_t len)
{
	return len >= 4 && !strncmp(p, " ...", 4);
}

static void print_bracket(const char *p, size_t len)
{
	bool many = len > 4 && is_repeated(p + len - 4, 4);

	printf(many ? "{ " : "[ ");
	print_terms(p, many ? len - 4 : len, "");
	printf(many ? " }" : " ]");
}

/* The terms of a usage, with commas between. */
static void print_terms(const char *p, size_t len, const char *between)
{
	const char *end = p + len;
	size_t n;

	for (; p < end; p += n) {
		p += strspn(p, " ");
		printf("%s", between);
		between = ", ";
		if (*p == '[') {
			n = inside(p + 1);
			print_bracket(p + 1, n);
			n += 2;
			continue;
		}
		for (n = 0; p + n < end && p[n] != ' '; n++)
			;
		print_word(p, n);
		if (is_repeated(p + n, (size_t)(end - p) - n)) {
			printf(", { ");
			print_word(p, n);
			printf(" }");
			n += 4;
		}
	}
}

/** hbc_grammar_print() - print the grammar of scenarios in EBNF (ISO 14977) */
void hbc_grammar_print(void)
{
	size_t i;

	printf("scenario = { line } ;\n"
	       "line     = { blank }, [ statement ], { blank }, [ comment ], newline ;\n"
	       "statement\n");
	for (i = 0; i < HBC_ARRAY_SIZE(kinds); i++) {
		printf("    %c ", i ? '|' : '=');
		print_terms(kinds[i].usage, strlen(kinds[i].usage), "");
		putchar('\n');
	}
	printf("    ;\n%s", rest);
}
