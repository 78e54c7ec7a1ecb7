/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * run: a scenario from a file, as TAP.
 *
 * Its rules are the session's, so they go, and what they hold is released,
 * however it ends. Its first failure ends it: later lines build on the one that
 * failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "run.h"

volatile sig_atomic_t hbc_run_stopped;

/**
 * struct scenario - a file and where it stands
 * @run: what its lines work with
 * @file: name
 * @text: lines, without their newlines
 * @nr: how many
 * @mode: queue_mode= word for its device line, or NULL
 * @made: the device is its own
 * @points: TAP points so far
 */
struct scenario {
	struct hbc_run run;
	const char *file;
	char **text;
	size_t nr;
	char *mode;
	bool made;
	unsigned int points;
};

static int read_lines(struct scenario *s, FILE *f)
{
	size_t room = 0;
	ssize_t len;
	char *line = NULL, **more;

	errno = 0;
	while ((len = getline(&line, &room, f)) >= 0) {
		more = reallocarray(s->text, s->nr + 1, sizeof(*more));
		if (!more)
			break;
		s->text = more;
		line[strcspn(line, "\n")] = '\0';
		more[s->nr] = strdup(line);
		if (!more[s->nr])
			break;
		s->nr++;
	}
	free(line);
	return feof(f) ? 0 : errno ? -errno : -EIO;
}

static int load(struct scenario *s)
{
	FILE *f = strcmp(s->file, "-") ? fopen(s->file, "re") : stdin;
	int r;

	r = f ? read_lines(s, f) : -errno;
	if (f && f != stdin)
		fclose(f);
	if (!r)
		return HBC_GO_ON;
	hbc_error(s->file, "run: cannot read it: %s", strerror(-r));
	return HBC_FAILED;
}

static bool is_device_line(const char *text)
{
	text += strspn(text, " \t");
	return !strncmp(text, "device", 6) && strchr(" \t#", text[6]);
}

/* Number of the first line that has words, or the number of lines. */
static size_t first_line(const struct scenario *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++) {
		const char *text = s->text[i] + strspn(s->text[i], " \t");

		if (*text && *text != '#')
			break;
	}
	return i;
}

/* Every line before the first is done: a misspelt one must not cost a run. */
static int check(struct scenario *s)
{
	size_t device = first_line(s), i;
	char *message = NULL;
	size_t size;
	FILE *f;

	for (i = 0; i < s->nr; i++) {
		int status;

		if (i == device && is_device_line(s->text[i]))
			continue;
		f = open_memstream(&message, &size);
		hbc_messages_to(f);
		status = hbc_run_check(s->text[i]);
		hbc_messages_to(NULL);
		if (f)
			fclose(f);
		if (status == HBC_USAGE)
			fprintf(stderr, "haltblk: %s:%zu: %s", s->file, i + 1,
				message + strlen("haltblk: "));
		free(message);
		message = NULL;
		if (status == HBC_USAGE)
			return status;
	}
	return HBC_GO_ON;
}

static int create(struct scenario *s, const char *text)
{
	char *argv[HBC_RUN_WORDS], *copy = strdup(text);
	int argc = copy ? hbc_split(copy, argv, HBC_RUN_WORDS - 1) : -ENOMEM;
	struct libhaltblk *h = s->run.h;
	int status, r;

	if (argc > 0 && s->mode)
		argv[argc++] = s->mode;
	snprintf(s->run.device, sizeof(s->run.device), "hbrun%d", getpid());
	r = argc > 0 ? libhaltblk_create(h, s->run.device,
					 (const char *const *)argv + 1,
					 (size_t)argc - 1) : -E2BIG;
	s->made = !r;
	if (!r)
		r = libhaltblk_wait_node(h, s->run.device, 10 * HBC_NSEC);
	free(copy);
	if (r >= 0)
		return HBC_OK;
	status = hbc_fail(h, s->run.device, "create", r);
	return r == -ENOPROTOOPT ? HBC_USAGE : status;
}

static int begin(struct scenario *s, const char *text)
{
	int status = text ? create(s, text) : HBC_OK;

	if (status)
		return status;
	status = hbc_attach(s->run.h, s->run.device);
	return status == HBC_GO_ON ? HBC_OK : status;
}

static void print_requests(struct hbc_run *run)
{
	const struct hbc_io_entry *e;
	char result[96] = "in flight";
	size_t i;

	while (run->io && hbc_io_pump(run->io, 0) > 0)
		;
	for (i = 0; run->io && (e = hbc_io_at(run->io, i)); i++) {
		strcpy(result, "in flight");
		if (e->order)
			hbc_io_result(e, result, sizeof(result));
		printf("# %s: %s\n", e->request.name, result);
	}
}

/* Every line of a message as a comment. */
static void print_comment(char *message)
{
	char *line;

	while ((line = strsep(&message, "\n")))
		if (*line)
			printf("# %s\n", line);
}

/*
 * What a point is about: the line, without its comment. TAP takes a bare # for
 * the begin of a directive, and "# todo" would make a failure none.
 */
static void print_about(const char *text)
{
	const char *end = text + strlen(text), *p;

	for (p = text; *text != '$' && *p; p++)
		if (*p == '#' && (p == text || strchr(" \t", p[-1]))) {
			end = p;
			break;
		}
	while (end > text && strchr(" \t\r", end[-1]))
		end--;
	for (; text < end; text++)
		printf(*text == '#' ? "\\#" : "%c", *text);
	putchar('\n');
}

static void print_point(struct scenario *s, size_t line, int status,
			char *message)
{
	const char *text = s->text[line] + strspn(s->text[line], " \t");

	printf("%sok %u - ", status ? "not " : "", ++s->points);
	print_about(text);
	if (status)
		printf("# %s:%zu: %s\n", s->file, line + 1, text);
	print_comment(message);
	if (status)
		print_requests(&s->run);
	fflush(stdout);
}

static int do_line(struct scenario *s, size_t line, bool device)
{
	char *message = NULL;
	size_t size;
	FILE *f = open_memstream(&message, &size);
	int status;

	hbc_messages_to(f);
	if (device)
		status = begin(s, s->text[line]);
	else
		status = hbc_run_line(&s->run, s->text[line]);
	hbc_messages_to(NULL);
	if (f)
		fclose(f);
	print_point(s, line, status, message);
	free(message);
	return status;
}

static bool has_words(const char *text)
{
	text += strspn(text, " \t\r");
	return *text && *text != '#';
}

static int do_lines(struct scenario *s, bool given)
{
	size_t device = first_line(s), i;
	bool own = device < s->nr && is_device_line(s->text[device]);
	int status = HBC_OK;

	if (given)
		status = begin(s, NULL);
	if (status)
		return status;
	for (i = 0; i < s->nr && !status && !hbc_run_stopped; i++) {
		if (!has_words(s->text[i]) || (own && given && i == device))
			continue;
		status = do_line(s, i, own && i == device);
	}
	if (hbc_run_stopped)
		printf("Bail out! interrupted by a signal\n");
	else if (status && i < s->nr)
		printf("# lines after %s:%zu were not run\n", s->file, i);
	printf("1..%u\n", s->points);
	return hbc_run_stopped && !status ? HBC_FAILED : status;
}

/* The first signal may come just before a wait: later ones end that, too. */
static void on_signal(int sig)
{
	const struct itimerval again = {
		.it_interval.tv_usec = 100000, .it_value.tv_usec = 100000,
	};

	if (sig == SIGALRM)
		return;
	hbc_run_stopped = 1;
	setitimer(ITIMER_REAL, &again, NULL);
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };
	struct sigaction act = { .sa_handler = on_signal };
	size_t i;

	hbc_run_stopped = 0;
	for (i = 0; i < HBC_ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &act, NULL);
}

/*
 * The session first, then the device: both release what is held, and that lets
 * the I/O process end.
 */
static int end(struct scenario *s, int status)
{
	const struct itimerval never = { 0 };
	struct libhaltblk *h = s->run.h;
	int r = 0;

	setitimer(ITIMER_REAL, &never, NULL);
	libhaltblk_close(h);
	if (s->made)
		r = libhaltblk_destroy(h, s->run.device);
	if (r)
		hbc_fail(h, s->run.device, "destroy", r);
	if (s->run.io)
		hbc_io_stop(s->run.io, 5 * HBC_NSEC);
	libhaltblk_free(h);
	return r && !status ? HBC_FAILED : status;
}

static int run(struct scenario *s, const char *device)
{
	int status = hbc_handle(&s->run.h);

	if (status != HBC_GO_ON)
		return status;
	if (device)
		snprintf(s->run.device, sizeof(s->run.device), "%s",
			 hbc_base(device));
	catch_signals();
	status = do_lines(s, device);
	return end(s, status);
}

static int check_device(const struct hbc_command *cmd, struct scenario *s,
			const char *device, const char *mode)
{
	size_t first = first_line(s);
	bool own = first < s->nr && is_device_line(s->text[first]);

	if (!device && !own)
		return hbc_usage(cmd, "%s: its first line is no device line: give DEV",
				 s->file);
	if (device && strlen(hbc_base(device)) >= sizeof(s->run.device))
		return hbc_usage(cmd, "%s: not the name of a haltblk device",
				 device);
	if (!mode)
		return HBC_GO_ON;
	if (device)
		return hbc_usage(cmd, "--mode is for a device line, and DEV is given");
	if (!strcmp(mode, "bio"))
		s->mode = (char *)"queue_mode=0";
	else if (!strcmp(mode, "mq"))
		s->mode = (char *)"queue_mode=2";
	else
		return hbc_usage(cmd, "--mode %s: bio or mq", mode);
	return HBC_GO_ON;
}

int hbc_run(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *mode = NULL, *seconds = "60", *device;
	const struct hbc_option options[] = {
		{ "mode", NULL, &mode, "bio|mq", "queue mode of the device that the scenario makes" },
		{ "timeout", NULL, &seconds, "S", "give up a wait after S seconds, fractions allowed (60)" },
		{ 0 },
	};
	struct scenario s = { 0 };
	int status;

	status = hbc_parse(cmd, options, 1, 2, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	status = hbc_take_seconds(cmd, seconds, &s.run.timeout_ns);
	if (status != HBC_GO_ON)
		return status;
	s.file = argv[0];
	device = argc > 1 ? argv[1] : NULL;
	hbc_timeout = seconds;
	status = load(&s);
	if (status == HBC_GO_ON)
		status = check_device(cmd, &s, device, mode);
	if (status == HBC_GO_ON)
		status = check(&s);
	if (status == HBC_GO_ON)
		status = run(&s, device);
	hbc_timeout = "60";
	while (s.nr)
		free(s.text[--s.nr]);
	free(s.text);
	return status;
}
