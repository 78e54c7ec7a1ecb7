// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: what a rule may ask for, and which rule acts. */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../rules.h"

static const struct haltblk_rule_limits limits = {
	.sectors = 2048, .nr_hctx = 2,
};

static const struct haltblk_rule plain = {
	.tag = "K", .event = HALTBLK_EVENT_SUBMIT,
	.action = HALTBLK_ACTION_HOLD, .count = 1,
};

static struct haltblk_subject read8 = {
	.op = HALTBLK_OP_READ, .sector = 8, .nr_sectors = 8, .comm = "",
};

static int check(const struct haltblk_rule *spec)
{
	char why[HALTBLK_WHY_LEN] = "";
	int err = haltblk_rules_check(spec, &limits, why, sizeof(why));

	return !!err == !!why[0] ? err : -EPROTO;
}


static struct haltblk_rule_state *add(struct kunit *test,
				      struct list_head *rules,
				      const struct haltblk_rule *spec)
{
	struct haltblk_rule_state *rule;

	rule = kunit_kzalloc(test, sizeof(*rule), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rule);
	haltblk_rules_init(rule, spec);
	list_add_tail(&rule->node, rules);
	return rule;
}

static struct haltblk_ruleset *build(struct kunit *test,
				     struct list_head *rules, unsigned int nr)
{
	struct haltblk_ruleset *set;

	set = kunit_kzalloc(test, haltblk_rules_size(nr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, set);
	haltblk_rules_build(set, rules);
	KUNIT_ASSERT_EQ(test, set->nr, nr);
	return set;
}

/* Every field, wrong one at a time, is refused with a reason. */
static void rules_refused(struct kunit *test)
{
	struct haltblk_rule spec = plain;

	KUNIT_EXPECT_EQ(test, check(&spec), 0);
#define REFUSED(...) do {						\
	spec = plain;							\
	__VA_ARGS__;							\
	KUNIT_EXPECT_EQ_MSG(test, check(&spec), -EINVAL, #__VA_ARGS__);	\
} while (0)
	REFUSED(spec.hdr.flags = 0x80);
	REFUSED(spec.tag[0] = 0);
	REFUSED(memset(spec.tag, 'x', sizeof(spec.tag)));
	REFUSED(strscpy(spec.tag, "a b", sizeof(spec.tag)));
	REFUSED(strscpy(spec.tag, "a=b", sizeof(spec.tag)));
	REFUSED(strscpy(spec.tag, "a,b", sizeof(spec.tag)));
	REFUSED(strscpy(spec.tag, "a\n", sizeof(spec.tag)));
	REFUSED(spec.event = HALTBLK_EVENT_NR);
	REFUSED(spec.event = HALTBLK_EVENT_TIMEOUT);
	REFUSED(spec.event = ~0U);
	REFUSED(spec.action = HALTBLK_ACTION_NR);
	REFUSED(spec.action = HALTBLK_ACTION_FAIL);
	REFUSED(spec.keys = 1U << 31);
	REFUSED(spec.keys = HALTBLK_KEY_OPS);
	REFUSED(spec.ops = 1);
	REFUSED(spec.keys = HALTBLK_KEY_OPS, spec.ops = 1U << 31);
	REFUSED(spec.keys = HALTBLK_KEY_OPS,
		spec.ops = BIT(HALTBLK_OP_ZONE_RESET));
	REFUSED(spec.sector = 1);
	REFUSED(spec.keys = HALTBLK_KEY_SECTOR);
	REFUSED(spec.keys = HALTBLK_KEY_SECTOR, spec.sector = 2048,
		spec.nr_sectors = 1);
	REFUSED(spec.keys = HALTBLK_KEY_SECTOR, spec.sector = ~0ULL,
		spec.nr_sectors = 2);
	REFUSED(spec.keys = HALTBLK_KEY_SECTOR | HALTBLK_KEY_OPS,
		spec.nr_sectors = 1, spec.ops = BIT(HALTBLK_OP_FLUSH));
	REFUSED(spec.hctx = 1);
	REFUSED(spec.keys = HALTBLK_KEY_HCTX, spec.hctx = 2);
	REFUSED(spec.pid = 1);
	REFUSED(spec.keys = HALTBLK_KEY_PID);
	REFUSED(spec.keys = HALTBLK_KEY_PID, spec.pid = -1);
	REFUSED(spec.hdr.flags = HALTBLK_RULE_F_NOT_PID);
	REFUSED(spec.comm[0] = 'x');
	REFUSED(spec.comm[5] = 'x');
	REFUSED(spec.keys = HALTBLK_KEY_COMM);
	REFUSED(spec.keys = HALTBLK_KEY_COMM,
		memset(spec.comm, 'x', sizeof(spec.comm)));
	REFUSED(spec.hdr.flags = HALTBLK_RULE_F_NOT_COMM);
	REFUSED(spec.cpu = 1);
	REFUSED(spec.state = 1);
	REFUSED(spec.chance = 2);
	REFUSED(spec.reserved = 1);
	REFUSED(spec.arg = 1);
#undef REFUSED
	/* The last sector is still on the device. */
	spec = plain;
	spec.keys = HALTBLK_KEY_SECTOR;
	spec.sector = 2047;
	spec.nr_sectors = 1;
	KUNIT_EXPECT_EQ(test, check(&spec), 0);
}

static void rules_refused_bio(struct kunit *test)
{
	const struct haltblk_rule_limits bio = { .sectors = 8, .bio_mode = 1 };
	struct haltblk_rule spec = plain;
	char why[HALTBLK_WHY_LEN];

	spec.keys = HALTBLK_KEY_HCTX;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			haltblk_rules_check(&spec, &bio, why, sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why, "hctx: bio mode has no hardware queues");
}

static bool matches(struct kunit *test, const struct haltblk_rule *spec,
		    const struct haltblk_subject *subject)
{
	struct haltblk_rule_state *rule;
	struct haltblk_subject copy;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);

	rule = add(test, &rules, spec);
	rule->pid = (void *)test;	/* any identity */
	set = build(test, &rules, 1);
	copy = *subject;
	return haltblk_rules_eval(set, spec->event, &copy) == rule;
}

static void rules_sector(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_subject flush = { .op = HALTBLK_OP_FLUSH, .comm = "" };
	struct haltblk_subject s = read8;	/* sectors 8 to 15 */

	spec.keys = HALTBLK_KEY_SECTOR;
	spec.nr_sectors = 1;
	spec.sector = 7;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	spec.sector = 8;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
	spec.sector = 15;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
	spec.sector = 16;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	spec.sector = 0;
	spec.nr_sectors = 8;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	spec.nr_sectors = 9;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
	spec.nr_sectors = 2048;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &flush));
	spec.keys = 0;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &flush));
}

static void rules_op_hctx(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_subject s = read8;

	spec.keys = HALTBLK_KEY_OPS;
	spec.ops = BIT(HALTBLK_OP_WRITE) | BIT(HALTBLK_OP_DISCARD);
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	s.op = HALTBLK_OP_DISCARD;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
	spec = plain;
	spec.keys = HALTBLK_KEY_HCTX;
	spec.hctx = 1;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	s.hctx = 1;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
}

/* An unknown submitter matches neither a name nor its exclusion. */
static void rules_submitter(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_subject s = read8;

	spec.keys = HALTBLK_KEY_PID;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	spec.hdr.flags = HALTBLK_RULE_F_NOT_PID;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	s.pid = test;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	spec.hdr.flags = 0;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
	s.pid = &s;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));

	spec = plain;
	spec.keys = HALTBLK_KEY_COMM;
	strscpy(spec.comm, "fio", sizeof(spec.comm));
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	spec.hdr.flags = HALTBLK_RULE_F_NOT_COMM;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	s.comm = "dd";
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
	s.comm = "fio";
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	spec.hdr.flags = 0;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
}

static int identified;

static void identify(struct haltblk_subject *subject)
{
	identified++;
	subject->comm = "fio";
}

/* Who it was is asked once, and only where the rest of a rule holds. */
static void rules_identify(struct kunit *test)
{
	struct haltblk_rule write = plain, elsewhere = plain, comm = plain;
	struct haltblk_subject s = read8;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);

	write.keys = HALTBLK_KEY_OPS | HALTBLK_KEY_COMM;
	write.ops = BIT(HALTBLK_OP_WRITE);
	strscpy(write.comm, "fio", sizeof(write.comm));
	elsewhere.keys = HALTBLK_KEY_SECTOR | HALTBLK_KEY_COMM;
	elsewhere.sector = 100;
	elsewhere.nr_sectors = 1;
	strscpy(elsewhere.comm, "fio", sizeof(elsewhere.comm));
	add(test, &rules, &write);
	add(test, &rules, &elsewhere);
	identified = 0;
	s.identify = identify;
	set = build(test, &rules, 2);
	KUNIT_EXPECT_NULL(test, haltblk_rules_eval(set, 0, &s));
	KUNIT_EXPECT_EQ(test, identified, 0);

	comm.keys = HALTBLK_KEY_COMM;
	strscpy(comm.comm, "dd", sizeof(comm.comm));
	add(test, &rules, &comm);
	strscpy(comm.comm, "fio", sizeof(comm.comm));
	add(test, &rules, &comm);
	set = build(test, &rules, 4);
	KUNIT_EXPECT_PTR_EQ(test, haltblk_rules_eval(set, 0, &s), set->rule[3]);
	KUNIT_EXPECT_EQ(test, identified, 1);
}

/* A bio is wanted if what is known of it meets a rule that can act. */
static void rules_want(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_rule_state *rule;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);

	spec.event = HALTBLK_EVENT_COMPLETE;
	spec.keys = HALTBLK_KEY_SECTOR | HALTBLK_KEY_OPS | HALTBLK_KEY_HCTX;
	spec.ops = BIT(HALTBLK_OP_READ);
	spec.sector = 8;
	spec.nr_sectors = 8;
	spec.hctx = 1;
	rule = add(test, &rules, &spec);
	set = build(test, &rules, 1);
	KUNIT_EXPECT_TRUE(test, haltblk_rules_want(set, HALTBLK_OP_READ, 8, 1));
	KUNIT_EXPECT_FALSE(test, haltblk_rules_want(set, HALTBLK_OP_WRITE, 8,
						    1));
	KUNIT_EXPECT_FALSE(test, haltblk_rules_want(set, HALTBLK_OP_READ, 0,
						    8));
	KUNIT_EXPECT_EQ(test, atomic64_read(&rule->matches), 0);
	atomic64_set(&rule->hits, 1);
	KUNIT_EXPECT_FALSE(test, haltblk_rules_want(set, HALTBLK_OP_READ, 8,
						    1));
}

/* skip lets the first pass, count acts on the next, then the rule is spent. */
static void rules_skip_count(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_rule_state *rule;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);
	int i;

	spec.skip = 2;
	spec.count = 3;
	rule = add(test, &rules, &spec);
	set = build(test, &rules, 1);
	for (i = 1; i <= 8; i++) {
		bool acts = i > 2 && i <= 5;

		KUNIT_EXPECT_EQ_MSG(test, haltblk_rules_armed(rule), i <= 5,
				    "before request %d", i);
		KUNIT_EXPECT_PTR_EQ(test,
			haltblk_rules_eval(set, HALTBLK_EVENT_SUBMIT, &read8),
			acts ? rule : NULL);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&rule->matches), 8);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rule->hits), 3);
}

static void rules_count_for_ever(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_rule_state *rule;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);
	int i;

	spec.count = 0;
	rule = add(test, &rules, &spec);
	set = build(test, &rules, 1);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_PTR_EQ(test,
			haltblk_rules_eval(set, HALTBLK_EVENT_SUBMIT, &read8),
			rule);
	KUNIT_EXPECT_TRUE(test, haltblk_rules_armed(rule));
}

/* The first in order of arming acts, all count; a spent one gives way. */
static void rules_order(struct kunit *test)
{
	struct haltblk_rule_state *a, *b;
	struct haltblk_rule forever = plain;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);

	forever.count = 0;
	a = add(test, &rules, &plain);
	b = add(test, &rules, &forever);
	set = build(test, &rules, 2);
	KUNIT_EXPECT_PTR_EQ(test,
		haltblk_rules_eval(set, HALTBLK_EVENT_SUBMIT, &read8), a);
	KUNIT_EXPECT_PTR_EQ(test,
		haltblk_rules_eval(set, HALTBLK_EVENT_SUBMIT, &read8), b);
	KUNIT_EXPECT_EQ(test, atomic64_read(&a->matches), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&b->matches), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&b->hits), 1);
}

/* A one-shot rule passed over for an earlier one keeps its shot. */
static void rules_keeps_shot(struct kunit *test)
{
	struct haltblk_rule_state *a, *b;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);

	a = add(test, &rules, &plain);
	b = add(test, &rules, &plain);
	set = build(test, &rules, 2);
	KUNIT_EXPECT_PTR_EQ(test,
		haltblk_rules_eval(set, HALTBLK_EVENT_SUBMIT, &read8), a);
	KUNIT_EXPECT_PTR_EQ(test,
		haltblk_rules_eval(set, HALTBLK_EVENT_SUBMIT, &read8), b);
	KUNIT_EXPECT_NULL(test,
		haltblk_rules_eval(set, HALTBLK_EVENT_SUBMIT, &read8));
}

/* Rules of one event are not looked at in another; dead ones never. */
static void rules_events(struct kunit *test)
{
	struct haltblk_rule media = plain, complete = plain;
	struct haltblk_rule_state *c, *m;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);

	media.event = HALTBLK_EVENT_MEDIA;
	complete.event = HALTBLK_EVENT_COMPLETE;
	c = add(test, &rules, &complete);
	m = add(test, &rules, &media);
	set = build(test, &rules, 2);
	KUNIT_EXPECT_NULL(test,
		haltblk_rules_eval(set, HALTBLK_EVENT_SUBMIT, &read8));
	KUNIT_EXPECT_PTR_EQ(test,
		haltblk_rules_eval(set, HALTBLK_EVENT_MEDIA, &read8), m);
	c->dead = true;
	KUNIT_EXPECT_NULL(test,
		haltblk_rules_eval(set, HALTBLK_EVENT_COMPLETE, &read8));
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->matches), 0);
}

static struct kunit_case rules_cases[] = {
	KUNIT_CASE(rules_refused),
	KUNIT_CASE(rules_refused_bio),
	KUNIT_CASE(rules_sector),
	KUNIT_CASE(rules_op_hctx),
	KUNIT_CASE(rules_submitter),
	KUNIT_CASE(rules_identify),
	KUNIT_CASE(rules_want),
	KUNIT_CASE(rules_skip_count),
	KUNIT_CASE(rules_count_for_ever),
	KUNIT_CASE(rules_order),
	KUNIT_CASE(rules_keeps_shot),
	KUNIT_CASE(rules_events),
	{}
};

static struct kunit_suite rules_suite = {
	.name = "haltblk_rules",
	.test_cases = rules_cases,
};

kunit_test_suites(&rules_suite);
