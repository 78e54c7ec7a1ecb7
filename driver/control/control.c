// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/haltblk-control: sessions. Decodes user space's calls and encodes the
 * answers; other files do the work.
 *
 * Allocates memory without starting I/O: a process that releases a request must
 * not have to wait for that request.
 */
#include <linux/capability.h>
#include <linux/kallsyms.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "control.h"
#include "device/device.h"

/* Number of open sessions. */
static atomic_t haltblk_control_sessions = ATOMIC_INIT(0);

/* Most ids that one RESUME may name. */
#define HALTBLK_CONTROL_MAX_IDS		65536

static int haltblk_control_string(struct haltblk_call *call, const char *what,
				  const char *text, size_t len)
{
	if (strnlen(text, len) < len)
		return 0;
	snprintf(call->why, sizeof(call->why),
		 "%s: takes at most %zu characters", what, len - 1);
	return -ENAMETOOLONG;
}

/* Has any rule ever had the tag? */
static int haltblk_control_tag(struct haltblk_call *call, const char *name)
{
	struct haltblk_gate *gate = &call->dev->gate;
	bool known;

	spin_lock_irq(&gate->lock);
	known = haltblk_breaks_tag(gate, name);
	spin_unlock_irq(&gate->lock);
	if (known)
		return 0;
	snprintf(call->why, sizeof(call->why),
		 "tag %.31s: no rule ever had it", name);
	return -ENOENT;
}

static int haltblk_control_query(struct haltblk_call *call)
{
	struct haltblk_query q = {
		.abi = HALTBLK_ABI_VERSION,
		.events = HALTBLK_OFFERED_EVENTS,
		.ops = HALTBLK_OFFERED_OPS,
		.actions = HALTBLK_OFFERED_ACTIONS,
		.keys = HALTBLK_OFFERED_KEYS,
		.statuses = haltblk_blk_offered(),
		.ioctls = BIT_ULL(_IOC_NR(HALTBLK_IOC_PENDING) + 1) - 1,
	};
	struct haltblk_query in;
	int err;

	err = HALTBLK_CALL_IN(call, &in, QUERY, 0);
	if (err)
		return err;
	q.hdr = in.hdr;
	return haltblk_call_out(call, &q, sizeof(q));
}

static int haltblk_control_attach(struct haltblk_call *call)
{
	struct haltblk_device *dev;
	struct haltblk_attach in;
	int err;

	err = HALTBLK_CALL_IN(call, &in, ATTACH, 0);
	if (!err)
		err = haltblk_control_string(call, "name", in.name,
					     sizeof(in.name));
	if (err)
		return err;
	dev = haltblk_list_find(in.name);
	if (!dev) {
		snprintf(call->why, sizeof(call->why),
			 "%.31s: no haltblk device of that name", in.name);
		return -ENODEV;
	}
	if (cmpxchg(&call->session->dev, NULL, dev)) {
		haltblk_device_put(dev);
		snprintf(call->why, sizeof(call->why),
			 "already attached; open the control device again");
		return -EBUSY;
	}
	return 0;
}

static int haltblk_control_break(struct haltblk_call *call)
{
	struct haltblk_rule spec;
	int err;

	/* haltblk_rules_check() checks the flags with the rest of the rule. */
	err = HALTBLK_CALL_IN(call, &spec, RULE, ~0U);
	if (err)
		return err;
	/* These fields are only for the answer. */
	if (spec.matches || spec.hits || spec.held || spec.armed) {
		snprintf(call->why, sizeof(call->why),
			 "matches, hits, held, armed: must be 0");
		return -EINVAL;
	}
	return haltblk_breaks_arm(call->dev, &spec, &call->session->owner,
				  call->why);
}

static int haltblk_control_remove(struct haltblk_call *call)
{
	const struct haltblk_verdict go_on = { };
	struct haltblk_remove in;
	bool all;
	int err;

	err = HALTBLK_CALL_IN(call, &in, REMOVE,
				 HALTBLK_REMOVE_F_ALL);
	if (!err)
		err = haltblk_control_string(call, "tag", in.tag,
					     sizeof(in.tag));
	if (err)
		return err;
	all = in.hdr.flags & HALTBLK_REMOVE_F_ALL;
	if (all == !!in.tag[0]) {
		snprintf(call->why, sizeof(call->why),
			 "takes either a tag or the flag for all");
		return -EINVAL;
	}
	if (!all)
		err = haltblk_control_tag(call, in.tag);
	if (err)
		return err;
	haltblk_breaks_remove(&call->dev->gate, all ? NULL : in.tag, NULL,
			      go_on, &in.removed, &in.released);
	return haltblk_call_out(call, &in, sizeof(in));
}

/* Fill in the state of a wait. -EAGAIN: not reached yet, keep waiting. */
static int haltblk_control_look(struct haltblk_gate *gate,
				struct haltblk_wait *w)
{
	struct haltblk_rule_state *rule;
	struct haltblk_tag *tag;
	int err = -EAGAIN;

	spin_lock_irq(&gate->lock);
	w->matches = 0;
	w->armed = 0;
	tag = haltblk_breaks_tag(gate, w->tag);
	if (gate->gone) {
		err = -ENODEV;
	} else if (!tag) {
		err = -ENOENT;
	} else {
		w->hits = tag->gone_hits;
		w->held = tag->held;
		list_for_each_entry(rule, &gate->rules, node) {
			if (rule->tag != tag)
				continue;
			w->matches += atomic64_read(&rule->matches);
			w->hits += atomic64_read(&rule->hits);
			w->armed += haltblk_rules_armed(rule);
		}
		if (tag->held >= w->count)
			err = 0;
		else if (!tag->rules)
			err = -ECANCELED;
	}
	spin_unlock_irq(&gate->lock);
	return err;
}

/* Sleep until the count is reached, can never be reached, or time is up. */
static int haltblk_control_sleep(struct haltblk_gate *gate,
				 struct haltblk_wait *w)
{
	ktime_t timeout = ns_to_ktime(min_t(u64, w->timeout_ns, KTIME_MAX));
	int err, ret;

	ret = wait_event_interruptible_hrtimeout(gate->wait,
			(err = haltblk_control_look(gate, w)) != -EAGAIN,
			timeout);
	if (ret == -ERESTARTSYS)
		return -EINTR;
	return err == -EAGAIN ? -ETIME : err;
}

static int haltblk_control_wait(struct haltblk_call *call)
{
	struct haltblk_wait w;
	int err, ret;

	ret = HALTBLK_CALL_IN(call, &w, WAIT, 0);
	if (!ret)
		ret = haltblk_control_string(call, "tag", w.tag, sizeof(w.tag));
	if (ret)
		return ret;
	if (!w.count || w.reserved) {
		snprintf(call->why, sizeof(call->why),
			 "count: takes 1 or more; reserved: takes 0");
		return -EINVAL;
	}
	ret = haltblk_control_sleep(&call->dev->gate, &w);
	if (ret == -ENOENT)
		return haltblk_control_tag(call, w.tag) ?: -ENOENT;
	if (ret == -ENODEV) {
		snprintf(call->why, sizeof(call->why), "%s: is being removed",
			 call->dev->name);
		return ret;
	}
	err = haltblk_call_out(call, &w, sizeof(w));
	return err ?: ret;
}

static int haltblk_control_resume_check(struct haltblk_call *call,
					const struct haltblk_resume *in)
{
	const u32 ways = HALTBLK_RESUME_F_TAG | HALTBLK_RESUME_F_IDS |
			 HALTBLK_RESUME_F_ALL;
	const u32 flags = in->hdr.flags;
	const char *why = NULL;

	if (hweight32(flags & ways) != 1)
		why = "flags: takes exactly one of by tag, by id, all";
	else if (!(flags & HALTBLK_RESUME_F_STATUS) && in->status)
		why = "status: given without its flag, must be 0";
	else if (in->status >= HALTBLK_STATUS_NR)
		why = "status: unknown number";
	else if (!(BIT(in->status) & haltblk_blk_offered()))
		why = "status: this kernel has no such block status";
	else if (flags & HALTBLK_RESUME_F_TAG && !in->tag[0])
		why = "tag: must not be empty to release by tag";
	else if (flags & HALTBLK_RESUME_F_ALL && in->tag[0])
		why = "tag: must be empty to release all";
	else if (!(flags & HALTBLK_RESUME_F_IDS) && (in->ids || in->nr_ids))
		why = "ids: given without their flag, must be 0";
	else if (flags & HALTBLK_RESUME_F_IDS &&
		 (!in->nr_ids || in->nr_ids > HALTBLK_CONTROL_MAX_IDS))
		why = "ids: takes 1 to 65536 ids";
	else if (in->reserved)
		why = "reserved: must be 0";
	if (!why)
		return 0;
	strscpy(call->why, why, sizeof(call->why));
	return -EINVAL;
}

static int haltblk_control_resume_ids(struct haltblk_call *call,
				      struct haltblk_resume *in,
				      struct haltblk_verdict verdict)
{
	size_t len = array_size(in->nr_ids, sizeof(u64));
	u64 odd = 0;
	u64 *ids;
	int err;

	ids = kvmalloc(len, GFP_KERNEL);
	if (!ids)
		return -ENOMEM;
	if (copy_from_user(ids, u64_to_user_ptr(in->ids), len))
		err = -EFAULT;
	else
		err = haltblk_release_ids(&call->dev->gate, ids,
					       in->nr_ids,
					       in->tag[0] ? in->tag : NULL,
					       verdict, &odd);
	kvfree(ids);
	if (err == -EINVAL)
		snprintf(call->why, sizeof(call->why), "id %llu: given twice",
			 odd);
	else if (err == -ENOENT && in->tag[0])
		snprintf(call->why, sizeof(call->why),
			 "id %llu: not held under tag %s; nothing was released",
			 odd, in->tag);
	else if (err == -ENOENT)
		snprintf(call->why, sizeof(call->why),
			 "id %llu: not held; nothing was released", odd);
	else if (!err)
		in->released = in->nr_ids;
	return err;
}

static int haltblk_control_resume(struct haltblk_call *call)
{
	struct haltblk_verdict verdict = { };
	struct haltblk_resume in;
	int err;

	err = HALTBLK_CALL_IN(call, &in, RESUME,
				 HALTBLK_RESUME_F_TAG |
				 HALTBLK_RESUME_F_IDS |
				 HALTBLK_RESUME_F_ALL |
				 HALTBLK_RESUME_F_STATUS);
	if (!err)
		err = haltblk_control_string(call, "tag", in.tag,
					     sizeof(in.tag));
	if (!err)
		err = haltblk_control_resume_check(call, &in);
	if (!err && in.tag[0])
		err = haltblk_control_tag(call, in.tag);
	if (err)
		return err;
	if (in.hdr.flags & HALTBLK_RESUME_F_STATUS) {
		verdict.fail = true;
		verdict.status = haltblk_blk_statuses[in.status];
	}
	if (in.hdr.flags & HALTBLK_RESUME_F_IDS)
		err = haltblk_control_resume_ids(call, &in, verdict);
	else
		in.released = haltblk_release_tag(&call->dev->gate,
						   in.tag[0] ? in.tag : NULL,
						   verdict);
	return err ?: haltblk_call_out(call, &in, sizeof(in));
}

static int haltblk_control_no_id(struct haltblk_call *call, u64 id)
{
	snprintf(call->why, sizeof(call->why), "id %llu: not held", id);
	return -ENOENT;
}

static int haltblk_control_step(struct haltblk_call *call)
{
	struct haltblk_step in;
	int err;

	err = HALTBLK_CALL_IN(call, &in, STEP, 0);
	if (err)
		return err;
	if (in.event || in.reserved) {
		snprintf(call->why, sizeof(call->why),
			 "event, reserved: must be 0");
		return -EINVAL;
	}
	err = haltblk_release_step(&call->dev->gate, in.id, &in.event);
	if (err)
		return haltblk_control_no_id(call, in.id);
	return haltblk_call_out(call, &in, sizeof(in));
}

static int haltblk_control_backtrace(struct haltblk_call *call)
{
	const size_t size = HALTBLK_STACK_DEPTH * KSYM_SYMBOL_LEN;
	struct haltblk_backtrace in;
	struct haltblk_stack stack;
	char *text;
	u32 len;
	int err;

	err = HALTBLK_CALL_IN(call, &in, BACKTRACE, 0);
	if (err)
		return err;
	if (!in.len || in.reserved) {
		snprintf(call->why, sizeof(call->why),
			 "len: takes 1 or more; reserved: takes 0");
		return -EINVAL;
	}
	err = haltblk_gate_backtrace(&call->dev->gate, in.id, &stack);
	if (err == -ENODATA)
		snprintf(call->why, sizeof(call->why),
			 "id %llu: its submitter is unknown",
			 in.id);
	else if (err)
		haltblk_control_no_id(call, in.id);
	if (err)
		return err;
	text = kvmalloc(size, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	len = haltblk_stack_text(&stack, text, size) + 1;
	if (in.len < len)
		text[in.len - 1] = '\0';
	if (copy_to_user(u64_to_user_ptr(in.buf), text, min(len, in.len)))
		err = -EFAULT;
	kvfree(text);
	in.len = len;
	return err ?: haltblk_call_out(call, &in, sizeof(in));
}

static int haltblk_control_dispatch(struct haltblk_call *call,
				    unsigned int cmd)
{
	switch (cmd) {
	case HALTBLK_IOC_QUERY:
		return haltblk_control_query(call);
	case HALTBLK_IOC_LIST:
		return haltblk_tables_answer(call, haltblk_tables_list);
	case HALTBLK_IOC_ATTACH:
		return haltblk_control_attach(call);
	case HALTBLK_IOC_CRASH:
		return haltblk_keep_crash(call);
	}
	if (_IOC_TYPE(cmd) != HALTBLK_IOC_MAGIC ||
	    _IOC_NR(cmd) > _IOC_NR(HALTBLK_IOC_PENDING))
		return -ENOTTY;
	if (!call->dev) {
		snprintf(call->why, sizeof(call->why),
			 "not attached to a device; call ATTACH first");
		return -ENODEV;
	}
	switch (cmd) {
	case HALTBLK_IOC_BREAK:
		return haltblk_control_break(call);
	case HALTBLK_IOC_REMOVE:
		return haltblk_control_remove(call);
	case HALTBLK_IOC_WAIT:
		return haltblk_control_wait(call);
	case HALTBLK_IOC_RESUME:
		return haltblk_control_resume(call);
	case HALTBLK_IOC_HELD:
		return haltblk_tables_answer(call, haltblk_tables_held);
	case HALTBLK_IOC_RULES:
		return haltblk_tables_answer(call, haltblk_tables_rules);
	case HALTBLK_IOC_STATS:
		return haltblk_tables_stats(call);
	case HALTBLK_IOC_HCTX_STATS:
		return haltblk_tables_answer(call, haltblk_tables_hctx);
	case HALTBLK_IOC_CONFIG:
		return haltblk_tables_answer(call, haltblk_tables_config);
	case HALTBLK_IOC_LOCKS:
		return haltblk_tables_answer(call, haltblk_tables_locks);
	case HALTBLK_IOC_PENDING:
		return haltblk_tables_answer(call, haltblk_tables_pending);
	case HALTBLK_IOC_STEP:
		return haltblk_control_step(call);
	case HALTBLK_IOC_BACKTRACE:
		return haltblk_control_backtrace(call);
	case HALTBLK_IOC_WATCH:
		return haltblk_watch_call(call);
	case HALTBLK_IOC_CLONE:
		return haltblk_keep_clone(call);
	default:
		return -ENOTTY;
	}
}

static long haltblk_control_ioctl(struct file *file, unsigned int cmd,
				  unsigned long arg)
{
	struct haltblk_session *session = file->private_data;
	struct haltblk_call call = {
		.session = session,
		.arg = (void __user *)arg,
		.dev = READ_ONCE(session->dev),
	};
	unsigned int noio = memalloc_noio_save();
	long ret;

	ret = haltblk_control_dispatch(&call, cmd);
	memalloc_noio_restore(noio);
	if (ret < 0 ? ret != -ENOTTY : call.why[0])
		haltblk_call_tell(&call);
	return ret;
}

static int haltblk_control_open(struct inode *inode, struct file *file)
{
	struct haltblk_session *session;

	/* The mode of the device node can be changed, this check cannot. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!atomic_add_unless(&haltblk_control_sessions, 1,
			       HALTBLK_MAX_SESSIONS))
		return -ENFILE;
	session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	if (!session) {
		atomic_dec(&haltblk_control_sessions);
		return -ENOMEM;
	}
	mutex_init(&session->lock);
	haltblk_owner_init(&session->owner);
	file->private_data = session;
	/* Records are a stream without a position. */
	return stream_open(inode, file);
}

static int haltblk_control_release(struct inode *inode, struct file *file)
{
	const struct haltblk_verdict go_on = { };
	struct haltblk_session *session = file->private_data;
	unsigned int noio = memalloc_noio_save();
	u32 removed, released;

	if (session->watcher)
		haltblk_events_unwatch(session->watcher);
	if (session->dev) {
		haltblk_breaks_remove(&session->dev->gate, NULL,
				      &session->owner, go_on, &removed, &released);
	}
	haltblk_owner_exit(&session->owner);
	if (session->dev)
		haltblk_device_put(session->dev);
	kfree(session);
	atomic_dec(&haltblk_control_sessions);
	memalloc_noio_restore(noio);
	return 0;
}

static const struct file_operations haltblk_control_fops = {
	.owner		= THIS_MODULE,
	.open		= haltblk_control_open,
	.release	= haltblk_control_release,
	.read		= haltblk_watch_read,
	.poll		= haltblk_watch_poll,
	.unlocked_ioctl	= haltblk_control_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct miscdevice haltblk_control = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "haltblk-control",
	.fops	= &haltblk_control_fops,
	.mode	= 0600,
};

int haltblk_control_init(void)
{
	return misc_register(&haltblk_control);
}

void haltblk_control_exit(void)
{
	misc_deregister(&haltblk_control);
}
