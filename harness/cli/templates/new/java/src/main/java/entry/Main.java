package entry;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The JDK's server under spec/contract.md: starts and drains. What is answered is in Answers. */
public final class Main {
  /** How long requests in flight have after SIGTERM, in seconds; the contract asks for an exit within 5 s. */
  private static final int DRAIN_LIMIT_S = 4;

  private static final int BACKLOG = 4096;

  private Main() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 0 && arguments[0].equals("--version")) {
      System.out.println("com.sun.net.httpserver " + Runtime.version());
      return;
    }
    setting("WORKERS", "1", 1);
    // Read once, before there is a server.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.idleInterval", "60");
    System.setProperty("sun.net.httpserver.maxIdleConnections", "100000");
    System.setProperty("sun.net.httpserver.maxReqTime", "60");
    // Nothing is logged per request.
    Logger.getLogger("com.sun.net.httpserver").setLevel(Level.OFF);

    String host = System.getenv().getOrDefault("HOST", "127.0.0.1");
    int port = setting("PORT", "8080", 0);
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), BACKLOG);
    } catch (IOException error) {
      throw fail("cannot listen on " + host + ":" + port + ": " + error.getMessage());
    }
    // A request is read by the thread that answers it: a slow client must not hold up the others.
    server.setExecutor(Executors.newCachedThreadPool());
    Answers answers = new Answers();
    server.createContext("/", answers);
    // SIGTERM: the server stops at once where nothing is in flight.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, answers)));
    server.start();
    System.err.println("listening on " + host + ":" + server.getAddress().getPort());
  }

  private static void stop(HttpServer server, Answers answers) {
    server.stop(answers.inFlight() == 0 ? 0 : DRAIN_LIMIT_S);
    // The JVM's own exit status after a signal says that it was killed.
    Runtime.getRuntime().halt(0);
  }

  private static int setting(String name, String otherwise, int least) {
    String value = System.getenv().getOrDefault(name, otherwise);
    if (!value.matches("[0-9]{1,9}") || Integer.parseInt(value) < least) {
      throw fail(name + " is \"" + value + "\": expected a whole number, " + least + " or more");
    }
    return Integer.parseInt(value);
  }

  private static RuntimeException fail(String message) {
    System.err.println("new-entry: " + message);
    Runtime.getRuntime().halt(1);
    return new IllegalStateException(message);
  }
}
