/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Scenarios for tests of run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "script.h"
#include "tap.h"

char script[] = "/tmp/haltblk-run-XXXXXX";

void script_make(void)
{
	if (close(mkstemp(script)))
		abort();
}

void script_remove(void)
{
	unlink(script);
}

int scenario(const char *text, const char *words)
{
	FILE *f = fopen(script, "we");
	char all[160];

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
	snprintf(all, sizeof(all), "run %s %s", script, words);
	return run(all);
}

void run_is_on(const char *words, const char *text, int status,
	       const char *out, const char *err)
{
	char want[2048], name[512];
	size_t i;

	snprintf(name, sizeof(name), "%s", text);
	for (i = 0; name[i]; i++)
		if (strchr("\n#", name[i]))
			name[i] = ';';
	tap_int(scenario(text, words), status, "%s exit status", name);
	snprintf(want, sizeof(want), out, script, script, script);
	tap_str(run_out, want, "%s stdout", name);
	snprintf(want, sizeof(want), err, script);
	tap_str(run_err, want, "%s stderr", name);
}

void on_hb0(const char *text, int status, const char *out, const char *err)
{
	run_is_on("hb0 --timeout 600", text, status, out, err);
}

void in_vain(const char *text, int status, const char *out, const char *err)
{
	run_is_on("hb0 --timeout 0.05", text, status, out, err);
}
