# shellcheck shell=bash
# Zones, as blkzone shows them; sourced by tests in zoned/. Zones have 2 MiB (4096 sectors) unless a
# test says otherwise.

zone_sectors=4096

# zone DEV NR: condition and write pointer (sectors from the start of the zone), as "em 0".
zone() {
    local report
    report=$(blkzone report -o $(($2 * zone_sectors)) -c 1 "$1") || bail "blkzone report: $report"
    [[ $report =~ wptr\ 0x([0-9a-f]+).*zcond:\ *[0-9]+\(([a-z]+)\) ]] || bail "blkzone report: $report"
    echo "${BASH_REMATCH[2]} $((16#${BASH_REMATCH[1]}))"
}

# zones DEV FIRST COUNT: the same of several zones.
zones() {
    local i all=()
    for ((i = $2; i < $2 + $3; i++)); do all+=("$(zone "$1" $i)"); done
    (IFS=,; echo "${all[*]}")
}

# zone_do ACTION DEV NR [COUNT]: blkzone's open, close, finish or reset.
zone_do() { blkzone "$1" -o $(($3 * zone_sectors)) -c "${4:-1}" "$2"; }

# zone_at NR [SECTORS]: where a zone begins, in bytes, for hbio and dd.
zone_at() { echo $((($1 * zone_sectors + ${2:-0}) * 512)); }
