# Requests are held in each state while the scheduler changes. A resume lets the change finish.
# mq only: bio mode has no scheduler.
device size=16 memory_backed=1
break submit S op=write sector=0+8
break media M op=write sector=128+8
break complete C op=write sector=256+8
write s 0 4KiB
write m 64KiB 4KiB
write c 128KiB 4KiB
settle --inflight 3 --held 3
start n $ echo mq-deadline >/sys/block/${DEV##*/}/queue/scheduler
expect n running
resume --all
expect n s m c ok
$ grep -F '[mq-deadline]' /sys/block/${DEV##*/}/queue/scheduler
