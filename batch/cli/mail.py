"""Mail by hand: from files, and what waits for a person."""

from __future__ import annotations

from pathlib import Path

import typer

from batch.cli.setting import JSON, NOW, fail, instant, show_json, show_table, workplace


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("ingest")(ingest)
    app.command("inbox")(inbox)
    app.command("outbox")(outbox)
    app.command("quarantine")(quarantine)
    app.command("sign-in")(sign_in)


def ingest(
    sources: list[Path] = typer.Argument(help="Mail files (.eml), or folders of them."),
    received: str = typer.Option(
        "",
        "--received",
        metavar="ISO-8601",
        help="When the mail was received; default: its topmost Received header.",
    ),
    now: str = NOW,
) -> None:
    """Take mail from files through exactly the path that mail from the server takes. `billings tick` then works on it."""
    from batch.jobs.fetch_mail import ingest as take

    files = [
        file for source in sources for file in (sorted(source.glob("*.eml")) if source.is_dir() else [source])
    ]
    missing = [str(file) for file in files if not file.is_file()]
    if missing or not files:
        fail(f"no such file: {', '.join(missing)}" if missing else "there is no .eml file there", 2)
    at = instant(now)
    with workplace() as w:
        taken = take(w, files, received=instant(received) if received else None, now=at)
    for file, found in taken:
        typer.echo(f"{file}: {'taken as inbox:' + str(found) if found is not None else 'was here already'}")


def inbox(
    put_back: int = typer.Option(
        0, "--put-back", metavar="ID", help="Work on this mail again, as if it had just come."
    ),
    settle: int = typer.Option(0, "--settle", metavar="ID", help="Mark this mail as settled by a person."),
    now: str = NOW,
    as_json: bool = JSON,
) -> None:
    """Received mail, with its outcome and the reason."""
    from batch.edges.store import queries_mail
    from batch.jobs.reopen import put_back as again
    from batch.jobs.reopen import settle_mail

    with workplace() as w:
        if put_back and not again(w, "inbox", put_back, instant(now)):
            fail(f"there is no received mail {put_back}")
        if settle and not settle_mail(w, settle, instant(now)):
            fail(f"received mail {settle} is not there, or does not wait for anybody")
        with w.store.read() as conn:
            rows = queries_mail.incoming(conn)
    names = ("id", "received_at", "sender", "subject", "state", "outcome", "reason")
    facts = [{name: str(row[name]) if row[name] is not None else "" for name in names} for row in rows]
    _print("Received mail", list(names), facts, as_json=as_json)


def outbox(
    resend: int = typer.Option(
        0, "--resend", metavar="ID", help="Send this refused or uncertain mail again, the same bytes."
    ),
    now: str = NOW,
    as_json: bool = JSON,
) -> None:
    """Outgoing mail, with its state and what the server said."""
    from batch.edges.store import queries_mail
    from batch.jobs.reopen import put_back as again

    with workplace() as w:
        if resend and not again(w, "outbox", resend, instant(now)):
            fail(f"there is no outgoing mail {resend}")
        with w.store.read() as conn:
            rows = queries_mail.outgoing(conn)
    names = ("id", "created_at", "purpose", "recipient", "state", "sent_at", "smtp_code", "smtp_text")
    facts = [{name: str(row[name]) if row[name] is not None else "" for name in names} for row in rows]
    _print("Outgoing mail", list(names), facts, as_json=as_json)


def quarantine(as_json: bool = JSON) -> None:
    """What failed three times and was set aside, with its traceback. `billings inbox --put-back ID` gives it another try."""
    from batch.core.states import Incoming
    from batch.edges.store import queries_mail

    with workplace() as w, w.store.read() as conn:
        rows = queries_mail.incoming(conn, (Incoming.QUARANTINED,))
    names = ("id", "received_at", "sha256", "attempts", "traceback")
    facts = [{name: str(row[name]) if row[name] is not None else "" for name in names} for row in rows]
    _print("Set aside", list(names), facts, as_json=as_json)


def _print(title: str, names: list[str], facts: list[dict[str, str]], *, as_json: bool) -> None:
    if as_json:
        show_json(facts)
    else:
        show_table(title, names, [[one[name] for name in names] for one in facts])


def sign_in() -> None:
    """Sign in to the mail account once, by a person; needed only for mail.oauth without a secret or a service account."""
    from batch.edges.oauth import TokenUnavailable
    from batch.jobs.accounts import sign_in as once

    with workplace() as w:
        try:
            if not once(w.config, typer.echo):
                fail("this configuration signs in by itself; nobody has to")
        except TokenUnavailable as fault:
            fail(str(fault))
    typer.echo("signed in; billings doctor shows whether both mail servers take it")
