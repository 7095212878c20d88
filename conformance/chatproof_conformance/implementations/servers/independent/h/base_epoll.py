"""Base 3: one thread, epoll, everything kept by descriptor."""
import errno, select, signal, socket, time
import announcing
import handjson
from handjson import Bad, Deep, quote

F = B = ''
ep = None
socks = {}
inbuf = {}
outbuf = {}
skip = set()
names = {}           # fd -> name
users = {}           # name -> fd
started = {}         # fd -> when its present line began
born = {}
pinned = {}          # fd -> {target: fd} (fault)
doomed = set()
stopping = False
MAXOUT = 1 << 20


def now():
    return time.strftime('%H:%M:%S')


def line(*pairs):
    return ('{' + ', '.join(quote(k) + ': ' + (v if v in ('true', 'false') and k == 'delivered' else quote(v)) for k, v in pairs) + '}\n').encode()


def system(text):
    return line(('type', 'system'), ('message', text), ('timestamp', now()))


def send(fd, data):
    if fd not in socks or fd in doomed:
        return
    out = outbuf.setdefault(fd, bytearray())
    idle = not out
    out += data
    if idle:
        flush(fd)
    elif F == 'client-that-does-not-read-is-not-read':
        interest(fd)
    if len(outbuf.get(fd, b'')) > MAXOUT:
        doomed.add(fd)


def flush(fd):
    out = outbuf[fd]
    s = socks[fd]
    try:
        if B == 'few-bytes-a-segment':
            while out:
                for k in (1, 2, 3, 5, 8, 13, 21, 34, 600):
                    if out:
                        n = s.send(out[:k])
                        del out[:n]
        else:
            while out:
                n = s.send(out)
                del out[:n]
                if F == 'part-sent-taken-for-all-sent':
                    out.clear()
    except BlockingIOError:
        if F == 'part-sent-taken-for-all-sent':
            out.clear()
    except OSError:
        if F == 'unsent-data-left-to-next-connection':
            return
        out.clear()
        if F == 'reset-found-on-write-goes-untold':
            forget(fd)
            return
    interest(fd)


def interest(fd):
    if fd not in socks:
        return
    ev = select.EPOLLIN
    if outbuf.get(fd):
        ev |= select.EPOLLOUT
        if F == 'client-that-does-not-read-is-not-read' and len(outbuf[fd]) > 16384:
            ev = select.EPOLLOUT
    if F == 'end-of-stream-acted-on-before-the-rest-is-read':
        ev |= select.EPOLLRDHUP
    ep.modify(fd, ev)


def error(fd, code, text):
    send(fd, line(('type', 'error'), ('code', code), ('message', text)))


def forget(fd):
    """Drops the connection without a word."""
    s = socks.pop(fd, None)
    if s is None:
        return None
    ep.unregister(fd)
    s.close()
    if F != 'half-frame-left-to-next-connection':
        inbuf.pop(fd, None)
    if F != 'unsent-data-left-to-next-connection':
        outbuf.pop(fd, None)
    skip.discard(fd)
    doomed.discard(fd)
    started.pop(fd, None)
    born.pop(fd, None)
    name = names.pop(fd, None)
    if name is not None:
        if users.get(key(name)) == fd:
            del users[key(name)]
    return name


def leave(fd):
    name = forget(fd)
    if name is not None and not stopping:
        broadcast(system(name + ' left the chat'))


def broadcast(data):
    for fd in list(names):
        send(fd, data)


def readable(fd):
    while fd in socks:
        try:
            data = socks[fd].recv(65536)
        except BlockingIOError:
            return
        except OSError:
            leave(fd)
            return
        if not data:
            if stopping:
                forget(fd)
            else:
                leave(fd)
            return
        if stopping:
            continue
        feed(fd, data)
        if len(data) < 65536:
            return


def feed(fd, data):
    buf = inbuf.setdefault(fd, bytearray())
    if F == 'space-at-start-of-read-lost':
        data = data.lstrip(b' ')
    buf += data
    while True:
        i = buf.find(b'\n')
        if i < 0:
            break
        frame = bytes(buf[:i])
        del buf[:i + 1]
        started.pop(fd, None)
        if fd in skip:
            skip.discard(fd)
            continue
        handle(fd, frame)
        if fd not in socks or fd in doomed:
            return
    if buf:
        began, n = started.get(fd, (time.monotonic(), 0))
        started[fd] = (began, n + len(buf) if fd in skip else len(buf))
    if fd in skip:
        buf.clear()
        if B == 'every-permitted-end-taken' and started[fd][1] >= 65536:
            doomed.add(fd)
    elif len(buf) > 1024 or len(buf) == 1024 and F == 'frame-of-1024-refused-if-lf-comes-later':
        error(fd, 'frame_too_long', 'Frame too long')
        skip.add(fd)
        buf.clear()


def key(n):
    return n.encode()[:48] if F == 'names-alike-in-48-bytes-are-one' else n


def name_ok(s):
    if not 0 < len(s) < 33 or s.startswith(' ') or s.endswith(' '):
        return False
    for c in s:
        if c < ' ' or '\x7f' <= c <= '\x9f' or c in '\u2028\u2029\ufeff' or '\u200b' <= c <= '\u200f' \
                or '\u202a' <= c <= '\u202e' or '\u2060' <= c <= '\u2069':
            return False
    return True


def handle(fd, frame):
    if not frame.strip(b' \t\r'):
        return
    if len(frame) > 1024:
        return error(fd, 'frame_too_long', 'Frame too long')
    try:
        v = handjson.parse(frame)
    except Bad:
        return error(fd, 'malformed_json', 'Malformed JSON')
    except Deep:
        return error(fd, 'invalid_message', 'Nested too deeply')
    except RecursionError:
        return leave(fd)
    if not isinstance(v, dict) or not isinstance(v.get('type'), str):
        return error(fd, 'invalid_message', 'Not an object with a type')
    t = v['type']
    if t not in ('join', 'message', 'private_message'):
        return error(fd, 'unknown_type', 'Unknown type')
    me = names.get(fd)
    if t == 'join':
        n = v.get('username')
        if not isinstance(n, str):
            return error(fd, 'invalid_message', 'No username')
        if not name_ok(n):
            return error(fd, 'username_invalid', 'Invalid username')
        if me is not None:
            return error(fd, 'already_joined', 'Already joined')
        if key(n) in users:
            return error(fd, 'username_taken', 'Username already taken')
        names[fd] = n
        users[key(n)] = fd
        return broadcast(system(n + ' joined the chat'))
    content = v.get('content')
    if not isinstance(content, str) or not content:
        return error(fd, 'invalid_message', 'Invalid content')
    if t == 'message':
        if me is None:
            return error(fd, 'not_joined', 'Not joined')
        return broadcast(line(('type', 'message'), ('username', me), ('content', content), ('timestamp', now())))
    target = v.get('target')
    if not isinstance(target, str) or not name_ok(target):
        return error(fd, 'invalid_message', 'Invalid target')
    if me is None:
        return error(fd, 'not_joined', 'Not joined')
    to = users.get(key(target))
    if F == 'target-looked-up-once-per-sender':
        mine = pinned.setdefault(me, {})
        s = mine.get(target)
        if s is not None:
            to = s.fileno() if s.fileno() >= 0 else -2
        elif to is not None:
            mine[target] = socks[to]
    if to is not None:
        send(to, line(('type', 'private_message'), ('sender', me), ('content', content), ('timestamp', now())))
        send(fd, line(('type', 'private_confirmation'), ('delivered', 'true'), ('target', target), ('content', content), ('timestamp', now())))
    else:
        send(fd, line(('type', 'private_confirmation'), ('delivered', 'false'), ('reason', 'User not found'), ('target', target), ('content', content), ('timestamp', now())))


def accept_all(ls):
    while True:
        try:
            s, _ = ls.accept()
        except OSError:
            return
        s.setblocking(False)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fd = s.fileno()
        socks[fd] = s
        born[fd] = time.monotonic()
        ep.register(fd, select.EPOLLIN)
        interest(fd)


def clock(t):
    if B == 'every-permitted-end-taken':
        for fd in list(socks):
            if fd not in names and t - born[fd] > 10.2:
                end(fd)
            elif fd in started and t - started[fd][0] > 10.2:
                end(fd)


def end(fd):
    """Ends a connection in order: what waits for it is sent as far as it goes."""
    try:
        socks[fd].shutdown(socket.SHUT_WR)
    except OSError:
        pass
    leave(fd)


def run(port, fault, behave):
    global F, B, ep, stopping, MAXOUT
    F, B = fault, behave
    handjson.FAULT = fault
    if B == 'every-permitted-end-taken':
        MAXOUT = 65536
    asked = []
    signal.signal(signal.SIGTERM, lambda *a: asked.append(1))
    signal.signal(signal.SIGINT, lambda *a: asked.append(1))
    ep = select.epoll()
    ls = socket.socket()
    ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ls.bind(('127.0.0.1', port))
    ls.listen(512)
    ls.setblocking(False)
    lfd = ls.fileno()
    ep.register(lfd, select.EPOLLIN)
    until = chatter = None
    announcing.start()
    while True:
        for fd, ev in ep.poll(0.1):
            if fd == lfd:
                accept_all(ls)
                continue
            if fd not in socks:
                continue
            if F == 'end-of-stream-acted-on-before-the-rest-is-read' and ev & select.EPOLLRDHUP and not stopping:
                leave(fd)
                continue
            if ev & select.EPOLLOUT and fd in socks and outbuf.get(fd):
                flush(fd)
            if ev & (select.EPOLLIN | select.EPOLLERR | select.EPOLLHUP) and fd in socks:
                readable(fd)
        while doomed:
            end(doomed.pop())
        for text in announcing.waiting():
            broadcast(line(('type', 'server'), ('message', text), ('timestamp', now())))
        t = time.monotonic()
        clock(t)
        if B == 'chatter-every-second' and not stopping and (chatter is None or t > chatter):
            chatter = t + 1
            for n, f in list(users.items()):
                send(f, line(('type', 'server'), ('timestamp', now()), ('message', 'Tip: be kind, ' + n)))
                send(f, system('%d here, among them %s; %s joined the chat some time ago' % (len(users), ', '.join(list(users)[:5]), n)))
        if asked and not stopping:
            accept_all(ls)
            for f in list(names):
                send(f, system('Server stops'))
            stopping = True
            until = t + 2.5
            ep.unregister(lfd)
            accept_all(ls)
            ls.close()
            closing = set(socks)
        if stopping:
            for fd in list(closing):
                if fd not in socks:
                    closing.discard(fd)
                elif not outbuf.get(fd) or t > until or F == 'stop-cuts-off-what-a-slow-reader-has-coming':
                    closing.discard(fd)
                    try:
                        socks[fd].shutdown(socket.SHUT_WR)
                    except OSError:
                        pass
            if not socks or t > until + 0.2:
                return
