"""Secrets of the configuration, by reference: an environment variable, or a file that nobody else may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

SECRET_SENTENCE = "a secret is never written here; write {env: NAME} or {file: PATH}"


class ConfigError(Exception):
    """The configuration cannot be used. `problems` has a line for each fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _from_config_folder(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


# Written relative to the folder of the config file; absolute once it is read.
FilePath = Annotated[Path, AfterValidator(_from_config_folder)]


def closed(file: Path | None) -> Path | None:
    """The file, unless others may read it (ValueError); one that is missing is found out when it is read."""
    if file is not None and file.exists():
        _refuse_open_file(file)
    return file


def _no_plain_secret(value: object) -> object:
    if not isinstance(value, dict | BaseModel):
        raise ValueError(SECRET_SENTENCE)
    return value


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
        return closed(file)

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
