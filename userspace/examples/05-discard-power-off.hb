# The bug that haltblk began with: a discard is in flight when the other end goes away.
device size=16 memory_backed=1 discard=1
write w 0 64KiB pattern=0xaa
expect w ok
break media D op=discard
discard d 0 64KiB
wait D
set power=0
expect d EIO
set power=1
read r 0 64KiB pattern=0xaa
expect r ok
discard e 0 64KiB
expect e ok
