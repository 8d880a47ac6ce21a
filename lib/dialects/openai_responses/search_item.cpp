#include <utility>

#include "dialects/openai_responses/output_item.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

std::string_view host_of(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

/// A search by the upstream: the client sees the call and its results.
class Search final : public OutputItem {
 public:
  using OutputItem::OutputItem;

  void describe(json::Value item, std::string_view /*text*/, bool whole) override {
    if (!whole || told_) return;
    const json::Value action = item["action"];
    // Opening a page of an earlier search is nothing the client would know.
    if (action["type"].string_or("search") != "search") return;
    told_ = true;
    ++state_.searches;
    const std::string id = state_.translation.make_id("srvtoolu_");
    tell_call(action, id);
    tell_results(action, item["status"].string_or("") == "failed", id);
  }
  void on_event(EventName, json::Value) override {}
  void close() override {}

 private:
  void tell_call(json::Value action, const std::string& id) {
    std::string_view query = action["query"].string_or("");
    for (const json::Value each : action["queries"].elements()) {
      if (query.empty()) query = each.string_or("");
    }
    model::Block call;
    call.kind = model::BlockKind::kServerToolUse;
    call.type = "server_tool_use";
    call.id = id;
    call.name = "web_search";
    start(std::move(call));
    std::string input;
    json::Writer(input).begin_object().member("query", query).end_object();
    delta(model::DeltaKind::kInputJson, input);
    stop();
  }

  void tell_results(json::Value action, bool failed, const std::string& id) {
    model::Block result;
    result.kind = model::BlockKind::kServerToolResult;
    result.type = "web_search_tool_result";
    result.id = id;
    json::Writer writer(result.input);
    if (failed) {
      writer.begin_object().member("type", "web_search_tool_result_error");
      writer.member("error_code", "unavailable").end_object();
    } else {
      writer.begin_array();
      for (const json::Value source : action["sources"].elements())
        tell_source(source, writer);
      writer.end_array();
    }
    start(std::move(result));
    stop();
  }

  static void tell_source(json::Value source, json::Writer& writer) {
    const std::string_view url = source["url"].string_or("");
    if (url.empty()) return;
    const std::string_view title = source["title"].string_or("");
    writer.begin_object().member("type", "web_search_result").member("url", url);
    writer.member("title", title.empty() ? host_of(url) : title);
    writer.member("encrypted_content", "").key("page_age").null().end_object();
  }

  bool told_ = false;
};

}  // namespace

std::unique_ptr<OutputItem> make_search(AnswerState& state, BlockSink& sink) {
  return std::make_unique<Search>(state, sink);
}

}  // namespace tollgate::dialects::openai_responses
