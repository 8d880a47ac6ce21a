#include <utility>

#include "dialects/carriage.hpp"
#include "dialects/openai_responses/output_item.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

constexpr size_t kPartsMax = 4096;
constexpr std::string_view kBetweenSummaries = "\n\n";

/// One item is one thinking block; what the next turn needs of it goes into the signature.
class Reasoning final : public OutputItem {
 public:
  using OutputItem::OutputItem;

  void describe(json::Value item, std::string_view /*text*/, bool whole) override {
    if (const std::string_view id = item["id"].string_or(""); !id.empty()) id_ = id;
    if (!whole) return;
    // What was told when the item began is another text, and not all of it.
    encrypted_ = item["encrypted_content"].string_or("");
    add_rest(Source::kSummary, item["summary"]);
    add_rest(Source::kPlain, item["content"]);
  }

  void on_event(EventName name, json::Value event) override {
    switch (name) {
      case EventName::kSummaryDelta:
        add(Source::kSummary, event["summary_index"], piece(event["delta"]));
        break;
      case EventName::kReasoningDelta:
        add(Source::kPlain, event["content_index"], piece(event["delta"]));
        break;
      case EventName::kSummaryDone:
        add_part_rest(Source::kSummary, event["summary_index"], full(event["text"]));
        break;
      case EventName::kReasoningDone:
        add_part_rest(Source::kPlain, event["content_index"], full(event["text"]));
        break;
      default:
        break;
    }
  }

  void close() override {
    if (!state_.translation.thinking_wanted) return;
    if (!open_ && encrypted_.empty() && text_.empty()) return;
    open();
    delta(model::DeltaKind::kSignature, signature());
    stop();
  }

 private:
  enum class Source : uint8_t { kNone, kSummary, kPlain };

  void add(Source source, json::Value at, std::string_view text) {
    add_at(source, at.integer().value_or(0), text);
  }

  /// The same thoughts may come in two places; the first one counts.
  void add_at(Source source, int64_t at, std::string_view text) {
    if (text.empty() || (source_ != Source::kNone && source_ != source)) return;
    source_ = source;
    if (parts_.empty() || at_ != at) {
      if (parts_.size() >= kPartsMax) return;
      if (!parts_.empty()) show(kBetweenSummaries);
      parts_.push_back(0);
      at_ = at;
    }
    parts_.back() += text.size();
    show(text);
  }

  void show(std::string_view text) {
    text_.append(text);
    if (!state_.translation.thinking_wanted || state_.translation.thinking_omitted) return;
    open();
    delta(model::DeltaKind::kThinking, text);
  }

  std::string_view last_part() const {
    return parts_.empty() ? std::string_view()
                          : std::string_view(text_).substr(text_.size() - parts_.back());
  }

  void add_part_rest(Source source, json::Value at, std::string_view whole) {
    const int64_t index = at.integer().value_or(0);
    const bool new_part = parts_.empty() || at_ != index;
    add_at(source, index, new_part ? whole : beyond(last_part(), whole));
  }

  void add_rest(Source source, json::Value parts) {
    if (source_ != Source::kNone && source_ != source) return;
    size_t at = 0;
    for (const json::Value part : parts.elements()) {
      const std::string_view text = full(part["text"]);
      if (text.empty()) continue;
      // Parts before the last one known are told already.
      if (++at < parts_.size()) continue;
      if (at == parts_.size()) {
        add_at(source, at_, beyond(last_part(), text));
      } else {
        add_at(source, at_ + 1, text);
      }
    }
  }

  void open() {
    if (open_) return;
    open_ = true;
    model::Block block;
    block.kind = model::BlockKind::kThinking;
    start(std::move(block));
  }

  std::string signature() const {
    Carriage carriage;
    carriage.target = state_.translation.target;
    carriage.credential_tag = state_.translation.credential_tag;
    json::Writer writer(carriage.payload);
    if (encrypted_.empty() && source_ == Source::kPlain) {
      carriage.kind = "p";
      // The name by which the same servers' Chat endpoints take it back.
      writer.member("f", "reasoning_content");
    } else {
      carriage.kind = "r";
      writer.member("id", id_).member("e", encrypted_);
      writer.key("n").begin_array();
      for (const size_t size : parts_)
        writer.integer(static_cast<int64_t>(size));
      writer.end_array();
    }
    std::string sealed = seal_carriage(carriage);
    if (sealed.empty()) {
      state_.translation.losses.add(model::LossKind::kDropped, "reasoning (too large to carry)");
    }
    return sealed;
  }

  std::string id_;
  std::string encrypted_;
  std::string text_;
  std::vector<size_t> parts_;  ///< Bytes of each.
  int64_t at_ = 0;             ///< The last part's number on the wire.
  Source source_ = Source::kNone;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<OutputItem> make_reasoning(AnswerState& state, BlockSink& sink) {
  return std::make_unique<Reasoning>(state, sink);
}

}  // namespace tollgate::dialects::openai_responses
