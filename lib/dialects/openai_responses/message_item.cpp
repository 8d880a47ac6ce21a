#include <algorithm>
#include <utility>

#include "dialects/openai_responses/output_item.hpp"
#include "json/utf8.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

constexpr size_t kCitedCharactersMax = 150;
constexpr size_t kContentPartsMax = 4096;
constexpr size_t kCitationsMax = 4096;

/// Text or refusal: every content part is a text block.
class MessageItem final : public OutputItem {
 public:
  using OutputItem::OutputItem;

  void describe(json::Value item, std::string_view /*text*/, bool whole) override {
    if (!whole) return;
    int64_t at = 0;
    for (const json::Value part : item["content"].elements())
      finish_part(at++, part);
  }

  void on_event(EventName name, json::Value event) override {
    const int64_t at = event["content_index"].integer().value_or(0);
    switch (name) {
      case EventName::kRefusalDelta:
        state_.refused = true;
        [[fallthrough]];
      case EventName::kTextDelta:
        add(at, piece(event["delta"]));
        break;
      case EventName::kTextDone:
        add_rest(at, full(event["text"]));
        break;
      case EventName::kRefusalDone:
        state_.refused = true;
        add_rest(at, full(event["refusal"]));
        break;
      case EventName::kPartDone:
        finish_part(at, event["part"]);
        break;
      case EventName::kAnnotation:
        if (Part* part = part_at(at)) note(*part, event["annotation"]);
        break;
      default:
        break;
    }
  }

  void close() override { close_block(); }

 private:
  struct Part {
    int64_t at = 0;
    std::string text;
    std::vector<std::string> citations;
    bool finished = false;
  };

  /// Null when there are too many.
  Part* part_at(int64_t at) {
    for (Part& part : parts_) {
      if (part.at == at) return &part;
    }
    if (parts_.size() >= kContentPartsMax) return nullptr;
    parts_.push_back({at, {}, {}, false});
    return &parts_.back();
  }

  void add(int64_t at, std::string_view text) {
    Part* part = part_at(at);
    if (part == nullptr || text.empty() || part->finished) return;
    if (open_ && open_at_ != at) close_block();
    if (!open_) start(model::Block());
    open_ = true;
    open_at_ = at;
    part->text.append(text);
    delta(model::DeltaKind::kText, text);
  }

  void add_rest(int64_t at, std::string_view whole) {
    if (Part* part = part_at(at)) add(at, beyond(part->text, whole));
  }

  void finish_part(int64_t at, json::Value value) {
    const std::string_view type = value["type"].string_or("");
    if (type == "refusal") {
      state_.refused = state_.refused || !value["refusal"].string_or("").empty();
      add_rest(at, full(value["refusal"]));
    } else {
      add_rest(at, full(value["text"]));
    }
    Part* part = part_at(at);
    if (part == nullptr || part->finished) return;
    if (value["annotations"].size() > 0) part->citations.clear();
    for (const json::Value annotation : value["annotations"].elements())
      note(*part, annotation);
    part->finished = true;
    if (open_ && open_at_ == at) close_block();
  }

  void note(Part& part, json::Value annotation) {
    if (part.finished || part.citations.size() >= kCitationsMax) return;
    std::string citation = citation_of(annotation, part.text);
    if (!citation.empty()) part.citations.push_back(std::move(citation));
  }

  void close_block() {
    if (!open_) return;
    open_ = false;
    if (Part* part = part_at(open_at_)) {
      for (std::string& each : part->citations)
        citation(std::move(each));
      part->citations.clear();
    }
    stop();
  }

  std::vector<Part> parts_;
  bool open_ = false;
  int64_t open_at_ = 0;
};

/// Characters `begin` to `end` of a text, at most kCitedCharactersMax of them.
std::string_view characters(std::string_view text, int64_t begin, int64_t end) {
  if (begin < 0 || end <= begin) return {};
  end = std::min(end, begin + static_cast<int64_t>(kCitedCharactersMax));
  size_t from = text.size();
  size_t at = 0;
  for (int64_t count = 0; at < text.size() && count < end; ++count) {
    if (count == begin) from = at;
    at += json::utf8_step(text, at).size;
  }
  return from < at ? text.substr(from, at - from) : std::string_view();
}

}  // namespace

std::string citation_of(json::Value annotation, std::string_view text) {
  if (annotation["type"].string_or("") != "url_citation") return {};
  // Some servers put the members one level deeper.
  const json::Value nested = annotation["url_citation"];
  const json::Value from = nested.is_object() ? nested : annotation;
  const std::string_view url = from["url"].string_or("");
  if (url.empty()) return {};
  const int64_t begin = from["start_index"].integer().value_or(0);
  const int64_t end = from["end_index"].integer().value_or(0);
  std::string_view cited = characters(text, begin, end);
  if (end <= begin) cited = characters(from["content"].string_or(""), 0, kCitedCharactersMax);
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("type", "web_search_result_location");
  writer.member("url", url).member("title", from["title"].string_or(url));
  writer.member("cited_text", cited).member("encrypted_index", "").end_object();
  return out;
}

std::unique_ptr<OutputItem> make_message(AnswerState& state, BlockSink& sink) {
  return std::make_unique<MessageItem>(state, sink);
}

}  // namespace tollgate::dialects::openai_responses
