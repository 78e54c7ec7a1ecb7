# As 06-discard-then-write.hb, with the discard released last: the blocks read as zeroes.
device size=16 memory_backed=1 discard=1
break media D op=discard
break media W op=write
discard d 0 4KiB
write w 0 4KiB pattern=0xaa
settle --inflight 2 --held 2
resume W
expect w ok
resume D
expect d ok
read r 0 4KiB pattern=0
expect r ok
