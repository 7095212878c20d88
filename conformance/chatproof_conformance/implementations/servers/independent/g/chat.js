// The base in Node.js: node chat.js NAME HOST PORT.  NAME selects one fault; "node" has none.
'use strict';
const net = require('net');
const [NAME, HOST, PORT] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const is = (n) => NAME === n;
const LIMIT = 1024, MAX = 1 << 20, LF = 10;
const BAD = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

class Refuse extends Error {
  constructor(code, text) { super(text); this.code = code; }
}
const pad = (n) => String(n).padStart(2, '0');
function now() {
  const d = new Date();
  return `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}
function isName(v) {
  if (typeof v !== 'string') return false;
  const n = [...v].length;
  return n >= 1 && n <= 32 && !BAD.test(v) && v[0] !== ' ' && v[v.length - 1] !== ' ';
}

// After JSON.parse has taken a text: finds member names that occur twice, and lone surrogates.
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
function scan(text) {
  const stack = [];
  let before = '';
  for (const [tok] of text.matchAll(TOKEN)) {
    if (tok === '{') stack.push(new Set());
    else if (tok === '[') stack.push(null);
    else if (tok === '}' || tok === ']') stack.pop();
    else if (tok[0] === '"') {
      const s = JSON.parse(tok), top = stack[stack.length - 1];
      if (!s.isWellFormed()) throw new Error('lone surrogate');
      if (top && (before === '{' || before === ',')) {
        if (top.has(s)) throw new Error('a member name twice');
        top.add(s);
      }
    }
    before = tok;
  }
}
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function decode(frame) {
  let msg;
  try {
    const text = utf8.decode(frame);
    msg = JSON.parse(text);
    scan(text);
  } catch (e) {
    throw new Refuse('malformed_json', 'This is not JSON');
  }
  if (msg === null || typeof msg !== 'object' || Array.isArray(msg)) throw new Refuse('invalid_message', 'A message is an object');
  if (typeof msg.type !== 'string' || !Object.hasOwn(msg, 'type')) throw new Refuse('invalid_message', 'A message needs a type');
  return msg;
}

// ---- the chat
const users = is('node-prototype-names') ? {} : new Map();
const plain = !(users instanceof Map);
const find = (n) => (plain ? users[n] : users.get(n));
const list = () => (plain ? Object.values(users) : [...users.values()]);
const conns = new Set();
let stopping = false, doomed = [];
const encode = (m) => Buffer.from(JSON.stringify(m) + '\n');

function push(c, data) {
  if (c.gone || c.doomed || c.sock.destroyed || c.sock.writableEnded) return;
  if (c.sock.writableLength + data.length > MAX) { c.doomed = true; doomed.push(c); } else c.sock.write(data);
}
function toAll(m) { const d = encode(m); for (const c of list()) push(c, d); }
function notice(name, verb) {
  toAll({ type: 'system', message: `${name} ${verb} the chat`, timestamp: now() });
}
function reap() { while (doomed.length) { const c = doomed.shift(); ended(c); c.sock.destroy(); } }
function ended(c) {
  if (c.gone) return;
  c.gone = true;
  if (c.name === null) return;
  if (plain) delete users[c.name]; else users.delete(c.name);
  if (!stopping) notice(c.name, 'left');
}
function content(m) {
  if (!Object.hasOwn(m, 'content') || typeof m.content !== 'string' || m.content === '') throw new Refuse('invalid_message', 'A message needs content');
  return m.content;
}
const TEMPLATE = '"content":%c';
const handlers = {
  join(c, m) {
    if (!Object.hasOwn(m, 'username')) throw new Refuse('invalid_message', 'A join needs a username');
    if (!isName(m.username)) throw new Refuse('username_invalid', 'This is not a name');
    if (c.name !== null) throw new Refuse('already_joined', 'You have joined already');
    if (find(m.username)) throw new Refuse('username_taken', 'Username already taken');
    if (plain) users[m.username] = c; else users.set(m.username, c);
    c.name = m.username;
    notice(c.name, 'joined');
  },
  message(c, m) {
    const text = content(m);
    if (c.name === null) throw new Refuse('not_joined', 'Join first');
    if (is('node-dollar-patterns')) {
      const line = `{"type":"message","username":${JSON.stringify(c.name)},${TEMPLATE.replace('%c', JSON.stringify(text))},"timestamp":"${now()}"}\n`;
      for (const u of list()) push(u, Buffer.from(line));
      return;
    }
    toAll({ type: 'message', username: c.name, content: text, timestamp: now() });
  },
  private_message(c, m) {
    if (!Object.hasOwn(m, 'target') || !isName(m.target)) throw new Refuse('invalid_message', 'A private message needs a target');
    const text = content(m);
    if (c.name === null) throw new Refuse('not_joined', 'Join first');
    const to = find(m.target);
    if (to) push(to, encode({ type: 'private_message', sender: c.name, content: text, timestamp: now() }));
    const answer = { type: 'private_confirmation', target: m.target, content: text, delivered: Boolean(to), timestamp: now() };
    if (!to) answer.reason = 'User not found';
    push(c, encode(answer));
  },
};
function handler(type) {
  if (is('node-prototype-types')) return handlers[type];
  return Object.hasOwn(handlers, type) ? handlers[type] : undefined;
}
function frame(c, raw) {
  if (c.gone || c.doomed || stopping) return;
  try {
    if (raw === null) throw new Refuse('frame_too_long', 'A frame has at most 1024 bytes');
    const m = decode(raw), h = handler(m.type);
    if (!h) throw new Refuse('unknown_type', 'Clients do not send this type');
    h(c, m);
  } catch (e) {
    if (!(e instanceof Refuse)) throw e;
    push(c, encode({ type: 'error', message: e.message, code: e.code }));
  }
  reap();
}

// ---- lines
let carry = Buffer.alloc(0);      // the first bytes of a character that is not complete yet
function decoded(data) {
  data = Buffer.concat([carry, data]);
  let k = 0;
  for (let i = 1; i <= Math.min(3, data.length); i++) {
    const b = data[data.length - i];
    if (b >= 0xc0) { if (i < (b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2)) k = i; break; }
    if (b < 0x80) break;
  }
  carry = data.subarray(data.length - k);
  return data.subarray(0, data.length - k);
}
function feed(c, data) {
  if (is('node-shared-decoder')) data = decoded(data);
  c.buf = c.buf.length ? Buffer.concat([c.buf, data]) : data;
  let at = 0, end;
  while ((end = c.buf.indexOf(LF, at)) >= 0) {
    const line = c.buf.subarray(at, end);
    at = end + 1;
    if (c.skip) { c.skip = false; continue; }
    if (line.length > LIMIT) frame(c, null);
    else if (line.some((b) => b !== 32 && b !== 9 && b !== 13)) frame(c, line);
  }
  c.buf = c.buf.subarray(at);
  if (c.skip) c.buf = Buffer.alloc(0);
  else if (c.buf.length > LIMIT) { c.skip = true; c.buf = Buffer.alloc(0); frame(c, null); }
  else c.buf = Buffer.from(c.buf);
}

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (sock) => {
  const c = { sock, name: null, gone: false, doomed: false, buf: Buffer.alloc(0), skip: false };
  conns.add(c);
  if (!is('node-early-reset-crash')) sock.on('error', () => {});
  sock.on('data', (d) => {
    feed(c, d);
    if (is('node-early-reset-crash') && c.name !== null && !sock.listenerCount('error')) sock.on('error', () => {});
  });
  sock.on('end', () => {
    ended(c); reap();
    conns.delete(c);
    sock.end();
  });
  sock.on('close', () => { ended(c); reap(); conns.delete(c); });
});
server.listen({ host: HOST, port: PORT, backlog: 256 }, () => console.log(`Listening on ${HOST}:${PORT}`));

let typed = Buffer.alloc(0);
process.stdin.on('data', (d) => {
  typed = Buffer.concat([typed, d]);
  let end;
  while ((end = typed.indexOf(LF)) >= 0) {
    const text = typed.subarray(0, end).toString().replace(/\r$/, '');
    typed = typed.subarray(end + 1);
    if (text) { toAll({ type: 'server', message: text, timestamp: now() }); reap(); }
  }
});
process.on('SIGTERM', () => {
  if (stopping) return;
  toAll({ type: 'system', message: 'The server is stopping', timestamp: now() });
  stopping = true;
  server.close();
  for (const c of conns) c.sock.end();
  const begun = Date.now();
  setInterval(() => {
    const age = Date.now() - begun;
    if (age > 2000) for (const c of conns) if (c.sock.writableLength) c.sock.destroy();
    if (!conns.size || age > 3500) process.exit(0);
  }, 50);
});
