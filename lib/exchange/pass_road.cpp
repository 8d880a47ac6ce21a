#include <memory>
#include <utility>
#include <vector>

#include "exchange/answer_notes.hpp"
#include "exchange/road.hpp"
#include "wire/sse_decoder.hpp"

namespace tollgate::exchange {
namespace {

/// Events go on as they came, but for the model's name and for usage that only the gateway asked
/// for; a decoder looks on for usage and the end.
class PassRoad final : public StreamRoad {
 public:
  PassRoad(const dialects::Dialect& dialect, dialects::Translation& translation)
      : dialect_(dialect),
        client_model_(translation.requested_model),
        drops_usage_(translation.usage_wished),
        rewrites_(drops_usage_ || translation.requested_model != translation.target_model),
        decoder_(dialect.new_stream_decoder(translation)) {}

  Status feed(std::string_view bytes, std::string& out) override {
    Status inner;
    const Status framing = sse_.feed(bytes, [&](const wire::SseEvent& event) {
      if (!inner.ok()) return;
      if (rewrites_ && !(drops_usage_ && dialect_.is_wished_usage(event.data))) {
        write_event(event, out);
      }
      inner = look_at(event);
    });
    // Where nothing is to change, not a byte is another.
    if (!rewrites_) out.append(bytes);
    return inner.ok() ? framing : inner;
  }

  Status finish(std::string& /*out*/) override {
    if (notes_.complete) return Status();
    events_.clear();
    Status ended = decoder_->on_end(events_);
    for (const model::StreamEvent& event : events_)
      notes_.note(event);
    return ended;
  }

  void close_partial_event(std::string& out) override {
    if (!rewrites_ && sse_.mid_event()) out.append("\n\n");
  }
  bool content_begun() const override { return notes_.content_begun; }
  bool complete() const override { return notes_.complete; }
  bool between_events() const override { return rewrites_ || !sse_.mid_event(); }
  const std::optional<model::Failure>& failure() const override { return notes_.failure; }
  bool passes_failures() const override { return true; }
  const model::Usage& usage() const override { return notes_.usage; }
  bool usage_known() const override { return notes_.usage_known; }
  std::string_view stop_reason() const override { return notes_.stop_reason; }
  std::string_view upstream_model() const override { return notes_.upstream_model; }

 private:
  void write_event(const wire::SseEvent& event, std::string& out) {
    data_ = event.data;
    dialect_.rename_model(data_, client_model_);
    if (!event.name.empty()) out.append("event: ").append(event.name).append("\n");
    out.append("data: ");
    for (const char c : data_) {
      out += c;
      if (c == '\n') out.append("data: ");
    }
    out.append("\n\n");
  }

  Status look_at(const wire::SseEvent& event) {
    events_.clear();
    Status status = decoder_->on_event(event.name, event.data, events_);
    for (const model::StreamEvent& told : events_)
      notes_.note(told);
    return status;
  }

  const dialects::Dialect& dialect_;
  std::string client_model_;
  bool drops_usage_;
  bool rewrites_;
  wire::SseDecoder sse_;
  std::unique_ptr<dialects::StreamDecoder> decoder_;
  std::vector<model::StreamEvent> events_;
  std::string data_;
  AnswerNotes notes_;
};

}  // namespace

std::unique_ptr<StreamRoad> make_pass_road(const dialects::Dialect& dialect,
                                           dialects::Translation& translation) {
  return std::make_unique<PassRoad>(dialect, translation);
}

Result<WholeAnswer> pass_whole(const dialects::Dialect& dialect, dialects::Translation& translation,
                               std::string& body) {
  Result<model::Response> told = dialect.decode_response(body, translation);
  if (!told.ok()) return told.status();
  dialect.rename_model(body, translation.requested_model);
  return WholeAnswer{std::move(told.value().usage),
                     stop_reason_name(told.value().stop_reason, told.value().stop_reason_name),
                     std::move(told.value().model)};
}

}  // namespace tollgate::exchange
