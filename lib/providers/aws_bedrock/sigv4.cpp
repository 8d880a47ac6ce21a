#include "providers/aws_bedrock/sigv4.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/hmac_sha256.hpp"
#include "base/sha256.hpp"
#include "wire/url.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr size_t kDateDigits = 8;

std::string_view view_of_digest(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ascii::lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// The value with runs of spaces as one, as the signature reads it; it is trimmed already.
void append_collapsed(std::string& out, std::string_view value) {
  bool after_space = false;
  for (const char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (!(space && after_space)) out += space ? ' ' : c;
    after_space = space;
  }
}

struct SignedHeader {
  std::string name;
  std::string value;
};

std::vector<SignedHeader> signed_headers(std::string_view authority, const wire::Headers& headers) {
  std::vector<SignedHeader> picked;
  picked.push_back({"host", std::string(authority)});
  for (size_t i = 0; i < headers.size(); ++i) {
    const wire::Header header = headers.at(i);
    if (!is_signed_header(header.name)) continue;
    std::string name;
    for (const char c : header.name)
      name += ascii::lower(c);
    const auto same = std::find_if(picked.begin(), picked.end(),
                                   [&](const SignedHeader& other) { return other.name == name; });
    if (same == picked.end()) {
      picked.push_back({std::move(name), {}});
      append_collapsed(picked.back().value, header.value);
    } else {
      same->value += ',';
      append_collapsed(same->value, header.value);
    }
  }
  std::sort(picked.begin(), picked.end(),
            [](const SignedHeader& a, const SignedHeader& b) { return a.name < b.name; });
  return picked;
}

/// The key of one day, region and service, made from the secret one.
Result<Sha256> signing_key(const Secret& secret, std::string_view day, std::string_view region,
                           std::string_view service) {
  const Secret first("AWS4" + std::string(secret.reveal()));
  Result<Sha256> key = hmac_sha256(first.reveal(), day);
  for (const std::string_view part : {region, service, std::string_view("aws4_request")}) {
    if (!key.ok()) break;
    key = hmac_sha256(view_of_digest(key.value()), part);
  }
  return key;
}

}  // namespace

bool is_signed_header(std::string_view name) {
  return ascii::equals_ignore_case(name, "accept") ||
         ascii::equals_ignore_case(name, "content-type") ||
         ascii::starts_with_ignore_case(name, "x-amz") ||
         ascii::starts_with_ignore_case(name, "anthropic-");
}

std::string amz_date(int64_t wall_ms) {
  std::string date;
  for (const char c : format_rfc3339(wall_ms)) {
    if (c == '.') break;
    if (c != '-' && c != ':') date += c;
  }
  return date + 'Z';
}

std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool ends_in_slash = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string out;
  for (const std::string_view segment : segments)
    wire::append_percent_encoded(out.append(1, '/'), segment);
  if (out.empty() || ends_in_slash) out += '/';
  return out;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty()) continue;
    const size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string_view value =
        equals < parameter.size() ? parameter.substr(equals + 1) : std::string_view();
    std::pair<std::string, std::string> encoded;
    wire::append_percent_encoded(encoded.first, percent_decoded(parameter.substr(0, equals)));
    wire::append_percent_encoded(encoded.second, percent_decoded(value));
    parameters.push_back(std::move(encoded));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out.append(name).append(1, '=').append(value);
  }
  return out;
}

CanonicalRequest canonical_request(const SignedCall& call, const wire::Headers& headers,
                                   std::string_view body_hash) {
  CanonicalRequest request;
  request.text.append(call.method).append(1, '\n');
  request.text.append(canonical_path(call.path)).append(1, '\n');
  request.text.append(canonical_query(call.query)).append(1, '\n');
  for (const SignedHeader& header : signed_headers(call.authority, headers)) {
    request.text.append(header.name).append(1, ':').append(header.value).append(1, '\n');
    if (!request.signed_headers.empty()) request.signed_headers += ';';
    request.signed_headers += header.name;
  }
  request.text.append(1, '\n').append(request.signed_headers).append(1, '\n').append(body_hash);
  return request;
}

Status sign(const AwsCredentials& credentials, const SignedCall& call, const tg_bytes* body_spans,
            uint32_t body_span_count, Time now, wire::Headers& headers) {
  const std::string date = amz_date(now.wall_ms);
  const std::string_view day = std::string_view(date).substr(0, kDateDigits);
  Status status = headers.add("x-amz-date", date);
  if (status.ok() && !credentials.session_token.empty()) {
    status = headers.add("x-amz-security-token", credentials.session_token.reveal());
  }
  if (!status.ok()) return status;
  const Result<Sha256> body_hash = sha256(body_spans, body_span_count);
  if (!body_hash.ok()) return body_hash.status();
  const CanonicalRequest request = canonical_request(call, headers, to_hex(body_hash.value()));
  const Result<Sha256> request_hash = sha256(request.text);
  if (!request_hash.ok()) return request_hash.status();
  std::string scope(day);
  scope.append(1, '/').append(call.region).append(1, '/').append(call.service);
  scope += "/aws4_request";
  std::string text(kAlgorithm);
  text.append(1, '\n').append(date).append(1, '\n').append(scope).append(1, '\n');
  text += to_hex(request_hash.value());
  const Result<Sha256> key =
      signing_key(credentials.secret_access_key, day, call.region, call.service);
  if (!key.ok()) return key.status();
  const Result<Sha256> signature = hmac_sha256(view_of_digest(key.value()), text);
  if (!signature.ok()) return signature.status();
  std::string authorization(kAlgorithm);
  authorization.append(" Credential=").append(credentials.access_key_id);
  authorization.append(1, '/').append(scope);
  authorization.append(", SignedHeaders=").append(request.signed_headers);
  authorization.append(", Signature=").append(to_hex(signature.value()));
  return headers.add("authorization", authorization);
}

std::string_view host_header(const wire::UrlParts& url) {
  const bool tls = ascii::equals_ignore_case(url.scheme, "https");
  const std::string_view port = tls ? ":443" : ":80";
  std::string_view authority = url.authority;
  if (authority.ends_with(port)) authority.remove_suffix(port.size());
  return authority;
}

}  // namespace tollgate::providers::aws_bedrock
