#include <utility>

#include "dialects/anthropic_messages/answer_splice.hpp"
#include "dialects/anthropic_messages/stream_watch.hpp"
#include "exchange/road.hpp"

namespace tollgate::exchange {
namespace {

using dialects::anthropic_messages::StreamWatch;

class SpliceRoad final : public StreamRoad {
 public:
  explicit SpliceRoad(std::string client_model) : watch_(std::move(client_model)) {}

  Status feed(std::string_view bytes, std::string& out) override { return watch_.feed(bytes, out); }
  Status finish(std::string& out) override {
    watch_.finish(out);
    return Status();
  }
  void close_partial_event(std::string& out) override { watch_.close_partial_event(out); }
  bool end_early(int64_t output_tokens, std::string& out) override {
    return watch_.end_early(output_tokens, out);
  }
  bool content_begun() const override { return watch_.content_begun(); }
  bool complete() const override { return watch_.complete(); }
  bool between_events() const override { return watch_.between_events(); }
  const std::optional<model::Failure>& failure() const override { return watch_.failure(); }
  bool passes_failures() const override { return true; }
  const model::Usage& usage() const override { return watch_.usage(); }
  bool usage_known() const override { return watch_.started(); }
  std::string_view stop_reason() const override { return watch_.stop_reason(); }
  std::string_view upstream_model() const override { return watch_.upstream_model(); }

 private:
  StreamWatch watch_;
};

class UnwrappingRoad final : public StreamRoad {
 public:
  UnwrappingRoad(FrameReader frames, std::string client_model)
      : frames_(std::move(frames)), watch_(std::move(client_model)) {}

  Status feed(std::string_view bytes, std::string& out) override {
    Status inner;
    const Status framing = frames_.feed(bytes, [&](std::string_view name, std::string_view data) {
      if (!inner.ok()) return;
      text_ = "event: ";
      text_.append(name).append("\ndata: ").append(data).append("\n\n");
      inner = watch_.feed(text_, out);
    });
    return inner.ok() ? framing : inner;
  }
  Status finish(std::string& out) override {
    watch_.finish(out);
    return Status();
  }
  // Only whole events are ever written on this road.
  void close_partial_event(std::string& /*out*/) override {}
  bool end_early(int64_t output_tokens, std::string& out) override {
    return watch_.end_early(output_tokens, out);
  }
  bool content_begun() const override { return watch_.content_begun(); }
  bool complete() const override { return watch_.complete(); }
  bool between_events() const override { return true; }
  const std::optional<model::Failure>& failure() const override { return watch_.failure(); }
  bool passes_failures() const override { return true; }
  const model::Usage& usage() const override { return watch_.usage(); }
  bool usage_known() const override { return watch_.started(); }
  std::string_view stop_reason() const override { return watch_.stop_reason(); }
  std::string_view upstream_model() const override { return watch_.upstream_model(); }

 private:
  FrameReader frames_;
  StreamWatch watch_;
  std::string text_;
};

}  // namespace

std::unique_ptr<StreamRoad> make_unwrapping_road(FrameReader frames, std::string client_model) {
  return std::make_unique<UnwrappingRoad>(std::move(frames), std::move(client_model));
}

std::unique_ptr<StreamRoad> make_splice_road(std::string client_model) {
  return std::make_unique<SpliceRoad>(std::move(client_model));
}

Result<WholeAnswer> splice_whole(DocumentPool& documents, std::string& body,
                                 std::string_view client_model) {
  const DocumentPool::Loan document = documents.borrow();
  auto facts = dialects::anthropic_messages::splice_answer(*document, body, client_model);
  if (!facts.ok()) return facts.status();
  return WholeAnswer{std::move(facts.value().usage), std::move(facts.value().stop_reason),
                     std::move(facts.value().upstream_model)};
}

}  // namespace tollgate::exchange
