/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Signals that end a command: caught for as long as there is something to undo.
 *
 * A signal that was ignored when the command started stays ignored: that is
 * what nohup(1) and "trap '' INT" are for.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

#include "cli.h"

/*
 * run uses SIGALRM itself. The command cannot go on after a fault of its own,
 * so those signals keep their actions.
 */
static bool ends_a_process(int sig)
{
	switch (sig) {
	case SIGKILL:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGCONT:
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
	case SIGALRM:
	case SIGILL:
	case SIGTRAP:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGSEGV:
	case SIGSYS:
		return false;
	default:
		return true;
	}
}

/** hbc_signal_is_ignored() - whether a signal is ignored */
bool hbc_signal_is_ignored(int sig)
{
	struct sigaction act;

	return !sigaction(sig, NULL, &act) && !(act.sa_flags & SA_SIGINFO) &&
	       act.sa_handler == SIG_IGN;
}

/** hbc_signal_catch() - call @handler on a signal, unless it is ignored */
void hbc_signal_catch(int sig, void (*handler)(int))
{
	struct sigaction act = { .sa_handler = handler };

	if (!hbc_signal_is_ignored(sig))
		sigaction(sig, &act, NULL);
}

/**
 * hbc_signals_catch() - call @handler on every signal that would end the process
 * @s: out: their actions before; NULL if they will not be restored
 * @handler: a function, or SIG_IGN
 */
void hbc_signals_catch(struct hbc_signals *s, void (*handler)(int))
{
	int sig;

	for (sig = 1; sig < NSIG; sig++) {
		if (s)
			sigaction(sig, NULL, &s->old[sig]);
		if (ends_a_process(sig))
			hbc_signal_catch(sig, handler);
	}
}

/** hbc_signals_restore() - give signals their actions back */
void hbc_signals_restore(const struct hbc_signals *s)
{
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		if (ends_a_process(sig))
			sigaction(sig, &s->old[sig], NULL);
}
