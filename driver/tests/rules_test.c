// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: which rule acts. */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "gate/rules.h"

static const struct haltblk_rule plain = {
	.tag = "K", .event = HALTBLK_EVENT_SUBMIT,
	.action = HALTBLK_ACTION_HOLD, .count = 1,
};

static struct haltblk_subject read8 = {
	.op = HALTBLK_OP_READ, .sector = 8, .nr_sectors = 8, .comm = "",
};

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

static void add_ranged(struct kunit *test, struct list_head *rules, u64 sector,
		       u64 nr_sectors)
{
	struct haltblk_rule spec = plain;

	spec.keys = HALTBLK_KEY_SECTOR | HALTBLK_KEY_OPS;
	spec.ops = BIT(HALTBLK_OP_READ);
	spec.sector = sector;
	spec.nr_sectors = nr_sectors;
	add(test, rules, &spec);
}

/* Only requests that no rule can match pass without a look at the rules. */
static void rules_near(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);
	bool holds;

	add_ranged(test, &rules, 100, 8);
	add_ranged(test, &rules, 16, 8);
	add_ranged(test, &rules, 8, 8);
	set = build(test, &rules, 3);
	KUNIT_EXPECT_EQ(test, set->nr_spans, 2);
#define NEAR(op, sector, nr) haltblk_rules_near(set, HALTBLK_OP_##op, sector, nr)
	KUNIT_EXPECT_FALSE(test, NEAR(READ, 0, 8));
	KUNIT_EXPECT_TRUE(test, NEAR(READ, 0, 9));
	KUNIT_EXPECT_TRUE(test, NEAR(READ, 15, 1));
	KUNIT_EXPECT_TRUE(test, NEAR(READ, 23, 1));
	KUNIT_EXPECT_FALSE(test, NEAR(READ, 24, 76));
	KUNIT_EXPECT_TRUE(test, NEAR(READ, 24, 77));
	KUNIT_EXPECT_TRUE(test, NEAR(READ, 107, 8));
	KUNIT_EXPECT_FALSE(test, NEAR(READ, 108, 8));
	KUNIT_EXPECT_FALSE(test, NEAR(WRITE, 8, 8));
	KUNIT_EXPECT_FALSE(test, NEAR(FLUSH, 0, 0));
	/* A flush matches at any sector that the block layer gives it. */
	spec.keys = HALTBLK_KEY_OPS;
	spec.ops = BIT(HALTBLK_OP_FLUSH);
	add(test, &rules, &spec);
	set = build(test, &rules, 4);
	KUNIT_EXPECT_TRUE(test, NEAR(FLUSH, 0, 0));
	KUNIT_EXPECT_TRUE(test, NEAR(FLUSH, U64_MAX, 0));
	KUNIT_EXPECT_FALSE(test, NEAR(WRITE, 0, 8));
	/* A rule without a range for one operation does not affect others. */
	KUNIT_EXPECT_FALSE(test, NEAR(READ, 24, 76));
	KUNIT_EXPECT_TRUE(test, NEAR(READ, 24, 77));
	/* A block written back is not in the request's sectors. */
	spec.event = HALTBLK_EVENT_WRITEBACK;
	spec.keys = HALTBLK_KEY_SECTOR;
	spec.ops = 0;
	spec.sector = 800;
	spec.nr_sectors = 8;
	add(test, &rules, &spec);
	set = build(test, &rules, 5);
	KUNIT_EXPECT_TRUE(test, NEAR(WRITE, 0, 8));
	KUNIT_EXPECT_TRUE(test, haltblk_rules_want(set, HALTBLK_OP_WRITE, 0, 8,
						   &holds));
	KUNIT_EXPECT_FALSE(test, NEAR(READ, 24, 76));
	KUNIT_EXPECT_FALSE(test, NEAR(DISCARD, 16, 8));
#undef NEAR
}

/* With more ranges than spans, all ranges are still covered. */
static void rules_spans(struct kunit *test)
{
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);
	u64 i;

	for (i = 0; i < 300; i++)
		/* Shuffled: 7 and 300 have no common factor. */
		add_ranged(test, &rules, (i * 7 % 300) * 16, 8);
	set = build(test, &rules, 300);
	KUNIT_EXPECT_LE(test, set->nr_spans, HALTBLK_RULES_SPANS);
	for (i = 0; i < 300; i++)
		KUNIT_EXPECT_TRUE(test,
				  haltblk_rules_near(set, HALTBLK_OP_READ,
						     i * 16, 8));
	for (i = 1; i < set->nr_spans; i++)
		KUNIT_EXPECT_GT(test, set->span[i].first,
				set->span[i - 1].last + 1);
	KUNIT_EXPECT_FALSE(test, haltblk_rules_near(set, HALTBLK_OP_READ,
						    300 * 16, 8));
}

static bool matches(struct kunit *test, const struct haltblk_rule *spec,
		    const struct haltblk_subject *subject)
{
	struct haltblk_rule_state *rule;
	struct haltblk_subject copy;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);

	rule = add(test, &rules, spec);
	rule->pid = (void *)test;	/* any address */
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

static void rules_cpu_flags(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_subject s = read8;

	spec.keys = HALTBLK_KEY_CPU;
	spec.cpu = 1;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	s.cpu = 1;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
	spec = plain;
	spec.keys = HALTBLK_KEY_FLAGS;
	spec.rq_flags = HALTBLK_RQ_FUA | HALTBLK_RQ_SYNC;
	s.rq_flags = HALTBLK_RQ_FUA;
	KUNIT_EXPECT_FALSE(test, matches(test, &spec, &s));
	s.rq_flags = HALTBLK_RQ_FUA | HALTBLK_RQ_SYNC | HALTBLK_RQ_META;
	KUNIT_EXPECT_TRUE(test, matches(test, &spec, &s));
}

/* state= and set_state=: a chain of rules, one for each request. */
static void rules_state(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_rule_state *one, *two;
	struct haltblk_subject s = read8;
	struct haltblk_ruleset *set;
	atomic_t state = ATOMIC_INIT(1);
	LIST_HEAD(rules);

	spec.count = 0;
	spec.keys = HALTBLK_KEY_STATE | HALTBLK_KEY_SET_STATE;
	spec.state = 1;
	spec.set_state = 2;
	one = add(test, &rules, &spec);
	spec.keys = HALTBLK_KEY_STATE;
	spec.state = 2;
	spec.set_state = 0;
	two = add(test, &rules, &spec);
	set = build(test, &rules, 2);
	s.state = &state;
	KUNIT_EXPECT_PTR_EQ(test, one, haltblk_rules_eval(set, 0, &s));
	KUNIT_EXPECT_EQ(test, atomic_read(&state), 2);
	/* For that request, the second rule did not see the new state. */
	KUNIT_EXPECT_EQ(test, atomic64_read(&two->matches), 0);
	KUNIT_EXPECT_PTR_EQ(test, two, haltblk_rules_eval(set, 0, &s));
	KUNIT_EXPECT_PTR_EQ(test, two, haltblk_rules_eval(set, 0, &s));
	KUNIT_EXPECT_EQ(test, atomic64_read(&one->matches), 1);
}

static u64 chosen(struct kunit *test, u64 seed, u32 chance)
{
	struct haltblk_rule spec = plain;
	struct haltblk_subject s = read8;
	struct haltblk_rule_state *rule;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);
	u64 bits = 0;
	int i;

	spec.count = 0;
	spec.keys = HALTBLK_KEY_CHANCE;
	spec.chance = chance;
	rule = add(test, &rules, &spec);
	rule->seed = seed;
	set = build(test, &rules, 1);
	for (i = 0; i < 64; i++)
		bits |= (u64)!!haltblk_rules_eval(set, 0, &s) << i;
	return bits;
}

/* chance=: the same seed chooses the same matches, about one in N. */
static void rules_chance(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, chosen(test, 1, 1), ~0ULL);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, 4), chosen(test, 1, 4));
	KUNIT_EXPECT_NE(test, chosen(test, 1, 4), chosen(test, 2, 4));
	KUNIT_EXPECT_GT(test, hweight64(chosen(test, 1, 4)), 6);
	KUNIT_EXPECT_LT(test, hweight64(chosen(test, 1, 4)), 28);
}

/* action=count counts even if another rule acts, and never acts. */
static void rules_count_action(struct kunit *test)
{
	struct haltblk_rule spec = plain;
	struct haltblk_rule_state *before, *hold, *after;
	struct haltblk_subject s = read8;
	struct haltblk_ruleset *set;
	LIST_HEAD(rules);

	spec.action = HALTBLK_ACTION_COUNT;
	spec.count = 0;
	before = add(test, &rules, &spec);
	hold = add(test, &rules, &plain);
	after = add(test, &rules, &spec);
	set = build(test, &rules, 3);
	KUNIT_EXPECT_PTR_EQ(test, hold, haltblk_rules_eval(set, 0, &s));
	KUNIT_EXPECT_NULL(test, haltblk_rules_eval(set, 0, &s));
	KUNIT_EXPECT_EQ(test, atomic64_read(&before->hits), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&after->hits), 2);
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

/* The submitter is asked for once, if a rule's other conditions hold. */
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

/* A bio is wanted if a rule that can act may match it. */
static void rules_want(struct kunit *test)
{
	bool holds;
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
	KUNIT_EXPECT_TRUE(test, haltblk_rules_want(set, HALTBLK_OP_READ, 8, 1, &holds));
	KUNIT_EXPECT_FALSE(test, haltblk_rules_want(set, HALTBLK_OP_WRITE, 8,
						    1, &holds));
	KUNIT_EXPECT_FALSE(test, haltblk_rules_want(set, HALTBLK_OP_READ, 0,
						    8, &holds));
	KUNIT_EXPECT_EQ(test, atomic64_read(&rule->matches), 0);
	atomic64_set(&rule->hits, 1);
	KUNIT_EXPECT_FALSE(test, haltblk_rules_want(set, HALTBLK_OP_READ, 8,
						    1, &holds));
}

/* A rule skips the first matches, acts on the next ones, and is spent. */
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
	KUNIT_EXPECT_EQ(test, atomic64_read(&rule->matches), 5);
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

/* The first rule in order of arming acts, all count; spent rules do not act. */
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
	KUNIT_EXPECT_EQ(test, atomic64_read(&a->matches), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&b->matches), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&b->hits), 1);
}

/* A one-shot rule does not lose its shot to a rule that acts before it. */
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

/* Rules of other states, and dead rules, do not match. */
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
	KUNIT_CASE(rules_sector),
	KUNIT_CASE(rules_op_hctx),
	KUNIT_CASE(rules_submitter),
	KUNIT_CASE(rules_identify),
	KUNIT_CASE(rules_want),
	KUNIT_CASE(rules_near),
	KUNIT_CASE(rules_spans),
	KUNIT_CASE(rules_cpu_flags),
	KUNIT_CASE(rules_state),
	KUNIT_CASE(rules_chance),
	KUNIT_CASE(rules_count_action),
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
