// The endpoints. Add one here, and its id to `endpoints` in implementation.yaml.
#include "http.hpp"

namespace {

// A JSON string, with what has to be escaped.
std::string quoted(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
      quoted += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      quoted += "\\u00";
      quoted += digits[letter >> 4];
      quoted += digits[letter & 15];
    } else {
      quoted += letter;
    }
  }
  return quoted + '"';
}

struct Message {
  std::string_view message;
};

// Serialised for each request, as the contract asks.
std::string json(const Message& value) {
  return "{\"message\":" + quoted(value.message) + "}";
}

Response refused(int status, std::string text, std::string fields = "") {
  return {status, "text/plain", std::move(text), std::move(fields)};
}

}  // namespace

Response answer(const Request& request) {
  // About the server as a whole (RFC 9110 section 9.3.7).
  if (request.path == "*") return {204, "", "", ""};
  const bool plaintext = request.path == "/plaintext";
  // Paths are compared byte by byte.
  if (!plaintext && request.path != "/json") return refused(404, "not found");
  if (request.method != "GET" && request.method != "HEAD") {
    return refused(405, "method not allowed", "Allow: GET, HEAD\r\n");
  }
  if (plaintext) return {200, "text/plain", "Hello, World!", ""};
  return {200, "application/json", json(Message{"Hello, World!"}), ""};
}
