#pragma once

// The halves of the dialect, which dialect.cpp puts together.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "model/request.hpp"
#include "model/response.hpp"

namespace tollgate::dialects::openai_chat {

Result<model::Request> decode_request(json::Value root, std::string_view body);
Status encode_request(const model::Request& request, Translation& translation, std::string& out);

/// Dialect::usage_wish() and Dialect::is_wished_usage().
std::optional<std::pair<std::string, std::string>> usage_wish(const model::Request& request,
                                                              std::string_view body,
                                                              const Translation& translation);
bool is_wished_usage(std::string_view data);

Result<model::Response> decode_response(std::string_view body, Translation& translation);
void encode_response(const model::Response& response, Translation& translation, std::string& out);

std::unique_ptr<StreamDecoder> make_stream_decoder(Translation& translation);
std::unique_ptr<StreamEncoder> make_stream_encoder(Translation& translation);

}  // namespace tollgate::dialects::openai_chat
