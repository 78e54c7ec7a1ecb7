/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A scenario while it runs.
 */
#ifndef HBC_RUN_H
#define HBC_RUN_H

#include <signal.h>

#include "io.h"

#define HBC_RUN_WORDS 64

/* The signal that asked the run to end, or 0; once set, waits end soon. */
extern volatile sig_atomic_t hbc_run_stopped;

/**
 * struct hbc_shell - a shell command that runs, and the descriptors it needs
 * @command: text for the shell
 * @pid: of the shell, and of its process group
 * @out: file for what it prints
 * @null: /dev/null
 * @report: pipe for the shell's wait status
 */
struct hbc_shell {
	const char *command;
	pid_t pid;
	int out;
	int null;
	int report[2];
};

/**
 * struct hbc_started - a command that a "start" line began
 * @name: its name
 * @pid: of its process group
 * @out: file for what it prints
 * @printed: that was printed
 */
struct hbc_started {
	char name[HBC_IO_NAME];
	pid_t pid;
	int out;
	bool printed;
};

#define HBC_RUN_DEVICE	16	/* name of a device in a scenario, with its NUL */

/**
 * struct hbc_run_device - a device of a scenario
 * @name: in the scenario; "": the only one, which needs no name
 * @disk: name of the disk, without /dev/
 * @h: session; its rules are removed when it ends
 * @lock: descriptor whose lock marks a device that was made as owned, or -1
 * @made: the scenario made it
 */
struct hbc_run_device {
	char name[HBC_RUN_DEVICE];
	char disk[HALTBLK_NAME_LEN];
	struct libhaltblk *h;
	int lock;
	bool made;
};

/**
 * struct hbc_log - the kernel log since the scenario began
 * @fd: /dev/kmsg, or -1
 * @line: its lines
 * @nr: how many
 * @lost: there were others
 * @expected: a line of the scenario has asked for a failure
 */
struct hbc_log {
	int fd;
	char **line;
	size_t nr;
	bool lost;
	bool expected;
};

/**
 * struct hbc_run - a scenario
 * @dev: its devices, in the order of their lines
 * @nr_devs: how many
 * @io: I/O process, or NULL until there is I/O
 * @timeout_ns: of each wait
 * @pid: this process
 * @life: pipe that closes when the scenario ends; both -1 without a keeper
 * @keeper: processes that stand between the scenario and its shells
 * @nr_keepers: how many
 * @started: commands that were started, in this order
 * @nr_started: how many
 * @log: kernel log
 */
struct hbc_run {
	struct hbc_run_device *dev;
	size_t nr_devs;
	struct hbc_io *io;
	uint64_t timeout_ns;
	pid_t pid;
	int life[2];
	pid_t *keeper;
	size_t nr_keepers;
	struct hbc_started *started;
	size_t nr_started;
	struct hbc_log log;
};

struct hbc_kind;

/**
 * struct hbc_line - a line, parsed
 * @kind: which kind of line it is
 * @dev: number of the device that it is for
 * @has_dev: it names that device
 * @argv: its words, if it is not a shell's; the list ended by NULL
 * @argc: how many
 * @args: those that follow the words of the kind
 * @nr_args: how many
 * @name: word between those of the kind and the $, or NULL
 * @shell: what the shell gets, or NULL
 * @copy: memory that all of this is in
 */
struct hbc_line {
	const struct hbc_kind *kind;
	size_t dev;
	bool has_dev;
	char *argv[HBC_RUN_WORDS];
	int argc;
	char **args;
	int nr_args;
	char *name;
	const char *shell;
	char *copy;
};

/**
 * struct hbc_kind - a kind of line
 * @words: that it begins with
 * @usage: the whole line: capitals stand for a word, ... repeats what is before
 *	it, and brackets enclose what may be left out
 * @least: words that it needs after @words
 * @most: words that it takes after @words; -1: any number
 * @is_device: it makes a device
 * @is_finally: it is done at the end
 * @device: it is for one device, and names it if there are several
 * @file: a file can take the place of the device
 * @shell: what follows the $ is for the shell
 * @named: a name comes before the $
 * @check: find out what is wrong with it before the scenario begins; an exit
 *	status. NULL: nothing can be
 * @run: do what it says; an exit status
 */
struct hbc_kind {
	const char *words;
	const char *usage;
	int least;
	int most;
	bool is_device;
	bool is_finally;
	bool device;
	bool file;
	bool shell;
	bool named;
	int (*check)(const struct hbc_line *line);
	int (*run)(struct hbc_run *run, const struct hbc_line *line);
};

/* grammar.c */
int hbc_line_parse(const struct hbc_run *run, const char *text,
		   struct hbc_line *line);
void hbc_line_free(struct hbc_line *line);
int hbc_line_takes(const struct hbc_line *line);
void hbc_grammar_print(void);

/* run_line.c */
int hbc_run_command(struct hbc_run *run, const struct hbc_line *line);
int hbc_run_set(struct hbc_run *run, const struct hbc_line *line);
int hbc_run_check_request(const struct hbc_line *line);
int hbc_run_request(struct hbc_run *run, const struct hbc_line *line);
int hbc_run_need_io(struct hbc_run *run);

/* run_expect.c */
int hbc_expect_order(struct hbc_run *run, const struct hbc_line *line);
int hbc_expect_inflight(struct hbc_run *run, const struct hbc_line *line);
int hbc_expect_check_held(const struct hbc_line *line);
int hbc_expect_held(struct hbc_run *run, const struct hbc_line *line);
int hbc_expect_check_hits(const struct hbc_line *line);
int hbc_expect_hits(struct hbc_run *run, const struct hbc_line *line);
int hbc_expect_check_result(const struct hbc_line *line);
int hbc_expect_result(struct hbc_run *run, const struct hbc_line *line);

/* run_shell.c */
void hbc_run_print(int out);
int hbc_shell_start(struct hbc_run *run, struct hbc_shell *shell,
		    const char *command);
void hbc_shell_close(struct hbc_shell *shell);
int hbc_run_check_shell(const struct hbc_line *line);
int hbc_run_shell(struct hbc_run *run, const struct hbc_line *line);
void hbc_run_kill_shells(struct hbc_run *run);
bool hbc_run_end_shells(struct hbc_run *run, uint64_t timeout_ns);

/* run_start.c */
int hbc_run_check_start(const struct hbc_line *line);
int hbc_run_start(struct hbc_run *run, const struct hbc_line *line);
struct hbc_started *hbc_started_find(struct hbc_run *run, const char *name);
void hbc_started_print(struct hbc_started *started);
bool hbc_started_said(const struct hbc_started *started, const char *err);
void hbc_started_free(struct hbc_run *run);

/* run_log.c */
bool hbc_log_is_failure(const char *line);
void hbc_log_open(struct hbc_log *log);
void hbc_log_close(struct hbc_log *log);
void hbc_log_read(struct hbc_log *log);
int hbc_log_check(struct hbc_log *log);
int hbc_expect_check_log(const struct hbc_line *line);
int hbc_expect_log(struct hbc_run *run, const struct hbc_line *line);
int hbc_expect_nolog(struct hbc_run *run, const struct hbc_line *line);

/* run_procs.c */
int hbc_expect_rest(void);
int hbc_expect_running(const struct hbc_started *started, bool settled);
int hbc_expect_stack(struct hbc_run *run, const struct hbc_line *line);

/* run_device.c */
int hbc_device_declare(struct hbc_run *run, struct hbc_line *line);
int hbc_device_find(const struct hbc_run *run, const char *name, size_t len);
bool hbc_device_has_names(const struct hbc_run *run);
int hbc_device_make(struct hbc_run_device *dev, const struct hbc_line *line,
		    char *mode);
int hbc_device_use(struct hbc_run_device *dev, const char *device);
void hbc_device_release(struct hbc_run_device *dev);
int hbc_device_destroy(struct hbc_run_device *dev);
void hbc_device_path(const struct hbc_run_device *dev, char path[HBC_IO_PATH]);

/* run_own.c */
int hbc_run_own_make(struct hbc_run_device *dev, int argc, char **argv);
void hbc_run_own_clean(void);

#endif /* HBC_RUN_H */
