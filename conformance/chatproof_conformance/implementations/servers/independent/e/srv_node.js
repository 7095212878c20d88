'use strict';
// node: event-driven, hand-written parser. Usage: node srv_node.js FAULT PORT
const net = require('net');
const F = process.argv[2], PORT = Number(process.argv[3]);
const LIMIT = 1 << 20;
const BAD = F === 'regexp-global'
  ? /[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
  : /[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
class Bad extends Error { constructor(code, text) { super(text); this.code = code; } }
const malformed = () => { throw new Bad('malformed_json', 'not JSON'); };

function validName(s) {
  const n = F === 'utf16-length' ? s.length : [...s].length;
  return n >= 1 && n <= 32 && !BAD.test(s) && s[0] !== ' ' && s[s.length - 1] !== ' ';
}

function parse(t) {
  let i = 0;
  const ws = () => { while (t[i] === ' ' || t[i] === '\t' || t[i] === '\r') i++; };
  const string = () => {
    let s = '';
    i++;
    for (;;) {
      if (i >= t.length) malformed();
      const c = t[i++];
      if (c === '"') break;
      if (c < ' ') malformed();
      if (c !== '\\') { s += c; continue; }
      const e = t[i++];
      if (e === 'u') {
        const h = t.slice(i, i + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(h)) malformed();
        i += 4;
        s += String.fromCharCode(parseInt(h, 16));
      } else {
        const k = '"\\/bfnrt'.indexOf(e);
        if (e === undefined || k < 0) malformed();
        s += '"\\/\b\f\n\r\t'[k];
      }
    }
    if (F !== 'surrogate-ignored' && !s.isWellFormed()) throw new Bad('malformed_json', 'lone surrogate');
    return s;
  };
  const value = (depth) => {
    if (depth > 34) throw new Bad('invalid_message', 'nested too deeply');
    const c = t[i];
    if (c === '"') return string();
    if (c === '{' || c === '[') {
      if (depth > 33) throw new Bad('invalid_message', 'nested too deeply');
      const end = c === '{' ? '}' : ']';
      const m = new Map(), list = [];
      i++; ws();
      if (t[i] === end) { i++; return c === '{' ? m : list; }
      for (;;) {
        ws();
        if (c === '{') {
          if (t[i] !== '"') malformed();
          const k = string();
          if (m.has(k) && !(F === 'dup-nested' && depth > 1)) throw new Bad('malformed_json', 'a member name twice');
          ws();
          if (t[i++] !== ':') malformed();
          ws();
          m.set(k, value(depth + 1));
        } else list.push(value(depth + 1));
        ws();
        const x = t[i++];
        if (x === end) return c === '{' ? m : list;
        if (x !== ',') malformed();
      }
    }
    for (const [w, v] of [['true', true], ['false', false], ['null', null]]) if (t.startsWith(w, i)) { i += w.length; return v; }
    const m = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/.exec(t.slice(i));
    if (!m) malformed();
    i += m[0].length;
    const v = Number(m[0]);
    if (F === 'safe-integer' && Number.isInteger(v) && !Number.isSafeInteger(v)) throw new Bad('invalid_message', 'a number is too large');
    return v;
  };
  ws();
  const v = value(1);
  ws();
  if (i !== t.length) malformed();
  return v;
}

const pad = (n) => String(n).padStart(2, '0');
const stamp = () => { const d = new Date(); return pad(d.getHours()) + ':' + pad(d.getMinutes()) + ':' + pad(d.getSeconds()); };
const enc = (o) => Buffer.from(JSON.stringify(o) + '\n');
const system = (text) => enc({ type: 'system', message: text, timestamp: stamp() });

const users = F === 'plain-object' ? {} : new Map();
const find = (n) => F === 'plain-object' ? users[n] : users.get(n);
const everyone = () => F === 'plain-object' ? Object.values(users) : [...users.values()];
const conns = new Set();
let stopping = false;
const say = (name, what) => F === 'dollar-template' ? '%NAME% ' .concat(what, ' the chat').replace('%NAME%', name) : `${name} ${what} the chat`;
const broadcast = (f) => { for (const c of everyone()) put(c, f); };

function put(c, f) {
  if (!c.sock || c.ended || c.kicked) return;
  c.sock.write(f);
  if (c.sock.writableLength > LIMIT) { c.kicked = true; setImmediate(() => { leave(c); c.sock.destroy(); }); }
}
const error = (c, code, text) => put(c, enc({ type: 'error', message: text, code }));

function leave(c) {
  if (c.ended) return;
  c.ended = true;
  if (c.name === null || stopping) return;
  if (F === 'plain-object') delete users[c.name]; else users.delete(c.name);
  broadcast(system(say(c.name, 'left')));
}

const handlers = {
  join(c, o) {
    const u = o.get('username');
    if (F === 'ok-late-codes' && c.name !== null) return error(c, 'already_joined', 'Déjà inscrit');
    if (typeof u !== 'string') throw new Bad('invalid_message', 'no username');
    if (!validName(u)) throw new Bad('username_invalid', 'not a valid name');
    if (c.name !== null) throw new Bad('already_joined', 'you have joined already');
    if (find(u)) throw new Bad('username_taken', 'Username already taken');
    c.name = u;
    if (F === 'plain-object') users[u] = c; else users.set(u, c);
    broadcast(system(say(u, 'joined')));
  },
  message(c, o) {
    const x = content(c, o);
    let ts = stamp();
    if (F === 'client-timestamp' && /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(o.get('timestamp'))) ts = o.get('timestamp');
    broadcast(enc({ type: 'message', username: c.name, content: x, timestamp: ts }));
  },
  private_message(c, o) {
    const target = o.get('target');
    if (F === 'ok-late-codes' && c.name === null) throw new Bad('not_joined', 'Inscrivez-vous d’abord');
    if (typeof target !== 'string' || !validName(target)) throw new Bad('invalid_message', 'no valid target');
    const x = content(c, o), to = find(target);
    if (to) put(to, enc({ type: 'private_message', sender: F === 'client-sender' && typeof o.get('sender') === 'string' && validName(o.get('sender')) ? o.get('sender') : c.name, content: x, timestamp: stamp() }));
    const conf = { type: 'private_confirmation', target, content: x, delivered: !!to, timestamp: stamp() };
    if (!to) conf.reason = 'User not found';
    put(c, enc(conf));
  },
};

function content(c, o) {
  const x = o.get('content');
  if (F === 'ok-late-codes' && c.name === null) throw new Bad('not_joined', 'Inscrivez-vous d’abord');
  if (typeof x !== 'string' || x === '' || !x.isWellFormed()) throw new Bad('invalid_message', 'no content');
  if (c.name === null) throw new Bad('not_joined', 'join first');
  return x;
}

function handle(c, raw) {
  let text;
  if (F === 'lossy-utf8') text = raw.toString('utf8');
  else try { text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw); } catch { throw new Bad('malformed_json', 'not UTF-8'); }
  const o = parse(text);
  if (F === 'falsy-ignored' && !o) return;
  if (!(o instanceof Map)) throw new Bad('invalid_message', 'not an object');
  const t = o.get('type');
  if (typeof t !== 'string') throw new Bad('invalid_message', 'no type');
  if (F === 'inherited-type') {
    if (typeof handlers[t] !== 'function') throw new Bad('unknown_type', 'unknown type');
    return handlers[t](c, o);
  }
  if (!Object.hasOwn(handlers, t)) throw new Bad('unknown_type', 'unknown type');
  handlers[t](c, o);
}

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (sock) => {
  const c = { sock, name: null, ended: false, kicked: false };
  let parts = [], size = 0, long = false;
  conns.add(c);
  if (stopping) sock.destroy();
  sock.on('data', (data) => {
    if (stopping || c.ended || c.kicked) return;
    for (let at = 0; at < data.length;) {
      const i = data.indexOf(10, at);
      const piece = data.subarray(at, i < 0 ? data.length : i);
      at = i < 0 ? data.length : i + 1;
      size += piece.length;
      if (size > 1024 && !long) { long = true; parts = []; error(c, 'frame_too_long', 'longer than 1024 bytes'); }
      if (!long) parts.push(piece);
      if (i < 0) continue;
      const raw = Buffer.concat(parts), was = long;
      parts = []; size = 0; long = false;
      if (was || raw.every((b) => b === 32 || b === 9 || b === 13)) continue;
      try { handle(c, raw); } catch (e) {
        if (!(e instanceof Bad)) throw e;
        error(c, e.code, e.message);
      }
    }
  });
  sock.on('end', () => { leave(c); sock.end(); setTimeout(() => sock.destroy(), 2000).unref(); });
  sock.on('error', () => {});
  sock.on('close', () => { leave(c); conns.delete(c); });
});
server.listen({ port: PORT, host: '127.0.0.1', backlog: 200 }, () => console.log('Listening on 127.0.0.1:' + server.address().port));

let input = Buffer.alloc(0);
process.stdin.on('data', (d) => {
  input = Buffer.concat([input, d]);
  for (let i; (i = input.indexOf(10)) >= 0; input = input.subarray(i + 1)) {
    const text = input.subarray(0, i).toString('utf8').replace(/\r$/, '');
    if (text) broadcast(enc({ type: 'server', message: text, timestamp: stamp() }));
  }
});
process.stdin.on('error', () => {});

function stop() {
  if (stopping) return;
  server.close();
  broadcast(system('The server stops'));
  stopping = true;
  for (const c of conns) c.sock.end();
  const t = Date.now();
  const timer = setInterval(() => { if (conns.size === 0 || Date.now() - t > 1200) { clearInterval(timer); process.exit(0); } }, 50);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
