# One write is held. Meanwhile two others complete, in the order that you ask for.
device size=16 memory_backed=1
break submit A op=write sector=0+8
write a 0 4KiB pattern=0xaa
wait A
write b 4KiB 4KiB pattern=0xbb
expect b ok
write c 8KiB 4KiB pattern=0xcc
expect c ok
expect inflight a
resume A
expect order b c a
