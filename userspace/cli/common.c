/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What every command needs: options, messages, a session.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define MOST_OPTIONS 12

const char *hbc_timeout = "60";

static FILE *messages;
static struct libhaltblk *lent;

/** hbc_messages_to() - where messages go; NULL: to stderr */
void hbc_messages_to(FILE *to)
{
	messages = to;
}

/** hbc_message_file() - where messages go */
FILE *hbc_message_file(void)
{
	return messages ? messages : stderr;
}

static void verror(const char *object, const char *fmt, va_list ap)
{
	fputs("haltblk: ", hbc_message_file());
	/* Control characters in a device's name must not break the line. */
	for (; *object; object++)
		fprintf(hbc_message_file(), (unsigned char)*object < ' ' ||
			*object == 0x7f ? "\\x%02x" : "%c",
			(unsigned char)*object);
	fputs(": ", hbc_message_file());
	vfprintf(hbc_message_file(), fmt, ap);
}

/** hbc_error() - a message: haltblk: OBJECT: what: why */
void hbc_error(const char *object, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verror(object, fmt, ap);
	va_end(ap);
	fputc('\n', hbc_message_file());
}

/** hbc_usage() - a message about the command line, which points to --help */
int hbc_usage(const struct hbc_command *cmd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verror(cmd->name, fmt, ap);
	va_end(ap);
	fprintf(hbc_message_file(), ": see haltblk %s --help\n", cmd->name);
	return HBC_USAGE;
}

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
	const struct hbc_option help = { "h,help", NULL, NULL, NULL, "print this" };

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

/**
 * hbc_parse() - options and number of arguments
 * @cmd: command
 * @options: its options, the list ended by a NULL name
 * @min: least positional arguments
 * @max: most, or -1
 * @argc: in: words with the command's name; out: positional arguments
 * @argv: likewise
 *
 * Return: HBC_GO_ON, or an exit status.
 */
int hbc_parse(const struct hbc_command *cmd, const struct hbc_option *options,
	      int min, int max, int *argc, char ***argv)
{
	struct option table[MOST_OPTIONS + 2] = {
		{ "help", no_argument, NULL, 'h' },
	};
	char letters[2 * MOST_OPTIONS + 4] = ":h", *end = letters + 2;
	const char *word;
	int c, i;

	for (i = 0; options[i].name && i < MOST_OPTIONS; i++) {
		table[i + 1] = (struct option){
			hbc_long_name(&options[i]),
			!options[i].value ? no_argument : options[i].flag ?
			optional_argument : required_argument,
			NULL, 256 + i,
		};
		if (hbc_short_name(&options[i]))
			end += sprintf(end, "%c%s", hbc_short_name(&options[i]),
				       options[i].value ? ":" : "");
	}
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(*argc, *argv, letters, table, NULL)) != -1) {
		word = (*argv)[optind - 1];
		if (c == 'h') {
			if (!hbc_describe(cmd, options))
				print_help(cmd, options);
			return HBC_OK;
		}
		if (c == ':')
			return hbc_usage(cmd, "%s: needs a value", word);
		for (i = 0; c < 256 && options[i].name; i++)
			if (hbc_short_name(&options[i]) == c)
				c = 256 + i;
		if (c < 256)
			return hbc_usage(cmd, "%s: unknown option, or an option that takes no value",
					 word);
		if (options[c - 256].value)
			*options[c - 256].value = optarg;
		if (options[c - 256].flag)
			*options[c - 256].flag = true;
	}
	*argc -= optind;
	*argv += optind;
	if (*argc < min)
		return hbc_usage(cmd, "missing argument: it takes %s",
				 cmd->args);
	if (max >= 0 && *argc > max)
		return hbc_usage(cmd, "%s: one argument too many: it takes %s",
				 (*argv)[max], *cmd->args ? cmd->args : "none");
	return HBC_GO_ON;
}

static bool out_of_memory;

/** hbc_no_memory() - say so; an exit status */
int hbc_no_memory(void)
{
	out_of_memory = true;
	fputs("haltblk: out of memory\n", hbc_message_file());
	return HBC_FAILED;
}

/**
 * hbc_complete() - make a status a failure if memory ran out
 * @status: of a command
 *
 * A list that could be printed only in part is a failure.
 */
int hbc_complete(int status)
{
	if (out_of_memory && status == HBC_OK)
		status = HBC_FAILED;
	out_of_memory = false;
	return status;
}

/** hbc_exit_status() - the exit status for a library call's result */
int hbc_exit_status(int err)
{
	switch (err) {
	case -ENODEV:
	case -ENOENT:
	case -ENOTBLK:
		return HBC_NONE;
	case -ETIME:
		return HBC_TIMEOUT;
	default:
		return err < 0 ? HBC_FAILED : HBC_OK;
	}
}

/**
 * hbc_fail() - say why a library call failed
 * @h: its handle
 * @object: device, usually
 * @what: what was tried, or NULL
 * @err: its result
 *
 * Return: exit status.
 */
int hbc_fail(const struct libhaltblk *h, const char *object, const char *what,
	     int err)
{
	const char *why = libhaltblk_why(h);
	size_t len = strlen(object);

	/* Some of the kernel's sentences begin with the object already. */
	if (!what && !strncmp(why, object, len) && !strncmp(why + len, ": ", 2))
		why += len + 2;
	hbc_error(object, "%s%s%s", what ? what : "", what ? ": " : "",
		  *why ? why : strerror(-err));
	return hbc_exit_status(err);
}

/** hbc_base() - a device's name without /dev/, for messages */
const char *hbc_base(const char *device)
{
	return strncmp(device, "/dev/", 5) ? device : device + 5;
}

/** hbc_handle() - a handle without a session; an exit status, or HBC_GO_ON */
int hbc_handle(struct libhaltblk **h)
{
	return libhaltblk_new(h) ? hbc_no_memory() : HBC_GO_ON;
}

/** hbc_attach() - session on a device; an exit status, or HBC_GO_ON */
int hbc_attach(struct libhaltblk *h, const char *device)
{
	int r;

	if (h == lent)
		return HBC_GO_ON;
	r = libhaltblk_open(h);
	if (!r)
		r = libhaltblk_attach(h, device);
	return r ? hbc_fail(h, hbc_base(device), NULL, r) : HBC_GO_ON;
}

/**
 * hbc_lend() - let commands use this session instead of one of their own
 * @h: attached handle; NULL: they open their own again
 */
void hbc_lend(struct libhaltblk *h)
{
	lent = h;
}

/** hbc_is_lent() - whether commands use a session that is lent to them */
bool hbc_is_lent(void)
{
	return lent;
}

/** hbc_end() - free a handle, if it is not lent */
void hbc_end(struct libhaltblk *h)
{
	if (h != lent)
		libhaltblk_free(h);
}

/** hbc_session() - handle and session on a device; hbc_end() ends it */
int hbc_session(const char *device, struct libhaltblk **h)
{
	int status;

	*h = lent;
	if (lent)
		return HBC_GO_ON;
	status = hbc_handle(h);
	if (status != HBC_GO_ON)
		return status;
	status = hbc_attach(*h, device);
	if (status != HBC_GO_ON)
		libhaltblk_free(*h);
	return status;
}

/** hbc_now() - CLOCK_MONOTONIC in nanoseconds */
uint64_t hbc_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * HBC_NSEC + (uint64_t)ts.tv_nsec;
}

static void close_between(int first, int last)
{
	if (first <= last)
		close_range((unsigned int)first, (unsigned int)last, 0);
}

/**
 * hbc_keep_only() - close all descriptors but the standard ones and two
 * @a: one of them, above the standard ones
 * @b: likewise; may be @a
 *
 * For a child that does not call exec: it must not keep its parent's session,
 * locks and pipes open.
 */
void hbc_keep_only(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	close_between(STDERR_FILENO + 1, low - 1);
	close_between(low + 1, high - 1);
	close_between(high + 1, INT32_MAX);
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

/** hbc_take_number() - parse the number of an option, or say what it takes */
int hbc_take_number(const struct hbc_command *cmd, const char *option,
		    const char *text, uint64_t min, uint64_t max,
		    uint64_t *value)
{
	int r = hbc_number(text, min, max, value);

	if (!r)
		return HBC_GO_ON;
	return hbc_usage(cmd, "%s %s: %s, takes %llu to %llu", option, text,
			 hbc_number_why(r), (unsigned long long)min,
			 (unsigned long long)max);
}

#define MOST_SECONDS (UINT64_MAX / HBC_NSEC - 1)

/**
 * hbc_seconds() - seconds with a fraction as nanoseconds
 *
 * Return: 0, -EINVAL, or -ERANGE for more than fit.
 */
int hbc_seconds(const char *text, uint64_t *ns)
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

/** hbc_take_seconds() - parse the value of --timeout, or say what it takes */
int hbc_take_seconds(const struct hbc_command *cmd, const char *text,
		     uint64_t *ns)
{
	switch (hbc_seconds(text, ns)) {
	case 0:
		return HBC_GO_ON;
	case -ERANGE:
		return hbc_usage(cmd, "--timeout %s: out of range, takes 0 to %llu seconds",
				 text, (unsigned long long)MOST_SECONDS);
	default:
		return hbc_usage(cmd, "--timeout %s: not a number, takes 0 to %llu seconds",
				 text, (unsigned long long)MOST_SECONDS);
	}
}

/**
 * hbc_flush() - make sure that all output was written
 *
 * Return: HBC_OK; HBC_FAILED after a message, which is printed once.
 */
int hbc_flush(void)
{
	int err = 0;

	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		err = errno ? errno : EIO;
	if (!err)
		return HBC_OK;
	clearerr(stdout);
	hbc_error("standard output", "cannot write: %s", strerror(err));
	return HBC_FAILED;
}

/** hbc_print_json() - print and free an object */
int hbc_print_json(struct json_object *object)
{
	const char *text = json_object_to_json_string_ext(object,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
		JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text)
		puts(text);
	json_object_put(object);
	return text ? HBC_OK : hbc_no_memory();
}

/* "\x" and two hexadecimal digits, which libhaltblk_rule_add() reads as a byte. */
static size_t put_escape(char *out, unsigned char c)
{
	return (size_t)sprintf(out, "\\x%02x", c);
}

/**
 * hbc_clean() - make untrusted text one harmless word
 * @out: the word, which comm= accepts
 * @size: bytes of @out
 * @in: text, need not be terminated
 * @len: most bytes of @in
 */
void hbc_clean(char *out, size_t size, const char *in, size_t len)
{
	size_t used = 0, i;

	for (i = 0; i < len && in[i] && used + 5 <= size; i++) {
		unsigned char c = (unsigned char)in[i];

		if (c > ' ' && c < 0x7f && c != '\\' && (i || c != '!'))
			out[used++] = (char)c;
		else
			used += put_escape(out + used, c);
	}
	out[used] = '\0';
}

/* Bytes of the UTF-8 character that begins here; 0 if none does. */
static size_t utf8_length(const unsigned char *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 :
		   s[0] >> 3 == 30 ? 4 : 0, i;
	uint32_t c = n > 1 ? s[0] & (0x7f >> n) : s[0];

	if (!n || n > len)
		return 0;
	for (i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	/* Not overlong, not a surrogate, not past the last character. */
	if (n > 1 && (c < least[n] || c >> 11 == 0x1b || c > 0x10ffff))
		return 0;
	return n;
}

/* Whether comm= would read an escape here. */
static bool looks_escaped(const char *s, size_t len)
{
	return len >= 4 && s[0] == '\\' && s[1] == 'x' &&
	       isxdigit((unsigned char)s[2]) && isxdigit((unsigned char)s[3]);
}

/**
 * hbc_name_json() - make an untrusted name a JSON string
 * @in: name, need not be terminated
 * @len: most bytes of @in
 *
 * Bytes that are not UTF-8, and a backslash or '!' that comm= would misread,
 * become \xNN; all else is copied. comm= accepts the result.
 */
struct json_object *hbc_name_json(const char *in, size_t len)
{
	char out[4 * 64 + 1];
	size_t used = 0, i, n;

	len = strnlen(in, len);
	for (i = 0; i < len && used + 5 <= sizeof(out); i += n) {
		n = utf8_length((const unsigned char *)in + i, len - i);
		if (n && !looks_escaped(in + i, len - i) &&
		    (i || *in != '!')) {
			memcpy(out + used, in + i, n);
			used += n;
		} else {
			n = 1;
			used += put_escape(out + used, (unsigned char)in[i]);
		}
	}
	return json_object_new_string_len(out, (int)used);
}
