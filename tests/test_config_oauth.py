"""The configuration of OAuth: what takes the place of passwords, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch import config
from tests.test_config import problems_of, write


@pytest.mark.parametrize(
    ("oauth", "said"),
    [
        ("{provider: microsoft, tenant: example.com, client_id: a}", []),
        ("{provider: google, service_account: key.json}", []),
        ("{provider: google}", ["mail.oauth.client_file: give either service_account or client_file"]),
        (
            "{provider: microsoft, tenant: example.com, client_id: a, client_secret: hunter2}",
            ["mail.oauth.client_secret: a secret is never written here; write {env: NAME} or {file: PATH}"],
        ),
        (
            "{provider: yahoo, tenant: t, client_id: a}",
            ["mail.oauth.provider: write 'microsoft' (got 'yahoo')"],
        ),
    ],
)
def test_oauth_takes_the_place_of_both_passwords(tmp_path: Path, oauth: str, said: list[str]) -> None:
    """With it no password is needed; what is wrong in it is said with its key, and no secret is repeated."""
    text = f"""
        mail:
          address: billing@example.com
          name: Example
          oauth: {oauth}
          imap: {{host: mail.example.com, user: me}}
          smtp: {{host: mail.example.com, user: me}}
        """
    if said:
        assert [line.split(": ", 1)[1] for line in problems_of(tmp_path, text)] == said
    else:
        assert config.load(write(tmp_path, text)).mail.oauth is not None


def test_a_password_beside_oauth_and_oauth_without_a_user_are_refused(tmp_path: Path) -> None:
    """One account signs in one way."""
    text = """
        mail:
          address: billing@example.com
          name: Example
          oauth: {provider: google, service_account: key.json}
          imap: {host: mail.example.com, user: me, password: {env: X}}
          smtp: {host: mail.example.com}
        """
    assert problems_of(tmp_path, text) == [
        "6:54: mail.imap.password: mail.oauth signs in here; leave the password out, or mail.oauth",
        "7:3: mail.smtp.password: with mail.oauth the user is needed here too",
    ]


def test_a_service_accounts_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The key opens the mailbox, so it is guarded like a password."""
    (tmp_path / "key.json").touch(mode=0o644)
    (tmp_path / "key.json").chmod(0o644)
    text = """
        mail:
          address: billing@example.com
          name: Example
          oauth: {provider: google, service_account: key.json}
          smtp: {folder: sent}
        """
    (said,) = problems_of(tmp_path, text)
    assert "mail.oauth.service_account" in said
    assert "others may read it (mode 0644); chmod 600 it" in said
