#include "dialects/openai_members.hpp"

namespace tollgate::dialects {

std::optional<std::string_view> repeated_member(json::Value object,
                                                std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    int times = 0;
    for (const json::Member member : object.members())
      times += member.key == key ? 1 : 0;
    if (times > 1) return key;
  }
  return std::nullopt;
}

}  // namespace tollgate::dialects
