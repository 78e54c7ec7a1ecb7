# One write is held before it has had any effect, one after it has had all of it.
device size=16 memory_backed=1
break submit A op=write sector=0+8
break complete B op=write sector=8+8
write a 0 4KiB pattern=0xaa
write b 4KiB 4KiB pattern=0xaa
settle --inflight 2 --held 2
resume A
expect a ok
resume B
expect order a b
read r 0 8KiB pattern=0xaa
expect r ok
