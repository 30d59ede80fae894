"""Access tokens for the mail account: Microsoft 365 by msal, Google by google-auth. They decide nothing.

A source of tokens is a function without arguments, asked at each connection: a token lives about an hour, a connection
less. Tokens are never logged, and no message of an error repeats one. What a person signed in to once is kept in a
file of mode 0600.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from batch.edges.folders import write_file

TokenSource: TypeAlias = Callable[[], str]
#: Tells a person where to go and what to type while signing in.
Say: TypeAlias = Callable[[str], None]

_MICROSOFT = "https://login.microsoftonline.com/"
# One resource for both protocols: an app's own right to mailboxes, and a signed-in person's.
_MICROSOFT_APP = ["https://outlook.office365.com/.default"]
_MICROSOFT_PERSON = [
    "https://outlook.office.com/IMAP.AccessAsUser.All",
    "https://outlook.office.com/SMTP.Send",
]
_GOOGLE = ["https://mail.google.com/"]
_SECONDS = 30
#: Where the browser comes back to after signing in to Google; fixed, so that it can be forwarded to a server.
GOOGLE_PORT = 8085


class TokenUnavailable(Exception):
    """No token could be had. `code` is the provider's own (AADSTS7000215, invalid_grant ...), "network" without one.

    `is_temporary`: the provider could not be reached; trying again may help without a person.
    """

    def __init__(self, code: str, detail: str, *, is_temporary: bool = False) -> None:
        super().__init__(f"signing in failed ({code}): {detail}")
        self.code = code
        self.detail = detail
        self.is_temporary = is_temporary


def microsoft_app(
    tenant: str, client_id: str, secret: Callable[[], str], *, transport: Any = None
) -> TokenSource:
    """Tokens of an app registration for itself (client credentials, RFC 6749 4.4); msal keeps one while it is good.

    After a refusal the secret is read anew, so that a renewed one is taken without a restart.
    `transport` is an HTTP client with msal's `get`, `post` and `close`; None: msal's own.
    """
    kept: list[Any] = []

    def token() -> str:
        import msal

        with _named_faults():
            if not kept:
                kept.append(
                    msal.ConfidentialClientApplication(
                        client_id,
                        client_credential=secret(),
                        authority=_MICROSOFT + tenant,
                        http_client=transport,
                        timeout=None if transport else _SECONDS,
                    )
                )
            try:
                return _microsoft_token(kept[0].acquire_token_for_client(_MICROSOFT_APP))
            except TokenUnavailable:
                kept.clear()
                raise

    return token


def microsoft_person(tenant: str, client_id: str, kept: Path, *, transport: Any = None) -> TokenSource:
    """Tokens of a person who signed in once (`microsoft_sign_in`); each is made from the refresh token in `kept`."""

    def token() -> str:
        with _named_faults():
            app, cache = _microsoft_public(tenant, client_id, kept, transport)
            accounts = app.get_accounts()
            answer = app.acquire_token_silent_with_error(_MICROSOFT_PERSON, accounts[0]) if accounts else None
            _keep(cache, kept)
            if answer is None:
                raise TokenUnavailable("sign-in-needed", "nobody has signed in yet")
            return _microsoft_token(answer)

    return token


def microsoft_sign_in(tenant: str, client_id: str, kept: Path, say: Say, *, transport: Any = None) -> None:
    """Lets a person sign in on any device with a code (RFC 8628) and keeps the result in `kept`."""
    with _named_faults():
        app, cache = _microsoft_public(tenant, client_id, kept, transport)
        flow = app.initiate_device_flow(_MICROSOFT_PERSON)
        if "user_code" not in flow:
            _microsoft_token(flow)
        say(str(flow["message"]))
        _microsoft_token(app.acquire_token_by_device_flow(flow))
        _keep(cache, kept)


def google_service_account(key_file: Path, user: str) -> TokenSource:
    """Tokens of a service account that acts for `user` (domain-wide delegation, RFC 7523)."""

    def token() -> str:
        with _named_faults():
            from google.oauth2 import service_account

            kind: Any = service_account.Credentials
            return _google_token(kind.from_service_account_file(str(key_file), scopes=_GOOGLE, subject=user))

    return token


def google_person(kept: Path) -> TokenSource:
    """Tokens of a person who signed in once (`google_sign_in`); each is made from the refresh token in `kept`."""

    def token() -> str:
        if not kept.exists():
            raise TokenUnavailable("sign-in-needed", "nobody has signed in yet")
        with _named_faults():
            from google.oauth2 import credentials

            kind: Any = credentials.Credentials
            return _google_token(kind.from_authorized_user_file(str(kept), _GOOGLE))

    return token


def google_sign_in(client_file: Path, kept: Path, say: Say) -> None:
    """Lets a person sign in with a browser that reaches this machine's port GOOGLE_PORT, and keeps the result."""
    with _named_faults():
        from google_auth_oauthlib.flow import InstalledAppFlow

        flow = InstalledAppFlow.from_client_secrets_file(str(client_file), _GOOGLE)
        flow.redirect_uri = f"http://localhost:{GOOGLE_PORT}/"
        say(f"The browser has to reach port {GOOGLE_PORT} of this machine (ssh -L forwards it).")
        credentials = flow.run_local_server(port=GOOGLE_PORT, open_browser=False, prompt="consent")
        write_file(kept, credentials.to_json().encode())


def _microsoft_public(tenant: str, client_id: str, kept: Path, transport: Any) -> tuple[Any, Any]:
    import msal

    cache = msal.SerializableTokenCache()
    if kept.exists():
        cache.deserialize(kept.read_text(encoding="utf-8"))
    app = msal.PublicClientApplication(
        client_id,
        authority=_MICROSOFT + tenant,
        token_cache=cache,
        http_client=transport,
        timeout=None if transport else _SECONDS,
    )
    return app, cache


def _keep(cache: Any, kept: Path) -> None:
    if cache.has_state_changed:
        write_file(kept, cache.serialize().encode())


def _microsoft_token(answer: dict[str, Any] | None) -> str:
    if answer and "access_token" in answer:
        return str(answer["access_token"])
    answer = answer or {}
    description = str(answer.get("error_description") or "no reason given")
    # "AADSTS7000215: Invalid client secret provided. ... Trace ID: ..."
    word = description.split(":", 1)[0]
    code = word if word.startswith("AADSTS") else str(answer.get("error") or "no-token")
    raise TokenUnavailable(code, description.split(" Trace ID:", maxsplit=1)[0].splitlines()[0])


def _google_token(credentials: Any) -> str:
    import google.auth.transport.requests
    import requests

    with requests.Session() as session:
        credentials.refresh(google.auth.transport.requests.Request(session))
    return str(credentials.token)


@contextmanager
def _named_faults() -> Iterator[None]:
    """Turns whatever msal, google-auth, requests and json raise into TokenUnavailable."""
    import google.auth.exceptions
    import requests

    try:
        yield
    except TokenUnavailable:
        raise
    except google.auth.exceptions.RefreshError as error:
        said = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
        raise TokenUnavailable(
            str(said.get("error", "refused")), str(said.get("error_description", error))
        ) from None
    except (requests.RequestException, google.auth.exceptions.TransportError, TimeoutError) as error:
        raise TokenUnavailable("network", type(error).__name__, is_temporary=True) from error
    except (OSError, json.JSONDecodeError, ValueError, KeyError) as error:
        raise TokenUnavailable("configuration", str(error)) from error
