import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A conforming server: blocking sockets, a reading and a writing thread for each client, one monitor for the chat. */
public final class Server {
    static final int FRAME_BYTES = 1024;
    static final int PENDING_BYTES = 1 << 20;
    static final Map<String, List<String>> MEMBERS = Map.of(
        "join", List.of("username"), "message", List.of("content"), "private_message", List.of("target", "content"));

    /** Why a frame is refused. */
    static final class Refusal extends Exception {
        final String code;

        Refusal(String code, String text) {
            super(text);
            this.code = code;
        }
    }

    /** Reads what RFC 8259 allows and no more. */
    static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        static Object read(String text) throws Refusal {
            Json json = new Json(text);
            Object value;
            try {
                value = json.value();
            } catch (StackOverflowError deep) {
                throw json.bad("too much nesting");
            }
            if (json.at < text.length()) throw json.bad("text after the value");
            return value;
        }

        private Refusal bad(String what) {
            return new Refusal("malformed_json", what + " at " + at);
        }

        private int next() {
            return at < text.length() ? text.charAt(at) : -1;
        }

        private boolean takes(String word) {
            boolean found = text.startsWith(word, at);
            if (found) at += word.length();
            return found;
        }

        private void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        }

        private Object value() throws Refusal {
            space();
            Object value = bare();
            space();
            return value;
        }

        private Object bare() throws Refusal {
            if (takes("{")) return object();
            if (takes("[")) return array();
            if (takes("\"")) return string();
            if (takes("true")) return Boolean.TRUE;
            if (takes("false")) return Boolean.FALSE;
            if (takes("null")) return Void.class;
            return number();
        }

        private int digits() {
            int begin = at;
            while (next() >= '0' && next() <= '9') at++;
            return at - begin;
        }

        private Object number() throws Refusal {
            takes("-");
            if (!takes("0") && digits() == 0) throw bad("no value");
            if (takes(".") && digits() == 0) throw bad("no digit after the point");
            if (takes("e") || takes("E")) {
                if (!takes("+")) takes("-");
                if (digits() == 0) throw bad("no digit in the exponent");
            }
            return 0;
        }

        private String string() throws Refusal {
            StringBuilder read = new StringBuilder();
            while (!takes("\"")) {
                int unit = next();
                if (unit < 0x20) throw bad("a control character or no end in a string");
                at++;
                read.append(unit == '\\' ? escaped() : (char) unit);
            }
            if (read.codePoints().anyMatch(point -> point >= 0xD800 && point <= 0xDFFF)) throw bad("half a pair");
            return read.toString();
        }

        private char escaped() throws Refusal {
            int kind = next();
            at++;
            int simple = "\"\\/bfnrt".indexOf(kind);
            if (kind >= 0 && simple >= 0) return "\"\\/\b\f\n\r\t".charAt(simple);
            if (kind != 'u' || at + 4 > text.length()) throw bad("no escape");
            String hex = text.substring(at, at + 4);
            if (!hex.matches("[0-9a-fA-F]{4}")) throw bad("no escape");
            at += 4;
            return (char) Integer.parseInt(hex, 16);
        }

        private List<Object> array() throws Refusal {
            List<Object> items = new ArrayList<>();
            space();
            if (takes("]")) return items;
            do items.add(value()); while (takes(","));
            if (!takes("]")) throw bad("no end of an array");
            return items;
        }

        private Map<String, Object> object() throws Refusal {
            Map<String, Object> members = new HashMap<>();
            space();
            if (takes("}")) return members;
            do member(members); while (takes(","));
            if (!takes("}")) throw bad("no end of an object");
            return members;
        }

        private void member(Map<String, Object> members) throws Refusal {
            space();
            if (!takes("\"")) throw bad("no member name");
            String name = string();
            space();
            if (!takes(":")) throw bad("no colon");
            if (members.put(name, value()) != null) throw bad("a member twice");
        }

        static String quote(String value) {
            StringBuilder quoted = new StringBuilder("\"");
            for (char unit : value.toCharArray()) {
                if (unit == '"' || unit == '\\') quoted.append('\\').append(unit);
                else if (unit < 0x20) quoted.append(String.format("\\u%04x", (int) unit));
                else quoted.append(unit);
            }
            return quoted.append('"').toString();
        }
    }

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
    private final Map<String, Client> joined = new LinkedHashMap<>();
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();

    /** Members in pairs; a value that is no string is written as it is. */
    static byte[] line(Object... members) {
        StringBuilder line = new StringBuilder("{");
        for (int i = 0; i < members.length; i += 2) {
            Object value = members[i + 1];
            line.append(i == 0 ? "" : ", ").append(Json.quote((String) members[i])).append(": ");
            line.append(value instanceof String string ? Json.quote(string) : value);
        }
        return line.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    static String now() {
        return LocalTime.now().format(CLOCK);
    }

    synchronized void tellAll(byte[] line) {
        for (Client client : joined.values()) client.send(line);
    }

    void system(String text) {
        tellAll(line("type", "system", "message", text, "timestamp", now()));
    }

    static Map<?, ?> understand(byte[] frame) throws Refusal {
        if (frame.length > FRAME_BYTES) throw new Refusal("frame_too_long", "more than 1024 bytes");
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(frame)).toString();
        } catch (CharacterCodingException error) {
            throw new Refusal("malformed_json", "not UTF-8");
        }
        if (!(Json.read(text) instanceof Map<?, ?> message)) throw new Refusal("invalid_message", "not an object");
        if (!(message.get("type") instanceof String type)) throw new Refusal("invalid_message", "no type");
        if (!MEMBERS.containsKey(type)) throw new Refusal("unknown_type", "unknown type");
        for (String member : MEMBERS.get(type)) judge(member, message.get(member));
        return message;
    }

    static void judge(String member, Object value) throws Refusal {
        if (!(value instanceof String text)) throw new Refusal("invalid_message", member + " is no string");
        boolean good = member.equals("content") ? !text.isEmpty() : isName(text);
        if (good) return;
        throw new Refusal(member.equals("username") ? "username_invalid" : "invalid_message", member + " is invalid");
    }

    static boolean isName(String text) {
        int length = text.codePointCount(0, text.length());
        boolean spaced = text.startsWith(" ") || text.endsWith(" ");
        return length >= 1 && length <= 32 && !spaced && text.codePoints().noneMatch(Server::isForbidden);
    }

    static boolean isForbidden(int point) {
        return point < 0x20 || point >= 0x7F && point <= 0x9F || point >= 0x200B && point <= 0x200F
            || point >= 0x2028 && point <= 0x202E || point >= 0x2060 && point <= 0x2069 || point == 0xFEFF;
    }

    synchronized void handle(Client client, Map<?, ?> message) throws Refusal {
        String type = (String) message.get("type");
        String content = (String) message.get("content");
        if (type.equals("join")) {
            join(client, (String) message.get("username"));
        } else if (client.name == null) {
            throw new Refusal("not_joined", "join first");
        } else if (type.equals("message")) {
            tellAll(line("type", type, "username", client.name, "content", content, "timestamp", now()));
        } else {
            whisper(client, (String) message.get("target"), content);
        }
    }

    private void join(Client client, String name) throws Refusal {
        if (client.name != null) throw new Refusal("already_joined", "joined already");
        if (joined.putIfAbsent(name, client) != null) throw new Refusal("username_taken", "Username already taken");
        client.name = name;
        system(name + " joined the chat");
    }

    private void whisper(Client client, String target, String content) {
        Client found = joined.get(target);
        String type = "private_confirmation";
        if (found == null) {
            client.send(line("type", type, "target", target, "content", content, "delivered", false,
                "timestamp", now(), "reason", "nobody of that name"));
            return;
        }
        found.send(line("type", "private_message", "sender", client.name, "content", content, "timestamp", now()));
        client.send(line("type", type, "target", target, "content", content, "delivered", true, "timestamp", now()));
    }

    synchronized void leave(Client client) {
        clients.remove(client);
        if (client.name == null) return;
        joined.remove(client.name);
        system(client.name + " left the chat");
        client.name = null;
    }

    /** One client's socket, with what waits to be written. */
    final class Client {
        final Socket socket;
        String name;
        private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
        private int pending;
        private boolean over;
        private int endedThreads;

        Client(Socket socket) {
            this.socket = socket;
        }

        void start() throws SocketException {
            socket.setTcpNoDelay(true);
            clients.add(this);
            for (Runnable work : List.<Runnable>of(this::read, this::write)) {
                Thread thread = new Thread(null, work, "client", 1 << 20);
                thread.setDaemon(true);
                thread.start();
            }
        }

        synchronized void send(byte[] line) {
            if (over) return;
            waiting.add(line);
            pending += line.length;
            if (pending > PENDING_BYTES) {
                over = true;
                waiting.clear();
                try {
                    socket.close();
                } catch (IOException ignored) {
                    // it is gone already
                }
            }
            notifyAll();
        }

        synchronized void end() {
            over = true;
            notifyAll();
        }

        private synchronized byte[] take() throws InterruptedException {
            while (waiting.isEmpty() && !over) wait();
            ByteBuffer batch = ByteBuffer.allocate(waiting.stream().mapToInt(line -> line.length).sum());
            waiting.forEach(batch::put);
            waiting.clear();
            return batch.array();
        }

        private synchronized void written(int bytes) {
            pending -= bytes;
        }

        private void write() {
            try {
                OutputStream out = socket.getOutputStream();
                for (byte[] batch = take(); batch.length > 0; batch = take()) {
                    out.write(batch);
                    written(batch.length);
                }
                socket.shutdownOutput();
            } catch (IOException | InterruptedException error) {
                end();
            }
            closeAfterBoth();
        }

        private void read() {
            try {
                readLines(socket.getInputStream());
            } catch (IOException error) {
                // a reset ends the connection as an end of the stream does
            }
            leave(this);
            end();
            closeAfterBoth();
        }

        private synchronized void closeAfterBoth() {
            if (++endedThreads < 2) return;
            try {
                socket.close();
            } catch (IOException ignored) {
                // it is gone already
            }
        }

        private void readLines(InputStream in) throws IOException {
            byte[] piece = new byte[8192];
            byte[] frame = new byte[FRAME_BYTES + 1];
            int length = 0;
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                for (int i = 0; i < read; i++) {
                    if (piece[i] != '\n') {
                        if (length <= FRAME_BYTES) frame[length++] = piece[i];
                    } else {
                        line(Arrays.copyOf(frame, length));
                        length = 0;
                    }
                }
            }
        }

        private void line(byte[] frame) {
            if (frame.length <= FRAME_BYTES && new String(frame, StandardCharsets.ISO_8859_1).matches("[ \t\r]*")) return;
            try {
                handle(this, understand(frame));
            } catch (Refusal refusal) {
                send(Server.line("type", "error", "message", refusal.getMessage(), "code", refusal.code));
            }
        }
    }

    void stop(ServerSocket listener) {
        try {
            listener.close();
        } catch (IOException ignored) {
            // it is closed already
        }
        Collection<Client> leaving = List.copyOf(clients);
        system("the server stops");
        leaving.forEach(Client::end);
        // The clients' own ends are awaited: leaving with unread bytes would reset their connections.
        for (int i = 0; i < 100 && !clients.isEmpty(); i++) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException error) {
                break;
            }
        }
        Runtime.getRuntime().halt(0);
    }

    void announceLines() {
        Scanner typed = new Scanner(System.in, StandardCharsets.UTF_8);
        while (typed.hasNextLine()) {
            String text = typed.nextLine();
            if (!text.isEmpty()) tellAll(line("type", "server", "message", text, "timestamp", now()));
        }
    }

    public static void main(String[] words) throws IOException {
        Map<String, String> options = new HashMap<>(Map.of("--host", "127.0.0.1", "--port", "0"));
        for (int i = 0; i + 1 < words.length; i += 2) options.put(words[i], words[i + 1]);
        InetAddress host = InetAddress.getByName(options.get("--host"));
        ServerSocket listener = new ServerSocket(Integer.parseInt(options.get("--port")), 1024, host);
        Server server = new Server();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(listener)));
        Thread operator = new Thread(server::announceLines);
        operator.setDaemon(true);
        operator.start();
        System.out.println("Listening on " + host.getHostAddress() + ":" + listener.getLocalPort());
        System.out.flush();
        try {
            while (true) server.new Client(listener.accept()).start();
        } catch (SocketException closed) {
            // the server is stopping
        }
    }
}
