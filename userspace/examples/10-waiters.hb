# Every tag is held and two more wait for one when the device is powered off: what was held
# fails, and the two that waited also end: with an error, or before the disk was gone.
# mq only: bio mode has no tags.
device size=16 hw_queue_depth=2 submit_queues=1 poll_queues=0 no_sched=1
break submit T count=0
read a 0 4KiB
read b 64KiB 4KiB
wait T --count 2
read c 128KiB 4KiB
read d 192KiB 4KiB
$ until [ $(ps --ppid $RUN_PID -L -o stat= | grep -c D) = 2 ]; do :; done
set power=0
expect a EIO
expect b EIO
expect inflight
