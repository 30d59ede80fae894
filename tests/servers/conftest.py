"""Servers for these tests: started once per worker, each test with a user of its own."""

import uuid
from collections.abc import Iterator

import pytest

from tests.servers.dovecot import BARE, MAIL_DOMAIN, WITHOUT_MOVE, Dovecot, Kind, Relay, running_servers


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[tuple[Dovecot, Relay]]:
    """Dovecot as it comes, and the relay behind it."""
    with running_servers(Kind()) as servers:
        yield servers


@pytest.fixture(scope="session")
def dovecot(mail_servers: tuple[Dovecot, Relay]) -> Dovecot:
    """Dovecot with every extension."""
    return mail_servers[0]


@pytest.fixture(scope="session")
def relay(mail_servers: tuple[Dovecot, Relay]) -> Relay:
    """The relay behind `dovecot`."""
    return mail_servers[1]


@pytest.fixture(scope="session")
def dovecot_without_move() -> Iterator[Dovecot]:
    """A server with UIDPLUS but no MOVE, and folders below "INBOX." as Courier has them."""
    with running_servers(Kind(capability=WITHOUT_MOVE, prefix="INBOX.", separator=".")) as servers:
        yield servers[0]


@pytest.fixture(scope="session")
def bare_dovecot() -> Iterator[Dovecot]:
    """A server without MOVE, UIDPLUS, IDLE and NAMESPACE."""
    with running_servers(Kind(capability=BARE)) as servers:
        yield servers[0]


@pytest.fixture(scope="session")
def oauth_dovecot() -> Iterator[Dovecot]:
    """A server that takes access tokens beside passwords."""
    with running_servers(Kind(mechanisms="plain login xoauth2 oauthbearer")) as servers:
        yield servers[0]


@pytest.fixture(scope="session")
def bearer_dovecot() -> Iterator[Dovecot]:
    """A server that takes access tokens by the standard's own mechanism only."""
    with running_servers(Kind(mechanisms="plain oauthbearer")) as servers:
        yield servers[0]


@pytest.fixture
def user() -> str:
    """An address that no other test uses; its mailbox is empty."""
    return f"billing-{uuid.uuid4().hex[:12]}@{MAIL_DOMAIN}"
