#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tollgate/abi.h"

#include "json/splice.hpp"
#include "model/loss.hpp"

namespace tollgate::exchange {

/// A change of the splice road: `text` in place of the bytes at `span`.
struct Edit {
  json::Span span;
  std::string text;
};

/// An attempt's body as a list of spans: the client's bytes with a few edits, or bytes of its own.
/// Not movable: spans point into it.
class RequestBody {
 public:
  RequestBody() = default;
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;

  /// The client's bytes with these edits, which are in order and do not overlap. An edit that
  /// changes nothing makes no span. `body` outlives this.
  void splice(std::string_view body, std::vector<Edit> edits);
  /// Bytes of a translation.
  void own(std::string body);

  const std::vector<tg_bytes>& spans() const { return spans_; }
  uint64_t size() const;
  /// The host has let go of it.
  void drop();

  model::Losses losses;  ///< What the edits cost.

 private:
  void add(std::string_view bytes);

  std::vector<Edit> edits_;
  std::string own_;
  std::vector<tg_bytes> spans_;
};

}  // namespace tollgate::exchange
