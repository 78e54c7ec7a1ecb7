# The same with one breakpoint: step holds it again at its next state.
device size=16 memory_backed=1
break submit A op=write
write w 0 4KiB pattern=0xaa
wait A
step A
expect held 1 A media
step A
expect held 1 A complete
read r 0 4KiB pattern=0xaa
expect r ok
expect inflight w
