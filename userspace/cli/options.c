/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The words of a command line: options, the number of arguments, numbers and
 * times.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define MOST_OPTIONS 12

const char *hbc_timeout = "60";

/** hbc_short_name() - the letter of an option, or 0 */
char hbc_short_name(const struct hbc_option *o)
{
	return o->name[1] == ',' ? o->name[0] : '\0';
}

/** hbc_long_name() - the name of an option without its dashes */
const char *hbc_long_name(const struct hbc_option *o)
{
	return hbc_short_name(o) ? o->name + 2 : o->name;
}

/* "-f, --file FILE", or "--json" in the same column. */
static void print_option(const struct hbc_option *o)
{
	char left[64];
	const char *value = o->arg ? o->arg : "";
	int n = 0;

	if (hbc_short_name(o))
		n = snprintf(left, sizeof(left), "-%c, ", hbc_short_name(o));
	snprintf(left + n, sizeof(left) - (size_t)n,
		 o->flag && o->value ? "--%s%s[=%s]" : "--%s%s%s",
		 hbc_long_name(o), o->arg && !o->flag ? " " : "", value);
	printf("  %s%-*s %s\n", n ? "" : "    ", n ? 24 : 20, left, o->help);
}

static void print_help(const struct hbc_command *cmd,
		       const struct hbc_option *o)
{
	const struct hbc_option help = {
		.name = "h,help", .help = "print this",
	};

	printf("Usage: haltblk %s%s%s%s\n%c%s.\n\n", cmd->name,
	       o->name ? " [OPTIONS]" : "", *cmd->args ? " " : "", cmd->args,
	       toupper((unsigned char)cmd->summary[0]), cmd->summary + 1);
	if (*cmd->help) {
		hbc_print_text(cmd->help);
		putchar('\n');
	}
	for (; o->name; o++)
		print_option(o);
	print_option(&help);
}

/** hbc_number() - a decimal number; 0, -EINVAL, or -ERANGE if out of range */
int hbc_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (*end)
		return -EINVAL;
	return errno || *value < min || *value > max ? -ERANGE : 0;
}

/** hbc_number_why() - what an error of hbc_number() means */
const char *hbc_number_why(int err)
{
	return err == -ERANGE ? "out of range" : "not a number";
}

static int take_number(const struct hbc_command *cmd,
		       const struct hbc_option *o)
{
	int r = hbc_number(*o->value, o->min, o->max, o->number);

	if (!r)
		return HBC_GO_ON;
	return hbc_usage(cmd, "--%s %s: %s, takes %llu to %llu",
			 hbc_long_name(o), *o->value, hbc_number_why(r),
			 (unsigned long long)o->min,
			 (unsigned long long)o->max);
}

#define MOST_SECONDS (UINT64_MAX / HBC_NSEC - 1)

/* Seconds with a fraction; -ERANGE if they do not fit. */
static int parse_seconds(const char *text, uint64_t *ns)
{
	size_t len = strspn(text, "0123456789");
	uint64_t whole = 0, unit = HBC_NSEC / 10;
	const char *p = text + len;

	if (!len && *p != '.')
		return -EINVAL;
	if (len) {
		errno = 0;
		whole = strtoull(text, NULL, 10);
		if (errno || whole > MOST_SECONDS)
			whole = MOST_SECONDS + 1;
	}
	*ns = whole * HBC_NSEC;
	if (*p == '.') {
		if (!*++p)
			return -EINVAL;
		for (; *p >= '0' && *p <= '9'; p++, unit /= 10)
			*ns += (uint64_t)(*p - '0') * unit;
	}
	if (*p)
		return -EINVAL;
	return whole > MOST_SECONDS ? -ERANGE : 0;
}

static int take_seconds(const struct hbc_command *cmd,
			const struct hbc_option *o)
{
	int r = parse_seconds(*o->value, o->ns);

	if (!r)
		return HBC_GO_ON;
	return hbc_usage(cmd, "--%s %s: %s, takes 0 to %llu seconds",
			 hbc_long_name(o), *o->value, hbc_number_why(r),
			 (unsigned long long)MOST_SECONDS);
}

/* Each required option was given; the message names all of them. */
static int check_required(const struct hbc_command *cmd,
			  const struct hbc_option *options)
{
	const struct hbc_option *o;
	const char *between = "";
	bool missing = false;
	char names[128];
	int n = 0;

	for (o = options; o->name; o++) {
		if (!o->required)
			continue;
		missing |= !*o->value;
		n += snprintf(names + n, sizeof(names) - (size_t)n, "%s--%s",
			      between, hbc_long_name(o));
		between = " and ";
	}
	return missing ? hbc_usage(cmd, "give %s", names) : HBC_GO_ON;
}

/* Values as numbers and times. A value that was not given has its default. */
static int take_values(const struct hbc_command *cmd,
		       const struct hbc_option *options)
{
	int status = check_required(cmd, options);
	const struct hbc_option *o;

	for (o = options; status == HBC_GO_ON && o->name; o++) {
		if (!o->value || !*o->value)
			continue;
		if (o->number)
			status = take_number(cmd, o);
		else if (o->ns)
			status = take_seconds(cmd, o);
	}
	return status;
}

static void make_table(const struct hbc_option *options, struct option *table,
		       char *letters)
{
	int i;

	*table++ = (struct option){ "help", no_argument, NULL, 'h' };
	letters += sprintf(letters, ":h");
	for (i = 0; options[i].name && i < MOST_OPTIONS; i++) {
		*table++ = (struct option){
			hbc_long_name(&options[i]),
			!options[i].value ? no_argument : options[i].flag ?
			optional_argument : required_argument,
			NULL, 256 + i,
		};
		if (hbc_short_name(&options[i]))
			letters += sprintf(letters, "%c%s",
					   hbc_short_name(&options[i]),
					   options[i].value ? ":" : "");
	}
	*table = (struct option){ 0 };
}

/* The option that getopt found: by its number, or by its letter. */
static const struct hbc_option *find_option(const struct hbc_option *options,
					    int c)
{
	if (c >= 256)
		return &options[c - 256];
	for (; options->name; options++)
		if (hbc_short_name(options) == c)
			return options;
	return NULL;
}

static int parse_options(const struct hbc_command *cmd,
			 const struct hbc_option *options, int argc,
			 char **argv)
{
	struct option table[MOST_OPTIONS + 2];
	char letters[2 * MOST_OPTIONS + 4];
	const struct hbc_option *o;
	const char *word;
	int c;

	make_table(options, table, letters);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		word = argv[optind - 1];
		if (c == 'h') {
			if (!hbc_describe(cmd, options))
				print_help(cmd, options);
			return HBC_OK;
		}
		if (c == ':')
			return hbc_usage(cmd, "%s: needs a value", word);
		o = find_option(options, c);
		if (!o)
			return hbc_usage(cmd, "%s: unknown option, or an option that takes no value",
					 word);
		if (o->value)
			*o->value = optarg;
		if (o->flag)
			*o->flag = true;
	}
	return HBC_GO_ON;
}

/**
 * hbc_parse() - the words of a command line
 * @cmd: command, which says how many arguments it takes
 * @options: its options; a NULL name ends the list
 * @argc: in: words, with the command's name; out: positional arguments
 * @argv: likewise
 *
 * Return: HBC_GO_ON, or an exit status.
 */
int hbc_parse(const struct hbc_command *cmd, const struct hbc_option *options,
	      int *argc, char ***argv)
{
	int status = parse_options(cmd, options, *argc, *argv);

	if (status != HBC_GO_ON)
		return status;
	*argc -= optind;
	*argv += optind;
	if (*argc < cmd->min)
		return hbc_usage(cmd, "missing argument: it takes %s",
				 cmd->args);
	if (cmd->max >= 0 && *argc > cmd->max)
		return hbc_usage(cmd, "%s: one argument too many: it takes %s",
				 (*argv)[cmd->max],
				 *cmd->args ? cmd->args : "none");
	return take_values(cmd, options);
}
