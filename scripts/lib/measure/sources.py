"""Turns the output of lock-sources into figures: which locks of the kernel were waited for.

read() returns

  {"source": "lock_stat" | "contention" | None,
   "reason": what the source cannot show here and what to do about it, or None,
   "locks": [{"class", "site", "owner", "acquisitions", "contended", "wait_ns", "hold_ns"}]}

lock_stat: each lock class that was taken. "site" is the place that waited most often, or None if
nothing waited. contention: each place that waited; "class" is the kind of the lock, and
acquisitions and hold times are None, because they are unknown. Without a source, "locks" is empty.
With a source and a reason, "locks" lacks what the reason names.

"owner" is the part of the system that wanted the lock: driver, scheduler (of I/O), block (layer), fio
(its system calls: io_uring, AIO, read, futex) or other. The innermost of them in a call stack counts,
but nothing outside the interrupt to which the innermost frame belongs.

Classes have the names that the kernel prints: NAME, #2 for another class with this name, /1 for a
subclass, -R and -W for readers and writers. When a module is unloaded, the kernel may reuse its class
for another module without clearing the counts. A spinlock that reuses one can be printed as -R and
-W."""
import os
import re

OWNERS = (
    ("driver", r"\[(haltblk|null_blk|brd)\]|^haltblk_"),
    ("scheduler", r"\[(mq_deadline|bfq|kyber_iosched)\]|^(dd|deadline|bfq|bfqg|kyber)_"),
    ("block", r"^_*(blk|blkdev|blkcg|blkg|bio|bdev|submit_bio|sbitmap|elv|elevator|rq_qos|wbt|disk|part_stat|bvec)_"
              r"|^_*submit_bio"),
    ("", r"^io_schedule"),
    ("fio", r"^_*(io|aio|do_io|iocb|futex|do_futex|lookup_ioctx|read_events|vfs_read|vfs_write|ksys_p?read|ksys_p?write)_?"
            r"|^__(x64|do)_sys_(io_|futex|p?read|p?write)"),
)
CLASS_OWNERS = (
    ("driver", r"^haltblk_|^&(gate|store|cache)->|poll_lock"),
    ("scheduler", r"^&(dd|bfqd|kqd|khd|kcq)"),
    ("block", r"^&(hctx|q|sbq|sb|tags|fq|set|bdev|disk)->|^&ws->wait"),
    ("fio", r"^&ctx->(uring_lock|completion_lock|ring_lock)|^&hb->"),
)
# Functions that only take locks, or trace that.
PRIMITIVE = re.compile(
    r"^_*(raw_(spin|read|write)_|native_queued_|pv_queued|queued_(spin|read|write)_|mutex_|ww_mutex|rwsem_|down_|down\+"
    r"|percpu_down|rt_mutex|rtlock|rt_(spin|read|write)|osq_)|^(__traceiter_|trace_|event_|raw_spin_rq_lock)")


def owner_in(table, name):
    return next((owner for owner, pattern in table if re.search(pattern, name)), "")


def lock(class_, owner, contended, site, acquisitions=None, wait_ns=None, hold_ns=None):
    return {"class": class_, "site": site, "owner": owner or "other", "acquisitions": acquisitions,
            "contended": contended, "wait_ns": wait_ns, "hold_ns": hold_ns}


# --- /proc/lock_stat ------------------------------------------------------------------------

class Entry:
    """A class, or its readers and writers: lines of figures, and the places that waited.

    Columns after a name: con-bounces contentions waittime-min -max -total -avg acq-bounces
    acquisitions holdtime-min -max -total -avg, times in microseconds. Below, separated by rows of
    dashes, are the places that waited, then those that held the lock."""

    def __init__(self):
        self.rows, self.rules, self.most, self.site = [], 0, 0, None

    def continues(self, name):
        """Do figures with this name belong to this entry?"""
        return not self.rules and (not self.rows or base(self.rows[-1][0]) == base(name))

    def point(self, line):
        m = re.search(r"(\d+) +\[<[^>]*>\] *(.*)", line)
        if m and int(m[1]) > self.most:
            self.most, self.site = int(m[1]), m[2].rstrip()

    def locks(self):
        for name, v in self.rows:
            if int(v[7]):
                owner = owner_in(OWNERS, self.site) if self.site else ""
                yield lock(name, owner or owner_in(CLASS_OWNERS, name), int(v[1]), self.site if int(v[1]) else None,
                           int(v[7]), round(float(v[4]) * 1000), round(float(v[10]) * 1000))


def base(name):
    """The class, without the suffix for readers or writers."""
    return re.sub(r"-[RW]$", "", name)


def lock_stat(text):
    entry, found = Entry(), []
    for line in text.splitlines():
        # A class may have blanks and colons in its name.
        m = re.search(r": +([0-9.]+(?: +[0-9.]+)+) *$", line)
        if m:
            name, values = line[:m.start()].lstrip(" "), m[1].split()
            if len(values) != 12:
                continue
            if not entry.continues(name):
                found += entry.locks()
                entry = Entry()
            entry.rows.append((name, values))
        elif re.search(r"^ *-+ *$", line):
            entry.rules += bool(entry.rows)
        elif entry.rules == 1:
            entry.point(line)
    return found + list(entry.locks())


# --- tracepoints lock:contention_* ------------------------------------------------------------

def kind(flags):
    """The kernel's LCB_F_* flags in words."""
    access = "read" if flags & 2 else "write" if flags & 4 else ""
    if flags & 32:
        return "mutex"
    if flags & 16:
        return "percpu-rwsem"
    if flags & 8:
        return "rt-mutex"
    if flags & 1:
        return f"rwlock-{access}" if access else "spinlock"
    return f"rwsem-{access}" if access else "semaphore"


class Stack:
    """Frames, the innermost first: the place that waited, and whose it is."""

    def __init__(self):
        self.site, self.owner, self.interrupt = None, "", False

    def frame(self, name):
        if not self.site and not PRIMITIVE.search(name):
            self.site = name
        self.interrupt = self.interrupt or name.startswith("asm_")
        if not self.interrupt and not self.owner:
            self.owner = owner_in(OWNERS, name)


def contention(text):
    """A hist trigger's table: a stack in braces, a frame a line, then its counts."""
    stack, found = Stack(), {}
    for line in text.splitlines():
        if line.startswith("{ "):
            stack = Stack()
            line = re.sub(r"^\{ *(stack\.stacktrace|stacktrace|common_stacktrace|stack)[ :]*", "", line)
        m = re.match(r"[ \t]*([A-Za-z_.0-9]+\+0x\S*)(?: +(\[\S*))?", line)
        if m:
            stack.frame(" ".join(filter(None, m.groups())))
            continue
        m = re.search(r"flags: *(\d+) *\} *hitcount: *(\d+)", line)
        if m:
            lat = re.search(r"lat: *(\d+)", line)
            key = kind(int(m[1])), stack.owner, stack.site
            entry = found.setdefault(key, lock(*key[:2], 0, stack.site, wait_ns=0))
            entry["contended"] += int(m[2])
            # If one is unknown, the sum is unknown.
            entry["wait_ns"] = entry["wait_ns"] + int(lat[1]) if lat and entry["wait_ns"] is not None else None
    return list(found.values())


# --- the directory ----------------------------------------------------------------------------

def text_of(dir_, name):
    with open(os.path.join(dir_, name), encoding="utf-8", errors="replace") as f:
        return f.read()


def lockdep_off(text):
    """After its first report, lockdep switches itself off, and lock_stat with it."""
    if "lock debugging disabled" in "".join(text.splitlines(True)[:2]):
        return ["lockdep is off after a report, and counts nothing since: see the kernel log, start the guest anew"]
    return []


def dropped(*tables):
    """The entries that did not fit into the kernel's tables."""
    lost = sum(int(n) for text in tables for n in re.findall(r"^ *Dropped: *(\d+)", text, re.M))
    return [f"{lost} waits found no room in the kernel's table: measure for a shorter time"] if lost else []


def read(dir_):
    """Raises OSError where lock-sources left nothing."""
    source = text_of(dir_, "stopped").strip()
    reasons = text_of(dir_, "reasons").splitlines()
    found = []
    if source == "lock_stat":
        text = text_of(dir_, "raw")
        reasons += lockdep_off(text)
        found = lock_stat(text)
    elif source == "contention":
        text = text_of(dir_, "raw")
        reasons += dropped(text, text_of(dir_, "begin"))
        found = contention(text)
    found.sort(key=lambda k: (-k["contended"], -(k["wait_ns"] or 0)))
    return {"source": source or None, "reason": "; ".join(reasons) or None, "locks": found}
