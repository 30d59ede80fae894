"""One folder of an IMAP account, as plain values. It decides nothing: jobs say what to fetch and move.

Anchors: UIDs mean something only together with UIDVALIDITY (RFC 3501 2.3.1.1). Messages are read with
BODY.PEEK[], so that reading leaves no trace for the people who share the inbox. A message is never expunged
with a plain EXPUNGE, which would also remove what they marked as deleted.
"""

import logging
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from types import TracebackType
from typing import Any, Literal, Self

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from batch.crashpoints import crash_point
from batch.edges.oauth import TokenUnavailable

Security = Literal["tls", "starttls", "none"]
Reason = Literal["connection", "timeout", "abort", "login", "refused"]

# 20,000 UIDs in one command were refused as too long by Dovecot (64 KB a line).
_CHUNK = 500
_WINDOW = 50_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ImapAccount:
    """Where a mailbox is. `password`, or instead `access_token` (OAuth), is asked for at each connection.

    `timeout` is in seconds.

    Security `none` sends the password in clear text; nothing ever falls back to it.
    """

    host: str
    port: int
    security: Security
    user: str
    password: Callable[[], str] | None = field(default=None, repr=False)
    access_token: Callable[[], str] | None = field(default=None, repr=False)
    timeout: float = 60


class MailboxUnavailable(Exception):
    """The mail server could not be used.

    Reasons: `connection` (none, or cut), `timeout`, `abort` (ended by the server, or an answer that makes no
    sense), `login` (a person has to look), `refused` (it said no to one command; the link still works).
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"mailbox unavailable ({reason}): {detail}")
        self.reason = reason
        self.detail = detail


@contextmanager
def _named_faults() -> Iterator[None]:
    """Turns whatever imapclient, imaplib, ssl and socket raise into MailboxUnavailable."""
    try:
        yield
    except MailboxUnavailable:
        raise
    except Exception as error:
        raise MailboxUnavailable(_reason(error), str(error) or type(error).__name__) from error


def _reason(error: BaseException) -> Reason:
    # imapclient raises LoginError for a line cut during login, too; the cause tells them apart.
    if isinstance(error, LoginError):
        return "abort" if isinstance(error.__context__, IMAPClientAbortError) else "login"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, OSError):
        return "connection"
    if isinstance(error, IMAPClientError) and not isinstance(error, IMAPClientAbortError):
        return "refused"
    return "abort"


class Mailbox:
    """Context manager: connects, logs in and selects `folder`. Every method may raise MailboxUnavailable."""

    def __init__(self, account: ImapAccount, folder: str = "INBOX") -> None:
        self._account = account
        self._folder = folder
        self._client: Any = None
        self._capabilities: frozenset[str] = frozenset()
        self._selected: dict[bytes, Any] = {}
        self._names: dict[str, str] = {}

    @_named_faults()
    def __enter__(self) -> Self:
        self._client = _connect(self._account)
        try:
            _login(self._client, self._account)
            self._capabilities = _capabilities(self._client)
            self._selected = self._client.select_folder(self._folder)
        except BaseException:
            _close(self._client)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _close(self._client)

    def uidvalidity(self) -> int | None:
        """The folder's UIDVALIDITY; None when the server does not give one."""
        value = self._selected.get(b"UIDVALIDITY")
        return int(value) if value is not None else None

    @_named_faults()
    def uids(self) -> list[int]:
        """The UIDs of all messages in the folder, ascending."""
        self._client.noop()  # some servers show new mail only after the command that follows its arrival
        # In windows: a folder of 200,000 messages answers with a line longer than imaplib takes (1 MB).
        last = int(self._selected.get(b"UIDNEXT", 1))
        starts = range(1, max(last, 2), _WINDOW)
        windows = [f"{start}:{start + _WINDOW - 1}" for start in starts[:-1]] + [f"{starts[-1]}:*"]
        # "n:*" names the last message even when it lies before n (RFC 3501 6.4.8).
        return sorted({int(uid) for window in windows for uid in self._client.search(["UID", window])})

    @_named_faults()
    def sizes_and_dates(self, uids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
        """For each message that is still there: its size in bytes and its INTERNALDATE in UTC."""
        chunks = (uids[start : start + _CHUNK] for start in range(0, len(uids), _CHUNK))
        found = [self._fetch_those_there(chunk, ["RFC822.SIZE", "INTERNALDATE"]) for chunk in chunks]
        # A flag that changes meanwhile sends an answer of its own, without the size.
        return {
            uid: _size_and_date(parts)
            for chunk in found
            for uid, parts in chunk.items()
            if b"RFC822.SIZE" in parts
        }

    def fetch(self, uid: int) -> bytes | None:
        """The whole message as stored, without marking it as read; None when it is gone.

        MailboxUnavailable with reason `refused` is about this message only: go on with the next one.
        """
        return self._fetch_one(uid, "BODY.PEEK[]", b"BODY[]")

    def fetch_header(self, uid: int) -> bytes | None:
        """The message's header block only, for one that is too large; None when it is gone."""
        return self._fetch_one(uid, "BODY.PEEK[HEADER]", b"BODY[HEADER]")

    @_named_faults()
    def ensure_folder(self, name: str) -> str:
        """Makes a folder unless it exists and gives the server's name for it.

        `name` has "/" between levels ("Billing/Processed"); it is put under the personal namespace (RFC 2342)
        with the server's own separator. A name that this method gave is taken as it is.
        """
        if name not in self._names:
            full = self._full_name(name)
            self._create(full)
            self._names[name] = self._names[full] = full
        return self._names[name]

    @_named_faults()
    def move(self, uid: int, folder: str) -> bool:
        """Moves a message into `folder` (made when it is missing); a missing UID is not an error.

        False: the server has neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315); the message stays in its place.
        """
        target = self.ensure_folder(folder)
        crash_point("imap-before-move")
        try:
            moved = self._move(uid, target)
        except IMAPClientError as error:
            # Some servers say NO to a UID that is gone, which others let pass.
            if isinstance(error, IMAPClientAbortError) or self._client.search(["UID", str(uid)]):
                raise
            moved = True
        crash_point("imap-after-move")
        return moved

    def append(self, folder: str, raw: bytes, when: datetime) -> None:
        """Puts a message into `folder` with `when` as its INTERNALDATE; ValueError without a time zone."""
        if when.tzinfo is None:
            raise ValueError("an INTERNALDATE needs a time zone")
        with _named_faults():
            self._client.append(folder, raw, msg_time=when)

    @property
    def has_idle(self) -> bool:
        """Whether the server announces mail by itself (RFC 2177)."""
        return "IDLE" in self._capabilities

    @_named_faults()
    def wait_in_idle(self, stop: Event, seconds: float) -> bool:
        """One IDLE of at most `seconds`, or until `stop`; True when the server announced mail."""
        self._client.idle()
        _until_readable(self._client.socket(), stop, seconds)
        # Not idle_check: it took half a line for a broken link, and on a dead link it returns nothing at
        # once, for ever. These two wait for their answers, and fail on a dead link.
        responses = [*self._client.idle_done()[1], *self._client.noop()[1]]
        return any(_announces_mail(response) for response in responses)

    @_named_faults()
    def _fetch_one(self, uid: int, item: str, key: bytes) -> bytes | None:
        data = self._client.fetch([uid], [item]).get(uid, {}).get(key)
        return bytes(data) if data is not None else None

    def _fetch_those_there(self, uids: Sequence[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        try:
            found: dict[int, dict[bytes, Any]] = self._client.fetch(uids, items)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            # Exchange Online may say NO to the whole set when one message has gone: find the rest by halves.
            if len(uids) < 2:
                return {}
            middle = len(uids) // 2
            halves = [self._fetch_those_there(half, items) for half in (uids[:middle], uids[middle:])]
            return halves[0] | halves[1]
        return found

    def _move(self, uid: int, target: str) -> bool:
        if "MOVE" in self._capabilities:
            self._client.move([uid], target)
            return True
        if "UIDPLUS" in self._capabilities:
            # An earlier try may have been cut off between the copy and the expunge.
            if not self._is_copied(uid, target):
                self._client.copy([uid], target)
            crash_point("imap-after-copy")
            self._client.add_flags([uid], [b"\\Deleted"], silent=True)
            crash_point("imap-before-expunge")
            self._client.uid_expunge([uid])
            return True
        return False

    def _is_copied(self, uid: int, target: str) -> bool:
        """Whether `target` holds a message of the same size and the same headers."""
        ours = self._client.fetch([uid], ["RFC822.SIZE", "BODY.PEEK[HEADER]"]).get(uid)
        if ours is None:
            return True  # it is not here any more: there is nothing to copy
        size = int(ours[b"RFC822.SIZE"])
        self._client.select_folder(target, readonly=True)
        try:
            near = self._client.search(["LARGER", size - 1, "SMALLER", size + 1])
            found = self._client.fetch(near, ["BODY.PEEK[HEADER]"]) if near else {}
        finally:
            self._selected = self._client.select_folder(self._folder)
        return any(parts.get(b"BODY[HEADER]") == ours[b"BODY[HEADER]"] for parts in found.values())

    def _full_name(self, name: str) -> str:
        if name.upper() == "INBOX":
            return name
        prefix, separator = self._prefix_and_separator()
        levels = [level.replace(separator, "_") if separator else level for level in name.split("/")]
        return prefix + separator.join(levels)

    def _prefix_and_separator(self) -> tuple[str, str]:
        if "NAMESPACE" in self._capabilities:
            personal = self._client.namespace().personal
            if personal:
                return personal[0][0] or "", personal[0][1] or ""
        # LIST "" "" gives the separator (RFC 3501 6.3.8).
        listed = self._client.list_folders("", "")
        separator = listed[0][1] if listed else None
        return "", separator.decode() if separator else ""

    def _create(self, full: str) -> None:
        if self._client.folder_exists(full):
            return
        try:
            self._client.create_folder(full)
        except IMAPClientError:
            if not self._client.folder_exists(full):
                raise
        self._client.subscribe_folder(full)  # mail programs show only subscribed folders


def _connect(account: ImapAccount) -> Any:
    encrypted = account.security == "tls"
    # Made only when it is used: reading the machine's certificates takes some 20 ms.
    context = ssl.create_default_context() if account.security != "none" else None
    client = IMAPClient(
        account.host,
        account.port,
        ssl=encrypted,
        ssl_context=context if encrypted else None,
        timeout=account.timeout,
    )
    try:
        # Small packets leave at once: an APPEND on loopback took 43 ms without this, 2 ms with it.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.normalise_times = False  # keep the time zone of INTERNALDATE
        if account.security == "starttls":
            client.starttls(context)
    except BaseException:
        _close(client)
        raise
    return client


def _login(client: Any, account: ImapAccount) -> None:
    if account.access_token is not None:
        _login_with_token(client, account.user, account.access_token)
        return
    if account.password is None:
        raise MailboxUnavailable("login", "there is neither a password nor an access token")
    try:
        password = account.password()
    except Exception as error:
        raise MailboxUnavailable("login", f"the password could not be read: {error}") from error
    if account.user.isascii() and password.isascii():
        client.login(account.user, password)
    else:
        client.plain_login(account.user, password)  # LOGIN is ASCII only; SASL PLAIN is UTF-8 (RFC 4616)


def _login_with_token(client: Any, user: str, access_token: Callable[[], str]) -> None:
    try:
        token = access_token()
    except TokenUnavailable as error:
        raise MailboxUnavailable("connection" if error.is_temporary else "login", str(error)) from error
    offered = _capabilities(client)
    # XOAUTH2 is what Exchange Online and Gmail take; the standard's own (RFC 7628) where only that is offered.
    if "AUTH=OAUTHBEARER" in offered and "AUTH=XOAUTH2" not in offered:
        client.oauthbearer_login(user, token)
    else:
        client.oauth2_login(user, token)


def _capabilities(client: Any) -> frozenset[str]:
    # Asked for again: what a server offers before and after login differs. imapclient's own list may be
    # the old one.
    _, data = client._imap.capability()  # noqa: SLF001 - imapclient has no call that asks again
    words = data[-1] if data and data[-1] else b""
    return frozenset(words.decode("ascii", "replace").upper().split())


def _close(client: Any) -> None:
    try:
        client.logout()
    except Exception:  # noqa: BLE001 - the link is often gone already
        _shut(client)


def _shut(client: Any) -> None:
    try:
        client.shutdown()
    except Exception as error:  # noqa: BLE001
        _log.debug("the link could not be closed: %s", error, extra={"action": "imap-close"})


def _size_and_date(parts: dict[bytes, Any]) -> tuple[int, datetime]:
    date: datetime = parts[b"INTERNALDATE"]
    return int(parts[b"RFC822.SIZE"]), date.astimezone(UTC)


def _until_readable(link: socket.socket, stop: Event, seconds: float) -> None:
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(link, selectors.EVENT_READ)
        while not stop.is_set() and (left := end - time.monotonic()) > 0:
            if selector.select(min(1.0, left)):  # short turns, so that `stop` is seen soon
                return


def _announces_mail(response: Any) -> bool:
    return isinstance(response, tuple) and len(response) > 1 and response[1] in {b"EXISTS", b"RECENT"}
