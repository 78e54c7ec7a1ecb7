"""Starts programs, remembers their command lines, and ends them when the script ends."""
import ctypes
import errno
import os
import shlex
import signal
import subprocess
from shutil import which

# Each command that was run, once, in order, for the report.
commands = {}


class Failed(Exception):
    """what could not be done, and why; everything that the program printed"""

    def __init__(self, what, why, output=""):
        super().__init__(f"{what}: {why}")
        self.what, self.why, self.output = what, why, output


# Errors of a run: a program fails or cannot be started, or a disk is full.
ERRORS = (Failed, OSError, subprocess.SubprocessError)


def failed(error, what):
    """One of ERRORS as Failed. what: what to name if the error names no file."""
    if isinstance(error, Failed):
        return error
    if not isinstance(error, OSError):
        return Failed(what, str(error))
    why = error.strerror or str(error)
    if error.errno == errno.ENOSPC:
        why += ": make room there, or set TMPDIR to another place"
    return Failed(error.filename or what, why)


def end(child, timeout):
    """Waits for the end of a program, and returns its stderr. Kills it after timeout and raises Failed."""
    try:
        return child.communicate(timeout=timeout)[1]
    except subprocess.TimeoutExpired:
        child.kill()
        raise Failed(os.path.basename(child.args[0]), f"no end after {timeout:g} s") from None


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no word from it"


def die_with_us(how=signal.SIGKILL):
    """In the child: a killed run must not leave an fio behind that goes on writing."""
    ctypes.CDLL(None).prctl(1, how)


def run(command, env=None, timeout=60, shown=None):
    """Runs a command; returns its output. Raises Failed with the last line that it printed.
    shown: the command line as the report is to show it."""
    commands[" ".join(shlex.quote(w) for w in command) if shown is None else shown] = True
    name = os.path.basename(command[0])
    if not which(command[0]):
        raise Failed(name, "not installed")
    with subprocess.Popen(command, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", preexec_fn=die_with_us) as child:
        try:
            out, _ = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            raise Failed(name, f"no end after {timeout:g} s") from None
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        raise Failed(name, last_line(out), out)
    return out
