// Starts under spec/contract.md, listens, drains after SIGTERM. What is answered is in answers.cpp.
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "http.hpp"

namespace {

// How long requests in flight have after SIGTERM; the contract asks for an exit within 5 s.
constexpr int drain_limit_ms = 4000;
constexpr int backlog = 4096;

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "new-entry: %s\n", message.c_str());
  std::exit(1);
}

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

int listen_at(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) fail(host + ":" + port + ": " + gai_strerror(error));
  const int listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, found->ai_addr, found->ai_addrlen) != 0 || listen(listener, backlog) != 0) {
    fail("cannot listen on " + host + ":" + port + ": " + std::strerror(errno));
  }
  freeaddrinfo(found);
  return listener;
}

void tell_address(int listener) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (getsockname(listener, any, &length) == 0 &&
      getnameinfo(any, length, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
    std::fprintf(stderr, "listening on %s:%s\n", host, port);
  }
}

// A thread for each connection, until the listener is shut down.
void accept_all(int listener) {
  for (;;) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      if (stopping) return;
      // Too many open files, say: what is served meanwhile makes room.
      if (errno != EINTR && errno != ECONNABORTED) usleep(10'000);
      continue;
    }
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    try {
      std::thread(serve, connection).detach();
    } catch (const std::system_error&) {
      close(connection);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--version") == 0) {
    std::printf("sockets (g++ %s)\n", __VERSION__);
    return 0;
  }
  if (std::atoi(setting("WORKERS", "1").c_str()) < 1) {
    fail("WORKERS is \"" + setting("WORKERS", "") + "\": expected a whole number, 1 or more");
  }
  // Before there is any other thread: all of them inherit it, and this one alone waits for the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int listener = listen_at(setting("HOST", "127.0.0.1"), setting("PORT", "8080"));
  tell_address(listener);
  std::thread acceptor(accept_all, listener);
  int received = 0;
  sigwait(&signals, &received);
  stopping = true;
  shutdown(listener, SHUT_RDWR);
  acceptor.join();
  for (int waited = 0; in_flight > 0 && waited < drain_limit_ms; waited += 10) usleep(10'000);
  // Connections without a request end with the process.
  std::_Exit(0);
}
