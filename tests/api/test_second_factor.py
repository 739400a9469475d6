"""The second factor over HTTP: what it takes to remove it, and what guessing its codes costs whoever knows the password."""

import time

import pyotp
import pytest
from tests.people import PASSWORD, Person, invited, owner
from tests.waiting import until

from immutable.accounts.totp import CODES_AT_ONCE


def enrolled(server):
    """A member with a second factor: the person, what tells a code that was not used, and their recovery codes."""
    owner(server)
    person = invited(server, "careful", "viewer")
    totp = pyotp.TOTP(person.post("/account/totp", {"password": PASSWORD}).json()["data"]["secret"])
    now = int(time.time())
    confirmed = person.post("/account/totp/confirm", {"code": totp.at(now)})
    assert confirmed.status_code == 200, confirmed.text
    return person, lambda: totp.at(max(now + 30, int(time.time()))), confirmed.json()["data"]["recovery_codes"]


def removal(person, code, password=PASSWORD):
    """The status of an attempt to remove the second factor."""
    return person.post("/account/totp/remove", {"password": password, "code": code}).status_code


@pytest.mark.parametrize("by", ["authenticator", "recovery code"])
def test_removal_takes_both_factors(server, by):
    """The password alone does not do, nor a code without it; both do, once."""
    person, code, recovery_codes = enrolled(server)
    good = code() if by == "authenticator" else recovery_codes[0]
    assert person.post("/account/totp/remove", {"password": PASSWORD}).status_code == 422
    assert [removal(person, wrong) for wrong in ("", "000000", "none-at-all")] == [403] * 3
    assert removal(person, good, "not the password") == 403
    assert not Person(server, person.email).sign_in().json()["data"]["is_signed_in"]
    assert removal(person, good) == 200
    assert removal(person, good) == 409
    assert Person(server, person.email).sign_in().json()["data"]["is_signed_in"]


def test_guessing_codes_costs_ever_more(serve, box):
    """After ten wrong codes none is looked at for half a day, and the member hears of it; strangers keep nobody out."""
    handler, port = box
    server = serve(
        smtp_url=f"smtp+plain://127.0.0.1:{port}", mail_from="audit@example.com", public_url="http://audit.example.com",
        failed_sign_ins_per_hour=1_000,
    )  # fmt: skip
    boss = owner(server)
    person, code, recovery_codes = enrolled(server)
    guesser = Person(server, person.email)
    for number in range(CODES_AT_ONCE + 2):  # who does not know the password guesses no code, and uses none up
        assert guesser.sign_in("not the password", code=f"{number:06}").status_code == 401
    assert Person(server, person.email).sign_in(code=code()).status_code == 200
    answers = [guesser.sign_in(code=f"{number:06}") for number in range(CODES_AT_ONCE + 1)]
    assert [one.status_code for one in answers] == [401] * CODES_AT_ONCE + [429]
    assert 11 * 3_600 < int(answers[-1].headers["retry-after"]) <= 12 * 3_600
    assert "recovery code" in answers[-1].json()["message"]
    (mail,) = handler.mails
    assert (mail["To"], mail["Subject"]) == (person.email, "Somebody knows your password")
    assert "http://audit.example.com/desk#/account" in mail.get_content()
    told = until(lambda: boss.get("/events", action="immutable.member_second_factor_waits").json()["data"])
    assert [(one["resource"]["name"], one["actor"]["type"]) for one in told] == [(person.email, "visitor")]
    assert removal(person, "123456") == 429
    assert Person(server, person.email).sign_in(code=recovery_codes[0]).status_code == 200
    assert removal(person, recovery_codes[1]) == 200
