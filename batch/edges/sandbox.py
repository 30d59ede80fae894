"""Runs a function in a child process under a memory limit and a time limit.

What comes in by mail is read there: a file made to exhaust memory, to loop or to crash a parser ends the
child, and the caller gets a named reason. Children are forked from a small server process that has the
modules loaded already (multiprocessing's forkserver), so a call costs a fork and not a start of Python. The
server ends with its parent.
"""

import math
import os
import pickle
import resource
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pkgutil import resolve_name
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
Reason = Literal["timeout", "memory", "raised", "died"]

# Exit status of a child that has no memory left even to say so.
_NO_MEMORY = 86
_DETAIL_LIMIT = 4000


@dataclass(frozen=True, kw_only=True)
class Ok(Generic[T]):
    """The function returned `value`."""

    value: T


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The function did not return. `timeout` and `memory`: a limit was reached; `raised`: it raised, `detail`
    is the end of the traceback; `died`: a signal or an exit ended the child, `detail` names it.
    """

    reason: Reason
    detail: str


def warm(*modules: str) -> None:
    """Starts the server process with these modules loaded. Has an effect only before the first call.

    A module that it cannot find is left out: the server looks only on Python's own path and PYTHONPATH.
    """
    # "__main__" is multiprocessing's own default: without it, each child would load the main script again.
    forkserver.set_forkserver_preload(["__main__", __name__, *modules])
    forkserver.ensure_running()


def run_limited(
    function: Callable[..., T] | str, args: tuple[Any, ...], *, memory_bytes: int, seconds: float
) -> Ok[T] | Failed:
    """Calls `function(*args)` in a child and gives Ok or Failed; its exceptions stay in the child.

    `function` is a callable that pickles or an import path ("package.module:name"); `args` and the result
    must pickle. `memory_bytes` limits the child's whole address space (an idle one with a workbook library
    needs about 175 MB), `seconds` is wall time. Raises only for a fault of ours: something that does not
    pickle.
    """
    call = pickle.dumps((function, args))
    receiver, sender = get_context("forkserver").Pipe(duplex=False)
    child = get_context("forkserver").Process(
        target=_child, args=(sender, call, memory_bytes, seconds), daemon=True
    )
    child.start()
    sender.close()
    outcome: Ok[T] | Failed = _outcome(child, receiver, seconds)
    return outcome


def _outcome(child: ForkServerProcess, receiver: Connection, seconds: float) -> Any:
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        _kill(child)

    # The timer covers everything: waiting for the answer, a stalled answer, and a child that does not end.
    timer = threading.Timer(seconds, expire)
    timer.start()
    try:
        answer = _received(receiver)
        child.join()
    finally:
        timer.cancel()
        _kill(child)
    return answer or _ending(child, expired.is_set(), seconds)


def _received(receiver: Connection) -> Ok[Any] | Failed | None:
    with receiver:
        try:
            data = receiver.recv_bytes()
        except (EOFError, OSError):
            return None
    answer: Ok[Any] | Failed = pickle.loads(data)  # noqa: S301 - pickled by our own code in the child
    return answer


def _ending(child: ForkServerProcess, expired: bool, seconds: float) -> Failed:
    code = child.exitcode or 0
    if expired or code == -signal.SIGXCPU:
        return Failed(reason="timeout", detail=f"took longer than {seconds:g} s")
    if code == _NO_MEMORY:
        return Failed(reason="memory", detail="ran out of memory")
    if code < 0:
        return Failed(reason="died", detail=f"ended by signal {_signal_name(-code)}")
    return Failed(reason="died", detail=f"ended with exit status {code}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _kill(child: ForkServerProcess) -> None:
    """Ends the child and what it started: it leads a process group of its own."""
    # Not through `exitcode`: the timer's thread and the caller must not both read the child's status.
    if child.pid is None:
        return
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        child.kill()  # it is gone, or has not made its group yet


def _child(sender: Connection, call: bytes, memory_bytes: int, seconds: float) -> None:
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # Should the parent be gone or stopped, the kernel still ends a loop.
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds) + 1, math.ceil(seconds) + 2))
    try:
        sender.send_bytes(_answer(call))
    except MemoryError:
        os._exit(_NO_MEMORY)
    sender.close()


def _answer(call: bytes) -> bytes:
    try:
        function, args = pickle.loads(call)  # noqa: S301 - pickled by our own code in the parent
        if isinstance(function, str):
            function = resolve_name(function)
        return pickle.dumps(Ok(value=function(*args)))
    except MemoryError:
        return pickle.dumps(Failed(reason="memory", detail="ran out of memory"))
    except BaseException:  # noqa: BLE001 - whatever it raised stays in the child
        return pickle.dumps(Failed(reason="raised", detail=traceback.format_exc()[-_DETAIL_LIMIT:]))
