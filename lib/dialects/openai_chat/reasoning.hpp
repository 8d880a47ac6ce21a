#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::openai_chat {

/// The reasoning of one thinking block as it came, for the block's signature: with it the same
/// server gets back what it wants to see again.
class ReasoningTrace {
 public:
  void add_text(std::string_view field, std::string_view text);
  /// The elements of "reasoning_details". Fragments of one detail are put together. `text` is the
  /// list's JSON.
  void add_details(json::Value list, std::string_view text);
  bool empty() const { return field_.empty() && details_.empty(); }

  /// The signature. Where the client does not show the text, it goes along.
  std::string seal(const Translation& translation) const;

 private:
  struct Detail {
    std::string type;
    int64_t index = -1;
    std::string_view body_name;  ///< text, summary or data.
    std::string body;
    std::string signature;
    std::string rest;  ///< Other members, raw.
  };
  void add_detail(json::Value detail, std::string_view text);

  std::string field_;
  std::string text_;  ///< Kept only while it may have to go along.
  std::vector<Detail> details_;
};

/// What an assistant's message takes back of its earlier reasoning.
struct Replay {
  std::string_view field;  ///< Of the plain text; empty: none.
  std::string text;
  std::string details;  ///< Raw JSON of "reasoning_details"; empty: none.
};

/// Reads the thinking blocks of an assistant's turn. `in_tool_turn`: since the user last spoke.
/// Notes what cannot go back.
Replay replay_of(const std::vector<model::Block>& blocks, bool in_tool_turn,
                 Translation& translation);

/// The texts of "reasoning_details".
std::string details_text(json::Value list);

}  // namespace tollgate::dialects::openai_chat
