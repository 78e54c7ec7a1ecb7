# shellcheck shell=bash
# What an I/O may cost, and how a figure is judged. Sourced by scripts/bench and tests/cost.

# name | case | device | what it may cost | case | device it is compared with
# A limit of 1040 is 1.040 times the other.
bench_limits='
blk-mq, no data, random read|read|haltblk-mq|970|read|null_blk
blk-mq, no data, 4 queues|read|haltblk-mq-4q|970|read|null_blk-4q
bio, no data, iostats 0, random read|read|haltblk-bio|1040|read|floor-bio
bio, no data, iostats 1, random read|read|haltblk-bio-iostats|1090|read|floor-bio
memory, blk-mq: random read|read|haltblk-mq-mem|700|read|null_blk-mem
memory, blk-mq: overwrite|over|haltblk-mq-mem|700|over|null_blk-mem
memory, blk-mq: first write|first|haltblk-mq-mem|780|first|null_blk-mem
memory, blk-mq, 4 queues: random read|read|haltblk-mq-mem-4q|700|read|null_blk-mem-4q
memory, blk-mq, 4 queues: overwrite|over|haltblk-mq-mem-4q|700|over|null_blk-mem-4q
memory, blk-mq, 4 queues: first write|first|haltblk-mq-mem-4q|780|first|null_blk-mem-4q
memory, bio: random read|read|haltblk-bio-mem|1030|read|brd
memory, bio: overwrite|over|haltblk-bio-mem|1000|over|brd
memory, bio: first write|first|haltblk-bio-mem|1000|first|brd
blk-mq, one rule that does not match|read|haltblk-mq-armed-1rule|1030|read|haltblk-mq
blk-mq, 64 rules on other ranges|read|haltblk-mq-armed-64rules|1100|read|haltblk-mq
bio, one rule that does not match|read|haltblk-bio-armed-1rule|1030|read|haltblk-bio-iostats
bio, 64 rules on other ranges|read|haltblk-bio-armed-64rules|1100|read|haltblk-bio-iostats
blk-mq, those 64 and one on discards|read|haltblk-mq-armed-65rules|1100|read|haltblk-mq
bio, those 64 and one on discards|read|haltblk-bio-armed-65rules|1100|read|haltblk-bio-iostats
discard of 1 GiB written, blk-mq|discard|haltblk-mq-mem|100|discard|null_blk-mem
discard of 1 GiB written, bio|discard|haltblk-bio-mem|100|discard|null_blk-mem
the same on 1 TiB, blk-mq|discard|haltblk-mq-mem-1t|1050|discard|haltblk-mq-mem
the same on 1 TiB, bio|discard|haltblk-bio-mem-1t|1050|discard|haltblk-bio-mem
memory per 4 KiB stored, blk-mq|memory|haltblk-mq-mem|1000|memory|brd
memory per 4 KiB stored, bio|memory|haltblk-bio-mem|1000|memory|brd
read of 16 TiB beside 1 GiB, blk-mq|read|haltblk-mq-mem-16384g|1020|read|haltblk-mq-mem-1g
read of 16 TiB beside 1 GiB, bio|read|haltblk-bio-mem-16384g|1020|read|haltblk-bio-mem-1g
read of 1 GiB stored beside 64 MiB, blk-mq|read|haltblk-mq-mem-1024m|1010|read|haltblk-mq-mem-64m
read of 1 GiB stored beside 64 MiB, bio|read|haltblk-bio-mem-1024m|1010|read|haltblk-bio-mem-64m
'

# bench_figure CASE DEVICE FILE...: files have lines "CASE DEVICE VALUE".
bench_figure() { awk -v c="$1" -v d="$2" '$1 == c && $2 == d { v = $3 } END { print v }' "${@:3}"; }

# bench_verdicts SLACK FILE...: a line a limit, "NAME|FIGURE|MOST|OTHER|RATIO|LIMIT|VERDICT":
# FIGURE is RATIO times that of OTHER and may be LIMIT times, MOST. VERDICT is met, missed by so
# many per cent, or unknown where a figure is missing. Up to SLACK thousandths are not missed.
bench_verdicts() {
    local slack=$1 name case dev limit case2 dev2
    shift
    while IFS='|' read -r name case dev limit case2 dev2; do
        [ -n "$name" ] || continue
        awk -v n="$name" -v m="$(bench_figure "$case" "$dev" "$@")" -v o="$(bench_figure "$case2" "$dev2" "$@")" \
            -v l="$limit" -v d="$dev2" -v slack="$slack" 'BEGIN {
            if (m == "" || !o) { printf "%s|%s||%s||%.2f|unknown\n", n, m, d, l / 1000; exit }
            over = m / o / l * 1e6 - 1000
            printf "%s|%d|%d|%s|%.3f|%.2f|%s\n", n, m, o * l / 1000, d, m / o, l / 1000,
                over <= slack ? "met" : sprintf("missed by %.1f%%", over / 10) }'
    done <<<"$bench_limits"
}
