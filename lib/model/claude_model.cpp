#include "model/claude_model.hpp"

#include <algorithm>

namespace tollgate::model {
namespace {

constexpr std::string_view kName = "claude-";
/// More digits are a date.
constexpr size_t kVersionDigitsMax = 2;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<ClaudeModel> claude_model(std::string_view id) {
  const size_t at = id.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  ClaudeModel model;
  uint32_t numbers[2] = {0, 0};
  size_t count = 0;
  for (std::string_view rest = id.substr(at + kName.size()); !rest.empty();) {
    const size_t end = std::min(rest.find_first_of("-@:./"), rest.size());
    std::string_view part = rest.substr(0, end);
    const bool last = end == rest.size() || rest[end] == ':' || rest[end] == '/';
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part == "opus") model.opus = true;
    if (part == "sonnet") model.sonnet = true;
    if (part == "haiku") model.haiku = true;
    // "claude-v2:1"; behind a version it is the revision of a Bedrock id.
    if (count == 0 && part.size() == 2 && part.front() == 'v') part.remove_prefix(1);
    const bool number = !part.empty() && std::all_of(part.begin(), part.end(), is_digit);
    if (number && part.size() > kVersionDigitsMax) break;
    if (number && count < 2) {
      for (const char c : part)
        numbers[count] = numbers[count] * 10 + static_cast<uint32_t>(c - '0');
      ++count;
    }
    if (last) break;
  }
  if (count > 0) model.version = numbers[0] * 100 + numbers[1];
  return model;
}

}  // namespace tollgate::model
