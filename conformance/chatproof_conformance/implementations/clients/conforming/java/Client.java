import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A conforming client, driven by JSON lines: a thread reads the server, the main one the requests. */
public final class Client {
    static final int MOST_SENT = 1024;
    static final int MOST_TAKEN = 8192;
    static final String TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";
    static final Map<String, List<String>> MEMBERS = Map.of(
        "message", List.of("username", "content", "timestamp"),
        "private_message", List.of("sender", "content", "timestamp"),
        "private_confirmation", List.of("target", "content", "delivered", "timestamp"),
        "system", List.of("message", "timestamp"),
        "server", List.of("message", "timestamp"),
        "error", List.of("message"));

    /** What is no valid message. */
    static final class Bad extends Exception {
        Bad(String text) {
            super(text);
        }
    }

    /** A string of JSON; a number stands as the characters that it has there. */
    record Text(String value) {}

    /** Reads what RFC 8259 allows and no more. */
    static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        static Object read(String text) throws Bad {
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

        private Bad bad(String what) {
            return new Bad(what + " at " + at);
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

        private Object value() throws Bad {
            space();
            Object value = bare();
            space();
            return value;
        }

        private Object bare() throws Bad {
            if (takes("{")) return object();
            if (takes("[")) return array();
            if (takes("\"")) return new Text(string());
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

        private Object number() throws Bad {
            int begin = at;
            takes("-");
            if (!takes("0") && digits() == 0) throw bad("no value");
            if (takes(".") && digits() == 0) throw bad("no digit after the point");
            if (takes("e") || takes("E")) {
                if (!takes("+")) takes("-");
                if (digits() == 0) throw bad("no digit in the exponent");
            }
            return text.substring(begin, at);
        }

        private String string() throws Bad {
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

        private char escaped() throws Bad {
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

        private List<Object> array() throws Bad {
            List<Object> items = new ArrayList<>();
            space();
            if (takes("]")) return items;
            do items.add(value()); while (takes(","));
            if (!takes("]")) throw bad("no end of an array");
            return items;
        }

        private Map<String, Object> object() throws Bad {
            Map<String, Object> members = new HashMap<>();
            space();
            if (takes("}")) return members;
            do member(members); while (takes(","));
            if (!takes("}")) throw bad("no end of an object");
            return members;
        }

        private void member(Map<String, Object> members) throws Bad {
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

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static Connection current;

    static String line(Object... members) {
        StringBuilder line = new StringBuilder("{");
        for (int i = 0; i < members.length; i += 2) {
            if (members[i + 1] == null) continue;
            line.append(line.length() == 1 ? "" : ",").append(Json.quote((String) members[i])).append(":");
            line.append(Json.quote((String) members[i + 1]));
        }
        return line.append("}").toString();
    }

    static void report(String event, Object... members) {
        List<Object> all = new ArrayList<>(List.of("event", event));
        all.addAll(Arrays.asList(members));
        synchronized (OUT) {
            OUT.println(line(all.toArray()));
        }
    }

    static String text(Map<?, ?> message, String member) {
        return message.get(member) instanceof Text text ? text.value() : null;
    }

    static boolean isName(String text) {
        if (text == null) return false;
        int length = text.codePointCount(0, text.length());
        boolean spaced = text.startsWith(" ") || text.endsWith(" ");
        return length >= 1 && length <= 32 && !spaced && text.codePoints().noneMatch(Client::isForbidden);
    }

    static boolean isForbidden(int point) {
        return point < 0x20 || point >= 0x7F && point <= 0x9F || point >= 0x200B && point <= 0x200F
            || point >= 0x2028 && point <= 0x202E || point >= 0x2060 && point <= 0x2069 || point == 0xFEFF
            || point >= 0xD800 && point <= 0xDFFF;
    }

    static Map<?, ?> understand(byte[] frame) throws Bad {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(frame)).toString();
        } catch (CharacterCodingException error) {
            throw new Bad("it is not UTF-8");
        }
        if (!(Json.read(text) instanceof Map<?, ?> message)) throw new Bad("it is no object");
        String type = text(message, "type");
        if (type == null || !MEMBERS.containsKey(type)) throw new Bad("its type is not known");
        for (String member : MEMBERS.get(type)) {
            if (!isGood(member, message.get(member), text(message, member))) throw new Bad("its " + member + " is not valid");
        }
        for (String member : List.of("reason", "code")) {
            boolean counts = type.equals(member.equals("reason") ? "private_confirmation" : "error");
            String value = text(message, member);
            if (counts && message.containsKey(member) && (value == null || value.isEmpty())) throw new Bad("bad " + member);
        }
        return message;
    }

    static boolean isGood(String member, Object value, String text) {
        return switch (member) {
            case "delivered" -> value instanceof Boolean;
            case "timestamp" -> text != null && text.matches(TIME);
            case "username", "sender", "target" -> isName(text);
            default -> text != null && !text.isEmpty();
        };
    }

    /** A connection to a server, from its join to its end. */
    static final class Connection {
        private Socket socket;
        private String asked;
        private String name;
        private boolean over;

        Connection(String host, int port, String username) {
            asked = username;
            try {
                socket = new Socket(host, port);
                socket.setTcpNoDelay(true);
            } catch (IOException error) {
                end("no connection: " + error.getMessage());
                return;
            }
            send(line("type", "join", "username", username));
            Thread thread = new Thread(null, this::read, "server", 1 << 24);
            thread.setDaemon(true);
            thread.start();
        }

        synchronized boolean isJoined() {
            return !over && name != null;
        }

        synchronized boolean isFree() {
            return !over && name == null && asked == null;
        }

        synchronized void joinAs(String username) {
            asked = username;
            send(line("type", "join", "username", username));
        }

        synchronized void end(String reason) {
            if (over) return;
            over = true;
            name = asked = null;
            try {
                if (socket != null) socket.shutdownOutput();
            } catch (IOException ignored) {
                // it has ended already
            }
            report("disconnected", "reason", reason);
        }

        synchronized void send(String line) {
            try {
                socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException ignored) {
                // reading shows the end
            }
        }

        private void read() {
            try (Socket closed = socket) {
                readLines(closed.getInputStream());
                end("the server ended the connection");
            } catch (IOException error) {
                end("the connection was lost: " + error.getMessage());
            }
        }

        private void readLines(InputStream in) throws IOException {
            byte[] piece = new byte[8192];
            byte[] frame = new byte[MOST_TAKEN + 1];
            int length = 0;
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                for (int i = 0; i < read; i++) {
                    if (piece[i] != '\n') {
                        if (length <= MOST_TAKEN) frame[length++] = piece[i];
                    } else {
                        take(Arrays.copyOf(frame, length));
                        length = 0;
                    }
                }
            }
        }

        private synchronized void take(byte[] frame) {
            if (over) return;
            if (frame.length > MOST_TAKEN) {
                report("problem", "reason", "The server sent a frame that is too long.");
                return;
            }
            if (new String(frame, StandardCharsets.ISO_8859_1).matches("[ \t\r]*")) return;
            try {
                show(understand(frame));
            } catch (Bad bad) {
                report("problem", "reason", "The server sent no valid message: " + bad.getMessage());
            }
        }

        private void show(Map<?, ?> message) {
            String type = text(message, "type");
            String said = text(message, "message");
            String content = text(message, "content");
            String target = text(message, "target");
            switch (type) {
                case "message" -> report("shown", "kind", type, "username", text(message, "username"), "content", content);
                case "private_message" -> report("shown", "kind", type, "sender", text(message, "sender"), "content", content);
                case "private_confirmation" -> {
                    String reason = message.containsKey("reason") ? text(message, "reason") : "no reason was given";
                    if ((Boolean) message.get("delivered")) report("shown", "kind", type, "target", target, "content", content);
                    else report("failed", "do", "say_privately", "target", target, "content", content, "reason", reason);
                }
                case "system" -> notice(said);
                case "error" -> {
                    if (asked == null) report("shown", "kind", type, "message", said);
                    else report("refused", "username", asked, "reason", said);
                    asked = null;
                }
                default -> report("shown", "kind", type, "message", said);
            }
        }

        private void notice(String said) {
            if (asked != null && said.contains(asked)) {
                name = asked;
                asked = null;
                report("joined", "username", name);
            }
            report("shown", "kind", "system", "message", said);
        }
    }

    static void say(String action, String target, String content) {
        String type = target == null ? "message" : "private_message";
        String line = line("type", type, "target", target, "content", content);
        int excess = line.getBytes(StandardCharsets.UTF_8).length - MOST_SENT;
        String why = null;
        if (current == null || !current.isJoined()) why = "not joined";
        else if (target != null && !isName(target)) why = "the target is no valid name";
        else if (content.isEmpty()) why = "there is nothing that can be sent";
        else if (excess > 0) why = "too long by " + excess + " bytes";
        if (why == null) current.send(line);
        else report("failed", "do", action, "target", target, "content", content, "reason", why);
    }

    static void leave() {
        if (current != null) current.end("you left");
    }

    static void connect(Map<?, ?> request, String username) {
        leave();
        if (isName(username)) {
            current = new Connection(text(request, "host"), Integer.parseInt((String) request.get("port")), username);
        } else {
            report("refused", "reason", "this is no valid name");
        }
    }

    static void join(String username) {
        boolean free = current != null && current.isFree();
        if (free && isName(username)) current.joinAs(username);
        else report("refused", "reason", free ? "this is no valid name" : "there is nothing to join");
    }

    static void obey(String line) {
        Map<?, ?> request;
        try {
            request = (Map<?, ?>) Json.read(line);
        } catch (Bad | ClassCastException error) {
            misread(line);
            return;
        }
        String action = String.valueOf(text(request, "do"));
        switch (action) {
            case "connect" -> connect(request, text(request, "username"));
            case "join" -> join(text(request, "username"));
            case "say" -> say(action, null, text(request, "content"));
            case "say_privately" -> say(action, text(request, "target"), text(request, "content"));
            case "leave" -> leave();
            default -> report("unsupported", "do", action, "reason", "this client cannot do that");
        }
    }

    /** A name or content with half a surrogate pair is no text that can be sent; the request can be read without it. */
    static void misread(String line) {
        Map<?, ?> request;
        try {
            request = (Map<?, ?>) Json.read(line.replaceAll("\\\\u[dD][89a-fA-F][0-9a-fA-F]{2}", "?"));
        } catch (Bad | ClassCastException error) {
            report("invalid_request", "reason", "this is no request");
            return;
        }
        String action = String.valueOf(text(request, "do"));
        boolean isName = action.equals("connect") || action.equals("join");
        if (action.equals("connect")) leave();
        if (isName) report("refused", "reason", "half a character cannot be sent");
        else report("failed", "do", action, "reason", "half a character cannot be sent");
    }

    public static void main(String[] words) throws IOException {
        BufferedReader typed = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = typed.readLine(); line != null; line = typed.readLine()) {
            if (!line.isBlank()) obey(line);
        }
        leave();
        Runtime.getRuntime().halt(0);
    }
}
