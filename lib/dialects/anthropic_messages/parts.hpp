#pragma once

// The halves of the dialect, which dialect.cpp puts together.

#include <memory>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "json/writer.hpp"
#include "model/failure.hpp"
#include "model/request.hpp"
#include "model/response.hpp"
#include "model/usage.hpp"
#include "wire/headers.hpp"

namespace tollgate::dialects::anthropic_messages {

Result<model::Request> decode_request(json::Value root, std::string_view body);
void encode_request(const model::Request& request, Translation& translation, std::string& out);

Result<model::Response> decode_response(std::string_view body);
void encode_response(const model::Response& response, Translation& translation, std::string& out);

std::unique_ptr<StreamDecoder> make_stream_decoder();
std::unique_ptr<StreamEncoder> make_stream_encoder(Translation& translation);

model::Failure decode_error(uint32_t status, const wire::Headers& headers, std::string_view body);
void encode_error(const model::Failure& failure, std::string_view request_id, std::string& out);

/// The value of a usage member.
void encode_usage(const model::UsagePatch& usage, std::string_view rest, json::Writer& writer);
/// What a whole answer's usage says, as one event would say it.
model::UsagePatch patch_of(const model::Usage& usage);

/// The name, of known reasons and others; nothing (null) when unset.
void encode_stop_reason(model::StopReason reason, std::string_view name, json::Writer& writer);

/// Clients measure their context by it: the input that was told, never 0 where nothing was.
int64_t told_input(const model::Usage& usage, const Translation& translation);

}  // namespace tollgate::dialects::anthropic_messages
