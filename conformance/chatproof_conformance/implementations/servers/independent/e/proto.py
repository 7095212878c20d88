"""Shared by the Python servers: parsing, validation, encoding. F names the one fault (or variant) that is switched on."""
import json, random, re, time, unicodedata

F = ""
HAND = False        # True: the hand-written parser


class Bad(Exception):
    def __init__(self, code, text):
        Exception.__init__(self, text)
        self.code, self.text = code, text


WS = b" \t\r"
BADCH = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
NAME_RE = re.compile("^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{1,32}$")
BADCH_GAP = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def blank(raw):
    if F == "blank-crlf-only":
        return raw in (b"", b"\r")
    if F == "blank-formfeed":
        return not raw.strip()
    if F == "bom-blank":
        return not raw.replace(b"\xef\xbb\xbf", b"").strip(WS)
    return not raw.strip(WS)


def valid_name(s):
    if F == "name-dollar":
        return bool(NAME_RE.match(s)) and s[0] != " " and s[-1] != " "
    if F == "name-strip" and s != s.strip():
        return False
    bad = BADCH_GAP if F == "name-isolates" else BADCH
    return 1 <= len(s) <= 32 and not bad.search(s) and s[0] != " " and s[-1] != " "


class Num:
    def __init__(self, s):
        self.s = s


def huge(s):
    if re.search("[0-9]{65}", s):
        return True
    v = float(s)
    if v in (float("inf"), float("-inf")):
        return True
    return v == 0 and re.search("[1-9]", re.split("[eE]", s)[0]) is not None


def _const(s):
    if F == "accept-nan":
        return Num(s)
    raise Bad("malformed_json", "not JSON")


def _pairs(p):
    d = {}
    for k, v in p:
        if k in d:
            raise Bad("malformed_json", "a member name twice")
        d[k] = v
    return d


def lone(s):
    if F == "low-surrogate":
        return any("\ud800" <= c <= "\udbff" for c in s)
    return any("\ud800" <= c <= "\udfff" for c in s)


def walk(top):
    stack = [(top, 1)]
    deepest = 0
    while stack:
        v, d = stack.pop()
        if isinstance(v, str):
            if lone(v):
                raise Bad("malformed_json", "lone surrogate")
        elif isinstance(v, dict):
            deepest = max(deepest, d)
            for k, w in v.items():
                stack.append((k, d))
                stack.append((w, d + 1))
        elif isinstance(v, list):
            deepest = max(deepest, d)
            for w in v:
                stack.append((w, d + 1))
    return deepest


def parse_lib(text):
    dec = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=Num, parse_float=Num, parse_constant=_const,
                           strict=F != "raw-tab")
    try:
        if F == "trailing-text":
            obj, _ = dec.raw_decode(text.lstrip(" \t\r"))
        else:
            obj = dec.decode(text)
    except (ValueError, RecursionError):
        raise Bad("malformed_json", "not JSON") from None
    deep = walk(obj)
    if F == "depth-32" and deep > 32:
        raise Bad("invalid_message", "nested too deeply")
    return obj


# the hand-written parser
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
NUMBER_LENIENT = re.compile(r"-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
ESC = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Parser:
    def __init__(self, text):
        self.t, self.i = text, 0

    def fail(self):
        raise Bad("malformed_json", "not JSON (at character %d)" % self.i)

    def ws(self):
        while self.i < len(self.t) and self.t[self.i] in " \t\r":
            self.i += 1

    def top(self):
        self.ws()
        v = self.value(1)
        self.ws()
        if self.i != len(self.t):
            self.fail()
        return v

    def value(self, depth):
        if self.i >= len(self.t):
            self.fail()
        c = self.t[self.i]
        if c == "{":
            return self.obj(depth)
        if c == "[":
            return self.arr(depth)
        if c == '"':
            return self.string()[0]
        for word, v in (("true", True), ("false", False), ("null", None)):
            if self.t.startswith(word, self.i):
                self.i += len(word)
                return v
        m = (NUMBER_LENIENT if F == "lenient-numbers" else NUMBER).match(self.t, self.i)
        if not m:
            self.fail()
        self.i = m.end()
        if huge(m.group()):
            raise Bad("invalid_message", "a number is too large")
        return Num(m.group())

    def element(self, depth):
        v = self.value(depth + 1)
        self.ws()
        return v

    def check(self, depth):
        if F != "deep-crash" and depth > 33:
            raise Bad("invalid_message", "nested too deeply")

    def obj(self, depth):
        self.check(depth)
        self.i += 1
        d, seen = {}, set()
        self.ws()
        if self.t[self.i:self.i + 1] == "}":
            self.i += 1
            return d
        while True:
            self.ws()
            if self.t[self.i:self.i + 1] != '"':
                self.fail()
            k, spelled = self.string()
            mark = spelled if F == "dup-escaped" else k
            if mark in seen:
                raise Bad("malformed_json", "a member name twice")
            seen.add(mark)
            self.ws()
            if self.t[self.i:self.i + 1] != ":":
                self.fail()
            self.i += 1
            self.ws()
            d[k] = self.element(depth)
            self.ws()
            c = self.t[self.i:self.i + 1]
            self.i += 1
            if c == "}":
                return d
            if c != ",":
                self.fail()

    def arr(self, depth):
        self.check(depth)
        self.i += 1
        out = []
        self.ws()
        if self.t[self.i:self.i + 1] == "]":
            self.i += 1
            return out
        while True:
            self.ws()
            out.append(self.element(depth))
            self.ws()
            c = self.t[self.i:self.i + 1]
            self.i += 1
            if c == "]":
                return out
            if c != ",":
                self.fail()

    def string(self):
        start = self.i
        self.i += 1
        out = []
        while True:
            if self.i >= len(self.t):
                self.fail()
            c = self.t[self.i]
            self.i += 1
            if c == '"':
                s = "".join(out)
                try:
                    s = s.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
                except UnicodeDecodeError:
                    raise Bad("malformed_json", "lone surrogate") from None
                return s, self.t[start:self.i]
            if c < " ":
                self.fail()
            if c != "\\":
                out.append(c)
                continue
            e = self.t[self.i:self.i + 1]
            self.i += 1
            if e == "u":
                h = self.t[self.i:self.i + 4]
                if not re.fullmatch("[0-9a-fA-F]{4}", h):
                    self.fail()
                self.i += 4
                out.append(chr(int(h, 16)))
            elif e and e in ESC:
                out.append(ESC[e])
            else:
                self.fail()


SERVER_TYPES = {"private_confirmation": 1, "system": 1, "server": 1, "error": 1}
KNOWN = {"join": 1, "message": 1, "private_message": 1}


class Silent(Exception):
    pass


def decode(raw):
    """-> (type, object); raises Bad"""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("malformed_json", "not UTF-8") from None
    if F == "ok-bom-ignored" and text[:1] == "\ufeff":
        text = text[1:]
    if F == "lead-space-only" and text.lstrip(" ")[:1] in ("\t", "\r"):
        raise Bad("malformed_json", "not JSON")
    obj = Parser(text).top() if HAND else parse_lib(text)
    if not isinstance(obj, dict):
        raise Bad("invalid_message", "not an object")
    t = obj.get("type")
    if F == "type-unhashable":
        known = KNOWN.get(t)            # TypeError for a list or an object
        if not isinstance(t, str):
            raise Bad("invalid_message", "no type")
    else:
        if not isinstance(t, str):
            raise Bad("invalid_message", "no type")
        if F == "type-case":
            t = t.lower()
        if F == "error-ignored" and t == "error":
            raise Silent()
        known = KNOWN.get(t)
    if not known:
        raise Bad("unknown_type", "unknown type")
    if t == "join":
        u = obj.get("username")
        if not isinstance(u, str):
            if F == "code-missing-name":
                raise Bad("username_invalid", "no username")
            raise Bad("invalid_message", "no username")
        if not valid_name(u):
            raise Bad("username_invalid", "not a valid name")
        return t, obj
    c = obj.get("content")
    if not isinstance(c, str) or not c:
        raise Bad("invalid_message", "no content")
    if F == "content-blank" and not c.strip():
        raise Bad("invalid_message", "empty content")
    if t == "private_message":
        g = obj.get("target")
        if not isinstance(g, str) or (F != "target-unchecked" and not valid_name(g)):
            raise Bad("invalid_message", "no valid target")
    return t, obj


def stamp():
    if F == "ok-kathmandu":
        return time.strftime("%H:%M:%S", time.gmtime(time.time() + 20700))
    return time.strftime("%H:%M:%S")


GERMAN = {"not JSON": "Das ist kein JSON. \u2620", "no content": "Inhalt fehlt", "unknown type": "Typ unbekannt"}
N = [0]


def encode(o):
    if F in ("ok-extra-members",):
        N[0] += 1
        o = {"id": "m-%d" % N[0], "version": "1.0-ext", "room": "lobby#1", "tags": ["a", {"b": None}], **o, "ratio": -1.5e-7, "target_count": None}
        if o["type"] == "system":
            o["username"] = 17
    if F == "ok-german-nocode" and o["type"] == "error":
        o = {"message": o["message"] if o["message"] == "Username already taken" else
             "Fehler: \u201e%s\u201c\n\u2192 nicht angenommen" % o["message"], "type": "error"}
    if F == "ok-escapes":
        def esc(s):
            b = s.encode("utf-16-be")
            return '"' + "".join("\\u%02X%02x" % (b[i], b[i + 1]) for i in range(0, len(b), 2)) + '"'
        parts = []
        for k in reversed(list(o)):
            v = o[k]
            parts.append(esc(k) + ":" + (esc(v) if isinstance(v, str) else json.dumps(v)))
        return ("{" + ",".join(parts) + "}").encode() + b"\n"
    if F == "ok-whitespace":
        parts = ["\r%s\t: \r %s " % (json.dumps(k), json.dumps(v, ensure_ascii=False)) for k, v in sorted(o.items())]
        return ("\t \r{ " + ",\t".join(parts) + "\r} \t\r\n").encode()
    if F == "low-surrogate":
        return json.dumps(o, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
    return json.dumps(o, ensure_ascii=False).encode() + b"\n"


def error(code, text):
    if text == "Username already taken":
        code = "username_taken"
    return encode({"type": "error", "message": text, "code": code})


def system(text):
    return encode({"type": "system", "message": text, "timestamp": stamp()})


def public(name, content):
    return encode({"type": "message", "username": name, "content": content, "timestamp": stamp()})


def private(name, content):
    ts = stamp()
    if F == "pm-month":
        ts = time.strftime("%H:%m:%S")
    return encode({"type": "private_message", "sender": name, "content": content, "timestamp": ts})


def confirm(target, content, ok, reason="User not found"):
    o = {"type": "private_confirmation", "target": target, "content": content, "delivered": ok, "timestamp": stamp()}
    if not ok and reason:
        o["reason"] = "\u00bb%s\u00ab gibt es hier nicht" % target if F == "ok-german-nocode" else reason
    return encode(o)


def announce(line):
    """bytes of a line of standard input -> frame or None"""
    text = line.rstrip(b"\r\n").decode("utf-8", "replace")
    if not text and F != "empty-announce":
        return None
    while len(json.dumps(text, ensure_ascii=False).encode()) > 8000:
        text = text[:-100]
    return encode({"type": "server", "message": text, "timestamp": stamp()})
