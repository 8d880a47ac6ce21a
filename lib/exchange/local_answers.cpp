#include "exchange/local_answers.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "dialects/openai_chat/dialect.hpp"
#include "exchange/decision.hpp"
#include "exchange/failures.hpp"
#include "json/writer.hpp"

namespace tollgate::exchange {
namespace {

constexpr int64_t kModelsLimitMax = 1000;
constexpr int64_t kModelsLimitDefault = 20;

/// One entry of the models' list: the name the caller would send, and what to tell of it.
struct ListedModel {
  std::string id;
  std::string display_name;
  std::string owner;  ///< The account, or the group of a virtual model.
  int64_t context_window = 0;
  int64_t output_tokens_max = 0;
};

/// Whom the list is for; each looks for members of its own.
enum class Reader : uint8_t { kAnthropic, kOpenAi };

Reader reader_of(const ClientRequest& request) {
  return request.dialect == &dialects::openai_chat::dialect() ? Reader::kOpenAi
                                                              : Reader::kAnthropic;
}

std::optional<ListedModel> listed_model(const config::Configuration& configuration,
                                        const std::string& name) {
  if (const size_t route = configuration.routes.find(name); route != router::Routes::kNone) {
    const std::string& group = configuration.routes.models()[route].group;
    return ListedModel{name, name, group.empty() ? std::string("tollgate") : group};
  }
  const router::Resolved resolved = configuration.catalog.resolve(name);
  if (resolved.resolution != router::Resolution::kFound) return std::nullopt;
  const router::Integration& model =
      configuration.catalog.integrations()[resolved.target.integration];
  return ListedModel{name, model.display_name.empty() ? name : model.display_name,
                     model.account_name, model.facts.context_window, model.facts.output_tokens_max};
}

std::vector<ListedModel> listed_models(const config::Configuration& configuration,
                                       const model::Principal& principal, Reader reader) {
  std::vector<ListedModel> models;
  for (const std::string& name : usable_models(configuration, principal)) {
    std::optional<ListedModel> model = listed_model(configuration, name);
    if (!model) continue;
    models.push_back(std::move(*model));
    if (reader == Reader::kOpenAi || is_offered_name(name)) continue;
    ListedModel alias = models.back();
    alias.id = std::string(kAliasPrefix) + name;
    models.push_back(std::move(alias));
  }
  return models;
}

void write_known(json::Writer& writer, std::string_view key, int64_t value) {
  writer.key(key);
  value > 0 ? writer.integer(value) : writer.null();
}

void write_model(json::Writer& writer, const ListedModel& model, Reader reader) {
  writer.begin_object().member("type", "model").member("id", model.id);
  if (reader == Reader::kOpenAi) {
    writer.member("object", "model")
        .member("created", static_cast<int64_t>(0))
        .member("owned_by", model.owner);
  }
  // Members a client may read are all there; what we do not know of a model is null.
  writer.member("display_name", model.display_name)
      .member("created_at", "1970-01-01T00:00:00Z")
      .member("lifecycle", "active")
      .key("deprecated_at")
      .null()
      .key("retires_at")
      .null()
      .key("line")
      .null();
  write_known(writer, "max_input_tokens", model.context_window);
  write_known(writer, "max_tokens", model.output_tokens_max);
  writer.key("capabilities").null().end_object();
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name) {
      return equals == std::string_view::npos ? std::string()
                                              : percent_decode(pair.substr(equals + 1));
    }
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  }
  return {};
}

LocalAnswer bad_request(std::string message) {
  LocalAnswer answer;
  answer.failure = invalid_request(std::move(message));
  return answer;
}

/// Where a page begins and ends, by limit, after_id and before_id.
struct Page {
  size_t begin = 0;
  size_t end = 0;
  bool has_more = false;  ///< In the direction in which the client reads.
};

Page page_of(const std::vector<ListedModel>& models, std::string_view query, size_t limit) {
  const auto index_of = [&](std::string_view id) {
    const auto found = std::find_if(models.begin(), models.end(),
                                    [&](const ListedModel& model) { return model.id == id; });
    return static_cast<size_t>(found - models.begin());
  };
  Page page{0, models.size(), false};
  const std::string before = query_value(query, "before_id");
  const std::string after = query_value(query, "after_id");
  if (!before.empty()) {
    page.end = index_of(before);
    page.begin = page.end > limit ? page.end - limit : 0;
    page.has_more = page.begin > 0;
  } else {
    if (!after.empty()) page.begin = std::min(index_of(after) + 1, models.size());
    page.end = std::min(models.size(), page.begin + limit);
    page.has_more = page.end < models.size();
  }
  return page;
}

LocalAnswer list_models(const config::Configuration& configuration, const ClientRequest& request) {
  const Reader reader = reader_of(request);
  // OpenAI's clients know no pages.
  int64_t limit =
      reader == Reader::kOpenAi ? std::numeric_limits<int64_t>::max() : kModelsLimitDefault;
  if (const std::string text = query_value(request.query, "limit"); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size() || limit < 1 ||
        limit > kModelsLimitMax) {
      return bad_request("limit: must be a number from 1 to 1000.");
    }
  }
  const std::vector<ListedModel> models = listed_models(configuration, *request.principal, reader);
  const Page page = page_of(models, request.query, static_cast<size_t>(limit));
  LocalAnswer answer;
  json::Writer writer(answer.body);
  writer.begin_object();
  if (reader == Reader::kOpenAi) writer.member("object", "list");
  writer.key("data").begin_array();
  for (size_t i = page.begin; i < page.end; ++i)
    write_model(writer, models[i], reader);
  writer.end_array().member("has_more", page.has_more);
  if (page.begin < page.end) {
    writer.member("first_id", models[page.begin].id).member("last_id", models[page.end - 1].id);
  } else {
    writer.key("first_id").null().key("last_id").null();
  }
  writer.end_object();
  return answer;
}

LocalAnswer show_model(const config::Configuration& configuration, const ClientRequest& request) {
  const Reader reader = reader_of(request);
  // Aliases are found whoever asks.
  for (const ListedModel& model :
       listed_models(configuration, *request.principal, Reader::kAnthropic)) {
    if (model.id != request.model_id) continue;
    LocalAnswer answer;
    json::Writer writer(answer.body);
    write_model(writer, model, reader);
    return answer;
  }
  LocalAnswer answer;
  answer.failure.emplace();
  answer.failure->kind = model::FailureKind::kNotFound;
  answer.failure->status = 404;
  answer.failure->message = "model: " + request.model_id;
  return answer;
}

}  // namespace

LocalAnswer local_answer(const config::Configuration& configuration, const Environment& environment,
                         const ClientRequest& request) {
  LocalAnswer answer;
  switch (request.operation) {
    case Operation::kModels:
      return list_models(configuration, request);
    case Operation::kModel:
      return show_model(configuration, request);
    case Operation::kMetrics:
      answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
      answer.body = environment.metrics_text();
      return answer;
    case Operation::kReady:
      if (environment.draining.load(std::memory_order_relaxed)) {
        answer.status = 503;
        answer.body = R"({"status":"draining"})";
        return answer;
      }
      answer.body = R"({"status":"ready"})";
      return answer;
    case Operation::kHealth:
      answer.body = R"({"status":"ok"})";
      return answer;
    default:
      answer.body = R"({"service":"tollgate"})";
      return answer;
  }
}

std::string token_count(int64_t input_tokens) {
  std::string out;
  json::Writer(out).begin_object().member("input_tokens", input_tokens).end_object();
  return out;
}

bool is_error_object(DocumentPool& documents, std::string_view body, bool typed) {
  if (body.empty()) return false;
  const DocumentPool::Loan document = documents.borrow();
  const Result<json::Value> parsed = (*document).parse(body);
  const json::Value error = parsed.ok() ? parsed.value()["error"] : json::Value();
  // Google's front answers in a form of its own, also before servers of other dialects.
  const bool of_google = error["status"].is_string() && !error["type"].exists();
  return error.is_object() && !of_google && (!typed || error["type"].is_string());
}

std::optional<uint32_t> status_of_error(DocumentPool& documents, std::string_view body) {
  const DocumentPool::Loan document = documents.borrow();
  const Result<json::Value> parsed = (*document).parse(body);
  if (!parsed.ok()) return std::nullopt;
  json::Value root = parsed.value();
  for (const json::Value element : root.elements()) {
    root = element;
    break;
  }
  const json::Value error = root["error"];
  if (!error.is_object()) return std::nullopt;
  const int64_t code = error["code"].integer().value_or(0);
  return code >= 400 && code < 600 ? static_cast<uint32_t>(code) : 500;
}

}  // namespace tollgate::exchange
