"""What every job needs at hand: settings, store, archive, templates, and the key that tokens are made from."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from batch import resources
from batch.config import Config
from batch.config_places import read_places
from batch.edges.archive import Archive
from batch.edges.folders import make_private_folder, write_file
from batch.edges.store.engine import Store, migrate, open_store
from batch.formats.mail.tokens import token_from

TOKEN_KEY_FILE = "token.key"
#: The demo and the stories set this, so that they make the same tokens each time.
SEED_VARIABLE = "BILLINGS_SEED"


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """One data folder, open for work."""

    config: Config
    store: Store
    archive: Archive
    token_key: bytes

    @property
    def data(self) -> Path:
        """The data folder, absolute."""
        return self.config.data

    @property
    def address(self) -> str:
        """The address that invites come from."""
        return self.config.mail.address

    @property
    def domain(self) -> str:
        """The domain of our address, for Message-IDs."""
        return self.address.rpartition("@")[2]

    def template(self, name: str) -> bytes:
        """The bytes of a template; the user's own in the data folder wins over the shipped one."""
        return resources.read_bytes(f"templates/{name}", self.data)

    @property
    def load_text(self) -> Callable[[str], str]:
        """Loads a mail template by its file name."""
        return lambda name: resources.read_text(f"templates/email/{name}", self.data)

    def wording(self, locale: str) -> Mapping[str, str]:
        """The trade's words for mails in this locale; US words where a locale has none of its own."""
        return _wording(
            locale if f"templates/email/wording/{locale}.yaml" in self._wordings() else "en-US", self.data
        )

    def _wordings(self) -> list[str]:
        return resources.names("templates/email/wording", self.data)

    @property
    def loop_id(self) -> str:
        """What marks our own mail, so that two installations never answer each other for ever."""
        return hashlib.sha256(b"loop" + self.token_key).hexdigest()[:12]

    def token(self, *parts: object) -> str:
        """The token of one thing: 80 bits that cannot be guessed without the key, the same each time it is asked for.

        So a job that was killed and runs again sends the same token, and nothing random has to be written down first.
        """
        text = "\x1f".join(str(part) for part in parts)
        return token_from(hmac.digest(self.token_key, text.encode(), hashlib.sha256)[:10])


def open_workplace(config: Config) -> Workplace:
    """Open the data folder: makes what is missing, brings the database to the present schema."""
    make_private_folder(config.data)
    store = open_store(config.database_url)
    migrate(store)
    return Workplace(
        config=config,
        store=store,
        archive=Archive(config.data / "archive"),
        token_key=_token_key(config.data / TOKEN_KEY_FILE),
    )


@lru_cache(maxsize=16)
def _wording(locale: str, own: Path) -> Mapping[str, str]:
    words = read_places(resources.read_text(f"templates/email/wording/{locale}.yaml", own)).values
    assert isinstance(words, dict), "a wording file is a mapping of names to words"
    return {str(name): str(word) for name, word in words.items()}


def _token_key(file: Path) -> bytes:
    """The key of this data folder, made once. Losing it harms nothing: tokens that went out are in the database."""
    if seed := os.environ.get(SEED_VARIABLE):
        return hashlib.sha256(seed.encode()).digest()
    if not file.exists():
        write_file(file, os.urandom(32).hex().encode())
    return bytes.fromhex(file.read_text(encoding="ascii").strip())
