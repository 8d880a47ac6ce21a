#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"
#include "model/failure.hpp"
#include "providers/provider.hpp"
#include "wire/aws_event_decoder.hpp"
#include "wire/json_array_decoder.hpp"
#include "wire/sse_decoder.hpp"

namespace tollgate::exchange {

/// Cuts an upstream's stream into its dialect's events, however the upstream wraps them.
class FrameReader {
 public:
  /// The provider is shared and outlives this.
  explicit FrameReader(const providers::Provider& provider, providers::Framing framing)
      : provider_(provider), framing_(framing) {}

  /// Takes the next bytes and calls `sink(name, data)` for each event, in order; both are valid
  /// inside the call only. An error means that the bytes are not framed as they should be.
  template <typename Sink>
  Status feed(std::string_view bytes, Sink&& sink) {
    if (framing_ == providers::Framing::kSse) {
      return sse_.feed(bytes, [&](const wire::SseEvent& event) { sink(event.name, event.data); });
    }
    if (framing_ == providers::Framing::kJsonArray) {
      return array_.feed(bytes, [&](std::string_view data) { sink(std::string_view(), data); });
    }
    Status inner;
    const Status framing = aws_.feed(bytes, [&](const wire::AwsEvent& event) {
      if (!inner.ok()) return;
      inner = unwrap(event);
      if (inner.ok() && told_) sink(std::string_view(name_), std::string_view(data_));
    });
    return inner.ok() ? framing : inner;
  }

 private:
  /// Reads one frame into name_ and data_; told_ says whether there is an event in it.
  Status unwrap(const wire::AwsEvent& event);

  const providers::Provider& provider_;
  providers::Framing framing_;
  wire::SseDecoder sse_;
  wire::AwsEventDecoder aws_;
  wire::JsonArrayDecoder array_;
  std::string name_;
  std::string data_;
  bool told_ = true;
};

}  // namespace tollgate::exchange
