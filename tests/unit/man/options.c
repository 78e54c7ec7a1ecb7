/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Prints each option of the driver's table with its range, default and flags, as
 * haltblk-options(7) has them. t-man.sh compiles and runs it.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/types.h>

/* What the driver's header takes from the kernel. */
typedef __s64 s64;
#define S64_MAX	INT64_MAX
#include "../../../driver/config.h"

static void print_words(const struct haltblk_option *o)
{
	const char *word = o->unit, *dflt = o->unit;
	s64 i;

	for (i = 0; i < o->dflt; i++)
		dflt += strcspn(dflt, "|") + 1;
	for (i = o->min; i <= o->max; i++) {
		printf("%s%.*s", i == o->min ? "" : i == o->max ? " or " : ", ",
		       (int)strcspn(word, "|"), word);
		word += strcspn(word, "|") + 1;
	}
	printf(" (%.*s)", (int)strcspn(dflt, "|"), dflt);
}

static void print_range(const struct haltblk_option *o)
{
	const char *unit = o->unit;

	if (!strcmp(unit, "0/1") || (o->flags & HALTBLK_OPT_F_EVEN)) {
		printf("%lld or %lld (%lld)", (long long)o->min, (long long)o->max,
		       (long long)o->dflt);
		return;
	}
	if (!strcmp(unit, "mode") || !strcmp(unit, "node") || !strcmp(unit, "number"))
		unit = "";
	printf("%lld to ", (long long)o->min);
	switch (o->max) {
	case HALTBLK_MAX_CPUS:
		printf("one for each processor");
		unit = "";
		break;
	case HALTBLK_MAX_BLOCK:
		printf("what the kernel allows");
		unit = "";
		break;
	case HALTBLK_MAX_NODE:
		printf("the last node");
		break;
	default:
		printf("%lld", (long long)o->max);
	}
	printf("%s%s (%lld)", *unit ? " " : "", unit, (long long)o->dflt);
	if (o->flags & HALTBLK_OPT_F_POW2)
		printf(", powers of two");
}

int main(void)
{
	static const struct haltblk_option table[] = {
#define X(_name, _param, _type, _dflt, _min, _max, _flags, _unit, _help)	\
		{ .name = #_name, .param = #_param, .type = HALTBLK_OPT_##_type, \
		  .dflt = _dflt, .min = _min, .max = _max, .flags = _flags,	\
		  .unit = _unit, .help = _help },
		HALTBLK_OPTIONS(X)
#undef X
	};
	const struct haltblk_option *o;

	for (o = table; o < table + HALTBLK_NR_OPTIONS; o++) {
		printf("%s: ", o->name);
		if (o->type == HALTBLK_OPT_WORD)
			print_words(o);
		else
			print_range(o);
		if (o->flags & HALTBLK_OPT_F_LIVE)
			printf(", live");
		if (o->flags & HALTBLK_OPT_F_MQ)
			printf(", blk-mq only");
		if (strcmp(o->name, o->param))
			printf(", parameter %s", o->param);
		printf("\n");
	}
	return 0;
}
