#pragma once

// The halves of the dialect, which dialect.cpp puts together.

#include <memory>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "json/reader.hpp"
#include "model/request.hpp"
#include "model/response.hpp"
#include "model/usage.hpp"

namespace tollgate::dialects::bedrock_converse {

Status encode_request(const model::Request& request, Translation& translation, std::string& out);
Result<model::Response> decode_response(std::string_view body, Translation& translation);
std::unique_ptr<StreamDecoder> make_stream_decoder(Translation& translation);

model::UsagePatch read_usage(json::Value usage);

}  // namespace tollgate::dialects::bedrock_converse
