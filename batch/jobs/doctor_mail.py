"""Do both mail servers take our login, and if not: what a person has to do, where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from batch.config import Config, SmtpFolder
from batch.config_secret import ConfigError
from batch.edges.mailbox import Mailbox, MailboxUnavailable
from batch.edges.postman import SubmissionUnavailable, greet
from batch.jobs.accounts import imap_account, smtp_account
from batch.jobs.workplace import Workplace

_PLAIN = "Check host, port, security, user and password."
_OTHERWISE = {
    "microsoft": "Check host, port, user and the keys of mail.oauth; then docs/mail-accounts.md, Microsoft 365.",
    "google": "Check host, port, user and the keys of mail.oauth; then docs/mail-accounts.md, Google.",
}
#: What the provider or the server says, and what to do about it. The first that is found counts.
_HINTS: tuple[tuple[str, str], ...] = (
    ("sign-in-needed", "Run: billings sign-in"),
    (
        "AADSTS7000215",
        (
            "The client secret is wrong: Entra, App registrations, Certificates & secrets; copy its "
            "Value, not its ID."
        ),
    ),
    (
        "AADSTS7000222",
        "The client secret has expired: Entra, App registrations, Certificates & secrets, New client secret.",
    ),
    (
        "AADSTS700016",
        (
            "There is no such app in this tenant: check client_id and tenant; Entra, App registrations, "
            "Overview."
        ),
    ),
    ("AADSTS90002", "There is no such tenant: Entra, Overview, Tenant ID."),
    ("AADSTS900023", "There is no such tenant: Entra, Overview, Tenant ID."),
    (
        "AADSTS65001",
        "Nobody has consented yet: Entra, App registrations, API permissions, Grant admin consent.",
    ),
    (
        "AADSTS7000218",
        "Allow sign-in by code: Entra, App registrations, Authentication, Allow public client flows: Yes.",
    ),
    (
        "AADSTS50105",
        "This user is not assigned to the app: Entra, Enterprise applications, Users and groups.",
    ),
    ("AADSTS50076", "The sign-in asks for a second factor: run billings sign-in again."),
    ("AADSTS70008", "The sign-in has expired: run billings sign-in again."),
    ("AADSTS700082", "The sign-in has expired: run billings sign-in again."),
    (
        "User is authenticated but not connected",
        (
            "The app may not open this mailbox: New-ServicePrincipal with the *enterprise* object ID, "
            "then Add-MailboxPermission -AccessRights FullAccess."
        ),
    ),
    (
        "SmtpClientAuthentication is disabled",
        "Switch on sending for this mailbox: Set-CASMailbox -SmtpClientAuthenticationDisabled $false.",
    ),
    (
        "5.7.60",
        (
            "The app may not send as this address: Add-RecipientPermission -AccessRights SendAs, or use "
            "the mailbox's own address."
        ),
    ),
    (
        "SendAsDenied",
        (
            "The app may not send as this address: Add-RecipientPermission -AccessRights SendAs, or use "
            "the mailbox's own address."
        ),
    ),
    (
        "basic authentication is disabled",
        "Microsoft takes no password here any more: set up mail.oauth (docs/mail-accounts.md).",
    ),
    ("5.7.139", "Microsoft takes no password here any more: set up mail.oauth (docs/mail-accounts.md)."),
    (
        "unauthorized_client",
        (
            "Google admin console, Security, API controls, Domain-wide delegation: add the service "
            "account's client ID with the scope https://mail.google.com/."
        ),
    ),
    (
        "invalid_grant",
        (
            "The user does not exist, this machine's clock is wrong, or the sign-in was withdrawn: check "
            "imap.user, then run billings sign-in again."
        ),
    ),
    (
        "invalid_client",
        "The client was deleted or its secret renewed: Google Cloud console, APIs & Services, Credentials.",
    ),
    ("accessNotConfigured", "Switch on the Gmail API: Google Cloud console, APIs & Services, Library."),
    (
        "Application-specific password required",
        (
            "Google takes no plain password: make an app password (myaccount.google.com, Security), or "
            "set up mail.oauth."
        ),
    ),
    ("not enabled for IMAP use", "Switch on IMAP: Gmail, Settings, Forwarding and POP/IMAP."),
    ("IMAP access is disabled", "Switch on IMAP: Google admin console, Apps, Gmail, End User Access."),
    ("(network)", "The provider cannot be reached from here: check DNS, proxy and firewall."),
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at: whether it is well, and a sentence that says what to do when it is not."""

    what: str
    well: bool
    sentence: str


def check_imap(w: Workplace, now: datetime) -> Iterator[Finding]:
    """Can the mailbox be opened."""
    imap = w.config.mail.imap
    if imap is None:
        yield Finding(what="IMAP", well=True, sentence="not configured; mail comes in by: billings ingest")
        return
    try:
        with Mailbox(imap_account(w.config, imap), imap.folder) as mailbox:
            count = len(mailbox.uids())
            yield Finding(what="IMAP", well=True, sentence=f"{imap.folder} opened, {count} messages")
    except (MailboxUnavailable, ConfigError) as fault:
        yield Finding(what="IMAP", well=False, sentence=f"{fault}. {advice(w.config, str(fault))}")


def check_smtp(w: Workplace, now: datetime) -> Iterator[Finding]:
    """Does the submission server take our login; nothing is sent."""
    smtp = w.config.mail.smtp
    if isinstance(smtp, SmtpFolder):
        yield Finding(
            what="SMTP", well=True, sentence=f"mail is written into {smtp.folder.name}/ as .eml files"
        )
        return
    try:
        greet(smtp_account(w.config, smtp))
        yield Finding(what="SMTP", well=True, sentence=f"{smtp.host} answers and takes our login")
    except (SubmissionUnavailable, ConfigError) as fault:
        yield Finding(what="SMTP", well=False, sentence=f"{fault}. {advice(w.config, str(fault))}")


def advice(config: Config, said: str) -> str:
    """What to do about a login that failed, by the words of the provider or the server."""
    for words, hint in _HINTS:
        if words.lower() in said.lower():
            return hint
    return _OTHERWISE[config.mail.oauth.provider] if config.mail.oauth else _PLAIN
