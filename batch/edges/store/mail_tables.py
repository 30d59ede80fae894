"""Mail in, mail out, files from watched folders, and what was set aside after it failed three times."""

from __future__ import annotations

from batch.core import states
from batch.edges.store.columns import choice, ref, revision, text_column, utc, whole, words, yes_no
from batch.edges.store.register_tables import keyed, table

#: Each message once, under the identity the mail server gave it. `file_to`: the folder there it goes to.
inbox = keyed(
    "inbox",
    text_column("account"),
    text_column("folder"),
    whole("uidvalidity"),
    whole("uid"),
    text_column("sha256"),
    text_column("content_sha"),
    whole("size"),
    utc("received_at"),
    choice("state", states.Incoming),
    revision(),
    whole("attempts", default=0),
    text_column("outcome", nullable=True),
    text_column("reason", nullable=True),
    text_column("sender"),
    text_column("subject"),
    text_column("message_id"),
    ref("invite_id", "invite", nullable=True),
    # The application points back at its mail; the names break the ring when tables are made on PostgreSQL.
    ref("application_id", "application", nullable=True, use_alter=True),
    ref("duplicate_of", "inbox", nullable=True),
    text_column("file_to", nullable=True),
    utc("filed_at", nullable=True),
    text_column("traceback", nullable=True),
    utc("next_try_at", nullable=True),
    key=("account", "folder", "uidvalidity", "uid"),
)

#: Content of processed submissions: the same content again is a duplicate, whatever mail it came in.
submission = keyed(
    "submission",
    text_column("content_sha"),
    ref("inbox_id", "inbox"),
    key=("content_sha",),
)

#: Mail leaves only from here. `sha256`: the fixed bytes in the archive. In doubt a hint goes out again.
outbox = keyed(
    "outbox",
    text_column("purpose"),
    text_column("subject_type"),
    whole("subject_id"),
    whole("subject_revision"),
    text_column("recipient"),
    whole("ordinal"),
    text_column("message_id", unique=True),
    text_column("sha256"),
    words("kind", "hint", "decision"),
    choice("state", states.Outgoing),
    revision(),
    whole("attempts", default=0),
    utc("not_before"),
    utc("next_try_at", nullable=True),
    utc("sent_at", nullable=True),
    whole("smtp_code", nullable=True),
    text_column("smtp_text", nullable=True),
    yes_no("resent"),
    utc("created_at"),
    key=("purpose", "subject_type", "subject_id", "subject_revision", "recipient", "ordinal"),
)

watched_file = keyed(
    "watched_file",
    text_column("sha256"),
    ref("admin_id", "admin"),
    text_column("name"),
    text_column("state"),
    text_column("report"),
    utc("at"),
    key=("sha256", "admin_id"),
)

quarantine = table(
    "quarantine",
    text_column("item_type"),
    whole("item_id"),
    whole("attempts"),
    text_column("traceback"),
    utc("at"),
    utc("released_at", nullable=True),
    key=("item_type", "item_id", "at"),
)
