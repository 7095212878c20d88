// server.js NAME HOST PORT: a server of the chat in JavaScript, with the one change that NAME stands for ("base_node": none).
'use strict'
const net = require('node:net')
const readline = require('node:readline')

const [, , NAME, HOST, PORT] = process.argv
const is = name => NAME === name
const LENIENT = is('ok_node_lenient'), REFUSER = is('ok_node_refuser'), KIRI = is('ok_node_kiritimati')
const MAX = 1024, LIMIT = 1 << 20
const BAD = /[\0-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\p{Cs}]/u
const conns = new Set(), users = new Map(), plainUsers = {}
let stopping = false

class Refuse extends Error {
  constructor(code, text) { super(text); this.code = code }
}

function validName(s, length = [...s].length) {
  return length >= 1 && length <= 32 && !BAD.test(s) && !s.startsWith(' ') && !s.endsWith(' ')
}

// ---- reading

function inspect(text) { // the text is JSON already
  const stack = []
  let top = null
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    switch (token[0]) {
      case '{': case '[':
        stack.push(top = { keys: token === '{' ? new Set() : null, key: token === '{' })
        if (REFUSER && stack.length > 33) throw new Refuse('invalid_message', 'Too deep')
        break
      case '}': case ']':
        stack.pop()
        top = stack.at(-1) ?? null
        break
      case ',': if (top.keys) top.key = true; break
      case ':': top.key = false; break
      case '"': {
        const value = JSON.parse(token), key = top?.key
        if (!value.isWellFormed() && !(key && is('node_surrogate_key'))) throw new Refuse('malformed_json', 'A lone surrogate')
        if (key) {
          if (top.keys.has(value)) throw new Refuse('malformed_json', 'A member occurs twice')
          top.keys.add(value)
        }
        break
      }
      default:
        if (REFUSER && /[0-9]/.test(token)) {
          const n = Number(token)
          if (/\d{65}/.test(token) || !Number.isFinite(n) || (n === 0 && /[1-9]/.test(token.split(/[eE]/)[0]))) {
            throw new Refuse('malformed_json', 'A huge number')
          }
        }
    }
  }
}

function parse(frame) {
  let text, value
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: !LENIENT }).decode(frame)
    value = JSON.parse(text)
  } catch {
    throw new Refuse('malformed_json', 'That is not JSON')
  }
  inspect(text)
  return value
}

const handlers = { join: doJoin, message: doMessage, private_message: doPrivate }

function check(c, m) {
  if (m === null || typeof m !== 'object' || Array.isArray(m)) throw new Refuse('invalid_message', 'Not an object')
  const own = key => (Object.hasOwn(m, key) ? m[key] : undefined), type = own('type')
  if (typeof type !== 'string') throw new Refuse('invalid_message', 'A message needs a type')
  if (is('node_proto_type') ? !handlers[type] : !Object.hasOwn(handlers, type)) throw new Refuse('unknown_type', 'Unknown type')
  if (type === 'join') {
    const name = own('username')
    if (name === undefined) throw new Refuse('invalid_message', 'A join needs a username')
    if (typeof name !== 'string' || !(is('node_utf16_name') ? validName(name, name.length) : validName(name))) {
      throw new Refuse('username_invalid', 'That is not a valid username')
    }
    if (c.joined) throw new Refuse('already_joined', 'You have joined already')
    return
  }
  if (type === 'message' || type === 'private_message') {
    const content = own('content'), target = own('target')
    if (typeof content !== 'string' || content === '') throw new Refuse('invalid_message', 'A message needs content')
    if (type === 'private_message' && (typeof target !== 'string' || !validName(target))) {
      throw new Refuse('invalid_message', 'A private message needs a target')
    }
  }
  if (!c.joined) throw new Refuse('not_joined', 'Join first')
}

function refuse(c, code, text) {
  send(c, REFUSER ? { type: 'error', message: text } : { type: 'error', message: text, code })
}

function line(c, bytes) {
  if (/^[ \t\r]*$/.test(bytes.toString('latin1'))) return
  if ((is('node_chars_not_bytes') ? bytes.toString() : bytes).length > MAX) return refuse(c, 'frame_too_long', 'That frame is too long')
  let m
  try {
    m = parse(bytes)
    check(c, m)
  } catch (error) {
    if (!(error instanceof Refuse)) throw error
    return refuse(c, error.code, error.message)
  }
  try {
    handlers[m.type](c, m)
  } catch (error) {
    if (!is('node_proto_type')) throw error
  }
}

function splitCharacters(c, chunk) { // node_chunk_decode
  let head = 0
  const out = []
  while (head < c.missing && head < chunk.length && (chunk[head] & 0xc0) === 0x80) {
    out.push(Buffer.from('\ufffd'))
    head++
  }
  c.missing = head === chunk.length ? c.missing - head : 0
  let tail = chunk.length
  for (let back = 1; back <= 3 && chunk.length - back >= head; back++) {
    const byte = chunk[chunk.length - back]
    if ((byte & 0xc0) === 0x80) continue
    const need = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
    if (byte < 0xf5 && need > back) {
      tail = chunk.length - back
      c.missing = need - back
    }
    break
  }
  out.push(chunk.subarray(head, tail))
  if (tail < chunk.length) out.push(Buffer.from('\ufffd'))
  return Buffer.concat(out)
}

function received(c, chunk) {
  if (is('node_chunk_decode')) chunk = splitCharacters(c, chunk)
  const early = LENIENT ? Infinity : is('node_chars_not_bytes') ? 4 * MAX : MAX
  let from = 0
  for (let end; !c.ended && (end = chunk.indexOf(10, from)) >= 0; from = end + 1) {
    const skipped = c.skip, size = c.size
    if (!skipped) c.parts.push(chunk.subarray(from, end))
    const whole = Buffer.concat(c.parts)
    c.parts = []
    c.size = 0
    c.skip = false
    if (!skipped) line(c, whole)
    else if (c.owed) refuse(c, 'frame_too_long', 'That frame is too long')
    c.owed = false
  }
  if (c.ended) return
  const rest = chunk.subarray(from)
  if (!c.skip && rest.length) {
    c.parts.push(Buffer.from(rest))
    c.size += rest.length
  }
  if (!c.skip && c.size > Math.min(early, 8 * MAX)) {
    c.skip = true
    c.parts = []
    c.owed = LENIENT
    if (!LENIENT) refuse(c, 'frame_too_long', 'That frame is too long')
  }
}

// ---- the chat

const time = (skew = 0) => new Date(Date.now() + skew * 1000).toTimeString().slice(0, 8)
const joined = () => [...conns].filter(c => c.joined && !c.ended)
const stamped = (c, m) => ({ ...m, timestamp: time(KIRI ? c.skew : 0) })

function doJoin(c, m) {
  if (users.has(m.username)) return refuse(c, 'username_taken', 'Username already taken')
  c.name = m.username
  c.joined = true
  users.set(c.name, c)
  plainUsers[c.name] = c
  broadcast({ type: 'system', message: `${c.name} joined the chat` }, c)
  if (KIRI) send(c, stamped(c, { type: 'system', message: `Mauri, ${c.name}! We are ${users.size}: ${[...users.keys()].join(' | ')}` }))
}

function doMessage(c, m) {
  broadcast({ type: 'message', username: c.name, content: m.content }, c)
}

function doPrivate(c, m) {
  const target = is('node_private_proto') ? plainUsers[m.target] : users.get(m.target)
  const deliver = () => target?.socket && send(target, stamped(target, { type: 'private_message', sender: c.name, content: m.content }), c)
  const answer = { type: 'private_confirmation', target: m.target, content: m.content, delivered: !!target }
  if (!target) answer.reason = 'User not found'
  if (!KIRI) deliver()
  send(c, is('node_confirm_copies') && !target ? { ...m, ...stamped(c, answer) } : stamped(c, answer), c)
  if (KIRI) deliver()
}

function broadcast(m, cause) {
  for (const c of joined()) send(c, stamped(c, m), cause)
}

function send(c, m, cause) {
  if (c.ended || c.doomed || c.socket.destroyed) return
  c.active = Date.now()
  let more
  if (LENIENT) {
    const bytes = Buffer.from(' ' + JSON.stringify(m, null, 3).replaceAll('\n', '\r') + '\r\n'), cut = Math.floor(bytes.length * Math.random())
    c.socket.write(bytes.subarray(0, cut))
    more = c.socket.write(bytes.subarray(cut))
  } else {
    more = c.socket.write(JSON.stringify(m) + '\n')
  }
  if (!more && cause && is('node_pipe_pause')) {
    cause.socket.pause()
    const go = () => cause.socket.destroyed || cause.socket.resume()
    c.socket.once('drain', go)
    c.socket.once('close', go)
  }
  if (c.socket.writableLength > LIMIT) {
    c.doomed = true
    setImmediate(() => { if (!c.ended) { leave(c); c.socket.destroy() } })
  }
}

function leave(c) {
  if (c.ended) return
  c.ended = true
  conns.delete(c)
  if (!c.joined) return
  users.delete(c.name)
  delete plainUsers[c.name]
  if (!stopping) broadcast({ type: 'system', message: `${c.name} left the chat` }, c)
}

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, socket => {
  const c = { socket, parts: [], size: 0, skip: false, owed: false, joined: false, ended: false, missing: 0, active: Date.now(), skew: conns.size % 3 }
  conns.add(c)
  socket.setMaxListeners(0)
  socket.on('data', chunk => {
    c.active = Date.now()
    if (!stopping && !c.ended) received(c, chunk)
  })
  socket.on('end', () => {
    if (stopping || c.ended) return socket.end()
    leave(c)
    socket.end()
    setTimeout(() => socket.destroy(), 1000).unref()
  })
  socket.on('error', () => {})
  socket.on('close', () => { leave(c); conns.delete(c) })
})
server.listen({ host: HOST, port: Number(PORT), backlog: 256 })

if (is('node_idle_11')) {
  setInterval(() => {
    for (const c of joined()) {
      if (Date.now() - c.active > 11000) {
        leave(c)
        c.socket.end()
      }
    }
  }, 250)
}

readline.createInterface({ input: process.stdin }).on('line', text => {
  if (text && !stopping) broadcast({ type: 'server', message: text })
})
process.stdin.on('error', () => {})

process.on('SIGTERM', () => {
  if (stopping) return
  setTimeout(() => { // what is in the backlog is accepted first
    broadcast({ type: 'system', message: 'The server is stopping' })
    stopping = true
    server.close()
    for (const c of conns) c.socket.end()
    const start = Date.now()
    setInterval(() => {
      if (conns.size && Date.now() - start < 3000) return
      for (const c of conns) c.socket.destroy()
      process.exit(0)
    }, 50)
  }, 30)
})
