# A request is late while its queue is being frozen, which waits for that request.
device size=16 memory_backed=1 io_timeout_ms=1000 hold_timeout=fire
break media H op=write
write w 0 4KiB
wait H
start s $ echo mq-deadline >/sys/block/${DEV##*/}/queue/scheduler
expect s ok   # red: timed out
expect w ETIMEDOUT
