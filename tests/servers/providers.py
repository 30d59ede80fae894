"""What gives out access tokens in these tests: a Google-like endpoint on loopback, and Microsoft's answers for msal.

Both sign the tokens that the Dovecot with OAuth validates.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.dovecot import HOST, ISSUER, TOKEN_SECRET

SCOPE = "https://mail.google.com/"
# Whom a service account's assertion is for, wherever it is sent to.
AUDIENCE = "https://oauth2.googleapis.com/token"


def access_token(user: str, *, seconds: int = 3600) -> str:
    """A token for `user` as the server expects it; negative `seconds`: it has expired."""
    claims = {"sub": user, "email": user, "iss": ISSUER, "exp": int(time.time()) + seconds}
    return jwt.encode(claims, TOKEN_SECRET, algorithm="HS256", headers={"kid": "default"})


@dataclass(kw_only=True)
class Google:
    """A token endpoint: it verifies the signed assertion of a service account, or a refresh token."""

    port: int
    private_key: str
    public_key: Any
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    delegated: bool = True
    asked: list[str] = field(default_factory=list)

    @property
    def token_uri(self) -> str:
        """Where tokens are asked for."""
        return f"http://{HOST}:{self.port}/token"

    def key_file(self) -> str:
        """A service account's key file."""
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "example",
                "private_key_id": "1",
                "private_key": self.private_key,
                "client_email": "billings@example.iam.test",
                "client_id": "1",
                "token_uri": self.token_uri,
            }
        )

    def signed_in_file(self, refresh_token: str) -> str:
        """What a person's sign-in leaves."""
        return json.dumps(
            {
                "type": "authorized_user",
                "client_id": "desktop",
                "client_secret": "not secret",
                "refresh_token": refresh_token,
                "token_uri": self.token_uri,
            }
        )

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to one request for a token (RFC 6749 5)."""
        self.asked.append(form["grant_type"])
        if form["grant_type"] == "refresh_token":
            user = self.refresh_tokens.get(form["refresh_token"])
            if user is None:
                return 400, {
                    "error": "invalid_grant",
                    "error_description": "Token has been expired or revoked.",
                }
        else:
            claims = jwt.decode(form["assertion"], self.public_key, algorithms=["RS256"], audience=AUDIENCE)
            if not self.delegated or claims["scope"] != SCOPE:
                return 401, {"error": "unauthorized_client", "error_description": "Client is unauthorized."}
            user = claims["sub"]
        return 200, {"access_token": access_token(user), "expires_in": 3600, "token_type": "Bearer"}


@contextmanager
def google() -> Iterator[Google]:
    """The endpoint, from start to stop."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = issuer.answer({name: values[0] for name, values in parse_qs(body).items()})
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer((HOST, 0), Endpoint) as server:
        issuer = Google(port=server.server_address[1], private_key=pem, public_key=key.public_key())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield issuer
        server.shutdown()
        thread.join(10)


@dataclass(kw_only=True)
class Answer:
    """An HTTP answer as msal reads it."""

    status_code: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        """Raises for a status that msal does not expect."""
        assert self.status_code < 500, self.text


@dataclass(kw_only=True)
class Microsoft:
    """Entra's endpoints as an HTTP client for msal: discovery, client credentials, sign-in by code, refresh."""

    user: str
    secret: str = "right"
    signed_in_after: int = 1
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, **_: Any) -> Answer:
        """The clouds there are, or the tenant's OpenID configuration."""
        if "/discovery/instance" in url:
            return self._json(200, {"metadata": []})
        tenant = urlsplit(url).path.split("/")[1]
        base = f"https://login.microsoftonline.com/{tenant}"
        return self._json(
            200,
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            },
        )

    def post(self, url: str, data: dict[str, str] | None = None, **_: Any) -> Answer:
        """A code for a device, or a token."""
        form = data or {}
        if url.endswith("devicecode"):
            return self._json(
                200,
                {
                    "user_code": "ABCD",
                    "device_code": "d1",
                    "verification_uri": "https://microsoft.com/devicelogin",
                    "expires_in": 900,
                    "interval": 0,
                    "message": "Open https://microsoft.com/devicelogin and type ABCD.",
                },
            )
        return self._token(form)

    def close(self) -> None:
        """Nothing is open."""

    def _token(self, form: dict[str, str]) -> Answer:
        grant = form["grant_type"]
        self.asked.append(grant)
        if grant == "client_credentials" and form["client_secret"] != self.secret:
            return self._json(
                401,
                {
                    "error": "invalid_client",
                    "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: 1",
                },
            )
        if grant.endswith("device_code") and self.asked.count(grant) <= self.signed_in_after:
            return self._json(
                400, {"error": "authorization_pending", "error_description": "AADSTS70016: wait"}
            )
        answer = {"access_token": access_token(self.user), "expires_in": 3600, "token_type": "Bearer"}
        if grant != "client_credentials":
            who = {"iss": "x", "sub": "s", "aud": form["client_id"], "exp": int(time.time()) + 3600}
            more = {"tid": "t", "oid": "o", "preferred_username": self.user, "iat": int(time.time())}
            answer |= {
                "refresh_token": "r1",
                "id_token": jwt.encode(who | more, TOKEN_SECRET, algorithm="HS256"),
                "client_info": "eyJ1aWQiOiJvIiwidXRpZCI6InQifQ",
                "scope": form.get("scope", ""),
            }
        return self._json(200, answer)

    @staticmethod
    def _json(status: int, answer: dict[str, Any]) -> Answer:
        return Answer(status_code=status, text=json.dumps(answer))
