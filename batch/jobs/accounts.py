"""The mail accounts of the configuration, ready to connect: password or access token, asked for at each connection."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from batch.config import Config, Imap, SmtpServer
from batch.config_oauth import Google, Microsoft
from batch.edges import oauth
from batch.edges.mailbox import ImapAccount
from batch.edges.postman import SmtpAccount

#: In the data folder: what a person's one sign-in left, of mode 0600.
SIGN_IN_FILE = "sign-in.json"


def imap_account(config: Config, imap: Imap) -> ImapAccount:
    """The account that replies are read from."""
    return ImapAccount(
        host=imap.host,
        port=imap.port,
        security=imap.security,
        user=imap.user,
        password=imap.password.resolve if imap.password else None,
        access_token=_source(config, imap.user),
    )


def smtp_account(config: Config, smtp: SmtpServer) -> SmtpAccount:
    """The account that mail is sent with; without a user there is no login."""
    return SmtpAccount(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        user=smtp.user,
        password=smtp.password.resolve if smtp.password else None,
        access_token=_source(config, smtp.user) if smtp.user else None,
    )


def sign_in(config: Config, say: oauth.Say) -> bool:
    """Let a person sign in once; False when this configuration needs nobody to. Raises oauth.TokenUnavailable."""
    kept = config.data / SIGN_IN_FILE
    match config.mail.oauth:
        case Microsoft(tenant=tenant, client_id=client_id, client_secret=None):
            oauth.microsoft_sign_in(tenant, client_id, kept, say)
        case Google(client_file=Path() as client_file):
            oauth.google_sign_in(client_file, kept, say)
        case _:
            return False
    return True


def _source(config: Config, user: str) -> oauth.TokenSource | None:
    return _token_source(config.mail.oauth, config.data / SIGN_IN_FILE, user) if config.mail.oauth else None


@lru_cache(maxsize=8)
def _token_source(settings: Microsoft | Google, kept: Path, user: str) -> oauth.TokenSource:
    # Kept for the process: a source that holds a token which is still good does not ask for another.
    match settings:
        case Microsoft(tenant=tenant, client_id=client_id, client_secret=None):
            return oauth.microsoft_person(tenant, client_id, kept)
        case Microsoft(tenant=tenant, client_id=client_id, client_secret=secret) if secret is not None:
            return oauth.microsoft_app(tenant, client_id, secret.resolve)
        case Google(service_account=Path() as key_file):
            return oauth.google_service_account(key_file, user)
        case _:
            return oauth.google_person(kept)
