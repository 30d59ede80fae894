"""Rows of the register about tax."""

from __future__ import annotations

from typing import Annotated

from batch.core.tax import CisStatus, DeductionEffect, TaxKind, TaxRounding
from batch.formats.register.kinds import Code, Kind, MaybeCode, Rate, Text, choose, column
from batch.formats.register.row import RegisterRow

TaxKindChoice = Annotated[TaxKind, choose(TaxKind), Kind.CHOICE]
EffectChoice = Annotated[DeductionEffect, choose(DeductionEffect), Kind.CHOICE]
TaxRoundingChoice = Annotated[TaxRounding, choose(TaxRounding), Kind.CHOICE]
MaybeCisStatus = Annotated[
    Annotated[CisStatus | None, choose(CisStatus), Kind.CHOICE],
    column(
        "CIS status",
        "UK: status under the Construction Industry Scheme. Blank: nothing is withheld.",
        "registered",
    ),
]
CisRegistered = Annotated[
    Rate, column("CIS registered", "UK: rate withheld from registered subcontractors.", "20%")
]
CisUnregistered = Annotated[
    Rate, column("CIS unregistered", "UK: rate withheld from unregistered subcontractors.", "30%")
]
CommitmentTaxCode = Annotated[
    MaybeCode,
    column("Tax code", "Tax on its payments: a code of the sheet Tax codes. Blank: no tax.", "VAT20"),
]
LineTaxCode = Annotated[
    MaybeCode,
    column("Tax code", "Only where this line is taxed otherwise. Blank: as its commitment.", "VAT20"),
]


ClientTaxCode = Annotated[
    MaybeCode,
    column("Tax code", "Tax on what the client pays: a code of the sheet Tax codes. Blank: no tax.", "VAT20"),
]
ClientLineTaxCode = Annotated[
    MaybeCode,
    column("Tax code", "Only where this line is taxed otherwise. Blank: as its contract.", "VAT20"),
]


class TaxCodeRow(RegisterRow):
    """One kind of tax with its rate. A changed rate counts for what is approved from then on."""

    code: Annotated[Code, column("Code", "Code of the tax. It never changes.", "VAT20")]
    description: Annotated[
        Text, column("Description", "The tax as documents name it. Blank: the code.", "VAT at 20 %")
    ] = ""
    rate: Annotated[Rate, column("Rate", "Rate in percent of the payment before tax. 0% for none.", "20%")]
    kind: Annotated[
        TaxKindChoice,
        column(
            "Kind",
            "Charged: added to the payment. Reverse charge: shown only; you account for it.",
            "charged",
        ),
    ] = TaxKind.CHARGED
