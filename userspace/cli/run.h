/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A scenario while it runs.
 */
#ifndef HBC_RUN_H
#define HBC_RUN_H

#include <signal.h>

#include "io.h"

#define HBC_RUN_WORDS 64

/* Set by SIGINT, SIGTERM and SIGHUP; from then on waits end soon. */
extern volatile sig_atomic_t hbc_run_stopped;

/**
 * struct hbc_run - a scenario
 * @device: name of its device, without /dev/
 * @h: session, whose rules go when it ends
 * @io: I/O process, or NULL until there is I/O
 * @timeout_ns: of each wait
 */
struct hbc_run {
	char device[HALTBLK_NAME_LEN];
	struct libhaltblk *h;
	struct hbc_io *io;
	uint64_t timeout_ns;
};

/* run_line.c */
int hbc_run_check(const char *text);
int hbc_run_line(struct hbc_run *run, const char *text);

/* run_expect.c */
int hbc_run_expect(struct hbc_run *run, int argc, char **argv);
bool hbc_run_can_expect(int argc, char **argv);

/* run_shell.c */
void hbc_run_print(int out);
int hbc_run_shell(struct hbc_run *run, const char *command);

/* run.c */
int hbc_run(const struct hbc_command *cmd, int argc, char **argv);

#endif /* HBC_RUN_H */
