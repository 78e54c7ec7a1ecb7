/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * All words for rules, requests and event records: the number, spelling and
 * meaning of each. Enumerators, masks, names in messages and tracepoints,
 * --help and the completions all come from these rows.
 *
 *	X(name, number, word, offered, arg, text)
 *
 * name     end of the enumerator, after HALTBLK_OP_ or the like
 * number   part of the interface: never changed or reused. In the lists of
 *          flags and keys it is the number of a bit.
 * word     as users write and read it
 * offered  1: every driver of this version accepts it in a rule. 0: reserved,
 *          only shown, or missing in some kernels. HALTBLK_IOC_QUERY tells what
 *          the loaded driver accepts.
 * arg      text after "word=", or "". For a status: the errno that a process
 *          gets.
 * text     short description for lists
 */
#ifndef _UAPI_HALTBLK_WORDS_H
#define _UAPI_HALTBLK_WORDS_H

/* The states of a request in which a rule can act. */
#define HALTBLK_EVENTS(X)						\
X(SUBMIT, 0, "submit", 1, "", "it reached the driver and has had no effect") \
X(MEDIA, 1, "media", 1, "", "it is admitted and no data has moved")	\
X(COMPLETE, 2, "complete", 1, "", "its data has moved, its submitter is not told") \
X(TIMEOUT, 3, "timeout", 1, "", "blk-mq's timeout handler ran for it")	\
X(WRITEBACK, 4, "writeback", 1, "", "it is about to write back a cached block") \
X(UNMAP, 5, "unmap", 1, "", "it is about to free an extent")

/* Operations have their own numbers, because the kernel's numbers change. */
#define HALTBLK_OPS(X)							\
X(READ, 0, "read", 1, "", "read")					\
X(WRITE, 1, "write", 1, "", "write")					\
X(FLUSH, 2, "flush", 1, "", "flush the volatile cache")			\
X(DISCARD, 3, "discard", 1, "", "discard")				\
X(SECURE_ERASE, 4, "secure_erase", 1, "", "secure erase")		\
X(WRITE_ZEROES, 5, "write_zeroes", 1, "", "write zeroes")		\
X(ZONE_APPEND, 6, "zone_append", 1, "", "append to a zone")		\
X(ZONE_RESET, 7, "zone_reset", 1, "", "reset a zone")			\
X(ZONE_OPEN, 8, "zone_open", 1, "", "open a zone")			\
X(ZONE_CLOSE, 9, "zone_close", 1, "", "close a zone")			\
X(ZONE_FINISH, 10, "zone_finish", 1, "", "finish a zone")

/* What a rule does to a request. */
#define HALTBLK_ACTIONS(X)						\
X(HOLD, 0, "hold", 1, "", "hold it until it is released")		\
X(DELAY, 1, "delay", 1, "USEC", "let it go on after so many microseconds") \
X(FAIL, 2, "fail", 1, "STATUS", "end it with a block status")		\
X(DROP, 3, "drop", 1, "", "say that it is done, and do nothing")	\
X(TORN, 4, "torn", 1, "SECTORS", "write only the first sectors of it")	\
X(CORRUPT, 5, "corrupt", 1, "BYTES", "damage so many bytes of its data") \
X(BUSY, 6, "busy", 1, "", "hand it back to the block layer once")	\
X(CRASH, 7, "crash", 1, "", "cut the power of the device")		\
X(COUNT, 8, "count", 1, "", "only count it")

/* The conditions of a rule that have a bit in struct haltblk_rule.keys. */
#define HALTBLK_KEYS(X)							\
X(OPS, 0, "op", 1, "OP,...", "operations")				\
X(SECTOR, 1, "sector", 1, "A+N", "overlaps these 512-byte sectors")	\
X(HCTX, 2, "hctx", 1, "N", "hardware queue")				\
X(CPU, 3, "cpu", 1, "N", "processor of the submitter")			\
X(PID, 4, "pid", 1, "[!]N", "process that submitted it")		\
X(COMM, 5, "comm", 1, "[!]NAME", "name of that process")		\
X(FLAGS, 6, "flags", 1, "FLAG,...", "request flags that are all set")	\
X(STATE, 7, "state", 1, "N", "the device is in this state")		\
X(SET_STATE, 8, "set_state", 1, "N", "the device goes to this state")	\
X(CHANCE, 9, "chance", 1, "1/N", "acts on one match in N")

/* Flags of a request. NOUNMAP is only shown; a rule cannot ask for it. */
#define HALTBLK_RQ_FLAGS(X)						\
X(FUA, 0, "fua", 1, "", "past the volatile cache")			\
X(SYNC, 1, "sync", 1, "", "somebody waits for it")			\
X(META, 2, "meta", 1, "", "metadata of a file system")			\
X(PRIO, 3, "prio", 1, "", "comes before others")			\
X(RAHEAD, 4, "rahead", 1, "", "read ahead")				\
X(NOWAIT, 5, "nowait", 1, "", "must not wait in the block layer")	\
X(POLLED, 6, "polled", 1, "", "its submitter polls for its end")	\
X(NOUNMAP, 7, "nounmap", 0, "", "write zeroes that must free nothing")

/* The statuses with which a request ends, by the block layer's names. */
#define HALTBLK_STATUSES(X)						\
X(OK, 0, "OK", 1, "", "it succeeded")					\
X(NOTSUPP, 1, "NOTSUPP", 1, "EOPNOTSUPP", "the device does not support it") \
X(TIMEOUT, 2, "TIMEOUT", 1, "ETIMEDOUT", "the device did not answer in time") \
X(NOSPC, 3, "NOSPC", 1, "ENOSPC", "the device has no space left")	\
X(TRANSPORT, 4, "TRANSPORT", 1, "ENOLINK", "the way to the device broke") \
X(TARGET, 5, "TARGET", 1, "EREMOTEIO", "the target failed")		\
X(RESV_CONFLICT, 6, "RESV_CONFLICT", 1, "EBADE",			\
  "another initiator has reserved the device")				\
X(MEDIUM, 7, "MEDIUM", 1, "ENODATA", "the device found a bad medium")	\
X(PROTECTION, 8, "PROTECTION", 1, "EILSEQ",				\
  "the protection information was wrong")				\
X(RESOURCE, 9, "RESOURCE", 1, "ENOMEM", "there was no memory for it")	\
X(IOERR, 10, "IOERR", 1, "EIO", "the device failed a request")		\
X(AGAIN, 11, "AGAIN", 1, "EAGAIN", "it would have had to wait")		\
X(OFFLINE, 12, "OFFLINE", 1, "ENODEV", "the device is offline")		\
X(ZONE_OPEN_RESOURCE, 13, "ZONE_OPEN_RESOURCE", 1, "ETOOMANYREFS",	\
  "too many zones are open")						\
X(ZONE_ACTIVE_RESOURCE, 14, "ZONE_ACTIVE_RESOURCE", 1, "EOVERFLOW",	\
  "too many zones are active")						\
X(DURATION_LIMIT, 15, "DURATION_LIMIT", 0, "ETIME",			\
  "it took longer than it was allowed")					\
X(INVAL, 16, "INVAL", 0, "EINVAL", "the request was invalid")

/* What an event record says. LOST is always recorded. */
#define HALTBLK_WHATS(X)						\
X(SUBMITTED, 0, "submitted", 1, "", "it reached the driver")		\
X(HELD, 1, "held", 1, "", "a rule holds it at @event under @tag")	\
X(RELEASED, 2, "released", 1, "", "it was held under @tag and is released") \
X(ACTED, 3, "acted", 1, "", "a rule that does not hold acted on it")	\
X(TIMED_OUT, 4, "timed_out", 1, "", "blk-mq's timeout handler ran for it") \
X(COMPLETED, 5, "completed", 1, "", "it ended well")			\
X(FAILED, 6, "failed", 1, "", "it ended with @status")			\
X(LOST, 7, "lost", 1, "", "@lost records had no room")

/*
 * For the bits of the offered rows of a list, and of all its rows. Usage:
 * HALTBLK_OPS(HALTBLK_WORD_BIT).
 */
#define HALTBLK_WORD_OFFERED(name, nr, word, offered, arg, text)	\
	| ((offered) * (1U << (nr)))
#define HALTBLK_WORD_BIT(name, nr, word, offered, arg, text)		\
	| (1U << (nr))

/* One bit for each number that a rule can use in this version. */
#define HALTBLK_OFFERED_EVENTS		(0U HALTBLK_EVENTS(HALTBLK_WORD_OFFERED))
#define HALTBLK_OFFERED_OPS		(0U HALTBLK_OPS(HALTBLK_WORD_OFFERED))
#define HALTBLK_OFFERED_ACTIONS		(0U HALTBLK_ACTIONS(HALTBLK_WORD_OFFERED))
#define HALTBLK_OFFERED_KEYS		(0U HALTBLK_KEYS(HALTBLK_WORD_OFFERED))
#define HALTBLK_OFFERED_RQ_FLAGS	(0U HALTBLK_RQ_FLAGS(HALTBLK_WORD_OFFERED))
#define HALTBLK_OFFERED_STATUSES	(0U HALTBLK_STATUSES(HALTBLK_WORD_OFFERED))

#endif /* _UAPI_HALTBLK_WORDS_H */
