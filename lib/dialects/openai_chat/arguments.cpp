#include "dialects/openai_chat/arguments.hpp"

#include "json/reader.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void escape_control(char c, std::string& out) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == '\r') {
    out += "\\r";
  } else {
    const auto byte = static_cast<unsigned char>(c);
    out.append("\\u00").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 0xFU]);
  }
}

}  // namespace

void Arguments::feed(std::string_view piece, std::string& out) {
  for (size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    switch (state_) {
      case State::kComplete:
        return;
      case State::kOther:
        kept_.append(piece.substr(i));
        return;
      case State::kNothing:
        if (is_blank(c)) break;
        state_ = c == '{' ? State::kObject : State::kOther;
        if (c == '{') {
          depth_ = 1;
          out += c;
        } else {
          kept_ += c;
        }
        break;
      case State::kObject:
        if (in_string_) {
          if (static_cast<unsigned char>(c) < ' ') {
            escape_control(c, out);
            escaped_ = false;
            break;
          }
          if (escaped_) {
            escaped_ = false;
          } else if (c == '\\') {
            escaped_ = true;
          } else if (c == '"') {
            in_string_ = false;
          }
        } else if (c == '"') {
          in_string_ = true;
        } else if (c == '{' || c == '[') {
          ++depth_;
        } else if (c == '}' || c == ']') {
          --depth_;
        }
        out += c;
        if (depth_ == 0) state_ = State::kComplete;
        break;
    }
  }
}

std::string Arguments::whole() const {
  json::Document document;
  const auto parsed = document.parse(kept_);
  if (parsed.ok() && parsed.value().is_null()) return "{}";
  if (parsed.ok() && parsed.value().is_string()) {
    const std::string inner(parsed.value().string_or(""));
    json::Document again;
    const auto object = again.parse(inner);
    if (inner.empty() || (object.ok() && object.value().is_object()))
      return model::tool_input(inner);
  }
  return model::tool_input(kept_);
}

}  // namespace tollgate::dialects::openai_chat
