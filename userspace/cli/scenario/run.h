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
 * struct hbc_run - a scenario
 * @device: name of its device, without /dev/
 * @h: session; its rules are removed when it ends
 * @io: I/O process, or NULL until there is I/O
 * @timeout_ns: of each wait
 * @pid: this process
 * @lock: descriptor whose lock marks the device that it made as owned, or -1
 * @life: pipe that closes when the scenario ends; both -1 without a keeper
 * @keeper: processes that stand between the scenario and its shells
 * @nr_keepers: how many
 */
struct hbc_run {
	char device[HALTBLK_NAME_LEN];
	struct libhaltblk *h;
	struct hbc_io *io;
	uint64_t timeout_ns;
	pid_t pid;
	int lock;
	int life[2];
	pid_t *keeper;
	size_t nr_keepers;
};

/* run_line.c */
int hbc_run_words(const char *text, char **copy, char **argv);
int hbc_run_check_device(const char *text);
int hbc_run_check(const char *text);
int hbc_run_line(struct hbc_run *run, const char *text);

/* run_expect.c */
int hbc_run_expect(struct hbc_run *run, int argc, char **argv);
bool hbc_run_can_expect(int argc, char **argv);

/* run_shell.c */
void hbc_run_print(int out);
int hbc_run_check_shell(const char *command);
int hbc_run_shell(struct hbc_run *run, const char *command);
void hbc_run_kill_shells(struct hbc_run *run);
bool hbc_run_end_shells(struct hbc_run *run, uint64_t timeout_ns);

/* run_own.c */
int hbc_run_own_make(struct hbc_run *run, int argc, char **argv);
void hbc_run_own_clean(void);

#endif /* HBC_RUN_H */
