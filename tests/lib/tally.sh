# shellcheck shell=bash
# Reads the output of a lane (TAP, and the @ lines of tests/guest-run) and turns it into
# results, one on each line of $results:
#   LANE <tab> TEST <tab> pass|fail|skip|unexpected <tab> POINT <tab> MS <tab> DETAIL
# and prints one line for each test. What a failed test said is added to $results.failed, too. Every test that began has at least one result; a test that
# prints nothing, or stops half way, has failed.

# tally LANE LACKS <STREAM: LACKS are the words whose skips this lane expects.
tally() {
    local lane=$1 lacks=" $2 " line test='' word rest ms
    while IFS= read -r line; do
        line=${line%$'\r'}
        case $line in
        '@begin '*) test_begin "${line#@begin }" ;;
        '@need '*)
            read -r _ word rest <<<"$line"
            test_begin "$word"
            if [[ $lacks == *" $rest "* ]]; then
                result skip "$word" "needs $rest"
            else
                result unexpected "$word" "needs $rest, which this lane should have"
            fi
            test_show 0
            test=''
            ;;
        '@fault '*) read -r _ _ rest <<<"$line"; result fail runner "$rest" ;;
        '@end '*)
            read -r _ _ rest ms <<<"$line"
            test_end "$rest" "$ms"
            ;;
        '@abort '*) ;;
        *) [ -z "$test" ] || test_line "$line" ;;
        esac
    done
    if [ -n "$test" ]; then
        result fail runner 'no result: the guest was gone before the test had ended'
        test_show 0
    fi
}

test_begin() {
    test=$1
    passed=0 failed=0 skipped=0 planned='' points=0 trail='' skip_all=''
    shown=()
}

# result WHAT POINT DETAIL
result() {
    case $1 in
    pass) passed=$((passed + 1)) ;;
    skip) skipped=$((skipped + 1)) ;;
    *)
        failed=$((failed + 1))
        shown+=("$2")
        [ -z "${3:-}" ] || shown+=("  ${3//|/$'\n'      }")
        ;;
    esac
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$lane" "$test" "$1" "${2//$'\t'/ }" "${test_ms:-0}" \
        "$(tr '\t' ' ' <<<"${3:-}")" >>"$results"
}

skip_result() {
    local why=$1 cap=${1%% *}
    # A skipped point names the word of tests/lib/have.sh that it needs.
    if [[ $lacks == *" $cap "* ]]; then
        result skip "$2" "$why"
    else
        result unexpected "$2" "skipped, and this lane lacks no '$cap': $why"
    fi
}

test_line() {
    local line=$1 name
    case $line in
    'ok '*)
        points=$((points + 1))
        name=${line#ok * - }
        if [[ $name == *' # SKIP '* ]]; then
            skip_result "${name##* # SKIP }" "${name%% # SKIP *}"
        else
            result pass "$name" ''
        fi
        ;;
    'not ok '*)
        points=$((points + 1))
        result fail "${line#not ok * - }" ''
        ;;
    '1..0 # SKIP'*) planned=0 skip_all=${line#1..0 # SKIP } ;;
    '1..'*) planned=${line#1..} ;;
    '#'*) if [ "$failed" -gt 0 ]; then shown+=("  $line"); fi ;;
    *) [ -z "$line" ] || trail=$line ;;
    esac
}

# test_end STATUS MS
test_end() {
    local status=$1 before=$failed
    test_ms=$2
    if [ "$status" = 77 ] && [ "$planned" = 0 ]; then
        skip_result "$skip_all" "$test"
    elif [ -z "$planned" ]; then
        result fail runner "no plan: it ended with status $status after $points points; last words: ${trail:-none}"
    elif [ "$planned" != "$points" ]; then
        result fail runner "planned $planned points, saw $points"
    elif [ "$points" = 0 ]; then
        result fail runner 'no result'
    elif [ "$status" != 0 ] && [ "$before" = 0 ]; then
        result fail runner "exit status $status though no point failed"
    fi
    test_show "$2"
    test=''
}

test_show() {
    local word=ok
    [ "$skipped" = 0 ] || [ "$passed" != 0 ] || word=skip
    [ "$failed" = 0 ] || word=FAIL
    printf '%-4s %-9s %-28s %3d points %6d.%d s\n' "$word" "$lane" "$test" \
        $((passed + failed + skipped)) $(($1 / 1000)) $(($1 / 100 % 10))
    if [ "$failed" != 0 ]; then
        printf '       %s\n' "${shown[@]}"
        # For the end of the report; a test that fails at every point fills no screen there.
        printf '  %-9s %s\n' "$lane" "$test" >>"$results.failed"
        printf '    %.200s\n' "${shown[@]:0:12}" >>"$results.failed"
    fi
    test_ms=0
}
