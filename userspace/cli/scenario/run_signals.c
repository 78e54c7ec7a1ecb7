/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The signals that end a scenario.
 */
#include <signal.h>
#include <sys/time.h>

#include "scenario.h"

volatile sig_atomic_t hbc_run_stopped;

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

/** hbc_run_catch_signals() - from now on they only ask the run to end */
void hbc_run_catch_signals(struct scenario *s)
{
	struct sigaction act = { .sa_handler = on_signal };

	hbc_run_stopped = 0;
	hbc_signals_catch(&s->signals, on_signal);
	sigaction(SIGALRM, &act, NULL);
}

/** hbc_run_ignore_signals() - nothing may interrupt the cleanup at the end */
void hbc_run_ignore_signals(void)
{
	const struct itimerval never = { 0 };

	hbc_signals_catch(NULL, SIG_IGN);
	setitimer(ITIMER_REAL, &never, NULL);
}

/** hbc_run_restore_signals() - they do what they did before the run */
void hbc_run_restore_signals(struct scenario *s)
{
	hbc_signals_restore(&s->signals);
	sigaction(SIGALRM, &s->signals.old[SIGALRM], NULL);
	/* Die of it, as other commands do that write to "| head". */
	if (hbc_run_stopped == SIGPIPE)
		raise(SIGPIPE);
}
