// A server that answers as scripted, then as the API does, and keeps what it was sent.
import { createServer } from "node:http";

export async function scriptedServer(answers = []) {
  const script = [...answers];
  const requests = [];
  const stored = new Map();
  const sockets = new Set();
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const url = new URL(request.url, "http://x");
    const { method, headers } = request;
    const body = text ? JSON.parse(text) : undefined;
    const path = request.url.split("?")[0];
    requests.push({ method, path, query: Object.fromEntries(url.searchParams), headers, body, at: performance.now() });
    const answer = script.shift() ?? usual(method, path, body, stored);
    if (answer.connection === "hang") return;
    if (answer.connection === "close") return void request.socket.destroy();
    if (answer.connection === "break") {
      request.socket.write('HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n{"id": ');
      return void setTimeout(() => request.socket.destroy(), 20);
    }
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(answer.text ?? JSON.stringify(answer.body));
  });
  server.keepAliveTimeout = 0; // or it closes a connection at the very moment at which a slow client sends on it
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}`;
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  };
  return { url, requests, stored, script, sockets, close };
}

function usual(method, path, body, stored) {
  const receipt = (event) => {
    if (event.action === "invalid") return { id: null, status: "rejected", error: "validation_failed", message: "no", errors: {} };
    const status = stored.has(event.idempotency_key) ? "duplicate" : "queued";
    stored.set(event.idempotency_key, event);
    return { id: `evt_${event.idempotency_key}`, status };
  };
  if (path.endsWith("/events/batch")) return { status: 202, body: { events: body.events.map(receipt) } };
  if (method === "POST") return { status: 202, body: receipt(body) };
  return { status: 200, body: { data: [], pagination: { has_more: false, next_cursor: null, total: 0 } } };
}
