// The headers by which a client asks for something beside its answer: metadata, logging, betas.

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "exchange/client_request.hpp"
#include "exchange/failures.hpp"
#include "exchange/retry_wish.hpp"

namespace tollgate::exchange {
namespace {

model::Failure bad_header(std::string_view name, std::string_view what) {
  return invalid_request("The header " + std::string(name) + " " + std::string(what));
}

/// A header under our name or the one of older set-ups; ours first.
struct Found {
  std::string_view name;
  std::string_view value;
};
std::optional<Found> find(const wire::Headers& headers, std::string_view ours,
                          std::string_view twin) {
  for (const std::string_view name : {ours, twin}) {
    if (const auto value = headers.get(name)) return Found{name, *value};
  }
  return std::nullopt;
}

void set(model::Metadata& metadata, std::string_view key, std::string_view value) {
  for (auto& [known, old] : metadata) {
    if (known == key) {
      old = value;
      return;
    }
  }
  metadata.emplace_back(key, value);
}

std::optional<model::Failure> read_metadata(DocumentPool& documents, ClientRequest& request) {
  const auto header = find(request.headers, "x-tollgate-metadata", "x-tfy-metadata");
  if (!header) return std::nullopt;
  const DocumentPool::Loan document = documents.borrow();
  const Result<json::Value> parsed = (*document).parse(header->value);
  if (!parsed.ok() || !parsed.value().is_object()) {
    return bad_header(header->name,
                      "must be a JSON object of strings, as {\"project\": \"billing\"}.");
  }
  if (parsed.value().size() > limits::kMetadataKeysMax) {
    return bad_header(header->name, "has more than " + std::to_string(limits::kMetadataKeysMax) +
                                        " keys; send fewer.");
  }
  for (const json::Member member : parsed.value().members()) {
    const auto value = member.value.string();
    if (!value) {
      return bad_header(header->name, "has the key \"" + std::string(member.key.substr(0, 64)) +
                                          "\", whose value is not a string; put it in quotes.");
    }
    if (value->size() > limits::kMetadataValueBytesMax ||
        member.key.size() > limits::kMetadataValueBytesMax) {
      return bad_header(header->name, "has a key or value longer than " +
                                          std::to_string(limits::kMetadataValueBytesMax) +
                                          " characters; shorten it.");
    }
    set(request.metadata, member.key, *value);
  }
  return std::nullopt;
}

std::optional<model::Failure> read_logging(const record::LoggingSettings& settings,
                                           DocumentPool& documents, ClientRequest& request) {
  switch (settings.bodies) {
    case record::BodyLogging::kAlways:
      request.keep_bodies = true;
      return std::nullopt;
    case record::BodyLogging::kNever:
      request.keep_bodies = false;
      return std::nullopt;
    case record::BodyLogging::kHeaderControlled:
      break;
  }
  request.keep_bodies = settings.log_body_by_default;
  const auto header = find(request.headers, "x-tollgate-logging-config", "x-tfy-logging-config");
  if (!header) return std::nullopt;
  const DocumentPool::Loan document = documents.borrow();
  const Result<json::Value> parsed = (*document).parse(header->value);
  const auto enabled = parsed.ok() ? parsed.value()["enabled"].boolean() : std::nullopt;
  if (!enabled)
    return bad_header(header->name, "must be {\"enabled\": true} or {\"enabled\": false}.");
  request.keep_bodies = *enabled;
  return std::nullopt;
}

/// A header of milliseconds.
std::optional<model::Failure> read_timeout(const wire::Headers& headers, std::string_view ours,
                                           std::string_view twin, uint64_t& timeout_ns) {
  constexpr uint64_t kMostMs = 3'600'000;
  const auto header = find(headers, ours, twin);
  if (!header) return std::nullopt;
  const std::string_view text = ascii::trim(header->value);
  uint64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc{} || end != text.data() + text.size() || ms < 1 || ms > kMostMs) {
    return bad_header(header->name, "must be a number of milliseconds from 1 to 3600000.");
  }
  timeout_ns = ms * kMillisecond;
  return std::nullopt;
}

}  // namespace

std::optional<model::Failure> read_wishes(const config::Configuration& configuration,
                                          DocumentPool& documents, ClientRequest& request) {
  if (auto failure = read_metadata(documents, request)) return failure;
  if (request.principal != nullptr) {
    for (const config::ForcedMetadata& forced : configuration.forced_metadata) {
      if (!forced.when.matches_principal(*request.principal)) continue;
      for (const auto& [key, value] : forced.values)
        set(request.metadata, key, value);
    }
    for (const auto& [key, value] : request.principal->tags)
      set(request.metadata, key, value);
  }
  if (auto failure = read_timeout(request.headers, "x-tollgate-request-timeout",
                                  "x-tfy-request-timeout", request.attempt_timeout_ns)) {
    return failure;
  }
  if (auto failure = read_timeout(request.headers, "x-tollgate-ttft-timeout-ms",
                                  "x-tfy-ttft-timeout-ms", request.first_token_timeout_ns)) {
    return failure;
  }
  router::Retry checked;
  if (const Status status = apply_retry_wish(request.headers, documents, checked); !status.ok()) {
    return invalid_request(status.message());
  }
  if (const auto betas =
          find(request.headers, "x-tollgate-anthropic-beta", "x-tfy-anthropic-beta")) {
    request.extra_betas = betas->value;
  }
  return read_logging(configuration.logging, documents, request);
}

}  // namespace tollgate::exchange
