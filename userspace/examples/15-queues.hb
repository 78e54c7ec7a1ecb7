# As 15-scheduler.hb, while submit_queues shrinks.
# mq only: bio mode has no queues. Two CPUs.
device size=16 memory_backed=1 submit_queues=2 poll_queues=0
break submit S op=write sector=0+8
break media M op=write sector=128+8
break complete C op=write sector=256+8
write s 0 4KiB
write m 64KiB 4KiB
write c 128KiB 4KiB
settle --inflight 3 --held 3
start n $ echo 1 >/sys/kernel/config/haltblk/${DEV##*/}/submit_queues
expect n running
resume --all
expect n s m c ok
$ [ $(ls /sys/block/${DEV##*/}/mq | wc -l) = 1 ]
