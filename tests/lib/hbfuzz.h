/* SPDX-License-Identifier: GPL-2.0-only */
/* What hbfuzz.c and hbfuzz_call.c share. */
#ifndef HBFUZZ_H
#define HBFUZZ_H

#include <stdbool.h>
#include <stdint.h>

#define FUZZ_DEVICES	3
#define FUZZ_ERRNOS	134

/* Kinds of calls; the first ones are the ioctls by their numbers. */
enum fuzz_class {
	FUZZ_QUERY, FUZZ_ATTACH, FUZZ_BREAK, FUZZ_REMOVE, FUZZ_WAIT,
	FUZZ_RESUME, FUZZ_HELD, FUZZ_RULES, FUZZ_STATS, FUZZ_HCTX_STATS,
	FUZZ_LIST, FUZZ_CONFIG, FUZZ_STEP, FUZZ_BACKTRACE, FUZZ_WATCH,
	FUZZ_LOCKS, FUZZ_CLONE, FUZZ_UNKNOWN,
	FUZZ_OPEN, FUZZ_CLOSE, FUZZ_EVENTS, FUZZ_POLL,
	FUZZ_READ, FUZZ_WRITE, FUZZ_BUFFERED, FUZZ_FLUSH, FUZZ_DISCARD,
	FUZZ_ZEROOUT, FUZZ_SECDISCARD,
	FUZZ_POWER_ON, FUZZ_POWER_OFF, FUZZ_OPTION, FUZZ_NOISE, FUZZ_SHOW,
	FUZZ_QUEUE, FUZZ_CREATE, FUZZ_DESTROY, FUZZ_KILLED,
	FUZZ_CLASSES
};

/**
 * struct fuzz_shared - what all processes see
 * @seed: of everything random
 * @stop: all processes end, except for the one that releases
 * @released: that one ends too
 * @count: calls by kind and by errno, 0 for success
 */
struct fuzz_shared {
	uint64_t seed;
	bool stop;
	bool released;
	uint64_t count[FUZZ_CLASSES][FUZZ_ERRNOS];
};

struct fuzz_rng {
	uint64_t state;
};

extern const char *const fuzz_devices[FUZZ_DEVICES];
extern struct fuzz_shared *fuzz;

void fuzz_seed(struct fuzz_rng *rng, unsigned int place);
uint32_t fuzz_random(struct fuzz_rng *rng);
uint32_t fuzz_below(struct fuzz_rng *rng, uint32_t n);
void fuzz_count(enum fuzz_class class, long ret);
bool fuzz_over(void);

/* hbfuzz_call.c */
int fuzz_call_process(unsigned int place);
int fuzz_release_process(unsigned int place);
int fuzz_hold_own(const char *dev);

#endif
