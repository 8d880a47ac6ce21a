#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ctime>

namespace tollgate::server {

std::optional<Options> Options::parse(const std::vector<std::string>& words,
                                      const std::vector<OptionSpec>& specs, std::string& reason) {
  Options options;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word[0] != '-') {
      options.words_.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto spec = std::find_if(specs.begin(), specs.end(),
                                   [&](const OptionSpec& known) { return known.name == name; });
    if (spec == specs.end()) {
      reason = "unknown option " + name;
      return std::nullopt;
    }
    if (!spec->may_repeat && options.has(name)) {
      reason = name + " is given twice";
      return std::nullopt;
    }
    if (!spec->takes_value) {
      if (equals != std::string::npos) {
        reason = name + " takes no value";
        return std::nullopt;
      }
      options.given_.push_back({name, {}});
    } else if (equals != std::string::npos) {
      options.given_.push_back({name, word.substr(equals + 1)});
    } else if (i + 1 < words.size()) {
      options.given_.push_back({name, words[++i]});
    } else {
      reason = name + " needs a value";
      return std::nullopt;
    }
  }
  return options;
}

bool Options::has(std::string_view name) const {
  return std::any_of(given_.begin(), given_.end(),
                     [&](const Given& given) { return given.name == name; });
}

std::string Options::value(std::string_view name, std::string_view otherwise) const {
  for (auto given = given_.rbegin(); given != given_.rend(); ++given) {
    if (given->name == name) return given->value;
  }
  return std::string(otherwise);
}

std::vector<std::string> Options::values(std::string_view name) const {
  std::vector<std::string> found;
  for (const Given& given : given_) {
    if (given.name == name) found.push_back(given.value);
  }
  return found;
}

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::optional<ListenAddress> parse_listen(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const auto port = parse_number(text.substr(colon + 1));
  if (!port || *port > 65'535) return std::nullopt;
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // An IPv6 address needs its brackets.
  }
  if (host.empty()) return std::nullopt;
  return ListenAddress{std::string(host), static_cast<int>(*port)};
}

std::optional<int64_t> parse_time(const std::string& text) {
  for (const char* format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"}) {
    tm parts{};
    const char* end = strptime(text.c_str(), format, &parts);
    if (end != nullptr && *end == '\0') return static_cast<int64_t>(timegm(&parts)) * 1000;
  }
  return std::nullopt;
}

}  // namespace tollgate::server
