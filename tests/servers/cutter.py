"""A line that breaks: a TCP proxy that cuts both ends after a number of bytes in one direction."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.dovecot import HOST

Direction = Literal["to server", "to client"]
# Closed at once, with a reset: what a firewall or a dead server does.
_RESET = struct.pack("ii", 1, 0)


@dataclass(kw_only=True)
class Cutter:
    """The proxy. `limits`: after so many bytes that way it cuts; nothing there: it never does."""

    port: int
    server_port: int
    limits: dict[Direction, int] = field(default_factory=dict)
    passed: dict[Direction, int] = field(default_factory=dict)
    cuts: int = 0

    def cut_after(self, count: int, direction: Direction) -> None:
        """From the next connection on, cut after `count` bytes that way, once."""
        self.limits = {direction: count}
        self.passed = {"to server": 0, "to client": 0}

    def heal(self) -> None:
        """No more cuts."""
        self.limits = {}
        self.passed = {"to server": 0, "to client": 0}

    def carry(self, client: socket.socket) -> None:
        """One connection, until an end closes it or it is cut."""
        with socket.create_connection((HOST, self.server_port), timeout=20) as server:
            for link in (client, server):
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pairs: tuple[tuple[socket.socket, socket.socket, Direction], ...] = (
                (client, server, "to server"),
                (server, client, "to client"),
            )
            ways = [threading.Thread(target=self._pass, args=pair, daemon=True) for pair in pairs]
            for way in ways:
                way.start()
            for way in ways:
                way.join()

    def _pass(self, source: socket.socket, target: socket.socket, direction: Direction) -> None:
        try:
            while data := source.recv(65536):
                limit = self.limits.get(direction)
                left = len(data) if limit is None else max(limit - self.passed[direction], 0)
                self.passed[direction] = self.passed.get(direction, 0) + min(len(data), left)
                target.sendall(data[:left])
                if left < len(data):
                    self._cut(source, target)
                    return
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other way was cut, or an end is gone

    def _cut(self, *ends: socket.socket) -> None:
        self.cuts += 1
        self.limits = {}
        for end in ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutter(server_port: int) -> Iterator[Cutter]:
    """A proxy in front of a server on this machine."""
    with socket.create_server((HOST, 0)) as listener:
        proxy = Cutter(port=listener.getsockname()[1], server_port=server_port)

        def serve() -> None:
            try:
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=_carry, args=(proxy, client), daemon=True).start()
            except OSError:
                pass  # the test is over

        threading.Thread(target=serve, daemon=True).start()
        yield proxy
        listener.shutdown(socket.SHUT_RDWR)


def _carry(proxy: Cutter, client: socket.socket) -> None:
    with client, contextlib.suppress(OSError):
        proxy.carry(client)
