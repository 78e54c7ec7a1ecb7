// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: arming and removing rules, their tags, the order in which rules act,
 * and the records that watchers get.
 */
#include <kunit/test.h>

#include "fake.h"

static const struct haltblk_verdict go_on;

static struct haltblk_tag *tag_of(struct fake *f, const char *name)
{
	struct haltblk_tag *tag;

	spin_lock_irq(&f->dev.gate.lock);
	tag = haltblk_breaks_tag(&f->dev.gate, name);
	spin_unlock_irq(&f->dev.gate.lock);
	return tag;
}

static int try_arm(struct kunit *test, const struct haltblk_rule *rule)
{
	struct fake *f = test->priv;
	char why[HALTBLK_WHY_LEN] = "";
	int err = haltblk_breaks_arm(&f->dev, rule, NULL, why);

	/* A refusal gives a reason. */
	if (err)
		KUNIT_EXPECT_NE(test, why[0], '\0');
	return err;
}

static u32 remove_all(struct fake *f)
{
	u32 removed, released;

	haltblk_breaks_remove(&f->dev.gate, NULL, NULL, go_on, &removed,
			      &released);
	return removed;
}

/* Make an owner for the running process. */
static struct haltblk_owner *owner_of(struct kunit *test)
{
	struct haltblk_owner *owner = kunit_kzalloc(test, sizeof(*owner),
						    GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, owner);
	haltblk_owner_init(owner);
	return owner;
}

/* An illegal rule changes nothing. */
static void breaks_refused(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;

	rule = fake_rule("A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 7);
	KUNIT_EXPECT_EQ(test, try_arm(test, &rule), -EINVAL);
	rule = fake_rule("A", HALTBLK_EVENT_WRITEBACK, HALTBLK_ACTION_HOLD, 0);
	KUNIT_EXPECT_EQ(test, try_arm(test, &rule), -EINVAL);
	rule = fake_rule("A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 0);
	rule.keys = HALTBLK_KEY_SECTOR;
	rule.sector = f->dev.cfg.size << (20 - SECTOR_SHIFT);
	rule.nr_sectors = 1;
	KUNIT_EXPECT_EQ(test, try_arm(test, &rule), -EINVAL);
	rule = fake_rule("A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 0);
	rule.keys = HALTBLK_KEY_PID;
	rule.pid = 0x3fffffff;
	KUNIT_EXPECT_EQ(test, try_arm(test, &rule), -EINVAL);
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_rules, 0);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(f->dev.gate.armed));
	KUNIT_EXPECT_NULL(test, tag_of(f, "A"));
}

/* The rules of a tag share a record, which keeps their hits after them. */
static void breaks_tags(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct haltblk_tag *tag;
	u32 removed, released;
	int i;

	for (i = 0; i < 2; i++) {
		rule = fake_rule("A", HALTBLK_EVENT_MEDIA,
				 HALTBLK_ACTION_HOLD, 0);
		rule.keys = HALTBLK_KEY_SECTOR;
		rule.sector = 8 * i;
		rule.nr_sectors = 8;
		fake_arm(test, &rule);
	}
	tag = tag_of(f, "A");
	KUNIT_ASSERT_NOT_NULL(test, tag);
	KUNIT_EXPECT_EQ(test, tag->rules, 2);
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	fake_submit(test, REQ_OP_READ, 8, 1, 0);
	fake_submit(test, REQ_OP_READ, 9, 1, 0);
	KUNIT_EXPECT_EQ(test, tag->held, 3);
	haltblk_breaks_remove(&f->dev.gate, "A", NULL, go_on, &removed,
			      &released);
	KUNIT_EXPECT_EQ(test, removed, 2);
	KUNIT_EXPECT_EQ(test, released, 3);
	KUNIT_EXPECT_PTR_EQ(test, tag_of(f, "A"), tag);
	KUNIT_EXPECT_EQ(test, tag->rules, 0);
	KUNIT_EXPECT_EQ(test, tag->held, 0);
	KUNIT_EXPECT_EQ(test, tag->gone_hits, 3);
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_tags, 1);
}

/* Remove by tag, by owner and all. The other rules stay, and what they hold. */
static void breaks_remove(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_owner *owner = owner_of(test);
	struct haltblk_owner *other = owner_of(test);
	struct haltblk_gate *gate = &f->dev.gate;
	char why[HALTBLK_WHY_LEN];
	struct haltblk_rule rule;
	u32 removed, released;

	fake_break(test, "A", HALTBLK_EVENT_SUBMIT, HALTBLK_ACTION_COUNT, 0);
	rule = fake_rule("A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 0);
	rule.hdr.flags = HALTBLK_RULE_F_SESSION;
	rule.keys = HALTBLK_KEY_OPS;
	rule.ops = BIT(HALTBLK_OP_READ);
	KUNIT_ASSERT_EQ(test, 0, haltblk_breaks_arm(&f->dev, &rule, owner,
						    why));
	strscpy(rule.tag, "B", sizeof(rule.tag));
	rule.ops = BIT(HALTBLK_OP_WRITE);
	KUNIT_ASSERT_EQ(test, 0, haltblk_breaks_arm(&f->dev, &rule, other,
						    why));
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	fake_submit(test, REQ_OP_WRITE, 1, 1, 0);
	KUNIT_EXPECT_EQ(test, gate->nr_held, 2);

	haltblk_breaks_remove(gate, "B", owner, go_on, &removed, &released);
	KUNIT_EXPECT_EQ(test, removed, 0);
	haltblk_breaks_remove(gate, NULL, owner, go_on, &removed, &released);
	KUNIT_EXPECT_EQ(test, removed, 1);
	KUNIT_EXPECT_EQ(test, released, 1);
	KUNIT_EXPECT_EQ(test, f->ends[0].sector, 0);
	KUNIT_EXPECT_EQ(test, gate->nr_rules, 2);
	KUNIT_EXPECT_EQ(test, gate->nr_held, 1);
	KUNIT_EXPECT_EQ(test, gate->events, BIT(HALTBLK_EVENT_SUBMIT) |
					    BIT(HALTBLK_EVENT_MEDIA));
	haltblk_breaks_remove(gate, "A", NULL, go_on, &removed, &released);
	KUNIT_EXPECT_EQ(test, removed, 1);
	KUNIT_EXPECT_EQ(test, released, 0);
	KUNIT_EXPECT_EQ(test, gate->events, BIT(HALTBLK_EVENT_MEDIA));
	KUNIT_EXPECT_EQ(test, gate->ops, BIT(HALTBLK_OP_WRITE));
	KUNIT_EXPECT_EQ(test, remove_all(f), 1);
	KUNIT_EXPECT_EQ(test, f->nr_ends, 2);
	KUNIT_EXPECT_EQ(test, gate->events, 0);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(gate->armed));
	haltblk_owner_exit(owner);
	haltblk_owner_exit(other);
}

/* Arm as many rules as a device can have and no more; remove them at once. */
static void breaks_many(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_owner *owner = owner_of(test);
	char why[HALTBLK_WHY_LEN];
	struct haltblk_rule rule;
	u32 removed, released;
	unsigned int i;

	rule = fake_rule("A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 0);
	rule.hdr.flags = HALTBLK_RULE_F_SESSION;
	for (i = 0; i < HALTBLK_MAX_RULES - 1; i++)
		KUNIT_ASSERT_EQ(test, 0,
				haltblk_breaks_arm(&f->dev, &rule, owner,
						   why));
	rule.hdr.flags = 0;
	strscpy(rule.tag, "B", sizeof(rule.tag));
	fake_arm(test, &rule);
	KUNIT_EXPECT_EQ(test, try_arm(test, &rule), -ENOSPC);
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_rules, HALTBLK_MAX_RULES);
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	/* The session's rules go, one rule stays. */
	haltblk_breaks_remove(&f->dev.gate, NULL, owner, go_on, &removed,
			      &released);
	KUNIT_EXPECT_EQ(test, removed, HALTBLK_MAX_RULES - 1);
	KUNIT_EXPECT_EQ(test, released, 1);
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_rules, 1);
	fake_submit(test, REQ_OP_READ, 1, 1, 0);
	KUNIT_EXPECT_EQ(test, fake_remove(f, "B"), 1);
	haltblk_owner_exit(owner);
}

/* Tags without a rule are forgotten, the oldest first; others are kept. */
static void breaks_forget(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	char name[HALTBLK_TAG_LEN];
	int i;

	fake_break(test, "stays", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_COUNT, 0);
	for (i = 0; i < 4096; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		rule = fake_rule(name, HALTBLK_EVENT_MEDIA,
				 HALTBLK_ACTION_COUNT, 0);
		fake_arm(test, &rule);
		fake_remove(f, name);
	}
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_tags, 4096);
	KUNIT_EXPECT_NULL(test, tag_of(f, "t0"));
	KUNIT_EXPECT_NOT_NULL(test, tag_of(f, "t1"));
	KUNIT_EXPECT_NOT_NULL(test, tag_of(f, "t4095"));
	KUNIT_EXPECT_NOT_NULL(test, tag_of(f, "stays"));
}

/* Writing an option while the power is off can make a rule illegal. */
static void breaks_recheck(struct kunit *test)
{
	struct fake *f = test->priv;

	fake_break(test, "T", HALTBLK_EVENT_TIMEOUT, HALTBLK_ACTION_HOLD, 0);
	KUNIT_EXPECT_EQ(test, 0, haltblk_breaks_recheck(&f->dev));
	f->dev.cfg.queue_mode = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_breaks_recheck(&f->dev));
	f->dev.cfg.queue_mode = 2;
	KUNIT_EXPECT_EQ(test, 0, haltblk_breaks_recheck(&f->dev));
}

/* --- which rule acts ------------------------------------------------------ */

/* The rule that was armed first acts; rules that only count always count. */
static void breaks_first(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct fake_rq *rq;

	fake_break(test, "C", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_COUNT, 0);
	rule = fake_rule("F", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_FAIL,
			 HALTBLK_STATUS_MEDIUM);
	rule.count = 1;
	fake_arm(test, &rule);
	fake_break(test, "H", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 0);
	fake_break(test, "D", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_COUNT, 0);
	rq = fake_submit(test, REQ_OP_READ, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_MEDIUM);
	/* F is spent, so the next rule acts. */
	rq = fake_submit(test, REQ_OP_READ, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_held, 1);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "C"), 2);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "D"), 2);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "F"), 1);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "H"), 1);
}

/* comm= asks for the submitter once, and only if all other conditions hold. */
static void breaks_submitter(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;

	rule = fake_rule("A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_COUNT, 0);
	rule.keys = HALTBLK_KEY_COMM | HALTBLK_KEY_OPS;
	rule.ops = BIT(HALTBLK_OP_WRITE);
	strscpy(rule.comm, "submitter", sizeof(rule.comm));
	fake_arm(test, &rule);
	strscpy(rule.tag, "B", sizeof(rule.tag));
	rule.hdr.flags = HALTBLK_RULE_F_NOT_COMM;
	fake_arm(test, &rule);
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, f->identified, 0);
	fake_submit(test, REQ_OP_WRITE, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, f->identified, 1);
	strscpy(f->comm, "another", sizeof(f->comm));
	fake_submit(test, REQ_OP_WRITE, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, f->identified, 2);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "A"), 1);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "B"), 1);
}

/* set_state= sets the state of the whole device. */
static void breaks_state(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct fake_rq *rq;

	rule = fake_rule("A", HALTBLK_EVENT_SUBMIT, HALTBLK_ACTION_COUNT, 0);
	rule.keys = HALTBLK_KEY_SET_STATE | HALTBLK_KEY_OPS;
	rule.ops = BIT(HALTBLK_OP_WRITE);
	rule.set_state = 2;
	fake_arm(test, &rule);
	rule = fake_rule("F", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_FAIL,
			 HALTBLK_STATUS_IOERR);
	rule.keys = HALTBLK_KEY_STATE;
	rule.state = 2;
	fake_arm(test, &rule);
	rq = fake_submit(test, REQ_OP_READ, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	fake_submit(test, REQ_OP_WRITE, 0, 1, 0);
	rq = fake_submit(test, REQ_OP_READ, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_IOERR);
}

/* --- watchers ------------------------------------------------------------- */

static struct haltblk_watcher *watch(struct kunit *test, u32 room)
{
	struct fake *f = test->priv;
	struct haltblk_watcher *w;

	w = haltblk_events_watch(&f->dev.gate, BIT(HALTBLK_WHAT_LOST) - 1,
				 room);
	KUNIT_ASSERT_FALSE(test, IS_ERR(w));
	return w;
}

/* Records of a held write come in order, under one id. */
static void events_order(struct kunit *test)
{
	static const u32 want[] = {
		HALTBLK_WHAT_SUBMITTED, HALTBLK_WHAT_ACTED, HALTBLK_WHAT_HELD,
		HALTBLK_WHAT_RELEASED, HALTBLK_WHAT_COMPLETED,
	};
	struct fake *f = test->priv;
	struct haltblk_event got[8];
	struct haltblk_watcher *w;
	unsigned int nr, i;

	fake_break(test, "A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_DROP, 0);
	fake_break(test, "H", HALTBLK_EVENT_COMPLETE, HALTBLK_ACTION_HOLD, 0);
	w = watch(test, 16);
	KUNIT_EXPECT_FALSE(test, haltblk_events_ready(w));
	fake_submit(test, REQ_OP_WRITE, 3, 5, 0);
	fake_resume(f, NULL);
	KUNIT_EXPECT_TRUE(test, haltblk_events_ready(w));
	nr = haltblk_events_get(w, got, ARRAY_SIZE(got));
	KUNIT_EXPECT_EQ(test, nr, ARRAY_SIZE(want));
	for (i = 0; i < nr && i < ARRAY_SIZE(want); i++) {
		KUNIT_EXPECT_EQ(test, got[i].what, want[i]);
		KUNIT_EXPECT_EQ(test, got[i].id, got[0].id);
		KUNIT_EXPECT_EQ(test, got[i].seq, got[0].seq + i);
		KUNIT_EXPECT_EQ(test, got[i].sector, 3);
		KUNIT_EXPECT_EQ(test, got[i].sectors, 5);
	}
	KUNIT_EXPECT_STREQ(test, got[1].tag, "A");
	KUNIT_EXPECT_EQ(test, got[1].event, HALTBLK_EVENT_MEDIA);
	KUNIT_EXPECT_EQ(test, got[1].action, HALTBLK_ACTION_DROP);
	KUNIT_EXPECT_STREQ(test, got[2].tag, "H");
	KUNIT_EXPECT_FALSE(test, haltblk_events_ready(w));
	haltblk_events_unwatch(w);
}

/* Records that find no room are counted and reported where they are missing. */
static void events_lost(struct kunit *test)
{
	struct haltblk_event got[8];
	struct haltblk_watcher *w;
	unsigned int nr;

	/* Each read makes two records; those of the third find no room. */
	w = watch(test, 4);
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	fake_submit(test, REQ_OP_READ, 1, 1, 0);
	fake_submit(test, REQ_OP_READ, 2, 1, 0);
	nr = haltblk_events_get(w, got, 2);
	KUNIT_EXPECT_EQ(test, nr, 2);
	fake_submit(test, REQ_OP_READ, 3, 1, 0);
	nr = haltblk_events_get(w, got, 8);
	KUNIT_EXPECT_EQ(test, nr, 5);
	KUNIT_EXPECT_EQ(test, got[1].what, HALTBLK_WHAT_COMPLETED);
	KUNIT_EXPECT_EQ(test, got[2].what, HALTBLK_WHAT_LOST);
	KUNIT_EXPECT_EQ(test, got[2].lost, 2);
	KUNIT_EXPECT_EQ(test, got[2].seq, got[3].seq - 1);
	KUNIT_EXPECT_EQ(test, got[3].what, HALTBLK_WHAT_SUBMITTED);
	KUNIT_EXPECT_EQ(test, got[4].what, HALTBLK_WHAT_LOST);
	KUNIT_EXPECT_EQ(test, got[4].lost, 1);
	haltblk_events_unwatch(w);
}

/* A failure has its status. Requests from before the watch have no record. */
static void events_failed(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_event got[8];
	struct haltblk_watcher *w;
	struct haltblk_rule rule;
	unsigned int nr;

	rule = fake_rule("H", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 0);
	rule.count = 1;
	fake_arm(test, &rule);
	fake_break(test, "F", HALTBLK_EVENT_COMPLETE, HALTBLK_ACTION_FAIL,
		   HALTBLK_STATUS_PROTECTION);
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	w = watch(test, 16);
	fake_submit(test, REQ_OP_READ, 1, 1, 0);
	nr = haltblk_events_get(w, got, ARRAY_SIZE(got));
	KUNIT_ASSERT_EQ(test, nr, 3);
	KUNIT_EXPECT_EQ(test, got[2].what, HALTBLK_WHAT_FAILED);
	KUNIT_EXPECT_EQ(test, got[2].status, HALTBLK_STATUS_PROTECTION);
	/* The first request was held, so it has an id and is recorded. */
	fake_resume(f, NULL);
	nr = haltblk_events_get(w, got, ARRAY_SIZE(got));
	KUNIT_ASSERT_EQ(test, nr, 3);
	KUNIT_EXPECT_EQ(test, got[0].what, HALTBLK_WHAT_RELEASED);
	haltblk_events_unwatch(w);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(f->dev.gate.armed));
}

/* A watched device is armed, but records nothing while its gate is shut. */
static void events_armed(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_watcher *w;

	w = watch(test, 4);
	KUNIT_EXPECT_TRUE(test, haltblk_pass_wants(&f->dev, REQ_OP_READ, 0, 1));
	haltblk_breaks_shut(&f->dev.gate, false, true);
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	KUNIT_EXPECT_FALSE(test, haltblk_events_ready(w));
	haltblk_gate_open(&f->dev.gate);
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, haltblk_events_ready(w));
	haltblk_events_unwatch(w);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(f->dev.gate.armed));
}

static struct kunit_case breaks_cases[] = {
	KUNIT_CASE(breaks_refused),
	KUNIT_CASE(breaks_tags),
	KUNIT_CASE(breaks_remove),
	KUNIT_CASE(breaks_many),
	KUNIT_CASE(breaks_forget),
	KUNIT_CASE(breaks_recheck),
	KUNIT_CASE(breaks_first),
	KUNIT_CASE(breaks_submitter),
	KUNIT_CASE(breaks_state),
	{}
};

static struct kunit_suite breaks_suite = {
	.name = "haltblk_breaks",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = breaks_cases,
};

static struct kunit_case events_cases[] = {
	KUNIT_CASE(events_order),
	KUNIT_CASE(events_lost),
	KUNIT_CASE(events_failed),
	KUNIT_CASE(events_armed),
	{}
};

static struct kunit_suite events_suite = {
	.name = "haltblk_events",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = events_cases,
};

kunit_test_suites(&breaks_suite, &events_suite);
