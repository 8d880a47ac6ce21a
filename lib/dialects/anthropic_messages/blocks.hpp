#pragma once

#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "model/content.hpp"

namespace tollgate::dialects::anthropic_messages {

// Content blocks look alike in requests, answers and streams. `text` is the JSON a value was parsed
// from. A status' path begins at the block: "source", "content.0.text".

Status decode_block(json::Value value, std::string_view text, model::Block& block);
/// Adds the blocks of an array.
Status decode_blocks(json::Value array, std::string_view text, std::vector<model::Block>& blocks);

void encode_block(const model::Block& block, json::Writer& writer);
void encode_blocks(const std::vector<model::Block>& blocks, json::Writer& writer);

/// A status with `outer` put before its path.
Status at_path(std::string_view outer, const Status& status);

}  // namespace tollgate::dialects::anthropic_messages
