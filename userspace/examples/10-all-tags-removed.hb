# Every tag of the one hardware queue is held, and the device is powered off.
device size=16 hw_queue_depth=2 submit_queues=1
break submit T count=0
read a 0 4KiB
read b 64KiB 4KiB
settle --inflight 2 --held 2
set power=0
set power=1
expect a EIO
expect b EIO
remove --all
read e 0 4KiB
expect e ok
