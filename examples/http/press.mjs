// Press a fob and read its code with JavaScript's own fetch: node press.mjs URL TOKEN FOB
const [address, token, fob] = process.argv.slice(2);

async function bench(method, path, body) {
  const answer = await fetch(address + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) {
    const problem = await answer.json(); // RFC 9457
    throw new Error(`${problem.title}: ${problem.detail}`);
  }
  return answer.status === 204 ? null : answer.json();
}

await bench("POST", `/fobs/${fob}/button/press?wait=true`, { duration: 0.2 });
const { value } = await bench("GET", `/fobs/${fob}/display/text`);
console.log(value);
