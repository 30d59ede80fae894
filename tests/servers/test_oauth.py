"""Signing in with access tokens: the libraries of both providers, and a real server that validates the tokens."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batch.config import load
from batch.edges import oauth
from batch.edges.mailbox import Mailbox, MailboxUnavailable
from batch.edges.postman import SubmissionUnavailable, greet, send
from batch.jobs.doctor_mail import advice, check_imap, check_smtp
from batch.jobs.workplace import open_workplace
from tests.servers.dovecot import HOST, Dovecot
from tests.servers.providers import Google, Microsoft, access_token, google

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def issuer() -> Iterator[Google]:
    """A token endpoint of its own for each test."""
    with google() as found:
        yield found


def opens(server: Dovecot, user: str, token: Callable[[], str]) -> int:
    """How many messages are in the inbox that the token opens."""
    account = replace(server.imap_account(user), password=None, access_token=token)
    with Mailbox(account) as mailbox:
        return len(mailbox.uids())


def test_a_token_opens_the_mailbox_and_the_submission(oauth_dovecot: Dovecot, user: str) -> None:
    """XOAUTH2 signs in for reading and for sending, without any password."""
    source = lambda: access_token(user)  # noqa: E731
    assert opens(oauth_dovecot, user, source) == 0
    account = replace(oauth_dovecot.smtp_account(user), password=None, access_token=source)
    raw = f"From: {user}\r\nTo: {user}\r\nSubject: x\r\n\r\nx\r\n".encode()
    assert send(account, user, user, raw).state == "sent"
    assert opens(oauth_dovecot, user, source) == 1


def test_a_server_with_the_standard_mechanism_only_is_signed_in_to_as_well(
    bearer_dovecot: Dovecot, user: str
) -> None:
    """OAUTHBEARER (RFC 7628) is used where XOAUTH2 is not offered, for both protocols."""
    assert opens(bearer_dovecot, user, lambda: access_token(user)) == 0
    greet(replace(bearer_dovecot.smtp_account(user), password=None, access_token=lambda: access_token(user)))


@pytest.mark.parametrize("seconds", [-60, 3600])
def test_a_token_that_is_expired_or_of_another_user_is_refused(
    oauth_dovecot: Dovecot, user: str, seconds: int
) -> None:
    """It is a refused login, for reading and for sending, and not a lost connection: a person has to look."""
    whose = user if seconds < 0 else "other@example.test"
    source = lambda: access_token(whose, seconds=seconds)  # noqa: E731
    with pytest.raises(MailboxUnavailable) as caught:
        opens(oauth_dovecot, user, source)
    assert caught.value.reason == "login"
    with pytest.raises(SubmissionUnavailable):
        greet(replace(oauth_dovecot.smtp_account(user), password=None, access_token=source))


def test_a_google_service_account_signs_in_for_the_mailbox_it_is_delegated_to(
    oauth_dovecot: Dovecot, user: str, issuer: Google, tmp_path: Path
) -> None:
    """The signed assertion is exchanged for a token that the server takes; each connection asks anew."""
    key_file = tmp_path / "key.json"
    key_file.write_text(issuer.key_file())
    source = oauth.google_service_account(key_file, user)
    assert (opens(oauth_dovecot, user, source), opens(oauth_dovecot, user, source)) == (0, 0)
    assert len(issuer.asked) == 2
    issuer.delegated = False
    with pytest.raises(MailboxUnavailable, match="unauthorized_client") as caught:
        opens(oauth_dovecot, user, source)
    assert caught.value.reason == "login"


def test_a_google_sign_in_of_a_person_is_used_until_it_is_withdrawn(
    oauth_dovecot: Dovecot, user: str, issuer: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kept refresh token gives access tokens; a withdrawn one is a refused login with the provider's word."""
    kept = tmp_path / "sign-in.json"
    source = oauth.google_person(kept)
    with pytest.raises(oauth.TokenUnavailable, match="sign-in-needed"):
        source()
    # The library asks Google's own address, whatever the file says.
    monkeypatch.setattr("google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT", issuer.token_uri)
    kept.write_text(issuer.signed_in_file("r1"))
    issuer.refresh_tokens["r1"] = user
    assert opens(oauth_dovecot, user, source) == 0
    issuer.refresh_tokens.clear()
    with pytest.raises(oauth.TokenUnavailable) as caught:
        source()
    assert (caught.value.code, caught.value.is_temporary) == ("invalid_grant", False)


def test_a_provider_that_cannot_be_reached_is_a_connection_to_try_again(
    oauth_dovecot: Dovecot, user: str, issuer: Google, tmp_path: Path
) -> None:
    """Without the provider the mailbox is unavailable for the moment; that is no refused login."""
    key_file = tmp_path / "key.json"
    issuer.port = 9  # nothing listens there
    key_file.write_text(issuer.key_file())
    with pytest.raises(MailboxUnavailable) as caught:
        opens(oauth_dovecot, user, oauth.google_service_account(key_file, user))
    assert caught.value.reason == "connection"


def test_a_microsoft_app_signs_in_for_itself_and_keeps_a_token_while_it_is_good(
    oauth_dovecot: Dovecot, user: str
) -> None:
    """Client credentials: one request for several connections."""
    entra = Microsoft(user=user)
    source = oauth.microsoft_app("example.com", "app", lambda: "right", transport=entra)
    assert (opens(oauth_dovecot, user, source), opens(oauth_dovecot, user, source)) == (0, 0)
    assert entra.asked == ["client_credentials"]


def test_a_renewed_microsoft_secret_is_taken_after_the_refusal_of_the_old_one(user: str) -> None:
    """A wrong secret says so with Microsoft's code; the right one, once it is there, needs no restart."""
    secrets = iter(["wrong", "right"])
    source = oauth.microsoft_app("example.com", "app", lambda: next(secrets), transport=Microsoft(user=user))
    with pytest.raises(oauth.TokenUnavailable) as caught:
        source()
    assert caught.value.code == "AADSTS7000215"
    assert "Trace" not in str(caught.value)
    assert source()


def test_a_person_signs_in_to_microsoft_once_with_a_code(
    oauth_dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    """The code is shown, waited for, and kept in a closed file; from then on nobody is asked."""
    kept = tmp_path / "sign-in.json"
    entra = Microsoft(user=user)
    said: list[str] = []
    source = oauth.microsoft_person("example.com", "app", kept, transport=entra)
    with pytest.raises(oauth.TokenUnavailable, match="sign-in-needed"):
        source()
    oauth.microsoft_sign_in("example.com", "app", kept, said.append, transport=entra)
    assert said == ["Open https://microsoft.com/devicelogin and type ABCD."]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert opens(oauth_dovecot, user, source) == 0


def test_no_token_is_ever_logged(
    oauth_dovecot: Dovecot, user: str, issuer: Google, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a good sign-in nor a refused one leaves a token, a key or an assertion in the log or in an error."""
    caplog.set_level(logging.DEBUG)
    key_file = tmp_path / "key.json"
    key_file.write_text(issuer.key_file())
    token = access_token(user)
    opens(oauth_dovecot, user, oauth.google_service_account(key_file, user))
    with pytest.raises(MailboxUnavailable) as caught:
        opens(oauth_dovecot, "someone-else@example.test", lambda: token)
    written = caplog.text + str(caught.value) + repr(oauth_dovecot.imap_account(user))
    sent = base64.b64encode(f"user=someone-else@example.test\1auth=Bearer {token}\1\1".encode()).decode()
    assert [words for words in (token, sent, "eyJhbGci") if words in written] == []
    assert "PRIVATE KEY" not in written


def test_the_doctor_says_what_to_do_where_when_the_sign_in_fails(
    oauth_dovecot: Dovecot, user: str, issuer: Google, tmp_path: Path
) -> None:
    """From the configuration file to both servers: well with the delegation, and without it the console's page."""
    key_file = tmp_path / "key.json"
    key_file.touch(mode=0o600)
    key_file.write_text(issuer.key_file())
    (tmp_path / "billings.yaml").write_text(
        f"""
mail:
  address: {user}
  name: Example
  oauth: {{provider: google, service_account: key.json}}
  imap: {{host: {HOST}, port: {oauth_dovecot.imap_port}, security: none, user: {user}}}
  smtp: {{host: {HOST}, port: {oauth_dovecot.submission_port}, security: none, user: {user}}}
"""
    )
    w = open_workplace(load(tmp_path / "billings.yaml"))
    assert [f.well for check in (check_imap, check_smtp) for f in check(w, NOW)] == [True, True]
    issuer.delegated = False
    found = [f for check in (check_imap, check_smtp) for f in check(w, NOW)]
    assert [f.well for f in found] == [False, False]
    assert all("Domain-wide delegation" in f.sentence for f in found)
    assert "docs/mail-accounts.md, Google" in advice(w.config, "something new")
    w.store.close()
