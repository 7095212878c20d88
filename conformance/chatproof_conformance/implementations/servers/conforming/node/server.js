// A conforming server for Node.js: events, no packages, a JSON reader of its own (JSON.parse hides duplicate members).
'use strict';

const net = require('node:net');
const readline = require('node:readline');

const FRAME_BYTES = 1024;
const PENDING_BYTES = 1 << 20;
const MEMBERS = { join: ['username'], message: ['content'], private_message: ['target', 'content'] };
const NOT_IN_NAMES = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|^ | $/u;

class Refusal extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

// Reads exactly what RFC 8259 allows; a member that stands twice or half a surrogate pair is refused.
class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(what) {
    throw new Refusal('malformed_json', `${what} at column ${this.at + 1}`);
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at = pattern.lastIndex;
    return found[0];
  }

  space() {
    this.take(/[ \t\n\r]*/y);
  }

  whole() {
    const value = this.value();
    if (this.at < this.text.length) this.fail('Text after the end');
    return value;
  }

  value() {
    this.space();
    const value = this.bare();
    this.space();
    return value;
  }

  bare() {
    const next = this.text[this.at];
    if (next === '{') return this.object();
    if (next === '[') return this.array();
    if (next === '"') return this.string();
    const number = this.take(/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y);
    if (number !== null) return Number(number);
    switch (this.take(/true|false|null/y)) {
      case 'true': return true;
      case 'false': return false;
      case 'null': return null;
      default: return this.fail('No value');
    }
  }

  string() {
    const raw = this.take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    if (raw === null) this.fail('No string');
    const value = JSON.parse(raw);
    if (!value.isWellFormed()) this.fail('Half a surrogate pair');
    return value;
  }

  array() {
    const items = [];
    this.at += 1;
    this.space();
    if (this.take(/\]/y)) return items;
    do items.push(this.value()); while (this.take(/,/y));
    if (!this.take(/\]/y)) this.fail('No end of the array');
    return items;
  }

  object() {
    const members = new Map();
    this.at += 1;
    this.space();
    if (this.take(/\}/y)) return members;
    do this.member(members); while (this.take(/,/y));
    if (!this.take(/\}/y)) this.fail('No end of the object');
    return members;
  }

  member(members) {
    this.space();
    const name = this.string();
    this.space();
    if (!this.take(/:/y)) this.fail('No colon');
    if (members.has(name)) this.fail('A member for the second time');
    members.set(name, this.value());
  }
}

function understand(bytes) {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal('malformed_json', 'Not UTF-8');
  }
  const value = new Reader(text).whole();
  if (!(value instanceof Map)) throw new Refusal('invalid_message', 'Not an object');
  const type = value.get('type');
  if (typeof type !== 'string') throw new Refusal('invalid_message', 'No type');
  if (!Object.hasOwn(MEMBERS, type)) throw new Refusal('unknown_type', 'Unknown type');
  for (const member of MEMBERS[type]) judge(member, value.get(member));
  return value;
}

function judge(member, value) {
  if (typeof value !== 'string') throw new Refusal('invalid_message', `${member}: not a string`);
  if (member === 'content') {
    if (value === '') throw new Refusal('invalid_message', 'content: empty');
  } else if (value === '' || [...value].length > 32 || NOT_IN_NAMES.test(value)) {
    throw new Refusal(member === 'username' ? 'username_invalid' : 'invalid_message', `${member}: not a name`);
  }
}

const joined = new Map();
const clients = new Set();

function stamped(message) {
  const now = new Date();
  const part = (number) => String(number).padStart(2, '0');
  return { ...message, timestamp: `${part(now.getHours())}:${part(now.getMinutes())}:${part(now.getSeconds())}` };
}

class Client {
  constructor(socket) {
    this.socket = socket;
    this.name = null;
    this.rest = Buffer.alloc(0);
    this.skipping = false;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.read(bytes));
    socket.on('end', () => { this.leave(); socket.end(); });
    socket.on('error', () => this.leave());
    socket.on('close', () => { this.leave(); clients.delete(this); });
  }

  send(line) {
    if (this.socket.writableEnded || this.socket.destroyed) return;
    this.socket.write(line);
    if (this.socket.writableLength > PENDING_BYTES) this.socket.destroy();
  }

  read(bytes) {
    let data = this.rest.length ? Buffer.concat([this.rest, bytes]) : bytes;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      this.line(data.subarray(0, end));
      data = data.subarray(end + 1);
    }
    if (!this.skipping && data.length > FRAME_BYTES) {
      this.refuse(new Refusal('frame_too_long', 'Too long'));
      this.skipping = true;
    }
    this.rest = this.skipping ? Buffer.alloc(0) : Buffer.from(data);
  }

  line(bytes) {
    if (this.skipping) {
      this.skipping = false;
      return;
    }
    try {
      if (bytes.length > FRAME_BYTES) throw new Refusal('frame_too_long', 'Too long');
      if (bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)) return;
      this.handle(understand(bytes));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refuse(error);
    }
  }

  refuse(refusal) {
    this.send(`${JSON.stringify({ type: 'error', message: refusal.message, code: refusal.code })}\n`);
  }

  handle(message) {
    const type = message.get('type');
    if (type === 'join') this.join(message.get('username'));
    else if (this.name === null) throw new Refusal('not_joined', 'Not joined');
    else if (type === 'message') tellAll({ type, username: this.name, content: message.get('content') });
    else this.whisper(message.get('target'), message.get('content'));
  }

  join(name) {
    if (this.name !== null) throw new Refusal('already_joined', 'Already joined');
    if (joined.has(name)) throw new Refusal('username_taken', 'Username already taken');
    this.name = name;
    joined.set(name, this);
    tellAll({ type: 'system', message: `${name} joined the chat` });
  }

  whisper(target, content) {
    const found = joined.get(target);
    if (found) found.tell({ type: 'private_message', sender: this.name, content });
    const reason = found ? {} : { reason: 'No such user' };
    this.tell({ type: 'private_confirmation', target, content, delivered: Boolean(found), ...reason });
  }

  tell(message) {
    this.send(`${JSON.stringify(stamped(message))}\n`);
  }

  leave() {
    const name = this.name;
    if (name === null) return;
    this.name = null;
    joined.delete(name);
    tellAll({ type: 'system', message: `${name} left the chat` });
  }
}

function tellAll(message) {
  const line = `${JSON.stringify(stamped(message))}\n`;
  for (const client of joined.values()) client.send(line);
}

function option(name, otherwise) {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
}

const server = net.createServer({ allowHalfOpen: true }, (socket) => clients.add(new Client(socket)));

function stop() {
  server.close();
  tellAll({ type: 'system', message: 'The server stops' });
  for (const client of clients) client.socket.end();
  const started = Date.now();
  // Each client's own end is awaited for 2 s; to leave earlier would reset connections with unread bytes.
  setInterval(() => {
    if (clients.size === 0 || Date.now() - started > 2000) process.exit(0);
  }, 10);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
readline.createInterface({ input: process.stdin }).on('line', (text) => {
  if (text) tellAll({ type: 'server', message: text });
});
server.listen({ port: Number(option('--port', '0')), host: option('--host', '127.0.0.1'), backlog: 1024 }, () => {
  const { address, port } = server.address();
  console.log(`Listening on ${address}:${port}`);
});
