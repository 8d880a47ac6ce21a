#pragma once

// JSON for the server: reading through simdjson, which stays in json.cpp, and writing strings.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tollgate::server {

/// A look at one value of a JsonDocument; a plain value, valid as long as the document is and until
/// its next parse. What is not there is of kind kMissing, so that look-ups can be chained.
class JsonValue {
 public:
  enum class Kind { kMissing, kNull, kBool, kNumber, kString, kArray, kObject };

  JsonValue() = default;

  Kind kind() const;
  bool is(Kind kind) const { return this->kind() == kind; }
  explicit operator bool() const { return present_; }

  JsonValue member(std::string_view name) const;
  /// Empty for anything but a string.
  std::string_view text() const;
  /// `otherwise` for anything but a whole number that fits.
  int64_t integer(int64_t otherwise = 0) const;
  bool boolean(bool otherwise = false) const;
  /// The value as JSON text again.
  std::string json() const;

  void each_item(const std::function<void(JsonValue)>& visit) const;
  void each_member(const std::function<void(std::string_view, JsonValue)>& visit) const;

 private:
  friend class JsonDocument;
  friend struct JsonAccess;
  alignas(8) std::array<std::byte, 16> element_{};
  bool present_ = false;
};

/// A parser that is kept, and the last text it has read.
class JsonDocument {
 public:
  JsonDocument();
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  /// The top value; kMissing when the text is not JSON.
  JsonValue parse(std::string_view text);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Appends the text as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace tollgate::server
