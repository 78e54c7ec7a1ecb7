/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The process that does the I/O of io and run.
 *
 * It receives requests from a socket, submits each at once and acknowledges it;
 * when one ends, it reports the result. Reads, writes and flushes go through
 * io_uring. The discard family has no asynchronous call on older kernels: each
 * runs its ioctl in a process of its own, and its result is read from a pipe
 * through the same ring, so that all requests have one order of completion.
 *
 * This process must not have a session open, because it waits for what is held.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"

#define RING_ENTRIES 256

/**
 * struct server - the process
 * @sock: to the client
 * @path: of the device
 * @direct: descriptor with O_DIRECT, or -1
 * @buffered: descriptor without
 * @block: logical block size in bytes
 * @ring: ring
 * @inflight: requests that have not ended
 */
struct server {
	int sock;
	const char *path;
	int direct;
	int buffered;
	unsigned int block;
	struct io_uring ring;
	unsigned int inflight;
};

/**
 * struct job - a request on its way
 * @rq: what it is
 * @buf: room for all segments
 * @iov: segments
 * @pipe: end that the result of an ioctl comes from, or -1
 * @go: end that lets the ioctl begin, or -1
 * @result: that result
 */
struct job {
	struct hbc_io_request rq;
	void *buf;
	struct iovec iov[HBC_IO_VECS];
	int pipe;
	int go;
	int result;
};

static void job_free(struct job *job)
{
	if (!job)
		return;
	if (job->pipe >= 0)
		close(job->pipe);
	if (job->go >= 0)
		close(job->go);
	free(job->buf);
	free(job);
}

/* Each segment begins on a page, with at least a page between two. */
static int get_buffer(struct job *job)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t len = job->rq.length / job->rq.vec;
	size_t step = (len + 2 * page - 1) / page * page;
	unsigned int i;

	if (posix_memalign(&job->buf, page, step * job->rq.vec))
		return -ENOMEM;
	memset(job->buf, job->rq.op != HBC_IO_WRITE ? 0x5a :
	       job->rq.pattern < 0 ? HBC_IO_PATTERN : job->rq.pattern,
	       step * job->rq.vec);
	for (i = 0; i < job->rq.vec; i++) {
		job->iov[i].iov_base = (char *)job->buf + i * step;
		job->iov[i].iov_len = len;
	}
	return 0;
}

/* O_DIRECT if offset and length allow it. */
static int fd_for(const struct server *s, const struct hbc_io_request *rq)
{
	uint64_t ends = rq->offset | (rq->length / rq->vec);

	return s->direct >= 0 && !(ends % s->block) ? s->direct : s->buffered;
}

static int range_ioctl(const struct server *s, const struct hbc_io_request *rq)
{
	uint64_t range[2] = { rq->offset, rq->length };
	unsigned long nr = rq->op == HBC_IO_DISCARD ? BLKDISCARD :
			   rq->op == HBC_IO_ZEROOUT ? BLKZEROOUT :
						      BLKSECDISCARD;

	return ioctl(s->buffered, nr, range) < 0 ? -errno : 0;
}

/*
 * The child keeps the device open, but not the ring. It begins when it reads a
 * byte, and exits at end of file if the request cannot be submitted.
 */
static _Noreturn void child(struct server *s, const struct job *job, int go,
			    int report)
{
	int result;
	char byte;

	close(s->sock);
	close(s->ring.ring_fd);
	close(job->go);
	close(job->pipe);
	if (read(go, &byte, 1) != 1)
		_exit(1);
	result = range_ioctl(s, &job->rq);
	_exit(write(report, &result, sizeof(result)) != sizeof(result));
}

static int start_child(struct server *s, struct job *job)
{
	pid_t parent = getpid(), pid = -1;
	int go[2], report[2], r;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(report, O_CLOEXEC)) {
		r = -errno;
		close(go[0]);
		close(go[1]);
		return r;
	}
	job->go = go[1];
	job->pipe = report[0];
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		child(s, job, go[0], report[1]);
	}
	r = pid < 0 ? -errno : 0;
	close(go[0]);
	close(report[1]);
	return r;
}

/* If the child was killed meanwhile, the pipe for its result shows that. */
static void let_child_go(struct job *job)
{
	if (job->go < 0)
		return;
	while (write(job->go, "", 1) < 0 && errno == EINTR)
		;
	close(job->go);
	job->go = -1;
}

static int prepare(struct server *s, struct job *job,
		   struct io_uring_sqe **entry)
{
	struct io_uring_sqe *sqe;
	int fd, r = 0;

	if (job->rq.op <= HBC_IO_WRITE)
		r = get_buffer(job);
	else if (job->rq.op != HBC_IO_FLUSH)
		r = start_child(s, job);
	if (r)
		return r;
	sqe = io_uring_get_sqe(&s->ring);
	if (!sqe)
		return -EBUSY;
	fd = fd_for(s, &job->rq);
	switch (job->rq.op) {
	case HBC_IO_READ:
		io_uring_prep_readv(sqe, fd, job->iov, job->rq.vec,
				    job->rq.offset);
		break;
	case HBC_IO_WRITE:
		io_uring_prep_writev2(sqe, fd, job->iov, job->rq.vec,
				      job->rq.offset,
				      job->rq.fua ? RWF_DSYNC : 0);
		break;
	case HBC_IO_FLUSH:
		io_uring_prep_fsync(sqe, s->buffered, 0);
		break;
	default:
		io_uring_prep_read(sqe, job->pipe, &job->result,
				   sizeof(job->result), 0);
	}
	io_uring_sqe_set_data(sqe, job);
	*entry = sqe;
	return 0;
}

/* Until the kernel has taken all that is queued, or refuses; 0 or an error. */
static int submit_queued(struct server *s)
{
	int r;

	while (io_uring_sq_ready(&s->ring)) {
		r = io_uring_submit(&s->ring);
		if (!r)
			return -EAGAIN;
		if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

/* An entry that the kernel did not take stays queued, as a no-op. */
static int submit(struct server *s, const struct hbc_io_request *rq)
{
	struct job *job = calloc(1, sizeof(*job));
	struct io_uring_sqe *sqe;
	int r;

	if (!job)
		return -ENOMEM;
	job->rq = *rq;
	job->pipe = job->go = -1;
	r = prepare(s, job, &sqe);
	if (!r) {
		r = submit_queued(s);
		if (r) {
			io_uring_prep_nop(sqe);
			io_uring_sqe_set_data(sqe, NULL);
		}
	}
	if (r) {
		job_free(job);
		return r;
	}
	s->inflight++;
	let_child_go(job);
	return 0;
}

static void compare(const struct job *job, struct hbc_io_reply *reply)
{
	size_t len = job->iov[0].iov_len, i;
	unsigned int v;

	for (v = 0; v < job->rq.vec; v++) {
		const unsigned char *p = job->iov[v].iov_base;

		for (i = 0; i < len && p[i] == job->rq.pattern; i++)
			;
		if (i == len)
			continue;
		reply->bad = true;
		reply->bad_at = job->rq.offset + v * len + i;
		reply->bad_byte = p[i];
		return;
	}
}

static int finish(struct server *s, struct job *job, int res)
{
	struct hbc_io_reply reply = { .done = true, .index = job->rq.index };

	if (job->rq.op > HBC_IO_FLUSH && res >= 0)
		res = res == (int)sizeof(job->result) ? job->result : -ECHILD;
	reply.res = res;
	if (job->rq.op == HBC_IO_READ && job->rq.pattern >= 0 &&
	    res == (int)job->rq.length)
		compare(job, &reply);
	job_free(job);
	s->inflight--;
	return send(s->sock, &reply, sizeof(reply), MSG_NOSIGNAL) < 0 ? -errno :
									0;
}

static int reap(struct server *s)
{
	struct io_uring_cqe *cqe;
	int r = 0;

	while (!r && !io_uring_peek_cqe(&s->ring, &cqe)) {
		struct job *job = io_uring_cqe_get_data(cqe);

		if (job)
			r = finish(s, job, cqe->res);
		io_uring_cqe_seen(&s->ring, cqe);
	}
	return r;
}

/* 1 after a request, 0 when no more will come, or an error. */
static int take(struct server *s)
{
	struct hbc_io_request rq;
	struct hbc_io_reply reply = { 0 };
	ssize_t n = recv(s->sock, &rq, sizeof(rq), 0);

	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	if (n != sizeof(rq))
		return 0;
	reply.index = rq.index;
	reply.res = submit(s, &rq);
	n = send(s->sock, &reply, sizeof(reply), MSG_NOSIGNAL);
	return n < 0 ? -errno : 1;
}

static int loop(struct server *s)
{
	struct pollfd p[] = {
		{ .fd = s->ring.ring_fd, .events = POLLIN },
		{ .fd = s->sock, .events = POLLIN },
	};
	int r;

	while (p[1].fd >= 0 || s->inflight) {
		r = poll(p, HBC_ARRAY_SIZE(p), -1);
		if (r < 0 && errno != EINTR)
			return -errno;
		r = reap(s);
		if (r < 0)
			return r;
		if (!p[1].revents)
			continue;
		r = take(s);
		if (r < 0)
			return r;
		if (!r)
			p[1].fd = -1;
		p[1].revents = 0;
	}
	return 0;
}

static int set_up(struct server *s, bool buffered)
{
	int block = 0, r;

	s->direct = -1;
	s->buffered = open(s->path, O_RDWR | O_CLOEXEC);
	if (s->buffered < 0)
		return -errno;
	if (ioctl(s->buffered, BLKSSZGET, &block) < 0 || block <= 0)
		block = 512;
	s->block = (unsigned int)block;
	if (!buffered)
		s->direct = open(s->path, O_RDWR | O_CLOEXEC | O_DIRECT);
	r = io_uring_queue_init(RING_ENTRIES, &s->ring, 0);
	return r ? r : io_uring_ring_dontfork(&s->ring);
}

/**
 * hbc_io_serve() - be the I/O process
 * @sock: SOCK_SEQPACKET, struct hbc_io_request in, struct hbc_io_reply out;
 *	the first reply says whether the device could be opened
 * @path: of the device
 * @buffered: never use O_DIRECT
 *
 * Ends when the client has closed its side and all requests have ended.
 *
 * Return: exit status.
 */
int hbc_io_serve(int sock, const char *path, bool buffered)
{
	struct server s = { .sock = sock, .path = path };
	struct hbc_io_reply reply = { 0 };

	/* Only the end of the command ends this process. */
	hbc_signals_catch(NULL, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	reply.res = set_up(&s, buffered);
	if (send(sock, &reply, sizeof(reply), MSG_NOSIGNAL) < 0 || reply.res)
		return HBC_FAILED;
	reply.res = loop(&s);
	/* Children have reported, but may not have exited yet. */
	while (!reply.res && (wait(NULL) >= 0 || errno == EINTR))
		;
	return reply.res ? HBC_FAILED : HBC_OK;
}
