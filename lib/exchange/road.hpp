#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "exchange/environment.hpp"
#include "exchange/frame_reader.hpp"
#include "model/failure.hpp"
#include "model/response.hpp"
#include "model/stream_event.hpp"
#include "model/usage.hpp"

namespace tollgate::exchange {

/// The way back of an answer that streams: upstream bytes in, client bytes out, and what was seen.
class StreamRoad {
 public:
  virtual ~StreamRoad() = default;
  /// Takes upstream bytes, appends the client's. A failure means that the upstream does not speak
  /// its dialect; nothing more may be fed.
  virtual Status feed(std::string_view bytes, std::string& out) = 0;
  /// The upstream's answer ended as HTTP says it should.
  virtual Status finish(std::string& out) = 0;
  /// Makes an event that went out in part harmless to the client.
  virtual void close_partial_event(std::string& out) = 0;

  /// Writes an event of the gateway's own among the upstream's, where the road makes the events.
  virtual bool tell(const model::StreamEvent& event, std::string& out);

  /// Ends the answer here as if it had reached its maximum of tokens, where the road can; the
  /// upstream is not listened to any more. Nothing is fed after it.
  virtual bool end_early(int64_t output_tokens, std::string& out);

  virtual bool content_begun() const = 0;
  virtual bool complete() const = 0;
  /// A complete answer that ended as if all were said, and holds nothing.
  virtual bool empty() const { return false; }
  virtual bool between_events() const = 0;
  /// An error event of the upstream's.
  virtual const std::optional<model::Failure>& failure() const = 0;
  /// True when that event's own bytes are among the client's already.
  virtual bool passes_failures() const = 0;
  virtual const model::Usage& usage() const = 0;
  virtual bool usage_known() const = 0;
  virtual std::string_view stop_reason() const = 0;
  virtual std::string_view upstream_model() const = 0;
};

/// Same dialect in and out: bytes pass, the model's name is the one thing that changes.
std::unique_ptr<StreamRoad> make_splice_road(std::string client_model);
/// The same where the upstream wraps each event (InvokeModel): the events' JSON passes.
std::unique_ptr<StreamRoad> make_unwrapping_road(FrameReader frames, std::string client_model);

/// Same dialect in and out, for dialects other than Anthropic Messages. The translation outlives
/// the road.
std::unique_ptr<StreamRoad> make_pass_road(const dialects::Dialect& dialect,
                                           dialects::Translation& translation);

/// Across dialects (or, in tests, through the hub on purpose). The dialects are shared and the
/// translation outlives the road.
std::unique_ptr<StreamRoad> make_translation_road(FrameReader frames,
                                                  const dialects::Dialect& upstream,
                                                  const dialects::Dialect& client,
                                                  dialects::Translation& translation);

/// The same for an upstream that was asked for a stream and answers whole.
std::unique_ptr<StreamRoad> make_whole_road(const dialects::Dialect& upstream,
                                            const dialects::Dialect& client,
                                            dialects::Translation& translation);

/// What a whole answer told on its way back.
struct WholeAnswer {
  model::Usage usage;
  std::string stop_reason;
  std::string upstream_model;
  bool empty = false;  ///< As StreamRoad::empty().
};

/// Turns a whole answer into the client's, in place. kInvalid when it is no answer of the dialect.
Result<WholeAnswer> splice_whole(DocumentPool& documents, std::string& body,
                                 std::string_view client_model);
Result<WholeAnswer> pass_whole(const dialects::Dialect& dialect, dialects::Translation& translation,
                               std::string& body);
Result<WholeAnswer> translate_whole(const dialects::Dialect& upstream,
                                    const dialects::Dialect& client,
                                    dialects::Translation& translation, std::string& body);

/// A stop reason as Anthropic Messages names it, for records.
std::string stop_reason_name(model::StopReason reason, std::string_view other);

}  // namespace tollgate::exchange
