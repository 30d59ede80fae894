"""What belongs to the machine: folders, mail accounts, secrets by reference, intervals, limits.

What can differ by project or commitment is in the register, not here. The file is read once; every fault is
reported at once as `file:line:column: key: sentence (got ...)`.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Strict,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from batch.config_faults import lines_of
from batch.config_oauth import OAuth
from batch.config_places import read_places
from batch.config_secret import ConfigError, FilePath, Secret, SecretReference, Settings

CONFIG_VARIABLE = "BILLINGS_CONFIG"
DEFAULT_FILE = "billings.yaml"


def _email(address: str) -> str:
    try:
        validate_email(address, check_deliverability=False, globally_deliverable=False, test_environment=True)
    except EmailNotValidError as fault:
        raise ValueError(f"this is not a mail address: {fault}") from None
    if "+" in address:
        raise ValueError("a plus in this address is in the way: each invite gets its own plus address")
    return address


Number = Annotated[int, Strict()]
Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
Security = Literal["tls", "starttls", "none"]


def _has_oauth(info: ValidationInfo) -> bool:
    # Told from outside: the check of a server cannot see the key beside it, and has to come with all the others.
    return bool((info.context or {}).get("oauth"))


def _no_password_beside_oauth(password: Secret | None, info: ValidationInfo) -> Secret | None:
    if password is not None and _has_oauth(info):
        raise ValueError("mail.oauth signs in here; leave the password out, or mail.oauth")
    return password


class Server(Settings):
    """One mail server and how to reach it."""

    host: str = Field(description="name or address of the server", examples=["mail.example.com"])
    port: Port
    security: Security = Field(
        description="tls from the first byte, starttls, or none; none only for a server on this machine"
    )

    # A check of two keys hangs on the later one and not on the whole: a fault elsewhere does not hide it.
    @field_validator("security")
    @classmethod
    def _none_on_loopback_only(cls, security: Security, info: ValidationInfo) -> Security:
        if security == "none" and not _is_loopback(info.data.get("host", "localhost")):
            raise ValueError("none is only for a server on this machine; write tls or starttls")
        return security


class Imap(Server):
    """The mailbox that replies arrive in."""

    port: Port = Field(993, description="993 for tls, 143 for starttls")
    security: Security = Field(
        "tls", description="tls, starttls, or none (only for a server on this machine)"
    )
    user: str = Field(description="login name", examples=["billing@example.com"])
    password: SecretReference | None = Field(
        None,
        validate_default=True,
        description="reference to the password: {env: NAME} or {file: PATH}; left out with mail.oauth",
        examples=["{env: BILLING_PASSWORD}"],
        json_schema_extra={"shown": True},
    )
    folder: str = Field("INBOX", description="folder that is read")
    processed: str = Field("Processed", description="folder for mail that was taken in; made when missing")
    review: str = Field("Review", description="folder for mail that a person should look at")
    failed: str = Field("Failed", description="folder for mail that could not be worked on")

    @field_validator("password")
    @classmethod
    def _a_way_to_sign_in(cls, password: Secret | None, info: ValidationInfo) -> Secret | None:
        if password is None and not _has_oauth(info):
            raise ValueError("this key is needed, or mail.oauth")
        return _no_password_beside_oauth(password, info)


class SmtpServer(Server):
    """The server that takes outgoing mail."""

    port: Port = Field(587, description="587 for starttls, 465 for tls")
    security: Security = Field(
        "starttls", description="tls, starttls, or none (only for a server on this machine)"
    )
    user: str | None = Field(
        None,
        description="login name; leave out with the password when the server asks for none",
        examples=["billing@example.com"],
    )
    password: SecretReference | None = Field(
        None,
        validate_default=True,
        description="reference to the password: {env: NAME} or {file: PATH}",
        examples=["{env: BILLING_PASSWORD}"],
    )
    per_minute: Number = Field(20, ge=1, description="most messages sent in a minute")

    @field_validator("password")
    @classmethod
    def _both_or_none(cls, password: Secret | None, info: ValidationInfo) -> Secret | None:
        has_user = info.data.get("user") is not None
        if _has_oauth(info):
            if "user" in info.data and not has_user:
                raise ValueError("with mail.oauth the user is needed here too")
        elif "user" in info.data and has_user != (password is not None):
            raise ValueError("user and password go together: give both or none")
        return _no_password_beside_oauth(password, info)


class SmtpFolder(Settings):
    """Instead of a server: each message is written into a folder as an .eml file."""

    folder: FilePath = Field(
        description="folder that each outgoing message is written to as .eml", examples=["sent"]
    )


def _smtp_kind(value: object) -> str:
    is_folder = isinstance(value, SmtpFolder) or (isinstance(value, dict) and "folder" in value)
    return "smtp-folder" if is_folder else "smtp-server"


class Mail(Settings):
    """The mail account of the billing office."""

    address: Annotated[str, AfterValidator(_email)] = Field(
        description="address that invites come from; its plus addresses (billing+x@...) have to reach it too",
        examples=["billing@example.com"],
    )
    name: str = Field(description="name beside that address", examples=["Example Builders, Billing"])
    authserv_id: str | None = Field(
        None,
        description="your mail server's name in Authentication-Results; no other name is believed",
        examples=["mx.example.com"],
    )
    oauth: OAuth | None = Field(
        None, description="instead of passwords: sign in to both servers by OAuth (Microsoft 365, Google)"
    )
    imap: Imap | None = Field(
        None,
        description="where replies are read; may be left out when smtp is a folder (then: billings ingest)",
        json_schema_extra={"shown": True},
    )
    smtp: Annotated[
        Annotated[SmtpServer, Tag("smtp-server")] | Annotated[SmtpFolder, Tag("smtp-folder")],
        Discriminator(_smtp_kind),
    ] = Field(description="how mail leaves: a server, or a folder of .eml files")

    @field_validator("smtp")
    @classmethod
    def _a_way_in(cls, smtp: SmtpServer | SmtpFolder, info: ValidationInfo) -> SmtpServer | SmtpFolder:
        # A faulty imap is not in `data` at all; only one that was left out is None.
        if isinstance(smtp, SmtpServer) and "imap" in info.data and info.data["imap"] is None:
            raise ValueError("mail.imap is needed too: replies have to come in somewhere")
        return smtp


def _sqlite(url: str) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or not url.removeprefix(prefix):
        raise ValueError("only SQLite is taken: write sqlite:///FILE")
    return url


class Store(Settings):
    """The database."""

    url: Annotated[str, AfterValidator(_sqlite)] = Field(
        "sqlite:///billings.db", description="database; a relative file lies in the data folder"
    )


class Daemon(Settings):
    """How the service ticks."""

    tick_seconds: Number = Field(60, ge=1, description="seconds between two looks at what is due")
    idle: Annotated[bool, Strict()] = Field(
        default=True, description="true: the mail server wakes the service when mail comes in (IMAP IDLE)"
    )
    settle_seconds: Number = Field(
        10, ge=0, description="seconds that a file in a watched folder must be unchanged before it is taken"
    )


class Limits(Settings):
    """What is too much."""

    message_bytes: Number = Field(26_214_400, ge=1, description="largest message that is read, in bytes")
    workbook_bytes: Number = Field(10_485_760, ge=1, description="largest workbook that is opened, in bytes")
    attempts: Number = Field(3, ge=1, description="failed attempts after which an item waits for a person")


class Notices(Settings):
    """Mail about decisions."""

    delay_minutes: Number = Field(
        60, ge=0, description="minutes a decision's notice waits, so that it can be withdrawn unsent"
    )


class Config(Settings):
    """The whole configuration. Every path in it is absolute."""

    data: FilePath = Field(
        Path(), validate_default=True, description="data folder; default: the folder of this file"
    )
    store: Store = Field(default_factory=Store, description="the database")
    mail: Mail = Field(description="the mail account")
    daemon: Daemon = Field(default_factory=Daemon, description="the service")
    limits: Limits = Field(default_factory=Limits, description="what is too much")
    notices: Notices = Field(default_factory=Notices, description="mail about decisions")

    @property
    def database_file(self) -> Path:
        """The SQLite file, absolute."""
        return self.data / self.store.url.removeprefix("sqlite:///")

    @property
    def database_url(self) -> str:
        """The database for SQLAlchemy, with an absolute path."""
        return f"sqlite:///{self.database_file}"


def find(path: Path | None = None) -> Path:
    """The config file to read: `path`, else $BILLINGS_CONFIG, else ./billings.yaml; absolute, not checked."""
    return Path(path or os.environ.get(CONFIG_VARIABLE) or DEFAULT_FILE).absolute()


def load(path: Path) -> Config:
    """Reads and checks the config file. Raises ConfigError with every fault; reads no secret."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be read: {fault.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: this is not a text file in UTF-8"]) from None
    places = read_places(text)
    faults: ValidationError | None = None
    if isinstance(places.values, dict):
        try:
            context = {"folder": path.absolute().parent, "oauth": _oauth_of(places.values)}
            config = Config.model_validate(places.values, context=context)
        except ValidationError as error:
            faults = error
    problems = lines_of(path, places, faults, Config)
    if problems:
        raise ConfigError(problems)
    return config


def _oauth_of(values: dict[Any, Any]) -> bool:
    mail = values.get("mail")
    return isinstance(mail, dict) and mail.get("oauth") is not None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
