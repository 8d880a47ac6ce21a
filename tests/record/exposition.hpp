#pragma once

// A strict reader of the Prometheus text format: what it does not know it refuses, with the line.

#include <cctype>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

using Labels = std::map<std::string, std::string>;

struct Sample {
  std::string name;
  Labels labels;
  std::string value;
};

class Exposition {
 public:
  explicit Exposition(std::string_view text) {
    if (!text.ends_with('\n')) fail("the last line does not end", text);
    while (!text.empty() && fault_.empty()) {
      const size_t end = text.find('\n');
      if (end == std::string_view::npos) break;
      read_line(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
  }

  /// Empty when every line was right.
  const std::string& fault() const { return fault_; }
  const std::vector<Sample>& samples() const { return samples_; }
  const std::map<std::string, std::string>& types() const { return types_; }

  /// The value of the one sample with this name that has these labels among its own; "none" or
  /// "many" when it is not one.
  std::string value(std::string_view name, const Labels& labels = {}) const {
    std::string found = "none";
    for (const Sample& sample : samples_) {
      if (sample.name != name || !has(sample.labels, labels)) continue;
      if (found != "none") return "many";
      found = sample.value;
    }
    return found;
  }

 private:
  static bool has(const Labels& all, const Labels& some) {
    for (const auto& [name, value] : some) {
      const auto found = all.find(name);
      if (found == all.end() || found->second != value) return false;
    }
    return true;
  }

  void fail(const char* what, std::string_view line) {
    if (fault_.empty()) fault_ = std::string(what) + ": " + std::string(line);
  }

  static std::string_view take_name(std::string_view& rest) {
    size_t size = 0;
    while (size < rest.size()) {
      const auto c = static_cast<unsigned char>(rest[size]);
      if (std::isalpha(c) == 0 && c != '_' && (size == 0 || std::isdigit(c) == 0)) break;
      ++size;
    }
    const std::string_view name = rest.substr(0, size);
    rest.remove_prefix(size);
    return name;
  }

  static bool take(std::string_view& rest, std::string_view expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(expected.size());
    return true;
  }

  void read_line(std::string_view line) {
    std::string_view rest = line;
    if (take(rest, "# HELP ")) return read_help(rest, line);
    if (take(rest, "# TYPE ")) return read_type(rest, line);
    read_sample(rest, line);
  }

  void read_help(std::string_view rest, std::string_view line) {
    const std::string name(take_name(rest));
    if (name.empty() || !take(rest, " ") || rest.empty()) return fail("bad HELP", line);
    if (!helped_.insert(name).second) return fail("second HELP", line);
    pending_ = name;
  }

  void read_type(std::string_view rest, std::string_view line) {
    const std::string name(take_name(rest));
    if (name != pending_ || !take(rest, " ")) return fail("TYPE not after its HELP", line);
    if (rest != "counter" && rest != "gauge" && rest != "histogram") return fail("bad TYPE", line);
    types_[name] = rest;
    family_ = name;
    pending_.clear();
  }

  void read_sample(std::string_view rest, std::string_view line) {
    Sample sample;
    sample.name = take_name(rest);
    if (!belongs(sample.name)) return fail("sample outside its family", line);
    if (take(rest, "{") && !read_labels(rest, sample.labels)) return fail("bad labels", line);
    if (!take(rest, " ") || !is_number(rest)) return fail("bad value", line);
    sample.value = rest;
    if (!seen_.emplace(sample.name, sample.labels).second) return fail("second sample", line);
    samples_.push_back(std::move(sample));
  }

  bool belongs(const std::string& name) const {
    if (family_.empty() || !pending_.empty()) return false;
    if (types_.at(family_) != "histogram") return name == family_;
    return name == family_ + "_bucket" || name == family_ + "_sum" || name == family_ + "_count";
  }

  /// Reads up to and with the closing brace.
  static bool read_labels(std::string_view& rest, Labels& labels) {
    while (true) {
      const std::string name(take_name(rest));
      if (name.empty() || !take(rest, "=\"")) return false;
      std::string value;
      if (!read_value(rest, value)) return false;
      if (!labels.emplace(name, value).second) return false;
      if (take(rest, "}")) return true;
      if (!take(rest, ",")) return false;
    }
  }

  static bool read_value(std::string_view& rest, std::string& value) {
    while (!rest.empty()) {
      const char c = rest.front();
      rest.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        value += c;
        continue;
      }
      if (take(rest, "n")) {
        value += '\n';
      } else if (take(rest, "\\")) {
        value += '\\';
      } else if (take(rest, "\"")) {
        value += '"';
      } else {
        return false;
      }
    }
    return false;
  }

  static bool is_number(std::string_view text) {
    if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) == 0) return false;
    const std::string copy(text);
    char* end = nullptr;
    std::strtod(copy.c_str(), &end);
    return *end == '\0';
  }

  std::string fault_;
  std::string pending_;
  std::string family_;
  std::set<std::string> helped_;
  std::map<std::string, std::string> types_;
  std::set<std::pair<std::string, Labels>> seen_;
  std::vector<Sample> samples_;
};

}  // namespace tollgate::test
