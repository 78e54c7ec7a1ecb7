# A completion is lost: the timeout handler runs once for it, and the only tag becomes free again.
# mq only: bio mode has no timeouts. SCHED= names the scheduler.
device size=16 hw_queue_depth=1 submit_queues=1 poll_queues=0 io_timeout_ms=100 hold_timeout=fire
$ echo ${SCHED:-none} >/sys/block/${DEV##*/}/queue/scheduler
break complete LOST op=read
break timeout T action=count
read a 0 4KiB
expect a ETIMEDOUT
expect hits T 1
read b 0 4KiB
expect b ok
