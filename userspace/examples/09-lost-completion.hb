# A completion that is lost: the timeout handler runs once for it, and its tag comes back.
# mq only: bio mode has no time-outs. SCHED= names the scheduler.
device size=16 hw_queue_depth=2 submit_queues=1 poll_queues=0 io_timeout_ms=100 hold_timeout=fire
$ echo ${SCHED:-none} >/sys/block/${DEV##*/}/queue/scheduler
break complete LOST op=read
break timeout T action=count
read a 0 4KiB
expect a ETIMEDOUT
expect hits T 1
set hold_timeout=wait
break submit ALL count=0
read b 0 4KiB
read c 64KiB 4KiB
settle --inflight 2 --held 2
resume ALL
expect order b c
