# As 05-discard-power-off.hb, with the discard half way: one extent is freed, the other is not.
device size=16 memory_backed=1 discard=1
write a 0 4KiB pattern=0xaa
write b 64KiB 4KiB pattern=0xbb
expect a b ok
break unmap D op=discard skip=1
discard d 0 128KiB
wait D
set power=0
expect d EIO
set power=1
read r 0 64KiB pattern=0
read s 64KiB 4KiB pattern=0xbb
expect r s ok
