// The client for node: events of the socket, no shared code with the others. node client.js NAME
'use strict'
const net = require('node:net')
const F = process.argv[2]
const BAD = '\\0-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff'
const NAME = new RegExp(`^(?! )[^${BAD}\\p{Cs}]{1,32}(?<! )$`, 'u')
const TIME = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$/
const isText = value => typeof value === 'string' && value !== '' && value.isWellFormed()
const isName = value => typeof value === 'string' && NAME.test(value)
const isTime = value => typeof value === 'string' && TIME.test(value)
const isFlag = value => value === true || value === false
const TYPES = new Map(Object.entries({
  message: { username: isName, content: isText, timestamp: isTime },
  private_message: { sender: isName, content: isText, timestamp: isTime },
  private_confirmation: { target: isName, content: isText, delivered: isFlag, timestamp: isTime, 'reason?': isText },
  system: { message: isText, timestamp: isTime },
  server: { message: isText, timestamp: isTime },
  error: { message: isText, 'code?': value => typeof value === 'string' },
}))

const report = (event, members) => process.stdout.write(JSON.stringify({ event, ...members }) + '\n')

class Bad extends Error {}
class NotSent extends Error {}

function wellFormed(root) {
  const todo = [root]
  while (todo.length) {
    const value = todo.pop()
    if (typeof value === 'string' && !value.isWellFormed()) return false
    if (value && typeof value === 'object') for (const [k, v] of Object.entries(value)) todo.push(k, v)
  }
  return true
}

function read(frame) {
  let text, message
  try {
    text = F === 'f25-replaced-bytes' ? frame.toString('utf8') : new TextDecoder('utf-8', { fatal: true }).decode(frame)
  } catch { throw new Bad('The server sent a line that is not UTF-8.') }
  try { message = JSON.parse(text) } catch { throw new Bad('The server sent a line that is not JSON.') }
  if (message === null || typeof message !== 'object' || Array.isArray(message)) throw new Bad('The server sent a line that is no message.')
  if (!wellFormed(message)) throw new Bad('The server sent half a character.')
  const own = key => F === 'f32-hasown' ? message.hasOwnProperty(key) : Object.hasOwn(message, key)
  try {
    if (!own('type') || typeof message.type !== 'string' || !TYPES.has(message.type)) throw new Bad('The server sent a message of an unknown type.')
    for (const [key, fits] of Object.entries(TYPES.get(message.type))) {
      const member = key.replace('?', '')
      if (!own(member)) {
        if (!key.endsWith('?')) throw new Bad(`The server sent an incomplete ${message.type}.`)
      } else if (!fits(message[member])) throw new Bad(`The server sent an invalid ${message.type}.`)
    }
  } catch (error) { throw error instanceof Bad ? error : new Bad('The server sent a strange message.') }
  return message
}

const template = '{content}'
const dress = content => F === 'f54-dollar' ? template.replace('{content}', content) : content

function userName(name) { // a name that the user typed
  if (F === 'f78-utf16-name') return isName(name) && name.length <= 32
  return isName(name)
}

function encode(message) {
  for (const key of ['username', 'target']) if (key in message && !userName(message[key])) throw new NotSent('That is no name.')
  if ('content' in message && !isText(message.content)) throw new NotSent('That cannot be sent: it is empty or not text.')
  const frame = JSON.stringify(message), size = Buffer.byteLength(frame)
  if (size > 1024) throw new NotSent(`Too long by ${size - 1024} bytes.`)
  if (F === 'c16-pretty') { // one line all the same: CR and tabs instead of line feeds
    const { type, ...rest } = message
    const pretty = JSON.stringify({ ...rest, type }, null, '\t').replaceAll('\n', '\r')
    if (Buffer.byteLength(pretty) <= 1024) return pretty
  }
  return frame
}

let link = null, connections = 0
const listeners = [] // f45: what is called for each message

function reset(next) { link = next }

function tellEnd(of, reason) {
  if (of.told) return
  of.told = true
  report('disconnected', { reason })
}

function connect({ host, port, username }) {
  const old = link
  if (old && !old.ended) {
    old.ended = true
    old.socket.end()
    tellEnd(old, 'Left for another connection.')
  }
  let frame
  if (F !== 'f03-early-write') link = null
  try { frame = encode({ type: 'join', username }) } catch (error) {
    link = null
    return report('refused', { username, reason: error.message })
  }
  connections++
  const mine = { socket: net.connect({ host, port, noDelay: true, allowHalfOpen: true }), rest: Buffer.alloc(0), skip: false,
    pending: [username], joined: false, leaving: false, ended: false, told: false, queue: [], busy: false }
  const socket = mine.socket
  let why = 'The server ended the connection.'
  if (F === 'f03-early-write' && old && old.joined) { // the state of the last connection stays until this one is there
    const early = { ...mine, joined: true, ended: false, pending: [] }
    link = early
    socket.on('connect', () => {
      if (link === early) link = mine
      mine.leaving = early.leaving
      socket.write(frame + '\n')
    })
  } else {
    link = mine
    socket.write(frame + '\n')
  }
  if (F === 'f45-listeners' || listeners.length === 0) listeners.push(receive)
  socket.on('error', error => { why = `The connection is lost: ${error.message}` })
  socket.on('data', data => { if (!mine.ended) take(mine, data) })
  socket.on('end', () => {
    if (F === 'f18-end-clears') mine.queue.length = 0
    if (F === 'f42-end-only') { mine.ended = true; tellEnd(mine, why) }
    socket.end()
  })
  socket.on('close', () => {
    const done = () => {
      if (mine.queue.length && F === 'f18-end-clears') mine.queue.length = 0
      mine.ended = true
      if (F !== 'f42-end-only') tellEnd(mine, why)
    }
    done()
  })
}

function take(mine, data) {
  mine.rest = mine.rest.length ? Buffer.concat([mine.rest, data]) : data
  const frames = []
  let start = 0
  for (let end; (end = mine.rest.indexOf(10, start)) >= 0; start = end + 1) {
    if (mine.skip) mine.skip = false
    else frames.push(mine.rest.subarray(start, end))
  }
  mine.rest = mine.rest.subarray(start)
  if (mine.rest.length > 8192) {
    if (!mine.skip) frames.push(null)
    mine.skip = true
    mine.rest = Buffer.alloc(0)
  }
  if (F === 'f18-end-clears') { // one frame a turn, so that a burst does not block the window
    mine.queue.push(...frames)
    if (!mine.busy) { mine.busy = true; setTimeout(turn, 0, mine) }
    return
  }
  for (const frame of frames) handle(mine, frame)
}

function turn(mine) {
  if (mine.queue.length) { handle(mine, mine.queue.shift()); setTimeout(turn, 0, mine) } else mine.busy = false
}

function handle(mine, frame) {
  if (frame && !/[^ \t\r]/.test(frame.toString('latin1'))) return
  let message
  try {
    if (frame === null || frame.length > 8192) throw new Bad('The server sent a line that is too long.')
    message = read(frame)
  } catch (error) {
    if (!(error instanceof Bad)) throw error
    return report('problem', { reason: error.message })
  }
  const { type } = message
  if (!mine.joined && mine.pending.length) {
    if (type === 'system' && message.message.includes(mine.pending[0])) {
      mine.joined = true
      report('joined', { username: mine.pending[0] })
      mine.pending.length = 0
    } else if (type === 'error') return report('refused', { username: mine.pending.shift(), reason: message.message })
  }
  for (const listener of listeners) listener(message)
}

function receive(m) {
  switch (m.type) {
    case 'message': return report('shown', { kind: 'message', username: m.username, content: dress(m.content) })
    case 'private_message': return report('shown', { kind: 'private_message', sender: m.sender, content: dress(m.content) })
    case 'private_confirmation':
      if (m.delivered) return report('shown', { kind: 'private_confirmation', target: m.target, content: m.content })
      return report('failed', { do: 'say_privately', target: m.target, content: m.content, reason: m.reason ?? 'It was not delivered.' })
    default: return report('shown', { kind: m.type, message: m.message })
  }
}

function join({ username }) {
  if (!link || link.ended || link.leaving) return report('failed', { do: 'join', username, reason: 'Not connected.' })
  try {
    const frame = encode({ type: 'join', username })
    if (!link.joined) link.pending.push(username)
    link.socket.write(frame + '\n')
  } catch (error) {
    report(link.joined ? 'failed' : 'refused', { do: 'join', username, reason: error.message })
  }
}

function chat(what, asked, message) {
  try {
    if (F === 'f87-write-after-end' && link && link.joined && link.ended) { encode(message); link.socket.write('', () => {}); return }
    if (!link || link.ended || link.leaving) throw new NotSent('Not connected.')
    const frame = encode(message)
    if (!link.joined) throw new NotSent('Not joined.')
    link.socket.write(frame + '\n')
  } catch (error) {
    if (!(error instanceof NotSent)) throw error
    report('failed', { do: what, ...asked, reason: error.message })
  }
}

function leave() {
  if (!link || link.ended || link.leaving) return
  const mine = link
  mine.leaving = true
  mine.socket.end()
  setTimeout(() => { if (!mine.ended) mine.socket.destroy() }, 1500).unref()
}

const requests = new Map(Object.entries({
  connect, join, leave,
  say: ({ content }) => chat('say', { content }, { type: 'message', content }),
  say_privately: ({ target, content }) => chat('say_privately', { target, content }, { type: 'private_message', target, content }),
}))

function request(line) {
  if (!line.trim()) return
  let asked
  try { asked = JSON.parse(line) } catch { return report('invalid_request', { reason: 'That is no request.' }) }
  const { do: what, ...members } = asked ?? {}
  if (!requests.has(what)) return report('unsupported', { do: String(what), reason: 'This client cannot do that.' })
  requests.get(what)(members)
}

let typed = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', data => {
  const lines = (typed + data).split('\n')
  typed = lines.pop()
  lines.forEach(request)
})
process.stdin.on('end', () => { request(typed); leave(); setTimeout(() => process.exit(0), 2500).unref() })
