"""Cases: what to measure, and in which order. No I/O."""
import itertools
import random
from dataclasses import asdict, dataclass

SCHEDULERS = ["none", "mq-deadline", "kyber", "bfq"]
LOCK_MODELS = ["none", "hctx", "split", "shared"]
MODES = {"mq": 2, "bio": 0}


@dataclass(frozen=True)
class Case:
    """One configuration. device is "" for a haltblk device that is made for it."""

    device: str
    mode: str  # mq, bio; "" for a device of the user
    scheduler: str
    queues: int  # 0 for a device of the user, which is not changed
    lock_model: str
    job: str
    numjobs: int

    @property
    def key(self):
        return "|".join(str(v) for v in asdict(self).values())

    @classmethod
    def of_key(cls, key):
        device, mode, scheduler, queues, lock_model, job, numjobs = key.split("|")
        return cls(device, mode, scheduler, int(queues), lock_model, job, int(numjobs))

    @property
    def words(self):
        """All that differs between cases, except for the job and the number of jobs."""
        return [
            self.device.removeprefix("/dev/"),
            "bio" if self.mode == "bio" else self.scheduler,
            f"{self.queues}q" if self.queues and self.mode != "bio" else "",
            "no lock" if self.lock_model == "none" else f"lock {self.lock_model}",
        ]


def named(words, numjobs):
    return " ".join([*filter(None, words), *([f"\u00d7{numjobs}"] if numjobs != 1 else [])])


def names(found):
    """{case: (series, label)}: the words in which cases differ; the label also has the number of jobs."""
    found = list(found)
    differ = [len(set(column)) > 1 for column in zip(*(c.words for c in found))]
    if not any(differ):
        differ = [False, True, True, False]
    named_ = {}
    for c in found:
        words = [w for w, d in zip(c.words, differ) if d]
        named_[c] = named(words, 1), named(words, c.numjobs)
    return named_


def cases(devices, modes, schedulers, queues, lock_models, jobs, numjobs, quick=False):
    """Every case once. jobs: {name: can several run it at once?}.

    Bio mode has no scheduler and no hardware queues, so it is one row. quick: only without a scheduler
    are there cases with fewer than the most queues.
    """
    found = []
    for job, several in jobs.items():
        for n in numjobs if several else [1]:
            for device in devices:
                found += [Case(device, "", s, 0, "none", job, n) for s in schedulers]
            if devices:
                continue
            if "mq" in modes:
                for s, q, lock in itertools.product(schedulers, queues, lock_models):
                    if quick and q != max(queues) and s != schedulers[0]:
                        continue
                    found.append(Case("", "mq", s, q, lock, job, n))
            if "bio" in modes:
                for lock in lock_models:
                    # A lock for each hardware queue needs hardware queues.
                    if lock != "hctx":
                        found.append(Case("", "bio", "none", 1, lock, job, n))
    return found


def rounds(found, repeats, seed):
    """(repeat, case) for all repeats. Each round has every case, in a different order, so that changes of
    the machine (heat, other load) affect all cases alike."""
    for repeat in range(repeats):
        order = list(found)
        random.Random(f"{seed}/{repeat}").shuffle(order)
        for case in order:
            yield repeat, case
