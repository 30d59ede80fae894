"""Sends one stored message to one recipient, by SMTP or into a folder, and says how it ended.

The bytes go out exactly as stored: headers, Message-ID and Date were fixed when the outbox row was written.
What an outcome means for the row (again, once more, ask the admin) is decided elsewhere.
"""

import email.message
import email.parser
import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from batch.crashpoints import crash_point
from batch.edges.folders import write_file
from batch.edges.oauth import TokenUnavailable

State = Literal["sent", "refused", "later", "unknown"]
Security = Literal["tls", "starttls", "none"]

# RFC 5321 4.5.3.2.6: a server may take ten minutes to answer the end of the data.
_FINAL_ANSWER_SECONDS = 600.0
# "Authentication required" is about our account and not about the message (RFC 4954 6).
_AUTHENTICATION_REQUIRED = 530
_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)
# What could end the address in a command and begin something else.
_NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f<>]")


@dataclass(frozen=True, kw_only=True)
class SmtpAccount:
    """A mail submission server. Without `user` there is no login.

    `password`, or instead `access_token` (OAuth), is asked for at each connection.

    `timeout` is in seconds. `hello` is the name to greet with (empty: this computer's full name). Security
    `none` sends everything in clear text; nothing ever falls back to it.
    """

    host: str
    port: int
    security: Security
    user: str | None = None
    password: Callable[[], str] | None = field(default=None, repr=False)
    access_token: Callable[[], str] | None = field(default=None, repr=False)
    timeout: float = 60
    hello: str = ""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How one attempt ended. `code` and `text` are the server's; `code` is None when it said nothing.

    - `sent`: the server took the message over.
    - `refused`: it said no for good (5xx) to the sender, the recipient or the message.
    - `later`: it has not got the message; another attempt may succeed.
    - `unknown`: the link was lost after the data was begun, so it may have the message or not (RFC 1047).
    """

    state: State
    code: int | None = None
    text: str = ""


class Postman:
    """Context manager: one SMTP connection for several messages, made when needed, again when lost."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, sender: str, recipient: str, raw: bytes) -> Delivery:
        """Sends `raw` (lines end in CRLF) from envelope address `sender` to `recipient`; raises nothing."""
        crash_point("smtp-before-send")
        delivery = self._attempt(sender, recipient, raw)
        crash_point("smtp-after-send")
        return delivery

    def _attempt(self, sender: str, recipient: str, raw: bytes) -> Delivery:
        try:
            smtp = self._ready()
            refusal = _envelope(smtp, sender, recipient, raw)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self._drop()
            return _not_begun(error)
        return refusal or self._data(smtp, raw)

    def _data(self, smtp: smtplib.SMTP, raw: bytes) -> Delivery:
        begun = False
        try:
            code, text = smtp.docmd("DATA")
            if code != 354:
                return _answered(code, text)
            begun = True
            if smtp.sock is not None:
                smtp.sock.settimeout(max(self._account.timeout, _FINAL_ANSWER_SECONDS))
            smtp.send(_as_data(raw))
            return _answered(*smtp.getreply())
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Delivery(state="unknown", text=_words(error)) if begun else _not_begun(error)

    def _ready(self) -> smtplib.SMTP:
        """The open connection, with nothing of the last message left in it, or a new one."""
        if self._smtp is not None:
            try:
                if self._smtp.sock is not None:
                    self._smtp.sock.settimeout(self._account.timeout)
                if self._smtp.rset()[0] == 250:
                    return self._smtp
            except (OSError, smtplib.SMTPException):
                pass  # the server closes a link that was idle for long
            self._drop()
        self._smtp = _connect(self._account)
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _close(self) -> None:
        try:
            if self._smtp is not None:
                self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            pass  # every message has its outcome already
        self._drop()


class FolderPostman:
    """Writes each message as an .eml file instead of sending it; the same `send` as Postman."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def send(self, sender: str, recipient: str, raw: bytes) -> Delivery:  # noqa: ARG002 - as Postman.send
        """Writes `raw` once, under a name made from its Message-ID; a second time changes nothing."""
        crash_point("smtp-before-send")
        delivery = self._write(self._folder / f"{_name_of(raw)}.eml", raw)
        crash_point("smtp-after-send")
        return delivery

    def _write(self, path: Path, raw: bytes) -> Delivery:
        try:
            if path.exists() and path.read_bytes() != raw:
                return Delivery(
                    state="refused", text=f"another message with this Message-ID is in {path.name}"
                )
            write_file(path, raw)
        except OSError as error:
            return Delivery(state="later", text=_words(error))
        return Delivery(state="sent", text=path.name)


def send(account: SmtpAccount, sender: str, recipient: str, raw: bytes) -> Delivery:
    """Sends one message on a connection of its own; see Postman.send."""
    with Postman(account) as postman:
        return postman.send(sender, recipient, raw)


class SubmissionUnavailable(Exception):
    """The submission server could not be reached, or did not take our login."""


def greet(account: SmtpAccount) -> None:
    """Connects, logs in and says good-bye; sends nothing. Raises SubmissionUnavailable."""
    try:
        smtp = _connect(account)
        smtp.noop()
        smtp.quit()
    except (OSError, smtplib.SMTPException) as error:
        raise SubmissionUnavailable(_words(error)) from error


def _connect(account: SmtpAccount) -> smtplib.SMTP:
    # Made only when it is used: reading the machine's certificates takes some 20 ms.
    context = ssl.create_default_context() if account.security != "none" else None
    hello = account.hello or None
    smtp: smtplib.SMTP
    if account.security == "tls":
        smtp = smtplib.SMTP_SSL(account.host, account.port, hello, timeout=account.timeout, context=context)
    else:
        smtp = smtplib.SMTP(account.host, account.port, hello, timeout=account.timeout)
    try:
        if account.security == "starttls":
            smtp.starttls(context=context)  # raises when it is not offered
        _login(smtp, account)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _login(smtp: smtplib.SMTP, account: SmtpAccount) -> None:
    smtp.ehlo_or_helo_if_needed()
    if account.user is not None and account.access_token is not None:
        _login_with_token(smtp, account.user, account.access_token)
        return
    if account.user is None or account.password is None:
        return
    try:
        password = account.password()
    except Exception as error:
        raise smtplib.SMTPException(f"the password could not be read: {error}") from error
    if not (account.user + password).isascii():
        raise smtplib.SMTPException("the user name or password has letters outside ASCII")
    smtp.login(account.user, password)


def _login_with_token(smtp: smtplib.SMTP, user: str, access_token: Callable[[], str]) -> None:
    try:
        token = access_token()
    except TokenUnavailable as error:
        raise smtplib.SMTPException(str(error)) from error
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "OAUTHBEARER" in offered and "XOAUTH2" not in offered:
        name = user.replace("=", "=3D").replace(",", "=2C")
        _authenticate(smtp, "OAUTHBEARER", f"n,a={name},\1auth=Bearer {token}\1\1", "\1")
    else:
        _authenticate(smtp, "XOAUTH2", f"user={user}\1auth=Bearer {token}\1\1", "")


def _authenticate(smtp: smtplib.SMTP, mechanism: str, words: str, end: str) -> None:
    # A challenge holds the server's reason; it says no only after an answer that ends the exchange (RFC 7628 3.2.3).
    def answer(challenge: bytes | None = None) -> str:
        return words if challenge is None else end

    smtp.auth(mechanism, answer, initial_response_ok=True)


def _envelope(smtp: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> Delivery | None:
    """MAIL and RCPT; a Delivery when the server says no to one of them."""
    if _NOT_IN_AN_ADDRESS.search(sender + recipient):
        return Delivery(
            state="refused", text="not an address: it has a space, a line break or an angle bracket"
        )
    options = [f"size={len(raw)}"] if smtp.has_extn("size") else []
    if not raw.isascii() and smtp.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    if not (sender + recipient).isascii():
        if not smtp.has_extn("smtputf8"):
            return Delivery(state="refused", text="the server takes only addresses in ASCII (no SMTPUTF8)")
        options.append("SMTPUTF8")
    # smtplib sends commands as ASCII unless told; UTF-8 is the same for an address in ASCII (RFC 6531).
    smtp.command_encoding = "utf-8"
    code, text = smtp.mail(sender, options)
    if code == 250:
        code, text = smtp.rcpt(recipient)
    return None if code in {250, 251} else _answered(code, text)


def _answered(code: int, text: bytes) -> Delivery:
    words = text.decode("utf-8", "replace")
    if 200 <= code < 300:
        return Delivery(state="sent", code=code, text=words)
    refused = 500 <= code < 600 and code != _AUTHENTICATION_REQUIRED
    return Delivery(state="refused" if refused else "later", code=code, text=words)


def _not_begun(error: Exception) -> Delivery:
    """The link or the login failed before any data: the server has not got the message."""
    code = getattr(error, "smtp_code", None)
    return Delivery(
        state="later", code=code if isinstance(code, int) and code > 0 else None, text=_words(error)
    )


def _words(error: Exception) -> str:
    answer = getattr(error, "smtp_error", None)
    if isinstance(answer, bytes):
        return answer.decode("utf-8", "replace")
    return str(answer or error) or type(error).__name__


def _as_data(raw: bytes) -> bytes:
    """The message as it travels (RFC 5321 4.5.2): dots at line starts doubled, a line with one dot last."""
    end = b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n"
    return _LINE_START_DOT.sub(b"..", raw) + end


def _name_of(raw: bytes) -> str:
    headers: email.message.Message = email.parser.BytesHeaderParser().parsebytes(raw)
    message_id = str(headers.get("Message-ID", "")).strip()
    return hashlib.sha256(message_id.encode("utf-8", "replace") if message_id else raw).hexdigest()
