// One connection: requests one after the other, and an end that loses no response.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.hpp"

std::atomic<bool> stopping{false};
std::atomic<int> in_flight{0};

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A request line and fields may take so many bytes each.
constexpr std::size_t line_limit = 16 * 1024;
constexpr std::size_t head_limit = 64 * 1024;
constexpr std::size_t chunk_line_limit = 4 * 1024;
constexpr milliseconds idle_limit{60'000};
constexpr milliseconds head_time{10'000};
constexpr milliseconds content_time{60'000};
// How long a client whose connection ends may go on sending.
constexpr milliseconds linger{1'000};

// The client is gone, or says nothing any more.
struct Gone {};

const char* phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

// Now, written anew each second.
const std::string& date() {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    char buffer[64];
    std::tm parts{};
    gmtime_r(&now, &parts);
    text.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts));
    second = now;
  }
  return text;
}

// Counts a request for as long as it is read and answered.
class InFlight {
 public:
  InFlight() { ++in_flight; }
  ~InFlight() { --in_flight; }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
};

class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}

  // Whether another request may follow.
  bool serve_one() {
    if (taken_ > 0) {
      input_.erase(0, taken_);
      taken_ = 0;
    }
    deadline_ = steady_clock::now() + idle_limit;
    // An empty line before a request is left out (RFC 9112 section 2.2).
    while (input_.empty() || starts_with_empty_line()) {
      if (starts_with_empty_line()) input_.erase(0, 2);
      else receive();
    }
    const InFlight counted;
    deadline_ = steady_clock::now() + head_time;
    try {
      Request request = read_head(head());
      deadline_ = steady_clock::now() + content_time;
      read_content(request);
      const bool goes_on = request.keeps_connection && !stopping;
      send_response(answer(request), request.method == "HEAD", request.is_1_1, goes_on);
      return goes_on;
    } catch (const Refusal& refusal) {
      // Without content, since it may have been a HEAD.
      send_response({refusal.status, "text/plain", "", ""}, false, true, false);
      return false;
    }
  }

  // Closing with unread input would reset the connection, and lose the response with it.
  void end() {
    shutdown(socket_, SHUT_WR);
    deadline_ = steady_clock::now() + linger;
    for (;;) {
      input_.clear();
      receive();
    }
  }

 private:
  bool starts_with_empty_line() const { return input_.rfind("\r\n", 0) == 0; }

  // Waits for more bytes.
  void receive() {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
    pollfd waited{socket_, POLLIN, 0};
    if (left.count() <= 0 || poll(&waited, 1, static_cast<int>(left.count())) <= 0) throw Gone{};
    char buffer[16 * 1024];
    const ssize_t read = recv(socket_, buffer, sizeof buffer, 0);
    if (read <= 0) throw Gone{};
    input_.append(buffer, static_cast<std::size_t>(read));
  }

  // The bytes up to the empty line, which are taken.
  std::string_view head() {
    std::size_t looked_at = 0;
    for (;;) {
      const auto end = input_.find("\r\n\r\n", looked_at);
      const auto line_end = input_.find("\r\n");
      if (std::min(line_end, input_.size()) > line_limit) throw Refusal{414};
      if (std::min(end, input_.size()) > head_limit) throw Refusal{431};
      if (end != std::string::npos) {
        taken_ = end + 4;
        return std::string_view(input_).substr(0, end);
      }
      // A LF alone ends no line here; what never becomes a head is told at once.
      if (const auto bare = input_.find("\n\n"); bare != std::string::npos) throw Refusal{400};
      looked_at = input_.size() < 3 ? 0 : input_.size() - 3;
      receive();
    }
  }

  // Takes so many bytes of content, and keeps what may be kept.
  void take(std::uint64_t length, std::string& body) {
    while (length > 0) {
      if (taken_ == input_.size()) {
        input_.clear();
        taken_ = 0;
        receive();
      }
      const auto part = std::min<std::uint64_t>(length, input_.size() - taken_);
      if (body.size() + part > content_limit) throw Refusal{413};
      body.append(input_, taken_, part);
      taken_ += part;
      length -= part;
    }
  }

  // A line of chunked content, its end left out.
  std::string line() {
    for (;;) {
      const auto end = input_.find_first_of("\r\n", taken_);
      if (end != std::string::npos && end + 1 < input_.size()) {
        if (input_.compare(end, 2, "\r\n") != 0) throw Refusal{400};
        std::string line = input_.substr(taken_, end - taken_);
        taken_ = end + 2;
        return line;
      }
      if (end != std::string::npos && input_[end] == '\n') throw Refusal{400};
      if (input_.size() - taken_ > chunk_line_limit) throw Refusal{431};
      receive();
    }
  }

  void read_content(Request& request) {
    if (request.length == 0) return;
    if (request.length.value_or(0) > content_limit) throw Refusal{413};
    if (request.expects_continue && taken_ == input_.size()) write("HTTP/1.1 100 Continue\r\n\r\n");
    if (request.length) {
      take(*request.length, request.body);
      return;
    }
    while (const std::uint64_t size = read_chunk_size(line())) {
      take(size, request.body);
      if (!line().empty()) throw Refusal{400};
    }
    std::size_t trailers = 0;
    for (std::string trailer = line(); !trailer.empty(); trailer = line()) {
      trailers += trailer.size();
      if (trailers > head_limit) throw Refusal{431};
      read_field(trailer);
    }
  }

  void send_response(const Response& response, bool head_only, bool is_1_1, bool goes_on) {
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " + phrase(response.status) +
                       "\r\nServer: sockets\r\nDate: " + date() + "\r\n" + response.fields;
    // A 204 is not delimited (RFC 9110 section 8.6).
    if (response.status != 204) {
      text += "Content-Type: " + response.content_type +
              "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
    }
    if (!goes_on) text += "Connection: close\r\n";
    else if (!is_1_1) text += "Connection: keep-alive\r\n";
    text += "\r\n";
    if (!head_only) text += response.body;
    write(text);
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (written <= 0) throw Gone{};
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  int socket_;
  std::string input_;
  // How much of the input has been read as requests.
  std::size_t taken_ = 0;
  steady_clock::time_point deadline_;
};

}  // namespace

void serve(int socket) {
  Connection connection(socket);
  try {
    while (connection.serve_one()) {
    }
    connection.end();
  } catch (const Gone&) {
  }
  close(socket);
}
