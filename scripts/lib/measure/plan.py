"""Cases: what is to be measured, and in what order. No I/O."""
import itertools
import random
from dataclasses import asdict, dataclass

SCHEDULERS = ["none", "mq-deadline", "kyber", "bfq"]
LOCK_MODELS = ["none", "hctx", "split", "shared"]
MODES = {"mq": 2, "bio": 0}


@dataclass(frozen=True)
class Case:
    """One configuration. device is "" for a haltblk device made for it."""

    device: str
    mode: str  # mq, bio; "" for a device that is there
    scheduler: str
    queues: int  # 0 for a device that is there: as it is
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
        """What is to be told apart, but for the job and the number of jobs."""
        return [
            self.device.removeprefix("/dev/"),
            "bio" if self.mode == "bio" else self.scheduler,
            f"{self.queues}q" if self.queues and self.mode != "bio" else "",
            "no lock" if self.lock_model == "none" else f"lock {self.lock_model}",
        ]


def named(words, numjobs):
    return " ".join([*filter(None, words), *([f"\u00d7{numjobs}"] if numjobs != 1 else [])])


def names(found):
    """{case: (series, label)}: only the words in which some of them differ, the label with the

    number of jobs."""
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
    """Every case once. jobs: {name: its file can be run by several at once}.

    Bio mode has no scheduler and no hardware queues, so it is one row. quick: fewer queues
    than the most only without a scheduler.
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
                    # One lock a hardware queue needs hardware queues.
                    if lock != "hctx":
                        found.append(Case("", "bio", "none", 1, lock, job, n))
    return found


def rounds(found, repeats, seed):
    """(repeat, case) for all repeats: each round has every case, each in an order of its own,

    so that what changes while it runs (heat, a neighbour) meets all of them alike."""
    for repeat in range(repeats):
        order = list(found)
        random.Random(f"{seed}/{repeat}").shuffle(order)
        for case in order:
            yield repeat, case
