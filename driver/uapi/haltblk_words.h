/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * haltblk: the word for each number of haltblk.h. The driver, its tracepoints
 * and the library take their words from these lists; they are no part of the
 * kernel interface and are not installed.
 *
 * Each list calls X(NUMBER, "word") for every enumerator, in the order of the
 * enumeration. Those who expand it assert that none is missing.
 */
#ifndef HALTBLK_WORDS_H
#define HALTBLK_WORDS_H

/* How many words a list has. */
#define HALTBLK_WORDS_COUNT(id, word)	+ 1
#define HALTBLK_NR_WORDS(list)		(0 list(HALTBLK_WORDS_COUNT))

/* An element of an array of words. */
#define HALTBLK_WORDS_ELEMENT(id, word)	[id] = word,

#define HALTBLK_EVENT_WORDS(X)						\
	X(HALTBLK_EVENT_SUBMIT, "submit")				\
	X(HALTBLK_EVENT_MEDIA, "media")					\
	X(HALTBLK_EVENT_COMPLETE, "complete")				\
	X(HALTBLK_EVENT_TIMEOUT, "timeout")				\
	X(HALTBLK_EVENT_WRITEBACK, "writeback")				\
	X(HALTBLK_EVENT_UNMAP, "unmap")

#define HALTBLK_OP_WORDS(X)						\
	X(HALTBLK_OP_READ, "read")					\
	X(HALTBLK_OP_WRITE, "write")					\
	X(HALTBLK_OP_FLUSH, "flush")					\
	X(HALTBLK_OP_DISCARD, "discard")				\
	X(HALTBLK_OP_SECURE_ERASE, "secure_erase")			\
	X(HALTBLK_OP_WRITE_ZEROES, "write_zeroes")			\
	X(HALTBLK_OP_ZONE_APPEND, "zone_append")			\
	X(HALTBLK_OP_ZONE_RESET, "zone_reset")				\
	X(HALTBLK_OP_ZONE_OPEN, "zone_open")				\
	X(HALTBLK_OP_ZONE_CLOSE, "zone_close")				\
	X(HALTBLK_OP_ZONE_FINISH, "zone_finish")

#define HALTBLK_ACTION_WORDS(X)						\
	X(HALTBLK_ACTION_HOLD, "hold")					\
	X(HALTBLK_ACTION_DELAY, "delay")				\
	X(HALTBLK_ACTION_FAIL, "fail")					\
	X(HALTBLK_ACTION_DROP, "drop")					\
	X(HALTBLK_ACTION_TORN, "torn")					\
	X(HALTBLK_ACTION_CORRUPT, "corrupt")				\
	X(HALTBLK_ACTION_BUSY, "busy")					\
	X(HALTBLK_ACTION_CRASH, "crash")				\
	X(HALTBLK_ACTION_COUNT, "count")

#define HALTBLK_STATUS_WORDS(X)						\
	X(HALTBLK_STATUS_OK, "OK")					\
	X(HALTBLK_STATUS_NOTSUPP, "NOTSUPP")				\
	X(HALTBLK_STATUS_TIMEOUT, "TIMEOUT")				\
	X(HALTBLK_STATUS_NOSPC, "NOSPC")				\
	X(HALTBLK_STATUS_TRANSPORT, "TRANSPORT")			\
	X(HALTBLK_STATUS_TARGET, "TARGET")				\
	X(HALTBLK_STATUS_RESV_CONFLICT, "RESV_CONFLICT")		\
	X(HALTBLK_STATUS_MEDIUM, "MEDIUM")				\
	X(HALTBLK_STATUS_PROTECTION, "PROTECTION")			\
	X(HALTBLK_STATUS_RESOURCE, "RESOURCE")				\
	X(HALTBLK_STATUS_IOERR, "IOERR")				\
	X(HALTBLK_STATUS_AGAIN, "AGAIN")				\
	X(HALTBLK_STATUS_OFFLINE, "OFFLINE")				\
	X(HALTBLK_STATUS_ZONE_OPEN_RESOURCE, "ZONE_OPEN_RESOURCE")	\
	X(HALTBLK_STATUS_ZONE_ACTIVE_RESOURCE, "ZONE_ACTIVE_RESOURCE")	\
	X(HALTBLK_STATUS_DURATION_LIMIT, "DURATION_LIMIT")		\
	X(HALTBLK_STATUS_INVAL, "INVAL")

#define HALTBLK_WHAT_WORDS(X)						\
	X(HALTBLK_WHAT_SUBMITTED, "submitted")				\
	X(HALTBLK_WHAT_HELD, "held")					\
	X(HALTBLK_WHAT_RELEASED, "released")				\
	X(HALTBLK_WHAT_ACTED, "acted")					\
	X(HALTBLK_WHAT_TIMED_OUT, "timed_out")				\
	X(HALTBLK_WHAT_COMPLETED, "completed")				\
	X(HALTBLK_WHAT_FAILED, "failed")				\
	X(HALTBLK_WHAT_LOST, "lost")

#endif /* HALTBLK_WORDS_H */
