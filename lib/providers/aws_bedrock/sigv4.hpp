#pragma once

// AWS Signature Version 4: how a request to AWS says whose it is.

#include <cstdint>
#include <string>
#include <string_view>

#include "tollgate/abi.h"

#include "base/secret.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "wire/headers.hpp"
#include "wire/url.hpp"

namespace tollgate::providers::aws_bedrock {

struct AwsCredentials {
  std::string_view access_key_id;
  const Secret& secret_access_key;
  const Secret& session_token;  ///< May be empty.
};

/// What is signed besides headers and body.
struct SignedCall {
  std::string_view method;
  std::string_view authority;  ///< As the Host header will have it.
  std::string_view path;       ///< As the request line has it: percent-encoded.
  std::string_view query;      ///< Without the question mark.
  std::string_view region;
  std::string_view service;
};

/// Adds x-amz-date, x-amz-security-token where there is a session token, and authorization. Signs
/// the host and those headers that no proxy has a reason to change (is_signed_header).
Status sign(const AwsCredentials& credentials, const SignedCall& call, const tg_bytes* body_spans,
            uint32_t body_span_count, Time now, wire::Headers& headers);

bool is_signed_header(std::string_view name);

/// The authority without the port that the scheme has anyway, as it stands in the Host header.
std::string_view host_header(const wire::UrlParts& url);

/// "20261122T123456Z".
std::string amz_date(int64_t wall_ms);

/// The path with every segment encoded once more, and without "." and ".." segments.
std::string canonical_path(std::string_view path);
/// Parameters in RFC 3986's encoding, sorted by name and value.
std::string canonical_query(std::string_view query);

/// What the hash in the signature is made of, beside the names of the signed headers.
struct CanonicalRequest {
  std::string text;
  std::string signed_headers;  ///< "host;x-amz-date".
};
/// `headers` with x-amz-date in them; `body_hash` in hexadecimal digits.
CanonicalRequest canonical_request(const SignedCall& call, const wire::Headers& headers,
                                   std::string_view body_hash);

}  // namespace tollgate::providers::aws_bedrock
