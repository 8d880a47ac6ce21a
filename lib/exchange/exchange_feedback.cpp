// POST /v1/feedback: what a person thought of an answer; and what requests tell of answers.

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "router/hash.hpp"

namespace tollgate::exchange {
namespace {

constexpr size_t kCommentBytesMax = 4'096;
constexpr int64_t kRatingMax = 5;

/// Reads the body; a failure is the 400 for the client.
Result<record::Feedback> read_feedback(DocumentPool& documents, std::string_view body) {
  const DocumentPool::Loan document = documents.borrow();
  const Result<json::Value> parsed = (*document).parse(body);
  if (!parsed.ok()) return parsed.status();
  const json::Value root = parsed.value();
  record::Feedback feedback;
  feedback.decision_id = root["decision_id"].string_or("");
  if (feedback.decision_id.empty()) {
    return invalid("decision_id: send the x-tollgate-decision-id of the answer");
  }
  const auto rating = root["rating"].integer();
  if (!rating || *rating < 1 || *rating > kRatingMax) {
    return invalid("rating: send a whole number from 1 (bad) to 5 (good)");
  }
  feedback.rating = *rating;
  const std::string_view comment = root["comment"].string_or("");
  if (comment.size() > kCommentBytesMax) return invalid("comment: at most 4096 bytes");
  feedback.comment = comment;
  return feedback;
}

/// How often the client has sent this request before, as SDKs tell it.
uint32_t client_retries(const wire::Headers& headers) {
  const std::string_view text = headers.get("x-stainless-retry-count").value_or("");
  uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc{} && end == text.data() + text.size() ? count : 0;
}

}  // namespace

/// What the record tells of the quality of answers, and what feedback on this one will refer to.
void Exchange::note_quality() {
  record_.client_retries = client_retries(request_.headers);
  if (decision_.pin) {
    const auto before = std::find_if(
        decision_.candidates.begin(), decision_.candidates.end(), [&](const Candidate& candidate) {
          return router::hash_text(candidate.target.name) == decision_.pin->target;
        });
    if (before != decision_.candidates.end()) record_.previous_target = before->target.name;
  }
  if (record_.outcome != "ok" || record_.target.empty()) return;
  environment_->decisions.put(record_.decision_id,
                              {record_.model, record_.target, record_.principal});
}

void Exchange::answer_feedback() {
  Result<record::Feedback> read = read_feedback(environment_->documents, body_.view());
  if (!read.ok()) {
    refuse(invalid_request(read.status().message()), Event::kAnswered);
    return;
  }
  const auto served = environment_->decisions.find(read.value().decision_id);
  if (!served || served->principal != record_.principal) {
    model::Failure failure;
    failure.kind = model::FailureKind::kNotFound;
    failure.status = 404;
    failure.message = "decision_id: no answer of yours has this id, or it is too long ago.";
    refuse(failure, Event::kAnswered);
    return;
  }
  record_.model = served->model;
  record_.target = served->target;
  record_.feedback = std::move(read.value());
  start_head(200);
  add_header("content-type", "application/json");
  answer_whole(R"({"status":"recorded"})", Event::kAnswered);
}

}  // namespace tollgate::exchange
