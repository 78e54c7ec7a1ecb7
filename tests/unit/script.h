/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Scenarios for tests of run.
 */
#ifndef UNIT_SCRIPT_H
#define UNIT_SCRIPT_H

/* The file that scenarios are written to. */
extern char script[];

void script_make(void);
void script_remove(void);

/* haltblk run with this scenario and these further words; its exit status. */
int scenario(const char *text, const char *words);

/*
 * Checks of such a run: status, all of stdout, all of stderr; %s in @out and
 * @err is the script.
 */
void run_is_on(const char *words, const char *text, int status,
	       const char *out, const char *err);

/* On hb0, with a long timeout, because a busy machine may be slow. */
void on_hb0(const char *text, int status, const char *out, const char *err);

/* The same; it waits for something that never comes. */
void in_vain(const char *text, int status, const char *out, const char *err);

#endif /* UNIT_SCRIPT_H */
