// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbleft SID [kill]: the processes of the session SID that have not ended, a line each:
 * state, PID, where in the kernel it sleeps, command line. With "kill" each is sent SIGKILL
 * first. ps and pkill could do this, but an emulated guest takes half a second
 * to start them.
 *
 * Exit status: 0 there are some, 1 there are none, 2 wrong usage.
 */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file of /proc/PID, with blanks for what separates words; "" if it is gone. */
static const char *text_of(const char *pid, const char *file, char *buf, size_t size)
{
	char path[64];
	size_t len = 0, i;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, file);
	f = fopen(path, "r");
	if (f) {
		len = fread(buf, 1, size - 1, f);
		fclose(f);
	}
	for (i = 0; i < len; i++)
		if (buf[i] == '\0' || buf[i] == '\n')
			buf[i] = ' ';
	buf[len] = '\0';
	return buf;
}

int main(int argc, char **argv)
{
	char stat[512], wchan[64], args[512], state, *rest;
	struct dirent *entry;
	int session, found = 0;
	DIR *proc = opendir("/proc");

	if (!proc || argc < 2 || (argc > 2 && strcmp(argv[2], "kill"))) {
		fprintf(stderr, "usage: hbleft SID [kill]\n");
		return 2;
	}
	while ((entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		/* The name may hold anything, parentheses too. */
		rest = strrchr(text_of(entry->d_name, "stat", stat, sizeof(stat)), ')');
		if (!rest || sscanf(rest + 1, " %c %*d %*d %d", &state, &session) != 2)
			continue;
		if (session != atoi(argv[1]) || strchr("ZX", state))
			continue;
		found = 1;
		if (argc > 2)
			kill(atoi(entry->d_name), SIGKILL);
		printf("%c %s %s %s\n", state, entry->d_name,
		       text_of(entry->d_name, "wchan", wchan, sizeof(wchan)),
		       text_of(entry->d_name, "cmdline", args, sizeof(args)));
	}
	closedir(proc);
	return !found;
}
