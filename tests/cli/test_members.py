"""immutable members: links, roles and sessions, beside a running server, on the record."""

import re
import time
from typing import Any

import pyotp
from tests.people import PASSWORD, Person, owner


def test_members_from_the_command_line(run: Any, serve: Any) -> None:
    """Invited, given another role, signed out, helped with password and second factor, removed; told of the system's user."""
    server = serve()
    boss = owner(server)

    def members(*words: str, code: int = 0) -> str:
        done = run("members", *words, database_url=server.database_url, code=code)
        return str(done.stdout + done.stderr)

    run("keys", "create", "--workspace", "shop", database_url=server.database_url)
    token = members("invite", "ada@example.com", "-w", "shop", "--role", "admin").strip().rsplit("/", 1)[1]
    ada = Person(server, "ada@example.com", "shop")
    assert ada.accept(token).status_code == 200
    assert re.search(r"ada@example\.com.*shop.*admin", members("list", "--workspace", "shop"))
    members("role", "ada@example.com", "viewer", "-w", "shop")
    assert ada.get("/account").status_code == 401
    ada.sign_in()
    assert ada.get("/keys").status_code == 403
    assert "link" not in members("sessions", "ada@example.com")
    members("sessions", "ada@example.com", "--end")
    assert ada.get("/account").status_code == 401
    assert "no second factor." in members("second-factor", "ada@example.com")
    ada.sign_in()
    secret = ada.post("/account/totp", {"password": PASSWORD}).json()["data"]["secret"]
    assert ada.post("/account/totp/confirm", {"code": pyotp.TOTP(secret).now()}).status_code == 200
    assert "10 recovery codes are left" in members("second-factor", "ada@example.com")
    members("second-factor", "ada@example.com", "--remove")
    assert ada.get("/account").status_code == 401
    assert ada.sign_in().json()["data"]["is_signed_in"]
    token = members("invite", "ada@example.com", "--new-password").strip().rsplit("/", 1)[1]
    assert ada.accept(token, password="staple the next horse").status_code == 200
    assert Person(server, ada.email).sign_in().status_code == 401
    members("remove", "ada@example.com", "-w", "shop")
    assert ada.get("/account").status_code == 401
    assert "last owner" in members("remove", boss.email, "-w", "immutable.administration", code=2)
    assert "members already" in members("invite", code=2)
    assert "no role" in members("invite", "x@example.com", "-w", "shop", "--role", "king", code=2)
    deadline = time.monotonic() + 120
    while True:
        told = {
            one["action"].removeprefix("immutable.")
            for one in boss.get("/events", limit=100).json()["data"]
            if one["actor"]["type"] == "operator"
        }
        wanted = {"workspace_created", "key_created", "member_invited", "member_role_changed", "member_sessions_ended",
                  "member_second_factor_removed", "member_password_link_made", "member_removed"}  # fmt: skip
        if wanted <= told:
            break
        assert time.monotonic() < deadline, wanted - told
        time.sleep(0.05)
