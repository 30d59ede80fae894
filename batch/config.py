"""What belongs to the machine: folders, mail accounts, secrets by reference, intervals, limits.

What can differ by project or commitment is in the register, not here. The file is read once; every fault is
reported at once as `file:line:column: key: sentence (got ...)`.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from pathlib import Path
from typing import Annotated, Literal, Self

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from batch.config_faults import lines_of
from batch.config_places import read_places

CONFIG_VARIABLE = "BILLINGS_CONFIG"
DEFAULT_FILE = "billings.yaml"

SECRET_SENTENCE = "a secret is never written here; write {env: NAME} or {file: PATH}"


class ConfigError(Exception):
    """The configuration cannot be used. `problems` has a line for each fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _from_config_folder(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


def _email(address: str) -> str:
    try:
        validate_email(address, check_deliverability=False, globally_deliverable=False, test_environment=True)
    except EmailNotValidError as fault:
        raise ValueError(f"this is not a mail address: {fault}") from None
    if "+" in address:
        raise ValueError("a plus in this address is in the way: each invite gets its own plus address")
    return address


def _no_plain_secret(value: object) -> object:
    if not isinstance(value, dict | BaseModel):
        raise ValueError(SECRET_SENTENCE)
    return value


Number = Annotated[int, Strict()]
Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
# Written relative to the folder of the config file; absolute once it is read.
FilePath = Annotated[Path, AfterValidator(_from_config_folder)]
Security = Literal["tls", "starttls", "none"]


class Settings(BaseModel):
    """What all parts of the configuration share: no unknown key, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(Settings):
    """A reference to a secret. The secret itself is read when a connection is made, and never kept."""

    env: str | None = Field(None, description="name of the environment variable that holds the secret")
    file: FilePath | None = Field(None, description="file that holds it on its first line; mode 0600")

    @field_validator("file")
    @classmethod
    def _closed(cls, file: Path | None) -> Path | None:
        if file is not None and file.exists():
            _refuse_open_file(file)
        return file

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("give either env or file")
        return self

    def resolve(self) -> str:
        """The secret. For the moment of connecting only: not to be kept, logged or shown.

        Raises ConfigError when the variable is not set, or the file is missing or readable by others.
        """
        try:
            return _from_environment(self.env) if self.env else _from_file(self.file or Path())
        except (ValueError, OSError) as fault:
            raise ConfigError([str(fault)]) from None


SecretReference = Annotated[Secret, BeforeValidator(_no_plain_secret)]


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
    password: SecretReference = Field(
        description="reference to the password: {env: NAME} or {file: PATH}",
        examples=["{env: BILLING_PASSWORD}"],
    )
    folder: str = Field("INBOX", description="folder that is read")
    processed: str = Field("Processed", description="folder for mail that was taken in; made when missing")
    review: str = Field("Review", description="folder for mail that a person should look at")
    failed: str = Field("Failed", description="folder for mail that could not be worked on")


class SmtpServer(Server):
    """The server that takes outgoing mail."""

    port: Port = Field(587, description="587 for starttls, 465 for tls")
    security: Security = Field(
        "starttls", description="tls, starttls, or none (only for a server on this machine)"
    )
    user: str | None = Field(
        None,
        description="login name; leave out with the password when none is asked",
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
        if "user" in info.data and (info.data["user"] is None) != (password is None):
            raise ValueError("user and password go together: give both or none")
        return password


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
    imap: Imap | None = Field(
        None,
        description="where replies are read; may be left out when smtp is a folder (then: billings ingest)",
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
            config = Config.model_validate(places.values, context={"folder": path.absolute().parent})
        except ValidationError as error:
            faults = error
    problems = lines_of(path, places, faults, Config)
    if problems:
        raise ConfigError(problems)
    return config


def _from_environment(name: str) -> str:
    secret = os.environ.get(name)
    if not secret:
        raise ValueError(f"the environment variable {name}, which should hold a secret, is not set")
    return secret


def _from_file(file: Path) -> str:
    if not file.is_file():
        raise ValueError(f"{file}: the file that should hold a secret is not there")
    _refuse_open_file(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0]:
        raise ValueError(f"{file}: the file that should hold a secret is empty")
    return lines[0]


def _refuse_open_file(file: Path) -> None:
    # systemd's own credentials folder is closed to others, whatever mode its files show.
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and file.is_relative_to(credentials):
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise ValueError(f"{file} holds a secret and others may read it (mode {mode:04o}); chmod 600 it")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
