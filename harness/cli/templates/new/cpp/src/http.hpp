// What the parts of this server tell each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What is wrong with a request: the status to answer, after which the connection closes.
struct Refusal {
  int status;
};

struct Request {
  std::string method;
  // As it came, the query left out; of the absolute form the path alone.
  std::string path;
  std::string query;
  // Whether it is HTTP/1.1 and not 1.0.
  bool is_1_1 = true;
  // Names in lower case.
  std::vector<std::pair<std::string, std::string>> fields;
  // How long the content is; nothing where it is chunked.
  std::optional<std::uint64_t> length = 0;
  bool keeps_connection = true;
  bool expects_continue = false;
  std::string body;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain";
  std::string body;
  // Further fields, each with its line end.
  std::string fields;
};

// The longest content that is kept, in bytes.
constexpr std::size_t content_limit = 1 << 20;

// Reads a head, from its request line to the empty line. Throws a Refusal.
Request read_head(std::string_view head);

// The size in a line before chunk data, its line end left out. Throws a Refusal.
std::uint64_t read_chunk_size(std::string_view line);

// A field's name (in lower case) and value, the line end left out. Throws a Refusal.
std::pair<std::string, std::string> read_field(std::string_view line);

Response answer(const Request& request);

// Set once SIGTERM has come: no further request is read.
extern std::atomic<bool> stopping;
// How many requests are being read or answered.
extern std::atomic<int> in_flight;

// Serves a connection until it ends, and closes it.
void serve(int connection);
