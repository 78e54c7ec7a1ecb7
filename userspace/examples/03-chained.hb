# Two breakpoints on one write: its data can be read while its submitter waits.
device size=16 memory_backed=1
break submit A op=write
break complete B op=write
write w 0 4KiB pattern=0xaa
wait A
resume A
wait B
read r 0 4KiB pattern=0xaa
expect r ok
expect inflight w
