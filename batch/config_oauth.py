"""Signing in to the mail account without a password, by OAuth 2.0: Microsoft 365 and Google.

One account signs in for reading and for sending alike. Exchange Online takes no password for IMAP since 2022, and none
for SMTP in new tenants from 2027; Google takes none for Workspace but an app password.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from batch.config_secret import FilePath, SecretReference, Settings, closed


class Microsoft(Settings):
    """An app registration in Microsoft Entra. With a secret it signs in by itself, without one a person does it once."""

    provider: Literal["microsoft"] = Field(
        description="microsoft: Microsoft 365, Exchange Online", examples=["microsoft"]
    )
    tenant: str = Field(
        description="directory (tenant) ID of the app registration, or your domain", examples=["example.com"]
    )
    client_id: str = Field(
        description="application (client) ID of the app registration",
        examples=["11111111-2222-3333-4444-555555555555"],
    )
    client_secret: SecretReference | None = Field(
        None,
        description="reference to the client secret; without it a person signs in once: billings sign-in",
        examples=["{env: ENTRA_CLIENT_SECRET}"],
    )


class Google(Settings):
    """Either a service account with domain-wide delegation, or an OAuth client that a person signs in to once."""

    provider: Literal["google"] = Field(description="google: Google Workspace, Gmail", examples=["google"])
    service_account: FilePath | None = Field(
        None,
        description="key file (JSON) of a service account with domain-wide delegation; mode 0600",
        examples=["service-account.json"],
    )
    client_file: FilePath | None = Field(
        None,
        validate_default=True,
        description="instead of that key: client file (JSON) of a desktop app; a person signs in once: billings sign-in",
        examples=["client.json"],
    )

    @field_validator("service_account")
    @classmethod
    def _closed(cls, file: FilePath | None) -> FilePath | None:
        return closed(file)

    @field_validator("client_file")
    @classmethod
    def _exactly_one(cls, file: FilePath | None, info: ValidationInfo) -> FilePath | None:
        if "service_account" in info.data and (info.data["service_account"] is None) == (file is None):
            raise ValueError("give either service_account or client_file")
        return file


def _provider(value: object) -> str:
    name = value.get("provider") if isinstance(value, dict) else getattr(value, "provider", None)
    return "oauth-google" if name == "google" else "oauth-microsoft"


OAuth = Annotated[
    Annotated[Microsoft, Tag("oauth-microsoft")] | Annotated[Google, Tag("oauth-google")],
    Discriminator(_provider),
]
