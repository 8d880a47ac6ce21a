#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace tollgate {

/// Mirrors the public TG_E_ values; capi asserts that they are equal.
enum class Code : int32_t {
  kOk = 0,
  kInvalid = -1,
  kState = -2,
  kNoMemory = -3,
  kLimit = -4,
  kAbi = -5,
  kInternal = -99
};

/// Success, or what went wrong: a code, one line for a person, and where in the data.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message, std::string path = {})
      : code_(code), message_(std::move(message)), path_(std::move(path)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& path() const { return path_; }

 private:
  Code code_ = Code::kOk;
  std::string message_;
  std::string path_;
};

/// A value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return status;` both read well.
  Result(T value) : state_(std::move(value)) {}        // NOLINT(google-explicit-constructor)
  Result(Status status) : state_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    assert(!std::get<Status>(state_).ok());
  }

  bool ok() const { return std::holds_alternative<T>(state_); }
  const T& value() const {
    assert(ok());
    return std::get<T>(state_);
  }
  T& value() {
    assert(ok());
    return std::get<T>(state_);
  }
  const Status& status() const {
    assert(!ok());
    return std::get<Status>(state_);
  }

 private:
  std::variant<T, Status> state_;
};

inline Status invalid(std::string message, std::string path = {}) {
  return Status(Code::kInvalid, std::move(message), std::move(path));
}

}  // namespace tollgate
