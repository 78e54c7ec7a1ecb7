# Every tag of the one hardware queue is held, and the device is powered off.
device size=16 hw_queue_depth=4 submit_queues=1
break submit T count=0
read a 0 4KiB
read b 64KiB 4KiB
read c 128KiB 4KiB
read d 192KiB 4KiB
settle --inflight 4 --held 4
set power=0
expect d EIO
expect order a b c d
set power=1
