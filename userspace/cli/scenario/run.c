/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * run: a scenario from a file, as TAP.
 *
 * The rules belong to the session, so however a run ends, they are removed and
 * what they hold is released. The first failure ends the run, because later
 * lines build on the one that failed. Any signal that can be caught ends it
 * and leaves nothing behind; the next run removes what SIGKILL left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "commands.h"
#include "run.h"

volatile sig_atomic_t hbc_run_stopped;

/**
 * struct scenario - a file and the state of its run
 * @run: what its lines work with
 * @file: name
 * @text: lines, without their newlines
 * @nr: how many
 * @mode: queue_mode= word for its device line, or NULL
 * @made: it made the device
 * @points: TAP points so far
 * @signals: their actions before the run
 */
struct scenario {
	struct hbc_run run;
	const char *file;
	char **text;
	size_t nr;
	char *mode;
	bool made;
	unsigned int points;
	struct hbc_signals signals;
};

static int add_line(struct scenario *s, const char *line)
{
	char **more = reallocarray(s->text, s->nr + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	s->text = more;
	more[s->nr] = strdup(line);
	if (!more[s->nr])
		return -ENOMEM;
	s->nr++;
	return 1;
}

static int read_lines(struct scenario *s, FILE *f, size_t *nr)
{
	struct hbc_lines lines = { .file = f };
	char *line;
	int r;

	do {
		r = hbc_lines_next(&lines, &line);
		if (r > 0)
			r = add_line(s, line);
	} while (r > 0);
	hbc_lines_end(&lines);
	*nr = lines.nr;
	return r;
}

static int load(struct scenario *s)
{
	FILE *f = strcmp(s->file, "-") ? fopen(s->file, "re") : stdin;
	size_t nr = 0;
	int r;

	r = f ? read_lines(s, f, &nr) : -errno;
	if (f && f != stdin)
		fclose(f);
	if (!r)
		return HBC_GO_ON;
	if (r == -EILSEQ) {
		fprintf(stderr, "haltblk: %s:%zu: %s\n", s->file, nr,
			hbc_lines_why(r));
		return HBC_USAGE;
	}
	hbc_error(s->file, "run: cannot read the scenario: %s", hbc_lines_why(r));
	return HBC_FAILED;
}

static bool is_device_line(const char *text)
{
	text += strspn(text, " \t");
	return !strncmp(text, "device", 6) && strchr(" \t#", text[6]);
}

/* Index of the first line that has words, or the number of lines. */
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

/**
 * struct caught - messages caught in memory
 * @file: what they are written to
 * @text: what was written, once caught_end() was called; may be NULL
 */
struct caught {
	FILE *file;
	char *text;
	size_t size;
};

static int caught_begin(struct caught *caught)
{
	caught->text = NULL;
	caught->file = open_memstream(&caught->text, &caught->size);
	if (!caught->file)
		return hbc_no_memory();
	hbc_messages_to(caught->file);
	return HBC_GO_ON;
}

static void caught_end(struct caught *caught)
{
	hbc_messages_to(NULL);
	if (!fclose(caught->file) && caught->text)
		return;
	hbc_no_memory();
	free(caught->text);
	caught->text = NULL;
}

static int check_line(struct scenario *s, size_t i, bool device)
{
	struct caught caught;
	int status = caught_begin(&caught);

	if (status != HBC_GO_ON)
		return status;
	status = device ? hbc_run_check_device(s->text[i]) :
			  hbc_run_check(s->text[i]);
	caught_end(&caught);
	if (status > HBC_OK)
		fprintf(stderr, "haltblk: %s:%zu: %s", s->file, i + 1,
			caught.text ? caught.text + strlen("haltblk: ") : "\n");
	free(caught.text);
	return status > HBC_OK ? status : HBC_GO_ON;
}

/* Check every line before doing the first: a typo must not waste a run. */
static int check(struct scenario *s)
{
	size_t device = first_line(s), i;
	int status = HBC_GO_ON;

	for (i = 0; i < s->nr && status == HBC_GO_ON; i++)
		status = check_line(s, i, i == device &&
					  is_device_line(s->text[i]));
	return status;
}

static int create(struct scenario *s, const char *text)
{
	char *argv[HBC_RUN_WORDS + 1], *copy;
	int argc = hbc_run_words(text, &copy, argv);
	struct libhaltblk *h = s->run.h;
	int status, r;

	if (argc < 0) {
		free(copy);
		return HBC_FAILED;
	}
	if (s->mode)
		argv[argc++] = s->mode;
	r = hbc_run_own_make(&s->run, argc - 1, argv + 1);
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
 * Print the description of a point: the line without its comment. In TAP a
 * bare # begins a directive, and "# todo" would hide a failure.
 */
static void print_about(const char *text)
{
	const char *end = text + (*text == '$' ? strlen(text) :
						 hbc_line_length(text));

	while (end > text && strchr(" \t", end[-1]))
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
	struct caught caught;
	int status = caught_begin(&caught);

	if (status != HBC_GO_ON)
		return status;
	if (device)
		status = begin(s, s->text[line]);
	else
		status = hbc_run_line(&s->run, s->text[line]);
	caught_end(&caught);
	print_point(s, line, status, caught.text);
	free(caught.text);
	return status;
}

static bool has_words(const char *text)
{
	text += strspn(text, " \t");
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
		/* Nobody would see the rest; hbc_main() reports the error. */
		if (!status && ferror(stdout))
			status = HBC_FAILED;
	}
	if (hbc_run_stopped)
		printf("Bail out! interrupted by a signal\n");
	else if (status && i < s->nr)
		printf("# lines after %s:%zu were not run\n", s->file, i);
	printf("1..%u\n", s->points);
	return hbc_run_stopped && !status ? HBC_FAILED : status;
}

/* The signal may come just before a wait: the timer's signals end that. */
static void on_signal(int sig)
{
	const struct itimerval again = {
		.it_interval.tv_usec = 100000, .it_value.tv_usec = 100000,
	};

	if (sig == SIGALRM)
		return;
	if (!hbc_run_stopped)
		hbc_run_stopped = sig;
	setitimer(ITIMER_REAL, &again, NULL);
}

static void catch_signals(struct scenario *s)
{
	struct sigaction act = { .sa_handler = on_signal };

	hbc_run_stopped = 0;
	hbc_signals_catch(&s->signals, on_signal);
	sigaction(SIGALRM, &act, NULL);
}

/* Nothing may interrupt the cleanup at the end. */
static void ignore_signals(void)
{
	const struct itimerval never = { 0 };

	hbc_signals_catch(NULL, SIG_IGN);
	setitimer(ITIMER_REAL, &never, NULL);
}

static void restore_signals(struct scenario *s)
{
	hbc_signals_restore(&s->signals);
	sigaction(SIGALRM, &s->signals.old[SIGALRM], NULL);
	/* Die of it, as other commands do that write to "| head". */
	if (hbc_run_stopped == SIGPIPE)
		raise(SIGPIPE);
}

/*
 * Close the session first: that releases what it holds, so that the I/O
 * process and what the shells have left can end. Those that may have the
 * device open get a moment to end before it is destroyed, which releases
 * whatever else is held.
 */
static int end(struct scenario *s, int status)
{
	struct libhaltblk *h = s->run.h;
	int r = 0;

	fflush(stdout);
	ignore_signals();
	libhaltblk_close(h);
	hbc_run_end_shells(&s->run, HBC_NSEC);
	if (s->made)
		r = libhaltblk_destroy(h, s->run.device);
	if (r)
		hbc_fail(h, s->run.device, "destroy", r);
	if (s->run.lock >= 0)
		close(s->run.lock);
	if (s->run.io)
		hbc_io_stop(s->run.io, 5 * HBC_NSEC);
	if (!hbc_run_end_shells(&s->run, 5 * HBC_NSEC))
		hbc_error(s->run.device, "run: a process left by a shell command does not die; it waits in the kernel");
	free(s->run.keeper);
	libhaltblk_free(h);
	restore_signals(s);
	return r && !status ? HBC_FAILED : status;
}

static int run(struct scenario *s, const char *device)
{
	int status = hbc_handle(&s->run.h), r;

	if (status != HBC_GO_ON)
		return status;
	if (device) {
		r = libhaltblk_device_name(s->run.h, device, s->run.device);
		if (r) {
			status = hbc_fail(s->run.h, hbc_base(device), NULL, r);
			libhaltblk_free(s->run.h);
			return status;
		}
	}
	s->run.pid = getpid();
	s->run.lock = s->run.life[0] = s->run.life[1] = -1;
	catch_signals(s);
	hbc_run_own_clean();
	status = do_lines(s, device);
	return end(s, status);
}

static int check_device(const struct hbc_command *cmd, struct scenario *s,
			const char *device, const char *mode)
{
	size_t first = first_line(s);
	bool own = first < s->nr && is_device_line(s->text[first]);

	if (!device && !own)
		return hbc_usage(cmd, "%s: the first line is not a device line; give DEV",
				 s->file);
	if (!mode)
		return HBC_GO_ON;
	if (device)
		return hbc_usage(cmd, "--mode changes the device that a scenario makes; leave out --mode or DEV");
	if (!strcmp(mode, "bio"))
		s->mode = (char *)"queue_mode=0";
	else if (!strcmp(mode, "mq"))
		s->mode = (char *)"queue_mode=2";
	else
		return hbc_usage(cmd, "--mode %s: takes bio or mq", mode);
	return HBC_GO_ON;
}

static int cmd_run(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *mode = NULL, *seconds = "60", *device;
	struct scenario s = { 0 };
	const struct hbc_option options[] = {
		{ .name = "mode", .value = &mode, .arg = "bio|mq",
		  .help = "queue mode of the device that the scenario makes" },
		{ .name = "timeout", .value = &seconds, .arg = "S",
		  .help = "give up a wait after S seconds, fractions allowed (60)",
		  .ns = &s.run.timeout_ns },
		{ 0 },
	};
	int status;

	status = hbc_parse(cmd, options, &argc, &argv);
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

const struct hbc_command hbc_cmd_run = {
	.name = "run",
	.args = "FILE [DEV]",
	.min = 1,
	.max = 2,
	.summary = "run a scenario, and print TAP",
	.help =
	"FILE (- for standard input) has a line for each step. Words are quoted as in a\n"
	"shell; # begins a comment:\n"
	"\n"
	"  device KEY=VALUE ...   first line: make a device, removed at the end\n"
	"                         (ignored when DEV is given)\n"
	"  break wait resume step remove settle set held rules backtrace\n"
	"                         these commands, without DEV: break submit K;\n"
	"                         their output becomes comments\n"
	"  write read flush discard zeroout secdiscard\n"
	"                         a named request, as in haltblk io; does not wait\n"
	"  $ COMMAND              a shell command; $DEV is the device's path,\n"
	"                         $RUN_PID this process\n"
	"  expect NAME ... RESULT each ended with ok, an errno (EIO), bad or short\n"
	"  expect order A B ...   these have ended, in this order\n"
	"  expect inflight A ...  exactly these are in flight\n"
	"  expect held N [TAG [EVENT]]\n"
	"                         N requests are held (under TAG, at EVENT)\n"
	"  expect hits TAG N      the rules of TAG have acted on N requests\n"
	"\n"
	"An expect line waits while it can still come true. The first line that fails\n"
	"ends the scenario, and its status is the exit status. Rules belong to the\n"
	"session: when it ends, even by a signal, they are removed and what they hold is\n"
	"released, except for rules with owner=device. Processes that shell commands left\n"
	"in the background are killed. A device hbrunN left by a run that was killed is\n"
	"removed.\n",
	.fn = cmd_run,
};
