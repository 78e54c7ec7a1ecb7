/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Sets the process up before anything else. A file of its own, so that unit
 * tests can link haltblk.c.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli.h"

/*
 * If a standard descriptor is closed, open /dev/null there, so that a device
 * does not get its number. Reading or writing still fails, as on a closed one.
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
	/* If the caller ignores it, the status of children would be lost. */
	signal(SIGCHLD, SIG_DFL);
	return hbc_main(argc, argv);
}
