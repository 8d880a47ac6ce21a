#pragma once

// The halves of the dialect, which dialect.cpp puts together.

#include <memory>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "model/failure.hpp"
#include "model/request.hpp"
#include "model/response.hpp"
#include "model/usage.hpp"

namespace tollgate::dialects::openai_responses {

Result<model::Request> decode_request(json::Value root, std::string_view body);
Status encode_request(const model::Request& request, Translation& translation, std::string& out);

Result<model::Response> decode_response(std::string_view body, Translation& translation);
void encode_response(const model::Response& response, Translation& translation, std::string& out);

std::unique_ptr<StreamDecoder> make_stream_decoder(Translation& translation);
std::unique_ptr<StreamEncoder> make_stream_encoder(Translation& translation);

/// What a usage object says, in counters that do not overlap. Where there is none: estimates, of
/// the answer by the bytes that were shown of it.
model::UsagePatch read_usage(json::Value usage, const Translation& translation,
                             uint64_t shown_bytes);
/// The value of a usage member.
void write_usage(const model::Usage& usage, const Translation& translation, json::Writer& writer);

/// The failure in an `error` or `response.failed` event, or in a whole answer that failed.
model::Failure read_failure(json::Value event);
/// stop_details for an answer that a content filter cut: which filters those were; else empty.
std::string filter_details(json::Value content_filters);

}  // namespace tollgate::dialects::openai_responses
