#pragma once

// dialects/ holds wire shapes, a folder each: Anthropic Messages, OpenAI Chat… A dialect decodes
// its shape to the hub model and encodes the model to its shape, for request, answer, stream and
// error. No file knows two dialects. Pure: no I/O, no globals, no logging. May include model/,
// wire/, json/ and base/.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "base/status.hpp"
#include "json/reader.hpp"
#include "model/failure.hpp"
#include "model/lesson.hpp"
#include "model/loss.hpp"
#include "model/model_facts.hpp"
#include "model/request.hpp"
#include "model/response.hpp"
#include "model/stream_event.hpp"
#include "model/upstream_traits.hpp"
#include "wire/headers.hpp"

namespace tollgate::dialects {

/// What the client asks for, read off method and path.
enum class Operation : uint8_t { kGenerate, kCountTokens };

/// What one translated attempt carries from its request to its answer: reversible renamings,
/// losses, and what the dialect must know to speak as the client expects. Made per attempt.
struct Translation {
  std::string requested_model;  ///< The client's name for the model; answers carry it.
  std::string target_model;     ///< The upstream's.
  std::string target;           ///< "account/integration": issuer of carried reasoning.
  std::string credential_tag;   ///< 8 hex digits that differ from credential to credential.
  Operation operation = Operation::kGenerate;
  model::ModelFacts facts;        ///< Of the target's model, with what configuration says of it.
  model::UpstreamTraits traits;   ///< Of the target's server.
  model::Lessons lessons;         ///< What this upstream taught of this model.
  std::string client_betas;       ///< Comma list of anthropic-beta, of clients that have it.
  std::string session_id;         ///< Of the conversation; empty when unknown. For cache keys.
  bool stream_usage = false;      ///< As Request::stream_usage, for the client's encoder.
  bool usage_wished = false;      ///< The gateway asked for it; the client did not.
  bool thinking_wanted = false;   ///< Set by encode_request: the client asked for thinking.
  bool thinking_omitted = false;  ///< The client wants signatures without text.
  bool single_tool_call = false;  ///< The client takes one tool call an answer.
  std::vector<std::string> stop_sequences;  ///< To be watched for here: the upstream cannot.
  int64_t input_tokens_estimate = 1;        ///< For message_start where the upstream tells it last.
  uint64_t id_seed = 0;  ///< For ids of our own; differs from attempt to attempt.
  uint32_t ids_made = 0;
  int64_t created_at_s = 0;  ///< Unix time, for answers that tell when they were made.
  std::vector<std::pair<std::string, std::string>> tool_names;  ///< (client's, upstream's).
  std::vector<std::string> declared_tools;  ///< The client's names of the tools it offers.
  std::vector<size_t> used_tool_ids;        ///< Hashes of the ids of the conversation's tool calls.
  model::Losses losses;
  /// Set by decode_response where an answer under 200 says why it is none; its status is for logs.
  std::optional<model::Failure> failure;

  /// A new id: "toolu_" and 24 letters and digits. The same seed makes the same ids in order.
  std::string make_id(std::string_view prefix);
  /// The client's name of a tool the upstream named; the same name where none was changed.
  std::string_view client_tool_name(std::string_view upstream) const;
  /// The upstream's name of a tool the client named; the same name where none was changed.
  std::string_view upstream_tool_name(std::string_view client) const;
};

/// Turns wire events of one answer into model events. Made per answer; not shared between threads.
class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;
  /// Appends the model events of one complete wire event to `out`; `name` may be empty. A status
  /// means that the stream is not what the dialect says; it is over then.
  virtual Status on_event(std::string_view name, std::string_view data,
                          std::vector<model::StreamEvent>& out) = 0;
  /// Called once at the end; reports a stream which stopped in the middle.
  virtual Status on_end(std::vector<model::StreamEvent>& out) = 0;
};

/// Turns model events into the client's wire events. Made per answer; not shared between threads.
class StreamEncoder {
 public:
  virtual ~StreamEncoder() = default;
  /// Appends the wire bytes of one model event to `out`: always whole events.
  virtual Status on_event(const model::StreamEvent& event, std::string& out) = 0;
};

/// One wire shape. Stateless and shared: every function may run on many threads at once.
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view name() const = 0;

  Result<model::Request> decode_request(std::string_view body) const;
  /// The same for a body that was parsed already: `root` is its value, with `body` or a copy of it
  /// as its text.
  virtual Result<model::Request> decode_parsed(json::Value root, std::string_view body) const = 0;
  virtual Status encode_request(const model::Request& request, Translation& translation,
                                std::string& out) const = 0;
  virtual Result<model::Response> decode_response(std::string_view body,
                                                  Translation& translation) const = 0;
  virtual Status encode_response(const model::Response& response, Translation& translation,
                                 std::string& out) const = 0;
  /// The translation outlives the decoder or encoder.
  virtual std::unique_ptr<StreamDecoder> new_stream_decoder(Translation& translation) const = 0;
  virtual std::unique_ptr<StreamEncoder> new_stream_encoder(Translation& translation) const = 0;

  /// Whether a stream may also come as one JSON array in pieces.
  virtual bool streams_arrays() const { return false; }

  /// What a streaming request must say so that the stream tells its usage, for requests that pass
  /// in the dialect they came in: a member's key and its raw value. Nothing where it says so
  /// already, or where nobody has to.
  virtual std::optional<std::pair<std::string, std::string>> usage_wish(
      const model::Request& request, std::string_view body, const Translation& translation) const;
  /// Whether an event is one that only who made such a wish gets.
  virtual bool is_wished_usage(std::string_view data) const;
  /// Whether events are numbered, so that the gateway's own must go through the stream's encoder.
  virtual bool numbers_events() const { return false; }

  /// What an upstream's 400 teaches, when the same request written otherwise would be taken. The
  /// exchange keeps it for the model and tries the same target once more.
  virtual std::optional<model::Lesson> lesson(uint32_t status, std::string_view body) const;

  /// A refusal that only says that the limit of tokens left no room for an answer, as that answer:
  /// a whole body of this dialect, cut by its limit before anything was said.
  virtual std::optional<std::string> answer_of_refusal(uint32_t status,
                                                       std::string_view body) const;

  /// Whether an answer that ends well and says nothing is a slip of the model's, after which the
  /// same question mostly gets an answer. The exchange asks once more then.
  virtual bool asks_again_when_empty() const { return false; }

  /// Whether a request for no token at all means something: that a prompt be kept for later. The
  /// others would be asked, and paid, for an answer that nobody wants.
  virtual bool takes_no_tokens() const { return false; }

  /// Whether encode_request can ask this dialect's own token counter (Operation::kCountTokens).
  virtual bool counts_tokens() const { return false; }
  /// Reads that counter's answer.
  virtual Result<int64_t> decode_token_count(std::string_view body) const;

  /// Puts the client's name for the model into one event's data (or a whole answer) of this
  /// dialect, for answers that pass in the dialect they came in. False: it is there already.
  virtual bool rename_model(std::string& data, std::string_view model) const;

  /// Reads an upstream's error answer. Never fails: what cannot be read becomes a kApi failure.
  virtual model::Failure decode_error(uint32_t status, const wire::Headers& headers,
                                      std::string_view body) const = 0;
  /// Writes the body of an error answer.
  virtual void encode_error(const model::Failure& failure, std::string_view request_id,
                            std::string& out) const = 0;
  /// Writes a failure into a stream that has begun, as its last event.
  virtual void encode_stream_error(const model::Failure& failure, std::string_view request_id,
                                   std::string& out) const = 0;
  /// Writes an event that keeps the connection alive and means nothing; empty where there is none.
  virtual std::string_view ping() const = 0;
};

}  // namespace tollgate::dialects
