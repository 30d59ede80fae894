"""How an approved amount is paid: terms, holds and joint check agreements of the register, and the split of each approval."""

from __future__ import annotations

from sqlalchemy import Index, text

from batch.core.payment_terms import CountedFrom
from batch.edges.store.columns import choice, day, minor, ref, revision, text_column, whole, yes_no
from batch.edges.store.register_tables import keyed, table

#: Days are text as `core.payment_terms.read_days` reads it; '' where there is no such date.
payment_terms = keyed(
    "payment_terms",
    text_column("code"),
    revision(),
    text_column("description"),
    choice("counted_from", CountedFrom),
    text_column("due"),
    text_column("notice"),
    text_column("final"),
    text_column("pay_less"),
    text_column("holidays"),
    key=("code",),
)

#: On a vendor or on one commitment; open while `released_on` is empty.
hold = keyed(
    "hold",
    text_column("number"),
    revision(),
    ref("vendor_id", "vendor", nullable=True),
    ref("commitment_id", "commitment", nullable=True),
    text_column("reason"),
    day("since"),
    day("released_on", nullable=True),
    yes_no("shown"),
    key=("number",),
)

#: In force while `ended_on` is empty. `owed`: what the joint payee is owed in all.
joint_check = keyed(
    "joint_check",
    ref("commitment_id", "commitment"),
    text_column("number"),
    revision(),
    text_column("payee"),
    minor("owed"),
    day("agreed_on"),
    day("ended_on", nullable=True),
    key=("commitment_id", "number"),
)

#: What an approval pays to the vendor and a joint payee together, in the order of `ordinal`; what is left of the payable
#: goes to the vendor alone. `open`: what was still owed before. `live` ends when the application is opened again.
application_payee = table(
    "application_payee",
    ref("application_id", "application"),
    ref("joint_check_id", "joint_check"),
    whole("ordinal"),
    text_column("payee", proven=True),
    minor("open"),
    minor("amount"),
    text_column("currency"),
    yes_no("live", default=True),
    key=("application_id", "joint_check_id"),
)
Index(
    "uq_application_payee_live",
    application_payee.c.application_id,
    application_payee.c.joint_check_id,
    unique=True,
    sqlite_where=text("live = 1"),
    postgresql_where=text("live = 1"),
)
