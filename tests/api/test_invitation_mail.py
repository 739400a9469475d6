"""Invitations by e-mail, to a real SMTP server; where it does not take one, whoever invites hands the link over."""

import re

import pytest
from tests.people import Person, owner

from immutable.errors import StartError
from immutable.outbound.mail import Mailer, MailFailed


def test_an_invitation_is_mailed(serve, box):
    """Its link joins; a hostile name in it is one line; where the server refuses it, the answer says that nothing was sent."""
    handler, port = box
    server = serve(
        smtp_url=f"smtp+plain://127.0.0.1:{port}", mail_from="audit@example.com", public_url="http://audit.example.com"
    )
    boss = owner(server)
    boss.workspace = "evil\nhttp://evil.example"
    server.catalog.create_workspace(boss.workspace)
    made = boss.post("/invitations", {"email": "ada@example.com", "role": "member"}).json()["data"]
    assert made["is_mailed"]
    (mail,) = handler.mails
    assert (mail["To"], mail["From"]) == ("ada@example.com", "audit@example.com")
    text = mail.get_content()
    assert re.findall(r"https?://\S+", text) == [f"http://audit.example.com{made['path']}"]
    assert Person(server, "ada@example.com").accept(made["path"].rsplit("/", 1)[1]).status_code == 200
    refused = boss.post("/invitations", {"email": "refused@example.com"}).json()["data"]
    assert not refused["is_mailed"]
    assert refused["path"]
    assert made["path"].rsplit("/", 1)[1] not in server.logged()


def test_a_mail_server_without_encryption_is_not_used_by_mistake(box):
    """smtp:// goes on only once the connection is encrypted; other schemes are refused at the start."""
    handler, port = box
    with pytest.raises(MailFailed):
        Mailer(f"smtp://user:password@127.0.0.1:{port}", "a@example.com").send("b@example.com", "s", "t")
    assert handler.mails == []
    for url, sender in (("http://127.0.0.1", "a@example.com"), ("smtp://", "a@example.com"), ("smtp://x", "nobody")):
        with pytest.raises(StartError):
            Mailer(url, sender)
