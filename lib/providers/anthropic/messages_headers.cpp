#include "providers/anthropic/messages_headers.hpp"

#include <array>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "providers/anthropic/messages_lessons.hpp"

namespace tollgate::providers {
namespace {

constexpr std::string_view kDefaultVersion = "2023-06-01";

// What a client says of itself, beside anthropic-*: upstream telemetry, and what subscription
// logins are checked against. Everything else of the client's stays here, its credentials first of
// all.
constexpr std::array<std::string_view, 4> kForwarded = {"accept", "content-type", "user-agent",
                                                        "x-app"};

// What is added to the client's headers, by count and by size; more only costs memory once more.
constexpr size_t kSpare = 5;
constexpr size_t kSpareBytes = 256;

bool is_forwarded(std::string_view name) {
  if (ascii::starts_with_ignore_case(name, "anthropic-")) {
    return !ascii::equals_ignore_case(name, "anthropic-beta");  // Merged by itself.
  }
  if (ascii::starts_with_ignore_case(name, "x-stainless-")) return true;
  for (const std::string_view known : kForwarded) {
    if (ascii::equals_ignore_case(name, known)) return true;
  }
  return false;
}

/// The client's betas in their order, then the extra ones that are not among them.
std::string merge_betas(std::string client, std::string_view extra) {
  while (!extra.empty()) {
    const size_t comma = extra.find(',');
    const std::string_view beta = ascii::trim(extra.substr(0, comma));
    extra = comma == std::string_view::npos ? std::string_view() : extra.substr(comma + 1);
    if (beta.empty()) continue;
    bool present = false;
    for (std::string_view rest = client; !rest.empty() && !present;) {
      const size_t end = rest.find(',');
      present = ascii::trim(rest.substr(0, end)) == beta;
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    if (present) continue;
    if (!client.empty()) client += ',';
    client += beta;
  }
  return client;
}

/// The list without what the upstream has refused; the same bytes where that is nothing.
std::string taken_betas(std::string list, const model::Lessons* lessons) {
  if (lessons == nullptr || lessons->empty()) return list;
  std::string taken;
  bool refused = false;
  for (std::string_view rest = list; !rest.empty();) {
    const size_t comma = rest.find(',');
    const std::string_view beta = ascii::trim(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    if (is_beta_refused(lessons, beta)) {
      refused = true;
    } else if (!beta.empty()) {
      taken.append(taken.empty() ? "" : ",").append(beta);
    }
  }
  return refused ? taken : list;
}

/// The client's list, what its own header of ours adds, and what the account adds.
std::string beta_list(const CallContext& context) {
  const wire::Headers& client = context.client_headers;
  std::string betas = client.count("anthropic-beta") <= 1
                          ? std::string(client.get("anthropic-beta").value_or(""))
                          : client.joined("anthropic-beta");
  betas = merge_betas(std::move(betas), context.extra_betas);
  for (const auto& [name, value] : context.endpoint.account.headers) {
    if (ascii::equals_ignore_case(name, "anthropic-beta")) {
      betas = merge_betas(std::move(betas), value);
    }
  }
  return taken_betas(std::move(betas), context.endpoint.lessons);
}

bool account_sets(const CallContext& context, std::string_view name) {
  for (const auto& [own, value] : context.endpoint.account.headers) {
    if (ascii::equals_ignore_case(own, name)) return true;
  }
  return false;
}

Status add_client_headers(const CallContext& context, wire::Headers& headers) {
  if (context.same_dialect) {
    for (size_t i = 0; i < context.client_headers.size(); ++i) {
      const wire::Header header = context.client_headers.at(i);
      if (!is_forwarded(header.name) || account_sets(context, header.name)) continue;
      if (Status status = headers.add(context.client_headers, i); !status.ok()) return status;
    }
    const std::string betas = beta_list(context);
    if (!betas.empty()) {
      if (Status status = headers.add("anthropic-beta", betas); !status.ok()) return status;
    }
  }
  if (!headers.has("anthropic-version")) {
    if (Status status = headers.add("anthropic-version", kDefaultVersion); !status.ok()) {
      return status;
    }
  }
  if (headers.has("content-type")) return Status();
  return headers.add("content-type", "application/json");
}

}  // namespace

Status add_messages_headers(const CallContext& context, wire::Headers& headers) {
  // Of the client's, and a few more.
  headers.reserve(context.client_headers.size() + context.endpoint.account.headers.size() + kSpare,
                  context.client_headers.bytes() + kSpareBytes);
  // The account's own headers come first: what it names is not the client's to say.
  for (const auto& [name, value] : context.endpoint.account.headers) {
    if (ascii::equals_ignore_case(name, "anthropic-beta")) continue;  // Merged into the list.
    if (Status status = headers.add(name, value); !status.ok()) return status;
  }
  if (Status status = add_client_headers(context, headers); !status.ok()) return status;
  return headers.add("accept-encoding", "identity");
}

bool passes_messages_header(const Account& account, std::string_view name) {
  if (ascii::starts_with_ignore_case(name, "anthropic-")) {
    // Limits of an account that many share would be read as the caller's own.
    const bool limits = ascii::starts_with_ignore_case(name, "anthropic-ratelimit-") ||
                        ascii::starts_with_ignore_case(name, "anthropic-priority-") ||
                        ascii::starts_with_ignore_case(name, "anthropic-fast-");
    return !limits || account.auth == AuthKind::kClientPassThrough;
  }
  for (const std::string_view known :
       {"request-id", "retry-after", "retry-after-ms", "x-should-retry", "content-type"}) {
    if (ascii::equals_ignore_case(name, known)) return true;
  }
  return false;
}

}  // namespace tollgate::providers
