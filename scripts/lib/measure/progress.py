"""A bar with the time left, on stderr; a line for each step where that is no terminal."""
import os
import sys
import time


def clock(seconds):
    seconds = int(seconds + 0.5)
    h, m, s = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{h}:{m:02}:{s:02}" if h else f"{m}:{s:02}"


class Progress:
    def __init__(self, total, guess, quiet=False):
        self.total, self.done, self.guess = total, 0, guess
        self.start = time.monotonic()
        self.quiet = quiet
        # In a guest the terminal is behind a pipe.
        self.tty = sys.stderr.isatty() or os.environ.get("HALTBLK_TTY") == "1"

    def elapsed(self):
        return time.monotonic() - self.start

    def left(self):
        each = self.elapsed() / self.done if self.done > 1 else self.guess
        return each * (self.total - self.done)

    def show(self, what):
        if self.quiet:
            return
        bar = "#" * (30 * self.done // max(self.total, 1))
        width = len(str(self.total))
        text = f"  [{bar:<30}] {self.done:>{width}}/{self.total}  {clock(self.left()):>5} left  {what}"
        sys.stderr.write(f"\r{text[:100]}\033[K" if self.tty else text + "\n")
        sys.stderr.flush()

    def step(self):
        self.done += 1

    def end(self, what):
        if not self.quiet:
            self.show(what)
            if self.tty:
                sys.stderr.write("\n")

    def clear(self):
        """Before anything else is printed."""
        if self.tty and not self.quiet:
            sys.stderr.write("\r\033[K")
