// A conforming client for Node.js, driven by JSON lines; it shares no code with the others.
"use strict";
const net = require("node:net");
const readline = require("node:readline");

const MOST_SENT = 1024;
const MOST_TAKEN = 8192;
const NO_NAME =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|^ | $/u;
const TIME = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$/;

const tell = (event, members) => process.stdout.write(JSON.stringify({ event, ...members }) + "\n");
const show = (kind, members) => tell("shown", { kind, ...members });

const isWhole = (value) => !/[\ud800-\udfff]/u.test(value);
const isText = (value) => typeof value === "string" && value !== "" && isWhole(value);
const isName = (value) => isText(value) && [...value].length <= 32 && !NO_NAME.test(value);
const isTime = (value) => typeof value === "string" && TIME.test(value);
const isFlag = (value) => typeof value === "boolean";
const optional = (check) => (value) => value === undefined || check(value);

const MEMBERS = {
  message: { username: isName, content: isText, timestamp: isTime },
  private_message: { sender: isName, content: isText, timestamp: isTime },
  private_confirmation: {
    target: isName, content: isText, delivered: isFlag, timestamp: isTime, reason: optional(isText),
  },
  system: { message: isText, timestamp: isTime },
  server: { message: isText, timestamp: isTime },
  error: { message: isText, code: optional(isText) },
};

class Connection {
  constructor(host, port, username) {
    this.asked = username;
    this.name = null;
    this.over = false;
    this.rest = Buffer.alloc(0);
    this.skipping = false;
    this.socket = net.connect({ host, port, noDelay: true });
    this.socket.on("connect", () => this.send({ type: "join", username }));
    this.socket.on("data", (data) => this.receive(data));
    this.socket.on("end", () => this.end("the server ended the connection"));
    this.socket.on("error", (error) => this.end(`the connection was lost: ${error.code}`));
  }

  end(reason) {
    if (this.over) return;
    this.over = true;
    this.name = this.asked = null;
    this.socket.end();
    tell("disconnected", { reason });
  }

  send(message) {
    this.socket.write(JSON.stringify(message) + "\n");
  }

  receive(data) {
    let rest = Buffer.concat([this.rest, data]);
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      this.take(rest.subarray(0, at));
      rest = rest.subarray(at + 1);
    }
    this.skipping ||= rest.length > MOST_TAKEN;
    this.rest = this.skipping ? Buffer.alloc(0) : rest;
  }

  take(frame) {
    if (this.over) return;
    const skipped = this.skipping || frame.length > MOST_TAKEN;
    this.skipping = false;
    if (skipped) return tell("problem", { reason: "The server sent a frame that is too long." });
    if (/^[ \t\r]*$/.test(frame.toString("latin1"))) return;
    let message;
    try {
      message = read(frame);
    } catch (error) {
      return tell("problem", { reason: `The server sent no valid message: ${error.message}` });
    }
    this.handle(message);
  }

  handle(message) {
    const { type, username, sender, target, content } = message;
    if (type === "message") show(type, { username, content });
    else if (type === "private_message") show(type, { sender, content });
    else if (type === "private_confirmation" && message.delivered) show(type, { target, content });
    else if (type === "private_confirmation")
      tell("failed", { do: "say_privately", target, content, reason: message.reason ?? "no reason was given" });
    else if (type === "system") this.notice(message.message);
    else if (type === "error" && this.asked !== null) this.refused(message.message);
    else show(type, { message: message.message });
  }

  notice(message) {
    if (this.asked !== null && message.includes(this.asked)) {
      [this.name, this.asked] = [this.asked, null];
      tell("joined", { username: this.name });
    }
    show("system", { message });
  }

  refused(reason) {
    const username = this.asked;
    this.asked = null;
    tell("refused", { username, reason });
  }
}

function read(frame) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(frame);
  const message = JSON.parse(text);
  const members = message !== null && Object.hasOwn(MEMBERS, message.type) && typeof message.type === "string"
    ? MEMBERS[message.type] : null;
  if (members === null) throw new Error("it has no type that is known");
  for (const [member, check] of Object.entries(members)) {
    const value = Object.hasOwn(message, member) ? message[member] : undefined;
    if (!check(value)) throw new Error(`its ${member} is missing or not valid`);
  }
  return message;
}

let current = null;

function problemOf(message) {
  if (current === null || current.over || current.name === null) return "not joined";
  if (message.target !== undefined && !isName(message.target)) return "the target is no valid name";
  if (!isText(message.content)) return "there is nothing that can be sent";
  const length = Buffer.byteLength(JSON.stringify(message));
  return length > MOST_SENT ? `too long by ${length - MOST_SENT} bytes` : null;
}

function say(request, message) {
  const reason = problemOf(message);
  if (reason === null) current.send(message);
  else tell("failed", { ...request, reason });
}

const ACTIONS = {
  connect({ host, port, username }) {
    current?.end("you left");
    if (isName(username)) current = new Connection(host, port, username);
    else tell("refused", { username, reason: "this is no valid name" });
  },
  join({ username }) {
    if (current === null || current.over || current.name !== null || current.asked !== null)
      return tell("refused", { username, reason: "there is nothing to join" });
    if (!isName(username)) return tell("refused", { username, reason: "this is no valid name" });
    current.asked = username;
    current.send({ type: "join", username });
  },
  say(request) {
    say(request, { type: "message", content: request.content });
  },
  say_privately(request) {
    say(request, { type: "private_message", target: request.target, content: request.content });
  },
  leave() {
    current?.end("you left");
  },
};

const requests = readline.createInterface({ input: process.stdin });
requests.on("line", (line) => {
  if (!line.trim()) return;
  let request;
  try {
    request = JSON.parse(line);
    if (!Object.hasOwn(ACTIONS, request.do)) throw new Error(`there is no request ${request.do}`);
  } catch (error) {
    return tell("invalid_request", { reason: error.message });
  }
  ACTIONS[request.do](request);
});
requests.on("close", () => {
  current?.end("you left");
  process.stdin.destroy();
});
