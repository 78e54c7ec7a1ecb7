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
 * The end of a shell command comes from a pipe as well, which the client sends.
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io.h"

#define RING_ENTRIES 256

/**
 * struct target - a device or file
 * @path: its path
 * @direct: descriptor with O_DIRECT, or -1
 * @buffered: descriptor without
 * @block: offsets and lengths of direct I/O are multiples of it
 * @is_file: it is a regular file
 */
struct target {
	char path[HBC_IO_PATH];
	int direct;
	int buffered;
	unsigned int block;
	bool is_file;
};

/**
 * struct server - the process
 * @sock: to the client
 * @path: of requests that have none
 * @no_direct: never use O_DIRECT
 * @target: what was opened
 * @nr: how many
 * @ring: ring
 * @inflight: requests that have not ended
 */
struct server {
	int sock;
	const char *path;
	bool no_direct;
	struct target *target;
	size_t nr;
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
 * @own: the file that it is for, if it is for a file
 */
struct job {
	struct hbc_io_request rq;
	void *buf;
	struct iovec iov[HBC_IO_VECS];
	int pipe;
	int go;
	int result;
	struct target own;
};

static void close_target(struct target *t)
{
	if (t->direct >= 0)
		close(t->direct);
	if (t->buffered >= 0)
		close(t->buffered);
	t->direct = t->buffered = -1;
}

static void job_free(struct job *job)
{
	if (!job)
		return;
	if (job->pipe >= 0)
		close(job->pipe);
	if (job->go >= 0)
		close(job->go);
	close_target(&job->own);
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

/* How offsets and lengths of direct I/O are aligned. */
static unsigned int alignment(int fd)
{
	int block = 512;
#ifdef STATX_DIOALIGN
	struct statx st;

	if (!statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &st) &&
	    st.stx_mask & STATX_DIOALIGN && st.stx_dio_offset_align)
		block = (int)st.stx_dio_offset_align;
#endif
	ioctl(fd, BLKSSZGET, &block);
	return block > 0 ? (unsigned int)block : 512;
}

/* What is mounted, or read-only, may still be read. */
static int open_target(const struct server *s, struct target *t)
{
	int how = O_RDWR | O_CLOEXEC;
	struct stat st;

	t->direct = -1;
	t->buffered = open(t->path, how);
	if (t->buffered < 0 && (errno == EBUSY || errno == EROFS)) {
		how = O_RDONLY | O_CLOEXEC;
		t->buffered = open(t->path, how);
	}
	if (t->buffered < 0)
		return -errno;
	t->is_file = !fstat(t->buffered, &st) && S_ISREG(st.st_mode);
	t->block = alignment(t->buffered);
	if (!s->no_direct)
		t->direct = open(t->path, how | O_DIRECT);
	return 0;
}

/* What is opened under a path, now if it was not before; 0 or an error. */
static int get_target(struct server *s, const char *path, struct target **t)
{
	struct target *more;
	size_t i;

	if (!*path)
		path = s->path;
	for (i = 0; i < s->nr && strcmp(s->target[i].path, path); i++)
		;
	if (i == s->nr) {
		more = reallocarray(s->target, s->nr + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->target = more;
		more[i].direct = more[i].buffered = -1;
		strcpy(more[i].path, path);
		s->nr++;
	}
	*t = &s->target[i];
	if ((*t)->buffered >= 0)
		return 0;
	return open_target(s, *t);
}

/* O_DIRECT if offset and length allow it. */
static int fd_for(const struct target *t, const struct hbc_io_request *rq)
{
	uint64_t ends = rq->offset | (rq->length / rq->vec);

	return t->direct >= 0 && !rq->buffered && !(ends % t->block) ?
	       t->direct : t->buffered;
}

/* What is nearest to the ioctls on a file. */
static int range_of_file(int fd, const struct hbc_io_request *rq)
{
	int mode = rq->op == HBC_IO_DISCARD ?
		   FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE :
		   FALLOC_FL_ZERO_RANGE;

	if (rq->op == HBC_IO_SECDISCARD)
		return -EOPNOTSUPP;
	return fallocate(fd, mode, (off_t)rq->offset, (off_t)rq->length) < 0 ?
	       -errno : 0;
}

static int range_ioctl(const struct target *t, const struct hbc_io_request *rq)
{
	uint64_t range[2] = { rq->offset, rq->length };
	unsigned long nr = rq->op == HBC_IO_DISCARD ? BLKDISCARD :
			   rq->op == HBC_IO_ZEROOUT ? BLKZEROOUT :
						      BLKSECDISCARD;

	if (t->is_file)
		return range_of_file(t->buffered, rq);
	return ioctl(t->buffered, nr, range) < 0 ? -errno : 0;
}

/*
 * The child keeps the device open, but not the ring. It begins when it reads a
 * byte, and exits at end of file if the request cannot be submitted.
 */
static _Noreturn void child(struct server *s, struct target *t,
			    const struct job *job, int go, int report)
{
	int result;
	char byte;

	close(s->sock);
	close(s->ring.ring_fd);
	close(job->go);
	close(job->pipe);
	if (read(go, &byte, 1) != 1)
		_exit(1);
	result = range_ioctl(t, &job->rq);
	/* Whoever hears of the result may unmount the file system. */
	if (t->is_file)
		close_target(t);
	_exit(write(report, &result, sizeof(result)) != sizeof(result));
}

static int start_child(struct server *s, struct target *t,
		       struct job *job)
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
		child(s, t, job, go[0], report[1]);
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

static void prepare_entry(const struct target *t, struct job *job,
			  struct io_uring_sqe *sqe)
{
	switch (job->rq.op) {
	case HBC_IO_READ:
		io_uring_prep_readv(sqe, fd_for(t, &job->rq), job->iov,
				    job->rq.vec, job->rq.offset);
		break;
	case HBC_IO_WRITE:
		io_uring_prep_writev2(sqe, fd_for(t, &job->rq), job->iov,
				      job->rq.vec, job->rq.offset,
				      job->rq.fua ? RWF_DSYNC : 0);
		break;
	case HBC_IO_FLUSH:
		io_uring_prep_fsync(sqe, t->buffered, 0);
		break;
	default:
		io_uring_prep_read(sqe, job->pipe, &job->result,
				   sizeof(job->result), 0);
	}
	io_uring_sqe_set_data(sqe, job);
}

static int prepare(struct server *s, struct target *t, struct job *job,
		   struct io_uring_sqe **entry)
{
	int r = 0;

	if (job->rq.op <= HBC_IO_WRITE)
		r = get_buffer(job);
	else if (job->rq.op != HBC_IO_FLUSH && t)
		r = start_child(s, t, job);
	if (r)
		return r;
	*entry = io_uring_get_sqe(&s->ring);
	if (!*entry)
		return -EBUSY;
	prepare_entry(t, job, *entry);
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

/*
 * A file is open only while a request needs it, so that its file system can be
 * unmounted. A device stays open: its last close would drop its page cache.
 */
static struct target *take_file(struct target *t, struct job *job)
{
	job->own = *t;
	t->direct = t->buffered = -1;
	return &job->own;
}

/* An entry that the kernel did not take stays queued, as a no-op. */
static int submit_to(struct server *s, struct target *t, struct job *job)
{
	struct io_uring_sqe *sqe;
	int r = prepare(s, t, job, &sqe);

	if (r)
		return r;
	r = submit_queued(s);
	if (r) {
		io_uring_prep_nop(sqe);
		io_uring_sqe_set_data(sqe, NULL);
	}
	return r;
}

/* @pipe is where a command's end comes from; it is closed with the request. */
static int submit(struct server *s, const struct hbc_io_request *rq, int pipe)
{
	struct job *job = calloc(1, sizeof(*job));
	struct target *t = NULL;
	int r = 0;

	if (!job) {
		if (pipe >= 0)
			close(pipe);
		return -ENOMEM;
	}
	job->rq = *rq;
	job->pipe = pipe;
	job->go = -1;
	job->own.direct = job->own.buffered = -1;
	if (rq->op != HBC_IO_COMMAND)
		r = get_target(s, rq->path, &t);
	if (!r && t && t->is_file)
		t = take_file(t, job);
	if (!r)
		r = submit_to(s, t, job);
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
	struct hbc_io_reply reply = {
		.done = true, .index = job->rq.index, .ns = hbc_now(),
	};

	/* A pipe that ends without a result: who had to write it was killed. */
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

static int reopen(struct server *s, const char *path)
{
	struct target *t;
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (!strcmp(s->target[i].path, path))
			close_target(&s->target[i]);
	return get_target(s, path, &t);
}

/* Receive a request, and a descriptor if one came with it. */
static ssize_t receive(int sock, struct hbc_io_request *rq, int *fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(*fd))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { rq, sizeof(*rq) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	ssize_t n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	*fd = -1;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n;
}

/* 1 after a request, 0 when no more will come, or an error. */
static int take(struct server *s)
{
	struct hbc_io_request rq;
	struct hbc_io_reply reply = { 0 };
	ssize_t n;
	int fd;

	n = receive(s->sock, &rq, &fd);
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	if (n != sizeof(rq))
		return 0;
	reply.index = rq.index;
	reply.res = rq.op == HBC_IO_REOPEN ? reopen(s, rq.path) :
					     submit(s, &rq, fd);
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

static int set_up(struct server *s)
{
	struct target *t;
	int r = *s->path ? get_target(s, s->path, &t) : 0;

	if (!r)
		r = io_uring_queue_init(RING_ENTRIES, &s->ring, 0);
	return r ? r : io_uring_ring_dontfork(&s->ring);
}

/**
 * hbc_io_serve() - be the I/O process
 * @sock: SOCK_SEQPACKET, struct hbc_io_request in, struct hbc_io_reply out;
 *	the first reply says whether the device could be opened
 * @path: of requests that have none, or ""
 * @buffered: never use O_DIRECT
 *
 * Ends when the client has closed its side and all requests have ended.
 *
 * Return: exit status.
 */
int hbc_io_serve(int sock, const char *path, bool buffered)
{
	struct server s = {
		.sock = sock, .path = path, .no_direct = buffered,
	};
	struct hbc_io_reply reply = { 0 };

	/* Only the end of the command ends this process. */
	hbc_signals_catch(NULL, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	reply.res = set_up(&s);
	if (send(sock, &reply, sizeof(reply), MSG_NOSIGNAL) < 0 || reply.res)
		return HBC_FAILED;
	reply.res = loop(&s);
	/* Children have reported, but may not have exited yet. */
	while (!reply.res && (wait(NULL) >= 0 || errno == EINTR))
		;
	return reply.res ? HBC_FAILED : HBC_OK;
}
