/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What must be so before anything else is done. Apart from haltblk.c so that
 * unit tests can link the rest.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli.h"

/*
 * Whoever starts it with one of these closed must not find a device's
 * descriptor there. Reading or writing fails, as it would on a closed one.
 */
static int open_standard(void)
{
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	if (open_standard())
		return HBC_FAILED;
	/* A caller that ignores it would have children vanish unseen. */
	signal(SIGCHLD, SIG_DFL);
	return hbc_main(argc, argv);
}
