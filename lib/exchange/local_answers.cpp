#include "exchange/local_answers.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "exchange/decision.hpp"
#include "exchange/failures.hpp"
#include "json/writer.hpp"

namespace tollgate::exchange {
namespace {

constexpr int64_t kModelsLimitMax = 1000;
constexpr int64_t kModelsLimitDefault = 20;

/// One entry of the models' list: the name the caller would send, and how to show it.
struct ListedModel {
  std::string id;
  std::string display_name;
};

std::vector<ListedModel> listed_models(const config::Configuration& configuration,
                                       const model::Principal& principal) {
  const std::vector<router::Integration>& all = configuration.catalog.integrations();
  std::vector<ListedModel> models;
  for (const std::string& name : usable_models(configuration, principal)) {
    if (configuration.routes.find(name) != router::Routes::kNone) {
      models.push_back({name, name});
      continue;
    }
    const router::Resolved resolved = configuration.catalog.resolve(name);
    if (resolved.resolution != router::Resolution::kFound) continue;
    const std::string& shown = all[resolved.target.integration].display_name;
    models.push_back({name, shown.empty() ? name : shown});
  }
  return models;
}

void write_model(json::Writer& writer, const ListedModel& model) {
  // Members a client may read are all there; what we do not know of a model is null.
  writer.begin_object()
      .member("type", "model")
      .member("id", model.id)
      .member("display_name", model.display_name)
      .member("created_at", "1970-01-01T00:00:00Z")
      .member("lifecycle", "active")
      .key("deprecated_at")
      .null()
      .key("retires_at")
      .null()
      .key("line")
      .null()
      .key("max_input_tokens")
      .null()
      .key("max_tokens")
      .null()
      .key("capabilities")
      .null()
      .end_object();
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
};

Page page_of(const std::vector<ListedModel>& models, std::string_view query, size_t limit) {
  const auto index_of = [&](std::string_view id) {
    const auto found = std::find_if(models.begin(), models.end(),
                                    [&](const ListedModel& model) { return model.id == id; });
    return static_cast<size_t>(found - models.begin());
  };
  Page page{0, models.size()};
  const std::string before = query_value(query, "before_id");
  const std::string after = query_value(query, "after_id");
  if (!before.empty()) {
    page.end = index_of(before);
    page.begin = page.end > limit ? page.end - limit : 0;
  } else {
    if (!after.empty()) page.begin = std::min(index_of(after) + 1, models.size());
    page.end = std::min(models.size(), page.begin + limit);
  }
  return page;
}

LocalAnswer list_models(const config::Configuration& configuration, const ClientRequest& request) {
  int64_t limit = kModelsLimitDefault;
  if (const std::string text = query_value(request.query, "limit"); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size() || limit < 1 ||
        limit > kModelsLimitMax) {
      return bad_request("limit: must be a number from 1 to 1000.");
    }
  }
  const std::vector<ListedModel> models = listed_models(configuration, *request.principal);
  const Page page = page_of(models, request.query, static_cast<size_t>(limit));
  LocalAnswer answer;
  json::Writer writer(answer.body);
  writer.begin_object().key("data").begin_array();
  for (size_t i = page.begin; i < page.end; ++i)
    write_model(writer, models[i]);
  writer.end_array().member("has_more", page.end < models.size());
  if (page.begin < page.end) {
    writer.member("first_id", models[page.begin].id).member("last_id", models[page.end - 1].id);
  } else {
    writer.key("first_id").null().key("last_id").null();
  }
  writer.end_object();
  return answer;
}

LocalAnswer show_model(const config::Configuration& configuration, const ClientRequest& request) {
  for (const ListedModel& model : listed_models(configuration, *request.principal)) {
    if (model.id != request.model_id) continue;
    LocalAnswer answer;
    json::Writer writer(answer.body);
    write_model(writer, model);
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
      answer.body = environment.metrics.to_text(environment.open_exchanges.load());
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

bool is_error_object(DocumentPool& documents, std::string_view body) {
  if (body.empty()) return false;
  const DocumentPool::Loan document = documents.borrow();
  const Result<json::Value> parsed = (*document).parse(body);
  const json::Value error = parsed.ok() ? parsed.value()["error"] : json::Value();
  // Google's front answers in a form of its own, also before servers of other dialects.
  const bool of_google = error["status"].is_string() && !error["type"].exists();
  return error.is_object() && !of_google;
}

}  // namespace tollgate::exchange
