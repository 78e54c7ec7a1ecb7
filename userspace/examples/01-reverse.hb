# All three are held, so you can release them in any order: here c, b, a.
device size=16 memory_backed=1
break submit A op=write sector=0+8
break submit B op=write sector=8+8
break submit C op=write sector=16+8
write a 0 4KiB
write b 4KiB 4KiB
write c 8KiB 4KiB
settle --inflight 3 --held 3
resume C
expect c ok
resume B
expect b ok
resume A
expect order c b a
