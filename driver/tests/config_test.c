// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: the table of options and its validation. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "config.h"

#define OPT(name)	(&haltblk_options[HALTBLK_ID_##name])

static int parse(const struct haltblk_option *opt, const char *text, s64 *value)
{
	char why[HALTBLK_CONFIG_WHY_LEN] = "";
	int err = haltblk_config_parse(opt, text, value, why, sizeof(why));

	/* A refusal always gives a reason, a success never does. */
	if (!!err != !!why[0])
		return -EPROTO;
	return err;
}

/* A value that is changed to suit the machine: what it becomes. */
static s64 fit(const struct haltblk_option *opt, const char *text)
{
	char why[HALTBLK_CONFIG_WHY_LEN] = "";
	s64 value;

	if (haltblk_config_parse(opt, text, &value, why, sizeof(why)) || !*why)
		return -EPROTO;
	return value;
}

/* Rows are complete, and each default is in its range. */
static void config_table(struct kunit *test)
{
	char why[HALTBLK_CONFIG_WHY_LEN];
	int i;

	for (i = 0; i < HALTBLK_NR_OPTIONS; i++) {
		const struct haltblk_option *opt = &haltblk_options[i];

		KUNIT_ASSERT_NOT_NULL(test, opt->name);
		KUNIT_EXPECT_NOT_NULL(test, opt->param);
		KUNIT_EXPECT_NOT_NULL(test, opt->unit);
		KUNIT_EXPECT_GT(test, strlen(opt->help), 5);
		KUNIT_EXPECT_EQ_MSG(test, 0,
				    haltblk_config_check(opt, opt->dflt, why,
							 sizeof(why)),
				    "default of %s: %s", opt->name, why);
	}
}

/* Defaults are null_blk's, on which its scripts rely. */
static void config_defaults(struct kunit *test)
{
	struct haltblk_config cfg;

	haltblk_config_init(&cfg);
	KUNIT_EXPECT_EQ(test, cfg.size, 256000);
	KUNIT_EXPECT_EQ(test, cfg.blocksize, 512);
	KUNIT_EXPECT_EQ(test, cfg.queue_mode, 2);
	KUNIT_EXPECT_EQ(test, cfg.submit_queues, 1);
	KUNIT_EXPECT_EQ(test, cfg.poll_queues, 1);
	KUNIT_EXPECT_EQ(test, cfg.hw_queue_depth, 64);
	KUNIT_EXPECT_EQ(test, cfg.home_node, -1);
	KUNIT_EXPECT_EQ(test, cfg.irqmode, 1);
	KUNIT_EXPECT_EQ(test, cfg.completion_nsec, 10000);
	KUNIT_EXPECT_EQ(test, cfg.memory_backed, 0);
	/* The named member and the array element are the same word. */
	cfg.v[HALTBLK_ID_irqmode] = 2;
	KUNIT_EXPECT_EQ(test, cfg.irqmode, 2);
}

struct config_case {
	const struct haltblk_option *opt;
	const char *text;
	int err;
	s64 value;
};

static void config_parse(struct kunit *test)
{
	static const struct config_case cases[] = {
		{ OPT(size), "1", 0, 1 },
		{ OPT(size), "1024\n", 0, 1024 },
		{ OPT(size), "0x10", 0, 16 },
		{ OPT(size), "0", -EINVAL },
		{ OPT(size), "-1", -EINVAL },
		{ OPT(size), "", -EINVAL },
		{ OPT(size), "1k", -EINVAL },
		{ OPT(size), "8796093022207", 0, 8796093022207LL },
		{ OPT(size), "8796093022208", -EINVAL },
		{ OPT(size), "99999999999999999999", -EINVAL },
		{ OPT(blocksize), "512", 0, 512 },
		{ OPT(blocksize), "4096", 0, 4096 },
		{ OPT(blocksize), "3000", -EINVAL },
		{ OPT(blocksize), "256", -EINVAL },
		{ OPT(blocksize), "131072", -EINVAL },
		{ OPT(atomic_write_unit), "0", 0, 0 },
		{ OPT(atomic_write_unit), "16384", 0, 16384 },
		{ OPT(atomic_write_unit), "65536", 0, 65536 },
		{ OPT(atomic_write_unit), "131072", -EINVAL },
		{ OPT(atomic_write_unit), "12288", -EINVAL },
		{ OPT(atomic_write_unit), "-4096", -EINVAL },
		{ OPT(queue_mode), "0", 0, 0 },
		{ OPT(queue_mode), "1", -EINVAL },
		{ OPT(queue_mode), "2", 0, 2 },
		{ OPT(queue_mode), "3", -EINVAL },
		{ OPT(submit_queues), "0", -EINVAL },
		{ OPT(poll_queues), "0", 0, 0 },
		{ OPT(hw_queue_depth), "10240", 0, 10240 },
		{ OPT(hw_queue_depth), "10241", -EINVAL },
		{ OPT(home_node), "-1", 0, -1 },
		{ OPT(home_node), "0", 0, 0 },
		{ OPT(home_node), "-2", -EINVAL },
		{ OPT(irqmode), "3", -EINVAL },
		{ OPT(max_sectors), "0", 0, 0 },
		{ OPT(max_sectors), "7", -EINVAL },
		{ OPT(memory_backed), "1", 0, 1 },
		{ OPT(memory_backed), "y", 0, 1 },
		{ OPT(memory_backed), "off\n", 0, 0 },
		{ OPT(memory_backed), "2", -EINVAL },
		{ OPT(memory_backed), "", -EINVAL },
		{ OPT(hold_timeout), "wait\n", 0, 0 },
		{ OPT(hold_timeout), "fire", 0, 1 },
		{ OPT(hold_timeout), "fir", -EINVAL },
		{ OPT(hold_timeout), "1", -EINVAL },
		{ OPT(hold_timeout), "", -EINVAL },
		{ OPT(lock_model), "none", 0, 0 },
		{ OPT(lock_model), "hctx\n", 0, 1 },
		{ OPT(lock_model), "split", 0, 2 },
		{ OPT(lock_model), "shared", 0, 3 },
		{ OPT(lock_model), "share", -EINVAL },
		{ OPT(lock_hold_nsec), "1000000", 0, 1000000 },
		{ OPT(lock_hold_nsec), "1000001", -EINVAL },
		{ OPT(lock_hold_nsec), "-1", -EINVAL },
		{ OPT(io_timeout_ms), "9", -EINVAL },
		{ OPT(discard_reads), "poison", 0, 2 },
		{ OPT(discard_reads), "random", -EINVAL },
		{ OPT(discard_granularity), "12288", 0, 12288 },
		{ OPT(discard_granularity), "-1", -EINVAL },
		{ OPT(max_discard_sectors), "0x7fffff", 0, 0x7fffff },
		{ OPT(max_discard_sectors), "0x800000", -EINVAL },
		{ OPT(seed), "9223372036854775807", 0, S64_MAX },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		s64 value = -77;
		int err = parse(cases[i].opt, cases[i].text, &value);

		KUNIT_EXPECT_EQ_MSG(test, err, cases[i].err, "%s=%s",
				    cases[i].opt->name, cases[i].text);
		/* A refused value changes nothing. */
		KUNIT_EXPECT_EQ_MSG(test, value,
				    cases[i].err ? -77 : cases[i].value,
				    "%s=%s", cases[i].opt->name, cases[i].text);
	}
}

/* Some limits depend on the machine. */
static void config_machine(struct kunit *test)
{
	char text[24];
	s64 value;

	KUNIT_EXPECT_EQ(test, haltblk_config_max(OPT(blocksize)), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, haltblk_config_max(OPT(submit_queues)),
			nr_cpu_ids);
	snprintf(text, sizeof(text), "%u", nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, parse(OPT(submit_queues), text, &value), 0);
	snprintf(text, sizeof(text), "%u", nr_cpu_ids + 1);
	KUNIT_EXPECT_EQ(test, fit(OPT(submit_queues), text), nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, fit(OPT(poll_queues), "100000"), nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, fit(OPT(home_node), "100000"), -1);
	snprintf(text, sizeof(text), "%lu", PAGE_SIZE >> 9);
	KUNIT_EXPECT_EQ(test, parse(OPT(max_sectors), text, &value), 0);
	snprintf(text, sizeof(text), "%lu", (PAGE_SIZE >> 9) - 1);
	KUNIT_EXPECT_EQ(test, parse(OPT(max_sectors), text, &value), -EINVAL);
}

/* A reason names the range, so that the next try can succeed. */
static void config_reasons(struct kunit *test)
{
	char why[HALTBLK_CONFIG_WHY_LEN];
	s64 value;

	haltblk_config_parse(OPT(size), "18446744073709551615", &value, why,
			     sizeof(why));
	KUNIT_EXPECT_EQ(test, strncmp(why, "out of range, takes 1 to ", 25), 0);
	haltblk_config_parse(OPT(irqmode), "9", &value, why, sizeof(why));
	KUNIT_EXPECT_STREQ(test, why, "out of range, takes 0 to 2 mode");
	haltblk_config_parse(OPT(queue_mode), "1", &value, why, sizeof(why));
	KUNIT_EXPECT_STREQ(test, why, "no such mode, takes 0 or 2");
	haltblk_config_parse(OPT(discard), "maybe", &value, why, sizeof(why));
	KUNIT_EXPECT_STREQ(test, why, "not a switch, takes 0 or 1");
}

static struct kunit_case config_cases[] = {
	KUNIT_CASE(config_table),
	KUNIT_CASE(config_defaults),
	KUNIT_CASE(config_parse),
	KUNIT_CASE(config_machine),
	KUNIT_CASE(config_reasons),
	{}
};

static struct kunit_suite config_suite = {
	.name = "haltblk_config",
	.test_cases = config_cases,
};

kunit_test_suites(&config_suite);
