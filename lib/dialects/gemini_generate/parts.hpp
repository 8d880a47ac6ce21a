#pragma once

// The halves of the dialect, which dialect.cpp puts together.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "dialects/gemini_generate/model_line.hpp"
#include "json/writer.hpp"
#include "model/failure.hpp"
#include "model/lesson.hpp"
#include "model/request.hpp"
#include "model/response.hpp"
#include "wire/headers.hpp"

namespace tollgate::dialects::gemini_generate {

/// UpstreamTraits::name of the server that takes the same requests at other addresses.
inline constexpr std::string_view kVertex = "google-vertex";
inline constexpr std::string_view kAiStudio = "google-gemini";

Status encode_request(const model::Request& request, Translation& translation, std::string& out);

/// What the parts of one request's encoding share.
struct Encoding {
  const model::Request& request;          ///< Repaired, without its tools.
  const std::vector<model::Tool>& tools;  ///< Its tools; those of Anthropic's own as functions.
  Translation& translation;
  ModelLine line;

  /// Whether this upstream's 400 named a member it does not take.
  bool refuses(std::string_view member) const;
  void lose(std::string what) const;
};

/// Writes "contents". Fails for what cannot be said here at all.
Status encode_contents(const Encoding& encoding, json::Writer& writer);

/// Writes "tools" and "toolConfig". Fails for a server tool there is nothing like.
Status encode_tools(const Encoding& encoding, json::Writer& writer);

/// The wanted shape of the answer, as this model takes schemas; empty when none is wanted.
std::string output_schema(const Encoding& encoding);

/// Writes "generationConfig"; `schema` is what output_schema() made, or empty.
void encode_generation_config(const Encoding& encoding, json::Writer& writer,
                              const std::string& schema);

/// Notes every member of raw members (without braces) that says something.
void lose_members(std::string_view prefix, std::string_view members, model::Losses& losses);

Result<model::Response> decode_response(std::string_view body, Translation& translation);
std::unique_ptr<StreamDecoder> make_stream_decoder(Translation& translation);

model::Failure decode_error(uint32_t status, const wire::Headers& headers, std::string_view body);
std::optional<model::Lesson> lesson(uint32_t status, std::string_view body);

}  // namespace tollgate::dialects::gemini_generate
