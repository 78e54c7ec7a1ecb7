/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Opens a record: reads its events once, checks them, and remembers where the
 * data is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format.h"
#include "libhaltblk.h"

#define ROOM	(2 * HBC_REC_DATA_MAX)

/**
 * struct reader - a record that is being opened
 * @r: it
 * @path: of its events
 * @size: bytes of them
 * @at: offset of the next entry
 * @buf: ROOM bytes
 * @start: offset of what is in @buf
 * @len: bytes in @buf
 * @crc: of the last entry
 * @room_requests: of the arrays in @r
 * @room_marks: likewise
 * @room_pieces: likewise
 * @ended: the last entry was read
 */
struct reader {
	struct hbc_rec *r;
	char path[PATH_MAX];
	uint64_t size;
	uint64_t at;
	unsigned char *buf;
	uint64_t start;
	size_t len;
	uint32_t crc;
	size_t room_requests;
	size_t room_marks;
	size_t room_pieces;
	bool ended;
};

static int altered(const struct reader *rd, const char *what)
{
	hbc_error(rd->path, "altered: at byte %" PRIu64 ": %s", rd->at, what);
	return HBC_FAILED;
}

/* Make room for one more; false after a message. */
static bool grow(void **array, size_t nr, size_t *room, size_t size)
{
	void *more;

	if (nr < *room)
		return true;
	more = reallocarray(*array, *room ? *room * 2 : 256, size);
	if (!more) {
		hbc_no_memory();
		return false;
	}
	*array = more;
	*room = *room ? *room * 2 : 256;
	return true;
}

#define GROW(rd, what)							\
	grow((void **)&(rd)->r->what, (rd)->r->nr_##what,		\
	     &(rd)->room_##what, sizeof(*(rd)->r->what))

/* So many bytes at the place of the next entry; NULL after a message. */
static const unsigned char *need(struct reader *rd, size_t len)
{
	uint64_t left = rd->size - rd->at;
	int r;

	if (rd->at < rd->start || rd->at + len > rd->start + rd->len) {
		rd->start = rd->at;
		rd->len = left < ROOM ? (size_t)left : ROOM;
		r = hbc_read_at(rd->r->fd, rd->buf, rd->len, rd->at);
		if (r) {
			hbc_error(rd->path, "cannot read: %s",
				  r > 0 ? "cut short" : strerror(-r));
			return NULL;
		}
	}
	return rd->buf + (rd->at - rd->start);
}

static struct haltblk_crash_request *find(const struct hbc_rec *r,
					  uint64_t reached)
{
	size_t low = 0, high = r->nr_requests, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->requests[mid].reached < reached)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->nr_requests && r->requests[low].reached == reached ?
		       &r->requests[low] : NULL;
}

/* Whether a range lies on its device, in whole blocks. */
static bool is_in_device(const struct hbc_rec *r,
			 const struct hbc_rec_entry *e)
{
	const struct hbc_rec_device *d = &r->devices[e->dev];
	uint64_t block = d->block / 512;

	return e->sector <= d->sectors && e->sectors <= d->sectors - e->sector &&
	       e->sector % block == 0 && e->sectors % block == 0;
}

static bool is_recorded(unsigned int op)
{
	return op == HALTBLK_OP_WRITE || op == HALTBLK_OP_FLUSH ||
	       op == HALTBLK_OP_DISCARD || op == HALTBLK_OP_SECURE_ERASE ||
	       op == HALTBLK_OP_WRITE_ZEROES;
}

static int add_reached(struct reader *rd, const struct hbc_rec_entry *e)
{
	struct hbc_rec *r = rd->r;
	struct hbc_rec_times *times;

	if (!is_recorded(e->op) || e->data_len || !is_in_device(r, e))
		return altered(rd, "no such request is recorded");
	if (r->nr_requests == rd->room_requests) {
		times = reallocarray(r->times, rd->room_requests ?
				     rd->room_requests * 2 : 256,
				     sizeof(*times));
		if (!times)
			return hbc_no_memory();
		r->times = times;
	}
	if (!GROW(rd, requests))
		return HBC_FAILED;
	r->times[r->nr_requests] = (struct hbc_rec_times){
		.reached_ns = e->time_ns,
	};
	r->requests[r->nr_requests++] = (struct haltblk_crash_request){
		.reached = e->seq, .id = e->id, .sector = e->sector,
		.sectors = e->sectors, .flags = e->flags, .dev = e->dev,
		.op = e->op, .status = HALTBLK_STATUS_OK,
	};
	return HBC_OK;
}

/* The request of MOVED and ENDED; NULL after a message. */
static struct haltblk_crash_request *owner(struct reader *rd,
					   const struct hbc_rec_entry *e)
{
	struct haltblk_crash_request *rq = find(rd->r, e->request);

	if (rq && rq->dev == e->dev && rq->op == e->op && !rq->ended)
		return rq;
	altered(rd, "it belongs to no request");
	return NULL;
}

static int add_moved(struct reader *rd, const struct hbc_rec_entry *e)
{
	struct haltblk_crash_request *rq = owner(rd, e);
	struct hbc_rec *r = rd->r;

	if (!rq)
		return HBC_FAILED;
	if (!is_in_device(r, e) || e->sector < rq->sector ||
	    e->sector + e->sectors > rq->sector + rq->sectors ||
	    e->sectors > rq->sectors - rq->moved_sectors ||
	    e->data_len != (e->op == HALTBLK_OP_WRITE ?
			    (uint64_t)e->sectors * 512 : 0))
		return altered(rd, "its range or data does not fit its request");
	rq->moved = e->seq;
	rq->moved_sectors += e->sectors;
	if (!e->data_len)
		return HBC_OK;
	if (!GROW(rd, pieces))
		return HBC_FAILED;
	r->pieces[r->nr_pieces++] = (struct hbc_rec_piece){
		.request = e->request, .sector = e->sector,
		.sectors = e->sectors,
		.offset = rd->at + HBC_REC_FRAME_SIZE + HBC_REC_ENTRY_SIZE,
	};
	return HBC_OK;
}

static int add_ended(struct reader *rd, const struct hbc_rec_entry *e)
{
	struct haltblk_crash_request *rq = owner(rd, e);

	if (!rq)
		return HBC_FAILED;
	if (e->status >= HALTBLK_STATUS_NR || e->data_len)
		return altered(rd, "it has no such status, or data");
	rq->ended = e->seq;
	rq->status = e->status;
	rd->r->times[rq - rd->r->requests].ended_ns = e->time_ns;
	return HBC_OK;
}

static int add_mark(struct reader *rd, const struct hbc_rec_entry *e,
		    const unsigned char *data)
{
	struct hbc_rec_mark *mark;

	if (!e->data_len || e->data_len > HBC_REC_TEXT ||
	    memchr(data, '\0', e->data_len))
		return altered(rd, "it has not the text of a mark");
	if (!GROW(rd, marks))
		return HBC_FAILED;
	mark = &rd->r->marks[rd->r->nr_marks++];
	memset(mark, 0, sizeof(*mark));
	mark->event = e->seq;
	mark->time_ns = e->time_ns;
	memcpy(mark->text, data, e->data_len);
	return HBC_OK;
}

static int add_end(struct reader *rd, const struct hbc_rec_entry *e)
{
	rd->ended = true;
	if (rd->r->reason != HBC_REC_UNFINISHED && rd->r->reason != e->status)
		return altered(rd, "it ended for another reason than info.json says");
	return HBC_OK;
}

static int add(struct reader *rd, const struct hbc_rec_entry *e,
	       const unsigned char *data)
{
	switch (e->what) {
	case HBC_REC_REACHED:
		return add_reached(rd, e);
	case HBC_REC_MOVED:
		return add_moved(rd, e);
	case HBC_REC_ENDED:
		return add_ended(rd, e);
	case HBC_REC_MARK:
		return add_mark(rd, e, data);
	case HBC_REC_CRASH:
		rd->r->crashed = true;
		return HBC_OK;
	case HBC_REC_END:
		return add_end(rd, e);
	default:
		return altered(rd, "no such entry is known");
	}
}

/* An entry whose checksum is right. */
static int check_entry(struct reader *rd, const unsigned char *p)
{
	struct hbc_rec *r = rd->r;
	struct hbc_rec_entry e;

	hbc_rec_decode(&e, p);
	if (rd->ended)
		return altered(rd, "something follows the last entry");
	if (e.dev >= r->nr_devices || e.seq <= r->last || e.seq > INT64_MAX)
		return altered(rd, "its device or its number is wrong");
	if (!r->first_ns)
		r->first_ns = e.time_ns;
	r->last = e.seq;
	return add(rd, &e, p + HBC_REC_ENTRY_SIZE);
}

/* HBC_GO_ON: the file ends within the entry. */
static int read_entry(struct reader *rd)
{
	uint64_t left = rd->size - rd->at;
	const unsigned char *p;
	struct hbc_rec_entry e;
	uint32_t size, crc;
	int status;

	if (left < HBC_REC_FRAME_SIZE + HBC_REC_ENTRY_SIZE)
		return HBC_GO_ON;
	p = need(rd, HBC_REC_FRAME_SIZE + HBC_REC_ENTRY_SIZE);
	if (!p)
		return HBC_FAILED;
	size = hbc_rec_decode(&e, p + HBC_REC_FRAME_SIZE);
	if (e.data_len > HBC_REC_DATA_MAX ||
	    size != hbc_rec_entry_size(e.data_len) || p[4] || p[5] || p[6] ||
	    p[7])
		return altered(rd, "its size is wrong");
	if (left < HBC_REC_FRAME_SIZE + size)
		return HBC_GO_ON;
	p = need(rd, HBC_REC_FRAME_SIZE + size);
	if (!p)
		return HBC_FAILED;
	crc = hbc_crc32c(rd->crc, p + HBC_REC_FRAME_SIZE, size);
	if (crc != ((uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24))
		return altered(rd, "its checksum is wrong");
	rd->crc = crc;
	status = check_entry(rd, p + HBC_REC_FRAME_SIZE);
	rd->at += HBC_REC_FRAME_SIZE + size;
	return status;
}

static int read_entries(struct reader *rd, const struct hbc_rec_info *info)
{
	int status = HBC_OK;

	while (status == HBC_OK && rd->at < rd->size)
		status = read_entry(rd);
	if (status != HBC_GO_ON && status != HBC_OK)
		return status;
	if (!info->finished)
		return HBC_OK;
	if (status == HBC_GO_ON || !rd->ended ||
	    rd->size != info->events_bytes) {
		hbc_error(rd->path, "cut short or altered: %" PRIu64 " bytes, of %" PRIu64,
			  rd->size, info->events_bytes);
		return HBC_FAILED;
	}
	return HBC_OK;
}

static int read_head(struct reader *rd)
{
	const unsigned char *head;
	const char *why;

	if (rd->size < HBC_REC_HEAD_SIZE) {
		hbc_error(rd->path, "cut short");
		return HBC_FAILED;
	}
	head = need(rd, HBC_REC_HEAD_SIZE);
	if (!head)
		return HBC_FAILED;
	why = hbc_rec_head_check(head, rd->r->id, rd->r->nr_devices);
	if (why) {
		hbc_error(rd->path, "%s", why);
		return HBC_FAILED;
	}
	rd->at = HBC_REC_HEAD_SIZE;
	return HBC_OK;
}

static int read_events(struct hbc_rec *r, const struct hbc_rec_info *info)
{
	struct reader rd = { .r = r };
	struct stat st;
	int status;

	snprintf(rd.path, sizeof(rd.path), "%s/events", r->dir);
	r->fd = open(rd.path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &st)) {
		hbc_error(rd.path, "cannot open: %s", strerror(errno));
		return HBC_FAILED;
	}
	rd.size = (uint64_t)st.st_size;
	rd.buf = malloc(ROOM);
	if (!rd.buf)
		return hbc_no_memory();
	status = read_head(&rd);
	if (status == HBC_OK)
		status = read_entries(&rd, info);
	free(rd.buf);
	return status;
}

static int check_bases(const struct hbc_rec *r)
{
	const struct hbc_rec_device *d;
	struct stat st;
	unsigned int i;

	for (i = 0; i < r->nr_devices; i++) {
		d = &r->devices[i];
		if (!d->base)
			continue;
		if (stat(d->base, &st)) {
			hbc_error(d->base, "cannot open: %s", strerror(errno));
			return HBC_FAILED;
		}
		if (!S_ISREG(st.st_mode) ||
		    (uint64_t)st.st_size != d->base_bytes) {
			hbc_error(d->base, "cut short or altered: it has not %" PRIu64 " bytes",
				  d->base_bytes);
			return HBC_FAILED;
		}
	}
	return HBC_OK;
}

static int by_request(const void *a, const void *b)
{
	const struct hbc_rec_piece *p = a, *q = b;

	if (p->request != q->request)
		return p->request < q->request ? -1 : 1;
	return p->sector < q->sector ? -1 : p->sector > q->sector;
}

/* haltblk_crash_request.data is the index of a write's first piece. */
static void sort_pieces(struct hbc_rec *r)
{
	struct haltblk_crash_request *rq;
	size_t i;

	if (r->nr_pieces)
		qsort(r->pieces, r->nr_pieces, sizeof(*r->pieces),
		      by_request);
	for (i = r->nr_pieces; i--;) {
		rq = find(r, r->pieces[i].request);
		rq->data = i;
	}
}

int hbc_rec_open(const char *dir, struct hbc_rec **record)
{
	struct hbc_rec_info info = { 0 };
	struct hbc_rec *r = calloc(1, sizeof(*r));
	int status;

	*record = NULL;
	if (!r)
		return hbc_no_memory();
	r->fd = -1;
	r->dir = strdup(dir);
	info.record = r;
	status = r->dir ? hbc_rec_info_read(dir, &info) : hbc_no_memory();
	if (status == HBC_OK)
		status = check_bases(r);
	if (status == HBC_OK)
		status = read_events(r, &info);
	if (status != HBC_OK) {
		hbc_rec_close(r);
		return status;
	}
	if (!info.finished)
		r->truncated = true;
	sort_pieces(r);
	*record = r;
	return HBC_OK;
}

void hbc_rec_close(struct hbc_rec *record)
{
	unsigned int i;

	if (!record)
		return;
	if (record->fd >= 0)
		close(record->fd);
	for (i = 0; i < record->nr_devices; i++)
		hbc_rec_device_free(&record->devices[i]);
	free(record->pieces);
	free(record->marks);
	free(record->requests);
	free(record->times);
	free(record->imported);
	free(record->dir);
	free(record);
}

int hbc_rec_data(const struct hbc_rec *record,
		 const struct haltblk_crash_request *rq, uint64_t sector,
		 uint32_t sectors, void *buf)
{
	const struct hbc_rec_piece *p;
	uint64_t skip, len, i;
	int r = 1;

	for (i = rq->data; sectors && i < record->nr_pieces; i++) {
		p = &record->pieces[i];
		if (p->request != rq->reached || p->sector > sector)
			break;
		if (sector >= p->sector + p->sectors)
			continue;
		skip = sector - p->sector;
		len = p->sectors - skip < sectors ? p->sectors - skip : sectors;
		r = hbc_read_at(record->fd, buf, len * 512,
				p->offset + skip * 512);
		if (r)
			break;
		buf = (char *)buf + len * 512;
		sector += len;
		sectors -= (uint32_t)len;
	}
	if (!sectors)
		return HBC_OK;
	hbc_error(record->dir, "cannot read the data of event %" PRIu64 ": %s",
		  rq->moved, r < 0 ? strerror(-r) : "it is not there");
	return HBC_FAILED;
}

static int no_point(const struct hbc_rec *record, const char *text,
		    const char *why)
{
	hbc_error(record->dir, "%s: %s", text, why);
	return HBC_NONE;
}

int hbc_rec_point(const struct hbc_rec *record, const char *text,
		  uint64_t *event)
{
	size_t i;

	if (!strcmp(text, "end")) {
		*event = record->last;
		return HBC_OK;
	}
	if (!strncmp(text, "mark=", 5)) {
		for (i = 0; i < record->nr_marks; i++)
			if (!strcmp(record->marks[i].text, text + 5)) {
				*event = record->marks[i].event;
				return HBC_OK;
			}
		return no_point(record, text, "no such mark; see haltblk log");
	}
	if (hbc_number(text, 1, record->last, event))
		return no_point(record, text,
				"no such event; give its number, mark=TEXT or end, see haltblk log");
	return HBC_OK;
}

const struct hbc_rec_mark *hbc_rec_last_mark(const struct hbc_rec *record,
					     uint64_t event, size_t *nr)
{
	size_t low = 0, high = record->nr_marks, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (record->marks[mid].event <= event)
			low = mid + 1;
		else
			high = mid;
	}
	if (nr)
		*nr = low;
	return low ? &record->marks[low - 1] : NULL;
}
