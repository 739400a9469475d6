// Ticket #4821 as an application and a support engineer would write it, on whichever module system runs this.
// Prints what it found as one line of JSON.

export async function ticket4821({ ImmutableClient, sessionHash }, baseUrl, apiKey, name) {
  const client = new ImmutableClient({ apiKey, baseUrl, timeout: 60_000 });
  const user = `user_4f2a8c_${name}`;
  const id = `sess_a8f3c2d1_${name}`;
  const report = { type: "document", id: `doc_8f3a2c1d_${name}`, name: "Q3 Budget Report" };
  const lisa = () => client.actor(user, { name: "Lisa Wang", type: "user" }).ipAddress("198.51.100.7");
  await lisa().session(`sess_7e4b9f2a_${name}`).track("document.viewed", report);
  const session = lisa().session(id);
  for (const [action, resource, metadata, at] of [
    ["document.viewed", report, { location: "recent files" }, "16:50:02"],
    ["document.edited", report, { location: "editor" }, "16:51:40"],
    ["folder.viewed", { type: "folder", id: "fld_finance", name: "Finance Team" }, { location: "sidebar" }, "16:52:58"],
    ["document.moved_to_trash", report, { location: "Finance Team" }, "16:53:11"],
    ["trash.emptied", "trash", { items: 1 }, "16:53:18"],
    ["search.performed", null, { query: "Q3 Budget", results: 0 }, "16:55:20"],
  ]) {
    await session.occurredAt(`2026-03-27T${at}Z`).track(action, resource, metadata);
  }
  await client.trackBatch([{ actor_id: `user_other_${name}`, action: "document.viewed", resource: "document", resource_id: report.id }]);

  const recent = await client.getEvents({ actor_id: user, limit: 50 });
  const story = await client.getEvents({ session_id: id, limit: 100 });
  const pages = [];
  for await (const event of client.iterEvents({ actor_id: user, limit: 2 })) pages.push(event.id);
  const timeline = await client.getSession(id);
  const history = await client.getResourceHistory("document", report.id);
  const verdict = await client.verify();
  const hidden = await client.getEvent("no-such-id").catch((error) => [error.name, error.statusCode, error.message]);
  const queue = client.queue({ exitMs: 60_000 });
  queue.actor({ id: user, name: "Lisa Wang", type: "user" }).session(id).track("ticket.opened");
  await queue.close();
  const destructive = timeline.data.timeline.filter((step) => step.destructive);
  return {
    sessions: [...new Set(recent.data.map((event) => event.session_id))],
    story: story.data.map((event) => event.action),
    pages: new Set(pages).size,
    destructive: destructive.map((step) => [step.action, step.occurred_at, step.resource_name, step.ip_address, step.metadata]),
    gap: destructive[1]?.gap_ms >= 0,
    history: history.data.length,
    valid: verdict.data.valid,
    hidden,
    stats: client.stats(),
    hash: await sessionHash("s", "secret"),
  };
}
