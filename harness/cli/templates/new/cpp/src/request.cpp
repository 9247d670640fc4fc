// The syntax of requests: RFC 9112 sections 2 to 7, and the fields of RFC 9110 that decide where they end.
#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

#include "http.hpp"

namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_token(std::string_view text) {
  const auto in_token = [](char letter) {
    const bool alphabetic = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    return alphabetic || is_digit(letter) ||
           (letter != '\0' && std::strchr("!#$%&'*+-.^_`|~", letter) != nullptr);
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), in_token);
}

bool is_control(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return (byte < 0x20 && letter != '\t') || byte == 0x7f;
}

std::string lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + ('a' - 'A'));
  }
  return lower;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The next part of `rest` up to `mark`, which is taken off.
std::string_view next(std::string_view& rest, std::string_view mark) {
  const auto end = rest.find(mark);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + mark.size());
  return part;
}

// A number of digits only.
std::uint64_t number(std::string_view digits) {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) throw Refusal{400};
  std::uint64_t value = 0;
  for (const char digit : digits) {
    const std::uint64_t more = static_cast<std::uint64_t>(digit - '0');
    if (value > (UINT64_MAX - more) / 10) throw Refusal{413};
    value = value * 10 + more;
  }
  return value;
}

// `uri-host [ ":" port ]` (RFC 9110 section 7.2); it may be empty.
bool is_host(std::string_view value) {
  std::string_view port;
  if (value.substr(0, 1) == "[") {
    const auto end = value.find(']');
    if (end == std::string_view::npos) return false;
    const std::string address(value.substr(1, end - 1));
    in6_addr parsed{};
    if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1) return false;
    port = value.substr(end + 1);
  } else {
    const auto end = std::min(value.find(':'), value.size());
    const auto in_name = [](char letter) {
      constexpr std::string_view no_name = "#^`|";
      constexpr std::string_view only_name = "(),;=";
      return is_token({&letter, 1}) ? no_name.find(letter) == std::string_view::npos
                                    : only_name.find(letter) != std::string_view::npos;
    };
    if (!std::all_of(value.begin(), value.begin() + static_cast<long>(end), in_name)) return false;
    port = value.substr(end);
  }
  if (port.empty()) return true;
  port.remove_prefix(1);
  return value[value.size() - port.size() - 1] == ':' && port.size() <= 5 &&
         std::all_of(port.begin(), port.end(), is_digit);
}

void read_target(Request& request, std::string_view target) {
  const auto visible = [](char letter) { return letter > 0x20 && letter < 0x7f; };
  if (target.empty() || !std::all_of(target.begin(), target.end(), visible)) throw Refusal{400};
  if (target.find('#') != std::string_view::npos) throw Refusal{400};
  // A tunnel is never opened.
  if (request.method == "CONNECT") throw Refusal{405};
  if (target == "*" && request.method == "OPTIONS") {
    request.path = "*";
    return;
  }
  std::string absolute;
  if (target.front() != '/') {
    const std::string scheme = lower(target.substr(0, 8));
    const std::size_t start = scheme.rfind("http://", 0) == 0 ? 7 : scheme == "https://" ? 8 : 0;
    const auto end = std::min(target.find_first_of("/?", start), target.size());
    // It has an authority, and none with a name of a user (RFC 9110 section 4.2.4).
    if (start == 0 || end == start || !is_host(target.substr(start, end - start))) throw Refusal{400};
    absolute = target.substr(end);
    if (absolute.substr(0, 1) != "/") absolute.insert(0, "/");
    target = absolute;
  }
  request.path = next(target, "?");
  request.query = target;
}

void read_request_line(Request& request, std::string_view line) {
  const std::string_view method = next(line, " ");
  const std::string_view target = next(line, " ");
  if (!is_token(method)) throw Refusal{400};
  if (line.size() != 8 || line.substr(0, 5) != "HTTP/" || line[6] != '.' || !is_digit(line[5]) ||
      !is_digit(line[7])) {
    throw Refusal{400};
  }
  if (line[5] != '1') throw Refusal{505};
  request.method = method;
  request.is_1_1 = line[7] != '0';
  read_target(request, target);
}

// The values of all lines of that name, as one list.
std::optional<std::string> list(const Request& request, std::string_view name) {
  std::optional<std::string> list;
  for (const auto& [other, value] : request.fields) {
    if (other == name) list = list ? *list + "," + value : value;
  }
  return list;
}

long count(const Request& request, std::string_view name) {
  return std::count_if(request.fields.begin(), request.fields.end(),
                       [name](const auto& field) { return field.first == name; });
}

void read_framing(Request& request) {
  const auto coding = list(request, "transfer-encoding");
  const auto length = list(request, "content-length");
  if (coding) {
    // Faulty framing, or an attempt to hide a request (RFC 9112 section 6.1).
    if (!request.is_1_1 || length) throw Refusal{400};
    if (lower(trimmed(*coding)) != "chunked") throw Refusal{501};
    request.length.reset();
  } else if (length) {
    if (count(request, "content-length") > 1) throw Refusal{400};
    request.length = number(*length);
  }
}

void read_connection(Request& request) {
  const std::string options = lower(list(request, "connection").value_or(""));
  bool close = false;
  bool keep_alive = false;
  for (std::string_view rest = options; !rest.empty();) {
    const std::string_view option = trimmed(next(rest, ","));
    close = close || option == "close";
    keep_alive = keep_alive || option == "keep-alive";
  }
  request.keeps_connection = !close && (request.is_1_1 || keep_alive);
}

}  // namespace

std::pair<std::string, std::string> read_field(std::string_view line) {
  const auto colon = line.find(':');
  // White space before the colon, or a line that goes on with another's value, is no token.
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) throw Refusal{400};
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (std::any_of(value.begin(), value.end(), is_control)) throw Refusal{400};
  return {lower(line.substr(0, colon)), std::string(value)};
}

std::uint64_t read_chunk_size(std::string_view line) {
  const auto is_hexadecimal = [](char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
  };
  std::uint64_t size = 0;
  std::size_t at = 0;
  for (; at < line.size() && is_hexadecimal(line[at]); ++at) {
    if (size >> 60 != 0) throw Refusal{413};
    const char digit = line[at];
    size = size << 4 | static_cast<std::uint64_t>(is_digit(digit) ? digit - '0' : (digit | 32) - 'a' + 10);
  }
  const std::string_view extension = trimmed(line.substr(at));
  const bool ends = at > 0 && (extension.empty() ? at == line.size() : extension.front() == ';');
  if (!ends || std::any_of(extension.begin(), extension.end(), is_control)) throw Refusal{400};
  return size;
}

Request read_head(std::string_view head) {
  Request request;
  read_request_line(request, next(head, "\r\n"));
  while (!head.empty()) {
    const std::string_view line = next(head, "\r\n");
    if (!line.empty()) request.fields.push_back(read_field(line));
  }
  const auto hosts = count(request, "host");
  if (hosts > 1 || (hosts == 0 && request.is_1_1)) throw Refusal{400};
  if (hosts == 1 && !is_host(*list(request, "host"))) throw Refusal{400};
  read_framing(request);
  read_connection(request);
  request.expects_continue = request.is_1_1 && lower(list(request, "expect").value_or("")) == "100-continue";
  return request;
}
