#include "dialects/openai_responses/answer_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "dialects/openai_responses/parts.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::openai_responses {

using model::StreamEvent;
using Kind = model::StreamEventKind;

/// One item's place in the line.
class AnswerReader::Place final : public BlockSink {
 public:
  Place(BlockLine& line, AnswerState& state, ItemKind kind) : kind_(kind), line_(line) {
    switch (kind) {
      case ItemKind::kMessage:
        item = make_message(state, *this);
        break;
      case ItemKind::kReasoning:
        item = make_reasoning(state, *this);
        break;
      case ItemKind::kCall:
        item = make_call(state, *this);
        break;
      case ItemKind::kSearch:
        item = make_search(state, *this);
        break;
      case ItemKind::kOther:
        break;
    }
  }

  void take(StreamEvent event) override {
    if (has_turn_) {
      line_.show(std::move(event));
    } else if (event.kind == Kind::kBlockDelta && !held_.empty() &&
               held_.back().kind == Kind::kBlockDelta && held_.back().delta == event.delta &&
               event.delta != model::DeltaKind::kCitation) {
      held_.back().text.append(event.text);
    } else {
      held_.push_back(std::move(event));
    }
  }

  void give_turn() {
    has_turn_ = true;
    for (StreamEvent& event : std::exchange(held_, {}))
      line_.show(std::move(event));
  }

  ItemKind kind() const { return kind_; }
  bool over() const { return over_; }
  void close() {
    if (item) item->close();
    over_ = true;
    item.reset();
  }

  std::unique_ptr<OutputItem> item;  ///< Null when it is over, or of a kind not known.
  std::string id;
  std::optional<int64_t> index;
  bool announced = false;  ///< Its description came, not only a part of it.

 private:
  ItemKind kind_;
  BlockLine& line_;
  std::vector<StreamEvent> held_;
  bool has_turn_ = false;
  bool over_ = false;
};

namespace {

ItemKind kind_of(EventName name) {
  switch (name) {
    case EventName::kArgumentsDelta:
    case EventName::kArgumentsDone:
      return ItemKind::kCall;
    case EventName::kSummaryDelta:
    case EventName::kReasoningDelta:
    case EventName::kSummaryDone:
    case EventName::kReasoningDone:
      return ItemKind::kReasoning;
    default:
      return ItemKind::kMessage;
  }
}

Status broken_call() {
  return invalid("the upstream's answer holds a tool call whose arguments are no JSON");
}

}  // namespace

AnswerReader::AnswerReader(Translation& translation)
    : translation_(translation),
      state_{translation, {}, 0, 0, false, false, false},
      line_(translation) {}

AnswerReader::~AnswerReader() = default;

Status AnswerReader::take(EventName name, json::Value event, std::string_view text,
                          std::vector<StreamEvent>& out) {
  if (ended_) return Status();
  out_ = &out;
  line_.write_to(out);
  switch (name) {
    case EventName::kOther:
      return Status();
    case EventName::kError:
    case EventName::kFailed:
      fail(event);
      return Status();
    case EventName::kCompleted:
    case EventName::kIncomplete:
      start(event["response"]);
      if (const auto span = json::find_span(text, {"response"})) {
        take_output(event["response"], text.substr(span->offset, span->size));
      }
      return end_answer(event["response"], name);
    default:
      break;
  }
  bytes_ += text.size();
  if (bytes_ > limits::kAnswerBytesMax) return Status(Code::kLimit, "the answer is too large");
  start(event["response"]);
  if (name == EventName::kItemAdded || name == EventName::kItemDone) {
    const auto span = json::find_span(text, {"item"});
    if (span && event["item"].is_object()) {
      take_item(event["item"], text.substr(span->offset, span->size),
                event["output_index"].integer(), name == EventName::kItemDone);
    }
  } else if (name != EventName::kCreated && name != EventName::kInProgress &&
             name != EventName::kPartAdded) {
    Place& place = place_for(name, event);
    if (place.item) place.item->on_event(name, event);
    if (place.item && place.item->complete()) finish(place);
  }
  if (line_.stopped()) end_at_stop_sequence();
  return Status();
}

Status AnswerReader::take_whole(json::Value response, std::string_view text,
                                std::vector<StreamEvent>& out) {
  out_ = &out;
  line_.write_to(out);
  start(response);
  take_output(response, text);
  return end_answer(response, EventName::kCompleted);
}

void AnswerReader::start(json::Value response) {
  if (started_) return;
  started_ = true;
  StreamEvent event;
  event.kind = Kind::kMessageStart;
  event.model = response["model"].string_or(translation_.target_model);
  out_->push_back(std::move(event));
}

AnswerReader::Place& AnswerReader::add_place(ItemKind kind, std::string_view id,
                                             std::optional<int64_t> index) {
  places_.push_back(std::make_unique<Place>(line_, state_, kind));
  Place& place = *places_.back();
  place.id = id;
  place.index = index;
  advance();
  return place;
}

/// Servers change an item's id between its events, or number all items 0: the id counts first, then
/// the number, then what came last.
AnswerReader::Place* AnswerReader::find(json::Value event) {
  const std::string_view id = event["item_id"].string_or("");
  const std::optional<int64_t> index = event["output_index"].integer();
  Place* by_index = nullptr;
  for (size_t i = places_.size(); i > 0; --i) {
    Place& place = *places_[i - 1];
    if (!id.empty() && place.id == id) return &place;
    if (index && place.index == index && by_index == nullptr) by_index = &place;
  }
  if (by_index != nullptr || index || places_.empty()) return by_index;
  return places_.back().get();
}

AnswerReader::Place& AnswerReader::place_for(EventName name, json::Value event) {
  if (Place* place = find(event)) return *place;
  return add_place(kind_of(name), event["item_id"].string_or(""), event["output_index"].integer());
}

void AnswerReader::take_item(json::Value item, std::string_view text, std::optional<int64_t> index,
                             bool whole) {
  const std::string_view id = item["id"].string_or("");
  const std::string_view type = item["type"].string_or("");
  const ItemKind kind = item_kind(type);
  Place* known = nullptr;
  for (size_t i = places_.size(); i > 0 && known == nullptr; --i) {
    Place& place = *places_[i - 1];
    const bool same_id = !id.empty() && place.id == id;
    const bool same_index = index && place.index == index && place.kind() == kind &&
                            !place.over() && (whole || !place.announced);
    if (same_id || same_index) known = &place;
  }
  if (known == nullptr) {
    known = &add_place(kind, id, index);
    if (kind == ItemKind::kOther) {
      translation_.losses.add(model::LossKind::kDropped, "output item " + std::string(type));
    }
  }
  known->announced = true;
  if (known->item) known->item->describe(item, text, whole);
  if (whole || kind == ItemKind::kOther) finish(*known);
}

/// What was never announced, or not to its end, comes now.
void AnswerReader::take_output(json::Value response, std::string_view text) {
  const auto output = json::find_span(text, {"output"});
  if (!output || !response["output"].is_array()) return;
  const size_t announced = places_.size();
  const std::string_view items = text.substr(output->offset, output->size);
  size_t at = 0;
  for (json::ElementWalk walk(response["output"], items); walk.next(); ++at) {
    if (!walk.value().is_object()) continue;
    const std::string_view id = walk.value()["id"].string_or("");
    const ItemKind kind = item_kind(walk.value()["type"].string_or(""));
    Place* known = nullptr;
    for (size_t i = 0; i < announced && known == nullptr; ++i) {
      Place& place = *places_[i];
      const bool here = place.index ? place.index == static_cast<int64_t>(at) : i == at;
      if ((!id.empty() && place.id == id) || (here && place.kind() == kind)) known = &place;
    }
    if (known == nullptr && at < announced && places_[at]->kind() == kind) {
      known = places_[at].get();
    }
    if (known == nullptr) {
      take_item(walk.value(), walk.text(), std::nullopt, true);
    } else if (known->item) {
      known->item->describe(walk.value(), walk.text(), true);
      finish(*known);
    }
  }
}

void AnswerReader::finish(Place& place) {
  if (place.item && !place.item->settled()) return;
  if (!place.over()) place.close();
  advance();
}

void AnswerReader::advance() {
  while (turn_ < places_.size()) {
    places_[turn_]->give_turn();
    if (!places_[turn_]->over()) return;
    ++turn_;
  }
}

void AnswerReader::push_end(StreamEvent&& delta) {
  delta.kind = Kind::kMessageDelta;
  out_->push_back(std::move(delta));
  StreamEvent stop;
  stop.kind = Kind::kMessageStop;
  out_->push_back(std::move(stop));
  ended_ = true;
}

Status AnswerReader::end_answer(json::Value response, EventName name) {
  const std::string_view status = response["status"].string_or("");
  if (status == "failed" || status == "cancelled") {
    fail(response);
    return Status();
  }
  const bool incomplete = status == "incomplete" || name == EventName::kIncomplete;
  state_.cut = incomplete;
  for (const std::unique_ptr<Place>& place : places_) {
    if (!place->over()) place->close();
  }
  if (state_.broken) return broken_call();
  advance();
  if (line_.stopped()) {
    end_at_stop_sequence();
    return Status();
  }
  StreamEvent end;
  if (incomplete && response["incomplete_details"]["reason"].string_or("") == "content_filter") {
    end.stop_reason = model::StopReason::kRefusal;
    end.stop_details = filter_details(response["content_filters"]);
  } else if (incomplete) {
    // Every other reason is a limit too.
    end.stop_reason = model::StopReason::kMaxTokens;
  } else if (state_.calls > 0) {
    end.stop_reason = model::StopReason::kToolUse;
  } else {
    end.stop_reason = state_.refused ? model::StopReason::kRefusal : model::StopReason::kEndTurn;
  }
  end.usage = read_usage(response["usage"], translation_, line_.shown_bytes());
  const std::string_view tier = response["service_tier"].string_or("");
  if (!tier.empty()) {
    end.usage.service_tier = tier == "priority" || tier == "fast" ? "priority" : "standard";
  }
  if (state_.searches > 0) end.usage.web_searches = state_.searches;
  push_end(std::move(end));
  return Status();
}

/// The upstream would go on: what it used is not known, and estimated.
void AnswerReader::end_at_stop_sequence() {
  StreamEvent end;
  end.stop_reason = model::StopReason::kStopSequence;
  end.stop_sequence = line_.stop_sequence();
  end.has_stop_sequence = true;
  end.usage = read_usage(json::Value(), translation_, line_.shown_bytes());
  if (state_.searches > 0) end.usage.web_searches = state_.searches;
  push_end(std::move(end));
}

void AnswerReader::fail(json::Value event) {
  StreamEvent error;
  error.kind = Kind::kError;
  error.failure = read_failure(event);
  out_->push_back(std::move(error));
  ended_ = true;
}

}  // namespace tollgate::dialects::openai_responses
