// Requests to the port this page came from, and the store of what its displays show.
const JSON_TYPE = "application/json";

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

async function request(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": JSON_TYPE },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 401) store.dispatchEvent(new Event("closed"));
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
  return answer.status === 204 ? null : answer.json();
}
export const get = (path) => request("GET", path);
export const post = (path, body) => request("POST", path, body);
export const put = (path, body) => request("PUT", path, body);
export const remove = (path) => request("DELETE", path);

// The fobs by channel, true time, and the state of the connection. Events: change (detail: the
// channels), time, link, fobs (all are new), closed (there is no session).
class Store extends EventTarget {
  fobs = new Map();
  link = "connecting";
  #now = 0;
  #rate = 0;
  #heard = 0;
  #source = null;
  #run = null;
  #late = new Set();
  #timer = 0;

  get now() { return this.#now + ((performance.now() - this.#heard) / 1000) * this.#rate; }
  get rate() { return this.#rate; }

  async start() {
    await this.#list();
    this.#follow();
  }

  async refresh(channels) {
    if (!channels.length) return;
    const found = await get(`/fobs?fobs=${channels.join(",")}`);
    for (const fob of found.fobs) this.fobs.set(fob.fob, { ...this.fobs.get(fob.fob), ...fob });
    this.#tell("change", new Set(channels));
  }

  async #list() {
    const found = await get("/fobs");
    this.fobs = new Map(found.fobs.map((fob) => [fob.fob, fob]));
    this.#setTime(found);
    this.#tell("fobs");
  }

  #follow() {
    this.#source?.close();
    const source = (this.#source = new EventSource("/events"));
    source.addEventListener("open", () => this.setLink("live"));
    source.addEventListener("displays", (event) => this.#take(event));
    source.addEventListener("error", () => {
      this.setLink("lost");
      // A refused stream stays closed: ask why, and follow again when the port answers.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#retry(), 700);
    });
  }

  async #retry() {
    try {
      await this.#list();
      this.#follow();
    } catch (error) {
      if (error.status !== 401) setTimeout(() => this.#retry(), 700);
    }
  }

  #take(event) {
    const run = event.lastEventId.split("-")[0];
    if (this.#run !== null && run !== this.#run) this.#list().catch(() => {});
    this.#run = run;
    this.setLink("live");
    const data = JSON.parse(event.data);
    this.#setTime(data);
    const changed = new Set();
    for (const face of data.fobs) {
      const before = this.fobs.get(face.fob);
      if (before?.events !== undefined && before.events !== face.events) this.#late.add(face.fob);
      this.fobs.set(face.fob, { ...before, ...face });
      changed.add(face.fob);
    }
    if (changed.size) this.#tell("change", changed);
    if (this.#late.size && !this.#timer) this.#timer = setTimeout(() => this.#catchUp(), 400);
  }

  // What happened to a fob may have changed its state: read it again, a few at a time.
  async #catchUp() {
    const some = [...this.#late].slice(0, 60);
    for (const one of some) this.#late.delete(one);
    await this.refresh(some).catch(() => {});
    this.#timer = this.#late.size ? setTimeout(() => this.#catchUp(), 400) : 0;
  }

  #setTime({ now, rate }) {
    this.#now = now;
    this.#heard = performance.now();
    const changed = rate !== this.#rate;
    this.#rate = rate;
    this.#tell("time", changed);
  }

  setLink(link) {
    if (link === this.link) return;
    this.link = link;
    this.#tell("link");
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
export const store = new Store();

// Follows a stream of states; returns what ends it with close().
export function follow(path, show) {
  const source = new EventSource(path);
  source.addEventListener("open", () => store.setLink("live"));
  source.addEventListener("error", () => store.setLink("lost"));
  source.addEventListener("state", (event) => show(JSON.parse(event.data)));
  return source;
}

let described = null;
// The bench's own description: names and bounds of what its commands take.
export const describe = () => (described ??= get("/openapi.json"));
let about = null;
export const means = () => (about ??= get("/panel/about"));
