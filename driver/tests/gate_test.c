// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the gate, on a front that only records: holding, every way off, and
 * action=delay.
 */
#include <kunit/test.h>

#include "fake.h"

#define HOUR	3600000000ULL	/* longest delay */

static const struct haltblk_verdict go_on;

/* Submit @nr reads of a sector each, from sector 0 on. */
static void reads(struct kunit *test, struct fake_rq **rqs, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		rqs[i] = fake_submit(test, REQ_OP_READ, i, 1, 0);
}

/* Compare the sectors of the ended requests, in order, with @want. */
static void expect_ends(struct kunit *test, const char *want)
{
	struct fake *f = test->priv;
	char got[FAKE_ENDS + 1];
	unsigned int i;

	for (i = 0; i < f->nr_ends; i++)
		got[i] = '0' + f->ends[i].sector;
	got[i] = '\0';
	KUNIT_EXPECT_STREQ(test, got, want);
}

static void expect_statuses(struct kunit *test, blk_status_t status)
{
	struct fake *f = test->priv;
	unsigned int i;

	for (i = 0; i < f->nr_ends; i++)
		KUNIT_EXPECT_EQ(test, f->ends[i].status, status);
}

static void hold(struct kunit *test, const char *tag, u32 event)
{
	fake_break(test, tag, event, HALTBLK_ACTION_HOLD, 0);
}

/* Arm a rule for one sector. */
static void break_at(struct kunit *test, const char *tag, u32 action, u64 arg,
		     u64 sector)
{
	struct haltblk_rule rule = fake_rule(tag, HALTBLK_EVENT_MEDIA, action,
					     arg);

	rule.keys = HALTBLK_KEY_SECTOR;
	rule.sector = sector;
	rule.nr_sectors = 1;
	fake_arm(test, &rule);
}

static void gate_release_tag(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rqs[4];

	break_at(test, "A", HALTBLK_ACTION_HOLD, 0, 0);
	break_at(test, "B", HALTBLK_ACTION_HOLD, 0, 1);
	break_at(test, "A", HALTBLK_ACTION_HOLD, 0, 2);
	reads(test, rqs, 4);
	expect_ends(test, "3");
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_held, 3);
	KUNIT_EXPECT_EQ(test, fake_resume(f, "C"), 0);
	KUNIT_EXPECT_EQ(test, fake_resume(f, "A"), 2);
	expect_ends(test, "302");
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 1);
	expect_ends(test, "3021");
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_held, 0);
	expect_statuses(test, BLK_STS_OK);
}

/* Requests go in the order held, not in that of their sectors. */
static void gate_release_order(struct kunit *test)
{
	struct fake *f = test->priv;

	hold(test, "A", HALTBLK_EVENT_SUBMIT);
	fake_submit(test, REQ_OP_READ, 2, 1, 0);
	fake_submit(test, REQ_OP_READ, 0, 1, 0);
	fake_submit(test, REQ_OP_READ, 1, 1, 0);
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 3);
	expect_ends(test, "201");
}

static void gate_release_status(struct kunit *test)
{
	const struct haltblk_verdict fail = {
		.fail = true, .status = BLK_STS_NOSPC,
	};
	struct fake *f = test->priv;
	struct fake_rq *rq;

	hold(test, "A", HALTBLK_EVENT_SUBMIT);
	hold(test, "B", HALTBLK_EVENT_MEDIA);
	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, 1, haltblk_release_tag(&f->dev.gate, NULL,
						      fail));
	/* It ended at once, without passing through the other states. */
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_NOSPC);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0));
}

static int release_ids(struct kunit *test, const char *tag, u64 *odd,
		       unsigned int nr, ...)
{
	struct fake *f = test->priv;
	u64 ids[8];
	unsigned int i;
	va_list ap;

	va_start(ap, nr);
	for (i = 0; i < nr; i++)
		ids[i] = va_arg(ap, u64);
	va_end(ap);
	return haltblk_release_ids(&f->dev.gate, ids, nr, tag, go_on, odd);
}

/* Requests go in the given order, all or none. */
static void gate_release_ids(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rqs[4];
	u64 odd = 0;

	break_at(test, "A", HALTBLK_ACTION_HOLD, 0, 0);
	hold(test, "B", HALTBLK_EVENT_MEDIA);
	reads(test, rqs, 4);
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_held, 4);
#define ID(i) (rqs[i]->cmd.id)
	KUNIT_EXPECT_EQ(test, -ENOENT, release_ids(test, NULL, &odd, 3, ID(2),
						   999ULL, ID(1)));
	KUNIT_EXPECT_EQ(test, odd, 999);
	KUNIT_EXPECT_EQ(test, -EINVAL, release_ids(test, NULL, &odd, 3, ID(2),
						   ID(1), ID(2)));
	KUNIT_EXPECT_EQ(test, odd, ID(2));
	/* It is held, but under another tag. */
	KUNIT_EXPECT_EQ(test, -ENOENT, release_ids(test, "B", &odd, 2, ID(1),
						   ID(0)));
	KUNIT_EXPECT_EQ(test, odd, ID(0));
	expect_ends(test, "");
	KUNIT_EXPECT_EQ(test, 0, release_ids(test, "B", &odd, 2, ID(3), ID(1)));
	expect_ends(test, "31");
	KUNIT_EXPECT_EQ(test, 0, release_ids(test, NULL, &odd, 2, ID(2),
					     ID(0)));
	expect_ends(test, "3120");
#undef ID
}

/* A request that is held again keeps its id. */
static void gate_ids(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *first, *second;
	u64 id;

	hold(test, "A", HALTBLK_EVENT_SUBMIT);
	hold(test, "B", HALTBLK_EVENT_COMPLETE);
	first = fake_submit(test, REQ_OP_READ, 0, 1, 0);
	second = fake_submit(test, REQ_OP_READ, 1, 1, 0);
	id = first->cmd.id;
	KUNIT_EXPECT_EQ(test, second->cmd.id, id + 1);
	fake_resume(f, "A");
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_held, 2);
	KUNIT_EXPECT_EQ(test, first->cmd.id, id);
}

/* --- power off, and rules that go ----------------------------------------- */

static void gate_shut(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_gate *gate = &f->dev.gate;
	struct fake_rq *rqs[3];

	hold(test, "A", HALTBLK_EVENT_MEDIA);
	reads(test, rqs, 3);
	haltblk_breaks_shut(gate, false, true);
	expect_ends(test, "012");
	expect_statuses(test, BLK_STS_IOERR);
	KUNIT_EXPECT_EQ(test, gate->nr_rules, 0);
	KUNIT_EXPECT_FALSE(test, gate->open);
	/* A rule armed on a shut gate holds nothing until the gate opens. */
	hold(test, "B", HALTBLK_EVENT_MEDIA);
	fake_submit(test, REQ_OP_READ, 3, 1, 0);
	expect_ends(test, "0123");
	haltblk_gate_open(gate);
	fake_submit(test, REQ_OP_READ, 4, 1, 0);
	expect_ends(test, "0123");
	KUNIT_EXPECT_EQ(test, gate->nr_held, 1);
}

/* on_remove=resume: held requests go on as if released. */
static void gate_shut_resume(struct kunit *test)
{
	struct fake *f = test->priv;

	hold(test, "A", HALTBLK_EVENT_SUBMIT);
	hold(test, "B", HALTBLK_EVENT_COMPLETE);
	fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	haltblk_breaks_shut(&f->dev.gate, false, false);
	expect_ends(test, "0");
	expect_statuses(test, BLK_STS_OK);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0x11));
}

/* On a device that is being removed no rule can be armed. */
static void gate_gone(struct kunit *test)
{
	struct haltblk_rule rule = fake_rule("A", HALTBLK_EVENT_MEDIA,
					     HALTBLK_ACTION_HOLD, 0);
	struct fake *f = test->priv;
	char why[HALTBLK_WHY_LEN];

	haltblk_breaks_shut(&f->dev.gate, true, true);
	KUNIT_EXPECT_TRUE(test, f->dev.gate.gone);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			haltblk_breaks_arm(&f->dev, &rule, NULL, why));
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_rules, 0);
}

/* Removing a rule lets its requests go on, to the next rule's hold. */
static void gate_rule_gone(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rqs[3];

	hold(test, "A", HALTBLK_EVENT_SUBMIT);
	hold(test, "B", HALTBLK_EVENT_MEDIA);
	reads(test, rqs, 3);
	KUNIT_EXPECT_EQ(test, fake_remove(f, "A"), 3);
	expect_ends(test, "");
	KUNIT_EXPECT_EQ(test, rqs[2]->cmd.event, HALTBLK_EVENT_MEDIA);
	KUNIT_EXPECT_EQ(test, fake_remove(f, NULL), 3);
	expect_ends(test, "012");
}

/* --- step ----------------------------------------------------------------- */

static void gate_step(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_gate *gate = &f->dev.gate;
	struct haltblk_rule rule;
	struct fake_rq *rqs[2];
	u32 event;

	rule = fake_rule("A", HALTBLK_EVENT_SUBMIT, HALTBLK_ACTION_HOLD, 0);
	rule.count = 2;
	fake_arm(test, &rule);
	reads(test, rqs, 2);
	KUNIT_EXPECT_EQ(test, -ENOENT, haltblk_release_step(gate, 999, &event));
	KUNIT_EXPECT_EQ(test, 0, haltblk_release_step(gate, rqs[1]->cmd.id,
						   &event));
	KUNIT_EXPECT_EQ(test, event, HALTBLK_EVENT_MEDIA);
	/* It is held again under the same tag, although the rule is spent. */
	KUNIT_EXPECT_EQ(test, gate->nr_held, 2);
	KUNIT_EXPECT_STREQ(test, rqs[1]->cmd.rule->spec.tag, "A");
	KUNIT_EXPECT_EQ(test, rqs[1]->cmd.rule->held, 2);
	KUNIT_EXPECT_EQ(test, fake_resume(f, "A"), 2);
	expect_ends(test, "01");
	KUNIT_EXPECT_EQ(test, -ENOENT, haltblk_release_step(gate, rqs[1]->cmd.id,
							 &event));
}

/* Removing the rule also releases a request that has stepped. */
static void gate_step_rule_gone(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rqs[1];
	u32 event;

	hold(test, "A", HALTBLK_EVENT_SUBMIT);
	reads(test, rqs, 1);
	haltblk_release_step(&f->dev.gate, rqs[0]->cmd.id, &event);
	KUNIT_EXPECT_EQ(test, fake_remove(f, "A"), 1);
	expect_ends(test, "0");
}

/* --- time-outs ------------------------------------------------------------ */

static void gate_time_out(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_gate *gate = &f->dev.gate;
	struct fake_rq *rqs[2];
	struct fake_rq *rq;

	hold(test, "A", HALTBLK_EVENT_MEDIA);
	reads(test, rqs, 2);
	KUNIT_EXPECT_FALSE(test, haltblk_release_time_out(gate, &rqs[0]->cmd,
						       false));
	KUNIT_EXPECT_EQ(test, gate->nr_held, 2);
	KUNIT_EXPECT_TRUE(test, haltblk_release_time_out(gate, &rqs[1]->cmd,
						      true));
	expect_ends(test, "1");
	KUNIT_EXPECT_EQ(test, fake_status(f, rqs[1]), BLK_STS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, gate->nr_held, 1);
	/* A request that is not held does not change. */
	rq = fake_rq(test, REQ_OP_READ, 5, 1, 0);
	KUNIT_EXPECT_FALSE(test, haltblk_release_time_out(gate, &rq->cmd, true));
	expect_ends(test, "1");
}

static void gate_time_out_delayed(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_gate *gate = &f->dev.gate;
	struct fake_rq *rqs[1];

	fake_break(test, "D", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_DELAY, HOUR);
	reads(test, rqs, 1);
	KUNIT_EXPECT_FALSE(test, haltblk_release_time_out(gate, &rqs[0]->cmd,
						       false));
	KUNIT_EXPECT_EQ(test, gate->nr_delayed, 1);
	KUNIT_EXPECT_TRUE(test, haltblk_release_time_out(gate, &rqs[0]->cmd,
						      true));
	KUNIT_EXPECT_EQ(test, fake_status(f, rqs[0]), BLK_STS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, gate->nr_delayed, 0);
}

/* --- delay ---------------------------------------------------------------- */

/* A delayed request goes on by itself, in a worker, which may sleep. */
static void gate_delay(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;
	u64 began = ktime_get_ns();

	fake_break(test, "D", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_DELAY, 20000);
	rq = fake_rq(test, REQ_OP_WRITE, 0, 8, 0x11);
	rq->cmd.flags &= ~HALTBLK_CMD_F_SLEEP;
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_GE(test, ktime_get_ns() - began, 20000000ULL);
	KUNIT_EXPECT_TRUE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0x11));
	KUNIT_EXPECT_EQ(test, haltblk_gate_nr_kept(&f->dev.gate), 0);
}

/* Removing a rule and power off do not wait for the delay. */
static void gate_delay_cut(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rqs[2];

	fake_break(test, "D", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_DELAY, HOUR);
	reads(test, rqs, 1);
	KUNIT_EXPECT_EQ(test, haltblk_gate_nr_kept(&f->dev.gate), 1);
	/* It is not held, so it is not released. */
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 0);
	KUNIT_EXPECT_EQ(test, fake_remove(f, "D"), 0);
	expect_ends(test, "0");
	expect_statuses(test, BLK_STS_OK);
	f->nr_ends = 0;
	fake_break(test, "D", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_DELAY, HOUR);
	reads(test, rqs, 2);
	haltblk_breaks_shut(&f->dev.gate, false, true);
	expect_ends(test, "01");
	expect_statuses(test, BLK_STS_IOERR);
	KUNIT_EXPECT_EQ(test, haltblk_gate_nr_kept(&f->dev.gate), 0);
}

/* A request delayed in one state and held in the next keeps its submitter. */
static void gate_delay_then_hold(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct fake_rq *rq;

	fake_break(test, "D", HALTBLK_EVENT_SUBMIT, HALTBLK_ACTION_DELAY, 1000);
	rule = fake_rule("H", HALTBLK_EVENT_COMPLETE, HALTBLK_ACTION_HOLD, 0);
	rule.keys = HALTBLK_KEY_COMM;
	strscpy(rule.comm, "submitter", sizeof(rule.comm));
	fake_arm(test, &rule);
	rq = fake_submit(test, REQ_OP_READ, 0, 1, 0);
	KUNIT_ASSERT_NE(test, 0,
			wait_event_timeout(f->dev.gate.wait,
					   READ_ONCE(f->dev.gate.nr_held),
					   60 * HZ));
	KUNIT_EXPECT_STREQ(test, rq->cmd.comm, "submitter");
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 1);
	expect_ends(test, "0");
}

/* --- on a submitter's stack ----------------------------------------------- */

/* A request leaves the stack once, if it has to wait; else it stays. */
static void gate_park(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	hold(test, "A", HALTBLK_EVENT_SUBMIT);
	fake_break(test, "D", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_DELAY, 1000);
	rq = fake_rq(test, REQ_OP_READ, 0, 1, 0);
	rq->cmd.flags |= HALTBLK_CMD_F_STACK;
	fake_go(rq);
	KUNIT_EXPECT_EQ(test, f->parks, 1);
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 1);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_EQ(test, f->parks, 1);
	fake_remove(f, NULL);
	fake_break(test, "C", HALTBLK_EVENT_SUBMIT, HALTBLK_ACTION_COUNT, 0);
	rq = fake_rq(test, REQ_OP_READ, 1, 1, 0);
	rq->cmd.flags |= HALTBLK_CMD_F_STACK;
	fake_go(rq);
	KUNIT_EXPECT_EQ(test, f->parks, 1);
	expect_ends(test, "01");
}

/* Without memory it ends with AGAIN, and the rule acts when it comes again. */
static void gate_park_again(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	hold(test, "A", HALTBLK_EVENT_SUBMIT);
	f->no_memory = true;
	rq = fake_rq(test, REQ_OP_READ, 0, 1, 0);
	rq->cmd.flags |= HALTBLK_CMD_F_STACK;
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_AGAIN);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "A"), 0);
	f->no_memory = false;
	rq = fake_rq(test, REQ_OP_READ, 0, 1, 0);
	rq->cmd.flags |= HALTBLK_CMD_F_STACK;
	fake_go(rq);
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_held, 1);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "A"), 1);
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 1);
}

/* --- armed or not --------------------------------------------------------- */

static bool armed(struct fake *f)
{
	flush_work(&f->dev.gate.update);
	return READ_ONCE(f->dev.gate.armed);
}

/* A spent rule does not arm the gate, but a held request keeps the key on. */
static void gate_spent(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct fake_rq *rqs[3];

	KUNIT_EXPECT_FALSE(test, armed(f));
	rule = fake_rule("A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 0);
	rule.count = 2;
	fake_arm(test, &rule);
	KUNIT_EXPECT_TRUE(test, armed(f));
	reads(test, rqs, 3);
	expect_ends(test, "2");
	KUNIT_EXPECT_FALSE(test, armed(f));
	KUNIT_EXPECT_TRUE(test, f->dev.gate.key_user);
	fake_resume(f, NULL);
	KUNIT_EXPECT_FALSE(test, armed(f));
	KUNIT_EXPECT_FALSE(test, f->dev.gate.key_user);
	/* The rule stays listed until it is removed. */
	KUNIT_EXPECT_EQ(test, f->dev.gate.nr_rules, 1);
}

/* Requests that no rule can match take the short path. */
static void gate_near(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;

	rule = fake_rule("A", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_HOLD, 0);
	rule.keys = HALTBLK_KEY_SECTOR | HALTBLK_KEY_OPS;
	rule.sector = 100;
	rule.nr_sectors = 8;
	rule.ops = BIT(HALTBLK_OP_WRITE);
	fake_arm(test, &rule);
	KUNIT_EXPECT_TRUE(test, haltblk_pass_wants(&f->dev, REQ_OP_WRITE, 93,
						   8));
	KUNIT_EXPECT_FALSE(test, haltblk_pass_wants(&f->dev, REQ_OP_WRITE, 92,
						    8));
	KUNIT_EXPECT_FALSE(test, haltblk_pass_wants(&f->dev, REQ_OP_WRITE, 108,
						    8));
	KUNIT_EXPECT_FALSE(test, haltblk_pass_wants(&f->dev, REQ_OP_READ, 100,
						    8));
	fake_remove(f, NULL);
	KUNIT_EXPECT_FALSE(test, haltblk_pass_wants(&f->dev, REQ_OP_WRITE, 100,
						    8));
}

static struct kunit_case gate_cases[] = {
	KUNIT_CASE(gate_release_tag),
	KUNIT_CASE(gate_release_order),
	KUNIT_CASE(gate_release_status),
	KUNIT_CASE(gate_release_ids),
	KUNIT_CASE(gate_ids),
	KUNIT_CASE(gate_shut),
	KUNIT_CASE(gate_shut_resume),
	KUNIT_CASE(gate_gone),
	KUNIT_CASE(gate_rule_gone),
	KUNIT_CASE(gate_step),
	KUNIT_CASE(gate_step_rule_gone),
	KUNIT_CASE(gate_time_out),
	KUNIT_CASE(gate_time_out_delayed),
	KUNIT_CASE(gate_delay),
	KUNIT_CASE(gate_delay_cut),
	KUNIT_CASE(gate_delay_then_hold),
	KUNIT_CASE(gate_park),
	KUNIT_CASE(gate_park_again),
	KUNIT_CASE(gate_spent),
	KUNIT_CASE(gate_near),
	{}
};

static struct kunit_suite gate_suite = {
	.name = "haltblk_gate",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = gate_cases,
};

kunit_test_suites(&gate_suite);
