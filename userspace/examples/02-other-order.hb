# As 02-two-breakpoints.hb, but released in the opposite order: the data is the same.
device size=16 memory_backed=1
break submit A op=write sector=0+8
break complete B op=write sector=8+8
write a 0 4KiB pattern=0xaa
write b 4KiB 4KiB pattern=0xaa
settle --inflight 2 --held 2
resume B
expect b ok
resume A
expect order b a
read r 0 8KiB pattern=0xaa
expect r ok
