# A discard and a write of the same blocks: the one released last wins.
device size=16 memory_backed=1 discard=1
break media D op=discard
break media W op=write
discard d 0 4KiB
write w 0 4KiB pattern=0xaa
settle --inflight 2 --held 2
resume D
expect d ok
resume W
expect w ok
read r 0 4KiB pattern=0xaa
expect r ok
