"""Block devices: haltblk devices that are made for a case, and those of the user."""
import errno
import json
import os
import re
import stat

from . import shell
from .plan import MODES

MODULES = {"mq-deadline": "mq-deadline", "kyber": "kyber-iosched", "bfq": "bfq"}


def sysfs_queue(path):
    """The queue directory of a device; for a partition, of its disk."""
    number = os.stat(path).st_rdev
    here = os.path.realpath(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    if os.path.exists(os.path.join(here, "partition")):
        here = os.path.dirname(here)
    return os.path.join(here, "queue")


def schedulers(path):
    """The schedulers that the kernel offers for a device, and the one in use."""
    if not os.path.exists(os.path.join(sysfs_queue(path), "scheduler")):
        return ["none"], "none"  # newer kernels, for a device without hardware queues
    with open(os.path.join(sysfs_queue(path), "scheduler"), encoding="ascii") as f:
        text = f.read()
    return re.findall(r"[\w-]+", text), (re.findall(r"\[([\w-]+)\]", text) or ["none"])[0]


def set_scheduler(path, name):
    """Raises Failed when the kernel lacks it."""
    have, now = schedulers(path)
    if now == name:
        return
    lacks = f"this kernel has no such scheduler for it, only {', '.join(have)}"
    if name not in have and name in MODULES:
        try:
            shell.run(["modprobe", "-q", MODULES[name]])
        except shell.Failed:
            raise shell.Failed(name, lacks) from None
    file = os.path.join(sysfs_queue(path), "scheduler")
    if not os.path.exists(file):
        raise shell.Failed(name, lacks)
    shell.commands[f"echo {name} >{file}"] = True
    try:
        with open(file, "w", encoding="ascii") as f:
            f.write(name)
    except OSError as e:
        raise shell.Failed(name, lacks if e.errno == errno.EINVAL else e.strerror) from None
    # A driver may accept a scheduler and not use it.
    if schedulers(path)[1] != name:
        raise shell.Failed(name, "the kernel did not take it" if name in have else lacks)


def check_free(path):
    """Raises Failed if path is not a block device, or is in use."""
    try:
        if not stat.S_ISBLK(os.stat(path).st_mode):
            raise shell.Failed(path, "not a block device")
        os.close(os.open(path, os.O_RDWR | os.O_EXCL))
    except OSError as e:
        why = e.strerror
        if e.errno == errno.EBUSY:
            why = "in use (it or a partition of it is mounted, swap, or part of another device): unmount it first"
        raise shell.Failed(path, why) from None


def locks(path):
    """The counters of the driver's own locks; None if it has none."""
    try:
        shown = json.loads(shell.run(["haltblk", "show", os.path.basename(path), "--json"],
                                     shown="haltblk show ... --json"))
    except (shell.Failed, ValueError):
        return None
    return shown.get("locks")


class Unknown(Exception):
    """an option that the driver does not have"""


class Made:
    """haltblk devices. Some are kept, because it takes a second to make and fill one."""

    MOST = 6

    def __init__(self, options):
        self.options = options
        self.made = {}
        self.next = 0

    def try_out(self):
        """Makes one and destroys it. Raises Failed or Unknown: once, instead of for each case."""
        with open("/sys/kernel/config/haltblk/features", encoding="ascii") as f:
            known = f.read().strip().split(",")
        for word in self.options:
            if word.split("=")[0] not in known:
                raise Unknown(f"{word}: the driver has no such option; it has {', '.join(sorted(known))}")
        self.make(("mq", 1, "none"), fill=False)
        self.destroy_all()

    def path(self, case):
        what = (case.mode, case.queues, case.lock_model)
        if what not in self.made:
            if len(self.made) >= self.MOST:
                self.destroy(next(iter(self.made)))
            self.make(what)
        else:
            self.made[what] = self.made.pop(what)  # the last one used is the last to go
        return self.made[what]

    def make(self, what, fill=True):
        mode, queues, lock_model = what
        name = f"measure-{os.getpid()}-{self.next}"
        self.next += 1
        words = [*self.options, f"queue_mode={MODES[mode]}", f"submit_queues={queues}"]
        if lock_model != "none":
            words.append(f"lock_model={lock_model}")
        elif "lock_hold_nsec" in " ".join(words):
            words = [w for w in words if not w.startswith("lock_hold_nsec=")]
        shell.run(["haltblk", "create", name, *words])
        self.made[what] = "/dev/" + name
        if fill and "memory_backed=1" in words:
            # Holes would be cheaper to read than data.
            size = re.findall(r"(?:^| )size=(\d+)", " ".join(words))
            shell.run(["dd", "if=/dev/zero", "of=/dev/" + name, "bs=1M", "oflag=direct",
                       "count=" + (size[-1] if size else "256"), "status=none"], timeout=600)

    def destroy(self, what):
        path = self.made.pop(what)
        try:
            shell.run(["haltblk", "destroy", os.path.basename(path)])
        except shell.Failed:
            pass  # the next run removes it

    def destroy_all(self):
        while self.made:
            self.destroy(next(iter(self.made)))


def clear_leftovers():
    """Destroys devices of runs that were killed."""
    try:
        names = os.listdir("/sys/kernel/config/haltblk")
    except OSError:
        return
    for name in names:
        owner = re.fullmatch(r"measure-(\d+)-\d+", name)
        if owner and not os.path.exists("/proc/" + owner[1]):
            try:
                shell.run(["haltblk", "destroy", name])
            except shell.Failed:
                pass
