// A client and its driver in one; the argument is the name of its fault or of its oddity, or `base`.
const net = require('node:net')
const readline = require('node:readline')

const F = process.argv[2] || 'base'
const pipeline = F === 'base-pipeline' || F === 'say-overtakes-join'
const emit = event => process.stdout.write(JSON.stringify(event) + '\n')

const badInName = /[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/
const half = /\p{Cs}/u
const time = /^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$/

function nameProblem (name, what) {
  if (typeof name !== 'string' || name === '') return 'A name has at least one character.'
  const length = F === 'name-counted-in-units' && what !== 'received' ? name.length : [...name].length
  if (length > 32) return 'A name has at most 32 characters.'
  if (badInName.test(name) || (half.test(name) && !(F === 'half-in-target' && what === 'target'))) return 'A name has no such characters.'
  if (name.startsWith(' ') || name.endsWith(' ')) return 'A name has no space at its ends.'
  return null
}
const isText = value => typeof value === 'string' && value !== '' && !half.test(value)
const isTime = value => typeof value === 'string' && value.length === 8 && time.test(value)
const isName = value => nameProblem(value, 'received') === null
const isBoolean = value => typeof value === 'boolean'

const types = {
  message: { username: isName, content: isText, timestamp: isTime },
  private_message: { sender: isName, content: isText, timestamp: isTime },
  private_confirmation: { target: isName, content: isText, delivered: isBoolean, timestamp: isTime, reason: isText },
  system: { message: isText, timestamp: isTime },
  server: { message: isText, timestamp: isTime },
  error: { message: isText, code: isText },
}
const optional = new Set(['private_confirmation.reason', 'error.code'])
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function read (frame) {
  let message
  try { message = JSON.parse(utf8.decode(frame)) } catch { throw new Error('The server sent a frame that is not JSON.') }
  if (message === null || typeof message !== 'object' || Array.isArray(message)) throw new Error('The server sent no object.')
  const { type } = message
  const known = typeof type === 'string' && (F === 'type-of-prototype' ? types[type] : Object.hasOwn(types, type))
  if (!known) throw new Error('The server sent a message of unknown type.')
  const members = { type }
  for (const [member, fits] of Object.entries(types[type])) {
    if (!Object.hasOwn(message, member)) {
      if (optional.has(`${type}.${member}`)) continue
      throw new Error(`The server sent a ${type} without ${member}.`)
    }
    if (!fits(message[member])) throw new Error(`The server sent an invalid ${type}.`)
    members[member] = message[member]
  }
  return members
}

function display (text) {
  if (F !== 'spells-out') return text
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}]/gu, c => `<U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}>`)
}
const sender = name => F === 'name-of-32-units' ? name.slice(0, 32) : display(name)

let conn = null
let carried = Buffer.alloc(0) // for rest-survives
const conns = new Set()

class Conn {
  constructor (host, port, username) {
    this.rest = F === 'rest-survives' ? carried : Buffer.alloc(0)
    carried = Buffer.alloc(0)
    this.skipping = this.joined = this.leaving = this.told = this.over = false
    this.pending = username
    this.again = new Set()
    conns.add(this)
    this.socket = net.connect({ host, port, noDelay: true })
    this.socket.on('error', error => { this.error = error })
    this.socket.on('data', data => this.data(data))
    this.socket.on('close', () => {
      this.over = true
      this.joined = false
      this.pending = null
      conns.delete(this)
      if (F === 'rest-survives') carried = this.rest
      this.tell('disconnected', { reason: this.error ? `The connection is lost: ${this.error.code}` : 'The connection has ended.' })
      this.told = true
      maybeExit()
    })
    const join = () => this.send({ type: 'join', username })
    if (F === 'say-overtakes-join') this.socket.on('connect', join)
    else join()
  }

  tell (event, members) { if (!this.told) emit({ event, ...members }) }
  shown (kind, members) { this.tell('shown', { kind, ...members }) }
  send (message) { this.socket.write(JSON.stringify(message) + '\n') }

  end () {
    if (this.leaving) return
    this.leaving = true
    this.socket.end()
    const grace = () => {
      if (this.over) return
      if (this.socket.writableLength > 0) return setTimeout(grace, 500)
      this.tell('disconnected', { reason: 'You have left.' })
      this.told = true
      conns.delete(this)
      maybeExit()
    }
    setTimeout(grace, 1000)
  }

  data (data) {
    this.problemTold = false
    this.rest = Buffer.concat([this.rest, data])
    for (let end; (end = this.rest.indexOf(10)) >= 0;) {
      const frame = this.rest.subarray(0, end)
      this.rest = this.rest.subarray(end + 1)
      if (this.skipping) { this.skipping = false; continue }
      if (frame.length > 8192) this.problem('The server sent too long a frame.')
      else if (frame.some(byte => byte !== 32 && byte !== 9 && byte !== 13)) this.frame(frame)
    }
    if (this.rest.length > 8192) {
      if (!this.skipping) this.problem('The server sent too long a frame.')
      this.skipping = true
      this.rest = Buffer.alloc(0)
    }
  }

  problem (reason) {
    if (F === 'spells-out' && this.problemTold) return
    this.problemTold = true
    this.tell('problem', { reason })
  }

  frame (frame) {
    let message
    try { message = read(frame) } catch (error) { return this.problem(error.message) }
    const { type, ...m } = message
    if (type === 'message' || type === 'private_message') {
      const members = { [type === 'message' ? 'username' : 'sender']: sender(m.username ?? m.sender), content: display(m.content) }
      if (F === 'long-later' && m.content.length > 512) setTimeout(() => emit({ event: 'shown', kind: type, ...members }), 40) // also after the end
      else this.shown(type, members)
    } else if (type === 'private_confirmation') {
      const { target, content } = m
      if (m.delivered) return this.shown(type, { target: display(target), content: display(content) })
      this.tell('failed', { do: 'say_privately', target: display(target), content: display(content), reason: display(m.reason ?? 'It was not delivered.') })
      const key = JSON.stringify([target, content])
      if (F === 'undelivered-again' && !this.again.has(key) && !this.leaving) {
        this.again.add(key)
        this.send({ type: 'private_message', target, content })
      }
    } else if (type === 'system') {
      if (this.pending !== null && !this.joined && ownNotice(this.pending, m.message)) {
        this.joined = true
        this.tell('joined', { username: this.pending })
        this.pending = null
      }
      this.shown(type, { message: display(m.message) })
    } else if (type === 'error' && this.pending !== null && !this.joined) {
      this.tell('refused', { username: this.pending, reason: display(m.message) })
      this.pending = null
    } else if (type === 'error' || type === 'server') {
      this.shown(type, { message: display(m.message) })
    } else {
      this.shown(type, m)
    }
  }
}

function ownNotice (name, text) {
  if (text === name + ' joined the chat') return true
  if (text.endsWith(' left the chat')) return false
  if (!text.endsWith(' joined the chat')) return text.includes(name)
  const whole = text.slice(0, -' joined the chat'.length) // of somebody else, or with words before the name
  const letter = c => c !== undefined && /[\p{L}\p{N}_]/u.test(c)
  for (let at = -1; (at = whole.indexOf(name, at + 1)) >= 0;) {
    if (!letter(whole[at - 1]) && !letter(whole[at + name.length])) return true
  }
  return false
}

const usable = () => conn !== null && !conn.told && !conn.over && !conn.leaving

function chat (message, asked) {
  const fail = reason => emit({ event: 'failed', ...asked, reason })
  if (!usable()) return fail('There is no connection.')
  const why = 'target' in message ? nameProblem(message.target, 'target') : null
  if (why) return fail(why)
  if (!isText(message.content)) return fail('That cannot be sent.')
  const over = Buffer.byteLength(JSON.stringify(message)) - 1024
  if (over > 0) return fail(`Too long by ${over} bytes.`)
  if (!conn.joined && !(pipeline && conn.pending !== null)) return fail('You have not joined.')
  conn.send(message)
}

const unsupported = (what, reason) => emit({ event: 'unsupported', do: what, reason })

const requests = {
  connect ({ host, port, username }) {
    if (conn !== null && !conn.told) {
      conn.tell('disconnected', { reason: 'You have left.' })
      conn.told = true
      conn.end()
    }
    const why = nameProblem(username, 'username')
    if (why) return emit({ event: 'refused', username, reason: why })
    conn = new Conn(host, port, username)
  },
  join ({ username }) {
    if (F === 'poor') return unsupported('join', 'There is only one name.')
    if (usable() && (conn.joined || conn.pending !== null)) return emit({ event: 'failed', do: 'join', username, reason: 'You have joined, or asked to.' })
    const why = usable() ? nameProblem(username, 'username') : 'There is no connection.'
    if (why) return emit({ event: 'refused', username, reason: why })
    conn.pending = username
    conn.send({ type: 'join', username })
  },
  say ({ content }) {
    if (F === 'poor' && /\p{Cc}/u.test(content)) return unsupported('say', 'Such characters cannot be typed.')
    chat({ type: 'message', content }, { do: 'say', content })
  },
  say_privately ({ target, content }) {
    if (F === 'poor') return unsupported('say_privately', 'This client has no private messages.')
    chat({ type: 'private_message', target, content }, { do: 'say_privately', target, content })
  },
  leave () { if (usable()) conn.end() },
}

let inputOver = false
function maybeExit () { if (inputOver && conns.size === 0) process.exit(0) }

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', line => {
  if (line.trim() === '') return
  let asked
  try { asked = JSON.parse(line) } catch { return emit({ event: 'invalid_request', reason: 'That is not JSON.' }) }
  if (!Object.hasOwn(requests, asked?.do ?? '')) return unsupported(String(asked?.do), 'This client cannot do that.')
  requests[asked.do](asked)
}).on('close', () => {
  inputOver = true
  requests.leave()
  maybeExit()
  setTimeout(() => process.exit(0), 8000)
})
