# shellcheck shell=bash
# One line about a run that goes on: lanes, tests done, time left. Needs $out, $lanes and
# $results of tests/run.

# Seconds that each lane took on two processors in a run of all, which weigh what is still to do.
declare -A lane_seconds=([unit]=104 [quick]=200 [kunit]=110 [uml]=1809 [uml-debug]=2008 [6.1]=753
    [6.12]=1011 [meta]=348 [x86-debug]=1894)

# lane_counts LANE: sets lane_done and lane_total, in tests.
lane_counts() {
    lane_done=0 lane_total=1
    if [ -s "$out/$1/total" ]; then lane_total=$(<"$out/$1/total"); fi
    if grep -qs "^$1 " "$out/times"; then
        lane_done=$lane_total
    elif [ -e "$out/$1/stream" ]; then
        lane_done=$(grep -cE '^@(end|need) ' "$out/$1/stream") || :
        if [ "$lane_done" -gt "$lane_total" ]; then lane_done=$lane_total; fi
    fi
}

# progress WAITING: WAITING are the lanes that have not started.
progress() {
    local waiting=" $1 " l all=0 weight=0 ready=0 w text=''
    for l in "${lanes[@]}"; do
        lane_counts "$l"
        w=${lane_seconds[$l]:-600}
        all=$((all + w))
        ready=$((ready + w * lane_done / lane_total))
        if [[ $waiting == *" $l "* ]]; then
            text+=" $l waits,"
        elif [ "$lane_done" = "$lane_total" ]; then
            text+=" $l done,"
        else
            text+=" $l $lane_done/$lane_total,"
        fi
    done
    weight=$((all - ready))
    printf -- '---- %d min:%s' $(((SECONDS - start) / 60)) "${text%,}"
    # An early guess would be far off.
    if [ $((ready * 20)) -ge "$all" ] && [ $((SECONDS - start)) -ge 60 ]; then
        printf '; about %d min left' $((((SECONDS - start) * weight / ready + 59) / 60))
    fi
    echo
}
