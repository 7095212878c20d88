"""Faulty servers, each with one fault over the correct one."""
import json
import re
import time
import unicodedata
from collections import deque

import server
from server import Refuse, Server

ALL = {}
CATALOGUE = []


def fault(name, root, ids, says, subtle=True):
    def add(cls):
        ALL[name] = cls
        every = [root] + [i for i in ids.split() if i != root]
        CATALOGUE.append({'name': name, 'kind': 'faulty', 'ids': every, 'root': root, 'says': says,
                          'subtle': subtle})
        return cls
    return add


# -------------------------------------------------------------------- frames
@fault('limit-crlf', 'FRAME-5', '',
       'takes the CR of a CR LF off before it measures, so a frame of 1024 bytes and a CR (1025 bytes) is accepted')
class LimitCrlf(Server):
    def too_long(self, line):
        return len(line.removesuffix(b'\r')) > self.LIMIT

    def partial_too_long(self, conn, buf):
        return len(buf) - buf.endswith(b'\r') > self.LIMIT


@fault('ls-is-newline', 'PUBLIC-1', 'PRIVATE-1 PUBLIC-3 ERROR-1 ERROR-2 ERROR-4 ERROR-5 ERROR-6 CONFIRM-2 JOIN-1',
       'splits its input with a text splitlines(), so a raw U+2028, U+2029 or U+0085 inside a frame ends it: '
       'valid content is refused, and one bad frame gets two errors')
class LsIsNewline(Server):
    def on_frame(self, conn, frame):
        for part in re.split(rb'\xe2\x80[\xa8\xa9]|\xc2\x85', frame):
            if not self.is_blank(part):
                super().on_frame(conn, part)


@fault('batch-64', 'FRAME-3', 'PUBLIC-1 PRIVATE-1 LEAVE-6 ERROR-1',
       'handles at most 64 lines of one read; the rest waits until the client sends something more, '
       'and is lost if it leaves instead')
class Batch64(Server):
    RECV = 65536

    def split(self, conn):
        buf, start = conn.buf, 0
        for _ in range(64):
            if conn.ended or conn.closing:
                break
            i = buf.find(b'\n', start)
            if i < 0:
                break
            line = bytes(buf[start:i])
            start = i + 1
            self.on_line(conn, line)
        else:
            if not conn.ended and not conn.closing:
                del buf[:start]
                if b'\n' in buf:
                    return
                start = 0
        if conn.ended or conn.closing:
            buf.clear()
            return
        del buf[:start]
        super().split(conn)


@fault('lone-lf', 'FRAME-2', 'FRAME-5 PUBLIC-1 PRIVATE-1 JOIN-1 ERROR-1',
       'takes a read that holds nothing but a line end for a keep-alive and throws it away, even if it ends a frame '
       'whose other bytes came before; the next frame is then glued to it')
class LoneLf(Server):
    def feed(self, conn, data):
        if data in (b'\n', b'\r\n'):
            return
        super().feed(conn, data)


@fault('stale-partial', 'FRAME-2', 'PUBLIC-1 PRIVATE-1 JOIN-1',
       'forgets the beginning of a frame when the rest comes more than 2 seconds later')
class StalePartial(Server):
    def feed(self, conn, data):
        now = time.monotonic()
        if conn.buf and now - getattr(conn, 'last_read', now) > 2.0:
            conn.buf.clear()
        conn.last_read = now
        super().feed(conn, data)


@fault('reply-1024', 'PUBLIC-1', 'PRIVATE-1 PRIVATE-3 CONFIRM-1 CONFIRM-2 SERVER-1 FRAME-4 PUBLIC-2',
       'applies the limit of 1024 bytes to what it sends as well, and drops a message that has grown longer by name and timestamp')
class Reply1024(Server):
    def queue(self, conn, data):
        if len(data) > 1025:
            return
        super().queue(conn, data)


@fault('bom-blank', 'ERROR-1', '',
       'removes a byte order mark before it looks whether a line is blank, so a line of a mark alone gets no error')
class BomBlank(Server):
    BOM = b'\xef\xbb\xbf'

    def is_blank(self, line):
        return super().is_blank(line.removeprefix(self.BOM))

    def on_frame(self, conn, frame):
        super().on_frame(conn, frame.removeprefix(self.BOM))


@fault('hand-escape', 'FRAME-1', 'PUBLIC-1 PUBLIC-2 PRIVATE-1 CONFIRM-1 CONFIRM-2 PRIVATE-3 SERVER-1 FRAME-8',
       'writes JSON by hand and escapes only quote, backslash, LF, CR and tab; other control characters in content go out raw')
class HandEscape(Server):
    TABLE = str.maketrans({'"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t'})

    def encode(self, obj):
        parts = []
        for k, v in obj.items():
            v = str(v).lower() if isinstance(v, bool) else '"%s"' % v.translate(self.TABLE)
            parts.append('"%s": %s' % (k, v))
        return ('{' + ', '.join(parts) + '}\n').encode()


@fault('short-write', 'FRAME-1', 'PUBLIC-1 PRIVATE-1 CONFIRM-1 CONFIRM-2 SERVER-1 JOIN-1 LEAVE-1 FRAME-8 PUBLIC-2 ERROR-1',
       'ignores that send() may take only a part: what the socket did not take of a write is lost, in the middle of a frame')
class ShortWrite(Server):
    def write(self, conn):
        conn.sock.send(conn.out)
        return len(conn.out)


@fault('blank-spaces', 'FRAME-7', '', 'takes only an empty line or a lone CR for blank; a line of spaces or tabs gets an error',
       subtle=False)
class BlankSpaces(Server):
    def is_blank(self, line):
        return line in (b'', b'\r')


# -------------------------------------------------------------------- names
@fault('name-nfc', 'JOIN-7', 'JOIN-1', 'compares names in use by their NFC form, so the second spelling of an accented name is refused',
       subtle=False)
class NameNfc(Server):
    def name_taken(self, name):
        n = unicodedata.normalize('NFC', name)
        return any(unicodedata.normalize('NFC', u) == n for u in self.users)


@fault('target-casefold', 'CONFIRM-2', 'PRIVATE-2 JOIN-7',
       'delivers a private message to a user whose name differs from the target in letter case only, if there is no exact one')
class TargetCasefold(Server):
    def find_target(self, conn, name):
        if name in self.users:
            return self.users[name]
        for n, c in self.users.items():
            if n.casefold() == name.casefold():
                return c
        return None


@fault('name-utf16', 'JOIN-1', 'CONFIRM-2',
       'counts the length of a name in UTF-16 units, so names of 17 to 32 emoji are refused')
class NameUtf16(Server):
    def name_length_ok(self, v):
        return 1 <= len(v.encode('utf-16-le', 'surrogatepass')) // 2 <= 32


@fault('name-regex-lf', 'JOIN-8', 'ERROR-4 FRAME-8',
       'checks names with a regular expression that ends in $, so a name with one LF after it is accepted')
class NameRegexLf(Server):
    GOOD = re.compile('^' + server.BAD_IN_NAME.pattern.replace('[', '[^') + '{1,32}$')

    def is_name(self, v):
        return isinstance(v, str) and bool(self.GOOD.match(v)) and v[0] != ' ' and v.rstrip('\n')[-1] != ' '


# -------------------------------------------------------------------- content and JSON
@fault('content-blank', 'PUBLIC-1', 'PRIVATE-1 PRIVATE-3 CONFIRM-2',
       'refuses content that consists of white space alone')
class ContentBlank(Server):
    def is_content(self, v):
        return isinstance(v, str) and v.strip() != ''


@fault('fffd-refused', 'PUBLIC-1', 'PRIVATE-1 JOIN-1 CONFIRM-2 PUBLIC-3 PRIVATE-3',
       'decodes with replacement and takes U+FFFD for a sign of bad UTF-8, so a frame that holds a genuine raw U+FFFD is refused')
class FffdRefused(Server):
    def decode(self, frame):
        text = frame.decode('utf-8', 'replace')
        if '\ufffd' in text:
            raise Refuse('malformed_json', 'Not UTF-8')
        return text


@fault('surrogate-regex', 'PUBLIC-1', 'PRIVATE-1 JOIN-1 CONFIRM-2 PUBLIC-3 PRIVATE-3',
       'looks for lone surrogates with a regular expression over the raw frame, so an escaped backslash followed by the letters ud800 is refused')
class SurrogateRegex(Server):
    LONE = re.compile(rb'\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})'
                      rb'|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}')

    def has_lone_surrogate(self, frame, value):
        return bool(self.LONE.search(frame)) or super().has_lone_surrogate(frame, value)


@fault('lone-ignored', 'ERROR-7', '',
       'looks for lone surrogates only in the values that it uses; in an ignored member, or in a member name, they pass')
class LoneIgnored(Server):
    def has_lone_surrogate(self, frame, value):
        if isinstance(value, dict):
            value = [value.get(k) for k in ('type', 'username', 'target', 'content') if isinstance(value.get(k), str)]
        return super().has_lone_surrogate(frame, value)


class _Dict(dict):
    twice = False


def _lenient_pairs(pairs):
    d = _Dict(pairs)
    d.twice = len(d) != len(pairs)
    return d


@fault('dup-nested', 'ERROR-8', '', 'finds a member name twice only in the message itself, not in an object inside it')
class DupNested(Server):
    DECODER = server.make_decoder(pairs=_lenient_pairs)

    def loads(self, text):
        v = self.DECODER.decode(text)
        if isinstance(v, _Dict) and v.twice:
            raise ValueError('twice')
        return v


@fault('type-unhashable', 'ERROR-3', 'JOIN-9',
       'looks the type up in a dictionary, and a type that is an array or an object raises an exception that ends the connection',
       subtle=False)
class TypeUnhashable(Server):
    KNOWN = {'join': 1, 'message': 1, 'private_message': 1}

    def handle(self, conn, obj):
        if isinstance(obj, dict):
            try:
                self.KNOWN.get(obj.get('type'))
            except TypeError:
                self.end(conn)
                return
        super().handle(conn, obj)


@fault('brackets-counted', 'PUBLIC-1', 'PRIVATE-1 PUBLIC-3 CONFIRM-2 PRIVATE-3',
       'guards against deep nesting by counting brackets over the whole text, strings included, so content with many opening brackets is refused')
class BracketsCounted(Server):
    def loads(self, text):
        depth = 0
        for c in text:
            if c in '[{':
                depth += 1
                if depth > 64:
                    raise ValueError('too deep')
            elif c in ']}':
                depth -= 1
        return super().loads(text)


@fault('errors-each', 'ERROR-4', '', 'sends one error for each member at fault: a private message with both target and content wrong gets two')
class ErrorsEach(Server):
    def check_private(self, conn, obj):
        wrong = []
        if not self.is_name(obj.get('target')):
            wrong.append('A private message needs a target')
        if not self.is_content(obj.get('content')):
            wrong.append('A private message needs content')
        for text in wrong[:-1]:
            self.refuse(conn, 'invalid_message', text)
        if wrong:
            raise Refuse('invalid_message', wrong[-1])


@fault('taken-to-owner', 'JOIN-4', 'ERROR-11 JOIN-5',
       'sends the error about a name in use to the connection that has the name, not to the one that asked', subtle=False)
class TakenToOwner(Server):
    def do_join(self, conn, obj):
        name = obj['username']
        if not conn.joined and self.name_taken(name):
            self.refuse(self.users[name], 'username_taken', 'Username already taken')
            return
        super().do_join(conn, obj)


@fault('server-relay', 'ERROR-9', 'JOIN-13',
       'passes a system or server message from a joined client on to everyone', subtle=False)
class ServerRelay(Server):
    def do_unknown(self, conn, obj):
        text = obj.get('message')
        if conn.joined and obj['type'] in ('system', 'server') and isinstance(text, str) and text:
            make = self.make_system if obj['type'] == 'system' else self.make_server
            self.broadcast(make(text), self.everyone())
            return
        super().do_unknown(conn, obj)


@fault('stale-code', 'ERROR-12', '',
       'keeps the code of the last error of a connection and sends it again with the error for a frame that is not JSON')
class StaleCode(Server):
    def refuse(self, conn, code, text):
        if code == 'malformed_json':
            code = getattr(conn, 'last_code', code)
        conn.last_code = code
        super().refuse(conn, code, text)


# -------------------------------------------------------------------- joins
@fault('join-race', 'JOIN-6', 'PUBLIC-1 PRIVATE-1 JOIN-1 LEAVE-1 SERVER-1 PRIVATE-3',
       'checks the name, waits 30 ms (a look-up elsewhere), and enters it without a second check: two joins within that time both succeed')
class JoinRace(Server):
    def enter(self, conn, name):
        conn.hold = True
        conn.entering = name
        self.call_later(0.03, self.entered, conn)

    def entered(self, conn):
        if not conn.hold or conn.ended or conn.closing:
            return
        conn.hold = False
        super().enter(conn, conn.entering)
        self.split(conn)

    def end(self, conn):
        if conn.hold and not conn.ended:
            self.entered(conn)
        super().end(conn)


@fault('taken-unregisters', 'JOIN-4', 'ERROR-11 PUBLIC-1 PRIVATE-1 PRIVATE-3 JOIN-1 LEAVE-1 SERVER-1',
       'notes the name before it checks it, so when a connection whose join was refused as taken ends, the name of the real user is removed')
class TakenUnregisters(Server):
    def do_join(self, conn, obj):
        if not conn.joined:
            conn.noted = obj['username']
        super().do_join(conn, obj)

    def end(self, conn):
        if not conn.ended and not conn.joined and getattr(conn, 'noted', None):
            self.users.pop(conn.noted, None)
        super().end(conn)


@fault('second-reserved', 'JOIN-10', 'JOIN-1 ERROR-11',
       'reserves the name of a second join before it refuses it; nobody else can take that name while the connection lasts')
class SecondReserved(Server):
    def do_join(self, conn, obj):
        if conn.joined and obj['username'] not in self.users:
            self.__dict__.setdefault('reserved', {})[obj['username']] = conn
        super().do_join(conn, obj)

    def name_taken(self, name):
        holder = self.__dict__.get('reserved', {}).get(name)
        return name in self.users or (holder is not None and not holder.ended)


@fault('announce-unjoined', 'JOIN-11', '', 'sends announcements to all connections, those that have not joined included', subtle=False)
class AnnounceUnjoined(Server):
    def announce_to(self):
        return list(self.conns.values())


@fault('join-5s', 'JOIN-12', '', 'ends a connection that has not joined after 5 seconds', subtle=False)
class Join5s(Server):
    def connected(self, conn):
        self.call_later(5.0, self.too_late, conn)

    def too_late(self, conn):
        if not conn.joined and not conn.ended and not self.stopping:
            self.close_politely(conn)


@fault('presence-to-all', 'JOIN-13', '',
       'tells who is present, in the wording of a join, to everyone instead of to the new client alone', subtle=False)
class PresenceToAll(Server):
    def after_join(self, conn):
        for other in self.everyone():
            if other is not conn:
                self.broadcast(self.make_system(self.join_text(other.name)), self.everyone())


@fault('full-at-49', 'LOAD-1', 'JOIN-1', 'takes 49 users and refuses the fiftieth as one too many', subtle=False)
class FullAt49(Server):
    MAX_USERS = 49


# -------------------------------------------------------------------- leaving
@fault('idle-after-talk', 'LEAVE-7', '',
       'ends a joined connection 6 seconds after its last public message (a client that never spoke is left alone)')
class IdleAfterTalk(Server):
    def do_message(self, conn, obj):
        if getattr(conn, 'idle', None):
            self.cancel(conn.idle)
        conn.idle = self.call_later(6.0, self.too_quiet, conn)
        super().do_message(conn, obj)

    def too_quiet(self, conn):
        if not conn.ended and not self.stopping:
            self.end(conn)


@fault('half-open', 'LEAVE-1', '',
       'takes no notice of the end of a client\'s stream, and lets a user leave only when a write to it fails', subtle=False)
class HalfOpen(Server):
    def on_eof(self, conn):
        if not conn.joined or self.stopping:
            self.end(conn)
            return
        conn.half = True
        self.sel.unregister(conn.sock)

    def flush(self, conn):
        if not getattr(conn, 'half', False):
            super().flush(conn)
            return
        try:
            if conn.out:
                conn.sock.send(conn.out)
        except BlockingIOError:
            pass
        except OSError:
            self.end(conn)
        conn.out.clear()


@fault('reset-silent', 'LEAVE-2', '', 'says nothing to the others when a connection is reset', subtle=False)
class ResetSilent(Server):
    def on_reset(self, conn):
        if conn.joined:
            self.free_name(conn)
            conn.joined = False
        self.end(conn)


@fault('leave-wording', 'LEAVE-3', '', 'adds the cause to the leave notice when the connection was reset')
class LeaveWording(Server):
    cause = ''

    def on_reset(self, conn):
        self.cause = ' (connection lost)'
        self.end(conn)
        self.cause = ''

    def leave_text(self, name):
        return super().leave_text(name) + self.cause


@fault('name-late', 'LEAVE-4', 'JOIN-1', 'keeps the name of a user who left for another 1.5 seconds after the notice', subtle=False)
class NameLate(Server):
    def leave(self, conn):
        self.__dict__.setdefault('cooling', {})[conn.name] = time.monotonic() + 1.5
        super().leave(conn)

    def name_taken(self, name):
        return super().name_taken(name) or self.__dict__.get('cooling', {}).get(name, 0) > time.monotonic()


@fault('old-leave-kills', 'PUBLIC-1', 'PRIVATE-1 PRIVATE-3 JOIN-1 JOIN-4 LEAVE-1 SERVER-1',
       'cleans up once more 400 ms after a leave, by name: a new user who has taken the name by then is removed and hears nothing more')
class OldLeaveKills(Server):
    def leave(self, conn):
        super().leave(conn)
        self.call_later(0.4, self.users.pop, conn.name, None)


@fault('refused-leaves', 'LEAVE-5', 'JOIN-13 JOIN-4 ERROR-11',
       'sends a leave notice when a connection ends that never joined, if a join of it was refused because the name was in use')
class RefusedLeaves(Server):
    def do_join(self, conn, obj):
        if not conn.joined and self.name_taken(obj['username']):
            conn.name = obj['username']
        super().do_join(conn, obj)

    def end(self, conn):
        if not conn.ended and not conn.joined and conn.name and not self.stopping:
            self.broadcast(self.make_system(self.leave_text(conn.name)), self.everyone())
        super().end(conn)


@fault('eof-overtakes', 'ORDER-2', 'LEAVE-6',
       'puts what it reads in a work queue (20 ms) but announces the end of the stream at once, so the last messages come after the leave notice')
class EofOvertakes(Server):
    def feed(self, conn, data):
        conn.waiting = getattr(conn, 'waiting', 0) + 1
        self.call_later(0.02, self.work, conn, data)

    def work(self, conn, data):
        conn.waiting -= 1
        if conn.ended:
            return
        super().feed(conn, data)
        if getattr(conn, 'gone', False) and not conn.waiting:
            if conn.told:
                conn.joined = False
            super().end(conn)

    def on_eof(self, conn):
        if not getattr(conn, 'waiting', 0):
            self.end(conn)
            return
        conn.gone = True
        conn.told = conn.joined
        self.sel.unregister(conn.sock)
        conn.dead_out = True
        if conn.joined:
            self.leave(conn)

    def flush(self, conn):
        if not getattr(conn, 'gone', False):
            super().flush(conn)


# -------------------------------------------------------------------- order
@fault('private-first', 'ORDER-1', 'ORDER-2 JOIN-2',
       'has a fast lane for private messages: they overtake what waits for the same recipient')
class PrivateFirst(Server):
    def deliver(self, conn, target, obj):
        data = self.encode(self.make_private(conn, obj))
        if target.ended or target.shut or target.dead_out:
            return
        target.fast = getattr(target, 'fast', b'') + data
        self.dirty[target] = True

    def flush(self, conn):
        fast = getattr(conn, 'fast', b'')
        if fast:
            conn.fast = b''
            if getattr(conn, 'mid', False):
                conn.out += fast
            else:
                conn.out[:0] = fast
        super().flush(conn)
        conn.mid = bool(conn.out)


@fault('echo-first', 'ORDER-3', '',
       'gives a sender its own messages and notices at once and the others 20 ms later, so two who speak at the same time see two orders')
class EchoFirst(Server):
    current = None

    def __init__(self, port):
        super().__init__(port)
        self.later = deque()

    def on_line(self, conn, line):
        self.current = conn
        super().on_line(conn, line)
        self.current = None

    def split(self, conn):
        self.current = conn
        super().split(conn)
        self.current = None

    def queue(self, conn, data):
        if conn is self.current or self.stopping:
            super().queue(conn, data)
        else:
            if not self.later:
                self.call_later(0.02, self.release)
            self.later.append((time.monotonic() + 0.02, conn, data))

    def release(self, everything=False):
        now = time.monotonic()
        while self.later and (everything or self.later[0][0] <= now):
            _, conn, data = self.later.popleft()
            super().queue(conn, data)
        if self.later:
            self.call_later(self.later[0][0] - now, self.release)

    def refuse(self, conn, code, text):
        Server.queue(self, conn, self.encode(self.make_error(code, text)))

    def stop(self):
        self.release(True)
        super().stop()


# -------------------------------------------------------------------- public and private messages
@fault('time-spoof', 'PUBLIC-3', 'PUBLIC-4 TIME-1', 'takes the timestamp of a public message from the client if there is a well-formed one',
       subtle=False)
class TimeSpoof(Server):
    def make_message(self, conn, obj):
        m = super().make_message(conn, obj)
        t = obj.get('timestamp')
        if isinstance(t, str) and re.fullmatch('([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]', t):
            m['timestamp'] = t
        return m


@fault('extra-typed', 'PUBLIC-3', 'PUBLIC-1 PRIVATE-1 JOIN-1',
       'checks the type of every member that it knows by name, so a message with an ignored member such as "username": 5 or "timestamp": null is refused')
class ExtraTyped(Server):
    def handle(self, conn, obj):
        if isinstance(obj, dict) and isinstance(obj.get('type'), str) and obj['type'] in ('join', 'message', 'private_message'):
            used = {'join': ('username',), 'message': ('content',), 'private_message': ('target', 'content')}[obj['type']]
            for k in ('username', 'sender', 'target', 'content', 'timestamp', 'message', 'reason'):
                if k in obj and k not in used and not isinstance(obj[k], str):
                    raise Refuse('invalid_message', k + ' is not a string')
        super().handle(conn, obj)


@fault('reason-through', 'PUBLIC-4', '', 'builds the confirmation from the request, so a "reason" that the client added comes back in it')
class ReasonThrough(Server):
    def make_confirmation(self, conn, obj, delivered):
        m = super().make_confirmation(conn, obj, delivered)
        r = obj.get('reason')
        if isinstance(r, str) and r:
            m['reason'] = r
        return m


@fault('frame-cache', 'TIME-1', '',
       'keeps finished public messages in a cache by sender and content: who repeats a text later gets the timestamp of the first time')
class FrameCache(Server):
    def make_message(self, conn, obj):
        cache = self.__dict__.setdefault('cache', {})
        if len(cache) > 500:
            cache.clear()
        key = conn.name, obj['content']
        if key not in cache:
            cache[key] = super().make_message(conn, obj)
        return cache[key]


@fault('self-no-copy', 'PRIVATE-3', 'PRIVATE-1', 'a private message to oneself gets the confirmation alone', subtle=False)
class SelfNoCopy(Server):
    def deliver(self, conn, target, obj):
        if target is not conn:
            super().deliver(conn, target, obj)


@fault('negative-cache', 'PRIVATE-1', 'PRIVATE-3',
       'remembers for 5 seconds that a target was not found, although the user has joined since')
class NegativeCache(Server):
    def find_target(self, conn, name):
        missing = self.__dict__.setdefault('missing', {})
        now = time.monotonic()
        if missing.get(name, 0) > now:
            return None
        c = self.users.get(name)
        if c is None:
            missing[name] = now + 5.0
        return c


@fault('offline-mail', 'CONFIRM-2', 'PRIVATE-2',
       'keeps private messages that it could not deliver, and hands them to the next user who joins under the name')
class OfflineMail(Server):
    def do_private(self, conn, obj):
        if obj['target'] not in self.users:
            mail = self.__dict__.setdefault('mail', {})
            if len(mail) < 1000:
                mail.setdefault(obj['target'], []).append((conn, obj))
        super().do_private(conn, obj)

    def after_join(self, conn):
        for sender, obj in self.__dict__.get('mail', {}).pop(conn.name, []):
            if sender.joined and not sender.ended:
                self.deliver(sender, conn, obj)


@fault('reason-null', 'FRAME-8', '', 'writes "reason": null in confirmations of delivered messages', subtle=False)
class ReasonNull(Server):
    def make_confirmation(self, conn, obj, delivered):
        m = super().make_confirmation(conn, obj, delivered)
        m.setdefault('reason', None)
        return m


# -------------------------------------------------------------------- announcements
@fault('announce-cached', 'SERVER-1', '',
       'makes the list of recipients at the first announcement and only ever takes leavers off it; who joins later gets no announcement')
class AnnounceCached(Server):
    to = None

    def announce_to(self):
        if not self.to:
            self.to = super().announce_to()
        self.to = [c for c in self.to if not c.ended]
        return self.to


# -------------------------------------------------------------------- stopping
@fault('stop-no-drain', 'STOP-1', '',
       'closes its sockets at once when it stops, so a client that is just sending gets a reset')
class StopNoDrain(Server):
    def stop_conns(self):
        self.flush_all()
        time.sleep(0.05)
        for conn in list(self.conns.values()):
            self.end(conn)


@fault('stop-stalled', 'STOP-1', '',
       'ends no connection until all have read their last bytes, so one client that does not read keeps it from stopping for 12 seconds')
class StopStalled(Server):
    started_end = False

    def stop_conns(self):
        self.call_later(12.0, self.end_all)

    def end_all(self):
        if not self.started_end:
            self.started_end = True
            super().stop_conns()

    def stop_progress(self):
        if all(not c.out for c in self.conns.values()):
            self.end_all()
            self.flush_all()
        super().stop_progress()


@fault('stop-silent', 'STOP-2', '', 'says nothing before it stops', subtle=False)
class StopSilent(Server):
    def say_goodbye(self):
        pass


@fault('no-reuse', 'STOP-3', '', 'listens without SO_REUSEADDR, so it cannot be started again at once on the port', subtle=False)
class NoReuse(Server):
    REUSE = False


# -------------------------------------------------------------------- load
@fault('slow-blocks', 'LOAD-2', '', 'waits up to 2 seconds for a client that does not take its data, and everyone waits with it', subtle=False)
class SlowBlocks(Server):
    STOP_FLUSH = 0.5
    STOP_END = 1.5

    def write(self, conn):
        if self.stopping or self.stop_wanted:
            return conn.sock.send(conn.out)
        conn.sock.settimeout(2.0)
        try:
            return conn.sock.send(conn.out)
        except TimeoutError:
            raise BlockingIOError from None
        finally:
            conn.sock.setblocking(False)


@fault('burst-32k', 'LOAD-5', 'PUBLIC-1 FRAME-3 PRIVATE-1 CONFIRM-1 ERROR-1',
       'measures unread data before it has tried to write it, with a limit of 32 KiB: a burst of messages in one read disconnects the clients')
class Burst32k(Server):
    RECV = 65536

    def queue(self, conn, data):
        super().queue(conn, data)
        if len(conn.out) > 32768 and not conn.ended:
            self.call_later(0, self.end, conn)


@fault('full-drop', 'PUBLIC-1', 'LOAD-4 PRIVATE-1 CONFIRM-1 CONFIRM-2 SERVER-1 JOIN-1 LEAVE-1 ERROR-1',
       'drops messages for a client with more than 64 KiB unread instead of disconnecting it; when it reads again, there is a gap')
class FullDrop(Server):
    SNDBUF = 32768

    def queue(self, conn, data):
        if len(conn.out) > 65536:
            self.flush(conn)
            if len(conn.out) > 65536:
                return
        super().queue(conn, data)


@fault('unbounded', 'LOAD-4', '', 'keeps any amount of data for a client that does not read', subtle=False)
class Unbounded(Server):
    UNREAD = 1 << 40


@fault('partial-blocks', 'LOAD-3', '', 'waits up to 2 seconds for the rest of a frame, and everyone waits with it', subtle=False)
class PartialBlocks(Server):
    STOP_END = 2.0

    def feed(self, conn, data):
        super().feed(conn, data)
        end = time.monotonic() + 2.0
        while conn.buf and not (conn.ended or self.stopping or self.stop_wanted) and time.monotonic() < end:
            conn.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                more = conn.sock.recv(self.RECV)
            except TimeoutError:
                more = None
            except OSError:
                self.on_reset(conn)
                return
            finally:
                if not conn.ended:
                    conn.sock.setblocking(False)
            if more is None:
                return
            if not more:
                self.on_eof(conn)
                return
            super().feed(conn, more)
