# shellcheck shell=bash
# The lane of the driver's own unit tests: loads haltblk_kunit.ko on the debug kernel and
# passes on what each suite left in debugfs. Sourced by tests/run.

# Runs in the guest: TAP as KUnit writes it, with the suite in each point's name.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -euo pipefail
    # What a suite asks to fail does, and nothing else; quietly.
    for f in failslab fail_page_alloc; do
        f=/sys/kernel/debug/$f
        [ -d $f ] || continue
        echo 0 >$f/verbose
        echo Y >$f/task-filter
        echo -1 >$f/times
        echo 100 >$f/probability
        [ ! -e $f/min-order ] || echo 0 >$f/min-order
    done
    insmod "$1"
    printf '@begin kunit\n'
    total=0
    for f in /sys/kernel/debug/kunit/*/results; do
        suite=$(basename "$(dirname "$f")")
        cases=$(grep -c '^ *\(not \)\?ok [0-9]* ' "$f" || :)
        # The points of a suite are indented; the line for the suite itself is none.
        while IFS= read -r line; do
            case $line in
            '    ok '* | '    not ok '*)
                total=$((total + 1))
                line=${line#    }
                verdict=${line%%[0-9]*}
                name=${line#"$verdict"}
                name=${name#* }
                printf '%s%d - %s: %s\n' "$verdict" "$total" "$suite" "${name#- }"
                ;;
            '    #'* | '        #'*) printf '#%s\n' "${line#*#}" ;;
            esac
        done <"$f"
        if [ "$cases" = 0 ]; then
            total=$((total + 1))
            printf 'not ok %d - %s: no result\n' "$total" "$suite"
        fi
    done
    printf '1..%d\n' "$total"
    rmmod haltblk_kunit
    printf '@end kunit 0 0\n'
    exit
fi

run_kunit() {
    local kernel=uml-debug
    rc=0
    lacks='kunit-skip'
    mkdir -p "$out/kunit/guest"
    scripts/vm -q -k $kernel --cpus 1 --mem 2G --timeout 300 --kmemleak --log "$out/kunit/guest/console" \
        -- bash tests/kunit/lane.sh "out/build/$kernel/driver/haltblk_kunit.ko" \
        >"$out/kunit/guest/stdout" 2>"$out/kunit/guest/stderr" || rc=$?
    lane_stream <"$out/kunit/guest/stdout"
    if [ "$rc" != 0 ]; then
        note_failure guest "scripts/vm ended with $rc: $(tail -n 20 "$out/kunit/guest/stderr" | tr '\n' '|')"
    fi
}
