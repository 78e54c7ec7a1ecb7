#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# scripts/lib/lock-sources reads what kernels print: classes with a number, a subclass,
# readers, blanks or colons in their names; call stacks with and without times.
# Run by make -C userspace check, which sets HB_SRC.

# shellcheck disable=SC2317 # functions are called through check
set -u
sources=$(cd "${HB_SRC:?}/.." && pwd)/scripts/lib/lock-sources
# shellcheck source=tests/unit/check.sh
. "${0%/*}/check.sh"

# line CLASS: CONTENTIONS WAITED ACQUISITIONS HELD (us) as lock_stat prints them.
line() { printf '%40s%14d %14d %14s %14s %14s %14s  %14d %14d %14s %14s %14s %14s\n' "$1" 1 "$2" 0.10 9.00 "$3" 1.00 2 "$4" 0.10 9.00 "$5" 1.00; }
# rule WIDTH, point CLASS COUNT SITE
rule() { printf '%40s\n' "$(printf '%*s' "$1" '' | tr ' ' -)"; }
point() { printf '%40s %14d %29s %s\n' "$1" "$2" '[<00000000c0ffee00>]' "$3"; }
dots() { printf '\n%s\n\n' "$(printf '%*s' 221 '' | tr ' ' .)"; }

{
    printf 'lock_stat version 0.4\n'
    printf '%*s\n' 221 '' | tr ' ' -
    printf '%40s %14s %14s\n' 'class name' con-bounces contentions
    printf '%*s\n\n' 221 '' | tr ' ' -
    line haltblk_lock_submit: 7 70.50 900 1800.00
    rule 19
    point haltblk_lock_submit 3 'other_site+0x1/0x2'
    point haltblk_lock_submit 4 'haltblk_lockmodel_pass+0x10/0x80 [haltblk]'
    rule 19
    point haltblk_lock_submit 7 'somebody_else+0x3/0x4'
    dots
    # The second class of that name, and a subclass of it.
    line '&q->lock#2:' 2 20.00 50 5.00
    rule 9
    point '&q->lock#2' 2 'blk_mq_get_tag+0x3/0x4'
    rule 9
    point '&q->lock#2' 2 'blk_mq_get_tag+0x3/0x4'
    dots
    line '&q->lock#2/1:' 0 0.00 8 1.00
    # Readers and writers: one place for both.
    line 'map_sem-W:' 1 3.00 5 1.00
    line 'map_sem-R:' 2 4.00 6 2.00
    rule 9
    point map_sem 3 'vfs_read+0x3/0x4'
    rule 9
    point map_sem 3 'vfs_read+0x3/0x4'
    dots
    # A spinlock in the place of a class that had readers.
    line 'haltblk_lock_complete-W:' 0 0.00 90 180.00
    line 'haltblk_lock_complete-R:' 0 0.00 0 0.00
    line '(local_lock_t *)&pcs->lock:' 0 0.00 11 1.00
    line 'drivers/char/random.c:1021:' 0 0.00 12 1.00
    line 'rcu_read_lock-R:' 0 0.00 13 1.00
    line never_taken: 0 0.00 0 0.00
} >"$tmp/lock_stat"

# shown SOURCE FILE: class, owner, acquisitions, contended, ns waited, site: a line each.
shown() {
    "$sources" read "$1" "$2" | jq -r '.locks[] | [.class, .owner, .acquisitions, .contended, .wait_ns, .site] |
        map(. // "-" | tostring) | join(" | ")' | sort
}

shown lock_stat "$tmp/lock_stat" >"$tmp/got"
sort >"$tmp/wanted" <<'EOT'
haltblk_lock_submit | driver | 900 | 7 | 70500 | haltblk_lockmodel_pass+0x10/0x80 [haltblk]
&q->lock#2 | block | 50 | 2 | 20000 | blk_mq_get_tag+0x3/0x4
&q->lock#2/1 | block | 8 | 0 | 0 | -
map_sem-W | fio | 5 | 1 | 3000 | vfs_read+0x3/0x4
map_sem-R | fio | 6 | 2 | 4000 | vfs_read+0x3/0x4
haltblk_lock_complete-W | driver | 90 | 0 | 0 | -
(local_lock_t *)&pcs->lock | other | 11 | 0 | 0 | -
drivers/char/random.c:1021 | other | 12 | 0 | 0 | -
rcu_read_lock-R | other | 13 | 0 | 0 | -
EOT
check "lock_stat: each class by its own name, once" same "$tmp/wanted" "$tmp/got"

reason() { "$sources" read "$@" | jq -r .reason; }
reason lock_stat "$tmp/lock_stat" >"$tmp/got"
check "lock_stat: there is nothing to add" grep -qx null "$tmp/got"
sed '1a *WARNING* lock debugging disabled!! - possibly due to a lockdep warning' "$tmp/lock_stat" >"$tmp/off"
reason lock_stat "$tmp/off" >"$tmp/got"
check "lock_stat: lockdep that is off is said" grep -q '^lockdep is off after a report' "$tmp/got"

echo "1..$nr"
exit $failed
