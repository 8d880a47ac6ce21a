#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::json {

/// Appends JSON to a string. Commas are put by themselves; the caller keeps begin and end in pairs.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);

  Writer& string(std::string_view value);
  Writer& integer(int64_t value);
  Writer& unsigned_integer(uint64_t value);
  Writer& boolean(bool value);
  Writer& null();
  /// Appends a value that is JSON text already.
  Writer& raw(std::string_view json);
  /// Appends members that are JSON text already, without braces ("\"a\":1,\"b\":2"); may be empty.
  Writer& raw_members(std::string_view members);

  /// key() and string() in one; the same for the others.
  Writer& member(std::string_view name, std::string_view value) { return key(name).string(value); }
  Writer& member(std::string_view name, const char* value) { return key(name).string(value); }
  Writer& member(std::string_view name, int64_t value) { return key(name).integer(value); }
  Writer& member(std::string_view name, bool value) { return key(name).boolean(value); }
  Writer& raw_member(std::string_view name, std::string_view json) { return key(name).raw(json); }

 private:
  void comma();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace tollgate::json
