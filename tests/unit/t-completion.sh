#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# The completions know all commands and options of --help, and offer the words that fit. Runs the
# one for bash, and reads those for zsh and fish.
# Run by make -C userspace check, which sets HB_SRC and HB_OUT.

# shellcheck disable=SC2317,SC2329 # functions are called through check and by the completion
set -u
src=${HB_SRC:?} out=${HB_OUT:?}
# shellcheck source=tests/unit/check.sh
. "${0%/*}/check.sh"
# shellcheck source=/dev/null
. "$out/completions/haltblk.bash"

# Answers the completion like a driver with two devices, two rules and three held requests.
haltblk() {
    case $1 in
    rules) printf 'tag event\nK%s media\nL%s submit\n' "$2" "$2" ;;
    held) printf 'id tag\n7 K\n12 K\n9 K\n' ;;
    --words) "$out/haltblk" "$@" ;;
    esac
}
_haltblk_devices() { printf '%s\n' hb0 hb1; }
_haltblk_disks() { printf '%s\n' hb0 hb1 sda sda1; }
compopt() { :; }

# complete_line LINE: sets COMPREPLY. Splits LINE like readline, with the cursor at its end.
complete_line() {
    local rest=$1 word
    COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=()
    while [ -n "$rest" ]; do
        case $rest in
        ' '*) rest=${rest#"${rest%%[! ]*}"}; [ -n "$rest" ] || COMP_WORDS+=('') ;;
        [=:]*) word=${rest%%[!=:]*} COMP_WORDS+=("$word") rest=${rest#"$word"}
            [ -n "$rest" ] || COMP_WORDS+=('') ;;
        *) word=${rest%%[ =:]*} COMP_WORDS+=("$word") rest=${rest#"$word"} ;;
        esac
    done
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _haltblk haltblk "${COMP_WORDS[COMP_CWORD]}" ''
}
gives() {
    complete_line "$1"
    printf '%s\n' "${COMPREPLY[*]-}" >"$tmp/got"
    printf '%s\n' "$2" >"$tmp/want"
    same "$tmp/want" "$tmp/got"
}
has() { complete_line "$1"; [[ " ${COMPREPLY[*]-} " == *" $2 "* ]] || { echo "${COMPREPLY[*]-}"; return 1; }; }

offers() { check "'$1' gives $2" gives "$1" "$2"; }
offers 'haltblk re' 'resume remove'
offers 'haltblk help bac' 'backtrace'
offers 'haltblk show ' 'hb0 hb1 --json --help -h'
offers 'haltblk show h' 'hb0 hb1'
offers 'haltblk show /dev/' '/dev/hb0 /dev/hb1'
offers 'haltblk limits sd' 'sda sda1'
offers 'haltblk discard /dev/sd' '/dev/sda /dev/sda1'
offers 'haltblk io h' 'hb0 hb1'
offers 'haltblk break hb0 s' 'submit'
offers 'haltblk break hb0 un' 'unmap'
offers 'haltblk break hb0 media ' 'Khb0 Lhb0 --help -h'
offers 'haltblk break hb0 media K o' 'op= owner='
offers 'haltblk break hb0 media K op=' 'discard flush read secure_erase write write_zeroes zone_append zone_close zone_finish zone_open zone_reset'
offers 'haltblk break hb0 media K op=wr' 'write write_zeroes'
offers 'haltblk break hb0 media K op=read,wr' 'read,write read,write_zeroes'
offers 'haltblk break hb0 media K op=read,write,re' ''
offers 'haltblk break hb0 media K flags=fua,s' 'fua,sync'
offers 'haltblk break hb0 media K op=read action=d' 'delay= drop'
offers 'haltblk break hb0 media K action=fail=ME' 'MEDIUM'
offers 'haltblk break hb0 media K action=c' 'corrupt= count crash'
offers 'haltblk break hb0 media K owner=' 'device session'
offers 'haltblk break hb0 media K count=' ''
offers 'haltblk wait hb1 ' 'Khb1 Lhb1 --count --timeout --help -h'
offers 'haltblk wait --count 2 hb1 K' 'Khb1'
offers 'haltblk wait hb1 --count ' ''
offers 'haltblk resume hb0 --st' '--status'
offers 'haltblk resume hb0 K --status NOS' 'NOSPC'
offers 'haltblk resume hb0 K --status=NOS' 'NOSPC'
offers 'haltblk resume hb0 --id ' '12 7 9'
offers 'haltblk resume hb0 --id 7,' '7,12 7,9'
offers 'haltblk resume hb0 --id 7 --st' '--status'
offers 'haltblk step hb0 --id 1' '12'
offers 'haltblk discard hb0 --explain=' 'trace'
offers 'haltblk run x.hb h' 'hb0 hb1'
offers 'haltblk run --mode ' 'bio mq'
offers 'haltblk destroy h' 'hb0 hb1'
offers 'haltblk create hb0 cache=' 'none volatile'
offers 'haltblk create hb0 size=64 lock_model=s' 'split shared'
offers 'haltblk create hb0 discard_reads=po' 'poison'
offers 'haltblk set hb0 memory_backed=' '0 1'
offers 'haltblk set /dev/hb0 power=' '0 1'
offers 'haltblk create hb0 size=' ''
offers 'haltblk create hb0 nonsense=' ''
offers 'haltblk nonsense ' ''
offers 'haltblk break hb0 media K action=cra' 'crash'
offers 'haltblk break hb0 media K op=zone' 'zone_append zone_close zone_finish zone_open zone_reset'
cd "$tmp" && mkdir sub && : >sub/one.hb
offers 'haltblk run sub/o' 'sub/one.hb'
offers 'haltblk io hb0 --file sub/o' 'sub/one.hb'
offers 'haltblk io hb0 -f sub/o' 'sub/one.hb'

# Each completion has every command and every option of --help.
"$out/haltblk" help | awk '/^  [a-z]/ { print $1 }' | grep -vx help >"$tmp/commands"
knows() {
    local cmd=$1 option long bad=0
    while read -r option; do
        long=${option#--}
        has "haltblk $cmd -" "$option" || { echo "bash: no $option"; bad=1; }
        grep -q "^    ($cmd) _arguments .*$option\(\[\|=\)" "$out/completions/haltblk.zsh" || { echo "zsh: no $option"; bad=1; }
        grep -q "^complete -c haltblk -n '__haltblk_is $cmd' -l $long\( \|$\)" "$out/completions/haltblk.fish" ||
            { echo "fish: no $option"; bad=1; }
    done < <("$out/haltblk" "$cmd" --help | grep -oE '^ +(-[a-z], )?--[a-z]+' | grep -o -- '--.*')
    has "haltblk $cmd -" --help || bad=1
    grep -q "^        '$cmd:" "$out/completions/haltblk.zsh" || { echo "zsh: no $cmd"; bad=1; }
    grep -q "^complete -c haltblk -n __haltblk_no_command -a $cmd -d " "$out/completions/haltblk.fish" || { echo "fish: no $cmd"; bad=1; }
    return $bad
}
while read -r cmd; do check "each knows $cmd and its options" knows "$cmd"; done <"$tmp/commands"
many() { [ "$(wc -l <"$tmp/commands")" -ge 20 ]; }
check "there are commands" many
left() { ! grep -n '@[A-Z]*@' "$out"/completions/haltblk.*; }
check "nothing of the templates is left" left

# The values of options are those of the driver's table: its words, "0/1", and the few modes.
listed() {
    sed -n '/"option_values"/,/^  }/ s/^    "\(\w*\)": .*/\1/p' "$out/commands.json" | while read -r option; do
        echo "$option $(_haltblk_values "$option" | paste -sd'|')"
    done | sort
}
table() {
    echo 'power 0|1'
    perl -0ne 's/\s*\\\n\s*/ /g; while (/\bX\((\w+), \w+, (INT|BOOL|WORD), [^,]*, ([^,]*), ([^,]*), ([^"]*)"([^"]*)"/g) {
        my ($name, $type, $min, $max, $flags, $unit) = ($1, $2, $3, $4, $5, $6);
        my @modes = $unit eq "mode" ? grep { $flags !~ /EVEN/ || $_ % 2 == 0 } $min .. $max : ();
        my $values = $type eq "WORD" ? $unit : $unit eq "0/1" ? "0|1" : join "|", @modes;
        print "$name $values\n" if $values ne "";
    }' "$src/../driver/config.h"
}
values_agree() { table | sort >"$tmp/want"; listed >"$tmp/got"; [ "$(wc -l <"$tmp/got")" -gt 10 ] && same "$tmp/want" "$tmp/got"; }
check "the values of options are those of the driver" values_agree

# If these shells are installed, they can parse their completions, and complete values.
fish_gives() {
    fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$out/completions/haltblk.fish" "$1" | paste -sd' ' >"$tmp/got"
    echo "$2" >"$tmp/want"
    same "$tmp/want" "$tmp/got"
}
# The last line of the file would begin to complete.
zsh_gives() {
    # shellcheck disable=SC2016 # zsh expands it
    zsh -fc 'compadd() { print -r -- ${@:#--} }; compset() { :; }
        eval "$(sed \$d $1)"; words=($=2) PREFIX=$3; _haltblk_words OPTION' zsh "$out/completions/haltblk.zsh" "$1" "${1##* }" >"$tmp/got"
    echo "$2" >"$tmp/want"
    same "$tmp/want" "$tmp/got"
}
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        check "$shell reads it" $shell -n "$out/completions/haltblk.$shell"
    fi
done
if command -v fish >/dev/null; then
    check "fish completes the values of an option" fish_gives 'haltblk create hb0 cache=' 'cache=none cache=volatile'
    check "and none of another" fish_gives 'haltblk create hb0 size=' ''
fi
if command -v zsh >/dev/null; then
    check "zsh completes the values of an option" zsh_gives 'create hb0 lock_model=' 'none hctx split shared'
    check "and none of another" zsh_gives 'create hb0 size=' ''
fi

echo "1..$nr"
exit $failed
