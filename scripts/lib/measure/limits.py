"""Limits on the cost of an I/O, and whether they are met. No I/O."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """A case on one device may cost at most so many thousandths of the cost on another."""

    name: str
    case: str
    device: str
    thousandths: int
    other: str


LIMITS = (
    Limit("blk-mq, no data, random read", "read", "haltblk-mq", 970, "null_blk"),
    Limit("blk-mq, no data, 4 queues", "read", "haltblk-mq-4q", 970, "null_blk-4q"),
    Limit("bio, no data, iostats 0, random read", "read", "haltblk-bio", 1040, "floor-bio"),
    Limit("bio, no data, iostats 1, random read", "read", "haltblk-bio-iostats", 1090, "floor-bio"),
    Limit("memory, blk-mq: random read", "read", "haltblk-mq-mem", 700, "null_blk-mem"),
    Limit("memory, blk-mq: overwrite", "over", "haltblk-mq-mem", 700, "null_blk-mem"),
    Limit("memory, blk-mq: first write", "first", "haltblk-mq-mem", 780, "null_blk-mem"),
    Limit("memory, blk-mq, 4 queues: random read", "read", "haltblk-mq-mem-4q", 700, "null_blk-mem-4q"),
    Limit("memory, blk-mq, 4 queues: overwrite", "over", "haltblk-mq-mem-4q", 700, "null_blk-mem-4q"),
    Limit("memory, blk-mq, 4 queues: first write", "first", "haltblk-mq-mem-4q", 780, "null_blk-mem-4q"),
    Limit("memory, bio: random read", "read", "haltblk-bio-mem", 1030, "brd"),
    Limit("memory, bio: overwrite", "over", "haltblk-bio-mem", 1000, "brd"),
    Limit("memory, bio: first write", "first", "haltblk-bio-mem", 1000, "brd"),
    Limit("blk-mq, one rule that does not match", "read", "haltblk-mq-armed-1rule", 1030, "haltblk-mq"),
    Limit("blk-mq, 64 rules on other ranges", "read", "haltblk-mq-armed-64rules", 1100, "haltblk-mq"),
    Limit("bio, one rule that does not match", "read", "haltblk-bio-armed-1rule", 1030, "haltblk-bio-iostats"),
    Limit("bio, 64 rules on other ranges", "read", "haltblk-bio-armed-64rules", 1100, "haltblk-bio-iostats"),
    Limit("blk-mq, those 64 and one on discards", "read", "haltblk-mq-armed-65rules", 1100, "haltblk-mq"),
    Limit("bio, those 64 and one on discards", "read", "haltblk-bio-armed-65rules", 1100, "haltblk-bio-iostats"),
    Limit("blk-mq, bad blocks elsewhere", "read", "haltblk-mq-bad", 1030, "haltblk-mq"),
    Limit("bio, bad blocks elsewhere", "read", "haltblk-bio-bad", 1030, "haltblk-bio-iostats"),
    Limit("memory, blk-mq, bad blocks elsewhere: read", "read", "haltblk-mq-mem-bad", 1030, "haltblk-mq-mem"),
    Limit("memory, blk-mq, bad blocks: overwrite", "over", "haltblk-mq-mem-bad", 1030, "haltblk-mq-mem"),
    Limit("memory, bio, bad blocks elsewhere: read", "read", "haltblk-bio-mem-bad", 1030, "haltblk-bio-mem"),
    Limit("memory, bio, bad blocks: overwrite", "over", "haltblk-bio-mem-bad", 1030, "haltblk-bio-mem"),
    Limit("blk-mq, mbps that is not reached", "read", "haltblk-mq-mbps", 1000, "null_blk-mbps"),
    Limit("zones, memory: sequential write", "zone", "haltblk-mq-zoned", 920, "null_blk-zoned"),
    Limit("discard of 1 GiB written, blk-mq", "discard", "haltblk-mq-mem", 100, "null_blk-mem"),
    Limit("discard of 1 GiB written, bio", "discard", "haltblk-bio-mem", 100, "null_blk-mem"),
    Limit("the same on 1 TiB, blk-mq", "discard", "haltblk-mq-mem-1t", 1050, "haltblk-mq-mem"),
    Limit("the same on 1 TiB, bio", "discard", "haltblk-bio-mem-1t", 1050, "haltblk-bio-mem"),
    Limit("memory per 4 KiB stored, blk-mq", "memory", "haltblk-mq-mem", 1000, "brd"),
    Limit("memory per 4 KiB stored, bio", "memory", "haltblk-bio-mem", 1000, "brd"),
    Limit("read of 16 TiB beside 1 GiB, blk-mq", "read", "haltblk-mq-mem-16384g", 1020, "haltblk-mq-mem-1g"),
    Limit("read of 16 TiB beside 1 GiB, bio", "read", "haltblk-bio-mem-16384g", 1020, "haltblk-bio-mem-1g"),
    Limit("read of 1 GiB stored beside 64 MiB, blk-mq", "read", "haltblk-mq-mem-1024m", 1010, "haltblk-mq-mem-64m"),
    Limit("read of 1 GiB stored beside 64 MiB, bio", "read", "haltblk-bio-mem-1024m", 1010, "haltblk-bio-mem-64m"),
)

# The least throughput of two CPUs, in thousandths of that of one: case, device, thousandths.
SCALING = tuple((f"scale2-{rw}", f"haltblk-{mode}-mem", 1800)
                for mode in ("mq", "bio") for rw in ("randread", "randwrite"))


def missed(over):
    """The result in words; over: how far beyond the limit it is, as a fraction of the limit."""
    return "met" if over <= 0 else f"missed by {over:.1%}"


def judged(figures):
    """Of each limit {name, figure, most, ratio, limit, against, over}. "over" is negative where the
    limit is met. Without a figure there are only name and limit."""
    for row in LIMITS:
        mine, other = (figures.get(key) for key in ((row.case, row.device), (row.case, row.other)))
        found = {"name": row.name, "limit": row.thousandths / 1000, "against": row.other}
        if mine is not None and other:
            found.update(figure=mine, most=other * row.thousandths // 1000, ratio=round(mine / other, 4),
                         over=round(mine * 1000 / (other * row.thousandths) - 1, 6))
        yield found


def judged_scaling(figures):
    """The same for lower limits: {name, figure, least, over}."""
    for case, device, least in SCALING:
        found = {"name": f"2 CPUs: {device} {case.removeprefix('scale2-')}", "least": least / 1000}
        if (case, device) in figures:
            mine = figures[case, device]
            found.update(figure=mine / 1000, over=round(1 - mine / least, 6))
        yield found
