"""A Django site with SQLite and its own sessions, served by WSGI and by ASGI, our server behind it."""

import asyncio
import logging
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from types import ModuleType, SimpleNamespace
from typing import Any

import django
import httpx2
import pytest
import uvicorn
from django.conf import settings
from werkzeug.serving import make_server

from getimmutable.context import acting, track

SIGNED_COOKIES = "django.contrib.sessions.backends.signed_cookies"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Django, set up once for a process, with a model that tracks itself."""
    folder = tmp_path_factory.mktemp("site")
    settings.configure(
        SECRET_KEY="k",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="documents_urls",
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "site.db", "OPTIONS": {"timeout": 60}}
        },
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "getimmutable.django.AuditMiddleware",
        ],
        LOGGING_CONFIG=None,
        USE_TZ=True,
    )
    django.setup()
    from django.contrib.auth import alogin, get_user_model, login
    from django.core.management import call_command
    from django.db import connection, models
    from django.http import HttpResponse, StreamingHttpResponse
    from django.urls import path

    from getimmutable.django import TracksEvents

    class Document(TracksEvents):
        title = models.CharField(max_length=2000)
        pages = models.IntegerField(default=1)
        price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
        note = models.TextField(blank=True)
        share_token = models.TextField(blank=True)
        owner = models.ForeignKey(get_user_model(), models.CASCADE, null=True)
        saved_at = models.DateTimeField(auto_now=True)

        audit_exclude = ("note",)

        class Meta:
            app_label = "documents"

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Document)
    users = {name: get_user_model().objects.create_user(name, first_name=name.title()) for name in ("ann", "bob")}
    both = threading.Barrier(2)

    def sign_in(request: Any, user: str) -> Any:
        login(request, users[user])
        track("user.signed_in")
        return HttpResponse()

    async def asign_in(request: Any, user: str) -> Any:
        await alogin(request, users[user])
        track("user.signed_in")
        return HttpResponse()

    def save(request: Any, title: str) -> Any:
        Document.objects.create(title=title)
        return HttpResponse()

    async def asave(request: Any, title: str) -> Any:
        await asyncio.to_thread(both.wait, 30)
        await Document.objects.acreate(title=title)
        track(f"{title}.awaited")
        await asyncio.to_thread(both.wait, 30)
        return HttpResponse()

    def meet(request: Any) -> Any:
        both.wait(30)
        track(f"{request.user.username}.met")
        both.wait(30)
        return HttpResponse()

    def stream(request: Any) -> Any:
        def parts() -> Iterator[bytes]:
            track("part.sent")
            yield b"part"

        return StreamingHttpResponse(parts())

    async def astream(request: Any) -> Any:
        async def parts() -> AsyncIterator[bytes]:
            track("part.sent")
            yield b"part"

        return StreamingHttpResponse(parts())

    views = {
        "sign-in/<user>": sign_in, "asign-in/<user>": asign_in, "save/<title>": save, "asave/<title>": asave,
        "meet": meet, "stream": stream, "astream": astream,
    }  # fmt: skip
    urls: Any = ModuleType("documents_urls")
    urls.urlpatterns = [path(where, view) for where, view in views.items()]
    sys.modules["documents_urls"] = urls
    return SimpleNamespace(document=Document, users=users)


Serve = Callable[..., Callable[[], httpx2.Client]]


@pytest.fixture
def serve(site: Any, trail: Any) -> Iterator[Serve]:
    """Serves the site by WSGI or ASGI; what it returns opens browsers."""
    stops: list[Callable[[], object]] = []

    def start(how: str, **options: Any) -> Callable[[], httpx2.Client]:
        settings.IMMUTABLE = {"client": trail.client, **options}
        listening = socket.create_server(("127.0.0.1", 0))
        if how == "wsgi":
            from django.core.wsgi import get_wsgi_application

            wsgi = make_server("127.0.0.1", 0, get_wsgi_application(), threaded=True, fd=listening.fileno())
            thread = threading.Thread(target=wsgi.serve_forever)
            stops.extend([wsgi.shutdown, thread.join, wsgi.server_close])
        else:
            from django.core.asgi import get_asgi_application

            config = uvicorn.Config(get_asgi_application(), log_level="critical", lifespan="off", proxy_headers=False)
            asgi = uvicorn.Server(config)
            thread = threading.Thread(target=asgi.run, kwargs={"sockets": [listening]})
            stops.extend([lambda: setattr(asgi, "should_exit", True), thread.join])
        thread.start()
        port = listening.getsockname()[1]

        def browse() -> httpx2.Client:
            browser = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
            stops.insert(0, browser.close)
            return browser

        stops.append(listening.close)
        return browse

    yield start
    for stop in stops:
        stop()


@pytest.mark.parametrize(("how", "a"), [("wsgi", ""), ("asgi", "a")])
def test_requests_of_a_browser_are_one_session(serve: Serve, trail: Any, how: str, a: str) -> None:
    """The user who signs in is the actor from then on, streams included; the session is the hash of Django's key."""
    browser = serve(how)()
    headers = {"user-agent": "Browser/1", "x-forwarded-for": "203.0.113.9"}
    browser.get("/save/first", headers=headers)
    browser.get(f"/{a}sign-in/ann", headers=headers)
    browser.get("/save/second", headers=headers)
    assert browser.get(f"/{a}stream", headers=headers).content == b"part"
    first, login, second, part = trail.events()
    assert (first["actor_id"], first["session_id"]) == ("anonymous", None)
    assert {one["actor_name"] for one in (login, second, part)} == {"Ann"}
    key = trail.client.session_hash(browser.cookies["sessionid"])
    assert {one["session_id"] for one in (login, second, part)} == {key}
    assert (second["action"], second["ip_address"], second["user_agent"]) == (
        "document.created", "127.0.0.1", "Browser/1",
    )  # fmt: skip


@pytest.mark.parametrize(("how", "a", "b"), [("wsgi", "/meet", "/meet"), ("asgi", "/asave/one", "/asave/two")])
def test_two_requests_at_once_never_mix(serve: Serve, trail: Any, how: str, a: str, b: str) -> None:
    """Held until both are there, each keeps its user and its session."""
    browse = serve(how)
    browsers = {"ann": browse(), "bob": browse()}
    for user, browser in browsers.items():
        browser.get(f"/sign-in/{user}")
    threads = [
        threading.Thread(target=browser.get, args=(view,))
        for browser, view in zip(browsers.values(), (a, b), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = trail.events()[2:]
    named = {"ann": ("ann.met", "one"), "bob": ("bob.met", "two")}
    for user, browser in browsers.items():
        own = [one for one in events if one["session_id"] == trail.client.session_hash(browser.cookies["sessionid"])]
        assert {one["actor_name"] for one in own} == {user.title()}
        assert all(one["action"].split(".")[0] in (*named[user], "document", named[user][0][:3]) for one in own)
    assert len(events) == (2 if how == "wsgi" else 4)


def test_own_identify_signed_cookies_and_a_trusted_proxy(serve: Serve, trail: Any, monkeypatch: Any) -> None:
    """`identify` may be a dotted path; a session that is a cookie keeps its name when its content changes."""
    monkeypatch.setattr(settings, "SESSION_ENGINE", SIGNED_COOKIES)
    browser = serve("wsgi", identify="getimmutable.django.signed_in", trusted_proxies=["127.0.0.1"])()
    for where in ("/sign-in/ann", "/save/one", "/save/two"):
        browser.get(where, headers={"x-forwarded-for": "203.0.113.9"})
    events = trail.events()
    assert {one["ip_address"] for one in events} == {"203.0.113.9"}
    assert len({one["session_id"] for one in events}) == 1
    assert events[0]["session_id"].startswith("sh_")


@pytest.fixture
def model(site: Any, trail: Any) -> Iterator[Any]:
    """The model that tracks itself, in a job of Ann's."""
    settings.IMMUTABLE = {"client": trail.client}
    with acting(actor={"id": "ann"}):
        yield site.document


def test_changes_of_a_model(model: Any, site: Any, trail: Any) -> None:
    """Created, updated and deleted say what was there before and after; hidden fields are left out."""
    from django.db.models import F

    row = model.objects.create(title="Draft", note="private", share_token="t", price=Decimal("1.50"))
    row.title, row.note, row.owner = "Report", "more", site.users["bob"]
    row.save()
    row.save()  # nothing changed: nothing is told
    row.share_token = "u"
    row.save()  # that it changed is told, not what
    row.pages = F("pages") + 1
    row.save(update_fields=["pages"])
    model(pk=row.pk, title="Overwritten", pages=2, share_token="u").save()
    model.objects.get(pk=row.pk).delete()
    created, updated, hidden, computed, over, deleted = trail.events()
    assert (created["action"], created["actor_id"], created["resource_name"]) == ("document.created", "ann", "Draft")
    assert set(created["changes"]) == {"id", "title", "pages", "price", "saved_at"}
    assert created["changes"]["price"] == {"old": None, "new": "1.50"}
    assert updated["changes"] == {
        "title": {"old": "Draft", "new": "Report"}, "owner_id": {"old": None, "new": site.users["bob"].pk},
    }  # fmt: skip
    assert (hidden["action"], hidden["changes"]) == ("document.updated", None)
    assert computed["changes"] == {"pages": {"old": 1, "new": 2}}
    assert over["changes"]["title"] == {"old": "Report", "new": "Overwritten"}
    assert (deleted["action"], deleted["resource_id"]) == ("document.deleted", str(row.pk))
    assert deleted["changes"]["title"] == {"old": "Overwritten", "new": None}
    assert "private" not in str(trail.events())


def test_only_what_is_committed_is_told(model: Any, trail: Any) -> None:
    """A rollback takes the events back, a savepoint its own; afterwards the same row tells the truth again."""
    from django.db import transaction

    row = model.objects.create(title="Draft")
    with transaction.atomic():
        row.title = "Never"
        row.save()
        transaction.set_rollback(True)
    with transaction.atomic():
        with transaction.atomic():
            model.objects.create(title="Nor this")
            transaction.set_rollback(True)
        model.objects.create(title="Kept")
    row.save()  # it still says "Never", and now it is so
    assert [(one["action"], one["resource_name"], (one["changes"] or {}).get("title")) for one in trail.events()] == [
        ("document.created", "Draft", {"old": None, "new": "Draft"}),
        ("document.created", "Kept", {"old": None, "new": "Kept"}),
        ("document.updated", "Never", {"old": "Draft", "new": "Never"}),
    ]


def test_nothing_of_the_application_fails_for_its_audit(model: Any, monkeypatch: Any, caplog: Any) -> None:
    """A mixin that goes wrong logs it, and the row is saved."""
    monkeypatch.setattr(model, "audit_name", lambda _: 1 / 0, raising=False)
    with caplog.at_level(logging.ERROR, "getimmutable"):
        row = model.objects.create(title="Draft")
    assert model.objects.filter(pk=row.pk).exists()
    assert "documents.Document could not be tracked" in caplog.text
