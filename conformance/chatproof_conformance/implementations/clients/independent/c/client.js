// node client.js NAME: one of the clients of this file, as a driver. base-node conforms wholly.
const net = require('node:net')

const isName = /^(?! )[^\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\p{Cs}]{1,32}(?<! )$/u
const isText = /^\P{Cs}+$/u
const isTime = /^([01]\d|2[0-3])(:[0-5]\d){2}$/
const string = pattern => value => typeof value === 'string' && pattern.test(value)
const TYPES = {
  message: { username: string(isName), content: string(isText), timestamp: string(isTime) },
  private_message: { sender: string(isName), content: string(isText), timestamp: string(isTime) },
  private_confirmation: { target: string(isName), content: string(isText), timestamp: string(isTime), delivered: value => typeof value === 'boolean', 'reason?': string(isText) },
  system: { message: string(isText), timestamp: string(isTime) },
  server: { message: string(isText), timestamp: string(isTime) },
  error: { message: string(isText), 'code?': string(isText) },
}

class NotSent extends Error {}
class Bad extends Error {}

class Client {
  constructor(report) { this.report = report }

  // what the user asks for

  connect({ host, port, username }) {
    if (!this.isName(username)) return this.report('refused', { username, reason: 'That is no name.' })
    if (this.link && !this.link.over) { // the present connection ends first
      const old = this.link
      this.leave()
      this.ended(old, 'You left.')
    }
    const link = this.link = { rest: Buffer.alloc(0), skipping: false, username, joining: true, joined: false, leaving: false, over: false, kept: [], unsent: new Set() }
    const socket = link.socket = net.connect({ host, port, allowHalfOpen: true })
    let why = 'The connection was lost.'
    socket.on('data', data => { if (!link.over) this.received(link, data) })
    socket.on('error', error => { why = error.message })
    socket.on('end', () => { this.atEnd(link); this.ended(link, 'The server ended the connection.'); socket.destroy() })
    socket.on('close', () => {
      for (const message of link.unsent) this.notSent(message, 'The connection has ended.')
      this.ended(link, why)
    })
    this.write(link, null, this.encode({ type: 'join', username }))
  }

  join({ username }) {
    if (!this.isName(username)) return this.report('refused', { username, reason: 'That is no name.' })
    const link = this.open()
    if (link.joined || link.joining) throw new NotSent('You have joined, or are about to.')
    Object.assign(link, { username, joining: true })
    this.write(link, null, this.encode({ type: 'join', username }))
  }

  say({ content }) { this.chat({ type: 'message', content }) }

  say_privately({ target, content }) { this.chat({ type: 'private_message', target, content }) }

  leave() {
    const link = this.link
    if (!link || link.over || link.leaving) return
    link.leaving = true
    this.giveUpKept(link)
    this.end(link)
  }

  end(link) {
    link.socket.end(() => setTimeout(() => link.socket.destroy(), 2000).unref())
    setTimeout(() => link.socket.destroy(), 30000).unref()
  }

  open() {
    if (!this.link || this.link.over || this.link.leaving) throw new NotSent('There is no connection.')
    return this.link
  }

  chat(message) {
    if ('target' in message && !isName.test(message.target)) throw new NotSent('That is no name.')
    if (!isText.test(message.content)) throw new NotSent('That cannot be sent.')
    const frame = this.encode(message), link = this.open()
    if (link.joined) this.write(link, message, frame)
    else if (link.joining) link.kept.push([message, frame])
    else throw new NotSent('You have not joined.')
  }

  isName(name) { return isName.test(name) }

  spell(message) { return JSON.stringify(message) }

  size(frame) { return Buffer.byteLength(frame) }

  encode(message) {
    const frame = this.spell(message)
    if (this.size(frame) > 1024) throw new NotSent('That is too long.')
    return frame + '\n'
  }

  write(link, message, frame) {
    if (message) link.unsent.add(message)
    link.socket.write(frame, error => { if (!error) link.unsent.delete(message) })
  }

  giveUpKept(link) {
    for (const [message] of link.kept.splice(0)) this.notSent(message, 'You have not joined.')
  }

  notSent({ type, ...members }, reason) { this.report('failed', { do: type === 'message' ? 'say' : 'say_privately', ...members, reason }) }

  // what arrives

  received(link, data) {
    let rest = Buffer.concat([link.rest, data]), start = 0
    for (let end; !link.over && (end = rest.indexOf(10, start)) >= 0; start = end + 1) {
      if (link.skipping) link.skipping = false
      else this.line(link, rest.subarray(start, end))
    }
    rest = rest.subarray(start)
    if (rest.length > 8192) {
      if (!link.skipping) this.report('problem', { reason: 'The server sent a frame that is too long.' })
      link.skipping = true
      rest = Buffer.alloc(0)
    }
    link.rest = rest
  }

  line(link, line) {
    if (/^[ \t\r]*$/.test(line.toString('latin1'))) return
    let message
    try {
      if (line.length > 8192) throw new Bad('The server sent a frame that is too long.')
      message = this.validate(JSON.parse(this.decode(line)))
    } catch (error) {
      if (!(error instanceof Bad || error instanceof SyntaxError || error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')) throw error
      return this.report('problem', { reason: error.message })
    }
    this.handle(link, message)
  }

  decode(line) { return new TextDecoder('utf-8', { fatal: true }).decode(line) }

  has(value, member) { return Object.hasOwn(value, member) }

  isObject(value) { return typeof value === 'object' && value !== null && !Array.isArray(value) }

  validate(value) {
    if (!this.isObject(value)) throw new Bad('The server sent something that is no object.')
    const type = value.type
    if (!this.has(value, 'type') || typeof type !== 'string' || !Object.hasOwn(TYPES, type)) throw new Bad('The server sent something of an unknown type.')
    const known = { type }
    for (const [key, test] of Object.entries(TYPES[type])) {
      const member = key.replace('?', '')
      if (!this.has(value, member)) {
        if (key !== member) continue
        throw new Bad(`The server sent an invalid ${type}.`)
      }
      if (!test(value[member])) throw new Bad(`The server sent an invalid ${type}.`)
      known[member] = value[member]
    }
    return known
  }

  handle(link, { type, timestamp, ...members }) {
    if (type === 'private_confirmation') {
      const { delivered, reason, ...what } = members
      if (delivered) this.show(type, what)
      else this.report('failed', { do: 'say_privately', ...what, reason: reason ?? 'It was not delivered.' })
    } else if (type === 'system') {
      const mine = link.joining && this.isMine(link.username, members.message)
      if (mine) {
        Object.assign(link, { joining: false, joined: true })
        this.report('joined', { username: link.username })
      }
      this.show(type, members)
      if (mine) for (const [message, frame] of link.kept.splice(0)) this.write(link, message, frame)
    } else if (type === 'error' && link.joining) {
      link.joining = false
      this.report('refused', { username: link.username, reason: members.message })
      this.giveUpKept(link)
    } else if (type === 'error') this.show(type, { message: members.message })
    else this.show(type, members)
  }

  isMine(name, text) {
    return / (joined|left) the chat$/.test(text) ? text === name + ' joined the chat' : text.includes(name)
  }

  show(kind, members) { this.report('shown', { kind, ...members }) }

  atEnd(link) {}

  ended(link, reason) {
    if (link.over) return
    Object.assign(link, { over: true, joined: false, joining: false })
    this.giveUpKept(link)
    this.report('disconnected', { reason })
  }
}

const CLIENTS = {
  'base-node': Client,

  'node-decodes-reads': class extends Client {
    received(link, data) { super.received(link, Buffer.from(data.toString())) }
  },

  'node-rest-at-end': class extends Client {
    atEnd(link) { if (link.rest.length) this.line(link, link.rest) }
  },

  'node-name-in-units': class extends Client {
    isName(name) { return isName.test(name) && name.length <= 32 }
  },

  'node-size-in-units': class extends Client {
    size(frame) { return frame.length }
  },

  'node-prototype-members': class extends Client {
    has(value, member) { return value[member] !== undefined }
    validate(value) { return super.validate(this.isObject(value) ? Object.assign({}, value) : value) }
  },

  'node-null-crash': class extends Client {
    isObject(value) { return typeof value === 'object' && !Array.isArray(value) }
  },

  'node-dollar-replaced': class extends Client {
    show(kind, members) {
      const filled = Object.entries(members).map(([key, value]) => [key, '{text}'.replace('{text}', value)])
      super.show(kind, Object.fromEntries(filled))
    }
  },

  'node-destroys-soon': class extends Client {
    end(link) {
      link.socket.end()
      setTimeout(() => link.socket.destroy(), 300)
    }
  },

  'node-spread-frames': class extends Client {
    spell(message) { return JSON.stringify(message, null, '\t').replace(/\n/g, '\r').length > 1024 ? super.spell(message) : this.wide(message) }
    wide(message) {
      const frame = JSON.stringify(message, null, '\t').replace(/\n/g, '\r') + ' '
      return Buffer.byteLength(frame) > 1024 ? super.spell(message) : frame.padEnd(frame.length + 1024 - Buffer.byteLength(frame))
    }
  },

  'node-paced': class extends Client {
    write(link, message, frame) {
      if (message) link.unsent.add(message)
      link.queue ??= []
      link.queue.push([message, frame])
      if (link.queue.length === 1) this.next(link)
    }
    next(link) {
      setTimeout(() => {
        if (link.socket.destroyed) return
        const [message, frame] = link.queue[0]
        super.write(link, message, frame)
        link.queue.shift()
        if (link.queue.length) this.next(link)
        else if (link.last) super.end(link)
      }, 20)
    }
    end(link) { if (link.queue?.length) link.last = true; else super.end(link) }
  },
}

// the driver

const report = (event, members) => process.stdout.write(JSON.stringify({ event, ...members }, (key, value) => typeof value === 'string' ? value.toWellFormed() : value) + '\n')
const client = new CLIENTS[process.argv[2]](report)

function request(line) {
  if (!line.trim()) return
  let what, asked
  try { ({ do: what, ...asked } = JSON.parse(line)) } catch (error) { return report('invalid_request', { reason: error.message }) }
  if (!['connect', 'join', 'say', 'say_privately', 'leave'].includes(what)) return report('unsupported', { do: String(what), reason: 'This client cannot do that.' })
  try { client[what](asked) } catch (error) {
    if (!(error instanceof NotSent)) throw error
    report('failed', { do: what, ...asked, reason: error.message })
  }
}

let rest = ''
process.stdin.setEncoding('utf8').on('data', data => {
  const lines = (rest + data).split('\n')
  rest = lines.pop()
  lines.forEach(request)
}).on('end', () => client.leave())
