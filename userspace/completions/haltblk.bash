# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# bash completion for haltblk(1)

_haltblk_devices() {
    local dir=/sys/kernel/config/haltblk d
    for d in "$dir"/*/; do
        [ -d "$d" ] && basename "$d"
    done
    for d in /sys/block/haltblk[0-9]*; do
        [ -d "$d" ] && basename "$d"
    done
}

_haltblk_tags() {
    haltblk rules "$1" 2>/dev/null | awk 'NR > 1 { print $1 }' | sort -u
}

_haltblk_ids() {
    haltblk held "$1" 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_haltblk_options() {
    local dir=/sys/kernel/config/haltblk
    if [ -d "$dir/$1" ]; then
        ls "$dir/$1"
    else
        tr ',' '\n' <"$dir/features"
    fi 2>/dev/null | sed 's/$/=/'
}

# What one KEY= of break takes.
_haltblk_value() {
    case $1 in
    op) echo read write flush discard secure_erase write_zeroes ;;
    flags) echo fua sync meta prio rahead nowait polled ;;
    action) echo hold delay= fail= drop torn= corrupt= busy count ;;
    owner) echo device session ;;
    esac
}

_haltblk_statuses='OK NOTSUPP TIMEOUT NOSPC TRANSPORT TARGET RESV_CONFLICT MEDIUM
    PROTECTION RESOURCE IOERR AGAIN OFFLINE ZONE_OPEN_RESOURCE ZONE_ACTIVE_RESOURCE'

_haltblk() {
    local commands='create destroy list show set break wait held resume step settle
        remove rules backtrace events run io discard zeroout secdiscard
        limits help'
    local keys='op= sector= hctx= cpu= pid= comm= flags= state= set_state= skip= count=
        chance= action= owner='
    local cur=${COMP_WORDS[COMP_CWORD]} prev='' cmd=${COMP_WORDS[1]-} words=''

    [ "$COMP_CWORD" -gt 0 ] && prev=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$cur")
        return
    fi
    if [ "$prev" = --status ]; then
        mapfile -t COMPREPLY < <(compgen -W "$_haltblk_statuses" -- "$cur")
        return
    fi
    if [ "$prev" = --mode ]; then
        mapfile -t COMPREPLY < <(compgen -W 'bio mq' -- "$cur")
        return
    fi
    if [ "$prev" = --file ] || [ "$prev" = -f ] || [ "$cmd:$COMP_CWORD" = run:2 ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
    fi
    if [ "$prev" = --id ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_haltblk_ids "${COMP_WORDS[2]-}")" -- "$cur")
        return
    fi
    # readline splits words at '='.
    if [ "$cur" = = ] || [ "$prev" = = ]; then
        [ "$cur" = = ] && cur='' || prev=${COMP_WORDS[COMP_CWORD - 2]}
        mapfile -t COMPREPLY < <(compgen -W "$(_haltblk_value "$prev")" -- "$cur")
        return
    fi
    case $cmd in
    wait) words='--count --timeout' ;;
    held | list | show) words='--json' ;;
    limits) words='--json --probe --offset --length --force' ;;
    rules) words='--json --unhit' ;;
    resume) words='--id --all --order --status' ;;
    remove) words='--all' ;;
    step) words='--id --json' ;;
    backtrace) words='--id --json' ;;
    settle) words='--inflight --held --timeout' ;;
    events) words='--follow --json' ;;
    io) words='--file --buffered --timeout' ;;
    run) words='--mode --timeout' ;;
    discard | zeroout | secdiscard) words='--offset --length --step --force
        --explain --explain=trace --verbose --quiet --json' ;;
    esac
    words+=' --help'
    case $cmd:$COMP_CWORD in
    help:2) words=$commands ;;
    discard:2 | zeroout:2 | secdiscard:2 | io:2 | limits:2)
        words+=" $(ls /sys/class/block 2>/dev/null)" ;;
    list:* | create:2) ;;
    run:3) words+=" $(_haltblk_devices)" ;;
    *:2) words+=" $(_haltblk_devices)" ;;
    break:3) words+=' submit media complete timeout writeback unmap' ;;
    break:4) ;;
    break:*) words+=" $keys" ;;
    wait:3 | resume:3 | step:3 | remove:3) words+=" $(_haltblk_tags "${COMP_WORDS[2]}")" ;;
    create:* | set:*) words+=" $(_haltblk_options "${COMP_WORDS[2]}")" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -F _haltblk haltblk
