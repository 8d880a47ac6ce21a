#include "drivers/sqlite/batch_text.hpp"

#include <charconv>
#include <stdexcept>

namespace tollgate::sqlite_driver {
namespace {

/// Steps through JSON from the front; whatever is wrong is thrown.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// True when the next thing is this sign, which is then behind us.
  bool take(char sign) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != sign) return false;
    ++at_;
    return true;
  }
  void expect(char sign) {
    if (!take(sign)) fail();
  }
  void end() {
    skip_space();
    if (at_ != text_.size()) fail();
  }

  /// Calls `member` with each name of an object; it reads the value.
  template <typename Member>
  void object(const Member& member) {
    expect('{');
    if (take('}')) return;
    do {
      const std::string name = string();
      expect(':');
      member(name);
    } while (take(','));
    expect('}');
  }

  std::string string() {
    expect('"');
    std::string out;
    while (true) {
      const size_t from = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\')
        ++at_;
      out.append(text_.substr(from, at_ - from));
      if (at_ >= text_.size()) fail();
      if (text_[at_++] == '"') return out;
      escape(out);
    }
  }

  int64_t integer() {
    skip_space();
    int64_t value = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc()) fail();
    at_ += static_cast<size_t>(end - begin);
    return value;
  }

  bool boolean() {
    skip_space();
    for (const std::string_view word : {"true", "false"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return word == "true";
    }
    fail();
  }

  /// Steps over a value of any kind.
  void skip() {
    size_t depth = 0;
    do {
      skip_space();
      if (at_ >= text_.size()) fail();
      const char next = text_[at_];
      if (next == '"') {
        static_cast<void>(string());
        continue;
      }
      if (next == '{' || next == '[') ++depth;
      if (next == '}' || next == ']') {
        if (depth == 0) fail();
        --depth;
      }
      ++at_;
      // The rest of a number or a word.
      if (depth == 0 && next != '}' && next != ']') {
        while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']')
          ++at_;
      }
    } while (depth != 0);
  }

 private:
  [[noreturn]] static void fail() {
    throw std::invalid_argument("the batch is not as it should be");
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }

  uint32_t four_digits() {
    uint32_t value = 0;
    const std::string_view digits = text_.substr(at_, 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) fail();
    at_ += 4;
    return value;
  }

  /// What stands behind a backslash.
  void escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (at_ >= text_.size()) fail();
    const char name = text_[at_++];
    if (name == 'u') {
      uint32_t point = four_digits();
      if (point >= 0xdc00 && point <= 0xdfff) fail();
      if (point >= 0xd800 && point < 0xdc00) {
        if (text_.substr(at_, 2) != "\\u") fail();
        at_ += 2;
        const uint32_t low = four_digits();
        if (low < 0xdc00 || low > 0xdfff) fail();
        point = 0x10000 + ((point - 0xd800) << 10U) + (low - 0xdc00);
      }
      append_utf8(out, point);
      return;
    }
    const size_t found = kNames.find(name);
    if (found == std::string_view::npos) fail();
    out += kMeant[found];
  }

  static void append_utf8(std::string& out, uint32_t point) {
    const auto tail = [&](uint32_t bits) { out += static_cast<char>(0x80U | (bits & 0x3fU)); };
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x800) {
      out += static_cast<char>(0xc0U | (point >> 6U));
      tail(point);
    } else if (point < 0x10000) {
      out += static_cast<char>(0xe0U | (point >> 12U));
      tail(point >> 6U);
      tail(point);
    } else {
      out += static_cast<char>(0xf0U | (point >> 18U));
      tail(point >> 12U);
      tail(point >> 6U);
      tail(point);
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

/// The member's place when it is one of the counter's name; null else.
std::string* name_part(CounterName& counter, std::string_view member) {
  if (member == "rule") return &counter.rule;
  if (member == "entity") return &counter.entity;
  if (member == "measure") return &counter.measure;
  if (member == "period") return &counter.period;
  return nullptr;
}

int64_t* number_of(BatchEntry& entry, std::string_view member) {
  if (member == "start") return &entry.counter.start_ms;
  if (member == "end") return &entry.counter.end_ms;
  if (member == "slides_ms") return &entry.counter.slides_ms;
  if (member == "wall_ms") return &entry.wall_ms;
  if (member == "amount") return &entry.amount;
  if (member == "overrun") return &entry.overrun;
  if (member == "limit") return &entry.limit;
  return nullptr;
}

BatchEntry read_entry(Scanner& scanner) {
  BatchEntry entry;
  // What a reader of the file sees of windows without an end, and of counters without a window.
  entry.counter.end_ms = INT64_MAX;
  scanner.object([&](std::string_view member) {
    if (std::string* part = name_part(entry.counter, member)) {
      *part = scanner.string();
    } else if (int64_t* number = number_of(entry, member)) {
      *number = scanner.integer();
    } else if (member == "kind") {
      entry.kind = scanner.string();
    } else if (member == "reservation") {
      entry.reservation = scanner.string();
    } else if (member == "note") {
      entry.note = scanner.string();
    } else {
      scanner.skip();
    }
  });
  if (entry.kind.empty() || entry.counter.rule.empty() || entry.counter.measure.empty()) {
    throw std::invalid_argument("the batch has an entry without a kind or a counter");
  }
  return entry;
}

}  // namespace

BatchText read_batch(std::string_view text) {
  BatchText batch;
  Scanner scanner(text);
  scanner.object([&](std::string_view member) {
    if (member == "instance") {
      batch.instance = scanner.string();
    } else if (member == "batch") {
      batch.batch = scanner.integer();
    } else if (member == "wall_ms") {
      batch.wall_ms = scanner.integer();
    } else if (member == "counters") {
      batch.wants_counters = scanner.boolean();
    } else if (member == "entries") {
      scanner.expect('[');
      if (scanner.take(']')) return;
      do {
        batch.entries.push_back(read_entry(scanner));
      } while (scanner.take(','));
      scanner.expect(']');
    } else {
      scanner.skip();
    }
  });
  scanner.end();
  if (batch.instance.empty() || batch.batch <= 0) {
    throw std::invalid_argument("the batch has no instance or number");
  }
  return batch;
}

}  // namespace tollgate::sqlite_driver
