#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# Every function of the library has a page, every page is of a function, and what a page
# says of prototypes and errors is what the header says; its example compiles; troff does
# not complain.
# Run by make -C userspace check, which sets HB_SRC and CC.

# shellcheck disable=SC2317 # functions are called through check
set -u
src=${HB_SRC:?} cc=${CC:-cc}
man=$src/man header=$src/lib/libhaltblk.h
# shellcheck source=tests/unit/check.sh
. "${0%/*}/check.sh"

# section PAGE NAME: its lines
section() { awk -v s="$2" '/^\.SH / { on = $0 == ".SH " s; next } on' "$1"; }

# functions_of PAGE: the names before the dash of NAME
functions_of() { section "$1" NAME | sed 's/ \\- .*//' | tr -d ' ' | tr ',' '\n'; }

grep -oP '\blibhaltblk_\w+(?=;)' "$src/lib/libhaltblk.map" | sort >"$tmp/map"
(cd "$man" && ls libhaltblk_*.3) | sed 's/\.3$//' | sort >"$tmp/pages"
check "a page for each function of the map, and no other" same "$tmp/map" "$tmp/pages"

grep -L '^\.so ' "$man"/libhaltblk_*.3 >"$tmp/real"
grep -l '^\.so ' "$man"/libhaltblk_*.3 >"$tmp/links"

# man follows one link, from the directory above.
link() {
    local to
    to=$man/$(sed -n 's|^\.so man3/||p' "$1")
    [ "$(wc -l <"$1")" = 1 ] && ! grep -q '^\.so ' "$to" &&
        functions_of "$to" | grep -qx "$(basename "$1" .3)"
}
while read -r page; do
    check "${page##*/} leads to a page that has it" link "$page"
done <"$tmp/links"

# Prototypes without blanks, one a line.
prototypes() { tr -d '[:space:]"' | sed 's/);/);\n/g' | sed '/^$/d'; }
synopsis() { section "$1" SYNOPSIS | sed -n 's/^\.BI\? //p' | grep -v '^#' | prototypes; }
# A doc comment of the header: "NAME -ERRNO" for each errno in it.
awk '/^\/\*\*/ { doc = ""; on = 1 } on { doc = doc " " $0 } /\*\// && on { on = 0
        if (!match(doc, /libhaltblk_[a-z_]+\(\)/)) next
        fn = substr(doc, RSTART, RLENGTH - 2)
        while (match(doc, /-E[A-Z0-9]+/)) {
            print fn, substr(doc, RSTART + 1, RLENGTH - 1); doc = substr(doc, RSTART + RLENGTH) } }' \
    "$header" | sort -u >"$tmp/errors"
sed -n '/^ \* Common errors:/,/^ \*$/p' "$header" | grep -oP '(?<=-)E[A-Z0-9]+' | sort -u >"$tmp/common"
errors_of() { section "$1" ERRORS | grep -oP '^\.B \\-\KE[A-Z0-9]+' | sort; }

whole() {
    local page=$1 name fn
    name=$(basename "$page" .3)
    functions_of "$page" >"$tmp/fns"
    grep -qx "$name" "$tmp/fns" || { echo "NAME has not $name"; return 1; }
    synopsis "$page" | grep -o 'libhaltblk_[a-z_]*(' | tr -d '(' >"$tmp/shown"
    same "$tmp/fns" "$tmp/shown" || return 1
    for fn in DESCRIPTION 'RETURN VALUE' 'SEE ALSO'; do
        [ -n "$(section "$page" "$fn")" ] || { echo "no $fn"; return 1; }
    done
    while read -r fn; do
        if [ "$fn" != "$name" ] && ! [ -e "$man/$fn.3" ]; then echo "no page $fn"; return 1; fi
    done <"$tmp/fns"
}

# Each errno of the page stands in the header, and each of the header in the page.
errors() {
    errors_of "$1" >"$tmp/page"
    if [ -n "$(uniq -d "$tmp/page")" ]; then echo "twice: $(uniq -d "$tmp/page")"; return 1; fi
    functions_of "$1" | while read -r fn; do sed -n "s/^$fn //p" "$tmp/errors"; done |
        sort -u >"$tmp/doc"
    comm -23 "$tmp/page" <(sort -u "$tmp/doc" "$tmp/common") | sed 's/$/: not in the header/' >"$tmp/odd"
    comm -13 "$tmp/page" "$tmp/doc" | sed 's/$/: not in the page/' >>"$tmp/odd"
    cat "$tmp/odd"
    [ ! -s "$tmp/odd" ]
}

# The examples are statements of a function that has a handle, h.
example() {
    {
        printf '#include <errno.h>\n#include <inttypes.h>\n#include <libhaltblk.h>\n'
        printf '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n'
        printf 'int example(struct libhaltblk *h);\nint example(struct libhaltblk *h)\n{\n(void)h;\n{\n'
        section "$1" EXAMPLE | sed -n '/^\.EX/,/^\.EE/p' |
            sed '/^\./d; s/\\&//g; s/\\-/-/g; s/\\e/\\/g'
        printf '}\nreturn 0;\n}\n'
    } >"$tmp/example.c"
    "$cc" -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I "$src/lib" -I "$src/../driver/uapi" \
        "$tmp/example.c"
}

: >"$tmp/synopses"
while read -r page; do
    synopsis "$page" >>"$tmp/synopses"
    check "${page##*/} is whole" whole "$page"
    check "${page##*/} has the errors of the header" errors "$page"
    if [ -n "$(section "$page" EXAMPLE)" ]; then
        check "the example of ${page##*/} compiles" example "$page"
    fi
done <"$tmp/real"
check "the example of libhaltblk.3 compiles" example "$man/libhaltblk.3"

grep -vP '^ *(/?\*)|^#' "$header" | tr '\n' ' ' | grep -oP 'LIBHALTBLK_API \K[^;]*;' | prototypes |
    sort >"$tmp/declared"
sort -o "$tmp/synopses" "$tmp/synopses"
check "prototypes are those of the header" same "$tmp/declared" "$tmp/synopses"
grep -oP '^libhaltblk_\w+(?=\|)' "$man/libhaltblk.3" | sort >"$tmp/table"
check "the table of libhaltblk(3) has each function once" same "$tmp/map" "$tmp/table"

# All that QEMU's block-core.json lists as BlkdebugEvent.
events() {
    local event bad=0
    for event in l1_update l1_grow_alloc_table l1_grow_write_table l1_grow_activate_table l2_load \
        l2_update l2_update_compressed l2_alloc_cow_read l2_alloc_write read_aio \
        read_backing_aio read_compressed write_aio write_compressed vmstate_load vmstate_save \
        cow_read cow_write reftable_load reftable_grow reftable_update refblock_load \
        refblock_update refblock_update_part refblock_alloc refblock_alloc_hookup \
        refblock_alloc_write refblock_alloc_write_blocks refblock_alloc_write_table \
        refblock_alloc_switch_table cluster_alloc cluster_alloc_bytes cluster_free flush_to_os \
        flush_to_disk pwritev_rmw_head pwritev_rmw_after_head pwritev_rmw_tail \
        pwritev_rmw_after_tail pwritev pwritev_zero pwritev_done empty_image_prepare \
        l1_shrink_write_table l1_shrink_free_l2_clusters cor_write cluster_alloc_space none; do
        section "$man/haltblk-blkdebug.7" EVENTS |
            grep -qP "^(\.BR? )?$event(\||$| )" || { echo "not there: $event"; bad=1; }
    done
    return $bad
}
check "haltblk-blkdebug(7) has every event of blkdebug" events

# Keys and actions as the library has them stand in both pages that tell of them.
rule_words() {
    local word page bad=0
    while read -r word; do
        for page in haltblk.1 libhaltblk_rule_add.3; do
            grep -qP "^(\.BI? (\"|)|\\\\fB|.*, *\\\\fP\" )$word" "$man/$page" || { echo "$page has no $word"; bad=1; }
        done
    done <"$tmp/words"
    [ "$(wc -l <"$tmp/words")" -gt 20 ] || bad=1
    return $bad
}
# Rows of haltblk_words.h: X(name, number, "word", offered, ...
words() { sed -n "/^#define $1(X)/,/^\$/s/^X(.*, [0-9]*, \"\(\w*\)\", $2, .*/\1/p" "$src/../driver/uapi/haltblk_words.h"; }
{
    words HALTBLK_KEYS 1 | sed 's/$/=/'
    sed -n 's/^\t{ \.name = "\(\w*\)", .*/\1=/p' "$src/lib/rule.c"
    words HALTBLK_ACTIONS 1 | sed 's/^/action=/'
} >"$tmp/words"
check "haltblk(1) and libhaltblk_rule_add(3) have every key and action" rule_words

# References between our own pages.
refs() {
    local name section bad=0
    while read -r name section; do
        [ -e "$man/${name//\\/}.$section" ] || { echo "no page $name($section)"; bad=1; }
    done < <(grep -ohP '(?:^\.BR |\\fB)\K(?:lib)?haltblk[\w\\-]*(?:\\fP| )\(\d\)' "$1" |
        sed 's/\\fP/ /; s/[()]/ /g')
    return $bad
}
mapfile -t all < <(grep -L '^\.so ' "$man"/*.[1-9])
for page in "${all[@]}"; do check "${page##*/} refers to pages that exist" refs "$page"; done
# What the formatters warn of: unknown macros, lines that cannot be adjusted, wide tables. Each
# by itself: one after the other they would share a sheet.
quiet() { ! "$@" 2>&1 | grep .; }
if command -v groff >/dev/null; then
    each_alone() { for page in "${all[@]}"; do groff -t -man -ww -z -Tutf8 "$page"; done; }
    check "troff takes the pages" quiet each_alone
else
    skip "troff takes the pages" "groff"
fi
# A page has no date: it is of a version.
if command -v mandoc >/dev/null; then
    lint() { mandoc -Tlint -W warning "$@" 2>&1 | grep -v 'missing date'; }
    check "mandoc takes the pages" quiet lint "${all[@]}"
fi

echo "1..$nr"
exit $failed
