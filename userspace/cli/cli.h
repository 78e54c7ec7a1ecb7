/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The haltblk command: what its files share. It uses only the public library,
 * and the model of power cuts.
 *
 * Exit statuses: an error that the command line alone shows is a usage error
 * (2), a refusal by the driver or the device is a failure (1).
 */
#ifndef HBC_CLI_H
#define HBC_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <json-c/json.h>

#include "libhaltblk.h"

enum hbc_exit {
	HBC_GO_ON = -1,		/* no exit status yet */
	HBC_OK = 0,
	HBC_FAILED = 1,
	HBC_USAGE = 2,
	HBC_NONE = 3,		/* no such device, tag or id */
	HBC_TIMEOUT = 4,
};

#define HBC_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define HBC_NSEC 1000000000ULL
#define HBC_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct hbc_command - a command
 * @name: its word
 * @args: positional arguments, for the usage line
 * @min: how many it needs
 * @max: how many it takes; -1: any number
 * @any_disk: its DEV may be any block device
 * @summary: half a line for the list of commands
 * @help: the rest of its --help
 * @fn: argv[0] is @name; returns an exit status
 *
 * The row stands beside the command's code, as hbc_cmd_NAME. commands.h lists
 * the names.
 */
struct hbc_command {
	const char *name;
	const char *args;
	int min;
	int max;
	bool any_disk;
	const char *summary;
	const char *help;
	int (*fn)(const struct hbc_command *cmd, int argc, char **argv);
};

/* haltblk.c */
int hbc_main(int argc, char **argv);
const struct hbc_command *hbc_find(const char *name);
const struct hbc_command *hbc_command_at(size_t i);

/* options.c */

/**
 * struct hbc_option - an option of a command; a list ends with a NULL name
 * @name: without the dashes; "f,file" for --file and -f
 * @flag: for an option without a value: set when it is given
 * @value: for an option with a value: set to it; holds the default before. With
 *	both, the value may be left out, as in --NAME[=VALUE], and is then NULL
 * @arg: name of the value in --help
 * @help: what it does
 * @number: set to the value, which must be a number from @min to @max
 * @min: least number
 * @max: greatest number
 * @ns: set to the value, which must be seconds, in nanoseconds
 * @required: it must be given
 */
struct hbc_option {
	const char *name;
	bool *flag;
	const char **value;
	const char *arg;
	const char *help;
	uint64_t *number;
	uint64_t min;
	uint64_t max;
	uint64_t *ns;
	bool required;
};

int hbc_parse(const struct hbc_command *cmd, const struct hbc_option *options,
	      int *argc, char ***argv);
char hbc_short_name(const struct hbc_option *o);
const char *hbc_long_name(const struct hbc_option *o);
int hbc_number(const char *text, uint64_t min, uint64_t max, uint64_t *value);
const char *hbc_number_why(int err);
/* The default --timeout of wait and settle, in seconds. */
extern const char *hbc_timeout;

/* message.c */
void hbc_messages_to(FILE *to);
FILE *hbc_message_file(void);
void hbc_error(const char *object, const char *fmt, ...) HBC_PRINTF(2, 3);
int hbc_usage(const struct hbc_command *cmd, const char *fmt, ...)
	HBC_PRINTF(2, 3);
int hbc_no_memory(void);
int hbc_complete(int status);
int hbc_exit_status(int err);
int hbc_fail(const struct libhaltblk *h, const char *object, const char *what,
	     int err);
const char *hbc_base(const char *device);
int hbc_flush(void);

/* keep.c */

/**
 * struct hbc_keep - what remains after a power cut, as --keep says it
 * @keep: for the library
 * @ids: what @keep refers to
 */
struct hbc_keep {
	struct haltblk_keep keep;
	struct haltblk_keep_id *ids;
};

int hbc_keep_read(const struct hbc_command *cmd, const char *text, bool clone,
		  struct hbc_keep *out);
void hbc_keep_free(struct hbc_keep *keep);
extern const char hbc_keep_help[];

/* session.c */
int hbc_handle(struct libhaltblk **h);
int hbc_attach(struct libhaltblk *h, const char *device);
int hbc_session(const char *device, struct libhaltblk **h);
int hbc_begin(const struct hbc_command *cmd, const struct hbc_option *options,
	      int *argc, char ***argv, struct libhaltblk **h);
int hbc_begin_session(const struct hbc_command *cmd,
		      const struct hbc_option *options, int *argc,
		      char ***argv, struct libhaltblk **h);
void hbc_lend(struct libhaltblk *h);
bool hbc_is_lent(void);
void hbc_end(struct libhaltblk *h);
uint64_t hbc_now(void);
void hbc_keep_only(int a, int b);

/* text.c */
int hbc_print_json(struct json_object *object);
void hbc_clean(char *out, size_t size, const char *in, size_t len);
struct json_object *hbc_name_json(const char *in, size_t len);

/* signals.c */

/**
 * struct hbc_signals - what signals did before they were caught
 * @old: of each signal
 */
struct hbc_signals {
	struct sigaction old[NSIG];
};

bool hbc_signal_is_ignored(int sig);
void hbc_signal_catch(int sig, void (*handler)(int));
void hbc_signals_catch(struct hbc_signals *s, void (*handler)(int));
void hbc_signals_restore(const struct hbc_signals *s);

/* commands.c */
bool hbc_describe(const struct hbc_command *cmd, const struct hbc_option *o);
int hbc_commands(void);
int hbc_words(const char *kind);
void hbc_print_text(const char *text);

/* columns.c */
struct hbc_columns;
struct hbc_columns *hbc_columns_new(unsigned int nr);
void hbc_columns_add(struct hbc_columns *columns, const char *fmt, ...)
	HBC_PRINTF(2, 3);
void hbc_columns_print(struct hbc_columns *columns);

/* view.c */
struct json_object *hbc_held_json(const struct libhaltblk_table *held);
void hbc_held_print(const struct libhaltblk_table *held);
struct json_object *hbc_rules_json(const struct libhaltblk_table *rules,
				   bool unhit);
void hbc_rules_print(const struct libhaltblk_table *rules, bool unhit);
struct json_object *hbc_bits_json(enum libhaltblk_words which, uint32_t bits);

/**
 * struct hbc_list - how a command gets and prints a list
 * @get: get it, as libhaltblk_held() does
 * @json: make JSON of it
 * @print: print it for people
 */
struct hbc_list {
	int (*get)(struct libhaltblk *h, struct libhaltblk_table **table);
	struct json_object *(*json)(const struct libhaltblk_table *table);
	void (*print)(const struct libhaltblk_table *table);
};

int hbc_list(const struct hbc_command *cmd, int argc, char **argv,
	     const struct hbc_list *list);

#endif /* HBC_CLI_H */
