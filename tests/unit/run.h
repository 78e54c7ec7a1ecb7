/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The haltblk command inside the test, on the fake system.
 */
#ifndef UNIT_RUN_H
#define UNIT_RUN_H

/* The output of the last command. */
extern char run_out[65536];
extern char run_err[65536];

/* haltblk with these words, blanks between them; its exit status. */
int run(const char *words);

/* The same with a standard output that is full, or that nobody reads. */
int run_full(const char *words);
int run_unread(const char *words);

/* Checks of one command: status, all of stdout, all of stderr. */
void run_is(const char *words, int status, const char *out, const char *err);

/* Drop the blanks outside strings in run_out: json-c's versions differ there. */
void run_compact(void);

/* As run_is(), for JSON without blanks. */
void run_json(const char *words, int status, const char *out, const char *err);

#endif /* UNIT_RUN_H */
