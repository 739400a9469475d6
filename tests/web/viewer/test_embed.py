"""How the viewer gets onto other pages: the file, the page for iframes, their headers; what of the token is left anywhere."""

import gzip
import json

import httpx2
import pytest
from playwright.sync_api import expect

from immutable.web import embed as embedding
from immutable.web.assemble import assembled


def test_the_file_is_light_and_kept(log):
    """Under 30 KB as it is sent; the versioned name is kept for ever, the plain one asked for again, and then not sent again."""
    url = log.server.url
    sent = httpx2.get(f"{url}/viewer.js", headers={"accept-encoding": "gzip"}, timeout=60)
    assert sent.headers["content-encoding"] == "gzip"
    assert int(sent.headers["content-length"]) < 30_000
    assert len(gzip.compress(sent.content, 9)) > 10_000
    assert sent.headers["content-type"].startswith("text/javascript")
    assert sent.headers["access-control-allow-origin"] == "*"
    assert sent.headers["cross-origin-resource-policy"] == "cross-origin"
    plain = httpx2.get(f"{url}/viewer.js", headers={"accept-encoding": "identity"}, timeout=60)
    assert plain.text == sent.text
    again = httpx2.get(f"{url}/viewer.js", headers={"if-none-match": sent.headers["etag"]}, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    versioned = httpx2.get(f"{url}/viewer-{embedding.VIEWER.version}.js", timeout=60)
    assert (versioned.text, "immutable" in versioned.headers["cache-control"]) == (sent.text, True)
    assert httpx2.get(f"{url}/viewer-000000000000.js", timeout=60).status_code == 404
    assert "immutable" not in sent.headers["cache-control"]


def test_the_page_for_frames_takes_the_token_out_of_sight(page, log):
    """The address bar loses the token, keeps the rest; no referrer tells it; the server logs it nowhere."""
    token = log.token()
    for mark in "?#":
        page.goto(f"{log.server.url}/viewer{mark}token={token}&theme=dark&locale=de")
        expect(page.get_by_role("status")).to_have_text("50 von 114 Ereignissen")
        assert "token" not in page.url
        page.go_back()
    page.goto(f"{log.server.url}/viewer?theme=light&token={token}")
    page.locator(".row").first.wait_for()
    assert page.url == f"{log.server.url}/viewer?theme=light"
    assert page.evaluate("history.length") < 10
    answer = httpx2.get(f"{log.server.url}/viewer?token={token}", timeout=60)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert token not in answer.text
    logged = log.server.logged()
    assert "/api/v1/viewer/events" in logged  # it does log requests
    assert token not in logged
    assert token.split(".")[2] not in logged


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts allow-downloads"'])
def test_a_frame_on_another_origin(page, foreign, log, sandbox):
    """The page works in a frame, sandboxed too, and has its tokens from the page around it by messages."""
    token = json.dumps(log.token())
    foreign.files["/frame.js"] = (
        "text/javascript",
        f"""addEventListener("message", ({{ source, data }}) => {{
          if (source === document.querySelector("iframe").contentWindow && data.type === "audit-log-token-expiring")
            source.postMessage({{ type: "audit-log-token", token: {token} }}, "*");
        }});""",
    )
    frame = f'<iframe {sandbox} src="{log.server.url}/viewer" width=900 height=700></iframe>'
    markup = f'<!doctype html><script src="/frame.js"></script>{frame}'
    foreign.files["/frame"] = ("text/html", markup)
    page.goto(f"{foreign.url}/frame")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("status")).to_have_text("50 of 114 events")
    frame.get_by_role("tab", name="Sessions").click()
    expect(frame.get_by_role("status")).to_have_text("50 of 106 sessions")


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("audit.example.com", "'self' http://audit.example.com;"),
        ("[::1]:8080", "'self' http://[::1]:8080;"),
        ("x; script-src *", "'self';"),
    ],
)
def test_the_policy_names_the_server(log, host, own):
    """In a sandboxed frame `'self'` is nobody to WebKit, so the address is there too; a header that is no address stays out."""
    policy = httpx2.get(f"{log.server.url}/viewer", headers={"host": host}, timeout=60).headers[
        "content-security-policy"
    ]
    assert f"script-src {own} connect-src {own} base-uri" in policy
    assert "*" not in policy.replace("frame-ancestors *;", "")


def test_only_those_who_may_frame_the_page(serve, context, foreign):
    """The operator's setting is the policy's; where it names others, the browser shows nothing; by default all may."""
    server = serve(
        viewer_frame_ancestors="https://app.example.com,https://*.example.org",
        public_url="https://audit.example.com/log",
    )
    policy = httpx2.get(f"{server.url}/viewer", timeout=60).headers["content-security-policy"]
    assert "script-src 'self' http://audit.example.com;" in policy
    assert "frame-ancestors https://app.example.com https://*.example.org;" in policy
    foreign.files["/refused"] = ("text/html", f'<!doctype html><iframe src="{server.url}/viewer"></iframe>')
    page = context.new_page()
    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        page.goto(f"{foreign.url}/refused")
    assert "/viewer" not in page.frames[1].url
    page.close()


def test_one_file_of_many_modules(tmp_path):
    """Imports come first and once, exports of one name do not meet, styles become sheets; what cannot be read is refused."""
    (tmp_path / "a.js").write_text(
        'import { b as c, d } from "./b.js";\nimport { e } from "./e.js";\nexport const a = [c, d, e];\n'
    )
    (tmp_path / "b.js").write_text(
        'import { e } from "./e.js";\n/** A comment. */\nexport const b = e;\nexport function d() {}\n'
    )
    (tmp_path / "e.js").write_text('import s from "./s.css" with { type: "css" };\nconst a = s;\nexport const e = a;\n')
    (tmp_path / "s.css").write_text('/* looks */\na {\n  content: "x";\n}\n')
    made = assembled(tmp_path / "a.js")
    assert made == assembled(tmp_path / "a.js")
    assert made.splitlines() == [
        "const $0 = (() => {", "const s = new CSSStyleSheet();", 's.replaceSync("a { content: \\"x\\"; }");', "const a = s;",
        "const e = a;", "return { e };", "})();",
        "const $1 = (() => {", "const { e } = $0;", "const b = e;", "function d() {}", "return { b, d };", "})();",
        "const $2 = (() => {", "const { b: c, d } = $1;", "const { e } = $0;", "const a = [c, d, e];", "return { a };", "})();",
        "export const { a } = $2;",
    ]  # fmt: skip
    for line in ("export default a;", 'import "./e.js";', 'export * from "./e.js";', 'import x from "./e.js";'):
        (tmp_path / "bad.js").write_text(line + "\n")
        with pytest.raises(ValueError, match=r"bad\.js"):
            assembled(tmp_path / "bad.js")
