#include <algorithm>
#include <utility>

#include "dialects/openai_responses/output_item.hpp"
#include "dialects/tool_names.hpp"
#include "json/splice.hpp"
#include "json/walk.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kFunctions = "functions.";

/// A model that was not given parallel calls may make up a tool for them, of these names.
bool is_wrapper(std::string_view name) {
  return name == "parallel" || name == "multi_tool_use.parallel";
}

class Call final : public OutputItem {
 public:
  using OutputItem::OutputItem;

  void describe(json::Value item, std::string_view text, bool whole) override {
    if (name_.empty()) name_ = item["name"].string_or("");
    if (id_.empty()) id_ = item["call_id"].string_or("");
    final_ = final_ || whole;
    const json::Value arguments = item["arguments"];
    if (arguments.is_object()) {
      if (const auto span = json::find_span(text, {"arguments"})) {
        add(beyond(arguments_, text.substr(span->offset, span->size)));
      }
    } else {
      add(beyond(arguments_, full(arguments)));
    }
    // OpenAI ends a call that a limit cut by either name.
    const std::string_view status = item["status"].string_or("");
    cut_ = whole && (status == "incomplete" || status == "in_progress");
    // A call that comes cut, and is not shown yet, may be better left out: close() decides.
    if (!cut_) announce();
  }

  void on_event(EventName name, json::Value event) override {
    if (name == EventName::kArgumentsDelta) {
      add(piece(event["delta"]));
    } else if (name == EventName::kArgumentsDone) {
      if (name_.empty()) name_ = event["name"].string_or("");
      final_ = true;
      add(beyond(arguments_, full(event["arguments"])));
      announce();
      complete_ = !name_.empty() && !id_.empty();
    }
  }

  bool complete() const override { return complete_; }

  bool settled() override {
    // Judged once: an upstream that says again and again that it is done costs no parse each time.
    if (!waits_) {
      whole_ = (!live_ && !cut_) || is_json();
      waits_ = !whole_;
    }
    return whole_;
  }

  void close() override {
    if (name_.empty() || ignored_) return;
    if (is_undeclared_wrapper() && expand()) return;
    // A call the limit cut before it was shown says nothing that could be done.
    if (!open_ && cut_ && state_.cut && model::tool_input(arguments_) != arguments_) {
      lose("tool call (cut by the limit)");
      return;
    }
    open_call();
    if (ignored_) return;
    if (!live_) {
      delta(model::DeltaKind::kInputJson, is_blank() ? std::string() : input());
    } else if (!state_.cut && !whole_ && !is_json()) {
      state_.broken = true;
      return;
    }
    stop();
  }

 private:
  bool is_json() const { return json::Document().parse(arguments_).ok(); }
  bool is_blank() const { return arguments_.find_first_not_of(kSpace) == std::string::npos; }

  void lose(std::string what) {
    state_.translation.losses.add(model::LossKind::kDropped, std::move(what));
  }

  bool is_declared(std::string_view name) const {
    const auto& tools = state_.translation.declared_tools;
    return std::find(tools.begin(), tools.end(), name) != tools.end();
  }

  bool is_undeclared_wrapper() const {
    return !state_.translation.declared_tools.empty() && is_wrapper(name_) && !is_declared(name_);
  }

  /// The client's name of a tool the upstream named, perhaps by the name of its own kind.
  std::string_view client_name(std::string_view name) const {
    const std::string_view known = state_.translation.client_tool_name(name);
    if (is_declared(known) || !name.starts_with(kFunctions)) return known;
    const std::string_view bare =
        state_.translation.client_tool_name(name.substr(kFunctions.size()));
    return is_declared(bare) ? bare : known;
  }

  void announce() {
    if (!name_.empty() && !id_.empty() && !is_undeclared_wrapper()) open_call();
    flow();
  }

  void add(std::string_view text) {
    if (text.empty()) return;
    arguments_.append(text);
    flow();
  }

  /// An object's text passes as it comes; anything else waits to be made one.
  void flow() {
    if (!open_ || (waits_ && !live_)) return;
    const size_t first = arguments_.find_first_not_of(kSpace);
    if (first == std::string::npos || arguments_[first] != '{') return;
    // What is known whole before any of it is shown can still be made an object.
    if (!live_ && final_ && !is_json()) return;
    live_ = true;
    if (sent_ == arguments_.size()) return;
    delta(model::DeltaKind::kInputJson, std::string_view(arguments_).substr(sent_));
    sent_ = arguments_.size();
  }

  void open_call() {
    if (open_ || ignored_) return;
    if (!may_call()) return;
    open_block(client_name(name_), id_);
    open_ = true;
    flow();
  }

  bool may_call() {
    if (state_.translation.single_tool_call && state_.calls > 0) {
      ignored_ = true;
      lose("tool call (only one was wanted)");
    }
    return !ignored_;
  }

  void open_block(std::string_view name, std::string_view id) {
    ++state_.calls;
    model::Block block;
    block.kind = model::BlockKind::kToolUse;
    block.id = client_tool_id(id, state_.tool_ids, state_.translation);
    block.name = name;
    start(std::move(block));
  }

  /// Arguments that are no object's text: a text that holds one, or what a model made up.
  std::string input() const {
    json::Document document;
    const Result<json::Value> parsed = document.parse(arguments_);
    if (parsed.ok() && parsed.value().is_string()) {
      const std::string_view inner = parsed.value().string_or("");
      const size_t first = inner.find_first_not_of(kSpace);
      if (first != std::string_view::npos && inner[first] == '{') return model::tool_input(inner);
    }
    return model::tool_input(arguments_);
  }

  /// Makes the calls inside a made-up wrapper; false when it holds any other.
  bool expand() {
    json::Document document;
    const Result<json::Value> parsed = document.parse(arguments_);
    if (!parsed.ok() || parsed.value()["tool_uses"].size() == 0) return false;
    for (const json::Value use : parsed.value()["tool_uses"].elements()) {
      const std::string_view name = use["recipient_name"].string_or("");
      if (!use["parameters"].is_object() || !is_declared(client_name(name))) return false;
    }
    const auto uses = json::find_span(arguments_, {"tool_uses"});
    if (!uses) return false;
    const std::string_view text = std::string_view(arguments_).substr(uses->offset, uses->size);
    int number = 0;
    for (json::ElementWalk walk(parsed.value()["tool_uses"], text); walk.next();) {
      ignored_ = false;
      if (!may_call()) break;
      open_block(client_name(walk.value()["recipient_name"].string_or("")),
                 id_ + "_" + std::to_string(++number));
      const auto parameters = json::find_span(walk.text(), {"parameters"});
      delta(model::DeltaKind::kInputJson,
            parameters ? walk.text().substr(parameters->offset, parameters->size)
                       : std::string_view("{}"));
      stop();
    }
    return true;
  }

  std::string name_;
  std::string id_;
  std::string arguments_;
  size_t sent_ = 0;
  bool open_ = false;
  bool live_ = false;   ///< The client has arguments of it.
  bool final_ = false;  ///< All arguments are known.
  bool cut_ = false;
  bool ignored_ = false;
  bool complete_ = false;
  bool whole_ = false;  ///< It was judged, and there is no more to it.
  bool waits_ = false;  ///< It was judged, and only the answer's end tells.
};

}  // namespace

std::unique_ptr<OutputItem> make_call(AnswerState& state, BlockSink& sink) {
  return std::make_unique<Call>(state, sink);
}

}  // namespace tollgate::dialects::openai_responses
