// What a page of another site tries against the panel's port, with its cookie in the browser.
async address => {
  const tries = {};
  const said = async (name, act) => { try { tries[name] = await act(); } catch (error) { tries[name] = "blocked"; } };
  const json = {method: "POST", body: "{}", credentials: "include", headers: {"Content-Type": "application/json"}};
  await said("read", async () => (await fetch(address + "/fobs", {credentials: "include"})).status);
  await said("press", async () => (await fetch(address + "/fobs/1/button/press", json)).status);
  await said("plain", async () => (await fetch(address + "/fobs/1/button/press",
    {method: "POST", mode: "no-cors", credentials: "include"})).type);
  await said("events", () => new Promise((done, failed) => { const s = new EventSource(address + "/events",
    {withCredentials: true}); s.onopen = () => done("open"); s.onerror = failed; }));
  await said("frame", () => new Promise((done, failed) => { const f = document.createElement("iframe");
    f.src = address + "/panel/"; f.onload = () => { try { done(f.contentDocument ? "blank" : "other"); }
    catch { done("other"); } }; document.documentElement.append(f); }));
  const form = document.createElement("form");
  form.method = "post"; form.action = address + "/fobs/1/button/press"; form.target = "sink"; form.enctype = "text/plain";
  const sink = document.createElement("iframe"); sink.name = "sink"; document.documentElement.append(sink, form);
  await new Promise(done => { sink.onload = done; form.submit(); });
  return tries;
}
