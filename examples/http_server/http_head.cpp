#include "http_head.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "bytes.hpp"
#include "limits.hpp"

namespace tollgate::server {

namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c)
    table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c)
    table[c] = table[c + 32] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<uint8_t>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kTokenCharacters = make_token_table();

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kTokenCharacters[static_cast<uint8_t>(c)];
  });
}

/// Visible characters, spaces and tabs, and bytes above ASCII; no other control character.
bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<uint8_t>(c);
    return byte >= 0x20 ? byte != 0x7F : byte == '\t';
  });
}

bool is_target(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<uint8_t>(c);
    return byte > 0x20 && byte != 0x7F;
  });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           const auto lower = [](char c) {
             return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
           };
           return lower(x) == lower(y);
         });
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool list_contains(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    if (equal_ignoring_case(trimmed(list.substr(0, comma)), word)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

/// Digits only: no sign, no blank, no list; 18 of them fit a uint64_t.
bool parse_content_length(std::string_view text, uint64_t& length) {
  if (text.empty() || text.size() > 18) return false;
  length = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    length = length * 10 + static_cast<uint64_t>(c - '0');
  }
  return true;
}

std::optional<Refusal> parse_request_line(std::string_view line, RequestHead& head) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return Refusal{400, "The request line is not METHOD TARGET HTTP/1.1"};
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(head.method)) return Refusal{400, "The method is not valid"};
  if (!is_target(head.target)) return Refusal{400, "The request target is not valid"};
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    const bool is_http = version.size() == 8 && version.starts_with("HTTP/");
    return Refusal{is_http ? 505U : 400U, "The server speaks HTTP/1.1"};
  }
  head.version_1_1 = version == "HTTP/1.1";
  return std::nullopt;
}

/// What the front itself reads from the fields.
struct FramingFields {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  bool close = false;
  bool keep_alive = false;
};

std::optional<Refusal> note_field(std::string_view name, std::string_view value, RequestHead& head,
                                  FramingFields& fields) {
  // The lengths are told apart first: it is the cheapest way past the many fields of no interest.
  switch (name.size()) {
    case 4:
      if (equal_ignoring_case(name, "host")) ++fields.hosts;
      break;
    case 6:
      if (!equal_ignoring_case(name, "expect")) break;
      if (!equal_ignoring_case(value, "100-continue")) {
        return Refusal{417, "The only expectation that can be met is 100-continue"};
      }
      head.expects_continue = true;
      break;
    case 10:
      if (!equal_ignoring_case(name, "connection")) break;
      if (list_contains(value, "close")) fields.close = true;
      if (list_contains(value, "keep-alive")) fields.keep_alive = true;
      break;
    case 14:
      if (!equal_ignoring_case(name, "content-length")) break;
      ++fields.lengths;
      if (!parse_content_length(value, head.content_length)) {
        return Refusal{400, "Content-Length is not a number"};
      }
      break;
    case 17:
      if (!equal_ignoring_case(name, "transfer-encoding")) break;
      ++fields.encodings;
      if (!equal_ignoring_case(value, "chunked")) {
        return Refusal{501, "The only transfer encoding that is understood is chunked"};
      }
      head.chunked = true;
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<Refusal> check_framing(const FramingFields& fields, RequestHead& head) {
  if (fields.lengths > 1) return Refusal{400, "Content-Length is given twice"};
  if (fields.encodings > 1) return Refusal{400, "Transfer-Encoding is given twice"};
  if (fields.lengths > 0 && fields.encodings > 0) {
    return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
  }
  if (fields.encodings > 0 && !head.version_1_1) {
    return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  }
  if (fields.hosts > 1) return Refusal{400, "Host is given twice"};
  if (fields.hosts == 0 && head.version_1_1) return Refusal{400, "Host is missing"};
  head.keep_alive = !fields.close && (head.version_1_1 || fields.keep_alive);
  if (!head.version_1_1) head.expects_continue = false;
  return std::nullopt;
}

/// Takes one line off; its CR LF was seen by the scanner, a CR elsewhere was not.
bool take_line(std::string_view& bytes, std::string_view& line) {
  const size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) return false;
  line = bytes.substr(0, end);
  bytes.remove_prefix(end + 2);
  return true;
}

}  // namespace

HeadScanner::Found HeadScanner::scan(std::string_view bytes, size_t& head_size) {
  while (scanned_ < bytes.size()) {
    const auto* found = static_cast<const char*>(
        std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_));
    if (found == nullptr) {
      scanned_ = bytes.size();
      return Found::kIncomplete;
    }
    const auto at = static_cast<size_t>(found - bytes.data());
    if (at == line_begin_ || bytes[at - 1] != '\r') return Found::kBadLineBreak;
    const bool empty = at == line_begin_ + 1;
    scanned_ = line_begin_ = at + 1;
    if (empty && seen_text_) {
      head_size = at + 1;
      return Found::kComplete;
    }
    seen_text_ = seen_text_ || !empty;
  }
  return Found::kIncomplete;
}

std::optional<Refusal> parse_head(std::string_view bytes, RequestHead& head) {
  head.headers.clear();
  head.content_length = 0;
  head.chunked = head.expects_continue = head.keep_alive = false;

  std::string_view line;
  do {
    if (!take_line(bytes, line)) return Refusal{400, "The request line is missing"};
  } while (line.empty());
  if (auto refusal = parse_request_line(line, head)) return refusal;

  FramingFields fields;
  while (take_line(bytes, line) && !line.empty()) {
    // A blank at the beginning would continue the field before it, one before the colon would end
    // the name for some readers; neither is a token character.
    const size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name)) {
      return Refusal{400, "A header field is not NAME: VALUE"};
    }
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_field_value(value)) return Refusal{400, "A header value has a control character"};
    if (head.headers.size() >= limits::kHeaderPairsMax * 2) {
      return Refusal{431, "There are more than 200 header fields"};
    }
    head.headers.push_back(to_bytes(name));
    head.headers.push_back(to_bytes(value));
    if (auto refusal = note_field(name, value, head, fields)) return refusal;
  }
  return check_framing(fields, head);
}

}  // namespace tollgate::server
