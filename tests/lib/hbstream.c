// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * hbstream DEV STREAM: writes the first 4 KiB of DEV through io_uring, as part of a write stream.
 *
 * Prints "ok" or the name of the error. Exit status: 0, or 1 if io_uring does not work.
 */
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 4096

int main(int argc, char **argv)
{
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	void *buf;
	int fd;

	if (argc != 3 || posix_memalign(&buf, SIZE, SIZE))
		return 1;
	memset(buf, 1, SIZE);
	fd = open(argv[1], O_WRONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || io_uring_queue_init(1, &ring, 0))
		return 1;
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_write(sqe, fd, buf, SIZE, 0);
	/* Newer headers call these four bytes write_stream and padding. */
	*((unsigned char *)&sqe->splice_fd_in) = (unsigned char)atoi(argv[2]);
	if (io_uring_submit_and_wait(&ring, 1) != 1 || io_uring_peek_cqe(&ring, &cqe))
		return 1;
	puts(cqe->res == SIZE ? "ok" : strerrorname_np(-cqe->res));
	return 0;
}
