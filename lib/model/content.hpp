#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::model {

enum class BlockKind : uint8_t {
  kText,
  kImage,
  kDocument,
  kSearchResult,
  kThinking,
  kRedactedThinking,
  kToolUse,
  kToolResult,
  kToolReference,
  kServerToolUse,
  kServerToolResult,
  kOther,  ///< A kind we have not heard of; kept in `rest`.
};

enum class SourceKind : uint8_t { kBase64, kUrl, kFile, kText, kContent };

/// Where an image's or document's bytes are.
struct Source {
  SourceKind kind = SourceKind::kBase64;
  std::string media_type;
  std::string data;  ///< Base64, URL, file id or plain text, by kind; kContent uses Block::content.
  std::string rest;  ///< Unknown members: raw JSON members without braces.

  friend bool operator==(const Source&, const Source&) = default;
};

/// A prompt-cache breakpoint.
struct CacheMark {
  std::string ttl;   ///< "5m", "1h" or empty.
  std::string rest;  ///< Members we do not know, as raw JSON members without braces.

  friend bool operator==(const CacheMark&, const CacheMark&) = default;
};

/// One piece of content. Which members mean something depends on the kind.
struct Block {
  BlockKind kind = BlockKind::kText;
  std::string type;       ///< Wire name for kOther, kServerToolUse and kServerToolResult.
  std::string text;       ///< Text; thinking; redacted data; a document's or search result's title.
  std::string signature;  ///< kThinking.
  std::string id;         ///< kToolUse, kServerToolUse: its id. Results: the id they answer.
  std::string name;       ///< Tool name; kToolReference: the tool referred to.
  std::string input;      ///< kToolUse, kServerToolUse: raw JSON object (see tool_input()).
                          ///< kServerToolResult: raw JSON of its content.
  bool is_error = false;  ///< kToolResult.
  bool content_is_text = false;  ///< kToolResult, document: content was a string on the wire.
  std::optional<Source> source;  ///< kImage, kDocument; kSearchResult: kUrl, as the tool named it.
  std::vector<Block> content;    ///< kToolResult, kSearchResult, document of kContent.
  std::optional<CacheMark> cache;
  std::string citations;  ///< kText, kDocument: raw JSON, empty when absent.
  std::string rest;       ///< Unknown members: raw JSON members without braces ("\"a\":1,\"b\":2").

  friend bool operator==(const Block&, const Block&) = default;
};

}  // namespace tollgate::model
