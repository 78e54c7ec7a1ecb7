// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sessions that watch their device: the call WATCH, read() and poll(). events.c
 * makes the records.
 */
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "control.h"

/* Most records that a session may leave unread. */
#define HALTBLK_WATCH_MAX_ROOM	65536

int haltblk_watch_call(struct haltblk_call *call)
{
	struct haltblk_session *session = call->session;
	struct haltblk_watcher *w;
	struct haltblk_watch in;
	int err;

	err = HALTBLK_CALL_IN(call, &in, WATCH, 0);
	if (err)
		return err;
	if (in.what & ~(BIT(HALTBLK_WHAT_LOST) - 1)) {
		snprintf(call->why, sizeof(call->why), "what: unknown bits 0x%lx",
			 in.what & ~(BIT(HALTBLK_WHAT_LOST) - 1));
		return -EINVAL;
	}
	if (!in.what != !in.room || in.room > HALTBLK_WATCH_MAX_ROOM) {
		snprintf(call->why, sizeof(call->why),
			 "room: takes 1 to %u records, and 0 to stop",
			 HALTBLK_WATCH_MAX_ROOM);
		return -EINVAL;
	}
	if (in.reserved || (in.entry_size &&
			    (in.entry_size < HALTBLK_EVENT_SIZE_0 ||
			     in.entry_size > HALTBLK_CALL_MAX_ENTRY))) {
		snprintf(call->why, sizeof(call->why),
			 "entry_size: takes %d to %d bytes, or 0; reserved: takes 0",
			 HALTBLK_EVENT_SIZE_0, HALTBLK_CALL_MAX_ENTRY);
		return -EINVAL;
	}
	if (mutex_lock_killable(&session->lock))
		return -EINTR;
	if (!in.what) {
		if (session->watcher)
			haltblk_events_unwatch(session->watcher);
		session->watcher = NULL;
	} else if (session->watcher) {
		snprintf(call->why, sizeof(call->why),
			 "already watching; stop that first");
		err = -EBUSY;
	} else {
		w = haltblk_events_watch(&call->dev->gate, in.what, in.room);
		err = PTR_ERR_OR_ZERO(w);
		if (!err) {
			session->watcher = w;
			session->entry_size = in.entry_size ?:
					      HALTBLK_EVENT_SIZE_0;
		} else if (err == -ENOSPC) {
			snprintf(call->why, sizeof(call->why),
				 "%u sessions already watch this device, its limit",
				 HALTBLK_MAX_WATCHERS);
		}
	}
	mutex_unlock(&session->lock);
	return err;
}

/* Copy one record, cut or padded to the size that the session knows. */
static int haltblk_watch_put(char __user *to, struct haltblk_event *e,
			     u32 entry_size)
{
	size_t len = min_t(size_t, entry_size, sizeof(*e));

	e->size = entry_size;
	if (copy_to_user(to, e, len) || clear_user(to + len, entry_size - len))
		return -EFAULT;
	return 0;
}

/*
 * Read as many whole records as there are and fit, and wait for the first. 0:
 * there will be none.
 */
static ssize_t haltblk_watch_read_locked(struct haltblk_session *session,
					   struct file *file, char __user *buf,
					   size_t len)
{
	const u32 entry_size = session->entry_size;
	struct haltblk_gate *gate;
	struct haltblk_event e[4];
	size_t done = 0;
	unsigned int nr, i;

	if (!session->watcher)
		return 0;
	if (len < entry_size)
		return -EINVAL;
	gate = &session->dev->gate;
	if (!haltblk_events_ready(session->watcher)) {
		if (READ_ONCE(gate->gone))
			return 0;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(gate->wait,
				haltblk_events_ready(session->watcher) ||
				READ_ONCE(gate->gone)))
			return -ERESTARTSYS;
	}
	while (len - done >= entry_size) {
		nr = haltblk_events_get(session->watcher, e,
					min_t(size_t, ARRAY_SIZE(e),
					      (len - done) / entry_size));
		if (!nr)
			break;
		for (i = 0; i < nr; i++, done += entry_size)
			if (haltblk_watch_put(buf + done, &e[i], entry_size))
				return done ?: -EFAULT;
	}
	return done;
}

ssize_t haltblk_watch_read(struct file *file, char __user *buf,
				    size_t len, loff_t *pos)
{
	struct haltblk_session *session = file->private_data;
	ssize_t ret;
	bool left;

	if (len < HALTBLK_EVENT_SIZE_0)
		return -EINVAL;
	if (mutex_lock_interruptible(&session->lock))
		return -ERESTARTSYS;
	ret = haltblk_watch_read_locked(session, file, buf, len);
	left = session->watcher && haltblk_events_ready(session->watcher);
	mutex_unlock(&session->lock);
	/* A poll() meanwhile found the lock taken and reported nothing. */
	if (left)
		wake_up_all(&session->dev->gate.wait);
	return ret;
}

__poll_t haltblk_watch_poll(struct file *file, poll_table *wait)
{
	struct haltblk_session *session = file->private_data;
	struct haltblk_device *dev = READ_ONCE(session->dev);
	__poll_t mask = 0;

	if (!dev)
		return EPOLLERR;
	poll_wait(file, &dev->gate.wait, wait);
	/* A waiting reader has the lock, and then there is nothing to read. */
	if (mutex_trylock(&session->lock)) {
		if (session->watcher && haltblk_events_ready(session->watcher))
			mask |= EPOLLIN | EPOLLRDNORM;
		mutex_unlock(&session->lock);
	}
	if (READ_ONCE(dev->gate.gone))
		mask |= EPOLLHUP;
	return mask;
}
