"""The second factor over HTTP: what it takes to remove it, and what guessing its codes costs whoever knows the password."""

import time

import pyotp
import pytest
from tests.people import PASSWORD, Person, invited


def enrolled(server):
    """A member with a second factor: the person, the next code of their authenticator, and their recovery codes."""
    person = invited(server, "careful", "viewer")
    totp = pyotp.TOTP(person.post("/account/totp", {"password": PASSWORD}).json()["data"]["secret"])
    now = int(time.time())
    confirmed = person.post("/account/totp/confirm", {"code": totp.at(now)})
    assert confirmed.status_code == 200, confirmed.text
    return person, totp.at(now + 30), confirmed.json()["data"]["recovery_codes"]


def removal(person, code, password=PASSWORD):
    """The status of an attempt to remove the second factor."""
    return person.post("/account/totp/remove", {"password": password, "code": code}).status_code


@pytest.mark.parametrize("by", ["authenticator", "recovery code"])
def test_removal_takes_both_factors(server, by):
    """The password alone does not do, nor a code without it; both do, once."""
    person, code, recovery_codes = enrolled(server)
    good = code if by == "authenticator" else recovery_codes[0]
    assert person.post("/account/totp/remove", {"password": PASSWORD}).status_code == 422
    assert [removal(person, wrong) for wrong in ("", "000000", "none-at-all")] == [403] * 3
    assert removal(person, good, "not the password") == 403
    assert not Person(server, person.email).sign_in().json()["data"]["is_signed_in"]
    assert removal(person, good) == 200
    assert removal(person, good) == 409
    assert Person(server, person.email).sign_in().json()["data"]["is_signed_in"]
