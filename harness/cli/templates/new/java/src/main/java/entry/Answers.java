package entry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** The endpoints. Add one here, and its id to {@code endpoints} in implementation.yaml. */
final class Answers implements HttpHandler {
  /** {@code uri-host [ ":" port ]} (RFC 9110 section 7.2); it may be empty. */
  private static final Pattern HOST =
      Pattern.compile("([\\w.~!$&'()*+,;=%-]*|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{0,5})?");

  private record Message(String message) {
    String json() {
      return "{\"message\":" + quoted(message) + "}";
    }
  }

  private final AtomicInteger inFlight = new AtomicInteger();

  int inFlight() {
    return inFlight.get();
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    inFlight.incrementAndGet();
    try (exchange) {
      answer(exchange);
    } finally {
      inFlight.decrementAndGet();
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Server", "com.sun.net.httpserver");
    if (isLast(exchange)) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
    if (!hasOneHost(exchange) || !hasLength(exchange)) {
      exchange.getResponseHeaders().set("Connection", "close");
      respond(exchange, 400, "text/plain", "a request has one valid Host, and a length of digits only");
      return;
    }
    // An unwanted body is read and forgotten, so that its connection can go on.
    try (InputStream body = exchange.getRequestBody()) {
      body.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException malformed) {
      exchange.getResponseHeaders().set("Connection", "close");
      respond(exchange, 400, "text/plain", "the content cannot be read");
      return;
    }
    // As it came: paths are compared byte by byte.
    String path = exchange.getRequestURI().getRawPath();
    boolean isPlaintext = "/plaintext".equals(path);
    String method = exchange.getRequestMethod();
    if (!isPlaintext && !"/json".equals(path)) {
      respond(exchange, 404, "text/plain", "not found");
    } else if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      respond(exchange, 405, "text/plain", "method not allowed");
    } else if (isPlaintext) {
      respond(exchange, 200, "text/plain", "Hello, World!");
    } else {
      // Serialised for each request, as the contract asks.
      respond(exchange, 200, "application/json", new Message("Hello, World!").json());
    }
  }

  /** HTTP/1.1 asks for one Host (RFC 9112 section 3.2); the JDK's server leaves it to its user. */
  private static boolean hasOneHost(HttpExchange exchange) {
    List<String> hosts = exchange.getRequestHeaders().get("Host");
    if (hosts == null) {
      return exchange.getProtocol().equalsIgnoreCase("HTTP/1.0");
    }
    return hosts.size() == 1 && HOST.matcher(hosts.get(0)).matches();
  }

  /** Whether Connection has the close option; the JDK's server knows it alone in the first line only. */
  private static boolean isLast(HttpExchange exchange) {
    List<String> lines = exchange.getRequestHeaders().getOrDefault("Connection", List.of());
    return Arrays.stream(String.join(",", lines).split(","))
        .anyMatch(option -> option.strip().equalsIgnoreCase("close"));
  }

  /** The JDK's server reads a length with a sign too. */
  private static boolean hasLength(HttpExchange exchange) {
    List<String> lines = exchange.getRequestHeaders().getOrDefault("Content-Length", List.of());
    return lines.stream().allMatch(length -> length.matches("[0-9]+"));
  }

  private static void respond(HttpExchange exchange, int status, String contentType, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", contentType);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** A JSON string, with what has to be escaped. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char letter : text.toCharArray()) {
      if (letter == '"' || letter == '\\') {
        quoted.append('\\').append(letter);
      } else if (letter < ' ') {
        quoted.append(String.format("\\u%04x", (int) letter));
      } else {
        quoted.append(letter);
      }
    }
    return quoted.append('"').toString();
  }
}
