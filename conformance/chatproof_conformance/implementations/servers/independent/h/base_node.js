'use strict';
// Base 5: Node.js, a JSON reader of its own, frames cut from Buffers.
const net = require('net');
const [PORT, F, B] = [Number(process.argv[2]), process.argv[3] || '', process.argv[4] || ''];

class Refuse extends Error {
  constructor(code, text) { super(text); this.code = code; }
}
const bad = () => new Refuse('malformed_json', B === 'terse-without-codes' ? '?' : 'Malformed JSON');

// ---------------------------------------------------------------- JSON
class Reader {
  constructor(t) { this.t = t; this.i = 0; }
  ws() { while (' \t\r\n'.includes(this.t[this.i]) && this.i < this.t.length) this.i++; }
  top() {
    this.ws();
    const v = this.value();
    this.ws();
    if (this.i !== this.t.length) throw bad();
    return v;
  }
  value() {
    const c = this.t[this.i];
    if (c === '{') return this.object();
    if (c === '[') return this.array();
    if (c === '"') return this.string();
    for (const [w, v] of [['true', true], ['false', false], ['null', null]]) {
      if (this.t.startsWith(w, this.i)) { this.i += w.length; return v; }
    }
    const re = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    re.lastIndex = this.i;
    const m = re.exec(this.t);
    if (!m) throw bad();
    this.i += m[0].length;
    return Number(m[0]);
  }
  array() {
    const out = [];
    this.i++; this.ws();
    if (this.t[this.i] === ']') { this.i++; return out; }
    for (;;) {
      this.ws(); out.push(this.value()); this.ws();
      const c = this.t[this.i++];
      if (c === ']') return out;
      if (c !== ',') throw bad();
    }
  }
  object() {
    const out = F === 'members-of-proto-member-count' ? {} : Object.create(null);
    const seen = new Set();
    this.i++; this.ws();
    if (this.t[this.i] === '}') { this.i++; return out; }
    for (;;) {
      this.ws();
      if (this.t[this.i] !== '"') throw bad();
      const k = this.string();
      this.ws();
      if (this.t[this.i++] !== ':') throw bad();
      this.ws();
      const v = this.value();
      if (seen.has(k)) throw bad();
      seen.add(k);
      out[k] = v;
      this.ws();
      const c = this.t[this.i++];
      if (c === '}') return out;
      if (c !== ',') throw bad();
    }
  }
  string() {
    let s = '';
    this.i++;
    for (;;) {
      const c = this.t[this.i++];
      if (c === undefined || c < ' ') throw bad();
      if (c === '"') break;
      if (c !== '\\') { s += c; continue; }
      const e = this.t[this.i++];
      const k = '"\\/bfnrt'.indexOf(e);
      if (e !== undefined && k >= 0) { s += '"\\/\b\f\n\r\t'[k]; continue; }
      const h = this.t.slice(this.i, this.i + 4);
      if (e !== 'u' || !/^[0-9a-fA-F]{4}$/.test(h)) throw bad();
      this.i += 4;
      s += String.fromCharCode(parseInt(h, 16));
    }
    if (F === 'lone-low-surrogate-let-through' ? /[\uD800-\uDBFF](?![\uDC00-\uDFFF])/.test(s) : !s.isWellFormed()) throw bad();
    return s;
  }
}

// -------------------------------------------------------------- the chat
const users = F === 'names-of-object-prototype-in-use' ? {} : new Map();
const has = n => (users instanceof Map ? users.has(n) : n in users);
const get = n => (users instanceof Map ? users.get(n) : users[n]);
const conns = new Set();
const room = new Set();
const ever = new Set();
let stopping = false;
let tail = Buffer.alloc(0);
// Holds back the part of a character with which a read ends.
function whole(d) {
  d = Buffer.concat([tail, d]);
  tail = Buffer.alloc(0);
  for (let k = 1; k <= 3 && k <= d.length; k++) {
    const b = d[d.length - k];
    if ((b & 0xc0) === 0x80) continue;
    const need = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : b >= 0xc0 ? 2 : 1;
    if (need > k) { tail = d.subarray(d.length - k); d = d.subarray(0, d.length - k); }
    break;
  }
  return d;
}
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function stamp() {
  let d = new Date();
  if (B === 'terse-without-codes') {
    d = new Date(Date.now() + 13 * 3600e3);
    return d.toISOString().slice(11, 19);
  }
  return [d.getHours(), d.getMinutes(), d.getSeconds()].map(x => String(x).padStart(2, '0')).join(':');
}

function frame(o) {
  if (B === 'terse-without-codes') {
    if (o.type === 'error') delete o.code;
    o = Object.fromEntries(Object.entries(o).reverse());
  }
  return JSON.stringify(o) + '\n';
}

function notice(name, joined) {
  const t = joined ? '{name} joined the chat' : '{name} left the chat';
  const message = F === 'dollar-sign-in-name-mangles-notice' ? t.replace('{name}', name) : name + t.slice(6);
  return { type: 'system', message, timestamp: stamp() };
}

function toAll(o) {
  const f = frame(o);
  for (const c of room) c.send(f);
}

function isName(s) {
  const n = [...s].length;
  if (n < 1 || (F === 'name-of-17-emoji-refused' ? s.length : n) > 32) return false;
  if (s.startsWith(' ') || s.endsWith(' ')) return false;
  return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/.test(s);
}

class Conn {
  constructor(sock) {
    this.sock = sock;
    this.buf = Buffer.alloc(0);
    this.skip = false;
    this.name = null;
    this.gone = false;
    this.early = 0;
    this.queue = [];
    this.ended = false;
    this.times = [];
    this.batch = [];
    conns.add(this);
    sock.setNoDelay(true);
    sock.on('data', d => this.data(d));
    sock.on('end', () => this.end());
    sock.on('error', () => {});
    sock.on('close', () => { this.leave(); conns.delete(this); });
    if (stopping) sock.end();
  }
  send(f) {
    if (this.gone || this.sock.destroyed || this.sock.writableEnded) return;
    if (B === 'answers-in-batches-cut-anywhere') {
      if (!this.batch.length) setTimeout(() => this.flush(), 150);
      this.batch.push(f);
      return;
    }
    this.sock.write(f);
    if (this.sock.writableLength > 1 << 20) this.sock.destroy();
  }
  flush() {
    const all = Buffer.from(this.batch.join(''));
    this.batch = [];
    if (this.sock.destroyed || this.sock.writableEnded || !all.length) return;
    for (let i = 0; i < all.length; i += 997) this.sock.write(all.subarray(i, i + 997));
    if (this.sock.writableLength > 1 << 20) this.sock.destroy();
  }
  error(code, message) { this.send(frame({ type: 'error', message, code })); }
  data(d) {
    if (this.gone || stopping) return;
    if (F === 'one-utf-8-decoder-for-all-connections') d = whole(d);
    let from = 0;
    let count = 0;
    for (;;) {
      const i = d.indexOf(10, from);
      const end = i < 0 ? d.length : i;
      if (!this.skip) {
        this.buf = Buffer.concat([this.buf, d.subarray(from, end)]);
        if (i < 0 && this.buf.length > 1024) {
          this.error('frame_too_long', 'Frame too long');
          this.skip = true;
          this.buf = Buffer.alloc(0);
        }
      }
      if (i < 0) return;
      from = i + 1;
      if (this.skip) { this.skip = false; continue; }
      const line = this.buf;
      this.buf = Buffer.alloc(0);
      if (F === 'leave-told-before-queued-frames-are-handled' && (++count > 50 || this.queue.length)) {
        this.queue.push(line);
        if (this.queue.length === 1) setImmediate(() => this.work());
        continue;
      }
      this.line(line);
      if (this.gone) return;
    }
  }
  work() {
    for (let n = 0; n < 20 && this.queue.length; n++) this.line(this.queue[0]), this.queue.shift();
    if (this.queue.length) setImmediate(() => this.work());
  }
  line(line) {
    try {
      let blank;
      if (F === 'line-of-no-break-spaces-taken-for-blank') blank = line.toString().trim() === '';
      else blank = line.every(b => b === 32 || b === 9 || b === 13);
      if (blank) return;
      if (line.length > 1024) throw new Refuse('frame_too_long', 'Frame too long');
      let text;
      try { text = strict.decode(line); } catch { throw bad(); }
      const v = new Reader(text).top();
      if (F === 'null-frame-left-unanswered' && v === null) return;
      this.handle(v);
    } catch (e) {
      if (!(e instanceof Refuse)) throw e;
      this.error(e.code, e.message);
    }
  }
  handle(v) {
    if (F === 'array-called-malformed-json' && Array.isArray(v)) throw bad();
    if (typeof v !== 'object' || v === null || Array.isArray(v) || typeof v.type !== 'string') throw new Refuse('invalid_message', 'Not an object with a type');
    const handlers = { join: this.join, message: this.message, private_message: this.private };
    let h = Object.hasOwn(handlers, v.type) ? handlers[v.type] : undefined;
    if (F === 'types-of-object-prototype-unanswered') h = handlers[v.type];
    if (h === undefined) throw new Refuse('unknown_type', 'Unknown type');
    h.call(this, v);
  }
  content(v) {
    if (typeof v.content !== 'string' || v.content === '') throw new Refuse('invalid_message', 'Invalid content');
    return v.content;
  }
  joined() {
    if (this.name !== null) return;
    if (F === 'third-message-before-join-ends-connection' && ++this.early > 2) {
      this.error('not_joined', 'Join first');
      this.gone = true;
      this.sock.end();
      return;
    }
    throw new Refuse('not_joined', 'Join first');
  }
  join(v) {
    if (typeof v.username !== 'string') throw new Refuse('invalid_message', 'No username');
    if (F === 'leave-told-for-join-refused-as-invalid' && this.name === null) this.claimed = v.username;
    if (!isName(v.username)) throw new Refuse('username_invalid', 'Invalid username');
    if (F === 'own-join-repeated-left-unanswered' && this.name === v.username) return;
    if (this.name !== null) throw new Refuse('already_joined', 'Already joined');
    if (has(v.username)) throw new Refuse('username_taken', 'Username already taken');
    this.name = v.username;
    if (users instanceof Map) users.set(this.name, this); else users[this.name] = this;
    room.add(this);
    ever.add(this.name);
    toAll(notice(this.name, true));
  }
  message(v) {
    const content = this.content(v);
    this.joined();
    if (this.gone) return;
    if (F === 'more-than-300-messages-a-second-dropped') {
      const t = Date.now();
      this.times = this.times.filter(x => t - x < 1000);
      if (this.times.length >= 300) return;
      this.times.push(t);
    }
    if (F === 'content-slash-who-taken-for-command' && content === '/who') {
      this.send(frame({ type: 'system', message: 'Present: ' + [...users.keys()].join(', '), timestamp: stamp() }));
      return;
    }
    toAll({ type: 'message', username: this.name, content, timestamp: stamp() });
  }
  private(v) {
    const content = this.content(v);
    if (typeof v.target !== 'string' || !isName(v.target) || (F === 'target-of-32-characters-refused' && [...v.target].length >= 32)) throw new Refuse('invalid_message', 'Invalid target');
    this.joined();
    if (this.gone) return;
    let to = get(v.target);
    if (F === 'private-to-oneself-fails-when-alone' && room.size === 1) to = undefined;
    const ok = to instanceof Conn;
    if (ok) to.send(frame({ type: 'private_message', sender: this.name, content, timestamp: stamp() }));
    const conf = { type: 'private_confirmation', target: v.target, content, delivered: ok, timestamp: stamp() };
    if (F === 'confirmation-shows-first-200-of-content') conf.content = content.slice(0, 200);
    if (!ok && !(F === 'no-reason-for-user-who-has-left' && ever.has(v.target))) conf.reason = B === 'terse-without-codes' ? '-' : 'User not found';
    this.serial = ((this.serial || 0) + 1) & 255;
    if (F === 'private-number-256-gets-no-confirmation' && !this.serial) return;
    this.send(frame(conf));
  }
  end() {
    if (stopping) { this.sock.end(); return; }
    this.leave();
    this.sock.end();
    setTimeout(() => this.sock.destroy(), 5000).unref();
  }
  leave() {
    if (this.gone || this.leaving) return;
    if (B === 'leave-told-after-6s' && this.name !== null && !stopping) {
      this.leaving = true;
      setTimeout(() => { this.leaving = false; this.away(); }, 6000);
      return;
    }
    this.away();
  }
  away() {
    if (this.gone) return;
    if (F !== 'leave-told-before-queued-frames-are-handled') this.gone = true;
    room.delete(this);
    if (this.claimed && this.name === null && !users.has(this.claimed) && !stopping) toAll(notice(this.claimed, false));
    if (this.name === null || stopping || (this.told && (this.gone = true))) return;
    this.told = true;
    if (get(this.name) === this) { if (users instanceof Map) users.delete(this.name); else delete users[this.name]; }
    toAll(notice(this.name, false));
  }
}

const server = net.createServer({ allowHalfOpen: true }, s => { accepted++; new Conn(s); });
let accepted = 0;
let closed = false;
let asked = false;
function stop() {
  if (asked) return;
  asked = true;
  setTimeout(() => {
    toAll({ type: 'system', message: B === 'terse-without-codes' ? '.' : 'The server is stopping', timestamp: stamp() });
    for (const c of conns) if (c.batch.length) c.flush();
    stopping = true;
    const t0 = Date.now();
    for (const c of conns) c.sock.end();
    let was = -1;
    const shut = setInterval(() => {       // no connection is left in the backlog
      if (accepted !== was && Date.now() - t0 < 1200) { was = accepted; return; }
      clearInterval(shut);
      setImmediate(() => setImmediate(() => { server.close(); closed = true; }));
    }, 30);
    setInterval(() => {
      if ((conns.size === 0 && closed) || Date.now() - t0 > 2500) process.exit(0);
    }, 50);
  }, 30);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
let said = Buffer.alloc(0);    // what the operator announces; added when the set joined the catalogue
process.stdin.on('error', () => {});
process.stdin.on('data', data => {
  said = Buffer.concat([said, data]);
  for (let at; (at = said.indexOf(10)) >= 0; said = said.subarray(at + 1)) {
    const text = said.subarray(0, at).toString();
    if (text.trim()) toAll({ type: 'server', message: text, timestamp: stamp() });
  }
});
server.listen({ port: PORT, host: '127.0.0.1', backlog: 511 });
