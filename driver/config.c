// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options: parsing and validation. Any context, no locks, no side effects:
 * callers print the reason and store the value.
 */
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/string.h>

#include "compat.h"
#include "config.h"

const struct haltblk_option haltblk_options[HALTBLK_NR_OPTIONS] = {
#define X(_name, _param, _type, _dflt, _min, _max, _flags, _unit, _help)     \
	[HALTBLK_ID_##_name] = {					     \
		.name = #_name, .param = #_param,			     \
		.type = HALTBLK_OPT_##_type, .dflt = _dflt, .min = _min,     \
		.max = _max, .flags = _flags, .unit = _unit, .help = _help,  \
	},
	HALTBLK_OPTIONS(X)
#undef X
};

/* Options of a new device, set by the module parameters. */
struct haltblk_config haltblk_defaults = {
#define X(_name, _param, _type, _dflt, ...) ._name = _dflt,
	{ { HALTBLK_OPTIONS(X) } }
#undef X
};

/**
 * haltblk_config_init - set all options to their defaults
 * @cfg: options
 */
void haltblk_config_init(struct haltblk_config *cfg)
{
	int i;

	for (i = 0; i < HALTBLK_NR_OPTIONS; i++)
		cfg->v[i] = haltblk_options[i].dflt;
}

/**
 * haltblk_config_max - get the greatest value of an option on this kernel
 * @opt: row of the table
 */
s64 haltblk_config_max(const struct haltblk_option *opt)
{
	switch (opt->max) {
	case HALTBLK_MAX_CPUS:
		return nr_cpu_ids;
	case HALTBLK_MAX_BLOCK:
		return HALTBLK_COMPAT_BLOCK_MAX;
	case HALTBLK_MAX_NODE:
		return nr_node_ids - 1;
	default:
		return opt->max;
	}
}

/**
 * haltblk_config_check - is a value in an option's range?
 * @opt: row of the table
 * @value: in the option's unit
 * @why: filled with a reason if it is not
 * @len: size of @why
 *
 * Return: 0 or -EINVAL.
 */
int haltblk_config_check(const struct haltblk_option *opt, s64 value,
			 char *why, size_t len)
{
	s64 max = haltblk_config_max(opt);

	if (value < opt->min || value > max) {
		snprintf(why, len, "out of range, takes %lld to %lld %s",
			 opt->min, max, opt->unit);
		return -EINVAL;
	}
	if ((opt->flags & HALTBLK_OPT_F_POW2) && value &&
	    !is_power_of_2(value)) {
		snprintf(why, len,
			 "no power of two, takes %spowers of two from %lld to %lld %s",
			 opt->min ? "" : "0 and ", opt->min ?: 1LL, max,
			 opt->unit);
		return -EINVAL;
	}
	if ((opt->flags & HALTBLK_OPT_F_EVEN) && value & 1) {
		snprintf(why, len, "no such %s, takes %lld or %lld",
			 opt->unit, opt->min, max);
		return -EINVAL;
	}
	if ((opt->flags & HALTBLK_OPT_F_PAGE) && value &&
	    value < (s64)(PAGE_SIZE >> 9)) {
		snprintf(why, len,
			 "less than a page, takes 0 or %lu to %lld %s",
			 PAGE_SIZE >> 9, max, opt->unit);
		return -EINVAL;
	}
	return 0;
}

/* Get the word for a number, and set its length. */
static const char *haltblk_config_word(const struct haltblk_option *opt,
				       s64 value, size_t *len)
{
	const char *word = opt->unit;

	while (value--)
		word += strcspn(word, "|") + 1;
	*len = strcspn(word, "|");
	return word;
}

/**
 * haltblk_config_format - format a value as users read and write it
 * @opt: row of the table
 * @value: value in the option's range
 * @buf: buffer
 * @len: size of @buf
 *
 * Return: bytes written, without the NUL.
 */
int haltblk_config_format(const struct haltblk_option *opt, s64 value,
			  char *buf, size_t len)
{
	const char *word;
	size_t n;

	if (opt->type != HALTBLK_OPT_WORD)
		return scnprintf(buf, len, "%lld", value);
	word = haltblk_config_word(opt, value, &n);
	return scnprintf(buf, len, "%.*s", (int)n, word);
}

static int haltblk_config_parse_word(const struct haltblk_option *opt,
				     const char *text, s64 *value, char *why,
				     size_t len)
{
	size_t given = strcspn(text, "\n"), n;
	const char *word;
	s64 v;

	for (v = opt->min; v <= opt->max; v++) {
		word = haltblk_config_word(opt, v, &n);
		if (n != given || memcmp(word, text, n))
			continue;
		*value = v;
		return 0;
	}
	snprintf(why, len, "no such word, takes %s", opt->unit);
	return -EINVAL;
}

/*
 * As null_blk does, take less if the machine has less than was asked for, so
 * that a script runs on every machine. @why says so, else it stays as it is.
 */
static s64 haltblk_config_fit(const struct haltblk_option *opt, s64 value,
			      char *why, size_t len)
{
	const s64 max = haltblk_config_max(opt);

	if ((opt->flags & HALTBLK_OPT_F_CUT) && value > max) {
		snprintf(why, len, "cut to %lld, all that this machine can use",
			 max);
		return max;
	}
	if ((opt->flags & HALTBLK_OPT_F_NODE) && value >= 0 &&
	    (value > max || !node_online(value))) {
		snprintf(why, len, "taken as -1, that node is not online");
		return -1;
	}
	return value;
}

/**
 * haltblk_config_parse - parse a value and check its range
 * @opt: row of the table
 * @text: NUL-terminated; a newline at its end is ignored
 * @value: set on success only
 * @why: filled with a reason on failure; on success with what was changed to
 *	suit the machine, or empty
 * @len: bytes at @why
 *
 * Return: 0 or -EINVAL.
 */
int haltblk_config_parse(const struct haltblk_option *opt, const char *text,
			 s64 *value, char *why, size_t len)
{
	bool on;
	int err;
	s64 v;

	*why = '\0';
	if (opt->type == HALTBLK_OPT_BOOL) {
		if (kstrtobool(text, &on)) {
			snprintf(why, len, "not a switch, takes 0 or 1");
			return -EINVAL;
		}
		*value = on;
		return 0;
	}
	if (opt->type == HALTBLK_OPT_WORD)
		return haltblk_config_parse_word(opt, text, value, why, len);
	err = kstrtos64(text, 0, &v);
	if (err) {
		snprintf(why, len, "%s, takes %lld to %lld %s",
			 err == -ERANGE ? "out of range" : "not a number",
			 opt->min, haltblk_config_max(opt), opt->unit);
		return -EINVAL;
	}
	v = haltblk_config_fit(opt, v, why, len);
	if (haltblk_config_check(opt, v, why, len))
		return -EINVAL;
	*value = v;
	return 0;
}
