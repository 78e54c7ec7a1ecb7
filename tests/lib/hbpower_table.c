// SPDX-License-Identifier: GPL-2.0-only
/*
 * Legal and illegal values of each option, drawn from the driver's own table,
 * so that a new option is tested without a line here.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>

/* What the driver's header takes from the kernel. */
typedef __s64 s64;
#define S64_MAX	INT64_MAX
#include "../../driver/config.h"

#include "hbpower.h"

static const struct haltblk_option table[] = {
#define X(_name, _param, _type, _dflt, _min, _max, _flags, _unit, _help)	\
	{ .name = #_name, .param = #_param, .type = HALTBLK_OPT_##_type,	\
	  .dflt = _dflt, .min = _min, .max = _max, .flags = _flags,		\
	  .unit = _unit, .help = _help },
	HALTBLK_OPTIONS(X)
#undef X
};

const size_t table_rows = HALTBLK_NR_OPTIONS;

/* Legal values beyond these only make a cycle longer. */
static const struct {
	const char *name;
	s64 least, most;
} mild[] = {
	{ "completion_nsec", 0, 100000 },
	{ "lock_hold_nsec", 0, 1000 },
	{ "mbps", 16, 1048576 },
};

static uint64_t rng;

void rng_seed(uint64_t seed)
{
	int i;

	rng = seed * 0x9e3779b97f4a7c15 + 1;
	for (i = 0; i < 8; i++)
		rng_next();
}

uint64_t rng_next(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng * 0x2545f4914f6cdd1d;
}

uint64_t rng_below(uint64_t n)
{
	return (rng_next() >> 11) % n;
}

const char *table_name(size_t row)
{
	return table[row].name;
}

bool table_live(size_t row)
{
	return table[row].flags & HALTBLK_OPT_F_LIVE;
}

static s64 most(const struct haltblk_option *o)
{
	switch (o->max) {
	case HALTBLK_MAX_CPUS:
		return sysconf(_SC_NPROCESSORS_CONF);
	case HALTBLK_MAX_BLOCK:
		return sysconf(_SC_PAGESIZE);
	case HALTBLK_MAX_NODE:
		return 0;
	default:
		return o->max;
	}
}

/* Has this machine more than one value for the option? */
bool table_varies(size_t row)
{
	return table[row].min < most(&table[row]);
}

/* The value as users write it. */
static void format(const struct haltblk_option *o, s64 v, char value[VALUE_LEN])
{
	const char *word = o->unit;

	if (o->type != HALTBLK_OPT_WORD) {
		snprintf(value, VALUE_LEN, "%" PRId64, (int64_t)v);
		return;
	}
	while (v--)
		word += strcspn(word, "|") + 1;
	snprintf(value, VALUE_LEN, "%.*s", (int)strcspn(word, "|"), word);
}

void table_default(size_t row, char value[VALUE_LEN])
{
	format(&table[row], table[row].dflt, value);
}

/* Small numbers as often as large ones, and round ones as often as others. */
static s64 spread(s64 least, s64 most)
{
	uint64_t width = (uint64_t)most - (uint64_t)least, v;
	int bits = 0;

	while (bits < 63 && width >> bits)
		bits++;
	v = rng_next() & ((UINT64_C(1) << rng_below((uint64_t)bits + 1)) - 1);
	if (rng_below(2))
		v &= ~((UINT64_C(1) << rng_below((uint64_t)bits + 1)) - 1);
	return v > width ? most : (s64)((uint64_t)least + v);
}

/* A legal value of an option by itself. */
void table_draw(size_t row, char value[VALUE_LEN])
{
	const struct haltblk_option *o = &table[row];
	s64 lo = o->min, hi = most(o), v;
	size_t i;

	for (i = 0; i < sizeof(mild) / sizeof(mild[0]); i++)
		if (!strcmp(mild[i].name, o->name)) {
			lo = mild[i].least;
			hi = mild[i].most;
		}
	switch (rng_below(8)) {
	case 0:
		v = lo;
		break;
	case 1:
		v = hi;
		break;
	default:
		v = spread(lo, hi);
	}
	if (o->flags & HALTBLK_OPT_F_POW2)
		while (v & (v - 1))
			v &= v - 1;
	if (o->flags & HALTBLK_OPT_F_EVEN)
		v &= ~(s64)1;
	if ((o->flags & HALTBLK_OPT_F_PAGE) && v && v < sysconf(_SC_PAGESIZE) / 512)
		v = 0;
	format(o, v, value);
}

/* Illegal value number @kind of an option; false if there is none of this kind. */
bool table_illegal(size_t row, int kind, char value[VALUE_LEN])
{
	const struct haltblk_option *o = &table[row];
	const bool number = o->type == HALTBLK_OPT_INT;
	const s64 max = most(o);

	switch (kind) {
	case 0:
		strcpy(value, "garbage");
		return true;
	case 1:
		strcpy(value, o->type == HALTBLK_OPT_WORD ? o->unit : "1x");
		/* kstrtobool() looks at the first character only. */
		return o->type != HALTBLK_OPT_BOOL;
	case 2:
		strcpy(value, "99999999999999999999");
		return o->type != HALTBLK_OPT_BOOL;
	case 3:
		snprintf(value, VALUE_LEN, "%" PRId64, (int64_t)o->min - 1);
		return number;
	case 4:
		snprintf(value, VALUE_LEN, "%" PRIu64, (uint64_t)max + 1);
		/* What the machine lacks is cut, not refused. */
		return number && !(o->flags & (HALTBLK_OPT_F_CUT | HALTBLK_OPT_F_NODE));
	case 5:
		snprintf(value, VALUE_LEN, "%" PRId64, (int64_t)(o->min | 3) + (o->min > 3));
		return number && (o->flags & HALTBLK_OPT_F_POW2) && max >= 4;
	case 6:
		strcpy(value, "1");
		return number && (o->flags & (HALTBLK_OPT_F_EVEN | HALTBLK_OPT_F_PAGE));
	}
	return false;
}

/* The options that a message names, as NAME=VALUE; returns how many. */
size_t table_named(const char *text, size_t *rows, size_t room)
{
	char word[OPTION_LEN];
	const char *at;
	size_t row, n = 0;

	for (row = 0; row < table_rows && n < room; row++) {
		snprintf(word, sizeof(word), "%s=", table[row].name);
		for (at = strstr(text, word); at; at = strstr(at + 1, word))
			if (at == text || at[-1] == ' ') {
				rows[n++] = row;
				break;
			}
	}
	return n;
}
