// What benchmarks/panel.py runs in the browser: press, echo and count.
({
press: async ([rounds, painted]) => {
  const glass = document.querySelector("fob-view fob-face svg[aria-label]"), times = [];
  const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  for (let n = 0; n < rounds; n += 1) {
    const changed = new Promise(done => { const seen = new MutationObserver(() => { seen.disconnect();
      done(); }); seen.observe(glass, {attributes: true, attributeFilter: ["aria-label"]}); });
    const begun = performance.now();
    document.querySelector(".acts button").click();
    await changed;
    if (painted) await frame();
    times.push(performance.now() - begun);
    await new Promise(done => setTimeout(done, 700));
  }
  return times;
},
echo: async ([rounds, painted, url]) => {
  const socket = new WebSocket(url), times = [], glass = document.createElement("p");
  document.body.append(glass);
  await new Promise(done => { socket.onopen = done; });
  const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  for (let n = 0; n < rounds; n += 1) {
    const changed = new Promise(done => { socket.onmessage = event => { glass.textContent = event.data; done(); }; });
    const begun = performance.now();
    socket.send(String(n));
    await changed;
    if (painted) await frame();
    times.push(performance.now() - begun);
    await new Promise(done => setTimeout(done, 700));
  }
  return times;
},
post: async ([rounds, painted]) => {
  const source = new EventSource("/events"), times = [], glass = document.createElement("p");
  document.body.append(glass);
  await new Promise(done => { source.onopen = done; });
  const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  for (let n = 0; n < rounds; n += 1) {
    const changed = new Promise(done => { source.onmessage = event => { glass.textContent = event.data; done(); }; });
    const begun = performance.now();
    fetch("/echo", {method: "POST", body: String(n)});
    await changed;
    if (painted) await frame();
    times.push(performance.now() - begun);
    await new Promise(done => setTimeout(done, 700));
  }
  source.close();
  return times;
},
count: async seconds => {
  const source = new EventSource("/events");
  let messages = 0, faces = 0;
  source.addEventListener("displays", event => { messages += 1; faces += JSON.parse(event.data).fobs.length; });
  await new Promise(done => setTimeout(done, 1000));
  messages = faces = 0;
  await new Promise(done => setTimeout(done, seconds * 1000));
  source.close();
  return [messages / seconds, faces / seconds];
},
})
