#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# Every function of the library has a complete page, made from the headers' comments. Examples
# compile, references lead to existing pages, and troff does not complain.
# Run by make -C userspace check, which sets HB_SRC, HB_OUT and CC.

# shellcheck disable=SC2317 # functions are called through check
set -u
src=${HB_SRC:?} out=${HB_OUT:?} cc=${CC:-cc}
man=$src/man made=$out/man base=$src/lib/libhaltblk/base.h
# shellcheck source=tests/unit/check.sh
. "${0%/*}/check.sh"

# section PAGE NAME: its lines
section() { awk -v s="$2" '/^\.SH / { on = $0 == ".SH " s; next } on' "$1"; }

grep -oP '\blibhaltblk_\w+(?=;)' "$src/lib/libhaltblk.map" | sort >"$tmp/map"
(cd "$made" && ls -- *.3) | sed 's/\.3$//' | sort >"$tmp/pages"
check "a page for each function of the map, and no other" same "$tmp/map" "$tmp/pages"

# The page has the prototype of the header and describes each parameter.
whole() {
    local page=$1 name section param
    name=$(basename "$page" .3)
    section "$page" NAME | grep -q "^$name \\\\- ." || { echo "NAME is not $name"; return 1; }
    for section in SYNOPSIS DESCRIPTION 'RETURN VALUE' 'SEE ALSO'; do
        [ "$(section "$page" "$section" | grep -c .)" -gt 0 ] || { echo "no $section"; return 1; }
    done
    grep -hvP '^ *(/?\*)|^#' "$src"/lib/libhaltblk/*.h | tr '\n' ' ' | grep -oP "LIBHALTBLK_API \K[^;]*\b$name\([^;]*;" |
        tr -d '[:space:]' >"$tmp/declared"
    section "$page" SYNOPSIS | grep '^\\fB\|^ ' | sed 's/\\f[BIP]//g' | tr -d '[:space:]' >"$tmp/shown"
    same "$tmp/declared" "$tmp/shown" || return 1
    while read -r param; do
        section "$page" DESCRIPTION | grep -qx "\\\\fI$param\\\\fP" || { echo "no $param"; return 1; }
    done < <(section "$page" SYNOPSIS | grep -oP '\\fI\K\w+')
}

# A function that can fail lists its errors. An int is a negative errno, unless it is a length.
errors() {
    section "$1" SYNOPSIS | grep -q '^\\fBint ' || return 0
    section "$1" 'RETURN VALUE' | grep -q 'length of the whole text' && return 0
    section "$1" ERRORS | grep -q '^\\fB\\-E' || { echo "no errors"; return 1; }
    [ -z "$(section "$1" ERRORS | grep '^\\fB\\-E' | sort | uniq -d)" ] || { echo "one twice"; return 1; }
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

for page in "$made"/*.3; do
    check "${page##*/} is whole" whole "$page"
    check "${page##*/} has errors" errors "$page"
    if [ -n "$(section "$page" EXAMPLE)" ]; then
        check "the example of ${page##*/} compiles" example "$page"
    fi
done
check "the example of libhaltblk.3 compiles" example "$man/libhaltblk.3"

# mkman refuses incomplete comments.
lacks() {
    sed "$1" "$src/lib/libhaltblk/gate.h" >"$tmp/lacks.h"
    mkdir -p "$tmp/lacks"
    ! "$man/mkman" 0 "$tmp/lacks" "$base" "$tmp/lacks.h" 2>"$tmp/said" && grep -q "$2" "$tmp/said"
}
check "an undescribed parameter is reported" lacks 's/^ \* @timeout_ns: .*/ * @other: x/' 'libhaltblk_wait: @timeout_ns is not described'
check "a function without a comment is reported" lacks 's/^ \* libhaltblk_wait() - / * wait/' 'libhaltblk_wait: no comment'
check "an undescribed return value is reported" lacks 's/^ \* Return: 0, or a/ * 0, or a/' 'libhaltblk_wait: no Return:'
check "an unknown list of errors is reported" lacks 's/Errors (attached/Errors (detached/' "no errors are called 'detached'"

grep -oP '^libhaltblk_\w+(?=\|)' "$man/libhaltblk.3" | sort >"$tmp/table"
check "the table of libhaltblk(3) has each function once" same "$tmp/map" "$tmp/table"

# The values of BlkdebugEvent in QEMU's block-core.json.
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

# Both pages that describe rules have all keys and actions of the library.
rule_words() {
    local word page bad=0
    while read -r word; do
        for page in "$man/haltblk.1" "$made/libhaltblk_rule_add.3"; do
            grep -qP "^(\.BI? (\"|)|\\\\fB|.*, *(\\\\fP\" )?)$word" "$page" || { echo "${page##*/} has no $word"; bad=1; }
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
# The manual has the other words, but none that no driver takes.
manual_words() {
    local list word bad=0
    for list in EVENTS OPS RQ_FLAGS STATUSES; do
        for word in $(words HALTBLK_$list 1); do
            grep -qw -- "$word" "$man/haltblk.1" || { echo "no $word"; bad=1; }
        done
    done
    for word in $(words HALTBLK_ACTIONS 0); do
        grep -q "action=$word" "$man/haltblk.1" && { echo "$word is not offered"; bad=1; }
    done
    for word in $(words HALTBLK_OPS 0); do
        grep -qw "$word" "$man/haltblk.1" && { echo "$word is not offered"; bad=1; }
    done
    [ "$(words HALTBLK_OPS 1 | wc -l)" -gt 10 ] && [ "$(words HALTBLK_OPS 0 | wc -l)" = 0 ] || bad=1
    return $bad
}
check "haltblk(1) has every word that is offered, and no other" manual_words
check "haltblk(1) and libhaltblk_rule_add(3) have every key and action" rule_words

# haltblk-scenario(5) has the grammar that scenarios are parsed by.
grammar() {
    "$out/haltblk" run --grammar >"$tmp/grammar" || return 1
    section "$man/haltblk-scenario.5" GRAMMAR | sed -n '/^\.nf/,/^\.fi/p' |
        sed '/^\.[nf][if]$/d; s/\\-/-/g; s/\\e/\\/g' >"$tmp/shown"
    [ "$(wc -l <"$tmp/grammar")" -gt 20 ] && same "$tmp/grammar" "$tmp/shown"
}
check "haltblk-scenario(5) has the grammar of haltblk run --grammar" grammar

# haltblk-options(7) has each option of the driver's table, with what the table says about it.
options() {
    "$cc" -std=gnu11 -Wall -Wextra -Werror -o "$tmp/options" "$src/../tests/unit/man/options.c" &&
        "$tmp/options" | sort >"$tmp/table"
    sed -n '/^\.TP$/{n;/^\.B /{s///;h;n;/^\.I /{s///;H;x;s/\n/: /;s/\\-/-/g;p}}}' "$man/haltblk-options.7" | sort >"$tmp/page"
    [ "$(wc -l <"$tmp/table")" -gt 30 ] && same "$tmp/table" "$tmp/page"
}
check "haltblk-options(7) has every option, its range, default and flags" options

# References between our own pages.
refs() {
    local name section bad=0
    while read -r name section; do
        [ -e "$man/${name//\\/}.$section" ] || [ -e "$made/$name.$section" ] || { echo "no page $name($section)"; bad=1; }
    done < <(grep -ohP '(?:^\.BR |\\fB)\K(?:lib)?haltblk[\w\\-]*(?:\\fP| )\(\d\)' "$1" |
        sed 's/\\fP/ /; s/[()]/ /g')
    return $bad
}
all=("$man"/*.[1-9] "$made"/*.3)
for page in "${all[@]}"; do check "${page##*/} refers to pages that exist" refs "$page"; done
# The formatters warn of unknown macros, lines that cannot be adjusted and wide tables. Each page
# is formatted by itself, because several would share a sheet.
quiet() { ! "$@" 2>&1 | grep .; }
if command -v groff >/dev/null; then
    each_alone() { for page in "${all[@]}"; do groff -t -man -ww -z -Tutf8 "$page"; done; }
    check "troff takes the pages" quiet each_alone
else
    skip "troff takes the pages" "groff"
fi
# Pages have a version instead of a date.
if command -v mandoc >/dev/null; then
    lint() { mandoc -Tlint -W warning "$@" 2>&1 | grep -v 'missing date'; }
    check "mandoc takes the pages" quiet lint "${all[@]}"
fi

echo "1..$nr"
exit $failed
